/*
 * A point of the stream as a Qdrant point: screened, then written as protobuf bytes or as JSON text.
 * This is the hot path of loading: the vector's base64 is decoded straight into the request, and
 * nothing is copied twice. Pure functions: no network, no state but scratch memory.
 */
#ifndef QF_LOAD_QDRANT_ENCODE_H
#define QF_LOAD_QDRANT_ENCODE_H

#include "common/data/record.h"

/* Rows times components of a multivector must stay below this (Qdrant's own limit). */
enum { QF_QDRANT_MULTI_MAX = 1048576 };

/* A vector that the target collection has. */
struct qf_vector_rule {
	struct qf_str name; /* "" is the unnamed one */
	enum qf_vec_kind kind;
	uint32_t size; /* of a sparse one: 0 */
};

/* The payload paths that the schema calls float, as a tree of keys. */
struct qf_float_path;

struct qf_point_rules {
	const struct qf_vector_rule *vectors;
	size_t n_vectors;
	const struct qf_float_path *floats; /* NULL: none */
};

/* The tree for a collection line; NULL when no path is a float. Arena memory. */
const struct qf_float_path *qf_float_paths(const struct qf_json *doc, struct qf_arena *arena);

/* Scratch memory, used again from point to point. Zero-initialise. */
struct qf_point_encoder {
	struct qf_buf payload; /* the last point's payload: wire bytes of PointStruct.payload */
	struct qf_buf key;
	struct qf_buf floats; /* offsets (size_t) behind whole numbers that must become floats */
	struct qf_vector_part *parts;
	size_t n_parts, cap_parts;
	uint32_t *sorted;
	size_t cap_sorted;
};

void qf_point_encoder_release(struct qf_point_encoder *e);

/*
 * Appends the point as one element of UpsertPoints.points (tag and length included). On error out is
 * as before. Error: QF_E_DATA with the reason alone; the caller says which point it was.
 */
int qf_point_encode(struct qf_point_encoder *e, const struct qf_point_rules *rules,
		    struct qf_record *rec, struct qf_arena *arena, struct qf_buf *out,
		    struct qf_err *err) QF_CHECK;

/* The same as JSON, as in the body of a REST upsert, with the same screening. */
int qf_point_encode_json(struct qf_point_encoder *e, const struct qf_point_rules *rules,
			 struct qf_record *rec, struct qf_arena *arena, struct qf_buf *out,
			 struct qf_err *err) QF_CHECK;

/* Refuses ids that Qdrant cannot hold (text that is no UUID). */
int qf_point_screen_id(const struct qf_id *id, struct qf_err *err) QF_CHECK;

#endif
