#include "tools/transform/payload.h"

#include "common/data/number.h"

enum { SHOWN = 60 }; /* characters of a value in a message */

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

static enum qf_json_type type_of(char first)
{
	switch (first) {
	case '{':
		return QF_JSON_OBJECT;
	case '[':
		return QF_JSON_ARRAY;
	case '"':
		return QF_JSON_STRING;
	case 't':
	case 'f':
		return QF_JSON_BOOL;
	case 'n':
		return QF_JSON_NULL;
	default:
		return QF_JSON_NUMBER;
	}
}

static bool is_container(const struct qf_val *v)
{
	return v->type == QF_JSON_OBJECT || v->type == QF_JSON_ARRAY;
}

static struct qf_val *new_val(struct qf_arena *arena, enum qf_json_type type)
{
	struct qf_val *v = qf_arena_alloc(arena, sizeof(*v));

	*v = (struct qf_val){ .type = type, .opened = true };
	return v;
}

/* A value of checked JSON text without white space around it. */
static struct qf_val *of_raw(struct qf_arena *arena, struct qf_str raw)
{
	struct qf_val *v = new_val(arena, type_of(*raw.p));

	v->raw = raw;
	v->opened = !is_container(v);
	v->boolean = *raw.p == 't';
	if (v->type == QF_JSON_NUMBER)
		v->text = raw;
	return v;
}

/* ---- the list of children ---- */

static void link_last(struct qf_val *container, struct qf_val *v)
{
	v->parent = container;
	v->prev = container->last;
	v->next = NULL;
	if (container->last)
		container->last->next = v;
	else
		container->child = v;
	container->last = v;
}

static void unlink_val(struct qf_val *v)
{
	if (v->prev)
		v->prev->next = v->next;
	else
		v->parent->child = v->next;
	if (v->next)
		v->next->prev = v->prev;
	else
		v->parent->last = v->prev;
	v->parent = v->prev = v->next = NULL;
}

static void touch(struct qf_val *v)
{
	for (; v && !v->changed; v = v->parent)
		v->changed = true;
}

/* ---- parsing ---- */

static struct qf_str resolve(struct qf_str quoted, struct qf_arena *arena)
{
	struct qf_scan s = { .p = quoted.p, .end = quoted.p + quoted.n };

	return qf_scan_string(&s, arena);
}

/* The next value of the text at *p, or a null slice with *why. */
static struct qf_str take(const char **p, const char *end, const char **why)
{
	const char *from = skip_space(*p, end), *bad;
	const char *after = qf_json_skip(from, end, QF_JSON_MAX_DEPTH, why, &bad);

	if (!after)
		return (struct qf_str){ 0 };
	*p = after;
	return (struct qf_str){ from, (size_t)(after - from) };
}

static bool take_key(struct qf_val *v, const char **p, const char *end, struct qf_arena *arena,
		     const char **why)
{
	if (*p >= end || **p != '"') {
		*why = "a key is missing";
		return false;
	}
	v->raw_key = take(p, end, why);
	if (!v->raw_key.p)
		return false;
	if (memchr(v->raw_key.p, '\\', v->raw_key.n))
		v->key = resolve(v->raw_key, arena);
	else
		v->key = (struct qf_str){ v->raw_key.p + 1, v->raw_key.n - 2 };
	*p = skip_space(*p, end);
	if (*p >= end || **p != ':') {
		*why = "':' is missing";
		return false;
	}
	++*p;
	return true;
}

/* Makes the children's nodes. Where the text was checked before this cannot fail. */
static bool open_children(struct qf_val *v, struct qf_arena *arena, const char **why)
{
	const char *p = v->raw.p + 1, *end = v->raw.p + v->raw.n;
	const char close = v->type == QF_JSON_OBJECT ? '}' : ']';

	v->opened = true;
	p = skip_space(p, end);
	if (p < end && *p == close)
		return true;
	for (;;) {
		struct qf_val head = { 0 }, *c;
		struct qf_str raw;

		p = skip_space(p, end);
		if (v->type == QF_JSON_OBJECT && !take_key(&head, &p, end, arena, why))
			return false;
		raw = take(&p, end, why);
		if (!raw.p)
			return false;
		c = of_raw(arena, raw);
		c->key = head.key;
		c->raw_key = head.raw_key;
		link_last(v, c);
		p = skip_space(p, end);
		if (p < end && *p == close)
			return true;
		if (p >= end || *p++ != ',') {
			*why = "',' or the closing bracket is missing";
			return false;
		}
	}
}

