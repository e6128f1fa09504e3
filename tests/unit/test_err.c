/* Errors: one line, one code, no control characters, never cut in a harmful way. */
#include <errno.h>

#include "common/base/err.h"
#include "tests/unit/unit.h"

START_TEST(set_fills_everything)
{
	struct qf_err err = { .retry = true, .detail = 5, .retry_after = 3, .msg = "old" };

	ck_assert_int_eq(qf_err_set(&err, QF_E_DATA, "line %d: %s", 7, "bad"), -1);
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_str_eq(err.msg, "line 7: bad");
	ck_assert(!err.retry);
	ck_assert_int_eq(err.detail, 0);
	ck_assert(err.retry_after == 0);
}
END_TEST

START_TEST(wrap_and_hint_keep_the_rest)
{
	struct qf_err err;

	qf_err_set(&err, QF_E_TEMP, "timeout");
	err.retry = true;
	err.detail = 14;
	err.retry_after = 2.5;
	ck_assert_int_eq(qf_err_wrap(&err, "page %d", 3), -1);
	ck_assert_int_eq(qf_err_hint(&err, "; try %s", "again"), -1);
	ck_assert_str_eq(err.msg, "page 3: timeout; try again");
	ck_assert_int_eq(err.code, QF_E_TEMP);
	ck_assert(err.retry);
	ck_assert_int_eq(err.detail, 14);
	ck_assert(err.retry_after == 2.5);
}
END_TEST

START_TEST(errno_says_what_to_do)
{
	static const struct {
		int number;
		const char *part;
	} cases[] = {
		{ ENOENT, "cannot open x: No such file or directory" },
		{ ENOSPC, "No space left on device; free some room and run the same command again" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_err err;

		ck_assert_int_eq(qf_err_errno(&err, QF_E_IO, cases[i].number, "cannot open %s", "x"), -1);
		ck_assert_int_eq(err.code, QF_E_IO);
		ck_assert_int_eq(err.detail, cases[i].number);
		ck_assert_has(err.msg, cases[i].part);
	}
}
END_TEST

/* The user's data in a message must not forge lines or drive the terminal. */
START_TEST(control_characters_are_tamed)
{
	struct qf_err err;

	qf_err_set(&err, QF_E_DATA, "a\nb\x1b[2J\tc\x7f" "d\r\xc3\xa4");
	ck_assert_str_eq(err.msg, "a?b?[2J?c?d?\xc3\xa4");
	qf_err_wrap(&err, "x\ny");
	qf_err_hint(&err, "\nz");
	ck_assert_str_eq(err.msg, "x?y: a?b?[2J?c?d?\xc3\xa4?z");
	qf_err_errno(&err, QF_E_IO, EIO, "\x01");
	ck_assert_int_eq(err.msg[0], '?');
}
END_TEST

START_TEST(long_messages_are_cut_inside)
{
	struct qf_err err;
	char big[4096];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	qf_err_set(&err, QF_E_DATA, "%s", big);
	ck_assert_uint_eq(strlen(err.msg), sizeof(err.msg) - 1);
	qf_err_hint(&err, "hint");
	qf_err_wrap(&err, "%s", big);
	qf_err_errno(&err, QF_E_IO, EIO, "%s", big);
	ck_assert_uint_eq(strlen(err.msg), sizeof(err.msg) - 1);
	qf_err_set(&err, QF_E_DATA, "inner");
	qf_err_wrap(&err, "outer");
	ck_assert_str_eq(err.msg, "outer: inner");
}
END_TEST

/* The numbers are a promise to scripts. */
START_TEST(codes_are_the_documented_ones)
{
	static const int codes[][2] = {
		{ QF_E_DIFF, 1 }, { QF_E_PARTIAL, 3 }, { QF_E_USAGE, 64 }, { QF_E_DATA, 65 },
		{ QF_E_NOINPUT, 66 }, { QF_E_UNAVAILABLE, 69 }, { QF_E_BUG, 70 }, { QF_E_CREATE, 73 },
		{ QF_E_IO, 74 }, { QF_E_TEMP, 75 }, { QF_E_PROTOCOL, 76 }, { QF_E_ACCESS, 77 },
		{ QF_E_CONFIG, 78 }, { QF_E_SIGINT, 130 }, { QF_E_PIPE, 141 }, { QF_E_SIGTERM, 143 },
	};

	for (size_t i = 0; i < QF_LEN(codes); i++)
		ck_assert_int_eq(codes[i][0], codes[i][1]);
}
END_TEST

UNIT_MAIN("err", 10, set_fills_everything, wrap_and_hint_keep_the_rest, errno_says_what_to_do,
	  control_characters_are_tamed, long_messages_are_cut_inside, codes_are_the_documented_ones)
