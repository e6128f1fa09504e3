/*
 * The Weaviate source below its network: one object with every property type, as gRPC sends it (map
 * in two orders, old and new list shapes) and as REST does, must give one and the same line.
 */
#include <check.h>
#include <stdlib.h>

#include "common/data/stream.h"
#include "common/net/pb.h"
#include "tools/extract/wv_page.h"
#include "weaviate.pb-c.h"

static const char schema_text[] =
	"{\"class\":\"Thing\",\"vectorConfig\":{"
	"\"title\":{\"vectorIndexType\":\"hnsw\",\"vectorIndexConfig\":{\"distance\":\"cosine\"}},"
	"\"rows\":{\"vectorIndexType\":\"flat\",\"vectorIndexConfig\":{\"distance\":\"dot\","
	"\"multivector\":{\"enabled\":true}}}},"
	"\"properties\":["
	"{\"name\":\"text\",\"dataType\":[\"text\"],\"tokenization\":\"word\"},"
	"{\"name\":\"texts\",\"dataType\":[\"text[]\"],\"tokenization\":\"field\"},"
	"{\"name\":\"whole\",\"dataType\":[\"int\"]},"
	"{\"name\":\"wholes\",\"dataType\":[\"int[]\"]},"
	"{\"name\":\"real\",\"dataType\":[\"number\"]},"
	"{\"name\":\"reals\",\"dataType\":[\"number[]\"]},"
	"{\"name\":\"yes\",\"dataType\":[\"boolean\"]},"
	"{\"name\":\"yeses\",\"dataType\":[\"boolean[]\"]},"
	"{\"name\":\"day\",\"dataType\":[\"date\"]},"
	"{\"name\":\"key\",\"dataType\":[\"uuid\"]},"
	"{\"name\":\"keys\",\"dataType\":[\"uuid[]\"]},"
	"{\"name\":\"place\",\"dataType\":[\"geoCoordinates\"]},"
	"{\"name\":\"phone\",\"dataType\":[\"phoneNumber\"]},"
	"{\"name\":\"raw\",\"dataType\":[\"blob\"]},"
	"{\"name\":\"nest\",\"dataType\":[\"object\"],\"nestedProperties\":["
	"{\"name\":\"b\",\"dataType\":[\"text\"]},{\"name\":\"a\",\"dataType\":[\"number\"]}]},"
	"{\"name\":\"nests\",\"dataType\":[\"object[]\"],\"nestedProperties\":["
	"{\"name\":\"n\",\"dataType\":[\"int\"]}]},"
	"{\"name\":\"none\",\"dataType\":[\"text\"]},"
	"{\"name\":\"empty\",\"dataType\":[\"text[]\"]},"
	"{\"name\":\"by\",\"dataType\":[\"Author\",\"Book\"]}"
	"]}";

static const char id[] = "00000000-0000-0000-0000-00000000002a";

static const char rest_text[] =
	"{\"objects\":[{\"class\":\"Thing\",\"id\":\"00000000-0000-0000-0000-00000000002a\","
	"\"creationTimeUnix\":1700000000123,\"lastUpdateTimeUnix\":1700000000456,\"properties\":{"
	"\"by\":[{\"beacon\":\"weaviate://localhost/Book/11111111-1111-1111-1111-111111111111\"},"
	"{\"beacon\":\"weaviate://localhost/Author/22222222-2222-2222-2222-222222222222\"}],"
	"\"day\":\"2024-02-29T12:34:56.789+05:30\",\"empty\":[],\"key\":\"33333333-3333-3333-3333-333333333333\","
	"\"keys\":[\"33333333-3333-3333-3333-333333333333\"],\"nest\":{\"a\":5,\"b\":\"x\"},"
	"\"nests\":[{\"n\":1},{}],\"phone\":{\"countryCode\":31,\"defaultCountry\":\"NL\",\"input\":\"020 1234567\","
	"\"internationalFormatted\":\"+31 20 123 4567\",\"national\":201234567,\"nationalFormatted\":\"020 123 4567\","
	"\"valid\":true},\"place\":{\"latitude\":52.37,\"longitude\":-0.1},\"raw\":\"AAEC\",\"real\":5,"
	"\"reals\":[0.1,-0,1e+21],\"text\":\"q\\\"\\u0001\\n\xc3\xa9\",\"texts\":[\"a\",\"\"],"
	"\"whole\":9007199254740992,\"wholes\":[1,-2],\"yes\":false,\"yeses\":[true,false]},"
	"\"vectors\":{\"rows\":[[1,2],[3,0.5]],\"title\":[0.25,-1]}}]}";

