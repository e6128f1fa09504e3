/* The step `flatten`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (flatten): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "absent", "flatten: [a, b.c]", "{\"x\":{\"y\":1}}", "{\"x\":{\"y\":1}}" },
	{ "no payload", "flatten", STEP_POINT "1}", STEP_POINT "1}" },
	{ "what is no object stays", "flatten: [a, b, c, d]", "{\"a\":null,\"b\":5.0,\"c\":[{\"x\":1}],\"d\":\"\"}", "{\"a\":null,\"b\":5.0,\"c\":[{\"x\":1}],\"d\":\"\"}" },
	{ "empty objects stay", "flatten", "{\"a\":{},\"b\":{\"c\":{}}}", "{\"a\":{},\"b_c\":{}}" },
	{ "in its place, with bytes", "flatten: b", "{\"a\":1,\"b\":{\"x\":9007199254740993 , \"y\":[ 5.00 ],\"\\u00e4\":\"\\u00e4\"},\"c\":2}",
	  "{\"a\":1,\"b_x\":9007199254740993,\"b_y\":[ 5.00 ],\"b_ä\":\"\\u00e4\",\"c\":2}" },
	{ "all levels", "flatten", "{\"a\":{\"b\":{\"c\":{\"d\":1}},\"e\":2},\"f\":{\"g\":null}}", "{\"a_b_c_d\":1,\"a_e\":2,\"f_g\":null}" },
	{ "inside an object, and in objects of an array", "flatten: [o.a, p.a]", "{\"o\":{\"a\":{\"x\":1}},\"p\":[{\"a\":{\"x\":2}},{\"a\":3}]}",
	  "{\"o\":{\"a_x\":1},\"p\":[{\"a_x\":2},{\"a\":3}]}" },
	{ "no separator", "flatten: {separator: ''}", "{\"a\":{\"b\":1}}", "{\"ab\":1}" },
	{ "without prefix", "flatten: {prefix: false, separator: '-'}", "{\"a\":{\"b\":{\"c\":1},\"a\":2}}", "{\"b-c\":1,\"a\":2}" },
	{ "a name that is taken", "flatten: a", "{\"a\":{\"b\":1},\"a_b\":\"x\"}", REFUSED "'a' cannot be flattened, for there is 'a_b' already: \"x\"" },
	{ "two that become one", "flatten", "{\"a\":{\"b_c\":1,\"b\":{\"c\":2}}}", REFUSED "'a' cannot be flattened, for there is 'a_b_c' already: 1" },
	{ "duplicate keys inside: the last", "flatten: a", "{\"a\":{\"b\":1,\"c\":0,\"b\":2}}", "{\"a_c\":0,\"a_b\":2}" },
	{ "duplicate keys: an older one does not come back", "flatten", "{\"a\":5,\"a\":{\"b\":1}}", "{\"a_b\":1}" },
	{ "empty and odd names", "flatten", "{\"\":{\"\":1},\"x\\u0000\":{\".\":2}}", "{\"_\":1,\"x_.\":2}" },
	{ "there and back", "flatten: a\nnest: {a: {prefix: a_, separator: _}}", "{\"a\":{\"b\":{\"c\":1},\"d\":2}}", "{\"a\":{\"b\":{\"c\":1},\"d\":2}}" },
	{ "the schema", "flatten: {paths: [a, o.a], separator: .}",
	  SCHEMA("\"a.b.c\":{\"type\":\"uuid\"},\"a.d[].e\":{\"type\":\"integer\"},\"o.a.x\":{\"type\":\"float\"},\"o.b\":{\"type\":\"bool\"},\"a[].z\":{\"type\":\"geo\"}"),
	  SCHEMA("\"\\\"a.b.c\\\"\":{\"type\":\"uuid\"},\"\\\"a.d\\\"[].e\":{\"type\":\"integer\"},\"o.\\\"a.x\\\"\":{\"type\":\"float\"},\"o.b\":{\"type\":\"bool\"},\"a[].z\":{\"type\":\"geo\"}") },
	{ "the schema, of all", "flatten: {prefix: false}", SCHEMA("\"a.b.c\":{\"type\":\"uuid\"},\"d\":{\"type\":\"uuid\"}"),
	  SCHEMA("\"b_c\":{\"type\":\"uuid\"},\"d\":{\"type\":\"uuid\"}") },
	{ "elements", "flatten: 'a[]'", "{}", "error: --step '{flatten: 'a[]'}':1:2: 'a[]': the elements of an array have no names to flatten them into" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step flatten", 60, table)
