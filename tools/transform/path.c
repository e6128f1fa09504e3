#include "tools/transform/path.h"

#include "common/base/buf.h"

const char *qf_path_next(const char *p, const char *end, struct qf_str *name,
			 struct qf_str *suffix)
{
	if (p < end && *p == '"') {
		const char *close = memchr(p + 1, '"', (size_t)(end - p - 1));

		if (!close)
			return NULL;
		*name = (struct qf_str){ p + 1, (size_t)(close - p - 1) };
		p = close + 1;
	} else {
		const char *from = p;

		while (p < end && *p != '.' && *p != '[' && *p != '"')
			p++;
		*name = (struct qf_str){ from, (size_t)(p - from) };
	}
	suffix->p = p;
	while (end - p >= 2 && p[0] == '[' && p[1] == ']')
		p += 2;
	suffix->n = (size_t)(p - suffix->p);
	if (name->n == 0)
		return NULL;
	if (p == end)
		return p;
	return *p == '.' && p + 1 < end ? p + 1 : NULL;
}

static int field(struct qf_path *path, bool fields, const char **why)
{
	static const char *const names[] = {
		[QF_PATH_ID] = "@id", [QF_PATH_TENANT] = "@tenant", [QF_PATH_COLLECTION] = "@collection",
	};

	for (size_t i = QF_PATH_ID; fields && i < QF_LEN(names); i++) {
		if (qf_str_is(path->text, names[i])) {
			path->field = (enum qf_path_field)i;
			return 0;
		}
	}
	*why = fields ? "there are @id, @tenant and @collection" :
			"a property of the payload is expected, not a field of the record";
	return -1;
}

int qf_path_parse(struct qf_path *path, struct qf_str text, bool fields, struct qf_arena *arena,
		  const char **why)
{
	const char *p = text.p, *end = text.p + text.n;
	size_t cap = 1;

	*path = (struct qf_path){ .text = qf_arena_dup(arena, text.p, text.n) };
	if (text.n && *p == '@')
		return field(path, fields, why);
	p = path->text.p;
	end = p + text.n;
	for (const char *c = p; c < end; c++)
		cap += *c == '.';
	path->parts = qf_arena_alloc(arena, cap * sizeof(*path->parts));
	do {
		struct qf_path_part *part = &path->parts[path->n++];
		struct qf_str suffix;

		p = qf_path_next(p, end, &part->name, &suffix);
		if (!p) {
			*why = "it is no path of a payload property";
			return -1;
		}
		part->each = suffix.n != 0;
	} while (p < end);
	return 0;
}

int qf_path_compile(struct qf_path *path, const struct qf_conf *conf, const struct qf_node *at,
		    const char *text, bool fields, struct qf_arena *arena, struct qf_err *err)
{
	const char *why;

	if (qf_path_parse(path, qf_str(text), fields, arena, &why) < 0)
		return qf_node_error(conf, at, err, "'%s': %s", text, why);
	return 0;
}

/* ---- looking ---- */

struct places {
	struct qf_val **at;
	size_t n, cap;
	bool one; /* the first is enough */
	struct qf_arena *arena;
};

static void add(struct places *f, struct qf_val *v)
{
	if (f->n == f->cap) {
		struct qf_val **more = qf_arena_alloc(f->arena, (2 * f->cap + 1) * sizeof(*more));

		if (f->n)
			memcpy(more, f->at, f->n * sizeof(*more));
		f->at = more;
		f->cap = 2 * f->cap + 1;
	}
	f->at[f->n++] = v;
}

static void find(struct places *f, const struct qf_path *path, size_t i, struct qf_val *v);

/* v is the value of part i. */
static void find_behind(struct places *f, const struct qf_path *path, size_t i, struct qf_val *v)
{
	bool last = i + 1 == path->n;

	if (v->type == QF_JSON_ARRAY && (!last || path->parts[i].each)) {
		for (struct qf_val *e = qf_val_first(v, f->arena); e && !(f->one && f->n); e = e->next)
			find_behind(f, path, i, e);
	} else if (!last) {
		find(f, path, i + 1, v);
	} else {
		add(f, v);
	}
}

static void find(struct places *f, const struct qf_path *path, size_t i, struct qf_val *v)
{
	struct qf_val *member = qf_val_get(v, path->parts[i].name, f->arena);

	if (member)
		find_behind(f, path, i, member);
}

size_t qf_path_all(const struct qf_path *path, struct qf_val *root, struct qf_arena *arena,
		   struct qf_val ***ret)
{
	struct places f = { .arena = arena };

	find(&f, path, 0, root);
	*ret = f.at;
	return f.n;
}

