/* The step `lookup` over CSV files; PostgreSQL is asked in tests/transform. */
#include "tests/unit/step_kit.h"
#include "tools/transform/lookup.h"

#define ERROR(words) "error: step 1 (lookup): collection 'A', id 1, line 1: " words
#define OF(take) "lookup: {key: k, from: t.csv, column: id, take: " take "}"
#define LINE(rest) "{\"type\":\"collection\",\"name\":\"A\"," rest "}"

static const char csv[] =
	"\xef\xbb\xbfid,name,n,f,b,j\r\n"
	"1,Ada,5,1.5,t,\"{\"\"a\"\": 1}\"\r\n"
	"two,\"a, \"\"b\"\"\nc\",9007199254740993,5,FALSE,[1]\r\n"
	"9007199254740993,big,18446744073709551615,1e400,1,x\r\n"
	"\xc3\xbc,\xf0\x9f\x98\x80,-9223372036854775808,-0,yes,\"\"\"s\"\"\"\r\n"
	"none,,,,,\r\n"
	"\"\",nobody,,,,\r\n"
	"empty,\"\",,,,\r\n"
	"bad,x,1.5,y,maybe,{\r\n"
	"true,yes,1,1,1,null\r\n"
	"1.5,half,5.0,0.1,0,1\r\n"
	"pad,x, 7 , 2.50 , true ,1\r\n"
	"zip,x,007,.5,2,1\r\n";

