#include "tools/transform/pick.h"

#include "common/base/log.h"

int qf_pick_open(struct qf_pick *s, const char *step, bool omit, const char *usage, const struct qf_conf *conf,
		 const struct qf_node *value, struct qf_err *err)
{
	s->step = step;
	s->omit = omit;
	if (qf_step_words(conf, value, usage, &s->names, &s->n, err) < 0)
		return -1;
	s->met = qf_calloc(s->n, sizeof(*s->met));
	return 0;
}

static int find(const struct qf_pick *s, struct qf_str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (qf_str_is(name, s->names[i]))
			return (int)i;
	return -1;
}

int qf_pick_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	bool *keep = qf_arena_alloc(&io->arena, io->n * sizeof(*keep));
	struct qf_pick *s = state;

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
		keep[i] = (at >= 0) != s->omit;
		if (at >= 0)
			s->met[at] = true;
	}
	qf_batch_keep(io, keep);
	return 0;
}

void qf_pick_close(void *state)
{
	struct qf_pick *s = state;

	/* Said at the very end, for streams may be joined and the name come with a later one. */
	for (size_t i = 0; s->ended && i < s->n; i++)
		if (!s->met[i])
			qf_warn("step %s: no collection '%s' was in the stream", s->step, s->names[i]);
	free(s->names);
	free(s->met);
}
