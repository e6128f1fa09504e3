/* What align writes: all or nothing, and back again, wherever it is cut. */
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "tests/unit/change_tree.h"

static struct qf_err err;

/* A tree with a bit of everything, and what is to be done to it. */
static const struct {
	const char *path;
	mode_t mode;
	const char *text;
} files[] = {
	{ "README", 0644, "stays\n" },
	{ "pkg/a.py", 0644, "import old\r\nx = 1\r\n" },
	{ "pkg/old.py", 0755, "def f():\n    pass\n" },
	{ "pkg/next.py", 0640, "def g(): pass" },
	{ "pkg/mine.py", 0600, "nobody tracks me\n" },
	{ "z/doc.md", 0664, "" },
};

static void plan(struct qf_changes *c)
{
	tree_add(c, "pkg/a.py", NULL, qf_str(files[1].text), QF_STR("import older\r\nx = 1\r\n"));
	tree_add(c, "pkg/mine.py", "new/deep/mine.py", qf_str(files[4].text), qf_str(files[4].text));
	tree_add(c, "pkg/next.py", "pkg/old.py", qf_str(files[3].text), QF_STR("def h(): pass\n"));
	tree_add(c, "pkg/old.py", "pkg/older.py", qf_str(files[2].text), QF_STR("import warnings\ndef f():\n    pass\n"));
	tree_add(c, "z/doc.md", NULL, qf_str(files[5].text), QF_STR("text\n"));
}

static void make_tree(const char *dir)
{
	for (size_t i = 0; i < QF_LEN(files); i++)
		tree_put(dir, files[i].path, qf_str(files[i].text), files[i].mode);
	tree_run("cd '%s' && git init -q . && git add README pkg/a.py pkg/old.py pkg/next.py z && "
		 "git -c user.name=t -c user.email=t@t commit -qm begin", dir);
	/* In the index another text than on the disk: that must come back too. */
	tree_put(dir, "pkg/next.py", QF_STR("staged\n"), 0640);
	tree_run("cd '%s' && git add pkg/next.py && git update-index --assume-unchanged pkg/old.py", dir);
	tree_put(dir, "pkg/next.py", qf_str(files[3].text), files[3].mode);
}

/* The folders of a test: the tree and the state. */
struct place {
	char *top, *tree;
	struct qf_write_opts opts;
};

static struct place new_place(void)
{
	/*
	 * Where fsync costs nothing, should there be such a place: the tests of kill -9 run the whole write
	 * hundreds of times.
	 */
	char shm[] = "/dev/shm/qf-unit-XXXXXX";
	const char *dir = mkdtemp(shm);
	struct place p = { .top = qf_strdup(dir ? dir : unit_dir()) };
	QF_AUTO_FREE char *state = qf_asprintf("%s/state", p.top);

	p.tree = qf_asprintf("%s/tree", p.top);
	mkdir(p.tree, 0755);
	setenv("XDG_STATE_HOME", state, 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	make_tree(p.tree);
	p.opts = (struct qf_write_opts){ .root = p.tree, .git = true };
	return p;
}

static void end_place(struct place *p)
{
	tree_run("chmod -R u+rwX '%s' && rm -rf '%s'", p->top, p->top);
	free(p->top);
	free(p->tree);
}

static void same_tree(const char *dir, struct qf_buf *want, const char *what)
{
	QF_AUTO_BUF struct qf_buf now = { 0 };

	tree_tell(dir, "", &now);
	ck_assert_msg(qf_str_eq(qf_buf_str(&now), qf_buf_str(want)), "%s:\n%s\nis not\n%s", what, qf_buf_cstr(&now),
		      qf_buf_cstr(want));
}

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

/* ---- kill -9, and system calls that fail ---- */

enum blow { KILL, FAIL };

#ifdef __x86_64__
/* The call at whose beginning the child stands fails: the kernel gets a number that is none, the child an error. */
static void fail_call(pid_t child)
{
	struct user_regs_struct regs;
	int status;

	ck_assert_int_eq(ptrace(PTRACE_GETREGS, child, NULL, &regs), 0);
	regs.orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, child, NULL, &regs);
	ptrace(PTRACE_SYSCALL, child, NULL, NULL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (!WIFSTOPPED(status))
		return;
	ptrace(PTRACE_GETREGS, child, NULL, &regs);
	regs.rax = (unsigned long long)-ENOSPC;
	ptrace(PTRACE_SETREGS, child, NULL, &regs);
}
#endif

/* Runs what in a child, stopped at its first instruction; -1: it may not be traced here. */
static pid_t traced(void (*what)(void *ctx), void *ctx)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(99);
		raise(SIGSTOP);
		what(ctx);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	if (WIFEXITED(status))
		return -1;
	ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)PTRACE_O_TRACESYSGOOD);
	return child;
}

/*
 * Deals the blow before the nth system call of the child. Returns whether it got that far; *status is how it ended. -1:
 * it may not be traced here.
 */
