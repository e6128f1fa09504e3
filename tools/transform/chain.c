/* The chain at work: batches through its steps, and what becomes of records that a step refuses. */
#include "tools/transform/chain.h"

#include <ctype.h>

#include "common/data/rejects.h"
#include "common/data/stream.h"

int qf_step_error(const struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	return qf_err_wrap(err, "%s", qf_record_where(rec, arena));
}

void qf_step_reject(struct qf_record *rec, struct qf_arena *arena, const struct qf_err *err)
{
	rec->refused = qf_arena_dup(arena, err->msg, strlen(err->msg));
}

/* ---- refused records ---- */

enum { MAX_REASONS = 32 };

/* The reason without what differs from point to point: texts in quotes, and numbers. */
static char *pattern_of(const char *reason)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	const char *p = reason;

	while (*p) {
		if (*p == '"') {
			QF_BUF_LIT(&out, "\"..\"");
			for (p++; *p && *p != '"'; p++)
				p += *p == '\\' && p[1];
			p += *p == '"';
		} else if (isdigit((unsigned char)*p) && (p == reason || !isalnum((unsigned char)p[-1]))) {
			qf_buf_addc(&out, 'N');
			while (*p && (isalnum((unsigned char)*p) || *p == '.' || *p == '+' || *p == '-'))
				p++;
		} else {
			qf_buf_addc(&out, *p++);
		}
	}
	return qf_strndup(out.p ? out.p : "", out.n);
}

static void count_reason(struct qf_chain *c, size_t step, const char *reason)
{
	QF_AUTO_FREE char *pattern = pattern_of(reason);
	struct qf_chain_reason *r;

	for (size_t i = 0; i < c->n_reasons; i++) {
		r = &c->reasons[i];
		if (r->step == step && (!strcmp(r->pattern, pattern) || i + 1 >= MAX_REASONS)) {
			r->count++;
			return;
		}
	}
	QF_GROW(c->reasons, c->n_reasons, c->cap_reasons);
	r = &c->reasons[c->n_reasons++];
	*r = (struct qf_chain_reason){ step, qf_strdup(pattern), qf_strdup(reason), 1 };
}

/* The record as it came in; *rec itself where that is not known. */
static struct qf_record as_it_came(const struct qf_record *rec, struct qf_arena *arena)
{
	struct qf_record ret = *rec;
	struct qf_err ignored;

	if (rec->input.p && qf_line_parse(rec->input, 0, &ret, arena, &ignored) < 0)
		ret = *rec;
	ret.line_no = rec->line_no;
	return ret;
}

static unsigned attempts(struct qf_str error, struct qf_arena *arena)
{
	struct qf_json *doc = NULL;
	struct qf_err ignored;

	if (!error.p || qf_json_parse(arena, error.p, error.n, "error", &doc, &ignored) < 0)
		return 0;
	return (unsigned)qf_json_get_int(doc, "attempt", 0);
}

static int refuse(struct qf_chain *c, size_t step, struct qf_record *rec, struct qf_arena *arena,
		  struct qf_err *err)
{
	struct qf_chain_entry *e = &c->steps[step];
	struct qf_record came = as_it_came(rec, arena);
	const char *name;

	if (!c->rejects || !qf_rejects_keeps(c->rejects)) {
		qf_err_set(err, QF_E_DATA, "%s", rec->refused.p);
		qf_step_error(&came, arena, err);
		qf_err_wrap(err, "step %zu (%s)", step + 1, e->step->name);
		return c->rejects ? qf_err_hint(err, "; --on-error=dead-letter would set such points aside "
						     "and go on") : -1;
	}
	/* Where the line is not known, the payload is what became of it so far. */
	if (came.tree && qf_payload_flush(&came, arena, err) < 0)
		return -1;
	name = qf_arena_printf(arena, "step %zu (%s)", step + 1, e->step->name).p;
	count_reason(c, step, rec->refused.p);
	e->n_refused++;
	qf_tally_scope(&e->refused, rec->collection, rec->tenant)->rejected++;
	return qf_rejects_add_step(c->rejects, &came, name, attempts(came.error, arena) + 1,
				   rec->refused.p, err);
}

