/* gRPC over HTTP/2, answered by frames that are made by hand: what counts as a whole reply. */
#include "common/base/arena.h"
#include "common/net/http.h"
#include "tests/unit/http_peer.h"

static struct qf_err err;
static struct qf_buf reply, asked;

enum { DATA = 0, HEADERS = 1, SETTINGS = 4, END_STREAM = 1, END_HEADERS = 4 };

/* A frame of RFC 9113 section 4.1 on stream 1 (settings: 0). */
static void frame(int type, int flags, const void *p, size_t n)
{
	unsigned char head[9] = { (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n,
				  (unsigned char)type, (unsigned char)flags, 0, 0, 0, type != SETTINGS };

	qf_buf_add(&reply, head, sizeof(head));
	qf_buf_add(&reply, p, n);
}

/* A header as HPACK's literal without index (RFC 7541 section 6.2.2). */
static void literal(struct qf_buf *b, const char *name, const char *value)
{
	qf_buf_addc(b, 0);
	qf_buf_addc(b, (char)strlen(name));
	qf_buf_puts(b, name);
	qf_buf_addc(b, (char)strlen(value));
	qf_buf_puts(b, value);
}

/* What a server sends; a member that is not set is not sent. */
struct script {
	char status;		/* HPACK's static entry: 0x88 is 200, 0x8d is 404 */
	const char *message;	/* of this many bytes, */
	size_t n, announced;	/* announced by its prefix as so many */
	const char *grpc_status, *grpc_message, *retry_after;
	bool cut;		/* the stream does not end */
};

static int ask(const struct script *s, struct qf_call *c, struct qf_http **h)
{
	struct qf_http_opts o = { .timeout = 5 };
	QF_AUTO_BUF struct qf_buf b = { 0 };
	struct peer peer = { .keep_open = !s->cut };
	struct qf_str whole;
	bool last = !s->message && !s->grpc_status && !s->cut;

	qf_buf_reset(&reply);
	frame(SETTINGS, 0, "", 0);
	frame(HEADERS, END_HEADERS | (last ? END_STREAM : 0), &s->status, 1);
	if (s->message) {
		unsigned char prefix[5] = { 0, (unsigned char)(s->announced >> 24), (unsigned char)(s->announced >> 16),
					    (unsigned char)(s->announced >> 8), (unsigned char)s->announced };

		qf_buf_add(&b, prefix, 5);
		qf_buf_add(&b, s->message, s->n);
		frame(DATA, s->grpc_status || s->cut ? 0 : END_STREAM, b.p, b.n);
		qf_buf_reset(&b);
	}
	if (s->grpc_status) {
		literal(&b, "grpc-status", s->grpc_status);
		if (s->grpc_message)
			literal(&b, "grpc-message", s->grpc_message);
		if (s->retry_after)
			literal(&b, "retry-after", s->retry_after);
		frame(HEADERS, END_HEADERS | (s->cut ? 0 : END_STREAM), b.p, b.n);
	}
	whole = qf_buf_str(&reply);
	peer_start(&peer, &whole, 1);
	*h = qf_http_new(&o);
	c->method = "POST";
	c->url = peer.url;
	c->grpc = true;
	c->body = QF_STR("\x08\x01");
	ck_assert_int_eq(qf_call_wait(*h, c, &err), 0);
	err = (struct qf_err){ 0 };
	peer_stop(&peer, &asked);
	c->url = "http://host";
	return qf_call_check(c, "asking", &err);
}

static void done(struct qf_call *c, struct qf_http *h)
{
	qf_call_release(c);
	qf_http_free(h);
}

START_TEST(whole_messages)
{
	static const struct script cases[] = {
		{ (char)0x88, "hello", 5, 5, "0", NULL, NULL, false }, { (char)0x88, "", 0, 0, "0", NULL, NULL, false },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_call c = { 0 };
		struct qf_http *h;

		ck_assert_msg(ask(&cases[i], &c, &h) == 0, "%s", err.msg);
		ck_assert_int_eq(c.grpc_status, 0);
		ck_assert(qf_str_is(qf_call_message(&c), cases[i].message));
		done(&c, h);
	}
}
END_TEST

/* HTTP 200 and a body are not enough. */
START_TEST(replies_that_are_not_whole)
{
	static const struct {
		struct script script;
		const char *part;
	} cases[] = {
		{ { (char)0x88, "hello", 5, 5, NULL, NULL, NULL, false }, "ended without a gRPC status" },
		{ { (char)0x88, NULL, 0, 0, NULL, NULL, NULL, false }, "ended without a gRPC status" },
		{ { (char)0x88, "hello", 5, 9, "0", NULL, NULL, false }, "not one whole gRPC message" },
		{ { (char)0x88, "hello", 5, 3, "0", NULL, NULL, false }, "not one whole gRPC message" },
		{ { (char)0x88, NULL, 0, 0, "0", NULL, NULL, false }, "not one whole gRPC message" },
		{ { (char)0x88, "hello", 5, 5, NULL, NULL, NULL, true }, "asking http://host: " },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_call c = { 0 };
		struct qf_http *h;

		ck_assert_msg(ask(&cases[i].script, &c, &h) < 0, "case %zu is taken", i);
		ck_assert_msg(err.code == QF_E_TEMP, "%zu: %d %s", i, err.code, err.msg);
		ck_assert(err.retry);
		ck_assert_has(err.msg, cases[i].part);
		done(&c, h);
	}
}
END_TEST

START_TEST(statuses)
{
	static const struct {
		const char *status;
		enum qf_code code;
		bool retry;
	} cases[] = {
		{ "1", QF_E_TEMP, true }, { "2", QF_E_PROTOCOL, false }, { "3", QF_E_DATA, false },
		{ "4", QF_E_TEMP, true }, { "5", QF_E_NOINPUT, false }, { "7", QF_E_ACCESS, false },
		{ "8", QF_E_TEMP, true }, { "12", QF_E_PROTOCOL, false }, { "13", QF_E_TEMP, true },
		{ "14", QF_E_UNAVAILABLE, true }, { "16", QF_E_ACCESS, false }, { "99", QF_E_PROTOCOL, false },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct script s = { (char)0x88, NULL, 0, 0, cases[i].status, "not%20so%21 100%25", "3", false };
		struct qf_call c = { 0 };
		struct qf_http *h;

		ck_assert_int_lt(ask(&s, &c, &h), 0);
		ck_assert_msg(err.code == cases[i].code, "status %s: %d %s", cases[i].status, err.code, err.msg);
		ck_assert_int_eq(err.retry, cases[i].retry);
		ck_assert(err.retry_after == 3);
		ck_assert_int_eq(err.detail, (int)strtol(cases[i].status, NULL, 10));
		ck_assert_has(err.msg, ": not so! 100%");
		done(&c, h);
	}
}
END_TEST

/* The announced size tells before the rest has travelled. */
START_TEST(too_large)
{
	struct script s = { (char)0x88, "hello", 5, 5000, "0", NULL, NULL, false };
	struct qf_call c = { .max_reply = 1000 };
	struct qf_http *h;

	ck_assert_int_lt(ask(&s, &c, &h), 0);
	ck_assert(c.too_large);
	ck_assert_uint_eq(c.too_large_size, 5000);
	ck_assert_has(err.msg, "the reply is larger than 1000 bytes");
	done(&c, h);
}
END_TEST

/* Some HTTP port that speaks HTTP/2 too. */
START_TEST(another_service)
{
	struct script s = { .status = (char)0x8d };
	struct qf_call c = { 0 };
	struct qf_http *h;

	ck_assert_int_lt(ask(&s, &c, &h), 0);
	ck_assert_int_eq(err.code, QF_E_PROTOCOL);
	ck_assert_has(err.msg, "HTTP 404");
	ck_assert_has(err.msg, "the gRPC address is needed here");
	done(&c, h);
}
END_TEST

UNIT_MAIN("grpc", 60, whole_messages, replies_that_are_not_whole, statuses, too_large, another_service)
