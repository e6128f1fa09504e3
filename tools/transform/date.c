#include "tools/transform/date.h"

#include <ctype.h>

enum { DAY = 86400 };

static const char out_of_range[] = "it is beyond the years 0 to 9999";
static const char no_form[] = "it is in none of the known forms; a pattern such as \"%d.%m.%Y\" may name its own";

struct parts {
	int year, month, day, yday; /* month and day from 1; yday from 1, 0: not given */
	int hour, minute, second;
	int half;		    /* 0: hour of 24; 1: am, 2: pm */
	char fraction[10];
	int32_t zone;
	bool epoch;		    /* seconds is it, as it stands */
	int64_t seconds;
};

/* ---- calendar ---- */

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days of the years before this one since year 0, which is a leap year. */
static int64_t days_before(int64_t year)
{
	return 365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

enum { DAYS_TO_1970 = 719528 };

static int finish(const struct parts *in, struct qf_time *ret, const char **why)
{
	struct parts p = *in;
	int64_t days;

	memcpy(ret->fraction, p.fraction, sizeof(ret->fraction));
	for (size_t n = strlen(ret->fraction); n && ret->fraction[n - 1] == '0'; n--)
		ret->fraction[n - 1] = '\0';
	if (p.epoch) {
		ret->seconds = p.seconds;
	} else {
		if (p.half) {
			if (p.hour < 1 || p.hour > 12) {
				*why = "its hour is none of 1 to 12";
				return -1;
			}
			p.hour = p.hour % 12 + (p.half == 2 ? 12 : 0);
		}
		if (p.yday) {
			for (p.month = 1; p.month <= 12 && p.yday > days_of(p.year, p.month); p.month++)
				p.yday -= days_of(p.year, p.month);
			p.day = p.yday;
		}
		if (p.month < 1 || p.month > 12 || p.day < 1 || p.day > days_of(p.year, p.month)) {
			*why = "there is no such day";
			return -1;
		}
		if (p.hour > 23 || p.minute > 59 || p.second > 60) {
			*why = "there is no such time of the day";
			return -1;
		}
		days = days_before(p.year) - DAYS_TO_1970 + p.day - 1;
		for (int m = 1; m < p.month; m++)
			days += days_of(p.year, m);
		ret->seconds = days * DAY + p.hour * 3600 + p.minute * 60 + p.second - p.zone;
	}
	if (ret->seconds < -(int64_t)DAYS_TO_1970 * DAY ||
	    ret->seconds >= (days_before(10000) - DAYS_TO_1970) * DAY) {
		*why = out_of_range;
		return -1;
	}
	return 0;
}

void qf_time_format(const struct qf_time *t, char out[QF_TIME_TEXT])
{
	int64_t days = t->seconds / DAY + DAYS_TO_1970, second = t->seconds % DAY;
	int year, month = 1;

	if (second < 0) {
		second += DAY;
		days--;
	}
	/* At most one too many or too few by the average length of a year. */
	year = (int)(days / 365.2425);
	while (days_before(year) > days)
		year--;
	while (days_before(year + 1) <= days)
		year++;
	days -= days_before(year);
	for (; days >= days_of(year, month); month++)
		days -= days_of(year, month);
	snprintf(out, QF_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%s%sZ", year % 10000, month, (int)days + 1,
		 (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60), *t->fraction ? "." : "", t->fraction);
}

/* ---- pieces of texts ---- */

struct in {
	const char *p, *end;
};

static bool take(struct in *in, char c)
{
	if (in->p == in->end || *in->p != c)
		return false;
	in->p++;
	return true;
}

static size_t count_digits(const struct in *in)
{
	const char *p = in->p;

	while (p < in->end && isdigit((unsigned char)*p))
		p++;
	return (size_t)(p - in->p);
}

/* A number of min..max digits. */
static bool number(struct in *in, size_t min, size_t max, int *ret)
{
	size_t n = count_digits(in);

	if (n < min)
		return false;
	n = n < max ? n : max;
	*ret = 0;
	for (; n; n--)
		*ret = 10 * *ret + (*in->p++ - '0');
	return true;
}

static bool fraction(struct in *in, char ret[10])
{
	size_t n = count_digits(in);

	for (size_t i = 0; i < n && i < 9; i++)
		ret[i] = in->p[i];
	ret[n < 9 ? n : 9] = '\0';
	in->p += n;
	return n > 0;
}

static bool word(struct in *in, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(in->end - in->p) < n || strncasecmp(in->p, w, n) != 0)
		return false;
	in->p += n;
	return true;
}

