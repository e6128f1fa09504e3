/* all: the names that __all__ lists follow what they name. */
#include "tools/align/rewrite/rw.h"

static bool is_all(const struct rw *r, const struct qf_py_node *node)
{
	const struct qf_py_symbol *s;

	while (node->kind == QF_PY_SUBSCRIPT)
		node = node->a;
	if (node->kind != QF_PY_NAME_EXPR || !qf_str_is(qf_py_text(&r->file.tokens, node->name), "__all__"))
		return false;
	s = r->scopes.by_token[node->name];
	return s && s->binding && s->binding->scope == r->scopes.module;
}

/* list(..), sorted(..): what is given comes out. */
static bool is_list_maker(const struct rw *r, const struct qf_py_node *function)
{
	static const char *const names[] = { "list", "tuple", "sorted", "set", "frozenset" };

	for (size_t i = 0; function->kind == QF_PY_NAME_EXPR && i < QF_LEN(names); i++)
		if (qf_str_is(qf_py_text(&r->file.tokens, function->name), names[i]))
			return true;
	return false;
}

/* Is the string an element of what __all__ becomes? */
static bool is_element(const struct rw *r, const struct qf_py_node *node)
{
	for (const struct qf_py_node *p = node->parent; p; node = p, p = p->parent) {
		switch (p->kind) {
		case QF_PY_LIST:
		case QF_PY_TUPLE:
		case QF_PY_SET:
		case QF_PY_STARRED:
		case QF_PY_BIN_OP:
			break;
		case QF_PY_ASSIGN:
			for (const struct qf_py_node *target = p->a; target; target = target->next)
				if (target != node && is_all(r, target))
					return true;
			return false;
		case QF_PY_AUG_ASSIGN:
			return p->b == node && is_all(r, p->a);
		case QF_PY_ANN_ASSIGN:
			return p->c == node && is_all(r, p->a);
		case QF_PY_CALL:
			if (p->a != node && is_list_maker(r, p->a))
				break;
			return p->a != node && p->a->kind == QF_PY_ATTRIBUTE && is_all(r, p->a->a);
		default:
			return false;
		}
	}
	return false;
}

bool qf_rw_exported(struct rw *r, struct qf_str name)
{
	for (size_t i = 0; i < r->file.n; i++) {
		uint32_t token;

		if (r->file.nodes[i]->kind == QF_PY_STRINGS && is_element(r, r->file.nodes[i]) &&
		    qf_str_eq(qf_rw_literal(&r->file, r->file.nodes[i], &token), name))
			return true;
	}
	return false;
}

void qf_rw_all_names(struct rw *r)
{
	for (size_t i = 0; i < r->file.n; i++) {
		uint32_t token;

		if (r->scopes.module->star_import && r->file.nodes[i]->kind == QF_PY_STRINGS &&
		    is_element(r, r->file.nodes[i]))
			(void)qf_rw_star_group(r, qf_rw_literal(&r->file, r->file.nodes[i], &token));
	}
}

/* Operands of + and of nothing else? */
static bool is_sum(const struct rw_unit *u, const struct qf_py_node *operands)
{
	for (const struct qf_py_node *n = operands; n && n->next; n = n->next)
		for (uint32_t t = n->last; t < n->next->first; t++) {
			struct qf_str text = qf_py_text(&u->tokens, t);

			if (u->tokens.tok[t].kind == QF_PY_OP && !qf_str_is(text, "+") && !qf_str_is(text, "(") &&
			    !qf_str_is(text, ")"))
				return false;
		}
	return true;
}

/* Can it be told what names the expression gives? Those of other modules' __all__ are seen to there. */
static bool is_known(struct rw *r, const struct qf_py_node *node, bool element)
{
	const struct rw_group *g;
	uint32_t token;

	switch (node->kind) {
	case QF_PY_STRINGS:
		return element && qf_rw_literal(&r->file, node, &token).p;
	case QF_PY_LIST:
	case QF_PY_TUPLE:
	case QF_PY_SET:
		for (const struct qf_py_node *n = node->a; n; n = n->next)
			if (!is_known(r, n, true))
				return false;
		return true;
	case QF_PY_BIN_OP:
		for (const struct qf_py_node *n = node->a; n; n = n->next)
			if (!is_known(r, n, false))
				return false;
		return is_sum(&r->file, node->a);
	case QF_PY_STARRED:
		return is_known(r, node->a, false);
	case QF_PY_CALL:
		return is_list_maker(r, node->a) && (!node->b || (!node->b->next && is_known(r, node->b, false)));
	case QF_PY_ATTRIBUTE:
		return qf_str_is(qf_py_text(&r->file.tokens, node->name), element ? "__name__" : "__all__");
	case QF_PY_NAME_EXPR:
		g = qf_rw_name_group(r, &r->file, node);
		return is_all(r, node) || (g && g->kind == RW_IMPORTED && !g->others && g->n_paths == 1 &&
					   qf_str_is(qf_path_last(g->paths[0]), "__all__"));
	default:
		return false;
	}
}

