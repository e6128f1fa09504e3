/* trim: [title, tags]: texts without white space around them. */
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] = "trim: [title, tags]";

static struct qf_str trim(struct qf_str text, struct qf_arena *arena)
{
	(void)arena;
	return qf_text_trim(text);
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct qf_text_step *s = state;

	s->fn = trim;
	s->refusal = "cannot be trimmed";
	return qf_text_step_open(s, conf, value, usage, err);
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
	.state_size = sizeof(struct qf_text_step),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = qf_text_step_point,
	.close = qf_text_step_close,
};
