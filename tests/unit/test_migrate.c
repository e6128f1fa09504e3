/* The parts of migrate that need no server: plans, blame, what stages say, verdicts, the display. */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/tool.h"
#include "tools/migrate/migrate.h"
#include "tools/migrate/spawn.h"

/* ---- plans ---- */

struct planned {
	struct qf_conf conf;
	struct qf_plan plan;
	struct qf_err err;
	int rc;
};

static void plan_of(struct planned *p, const char *text)
{
	*p = (struct planned){ 0 };
	p->rc = qf_conf_parse(&p->conf, "p.yaml", text, strlen(text), &p->err);
	ck_assert_msg(p->rc == 0, "%s", p->err.msg);
	p->rc = qf_plan_read(&p->plan, &p->conf, &p->err);
}

static void plan_done(struct planned *p)
{
	qf_plan_release(&p->plan);
	qf_conf_release(&p->conf);
}

#define SIDES "source: {kind: weaviate}\ntarget: {kind: qdrant}\n"

START_TEST(plan)
{
	static const char *const flags[] = { "--jobs=4", "--tenant=a", "--tenant=b", "--max-line=1MiB" };
	struct planned p;

	plan_of(&p, "source: {kind: weaviate, url: 'http://x'}\ntarget: {kind: qdrant}\n"
		    "extract: {jobs: 4, tenant: [a, b], max_line: 1MiB}\nload: {collection: all, dead-letter: d.ndjson}\n"
		    "steps: [{rename: {a: b}}]\n");
	ck_assert_msg(p.rc == 0, "%s", p.err.msg);
	ck_assert_str_eq(p.plan.source, "weaviate");
	ck_assert_str_eq(p.plan.target, "qdrant");
	ck_assert_str_eq(p.plan.collection, "all");
	ck_assert_str_eq(p.plan.dead_letter, "d.ndjson");
	ck_assert(p.plan.verify);
	ck_assert_uint_eq(p.plan.extract.n, QF_LEN(flags));
	for (size_t i = 0; i < QF_LEN(flags); i++)
		ck_assert_str_eq(p.plan.extract.list[i], flags[i]);
	ck_assert_uint_eq(qf_chain_count(p.plan.chain), 1);
	plan_done(&p);
	/* Whole collections may be left out, and single points where nobody counts. */
	plan_of(&p, SIDES "steps: [{select: [A, B]}, {omit: [B]}]\n");
	ck_assert_msg(p.rc == 0, "%s", p.err.msg);
	plan_done(&p);
	plan_of(&p, SIDES "verify: none\nsteps: [{filter: 'a = 1'}]\n");
	ck_assert_msg(p.rc == 0, "%s", p.err.msg);
	plan_done(&p);
}
END_TEST

static const struct {
	const char *text, *words;
} bad_plans[] = {
	{ "", "the plan is empty" },
	{ "source: {kind: weaviate}\n", "has no 'target:'" },
	{ "source: weaviate\ntarget: {kind: qdrant}\n", "p.yaml:1:1: source must be a map" },
	{ "source: {url: x}\ntarget: {kind: qdrant}\n", "p.yaml:1:1: source does not say of what kind" },
	{ "source: {kind: --help}\ntarget: {kind: qdrant}\n", "one word" },
	{ SIDES "sorce: x\n", "p.yaml:3:1: a plan has no setting 'sorce'; did you mean 'source'?" },
	{ SIDES "verify: full\n", "p.yaml:3:1: verify is 'counts' or 'none'" },
	{ SIDES "load: 4\n", "load must be a map" },
	{ SIDES "load: {report: x}\n", "migrate sets --report itself" },
	{ SIDES "extract: {jobs: {a: b}}\n", "a value or a list of values" },
	{ SIDES "steps: [{drpo: [a]}]\n", "did you mean 'drop'" },
	{ SIDES "steps: [{omit: [A]}, {filter: 'a = 1'}]\n", "after the step 'filter' a collection has another number" },
	{ SIDES "steps: [{limit: 5}]\n", "after the step 'limit'" },
	{ SIDES "steps: [{chunk: {property: text}}]\n", "after the step 'chunk'" },
	{ SIDES "verify: none\nsteps: [{split: {by: lang, into: {en: B}, else: C}}]\n", "after the step 'split'" },
	{ "source: {kind: weaviate}\ntarget: {kind: qdrant, collection: x}\n",
	  "p.yaml:2:24: collection belongs under 'load:'" },
};