/* Of a place where __all__ stands: the expression that gives it names of which too little is known, or NULL. */
static const struct qf_py_node *unknown_at(struct rw *r, const struct qf_py_node *node)
{
	const struct qf_py_node *p = node->parent, *call;
	const char *const single[] = { "append", "remove", "insert" };
	bool element = false;

	for (; p && p->kind == QF_PY_SUBSCRIPT && p->a == node; p = p->parent) {
		element |= p->b->kind != QF_PY_SLICE;
		node = p;
	}
	if (!p)
		return NULL;
	switch (p->kind) {
	case QF_PY_ASSIGN:
		return p->b != node && !is_known(r, p->b, element) ? p->b : NULL;
	case QF_PY_AUG_ASSIGN:
		return p->a == node && !is_known(r, p->b, element) ? p->b : NULL;
	case QF_PY_ANN_ASSIGN:
		return p->a == node && p->c && !is_known(r, p->c, element) ? p->c : NULL;
	case QF_PY_ATTRIBUTE:
		call = p->parent;
		if (!call || call->kind != QF_PY_CALL || call->a != p || !call->b)
			return NULL;
		for (size_t i = 0; i < QF_LEN(single); i++)
			element |= qf_str_is(qf_py_text(&r->file.tokens, p->name), single[i]);
		for (const struct qf_py_node *n = call->b; n; n = n->next)
			if (n->kind != QF_PY_CONSTANT && !is_known(r, n, element))
				return n;
		return NULL;
	default:
		/* for __all__ in .., with .. as __all__, and the like */
		return node->ctx == QF_PY_STORE ? node : NULL;
	}
}

const struct qf_py_node *qf_rw_all_unknown(struct rw *r)
{
	for (size_t i = 0; i < r->file.n; i++) {
		const struct qf_py_node *found, *node = r->file.nodes[i];

		if (node->kind != QF_PY_NAME_EXPR || !is_all(r, node))
			continue;
		found = unknown_at(r, node);
		if (found)
			return found;
	}
	return NULL;
}

struct qf_str qf_rw_new_name(struct rw *r, struct qf_str name)
{
	struct qf_py_symbol *s = qf_py_scope_find(r->scopes.module, name);
	const struct rw_group *g;
	struct rw_target to;

	if (s && s->flags & QF_PY_SYM_BOUND) {
		g = qf_rw_group(r, s);
		return g && g->decision == RW_RENAME ? g->to_name : (struct qf_str){ 0 };
	}
	g = qf_rw_star_group(r, name);
	if (g)
		return g->decision == RW_RENAME ? g->to_name : (struct qf_str){ 0 };
	/* A package lists modules of its own that it does not import itself. */
	if (r->in->package && qf_rw_target(r, qf_path_join(&r->arena, qf_str(r->in->module), name), &to) &&
	    qf_str_is(qf_path_parent(to.path), r->in->module))
		return qf_path_last(to.path);
	return (struct qf_str){ 0 };
}

/* Does the list name it already, beside this element? */
static bool has_element(const struct rw_unit *u, const struct qf_py_node *list, const struct qf_py_node *but,
			struct qf_str name)
{
	uint32_t token;

	for (const struct qf_py_node *e = list->a; e; e = e->next)
		if (e != but && qf_str_eq(qf_rw_literal(u, e, &token), name))
			return true;
	return false;
}

/* An element of a list or tuple goes where its new name is there already. */
static void remove_element(struct rw *r, const struct qf_py_node *list, const struct qf_py_node *node)
{
	QF_AUTO_FREE struct qf_py_node **nodes = NULL;
	QF_AUTO_FREE uint8_t *gone = NULL;
	size_t n = 0, i = 0;

	for (const struct qf_py_node *e = list->a; e; e = e->next)
		n++;
	nodes = qf_calloc(n, sizeof(*nodes));
	gone = qf_calloc(n, 1);
	for (struct qf_py_node *e = list->a; e; e = e->next, i++) {
		nodes[i] = e;
		gone[i] = e == node ? RW_GONE : RW_STAYS;
	}
	qf_rw_remove(r, nodes, gone, n, true);
}

void qf_rw_write_all(struct rw *r)
{
	const struct qf_py_node *shortened = NULL;

	for (size_t i = 0; i < r->file.n; i++) {
		struct qf_py_node *node = r->file.nodes[i];
		struct qf_str text, name;
		uint32_t token;

		if (node->kind != QF_PY_STRINGS || !is_element(r, node))
			continue;
		text = qf_rw_literal(&r->file, node, &token);
		if (!text.n)
			continue;
		r->done[token] = true;
		name = qf_rw_new_name(r, text);
		if (!name.n || qf_str_eq(name, text))
			continue;
		if (node->parent->kind == QF_PY_LIST && node->parent != shortened &&
		    has_element(&r->file, node->parent, node, name)) {
			shortened = node->parent;
			remove_element(r, node->parent, node);
		} else {
			qf_rw_edit(r, (size_t)(text.p - r->source.p), text.n, name);
		}
	}
}
