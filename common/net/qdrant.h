/*
 * A Qdrant server: its version, and everything but points over REST and JSON, so that settings we
 * know nothing of survive. Points travel over gRPC (or REST) by the code that has them in hand.
 *
 * Requests here are made one at a time and wait. Failures of the moment are tried again `retries`
 * times. Errors are those of qf_call_check. `arena` arguments own what is returned.
 */
#ifndef QF_NET_QDRANT_H
#define QF_NET_QDRANT_H

#include "common/data/json.h"
#include "common/net/http.h"

struct qf_qdrant {
	struct qf_http *http;
	const char *url;      /* without trailing slash, no secrets */
	const char *grpc_url; /* given, or the same host with port 6334 */
	bool grpc_given;
	char version[32];
	int major, minor, patch;
	unsigned retries;
	/* Inside. */
	struct qf_http *slow; /* for requests that wait for the optimizer or an index */
	struct qf_arena arena;
};

/*
 * Reads the version. url: the HTTP address; grpc_url NULL: the same host, port 6334; api_key NULL:
 * none. Errors: QF_E_USAGE (not an address), QF_E_UNAVAILABLE, QF_E_PROTOCOL (no Qdrant there, with a
 * hint where it looks like another port). qf_qdrant_close in any case, also of a zeroed one.
 */
int qf_qdrant_open(struct qf_qdrant *q, const char *url, const char *grpc_url, const char *api_key,
		   const struct qf_net_opts *net, struct qf_err *err) QF_CHECK;
void qf_qdrant_close(struct qf_qdrant *q);

/* Is the server's version at least this? */
bool qf_qdrant_at_least(const struct qf_qdrant *q, int major, int minor, int patch);

/*
 * Does a Qdrant answer at the gRPC address? 0, or -1 with the reason (a port that speaks something
 * else, a proxy that takes no HTTP/2).
 */
int qf_qdrant_probe_grpc(struct qf_qdrant *q, struct qf_err *err) QF_CHECK;

/*
 * Any request. path: "/collections/a" (names in it escaped by the caller); body NULL for none.
 * *result is the "result" member, or NULL where the server says 404 and missing_ok is set; result
 * itself may be NULL.
 */
int qf_qdrant_request(struct qf_qdrant *q, const char *method, const char *path,
		      const struct qf_json *body, bool missing_ok, struct qf_arena *arena,
		      struct qf_json **result, struct qf_err *err) QF_CHECK;

/* "/collections/<name escaped><rest>", arena memory. */
const char *qf_qdrant_path(const char *name, const char *rest, struct qf_arena *arena);

/* ---- collections ---- */

/* GET /collections/{name}: *info is NULL where there is none. */
int qf_qdrant_collection(struct qf_qdrant *q, const char *name, struct qf_arena *arena,
			 struct qf_json **info, struct qf_err *err) QF_CHECK;
/* Names of all collections, as a JSON array of {"name":..}. */
int qf_qdrant_list(struct qf_qdrant *q, struct qf_arena *arena, struct qf_json **list,
		   struct qf_err *err) QF_CHECK;
/* body: the server's create request. err->detail is 409 (400 before 1.8) where it exists already. */
int qf_qdrant_create(struct qf_qdrant *q, const char *name, const struct qf_json *body,
		     struct qf_err *err) QF_CHECK;
/* PATCH. It may wait for running optimizations: no time limit but an hour. */
int qf_qdrant_patch(struct qf_qdrant *q, const char *name, const struct qf_json *body,
		    struct qf_err *err) QF_CHECK;
/* The same with one try of at most this many seconds: on the way out. */
int qf_qdrant_patch_once(struct qf_qdrant *q, const char *name, const struct qf_json *body,
			 double seconds, struct qf_err *err) QF_CHECK;
int qf_qdrant_drop(struct qf_qdrant *q, const char *name, struct qf_err *err) QF_CHECK;
/* A vector added to a collection (servers from 1.18). body: {"dense":{..}} or {"sparse":{..}}. */
int qf_qdrant_add_vector(struct qf_qdrant *q, const char *name, struct qf_str vector,
			 const struct qf_json *body, struct qf_err *err) QF_CHECK;
/* Exact number of points; filter NULL: of all. */
int qf_qdrant_count(struct qf_qdrant *q, const char *name, const struct qf_json *filter,
		    uint64_t *ret, struct qf_err *err) QF_CHECK;
/* A filter {"must":[{"key":..,"match":{"value":..}}]}. */
struct qf_json *qf_qdrant_match(struct qf_arena *arena, struct qf_str key, struct qf_str value);

/* ---- payload indexes and aliases ---- */

/* Waits until it is built, at most an hour. schema: {"type":"keyword",..}. */
int qf_qdrant_index(struct qf_qdrant *q, const char *name, struct qf_str field,
		    const struct qf_json *schema, struct qf_err *err) QF_CHECK;
/* The collection behind an alias, p == NULL where there is no such alias. */
int qf_qdrant_alias(struct qf_qdrant *q, struct qf_str alias, struct qf_arena *arena,
		    struct qf_str *collection, struct qf_err *err) QF_CHECK;
/* POST /collections/aliases: all actions in one request. */
int qf_qdrant_aliases(struct qf_qdrant *q, const struct qf_json *actions, struct qf_err *err) QF_CHECK;

/* ---- what the optimizer is at ---- */

struct qf_qdrant_state {
	char status[16];	   /* green, yellow, grey, red */
	char trouble[256];	   /* the optimizer's error, or "" */
	uint64_t queue, deferred;  /* updates not yet applied; points not yet visible */
	uint64_t points, indexed;  /* both approximate */
	uint64_t optimizations;	   /* running and queued (servers from 1.17, else 0) */
};

int qf_qdrant_state(struct qf_qdrant *q, const char *name, struct qf_qdrant_state *ret,
		    struct qf_err *err) QF_CHECK;
/* Green, nothing queued, nothing deferred, nothing left to optimize. */
bool qf_qdrant_is_ready(const struct qf_qdrant_state *s);
/*
 * Asks until the collection is ready, twice in a row. limit: seconds, 0 for none. shown, if not
 * NULL, is called after every look. Error: QF_E_TEMP with the last state when time is up, QF_E_IO with
 * the optimizer's words when it failed.
 */
int qf_qdrant_wait_ready(struct qf_qdrant *q, const char *name, double limit,
			 void (*shown)(void *ctx, const struct qf_qdrant_state *s), void *ctx,
			 struct qf_qdrant_state *ret, struct qf_err *err) QF_CHECK;

#endif
