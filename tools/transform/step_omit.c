/* omit: [A, B]: these collections go, with their points, deletes, cursors and scopes. */
#include "tools/transform/pick.h"

static const char usage[] = "omit: [Drafts, Logs]";

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	return qf_pick_open(state, "omit", true, usage, conf, value, err);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "Of two collections one goes", "omit: B",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":{\"n\":1}}\n"
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"n\":2}}",
	  "{\"n\":1}" },
};
/* clang-format on */

const struct qf_step qf_step_omit = {
	.name = "omit",
	.help = "leave the named collections out",
	.usage = usage,
	.group = "shape",
	.doc = "The named collections go, with their points, deletes, cursors and scopes; all others go on. Names are those at this place of the "
	       "list. A name that was in no stream is warned of at the end. `select` is the other way round.",
	.forms = QF_STEP_WORDS,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.passes = "deletes, cursors and scopes of the collections go with their points",
	.state_size = sizeof(struct qf_pick),
	.effect = QF_STEP_FILTER,
	.by_collection = true,
	.pure = true,
	.open = step_open,
	.apply = qf_pick_apply,
	.close = qf_pick_close,
};
