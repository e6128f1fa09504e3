#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "common/base/sig.h"
#include "common/data/stream.h"

enum {
	IN_SIZE = 256 << 10,   /* compressed bytes of one read */
	STEP = 256 << 10,      /* text of one call of zstd */
	BATCH_SIZE = 1 << 20,  /* text of one batch, unless a line is longer */
};

struct qf_reader {
	int fd;
	char *name;
	struct qf_reader_opts opts;
	size_t max_line;

	ZSTD_DCtx *zstd;	/* NULL for plain NDJSON */
	bool sniffed, in_frame, eof, regular;
	char *in;
	size_t in_pos, in_n;

	struct qf_buf text;	/* decompressed, not yet handed out from `taken` on */
	size_t taken, scanned;	/* handed out; searched for a newline */
	uint64_t bytes, line_no, got; /* got: compressed */

	bool in_stream;		/* between a header and its end */
	bool ended;		/* an end line was seen and nothing after it yet */
	struct qf_tally tally;
	struct qf_arena names;	/* collections declared in this stream */
	struct qf_str *declared;
	size_t n_declared, cap_declared, last_declared;
};

struct qf_reader *qf_reader_new(int fd, const char *name, const struct qf_reader_opts *opts)
{
	struct qf_reader *r = qf_calloc(1, sizeof(*r));
	struct stat st;

	r->fd = fd;
	r->name = qf_strdup(name);
	if (opts)
		r->opts = *opts;
	r->max_line = r->opts.limits.line ? r->opts.limits.line : 64u << 20;
	r->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	r->in = qf_malloc(IN_SIZE);
	return r;
}

void qf_reader_free(struct qf_reader *r)
{
	if (!r)
		return;
	ZSTD_freeDCtx(r->zstd);
	qf_tally_release(&r->tally);
	qf_arena_release(&r->names);
	qf_buf_release(&r->text);
	free(r->declared);
	free(r->in);
	free(r->name);
	free(r);
}

uint64_t qf_reader_bytes(const struct qf_reader *r)
{
	return r->bytes;
}

static int at_line(struct qf_reader *r, struct qf_err *err)
{
	return qf_err_wrap(err, "%s: line %llu", r->name, (unsigned long long)r->line_no);
}

