/* Counts by scope (collection and tenant) and digests by collection, as the `end` line has them. */
#ifndef QF_DATA_TALLY_H
#define QF_DATA_TALLY_H

#include "common/data/record.h"

/* A sum modulo 2^128: neither order nor splitting nor merging of the lines changes it. */
struct qf_digest {
	uint64_t high, low;
};

/* Adds the XXH3-128 of one point or delete line (without its newline). */
void qf_digest_add(struct qf_digest *d, const char *line, size_t n);
/* 32 hex digits, high half first, and a NUL. */
void qf_digest_format(const struct qf_digest *d, char out[33]);

struct qf_scope {
	struct qf_str collection, tenant;
	uint64_t points, deletes, rejected;
	bool whole, declared;	/* declared: a SCOPE record was seen for it */
	struct qf_str why;
	size_t coll;		/* index in colls */
};

struct qf_tally_coll {
	struct qf_str name;
	struct qf_digest digest;
	uint64_t points;
};

/* Zero-initialise. Scopes and collections stand in order of first appearance. */
struct qf_tally {
	struct qf_scope *scopes;
	size_t n, cap;
	struct qf_tally_coll *colls;
	size_t n_colls, cap_colls;
	uint32_t *slots;	/* open addressing over scopes: index + 1 */
	size_t n_slots, last;
	struct qf_arena arena;
};

void qf_tally_release(struct qf_tally *t);
/* Back to empty, keeping memory. */
void qf_tally_reset(struct qf_tally *t);
/* The scope, made when new. Valid until the next call. */
struct qf_scope *qf_tally_scope(struct qf_tally *t, struct qf_str collection, struct qf_str tenant);
/* The collection's entry, or NULL. */
struct qf_tally_coll *qf_tally_coll(struct qf_tally *t, struct qf_str name);
/* Counts a point or delete with its line, or takes over what a SCOPE record declares. */
void qf_tally_add(struct qf_tally *t, const struct qf_record *rec, struct qf_str line);
/* The `end` line, without newline. */
void qf_tally_write_end(const struct qf_tally *t, struct qf_buf *out);
/*
 * Compares with the `end` line that came in (a tree). Error: QF_E_DATA, naming the first scope or
 * digest that differs.
 */
int qf_tally_check_end(struct qf_tally *t, const struct qf_json *end, struct qf_err *err) QF_CHECK;

#endif
