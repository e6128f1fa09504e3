/* The sink `qdrant` without a server: requests, what replies mean, collections by version. */
#include <check.h>
#include <stdlib.h>

#include "common/data/stream.h"
#include "qdrant.pb-c.h"
#include "tools/load/qdrant_batch.h"
#include "common/data/rejects.h"

static struct qf_arena arena;

static struct qf_json *parse(const char *text)
{
	struct qf_json *doc;
	struct qf_err err;

	ck_assert_int_eq(qf_json_parse(&arena, text, strlen(text), "test", &doc, &err), 0);
	return doc;
}

/* ---- requests and replies ---- */

static const struct qf_point_rules no_vectors;
static struct qf_load_item items[3];
static struct qf_load_target target = { .name = (char[]){ "A" } };

/* A batch of three points without anything but their ids. */
static void make_batch(const struct qf_load_qdrant *s, struct qf_load_batch *b, bool deletes)
{
	*b = (struct qf_load_batch){
		.target = &target, .deletes = deletes, .items = items, .n = 3, .n_ranges = 1
	};
	qf_load_request_open(s, b);
	for (unsigned i = 0; i < 3; i++) {
		struct qf_record rec = { .type = QF_REC_POINT,
					 .id = { .kind = QF_ID_NUM, .num = i + 1 } };
		struct qf_point_encoder e = { 0 };
		size_t from = b->wire.n;
		struct qf_err err;

		ck_assert_int_eq(qf_point_encode(&e, &no_vectors, &rec, &arena, &b->wire, &err), 0);
		items[i] = (struct qf_load_item){ .id = rec.id, .from = from, .to = b->wire.n };
		qf_point_encoder_release(&e);
	}
}

static void free_batch(struct qf_load_batch *b)
{
	qf_buf_release(&b->wire);
	qf_buf_release(&b->body);
	free(b->url);
}

START_TEST(ranges_of_a_batch)
{
	const struct qf_load_qdrant s = { .server = { .grpc_url = "http://h:6334" } };
	struct qf_load_batch b;

	for (size_t from = 0; from < 3; from++)
		for (size_t to = from + 1; to <= 3; to++) {
			Qdrant__UpsertPoints *up;
			Qdrant__DeletePoints *del;

			make_batch(&s, &b, false);
			b.ranges[0] = (struct qf_load_range){ from, to };
			qf_load_request_make(&b);
			up = qdrant__upsert_points__unpack(NULL, b.call.body.n,
							   (const uint8_t *)b.call.body.p);
			ck_assert_str_eq(up->collection_name, "A");
			ck_assert(up->wait);
			ck_assert_uint_eq(up->n_points, to - from);
			ck_assert_uint_eq(up->points[0]->id->num, from + 1);
			ck_assert_str_eq(b.call.url, "http://h:6334/qdrant.Points/Upsert");
			qdrant__upsert_points__free_unpacked(up, NULL);
			free_batch(&b);

			make_batch(&s, &b, true);
			b.ranges[0] = (struct qf_load_range){ from, to };
			qf_load_request_make(&b);
			del = qdrant__delete_points__unpack(NULL, b.call.body.n,
							    (const uint8_t *)b.call.body.p);
			ck_assert(del->wait);
			ck_assert_uint_eq(del->points->points->n_ids, to - from);
			ck_assert_uint_eq(del->points->points->ids[0]->num, from + 1);
			qdrant__delete_points__free_unpacked(del, NULL);
			free_batch(&b);
		}
}
END_TEST

