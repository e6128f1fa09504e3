#include <errno.h>
#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "common/data/json.h"

struct build {
	struct qf_arena *arena;
	struct qf_json *root;
	struct qf_json *stack[QF_JSON_MAX_DEPTH];
	unsigned depth;
	struct qf_str key;
};

static void link_child(struct qf_json *container, struct qf_json *node)
{
	node->next = NULL;
	if (container->last)
		container->last->next = node;
	else
		container->child = node;
	container->last = node;
}

static struct qf_json *put(struct build *b, enum qf_json_type type)
{
	struct qf_json *n = qf_json_new(b->arena, type);

	if (b->depth == 0) {
		b->root = n;
		return n;
	}
	if (b->stack[b->depth - 1]->type == QF_JSON_OBJECT)
		n->key = b->key;
	link_child(b->stack[b->depth - 1], n);
	return n;
}

static int on_null(void *ctx)
{
	put(ctx, QF_JSON_NULL);
	return 1;
}

static int on_boolean(void *ctx, int value)
{
	put(ctx, QF_JSON_BOOL)->boolean = value;
	return 1;
}

static int on_number(void *ctx, const char *p, size_t n)
{
	struct build *b = ctx;

	put(b, QF_JSON_NUMBER)->text = qf_arena_dup(b->arena, p, n);
	return 1;
}

static int on_string(void *ctx, const unsigned char *p, size_t n)
{
	struct build *b = ctx;

	put(b, QF_JSON_STRING)->text = qf_arena_dup(b->arena, p, n);
	return 1;
}

static int on_key(void *ctx, const unsigned char *p, size_t n)
{
	struct build *b = ctx;

	b->key = qf_arena_dup(b->arena, p, n);
	return 1;
}

static int open_container(struct build *b, enum qf_json_type type)
{
	struct qf_json *n = put(b, type);

	b->stack[b->depth++] = n;
	return 1;
}

static int on_object(void *ctx)
{
	return open_container(ctx, QF_JSON_OBJECT);
}

static int on_array(void *ctx)
{
	return open_container(ctx, QF_JSON_ARRAY);
}

static int on_close(void *ctx)
{
	((struct build *)ctx)->depth--;
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null, .yajl_boolean = on_boolean, .yajl_number = on_number,
	.yajl_string = on_string, .yajl_start_map = on_object, .yajl_map_key = on_key,
	.yajl_end_map = on_close, .yajl_start_array = on_array, .yajl_end_array = on_close,
};

/*
 * The scanner looks first: yajl knows no limit of depth and makes '?' of a lone surrogate. What is
 * left for yajl cannot fail.
 */
static int check(const char *p, size_t n, const char *what, struct qf_err *err)
{
	const char *why = NULL, *bad = NULL, *after, *end = p + n;

	after = qf_json_skip(p, end, QF_JSON_MAX_DEPTH, &why, &bad);
	if (!after)
		return qf_err_set(err, QF_E_DATA, "%s: %s at byte %zu", what, why, (size_t)(bad - p) + 1);
	while (after < end && (*after == ' ' || *after == '\t' || *after == '\r' || *after == '\n'))
		after++;
	if (after < end)
		return qf_err_set(err, QF_E_DATA, "%s: something stands behind the value at byte %zu", what,
				  (size_t)(after - p) + 1);
	return 0;
}

int qf_json_parse(struct qf_arena *arena, const char *p, size_t n, const char *what,
		  struct qf_json **ret, struct qf_err *err)
{
	struct build b = { .arena = arena };
	yajl_handle y;
	bool good;

	if (check(p, n, what, err) < 0)
		return -1;
	y = yajl_alloc(&callbacks, NULL, &b);
	if (!y)
		return qf_err_set(err, QF_E_TEMP, "%s: out of memory", what);
	good = yajl_parse(y, (const unsigned char *)p, n) == yajl_status_ok &&
	       yajl_complete_parse(y) == yajl_status_ok;
	yajl_free(y);
	if (!good || !b.root)
		return qf_err_set(err, QF_E_BUG, "%s: the JSON parser refused what the scanner took", what);
	*ret = b.root;
	return 0;
}

struct qf_json *qf_json_get(const struct qf_json *object, const char *key)
{
	size_t n = strlen(key);

	if (!object || object->type != QF_JSON_OBJECT)
		return NULL;
	for (struct qf_json *c = object->child; c; c = c->next)
		if (c->key.n == n && memcmp(c->key.p, key, n) == 0)
			return c;
	return NULL;
}

struct qf_json *qf_json_path(const struct qf_json *object, const char *path)
{
	char key[128];

	for (;;) {
		size_t n = strcspn(path, ".");
		struct qf_json *member;

		if (n >= sizeof(key))
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		member = qf_json_get(object, key);
		if (!path[n])
			return member;
		object = member;
		path += n + 1;
	}
}

struct qf_str qf_json_get_str(const struct qf_json *object, const char *key, const char *fallback)
{
	const struct qf_json *n = qf_json_get(object, key);

	return n && n->type == QF_JSON_STRING ? n->text : qf_str(fallback);
}

