/* One page of objects, asked for and turned into point records. */
#ifndef QF_EXTRACT_WV_PAGE_H
#define QF_EXTRACT_WV_PAGE_H

#include "common/data/record.h"
#include "tools/extract/wv_class.h"

__extension__ typedef unsigned __int128 wv_key; /* a UUID as a number: Weaviate's cursor goes in that order */

wv_key wv_key_of(const uint8_t uuid[16]);
void wv_key_uuid(wv_key key, uint8_t uuid[16]);
/* As text with hyphens. */
void wv_key_text(wv_key key, char out[37]);

struct wv_page_query {
	struct wv_class *class;
	const char *tenant;	/* or NULL */
	bool has_after;		/* without: from the very first key, the nil UUID included */
	wv_key after;
	unsigned limit;
	bool ids_only, timestamps;
	int consistency;	/* 0: the server's default; 1 ONE, 2 QUORUM, 3 ALL */
};

/* The gRPC request's message behind out; the path of the REST list request (with ?query). */
void wv_query_grpc(const struct wv_page_query *q, struct qf_buf *out);
void wv_query_rest(const struct wv_page_query *q, bool vectors, struct qf_buf *out);

/* What a page said: how many objects it had (before the cut at hi), the first and last key. */
struct wv_page {
	size_t n;		/* objects in the reply */
	size_t used;		/* of them within (.., hi] */
	bool beyond;		/* a key above hi was seen: the interval is through */
	wv_key first, last;	/* of those used; last is the highest */
	wv_key before;		/* the key before the next, used or not */
	bool has_before;
	bool amended;		/* a vector's size was seen first */
};

struct wv_page_target {
	struct wv_class *class;
	const char *tenant, *tenant_key;
	bool has_after;		/* what was asked for: keys above this one */
	wv_key after;
	wv_key hi;
	size_t max;		/* points that may still be taken (--limit); SIZE_MAX: all */
	bool timestamps, ids_only;
	/* The REST form of an object, for its references (*ret NULL: gone); or NULL. */
	int (*find_refs)(void *ctx, const char *id, const struct qf_json **ret, struct qf_err *err);
	void *refs_ctx;
	struct qf_batch *out;
};

/* Decodes a reply into the batch. When a vector is first met, the amended COLLECTION record stands
 * before its point. Errors: QF_E_PROTOCOL (not what was asked for), QF_E_DATA. */
int wv_page_grpc(struct qf_str message, struct wv_page_target *t, struct wv_page *ret,
		 struct qf_err *err) QF_CHECK;
int wv_page_rest(const struct qf_json *reply, struct wv_page_target *t, struct wv_page *ret,
		 struct qf_err *err) QF_CHECK;

/*
 * May the class be read by REST? On several nodes some versions leave named vectors out of REST lists
 * (1.35.10 to 1.38.3, fixed in 1.36.22, 1.37.13, 1.38.4). Error: QF_E_PROTOCOL.
 */
int wv_check_rest(struct qf_weaviate *server, const struct wv_class *c, struct qf_err *err) QF_CHECK;

/* A COLLECTION record with a copy of the class's line. */
void wv_add_collection(struct wv_class *c, struct qf_batch *out);

#endif