/* A delete goes to the pieces of what it names too, by REST whatever else is used. */
START_TEST(delete_of_a_parent)
{
	const struct qf_load_qdrant s = { .server = { .url = "http://h:6333", .grpc_url = "http://h:6334" } };
	struct qf_load_batch b;

	target.doc = parse("{\"payload\":{\"_parent\":{\"type\":\"keyword\"},\"_chunk\":{\"type\":\"integer\"}}}");
	make_batch(&s, &b, true);
	items[1].id = (struct qf_id){ .kind = QF_ID_UUID, .uuid = { 0xab } };
	b.ranges[0] = (struct qf_load_range){ 0, 2 };
	qf_load_request_make(&b);
	ck_assert_str_eq(b.url, "http://h:6333/collections/A/points/delete?wait=true");
	ck_assert_str_eq(qf_buf_cstr(&b.body),
			 "{\"filter\":{\"should\":[{\"has_id\":[1,\"ab000000-0000-0000-0000-000000000000\"]},"
			 "{\"key\":\"_parent\",\"match\":{\"any\":[\"1\",\"ab000000-0000-0000-0000-000000000000\"]}}]}}");
	ck_assert(!b.call.grpc && !strcmp(b.call.method, "POST"));
	b.call.status = 200;
	qf_buf_puts(&b.call.reply, "{\"result\":{\"status\":\"completed\"}}");
	ck_assert_int_eq(qf_load_request_judge(&s, &b, &(struct qf_err){ 0 }), QF_LOAD_DONE);
	qf_buf_release(&b.call.reply);
	free_batch(&b);
	make_batch(&s, &b, false); /* points as always */
	ck_assert(!b.parents && !b.rest);
	free_batch(&b);
	target.doc = NULL;
}
END_TEST

/* clang-format off */
static const struct {
	int grpc_status;
	const char *words;
	double retry_after;
	size_t points;
	enum qf_load_verdict verdict;
	unsigned tries; /* before this one */
} replies[] = {
	{ 3, "Wrong input: vector dimension", 0, 2, QF_LOAD_BAD_POINT },
	{ 3, "Wrong input: vector dimension", 0, 1, QF_LOAD_BAD_POINT },
	{ 3, "Resident memory usage is at 95%", 0, 2, QF_LOAD_AGAIN },
	{ 3, "Disk usage is at 95%", 0, 2, QF_LOAD_AGAIN },
	{ 3, "Shard key not specified", 0, 2, QF_LOAD_FATAL },
	{ 3, "Max points count limit of 10 reached!", 0, 2, QF_LOAD_FATAL },
	{ 4, "deadline", 0, 2, QF_LOAD_AGAIN },
	{ 5, "no such collection", 0, 2, QF_LOAD_FATAL },
	{ 7, "forbidden", 0, 2, QF_LOAD_FATAL },
	{ 8, "rate limit", 2, 2, QF_LOAD_AGAIN },
	{ 8, "rate limit", 0, 2, QF_LOAD_AGAIN },
	{ 8, "rate limit", 0, 2, QF_LOAD_FEWER, 1 },
	{ 8, "rate limit", 0, 1, QF_LOAD_AGAIN },
	{ 8, "message larger than max", 0, 2, QF_LOAD_SPLIT },
	{ 8, "message larger than max", 0, 1, QF_LOAD_BAD_POINT },
	{ 9, "locked", 0, 2, QF_LOAD_AGAIN },
	{ 12, "unimplemented", 0, 2, QF_LOAD_FATAL },
	{ 13, "internal", 0, 2, QF_LOAD_AGAIN },
	{ 14, "shard unavailable", 0, 2, QF_LOAD_AGAIN },
	{ 16, "no key", 0, 2, QF_LOAD_FATAL },
};
/* clang-format on */

START_TEST(verdicts)
{
	const struct qf_load_qdrant s = { .server = { .url = "http://h",
						      .grpc_url = "http://h:6334" } };
	struct qf_load_batch b = { .n_ranges = 1,
				   .ranges = { { 0, replies[_i].points } },
				   .retry = { .max = 8, .attempt = replies[_i].tries } };
	struct qf_err err;

	b.call = (struct qf_call){ .grpc = true,
				   .done = true,
				   .status = 200,
				   .url = "http://h:6334/x",
				   .grpc_status = replies[_i].grpc_status,
				   .retry_after = replies[_i].retry_after };
	snprintf(b.call.error, sizeof(b.call.error), "%s", replies[_i].words);
	ck_assert_int_eq(qf_load_request_judge(&s, &b, &err), replies[_i].verdict);
}
END_TEST