START_TEST(plan_refused)
{
	struct planned p;

	plan_of(&p, bad_plans[_i].text);
	ck_assert_int_eq(p.rc, -1);
	ck_assert_int_eq(p.err.code, QF_E_CONFIG);
	ck_assert_msg(strstr(p.err.msg, bad_plans[_i].words) != NULL, "%s", p.err.msg);
	plan_done(&p);
}
END_TEST

/* A file of the tree, from this one's path, which the build gives from where tests run. */
static char *tree_file(const char *name)
{
	const char *slash = strrchr(__FILE__, '/');

	return qf_asprintf("%.*s/../../%s", (int)(slash - __FILE__), __FILE__, name);
}

/* The example plan and mapping are read as they stand. */
START_TEST(examples)
{
	char *file = tree_file("configs/migrate.yaml");
	struct planned p = { 0 };

	p.rc = qf_conf_read(&p.conf, file, &p.err);
	ck_assert_msg(p.rc == 0, "%s", p.err.msg);
	p.rc = qf_plan_read(&p.plan, &p.conf, &p.err);
	ck_assert_msg(p.rc == 0, "%s", p.err.msg);
	ck_assert_str_eq(p.plan.source, "weaviate");
	ck_assert_uint_eq(qf_chain_count(p.plan.chain), 0);
	plan_done(&p);
	free(file);

	file = tree_file("configs/mapping.yaml");
	p = (struct planned){ .plan = { .chain = qf_chain_new() } };
	p.rc = qf_conf_read(&p.conf, file, &p.err);
	ck_assert_msg(p.rc == 0, "%s", p.err.msg);
	p.rc = qf_chain_add_conf(p.plan.chain, &p.conf, &p.err);
	ck_assert_msg(p.rc == 0, "%s", p.err.msg);
	ck_assert_uint_eq(qf_chain_count(p.plan.chain), 7);
	plan_done(&p);
	free(file);
}
END_TEST

/* ---- stages ---- */

static const struct {
	const char *name;
	int status[3];	  /* of extract, transform, load; -1: did not end */
	unsigned order[3];
	int told;	  /* the stage that was told to stop, or -1 */
	int cause;	  /* the stage at fault; -1: none */
} blames[] = {
	{ "all well", { 0, 0, 0 }, { 1, 2, 3 }, -1, -1 },
	{ "partial is no failure", { 3, 0, 3 }, { 1, 2, 3 }, -1, -1 },
	{ "source fails, the others starve", { 69, 75, 75 }, { 1, 2, 3 }, -1, 0 },
	{ "source fails, seen last", { 69, 75, 75 }, { 3, 2, 1 }, -1, 0 },
	{ "target fails, the others see its pipe", { 141, 141, 65 }, { 3, 2, 1 }, -1, 2 },
	{ "transform fails in the middle", { 141, 78, 75 }, { 3, 1, 2 }, -1, 1 },
	{ "the source itself says run again", { 75, 75, 75 }, { 1, 2, 3 }, -1, 0 },
	{ "the target says run again", { 141, 0, 75 }, { 3, 2, 1 }, -1, 2 },
	{ "a reader that leaves without a word", { 141, 0, 0 }, { 3, 2, 1 }, -1, 0 },
	{ "told to stop, for the target failed", { 143, 141, 77 }, { 3, 2, 1 }, 0, 2 },
	{ "two real ones, the first counts", { 76, 0, 65 }, { 2, 3, 1 }, -1, 2 },
	{ "killed in the middle", { 141, 137, 75 }, { 3, 1, 2 }, -1, 1 },
};

