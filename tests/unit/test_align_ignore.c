/* What git ignores and what its index holds, against git itself; damaged indexes. */
#include "tests/unit/tree_kit.h"
#include "tools/align/scan/files.h"
#include "tools/align/scan/index.h"

/* All paths of the tree, each with a NUL behind. */
static void list(const char *dir, struct qf_buf *out)
{
	struct qf_files_opts opts = { .root = dir };
	struct qf_result notes = { 0 };
	struct qf_files files;
	struct qf_err err;

	ck_assert_msg(qf_files_list(&opts, &files, &notes, &err) == 0, "%s", err.msg);
	qf_buf_reset(out);
	for (size_t i = 0; i < files.n; i++)
		qf_buf_add(out, files.file[i].path, strlen(files.file[i].path) + 1);
	qf_files_release(&files);
	qf_result_release(&notes);
}

/* The same by git, with the flags given to git ls-files. */
static void list_by_git(const char *dir, const char *flags, struct qf_buf *out)
{
	QF_AUTO_FREE char *file = qf_asprintf("%s.list", dir);
	QF_AUTO_FREE char *command = qf_asprintf("git ls-files -z %s --exclude-standard | LC_ALL=C sort -z >'%s'", flags, file);
	int fd;

	ck_assert_int_eq(tree_run(dir, (const char *const[]){ "sh", "-c", command, NULL }), 0);
	fd = open(file, O_RDONLY);
	qf_buf_reset(out);
	unit_slurp(fd, out);
	close(fd);
	remove(file);
}

static void commit_all(const char *dir)
{
	tree_git(dir, "add", "-f", "-A");
	tree_git(dir, "commit", "-q", "-m", "x", "--no-verify");
}

/* Cut and changed index files end in an error or in a list, never elsewhere. */
START_TEST(damaged_index)
{
	QF_AUTO_BUF struct qf_buf whole = { 0 };
	char *dir = tree_new();
	uint64_t seed = 5;

	tree_git(dir, "init", "-q");
	for (int i = 0; i < 20; i++) {
		QF_AUTO_FREE char *name = qf_asprintf("folder/%d/name%d", i % 3, i);

		tree_text(dir, name, "");
	}
	commit_all(dir);
	for (int version = 2; version <= 4; version += 2) {
		QF_AUTO_FREE char *file = qf_asprintf("%s/.git/index", dir), *number = qf_asprintf("%d", version);
		struct qf_git_index index;
		struct qf_err err;
		int fd;

		tree_git(dir, "update-index", "--index-version", number);
		fd = open(file, O_RDONLY);
		qf_buf_reset(&whole);
		unit_slurp(fd, &whole);
		close(fd);
		for (int round = 0; round < 4000; round++) {
			QF_AUTO_ARENA struct qf_arena arena = { 0 };
			QF_AUTO_FREE char *copy = qf_malloc(whole.n);
			size_t n = round % 2 ? whole.n : unit_random(&seed) % whole.n;

			memcpy(copy, whole.p, n);
			for (unsigned i = 0; round % 2 && i < 3; i++)
				copy[unit_random(&seed) % n] = (char)unit_random(&seed);
			if (qf_git_index_parse("index", (struct qf_str){ copy, n }, &arena, &index, &err) == 0)
				for (size_t i = 0; i < index.n; i++)
					ck_assert_uint_eq(strlen(index.entry[i].path), index.entry[i].n);
			else
				ck_assert_int_eq(err.code, QF_E_DATA);
		}
		{
			QF_AUTO_ARENA struct qf_arena arena = { 0 };

			ck_assert_int_eq(qf_git_index_parse("index", qf_buf_str(&whole), &arena, &index, &err), 0);
			ck_assert_uint_eq(index.n, 20);
			ck_assert_str_eq(index.entry[0].path, "folder/0/name0");
		}
	}
	tree_remove(dir);
}
END_TEST

