/* sample: 0.01: the same part of the points every time. */
#include <math.h>
#include <xxhash.h>

#include "tools/transform/steps.h"

static const char usage[] = "sample: 0.01, or sample: {fraction: 0.01, seed: 7}";

struct state {
	const char *fraction;
	unsigned long long seed;
	bool all;
	uint64_t below; /* hashes below it are in */
	struct qf_buf text;
	struct qf_str why;
	struct qf_arena arena;
};

static const struct qf_opt opts[] = {
	{ .name = "fraction", .type = QF_OPT_TEXT, .offset = offsetof(struct state, fraction), .arg = "X",
	  .help = "share of the points, from 0 to 1", .data = true },
	{ .name = "seed", .type = QF_OPT_UINT, .offset = offsetof(struct state, seed), .arg = "N", .def = "0",
	  .help = "another seed, other points", .data = true },
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	double fraction = -1;
	char *end = NULL;

	if (s->fraction)
		fraction = strtod(s->fraction, &end);
	if (!s->fraction || end == s->fraction || *end || !(fraction >= 0 && fraction <= 1))
		return qf_node_error(conf, value, err, "a fraction from 0 to 1 is expected: %s", usage);
	s->all = fraction == 1;
	s->below = s->all ? 0 : (uint64_t)ldexp(fraction, 64);
	s->why = qf_arena_printf(&s->arena, "sample %s", s->fraction);
	return 0;
}

static bool chosen(struct state *s, const struct qf_id *id)
{
	if (s->all)
		return true;
	qf_buf_reset(&s->text);
	qf_buf_add_u64(&s->text, s->seed);
	qf_buf_addc(&s->text, '|');
	qf_id_text(&s->text, id);
	return XXH3_64bits(s->text.p, s->text.n) < s->below;
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	bool *keep = qf_arena_alloc(&io->arena, io->n * sizeof(*keep));
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i];

		keep[i] = rec->type != QF_REC_POINT || chosen(s, &rec->id);
		/* What was not chosen is not gone: nobody may delete it in the target for that. */
		if (rec->type == QF_REC_SCOPE && rec->whole && !s->all) {
			rec->whole = false;
			rec->why = qf_arena_dup_str(&io->arena, s->why);
			rec->line.p = NULL;
		}
	}
	qf_batch_keep(io, keep);
	return 0;
}

static void step_close(void *state)
{
	struct state *s = state;

	qf_buf_release(&s->text);
	qf_arena_release(&s->arena);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "Half of them", "sample: 0.5",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}" },
};
/* clang-format on */

const struct qf_step qf_step_sample = {
	.name = "sample",
	.help = "keep a part of the points, the same ones every time",
	.usage = usage,
	.group = "rows",
	.doc = "A point stays if the XXH3-64 of \"SEED|ID\" lies below that fraction of 2^64, with the id as it is at this "
	       "place of the list. So the same points stay in every run, whatever their order; a larger "
	       "fraction keeps all that a smaller one keeps; and a copy of the source gives the same sample. How "
	       "many stay is near the fraction, not exactly it. Deletes all pass. Scopes are no longer whole "
	       "(`sample 0.01`), so that a re-sync deletes nothing that was merely not chosen.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "fraction",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.passes = "deletes and cursors unchanged; scopes are not whole",
	.state_size = sizeof(struct state),
	.effect = QF_STEP_FILTER,
	.pure = true,
	.open = step_open,
	.apply = step_apply,
	.close = step_close,
};
