/* uses: names and attributes in code as they are after the rewrite. */
#include "tools/align/rewrite/rw.h"

static bool is_named(struct rw *r, const struct rw_part *part, struct qf_str name)
{
	return qf_str_eq(qf_py_identifier(&r->arena, (struct qf_str){ r->source.p + part->at, part->n }), name);
}

static void set_part(struct rw *r, const struct rw_part *part, struct qf_str name)
{
	if (!is_named(r, part, name))
		qf_rw_edit(r, part->at, part->n, name);
}

/* The k-th of a path's names. */
static struct qf_str nth(struct qf_str path, size_t k)
{
	struct qf_str name = { 0 };

	do
		qf_path_next(&path, &name);
	while (k-- > 0);
	return name;
}

/* Names [from, to) of a path, with dots between. */
static struct qf_str middle(struct qf_str path, size_t from, size_t to)
{
	struct qf_str first = nth(path, from), last = nth(path, to - 1);

	return (struct qf_str){ first.p, (size_t)(last.p - first.p) + last.n };
}

bool qf_rw_write_parts(struct rw *r, const struct rw_part *parts, size_t n, struct qf_str to)
{
	size_t m = qf_path_count(to), low = 0, high = 0;

	if (n > 1 && m > 1 && parts[n - 1].text) {
		if (!qf_rw_write_parts(r, parts, n - 1, qf_path_parent(to)))
			return false;
		set_part(r, &parts[n - 1], qf_path_last(to));
		return true;
	}
	if (n == m) {
		for (size_t i = 0; i < n; i++)
			set_part(r, &parts[i], nth(to, i));
		return true;
	}
	if (parts[n - 1].text)
		return false;
	while (low < n && low < m && is_named(r, &parts[low], nth(to, low)))
		low++;
	while (high < n - low && high < m - low && is_named(r, &parts[n - 1 - high], nth(to, m - 1 - high)))
		high++;
	if (low + high == n) {
		struct qf_str more = middle(to, low, m - high);

		if (low)
			qf_rw_edit(r, parts[low - 1].at + parts[low - 1].n, 0,
				   qf_arena_printf(&r->arena, ".%.*s", (int)more.n, more.p));
		else
			qf_rw_edit(r, parts[0].at, 0, qf_arena_printf(&r->arena, "%.*s.", (int)more.n, more.p));
		return true;
	}
	if (low + high < m) {
		qf_rw_edit(r, parts[low].at, parts[low].n, middle(to, low, m - high));
		low++;
	}
	for (; low + high < n; low++)
		if (low)
			qf_rw_edit(r, parts[low].dot, parts[low].at + parts[low].n - parts[low].dot, QF_STR(""));
		else
			qf_rw_edit(r, parts[0].at, parts[1].dot + 1 - parts[0].at, QF_STR(""));
	return true;
}

/* import_module("a.old").X, sys.modules["a.old"].X */
static void write_value(struct rw *r, struct rw_unit *u, struct qf_py_node *base)
{
	struct qf_str path = qf_rw_resolve(r, u, base, 0), rest;
	struct rw_ref ref = { 0 };
	struct qf_py_node *top;
	struct rw_target to, whole;

	if (!path.n)
		return;
	qf_rw_chain(r, u, base, &ref, &top);
	if (!ref.n)
		return;
	(void)qf_rw_target(r, path, &to);
	for (size_t i = 0; i < ref.n; i++)
		path = qf_path_join(&r->arena, path,
				    (struct qf_str){ r->source.p + ref.parts[i].at, ref.parts[i].n });
	if (!qf_rw_target(r, path, &whole))
		return;
	rest = qf_path_rest(whole.path, to.path);
	if (qf_path_under(whole.path, to.path) && rest.n && qf_rw_write_parts(r, ref.parts, ref.n, rest))
		return;
	qf_rw_left(r, ref.parts[0].at, ref.parts[ref.n - 1].at + ref.parts[ref.n - 1].n - ref.parts[0].at,
		   whole.entry->rule, "it goes to another module than what it is taken from");
}

void qf_rw_write_uses(struct rw *r)
{
	for (struct rw_group *g = r->groups; g; g = g->next) {
		if (!g->relevant || g->decision == RW_LEAVE)
			continue;
		for (struct rw_ref *ref = g->refs; ref; ref = ref->next)
			if (ref->whole && ref->to.n && !qf_rw_write_parts(r, ref->parts, ref->n, ref->to))
				qf_rw_left(r, ref->parts[0].at, ref->parts[0].n, g->rule,
					   "the string names an attribute that goes elsewhere");
	}
	for (struct rw_unit *u = &r->file; u; u = u->next)
		for (size_t i = 0; i < u->n; i++)
			if (u->nodes[i]->kind == QF_PY_CALL || u->nodes[i]->kind == QF_PY_SUBSCRIPT)
				write_value(r, u, u->nodes[i]);
}

/* ---- what importers of this file must follow ---- */

static void derive(struct rw *r, struct qf_str name, struct qf_str to, const char *rule)
{
	struct qf_rewrite_out *out = r->out;

	for (size_t i = 0; i < out->n_derived; i++)
		if (qf_str_is(name, out->derived[i].name))
			return;
	QF_GROW(out->derived, out->n_derived, out->cap_derived);
	out->derived[out->n_derived++] = (struct qf_derived){
		.name = qf_arena_dup_str(&out->arena, name).p, .to = qf_arena_dup_str(&out->arena, to).p, .rule = rule,
	};
}

void qf_rw_derive(struct rw *r)
{
	for (struct rw_group *g = r->groups; g; g = g->next)
		if (g->scope == r->scopes.module && g->decision == RW_RENAME)
			derive(r, g->name, g->to_name, g->rule);
	/* A star import gives its names on. */
	for (struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next) {
		struct rw_target to;

		if (!stmt->items || !stmt->items->star || !stmt->module.n)
			continue;
		(void)qf_rw_target(r, stmt->module, &to);
		for (size_t i = 0; i < r->n_entries; i++) {
			const struct rw_entry *e = &r->entries[i];
			struct qf_str name = qf_path_last(e->to);
			const struct qf_py_symbol *own = e->symbol ? qf_py_scope_find(r->scopes.module, e->name) : NULL;

			if (e->symbol && qf_str_eq(e->module, stmt->module) && qf_str_eq(e->to_module, to.path) &&
			    !qf_str_eq(e->name, name) && *e->name.p != '_' && !(own && own->flags & QF_PY_SYM_BOUND))
				derive(r, e->name, name, e->rule);
		}
	}
}
