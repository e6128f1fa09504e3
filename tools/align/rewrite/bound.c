/* bound: the names that a module gives, and those that it asks of others. */
#include "tools/align/rewrite/rw.h"

/* May it get names in ways that its text does not show? */
static bool is_open(const struct qf_py_scopes *scopes)
{
	static const char *const makers[] = { "globals", "exec", "vars", "__getattr__" };

	for (struct qf_py_scope *scope = scopes->module; scope; scope = qf_rw_scope_after(scope))
		for (size_t i = 0; i < QF_LEN(makers); i++) {
			const struct qf_py_symbol *s = qf_py_scope_find(scope, qf_str(makers[i]));

			if (!s || (qf_str_is(s->name, "__getattr__") && scope->parent))
				continue;
			return true;
		}
	return scopes->module->star_import;
}

int qf_rewrite_bound(struct qf_str source, struct qf_arena *arena, struct qf_bound_names *ret, struct qf_err *err)
{
	const struct qf_rewrite_in in = { .path = "", .source = source, .module = "" };
	struct qf_rewrite_out out = { 0 };
	struct rw r;
	int rc = qf_rw_open(&r, &in, &out, err);
	size_t n = 0;

	*ret = (struct qf_bound_names){ 0 };
	if (rc == 0) {
		for (const struct qf_py_symbol *s = r.scopes.module->symbols; s; s = s->next)
			n++;
		ret->name = qf_arena_zalloc(arena, (n + 1) * sizeof(*ret->name));
		for (const struct qf_py_symbol *s = r.scopes.module->symbols; s; s = s->next)
			if (s->where == QF_PY_LOCAL && s->flags & (QF_PY_SYM_BOUND | QF_PY_SYM_GLOBAL))
				ret->name[ret->n++] = qf_arena_dup_str(arena, s->name);
		ret->whole = !is_open(&r.scopes);
	}
	qf_rw_close(&r);
	qf_rewrite_release(&out);
	return rc;
}

struct wanted {
	struct qf_wanted *list;
	size_t n, cap;
	struct qf_arena *arena;
};

static void want(struct wanted *w, struct qf_str module, struct qf_str name, size_t at)
{
	if (!module.n || !name.n)
		return;
	for (size_t i = 0; i < w->n; i++)
		if (qf_str_eq(w->list[i].module, module) && qf_str_eq(w->list[i].name, name))
			return;
	QF_GROW(w->list, w->n, w->cap);
	w->list[w->n++] = (struct qf_wanted){
		qf_arena_dup_str(w->arena, module), qf_arena_dup_str(w->arena, name), at,
	};
}

/* a.b.c.d after import a.b: all of a.b, b.c, c.d may be a module and its name. */
static void want_chain(struct rw *r, struct wanted *w, const struct rw_group *g, const struct rw_ref *ref)
{
	for (size_t i = 0; i < g->n_paths; i++) {
		struct qf_str path = g->paths[i];

		for (size_t k = 1; k < ref->n; k++) {
			struct qf_str name = qf_py_identifier(&r->arena, (struct qf_str){
				r->source.p + ref->parts[k].at, ref->parts[k].n });

			want(w, path, name, ref->parts[k].at);
			path = qf_path_join(&r->arena, path, name);
		}
	}
}

int qf_rewrite_wanted(const struct qf_rewrite_in *in, struct qf_arena *arena, struct qf_wanted **ret, size_t *n,
		      struct qf_err *err)
{
	struct qf_rewrite_in all = *in;
	struct qf_rewrite_out out = { 0 };
	struct wanted w = { .arena = arena };
	struct rw r;
	int rc;

	all.renames = NULL;
	rc = qf_rw_open(&r, &all, &out, err);
	*ret = NULL;
	*n = 0;
	if (rc == 0) {
		for (const struct rw_stmt *stmt = r.stmts; stmt; stmt = stmt->next)
			for (const struct rw_item *item = stmt->items; item; item = item->next)
				if (stmt->node->kind == QF_PY_IMPORT_FROM && !item->star && item->path.n)
					want(&w, stmt->module, qf_path_rest(item->path, stmt->module),
					     qf_rw_at(&r.file, item->node->first));
		for (const struct rw_group *g = r.groups; g; g = g->next)
			for (const struct rw_ref *ref = g->refs; ref; ref = ref->next)
				want_chain(&r, &w, g, ref);
		*n = w.n;
		if (w.n) {
			*ret = qf_arena_alloc(arena, w.n * sizeof(**ret));
			memcpy(*ret, w.list, w.n * sizeof(**ret));
		}
	}
	free(w.list);
	qf_rw_close(&r);
	qf_rewrite_release(&out);
	return rc;
}
