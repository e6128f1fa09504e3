/* Trees of files and git repositories in temporary folders, for the tests of align. */
#ifndef QF_TESTS_TREE_KIT_H
#define QF_TESTS_TREE_KIT_H

#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/unit.h"

/* libgit2 1.5 does not free what a regular expression needed that did not match, at each opening of a repository. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2-8";
}

/* A new folder, to be freed with its content by tree_remove. */
static inline __attribute__((returns_nonnull)) char *tree_new(void)
{
	char *path = qf_strdup("/tmp/qf-tree-XXXXXX");

	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void tree_remove(char *dir)
{
	nftw(dir, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

/* dir/name with these bytes; folders on the way are made. */
static inline void tree_put(const char *dir, const char *name, const void *p, size_t n)
{
	QF_AUTO_FREE char *path = qf_asprintf("%s/%s", dir, name);
	FILE *f;

	for (char *slash = path + strlen(dir) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(p, 1, n, f), n);
	fclose(f);
}

static inline void tree_text(const char *dir, const char *name, const char *text)
{
	tree_put(dir, name, text, strlen(text));
}

/* Runs a program there, quietly, without the settings of this user; its exit status. */
static inline int tree_run(const char *dir, const char *const *args)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
		setenv("GIT_CONFIG_SYSTEM", "/dev/null", 1);
		setenv("GIT_AUTHOR_NAME", "a", 1);
		setenv("GIT_AUTHOR_EMAIL", "a@example.org", 1);
		setenv("GIT_COMMITTER_NAME", "a", 1);
		setenv("GIT_COMMITTER_EMAIL", "a@example.org", 1);
		unsetenv("GIT_DIR");
		unsetenv("GIT_INDEX_FILE");
		if (chdir(dir) == 0)
			execvp(args[0], (char *const *)(uintptr_t)args);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* tree_git(dir, "add", "."): must succeed. */
#define tree_git(dir, ...) \
	ck_assert_int_eq(tree_run((dir), (const char *const[]){ "git", "-c", "init.defaultBranch=main", "-c", \
								"protocol.file.allow=always", __VA_ARGS__, NULL }), 0)

#endif
