/* upper: [code, country]: texts in upper case. */
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] = "upper: [code, country]";

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct qf_text_step *s = state;

	s->fn = qf_text_upper;
	s->refusal = "has no upper case";
	return qf_text_step_open(s, conf, value, usage, err);
}

static const struct qf_step_example examples[] = {
	{ "One letter may become two", "upper: [city, codes]",
	  "{\"city\":\"Gießen\",\"codes\":[\"ab\",7]}", "{\"city\":\"GIESSEN\",\"codes\":[\"AB\",7]}" },
};

const struct qf_step qf_step_upper = {
	.name = "upper",
	.help = "texts in upper case",
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
