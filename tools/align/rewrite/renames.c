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
	/* A name that becomes itself stays where its module's entry would take it along. */
	if (r->ascii_only && !is_ascii(e.to))
		return;
	e.number = r->n_entries;
	r->entries[r->n_entries++] = e;
}

/* By path; a symbol before a module, and what was given first before the rest. */
static int by_path(const void *a, const void *b)
{
	const struct rw_entry *x = a, *y = b;
	int d = qf_str_cmp(x->from, y->from);

	if (d || x->symbol != y->symbol)
		return d ? d : x->symbol ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static int by_name(const void *a, const void *b)
{
	const struct rw_entry *x = *(const struct rw_entry *const *)a, *y = *(const struct rw_entry *const *)b;
	int d = qf_str_cmp(x->name, y->name);

	return d ? d : x->number < y->number ? -1 : x->number > y->number;
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
	qsort(r->entries, r->n_entries, sizeof(*r->entries), by_path);
	r->renamed = qf_arena_alloc(&r->arena, (r->n_entries + 1) * sizeof(struct rw_entry *));
	for (size_t i = 0; i < r->n_entries; i++)
		if (r->entries[i].symbol && !qf_str_eq(r->entries[i].name, qf_path_last(r->entries[i].to)))
			r->renamed[r->n_renamed++] = &r->entries[i];
	if (r->n_renamed)
		qsort(r->renamed, r->n_renamed, sizeof(struct rw_entry *), by_name);
}

/* The first entry that is not before this path. */
static size_t first_entry(const struct rw *r, struct qf_str path)
{
	size_t low = 0, high = r->n_entries;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (qf_str_cmp(r->entries[mid].from, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The entry with the longest beginning of the path; a symbol's before that of a module. */
static const struct rw_entry *longest(const struct rw *r, struct qf_str path, bool symbols)
{
	for (struct qf_str part = path; part.n; part = qf_path_parent(part))
		for (size_t i = first_entry(r, part); i < r->n_entries; i++) {
			const struct rw_entry *e = &r->entries[i];

			if (!qf_str_eq(e->from, part))
				break;
			/* a.old becomes a.old.new: what is there already stays. */
			if (e->symbol || (!symbols && !(qf_path_under(e->to, e->from) && qf_path_under(path, e->to))))
				return e;
		}
	return NULL;
}

bool qf_rw_target(const struct rw *r, struct qf_str path, struct rw_target *ret)
{
	struct qf_arena *arena = (struct qf_arena *)&r->arena;
	const struct rw_entry *e = longest(r, path, false);

	*ret = (struct rw_target){ .path = path };
	if (!e)
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
	if (!qf_str_eq(ret->path, path))
		return true;
	*ret = (struct rw_target){ .path = path };
	return false;
}

const struct rw_entry *qf_rw_entry(const struct rw *r, struct qf_str path)
{
	size_t i = first_entry(r, path);

	return i < r->n_entries && r->entries[i].symbol && qf_str_eq(r->entries[i].from, path) ? &r->entries[i] : NULL;
}

const struct rw_entry *qf_rw_renamed(const struct rw *r, struct qf_str name)
{
	size_t low = 0, high = r->n_renamed;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (qf_str_cmp(r->renamed[mid]->name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->n_renamed && qf_str_eq(r->renamed[low]->name, name) ? r->renamed[low] : NULL;
}

bool qf_rw_relevant(const struct rw *r, struct qf_str path)
{
	size_t i = first_entry(r, path);

	if (!r->in->renames || longest(r, path, false))
		return true;
	/* What begins with the same bytes, a.b2 for a.b, stands among them. */
	for (; i < r->n_entries && r->entries[i].from.n >= path.n &&
	       memcmp(r->entries[i].from.p, path.p, path.n) == 0; i++)
		if (qf_path_under(r->entries[i].from, path))
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