static const char golden[] =
	"{\"type\":\"point\",\"collection\":\"Thing\",\"tenant\":\"t1\",\"id\":\"00000000-0000-0000-0000-00000000002a\","
	"\"vector\":{\"title\":[0.25,-1.0],\"rows\":[[1.0,2.0],[3.0,0.5]]},\"payload\":{"
	"\"text\":\"q\\\"\\u0001\\n\xc3\xa9\",\"texts\":[\"a\",\"\"],\"whole\":9007199254740992,\"wholes\":[1,-2],"
	"\"real\":5.0,\"reals\":[0.1,-0.0,1e21],\"yes\":false,\"yeses\":[true,false],"
	"\"day\":\"2024-02-29T12:34:56.789+05:30\",\"key\":\"33333333-3333-3333-3333-333333333333\","
	"\"keys\":[\"33333333-3333-3333-3333-333333333333\"],\"place\":{\"lat\":52.37,\"lon\":-0.1},"
	"\"phone\":{\"input\":\"020 1234567\",\"internationalFormatted\":\"+31 20 123 4567\",\"countryCode\":31,"
	"\"defaultCountry\":\"NL\",\"national\":201234567,\"nationalFormatted\":\"020 123 4567\",\"valid\":true},"
	"\"raw\":\"AAEC\",\"nest\":{\"b\":\"x\",\"a\":5.0},\"nests\":[{\"n\":1},{}],\"empty\":[],"
	"\"by\":[{\"collection\":\"Book\",\"id\":\"11111111-1111-1111-1111-111111111111\"},"
	"{\"collection\":\"Author\",\"id\":\"22222222-2222-2222-2222-222222222222\"}],\"_tenant\":\"t1\","
	"\"_created_at\":\"2023-11-14T22:13:20.123Z\",\"_updated_at\":\"2023-11-14T22:13:20.456Z\"}}";

static struct wv_class class;
static struct qf_arena arena;
static struct qf_batch out;

static void setup(void)
{
	struct wv_class_opts opts = { .tenant_key = "_tenant", .timestamps = true };
	struct qf_json *schema;
	struct qf_err err;

	ck_assert_int_eq(qf_json_parse(&arena, schema_text, strlen(schema_text), "schema", &schema, &err), 0);
	ck_assert_int_eq(wv_class_init(&class, schema, NULL, &opts, &err), 0);
}

static void teardown(void)
{
	wv_class_release(&class);
	qf_batch_release(&out);
	qf_arena_release(&arena);
}

static struct qf_json *rest_page(void)
{
	struct qf_json *doc;
	struct qf_err err;

	ck_assert_int_eq(qf_json_parse(&arena, rest_text, strlen(rest_text), "page", &doc, &err), 0);
	return doc;
}

static int find_refs(void *ctx, const char *of, const struct qf_json **ret, struct qf_err *err)
{
	(void)err;
	ck_assert_str_eq(of, id);
	*ret = qf_json_get(ctx, "objects")->child;
	return 0;
}

static struct wv_page_target target_of(struct qf_json *refs)
{
	return (struct wv_page_target){ .class = &class, .tenant = "t1", .tenant_key = "_tenant",
					.hi = ~(wv_key)0, .max = SIZE_MAX, .timestamps = true,
					.find_refs = refs ? find_refs : NULL, .refs_ctx = refs, .out = &out };
}

/* The last record of the batch is the point; its line with JSON vectors. */
static void check_line(const char *want)
{
	QF_AUTO_BUF struct qf_buf line = { 0 };
	struct qf_err err;

	ck_assert_uint_gt(out.n, 0);
	ck_assert_int_eq(qf_line_write(&out.rec[out.n - 1], QF_VECTORS_JSON, &line, &err), 0);
	ck_assert_str_eq(qf_buf_cstr(&line), want);
}

/* ---- building a gRPC reply ---- */

static ProtobufCBinaryData bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)s };
}

