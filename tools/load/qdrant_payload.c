/* The payload of a point: JSON text to protobuf, in one pass over yajl's callbacks. */
#include "tools/load/qdrant_payload.h"

#include <yajl/yajl_parse.h>

#include "common/data/number.h"

/* One step of a path. "a[].b" is a, entered as an array, then b. */
struct qf_float_path {
	struct qf_str key;
	bool is_float;
	struct qf_float_path *child, *next;
	struct qf_float_path *elements; /* what "[]" leads to */
};

/* An open object or array. Offsets into the payload: where one byte is kept for a length. */
struct frame {
	bool list;
	const struct qf_float_path *path;
	size_t at_entry; /* length of the map entry around it; unused in a list */
	size_t at_value; /* length of its Value */
	size_t at_self; /* length of its Struct or ListValue; the content follows */
};

struct payload {
	struct qf_point_encoder *e;
	struct qf_str json;
	struct qf_err *err;
	const struct qf_float_path *value_path; /* of the value behind the last key */
	unsigned depth;
	struct frame frames[QF_JSON_MAX_DEPTH];
};

/* Tags: field number and wire type. */
/* clang-format off */
enum {
	TAG_PAYLOAD = 0x1a,	/* PointStruct.payload */
	TAG_FIELD = 0x0a,	/* Struct.fields, ListValue.values */
	TAG_KEY = 0x0a, TAG_VALUE = 0x12,
	TAG_NULL = 0x08, TAG_DOUBLE = 0x11, TAG_INTEGER = 0x18, TAG_STRING = 0x22, TAG_BOOL = 0x28,
	TAG_STRUCT = 0x32, TAG_LIST = 0x3a,
};
/* clang-format on */

static struct frame *top(struct payload *p)
{
	return &p->frames[p->depth - 1];
}

/* Schema of the value that comes now. */
static const struct qf_float_path *path_here(struct payload *p)
{
	return top(p)->list ? top(p)->path : p->value_path;
}

static char *put_key(char *at, struct payload *p)
{
	*at++ = TAG_KEY;
	at = qf_varint_put(at, p->e->key.n);
	if (p->e->key.n)
		memcpy(at, p->e->key.p, p->e->key.n);
	at += p->e->key.n;
	*at++ = TAG_VALUE;
	return at;
}

/* Writes everything around a Value of n bytes and returns where these go. */
static char *put_value(struct payload *p, size_t n)
{
	size_t key = p->e->key.n, entry;
	struct qf_buf *out = &p->e->payload;
	char *at;

	if (top(p)->list) {
		at = qf_buf_room(out, 11 + n);
		*at++ = TAG_FIELD;
	} else {
		entry = 1 + qf_varint_len(key) + key + 1 + qf_varint_len(n) + n;
		at = qf_buf_room(out, 31 + entry);
		*at++ = p->depth == 1 ? TAG_PAYLOAD : TAG_FIELD;
		at = qf_varint_put(at, entry);
		at = put_key(at, p);
	}
	at = qf_varint_put(at, n);
	out->n = (size_t)(at - out->p) + n;
	return at;
}

static int on_null(void *ctx)
{
	char *at = put_value(ctx, 2);

	at[0] = TAG_NULL;
	at[1] = 0;
	return 1;
}

static int on_bool(void *ctx, int v)
{
	char *at = put_value(ctx, 2);

	at[0] = TAG_BOOL;
	at[1] = v ? 1 : 0;
	return 1;
}

static int on_string(void *ctx, const unsigned char *s, size_t n)
{
	char *at = put_value(ctx, 1 + qf_varint_len(n) + n);

	*at++ = TAG_STRING;
	at = qf_varint_put(at, n);
	memcpy(at, s, n);
	return 1;
}

/* Whole decimal text as int64; false where it does not fit. */
static bool parse_int(struct qf_str text, int64_t *ret)
{
	bool minus = text.p[0] == '-';
	int64_t v = 0;

	for (size_t i = minus; i < text.n; i++) {
		int digit = text.p[i] - '0';

		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, minus ? -digit : digit, &v))
			return false;
	}
	*ret = v;
	return true;
}

