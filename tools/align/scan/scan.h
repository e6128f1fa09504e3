/* The search through all files for forbidden systems and for old names. */
#ifndef QF_ALIGN_SCAN_H
#define QF_ALIGN_SCAN_H

#include "tools/align/scan/files.h"

/* Exact names that make a file one to look at more closely. */
struct qf_scan_names {
	/*
	 * Last part of a module, or a symbol: case-sensitive substrings that make a Python file or
	 * notebook a candidate.
	 */
	struct qf_names python;
	/* Dotted module names and paths of moved files; whole (no letter, digit, _, . or / that goes on before or
	 * behind; a dotted name may go on with a dot): LEFTOVER findings in files that are not Python or notebooks. */
	struct qf_names text;
	const char **text_rules; /* the finding's rule for each of text */
	const char **text_messages;
};

struct qf_scan_opts {
	const struct qf_files *files;
	struct qf_rules *rules;
	const struct qf_scan_names *names;
	const char *today;
	struct qf_names
		skip; /* paths from the root that are never looked at, beside the rules and the usual baseline */
	unsigned threads; /* 0: one for each processor, at most 8 */
};

/*
 * Reads every file once, in bounded memory (256 KiB a thread and what its findings need), and adds to result: FORBIDDEN
 * findings with category, hits and allowances (inline and of the rules) applied; LEFTOVER findings of
 * `text` names; findings on path names (line 0, category PATH; the config and the baseline file
 * themselves are never looked at); notes. candidate: set for each file (by index) that is Python and
 * holds one of `python`. Errors: QF_E_SIGINT, QF_E_SIGTERM.
 */
int qf_scan_run(const struct qf_scan_opts *opts, bool *candidate, struct qf_result *result,
		struct qf_err *err) QF_CHECK;

#endif
