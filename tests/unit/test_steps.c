/* The steps of transform and their chain: lines in, lines out. */
#include <check.h>
#include <stdlib.h>

#include "common/data/stream.h"
#include "tools/transform/steps.h"

#define A_LINE "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}}," \
	       "\"sparse\":{},\"payload\":{\"title\":{\"type\":\"text\"}},\"count\":2}"
#define B_LINE "{\"type\":\"collection\",\"name\":\"B\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}}," \
	       "\"sparse\":{},\"payload\":{\"year\":{\"type\":\"integer\"}},\"count\":3}"
#define POINT(payload) "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":" payload "}"

struct work {
	struct qf_chain *chain;
	struct qf_batch batch;
	struct qf_buf out;
	struct qf_err err;
};

static void done(struct work *w)
{
	qf_chain_free(w->chain);
	qf_batch_release(&w->batch);
	qf_buf_release(&w->out);
}

/* The chain of a newline-separated list of inline steps. */
static int open_chain(struct work *w, const char *steps)
{
	*w = (struct work){ .chain = qf_chain_new() };
	while (*steps) {
		size_t n = strcspn(steps, "\n");
		char *step = qf_strndup(steps, n);
		int rc = qf_chain_add_text(w->chain, step, &w->err);

		free(step);
		if (rc < 0)
			return -1;
		steps += n + (steps[n] == '\n');
	}
	return 0;
}

/* Applies the chain to newline-separated lines; what comes out is in w->out, line by line. */
static int apply(struct work *w, const char *lines)
{
	qf_batch_reset(&w->batch);
	qf_buf_reset(&w->out);
	for (uint64_t no = 1; *lines; no++) {
		size_t n = strcspn(lines, "\n");
		struct qf_record *rec = qf_batch_add(&w->batch, QF_REC_POINT);
		struct qf_str line = { lines, n };

		ck_assert_msg(qf_line_parse(line, 64, rec, &w->batch.arena, &w->err) == 0, "%s", w->err.msg);
		rec->line_no = no;
		lines += n + (lines[n] == '\n');
	}
	if (qf_chain_apply(w->chain, &w->batch, &w->err) < 0)
		return -1;
	for (size_t i = 0; i < w->batch.n; i++) {
		struct qf_record *rec = &w->batch.rec[i];

		if (i)
			qf_buf_addc(&w->out, '\n');
		if (rec->line.p)
			qf_buf_add_str(&w->out, rec->line);
		else
			ck_assert_int_eq(qf_line_write(rec, QF_VECTORS_KEEP, &w->out, &w->err), 0);
	}
	return 0;
}

static void expect(const char *steps, const char *in, const char *out)
{
	struct work w;

	ck_assert_msg(open_chain(&w, steps) == 0, "%s: %s", steps, w.err.msg);
	ck_assert_msg(apply(&w, in) == 0, "%s: %s", steps, w.err.msg);
	ck_assert_msg(!strcmp(qf_buf_cstr(&w.out), out), "%s\n got %s\nwant %s", steps, qf_buf_cstr(&w.out), out);
	done(&w);
}

static void refuse(const char *steps, const char *in, enum qf_code code, const char *words)
{
	struct work w;
	int rc = open_chain(&w, steps);

	if (rc == 0)
		rc = apply(&w, in);
	ck_assert_msg(rc < 0, "%s was taken", steps);
	ck_assert_msg(w.err.code == code, "%s: code %d: %s", steps, w.err.code, w.err.msg);
	ck_assert_msg(strstr(w.err.msg, words) != NULL, "%s: '%s' is not in: %s", steps, words, w.err.msg);
	done(&w);
}

/* ---- payload properties ---- */

