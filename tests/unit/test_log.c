/* Lines for people and for machines. */
#include "common/base/log.h"
#include "tests/unit/unit.h"

static int wiped;

static void before(void)
{
	wiped++;
}

START_TEST(text_lines_and_levels)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	int fd = unit_capture_stderr();

	qf_log_init("load", QF_LOG_WARN, false);
	ck_assert_str_eq(qf_log_stage(), "load");
	ck_assert_int_eq(qf_log_level(), QF_LOG_WARN);
	qf_log(QF_LOG_ERROR, "one %d", 1);
	qf_warn("two\nlines\x1b[31m");
	qf_info("not shown");
	qf_debug("not shown");
	qf_log_init("load", QF_LOG_DEBUG, false);
	qf_info("three");
	qf_debug("four");
	unit_slurp(fd, &out);
	ck_assert_str_eq(qf_buf_cstr(&out), "load: error: one 1\nload: warning: two?lines?[31m\n"
					    "load: three\nload: debug: four\n");
}
END_TEST

START_TEST(json_lines)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	int fd = unit_capture_stderr();
	const char *text;

	qf_log_init("extract", QF_LOG_INFO, true);
	ck_assert(qf_log_is_json());
	qf_log(QF_LOG_ERROR, "say \"hi\" \\ there\n");
	unit_slurp(fd, &out);
	text = qf_buf_cstr(&out);
	ck_assert_int_eq(strncmp(text, "{\"ts\":\"20", 9), 0);
	ck_assert_has(text, "Z\",\"level\":\"error\",\"stage\":\"extract\",\"msg\":\"say \\\"hi\\\" \\\\ there?\"}\n");
}
END_TEST

/* A message of any length is one line that ends with a newline, in both forms. */
START_TEST(long_lines_stay_lines)
{
	char big[10000];

	memset(big, '"', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	for (int json = 0; json < 2; json++) {
		QF_AUTO_BUF struct qf_buf out = { 0 };
		int fd = unit_capture_stderr();

		qf_log_init("load", QF_LOG_INFO, json);
		qf_info("%s", big);
		unit_slurp(fd, &out);
		ck_assert_uint_gt(out.n, 1000);
		ck_assert_ptr_eq(memchr(out.p, '\n', out.n), out.p + out.n - 1);
		if (json)
			ck_assert_int_eq(memcmp(out.p + out.n - 3, "\"}\n", 3), 0);
	}
}
END_TEST

START_TEST(failures)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_err err;
	int fd = unit_capture_stderr();

	qf_log_init("load", QF_LOG_ERROR, false);
	qf_log_set_before(before);
	qf_err_set(&err, QF_E_DATA, "bad");
	ck_assert_int_eq(qf_log_failure(&err), 65);
	qf_err_set(&err, QF_E_PIPE, "gone");
	ck_assert_int_eq(qf_log_failure(&err), 141);
	unit_slurp(fd, &out);
	ck_assert_str_eq(qf_buf_cstr(&out), "load: error: bad\n");
	ck_assert_int_eq(wiped, 1);
}
END_TEST

/* The work goes on when nobody can hear. */
START_TEST(closed_standard_error)
{
	close(STDERR_FILENO);
	qf_log_init("load", QF_LOG_INFO, false);
	qf_warn("nobody hears this");
}
END_TEST

START_TEST(redact)
{
	static const struct {
		const char *url, *want;
	} cases[] = {
		{ "http://host:8080/x", "http://host:8080/x" },
		{ "http://user:secret@host/x", "http://***@host/x" },
		{ "https://user:p@ss@host:1/", "https://***@host:1/" },
		{ "http://host/x?api_key=secret", "http://host/x" },
		{ "http://user:secret@host/x?key=secret", "http://***@host/x" },
		{ "http://host/a@b", "http://host/a@b" },
		{ "user:secret@host", "***@host" },
		{ "", "" },
	};
	char big[5000] = "http://u:secret@";

	for (size_t i = 0; i < QF_LEN(cases); i++)
		ck_assert_str_eq(qf_redact_url(cases[i].url), cases[i].want);
	memset(big + 16, 'h', sizeof(big) - 17);
	ck_assert_has_not(qf_redact_url(big), "secret");
}
END_TEST

START_TEST(quote)
{
	char out[64];

	ck_assert_uint_eq(qf_json_quote(out, sizeof(out), "a\"b\\c\x01\n\xc3\xa4"), strlen(out));
	ck_assert_str_eq(out, "\"a\\\"b\\\\c\\u0001\\u000a\xc3\xa4\"");
	for (size_t size = 0; size < sizeof(out); size++) {
		memset(out, '#', sizeof(out));
		qf_json_quote(out, size, "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01");
		for (size_t i = size; i < sizeof(out); i++)
			ck_assert_int_eq(out[i], '#');
		if (size)
			ck_assert_ptr_nonnull(memchr(out, '\0', size));
	}
}
END_TEST

UNIT_MAIN("log", 10, text_lines_and_levels, json_lines, long_lines_stay_lines, failures,
	  closed_standard_error, redact, quote)
