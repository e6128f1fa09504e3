/* clash: whether a new name is free wherever it would stand. */
#include "tools/align/rewrite/rw.h"

#include <stdlib.h>

void qf_rw_claim(struct rw *r, const struct rw_group *g, struct qf_str want, struct qf_str path)
{
	struct rw_claim *c = qf_arena_alloc(&r->arena, sizeof(*c));

	*c = (struct rw_claim){ .scope = g->scope, .name = want, .path = path, .group = g, .next = r->claims };
	r->claims = c;
}

/* Is the symbol bound by imports alone, and those of this very path? */
static bool same_thing(const struct rw *r, const struct qf_py_symbol *s, struct qf_str path)
{
	const struct rw_group *g = qf_rw_group(r, s);

	if (!g || g->kind != RW_IMPORTED || g->others || g->deleted)
		return false;
	for (const struct qf_py_use *use = s->uses; use; use = use->next)
		if (use->kind != QF_PY_USE_LOAD && use->kind != QF_PY_USE_IMPORT)
			return false;
	for (const struct rw_item *item = g->items; item; item = item->next_in_group) {
		struct qf_str bound = item->target.path;

		if (!item->as && item->stmt->node->kind == QF_PY_IMPORT)
			bound = qf_path_root(bound);
		if (!qf_str_eq(bound, path))
			return false;
	}
	return g->items != NULL;
}

/* Would what the name means at this symbol be another thing once `scope` binds it? same: the symbol it merges with. */
static bool is_captured(const struct qf_py_symbol *s, const struct qf_py_scope *scope,
			const struct qf_py_symbol *same)
{
	if (same && s->binding == same)
		return s->where != QF_PY_LOCAL && s->flags & QF_PY_SYM_BOUND;
	if (s->scope == scope)
		return true;
	switch (s->where) {
	case QF_PY_LOCAL: return false;
	case QF_PY_GLOBAL_EXPLICIT: return !scope->parent;
	case QF_PY_GLOBAL_IMPLICIT: return true;
	case QF_PY_FREE: break;
	}
	return !s->binding || s->binding->scope == scope || !qf_rw_inside(s->binding->scope, scope);
}

static int by_name(const void *a, const void *b)
{
	return qf_str_cmp(((const struct rw_text_name *)a)->name, ((const struct rw_text_name *)b)->name);
}

void qf_rw_text_names(struct rw *r)
{
	for (struct rw_unit *u = r->file.next; u; u = u->next)
		for (size_t i = 0; i < u->n; i++) {
			if (u->nodes[i]->kind != QF_PY_NAME_EXPR)
				continue;
			QF_GROW(r->text_names, r->n_text_names, r->cap_text_names);
			r->text_names[r->n_text_names++] =
				(struct rw_text_name){ qf_rw_name(r, u, u->nodes[i]->name), u, u->nodes[i] };
		}
	if (r->n_text_names)
		qsort(r->text_names, r->n_text_names, sizeof(*r->text_names), by_name);
}

/* The first of the texts' names that is not before this one. */
static size_t first_text_name(const struct rw *r, struct qf_str name)
{
	size_t low = 0, high = r->n_text_names;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (qf_str_cmp(r->text_names[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool captures(struct rw *r, struct qf_py_scope *scope, struct qf_str want, const struct qf_py_symbol *same)
{
	for (struct qf_py_scope *at = scope; at && qf_rw_inside(at, scope); at = qf_rw_scope_after(at)) {
		const struct qf_py_symbol *s = qf_py_scope_find(at, want);

		if (s && s != same && is_captured(s, scope, same))
			return true;
	}
	for (size_t i = first_text_name(r, want); i < r->n_text_names; i++) {
		const struct rw_text_name *use = &r->text_names[i];
		const struct qf_py_symbol *s;

		if (!qf_str_eq(use->name, want))
			break;
		if (!qf_rw_inside(use->unit->scope, scope))
			continue;
		s = qf_rw_binding(r, use->unit, use->node);
		if (!s || (s != same && (s->scope == scope || !qf_rw_inside(s->scope, scope))))
			return true;
	}
	return false;
}

/* Does a scope between a use and the binding give the name another meaning? */
static bool hidden(const struct rw_group *g, struct qf_str want)
{
	bool private = qf_str_starts(want, "__") && want.p[want.n - 1] != '_';

	for (const struct rw_ref *ref = g->refs; ref; ref = ref->next)
		for (const struct qf_py_scope *at = ref->scope; at && at != g->scope; at = at->parent) {
			const struct qf_py_symbol *s = qf_py_scope_find(at, want);

			/* A class makes another name of __x. */
			if (at->kind == QF_PY_SCOPE_CLASS && private)
				return true;
			if (at->kind == QF_PY_SCOPE_CLASS && at != ref->scope)
				continue;
			if (s && s->where == QF_PY_LOCAL)
				return true;
		}
	return false;
}

static bool uses_inside(const struct rw_group *g, const struct qf_py_scope *scope)
{
	for (const struct rw_ref *ref = g->refs; ref; ref = ref->next)
		if (qf_rw_inside(ref->scope, scope))
			return true;
	return false;
}

/* A star import that brings the name too, from elsewhere? */
static bool starred(struct rw *r, struct qf_str want, struct qf_str path)
{
	for (const struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next) {
		struct rw_target to;
		bool has = false;

		if (!stmt->items || !stmt->items->star || !stmt->module.n || !r->in->binds)
			continue;
		(void)qf_rw_target(r, qf_path_join(&r->arena, stmt->module, want), &to);
		if (!qf_str_eq(to.path, path) &&
		    r->in->binds(r->in->ctx, qf_arena_dup_str(&r->arena, stmt->module).p,
				 qf_arena_dup_str(&r->arena, want).p, &has) && has)
			return true;
	}
	return false;
}

enum rw_clash qf_rw_clash(struct rw *r, const struct rw_group *g, struct qf_str want, struct qf_str path)
{
	const struct qf_py_symbol *s = qf_py_scope_find(g->scope, want), *same = NULL;
	enum rw_clash ret = RW_FREE;

	if (qf_py_is_keyword(want))
		return RW_CLASH;
	if (s && s->where == QF_PY_LOCAL) {
		if (g->others || g->deleted || !same_thing(r, s, path))
			return RW_CLASH;
		same = s;
		ret = RW_MERGE;
	}
	if (captures(r, g->scope, want, same) || hidden(g, want) ||
	    (!g->scope->parent && starred(r, want, path)))
		return RW_CLASH;
	for (const struct rw_claim *c = r->claims; c; c = c->next) {
		if (!qf_str_eq(c->name, want))
			continue;
		if (c->scope == g->scope) {
			if (!qf_str_eq(c->path, path) || g->others || g->deleted || c->group->others ||
			    c->group->deleted)
				return RW_CLASH;
			ret = RW_MERGE;
		} else if ((qf_rw_inside(c->scope, g->scope) && uses_inside(g, c->scope)) ||
			   (qf_rw_inside(g->scope, c->scope) && uses_inside(c->group, g->scope))) {
			return RW_CLASH;
		}
	}
	return ret;
}
