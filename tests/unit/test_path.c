/* Paths of payload properties: what they find, set, remove and declare. */
#include "tests/unit/unit.h"
#include "tools/transform/path.h"

static struct qf_arena arena;

static struct qf_path path_of(const char *text)
{
	struct qf_path p;
	const char *why = "";

	ck_assert_msg(qf_path_parse(&p, qf_str(text), true, &arena, &why) == 0, "%s: %s", text, why);
	return p;
}

static struct qf_val *tree_of(const char *json)
{
	struct qf_record rec = { .payload = qf_str(json) };
	struct qf_val *root;
	struct qf_err err;

	ck_assert_int_eq(qf_payload_get(&rec, &arena, &root, &err), 0);
	return root;
}

static const char *text_of(const struct qf_val *v)
{
	struct qf_buf out = { 0 };
	const char *ret;

	qf_val_write(v, &out);
	ret = qf_arena_dup(&arena, out.p, out.n).p;
	qf_buf_release(&out);
	return ret;
}

static const struct {
	const char *path, *json, *found; /* the values, with blanks between */
} finds[] = {
	{ "a", "{\"a\":1}", "1" },
	{ "a", "{\"b\":1}", "" },
	{ "a", "{}", "" },
	{ "a", "{\"a\":null}", "null" },
	{ "a", "{\"a\":1,\"a\":2}", "2" },
	{ "a.b", "{\"a\":{\"b\":1}}", "1" },
	{ "a.b", "{\"a\":5}", "" },
	{ "a.b", "{\"a\":[{\"b\":1},5,{},{\"b\":[2,3]}]}", "1 [2,3]" },
	{ "a[].b", "{\"a\":[{\"b\":1},[{\"b\":2}]]}", "1 2" },
	{ "a[].b", "{\"a\":{\"b\":1}}", "1" },
	{ "a", "{\"a\":[1,2]}", "[1,2]" },
	{ "a[]", "{\"a\":[1,[2,3],{}]}", "1 2 3 {}" },
	{ "a[]", "{\"a\":7}", "7" },
	{ "a[]", "{\"a\":[]}", "" },
	{ "a.b[]", "{\"a\":[{\"b\":[1]},{\"b\":2}]}", "1 2" },
	{ "\"a.b\".c", "{\"a.b\":{\"c\":1},\"a\":{\"b\":{\"c\":2}}}", "1" },
	{ "\"a[]\"", "{\"a[]\":1}", "1" },
	{ "\"@id\"", "{\"@id\":1}", "1" },
	{ "\xc3\xa4.\xe2\x82\xac", "{\"\\u00e4\":{\"\xe2\x82\xac\":1}}", "1" },
	{ "a b", "{\"a b\":1}", "1" },
};

START_TEST(finding)
{
	for (size_t i = 0; i < QF_LEN(finds); i++) {
		QF_AUTO_BUF struct qf_buf got = { 0 };
		struct qf_path p = path_of(finds[i].path);
		struct qf_val *root = tree_of(finds[i].json), **at = NULL, *first;
		size_t n = qf_path_all(&p, root, &arena, &at);

		for (size_t k = 0; k < n; k++) {
			qf_buf_puts(&got, k ? " " : "");
			qf_val_write(at[k], &got);
		}
		ck_assert_msg(!strcmp(qf_buf_cstr(&got), finds[i].found), "%s in %s: %s", finds[i].path, finds[i].json,
			      qf_buf_cstr(&got));
		first = qf_path_first(&p, root, &arena);
		ck_assert_msg(first == (n ? at[0] : NULL), "%s", finds[i].path);
		ck_assert(!root->changed);
	}
}
END_TEST

