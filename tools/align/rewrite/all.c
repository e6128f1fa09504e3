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
