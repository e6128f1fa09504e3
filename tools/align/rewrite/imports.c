/* imports: import statements as they are after the rewrite. */
#include "tools/align/rewrite/rw.h"

/* ---- names that would be imported twice ---- */

static bool by_module(const struct rw_item *item)
{
	return item->stmt->node->kind == QF_PY_IMPORT || !item->module.n;
}

static bool is_same(const struct rw_item *a, const struct rw_item *b)
{
	if (by_module(a) != by_module(b) || !qf_str_eq(a->target.path, b->target.path) ||
	    !qf_str_eq(a->final, b->final))
		return false;
	return !by_module(a) || (a->as || a->alias.n) == (b->as || b->alias.n);
}

/* Does nothing but imports stand between the two statements of a block? */
static bool only_imports_between(const struct qf_py_node *first, const struct qf_py_node *second)
{
	for (; first && first != second; first = first->next)
		if (first->kind != QF_PY_IMPORT && first->kind != QF_PY_IMPORT_FROM)
			return false;
	return first;
}

/* Does another import bind the very same? */
static bool binds_same(const struct rw_item *a, const struct rw_item *b)
{
	if (by_module(a) && by_module(b) && !a->as && !b->as && !a->alias.n && !b->alias.n)
		return qf_str_eq(qf_path_root(a->target.path), qf_path_root(b->target.path));
	return is_same(a, b);
}

static const struct rw_item *item_at(const struct rw *r, const struct qf_py_node *alias)
{
	for (const struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next)
		for (const struct rw_item *item = stmt->items; item; item = item->next)
			if (item->node == alias)
				return item;
	return NULL;
}

/* May a use make the name something else between the two imports, or at a time that cannot be told? */
static bool unsettles(const struct rw *r, const struct qf_py_use *use, const struct rw_item *first,
		      const struct rw_item *second)
{
	bool between = use->token > first->node->first && use->token < second->node->first;
	const struct rw_item *other;

	if (use->kind == QF_PY_USE_LOAD || use->kind == QF_PY_USE_DECLARE)
		return false;
	if (use->symbol->scope == first->stmt->scope && !between)
		return false;
	other = use->kind == QF_PY_USE_IMPORT ? item_at(r, use->node) : NULL;
	return !other || !binds_same(other, first);
}

/* Is the name that the first import binds the same thing still where the second one stands? */
static bool is_settled(const struct rw *r, const struct rw_item *first, const struct rw_item *second)
{
	const struct qf_py_symbol *bound[] = {
		first->group ? first->group->symbol : NULL, second->group ? second->group->symbol : NULL,
		qf_py_scope_find(first->stmt->scope, first->final),
	};

	for (const struct rw_stmt *stmt = first->stmt; stmt && stmt != second->stmt; stmt = stmt->next)
		if (stmt->items && stmt->items->star)
			return false;
	for (struct qf_py_scope *scope = r->scopes.module; scope; scope = qf_rw_scope_after(scope))
		for (size_t i = 0; i < QF_LEN(bound); i++) {
			const struct qf_py_symbol *s = bound[i] ? qf_py_scope_find(scope, bound[i]->name) : NULL;

			if (!s || (s != bound[i] && s->binding != bound[i]))
				continue;
			for (const struct qf_py_use *use = s->uses; use; use = use->next)
				if (unsettles(r, use, first, second))
					return false;
		}
	return true;
}

static void drop_one(struct rw_item *earlier, struct rw_item *later)
{
	bool prefer = earlier->changed && !later->changed &&
		      only_imports_between(earlier->stmt->node, later->stmt->node);

	(prefer ? earlier : later)->drop = true;
}

/* Does a cell of a notebook begin between the two? Each cell may be run without those before it. */
static bool in_other_cells(const struct rw *r, const struct rw_stmt *first, const struct rw_stmt *second)
{
	size_t from = qf_rw_at(&r->file, first->node->first), to = qf_rw_at(&r->file, second->node->first);

	for (size_t i = 0; r->cells && i < r->cells->n; i++)
		if (r->cells->start[i] > from && r->cells->start[i] <= to)
			return true;
	return false;
}

