/* HTTP and gRPC calls: what a reply, or none, means to the user and to the exit status. */
#include <math.h>
#include <time.h>

#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/net/http.h"
#include "tests/unit/http_peer.h"

#define REPLY(text) { text, sizeof(text) - 1 }
#define JSON(status, headers, body) REPLY("HTTP/1.1 " status "\r\nContent-Type: application/json\r\n" headers \
					  "Connection: close\r\n\r\n" body)

static struct qf_err err;
static struct qf_buf asked;

/* One request to a peer with one reply; the call stays for the test to look at. */
static int ask(struct qf_str reply, struct qf_call *c, struct qf_http **h)
{
	struct qf_http_opts o = { .timeout = 5, .header = "authorization: Bearer s3cret" };
	struct peer peer = { 0 };
	int rc;

	peer_start(&peer, &reply, 1);
	*h = qf_http_new(&o);
	if (!c->url)
		c->url = peer.url;
	if (!c->method)
		c->method = "GET";
	ck_assert_int_eq(qf_call_wait(*h, c, &err), 0);
	err = (struct qf_err){ 0 };
	rc = qf_call_check(c, "reading", &err);
	peer_stop(&peer, &asked);
	c->url = NULL;
	ck_assert_has_not(err.msg, "s3cret");
	return rc;
}

static void done(struct qf_call *c, struct qf_http *h)
{
	qf_call_release(c);
	qf_http_free(h);
}