static Weaviate__V1__Value *value(Weaviate__V1__Value__KindCase kind)
{
	Weaviate__V1__Value *v = qf_arena_alloc(&arena, sizeof(*v));

	weaviate__v1__value__init(v);
	v->kind_case = kind;
	return v;
}

static Weaviate__V1__Value *text(const char *s)
{
	Weaviate__V1__Value *v = value(WEAVIATE__V1__VALUE__KIND_TEXT_VALUE);

	v->text_value = bytes(s);
	return v;
}

static Weaviate__V1__Properties *properties(size_t n, const char *const *keys, Weaviate__V1__Value **values,
					    bool reversed)
{
	Weaviate__V1__Properties *p = qf_arena_alloc(&arena, sizeof(*p));

	weaviate__v1__properties__init(p);
	p->n_fields = n;
	p->fields = qf_arena_alloc(&arena, n * sizeof(*p->fields) + 1);
	for (size_t i = 0; i < n; i++) {
		size_t from = reversed ? n - 1 - i : i;

		p->fields[i] = qf_arena_alloc(&arena, sizeof(**p->fields));
		weaviate__v1__properties__field__init(p->fields[i]);
		p->fields[i]->has_key = true;
		p->fields[i]->key = bytes(keys[from]);
		p->fields[i]->value = values[from];
	}
	return p;
}

static Weaviate__V1__ListValue *list(Weaviate__V1__Value *v)
{
	v->kind_case = WEAVIATE__V1__VALUE__KIND_LIST_VALUE;
	v->list_value = qf_arena_alloc(&arena, sizeof(*v->list_value));
	weaviate__v1__list_value__init(v->list_value);
	return v->list_value;
}

static Weaviate__V1__TextValues *texts(size_t n, const char *const *items)
{
	Weaviate__V1__TextValues *t = qf_arena_alloc(&arena, sizeof(*t));

	weaviate__v1__text_values__init(t);
	t->n_values = n;
	t->values = qf_arena_alloc(&arena, n * sizeof(*t->values) + 1);
	for (size_t i = 0; i < n; i++)
		t->values[i] = bytes(items[i]);
	return t;
}

static Weaviate__V1__PackedValues *packed(const void *p, size_t n)
{
	Weaviate__V1__PackedValues *v = qf_arena_alloc(&arena, sizeof(*v));

	weaviate__v1__packed_values__init(v);
	v->has_values = true;
	v->values = (ProtobufCBinaryData){ n, (uint8_t *)qf_arena_dup(&arena, p, n).p };
	return v;
}

enum { N_PROPS = 18 };

static const char *const keys[N_PROPS] = { "text", "texts", "whole", "wholes", "real", "reals", "yes", "yeses",
					   "day", "key", "keys", "place", "phone", "raw", "nest", "nests",
					   "none", "empty" };

