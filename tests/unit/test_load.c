/* The sink `qdrant`: what a point becomes on the wire, and which points are refused. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "common/data/stream.h"
#include "qdrant.pb-c.h"
#include "tools/load/qdrant_encode.h"

static struct qf_arena arena;

static struct qf_json *parse(const char *text)
{
	struct qf_json *doc;
	struct qf_err err;

	ck_assert_int_eq(qf_json_parse(&arena, text, strlen(text), "test", &doc, &err), 0);
	return doc;
}

/* ---- one point ---- */

/* A collection with vectors "" (4), "m" (multi, 2) and "s" (sparse). */
static const struct qf_vector_rule rules_list[] = {
	{ { "", 0 }, QF_VEC_DENSE, 4 },
	{ { "m", 1 }, QF_VEC_MULTI, 2 },
	{ { "s", 1 }, QF_VEC_SPARSE, 0 },
};
static const struct qf_point_rules rules = { rules_list, QF_LEN(rules_list), NULL };

/* Encodes the point `"id":ID REST` as an upsert of one; NULL with err where it is refused. */
static Qdrant__UpsertPoints *encode(const struct qf_point_rules *r, const char *id,
				    const char *rest, struct qf_err *err)
{
	struct qf_point_encoder e = { 0 };
	struct qf_str line = qf_arena_printf(
		&arena, "{\"type\":\"point\",\"collection\":\"A\",\"id\":%s%s}", id, rest);
	Qdrant__UpsertPoints *ret = NULL;
	struct qf_buf out = { 0 };
	struct qf_record rec;
	int rc;

	ck_assert_msg(qf_line_parse(line, 0, &rec, &arena, err) == 0, "%s: %s", line.p, err->msg);
	rc = qf_point_encode(&e, r, &rec, &arena, &out, err);
	if (rc == 0) {
		ret = qdrant__upsert_points__unpack(NULL, out.n, (const uint8_t *)out.p);
		ck_assert_msg(ret && ret->n_points == 1, "%s: not a point on the wire", line.p);
	} else {
		ck_assert_uint_eq(out.n, 0);
	}
	qf_buf_release(&out);
	qf_point_encoder_release(&e);
	return ret;
}

/* A protobuf value as JSON again; doubles keep a point, so that the kinds can be told apart. */
static void show(struct qf_buf *out, const Qdrant__Value *v)
{
	switch (v->kind_case) {
	case QDRANT__VALUE__KIND_NULL_VALUE:
		qf_buf_puts(out, "null");
		break;
	case QDRANT__VALUE__KIND_BOOL_VALUE:
		qf_buf_puts(out, v->bool_value ? "true" : "false");
		break;
	case QDRANT__VALUE__KIND_INTEGER_VALUE:
		qf_buf_add_i64(out, v->integer_value);
		break;
	case QDRANT__VALUE__KIND_DOUBLE_VALUE:
		qf_buf_printf(out, "%#.17g", v->double_value);
		break;
	case QDRANT__VALUE__KIND_STRING_VALUE:
		qf_json_write_string(out, qf_str(v->string_value));
		break;
	case QDRANT__VALUE__KIND_LIST_VALUE:
		qf_buf_addc(out, '[');
		for (size_t i = 0; i < v->list_value->n_values; i++) {
			qf_buf_puts(out, i ? "," : "");
			show(out, v->list_value->values[i]);
		}
		qf_buf_addc(out, ']');
		break;
	case QDRANT__VALUE__KIND_STRUCT_VALUE:
		qf_buf_addc(out, '{');
		for (size_t i = 0; i < v->struct_value->n_fields; i++) {
			qf_buf_puts(out, i ? "," : "");
			qf_json_write_string(out, qf_str(v->struct_value->fields[i]->key));
			qf_buf_addc(out, ':');
			show(out, v->struct_value->fields[i]->value);
		}
		qf_buf_addc(out, '}');
		break;
	default:
		ck_abort_msg("a value without a kind");
	}
}

static const char *show_payload(const Qdrant__PointStruct *p)
{
	struct qf_buf out = { 0 };
	const char *ret;

	for (size_t i = 0; i < p->n_payload; i++) {
		qf_buf_puts(&out, i ? "," : "");
		qf_json_write_string(&out, qf_str(p->payload[i]->key));
		qf_buf_addc(&out, ':');
		show(&out, p->payload[i]->value);
	}
	ret = qf_arena_dup(&arena, out.p, out.n).p;
	qf_buf_release(&out);
	return ret ? ret : "";
}

