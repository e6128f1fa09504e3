/* scope: what is asked of finished scopes, and the frame of a build. */
#include "tools/align/python/scope.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/mem.h"
#include "tools/align/python/scope_build.h"

enum { MIN_TABLE = 8 };

void qf_py_build_fail(struct qf_py_builder *b, uint32_t token, const char *fmt, ...)
{
	unsigned line, column;
	char reason[700];
	va_list args;

	if (b->failed)
		return;
	b->failed = true;
	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	qf_py_position(b->tokens->source, b->tokens->tok[token].start, &line, &column);
	(void)qf_err_set(b->err, QF_E_DATA, "line %u, column %u: %s", line, column, reason);
}

static size_t hash_name(struct qf_str name)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * 1099511628211u;
	return (size_t)(h ^ (h >> 32));
}

/* The place of a name in a scope's table, which has an empty place at least. */
static struct qf_py_symbol **place(const struct qf_py_scope *scope, struct qf_str name)
{
	size_t mask = scope->table_size - 1, i = hash_name(name) & mask;

	while (scope->table[i] && !qf_str_eq(scope->table[i]->name, name))
		i = (i + 1) & mask;
	return &scope->table[i];
}

struct qf_py_symbol *qf_py_scope_find(const struct qf_py_scope *scope, struct qf_str name)
{
	return scope->table_size ? *place(scope, name) : NULL;
}

static void append_symbol(struct qf_py_scope *scope, struct qf_py_symbol *s)
{
	s->next = NULL;
	if (scope->last_symbol)
		scope->last_symbol->next = s;
	else
		scope->symbols = s;
	scope->last_symbol = s;
}

struct qf_py_symbol *qf_py_scope_symbol(struct qf_arena *arena, struct qf_py_scope *scope, struct qf_str name)
{
	struct qf_py_symbol *s = qf_py_scope_find(scope, name);

	if (s)
		return s;
	if (scope->table_used >= scope->table_size / 2) {
		scope->table_size = scope->table_size ? 2 * scope->table_size : MIN_TABLE;
		scope->table = qf_arena_zalloc(arena, scope->table_size * sizeof(struct qf_py_symbol *));
		for (s = scope->symbols; s; s = s->next)
			*place(scope, s->name) = s;
	}
	s = qf_arena_zalloc(arena, sizeof(*s));
	s->name = name;
	s->scope = scope;
	append_symbol(scope, s);
	*place(scope, name) = s;
	scope->table_used++;
	return s;
}

struct qf_py_symbol *qf_py_scope_lookup(const struct qf_py_scope *scope, struct qf_str name)
{
	struct qf_py_symbol *s = qf_py_scope_find(scope, name);

	if (s)
		return s->binding;
	qf_py_scope_outer(scope, name, &s);
	return s ? s->binding : NULL;
}

/* The place of a node in the table of scopes; alias: it is the expression of a TYPE_ALIAS scope. */
static struct qf_py_scope **scope_place(const struct qf_py_scopes *s, const struct qf_py_node *key, bool alias)
{
	size_t mask = s->by_node_size - 1, i = (size_t)(((uintptr_t)key >> 4) * 0x9e3779b97f4a7c15u >> 20) & mask;

	while (s->by_node[i] &&
	       (s->by_node[i]->key != key || (s->by_node[i]->kind == QF_PY_SCOPE_TYPE_ALIAS) != alias))
		i = (i + 1) & mask;
	return &s->by_node[i];
}

static struct qf_py_scope *scope_at(const struct qf_py_scopes *s, const struct qf_py_node *key, bool alias)
{
	return *scope_place(s, key, alias);
}

struct qf_py_scope *qf_py_scope_following(struct qf_py_scope *scope)
{
	if (scope->child)
		return scope->child;
	while (scope && !scope->next)
		scope = scope->parent;
	return scope ? scope->next : NULL;
}

static void index_scopes(struct qf_py_scopes *s, size_t count)
{
	s->by_node_size = MIN_TABLE;
	while (s->by_node_size < 2 * count)
		s->by_node_size *= 2;
	s->by_node = qf_arena_zalloc(&s->arena, s->by_node_size * sizeof(struct qf_py_scope *));
	for (struct qf_py_scope *scope = s->module; scope; scope = qf_py_scope_following(scope))
		/* A TYPE_PARAMS scope is found as the parent of what it surrounds. */
		if (scope->kind != QF_PY_SCOPE_TYPE_PARAMS)
			*scope_place(s, scope->key, scope->kind == QF_PY_SCOPE_TYPE_ALIAS) = scope;
}