static void find_twice(struct rw *r)
{
	for (struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next)
		for (struct rw_item *item = stmt->items; item; item = item->next) {
			struct rw_stmt *other = r->stmts;
			struct rw_item *before;
			bool end = false;

			for (; !end && !item->drop && !item->star; other = other->next) {
				end = other == stmt;
				if ((!other->changed && !stmt->changed) || other->block != stmt->block ||
				    in_other_cells(r, other, stmt))
					continue;
				before = other->items;
				for (; before && before != item && !item->drop; before = before->next)
					if (!before->drop && !before->star && (before->changed || item->changed) &&
					    is_same(before, item) && is_settled(r, before, item))
						drop_one(before, item);
			}
		}
}

/* ---- texts ---- */

/* The package that level dots mean in the file as it is after its move; empty beyond the top. */
static struct qf_str package_at(const struct rw *r, unsigned level)
{
	struct qf_str base = qf_str(r->in->new_module ? r->in->new_module : r->in->module);

	for (level -= r->in->package; level > 0 && base.n; level--)
		base = qf_path_parent(base);
	return base;
}

static struct qf_str with_dots(struct rw *r, unsigned level, struct qf_str rest)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };

	while (level-- > 0)
		qf_buf_addc(&b, '.');
	qf_buf_add_str(&b, rest);
	return qf_arena_dup(&r->arena, b.p, b.n);
}

/* A module as this statement would write it. *level: its dots. */
static struct qf_str written(struct rw *r, const struct rw_stmt *stmt, struct qf_str module, unsigned *level)
{
	struct qf_str base;

	*level = stmt->node->level;
	if (!*level)
		return module;
	base = package_at(r, *level);
	for (unsigned try = 1; !qf_path_under(module, base); try++) {
		base = package_at(r, try);
		*level = try;
		if (!base.n) {
			*level = 0;
			return module;
		}
	}
	return with_dots(r, *level, qf_path_rest(module, base));
}

static struct qf_str item_text(struct rw *r, const struct rw_item *item)
{
	struct qf_str alias = !item->as ? item->alias : qf_str_eq(item->final, item->local) ?
			      qf_py_text(&r->file.tokens, item->node->name) : item->final;

	if (!alias.n)
		return item->name;
	return qf_arena_printf(&r->arena, "%.*s as %.*s", (int)item->name.n, item->name.p, (int)alias.n, alias.p);
}

/* ---- from module import .. ---- */

/* Where the text of the module stands: behind `from`, before `import`. */
static void write_module(struct rw *r, struct rw_stmt *stmt, struct qf_str module)
{
	const struct rw_unit *u = &r->file;
	const struct qf_py_node *node = stmt->node;
	uint32_t first = qf_rw_next(u, node->first), last = first, t;
	unsigned level;
	struct qf_str text = written(r, stmt, module, &level);
	size_t n = 0;

	for (t = first; !qf_str_is(qf_py_text(&u->tokens, t), "import"); t = qf_rw_next(u, t))
		last = t;
	if (level == node->level && node->a && text.n > level) {
		struct rw_part *parts = qf_arena_zalloc(&r->arena, (node->a->last - node->a->first) * sizeof(*parts));

		for (t = node->a->first; t < node->a->last; t++)
			if (u->tokens.tok[t].kind == QF_PY_NAME) {
				parts[n].at = qf_rw_at(u, t);
				parts[n].n = qf_rw_end(u, t) - qf_rw_at(u, t);
				parts[n].dot = n ? qf_rw_at(u, qf_rw_prev(u, t)) : 0;
				n++;
			}
		(void)qf_rw_write_parts(r, parts, n, (struct qf_str){ text.p + level, text.n - level });
		return;
	}
	if (!node->a && level == node->level && text.n == level)
		return;
	/* `from.x import y` and `from .import y` need a blank once a name stands there. */
	if (text.p[0] != '.' && qf_rw_at(u, first) == qf_rw_end(u, node->first))
		text = qf_arena_printf(&r->arena, " %.*s", (int)text.n, text.p);
	if (text.p[text.n - 1] != '.' && qf_rw_end(u, last) == qf_rw_at(u, qf_rw_next(u, last)))
		text = qf_arena_printf(&r->arena, "%.*s ", (int)text.n, text.p);
	qf_rw_edit(r, qf_rw_at(u, first), qf_rw_end(u, last) - qf_rw_at(u, first), text);
}