static int on_number(void *ctx, const char *s, size_t n)
{
	struct payload *p = ctx;
	const struct qf_float_path *path = path_here(p);
	struct qf_str text = { s, n };
	bool whole = true, as_float = path && (path->is_float || (top(p)->list && path->elements &&
								  path->elements->is_float));
	int64_t integer;
	double v;
	char *at;

	for (size_t i = 0; i < n && whole; i++)
		whole = (s[i] >= '0' && s[i] <= '9') || s[i] == '-';
	if (whole && !as_float) {
		if (!parse_int(text, &integer)) {
			qf_err_set(
				p->err, QF_E_DATA,
				"payload '%.*s': %.*s is beyond the 64-bit integers that Qdrant keeps; "
				"make it a string, or declare the key as a float",
				QF_STR_ARG(qf_buf_str(&p->e->key)), QF_STR_ARG(text));
			return 0;
		}
		at = put_value(p, 1 + qf_varint_len((uint64_t)integer));
		*at++ = TAG_INTEGER;
		qf_varint_put(at, (uint64_t)integer);
		return 1;
	}
	if (qf_f64_parse(text, &v) < 0) {
		qf_err_set(p->err, QF_E_DATA, "payload '%.*s': %.*s does not fit a 64-bit float",
			   QF_STR_ARG(qf_buf_str(&p->e->key)), QF_STR_ARG(text));
		return 0;
	}
	if (whole) {
		size_t behind = (size_t)(s + n - p->json.p);

		qf_buf_add(&p->e->floats, &behind, sizeof(behind));
	}
	at = put_value(p, 9);
	*at++ = TAG_DOUBLE;
	memcpy(at, &v, 8);
	return 1;
}

static int open_container(struct payload *p, bool list)
{
	const struct qf_float_path *path = NULL;
	struct qf_buf *out = &p->e->payload;
	struct frame f = { .list = list };
	char *at;

	if (p->depth == QF_JSON_MAX_DEPTH) {
		qf_err_set(p->err, QF_E_DATA, "payload: nested deeper than %d", QF_JSON_MAX_DEPTH);
		return 0;
	}
	if (p->depth) {
		path = path_here(p);
		at = qf_buf_room(out, p->e->key.n + 32);
		*at++ = p->depth == 1 && !top(p)->list ? TAG_PAYLOAD : TAG_FIELD;
		if (!top(p)->list) {
			f.at_entry = (size_t)(at++ - out->p);
			at = put_key(at, p);
		}
		f.at_value = (size_t)(at++ - out->p);
		*at++ = list ? TAG_LIST : TAG_STRUCT;
		f.at_self = (size_t)(at++ - out->p);
		out->n = (size_t)(at - out->p);
		/* An object in an array: its members' paths stand under "[]". */
		f.path = !list && top(p)->list && path ? path->elements : path;
	} else {
		f.path = p->value_path;
	}
	p->frames[p->depth++] = f;
	return 1;
}

static int on_map(void *ctx)
{
	return open_container(ctx, false);
}

static int on_array(void *ctx)
{
	return open_container(ctx, true);
}

/* Fills in the lengths that were left open; what takes more than the one byte moves the rest. */
static int on_end(void *ctx)
{
	struct payload *p = ctx;
	struct qf_buf *out = &p->e->payload;
	struct frame *f = top(p);
	size_t content, value, entry = 0, mid = 0, n_content, n_value, n_entry = 0;
	char *at;

	p->depth--;
	if (p->depth == 0)
		return 1;
	content = out->n - f->at_self - 1;
	n_content = qf_varint_len(content);
	value = 1 + n_content + content;
	n_value = qf_varint_len(value);
	if (!top(p)->list) {
		mid = f->at_value - f->at_entry - 1;
		entry = mid + n_value + value;
		n_entry = qf_varint_len(entry);
	}
	qf_buf_room(out, 30);
	memmove(out->p + f->at_self + n_content + (n_value - 1) + (n_entry ? n_entry - 1 : 0),
		out->p + f->at_self + 1, content);
	at = out->p + f->at_value;
	if (n_entry) {
		memmove(out->p + f->at_entry + n_entry, out->p + f->at_entry + 1, mid);
		qf_varint_put(out->p + f->at_entry, entry);
		at += n_entry - 1;
	}
	at = qf_varint_put(at, value);
	*at++ = f->list ? TAG_LIST : TAG_STRUCT;
	at = qf_varint_put(at, content);
	out->n = (size_t)(at - out->p) + content;
	return 1;
}

