/* The VECTOR of a point line in all its forms, right and wrong. */
#include <math.h>

#include "common/data/number.h"
#include "common/data/record.h"
#include "common/data/stream.h"
#include "tests/unit/unit.h"

static struct qf_err err;
static struct qf_arena arena;
static struct qf_record rec;

static int decode(const char *text)
{
	rec = (struct qf_record){ .type = QF_REC_POINT, .collection = QF_STR("A"), .vector = qf_str(text) };
	return qf_record_vectors(&rec, &arena, &err);
}

/* What was decoded, in words: "name dense 2: 1 2;" */
static const char *shown(void)
{
	static struct qf_buf b;

	qf_buf_reset(&b);
	for (uint32_t i = 0; i < rec.n_vecs; i++) {
		const struct qf_vec *v = &rec.vecs[i];
		static const char *const kinds[] = { "dense", "multi", "sparse" };

		qf_buf_printf(&b, "%s'%.*s' %s %ux%u:", i ? " " : "", QF_STR_ARG(v->name), kinds[v->kind], v->rows,
			      v->dim);
		for (uint32_t k = 0; k < v->rows * v->dim; k++) {
			if (v->kind == QF_VEC_SPARSE)
				qf_buf_printf(&b, " %u=%g", v->indices[k], (double)v->values[k]);
			else
				qf_buf_printf(&b, " %g", (double)v->values[k]);
		}
	}
	return qf_buf_cstr(&b);
}

