/* The step `upper`. */
#include "tests/unit/step_kit.h"

static const struct step_case cases[] = {
	{ "ASCII", "upper: t", "{\"t\":\"HeLLo 1\"}", "{\"t\":\"HELLO 1\"}" },
	{ "already upper keeps its bytes", "upper: t", "{\"t\":\"\\u0041 \",\"n\":1e2}", "{\"t\":\"\\u0041 \",\"n\":1e2}" },
	{ "absent", "upper: [t, u.v]", "{\"a\":\"x\"}", "{\"a\":\"x\"}" },
	{ "null", "upper: t", "{\"t\":null}", "{\"t\":null}" },
	{ "empty", "upper: t", "{\"t\":\"\"}", "{\"t\":\"\"}" },
	{ "numbers and booleans stay", "upper: [a, b]", "{\"a\":9007199254740993,\"b\":false}",
	  "{\"a\":9007199254740993,\"b\":false}" },
	{ "an object", "upper: t", "{\"t\":{}}",
	  "error: step 1 (upper): collection 'A', id 1, line 1: 't': an object has no upper case: {}" },
	{ "arrays in arrays", "upper: t", "{\"t\":[\"a\",[\"b\",null,[5]]]}", "{\"t\":[\"A\",[\"B\",null,[5]]]}" },
	{ "inside arrays of objects", "upper: 'parts[].name'", "{\"parts\":[{\"name\":\"a\"},{}]}",
	  "{\"parts\":[{\"name\":\"A\"},{}]}" },
	{ "one letter becomes two or three", "upper: t", "{\"t\":\"ß ﬃ ΐ ŉ\"}", "{\"t\":\"SS FFI Ι\xcc\x88\xcc\x81 ʼN\"}" },
	{ "no title case, no language", "upper: t", "{\"t\":\"ǆ i ı\"}", "{\"t\":\"Ǆ I I\"}" },
	{ "Georgian and Deseret", "upper: t", "{\"t\":\"\xe1\x83\x90\xf0\x90\x90\xa8\"}",
	  "{\"t\":\"\xe1\xb2\x90\xf0\x90\x90\x80\"}" },
	{ "quotes and control characters", "upper: t", "{\"t\":\"a\\\"\\n\\u0001b\"}", "{\"t\":\"A\\\"\\n\\u0001B\"}" },
	{ "of duplicate keys the last", "upper: t", "{\"t\":\"a\",\"t\":\"b\"}", "{\"t\":\"a\",\"t\":\"B\"}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step upper", 60, table)
