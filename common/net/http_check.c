/* What a finished call means, and the small requests that are made one at a time. */
#include <curl/curl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/net/http.h"

enum { GRPC_PREFIX = 5 };

static int transport_error(const struct qf_call *c, const char *what, struct qf_err *err)
{
	const char *url = qf_redact_url(c->url), *hint = "";
	enum qf_code code = QF_E_TEMP;
	bool retry = true;

	switch (c->curl_code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
		code = QF_E_UNAVAILABLE;
		hint = "; is the server up, and is this its address?";
		break;
	case CURLE_OPERATION_TIMEDOUT:
		code = QF_E_UNAVAILABLE;
		hint = "; a longer --timeout may help";
		break;
	case CURLE_SSL_CONNECT_ERROR:
		code = QF_E_PROTOCOL;
		retry = false;
		hint = "; does this port speak TLS? http:// is for plain text";
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		code = QF_E_PROTOCOL;
		retry = false;
		hint = "; for a private CA give its certificate with --ca-file";
		break;
	case CURLE_UNSUPPORTED_PROTOCOL:
		code = QF_E_PROTOCOL;
		retry = false;
		hint = c->grpc ? "" : "; this looks like the gRPC port: the HTTP address is needed here";
		break;
	case CURLE_GOT_NOTHING:
	case CURLE_HTTP2:
	case CURLE_WEIRD_SERVER_REPLY:
		if (c->grpc && !c->reused) {
			code = QF_E_PROTOCOL;
			hint = "; this looks like an HTTP port: the gRPC address is needed here";
		}
		break;
	default:
		break;
	}
	qf_err_set(err, code, "%s %s: %s%s", what, url, c->error, hint);
	err->retry = retry;
	err->detail = c->curl_code;
	return -1;
}

/* Status codes of gRPC: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
static int grpc_error(const struct qf_call *c, const char *what, struct qf_err *err)
{
	static const char *const names[] = {
		"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
		"ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
		"OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
	};
	int s = c->grpc_status;
	enum qf_code code = QF_E_PROTOCOL;
	const char *hint = "";
	bool retry = false;

	switch (s) {
	case 1:
	case 4:
	case 8:
	case 10:
	case 13:
	case 14:
		code = s == 14 ? QF_E_UNAVAILABLE : QF_E_TEMP;
		retry = true;
		break;
	case 3:
	case 11:
		code = QF_E_DATA;
		break;
	case 5:
		code = QF_E_NOINPUT;
		break;
	case 7:
	case 16:
		code = QF_E_ACCESS;
		break;
	default:
		break;
	}
	qf_err_set(err, code, "%s %s: %s: %s%s", what, qf_redact_url(c->url),
		   s >= 0 && s < (int)QF_LEN(names) ? names[s] : "unknown gRPC status", c->error, hint);
	err->retry = retry;
	err->detail = s;
	err->retry_after = c->retry_after;
	return -1;
}

/* Behind `"key" : "`, blanks as they come, in text; NULL where that is not in it. */
static const char *find_text(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *at = text; (at = strstr(at, key)) != NULL;) {
		at += n;
		at += strspn(at, " \t\r\n");
		if (*at++ != ':')
			continue;
		at += strspn(at, " \t\r\n");
		if (*at == '"')
			return at + 1;
	}
	return NULL;
}

/* The server's own words out of an error body: the shapes of Qdrant, Weaviate, OpenAI and plain text. */
static void error_words(const struct qf_call *c, char out[512])
{
	static const char *const keys[] = { "\"error\"", "\"message\"", "\"error_description\"" };
	QF_AUTO_FREE char *body = qf_strndup(c->reply.p ? c->reply.p : "",
					     c->reply.n > 4096 ? 4096 : c->reply.n);

	for (size_t i = 0; i < QF_LEN(keys); i++) {
		const char *at = find_text(body, keys[i]);
		size_t n = 0;

		for (; at && *at && *at != '"' && n < 500; at++) {
			if (*at == '\\' && at[1])
				at++;
			out[n++] = *at;
		}
		out[n] = '\0';
		if (n)
			return;
	}
	snprintf(out, 512, "%.300s", body);
}

static int http_error(const struct qf_call *c, const char *what, struct qf_err *err)
{
	char words[512];
	enum qf_code code = QF_E_PROTOCOL;
	const char *hint = "";
	bool retry = false;
	long s = c->status;

	error_words(c, words);
	if (s == 401 || s == 403) {
		code = QF_E_ACCESS;
	} else if (s == 404) {
		code = QF_E_NOINPUT;
	} else if (s == 408 || s == 429 || s == 500 || s == 502 || s == 503 || s == 504) {
		code = s == 503 ? QF_E_UNAVAILABLE : QF_E_TEMP;
		retry = true;
	} else if (s >= 400 && s < 500) {
		code = QF_E_DATA;
	}
	qf_err_set(err, code, "%s %s: HTTP %ld%s%s%s", what, qf_redact_url(c->url), s, *words ? ": " : "", words,
		   hint);
	err->retry = retry;
	err->detail = (int)s;
	err->retry_after = c->retry_after;
	return -1;
}

