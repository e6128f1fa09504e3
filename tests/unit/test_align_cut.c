/*
 * A write or undo that is killed, or whose system calls fail, at every place where that can happen: the tree is as
 * before, as after, or comes back by undo.
 */
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "tests/unit/change_place.h"

/* ---- kill -9, and system calls that fail ---- */

enum blow { KILL, FAIL };

#ifdef __x86_64__
/* The call at whose beginning the child stands fails: the kernel gets a number that is none, the child an error. */
static void fail_call(pid_t child)
{
	struct user_regs_struct regs;
	int status;

	ck_assert_int_eq(ptrace(PTRACE_GETREGS, child, NULL, &regs), 0);
	/* Memory is the allocator's affair: under a sanitizer it ends the process where it gets none. */
	if (regs.orig_rax == SYS_mmap || regs.orig_rax == SYS_munmap || regs.orig_rax == SYS_mprotect ||
	    regs.orig_rax == SYS_madvise || regs.orig_rax == SYS_brk)
		return;
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
	Suite *suite = suite_create("align_cut");
	TCase *tcase = tcase_create("align_cut");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 600);
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
