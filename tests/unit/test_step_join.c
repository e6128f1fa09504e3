/* The step `join`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (join): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "absent", "join: {t: ',', a.b: ','}", "{\"x\":[1]}", "{\"x\":[1]}" },
	{ "null", "join: {t: ','}", "{\"t\":null}", "{\"t\":null}" },
	{ "no payload", "join: {t: ','}", STEP_POINT "1}", STEP_POINT "1}" },
	{ "empty", "join: {t: ','}", "{\"t\":[]}", "{\"t\":\"\"}" },
	{ "null alone", "join: {t: ','}", "{\"t\":[null,null]}", "{\"t\":\"\"}" },
	{ "number texts stay", "join: {t: ' '}", "{\"t\":[9007199254740993,5.00,1e2,false]}", "{\"t\":\"9007199254740993 5.00 1e2 false\"}" },
	{ "empty texts count", "join: {t: ','}", "{\"t\":[\"\",\"a\",\"\"]}", "{\"t\":\",a,\"}" },
	{ "nothing between", "join: {t: ''}", "{\"t\":[\"a\",\"b\"]}", "{\"t\":\"ab\"}" },
	{ "unicode and escapes", "join: {t: '、'}", "{\"t\":[\"\\u65e5\",\"\\ud83d\\ude00\\n\\u0000\\\"\"]}", "{\"t\":\"日、\xf0\x9f\x98\x80\\n\\u0000\\\"\"}" },
	{ "a text stays with its bytes", "join: {t: ','}", "{\"t\":\"\\u0061\"}", "{\"t\":\"\\u0061\"}" },
	{ "an array inside", "join: {t: ','}", "{\"t\":[1,[2]]}", REFUSED "'t': an array in it cannot be joined: [2]" },
	{ "an object inside", "join: {t: ','}", "{\"t\":[{\"a\":1}]}", REFUSED "'t': an object in it cannot be joined: {\"a\":1}" },
	{ "a number", "join: {t: ','}", "{\"t\":5}", REFUSED "'t': 5 is no array" },
	{ "an object", "join: {t: ','}", "{\"t\":{}}", REFUSED "'t': {} is no array" },
	{ "inside objects of arrays", "join: {p.t: '-'}", "{\"p\":[{\"t\":[1,2]},{}]}", "{\"p\":[{\"t\":\"1-2\"},{}]}" },
	{ "of duplicate keys the last", "join: {t: '-'}", "{\"t\":[1],\"t\":[2,3]}", "{\"t\":[1],\"t\":\"2-3\"}" },
	{ "there and back", "join: {t: '|'}\nexplode: {t: '|'}", "{\"t\":[\"a\",\"b\"]}", "{\"t\":[\"a\",\"b\"]}" },
	{ "the schema", "join: {t: ',', u: ','}", SCHEMA("\"t\":{\"type\":\"integer\"},\"u\":{\"type\":\"text\"}"),
	  SCHEMA("\"t\":{\"type\":\"keyword\"},\"u\":{\"type\":\"text\"}") },
	{ "a list", "join: {t: [a]}", "{}", "error: --step '{join: {t: [a]}}':1:9: what stands between the texts is expected: join: {tags: ', '}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step join", 60, table)
