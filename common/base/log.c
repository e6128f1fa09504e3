#include "common/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static struct {
	const char *stage;
	enum qf_log_level level;
	bool json;
	void (*before)(void);
} state = { .stage = "fortress", .level = QF_LOG_INFO };

void qf_log_init(const char *stage, enum qf_log_level level, bool json)
{
	state.stage = stage;
	state.level = level;
	state.json = json;
}

bool qf_log_is_json(void)
{
	return state.json;
}

enum qf_log_level qf_log_level(void)
{
	return state.level;
}

const char *qf_log_stage(void)
{
	return state.stage;
}

void qf_log_set_before(void (*before)(void))
{
	state.before = before;
}

size_t qf_json_quote(char *out, size_t size, const char *s)
{
	size_t n = 0;

	if (size < 3) {
		if (size)
			*out = '\0';
		return 0;
	}
	out[n++] = '"';
	for (; *s && n + 8 < size; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\') {
			out[n++] = '\\';
			out[n++] = (char)c;
		} else if (c < 0x20) {
			n += (size_t)snprintf(out + n, 7, "\\u%04x", c);
		} else {
			out[n++] = (char)c;
		}
	}
	out[n++] = '"';
	out[n] = '\0';
	return n;
}

void qf_log(enum qf_log_level level, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };
	char msg[2048], line[4608];
	va_list args;
	int n;

	if (level > state.level)
		return;
	va_start(args, fmt);
	vsnprintf(msg, sizeof(msg), fmt, args);
	va_end(args);
	for (unsigned char *p = (unsigned char *)msg; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
	if (state.json) {
		struct timespec now;
		struct tm tm;
		char quoted[4200], when[32];

		clock_gettime(CLOCK_REALTIME, &now);
		gmtime_r(&now.tv_sec, &tm);
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
		qf_json_quote(quoted, sizeof(quoted), msg);
		n = snprintf(line, sizeof(line),
			     "{\"ts\":\"%s.%03ldZ\",\"level\":\"%s\",\"stage\":\"%s\",\"msg\":%s}\n", when,
			     now.tv_nsec / 1000000, names[level], state.stage, quoted);
	} else if (level == QF_LOG_INFO) {
		n = snprintf(line, sizeof(line), "%s: %s\n", state.stage, msg);
	} else {
		n = snprintf(line, sizeof(line), "%s: %s: %s\n", state.stage, names[level], msg);
	}
	if (n >= (int)sizeof(line)) {
		n = sizeof(line) - 1;
		line[n - 1] = '\n';
	}
	if (state.before)
		state.before();
	/* A closed standard error must not stop the work. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

int qf_log_failure(const struct qf_err *err)
{
	if (err->code != QF_E_PIPE)
		qf_log(QF_LOG_ERROR, "%s", err->msg);
	return err->code;
}

const char *qf_redact_url(const char *url)
{
	static char out[1024];
	const char *scheme = strstr(url, "://");
	const char *host = scheme ? scheme + 3 : url;
	size_t host_n = strcspn(host, "/?#");
	const char *at = memrchr(host, '@', host_n);
	const char *query = strchr(host, '?');
	int until = query ? (int)(query - url) : (int)strlen(url);

	if (at) {
		int head = (int)(host - url);

		snprintf(out, sizeof(out), "%.*s***@%.*s", head, url, until - (int)(at + 1 - url), at + 1);
	} else {
		snprintf(out, sizeof(out), "%.*s", until, url);
	}
	return out;
}
