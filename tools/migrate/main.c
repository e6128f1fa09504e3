/* fortress migrate: one plan, the whole way. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/base/sig.h"
#include "common/base/tool.h"
#include "tools/migrate/migrate.h"
#include "tools/migrate/spawn.h"

struct args {
	bool plan, dry_run;
	double index_timeout;
};

#define AT(field) offsetof(struct args, field)

static const struct qf_opt opts[] = {
	{ .name = "plan", .type = QF_OPT_FLAG, .offset = AT(plan),
	  .help = "show what would be moved where and what it needs, and write nothing" },
	{ .name = "dry-run", .letter = 'n', .type = QF_OPT_FLAG, .offset = AT(dry_run), .help = "same as --plan" },
	{ .name = "index-timeout", .type = QF_OPT_SECONDS, .offset = AT(index_timeout), .arg = "SECONDS",
	  .def = "3600", .help = "longest wait for the target's index; 0 waits for ever" },
};

/* The address of a Qdrant target, by the names that its load has, for counting and waiting. */
struct address {
	const char *url, *api_key;
	struct qf_net_opts net;
};

static const struct qf_opt address_opts[] = {
	{ .name = "url", .type = QF_OPT_TEXT, .offset = offsetof(struct address, url), .arg = "URL",
	  .env = "QDRANT_URL", .help = "address of the target", .def = "http://localhost:6333" },
	{ .name = "api-key", .type = QF_OPT_SECRET, .offset = offsetof(struct address, api_key),
	  .env = "QDRANT_API_KEY", .help = "key of the target" },
	QF_NET_OPTS(struct address, net),
};

enum { N_ADDRESS = QF_LEN(address_opts), MAX_TARGET = N_ADDRESS + 64 };

struct run {
	struct args args;
	struct {
		struct address address;
		struct qf_opt_list rest;
	} target;
	struct qf_opt target_opts[MAX_TARGET];
	size_t n_target;
	struct qf_std std;
	struct qf_migration m;
	struct qf_qdrant server;
};

static int open_target(struct run *r, struct qf_err *err)
{
	const struct address *a = &r->target.address;
	struct qf_migration *m = &r->m;

	if (strcmp(m->plan.target, "qdrant") != 0)
		return 0;
	if (qf_qdrant_open(&r->server, a->url, NULL, a->api_key, &a->net, err) < 0)
		return qf_err_wrap(err, "target");
	m->server = &r->server;
	return 0;
}

static int refuse_shared(const struct qf_migration *m, struct qf_err *err)
{
	char n[32];

	if (!m->shared.clashes)
		return 0;
	return qf_err_set(err, QF_E_DATA,
			  "source: %s id%s shared by tenants, so that one point would overwrite another in the target (%.*s); "
			  "nothing was written; give each tenant ids of its own by this in the plan: "
			  "'transform: {steps: [{id: tenant-hash}]}'",
			  qf_fmt_count(n, m->shared.clashes), m->shared.clashes == 1 ? " is" : "s are",
			  QF_STR_ARG(m->shared.first));
}

static void show_progress(void *ctx, struct qf_pipeline *p)
{
	const struct qf_stage *first = &p->stages[0], *last = &p->stages[p->n - 1];
	struct qf_status_values v = {
		.points = last->points, .read = first->points,
		.bytes = last->bytes ? last->bytes : first->bytes,
	};
	struct qf_migration *m = ctx;
	char text[128], count[32];

	/* A limit is for the points that are read; the source counts all that it has. */
	if (!m->limited)
		v.total = first->total ? first->total : last->total;
	/* From here on load waits for the last acknowledgements and builds payload indexes. */
	if (p->n > 1 && p->stages[p->n - 2].ended && last->points >= first->points) {
		qf_fmt_count(count, first->points);
		snprintf(text, sizeof(text), "all %s points are read; the target is completing them", count);
		qf_status_text(&m->status, text, qf_now());
		return;
	}
	for (size_t i = 0; i < p->n; i++)
		v.retries += p->stages[i].retries;
	qf_status_update(&m->status, &v, qf_now());
}

