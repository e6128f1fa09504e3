#include "common/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"

int qf_output_open(struct qf_output *o, const char *path, struct qf_err *err)
{
	struct stat st;
	bool in_place = lstat(path, &st) == 0 && !S_ISREG(st.st_mode);

	*o = (struct qf_output){ .fd = STDOUT_FILENO, .path = qf_strdup(path) };
	if (!strcmp(path, "-"))
		return 0;
	if (!in_place)
		o->temp = qf_asprintf("%s.part%ld", path, (long)getpid());
	o->fd = open(in_place ? path : o->temp,
		     O_WRONLY | O_CREAT | O_CLOEXEC | (in_place ? O_TRUNC : O_EXCL), 0666);
	if (o->fd >= 0) {
		o->open = true;
		return 0;
	}
	qf_err_errno(err, QF_E_CREATE, errno, "cannot create %s", path);
	free(o->temp);
	o->temp = NULL;
	return -1;
}

/* The name is new too: without this it may be gone after a power cut, file and all. */
static int sync_directory(const char *path, struct qf_err *err)
{
	QF_AUTO_FREE char *dir = qf_strdup(path);
	char *slash = strrchr(dir, '/');
	int fd, rc = 0;

	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		rc = qf_err_errno(err, QF_E_IO, errno, "cannot write %s", path);
	close(fd);
	return rc;
}

int qf_output_finish(struct qf_output *o, struct qf_err *err)
{
	if (!o->open)
		return 0;
	/* Devices and pipes cannot be synced, and say EINVAL. */
	if (fsync(o->fd) < 0 && errno != EINVAL && errno != EROFS)
		return qf_err_errno(err, QF_E_IO, errno, "cannot write %s", o->path);
	o->open = false;
	if (close(o->fd) < 0)
		return qf_err_errno(err, QF_E_IO, errno, "cannot write %s", o->path);
	if (!o->temp)
		return 0;
	if (rename(o->temp, o->path) < 0)
		return qf_err_errno(err, QF_E_CREATE, errno, "cannot create %s", o->path);
	free(o->temp);
	o->temp = NULL;
	return sync_directory(o->path, err);
}

void qf_output_release(struct qf_output *o)
{
	if (o->open)
		close(o->fd);
	if (o->temp)
		unlink(o->temp);
	free(o->temp);
	free(o->path);
	*o = (struct qf_output){ 0 };
}

int qf_write_file(const char *path, const char *p, size_t n, struct qf_err *err)
{
	struct qf_output o;
	int rc = qf_output_open(&o, path, err);

	while (n && rc == 0) {
		ssize_t done = write(o.fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			rc = qf_err_errno(err, errno == EPIPE ? QF_E_PIPE : QF_E_IO, errno, "cannot write %s",
					  o.open ? path : "to standard output");
		else
			p += done, n -= (size_t)done;
	}
	if (rc == 0)
		rc = qf_output_finish(&o, err);
	qf_output_release(&o);
	return rc;
}
