/* Conditions: a table of what is true, false, unknown or refused. */
#include "tests/unit/expr_rows.h"
#include "tests/unit/unit.h"
#include "tools/transform/expr.h"

static struct qf_expr *compile(const char *text)
{
	struct qf_err err = { 0 };
	struct qf_expr *e;

	ck_assert_msg(qf_expr_new(qf_str(text), &e, NULL, &err) == 0, "%s: %s", text, err.msg);
	return e;
}

static struct qf_record record(const char *payload)
{
	return (struct qf_record){ .type = QF_REC_POINT, .collection = QF_STR("A"), .tenant = QF_STR("acme"),
				   .id = { .kind = QF_ID_NUM, .num = 42 }, .payload = qf_str(payload) };
}

static enum qf_tri value(struct qf_expr *e, struct qf_record *rec)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_err err = { 0 };
	enum qf_tri t;

	ck_assert_msg(qf_expr_eval(e, rec, &arena, &t, &err) == 0, "%s", err.msg);
	rec->tree = NULL;
	return t;
}

START_TEST(rows)
{
	struct qf_expr *e = compile(expr_rows[_i].text);
	struct qf_record rec = record(expr_rows[_i].payload);

	ck_assert_msg(*qf_tri_name(value(e, &rec)) == expr_rows[_i].want, "%s of %s is %s", expr_rows[_i].text,
		      expr_rows[_i].payload, qf_tri_name(value(e, &rec)));
	/* The payload is as it was. */
	ck_assert(qf_str_eq(rec.payload, qf_str(expr_rows[_i].payload)));
	qf_expr_free(e);
}
END_TEST

/* What the manual says. */
START_TEST(manual)
{
	for (const struct qf_expr_example *x = qf_expr_examples; x->text; x++) {
		struct qf_expr *e = compile(x->text);
		struct qf_record rec = record(x->payload);
		enum qf_tri t = value(e, &rec);

		ck_assert_msg(t == x->value, "%s of %s is %s", x->text, x->payload, qf_tri_name(t));
		qf_expr_free(e);
	}
}
END_TEST

/* What a condition is written as means the same and is written the same. */
START_TEST(written_is_the_same)
{
	QF_AUTO_BUF struct qf_buf one = { 0 }, two = { 0 };
	struct qf_expr *e = compile(expr_rows[_i].text), *again;
	struct qf_record rec = record(expr_rows[_i].payload);

	qf_expr_write(e, &one);
	again = compile(qf_buf_cstr(&one));
	qf_expr_write(again, &two);
	ck_assert_str_eq(qf_buf_cstr(&one), qf_buf_cstr(&two));
	ck_assert_msg(value(e, &rec) == value(again, &rec), "%s", qf_buf_cstr(&one));
	qf_expr_free(e);
	qf_expr_free(again);
}
END_TEST

START_TEST(refused)
{
	struct qf_err err = { 0 };
	struct qf_expr *e;
	size_t at = 0;

	ck_assert_msg(qf_expr_new(qf_str(expr_errors[_i].text), &e, &at, &err) < 0, "%s was taken",
		      expr_errors[_i].text);
	ck_assert_ptr_null(e);
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_msg(strstr(err.msg, expr_errors[_i].words) != NULL, "%s: %s", expr_errors[_i].text, err.msg);
	ck_assert_msg(at == expr_errors[_i].at, "%s: at %zu: %s", expr_errors[_i].text, at, err.msg);
	ck_assert_ptr_null(strchr(err.msg, '\n'));
}
END_TEST

static const struct {
	const char *text, *written;
} forms[] = {
	{ "a=1 and b=2 or not c!=3", "((a = 1 and b = 2) or c = 3)" },
	{ "A or b and C", "(A or (b and C))" },
	{ "a not in ['b','a']", "not a in [\"a\", \"b\"]" },
	{ "a in b.c[]", "a = b.c[]" },
	{ "a matches 'x/y'", "a matches \"x/y\"" },
	{ "a matches /x\\/y/i", "a matches /x\\/y/i" },
	{ "a is not null", "not a is null" },
	{ "length(lower(`a b`.c)) >= 5", "length(lower(`a b`.c)) >= 5" },
	{ "a > date('2024-01-01')", "a > date(\"2024-01-01\")" },
	{ "@id = 'x'", "@id = \"x\"" },
};

START_TEST(written_forms)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_expr *e = compile(forms[_i].text);

	qf_expr_write(e, &out);
	ck_assert_str_eq(qf_buf_cstr(&out), forms[_i].written);
	qf_expr_free(e);
}
END_TEST

