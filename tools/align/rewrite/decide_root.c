/* decide_root: what becomes of `import a.b.c`, which binds a. */
#include "tools/align/rewrite/rw.h"

/* Is a module imported by its whole path, after the rewrite, where the group is bound? */
static bool is_covered(const struct rw *r, const struct rw_group *g, struct qf_str module)
{
	for (const struct rw_stmt *stmt = r->stmts; stmt; stmt = stmt->next) {
		if (stmt->node->kind != QF_PY_IMPORT)
			continue;
		for (const struct rw_item *item = stmt->items; item; item = item->next)
			if (!item->as && item->group && item->group->scope == g->scope &&
			    qf_path_under(item->target.path, module))
				return true;
	}
	return false;
}

/* Do all uses below an import's path go to one module? Then it is imported in its place. */
static bool follow(struct rw *r, const struct rw_group *g, struct rw_item *item, const struct rw_entry *entry)
{
	if (item->target.entry || !qf_str_eq(item->path, entry->module))
		return false;
	for (const struct rw_ref *ref = g->refs; ref; ref = ref->next) {
		struct qf_str path = qf_rw_used_path(r, ref, g->name);
		struct rw_target to;

		if (!qf_path_under(path, item->path) && !qf_path_under(item->path, path))
			continue;
		if (!qf_rw_target(r, path, &to) || !to.entry->symbol ||
		    !qf_str_eq(to.entry->to_module, entry->to_module))
			return false;
	}
	item->target = (struct rw_target){ .path = entry->to_module, .module = entry->to_module, .entry = entry };
	return true;
}

/* Is the new module there wherever the old one was? Then whoever loads that loads this. */
static bool follows(const struct rw *r, const struct rw_entry *entry)
{
	struct rw_target to;

	if (!entry->symbol)
		return true;
	(void)qf_rw_target(r, entry->module, &to);
	return qf_str_eq(to.path, entry->to_module);
}

/* Does the code use, by its dotted path and from whatever group, a thing below the module that stays where it is? */
static bool is_used_still(struct rw *r, struct qf_str module)
{
	for (const struct rw_group *g = r->groups; g; g = g->next)
		for (const struct rw_ref *ref = g->refs; ref; ref = ref->next)
			for (size_t i = 0; i < g->n_paths && ref->kind == QF_PY_USE_LOAD && ref->n > 1; i++) {
				struct qf_str path = qf_rw_used_path(r, ref, g->paths[i]);
				struct rw_target to;

				if (path.n > module.n && qf_path_under(path, module) && !qf_rw_target(r, path, &to))
					return true;
			}
	return false;
}

/* `import a.old` stays as long as a.old.X does; what the other uses need comes beside it. */
static void keep_used(struct rw *r, const struct rw_group *g)
{
	for (struct rw_item *item = g->items; item; item = item->next_in_group)
		if (item->target.entry && is_used_still(r, item->path)) {
			const struct qf_py_node *dotted = item->node->a;
			size_t at = qf_rw_at(&r->file, dotted->first);

			qf_rw_left(r, at, qf_rw_end(&r->file, dotted->last - 1) - at, item->target.entry->rule,
				   "it is needed by what is used below it and stays");
			item->target = (struct rw_target){ .path = item->path };
		}
}

/* Is the old module of an entry kept, so that nothing loads the new one in its place? */
static bool is_kept(const struct rw *r, const struct rw_group *g, const struct rw_entry *entry)
{
	struct rw_target to;

	for (const struct rw_item *item = g->items; item; item = item->next_in_group)
		if (!item->target.entry && qf_rw_target(r, item->path, &to) &&
		    qf_path_under(to.path, entry->to_module))
			return true;
	return false;
}

/* What the uses need and no import gives is imported too. */
static void cover(struct rw *r, struct rw_group *g)
{
	for (const struct rw_ref *ref = g->refs; ref; ref = ref->next) {
		struct rw_item *item = g->items, *at = NULL;
		struct rw_target to;

		if (!qf_rw_target(r, qf_rw_used_path(r, ref, g->name), &to))
			continue;
		if (follows(r, to.entry) && !is_kept(r, g, to.entry) && qf_str_eq(qf_path_root(to.path), g->name))
			continue;
		if (!to.entry->to_module.n || is_covered(r, g, to.entry->to_module))
			continue;
		for (; item && !at; item = item->next_in_group)
			if (to.entry->symbol && qf_path_under(item->path, to.entry->module))
				at = item;
		if (!at || !follow(r, g, at, to.entry))
			qf_rw_extra(r, g, at ? at : g->items, to.entry->to_module, QF_STR(""));
	}
}

/* All that is known of a group before it is decided. */
struct facts {
	bool changed, mixed, single; /* single: only `import a`, without a dot */
	bool elsewhere, stays;	     /* uses, or imports, with another first name; with the old one */
	bool kept;		     /* an import still binds the old first name */
	bool one;		     /* all have the same other first name */
	struct qf_str other;
};

static void note_root(const struct rw_group *g, struct facts *f, struct qf_str path)
{
	struct qf_str root = qf_path_root(path);

	if (qf_str_eq(root, g->name)) {
		f->stays = true;
		return;
	}
	f->one &= !f->other.p || qf_str_eq(f->other, root);
	f->other = root;
	f->elsewhere = true;
}

