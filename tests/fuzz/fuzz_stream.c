/*
 * The reader, fed through a pipe in pieces. The first byte chooses: bit 0 compresses the rest, bit 1
 * asks for reseal, bit 2 for small limits, the high bits give the size of the pieces. What is read to
 * its end is written and read again: that must be a fixed point.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "common/data/stream.h"
#include "tests/fuzz/fuzz.h"

struct feed {
	const char *p;
	size_t n, piece;
	int in;			/* the pipe's end for writing; -1: closed */
};

/* Called by the reader before it reads: puts the next piece into the pipe. */
static int next_piece(void *ctx, int fd, struct qf_err *err)
{
	struct feed *f = ctx;
	size_t n = f->n < f->piece ? f->n : f->piece;

	(void)fd;
	(void)err;
	if (n) {
		FUZZ_CHECK(write(f->in, f->p, n) == (ssize_t)n, "the pipe is full");
		f->p += n;
		f->n -= n;
	} else if (f->in >= 0) {
		close(f->in);
		f->in = -1;
	}
	return 0;
}

/* Reads the feed; what comes goes to the writer, if there is one. 0: a clean end; the points. */
static int copy(struct feed *f, struct qf_reader_opts *o, struct qf_writer *w, uint64_t *points, bool *written)
{
	struct qf_batch b = { 0 };
	struct qf_reader *r;
	struct qf_err err;
	int ends[2], rc;

	*points = 0;
	*written = true;
	FUZZ_CHECK(pipe2(ends, O_CLOEXEC) == 0, "no pipe");
	f->in = ends[1];
	o->wait = next_piece;
	o->wait_ctx = f;
	r = qf_reader_new(ends[0], "input", o);
	while ((rc = qf_reader_next(r, &b, &err)) == 0) {
		for (size_t i = 0; i < b.n; i++)
			*points += b.rec[i].type == QF_REC_POINT;
		if (*written && qf_writer_put_batch(w, &b, &err) < 0)
			*written = false;
	}
	if (rc < 0)
		FUZZ_CHECK(err.code == QF_E_DATA || err.code == QF_E_TEMP, "%d %s", err.code, err.msg);
	qf_batch_release(&b);
	qf_reader_free(r);
	close(ends[0]);
	if (f->in >= 0)
		close(f->in);
	return rc == 1 ? 0 : -1;
}

static struct qf_writer *open_writer(int *fd, bool plain, enum qf_vector_text vectors)
{
	struct qf_writer_opts o = { .plain = plain, .vectors = vectors, .has_level = true, .level = 1 };
	struct qf_writer *w;
	struct qf_err err;

	*fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_CHECK(*fd >= 0 && qf_writer_open(*fd, "output", &o, &w, &err) == 0, "no writer");
	return w;
}

static void take(int fd, struct qf_writer *w, struct qf_buf *out)
{
	ssize_t n;

	qf_writer_free(w);
	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, qf_buf_room(out, 65536), 65536)) > 0)
		out->n += (size_t)n;
	close(fd);
}

/* What one pass wrote, once more through reader and writer, strictly this time. */
static void again(struct qf_buf *text, bool plain, enum qf_vector_text vectors, uint64_t points)
{
	struct feed f = { .p = text->p, .n = text->n, .piece = 4096 };
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_reader_opts o = { 0 };
	struct qf_writer *w;
	uint64_t n;
	bool good;
	int fd;

	w = open_writer(&fd, plain, vectors);
	FUZZ_CHECK(copy(&f, &o, w, &n, &good) == 0 && good, "what was written is not read");
	FUZZ_CHECK(n == points, "another number of points");
	take(fd, w, &out);
	FUZZ_CHECK(!plain || qf_str_eq(qf_buf_str(text), qf_buf_str(&out)), "not a fixed point");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[8] = { 1, 2, 3, 7, 64, 300, 4096, 65536 };
	QF_AUTO_BUF struct qf_buf packed = { 0 };
	uint8_t how = size ? data[0] : 0;
	struct feed f = { .p = (const char *)data + (size > 0), .n = size - (size > 0) };
	bool plain = how & 16;
	enum qf_vector_text vectors = how & 8 ? QF_VECTORS_KEEP : QF_VECTORS_BASE64;
	struct qf_reader_opts o = { .reseal = how & 2 };
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_writer *w;
	uint64_t points;
	bool written;
	int fd;

	if (how & 1) {
		packed.n = ZSTD_compress(qf_buf_room(&packed, ZSTD_compressBound(f.n)), ZSTD_compressBound(f.n), f.p,
					 f.n, 1);
		f.p = packed.p;
		f.n = packed.n;
	}
	if (how & 4)
		o.limits = (struct qf_limits){ .line = 256, .depth = 5, .window_log = 10 };
	f.piece = pieces[how >> 5];
	/* A byte at a time is slow where there are many. */
	if (f.n / f.piece > 4096)
		f.piece = f.n / 4096;
	w = open_writer(&fd, plain, vectors);
	if (copy(&f, &o, w, &points, &written) < 0 || !written) {
		qf_writer_free(w);
		close(fd);
		return 0;
	}
	take(fd, w, &out);
	again(&out, plain, vectors, points);
	return 0;
}
