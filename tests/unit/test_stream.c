/* The stream: what is written is read back, whatever form it took; limits; what is no stream. */
#include <errno.h>
#include <pty.h>

#include "common/data/json.h"
#include "tests/unit/stream_kit.h"

static struct qf_buf bytes, more;
static struct qf_arena arena;

/* The decoded vectors of a point's line, bit by bit as text; "" for other lines. */
static void show_vectors(struct qf_str line, struct qf_buf *out)
{
	struct qf_record rec;
	struct qf_err err;

	ck_assert_msg(qf_line_parse(line, 64, &rec, &arena, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(qf_record_vectors(&rec, &arena, &err), 0);
	for (uint32_t i = 0; i < rec.n_vecs; i++) {
		const struct qf_vec *v = &rec.vecs[i];

		qf_buf_printf(out, "%.*s %d %u %u", QF_STR_ARG(v->name), v->kind, v->rows, v->dim);
		for (uint32_t k = 0; k < v->rows * v->dim; k++) {
			uint32_t word;

			memcpy(&word, &v->values[k], 4);
			qf_buf_printf(out, " %08x", word);
		}
		qf_buf_addc(out, '\n');
	}
	qf_buf_printf(out, "payload %.*s\n", QF_STR_ARG(rec.payload));
}

static void show_all(struct qf_str text, struct qf_buf *out)
{
	for (const char *p = text.p, *end = p + text.n, *nl; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (qf_str_starts((struct qf_str){ p, (size_t)(nl - p) }, "{\"type\":\"point\""))
			show_vectors((struct qf_str){ p, (size_t)(nl - p) }, out);
	}
}

START_TEST(round_trip)
{
	static const enum qf_vector_text forms[] = { QF_VECTORS_KEEP, QF_VECTORS_BASE64, QF_VECTORS_JSON };
	QF_AUTO_BUF struct qf_buf want = { 0 };
	struct kit_seen seen;

	kit_read(kit_write(KIT_SMALL, true, &bytes), KIT_FILE, NULL, &seen);
	ck_assert_msg(seen.rc == 0, "%s", seen.err.msg);
	/* Kept lines are the same bytes; the scopes of `end` come as records before it. */
	ck_assert_int_eq(strncmp(qf_buf_cstr(&seen.text), KIT_SMALL, strstr(KIT_SMALL, "scope") - KIT_SMALL), 0);
	ck_assert_has(qf_buf_cstr(&seen.text), "\nscope A  2 0 0 whole \n");
	ck_assert_has(qf_buf_cstr(&seen.text), "\nscope A t\"1 1 0 0 whole \n");
	ck_assert_has(qf_buf_cstr(&seen.text), "\nscope A  0 1 0 whole \n");
	show_all(qf_buf_str(&seen.text), &want);
	ck_assert_has(qf_buf_cstr(&want), "payload {\"n\":18446744073709551615,\"f\":5.0,\"s\":\"\\u0000\\n\xc3\xa4\",\"type\":\"end\"}\n");
	kit_done(&seen);
	for (size_t i = 0; i < 6; i++) {
		struct qf_writer_opts o = { .plain = i & 1, .vectors = forms[i / 2], .has_level = i > 2, .level = 5 };
		QF_AUTO_BUF struct qf_buf got = { 0 };
		struct qf_err err;

		qf_buf_reset(&bytes);
		ck_assert_int_eq(kit_try_write(KIT_SMALL, &o, &bytes, &err), 0);
		for (int feed = KIT_FILE; feed <= KIT_PIPE; feed++) {
			kit_read(qf_buf_str(&bytes), (enum kit_feed)feed, NULL, &seen);
			ck_assert_msg(seen.rc == 0, "%s", seen.err.msg);
			ck_assert_uint_eq(seen.points, 3);
			qf_buf_reset(&got);
			show_all(qf_buf_str(&seen.text), &got);
			ck_assert_str_eq(qf_buf_cstr(&got), qf_buf_cstr(&want));
			if (o.vectors == QF_VECTORS_BASE64)
				ck_assert_has(qf_buf_cstr(&seen.text), "\"id\":18446744073709551615,\"vector\":\"AAAAPwAAgL4=\"}");
			if (o.vectors == QF_VECTORS_JSON)
				ck_assert_has(qf_buf_cstr(&seen.text), "\"vector\":[0.5,-0.25],\"payload\":{\"n\":18446744073709551615");
			kit_done(&seen);
		}
	}
}
END_TEST

/* Many points over many batches and frames, by a pipe that holds far less. */
START_TEST(long_stream)
{
	enum { N = 20000 };
	QF_AUTO_BUF struct qf_buf lines = { 0 };
	struct kit_seen seen;

	QF_BUF_LIT(&lines, KIT_HEADER KIT_A);
	for (int i = 0; i < N; i++) {
		qf_buf_printf(&lines, "{\"type\":\"point\",\"collection\":\"A\",\"id\":%d,\"vector\":[%d.5,1.0],\"payload\":{\"p\":\"%0*d\"}}\n",
			      i, i, i % 997, i);
		if (i % 777 == 0)
			qf_buf_printf(&lines, "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":%d,\"to\":%d}\n", i - 777, i);
	}
	QF_BUF_LIT(&lines, "scope A\nend\n");
	for (int plain = 0; plain < 2; plain++) {
		kit_read(kit_write(qf_buf_cstr(&lines), plain, &bytes), KIT_PIPE, NULL, &seen);
		ck_assert_msg(seen.rc == 0, "%s", seen.err.msg);
		ck_assert_uint_eq(seen.points, N);
		ck_assert_int_eq(memcmp(seen.text.p, lines.p, lines.n - strlen("scope A\nend\n")), 0);
		kit_done(&seen);
	}
}
END_TEST

/* A whole stream with this line in place of a point; the end line counts it as one. */
static void with_line(const char *line, struct kit_seen *seen)
{
	qf_buf_reset(&bytes);
	QF_BUF_LIT(&bytes, KIT_HEADER KIT_A);
	qf_buf_puts(&bytes, line);
	QF_BUF_LIT(&bytes, "\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}\n");
	kit_read(qf_buf_str(&bytes), KIT_FILE, &(struct qf_reader_opts){ .reseal = true }, seen);
}

START_TEST(bad_lines)
{
	static const char *const cases[][2] = {
		{ "", "an object is expected" }, { "x", "an object is expected" }, { "[]", "an object is expected" },
		{ "{}", "\"type\" must stand first" }, { "{\"id\":1,\"type\":\"point\"}", "\"type\" must stand first" },
		{ "{\"type\":5}", "a string is expected" }, { "{\"type\":\"pt\"}", "unknown line type \"pt\" in a version 1 stream" },
		{ "{\"type\":\"point\"}", "\"collection\" is missing" },
		{ "{\"type\":\"point\",\"collection\":\"A\"}", "\"id\" is missing" },
		{ "{\"type\":\"point\",\"collection\":\"\",\"id\":1}", "\"collection\" is empty" },
		{ "{\"type\":\"point\",\"collection\":\"B\",\"id\":1}", "collection 'B' has no collection line before it" },
		{ "{\"type\":\"delete\",\"collection\":\"B\",\"id\":1}", "collection 'B' has no collection line before it" },
		{ "{\"type\":\"cursor\",\"collection\":\"B\",\"from\":null,\"to\":null}", "has no collection line before it" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"extra\":1}", "unknown member \"extra\"" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"from\":1}", "unknown member \"from\"" },
		{ "{\"type\":\"delete\",\"collection\":\"A\",\"id\":1,\"payload\":{}}", "unknown member \"payload\"" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"id\":2}", "\"id\" stands twice" },
		{ "{\"type\":\"point\",\"type\":\"point\",\"collection\":\"A\",\"id\":1}", "unknown member \"type\"" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":-1}", "\"id\" must be" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1.0}", "\"id\" must be" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":18446744073709551616}", "\"id\" must be" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":null}", "\"id\" must be" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":01}", "is missing" },
		{ "{\"type\":\"point\",\"collection\":5,\"id\":1}", "a string is expected" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":5,\"id\":1}", "a string is expected" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":5}", "\"vector\" must be an array" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":null}", "\"vector\" must be an array" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[1,]}", "not a JSON value at byte" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":[]}", "\"payload\" must be an object" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":null}", "\"payload\" must be an object" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":{\"a\":NaN}}", "not a JSON value at byte" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":{\"a\":\"\\ud800\"}}", "lone surrogate" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":{\"a\":\"\xff\"}}", "invalid UTF-8" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":{\"a\":1,}}", "a key is missing" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":{}", "missing" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1} x", "something stands behind the object" },
		{ "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}{}", "something stands behind the object" },
		{ "{\"type\":\"point\",\"collection\":\"\\ud800\",\"id\":1}", "lone surrogate" },
		{ "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null}", "\"to\" is missing" },
		{ "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":{},\"to\":null}", "the ends of a cursor must be" },
		{ "{\"type\":\"collection\"}", "a collection line needs a \"name\"" },
		{ "{\"type\":\"collection\",\"name\":\"\\ud800\"}", "lone surrogate" },
		{ "{\"type\":\"collection\",\"name\":\"B\",\"vectors\":{\"\":{}}}", "has no \"distance\"" },
		{ "{\"type\":\"collection\",\"name\":\"B\"} {}", "something stands behind" },
		{ "{\"type\":\"collection\",\"name\":\"B\",\"name\":\"C\"}", "\"name\" stands twice" },
		{ "{\"type\":\"stream\",\"version\":1,\"run\":\"x\"}", "a new stream begins before the end line" },
		{ "{\"type\":\"end\",\"scopes\":[{\"collection\":\"A\",\"rejected\":-5}],\"digest\":{}}", "\"rejected\" must be" },
	};
	struct kit_seen seen;

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		with_line(cases[i][0], &seen);
		ck_assert_msg(seen.rc < 0, "taken: %s", cases[i][0]);
		ck_assert_int_eq(seen.err.code, QF_E_DATA);
		ck_assert_msg(strstr(seen.err.msg, cases[i][1]) != NULL, "%s: %s", cases[i][0], seen.err.msg);
		ck_assert_has(seen.err.msg, "input: line 3: ");
		kit_done(&seen);
	}
}
END_TEST

