/* Slices, UTF-8, sizes, "did you mean". */
#include "tests/unit/unit.h"

START_TEST(compare)
{
	static const struct {
		const char *a, *b;
		int order;
	} cases[] = {
		{ "", "", 0 }, { "a", "a", 0 }, { "a", "b", -1 }, { "b", "a", 1 }, { "a", "ab", -1 },
		{ "ab", "a", 1 }, { "", "a", -1 }, { "\xc3\xa4", "z", 1 },
	};
	struct qf_str null = { 0 };

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		int d = qf_str_cmp(qf_str(cases[i].a), qf_str(cases[i].b));

		ck_assert_int_eq((d > 0) - (d < 0), cases[i].order);
		ck_assert_int_eq(qf_str_eq(qf_str(cases[i].a), qf_str(cases[i].b)), cases[i].order == 0);
	}
	ck_assert(qf_str_eq(null, QF_STR("")));
	ck_assert_ptr_null(qf_str(NULL).p);
	ck_assert_int_eq(qf_str_cmp(null, QF_STR("")), 0);
	ck_assert(qf_str_starts(QF_STR("limit 5"), "limit "));
	ck_assert(!qf_str_starts(QF_STR("lim"), "limit"));
	ck_assert(qf_str_starts(null, ""));
}
END_TEST

START_TEST(utf8)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{ "", true }, { "plain", true }, { "\x7f", true }, { "\xc3\xa4", true }, { "\xe2\x82\xac", true },
		{ "\xf0\x9f\x98\x80", true }, { "\xf4\x8f\xbf\xbf", true }, { "\xee\x80\x80", true },
		{ "\xed\x9f\xbf", true }, { "\xef\xbf\xbf", true }, { "\xc2\x80", true },
		{ "\x80", false }, { "\xc0\x80", false }, { "\xc1\xbf", false }, { "\xc3", false },
		{ "\xe2\x82", false }, { "\xe0\x80\x80", false }, { "\xe0\x9f\xbf", false },
		{ "\xed\xa0\x80", false }, { "\xed\xbf\xbf", false }, { "\xf0\x80\x80\x80", false },
		{ "\xf0\x8f\xbf\xbf", false }, { "\xf4\x90\x80\x80", false }, { "\xf5\x80\x80\x80", false },
		{ "\xff", false }, { "\xfe", false }, { "\xf0\x9f\x98", false }, { "a\xc3(", false },
		{ "\xe2(\xa1", false }, { "\xf8\x88\x80\x80\x80", false },
	};

	/* Behind every number of plain bytes: eight at a time are looked at together. */
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		for (size_t pad = 0; pad < 20; pad++) {
			char text[64];
			size_t n = strlen(cases[i].text);

			memset(text, 'x', sizeof(text));
			memcpy(text + pad, cases[i].text, n);
			ck_assert_msg(qf_utf8_valid(text, pad + n) == cases[i].valid, "case %zu, pad %zu", i, pad);
			if (!cases[i].valid)
				ck_assert_msg(!qf_utf8_valid(text, pad + n + 17), "case %zu, pad %zu, tail", i, pad);
		}
	}
	ck_assert(qf_utf8_valid("a\0b", 3));
}
END_TEST

/* Every code point, and nothing else among all sequences of three bytes. */
START_TEST(utf8_all)
{
	size_t valid = 0;

	for (unsigned v = 0; v < 1 << 24; v++) {
		char t[3] = { (char)(v >> 16), (char)(v >> 8), (char)v };

		valid += v >> 20 == 0xe && qf_utf8_valid(t, 3);
	}
	ck_assert_uint_eq(valid, 0x10000 - 0x800 - 0x800);
	valid = 0;
	for (unsigned v = 0; v < 1 << 16; v++) {
		char t[2] = { (char)(v >> 8), (char)v };

		valid += v >= 0xc000 && qf_utf8_valid(t, 2);
	}
	ck_assert_uint_eq(valid, 0x800 - 0x80);
}
END_TEST

