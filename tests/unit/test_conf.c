/* Settings files: what YAML is taken, what is refused, and that every error says where. */
#include "common/base/conf.h"
#include "common/base/retry.h"
#include "tests/unit/unit.h"

static struct qf_err err;

static int parse(struct qf_conf *c, const char *text)
{
	return qf_conf_parse(c, "plan.yaml", text, strlen(text), &err);
}

/* The document as JSON must be this. */
static void same(const char *yaml, const char *json)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_conf c;

	ck_assert_msg(parse(&c, yaml) == 0, "%s: %s", yaml, err.msg);
	if (c.root)
		qf_node_to_json(c.root, &out);
	ck_assert_str_eq(qf_buf_cstr(&out), json);
	qf_conf_release(&c);
}

static void refused(const char *yaml, const char *part)
{
	struct qf_conf c;

	ck_assert_msg(parse(&c, yaml) < 0, "taken: %s", yaml);
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_has(err.msg, part);
	qf_conf_release(&c);
}

START_TEST(values)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "# only a remark\n", "" },
		{ "a: 1", "{\"a\":1}" },
		{ "a: '1'", "{\"a\":\"1\"}" },
		{ "a: \"1\"", "{\"a\":\"1\"}" },
		{ "a: [1, -2.5, 1e3, true, null, ~, text, '']", "{\"a\":[1,-2.5,1e3,true,null,null,\"text\",\"\"]}" },
		{ "a:\nb: x", "{\"a\":null,\"b\":\"x\"}" },
		/* JSON's numbers only: what else looks like one stays text. */
		{ "a: [01, .5, 5., 0x10, 1_000, +1, 1e, -, --1]",
		  "{\"a\":[\"01\",\".5\",\"5.\",\"0x10\",\"1_000\",\"+1\",\"1e\",\"-\",\"--1\"]}" },
		{ "a: yes", "{\"a\":\"yes\"}" },
		{ "a: 18446744073709551615", "{\"a\":18446744073709551615}" },
		{ "a: |\n  one\n  two\n", "{\"a\":\"one\\ntwo\\n\"}" },
		{ "a: \"q\\\" b\\\\ \\t\"", "{\"a\":\"q\\\" b\\\\ \\t\"}" },
		{ "- a\n- b: [c]\n", "[\"a\",{\"b\":[\"c\"]}]" },
		{ "a: &x {b: 1}\nc: *x\n", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}" },
		{ "a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}" },
		{ "\xc3\xa4: \xe2\x82\xac", "{\"\xc3\xa4\":\"\xe2\x82\xac\"}" },
		{ "a: $(rm -rf /)\nb: '`id`'\nc: $HOME\nd: $\n", "{\"a\":\"$(rm -rf /)\",\"b\":\"`id`\",\"c\":\"$HOME\",\"d\":\"$\"}" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++)
		same(cases[i][0], cases[i][1]);
}
END_TEST

START_TEST(errors_say_where)
{
	static const char *const cases[][2] = {
		{ "a: 1\nb: [1\nc: 2\n", "plan.yaml:" },
		{ "a: 1\n  b: 2\n", "plan.yaml:2:" },
		{ "a: \"x\n", "plan.yaml:" },
		{ "a: 1\nb: 2\na: 3\n", "plan.yaml:3:1: 'a' stands here twice" },
		{ "max-line: 1\nmax_line: 2\n", "plan.yaml:2:1: 'max_line' stands here twice" },
		{ "s: {x: 1, x: 2}\n", "plan.yaml:1:11: 'x' stands here twice" },
		{ "[a]: 1\n", "plan.yaml:1:1: a key must be a plain word" },
		{ "{a: 1}: 1\n", "a key must be a plain word" },
		{ "a: *nobody\n", "plan.yaml:1:4: alias *nobody has no anchor before it" },
		{ "a: &x [*x]\n", "alias *x has no anchor before it" },
		{ "a: 1\n---\nb: 2\n", "plan.yaml:2:1: a second document begins here" },
		{ "a: \"x\\0y\"\n", "plan.yaml:1:4: a NUL character stands in this value" },
		{ "a: \"\xff\"\n", "plan.yaml:" },
		{ "a:\tb\n\t- c", "plan.yaml:" },
		{ "%TAG", "plan.yaml:" },
	};
	struct qf_conf c;

	for (size_t i = 0; i < QF_LEN(cases); i++)
		refused(cases[i][0], cases[i][1]);
	ck_assert_int_lt(qf_conf_parse(&c, "plan.yaml", "a: b\0c\n", 7, &err), 0);
	qf_conf_release(&c);
}
END_TEST

