/* The step `lower`. */
#include "tests/unit/step_kit.h"

static const struct step_case cases[] = {
	{ "ASCII", "lower: t", "{\"t\":\"HeLLo 1\"}", "{\"t\":\"hello 1\"}" },
	{ "already lower keeps its bytes", "lower: t", "{\"t\":\"a\\u0062\\/\" , \"n\":5.0}", "{\"t\":\"a\\u0062\\/\" , \"n\":5.0}" },
	{ "absent", "lower: [t, u.v]", "{\"a\":\"X\"}", "{\"a\":\"X\"}" },
	{ "null", "lower: t", "{\"t\":null}", "{\"t\":null}" },
	{ "empty", "lower: t", "{\"t\":\"\"}", "{\"t\":\"\"}" },
	{ "no payload", "lower: t", STEP_POINT "1}", STEP_POINT "1}" },
	{ "numbers and booleans stay", "lower: [a, b]", "{\"a\":9007199254740993,\"b\":true}",
	  "{\"a\":9007199254740993,\"b\":true}" },
	{ "an object", "lower: t", "{\"t\":{\"A\":\"B\"}}",
	  "error: step 1 (lower): collection 'A', id 1, line 1: 't': an object has no lower case: {\"A\":\"B\"}" },
	{ "arrays in arrays", "lower: t", "{\"t\":[\"A\",[\"B\",null,[5]]]}", "{\"t\":[\"a\",[\"b\",null,[5]]]}" },
	{ "elements by brackets", "lower: 't[]'", "{\"t\":[\"A\",\"B\"]}", "{\"t\":[\"a\",\"b\"]}" },
	{ "an object in an array", "lower: t", "{\"t\":[\"A\",{}]}",
	  "error: step 1 (lower): collection 'A', id 1, line 1: 't': an object has no lower case: {}" },
	{ "inside arrays of objects", "lower: parts.name", "{\"parts\":[{\"name\":\"A\"},{},{\"name\":[\"B\"]}]}",
	  "{\"parts\":[{\"name\":\"a\"},{},{\"name\":[\"b\"]}]}" },
	{ "final sigma, dotted I, sharp S", "lower: t", "{\"t\":\"ΟΔΟΣ İ ẞ ÄÖ\"}", "{\"t\":\"οδος i\xcc\x87 ß äö\"}" },
	{ "beyond the BMP, written as escapes", "lower: t", "{\"t\":\"\\ud801\\udc00\"}", "{\"t\":\"\xf0\x90\x90\xa8\"}" },
	{ "a NUL inside", "lower: t", "{\"t\":\"A\\u0000B\"}", "{\"t\":\"a\\u0000b\"}" },
	{ "of duplicate keys the last", "lower: t", "{\"t\":\"A\",\"t\":\"B\"}", "{\"t\":\"A\",\"t\":\"b\"}" },
	{ "deletes pass", "lower: t", "{\"type\":\"delete\",\"collection\":\"A\",\"id\":1}",
	  "{\"type\":\"delete\",\"collection\":\"A\",\"id\":1}" },
	{ "no path", "lower: '@id'", "{}",
	  "error: --step '{lower: '@id'}':1:2: '@id': a property of the payload is expected, not a field of the record" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

START_TEST(a_long_text)
{
	struct qf_buf in = { 0 }, out = { 0 };
	struct step_case k = { .name = "long", .steps = "lower: t" };
	char *got;

	QF_BUF_LIT(&in, "{\"t\":\"");
	QF_BUF_LIT(&out, "{\"t\":\"");
	for (int i = 0; i < 300000; i++) {
		QF_BUF_LIT(&in, "\xc7\x85\xce\x90"); /* the second is three code points in upper case */
		QF_BUF_LIT(&out, "\xc7\x86\xce\x90");
	}
	QF_BUF_LIT(&in, "\"}");
	QF_BUF_LIT(&out, "\"}");
	k.in = qf_buf_cstr(&in);
	k.out = qf_buf_cstr(&out);
	got = step_differs(&k);
	ck_assert_ptr_null(got);
	qf_buf_release(&in);
	qf_buf_release(&out);
}
END_TEST

UNIT_MAIN("step lower", 60, table, a_long_text)
