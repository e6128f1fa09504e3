#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/base/tool.h"

static bool bar_shown;

static void wipe(void)
{
	if (bar_shown && write(STDERR_FILENO, "\r\033[K", 4) < 0)
		return;
	bar_shown = false;
}

const char *qf_fmt_count(char buf[32], uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	char *out = buf;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return buf;
}

const char *qf_fmt_bytes(char buf[32], uint64_t n)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double v = (double)n;
	size_t u = 0;

	while (v >= 1024 && u + 1 < QF_LEN(units)) {
		v /= 1024;
		u++;
	}
	snprintf(buf, 32, u ? "%.1f %s" : "%.0f %s", v, units[u]);
	return buf;
}

const char *qf_fmt_seconds(char buf[32], double s)
{
	if (s < 60)
		snprintf(buf, 32, s < 10 ? "%.1f s" : "%.0f s", s);
	else if (s < 3600)
		snprintf(buf, 32, "%d min %d s", (int)s / 60, (int)s % 60);
	else
		snprintf(buf, 32, "%d h %d min", (int)(s / 3600), (int)s / 60 % 60);
	return buf;
}

void qf_progress_start(struct qf_progress *p, const char *stage, int mode, bool auto_on)
{
	*p = (struct qf_progress){ .mode = (enum qf_progress_mode)mode, .stage = stage };
	if (p->mode == QF_PROGRESS_AUTO)
		p->mode = auto_on && isatty(STDERR_FILENO) ? QF_PROGRESS_BAR : QF_PROGRESS_NONE;
	p->started = p->shown = qf_now();
	if (p->mode == QF_PROGRESS_BAR)
		qf_log_set_before(wipe);
}

static void show_json(const struct qf_progress *p)
{
	char line[512];
	int n = snprintf(line, sizeof(line),
			 "{\"type\":\"progress\",\"stage\":\"%s\",\"points\":%llu,\"total\":%llu,"
			 "\"bytes\":%llu,\"retries\":%llu}\n",
			 p->stage, (unsigned long long)p->points, (unsigned long long)p->total,
			 (unsigned long long)p->bytes, (unsigned long long)p->retries);

	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

static void show_bar(struct qf_progress *p)
{
	char line[256], count[32], total[32], bytes[32], eta[32];
	size_t n;

	n = (size_t)snprintf(line, sizeof(line), "\r%s: %s", p->stage, qf_fmt_count(count, p->points));
	if (p->total)
		n += (size_t)snprintf(line + n, sizeof(line) - n, " of %s", qf_fmt_count(total, p->total));
	n += (size_t)snprintf(line + n, sizeof(line) - n, " points, %s/s, %s",
			      qf_fmt_count(count, (uint64_t)p->rate), qf_fmt_bytes(bytes, p->bytes));
	if (p->total > p->points && p->rate > 1)
		n += (size_t)snprintf(line + n, sizeof(line) - n, ", %s left",
				      qf_fmt_seconds(eta, (double)(p->total - p->points) / p->rate));
	if (p->retries)
		n += (size_t)snprintf(line + n, sizeof(line) - n, ", %llu retries",
				      (unsigned long long)p->retries);
	n += (size_t)snprintf(line + n, sizeof(line) - n, "\033[K");
	bar_shown = true;
	if (write(STDERR_FILENO, line, n) < 0)
		bar_shown = false;
}

void qf_progress_update(struct qf_progress *p)
{
	double now, since;

	if (p->mode != QF_PROGRESS_BAR && p->mode != QF_PROGRESS_JSON)
		return;
	now = qf_now();
	since = now - p->shown;
	if (since < (p->mode == QF_PROGRESS_JSON ? 1.0 : 1.0 / 6))
		return;
	if (p->points >= p->last_points) {
		double rate = (double)(p->points - p->last_points) / since;

		/* Half of what is shown is the last second or two. */
		p->rate = p->rate > 0 ? p->rate + (since > 1 ? 0.5 : 0.15) * (rate - p->rate) : rate;
	}
	p->last_points = p->points;
	p->shown = now;
	if (p->mode == QF_PROGRESS_JSON)
		show_json(p);
	else if (now - p->started >= 2)
		show_bar(p);
}

void qf_progress_end(struct qf_progress *p)
{
	if (p->mode == QF_PROGRESS_JSON)
		show_json(p);
	wipe();
}
