/* The list of files: what is asked for, the walk, and both put together in order. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "tools/align/scan/threads.h"
#include "tools/align/scan/walk.h"

/* The named paths as the root sees them: "" is the root itself. Sorted. */
struct named {
	char **path;
	size_t n;
};

static void named_release(struct named *named)
{
	for (size_t i = 0; i < named->n; i++)
		free(named->path[i]);
	free(named->path);
}

/* ---- named paths ---- */

/*
 * The path from the root, with all folders on the way as they really are, but a link at the end as a link. Empty parts,
 * "." and ".." at the end belong to the folder.
 */
static int name_one(const char *root, const char *given, char **ret, struct qf_err *err)
{
	QF_AUTO_FREE char *folder = qf_strdup(given);
	size_t n = strlen(folder), root_n = strlen(root);
	QF_AUTO_FREE char *full = NULL;
	const char *last;
	char real[PATH_MAX];
	char *slash;

	while (n > 1 && folder[n - 1] == '/')
		folder[--n] = '\0';
	slash = strrchr(folder, '/');
	last = slash ? slash + 1 : folder;
	if (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
		if (!*folder || !realpath(folder, real))
			return qf_err_errno(err, QF_E_NOINPUT, *folder ? errno : ENOENT, "'%s'", given);
		full = qf_strdup(real);
	} else {
		if (slash)
			*slash = '\0';
		if (!realpath(!slash ? "." : *folder ? folder : "/", real))
			return qf_err_errno(err, errno == EACCES ? QF_E_ACCESS : QF_E_NOINPUT, errno, "'%s'", given);
		full = qf_asprintf("%s/%s", strcmp(real, "/") == 0 ? "" : real, last);
	}
	if (strcmp(root, "/") == 0)
		*ret = qf_strdup(full + 1);
	else if (strncmp(full, root, root_n) == 0 && (full[root_n] == '/' || !full[root_n]))
		*ret = qf_strdup(full + root_n + (full[root_n] == '/'));
	else
		return qf_err_set(err, QF_E_NOINPUT, "'%s' lies outside of %s, the folder that the rules are for", given, root);
	for (const char *part = *ret; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL) {
		if (strncmp(part, ".git", 4) == 0 && (!part[4] || part[4] == '/')) {
			qf_err_set(err, QF_E_NOINPUT, "'%s' is git's own, where nothing is looked at", given);
			free(*ret);
			return -1;
		}
	}
	return 0;
}

static int cmp_string(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int name_all(const struct qf_files_opts *opts, const char *root, struct named *named, struct qf_err *err)
{
	named->path = qf_calloc(opts->n_paths + 1, sizeof(*named->path));
	for (; named->n < opts->n_paths; named->n++)
		if (name_one(root, opts->paths[named->n], &named->path[named->n], err) < 0)
			return -1;
	qsort(named->path, named->n, sizeof(*named->path), cmp_string);
	return 0;
}

/* Is path the folder or below it? */
static bool is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return !n || (strncmp(path, folder, n) == 0 && (!path[n] || path[n] == '/'));
}

static bool is_wanted(const char *path, const void *ctx)
{
	const struct named *named = ctx;

	for (size_t i = 0; i < named->n; i++)
		if (is_below(path, named->path[i]))
			return true;
	return !named->n;
}

/* ---- the walk, by what is named ---- */

/* The repository that the folder lies in: submodules on the way are opened. */
static int repo_of(struct qf_walk *walk, const char *path, struct qf_repo **ret, struct qf_err *err)
{
	struct qf_repo *repo = walk->repos;

	while (repo->next)
		repo = repo->next;
	for (const char *at = path, *end; *at; at = *end ? end + 1 : end) {
		QF_AUTO_FREE char *part = qf_strndup(path, (size_t)((end = strchrnul(at, '/')) - path));
		QF_AUTO_FREE char *key = NULL;
		size_t i;

		if (strlen(part) < strlen(repo->prefix))
			continue;
		key = qf_asprintf("%s%s", repo->above, part + strlen(repo->prefix));
		i = qf_git_index_find(&repo->index, 0, key, strlen(key));
		if (i < repo->index.n && strcmp(repo->index.entry[i].path, key) == 0 &&
		    repo->index.entry[i].mode == GIT_FILEMODE_COMMIT) {
			struct qf_repo *inner;
			int rc = qf_repo_open_inner(walk, &walk->walkers[0].arena, part, &inner, err);

			if (rc < 0)
				return -1;
			if (rc == 0)
				repo = inner;
		}
	}
	*ret = repo;
	return 0;
}

static int missing(const struct qf_walk *walk, const char *path, int number, struct qf_err *err)
{
	return qf_err_errno(err, number == EACCES ? QF_E_ACCESS : QF_E_NOINPUT, number, "'%s' in %s", path, walk->root);
}