START_TEST(statuses)
{
	static const struct {
		struct qf_str reply;
		enum qf_code code;
		bool retry;
		int detail;
		const char *part;
	} cases[] = {
		{ JSON("200 OK", "", "{}"), QF_OK, false, 0, "" },
		{ JSON("204 No Content", "", ""), QF_OK, false, 0, "" },
		{ JSON("400 Bad Request", "", "{\"error\":\"wrong \\\"x\\\"\"}"), QF_E_DATA, false, 400, "HTTP 400: wrong \"x\"" },
		{ JSON("401 Unauthorized", "", "no key"), QF_E_ACCESS, false, 401, "HTTP 401: no key" },
		{ JSON("403 Forbidden", "", ""), QF_E_ACCESS, false, 403, "HTTP 403" },
		{ JSON("404 Not Found", "", "{\"status\":{\"error\":\"no collection\"}}"), QF_E_NOINPUT, false, 404, "no collection" },
		{ JSON("408 Request Timeout", "", ""), QF_E_TEMP, true, 408, "HTTP 408" },
		{ JSON("409 Conflict", "", ""), QF_E_DATA, false, 409, "HTTP 409" },
		{ JSON("422 Unprocessable", "", "{\"message\":\"bad vector\"}"), QF_E_DATA, false, 422, "bad vector" },
		{ JSON("429 Too Many", "Retry-After: 7\r\n", ""), QF_E_TEMP, true, 429, "HTTP 429" },
		{ JSON("500 Internal", "", "a\x1b[2Jb\nc"), QF_E_TEMP, true, 500, "HTTP 500: a?[2Jb?c" },
		{ JSON("502 Bad Gateway", "", ""), QF_E_TEMP, true, 502, "HTTP 502" },
		{ JSON("503 Unavailable", "", ""), QF_E_UNAVAILABLE, true, 503, "HTTP 503" },
		{ JSON("504 Timeout", "", ""), QF_E_TEMP, true, 504, "HTTP 504" },
		{ JSON("301 Moved", "Location: http://elsewhere.invalid/\r\n", ""), QF_E_PROTOCOL, false, 301, "HTTP 301" },
		{ JSON("501 Not Implemented", "", ""), QF_E_PROTOCOL, false, 501, "HTTP 501" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_call c = { 0 };
		struct qf_http *h;
		int rc = ask(cases[i].reply, &c, &h);

		ck_assert_msg((rc == 0) == (cases[i].code == QF_OK), "%s", cases[i].reply.p);
		ck_assert_msg(err.code == cases[i].code, "%s: %d", err.msg, err.code);
		ck_assert_int_eq(err.retry, cases[i].retry);
		ck_assert_int_eq(err.detail, cases[i].detail);
		ck_assert_has(err.msg, cases[i].part);
		if (rc < 0)
			ck_assert_int_eq(strncmp(err.msg, "reading http://127.0.0.1:", 25), 0);
		ck_assert_has(qf_buf_cstr(&asked), "authorization: Bearer s3cret");
		ck_assert_has(qf_buf_cstr(&asked), "User-Agent: fortress/");
		done(&c, h);
	}
}
END_TEST

START_TEST(retry_after)
{
	char date[64], reply[256];
	time_t when = time(NULL) + 30;
	struct tm tm;
	static const struct {
		const char *text;
		double low, high;
	} cases[] = {
		{ "5", 5, 5 }, { "0.5", 0.5, 0.5 }, { "0", 0, 0 }, { "-3", 0, 0 }, { "99999999", 3600, 3600 },
		{ "nan", 0, 0 }, { "soon", 0, 0 }, { "", 0, 0 }, { "Thu, 01 Jan 1970 00:00:10 GMT", 0, 0 },
		{ NULL, 25, 31 },
	};

	gmtime_r(&when, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_call c = { 0 };
		struct qf_http *h;
		int n = snprintf(reply, sizeof(reply), "HTTP/1.1 429 Slow\r\nretry-AFTER: %s\r\nContent-Length: 0\r\n\r\n",
				 cases[i].text ? cases[i].text : date);

		ck_assert_int_lt(ask((struct qf_str){ reply, (size_t)n }, &c, &h), 0);
		ck_assert_msg(err.retry_after >= cases[i].low && err.retry_after <= cases[i].high, "%s: %g",
			      cases[i].text ? cases[i].text : date, err.retry_after);
		done(&c, h);
	}
}
END_TEST

/* Bodies that stop before their announced end, or that are no HTTP: never a success. */
START_TEST(cut_replies)
{
	static const struct qf_str replies[] = {
		REPLY("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":"),
		REPLY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
		REPLY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhello"),
		REPLY(""), REPLY("\x00\x00\x12\x04\x00\x00\x00\x00\x00"), REPLY("SSH-2.0-OpenSSH_9.2\r\n"),
	};

	for (size_t i = 0; i < QF_LEN(replies); i++) {
		struct qf_call c = { 0 };
		struct qf_http *h;

		ck_assert_msg(ask(replies[i], &c, &h) < 0, "reply %zu is taken", i);
		ck_assert_msg(err.code == QF_E_TEMP || err.code == QF_E_PROTOCOL, "%zu: %d %s", i, err.code, err.msg);
		done(&c, h);
	}
}
END_TEST

START_TEST(too_large)
{
	QF_AUTO_BUF struct qf_buf reply = { 0 };

	for (size_t n = 99; n <= 101; n++) {
		struct qf_call c = { .max_reply = 100 };
		struct qf_http *h;
		int rc;

		qf_buf_reset(&reply);
		qf_buf_printf(&reply, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%0*d", n, (int)n, 7);
		rc = ask(qf_buf_str(&reply), &c, &h);
		ck_assert_msg((rc == 0) == (n <= 100), "%zu bytes", n);
		ck_assert_int_eq(c.too_large, n > 100);
		if (rc < 0) {
			ck_assert_int_eq(err.code, QF_E_PROTOCOL);
			ck_assert_has(err.msg, "the reply is larger than 100 bytes");
		} else {
			ck_assert_uint_eq(c.reply.n, n);
		}
		done(&c, h);
	}
}
END_TEST

/* A gRPC client at a port that speaks HTTP/1, as Weaviate's and Qdrant's REST ports do. */
START_TEST(grpc_at_an_http_port)
{
	static const struct qf_str replies[] = {
		REPLY("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
		REPLY("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"),
	};

	for (size_t i = 0; i < QF_LEN(replies); i++) {
		struct qf_call c = { .method = "POST", .grpc = true, .body = QF_STR("\x08\x01") };
		struct qf_http *h;

		ck_assert_int_lt(ask(replies[i], &c, &h), 0);
		ck_assert_msg(err.code == QF_E_PROTOCOL, "%zu: %d %s", i, err.code, err.msg);
		ck_assert_has(err.msg, "this looks like an HTTP port: the gRPC address is needed here");
		ck_assert_int_eq(c.grpc_status, -1);
		ck_assert_int_eq(strncmp(qf_buf_cstr(&asked), "PRI * HTTP/2.0", 14), 0);
		done(&c, h);
	}
}
END_TEST

/* A gRPC server that dies: worth another try, whatever port it is. */
START_TEST(grpc_without_an_answer)
{
	struct qf_call c = { .method = "POST", .grpc = true, .body = QF_STR("\x08\x01") };
	struct qf_http *h;

	ck_assert_int_lt(ask(QF_STR(""), &c, &h), 0);
	ck_assert_msg(err.code == QF_E_TEMP, "%d %s", err.code, err.msg);
	ck_assert(err.retry);
	done(&c, h);
}
END_TEST

/* And the reverse: HTTP at a gRPC port, which greets with an HTTP/2 SETTINGS frame. */
START_TEST(http_at_a_grpc_port)
{
	struct qf_call c = { 0 };
	struct qf_http *h;

	ck_assert_int_lt(ask((struct qf_str){ "\0\0\0\x04\0\0\0\0\0", 9 }, &c, &h), 0);
	ck_assert_int_eq(err.code, QF_E_PROTOCOL);
	ck_assert(!err.retry);
	ck_assert_has(err.msg, "this looks like the gRPC port: the HTTP address is needed here");
	done(&c, h);
}
END_TEST

START_TEST(nobody_there)
{
	static const char *const urls[] = { "http://127.0.0.1:1/", "http://nobody.invalid/" };

	for (size_t i = 0; i < QF_LEN(urls); i++) {
		for (int grpc = 0; grpc < 2; grpc++) {
			struct qf_call c = { .url = urls[i], .grpc = grpc, .method = "POST" };
			struct qf_http *h;

			ck_assert_int_lt(ask(QF_STR(""), &c, &h), 0);
			ck_assert_msg(err.code == QF_E_UNAVAILABLE, "%d %s", err.code, err.msg);
			ck_assert(err.retry);
			ck_assert_has(err.msg, "is the server up, and is this its address?");
			done(&c, h);
		}
	}
}
END_TEST

START_TEST(a_server_that_does_not_answer)
{
	struct qf_call c = { .method = "GET", .timeout = 0.3 };
	double started = qf_now();
	struct qf_http *h;

	/* It waits for a whole request, and the rest of this one never comes. */
	c.method = "POST";
	c.body = QF_STR("x");
	ck_assert_int_lt(ask(QF_STR("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), &c, &h), 0);
	ck_assert(qf_now() - started < 4);
	done(&c, h);
}
END_TEST

START_TEST(bodies_and_headers)
{
	struct qf_call c = { .method = "PUT", .body = QF_STR("{\"a\":1}") };
	struct qf_http *h;

	ck_assert_int_eq(ask((struct qf_str)JSON("200 OK", "", "[1]"), &c, &h), 0);
	ck_assert(qf_str_is(qf_buf_str(&c.reply), "[1]"));
	ck_assert_int_eq(strncmp(qf_buf_cstr(&asked), "PUT /x HTTP/1.1\r\n", 17), 0);
	ck_assert_has(qf_buf_cstr(&asked), "content-type: application/json\r\n");
	ck_assert_has(qf_buf_cstr(&asked), "\r\n\r\n{\"a\":1}");
	ck_assert_has_not(qf_buf_cstr(&asked), "Expect:");
	done(&c, h);
	c = (struct qf_call){ .no_auth = true };
	ck_assert_int_eq(ask((struct qf_str)JSON("200 OK", "", ""), &c, &h), 0);
	ck_assert_has_not(qf_buf_cstr(&asked), "s3cret");
	done(&c, h);
}
END_TEST

/* A redirect is not followed: the key would travel to another host. */
START_TEST(redirects_stay_here)
{
	struct qf_str replies[2] = { JSON("307 Moved", "Location: /other\r\n", ""), JSON("200 OK", "", "{}") };
	struct qf_http_opts o = { .timeout = 5 };
	struct qf_http *h = qf_http_new(&o);
	struct qf_call c = { .method = "GET" };
	struct peer peer = { 0 };

	peer_start(&peer, replies, 2);
	c.url = peer.url;
	ck_assert_int_eq(qf_call_wait(h, &c, &err), 0);
	ck_assert_int_eq(c.status, 307);
	peer_stop(&peer, &asked);
	ck_assert_has_not(qf_buf_cstr(&asked), "/other");
	done(&c, h);
}
END_TEST

START_TEST(json_requests)
{
	struct qf_str replies[] = { JSON("503 Busy", "Retry-After: 0.3\r\n", ""), JSON("429 Slow", "", ""),
				    JSON("200 OK", "", "{\"ok\":true}"), JSON("404 Gone", "", ""),
				    JSON("404 Gone", "", ""), JSON("400 No", "", ""), JSON("500 Oh", "", "") };
	QF_AUTO_ARENA struct qf_arena a = { 0 };
	struct qf_http_opts o = { .timeout = 5 };
	struct qf_http *h = qf_http_new(&o);
	double started = qf_now();
	struct qf_str got;
	struct peer peer = { 0 };

	qf_log_init("test", QF_LOG_WARN, false);
	peer_start(&peer, replies, QF_LEN(replies));
	ck_assert_int_eq(qf_http_json(h, "POST", peer.url, QF_STR("{}"), false, 3, &a, &got, &err), 0);
	ck_assert(qf_str_is(got, "{\"ok\":true}"));
	/* Not sooner than the server asked for. */
	ck_assert(qf_now() - started >= 0.3);
	ck_assert_int_eq(qf_http_json(h, "GET", peer.url, (struct qf_str){ 0 }, true, 3, &a, &got, &err), 0);
	ck_assert_ptr_null(got.p);
	ck_assert_int_lt(qf_http_json(h, "GET", peer.url, (struct qf_str){ 0 }, false, 3, &a, &got, &err), 0);
	ck_assert_int_eq(err.code, QF_E_NOINPUT);
	ck_assert_int_lt(qf_http_json(h, "GET", peer.url, (struct qf_str){ 0 }, false, 3, &a, &got, &err), 0);
	ck_assert_int_eq(err.code, QF_E_DATA);
	/* The budget ends. */
	ck_assert_int_lt(qf_http_json(h, "GET", peer.url, (struct qf_str){ 0 }, false, 1, &a, &got, &err), 0);
	ck_assert_int_eq(err.detail, 500);
	peer_stop(&peer, &asked);
	qf_http_free(h);
}
END_TEST

START_TEST(addresses)
{
	static const struct {
		const char *url, *want; /* NULL: refused */
	} cases[] = {
		{ "http://host", "http://host" }, { "http://host:8080/", "http://host:8080" },
		{ "https://host/base///", "https://host/base" }, { "http://[::1]:80/", "http://[::1]:80" },
		{ "http://u:p@host/", "http://u:p@host" }, { "host:8080", NULL }, { "ftp://host", NULL }, { "", NULL },
		{ "http://", NULL }, { "http:///x", NULL }, { "http://:80", NULL }, { "http://host?x=1", NULL },
		{ "http://host/#f", NULL }, { "http://ho st", NULL }, { "http://host\n", NULL },
		{ "HTTP://host", NULL }, { "http:/host", NULL },
	};
	static const struct {
		const char *url, *want;
	} ports[] = {
		{ "http://host", "http://host:50051" }, { "http://host:8080", "http://host:50051" },
		{ "http://host:8080/base", "http://host:50051" }, { "http://[::1]", "http://[::1]:50051" },
		{ "http://[::1]:8080", "http://[::1]:50051" }, { "https://u:p@host:1", "https://u:p@host:50051" },
		{ "http://u:p@host", "http://u:p@host:50051" },
	};
	QF_AUTO_ARENA struct qf_arena a = { 0 };

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		const char *got = NULL;
		int rc = qf_url_check(cases[i].url, "--url", &a, &got, &err);

		ck_assert_msg((rc == 0) == (cases[i].want != NULL), "%s", cases[i].url);
		if (rc == 0) {
			ck_assert_str_eq(got, cases[i].want);
		} else {
			ck_assert_int_eq(err.code, QF_E_USAGE);
			ck_assert_has(err.msg, "--url");
		}
	}
	ck_assert_int_lt(qf_url_check("http://user:s3cret@host?x", "--url", &a, &(const char *){ 0 }, &err), 0);
	ck_assert_has_not(err.msg, "s3cret");
	ck_assert_int_lt(qf_url_check("user:s3cret@host", "--url", &a, &(const char *){ 0 }, &err), 0);
	ck_assert_has_not(err.msg, "s3cret");
	for (size_t i = 0; i < QF_LEN(ports); i++)
		ck_assert_str_eq(qf_url_with_port(ports[i].url, 50051, &a), ports[i].want);
}
END_TEST

/* No name of a collection may change the path. */
START_TEST(escapes)
{
	static const char *const cases[][2] = {
		{ "abc-._~XYZ019", "abc-._~XYZ019" }, { "a/b", "a%2Fb" }, { "a b", "a%20b" }, { "?#&=%+", "%3F%23%26%3D%25%2B" },
		{ "\xc3\xa4", "%C3%A4" }, { "%2e%2e", "%252e%252e" },
	};
	QF_AUTO_BUF struct qf_buf b = { 0 };

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		qf_buf_reset(&b);
		qf_url_escape(&b, qf_str(cases[i][0]));
		ck_assert_str_eq(qf_buf_cstr(&b), cases[i][1]);
	}
	qf_buf_reset(&b);
	qf_url_escape(&b, (struct qf_str){ "a\0b", 3 });
	ck_assert_str_eq(qf_buf_cstr(&b), "a%00b");
}
END_TEST

/* A password in the address is never shown. */
START_TEST(redacted)
{
	struct qf_call c = { .url = "http://user:p4ssword@127.0.0.1:1/x?key=p4ssword" };
	struct qf_http *h;

	ck_assert_int_lt(ask(QF_STR(""), &c, &h), 0);
	ck_assert_has(err.msg, "http://***@127.0.0.1:1/x");
	ck_assert_has_not(err.msg, "p4ssword");
	done(&c, h);
}
END_TEST

UNIT_MAIN("http", 60, statuses, retry_after, cut_replies, too_large, grpc_at_an_http_port,
	  grpc_without_an_answer, http_at_a_grpc_port, nobody_there, a_server_that_does_not_answer, bodies_and_headers,
	  redirects_stay_here, json_requests, addresses, escapes, redacted)
