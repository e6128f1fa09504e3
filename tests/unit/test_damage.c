/* Streams that are cut, damaged or joined: what is not whole is never taken for whole. */
#include <zstd.h>

#include "tests/unit/stream_kit.h"

static struct qf_buf bytes, more, joined;

/* A code: the input must fail with it; QF_OK: it must be clean; NOT_CLEAN: any failure will do. */
enum { NOT_CLEAN = -1 };

static void ends_with(struct qf_str input, enum kit_feed feed, int code, const char *what, size_t at)
{
	struct kit_seen seen;

	kit_read(input, feed, NULL, &seen);
	if (code == QF_OK ? seen.rc != 0 : seen.rc == 0 || (code != NOT_CLEAN && (int)seen.err.code != code))
		ck_abort_msg("%s %zu, %s: %s with %d %s", what, at, feed == KIT_PIPE ? "pipe" : "file",
			     seen.rc ? "failed" : "accepted", seen.err.code, seen.rc ? seen.err.msg : "");
	kit_done(&seen);
}

/* Cut behind every byte: from a pipe 75 (run it again), from a file 65 (it will not get better). */
START_TEST(cut_at_every_byte)
{
	for (int plain = 0; plain < 2; plain++) {
		struct qf_str whole = kit_write(KIT_SMALL, plain, &bytes);

		for (size_t n = 0; n <= whole.n; n++) {
			/* Behind the end line of a plain stream the last newline may be missing. */
			bool good = n == whole.n || (plain && n == whole.n - 1);

			ends_with((struct qf_str){ whole.p, n }, KIT_PIPE, good ? QF_OK : QF_E_TEMP,
				  plain ? "plain cut at" : "zstd cut at", n);
			ends_with((struct qf_str){ whole.p, n }, KIT_FILE, good ? QF_OK : QF_E_DATA,
				  plain ? "plain cut at" : "zstd cut at", n);
		}
	}
}
END_TEST

/* One line of the middle gone, doubled or swapped for another: the counts or the digest tell. */
START_TEST(lines_lost_or_doubled)
{
	struct qf_str whole = kit_write(KIT_SMALL, true, &bytes);
	size_t lines = 0;

	for (size_t from = 0; from < whole.n; lines++) {
		size_t to = (size_t)((char *)memchr(whole.p + from, '\n', whole.n - from) + 1 - whole.p);
		bool data = qf_str_starts((struct qf_str){ whole.p + from, to - from }, "{\"type\":\"point\"") ||
			    qf_str_starts((struct qf_str){ whole.p + from, to - from }, "{\"type\":\"delete\"");

		if (data) {
			qf_buf_reset(&more);
			qf_buf_add(&more, whole.p, from);
			qf_buf_add(&more, whole.p + to, whole.n - to);
			ends_with(qf_buf_str(&more), KIT_PIPE, QF_E_DATA, "lost line", lines);
			qf_buf_reset(&more);
			qf_buf_add(&more, whole.p, to);
			qf_buf_add(&more, whole.p + from, whole.n - from);
			ends_with(qf_buf_str(&more), KIT_PIPE, QF_E_DATA, "doubled line", lines);
		}
		from = to;
	}
	ck_assert_uint_eq(lines, 10);
}
END_TEST

/* Every bit flipped once: refused, or (in what zstd does not look at) the same content. */
START_TEST(one_flipped_bit)
{
	struct qf_str whole = kit_write(KIT_SMALL, false, &bytes);
	struct kit_seen good, seen;
	size_t accepted = 0;

	kit_read(whole, KIT_FILE, NULL, &good);
	ck_assert_int_eq(good.rc, 0);
	for (size_t i = 0; i < whole.n * 8; i++) {
		bytes.p[i / 8] ^= (char)(1 << i % 8);
		kit_read(whole, KIT_FILE, NULL, &seen);
		if (seen.rc == 0) {
			accepted++;
			if (!qf_str_eq(qf_buf_str(&seen.text), qf_buf_str(&good.text)))
				ck_abort_msg("bit %zu: accepted with other content", i);
		} else if (seen.err.code != QF_E_DATA) {
			ck_abort_msg("bit %zu: %d %s", i, seen.err.code, seen.err.msg);
		}
		kit_done(&seen);
		bytes.p[i / 8] ^= (char)(1 << i % 8);
	}
	/* A few bits of frame headers (window sizes, an unused bit) mean nothing to the content. */
	ck_assert_uint_lt(accepted, whole.n * 8 / 20);
	kit_done(&good);
}
END_TEST

/* Any byte of a plain stream changed: refused, unless it is in a line that nothing counts. */
START_TEST(one_changed_byte_of_plain_data)
{
	struct qf_str whole = kit_write(KIT_SMALL, true, &bytes);
	const char *first = strstr(whole.p, "{\"type\":\"point\""), *last = strstr(whole.p, "{\"type\":\"cursor\"");

	for (size_t i = (size_t)(first - whole.p); i < (size_t)(last - whole.p); i++) {
		static const char by[] = { '1', 'x', '"', '}', ' ', '\\', '\n' };

		for (size_t k = 0; k < QF_LEN(by); k++) {
			char old = bytes.p[i];

			bytes.p[i] = by[k];
			if (by[k] != old)
				ends_with(whole, KIT_FILE, QF_E_DATA, "changed byte", i);
			bytes.p[i] = old;
		}
	}
}
END_TEST