static const struct step_case cases[] = {
	{ "a number", OF("[name]"), "{\"k\":1}", "{\"k\":1,\"name\":\"Ada\"}" },
	{ "a number written otherwise", OF("[name]"), "{\"k\":1.0}", "{\"k\":1.0,\"name\":\"Ada\"}" },
	{ "a text that is a number", OF("[name]"), "{\"k\":\"1\"}", "{\"k\":\"1\",\"name\":\"Ada\"}" },
	{ "a quoted value", OF("[name]"), "{\"k\":\"two\"}", "{\"k\":\"two\",\"name\":\"a, \\\"b\\\"\\nc\"}" },
	{ "2^53+1 is no other number", OF("[name]"), "{\"k\":9007199254740993}\n{\"k\":9007199254740992}",
	  "{\"k\":9007199254740993,\"name\":\"big\"}\n{\"k\":9007199254740992}" },
	{ "unicode", OF("[name]"), "{\"k\":\"\\u00fc\"}", "{\"k\":\"\\u00fc\",\"name\":\"\xf0\x9f\x98\x80\"}" },
	{ "a fraction", OF("[name]"), "{\"k\":1.5}", "{\"k\":1.5,\"name\":\"half\"}" },
	{ "a boolean", OF("[name]"), "{\"k\":true}", "{\"k\":true,\"name\":\"yes\"}" },
	{ "absent", OF("[name]"), "{\"x\":1}", "{\"x\":1}" },
	{ "no payload", OF("[name]"), STEP_POINT "1}", STEP_POINT "1}" },
	{ "null", OF("[name]"), "{\"k\":null}", "{\"k\":null}" },
	{ "empty", OF("[name]"), "{\"k\":\"\"}", "{\"k\":\"\"}" },
	{ "not there", OF("[name]"), "{\"k\":\"x\",\"name\":\"stays\"}", "{\"k\":\"x\",\"name\":\"stays\"}" },
	{ "an array", OF("[name]"), "{\"k\":[1]}", ERROR("'k' is of type array and no key: [1]") },
	{ "an object", OF("[name]"), "{\"k\":{\"a\":1}}", ERROR("'k' is of type object and no key: {\"a\":1}") },
	{ "an empty field leaves what is there", OF("[name, n]"), "{\"k\":\"none\",\"n\":1}", "{\"k\":\"none\",\"n\":1}" },
	{ "a quoted empty field is a text", OF("[name]"), "{\"k\":\"empty\",\"name\":\"x\"}", "{\"k\":\"empty\",\"name\":\"\"}" },
	{ "values replace", OF("{name: k}"), "{\"k\":1}", "{\"k\":\"Ada\"}" },
	{ "into an object", OF("{name: a.b, n: a.n as integer}"), "{\"k\":1}",
	  "{\"k\":1,\"a\":{\"b\":\"Ada\",\"n\":5}}" },
	{ "a scalar in the way", OF("{name: k.x}"), "{\"k\":1}", ERROR("'k.x' cannot be set, for 'k' is a number") },
	{ "types", OF("{n: n as integer, f: f as float, b: b as bool, j: j as json}"), "{\"k\":1}",
	  "{\"k\":1,\"n\":5,\"f\":1.5,\"b\":true,\"j\":{\"a\": 1}}" },
	{ "types by a map", OF("{n: {into: x, type: integer}, f: {type: float}}"), "{\"k\":\"two\"}",
	  "{\"k\":\"two\",\"x\":9007199254740993,\"f\":5.0}" },
	{ "2^64-1", OF("{n: n as integer}"), "{\"k\":9007199254740993}", "{\"k\":9007199254740993,\"n\":18446744073709551615}" },
	{ "least integer, minus nothing", OF("{n: n as integer, f: f as float, b: b as bool}"), "{\"k\":\"\xc3\xbc\"}",
	  "{\"k\":\"\xc3\xbc\",\"n\":-9223372036854775808,\"f\":-0.0,\"b\":true}" },
	{ "blanks around numbers", OF("{n: n as integer, f: f as float, b: b as bool}"), "{\"k\":\"pad\"}",
	  "{\"k\":\"pad\",\"n\":7,\"f\":2.50,\"b\":true}" },
	{ "no integer", OF("{n: n as integer}"), "{\"k\":\"bad\"}", ERROR("column 'n' of the key \"bad\" is no integer: \"1.5\"") },
	{ "leading zeros are a text", OF("{n: n as integer}"), "{\"k\":\"zip\"}",
	  ERROR("column 'n' of the key \"zip\" is no integer: \"007\"") },
	{ "no float", OF("{f: f as float}"), "{\"k\":\"bad\"}", ERROR("column 'f' of the key \"bad\" is no float: \"y\"") },
	{ "beyond a double", OF("{f: f as float}"), "{\"k\":9007199254740993}",
	  ERROR("column 'f' of the key \"9007199254740993\" is no float: \"1e400\"") },
	{ "no boolean", OF("{b: b as bool}"), "{\"k\":\"bad\"}", ERROR("column 'b' of the key \"bad\" is no bool: \"maybe\"") },
	{ "no json", OF("{j: j as json}"), "{\"k\":\"bad\"}", ERROR("column 'j' of the key \"bad\" is no json: \"{\"") },
	{ "required, not there", "lookup: {key: k, from: t.csv, column: id, take: [name], required: true}", "{\"k\":\"x\"}",
	  ERROR("the key \"x\" of 'k' is not in t.csv") },
	{ "required, no key", "lookup: {key: k, from: t.csv, column: id, take: [name], required: true}", "{\"k\":null}",
	  ERROR("it has no key ('k' is absent, null or empty)") },
	{ "by id", "lookup: {key: \"@id\", from: t.csv, column: id, take: [name]}", "{}", "{\"name\":\"Ada\"}" },
	{ "another delimiter", "lookup: {key: k, from: semi.csv, column: id, take: [v], delimiter: \";\"}", "{\"k\":1}",
	  "{\"k\":1,\"v\":\"a,b\"}" },
	{ "duplicates", "lookup: {key: k, from: twice.csv, column: id, take: [v]}", "{\"k\":1}",
	  "error: step 1 (lookup): twice.csv:4: the key \"1\" stands in line 2 already; make them one, or set 'duplicates: "
	  "first'" },
	{ "the first of duplicates", "lookup: {key: k, from: twice.csv, column: id, take: [v], duplicates: first}", "{\"k\":1}",
	  "{\"k\":1,\"v\":\"a\"}" },
	{ "duplicates, on disk", "lookup: {key: k, from: twice.csv, column: id, take: [v], memory: 1}", "{\"k\":1}",
	  "error: step 1 (lookup): twice.csv:4: the key \"1\" stands in line 2 already; make them one, or set 'duplicates: "
	  "first'" },
	{ "the first of duplicates, on disk",
	  "lookup: {key: k, from: twice.csv, column: id, take: [v], duplicates: first, memory: 1}", "{\"k\":1}\n{\"k\":3}",
	  "{\"k\":1,\"v\":\"a\"}\n{\"k\":3}" },
	{ "on disk", "lookup: {key: k, from: t.csv, column: id, take: [name, j], memory: 1}",
	  "{\"k\":1}\n{\"k\":\"none\"}\n{\"k\":\"x\"}\n{\"k\":\"empty\"}",
	  "{\"k\":1,\"name\":\"Ada\",\"j\":\"{\\\"a\\\": 1}\"}\n{\"k\":\"none\"}\n{\"k\":\"x\"}\n{\"k\":\"empty\",\"name\":\"\"}" },
	{ "damaged", "lookup: {key: k, from: open.csv, column: id, take: [v]}", "{\"k\":1}",
	  "error: step 1 (lookup): open.csv:3: field 2: its quote is never closed" },
	{ "schema", OF("{name: t, n: n as integer, f: f as float, b: b as bool, j: j as json}"),
	  LINE("\"payload\":{\"t\":{\"type\":\"text\"},\"n\":{\"type\":\"keyword\"},\"j\":{\"type\":\"bool\"}}"),
	  LINE("\"payload\":{\"t\":{\"type\":\"text\"},\"n\":{\"type\":\"integer\"},"
	       "\"f\":{\"type\":\"float\",\"index\":false},\"b\":{\"type\":\"bool\",\"index\":false}}") },
	{ "no file", "lookup: {key: k, from: none.csv, column: id, take: [v]}", "{}",
	  "error: --step '{lookup: {key: k, from: none.csv, column: id, take: [v]}}':1:19: cannot read the table none.csv: No "
	  "such file or directory" },
	{ "no column", "lookup: {key: k, from: semi.csv, column: id, take: [v]}", "{}",
	  "error: --step '{lookup: {key: k, from: semi.csv, column: id, take: [v]}}':1:19: semi.csv: there is no column 'id'; "
	  "the first row has: id;v; is the delimiter another one?" },
	{ "no source", "lookup: {key: k, column: id, take: [v]}", "{}",
	  "error: --step '{lookup: {key: k, column: id, take: [v]}}':1:2: one of 'from' (a CSV file), 'table' and 'query' (of "
	  "PostgreSQL) must be given: lookup: {key: author_id, from: authors.csv, column: id, take: {name: author_name, year: "
	  "born as integer}}" },
	{ "no type", OF("{name: n as int}"), "{}",
	  "error: --step '{lookup: {key: k, from: t.csv, column: id, take: {name: n as int}}}':1:51: 'int' is no type; use "
	  "string, integer, float, bool or json" },
	{ "a password in the file",
	  "lookup: {key: k, table: t, column: id, take: [v], postgres: \"postgresql://me:sesame@h/d\"}", "{}",
	  "error: --step '{lookup: {key: k, table: t, column: id, take: [v], postgres: \"postgresql://me:sesame@h/d\"}}':1:52: a "
	  "secret does not belong into a file of settings; set PGPASSWORD, ~/.pgpass, or the whole address in POSTGRES_URL, "
	  "POSTGRES_URL_FILE or POSTGRES_URL_COMMAND" },
};