START_TEST(blame)
{
	struct qf_pipeline p = { .n = 3 };
	const struct qf_stage *cause;

	for (int i = 0; i < 3; i++)
		p.stages[i] = (struct qf_stage){ .ended = true, .status = blames[_i].status[i],
						 .order = blames[_i].order[i], .told = blames[_i].told == i };
	cause = qf_pipeline_cause(&p);
	ck_assert_msg((cause ? (int)(cause - p.stages) : -1) == blames[_i].cause, "%s: stage %d", blames[_i].name,
		      cause ? (int)(cause - p.stages) : -1);
}
END_TEST

START_TEST(stage_lines)
{
	struct qf_stage s = { .name = "load" };

	qf_log_init("migrate", QF_LOG_ERROR, false);
	qf_stage_line(&s, QF_STR("{\"type\":\"progress\",\"stage\":\"load\",\"points\":5,\"total\":9,\"bytes\":7,\"retries\":1}"));
	ck_assert_uint_eq(s.points, 5);
	ck_assert_uint_eq(s.total, 9);
	ck_assert_uint_eq(s.bytes, 7);
	ck_assert_uint_eq(s.retries, 1);
	qf_stage_line(&s, QF_STR("{\"level\":\"error\",\"stage\":\"load\",\"msg\":\"no \\\"room\\\"\"}"));
	ck_assert_str_eq(s.error, "no \"room\"");
	qf_stage_line(&s, QF_STR("free(): invalid pointer"));
	ck_assert_str_eq(s.noise, "free(): invalid pointer");
	qf_stage_line(&s, QF_STR("{half"));
	ck_assert_str_eq(s.noise, "{half");
	qf_stage_line(&s, QF_STR(""));
	/* Before the flags are read. */
	qf_stage_line(&s, QF_STR("load: error: there is no target 'x'"));
	ck_assert_str_eq(s.error, "there is no target 'x'");
}
END_TEST

static int run_shell(const char *script, struct qf_buf *out, struct qf_err *err)
{
	const char *args[] = { "-c", script, NULL };
	struct qf_pipeline p = { .n = 1, .in_fd = -1, .capture = out, .capture_max = 1000 };
	int rc;

	p.stages[0] = (struct qf_stage){ .name = "teststage", .side = "source", .args = args };
	rc = qf_pipeline_run(&p, err);
	qf_pipeline_release(&p);
	return rc;
}

/* A stage that is a shell: its program is found on PATH, as any stage is. */
START_TEST(processes)
{
	char dir[] = "/tmp/test-migrate-XXXXXX";
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_err err = { 0 };
	char *link, *path;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	link = qf_asprintf("%s/fortress-teststage", dir);
	path = qf_asprintf("%s:%s", dir, getenv("PATH"));
	ck_assert_int_eq(run_shell("true", &out, &err), -1);
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_int_eq(symlink("/bin/sh", link), 0);
	setenv("PATH", path, 1);

	ck_assert_msg(run_shell("echo hello; echo noise >&2", &out, &err) == 0, "%s", err.msg);
	ck_assert(qf_str_is(qf_buf_str(&out), "hello\n"));
	ck_assert_int_eq(run_shell("exit 3", &out, &err), 0);
	ck_assert_int_eq(run_shell("echo '{\"level\":\"error\",\"msg\":\"no such class\"}' >&2; exit 66", &out, &err), -1);
	ck_assert_int_eq(err.code, 66);
	ck_assert_str_eq(err.msg, "source: no such class");
	ck_assert_int_eq(run_shell("echo last words >&2; kill -ABRT $$", &out, &err), -1);
	ck_assert_int_eq(err.code, QF_E_BUG);
	ck_assert_ptr_nonnull(strstr(err.msg, "last words"));
	ck_assert_int_eq(run_shell("kill -KILL $$", &out, &err), -1);
	ck_assert_int_eq(err.code, QF_E_TEMP);
	ck_assert_int_eq(run_shell("kill -TTIN $$; sleep 20", &out, &err), -1);
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.msg, "wants the terminal"));
	qf_buf_reset(&out);
	ck_assert_int_eq(run_shell("head -c 5000 /dev/zero", &out, &err), -1);
	ck_assert_int_eq(err.code, QF_E_PROTOCOL);
	unlink(link);
	rmdir(dir);
	free(link);
	free(path);
}
END_TEST

