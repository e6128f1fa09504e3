#include "common/net/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>

#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/base/sig.h"
#include "common/base/tool.h"

enum { GRPC_PREFIX = 5, MAX_REPLY = 128 << 20 };

struct qf_http {
	CURLM *multi;
	struct qf_http_opts opts;
	char *ca_file, *header;
	struct qf_call *active;
	/* libcurl before 8.0.0 puts HTTP/2 on top of HTTP/2 when prior knowledge meets a connection
	 * in use (fixed in 8.0.0). */
	bool reuse_broken;
};

struct qf_http *qf_http_new(const struct qf_http_opts *opts)
{
	static bool ready;
	struct qf_http *h = qf_calloc(1, sizeof(*h));

	if (!ready) {
		const curl_version_info_data *v;

		curl_global_init(CURL_GLOBAL_DEFAULT);
		ready = true;
		v = curl_version_info(CURLVERSION_NOW);
		if (!(v->features & CURL_VERSION_HTTP2))
			qf_warn("this libcurl has no HTTP/2: gRPC will not work");
		if (v->version_num >= 0x080c00 && v->version_num <= 0x080d00)
			qf_warn("libcurl %s drops the TE header that gRPC servers ask for; use 8.14 or newer",
				v->version);
	}
	h->opts = *opts;
	h->ca_file = opts->ca_file ? qf_strdup(opts->ca_file) : NULL;
	h->header = opts->header ? qf_strdup(opts->header) : NULL;
	h->multi = curl_multi_init();
	if (!h->multi)
		qf_malloc((size_t)-1 / 2);
	h->reuse_broken = curl_version_info(CURLVERSION_NOW)->version_num < 0x080000;
	/* One stream a connection: libcurl 7.88 loses trailers of concurrent ones. */
	curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, 256L);
	return h;
}

void qf_http_free(struct qf_http *h)
{
	if (!h)
		return;
	while (h->active)
		qf_call_release(h->active);
	curl_multi_cleanup(h->multi);
	free(h->ca_file);
	free(h->header);
	free(h);
}

void qf_http_set_header(struct qf_http *h, const char *header)
{
	free(h->header);
	h->header = header ? qf_strdup(header) : NULL;
}

/* ---- callbacks ---- */

static uint32_t be32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct qf_call *c = ctx;
	size_t max = c->max_reply ? c->max_reply : MAX_REPLY;
	bool had_prefix = c->reply.n >= GRPC_PREFIX;

	n *= size;
	if (c->reply.n + n > max + (c->grpc ? GRPC_PREFIX : 0)) {
		c->too_large = true;
		return 0;
	}
	qf_buf_add(&c->reply, p, n);
	if (c->grpc && !had_prefix && c->reply.n >= GRPC_PREFIX) {
		uint32_t announced = be32(c->reply.p + 1);

		/* Known before the rest has travelled. */
		if (announced > max) {
			c->too_large = true;
			c->too_large_size = announced;
			return 0;
		}
		if (c->reply.n < announced + GRPC_PREFIX)
			qf_buf_room(&c->reply, announced + GRPC_PREFIX - c->reply.n);
	}
	return n;
}

static void percent_decode(char *out, size_t size, const char *p, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n && at + 1 < size; i++) {
		char hex[3] = { 0 };

		if (p[i] == '%' && i + 2 < n) {
			hex[0] = p[i + 1];
			hex[1] = p[i + 2];
			out[at++] = (char)strtol(hex, NULL, 16);
			i += 2;
		} else {
			out[at++] = p[i];
		}
	}
	out[at] = '\0';
}

static bool header_is(const char *p, size_t n, const char *name, const char **value, size_t *value_n)
{
	size_t name_n = strlen(name);

	if (n <= name_n || strncasecmp(p, name, name_n) != 0 || p[name_n] != ':')
		return false;
	p += name_n + 1;
	n -= name_n + 1;
	while (n && (*p == ' ' || *p == '\t'))
		p++, n--;
	while (n && (p[n - 1] == '\r' || p[n - 1] == '\n' || p[n - 1] == ' '))
		n--;
	*value = p;
	*value_n = n;
	return true;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct qf_call *c = ctx;
	const char *value;
	size_t value_n;
	char text[64];

	n *= size;
	if (header_is(p, n, "grpc-status", &value, &value_n)) {
		snprintf(text, sizeof(text), "%.*s", (int)value_n, value);
		c->grpc_status = (int)strtol(text, NULL, 10);
	} else if (header_is(p, n, "grpc-message", &value, &value_n)) {
		percent_decode(c->grpc_message, sizeof(c->grpc_message), value, value_n);
	} else if (header_is(p, n, "retry-after", &value, &value_n)) {
		char *end;

		snprintf(text, sizeof(text), "%.*s", (int)value_n, value);
		c->retry_after = strtod(text, &end);
		if (end == text) {
			time_t when = curl_getdate(text, NULL);

			c->retry_after = when > 0 ? difftime(when, time(NULL)) : 0;
		}
		if (!(c->retry_after > 0))
			c->retry_after = 0;
		if (c->retry_after > 3600)
			c->retry_after = 3600;
	}
	return n;
}

