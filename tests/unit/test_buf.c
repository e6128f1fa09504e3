/* Growing bytes. */
#include "tests/unit/unit.h"

START_TEST(adds_what_it_is_given)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };

	qf_buf_add(&b, NULL, 0);
	ck_assert_uint_eq(b.n, 0);
	qf_buf_puts(&b, "ab");
	qf_buf_addc(&b, 'c');
	QF_BUF_LIT(&b, "d\0e");
	qf_buf_add_str(&b, (struct qf_str){ 0 });
	qf_buf_printf(&b, "-%d-%s", 5, "x");
	ck_assert_uint_eq(b.n, 10);
	ck_assert_int_eq(memcmp(b.p, "abcd\0e-5-x", 10), 0);
	ck_assert_int_eq(qf_buf_cstr(&b)[10], '\0');
	ck_assert_uint_eq(b.n, 10);
	qf_buf_reset(&b);
	ck_assert_str_eq(qf_buf_cstr(&b), "");
	ck_assert(qf_str_is(qf_buf_str(&b), ""));
}
END_TEST

START_TEST(numbers)
{
	static const struct {
		int64_t value;
		const char *text;
	} cases[] = {
		{ 0, "0" }, { 7, "7" }, { -1, "-1" }, { INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" }, { 1000000, "1000000" },
	};
	QF_AUTO_BUF struct qf_buf b = { 0 };

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		qf_buf_reset(&b);
		qf_buf_add_i64(&b, cases[i].value);
		ck_assert_str_eq(qf_buf_cstr(&b), cases[i].text);
	}
	qf_buf_reset(&b);
	qf_buf_add_u64(&b, UINT64_MAX);
	ck_assert_str_eq(qf_buf_cstr(&b), "18446744073709551615");
}
END_TEST

/* Across every growth the bytes stay, and the room is what was asked for. */
START_TEST(grows_and_keeps)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };
	size_t n = 0, wrong = 0;

	for (size_t step = 1; n < 3 << 20; step = step * 5 / 3 + 1) {
		char *at = qf_buf_room(&b, step);

		ck_assert_uint_ge(b.cap - b.n, step);
		for (size_t i = 0; i < step; i++)
			at[i] = (char)((n + i) * 31);
		b.n += step;
		n += step;
	}
	for (size_t i = 0; i < n; i++)
		wrong += b.p[i] != (char)(i * 31);
	ck_assert_uint_eq(wrong, 0);
	qf_buf_release(&b);
	ck_assert_ptr_null(b.p);
	qf_buf_release(&b);
}
END_TEST

START_TEST(long_printf)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };

	for (int i = 0; i < 100; i++)
		qf_buf_printf(&b, "%0*d", 1000, i);
	ck_assert_uint_eq(b.n, 100 * 1000);
	ck_assert_int_eq(memcmp(b.p + 99 * 1000 + 998, "99", 2), 0);
	qf_buf_printf(&b, "%s", "");
	ck_assert_uint_eq(b.n, 100 * 1000);
}
END_TEST

UNIT_MAIN("buf", 30, adds_what_it_is_given, numbers, grows_and_keeps, long_printf)
