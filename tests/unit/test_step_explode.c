/* The step `explode`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (explode): collection 'A', id 1, line 1: "

static const struct step_case cases[] = {
	{ "absent", "explode: {t: ',', a.b: ','}", "{\"x\":\"a,b\"}", "{\"x\":\"a,b\"}" },
	{ "null", "explode: {t: ','}", "{\"t\":null}", "{\"t\":null}" },
	{ "no payload", "explode: {t: ','}", STEP_POINT "1}", STEP_POINT "1}" },
	{ "empty", "explode: {t: ',', u: {on: ',', empty: true}}", "{\"t\":\"\",\"u\":\"\"}", "{\"t\":[],\"u\":[]}" },
	{ "separators alone", "explode: {t: ',', u: {on: ',', empty: true}}", "{\"t\":\" , ,\",\"u\":\",,\"}", "{\"t\":[],\"u\":[\"\",\"\",\"\"]}" },
	{ "one piece", "explode: {t: ','}", "{\"t\":\"a\"}", "{\"t\":[\"a\"]}" },
	{ "a separator of several characters", "explode: {t: ' :: '}", "{\"t\":\"a :: b::c\"}", "{\"t\":[\"a\",\"b::c\"]}" },
	{ "it overlaps itself", "explode: {t: {on: aa, empty: true}}", "{\"t\":\"aaaaa\"}", "{\"t\":[\"\",\"\",\"a\"]}" },
	{ "unicode", "explode: {t: '、'}", "{\"t\":\"\\u65e5、本\\u3000、\xf0\x9f\x98\x80\"}", "{\"t\":[\"日\",\"本\",\"\xf0\x9f\x98\x80\"]}" },
	{ "NUL and quotes inside", "explode: {t: ';'}", "{\"t\":\"a\\u0000b;\\\"\"}", "{\"t\":[\"a\\u0000b\",\"\\\"\"]}" },
	{ "an array stays", "explode: {t: ','}", "{\"t\":[ \"a,b\" ,1]}", "{\"t\":[ \"a,b\" ,1]}" },
	{ "each element", "explode: {'t[]': ','}", "{\"t\":[\"a,b\",null,[\"c\"]]}", "{\"t\":[[\"a\",\"b\"],null,[[\"c\"]]]}" },
	{ "inside objects of arrays", "explode: {p.t: ','}", "{\"p\":[{\"t\":\"a,b\"},{}]}", "{\"p\":[{\"t\":[\"a\",\"b\"]},{}]}" },
	{ "of duplicate keys the last", "explode: {t: ','}", "{\"t\":\"a\",\"t\":\"b\"}", "{\"t\":\"a\",\"t\":[\"b\"]}" },
	{ "a number", "explode: {t: ','}", "{\"t\":9007199254740993}", REFUSED "'t': 9007199254740993 is no text: cast it to string before" },
	{ "an object", "explode: {t: ','}", "{\"t\":{}}", REFUSED "'t': {} is no text: cast it to string before" },
	{ "no separator", "explode: {t: ''}", "{}",
	  "error: --step '{explode: {t: ''}}':1:12: the text between the pieces is missing: explode: {tags: ',', path: {on: /, trim: false, empty: true}}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step explode", 60, table)
