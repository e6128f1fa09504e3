/* The functions of conditions, and moments in time. */
#include <stdlib.h>
#include <unicase.h>

#include "tools/transform/expr_tree.h"

/* ---- moments ---- */

static bool take_digits(const char **p, const char *end, int n, int *ret)
{
	*ret = 0;
	if (end - *p < n)
		return false;
	for (; n; n--, ++*p) {
		if (**p < '0' || **p > '9')
			return false;
		*ret = *ret * 10 + (**p - '0');
	}
	return true;
}

static bool take_char(const char **p, const char *end, const char *any)
{
	if (*p >= end || !**p || !strchr(any, **p))
		return false;
	++*p;
	return true;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar: a year is counted from its March, so
 * that the day that some have more stands at its end, and from -400, so that none is negative. */
static int64_t days_since_1970(int year, int month, int day)
{
	int y = 400 + (month > 2 ? year : year - 1), m = month > 2 ? month - 3 : month + 9;

	return 365 * (int64_t)y + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468 - 146097;
}

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool take_date(const char **p, const char *end, int64_t *days)
{
	int year, month, day;

	if (!take_digits(p, end, 4, &year) || !take_char(p, end, "-") || !take_digits(p, end, 2, &month) ||
	    !take_char(p, end, "-") || !take_digits(p, end, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return false;
	*days = days_since_1970(year, month, day);
	return true;
}

static bool take_fraction(const char **p, const char *end, int32_t *nanos)
{
	int32_t unit = 100000000;
	const char *from;

	*nanos = 0;
	if (!take_char(p, end, "."))
		return true;
	for (from = *p; *p < end && **p >= '0' && **p <= '9'; ++*p, unit /= 10)
		*nanos += (**p - '0') * unit;
	return *p > from;
}

/* Seconds east of UTC. */
static bool take_zone(const char **p, const char *end, int *ret)
{
	bool west = *p < end && **p == '-';
	int hours, minutes;

	*ret = 0;
	if (take_char(p, end, "Zz"))
		return true;
	if (!take_char(p, end, "+-") || !take_digits(p, end, 2, &hours) || !take_char(p, end, ":") ||
	    !take_digits(p, end, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret = (hours * 60 + minutes) * (west ? -60 : 60);
	return true;
}

int qf_moment_parse(struct qf_str text, struct qf_moment *ret)
{
	const char *p = text.p, *end = text.p + text.n;
	int hour, minute, second, zone;
	struct qf_moment m = { 0 };
	int64_t days;

	if (text.n == 0 || !take_date(&p, end, &days))
		return -1;
	m.seconds = days * 86400;
	if (p < end) {
		if (!take_char(&p, end, "Tt ") || !take_digits(&p, end, 2, &hour) || !take_char(&p, end, ":") ||
		    !take_digits(&p, end, 2, &minute) || !take_char(&p, end, ":") ||
		    !take_digits(&p, end, 2, &second) || hour > 23 || minute > 59 || second > 60)
			return -1;
		if (!take_fraction(&p, end, &m.nanos) || !take_zone(&p, end, &zone) || p != end)
			return -1;
		m.seconds += hour * 3600 + minute * 60 + second - zone;
	}
	*ret = m;
	return 0;
}

/* ---- functions ---- */

static bool is_ascii(struct qf_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

/* As Unicode has it, without a language: one character may become several (ß, SS). */
static struct qf_str change_case(struct qf_str text, bool upper, struct qf_arena *arena)
{
	uint8_t *(*const map)(const uint8_t *, size_t, const char *, uninorm_t, uint8_t *, size_t *) =
		upper ? u8_toupper : u8_tolower;
	struct qf_str ret = text;
	uint8_t *made;
	size_t n = 0;

	if (is_ascii(text)) {
		char *copy = qf_arena_alloc(arena, text.n + 1);

		for (size_t i = 0; i < text.n; i++) {
			char c = text.p[i];

			copy[i] = upper ? (c >= 'a' && c <= 'z' ? c - 32 : c) : (c >= 'A' && c <= 'Z' ? c + 32 : c);
		}
		return (struct qf_str){ copy, text.n };
	}
	made = map((const uint8_t *)text.p, text.n, NULL, NULL, NULL, &n);
	/* NULL is bad UTF-8, which a payload does not hold. */
	if (made)
		ret = qf_arena_dup(arena, made, n);
	free(made);
	return ret;
}

static size_t code_points(struct qf_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

struct qf_xvalue qf_xfunc_apply(enum qf_xfunc func, const struct qf_xvalue *v, struct qf_arena *arena)
{
	struct qf_val *val = v->val;
	struct qf_xvalue ret = { 0 };
	struct qf_str text;

	if (!val || v->is_moment)
		return ret;
	if (func == QF_XF_LENGTH && (val->type == QF_JSON_ARRAY || val->type == QF_JSON_OBJECT)) {
		ret.val = qf_val_new_uint(arena, qf_val_count(val, arena));
		return ret;
	}
	if (val->type != QF_JSON_STRING)
		return ret;
	text = qf_val_text(val, arena);
	switch (func) {
	case QF_XF_LENGTH:
		ret.val = qf_val_new_uint(arena, code_points(text));
		break;
	case QF_XF_DATE:
		/* The text stays beside the moment, for qf_expr_write. */
		ret.is_moment = qf_moment_parse(text, &ret.moment) == 0;
		ret.val = ret.is_moment ? val : NULL;
		break;
	case QF_XF_LOWER:
	case QF_XF_UPPER:
		ret.val = qf_val_new_string(arena, change_case(text, func == QF_XF_UPPER, arena));
		break;
	case QF_XF_COUNT:
		break;
	}
	return ret;
}
