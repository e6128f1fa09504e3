/* The step `vectors`. */
#include "tests/unit/step_kit.h"

/* clang-format off */
static const struct step_case cases[] = {
	{ "dropped", "vectors: {drop: b}",
	  STEP_POINT "1,\"vector\":{\"a\":[0.5],\"b\":[1.5]}}",
	  STEP_POINT "1,\"vector\":{\"a\":[0.5]}}" },
	{ "kept", "vectors: [b]",
	  STEP_POINT "1,\"vector\":{\"a\":[0.5],\"b\":[1.5]}}",
	  STEP_POINT "1,\"vector\":{\"b\":[1.5]}}" },
	{ "a name that is not there", "vectors: {drop: x}",
	  STEP_POINT "1,\"vector\":{\"a\":[0.5],\"b\":[1.5]}}",
	  STEP_POINT "1,\"vector\":{\"a\":[0.5],\"b\":[1.5]}}" },
	{ "all go", "vectors: {drop: [a, b]}",
	  STEP_POINT "1,\"vector\":{\"a\":[0.5],\"b\":[1.5]}}",
	  STEP_POINT "1}" },
	{ "no vector", "vectors: {drop: a}",
	  "{\"n\":1}",
	  "{\"n\":1}" },
	{ "the unnamed goes", "vectors: {drop: ['']}",
	  STEP_POINT "1,\"vector\":\"AACAPwAAAEA=\"}",
	  STEP_POINT "1}" },
	{ "the unnamed goes from a map", "vectors: {drop: ['']}",
	  STEP_POINT "1,\"vector\":{\"\":[0.5],\"b\":[1.5]}}",
	  STEP_POINT "1,\"vector\":{\"b\":[1.5]}}" },
	{ "the unnamed alone stays", "vectors: {keep: ['']}",
	  STEP_POINT "1,\"vector\":{\"\":[0.5],\"b\":[1.5]}}",
	  STEP_POINT "1,\"vector\":[0.5]}" },
	{ "the unnamed is not kept", "vectors: {keep: [a]}",
	  STEP_POINT "1,\"vector\":[0.5]}",
	  STEP_POINT "1}" },
	{ "rows", "vectors: {drop: [b]}",
	  STEP_POINT "1,\"vector\":{\"m\":[[0.5],[1.0]],\"b\":[1.5]}}",
	  STEP_POINT "1,\"vector\":{\"m\":[[0.5],[1.0]]}}" },
	{ "sparse goes", "vectors: {drop: [s]}",
	  STEP_POINT "1,\"vector\":{\"a\":[0.5],\"s\":{\"indices\":[7],\"values\":[2.0]}}}",
	  STEP_POINT "1,\"vector\":{\"a\":[0.5]}}" },
	{ "sparse without a name of its own", "vectors: {keep: ['']}",
	  STEP_POINT "1,\"vector\":{\"a\":[0.5],\"\":{\"indices\":[7],\"values\":[2.0]}}}",
	  STEP_POINT "1,\"vector\":{\"\":{\"indices\":[7],\"values\":[2.0]}}}" },
	{ "decoded before", "normalize\nvectors: {drop: [a]}",
	  STEP_POINT "1,\"vector\":{\"a\":[2.0],\"b\":[4.0]}}",
	  STEP_POINT "1,\"vector\":{\"b\":\"AACAPw==\"}}" },
	{ "decoded before, all go", "normalize\nvectors: {drop: [a]}",
	  STEP_POINT "1,\"vector\":{\"a\":[2.0]}}",
	  STEP_POINT "1}" },
	{ "texts stay", "vectors: {drop: [b]}",
	  STEP_POINT "1,\"vector\":{\"a\": [ 5e-1,1E38 ],\"b\":\"AADAfwAAgD8=\"}}",
	  STEP_POINT "1,\"vector\":{\"a\":[ 5e-1,1E38 ]}}" },
	{ "unicode", "vectors: {drop: ['\xc3\xa4']}",
	  STEP_POINT "1,\"vector\":{\"\\u00e4\":[0.5],\"b\":[1.5]}}",
	  STEP_POINT "1,\"vector\":{\"b\":[1.5]}}" },
	{ "the schema", "vectors: {drop: [a, s]}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"a\":{\"distance\":\"Dot\"},\"b\":{\"distance\":\"Dot\"}},\"sparse\":{\"s\":{}}}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"b\":{\"distance\":\"Dot\"}},\"sparse\":{}}" },
	{ "both", "vectors: {drop: [a], keep: [b]}",
	  "{}",
	  "error: --step '{vectors: {drop: [a], keep: [b]}}':1:2: either 'keep' or 'drop' is expected, with names: vectors: {drop: [old]}, or vectors: {keep: ['', title]}" },
};
/* clang-format on */

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step vectors", 60, table)
