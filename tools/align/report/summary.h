/* What all forms of a report say of a result as a whole. */
#ifndef QF_ALIGN_SUMMARY_H
#define QF_ALIGN_SUMMARY_H

#include "tools/align/report/report.h"

enum { QF_NOTE_KINDS = QF_NOTE_PLAN + 1, QF_SUPPRESSIONS = QF_BY_BASELINE + 1 };

/* Findings of one system that count. */
struct qf_summary_system {
	const char *name;
	size_t findings, files; /* in texts; files are distinct */
	size_t paths;		/* names of files */
	const char *last;	/* file that was counted last */
};

/* Only what is not suppressed is in the numbers, but for `suppressed`. */
struct qf_summary {
	size_t findings, files, paths;
	size_t lines; /* distinct lines that the findings stand in */
	uint64_t hits;
	size_t pending, moves, pending_files; /* lines, files that move, files of either */
	size_t leftovers, leftover_files;
	size_t suppressed[QF_SUPPRESSIONS]; /* by the reason; [QF_COUNTS] is the sum of the others */
	size_t notes[QF_NOTE_KINDS];
	struct qf_summary_system *systems; /* in the order of the rules, then of their appearance */
	size_t n, cap;
};
/* result: sorted. Release it. */
struct qf_summary qf_summary_make(const struct qf_result *result, const struct qf_rules *rules);
void qf_summary_release(struct qf_summary *s);

/* "forbidden", "leftover", "pending". */
const char *qf_finding_kind_name(enum qf_finding_kind kind);
/* "", "inline", "path", "token", "baseline". */
const char *qf_suppression_name(enum qf_suppression suppression);
/* "binary", "special", .. "plan". */
const char *qf_note_kind_name(enum qf_note_kind kind);
/* A note that tells of a file that was left out, and no more. */
static inline bool qf_note_is_skip(enum qf_note_kind kind)
{
	return kind < QF_NOTE_UNREADABLE;
}

/* What a finding says, as one sentence without a full stop, valid UTF-8: "weaviate is named: use Qdrant". */
void qf_finding_message(struct qf_buf *out, const struct qf_finding *f);

/* The result in one sentence, with its line end. */
void qf_summary_sentence(struct qf_buf *out, const struct qf_result *result, const struct qf_report_opts *opts,
			 const struct qf_summary *sum);

/*
 * A number for each finding that stays when lines above it come or go: hash of kind, rule, path, line_hash
 * and how many of the same stand above it. To be freed. result: sorted.
 */
uint64_t *qf_finding_prints(const struct qf_result *result);

#endif