static const struct {
	const char *path, *json, *result; /* NULL: an error */
} sets[] = {
	{ "a", "{}", "{\"a\":0}" },
	{ "a", "{\"a\":[1],\"b\":1}", "{\"a\":0,\"b\":1}" },
	{ "a.b.c", "{}", "{\"a\":{\"b\":{\"c\":0}}}" },
	{ "a.b", "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1,\"b\":0}}" },
	{ "a.b", "{\"a\":null}", "{\"a\":{\"b\":0}}" },
	{ "a.b", "{\"a\":1}", NULL },
	{ "a.b", "{\"a\":\"x\"}", NULL },
	{ "a.b", "{\"a\":[]}", NULL },
	{ "a.b", "{\"a\":[1]}", NULL },
	{ "a.b", "{\"a\":[{},[{\"b\":1}],{\"b\":2}]}", "{\"a\":[{\"b\":0},[{\"b\":0}],{\"b\":0}]}" },
	{ "a[].b.c", "{\"a\":[{},{\"b\":{}}]}", "{\"a\":[{\"b\":{\"c\":0}},{\"b\":{\"c\":0}}]}" },
	{ "a[]", "{\"a\":[1,[2]]}", "{\"a\":[0,[0]]}" },
	{ "a[]", "{\"a\":1}", NULL },
	{ "a[]", "{\"b\":1}", "{\"b\":1}" },
	{ "\"a.b\"", "{}", "{\"a.b\":0}" },
};

START_TEST(setting)
{
	for (size_t i = 0; i < QF_LEN(sets); i++) {
		struct qf_path p = path_of(sets[i].path);
		struct qf_val *root = tree_of(sets[i].json);
		struct qf_err err = { 0 };
		int rc = qf_path_set(&p, root, qf_val_new_int(&arena, 0), &arena, &err);

		ck_assert_msg((rc < 0) == !sets[i].result, "%s in %s: %s", sets[i].path, sets[i].json, text_of(root));
		if (rc == 0)
			ck_assert_str_eq(text_of(root), sets[i].result);
		else
			ck_assert_int_eq(err.code, QF_E_DATA);
	}
}
END_TEST

START_TEST(removing)
{
	struct qf_path p = path_of("a[].b"), q = path_of("a[]"), r = path_of("x");
	struct qf_val *root = tree_of("{\"a\":[{\"b\":1},{\"b\":2,\"c\":3}],\"d\":1}");

	ck_assert_uint_eq(qf_path_remove(&r, root, &arena), 0);
	ck_assert(!root->changed);
	ck_assert_uint_eq(qf_path_remove(&p, root, &arena), 2);
	ck_assert_str_eq(text_of(root), "{\"a\":[{},{\"c\":3}],\"d\":1}");
	ck_assert_uint_eq(qf_path_remove(&q, root, &arena), 2);
	ck_assert_str_eq(text_of(root), "{\"a\":[],\"d\":1}");
}
END_TEST

START_TEST(not_paths)
{
	static const char *const bad[] = { "", ".", "a.", ".a", "a..b", "a[", "a[0]", "a]b[", "a[]b", "\"a", "\"\"",
					   "\"a\"b", "a\"b\"", "@", "@ID", "@id.x", "@tenants" };

	for (size_t i = 0; i < QF_LEN(bad); i++) {
		struct qf_path p;
		const char *why = NULL;
		int rc = qf_path_parse(&p, qf_str(bad[i]), true, &arena, &why);

		ck_assert_msg(rc < 0 && why, "'%s' was taken", bad[i]);
	}
}
END_TEST

static const char *value_of(const char *path, struct qf_record *rec)
{
	struct qf_path p = path_of(path);
	struct qf_val *v;
	struct qf_err err;

	ck_assert_int_eq(qf_path_value(&p, rec, &arena, &v, &err), 0);
	return v ? text_of(v) : "none";
}