/* More collections than batches, and every point refused: no batch is sent empty. */
START_TEST(empty_batches_change_hands)
{
	struct qf_sink_args args = { .jobs = 1, .rejects = qf_rejects_new(NULL) };
	struct qf_load_qdrant s = { .args = &args,
				    .batch_points = 256,
				    .batch_bytes = 1 << 20,
				    .server = { .url = "http://h", .grpc_url = "http://h:6334" } };
	struct qf_load_target targets[5];
	struct qf_err err;

	qf_load_batches_init(&s);
	for (unsigned i = 0; i < QF_LEN(targets); i++) {
		struct qf_record rec = { .type = QF_REC_POINT,
					 .collection = QF_STR("A"),
					 .id = { .kind = QF_ID_NUM, .num = 1 },
					 .vector = QF_STR("\"AACAPw==\"") };

		targets[i] = (struct qf_load_target){
			.name = (char[]){ "A" }, .index = i, .batch_points = 256, .most_points = 256
		};
		ck_assert_int_eq(qf_load_point(&s, &targets[i], &rec, &arena, &err), -1);
		ck_assert_int_eq(err.code, QF_E_DATA);
		ck_assert(!qf_load_busy(&s));
	}
	ck_assert_ptr_null(targets[0].open[0]);
	ck_assert_ptr_nonnull(targets[4].open[0]);
	qf_load_batches_release(&s);
	qf_point_encoder_release(&s.encoder);
	qf_tally_release(&s.scopes);
	qf_rejects_free(args.rejects);
}
END_TEST

/* Only status Completed is an acknowledgement. */
START_TEST(acknowledged)
{
	const struct qf_load_qdrant s = { .server = { .url = "http://h",
						      .grpc_url = "http://h:6334" } };
	struct qf_load_batch b = { .n_ranges = 1, .ranges = { { 0, 1 } } };
	/* The prefix, then {result: {operation_id: 1, status: ?}}. */
	char reply[] = { 0, 0, 0, 0, 6, 0x0a, 4, 0x08, 1, 0x10, 0 };
	struct qf_err err;

	for (char status = 0; status < 6; status++) {
		reply[10] = status;
		b.call = (struct qf_call){ .grpc = true,
					   .done = true,
					   .status = 200,
					   .url = "http://h:6334/x",
					   .reply = { .p = reply, .n = sizeof(reply) } };
		ck_assert_int_eq(qf_load_request_judge(&s, &b, &err),
				 status == 2 ? QF_LOAD_DONE : QF_LOAD_AGAIN);
		/* Half a message, and a reply without a gRPC status, are none. */
		b.call.reply.n--;
		ck_assert_int_eq(qf_load_request_judge(&s, &b, &err), QF_LOAD_AGAIN);
		b.call.reply.n++;
		b.call.grpc_status = -1;
		ck_assert_int_eq(qf_load_request_judge(&s, &b, &err), QF_LOAD_AGAIN);
	}
}
END_TEST

/* ---- collections ---- */

static const char *text_of(const struct qf_json *node)
{
	struct qf_buf out = { 0 };
	const char *ret;

	qf_json_write(&out, node);
	ret = qf_arena_dup(&arena, out.p, out.n).p;
	qf_buf_release(&out);
	return ret;
}

