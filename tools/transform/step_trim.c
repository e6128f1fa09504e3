/* trim: [title, tags]: texts without white space around them. */
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] = "trim: [title, tags]";

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

static int trim(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_str text, trimmed;

	(void)context;
	if (v->type == QF_JSON_OBJECT)
		return qf_err_set(err, QF_E_DATA, "an object cannot be trimmed: %s", qf_val_show(v, arena));
	if (v->type != QF_JSON_STRING)
		return 0;
	text = qf_val_text(v, arena);
	trimmed = qf_text_trim(text);
	if (trimmed.n != text.n)
		qf_val_assign(v, qf_val_new_string(arena, trimmed));
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_each each = { .fn = trim };

	return qf_each_value_of(&each, &s->paths, rec, arena, err) < 0 ? -1 : QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "A text and the texts of an array", "trim: [title, tags]",
	  "{\"title\":\"\\u00a0 Über uns\\n\",\"tags\":[\" a\",\"b \",5]}",
	  "{\"title\":\"Über uns\",\"tags\":[\"a\",\"b\",5]}" },
};

const struct qf_step qf_step_trim = {
	.name = "trim",
	.help = "texts without white space at both ends",
	.usage = usage,
	.group = "values",
	.doc = "White space is what Unicode calls so, and the byte order mark U+FEFF; inside the text it stays. Arrays are "
	       "gone through. Numbers, booleans, null and what is not there stay; an object is an error.",
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
