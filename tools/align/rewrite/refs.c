/* refs: every place where what a group binds is used. */
#include "tools/align/rewrite/rw.h"

static struct rw_part part_of(const struct rw_unit *u, uint32_t token)
{
	uint32_t dot = qf_rw_prev(u, token);

	return (struct rw_part){
		.at = qf_rw_at(u, token), .n = qf_rw_end(u, token) - qf_rw_at(u, token),
		.dot = dot == QF_PY_NONE ? 0 : qf_rw_at(u, dot),
	};
}

/* getattr(chain, "X"): the string is one more name of the chain. */
static struct qf_str attribute_text(struct rw *r, const struct rw_unit *u, const struct qf_py_node *top,
				    uint32_t *token)
{
	const struct qf_py_node *call = top->parent;
	struct qf_str text = { 0 };
	enum rw_call kind;

	if (call && call->kind == QF_PY_KEYWORD)
		call = call->parent;
	if (!call || call->kind != QF_PY_CALL || call->a == top)
		return text;
	kind = qf_rw_call(r, u, call);
	if ((kind == RW_CALL_ATTR || kind == RW_CALL_SETATTR) && qf_rw_argument(u, call, 0, "target|obj") == top)
		text = qf_rw_literal(u, qf_rw_argument(u, call, 1, "attribute|name"), token);
	return qf_path_valid(text) && qf_path_count(text) == 1 ? text : (struct qf_str){ 0 };
}

void qf_rw_chain(struct rw *r, const struct rw_unit *u, struct qf_py_node *base, struct rw_ref *ref,
		 struct qf_py_node **top)
{
	struct qf_py_node *node = base;
	size_t n = 2;
	struct qf_str text;
	uint32_t token;

	while (node->parent && node->parent->kind == QF_PY_ATTRIBUTE) {
		node = node->parent;
		n++;
	}
	*top = node;
	ref->parts = qf_arena_zalloc(&r->arena, n * sizeof(*ref->parts));
	if (base->kind == QF_PY_NAME_EXPR)
		ref->parts[ref->n++] = part_of(u, base->name);
	for (node = base; node != *top; ) {
		node = node->parent;
		ref->parts[ref->n++] = part_of(u, node->name);
		if (u == &r->file)
			r->done[node->name] = true;
	}
	text = attribute_text(r, u, node, &token);
	if (text.p) {
		ref->parts[ref->n++] = (struct rw_part){
			.at = u->base + (size_t)(text.p - u->tokens.source.p), .n = text.n, .text = true,
		};
		if (u == &r->file)
			r->done[token] = true;
	}
}

static struct rw_ref *add_ref(struct rw *r, struct rw_group *g, enum qf_py_use_kind kind, struct qf_py_scope *scope)
{
	struct rw_ref *ref = qf_arena_zalloc(&r->arena, sizeof(*ref));

	ref->kind = kind;
	ref->scope = scope;
	*g->end_refs = ref;
	g->end_refs = &ref->next;
	return ref;
}

static const enum qf_py_use_kind kinds[] = {
	[QF_PY_LOAD] = QF_PY_USE_LOAD, [QF_PY_STORE] = QF_PY_USE_STORE, [QF_PY_DEL] = QF_PY_USE_DEL,
};

static void name_refs(struct rw *r, struct rw_unit *u)
{
	for (size_t i = 0; i < u->n; i++) {
		struct qf_py_node *node = u->nodes[i], *top;
		struct rw_group *g;
		struct rw_ref *ref;

		if (node->kind != QF_PY_NAME_EXPR)
			continue;
		g = qf_rw_name_group(r, u, node);
		if (!g)
			continue;
		if (u == &r->file)
			r->done[node->name] = true;
		if (!g->relevant)
			continue;
		ref = add_ref(r, g, kinds[node->ctx],
			      u->scope ? u->scope : r->scopes.by_token[node->name]->scope);
		qf_rw_chain(r, u, node, ref, &top);
	}
}

