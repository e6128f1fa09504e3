#include "tools/transform/props.h"

#include "common/base/buf.h"
#include "tools/transform/path.h"

void qf_props_release(struct qf_props *p)
{
	qf_arena_release(&p->arena);
	qf_buf_release(&p->out);
	p->first = NULL;
}

/* ---- paths ---- */

static struct qf_prop *find(struct qf_prop *list, struct qf_str name)
{
	for (; list; list = list->next)
		if (qf_str_eq(list->name, name))
			return list;
	return NULL;
}

static struct qf_prop *find_or_add(struct qf_props *p, struct qf_prop **list, struct qf_str name)
{
	for (; *list; list = &(*list)->next)
		if (qf_str_eq((*list)->name, name))
			return *list;
	*list = qf_arena_zalloc(&p->arena, sizeof(**list));
	(*list)->name = qf_arena_dup_str(&p->arena, name);
	return *list;
}

/* The new name of a path's last part. parents: how many bytes of the path stand before that part. */
static int new_name(const char *path, size_t parents, const char *to, struct qf_str *ret)
{
	const char *end = to + strlen(to);
	struct qf_str suffix;

	if (parents && !strncmp(path, to, parents))
		to += parents;
	if (qf_path_next(to, end, ret, &suffix) != end || suffix.n)
		return -1;
	return memchr(ret->p, '.', ret->n) || memchr(ret->p, '[', ret->n) ? -1 : 0;
}

int qf_props_add(struct qf_props *p, const struct qf_conf *conf, const struct qf_node *at,
		 const char *path, const char *to, struct qf_err *err)
{
	const char *part = path, *end = path + strlen(path);
	struct qf_prop **list = &p->first, *prop;

	for (;;) {
		struct qf_str name, suffix;
		const char *rest = qf_path_next(part, end, &name, &suffix);

		if (!rest)
			return qf_node_error(conf, at, err, "'%s' is no path of a payload property", path);
		prop = find_or_add(p, list, name);
		if (rest == end)
			break;
		list = &prop->child;
		part = rest;
	}
	if (prop->leaf)
		return qf_node_error(conf, at, err, "'%s' stands here twice", path);
	prop->leaf = true;
	if (p->mode != QF_PROPS_RENAME)
		return 0;
	if (new_name(path, (size_t)(part - path), to, &prop->rename) < 0)
		return qf_node_error(conf, at, err,
				     "'%s' cannot become '%s': only the last part of a path gets a new name",
				     path, to);
	prop->rename = qf_arena_dup_str(&p->arena, prop->rename);
	for (struct qf_prop *o = *list; o; o = o->next)
		if (o != prop && o->leaf && qf_str_eq(o->rename, prop->rename))
			return qf_node_error(conf, at, err, "both '%s' and '%s' would become '%s'", o->name.p,
					     prop->name.p, to);
	return 0;
}

void qf_props_always(struct qf_props *p, struct qf_str name)
{
	find_or_add(p, &p->first, name)->leaf = true;
}

void qf_props_learn_tenant(struct qf_props *p, const struct qf_json *doc)
{
	const struct qf_json *payload = qf_json_get(doc, "payload");

	for (const struct qf_json *e = payload ? payload->child : NULL; e; e = e->next)
		if (qf_json_get_bool(e, "is_tenant", false))
			qf_props_always(p, e->key);
}

/* ---- payloads ---- */

struct edit {
	struct qf_props *props;
	struct qf_scan s;
	const char *copied; /* the input up to here is in out */
	bool changed;
	struct qf_arena *arena;
	struct qf_err *err;
};

