#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "common/base/sig.h"
#include "common/data/stream.h"

enum {
	CHUNK = 256 << 10, /* text that is compressed at once */
	PIPE_LEVEL = -3,   /* measured: docs/PERFORMANCE.md */
	FILE_LEVEL = 3,
};

struct qf_writer {
	int fd;
	char *name;
	struct qf_writer_opts opts;
	size_t max_line;
	ZSTD_CCtx *zstd; /* NULL for plain */
	bool in_frame;
	struct qf_buf text, out;
	struct qf_tally tally;
	uint64_t raw, written;
};

int qf_writer_level(struct qf_writer_opts *opts, const char *text, struct qf_err *err)
{
	char *end;
	long level;

	if (!text)
		return 0;
	level = strtol(text, &end, 10);
	if (end == text || *end || level < -7 || level > 19)
		return qf_err_set(err, QF_E_USAGE, "--level: '%s' is not a zstd level from -7 to 19", text);
	opts->has_level = true;
	opts->level = (int)level;
	return 0;
}

int qf_writer_open(int fd, const char *name, const struct qf_writer_opts *opts,
		   struct qf_writer **ret, struct qf_err *err)
{
	struct qf_writer *w;
	struct stat st;
	int level = opts->level;

	if (!opts->plain && isatty(fd))
		return qf_err_set(err, QF_E_USAGE,
				  "compressed data is not for a terminal; pipe it into the next command or a file, or "
				  "look at it with --plain");
	if (!opts->has_level)
		level = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? FILE_LEVEL : PIPE_LEVEL;
	w = qf_calloc(1, sizeof(*w));
	w->fd = fd;
	w->name = qf_strdup(name);
	w->opts = *opts;
	w->max_line = opts->line_limit ? opts->line_limit : 64u << 20;
	if (!opts->plain) {
		w->zstd = ZSTD_createCCtx();
		if (!w->zstd || ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1)) ||
		    ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, level))) {
			qf_writer_free(w);
			return qf_err_set(err, QF_E_USAGE, "zstd level %d is not possible", level);
		}
	}
	*ret = w;
	return 0;
}

void qf_writer_free(struct qf_writer *w)
{
	if (!w)
		return;
	ZSTD_freeCCtx(w->zstd);
	qf_tally_release(&w->tally);
	qf_buf_release(&w->text);
	qf_buf_release(&w->out);
	free(w->name);
	free(w);
}

void qf_writer_stats(const struct qf_writer *w, uint64_t *raw, uint64_t *out)
{
	*raw = w->raw + w->text.n;
	*out = w->written;
}

const struct qf_tally *qf_writer_tally(const struct qf_writer *w)
{
	return &w->tally;
}

static int write_all(struct qf_writer *w, const char *p, size_t n, struct qf_err *err)
{
	while (n) {
		ssize_t done = write(w->fd, p, n);

		if (done < 0 && errno == EINTR) {
			/* A reader that stands still must not keep us from stopping. */
			if (qf_sig_check(err) < 0)
				return -1;
			continue;
		}
		if (done < 0 && errno == EPIPE)
			return qf_err_errno(err, QF_E_PIPE, errno, "%s: the reader has gone", w->name);
		if (done < 0)
			return qf_err_errno(err, QF_E_IO, errno, "cannot write to %s", w->name);
		p += done;
		n -= (size_t)done;
		w->written += (size_t)done;
		/* A signal that comes while the reader stands still cuts a write short, nothing more. */
		if (n && qf_sig_check(err) < 0)
			return -1;
	}
	return 0;
}

