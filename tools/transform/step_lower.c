/* lower: [title, tags]: texts in lower case. */
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] = "lower: [title, tags]";

struct state {
	struct qf_paths paths;
	struct qf_arena arena;
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;

	return qf_step_paths(conf, value, usage, &s->paths, &s->arena, err);
}

static int lower(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_str text, mapped;

	(void)context;
	if (v->type == QF_JSON_OBJECT)
		return qf_err_set(err, QF_E_DATA, "an object has no lower case: %s", qf_val_show(v, arena));
	if (v->type != QF_JSON_STRING)
		return 0;
	text = qf_val_text(v, arena);
	mapped = qf_text_lower(text, arena);
	if (mapped.p != text.p)
		qf_val_assign(v, qf_val_new_string(arena, mapped));
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_each each = { .fn = lower };

	return qf_each_value_of(&each, &s->paths, rec, arena, err) < 0 ? -1 : QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "A text and the texts of an array", "lower: [title, tags]",
	  "{\"title\":\"ÉCOLE n° 5\",\"tags\":[\"A\",\"b\",5]}", "{\"title\":\"école n° 5\",\"tags\":[\"a\",\"b\",5]}" },
};

const struct qf_step qf_step_lower = {
	.name = "lower",
	.help = "texts in lower case",
	.usage = usage,
	.group = "values",
	.doc = "Full case mapping of Unicode, in no particular language. Arrays are gone through. Numbers, booleans, null "
	       "and what is not there have no case and stay; an object is an error. An unchanged text keeps its bytes.",
	.forms = QF_STEP_WORDS,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = step_point,
	.close = step_close,
};
