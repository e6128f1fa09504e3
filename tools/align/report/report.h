/* The forms in which a result is told. A new one is one file with one constant, and its name in a list of meson's. */
#ifndef QF_ALIGN_REPORT_H
#define QF_ALIGN_REPORT_H

#include "common/base/buf.h"
#include "tools/align/finding.h"
#include "tools/align/rules/rules.h"

struct qf_report_opts {
	const struct qf_rules *rules;
	bool colour, verbose;	/* verbose: suppressed findings and skipped files one by one */
	bool staged;
	int status;		/* the exit status that main will give */
	bool proved;		/* second plan after --fix was empty */
	size_t fixed_files;	/* written by this run */
	bool fix;
};

struct qf_format {
	const char *name; /* of --format: text, json, sarif, github, gitlab */
	/* The whole report. result is sorted. */
	void (*write)(const struct qf_result *result, const struct qf_report_opts *opts, struct qf_buf *out);
};
const struct qf_format *qf_format_find(const char *name); /* NULL: there is none */
/* "text|json|sarif|github|gitlab" */
const char *qf_format_names(void);

/* ---- audit ---- */

enum qf_audit_form { QF_AUDIT_TEXT, QF_AUDIT_JSON, QF_AUDIT_MARKDOWN };

/*
 * Counts: files (distinct), lines (distinct), findings and occurrences, by system, category and folder (top level, and
 * two levels deep), path names apart; suppressed findings are counted, and how many. before: result of another
 * state of the tree (--compare) or NULL; before_name as the user gave it.
 */
void qf_audit_write(const struct qf_result *result, const struct qf_result *before, const char *before_name,
		    const struct qf_report_opts *opts, enum qf_audit_form form, struct qf_buf *out);

#endif
