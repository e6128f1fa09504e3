/*
 * CSV as in RFC 4180, row by row, and what is found in the wild beside it: a byte order mark, line
 * ends of all three kinds, another delimiter, blank lines (left out). A quote inside an unquoted
 * field is a character like others. Text must be UTF-8.
 */
#ifndef QF_DATA_CSV_H
#define QF_DATA_CSV_H

#include <stdint.h>
#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/err.h"

struct qf_csv_field {
	struct qf_str text;
	bool quoted;		/* "" and nothing are two things to some */
};

struct qf_csv {
	FILE *in;		/* yours */
	const char *name;	/* of the file, for messages; borrowed */
	char delimiter;		/* 0: a comma */
	size_t limit;		/* bytes of one row; 0: 64 MiB */
	/* Inside. */
	uint64_t line;
	struct qf_buf text, row; /* text: what was read, from `at` on */
	size_t at;
	struct qf_csv_field *fields;
	size_t n_fields, cap_fields, width;
	bool begun;
};

/*
 * The next row; fields and their texts are good until the next call. *line: where the row begins,
 * from 1. 0: a row; 1: the end; -1: QF_E_DATA "name:line: why" (a quote that is never closed, text
 * behind a closing quote, another number of fields than in the first row, no UTF-8, U+0000, a row
 * over the limit) or QF_E_IO.
 */
int qf_csv_next(struct qf_csv *c, const struct qf_csv_field **fields, size_t *n, uint64_t *line,
		struct qf_err *err) QF_CHECK;
void qf_csv_release(struct qf_csv *c);

#endif
