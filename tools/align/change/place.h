/* Files below a root, reached folder by folder and never through a link; written by temporary neighbours. */
#ifndef QF_ALIGN_CHANGE_PLACE_H
#define QF_ALIGN_CHANGE_PLACE_H

#include <sys/stat.h>

#include "common/base/buf.h"
#include "common/base/err.h"

/* A path's file as it is on the disk. Zero-initialise; qf_place_release. */
struct qf_place {
	bool there;
	struct stat st;		/* of what is there, a regular file or not */
	struct qf_buf content;	/* of a regular file */
};
void qf_place_release(struct qf_place *p);

/*
 * The folder that holds a path, as a descriptor that the caller closes; *name: the last part of path. A folder on
 * the way that is a link, or none: QF_E_TEMP (it was one when the files were listed). A folder that is missing:
 * QF_E_NOINPUT.
 */
int qf_place_folder(int root, const char *path, const char **name, struct qf_err *err) QF_CHECK;

/* What stands at path; nothing is no error. Errors: QF_E_TEMP as above, QF_E_ACCESS, QF_E_IO. */
int qf_place_read(int root, const char *path, struct qf_place *ret, struct qf_err *err) QF_CHECK;
/* Is it still the very file that was read, with its size and times? */
bool qf_place_same(int root, const char *path, const struct qf_place *was);

/* Whose it is and who may use it, for a new file. */
struct qf_place_owner {
	uint32_t mode, uid, gid;
	const char *like;	/* path of a file whose extended attributes (ACLs) it gets; NULL: none */
};

/*
 * Writes content to a new file called `temp` beside path, onto the disk. Errors: QF_E_ACCESS, QF_E_CREATE,
 * QF_E_IO; nothing is left.
 */
int qf_place_temp(int root, const char *path, const char *temp, struct qf_str content,
		  const struct qf_place_owner *owner, struct qf_err *err) QF_CHECK;
/*
 * The temporary neighbour becomes path; over: in place of the file there, else nothing may stand there
 * (QF_E_CREATE).
 */
int qf_place_rename(int root, const char *path, const char *temp, bool over, struct qf_err *err) QF_CHECK;
/* Makes the folder `path`; its parent is there. One that is there already is fine. */
int qf_place_mkdir(int root, const char *path, struct qf_err *err) QF_CHECK;
/* Removes the folder if it is there and empty. */
int qf_place_rmdir(int root, const char *path, struct qf_err *err) QF_CHECK;
/* May files be made and removed in the folder that holds path? */
int qf_place_writable(int root, const char *path, struct qf_err *err) QF_CHECK;
int qf_place_unlink(int root, const char *path, struct qf_err *err) QF_CHECK;
/* Removes the temporary neighbour of path, if there is one. */
void qf_place_drop(int root, const char *path, const char *temp);
/* The folder that holds path, onto the disk. */
int qf_place_sync(int root, const char *path, struct qf_err *err) QF_CHECK;

/*
 * The code for a failed system call: QF_E_ACCESS, QF_E_CREATE (a read-only or other-user place, something there),
 * QF_E_IO.
 */
enum qf_code qf_place_code(int number);
/* All that can be read, behind what ret holds; size: about how much that is. */
int qf_place_slurp(int fd, size_t size, struct qf_buf *ret);
/* write() until all is written. */
int qf_place_write(int fd, const char *p, size_t n);

#endif