static bool zone(struct in *in, int32_t *ret)
{
	int sign, hours, minutes = 0;

	*ret = 0;
	if (word(in, "UTC") || word(in, "GMT") || word(in, "Z"))
		return true;
	if (in->p == in->end || (*in->p != '+' && *in->p != '-'))
		return false;
	sign = *in->p++ == '-' ? -1 : 1;
	if (!number(in, 2, 2, &hours))
		return false;
	if (take(in, ':') ? !number(in, 2, 2, &minutes) : count_digits(in) && !number(in, 2, 2, &minutes))
		return false;
	*ret = sign * (hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

int qf_zone_parse(struct qf_str text, int32_t *ret)
{
	struct in in = { text.p, text.p + text.n };

	return zone(&in, ret) && in.p == in.end ? 0 : -1;
}

static void spaces(struct in *in)
{
	while (in->p < in->end && isspace((unsigned char)*in->p))
		in->p++;
}

/* One of n names, or its first three letters; the index from 1. */
static bool name(struct in *in, const char *const *names, int n, int *ret)
{
	for (int i = 0; i < n; i++) {
		char three[4] = { names[i][0], names[i][1], names[i][2], '\0' };

		if (word(in, names[i]) || word(in, three)) {
			*ret = i + 1;
			return true;
		}
	}
	return false;
}

/* ---- patterns ---- */

static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
				      "September", "October", "November", "December" };
static const char *const weekdays[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

static const char *longer(char letter)
{
	switch (letter) {
	case 'T':
		return "%H:%M:%S";
	case 'F':
		return "%Y-%m-%d";
	case 'D':
		return "%m/%d/%y";
	case 'R':
		return "%H:%M";
	default:
		return NULL;
	}
}

static bool two_digit_year(struct in *in, int *ret)
{
	if (!number(in, 2, 2, ret))
		return false;
	*ret += *ret < 69 ? 2000 : 1900;
	return true;
}

static bool epoch_seconds(struct in *in, struct parts *p)
{
	bool minus = take(in, '-');
	size_t n = count_digits(in);

	if (n == 0 || n > 15)
		return false;
	p->epoch = true;
	p->seconds = 0;
	for (; n; n--)
		p->seconds = 10 * p->seconds + (*in->p++ - '0');
	if (minus)
		p->seconds = -p->seconds;
	return true;
}

static bool half(struct in *in, int *ret)
{
	*ret = word(in, "am") || word(in, "a.m.") ? 1 : word(in, "pm") || word(in, "p.m.") ? 2 : 0;
	return *ret != 0;
}

static bool scan(struct in *in, const char *pattern, struct parts *p);

static bool scan_letter(struct in *in, char letter, struct parts *p)
{
	int ignored;

	switch (letter) {
	case 'Y':
		return number(in, 4, 4, &p->year);
	case 'y':
		return two_digit_year(in, &p->year);
	case 'm':
		return number(in, 1, 2, &p->month);
	case 'd':
	case 'e':
		spaces(in);
		return number(in, 1, 2, &p->day);
	case 'j':
		return number(in, 1, 3, &p->yday) && p->yday > 0;
	case 'H':
	case 'I':
		return number(in, 1, 2, &p->hour);
	case 'M':
		return number(in, 1, 2, &p->minute);
	case 'S':
		return number(in, 1, 2, &p->second);
	case 'f':
		return fraction(in, p->fraction);
	case 'p':
		return half(in, &p->half);
	case 'b':
	case 'B':
	case 'h':
		return name(in, months, 12, &p->month);
	case 'a':
	case 'A':
		return name(in, weekdays, 7, &ignored);
	case 'z':
	case 'Z':
		return zone(in, &p->zone);
	case 's':
		return epoch_seconds(in, p);
	case '%':
		return take(in, '%');
	case 'n':
	case 't':
		spaces(in);
		return true;
	default:
		return scan(in, longer(letter), p);
	}
}

static bool scan(struct in *in, const char *pattern, struct parts *p)
{
	for (; *pattern; pattern++) {
		if (*pattern == '%') {
			if (!scan_letter(in, *++pattern, p))
				return false;
		} else if (isspace((unsigned char)*pattern)) {
			spaces(in);
		} else if (!take(in, *pattern)) {
			return false;
		}
	}
	return true;
}

bool qf_time_pattern_valid(const char *pattern, char *bad)
{
	bool year = false;

	*bad = '\0';
	for (; *pattern; pattern++) {
		if (*pattern != '%')
			continue;
		pattern++;
		if (!*pattern || !strchr("YymdejHIMSfpbBhaAzZsTFDRnt%", *pattern)) {
			*bad = *pattern ? *pattern : '%';
			return false;
		}
		year |= strchr("YysFD", *pattern) != NULL;
	}
	return year;
}

int qf_time_scan(struct qf_str text, const char *pattern, int32_t zone_default, struct qf_time *ret,
		 const char **why)
{
	struct in in = { text.p, text.p + text.n };
	struct parts p = { .month = 1, .day = 1, .zone = zone_default };

	if (!scan(&in, pattern, &p) || in.p != in.end) {
		*why = "it does not fit the pattern";
		return -1;
	}
	return finish(&p, ret, why);
}

/* ---- common forms ---- */

/* HH:MM[:SS[.5]] or HHMM[SS[.5]]. */
static bool time_of_day(struct in *in, struct parts *p)
{
	bool colons;

	if (!number(in, 2, 2, &p->hour))
		return false;
	colons = take(in, ':');
	if (!number(in, 2, 2, &p->minute))
		return false;
	if (colons ? !take(in, ':') : !count_digits(in))
		return true;
	if (!number(in, 2, 2, &p->second))
		return false;
	return take(in, '.') || take(in, ',') ? fraction(in, p->fraction) : true;
}

static bool iso(struct in in, struct parts *p)
{
	bool hyphens;

	if (count_digits(&in) != 4 && count_digits(&in) != 8 && count_digits(&in) != 14)
		return false;
	if (!number(&in, 4, 4, &p->year))
		return false;
	hyphens = take(&in, '-');
	if (!number(&in, 2, 2, &p->month) || (hyphens && !take(&in, '-')) || !number(&in, 2, 2, &p->day))
		return false;
	if (in.p == in.end)
		return true;
	if (count_digits(&in) != 6 && !take(&in, 'T') && !take(&in, 't') && !take(&in, ' '))
		return false;
	if (!time_of_day(&in, p))
		return false;
	spaces(&in);
	return in.p == in.end || (zone(&in, &p->zone) && in.p == in.end);
}

int qf_time_parse(struct qf_str text, int32_t zone_default, struct qf_time *ret, const char **why)
{
	static const char *const others[] = { "%a, %d %b %Y %T %z", "%d %b %Y %T %z", "%a, %d-%b-%y %T %z",
					      "%a %b %e %T %Y", "%a, %d %b %Y %R %z" };
	struct in in = { text.p, text.p + text.n };
	struct parts p = { .zone = zone_default };
	size_t n = count_digits(&in);

	if (iso(in, &p))
		return finish(&p, ret, why);
	if (n == text.n && (n == 10 || n == 13 || n == 16 || n == 19))
		return qf_time_of_number(text, n == 10 ? QF_EPOCH_S : n == 13 ? QF_EPOCH_MS : n == 16 ? QF_EPOCH_US :
					       QF_EPOCH_NS, ret, why);
	for (size_t i = 0; i < QF_LEN(others); i++)
		if (qf_time_scan(text, others[i], zone_default, ret, why) == 0)
			return 0;
	*why = no_form;
	return -1;
}

/* ---- numbers ---- */

/* Digits without the point: the value is digits times 10^exp. */
struct decimal {
	char digits[64]; /* without leading zeros */
	int n;
	int64_t exp;
	bool minus;
};

static void read_decimal(struct qf_str text, struct decimal *d)
{
	const char *p = text.p, *end = p + text.n;
	bool point = false, minus;
	int64_t e = 0;

	*d = (struct decimal){ .minus = p < end && *p == '-' };
	p += d->minus;
	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		/* Behind 60 digits nothing is left that counts, but the place. */
		if (d->n < 60 && (d->n || *p != '0')) {
			d->digits[d->n++] = *p;
			d->exp -= point;
		} else if (d->n) {
			d->exp += !point;
		} else {
			d->exp -= point;
		}
	}
	if (p < end) {
		p++;
		minus = *p == '-';
		p += *p == '-' || *p == '+';
		for (; p < end; p++)
			if (e < 100000)
				e = 10 * e + (*p - '0');
		d->exp += minus ? -e : e;
	}
}

int qf_time_of_number(struct qf_str text, enum qf_epoch unit, struct qf_time *ret, const char **why)
{
	static const int scales[] = { 0, 3, 6, 9 };
	struct parts p = { .epoch = true };
	__extension__ __int128 nanos = 0;
	struct decimal d;
	int64_t places, rest;

	read_decimal(text, &d);
	if (unit == QF_EPOCH_AUTO)
		unit = d.n + d.exp <= 11 ? QF_EPOCH_S : d.n + d.exp <= 14 ? QF_EPOCH_MS :
		       d.n + d.exp <= 17 ? QF_EPOCH_US : QF_EPOCH_NS;
	/* In nanoseconds; what is smaller is cut. */
	places = d.exp - scales[unit] + 9;
	if (d.n && d.n + places > 24) {
		*why = out_of_range;
		return -1;
	}
	for (int i = 0; i < d.n && i < d.n + places; i++)
		nanos = 10 * nanos + (d.digits[i] - '0');
	for (; places > 0 && d.n; places--)
		nanos *= 10;
	if (d.minus)
		nanos = -nanos;
	p.seconds = (int64_t)(nanos / 1000000000);
	rest = (int64_t)(nanos % 1000000000);
	if (rest < 0) {
		rest += 1000000000;
		p.seconds--;
	}
	snprintf(p.fraction, sizeof(p.fraction), "%09d", (int)rest);
	return finish(&p, ret, why);
}
