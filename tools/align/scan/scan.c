/* The scan: threads take one file after the other; what they find is put in order at the end. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/base/sig.h"
#include "tools/align/scan/blob.h"
#include "tools/align/scan/category.h"
#include "tools/align/scan/found.h"
#include "tools/align/scan/input.h"
#include "tools/align/scan/threads.h"
#include "tools/align/scan/walk.h"

enum {
	BUFFER = 256 << 10,
	HEAD = 256,			/* bytes of a file that are kept for its #! line */
	CATEGORY_MOST = 8 << 20,	/* files up to this size are shown to the categories as a whole */
};

struct shared {
	const struct qf_scan_opts *opts;
	struct qf_needles *needles;
	struct qf_found_groups groups;
	bool *candidate;
	int root_fd;
	size_t next;			/* the file to take, atomic */
	bool stopped;			/* by a signal, atomic */
	size_t *skip;			/* files that are not looked at, by index */
	size_t n_skip;
};

struct worker {
	struct shared *shared;
	struct qf_result result;
	struct qf_found found;
	struct qf_input input;
	struct qf_match *matches;	/* one for each group */
	char *p;			/* the buffer */
	size_t cap, have;
	size_t near;			/* bytes in reach of a match in a line larger than the buffer */
	bool whole;			/* the buffer holds all of the file's text */
	char head[HEAD];
	struct qf_buf blob, text;
	struct qf_err err;
};

enum outcome { TEXT, BINARY, FAILED };

/* ---- one file's text ---- */

/* Fills the buffer, or to the end of the file. */
static int fill(struct worker *w)
{
	while (!w->input.eof && w->cap - w->have >= QF_NEEDLES_SLACK) {
		ssize_t n = qf_input_read(&w->input, w->p + w->have, w->cap - w->have);

		if (n < 0)
			return -1;
		w->have += (size_t)n;
	}
	memset(w->p + w->have, 0, QF_NEEDLES_SLACK);
	return 0;
}

/* All places in from..to; lines begin at `start`. false: a NUL. */
static bool search(struct worker *w, size_t start, size_t from, size_t to)
{
	const struct shared *s = w->shared;
	unsigned n;

	for (size_t at = from;
	     (at = qf_needles_next(s->needles, w->p, at, to, start, w->have, w->matches, &n)) < to; at++) {
		if (!n && !w->input.wide)
			return false;
		for (unsigned i = 0; i < n; i++)
			qf_found_match(&w->found, &w->matches[i], start, w->have);
	}
	return true;
}

/* Bytes before `keep` leave the buffer. */
static void move(struct worker *w, size_t keep)
{
	w->have -= keep;
	memmove(w->p, w->p + keep, w->have);
	qf_found_moved(&w->found, keep);
}

static enum outcome scan_text(struct worker *w)
{
	size_t start = 0, done = 0; /* of the line that goes on; of what is searched */
	bool first = true;

	w->have = 0;
	for (;;) {
		const char *feed;
		size_t to;

		/* A file may be large; who takes the next one sees the signal again and ends the run. */
		if (qf_sig_stopped()) {
			errno = EINTR;
			return FAILED;
		}
		if (fill(w) < 0)
			return FAILED;
		if (w->input.binary)
			return BINARY;
		if (first) {
			w->whole = w->input.eof;
			w->found.head = (struct qf_str){ w->head, w->have < HEAD ? w->have : HEAD };
			if (w->whole)
				w->found.head.p = w->p;
			else
				memcpy(w->head, w->p, w->found.head.n);
			if (w->have >= 3 && memcmp(w->p, "\xef\xbb\xbf", 3) == 0)
				start = done = 3;
			first = false;
		}
		qf_found_more(&w->found, done, w->have);
		if (w->input.eof) {
			if (!search(w, start, done, w->have))
				return BINARY;
			qf_found_lines_end(&w->found, w->have, true);
			return TEXT;
		}
		feed = memrchr(w->p + done, '\n', w->have - done);
		to = feed ? (size_t)(feed - w->p) + 1 : w->have - w->near;
		if (!search(w, start, done, to))
			return BINARY;
		if (feed) {
			qf_found_lines_end(&w->found, to, false);
			move(w, to);
			start = done = 0;
		} else {
			size_t keep = qf_found_leave(&w->found, start, to - w->near);

			move(w, keep);
			start = 0;
			done = to - keep;
		}
	}
}

