/* The step `copy`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (copy): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "absent", "copy: {a: b, c.d: e}", "{\"x\":1}", "{\"x\":1}" },
	{ "null is copied", "copy: {a: b}", "{\"a\":null}", "{\"a\":null,\"b\":null}" },
	{ "no payload", "copy: {a: b}", STEP_POINT "1}", STEP_POINT "1}" },
	{ "every type, with its bytes", "copy: {a: b}", "{\"a\":[ 9007199254740993 , 5.00,\"\\u00e4\", { \"x\" : [] } ,true]}",
	  "{\"a\":[ 9007199254740993 , 5.00,\"\\u00e4\", { \"x\" : [] } ,true],\"b\":[ 9007199254740993 , 5.00,\"\\u00e4\", { \"x\" : [] } ,true]}" },
	{ "empty values", "copy: {a: b, c: d, e: f}", "{\"a\":\"\",\"c\":[],\"e\":{}}", "{\"a\":\"\",\"c\":[],\"e\":{},\"b\":\"\",\"d\":[],\"f\":{}}" },
	{ "null in the way gives way", "copy: {a: b}", "{\"b\":null,\"a\":1}", "{\"b\":1,\"a\":1}" },
	{ "a value in the way", "copy: {a: b}", "{\"a\":1,\"b\":\"x\"}", REFUSED "'a' cannot be copied to 'b', for there is \"x\"; 'over: true' would replace it" },
	{ "over it", "copy: {a: {to: b, over: true}}", "{\"b\":\"x\",\"a\":1}", "{\"b\":1,\"a\":1}" },
	{ "a scalar in the middle", "copy: {a: b.c}", "{\"a\":1,\"b\":2}", REFUSED "'b.c' cannot be set, for 'b' is a number" },
	{ "objects are made", "copy: {a.x: b.c.d}", "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1},\"b\":{\"c\":{\"d\":1}}}" },
	{ "into itself", "copy: {a: a.old}", "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1,\"old\":{\"x\":1}}}" },
	{ "an array as a whole, and its elements", "copy: {a: b, 'a[]': c}", "{\"a\":[[1],[2,3]]}", "{\"a\":[[1],[2,3]],\"b\":[[1],[2,3]],\"c\":[1,2,3]}" },
	{ "one object of an array gives an array", "copy: {p.n: n}", "{\"p\":[{\"n\":1},{\"m\":2}]}", "{\"p\":[{\"n\":1},{\"m\":2}],\"n\":[1]}" },
	{ "none gives nothing", "copy: {p.n: n}", "{\"p\":[{\"m\":2}]}", "{\"p\":[{\"m\":2}]}" },
	{ "each object for itself", "copy: {'p[].q.n': p.n}", "{\"p\":[{\"q\":{\"n\":1}},{\"q\":[{\"n\":2},{\"n\":3}]},7]}",
	  "{\"p\":[{\"q\":{\"n\":1},\"n\":1},{\"q\":[{\"n\":2},{\"n\":3}],\"n\":[2,3]},7]}" },
	{ "from outside into each object", "copy: {t: p.t}", "{\"t\":\"x\",\"p\":[{},{\"n\":1}]}", "{\"t\":\"x\",\"p\":[{\"t\":\"x\"},{\"n\":1,\"t\":\"x\"}]}" },
	{ "fields", "copy: {'@id': i, '@tenant': t, '@collection': c}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"x\",\"id\":18446744073709551615,\"payload\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"x\",\"id\":18446744073709551615,\"payload\":{\"i\":18446744073709551615,\"t\":\"x\",\"c\":\"B\"}}" },
	{ "no tenant", "copy: {'@tenant': t}", "{\"a\":1}", "{\"a\":1}" },
	{ "duplicate keys: the last", "copy: {a: b}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2,\"b\":2}" },
	{ "unicode names", "copy: {ä: '\"ö.ü\"'}", "{\"\\u00e4\":1}", "{\"\\u00e4\":1,\"ö.ü\":1}" },
	{ "the schema", "copy: {a: b.c, x: y}", SCHEMA("\"a\":{\"type\":\"text\",\"tokenizer\":\"word\"},\"a.d\":{\"type\":\"integer\"},\"y\":{\"type\":\"uuid\"}"),
	  SCHEMA("\"a\":{\"type\":\"text\",\"tokenizer\":\"word\"},\"a.d\":{\"type\":\"integer\"},\"y\":{\"type\":\"uuid\"},\"b.c\":{\"type\":\"text\",\"tokenizer\":\"word\"},\"b.c.d\":{\"type\":\"integer\"}") },
	{ "to itself", "copy: {'a[].b': a.b}", "{}", "error: --step '{copy: {'a[].b': a.b}}':1:9: 'a[].b' and 'a.b' are one" },
	{ "to a field", "copy: {a: '@id'}", "{}", "error: --step '{copy: {a: '@id'}}':1:9: '@id': a property of the payload is expected, not a field of the record" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step copy", 60, table)
