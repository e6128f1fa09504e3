#include "tools/migrate/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/base/sig.h"
#include "common/base/tool.h"
#include "common/data/json.h"

enum {
	TICK_MS = 100,
	PIPE_SIZE = 1 << 20,	/* what an unprivileged process may ask for */
	STDERR_LINE = 64 << 10, /* longer lines of a stage are cut */
};

static const double EPIPE_GRACE = 2; /* seconds for a stage to see that its reader has gone */

/* ---- what stages say ---- */

/* A line that is no JSON. Before a stage has read its flags, its errors come as text. */
static void take_plain(struct qf_stage *s, struct qf_str line)
{
	QF_AUTO_FREE char *start = qf_asprintf("%s: error: ", s->name);
	size_t n = strlen(start);

	if (qf_str_starts(line, start))
		snprintf(s->error, sizeof(s->error), "%.*s", (int)(line.n - n < 1500 ? line.n - n : 1500), line.p + n);
	else
		snprintf(s->noise, sizeof(s->noise), "%.*s", QF_STR_ARG(line));
	qf_debug("%s: %.*s", s->name, QF_STR_ARG(line));
}

void qf_stage_line(struct qf_stage *s, struct qf_str line)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_json *doc;
	struct qf_err err;
	struct qf_str level, msg;

	if (!line.n)
		return;
	if (line.p[0] != '{' || qf_json_parse(&arena, line.p, line.n, "line", &doc, &err) < 0 ||
	    doc->type != QF_JSON_OBJECT) {
		take_plain(s, line);
		return;
	}
	if (qf_str_is(qf_json_get_str(doc, "type", ""), "progress")) {
		s->points = (uint64_t)qf_json_get_int(doc, "points", (int64_t)s->points);
		s->total = (uint64_t)qf_json_get_int(doc, "total", (int64_t)s->total);
		s->bytes = (uint64_t)qf_json_get_int(doc, "bytes", (int64_t)s->bytes);
		s->retries = (uint64_t)qf_json_get_int(doc, "retries", (int64_t)s->retries);
		return;
	}
	level = qf_json_get_str(doc, "level", "");
	msg = qf_json_get_str(doc, "msg", "");
	if (qf_str_is(level, "error"))
		snprintf(s->error, sizeof(s->error), "%.*s", (int)(msg.n < sizeof(s->error) ? msg.n : sizeof(s->error)),
			 msg.p);
	else if (qf_str_is(level, "warning") && !s->mute && !(s->known && qf_str_starts(msg, s->known)))
		qf_warn("%s: %.*s", s->name, (int)(msg.n < 1800 ? msg.n : 1800), msg.p);
	else
		qf_debug("%s: %.*s", s->name, (int)(msg.n < 1800 ? msg.n : 1800), msg.p);
}

static void take_text(struct qf_stage *s)
{
	size_t from = 0;

	for (;;) {
		const char *nl = memchr(s->text.p + from, '\n', s->text.n - from);

		if (!nl)
			break;
		qf_stage_line(s, (struct qf_str){ s->text.p + from, (size_t)(nl - s->text.p) - from });
		from = (size_t)(nl - s->text.p) + 1;
	}
	if (from)
		memmove(s->text.p, s->text.p + from, s->text.n - from);
	s->text.n -= from;
	if (s->text.n > STDERR_LINE) {
		qf_stage_line(s, qf_buf_str(&s->text));
		s->text.n = 0;
	}
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void read_stderr(struct qf_stage *s)
{
	for (;;) {
		ssize_t n = read(s->err_fd, qf_buf_room(&s->text, 4096), 4096);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n <= 0) {
			if (s->text.n)
				qf_stage_line(s, qf_buf_str(&s->text));
			s->text.n = 0;
			close_fd(&s->err_fd);
			return;
		}
		s->text.n += (size_t)n;
		take_text(s);
	}
}

static void read_output(struct qf_pipeline *p)
{
	for (;;) {
		ssize_t n = read(p->out_fd, qf_buf_room(p->capture, 64 << 10), 64 << 10);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n > 0)
			p->capture->n += (size_t)n;
		if (n > 0 && p->capture->n <= p->capture_max)
			continue;
		p->too_much = n > 0;
		close_fd(&p->out_fd);
		return;
	}
}