static const struct {
	const char *name, *steps, *in, *out;
} payload_cases[] = {
	{ "rename", "rename a=b", "{\"a\":1,\"c\":2}", "{\"b\":1,\"c\":2}" },
	{ "rename keeps numbers and space", "rename a=b",
	  "{ \"x\" : 1.0e5, \"a\" : 18446744073709551615 , \"y\":[ 5.0 ] }",
	  "{ \"x\" : 1.0e5, \"b\":18446744073709551615 , \"y\":[ 5.0 ] }" },
	{ "rename swaps", "rename a=b b=a", "{\"a\":1,\"b\":2}", "{\"b\":1,\"a\":2}" },
	{ "rename where nothing is", "rename z=b", "{\"a\":1}", "{\"a\":1}" },
	{ "rename of an escaped key", "rename aé=b", "{\"a\\u00e9\":1}", "{\"b\":1}" },
	{ "rename nested", "rename a.b=c", "{\"a\":{\"b\":1,\"d\":{\"b\":2}},\"b\":3}",
	  "{\"a\":{\"c\":1,\"d\":{\"b\":2}},\"b\":3}" },
	{ "rename nested with parents", "rename a.b=a.c", "{\"a\":{\"b\":1}}", "{\"a\":{\"c\":1}}" },
	{ "rename through arrays", "rename a.b=c", "{\"a\":[{\"b\":1},{\"x\":0},3,[{\"b\":2}],{}]}",
	  "{\"a\":[{\"c\":1},{\"x\":0},3,[{\"c\":2}],{}]}" },
	{ "rename with brackets", "rename a[].b=c", "{\"a\":[{\"b\":1}]}", "{\"a\":[{\"c\":1}]}" },
	{ "rename parent and child", "{rename: {a: x, a.b: c}}", "{\"a\":{\"b\":1}}", "{\"x\":{\"c\":1}}" },
	{ "rename a key with a dot", "{rename: {'\"a.b\"': c}}", "{\"a.b\":1,\"a\":{\"b\":2}}",
	  "{\"c\":1,\"a\":{\"b\":2}}" },
	{ "rename, long form", "{rename: {properties: {vectors: v}}}", "{\"vectors\":1}", "{\"v\":1}" },
	{ "rename of a property called collections", "rename collections=c", "{\"collections\":1}", "{\"c\":1}" },
	{ "new name is escaped", "{rename: {a: 'b\\c'}}", "{\"a\":1}", "{\"b\\\\c\":1}" },
	{ "drop first", "drop a", "{\"a\":1,\"b\":2}", "{\"b\":2}" },
	{ "drop middle", "drop b", "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1,\"c\":3}" },
	{ "drop last", "drop b", "{\"a\":1,\"b\":2}", "{\"a\":1}" },
	{ "drop all", "drop a b", "{\"a\":1,\"b\":2}", "{}" },
	{ "drop two at the start", "drop a b", "{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3}" },
	{ "drop two at the end", "drop c b", "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1}" },
	{ "drop around", "drop a c e", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}", "{\"b\":2,\"d\":4}" },
	{ "drop with space", "drop a", "{ \"a\" : 1 , \"b\" : 2 }", "{ \"b\" : 2 }" },
	{ "drop nested", "drop a.b", "{\"a\":{\"b\":{\"x\":[1,2]},\"c\":1},\"d\":\"}\"}",
	  "{\"a\":{\"c\":1},\"d\":\"}\"}" },
	{ "drop in arrays", "drop a.b", "{\"a\":[{\"b\":1},{\"b\":1,\"c\":2}]}", "{\"a\":[{},{\"c\":2}]}" },
	{ "drop of nothing", "drop z", "{\"a\":1}", "{\"a\":1}" },
	{ "drop of the tenant, named", "drop _tenant", "{\"_tenant\":\"t\",\"a\":1}", "{\"a\":1}" },
	{ "keep", "keep b", "{\"a\":1,\"b\":2,\"c\":3}", "{\"b\":2}" },
	{ "keep of the tenant and the key", "keep b", "{\"a\":1,\"_id\":\"k\",\"b\":2,\"_tenant\":\"t\"}",
	  "{\"_id\":\"k\",\"b\":2,\"_tenant\":\"t\"}" },
	{ "keep nested", "keep a.b", "{\"a\":{\"b\":1,\"c\":2},\"d\":3}", "{\"a\":{\"b\":1}}" },
	{ "keep a whole object", "keep a a.b", "{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"b\":1,\"c\":2}}" },
	{ "keep with no match", "keep z", "{\"a\":1}", "{}" },
	{ "no payload", "drop a", "{}", "{}" },
	{ "two steps", "rename a=b\ndrop b", "{\"a\":1,\"c\":2}", "{\"c\":2}" },
	{ "quoted words", "rename 'a b'=\"c d\"", "{\"a b\":1}", "{\"c d\":1}" },
	{ "limited to another collection", "{drop: [a], collections: [B]}", "{\"a\":1}", "{\"a\":1}" },
	{ "limited to this collection", "{drop: [a], collections: [B, A]}", "{\"a\":1}", "{}" },
};

