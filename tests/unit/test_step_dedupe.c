/* The step `dedupe`. */
#include "tests/unit/step_kit.h"

/* clang-format off */
static const struct step_case cases[] = {
	{ "same id, the later line", "dedupe",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":2}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":3}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":2}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":3}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "nothing is twice", "dedupe: id",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "nothing before the end", "dedupe",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":2}}",
	  "" },
	{ "scopes come behind", "dedupe",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\nscope B",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\nscope B 0" },
	{ "cursors are left out", "dedupe",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"cursor\",\"collection\":\"B\",\"from\":null,\"to\":1}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "the lowest number", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":10,\"payload\":{\"k\":\"x\"}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":9,\"payload\":{\"k\":\"x\"}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":11,\"payload\":{\"k\":\"x\"}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":9,\"payload\":{\"k\":\"x\"}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "a number before a UUID before a text", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":\"a\",\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":\"00000000-0000-4000-8000-000000000001\",\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":7,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":\"0\",\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":7,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "the lowest UUID", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":\"00000000-0000-4000-8000-000000000002\",\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":\"00000000-0000-4000-8000-000000000001\",\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":\"00000000-0000-4000-8000-000000000001\",\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "the lowest text", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":\"b\",\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":\"ab\",\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":\"a\",\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":\"a\",\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "2^53 and 2^53+1 are two", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":9007199254740993}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":9007199254740992}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":9007199254740993}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":9007199254740992}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "ids beyond 2^53", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":9007199254740993,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":9007199254740992,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":9007199254740992,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "numbers by value", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":5,\"payload\":{\"k\":5.0}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":4,\"payload\":{\"k\":50e-1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":0.5E1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":5}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":6,\"payload\":{\"k\":-5}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":5}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":6,\"payload\":{\"k\":-5}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "zeros by value", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":5,\"payload\":{\"k\":-0.0}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":4,\"payload\":{\"k\":0e7}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":0}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":\"0\"}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":0}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":\"0\"}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "huge numbers", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":5,\"payload\":{\"k\":1e400}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":4,\"payload\":{\"k\":10e399}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":1e401}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":100000000000000000000000000001}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":100000000000000000000000000002}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":4,\"payload\":{\"k\":10e399}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":1e401}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":100000000000000000000000000001}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":100000000000000000000000000002}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "escapes and unicode", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":\"\\u00e4\"}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":\"\xc3\xa4\"}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":\"a\"}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":\"\xc3\xa4\"}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":\"a\"}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "objects in any order, arrays not", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":{\"a\":1,\"b\":[1,2]}}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":{\"b\":[1,2.0],\"a\":1}}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":{\"b\":[2,1],\"a\":1}}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":{\"b\":[1,2.0],\"a\":1}}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":{\"b\":[2,1],\"a\":1}}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "null and absent are like no other", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":null}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":null}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":4}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":null}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":null}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":4}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "empty is a value", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":\"\"}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":\"\"}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":4,\"payload\":{\"k\":[]}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":[]}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":\"\"}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":[]}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "true, 1 and \"true\" are three", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":true}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":\"true\"}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":true}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":\"true\"}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "two paths", "dedupe: {key: [k, o.l]}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1,\"o\":{\"l\":\"x\"}}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":1,\"o\":{\"l\":\"y\"}}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1,\"o\":{\"l\":\"x\"}}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":0,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":1,\"o\":{\"l\":\"y\"}}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1,\"o\":{\"l\":\"x\"}}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":0,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "tenants and collections are apart", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"t\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"\",\"id\":3,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"C\",\"id\":4,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"t\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"\",\"id\":3,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"C\",\"id\":4,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "the source's key counts", "id: uuid5\ndedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":\"k9\",\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":\"k1\",\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":\"d108ae34-7f7f-547a-b5fc-6f60c16922bc\",\"payload\":{\"k\":1,\"_id\":\"k1\"}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "vectors", "dedupe: vector",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":2,\"vector\":[1.0,2.0]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":\"AACAPwAAAEA=\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":[1.0,2.5]}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":\"AACAPwAAAEA=\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":[1.0,2.5]}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "absent and empty vectors", "dedupe: vector",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":2,\"vector\":[]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[]}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":4}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":2,\"vector\":[]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[]}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":4}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "named vectors in any order", "dedupe: vector",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":2,\"vector\":{\"a\":[1.0],\"b\":[2.0]}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"b\":[2.0],\"a\":[1.0]}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":{\"a\":[2.0],\"b\":[1.0]}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"b\":[2.0],\"a\":[1.0]}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":{\"a\":[2.0],\"b\":[1.0]}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "one of the vectors", "dedupe: {by: vector, vectors: a}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":2,\"vector\":{\"a\":[1.0],\"b\":[2.0]}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"a\":[1.0]}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":{\"b\":[2.0]}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":4,\"vector\":{\"b\":[2.0]}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"a\":[1.0]}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":{\"b\":[2.0]}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":4,\"vector\":{\"b\":[2.0]}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "rows are not one row", "dedupe: vector",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":2,\"vector\":[[1.0],[2.0]]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[[1.0,2.0]]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":[1.0,2.0]}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":2,\"vector\":[[1.0],[2.0]]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[[1.0,2.0]]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":[1.0,2.0]}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "sparse vectors", "dedupe: vector",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":2,\"vector\":{\"s\":{\"indices\":[7],\"values\":[2.0]}}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"s\":{\"indices\":[7],\"values\":[2.0]}}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":{\"s\":{\"indices\":[8],\"values\":[2.0]}}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"s\":{\"indices\":[7],\"values\":[2.0]}}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":{\"s\":{\"indices\":[8],\"values\":[2.0]}}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "NaN and denormals bit for bit", "dedupe: vector",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":2,\"vector\":\"AADAfwAAgD8=\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":\"AADAfwAAgD8=\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":4,\"vector\":[1e-45]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":[0.0]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":5,\"vector\":[-0.0]}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":\"AADAfwAAgD8=\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":4,\"vector\":[1e-45]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"vector\":[0.0]}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":5,\"vector\":[-0.0]}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "a delete takes the point before it", "dedupe",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"delete\",\"collection\":\"B\",\"id\":1}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"delete\",\"collection\":\"B\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "a point behind its delete", "dedupe",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"delete\",\"collection\":\"B\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":2}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"delete\",\"collection\":\"B\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":2}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "a delete with a key", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"delete\",\"collection\":\"A\",\"id\":2}",
	  "error: step 1 (dedupe): collection 'A', id 2, line 2: a delete: which point takes the place of a deleted one cannot be told; 'dedupe: id' can" },
	{ "steps behind see what is left", "dedupe: {key: k}\nlimit: 1\nset: {z: 1}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":2}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1,\"z\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "two of them", "dedupe: {key: k}\ndedupe: {key: l}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":3,\"payload\":{\"k\":1,\"l\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1,\"l\":2}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":2,\"l\":2}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":2,\"l\":2}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "joined streams are apart", "dedupe: {key: k}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "only one collection", "{dedupe: {key: k}, collections: [B]}",
	  "{\"type\":\"point\",\"collection\":\"C\",\"id\":9,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"C\",\"id\":8,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"type\":\"point\",\"collection\":\"C\",\"id\":9,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"C\",\"id\":8,\"payload\":{\"k\":1}}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{\"k\":1}}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
	{ "key without paths", "dedupe: key",
	  "{}",
	  "error: --step '{dedupe: key}':1:2: 'by: key' needs the properties: dedupe: id, or dedupe: {key: [url, lang]}, or dedupe: vector" },
	{ "key with id", "dedupe: {by: id, key: a}",
	  "{}",
	  "error: --step '{dedupe: {by: id, key: a}}':1:2: 'key' belongs to 'by: key'" },
	{ "vectors with id", "dedupe: {vectors: a}",
	  "{}",
	  "error: --step '{dedupe: {vectors: a}}':1:2: 'vectors' belongs to 'by: vector'" },
	{ "no such way", "dedupe: url",
	  "{}",
	  "error: --step '{dedupe: url}':1:2: by: 'url' is none of id|key|vector" },
};
/* clang-format on */

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

