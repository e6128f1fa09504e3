#include "common/data/rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"

struct kept {
	struct qf_record rec;
	bool written;
};

struct qf_rejects {
	char *file;
	int fd;
	struct qf_writer *writer;
	bool dirty, sealed;
	uint64_t count;
	struct qf_arena arena;
	struct qf_record header;
	struct kept *collections;
	size_t n, cap;
	struct qf_tally scopes; /* for their SCOPE records at the end */
};

struct qf_rejects *qf_rejects_new(const char *file)
{
	struct qf_rejects *r = qf_calloc(1, sizeof(*r));

	r->fd = -1;
	r->file = file ? qf_strdup(file) : NULL;
	return r;
}

void qf_rejects_free(struct qf_rejects *r)
{
	if (!r)
		return;
	qf_writer_free(r->writer);
	if (r->fd >= 0)
		close(r->fd);
	qf_tally_release(&r->scopes);
	qf_arena_release(&r->arena);
	free(r->collections);
	free(r->file);
	free(r);
}

bool qf_rejects_keeps(const struct qf_rejects *r)
{
	return r->file != NULL;
}

uint64_t qf_rejects_count(const struct qf_rejects *r)
{
	return r->count;
}

static bool has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !strcmp(s + n - m, suffix);
}

/* What is there already must be whole: appended to a torn stream nothing would be readable. */
static int check_whole(const struct qf_rejects *r, int fd, struct qf_err *err)
{
	struct qf_reader *reader;
	struct qf_batch batch = { 0 };
	char magic[4] = { 0 };
	ssize_t n = pread(fd, magic, sizeof(magic), 0);
	bool zstd = n == 4 && !memcmp(magic, "\x28\xb5\x2f\xfd", 4);
	int rc;

	if (n < 0)
		return qf_err_errno(err, QF_E_IO, errno, "cannot read %s", r->file);
	if (n == 0)
		return 0;
	if (zstd != has_suffix(r->file, ".zst"))
		return qf_err_set(err, QF_E_CREATE,
				  "%s is %s: give --dead-letter a name that %s .zst", r->file,
				  zstd ? "compressed" : "not compressed",
				  zstd ? "ends with" : "does not end with");
	reader = qf_reader_new(fd, r->file, NULL);
	do
		rc = qf_reader_next(reader, &batch, err);
	while (rc == 0);
	qf_reader_free(reader);
	qf_batch_release(&batch);
	if (rc == 1)
		return 0;
	err->code = QF_E_CREATE;
	return qf_err_hint(
		err,
		"; it cannot be appended to: move it away, or name another --dead-letter file");
}

/* What access() says of the place where the file would be made. */
static int check_place(const char *file, struct qf_err *err)
{
	QF_AUTO_FREE char *dir = qf_strdup(file);
	char *slash = strrchr(dir, '/');

	if (slash)
		slash[slash == dir] = '\0';
	if (access(slash ? dir : ".", W_OK | X_OK) < 0)
		return qf_err_errno(err, QF_E_CREATE, errno, "cannot create %s", file);
	return 0;
}

int qf_rejects_check(const struct qf_rejects *r, struct qf_err *err)
{
	int fd, rc;

	if (!r->file)
		return 0;
	fd = open(r->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return check_place(r->file, err);
	if (fd < 0)
		return qf_err_errno(err, QF_E_CREATE, errno, "cannot read %s", r->file);
	rc = access(r->file, W_OK) == 0 ?
		     check_whole(r, fd, err) :
		     qf_err_errno(err, QF_E_CREATE, errno, "cannot write %s", r->file);
	close(fd);
	return rc;
}

/* A copy that outlives the batch. Only what the writer needs of these two kinds of lines. */
static struct qf_record keep(struct qf_rejects *r, const struct qf_record *rec)
{
	return (struct qf_record){
		.type = rec->type,
		.line_no = rec->line_no,
		.line = qf_arena_dup_str(&r->arena, rec->line),
		.collection = qf_arena_dup_str(&r->arena, rec->collection),
		.doc = qf_json_copy(&r->arena, rec->doc),
	};
}

void qf_rejects_note(struct qf_rejects *r, const struct qf_record *rec)
{
	if (!r->file)
		return;
	if (rec->type == QF_REC_STREAM && !r->header.doc)
		r->header = keep(r, rec);
	if (rec->type == QF_REC_COLLECTION) {
		QF_GROW(r->collections, r->n, r->cap);
		r->collections[r->n++] = (struct kept){ .rec = keep(r, rec) };
	}
}

static int put(struct qf_rejects *r, struct qf_record *rec, struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	int rc = qf_writer_put(r->writer, rec, &arena, err);

	qf_arena_release(&arena);
	return rc;
}

static int open_part(struct qf_rejects *r, struct qf_err *err)
{
	struct qf_writer_opts wo = {
		.vectors = QF_VECTORS_KEEP,
		.plain = !has_suffix(r->file, ".zst"),
		.line_limit = SIZE_MAX,
	};

	r->fd = open(r->file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (r->fd < 0)
		return qf_err_errno(err, QF_E_CREATE, errno, "cannot create %s", r->file);
	if (qf_writer_open(r->fd, r->file, &wo, &r->writer, err) < 0)
		return -1;
	return put(r, &r->header, err);
}

/* All lines of the point's collection that have gone by, in their order. */
static int put_collection(struct qf_rejects *r, struct qf_str name, struct qf_err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		struct kept *k = &r->collections[i];

		if (k->written || !qf_str_eq(k->rec.collection, name))
			continue;
		k->written = true;
		if (put(r, &k->rec, err) < 0)
			return -1;
	}
	return 0;
}

/* What is said of a point: step is NULL outside of transform. */
struct verdict {
	const char *stage, *step, *reason;
	unsigned attempt;
};

static struct qf_str error_member(struct qf_arena *arena, const struct verdict *v)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	QF_BUF_LIT(&text, "{\"stage\":");
	qf_json_write_string(&text, qf_str(v->stage));
	if (v->step) {
		QF_BUF_LIT(&text, ",\"step\":");
		qf_json_write_string(&text, qf_str(v->step));
	}
	QF_BUF_LIT(&text, ",\"reason\":");
	qf_json_write_string(&text, qf_str(v->reason));
	qf_buf_printf(&text, ",\"attempt\":%u}", v->attempt);
	return qf_arena_dup(arena, text.p, text.n);
}