START_TEST(payload)
{
	char *in = qf_asprintf(POINT("%s"), payload_cases[_i].in);
	char *out = qf_asprintf(POINT("%s"), payload_cases[_i].out);

	expect(payload_cases[_i].steps, in, out);
	free(in);
	free(out);
}
END_TEST

START_TEST(payload_refused)
{
	refuse("rename a=b", POINT("{\"a\":1,\"b\":2}"), QF_E_DATA, "line 1");
	refuse("rename a=b", POINT("{\"b\":1,\"a\":2}"), QF_E_DATA, "step 1 (rename)");
	refuse("rename a.x=y", POINT("{\"a\":[{\"x\":1,\"y\":2}]}"), QF_E_DATA, "'y'");
	refuse("rename a.b=c.d", "", QF_E_CONFIG, "last part");
	refuse("rename a=c b=c", "", QF_E_CONFIG, "both 'a' and 'b'");
	refuse("rename a", "", QF_E_CONFIG, "a map is expected");
	refuse("rename a=", "", QF_E_CONFIG, "a new name for 'a'");
	refuse("{rename: {collection: {a: b}}}", "", QF_E_CONFIG, "did you mean 'collections'");
	refuse("drop", "", QF_E_CONFIG, "names are expected");
	refuse("drop a..b", "", QF_E_CONFIG, "no path");
	refuse("drop a a", "", QF_E_CONFIG, "twice");
	refuse("dorp a", "", QF_E_CONFIG, "did you mean 'drop'");
	refuse("drop a b=c", "", QF_E_CONFIG, "cannot be mixed");
	refuse("{drop: [a], keep: [b]}", "", QF_E_CONFIG, "'drop' and 'keep'");
	refuse("reseal now", "", QF_E_CONFIG, "no value");
}
END_TEST

START_TEST(untouched_lines_stay)
{
	struct work w;

	ck_assert_int_eq(open_chain(&w, "drop z\nrename y=x\nkeep a"), 0);
	ck_assert_int_eq(apply(&w, POINT("{\"a\": 1}")), 0);
	ck_assert_ptr_nonnull(w.batch.rec[0].line.p);
	done(&w);
}
END_TEST

/* ---- schema ---- */

static void expect_schema(const char *steps, const char *have, const char *want)
{
	char *in = qf_asprintf("{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"sparse\":{},\"payload\":%s}",
			       have);
	char *out = qf_asprintf("{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"sparse\":{},\"payload\":%s}",
				want);

	expect(steps, in, out);
	free(in);
	free(out);
}

START_TEST(schema)
{
	expect_schema("rename a=b", "{\"a\":{},\"a.x\":{},\"a[].y\":{},\"ab\":{}}",
		      "{\"b\":{},\"b.x\":{},\"b[].y\":{},\"ab\":{}}");
	expect_schema("rename a.x=y", "{\"a\":{},\"a[].x\":{},\"a[].x.z\":{},\"x\":{}}",
		      "{\"a\":{},\"a[].y\":{},\"a[].y.z\":{},\"x\":{}}");
	expect_schema("drop a.x b", "{\"a\":{},\"a.x\":{},\"a[].x.z\":{},\"b\":{},\"b.c\":{},\"c\":{}}",
		      "{\"a\":{},\"c\":{}}");
	expect_schema("keep a.x", "{\"a\":{},\"a.x\":{},\"a.y\":{},\"b\":{},\"_id\":{},\"t\":{\"is_tenant\":true}}",
		      "{\"a\":{},\"a.x\":{},\"_id\":{},\"t\":{\"is_tenant\":true}}");
	refuse("rename a=b",
	       "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"payload\":{\"a\":{},\"b\":{}}}", QF_E_DATA,
	       "twice");
}
END_TEST

/* A tenant key of another name stays, for the schema says what it is. */
START_TEST(keep_learns_the_tenant_key)
{
	expect("keep a",
	       "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"payload\":{\"org\":{\"is_tenant\":true}}}\n"
	       POINT("{\"a\":1,\"b\":2,\"org\":\"x\"}"),
	       "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"payload\":{\"org\":{\"is_tenant\":true}}}\n"
	       POINT("{\"a\":1,\"org\":\"x\"}"));
}
END_TEST

/* ---- vectors ---- */