/* clang-format off */
static const struct {
	const char *json, *wire; /* NULL: the same */
} payloads[] = {
	{ "\"a\":1", NULL },
	{ "\"a\":-9223372036854775808,\"b\":9223372036854775807", NULL },
	{ "\"a\":1.5", "\"a\":1.5000000000000000" },
	{ "\"a\":5.0,\"b\":5e0", "\"a\":5.0000000000000000,\"b\":5.0000000000000000" },
	{ "\"a\":null,\"b\":true,\"c\":false,\"d\":\"\"", NULL },
	{ "\"a\":[],\"b\":{},\"c\":[[],{}]", NULL },
	{ "\"a\":{\"b\":[1,{\"c\":[null]}],\"d\":2},\"e\":3", NULL },
	{ "\"\":1", NULL },
	{ "\"\\u00e9\\n\":\"\\ud83d\\ude00\"", "\"\xc3\xa9\\n\":\"\xf0\x9f\x98\x80\"" },
	/* Both go out, and a protobuf map keeps the last. */
	{ "\"a\":1,\"a\":2", NULL },
	/* What the schema below calls float is one, whatever its text. */
	{ "\"f\":5,\"o\":{\"f\":6,\"g\":6}", "\"f\":5.0000000000000000,\"o\":{\"f\":6.0000000000000000,\"g\":6}" },
	{ "\"l\":[{\"f\":7,\"g\":7}],\"fs\":[8,9.5]",
	  "\"l\":[{\"f\":7.0000000000000000,\"g\":7}],\"fs\":[8.0000000000000000,9.5000000000000000]" },
	{ "\"f\":12345678901234567890", "\"f\":1.2345678901234567e+19" },
};
/* clang-format on */

START_TEST(payload)
{
	static const char doc[] =
		"{\"payload\":{\"f\":{\"type\":\"float\"},\"o.f\":{\"type\":\"float\",\"index\":false},"
		"\"l[].f\":{\"type\":\"float\"},\"fs\":{\"type\":\"float\"},\"g\":{\"type\":\"integer\"}}}";
	const char *json = payloads[_i].json, *wire = payloads[_i].wire ? payloads[_i].wire : json;
	struct qf_point_rules r = rules;
	Qdrant__UpsertPoints *m;
	struct qf_err err;

	r.floats = qf_float_paths(parse(doc), &arena);
	ck_assert_ptr_nonnull(r.floats);
	m = encode(&r, "1", qf_arena_printf(&arena, ",\"payload\":{%s}", json).p, &err);
	ck_assert_msg(m != NULL, "%s: %s", json, err.msg);
	ck_assert_str_eq(show_payload(m->points[0]), wire);
	qdrant__upsert_points__free_unpacked(m, NULL);
}
END_TEST

/* Lengths that take two and three bytes, at every depth: the bytes behind them move. */
START_TEST(long_nested_payload)
{
	for (size_t n = 100; n < 70000; n = n * 5 / 4) {
		struct qf_buf text = { 0 };
		Qdrant__UpsertPoints *m;
		struct qf_err err;

		qf_buf_puts(&text, "\"a\":{\"b\":[{\"c\":[\"");
		for (size_t i = 0; i < n; i++)
			qf_buf_addc(&text, (char)('a' + i % 26));
		qf_buf_puts(&text, "\",1],\"d\":2},3],\"e\":{\"f\":4}},\"g\":5");
		m = encode(&rules, "1",
			   qf_arena_printf(&arena, ",\"payload\":{%s}", qf_buf_cstr(&text)).p,
			   &err);
		ck_assert_ptr_nonnull(m);
		ck_assert_str_eq(show_payload(m->points[0]), qf_buf_cstr(&text));
		qdrant__upsert_points__free_unpacked(m, NULL);
		qf_buf_release(&text);
	}
}
END_TEST

START_TEST(ids)
{
	struct qf_err err;
	Qdrant__UpsertPoints *m = encode(&rules, "0", "", &err);

	ck_assert_uint_eq(m->points[0]->id->point_id_options_case,
			  QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM);
	ck_assert_uint_eq(m->points[0]->id->num, 0);
	qdrant__upsert_points__free_unpacked(m, NULL);
	m = encode(&rules, "18446744073709551615", "", &err);
	ck_assert_uint_eq(m->points[0]->id->num, UINT64_MAX);
	qdrant__upsert_points__free_unpacked(m, NULL);
	m = encode(&rules, "\"5C56C793-69F3-4FBF-87E6-C4BF54C28C26\"", "", &err);
	ck_assert_str_eq(m->points[0]->id->uuid, "5c56c793-69f3-4fbf-87e6-c4bf54c28c26");
	qdrant__upsert_points__free_unpacked(m, NULL);
}
END_TEST