/* The three stages; what they did is in their reports afterwards. */
static int copy(struct qf_migration *m, struct qf_err *err)
{
	struct qf_argv extract = { 0 }, transform = { 0 }, load = { 0 };
	struct qf_pipeline p = { .in_fd = -1, .tick = show_progress, .ctx = m };
	const char *reports[3];
	double from = qf_now();
	int rc = 0;

	if (qf_report_path(m, "extract", &reports[0], err) < 0 ||
	    qf_report_path(m, "transform", &reports[1], err) < 0 ||
	    qf_report_path(m, "load", &reports[2], err) < 0)
		return -1;
	qf_extract_args(m, &extract);
	qf_argv_add(&extract, "--progress=json");
	qf_argv_add(&extract, "--report");
	qf_argv_add(&extract, reports[0]);
	p.stages[p.n++] = (struct qf_stage){ .name = "extract", .side = "source", .args = extract.list };
	if (qf_has_transform(m)) {
		qf_transform_args(m, &transform);
		qf_argv_add(&transform, "--report");
		qf_argv_add(&transform, reports[1]);
		p.stages[p.n++] =
			(struct qf_stage){ .name = "transform", .side = "transform", .args = transform.list };
	}
	qf_load_args(m, &load);
	qf_argv_add(&load, "--progress=json");
	qf_argv_add(&load, "--report");
	qf_argv_add(&load, reports[2]);
	/* Extract has said which scopes are not whole, and the table says it at the end. */
	p.stages[p.n++] = (struct qf_stage){ .name = "load", .side = "target", .args = load.list,
					    .known = "not whole: " };

	rc = qf_pipeline_run(&p, err);
	m->seconds = qf_now() - from;
	m->load_failed = rc < 0 && p.stages[p.n - 1].ended && p.stages[p.n - 1].status == QF_E_DATA;
	for (size_t i = 0; i < p.n; i++) {
		m->stages_partial |= p.stages[i].status == QF_E_PARTIAL;
		if (i + 1 < p.n && p.stages[i].status != QF_OK && p.stages[i].status != QF_E_PARTIAL)
			m->load_failed = false;
	}
	qf_pipeline_release(&p);
	free(extract.list);
	free(transform.list);
	free(load.list);
	return rc;
}

static int collect(struct qf_migration *m, struct qf_err *err)
{
	struct qf_json *extract, *transform, *load;

	if (qf_report_read(m, "extract", &extract, err) < 0 ||
	    qf_report_read(m, "transform", &transform, err) < 0 || qf_report_read(m, "load", &load, err) < 0)
		return -1;
	if (!extract || (!load && !m->load_failed))
		return qf_err_set(err, QF_E_BUG, "%s: fortress-%s left no report of what it did",
				  extract ? "target" : "source", extract ? "load" : "extract");
	return qf_rows_build(m, extract, transform, load, err);
}

static int show_plan(struct run *r, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	qf_preview(&r->m, r->std.json, &out);
	if (fwrite(out.p, 1, out.n, stdout) != out.n)
		return 0; /* told at the end by qf_tool_finish */
	if (r->std.report && qf_write_file(r->std.report, out.p, out.n, err) < 0)
		return -1;
	/* What would stop the real run is an error of the plan too, said behind what there is to see. */
	if (refuse_shared(&r->m, err) < 0)
		return -1;
	return qf_probe_target(&r->m, err);
}

static int show_summary(struct run *r, int status, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 }, json = { 0 };

	qf_summary(&r->m, status, &text);
	qf_summary_json(&r->m, status, &json);
	if (r->std.json)
		fwrite(json.p, 1, json.n, stdout);
	else
		fwrite(text.p, 1, text.n, stdout);
	return r->std.report ? qf_write_file(r->std.report, json.p, json.n, err) : 0;
}