static const struct {
	const char *steps, *in, *out;
} vector_cases[] = {
	{ "{rename: {vectors: {a: b}}}", "{\"a\":[1.0],\"c\":\"AAAA\"}", "{\"b\":[1.0],\"c\":\"AAAA\"}" },
	{ "{rename: {vectors: {a: ''}}}", "{\"a\":[1.0]}", "[1.0]" },
	{ "{rename: {vectors: {a: ''}}}", "{\"a\":[1.0],\"c\":[2.0]}", "{\"\":[1.0],\"c\":[2.0]}" },
	{ "{rename: {vectors: {'': b}}}", "[1.0]", "{\"b\":[1.0]}" },
	{ "{rename: {vectors: {'': b}}}", "\"AACAPw==\"", "{\"b\":\"AACAPw==\"}" },
	{ "{rename: {vectors: {'': b}}}", "{\"\":[1.0],\"c\":[2.0]}", "{\"b\":[1.0],\"c\":[2.0]}" },
	{ "{rename: {vectors: {a: b, b: a}}}", "{\"a\":[1.0],\"b\":[2.0]}", "{\"b\":[1.0],\"a\":[2.0]}" },
	{ "{rename: {vectors: {x: y}}}", "{\"a\":[1.0]}", "{\"a\":[1.0]}" },
	{ "{rename: {vectors: {a: ''}}}", "{\"a\":{\"indices\":[1],\"values\":[0.5]}}",
	  "{\"\":{\"indices\":[1],\"values\":[0.5]}}" },
};

START_TEST(vectors)
{
	char *in = qf_asprintf("{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":%s}",
			       vector_cases[_i].in);
	char *out = qf_asprintf("{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":%s}",
				vector_cases[_i].out);

	expect(vector_cases[_i].steps, in, out);
	free(in);
	free(out);
}
END_TEST

START_TEST(vectors_of_the_schema)
{
	expect("{rename: {vectors: {'': v, s: t}}}",
	       "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}},"
	       "\"sparse\":{\"s\":{}}}",
	       "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"v\":{\"size\":2,\"distance\":\"Dot\"}},"
	       "\"sparse\":{\"t\":{}}}");
	refuse("{rename: {vectors: {a: b}}}",
	       "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"a\":{\"size\":2,\"distance\":\"Dot\"},"
	       "\"b\":{\"size\":2,\"distance\":\"Dot\"}}}",
	       QF_E_DATA, "there is one of that name");
	refuse("{rename: {vectors: {a: c, b: c}}}", "", QF_E_CONFIG, "both become 'c'");
}
END_TEST

/* ---- collections ---- */

START_TEST(select_collections)
{
	expect("select A",
	       A_LINE "\n" B_LINE "\n" POINT("{}") "\n"
	       "{\"type\":\"delete\",\"collection\":\"B\",\"id\":1}\n"
	       "{\"type\":\"cursor\",\"collection\":\"B\",\"from\":null,\"to\":null}\n"
	       "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":null}",
	       A_LINE "\n" POINT("{}") "\n{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":null}");
}
END_TEST

START_TEST(rename_collections)
{
	/* An alias that is the new name would stand in its way. */
	expect("{rename: {collections: {A: docs}}}",
	       "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"aliases\":[\"docs\",\"x\"]}\n"
	       "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":1}\n"
	       "{\"type\":\"delete\",\"collection\":\"A\",\"id\":2}\n"
	       "{\"type\":\"cursor\",\"collection\":\"A\",\"tenant\":\"t\",\"from\":1,\"to\":null}\n"
	       "{\"type\":\"point\",\"collection\":\"B\",\"id\":1}",
	       "{\"type\":\"collection\",\"name\":\"docs\",\"vectors\":{},\"aliases\":[\"x\"]}\n"
	       "{\"type\":\"point\",\"collection\":\"docs\",\"tenant\":\"t\",\"id\":1}\n"
	       "{\"type\":\"delete\",\"collection\":\"docs\",\"id\":2}\n"
	       "{\"type\":\"cursor\",\"collection\":\"docs\",\"tenant\":\"t\",\"from\":1,\"to\":null}\n"
	       "{\"type\":\"point\",\"collection\":\"B\",\"id\":1}");
	refuse("{rename: {collections: {A: B}}}", A_LINE "\n" B_LINE, QF_E_DATA, "to merge the two write 'B: B'");
}
END_TEST

#define MERGED "\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}},\"sparse\":{}," \
	       "\"payload\":{\"title\":{\"type\":\"text\"},\"year\":{\"type\":\"integer\"}},\"count\":5}"

