/* The step `default`. */
#include "tests/unit/step_kit.h"

static const struct step_case cases[] = {
	{ "absent", "default: {a: 1}", "{\"b\":2}", "{\"b\":2,\"a\":1}" },
	{ "null, in its place", "default: {a: 1}", "{\"a\":null,\"b\":2}", "{\"a\":1,\"b\":2}" },
	{ "there: its bytes stay", "default: {a: 1}", "{ \"a\" : 9007199254740993 }", "{ \"a\" : 9007199254740993 }" },
	{ "empty values are there", "default: {a: 1, b: 1, c: 1, d: 1, e: 1}", "{\"a\":\"\",\"b\":[],\"c\":{},\"d\":false,\"e\":0}",
	  "{\"a\":\"\",\"b\":[],\"c\":{},\"d\":false,\"e\":0}" },
	{ "no payload", "default: {a: 1}", STEP_POINT "1}", "{\"a\":1}" },
	{ "types of YAML", "default: {i: 9007199254740993, f: 1.50, n: null, s: '5', o: {k: [1, true]}}", "{}",
	  "{\"i\":9007199254740993,\"f\":1.50,\"n\":null,\"s\":\"5\",\"o\":{\"k\":[1,true]}}" },
	{ "objects are made", "default: {a.b.c: 1}", "{}", "{\"a\":{\"b\":{\"c\":1}}}" },
	{ "null in the middle", "default: {a.b: 1}", "{\"a\":null}", "{\"a\":{\"b\":1}}" },
	{ "into what is there", "default: {a.b: 1}", "{\"a\":{\"c\":2}}", "{\"a\":{\"c\":2,\"b\":1}}" },
	{ "objects of an array", "default: {a.b: 1}", "{\"a\":[{},{\"b\":2},{\"b\":null},5,[{}]]}", "{\"a\":[{\"b\":1},{\"b\":2},{\"b\":1},5,[{\"b\":1}]]}" },
	{ "an array without objects", "default: {a.b: 1}", "{\"a\":[]}", "{\"a\":[]}" },
	{ "elements", "default: {'a[]': 0}", "{\"a\":[null,1,[null,\"x\"]]}", "{\"a\":[0,1,[0,\"x\"]]}" },
	{ "elements of nothing", "default: {'a[]': 0, 'b[]': 0}", "{\"b\":5}", "{\"b\":5}" },
	{ "a scalar in the way", "default: {a.b: 1}", "{\"a\":\"x\"}",
	  "error: step 1 (default): collection 'A', id 1, line 1: 'a.b' cannot be set, for 'a' is a string" },
	{ "of duplicates the last", "default: {a: 1}", "{\"a\":5,\"a\":null}", "{\"a\":5,\"a\":1}" },
	{ "unicode", "default: {ä: \"€\\n\"}", "{\"\\u00e4\":null}", "{\"\\u00e4\":\"€\\n\"}" },
	{ "twice gives nothing more", "default: {a: [x]}\ndefault: {a: [y]}", "{}\n{}", "{\"a\":[\"x\"]}\n{\"a\":[\"x\"]}" },
	{ "no map", "default: x", "{}", "error: --step '{default: x}':1:2: a map is expected: default: {lang: en, stars: 0, address.country: DE}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step default", 60, table)