static int start_at(struct qf_walk *walk, const struct named *named, struct qf_err *err)
{
	struct qf_walker *w = &walk->walkers[0];
	const char *folder = NULL; /* the last one that is walked; what lies below it comes with it */

	for (size_t i = 0; i < named->n; i++) {
		const char *path = named->path[i];
		bool covered = folder && is_below(path, folder);
		struct qf_repo *repo;
		struct stat st;

		if (fstatat(walk->root_fd, *path ? path : ".", &st, AT_SYMLINK_NOFOLLOW) < 0)
			return missing(walk, path, errno, err);
		if (S_ISREG(st.st_mode)) {
			QF_GROW(w->extra, w->n_extra, w->cap_extra);
			w->extra[w->n_extra++] = (struct qf_file){
				.path = qf_arena_dup_str(&w->arena, qf_str(path)).p,
			};
		} else if (covered) {
			continue;
		} else if (S_ISDIR(st.st_mode)) {
			if (repo_of(walk, path, &repo, err) < 0)
				return -1;
			qf_walk_add(walk, repo, path);
			folder = path;
		} else if (S_ISLNK(st.st_mode)) {
			qf_result_note(&w->notes, QF_NOTE_SYMLINK, path, 0, "a symbolic link, not followed");
		} else {
			qf_result_note(&w->notes, QF_NOTE_SPECIAL, path, 0, "no plain file");
		}
	}
	return 0;
}

/* ---- putting together ---- */

static void add_file(struct qf_files *files, const struct qf_file *file, const struct qf_globs *exclude,
		     struct qf_result *notes)
{
	if (qf_globs_match(exclude, file->path)) {
		qf_result_note(notes, QF_NOTE_EXCLUDED, file->path, 0, "excluded by the rules");
		return;
	}
	QF_GROW(files->file, files->n, files->cap);
	files->file[files->n++] = *file;
}

/* One entry of the index, by what the walk saw. */
static void add_entry(struct qf_files *files, const struct qf_repo *repo, size_t i, const struct qf_globs *exclude,
		      struct qf_result *notes)
{
	const struct qf_git_index_entry *e = &repo->index.entry[i];
	const char *path = e->path + repo->strip;

	if (repo->seen[i] == QF_SEEN_NOT || repo->seen[i] == QF_SEEN_REPOSITORY)
		return;
	if (*repo->prefix)
		path = qf_arena_printf(&files->arena, "%s%s", repo->prefix, path).p;
	if (repo->seen[i] == QF_SEEN_FILE) {
		struct qf_file file = { .path = path, .mode = e->mode, .tracked = true };

		memcpy(file.oid, e->oid, sizeof(file.oid));
		add_file(files, &file, exclude, notes);
	} else if (e->mode == GIT_FILEMODE_COMMIT) {
		qf_result_note(notes, QF_NOTE_SUBMODULE, path, 0,
			       "a submodule that is not checked out; `git submodule update --init` brings it");
	} else if (repo->seen[i] == QF_SEEN_LINK) {
		qf_result_note(notes, QF_NOTE_SYMLINK, path, 0, "a symbolic link, not followed");
	} else if (repo->seen[i] == QF_SEEN_SPECIAL) {
		qf_result_note(notes, QF_NOTE_SPECIAL, path, 0, "no plain file, though git tracks one of this name");
	} else {
		qf_result_note(notes, QF_NOTE_MISSING, path, 0, e->skip ? "left out by the sparse checkout" :
			       "in git's index, not on the disk");
	}
}

static int cmp_file(const void *a, const void *b)
{
	const struct qf_file *x = a, *y = b;
	int d = strcmp(x->path, y->path);

	return d ? d : y->tracked - x->tracked;
}

static void add_index(struct qf_files *files, const struct qf_repo *repo, const struct qf_globs *exclude,
		      struct qf_result *notes)
{
	const struct qf_git_index *index = &repo->index;

	for (size_t i = 0; i < index->n; i++)
		if (!i || !index->entry[i].stage || strcmp(index->entry[i].path, index->entry[i - 1].path) != 0)
			add_entry(files, repo, i, exclude, notes);
}

/* What is tracked comes in order, so that only a list with other things in it is sorted. */
static void put_together(struct qf_files *files, struct qf_walk *walk, const struct qf_globs *exclude,
			 struct qf_result *notes)
{
	size_t kept = 0;
	bool sorted = true;