static struct facts gather(struct rw *r, struct rw_group *g)
{
	struct facts f = { .one = true, .single = true };
	struct rw_target to;

	for (struct rw_ref *ref = g->refs; ref; ref = ref->next) {
		if (ref->kind != QF_PY_USE_LOAD)
			continue;
		f.changed |= qf_rw_target(r, qf_rw_used_path(r, ref, g->name), &to);
		note_root(g, &f, to.path);
		ref->to = to.path;
	}
	for (const struct rw_item *item = g->items; item; item = item->next_in_group) {
		f.mixed |= item->as || item->stmt->node->kind != QF_PY_IMPORT;
		f.changed |= item->target.entry != NULL;
		f.single &= qf_path_count(item->path) == 1;
	}
	return f;
}

static void write_refs(struct rw_group *g, struct qf_str name)
{
	for (struct rw_ref *ref = g->refs; ref; ref = ref->next) {
		if (ref->kind != QF_PY_USE_LOAD)
			ref->to = name;
		ref->whole = true;
	}
}

/* import old becomes import new as old: possible where nothing stands behind a dot. */
static void alias_or_leave(struct rw *r, struct rw_group *g, const struct facts *f, const char *reason)
{
	struct qf_str to = g->items->target.path;
	bool fits = f->single && !f->mixed;

	for (const struct rw_item *item = g->items; item; item = item->next_in_group)
		fits &= qf_str_eq(item->target.path, to);
	for (const struct rw_ref *ref = g->refs; ref && fits; ref = ref->next)
		fits = ref->kind != QF_PY_USE_LOAD || qf_path_under(ref->to, to);
	if (!fits) {
		qf_rw_leave(r, g, reason);
		return;
	}
	g->decision = RW_ALIAS;
	for (struct rw_ref *ref = g->refs; ref; ref = ref->next)
		if (ref->kind == QF_PY_USE_LOAD) {
			ref->to = qf_path_join(&r->arena, g->name, qf_path_rest(ref->to, to));
			ref->whole = true;
		}
	for (struct rw_item *item = g->items; item; item = item->next_in_group)
		item->alias = item->final = g->name;
}

/* Every first name that the group's uses and imports get must be free for them. */
static bool roots_clash(struct rw *r, struct rw_group *g)
{
	struct rw_group all = *g;
	struct qf_str path;

	/* The old name stays bound or goes altogether; it is not assigned to. */
	all.others = all.deleted = false;
	for (const struct rw_ref *ref = g->refs; ref; ref = ref->next) {
		path = qf_path_root(ref->to);
		if (!qf_str_eq(path, g->name) && qf_rw_clash(r, &all, path, path) == RW_CLASH)
			return true;
	}
	for (const struct rw_item *item = g->items; item; item = item->next_in_group) {
		path = qf_path_root(item->target.path);
		if (qf_str_eq(path, g->name))
			continue;
		if (qf_rw_clash(r, &all, path, path) == RW_CLASH)
			return true;
		qf_rw_claim(r, g, path, path);
	}
	return false;
}

void qf_rw_decide_root(struct rw *r, struct rw_group *g)
{
	static const char taken[] = "the first name of the new module has another meaning here";
	struct facts f = gather(r, g);
	struct rw_target to;
	const char *reason = taken;
	bool fixed = g->pinned || g->scope->kind == QF_PY_SCOPE_CLASS;

	if (!f.changed) {
		g->decision = RW_KEEP;
		return;
	}
	if (f.mixed || g->unsure) {
		qf_rw_leave(r, g, "the name that it binds has other meanings in this scope");
		return;
	}
	keep_used(r, g);
	cover(r, g);
	for (const struct rw_item *item = g->items; item; item = item->next_in_group) {
		f.kept |= qf_str_eq(qf_path_root(item->target.path), g->name);
		note_root(g, &f, item->target.path);
	}
	if (!f.elsewhere) {
		write_refs(g, g->name);
		return;
	}
	if (qf_rw_watched(r, g)) {
		fixed = true;
		reason = "its name may be read by a text that is made when the program runs";
	}
	if (!f.stays && f.one && qf_rw_target(r, g->name, &to) && qf_str_eq(to.path, f.other) && !fixed) {
		if (qf_rw_clash(r, g, f.other, f.other) == RW_CLASH) {
			alias_or_leave(r, g, &f, reason);
			return;
		}
		g->decision = RW_RENAME;
		g->to_name = f.other;
		qf_rw_claim(r, g, f.other, f.other);
		write_refs(g, f.other);
		for (struct rw_item *item = g->items; item; item = item->next_in_group)
			item->final = f.other;
		return;
	}
	if (fixed || g->deleted || (!g->scope->parent && qf_rw_exported(r, g->name)) || roots_clash(r, g)) {
		alias_or_leave(r, g, &f, reason);
		return;
	}
	write_refs(g, g->name);
	for (struct rw_item *item = g->items; item; item = item->next_in_group)
		item->final = qf_path_root(item->target.path);
	for (const struct rw_ref *ref = g->refs; ref && !f.kept; ref = ref->next)
		if (qf_str_eq(qf_path_root(ref->to), g->name)) {
			struct rw_extra *e = qf_arena_zalloc(&r->arena, sizeof(*e));

			e->module = g->name;
			g->items->stmt->before = e;
			f.kept = true;
		}
}