START_TEST(table)
{
	const char *dir = unit_dir();

	free(unit_file(dir, "t.csv", csv));
	free(unit_file(dir, "semi.csv", "id;v\n1;a,b\n"));
	free(unit_file(dir, "twice.csv", "id,v\n1,a\n2,b\n1,c\n"));
	free(unit_file(dir, "open.csv", "id,v\n1,a\n2,\"b\n"));
	ck_assert_int_eq(chdir(dir), 0);
	step_table(cases, QF_LEN(cases));
}
END_TEST

/* What is on disk answers as what is in memory. */
START_TEST(many_rows)
{
	struct qf_table tables[2] = { { .name = "x", .width = 2, .spills = true },
				      { .name = "x", .width = 2, .spills = true, .memory = 100 << 10 } };
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_str values[2];
	struct qf_err err;
	char key[32], text[32];

	for (int t = 0; t < 2; t++) {
		for (int i = 0; i < 20000; i++) {
			snprintf(key, sizeof(key), "k%d", i * 7 % 20000);
			snprintf(text, sizeof(text), "v%d", i * 7 % 20000);
			values[0] = qf_str(text);
			values[1] = i % 3 ? (struct qf_str){ "", 0 } : (struct qf_str){ 0 };
			ck_assert_int_eq(qf_table_add(&tables[t], qf_str(key), values, (uint64_t)i + 2, &err), 0);
		}
		ck_assert_int_eq(qf_table_finish(&tables[t], &err), 0);
		ck_assert((tables[t].db != NULL) == (t == 1));
		for (int i = 0; i < 20000; i++) {
			snprintf(key, sizeof(key), "k%d", i * 7 % 20000);
			snprintf(text, sizeof(text), "v%d", i * 7 % 20000);
			ck_assert_int_eq(qf_table_get(&tables[t], qf_str(key), &arena, values, &err), QF_TABLE_FOUND);
			ck_assert(qf_str_is(values[0], text) && (values[1].p != NULL) == (i % 3 != 0));
		}
		ck_assert_int_eq(qf_table_get(&tables[t], QF_STR("k"), &arena, values, &err), QF_TABLE_UNKNOWN);
		qf_table_release(&tables[t]);
	}
}
END_TEST

UNIT_MAIN("step lookup", 60, table, many_rows)
