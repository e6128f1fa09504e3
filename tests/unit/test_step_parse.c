/* The step `parse-json`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (parse-json): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "absent", "parse-json: [t, a.b]", "{\"x\":\"1\"}", "{\"x\":\"1\"}" },
	{ "null", "parse-json: t", "{\"t\":null}", "{\"t\":null}" },
	{ "no payload", "parse-json: t", STEP_POINT "1}", STEP_POINT "1}" },
	{ "every type", "parse-json: t", "{\"t\":[\"1.50\",\"true\",\"null\",\"\\\"s\\\"\",\"[1, 2]\",\" {} \\n\"]}", "{\"t\":[1.50,true,null,\"s\",[1, 2],{}]}" },
	{ "numbers are exact", "parse-json: t", "{\"t\":\"[9007199254740993, 18446744073709551616, 1e400, -0.0]\"}",
	  "{\"t\":[9007199254740993, 18446744073709551616, 1e400, -0.0]}" },
	{ "duplicate keys stay", "parse-json: t", "{\"t\":\"{\\\"a\\\":1,\\\"a\\\":2}\"}", "{\"t\":{\"a\":1,\"a\":2}}" },
	{ "unicode, escaped twice", "parse-json: t", "{\"t\":\"\\\"\\\\u00e4\\u00e9\\\\ud83d\\\\ude00\\\"\"}", "{\"t\":\"\\u00e4é\\ud83d\\ude00\"}" },
	{ "no text stays", "parse-json: [t, u, v]", "{\"t\":{\"a\":\"1\"},\"u\":5.0,\"v\":true}", "{\"t\":{\"a\":\"1\"},\"u\":5.0,\"v\":true}" },
	{ "then a path into it", "parse-json: t\nset: {t.b: 2}", "{\"t\":\"{\\\"a\\\": 1}\"}", "{\"t\":{\"a\":1,\"b\":2}}" },
	{ "empty", "parse-json: t", "{\"t\":\"\"}", REFUSED "'t': \"\" is not valid JSON: a value is missing" },
	{ "something behind", "parse-json: t", "{\"t\":\"1 2\"}", REFUSED "'t': \"1 2\" is not valid JSON: something stands behind the value" },
	{ "not strict", "parse-json: {paths: t, on-error: null}", "{\"t\":[\"{'a':1}\",\"[1,]\",\"NaN\",\"01\",\"\\\"\\\\ud800\\\"\",\"\\\"a\\nb\\\"\",\"nul\",\"//\"]}",
	  "{\"t\":[null,null,null,null,null,null,null,null]}" },
	{ "kept", "parse-json: {paths: [t], on_error: keep}", "{\"t\":[\"\\u0078\",\"1\"]}", "{\"t\":[\"\\u0078\",1]}" },
	{ "inside objects of arrays", "parse-json: p.t", "{\"p\":[{\"t\":\"1\"},{}]}", "{\"p\":[{\"t\":1},{}]}" },
	{ "of duplicate keys the last", "parse-json: t", "{\"t\":\"1\",\"t\":\"2\"}", "{\"t\":\"1\",\"t\":2}" },
	{ "the schema", "parse-json: t", SCHEMA("\"t\":{\"type\":\"keyword\"},\"u\":{\"type\":\"keyword\"}"), SCHEMA("\"u\":{\"type\":\"keyword\"}") },
	{ "no paths", "parse-json: {on-error: keep}", "{}",
	  "error: --step '{parse-json: {on-error: keep}}':1:2: 'paths' is missing: parse-json: [meta, raw], or parse-json: {paths: [meta], on-error: keep}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

/* Depth inside the text, and depth where it comes to stand. */
START_TEST(nesting)
{
	static const struct {
		int text, around;
		const char *error;
	} rows[] = {
		{ 62, 0, NULL }, { 63, 0, "nested deeper than 63" }, { 64, 0, "nested deeper than 63" }, { 65, 0, "not valid JSON" },
		{ 30, 32, NULL }, { 30, 33, "nested deeper than 63" },
	};

	for (size_t i = 0; i < QF_LEN(rows); i++) {
		struct qf_buf in = { 0 }, path = { 0 };
		struct step_case k = { .name = "nesting", .out = "" };
		char *got;

		QF_BUF_LIT(&path, "parse-json: a");
		QF_BUF_LIT(&in, "{\"a\":");
		for (int d = 0; d < rows[i].around; d++) {
			QF_BUF_LIT(&in, "{\"a\":");
			QF_BUF_LIT(&path, ".a");
		}
		qf_buf_addc(&in, '"');
		for (int d = 0; d < rows[i].text; d++)
			qf_buf_addc(&in, '[');
		for (int d = 0; d < rows[i].text; d++)
			qf_buf_addc(&in, ']');
		qf_buf_addc(&in, '"');
		for (int d = 0; d <= rows[i].around; d++)
			qf_buf_addc(&in, '}');
		k.steps = qf_buf_cstr(&path);
		k.in = qf_buf_cstr(&in);
		got = step_differs(&k);
		ck_assert_ptr_nonnull(got);
		if (rows[i].error)
			ck_assert_msg(strstr(got, rows[i].error) != NULL, "row %zu: %s", i, got);
		else
			ck_assert_msg(strstr(got, "error") == NULL, "row %zu: %s", i, got);
		free(got);
		qf_buf_release(&in);
		qf_buf_release(&path);
	}
}
END_TEST

UNIT_MAIN("step parse", 60, table, nesting)
