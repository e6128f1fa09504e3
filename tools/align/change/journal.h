/*
 * What a write of align is about to do, kept in the state folder until ten later ones are done: enough to bring
 * back every byte. $XDG_STATE_HOME/fortress/align/<16 hex digits: XXH3 of the root's real path>/ holds `lock` and
 * one file a run: NNNNNNNN.open while the tree is neither before nor after (or nobody knows), NNNNNNNN.done from
 * then on.
 */
#ifndef QF_ALIGN_CHANGE_JOURNAL_H
#define QF_ALIGN_CHANGE_JOURNAL_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"

struct qf_hash {
	uint64_t low, high;	/* XXH3-128 */
};
struct qf_hash qf_hash_of(struct qf_str content);
static inline bool qf_hash_eq(struct qf_hash a, struct qf_hash b)
{
	return a.low == b.low && a.high == b.high;
}

/* One path before and after. A move is two of them, so that chains of moves are nothing special. */
struct qf_past {
	const char *path;
	bool was, is;		/* a file stood there before; stands there after */
	struct qf_str before;	/* of a file that was */
	struct qf_hash after;	/* of a file that is */
	uint32_t mode, uid, gid; /* of the file that was */
	const char *twin;	/* where the same file is after a move, or NULL */
};

/* One move in git's index; paths from the top of the work tree. */
struct qf_staged {
	const char *from, *to;
	uint32_t mode, flags, flags_extended; /* of the entry that was, as libgit2 has them */
	unsigned char before[20], after[20];  /* blobs */
};

struct qf_journal {
	uint64_t number;	/* of the run, from 1 */
	uint64_t pid;		/* names the temporary neighbours */
	const char *root;
	struct qf_past *past;
	size_t n, cap;
	const char **folders;	/* that were made, outer ones first */
	size_t n_folders, cap_folders;
	struct qf_staged *staged;
	size_t n_staged, cap_staged;
	struct qf_arena arena;	/* what is read; of a journal that is made, what its owner puts there */
};
void qf_journal_release(struct qf_journal *j);
/* By path; then qf_journal_find gives the index of a path that is in it. */
void qf_journal_sort(struct qf_journal *j);
size_t qf_journal_find(const struct qf_journal *j, const char *path);

/*
 * The name of the temporary neighbour of the i-th path: short, so that it fits wherever the path's own name does.
 */
struct qf_temp_name {
	char text[64];
};
struct qf_temp_name qf_journal_temp(const struct qf_journal *j, size_t i);

struct qf_store {
	char *root, *path;	/* real path of the root; the state folder's */
	int root_fd, fd, lock;
};

/*
 * Opens the state folder of a root and takes its lock; make: creates it. Errors: QF_E_NOINPUT (no such root; no
 * such folder and not make), QF_E_TEMP (another align writes there), QF_E_CONFIG (neither XDG_STATE_HOME nor
 * HOME), QF_E_ACCESS, QF_E_CREATE, QF_E_IO. Close in any case.
 */
int qf_store_open(const char *root, bool make, struct qf_store *ret, struct qf_err *err) QF_CHECK;
void qf_store_close(struct qf_store *s);

/* The newest run: its number, 0 for none, and whether it was cut (or is not ended). */
uint64_t qf_store_newest(const struct qf_store *s, bool *open);
/* Both onto the disk before they return. Write makes NNNNNNNN.open. */
int qf_store_write(const struct qf_store *s, const struct qf_journal *j, struct qf_err *err) QF_CHECK;
int qf_store_read(const struct qf_store *s, uint64_t number, bool open, struct qf_journal *ret,
		  struct qf_err *err) QF_CHECK;
/* .open to .done, or back. */
int qf_store_mark(const struct qf_store *s, uint64_t number, bool open, struct qf_err *err) QF_CHECK;
/* Forgets a run that is open. */
int qf_store_forget(const struct qf_store *s, uint64_t number, struct qf_err *err) QF_CHECK;
/* Removes what is older than the last ten runs. */
void qf_store_prune(const struct qf_store *s);

#endif
