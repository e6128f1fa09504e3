/* Files below a root, without following a link on the way. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tools/align/change/place.h"

enum qf_code qf_place_code(int number)
{
	switch (number) {
	case EACCES: case EPERM:
		return QF_E_ACCESS;
	case EROFS: case EEXIST: case EISDIR: case ENOTDIR: case ENOTEMPTY: case ETXTBSY:
		return QF_E_CREATE;
	case ELOOP:
		return QF_E_TEMP;
	default:
		return QF_E_IO;
	}
}

int qf_place_write(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

int qf_place_slurp(int fd, size_t size, struct qf_buf *ret)
{
	for (;;) {
		ssize_t k = read(fd, qf_buf_room(ret, size + 1), size + 1);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return (int)k;
		ret->n += (size_t)k;
	}
}

void qf_place_release(struct qf_place *p)
{
	qf_buf_release(&p->content);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define AUTO_FD __attribute__((cleanup(close_fd)))

int qf_place_folder(int root, const char *path, const char **name, struct qf_err *err)
{
	const char *whole = path, *slash;
	int at = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (at < 0)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s", path);
	for (; (slash = strchr(path, '/')); path = slash + 1) {
		QF_AUTO_FREE char *part = qf_strndup(path, (size_t)(slash - path));
		int next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), number = errno;

		close(at);
		if (next < 0 && number == ENOENT)
			return qf_err_set(err, QF_E_NOINPUT, "%s: its folder is not there", whole);
		if (next < 0 && (number == ELOOP || number == ENOTDIR))
			return qf_err_set(err, QF_E_TEMP, "%s: %s on its way is no folder; nothing is written through links",
					  whole, part);
		if (next < 0)
			return qf_err_errno(err, qf_place_code(number), number, "%s", whole);
		at = next;
	}
	*name = path;
	return at;
}

int qf_place_read(int root, const char *path, struct qf_place *ret, struct qf_err *err)
{
	const char *name;
	AUTO_FD int folder = -1, fd = -1;

	ret->there = false;
	qf_buf_reset(&ret->content);
	folder = qf_place_folder(root, path, &name, err);
	if (folder < 0)
		return err->code == QF_E_NOINPUT ? 0 : -1;
	if (fstatat(folder, name, &ret->st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : qf_err_errno(err, qf_place_code(errno), errno, "%s", path);
	ret->there = true;
	if (!S_ISREG(ret->st.st_mode))
		return 0;
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &ret->st) < 0)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s", path);
	if (qf_place_slurp(fd, (size_t)ret->st.st_size, &ret->content) < 0)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s", path);
	return 0;
}

bool qf_place_same(int root, const char *path, const struct qf_place *was)
{
	struct qf_err ignored;
	struct stat st;
	const char *name;
	AUTO_FD int folder = qf_place_folder(root, path, &name, &ignored);

	return folder >= 0 && fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == was->st.st_dev &&
	       st.st_ino == was->st.st_ino && st.st_size == was->st.st_size && st.st_mode == was->st.st_mode &&
	       st.st_mtim.tv_sec == was->st.st_mtim.tv_sec && st.st_mtim.tv_nsec == was->st.st_mtim.tv_nsec;
}

/* ACLs and what users have noted; a file system that has none, or does not let us, is no failure. */
static void copy_attributes(int root, const char *like, int to)
{
	struct qf_err ignored;
	const char *name;
	AUTO_FD int folder = qf_place_folder(root, like, &name, &ignored);
	AUTO_FD int from = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char names[4096], value[4096];
	ssize_t n = from < 0 ? -1 : flistxattr(from, names, sizeof(names));

	for (ssize_t at = 0; at < n; at += (ssize_t)strlen(names + at) + 1) {
		const char *key = names + at;
		ssize_t k;

		if (strncmp(key, "user.", 5) != 0 && strcmp(key, "system.posix_acl_access") != 0)
			continue;
		k = fgetxattr(from, key, value, sizeof(value));
		if (k >= 0 && fsetxattr(to, key, value, (size_t)k, 0) < 0)
			continue;
	}
}

