/* decide: what becomes of each group: renamed with its uses, imported under its old name, or left. */
#include "tools/align/rewrite/rw.h"

struct qf_str qf_rw_used_path(struct rw *r, const struct rw_ref *ref, struct qf_str path)
{
	for (size_t i = 1; i < ref->n; i++)
		path = qf_path_join(&r->arena, path,
				    qf_py_identifier(&r->arena, (struct qf_str){ r->source.p + ref->parts[i].at,
										 ref->parts[i].n }));
	return path;
}

void qf_rw_extra(struct rw *r, const struct rw_group *g, struct rw_item *item, struct qf_str module,
		 struct qf_str name)
{
	struct rw_extra **end = &item->stmt->extras;

	for (; *end; end = &(*end)->next)
		if ((*end)->group == g && qf_str_eq((*end)->module, module) && qf_str_eq((*end)->name, name))
			return;
	*end = qf_arena_zalloc(&r->arena, sizeof(**end));
	**end = (struct rw_extra){ .module = module, .name = name, .group = g };
}

void qf_rw_leave(struct rw *r, struct rw_group *g, const char *reason)
{
	g->decision = RW_LEAVE;
	for (struct rw_item *item = g->items; item; item = item->next_in_group) {
		struct rw_target to;

		if (item->star)
			continue;
		if (item->path.p && qf_rw_target(r, item->path, &to)) {
			const struct qf_py_node *node = item->node->a;

			qf_rw_left(r, qf_rw_at(&r->file, node->first),
				   qf_rw_end(&r->file, node->last - 1) - qf_rw_at(&r->file, node->first),
				   to.entry->rule, reason);
		}
		item->target = (struct rw_target){ .path = item->path };
		item->final = item->local;
	}
	if (g->kind != RW_DEFINED || !g->symbol->uses)
		return;
	for (const struct qf_py_use *use = g->symbol->uses; use; use = use->next)
		if (use->kind != QF_PY_USE_LOAD) {
			qf_rw_left(r, qf_rw_at(&r->file, use->token),
				   qf_rw_end(&r->file, use->token) - qf_rw_at(&r->file, use->token), g->rule, reason);
			return;
		}
}

/* The local name that an import would have by itself after the rewrite. */
static struct qf_str natural(const struct rw_item *item)
{
	return (item->as && !item->mark) || !item->path.p ? item->local : qf_path_last(item->target.path);
}

/*
 * A module of which only names that go to one other module are used: then the import goes there. Without this an
 * import of the old module would stay for nothing.
 */
static void retarget(struct rw *r, struct rw_group *g)
{
	const struct rw_entry *entry = NULL;

	if (g->n_paths != 1 || g->kind != RW_IMPORTED)
		return;
	/* Other files may take the module from here, for other names. */
	if (!g->scope->parent && (r->in->package || !qf_str_eq(g->to[0], g->paths[0])))
		return;
	for (const struct rw_ref *ref = g->refs; ref; ref = ref->next) {
		struct rw_target to;

		if (ref->kind != QF_PY_USE_LOAD)
			continue;
		if (ref->n < 2 || !qf_rw_target(r, qf_rw_used_path(r, ref, g->paths[0]), &to) ||
		    qf_path_under(to.path, g->to[0]) || !to.entry->symbol ||
		    (entry && !qf_str_eq(entry->to_module, to.entry->to_module)))
			return;
		entry = to.entry;
	}
	if (!entry)
		return;
	g->to[0] = entry->to_module;
	for (struct rw_item *item = g->items; item; item = item->next_in_group)
		item->target = (struct rw_target){ .path = entry->to_module, .module = entry->to_module,
						   .entry = entry };
}

