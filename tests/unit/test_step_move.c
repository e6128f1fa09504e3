/* The step `move`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (move): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "absent", "move: {a: b, c.d: e}", "{\"x\":1}", "{\"x\":1}" },
	{ "null is moved", "move: {a: b}", "{\"a\":null,\"c\":1}", "{\"c\":1,\"b\":null}" },
	{ "no payload", "move: {a: b}", STEP_POINT "1}", STEP_POINT "1}" },
	{ "bytes stay", "move: {a: b}", "{\"a\":[ 9007199254740993 , 5.00,\"\\u00e4\"]}", "{\"b\":[ 9007199254740993 , 5.00,\"\\u00e4\"]}" },
	{ "the last one", "move: {a: b}", "{\"a\":\"\"}", "{\"b\":\"\"}" },
	{ "an older duplicate does not come back", "move: {a: b}", "{\"a\":1,\"c\":0,\"a\":2}", "{\"c\":0,\"b\":2}" },
	{ "null in the way gives way", "move: {a: b}", "{\"b\":null,\"a\":1}", "{\"b\":1}" },
	{ "a value in the way", "move: {a: b}", "{\"a\":1,\"b\":{}}", REFUSED "'a' cannot move to 'b', for there is {}; 'over: true' would replace it" },
	{ "over it", "move: {a: {to: b, over: true}}", "{\"b\":{},\"a\":1}", "{\"b\":1}" },
	{ "a scalar in the middle", "move: {a: b.c}", "{\"a\":1,\"b\":2}", REFUSED "'b.c' cannot be set, for 'b' is a number" },
	{ "across objects", "move: {a.x.y: b.z}", "{\"a\":{\"x\":{\"y\":1}}}", "{\"a\":{\"x\":{}},\"b\":{\"z\":1}}" },
	{ "into itself", "move: {a: a.b.c}", "{\"a\":5}", "{\"a\":{\"b\":{\"c\":5}}}" },
	{ "out of itself", "move: {a.b.c: a}", "{\"a\":{\"b\":{\"c\":5}}}", "{\"a\":5}" },
	{ "out of itself, but not alone", "move: {a.b: a}", "{\"a\":{\"b\":5,\"c\":6}}",
	  REFUSED "'a.b' cannot move to 'a', for there is {\"c\":6}; 'over: true' would replace it" },
	{ "an array of objects becomes one of values", "move: {a.b: a}", "{\"a\":[{\"b\":1},{\"b\":[2]}]}", "{\"a\":[1,[2]]}" },
	{ "elements", "move: {'a[]': b}", "{\"a\":[1,[2,3]]}", "{\"a\":[[]],\"b\":[1,2,3]}" },
	{ "each object for itself", "move: {p.q.n: p.n}", "{\"p\":[{\"q\":{\"n\":1}},{\"q\":{\"m\":2}}]}", "{\"p\":[{\"q\":{},\"n\":1},{\"q\":{\"m\":2}}]}" },
	{ "two trade places by a third", "move: {a: t, b: a, t: b}", "{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}" },
	{ "unicode names", "move: {ä: ö}", "{\"\\u00e4\":\"\xf0\x9f\x98\x80\"}", "{\"ö\":\"\xf0\x9f\x98\x80\"}" },
	{ "the schema", "move: {a: b.c}", SCHEMA("\"a\":{\"type\":\"integer\"},\"a.d\":{\"type\":\"uuid\"},\"b\":{\"type\":\"object\",\"index\":false}"),
	  SCHEMA("\"b\":{\"type\":\"object\",\"index\":false},\"b.c\":{\"type\":\"integer\"},\"b.c.d\":{\"type\":\"uuid\"}") },
	{ "the schema, into itself and out of it", "move: {a: a.b, c.d: c}", SCHEMA("\"a\":{\"type\":\"integer\"},\"c.d\":{\"type\":\"uuid\"}"),
	  SCHEMA("\"a.b\":{\"type\":\"integer\"},\"c\":{\"type\":\"uuid\"}") },
	{ "a field", "move: {'@id': a}", "{}", "error: --step '{move: {'@id': a}}':1:9: '@id': a property of the payload is expected, not a field of the record" },
	{ "no new path", "move: {a: }", "{}",
	  "error: --step '{move: {a: }}':1:9: the new path is missing: move: {title: meta.title, address.city: city, sku: {to: label, over: true}}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step move", 60, table)