/* Leaves the symbols without uses in a scope's list. */
static void keep_unused(struct qf_py_scope *scope)
{
	struct qf_py_symbol *s = scope->symbols, *next;

	scope->symbols = scope->last_symbol = NULL;
	for (; s; s = next) {
		next = s->next;
		if (!s->uses)
			append_symbol(scope, s);
	}
}

/*
 * Uses and symbols in the order of the source. They are put into it here, since the tree is walked in
 * CPython's order, which its checks depend on.
 */
static void order(struct qf_py_builder *b)
{
	struct qf_py_scopes *out = b->out;

	out->by_token = qf_arena_zalloc(&out->arena, b->tokens->n * sizeof(struct qf_py_symbol *));
	for (size_t i = 0; i < b->tokens->n; i++) {
		struct qf_py_use *use = b->uses[i];
		struct qf_py_symbol *s;

		if (!use)
			continue;
		s = out->by_token[i] = use->symbol;
		if (s->last_use)
			s->last_use->next = use;
		else
			s->uses = use;
		s->last_use = use;
		if (use->kind == QF_PY_USE_LOAD)
			s->flags |= QF_PY_SYM_REFERENCED;
	}
	for (struct qf_py_scope *scope = out->module; scope; scope = qf_py_scope_following(scope))
		keep_unused(scope);
	for (size_t i = b->tokens->n; i-- > 0; ) {
		struct qf_py_symbol *s = out->by_token[i];

		if (!s || s->uses->token != i)
			continue;
		s->next = s->scope->symbols;
		s->scope->symbols = s;
		if (!s->next)
			s->scope->last_symbol = s;
	}
}

int qf_py_scopes_build(const struct qf_py_ast *ast, struct qf_py_scopes *ret, struct qf_err *err)
{
	struct qf_py_builder b = { .out = ret, .tokens = ast->tokens, .err = err };
	QF_AUTO_FREE struct qf_py_use **uses = qf_calloc(ast->tokens->n + 1, sizeof(*uses));

	*ret = (struct qf_py_scopes){ .ast = ast };
	b.uses = uses;
	qf_py_scope_bind(&b);
	if (!b.failed)
		qf_py_scope_resolve(&b);
	if (b.failed)
		return -1;
	order(&b);
	index_scopes(ret, b.scopes);
	return 0;
}

void qf_py_scopes_release(struct qf_py_scopes *s)
{
	qf_arena_release(&s->arena);
	*s = (struct qf_py_scopes){ 0 };
}

static bool in_list(const struct qf_py_node *list, const struct qf_py_node *node)
{
	while (list && list != node)
		list = list->next;
	return list;
}

/* The scope of a node that makes one, or NULL. */
static struct qf_py_scope *own_scope(const struct qf_py_scopes *s, const struct qf_py_node *node)
{
	if (node->kind == QF_PY_TYPE_ALIAS && node->b)
		return scope_at(s, node->b, true);
	return scope_at(s, node, false);
}

/*
 * One step outwards from a child of *node: the scope where the child's code runs, or NULL, and then *node is
 * the node to go on from.
 */
static struct qf_py_scope *step_out(const struct qf_py_scopes *s, const struct qf_py_node *child,
				    const struct qf_py_node **node)
{
	const struct qf_py_node *n = *node;
	struct qf_py_scope *own;

	switch (n->kind) {
	case QF_PY_FUNCTION:
	case QF_PY_CLASS:
		own = own_scope(s, n);
		if (in_list(n->a, child))
			return NULL;
		/* The scope of the type parameters where it is generic, else the one around. */
		if (in_list(n->e, child) || child == n->c || (n->kind == QF_PY_CLASS && in_list(n->b, child)))
			return own->parent;
		return own;
	case QF_PY_PARAM:
		/* The function's place decides; a lambda's parameters have no annotations. */
		*node = n->parent ? n->parent : n;
		return child == n->a ? own_scope(s, *node)->parent : NULL;
	case QF_PY_TYPE_ALIAS:
		return in_list(n->e, child) ? own_scope(s, n)->parent : own_scope(s, n);
	case QF_PY_TYPE_PARAM:
		return scope_at(s, child, true);
	case QF_PY_COMP_FOR:
		if (child == n->b && n->parent && n->parent->c == n)
			*node = n->parent;
		return NULL;
	default:
		return own_scope(s, n);
	}
}

struct qf_py_scope *qf_py_scope_of(const struct qf_py_scopes *s, const struct qf_py_node *node)
{
	struct qf_py_scope *scope = own_scope(s, node);

	while (!scope && node->parent) {
		const struct qf_py_node *child = node;

		node = node->parent;
		scope = step_out(s, child, &node);
	}
	return scope ? scope : s->module;
}
