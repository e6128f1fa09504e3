/* leftovers: old names in code that may mean the old thing and stay as they are, each with the reason. */
#include "tools/align/rewrite/rw.h"

static void left_token(struct rw *r, const struct rw_unit *u, uint32_t token, const struct rw_entry *e,
		       const char *reason)
{
	qf_rw_left(r, qf_rw_at(u, token), qf_rw_end(u, token) - qf_rw_at(u, token), e->rule, reason);
}

/* The value of literals that stand side by side, where it can be told; p NULL else. */
static struct qf_str joined(struct rw *r, const struct qf_py_node *strings)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };

	for (const struct qf_py_node *part = strings->a; part; part = part->next) {
		struct qf_py_literal lit;

		if (part->kind != QF_PY_STRING_PART)
			return (struct qf_str){ 0 };
		lit = qf_py_literal(qf_py_text(&r->file.tokens, part->name));
		if (lit.bytes || !lit.plain || b.n + lit.body.n > 4096)
			return (struct qf_str){ 0 };
		qf_buf_add_str(&b, lit.body);
	}
	return qf_arena_dup(&r->arena, b.p, b.n);
}

/* Does the file run code whose text it makes itself? */
static bool runs_code(struct rw *r)
{
	for (size_t i = 0; i < r->file.n; i++) {
		const struct qf_py_node *node = r->file.nodes[i];

		if (node->kind == QF_PY_CALL && node->b && node->b->kind != QF_PY_STRINGS &&
		    qf_rw_call(r, &r->file, node) == RW_CALL_CODE)
			return true;
	}
	return false;
}

/* A string of such a file that has the old name in it, and is no prose. */
static void check_code(struct rw *r, const struct qf_py_node *node, struct qf_str text)
{
	size_t at = qf_rw_at(&r->file, node->first);
	const struct rw_entry *e = qf_rw_mentioned(r, text, false);
	struct qf_py_tokens tokens = { 0 };
	struct qf_py_ast ast = { 0 };
	struct qf_err err;

	if (!e)
		return;
	if (qf_py_tokenize(text, &tokens, &err) == 0 && qf_py_parse(&tokens, &ast, &err) == 0)
		qf_rw_left(r, at, qf_rw_end(&r->file, node->last - 1) - at, e->rule,
			   "a string that may be code: this file runs texts");
	qf_py_ast_release(&ast);
	qf_py_tokens_release(&tokens);
}

/* A whole string that is an old path, where nothing is known of what it is for. */
static void check_string(struct rw *r, const struct qf_py_node *node, bool code)
{
	struct qf_str text = joined(r, node);
	struct rw_target to;
	char *colon;
	size_t at = qf_rw_at(&r->file, node->first);

	if ((node->a->kind == QF_PY_STRING_PART && r->done[node->a->name]) ||
	    (node->parent && node->parent->kind == QF_PY_EXPR))
		return;
	if (!text.n)
		return;
	if (code)
		check_code(r, node, text);
	colon = memchr(text.p, ':', text.n);
	if (colon)
		*colon = '.';
	if (!memchr(text.p, '.', text.n) || !qf_path_valid(text) || !qf_rw_target(r, text, &to))
		return;
	qf_rw_left(r, at, qf_rw_end(&r->file, node->last - 1) - at, to.entry->rule,
		   node->a->next ? "a path written in pieces" : "a string that may be resolved as a path");
}

/* Does a class of this file, and nothing else, stand behind the name, and does its body bind the attribute? */
static bool is_member(struct rw *r, const struct rw_unit *u, const struct qf_py_node *base, struct qf_str attr)
{
	const struct qf_py_symbol *s = qf_rw_binding(r, u, base);

	if (!s || (s->flags & QF_PY_SYM_BOUND) != QF_PY_SYM_DEFINED)
		return false;
	for (struct qf_py_scope *scope = r->scopes.module; scope; scope = qf_rw_scope_after(scope)) {
		const struct qf_py_symbol *own;

		if (scope->kind != QF_PY_SCOPE_CLASS || r->scopes.by_token[scope->node->name] != s)
			continue;
		own = qf_py_scope_find(scope, attr);
		if (own && own->flags & QF_PY_SYM_BOUND)
			return true;
	}
	return false;
}

