/*
 * From matches to findings: the lines that matches stand in, what allows them, columns and texts. A qf_found belongs to
 * one thread and is used for one file after the other. The text comes through a buffer, from which
 * bytes leave at the left.
 */
#ifndef QF_ALIGN_FOUND_H
#define QF_ALIGN_FOUND_H

#include "common/base/buf.h"
#include "tools/align/rules/allow.h"
#include "tools/align/scan/input.h"
#include "tools/align/scan/needles.h"
#include "tools/align/scan/scan.h"

enum {
	QF_FOUND_NEAR = 4096, /* what of a line larger than the buffer stays in reach, to both sides of a match */
	QF_FOUND_TEXT = 240, /* bytes of finding.text */
};

/* Groups of needles: one for each system, in their order, then these. */
struct qf_found_groups {
	unsigned text, python, mark, n;
};

/* What is known of a rule in the line at hand. */
struct qf_found_rule {
	unsigned hits;
	bool needed;		/* one of them is not part of an inline allowance */
	uint64_t last_end;	/* of the last hit, in the file */
	/* the first hit */
	uint64_t start;		/* in the file */
	uint64_t bytes, chars;	/* from the line's start to it */
	size_t match_chars;
	struct qf_str match;	/* as it stands in the file, in the arena */
	char near[3 * QF_FOUND_TEXT]; /* the line around it */
	size_t near_n, near_at;
	bool near_cut;		/* the line goes on where near ends */
	struct qf_allowance *allowance;
	bool covered;		/* the rules allow all hits so far */
	/* The last token asked for, as hits of a line are often alike. */
	char token[128];
	size_t token_n;
	struct qf_allowance *token_allowance;
};

/* An allowance that stands in a line. */
struct qf_found_mark {
	struct qf_inline is;	/* slices in the arena */
	unsigned number;	/* the line */
	uint64_t start, end;	/* in the file, with the reason */
	bool needed;
};

struct qf_found {
	const struct qf_scan_opts *opts;
	struct qf_found_groups groups;
	struct qf_arena *arena;	/* of the result that gets the findings */

	/* the file */
	const char *path;
	const char *arena_path;	/* NULL: not needed so far */
	struct qf_str head;	/* its first bytes, for a #! line; set before the first match */
	enum { QF_FOUND_UNASKED, QF_FOUND_PYTHON, QF_FOUND_OTHER } language;
	bool old_python_name;	/* one of names->python stands in it, and it is Python or a notebook */
	struct qf_finding *findings; /* in order of lines */
	size_t n, cap;
	struct qf_result notes;
	struct qf_allowance **used;
	size_t n_used, cap_used;

	/* the buffer */
	const char *p;
	uint64_t base;		/* of p[0] in the file */
	size_t counted;		/* a line's start: `number` is its number */
	unsigned number;

	/* the line */
	bool open;
	size_t lo, hi;		/* what is in the buffer of it; hi: its line feed, SIZE_MAX while not known */
	struct {		/* what was in the buffer: looked at once the line has a match */
		bool any, known, valid;
		uint64_t bytes, chars;
	} gone;
	const struct qf_input *input; /* where it can be read again */
	bool lost;		/* it could not: the file changes */
	struct qf_line_hash hash;
	struct qf_found_rule *rules; /* systems, then names of text */
	unsigned *touched, n_touched;
	struct qf_found_mark mark, above; /* in the line; alone in one before, so that the next one is allowed */
	struct qf_buf scratch;
};

void qf_found_init(struct qf_found *f, const struct qf_scan_opts *opts, const struct qf_found_groups *groups,
		   struct qf_arena *arena);
void qf_found_release(struct qf_found *f);

/* A new file, or the same again. p: the buffer from now on, which input fills. */
void qf_found_file(struct qf_found *f, const char *path, const char *p, const struct qf_input *input);
/* Looks at the path itself, of which p has a copy of n bytes and QF_NEEDLES_SLACK more. */
void qf_found_path(struct qf_found *f, const struct qf_needles *needles, const char *p, size_t n, struct qf_match *m);

/* Bytes came behind `at`: the open line may end there. */
void qf_found_more(struct qf_found *f, size_t at, size_t have);
/* A match; from: the start of a line at or before it. have: bytes in the buffer. */
void qf_found_match(struct qf_found *f, const struct qf_match *m, size_t from, size_t have);
/* All lines before `to` are done; at the end of the file also one without a line feed. */
void qf_found_lines_end(struct qf_found *f, size_t to, bool eof);
/*
 * Of the line that begins at `from` and goes on, the bytes before `keep` leave. Returns where to cut:
 * between characters.
 */
size_t qf_found_leave(struct qf_found *f, size_t from, size_t keep);
/* The first n bytes of the buffer are gone, the others have moved. */
void qf_found_moved(struct qf_found *f, size_t n);
/* Notes on inline allowances. */
void qf_found_file_end(struct qf_found *f);

/* Inside of found*.c: the line at hand, whose content is p[lo..end), gives its findings. */
void qf_found_tell(struct qf_found *f, size_t end);

#endif
