/* What libgit2 is asked: where the repository is, what is staged. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "tools/align/scan/walk.h"

static const char *git_why(void)
{
	const git_error *e = git_error_last();

	return e && e->message ? e->message : "no reason given";
}

static int git_failed(int code, const char *where, struct qf_err *err)
{
	const char *why = git_why();

	if (code == GIT_EOWNER)
		return qf_err_set(err, QF_E_ACCESS, "%s: the git repository belongs to another user; where you trust it: "
				  "`git config --global --add safe.directory %s`", where, where);
	if (strstr(why, "objectformat") || strstr(why, "sha256"))
		return qf_err_set(err, QF_E_DATA, "%s: a git repository with SHA-256 hashes, which the libgit2 here "
				  "cannot read; `git archive HEAD` gives a copy to look at", where);
	return qf_err_set(err, QF_E_DATA, "%s: the git repository cannot be read: %s", where, why);
}

/*
 * Opens the repository at path, or with no flags one above it too. libgit2 1.5 says ENOTFOUND of one that belongs to
 * another user where no safe.directory is set at all, and only its message tells.
 */
static int open_git(git_repository **git, const char *path, unsigned flags)
{
	int code = git_repository_open_ext(git, path, flags, NULL);

	return code == GIT_ENOTFOUND && strstr(git_why(), "safe.directory") ? GIT_EOWNER : code;
}

/* ---- repositories ---- */

static struct qf_repo *repo_add(struct qf_walk *walk, struct qf_arena *arena, git_repository *git, const char *top)
{
	struct qf_repo *repo = qf_arena_zalloc(arena, sizeof(*repo));

	repo->git = git;
	repo->top = qf_arena_dup_str(arena, qf_str(top)).p;
	repo->prefix = repo->above = "";
	repo->info.up = &repo->user;
	repo->next = walk->repos;
	walk->repos = repo;
	return repo;
}

void qf_ignore_read(const char *file, struct qf_arena *arena, struct qf_ignore *ret)
{
	int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct stat st;
	ssize_t n = 1;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		while ((n = read(fd, qf_buf_room(&text, 16 << 10), 16 << 10)) > 0)
			text.n += (size_t)n;
	close(fd);
	qf_ignore_parse(qf_buf_str(&text), arena, ret);
}

/* What is ignored by this clone, and by this user. */
static void read_excludes(struct qf_repo *repo, struct qf_arena *arena)
{
	const char *config_home = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	QF_AUTO_FREE char *user = NULL, *info = NULL;
	git_buf path = { 0 };
	git_config *config = NULL;

	if (git_repository_item_path(&path, repo->git, GIT_REPOSITORY_ITEM_INFO) == 0)
		info = qf_asprintf("%s/exclude", path.ptr);
	git_buf_dispose(&path);
	path = (git_buf){ 0 };
	if (git_repository_config(&config, repo->git) == 0 && git_config_get_path(&path, config, "core.excludesfile") == 0)
		user = *path.ptr == '/' ? qf_strdup(path.ptr) : qf_asprintf("%s%s", repo->top, path.ptr);
	else if (config_home && *config_home)
		user = qf_asprintf("%s/git/ignore", config_home);
	else if (home)
		user = qf_asprintf("%s/.config/git/ignore", home);
	git_buf_dispose(&path);
	git_config_free(config);
	if (info)
		qf_ignore_read(info, arena, &repo->info);
	if (user)
		qf_ignore_read(user, arena, &repo->user);
}

/* The index that git works with: a hook is given another one while `git commit -a` runs. */
static char *index_file(git_repository *git)
{
	const char *given = getenv("GIT_INDEX_FILE"), *own = git_repository_path(git);
	char real[PATH_MAX];
	git_buf path = { 0 };
	char *ret;

	/* Another repository's does not concern this one. */
	if (given && realpath(given, real) && strncmp(real, own, strlen(own)) == 0)
		return qf_strdup(real);
	if (git_repository_item_path(&path, git, GIT_REPOSITORY_ITEM_INDEX) < 0)
		return qf_asprintf("%sindex", own);
	ret = qf_strdup(path.ptr);
	git_buf_dispose(&path);
	return ret;
}

static int read_index(struct qf_repo *repo, struct qf_arena *arena, struct qf_err *err)
{
	QF_AUTO_FREE char *file = index_file(repo->git);

	if (qf_git_index_read(file, arena, &repo->index, err) < 0)
		return -1;
	repo->seen = qf_arena_zalloc(arena, repo->index.n + 1);
	read_excludes(repo, arena);
	return 0;
}

/* A .git in root or above that is no repository: git would refuse to work here, so files must not look untracked. */
static int check_broken(const char *root, struct qf_err *err)
{
	QF_AUTO_FREE char *at = qf_strdup(root);

	for (char *slash = at + strlen(at); slash; slash = strrchr(at, '/')) {
		QF_AUTO_FREE char *dot = NULL;
		struct stat st;

		*slash = '\0';
		dot = qf_asprintf("%s/.git", at);
		if (lstat(dot, &st) == 0 && (S_ISREG(st.st_mode) || (S_ISDIR(st.st_mode) && st.st_nlink > 2)))
			return qf_err_set(err, QF_E_DATA, "%s: no git repository, though it is named like one; "
					  "`git -C %s status` tells more", dot, *at ? at : "/");
	}
	return 0;
}