static void check_floats(const ProtobufCBinaryData *data, const float *want, size_t n)
{
	ck_assert_uint_eq(data->len, 4 * n);
	ck_assert_mem_eq(data->data, want, 4 * n);
}

START_TEST(vectors)
{
	static const float dense[] = { 1, -0.0f, 1e-40f, 3.5f }, multi[] = { 1, 2, 3, 4, 5, 6 },
			   sparse[] = { 7, 8 };
	struct qf_err err;
	Qdrant__NamedVectors *named;
	Qdrant__UpsertPoints *m;

	/* Base64 and numbers give the same bytes. */
	for (int text = 0; text < 2; text++) {
		m = encode(&rules, "1",
			   text ? ",\"vector\":[1,-0.0,1e-40,3.5]"
				: ",\"vector\":\"AACAPwAAAIDCFgEAAABgQA==\"",
			   &err);
		ck_assert_msg(m != NULL, "%s", err.msg);
		ck_assert_uint_eq(m->points[0]->vectors->vectors_options_case,
				  QDRANT__VECTORS__VECTORS_OPTIONS_VECTOR);
		check_floats(&m->points[0]->vectors->vector->data, dense, 4);
		ck_assert(!m->points[0]->vectors->vector->has_vectors_count);
		qdrant__upsert_points__free_unpacked(m, NULL);
	}
	m = encode(
		&rules, "1",
		",\"vector\":{\"m\":[[1,2],\"AABAQAAAgEA=\",[5,6]],"
		"\"s\":{\"indices\":[300,5],\"values\":[7,8]},\"\":\"AACAPwAAAIDCFgEAAABgQA==\"}",
		&err);
	ck_assert_msg(m != NULL, "%s", err.msg);
	named = m->points[0]->vectors->vectors;
	ck_assert_uint_eq(named->n_vectors, 3);
	ck_assert_str_eq(named->vectors[0]->key, "m");
	ck_assert_uint_eq(named->vectors[0]->value->vectors_count, 3);
	check_floats(&named->vectors[0]->value->data, multi, 6);
	ck_assert_str_eq(named->vectors[1]->key, "s");
	check_floats(&named->vectors[1]->value->data, sparse, 2);
	ck_assert_uint_eq(named->vectors[1]->value->indices->n_data, 2);
	ck_assert_uint_eq(named->vectors[1]->value->indices->data[0], 300);
	check_floats(&named->vectors[2]->value->data, dense, 4);
	qdrant__upsert_points__free_unpacked(m, NULL);
	/* No vector: an empty map, for a point without the member is refused. */
	m = encode(&rules, "1", "", &err);
	ck_assert_uint_eq(m->points[0]->vectors->vectors_options_case,
			  QDRANT__VECTORS__VECTORS_OPTIONS_VECTORS);
	ck_assert_uint_eq(m->points[0]->vectors->vectors->n_vectors, 0);
	qdrant__upsert_points__free_unpacked(m, NULL);
}
END_TEST

