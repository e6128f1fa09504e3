/*
 * What flows through a stage: records in batches. One record is one line of the stream
 * (docs/STREAM.md), but for SCOPE: the entries of an `end` line come as records of their own, just
 * before END, so that a step that renames a collection renames it everywhere by one rule.
 */
#ifndef QF_DATA_RECORD_H
#define QF_DATA_RECORD_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/data/json.h"

enum qf_record_type {
	QF_REC_STREAM,	   /* header; doc is the whole line as a tree */
	QF_REC_COLLECTION, /* doc is the whole line as a tree (common/data/schema.h reads it) */
	QF_REC_POINT,
	QF_REC_DELETE,	   /* collection, tenant, id */
	QF_REC_CURSOR,	   /* collection, tenant, from, to */
	QF_REC_SCOPE,	   /* collection, tenant, rejected, whole, why; points and deletes as read */
	QF_REC_END,
};

struct qf_val; /* tools/transform/payload.h */

/* A point id. In a stream it is a UUID or an unsigned integer, as in Qdrant; keys of other kinds
 * (TEXT) may stand there until a step or load has made a UUID of them. */
enum qf_id_kind { QF_ID_NONE, QF_ID_NUM, QF_ID_UUID, QF_ID_TEXT };

struct qf_id {
	enum qf_id_kind kind;
	uint64_t num;
	uint8_t uuid[16];
	struct qf_str text; /* of QF_ID_TEXT */
};

enum qf_vec_kind { QF_VEC_DENSE, QF_VEC_MULTI, QF_VEC_SPARSE };

/* One vector of a point. values: dense dim floats; multi rows x dim, row by row; sparse dim values
 * with dim indices. 16-byte aligned where we allocate it, but do not rely on it. */
struct qf_vec {
	struct qf_str name; /* "" is the unnamed vector */
	enum qf_vec_kind kind;
	uint32_t rows, dim;
	const float *values;
	const uint32_t *indices;
};

struct qf_record {
	enum qf_record_type type;
	uint64_t line_no;	     /* of the input, from 1; 0 if it came from no stream */
	struct qf_str line;	     /* as read, without newline; set p = NULL when you change anything */
	struct qf_str collection;
	struct qf_str tenant;	     /* p == NULL: none */
	struct qf_id id;
	struct qf_str vector;	     /* raw JSON of "vector", p == NULL: none or see vecs */
	struct qf_vec *vecs;	     /* decoded; when set it is what counts and `vector` is stale */
	uint32_t n_vecs;
	struct qf_str payload;	     /* raw JSON object; p == NULL: none. Stale while tree is set */
	struct qf_val *tree;	     /* the payload while a chain of steps edits it; NULL outside of one */
	struct qf_str input;	     /* the line before any step, set by the chain; p == NULL: none */
	struct qf_str refused;	     /* why a step cannot take it; the chain takes it out behind that step */
	struct qf_str error;	     /* raw JSON object of a rejected point ("error" member), or NULL */
	struct qf_str from, to;	     /* cursor: raw JSON scalars, "null" for the open ends */
	struct qf_json *doc;
	/* scope */
	uint64_t points, deletes, rejected;
	bool has_count;		     /* the source said beforehand how many there are */
	uint64_t count;
	bool unproven;		     /* one replica's view: that no other holds more is not known */
	bool whole;
	struct qf_str why;	     /* why not whole; p == NULL when whole */
};

/* Records and the memory that they point to. "A batch owns everything its records point to." */
struct qf_batch {
	struct qf_record *rec;
	size_t n, cap;
	struct qf_arena arena;
};

void qf_batch_reset(struct qf_batch *b);
void qf_batch_release(struct qf_batch *b);
/* A new zeroed record at the end; the pointer is good until the next add. */
struct qf_record *qf_batch_add(struct qf_batch *b, enum qf_record_type type);

/* Drops the records whose keep[i] is false; the others stay in order. */
void qf_batch_keep(struct qf_batch *b, const bool *keep);

/*
 * Decodes rec->vector into rec->vecs (arena memory), if that has not happened. Takes base64 and
 * number arrays, dense, multi, sparse, named or not. Error: QF_E_DATA naming the reason (not the
 * id: the caller does). NaN and infinity pass, since base64 can carry them; load screens them.
 */
int qf_record_vectors(struct qf_record *rec, struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/* ---- ids ---- */

/* "collection 'A', id 42" for messages, in the arena; with ", line 7" when known. */
const char *qf_record_where(const struct qf_record *rec, struct qf_arena *arena);
/* Reads a UUID in any form that Qdrant takes (hyphenated, simple, braced, urn:uuid:). -1 if none. */
int qf_uuid_parse(struct qf_str text, uint8_t uuid[16]) QF_CHECK;
/* Hyphenated, lower case; writes 36 characters and a NUL. */
void qf_uuid_format(const uint8_t uuid[16], char out[37]);
/* A random one (version 4). */
void qf_uuid_random(uint8_t uuid[16]);
/* Version 5 in the URL namespace, as other Qdrant migration tools make ids of foreign keys. */
void qf_uuid_url(struct qf_str name, uint8_t uuid[16]);
/* Version 5 in any namespace. */
void qf_uuid_name(const uint8_t space[16], struct qf_str name, uint8_t uuid[16]);
/* A namespace: "url", "dns", "oid" or "x500" (RFC 9562), or a UUID. -1: none of them. */
int qf_uuid_space(const char *text, uint8_t space[16]) QF_CHECK;
/* An id of a source key by the rule of the design: UUIDs and unsigned integers are kept. */
struct qf_id qf_id_of_text(struct qf_str text);
/* As JSON: a number, or a string. */
void qf_id_write(struct qf_buf *out, const struct qf_id *id);
/* As text without quotes. */
void qf_id_text(struct qf_buf *out, const struct qf_id *id);

#endif