START_TEST(sizes)
{
	static const struct {
		const char *text;
		int rc;
		unsigned long long value;
	} cases[] = {
		{ "0", 0, 0 }, { "12", 0, 12 }, { "12B", 0, 12 }, { "64k", 0, 65536 }, { "64K", 0, 65536 },
		{ "4MiB", 0, 4 << 20 }, { "4MB", 0, 4 << 20 }, { "2G", 0, 2ull << 30 }, { "1T", 0, 1ull << 40 },
		{ "18446744073709551615", 0, ~0ull }, { "16777215T", 0, 16777215ull << 40 },
		{ "16777216T", -1, 0 }, { "18446744073709551616", -1, 0 }, { "", -1, 0 }, { "-1", -1, 0 },
		{ "+1", -1, 0 }, { " 1", -1, 0 }, { "1 ", -1, 0 }, { "1.5M", -1, 0 }, { "M", -1, 0 },
		{ "4MiBs", -1, 0 }, { "4x", -1, 0 }, { "4iB", -1, 0 }, { "0x10", -1, 0 }, { "1e3", -1, 0 },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		unsigned long long v = 0;

		ck_assert_msg(qf_parse_size(cases[i].text, &v) == cases[i].rc, "%s", cases[i].text);
		if (cases[i].rc == 0)
			ck_assert_uint_eq(v, cases[i].value);
	}
}
END_TEST

START_TEST(whole_numbers)
{
	static const struct {
		const char *text;
		int rc;
	} cases[] = {
		{ "0", 0 }, { "18446744073709551615", 0 }, { "007", 0 }, { "18446744073709551616", -1 },
		{ "", -1 }, { "-0", -1 }, { "+5", -1 }, { " 5", -1 }, { "5 ", -1 }, { "5x", -1 }, { "five", -1 },
	};
	unsigned long long v;

	for (size_t i = 0; i < QF_LEN(cases); i++)
		ck_assert_msg(qf_parse_uint(cases[i].text, &v) == cases[i].rc, "%s", cases[i].text);
}
END_TEST

START_TEST(nearest)
{
	static const char *const names[] = { "collection", "connect", "jobs", "limit", "url", "vectors" };
	static const struct {
		const char *typed, *want;
	} cases[] = {
		{ "colection", "collection" }, { "Collection", "collection" }, { "collectoin", "collection" },
		{ "job", "jobs" }, { "limt", "limit" }, { "vector", "vectors" }, { "ulr", "url" },
		{ "xyzzy", NULL }, { "completely-different", NULL }, { "", NULL },
	};
	char big[300];

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		const char *got = qf_str_nearest(cases[i].typed, names, QF_LEN(names));

		ck_assert_msg(got == cases[i].want || (got && cases[i].want && !strcmp(got, cases[i].want)),
			      "%s: %s", cases[i].typed, got ? got : "none");
	}
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	ck_assert_ptr_null(qf_str_nearest(big, names, QF_LEN(names)));
	ck_assert_ptr_null(qf_str_nearest("jobs", names, 0));
}
END_TEST

/* Every code point: its length, valid but for surrogates, and bytes in the order of the numbers. */
START_TEST(utf8_put)
{
	char last[4] = { 0 }, now[4];
	size_t had = 0;

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		size_t n = qf_utf8_put(now, c);

		if (n != (c < 0x80 ? 1u : c < 0x800 ? 2u : c < 0x10000 ? 3u : 4u) ||
		    qf_utf8_valid(now, n) != (c < 0xd800 || c > 0xdfff) ||
		    (had && qf_str_cmp((struct qf_str){ last, had }, (struct qf_str){ now, n }) >= 0))
			ck_abort_msg("U+%04X", c);
		memcpy(last, now, n);
		had = n;
	}
	ck_assert_uint_eq(qf_utf8_put(now, 0x20ac), 3);
	ck_assert(memcmp(now, "\xe2\x82\xac", 3) == 0);
}
END_TEST

UNIT_MAIN("str", 60, compare, utf8, utf8_put, utf8_all, sizes, whole_numbers, nearest)