/* ---- verdicts ---- */

static const struct {
	const char *name, *extract, *load;
	int64_t before, in_target;
	int status;
	const char *words;
} verdicts[] = {
	{ "equal", "\"count\":5,\"points\":5,\"whole\":true", "\"points\":5", 0, 5, 0, "equal" },
	{ "not counted in the target", "\"points\":5,\"whole\":true", "\"points\":5", -1, -1, 0, "not counted" },
	{ "loaded again", "\"count\":5,\"points\":5,\"whole\":true", "\"points\":5", 5, 5, 0, "5 were there before" },
	{ "others were there", "\"count\":5,\"points\":5,\"whole\":true", "\"points\":5", 7, 12, 1,
	  "7 more in the target than were loaded; 7 were there before" },
	{ "too many", "\"count\":5,\"points\":5,\"whole\":true", "\"points\":5", 0, 6, 1, "1 more" },
	{ "too few", "\"count\":5,\"points\":5,\"whole\":true", "\"points\":5", 0, 4, 1, "1 fewer in the target" },
	{ "lost on the way", "\"count\":5,\"points\":5,\"whole\":true", "\"points\":4", 0, 4, 1,
	  "5 points came to load, 4 were loaded" },
	{ "source gave fewer", "\"count\":9,\"points\":5,\"whole\":true", "\"points\":5", 0, 5, 1,
	  "4 fewer were read" },
	{ "source gave more", "\"count\":3,\"points\":5,\"whole\":true", "\"points\":5", 0, 5, 1, "2 more were read" },
	{ "rejected by load", "\"count\":5,\"points\":5,\"whole\":true", "\"points\":3,\"rejected\":2", 0, 3, 3,
	  "2 rejected" },
	{ "rejected by extract", "\"count\":5,\"points\":4,\"rejected\":1,\"whole\":true", "\"points\":4", 0, 4, 3,
	  "1 could not be read" },
	{ "cold", "\"count\":0,\"points\":0,\"whole\":false,\"why\":\"COLD\"", "\"points\":0", 0, 0, 3,
	  "not whole: COLD" },
	{ "a part as asked for", "\"count\":5,\"points\":2,\"whole\":false,\"why\":\"limit 2\"", "\"points\":2", 0, 2,
	  0, "a part, as asked for" },
};

static struct qf_json *report(struct qf_migration *m, const char *fmt, const char *members)
{
	struct qf_str text = qf_arena_printf(&m->arena, fmt, members);
	struct qf_json *doc;
	struct qf_err err;

	ck_assert_int_eq(qf_json_parse(&m->arena, text.p, text.n, "report", &doc, &err), 0);
	return doc;
}

static void migration_done(struct qf_migration *m)
{
	qf_plan_release(&m->plan);
	free(m->origins);
	free(m->places);
	free(m->rows);
	qf_buf_release(&m->stream);
	qf_arena_release(&m->arena);
}