/* Is what is assigned no object with attributes of its own: None, a number, a string? */
static bool is_plain(const struct qf_py_node *node)
{
	const struct qf_py_node *parent = node->parent;
	const struct qf_py_node *value = !parent || node->kind != QF_PY_NAME_EXPR ? NULL :
					 parent->kind == QF_PY_ASSIGN ? parent->b :
					 parent->kind == QF_PY_ANN_ASSIGN ? parent->c : NULL;

	return value && (value->kind == QF_PY_CONSTANT || value->kind == QF_PY_STRINGS);
}

/* Uses that are no expressions, and what binds a group's symbol beside the imports. */
static void other_refs(struct rw *r, struct qf_py_symbol *s, struct rw_group *g)
{
	for (struct qf_py_use *use = s->uses; use; use = use->next) {
		struct rw_ref *ref;

		if (use->kind == QF_PY_USE_LOAD || use->kind == QF_PY_USE_IMPORT)
			continue;
		if (use->kind != QF_PY_USE_DECLARE && use->kind != QF_PY_USE_DEL) {
			g->others = true;
			g->unsure |= g->kind != RW_VARIABLE && !is_plain(use->node);
		}
		g->deleted = true;
		if (use->node->kind == QF_PY_NAME_EXPR)
			continue;
		ref = add_ref(r, g, use->kind, s->scope);
		ref->parts = qf_arena_zalloc(&r->arena, sizeof(*ref->parts));
		ref->parts[ref->n++] = part_of(&r->file, use->token);
		r->done[use->token] = true;
	}
}

/* The statement of a class body in which a use stands. */
static const struct qf_py_node *body_statement(const struct qf_py_scope *scope, const struct qf_py_use *use)
{
	const struct qf_py_node *stmt = use->node;

	while (stmt->parent && stmt->parent != scope->node)
		stmt = stmt->parent;
	return stmt;
}

/*
 * A class body that binds the name itself: what it reads before that is the module's, and so it becomes a use of the
 * group. Where it cannot be told which reads those are, the name is pinned.
 */
static void class_refs(struct rw *r, struct qf_py_scope *scope, struct rw_group *g)
{
	const struct qf_py_symbol *s = qf_py_scope_find(scope, g->name);
	const struct qf_py_node *first = NULL, *top_node;
	struct qf_py_node *top;
	unsigned bindings = 0;
	bool loads = false;
	uint32_t until;

	if (!s || s->where != QF_PY_LOCAL || qf_rw_group(r, s))
		return;
	for (const struct qf_py_use *use = s->uses; use; use = use->next) {
		top_node = body_statement(scope, use);
		loads |= use->kind == QF_PY_USE_LOAD;
		bindings += use->kind != QF_PY_USE_LOAD;
		if (!first && use->kind != QF_PY_USE_LOAD)
			first = top_node;
	}
	if (!loads || !first)
		return;
	if (first->kind == QF_PY_ANN_ASSIGN && !first->c && bindings == 1) {
		until = UINT32_MAX; /* `x: x` binds nothing */
	} else if (first->kind == QF_PY_ASSIGN) {
		until = first->last;
	} else {
		g->pinned = true;
		return;
	}
	for (const struct qf_py_use *use = s->uses; use; use = use->next)
		if (use->kind == QF_PY_USE_LOAD && use->token < until) {
			r->done[use->token] = true;
			qf_rw_chain(r, &r->file, use->node, add_ref(r, g, QF_PY_USE_LOAD, scope), &top);
		}
}

void qf_rw_refs(struct rw *r)
{
	for (struct rw_unit *u = &r->file; u; u = u->next)
		name_refs(r, u);
	for (struct qf_py_scope *scope = r->scopes.module; scope; scope = qf_rw_scope_after(scope)) {
		for (struct qf_py_symbol *s = scope->symbols; s; s = s->next) {
			struct rw_group *g = s->binding ? qf_rw_group(r, s->binding) : NULL;

			if (g && g->relevant)
				other_refs(r, s, g);
		}
		if (scope->kind == QF_PY_SCOPE_CLASS)
			for (struct rw_group *g = r->groups; g; g = g->next)
				if (g->relevant && g->symbol && g->scope == r->scopes.module)
					class_refs(r, scope, g);
	}
}
