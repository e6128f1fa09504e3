/* The collection line: its shape, and what a later line of the same name may add. */
#include "common/data/schema.h"
#include "tests/unit/unit.h"

static struct qf_err err;
static struct qf_arena arena;

static struct qf_json *parse(const char *text)
{
	struct qf_json *doc;

	ck_assert_msg(qf_json_parse(&arena, text, strlen(text), "x", &doc, &err) == 0, "%s: %s", text, err.msg);
	return doc;
}

static const char *written(const struct qf_json *doc)
{
	static struct qf_buf b;

	qf_buf_reset(&b);
	qf_json_write(&b, doc);
	return qf_buf_cstr(&b);
}

START_TEST(fresh)
{
	struct qf_json *doc = qf_schema_new(&arena, QF_STR("A \"b\""));

	ck_assert_str_eq(written(doc), "{\"type\":\"collection\",\"name\":\"A \\\"b\\\"\",\"vectors\":{},\"sparse\":{},\"payload\":{}}");
	ck_assert_int_eq(qf_schema_check(doc, &err), 0);
}
END_TEST

START_TEST(shapes)
{
	static const struct {
		const char *doc, *why; /* NULL: good */
	} cases[] = {
		{ "{\"name\":\"A\"}", NULL },
		{ "{\"name\":\"A\",\"vectors\":{\"\":{\"size\":3,\"distance\":\"Dot\"}}}", NULL },
		{ "{\"name\":\"A\",\"vectors\":{\"\":{\"distance\":\"Dot\"}}}", NULL },
		{ "{\"name\":\"A\",\"vectors\":{\"\":{\"size\":1048576,\"distance\":\"Dot\"}},\"sparse\":{\"s\":{}},"
		  "\"payload\":{\"p\":{\"type\":\"float\"}},\"aliases\":[\"x\"],\"notes\":[],\"settings\":{\"a\":5}}", NULL },
		{ "{}", "needs a \"name\"" }, { "{\"name\":\"\"}", "needs a \"name\"" }, { "{\"name\":5}", "needs a \"name\"" },
		{ "{\"name\":\"A\",\"vectors\":[]}", "\"vectors\" must be an object" },
		{ "{\"name\":\"A\",\"vectors\":{\"v\":5}}", "vectors 'v' must be an object" },
		{ "{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":0,\"distance\":\"Dot\"}}}", "vector 'v' has no valid \"size\"" },
		{ "{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":-1,\"distance\":\"Dot\"}}}", "no valid \"size\"" },
		{ "{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":1048577,\"distance\":\"Dot\"}}}", "no valid \"size\"" },
		{ "{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":1.5,\"distance\":\"Dot\"}}}", "no valid \"size\"" },
		{ "{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":\"3\",\"distance\":\"Dot\"}}}", "no valid \"size\"" },
		{ "{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":3}}}", "vector 'v' has no \"distance\"" },
		{ "{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":3,\"distance\":7}}}", "no \"distance\"" },
		{ "{\"name\":\"A\",\"sparse\":{\"s\":1}}", "sparse 's' must be an object" },
		{ "{\"name\":\"A\",\"payload\":{\"p\":\"float\"}}", "payload 'p' must be an object" },
		{ "{\"name\":\"A\",\"settings\":[]}", "\"settings\" must be an object" },
		{ "{\"name\":\"A\",\"aliases\":\"x\"}", "\"aliases\" must be an array" },
		{ "{\"name\":\"A\",\"aliases\":[1]}", "\"aliases\" must hold strings" },
		{ "{\"name\":\"A\",\"notes\":{}}", "\"notes\" must be an array" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		int rc = qf_schema_check(parse(cases[i].doc), &err);

		ck_assert_msg((rc == 0) == !cases[i].why, "%s", cases[i].doc);
		if (rc < 0) {
			ck_assert_int_eq(err.code, QF_E_DATA);
			ck_assert_has(err.msg, cases[i].why);
		}
	}
}
END_TEST