int qf_call_check(const struct qf_call *c, const char *what, struct qf_err *err)
{
	const unsigned char *p = (const unsigned char *)c->reply.p;

	if (c->too_large) {
		qf_err_set(err, QF_E_PROTOCOL, "%s %s: the reply is larger than %zu bytes", what,
			   qf_redact_url(c->url), c->max_reply ? c->max_reply : (size_t)128 << 20);
		return -1;
	}
	if (c->grpc && c->grpc_status > 0)
		return grpc_error(c, what, err);
	if (c->curl_code != CURLE_OK)
		return transport_error(c, what, err);
	if (!c->grpc)
		return c->status >= 200 && c->status < 300 ? 0 : http_error(c, what, err);
	if (c->grpc_status < 0) {
		if (c->status != 200 && c->status != 0) {
			http_error(c, what, err);
			if (c->status == 404 || c->status == 400 || c->status == 405 || c->status == 415)
				err->code = QF_E_PROTOCOL,
				qf_err_hint(err, "; this looks like an HTTP port: the gRPC address is needed here");
			return -1;
		}
		qf_err_set(err, QF_E_TEMP, "%s %s: the reply ended without a gRPC status", what,
			   qf_redact_url(c->url));
		err->retry = true;
		return -1;
	}
	if (c->reply.n < GRPC_PREFIX || p[0] != 0 ||
	    c->reply.n - GRPC_PREFIX != ((size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4])) {
		qf_err_set(err, QF_E_TEMP, "%s %s: the reply is not one whole gRPC message", what,
			   qf_redact_url(c->url));
		err->retry = true;
		return -1;
	}
	return 0;
}

int qf_http_pause(struct qf_http *h, double seconds, struct qf_err *err)
{
	double until = qf_now() + seconds;

	while (qf_now() < until)
		if (qf_http_run(h, until - qf_now(), -1, err) < 0)
			return -1;
	return 0;
}

int qf_http_json(struct qf_http *h, const char *method, const char *url, struct qf_str body,
		 bool expect_missing, unsigned retries, struct qf_arena *arena, struct qf_str *reply,
		 struct qf_err *err)
{
	struct qf_call c = { .method = method, .url = url, .body = body };
	struct qf_retry retry = { .base = 0.2, .cap = 20, .max = retries, .seed = (uint64_t)getpid() };
	int rc;

	for (;;) {
		double wait;

		rc = qf_call_wait(h, &c, err);
		if (rc < 0)
			break;
		if (expect_missing && c.status == 404 && c.curl_code == CURLE_OK) {
			*reply = (struct qf_str){ 0 };
			break;
		}
		rc = qf_call_check(&c, method, err);
		if (rc == 0) {
			*reply = qf_arena_dup(arena, c.reply.p, c.reply.n);
			break;
		}
		if (!err->retry || (wait = qf_retry_next(&retry, err->retry_after)) < 0)
			break;
		qf_debug("%s; again in %.1f s", err->msg, wait);
		rc = qf_http_pause(h, wait, err);
		if (rc < 0)
			break;
	}
	qf_call_release(&c);
	return rc;
}

int qf_url_check(const char *url, const char *what, struct qf_arena *arena, const char **ret,
		 struct qf_err *err)
{
	size_t n = strlen(url), scheme;
	const char *host;

	if (!strncmp(url, "http://", 7))
		scheme = 7;
	else if (!strncmp(url, "https://", 8))
		scheme = 8;
	else
		return qf_err_set(err, QF_E_USAGE, "%s '%s' must begin with http:// or https://", what,
				  qf_redact_url(url));
	host = url + scheme;
	if (!*host || *host == '/' || *host == ':')
		return qf_err_set(err, QF_E_USAGE, "%s '%s' names no host", what, qf_redact_url(url));
	if (strpbrk(host, "?#") || strpbrk(url, " \t\r\n"))
		return qf_err_set(err, QF_E_USAGE, "%s '%s' must be a plain address", what, qf_redact_url(url));
	while (n > scheme && url[n - 1] == '/')
		n--;
	*ret = qf_arena_dup(arena, url, n).p;
	return 0;
}

const char *qf_url_with_port(const char *url, unsigned port, struct qf_arena *arena)
{
	const char *host = strstr(url, "://") + 3;
	size_t host_n = strcspn(host, "/"), n;
	const char *at = memrchr(host, '@', host_n);
	const char *name = at ? at + 1 : host;

	n = host_n - (size_t)(name - host);
	/* An IPv6 address has colons of its own, inside brackets. */
	if (*name == '[' && memchr(name, ']', n))
		n = (size_t)((const char *)memchr(name, ']', n) - name) + 1;
	else if (memchr(name, ':', n))
		n = (size_t)((const char *)memchr(name, ':', n) - name);
	return qf_arena_printf(arena, "%.*s%.*s:%u", (int)(host - url), url, (int)((name - host) + (long)n), host,
			       port).p;
}

void qf_url_escape(struct qf_buf *out, struct qf_str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
		    c == '_' || c == '.' || c == '~') {
			qf_buf_addc(out, (char)c);
		} else {
			qf_buf_addc(out, '%');
			qf_buf_addc(out, hex[c >> 4]);
			qf_buf_addc(out, hex[c & 15]);
		}
	}
}