static void copy_until(struct edit *e, const char *p)
{
	qf_buf_add(&e->props->out, e->copied, (size_t)(p - e->copied));
	e->changed = true;
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

static bool is_dropped(const struct qf_props *p, const struct qf_prop *prop)
{
	return p->mode == QF_PROPS_DROP ? prop && prop->leaf : p->mode == QF_PROPS_KEEP && !prop;
}

static int edit_object(struct edit *e, struct qf_prop *list);

/* A value whose key has paths below it: objects are edited, arrays gone through. */
static int edit_value(struct edit *e, struct qf_prop *list)
{
	e->s.p = skip_space(e->s.p, e->s.end);
	if (e->s.p < e->s.end && *e->s.p == '{')
		return edit_object(e, list);
	if (e->s.p >= e->s.end || *e->s.p != '[') {
		qf_scan_value(&e->s);
		return 0;
	}
	e->s.p++;
	if (qf_scan_take(&e->s, ']'))
		return 0;
	do {
		if (edit_value(e, list) < 0)
			return -1;
	} while (qf_scan_take(&e->s, ','));
	if (!qf_scan_take(&e->s, ']') && !e->s.why)
		e->s.why = "',' or ']' is missing";
	return 0;
}

/* An object that would hold one key twice after the renaming would lose a value. */
static void note_names(struct qf_prop *list, struct qf_str key, const struct qf_prop *prop)
{
	if (prop && prop->leaf)
		return;
	for (struct qf_prop *o = list; o; o = o->next)
		if (o->leaf && qf_str_eq(o->rename, key))
			o->taken = true;
}

static int check_names(struct edit *e, const struct qf_prop *list)
{
	for (; list; list = list->next)
		if (list->seen && list->taken)
			return qf_err_set(e->err, QF_E_DATA,
					  "'%.*s' cannot be renamed to '%.*s', for the payload has that key too; "
					  "drop or rename the other one in the same step",
					  QF_STR_ARG(list->name), QF_STR_ARG(list->rename));
	return 0;
}

static int edit_object(struct edit *e, struct qf_prop *list)
{
	bool rename = e->props->mode == QF_PROPS_RENAME, first = true, kept = false, cut = false;
	const char *open = skip_space(e->s.p, e->s.end) + 1, *before = open;
	struct qf_str key;

	for (struct qf_prop *o = list; rename && o; o = o->next)
		o->seen = o->taken = false;
	while (qf_scan_member(&e->s, &first, &key, e->arena)) {
		const char *key_at = memchr(before, '"', (size_t)(e->s.p - before));
		struct qf_prop *prop = find(list, key);

		if (is_dropped(e->props, prop)) {
			const char *after;

			qf_scan_value(&e->s);
			if (e->s.why)
				break;
			/* One comma goes with it: the one before, or the one behind where nothing stands before. */
			after = skip_space(e->s.p, e->s.end);
			if (kept)
				copy_until(e, before);
			else if (!cut)
				copy_until(e, open);
			cut = true;
			e->copied = !kept && after < e->s.end && *after == ',' ? after + 1 : e->s.p;
			before = e->s.p;
			continue;
		}
		kept = true;
		if (rename) {
			note_names(list, key, prop);
			if (prop && prop->leaf) {
				prop->seen = true;
				copy_until(e, key_at);
				qf_json_write_string(&e->props->out, prop->rename);
				qf_buf_addc(&e->props->out, ':');
				e->copied = skip_space(e->s.p, e->s.end);
			}
		}
		if (prop && prop->child && !(prop->leaf && !rename)) {
			if (edit_value(e, prop->child) < 0)
				return -1;
		} else {
			qf_scan_value(&e->s);
		}
		before = e->s.p;
	}
	return rename && !e->s.why ? check_names(e, list) : 0;
}

int qf_props_edit(struct qf_props *p, struct qf_str json, struct qf_arena *arena,
		  struct qf_str *ret, struct qf_err *err)
{
	struct edit e = {
		.props = p, .s = { .p = json.p, .end = json.p + json.n }, .copied = json.p,
		.arena = arena, .err = err,
	};

	qf_buf_reset(&p->out);
	if (edit_object(&e, p->first) < 0)
		return -1;
	if (e.s.why)
		return qf_err_set(err, QF_E_DATA, "the payload is not valid JSON: %s", e.s.why);
	*ret = json;
	if (!e.changed)
		return 0;
	qf_buf_add(&p->out, e.copied, (size_t)(e.s.end - e.copied));
	*ret = qf_arena_dup(arena, p->out.p, p->out.n);
	return 0;
}

bool qf_props_find(struct qf_str json, const char *key, struct qf_arena *arena,
		   struct qf_str *value)
{
	struct qf_scan s = { .p = json.p, .end = json.p + json.n };
	struct qf_str name;
	bool first = true;

	while (qf_scan_member(&s, &first, &name, arena)) {
		*value = qf_scan_value(&s);
		if (qf_str_is(name, key))
			return !s.why;
	}
	return false;
}

/* ---- schemas ---- */

static void put_part(struct qf_buf *out, struct qf_str name, struct qf_str suffix)
{
	bool quote = memchr(name.p, '.', name.n) || memchr(name.p, '[', name.n);

	if (out->n)
		qf_buf_addc(out, '.');
	if (quote)
		qf_buf_addc(out, '"');
	qf_buf_add_str(out, name);
	if (quote)
		qf_buf_addc(out, '"');
	qf_buf_add_str(out, suffix);
}

/* Does the entry of this path stay? Its path under the new names goes into p->out. */
static bool edit_path(struct qf_props *p, struct qf_str path)
{
	const char *at = path.p, *end = path.p + path.n;
	struct qf_prop *list = p->first;
	bool inside = true; /* all parts so far stand in the tree, and no path ended there */

	while (at < end) {
		struct qf_str name, suffix;
		const char *rest = qf_path_next(at, end, &name, &suffix);
		struct qf_prop *prop = NULL;

		if (!rest) /* a key that is no path: one part */
			rest = end, name = (struct qf_str){ at, (size_t)(end - at) }, suffix.n = 0;
		if (inside)
			prop = find(list, name);
		if (inside && is_dropped(p, prop))
			return false;
		if (prop && prop->leaf && p->mode == QF_PROPS_RENAME)
			name = prop->rename;
		put_part(&p->out, name, suffix);
		inside = prop && prop->child && !(prop->leaf && p->mode != QF_PROPS_RENAME);
		list = inside ? prop->child : NULL;
		at = rest;
	}
	return true;
}

int qf_props_edit_schema(struct qf_props *p, struct qf_json *payload, struct qf_arena *arena,
			 bool *changed, struct qf_err *err)
{
	struct qf_json *next;

	for (struct qf_json *entry = payload ? payload->child : NULL; entry; entry = next) {
		next = entry->next;
		qf_buf_reset(&p->out);
		if (!edit_path(p, entry->key)) {
			qf_json_remove(payload, entry->key.p);
			*changed = true;
		} else if (!qf_str_eq(qf_buf_str(&p->out), entry->key)) {
			entry->key = qf_arena_dup(arena, p->out.p, p->out.n);
			*changed = true;
		}
	}
	for (struct qf_json *a = payload ? payload->child : NULL; a; a = a->next)
		for (struct qf_json *b = a->next; b && p->mode == QF_PROPS_RENAME; b = b->next)
			if (qf_str_eq(a->key, b->key))
				return qf_err_set(err, QF_E_DATA,
						  "the schema would have the payload property '%.*s' twice; "
						  "drop or rename the other one in the same step",
						  QF_STR_ARG(a->key));
	return 0;
}

int qf_props_edit_record(struct qf_props *p, struct qf_record *rec, struct qf_arena *arena,
			 struct qf_err *err)
{
	struct qf_str edited;
	bool changed = false;

	if (qf_payload_flush(rec, arena, err) < 0)
		return -1;
	edited = rec->payload;
	if (rec->type == QF_REC_COLLECTION) {
		if (qf_props_edit_schema(p, qf_json_get(rec->doc, "payload"), arena, &changed, err) < 0)
			return -1;
	} else if (rec->type == QF_REC_POINT && rec->payload.n && *rec->payload.p == '{') {
		if (qf_props_edit(p, rec->payload, arena, &edited, err) < 0)
			return -1;
		changed = edited.p != rec->payload.p;
		rec->payload = edited;
	}
	if (changed)
		rec->line.p = NULL;
	return 0;
}
