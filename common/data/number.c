#include "common/data/number.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const double pow10_exact[] = {
	1e0,  1e1,  1e2,  1e3,	1e4,  1e5,  1e6,  1e7,	1e8,  1e9,  1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/*
 * digits * 10^exp10 as the nearest float, for digits below 2^53 and |exp10| <= 22: then the double
 * is the correctly rounded one (one exact operation). Rounding it once more to float is right
 * unless the double lies at, or is the rounded image of something at, the middle between two
 * floats; that shows in its low 29 bits. false: undecided here.
 */
static bool fast_f32(uint64_t digits, int exp10, float *ret)
{
	double d;
	uint64_t u;

	if (digits >> 53 || exp10 > 22 || exp10 < -22)
		return false;
	d = exp10 < 0 ? (double)digits / pow10_exact[-exp10] : (double)digits * pow10_exact[exp10];
	/* Subnormal floats keep fewer bits, so the middle lies elsewhere. */
	if (d != 0 && (d < 0x1p-125 || d > 0x1p127))
		return false;
	memcpy(&u, &d, 8);
	u &= 0x1fffffff;
	if (u >= 0x0fffffff && u <= 0x10000001)
		return false;
	*ret = (float)d;
	return true;
}

int qf_f32_parse(struct qf_str text, float *ret)
{
	const char *p = text.p, *end = p + text.n;
	char copy[64], *after;
	bool negative = false;
	uint64_t digits = 0;
	int n = 0, exp10 = 0, e = 0;

	if (p < end && *p == '-') {
		negative = true;
		p++;
	}
	for (; p < end && *p >= '0' && *p <= '9'; p++, n++)
		digits = n < 18 ? digits * 10 + (uint64_t)(*p - '0') : digits;
	if (p < end && *p == '.')
		for (p++; p < end && *p >= '0' && *p <= '9'; p++, n++, exp10--)
			digits = n < 18 ? digits * 10 + (uint64_t)(*p - '0') : digits;
	if (p < end && (*p | 32) == 'e') {
		bool minus;

		p++;
		minus = p < end && *p == '-';
		p += p < end && (*p == '-' || *p == '+');
		for (; p < end && *p >= '0' && *p <= '9'; p++)
			e = e < 10000 ? e * 10 + (*p - '0') : e;
		exp10 += minus ? -e : e;
	}
	if (p == end && n > 0 && n <= 18 && fast_f32(digits, exp10, ret)) {
		*ret = negative ? -*ret : *ret;
		return 0;
	}
	if (p != end || n == 0)
		return -1;
	if (text.n < sizeof(copy)) {
		memcpy(copy, text.p, text.n);
		copy[text.n] = '\0';
		*ret = strtof(copy, &after);
	} else {
		QF_AUTO_FREE char *big = qf_strndup(text.p, text.n);

		*ret = strtof(big, &after);
	}
	return isinf(*ret) ? -1 : 0;
}

int qf_f64_parse(struct qf_str text, double *ret)
{
	char copy[64], *after;

	if (text.n == 0)
		return -1;
	if (text.n < sizeof(copy)) {
		memcpy(copy, text.p, text.n);
		copy[text.n] = '\0';
		*ret = strtod(copy, &after);
		if (after != copy + text.n)
			return -1;
	} else {
		QF_AUTO_FREE char *big = qf_strndup(text.p, text.n);

		*ret = strtod(big, &after);
		if (after != big + text.n)
			return -1;
	}
	return isfinite(*ret) ? 0 : -1;
}

/* digits without trailing zeros times 10^exp10, as JSON: plain between 1e-5 and 1e16. */
static void put(struct qf_buf *out, bool negative, uint64_t digits, int exp10)
{
	char text[24];
	int n, point;
	char *at = qf_buf_room(out, 48), *start = at;

	while (digits % 10 == 0 && digits) {
		digits /= 10;
		exp10++;
	}
	n = 0;
	for (uint64_t d = digits; d || n == 0; d /= 10)
		text[n++] = (char)('0' + d % 10);
	point = n + exp10; /* digits before the point */
	if (negative)
		*at++ = '-';
	if (point > 16 || point < -4) {
		*at++ = text[n - 1];
		if (n > 1) {
			*at++ = '.';
			for (int i = n - 2; i >= 0; i--)
				*at++ = text[i];
		}
		at += snprintf(at, 8, "e%d", point - 1);
	} else if (point <= 0) {
		*at++ = '0';
		*at++ = '.';
		for (int i = point; i < 0; i++)
			*at++ = '0';
		for (int i = n - 1; i >= 0; i--)
			*at++ = text[i];
	} else {
		for (int i = 0; i < point; i++)
			*at++ = i < n ? text[n - 1 - i] : '0';
		*at++ = '.';
		if (point >= n)
			*at++ = '0';
		for (int i = point; i < n; i++)
			*at++ = text[n - 1 - i];
	}
	out->n += (size_t)(at - start);
}