static char *nested(int depth, const char *open, const char *close)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };

	for (int i = 0; i < depth; i++)
		qf_buf_puts(&b, open);
	for (int i = 0; i < depth; i++)
		qf_buf_puts(&b, close);
	return qf_strdup(qf_buf_cstr(&b));
}

START_TEST(depth)
{
	QF_AUTO_FREE char *fits = nested(32, "[", "]"), *deep = nested(34, "[", "]");
	QF_AUTO_FREE char *far = nested(100000, "[", "]"), *maps = nested(34, "{a: ", "}");
	QF_AUTO_BUF struct qf_buf chain = { 0 };
	struct qf_conf c;

	ck_assert_int_eq(parse(&c, fits), 0);
	qf_conf_release(&c);
	refused(deep, "nested deeper than 32");
	refused(far, "nested deeper than 32");
	refused(maps, "nested deeper than 32");
	/* Each anchor one level above the one before it: the depth is that of the result. */
	QF_BUF_LIT(&chain, "a0: &a0 [x]\n");
	for (int i = 1; i < 60; i++)
		qf_buf_printf(&chain, "a%d: &a%d [*a%d]\n", i, i, i - 1);
	refused(qf_buf_cstr(&chain), "nested deeper than 32");
}
END_TEST

/* 306 bytes that would become 89 MB (the "billion laughs"). */
START_TEST(alias_bomb)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };
	double started = qf_now();

	QF_BUF_LIT(&b, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 9; i++) {
		qf_buf_printf(&b, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			qf_buf_printf(&b, "%s*a%d", k ? "," : "", i - 1);
		QF_BUF_LIT(&b, "]\n");
	}
	refused(qf_buf_cstr(&b), "aliases expand to more than 100 times the file");
	ck_assert(qf_now() - started < 0.5);
}
END_TEST

START_TEST(environment)
{
	static const char *const good[][2] = {
		{ "a: ${QF_A}", "{\"a\":\"value\"}" },
		{ "a: x${QF_A}y${QF_A}", "{\"a\":\"xvalueyvalue\"}" },
		{ "a: ${QF_NONE:-def}", "{\"a\":\"def\"}" },
		{ "a: ${QF_NONE:-}", "{\"a\":null}" },
		{ "a: '${QF_NONE:-}'", "{\"a\":\"\"}" },
		{ "a: ${QF_EMPTY:-def}", "{\"a\":\"def\"}" },
		{ "a: '${QF_EMPTY}'", "{\"a\":\"\"}" },
		{ "a: ${QF_A:-def}", "{\"a\":\"value\"}" },
		{ "a: ${QF_A:?must be set}", "{\"a\":\"value\"}" },
		{ "a: ${QF_NUMBER}", "{\"a\":42}" },
		/* Values are never looked at again. */
		{ "a: ${QF_NEST}", "{\"a\":\"${QF_A} $(id) *x\"}" },
		{ "a: ${QF_YAML}", "{\"a\":\"x: [1\"}" },
		{ "a: [\"${QF_A}\", '${QF_A}', $QF_A]", "{\"a\":[\"value\",\"value\",\"$QF_A\"]}" },
	};
	static const char *const bad[][2] = {
		{ "a: ${QF_NONE}", "plan.yaml:1:4: environment variable QF_NONE is not set" },
		{ "\n\nb:\n  - ${QF_NONE}", "plan.yaml:4:5: environment variable QF_NONE is not set" },
		{ "a: '${QF_NONE:?the key of the source}'", "environment variable QF_NONE: the key of the source" },
		{ "a: '${QF_EMPTY:?must not be empty}'", "QF_EMPTY: must not be empty" },
		{ "a: ${QF_A", "'${' without '}'" },
		{ "a: '${}'", "must be followed by a variable's name" },
		{ "a: '${1 x}'", "must end with '}'" },
		{ "a: '${QF_A:=x}'", "must end with '}'" },
		{ "a: '${QF_A!}'", "must end with '}'" },
		{ "a: '${-x}'", "must be followed by a variable's name" },
	};

	setenv("QF_A", "value", 1);
	setenv("QF_EMPTY", "", 1);
	setenv("QF_NUMBER", "42", 1);
	setenv("QF_NEST", "${QF_A} $(id) *x", 1);
	setenv("QF_YAML", "x: [1", 1);
	unsetenv("QF_NONE");
	for (size_t i = 0; i < QF_LEN(good); i++)
		same(good[i][0], good[i][1]);
	for (size_t i = 0; i < QF_LEN(bad); i++)
		refused(bad[i][0], bad[i][1]);
}
END_TEST

