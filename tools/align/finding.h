/* What align finds: places that name a forbidden system, and old names that a rewrite could not follow. */
#ifndef QF_ALIGN_FINDING_H
#define QF_ALIGN_FINDING_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"

enum qf_finding_kind {
	QF_FORBIDDEN, /* a line that names a forbidden system; one for each line and system */
	QF_LEFTOVER,  /* an old module or symbol that stays, with the reason */
	QF_PENDING,   /* a line that --fix would change, or a file that it would move (then line 0) */
};

enum qf_category {
	QF_CAT_NONE, /* of leftovers and pending changes */
	QF_CAT_IMPORT, QF_CAT_DEPENDENCY, QF_CAT_LOCK, QF_CAT_CONFIG, QF_CAT_ENV, QF_CAT_SECRET, QF_CAT_HOST,
	QF_CAT_IDENTIFIER, QF_CAT_STRING, QF_CAT_COMMENT, QF_CAT_DOCUMENT, QF_CAT_PATH,
	QF_CAT_COUNT
};
/* "import", "dependency", "lock-file", "config-key", "environment-variable", "ci-secret", "image-or-host",
 * "identifier", "string", "comment", "document", "path-name"; "" for NONE. */
const char *qf_category_name(enum qf_category category);

/* Why a finding does not count. */
enum qf_suppression { QF_COUNTS, QF_BY_INLINE, QF_BY_PATH, QF_BY_TOKEN, QF_BY_BASELINE };

struct qf_finding {
	enum qf_finding_kind kind;
	enum qf_category category;
	const char *path;	/* from the root, bytes as on the disk, '/' between; a moved file: the old one */
	const char *rule;	/* name of the system; else what stands under `from` of the mapping or move */
	unsigned line, column;	/* from 1, columns in code points; line 0: the file's name itself */
	unsigned end_column;	/* behind the match */
	unsigned hits;		/* how often the system is named in this line; at least 1 */
	uint64_t offset;	/* byte of the match in the file (UTF-16: in the file as UTF-8) */
	struct qf_str match;	/* the text that matched, as it stands, UTF-8 */
	struct qf_str text;	/* the line without its end, UTF-8, at most 240 bytes around the match */
	bool cut;		/* text is not the whole line */
	uint64_t line_hash;	/* XXH3-64 of the whole line, see qf_line_hash */
	const char *message;	/* hint of the rule, reason of a leftover, what would change; or NULL */
	enum qf_suppression suppression;
	const char *reason;	/* of the allowance; NULL else */
};

/* By path (bytes), line, column, rule, kind. */
int qf_finding_cmp(const void *a, const void *b);

/*
 * A line as the baseline and fingerprints know it: white space (blank, tab, CR, form feed) at both ends gone,
 * runs of it inside one blank. Feed the bytes of a line in pieces of any size.
 */
struct qf_line_hash {
	void *state;		/* XXH3 */
	bool begun, blank;
};
void qf_line_hash_start(struct qf_line_hash *h);
void qf_line_hash_add(struct qf_line_hash *h, const char *p, size_t n);
uint64_t qf_line_hash_end(struct qf_line_hash *h); /* ready for the next start */
void qf_line_hash_release(struct qf_line_hash *h);

/* What is to be told beside findings. */
enum qf_note_kind {
	QF_NOTE_BINARY,	     /* skipped: a NUL byte and no UTF-16 mark */
	QF_NOTE_SPECIAL,     /* skipped: FIFO, socket, device */
	QF_NOTE_SYMLINK,     /* not followed */
	QF_NOTE_MISSING,     /* in the index, not on the disk (deleted, sparse checkout) */
	QF_NOTE_EXCLUDED,    /* by `exclude` of the rules */
	QF_NOTE_SUBMODULE,   /* not checked out */
	QF_NOTE_NESTED,      /* a git repository of its own inside the tree, untracked */
	QF_NOTE_UNREADABLE,  /* could not be read (permission, I/O, changed while it was read): status 65 */
	QF_NOTE_UNPARSABLE,  /* Python that holds an old name and does not parse: status 65 */
	QF_NOTE_STALE,	     /* an allowance or baseline entry that nothing needs, or that has expired */
	QF_NOTE_PLAN,	     /* a word on moves: names that the promoted module lacks, what stands in the way */
};

struct qf_note {
	enum qf_note_kind kind;
	const char *path;	/* from the root; of STALE the file in which the allowance stands */
	unsigned line;		/* 0: none */
	const char *text;	/* one line: the reason, and where it helps the next step */
};

/* Findings and notes with the memory that they point into. Zero-initialise. */
struct qf_result {
	struct qf_finding *findings;
	size_t n, cap;
	struct qf_note *notes;
	size_t n_notes, cap_notes;
	uint64_t files, bytes;	/* text files that were read to the end */
	uint64_t changed_files;	/* that --fix would change or move */
	struct qf_arena arena;
};
/* Both copy the struct; what its pointers name must live in result->arena or longer. */
struct qf_finding *qf_result_add(struct qf_result *r, const struct qf_finding *f);
void qf_result_note(struct qf_result *r, enum qf_note_kind kind, const char *path, unsigned line,
		    const char *fmt, ...) QF_PRINTF(5, 6); /* path and text are copied */
/* Sorts findings and notes (by path, line, kind, text): the same tree gives the same order. */
void qf_result_sort(struct qf_result *r);
void qf_result_release(struct qf_result *r);

#endif