static void open_plain(struct qf_files *files, struct qf_walk *walk)
{
	QF_AUTO_FREE char *top = qf_asprintf("%s/", strcmp(walk->root, "/") == 0 ? "" : walk->root);
	struct qf_repo *repo = repo_add(walk, &files->arena, NULL, top);

	repo->seen = qf_arena_zalloc(&files->arena, 1);
}

/* What of the root lies below the top of the work tree: "" or "a/b/"; NULL when it does not. */
static const char *below(const char *root, const char *top)
{
	size_t n = strlen(top);

	if (n && strncmp(root, top, n) == 0)
		return root + n;
	/* top ends in a slash, root does not */
	return n && strncmp(root, top, n - 1) == 0 && strlen(root) == n - 1 ? "" : NULL;
}

int qf_repo_open(struct qf_files *files, struct qf_walk *walk, struct qf_err *err)
{
	git_repository *git = NULL;
	const char *rest = NULL;
	struct qf_repo *repo;
	int code = open_git(&git, walk->root, 0);

	if (code < 0 && code != GIT_ENOTFOUND)
		return git_failed(code, walk->root, err);
	if (code == 0 && !git_repository_is_bare(git))
		rest = below(walk->root, git_repository_workdir(git));
	if (!rest) {
		git_repository_free(git);
		if (code < 0 && check_broken(walk->root, err) < 0)
			return -1;
		open_plain(files, walk);
		return 0;
	}
	files->repository = git;
	files->git = walk->git = true;
	repo = repo_add(walk, &files->arena, git, git_repository_workdir(git));
	if (*rest) {
		struct qf_str above = qf_arena_printf(&files->arena, "%s/", rest);

		repo->above = above.p;
		repo->strip = above.n;
	}
	return read_index(repo, &files->arena, err);
}

static int open_at(struct qf_walk *walk, const char *path, git_repository **git)
{
	QF_AUTO_FREE char *full = qf_asprintf("%s/%s", walk->root, path);

	return open_git(git, full, GIT_REPOSITORY_OPEN_NO_SEARCH);
}

bool qf_repo_there(struct qf_walk *walk, const char *path)
{
	QF_AUTO_FREE char *dot = qf_asprintf("%s/%s/.git", walk->root, path);
	git_repository *git = NULL;
	struct stat st;
	int code;

	pthread_mutex_lock(&walk->git_lock);
	code = open_at(walk, path, &git);
	git_repository_free(git);
	pthread_mutex_unlock(&walk->git_lock);
	if (code == 0 || code == GIT_ENOTFOUND)
		return code == 0;
	/* One that cannot be opened is there all the same; a file .git that leads nowhere is a file. */
	return lstat(dot, &st) == 0 && S_ISDIR(st.st_mode);
}

int qf_repo_open_inner(struct qf_walk *walk, struct qf_arena *arena, const char *path, struct qf_repo **ret,
		       struct qf_err *err)
{
	git_repository *git = NULL;
	struct qf_repo *repo;
	int code = open_at(walk, path, &git);

	if (code == GIT_ENOTFOUND)
		return 1;
	if (code < 0)
		return git_failed(code, path, err);
	repo = repo_add(walk, arena, git, git_repository_workdir(git));
	repo->prefix = qf_arena_printf(arena, "%s/", path).p;
	*ret = repo;
	return read_index(repo, arena, err);
}

void qf_repo_release(struct qf_walk *walk)
{
	for (struct qf_repo *repo = walk->repos; repo; repo = repo->next)
		if (repo->next)
			git_repository_free(repo->git);
	walk->repos = NULL;
}

/* ---- staged ---- */

struct staged {
	struct qf_files *files;
	const struct qf_repo *repo;
	bool (*wanted)(const char *path, const void *ctx);
	const void *ctx;
	const struct qf_globs *exclude;
	struct qf_result *notes;
};

static void staged_entry(struct staged *s, const char *full, uint32_t mode, const git_oid *oid)
{
	const char *path = full + s->repo->strip;
	struct qf_files *files = s->files;

	if (strncmp(full, s->repo->above, s->repo->strip) != 0 || !s->wanted(path, s->ctx))
		return;
	if (mode == GIT_FILEMODE_LINK) {
		qf_result_note(s->notes, QF_NOTE_SYMLINK, path, 0, "a symbolic link, not followed");
	} else if (mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE) {
		if (qf_globs_match(s->exclude, path)) {
			qf_result_note(s->notes, QF_NOTE_EXCLUDED, path, 0, "excluded by the rules");
			return;
		}
		QF_GROW(files->file, files->n, files->cap);
		files->file[files->n] = (struct qf_file){
			.path = qf_arena_dup_str(&files->arena, qf_str(path)).p, .mode = mode, .tracked = true,
		};
		memcpy(files->file[files->n++].oid, oid->id, sizeof(files->file->oid));
	}
}