/* clang-format off */
static const struct {
	int minor;
	const char *doc, *body, *reason;
} creates[] = {
	{ 18, "{\"vectors\":{\"\":{\"size\":4,\"distance\":\"Dot\",\"hnsw\":{\"m\":8},\"on_disk\":true}}}",
	  "{\"vectors\":{\"size\":4,\"distance\":\"Dot\",\"hnsw_config\":{\"m\":8},\"on_disk\":true}}", NULL },
	{ 18, "{\"vectors\":{\"a\":{\"size\":4,\"distance\":\"Cosine\",\"quantization\":{\"scalar\":{\"type\":\"int8\"}}},"
	      "\"\":{\"size\":2,\"distance\":\"Euclid\"},\"late\":{\"distance\":\"Dot\"}},\"sparse\":{\"s\":{}}}",
	  "{\"vectors\":{\"a\":{\"size\":4,\"distance\":\"Cosine\",\"quantization_config\":{\"scalar\":{\"type\":\"int8\"}}},"
	  "\"\":{\"size\":2,\"distance\":\"Euclid\"}},\"sparse_vectors\":{\"s\":{}}}", NULL },
	{ 18, "{\"vectors\":{},\"settings\":{\"shard_number\":2}}", "{\"vectors\":{},\"shard_number\":2}", NULL },
	{ 12, "{\"vectors\":{},\"settings\":{\"metadata\":{}}}", "{\"vectors\":{}}", NULL },
	{ 9, "{\"vectors\":{\"a\":{\"size\":4,\"distance\":\"Dot\",\"multivector\":{\"comparator\":\"max_sim\"}}}}", NULL,
	  "Qdrant 1.9.0 has none" },
	{ 9, "{\"vectors\":{\"\":{\"size\":4,\"distance\":\"Dot\",\"datatype\":\"float16\"}}}",
	  "{\"vectors\":{\"size\":4,\"distance\":\"Dot\"}}", NULL },
	{ 18, "{\"vectors\":{\"\":{\"size\":4,\"distance\":\"hamming\"}}}", NULL, "no distance 'hamming'" },
	{ 18, "{\"vectors\":{\"\":{\"size\":65537,\"distance\":\"Dot\"}}}", NULL, "at most 65,536" },
};
/* clang-format on */

START_TEST(create_body)
{
	struct qf_qdrant server = { .url = "http://h", .major = 1, .minor = creates[_i].minor };
	struct qf_json *body;
	struct qf_err err;
	int rc;

	snprintf(server.version, sizeof(server.version), "1.%d.0", server.minor);
	rc = qf_load_create_body(&server, parse(creates[_i].doc), &arena, &body, &err);
	if (creates[_i].body) {
		ck_assert_msg(rc == 0, "%s", err.msg);
		ck_assert_str_eq(text_of(body), creates[_i].body);
	} else {
		ck_assert_int_eq(rc, -1);
		ck_assert_msg(strstr(err.msg, creates[_i].reason) != NULL, "%s", err.msg);
	}
}
END_TEST

/* clang-format off */
static const struct {
	const char *doc, *params, *reason; /* NULL: they agree */
} compares[] = {
	{ "{\"vectors\":{\"\":{\"size\":4,\"distance\":\"Dot\"}}}", "{\"vectors\":{\"size\":4,\"distance\":\"Dot\"}}", NULL },
	{ "{\"vectors\":{\"\":{\"size\":4,\"distance\":\"Dot\"}}}", "{\"vectors\":{\"\":{\"size\":4,\"distance\":\"Dot\"}}}",
	  NULL },
	{ "{\"vectors\":{\"\":{\"distance\":\"Dot\"}}}", "{\"vectors\":{}}", NULL },
	{ "{\"vectors\":{\"\":{\"size\":4,\"distance\":\"Dot\"}}}", "{\"vectors\":{\"size\":5,\"distance\":\"Dot\"}}",
	  "size 5 there and 4 in the stream" },
	{ "{\"vectors\":{\"\":{\"size\":4,\"distance\":\"Dot\"}}}", "{\"vectors\":{\"size\":4,\"distance\":\"Cosine\"}}",
	  "distance Cosine there and Dot in the stream" },
	{ "{\"vectors\":{\"a\":{\"size\":4,\"distance\":\"Dot\"}}}", "{\"vectors\":{\"size\":4,\"distance\":\"Dot\"}}",
	  "vector 'a' of the stream is missing there" },
	{ "{\"vectors\":{\"a\":{\"size\":4,\"distance\":\"Dot\",\"multivector\":{}}}}",
	  "{\"vectors\":{\"a\":{\"size\":4,\"distance\":\"Dot\"}}}", "dense vector there and a multivector" },
	{ "{\"vectors\":{},\"sparse\":{\"s\":{}}}", "{\"vectors\":{}}", "sparse vector 's' of the stream is missing" },
};
/* clang-format on */

