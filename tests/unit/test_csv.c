/* Rows of CSV as "[a][b]" a row, a quoted field as "<a>". */
#include "common/data/csv.h"
#include "tests/unit/unit.h"

static int read_all(const char *p, size_t n, char delimiter, size_t limit, struct qf_buf *out,
		    struct qf_err *err)
{
	FILE *in = fmemopen((void *)p, n, "r");
	struct qf_csv csv = { .in = in, .name = "x.csv", .delimiter = delimiter, .limit = limit };
	const struct qf_csv_field *fields;
	uint64_t line;
	size_t count;
	int rc;

	while ((rc = qf_csv_next(&csv, &fields, &count, &line, err)) == 0) {
		qf_buf_printf(out, "%llu", (unsigned long long)line);
		for (size_t i = 0; i < count; i++) {
			qf_buf_addc(out, fields[i].quoted ? '<' : '[');
			qf_buf_add_str(out, fields[i].text);
			qf_buf_addc(out, fields[i].quoted ? '>' : ']');
		}
		qf_buf_addc(out, ';');
	}
	qf_csv_release(&csv);
	fclose(in);
	return rc < 0 ? -1 : 0;
}

static const struct {
	const char *in, *out;
	char delimiter;
} good[] = {
	{ "a,b\n1,2\n", "1[a][b];2[1][2];", 0 },
	{ "a,b\n1,2", "1[a][b];2[1][2];", 0 },
	{ "a,b\r\n1,2\r\n", "1[a][b];2[1][2];", 0 },
	{ "a,b\r1,2\r", "1[a][b];2[1][2];", 0 },
	{ "\xef\xbb\xbf" "a\n1\n", "1[a];2[1];", 0 },
	{ "\xef\xbb\xbf\"a\"\n", "1<a>;", 0 },
	{ "a;b,c\n1;2\n", "1[a][b,c];2[1][2];", ';' },
	{ "a\tb\n", "1[a][b];", '\t' },
	{ "\n\na\n\n1\n\n", "3[a];5[1];", 0 },
	{ "a\n\"\"\n", "1[a];2<>;", 0 },
	{ "a,b\n,\n", "1[a][b];2[][];", 0 },
	{ "a,b\n\"\",\n", "1[a][b];2<>[];", 0 },
	{ "\"a,\"\"b\"\"\"\n", "1<a,\"b\">;", 0 },
	{ "\"a\nb\",c\nd,e\n", "1<a\nb>[c];3[d][e];", 0 },
	{ "\"a\r\nb\"\r\nc\r\n", "1<a\r\nb>;3[c];", 0 },
	{ "5\" pipe,a\"b\"\n", "1[5\" pipe][a\"b\"];", 0 },
	{ " a , \"b\"\n", "1[ a ][ \"b\"];", 0 },
	{ "\xc3\xbc,\xf0\x9f\x98\x80\n", "1[\xc3\xbc][\xf0\x9f\x98\x80];", 0 },
	{ "9007199254740993\n", "1[9007199254740993];", 0 },
	{ "\n", "", 0 },
};

START_TEST(rows)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_err err;

	ck_assert_msg(read_all(good[_i].in, strlen(good[_i].in), good[_i].delimiter, 0, &out, &err) == 0, "%s",
		      err.msg);
	ck_assert_str_eq(qf_buf_cstr(&out), good[_i].out);
}
END_TEST

static const struct {
	const char *in;
	size_t n, limit;
	const char *words;
} bad[] = {
#define TEXT(s) s, sizeof(s) - 1
	{ TEXT("a,b\n1,\"2\n\n"), 0, "x.csv:2: field 2: its quote is never closed" },
	{ TEXT("a\n\"1\"2\n"), 0, "x.csv:2: field 1: there is text behind its closing quote" },
	{ TEXT("a\n\"1\" \n"), 0, "behind its closing quote" },
	{ TEXT("a,b\n1\n"), 0, "x.csv:2: the row has 1 field, the first one has 2" },
	{ TEXT("a,b\n1,2,3\n"), 0, "the row has 3 fields, the first one has 2; does a text with a comma" },
	{ TEXT("a\n\"x\ny\"\n1,2\n"), 0, "x.csv:4: the row has 2 fields" },
	{ TEXT("a\n\xff\n"), 0, "x.csv:2: field 1: it is not UTF-8" },
	{ TEXT("a\n\xed\xa0\x80\n"), 0, "not UTF-8" },
	{ TEXT("a\n1\0002\n"), 0, "holds a NUL" },
	{ TEXT("a\n0123456789\n"), 8, "x.csv:2: field 1: the row is too long" },
	{ TEXT("a\n\"0123456789\n"), 8, "the row is too long; is a quote not closed?" },
};

START_TEST(refused)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_err err = { 0 };

	ck_assert_int_eq(read_all(bad[_i].in, bad[_i].n, 0, bad[_i].limit, &out, &err), -1);
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_has(err.msg, bad[_i].words);
}
END_TEST

/* Where the buffer of the reader ends must make no difference. */
START_TEST(any_boundary)
{
	QF_AUTO_BUF struct qf_buf in = { 0 }, out = { 0 };
	size_t pad = (64 << 10) - 12 + (size_t)_i;
	struct qf_err err;
	const char *tail;

	for (size_t i = 0; i < pad; i++)
		qf_buf_addc(&in, 'x');
	qf_buf_puts(&in, ",\"a\"\"b\"\r\n1,2\r\n");
	ck_assert_int_eq(read_all(in.p, in.n, 0, 0, &out, &err), 0);
	tail = qf_buf_cstr(&out) + out.n - strlen("<a\"b>;2[1][2];");
	ck_assert_str_eq(tail, "<a\"b>;2[1][2];");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("csv");
	TCase *tcase = tcase_create("csv");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, rows, 0, QF_LEN(good));
	tcase_add_loop_test(tcase, refused, 0, QF_LEN(bad));
	tcase_add_loop_test(tcase, any_boundary, 0, 24);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