/* A use that leads to a module which the import does not bind: that module is imported too. False: it cannot be. */
static bool lead_elsewhere(struct rw *r, struct rw_group *g, struct rw_ref *ref, const struct rw_target *to)
{
	struct rw_group one = { .kind = g->kind, .scope = g->scope, .name = g->name, .refs = ref };
	struct qf_str root = qf_path_root(to->module);
	struct rw_ref *rest = ref->next;
	enum rw_clash clash;

	if (!g->items || g->items->star || g->scope->kind == QF_PY_SCOPE_CLASS || !root.n ||
	    ref->parts[ref->n - 1].text)
		return false;
	ref->next = NULL;
	clash = qf_rw_clash(r, &one, root, root);
	ref->next = rest;
	if (clash == RW_CLASH)
		return false;
	qf_rw_claim(r, g, root, root);
	qf_rw_extra(r, g, g->items, to->module, QF_STR(""));
	ref->to = to->path;
	ref->whole = true;
	return true;
}

static void left_ref(struct rw *r, const struct rw_ref *ref, const struct rw_entry *entry, const char *reason)
{
	const struct rw_part *last = &ref->parts[ref->n - 1];

	qf_rw_left(r, last->at, last->n, entry ? entry->rule : "", reason);
}

/* What the chain of one use becomes. NULL, or why that is not to be done without leaving the group. */
static const char *decide_ref(struct rw *r, struct rw_group *g, struct rw_ref *ref)
{
	struct qf_str before = qf_rw_used_path(r, ref, QF_STR("")), after = { 0 };
	const struct rw_entry *entry = NULL;
	bool differ = false;

	for (size_t i = 0; i < g->n_paths; i++) {
		struct qf_str rest;
		struct rw_target to;

		if (qf_rw_target(r, qf_rw_used_path(r, ref, g->paths[i]), &to))
			entry = to.entry;
		if (!qf_path_under(to.path, g->to[i])) {
			if (g->n_paths == 1 && !g->unsure && lead_elsewhere(r, g, ref, &to))
				return NULL;
			if (!qf_str_eq(g->to[i], g->paths[i]))
				return "its names go to several modules, and one cannot be imported beside it";
			left_ref(r, ref, entry, "it goes to another module than what it is taken from");
			to.path = qf_path_join(&r->arena, g->to[i], before);
		}
		rest = qf_path_rest(to.path, g->to[i]);
		differ |= i > 0 && !qf_str_eq(rest, after);
		after = rest;
	}
	if (differ)
		return "the name that it binds may be more than one thing";
	if (!qf_str_eq(after, before) && g->unsure)
		return "the name that it binds may be something else than the module";
	ref->to = qf_path_join(&r->arena, g->to_name, after);
	ref->whole = true;
	return NULL;
}

static void left_at(struct rw *r, const struct qf_py_node *node, const char *rule, const char *reason)
{
	size_t at = qf_rw_at(&r->file, node->first);

	qf_rw_left(r, at, qf_rw_end(&r->file, node->last - 1) - at, rule, reason);
}

/*
 * May the name be asked for by a text that is made when the program runs? An import keeps it then; a definition cannot,
 * so the place is told.
 */
static bool is_read_by_text(struct rw *r, const struct rw_group *g)
{
	const struct qf_py_node *watch = qf_rw_watched(r, g), *unknown = g->scope->parent ? NULL : qf_rw_all_unknown(r);

	if (watch && g->kind == RW_DEFINED)
		left_at(r, watch, g->rule, "names may be read through this by a text that is not known");
	return g->kind != RW_DEFINED && (watch || unknown);
}

static void decide_name(struct rw *r, struct rw_group *g)
{
	struct qf_str want = g->items && !g->items->star ? natural(g->items) : qf_path_last(g->to[0]);
	bool same = true;

	for (const struct rw_item *item = g->items; item; item = item->next_in_group)
		if (!item->star)
			same &= qf_str_eq(natural(item), want);
	if (same && qf_str_eq(want, g->name))
		return;
	if (!same || g->pinned || g->scope->kind == QF_PY_SCOPE_CLASS ||
	    (g->symbol && g->symbol->flags & (QF_PY_SYM_PARAM | QF_PY_SYM_TYPE_PARAM)) ||
	    qf_rw_clash(r, g, want, g->to[0]) == RW_CLASH) {
		g->decision = RW_ALIAS;
		return;
	}
	if (is_read_by_text(r, g)) {
		g->decision = RW_ALIAS;
		return;
	}
	g->decision = RW_RENAME;
	g->to_name = want;
	qf_rw_claim(r, g, want, g->to[0]);
}

