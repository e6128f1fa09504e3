/* The step `set`; the pattern of a test of a step. */
#include "tests/unit/step_kit.h"

static const struct step_case cases[] = {
	{ "new key last", "set: {b: 1}", "{\"a\":0}", "{\"a\":0,\"b\":1}" },
	{ "in its place", "set: {a: 1}", "{\"a\":0,\"b\":2}", "{\"a\":1,\"b\":2}" },
	{ "null is replaced", "set: {a: x}", "{\"a\":null}", "{\"a\":\"x\"}" },
	{ "no payload", "set: {a: x}", STEP_POINT "1}", "{\"a\":\"x\"}" },
	{ "types of YAML", "set: {i: 9007199254740993, f: 1.50, b: true, n: null, s: '5', t: \"true\"}", "{}",
	  "{\"i\":9007199254740993,\"f\":1.50,\"b\":true,\"n\":null,\"s\":\"5\",\"t\":\"true\"}" },
	{ "lists and maps", "set: {a: [1, x], o: {k: v}}", "{}", "{\"a\":[1,\"x\"],\"o\":{\"k\":\"v\"}}" },
	{ "objects are made", "set: {a.b.c: 1}", "{}", "{\"a\":{\"b\":{\"c\":1}}}" },
	{ "null in the middle", "set: {a.b: 1}", "{\"a\":null}", "{\"a\":{\"b\":1}}" },
	{ "in all objects of an array", "set: {a.b: 1}", "{\"a\":[{},{\"b\":0},5]}", "{\"a\":[{\"b\":1},{\"b\":1},5]}" },
	{ "elements", "set: {'a[]': 0}", "{\"a\":[1,\"x\",null]}", "{\"a\":[0,0,0]}" },
	{ "elements of nothing", "set: {'a[]': 0}", "{\"b\":1}", "{\"b\":1}" },
	{ "unicode", "set: {\xc3\xa4: \"\xe2\x82\xac\\n\"}", "{\"\\u00e4\":1}", "{\"\\u00e4\":\"\xe2\x82\xac\\n\"}" },
	{ "a quoted part", "set: {'\"a.b\"': 1}", "{\"a\":{\"b\":0}}", "{\"a\":{\"b\":0},\"a.b\":1}" },
	{ "of duplicates the last", "set: {a: 1}", "{\"a\":5,\"a\":6}", "{\"a\":5,\"a\":1}" },
	{ "untouched numbers and escapes", "set: {z: 1}",
	  "{\"n\":18446744073709551615,\"f\":5.00,\"s\":\"\\u00e9\\/\",\"o\":{ \"x\" : 1 }}",
	  "{\"n\":18446744073709551615,\"f\":5.00,\"s\":\"\\u00e9\\/\",\"o\":{ \"x\" : 1 },\"z\":1}" },
	{ "a scalar in the way", "set: {a.b: 1}", "{\"a\":5}",
	  "error: step 1 (set): collection 'A', id 1, line 1: 'a.b' cannot be set, for 'a' is a number" },
	{ "the schema keeps a fitting index", "set: {t: x}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{\"t\":{\"type\":\"text\"}}}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{\"t\":{\"type\":\"text\"}}}" },
	{ "the schema gets the new type", "set: {t: 5}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{\"t\":{\"type\":\"text\",\"tokenizer\":\"word\"}}}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{\"t\":{\"type\":\"integer\"}}}" },
	{ "no map", "set: 5", "{}", "error: --step '{set: 5}':1:2: a map is expected: set: {lang: en, stars: 5, address.country: DE}" },
	{ "no path", "set: {'a..b': 5}", "{}", "error: --step '{set: {'a..b': 5}}':1:8: 'a..b': it is no path of a payload property" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step set", 60, table)
