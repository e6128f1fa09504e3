/* scope_resolve: where the value of each name comes from, once all that bind it are known. */
#include "tools/align/python/scope_build.h"

static bool is_annotation_scope(const struct qf_py_scope *scope)
{
	return scope->kind == QF_PY_SCOPE_TYPE_PARAMS || scope->kind == QF_PY_SCOPE_TYPE_ALIAS;
}

/* The class whose names an annotation scope sees (PEP 695), or NULL. */
static const struct qf_py_scope *seen_class(const struct qf_py_scope *scope)
{
	while (scope && is_annotation_scope(scope))
		scope = scope->parent;
	return scope && scope->kind == QF_PY_SCOPE_CLASS ? scope : NULL;
}

enum qf_py_where qf_py_scope_outer(const struct qf_py_scope *scope, struct qf_str name, struct qf_py_symbol **ret)
{
	const struct qf_py_scope *seen = is_annotation_scope(scope) ? seen_class(scope) : NULL;
	const struct qf_py_scope *at;
	struct qf_py_symbol *s = seen ? qf_py_scope_find(seen, name) : NULL;

	*ret = s;
	if (s && s->flags & QF_PY_SYM_GLOBAL)
		return QF_PY_GLOBAL_EXPLICIT;
	/* CPython asks the class before the type parameters that stand nearer. A nonlocal there has a binding too. */
	if (s && s->flags & QF_PY_SYM_BOUND)
		return QF_PY_FREE;
	*ret = NULL;
	for (at = scope; at->parent; ) {
		at = at->parent;
		if (at->kind == QF_PY_SCOPE_CLASS) {
			if (qf_str_is(name, "__class__"))
				return QF_PY_FREE;
			continue;
		}
		s = qf_py_scope_find(at, name);
		if (!s || !(s->flags & (QF_PY_SYM_BOUND | QF_PY_SYM_GLOBAL | QF_PY_SYM_NONLOCAL)))
			continue;
		if (!at->parent) {
			*ret = s;
			break;
		}
		if (s->flags & QF_PY_SYM_NONLOCAL)
			continue;
		*ret = s;
		return s->flags & QF_PY_SYM_GLOBAL ? QF_PY_GLOBAL_IMPLICIT : QF_PY_FREE;
	}
	return QF_PY_GLOBAL_IMPLICIT;
}

/* The token that an error about a symbol names: where it was declared, else any. */
static uint32_t blame(const struct qf_py_builder *b, const struct qf_py_symbol *s)
{
	uint32_t any = 0;

	for (uint32_t i = 0; i < b->tokens->n; i++) {
		const struct qf_py_use *use = b->uses[i];

		if (use && use->symbol == s) {
			any = i;
			if (use->kind == QF_PY_USE_DECLARE)
				break;
		}
	}
	return any;
}

static void resolve_nonlocal(struct qf_py_builder *b, struct qf_py_symbol *s)
{
	struct qf_py_symbol *outer;

	s->where = qf_py_scope_outer(s->scope, s->name, &outer);
	if (!s->scope->parent)
		qf_py_build_fail(b, blame(b, s), "nonlocal declaration not allowed at module level");
	else if (s->where != QF_PY_FREE)
		qf_py_build_fail(b, blame(b, s), "no binding for nonlocal '%.*s' found", QF_STR_ARG(s->name));
	else if (outer && outer->flags & QF_PY_SYM_TYPE_PARAM)
		qf_py_build_fail(b, blame(b, s), "nonlocal binding not allowed for type parameter '%.*s'",
				 QF_STR_ARG(s->name));
	else
		s->binding = outer;
}

/* Scopes around have been resolved. */
static void resolve(struct qf_py_builder *b, struct qf_py_symbol *s)
{
	struct qf_py_symbol *outer;

	s->flags &= ~(unsigned)QF_PY_SYM_COMP_ITER;
	if ((s->flags & QF_PY_SYM_GLOBAL) && (s->flags & QF_PY_SYM_NONLOCAL)) {
		qf_py_build_fail(b, blame(b, s), "name '%.*s' is nonlocal and global", QF_STR_ARG(s->name));
	} else if (s->flags & QF_PY_SYM_NONLOCAL) {
		resolve_nonlocal(b, s);
	} else if (s->flags & QF_PY_SYM_GLOBAL && s->scope->parent) {
		s->where = QF_PY_GLOBAL_EXPLICIT;
		s->binding = qf_py_scope_find(b->out->module, s->name);
	} else if (s->flags & (QF_PY_SYM_BOUND | QF_PY_SYM_GLOBAL)) {
		s->where = QF_PY_LOCAL;
		s->binding = s;
	} else {
		s->where = qf_py_scope_outer(s->scope, s->name, &outer);
		s->binding = outer ? outer->binding : NULL;
	}
}

void qf_py_scope_resolve(struct qf_py_builder *b)
{
	for (struct qf_py_scope *scope = b->out->module; scope; scope = qf_py_scope_following(scope))
		for (struct qf_py_symbol *s = scope->symbols; s && !b->failed; s = s->next)
			resolve(b, s);
}