/* Reads more input behind what is there. 0 also at end of file, which sets r->eof. */
static int fill(struct qf_reader *r, struct qf_err *err)
{
	ssize_t n;

	if (r->in_pos) {
		memmove(r->in, r->in + r->in_pos, r->in_n - r->in_pos);
		r->in_n -= r->in_pos;
		r->in_pos = 0;
	}
	if (r->opts.wait && r->opts.wait(r->opts.wait_ctx, r->fd, err) < 0)
		return -1;
	do {
		if (qf_sig_check(err) < 0)
			return -1;
		n = read(r->fd, r->in + r->in_n, IN_SIZE - r->in_n);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return qf_err_errno(err, QF_E_IO, errno, "cannot read %s", r->name);
	if (n == 0)
		r->eof = true;
	r->in_n += (size_t)n;
	r->got += (size_t)n;
	return 0;
}

/* zstd frames and skippable frames by their magic numbers (RFC 8878 sections 3.1.1 and 3.1.2). */
static bool is_zstd(const unsigned char *p)
{
	return (p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd) ||
	       ((p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18);
}

static int foreign(struct qf_err *err)
{
	QF_AUTO_FREE char *why = qf_strdup(err->msg);

	return qf_err_set(err, QF_E_DATA,
			  "not a Fortress stream (%s); a stream begins with {\"type\":\"stream\",\"version\":1,...}, "
			  "as 'fortress extract' writes it: see docs/STREAM.md", why);
}

static int sniff(struct qf_reader *r, struct qf_err *err)
{
	while (!r->eof && r->in_n < 4)
		if (fill(r, err) < 0)
			return -1;
	r->sniffed = true;
	if (r->in_n >= 4 && is_zstd((unsigned char *)r->in)) {
		unsigned log = r->opts.limits.window_log ? r->opts.limits.window_log : 27;

		r->zstd = ZSTD_createDCtx();
		if (!r->zstd)
			return qf_err_set(err, QF_E_TEMP, "out of memory");
		if (ZSTD_isError(ZSTD_DCtx_setParameter(r->zstd, ZSTD_d_windowLogMax, (int)log)))
			return qf_err_set(err, QF_E_USAGE, "a zstd window of 2^%u is not possible", log);
		return 0;
	}
	if (r->in_n >= 2 && !memcmp(r->in, "\x1f\x8b", 2))
		return qf_err_set(err, QF_E_DATA, "%s: this is gzip, not zstd; put 'gzip -dc' before it", r->name);
	if (r->in_n >= 3 && !memcmp(r->in, "\xef\xbb\xbf", 3))
		return qf_err_set(err, QF_E_DATA, "%s: line 1 begins with a byte order mark; JSON has none", r->name);
	/* Less than four bytes may be the beginning of what would have been one. */
	if (r->in_n >= 4 && !memchr("{ \t\r\n", r->in[0], 5)) {
		qf_err_set(err, QF_E_DATA, "neither zstd nor JSON");
		foreign(err);
		return qf_err_wrap(err, "%s", r->name);
	}
	return 0;
}

/* The last whole line that has come, handed out or not. */
static unsigned long long last_line(const struct qf_reader *r)
{
	unsigned long long n = r->line_no;

	for (size_t i = r->taken; i < r->text.n; i++)
		n += r->text.p[i] == '\n';
	return n;
}

/* Moves input into text, decompressed. */
static int expand(struct qf_reader *r, struct qf_err *err)
{
	ZSTD_inBuffer in = { r->in, r->in_n, r->in_pos };
	ZSTD_outBuffer out;
	size_t rc;

	if (!r->zstd) {
		size_t n = r->in_n - r->in_pos;

		if (n > BATCH_SIZE)
			n = BATCH_SIZE;
		qf_buf_add(&r->text, r->in + r->in_pos, n);
		r->in_pos += n;
		return 0;
	}
	qf_buf_room(&r->text, STEP);
	/* Not the whole room that one long line may have left: a bomb would fill it. */
	out = (ZSTD_outBuffer){ r->text.p + r->text.n, STEP, 0 };
	rc = ZSTD_decompressStream(r->zstd, &out, &in);
	if (ZSTD_isError(rc)) {
		const char *why = ZSTD_getErrorName(rc);

		if (ZSTD_getErrorCode(rc) == ZSTD_error_frameParameter_windowTooLarge)
			return qf_err_set(err, QF_E_DATA, "%s: the zstd window is larger than 2^%u; raise --max-window",
					  r->name, r->opts.limits.window_log ? r->opts.limits.window_log : 27);
		if (ZSTD_getErrorCode(rc) == ZSTD_error_prefix_unknown)
			return qf_err_set(err, QF_E_DATA,
					  "%s: foreign bytes stand behind line %llu, where a zstd frame should begin",
					  r->name, last_line(r));
		return qf_err_set(err, QF_E_DATA, "%s: damaged behind line %llu: zstd says: %s", r->name,
				  last_line(r), why);
	}
	r->in_frame = rc != 0;
	r->in_pos = in.pos;
	r->text.n += out.pos;
	return 0;
}

/* Is a whole line there? Remembers how far it has looked. */
static bool have_line(struct qf_reader *r)
{
	const char *nl;

	if (!r->text.n)
		return false;
	if (r->scanned < r->taken)
		r->scanned = r->taken;
	nl = memchr(r->text.p + r->scanned, '\n', r->text.n - r->scanned);
	r->scanned = nl ? (size_t)(nl - r->text.p) : r->text.n;
	return nl != NULL;
}

static int too_long(struct qf_reader *r, struct qf_err *err)
{
	r->line_no++;
	qf_err_set(err, QF_E_DATA, "longer than %zu bytes; raise --max-line if that is meant", r->max_line);
	return at_line(r, err);
}

static int cut(struct qf_reader *r, struct qf_err *err)
{
	if (r->got == 0)
		return qf_err_set(err, r->regular ? QF_E_DATA : QF_E_TEMP,
				  "%s: empty, not even a stream header came; see the message of the command before the pipe",
				  r->name);
	if (r->regular)
		return qf_err_set(err, QF_E_DATA,
				  "%s: cut off behind line %llu: there is no end line, so it is not whole; make the file again",
				  r->name, (unsigned long long)r->line_no);
	return qf_err_set(err, QF_E_TEMP,
			  "%s: the stream broke off behind line %llu without its end line; what came before is not "
			  "the whole; see the message of the command before the pipe, then run the pipe again",
			  r->name, (unsigned long long)r->line_no);
}

/* A whole end line, not one that is cut behind an inner bracket. */
static bool is_end_line(struct qf_str line)
{
	const char *why, *bad, *end = line.p + line.n;

	return line.n && end[-1] == '}' && memmem(line.p, line.n, "\"type\":\"end\"", 12) &&
	       qf_json_skip(line.p, end, QF_JSON_MAX_DEPTH, &why, &bad) == end;
}

/* Gets at least one whole line into text, unless the input ends. *more false: clean end. */
static int need_line(struct qf_reader *r, bool *more, struct qf_err *err)
{
	*more = true;
	if (!r->sniffed && sniff(r, err) < 0)
		return -1;
	if (r->taken == r->text.n && r->text.cap > 8 * BATCH_SIZE)
		qf_buf_release(&r->text), r->taken = r->scanned = 0;
	if (r->taken) {
		memmove(r->text.p, r->text.p + r->taken, r->text.n - r->taken);
		r->text.n -= r->taken;
		r->scanned -= r->scanned < r->taken ? r->scanned : r->taken;
		r->taken = 0;
	}
	for (;;) {
		size_t before = r->text.n;

		if (have_line(r))
			return 0;
		if (r->text.n - r->taken > r->max_line)
			return too_long(r, err);
		/* zstd may hold output back that needs no more input: try it before reading. */
		if (r->in_pos < r->in_n || (r->zstd && r->in_frame)) {
			if (expand(r, err) < 0)
				return -1;
			if (r->text.n > before || r->in_pos < r->in_n)
				continue;
		}
		if (!r->eof) {
			if (fill(r, err) < 0)
				return -1;
			continue;
		}
		if (r->text.n == 0 && r->ended && !r->in_stream && !r->in_frame) {
			*more = false;
			return 0;
		}
		if (!r->zstd && r->in_stream && r->scanned == r->text.n && is_end_line(qf_buf_str(&r->text))) {
			/* Only the last newline is gone, as editors and some tools leave it. */
			qf_buf_addc(&r->text, '\n');
			continue;
		}
		return cut(r, err);
	}
}

static bool is_declared(struct qf_reader *r, struct qf_str name)
{
	if (r->last_declared < r->n_declared && qf_str_eq(r->declared[r->last_declared], name))
		return true;
	for (size_t i = 0; i < r->n_declared; i++) {
		if (qf_str_eq(r->declared[i], name)) {
			r->last_declared = i;
			return true;
		}
	}
	return false;
}

static int header(struct qf_reader *r, struct qf_record *rec, struct qf_err *err)
{
	int64_t version = qf_json_get_int(rec->doc, "version", 0);

	if (r->in_stream)
		return qf_err_set(err, QF_E_DATA, "a new stream begins before the end line of the one before it");
	if (version != 1)
		return qf_err_set(err, QF_E_DATA, "stream version %lld; this program reads version 1",
				  (long long)version);
	if (!qf_json_get_str(rec->doc, "run", NULL).p)
		return qf_err_set(err, QF_E_DATA, "the header has no \"run\"");
	r->in_stream = true;
	r->ended = false;
	r->n_declared = 0;
	qf_arena_reset(&r->names);
	qf_tally_reset(&r->tally);
	return 0;
}

static int scope_count(const struct qf_json *scope, const char *key, uint64_t *ret, struct qf_err *err)
{
	int64_t n = qf_json_get(scope, key) ? qf_json_get_int(scope, key, -1) : 0;

	if (n < 0)
		return qf_err_set(err, QF_E_DATA, "\"%s\" must be a whole number", key);
	*ret = (uint64_t)n;
	return 0;
}

/* The end line: checks it, and puts its scopes before it as records of their own. */
static int end_line(struct qf_reader *r, struct qf_batch *out, struct qf_err *err)
{
	struct qf_record end = out->rec[out->n - 1];
	const struct qf_json *scopes = qf_json_get(end.doc, "scopes");

	if (!r->opts.reseal && qf_tally_check_end(&r->tally, end.doc, err) < 0)
		return -1;
	out->n--;
	for (const struct qf_json *s = scopes ? scopes->child : NULL; s; s = s->next) {
		const struct qf_json *tenant = qf_json_get(s, "tenant");
		struct qf_record *rec = qf_batch_add(out, QF_REC_SCOPE);

		rec->line_no = end.line_no;
		rec->collection = qf_json_get_str(s, "collection", "");
		if (tenant && tenant->type == QF_JSON_STRING)
			rec->tenant = tenant->text;
		if (scope_count(s, "points", &rec->points, err) < 0 || scope_count(s, "deletes", &rec->deletes, err) < 0 ||
		    scope_count(s, "rejected", &rec->rejected, err) < 0)
			return -1;
		rec->whole = qf_json_get_bool(s, "whole", false);
		if (!rec->whole)
			rec->why = qf_json_get_str(s, "why", "not said");
	}
	*qf_batch_add(out, QF_REC_END) = end;
	r->in_stream = false;
	r->ended = true;
	return 0;
}

static int one_line(struct qf_reader *r, struct qf_str line, struct qf_batch *out, struct qf_err *err)
{
	struct qf_record *rec = qf_batch_add(out, QF_REC_POINT);

	r->line_no++;
	r->bytes += line.n + 1;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n > r->max_line) {
		r->line_no--;
		return too_long(r, err);
	}
	if (qf_line_parse(line, r->opts.limits.depth, rec, &out->arena, err) < 0) {
		if (r->line_no == 1)
			foreign(err);
		return at_line(r, err);
	}
	rec->line_no = r->line_no;
	if (rec->type != QF_REC_STREAM && !r->in_stream) {
		if (r->ended)
			qf_err_set(err, QF_E_DATA, "a line stands behind the end line");
		else
			qf_err_set(err, QF_E_DATA, "the stream header is missing"), foreign(err);
		return at_line(r, err);
	}
	switch (rec->type) {
	case QF_REC_STREAM:
		return header(r, rec, err) < 0 ? at_line(r, err) : 0;
	case QF_REC_END:
		return end_line(r, out, err) < 0 ? at_line(r, err) : 0;
	case QF_REC_COLLECTION:
		if (!is_declared(r, rec->collection)) {
			QF_GROW(r->declared, r->n_declared, r->cap_declared);
			r->declared[r->n_declared++] =
				qf_arena_dup(&r->names, rec->collection.p, rec->collection.n);
		}
		return 0;
	default:
		if (!is_declared(r, rec->collection)) {
			qf_err_set(err, QF_E_DATA, "collection '%.*s' has no collection line before it",
				   QF_STR_ARG(rec->collection));
			return at_line(r, err);
		}
		qf_tally_add(&r->tally, rec, line);
		return 0;
	}
}

int qf_reader_next(struct qf_reader *r, struct qf_batch *out, struct qf_err *err)
{
	bool more;

	qf_batch_reset(out);
	if (qf_sig_check(err) < 0 || need_line(r, &more, err) < 0)
		return -1;
	if (!more)
		return 1;
	/* Use what is at hand up to a good size, without waiting for more. */
	while (r->text.n < BATCH_SIZE && r->in_pos < r->in_n)
		if (expand(r, err) < 0)
			return -1;
	while (have_line(r)) {
		struct qf_str line = { r->text.p + r->taken, r->scanned - r->taken };

		/* The end has a batch of its own: what stages hold back goes out before it. */
		if (out->n && (out->rec[out->n - 1].type == QF_REC_END || qf_str_starts(line, "{\"type\":\"end\"")))
			break;
		if (one_line(r, line, out, err) < 0)
			return -1;
		r->taken = r->scanned + 1;
	}
	return 0;
}