/* The place is shown inside the text, which is cut where it is long. */
START_TEST(place_is_shown)
{
	struct qf_err err = { 0 };
	struct qf_expr *e;

	ck_assert_int_eq(qf_expr_new(QF_STR("year >= ) and lang = 'en'"), &e, NULL, &err), -1);
	ck_assert_str_eq(err.msg, "at character 9: a value is expected: year >= <here>) and lang = 'en'");
	ck_assert_int_eq(qf_expr_new(QF_STR("aaaaaaaaaaaaaaaaaaaaaaaaaa = 'x' and \xc3\xa4\n = [ or bbbbbbbbbbbbbbbbbbbbbbbbbbbbb "
					    "= 1"), &e, NULL, &err), -1);
	ck_assert_str_eq(err.msg, "at character 43: a list stands behind 'in' only: ...aaaaaaaaaaaaaa = 'x' and \xc3\xa4  = "
				  "<here>[ or bbbbbbbbbbbbbbbbbbbbbbbbb...");
}
END_TEST

START_TEST(limits)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct qf_record rec = record("{\"a\":1}");
	struct qf_err err = { 0 };
	struct qf_expr *e;

	/* Chains have no depth. */
	for (int i = 0; i < 5000; i++)
		qf_buf_puts(&text, i ? " and a = 1" : "a = 1");
	e = compile(qf_buf_cstr(&text));
	ck_assert_int_eq(value(e, &rec), QF_TRI_TRUE);
	qf_expr_free(e);
	qf_buf_reset(&text);
	for (int i = 0; i < 10001; i++)
		qf_buf_puts(&text, "not ");
	qf_buf_puts(&text, "a = 1");
	e = compile(qf_buf_cstr(&text));
	ck_assert_int_eq(value(e, &rec), QF_TRI_FALSE);
	qf_expr_free(e);
	/* Parentheses and functions have one. */
	for (int depth = QF_EXPR_MAX_DEPTH; depth <= QF_EXPR_MAX_DEPTH + 1; depth++) {
		qf_buf_reset(&text);
		for (int i = 0; i < depth; i++)
			qf_buf_addc(&text, '(');
		qf_buf_puts(&text, "a");
		for (int i = 0; i < depth; i++)
			qf_buf_addc(&text, ')');
		if (depth > QF_EXPR_MAX_DEPTH) {
			ck_assert_int_eq(qf_expr_new(qf_buf_str(&text), &e, NULL, &err), -1);
			ck_assert_has(err.msg, "nested deeper than 64");
		} else {
			qf_expr_free(compile(qf_buf_cstr(&text)));
		}
	}
	qf_expr_free(compile("lower(lower(lower(lower(lower(lower(lower(lower(a)))))))) = 'x'"));
	ck_assert_int_eq(qf_expr_new(QF_STR("lower(lower(lower(lower(lower(lower(lower(lower(lower(a))))))))) = 'x'"), &e, NULL, &err), -1);
	ck_assert_has(err.msg, "nested deeper than 8");
	qf_buf_reset(&text);
	while (text.n < QF_EXPR_MAX_LENGTH)
		qf_buf_puts(&text, "        ");
	qf_buf_addc(&text, 'a');
	ck_assert_int_eq(qf_expr_new(qf_buf_str(&text), &e, NULL, &err), -1);
	ck_assert_has(err.msg, "65537 bytes, 65536 are allowed");
	ck_assert_int_eq(qf_expr_new(QF_STR("a = '\xff'"), &e, NULL, &err), -1);
	ck_assert_has(err.msg, "not UTF-8");
}
END_TEST

/* A pattern that could take for ever ends as an error of this record. */
START_TEST(regex_gives_up)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf payload = { 0 };
	struct qf_expr *e = compile("s matches /^(a|aa|a?b?)+$/ or true");
	struct qf_record rec;
	struct qf_err err = { 0 };
	enum qf_tri t;

	qf_buf_puts(&payload, "{\"s\":\"");
	for (int i = 0; i < 200; i++)
		qf_buf_addc(&payload, 'a');
	qf_buf_puts(&payload, "!\"}");
	rec = record(qf_buf_cstr(&payload));
	ck_assert_int_eq(qf_expr_eval(e, &rec, &arena, &t, &err), -1);
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_has(err.msg, "gives up on a text of 201 bytes");
	qf_expr_free(e);
}
END_TEST

START_TEST(fields)
{
	static const uint8_t uuid[16] = { 0x0b, 0x1c, 0x9f, 0x0e, 0x4d, 0x0a, 0x4b, 0x6e,
					  0x9a, 0x53, 0x2f, 0x6f, 0x1f, 0x9f, 0, 1 };
	struct qf_expr *e = compile("@id = '0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9f0001' and @tenant is null and not @tenant is not null");
	struct qf_record rec = record(NULL);

	ck_assert_uint_eq(qf_expr_reads(e), 1u << QF_PATH_ID | 1u << QF_PATH_TENANT);
	rec.tenant.p = NULL;
	rec.id.kind = QF_ID_UUID;
	memcpy(rec.id.uuid, uuid, 16);
	ck_assert_int_eq(value(e, &rec), QF_TRI_TRUE);
	qf_expr_free(e);
	e = compile("@id = 'a key' and @tenant = ''");
	rec.tenant = QF_STR("");
	rec.id = (struct qf_id){ .kind = QF_ID_TEXT, .text = QF_STR("a key") };
	ck_assert_int_eq(value(e, &rec), QF_TRI_TRUE);
	qf_expr_free(e);
	e = compile("@id = 1 or a");
	ck_assert_uint_eq(qf_expr_reads(e), 1u << QF_PATH_ID | 1u << QF_PATH_PAYLOAD);
	qf_expr_free(e);
}
END_TEST