START_TEST(verdict)
{
	struct qf_migration m = { .file = "p.yaml", .plan = { .chain = qf_chain_new() } };
	struct qf_json *extract, *load;
	struct qf_err err;
	int status;

	extract = report(&m, "{\"scopes\":[{\"collection\":\"A\",%s}]}", verdicts[_i].extract);
	load = report(&m, "{\"loaded\":[{\"collection\":\"A\",\"target\":\"A\",\"tenant\":null,%s}]}",
		      verdicts[_i].load);
	ck_assert_int_eq(qf_rows_build(&m, extract, NULL, load, &err), 0);
	ck_assert_uint_eq(m.n_rows, 1);
	m.rows[0].before = verdicts[_i].before;
	m.rows[0].in_target = verdicts[_i].in_target;
	status = qf_rows_judge(&m);
	ck_assert_msg(status == verdicts[_i].status, "%s: status %d", verdicts[_i].name, status);
	ck_assert_msg(strstr(m.rows[0].text.p, verdicts[_i].words) != NULL, "%s: %s", verdicts[_i].name,
		      m.rows[0].text.p);
	migration_done(&m);
}
END_TEST

/* Two source collections become one; tenants are told apart only where the target can. */
START_TEST(rows_follow_the_steps)
{
	static const char text[] = SIDES "steps:\n  - rename: {collections: {A: C, B: C}}\n  - select: [C, T]\n";
	static const char stream[] =
		"{\"type\":\"stream\",\"version\":1,\"run\":\"r\",\"mode\":\"full\",\"source\":{},\"chain\":[],\"vectors\":\"json\"}\n"
		"{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{},\"payload\":{},\"count\":2}\n"
		"{\"type\":\"collection\",\"name\":\"B\",\"vectors\":{},\"payload\":{},\"count\":3}\n"
		"{\"type\":\"collection\",\"name\":\"D\",\"vectors\":{},\"payload\":{},\"count\":9}\n"
		"{\"type\":\"collection\",\"name\":\"T\",\"vectors\":{},\"payload\":{\"org\":{\"type\":\"keyword\","
		"\"is_tenant\":true}}}\n"
		"{\"type\":\"end\",\"scopes\":[],\"digest\":{}}\n";
	struct qf_migration m = { .file = "p.yaml" };
	struct qf_json *extract, *transform, *load;
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct planned p;

	plan_of(&p, text);
	ck_assert_msg(p.rc == 0, "%s", p.err.msg);
	m.plan = p.plan;
	p.plan = (struct qf_plan){ 0 };
	qf_buf_puts(&m.stream, stream);
	ck_assert_msg(qf_probe_read(&m, &p.err) == 0, "%s", p.err.msg);
	ck_assert_uint_eq(m.n_origins, 4);
	ck_assert_uint_eq(m.n_places, 2);
	ck_assert_ptr_eq(m.origins[0].place, m.origins[1].place);
	ck_assert_ptr_null(m.origins[2].place);
	ck_assert(qf_str_is(m.origins[3].place->tenant_key, "org"));

	extract = report(&m, "{\"scopes\":[%s]}",
			 "{\"collection\":\"A\",\"points\":2,\"whole\":true,\"count\":2},"
			 "{\"collection\":\"B\",\"points\":3,\"whole\":true,\"count\":3},"
			 "{\"collection\":\"D\",\"points\":9,\"whole\":true,\"count\":9},"
			 "{\"collection\":\"T\",\"tenant\":\"x\",\"points\":1,\"whole\":true},"
			 "{\"collection\":\"T\",\"tenant\":\"y\",\"points\":1,\"whole\":true}");
	transform = report(&m, "{\"written\":[%s]}",
			   "{\"collection\":\"C\",\"tenant\":null,\"points\":5},"
			   "{\"collection\":\"T\",\"tenant\":\"x\",\"points\":1},"
			   "{\"collection\":\"T\",\"tenant\":\"y\",\"points\":1}");
	load = report(&m, "{\"loaded\":[%s]}",
		      "{\"collection\":\"C\",\"target\":\"C\",\"tenant\":null,\"points\":5},"
		      "{\"collection\":\"T\",\"target\":\"T\",\"tenant\":\"x\",\"points\":1},"
		      "{\"collection\":\"T\",\"target\":\"T\",\"tenant\":\"y\",\"points\":1}");
	ck_assert_int_eq(qf_rows_build(&m, extract, transform, load, &p.err), 0);
	ck_assert_uint_eq(m.n_rows, 4);
	ck_assert_int_eq(qf_rows_judge(&m), 0);
	ck_assert(qf_str_is(m.rows[0].from, "A + B"));
	ck_assert_int_eq(m.rows[0].source, 5);
	ck_assert_uint_eq(m.rows[0].written, 5);
	ck_assert(qf_str_is(m.rows[1].tenant, "x"));
	ck_assert_ptr_null(m.rows[3].place);
	qf_summary(&m, 0, &out);
	ck_assert_ptr_nonnull(strstr(qf_buf_cstr(&out), "A + B -> C"));
	ck_assert_ptr_nonnull(strstr(qf_buf_cstr(&out), "left out by a step"));
	qf_buf_reset(&out);
	qf_preview(&m, false, &out);
	ck_assert_ptr_nonnull(strstr(qf_buf_cstr(&out), "D: left out by a step"));
	migration_done(&m);
	plan_done(&p);
}
END_TEST

