/*
 * Paths of payload properties: "title", "address.street", "parts[].name", "tags[]".
 *
 * A path goes through arrays by itself: the brackets in the middle may be left out. "tags" is the
 * array, "tags[]" each of its elements. A part with dots, brackets or quotes in its name, or that
 * begins with '@', stands in double quotes: "\"a.b\".c". Steps, expressions and templates also take
 * fields of the record itself where they say so: @id, @tenant, @collection.
 */
#ifndef QF_TRANSFORM_PATH_H
#define QF_TRANSFORM_PATH_H

#include "common/base/conf.h"
#include "common/base/err.h"
#include "common/data/record.h"
#include "tools/transform/payload.h"

enum qf_path_field { QF_PATH_PAYLOAD, QF_PATH_ID, QF_PATH_TENANT, QF_PATH_COLLECTION };

struct qf_path_part {
	struct qf_str name;
	bool each; /* "[]" behind it */
};

/* parts and text lie in the arena that qf_path_compile was given. */
struct qf_path {
	enum qf_path_field field;
	struct qf_path_part *parts; /* of QF_PATH_PAYLOAD */
	size_t n;
	struct qf_str text; /* as written, for messages; NUL behind it */
};

/*
 * The next part of a path: its name, and in *suffix the "[]" behind it. Returns what stands behind
 * the dot, the end after the last part, or NULL where this is no path.
 */
const char *qf_path_next(const char *p, const char *end, struct qf_str *name,
			 struct qf_str *suffix);

/*
 * Compiles a path. fields: are @id, @tenant and @collection taken? Error: QF_E_CONFIG at the node.
 */
int qf_path_compile(struct qf_path *path, const struct qf_conf *conf, const struct qf_node *at,
		    const char *text, bool fields, struct qf_arena *arena,
		    struct qf_err *err) QF_CHECK;
/* The same without a file: *why is a constant. */
int qf_path_parse(struct qf_path *path, struct qf_str text, bool fields, struct qf_arena *arena,
		  const char **why) QF_CHECK;

/*
 * All places of the path below root, in order; *ret is arena memory. Payload paths only. Values may
 * be assigned and removed while going through the list.
 */
size_t qf_path_all(const struct qf_path *path, struct qf_val *root, struct qf_arena *arena,
		   struct qf_val ***ret);
/* The first of them, or NULL. */
struct qf_val *qf_path_first(const struct qf_path *path, struct qf_val *root,
			     struct qf_arena *arena);

/*
 * The first place of the path in a record's payload, or its field as a fresh value (an integer id
 * as a number; no tenant gives none); *ret NULL where there is none. Do not change what comes back.
 * Error: QF_E_DATA (a payload that is not JSON).
 */
int qf_path_value(const struct qf_path *path, struct qf_record *rec, struct qf_arena *arena,
		  struct qf_val **ret, struct qf_err *err) QF_CHECK;

/*
 * Puts the value there: in place where something stands, else as a last key. Objects in the middle
 * are made where nothing or null stands; in an array in the middle every object gets it; "tags[]" sets
 * the elements that are there. Payload paths only. Error: QF_E_DATA where a scalar is in the way, or
 * an array that has no objects.
 */
int qf_path_set(const struct qf_path *path, struct qf_val *root, struct qf_val *value,
		struct qf_arena *arena, struct qf_err *err) QF_CHECK;
/* Removes all places; how many there were. */
size_t qf_path_remove(const struct qf_path *path, struct qf_val *root, struct qf_arena *arena);

/* Adds a part to the text of a path, with the dot before it and quotes where it needs them. */
struct qf_buf;
void qf_path_add_part(struct qf_buf *out, const struct qf_path_part *part);

/* Is `inner` the same path as `outer`, or one below it? Brackets make no difference. */
bool qf_path_covers(const struct qf_path *outer, const struct qf_path *inner);

/* ---- the schema: "payload" of a collection line, {"<path>": {"type": ..}} ---- */

/* The entry of this path, or NULL. "parts[].name" and "parts.name" are one. */
struct qf_json *qf_path_declared(const struct qf_path *path, const struct qf_json *doc);
/* The entry, made if need be, with this type; what belonged to the index of another type goes.
 * index: false for a type only (no payload index is made). Sets rec->line.p = NULL on change. */
void qf_path_declare(const struct qf_path *path, struct qf_record *rec, const char *type,
		     bool index, struct qf_arena *arena);
/* Removes the entries of the path and of what is below it. */
void qf_path_undeclare(const struct qf_path *path, struct qf_record *rec, struct qf_arena *arena);
/* Gives the entries of `from` (and below) also to `to`; those that `to` had go. */
void qf_path_declare_copy(const struct qf_path *from, const struct qf_path *to,
			  struct qf_record *rec, struct qf_arena *arena);

#endif