static void open_val(struct qf_val *v, struct qf_arena *arena)
{
	const char *why;

	if (!v->opened)
		(void)open_children(v, arena, &why);
}

int qf_payload_get(struct qf_record *rec, struct qf_arena *arena, struct qf_val **ret,
		   struct qf_err *err)
{
	const char *why = NULL;
	struct qf_val *root;

	if (rec->tree) {
		*ret = rec->tree;
		return 0;
	}
	if (!rec->payload.n || qf_str_is(rec->payload, "null")) {
		root = qf_val_new_object(arena);
		root->raw = rec->payload;
	} else if (*rec->payload.p != '{') {
		return qf_err_set(err, QF_E_DATA, "the payload is not an object");
	} else {
		root = of_raw(arena, rec->payload);
		if (!open_children(root, arena, &why))
			return qf_err_set(err, QF_E_DATA, "the payload is not valid JSON: %s", why);
	}
	rec->tree = *ret = root;
	return 0;
}

/* ---- looking ---- */

struct qf_val *qf_val_first(struct qf_val *v, struct qf_arena *arena)
{
	open_val(v, arena);
	return v->child;
}

struct qf_val *qf_val_get(struct qf_val *object, struct qf_str key, struct qf_arena *arena)
{
	if (object->type != QF_JSON_OBJECT)
		return NULL;
	open_val(object, arena);
	for (struct qf_val *c = object->last; c; c = c->prev)
		if (qf_str_eq(c->key, key))
			return c;
	return NULL;
}

struct qf_str qf_val_text(struct qf_val *v, struct qf_arena *arena)
{
	if (v->type == QF_JSON_STRING && !v->text.p)
		v->text = resolve(v->raw, arena);
	return v->type == QF_JSON_STRING || v->type == QF_JSON_NUMBER ? v->text : (struct qf_str){ 0 };
}

size_t qf_val_count(struct qf_val *container, struct qf_arena *arena)
{
	size_t n = 0;

	for (struct qf_val *c = qf_val_first(container, arena); c; c = c->next)
		n++;
	return n;
}

const char *qf_val_type_name(const struct qf_val *v)
{
	static const char *const names[] = {
		[QF_JSON_NULL] = "null", [QF_JSON_BOOL] = "boolean", [QF_JSON_NUMBER] = "number",
		[QF_JSON_STRING] = "string", [QF_JSON_OBJECT] = "object", [QF_JSON_ARRAY] = "array",
	};

	return names[v->type];
}

/* Bytes of the first SHOWN characters. */
static size_t cut(struct qf_str s)
{
	size_t at = 0;

	for (int chars = 0; at < s.n; at++)
		if (((unsigned char)s.p[at] & 0xc0) != 0x80 && chars++ == SHOWN)
			break;
	return at;
}

const char *qf_text_show(struct qf_str text, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	size_t n = cut(text);

	qf_json_write_string(&out, (struct qf_str){ text.p, n });
	out.n--;
	if (n < text.n)
		QF_BUF_LIT(&out, "...");
	return qf_arena_dup(arena, out.p + 1, out.n - 1).p;
}

const char *qf_val_show(const struct qf_val *v, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	size_t n;

	qf_val_write(v, &out);
	n = cut(qf_buf_str(&out));
	if (n < out.n) {
		out.n = n;
		QF_BUF_LIT(&out, "...");
	}
	return qf_arena_dup(arena, out.p, out.n).p;
}

