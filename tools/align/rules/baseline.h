/*
 * Known findings, which do not count: sorted JSON lines
 *     {"rule":"weaviate","path":"a/b.py","line":"client = weaviate.Client()","count":2}
 * without line numbers, so that edits above a finding do not matter. `line` is the line with white space folded; of a
 * line that finding.text shows only in part, that part folded and "...#" with the 16 hex digits of the line's hash. A
 * path that is not UTF-8 is written with its bytes percent-encoded, under "path_bytes".
 */
#ifndef QF_ALIGN_BASELINE_H
#define QF_ALIGN_BASELINE_H

#include "common/base/buf.h"
#include "tools/align/finding.h"

struct qf_baseline;

/* Errors: QF_E_CONFIG file:line (damaged, unsorted or doubled lines), QF_E_NOINPUT (no such file), QF_E_IO. */
int qf_baseline_read(const char *file, struct qf_baseline **ret, struct qf_err *err) QF_CHECK;
struct qf_baseline *qf_baseline_new(void);
void qf_baseline_free(struct qf_baseline *b);

/*
 * Marks the findings (FORBIDDEN and LEFTOVER that count) that are known as QF_BY_BASELINE: of each key as many as its
 * count says, in order; one more counts as new. Findings must be sorted.
 */
void qf_baseline_apply(struct qf_baseline *b, struct qf_result *result);
/*
 * Entries whose count is above what was found (of files that were looked at: seen(path) true, and no note says that
 * they could not be read): STALE notes. file: the baseline, as the notes shall call it.
 */
void qf_baseline_stale(const struct qf_baseline *b, const char *file, bool (*seen)(const char *path, void *ctx),
		       void *ctx, struct qf_result *result);

/*
 * The text of a new baseline. prune: counts sink to what was found, entries that are gone go. grow: findings that count
 * are added. Neither alone changes what the other would. Entries of files which, by the result's notes, could not be
 * looked at stay. *added, *removed: findings (not entries).
 */
void qf_baseline_update(const struct qf_baseline *b, const struct qf_result *result, bool prune, bool grow,
			struct qf_buf *out, size_t *added, size_t *removed);

/* The `line` of an entry for a finding. */
void qf_baseline_line(const struct qf_finding *f, struct qf_buf *out);

#endif
