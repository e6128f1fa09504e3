/*
 * Points that a step holds back, one of each group: they wait as lines, in memory up to a limit and in
 * temporary files past it, and come out in the order in which they came.
 */
#ifndef QF_TRANSFORM_HOLD_H
#define QF_TRANSFORM_HOLD_H

#include "common/base/buf.h"
#include "common/data/record.h"

/* Heap memory that becomes a mapped temporary file when it grows past the limit. */
struct qf_spill {
	char *p;
	size_t n, cap, limit;
	int fd; /* of the file + 1, 0: none yet */
};

struct qf_hold_key {
	enum qf_id_kind kind;
	uint32_t text_n;
	union {
		uint64_t num;
		uint8_t uuid[16];
		uint64_t text_at; /* in texts */
	};
};

/* A point that waits. */
struct qf_held {
	uint64_t group[2];	  /* 0, 0: it has none */
	uint64_t at, line_no;	  /* its line in the spool, and there behind it the line that came in */
	uint32_t n, n_input;
	bool gone;		  /* another one of its group is better */
	struct qf_hold_key id, key;
};

struct qf_hold {
	struct qf_spill items, slots, texts;
	uint64_t n, out;	  /* items, and how many of them came out or are gone */
	struct qf_buf tail;	  /* end of the spool, not yet in the file */
	uint64_t spooled;	  /* bytes in the file */
	size_t tail_limit;
	int fd;			  /* + 1 */
};

/* memory: about how much of it to use. */
void qf_hold_init(struct qf_hold *h, unsigned long long memory);
void qf_hold_free(struct qf_hold *h);
/* Forgets everything, for the next stream. */
void qf_hold_reset(struct qf_hold *h);

/* The point of this group, or NULL; good until the next add. */
struct qf_held *qf_hold_find(struct qf_hold *h, const uint64_t group[2]);
/*
 * Adds a point under a group, which it takes over from `instead` (may be NULL). Its line is made if
 * it has none. Errors: QF_E_DATA (the point cannot be written), QF_E_CREATE, QF_E_IO (temporary
 * files).
 */
int qf_hold_add(struct qf_hold *h, struct qf_record *rec, const uint64_t group[2],
		const struct qf_id *key, struct qf_held *instead, struct qf_arena *arena,
		struct qf_err *err) QF_CHECK;
void qf_hold_drop(struct qf_held *held);

/* The ids of a point that waits; texts are good until the next add. */
struct qf_id qf_hold_id(const struct qf_hold *h, const struct qf_hold_key *key);
/* Numbers before UUIDs before texts. */
int qf_hold_order(const struct qf_id *a, const struct qf_id *b);

/* Adds the next points, some 256 KiB of them. 1: there were some, 0: no more. */
int qf_hold_release(struct qf_hold *h, struct qf_batch *out, struct qf_err *err) QF_CHECK;

#endif
