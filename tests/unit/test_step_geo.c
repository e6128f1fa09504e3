/* The step `geo`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (geo): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"
#define TWO "geo: {g: {lat: a, lon: b}}"

static const struct step_case cases[] = {
	{ "two properties", TWO, "{\"a\":1.50,\"b\":-2}", "{\"a\":1.50,\"b\":-2,\"g\":{\"lon\":-2,\"lat\":1.50}}" },
	{ "two texts", TWO, "{\"a\":\" +1.5 \",\"b\":\"-2e1\"}", "{\"a\":\" +1.5 \",\"b\":\"-2e1\",\"g\":{\"lon\":-2e1,\"lat\":1.5}}" },
	{ "neither is there", TWO, "{\"x\":1}", "{\"x\":1}" },
	{ "both are null", TWO, "{\"a\":null,\"b\":null}", "{\"a\":null,\"b\":null}" },
	{ "one is missing", TWO, "{\"a\":1}", REFUSED "'g': there is no 'b' beside 'a'" },
	{ "one is null", "geo: {g: {lat: a, lon: b, on-error: null}}", "{\"a\":null,\"b\":2}", "{\"a\":null,\"b\":2,\"g\":null}" },
	{ "one is no number: kept as it is", "geo: {g: {lat: a, lon: b, on-error: keep}}", "{\"a\":\"x\",\"b\":2}", "{\"a\":\"x\",\"b\":2}" },
	{ "one is of another type", TWO, "{\"a\":[1],\"b\":2}", REFUSED "'g': [1], 2 is no place: the latitude is no number" },
	{ "two empty texts", TWO, "{\"a\":\"\",\"b\":\"\"}", REFUSED "'g': \"\", \"\" is no place: the latitude is no number" },
	{ "the ends of the range", TWO, "{\"a\":-90,\"b\":180.0}", "{\"a\":-90,\"b\":180.0,\"g\":{\"lon\":180.0,\"lat\":-90}}" },
	{ "beyond the range", TWO, "{\"a\":90.0000001,\"b\":0}", REFUSED "'g': 90.0000001, 0 is no place: the latitude 90.0000001 is beyond 90" },
	{ "huge", TWO, "{\"a\":0,\"b\":9007199254740993}",
	  REFUSED "'g': 0, 9007199254740993 is no place: the longitude 9007199254740993 is beyond 180" },
	{ "beyond a double", TWO, "{\"a\":1e400,\"b\":0}", REFUSED "'g': 1e400, 0 is no place: the latitude is no number" },
	{ "digits stay", TWO, "{\"a\":0.12345678901234567890,\"b\":1e-400}",
	  "{\"a\":0.12345678901234567890,\"b\":1e-400,\"g\":{\"lon\":1e-400,\"lat\":0.12345678901234567890}}" },
	{ "remove, in place of one of them", "geo: {'a.g': {lat: a.x, lon: a.y, remove: true}}", "{\"a\":{\"x\":1,\"z\":0,\"y\":2}}",
	  "{\"a\":{\"z\":0,\"g\":{\"lon\":2,\"lat\":1}}}" },

	{ "texts", "geo: {g: text}", "{\"g\":[\"1,2\",\" 1.5 ; -2 \",\"1 2\",\"POINT(2 1)\",\"point ( 2  1 )\",null]}",
	  "{\"g\":[{\"lon\":2,\"lat\":1},{\"lon\":-2,\"lat\":1.5},{\"lon\":2,\"lat\":1},{\"lon\":2,\"lat\":1},{\"lon\":2,\"lat\":1},null]}" },
	{ "longitude first", "geo: {g: {order: lon-lat}}", "{\"g\":[\"2,1\",\"POINT(2 1)\"]}",
	  "{\"g\":[{\"lon\":2,\"lat\":1},{\"lon\":2,\"lat\":1}]}" },
	{ "texts that are none", "geo: {g: {on-error: null}}",
	  "{\"g\":[\"\",\"1\",\"1,\",\"1,2,3\",\"1.2.3,4\",\"01,2\",\".5,1\",\"POINT 1 2\",\"POINT(1 2\",\"POINT(1 2) x\",\"1e,2\",\"N1,E2\",\"1,2°\"]}",
	  "{\"g\":[null,null,null,null,null,null,null,null,null,null,null,null,null]}" },
	{ "a text shown", "geo: {g: text}", "{\"g\":\"Köln\\n\"}",
	  REFUSED "'g': \"Köln\\n\" is no place: expected are two numbers with a comma, or \"POINT (lon lat)\"" },
	{ "objects", "geo: {g: text}",
	  "{\"g\":[{\"latitude\":1,\"longitude\":2},{\"lng\":\"2\",\"lat\":\"1\"},{\"lat\":1,\"lon\":2,\"alt\":3},{\"type\":\"Point\",\"coordinates\":[2,1]}]}",
	  "{\"g\":[{\"lon\":2,\"lat\":1},{\"lon\":2,\"lat\":1},{\"lon\":2,\"lat\":1},{\"lon\":2,\"lat\":1}]}" },
	{ "a place already: its bytes stay", "geo: {g: text}", "{\"g\": { \"lat\":1.0, \"lon\":2 } }", "{\"g\": { \"lat\":1.0, \"lon\":2 } }" },
	{ "a place out of range", "geo: {g: text}", "{\"g\":{\"lat\":91,\"lon\":2}}",
	  REFUSED "'g': {\"lat\":91,\"lon\":2} is no place: the latitude 91 is beyond 90" },
	{ "an object that is none", "geo: {g: text}", "{\"g\":{\"x\":1}}", REFUSED "'g': {\"x\":1} is no place: it has no latitude and longitude" },
	{ "two numbers", "geo: {g: text}", "{\"g\":[2,1.0]}", "{\"g\":{\"lon\":2,\"lat\":1.0}}" },
	{ "pairs of numbers", "geo: {g: text}", "{\"g\":[[2,1],[3,1]]}", "{\"g\":[{\"lon\":2,\"lat\":1},{\"lon\":3,\"lat\":1}]}" },
	{ "three numbers", "geo: {g: text}", "{\"g\":[1,2,3]}", REFUSED "'g': [1,2,3] is no place: expected are [longitude, latitude]" },
	{ "an empty array", "geo: {g: text}", "{\"g\":[]}", "{\"g\":[]}" },
	{ "a number", "geo: {g: text}", "{\"g\":5}", REFUSED "'g': 5 is no place: it is a number" },
	{ "inside objects of arrays", "geo: {s.g: text}", "{\"s\":[{\"g\":\"1,2\"},{}]}", "{\"s\":[{\"g\":{\"lon\":2,\"lat\":1}},{}]}" },
	{ "each object of an array for itself", "geo: {'s[].g': {lat: s.a, lon: 's[].b', remove: true}}",
	  "{\"s\":[{\"a\":1,\"b\":2},{\"c\":0},{\"a\":3,\"b\":4}]}",
	  "{\"s\":[{\"g\":{\"lon\":2,\"lat\":1}},{\"c\":0},{\"g\":{\"lon\":4,\"lat\":3}}]}" },
	{ "from another one", "geo: {g: {from: t, remove: true}}", "{\"t\":\"1,2\"}", "{\"g\":{\"lon\":2,\"lat\":1}}" },
	{ "from what is null or absent", "geo: {g: {from: t}, h: {from: u}}", "{\"t\":null}", "{\"t\":null,\"g\":null}" },
	{ "of duplicate keys the last", "geo: {g: text}", "{\"g\":\"x\",\"g\":\"1,2\"}", "{\"g\":\"x\",\"g\":{\"lon\":2,\"lat\":1}}" },

	{ "the schema", "geo: {g: {lat: a, lon: b, remove: true}}",
	  SCHEMA("\"a\":{\"type\":\"float\"},\"b\":{\"type\":\"float\"},\"g\":{\"type\":\"keyword\"}"), SCHEMA("\"g\":{\"type\":\"geo\"}") },
	{ "one path only", "geo: {g: {lat: a}}", "{}",
	  "error: --step '{geo: {g: {lat: a}}}':1:8: both lat and lon are expected: geo: {location: {lat: latitude, lon: longitude, remove: true}, place: text}" },
	{ "a word", "geo: {g: wkt}", "{}",
	  "error: --step '{geo: {g: wkt}}':1:8: 'text' or a map of settings is expected: geo: {location: {lat: latitude, lon: longitude, remove: true}, place: text}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step geo", 60, table)
