/* Sink `null`: counts and throws away. The yardstick of what reading alone costs. */
#include "tools/load/sinks.h"

struct null_sink {
	struct qf_sink_args *args;
	struct qf_tally scopes;
	struct qf_arena arena;
};

static int open_null(void *state, struct qf_sink_args *args, struct qf_err *err)
{
	struct null_sink *s = state;

	(void)err;
	s->args = args;
	return 0;
}

static int write_null(void *state, struct qf_batch *b, struct qf_err *err)
{
	struct null_sink *s = state;

	(void)err;
	for (size_t i = 0; i < b->n; i++) {
		const struct qf_record *rec = &b->rec[i];

		if (rec->type == QF_REC_POINT) {
			qf_tally_scope(&s->scopes, rec->collection, rec->tenant)->points++;
			s->args->points++;
			s->args->bytes += rec->line.n + 1;
		} else if (rec->type == QF_REC_DELETE) {
			qf_tally_scope(&s->scopes, rec->collection, rec->tenant)->deletes++;
		} else if (rec->type == QF_REC_SCOPE) {
			qf_tally_add(&s->scopes, rec, rec->line);
		}
	}
	return 0;
}

static int finish_null(void *state, struct qf_err *err)
{
	struct null_sink *s = state;

	(void)err;
	s->args->loaded = qf_loaded_of(&s->scopes, &s->arena);
	s->args->n_loaded = s->scopes.n;
	return 0;
}

static void close_null(void *state)
{
	struct null_sink *s = state;

	qf_tally_release(&s->scopes);
	qf_arena_release(&s->arena);
}

const struct qf_sink qf_sink_null = {
	.name = "null",
	.help = "nowhere: reads, checks and counts",
	.state_size = sizeof(struct null_sink),
	.open = open_null,
	.write = write_null,
	.finish = finish_null,
	.close = close_null,
};