/* old: lists as repeated values and text under the tag of servers up to 1.28. */
static void fill(Weaviate__V1__Value **v, bool old)
{
	static const char uuid[] = "33333333-3333-3333-3333-333333333333";
	const int64_t integers[] = { 1, -2 };
	const double doubles[] = { 0.1, -0.0, 1e21 };
	Weaviate__V1__ListValue *l;
	Weaviate__V1__PhoneNumber *n;
	Weaviate__V1__Value *sub[2];

	v[0] = text("q\"\001\n\xc3\xa9");
	if (old) {
		v[0]->kind_case = WEAVIATE__V1__VALUE__KIND_STRING_VALUE;
		v[0]->string_value = v[0]->text_value;
	}
	l = list(v[1] = value(0));
	if (old) {
		l->n_values = 2;
		l->values = qf_arena_alloc(&arena, 2 * sizeof(*l->values));
		l->values[0] = text("a");
		l->values[1] = text("");
	} else {
		l->kind_case = WEAVIATE__V1__LIST_VALUE__KIND_TEXT_VALUES;
		l->text_values = texts(2, (const char *[]){ "a", "" });
	}
	v[2] = value(WEAVIATE__V1__VALUE__KIND_INT_VALUE);
	v[2]->int_value = 9007199254740992;
	l = list(v[3] = value(0));
	l->kind_case = WEAVIATE__V1__LIST_VALUE__KIND_INT_VALUES;
	l->int_values = packed(integers, sizeof(integers));
	v[4] = value(WEAVIATE__V1__VALUE__KIND_NUMBER_VALUE);
	v[4]->number_value = 5;
	l = list(v[5] = value(0));
	l->kind_case = WEAVIATE__V1__LIST_VALUE__KIND_NUMBER_VALUES;
	l->number_values = packed(doubles, sizeof(doubles));
	v[6] = value(WEAVIATE__V1__VALUE__KIND_BOOL_VALUE);
	l = list(v[7] = value(0));
	l->kind_case = WEAVIATE__V1__LIST_VALUE__KIND_BOOL_VALUES;
	l->bool_values = qf_arena_alloc(&arena, sizeof(*l->bool_values));
	weaviate__v1__bool_values__init(l->bool_values);
	l->bool_values->n_values = 2;
	l->bool_values->values = qf_arena_zalloc(&arena, 2 * sizeof(protobuf_c_boolean));
	l->bool_values->values[0] = true;
	v[8] = value(WEAVIATE__V1__VALUE__KIND_DATE_VALUE);
	v[8]->date_value = bytes("2024-02-29T12:34:56.789+05:30");
	v[9] = value(WEAVIATE__V1__VALUE__KIND_UUID_VALUE);
	v[9]->uuid_value = bytes(uuid);
	l = list(v[10] = value(0));
	l->kind_case = WEAVIATE__V1__LIST_VALUE__KIND_UUID_VALUES;
	l->uuid_values = texts(1, (const char *[]){ uuid });
	v[11] = value(WEAVIATE__V1__VALUE__KIND_GEO_VALUE);
	v[11]->geo_value = qf_arena_alloc(&arena, sizeof(*v[11]->geo_value));
	weaviate__v1__geo_coordinate__init(v[11]->geo_value);
	v[11]->geo_value->has_latitude = v[11]->geo_value->has_longitude = true;
	v[11]->geo_value->latitude = 52.37f;
	v[11]->geo_value->longitude = -0.1f;
	v[12] = value(WEAVIATE__V1__VALUE__KIND_PHONE_VALUE);
	v[12]->phone_value = qf_arena_alloc(&arena, sizeof(*v[12]->phone_value));
	weaviate__v1__phone_number__init(v[12]->phone_value);
	n = v[12]->phone_value;
	n->has_country_code = n->has_default_country = n->has_input = n->has_valid = true;
	n->has_international_formatted = n->has_national = n->has_national_formatted = true;
	n->country_code = 31;
	n->default_country = bytes("NL");
	n->input = bytes("020 1234567");
	n->international_formatted = bytes("+31 20 123 4567");
	n->national = 201234567;
	n->national_formatted = bytes("020 123 4567");
	n->valid = true;
	v[13] = value(WEAVIATE__V1__VALUE__KIND_BLOB_VALUE);
	v[13]->blob_value = bytes("AAEC");
	v[14] = value(WEAVIATE__V1__VALUE__KIND_OBJECT_VALUE);
	sub[0] = value(WEAVIATE__V1__VALUE__KIND_NUMBER_VALUE);
	sub[0]->number_value = 5;
	sub[1] = text("x");
	v[14]->object_value = properties(2, (const char *[]){ "a", "b" }, sub, false);
	l = list(v[15] = value(0));
	l->kind_case = WEAVIATE__V1__LIST_VALUE__KIND_OBJECT_VALUES;
	l->object_values = qf_arena_alloc(&arena, sizeof(*l->object_values));
	weaviate__v1__object_values__init(l->object_values);
	l->object_values->n_values = 2;
	l->object_values->values = qf_arena_alloc(&arena, 2 * sizeof(*l->object_values->values));
	sub[0] = value(WEAVIATE__V1__VALUE__KIND_INT_VALUE);
	sub[0]->int_value = 1;
	l->object_values->values[0] = properties(1, (const char *[]){ "n" }, sub, false);
	sub[0] = value(WEAVIATE__V1__VALUE__KIND_NULL_VALUE);
	l->object_values->values[1] = properties(1, (const char *[]){ "n" }, sub, false);
	/* An absent property comes as an explicit null, an empty list as one without a kind. */
	v[16] = value(WEAVIATE__V1__VALUE__KIND_NULL_VALUE);
	list(v[17] = value(0));
}

