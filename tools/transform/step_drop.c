/* drop: [a, b.c]: these payload properties go, from every point and from the schema. */
#include "common/data/json.h"
#include "tools/transform/props.h"
#include "tools/transform/steps.h"

static const char usage[] = "drop: [internal_note, address.geo]";

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	QF_AUTO_FREE const char **names = NULL;
	struct qf_props *props = state;
	size_t n;

	props->mode = QF_PROPS_DROP;
	if (qf_step_words(conf, value, usage, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (qf_props_add(props, conf, value, names[i], NULL, err) < 0)
			return -1;
	return 0;
}

static int drop_in(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	return qf_props_edit_record(state, rec, arena, err);
}

static void step_close(void *state)
{
	qf_props_release(state);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "A property, and one inside the objects of an array", "drop: [note, parts.price]",
	  "{\"title\":\"A\",\"note\":\"x\",\"parts\":[{\"n\":1,\"price\":5},{\"n\":2}]}",
	  "{\"title\":\"A\",\"parts\":[{\"n\":1},{\"n\":2}]}" },
};
/* clang-format on */

const struct qf_step qf_step_drop = {
	.name = "drop",
	.help = "leave payload properties out",
	.usage = usage,
	.group = "shape",
	.doc = "The properties go from every point, through arrays of objects too, and from the schema "
	       "with all that is below them. What is not there is no error.",
	.forms = QF_STEP_WORDS,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct qf_props),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = drop_in,
	.collection = drop_in,
	.close = step_close,
};
