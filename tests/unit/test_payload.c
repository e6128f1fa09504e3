/* Payloads as trees: what is not touched keeps its bytes. */
#include "common/data/number.h"
#include "tests/unit/unit.h"
#include "tools/transform/payload.h"

static struct qf_arena arena;

static struct qf_val *parse(struct qf_record *rec, const char *json)
{
	struct qf_val *root = NULL;
	struct qf_err err;

	*rec = (struct qf_record){ .type = QF_REC_POINT, .payload = qf_str(json), .line = QF_STR("line") };
	ck_assert_msg(qf_payload_get(rec, &arena, &root, &err) == 0, "%s: %s", json, err.msg);
	return root;
}

static const char *flushed(struct qf_record *rec)
{
	struct qf_err err;

	ck_assert_msg(qf_payload_flush(rec, &arena, &err) == 0, "%s", err.msg);
	return qf_arena_dup(&arena, rec->payload.p, rec->payload.n).p;
}

static struct qf_val *get(struct qf_val *v, const char *key)
{
	struct qf_val *m = qf_val_get(v, qf_str(key), &arena);

	ck_assert_msg(m != NULL, "no %s", key);
	return m;
}

/* Random JSON with random white space, in every form that a text can take. */
static void random_json(struct qf_buf *out, uint64_t *seed, int depth)
{
	static const char *const scalars[] = {
		"null", "true", "false", "0", "-0", "5.0", "1e5", "9007199254740993", "18446744073709551615",
		"-1.5E-300", "123456789012345678901234567890", "\"\"", "\"a\"", "\"\\u00e9\\/\"", "\"\xc3\xa4\"",
		"\"\\ud83d\\ude00\"", "\"\\u0000\\n\\\"\"", "\"}],{[:\"",
	};
	static const char *const keys[] = { "\"a\"", "\"b\"", "\"\\u0061\"", "\"\"", "\"a.b\"", "\"\xe2\x82\xac\"" };
	static const char *const spaces[] = { "", "", " ", "  ", "\t" };
#define SPACE() qf_buf_puts(out, spaces[unit_random(seed) % QF_LEN(spaces)])
	uint64_t kind = depth > 5 ? 2 : unit_random(seed) % 4;

	if (kind >= 2) {
		qf_buf_puts(out, scalars[unit_random(seed) % QF_LEN(scalars)]);
		return;
	}
	qf_buf_addc(out, kind ? '{' : '[');
	SPACE();
	for (uint64_t n = unit_random(seed) % 5, i = 0; i < n; i++) {
		if (i) {
			qf_buf_addc(out, ',');
			SPACE();
		}
		if (kind) {
			qf_buf_puts(out, keys[unit_random(seed) % QF_LEN(keys)]);
			SPACE();
			qf_buf_addc(out, ':');
			SPACE();
		}
		random_json(out, seed, depth + 1);
		SPACE();
	}
	qf_buf_addc(out, kind ? '}' : ']');
}

/* Looks at everything, deep. */
static size_t walk(struct qf_val *v)
{
	size_t n = 1;

	(void)qf_val_text(v, &arena);
	for (struct qf_val *c = qf_val_first(v, &arena); c; c = c->next) {
		ck_assert_ptr_eq(c->parent, v);
		n += walk(c);
	}
	return n;
}

/* Without white space, as it would be written anew from untouched scalars. */
static void compact(struct qf_val *v, struct qf_buf *out)
{
	if (v->type != QF_JSON_OBJECT && v->type != QF_JSON_ARRAY) {
		qf_buf_add_str(out, v->raw);
		return;
	}
	qf_buf_addc(out, v->type == QF_JSON_OBJECT ? '{' : '[');
	for (struct qf_val *c = qf_val_first(v, &arena); c; c = c->next) {
		if (c->prev)
			qf_buf_addc(out, ',');
		if (v->type == QF_JSON_OBJECT) {
			qf_buf_add_str(out, c->raw_key);
			qf_buf_addc(out, ':');
		}
		compact(c, out);
	}
	qf_buf_addc(out, v->type == QF_JSON_OBJECT ? '}' : ']');
}

static void touch_all(struct qf_val *v)
{
	v->changed = true;
	for (struct qf_val *c = qf_val_first(v, &arena); c; c = c->next)
		if (c->type == QF_JSON_OBJECT || c->type == QF_JSON_ARRAY)
			touch_all(c);
}

