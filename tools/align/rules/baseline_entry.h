/* What a baseline holds. For baseline.c and baseline_update.c only. */
#ifndef QF_ALIGN_BASELINE_ENTRY_H
#define QF_ALIGN_BASELINE_ENTRY_H

#include "tools/align/rules/baseline.h"

struct qf_baseline_entry {
	const char *path, *rule; /* path: decoded */
	struct qf_str text;	 /* `line` */
	size_t count, found;	 /* found: how many the last qf_baseline_apply met, at most count */
	unsigned at;		 /* line in the file, 0: new */
};

struct qf_baseline {
	struct qf_baseline_entry *entry; /* sorted by qf_baseline_cmp */
	size_t n, cap;
	struct qf_arena arena;
};

int qf_baseline_cmp(const struct qf_baseline_entry *a, const struct qf_baseline_entry *b);
/* Is it a finding of the kind that a baseline holds, and not suppressed? */
bool qf_baseline_takes(const struct qf_finding *f);

/*
 * The paths of files and folders into which a look did not get (unreadable, not parsed, not on the disk, submodules,
 * other repositories), sorted; what is known of them may be there still. Pointers into result; free() it.
 */
const char **qf_baseline_unseen(const struct qf_result *result, size_t *n);
/* Is it one of them, or below one? */
bool qf_baseline_is_unseen(const char *const *unseen, size_t n, const char *path);

#endif