static int put_reject(struct qf_rejects *r, const struct qf_record *rec, const struct verdict *v,
		      struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	struct qf_record copy = *rec;
	int rc;

	copy.line.p = NULL;
	/* As it came: decoded vectors would lose what could not be decoded. */
	if (copy.vector.p)
		copy.vecs = NULL;
	if (copy.type == QF_REC_POINT)
		copy.error = error_member(&arena, v);
	rc = put(r, &copy, err);
	qf_arena_release(&arena);
	if (rc == 0) {
		qf_tally_scope(&r->scopes, rec->collection, rec->tenant)->points++;
		r->dirty = true;
	}
	return rc;
}

static void warn(struct qf_rejects *r, const struct qf_record *rec, const struct verdict *v)
{
	struct qf_arena arena = { 0 };

	if (r->count <= 5)
		qf_warn("%s%s%s: %s", v->step ? v->step : "", v->step ? ": " : "",
			qf_record_where(rec, &arena), v->reason);
	else if (r->count == 6)
		qf_warn("more points are set aside; %s has them all", r->file);
	qf_arena_release(&arena);
}

static int add(struct qf_rejects *r, const struct qf_record *rec, const struct verdict *v,
	       struct qf_err *err)
{
	int rc = 0;

	r->count++;
	warn(r, rec, v);
	if (!r->writer)
		rc = open_part(r, err);
	if (rc == 0)
		rc = put_collection(r, rec->collection, err);
	return rc < 0 ? -1 : put_reject(r, rec, v, err);
}

int qf_rejects_add(struct qf_rejects *r, const struct qf_record *rec, const char *stage,
		   unsigned attempt, const char *reason, struct qf_err *err)
{
	QF_AUTO_FREE char *why = qf_strdup(reason);
	struct verdict v = { .stage = stage, .reason = why, .attempt = attempt };
	struct qf_arena arena = { 0 };

	if (!r->file) {
		qf_err_set(err, QF_E_DATA, "%s: %s", qf_record_where(rec, &arena), why);
		qf_err_hint(err, "; --on-error=dead-letter would set such points aside and go on");
		qf_arena_release(&arena);
		return -1;
	}
	return add(r, rec, &v, err);
}

int qf_rejects_add_step(struct qf_rejects *r, const struct qf_record *rec, const char *step,
			unsigned attempt, const char *reason, struct qf_err *err)
{
	struct verdict v = { .stage = "transform", .step = step, .reason = reason, .attempt = attempt };

	return add(r, rec, &v, err);
}

int qf_rejects_sync(struct qf_rejects *r, struct qf_err *err)
{
	if (!r->dirty)
		return 0;
	r->dirty = false;
	return qf_writer_flush(r->writer, true, err);
}

int qf_rejects_finish(struct qf_rejects *r, struct qf_err *err)
{
	struct qf_record end = { .type = QF_REC_END };

	if (!r->writer || r->sealed)
		return 0;
	r->sealed = true;
	for (size_t i = 0; i < r->scopes.n; i++) {
		const struct qf_scope *s = &r->scopes.scopes[i];
		struct qf_record scope = { .type = QF_REC_SCOPE,
					   .collection = s->collection,
					   .tenant = s->tenant,
					   .why = QF_STR(QF_REJECTS_WHY) };

		if (put(r, &scope, err) < 0)
			return -1;
	}
	if (put(r, &end, err) < 0)
		return -1;
	return qf_writer_flush(r->writer, true, err);
}