START_TEST(round_trip)
{
	uint64_t seed = 1;

	for (int i = 0; i < (UNIT_SLOW ? 100000 : 10000); i++) {
		QF_AUTO_BUF struct qf_buf json = { 0 }, want = { 0 }, again = { 0 };
		struct qf_record rec;
		struct qf_val *root, *copy;

		QF_BUF_LIT(&json, "{\"x\":");
		random_json(&json, &seed, 0);
		qf_buf_addc(&json, '}');
		root = parse(&rec, qf_buf_cstr(&json));
		walk(root);
		ck_assert_str_eq(flushed(&rec), json.p);
		ck_assert_ptr_nonnull(rec.line.p);

		root = parse(&rec, json.p);
		copy = qf_val_copy(root, &arena);
		ck_assert(qf_val_equal(root, copy, &arena));
		compact(root, &want);
		touch_all(root);
		copy = qf_val_copy(root, &arena);
		ck_assert_str_eq(flushed(&rec), qf_buf_cstr(&want));
		ck_assert_ptr_null(rec.line.p);
		qf_val_write(copy, &again);
		ck_assert_str_eq(qf_buf_cstr(&again), want.p);
		qf_arena_reset(&arena);
	}
}
END_TEST

START_TEST(one_change)
{
	struct qf_record rec;
	struct qf_val *root = parse(&rec, "{ \"a\" : 5.00 , \"o\": { \"x\" : [ 1 ] }, \"s\":\"\\u00e9\", \"a\":6 }");

	qf_val_set(get(root, "o"), QF_STR("y"), qf_val_new_bool(&arena, true), &arena);
	ck_assert_str_eq(flushed(&rec), "{\"a\":5.00,\"o\":{\"x\":[ 1 ],\"y\":true},\"s\":\"\\u00e9\",\"a\":6}");
	ck_assert_ptr_null(rec.line.p);
	ck_assert_ptr_null(rec.tree);
}
END_TEST

START_TEST(every_change)
{
	struct qf_record rec;
	struct qf_val *root = parse(&rec, "{\"a\":1,\"b\":[1,2,3],\"c\":{\"d\":null}}"), *b = get(root, "b"), *made;

	qf_val_remove(qf_val_first(b, &arena));
	qf_val_append(b, qf_val_new_string(&arena, QF_STR("x\"\n")), &arena);
	qf_val_insert_before(b->child, (struct qf_str){ 0 }, qf_val_new_double(&arena, 5));
	qf_val_rename(get(root, "a"), QF_STR("z\""));
	made = qf_val_new_object(&arena);
	qf_val_set(made, QF_STR("i"), qf_val_new_int(&arena, INT64_MIN), &arena);
	qf_val_set(made, QF_STR("u"), qf_val_new_uint(&arena, UINT64_MAX), &arena);
	qf_val_set(made, QF_STR("n"), qf_val_new_null(&arena), &arena);
	qf_val_set(made, QF_STR("l"), qf_val_new_array(&arena), &arena);
	qf_val_set(root, QF_STR("m"), made, &arena);
	qf_val_assign(get(get(root, "c"), "d"), qf_val_copy(b, &arena));
	qf_val_append(b, qf_val_new_int(&arena, 7), &arena);
	ck_assert_str_eq(flushed(&rec),
			 "{\"z\\\"\":1,\"b\":[5.0,2,3,\"x\\\"\\n\",7],\"c\":{\"d\":[5.0,2,3,\"x\\\"\\n\"]},"
			 "\"m\":{\"i\":-9223372036854775808,\"u\":18446744073709551615,\"n\":null,\"l\":[]}}");
	/* Again, on what was written. */
	root = parse(&rec, flushed(&rec));
	while (root->child)
		qf_val_remove(root->last);
	ck_assert_str_eq(flushed(&rec), "{}");
}
END_TEST

START_TEST(no_payload)
{
	struct qf_record rec = { .type = QF_REC_POINT, .line = QF_STR("line") };
	struct qf_val *root;
	struct qf_err err;

	ck_assert_int_eq(qf_payload_get(&rec, &arena, &root, &err), 0);
	ck_assert_ptr_null(qf_val_first(root, &arena));
	ck_assert_int_eq(qf_payload_flush(&rec, &arena, &err), 0);
	ck_assert_ptr_null(rec.payload.p);
	ck_assert_ptr_nonnull(rec.line.p);
	rec.payload = QF_STR("null");
	ck_assert_int_eq(qf_payload_get(&rec, &arena, &root, &err), 0);
	ck_assert_str_eq(flushed(&rec), "null");
	ck_assert_int_eq(qf_payload_get(&rec, &arena, &root, &err), 0);
	qf_val_set(root, QF_STR("a"), qf_val_new_int(&arena, 1), &arena);
	ck_assert_str_eq(flushed(&rec), "{\"a\":1}");
}
END_TEST

