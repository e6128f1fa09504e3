/* lower: [title, tags]: texts in lower case. */
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] = "lower: [title, tags]";

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct qf_text_step *s = state;

	s->fn = qf_text_lower;
	s->refusal = "has no lower case";
	return qf_text_step_open(s, conf, value, usage, err);
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
	.state_size = sizeof(struct qf_text_step),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = qf_text_step_point,
	.close = qf_text_step_close,
};
