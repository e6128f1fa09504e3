/* bindings: what import statements bind, and the groups of all that one symbol stands for. */
#include "tools/align/rewrite/rw.h"

static size_t slot(const struct rw *r, const struct qf_py_symbol *symbol)
{
	return (size_t)(((uintptr_t)symbol >> 4) * 0x9e3779b97f4a7c15u >> 20) & (r->by_symbol_size - 1);
}

struct rw_group *qf_rw_group(const struct rw *r, const struct qf_py_symbol *symbol)
{
	if (!symbol || !r->by_symbol_size)
		return NULL;
	for (size_t i = slot(r, symbol); r->by_symbol[i]; i = (i + 1) & (r->by_symbol_size - 1))
		if (r->by_symbol[i]->symbol == symbol)
			return r->by_symbol[i];
	return NULL;
}

static void place(struct rw *r, struct rw_group *g)
{
	size_t i = slot(r, g->symbol);

	while (r->by_symbol[i])
		i = (i + 1) & (r->by_symbol_size - 1);
	r->by_symbol[i] = g;
}

struct rw_group *qf_rw_group_add(struct rw *r, enum rw_group_kind kind, struct qf_py_symbol *symbol,
				 struct qf_py_scope *scope, struct qf_str name)
{
	struct rw_group *g = qf_arena_zalloc(&r->arena, sizeof(*g));

	g->kind = kind;
	g->symbol = symbol;
	g->scope = scope;
	g->name = g->to_name = name;
	g->end_items = &g->items;
	g->end_refs = &g->refs;
	*r->end_groups = g;
	r->end_groups = &g->next;
	if (!symbol)
		return g;
	if (2 * ++r->n_groups > r->by_symbol_size) {
		r->by_symbol_size = r->by_symbol_size ? 4 * r->by_symbol_size : 64;
		r->by_symbol = qf_arena_zalloc(&r->arena, r->by_symbol_size * sizeof(struct rw_group *));
		for (struct rw_group *other = r->groups; other; other = other->next)
			if (other->symbol)
				place(r, other);
	} else {
		place(r, g);
	}
	return g;
}

void qf_rw_group_path(struct rw *r, struct rw_group *g, struct qf_str path)
{
	struct qf_str *more;

	for (size_t i = 0; i < g->n_paths; i++)
		if (qf_str_eq(g->paths[i], path))
			return;
	more = qf_arena_alloc(&r->arena, (g->n_paths + 1) * sizeof(*more));
	if (g->n_paths)
		memcpy(more, g->paths, g->n_paths * sizeof(*more));
	more[g->n_paths++] = path;
	g->paths = more;
	g->relevant |= qf_rw_relevant(r, path);
}

/* level dots before rest, seen from a module; p NULL beyond the top. */
static struct qf_str absolute(struct rw *r, const char *module, bool package, unsigned level, struct qf_str rest)
{
	struct qf_str base = qf_str(module);

	if (!base.n)
		return (struct qf_str){ 0 };
	for (level -= package; level > 0; level--) {
		base = qf_path_parent(base);
		if (!base.n)
			return (struct qf_str){ 0 };
	}
	return qf_path_join(&r->arena, base, rest);
}

struct qf_str qf_rw_absolute(struct rw *r, unsigned level, struct qf_str rest)
{
	return level ? absolute(r, r->in->module, r->in->package, level, rest) : rest;
}

/* The names of a DOTTED node with dots between. */
static struct qf_str dotted(struct rw *r, const struct qf_py_node *node)
{
	struct qf_str path = { 0 };

	if (!node)
		return QF_STR("");
	for (uint32_t t = node->first; t < node->last; t++)
		if (r->file.tokens.tok[t].kind == QF_PY_NAME)
			path = qf_path_join(&r->arena, path, qf_rw_name(r, &r->file, t));
	return path;
}

/* The first statement of the list that holds this one. last: the import before it, most often in the same list. */
static struct qf_py_node *block_of(struct qf_py_node *node, const struct rw_stmt *last)
{
	struct qf_py_node *p = node->parent, *lists[] = { p->a, p->b, p->c, p->d };

