/*
 * keep: [a, b.c]: of the payload only these properties stay, and the keys that belong to the
 * migration itself: the tenant, and the source's key where ids are made of it.
 */
#include "common/data/json.h"
#include "tools/transform/props.h"
#include "tools/transform/steps.h"

static const char usage[] = "keep: [title, address.city]";

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	QF_AUTO_FREE const char **names = NULL;
	struct qf_props *props = state;
	size_t n;

	props->mode = QF_PROPS_KEEP;
	if (qf_step_words(conf, value, usage, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (qf_props_add(props, conf, value, names[i], NULL, err) < 0)
			return -1;
	qf_props_always(props, QF_STR("_tenant"));
	qf_props_always(props, QF_STR("_id"));
	return 0;
}

static int keep_in(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_props *props = state;

	if (rec->type == QF_REC_COLLECTION)
		qf_props_learn_tenant(props, rec->doc);
	return qf_props_edit_record(props, rec, arena, err);
}

static void step_close(void *state)
{
	qf_props_release(state);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "One property, one part of an object", "keep: [title, address.city]",
	  "{\"title\":\"A\",\"year\":1,\"address\":{\"zip\":\"1\",\"city\":\"B\"},\"_tenant\":\"t\"}",
	  "{\"title\":\"A\",\"address\":{\"city\":\"B\"},\"_tenant\":\"t\"}" },
};
/* clang-format on */

const struct qf_step qf_step_keep = {
	.name = "keep",
	.help = "leave all other payload properties out, but for _tenant and _id",
	.usage = usage,
	.group = "shape",
	.doc = "All other properties go, from the points and from the schema; of objects on the way only "
	       "what is named stays. The tenant's key and `_id` stay without being named.",
	.forms = QF_STEP_WORDS,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct qf_props),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = keep_in,
	.collection = keep_in,
	.close = step_close,
};