struct qf_val *qf_path_first(const struct qf_path *path, struct qf_val *root,
			     struct qf_arena *arena)
{
	struct places f = { .arena = arena, .one = true };

	if (path->n == 1 && !path->parts[0].each)
		return qf_val_get(root, path->parts[0].name, arena);
	find(&f, path, 0, root);
	return f.n ? f.at[0] : NULL;
}

static struct qf_val *id_value(const struct qf_id *id, struct qf_arena *arena)
{
	char text[37];

	switch (id->kind) {
	case QF_ID_NUM:
		return qf_val_new_uint(arena, id->num);
	case QF_ID_UUID:
		qf_uuid_format(id->uuid, text);
		return qf_val_new_string(arena, qf_arena_dup(arena, text, 36));
	case QF_ID_TEXT:
		return qf_val_new_string(arena, id->text);
	case QF_ID_NONE:
		break;
	}
	return NULL;
}

int qf_path_value(const struct qf_path *path, struct qf_record *rec, struct qf_arena *arena,
		  struct qf_val **ret, struct qf_err *err)
{
	struct qf_val *root;

	*ret = NULL;
	switch (path->field) {
	case QF_PATH_ID:
		*ret = id_value(&rec->id, arena);
		return 0;
	case QF_PATH_TENANT:
		*ret = rec->tenant.p ? qf_val_new_string(arena, rec->tenant) : NULL;
		return 0;
	case QF_PATH_COLLECTION:
		*ret = qf_val_new_string(arena, rec->collection);
		return 0;
	case QF_PATH_PAYLOAD:
		break;
	}
	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	*ret = qf_path_first(path, root, arena);
	return 0;
}

/* ---- changing ---- */

struct setting {
	const struct qf_path *path;
	struct qf_val *value;
	bool used; /* the next place needs a copy */
	struct qf_arena *arena;
	struct qf_err *err;
};

static int set_in(struct setting *s, size_t i, struct qf_val *v);

static struct qf_val *next_value(struct setting *s)
{
	struct qf_val *v = s->used ? qf_val_copy(s->value, s->arena) : s->value;

	/* The copy is made of what stands in the tree by then, which is the same. */
	s->used = true;
	return v;
}

static int in_the_way(struct setting *s, size_t i, const struct qf_val *v)
{
	return qf_err_set(s->err, QF_E_DATA, "'%s' cannot be set, for '%.*s' is %s %s", s->path->text.p,
			  QF_STR_ARG(s->path->parts[i].name),
			  v->type == QF_JSON_OBJECT || v->type == QF_JSON_ARRAY ? "an" : "a",
			  qf_val_type_name(v));
}

/* The elements of "tags[]". */
static void set_elements(struct setting *s, struct qf_val *array)
{
	for (struct qf_val *e = qf_val_first(array, s->arena); e; e = e->next) {
		if (e->type == QF_JSON_ARRAY)
			set_elements(s, e);
		else
			qf_val_assign(e, next_value(s));
	}
}

/* The value of part i in the middle of the path. */
static int set_below(struct setting *s, size_t i, struct qf_val *v)
{
	bool any = false;

	if (v->type == QF_JSON_NULL)
		qf_val_assign(v, qf_val_new_object(s->arena));
	if (v->type == QF_JSON_OBJECT)
		return set_in(s, i + 1, v);
	if (v->type != QF_JSON_ARRAY)
		return in_the_way(s, i, v);
	for (struct qf_val *e = qf_val_first(v, s->arena); e; e = e->next) {
		if (e->type != QF_JSON_OBJECT && e->type != QF_JSON_ARRAY)
			continue;
		any = true;
		if (set_below(s, i, e) < 0)
			return -1;
	}
	return any ? 0 : in_the_way(s, i, v);
}

static int set_in(struct setting *s, size_t i, struct qf_val *object)
{
	const struct qf_path_part *part = &s->path->parts[i];
	struct qf_val *member = qf_val_get(object, part->name, s->arena);

	if (i + 1 < s->path->n) {
		if (member)
			return set_below(s, i, member);
		member = qf_val_new_object(s->arena);
		qf_val_set(object, part->name, member, s->arena);
		return set_in(s, i + 1, member);
	}
	if (!part->each) {
		qf_val_set(object, part->name, next_value(s), s->arena);
		return 0;
	}
	if (member && member->type != QF_JSON_ARRAY)
		return in_the_way(s, i, member);
	if (member)
		set_elements(s, member);
	return 0;
}

int qf_path_set(const struct qf_path *path, struct qf_val *root, struct qf_val *value,
		struct qf_arena *arena, struct qf_err *err)
{
	struct setting s = { .path = path, .value = value, .arena = arena, .err = err };

