/* watch: places that read names by their text, so that a binding which they may see keeps its name. */
#include "tools/align/rewrite/rw.h"

static bool is_name(const struct rw_unit *u, const struct qf_py_node *node, const char *name)
{
	return node && node->kind == QF_PY_NAME_EXPR && qf_str_is(qf_py_text(&u->tokens, node->name), name);
}

const struct qf_py_node *qf_rw_globals_key(const struct rw *r, const struct qf_py_node *call)
{
	static const char *const methods[] = { "get", "pop", "setdefault", "__contains__", "__getitem__" };
	const struct qf_py_node *p = call->parent, *key = NULL;
	uint32_t token;

	if (!p)
		return NULL;
	if (p->kind == QF_PY_SUBSCRIPT && p->a == call) {
		key = p->b;
	} else if (p->kind == QF_PY_COMPARE && p->a->next == call && !call->next) {
		key = p->a;
	} else if (p->kind == QF_PY_ATTRIBUTE && p->parent && p->parent->kind == QF_PY_CALL && p->parent->a == p) {
		for (size_t i = 0; i < QF_LEN(methods); i++)
			if (qf_str_is(qf_py_text(&r->file.tokens, p->name), methods[i]))
				key = p->parent->b;
	}
	return key && qf_rw_literal(&r->file, key, &token).n ? key : NULL;
}

/* The names of which scope, or of which file, does a use of a builtin show? WATCH_NO: of none, or by a plain text. */
enum watch { WATCH_NO, WATCH_SCOPE, WATCH_MODULE };

static enum watch watches(struct rw *r, const struct qf_py_node *node)
{
	const struct rw_unit *u = &r->file;
	const struct qf_py_node *p = node->parent;
	bool called = p && p->kind == QF_PY_CALL && p->a == node;

	/* sys.modules[__name__] */
	if (node->kind == QF_PY_SUBSCRIPT)
		return is_name(u, node->b, "__name__") && node->a->kind == QF_PY_ATTRIBUTE &&
		       qf_str_is(qf_py_text(&u->tokens, node->a->name), "modules") &&
		       !(p && p->kind == QF_PY_ATTRIBUTE && p->ctx != QF_PY_LOAD) ? WATCH_MODULE : WATCH_NO;
	if (node->kind != QF_PY_NAME_EXPR || node->ctx != QF_PY_LOAD)
		return WATCH_NO;
	if (is_name(u, node, "globals"))
		return qf_rw_binding(r, u, node) || (called && qf_rw_globals_key(r, p)) ? WATCH_NO : WATCH_MODULE;
	if (is_name(u, node, "locals") || ((is_name(u, node, "vars") || is_name(u, node, "dir")) && called && !p->b))
		return qf_rw_binding(r, u, node) ? WATCH_NO : WATCH_SCOPE;
	return WATCH_NO;
}

/* A comprehension shows what the function around it has. */
static const struct qf_py_scope *shown(const struct rw *r, const struct qf_py_node *node)
{
	const struct qf_py_scope *scope = qf_py_scope_of(&r->scopes, node);

	while (scope && scope->kind == QF_PY_SCOPE_COMPREHENSION)
		scope = scope->parent;
	return scope;
}

const struct qf_py_node *qf_rw_watched(struct rw *r, const struct rw_group *g)
{
	if (!r->watches) {
		size_t n = 0;

		r->watches = qf_arena_zalloc(&r->arena, (r->file.n + 1) * sizeof(*r->watches));
		for (size_t i = 0; i < r->file.n; i++)
			if (watches(r, r->file.nodes[i]) != WATCH_NO)
				r->watches[n++] = r->file.nodes[i];
	}
	for (struct qf_py_node **w = r->watches; *w; w++) {
		bool module = watches(r, *w) == WATCH_MODULE;
		const struct qf_py_scope *scope = module ? r->scopes.module : shown(r, *w);

		/* What a function inside uses is among its own too. */
		if (g->scope == scope || (g->scope->parent && qf_rw_inside(scope, g->scope)))
			return *w;
	}
	return NULL;
}
