/* renames: dotted paths, and what they become. */
#include "tools/align/rewrite/rw.h"

#include <stdlib.h>

bool qf_path_under(struct qf_str path, struct qf_str prefix)
{
	return path.n >= prefix.n && prefix.n && memcmp(path.p, prefix.p, prefix.n) == 0 &&
	       (path.n == prefix.n || path.p[prefix.n] == '.');
}

struct qf_str qf_path_last(struct qf_str path)
{
	const char *dot = path.n ? memrchr(path.p, '.', path.n) : NULL;

	return dot ? (struct qf_str){ dot + 1, path.n - (size_t)(dot + 1 - path.p) } : path;
}

struct qf_str qf_path_root(struct qf_str path)
{
	const char *dot = path.n ? memchr(path.p, '.', path.n) : NULL;

	return dot ? (struct qf_str){ path.p, (size_t)(dot - path.p) } : path;
}

struct qf_str qf_path_parent(struct qf_str path)
{
	const char *dot = path.n ? memrchr(path.p, '.', path.n) : NULL;

	return (struct qf_str){ path.p, dot ? (size_t)(dot - path.p) : 0 };
}

struct qf_str qf_path_rest(struct qf_str path, struct qf_str prefix)
{
	size_t skip = prefix.n + (prefix.n && path.n > prefix.n);

	return (struct qf_str){ path.p + skip, path.n - skip };
}

struct qf_str qf_path_join(struct qf_arena *arena, struct qf_str a, struct qf_str b)
{
	if (!a.n || !b.n)
		return a.n ? a : b;
	return qf_arena_printf(arena, "%.*s.%.*s", (int)a.n, a.p, (int)b.n, b.p);
}

bool qf_path_next(struct qf_str *path, struct qf_str *name)
{
	if (!path->n)
		return false;
	*name = qf_path_root(*path);
	*path = qf_path_rest(*path, *name);
	return true;
}

size_t qf_path_count(struct qf_str path)
{
	size_t n = path.n != 0;

	for (size_t i = 0; i < path.n; i++)
		n += path.p[i] == '.';
	return n;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

bool qf_path_valid(struct qf_str path)
{
	bool start = true;

	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '.' ? start : !is_word(path.p[i]) || (start && path.p[i] >= '0' && path.p[i] <= '9'))
			return false;
		start = path.p[i] == '.';
	}
	return path.n && !start;
}

static bool is_ascii(struct qf_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

static void add_entry(struct rw *r, struct rw_entry e)
{
	/* A symbol that becomes itself is one that stays when its module goes. */
	if ((qf_str_eq(e.from, e.to) && !e.symbol) || (r->ascii_only && !is_ascii(e.to)))
		return;
	r->entries[r->n_entries++] = e;
}

void qf_rw_entries(struct rw *r)
{
	const struct qf_renames *renames = r->in->renames;

	if (!renames)
		return;
	r->entries = qf_arena_zalloc(&r->arena, (renames->n_modules + renames->n_symbols + 1) * sizeof(*r->entries));
	for (size_t i = 0; i < renames->n_symbols; i++) {
		const struct qf_symbol_rename *s = &renames->symbols[i];

		add_entry(r, (struct rw_entry){
			.symbol = true, .rule = s->rule, .module = qf_str(s->module), .name = qf_str(s->name),
			.from = qf_path_join(&r->arena, qf_str(s->module), qf_str(s->name)),
			.to = qf_path_join(&r->arena, qf_str(s->to_module), qf_str(s->to_name)),
			.to_module = qf_str(s->to_module),
		});
	}
	for (size_t i = 0; i < renames->n_modules; i++) {
		const struct qf_module_rename *m = &renames->modules[i];

		add_entry(r, (struct rw_entry){ .rule = m->rule, .from = qf_str(m->from), .to = qf_str(m->to),
						.to_module = qf_str(m->to) });
	}
}

/* The entry with the longest beginning of the path; a symbol's before that of a module. */
static const struct rw_entry *longest(const struct rw *r, struct qf_str path, bool symbols)
{
	const struct rw_entry *best = NULL;

	for (size_t i = 0; i < r->n_entries; i++) {
		const struct rw_entry *e = &r->entries[i];

		if ((symbols && !e->symbol) || (best && e->from.n <= best->from.n) || !qf_path_under(path, e->from))
			continue;
		/* a.old becomes a.old.new: what is there already stays. */
		if (!e->symbol && qf_path_under(e->to, e->from) && qf_path_under(path, e->to))
			continue;
		best = e;
	}
	return best;
}

bool qf_rw_target(const struct rw *r, struct qf_str path, struct rw_target *ret)
{
	struct qf_arena *arena = (struct qf_arena *)&r->arena;
	const struct rw_entry *e = longest(r, path, false);

	*ret = (struct rw_target){ .path = path };
	if (!e || qf_str_eq(e->from, e->to))
		return false;
	ret->entry = e;
	ret->module = e->to_module;
	ret->path = qf_path_join(arena, e->to, qf_path_rest(path, e->from));
	/* A name that moved with its module may have an entry where it is now. */
	if (!e->symbol && (e = longest(r, ret->path, true)) != NULL) {
		ret->entry = e;
		ret->module = e->to_module;
		ret->path = qf_path_join(arena, e->to, qf_path_rest(ret->path, e->from));
	}
	return !qf_str_eq(ret->path, path);
}

const struct rw_entry *qf_rw_entry(const struct rw *r, struct qf_str path)
{
	for (size_t i = 0; i < r->n_entries; i++)
		if (r->entries[i].symbol && qf_str_eq(r->entries[i].from, path))
			return &r->entries[i];
	return NULL;
}

bool qf_rw_relevant(const struct rw *r, struct qf_str path)
{
	if (!r->in->renames)
		return true;
	for (size_t i = 0; i < r->n_entries; i++)
		if (qf_path_under(path, r->entries[i].from) || qf_path_under(r->entries[i].from, path))
			return true;
	return false;
}

void qf_renames_release(struct qf_renames *r)
{
	free(r->modules);
	free(r->symbols);
	qf_arena_release(&r->arena);
	*r = (struct qf_renames){ 0 };
}
