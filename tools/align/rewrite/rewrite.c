/* rewrite: a file's edits, from reading it to the proof that they do no harm. */
#include "tools/align/rewrite/rw.h"

#include <stdlib.h>

void qf_rw_edit(struct rw *r, size_t at, size_t n, struct qf_str text)
{
	struct qf_rewrite_out *out = r->out;

	if (n == text.n && memcmp(r->source.p + at, text.p, n) == 0)
		return;
	QF_GROW(out->edits, out->n, out->cap);
	out->edits[out->n] = (struct qf_edit){ .at = at, .n = n, .text = qf_arena_dup_str(&out->arena, text) };
	out->n++;
}

void qf_rw_left(struct rw *r, size_t at, size_t n, const char *rule, const char *reason)
{
	struct qf_rewrite_out *out = r->out;

	QF_GROW(out->leftovers, out->n_leftovers, out->cap_leftovers);
	out->leftovers[out->n_leftovers++] = (struct qf_leftover){ at, n, rule, reason };
}

struct numbered {
	struct qf_edit edit;
	size_t number;
};

static int by_place(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	if (x->edit.at != y->edit.at)
		return x->edit.at < y->edit.at ? -1 : 1;
	if (x->edit.n != y->edit.n)
		return x->edit.n < y->edit.n ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static int leftover_by_place(const void *a, const void *b)
{
	const struct qf_leftover *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->n != y->n ? (x->n < y->n ? -1 : 1) : strcmp(x->reason, y->reason);
}

/* Each place once. */
static void sort_leftovers(struct qf_rewrite_out *out)
{
	size_t kept = 0;

	if (out->n_leftovers)
		qsort(out->leftovers, out->n_leftovers, sizeof(*out->leftovers), leftover_by_place);
	for (size_t i = 0; i < out->n_leftovers; i++)
		if (!kept || out->leftovers[kept - 1].at != out->leftovers[i].at)
			out->leftovers[kept++] = out->leftovers[i];
	out->n_leftovers = kept;
}

/*
 * Sorts the edits; those of one place that insert stay in the order in which they were made, as one. Equal ones come
 * once. False where two overlap, which would be a bug of ours.
 */
static bool sort_edits(struct qf_rewrite_out *out)
{
	QF_AUTO_FREE struct numbered *sorted = qf_calloc(out->n + 1, sizeof(*sorted));
	size_t kept = 0;

	for (size_t i = 0; i < out->n; i++)
		sorted[i] = (struct numbered){ out->edits[i], i };
	qsort(sorted, out->n, sizeof(*sorted), by_place);
	for (size_t i = 0; i < out->n; i++)
		out->edits[i] = sorted[i].edit;
	for (size_t i = 0; i < out->n; i++) {
		struct qf_edit *e = &out->edits[i], *last = kept ? &out->edits[kept - 1] : NULL;

		if (last && last->at == e->at && last->n == e->n) {
			if (e->n && qf_str_eq(last->text, e->text))
				continue;
			if (e->n)
				return false;
			last->text = qf_arena_printf(&out->arena, "%.*s%.*s", (int)last->text.n, last->text.p,
						     (int)e->text.n, e->text.p);
			continue;
		}
		if (last && last->at + last->n > e->at)
			return false;
		out->edits[kept++] = *e;
	}
	out->n = kept;
	return true;
}

static void plan(struct rw *r)
{
	qf_rw_decide(r);
	qf_rw_write_imports(r);
	qf_rw_write_uses(r);
	qf_rw_write_strings(r);
	qf_rw_write_all(r);
	qf_rw_leftovers(r);
	qf_rw_derive(r);
}

/* The rule of something that the file does use, for what is said of the whole of it. */
static const char *rule_of(const struct rw *r)
{
	for (const struct rw_group *g = r->groups; g; g = g->next) {
		if (g->relevant && g->rule)
			return g->rule;
		for (const struct rw_item *item = g->items; item; item = item->next_in_group)
			if (item->target.entry)
				return item->target.entry->rule;
	}
	return qf_rw_any_rule(r->in);
}

/* Plans without a look at the result. *sound: the edits do not overlap. *rule: for what is said of the whole file. */
static int plan_edits(const struct qf_rewrite_in *in, const struct rw_parts *cells, struct qf_rewrite_out *out,
		      bool *sound, const char **rule, struct qf_err *err)
{
	struct rw r;
	int rc = qf_rw_open(&r, in, out, err);

	*sound = true;
	r.cells = cells;
	if (rc == 0 && r.n_entries + (in->new_module != NULL)) {
		plan(&r);
		*sound = sort_edits(out);
		sort_leftovers(out);
		*rule = rule_of(&r);
	}
	qf_rw_close(&r);
	return rc;
}

/* Why the result may not be written, or NULL. */
static const char *doubt(const struct qf_rewrite_in *in, const struct qf_rewrite_out *out)
{
	QF_AUTO_BUF struct qf_buf after = { 0 };
	struct qf_rewrite_in again = *in;
	struct qf_rewrite_out second = { 0 };
	const char *why = NULL, *rule;
	struct qf_err err;
	bool sound;

	qf_edits_apply(in->source, out->edits, out->n, &after);
	again.source = qf_buf_str(&after);
	again.module = in->new_module ? in->new_module : in->module;
	again.new_module = NULL;
	if (plan_edits(&again, NULL, &second, &sound, &rule, &err) < 0)
		why = "cannot be changed safely: the result would not be Python";
	else if (second.n)
		why = "cannot be changed safely: a second run would change it again";
	qf_rewrite_release(&second);
	return why;
}

const char *qf_rw_any_rule(const struct qf_rewrite_in *in)
{
	const struct qf_renames *renames = in->renames;

	return renames && renames->n_modules ? renames->modules[0].rule :
	       renames && renames->n_symbols ? renames->symbols[0].rule : "";
}

int qf_rw_python(const struct qf_rewrite_in *in, const struct rw_parts *cells, struct qf_rewrite_out *out,
		 struct qf_err *err)
{
	const char *why = NULL, *rule = qf_rw_any_rule(in);
	bool sound;

	*out = (struct qf_rewrite_out){ 0 };
	if (plan_edits(in, cells, out, &sound, &rule, err) < 0)
		return -1;
	if (!sound)
		why = "cannot be changed safely: the changes would overlap";
	else if (out->n)
		why = doubt(in, out);
	if (why) {
		qf_rewrite_release(out);
		QF_GROW(out->leftovers, out->n_leftovers, out->cap_leftovers);
		out->leftovers[out->n_leftovers++] =
			(struct qf_leftover){ .rule = rule, .reason = why };
	}
	return 0;
}

int qf_rewrite_python(const struct qf_rewrite_in *in, struct qf_rewrite_out *out, struct qf_err *err)
{
	return qf_rw_python(in, NULL, out, err);
}

void qf_rewrite_release(struct qf_rewrite_out *out)
{
	free(out->edits);
	free(out->leftovers);
	free(out->derived);
	qf_arena_release(&out->arena);
	*out = (struct qf_rewrite_out){ 0 };
}
