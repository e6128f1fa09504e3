/* limit: 10: the first points of each collection. */
#include "common/data/tally.h"
#include "tools/transform/steps.h"

static const char usage[] = "limit: 10";

struct state {
	unsigned long long points;
	struct qf_tally seen; /* collections without their tenants: `rejected` counts what was left out */
};

static const struct qf_opt opts[] = {
	{ .name = "points", .type = QF_OPT_UINT, .offset = offsetof(struct state, points), .arg = "N",
	  .help = "points that each collection may have; 0 leaves its schema alone", .data = true },
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	(void)state;
	return value ? 0 : qf_node_error(conf, value, err, "a number of points is expected: %s", usage);
}

static bool passes(struct state *s, struct qf_record *rec, struct qf_arena *arena)
{
	struct qf_scope *seen = qf_tally_scope(&s->seen, rec->collection, (struct qf_str){ 0 });

	switch (rec->type) {
	case QF_REC_POINT:
		if (seen->points < s->points) {
			seen->points++;
			return true;
		}
		seen->rejected++;
		return false;
	case QF_REC_CURSOR:
		/* It would say that what was left out is done. */
		return !seen->rejected;
	case QF_REC_SCOPE:
		if (seen->rejected && rec->whole) {
			rec->whole = false;
			rec->why = qf_arena_printf(arena, "limit %llu", s->points);
			rec->line.p = NULL;
		}
		return true;
	default:
		return true;
	}
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	bool *keep = qf_arena_alloc(&io->arena, io->n * sizeof(*keep));

	(void)err;
	for (size_t i = 0; i < io->n; i++) {
		const struct qf_record *rec = &io->rec[i];

		keep[i] = rec->type == QF_REC_STREAM || rec->type == QF_REC_END ||
			  passes(state, &io->rec[i], &io->arena);
	}
	qf_batch_keep(io, keep);
	return 0;
}

static void step_close(void *state)
{
	qf_tally_release(&((struct state *)state)->seen);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "Two of three", "limit: 2",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}",
	  "{\"n\":1}\n{\"n\":2}" },
};
/* clang-format on */

const struct qf_step qf_step_limit = {
	.name = "limit",
	.help = "keep the first points of each collection",
	.usage = usage,
	.group = "rows",
	.doc = "The first points of each collection by arrival, whatever their tenants. Which ones these are depends on the "
	       "order in which the source is read, so two runs may differ; `sample` does not. The source is read to its end; `extract "
	       "--limit` stops early. Where points were left out, cursors behind them are too, and the scopes of the collection are "
	       "not whole (`limit 10`), so that a re-sync deletes nothing. Deletes pass. There is no step that sorts: a "
	       "stream is larger than memory, and a target keeps no order of arrival, so nobody could see it.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "points",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.needs = "how many points each collection has had",
	.passes = "deletes unchanged; cursors behind the limit are left out; scopes with points left out are not whole",
	.state_size = sizeof(struct state),
	.effect = QF_STEP_FILTER,
	.open = step_open,
	.apply = step_apply,
	.close = step_close,
};
