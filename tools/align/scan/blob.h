/* The content of a staged file. */
#ifndef QF_ALIGN_BLOB_H
#define QF_ALIGN_BLOB_H

#include "tools/align/scan/files.h"

/* Thread-safe. Error: QF_E_DATA. */
int qf_blob_read(const struct qf_files *files, const struct qf_file *file, struct qf_buf *ret,
		 struct qf_err *err) QF_CHECK;

#endif
