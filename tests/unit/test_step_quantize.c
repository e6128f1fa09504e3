/* The step `quantize`. */
#include "common/base/log.h"
#include "tests/unit/step_kit.h"

/* clang-format off */
static const struct step_case cases[] = {
	{ "float16 keeps the text", "quantize: float16",
	  STEP_POINT "1,\"vector\":[0.1, 1e-8]}",
	  STEP_POINT "1,\"vector\":[0.1, 1e-8]}" },
	{ "float16 is the default", "quantize: {vectors: a}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"a\":{\"size\":2,\"distance\":\"Dot\"},\"b\":{\"size\":2,\"distance\":\"Dot\"}}}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"a\":{\"size\":2,\"distance\":\"Dot\",\"datatype\":\"float16\"},\"b\":{\"size\":2,\"distance\":\"Dot\"}}}" },
	{ "another type is replaced", "quantize: uint8",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"a\":{\"size\":2,\"distance\":\"Dot\",\"datatype\":\"float16\"}}}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"a\":{\"size\":2,\"distance\":\"Dot\",\"datatype\":\"uint8\"}}}" },
	{ "the same type", "quantize: uint8",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"a\":{\"size\":2,\"distance\":\"Dot\",\"datatype\":\"uint8\",\"on_disk\":true}}}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"a\":{\"size\":2,\"distance\":\"Dot\",\"datatype\":\"uint8\",\"on_disk\":true}}}" },
	{ "no vector", "quantize: float16",
	  "{\"n\":1}",
	  "{\"n\":1}" },
	{ "empty", "quantize: uint8",
	  STEP_POINT "1,\"vector\":[]}",
	  STEP_POINT "1,\"vector\":[]}" },
	{ "zeros", "quantize: uint8",
	  STEP_POINT "1,\"vector\":[0.0,-0.0]}",
	  STEP_POINT "1,\"vector\":[0.0,-0.0]}" },
	{ "the largest float16", "quantize: float16",
	  STEP_POINT "1,\"vector\":[65504.0,-65519.99]}",
	  STEP_POINT "1,\"vector\":[65504.0,-65519.99]}" },
	{ "beyond float16", "quantize: float16",
	  STEP_POINT "1,\"vector\":{\"a\":[1.0,-65520.0]}}",
	  "error: step 1 (quantize): collection 'A', id 1, line 1: vector 'a': component 1 is -65520, beyond what float16 holds (65504)" },
	{ "huge", "quantize: float16",
	  STEP_POINT "1,\"vector\":[3e38]}",
	  "error: step 1 (quantize): collection 'A', id 1, line 1: the vector: component 0 is 3.00000001e+38, beyond what float16 holds (65504)" },
	{ "denormal", "quantize: float16",
	  STEP_POINT "1,\"vector\":[1e-45]}",
	  STEP_POINT "1,\"vector\":[1e-45]}" },
	{ "NaN", "quantize: float16",
	  STEP_POINT "1,\"vector\":\"AADAfwAAgD8=\"}",
	  "error: step 1 (quantize): collection 'A', id 1, line 1: the vector: component 0 is nan, which is not finite" },
	{ "infinity", "quantize: uint8",
	  STEP_POINT "1,\"vector\":\"AACAPwAAgH8=\"}",
	  "error: step 1 (quantize): collection 'A', id 1, line 1: the vector: component 1 is inf, which is not finite" },
	{ "bytes", "quantize: uint8",
	  STEP_POINT "1,\"vector\":[0.0,255.0]}",
	  STEP_POINT "1,\"vector\":[0.0,255.0]}" },
	{ "no byte", "quantize: uint8",
	  STEP_POINT "1,\"vector\":[256.0]}",
	  "error: step 1 (quantize): collection 'A', id 1, line 1: the vector: component 0 is 256, no whole number from 0 to 255; 'from' and 'to' would scale" },
	{ "below bytes", "quantize: uint8",
	  STEP_POINT "1,\"vector\":[-1.0]}",
	  "error: step 1 (quantize): collection 'A', id 1, line 1: the vector: component 0 is -1, no whole number from 0 to 255; 'from' and 'to' would scale" },
	{ "a fraction", "quantize: uint8",
	  STEP_POINT "1,\"vector\":[1.0,1.5]}",
	  "error: step 1 (quantize): collection 'A', id 1, line 1: the vector: component 1 is 1.5, no whole number from 0 to 255; 'from' and 'to' would scale" },
	{ "scaled", "quantize: {datatype: uint8, from: -1, to: 1}",
	  STEP_POINT "1,\"vector\":[-1.0,0.0,1.0]}",
	  STEP_POINT "1,\"vector\":\"AAAAAAAAAEMAAH9D\"}" },
	{ "outside of the scale", "quantize: {datatype: uint8, from: -1, to: 1}",
	  STEP_POINT "1,\"vector\":[1.5]}",
	  "error: step 1 (quantize): collection 'A', id 1, line 1: the vector: component 0 is 1.5, which is not between 'from' and 'to'" },
	{ "rows are scaled", "quantize: {datatype: uint8, from: -1, to: 1}",
	  STEP_POINT "1,\"vector\":{\"m\":[[-1.0],[1.0]]}}",
	  STEP_POINT "1,\"vector\":{\"m\":[\"AAAAAA==\",\"AAB/Qw==\"]}}" },
	{ "sparse passes", "quantize: float16",
	  STEP_POINT "1,\"vector\":{\"s\":{\"indices\":[7],\"values\":[2.0]}}}",
	  STEP_POINT "1,\"vector\":{\"s\":{\"indices\":[7],\"values\":[2.0]}}}" },
	{ "sparse, named", "quantize: {vectors: s}",
	  STEP_POINT "1,\"vector\":{\"s\":{\"indices\":[7],\"values\":[2.0]}}}",
	  "error: step 1 (quantize): collection 'A', id 1, line 1: vector 's': it is sparse; its type is not changed here" },
	{ "scale of float16", "quantize: {from: 0, to: 1}",
	  "{}",
	  "error: --step '{quantize: {from: 0, to: 1}}':1:2: 'from' and 'to' belong to uint8" },
	{ "half a scale", "quantize: {datatype: uint8, from: 0}",
	  "{}",
	  "error: --step '{quantize: {datatype: uint8, from: 0}}':1:2: two numbers are expected, 'from' below 'to': quantize: float16, or quantize: {datatype: uint8, from: \"-1\", to: \"1\"}" },
};
/* clang-format on */

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