	return set_in(&s, 0, root);
}

size_t qf_path_remove(const struct qf_path *path, struct qf_val *root, struct qf_arena *arena)
{
	struct qf_val **at;
	size_t n = qf_path_all(path, root, arena, &at);

	for (size_t i = 0; i < n; i++)
		qf_val_remove(at[i]);
	return n;
}

bool qf_path_covers(const struct qf_path *outer, const struct qf_path *inner)
{
	if (outer->field != inner->field)
		return false;
	if (outer->n > inner->n)
		return false;
	for (size_t i = 0; i < outer->n; i++)
		if (!qf_str_eq(outer->parts[i].name, inner->parts[i].name))
			return false;
	return true;
}

/* ---- the schema ---- */

/* A key of the schema that is no path is one part. */
static void entry_path(struct qf_path *path, struct qf_str key, struct qf_arena *arena)
{
	const char *why;

	if (qf_path_parse(path, key, false, arena, &why) == 0)
		return;
	path->parts = qf_arena_alloc(arena, sizeof(*path->parts));
	path->parts[0] = (struct qf_path_part){ .name = key };
	path->n = 1;
}

struct qf_json *qf_path_declared(const struct qf_path *path, const struct qf_json *doc)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_json *payload = qf_json_get(doc, "payload");
	struct qf_path have;

	for (struct qf_json *e = payload ? payload->child : NULL; e; e = e->next) {
		entry_path(&have, e->key, &arena);
		if (have.n == path->n && qf_path_covers(path, &have))
			return e;
	}
	return NULL;
}

static struct qf_json *payload_of(struct qf_record *rec, struct qf_arena *arena)
{
	struct qf_json *payload = qf_json_get(rec->doc, "payload");

	return payload ? payload : qf_json_add(arena, rec->doc, "payload", QF_JSON_OBJECT);
}

void qf_path_declare(const struct qf_path *path, struct qf_record *rec, const char *type,
		     bool index, struct qf_arena *arena)
{
	struct qf_json *entry = qf_path_declared(path, rec->doc);

	if (entry && qf_str_is(qf_json_get_str(entry, "type", ""), type) &&
	    qf_json_get_bool(entry, "index", true) == index)
		return;
	rec->line.p = NULL;
	if (!entry)
		entry = qf_json_add(arena, payload_of(rec, arena), path->text.p, QF_JSON_OBJECT);
	entry->child = entry->last = NULL;
	qf_json_add_cstr(arena, entry, "type", type);
	if (!index)
		qf_json_add_bool(arena, entry, "index", false);
}

void qf_path_undeclare(const struct qf_path *path, struct qf_record *rec, struct qf_arena *arena)
{
	struct qf_json *payload = qf_json_get(rec->doc, "payload"), *last = NULL, *next;
	struct qf_path have;

	for (struct qf_json *e = payload ? payload->child : NULL; e; e = next) {
		next = e->next;
		entry_path(&have, e->key, arena);
		if (!qf_path_covers(path, &have)) {
			last = e;
			continue;
		}
		if (last)
			last->next = next;
		else
			payload->child = next;
		rec->line.p = NULL;
	}
	if (payload)
		payload->last = last;
}

void qf_path_add_part(struct qf_buf *out, const struct qf_path_part *part)
{
	bool quote = memchr(part->name.p, '.', part->name.n) || memchr(part->name.p, '[', part->name.n) ||
		     *part->name.p == '@';

	if (out->n)
		qf_buf_addc(out, '.');
	if (quote)
		qf_buf_addc(out, '"');
	qf_buf_add_str(out, part->name);
	if (quote)
		qf_buf_addc(out, '"');
	if (part->each)
		QF_BUF_LIT(out, "[]");
}

void qf_path_declare_copy(const struct qf_path *from, const struct qf_path *to,
			  struct qf_record *rec, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf key = { 0 };
	struct qf_json *payload = payload_of(rec, arena), *last, *e;
	struct qf_path have;

	qf_path_undeclare(to, rec, arena);
	last = payload->last;
	for (e = payload->child; e && last; e = e == last ? NULL : e->next) {
		struct qf_json *copy;

		entry_path(&have, e->key, arena);
		if (!qf_path_covers(from, &have))
			continue;
		qf_buf_reset(&key);
		qf_buf_add_str(&key, to->text);
		for (size_t i = from->n; i < have.n; i++)
			qf_path_add_part(&key, &have.parts[i]);
		copy = qf_json_copy(arena, e);
		qf_json_attach(arena, payload, qf_buf_cstr(&key), copy);
		rec->line.p = NULL;
	}
}