static void grpc_reply(struct qf_buf *message, bool reversed, bool old)
{
	Weaviate__V1__SearchReply reply = WEAVIATE__V1__SEARCH_REPLY__INIT;
	Weaviate__V1__SearchResult result = WEAVIATE__V1__SEARCH_RESULT__INIT, *results = &result;
	Weaviate__V1__PropertiesResult props = WEAVIATE__V1__PROPERTIES_RESULT__INIT;
	Weaviate__V1__MetadataResult meta = WEAVIATE__V1__METADATA_RESULT__INIT;
	Weaviate__V1__Vectors title = WEAVIATE__V1__VECTORS__INIT, rows = WEAVIATE__V1__VECTORS__INIT;
	/* In the order that is not the schema's. */
	Weaviate__V1__Vectors *vectors[] = { &rows, &title };
	const float title_values[] = { 0.25f, -1 }, row_values[] = { 1, 2, 3, 0.5f };
	uint8_t row_bytes[2 + sizeof(row_values)] = { 2, 0 };
	Weaviate__V1__Value *values[N_PROPS];

	fill(values, old);
	props.non_ref_props = properties(N_PROPS, keys, values, reversed);
	meta.id = (char *)id;
	meta.has_creation_time_unix = meta.has_creation_time_unix_present = true;
	meta.creation_time_unix_present = true;
	meta.creation_time_unix = 1700000000123;
	meta.has_last_update_time_unix = meta.has_last_update_time_unix_present = true;
	meta.last_update_time_unix_present = true;
	meta.last_update_time_unix = 1700000000456;
	memcpy(row_bytes + 2, row_values, sizeof(row_values));
	title.has_name = rows.has_name = title.has_vector_bytes = rows.has_vector_bytes = rows.has_type = true;
	title.name = bytes("title");
	title.vector_bytes = (ProtobufCBinaryData){ sizeof(title_values), (uint8_t *)title_values };
	rows.name = bytes("rows");
	rows.type = 2;
	rows.vector_bytes = (ProtobufCBinaryData){ sizeof(row_bytes), row_bytes };
	meta.n_vectors = 2;
	meta.vectors = vectors;
	result.properties = &props;
	result.metadata = &meta;
	reply.n_results = 1;
	reply.results = &results;
	qf_pb_pack(message, &reply.base);
}

/* ---- the tests ---- */