/* ---- one file ---- */

static void categories(struct worker *w, const char *path, uint64_t size)
{
	struct qf_found *f = &w->found;
	struct qf_str content = { 0 };
	struct qf_err err;
	size_t from = 0, n = 0;
	QF_AUTO_FREE struct qf_finding *some = NULL;

	while (from < f->n && f->findings[from].line == 0)
		from++;
	for (size_t i = from; i < f->n; i++)
		n += f->findings[i].kind == QF_FORBIDDEN;
	if (!n)
		return;
	if (w->whole)
		content = (struct qf_str){ w->p, w->have };
	else if (size <= CATEGORY_MOST && w->shared->opts->files->staged)
		content = qf_input_text(qf_buf_str(&w->blob), &w->text);
	else if (size <= CATEGORY_MOST && qf_file_read(w->shared->opts->files, path, &w->blob, NULL, &err) == 0)
		content = qf_input_text(qf_buf_str(&w->blob), &w->text);
	if (n == f->n - from) {
		qf_category_set(path, content, f->findings + from, n);
		return;
	}
	/* Leftovers stand between them. */
	some = qf_calloc(n, sizeof(*some));
	n = 0;
	for (size_t i = from; i < f->n; i++)
		if (f->findings[i].kind == QF_FORBIDDEN)
			some[n++] = f->findings[i];
	qf_category_set(path, content, some, n);
	n = 0;
	for (size_t i = from; i < f->n; i++)
		if (f->findings[i].kind == QF_FORBIDDEN)
			f->findings[i].category = some[n++].category;
}

