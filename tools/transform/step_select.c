/* select: [A, B]: only these collections go on, with their points, cursors and scopes. */
#include "common/base/log.h"
#include "tools/transform/steps.h"

static const char usage[] = "select: [Article, Author]";

struct state {
	const char **names;
	size_t n;
	bool *met;	/* names[i] was in the stream */
	bool ended;
};

static int find(const struct state *s, struct qf_str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (qf_str_is(name, s->names[i]))
			return (int)i;
	return -1;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;

	if (qf_step_words(conf, value, usage, &s->names, &s->n, err) < 0)
		return -1;
	s->met = qf_calloc(s->n, sizeof(*s->met));
	return 0;
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	bool *keep = qf_arena_alloc(&io->arena, io->n * sizeof(*keep));
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < io->n; i++) {
		const struct qf_record *rec = &io->rec[i];
		int at;

		if (rec->type == QF_REC_STREAM || rec->type == QF_REC_END) {
			s->ended = rec->type == QF_REC_END;
			keep[i] = true;
			continue;
		}
		at = find(s, rec->collection);
		keep[i] = at >= 0;
		if (at >= 0)
			s->met[at] = true;
	}
	qf_batch_keep(io, keep);
	return 0;
}

static void step_close(void *state)
{
	struct state *s = state;

	/* Said at the very end, for streams may be joined and the name come with a later one. */
	for (size_t i = 0; s->ended && i < s->n; i++)
		if (!s->met[i])
			qf_warn("step select: no collection '%s' was in the stream", s->names[i]);
	free(s->names);
	free(s->met);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "Of two collections one stays", "select: A",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":{\"n\":1}}\n"
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"n\":2}}",
	  "{\"n\":1}" },
};
/* clang-format on */

const struct qf_step qf_step_select = {
	.name = "select",
	.help = "keep only the named collections",
	.usage = usage,
	.group = "shape",
	.doc = "Only the named collections go on, with their points, deletes, cursors and scopes. Names "
	       "are those at this place of the list. A name that was in no stream is warned of at the "
	       "end.",
	.forms = QF_STEP_WORDS,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.passes = "deletes, cursors and scopes of the other collections go with their points",
	.state_size = sizeof(struct state),
	.effect = QF_STEP_FILTER,
	.pure = true,
	.open = step_open,
	.apply = step_apply,
	.close = step_close,
};
