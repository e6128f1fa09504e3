/* Counts and digests: what a stream says at its end, and whether that is true. */
#include "common/data/tally.h"
#include "tests/unit/unit.h"

static struct qf_err err;
static struct qf_arena arena;

static struct qf_record record(enum qf_record_type type, const char *collection, const char *tenant)
{
	return (struct qf_record){ .type = type, .collection = qf_str(collection), .tenant = qf_str(tenant) };
}

static void add(struct qf_tally *t, enum qf_record_type type, const char *collection, const char *tenant,
		const char *line)
{
	struct qf_record rec = record(type, collection, tenant);

	rec.whole = true;
	qf_tally_add(t, &rec, qf_str(line));
}

static char *end_of(const struct qf_tally *t)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };

	qf_tally_write_end(t, &b);
	return qf_strdup(qf_buf_cstr(&b));
}

static const char *hex(const struct qf_digest *d)
{
	static char text[33];

	qf_digest_format(d, text);
	return text;
}

/* The three lines and hashes of docs/STREAM.md section 14 stand there; here those of short ones. */
START_TEST(known_digests)
{
	struct qf_digest d = { 0 };

	ck_assert_str_eq(hex(&d), "00000000000000000000000000000000");
	qf_digest_add(&d, "", 0);
	ck_assert_str_eq(hex(&d), "99aa06d3014798d86001c324468d497f");
	d = (struct qf_digest){ 0 };
	qf_digest_add(&d, "a", 1);
	ck_assert_str_eq(hex(&d), "a96faf705af16834e6c632b61e964e1f");
	/* The carry goes from the low half into the high one. */
	d = (struct qf_digest){ .high = 0, .low = UINT64_MAX };
	qf_digest_add(&d, "a", 1);
	ck_assert_str_eq(hex(&d), "a96faf705af16835e6c632b61e964e1e");
}
END_TEST

START_TEST(order_split_and_merge_do_not_count)
{
	enum { N = 1000 };
	char lines[N][32];
	struct qf_digest forward = { 0 }, backward = { 0 }, shuffled = { 0 }, parts[7] = { { 0 } }, sum = { 0 },
			 other = { 0 };

	for (int i = 0; i < N; i++)
		snprintf(lines[i], sizeof(lines[i]), "{\"id\":%d}", i);
	for (int i = 0; i < N; i++) {
		const char *a = lines[i], *b = lines[N - 1 - i], *c = lines[i * 617 % N];

		qf_digest_add(&forward, a, strlen(a));
		qf_digest_add(&backward, b, strlen(b));
		qf_digest_add(&shuffled, c, strlen(c));
		qf_digest_add(&parts[i % 7], a, strlen(a));
		if (i != 500)
			qf_digest_add(&other, a, strlen(a));
	}
	for (int i = 0; i < 7; i++)
		sum.high += parts[i].high + __builtin_add_overflow(sum.low, parts[i].low, &sum.low);
	ck_assert_mem_eq(&forward, &backward, sizeof(forward));
	ck_assert_mem_eq(&forward, &shuffled, sizeof(forward));
	ck_assert_mem_eq(&forward, &sum, sizeof(forward));
	ck_assert_mem_ne(&forward, &other, sizeof(forward));
	/* The same line twice is not none (as it would be with a sum without carry). */
	qf_digest_add(&other, "x", 1);
	qf_digest_add(&other, "x", 1);
	ck_assert_mem_ne(&forward, &other, sizeof(forward));
}
END_TEST

START_TEST(scopes)
{
	struct qf_tally t = { 0 };
	QF_AUTO_FREE char *end = NULL;
	struct qf_record rec = record(QF_REC_SCOPE, "B", NULL);

	add(&t, QF_REC_POINT, "A", NULL, "1");
	add(&t, QF_REC_POINT, "A", "", "2");
	add(&t, QF_REC_POINT, "A", "x\"", "3");
	add(&t, QF_REC_POINT, "A", NULL, "4");
	add(&t, QF_REC_DELETE, "A", NULL, "5");
	add(&t, QF_REC_CURSOR, "A", NULL, "6");
	add(&t, QF_REC_COLLECTION, "A", NULL, "7");
	add(&t, QF_REC_SCOPE, "A", NULL, NULL);
	add(&t, QF_REC_SCOPE, "A", "", NULL);
	rec.rejected = 2;
	rec.why = QF_STR("limit 5");
	qf_tally_add(&t, &rec, (struct qf_str){ 0 });
	/* Two scopes merged into one are whole only when both were. */
	add(&t, QF_REC_SCOPE, "B", NULL, NULL);
	ck_assert_uint_eq(t.n, 4);
	ck_assert_uint_eq(t.n_colls, 2);
	ck_assert_uint_eq(qf_tally_coll(&t, QF_STR("A"))->points, 4);
	ck_assert_ptr_null(qf_tally_coll(&t, QF_STR("C")));
	end = end_of(&t);
	ck_assert_has(end, "{\"type\":\"end\",\"scopes\":["
			   "{\"collection\":\"A\",\"points\":2,\"deletes\":1,\"rejected\":0,\"whole\":true},"
			   "{\"collection\":\"A\",\"tenant\":\"\",\"points\":1,\"deletes\":0,\"rejected\":0,\"whole\":true},"
			   "{\"collection\":\"A\",\"tenant\":\"x\\\"\",\"points\":1,\"deletes\":0,\"rejected\":0,\"whole\":false,"
			   "\"why\":\"no statement of the source\"},"
			   "{\"collection\":\"B\",\"points\":0,\"deletes\":0,\"rejected\":2,\"whole\":false,\"why\":\"limit 5\"}],"
			   "\"digest\":{\"A\":\"");
	ck_assert_has(end, "\",\"B\":\"00000000000000000000000000000000\"}}");
	qf_tally_reset(&t);
	ck_assert_uint_eq(t.n, 0);
	ck_assert_uint_eq(qf_tally_scope(&t, QF_STR("A"), (struct qf_str){ 0 })->points, 0);
	qf_tally_release(&t);
}
END_TEST