/* ---- starting ---- */

/* Beside this program, else on PATH. */
static void find_program(const char *name, char path[PATH_MAX])
{
	const char *dir = qf_tool_dir();

	snprintf(path, PATH_MAX, "%s/fortress-%s", dir, name);
	if (*dir && access(path, X_OK) == 0)
		return;
	snprintf(path, PATH_MAX, "fortress-%s", name);
}

/* In the child; only what is safe behind fork. Reports a failed exec through `report`. */
static void become(const char *path, const char *const *argv, const int fds[3], pid_t parent,
		   int report)
{
	struct sigaction normal = { .sa_handler = SIG_DFL };

	/* A group of its own: Ctrl-C comes to it once, handed on, and not from the terminal too. If we
	 * are killed, it is told to stop. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigaction(SIGPIPE, &normal, NULL);
	sigaction(SIGINT, &normal, NULL);
	sigaction(SIGTERM, &normal, NULL);
	if (getppid() == parent && dup2(fds[0], 0) >= 0 && dup2(fds[1], 1) >= 0 && dup2(fds[2], 2) >= 0)
		execvp(path, (char *const *)argv);
	if (write(report, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

static int start_stage(struct qf_stage *s, int in, int out, struct qf_err *err)
{
	QF_AUTO_FREE const char **argv = NULL;
	int report[2] = { -1, -1 }, errs[2] = { -1, -1 }, failure = 0;
	char path[PATH_MAX];
	pid_t parent = getpid();
	size_t n = 0;

	find_program(s->name, path);
	while (s->args[n])
		n++;
	argv = qf_calloc(n + 2, sizeof(*argv));
	argv[0] = path;
	memcpy(argv + 1, s->args, n * sizeof(*argv));
	if (pipe2(report, O_CLOEXEC) < 0 || pipe2(errs, O_CLOEXEC) < 0) {
		failure = errno;
	} else {
		s->pid = fork();
		if (s->pid == 0)
			become(path, argv, (int[3]){ in, out, errs[1] }, parent, report[1]);
		if (s->pid < 0) {
			failure = errno;
		} else {
			setpgid(s->pid, s->pid);
			close_fd(&report[1]);
			if (read(report[0], &failure, sizeof(failure)) != sizeof(failure))
				failure = 0;
			s->err_fd = errs[0];
			errs[0] = -1;
			fcntl(s->err_fd, F_SETFL, O_NONBLOCK);
		}
	}
	for (int i = 0; i < 2; i++) {
		close_fd(&report[i]);
		close_fd(&errs[i]);
	}
	if (!failure)
		return 0;
	if (s->pid > 0)
		waitpid(s->pid, NULL, 0);
	s->pid = 0;
	if (failure == ENOENT)
		return qf_err_set(err, QF_E_CONFIG,
				  "fortress-%s is neither beside this program nor on PATH; install it or build it", s->name);
	return qf_err_errno(err, QF_E_TEMP, failure, "cannot start fortress-%s", s->name);
}

static int start_all(struct qf_pipeline *p, struct qf_err *err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), in = p->in_fd, rc = 0;

	if (null < 0)
		return qf_err_errno(err, QF_E_IO, errno, "cannot open /dev/null");
	for (size_t i = 0; i < p->n && rc == 0; i++) {
		bool last = i + 1 == p->n;
		int ends[2] = { -1, -1 };

		if ((!last || p->capture) && pipe2(ends, O_CLOEXEC) < 0) {
			rc = qf_err_errno(err, QF_E_TEMP, errno, "cannot make a pipe");
			break;
		}
		if (ends[1] >= 0 && fcntl(ends[1], F_SETPIPE_SZ, (int)PIPE_SIZE) < 0)
			qf_debug("a pipe keeps its small size: %s", strerror(errno));
		rc = start_stage(&p->stages[i], in < 0 ? null : in, ends[1] < 0 ? null : ends[1], err);
		close_fd(&ends[1]);
		if (i > 0)
			close_fd(&in);
		in = ends[0];
	}
	close(null);
	if (rc < 0) {
		if (in != p->in_fd)
			close_fd(&in);
		return -1;
	}
	p->out_fd = in;
	if (in >= 0)
		fcntl(in, F_SETFL, O_NONBLOCK);
	return 0;
}

/* ---- watching ---- */

static bool failed(const struct qf_stage *s)
{
	return s->ended && s->status != QF_OK && s->status != QF_E_PARTIAL;
}

/* The stage could not help it: its reader had gone, or its input broke off. */
static bool is_victim(const struct qf_pipeline *p, const struct qf_stage *s)
{
	size_t at = (size_t)(s - p->stages);

	if (s->told)
		return true;
	if (s->status == QF_E_PIPE) {
		for (size_t i = at + 1; i < p->n; i++)
			if (p->stages[i].ended)
				return true;
	}
	if (s->status == QF_E_TEMP) {
		for (size_t i = 0; i < at; i++)
			if (failed(&p->stages[i]))
				return true;
	}
	return false;
}

const struct qf_stage *qf_pipeline_cause(const struct qf_pipeline *p)
{
	const struct qf_stage *cause = NULL;

	for (int victims = 0; victims < 2 && !cause; victims++)
		for (size_t i = 0; i < p->n; i++) {
			const struct qf_stage *s = &p->stages[i];

			if (failed(s) && is_victim(p, s) == (victims == 1) && (!cause || s->order < cause->order))
				cause = s;
		}
	return cause;
}

static void reap(struct qf_pipeline *p, struct qf_stage *s)
{
	int status;
	pid_t got;

	do
		got = waitpid(s->pid, &status, WNOHANG | WUNTRACED);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return;
	if (got > 0 && WIFSTOPPED(status)) {
		/* Stages are in the background, where the terminal stops a reader for ever; what it has
		 * started (a command for a key) stands still with it. SIGSTOP is somebody's wish. */
		if (WSTOPSIG(status) == SIGTTIN || WSTOPSIG(status) == SIGTTOU) {
			s->held = true;
			kill(-s->pid, SIGTERM);
			kill(-s->pid, SIGCONT);
		}
		return;
	}
	s->ended = true;
	s->order = ++p->n_ended;
	if (got < 0) {
		s->status = QF_E_BUG;
	} else if (WIFSIGNALED(status)) {
		s->signal = WTERMSIG(status);
		s->status = 128 + s->signal;
	} else {
		s->status = WEXITSTATUS(status);
	}
	/* What is in the pipe now is all that it said. Something it started may hold the other end. */
	if (s->err_fd >= 0)
		read_stderr(s);
	if (s->text.n)
		qf_stage_line(s, qf_buf_str(&s->text));
	s->text.n = 0;
	close_fd(&s->err_fd);
	qf_debug("%s ended with status %d", s->name, s->status);
}

/*
 * A stage whose reader has gone learns of it by its next write. If it is busy elsewhere (waiting for
 * a server), it is told.
 */
static void hurry(struct qf_pipeline *p)
{
	double now = qf_now();
	bool gone = false;

	for (size_t i = p->n; i-- > 0;) {
		struct qf_stage *s = &p->stages[i];

		if (gone && !s->ended) {
			if (!s->failed_at)
				s->failed_at = now;
			if (!s->told && now - s->failed_at > EPIPE_GRACE) {
				s->told = true;
				kill(s->pid, SIGTERM);
			}
		}
		gone |= s->ended;
	}
}

static void tell_all(struct qf_pipeline *p, int number)
{
	for (size_t i = 0; i < p->n; i++) {
		struct qf_stage *s = &p->stages[i];

		if (s->pid > 0 && !s->ended) {
			s->told = true;
			kill(s->pid, number);
		}
	}
}

static void look(struct qf_pipeline *p, bool stopped)
{
	struct pollfd fds[QF_MAX_STAGES + 2];
	struct qf_stage *of[QF_MAX_STAGES];
	nfds_t n = 0, n_stages;

	for (size_t i = 0; i < p->n; i++) {
		if (p->stages[i].err_fd >= 0) {
			of[n] = &p->stages[i];
			fds[n++] = (struct pollfd){ .fd = p->stages[i].err_fd, .events = POLLIN };
		}
	}
	n_stages = n;
	if (p->out_fd >= 0)
		fds[n++] = (struct pollfd){ .fd = p->out_fd, .events = POLLIN };
	/* The wake-up descriptor stays readable, so it is of use only once. */
	if (!stopped)
		fds[n++] = (struct pollfd){ .fd = qf_sig_fd(), .events = POLLIN };
	if (poll(fds, n, TICK_MS) <= 0)
		return;
	for (nfds_t i = 0; i < n_stages; i++)
		if (fds[i].revents)
			read_stderr(of[i]);
	if (p->out_fd >= 0 && fds[n_stages].revents)
		read_output(p);
}

static void watch(struct qf_pipeline *p)
{
	bool stopped = false;

	for (;;) {
		bool running = false;

		if (!stopped && qf_sig_stopped()) {
			stopped = true;
			tell_all(p, qf_sig_stopped());
		}
		for (size_t i = 0; i < p->n; i++) {
			if (!p->stages[i].ended)
				reap(p, &p->stages[i]);
			running |= !p->stages[i].ended;
		}
		if (!running)
			break;
		hurry(p);
		look(p, stopped);
		if (p->tick)
			p->tick(p->ctx, p);
	}
	if (p->out_fd >= 0)
		read_output(p);
	close_fd(&p->out_fd);
}

static int blame(const struct qf_pipeline *p, struct qf_err *err)
{
	const struct qf_stage *s = qf_pipeline_cause(p);
	enum qf_code code;

	if (!s)
		return 0;
	code = (enum qf_code)s->status;
	if (s->held)
		return qf_err_set(err, QF_E_CONFIG,
				  "%s: fortress-%s, or a command that it runs for a key, wants the terminal, which no stage "
				  "of migrate has; let that command ask nothing", s->side, s->name);
	if (s->signal == SIGKILL)
		return qf_err_set(err, QF_E_TEMP,
				  "%s: fortress-%s was killed, perhaps for want of memory; run the same command again",
				  s->side, s->name);
	if (s->signal && s->signal != SIGINT && s->signal != SIGTERM)
		return qf_err_set(err, QF_E_BUG, "%s: fortress-%s crashed (%s)%s%s; please report it", s->side, s->name,
				  strsignal(s->signal), *s->noise ? ": " : "", s->noise);
	if (*s->error)
		return qf_err_set(err, code, "%s: %s", s->side, s->error);
	if (code == QF_E_PIPE)
		return qf_err_set(err, QF_E_IO, "%s: the stage behind fortress-%s stopped reading without a word",
				  s->side, s->name);
	return qf_err_set(err, code, "%s: fortress-%s ended with status %d%s%s", s->side, s->name, s->status,
			  *s->noise ? ": " : " and said nothing", s->noise);
}

int qf_pipeline_run(struct qf_pipeline *p, struct qf_err *err)
{
	struct qf_err started = { 0 };

	p->out_fd = -1;
	for (size_t i = 0; i < p->n; i++)
		p->stages[i].err_fd = -1;
	if (qf_sig_check(err) < 0)
		return -1;
	if (start_all(p, &started) < 0) {
		tell_all(p, SIGTERM);
		for (size_t i = 0; i < p->n; i++)
			p->stages[i].ended |= p->stages[i].pid <= 0;
		watch(p);
		*err = started;
		return -1;
	}
	watch(p);
	if (qf_sig_check(err) < 0)
		return -1;
	if (p->too_much)
		return qf_err_set(err, QF_E_PROTOCOL, "%s: fortress-%s wrote more than %zu bytes where only a summary was asked for",
				  p->stages[p->n - 1].side, p->stages[p->n - 1].name, p->capture_max);
	return blame(p, err);
}

void qf_pipeline_release(struct qf_pipeline *p)
{
	for (size_t i = 0; i < p->n; i++) {
		qf_buf_release(&p->stages[i].text);
		close_fd(&p->stages[i].err_fd);
	}
	close_fd(&p->out_fd);
}
