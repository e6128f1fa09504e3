/*
 * Moves in git's index, under its own lock: what git would do for `git mv`, but with the new content. The lock
 * file is made as a hard link of a file of ours (<index>.align-<hash of root>), so that one that a cut run has
 * left is told apart from another program's.
 */
#ifndef QF_ALIGN_CHANGE_INDEX_H
#define QF_ALIGN_CHANGE_INDEX_H

#include "tools/align/change/change.h"
#include "tools/align/change/journal.h"

struct qf_index {
	void *repository;	/* git_repository *; ours where `ours` is set */
	bool ours;
	char *path;		/* of the index */
	char *mark, *draft;	/* our own files beside it */
	bool locked;
	bool changed;		/* the lock file holds an index that differs */
};

/*
 * Zero-initialise. Opens the repository around the store's root where repository is NULL. Error: QF_E_IO. Close in
 * any case.
 */
int qf_index_open(const struct qf_store *s, void *repository, struct qf_index *ret, struct qf_err *err) QF_CHECK;
void qf_index_close(struct qf_index *x); /* a lock that is still held is given back, nothing changed */

/*
 * Fills j->staged: the moves whose source the index holds, with the blobs of what they become written to the
 * repository. Errors: QF_E_TEMP (unmerged), QF_E_CREATE (the index holds the target), QF_E_IO.
 */
int qf_index_plan(struct qf_index *x, const struct qf_store *s, const struct qf_changes *c, struct qf_journal *j,
		  struct qf_err *err) QF_CHECK;
/*
 * Takes the lock and puts into it the index with the moves made or, back, undone (those that are not as we left
 * them are warned of and stay). Errors: QF_E_TEMP (locked by another program, or changed since), QF_E_IO.
 */
int qf_index_prepare(struct qf_index *x, const struct qf_journal *j, bool back, struct qf_err *err) QF_CHECK;
/* What was prepared becomes the index. */
int qf_index_commit(struct qf_index *x, struct qf_err *err) QF_CHECK;
/* Removes the lock that a cut run of ours has left, and no other. */
void qf_index_recover(struct qf_index *x);

#endif