START_TEST(bad_payloads)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_expr *e = compile("a = 1");
	struct qf_err err = { 0 };
	struct qf_record rec = record("[1]");
	enum qf_tri t;

	ck_assert_int_eq(qf_expr_eval(e, &rec, &arena, &t, &err), -1);
	ck_assert_has(err.msg, "not an object");
	rec = record("null");
	ck_assert_int_eq(value(e, &rec), QF_TRI_UNKNOWN);
	qf_expr_free(e);
}
END_TEST

START_TEST(yaml_places)
{
	static const char text[] = "steps:\n  - filter: 'year >= '\n";
	struct qf_err err = { 0 };
	const struct qf_node *at;
	struct qf_conf conf;
	struct qf_expr *e;

	ck_assert_int_eq(qf_conf_parse(&conf, "m.yaml", text, strlen(text), &err), 0);
	at = qf_node_get(conf.root, "steps")->child->child;
	ck_assert_int_eq(qf_expr_of_node(&conf, at, "x", &e, &err), -1);
	ck_assert_str_eq(err.msg, "m.yaml:2:5: at character 8: the condition ends where a value is expected: year >=<here> ");
	ck_assert_int_eq(qf_expr_of_node(&conf, NULL, "filter: 'a = 1'", &e, &err), -1);
	ck_assert_has(err.msg, "a condition is expected: filter: 'a = 1'");
	qf_conf_release(&conf);
}
END_TEST

static const struct {
	const char *text;
	int64_t seconds; /* -1 with nanos -1: refused */
	int32_t nanos;
} moments[] = {
	{ "1970-01-01", 0, 0 }, { "1970-01-01T00:00:00Z", 0, 0 }, { "1969-12-31T23:59:59.999999999Z", -1, 999999999 },
	{ "2000-02-29T12:34:56.5+05:30", 951807896, 500000000 }, { "9999-12-31T23:59:59Z", 253402300799, 0 },
	{ "0000-01-01", -62167219200, 0 }, { "2024-02-29t00:00:00z", 1709164800, 0 }, { "2024-02-29 00:00:00-00:00", 1709164800, 0 },
	{ "2024-02-29T00:00:00.1234567899Z", 1709164800, 123456789 }, { "1990-12-31T15:59:60-08:00", 662688000, 0 },
	{ "2023-02-29", -1, -1 }, { "1900-02-29", -1, -1 }, { "2024-13-01", -1, -1 }, { "2024-00-01", -1, -1 }, { "2024-01-00", -1, -1 },
	{ "2024-04-31", -1, -1 }, { "2024-01-01T24:00:00Z", -1, -1 }, { "2024-01-01T00:60:00Z", -1, -1 }, { "2024-01-01T00:00:61Z", -1, -1 },
	{ "2024-01-01T00:00:00", -1, -1 }, { "2024-01-01T00:00Z", -1, -1 }, { "2024-01-01T00:00:00.Z", -1, -1 }, { "2024-1-1", -1, -1 },
	{ "2024-01-01T00:00:00+24:00", -1, -1 }, { "2024-01-01T00:00:00+0100", -1, -1 }, { "2024-01-01T00:00:00Z ", -1, -1 },
	{ " 2024-01-01", -1, -1 }, { "", -1, -1 }, { "2024-01-01x", -1, -1 }, { "20240101", -1, -1 }, { "2024-01-01T", -1, -1 },
};

START_TEST(moment)
{
	struct qf_moment m;
	int rc = qf_moment_parse(qf_str(moments[_i].text), &m);

	ck_assert_msg((rc < 0) == (moments[_i].nanos < 0), "%s: %d", moments[_i].text, rc);
	if (rc == 0) {
		ck_assert_msg(m.seconds == moments[_i].seconds, "%s: %lld", moments[_i].text, (long long)m.seconds);
		ck_assert_int_eq(m.nanos, moments[_i].nanos);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("expr");
	TCase *t = tcase_create("expr");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(t, rows, 0, (int)QF_LEN(expr_rows));
	tcase_add_test(t, manual);
	tcase_add_loop_test(t, written_is_the_same, 0, (int)QF_LEN(expr_rows));
	tcase_add_loop_test(t, refused, 0, (int)QF_LEN(expr_errors));
	tcase_add_loop_test(t, written_forms, 0, (int)QF_LEN(forms));
	tcase_add_test(t, place_is_shown);
	tcase_add_test(t, limits);
	tcase_add_test(t, regex_gives_up);
	tcase_add_test(t, fields);
	tcase_add_test(t, bad_payloads);
	tcase_add_test(t, yaml_places);
	tcase_add_loop_test(t, moment, 0, (int)QF_LEN(moments));
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