START_TEST(compare)
{
	struct qf_err err = { 0 };
	int rc = qf_load_compare(parse(compares[_i].doc), parse(compares[_i].params), &arena, &err);

	ck_assert_int_eq(rc, compares[_i].reason ? -1 : 0);
	if (compares[_i].reason)
		ck_assert_msg(strstr(err.msg, compares[_i].reason) != NULL, "%s", err.msg);
}
END_TEST

/* clang-format off */
static const struct {
	int minor;
	const char *entry, *schema; /* NULL: no index */
} indexes[] = {
	{ 18, "{\"type\":\"integer\"}", "\"integer\"" },
	{ 18, "{\"type\":\"integer\",\"index\":false}", NULL },
	{ 18, "{\"type\":\"blob\"}", NULL },
	{ 18, "{\"type\":\"keyword\",\"is_tenant\":true}", "{\"type\":\"keyword\",\"is_tenant\":true}" },
	{ 10, "{\"type\":\"keyword\",\"is_tenant\":true}", "\"keyword\"" },
	{ 10, "{\"type\":\"uuid\"}", "\"keyword\"" },
	{ 7, "{\"type\":\"datetime\"}", NULL },
	{ 7, "{\"type\":\"text\",\"tokenizer\":\"word\"}", "{\"type\":\"text\",\"tokenizer\":\"word\"}" },
};
/* clang-format on */

START_TEST(index_schema)
{
	const struct qf_qdrant server = { .url = "http://h",
					  .major = 1,
					  .minor = indexes[_i].minor };
	const struct qf_json *schema =
		qf_load_index_schema(&server, parse(indexes[_i].entry), &arena);

	if (indexes[_i].schema)
		ck_assert_str_eq(text_of(schema), indexes[_i].schema);
	else
		ck_assert_ptr_null(schema);
}
END_TEST

/* ---- rejects ---- */

START_TEST(stop_names_the_point)
{
	struct qf_rejects *r = qf_rejects_new(NULL);
	const struct qf_record rec = { .type = QF_REC_POINT,
				       .collection = QF_STR("A"),
				       .line_no = 7,
				       .id = { .kind = QF_ID_NUM, .num = 42 } };
	struct qf_err err;

	ck_assert_int_eq(qf_rejects_add(r, &rec, "screen", 0, "it is bad", &err), -1);
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_msg(strstr(err.msg, "collection 'A', id 42, line 7: it is bad") != NULL, "%s",
		      err.msg);
	qf_rejects_free(r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("load_request");
	TCase *t = tcase_create("load");
	SRunner *runner;
	int failed;

	tcase_add_test(t, ranges_of_a_batch);
	tcase_add_test(t, delete_of_a_parent);
	tcase_add_loop_test(t, verdicts, 0, (int)QF_LEN(replies));
	tcase_add_test(t, empty_batches_change_hands);
	tcase_add_test(t, acknowledged);
	tcase_add_loop_test(t, create_body, 0, (int)QF_LEN(creates));
	tcase_add_loop_test(t, compare, 0, (int)QF_LEN(compares));
	tcase_add_loop_test(t, index_schema, 0, (int)QF_LEN(indexes));
	tcase_add_test(t, stop_names_the_point);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	qf_arena_release(&arena);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
