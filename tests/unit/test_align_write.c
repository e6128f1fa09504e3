/* What align writes: all or nothing, and back again. */
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "tests/unit/change_place.h"

START_TEST(write_and_undo)
{
	QF_AUTO_BUF struct qf_buf before = { 0 }, after = { 0 }, text = { 0 };
	struct place p = new_place();
	struct qf_changes c = { 0 };
	size_t n = 0;

	plan(&c);
	tree_tell(p.tree, "", &before);
	ck_assert_msg(qf_changes_write(&c, &p.opts, &err) == 0, "%s", err.msg);
	ck_assert(!qf_changes_cut(p.tree));
	tree_tell(p.tree, "", &after);
	for (size_t i = 0; i < c.n; i++) {
		qf_buf_reset(&text);
		tree_get(p.tree, c.change[i].to ? c.change[i].to : c.change[i].path, &text);
		ck_assert(qf_str_eq(qf_buf_str(&text), c.change[i].after));
	}
	ck_assert_has(qf_buf_cstr(&after), "pkg/older.py 100755");
	ck_assert_has(qf_buf_cstr(&after), "pkg/old.py 100640");
	ck_assert_has(qf_buf_cstr(&after), "new/deep/mine.py 100600");
	/*
	 * The index: both moves, with the new content; nothing of the file that it does not hold, nor of the
	 * edits.
	 */
	qf_buf_reset(&text);
	tree_run("cd '%s' && [ \"$(git diff --cached --no-renames --name-status | tr '\\t\\n' ': ')\" = "
		 "'D:pkg/next.py M:pkg/old.py A:pkg/older.py ' ]", p.tree);
	tree_run("cd '%s' && [ \"$(git show :pkg/old.py)\" = 'def h(): pass' ] && "
		 "[ \"$(git show :pkg/older.py | head -1)\" = 'import warnings' ] && "
		 "! git ls-files --error-unmatch pkg/next.py 2>/dev/null && ! git ls-files --error-unmatch new/deep/mine.py "
		 "2>/dev/null && git diff --cached --quiet pkg/a.py z/doc.md", p.tree);
	ck_assert_msg(qf_changes_undo(&p.opts, &n, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(n, c.n);
	same_tree(p.tree, &before, "undone");
	ck_assert_int_lt(qf_changes_undo(&p.opts, &n, &err), 0);
	ck_assert_int_eq(err.code, QF_E_NOINPUT);
	qf_changes_release(&c);
	end_place(&p);
}
END_TEST

START_TEST(two_runs_are_walked_back)
{
	struct qf_buf states[13] = { 0 };
	char number[13][8];
	struct place p = new_place();
	size_t n;

	for (int i = 0; i < 12; i++) {
		struct qf_changes c = { 0 };

		snprintf(number[i], sizeof(number[i]), "%d\n", i);
		tree_tell(p.tree, "", &states[i]);
		tree_add(&c, "README", NULL, i ? qf_str(number[i - 1]) : qf_str(files[0].text), qf_str(number[i]));
		ck_assert_msg(qf_changes_write(&c, &p.opts, &err) == 0, "%s", err.msg);
		qf_changes_release(&c);
	}
	/* Ten are kept. */
	for (int i = 11; i >= 2; i--) {
		ck_assert_msg(qf_changes_undo(&p.opts, &n, &err) == 0, "%s", err.msg);
		ck_assert_uint_eq(n, 1);
		same_tree(p.tree, &states[i], number[i]);
	}
	ck_assert_int_lt(qf_changes_undo(&p.opts, &n, &err), 0);
	ck_assert_int_eq(err.code, QF_E_NOINPUT);
	for (int i = 0; i < 13; i++)
		qf_buf_release(&states[i]);
	end_place(&p);
}
END_TEST

/* What is done to the tree after it was planned, and what the run must say then. */
static const struct {
	const char *name, *command;
	enum qf_code code;
	const char *part;
} hostile[] = {
	{ "edited", "echo more >> pkg/a.py", QF_E_TEMP, "pkg/a.py: changed since it was read" },
	{ "gone", "rm z/doc.md", QF_E_TEMP, "z/doc.md: changed" },
	{ "a link now", "mv z/doc.md z/other && ln -s other z/doc.md", QF_E_TEMP, "z/doc.md: changed" },
	{ "a FIFO now", "rm z/doc.md && mkfifo z/doc.md", QF_E_TEMP, "z/doc.md: changed" },
	{ "folder is a link", "mv z zz && ln -s zz z", QF_E_TEMP, "z/doc.md: z on its way is no folder" },
	{ "target is there", "echo x > pkg/older.py", QF_E_CREATE, "pkg/older.py: something stands there" },
	{ "target is a link to nowhere", "ln -s nowhere pkg/older.py", QF_E_CREATE, "pkg/older.py: something" },
	{ "folder of the target is a file", "echo x > new", QF_E_CREATE, "new is no folder" },
	{ "hard link", "ln z/doc.md z/twin", QF_E_CREATE, "z/doc.md: has 2 names" },
	{ "read-only file", "chmod a-w z/doc.md", QF_E_CREATE, "z/doc.md: is read-only" },
	{ "index is locked", "touch .git/index.lock", QF_E_TEMP, "index.lock: git's index is locked" },
	{ "index is damaged", "echo x > .git/index", QF_E_IO, "git's index" },
	{ "target is in the index", "touch pkg/older.py && git add pkg/older.py && rm pkg/older.py", QF_E_CREATE,
	  "pkg/older.py: git's index holds it" },
};

START_TEST(nothing_is_written)
{
	QF_AUTO_BUF struct qf_buf before = { 0 };
	struct place p = new_place();
	struct qf_changes c = { 0 };
	size_t n;

	plan(&c);
	tree_run("cd '%s' && %s", p.tree, hostile[_i].command);
	if (strcmp(hostile[_i].name, "index is damaged") != 0)
		tree_tell(p.tree, "", &before);
	ck_assert_msg(qf_changes_write(&c, &p.opts, &err) < 0, "%s: written", hostile[_i].name);
	ck_assert_msg(err.code == hostile[_i].code, "%s: %d %s", hostile[_i].name, err.code, err.msg);
	ck_assert_has(err.msg, hostile[_i].part);
	if (before.n)
		same_tree(p.tree, &before, hostile[_i].name);
	ck_assert(!qf_changes_cut(p.tree));
	ck_assert_int_lt(qf_changes_undo(&p.opts, &n, &err), 0);
	ck_assert_int_eq(err.code, QF_E_NOINPUT);
	qf_changes_release(&c);
	end_place(&p);
}
END_TEST

START_TEST(ring_is_refused)
{
	QF_AUTO_BUF struct qf_buf before = { 0 };
	struct place p = new_place();
	struct qf_changes c = { 0 };

	tree_add(&c, "README", NULL, qf_str(files[0].text), QF_STR("changed\n"));
	tree_add(&c, "pkg/next.py", "pkg/old.py", qf_str(files[3].text), qf_str(files[3].text));
	tree_add(&c, "pkg/old.py", "pkg/next.py", qf_str(files[2].text), qf_str(files[2].text));
	tree_tell(p.tree, "", &before);
	ck_assert_int_lt(qf_changes_write(&c, &p.opts, &err), 0);
	ck_assert_has(err.msg, "ring");
	same_tree(p.tree, &before, "ring");
	ck_assert(!qf_changes_cut(p.tree));
	qf_changes_release(&c);
	end_place(&p);
}
END_TEST

/* While one process writes, another is told so. */
START_TEST(one_at_a_time)
{
	struct place p = new_place();
	QF_AUTO_FREE char *command = qf_asprintf("echo '%s'/state/fortress/align/*/lock", p.top);
	QF_AUTO_BUF struct qf_buf path = { 0 };
	struct qf_changes c = { 0 };
	size_t n;
	int fd;

	plan(&c);
	ck_assert_int_eq(qf_changes_write(&c, &p.opts, &err), 0);
	tree_output(command, &path);
	path.n--;
	fd = open(qf_buf_cstr(&path), O_RDWR);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_lt(qf_changes_write(&c, &p.opts, &err), 0);
	ck_assert_int_eq(err.code, QF_E_TEMP);
	ck_assert_has(err.msg, "another align is writing");
	ck_assert_int_lt(qf_changes_undo(&p.opts, &n, &err), 0);
	ck_assert_int_eq(err.code, QF_E_TEMP);
	close(fd);
	ck_assert_int_eq(qf_changes_undo(&p.opts, &n, &err), 0);
	qf_changes_release(&c);
	end_place(&p);
}
END_TEST

/* The root is a folder of the work tree, and git changes line ends on the way into its store. */
START_TEST(index_below_the_top)
{
	QF_AUTO_BUF struct qf_buf before = { 0 };
	struct place p = new_place();
	QF_AUTO_FREE char *root = qf_asprintf("%s/pkg", p.tree);
	struct qf_write_opts opts = { .root = root, .git = true };
	struct qf_changes c = { 0 };
	size_t n;

	tree_run("cd '%s' && git config core.autocrlf true", p.tree);
	tree_add(&c, "old.py", "older.py", qf_str(files[2].text), QF_STR("one\r\ntwo\r\n"));
	tree_tell(p.tree, "", &before);
	ck_assert_msg(qf_changes_write(&c, &opts, &err) == 0, "%s", err.msg);
	tree_run("cd '%s' && [ \"$(git show :pkg/older.py | od -An -c | tr -d ' \\n')\" = 'one\\ntwo\\n' ] && "
		 "[ -z \"$(git ls-files pkg/old.py)\" ] && git diff --quiet pkg/older.py", p.tree);
	ck_assert_msg(qf_changes_undo(&opts, &n, &err) == 0, "%s", err.msg);
	same_tree(p.tree, &before, "undone");
	qf_changes_release(&c);
	end_place(&p);
}
END_TEST

/*
 * After the write somebody changes a file: undo names it and does nothing; once that is settled, all comes back.
 */
START_TEST(undo_leaves_later_edits)
{
	static const struct {
		const char *spoil, *settle, *part;
	} cases[] = {
		{ "echo more >> pkg/a.py", "printf 'import older\\r\\nx = 1\\r\\n' > pkg/a.py", "pkg/a.py: changed since" },
		{ "mv z/doc.md z/other", "mv z/other z/doc.md", "z/doc.md: changed since" },
		{ "mkdir pkg/next.py", "rmdir pkg/next.py", "pkg/next.py: changed since" },
		{ "echo x > pkg/next.py", "rm pkg/next.py", "pkg/next.py: changed since" },
	};
	QF_AUTO_BUF struct qf_buf before = { 0 }, after = { 0 };
	struct place p = new_place();
	struct qf_changes c = { 0 };
	size_t n;

	plan(&c);
	tree_tell(p.tree, "", &before);
	ck_assert_msg(qf_changes_write(&c, &p.opts, &err) == 0, "%s", err.msg);
	tree_run("cd '%s' && %s", p.tree, cases[_i].spoil);
	tree_tell(p.tree, "", &after);
	ck_assert_int_lt(qf_changes_undo(&p.opts, &n, &err), 0);
	ck_assert_int_eq(err.code, QF_E_TEMP);
	ck_assert_has(err.msg, cases[_i].part);
	same_tree(p.tree, &after, "not undone");
	ck_assert(!qf_changes_cut(p.tree));
	tree_run("cd '%s' && %s", p.tree, cases[_i].settle);
	ck_assert_msg(qf_changes_undo(&p.opts, &n, &err) == 0, "%s", err.msg);
	same_tree(p.tree, &before, "undone");
	qf_changes_release(&c);
	end_place(&p);
}
END_TEST

/*
 * A disk that takes no more: here a limit on the size of files, which cuts the journal or a file in the middle.
 */
START_TEST(no_room)
{
	static const rlim_t limits[] = { 0, 100, 700, 5000, 70000, 99999 };
	QF_AUTO_BUF struct qf_buf before = { 0 }, large = { 0 };
	struct place p = new_place();
	struct rlimit old, low;
	struct qf_changes c = { 0 };

	for (int i = 0; i < 100000; i++)
		qf_buf_addc(&large, 'x');
	plan(&c);
	c.change[4].after = qf_buf_str(&large);
	tree_tell(p.tree, "", &before);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	low = (struct rlimit){ limits[_i], old.rlim_max };
	setrlimit(RLIMIT_FSIZE, &low);
	ck_assert_int_lt(qf_changes_write(&c, &p.opts, &err), 0);
	setrlimit(RLIMIT_FSIZE, &old);
	ck_assert_int_eq(err.code, QF_E_IO);
	same_tree(p.tree, &before, err.msg);
	ck_assert(!qf_changes_cut(p.tree));
	qf_changes_release(&c);
	end_place(&p);
}
END_TEST

START_TEST(damaged_journal)
{
	QF_AUTO_BUF struct qf_buf after = { 0 }, journal = { 0 };
	struct place p = new_place();
	QF_AUTO_FREE char *name = qf_asprintf("cd '%s'/state/fortress/align/* && pwd", p.top);
	QF_AUTO_BUF struct qf_buf folder = { 0 };
	struct qf_changes c = { 0 };
	size_t n, step;

	plan(&c);
	ck_assert_msg(qf_changes_write(&c, &p.opts, &err) == 0, "%s", err.msg);
	tree_output(name, &folder);
	folder.n--;
	tree_get(qf_buf_cstr(&folder), "00000001.done", &journal);
	tree_tell(p.tree, "", &after);
	step = UNIT_SLOW ? 1 : 17;
	for (size_t i = 0; i < journal.n; i += step) {
		journal.p[i] ^= 0x41;
		tree_put(qf_buf_cstr(&folder), "00000001.done", qf_buf_str(&journal), 0600);
		journal.p[i] ^= 0x41;
		ck_assert_int_lt(qf_changes_undo(&p.opts, &n, &err), 0);
		ck_assert_int_eq(err.code, QF_E_DATA);
		tree_put(qf_buf_cstr(&folder), "00000001.done", (struct qf_str){ journal.p, i }, 0600);
		ck_assert_int_lt(qf_changes_undo(&p.opts, &n, &err), 0);
		ck_assert_int_eq(err.code, QF_E_DATA);
	}
	same_tree(p.tree, &after, "damaged journal");
	qf_changes_release(&c);
	end_place(&p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("align_write");
	TCase *tcase = tcase_create("align_write");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, write_and_undo);
	tcase_add_test(tcase, two_runs_are_walked_back);
	tcase_add_loop_test(tcase, nothing_is_written, 0, QF_LEN(hostile));
	tcase_add_test(tcase, ring_is_refused);
	tcase_add_test(tcase, one_at_a_time);
	tcase_add_test(tcase, index_below_the_top);
	tcase_add_loop_test(tcase, undo_leaves_later_edits, 0, 4);
	tcase_add_loop_test(tcase, no_room, 0, 6);
	tcase_add_test(tcase, damaged_journal);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
