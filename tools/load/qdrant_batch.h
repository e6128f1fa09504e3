/* Inside of the sink `qdrant`: a batch, and how a request is made of it and its reply judged. */
#ifndef QF_LOAD_QDRANT_BATCH_H
#define QF_LOAD_QDRANT_BATCH_H

#include "tools/load/sink_qdrant.h"

enum { QF_LOAD_MAX_RANGES = 40 }; /* halving 2^32 points leaves fewer */

struct qf_load_item {
	struct qf_id id;
	size_t from, to;	   /* in wire */
	size_t line_from, line_to; /* in lines, where rejects want them */
	uint64_t line_no;
	uint32_t scope;
};

enum qf_load_state {
	QF_LOAD_FREE,
	QF_LOAD_OPEN,	 /* being filled */
	QF_LOAD_FLYING,
	QF_LOAD_WAITING, /* for its next try */
};

struct qf_load_range {
	size_t from, to;
};

struct qf_load_batch {
	enum qf_load_state state;
	bool deletes;
	bool parents; /* what has an id in `_parent` goes with it */
	bool rest;
	struct qf_load_target *target;
	struct qf_buf wire, lines, body;
	struct qf_load_item *items;
	size_t n, cap;
	uint64_t *seen; /* open addressing over the ids' fingerprints, 0 is free */
	size_t n_seen;
	struct qf_load_range ranges[QF_LOAD_MAX_RANGES];
	unsigned n_ranges, attempts;
	struct qf_retry retry;
	double due;
	char *url;
	struct qf_call call;
};

/* Address and head of the request; its points follow as they come. */
void qf_load_request_open(const struct qf_load_qdrant *s, struct qf_load_batch *b);
/* Makes the call's request of the range on top of the stack. */
void qf_load_request_make(struct qf_load_batch *b);

enum qf_load_verdict {
	QF_LOAD_DONE,
	QF_LOAD_AGAIN,	   /* later, the same */
	QF_LOAD_SPLIT,	   /* too large at once */
	QF_LOAD_FEWER,	   /* too much at once for now */
	QF_LOAD_BAD_POINT, /* one of them at least is refused for good */
	QF_LOAD_FATAL,
};

/* What came of a done call for the range on top. err is set but for DONE. */
enum qf_load_verdict qf_load_request_judge(const struct qf_load_qdrant *s, const struct qf_load_batch *b,
					   struct qf_err *err);

#endif