int qf_place_temp(int root, const char *path, const char *temp, struct qf_str content,
		  const struct qf_place_owner *owner, struct qf_err *err)
{
	const char *name;
	int number;
	AUTO_FD int folder = qf_place_folder(root, path, &name, err), fd = -1;

	if (folder < 0)
		return -1;
	fd = openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s: cannot be written beside it", path);
	if (qf_place_write(fd, content.p, content.n) < 0)
		goto failed;
	/*
	 * Somebody else's file stays theirs where we may say so; the mode comes after, for a change of the owner
	 * clears bits.
	 */
	if ((owner->uid != geteuid() || owner->gid != getegid()) && fchown(fd, owner->uid, owner->gid) < 0 &&
	    errno != EPERM && errno != EINVAL)
		goto failed;
	if (owner->like)
		copy_attributes(root, owner->like, fd);
	if (fchmod(fd, owner->mode & 07777) < 0 || fsync(fd) < 0)
		goto failed;
	return 0;
failed:
	number = errno;
	unlinkat(folder, temp, 0);
	return qf_err_errno(err, qf_place_code(number), number, "%s: cannot be written", path);
}

int qf_place_rename(int root, const char *path, const char *temp, bool over, struct qf_err *err)
{
	const char *name;
	AUTO_FD int folder = qf_place_folder(root, path, &name, err);
	int rc;

	if (folder < 0)
		return -1;
	if (over) {
		rc = renameat(folder, temp, folder, name);
	} else {
		rc = renameat2(folder, temp, folder, name, RENAME_NOREPLACE);
		/* File systems that cannot do that can link, which never replaces either. */
		if (rc < 0 && (errno == EINVAL || errno == ENOSYS)) {
			rc = linkat(folder, temp, folder, name, 0);
			if (rc == 0)
				rc = unlinkat(folder, temp, 0);
		}
	}
	if (rc < 0 && errno == EEXIST)
		return qf_err_set(err, QF_E_CREATE, "%s: something stands there now; nothing is ever overwritten", path);
	return rc < 0 ? qf_err_errno(err, qf_place_code(errno), errno, "%s", path) : 0;
}

int qf_place_unlink(int root, const char *path, struct qf_err *err)
{
	const char *name;
	AUTO_FD int folder = qf_place_folder(root, path, &name, err);

	if (folder < 0)
		return -1;
	return unlinkat(folder, name, 0) < 0 ? qf_err_errno(err, qf_place_code(errno), errno, "%s", path) : 0;
}

void qf_place_drop(int root, const char *path, const char *temp)
{
	struct qf_err ignored;
	const char *name;
	AUTO_FD int folder = qf_place_folder(root, path, &name, &ignored);

	if (folder >= 0)
		unlinkat(folder, temp, 0);
}

int qf_place_sync(int root, const char *path, struct qf_err *err)
{
	const char *name;
	AUTO_FD int folder = qf_place_folder(root, path, &name, err);

	if (folder < 0)
		return -1;
	return fsync(folder) < 0 ? qf_err_errno(err, qf_place_code(errno), errno, "%s", path) : 0;
}

int qf_place_mkdir(int root, const char *path, struct qf_err *err)
{
	const char *name;
	AUTO_FD int folder = qf_place_folder(root, path, &name, err);

	if (folder < 0)
		return -1;
	if (mkdirat(folder, name, 0777) < 0 && errno != EEXIST)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s: the folder cannot be made", path);
	return fsync(folder) < 0 ? qf_err_errno(err, qf_place_code(errno), errno, "%s", path) : 0;
}

int qf_place_rmdir(int root, const char *path, struct qf_err *err)
{
	const char *name;
	AUTO_FD int folder = qf_place_folder(root, path, &name, err);

	if (folder < 0)
		return err->code == QF_E_NOINPUT ? 0 : -1;
	if (unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST)
		return 0;
	return qf_err_errno(err, qf_place_code(errno), errno, "%s: the folder cannot be removed", path);
}

int qf_place_writable(int root, const char *path, struct qf_err *err)
{
	const char *name;
	AUTO_FD int folder = qf_place_folder(root, path, &name, err);

	if (folder < 0)
		return -1;
	return faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) < 0 ?
		qf_err_errno(err, qf_place_code(errno), errno, "%s: its folder cannot be written", path) : 0;
}
