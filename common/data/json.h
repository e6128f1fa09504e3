/*
 * JSON three ways: a strict scanner for lines whose shape is ours, a tree (read by yajl) for
 * control-plane replies and control lines, and text out. Numbers keep their text throughout.
 */
#ifndef QF_DATA_JSON_H
#define QF_DATA_JSON_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"

enum { QF_JSON_MAX_DEPTH = 64 };

/* ---- scanning ---- */

/*
 * Checks one JSON value at p and returns what stands behind it, or NULL with *why set to a
 * constant such as "lone surrogate". Strict RFC 8259: UTF-8 checked, escapes complete, surrogates
 * paired, no control characters, nesting at most max_depth. *bad is where it failed.
 */
const char *qf_json_skip(const char *p, const char *end, unsigned max_depth, const char **why,
			 const char **bad);

/* The scanner of objects and arrays whose keys we know. All functions skip white space first. */
struct qf_scan {
	const char *p, *end;
	const char *why; /* set by the first failure; everything fails from then on */
};

/* Takes the character if it is next. */
bool qf_scan_take(struct qf_scan *s, char c);
/* The next member of an object: false at its end or on failure. *first starts true. The key's
 * escapes are resolved into the arena. Then read the value by one of the following. */
bool qf_scan_member(struct qf_scan *s, bool *first, struct qf_str *key, struct qf_arena *arena);
/* Any value as its raw text. */
struct qf_str qf_scan_value(struct qf_scan *s);
/* A string, escapes resolved (a slice of the input where there are none). */
struct qf_str qf_scan_string(struct qf_scan *s, struct qf_arena *arena);
/* A string or null (then p == NULL). */
struct qf_str qf_scan_string_or_null(struct qf_scan *s, struct qf_arena *arena);

/* ---- tree ---- */

enum qf_json_type { QF_JSON_NULL, QF_JSON_BOOL, QF_JSON_NUMBER, QF_JSON_STRING, QF_JSON_OBJECT,
		    QF_JSON_ARRAY };

struct qf_json {
	enum qf_json_type type;
	bool boolean;
	struct qf_str key;    /* in an object; p == NULL else */
	struct qf_str text;   /* of a string (resolved) or a number (as written) */
	struct qf_json *child, *last, *next;
};

/* Parses one document. Everything lies in the arena. Error: QF_E_DATA "what: <reason> at byte N". */
int qf_json_parse(struct qf_arena *arena, const char *p, size_t n, const char *what,
		  struct qf_json **ret, struct qf_err *err) QF_CHECK;

/* Member of an object by key, or NULL; NULL object gives NULL. */
struct qf_json *qf_json_get(const struct qf_json *object, const char *key);
/* Member by a path of keys "a.b.c" (keys without dots), or NULL. */
struct qf_json *qf_json_path(const struct qf_json *object, const char *path);
/* Text of a string member, or fallback. */
struct qf_str qf_json_get_str(const struct qf_json *object, const char *key, const char *fallback);
/* A whole number member, or fallback where it is missing or no integer within int64. */
int64_t qf_json_get_int(const struct qf_json *object, const char *key, int64_t fallback);
bool qf_json_get_bool(const struct qf_json *object, const char *key, bool fallback);
/* A number node as int64: 0, or -1 if it has a fraction or does not fit. */
int qf_json_int(const struct qf_json *number, int64_t *ret) QF_CHECK;
size_t qf_json_count(const struct qf_json *container);

/* Building. Strings are copied. Add functions append and return the new node; key NULL in arrays. */
struct qf_json *qf_json_new(struct qf_arena *arena, enum qf_json_type type);
struct qf_json *qf_json_add(struct qf_arena *arena, struct qf_json *container, const char *key,
			    enum qf_json_type type);
struct qf_json *qf_json_add_str(struct qf_arena *arena, struct qf_json *container, const char *key,
				struct qf_str value);
struct qf_json *qf_json_add_cstr(struct qf_arena *arena, struct qf_json *container, const char *key,
				 const char *value);
struct qf_json *qf_json_add_int(struct qf_arena *arena, struct qf_json *container, const char *key,
				int64_t value);
struct qf_json *qf_json_add_bool(struct qf_arena *arena, struct qf_json *container, const char *key,
				 bool value);
/* Appends an existing node (with no other parent) under a new key. */
void qf_json_attach(struct qf_arena *arena, struct qf_json *container, const char *key,
		    struct qf_json *node);
/* Unlinks a member; NULL when not there. */
struct qf_json *qf_json_remove(struct qf_json *object, const char *key);
/* A deep copy into an arena. */
struct qf_json *qf_json_copy(struct qf_arena *arena, const struct qf_json *node);
bool qf_json_equal(const struct qf_json *a, const struct qf_json *b);

/* ---- text ---- */

/* Compact text of a tree. */
void qf_json_write(struct qf_buf *out, const struct qf_json *node);
/* A string with quotes; escapes only what must be: " \ and control characters. */
void qf_json_write_string(struct qf_buf *out, struct qf_str s);

#endif