START_TEST(merge_collections)
{
	/* The second line tells of both; no interval of one is true of the whole. */
	expect("{rename: {collections: {A: C, B: C}}}",
	       A_LINE "\n" POINT("{}") "\n{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":null}\n" B_LINE,
	       "{\"type\":\"collection\",\"name\":\"C\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}},"
	       "\"sparse\":{},\"payload\":{\"title\":{\"type\":\"text\"}},\"count\":2}\n"
	       "{\"type\":\"point\",\"collection\":\"C\",\"id\":1,\"payload\":{}}\n"
	       "{\"type\":\"collection\",\"name\":\"C\"," MERGED);
	expect("{rename: {collections: {A: B, B: B}}}", B_LINE "\n" A_LINE,
	       B_LINE "\n{\"type\":\"collection\",\"name\":\"B\","
	       "\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}},\"sparse\":{},"
	       "\"payload\":{\"year\":{\"type\":\"integer\"},\"title\":{\"type\":\"text\"}},\"count\":5}");
	refuse("{rename: {collections: {A: C, B: C}}}",
	       A_LINE "\n{\"type\":\"collection\",\"name\":\"B\",\"vectors\":{\"\":{\"size\":3,\"distance\":\"Dot\"}}}",
	       QF_E_DATA, "'A' and 'B' cannot be merged into 'C'");
}
END_TEST

START_TEST(scopes_follow)
{
	struct qf_record *rec;
	struct qf_str name;
	struct work w;

	ck_assert_int_eq(open_chain(&w, "{rename: {collections: {A: C}}}\nselect C"), 0);
	rec = qf_batch_add(&w.batch, QF_REC_SCOPE);
	rec->collection = QF_STR("A");
	rec = qf_batch_add(&w.batch, QF_REC_SCOPE);
	rec->collection = QF_STR("B");
	qf_batch_add(&w.batch, QF_REC_END);
	ck_assert_int_eq(qf_chain_apply(w.chain, &w.batch, &w.err), 0);
	ck_assert_uint_eq(w.batch.n, 2);
	ck_assert(qf_str_is(w.batch.rec[0].collection, "C"));
	ck_assert_int_eq(w.batch.rec[1].type, QF_REC_END);
	ck_assert_int_eq(qf_chain_map_name(w.chain, QF_STR("A"), &w.batch.arena, &name, &w.err), 0);
	ck_assert(qf_str_is(name, "C"));
	ck_assert_int_eq(qf_chain_map_name(w.chain, QF_STR("B"), &w.batch.arena, &name, &w.err), 0);
	ck_assert_ptr_null(name.p);
	done(&w);
}
END_TEST

/* ---- ids ---- */

#define UUID "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

static const struct {
	const char *mode, *in, *out;
} id_cases[] = {
	{ "id keep", "\"id\":\"some key\",\"payload\":{}", "\"id\":\"some key\",\"payload\":{}" },
	{ "id uuid5", "\"id\":42,\"payload\":{}", "\"id\":42,\"payload\":{}" },
	{ "id uuid5", "\"id\":\"" UUID "\"", "\"id\":\"" UUID "\"" },
	/* uuid.uuid5(uuid.NAMESPACE_URL, "some key") */
	{ "id uuid5", "\"id\":\"some key\",\"payload\":{\"a\":1 }",
	  "\"id\":\"5c451864-1f62-5d1a-8eda-cbef70ba98ab\",\"payload\":{\"a\":1,\"_id\":\"some key\"}" },
	{ "id uuid5", "\"id\":\"some key\"",
	  "\"id\":\"5c451864-1f62-5d1a-8eda-cbef70ba98ab\",\"payload\":{\"_id\":\"some key\"}" },
	{ "id uuid5", "\"id\":\"some key\",\"payload\":{ }",
	  "\"id\":\"5c451864-1f62-5d1a-8eda-cbef70ba98ab\",\"payload\":{\"_id\":\"some key\"}" },
	{ "id tenant-hash", "\"id\":42,\"payload\":{}", "\"id\":42,\"payload\":{}" },
	/* uuid.uuid5(uuid.NAMESPACE_URL, "acme|42") */
	{ "id tenant-hash", "\"tenant\":\"acme\",\"id\":42,\"payload\":{\"a\":{}}",
	  "\"tenant\":\"acme\",\"id\":\"b55cdbcd-05b5-5159-8c73-09b1e35edae3\","
	  "\"payload\":{\"a\":{},\"_id\":\"42\"}" },
	/* uuid.uuid5(uuid.NAMESPACE_URL, "acme|6ba7b810-...") */
	{ "id tenant-hash", "\"tenant\":\"acme\",\"id\":\"" UUID "\",\"payload\":{\"a\":\"_id\"}",
	  "\"tenant\":\"acme\",\"id\":\"083c3536-42f4-5c0d-9c50-8e26412a61a9\","
	  "\"payload\":{\"a\":\"_id\",\"_id\":\"" UUID "\"}" },
};