	for (const struct qf_repo *repo = walk->repos; repo; repo = repo->next)
		add_index(files, repo, exclude, notes);
	for (unsigned i = 0; i < walk->n; i++)
		for (size_t k = 0; k < walk->walkers[i].n_extra; k++)
			add_file(files, &walk->walkers[i].extra[k], exclude, notes);
	for (size_t i = 1; i < files->n && sorted; i++)
		sorted = strcmp(files->file[i - 1].path, files->file[i].path) < 0;
	if (sorted)
		return;
	qsort(files->file, files->n, sizeof(*files->file), cmp_file);
	for (size_t i = 0; i < files->n; i++)
		if (!kept || strcmp(files->file[kept - 1].path, files->file[i].path) != 0)
			files->file[kept++] = files->file[i];
	files->n = kept;
}

/* ---- all of it ---- */

static void walk_init(struct qf_walk *walk, const char *root, unsigned n)
{
	walk->root = root;
	walk->n = n;
	walk->walkers = qf_calloc(n, sizeof(*walk->walkers));
	for (unsigned i = 0; i < n; i++)
		walk->walkers[i].walk = walk;
	pthread_mutex_init(&walk->lock, NULL);
	pthread_mutex_init(&walk->git_lock, NULL);
	pthread_mutex_init(&walk->ignore_lock, NULL);
	pthread_cond_init(&walk->more, NULL);
}

/* Notes and memory go where they outlive the walk. */
static void walk_release(struct qf_walk *walk, struct qf_files *files, struct qf_result *notes)
{
	qf_repo_release(walk);
	for (unsigned i = 0; i < walk->n; i++) {
		struct qf_walker *w = &walk->walkers[i];

		for (size_t k = 0; k < w->notes.n_notes; k++) {
			QF_GROW(notes->notes, notes->n_notes, notes->cap_notes);
			notes->notes[notes->n_notes++] = w->notes.notes[k];
		}
		qf_arena_merge(&notes->arena, &w->notes.arena);
		qf_result_release(&w->notes);
		qf_arena_merge(&files->arena, &w->arena);
		free(w->extra);
	}
	free(walk->walkers);
	if (walk->root_fd >= 0)
		close(walk->root_fd);
	pthread_mutex_destroy(&walk->lock);
	pthread_mutex_destroy(&walk->git_lock);
	pthread_mutex_destroy(&walk->ignore_lock);
	qf_arena_release(&walk->ignore_arena);
	pthread_cond_destroy(&walk->more);
}

static int list(const struct qf_files_opts *opts, struct qf_files *files, struct qf_walk *walk, struct named *named,
		struct qf_result *notes, struct qf_err *err)
{
	if (name_all(opts, files->root, named, err) < 0 || qf_repo_open(files, walk, err) < 0)
		return -1;
	if (files->staged && !files->git)
		return qf_err_set(err, QF_E_USAGE, "%s is not in a git work tree, so that %s", files->root,
				  opts->ref ? "it has no commits" : "nothing can be staged");
	if (files->staged) {
		if ((opts->ref ? qf_repo_commit(files, walk, opts->ref, is_wanted, named, opts->exclude, notes, err) :
				 qf_repo_staged(files, walk, is_wanted, named, opts->exclude, notes, err)) < 0)
			return -1;
		if (files->n)
			qsort(files->file, files->n, sizeof(*files->file), cmp_file);
		return 0;
	}
	walk->root_fd = open(files->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (walk->root_fd < 0)
		return qf_err_errno(err, QF_E_ACCESS, errno, "%s", files->root);
	if (!named->n)
		qf_walk_add(walk, walk->repos, "");
	else if (start_at(walk, named, err) < 0)
		return -1;
	qf_walk_run(walk);
	put_together(files, walk, opts->exclude, notes);
	return 0;
}

int qf_files_list(const struct qf_files_opts *opts, struct qf_files *ret, struct qf_result *notes, struct qf_err *err)
{
	struct qf_walk walk = { .root_fd = -1 };
	struct named named = { 0 };
	char real[PATH_MAX];
	int rc;

	*ret = (struct qf_files){ .staged = opts->staged || opts->ref };
	if (!realpath(opts->root, real))
		return qf_err_errno(err, errno == EACCES ? QF_E_ACCESS : QF_E_NOINPUT, errno, "%s", opts->root);
	git_libgit2_init();
	ret->root = qf_strdup(real);
	walk_init(&walk, ret->root, qf_threads_count());
	rc = list(opts, ret, &walk, &named, notes, err);
	ret->whole = !opts->staged && (!named.n || !*named.path[0]);
	walk_release(&walk, ret, notes);
	named_release(&named);
	if (rc < 0)
		qf_files_release(ret);
	return rc;
}

void qf_files_release(struct qf_files *f)
{
	if (f->root) {
		git_repository_free(f->repository);
		git_libgit2_shutdown();
	}
	free(f->file);
	free(f->root);
	qf_arena_release(&f->arena);
	*f = (struct qf_files){ 0 };
}