START_TEST(forms)
{
	static const char *const cases[][2] = {
		{ "[1,2.5,-3e2]", "'' dense 1x3: 1 2.5 -300" },
		{ " [ 1 , 2 ] ", "'' dense 1x2: 1 2" },
		{ "[]", "'' dense 1x0:" },
		{ "\"\"", "'' dense 1x0:" },
		{ "\"AAAAPwAAgL4AAIA/\"", "'' dense 1x3: 0.5 -0.25 1" },
		{ "\"AAAAPwAAgL4AAIA\\/\"", "'' dense 1x3: 0.5 -0.25 1" },
		{ "[[0.5,1],[0.25,0]]", "'' multi 2x2: 0.5 1 0.25 0" },
		{ "[\"AAAAPwAAgD8=\",\"AACAPgAAAAA=\"]", "'' multi 2x2: 0.5 1 0.25 0" },
		{ "[\"AAAAPwAAgD8=\",[0.25,0]]", "'' multi 2x2: 0.5 1 0.25 0" },
		{ "[[1]]", "'' multi 1x1: 1" },
		{ "[[],[]]", "'' multi 2x0:" },
		{ "{}", "" },
		{ "{\"\":[1]}", "'' dense 1x1: 1" },
		{ "{\"a\":[1],\"b\":\"AAAAPw==\",\"c\":[[1,2]]}", "'a' dense 1x1: 1 'b' dense 1x1: 0.5 'c' multi 1x2: 1 2" },
		{ "{\"s\":{\"indices\":[7,120],\"values\":[0.5,1.25]}}", "'s' sparse 1x2: 7=0.5 120=1.25" },
		{ "{\"s\":{\"values\":[0.5],\"indices\":[4294967295]}}", "'s' sparse 1x1: 4294967295=0.5" },
		{ "{\"s\":{\"indices\":[0],\"values\":\"AAAAPw==\"}}", "'s' sparse 1x1: 0=0.5" },
		{ "{\"s\":{\"indices\":[],\"values\":[]}}", "'s' sparse 1x0:" },
		{ "{\"\\u0061\\\"\":[1],\"a\":[2]}", "'a\"' dense 1x1: 1 'a' dense 1x1: 2" },
		{ "{\"a\":[1],\"b\":[2],\"c\":[3],\"d\":[4],\"e\":[5],\"f\":[6]}",
		  "'a' dense 1x1: 1 'b' dense 1x1: 2 'c' dense 1x1: 3 'd' dense 1x1: 4 'e' dense 1x1: 5 'f' dense 1x1: 6" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		ck_assert_msg(decode(cases[i][0]) == 0, "%s: %s", cases[i][0], err.msg);
		ck_assert_str_eq(shown(), cases[i][1]);
	}
	rec = (struct qf_record){ 0 };
	ck_assert_int_eq(qf_record_vectors(&rec, &arena, &err), 0);
	ck_assert_ptr_null(rec.vecs);
}
END_TEST

START_TEST(errors)
{
	static const char *const cases[][2] = {
		{ "[1,\"x\"]", "an array element is not a number" },
		{ "[null]", "an array element is not a number" }, { "[true]", "an array element is not a number" },
		{ "[{}]", "an array element is not a number" }, { "[1,[2]]", "an array element is not a number" },
		{ "[1e39]", "1e39 does not fit a float32" }, { "[-3.5e38]", "-3.5e38 does not fit a float32" },
		{ "[NaN]", "vector: " }, { "[Infinity]", "vector: " }, { "[1 2]", "an array is not closed" },
		{ "[1", "an array is not closed" }, { "[1,]", "vector: " }, { "[,1]", "vector: " },
		{ "5", "neither an array, base64 text nor an object" }, { "null", "neither an array" },
		{ "true", "neither an array" }, { "", "neither an array" },
		{ "\"AAA\"", "not base64" }, { "\"AAAA\"", "base64 text that is not a row of 4-byte floats" },
		{ "\"AAAAPwA=\"", "base64 text that is not a row" }, { "\"AAAAPx==\"", "not base64" },
		{ "\"AAAA PwA\"", "not base64" }, { "\"AAA\\u0000\"", "not base64" }, { "\"AAAAPw==", "not closed" },
		{ "\"AAAA-_==\"", "not base64" },
		{ "[[1,2],[3]]", "rows of different lengths (2 and 1)" },
		{ "[[1,2],\"AAAAPw==\"]", "rows of different lengths (2 and 1)" },
		{ "[[],[1]]", "rows of different lengths (0 and 1)" },
		{ "[[1],2]", "a row of a multi-vector is neither an array nor base64" },
		{ "[[1],[[2]]]", "an array element is not a number" }, { "[[1],null]", "a row of a multi-vector" },
		{ "[[1]", "an array is not closed" }, { "[\"AAAAPw==\",{}]", "a row of a multi-vector" },
		{ "{\"a\":5}", "'a': vector: neither an array" }, { "{\"a\":null}", "'a': vector: neither an array" },
		{ "{\"a\":[1],\"a\":[2]}", "a name stands twice" },
		{ "{\"a\":[1],\"\\u0061\":[2]}", "a name stands twice" }, { "{\"a\":[1]", "vector: " },
		{ "{\"a\"}", "vector: " }, { "{\"a\":{}}", "'a': vector: a sparse vector needs as many values" },
		{ "{\"s\":{\"indices\":[1]}}", "a sparse vector needs as many values as indices" },
		{ "{\"s\":{\"values\":[1]}}", "a sparse vector needs as many values as indices" },
		{ "{\"s\":{\"indices\":[1,2],\"values\":[1]}}", "a sparse vector needs as many values as indices" },
		{ "{\"s\":{\"indices\":[1],\"values\":[[1]]}}", "a sparse vector needs as many values as indices" },
		{ "{\"s\":{\"indices\":[-1],\"values\":[1]}}", "an index is not a whole number below 2^32" },
		{ "{\"s\":{\"indices\":[1.0],\"values\":[1]}}", "an index is not a whole number" },
		{ "{\"s\":{\"indices\":[\"1\"],\"values\":[1]}}", "an index is not a whole number" },
		{ "{\"s\":{\"indices\":[4294967296],\"values\":[1]}}", "an index is not a whole number below 2^32" },
		{ "{\"s\":{\"indices\":5,\"values\":[1]}}", "'indices' is not an array" },
		{ "{\"s\":{\"indices\":[1],\"values\":[1],\"more\":1}}", "holds more than indices and values" },
		{ "{\"s\":{\"indices\":[1],\"values\":[1],\"values\":[1]}}", "holds more than indices and values" },
		{ "{\"s\":{\"indices\":[9],\"indices\":[1],\"values\":[1]}}", "holds more than indices and values" },
		{ "{\"s\":{\"indices\":[1],\"values\":{\"indices\":[1],\"values\":[1]}}}", "a sparse vector needs" },
		/* Unnamed, a sparse vector is a map of two vectors. */
		{ "{\"indices\":[7],\"values\":{\"x\":1}}", "'values': vector: " },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		ck_assert_msg(decode(cases[i][0]) < 0, "taken: %s", cases[i][0]);
		ck_assert_int_eq(err.code, QF_E_DATA);
		ck_assert_msg(strstr(err.msg, cases[i][1]) != NULL, "%s: %s", cases[i][0], err.msg);
		ck_assert_uint_eq(rec.n_vecs, 0);
		ck_assert_ptr_null(rec.vecs);
	}
}
END_TEST

/* What JSON cannot carry comes through base64 bit by bit; so do -0.0 and subnormals. */
START_TEST(special_values)
{
	static const uint32_t bits[] = { 0x7fc00000, 0x7f800000, 0xff800000, 0x7f800001, 0x80000000, 1, 0x007fffff,
					 0xffffffff, 0x7f7fffff };
	QF_AUTO_BUF struct qf_buf line = { 0 };
	struct qf_vec v = { .name = QF_STR(""), .rows = 1, .dim = QF_LEN(bits), .values = (const float *)bits };
	struct qf_record out = { .type = QF_REC_POINT, .collection = QF_STR("A"), .vecs = &v, .n_vecs = 1,
				 .id = { .kind = QF_ID_NUM } };
	struct qf_record in;

	ck_assert_int_eq(qf_line_write(&out, QF_VECTORS_BASE64, &line, &err), 0);
	ck_assert_int_eq(qf_line_parse(qf_buf_str(&line), 64, &in, &arena, &err), 0);
	ck_assert_int_eq(qf_record_vectors(&in, &arena, &err), 0);
	ck_assert_uint_eq(in.vecs->dim, QF_LEN(bits));
	ck_assert_mem_eq(in.vecs->values, bits, sizeof(bits));
	qf_buf_reset(&line);
	ck_assert_int_lt(qf_line_write(&out, QF_VECTORS_JSON, &line, &err), 0);
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_has(err.msg, "component 0 is not finite");
	ck_assert_has(err.msg, "--vectors=base64");

	v.values += 4;
	v.dim = 3;
	qf_buf_reset(&line);
	ck_assert_int_eq(qf_line_write(&out, QF_VECTORS_JSON, &line, &err), 0);
	ck_assert_str_eq(qf_buf_cstr(&line),
			 "{\"type\":\"point\",\"collection\":\"A\",\"id\":0,\"vector\":[-0.0,1e-45,1.1754942e-38]}");
	ck_assert_int_eq(qf_line_parse(qf_buf_str(&line), 64, &in, &arena, &err), 0);
	ck_assert_int_eq(qf_record_vectors(&in, &arena, &err), 0);
	ck_assert_mem_eq(in.vecs->values, bits + 4, 12);
}
END_TEST

START_TEST(decoding_twice_changes_nothing)
{
	const struct qf_vec *first;

	ck_assert_int_eq(decode("[1,2]"), 0);
	first = rec.vecs;
	ck_assert_int_eq(qf_record_vectors(&rec, &arena, &err), 0);
	ck_assert_ptr_eq(rec.vecs, first);
}
END_TEST

/* 65536 components, as text and as base64, are the same floats. */
START_TEST(long_vectors)
{
	enum { N = 65536 };
	QF_AUTO_BUF struct qf_buf json = { 0 };
	static float values[N];
	uint64_t seed = 11;

	qf_buf_addc(&json, '[');
	for (int i = 0; i < N; i++) {
		values[i] = (float)((double)(int64_t)unit_random(&seed) * 0x1p-63);
		if (i)
			qf_buf_addc(&json, ',');
		qf_f32_write(&json, values[i]);
	}
	qf_buf_addc(&json, ']');
	ck_assert_int_eq(decode(qf_buf_cstr(&json)), 0);
	ck_assert_uint_eq(rec.vecs->dim, N);
	ck_assert_int_eq(memcmp(rec.vecs->values, values, sizeof(values)), 0);
}
END_TEST

UNIT_MAIN("vector", 20, forms, errors, special_values, decoding_twice_changes_nothing, long_vectors)