/* The module that the statement keeps: the one that most naturally follows it. False: none of its names stays. */
static bool main_module(struct rw *r, const struct rw_stmt *stmt, struct qf_str *ret)
{
	struct rw_target to;

	(void)qf_rw_target(r, stmt->module, &to);
	*ret = (struct qf_str){ 0 };
	for (const struct rw_item *item = stmt->items; item; item = item->next) {
		if (item->drop || !item->module.n)
			continue;
		if (!ret->n || qf_str_eq(item->module, to.path))
			*ret = item->module;
		if (qf_str_eq(item->module, to.path))
			break;
	}
	return ret->n != 0;
}

/* The statement for those names that go where this one goes; the first of them is given. */
static struct qf_str split_text(struct rw *r, struct rw_stmt *stmt, struct rw_item *first, bool *comment_taken)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };
	struct rw_item *last = first;
	unsigned level;
	uint32_t comment;

	*comment_taken = false;
	if (!first->module.n) {
		QF_BUF_LIT(&b, "import ");
		qf_buf_add_str(&b, item_text(r, first));
		first->moved = true;
		return qf_arena_dup(&r->arena, b.p, b.n);
	}
	QF_BUF_LIT(&b, "from ");
	qf_buf_add_str(&b, written(r, stmt, first->module, &level));
	QF_BUF_LIT(&b, " import ");
	for (struct rw_item *item = first; item; item = item->next) {
		if (item->drop || item->moved || !qf_str_eq(item->module, first->module))
			continue;
		if (item != first)
			QF_BUF_LIT(&b, ", ");
		qf_buf_add_str(&b, item_text(r, item));
		item->moved = true;
		last = item;
	}
	comment = qf_rw_own_comment(&r->file, first->node);
	if (last == first && stmt->own_line && comment != QF_PY_NONE) {
		*comment_taken = true;
		QF_BUF_LIT(&b, "  ");
		qf_buf_add_str(&b, qf_py_text(&r->file.tokens, comment));
	}
	return qf_arena_dup(&r->arena, b.p, b.n);
}

/* Is what it imports wanted, and not by one before it too? */
static bool is_wanted(const struct rw_stmt *stmt, const struct rw_extra *extra)
{
	if (extra->group->decision == RW_LEAVE)
		return false;
	for (const struct rw_extra *e = stmt->extras; e != extra; e = e->next)
		if (e->group->decision != RW_LEAVE && qf_str_eq(e->module, extra->module) &&
		    qf_str_eq(e->name, extra->name) && (!e->name.n || qf_str_eq(e->group->name, extra->group->name)))
			return false;
	return true;
}

/* What no statement of the source can hold gets one of its own. */
static void write_extras(struct rw *r, const struct rw_stmt *stmt)
{
	for (const struct rw_extra *e = stmt->extras; e; e = e->next) {
		unsigned level;
		struct qf_str text;

		if (!is_wanted(stmt, e))
			continue;
		if (!e->name.n) {
			text = qf_arena_printf(&r->arena, "import %.*s", (int)e->module.n, e->module.p);
		} else {
			struct qf_str module = written(r, stmt, e->module, &level);

			text = qf_arena_printf(&r->arena, "from %.*s import %.*s", (int)module.n, module.p, (int)e->name.n,
					       e->name.p);
			if (!qf_str_eq(e->name, e->group->to_name))
				text = qf_arena_printf(&r->arena, "%.*s as %.*s", (int)text.n, text.p,
						       (int)e->group->to_name.n, e->group->to_name.p);
		}
		qf_rw_insert(r, stmt, text, false);
	}
}