START_TEST(keys)
{
	static const char *const names[] = { "collection", "max-line", "url" };
	struct qf_conf c;
	const struct qf_node *n;

	ck_assert_int_eq(parse(&c, "source:\n  collection: A\n  max_line: 5\n"), 0);
	n = qf_node_get(c.root, "source");
	ck_assert_int_eq(qf_node_check_keys(&c, n, "source", names, 3, &err), 0);
	ck_assert_str_eq(qf_node_get(n, "max-line")->text, "5");
	ck_assert_int_eq(qf_node_get(n, "max_line")->line, 3);
	ck_assert_int_eq(qf_node_get(n, "max_line")->column, 3);
	ck_assert_ptr_null(qf_node_get(n, "max"));
	ck_assert_ptr_null(qf_node_get(n, "max-line-"));
	ck_assert_ptr_null(qf_node_get(NULL, "x"));
	ck_assert_ptr_null(qf_node_get(qf_node_get(n, "collection"), "x"));
	ck_assert_int_eq(qf_node_check_keys(&c, NULL, "source", names, 3, &err), 0);
	qf_conf_release(&c);

	ck_assert_int_eq(parse(&c, "target:\n  url: x\n  colection: A\n"), 0);
	n = qf_node_get(c.root, "target");
	ck_assert_int_lt(qf_node_check_keys(&c, n, "target", names, 3, &err), 0);
	ck_assert_str_eq(err.msg, "plan.yaml:3:3: target has no setting 'colection'; did you mean 'collection'?");
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_int_lt(qf_node_check_keys(&c, qf_node_get(n, "url"), "url", names, 3, &err), 0);
	ck_assert_has(err.msg, "url must be a map of settings");
	qf_conf_release(&c);

	ck_assert_int_eq(parse(&c, "xyzzyplugh: 1\n"), 0);
	ck_assert_int_lt(qf_node_check_keys(&c, c.root, "plan", names, 3, &err), 0);
	ck_assert_str_eq(err.msg, "plan.yaml:1:1: plan has no setting 'xyzzyplugh'");
	qf_node_error(&c, NULL, &err, "%s", "whole file");
	ck_assert_str_eq(err.msg, "plan.yaml: whole file");
	qf_conf_release(&c);
}
END_TEST

START_TEST(files)
{
	const char *dir = unit_dir();
	QF_AUTO_FREE char *good = unit_file(dir, "good.yaml", "a: 1\n");
	QF_AUTO_FREE char *big = qf_asprintf("%s/big.yaml", dir);
	struct qf_conf c;
	FILE *f = fopen(big, "w");

	for (int i = 0; i < 100000; i++)
		fprintf(f, "# filler filler\n");
	fclose(f);
	ck_assert_int_eq(qf_conf_read(&c, good, &err), 0);
	ck_assert_str_eq(qf_node_get(c.root, "a")->text, "1");
	qf_conf_release(&c);
	ck_assert_int_lt(qf_conf_read(&c, big, &err), 0);
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_has(err.msg, "larger than 1 MiB");
	qf_conf_release(&c);
	ck_assert_int_lt(qf_conf_read(&c, "/nowhere/x.yaml", &err), 0);
	ck_assert_int_eq(err.code, QF_E_NOINPUT);
	ck_assert_has(err.msg, "cannot read /nowhere/x.yaml: No such file");
	qf_conf_release(&c);
	ck_assert_int_lt(qf_conf_read(&c, dir, &err), 0);
	ck_assert_int_eq(err.code, QF_E_IO);
	qf_conf_release(&c);
	unlink(good);
	unlink(big);
	rmdir(dir);
}
END_TEST

UNIT_MAIN("conf", 30, values, errors_say_where, depth, alias_bomb, environment, keys, files)
