/* Moves in git's index. */
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "tools/align/change/index.h"
#include "tools/align/change/place.h"

static int git_failed(struct qf_err *err, const char *what)
{
	const git_error *e = git_error_last();

	return qf_err_set(err, QF_E_IO, "git's index: %s: %s", what, e && e->message ? e->message : "no reason given");
}

int qf_index_open(const struct qf_store *s, void *repository, struct qf_index *ret, struct qf_err *err)
{
	const char *hash = strrchr(s->path, '/') + 1;
	git_repository *opened = NULL;
	git_index *index;

	git_libgit2_init();
	if (!repository) {
		if (git_repository_open_ext(&opened, s->root, 0, NULL))
			return git_failed(err, "the repository");
		ret->ours = true;
		repository = opened;
	}
	ret->repository = repository;
	if (git_repository_index(&index, repository))
		return git_failed(err, "cannot be read");
	ret->path = qf_strdup(git_index_path(index));
	git_index_free(index);
	ret->mark = qf_asprintf("%s.align-%s", ret->path, hash);
	ret->draft = qf_asprintf("%s.new", ret->mark);
	return 0;
}

static char *lock_path(const struct qf_index *x)
{
	return qf_asprintf("%s.lock", x->path);
}

static void drop_files(struct qf_index *x)
{
	QF_AUTO_FREE char *draft_lock = qf_asprintf("%s.lock", x->draft);

	unlink(draft_lock);
	unlink(x->draft);
	unlink(x->mark);
}

static void unlock(struct qf_index *x)
{
	QF_AUTO_FREE char *lock = lock_path(x);

	if (x->locked)
		unlink(lock);
	x->locked = false;
	drop_files(x);
}

void qf_index_close(struct qf_index *x)
{
	if (x->locked)
		unlock(x);
	if (x->ours)
		git_repository_free(x->repository);
	if (x->repository)
		git_libgit2_shutdown();
	free(x->path);
	free(x->mark);
	free(x->draft);
	*x = (struct qf_index){ 0 };
}

void qf_index_recover(struct qf_index *x)
{
	QF_AUTO_FREE char *lock = lock_path(x);
	struct stat ours, theirs;

	if (lstat(x->mark, &ours) == 0 && lstat(lock, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
	    ours.st_dev == theirs.st_dev)
		unlink(lock);
	drop_files(x);
}

/* A file beside the index, or the index: st has its mode and times. */
static int read_file(const char *path, struct qf_buf *ret, struct stat *st, struct qf_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), number = 0;

	if (fd < 0 || fstat(fd, st) < 0 || qf_place_slurp(fd, (size_t)st->st_size, ret) < 0)
		number = errno;
	if (fd >= 0)
		close(fd);
	return number ? qf_err_errno(err, qf_place_code(number), number, "%s", path) : 0;
}

/*
 * Reads an index into memory. libgit2 takes one that it cannot look at for one that is not there, and gives an
 * empty one: so the number of entries, which the file itself tells (https://git-scm.com/docs/index-format), must
 * be right.
 */
static int open_index(const char *path, git_index **ret, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf bytes = { 0 };
	const unsigned char *n;
	struct stat st;

	if (read_file(path, &bytes, &st, err) < 0)
		return -1;
	if (git_index_open(ret, path))
		return git_failed(err, "cannot be read");
	n = (const unsigned char *)bytes.p + 8;
	if (bytes.n < 12 || git_index_entrycount(*ret) != ((size_t)n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3])) {
		git_index_free(*ret);
		*ret = NULL;
		return qf_err_set(err, QF_E_IO, "git's index: cannot be read");
	}
	return 0;
}

/* ---- what the moves are in the index ---- */

/* The root below the top of the work tree, "" or with a slash behind it; NULL: it lies elsewhere. */
static char *root_prefix(const struct qf_index *x, const struct qf_store *s)
{
	const char *work = git_repository_workdir(x->repository);
	QF_AUTO_FREE char *top = work ? realpath(work, NULL) : NULL;
	size_t n = top ? strlen(top) : 0;

	if (!top || strncmp(s->root, top, n) != 0 || (s->root[n] && s->root[n] != '/'))
		return NULL;
	return s->root[n] ? qf_asprintf("%s/", s->root + n + 1) : qf_strdup("");
}