START_TEST(good_lines)
{
	static const char *const cases[] = {
		"{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\r",
		" { \"type\" : \"point\" , \"collection\" : \"A\" , \"id\" : 1 , \"vector\" : [ 1 ] , \"payload\" : { } } \t",
		"{\"type\":\"point\",\"payload\":{\"a\":1,\"a\":2},\"id\":\"\\u0061\",\"tenant\":null,\"collection\":\"\\u0041\"}",
		"{\"type\":\"point\",\"collection\":\"A\",\"id\":\"\",\"error\":{\"reason\":\"x\"}}",
		"{\"type\":\"cursor\",\"collection\":\"A\",\"from\":\"\",\"to\":1e3}",
		"{\"type\":\"collection\",\"name\":\"A\",\"unheard-of\":[{}]}",
	};
	struct kit_seen seen;

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		with_line(cases[i], &seen);
		ck_assert_msg(seen.rc == 0, "%s: %s", cases[i], seen.err.msg);
		kit_done(&seen);
	}
}
END_TEST

static void refused(struct qf_str input, enum qf_code code, const char *part)
{
	struct kit_seen seen;

	kit_read(input, KIT_FILE, NULL, &seen);
	ck_assert_msg(seen.rc < 0, "taken: %.*s", QF_STR_ARG(input));
	ck_assert_int_eq(seen.err.code, code);
	ck_assert_has(seen.err.msg, part);
	kit_done(&seen);
}

