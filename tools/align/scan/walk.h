/* The parts of the file list: repositories, and the walk through folders. For files*.c alone. */
#ifndef QF_ALIGN_WALK_H
#define QF_ALIGN_WALK_H

#include <git2.h>
#include <pthread.h>

#include "common/base/buf.h"
#include "common/base/buf.h"
#include "tools/align/scan/files.h"
#include "tools/align/scan/ignore.h"
#include "tools/align/scan/index.h"

/* What the walk saw of an entry of the index. */
enum qf_seen {
	QF_SEEN_NOT,	    /* outside of what is asked for, or in a folder that could not be read */
	QF_SEEN_MISSING,    /* asked for and not met so far */
	QF_SEEN_FILE, QF_SEEN_LINK, QF_SEEN_SPECIAL,
	QF_SEEN_REPOSITORY, /* a submodule that is checked out */
};

/* A work tree: the one of the root, or a submodule inside of it. */
struct qf_repo {
	git_repository *git;	/* NULL outside git */
	const char *top;	/* of its work tree, with a slash behind */
	struct qf_ignore info, user; /* patterns of .git/info/exclude and core.excludesFile */
	struct qf_git_index index;	/* empty outside git */
	unsigned char *seen;	/* enum qf_seen for each entry */
	const char *prefix;	/* how the root sees its top: "" or "vendor/lib/" */
	size_t strip;		/* bytes of its paths that lead to the root */
	const char *above;	/* those bytes: "" or "backend/" */
	struct qf_repo *next;
};

/* What one thread of the walk collects. */
struct qf_walker {
	struct qf_walk *walk;
	struct qf_result notes;
	struct qf_file *extra;	/* not in an index, and not ignored */
	size_t n_extra, cap_extra;
	struct qf_arena arena;
	char *entries;		/* for getdents64 */
	uint32_t *slots;	/* names of a folder's tracked children, hashed */
	size_t n_slots;
	struct qf_walk_child *children;
	size_t n_children, cap_children;
	struct qf_buf path;
};

struct qf_walk_folder;

struct qf_walk {
	const char *root;
	int root_fd;
	bool git;
	struct qf_repo *repos;	/* newest first */
	pthread_mutex_t lock;	/* of todo and busy */
	pthread_cond_t more;
	struct qf_walk_folder *todo;
	unsigned busy;
	pthread_mutex_t git_lock; /* of repos, and of libgit2, which does not promise to bear several threads */
	pthread_mutex_t ignore_lock; /* of what follows and of all ->ignore */
	struct qf_arena ignore_arena;
	struct qf_walker *walkers;
	unsigned n;
};

/*
 * Opens the repository that root (a real path) lies in: files->repository and ->git, walk->repos. Outside git there is
 * one without any data. Errors as in qf_files_list.
 */
int qf_repo_open(struct qf_files *files, struct qf_walk *walk, struct qf_err *err) QF_CHECK;
/*
 * One inside, at `path` from the root, into walk->repos; 1 where none is there. The caller holds
 * git_lock where threads run.
 */
int qf_repo_open_inner(struct qf_walk *walk, struct qf_arena *arena, const char *path, struct qf_repo **ret,
		       struct qf_err *err) QF_CHECK;
/* Is there one? Takes git_lock. */
bool qf_repo_there(struct qf_walk *walk, const char *path);
/* Frees all but the first one's git, which is files->repository. */
void qf_repo_release(struct qf_walk *walk);
/*
 * The patterns of a file into ret, which stays empty where there is none (or a link, which git does
 * not follow either).
 */
void qf_ignore_read(const char *file, struct qf_arena *arena, struct qf_ignore *ret);
/* Adds the blobs that differ from HEAD; wanted: a path from the root that is asked for. */
int qf_repo_staged(struct qf_files *files, struct qf_walk *walk,
		   bool (*wanted)(const char *path, const void *ctx), const void *ctx,
		   const struct qf_globs *exclude, struct qf_result *notes, struct qf_err *err) QF_CHECK;

/* Adds all blobs of a commit. Submodules are left out. */
int qf_repo_commit(struct qf_files *files, struct qf_walk *walk, const char *ref,
		   bool (*wanted)(const char *path, const void *ctx), const void *ctx, const struct qf_globs *exclude,
		   struct qf_result *notes, struct qf_err *err) QF_CHECK;

/* A folder to begin with; path from the root, "" for the root itself. Its tracked files count as missing until they are met. */
void qf_walk_add(struct qf_walk *walk, struct qf_repo *repo, const char *path);
/* Walks through all that was added and what is below. */
void qf_walk_run(struct qf_walk *walk);

/*
 * openat without any symbolic link on the way and never out of `dir`. -1 with errno; ELOOP where a link stands,
 * also where path has a ".." in it.
 */
int qf_open_beneath(int dir, const char *path, int flags);

#endif