/* The blob of a file with this content, as git would add it: line ends and other filters applied. */
static int write_blob(const struct qf_index *x, const char *path, struct qf_str content, unsigned char id[20])
{
	git_filter_list *filters = NULL;
	git_buf out = { 0 };
	git_oid oid;
	int rc = git_filter_list_load(&filters, x->repository, NULL, path, GIT_FILTER_TO_ODB, 0);

	if (rc == 0 && filters)
		rc = git_filter_list_apply_to_buffer(&out, filters, content.p ? content.p : "", content.n);
	if (rc == 0)
		rc = filters ? git_blob_create_from_buffer(&oid, x->repository, out.ptr, out.size) :
			       git_blob_create_from_buffer(&oid, x->repository, content.p ? content.p : "", content.n);
	if (rc == 0)
		memcpy(id, oid.id, 20);
	git_buf_dispose(&out);
	git_filter_list_free(filters);
	return rc;
}

static int plan_move(struct qf_index *x, git_index *index, const char *prefix, const struct qf_change *change,
		     struct qf_journal *j, struct qf_err *err)
{
	struct qf_staged move = {
		.from = qf_arena_printf(&j->arena, "%s%s", prefix, change->path).p,
		.to = qf_arena_printf(&j->arena, "%s%s", prefix, change->to).p,
	};
	const git_index_entry *entry = git_index_get_bypath(index, move.from, 0);

	for (int stage = 1; stage < 4; stage++)
		if (git_index_get_bypath(index, move.from, stage) || git_index_get_bypath(index, move.to, stage))
			return qf_err_set(err, QF_E_TEMP, "%s: is unmerged in git's index; resolve that first", change->path);
	if (!entry)
		return 0;
	move.mode = entry->mode;
	move.flags = entry->flags & GIT_INDEX_ENTRY_VALID;
	move.flags_extended = entry->flags_extended & GIT_INDEX_ENTRY_EXTENDED_FLAGS;
	memcpy(move.before, entry->id.id, 20);
	if (write_blob(x, move.to, change->after, move.after))
		return git_failed(err, change->to);
	QF_GROW(j->staged, j->n_staged, j->cap_staged);
	j->staged[j->n_staged++] = move;
	return 0;
}

/* The move that takes this path away, or NULL. */
static const struct qf_staged *leaves(const struct qf_journal *j, const char *path)
{
	for (size_t i = 0; i < j->n_staged; i++)
		if (strcmp(j->staged[i].from, path) == 0)
			return &j->staged[i];
	return NULL;
}

static const struct qf_staged *arrives(const struct qf_journal *j, const char *path)
{
	for (size_t i = 0; i < j->n_staged; i++)
		if (strcmp(j->staged[i].to, path) == 0)
			return &j->staged[i];
	return NULL;
}

int qf_index_plan(struct qf_index *x, const struct qf_store *s, const struct qf_changes *c, struct qf_journal *j,
		  struct qf_err *err)
{
	QF_AUTO_FREE char *prefix = root_prefix(x, s);
	git_index *index = NULL;
	int rc = 0;

	/* A repository in which nothing was ever added has no index. */
	if (!prefix || (access(x->path, F_OK) < 0 && errno == ENOENT))
		return 0;
	if (open_index(x->path, &index, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n && rc == 0; i++)
		if (c->change[i].to)
			rc = plan_move(x, index, prefix, &c->change[i], j, err);
	for (size_t i = 0; i < j->n_staged && rc == 0; i++)
		if (git_index_get_bypath(index, j->staged[i].to, 0) && !leaves(j, j->staged[i].to))
			rc = qf_err_set(err, QF_E_CREATE, "%s: git's index holds it, although the file is gone; settle that first",
					j->staged[i].to);
	git_index_free(index);
	return rc;
}

/* ---- under the lock ---- */

static bool holds(git_index *index, const char *path, const unsigned char id[20])
{
	const git_index_entry *entry = git_index_get_bypath(index, path, 0);

	return entry && memcmp(entry->id.id, id, 20) == 0;
}

static bool is_before(git_index *index, const struct qf_journal *j, const struct qf_staged *move)
{
	return holds(index, move->from, move->before) &&
	       (leaves(j, move->to) || !git_index_get_bypath(index, move->to, 0));
}

static bool is_after(git_index *index, const struct qf_journal *j, const struct qf_staged *move)
{
	return holds(index, move->to, move->after) &&
	       (arrives(j, move->from) || !git_index_get_bypath(index, move->from, 0));
}

static int put_entry(git_index *index, const struct qf_staged *move, bool back)
{
	git_index_entry entry = {
		.mode = move->mode,
		.path = back ? move->from : move->to,
		/* The times stay 0: git then compares contents, where a guess could hide a difference. */
		.flags = (uint16_t)(back ? move->flags : 0),
		.flags_extended = (uint16_t)(back ? move->flags_extended : 0),
	};

	memcpy(entry.id.id, back ? move->before : move->after, 20);
	return git_index_add(index, &entry);
}

/* Makes the moves, or undoes them, in an index in memory. *changed: it is another one now. */
static int edit(git_index *index, const struct qf_journal *j, bool back, bool *changed, struct qf_err *err)
{
	QF_AUTO_FREE bool *todo = qf_calloc(j->n_staged + 1, sizeof(*todo));
	int rc = 0;

	*changed = false;
	for (size_t i = 0; i < j->n_staged; i++) {
		const struct qf_staged *move = &j->staged[i];

		todo[i] = back ? is_after(index, j, move) : is_before(index, j, move);
		if (!back && !todo[i])
			return qf_err_set(err, QF_E_TEMP, "%s: changed in git's index meanwhile; run again", move->from);
		if (back && !todo[i] && !is_before(index, j, move))
			qf_warn("%s: git's index has changed since; it stays as it is there", move->to);
		*changed |= todo[i];
	}
	for (size_t i = 0; i < j->n_staged && rc == 0; i++)
		if (todo[i])
			rc = git_index_remove(index, back ? j->staged[i].to : j->staged[i].from, 0);
	for (size_t i = 0; i < j->n_staged && rc == 0; i++)
		if (todo[i])
			rc = put_entry(index, &j->staged[i], back);
	return rc ? git_failed(err, "cannot be changed") : 0;
}

/*
 * like: mode and time of the file that this one replaces. git takes an entry that is not older than its index for
 * one that may have changed unnoticed, and looks at the content; a younger index would hide such changes.
 */
static int write_file(const char *path, int flags, struct qf_str content, const struct stat *like, struct qf_err *err)
{
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | flags, 0600), number = 0;