enum { POINTS = 3000, GROUPS = 700 };

static void collect(const struct qf_batch *b, bool *kept)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->rec[i].type != QF_REC_POINT)
			continue;
		ck_assert(b->rec[i].id.num < POINTS && !kept[b->rec[i].id.num]);
		kept[b->rec[i].id.num] = true;
	}
}

/* One stream in batches of `size`, the points in this order; the ids that stay, sorted, in out. */
static void run(const char *step, const uint32_t *order, size_t size, bool release, struct qf_buf *out)
{
	struct qf_chain *c = qf_chain_new();
	struct qf_batch b = { 0 };
	bool kept[POINTS] = { 0 };
	struct qf_err err;

	ck_assert_msg(step_chain_open(c, step, &err) == 0, "%s", err.msg);
	for (size_t i = 0; i < POINTS; i++) {
		struct qf_record *rec = qf_batch_add(&b, QF_REC_POINT);
		struct qf_str line = qf_arena_printf(&b.arena, STEP_POINT "%u,\"payload\":{\"k\":%u,\"n\":\"%*u\"}}",
						     order[i], order[i] * 7919 % GROUPS, 100, order[i]);

		ck_assert_int_eq(qf_line_parse(line, 64, rec, &b.arena, &err), 0);
		if (b.n < size && i + 1 < POINTS)
			continue;
		ck_assert_int_eq(qf_chain_apply(c, &b, &err), 0);
		ck_assert_uint_eq(b.n, 0);
		qf_batch_reset(&b);
	}
	while (release && qf_chain_release(c, &b, &err) == 1)
		collect(&b, kept);
	qf_batch_reset(&b);
	qf_batch_add(&b, QF_REC_END);
	ck_assert_int_eq(qf_chain_apply(c, &b, &err), 0);
	ck_assert(b.n == 1 || !release);
	collect(&b, kept);
	for (unsigned i = 0; i < POINTS; i++)
		if (kept[i])
			qf_buf_printf(out, "%u ", i);
	qf_batch_release(&b);
	qf_chain_free(c);
}