/* clang-format off */
static const struct {
	const char *id, *rest, *reason;
} refused[] = {
	{ "\"key\"", "", "--step 'id uuid5'" },
	{ "1", ",\"vector\":[1,2,3]", "3 components, the collection takes 4" },
	{ "1", ",\"vector\":\"AACAPwAAAEAAAEBAAACAQAAAoEA=\"", "5 components, the collection takes 4" },
	{ "1", ",\"vector\":[]", "is empty" },
	{ "1", ",\"vector\":\"\"", "is empty" },
	{ "1", ",\"vector\":[1,2,3,1e39]", "does not fit a float32" },
	{ "1", ",\"vector\":\"AACAPwAAAEAAAMB/AACAQA==\"", "component 2 is not a number (NaN)" },
	{ "1", ",\"vector\":\"AACAPwAAAEAAAEBAAACA/w==\"", "component 3 is infinite" },
	{ "1", ",\"vector\":\"AACAPwAAAEAAAMB\"", "not base64" },
	{ "1", ",\"vector\":\"AACAPwAAAEAAAEBAAACA*w==\"", "not base64" },
	{ "1", ",\"vector\":{\"x\":[1]}", "no place for vector 'x'; it has the unnamed vector, vector 'm', vector 's'" },
	{ "1", ",\"vector\":{\"m\":[1,2]}", "takes a multivector, the point has a dense vector" },
	{ "1", ",\"vector\":{\"\":[[1,2,3,4]]}", "takes a dense vector, the point has a multivector" },
	{ "1", ",\"vector\":{\"m\":[[1,2],[3]]}", "rows of different lengths" },
	{ "1", ",\"vector\":{\"m\":[[1,2,3]]}", "3 components, the collection takes 2" },
	{ "1", ",\"vector\":{\"m\":[[]]}", "is empty" },
	{ "1", ",\"vector\":{\"s\":{\"indices\":[4,2,4],\"values\":[1,2,3]}}", "index 4 stands twice" },
	{ "1", ",\"vector\":{\"s\":{\"indices\":[4,2],\"values\":[1]}}", "as many values as indices" },
	{ "1", ",\"payload\":{\"n\":9223372036854775808}", "payload 'n': 9223372036854775808 is beyond" },
	{ "1", ",\"payload\":{\"n\":[-9223372036854775809]}", "is beyond the 64-bit integers" },
	{ "1", ",\"payload\":{\"n\":1e999}", "does not fit a 64-bit float" },
};
/* clang-format on */

START_TEST(screening)
{
	struct qf_err err = { 0 };

	ck_assert_ptr_null(encode(&rules, refused[_i].id, refused[_i].rest, &err));
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_msg(strstr(err.msg, refused[_i].reason) != NULL, "%s: %s", refused[_i].rest,
		      err.msg);
}
END_TEST

/* NaN is found at every place of a vector, also where it is not looked at eight by eight. */
START_TEST(every_component_is_screened)
{
	const struct qf_vector_rule rule = { QF_STR(""), QF_VEC_DENSE, 21 };
	const struct qf_point_rules r = { &rule, 1, NULL };
	struct qf_point_encoder e = { 0 };
	struct qf_buf out = { 0 };
	struct qf_err err;
	float values[21];

	for (uint32_t bad = 0; bad <= 21; bad++) {
		struct qf_vec vec = { .name = QF_STR(""), .rows = 1, .dim = 21, .values = values };
		struct qf_record rec = {
			.type = QF_REC_POINT, .id = { .kind = QF_ID_NUM }, .vecs = &vec, .n_vecs = 1
		};

		for (uint32_t i = 0; i < 21; i++)
			values[i] = i == bad ? NAN : 3.4e38f;
		ck_assert_int_eq(qf_point_encode(&e, &r, &rec, &arena, &out, &err),
				 bad == 21 ? 0 : -1);
	}
	qf_buf_release(&out);
	qf_point_encoder_release(&e);
}
END_TEST

START_TEST(json_body)
{
	static const char line[] =
		"{\"type\":\"point\",\"collection\":\"A\",\"id\":7,\"vector\":\"AACAPwAAAEAAAEBAAACAQA==\","
		"\"payload\":{\"f\":5, \"o\":{\"f\":-6},\"i\":1}}";
	struct qf_point_rules r = rules;
	struct qf_point_encoder e = { 0 };
	struct qf_buf out = { 0 };
	struct qf_record rec;
	struct qf_err err;

	r.floats = qf_float_paths(
		parse("{\"payload\":{\"f\":{\"type\":\"float\"},\"o.f\":{\"type\":\"float\"}}}"),
		&arena);
	ck_assert_int_eq(qf_line_parse(qf_str(line), 0, &rec, &arena, &err), 0);
	ck_assert_int_eq(qf_point_encode_json(&e, &r, &rec, &arena, &out, &err), 0);
	ck_assert_str_eq(qf_buf_cstr(&out), "{\"id\":7,\"vector\":[1.0,2.0,3.0,4.0],"
					    "\"payload\":{\"f\":5.0, \"o\":{\"f\":-6.0},\"i\":1}}");
	qf_buf_release(&out);
	qf_point_encoder_release(&e);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("load");
	TCase *t = tcase_create("load");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(t, payload, 0, (int)QF_LEN(payloads));
	tcase_add_test(t, long_nested_payload);
	tcase_add_test(t, ids);
	tcase_add_test(t, vectors);
	tcase_add_loop_test(t, screening, 0, (int)QF_LEN(refused));
	tcase_add_test(t, every_component_is_screened);
	tcase_add_test(t, json_body);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	qf_arena_release(&arena);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