static int on_key(void *ctx, const unsigned char *s, size_t n)
{
	struct payload *p = ctx;
	const struct qf_float_path *c = top(p)->path ? top(p)->path->child : NULL;

	qf_buf_reset(&p->e->key);
	qf_buf_add(&p->e->key, s, n);
	while (c && !qf_str_eq(c->key, (struct qf_str){ (const char *)s, n }))
		c = c->next;
	p->value_path = c;
	return 1;
}

/* clang-format off */
static const yajl_callbacks callbacks = {
	.yajl_null = on_null, .yajl_boolean = on_bool, .yajl_number = on_number, .yajl_string = on_string,
	.yajl_start_map = on_map, .yajl_map_key = on_key, .yajl_end_map = on_end,
	.yajl_start_array = on_array, .yajl_end_array = on_end,
};
/* clang-format on */

int qf_payload_encode(struct qf_point_encoder *e, const struct qf_float_path *floats,
		      struct qf_str json, struct qf_err *err)
{
	struct payload p;
	yajl_handle yajl;
	yajl_status status;

	qf_buf_reset(&e->payload);
	qf_buf_reset(&e->floats);
	qf_buf_reset(&e->key);
	if (json.n == 0 || json.p[0] != '{')
		return qf_err_set(err, QF_E_DATA, "payload: not an object");
	/* Not initialised as a whole: the frames are filled as they are opened. */
	p.e = e;
	p.json = json;
	p.err = err;
	p.value_path = floats;
	p.depth = 0;
	err->code = QF_OK;
	yajl = yajl_alloc(&callbacks, NULL, &p);
	status = yajl_parse(yajl, (const unsigned char *)json.p, json.n);
	if (status == yajl_status_ok)
		status = yajl_complete_parse(yajl);
	yajl_free(yajl);
	if (status == yajl_status_ok)
		return 0;
	return err->code ? -1 : qf_err_set(err, QF_E_DATA, "payload: not valid JSON");
}

static struct qf_float_path *step(struct qf_float_path *from, struct qf_str key,
				  struct qf_arena *arena)
{
	struct qf_float_path *c = from->child;

	while (c && !qf_str_eq(c->key, key))
		c = c->next;
	if (!c) {
		c = qf_arena_zalloc(arena, sizeof(*c));
		c->key = key;
		c->next = from->child;
		from->child = c;
	}
	return c;
}

/* Walks to "a[].b", making what is missing. A key may be quoted when it holds a dot. */
static struct qf_float_path *path_make(struct qf_float_path *at, struct qf_str path,
				       struct qf_arena *arena)
{
	const char *p = path.p, *end = path.p + path.n, *from;

	while (p < end) {
		struct qf_str key;

		if (*p == '"') {
			from = ++p;
			while (p < end && *p != '"')
				p++;
			key = (struct qf_str){ from, (size_t)(p - from) };
			p += p < end;
		} else {
			from = p;
			while (p < end && *p != '.' && *p != '[')
				p++;
			key = (struct qf_str){ from, (size_t)(p - from) };
		}
		at = step(at, key, arena);
		if (end - p >= 2 && p[0] == '[' && p[1] == ']') {
			if (!at->elements)
				at->elements = qf_arena_zalloc(arena, sizeof(*at));
			at = at->elements;
			p += 2;
		}
		p += p < end && *p == '.';
	}
	return at;
}

const struct qf_float_path *qf_float_paths(const struct qf_json *doc, struct qf_arena *arena)
{
	const struct qf_json *payload = qf_json_get(doc, "payload");
	struct qf_float_path *root = NULL;

	for (const struct qf_json *c = payload ? payload->child : NULL; c; c = c->next) {
		if (!qf_str_is(qf_json_get_str(c, "type", ""), "float"))
			continue;
		if (!root)
			root = qf_arena_zalloc(arena, sizeof(*root));
		path_make(root, c->key, arena)->is_float = true;
	}
	return root;
}
