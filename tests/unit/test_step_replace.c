/* The step `replace`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (replace): collection 'A', id 1, line 1: "

static const struct step_case cases[] = {
	{ "absent", "replace: {t: {match: a}, u.v: {match: b}}", "{\"x\":\"a\"}", "{\"x\":\"a\"}" },
	{ "null", "replace: {t: {match: a}}", "{\"t\":null}", "{\"t\":null}" },
	{ "no payload", "replace: {t: {match: a}}", STEP_POINT "1}", STEP_POINT "1}" },
	{ "empty text, empty match", "replace: {t: {match: '^', with: x}}", "{\"t\":\"\"}", "{\"t\":\"x\"}" },
	{ "nothing matches: its bytes stay", "replace: {t: {match: z}}", "{ \"t\" : \"\\u0061\\/\" }", "{ \"t\" : \"\\u0061\\/\" }" },
	{ "the same comes out: its bytes stay", "replace: {t: {match: a, with: a}}", "{\"t\":\"\\u0061\"}", "{\"t\":\"\\u0061\"}" },
	{ "a number", "replace: {t: {match: '1'}}", "{\"t\":9007199254740993}",
	  REFUSED "'t': 9007199254740993 is no text: cast it to string before" },
	{ "an object", "replace: {t: {match: '1'}}", "{\"t\":{\"a\":\"1\"}}", REFUSED "'t': {\"a\":\"1\"} is no text: cast it to string before" },
	{ "nested arrays", "replace: {t: {match: a, with: b}}", "{\"t\":[\"a\",[\"aa\",null]]}", "{\"t\":[\"b\",[\"bb\",null]]}" },
	{ "inside objects of arrays", "replace: {p.t: {match: a}}", "{\"p\":[{\"t\":\"ab\"},{}]}", "{\"p\":[{\"t\":\"b\"},{}]}" },
	{ "of duplicate keys the last", "replace: {t: {match: a}}", "{\"t\":\"a\",\"t\":\"ab\"}", "{\"t\":\"a\",\"t\":\"b\"}" },
	{ "the first only", "replace: {t: {match: a, with: x, first: true}}", "{\"t\":\"aaa\"}", "{\"t\":\"xaa\"}" },
	{ "without case", "replace: {t: {match: ÄÖ, with: x, ignore-case: true}}", "{\"t\":\"äöÄÖ\"}", "{\"t\":\"xx\"}" },
	{ "characters, not bytes", "replace: {t: {match: '^(.)(.)$', with: '$2$1'}}", "{\"t\":\"€\\ud83d\\ude00\"}",
	  "{\"t\":\"\xf0\x9f\x98\x80€\"}" },
	{ "Unicode's letters and digits", "replace: {t: {match: '[^\\w]|\\d'}}", "{\"t\":\"ä-ß٣ж\"}", "{\"t\":\"äßж\"}" },
	{ "empty matches", "replace: {t: {match: 'x*', with: '-'}}", "{\"t\":\"aé\"}", "{\"t\":\"-a-é-\"}" },
	{ "names, the whole, the sign, a group without part", "replace: {t: {match: '(?<y>\\d+)(z)?', with: '[$0|$<y>|$1|$2|$$]'}}",
	  "{\"t\":\"a12b\"}", "{\"t\":\"a[12|12|12||$]b\"}" },
	{ "a digit behind a group", "replace: {t: {match: '(a)', with: '$<1>0$1b'}}", "{\"t\":\"a\"}", "{\"t\":\"a0ab\"}" },
	{ "literal", "replace: {t: {match: '.*$1', with: '$1\\n', literal: true}}", "{\"t\":\"a.*$1b\"}", "{\"t\":\"a$1\\\\nb\"}" },
	{ "NUL and control characters", "replace: {t: {match: '\\x00|\\n', with: ' '}}", "{\"t\":\"a\\u0000b\\n\"}", "{\"t\":\"a b \"}" },
	{ "it grows", "replace: {t: {match: a, with: 0123456789012345678901234567890123456789}}", "{\"t\":\"aa\"}",
	  "{\"t\":\"01234567890123456789012345678901234567890123456789012345678901234567890123456789\"}" },
	{ "a regex that explodes", "replace: {t: {match: '^(a|aa|a?)+$'}}", "{\"t\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}",
	  REFUSED "'t': the regex /^(a|aa|a?)+$/ gives up: match limit exceeded; write it with less repetition inside repetition: "
	  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..." },
	{ "a wrong regex", "replace: {t: {match: 'a('}}", "{}",
	  "error: --step '{replace: {t: {match: 'a('}}}':1:12: 'a(': the regex is wrong at its byte 3: missing closing parenthesis" },
	{ "no such group", "replace: {t: {match: '(a)', with: $2}}", "{}",
	  "error: --step '{replace: {t: {match: '(a)', with: $2}}}':1:12: '$2': the regex has no group '2'" },
	{ "a sign alone", "replace: {t: {match: a, with: 'US$ '}}", "{}",
	  "error: --step '{replace: {t: {match: a, with: 'US$ '}}}':1:12: 'US$ ': behind '$' a group is expected, such as $1 or $<name>; for the sign itself write '$$'" },
	{ "no regex", "replace: {t: {with: a}}", "{}",
	  "error: --step '{replace: {t: {with: a}}}':1:12: 'match' is missing: what is to be replaced: replace: {title: {match: '\\s+', "
	  "with: ' '}, phone: {match: '(\\d+)-(\\d+)', with: '$2/$1'}}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

/* A result that no machine could hold is refused before it is made. */
START_TEST(a_result_too_large)
{
	struct qf_buf in = { 0 };
	QF_AUTO_FREE char *with = qf_malloc(2001);
	QF_AUTO_FREE char *steps;
	struct step_case k = { .name = "large", .out = "" };
	char *got;

	memset(with, 'x', 2000);
	with[2000] = '\0';
	steps = qf_asprintf("replace: {t: {match: a, with: %s}}", with);
	QF_BUF_LIT(&in, "{\"t\":\"");
	memset(qf_buf_room(&in, 200000), 'a', 200000);
	in.n += 200000;
	QF_BUF_LIT(&in, "\"}");
	k.steps = steps;
	k.in = qf_buf_cstr(&in);
	got = step_differs(&k);
	ck_assert_ptr_nonnull(got);
	ck_assert_msg(strstr(got, "'t': the result would pass 64 MiB: \"aaa") != NULL, "%.200s", got);
	free(got);
	qf_buf_release(&in);
}
END_TEST

UNIT_MAIN("step replace", 60, table, a_result_too_large)
