/*
 * A server for the tests of the HTTP client, in a child process: it takes connections on a port of
 * 127.0.0.1 and answers the n-th request with the n-th reply (the last one again and again), then
 * closes. What it was asked can be read afterwards.
 */
#ifndef QF_TESTS_HTTP_PEER_H
#define QF_TESTS_HTTP_PEER_H

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "tests/unit/unit.h"

struct peer {
	bool keep_open;		/* set before the start: a reply is not the end of its connection */
	pid_t pid;
	int port, log;		/* log: all requests, one behind the other */
	char url[64];
};

/* Behind the greeting of HTTP/2: a HEADERS or DATA frame with END_STREAM ends the request. */
static inline bool peer_has_h2_request(const struct qf_buf *in)
{
	const unsigned char *p = (const unsigned char *)in->p;

	for (size_t at = 24; at + 9 <= in->n;) {
		size_t n = (size_t)p[at] << 16 | (size_t)p[at + 1] << 8 | p[at + 2];

		if (p[at + 3] <= 1 && (p[at + 4] & 1) && at + 9 + n <= in->n)
			return true;
		at += 9 + n;
	}
	return false;
}

/* A whole request, or what comes in half a second. */
static inline void peer_read(int fd, struct qf_buf *in)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, 500) > 0) {
		ssize_t n = read(fd, qf_buf_room(in, 65536), 65536);
		const char *end, *length;

		if (n <= 0)
			return;
		in->n += (size_t)n;
		if (in->n >= 4 && !memcmp(in->p, "PRI ", 4)) {
			if (peer_has_h2_request(in))
				return;
			continue;
		}
		end = memmem(in->p, in->n, "\r\n\r\n", 4);
		length = strcasestr(qf_buf_cstr(in), "content-length:");
		if (end && in->n >= (size_t)(end + 4 - in->p) + (length ? strtoul(length + 15, NULL, 10) : 0))
			return;
	}
}

static inline void peer_serve(const struct peer *p, int listener, const struct qf_str *replies, size_t n)
{
	for (size_t i = 0;; i++) {
		struct qf_str reply = replies[i < n ? i : n - 1];
		QF_AUTO_BUF struct qf_buf in = { 0 };
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		peer_read(fd, &in);
		if (write(p->log, in.p ? in.p : "", in.n) < 0)
			_exit(1);
		for (ssize_t w; reply.n && (w = send(fd, reply.p, reply.n, MSG_NOSIGNAL)) > 0;)
			reply.p += w, reply.n -= (size_t)w;
		if (!p->keep_open)
			shutdown(fd, SHUT_WR);
		/* Until the other side is done: closing over unread bytes would reset what was sent. */
		while (read(fd, qf_buf_room(&in, 65536), 65536) > 0)
			;
		close(fd);
	}
}

static inline void peer_start(struct peer *p, const struct qf_str *replies, size_t n)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listener, 16), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	p->port = ntohs(at.sin_port);
	p->log = unit_memfd("", 0);
	snprintf(p->url, sizeof(p->url), "http://127.0.0.1:%d/x", p->port);
	p->pid = fork();
	if (p->pid == 0)
		peer_serve(p, listener, replies, n);
	ck_assert_int_gt(p->pid, 0);
	close(listener);
}

static inline void peer_stop(struct peer *p, struct qf_buf *asked)
{
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	if (asked) {
		qf_buf_reset(asked);
		unit_slurp(p->log, asked);
	}
	close(p->log);
}

#endif
