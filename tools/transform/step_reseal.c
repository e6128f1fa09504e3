/*
 * reseal: for streams that a foreign tool has edited. What the `end` line says of counts and
 * digests is not held against the stream (the line itself must be there) and is signed anew. The
 * reader does it; this step stands in a mapping to ask for it.
 */
#include "tools/transform/steps.h"

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	(void)state;
	return value ? qf_node_error(conf, value, err, "reseal takes no value: '- reseal'") : 0;
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	(void)state;
	(void)io;
	(void)err;
	return 0;
}

static void step_close(void *state)
{
	(void)state;
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "Nothing changes in the records", "reseal",
	  "{\"n\":1}",
	  "{\"n\":1}" },
};
/* clang-format on */

const struct qf_step qf_step_reseal = {
	.name = "reseal",
	.help = "count and sign anew what a foreign tool has edited; as --reseal",
	.usage = "reseal",
	.group = "rows",
	.doc = "For streams that a foreign tool has edited in the pipe: what the `end` line says of "
	       "counts and digests is not held against the stream and is made anew. The line itself must "
	       "be there. The same as `--reseal`.",
	.forms = QF_STEP_NOTHING,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.apply = step_apply,
	.close = step_close,
};
