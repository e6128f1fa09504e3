/* Conditions, payloads and what comes out: t true, f false, u unknown. */
#ifndef QF_TESTS_EXPR_ROWS_H
#define QF_TESTS_EXPR_ROWS_H

#include <stddef.h>

#define ALL "{\"year\":1994,\"lang\":\"en\",\"ok\":true,\"off\":false,\"none\":null,\"empty\":\"\",\"score\":5.0," \
	    "\"tags\":[\"a\",\"b\"],\"no\":[],\"mix\":[1,\"x\",null],\"obj\":{\"k\":{\"d\":1},\"z\":null},\"eo\":{}," \
	    "\"parts\":[{\"n\":1,\"s\":\"x\"},{\"n\":2},{}],\"full\":[{\"n\":1},{\"n\":2}]," \
	    "\"deep\":[[1,2],[3,[4]]],\"neg\":-7,\"zero\":0}"

static const struct {
	char want;
	const char *text, *payload;
} expr_rows[] = {
	/* Comparisons of numbers. */
	{ 't', "year = 1994", ALL }, { 't', "year == 1994", ALL }, { 'f', "year != 1994", ALL },
	{ 'f', "year <> 1994", ALL }, { 't', "year != 1995", ALL }, { 't', "year >= 1994", ALL },
	{ 't', "year <= 1994", ALL }, { 'f', "year > 1994", ALL }, { 'f', "year < 1994", ALL },
	{ 't', "year > 1993", ALL }, { 't', "1993 < year", ALL }, { 't', "1994 = year", ALL },
	{ 't', "year=1994", ALL }, { 't', "year>=1994 and(year<=1994)", "{\"year\":1994}" },
	{ 't', "score = 5", ALL }, { 't', "score = 5.0", ALL }, { 't', "score = 50e-1", ALL },
	{ 't', "score = 0.5E+1", ALL }, { 't', "neg = -7", ALL }, { 't', "neg < -6.99", ALL },
	{ 'f', "neg < -7", ALL }, { 't', "neg<-6", ALL }, { 't', "zero = -0", ALL }, { 't', "zero = 0e99", ALL },
	{ 't', "n = 9007199254740993", "{\"n\":9007199254740993}" },
	{ 'f', "n = 9007199254740992", "{\"n\":9007199254740993}" },
	{ 'f', "n = 9007199254740992.0", "{\"n\":9007199254740993}" },
	{ 't', "n = 9007199254740993.0", "{\"n\":9007199254740993}" },
	{ 't', "n > 9007199254740992", "{\"n\":9007199254740993}" },
	{ 't', "n = 18446744073709551615", "{\"n\":18446744073709551615}" },
	{ 't', "n > 18446744073709551614", "{\"n\":18446744073709551615}" },
	{ 't', "n > 99999999999999999999999999999999999998", "{\"n\":99999999999999999999999999999999999999}" },
	{ 't', "n > -9223372036854775809", "{\"n\":-9223372036854775808}" },
	{ 't', "n < 1e400", "{\"n\":1e399}" }, { 't', "n = 1e400", "{\"n\":10e399}" },
	{ 't', "n > 1e-400", "{\"n\":1e-399}" }, { 'f', "n = 0", "{\"n\":1e-999}" },
	{ 't', "n = 0.1", "{\"n\":0.10}" }, { 'f', "n = 0.1", "{\"n\":0.1000000000000000055511151231257827}" },
	{ 't', "n = 0.1", "{\"n\":1e-1}" }, { 't', "n = 1e999999999999999999999", "{\"n\":1e999999999999999999999}" },
	/* Texts. */
	{ 't', "lang = \"en\"", ALL }, { 't', "lang = 'en'", ALL }, { 'f', "lang = 'EN'", ALL },
	{ 't', "lang > 'de'", ALL }, { 'f', "lang < 'de'", ALL }, { 't', "empty = ''", ALL }, { 't', "empty < 'a'", ALL },
	{ 't', "empty <= ''", ALL }, { 't', "s = '\xc3\xa9'", "{\"s\":\"\\u00e9\"}" },
	{ 't', "s = \"\\u00e9\"", "{\"s\":\"\xc3\xa9\"}" }, { 't', "s = '\\ud83d\\ude00'", "{\"s\":\"\xf0\x9f\x98\x80\"}" },
	{ 't', "s = 'it\\'s'", "{\"s\":\"it's\"}" }, { 't', "s = \"it's\"", "{\"s\":\"it's\"}" },
	{ 't', "s = 'a\\u0000b'", "{\"s\":\"a\\u0000b\"}" }, { 'f', "s = 'a'", "{\"s\":\"a\\u0000b\"}" },
	{ 't', "s = '\\n\\t\\\\\\/\\b\\f\\r\\\"'", "{\"s\":\"\\n\\t\\\\/\\b\\f\\r\\\"\"}" },
	{ 't', "s > '\xef\xbf\xbd'", "{\"s\":\"\xf0\x9f\x98\x80\"}" }, /* by code point, not by UTF-16 unit */
	{ 't', "s > 'z'", "{\"s\":\"\xc3\xa4\"}" },
	/* Of different types. */
	{ 'u', "year = '1994'", ALL }, { 'u', "year != '1994'", ALL }, { 'u', "lang > 5", ALL },
	{ 'u', "lang = year", ALL }, { 'u', "ok = 1", ALL }, { 'u', "ok = 'true'", ALL }, { 'u', "none = 0", ALL },
	{ 'u', "none != 0", ALL }, { 'u', "none = none", ALL }, { 'u', "obj = obj", ALL }, { 'u', "obj = 'x'", ALL },
	{ 'u', "ok < off", ALL }, { 't', "ok != off", ALL }, { 't', "ok = true", ALL }, { 'f', "ok = false", ALL },
	{ 't', "off = false", ALL },
	/* Absent. */
	{ 'u', "gone = 1", ALL }, { 'u', "gone != 1", ALL }, { 'u', "not gone = 1", ALL }, { 'u', "gone", ALL },
	{ 'u', "year.x = 1", ALL }, { 'u', "lang.x.y = 1", ALL }, { 'u', "obj.z.q = 1", ALL }, { 'u', "gone < gone", ALL },
	{ 'u', "gone in [1, 2]", ALL }, { 'u', "gone not in [1, 2]", ALL }, { 'u', "gone matches /x/", ALL },
	{ 'u', "length(gone) = 0", ALL }, { 'u', "a = 1", "{}" }, { 'f', "exists a", "{}" }, { 't', "a is null", "{}" },
	{ 'u', "a = 1", NULL }, { 'f', "exists a", NULL }, { 't', "a is null", NULL },
	/* Conditions by themselves. */
	{ 't', "ok", ALL }, { 'f', "off", ALL }, { 'u', "year", ALL }, { 'u', "none", ALL }, { 't', "true", ALL },
	{ 'f', "false", ALL }, { 't', "not off", ALL }, { 'f', "not ok", ALL }, { 't', "not not ok", ALL },
	{ 'f', "not not not ok", ALL }, { 't', "TRUE AND NOT FALSE", ALL }, { 't', "(((ok)))", ALL },
	/* The table of three values. */
	{ 't', "true and true", "{}" }, { 'f', "true and false", "{}" }, { 'u', "true and x", "{}" },
	{ 'f', "false and x", "{}" }, { 'f', "x and false", "{}" }, { 'u', "x and true", "{}" }, { 'u', "x and x", "{}" },
	{ 't', "true or x", "{}" }, { 't', "x or true", "{}" }, { 'u', "false or x", "{}" }, { 'u', "x or false", "{}" },
	{ 'u', "x or x", "{}" }, { 'f', "false or false", "{}" }, { 'u', "not x", "{}" }, { 'u', "not (x or x)", "{}" },
	/* What binds how. */
	{ 't', "true or true and false", "{}" }, { 'f', "(true or true) and false", "{}" },
	{ 't', "not false and true", "{}" }, { 'f', "not (false or true)", "{}" }, { 't', "not year = 1", ALL },
	{ 't', "not year = 1 and lang = 'en'", ALL }, { 't', "false and false or true", "{}" },
	{ 't', "ok or x and off or y", ALL },
	/* exists and is null. */
	{ 't', "exists none", ALL }, { 't', "exists empty", ALL }, { 't', "exists no", ALL }, { 'f', "exists no[]", ALL },
	{ 't', "exists tags[]", ALL }, { 't', "exists eo", ALL }, { 'f', "exists eo.x", ALL }, { 't', "exists obj.k.d", ALL },
	{ 't', "exists obj.z", ALL }, { 'f', "exists obj.k.d.e", ALL }, { 't', "exists parts.s", ALL },
	{ 't', "exists parts[].s", ALL }, { 'f', "exists parts.q", ALL }, { 't', "not exists gone", ALL },
	{ 't', "none is null", ALL }, { 't', "gone is null", ALL }, { 'f', "year is null", ALL },
	{ 't', "year is not null", ALL }, { 'f', "none is not null", ALL }, { 'f', "gone is not null", ALL },
	{ 'f', "empty is null", ALL }, { 'f', "no is null", ALL }, { 't', "no[] is null", ALL }, { 'f', "mix[] is null", ALL },
	{ 't', "a[] is null", "{\"a\":[null,null]}" }, { 'f', "a is null", "{\"a\":[null,null]}" },
	{ 't', "parts.q is null", ALL }, { 'f', "parts.s is null", ALL }, { 't', "obj.z IS NULL", ALL },
	{ 't', "not year is null", ALL }, { 't', "gone is null or gone > 5", ALL },
	/* Arrays stand for their elements. */
	{ 't', "tags = 'a'", ALL }, { 't', "tags = 'b'", ALL }, { 'f', "tags = 'c'", ALL }, { 't', "tags[] = 'a'", ALL },
	{ 'f', "tags != 'a'", ALL }, { 't', "tags != 'c'", ALL }, { 'f', "not tags = 'a'", ALL }, { 't', "tags > 'a'", ALL },
	{ 'f', "tags > 'b'", ALL }, { 'f', "no = 'a'", ALL }, { 't', "no != 'a'", ALL }, { 'f', "no[] = 'a'", ALL },
	{ 't', "mix = 1", ALL }, { 't', "mix = 'x'", ALL }, { 'u', "mix = 2", ALL }, { 'u', "mix != 2", ALL },
	{ 't', "parts.n = 2", ALL }, { 't', "parts[].n = 2", ALL }, { 'u', "parts.n = 3", ALL }, { 'f', "full.n = 3", ALL },
	{ 't', "full.n != 3", ALL }, { 't', "full.n > 1", ALL }, { 'f', "full.n > 2", ALL }, { 't', "deep = 4", ALL },
	{ 'f', "deep = 5", ALL }, { 't', "deep[] = 3", ALL }, { 't', "tags = tags", ALL }, { 'f', "tags = no", ALL },
	{ 't', "a = b", "{\"a\":[1,2],\"b\":[2,3]}" }, { 'f', "a = b", "{\"a\":[1,2],\"b\":[3,4]}" },
	{ 'f', "a.b = 1", "{\"a\":[]}" }, { 'u', "a.b = 1", "{\"a\":[{}]}" }, { 'u', "a.b = 1", "{\"a\":[5]}" },
	{ 't', "a", "{\"a\":[false,true]}" }, { 'f', "a", "{\"a\":[]}" }, { 'u', "a", "{\"a\":[false,1]}" },
	/* in. */
	{ 't', "lang in ['de', 'en']", ALL }, { 'f', "lang in ['de', 'fr']", ALL }, { 't', "lang not in ['de']", ALL },
	{ 'f', "lang not in ['en']", ALL }, { 't', "year in [1, 1994, 3]", ALL }, { 't', "year in [1994.0]", ALL },
	{ 'u', "year in ['1994']", ALL }, { 't', "ok in [true]", ALL }, { 'f', "ok in [false]", ALL },
	{ 't', "tags in ['z', 'b']", ALL }, { 'f', "tags in ['z']", ALL }, { 't', "tags not in ['z']", ALL },
	{ 'f', "no in ['a']", ALL }, { 't', "'a' in tags", ALL }, { 'f', "'c' in tags", ALL }, { 't', "'c' not in tags", ALL },
	{ 'f', "1 in no", ALL }, { 'u', "1 in gone", ALL }, { 't', "2 in parts.n", ALL }, { 't', "5 in score", ALL },
	{ 't', "n in [9007199254740993]", "{\"n\":9007199254740993}" },
	{ 'f', "n in [9007199254740992, 9007199254740994]", "{\"n\":9007199254740993}" },
	{ 't', "n in [5, 3, 1, 4, 2, 9, 8]", "{\"n\":8}" }, { 'f', "n in [5, 3, 1, 4, 2, 9, 8]", "{\"n\":7}" },
	/* matches. */
	{ 't', "lang matches /^e/", ALL }, { 'f', "lang matches /^n/", ALL }, { 't', "lang matches /N/i", ALL },
	{ 'f', "lang matches /N/", ALL }, { 't', "lang matches \"^e.$\"", ALL }, { 't', "lang not matches /x/", ALL },
	{ 'f', "lang not matches 'e'", ALL }, { 'u', "year matches /1/", ALL }, { 't', "tags matches /^b$/", ALL },
	{ 't', "empty matches /^$/", ALL }, { 't', "s matches /\\//", "{\"s\":\"a/b\"}" },
	{ 't', "s matches /^\\p{L}+$/", "{\"s\":\"\xc3\xa4\xc3\xb6\"}" }, { 't', "s matches /^..$/", "{\"s\":\"\xc3\xa4\xf0\x9f\x98\x80\"}" },
	{ 't', "s matches /\xc3\x84/i", "{\"s\":\"\xc3\xa4\"}" }, { 't', "s matches /^\\w+$/", "{\"s\":\"\xc3\xa4\"}" },
	{ 't', "s matches /a\\x00b/", "{\"s\":\"a\\u0000b\"}" }, { 't', "s matches '\\\\d{4}'", "{\"s\":\"in 1994\"}" },
	{ 't', "s matches /(a+)+$/", "{\"s\":\"aaaa\"}" }, { 't', "s matches //", "{\"s\":\"\"}" },
	/* Parts of texts. */
	{ 't', "lang starts_with 'e'", ALL }, { 'f', "lang starts_with 'n'", ALL }, { 't', "lang ends_with 'n'", ALL },
	{ 't', "lang contains 'n'", ALL }, { 'f', "lang contains 'x'", ALL }, { 't', "lang contains ''", ALL },
	{ 't', "lang starts_with lang", ALL }, { 'f', "lang starts_with 'eng'", ALL }, { 'f', "lang ends_with 'een'", ALL },
	{ 't', "lang not contains 'x'", ALL }, { 'u', "year contains '9'", ALL }, { 'u', "gone contains 'x'", ALL },
	{ 't', "tags contains 'a'", ALL }, { 'u', "lang contains year", ALL }, { 't', "empty starts_with ''", ALL },
	{ 't', "lang not starts_with 'x' and lang not ends_with 'x'", ALL },
	/* Functions. */
	{ 't', "length(lang) = 2", ALL }, { 't', "length(empty) = 0", ALL }, { 't', "length(tags) = 2", ALL },
	{ 't', "length(no) = 0", ALL }, { 't', "length(obj) = 2", ALL }, { 't', "length(eo) = 0", ALL },
	{ 'u', "length(year) = 4", ALL }, { 'u', "length(none) = 0", ALL }, { 'u', "length(ok) > 0", ALL },
	{ 't', "length(tags[]) = 1", ALL }, { 'f', "length(tags[]) = 2", ALL }, { 't', "length(parts.s) = 1", ALL },
	{ 't', "length(s) = 3", "{\"s\":\"a\xc3\xa4\xf0\x9f\x98\x80\"}" }, { 't', "length(s) = 1", "{\"s\":\"\\ud83d\\ude00\"}" },
	{ 't', "length(s) = 2", "{\"s\":\"e\xcc\x81\"}" }, { 't', "lower(s) = 'abc'", "{\"s\":\"ABC\"}" },
	{ 't', "upper(lang) = 'EN'", ALL }, { 't', "upper(s) = 'STRASSE'", "{\"s\":\"Stra\xc3\x9f" "e\"}" },
	{ 't', "lower(s) = '\xc3\xa4\xd0\xb6'", "{\"s\":\"\xc3\x84\xd0\x96\"}" }, { 'u', "lower(year) = 'x'", ALL },
	{ 't', "lower(tags) = 'b'", ALL }, { 't', "lower('ABC') = 'abc'", ALL }, { 't', "length(upper(s)) = 2", "{\"s\":\"\xc3\x9f\"}" },
	{ 't', "lower(lang) in ['en']", ALL }, { 't', "upper( lower ( lang ) ) = 'EN'", ALL },
	{ 't', "length(s) > 3 and length(s) < 5", "{\"s\":\"abcd\"}" },
	/* Dates: texts, but for date(). */
	{ 't', "d > '1994'", "{\"d\":\"1994-03-01T00:00:00Z\"}" }, { 't', "d > date('1994-02-28')", "{\"d\":\"1994-03-01T00:00:00Z\"}" },
	{ 't', "d = date('1994-03-01')", "{\"d\":\"1994-03-01T00:00:00Z\"}" },
	{ 'f', "d = '1994-03-01'", "{\"d\":\"1994-03-01T00:00:00Z\"}" },
	{ 't', "d = date('1994-03-01T01:00:00+01:00')", "{\"d\":\"1994-03-01T00:00:00Z\"}" },
	{ 't', "date(d) = '1994-02-28T23:00:00.000-01:00'", "{\"d\":\"1994-03-01T00:00:00Z\"}" },
	{ 't', "date(d) = date(e)", "{\"d\":\"1994-03-01T00:00:00Z\",\"e\":\"1994-03-01 00:00:00z\"}" },
	{ 't', "d < date('2000-01-01T00:00:00.000000002Z')", "{\"d\":\"2000-01-01T00:00:00.000000001Z\"}" },
	{ 'u', "d > date('1994-01-01')", "{\"d\":\"yesterday\"}" }, { 'u', "d > date('1994-01-01')", "{\"d\":1994}" },
	{ 'u', "d > date('1994-01-01')", "{}" }, { 'u', "d > date('1994-01-01')", "{\"d\":\"1994-03-01T00:00:00\"}" },
	{ 'u', "date(d) = '2023-01-01'", "{\"d\":\"2023-02-29\"}" }, { 'f', "date(d) = '2024-03-01'", "{\"d\":\"2024-02-29\"}" },
	{ 't', "d = date('2017-01-01')", "{\"d\":\"2016-12-31T23:59:60Z\"}" },
	{ 't', "d < date('1970-01-01')", "{\"d\":\"0001-01-01T00:00:00Z\"}" },
	{ 't', "d > date('1994-01-01')", "{\"d\":[\"1990-01-01\",\"1995-01-01\"]}" },
	/* Fields. */
	{ 't', "@collection = 'A'", "{}" }, { 't', "@tenant = 'acme'", "{}" }, { 't', "@id = 42", "{}" }, { 'u', "@id = '42'", "{}" },
	{ 't', "@tenant is not null", "{}" }, { 't', "@id in [41, 42]", "{}" }, { 't', "upper(@tenant) starts_with 'AC'", "{}" },
	{ 'f', "@collection matches /^B/", "{}" },
	/* Names. */
	{ 't', "`a.b` = 1", "{\"a.b\":1}" }, { 't', "\"a.b\".c = 1", "{\"a.b\":{\"c\":1}}" }, { 't', "a.\"b c\" = 1", "{\"a\":{\"b c\":1}}" },
	{ 't', "a.`b\"c`.d = 1", "{\"a\":{\"b\\\"c\":{\"d\":1}}}" }, { 't', "\"a b\"[] = 1", "{\"a b\":[1]}" },
	{ 't', "`in` = 1 and `null` = 2 and `not` = 3", "{\"in\":1,\"null\":2,\"not\":3}" }, { 't', "a.in = 1", "{\"a\":{\"in\":1}}" },
	{ 't', "_tenant = 1 and $x = 2 and a-b = 3", "{\"_tenant\":1,\"$x\":2,\"a-b\":3}" }, { 't', "a.0 = 1", "{\"a\":{\"0\":1}}" },
	{ 't', "\xc3\xbc = 1", "{\"\xc3\xbc\":1}" }, { 't', "\xc3\xbc = 1", "{\"\\u00fc\":1}" }, { 't', "length = 1 and date = 2", "{\"length\":1,\"date\":2}" },
	{ 't', "contains contains 'x'", "{\"contains\":\"axb\"}" }, { 't', "a = 2", "{\"a\":1,\"a\":2}" }, { 't', " \n\ta\r\n = 1 ", "{\"a\":1}" },
};

