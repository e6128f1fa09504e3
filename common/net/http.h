/*
 * HTTP over libcurl's multi interface: several requests in flight in one thread. A call (struct
 * qf_call) is one slot: it is started, driven by qf_http_run together with all others, and used
 * again. gRPC is a call with a flag: one message each way over HTTP/2, one stream a connection
 * (libcurl 7.88 loses trailers with more), a reply without grpc-status is a failure.
 */
#ifndef QF_NET_HTTP_H
#define QF_NET_HTTP_H

#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"

struct qf_http;

struct qf_http_opts {
	const char *ca_file;	/* PEM of a private CA, or NULL */
	bool insecure;		/* no check of certificates; the caller warns */
	double timeout;		/* seconds for a whole request; 0: 60 */
	double connect_timeout; /* 0: 10 */
	const char *header;	/* "authorization: Bearer x" for every request, or NULL; copied */
};

/* Everything that the TLS and time-out flags of sources and sinks need, as option rows:
 * QF_NET_OPTS(struct state, net) for a field `net` of type struct qf_net_opts. */
struct qf_net_opts {
	const char *ca_file;
	bool insecure;
	double timeout;
	unsigned long long retries;
};

#define QF_NET_OPTS(state_type, field) \
	{ .name = "ca-file", .type = QF_OPT_TEXT, .offset = offsetof(state_type, field.ca_file), .arg = "PEM", \
	  .help = "trust this CA's certificates", .env = "SSL_CERT_FILE" }, \
	{ .name = "insecure", .type = QF_OPT_FLAG, .offset = offsetof(state_type, field.insecure), \
	  .help = "accept any TLS certificate (warns on every run)" }, \
	{ .name = "timeout", .type = QF_OPT_SECONDS, .offset = offsetof(state_type, field.timeout), .arg = "SECONDS", \
	  .help = "give up on a request after this time", .def = "60" }, \
	{ .name = "retries", .type = QF_OPT_UINT, .offset = offsetof(state_type, field.retries), .arg = "N", \
	  .help = "try a failed request again this often", .def = "8", .max = 1000 }

struct qf_http *qf_http_new(const struct qf_http_opts *opts);
void qf_http_free(struct qf_http *h);
/* Replaces the header of every request started from now on (a refreshed token). */
void qf_http_set_header(struct qf_http *h, const char *header);

struct qf_call {
	/* Set before qf_call_start; borrowed until the call is done. */
	const char *method;	  /* "GET", "POST", "PUT", "PATCH", "DELETE" */
	const char *url;
	struct qf_str body;	  /* for gRPC: the message without its 5-byte prefix */
	const char *content_type; /* NULL: application/json */
	bool grpc;
	bool no_auth;		  /* without the common header */
	double timeout;		  /* 0: the client's */
	size_t max_reply;	  /* bytes; 0: 128 MiB. A longer reply fails with too_large set */
	void *user;		  /* yours */

	/* Result, once done. */
	bool done;
	long status;		  /* HTTP status, 0 if no reply came */
	int grpc_status;	  /* -1: none came */
	struct qf_buf reply;	  /* body; of gRPC the message alone is qf_call_message */
	bool too_large;
	uint64_t too_large_size;  /* announced size of the message where known */
	double retry_after;	  /* seconds from Retry-After or retry-after metadata, 0: none */
	char error[1024];	  /* libcurl's or the peer's text; "" on success */

	/* Inside. */
	struct qf_http *http;
	void *easy, *headers;
	struct qf_buf request;
	char curl_error[256], grpc_message[1024];
	struct qf_call *next_active;
	bool active, reused, fresh;
	int curl_code, transport_tries;
};

/* Zero-initialise a call, then start it any number of times, then release it. Starting resets
 * the result. Never fails: what goes wrong is the call's result. */
void qf_call_start(struct qf_http *h, struct qf_call *c);
/* Stops it if it runs; frees it. */
void qf_call_release(struct qf_call *c);

/*
 * Drives every started call. Returns as soon as one is done (1), as fd is readable (2; fd -1 for
 * none), after timeout seconds (0), or a signal asks to stop (-1, err set). Done calls have ->done.
 */
int qf_http_run(struct qf_http *h, double timeout, int fd, struct qf_err *err) QF_CHECK;

/* Drives what is under way for this long. -1 only for a stop signal. */
int qf_http_pause(struct qf_http *h, double seconds, struct qf_err *err) QF_CHECK;

/* Start and wait. The result still is the call's; -1 only for a stop signal. */
int qf_call_wait(struct qf_http *h, struct qf_call *c, struct qf_err *err) QF_CHECK;

/*
 * A done call as success or error. 0 for HTTP 2xx (gRPC: status 0 and a whole message). Else -1
 * with err: code by cause (not reachable 69; 401, 403, gRPC 7 and 16: 77; 404: 66; other 4xx and
 * gRPC 3: 65; else 75 or 76), detail = HTTP or gRPC status, retry and retry_after set, message
 * "<what> <url>: <reason>" with the server's own words and, where the port is the wrong one, a hint.
 */
int qf_call_check(const struct qf_call *c, const char *what, struct qf_err *err) QF_CHECK;

/* The protobuf message of a done gRPC call. */
struct qf_str qf_call_message(const struct qf_call *c);

/* One blocking JSON request with retries of transient failures; *reply is arena text. body NULL
 * for none. expect_missing: a 404 is not an error but gives *reply with p == NULL. */
struct qf_arena;
int qf_http_json(struct qf_http *h, const char *method, const char *url, struct qf_str body,
		 bool expect_missing, unsigned retries, struct qf_arena *arena, struct qf_str *reply,
		 struct qf_err *err) QF_CHECK;

/* "http://host:port/" without the trailing slash, checked: scheme http or https, a host. */
int qf_url_check(const char *url, const char *what, struct qf_arena *arena, const char **ret,
		 struct qf_err *err) QF_CHECK;
/* The same scheme and host with another port. */
const char *qf_url_with_port(const char *url, unsigned port, struct qf_arena *arena);
/* Percent-encodes everything but unreserved characters. */
void qf_url_escape(struct qf_buf *out, struct qf_str s);

#endif