/* The request of a gRPC call: the prefix, then the caller's message, without a copy of it. */
static size_t on_read(char *out, size_t size, size_t n, void *ctx)
{
	struct qf_call *c = ctx;
	size_t at = c->request.n, total = GRPC_PREFIX + c->body.n, done = 0;
	char prefix[GRPC_PREFIX] = { 0, (char)(c->body.n >> 24), (char)(c->body.n >> 16),
				     (char)(c->body.n >> 8), (char)c->body.n };

	n *= size;
	while (at < GRPC_PREFIX && done < n)
		out[done++] = prefix[at++];
	if (n - done > total - at)
		n = total - at + done;
	if (at >= GRPC_PREFIX && n > done) {
		memcpy(out + done, c->body.p + (at - GRPC_PREFIX), n - done);
		at += n - done;
		done = n;
	}
	c->request.n = at;
	return done;
}

static int on_seek(void *ctx, curl_off_t offset, int origin)
{
	struct qf_call *c = ctx;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > GRPC_PREFIX + c->body.n)
		return CURL_SEEKFUNC_CANTSEEK;
	c->request.n = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* ---- one call ---- */

static void add_header(struct qf_call *c, const char *line)
{
	struct curl_slist *list = curl_slist_append(c->headers, line);

	if (!list)
		qf_malloc((size_t)-1 / 2);
	c->headers = list;
}

static void set_headers(struct qf_call *c, double timeout)
{
	char line[128];

	curl_slist_free_all(c->headers);
	c->headers = NULL;
	add_header(c, "Expect:");
	if (c->grpc) {
		add_header(c, "content-type: application/grpc");
		add_header(c, "te: trailers");
		add_header(c, "Accept:");
		snprintf(line, sizeof(line), "grpc-timeout: %.0fm", timeout * 1000 > 99999999 ? 99999999
											      : timeout * 1000);
		add_header(c, line);
	} else {
		snprintf(line, sizeof(line), "content-type: %s",
			 c->content_type ? c->content_type : "application/json");
		if (c->body.p)
			add_header(c, line);
		add_header(c, "accept: application/json");
	}
	if (c->http->header && !c->no_auth)
		add_header(c, c->http->header);
}

static void set_body(struct qf_call *c, CURL *e)
{
	if (c->grpc) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(GRPC_PREFIX + c->body.n));
		curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
		curl_easy_setopt(e, CURLOPT_READDATA, c);
		curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
		curl_easy_setopt(e, CURLOPT_SEEKDATA, c);
		c->request.n = 0;
		return;
	}
	if (c->body.p) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, c->body.p);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body.n);
	}
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, c->method);
}

static void set_version(struct qf_call *c, CURL *e)
{
	bool plain = strncmp(c->url, "http://", 7) == 0;

	c->reused = false;
	if (!c->grpc) {
		curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	} else if (!plain) {
		curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	} else if (!c->http->reuse_broken) {
		curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
	} else if (c->fresh) {
		/* The first request of a slot opens its connection; the next ones find it. */
		curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
		curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	} else {
		curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_NONE);
		c->reused = true;
	}
}

static void launch(struct qf_call *c)
{
	struct qf_http *h = c->http;
	double timeout = c->timeout > 0 ? c->timeout : h->opts.timeout > 0 ? h->opts.timeout : 60;
	double connect = h->opts.connect_timeout > 0 ? h->opts.connect_timeout : 10;
	CURL *e = c->easy;

	c->done = c->too_large = false;
	c->status = 0;
	c->grpc_status = -1;
	c->too_large_size = 0;
	c->retry_after = 0;
	c->error[0] = c->curl_error[0] = c->grpc_message[0] = '\0';
	qf_buf_reset(&c->reply);
	if (!e) {
		e = c->easy = curl_easy_init();
		if (!e)
			qf_malloc((size_t)-1 / 2);
		c->fresh = true;
	}
	curl_easy_reset(e);
	set_headers(c, timeout);
	curl_easy_setopt(e, CURLOPT_URL, c->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, c->headers);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "fortress/" QF_VERSION);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PRIVATE, c);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->curl_error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)(connect * 1000));
	/* A little longer than the server was told, so that its own words arrive. */
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)(timeout * 1000) + (c->grpc ? 1000 : 0));
	curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, 2L << 20);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 512L << 10);
	if (h->ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, h->ca_file);
	if (h->opts.insecure) {
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	set_body(c, e);
	set_version(c, e);
	if (!c->active) {
		c->active = true;
		c->next_active = h->active;
		h->active = c;
	}
	curl_multi_add_handle(h->multi, e);
}

