/* Streams for tests: written into memory, read from a file or a pipe, shown as text. */
#ifndef QF_TESTS_STREAM_KIT_H
#define QF_TESTS_STREAM_KIT_H

#include <signal.h>
#include <sys/wait.h>

#include "common/data/stream.h"
#include "tests/unit/unit.h"

enum kit_feed { KIT_FILE, KIT_PIPE };

/* What a reader made of an input. */
struct kit_seen {
	int rc;			 /* 0: a clean end; -1: err */
	struct qf_err err;
	struct qf_buf text;	 /* a line for each record; scopes as "scope A tenant 2 0 1 whole" */
	size_t points, ends;
};

static inline void kit_show(struct kit_seen *seen, const struct qf_record *rec)
{
	struct qf_buf *b = &seen->text;

	seen->points += rec->type == QF_REC_POINT;
	seen->ends += rec->type == QF_REC_END;
	if (rec->type == QF_REC_SCOPE)
		qf_buf_printf(b, "scope %.*s %.*s %llu %llu %llu %s %.*s", QF_STR_ARG(rec->collection),
			      QF_STR_ARG(rec->tenant), (unsigned long long)rec->points,
			      (unsigned long long)rec->deletes, (unsigned long long)rec->rejected,
			      rec->whole ? "whole" : "part", QF_STR_ARG(rec->why));
	else
		qf_buf_add_str(b, rec->line);
	qf_buf_addc(b, '\n');
}

static inline void kit_read_fd(int fd, const struct qf_reader_opts *o, struct kit_seen *seen)
{
	struct qf_reader *r = qf_reader_new(fd, "input", o);
	struct qf_batch b = { 0 };

	*seen = (struct kit_seen){ 0 };
	while ((seen->rc = qf_reader_next(r, &b, &seen->err)) == 0)
		for (size_t i = 0; i < b.n; i++)
			kit_show(seen, &b.rec[i]);
	seen->rc = seen->rc == 1 ? 0 : -1;
	qf_batch_release(&b);
	qf_reader_free(r);
}

/* The bytes through a pipe are written by a child, so that they may be more than it holds. */
static inline void kit_read(struct qf_str bytes, enum kit_feed feed, const struct qf_reader_opts *o,
			    struct kit_seen *seen)
{
	int ends[2];
	pid_t child = 0;

	if (feed == KIT_FILE) {
		ends[0] = unit_memfd(bytes.p, bytes.n);
	} else {
		ck_assert_int_eq(pipe(ends), 0);
		if (bytes.n <= 60000) {
			ck_assert_int_eq(write(ends[1], bytes.p ? bytes.p : "", bytes.n), (ssize_t)bytes.n);
		} else if ((child = fork()) == 0) {
			signal(SIGPIPE, SIG_DFL);
			close(ends[0]);
			for (ssize_t n; bytes.n && (n = write(ends[1], bytes.p, bytes.n)) > 0;)
				bytes.p += n, bytes.n -= (size_t)n;
			_exit(0);
		}
		close(ends[1]);
	}
	kit_read_fd(ends[0], o, seen);
	close(ends[0]);
	if (child)
		waitpid(child, NULL, 0);
}

static inline void kit_done(struct kit_seen *seen)
{
	qf_buf_release(&seen->text);
}

/*
 * Writes NDJSON lines as a stream into out: each collection and tenant that has a point gets the
 * statement that it is whole, and every part ends with its end line. Lines "scope" are none of a
 * stream: "scope A" declares A whole.
 */
static inline int kit_try_write(const char *lines, const struct qf_writer_opts *o, struct qf_buf *out,
				struct qf_err *err)
{
	int fd = unit_memfd("", 0), rc;
	struct qf_arena arena = { 0 };
	struct qf_writer *w;
	struct qf_record rec;

	rc = qf_writer_open(fd, "output", o, &w, err);
	ck_assert_int_eq(rc, 0);
	while (*lines && rc == 0) {
		size_t n = strcspn(lines, "\n");
		struct qf_str line = { lines, n };

		if (qf_str_starts(line, "scope ")) {
			rec = (struct qf_record){ .type = QF_REC_SCOPE, .whole = true };
			rec.collection = (struct qf_str){ lines + 6, strcspn(lines + 6, "/\n") };
			if (rec.collection.n + 6 < n)
				rec.tenant = (struct qf_str){ lines + 7 + rec.collection.n, n - 7 - rec.collection.n };
		} else if (qf_str_is(line, "end")) {
			rec = (struct qf_record){ .type = QF_REC_END };
		} else {
			ck_assert_msg(qf_line_parse(line, 64, &rec, &arena, err) == 0, "%.*s: %s", (int)n, lines,
				      err->msg);
		}
		rc = qf_writer_put(w, &rec, &arena, err);
		lines += n + (lines[n] == '\n');
	}
	unit_slurp(fd, out);
	close(fd);
	qf_writer_free(w);
	qf_arena_release(&arena);
	return rc;
}

static inline struct qf_str kit_write(const char *lines, bool plain, struct qf_buf *out)
{
	struct qf_writer_opts o = { .plain = plain, .vectors = QF_VECTORS_KEEP };
	struct qf_err err;

	qf_buf_reset(out);
	ck_assert_msg(kit_try_write(lines, &o, out, &err) == 0, "%s", err.msg);
	return qf_buf_str(out);
}

#define KIT_HEADER "{\"type\":\"stream\",\"version\":1,\"run\":\"e24712de-9a00-4837-8cac-c2626f42772d\",\"mode\":\"full\"}\n"
#define KIT_A "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}},\"count\":3}\n"

/* A small stream with every type of line and every form of id and vector. */
#define KIT_SMALL KIT_HEADER KIT_A \
	"{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\\\"1\",\"id\":\"0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9f0001\"," \
	"\"vector\":\"AAAAPwAAgL4=\",\"payload\":{\"n\":18446744073709551615,\"f\":5.0,\"s\":\"\\u0000\\n\xc3\xa4\",\"type\":\"end\"}}\n" \
	"{\"type\":\"point\",\"collection\":\"A\",\"id\":18446744073709551615,\"vector\":[0.5,-0.25]}\n" \
	"{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":\"k\"}\n" \
	"{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"m\":{\"distance\":\"Cosine\"}}}\n" \
	"{\"type\":\"point\",\"collection\":\"A\",\"id\":\"a key\",\"vector\":{\"m\":[[1.0,2.0],[3.0,4.5]]," \
	"\"s\":{\"indices\":[7,120],\"values\":[0.5,1.25]},\"\":\"AAAAPwAAgD8=\"},\"payload\":{}}\n" \
	"{\"type\":\"delete\",\"collection\":\"A\",\"tenant\":\"\",\"id\":5}\n" \
	"{\"type\":\"cursor\",\"collection\":\"A\",\"tenant\":\"t\\\"1\",\"from\":7,\"to\":null}\n" \
	"scope A\nscope A/t\"1\nscope A/\nend\n"

#endif