static void remove_gone(struct rw *r, const struct rw_stmt *stmt, const bool *comments)
{
	QF_AUTO_FREE struct qf_py_node **nodes = qf_calloc(stmt->n, sizeof(*nodes));
	QF_AUTO_FREE uint8_t *gone = qf_calloc(stmt->n, 1);
	size_t i = 0;

	for (const struct rw_item *item = stmt->items; item; item = item->next, i++) {
		nodes[i] = item->node;
		gone[i] = !item->drop && !item->moved ? RW_STAYS :
			  comments && comments[i] ? RW_GONE_WITH_COMMENT : RW_GONE;
	}
	qf_rw_remove(r, nodes, gone, stmt->n, stmt->node->flags & QF_PY_PAREN);
}

/* `X as X` hands X on; so `Y as Y` hands on Y. */
static void write_mark(struct rw *r, const struct rw_item *item)
{
	if (item->as && !qf_str_eq(item->final, item->local))
		qf_rw_edit(r, qf_rw_at(&r->file, item->node->name),
			   qf_rw_end(&r->file, item->node->name) - qf_rw_at(&r->file, item->node->name), item->final);
}

static void write_names(struct rw *r, const struct rw_stmt *stmt)
{
	for (const struct rw_item *item = stmt->items; item; item = item->next) {
		const struct qf_py_node *name = item->node->a;
		struct qf_str text = item->name;

		if (item->drop || item->moved)
			continue;
		if (!item->as && item->alias.n)
			text = item_text(r, item);
		write_mark(r, item);
		/* The same name in another form of Unicode stays. */
		if (!qf_str_eq(text, qf_rw_name(r, &r->file, name->first)))
			qf_rw_edit(r, qf_rw_at(&r->file, name->first),
				   qf_rw_end(&r->file, name->first) - qf_rw_at(&r->file, name->first), text);
	}
}

static void write_from(struct rw *r, struct rw_stmt *stmt)
{
	QF_AUTO_FREE bool *comments = qf_calloc(stmt->n + 1, sizeof(*comments));
	QF_AUTO_BUF struct qf_buf whole = { 0 };
	const struct rw_unit *u = &r->file;
	struct qf_str module;
	bool before = true, stays = main_module(r, stmt, &module);
	size_t i = 0;

	for (struct rw_item *item = stmt->items; item; item = item->next, i++) {
		struct qf_str text;

		if (item->drop || item->moved)
			continue;
		if (stays && qf_str_eq(item->module, module)) {
			before = false;
			continue;
		}
		text = split_text(r, stmt, item, &comments[i]);
		if (stays) {
			qf_rw_insert(r, stmt, text, before);
			continue;
		}
		/* Only top-level modules: `from a import old` becomes `import new as old`. */
		qf_buf_puts(&whole, whole.n ? "; " : "");
		qf_buf_add_str(&whole, text);
	}
	if (!stays) {
		qf_rw_edit(r, qf_rw_at(u, stmt->node->first),
			   qf_rw_end(u, stmt->node->last - 1) - qf_rw_at(u, stmt->node->first), qf_buf_str(&whole));
		return;
	}
	write_module(r, stmt, module);
	write_names(r, stmt);
	remove_gone(r, stmt, comments);
}

/* ---- import a.b ---- */