START_TEST(amendments)
{
	static const struct {
		const char *first, *later, *result; /* result NULL: no change */
	} cases[] = {
		{ "{\"name\":\"A\"}", "{\"name\":\"A\"}", NULL },
		{ "{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":3,\"distance\":\"Dot\"}}}",
		  "{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":3,\"distance\":\"Dot\"}}}", NULL },
		{ "{\"name\":\"A\",\"vectors\":{\"v\":{\"distance\":\"Dot\"}}}",
		  "{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":3,\"distance\":\"Dot\"},\"w\":{\"distance\":\"Cosine\"}}}",
		  "{\"name\":\"A\",\"vectors\":{\"v\":{\"distance\":\"Dot\",\"size\":3},\"w\":{\"distance\":\"Cosine\"}}}" },
		{ "{\"name\":\"A\",\"payload\":{\"p\":{\"type\":\"float\"}}}",
		  "{\"name\":\"A\",\"payload\":{\"p\":{\"type\":\"text\"},\"q\":{\"type\":\"bool\"}},\"sparse\":{\"s\":{}}}",
		  "{\"name\":\"A\",\"payload\":{\"p\":{\"type\":\"float\"},\"q\":{\"type\":\"bool\"}},\"sparse\":{\"s\":{}}}" },
		{ "{\"name\":\"A\",\"aliases\":[\"x\"]}", "{\"name\":\"A\",\"aliases\":[\"x\",\"y\"],\"notes\":[\"n\"]}",
		  "{\"name\":\"A\",\"aliases\":[\"x\",\"y\"],\"notes\":[\"n\"]}" },
		/* Members that are there stay; count is no statement. */
		{ "{\"name\":\"A\",\"count\":3,\"settings\":{\"a\":1}}", "{\"name\":\"A\",\"count\":9,\"settings\":{\"a\":2}}",
		  NULL },
		{ "{\"name\":\"A\",\"settings\":{\"a\":1}}", "{\"name\":\"A\",\"settings\":{\"b\":[1]}}",
		  "{\"name\":\"A\",\"settings\":{\"a\":1,\"b\":[1]}}" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_json *doc = parse(cases[i].first);
		bool changed = !cases[i].result;

		ck_assert_int_eq(qf_schema_amend(&arena, doc, parse(cases[i].later), &changed, &err), 0);
		ck_assert_msg(changed == (cases[i].result != NULL), "%s", cases[i].later);
		ck_assert_str_eq(written(doc), cases[i].result ? cases[i].result : cases[i].first);
		/* A second time nothing is new. */
		ck_assert_int_eq(qf_schema_amend(&arena, doc, parse(cases[i].later), &changed, &err), 0);
		ck_assert(!changed);
	}
}
END_TEST

START_TEST(contradictions)
{
	struct qf_json *doc = parse("{\"name\":\"A\",\"vectors\":{\"v\":{\"size\":3,\"distance\":\"Dot\"}}}");
	bool changed;

	ck_assert_int_lt(qf_schema_amend(&arena, doc, parse("{\"vectors\":{\"v\":{\"size\":4,\"distance\":\"Dot\"}}}"),
					 &changed, &err), 0);
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_str_eq(err.msg, "vector 'v': size was 3 and is 4 now");
	ck_assert_int_lt(qf_schema_amend(&arena, doc, parse("{\"vectors\":{\"v\":{\"distance\":\"Cosine\"}}}"), &changed,
					 &err), 0);
	ck_assert_str_eq(err.msg, "vector 'v': distance was Dot and is Cosine now");
}
END_TEST

START_TEST(look_ups)
{
	struct qf_json *doc = parse("{\"name\":\"A\",\"vectors\":{\"\":{\"size\":1},\"n\":{\"size\":2}},\"sparse\":{\"s\":{}},"
				    "\"payload\":{\"a.b\":{\"type\":\"float\"},\"c[].d\":{\"type\":\"float\",\"index\":false},"
				    "\"e\":{\"type\":\"integer\"},\"f\":{}}}");

	ck_assert_int_eq(qf_json_get_int(qf_schema_vector(doc, QF_STR("")), "size", 0), 1);
	ck_assert_int_eq(qf_json_get_int(qf_schema_vector(doc, (struct qf_str){ 0 }), "size", 0), 1);
	ck_assert_int_eq(qf_json_get_int(qf_schema_vector(doc, QF_STR("n")), "size", 0), 2);
	ck_assert_ptr_null(qf_schema_vector(doc, QF_STR("s")));
	ck_assert_ptr_null(qf_schema_vector(parse("{}"), QF_STR("")));
	ck_assert(qf_schema_is_float(doc, QF_STR("a.b")));
	ck_assert(qf_schema_is_float(doc, QF_STR("c[].d")));
	ck_assert(!qf_schema_is_float(doc, QF_STR("c.d")));
	ck_assert(!qf_schema_is_float(doc, QF_STR("e")));
	ck_assert(!qf_schema_is_float(doc, QF_STR("f")));
	ck_assert(!qf_schema_is_float(doc, QF_STR("a")));
}
END_TEST

UNIT_MAIN("schema", 20, fresh, shapes, amendments, contradictions, look_ups)
