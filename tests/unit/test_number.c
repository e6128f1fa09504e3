/* Floating-point numbers as text: the same bits come back, and no shorter text would do. */
#include <float.h>
#include <math.h>

#include "common/data/number.h"
#include "tests/unit/unit.h"

static struct qf_buf out;

static float of_bits(uint32_t bits)
{
	float v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static uint32_t bits_of(float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

/* Digits that name the number: without sign, point, exponent, zeros at either end. */
static int significant(const char *text)
{
	int n = 0, zeros = 0;

	for (; *text && *text != 'e'; text++) {
		if (*text < '0' || *text > '9' || (n == 0 && *text == '0'))
			continue;
		zeros = *text == '0' ? zeros + 1 : 0;
		n++;
	}
	return n - zeros;
}

/* The length of the shortest nearest decimal, by trying. */
static int shortest_f32(float v)
{
	char text[64];
	int n = 1;

	for (; n < 9; n++) {
		snprintf(text, sizeof(text), "%.*g", n, (double)v);
		if (strtof(text, NULL) == v)
			break;
	}
	return n;
}

/* Does a decimal of n digits beside the nearest one name v too? Only where the interval is lopsided. */
static bool neighbour_f32(float v, int n)
{
	char text[64], *e;
	long long digits = 0;

	snprintf(text, sizeof(text), "%.*e", n - 1, (double)v);
	e = strchr(text, 'e');
	for (const char *p = text; p < e; p++)
		digits = *p >= '0' && *p <= '9' ? digits * 10 + *p - '0' : digits;
	for (int d = -1; d <= 1; d += 2) {
		char other[64];

		snprintf(other, sizeof(other), "%llde%ld", digits + d, strtol(e + 1, NULL, 10) - n + 1);
		if (strtof(other, NULL) == v)
			return true;
	}
	return false;
}

static void round_trip(uint32_t bits)
{
	float v = of_bits(bits), back = 0;

	qf_buf_reset(&out);
	qf_f32_write(&out, v);
	if (qf_f32_parse(qf_buf_str(&out), &back) < 0 || bits_of(back) != bits)
		ck_abort_msg("%08x: %s", bits, qf_buf_cstr(&out));
	/* A float stays a float in every reader, and the text is JSON. */
	if (!memchr(out.p, '.', out.n) && !memchr(out.p, 'e', out.n))
		ck_abort_msg("%08x: %s has neither point nor exponent", bits, qf_buf_cstr(&out));
}

/* strtof is the judge of what a text means, and of what the shortest one is. */
static void judged(uint32_t bits)
{
	float v = of_bits(bits);
	const char *text;
	int digits;

	round_trip(bits);
	text = qf_buf_cstr(&out);
	if (bits_of(strtof(text, NULL)) != bits)
		ck_abort_msg("%08x: strtof reads %s otherwise", bits, text);
	digits = significant(text);
	if (v != 0 && digits > shortest_f32(v))
		ck_abort_msg("%08x: %s has %d digits, %d would do", bits, text, digits, shortest_f32(v));
	if (!(bits & 0x7fffff) && digits > 1 && neighbour_f32(fabsf(v), digits - 1))
		ck_abort_msg("%08x: %s has %d digits, one less would do", bits, text, digits);
}

START_TEST(known_f32)
{
	static const struct {
		float v;
		const char *text;
	} cases[] = {
		{ 0.0f, "0.0" }, { -0.0f, "-0.0" }, { 1.0f, "1.0" }, { -1.0f, "-1.0" }, { 0.1f, "0.1" }, { 5.0f, "5.0" },
		{ 0.3f, "0.3" }, { 100.0f, "100.0" }, { 1.5f, "1.5" }, { 16777216.0f, "16777216.0" },
		{ 3.4028235e38f, "3.4028235e38" }, { 1e-45f, "1e-45" }, { 1.17549435e-38f, "1.1754944e-38" },
		{ 1e20f, "1e20" }, { 1e-5f, "0.00001" }, { 1e-6f, "1e-6" }, { 123456.789f, "123456.79" },
		{ 33554432.0f, "33554432.0" }, { 0.05f, "0.05" }, { -2.5e-10f, "-2.5e-10" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		qf_buf_reset(&out);
		qf_f32_write(&out, cases[i].v);
		ck_assert_str_eq(qf_buf_cstr(&out), cases[i].text);
		judged(bits_of(cases[i].v));
	}
}
END_TEST

/* Where the spacing of floats changes, the interval that rounds to a number is lopsided. */
START_TEST(edges_f32)
{
	for (uint32_t exponent = 0; exponent < 255; exponent++) {
		uint32_t bits = exponent << 23;

		for (uint32_t d = 0; d < 100; d++) {
			judged(bits + d);
			judged((bits + d) | 0x80000000);
			judged(bits + 0x7fffff - d);
			judged(bits + 0x400000 - 50 + d);
		}
	}
	/* Decimal edges: powers of ten and their neighbours. */
	for (int e = -45; e <= 38; e++) {
		char text[16];
		uint32_t bits;

		snprintf(text, sizeof(text), "1e%d", e);
		bits = bits_of(strtof(text, NULL));
		for (uint32_t d = 0; d < 200; d++)
			judged(bits >= 100 ? bits - 100 + d : d);
	}
}
END_TEST

START_TEST(subnormal_f32)
{
	for (uint32_t bits = 1; bits < 0x800000; bits += UNIT_SLOW ? 61 : 1009)
		judged(bits);
}
END_TEST

START_TEST(random_f32)
{
	uint32_t n = UNIT_SLOW ? 100000000 : 2000000;
	uint64_t seed = 42;

	for (uint32_t i = 0; i < n;) {
		uint32_t bits = (uint32_t)unit_random(&seed);

		if ((bits & 0x7f800000) == 0x7f800000)
			continue;
		if (i % 256 == 0)
			judged(bits);
		else
			round_trip(bits);
		i++;
	}
	/* Components of real vectors lie between -1 and 1. */
	for (uint32_t i = 0; i < n / 200; i++)
		judged(bits_of((float)((double)(int64_t)unit_random(&seed) * 0x1p-63)));
}
END_TEST

/* Any text that JSON allows means what strtof says it means. */
START_TEST(parse_f32)
{
	uint64_t seed = 7;
	char text[128];

	for (int i = 0; i < (UNIT_SLOW ? 3000000 : 300000); i++) {
		uint64_t r = unit_random(&seed);
		int digits = 1 + (int)(r % 22), n = 0;
		float got;

		if (r & 1 << 6)
			text[n++] = '-';
		text[n++] = (char)('1' + (r >> 8) % 9);
		for (int d = 1; d < digits; d++) {
			if (d == (int)((r >> 12) % 22))
				text[n++] = '.', text[n++] = (char)('0' + unit_random(&seed) % 10);
			else
				text[n++] = (char)('0' + unit_random(&seed) % 10);
		}
		text[n] = '\0';
		if ((r >> 20) % 3)
			n += snprintf(text + n, sizeof(text) - (size_t)n, "e%d", (int)((r >> 24) % 80) - 55);
		if (qf_f32_parse((struct qf_str){ text, (size_t)n }, &got) < 0) {
			if (!isinf(strtof(text, NULL)))
				ck_abort_msg("%s is refused", text);
		} else if (bits_of(got) != bits_of(strtof(text, NULL))) {
			ck_abort_msg("%s is read as %.9g", text, (double)got);
		}
	}
}
END_TEST

/* Exactly between two floats, and a hair to either side: rounding twice would go wrong here. */
START_TEST(parse_f32_halfway)
{
	uint64_t seed = 3;

	for (int i = 0; i < 200000; i++) {
		uint32_t bits = (uint32_t)unit_random(&seed) & 0x7fffffff;
		double middle;
		char text[1200];

		if (bits >= 0x7f7fffff)
			continue;
		middle = ((double)of_bits(bits) + (double)of_bits(bits + 1)) / 2;
		for (int digits = 9; digits < 40; digits += 5) {
			float got;

			snprintf(text, sizeof(text), "%.*e", digits, middle);
			ck_assert_int_eq(qf_f32_parse(qf_str(text), &got), 0);
			if (bits_of(got) != bits_of(strtof(text, NULL)))
				ck_abort_msg("%s is read as %.9g", text, (double)got);
		}
	}
}
END_TEST

START_TEST(refused)
{
	static const char *const floats[] = { "1e39", "-1e39", "3.4028236e38", "1e400", "1e99999999999", "", "-", "x",
					      ".", "1x", "1.5.5", "e5", "1 ", " 1", "NaN", "inf", "0x1p3" };
	static const char *const doubles[] = { "1e309", "-1e309", "1e99999999999", "", "-", "x", "1x", "1 ", "nan",
					       "inf", "-Infinity" };
	QF_AUTO_BUF struct qf_buf big = { 0 };
	float f;
	double d;

	for (size_t i = 0; i < QF_LEN(floats); i++)
		ck_assert_msg(qf_f32_parse(qf_str(floats[i]), &f) < 0, "%s", floats[i]);
	for (size_t i = 0; i < QF_LEN(doubles); i++)
		ck_assert_msg(qf_f64_parse(qf_str(doubles[i]), &d) < 0, "%s", doubles[i]);
	ck_assert_int_eq(qf_f32_parse(QF_STR("1e-400"), &f), 0);
	ck_assert(f == 0 && !signbit(f));
	ck_assert_int_eq(qf_f32_parse(QF_STR("-1e-400"), &f), 0);
	ck_assert(f == 0 && signbit(f));
	/* Longer than any buffer of a careful program. */
	QF_BUF_LIT(&big, "0.");
	for (int i = 0; i < 100000; i++)
		qf_buf_addc(&big, '0');
	QF_BUF_LIT(&big, "5e100001");
	ck_assert_int_eq(qf_f32_parse(qf_buf_str(&big), &f), 0);
	ck_assert(f == 5);
	ck_assert_int_eq(qf_f64_parse(qf_buf_str(&big), &d), 0);
	ck_assert(d == 5);
}
END_TEST

static void round_trip_f64(double v)
{
	double back, judge;

	qf_buf_reset(&out);
	qf_f64_write(&out, v);
	judge = strtod(qf_buf_cstr(&out), NULL);
	if (memcmp(&judge, &v, 8) || qf_f64_parse(qf_buf_str(&out), &back) < 0 || memcmp(&back, &v, 8))
		ck_abort_msg("%a: %s", v, qf_buf_cstr(&out));
	for (int n = 1; n < 17; n++) {
		char text[64];

		snprintf(text, sizeof(text), "%.*g", n, v);
		if (strtod(text, NULL) == v) {
			if (significant(qf_buf_cstr(&out)) > n)
				ck_abort_msg("%a: %s, %s would do", v, qf_buf_cstr(&out), text);
			break;
		}
	}
}

START_TEST(random_f64)
{
	uint64_t seed = 9;

	for (int i = 0; i < (UNIT_SLOW ? 1000000 : 50000);) {
		uint64_t bits = unit_random(&seed);
		double v;

		memcpy(&v, &bits, 8);
		if (!isfinite(v))
			continue;
		round_trip_f64(v);
		/* What people write: few digits. */
		round_trip_f64((double)(int64_t)(bits % 2000000) / 1000);
		i++;
	}
	for (int e = -1074; e < 1024; e++) {
		double v = ldexp(1, e);

		round_trip_f64(v);
		round_trip_f64(nextafter(v, 0));
		round_trip_f64(-nextafter(v, INFINITY));
	}
}
END_TEST

START_TEST(known_f64)
{
	static const struct {
		double v;
		const char *text;
	} cases[] = {
		{ 0.0, "0.0" }, { -0.0, "-0.0" }, { 0.1, "0.1" }, { 5.0, "5.0" }, { 1e16, "1e16" },
		{ 1e15, "1000000000000000.0" }, { 5e-324, "5e-324" }, { DBL_MAX, "1.7976931348623157e308" },
		{ 0.1f, "0.10000000149011612" }, { 9007199254740993.0, "9007199254740992.0" },
		{ 123456789.125, "123456789.125" }, { 1e-5, "0.00001" }, { 1.5e-7, "1.5e-7" },
		/* The nearest decimal of 16 digits reads back as another number, its neighbour does not. */
		{ 0x1p-44, "5.684341886080802e-14" }, { 0x1p-1022, "2.2250738585072014e-308" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		qf_buf_reset(&out);
		qf_f64_write(&out, cases[i].v);
		ck_assert_str_eq(qf_buf_cstr(&out), cases[i].text);
	}
}
END_TEST

UNIT_MAIN("number", 800, known_f32, edges_f32, subnormal_f32, random_f32, parse_f32, parse_f32_halfway,
	  refused, random_f64, known_f64)