bool qf_val_equal(struct qf_val *a, struct qf_val *b, struct qf_arena *arena)
{
	struct qf_val *x, *y;
	int order;

	if (a->type != b->type)
		return false;
	if (a->type == QF_JSON_NULL)
		return true;
	if (!is_container(a))
		return qf_val_order(a, b, arena, &order) == 0 && order == 0;
	if (qf_val_count(a, arena) != qf_val_count(b, arena))
		return false;
	if (a->type == QF_JSON_OBJECT) {
		for (x = a->child; x; x = x->next) {
			y = qf_val_get(b, x->key, arena);
			if (!y || !qf_val_equal(qf_val_get(a, x->key, arena), y, arena))
				return false;
		}
		return true;
	}
	for (x = a->child, y = b->child; x && y; x = x->next, y = y->next)
		if (!qf_val_equal(x, y, arena))
			return false;
	return true;
}

/* ---- making ---- */

struct qf_val *qf_val_new_null(struct qf_arena *arena)
{
	return new_val(arena, QF_JSON_NULL);
}

struct qf_val *qf_val_new_bool(struct qf_arena *arena, bool value)
{
	struct qf_val *v = new_val(arena, QF_JSON_BOOL);

	v->boolean = value;
	return v;
}

struct qf_val *qf_val_new_string(struct qf_arena *arena, struct qf_str text)
{
	struct qf_val *v = new_val(arena, QF_JSON_STRING);

	v->text = text.p ? text : QF_STR("");
	return v;
}

struct qf_val *qf_val_new_number(struct qf_arena *arena, struct qf_str text)
{
	struct qf_val *v = new_val(arena, QF_JSON_NUMBER);

	v->text = text;
	return v;
}

struct qf_val *qf_val_new_int(struct qf_arena *arena, int64_t value)
{
	return qf_val_new_number(arena, qf_arena_printf(arena, "%lld", (long long)value));
}

struct qf_val *qf_val_new_uint(struct qf_arena *arena, uint64_t value)
{
	return qf_val_new_number(arena, qf_arena_printf(arena, "%llu", (unsigned long long)value));
}

struct qf_val *qf_val_new_double(struct qf_arena *arena, double value)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	qf_f64_write(&out, value);
	return qf_val_new_number(arena, qf_arena_dup(arena, out.p, out.n));
}

struct qf_val *qf_val_new_object(struct qf_arena *arena)
{
	return new_val(arena, QF_JSON_OBJECT);
}

struct qf_val *qf_val_new_array(struct qf_arena *arena)
{
	return new_val(arena, QF_JSON_ARRAY);
}

struct qf_val *qf_val_copy(struct qf_val *v, struct qf_arena *arena)
{
	struct qf_val *copy;

	if (v->raw.p && !v->changed)
		return of_raw(arena, v->raw);
	copy = new_val(arena, v->type);
	copy->boolean = v->boolean;
	copy->text = v->text;
	for (struct qf_val *c = v->child; c; c = c->next) {
		struct qf_val *inner = qf_val_copy(c, arena);

		inner->key = c->key;
		inner->raw_key = c->raw_key;
		link_last(copy, inner);
	}
	return copy;
}

struct qf_val *qf_val_of_json(struct qf_str json, struct qf_arena *arena, const char **why)
{
	const char *p = json.p, *end = json.p + json.n;
	struct qf_str raw = take(&p, end, why);

	if (!raw.p)
		return NULL;
	if (skip_space(p, end) != end) {
		*why = "something stands behind the value";
		return NULL;
	}
	return of_raw(arena, raw);
}

struct qf_val *qf_val_of_node(const struct qf_node *node, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	const char *why;

	qf_node_to_json(node, &out);
	return qf_val_of_json(qf_arena_dup(arena, out.p, out.n), arena, &why);
}

/* ---- changing ---- */

void qf_val_assign(struct qf_val *v, struct qf_val *value)
{
	v->type = value->type;
	v->boolean = value->boolean;
	v->opened = value->opened;
	v->raw = value->raw;
	v->text = value->text;
	v->child = value->child;
	v->last = value->last;
	v->moved = is_container(value);
	for (struct qf_val *c = v->child; c; c = c->next)
		c->parent = v;
	v->changed = value->changed;
	touch(v->parent);
}