/* Random trees with random patterns: the same files as git lists, and the same without git. */
static const char *const names[] = { "a", "b", "c.py", "d.txt", "build", "foo", "foo.o", ".hid", "x y", "ab" };
static const char *const patterns[] = {
	"a",	   "b",	     "*.py",   "build/", "/foo",    "foo/",	 "!foo", "!*.py",   "**/b", "b/**",
	"a/b",	   "a/**/c.py", "!/a/b/", "*",	 "!*/",	    ".*",	 "fo?",	 "[ab]",    "[!a]b", "#x",
	"x\\ y ", "foo ",    "/a/*",   "**",	 "d.*",	    "!build/",	 "/*",	 "build/*", "!build/a", "[[:alpha:]]",
	"",	   "*b/",    "/**/foo", "\\!a", "foo.[a-z]", "x*y",	 "***",	 "a**",
};

/* A file at a random place, where that is possible; its path. */
static void random_file(const char *dir, uint64_t *seed, struct qf_buf *path)
{
	struct stat st;

	for (unsigned depth = 1 + (unsigned)(unit_random(seed) % 4); depth; depth--) {
		QF_AUTO_FREE char *full = NULL;

		qf_buf_puts(path, path->n ? "/" : "");
		qf_buf_puts(path, names[unit_random(seed) % QF_LEN(names)]);
		full = qf_asprintf("%s/%s", dir, qf_buf_cstr(path));
		if (lstat(full, &st) == 0 && (!S_ISDIR(st.st_mode) || depth == 1))
			return;
		if (depth == 1)
			tree_text(dir, qf_buf_cstr(path), "");
	}
}

/* A .gitignore beside the file, or at the top. */
static void random_patterns(const char *dir, bool top, const struct qf_buf *path, bool crlf, uint64_t *seed)
{
	const char *slash = !top && path->n ? memrchr(path->p, '/', path->n) : NULL;
	QF_AUTO_FREE char *file = qf_asprintf("%.*s.gitignore", slash ? (int)(slash + 1 - path->p) : 0, path->p);
	QF_AUTO_FREE char *folder = qf_asprintf("%s/%s", dir, file);
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct stat st;

	*strrchr(folder, '/') = '\0';
	for (int i = 0; i < 3; i++)
		qf_buf_printf(&text, "%s%s", patterns[unit_random(seed) % QF_LEN(patterns)], crlf ? "\r\n" : "\n");
	if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
		tree_put(dir, file, text.p, text.n);
}

/* Random trees with random patterns: the same files as git lists, and the same without git. */
START_TEST(ignored_as_git_does)
{
	uint64_t seed = 11;

	for (int round = 0; round < (UNIT_SLOW ? 60 : 15); round++) {
		char *dir = tree_new();
		QF_AUTO_BUF struct qf_buf expected = { 0 }, got = { 0 };

		for (int i = 0; i < 30; i++) {
			QF_AUTO_BUF struct qf_buf path = { 0 };

			random_file(dir, &seed, &path);
			if (unit_random(&seed) % 4 == 0 || i == 0)
				random_patterns(dir, i == 0, &path, round % 5 == 0, &seed);
		}
		list(dir, &got);
		tree_git(dir, "init", "-q");
		list_by_git(dir, "-o", &expected);
		ck_assert_msg(qf_str_eq(qf_buf_str(&expected), qf_buf_str(&got)), "round %d: %s", round, dir);
		/* In git: the same, but that what is tracked is never ignored. */
		ck_assert_int_eq(tree_run(dir, (const char *const[]){ "sh", "-c", "git add -f -- */ 2>/dev/null; "
					  "git rm -rq --cached -- b x\\ y; true", NULL }), 0);
		list_by_git(dir, "-co", &expected);
		list(dir, &got);
		ck_assert_msg(qf_str_eq(qf_buf_str(&expected), qf_buf_str(&got)), "round %d in git: %s", round, dir);
		tree_remove(dir);
	}
}
END_TEST

UNIT_MAIN("align_ignore", 300, damaged_index, ignored_as_git_does)
