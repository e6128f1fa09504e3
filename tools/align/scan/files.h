/*
 * Which files align looks at. In a git work tree: what the index holds plus what is neither tracked nor ignored (a
 * tracked file is never ignored), submodules likewise by their own index. Elsewhere: a walk that honours .gitignore.
 * Symbolic links are not followed, .git is never entered.
 */
#ifndef QF_ALIGN_FILES_H
#define QF_ALIGN_FILES_H

#include "tools/align/rules/rules.h"

struct qf_file {
	const char *path;	/* from the root */
	uint32_t mode;		/* of the index; 0 where unknown */
	unsigned char oid[20];	/* with `staged` or `ref`: the blob */
	bool tracked;
};

struct qf_files {
	struct qf_file *file;	/* sorted by path (bytes), each once */
	size_t n, cap;
	bool git;		/* the root lies in a git work tree */
	bool staged;		/* contents are git's blobs, not the files on the disk */
	bool whole;		/* all files of the tree, not only those that were named */
	char *root;
	void *repository;	/* git_repository *, or NULL */
	struct qf_arena arena;
};

struct qf_files_opts {
	const char *root;	/* absolute */
	const char *const *paths; /* files and folders to keep to, relative to the current folder or absolute; n 0: all.
				     A named file is taken even where it is ignored. */
	size_t n_paths;
	bool staged;		/* the index's blobs, not the work tree; only what differs from HEAD */
	const char *ref;	/* the files of this commit (a branch, a tag, a hash ..) in their place; NULL else */
	const struct qf_globs *exclude;
};

/*
 * Lists the files; what is left out goes to the notes (symlinks, special files, missing, excluded,
 * submodules that are not checked out). Errors: QF_E_NOINPUT (a named path is not there or lies
 * outside the root), QF_E_USAGE (staged or ref outside git, no such commit), QF_E_DATA (an index that
 * cannot be read), QF_E_ACCESS. Folders that cannot be read are UNREADABLE notes.
 */
int qf_files_list(const struct qf_files_opts *opts, struct qf_files *ret, struct qf_result *notes,
		  struct qf_err *err) QF_CHECK;
void qf_files_release(struct qf_files *f);

/*
 * The whole of one file (its blob when staged). Never follows a link at the end of the path. Errors: QF_E_NOINPUT,
 * QF_E_ACCESS, QF_E_IO, QF_E_DATA (it changed while it was read: size or time differ). mode: st_mode, may be NULL.
 */
int qf_file_read(const struct qf_files *files, const char *path, struct qf_buf *ret, uint32_t *mode,
		 struct qf_err *err) QF_CHECK;

#endif
