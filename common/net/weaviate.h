/*
 * Typed calls of a Weaviate server, used by the source and by whoever compares with it.
 * Facts: Weaviate's openapi-specs/schema.json and grpc/proto/v1 at 1.39.0.
 */
#ifndef QF_NET_WEAVIATE_H
#define QF_NET_WEAVIATE_H

#include "common/base/arena.h"
#include "common/data/json.h"
#include "common/net/http.h"

struct qf_weaviate_opts {
	const char *url, *grpc_url;	/* grpc_url NULL: derived */
	const char *api_key, *token;	/* a key, or a bearer token made elsewhere; or NULL */
	const char *client_id, *client_secret, *refresh_token, *scope; /* OIDC, or NULL */
	struct qf_net_opts net;
};

struct qf_weaviate {
	struct qf_arena arena;
	struct qf_http *http;
	const char *url, *grpc_url;	/* checked, without trailing slash */
	const char *version;		/* "1.39.0" */
	unsigned major, minor, patch;
	uint64_t grpc_max;		/* largest gRPC message of the server, bytes */
	unsigned retries;
	/* OIDC: where tokens come from and until when the present one is good (qf_now()). */
	const char *token_endpoint, *client_id, *client_secret, *scope;
	char *refresh_token;
	double token_until;
};

/*
 * Connects: reads the version over HTTP, signs in. Errors name the address and what to do: 69 not
 * reachable, 77 key missing or wrong, 76 wrong port. Close in any case.
 */
int qf_weaviate_open(struct qf_weaviate *w, const struct qf_weaviate_opts *opts,
		     struct qf_err *err) QF_CHECK;
void qf_weaviate_close(struct qf_weaviate *w);

/* Is the server at least this version? */
bool qf_weaviate_since(const struct qf_weaviate *w, unsigned major, unsigned minor);

/* Is a gRPC server there? 0 yes; -1 with err: not reachable, wrong port, wrong key. */
int qf_weaviate_probe_grpc(struct qf_weaviate *w, struct qf_err *err) QF_CHECK;

/*
 * A done gRPC call as success or error, like qf_call_check, with what Weaviate says in words only:
 * its gRPC side answers UNKNOWN both for a wrong key (77) and for its request limiter (retry).
 */
int qf_weaviate_check(const struct qf_call *call, struct qf_err *err) QF_CHECK;

/*
 * A gRPC call to its end, with retries of transient failures and one renewal of the token. 0: the
 * call holds the message; -1: err as of qf_weaviate_check. Release the call in any case.
 */
int qf_weaviate_call(struct qf_weaviate *w, struct qf_call *call, struct qf_err *err) QF_CHECK;

/* GET path as JSON in the arena; *ret NULL where it answers 404 and missing_ok is set. */
int qf_weaviate_get(struct qf_weaviate *w, const char *path, bool missing_ok, struct qf_arena *arena,
		    struct qf_json **ret, struct qf_err *err) QF_CHECK;

/*
 * Renews the OIDC token when it ends within 30 seconds (force: in any case). Call before starting
 * requests; cheap when there is nothing to do.
 */
int qf_weaviate_refresh(struct qf_weaviate *w, bool force, struct qf_err *err) QF_CHECK;
/* Finds the token endpoint and gets the first token. */
int qf_weaviate_sign_in(struct qf_weaviate *w, const struct qf_weaviate_opts *opts,
			struct qf_err *err) QF_CHECK;

/*
 * The exact number of objects of a class (and tenant, or NULL): gRPC Aggregate from 1.29, else
 * GraphQL.
 */
int qf_weaviate_count(struct qf_weaviate *w, bool grpc, const char *collection, const char *tenant,
		      uint64_t *ret, struct qf_err *err) QF_CHECK;

/* Sets the activity of tenants: "HOT" or "COLD". */
int qf_weaviate_set_tenant(struct qf_weaviate *w, const char *collection, const char *tenant,
			   const char *status, struct qf_err *err) QF_CHECK;

#endif
