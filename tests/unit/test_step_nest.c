/* The step `nest`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (nest): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "none is there", "nest: {o: [a, b], p: {prefix: p_}}", "{\"x\":1}", "{\"x\":1}" },
	{ "no payload", "nest: {o: [a], p: {prefix: p_}}", STEP_POINT "1}", STEP_POINT "1}" },
	{ "one of two, and null", "nest: {o: [a, b, c]}", "{\"b\":null,\"x\":1,\"a\":2}", "{\"x\":1,\"o\":{\"a\":2,\"b\":null}}" },
	{ "one word", "nest: {o: a}", "{\"a\":\"\"}", "{\"o\":{\"a\":\"\"}}" },
	{ "bytes stay", "nest: {o: [a]}", "{\"a\":[ 9007199254740993 , {\"x\" : 5.00},\"\\u00e4\"]}", "{\"o\":{\"a\":[ 9007199254740993 , {\"x\" : 5.00},\"\\u00e4\"]}}" },
	{ "into an object that is there", "nest: {o: [a]}", "{\"o\":{\"x\":1},\"a\":2}", "{\"o\":{\"x\":1,\"a\":2}}" },
	{ "into null", "nest: {o: [a], p: {prefix: p_}}", "{\"o\":null,\"p\":null,\"a\":2,\"p_x\":1}", "{\"o\":{\"a\":2},\"p\":{\"x\":1}}" },
	{ "into a scalar", "nest: {o: [a]}", "{\"o\":5,\"a\":2}", REFUSED "'o.a' cannot be set, for 'o' is a number" },
	{ "onto something", "nest: {o: [a]}", "{\"o\":{\"a\":1},\"a\":2}", REFUSED "'a' cannot move to 'o.a', for there is 1; 'over: true' would replace it" },
	{ "from other objects", "nest: {o.p: [x.a, y]}", "{\"x\":{\"a\":1,\"b\":2},\"y\":3}", "{\"x\":{\"b\":2},\"o\":{\"p\":{\"a\":1,\"y\":3}}}" },
	{ "a property into an object of its name", "nest: {a: [a, b]}", "{\"a\":1,\"b\":2}", "{\"a\":{\"a\":1,\"b\":2}}" },
	{ "each object of an array", "nest: {p.o: ['p[].a', p.b]}", "{\"p\":[{\"a\":1,\"b\":2},{\"b\":3},{},7]}", "{\"p\":[{\"o\":{\"a\":1,\"b\":2}},{\"o\":{\"b\":3}},{},7]}" },
	{ "an older duplicate does not come back", "nest: {o: [a], p: {prefix: p_}}", "{\"a\":1,\"p_x\":1,\"a\":2,\"p_x\":2}", "{\"o\":{\"a\":2},\"p\":{\"x\":2}}" },
	{ "a prefix", "nest: {o: {prefix: o_}}", "{\"o_a\":1,\"x\":2,\"o_\":3,\"o_b_c\":[ 5.00 ],\"ö_a\":4}", "{\"x\":2,\"o_\":3,\"ö_a\":4,\"o\":{\"a\":1,\"b_c\":[ 5.00 ]}}" },
	{ "a prefix, unicode and escapes", "nest: {o: {prefix: ä}}", "{\"\\u00e4\\u20ac\":1}", "{\"o\":{\"€\":1}}" },
	{ "a prefix into objects", "nest: {o: {prefix: o., separator: .}}", "{\"o.a.b\":1,\"o.a.c\":2,\"o.d\":3,\"o..e\":4,\"o.f.\":5}",
	  "{\"o\":{\"a\":{\"b\":1,\"c\":2},\"d\":3,\".e\":4,\"f.\":5}}" },
	{ "a prefix: a scalar in the way", "nest: {o: {prefix: o_, separator: _}}", "{\"o_a\":1,\"o_a_b\":2}", REFUSED "'o_a_b' cannot go into 'o', for something else stands there" },
	{ "a prefix: the object is something else", "nest: {o: {prefix: o_}}", "{\"o\":5,\"o_a\":1}", REFUSED "'o_a' cannot go into 'o', for something else stands there" },
	{ "a prefix of the object's own name", "nest: {name: {prefix: na}}", "{\"name\":{\"x\":1},\"nail\":2}", "{\"name\":{\"x\":1,\"il\":2}}" },
	{ "a prefix in each object of an array", "nest: {p.o: {prefix: o_}}", "{\"p\":[{\"o_a\":1},[{\"o_b\":2}],{},7],\"o_x\":0}", "{\"p\":[{\"o\":{\"a\":1}},[{\"o\":{\"b\":2}}],{},7],\"o_x\":0}" },
	{ "the schema", "nest: {o: [a, b], p: {prefix: p_, separator: _}}",
	  SCHEMA("\"a\":{\"type\":\"uuid\"},\"b.c\":{\"type\":\"integer\"},\"p_x_y[].z\":{\"type\":\"float\"},\"p\":{\"type\":\"object\",\"index\":false}"),
	  SCHEMA("\"p.x.y[].z\":{\"type\":\"float\"},\"p\":{\"type\":\"object\",\"index\":false},\"o.a\":{\"type\":\"uuid\"},\"o.b.c\":{\"type\":\"integer\"}") },
	{ "keys and prefix", "nest: {o: {keys: [a], prefix: b}}", "{}",
	  "error: --step '{nest: {o: {keys: [a], prefix: b}}}':1:9: either keys or a prefix is expected: nest: {address: [street, city], size: {prefix: size_}}" },
	{ "a separator alone", "nest: {o: {keys: [a], separator: b}}", "{}",
	  "error: --step '{nest: {o: {keys: [a], separator: b}}}':1:9: separator: it belongs to a prefix, and must not be empty" },
	{ "elements", "nest: {o: ['a[]']}", "{}", "error: --step '{nest: {o: ['a[]']}}':1:9: 'a[]': the elements of an array have no name" },
	{ "its own member", "nest: {o: [o.a]}", "{}", "error: --step '{nest: {o: [o.a]}}':1:9: 'o.a' and 'o.a' are one" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step nest", 60, table)
