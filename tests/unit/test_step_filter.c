/* The step `filter`: which points pass. The language itself is tested by test_expr.c. */
#include "tests/unit/step_kit.h"

static const struct step_case cases[] = {
	{ "true passes", "filter: 'a = 1'", "{\"a\":1}\n{\"a\":2}", "{\"a\":1}" },
	{ "absent", "filter: 'a = 1'", "{}\n{\"b\":1}", "" },
	{ "no payload", "filter: 'a is null'", STEP_POINT "1}\n{\"a\":5}", STEP_POINT "1}" },
	{ "null", "filter: 'a != 1'", "{\"a\":null}\n{\"a\":2}", "{\"a\":2}" },
	{ "null asked for", "filter: 'a is null'", "{\"a\":null}\n{\"a\":2}\n{}", "{\"a\":null}\n{}" },
	{ "empty text", "filter: 'a = \"\"'", "{\"a\":\"\"}\n{\"a\":\" \"}", "{\"a\":\"\"}" },
	{ "empty array", "filter: 'not a = 1'", "{\"a\":[]}\n{\"a\":[1,2]}\n{\"a\":[2]}", "{\"a\":[]}\n{\"a\":[2]}" },
	{ "wrong type", "filter: 'a < 5'", "{\"a\":\"4\"}\n{\"a\":true}\n{\"a\":{}}\n{\"a\":4}", "{\"a\":4}" },
	{ "an object in the way", "filter: 'a.b.c = 1'", "{\"a\":{\"b\":5}}\n{\"a\":{\"b\":{\"c\":1}}}", "{\"a\":{\"b\":{\"c\":1}}}" },
	{ "2^53+1", "filter: 'a = 9007199254740993'", "{\"a\":9007199254740992}\n{\"a\":9007199254740993}",
	  "{\"a\":9007199254740993}" },
	{ "beyond 64 bits", "filter: 'a >= 18446744073709551616'", "{\"a\":18446744073709551615}\n{\"a\":18446744073709551616}",
	  "{\"a\":18446744073709551616}" },
	{ "huge exponents", "filter: 'a > 1e308'", "{\"a\":1e309}\n{\"a\":-1e309}\n{\"a\":1e308}", "{\"a\":1e309}" },
	{ "unicode", "filter: 'stadt = \"K\xc3\xb6ln\" and length(stadt) = 4'", "{\"stadt\":\"K\\u00f6ln\"}\n{\"stadt\":\"Koln\"}",
	  "{\"stadt\":\"K\\u00f6ln\"}" },
	{ "untouched bytes", "filter: 'a.b = 1'", "{ \"n\" : 5.00, \"a\":{\"b\" : 1.0},\"s\":\"\\/\" }\n{\"a\":{}}",
	  "{ \"n\" : 5.00, \"a\":{\"b\" : 1.0},\"s\":\"\\/\" }" },
	{ "of duplicate keys the last", "filter: 'a = 1'", "{\"a\":1,\"a\":2}\n{\"a\":2,\"a\":1}", "{\"a\":2,\"a\":1}" },
	{ "what an earlier step wrote", "set: {b: 5}\nfilter: 'b = 5'\nset: {c: 1}", "{\"a\":1}", "{\"a\":1,\"b\":5,\"c\":1}" },
	{ "two filters", "filter: 'a > 1'\nfilter: 'a < 3'", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}", "{\"a\":2}" },
	{ "in YAML over lines", "{filter: 'a > 1\t and a < 3'}", "{\"a\":1}\n{\"a\":2}", "{\"a\":2}" },
	{ "one collection alone", "{filter: 'a = 1', collections: [B]}",
	  "{\"a\":2}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":5,\"payload\":{\"a\":2}}", "{\"a\":2}" },
	{ "fields", "filter: '@id in [1, 3] and @collection = \"A\" and @tenant is null'", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}",
	  "{\"a\":1}\n{\"a\":3}" },
	{ "all else passes", "filter: 'false'",
	  "{\"type\":\"collection\",\"name\":\"A\",\"count\":5}\n{\"a\":1}\n{\"type\":\"delete\",\"collection\":\"A\",\"id\":1}\n"
	  "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":5}\nscope A\nscope B not whole",
	  "{\"type\":\"collection\",\"name\":\"A\",\"count\":5}\n{\"type\":\"delete\",\"collection\":\"A\",\"id\":1}\n"
	  "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":5}\nscope A 0\nscope B 0 not whole" },
	{ "a mistake", "filter: 'a = 1 oder b = 2'", "{}",
	  "error: --step '{filter: 'a = 1 oder b = 2'}':1:2: at character 7: expected a comparison, 'and', 'or' or the end: "
	  "a = 1 <here>oder b = 2" },
	{ "a list", "filter: [a, b]", "{}", "error: --step '{filter: [a, b]}':1:2: a text is expected: filter: 'year >= 1900 and lang "
					    "in [\"en\", \"de\"]'" },
	{ "nothing", "filter: ''", "{}", "error: --step '{filter: ''}':1:2: a condition is expected: filter: 'year >= 1900 and lang "
					 "in [\"en\", \"de\"]'" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

/* A condition that cannot ever be true is said; so is how much was left out. */
START_TEST(counted)
{
	static const struct step_case silent = { "", "filter: 'yaer = 1'", "{\"year\":1}\n{\"year\":2}", "" };
	static const struct step_case some = { "", "filter: 'year = 1'", "{\"year\":1}\n{\"year\":2}\n{}", "{\"year\":1}" };
	QF_AUTO_BUF struct qf_buf text = { 0 };
	int fd = unit_capture_stderr();

	ck_assert_ptr_null(step_differs(&silent));
	unit_slurp(fd, &text);
	ck_assert_has(qf_buf_cstr(&text), "warning: step filter: 'yaer = 1' was unknown for every point, as for collection 'A', id 1");
	ck_assert_ptr_null(step_differs(&some));
	unit_slurp(fd, &text);
	ck_assert_has(qf_buf_cstr(&text), "2 of 3 points left out by 'year = 1', for 1 of them it was unknown, as for collection "
					  "'A', id 3, line 3");
}
END_TEST

/* Inline, all that stands behind the name is the condition. */
START_TEST(inline_forms)
{
	static const char *const forms[] = { "filter a = 1 and b in [\"x\", \"y z\"]", "filter   'a = 1 and b in [\"x\", \"y z\"]' " };
	struct qf_err err = { 0 };

	for (size_t i = 0; i < QF_LEN(forms); i++) {
		QF_AUTO_BUF struct qf_buf text = { 0 };
		struct qf_chain *c = qf_chain_new();

		ck_assert_msg(qf_chain_add_text(c, forms[i], &err) == 0, "%s", err.msg);
		qf_chain_settings(c, &text);
		ck_assert_str_eq(qf_buf_cstr(&text), "filter=\"a = 1 and b in [\\\"x\\\", \\\"y z\\\"]\"\n");
		qf_chain_free(c);
	}
}
END_TEST

UNIT_MAIN("step filter", 60, table, counted, inline_forms)
