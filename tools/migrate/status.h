/*
 * The one display of a running migration: a line that is redrawn on a terminal, a plain line every
 * five seconds elsewhere, or JSON lines.
 */
#ifndef QF_MIGRATE_STATUS_H
#define QF_MIGRATE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"

struct qf_status {
	int mode;		/* enum qf_progress_mode; AUTO: BAR on a terminal, else plain lines */
	bool plain, bar;
	double started, shown;	/* qf_now() */
	uint64_t last_points;	/* at `measured` */
	double measured;
	double rate;		/* points a second, smoothed */
};

/* What the display is of: acknowledged points and the rest. */
struct qf_status_values {
	uint64_t points, total, bytes, retries; /* total 0: not known */
	uint64_t read;				/* by the source, ahead of points */
};

void qf_status_start(struct qf_status *s, int mode, bool quiet);
/* Cheap; shows something when it is time. */
void qf_status_update(struct qf_status *s, const struct qf_status_values *v, double now);
/* A line of text in place of the numbers, for what has none: "waiting for the index: ...". */
void qf_status_text(struct qf_status *s, const char *text, double now);
/* Wipes what is on the terminal. */
void qf_status_end(struct qf_status *s);

/* "12,345 of 100,000 points (12 %), 5,000/s, 12.3 MiB, 18 s left, 2 retries". For tests too. */
void qf_status_format(const struct qf_status *s, const struct qf_status_values *v, struct qf_buf *out);

#endif