static void decide_items(struct rw *r, struct rw_group *g)
{
	for (struct rw_item *item = g->items; item; item = item->next_in_group) {
		if (item->star) {
			/* What the star cannot bring under this name has an import of its own. */
			if (g->decision == RW_ALIAS || !qf_str_eq(qf_path_parent(g->to[0]), item->target.path))
				qf_rw_extra(r, g, item, qf_path_parent(g->to[0]), qf_path_last(g->to[0]));
			return;
		}
		item->final = (item->as && !item->mark) || g->decision != RW_RENAME ? item->local : g->to_name;
		if (!item->as && item->path.p && !qf_str_eq(qf_path_last(item->target.path), item->final))
			item->alias = item->final;
	}
}

/* A variable that holds what a group gives is as that group is. */
static bool value_is_left(struct rw *r, const struct rw_group *g)
{
	const struct qf_py_node *base = g->value;
	const struct rw_group *source;

	while (base->kind == QF_PY_ATTRIBUTE)
		base = base->a;
	source = base->kind == QF_PY_NAME_EXPR ? qf_rw_name_group(r, &r->file, base) : NULL;
	return source && source->decision == RW_LEAVE;
}

bool qf_rw_own_module(const struct rw *r, struct qf_str before, struct qf_str after)
{
	struct qf_str own = qf_str(r->in->new_module ? r->in->new_module : r->in->module);

	return own.n && qf_str_eq(after, own) && !qf_str_is(before, r->in->module);
}

/* Would the file, which takes the place of what it imports, import itself? */
static bool imports_itself(const struct rw *r, const struct rw_group *g)
{
	for (const struct rw_item *item = g->items; item; item = item->next_in_group) {
		if (item->star && qf_rw_own_module(r, item->path, qf_path_parent(g->to[0])))
			return true;
		if (item->star || !item->target.entry)
			continue;
		if (qf_rw_own_module(r, item->path, item->target.path) ||
		    (item->stmt->node->kind == QF_PY_IMPORT_FROM &&
		     qf_rw_own_module(r, item->stmt->module, qf_path_parent(item->target.path))))
			return true;
	}
	return false;
}

static void decide_group(struct rw *r, struct rw_group *g)
{
	struct rw_target to;

	g->to = qf_arena_alloc(&r->arena, (g->n_paths + 1) * sizeof(*g->to));
	for (size_t i = 0; i < g->n_paths; i++) {
		if (qf_rw_target(r, g->paths[i], &to) && !g->rule)
			g->rule = to.entry->rule;
		g->to[i] = g->kind == RW_VARIABLE && value_is_left(r, g) ? g->paths[i] : to.path;
	}
	if (!g->n_paths)
		return;
	if (imports_itself(r, g)) {
		qf_rw_leave(r, g, "it would import itself: this file takes the place of what it imports");
		return;
	}
	if (g->root) {
		qf_rw_decide_root(r, g);
		return;
	}
	retarget(r, g);
	if (g->kind != RW_VARIABLE)
		decide_name(r, g);
	if (g->kind == RW_DEFINED && g->decision == RW_ALIAS) {
		qf_rw_leave(r, g, "its new name has another meaning here");
		return;
	}
	for (struct rw_ref *ref = g->refs; ref; ref = ref->next) {
		const char *reason = decide_ref(r, g, ref);

		if (reason) {
			qf_rw_leave(r, g, reason);
			return;
		}
	}
	decide_items(r, g);
}

void qf_rw_decide(struct rw *r)
{
	qf_rw_text_names(r);
	for (struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next)
		for (struct rw_item *item = stmt->items; item; item = item->next) {
			item->final = item->local;
			item->target.path = item->path;
			if (item->path.p)
				(void)qf_rw_target(r, item->path, &item->target);
		}
	for (struct rw_group *g = r->groups; g; g = g->next)
		if (g->relevant)
			decide_group(r, g);
}
