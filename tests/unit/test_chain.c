/* The chain at work: one tree for all steps, what becomes of refused points, lists of records. */
#include "common/data/rejects.h"
#include "tests/unit/step_kit.h"

#define LINE_A "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"sparse\":{},\"payload\":{}}"
#define LINE_B "{\"type\":\"collection\",\"name\":\"B\",\"vectors\":{},\"sparse\":{},\"payload\":{}}"
#define HEAD "{\"type\":\"stream\",\"version\":1,\"run\":\"r\"}"
#define OF(name, id, payload) "{\"type\":\"point\",\"collection\":\"" name "\",\"id\":" id ",\"payload\":" payload "}"
#define END "{\"type\":\"end\",\"scopes\":[],\"digest\":{}}"

static const struct step_case cases[] = {
	{ "raw and tree steps take turns", "set: {a: 1}\nrename: {a: b}\nset: {c: 2}\ndrop: [b]\nset: {d.e: 3}\nkeep: [d, n]",
	  "{\"n\":1.0,\"x\":0}", "{\"n\":1.0,\"d\":{\"e\":3}}" },
	{ "the key behind tree edits", "set: {a: 1}\nid: uuid5", "{\"type\":\"point\",\"collection\":\"B\",\"id\":\"page-7\"}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":\"7a6b5386-8d48-5c97-a890-737532bed28a\","
	  "\"payload\":{\"a\":1,\"_id\":\"page-7\"}}" },
	{ "what is not for a step keeps its line", "{set: {a: 1}, collections: [B]}",
	  "{ \"type\" : \"point\",\"collection\":\"C\",\"id\":1,\"payload\":{ }}\n" OF("B", "2", "{ }"),
	  "{ \"type\" : \"point\",\"collection\":\"C\",\"id\":1,\"payload\":{ }}\n" OF("B", "2", "{\"a\":1}") },
	{ "steps know the new name", "rename: {collections: {A: b}}\n{set: {a: 1}, collections: [b]}", "{}",
	  OF("b", "1", "{\"a\":1}") },
	{ "a refused point names what came in", "rename: {collections: {A: b}}\nid: uuid5\nset: {n.x: 1}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":\"k\",\"payload\":{\"n\":1}}",
	  "error: step 3 (set): collection 'A', tenant 't', id k, line 1: 'n.x' cannot be set, for 'n' is a number" },
	{ "the first refused point counts", "set: {n.x: 1}", "{}\n{\"n\":1}\n{\"n\":\"\"}",
	  "error: step 1 (set): collection 'A', id 2, line 2: 'n.x' cannot be set, for 'n' is a number" },
	{ "a dead letter that came through", "set: {a: 1}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{},\"error\":{\"reason\":\"x\"}}", OF("B", "1", "{\"a\":1}") },
	{ "the same where nothing changes", "drop: [x]",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":1,\"payload\":{},\"error\":{\"reason\":\"x\"}}", OF("B", "1", "{}") },
	{ "names with - and _", "reseal\nset: {a: 1}", "{}", "{\"a\":1}" },
	{ "no such step", "sett: {a: 1}", "{}",
	  "error: --step '{sett: {a: 1}}':1:2: there is no step 'sett'; did you mean 'set'?" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

struct run {
	struct qf_chain *chain;
	struct qf_rejects *rejects;
	struct qf_batch batch;
	struct qf_buf out;
	struct qf_err err;
	char *file;
	const char *dir;
};

static void start(struct run *r, const char *steps)
{
	*r = (struct run){ .chain = qf_chain_new(), .dir = unit_dir() };
	r->file = qf_asprintf("%s/dead.ndjson", r->dir);
	r->rejects = qf_rejects_new(r->file);
	ck_assert_msg(step_chain_open(r->chain, steps, &r->err) == 0, "%s", r->err.msg);
	qf_chain_rejects(r->chain, r->rejects);
}

/* One batch; what comes out is shown in r->out. */
static int feed(struct run *r, const char *lines)
{
	qf_batch_reset(&r->batch);
	step_lines(&r->batch, lines);
	for (size_t i = 0; i < r->batch.n; i++)
		if (r->batch.rec[i].type == QF_REC_STREAM || r->batch.rec[i].type == QF_REC_COLLECTION)
			qf_rejects_note(r->rejects, &r->batch.rec[i]);
	if (qf_chain_apply(r->chain, &r->batch, &r->err) < 0)
		return -1;
	qf_buf_reset(&r->out);
	step_show(&r->batch, &r->out);
	return 0;
}

/* The dead letters, to the end. */
static void dead(struct run *r, struct qf_buf *out)
{
	int fd;

	ck_assert_msg(qf_rejects_finish(r->rejects, &r->err) == 0, "%s", r->err.msg);
	fd = open(r->file, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	unit_slurp(fd, out);
	close(fd);
	qf_buf_cstr(out);
}

static void stop(struct run *r)
{
	qf_chain_free(r->chain);
	qf_rejects_free(r->rejects);
	qf_batch_release(&r->batch);
	qf_buf_release(&r->out);
	unlink(r->file);
	rmdir(r->dir);
	free(r->file);
}

/* Points and scopes in one batch, a collection renamed before: each scope tells its own. */
START_TEST(scopes_tell)
{
	QF_AUTO_BUF struct qf_buf letters = { 0 }, reasons = { 0 };
	struct run r;

	start(&r, "set: {m.x: 1}\nrename: {collections: {A: c}}\n{set: {n.x: 1}, collections: [B, c]}");
	ck_assert_int_eq(feed(&r, HEAD "\n" LINE_A "\n" LINE_B "\n" OF("A", "1", "{}") "\n" OF("A", "2", "{\"n\":5}") "\n"
				  OF("B", "3", "{\"n\":6}") "\n" OF("B", "4", "{\"m\":\"\"}") "\n" OF("A", "5", "{\"n\":7}")
				  "\nscope A\nscope B\n" END), 0);
	ck_assert_has(qf_buf_cstr(&r.out), "scope c 2\nscope B 2\n");
	ck_assert_has(qf_buf_cstr(&r.out), "\"id\":1,\"payload\":{\"m\":{\"x\":1},\"n\":{\"x\":1}}}\nscope");
	ck_assert_uint_eq(qf_chain_refused(r.chain), 4);
	/* A second stream behind it counts anew, and so does a scope that comes later. */
	ck_assert_int_eq(feed(&r, HEAD "\n" LINE_A "\n" OF("A", "6", "{\"n\":5}")), 0);
	ck_assert_int_eq(feed(&r, "scope B\nscope A\n" END), 0);
	ck_assert_has(qf_buf_cstr(&r.out), "scope B 0\nscope c 1\n");
	qf_chain_reasons(r.chain, &reasons);
	ck_assert_str_eq(qf_buf_cstr(&reasons),
			 "1 by step 1 (set): 'm.x' cannot be set, for 'm' is a string\n"
			 "4 by step 3 (set): 'n.x' cannot be set, for 'n' is a number\n");
	dead(&r, &letters);
	/* As they came in: the name of the source, no edit of the first step. */
	ck_assert_has(letters.p, "{\"type\":\"point\",\"collection\":\"A\",\"id\":2,\"payload\":{\"n\":5},\"error\":{\"stage\":"
				 "\"transform\",\"step\":\"step 3 (set)\",\"reason\":\"'n.x' cannot be set, for 'n' is a number\","
				 "\"attempt\":1}}\n");
	ck_assert_has(letters.p, LINE_B);
	stop(&r);
}
END_TEST

START_TEST(attempts_count)
{
	QF_AUTO_BUF struct qf_buf letters = { 0 };
	struct run r;

	start(&r, "set: {n.x: 1}");
	ck_assert_int_eq(feed(&r, HEAD "\n" LINE_A "\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"payload\":{\"n\":5},"
				  "\"error\":{\"stage\":\"transform\",\"reason\":\"x\",\"attempt\":7}}"), 0);
	dead(&r, &letters);
	ck_assert_has(letters.p, "\"attempt\":8}}");
	stop(&r);
}
END_TEST

/* Of a batch that came from no stream the letter holds what became of the point. */
START_TEST(no_line)
{
	QF_AUTO_BUF struct qf_buf letters = { 0 };
	struct run r;

	start(&r, "set: {a: 1}\nset: {n.x: 1}");
	step_lines(&r.batch, HEAD "\n" LINE_A "\n{\"n\":5}");
	qf_rejects_note(r.rejects, &r.batch.rec[0]);
	qf_rejects_note(r.rejects, &r.batch.rec[1]);
	r.batch.rec[2].line.p = NULL;
	ck_assert_int_eq(qf_chain_apply(r.chain, &r.batch, &r.err), 0);
	ck_assert_uint_eq(r.batch.n, 2);
	dead(&r, &letters);
	ck_assert_has(letters.p, "\"payload\":{\"n\":5,\"a\":1}");
	stop(&r);
}
END_TEST

START_TEST(many_reasons)
{
	QF_AUTO_BUF struct qf_buf lines = { 0 }, reasons = { 0 };
	struct run r;

	start(&r, "rename: {a: b}");
	qf_buf_puts(&lines, HEAD "\n" LINE_A);
	for (int i = 0; i < 5000; i++)
		QF_BUF_LIT(&lines, "\n{\"a\":1,\"b\":2}");
	/* `rename` works on raw text and stops at what it cannot do. */
	ck_assert_int_eq(feed(&r, qf_buf_cstr(&lines)), 0);
	ck_assert_uint_eq(r.batch.n, 2);
	qf_chain_reasons(r.chain, &reasons);
	ck_assert_has(qf_buf_cstr(&reasons), "5000 by step 1 (rename): 'a' cannot be renamed to 'b'");
	stop(&r);
}
END_TEST

START_TEST(lists_of_records)
{
	struct qf_batch b = { 0 };
	struct qf_expand x = { 0 };

	step_lines(&b, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}");
	for (size_t i = 0; i < b.n; i++)
		for (size_t k = 0; k < i; k++)
			qf_expand_add(&x, &b.rec[i])->id.num = 10 * i + k;
	qf_expand_finish(&x, &b);
	ck_assert_uint_eq(b.n, 3);
	ck_assert_uint_eq(b.rec[0].id.num, 10);
	ck_assert_uint_eq(b.rec[1].id.num, 20);
	ck_assert_uint_eq(b.rec[2].id.num, 21);
	ck_assert(qf_str_is(b.rec[2].payload, "{\"n\":3}"));
	qf_batch_release(&b);
}
END_TEST

/* Quotes in YAML count where they make another value, and nowhere else. */
START_TEST(settings)
{
	static const char *const equal[][2] = { { "set lang=en", "{set: {lang: \"en\"}}" }, { "drop a", "{drop: 'a'}" } };
	static const char *const differ[][2] = { { "set n=5", "{set: {n: '5'}}" }, { "set n=5", "set n=5.0" } };

	for (int which = 0; which < 2; which++)
		for (size_t i = 0; i < 2; i++) {
			const char *const *pair = which ? differ[i] : equal[i];
			struct qf_buf text[2] = { { 0 }, { 0 } };

			for (int k = 0; k < 2; k++) {
				struct qf_chain *c = qf_chain_new();
				struct qf_err err;

				ck_assert_msg(qf_chain_add_text(c, pair[k], &err) == 0, "%s", err.msg);
				qf_chain_settings(c, &text[k]);
				qf_chain_free(c);
			}
			ck_assert_msg(qf_str_eq(qf_buf_str(&text[0]), qf_buf_str(&text[1])) == !which, "%s", pair[0]);
			qf_buf_release(&text[0]);
			qf_buf_release(&text[1]);
		}
}
END_TEST

UNIT_MAIN("chain", 120, table, scopes_tell, attempts_count, no_line, many_reasons, lists_of_records, settings)