START_TEST(joined_streams)
{
	static const char other[] = KIT_HEADER
		"{\"type\":\"collection\",\"name\":\"B\"}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1}\nscope B\nend\n";

	for (int plain = 0; plain < 2; plain++) {
		struct qf_str a = kit_write(KIT_SMALL, plain, &bytes), b = kit_write(other, plain, &more);
		struct kit_seen seen;

		qf_buf_reset(&joined);
		qf_buf_add_str(&joined, a);
		qf_buf_add_str(&joined, b);
		qf_buf_add_str(&joined, a);
		kit_read(qf_buf_str(&joined), KIT_PIPE, NULL, &seen);
		ck_assert_msg(seen.rc == 0, "%s", seen.err.msg);
		ck_assert_uint_eq(seen.ends, 3);
		ck_assert_uint_eq(seen.points, 7);
		kit_done(&seen);

		/* The first one is cut at every byte, then another begins. */
		for (size_t n = 0; n < a.n; n++) {
			if (plain && n == a.n - 1)
				continue;
			qf_buf_reset(&joined);
			qf_buf_add(&joined, a.p, n);
			qf_buf_add_str(&joined, b);
			/* Compressed, the second one may look like the rest of a block that is longer still. */
			if (n)
				ends_with(qf_buf_str(&joined), KIT_PIPE, plain ? QF_E_DATA : NOT_CLEAN,
					  "joined behind a cut at", n);
		}
		/* The second one is cut behind every byte. */
		for (size_t n = 1; n < b.n - 1; n++) {
			qf_buf_reset(&joined);
			qf_buf_add_str(&joined, a);
			qf_buf_add(&joined, b.p, n);
			ends_with(qf_buf_str(&joined), KIT_PIPE, QF_E_TEMP, "second cut at", n);
		}
	}
}
END_TEST

/* One of each kind cannot be joined: `cat` of a compressed and a plain one is refused. */
START_TEST(mixed_kinds)
{
	struct qf_str a = kit_write(KIT_SMALL, false, &bytes), b = kit_write(KIT_SMALL, true, &more);

	qf_buf_reset(&joined);
	qf_buf_add_str(&joined, a);
	qf_buf_add_str(&joined, b);
	ends_with(qf_buf_str(&joined), KIT_PIPE, QF_E_DATA, "zstd, then plain", 0);
	qf_buf_reset(&joined);
	qf_buf_add_str(&joined, b);
	qf_buf_add_str(&joined, a);
	ends_with(qf_buf_str(&joined), KIT_PIPE, QF_E_DATA, "plain, then zstd", 0);
}
END_TEST

/* A skippable frame (RFC 8878 section 3.1.2) with n bytes of anything. */
static void skippable(struct qf_buf *b, unsigned char magic, uint32_t n)
{
	unsigned char head[8] = { magic, 0x2a, 0x4d, 0x18, (unsigned char)n, (unsigned char)(n >> 8), 0, 0 };

	qf_buf_add(b, head, 8);
	for (uint32_t i = 0; i < n; i++)
		qf_buf_addc(b, (char)i);
}

START_TEST(skippable_frames)
{
	struct qf_str a = kit_write(KIT_SMALL, false, &bytes);

	qf_buf_reset(&joined);
	skippable(&joined, 0x50, 0);
	skippable(&joined, 0x5f, 300);
	qf_buf_add_str(&joined, a);
	skippable(&joined, 0x57, 70);
	qf_buf_add_str(&joined, a);
	skippable(&joined, 0x50, 5);
	ends_with(qf_buf_str(&joined), KIT_PIPE, QF_OK, "skippable frames", 0);
	/* Cut inside the last of them: what is missing might have been anything. */
	for (size_t n = 1; n < 13; n++)
		ends_with((struct qf_str){ joined.p, joined.n - n }, KIT_PIPE, QF_E_TEMP, "cut by", n);
	qf_buf_reset(&joined);
	skippable(&joined, 0x50, 5);
	ends_with(qf_buf_str(&joined), KIT_PIPE, QF_E_TEMP, "nothing but a skippable frame", 0);
	qf_buf_add(&joined, "junk", 4);
	ends_with(qf_buf_str(&joined), KIT_PIPE, QF_E_DATA, "junk behind a skippable frame", 0);
}
END_TEST