START_TEST(ids)
{
	char *in = qf_asprintf("{\"type\":\"point\",\"collection\":\"A\",%s}", id_cases[_i].in);
	char *out = qf_asprintf("{\"type\":\"point\",\"collection\":\"A\",%s}", id_cases[_i].out);

	expect(id_cases[_i].mode, in, out);
	free(in);
	free(out);
}
END_TEST

START_TEST(ids_elsewhere)
{
	/* A delete has to find the point that its upsert made. */
	expect("id tenant-hash", "{\"type\":\"delete\",\"collection\":\"A\",\"tenant\":\"acme\",\"id\":42}",
	       "{\"type\":\"delete\",\"collection\":\"A\",\"tenant\":\"acme\","
	       "\"id\":\"b55cdbcd-05b5-5159-8c73-09b1e35edae3\"}");
	expect("id uuid5", "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"payload\":{}}",
	       "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"payload\":{\"_id\":{\"type\":\"keyword\"}}}");
	expect("id tenant-hash", A_LINE, A_LINE);
	expect("id tenant-hash",
	       "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"payload\":{\"t\":{\"is_tenant\":true}}}",
	       "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"payload\":{\"t\":{\"is_tenant\":true},"
	       "\"_id\":{\"type\":\"keyword\"}}}");
	refuse("id uuid5", "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"k\",\"payload\":{\"_id\":1}}", QF_E_DATA,
	       "id k");
	refuse("id uuid4", "", QF_E_CONFIG, "'uuid4' is none of keep|uuid5|tenant-hash");
	refuse("id", "", QF_E_CONFIG, "id: keep | uuid5");
}
END_TEST

/* ---- the chain ---- */

START_TEST(yaml_and_inline_are_one)
{
	static const char text[] = "transform:\n  steps:\n    - rename: {title: name, a: b}\n    - drop: [x, 'y']\n"
				   "    - reseal\n    - id: uuid5\n";
	QF_AUTO_BUF struct qf_buf a = { 0 }, b = { 0 };
	struct qf_conf conf;
	struct qf_err err;
	struct qf_chain *c = qf_chain_new();
	struct work w;

	ck_assert_int_eq(qf_conf_parse(&conf, "m.yaml", text, strlen(text), &err), 0);
	ck_assert_msg(qf_chain_add_conf(c, &conf, &err) == 0, "%s", err.msg);
	qf_chain_settings(c, &a);
	ck_assert_int_eq(open_chain(&w, "rename title=name a=b\ndrop x y\nreseal\nid uuid5"), 0);
	qf_chain_settings(w.chain, &b);
	ck_assert_str_eq(qf_buf_cstr(&a), qf_buf_cstr(&b));
	ck_assert_uint_eq(qf_chain_count(c), 4);
	ck_assert(qf_chain_pure(c));
	ck_assert(qf_chain_has(c, "reseal", NULL));
	ck_assert(qf_chain_has(c, "id", "uuid5"));
	ck_assert(!qf_chain_has(c, "id", "tenant-hash"));
	ck_assert(!qf_chain_has(c, "select", NULL));
	qf_chain_free(c);
	qf_conf_release(&conf);
	done(&w);
}
END_TEST

static const struct {
	const char *yaml, *words;
} bad_yaml[] = {
	{ "steps:\n  rename: {a: b}\n", "m.yaml:1:1: steps must be a list" },
	{ "steps:\n  - renam: {a: b}\n", "m.yaml:2:5: there is no step 'renam'; did you mean 'rename'?" },
	{ "steps:\n  - rename: {a: b}\n    drop: [c]\n", "m.yaml:3:5: 'rename' and 'drop' stand in one step" },
	{ "steps:\n  - [drop, a]\n", "m.yaml:2:5: a step is expected" },
	{ "steps:\n  - drop: {a: b}\n", "m.yaml:2:5: names are expected" },
	{ "steps: [reseal]\ntransform: {steps: [reseal]}\n", "one place is enough" },
	{ "steps:\n  - drop: [a]\n    collections: []\n", "m.yaml:3:5: the list is empty" },
	{ "- drop: [a]\n", "a map is expected" },
};