/* What is refused: where (the character, from 1), and words of the message. */
static const struct {
	size_t at;
	const char *text, *words;
} expr_errors[] = {
	{ 1, "", "a condition is expected" }, { 1, "  ", "a condition is expected" }, { 1, "  \n", "a condition is expected" },
	{ 4, "a =", "ends where a value is expected: a =<here>" }, { 7, "a = 1 b", "expected a comparison, 'and', 'or' or the end" },
	{ 7, "a = 1 ands b = 2", "did you mean 'and'?" }, { 3, "a lik 'x'", "expected a comparison" },
	{ 3, "a like 'x'", "there is no 'like'" }, { 3, "a match /x/", "did you mean 'matches'" },
	{ 3, "a exists", "'exists' stands before its path" }, { 3, "a between 1 and 2", "there is no 'between'" },
	{ 3, "a && b", "'and' is written as a word" }, { 3, "a || b", "'or'" }, { 1, "!a", "'not' is written" },
	{ 4, "a =~ 'x'", "matches /.../" }, { 3, "a + 1 = 2", "no arithmetic" }, { 3, "a - 1 = 2", "no arithmetic" },
	{ 1, "(a", "this '(' is not closed" }, { 2, "a)", "this ')' closes nothing" }, { 2, "()", "a value is expected" },
	{ 7, "1 < a < 3", "comparisons do not chain" }, { 5, "a = null", "write 'is null'" }, { 6, "a != null", "write 'is null'" },
	{ 1, "null = a", "write 'is null'" }, { 6, "a is 5", "'null' or 'not null' is expected" },
	{ 10, "a is not 5", "'null' or 'not null' is expected" }, { 1, "5 is null", "asks about a path" },
	{ 1, "lower(a) is null", "asks about a path" }, { 7, "a in []", "the list is empty" }, { 6, "a in 5", "a list or the path" },
	{ 6, "a in (1, 2)", "in [\"a\", \"b\"]" }, { 6, "a in [1, 2", "this '[' is not closed" }, { 10, "a in [1, 'x']", "values of one kind" },
	{ 7, "a in [null]", "null is equal to nothing" }, { 7, "a in [b]", "a list holds numbers" }, { 9, "a in [1 2]", "',' or ']'" },
	{ 9, "a in [1,]", "a list holds numbers" }, { 7, "a not 5", "'in', 'matches'" }, { 11, "a matches 5", "a regex is expected" },
	{ 11, "a matches /(/", "the regex is wrong at its byte 2" }, { 11, "a matches /x", "no closing slash" },
	{ 14, "a matches /x/g", "no flag but i" }, { 11, "a matches /\\C/", "the regex is wrong" }, { 1, "/x/", "a regex stands behind" },
	{ 5, "a = 'x", "no closing '" }, { 5, "a = \"x", "no closing \"" }, { 6, "a = '\\d'", "no such escape" },
	{ 6, "a = '\\ud800'", "surrogate" }, { 10, "a = '\\u00g0'", "four hexadecimal digits" }, { 6, "a = '\n'", "control character" },
	{ 5, "a = 007", "does not begin with 0" }, { 5, "a = 1.", "no number" }, { 5, "a = .5", "a digit before its point" },
	{ 5, "a = 1e", "no number" }, { 5, "a = 0x10", "a number is followed by a blank" }, { 1, "2nd = 1", "between backticks" },
	{ 5, "a = -", "no arithmetic" }, { 5, "a = {}", "no meaning" }, { 5, "a = [1]", "a list stands behind 'in' only" },
	{ 2, "a[0] = 1", "picked by its place" }, { 3, "a. = 1", "behind the dot" }, { 1, ".a = 1", "does not begin with a dot" },
	{ 1, "`a = 1", "no closing `" }, { 1, "`` = 1", "the name is empty" }, { 1, "@idd = 1", "did you mean '@id'" },
	{ 1, "@ = 1", "the fields are" }, { 1, "@shard = 1", "the fields are" }, { 1, "lenght(a) = 1", "did you mean 'length'" },
	{ 1, "foo(a) = 1", "the functions are" }, { 7, "lower(5) = 'x'", "lower() takes a text, but this is a number" },
	{ 7, "lower(length(a)) = 'x'", "this is a number" }, { 13, "length(a) = 'x'", "always unknown" }, { 12, "lower(a) = 5", "always unknown" },
	{ 10, "length(a)", "alone is no condition" }, { 4, "'x'", "a text alone is no condition" }, { 2, "5", "alone is no condition" },
	{ 1, "true < a", "have no order" }, { 5, "1 = '1'", "always unknown" }, { 9, "(a = 1) = true", "a condition cannot be compared" },
	{ 10, "a > date(", "ends where a value is expected" }, { 10, "a > date('today')", "this is no date" }, { 10, "a > date('2024-01-01T00:00:00')", "this is no date" },
	{ 11, "date(a) > 'today'", "this text is no date" }, { 11, "date(a) = 5", "always unknown" }, { 12, "date(a) in ['2024-01-01']", "a list holds no dates" },
	{ 7, "exists(a)", "'exists' is no function" }, { 8, "exists 5", "a path is expected" }, { 7, "exists", "a path is expected" },
	{ 5, "(a) = 1", "cannot be compared" }, { 1, "and a", "a property of the name 'and'" }, { 6, "a or or b", "a property of the name 'or'" },
	{ 15, "a starts_with 5", "a text is expected here, not a number" }, { 1, "length(a) contains 'x'", "a text is expected here, not a number" },
	{ 2, "a\xc2\xa0= 1", "no-break space" }, { 5, "a = \xe2\x80\x9cx\xe2\x80\x9d", "typographic quote" }, { 3, "a \xe2\x89\xa5 1", "write >=" },
	{ 9, "a = 'x' b = 'y'", "expected a comparison" }, { 11, "\xc3\xa4\xc3\xb6\xc3\xbc = 'x' )", "closes nothing" },
	{ 7, "a = 1 # note", "no meaning" }, { 6, "a = 1; b", "a condition is one" }, { 6, "a = 1, b", "expected a comparison" },
};

#endif
