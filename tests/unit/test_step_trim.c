/* The step `trim`. */
#include "tests/unit/step_kit.h"

static const struct step_case cases[] = {
	{ "both ends", "trim: t", "{\"t\":\" \\t a  b\\r\\n\"}", "{\"t\":\"a  b\"}" },
	{ "nothing to trim keeps its bytes", "trim: t", "{\"t\":\"\\u0061\" ,\"n\":5.0}", "{\"t\":\"\\u0061\" ,\"n\":5.0}" },
	{ "absent", "trim: [t, u.v]", "{\"a\":\" x\"}", "{\"a\":\" x\"}" },
	{ "null", "trim: t", "{\"t\":null}", "{\"t\":null}" },
	{ "empty", "trim: t", "{\"t\":\"\"}", "{\"t\":\"\"}" },
	{ "blanks alone", "trim: t", "{\"t\":\" \\u2003\\n\"}", "{\"t\":\"\"}" },
	{ "Unicode's white space and the byte order mark", "trim: t",
	  "{\"t\":\"\\ufeff\\u00a0\\u1680\\u2009\\u202f\\u205f\\u3000x\\u0085\\u2028\\u2029\"}", "{\"t\":\"x\"}" },
	{ "a zero width space is none", "trim: t", "{\"t\":\"\\u200bx\\u200b\"}", "{\"t\":\"\\u200bx\\u200b\"}" },
	{ "letters of several bytes at the ends", "trim: t", "{\"t\":\" ä\xf0\x9f\x98\x80 \"}", "{\"t\":\"ä\xf0\x9f\x98\x80\"}" },
	{ "numbers and booleans stay", "trim: [a, b]", "{\"a\":9007199254740993,\"b\":true}",
	  "{\"a\":9007199254740993,\"b\":true}" },
	{ "an object", "trim: t", "{\"t\":{\"a\":\" \"}}",
	  "error: step 1 (trim): collection 'A', id 1, line 1: 't': an object cannot be trimmed: {\"a\":\" \"}" },
	{ "arrays in arrays", "trim: t", "{\"t\":[\" a\",[\"b \",null,[5]]]}", "{\"t\":[\"a\",[\"b\",null,[5]]]}" },
	{ "inside arrays of objects", "trim: parts.name", "{\"parts\":[{\"name\":\"a \"},7]}", "{\"parts\":[{\"name\":\"a\"},7]}" },
	{ "of duplicate keys the last", "trim: t", "{\"t\":\" a\",\"t\":\" b\"}", "{\"t\":\" a\",\"t\":\"b\"}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step trim", 60, table)