/* self.X, where the file itself sets self.X or binds X in a class body. */
static bool is_own_attribute(struct rw *r, const struct rw_unit *u, const struct qf_py_node *base, struct qf_str attr)
{
	struct qf_str name = qf_py_text(&u->tokens, base->name);

	if (!qf_str_is(name, "self") && !qf_str_is(name, "cls"))
		return false;
	for (size_t i = 0; i < r->file.n; i++) {
		const struct qf_py_node *n = r->file.nodes[i];

		if (n->kind == QF_PY_ATTRIBUTE && n->ctx == QF_PY_STORE && n->a->kind == QF_PY_NAME_EXPR &&
		    qf_str_eq(qf_py_text(&r->file.tokens, n->a->name), name) &&
		    qf_str_eq(qf_rw_name(r, &r->file, n->name), attr))
			return true;
	}
	for (struct qf_py_scope *scope = r->scopes.module; scope; scope = qf_rw_scope_after(scope)) {
		const struct qf_py_symbol *s = scope->kind == QF_PY_SCOPE_CLASS ? qf_py_scope_find(scope, attr) : NULL;

		if (s && s->flags & QF_PY_SYM_BOUND)
			return true;
	}
	return false;
}

/*
 * A path that the file does import. It is something else than the old module unless a module of the tree hands that on
 * under this name (from a import old as name).
 */
static bool is_handed_on(struct rw *r, struct qf_str path, struct qf_str attr)
{
	struct qf_str parent = qf_path_parent(path), last = qf_path_last(path);
	bool has = false;

	if (!r->in->binds || !parent.n)
		return false;
	if (r->in->binds(r->in->ctx, qf_arena_dup_str(&r->arena, path).p, qf_arena_dup_str(&r->arena, attr).p, &has))
		return false;
	return r->in->binds(r->in->ctx, qf_arena_dup_str(&r->arena, parent).p, qf_arena_dup_str(&r->arena, last).p,
			    &has) && has;
}

static void check_attribute(struct rw *r, const struct rw_unit *u, const struct qf_py_node *node)
{
	struct qf_str attr = qf_rw_name(r, u, node->name);
	const struct rw_entry *e = qf_rw_renamed(r, attr);
	const struct qf_py_node *base = node->a;
	struct qf_str path;

	if (!e || (u == &r->file && r->done[node->name]))
		return;
	path = qf_rw_resolve(r, u, base, 0);
	if (base->kind == QF_PY_STRINGS || base->kind == QF_PY_CONSTANT ||
	    (path.n && !qf_str_starts(path, "builtins.") && !is_handed_on(r, path, attr)))
		return;
	if (base->kind == QF_PY_NAME_EXPR && (is_member(r, u, base, attr) || is_own_attribute(r, u, base, attr)))
		return;
	left_token(r, u, node->name, e, "an attribute of an object whose type is not known");
}

/* May a star import bring the name from a module of which too little is known? */
static bool may_be_starred(struct rw *r, struct qf_str name)
{
	bool unknown = false;

	for (const struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next) {
		bool has = false;

		if (!stmt->items || !stmt->items->star)
			continue;
		if (!r->in->binds || !stmt->module.n ||
		    !r->in->binds(r->in->ctx, qf_arena_dup_str(&r->arena, stmt->module).p,
				  qf_arena_dup_str(&r->arena, name).p, &has))
			unknown = true;
		else if (has)
			return false;
	}
	return unknown;
}