static void write_import(struct rw *r, struct rw_stmt *stmt)
{
	const struct rw_unit *u = &r->file;
	struct rw_item *last = NULL;

	for (struct rw_item *item = stmt->items; item; item = item->next) {
		const struct qf_py_node *dotted = item->node->a;
		struct rw_part *parts = qf_arena_zalloc(&r->arena, (dotted->last - dotted->first) * sizeof(*parts));
		size_t n = 0;

		if (item->drop)
			continue;
		for (uint32_t t = dotted->first; t < dotted->last; t++)
			if (u->tokens.tok[t].kind == QF_PY_NAME) {
				parts[n].at = qf_rw_at(u, t);
				parts[n].n = qf_rw_end(u, t) - qf_rw_at(u, t);
				parts[n].dot = n ? qf_rw_at(u, qf_rw_prev(u, t)) : 0;
				n++;
			}
		if (!last && stmt->before)
			qf_rw_edit(r, qf_rw_at(u, item->node->first), 0,
				   qf_arena_printf(&r->arena, "%.*s, ", (int)stmt->before->module.n, stmt->before->module.p));
		(void)qf_rw_write_parts(r, parts, n, item->target.path);
		write_mark(r, item);
		if (item->alias.n)
			qf_rw_edit(r, qf_rw_end(u, item->node->last - 1), 0,
				   qf_arena_printf(&r->arena, " as %.*s", (int)item->alias.n, item->alias.p));
		last = item;
	}
	for (const struct rw_extra *e = stmt->extras; e && last; e = e->next)
		if (is_wanted(stmt, e))
			qf_rw_edit(r, qf_rw_end(u, last->node->last - 1), 0,
				   qf_arena_printf(&r->arena, ", %.*s", (int)e->module.n, e->module.p));
	remove_gone(r, stmt, NULL);
}

/* ---- all ---- */

/* Is every statement of the block removed? */
static bool block_is_empty(const struct rw *r, const struct rw_stmt *stmt)
{
	for (const struct qf_py_node *n = stmt->block; n; n = n->next) {
		const struct rw_stmt *s = r->stmts;

		while (s && s->node != n)
			s = s->next;
		if (!s || !s->removed)
			return false;
	}
	return stmt->node->parent->kind != QF_PY_MODULE;
}

static void prepare(struct rw_stmt *stmt)
{
	for (struct rw_item *item = stmt->items; item; item = item->next) {
		item->changed = item->target.entry || item->alias.n;
		stmt->changed |= item->changed;
		item->name = item->target.path;
		if (item->star || stmt->node->kind == QF_PY_IMPORT || !item->path.p)
			continue;
		item->module = qf_path_parent(item->target.path);
		item->name = qf_path_last(item->target.path);
	}
}

void qf_rw_write_imports(struct rw *r)
{
	bool changed = false;

	for (struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next) {
		prepare(stmt);
		changed |= stmt->changed;
	}
	if (changed)
		find_twice(r);
	for (struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next) {
		stmt->removed = true;
		for (const struct rw_item *item = stmt->items; item; item = item->next)
			stmt->removed &= item->drop;
	}
	for (struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next) {
		struct rw_target to;

		if (stmt->removed) {
			qf_rw_remove_statement(r, stmt, block_is_empty(r, stmt) && stmt->node == stmt->block);
		} else if (stmt->node->kind == QF_PY_IMPORT) {
			write_import(r, stmt);
			continue;
		} else if (stmt->items && stmt->items->star) {
			(void)qf_rw_target(r, stmt->module, &to);
			if (stmt->module.p && qf_rw_own_module(r, stmt->module, to.path))
				qf_rw_left(r, qf_rw_at(&r->file, stmt->node->first),
					   qf_rw_end(&r->file, stmt->node->last - 1) -
						   qf_rw_at(&r->file, stmt->node->first),
					   to.entry->rule, "it would import itself");
			else if (stmt->module.p)
				write_module(r, stmt, to.path);
		} else if (stmt->module.p) {
			write_from(r, stmt);
		}
		write_extras(r, stmt);
	}
}