int qf_json_int(const struct qf_json *number, int64_t *ret)
{
	const char *p = number->text.p;
	char *end;
	long long v;

	if (number->type != QF_JSON_NUMBER)
		return -1;
	errno = 0;
	v = strtoll(p, &end, 10); /* arena text ends with a NUL */
	if (errno || end != p + number->text.n)
		return -1;
	*ret = v;
	return 0;
}

int64_t qf_json_get_int(const struct qf_json *object, const char *key, int64_t fallback)
{
	const struct qf_json *n = qf_json_get(object, key);
	int64_t v;

	return n && qf_json_int(n, &v) == 0 ? v : fallback;
}

bool qf_json_get_bool(const struct qf_json *object, const char *key, bool fallback)
{
	const struct qf_json *n = qf_json_get(object, key);

	return n && n->type == QF_JSON_BOOL ? n->boolean : fallback;
}

size_t qf_json_count(const struct qf_json *container)
{
	size_t n = 0;

	for (const struct qf_json *c = container ? container->child : NULL; c; c = c->next)
		n++;
	return n;
}

struct qf_json *qf_json_new(struct qf_arena *arena, enum qf_json_type type)
{
	struct qf_json *n = qf_arena_zalloc(arena, sizeof(*n));

	n->type = type;
	return n;
}

void qf_json_attach(struct qf_arena *arena, struct qf_json *container, const char *key,
		    struct qf_json *node)
{
	node->key = (struct qf_str){ 0 };
	if (key)
		node->key = qf_arena_dup(arena, key, strlen(key));
	link_child(container, node);
}

struct qf_json *qf_json_add(struct qf_arena *arena, struct qf_json *container, const char *key,
			    enum qf_json_type type)
{
	struct qf_json *n = qf_json_new(arena, type);

	qf_json_attach(arena, container, key, n);
	return n;
}

struct qf_json *qf_json_add_str(struct qf_arena *arena, struct qf_json *container, const char *key,
				struct qf_str value)
{
	struct qf_json *n = qf_json_add(arena, container, key, QF_JSON_STRING);

	n->text = qf_arena_dup(arena, value.p, value.n);
	return n;
}

struct qf_json *qf_json_add_cstr(struct qf_arena *arena, struct qf_json *container, const char *key,
				 const char *value)
{
	return qf_json_add_str(arena, container, key, qf_str(value));
}

struct qf_json *qf_json_add_int(struct qf_arena *arena, struct qf_json *container, const char *key,
				int64_t value)
{
	struct qf_json *n = qf_json_add(arena, container, key, QF_JSON_NUMBER);

	n->text = qf_arena_printf(arena, "%lld", (long long)value);
	return n;
}

struct qf_json *qf_json_add_bool(struct qf_arena *arena, struct qf_json *container, const char *key,
				 bool value)
{
	struct qf_json *n = qf_json_add(arena, container, key, QF_JSON_BOOL);

	n->boolean = value;
	return n;
}

struct qf_json *qf_json_remove(struct qf_json *object, const char *key)
{
	size_t n = strlen(key);
	struct qf_json *before = NULL;

	if (!object || object->type != QF_JSON_OBJECT)
		return NULL;
	for (struct qf_json *c = object->child; c; before = c, c = c->next) {
		if (c->key.n != n || memcmp(c->key.p, key, n) != 0)
			continue;
		if (before)
			before->next = c->next;
		else
			object->child = c->next;
		if (object->last == c)
			object->last = before;
		c->next = NULL;
		return c;
	}
	return NULL;
}

struct qf_json *qf_json_copy(struct qf_arena *arena, const struct qf_json *node)
{
	struct qf_json *n = qf_json_new(arena, node->type);

	n->boolean = node->boolean;
	n->text = qf_arena_dup_str(arena, node->text);
	n->key = qf_arena_dup_str(arena, node->key);
	for (const struct qf_json *c = node->child; c; c = c->next)
		link_child(n, qf_json_copy(arena, c));
	return n;
}

bool qf_json_equal(const struct qf_json *a, const struct qf_json *b)
{
	if (!a || !b)
		return a == b;
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case QF_JSON_NULL:
		return true;
	case QF_JSON_BOOL:
		return a->boolean == b->boolean;
	case QF_JSON_NUMBER:
		if (qf_str_eq(a->text, b->text))
			return true;
		return strtold(a->text.p, NULL) == strtold(b->text.p, NULL);
	case QF_JSON_STRING:
		return qf_str_eq(a->text, b->text);
	case QF_JSON_ARRAY:
		a = a->child;
		b = b->child;
		for (; a && b; a = a->next, b = b->next)
			if (!qf_json_equal(a, b))
				return false;
		return !a && !b;
	case QF_JSON_OBJECT:
		if (qf_json_count(a) != qf_json_count(b))
			return false;
		for (const struct qf_json *c = a->child; c; c = c->next) {
			const struct qf_json *other = b->child;

			while (other && !qf_str_eq(other->key, c->key))
				other = other->next;
			if (!other || !qf_json_equal(c, other))
				return false;
		}
		return true;
	}
	return false;
}