/* A name that nothing in the file binds. */
static void check_name(struct rw *r, const struct rw_unit *u, struct qf_py_node *node)
{
	struct qf_str name = qf_rw_name(r, u, node->name), path = name;
	const struct rw_entry *e;
	const struct qf_py_node *top = node;
	struct rw_target to;

	if (node->ctx != QF_PY_LOAD || qf_rw_binding(r, u, node) || qf_rw_star_group(r, name))
		return;
	e = qf_rw_renamed(r, name);
	if (e && may_be_starred(r, name)) {
		left_token(r, u, node->name, e, "it may come from a star import");
		return;
	}
	while (top->parent && top->parent->kind == QF_PY_ATTRIBUTE) {
		top = top->parent;
		path = qf_path_join(&r->arena, path, qf_rw_name(r, u, top->name));
	}
	if (top == node || !qf_rw_target(r, path, &to))
		return;
	for (const struct qf_py_node *n = top; u == &r->file && n != node; n = n->a)
		r->done[n->name] = true;
	qf_rw_left(r, qf_rw_at(u, node->name), qf_rw_end(u, top->name) - qf_rw_at(u, node->name), to.entry->rule,
		   "nothing in this file imports it");
}

/* from .old import X in a file that is in no package, or above the top. */
static void check_relative(struct rw *r, const struct rw_stmt *stmt)
{
	const struct qf_py_node *node = stmt->node;

	for (size_t i = 0; i < r->n_entries; i++) {
		const struct rw_entry *e = &r->entries[i];
		struct qf_str package = qf_path_last(qf_path_parent(e->from)), from = { 0 };
		bool hit;

		if (e->symbol)
			continue;
		if (node->a)
			from = qf_rw_name(r, &r->file, node->a->last - 1);
		hit = from.n && qf_str_eq(from, qf_path_last(e->from));
		if (from.n && !qf_str_eq(from, package))
			package.n = 0;
		for (const struct qf_py_node *n = node->b; n && !hit && (package.n || !from.n); n = n->next)
			hit = n->kind == QF_PY_ALIAS &&
			      qf_str_eq(qf_rw_name(r, &r->file, n->a->first), qf_path_last(e->from));
		if (hit) {
			qf_rw_left(r, qf_rw_at(&r->file, node->first),
				   qf_rw_end(&r->file, node->last - 1) - qf_rw_at(&r->file, node->first), e->rule,
				   "a relative import in a file whose package is not known");
			return;
		}
	}
}

/* getattr(module, name) may ask for any of the module's names. */
static void check_call(struct rw *r, const struct rw_unit *u, const struct qf_py_node *call)
{
	const struct qf_py_node *object, *name;
	struct qf_str path;

	if (qf_rw_call(r, u, call) != RW_CALL_ATTR)
		return;
	object = qf_rw_argument(u, call, 0, "target|obj");
	name = qf_rw_argument(u, call, 1, "attribute|name");
	if (!object || !name || (name->kind == QF_PY_STRINGS && name->a->kind == QF_PY_STRING_PART))
		return;
	path = qf_rw_resolve(r, u, object, 0);
	for (size_t i = 0; path.n && i < r->n_entries; i++) {
		const struct rw_entry *e = &r->entries[i];
		size_t at = qf_rw_at(u, name->first);

		if (e->symbol && qf_str_eq(e->module, path) && !qf_str_eq(e->name, qf_path_last(e->to))) {
			qf_rw_left(r, at, qf_rw_end(u, name->last - 1) - at, e->rule,
				   "an attribute whose name is made when the program runs");
			return;
		}
	}
}

void qf_rw_leftovers(struct rw *r)
{
	bool code = runs_code(r);

	for (struct rw_unit *u = &r->file; u; u = u->next)
		for (size_t i = 0; i < u->n; i++) {
			struct qf_py_node *node = u->nodes[i];

			if (node->kind == QF_PY_STRINGS && u == &r->file)
				check_string(r, node, code);
			else if (node->kind == QF_PY_NAME_EXPR)
				check_name(r, u, node);
			else if (node->kind == QF_PY_CALL)
				check_call(r, u, node);
		}
	/* Behind the names, as those say more of whole chains. */
	for (struct rw_unit *u = &r->file; u; u = u->next)
		for (size_t i = 0; i < u->n; i++)
			if (u->nodes[i]->kind == QF_PY_ATTRIBUTE)
				check_attribute(r, u, u->nodes[i]);
	for (const struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next)
		if (stmt->node->kind == QF_PY_IMPORT_FROM && !stmt->module.p)
			check_relative(r, stmt);
}
