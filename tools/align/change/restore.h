/* The tree back to what a journal says it was: for undo, and for a write that fails in the middle. */
#ifndef QF_ALIGN_CHANGE_RESTORE_H
#define QF_ALIGN_CHANGE_RESTORE_H

#include "tools/align/change/index.h"

/* Removes the temporary neighbours that the run may have left. */
void qf_restore_clean(const struct qf_store *s, const struct qf_journal *j);
/*
 * Is every path as it was before or as the run left it? Else QF_E_TEMP, which names those that are not. Changes
 * nothing.
 */
int qf_restore_check(const struct qf_store *s, const struct qf_journal *j, struct qf_err *err) QF_CHECK;
/*
 * Brings all paths, made folders and (index not NULL) git's index back. May be run again where it failed or was
 * cut.
 */
int qf_restore_do(const struct qf_store *s, const struct qf_journal *j, struct qf_index *index,
		  struct qf_err *err) QF_CHECK;

/* All folders in which the run changed something, onto the disk. */
int qf_restore_sync(const struct qf_store *s, const struct qf_journal *j, struct qf_err *err) QF_CHECK;

#endif
