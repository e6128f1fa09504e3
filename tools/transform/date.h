/* Points in time: read from many forms, written in one. No locale and no time zone of the system. */
#ifndef QF_TRANSFORM_DATE_H
#define QF_TRANSFORM_DATE_H

#include <stdint.h>

#include "common/base/arena.h"

/* Seconds since 1970-01-01T00:00:00Z, leap seconds not counted; a fraction as its digits. */
struct qf_time {
	int64_t seconds;
	char fraction[10]; /* "" to "123456789": as many as there were, up to nine; the others are cut */
};

/* Units of numbers. */
enum qf_epoch { QF_EPOCH_S, QF_EPOCH_MS, QF_EPOCH_US, QF_EPOCH_NS, QF_EPOCH_AUTO };

/*
 * A text in a common form: RFC 3339 and ISO 8601 (2024-01-31, 2024-01-31T12:00[:00[.5]][zone], a blank
 * for the T, a comma for the point, 20240131[T120000]), mail and HTTP (Wed, 31 Jan 2024 12:00:00 GMT),
 * and epochs of 10, 13, 16 or 19 digits (s, ms, us, ns). A zone is Z, UTC, GMT, +01:00, +0100 or +01; without
 * one `zone` (seconds east of UTC) is meant. -1: *why is a constant.
 */
int qf_time_parse(struct qf_str text, int32_t zone, struct qf_time *ret, const char **why) QF_CHECK;

/*
 * A JSON number's text as seconds and so on since 1970, exactly. AUTO goes by size: below 1e11 s,
 * 1e14 ms, 1e17 us, else ns. -1: beyond the years 0 to 9999.
 */
int qf_time_of_number(struct qf_str number, enum qf_epoch unit, struct qf_time *ret,
		      const char **why) QF_CHECK;

/*
 * A text by a pattern: %Y %m %d %e %H %I %p %M %S %f (digits of a fraction) %y (69 to 99 are 19..) %j
 * %b %B %h %a %A (English) %z (as above) %Z (UTC, GMT, Z) %s (epoch) %T %F %D %R %n %t (white space) %%.
 */
int qf_time_scan(struct qf_str text, const char *pattern, int32_t zone, struct qf_time *ret,
		 const char **why) QF_CHECK;
/* Is the pattern one? *bad: the letter that is none, or 0 where nothing tells the day. */
bool qf_time_pattern_valid(const char *pattern, char *bad);

/* "Z", "UTC", "GMT", "+01:00", "-0330", "+01" as seconds. -1: none of them. */
int qf_zone_parse(struct qf_str text, int32_t *ret) QF_CHECK;

enum { QF_TIME_TEXT = 48 };
/* RFC 3339 in UTC: "2024-01-31T12:00:00.5Z", with a NUL behind it. */
void qf_time_format(const struct qf_time *t, char out[QF_TIME_TEXT]);

#endif