/* 0.1 becomes 0.0999755859375; 2^-25, in the middle, the even 0; what is a little more 2^-24. */
START_TEST(measured)
{
	const struct step_case k = {
		"measured", "quantize: float16",
		STEP_POINT "1,\"vector\":{\"a\":[0.1,1.0],\"b\":[2.9802322387695312e-08]}}\n"
		STEP_POINT "2,\"vector\":{\"b\":[2.9803e-08]}}",
		STEP_POINT "1,\"vector\":{\"a\":[0.1,1.0],\"b\":[2.9802322387695312e-08]}}\n"
		STEP_POINT "2,\"vector\":{\"b\":[2.9803e-08]}}",
	};
	QF_AUTO_BUF struct qf_buf said = { 0 };
	int fd = unit_capture_stderr();

	qf_log_init("test", QF_LOG_INFO, false);
	ck_assert_ptr_null(step_differs(&k));
	unit_slurp(fd, &said);
	ck_assert_has(qf_buf_cstr(&said), "collection 'A', vector 'a': float16 changes 50.0 % of the components, "
					  "by at most 2.44e-05, by 1.22e-05 in the mean");
	ck_assert_has(qf_buf_cstr(&said), "vector 'b': float16 changes 100.0 % of the components, by at most 2.98e-08");
}
END_TEST

UNIT_MAIN("step quantize", 60, table, measured)