static int struck_at(long nth, enum blow blow, void (*what)(void *ctx), void *ctx, int *status)
{
	pid_t child = traced(what, ctx);

	if (child < 0)
		return -1;
	for (long stops = 1;; stops++) {
		ptrace(PTRACE_SYSCALL, child, NULL, NULL);
		ck_assert_int_eq(waitpid(child, status, 0), child);
		if (!WIFSTOPPED(*status))
			return 0;
		/* One stop as it enters a call, one as it leaves. */
		if (stops != 2 * nth - 1)
			continue;
#ifdef __x86_64__
		if (blow == FAIL)
			fail_call(child);
#endif
		if (blow == KILL)
			kill(child, SIGKILL);
		else
			ptrace(PTRACE_DETACH, child, NULL, NULL);
		waitpid(child, status, 0);
		return 1;
	}
}

struct run {
	struct place *place;
	struct qf_changes *changes;
};

static void do_write(void *ctx)
{
	struct run *r = ctx;

	if (qf_changes_write(r->changes, &r->place->opts, &err) < 0)
		_exit(1);
}

static void do_undo(void *ctx)
{
	struct run *r = ctx;
	size_t n;

	if (qf_changes_undo(&r->place->opts, &n, &err) < 0)
		_exit(1);
}

static void reset_tree(struct place *p)
{
	tree_run("cd '%s' && rm -rf tree state && cp -a kept tree", p->top);
}

/* Where it was unlink that failed, a file of ours lies about. */
static void drop_leavings(struct place *p)
{
	tree_run("rm -f '%s'/.git/index.align-* && find '%s' -name '.align-*' -delete", p->tree, p->tree);
}

/* Undo until nothing is left to undo: the tree must be as it was. */
static void must_come_back(struct place *p, struct qf_buf *before, const char *what, long nth, enum blow blow)
{
	QF_AUTO_FREE char *text = qf_asprintf("%s, call %ld", what, nth);
	bool cut = qf_changes_cut(p->tree);
	size_t n;
	int rc = qf_changes_undo(&p->opts, &n, &err);

	ck_assert_msg(rc == 0 || err.code == QF_E_NOINPUT, "%s: %s", text, err.msg);
	ck_assert_msg(rc == 0 || !cut, "%s: cut and not undone", text);
	ck_assert(!qf_changes_cut(p->tree));
	if (blow == FAIL)
		drop_leavings(p);
	same_tree(p->tree, before, text);
}

/* A run that ends with an error has either changed nothing or says that it was cut. */
static void must_be_honest(struct place *p, struct qf_buf *before, int status, long nth)
{
	QF_AUTO_FREE char *text = qf_asprintf("failed call %ld", nth);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 1 && !qf_changes_cut(p->tree)) {
		drop_leavings(p);
		same_tree(p->tree, before, text);
	}
}

static void strike_everywhere(enum blow blow, bool undo)
{
	QF_AUTO_BUF struct qf_buf before = { 0 };
	struct place p = new_place();
	struct qf_changes c = { 0 };
	struct run run = { &p, &c };
	int rc, status;
	long nth;

	plan(&c);
	tree_tell(p.tree, "", &before);
	tree_run("cd '%s' && cp -a tree kept", p.top);
	if (undo) {
		ck_assert_msg(qf_changes_write(&c, &p.opts, &err) == 0, "%s", err.msg);
		tree_run("cd '%s' && cp -a state state-kept && rm -rf kept && cp -a tree kept", p.top);
	}
	for (nth = 1;; nth += UNIT_SLOW ? 1 : 11) {
		reset_tree(&p);
		if (undo)
			tree_run("cd '%s' && cp -a state-kept state", p.top);
		rc = struck_at(nth, blow, undo ? do_undo : do_write, &run, &status);
		if (rc < 0) {
			fputs("this process may not trace others: nothing was tested\n", stderr);
			exit(77);
		}
		if (rc == 0)
			break;
		if (blow == FAIL && !undo)
			must_be_honest(&p, &before, status, nth);
		must_come_back(&p, &before, undo ? "undo" : "write", nth, blow);
	}
	ck_assert_int_eq(status, 0);
	/* Far fewer would mean that nothing was traced. */
	ck_assert_int_gt(nth, 100);
	qf_changes_release(&c);
	end_place(&p);
}

START_TEST(killed_write)
{
	strike_everywhere(KILL, false);
}
END_TEST

START_TEST(killed_undo)
{
	strike_everywhere(KILL, true);
}
END_TEST

#ifdef __x86_64__
START_TEST(failing_write)
{
	strike_everywhere(FAIL, false);
}
END_TEST

START_TEST(failing_undo)
{
	strike_everywhere(FAIL, true);
}
END_TEST
#endif

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
	tcase_add_loop_test(tcase, undo_leaves_later_edits, 0, 4);
	tcase_add_loop_test(tcase, no_room, 0, 6);
	tcase_add_test(tcase, damaged_journal);
	tcase_add_test(tcase, killed_write);
	tcase_add_test(tcase, killed_undo);
#ifdef __x86_64__
	tcase_add_test(tcase, failing_write);
	tcase_add_test(tcase, failing_undo);
#endif
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