/* Takes the digits and the exponent apart that "%.*e" printed. */
static void split(const char *text, uint64_t *digits, int *exp10)
{
	const char *p = text;

	*digits = 0;
	*exp10 = 0;
	for (; *p != 'e'; p++) {
		if (*p == '.')
			continue;
		*digits = *digits * 10 + (uint64_t)(*p - '0');
		if (p > text + 1)
			(*exp10)--;
	}
	*exp10 += (int)strtol(p + 1, NULL, 10);
}

/*
 * Around a power of two the interval of what rounds to it is lopsided: the nearest decimal may miss
 * it on the narrow side below while the next one above does not. text: as "%.*e" printed it;
 * becomes that next one. False where v is no power of two.
 */
static bool next_above(char *text, size_t size, double v)
{
	uint64_t digits;
	int exp10, exp2, n;
	char next[24];

	if (frexp(v, &exp2) != 0.5)
		return false;
	split(text, &digits, &exp10);
	n = snprintf(next, sizeof(next), "%llu", (unsigned long long)digits + 1);
	snprintf(text, size, "%c.%se%d", next[0], next + 1, exp10 + n - 1);
	return true;
}

static void slow_f32(struct qf_buf *out, bool negative, float v)
{
	char text[40];
	uint64_t digits;
	int exp10;

	for (int n = 1; n <= 9; n++) {
		snprintf(text, sizeof(text), "%.*e", n - 1, (double)v);
		if (n == 9 || strtof(text, NULL) == v ||
		    (next_above(text, sizeof(text), v) && strtof(text, NULL) == v))
			break;
	}
	split(text, &digits, &exp10);
	put(out, negative, digits, exp10);
}

void qf_f32_write(struct qf_buf *out, float v)
{
	bool negative = signbit(v);
	double d;
	int exp2, exp10;

	v = fabsf(v);
	if (v == 0) {
		qf_buf_puts(out, negative ? "-0.0" : "0.0");
		return;
	}
	if (v < 1e-13f || v > 1e20f) {
		slow_f32(out, negative, v);
		return;
	}
	/* exp10: v is about 10^exp10. */
	d = v;
	frexp(d, &exp2);
	exp10 = (int)((exp2 - 1) * 0.30103 + 100) - 100;
	if (d >= (exp10 + 1 < 0 ? 1 / pow10_exact[-exp10 - 1] : pow10_exact[exp10 + 1]))
		exp10++;
	/*
	 * Six digits always name one float, nine always suffice. Each try takes the nearest decimal
	 * and its neighbours: at a power of two the interval is lopsided, and the nearest may miss it
	 * while a neighbour does not.
	 */
	for (int n = 6; n <= 9; n++) {
		int scale = n - 1 - exp10;
		double scaled = scale < 0 ? d / pow10_exact[-scale] : d * pow10_exact[scale];
		uint64_t near = (uint64_t)(scaled + 0.5);
		uint64_t tries[2] = { near, (double)near < scaled ? near + 1 : near - 1 };

		for (int i = 0; i < 2; i++) {
			float back;

			if (!fast_f32(tries[i], -scale, &back)) {
				slow_f32(out, negative, v);
				return;
			}
			if (back == v) {
				put(out, negative, tries[i], -scale);
				return;
			}
		}
	}
	slow_f32(out, negative, v);
}

void qf_f64_write(struct qf_buf *out, double v)
{
	bool negative = signbit(v);
	char text[40];
	uint64_t digits;
	int exp10;

	v = fabs(v);
	if (v == 0) {
		qf_buf_puts(out, negative ? "-0.0" : "0.0");
		return;
	}
	for (int n = 15; n <= 17; n++) {
		snprintf(text, sizeof(text), "%.*e", n - 1, v);
		if (n == 17 || strtod(text, NULL) == v ||
		    (next_above(text, sizeof(text), v) && strtod(text, NULL) == v))
			break;
	}
	/* Subnormals have fewer digits: the fifteen hold zeros only where those are true. */
	if (v < DBL_MIN)
		for (int n = 1; n < 15; n++) {
			char shorter[40];

			snprintf(shorter, sizeof(shorter), "%.*e", n - 1, v);
			if (strtod(shorter, NULL) == v) {
				memcpy(text, shorter, sizeof(text));
				break;
			}
		}
	split(text, &digits, &exp10);
	put(out, negative, digits, exp10);
}