START_TEST(foreign_inputs)
{
	static const struct {
		struct qf_str text;
		const char *part;
	} cases[] = {
		{ { "{\"id\":1,\"title\":\"x\"}\n", 21 }, "input: line 1: not a Fortress stream (\"type\" must stand first)" },
		{ { "\xef\xbb\xbf" KIT_HEADER, 20 }, "byte order mark" }, { { "\x1f\x8b\x08\0\0\0\0\0", 8 }, "gzip" },
		{ { "id,title\n1,x\n", 13 }, "not a Fortress stream" }, { { "hello", 5 }, "not a Fortress stream" },
		{ { "\n\n\n\n\n", 5 }, "not a Fortress stream" }, { { "\0\0\0\0\n", 5 }, "not a Fortress stream" },
		{ { KIT_A, sizeof(KIT_A) - 1 }, "the stream header is missing" }, { { "", 0 }, "input: empty" },
		{ { "{\"type\":\"stream\",\"version\":2,\"run\":\"x\"}\n", 41 }, "stream version 2; this program reads version 1" },
		{ { "{\"type\":\"stream\",\"run\":\"x\"}\n", 28 }, "stream version 0" },
		{ { "{\"type\":\"stream\",\"version\":1}\n", 30 }, "the header has no \"run\"" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++)
		refused(cases[i].text, QF_E_DATA, cases[i].part);
}
END_TEST

START_TEST(crlf_and_missing_newline)
{
	struct qf_str plain = kit_write(KIT_SMALL, true, &bytes);
	struct kit_seen seen;

	qf_buf_reset(&more);
	for (size_t i = 0; i < plain.n; i++) {
		if (plain.p[i] == '\n')
			qf_buf_addc(&more, '\r');
		qf_buf_addc(&more, plain.p[i]);
	}
	kit_read(qf_buf_str(&more), KIT_PIPE, NULL, &seen);
	ck_assert_msg(seen.rc == 0, "%s", seen.err.msg);
	kit_done(&seen);
	plain.n--;
	kit_read(plain, KIT_PIPE, NULL, &seen);
	ck_assert_msg(seen.rc == 0, "%s", seen.err.msg);
	kit_done(&seen);
}
END_TEST

/* A stream whose one point line has n bytes. */
static void long_line(size_t n, bool plain, struct qf_buf *out)
{
	static const char head[] = "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":{\"p\":\"";
	struct qf_writer_opts o = { .plain = plain, .line_limit = n, .has_level = true, .level = -5 };
	QF_AUTO_BUF struct qf_buf lines = { 0 };
	struct qf_err err;

	QF_BUF_LIT(&lines, KIT_HEADER KIT_A);
	QF_BUF_LIT(&lines, head);
	memset(qf_buf_room(&lines, n), 'x', n);
	lines.n += n - sizeof(head) + 1 - 3;
	QF_BUF_LIT(&lines, "\"}}\nscope A\nend\n");
	qf_buf_reset(out);
	ck_assert_int_eq(kit_try_write(qf_buf_cstr(&lines), &o, out, &err), 0);
	o.line_limit = n - 1;
	qf_buf_reset(&more);
	ck_assert_int_lt(kit_try_write(qf_buf_cstr(&lines), &o, &more, &err), 0);
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_has(err.msg, "collection 'A', id 1: its line has ");
	ck_assert_has(err.msg, "raise --max-line");
}

START_TEST(lines_at_the_limit)
{
	struct kit_seen seen;

	for (int plain = 0; plain < 2; plain++) {
		long_line(64 << 20, plain, &bytes);
		kit_read(qf_buf_str(&bytes), KIT_PIPE, NULL, &seen);
		ck_assert_msg(seen.rc == 0, "%s", seen.err.msg);
		ck_assert_uint_eq(seen.points, 1);
		kit_done(&seen);
		long_line((64 << 20) + 1, plain, &bytes);
		refused(qf_buf_str(&bytes), QF_E_DATA, "input: line 3: longer than 67108864 bytes; raise --max-line");
		kit_read(qf_buf_str(&bytes), KIT_FILE, &(struct qf_reader_opts){ .limits.line = 65 << 20 }, &seen);
		ck_assert_msg(seen.rc == 0, "%s", seen.err.msg);
		kit_done(&seen);
	}
	qf_buf_release(&bytes);
}
END_TEST

START_TEST(depth_limits)
{
	for (int over = 0; over < 2; over++) {
		QF_AUTO_BUF struct qf_buf line = { 0 };
		struct kit_seen seen;

		/* The line's own object and the payload are two levels. */
		QF_BUF_LIT(&line, "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":{\"a\":");
		for (int i = 0; i < 62 + over; i++)
			qf_buf_addc(&line, '[');
		for (int i = 0; i < 62 + over; i++)
			qf_buf_addc(&line, ']');
		QF_BUF_LIT(&line, "}}");
		with_line(qf_buf_cstr(&line), &seen);
		ck_assert_msg((seen.rc < 0) == over, "%s", seen.err.msg);
		if (over)
			ck_assert_has(seen.err.msg, "nested too deeply at byte");
		kit_done(&seen);
	}
}
END_TEST

START_TEST(reseal)
{
	static const char lie[] = KIT_HEADER KIT_A "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n"
		"{\"type\":\"end\",\"scopes\":[{\"collection\":\"A\",\"points\":9,\"deletes\":0,\"whole\":true}],\"digest\":{\"A\":\"00\"}}\n";
	struct qf_reader_opts o = { .reseal = true };
	struct qf_str text = { lie, sizeof(lie) - 1 };
	struct kit_seen seen;

	refused(text, QF_E_DATA, "says 9 points of 'A', the stream holds 1");
	kit_read(text, KIT_FILE, &o, &seen);
	ck_assert_msg(seen.rc == 0, "%s", seen.err.msg);
	ck_assert_has(qf_buf_cstr(&seen.text), "scope A  9 0 0 whole");
	kit_done(&seen);
	/* The end line itself is still asked for. */
	text.n = (size_t)(strstr(lie, "{\"type\":\"end\"") - lie);
	kit_read(text, KIT_PIPE, &o, &seen);
	ck_assert_int_lt(seen.rc, 0);
	ck_assert_int_eq(seen.err.code, QF_E_TEMP);
	kit_done(&seen);
}
END_TEST

/* A writer on fd until it fails, with its error. */
static struct qf_err write_until_failure(int fd, bool plain)
{
	struct qf_writer_opts o = { .plain = plain };
	struct qf_record header = { .type = QF_REC_STREAM, .line = QF_STR("{\"type\":\"stream\"}") };
	struct qf_record point = { .type = QF_REC_POINT, .collection = QF_STR("A"), .line = QF_STR("{\"type\":\"point\"}") };
	struct qf_record end = { .type = QF_REC_END };
	struct qf_writer *w;
	struct qf_err err = { 0 };
	int rc;

	ck_assert_int_eq(qf_writer_open(fd, "out", &o, &w, &err), 0);
	rc = qf_writer_put(w, &header, &arena, &err);
	for (int i = 0; i < 100 && rc == 0; i++)
		rc = qf_writer_put(w, &point, &arena, &err);
	if (rc == 0)
		rc = qf_writer_put(w, &end, &arena, &err);
	ck_assert_int_lt(rc, 0);
	qf_writer_free(w);
	return err;
}

START_TEST(outputs_that_fail)
{
	signal(SIGPIPE, SIG_IGN);
	for (int plain = 0; plain < 2; plain++) {
		int ends[2], full = open("/dev/full", O_WRONLY);
		struct qf_err err;

		ck_assert_int_eq(pipe(ends), 0);
		close(ends[0]);
		err = write_until_failure(ends[1], plain);
		ck_assert_int_eq(err.code, QF_E_PIPE);
		close(ends[1]);
		err = write_until_failure(full, plain);
		ck_assert_int_eq(err.code, QF_E_IO);
		ck_assert_int_eq(err.detail, ENOSPC);
		ck_assert_has(err.msg, "cannot write to out: No space left on device; free some room");
		close(full);
	}
}
END_TEST

START_TEST(terminals)
{
	struct qf_writer_opts o = { .plain = false };
	struct qf_writer *w;
	struct qf_err err;
	int master, slave;

	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
	ck_assert_int_lt(qf_writer_open(slave, "out", &o, &w, &err), 0);
	ck_assert_int_eq(err.code, QF_E_USAGE);
	ck_assert_has(err.msg, "compressed data is not for a terminal");
	ck_assert_has(err.msg, "--plain");
	o.plain = true;
	ck_assert_int_eq(qf_writer_open(slave, "out", &o, &w, &err), 0);
	qf_writer_free(w);
	close(master);
	close(slave);
}
END_TEST

START_TEST(inputs_that_fail)
{
	struct kit_seen seen;
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY);

	kit_read_fd(fd, NULL, &seen);
	ck_assert_int_lt(seen.rc, 0);
	ck_assert_int_eq(seen.err.code, QF_E_IO);
	ck_assert_has(seen.err.msg, "cannot read input: Is a directory");
	close(fd);
	kit_done(&seen);
}
END_TEST

/* What a stage holds back goes out before the end, so the end comes in a batch of its own. */
START_TEST(end_alone)
{
	static const char one[] = "{\"type\":\"stream\",\"version\":1,\"run\":\"x\"}\n"
				  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{}}\n"
				  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n"
				  "{\"type\":\"end\",\"scopes\":[{\"collection\":\"A\"}],\"digest\":{}}\n";
	const struct qf_reader_opts opts = { .reseal = true };
	char *twice = qf_asprintf("%s%s", one, one);
	int fd = unit_memfd(twice, strlen(twice));
	struct qf_reader *r = qf_reader_new(fd, "two", &opts);
	struct qf_batch b = { 0 };
	size_t ends = 0;
	struct qf_err err;
	int rc;

	while ((rc = qf_reader_next(r, &b, &err)) == 0)
		for (size_t i = 0; i < b.n; i++) {
			if (b.rec[i].type != QF_REC_END)
				continue;
			ends++;
			ck_assert_uint_eq(b.n, 2);
			ck_assert_int_eq(b.rec[0].type, QF_REC_SCOPE);
		}
	ck_assert_msg(rc == 1, "%s", err.msg);
	ck_assert_uint_eq(ends, 2);
	qf_reader_free(r);
	qf_batch_release(&b);
	close(fd);
	free(twice);
}
END_TEST

UNIT_MAIN("stream", 300, round_trip, end_alone, long_stream, bad_lines, good_lines, foreign_inputs,
	  crlf_and_missing_newline, lines_at_the_limit, depth_limits, reseal, outputs_that_fail, terminals,
	  inputs_that_fail)
