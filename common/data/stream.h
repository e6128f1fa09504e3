/* The stream, version 1: zstd NDJSON in and out of a file descriptor (docs/STREAM.md). */
#ifndef QF_DATA_STREAM_H
#define QF_DATA_STREAM_H

#include "common/base/err.h"
#include "common/data/record.h"
#include "common/data/tally.h"

/* ---- reading ---- */

struct qf_limits {
	size_t line;	     /* bytes of one line; 0: 64 MiB */
	unsigned depth;	     /* nesting of JSON; 0: 64 */
	unsigned window_log; /* zstd window; 0: 27 */
};

struct qf_reader_opts {
	struct qf_limits limits;
	bool reseal;	/* counts and digest of `end` lines are not held against the stream */
	/* Called before every read(2) that may block; NULL for none. Drive your transfers until fd is
	 * readable. */
	int (*wait)(void *ctx, int fd, struct qf_err *err);
	void *wait_ctx;
};

struct qf_reader;

/* fd stays yours. name: for messages ("standard input", a path). Never fails. */
struct qf_reader *qf_reader_new(int fd, const char *name, const struct qf_reader_opts *opts);
void qf_reader_free(struct qf_reader *r);

/*
 * The next batch; what was in out is gone, and its records' slices are good until the next call. An
 * end line in canonical form, with the scopes made of it, stands in a batch of its own.
 * 0: a batch; 1: the input has ended with `end`; -1: error.
 * Errors: QF_E_DATA with the line's number (bad JSON, unknown type, a limit, counts or digest that
 * do not agree, damaged zstd, a regular file that is cut); QF_E_TEMP where a pipe ended without
 * `end`; QF_E_IO.
 */
int qf_reader_next(struct qf_reader *r, struct qf_batch *out, struct qf_err *err) QF_CHECK;

/* Uncompressed bytes consumed so far. */
uint64_t qf_reader_bytes(const struct qf_reader *r);

/* Parses one line (without newline) into rec; memory from the arena, slices into the line. */
int qf_line_parse(struct qf_str line, unsigned max_depth, struct qf_record *rec,
		  struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/* ---- writing ---- */

enum qf_vector_text { QF_VECTORS_BASE64, QF_VECTORS_JSON, QF_VECTORS_KEEP };

struct qf_writer_opts {
	enum qf_vector_text vectors; /* KEEP: undecoded vectors stay as they are, others base64 */
	bool plain;		     /* NDJSON without zstd */
	bool has_level;
	int level;		     /* else: a fast one into a pipe, 3 into a file */
	size_t line_limit;	     /* 0: 64 MiB; a longer point is an error with its id */
};

/* Takes --level's text (NULL: leaves the default). Error: QF_E_USAGE outside -7..19. */
int qf_writer_level(struct qf_writer_opts *opts, const char *text, struct qf_err *err) QF_CHECK;

struct qf_writer;

/*
 * fd stays yours; name for messages ("standard output"). Error: QF_E_USAGE where zstd would go to
 * a terminal.
 */
int qf_writer_open(int fd, const char *name, const struct qf_writer_opts *opts,
		   struct qf_writer **ret, struct qf_err *err) QF_CHECK;
void qf_writer_free(struct qf_writer *w);

/*
 * Writes one record as one line; END writes the scopes counted since the header. rec->line is
 * copied where it is set (and the vectors' text need not change). After a CURSOR or END the zstd
 * frame ends and everything goes out. Errors: QF_E_IO, QF_E_PIPE (the reader is gone), QF_E_DATA
 * (a value that JSON cannot carry, a line too long).
 */
int qf_writer_put(struct qf_writer *w, struct qf_record *rec, struct qf_arena *arena,
		  struct qf_err *err) QF_CHECK;
int qf_writer_put_batch(struct qf_writer *w, struct qf_batch *b, struct qf_err *err) QF_CHECK;
/* Everything out, and fsync when sync is set. */
int qf_writer_flush(struct qf_writer *w, bool sync, struct qf_err *err) QF_CHECK;
/* Uncompressed and written bytes. */
void qf_writer_stats(const struct qf_writer *w, uint64_t *raw, uint64_t *out);
const struct qf_tally *qf_writer_tally(const struct qf_writer *w);

/* The line of a point or delete, canonical, without newline, into out (appended). */
int qf_line_write(const struct qf_record *rec, enum qf_vector_text vectors, struct qf_buf *out,
		  struct qf_err *err) QF_CHECK;

/* ---- the header ---- */

/*
 * A header's tree: {"type":"stream","version":1,"run":...,"mode":"full","source":{...},
 * "chain":["<hash of settings>"],"created":"...","vectors":"base64|json"}. A NULL run makes a new
 * one. settings: the text of qf_opt_data_settings.
 */
struct qf_json *qf_header_new(struct qf_arena *arena, const char *run, const char *kind,
			      const char *url, const char *server, struct qf_str settings,
			      enum qf_vector_text vectors);
/* Adds a stage's settings to the chain of a header. */
void qf_header_chain(struct qf_arena *arena, struct qf_json *header, struct qf_str settings);

#endif
