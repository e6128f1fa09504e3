/* The step `map`. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (map): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "absent", "map: {s: {values: {a: b}}, t.u: {values: {a: b}}}", "{\"x\":\"a\"}", "{\"x\":\"a\"}" },
	{ "null", "map: {s: {values: {a: b, null: c}}}", "{\"s\":null}", "{\"s\":null}" },
	{ "no payload", "map: {s: {values: {a: b}}}", STEP_POINT "1}", STEP_POINT "1}" },
	{ "empty text", "map: {s: {values: {'': none}}}", "{\"s\":\"\"}", "{\"s\":\"none\"}" },
	{ "types of keys", "map: {s: {values: {5: i, 1.5: f, true: t, 9007199254740993: h, 9007199254740992: l}}}",
	  "{\"s\":[5,5.0,\"5\",1.5,true,9007199254740993,9007199254740992]}",
	  "{\"s\":[\"i\",\"i\",\"i\",\"f\",\"t\",\"h\",\"l\"]}" },
	{ "types of values", "map: {s: {values: {a: 5, b: '5', c: null, d: [1, x], e: {k: v}, f: 5.0}}}",
	  "{\"s\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]}", "{\"s\":[5,\"5\",null,[1,\"x\"],{\"k\":\"v\"},5.0]}" },
	{ "the same value twice", "map: {s: {values: {a: [1]}}}", "{\"s\":[\"a\",\"a\"]}\n{\"s\":\"a\"}", "{\"s\":[[1],[1]]}\n{\"s\":[1]}" },
	{ "nested arrays", "map: {s: {values: {a: b}}}", "{\"s\":[[\"a\"],[[\"a\",null]]]}", "{\"s\":[[\"b\"],[[\"b\",null]]]}" },
	{ "not in the table", "map: {s: {values: {a: b}}}", "{\"s\":\"Ä\\n\"}",
	  REFUSED "'s': \"Ä\\n\" is not in the table; 'else: keep' would let it stay" },
	{ "an object", "map: {s: {values: {a: b}}}", "{\"s\":{\"a\":1}}",
	  REFUSED "'s': {\"a\":1} is not in the table; 'else: keep' would let it stay" },
	{ "a huge number", "map: {s: {values: {a: b}}}", "{\"s\":1e400}", REFUSED "'s': 1e400 is not in the table; 'else: keep' would let it stay" },
	{ "kept, with its bytes", "map: {s: {values: {a: b}, else: keep}}", "{\"s\":\"\\u0078\"}", "{\"s\":\"\\u0078\"}" },
	{ "null for the rest", "map: {s: {values: {a: b}, else: null}}", "{\"s\":[\"a\",\"x\",{}]}", "{\"s\":[\"b\",null,null]}" },
	{ "the rest goes", "map: {s: {values: {a: b}, else: drop}, t: {values: {a: b}, else: drop}}", "{\"s\":[\"x\",\"a\",\"x\"],\"t\":\"x\"}", "{\"s\":[\"b\"]}" },
	{ "an older duplicate does not come back", "map: {s: {values: {a: b}, else: drop}}", "{\"s\":\"a\",\"t\":1,\"s\":\"x\"}", "{\"t\":1}" },
	{ "a default", "map: {s: {values: {a: b}, default: {k: 1}}}", "{\"s\":[\"x\",\"y\"]}", "{\"s\":[{\"k\":1},{\"k\":1}]}" },
	{ "unicode keys, by bytes", "map: {s: {values: {ä: 1, \"\\u00e9\": 2}}}", "{\"s\":[\"\\u00e4\",\"é\"]}", "{\"s\":[1,2]}" },
	{ "inside objects of arrays", "map: {p.s: {values: {a: b}}}", "{\"p\":[{\"s\":\"a\"},{}]}", "{\"p\":[{\"s\":\"b\"},{}]}" },
	{ "of duplicate keys the last", "map: {s: {values: {a: b}}}", "{\"s\":\"a\",\"s\":\"a\"}", "{\"s\":\"a\",\"s\":\"b\"}" },
	{ "the schema", "map: {s: {values: {a: 1, b: 2}}, t: {values: {a: 1, b: x}}, u: {values: {a: 1}, else: keep}}",
	  SCHEMA("\"s\":{\"type\":\"keyword\"},\"t\":{\"type\":\"keyword\"},\"u\":{\"type\":\"keyword\"}"),
	  SCHEMA("\"s\":{\"type\":\"integer\"},\"t\":{\"type\":\"keyword\"},\"u\":{\"type\":\"keyword\"}") },
	{ "no table", "map: {s: {else: keep}}", "{}",
	  "error: --step '{map: {s: {else: keep}}}':1:8: either 'values' or 'file' is expected: "
	  "map: {status: {values: {A: active, I: inactive}, else: keep}, country: {file: countries.yaml}}" },
	{ "an empty table", "map: {s: {values: {}}}", "{}", "error: --step '{map: {s: {values: {}}}}':1:8: the table is empty" },
	{ "else and default", "map: {s: {values: {a: b}, else: keep, default: x}}", "{}",
	  "error: --step '{map: {s: {values: {a: b}, else: keep, default: x}}}':1:40: either 'else' or 'default' is expected, not both" },
	{ "no such file", "map: {s: {file: /nowhere/x.json}}", "{}", "error: map: cannot read /nowhere/x.json: No such file or directory" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

static void with_file(const char *suffix, const char *text, const char *in, const char *out)
{
	char file[] = "/tmp/fortress_mapXXXXXX.json";
	QF_AUTO_FREE char *steps;
	struct step_case k = { .name = suffix, .in = in, .out = out };
	char *got;
	int fd;

	memcpy(file + strlen(file) - 5, suffix, 5);
	fd = mkstemps(file, 5);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	steps = qf_asprintf("map: {s: {file: %s}}", file);
	k.steps = steps;
	got = step_differs(&k);
	unlink(file);
	ck_assert_msg(!got || (*out == '~' && strstr(got, out + 1)), "%s", got);
	free(got);
}

START_TEST(files)
{
	with_file(".yaml", "DE: Germany\nFR: {name: France}\n1: one\n", "{\"s\":[\"DE\",\"FR\",1]}",
		  "{\"s\":[\"Germany\",{\"name\":\"France\"},\"one\"]}");
	with_file(".json", "{\"DE\": 1.50, \"a\\u00e4\": [ 1 ], \"DE\": 2.50}", "{\"s\":[\"DE\",\"aä\"]}", "{\"s\":[2.50,[ 1 ]]}");
	with_file(".json", "{\"DE\": 1", "{}", "~.json: not valid JSON: ");
	with_file(".json", "[1]", "{}", "~.json: an object is expected, not array");
	with_file(".json", "", "{}", "~.json: not valid JSON: ");
	with_file(".yaml", "- a\n", "{}", "~a map of old and new values is expected");
}
END_TEST

/* A table of many keys finds each of them. */
START_TEST(large)
{
	struct qf_buf text = { 0 }, in = { 0 }, out = { 0 };

	for (int i = 0; i < 50000; i++) {
		qf_buf_printf(&text, "%s\"k%d\":%d", i ? "," : "{", i, i);
		qf_buf_printf(&in, "%s\"k%d\"", i ? "," : "{\"s\":[", i);
		qf_buf_printf(&out, "%s%d", i ? "," : "{\"s\":[", i);
	}
	QF_BUF_LIT(&text, "}");
	QF_BUF_LIT(&in, "]}");
	QF_BUF_LIT(&out, "]}");
	with_file(".json", qf_buf_cstr(&text), qf_buf_cstr(&in), qf_buf_cstr(&out));
	qf_buf_release(&text);
	qf_buf_release(&in);
	qf_buf_release(&out);
}
END_TEST

UNIT_MAIN("step map", 60, table, files, large)
