/* The step `merge`. */
#include "tests/unit/step_kit.h"

#define P(name, id, payload) "{\"type\":\"point\",\"collection\":\"" name "\",\"id\":" id ",\"payload\":" payload "}"
#define D(name, id) "{\"type\":\"delete\",\"collection\":\"" name "\",\"id\":" id "}"
#define L(name, more) "{\"type\":\"collection\",\"name\":\"" name "\"" more "}"
#define M "merge: {into: M, from: [A, B], key: _source}"
#define KEYWORD "\"_source\":{\"type\":\"keyword\"}"

static const struct step_case cases[] = {
	{ "points say where they came from", M, "{\"a\":1}\n" P("B", "2", "{\"b\":2}"),
	  P("M", "1", "{\"a\":1,\"_source\":\"A\"}") "\n" P("M", "2", "{\"b\":2,\"_source\":\"B\"}") },
	{ "no key asked for", "merge: {into: M, from: [A, B]}", "{\"a\":1}\n" P("B", "2", "{}"), P("M", "1", "{\"a\":1}") "\n" P("M", "2", "{}") },
	{ "no payload", M, STEP_POINT "1}\n" STEP_POINT "2,\"payload\":{}}",
	  P("M", "1", "{\"_source\":\"A\"}") "\n" P("M", "2", "{\"_source\":\"A\"}") },
	{ "null is replaced", M, "{\"_source\":null,\"a\":1}", P("M", "1", "{\"_source\":\"A\",\"a\":1}") },
	{ "the same value stays", M, "{\"_source\":\"\\u0041\"}", P("M", "1", "{\"_source\":\"\\u0041\"}") },
	{ "another value is an error", M, "{\"_source\":\"web\"}",
	  "error: step 1 (merge): collection 'A', id 1, line 1: '_source' holds \"web\" already, where the name of the collection "
	  "would go; choose another key" },
	{ "empty is a value", M, "{\"_source\":\"\"}",
	  "error: step 1 (merge): collection 'A', id 1, line 1: '_source' holds \"\" already, where the name of the collection would "
	  "go; choose another key" },
	{ "another type too", M, "{\"_source\":[]}",
	  "error: step 1 (merge): collection 'A', id 1, line 1: '_source' holds [] already, where the name of the collection would "
	  "go; choose another key" },
	{ "a nested key", "merge: {into: M, from: [A, B], key: meta.from}", "{\"meta\":{\"x\":1}}\n{}\n{\"meta\":5}",
	  "error: step 1 (merge): collection 'A', id 3, line 3: 'meta.from' cannot be set, for 'meta' is a number" },
	{ "a nested key that is made", "merge: {into: M, from: [A, B], key: meta.from}", "{\"meta\":{\"x\":1}}\n{}",
	  P("M", "1", "{\"meta\":{\"x\":1,\"from\":\"A\"}}") "\n" P("M", "2", "{\"meta\":{\"from\":\"A\"}}") },
	{ "untouched bytes", M, "{ \"n\":9007199254740993,\"f\":5.00,\"s\":\"\\u00e9\\/\" ,\"h\":1e400}",
	  P("M", "1", "{\"n\":9007199254740993,\"f\":5.00,\"s\":\"\\u00e9\\/\",\"h\":1e400,\"_source\":\"A\"}") },
	{ "unicode names", "merge: {into: \xc3\x84, from: [\xc3\x9f, A], key: k}", P("\xc3\x9f", "1", "{}"),
	  P("\xc3\x84", "1", "{\"k\":\"\xc3\x9f\"}") },
	{ "into one of them", "merge: {into: A, from: [A, B], key: k}", "{}\n" P("B", "2", "{}"), "{\"k\":\"A\"}\n{\"k\":\"B\"}" },
	{ "schemas", M,
	  L("A", ",\"payload\":{\"a\":{\"type\":\"text\"}},\"aliases\":[\"M\",\"x\"],\"count\":2") "\n"
	  L("B", ",\"payload\":{\"b\":{\"type\":\"integer\"}},\"count\":3"),
	  L("M", ",\"payload\":{\"a\":{\"type\":\"text\"}," KEYWORD "},\"aliases\":[\"x\"],\"count\":2") "\n"
	  L("M", ",\"payload\":{\"a\":{\"type\":\"text\"}," KEYWORD ",\"b\":{\"type\":\"integer\"}},\"aliases\":[\"x\"],\"count\":5") },
	{ "a declared key stays", M, L("A", ",\"payload\":{\"_source\":{\"type\":\"uuid\"}}"), L("M", ",\"payload\":{\"_source\":{\"type\":\"uuid\"}}") },
	{ "sizes that differ", M,
	  L("A", ",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}}") "\n" L("B", ",\"vectors\":{\"\":{\"size\":3,\"distance\":\"Dot\"}}"),
	  "error: step 1 (merge): collection 'B', line 2: 'A' and 'B' cannot be merged into 'M': vector '': size was 2 and is 3 now" },
	{ "deletes, cursors, scopes", M,
	  D("A", "1") "\n{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":5}\nscope A\nscope B/t COLD\nscope C",
	  D("M", "1") "\nscope M 0\nscope M/t 0 COLD\nscope C 0" },
	{ "others pass", M, P("C", "1", "{}"), P("C", "1", "{}") },
	{ "a name that is taken", M, L("M", ""),
	  "error: step 1 (merge): collection 'M', line 1: others are merged into 'M', but the stream has a collection of that name; "
	  "name it under 'from' too" },
	{ "one alone", "merge: {into: M, from: [A]}", "{}",
	  "error: --step '{merge: {into: M, from: [A]}}':1:2: two collections or more are expected under 'from': merge: {into: All, "
	  "from: [Article, Review], key: _source}" },
	{ "into nothing", "merge: {from: [A, B]}", "{}",
	  "error: --step '{merge: {from: [A, B]}}':1:2: 'into' is missing: merge: {into: All, from: [Article, Review], key: _source}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

START_TEST(says_what_never_came)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	static const struct step_case k = { "", M, "{}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
					    P("M", "1", "{\"_source\":\"A\"}") "\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" };
	int fd = unit_capture_stderr();

	ck_assert_ptr_null(step_differs(&k));
	unit_slurp(fd, &text);
	ck_assert_has(qf_buf_cstr(&text), "step merge: no collection 'B' was in the stream");
	ck_assert_has_not(qf_buf_cstr(&text), "'A' was in the stream");
}
END_TEST

UNIT_MAIN("step merge", 60, table, says_what_never_came)