/* Load refused its own count, of one collection: the table says how all of them stand. */
static void show_failed(struct run *r, int code)
{
	struct qf_migration *m = &r->m;
	struct qf_err err = { 0 };

	if (collect(m, &err) == 0 && (!m->server || qf_target_after(m, &err) == 0)) {
		qf_status_end(&m->status);
		qf_rows_judge(m);
		if (show_summary(r, code, &err) == 0)
			return;
	}
	qf_warn("what was loaded cannot be shown: %s", err.msg);
}

static int finish(struct run *r, struct qf_err *err)
{
	struct qf_migration *m = &r->m;
	int status;

	if (collect(m, err) < 0)
		return -1;
	if (m->server && (qf_target_wait(m, r->args.index_timeout, err) < 0 ||
			  (m->plan.verify && qf_target_after(m, err) < 0)))
		return -1;
	qf_status_end(&m->status);
	status = qf_rows_judge(m);
	return show_summary(r, status, err) < 0 ? -1 : status;
}

/* Hours of copying must not end at a file that could never be made. */
static int check_writable(const char *what, const char *path, struct qf_err *err)
{
	QF_AUTO_FREE char *dir = NULL;
	const char *slash = path ? strrchr(path, '/') : NULL;
	struct stat st;

	/* /dev/stdout and the like are written in place. */
	if (!path || (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return 0;
	dir = !slash ? qf_strdup(".") : slash == path ? qf_strdup("/") : qf_strndup(path, (size_t)(slash - path));
	if (access(dir, W_OK | X_OK) < 0)
		return qf_err_errno(err, QF_E_CREATE, errno, "%s: nothing can be written to the directory %s", what,
				    dir);
	return 0;
}

static int migrate(struct run *r, struct qf_err *err)
{
	struct qf_migration *m = &r->m;

	m->preview = r->args.plan || r->args.dry_run;
	if (qf_plan_read(&m->plan, m->conf, err) < 0 ||
	    check_writable("--report", r->std.report, err) < 0 ||
	    check_writable("dead-letter", m->plan.dead_letter, err) < 0 || open_target(r, err) < 0)
		return -1;
	m->limited = qf_node_get(qf_node_get(m->conf->root, "source"), "limit") != NULL;
	for (size_t i = 0; i < m->plan.extract.n; i++)
		m->limited |= !strncmp(m->plan.extract.list[i], "--limit=", 8);
	qf_debug("looking at the source");
	if (qf_probe_source(m, err) < 0 || qf_target_before(m, err) < 0 || qf_probe_shared(m, err) < 0)
		return -1;
	if (m->preview)
		return show_plan(r, err);
	if (refuse_shared(m, err) < 0 || qf_target_before_rows(m, err) < 0)
		return -1;
	qf_status_start(&m->status, r->std.progress, r->std.quiet);
	if (copy(m, err) < 0) {
		if (m->load_failed)
			show_failed(r, err->code);
		return -1;
	}
	return finish(r, err);
}

static void remove_reports(struct qf_migration *m)
{
	static const char *const names[] = { "probe", "extract", "transform", "load" };
	char path[4096];

	if (!m->temp)
		return;
	for (size_t i = 0; i < QF_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s.json", m->temp, names[i]);
		if (unlink(path) < 0 && errno != ENOENT)
			qf_debug("cannot remove %s: %s", path, strerror(errno));
	}
	if (rmdir(m->temp) < 0)
		qf_warn("%s stays behind: %s", m->temp, strerror(errno));
	free(m->temp);
	m->temp = NULL;
}

static void release(struct run *r)
{
	struct qf_migration *m = &r->m;

	remove_reports(m);
	qf_plan_release(&m->plan);
	if (r->server.http)
		qf_qdrant_close(&r->server);
	free(m->origins);
	free(m->places);
	free(m->rows);
	qf_buf_release(&m->stream);
	qf_arena_release(&m->arena);
}

/*
 * The settings of the target that are of use here, and, so that the check of the plan knows them,
 * the others that it has. Whether load knows them too is for load to say.
 */
static int target_table(struct run *r, struct qf_opt_parse *p, const char *plan,
			struct qf_err *err)
{
	const struct qf_node *target;
	struct qf_conf conf = { 0 };
	int rc = 0;

	memcpy(r->target_opts, address_opts, sizeof(address_opts));
	r->n_target = N_ADDRESS;
	if (plan)
		rc = qf_conf_read(&conf, plan, err);
	target = rc < 0 ? NULL : qf_node_get(conf.root, "target");
	for (const struct qf_node *k = target && target->kind == QF_NODE_MAP ? target->child : NULL;
	     k && r->n_target < MAX_TARGET; k = k->next) {
		bool known = false;

		for (size_t i = 0; i < N_ADDRESS; i++)
			known |= !strcmp(address_opts[i].name, k->key);
		if (!known)
			r->target_opts[r->n_target++] = (struct qf_opt){
				.name = qf_arena_dup(&p->arena, k->key, strlen(k->key)).p, .type = QF_OPT_LIST,
				.offset = offsetof(struct run, target.rest) - offsetof(struct run, target),
				.help = "a setting of load",
			};
	}
	qf_conf_release(&conf);
	return rc;
}

static int start(struct run *r, struct qf_opt_parse *p, int argc, char **argv, struct qf_err *err)
{
	static const struct qf_tool tool = {
		.name = "migrate",
		.usage = "fortress migrate PLAN [OPTION..]",
		.summary = "Moves what a plan names: extract, transform and load joined by pipes; then waits for the\n"
			   "target's index and compares the counts of both sides by collection and tenant.",
		.more = "PLAN is a YAML file; configs/migrate.yaml is a commented one. Addresses and keys may come from\n"
			"the environment of the stages: WEAVIATE_URL, QDRANT_URL, WEAVIATE_API_KEY, QDRANT_API_KEY.\n"
			"Exit status: 0 every count is equal; 1 counts differ; 3 done but not whole (rejected points, a\n"
			"tenant that could not be read); else that of the stage at fault: fortress help exit.",
		.has_report = true,
		.has_json = true,
		.has_progress = true,
	};

	*p = (struct qf_opt_parse){
		.groups = { { .title = "Options", .opts = opts, .n = QF_LEN(opts), .base = &r->args,
			      .section = "migrate" },
			    { .title = "Target, as for fortress load qdrant", .opts = r->target_opts,
			      .n = r->n_target, .base = &r->target, .section = "target" } },
		.n_groups = 2,
	};
	if (target_table(r, p, qf_opt_find_value(argc, argv, "config", 'c'), err) < 0)
		return -1;
	p->groups[1].n = r->n_target;
	return qf_tool_start(&tool, &r->std, p, argc, argv, err);
}

int main(int argc, char **argv)
{
	struct run r = { 0 };
	struct qf_opt_parse p;
	struct qf_err err = { 0 };
	QF_AUTO_FREE char **with_plan = NULL;
	QF_AUTO_FREE char *flag = NULL;
	int rc = start(&r, &p, argc, argv, &err);

	/* The plan is an argument, and its settings rank below flags: so once more, with it known. */
	if (rc == 0 && !r.std.config && p.n_args == 1) {
		flag = qf_asprintf("--config=%s", p.args[0]);
		with_plan = qf_calloc((size_t)argc + 2, sizeof(*with_plan));
		with_plan[0] = argv[0];
		with_plan[1] = flag;
		memcpy(with_plan + 2, argv + 1, ((size_t)argc - 1) * sizeof(*argv));
		qf_opt_release(&p);
		r = (struct run){ 0 };
		rc = start(&r, &p, argc + 1, with_plan, &err);
	} else if (rc == 0 && (p.n_args || !r.std.config)) {
		rc = qf_err_set(&err, QF_E_USAGE,
				"one plan is expected: fortress migrate PLAN; configs/migrate.yaml is an example");
	}
	if (rc == 0) {
		r.m.conf = &p.plan;
		r.m.file = r.std.config;
		r.m.verbose = r.std.verbose;
		rc = migrate(&r, &err);
		qf_status_end(&r.m.status);
		release(&r);
	} else if (rc == 1) {
		rc = 0;
	}
	qf_opt_release(&p);
	return qf_tool_finish(rc, &err);
}