/* What was found in the file becomes part of the result. */
static void keep_found(struct worker *w, size_t index)
{
	struct qf_found *f = &w->found;

	for (size_t i = 0; i < f->n; i++)
		qf_result_add(&w->result, &f->findings[i]);
	for (size_t i = 0; i < f->notes.n_notes; i++) {
		const struct qf_note *n = &f->notes.notes[i];

		qf_result_note(&w->result, n->kind, n->path, n->line, "%s", n->text);
	}
	for (size_t i = 0; i < f->n_used; i++)
		__atomic_store_n(&f->used[i]->used, true, __ATOMIC_RELAXED);
	if (f->old_python_name && w->shared->candidate)
		w->shared->candidate[index] = true;
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void cannot_open(struct worker *w, const char *path)
{
	if (errno == ENOENT || errno == ENOTDIR)
		qf_result_note(&w->result, QF_NOTE_MISSING, path, 0, "gone since the files were listed");
	else if (errno == ELOOP)
		qf_result_note(&w->result, QF_NOTE_SYMLINK, path, 0, "a symbolic link, not followed");
	else if (errno == ENXIO || errno == ENODEV)
		qf_result_note(&w->result, QF_NOTE_SPECIAL, path, 0, "no plain file");
	else
		qf_result_note(&w->result, QF_NOTE_UNREADABLE, path, 0, "%s", strerror(errno));
}

/* The path's findings, then the text's. */
static enum outcome look(struct worker *w, const char *path)
{
	const struct shared *s = w->shared;
	size_t n = strlen(path), of_path;
	enum outcome outcome;

	qf_found_file(&w->found, path, w->p, &w->input);
	qf_buf_reset(&w->text);
	memset(qf_buf_room(&w->text, n + QF_NEEDLES_SLACK) + n, 0, QF_NEEDLES_SLACK);
	qf_buf_add(&w->text, path, n);
	qf_found_path(&w->found, s->needles, w->text.p, n, w->matches);
	of_path = w->found.n;
	outcome = scan_text(w);
	if (outcome == TEXT) {
		qf_found_file_end(&w->found);
		return outcome;
	}
	w->found.n = of_path;
	w->found.notes.n_notes = 0;
	w->found.old_python_name = false;
	return outcome;
}

/* Takes over what look found, or says why there is nothing. */
static void conclude(struct worker *w, size_t index, const char *path, enum outcome outcome, uint64_t size)
{
	if (outcome == TEXT) {
		w->result.files++;
		w->result.bytes += size;
		if (w->found.n)
			categories(w, path, size);
	} else if (outcome == BINARY) {
		qf_result_note(&w->result, QF_NOTE_BINARY, path, 0, w->input.binary ? "binary: UTF-32" :
			       "binary: it holds a NUL byte");
	}
	keep_found(w, index);
}

static void scan_blob(struct worker *w, size_t index)
{
	const struct qf_file *file = &w->shared->opts->files->file[index];
	size_t n;

	if (qf_blob_read(w->shared->opts->files, file, &w->blob, &w->err) < 0) {
		qf_result_note(&w->result, QF_NOTE_UNREADABLE, file->path, 0, "%s", w->err.msg);
		return;
	}
	n = w->blob.n;
	qf_input_start(&w->input, -1, qf_buf_str(&w->blob), n);
	conclude(w, index, file->path, look(w, file->path), n);
}

/* 1: it changed meanwhile. */
static int scan_once(struct worker *w, size_t index, const char *path)
{
	int fd = qf_open_beneath(w->shared->root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat before, after;
	enum outcome outcome;
	int rc = 0;

	if (fd < 0 || fstat(fd, &before) < 0) {
		cannot_open(w, path);
	} else if (!S_ISREG(before.st_mode)) {
		qf_result_note(&w->result, QF_NOTE_SPECIAL, path, 0, "no plain file");
	} else {
		qf_input_start(&w->input, fd, (struct qf_str){ 0 }, (uint64_t)before.st_size);
		outcome = look(w, path);
		/* What came by one read up to the size is of one time. */
		if (outcome == TEXT && (w->input.reads != 1 || w->input.got != (uint64_t)before.st_size))
			rc = fstat(fd, &after) < 0 || !same(&before, &after) || w->found.lost ||
			     w->input.got != (uint64_t)before.st_size;
		if (outcome == FAILED)
			cannot_open(w, path);
		else if (rc == 0)
			conclude(w, index, path, outcome, (uint64_t)before.st_size);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

static bool is_skipped(const struct shared *s, size_t index)
{
	for (size_t i = 0; i < s->n_skip; i++)
		if (index == s->skip[i])
			return true;
	return false;
}

static void scan_files(void *item)
{
	struct worker *w = item;
	struct shared *s = w->shared;
	const struct qf_files *files = s->opts->files;

	for (;;) {
		size_t i = __atomic_fetch_add(&s->next, 1, __ATOMIC_RELAXED);
		const char *path;

		if (qf_sig_check(&w->err) < 0) {
			__atomic_store_n(&s->stopped, true, __ATOMIC_RELAXED);
			return;
		}
		if (i >= files->n)
			return;
		if (is_skipped(s, i))
			continue;
		path = files->file[i].path;
		if (files->staged)
			scan_blob(w, i);
		else if (scan_once(w, i, path) > 0 && scan_once(w, i, path) > 0)
			qf_result_note(&w->result, QF_NOTE_UNREADABLE, path, 0,
				       "it changes while it is read; run the same command again");
	}
}

/* ---- all of them ---- */

static void make_needles(struct shared *s)
{
	const struct qf_rules *rules = s->opts->rules;
	const struct qf_scan_names *names = s->opts->names;
	size_t n = 1, made = 0;
	QF_AUTO_FREE struct qf_needle *list = NULL;

	for (size_t i = 0; i < rules->n_systems; i++)
		n += rules->systems[i].patterns.n;
	if (names)
		n += names->python.n + names->text.n;
	list = qf_calloc(n, sizeof(*list));
	s->groups = (struct qf_found_groups){ .text = (unsigned)rules->n_systems };
	s->groups.python = s->groups.text + 1;
	s->groups.mark = s->groups.text + 2;
	s->groups.n = s->groups.text + 3;
	for (size_t i = 0; i < rules->n_systems; i++)
		for (size_t k = 0; k < rules->systems[i].patterns.n; k++)
			list[made++] = (struct qf_needle){ .text = qf_str(rules->systems[i].patterns.items[k]),
							   .fold = true,
							   .group = (unsigned)i,
							   .id = (unsigned)i };
	for (size_t i = 0; names && i < names->text.n; i++)
		list[made++] = (struct qf_needle){ .text = qf_str(names->text.items[i]), .group = s->groups.text,
						   .id = (unsigned)i };
	for (size_t i = 0; names && i < names->python.n; i++)
		list[made++] = (struct qf_needle){ .text = qf_str(names->python.items[i]), .group = s->groups.python };
	list[made++] = (struct qf_needle){ .text = QF_STR(QF_ALLOW_MARK), .group = s->groups.mark };
	s->needles = qf_needles_new(list, made, s->groups.n);
}

static int cmp_path(const void *path, const void *file)
{
	return strcmp(path, ((const struct qf_file *)file)->path);
}

static void skip(struct shared *s, const char *path)
{
	const struct qf_files *files = s->opts->files;
	const struct qf_file *file = files->n ? bsearch(path, files->file, files->n, sizeof(*file), cmp_path) : NULL;

	if (file)
		s->skip[s->n_skip++] = (size_t)(file - files->file);
}

/* The rules and the baseline name what they forbid. */
static void make_skip(struct shared *s)
{
	const struct qf_rules *rules = s->opts->rules;
	const char *slash = rules->file ? strrchr(rules->file, '/') : NULL;

	s->skip = qf_calloc(s->opts->skip.n + 3, sizeof(*s->skip));
	skip(s, QF_RULES_FILE);
	skip(s, QF_BASELINE_FILE);
	if (rules->file && !rules->builtin)
		skip(s, slash ? slash + 1 : rules->file);
	for (size_t i = 0; i < s->opts->skip.n; i++)
		skip(s, s->opts->skip.items[i]);
}

static void worker_init(struct worker *w, struct shared *s)
{
	w->shared = s;
	w->near = QF_FOUND_NEAR + qf_needles_longest(s->needles);
	w->cap = BUFFER > 8 * w->near ? BUFFER : 8 * w->near;
	w->p = qf_malloc(w->cap + QF_NEEDLES_SLACK);
	w->matches = qf_calloc(s->groups.n, sizeof(*w->matches));
	qf_found_init(&w->found, s->opts, &s->groups, &w->result.arena);
}

/* The worker's findings and notes go to the result. */
static void worker_release(struct worker *w, struct qf_result *result)
{
	for (size_t i = 0; i < w->result.n; i++)
		qf_result_add(result, &w->result.findings[i]);
	for (size_t i = 0; i < w->result.n_notes; i++) {
		QF_GROW(result->notes, result->n_notes, result->cap_notes);
		result->notes[result->n_notes++] = w->result.notes[i];
	}
	result->files += w->result.files;
	result->bytes += w->result.bytes;
	qf_arena_merge(&result->arena, &w->result.arena);
	qf_result_release(&w->result);
	qf_found_release(&w->found);
	qf_input_release(&w->input);
	qf_buf_release(&w->blob);
	qf_buf_release(&w->text);
	free(w->matches);
	free(w->p);
}

int qf_scan_run(const struct qf_scan_opts *opts, bool *candidate, struct qf_result *result, struct qf_err *err)
{
	struct shared shared = { .opts = opts, .candidate = candidate, .root_fd = -1 };
	unsigned n = opts->threads ? opts->threads : qf_threads_count();
	QF_AUTO_FREE struct worker *workers = qf_calloc(n, sizeof(*workers));

	shared.root_fd = open(opts->files->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	make_needles(&shared);
	make_skip(&shared);
	for (unsigned i = 0; i < n; i++)
		worker_init(&workers[i], &shared);
	qf_threads_run(n, scan_files, workers, sizeof(*workers));
	for (unsigned i = 0; i < n; i++)
		worker_release(&workers[i], result);
	qf_result_sort(result);
	qf_needles_free(shared.needles);
	free(shared.skip);
	if (shared.root_fd >= 0)
		close(shared.root_fd);
	return shared.stopped ? qf_sig_check(err) : 0;
}
