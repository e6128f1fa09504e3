/* The numbers of an audit. */
#ifndef QF_ALIGN_AUDIT_COUNT_H
#define QF_ALIGN_AUDIT_COUNT_H

#include "tools/align/finding.h"

enum qf_audit_count {
	QF_COUNT_FILES, /* distinct */
	QF_COUNT_LINES, /* distinct */
	QF_COUNT_FINDINGS,
	QF_COUNT_OCCURRENCES,
	QF_COUNT_SUPPRESSED, /* of the findings and path names */
	QF_COUNT_PATHS,	     /* path names, which are in none of the counts above it but `suppressed` */
	QF_COUNT_N
};

struct qf_audit_row {
	struct qf_str name;
	uint64_t now[QF_COUNT_N], before[QF_COUNT_N];
};

enum qf_audit_by { QF_AUDIT_BY_SYSTEM, QF_AUDIT_BY_CATEGORY, QF_AUDIT_BY_FOLDER, QF_AUDIT_BY_FOLDER_2, QF_AUDIT_BY_N };

struct qf_audit {
	struct qf_audit_row total; /* its name is "all" */
	struct {
		struct qf_audit_row *row; /* most findings first, then by name */
		size_t n, cap;
	} table[QF_AUDIT_BY_N];
};

/* Names point into the results, which are sorted. before: NULL for none. Release it. */
struct qf_audit qf_audit_make(const struct qf_result *result, const struct qf_result *before);
void qf_audit_release(struct qf_audit *audit);

#endif
