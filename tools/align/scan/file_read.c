/* Opening and reading one file, from the disk or from git. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "tools/align/scan/blob.h"
#include "tools/align/scan/walk.h"

/* Where the kernel has no openat2, each folder on the way is opened by itself. */
static int open_step_by_step(int dir, const char *path, int flags)
{
	int at = dir, saved;

	for (;;) {
		size_t n = strcspn(path, "/");
		QF_AUTO_FREE char *name = qf_strndup(path, n);
		bool last = !path[n];
		int fd;

		if (strcmp(name, "..") == 0) {
			errno = ELOOP;
			fd = -1;
		} else {
			fd = openat(at, name,
				    last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		}
		saved = errno;
		if (at != dir)
			close(at);
		errno = fd < 0 && saved == ENOTDIR && !last ? ELOOP : saved;
		if (fd < 0 || last)
			return fd;
		at = fd;
		path += n + 1;
	}
}

int qf_open_beneath(int dir, const char *path, int flags)
{
	static bool without;
	struct open_how how = {
		.flags = (unsigned)(flags | O_NOFOLLOW),
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	long fd;

	if (!__atomic_load_n(&without, __ATOMIC_RELAXED)) {
		fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
		/* Old containers answer EPERM to calls that they do not know. */
		if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) {
			if (fd < 0 && errno == EXDEV)
				errno = ELOOP;
			return (int)fd;
		}
		if (errno == ENOSYS)
			__atomic_store_n(&without, true, __ATOMIC_RELAXED);
	}
	return open_step_by_step(dir, path, flags);
}

static int read_error(int number, const char *path, struct qf_err *err)
{
	enum qf_code code = QF_E_IO;

	if (number == ENOENT || number == ENOTDIR)
		code = QF_E_NOINPUT;
	if (number == EACCES || number == EPERM)
		code = QF_E_ACCESS;
	if (number == ELOOP)
		return qf_err_set(err, QF_E_NOINPUT, "%s: a symbolic link, which is not followed", path);
	return qf_err_errno(err, code, number, "%s", path);
}

/* All bytes of the descriptor; 1 when it changed meanwhile. */
static int read_all(int fd, const struct stat *st, struct qf_buf *ret)
{
	struct stat after;

	for (;;) {
		size_t room = ret->n <= (size_t)st->st_size ? (size_t)st->st_size - ret->n + 1 : 64 << 10;
		ssize_t n = read(fd, qf_buf_room(ret, room), room);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		ret->n += (size_t)n;
	}
	if (fstat(fd, &after) < 0)
		return -1;
	return after.st_size != st->st_size || (off_t)ret->n != st->st_size ||
	       after.st_mtim.tv_sec != st->st_mtim.tv_sec || after.st_mtim.tv_nsec != st->st_mtim.tv_nsec;
}

static int read_disk(const struct qf_files *files, const char *path, struct qf_buf *ret, uint32_t *mode,
		     struct qf_err *err)
{
	int dir = open(files->root, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1, rc = -1, saved;
	struct stat st;

	if (dir < 0)
		return read_error(errno, files->root, err);
	qf_buf_reset(ret);
	fd = qf_open_beneath(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	saved = errno;
	close(dir);
	if (fd < 0)
		return read_error(saved, path, err);
	if (fstat(fd, &st) < 0)
		read_error(errno, path, err);
	else if (!S_ISREG(st.st_mode))
		qf_err_set(err, QF_E_NOINPUT, "%s: not a plain file", path);
	else if ((rc = read_all(fd, &st, ret)) < 0)
		read_error(errno, path, err);
	else if (rc > 0)
		rc = qf_err_set(err, QF_E_DATA, "%s: it changed while it was read; run the same command again", path);
	close(fd);
	if (rc == 0 && mode)
		*mode = st.st_mode;
	return rc;
}

/* libgit2 does not promise that several threads may use one repository. */
static pthread_mutex_t blob_lock = PTHREAD_MUTEX_INITIALIZER;

int qf_blob_read(const struct qf_files *files, const struct qf_file *file, struct qf_buf *ret, struct qf_err *err)
{
	git_odb_object *object = NULL;
	git_odb *odb = NULL;
	git_oid oid;
	int rc = 0;

	qf_buf_reset(ret);
	memcpy(oid.id, file->oid, sizeof(oid.id));
	pthread_mutex_lock(&blob_lock);
	if (git_repository_odb(&odb, files->repository) < 0 || git_odb_read(&object, odb, &oid) < 0) {
		const git_error *why = git_error_last();

		rc = qf_err_set(err, QF_E_DATA, "%s: its staged content: %s", file->path, why ? why->message : "cannot be read");
	} else {
		qf_buf_add(ret, git_odb_object_data(object), git_odb_object_size(object));
	}
	git_odb_object_free(object);
	git_odb_free(odb);
	pthread_mutex_unlock(&blob_lock);
	return rc;
}

/* A file of the index that does not differ from HEAD, so that it is not in the list. */
static bool find_unchanged(const struct qf_files *files, const char *path, struct qf_file *ret)
{
	const char *top = git_repository_workdir(files->repository);
	size_t n = top ? strlen(top) : 0;
	QF_AUTO_FREE char *full = NULL;
	const git_index_entry *e = NULL;
	git_index *index = NULL;

	if (!n || strncmp(top, files->root, n - 1) != 0)
		return false;
	full = qf_asprintf("%s/%s", strlen(files->root) > n ? files->root + n : "", path);
	pthread_mutex_lock(&blob_lock);
	if (git_repository_index(&index, files->repository) == 0)
		e = git_index_get_bypath(index, *full == '/' ? full + 1 : full, 0);
	if (e) {
		*ret = (struct qf_file){ .path = path, .mode = e->mode, .tracked = true };
		memcpy(ret->oid, e->id.id, sizeof(ret->oid));
	}
	git_index_free(index);
	pthread_mutex_unlock(&blob_lock);
	return e != NULL;
}

static int cmp_path(const void *key, const void *file)
{
	return strcmp(key, ((const struct qf_file *)file)->path);
}

int qf_file_read(const struct qf_files *files, const char *path, struct qf_buf *ret, uint32_t *mode, struct qf_err *err)
{
	const struct qf_file *file;
	struct qf_file unchanged;

	if (!files->staged)
		return read_disk(files, path, ret, mode, err);
	file = files->n ? bsearch(path, files->file, files->n, sizeof(*file), cmp_path) : NULL;
	if (!file) {
		if (!find_unchanged(files, path, &unchanged))
			return qf_err_set(err, QF_E_NOINPUT, "%s: not in git's index", path);
		file = &unchanged;
	}
	if (mode)
		*mode = file->mode;
	return qf_blob_read(files, file, ret, err);
}