/* Whatever the order, the batches and the place where points wait: the lowest id of each group. */
START_TEST(any_order)
{
	static uint32_t order[POINTS];
	static bool met[GROUPS];
	QF_AUTO_BUF struct qf_buf want = { 0 };
	uint64_t seed = 7;

	for (uint32_t i = 0; i < POINTS; i++) {
		order[i] = i;
		if (!met[i * 7919 % GROUPS])
			qf_buf_printf(&want, "%u ", i);
		met[i * 7919 % GROUPS] = true;
	}
	for (int r = 0; r < 12; r++) {
		QF_AUTO_BUF struct qf_buf got = { 0 };

		/* 64 KiB: lines, index and table all go to files. */
		run(r % 2 ? "dedupe: {key: k, memory: 64KiB}" : "dedupe: {key: k}", order, r % 3 ? 97 : 1, r % 4 < 2, &got);
		ck_assert_str_eq(qf_buf_cstr(&got), qf_buf_cstr(&want));
		for (size_t i = POINTS - 1; i > 0; i--) {
			size_t k = unit_random(&seed) % (i + 1);
			uint32_t swap = order[i];

			order[i] = order[k];
			order[k] = swap;
		}
	}
}
END_TEST

START_TEST(no_place_for_files)
{
	static const char lines[] = STEP_POINT "1,\"payload\":{\"a\":\"%070000d\"}}";
	struct qf_chain *c = qf_chain_new();
	char *line = qf_asprintf(lines, 5);
	struct qf_batch b = { 0 };
	struct qf_err err;

	setenv("TMPDIR", "/nowhere", 1);
	ck_assert_int_eq(step_chain_open(c, "dedupe: {memory: 64KiB}", &err), 0);
	step_lines(&b, line);
	ck_assert_int_eq(qf_chain_apply(c, &b, &err), -1);
	ck_assert_int_eq(err.code, QF_E_CREATE);
	ck_assert_has(err.msg, "TMPDIR");
	unsetenv("TMPDIR");
	free(line);
	qf_batch_release(&b);
	qf_chain_free(c);
}
END_TEST

START_TEST(report)
{
	char *file = qf_asprintf("%s/dropped", unit_dir());
	char *steps = qf_asprintf("dedupe: {key: k, report: %s}", file);
	const struct step_case k = { "report", steps, STEP_POINT "2,\"payload\":{\"k\":1}}\n" STEP_POINT "1,\"payload\":{\"k\":1}}\n"
				     STEP_POINT "3,\"payload\":{\"k\":1}}", "" };
	QF_AUTO_BUF struct qf_buf got = { 0 };
	int fd;

	ck_assert_ptr_null(step_differs(&k));
	fd = open(file, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	unit_slurp(fd, &got);
	ck_assert_str_eq(qf_buf_cstr(&got), "{\"collection\":\"A\",\"dropped\":2,\"for\":1}\n"
					    "{\"collection\":\"A\",\"dropped\":3,\"for\":1}\n");
	close(fd);
	free(steps);
	free(file);
}
END_TEST

UNIT_MAIN("step dedupe", 60, table, any_order, no_place_for_files, report)