static int staged_delta(const git_diff_delta *delta, float progress, void *arg)
{
	struct staged *s = arg;

	(void)progress;
	if (delta->status == GIT_DELTA_ADDED || delta->status == GIT_DELTA_MODIFIED ||
	    delta->status == GIT_DELTA_TYPECHANGE)
		staged_entry(s, delta->new_file.path, delta->new_file.mode, &delta->new_file.id);
	return 0;
}

/*
 * Of a conflict ours (2), else theirs (3), else the common one: git commits none of them, but it tells
 * what is there.
 */
static void staged_conflicts(struct staged *s)
{
	const struct qf_git_index *index = &s->repo->index;

	for (size_t i = 0; i < index->n; i++) {
		const struct qf_git_index_entry *e = &index->entry[i], *best = e;
		git_oid oid;

		if (!e->stage)
			continue;
		while (i + 1 < index->n && strcmp(index->entry[i + 1].path, e->path) == 0)
			if (index->entry[++i].stage == 2 || best->stage == 1)
				best = &index->entry[i];
		if (strncmp(e->path, s->repo->above, s->repo->strip) != 0 ||
		    !s->wanted(e->path + s->repo->strip, s->ctx))
			continue;
		memcpy(oid.id, best->oid, sizeof(oid.id));
		staged_entry(s, best->path, best->mode, &oid);
		qf_result_note(s->notes, QF_NOTE_UNREADABLE, e->path + s->repo->strip, 0,
			       "in conflict, so that nothing is staged yet: %s was looked at; resolve and `git add` it",
			       best->stage == 2 ? "our side" : best->stage == 3 ? "their side" : "the common ancestor");
	}
}

static int head_tree(git_repository *git, git_tree **ret)
{
	git_object *tree = NULL;
	git_reference *head = NULL;
	int code = git_repository_head(&head, git);

	*ret = NULL;
	if (code == GIT_EUNBORNBRANCH)
		return 0; /* all that is staged is new */
	if (code == 0)
		code = git_reference_peel(&tree, head, GIT_OBJECT_TREE);
	git_reference_free(head);
	*ret = (git_tree *)tree;
	return code;
}

int qf_repo_staged(struct qf_files *files, struct qf_walk *walk, bool (*wanted)(const char *path, const void *ctx),
		   const void *ctx, const struct qf_globs *exclude, struct qf_result *notes, struct qf_err *err)
{
	struct staged s = { files, walk->repos, wanted, ctx, exclude, notes };
	QF_AUTO_FREE char *file = index_file(s.repo->git);
	git_diff_options opts = GIT_DIFF_OPTIONS_INIT;
	git_index *index = NULL;
	git_tree *head = NULL;
	git_diff *diff = NULL;
	int code = head_tree(s.repo->git, &head);

	opts.flags |= GIT_DIFF_SKIP_BINARY_CHECK | GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_IGNORE_SUBMODULES;
	opts.context_lines = 0;
	if (code == 0)
		code = git_index_open(&index, file);
	if (code == 0)
		code = git_diff_tree_to_index(&diff, s.repo->git, head, index, &opts);
	if (code == 0)
		code = git_diff_foreach(diff, staged_delta, NULL, NULL, NULL, &s);
	git_diff_free(diff);
	git_index_free(index);
	git_tree_free(head);
	if (code < 0)
		return git_failed(code, walk->root, err);
	staged_conflicts(&s);
	return 0;
}

static int commit_entry(const char *folder, const git_tree_entry *e, void *arg)
{
	QF_AUTO_FREE char *path = qf_asprintf("%s%s", folder, git_tree_entry_name(e));

	if (git_tree_entry_type(e) == GIT_OBJECT_BLOB)
		staged_entry(arg, path, git_tree_entry_filemode(e), git_tree_entry_id(e));
	return 0;
}

int qf_repo_commit(struct qf_files *files, struct qf_walk *walk, const char *ref,
		   bool (*wanted)(const char *path, const void *ctx), const void *ctx, const struct qf_globs *exclude,
		   struct qf_result *notes, struct qf_err *err)
{
	struct staged s = { files, walk->repos, wanted, ctx, exclude, notes };
	git_object *named = NULL, *tree = NULL;
	int code = git_revparse_single(&named, s.repo->git, ref);

	if (code == 0)
		code = git_object_peel(&tree, named, GIT_OBJECT_TREE);
	if (code == GIT_ENOTFOUND || code == GIT_EINVALIDSPEC || code == GIT_EPEEL || code == GIT_EAMBIGUOUS) {
		git_object_free(named);
		return qf_err_set(err, QF_E_USAGE, "'%s' names no commit here; 'git log' and 'git tag' tell what there is", ref);
	}
	if (code == 0)
		code = git_tree_walk((git_tree *)tree, GIT_TREEWALK_PRE, commit_entry, &s);
	git_object_free(tree);
	git_object_free(named);
	return code < 0 ? git_failed(code, walk->root, err) : 0;
}
