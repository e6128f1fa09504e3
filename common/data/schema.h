/*
 * The `collection` line as a tree. Its members (docs/STREAM.md):
 *   name, vectors {"<name>": {size, distance, multivector?, hnsw?, quantization?, on_disk?,
 *   datatype?}}, sparse {"<name>": {...}}, payload {"<path>": {type, index?, ...}}, aliases [..],
 *   count, settings {...} (members of Qdrant's create request), notes [..] (what has no twin).
 * A vector whose size nobody knows yet has no "size".
 */
#ifndef QF_DATA_SCHEMA_H
#define QF_DATA_SCHEMA_H

#include "common/data/json.h"

/* A fresh tree {"type":"collection","name":...,"vectors":{},"sparse":{},"payload":{}}. */
struct qf_json *qf_schema_new(struct qf_arena *arena, struct qf_str name);

/* The declaration of a vector ("" for the unnamed), or NULL. Not for sparse ones. */
struct qf_json *qf_schema_vector(const struct qf_json *doc, struct qf_str name);

/*
 * Merges a later line of the same name into the first: new vectors, payload entries, aliases and
 * notes are added. Error (QF_E_DATA, the reason) where the two contradict in size or distance.
 * *changed tells whether anything was new.
 */
int qf_schema_amend(struct qf_arena *arena, struct qf_json *doc, const struct qf_json *later,
		    bool *changed, struct qf_err *err) QF_CHECK;

/* Does the schema call this payload path a float? Paths as in Qdrant: "a.b", "a[].b". */
bool qf_schema_is_float(const struct qf_json *doc, struct qf_str path);

/* Checks the shape of a collection line. Error: QF_E_DATA naming the member. */
int qf_schema_check(const struct qf_json *doc, struct qf_err *err) QF_CHECK;

#endif