START_TEST(refused)
{
	static const char *const bad[] = { "[]", "5", "{", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1 \"b\":2}",
					   "{\"a\":\"\\ud800\"}", "{\"a\":[1}", "{\"a\":01}", "{\"\xff\":1}" };

	for (size_t i = 0; i < QF_LEN(bad); i++) {
		struct qf_record rec = { .type = QF_REC_POINT, .payload = qf_str(bad[i]) };
		struct qf_val *root;
		struct qf_err err = { 0 };

		ck_assert_msg(qf_payload_get(&rec, &arena, &root, &err) == -1, "%s", bad[i]);
		ck_assert_int_eq(err.code, QF_E_DATA);
		ck_assert_ptr_null(rec.tree);
	}
}
END_TEST

/* A step that nests must not write what no reader takes. */
START_TEST(too_deep)
{
	struct qf_record rec;
	struct qf_err err = { 0 };
	struct qf_val *root = parse(&rec, "{\"a\":1}"), *inner = qf_val_new_int(&arena, 1);

	for (int i = 0; i < 62; i++) {
		struct qf_val *list = qf_val_new_array(&arena);

		qf_val_append(list, inner, &arena);
		inner = list;
	}
	qf_val_set(root, QF_STR("a"), qf_val_copy(inner, &arena), &arena);
	flushed(&rec);
	root = parse(&rec, rec.payload.p);
	qf_val_set(root, QF_STR("b"), qf_val_new_array(&arena), &arena);
	qf_val_append(get(root, "b"), qf_val_copy(get(root, "a"), &arena), &arena);
	ck_assert_int_eq(qf_payload_flush(&rec, &arena, &err), -1);
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_has(err.msg, "deeper than 63");
}
END_TEST

START_TEST(texts)
{
	struct qf_record rec;
	struct qf_val *root = parse(&rec, "{\"\\u0061\":\"\\u00e9\\ud83d\\ude00\\/\\u0000\",\"n\":5.00,\"t\":true,\"e\":\"\"}");
	struct qf_str text = qf_val_text(get(root, "a"), &arena);

	ck_assert(qf_str_eq(text, (struct qf_str){ "\xc3\xa9\xf0\x9f\x98\x80/\0", 8 }));
	ck_assert(qf_str_is(qf_val_text(get(root, "n"), &arena), "5.00"));
	ck_assert_ptr_null(qf_val_text(get(root, "t"), &arena).p);
	ck_assert_ptr_nonnull(qf_val_text(get(root, "e"), &arena).p);
	ck_assert_uint_eq(qf_val_count(root, &arena), 4);
	ck_assert_str_eq(qf_val_type_name(root), "object");
	ck_assert(!qf_val_get(get(root, "n"), QF_STR("x"), &arena));
}
END_TEST

