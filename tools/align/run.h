/* One run of align, from the rules to the report. */
#ifndef QF_ALIGN_RUN_H
#define QF_ALIGN_RUN_H

#include "common/base/buf.h"
#include "tools/align/finding.h"

struct qf_align_args {
	const char *config;	   /* rules' file, NULL: found upward */
	const char *format;	   /* of --format */
	const char *output;	   /* file, "-": standard output */
	const char *baseline;	   /* NULL: QF_BASELINE_FILE beside the rules, if it is there */
	const char *compare;	   /* a commit, for --audit; NULL else */
	bool check, fix, diff, dry_run, audit, staged, prune, grow, git;
	bool null_names;	   /* paths come NUL-separated on standard input */
	bool colour, verbose, json;
	unsigned jobs;		   /* 0: by processors */
	const char *const *paths;
	size_t n_paths;
};

/*
 * The whole of it; the report goes to args->output. Returns the exit status (0, QF_E_DIFF,
 * QF_E_DATA), or -1 with err set. Combinations of flags that make no sense are QF_E_USAGE.
 */
int qf_align_run(const struct qf_align_args *args, struct qf_err *err) QF_CHECK;
/* `align undo` and `align init`; status or -1 as above. */
int qf_align_undo(const struct qf_align_args *args, struct qf_err *err) QF_CHECK;
int qf_align_init(const struct qf_align_args *args, struct qf_err *err) QF_CHECK;

#endif
