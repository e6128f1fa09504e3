/* The step `template`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (template): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "number texts stay", "template: {t: '{a}|{b}|{c}'}", "{\"a\":9007199254740993,\"b\":5.00,\"c\":1e2}",
	  "{\"a\":9007199254740993,\"b\":5.00,\"c\":1e2,\"t\":\"9007199254740993|5.00|1e2\"}" },
	{ "booleans and empty texts", "template: {t: '<{a}{b}{c}>'}", "{\"a\":true,\"b\":false,\"c\":\"\"}",
	  "{\"a\":true,\"b\":false,\"c\":\"\",\"t\":\"<truefalse>\"}" },
	{ "braces", "template: {t: '{{{a}}} {{a}} }}{{'}", "{\"a\":1}", "{\"a\":1,\"t\":\"{1} {a} }{\"}" },
	{ "no place to fill", "template: {t: abc, u: ''}", "{}", "{\"t\":\"abc\",\"u\":\"\"}" },
	{ "no payload", "template: {t: '{@collection}'}", STEP_POINT "1}", "{\"t\":\"A\"}" },
	{ "fields of the record", "template: {t: '{@collection}/{@tenant}/{@id}'}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"x\",\"id\":\"k\",\"payload\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"x\",\"id\":\"k\",\"payload\":{\"t\":\"B/x/k\"}}" },
	{ "no tenant", "template: {t: '{@tenant}'}", "{}", REFUSED "'t': '@tenant' is not there, and the template asks for it" },
	{ "null", "template: {t: '{a}'}", "{\"a\":null}", REFUSED "'t': 'a' is null, and the template asks for it" },
	{ "absent: empty", "template: {t: {text: 'x{a}y{b}', absent: empty}}", "{\"a\":null}", "{\"a\":null,\"t\":\"xy\"}" },
	{ "absent: skip", "template: {t: {text: 'x{a}', absent: skip}}", "{\"t\":5}", "{\"t\":5}" },
	{ "unicode and escapes", "template: {t: 'ä{a}€'}", "{\"a\":\"\\ud83d\\ude00\\n\\u0000\\\"\"}",
	  "{\"a\":\"\\ud83d\\ude00\\n\\u0000\\\"\",\"t\":\"ä\xf0\x9f\x98\x80\\n\\u0000\\\"€\"}" },
	{ "an array", "template: {t: '{a}'}", "{\"a\":[1,2]}",
	  REFUSED "'t': 'a' is an array, which cannot stand in a text: [1,2]" },
	{ "an object", "template: {t: '{a}'}", "{\"a\":{\"b\":1}}",
	  REFUSED "'t': 'a' is an object, which cannot stand in a text: {\"b\":1}" },
	{ "the first element", "template: {t: '{a[]}'}", "{\"a\":[[3],2]}", "{\"a\":[[3],2],\"t\":\"3\"}" },
	{ "itself", "template: {t: '<{t}>'}", "{\"t\":\"a\",\"u\":1}", "{\"t\":\"<a>\",\"u\":1}" },
	{ "one after the other", "template: {t: '{u}', v: '{t}{t}'}", "{\"u\":\"a\"}", "{\"u\":\"a\",\"t\":\"a\",\"v\":\"aa\"}" },
	{ "objects are made", "template: {a.b: '{c.d}'}", "{\"c\":{\"d\":1}}", "{\"c\":{\"d\":1},\"a\":{\"b\":\"1\"}}" },
	{ "each of the objects, from three levels", "template: {'a[].b[].t': '{x}{a.x}{a.b.x}'}",
	  "{\"x\":0,\"a\":[{\"x\":1,\"b\":[{\"x\":2},{\"x\":3}]},{\"x\":4,\"b\":{\"x\":5}}]}",
	  "{\"x\":0,\"a\":[{\"x\":1,\"b\":[{\"x\":2,\"t\":\"012\"},{\"x\":3,\"t\":\"013\"}]},{\"x\":4,\"b\":{\"x\":5,\"t\":\"045\"}}]}" },
	{ "quoted parts", "template: {t: '{\"a}b.c\".d}'}", "{\"a}b.c\":{\"d\":1}}", "{\"a}b.c\":{\"d\":1},\"t\":\"1\"}" },
	{ "of duplicate keys the last", "template: {t: '{a}'}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2,\"t\":\"2\"}" },
	{ "a scalar in the way", "template: {a.b: x}", "{\"a\":1}", REFUSED "'a.b' cannot be set, for 'a' is a number" },
	{ "the schema", "template: {a: x, b: x, c: x}", SCHEMA("\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"text\"}"),
	  SCHEMA("\"a\":{\"type\":\"keyword\"},\"b\":{\"type\":\"text\"}") },
	{ "no end", "template: {t: 'a{b'}", "{}",
	  "error: --step '{template: {t: 'a{b'}}':1:13: 'a{b': the '{' has no end; for the sign itself write '{{'" },
	{ "no beginning", "template: {t: 'a}b'}", "{}",
	  "error: --step '{template: {t: 'a}b'}}':1:13: 'a}b': a '}' ends nothing; for the sign itself write '}}'" },
	{ "no path", "template: {t: 'a{}b'}", "{}",
	  "error: --step '{template: {t: 'a{}b'}}':1:13: '': it is no path of a payload property" },
	{ "no such field", "template: {t: '{@key}'}", "{}",
	  "error: --step '{template: {t: '{@key}'}}':1:13: '@key': there are @id, @tenant and @collection" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step template", 60, table)
