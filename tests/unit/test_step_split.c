/* The step `split`: where points go, and what becomes of everything else. */
#include "tests/unit/step_kit.h"

#define P(name, id, payload) "{\"type\":\"point\",\"collection\":\"" name "\",\"id\":" id ",\"payload\":" payload "}"
#define D(name, id) "{\"type\":\"delete\",\"collection\":\"" name "\",\"id\":" id "}"
#define C(name) "{\"type\":\"cursor\",\"collection\":\"" name "\",\"from\":null,\"to\":5}"
#define T(name, tenant, id) "{\"type\":\"point\",\"collection\":\"" name "\",\"tenant\":\"" tenant "\",\"id\":" id "}"
#define BY "split: {by: lang, into: {en: E, de: D, 7: N, true: T}, else: O}"
#define STRICT "split: {by: lang, into: {en: E, de: D}}"
#define NO_PLACE(shown) \
	"error: step 1 (split): collection 'A', id 1, line 1: 'lang' is " shown ", for which 'into' has no collection, and " \
	"there is no 'else'"

static const struct step_case cases[] = {
	{ "by value", BY, "{\"lang\":\"en\"}\n{\"lang\":\"de\"}\n{\"lang\":\"fr\"}",
	  P("E", "1", "{\"lang\":\"en\"}") "\n" P("D", "2", "{\"lang\":\"de\"}") "\n" P("O", "3", "{\"lang\":\"fr\"}") },
	{ "absent, null, empty", BY, "{}\n{\"lang\":null}\n{\"lang\":\"\"}\n{\"lang\":[]}",
	  P("O", "1", "{}") "\n" P("O", "2", "{\"lang\":null}") "\n" P("O", "3", "{\"lang\":\"\"}") "\n" P("O", "4", "{\"lang\":[]}") },
	{ "no payload", BY, STEP_POINT "1}", "{\"type\":\"point\",\"collection\":\"O\",\"id\":1}" },
	{ "numbers and truth", BY, "{\"lang\":7}\n{\"lang\":7.0}\n{\"lang\":\"7\"}\n{\"lang\":true}\n{\"lang\":8}\n{\"lang\":false}",
	  P("N", "1", "{\"lang\":7}") "\n" P("N", "2", "{\"lang\":7.0}") "\n" P("N", "3", "{\"lang\":\"7\"}") "\n"
	  P("T", "4", "{\"lang\":true}") "\n" P("O", "5", "{\"lang\":8}") "\n" P("O", "6", "{\"lang\":false}") },
	{ "2^53+1", "split: {by: n, into: {9007199254740993: X}, else: O}", "{\"n\":9007199254740993}\n{\"n\":9007199254740992}",
	  P("X", "1", "{\"n\":9007199254740993}") "\n" P("O", "2", "{\"n\":9007199254740992}") },
	{ "an object", BY, "{\"lang\":{\"en\":1}}", P("O", "1", "{\"lang\":{\"en\":1}}") },
	{ "an array goes with the first line", BY, "{\"lang\":[\"fr\",\"de\",\"en\"]}\n{\"lang\":[\"fr\",[\"de\"]]}",
	  P("E", "1", "{\"lang\":[\"fr\",\"de\",\"en\"]}") "\n" P("D", "2", "{\"lang\":[\"fr\",[\"de\"]]}") },
	{ "a path through an array", "split: {by: 'a.l', into: {x: X}, else: O}", "{\"a\":[{\"l\":\"y\"},{\"l\":\"x\"}]}\n{\"a\":[]}",
	  P("X", "1", "{\"a\":[{\"l\":\"y\"},{\"l\":\"x\"}]}") "\n" P("O", "2", "{\"a\":[]}") },
	{ "unicode", "split: {by: s, into: {K\xc3\xb6ln: K}, else: O}", "{\"s\":\"K\\u00f6ln\"}\n{\"s\":\"Koln\"}",
	  P("K", "1", "{\"s\":\"K\\u00f6ln\"}") "\n" P("O", "2", "{\"s\":\"Koln\"}") },
	{ "several values of one place", "split: {by: l, into: {a: X, b: X, c: Y}}", "{\"l\":\"b\"}\n{\"l\":\"c\"}",
	  P("X", "1", "{\"l\":\"b\"}") "\n" P("Y", "2", "{\"l\":\"c\"}") },
	{ "the source is a target", "split: {by: l, into: {b: B}, else: A}", "{\"l\":\"b\"}\n{\"l\":\"a\"}",
	  P("B", "1", "{\"l\":\"b\"}") "\n{\"l\":\"a\"}" },
	{ "untouched bytes", BY, "{ \"n\" : 5.00,\"lang\":\"en\" }", P("E", "1", "{ \"n\" : 5.00,\"lang\":\"en\" }") },
	{ "what an earlier step wrote", "set: {lang: de}\n" BY, "{\"lang\":\"en\"}", P("D", "1", "{\"lang\":\"de\"}") },
	{ "when", "split: {when: [{if: 'y > 2', into: X}, {if: 'y > 1 or y is null', into: Y}], else: Z}",
	  "{\"y\":3}\n{\"y\":2}\n{\"y\":1}\n{}\n{\"y\":\"3\"}",
	  P("X", "1", "{\"y\":3}") "\n" P("Y", "2", "{\"y\":2}") "\n" P("Z", "3", "{\"y\":1}") "\n" P("Y", "4", "{}") "\n"
	  P("Z", "5", "{\"y\":\"3\"}") },
	{ "a value without a place", STRICT, "{\"lang\":\"f\\u0001r\"}", NO_PLACE("\"f\\u0001r\"") },
	{ "absent without a place", STRICT, "{}", NO_PLACE("absent") },
	{ "null without a place", STRICT, "{\"lang\":null}", NO_PLACE("null") },
	{ "no condition is true", "split: {when: [{if: 'y > 2', into: X}]}", "{}",
	  "error: step 1 (split): collection 'A', id 1, line 1: no condition of 'when' is true, and there is no 'else'" },
	{ "collection lines", STRICT,
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}},\"payload\":{\"lang\":{\"type\":"
	  "\"keyword\"}},\"aliases\":[\"a1\"],\"count\":5,\"notes\":[\"n\"]}",
	  "{\"type\":\"collection\",\"name\":\"E\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}},\"payload\":{\"lang\":{\"type\":"
	  "\"keyword\"}},\"notes\":[\"n\",\"the alias 'a1' of 'A' is left out, for it was split\"]}\n"
	  "{\"type\":\"collection\",\"name\":\"D\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}},\"payload\":{\"lang\":{\"type\":"
	  "\"keyword\"}},\"notes\":[\"n\",\"the alias 'a1' of 'A' is left out, for it was split\"]}" },
	{ "amendments too", STRICT, "{\"type\":\"collection\",\"name\":\"A\"}\n{\"type\":\"collection\",\"name\":\"A\",\"sparse\":{\"w\":{}}}",
	  "{\"type\":\"collection\",\"name\":\"E\"}\n{\"type\":\"collection\",\"name\":\"D\"}\n"
	  "{\"type\":\"collection\",\"name\":\"E\",\"sparse\":{\"w\":{}}}\n{\"type\":\"collection\",\"name\":\"D\",\"sparse\":{\"w\":{}}}" },
	{ "deletes, cursors and scopes go everywhere", STRICT, D("A", "1") "\n" C("A") "\nscope A\nscope A/t COLD",
	  D("E", "1") "\n" D("D", "1") "\n" C("E") "\n" C("D") "\nscope E 0\nscope D 0\nscope E/t 0 COLD\nscope D/t 0 COLD" },
	{ "by tenant, they go with the points", "split: {by: '@tenant', into: {acme: X, hooli: Y}, else: Z}",
	  T("A", "acme", "1") "\n" T("A", "foo", "2") "\n{\"type\":\"delete\",\"collection\":\"A\",\"tenant\":\"hooli\",\"id\":3}\n"
	  C("A") "\nscope A/hooli COLD\nscope A/acme",
	  T("X", "acme", "1") "\n" T("Z", "foo", "2") "\n{\"type\":\"delete\",\"collection\":\"Y\",\"tenant\":\"hooli\",\"id\":3}\n"
	  C("Z") "\nscope Y/hooli 0 COLD\nscope X/acme 0" },
	{ "by id, deletes only", "split: {when: [{if: '@id < 5', into: X}], else: Y}", D("A", "4") "\n" D("A", "5") "\n" C("A"),
	  D("X", "4") "\n" D("Y", "5") "\n" C("X") "\n" C("Y") },
	{ "a delete that no condition takes goes everywhere", "split: {when: [{if: '@id < 5', into: X}, {if: '@id > 5', into: Y}]}",
	  D("A", "5"), D("X", "5") "\n" D("Y", "5") },
	{ "in a change feed a point leaves the others", STRICT,
	  "{\"type\":\"stream\",\"version\":1,\"run\":\"r\",\"mode\":\"delta\"}\n{\"lang\":\"en\"}",
	  "{\"type\":\"stream\",\"version\":1,\"run\":\"r\",\"mode\":\"delta\"}\n" P("E", "2", "{\"lang\":\"en\"}") "\n" D("D", "2") },
	{ "others pass", "split: {from: A, by: lang, into: {en: E}, else: O}",
	  "{\"lang\":\"en\"}\n" P("B", "2", "{\"lang\":\"en\"}") "\nscope B",
	  P("E", "1", "{\"lang\":\"en\"}") "\n" P("B", "2", "{\"lang\":\"en\"}") "\nscope B 0" },
	{ "others by collections", "{split: {by: lang, into: {en: E}, else: O}, collections: [A]}",
	  "{\"lang\":\"en\"}\n" P("B", "2", "{\"lang\":\"en\"}"), P("E", "1", "{\"lang\":\"en\"}") "\n" P("B", "2", "{\"lang\":\"en\"}") },
	{ "which one", BY, "{\"lang\":\"en\"}\n" P("B", "2", "{}"),
	  "error: step 1 (split): collection 'B', id 2, line 2: 'A' and 'B' both come here, and one collection can be split; "
	  "name it: split: {from: A, ...}" },
	{ "a name that is taken", "split: {from: A, by: lang, into: {en: B}, else: O}", "{\"type\":\"collection\",\"name\":\"B\"}",
	  "error: step 1 (split): collection 'B', line 1: 'A' is split into 'B', but the stream has a collection of that name; "
	  "rename it before" },
	{ "neither by nor when", "split: {into: {en: E}}", "{}",
	  "error: --step '{split: {into: {en: E}}}':1:2: either 'by' and 'into' or 'when' is expected: split: {by: lang, into: "
	  "{en: Articles_en, de: Articles_de}, else: Articles_other}; or when: [{if: 'year >= 2000', into: Recent}]" },
	{ "a setting that is none", "split: {by: l, inot: {a: B}}", "{}",
	  "error: --step '{split: {by: l, inot: {a: B}}}':1:17: split has no setting 'inot'; did you mean 'into'?" },
	{ "a condition that is none", "split: {when: [{if: 'a =', into: B}]}", "{}",
	  "error: --step '{split: {when: [{if: 'a =', into: B}]}}':1:18: at character 4: the condition ends where a value is "
	  "expected: a =<here>" },
	{ "an item that is none", "split: {when: [a]}", "{}",
	  "error: --step '{split: {when: [a]}}':1:17: 'if' and 'into' are expected: when: [{if: 'year >= 2000', into: Recent}]" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

START_TEST(several_names)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_chain *c = qf_chain_new();
	struct qf_err err = { 0 };
	struct qf_str *names, first;
	size_t n;

	ck_assert_int_eq(qf_chain_add_text(c, "{split: {from: A, by: l, into: {x: X, y: Y}, else: A}}", &err), 0);
	ck_assert_int_eq(qf_chain_add_text(c, "{rename: {collections: {X: Z, A: Z}}}", &err), 0);
	ck_assert_int_eq(qf_chain_map_names(c, QF_STR("A"), &arena, &names, &n, &err), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert(qf_str_is(names[0], "Z") && qf_str_is(names[1], "Y"));
	ck_assert_int_eq(qf_chain_map_name(c, QF_STR("A"), &arena, &first, &err), 0);
	ck_assert(qf_str_is(first, "Z"));
	ck_assert_int_eq(qf_chain_map_names(c, QF_STR("B"), &arena, &names, &n, &err), 0);
	ck_assert_uint_eq(n, 1);
	qf_chain_free(c);
}
END_TEST

UNIT_MAIN("step split", 60, table, several_names)
