/* Allowances: by path and token in the rules, inline in a line. */
#ifndef QF_ALIGN_ALLOW_H
#define QF_ALIGN_ALLOW_H

#include "tools/align/rules/rules.h"

/*
 * The inline form, anywhere in a line:
 *     align: allow SYSTEM[, SYSTEM..] [until YYYY-MM-DD] -- reason
 * It allows the systems in its own line and, where nothing but the comment stands in that line, in the next one.
 */
#define QF_ALLOW_MARK "align: allow"

struct qf_inline {
	bool found;		/* the mark stands in the line */
	bool alone;		/* nothing but a comment in it: covers the next line too */
	bool expired;
	struct qf_str systems;	/* as written */
	struct qf_str reason;	/* trimmed, closing comment marks cut */
	const char *error;	/* NULL, or why it does not count: "no reason", "no such system", "not a date" */
};
/* line: UTF-8 without its end. Slices point into it. */
struct qf_inline qf_inline_parse(const struct qf_rules *rules, struct qf_str line, const char *today);
bool qf_inline_allows(const struct qf_inline *a, const char *system);

/*
 * The first allowance of the rules that covers a finding of `rule` in `path` where `token` (the whole identifier
 * around the match) was matched; NULL for none. Expired ones never cover. The caller sets ->used. Thread-safe.
 */
struct qf_allowance *qf_allow_find(const struct qf_rules *rules, const char *path, const char *rule,
				   struct qf_str token);

/* After all findings are in: a STALE note for each allowance that is expired or was not used. With
 * built-in rules, or when only some of the files were looked at (whole false), unused ones are not told. */
void qf_allow_stale(const struct qf_rules *rules, bool whole, struct qf_result *result);

#endif