START_TEST(fields)
{
	struct qf_record rec = { .type = QF_REC_POINT, .collection = QF_STR("A\"b"), .payload = QF_STR("{\"a\":{\"b\":1}}"),
				 .id = { .kind = QF_ID_NUM, .num = UINT64_MAX } };
	struct qf_path p;
	const char *why;

	ck_assert_str_eq(value_of("@id", &rec), "18446744073709551615");
	ck_assert_str_eq(value_of("@tenant", &rec), "none");
	ck_assert_str_eq(value_of("@collection", &rec), "\"A\\\"b\"");
	ck_assert_str_eq(value_of("a.b", &rec), "1");
	ck_assert_str_eq(value_of("a.c", &rec), "none");
	rec.tenant = QF_STR("");
	rec.id = qf_id_of_text(QF_STR("0B1C9F0E4D0A4B6E9A532F6F1F9F0001"));
	ck_assert_str_eq(value_of("@id", &rec), "\"0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9f0001\"");
	ck_assert_str_eq(value_of("@tenant", &rec), "\"\"");
	rec.id = qf_id_of_text(QF_STR("a/b"));
	ck_assert_str_eq(value_of("@id", &rec), "\"a/b\"");
	ck_assert_int_eq(qf_path_parse(&p, QF_STR("@id"), false, &arena, &why), -1);
}
END_TEST

/* The schema after an edit, as text. */
static const char *schema_of(struct qf_record *rec)
{
	struct qf_buf out = { 0 };
	const char *ret;

	qf_json_write(&out, qf_json_get(rec->doc, "payload"));
	ret = qf_arena_dup(&arena, out.p, out.n).p;
	qf_buf_release(&out);
	return ret;
}

static struct qf_record declared(const char *payload)
{
	struct qf_record rec = { .type = QF_REC_COLLECTION, .line = QF_STR("line") };
	char *line = qf_asprintf("{\"type\":\"collection\",\"name\":\"A\",\"payload\":%s}", payload);
	struct qf_err err;

	ck_assert_int_eq(qf_json_parse(&arena, line, strlen(line), "x", &rec.doc, &err), 0);
	free(line);
	return rec;
}

START_TEST(schema)
{
	struct qf_record rec = declared("{\"a[].b\":{\"type\":\"text\",\"tokenizer\":\"word\"},\"a.c\":{\"type\":\"integer\"},"
					"\"ab\":{\"type\":\"bool\"},\"x..y\":{\"type\":\"bool\"}}");
	struct qf_path ab = path_of("a.b"), a = path_of("a"), z = path_of("z.\"q.r\"");

	ck_assert_ptr_nonnull(qf_path_declared(&ab, rec.doc));
	ck_assert_ptr_null(qf_path_declared(&a, rec.doc));
	qf_path_declare(&ab, &rec, "text", true, &arena);
	ck_assert_ptr_nonnull(rec.line.p);
	qf_path_declare_copy(&a, &z, &rec, &arena);
	ck_assert_ptr_null(rec.line.p);
	qf_path_declare(&ab, &rec, "keyword", false, &arena);
	ck_assert_str_eq(schema_of(&rec),
			 "{\"a[].b\":{\"type\":\"keyword\",\"index\":false},\"a.c\":{\"type\":\"integer\"},"
			 "\"ab\":{\"type\":\"bool\"},\"x..y\":{\"type\":\"bool\"},"
			 "\"z.\\\"q.r\\\".b\":{\"type\":\"text\",\"tokenizer\":\"word\"},\"z.\\\"q.r\\\".c\":{\"type\":\"integer\"}}");
	qf_path_undeclare(&a, &rec, &arena);
	qf_path_declare(&a, &rec, "float", true, &arena);
	qf_path_undeclare(&z, &rec, &arena);
	ck_assert_str_eq(schema_of(&rec),
			 "{\"ab\":{\"type\":\"bool\"},\"x..y\":{\"type\":\"bool\"},\"a\":{\"type\":\"float\"}}");
	/* Copies onto what is there, and onto itself below. */
	rec = declared("{\"a\":{\"type\":\"float\"},\"b.x\":{\"type\":\"bool\"}}");
	z = path_of("b");
	qf_path_declare_copy(&a, &z, &rec, &arena);
	ck_assert_str_eq(schema_of(&rec), "{\"a\":{\"type\":\"float\"},\"b\":{\"type\":\"float\"}}");
}
END_TEST

UNIT_MAIN("path", 60, finding, setting, removing, not_paths, fields, schema)