/* Takes out what the step has refused. */
static int settle(struct qf_chain *c, size_t step, struct qf_batch *io, struct qf_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < io->n; i++) {
		if (io->rec[i].refused.p) {
			if (refuse(c, step, &io->rec[i], &io->arena, err) < 0)
				return -1;
			continue;
		}
		if (n != i)
			io->rec[n] = io->rec[i];
		n++;
	}
	io->n = n;
	return 0;
}

/* The scopes say how many of theirs this step has refused, each once. */
static void tell_scopes(struct qf_chain_entry *e, struct qf_batch *io)
{
	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i];
		struct qf_scope *s;

		if (rec->type == QF_REC_SCOPE) {
			s = qf_tally_scope(&e->refused, rec->collection, rec->tenant);
			if (s->rejected) {
				rec->rejected += s->rejected;
				rec->line.p = NULL;
				s->rejected = 0;
			}
		} else if (rec->type == QF_REC_END) {
			qf_tally_reset(&e->refused);
			e->n_refused = 0;
		}
	}
}

void qf_chain_rejects(struct qf_chain *c, struct qf_rejects *rejects)
{
	c->rejects = rejects;
}

uint64_t qf_chain_refused(const struct qf_chain *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->n_reasons; i++)
		n += c->reasons[i].count;
	return n;
}

void qf_chain_reasons(const struct qf_chain *c, struct qf_buf *out)
{
	for (size_t i = 0; i < c->n_reasons; i++) {
		const struct qf_chain_reason *r = &c->reasons[i];
		bool one = r->count == 1;

		qf_buf_printf(out, "%llu by step %zu (%s): %s%s\n", (unsigned long long)r->count,
			      r->step + 1, c->steps[r->step].step->name, one ? r->first : r->pattern,
			      !one && strcmp(r->first, r->pattern) != 0 ?
				      qf_arena_printf(&c->steps[r->step].arena, "; the first: %s", r->first).p : "");
	}
}

/* ---- one step ---- */

/* Record by record, for steps without `apply`. */
static int run_each(struct qf_chain_entry *e, struct qf_batch *io, struct qf_err *err)
{
	const struct qf_step *s = e->step;
	size_t n = 0;

	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i];
		int (*fn)(void *, struct qf_record *, struct qf_arena *, struct qf_err *) =
			rec->type == QF_REC_POINT	 ? s->point
			: rec->type == QF_REC_DELETE	 ? s->deleted
			: rec->type == QF_REC_COLLECTION ? s->collection
							 : NULL;
		int rc = fn ? fn(e->state, rec, &io->arena, err) : QF_STEP_KEEP;

		if (rc < 0) {
			if (err->code != QF_E_DATA || rec->type == QF_REC_COLLECTION)
				return qf_step_error(rec, &io->arena, err);
			qf_step_reject(rec, &io->arena, err);
		} else if (rc == QF_STEP_DROP) {
			continue;
		}
		if (n != i)
			io->rec[n] = *rec;
		n++;
	}
	io->n = n;
	return 0;
}

static int run_step(struct qf_chain *c, size_t step, struct qf_batch *io, struct qf_err *err)
{
	struct qf_chain_entry *e = &c->steps[step];

	if (e->n_refused)
		tell_scopes(e, io);
	/* Whoever holds a point back need not hold what it came from too, unless it may be set aside. */
	if (e->step->release && !(c->rejects && qf_rejects_keeps(c->rejects)))
		for (size_t i = 0; i < io->n; i++)
			io->rec[i].input.p = NULL;
	if ((e->step->apply ? e->step->apply(e->state, io, err) : run_each(e, io, err)) < 0)
		return qf_err_wrap(err, "step %zu (%s)", step + 1, e->step->name);
	return settle(c, step, io, err);
}

enum route { PAST, THROUGH, SCOPES };

static enum route route_of(const struct qf_chain_entry *e, const struct qf_record *rec)
{
	bool in = !e->only || rec->type == QF_REC_STREAM || rec->type == QF_REC_END;