	for (struct qf_py_node *n = last && last->node->parent == p ? last->node : NULL; n; n = n->next)
		if (n == node)
			return last->block;
	for (size_t i = 0; i < QF_LEN(lists); i++)
		for (struct qf_py_node *n = lists[i]; n; n = n->next)
			if (n == node)
				return lists[i];
	return node;
}

/* Does nothing else stand in the lines of a statement? */
static bool alone(const struct rw_unit *u, const struct qf_py_node *node)
{
	uint32_t before = node->first, after = node->last;
	unsigned kind = before ? u->tokens.tok[before - 1].kind : QF_PY_NEWLINE;

	if (kind != QF_PY_NEWLINE && kind != QF_PY_NL && kind != QF_PY_INDENT && kind != QF_PY_DEDENT)
		return false;
	if (u->tokens.tok[after].kind == QF_PY_COMMENT)
		after++;
	return u->tokens.tok[after].kind == QF_PY_NEWLINE || u->tokens.tok[after].kind == QF_PY_END;
}

static struct qf_py_symbol *bound_by(const struct rw *r, uint32_t token)
{
	struct qf_py_symbol *s = r->scopes.by_token[token];

	return s && s->binding ? s->binding : s;
}

static void add_item(struct rw *r, struct rw_stmt *stmt, struct qf_py_node *node, struct rw_item ***end)
{
	struct rw_item *item = qf_arena_zalloc(&r->arena, sizeof(*item));
	bool from = stmt->node->kind == QF_PY_IMPORT_FROM;
	struct qf_py_symbol *symbol;
	struct rw_group *g;
	uint32_t token;

	item->stmt = stmt;
	item->node = node;
	**end = item;
	*end = &item->next;
	stmt->n++;
	if (node->kind == QF_PY_STAR) {
		item->star = true;
		item->path = stmt->module;
		return;
	}
	item->as = node->name != QF_PY_NONE;
	item->path = dotted(r, node->a);
	if (from)
		item->path = stmt->module.p ? qf_path_join(&r->arena, stmt->module, item->path) : (struct qf_str){ 0 };
	token = item->as ? node->name : node->a->first;
	item->local = qf_rw_name(r, &r->file, token);
	item->mark = item->as && stmt->scope == r->scopes.module && node->a->last - node->a->first == 1 &&
		     qf_str_eq(item->local, qf_rw_name(r, &r->file, node->a->first));
	symbol = bound_by(r, token);
	if (!symbol)
		return;
	g = qf_rw_group(r, symbol);
	if (!g)
		g = qf_rw_group_add(r, RW_IMPORTED, symbol, symbol->scope, symbol->name);
	item->group = g;
	*g->end_items = item;
	g->end_items = &item->next_in_group;
	if (!from && !item->as) {
		g->root = true;
		qf_rw_group_path(r, g, qf_path_root(item->path));
		g->relevant |= qf_rw_relevant(r, item->path);
	} else if (item->path.p) {
		qf_rw_group_path(r, g, item->path);
	}
}

void qf_rw_imports(struct rw *r)
{
	struct rw_stmt *stmt = NULL, *last;

	for (size_t i = 0; i < r->file.n; i++) {
		struct qf_py_node *node = r->file.nodes[i];
		struct rw_item **end;

		if (node->kind != QF_PY_IMPORT && node->kind != QF_PY_IMPORT_FROM)
			continue;
		last = stmt;
		stmt = qf_arena_zalloc(&r->arena, sizeof(*stmt));
		stmt->node = node;
		stmt->block = block_of(node, last);
		stmt->own_line = alone(&r->file, node);
		stmt->scope = qf_py_scope_of(&r->scopes, node);
		if (node->kind == QF_PY_IMPORT_FROM)
			stmt->module = qf_rw_absolute(r, node->level, dotted(r, node->a));
		*r->end_stmts = stmt;
		r->end_stmts = &stmt->next;
		end = &stmt->items;
		for (struct qf_py_node *n = node->kind == QF_PY_IMPORT ? node->a : node->b; n; n = n->next)
			add_item(r, stmt, n, &end);
	}
}

struct rw_group *qf_rw_star_group(struct rw *r, struct qf_str name)
{
	struct rw_group *g;
	bool has;

