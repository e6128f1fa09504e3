/*
 * Reads classes and tenants with several requests in flight. The keys of a scope (a class, or one
 * tenant of it) are one interval at first; a request slot with nothing to do takes half of what the
 * longest running interval has left, after a probe has found where its keys lie, so that ids that
 * share their beginnings split as well as random ones.
 */
#ifndef QF_EXTRACT_WV_SCAN_H
#define QF_EXTRACT_WV_SCAN_H

#include "common/base/retry.h"
#include "tools/extract/wv_page.h"

struct wv_scope {
	struct wv_class *class;
	const char *tenant;	/* NULL: the class has none */
	uint64_t count;		/* of Aggregate, before reading */
	bool has_count;
	const char *why;	/* set beforehand: not readable, why; such a scope is only reported */
	/* Inside. */
	unsigned intervals;	/* open ones */
	bool opened, closed, limited;
	uint64_t points;
};

struct wv_scan_opts {
	unsigned jobs, part, parts;
	bool has_limit;
	uint64_t limit;		/* points of each class */
	bool grpc, ids_only, timestamps, split;
	const char *tenant_key;
	int consistency;
	wv_key from, to;	/* keys to read, both included; whole space: 0 and ~0 */
};

struct wv_interval;
struct wv_slot;

struct wv_scan {
	struct qf_weaviate *server;
	struct wv_scan_opts opts;
	struct wv_scope *scopes;	/* borrowed */
	size_t n_scopes, next_scope, open_scopes;
	struct wv_interval *intervals;	/* list of the open ones */
	struct wv_slot *slots;
	uint64_t retries;
	struct wv_class *announced;	/* whose collection line went out last */
	char *grpc_search;
};

void wv_scan_open(struct wv_scan *s, struct qf_weaviate *server, struct wv_scope *scopes,
		  size_t n_scopes, const struct wv_scan_opts *opts);
void wv_scan_close(struct wv_scan *s);

/*
 * The next records: 0; 1 when every scope is through. Each scope ends with a SCOPE record. On
 * ids_only only POINT (without payload and vectors) and SCOPE records come.
 */
int wv_scan_next(struct wv_scan *s, struct qf_batch *out, struct qf_err *err) QF_CHECK;

#endif
