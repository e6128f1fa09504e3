/* The step `omit`. */
#include "tests/unit/step_kit.h"

#define B_POINT "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{}}"
#define A_LINE "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{}}"
#define B_LINE "{\"type\":\"collection\",\"name\":\"B\",\"vectors\":{}}"
#define A_DELETE "{\"type\":\"delete\",\"collection\":\"A\",\"id\":3}"
#define B_DELETE "{\"type\":\"delete\",\"collection\":\"B\",\"id\":3}"
#define A_CURSOR "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":null}"
#define B_CURSOR "{\"type\":\"cursor\",\"collection\":\"B\",\"from\":null,\"to\":null}"

static const struct step_case cases[] = {
	{ "points", "omit: B", "{\"a\":1}\n" B_POINT "\n{\"a\":2}", "{\"a\":1}\n{\"a\":2}" },
	{ "collection lines", "omit: B", A_LINE "\n" B_LINE, A_LINE },
	{ "deletes", "omit: B", A_DELETE "\n" B_DELETE, A_DELETE },
	{ "cursors", "omit: B", A_CURSOR "\n" B_CURSOR, A_CURSOR },
	{ "scopes", "omit: B", "scope A\nscope B", "scope A 0" },
	{ "several", "omit: [B, A]", "{\"a\":1}\n" B_POINT, "" },
	{ "one that is not there", "omit: C", "{\"a\":1}\n" B_POINT, "{\"a\":1}\n" B_POINT },
	{ "names are exact", "omit: [a, 'A ']", "{\"a\":1}", "{\"a\":1}" },
	{ "unicode", "omit: Ä", "{\"type\":\"point\",\"collection\":\"\\u00c4\",\"id\":2}", "" },
	{ "the names at this place", "rename: {collections: {A: C}}\nomit: C", "{\"a\":1}\n" B_POINT, B_POINT },
	{ "and no others", "rename: {collections: {A: C}}\nomit: A", "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}",
	  "{\"type\":\"point\",\"collection\":\"C\",\"id\":1}" },
	{ "bytes stay", "omit: B", "{ \"n\" : 9007199254740993 , \"n\":5.00 }", "{ \"n\" : 9007199254740993 , \"n\":5.00 }" },
	{ "no names", "omit: []", "{}", "error: --step '{omit: []}':1:2: the list is empty: omit: [Drafts, Logs]" },
	{ "a map", "omit: {A: B}", "{}", "error: --step '{omit: {A: B}}':1:2: names are expected: omit: [Drafts, Logs]" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step omit", 60, table)
