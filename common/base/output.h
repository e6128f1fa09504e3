/*
 * A file that has its name only once it is whole and on the disk: until then it is a neighbour
 * called <path>.part<pid>. A device, a pipe or a link that stands there is written in place, since a
 * rename would replace it.
 */
#ifndef QF_BASE_OUTPUT_H
#define QF_BASE_OUTPUT_H

#include "common/base/err.h"

/* Zero-initialise. fd is where to write; not yours to close. */
struct qf_output {
	int fd;
	char *path, *temp;	/* temp NULL: in place */
	bool open;
};

/* path "-": standard output. Error: QF_E_CREATE. */
int qf_output_open(struct qf_output *o, const char *path, struct qf_err *err) QF_CHECK;
/* All written: onto the disk and under its name. Errors: QF_E_IO, QF_E_CREATE. */
int qf_output_finish(struct qf_output *o, struct qf_err *err) QF_CHECK;
/* Frees it; what was not finished is removed. */
void qf_output_release(struct qf_output *o);

/* The whole of a small file at once. Errors as above, and QF_E_PIPE. */
int qf_write_file(const char *path, const char *p, size_t n, struct qf_err *err) QF_CHECK;

#endif
