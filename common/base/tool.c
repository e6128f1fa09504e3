#include "common/base/tool.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/base/sig.h"

const char qf_version[] = QF_VERSION;

#define AT(field) offsetof(struct qf_std, field)

static const struct qf_opt std_opts[] = {
	{ .name = "config", .letter = 'c', .type = QF_OPT_TEXT, .offset = AT(config), .arg = "FILE",
	  .help = "read settings from this plan" },
	{ .name = "verbose", .letter = 'v', .type = QF_OPT_FLAG, .offset = AT(verbose),
	  .help = "tell more about what is done" },
	{ .name = "quiet", .letter = 'q', .type = QF_OPT_FLAG, .offset = AT(quiet),
	  .help = "only warnings and errors" },
	{ .name = "log-format", .type = QF_OPT_CHOICE, .offset = AT(log_format), .choices = "text|json",
	  .help = "form of the lines on standard error", .def = "text" },
	{ .name = "help", .letter = 'h', .type = QF_OPT_FLAG, .offset = AT(help), .help = "show this text" },
	{ .name = "version", .letter = 'V', .type = QF_OPT_FLAG, .offset = AT(version),
	  .help = "show the version" },
};

static const struct qf_opt progress_opt = {
	.name = "progress", .type = QF_OPT_CHOICE, .offset = AT(progress), .choices = "auto|bar|json|none",
	.help = "how to show progress on standard error", .def = "auto"
};
static const struct qf_opt report_opt = {
	.name = "report", .type = QF_OPT_TEXT, .offset = AT(report), .arg = "FILE",
	.help = "write the result to this file as JSON"
};
static const struct qf_opt json_opt = {
	.name = "json", .type = QF_OPT_FLAG, .offset = AT(json),
	.help = "print the result as JSON"
};

static void print_help(const struct qf_tool *tool, const struct qf_opt_parse *p)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	qf_buf_printf(&out, "Usage: %s\n\n%s\n", tool->usage, tool->summary);
	/* The standard group stands first in the table and last on the screen. */
	qf_opt_help(p->groups + 1, p->n_groups - 1, &out);
	qf_opt_help(p->groups, 1, &out);
	if (tool->more)
		qf_buf_printf(&out, "\n%s\n", tool->more);
	fwrite(out.p, 1, out.n, stdout);
}

static void make_room_in_front(struct qf_opt_parse *p)
{
	for (size_t i = p->n_groups; i > 0; i--)
		p->groups[i] = p->groups[i - 1];
	p->n_groups++;
}

int qf_tool_start(const struct qf_tool *tool, struct qf_std *std, struct qf_opt_parse *p, int argc,
		  char **argv, struct qf_err *err)
{
	static struct qf_opt table[QF_LEN(std_opts) + 3];
	const char *format = qf_opt_find_value(argc, argv, "log-format", 0);
	enum qf_log_level level = QF_LOG_INFO;
	const char *plan;
	size_t n = 0;

	/* The log must work before the options are read: their errors go through it. */
	if (qf_opt_find_flag(argc, argv, "quiet", 'q'))
		level = QF_LOG_WARN;
	if (qf_opt_find_flag(argc, argv, "verbose", 'v'))
		level = QF_LOG_DEBUG;
	qf_log_init(tool->name, level, format && !strcmp(format, "json"));
	qf_sig_init();

	memset(std, 0, sizeof(*std));
	for (size_t i = 0; i < QF_LEN(std_opts); i++)
		table[n++] = std_opts[i];
	if (tool->has_progress)
		table[n++] = progress_opt;
	if (tool->has_report)
		table[n++] = report_opt;
	if (tool->has_json)
		table[n++] = json_opt;
	make_room_in_front(p);
	p->groups[0] = (struct qf_opt_group){ .title = "Common options", .opts = table, .n = n, .base = std };

	if (qf_opt_find_flag(argc, argv, "help", 'h')) {
		print_help(tool, p);
		return 1;
	}
	if (qf_opt_find_flag(argc, argv, "version", 'V')) {
		printf("fortress-%s %s\n", tool->name, qf_version);
		return 1;
	}
	plan = qf_opt_find_value(argc, argv, "config", 'c');
	if (qf_opt_parse(p, argc, argv, plan, err) < 0)
		return -1;
	/* Behind other letters ("-vc FILE") it is seen only now, too late to be read: better said than
	 * passed over. */
	if (std->config && (!plan || strcmp(plan, std->config) != 0))
		return qf_err_set(err, QF_E_USAGE, "-c must stand by itself: -c %s", std->config);
	qf_log_init(tool->name, std->verbose ? QF_LOG_DEBUG : std->quiet ? QF_LOG_WARN : QF_LOG_INFO,
		    std->log_format == 1);
	return 0;
}

int qf_tool_finish(int rc, const struct qf_err *err)
{
	int status = rc < 0 ? qf_log_failure(err) : rc;
	/* A status that only says what the output holds is worth nothing without the output. */
	bool told = status == QF_OK || status == QF_E_DIFF || status == QF_E_PARTIAL;

	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		if (errno == EPIPE)
			return told ? QF_E_PIPE : status;
		qf_log(QF_LOG_ERROR, "cannot write to standard output: %s", strerror(errno ? errno : EIO));
		return told ? QF_E_IO : status;
	}
	return status;
}

const char *qf_tool_dir(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		return "";
	path[n] = '\0';
	*strrchr(path, '/') = '\0';
	return path;
}