START_TEST(yaml_refused)
{
	struct qf_chain *c = qf_chain_new();
	struct qf_conf conf;
	struct qf_err err;

	ck_assert_int_eq(qf_conf_parse(&conf, "m.yaml", bad_yaml[_i].yaml, strlen(bad_yaml[_i].yaml), &err), 0);
	ck_assert_int_eq(qf_chain_add_conf(c, &conf, &err), -1);
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_msg(strstr(err.msg, bad_yaml[_i].words) != NULL, "%s", err.msg);
	qf_chain_free(c);
	qf_conf_release(&conf);
}
END_TEST

/* A limited step sees its own records only, and the order stays. */
START_TEST(limited_keeps_order)
{
#define P(c, id) "{\"type\":\"point\",\"collection\":\"" c "\",\"id\":" id ",\"payload\":{\"a\":1}}"
#define Q(c, id) "{\"type\":\"point\",\"collection\":\"" c "\",\"id\":" id ",\"payload\":{}}"
	expect("{drop: [a], collections: [B]}", P("A", "1") "\n" P("B", "2") "\n" P("B", "3") "\n" P("A", "4"),
	       P("A", "1") "\n" Q("B", "2") "\n" Q("B", "3") "\n" P("A", "4"));
	expect("{select: [A], collections: [B]}", P("A", "1") "\n" P("B", "2") "\n" P("C", "3"),
	       P("A", "1") "\n" P("C", "3"));
}
END_TEST

/* Each step stands for itself: it opens with nothing and fails cleanly, or closes cleanly. */
START_TEST(every_step_is_well_formed)
{
	static const char *const groups[] = { "shape", "values", "filters", "ids", "vectors", "rows", "chunks",
					      "lookup" };

	for (size_t i = 0; qf_steps[i]; i++) {
		const struct qf_step *s = qf_steps[i];
		struct qf_chain *c = qf_chain_new();
		struct qf_err err = { 0 };
		struct qf_batch b = { 0 };
		size_t g = 0;

		ck_assert_ptr_nonnull(s->help);
		ck_assert_ptr_nonnull(s->usage);
		ck_assert_msg(qf_str_starts(qf_str(s->usage), s->name), "%s: %s", s->name, s->usage);
		ck_assert_msg(s->group != NULL, "%s has no group", s->name);
		while (g < QF_LEN(groups) && strcmp(groups[g], s->group) != 0)
			g++;
		ck_assert_msg(g < QF_LEN(groups), "%s: group %s", s->name, s->group);
		ck_assert_msg(s->forms || s->short_opt, "%s has no form", s->name);
		ck_assert_msg(s->apply || s->point || s->collection, "%s does nothing", s->name);
		if (qf_chain_add_text(c, s->name, &err) == 0)
			ck_assert_int_eq(qf_chain_apply(c, &b, &err), 0);
		else
			ck_assert_msg(err.code == QF_E_CONFIG, "%s: %s", s->name, err.msg);
		qf_chain_free(c);
		qf_batch_release(&b);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("steps");
	TCase *t = tcase_create("steps");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(t, payload, 0, (int)QF_LEN(payload_cases));
	tcase_add_test(t, payload_refused);
	tcase_add_test(t, untouched_lines_stay);
	tcase_add_test(t, schema);
	tcase_add_test(t, keep_learns_the_tenant_key);
	tcase_add_loop_test(t, vectors, 0, (int)QF_LEN(vector_cases));
	tcase_add_test(t, vectors_of_the_schema);
	tcase_add_test(t, select_collections);
	tcase_add_test(t, rename_collections);
	tcase_add_test(t, merge_collections);
	tcase_add_test(t, scopes_follow);
	tcase_add_loop_test(t, ids, 0, (int)QF_LEN(id_cases));
	tcase_add_test(t, ids_elsewhere);
	tcase_add_test(t, yaml_and_inline_are_one);
	tcase_add_loop_test(t, yaml_refused, 0, (int)QF_LEN(bad_yaml));
	tcase_add_test(t, limited_keeps_order);
	tcase_add_test(t, every_step_is_well_formed);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