/* ---- names in steps ---- */

static const struct {
	const char *steps, *words; /* words NULL: all names are known */
} named[] = {
	{ "[{select: [Book, Author]}]", NULL },
	{ "[{select: [Bok]}]", "no collection 'Bok' is in the source; did you mean 'Book'?" },
	{ "[{drop: [titel]}]", "step 1 (drop): no property 'titel' is in the source; did you mean 'title'?" },
	{ "[{keep: [title, 'place.city']}]", NULL },
	{ "[{drop: [title], collections: [Bok]}]", "no collection 'Bok'" },
	{ "[{rename: {title: name}}, {drop: [name]}]", NULL },
	{ "[{rename: {collections: {Book: b, Athor: a}}}]", "no collection 'Athor'" },
	{ "[{rename: {collections: {Book: b}}}, {select: [b]}]", NULL },
	{ "[{rename: {properties: {tilte: t}}}]", "no property 'tilte'" },
	{ "[{id: uuid5}, {drop: [_id]}]", NULL },
};

START_TEST(step_names)
{
	QF_AUTO_FREE char *text = qf_asprintf(SIDES "steps: %s\n", named[_i].steps);
	struct qf_migration m = { .file = "p.yaml" };
	struct planned p;
	int rc;

	plan_of(&p, text);
	ck_assert_msg(p.rc == 0, "%s", p.err.msg);
	m.plan = p.plan;
	m.conf = &p.conf;
	p.plan = (struct qf_plan){ 0 };
	qf_buf_puts(&m.stream,
		    "{\"type\":\"stream\",\"version\":1,\"run\":\"r\",\"mode\":\"full\",\"source\":{},\"chain\":[],\"vectors\":\"json\"}\n"
		    "{\"type\":\"collection\",\"name\":\"Book\",\"vectors\":{},\"payload\":{\"title\":{\"type\":\"text\"},"
		    "\"place.city\":{\"type\":\"keyword\"}}}\n"
		    "{\"type\":\"collection\",\"name\":\"Author\",\"vectors\":{},\"payload\":{\"name\":{\"type\":\"text\"}}}\n"
		    "{\"type\":\"end\",\"scopes\":[],\"digest\":{}}\n");
	ck_assert_msg(qf_probe_read(&m, &p.err) == 0, "%s", p.err.msg);
	rc = qf_names_check(&m, &p.err);
	ck_assert_msg((rc == 0) == !named[_i].words, "%s: %s", named[_i].steps, p.err.msg);
	if (named[_i].words) {
		ck_assert_int_eq(p.err.code, QF_E_CONFIG);
		ck_assert_msg(strstr(p.err.msg, named[_i].words) != NULL, "%s", p.err.msg);
	}
	migration_done(&m);
	plan_done(&p);
}
END_TEST

