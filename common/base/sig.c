#include "common/base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;
static int wake[2] = { -1, -1 };
static bool held;

static void on_stop(int number)
{
	int saved = errno;

	if (stopped)
		_exit(128 + number);
	stopped = number;
	if (wake[1] >= 0 && write(wake[1], "", 1) < 0)
		_exit(128 + number);
	errno = saved;
}

void qf_sig_init(void)
{
	struct sigaction action = { .sa_handler = on_stop }, old;

	if (wake[0] < 0 && pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0)
		wake[0] = wake[1] = -1;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	/* A closed terminal; under nohup it stays ignored. */
	sigaction(SIGHUP, NULL, &old);
	if (old.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

int qf_sig_stopped(void)
{
	return stopped;
}

int qf_sig_check(struct qf_err *err)
{
	if (!stopped || held)
		return 0;
	return qf_err_set(err, stopped == SIGINT ? QF_E_SIGINT : QF_E_SIGTERM,
			  "stopped by %s; nothing after the last acknowledged record counts as done",
			  stopped == SIGINT ? "Ctrl-C" : stopped == SIGHUP ? "SIGHUP" : "SIGTERM");
}

int qf_sig_fd(void)
{
	return held ? -1 : wake[0];
}

void qf_sig_hold(bool on)
{
	held = on;
}
