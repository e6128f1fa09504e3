/* The step `truncate`. */
#include "tests/unit/step_kit.h"

static const struct step_case cases[] = {
	{ "absent", "truncate: {t: 3, a.b: 3}", "{\"x\":\"long text\"}", "{\"x\":\"long text\"}" },
	{ "null", "truncate: {t: 3}", "{\"t\":null}", "{\"t\":null}" },
	{ "no payload", "truncate: {t: 3}", STEP_POINT "1}", STEP_POINT "1}" },
	{ "empty", "truncate: {t: 3}", "{\"t\":\"\"}", "{\"t\":\"\"}" },
	{ "just as long: its bytes stay", "truncate: {t: 3}", "{ \"t\" : \"\\u0061b\\u00e9\" }", "{ \"t\" : \"\\u0061b\\u00e9\" }" },
	{ "one too many", "truncate: {t: 3}", "{\"t\":\"abcd\"}", "{\"t\":\"abc\"}" },
	{ "characters of several bytes", "truncate: {t: 2}", "{\"t\":[\"äöü\",\"日本語\",\"\xf0\x9f\x98\x80\xf0\x9f\x98\x81\xf0\x9f\x98\x82\"]}",
	  "{\"t\":[\"äö\",\"日本\",\"\xf0\x9f\x98\x80\xf0\x9f\x98\x81\"]}" },
	{ "bytes, between characters", "truncate: {t: {to: 4, unit: bytes}}", "{\"t\":[\"äöü\",\"日本語\",\"a\xf0\x9f\x98\x80\",\"abcde\",\"abcd\"]}",
	  "{\"t\":[\"äö\",\"日\",\"a\",\"abcd\",\"abcd\"]}" },
	{ "not even one fits", "truncate: {t: {to: 2, unit: bytes}}", "{\"t\":\"日\"}", "{\"t\":\"\"}" },
	{ "a letter and its marks", "truncate: {t: 2}", "{\"t\":[\"ae\\u0301\\u0302x\",\"e\\u0301\\u0302x\"]}", "{\"t\":[\"a\",\"e\xcc\x81\"]}" },
	{ "a family, and flags", "truncate: {t: 4}", "{\"t\":[\"x\\ud83d\\udc68\\u200d\\ud83d\\udc69\\u200d\\ud83d\\udc67\",\"x\\ud83c\\udde9\\ud83c\\uddea\\ud83c\\uddeb\\ud83c\\uddf7\"]}",
	  "{\"t\":[\"x\",\"x\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa\"]}" },
	{ "a line end of two", "truncate: {t: 2}", "{\"t\":\"a\\r\\nb\"}", "{\"t\":\"a\"}" },
	{ "whole words", "truncate: {t: {to: 8, word: true}}", "{\"t\":[\"one two three\",\"one  two\",\"one two  x\",\"one twofour\",\"longlonglong\",\" longlonglong\",\"          x\"]}",
	  "{\"t\":[\"one two\",\"one  two\",\"one two\",\"one\",\"longlong\",\" longlon\",\"        \"]}" },
	{ "a word that ends there", "truncate: {t: {to: 7, word: true}}", "{\"t\":\"one two three\"}", "{\"t\":\"one two\"}" },
	{ "white space of Unicode", "truncate: {t: {to: 4, word: true}}", "{\"t\":\"日\\u3000本語x\"}", "{\"t\":\"日\"}" },
	{ "a marker counts", "truncate: {t: {to: 5, marker: '\xe2\x80\xa6'}}", "{\"t\":[\"abcdef\",\"abcde\"]}", "{\"t\":[\"abcd\xe2\x80\xa6\",\"abcde\"]}" },
	{ "a marker in bytes", "truncate: {t: {to: 5, unit: bytes, marker: '\xe2\x80\xa6'}}", "{\"t\":[\"abcdef\",\"äö€\"]}", "{\"t\":[\"ab\xe2\x80\xa6\",\"ä\xe2\x80\xa6\"]}" },
	{ "numbers and booleans stay", "truncate: {a: 1, b: 1}", "{\"a\":9007199254740993,\"b\":true}", "{\"a\":9007199254740993,\"b\":true}" },
	{ "an object", "truncate: {t: 1}", "{\"t\":{\"a\":1}}", "error: step 1 (truncate): collection 'A', id 1, line 1: 't': an object cannot be cut: {\"a\":1}" },
	{ "nested arrays", "truncate: {t: 1}", "{\"t\":[\"ab\",[\"cd\",null]]}", "{\"t\":[\"a\",[\"c\",null]]}" },
	{ "inside objects of arrays", "truncate: {p.t: 1}", "{\"p\":[{\"t\":\"ab\"},{}]}", "{\"p\":[{\"t\":\"a\"},{}]}" },
	{ "of duplicate keys the last", "truncate: {t: 1}", "{\"t\":\"ab\",\"t\":\"cd\"}", "{\"t\":\"ab\",\"t\":\"c\"}" },
	{ "NUL inside", "truncate: {t: 3}", "{\"t\":\"a\\u0000bc\"}", "{\"t\":\"a\\u0000b\"}" },
	{ "no room", "truncate: {t: {to: 3, marker: '...'}}", "{}",
	  "error: --step '{truncate: {t: {to: 3, marker: '...'}}}':1:13: marker: '...' leaves no room for a text of 3" },
	{ "no length", "truncate: {t: {word: true}}", "{}",
	  "error: --step '{truncate: {t: {word: true}}}':1:13: 'to' is missing: the length: truncate: {title: 100, body: {to: 8000, unit: bytes, word: true, marker: '...'}}" },
	{ "zero", "truncate: {t: 0}", "{}", "error: --step '{truncate: {t: 0}}':1:13: to: must be from 1 to 1099511627776" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step truncate", 60, table)