	for (size_t i = 0; !in && i < e->n_only; i++)
		in = qf_str_is(rec->collection, e->only[i]);
	if (!in)
		return PAST;
	return rec->type == QF_REC_SCOPE || rec->type == QF_REC_END ? SCOPES : THROUGH;
}

static void append(struct qf_batch *to, const struct qf_record *rec, size_t n)
{
	if (to->cap < to->n + n) {
		to->cap = 2 * (to->n + n);
		to->rec = qf_realloc(to->rec, to->cap, sizeof(*to->rec));
	}
	if (n)
		memcpy(to->rec + to->n, rec, n * sizeof(*rec));
	to->n += n;
}

static void take_list(struct qf_batch *io, struct qf_batch *from)
{
	struct qf_batch swap = *io;

	io->rec = from->rec;
	io->n = from->n;
	io->cap = from->cap;
	from->rec = swap.rec;
	from->n = 0;
	from->cap = swap.cap;
}

/*
 * Runs of records that the step is for go through it as batches of their own, order kept; scopes
 * after the points before them, so that they can tell what was refused.
 */
static int run_parts(struct qf_chain *c, size_t step, struct qf_batch *io, struct qf_err *err)
{
	struct qf_chain_entry *e = &c->steps[step];

	e->out.n = 0;
	for (size_t from = 0, to; from < io->n; from = to) {
		enum route route = route_of(e, &io->rec[from]);
		int rc;

		for (to = from + 1; to < io->n && route_of(e, &io->rec[to]) == route; to++)
			;
		if (route == PAST) {
			append(&e->out, io->rec + from, to - from);
			continue;
		}
		e->in.n = 0;
		append(&e->in, io->rec + from, to - from);
		/* The records' memory is the batch's, and what the step allocates must be too. */
		e->in.arena = io->arena;
		rc = run_step(c, step, &e->in, err);
		io->arena = e->in.arena;
		e->in.arena = (struct qf_arena){ 0 };
		if (rc < 0)
			return -1;
		append(&e->out, e->in.rec, e->in.n);
	}
	take_list(io, &e->out);
	return 0;
}

int qf_chain_apply_one(struct qf_chain *c, size_t step, struct qf_batch *io, struct qf_err *err)
{
	const struct qf_chain_entry *e = &c->steps[step];
	enum route first;

	if (!io->n)
		return 0;
	first = route_of(e, &io->rec[0]);
	for (size_t i = 1; i < io->n; i++)
		if (route_of(e, &io->rec[i]) != first)
			return run_parts(c, step, io, err);
	return first == PAST ? 0 : run_step(c, step, io, err);
}

struct qf_record *qf_expand_add(struct qf_expand *x, const struct qf_record *rec)
{
	append(&x->out, rec, 1);
	return &x->out.rec[x->out.n - 1];
}

void qf_expand_finish(struct qf_expand *x, struct qf_batch *io)
{
	take_list(io, &x->out);
	qf_batch_release(&x->out);
}

/* ---- all steps ---- */

/* Payloads back into text; a dead letter that has come through is none any more. */
static int finish(struct qf_chain *c, struct qf_batch *io, struct qf_err *err)
{
	bool refused = false;

	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i];

		if (rec->tree && qf_payload_flush(rec, &io->arena, err) < 0) {
			qf_step_reject(rec, &io->arena, err);
			refused = true;
		}
		if (rec->error.p) {
			rec->error.p = NULL;
			rec->line.p = NULL;
		}
	}
	return refused ? settle(c, c->n - 1, io, err) : 0;
}

int qf_chain_apply(struct qf_chain *c, struct qf_batch *io, struct qf_err *err)
{
	if (!c->n)
		return 0;
	for (size_t i = 0; i < io->n; i++)
		io->rec[i].input = io->rec[i].line;
	for (size_t i = 0; i < c->n && io->n; i++)
		if (qf_chain_apply_one(c, i, io, err) < 0)
			return -1;
	return finish(c, io, err);
}