START_TEST(shown)
{
	char want[70];
	struct qf_val *v;
	const char *why;

	v = qf_val_new_string(&arena, QF_STR("a\n\"b\""));
	ck_assert_str_eq(qf_val_show(v, &arena), "\"a\\n\\\"b\\\"\"");
	ck_assert_str_eq(qf_text_show(QF_STR("a\n"), &arena), "a\\n");
	v = qf_val_of_json(QF_STR("[1,2, {\"a\":null}]"), &arena, &why);
	ck_assert_str_eq(qf_val_show(v, &arena), "[1,2, {\"a\":null}]");
	memset(want, 'x', sizeof(want));
	ck_assert_str_eq(qf_text_show((struct qf_str){ want, 60 }, &arena),
			 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	ck_assert_str_eq(qf_text_show((struct qf_str){ want, 61 }, &arena),
			 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...");
	ck_assert_ptr_null(qf_val_of_json(QF_STR("1 2"), &arena, &why));
	ck_assert_ptr_null(qf_val_of_json(QF_STR(""), &arena, &why));
	ck_assert_ptr_nonnull(qf_val_of_json(QF_STR(" 1 "), &arena, &why));
}
END_TEST

static const struct {
	const char *text;
	int is_int, is_uint, integer; /* 0: that works, as in C */
	int64_t i;
	uint64_t u;
} ints[] = {
	{ "0", 0, 0, 1, 0, 0 },
	{ "-0", 0, 0, 1, 0, 0 },
	{ "5.0", 0, 0, 0, 5, 5 },
	{ "50e-1", 0, 0, 0, 5, 5 },
	{ "0.5e1", 0, 0, 0, 5, 5 },
	{ "1e18", 0, 0, 0, 1000000000000000000, 1000000000000000000u },
	{ "0e999999999999999999999", 0, 0, 0, 0, 0 },
	{ "0.000", 0, 0, 0, 0, 0 },
	{ "9007199254740993", 0, 0, 1, 9007199254740993, 9007199254740993u },
	{ "9223372036854775807", 0, 0, 1, INT64_MAX, INT64_MAX },
	{ "9223372036854775808", -1, 0, 1, 0, 9223372036854775808u },
	{ "-9223372036854775808", 0, -1, 1, INT64_MIN, 0 },
	{ "-9223372036854775809", -1, -1, 1, 0, 0 },
	{ "18446744073709551615", -1, 0, 1, 0, UINT64_MAX },
	{ "18446744073709551616", -1, -1, 1, 0, 0 },
	{ "100000000000000000000", -1, -1, 1, 0, 0 },
	{ "5.5", -1, -1, 0, 0, 0 },
	{ "5.0000000000000000000000001", -1, -1, 0, 0, 0 },
	{ "5e-1", -1, -1, 0, 0, 0 },
	{ "1e-999999999999999999999", -1, -1, 0, 0, 0 },
	{ "1e999999999999999999999", -1, -1, 0, 0, 0 },
};

START_TEST(integers)
{
	for (size_t k = 0; k < QF_LEN(ints); k++) {
		struct qf_val *v = qf_val_new_number(&arena, qf_str(ints[k].text));
		int64_t i = 0;
		uint64_t u = 0;

		ck_assert_msg(qf_val_int(v, &i) == ints[k].is_int, "%s", ints[k].text);
		ck_assert_msg(i == ints[k].i, "%s is %lld", ints[k].text, (long long)i);
		ck_assert_msg(qf_val_uint(v, &u) == ints[k].is_uint, "%s", ints[k].text);
		ck_assert_msg(u == ints[k].u, "%s is %llu", ints[k].text, (unsigned long long)u);
		ck_assert_msg(qf_val_is_integer(v) == ints[k].integer, "%s", ints[k].text);
	}
}
END_TEST

/* In rising order; '=' before those that equal the one before. */
static const char *const ordered[] = {
	"-1e400", "-1e399", "-18446744073709551616", "-18446744073709551615", "-10", "=-1e1", "=-10.000", "-9.99",
	"-1", "-0.5", "=-5e-1", "-1e-400", "0", "=-0", "=0.0", "=0e5", "1e-400", "1e-399", "0.1", "=1e-1", "=0.10",
	"0.1000000000000000055511151231257827", "1", "=1.0", "=10e-1", "5", "9.99", "10", "9007199254740992",
	"9007199254740993", "=9007199254740993.0", "=9.007199254740993e15", "9007199254740993.5",
	"18446744073709551615", "18446744073709551616", "1e30", "1e400",
};

START_TEST(order_of_numbers)
{
	int rank[QF_LEN(ordered)], n = 0, order;

	for (size_t i = 0; i < QF_LEN(ordered); i++)
		rank[i] = *ordered[i] == '=' ? n : ++n;
	for (size_t i = 0; i < QF_LEN(ordered); i++)
		for (size_t j = 0; j < QF_LEN(ordered); j++) {
			const char *x = ordered[i] + (*ordered[i] == '='), *y = ordered[j] + (*ordered[j] == '=');

			ck_assert_int_eq(qf_val_order(qf_val_new_number(&arena, qf_str(x)),
						      qf_val_new_number(&arena, qf_str(y)), &arena, &order), 0);
			ck_assert_msg((order > 0) - (order < 0) == (rank[i] > rank[j]) - (rank[i] < rank[j]),
				      "%s and %s: %d", x, y, order);
		}
}
END_TEST

START_TEST(equality)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
		{ "{\"a\":1,\"b\":2}", "{ \"b\":2.0, \"a\":1 }", true },
		{ "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
		{ "[1,2]", "[2,1]", false },
		{ "[1,[null,true]]", "[1.0,[null,true]]", true },
		{ "\"\\u0061\"", "\"a\"", true },
		{ "\"1\"", "1", false },
		{ "null", "false", false },
		{ "9007199254740993", "9007199254740992", false },
		{ "[]", "{}", false },
	};
	const char *why;

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_val *a = qf_val_of_json(qf_str(cases[i].a), &arena, &why);
		struct qf_val *b = qf_val_of_json(qf_str(cases[i].b), &arena, &why);

		ck_assert_msg(qf_val_equal(a, b, &arena) == cases[i].equal, "%s %s", cases[i].a, cases[i].b);
		ck_assert(qf_val_equal(b, a, &arena) == cases[i].equal);
	}
}
END_TEST

UNIT_MAIN("payload", 300, round_trip, one_change, every_change, no_payload, refused, too_deep, texts, shown, integers,
	  order_of_numbers, equality)
