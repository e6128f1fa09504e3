#include "tools/migrate/status.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/base/tool.h"

static const double BAR_EVERY = 1.0 / 6, PLAIN_EVERY = 5, JSON_EVERY = 1, BAR_AFTER = 2;
static const double STALL = 3; /* seconds without a point after which the rate falls */

static bool drawn;

static void wipe(void)
{
	if (drawn && write(STDERR_FILENO, "\r\033[K", 4) < 0)
		return;
	drawn = false;
}

void qf_status_start(struct qf_status *s, int mode, bool quiet)
{
	*s = (struct qf_status){ .mode = mode };
	if (mode == QF_PROGRESS_AUTO) {
		s->bar = isatty(STDERR_FILENO) && !quiet;
		s->plain = !s->bar && !quiet;
	}
	s->bar |= mode == QF_PROGRESS_BAR;
	s->started = s->shown = s->measured = qf_now();
	if (s->bar)
		qf_log_set_before(wipe);
}

/*
 * Half of what is shown is the last second or two. The stages tell once a second, more often is the
 * line drawn: a number that has not changed is no rate of nothing, until it has not for long.
 */
static void smooth(struct qf_status *s, uint64_t points, double now)
{
	double rate, weight, since = now - s->measured;

	if (points < s->last_points)
		s->last_points = points;
	if (since <= 0 || (points == s->last_points && since < STALL))
		return;
	weight = since >= 2 ? 0.7 : since >= 0.7 ? 0.5 : 0.15;
	rate = (double)(points - s->last_points) / since;
	s->measured = now;
	s->rate = s->rate > 0 ? s->rate + weight * (rate - s->rate) : rate;
	s->last_points = points;
}

void qf_status_format(const struct qf_status *s, const struct qf_status_values *v, struct qf_buf *out)
{
	char a[32], b[32];

	qf_buf_puts(out, qf_fmt_count(a, v->points));
	if (v->total) {
		/* What grew since it was counted shows as all done, not as more than all. */
		double part = (double)v->points / (double)v->total;
		unsigned percent = v->points >= v->total ? 100 : (unsigned)(100 * part);

		qf_buf_printf(out, " of %s points (%u %%)", qf_fmt_count(a, v->total), percent);
	} else {
		QF_BUF_LIT(out, " points");
	}
	qf_buf_printf(out, ", %s/s, %s", qf_fmt_count(a, (uint64_t)s->rate), qf_fmt_bytes(b, v->bytes));
	if (v->total > v->points && s->rate >= 1)
		qf_buf_printf(out, ", %s left", qf_fmt_seconds(a, (double)(v->total - v->points) / s->rate));
	if (v->retries)
		qf_buf_printf(out, ", %s %s", qf_fmt_count(a, v->retries), v->retries == 1 ? "retry" : "retries");
}

/* Bytes of the text that fit into a line; a longer one would leave its parts behind at each redraw. */
static int fitting(const char *text)
{
	struct winsize size;
	int columns = 80, at = 0;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		columns = size.ws_col;
	/* The last column stays free: in it some terminals wrap. */
	for (int shown = 0; text[at]; at++)
		if (((unsigned char)text[at] & 0xc0) != 0x80 && ++shown == columns)
			break;
	return at;
}

static void draw(const char *text)
{
	QF_AUTO_FREE char *line = qf_asprintf("\r%.*s\033[K", fitting(text), text);

	drawn = true;
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		drawn = false;
}

static void put(struct qf_status *s, const char *text)
{
	if (s->bar)
		draw(text);
	else
		qf_info("%s", text);
}

static double every(const struct qf_status *s)
{
	return s->bar ? BAR_EVERY : s->mode == QF_PROGRESS_JSON ? JSON_EVERY : PLAIN_EVERY;
}

void qf_status_update(struct qf_status *s, const struct qf_status_values *v, double now)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	double since = now - s->shown;

	if ((!s->bar && !s->plain && s->mode != QF_PROGRESS_JSON) || since < every(s))
		return;
	smooth(s, v->points, now);
	s->shown = now;
	if (s->mode == QF_PROGRESS_JSON) {
		qf_buf_printf(&text,
			      "{\"type\":\"progress\",\"stage\":\"migrate\",\"points\":%llu,\"total\":%llu,\"bytes\":%llu,"
			      "\"retries\":%llu,\"read\":%llu,\"rate\":%.0f}\n",
			      (unsigned long long)v->points, (unsigned long long)v->total,
			      (unsigned long long)v->bytes, (unsigned long long)v->retries,
			      (unsigned long long)v->read, s->rate);
		if (write(STDERR_FILENO, text.p, text.n) < 0)
			return;
	} else if (!s->bar || now - s->started >= BAR_AFTER) {
		qf_status_format(s, v, &text);
		put(s, qf_buf_cstr(&text));
	}
}

void qf_status_text(struct qf_status *s, const char *text, double now)
{
	if ((!s->bar && !s->plain) || now - s->shown < every(s))
		return;
	s->shown = now;
	put(s, text);
}

void qf_status_end(struct qf_status *s)
{
	(void)s;
	wipe();
}