START_TEST(frame_boundaries)
{
	struct qf_str a = kit_write(KIT_SMALL, false, &bytes);
	struct kit_seen seen;
	size_t frame = ZSTD_findFrameCompressedSize(a.p, a.n), frames = 0;

	/* Between frames zstd sees nothing wrong: only the missing end line tells. */
	for (size_t at = 0; at < a.n; at += frame, frames++) {
		frame = ZSTD_findFrameCompressedSize(a.p + at, a.n - at);
		ck_assert(!ZSTD_isError(frame));
		if (!at)
			continue;
		ends_with((struct qf_str){ a.p, at }, KIT_PIPE, QF_E_TEMP, "cut between frames at", at);
		qf_buf_reset(&joined);
		qf_buf_add(&joined, a.p, at);
		qf_buf_add_str(&joined, a);
		kit_read(qf_buf_str(&joined), KIT_PIPE, NULL, &seen);
		ck_assert_int_lt(seen.rc, 0);
		ck_assert_int_eq(seen.err.code, QF_E_DATA);
		ck_assert_has(seen.err.msg, "a new stream begins before the end line");
		kit_done(&seen);
	}
	ck_assert_uint_eq(frames, 3);
}
END_TEST

START_TEST(junk_behind_the_end)
{
	static const char *const junk[] = { "x", "\n", "{}\n", "{\"type\":\"end\",\"scopes\":[],\"digest\":{}}\n", "\0\0\0\0" };

	for (int plain = 0; plain < 2; plain++) {
		for (size_t i = 0; i < QF_LEN(junk); i++) {
			size_t n = *junk[i] ? strlen(junk[i]) : 4;

			kit_write(KIT_SMALL, plain, &bytes);
			qf_buf_add(&bytes, junk[i], n);
			/* What is no whole line may be a cut one. */
			ends_with(qf_buf_str(&bytes), KIT_PIPE, plain && junk[i][n - 1] != '\n' ? QF_E_TEMP : QF_E_DATA,
				  "junk", i);
		}
	}
}
END_TEST

/* A frame by hand: magic, window size as power of two, raw blocks, no checksum. */
static void raw_frame(struct qf_buf *b, unsigned window_log, struct qf_str text)
{
	unsigned char head[6] = { 0x28, 0xb5, 0x2f, 0xfd, 0, (unsigned char)((window_log - 10) << 3) };
	uint32_t block = (uint32_t)text.n << 3 | 1;

	qf_buf_reset(b);
	qf_buf_add(b, head, 6);
	qf_buf_add(b, &block, 3);
	qf_buf_add_str(b, text);
}

START_TEST(windows)
{
	struct qf_str plain = kit_write(KIT_SMALL, true, &bytes);
	struct qf_reader_opts more_window = { .limits.window_log = 28 }, less = { .limits.window_log = 20 };
	struct kit_seen seen;

	raw_frame(&more, 27, plain);
	ends_with(qf_buf_str(&more), KIT_FILE, QF_OK, "window", 27);
	kit_read(qf_buf_str(&more), KIT_FILE, &less, &seen);
	ck_assert_int_lt(seen.rc, 0);
	ck_assert_has(seen.err.msg, "the zstd window is larger than 2^20; raise --max-window");
	kit_done(&seen);
	raw_frame(&more, 28, plain);
	kit_read(qf_buf_str(&more), KIT_FILE, NULL, &seen);
	ck_assert_int_lt(seen.rc, 0);
	ck_assert_int_eq(seen.err.code, QF_E_DATA);
	ck_assert_has(seen.err.msg, "the zstd window is larger than 2^27; raise --max-window");
	kit_done(&seen);
	kit_read(qf_buf_str(&more), KIT_FILE, &more_window, &seen);
	ck_assert_msg(seen.rc == 0, "%s", seen.err.msg);
	kit_done(&seen);
}
END_TEST

/* A gibibyte of zeros in 33 KB: the limit of a line stops it. */
START_TEST(bomb)
{
	size_t chunk = 64 << 20;
	char *zeros = qf_calloc(chunk, 1);
	ZSTD_CCtx *z = ZSTD_createCCtx();
	struct kit_seen seen;

	qf_buf_reset(&bytes);
	for (int i = 0; i < 16; i++) {
		ZSTD_inBuffer in = { zeros, chunk, 0 };
		size_t left;

		do {
			ZSTD_outBuffer out = { qf_buf_room(&bytes, 1 << 17), 1 << 17, 0 };

			left = ZSTD_compressStream2(z, &out, &in, i == 15 ? ZSTD_e_end : ZSTD_e_continue);
			ck_assert(!ZSTD_isError(left));
			bytes.n += out.pos;
		} while (i == 15 ? left != 0 : in.pos < in.size);
	}
	ZSTD_freeCCtx(z);
	free(zeros);
	ck_assert_uint_lt(bytes.n, 1 << 20);
	kit_read(qf_buf_str(&bytes), KIT_PIPE, NULL, &seen);
	ck_assert_int_lt(seen.rc, 0);
	ck_assert_int_eq(seen.err.code, QF_E_DATA);
	ck_assert_has(seen.err.msg, "longer than 67108864 bytes; raise --max-line");
	kit_done(&seen);
}
END_TEST

UNIT_MAIN("damage", 300, cut_at_every_byte, lines_lost_or_doubled, one_flipped_bit,
	  one_changed_byte_of_plain_data, joined_streams, mixed_kinds, skippable_frames, frame_boundaries,
	  junk_behind_the_end, windows, bomb)