/* ---- shared ids ---- */

static const struct {
	const char *step, *json;
	uint64_t clashes;
} shared_cases[] = {
	{ NULL, "{\"checked\":9,\"shared\":[],\"total\":0}", 0 },
	{ NULL, "{\"checked\":9,\"shared\":[{\"collection\":\"A\",\"id\":\"42\",\"tenants\":[\"x\",\"y\"]}],\"total\":1}", 1 },
	{ NULL, "{\"checked\":9,\"shared\":[{\"collection\":\"A\",\"id\":\"42\",\"tenants\":[\"x\",\"y\"]}],\"total\":7}", 7 },
	{ "{id: tenant-hash, collections: [A]}",
	  "{\"checked\":9,\"shared\":[{\"collection\":\"A\",\"id\":\"42\",\"tenants\":[\"x\",\"y\",\"z\"]}],\"total\":1}", 0 },
	{ "{id: tenant-hash, collections: [B]}",
	  "{\"checked\":9,\"shared\":[{\"collection\":\"A\",\"id\":\"42\",\"tenants\":[\"x\",\"y\"]}],\"total\":1}", 1 },
	{ "select B",
	  "{\"checked\":9,\"shared\":[{\"collection\":\"A\",\"id\":\"42\",\"tenants\":[\"x\",\"y\"]}],\"total\":1}", 0 },
};

START_TEST(shared)
{
	struct qf_migration m = { .plan = { .chain = qf_chain_new() } };
	struct qf_err err;

	qf_log_init("migrate", QF_LOG_ERROR, false);
	if (shared_cases[_i].step)
		ck_assert_int_eq(qf_chain_add_text(m.plan.chain, shared_cases[_i].step, &err), 0);
	ck_assert_int_eq(qf_probe_shared_read(&m, qf_str(shared_cases[_i].json), &err), 0);
	ck_assert_uint_eq(m.shared.clashes, shared_cases[_i].clashes);
	ck_assert_uint_eq(m.shared.checked, 9);
	migration_done(&m);
}
END_TEST

/* ---- display ---- */

START_TEST(status_line)
{
	struct qf_status_values v = { .points = 25000, .total = 100000, .bytes = 3 << 20, .retries = 2 };
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_status s = { .rate = 5000 };

	qf_status_format(&s, &v, &out);
	ck_assert_str_eq(qf_buf_cstr(&out), "25,000 of 100,000 points (25 %), 5,000/s, 3.0 MiB, 15 s left, 2 retries");
	qf_buf_reset(&out);
	v = (struct qf_status_values){ .points = 120, .total = 100 };
	qf_status_format(&s, &v, &out);
	ck_assert_str_eq(qf_buf_cstr(&out), "120 of 100 points (100 %), 5,000/s, 0 B");
	qf_buf_reset(&out);
	v = (struct qf_status_values){ .points = 1 };
	qf_status_format(&s, &v, &out);
	ck_assert_str_eq(qf_buf_cstr(&out), "1 points, 5,000/s, 0 B");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("migrate");
	TCase *t = tcase_create("migrate");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 30);
	tcase_add_test(t, plan);
	tcase_add_test(t, examples);
	tcase_add_loop_test(t, plan_refused, 0, (int)QF_LEN(bad_plans));
	tcase_add_loop_test(t, blame, 0, (int)QF_LEN(blames));
	tcase_add_test(t, stage_lines);
	tcase_add_test(t, processes);
	tcase_add_loop_test(t, verdict, 0, (int)QF_LEN(verdicts));
	tcase_add_test(t, rows_follow_the_steps);
	tcase_add_loop_test(t, step_names, 0, (int)QF_LEN(named));
	tcase_add_loop_test(t, shared, 0, (int)QF_LEN(shared_cases));
	tcase_add_test(t, status_line);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
