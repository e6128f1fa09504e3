/* What --fix would do to the tree, as one plan: shown as a diff, written all or nothing, undone exactly. */
#ifndef QF_ALIGN_CHANGE_H
#define QF_ALIGN_CHANGE_H

#include "tools/align/rewrite/rewrite.h"
#include "tools/align/scan/files.h"

struct qf_change {
	const char *path;	/* from the root */
	const char *to;		/* where the file goes, or NULL: it stays */
	uint32_t mode;		/* st_mode of the file */
	struct qf_str before, after; /* whole contents; equal for a mere move */
	const char *rule;
};

struct qf_changes {
	struct qf_change *change; /* sorted by path */
	size_t n, cap;
	struct qf_arena arena;
};
void qf_changes_release(struct qf_changes *c);

/*
 * Plans all that the rules ask for: moves (with the warning, renames and aliases of theirs), rewrites of
 * candidates until nothing new is derived (a re-exported name that changes is followed by its own importers),
 * words in documents. Adds to result: PENDING findings (one a changed line, one a move), LEFTOVER findings with
 * allowances applied, UNPARSABLE, UNREADABLE and PLAN notes. *refused: something stands in the way (the target of
 * a move exists, a promoted module lacks a name): nothing may be written. A move whose source is gone and whose
 * target is there has been done. Errors: QF_E_SIGINT, QF_E_SIGTERM, QF_E_CONFIG.
 */
int qf_changes_plan(const struct qf_files *files, const bool *candidate, struct qf_rules *rules, struct qf_changes *ret,
		    bool *refused, struct qf_result *result, struct qf_err *err) QF_CHECK;

/* The word replacements of the rules in one document; edits and leftovers as in a rewrite. */
void qf_document_edits(const struct qf_rules *rules, const struct qf_document *doc,
		       const char *path, struct qf_str text, struct qf_rewrite_out *out);

/*
 * A unified diff that `git apply` takes (names quoted as git does, renames with their index lines, no last newline
 * marked).
 */
void qf_changes_diff(const struct qf_changes *c, bool colour, struct qf_buf *out);

struct qf_write_opts {
	const char *root;
	bool git;		/* moves are made in git's index too */
	void *repository;	/* git_repository *; NULL without */
};

/*
 * Writes all: originals into a journal under the state folder ($XDG_STATE_HOME/fortress/align/<hash of root>),
 * then every file by a temporary neighbour, fsync and rename, modes kept. Before the first rename each file is
 * compared with `before`: one that has changed since ends the run with nothing written. A failure in the middle is
 * rolled back. Errors: QF_E_TEMP (an earlier run was cut: `fortress align undo`; or a file changed), QF_E_CREATE
 * (something stands there; read-only), QF_E_IO, QF_E_ACCESS.
 */
int qf_changes_write(const struct qf_changes *c, const struct qf_write_opts *opts, struct qf_err *err) QF_CHECK;

/*
 * Restores what the last write (finished or cut) of this root changed, to the byte and mode, files and index.
 * Where a file was changed since, nothing is done and it is named (QF_E_TEMP). *n: files restored; 0 and success
 * never: nothing to undo is QF_E_NOINPUT.
 */
int qf_changes_undo(const struct qf_write_opts *opts, size_t *n, struct qf_err *err) QF_CHECK;
/* Was a write of this root cut? */
bool qf_changes_cut(const char *root);

#endif