static void put_last(struct qf_val *container, struct qf_val *value)
{
	value->moved = is_container(value);
	link_last(container, value);
	touch(container);
}

void qf_val_set(struct qf_val *object, struct qf_str key, struct qf_val *value,
		struct qf_arena *arena)
{
	struct qf_val *have = qf_val_get(object, key, arena);

	if (have) {
		qf_val_assign(have, value);
		return;
	}
	value->key = key;
	value->raw_key.p = NULL;
	put_last(object, value);
}

void qf_val_append(struct qf_val *array, struct qf_val *value, struct qf_arena *arena)
{
	open_val(array, arena);
	value->key.p = value->raw_key.p = NULL;
	put_last(array, value);
}

void qf_val_insert_before(struct qf_val *sibling, struct qf_str key, struct qf_val *value)
{
	value->key = key;
	value->raw_key.p = NULL;
	value->moved = is_container(value);
	value->parent = sibling->parent;
	value->prev = sibling->prev;
	value->next = sibling;
	if (sibling->prev)
		sibling->prev->next = value;
	else
		sibling->parent->child = value;
	sibling->prev = value;
	touch(value->parent);
}

void qf_val_remove(struct qf_val *v)
{
	touch(v->parent);
	unlink_val(v);
}

void qf_val_rename(struct qf_val *member, struct qf_str key)
{
	if (qf_str_eq(member->key, key))
		return;
	member->key = key;
	member->raw_key.p = NULL;
	touch(member->parent);
}

/* ---- text ---- */

void qf_val_write(const struct qf_val *v, struct qf_buf *out)
{
	if (v->raw.p && !v->changed) {
		qf_buf_add_str(out, v->raw);
		return;
	}
	switch (v->type) {
	case QF_JSON_NULL:
		QF_BUF_LIT(out, "null");
		return;
	case QF_JSON_BOOL:
		qf_buf_puts(out, v->boolean ? "true" : "false");
		return;
	case QF_JSON_NUMBER:
		qf_buf_add_str(out, v->text);
		return;
	case QF_JSON_STRING:
		qf_json_write_string(out, v->text);
		return;
	case QF_JSON_OBJECT:
	case QF_JSON_ARRAY:
		break;
	}
	qf_buf_addc(out, v->type == QF_JSON_OBJECT ? '{' : '[');
	for (const struct qf_val *c = v->child; c; c = c->next) {
		if (c->prev)
			qf_buf_addc(out, ',');
		if (v->type == QF_JSON_OBJECT) {
			if (c->raw_key.p)
				qf_buf_add_str(out, c->raw_key);
			else
				qf_json_write_string(out, c->key);
			qf_buf_addc(out, ':');
		}
		qf_val_write(c, out);
	}
	qf_buf_addc(out, v->type == QF_JSON_OBJECT ? '}' : ']');
}

/* May the nesting have grown? Untouched parts cannot tell. */
static bool has_moved(const struct qf_val *v)
{
	if (v->moved)
		return true;
	for (const struct qf_val *c = v->changed ? v->child : NULL; c; c = c->next)
		if (has_moved(c))
			return true;
	return false;
}

int qf_payload_flush(struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_val *root = rec->tree;
	const char *why, *bad;

	rec->tree = NULL;
	if (!root || (!root->changed && root->raw.p == rec->payload.p))
		return 0;
	qf_buf_room(&out, rec->payload.n + 256);
	qf_val_write(root, &out);
	if (has_moved(root) &&
	    !qf_json_skip(out.p, out.p + out.n, QF_JSON_MAX_DEPTH - 1, &why, &bad))
		return qf_err_set(err, QF_E_DATA, "the payload would be nested deeper than %d",
				  QF_JSON_MAX_DEPTH - 1);
	rec->payload = qf_arena_dup(arena, out.p, out.n);
	rec->line.p = NULL;
	return 0;
}
