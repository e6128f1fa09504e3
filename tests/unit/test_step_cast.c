/* The step `cast`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (cast): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "absent", "cast: {a: integer, b.c: string}", "{\"x\":1}", "{\"x\":1}" },
	{ "null", "cast: {a: integer}", "{\"a\":null}", "{\"a\":null}" },
	{ "no payload", "cast: {a: integer}", STEP_POINT "1}", STEP_POINT "1}" },
	{ "objects", "cast: {a: string}", "{\"a\":{\"b\":1}}",
	  REFUSED "'a': {\"b\":1} cannot be cast to string: it is an object" },
	{ "nested arrays", "cast: {a: integer}", "{\"a\":[\"1\",[2.0,[\"3\"]],null]}", "{\"a\":[1,[2,[3]],null]}" },
	{ "inside objects of arrays", "cast: {'p[].n': integer}", "{\"p\":[{\"n\":\"1\"},{},{\"n\":[\"2\"]}]}",
	  "{\"p\":[{\"n\":1},{},{\"n\":[2]}]}" },
	{ "duplicate keys: the last", "cast: {a: integer}", "{\"a\":\"1\",\"a\":\"2\"}", "{\"a\":\"1\",\"a\":2}" },
	{ "a long form", "cast: {a: {to: integer}}", "{\"a\":\"7\"}", "{\"a\":7}" },

	{ "integers of texts", "cast: {a: integer}", "{\"a\":[\"9007199254740993\",\" 42\\n\",\"+007\",\"-0\",\"1e3\",\"5.0\",\"-9223372036854775808\"]}",
	  "{\"a\":[9007199254740993,42,7,0,1000,5,-9223372036854775808]}" },
	{ "integers of numbers", "cast: {a: integer}", "{\"a\":[9007199254740993,9223372036854775807,5.0,-0.0,-0,50e-1,9.007199254740993e15]}",
	  "{\"a\":[9007199254740993,9223372036854775807,5,0,0,5,9007199254740993]}" },
	{ "integers of booleans", "cast: {a: integer}", "{\"a\":[true,false]}", "{\"a\":[1,0]}" },
	{ "an integer keeps its bytes", "cast: {a: integer}", "{ \"a\" : 5 }", "{ \"a\" : 5 }" },
	{ "a fraction", "cast: {a: integer}", "{\"a\":3.5}",
	  REFUSED "'a': 3.5 cannot be cast to integer: it has a fraction, or is beyond 64 bits" },
	{ "unsigned only", "cast: {a: integer}", "{\"a\":9223372036854775808}",
	  REFUSED "'a': 9223372036854775808 cannot be cast to integer: it is beyond 2^63-1" },
	{ "huge", "cast: {a: integer}", "{\"a\":\"1e400\"}",
	  REFUSED "'a': \"1e400\" cannot be cast to integer: it has a fraction, or is beyond 64 bits" },
	{ "an empty text", "cast: {a: integer}", "{\"a\":\"\"}", REFUSED "'a': \"\" cannot be cast to integer: it is no number" },
	{ "texts that are none", "cast: {a: {to: integer, on-error: null}}",
	  "{\"a\":[\"1,000\",\"0x10\",\".\",\"+\",\"1e\",\"--1\",\"1 2\",\"\xd9\xa3\",\"NaN\",\"inf\",\"e5\",\"1.e\"]}",
	  "{\"a\":[null,null,null,null,null,null,null,null,null,null,null,null]}" },
	{ "kept on error", "cast: {a: {to: integer, on_error: keep}}", "{\"a\":[\"x\\u0041\",{\"b\":1},\"2\"]}",
	  "{\"a\":[\"x\\u0041\",{\"b\":1},2]}" },
	{ "a text is shown cut and escaped", "cast: {a: integer}", "{\"a\":\"\\u0000ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää\"}",
	  REFUSED "'a': \"\\u0000äääääääääääääääääääääääääääääääääääääääääääääääääääää... cannot be cast to integer: it is no number" },

	{ "floats of texts", "cast: {a: float}", "{\"a\":[\"5\",\".5\",\"5.\",\"-.5e3\",\"007.50\",\"1E5\",\"9007199254740993\"]}",
	  "{\"a\":[5.0,0.5,5.0,-0.5e3,7.50,1E5,9007199254740993.0]}" },
	{ "floats of numbers", "cast: {a: float}", "{\"a\":[5,5.00,1e3,-0,9007199254740993,18446744073709551615]}",
	  "{\"a\":[5.0,5.00,1e3,-0.0,9007199254740993.0,18446744073709551615.0]}" },
	{ "floats of booleans", "cast: {a: float}", "{\"a\":[true,false]}", "{\"a\":[1.0,0.0]}" },
	{ "too large for a float", "cast: {a: float}", "{\"a\":1e400}",
	  REFUSED "'a': 1e400 cannot be cast to float: it is beyond the largest double" },
	{ "a decimal comma", "cast: {a: float}", "{\"a\":\"1,5\"}", REFUSED "'a': \"1,5\" cannot be cast to float: it is no number" },

	{ "strings", "cast: {a: string}", "{\"a\":[9007199254740993,5.0,1e2,true,false,\"\\u00e4\",\"\"]}",
	  "{\"a\":[\"9007199254740993\",\"5.0\",\"1e2\",\"true\",\"false\",\"\\u00e4\",\"\"]}" },
	{ "bools", "cast: {a: bool}", "{\"a\":[\"TRUE\",\" no \",\"y\",\"Off\",\"1\",\"0\",1,0,1.0,true,\"f\"]}",
	  "{\"a\":[true,false,true,false,true,false,true,false,true,true,false]}" },
	{ "no bool", "cast: {a: bool}", "{\"a\":2}",
	  REFUSED "'a': 2 cannot be cast to bool: it is none of true, false, yes, no, on, off, 1, 0" },

	{ "the schema: an index", "cast: {a: integer}", SCHEMA("\"a\":{\"type\":\"text\",\"tokenizer\":\"word\"}"),
	  SCHEMA("\"a\":{\"type\":\"integer\"}") },
	{ "the schema: no index stays none", "cast: {a: float}", SCHEMA("\"a\":{\"type\":\"keyword\",\"index\":false}"),
	  SCHEMA("\"a\":{\"type\":\"float\",\"index\":false}") },
	{ "the schema: a type without an index gets none", "cast: {a: string}", SCHEMA("\"a\":{\"type\":\"unknown\"}"),
	  SCHEMA("\"a\":{\"type\":\"keyword\",\"index\":false}") },
	{ "the schema: a text index of strings stays", "cast: {a: string}", SCHEMA("\"a\":{\"type\":\"text\"}"),
	  SCHEMA("\"a\":{\"type\":\"text\"}") },
	{ "the schema: what is not declared", "cast: {b: integer}", SCHEMA("\"a\":{\"type\":\"text\"}"),
	  SCHEMA("\"a\":{\"type\":\"text\"}") },

	{ "no such type", "cast: {a: int}", "{}",
	  "error: --step '{cast: {a: int}}':1:9: to: 'int' is none of string|integer|float|bool" },
	{ "a date", "cast: {a: date}", "{}", "error: --step '{cast: {a: date}}':1:9: the step 'date' makes these: date: {a: ..}" },
	{ "no type", "cast: {a: {on-error: keep}}", "{}",
	  "error: --step '{cast: {a: {on-error: keep}}}':1:9: 'to' is missing: the type: "
	  "cast: {year: integer, price: {to: float, on-error: null}}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step cast", 60, table)