/* Hands the text over to zstd and what comes of it to the descriptor. */
static int push(struct qf_writer *w, ZSTD_EndDirective how, struct qf_err *err)
{
	ZSTD_inBuffer in = { w->text.p, w->text.n, 0 };
	size_t left;

	if (!w->zstd) {
		if (write_all(w, w->text.p, w->text.n, err) < 0)
			return -1;
		w->raw += w->text.n;
		qf_buf_reset(&w->text);
		return 0;
	}
	if (how == ZSTD_e_end && !w->in_frame && w->text.n == 0)
		return 0;
	do {
		ZSTD_outBuffer out;

		qf_buf_room(&w->out, ZSTD_CStreamOutSize());
		out = (ZSTD_outBuffer){ w->out.p + w->out.n, w->out.cap - w->out.n, 0 };
		left = ZSTD_compressStream2(w->zstd, &out, &in, how);
		if (ZSTD_isError(left))
			return qf_err_set(err, QF_E_BUG, "zstd: %s", ZSTD_getErrorName(left));
		w->out.n += out.pos;
		if (w->out.n >= CHUNK || (how != ZSTD_e_continue && left == 0)) {
			if (write_all(w, w->out.p, w->out.n, err) < 0)
				return -1;
			qf_buf_reset(&w->out);
		}
	} while (how == ZSTD_e_continue ? in.pos < in.size : left != 0);
	w->in_frame = how != ZSTD_e_end;
	w->raw += w->text.n;
	qf_buf_reset(&w->text);
	return 0;
}

int qf_writer_flush(struct qf_writer *w, bool sync, struct qf_err *err)
{
	if (push(w, ZSTD_e_end, err) < 0)
		return -1;
	if (sync && fsync(w->fd) < 0 && errno != EINVAL && errno != EROFS)
		return qf_err_errno(err, QF_E_IO, errno, "cannot write to %s", w->name);
	return 0;
}

/* One record's line behind the text, with *n its length; the newline is not yet there. */
static int put_line(struct qf_writer *w, struct qf_record *rec, struct qf_arena *arena,
		    struct qf_err *err)
{
	bool decode = w->opts.vectors != QF_VECTORS_KEEP && rec->vector.p && !rec->vecs &&
		      rec->type == QF_REC_POINT &&
		      (rec->line.p == NULL || w->opts.vectors == QF_VECTORS_JSON || rec->vector.p[0] != '"');

	if (decode) {
		if (qf_record_vectors(rec, arena, err) < 0)
			return qf_err_wrap(err, "%s", qf_record_where(rec, arena));
		rec->line.p = NULL;
	}
	/* Always our own count: what came in is not what goes out. */
	if (rec->type == QF_REC_END) {
		qf_tally_write_end(&w->tally, &w->text);
		return 0;
	}
	if (rec->line.p) {
		qf_buf_add_str(&w->text, rec->line);
		return 0;
	}
	if (qf_line_write(rec, w->opts.vectors, &w->text, err) < 0)
		return qf_err_wrap(err, "%s", qf_record_where(rec, arena));
	return 0;
}

int qf_writer_put(struct qf_writer *w, struct qf_record *rec, struct qf_arena *arena,
		  struct qf_err *err)
{
	size_t from = w->text.n;
	struct qf_str line;

	if (rec->type == QF_REC_SCOPE) {
		qf_tally_add(&w->tally, rec, (struct qf_str){ 0 });
		return 0;
	}
	if (put_line(w, rec, arena, err) < 0)
		return -1;
	line = (struct qf_str){ w->text.p + from, w->text.n - from };
	if (line.n > w->max_line && rec->type != QF_REC_END)
		return qf_err_set(err, QF_E_DATA,
				  "%s: its line has %zu bytes, the limit is %zu; raise --max-line here and in the stages behind",
				  qf_record_where(rec, arena), line.n, w->max_line);
	qf_tally_add(&w->tally, rec, line);
	qf_buf_addc(&w->text, '\n');
	if (rec->type == QF_REC_STREAM) {
		qf_tally_reset(&w->tally);
		return push(w, ZSTD_e_continue, err);
	}
	if (rec->type == QF_REC_CURSOR || rec->type == QF_REC_END)
		return push(w, ZSTD_e_end, err);
	if (w->text.n >= CHUNK)
		return push(w, ZSTD_e_continue, err);
	return 0;
}

int qf_writer_put_batch(struct qf_writer *w, struct qf_batch *b, struct qf_err *err)
{
	for (size_t i = 0; i < b->n; i++)
		if (qf_writer_put(w, &b->rec[i], &b->arena, err) < 0)
			return -1;
	return 0;
}