/* More tenants than the first table of slots holds; each found again. */
START_TEST(many_tenants)
{
	struct qf_tally t = { 0 };
	char name[32];

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 50000; i++) {
			snprintf(name, sizeof(name), "tenant-%d", i * 7919 % 50000);
			qf_tally_scope(&t, QF_STR("A"), qf_str(name))->points++;
		}
	ck_assert_uint_eq(t.n, 50000);
	ck_assert_uint_eq(t.n_colls, 1);
	for (size_t i = 0; i < t.n; i++)
		if (t.scopes[i].points != 3)
			ck_abort_msg("scope %zu has %llu", i, (unsigned long long)t.scopes[i].points);
	qf_tally_release(&t);
}
END_TEST

static void fill(struct qf_tally *t)
{
	qf_tally_reset(t);
	add(t, QF_REC_POINT, "A", NULL, "1");
	add(t, QF_REC_POINT, "A", NULL, "2");
	add(t, QF_REC_DELETE, "A", NULL, "3");
	add(t, QF_REC_POINT, "A", "t", "4");
}

START_TEST(end_checks)
{
	static const struct {
		const char *from, *to, *why; /* in the true end line, `from` becomes `to` */
	} cases[] = {
		{ "", "", NULL },
		{ "\"points\":2", "\"points\":3", "says 3 points of 'A', the stream holds 2" },
		{ "\"points\":2", "\"points\":\"2\"", "says -1 points" },
		{ "\"points\":2", "\"points\":-2", "points of 'A'" },
		{ "\"points\":2,", "", "says -1 points" },
		{ "\"points\":2", "\"points\":2.0", "points of 'A'" },
		{ "\"deletes\":1", "\"deletes\":0", "says 0 deletes of 'A', the stream holds 1" },
		{ "\"points\":1", "\"points\":0", "says 0 points of 'A' (tenant 't'), the stream holds 1" },
		{ "\"tenant\":\"t\"", "\"tenant\":\"u\"", "says 1 points of 'A' (tenant 'u'), the stream holds 0" },
		{ ",{\"collection\":\"A\",\"tenant\":\"t\",\"points\":1,\"deletes\":0,\"rejected\":0,\"whole\":false,"
		  "\"why\":\"no statement of the source\"}", "", "the stream holds points that no scope of the end line counts" },
		/* One scope said twice must not hide that another is missing. */
		{ "{\"collection\":\"A\",\"tenant\":\"t\",\"points\":1,\"deletes\":0,",
		  "{\"collection\":\"A\",\"points\":2,\"deletes\":1,", "stands twice" },
		{ "\"digest\":{\"A\":\"", "\"digest\":{\"A\":\"0", "the digest of 'A' does not agree" },
		{ "\"digest\":{\"A\"", "\"digest\":{\"B\"", "the digest of 'A' does not agree" },
		{ "\"digest\":{", "\"digest\":{}, \"x\":{", "the digest of 'A' does not agree" },
		{ "\"digest\"", "\"digests\"", "needs \"scopes\" and \"digest\"" },
		{ "\"scopes\"", "\"scope\"", "needs \"scopes\" and \"digest\"" },
		{ "{\"collection\":\"A\",\"points\"", "{\"points\"", "has no \"collection\"" },
	};
	struct qf_tally t = { 0 };

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		QF_AUTO_FREE char *end = NULL;
		QF_AUTO_BUF struct qf_buf edited = { 0 };
		struct qf_json *doc;
		char *at;
		int rc;

		fill(&t);
		end = end_of(&t);
		at = strstr(end, cases[i].from);
		ck_assert_msg(at != NULL, "%s", cases[i].from);
		qf_buf_add(&edited, end, (size_t)(at - end));
		qf_buf_puts(&edited, cases[i].to);
		qf_buf_puts(&edited, at + strlen(cases[i].from));
		ck_assert_int_eq(qf_json_parse(&arena, edited.p, edited.n, "x", &doc, &err), 0);
		rc = qf_tally_check_end(&t, doc, &err);
		ck_assert_msg((rc == 0) == !cases[i].why, "%s", qf_buf_cstr(&edited));
		if (rc < 0) {
			ck_assert_int_eq(err.code, QF_E_DATA);
			ck_assert_has(err.msg, cases[i].why);
		}
	}
	qf_tally_release(&t);
}
END_TEST

UNIT_MAIN("tally", 30, known_digests, order_split_and_merge_do_not_count, scopes, many_tenants, end_checks)