	if (fd < 0 || qf_place_write(fd, content.p, content.n) < 0)
		number = errno;
	if (!number && like &&
	    (fchmod(fd, like->st_mode & 07777) < 0 ||
	     futimens(fd, (struct timespec[2]){ { .tv_nsec = UTIME_OMIT }, like->st_mtim }) < 0))
		number = errno;
	if (!number && fsync(fd) < 0)
		number = errno;
	if (fd >= 0)
		close(fd);
	return number ? qf_err_errno(err, qf_place_code(number), number, "%s", path) : 0;
}

/* The new index goes through a draft, since libgit2 writes one only to where it was read from. */
static int fill(struct qf_index *x, const struct qf_journal *j, bool back, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf bytes = { 0 };
	git_index *index = NULL;
	struct stat st, ignored;
	int rc;

	if (read_file(x->path, &bytes, &st, err) < 0 ||
	    write_file(x->draft, O_CREAT | O_EXCL, qf_buf_str(&bytes), NULL, err) < 0)
		return -1;
	if (open_index(x->draft, &index, err) < 0)
		return -1;
	rc = edit(index, j, back, &x->changed, err);
	if (rc == 0 && x->changed && git_index_write(index))
		rc = git_failed(err, "cannot be written");
	git_index_free(index);
	if (rc < 0 || !x->changed)
		return rc;
	qf_buf_reset(&bytes);
	if (read_file(x->draft, &bytes, &ignored, err) < 0)
		return -1;
	return write_file(x->mark, 0, qf_buf_str(&bytes), &st, err);
}

int qf_index_prepare(struct qf_index *x, const struct qf_journal *j, bool back, struct qf_err *err)
{
	QF_AUTO_FREE char *lock = lock_path(x);

	drop_files(x);
	if (write_file(x->mark, O_CREAT | O_EXCL, QF_STR(""), NULL, err) < 0)
		return -1;
	if (link(x->mark, lock) < 0) {
		int number = errno;

		drop_files(x);
		return number == EEXIST ?
			qf_err_set(err, QF_E_TEMP, "%s: git's index is locked; wait for the other program, or remove the "
						   "lock if there is none", lock) :
			qf_err_errno(err, qf_place_code(number), number, "%s", lock);
	}
	x->locked = true;
	if (fill(x, j, back, err) < 0) {
		unlock(x);
		return -1;
	}
	return 0;
}

int qf_index_commit(struct qf_index *x, struct qf_err *err)
{
	QF_AUTO_FREE char *lock = lock_path(x),
			  *folder = qf_strndup(x->path, (size_t)(strrchr(x->path, '/') - x->path));
	int fd;

	if (x->changed && rename(lock, x->path) < 0)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s", x->path);
	if (x->changed)
		x->locked = false;
	unlock(x);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	return 0;
}
