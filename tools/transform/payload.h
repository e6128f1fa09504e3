/*
 * A point's payload as a tree that keeps the bytes it was read from. It is parsed as far as somebody
 * looks, and only what was changed is written anew: order, number texts, escapes and duplicate keys
 * of everything else stay as they came. The white space of an object or array that changed itself
 * is the only thing that goes.
 *
 * All nodes lie in the arena of the record's batch. Texts given to the functions below are not
 * copied: they must live as long (the batch's arena, the state of the step, a literal).
 *
 * One tree serves a whole chain: the first step that asks makes it, the chain writes it back once
 * behind the last (qf_payload_flush). While rec->tree is set, rec->payload is stale.
 */
#ifndef QF_TRANSFORM_PAYLOAD_H
#define QF_TRANSFORM_PAYLOAD_H

#include "common/base/conf.h"
#include "common/base/err.h"
#include "common/data/record.h"

/* Read type, boolean, key, next and parent; leave the rest to the functions. */
struct qf_val {
	enum qf_json_type type;
	bool boolean;
	bool opened;		/* the children are in the list */
	bool changed;		/* raw no longer says what it is */
	bool moved;		/* a container put here by a step: nesting is to be checked */
	struct qf_str key;	/* in an object, escapes resolved; p == NULL else */
	struct qf_str raw_key;	/* with quotes, as read; p == NULL: a new name */
	struct qf_str raw;	/* as read; p == NULL: made by a step */
	struct qf_str text;	/* qf_val_text() */
	struct qf_val *child, *last, *prev, *next, *parent;
};

/* ---- records ---- */

/*
 * The payload's root, always an object; a record without a payload has an empty one, which is
 * written only if something is put into it. Error: QF_E_DATA (not JSON, or no object).
 */
int qf_payload_get(struct qf_record *rec, struct qf_arena *arena, struct qf_val **ret,
		   struct qf_err *err) QF_CHECK;
/*
 * Writes the tree back into rec->payload (and sets rec->line.p = NULL) if it was changed, and
 * forgets it. For steps that need the raw text, and before a record is copied: two records must
 * not share a tree. Error: QF_E_DATA where it is nested too deeply to be read again.
 */
int qf_payload_flush(struct qf_record *rec, struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/* ---- looking ---- */

/* First child of an object or array; NULL for an empty one and for scalars. Go on with ->next. */
struct qf_val *qf_val_first(struct qf_val *v, struct qf_arena *arena);
/* Member of an object, or NULL (also for what is no object). Of duplicate keys the last, as in Qdrant. */
struct qf_val *qf_val_get(struct qf_val *object, struct qf_str key, struct qf_arena *arena);
/* A string with its escapes resolved, a number's text as written; of other types p == NULL. */
struct qf_str qf_val_text(struct qf_val *v, struct qf_arena *arena);
size_t qf_val_count(struct qf_val *container, struct qf_arena *arena);

/*
 * A number as an integer, exactly: 5, 5.0 and 50e-1 are 5. -1: no number, a fraction, or it does
 * not fit. No double is involved, so 2^53+1 is safe.
 */
int qf_val_int(struct qf_val *v, int64_t *ret) QF_CHECK;
int qf_val_uint(struct qf_val *v, uint64_t *ret) QF_CHECK;
/* The nearest double. -1: no number, or beyond the largest. */
int qf_val_double(struct qf_val *v, double *ret) QF_CHECK;
/* Is the number written as an integer (no point, no exponent)? */
bool qf_val_is_integer(struct qf_val *v);

/*
 * Order of two numbers (exact, of any size), strings (by bytes) or booleans (false first):
 * *ret is < 0, 0 or > 0. -1: types that have no order between them.
 */
int qf_val_order(struct qf_val *a, struct qf_val *b, struct qf_arena *arena, int *ret) QF_CHECK;
/* The same value: numbers by value, objects whatever the order of their members. */
bool qf_val_equal(struct qf_val *a, struct qf_val *b, struct qf_arena *arena);

/* "string", "number", "boolean", "null", "object", "array". */
const char *qf_val_type_name(const struct qf_val *v);
/* The value as JSON for a message: cut at 60 characters. */
const char *qf_val_show(const struct qf_val *v, struct qf_arena *arena);
/* A text for a message: cut at 60 characters, control characters escaped, without quotes. */
const char *qf_text_show(struct qf_str text, struct qf_arena *arena);

/* ---- making ---- */

struct qf_val *qf_val_new_null(struct qf_arena *arena);
struct qf_val *qf_val_new_bool(struct qf_arena *arena, bool value);
struct qf_val *qf_val_new_string(struct qf_arena *arena, struct qf_str text);
struct qf_val *qf_val_new_int(struct qf_arena *arena, int64_t value);
struct qf_val *qf_val_new_uint(struct qf_arena *arena, uint64_t value);
/* Must be finite. Written with a point or an exponent: 5.0. */
struct qf_val *qf_val_new_double(struct qf_arena *arena, double value);
/* text must be a JSON number; it is written as it stands. */
struct qf_val *qf_val_new_number(struct qf_arena *arena, struct qf_str text);
struct qf_val *qf_val_new_object(struct qf_arena *arena);
struct qf_val *qf_val_new_array(struct qf_arena *arena);
/* A copy that may be put elsewhere. */
struct qf_val *qf_val_copy(struct qf_val *v, struct qf_arena *arena);
/* Takes JSON text over; NULL and *why where it is none. White space around it is left out. */
struct qf_val *qf_val_of_json(struct qf_str json, struct qf_arena *arena, const char **why);
/* What a YAML node says: unquoted numbers, booleans and null as such, anything quoted a string. */
struct qf_val *qf_val_of_node(const struct qf_node *node, struct qf_arena *arena);

/* ---- changing ---- */

/*
 * Makes v the value `value`, keeping v's key and place; pointers to v stay good, pointers into its
 * old children do not. value is used up: make a copy (qf_val_copy) if it stands elsewhere.
 */
void qf_val_assign(struct qf_val *v, struct qf_val *value);
/* Member of an object: the value of an existing key is replaced at its place, a new key goes last.
 * value must stand nowhere else (fresh, copied or removed). */
void qf_val_set(struct qf_val *object, struct qf_str key, struct qf_val *value,
		struct qf_arena *arena);
/* The same, for elements of an array. */
void qf_val_append(struct qf_val *array, struct qf_val *value, struct qf_arena *arena);
/* A fresh, copied or removed value before an existing sibling; key: in an object, else null. */
void qf_val_insert_before(struct qf_val *sibling, struct qf_str key, struct qf_val *value);
/* Takes v out of its object or array; it may be put elsewhere then. */
void qf_val_remove(struct qf_val *v);
/* A new key for a member, at its place. The caller sees to it that the key is free. */
void qf_val_rename(struct qf_val *member, struct qf_str key);

/* JSON text of the value behind out: untouched parts as they were read. */
void qf_val_write(const struct qf_val *v, struct qf_buf *out);

#endif