int qf_chain_release(struct qf_chain *c, struct qf_batch *out, struct qf_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		struct qf_chain_entry *e = &c->steps[i];
		int rc;

		if (!e->step->release)
			continue;
		qf_batch_reset(out);
		rc = e->step->release(e->state, out, err);
		if (rc < 0)
			return qf_err_wrap(err, "step %zu (%s)", i + 1, e->step->name);
		if (rc == 0)
			continue;
		for (size_t k = i + 1; k < c->n && out->n; k++)
			if (qf_chain_apply_one(c, k, out, err) < 0)
				return -1;
		return finish(c, out, err) < 0 ? -1 : 1;
	}
	return 0;
}

int qf_chain_map_names(struct qf_chain *c, struct qf_str collection, struct qf_arena *arena,
		       struct qf_str **ret, size_t *n, struct qf_err *err)
{
	struct qf_record *rec;
	struct qf_str *names;
	size_t count = 0;

	/* A scope, for no step learns from one what it would do to the records behind it. */
	qf_batch_reset(&c->probe);
	rec = qf_batch_add(&c->probe, QF_REC_SCOPE);
	rec->collection = collection;
	rec->whole = true;
	if (qf_chain_apply(c, &c->probe, err) < 0)
		return -1;
	names = qf_arena_alloc(arena, (c->probe.n + 1) * sizeof(*names));
	for (size_t i = 0; i < c->probe.n; i++) {
		size_t have = 0;

		while (have < count && !qf_str_eq(names[have], c->probe.rec[i].collection))
			have++;
		if (have == count)
			names[count++] = qf_arena_dup_str(arena, c->probe.rec[i].collection);
	}
	*ret = names;
	*n = count;
	return 0;
}

int qf_chain_map_name(struct qf_chain *c, struct qf_str collection, struct qf_arena *arena,
		      struct qf_str *ret, struct qf_err *err)
{
	struct qf_str *names;
	size_t n;

	if (qf_chain_map_names(c, collection, arena, &names, &n, err) < 0)
		return -1;
	*ret = n ? *names : (struct qf_str){ 0 };
	return 0;
}

bool qf_chain_has_costs(const struct qf_chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->steps[i].step->costs)
			return true;
	return false;
}

void qf_chain_dry(struct qf_chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->steps[i].step->dry)
			c->steps[i].step->dry(c->steps[i].state);
}

void qf_chain_costs(struct qf_chain *c, struct qf_buf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!c->steps[i].step->costs)
			continue;
		qf_buf_printf(out, "step %zu (%s): ", i + 1, c->steps[i].step->name);
		c->steps[i].step->costs(c->steps[i].state, out);
	}
}

/* ---- what it is ---- */

size_t qf_chain_count(const struct qf_chain *c)
{
	return c->n;
}

bool qf_chain_has(const struct qf_chain *c, const char *name, const char *value)
{
	QF_AUTO_FREE char *text = NULL;

	if (value) {
		struct qf_node node = { .kind = QF_NODE_SCALAR, .text = value };

		text = qf_chain_step_text(name, &node, NULL);
	}
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->steps[i].step->name, name) && (!text || !strcmp(c->steps[i].settings, text)))
			return true;
	return false;
}

bool qf_chain_pure(const struct qf_chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!c->steps[i].step->pure)
			return false;
	return true;
}

const struct qf_step *qf_chain_recounts(const struct qf_chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct qf_step *step = c->steps[i].step;

		if ((step->effect != QF_STEP_ONE_TO_ONE && !step->by_collection) || step->spreads)
			return step;
	}
	return NULL;
}

void qf_chain_settings(const struct qf_chain *c, struct qf_buf *out)
{
	for (size_t i = 0; i < c->n; i++)
		qf_buf_puts(out, c->steps[i].settings);
}

const struct qf_step *qf_chain_step(const struct qf_chain *c, size_t step)
{
	return c->steps[step].step;
}

void qf_chain_help(struct qf_buf *out)
{
	const char *group = "";

	QF_BUF_LIT(out, "Steps (docs/TRANSFORM.md tells of each):\n");
	for (size_t i = 0; qf_steps[i]; i++) {
		const struct qf_step *s = qf_steps[i];

		if (strcmp(s->group, group) != 0)
			qf_buf_printf(out, " %s\n", s->group);
		group = s->group;
		qf_buf_printf(out, "  %-11s %s\n", s->name, s->help);
	}
}
