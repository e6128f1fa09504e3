/*
 * git's index file, read without copies. libgit2 hashes all of it at every opening and allocates each entry,
 * which for 26,000 files takes as long as the whole search; git itself has not checked that hash since 2.15 either.
 * Format: gitformat-index(5), versions 2 to 4, SHA-1.
 */
#ifndef QF_ALIGN_GIT_INDEX_H
#define QF_ALIGN_GIT_INDEX_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"

struct qf_git_index_entry {
	const char *path; /* from the top of the work tree */
	const unsigned char *oid; /* 20 bytes */
	uint32_t n;	  /* bytes of path */
	uint32_t mode;
	uint8_t stage;	  /* 1 to 3: in conflict */
	bool skip;	  /* not wanted on the disk (sparse checkout) */
};

struct qf_git_index {
	struct qf_git_index_entry *entry; /* by path (bytes), then stage */
	size_t n;
};

/*
 * A file that is not there is an empty index. All memory is the arena's. Errors: QF_E_DATA (damaged, or of a
 * kind that is not known: split, sparse folders; the message has the command that turns it into a
 * plain one), QF_E_ACCESS, QF_E_IO.
 */
int qf_git_index_read(const char *file, struct qf_arena *arena, struct qf_git_index *ret, struct qf_err *err) QF_CHECK;
/* The same from memory, which must stay as long as the index; file: for messages. */
int qf_git_index_parse(const char *file, struct qf_str bytes, struct qf_arena *arena, struct qf_git_index *ret,
		   struct qf_err *err) QF_CHECK;

/* The first entry from `lo` on whose path is not below `key` in the order of bytes; ->n where there is none. */
size_t qf_git_index_find(const struct qf_git_index *index, size_t lo, const char *key, size_t n);

/* First entry behind `lo` (below `hi`) that does not start with the n bytes of the entry at lo. */
size_t qf_git_index_skip(const struct qf_git_index *index, size_t lo, size_t hi, size_t n);

#endif