	if (!r->scopes.module->star_import || !name.n || *name.p == '_')
		return NULL;
	for (g = r->groups; g; g = g->next)
		if (!g->symbol && qf_str_eq(g->name, name))
			return g;
	/* The last import that brings it counts. */
	g = NULL;
	for (struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next) {
		struct rw_item *item = stmt->items;
		struct rw_target to;
		struct qf_str path;

		if (!item || !item->star || !item->path.n)
			continue;
		path = qf_path_join(&r->arena, item->path, name);
		has = false;
		if (r->in->binds && r->in->binds(r->in->ctx, qf_arena_dup_str(&r->arena, item->path).p,
						 qf_arena_dup_str(&r->arena, name).p, &has) && has)
			g = NULL;
		if (!qf_rw_target(r, path, &to) || (!has && !qf_rw_entry(r, path)))
			continue;
		g = qf_arena_zalloc(&r->arena, sizeof(*g));
		g->items = item;
		g->paths = qf_arena_alloc(&r->arena, sizeof(*g->paths));
		g->paths[0] = path;
		g->rule = to.entry->rule;
	}
	if (g) {
		struct rw_group *real = qf_rw_group_add(r, RW_STAR, NULL, r->scopes.module, name);

		real->items = g->items;
		real->rule = g->rule;
		qf_rw_group_path(r, real, g->paths[0]);
		return real;
	}
	return NULL;
}

void qf_rw_definitions(struct rw *r)
{
	struct qf_str module = qf_str(r->in->module);

	if (!r->in->define || !module.n)
		return;
	for (size_t i = 0; i < r->n_entries; i++) {
		const struct rw_entry *e = &r->entries[i];
		struct qf_py_symbol *s;
		struct rw_group *g;

		if (!e->symbol || !qf_str_eq(e->module, module))
			continue;
		s = qf_py_scope_find(r->scopes.module, e->name);
		if (!s || s->flags & QF_PY_SYM_IMPORTED || !(s->flags & QF_PY_SYM_BOUND) || qf_rw_group(r, s))
			continue;
		/* It goes elsewhere; this file keeps what it has. */
		if (!qf_str_eq(e->to_module, module) &&
		    !(r->in->new_module && qf_str_is(e->to_module, r->in->new_module)))
			continue;
		g = qf_rw_group_add(r, RW_DEFINED, s, r->scopes.module, s->name);
		g->rule = e->rule;
		qf_rw_group_path(r, g, e->from);
	}
}

/* Is the symbol bound at one place only, and that an assignment? */
static bool bound_once(const struct rw *r, const struct qf_py_symbol *s)
{
	unsigned stores = 0;

	if ((s->flags & QF_PY_SYM_BOUND) != QF_PY_SYM_ASSIGNED || s->flags & (QF_PY_SYM_GLOBAL | QF_PY_SYM_NONLOCAL))
		return false;
	for (const struct qf_py_use *use = s->uses; use; use = use->next)
		stores += use->kind != QF_PY_USE_LOAD;
	if (stores != 1)
		return false;
	for (struct qf_py_scope *scope = r->scopes.module; scope; scope = qf_rw_scope_after(scope)) {
		const struct qf_py_symbol *other = scope == s->scope ? NULL : qf_py_scope_find(scope, s->name);

		if (other && other->binding == s && other->flags & (QF_PY_SYM_GLOBAL | QF_PY_SYM_NONLOCAL))
			return false;
	}
	return true;
}

void qf_rw_variables(struct rw *r)
{
	for (size_t i = 0; i < r->file.n; i++) {
		struct qf_py_node *node = r->file.nodes[i];
		struct qf_py_symbol *s;
		struct rw_group *g;
		struct qf_str path;

		if (node->kind != QF_PY_ASSIGN || node->a->next || node->a->kind != QF_PY_NAME_EXPR)
			continue;
		path = qf_rw_resolve(r, &r->file, node->b, 0);
		s = bound_by(r, node->a->name);
		if (!path.n || !s || s->scope->kind == QF_PY_SCOPE_CLASS || qf_rw_group(r, s) || !bound_once(r, s))
			continue;
		g = qf_rw_group_add(r, RW_VARIABLE, s, s->scope, s->name);
		g->value = node->b;
		qf_rw_group_path(r, g, path);
	}
}