START_TEST(rest_gives_the_golden_line)
{
	struct wv_page_target t = target_of(NULL);
	struct wv_page page;
	struct qf_err err;

	ck_assert_msg(wv_page_rest(rest_page(), &t, &page, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(page.n, 1);
	ck_assert(page.amended);
	check_line(golden);
}
END_TEST

START_TEST(grpc_gives_the_golden_line)
{
	QF_AUTO_BUF struct qf_buf message = { 0 };
	struct wv_page_target t = target_of(rest_page());
	struct wv_page page;
	struct qf_err err;

	/* The loop's number: bit 0 turns the map around, bit 1 sends the old shapes. */
	grpc_reply(&message, _i & 1, _i & 2);
	ck_assert_msg(wv_page_grpc(qf_buf_str(&message), &t, &page, &err) == 0, "%s", err.msg);
	check_line(golden);
}
END_TEST

START_TEST(a_vector_is_declared_before_its_first_point)
{
	struct wv_page_target t = target_of(NULL);
	const struct qf_json *decl;
	struct wv_page page;
	struct qf_err err;

	ck_assert_int_eq(wv_page_rest(rest_page(), &t, &page, &err), 0);
	ck_assert_uint_eq(out.n, 3);
	ck_assert_int_eq(out.rec[1].type, QF_REC_COLLECTION);
	decl = qf_json_get(qf_json_get(out.rec[1].doc, "vectors"), "title");
	ck_assert_int_eq(qf_json_get_int(decl, "size", 0), 2);
	ck_assert_int_eq(out.rec[2].type, QF_REC_POINT);
}
END_TEST

START_TEST(keys_beyond_the_interval_are_left_to_the_neighbour)
{
	struct wv_page_target t = target_of(NULL);
	struct wv_page page;
	struct qf_err err;

	t.hi = 0x29;
	ck_assert_int_eq(wv_page_rest(rest_page(), &t, &page, &err), 0);
	ck_assert_uint_eq(page.used, 0);
	ck_assert(page.beyond);
	ck_assert_uint_eq(out.n, 0);
}
END_TEST

START_TEST(hamming_is_refused_unless_a_distance_is_chosen)
{
	static const char hamming[] = "{\"class\":\"Bits\",\"vectorIndexType\":\"hnsw\","
				      "\"vectorIndexConfig\":{\"distance\":\"hamming\"},\"properties\":null}";
	const char *choice[] = { "Bits=Manhattan" };
	bool used = false;
	struct wv_class_opts opts = { .tenant_key = "_tenant" };
	struct wv_class c;
	struct qf_json *schema;
	struct qf_err err;

	ck_assert_int_eq(qf_json_parse(&arena, hamming, strlen(hamming), "schema", &schema, &err), 0);
	ck_assert_int_eq(wv_class_init(&c, schema, NULL, &opts, &err), -1);
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_msg(strstr(err.msg, "--distance Bits=") != NULL, "%s", err.msg);
	wv_class_release(&c);
	opts.distance_used = &used;
	opts.distances = (struct qf_opt_list){ choice, 1 };
	ck_assert_int_eq(wv_class_init(&c, schema, NULL, &opts, &err), 0);
	ck_assert_str_eq(qf_json_get_str(c.vectors[0].decl, "distance", "").p, "Manhattan");
	ck_assert(used);
	wv_class_release(&c);
}
END_TEST

START_TEST(a_property_named_like_our_key_is_refused)
{
	static const char clash[] = "{\"class\":\"C\",\"multiTenancyConfig\":{\"enabled\":true},\"properties\":["
				    "{\"name\":\"_tenant\",\"dataType\":[\"text\"]}]}";
	struct wv_class_opts opts = { .tenant_key = "_tenant" };
	struct wv_class c;
	struct qf_json *schema;
	struct qf_err err;

	ck_assert_int_eq(qf_json_parse(&arena, clash, strlen(clash), "schema", &schema, &err), 0);
	ck_assert_int_eq(wv_class_init(&c, schema, NULL, &opts, &err), -1);
	ck_assert_msg(strstr(err.msg, "--tenant-key") != NULL, "%s", err.msg);
	wv_class_release(&c);
}
END_TEST

START_TEST(a_dangling_reference_without_class_takes_the_only_target)
{
	static const char one[] = "{\"class\":\"C\",\"properties\":[{\"name\":\"by\",\"dataType\":[\"Author\"]}]}";
	static const char page_text[] =
		"{\"objects\":[{\"id\":\"00000000-0000-0000-0000-000000000000\",\"properties\":{\"by\":["
		"{\"beacon\":\"weaviate://localhost/22222222-2222-2222-2222-222222222222\"}]}}]}";
	struct wv_class_opts opts = { .tenant_key = "_tenant" };
	struct wv_page_target t = { .hi = ~(wv_key)0, .max = SIZE_MAX, .out = &out };
	struct qf_json *schema, *doc;
	struct wv_page page;
	struct wv_class c;
	struct qf_err err;

	ck_assert_int_eq(qf_json_parse(&arena, one, strlen(one), "schema", &schema, &err), 0);
	ck_assert_int_eq(wv_class_init(&c, schema, NULL, &opts, &err), 0);
	ck_assert_int_eq(qf_json_parse(&arena, page_text, strlen(page_text), "page", &doc, &err), 0);
	t.class = &c;
	ck_assert_msg(wv_page_rest(doc, &t, &page, &err) == 0, "%s", err.msg);
	/* The nil UUID is an id like any other. */
	check_line("{\"type\":\"point\",\"collection\":\"C\",\"id\":\"00000000-0000-0000-0000-000000000000\","
		   "\"payload\":{\"by\":[{\"collection\":\"Author\","
		   "\"id\":\"22222222-2222-2222-2222-222222222222\"}]}}");
	qf_batch_release(&out);
	wv_class_release(&c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("weaviate");
	TCase *c = tcase_create("pages");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, rest_gives_the_golden_line);
	tcase_add_loop_test(c, grpc_gives_the_golden_line, 0, 4);
	tcase_add_test(c, a_vector_is_declared_before_its_first_point);
	tcase_add_test(c, keys_beyond_the_interval_are_left_to_the_neighbour);
	tcase_add_test(c, hamming_is_refused_unless_a_distance_is_chosen);
	tcase_add_test(c, a_property_named_like_our_key_is_refused);
	tcase_add_test(c, a_dangling_reference_without_class_takes_the_only_target);
	suite_add_tcase(s, c);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