void qf_call_start(struct qf_http *h, struct qf_call *c)
{
	c->http = h;
	c->transport_tries = 0;
	launch(c);
}

static void unlink_call(struct qf_call *c)
{
	struct qf_call **at = &c->http->active;

	if (!c->active)
		return;
	while (*at != c)
		at = &(*at)->next_active;
	*at = c->next_active;
	c->active = false;
	curl_multi_remove_handle(c->http->multi, c->easy);
}

void qf_call_release(struct qf_call *c)
{
	if (c->http)
		unlink_call(c);
	if (c->easy)
		curl_easy_cleanup(c->easy);
	curl_slist_free_all(c->headers);
	qf_buf_release(&c->reply);
	c->easy = c->headers = NULL;
}

static void finish_call(struct qf_call *c, CURLcode code)
{
	long connects = 0;

	unlink_call(c);
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &c->status);
	curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &connects);
	/*
	 * The connection that this slot counted on was gone, so libcurl opened one that speaks
	 * HTTP/1: no gRPC server has understood the request. Once more, on a connection of the
	 * right kind.
	 */
	if (c->reused && (connects > 0 || code == CURLE_HTTP2 || code == CURLE_UNSUPPORTED_PROTOCOL) &&
	    c->transport_tries++ < 2 && !c->too_large && (code != CURLE_OK || c->grpc_status < 0)) {
		c->fresh = true;
		launch(c);
		return;
	}
	c->curl_code = code;
	c->fresh = code != CURLE_OK || (c->grpc && c->grpc_status < 0);
	if (code != CURLE_OK)
		snprintf(c->error, sizeof(c->error), "%s",
			 c->curl_error[0] ? c->curl_error : curl_easy_strerror(code));
	else if (c->grpc && c->grpc_message[0])
		memcpy(c->error, c->grpc_message, sizeof(c->error));
	c->done = true;
}

int qf_http_run(struct qf_http *h, double timeout, int fd, struct qf_err *err)
{
	double until = qf_now() + timeout;

	for (;;) {
		struct curl_waitfd extra[2] = { { .fd = qf_sig_fd(), .events = CURL_WAIT_POLLIN } };
		unsigned n_extra = extra[0].fd >= 0 ? 1 : 0;
		int running, left, ready;
		bool any = false;
		CURLMsg *msg;
		double wait;

		if (qf_sig_check(err) < 0)
			return -1;
		curl_multi_perform(h->multi, &running);
		while ((msg = curl_multi_info_read(h->multi, &left))) {
			struct qf_call *c;
			CURLcode code = msg->data.result;

			if (msg->msg != CURLMSG_DONE)
				continue;
			curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &c);
			finish_call(c, code);
			any |= c->done;
		}
		if (any)
			return 1;
		wait = until - qf_now();
		if (wait <= 0)
			wait = 0;
		/*
		 * libcurl 7.88 may hold a reply whole in its HTTP/2 buffers while nothing more comes from the
		 * socket: the poll would sleep over it (10 seconds were seen). A look 50 times a second costs
		 * nothing.
		 */
		if (running && wait > 0.02)
			wait = 0.02;
		if (fd >= 0)
			extra[n_extra++] = (struct curl_waitfd){ .fd = fd, .events = CURL_WAIT_POLLIN };
		curl_multi_poll(h->multi, extra, n_extra, wait > 3600 ? 3600000 : (int)(wait * 1000), &ready);
		if (fd >= 0 && extra[n_extra - 1].revents)
			return 2;
		if (qf_now() >= until)
			return 0;
	}
}

int qf_call_wait(struct qf_http *h, struct qf_call *c, struct qf_err *err)
{
	qf_call_start(h, c);
	while (!c->done)
		if (qf_http_run(h, 3600, -1, err) < 0)
			return -1;
	return 0;
}

struct qf_str qf_call_message(const struct qf_call *c)
{
	return (struct qf_str){ c->reply.p + GRPC_PREFIX, c->reply.n - GRPC_PREFIX };
}
