/* fortress load: a stream into a target. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/base/tool.h"
#include "common/data/stream.h"
#include "common/data/rejects.h"
#include "tools/load/sinks.h"

enum { ON_ERROR_STOP, ON_ERROR_DEAD_LETTER };

struct args {
	const char *collection, *dead_letter;
	unsigned long long jobs, max_line, max_depth, max_window;
	int on_error;
	bool dry_run;
};

#define AT(field) offsetof(struct args, field)

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "collection", .type = QF_OPT_TEXT, .offset = AT(collection), .arg = "NAME",
	  .help = "load everything under this name; else each collection under its own" },
	{ .name = "jobs", .letter = 'j', .type = QF_OPT_UINT, .offset = AT(jobs), .arg = "N",
	  .help = "requests in flight", .def = "4", .min = 1, .max = 64 },
	{ .name = "on-error", .type = QF_OPT_CHOICE, .offset = AT(on_error), .choices = "stop|dead-letter",
	  .help = "a point that the target cannot take: stop, or set it aside and go on", .def = "stop" },
	{ .name = "dead-letter", .type = QF_OPT_TEXT, .offset = AT(dead_letter), .arg = "FILE",
	  .help = "where such points go, as a stream; implies --on-error=dead-letter" },
	{ .name = "dry-run", .letter = 'n', .type = QF_OPT_FLAG, .offset = AT(dry_run),
	  .help = "read and check everything, the target too, and write nothing" },
	{ .name = "max-line", .type = QF_OPT_SIZE, .offset = AT(max_line), .arg = "SIZE",
	  .help = "longest line that is taken", .def = "64MiB", .min = 1024, .max = 2ull << 30 },
	{ .name = "max-depth", .type = QF_OPT_UINT, .offset = AT(max_depth), .arg = "N",
	  .help = "deepest nesting of JSON that is taken", .def = "64", .min = 4, .max = 64 },
	{ .name = "max-window", .type = QF_OPT_UINT, .offset = AT(max_window), .arg = "LOG",
	  .help = "largest zstd window that is taken, as a power of 2", .def = "27", .min = 10, .max = 31 },
};
/* clang-format on */

struct run {
	struct args args;
	struct qf_std std;
	const struct qf_sink *sink;
	void *state;
	struct qf_sink_args sink_args;
	struct qf_progress progress;
	struct qf_tally seen; /* collections whose count is in the total */
	struct qf_arena arena;
	double started;
};

static int wait_for_input(void *ctx, int fd, struct qf_err *err)
{
	struct run *r = ctx;

	return r->sink->wait ? r->sink->wait(r->state, fd, err) : 0;
}

/* What of a record concerns this command itself. */
static void look_at(struct run *r, const struct qf_record *rec)
{
	struct qf_str run;

	if (rec->type == QF_REC_STREAM && !r->sink_args.run) {
		run = qf_json_get_str(rec->doc, "run", "");
		r->sink_args.run = qf_arena_dup(&r->arena, run.p, run.n).p;
	}
	if (rec->type == QF_REC_COLLECTION && !qf_tally_coll(&r->seen, rec->collection)) {
		int64_t count = qf_json_get_int(rec->doc, "count", 0);

		qf_tally_scope(&r->seen, rec->collection, (struct qf_str){ 0 });
		r->progress.total += count > 0 ? (uint64_t)count : 0;
	}
	if (rec->type == QF_REC_STREAM || rec->type == QF_REC_COLLECTION)
		qf_rejects_note(r->sink_args.rejects, rec);
}

static int copy(struct run *r, struct qf_err *err)
{
	struct qf_reader_opts ro = {
		.limits = { .line = r->args.max_line,
			    .depth = (unsigned)r->args.max_depth,
			    .window_log = (unsigned)r->args.max_window },
		.wait = wait_for_input,
		.wait_ctx = r,
	};
	struct qf_reader *in = qf_reader_new(STDIN_FILENO, "standard input", &ro);
	struct qf_batch b = { 0 };
	int rc;

	while ((rc = qf_reader_next(in, &b, err)) == 0) {
		for (size_t i = 0; i < b.n; i++)
			look_at(r, &b.rec[i]);
		if ((rc = r->sink->write(r->state, &b, err)) < 0)
			break;
		r->progress.points = r->sink_args.points;
		r->progress.bytes = r->sink_args.bytes;
		r->progress.retries = r->sink_args.retries;
		qf_progress_update(&r->progress);
	}
	qf_batch_release(&b);
	qf_reader_free(in);
	return rc < 0 ? -1 : 0;
}

/* Parts that the user asked for, or that are parts by nature, are as whole as they were meant to be. */
static bool is_wish(struct qf_str why)
{
	return qf_str_starts(why, "limit") || qf_str_starts(why, "partition") || qf_str_starts(why, "sample") ||
	       qf_str_starts(why, QF_REJECTS_WHY);
}

/* Says what is missing, and whether that makes the load one that is not whole. */
static bool is_partial(const struct run *r)
{
	bool partial = false;
	unsigned shown = 0;

	for (size_t i = 0; i < r->sink_args.n_loaded; i++) {
		const struct qf_loaded *l = &r->sink_args.loaded[i];

		if (l->rejected)
			partial = true;
		if (l->whole || is_wish(l->why))
			continue;
		partial = true;
		if (shown++ < 10)
			qf_warn("not whole: collection '%.*s'%s%.*s%s: %.*s",
				QF_STR_ARG(l->collection), l->tenant.p ? ", tenant '" : "",
				QF_STR_ARG(l->tenant), l->tenant.p ? "'" : "", QF_STR_ARG(l->why));
	}
	if (shown > 10)
		qf_warn("not whole: %u more; --report lists all", shown - 10);
	return partial;
}

static void sum_up(const struct run *r, double seconds)
{
	char points[32], time[32], rate[32], rejected[32];
	struct qf_str target = { 0 };
	uint64_t set_aside = 0, deletes = 0, loaded = 0;
	bool several = false;

	for (size_t i = 0; i < r->sink_args.n_loaded; i++) {
		const struct qf_loaded *l = &r->sink_args.loaded[i];

		several |= target.p && !qf_str_eq(target, l->target);
		target = l->target;
		set_aside += l->rejected;
		deletes += l->deletes;
		loaded += l->points;
	}
	qf_fmt_count(points, loaded);
	qf_fmt_seconds(time, seconds);
	qf_fmt_count(rate, seconds > 0 ? (uint64_t)((double)loaded / seconds) : 0);
	if (!strcmp(r->sink->name, "null"))
		qf_info("read and checked %s points in %s (%s/s)", points, time, rate);
	else if (several || !target.p)
		qf_info("%s %s points into %zu scopes of '%s' in %s (%s/s)",
			r->args.dry_run ? "would load" : "loaded", points, r->sink_args.n_loaded,
			r->sink->name, time, rate);
	else
		qf_info("%s %s points into '%.*s' in %s (%s/s)",
			r->args.dry_run ? "would load" : "loaded", points, QF_STR_ARG(target), time,
			rate);
	if (deletes)
		qf_info("deleted %s points", qf_fmt_count(points, deletes));
	if (set_aside)
		qf_warn("%s points are not loaded: %s", qf_fmt_count(rejected, set_aside),
			qf_rejects_count(r->sink_args.rejects)
				? r->args.dead_letter
				: "the stages before this one set them aside");
}

static int report(const struct run *r, double seconds, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	QF_BUF_LIT(&out, "{\"stage\":\"load\",\"loaded\":[");
	for (size_t i = 0; i < r->sink_args.n_loaded; i++) {
		const struct qf_loaded *l = &r->sink_args.loaded[i];

		qf_buf_puts(&out, i ? ",{\"collection\":" : "{\"collection\":");
		qf_json_write_string(&out, l->collection);
		QF_BUF_LIT(&out, ",\"target\":");
		qf_json_write_string(&out, l->target);
		QF_BUF_LIT(&out, ",\"tenant\":");
		if (l->tenant.p)
			qf_json_write_string(&out, l->tenant);
		else
			QF_BUF_LIT(&out, "null");
		qf_buf_printf(&out,
			      ",\"points\":%llu,\"deletes\":%llu,\"rejected\":%llu,\"whole\":%s",
			      (unsigned long long)l->points, (unsigned long long)l->deletes,
			      (unsigned long long)l->rejected, l->whole ? "true" : "false");
		if (!l->whole) {
			QF_BUF_LIT(&out, ",\"why\":");
			qf_json_write_string(&out, l->why);
		}
		qf_buf_addc(&out, '}');
	}
	qf_buf_printf(&out, "],\"points\":%llu,\"bytes\":%llu,\"retries\":%llu,\"seconds\":%.3f}\n",
		      (unsigned long long)r->sink_args.points,
		      (unsigned long long)r->sink_args.bytes,
		      (unsigned long long)r->sink_args.retries, seconds);
	if (r->std.json && fwrite(out.p, 1, out.n, stdout) != out.n)
		return qf_err_errno(err, QF_E_IO, EIO, "cannot write to standard output");
	return r->std.report ? qf_write_file(r->std.report, out.p, out.n, err) : 0;
}

/* The stream through the sink. The dead letters are sealed whatever happens. */
static int work(struct run *r, struct qf_err *err)
{
	struct qf_rejects *rejects = r->sink_args.rejects;
	struct qf_err later = { 0 };
	int rc;

	if (qf_rejects_check(rejects, err) < 0 || r->sink->open(r->state, &r->sink_args, err) < 0)
		return -1;
	qf_progress_start(&r->progress, "load", r->std.progress, false);
	rc = copy(r, err);
	if (rc == 0)
		rc = r->sink->finish(r->state, err);
	qf_progress_end(&r->progress);
	if (qf_rejects_finish(rejects, rc < 0 ? &later : err) < 0)
		rc = -1;
	return rc;
}

/* The second word after the target is the path of the one sink that has such a setting. */
static int take_path(struct run *r, struct qf_opt_parse *p, struct qf_err *err)
{
	for (size_t i = 0; i < r->sink->n_opts && p->n_args == 2; i++) {
		if (strcmp(r->sink->opts[i].name, "path") != 0)
			continue;
		*(const char **)((char *)r->state + r->sink->opts[i].offset) = p->args[1];
		return 0;
	}
	if (p->n_args > 1)
		return qf_err_set(err, QF_E_USAGE, "load %s takes no argument '%s'", r->sink->name,
				  p->args[1]);
	return 0;
}

/* Points that were read from a file and appended to it would never end. */
static int check_dead_letter(const struct args *a, struct qf_err *err)
{
	struct stat in, out;

	if (a->on_error == ON_ERROR_DEAD_LETTER && !a->dead_letter)
		return qf_err_set(
			err, QF_E_USAGE,
			"--on-error=dead-letter needs a place for them: --dead-letter FILE");
	if (a->dead_letter && fstat(STDIN_FILENO, &in) == 0 && stat(a->dead_letter, &out) == 0 &&
	    in.st_dev == out.st_dev && in.st_ino == out.st_ino)
		return qf_err_set(
			err, QF_E_USAGE,
			"%s is standard input too: name another file with --dead-letter",
			a->dead_letter);
	return 0;
}

static int load(struct run *r, struct qf_opt_parse *p, struct qf_err *err)
{
	double seconds;
	int rc;

	if (take_path(r, p, err) < 0)
		return -1;
	if (r->args.dead_letter)
		r->args.on_error = ON_ERROR_DEAD_LETTER;
	if (check_dead_letter(&r->args, err) < 0)
		return -1;
	if (isatty(STDIN_FILENO))
		return qf_err_set(
			err, QF_E_USAGE,
			"standard input is a terminal; put a stream into it: fortress extract ... | "
			"fortress load %s, or < FILE",
			r->sink->name);
	r->sink_args.collection = r->args.collection;
	r->sink_args.jobs = (unsigned)r->args.jobs;
	r->sink_args.dry_run = r->args.dry_run;
	r->sink_args.rejects = qf_rejects_new(r->args.dead_letter);
	rc = work(r, err);
	seconds = qf_now() - r->started;
	if (rc == 0) {
		sum_up(r, seconds);
		rc = is_partial(r) ? QF_E_PARTIAL : 0;
	}
	if (r->sink_args.loaded && rc >= 0 && report(r, seconds, err) < 0)
		rc = -1;
	return rc;
}

static int choose_sink(struct run *r, const char *name, struct qf_err *err)
{
	const char *names[32], *near;
	size_t n = 0;

	r->sink = name ? qf_sink_find(name) : NULL;
	if (r->sink)
		return 0;
	for (; qf_sinks[n] && n < QF_LEN(names); n++)
		names[n] = qf_sinks[n]->name;
	if (!name)
		qf_err_set(err, QF_E_USAGE, "load where? name a target first:");
	else if ((near = qf_str_nearest(name, names, n)))
		return qf_err_set(err, QF_E_USAGE, "there is no target '%s'; did you mean '%s'?",
				  name, near);
	else
		qf_err_set(err, QF_E_USAGE, "there is no target '%s'; there are:", name);
	for (size_t i = 0; i < n; i++)
		qf_err_hint(err, "%s %s", i ? "," : "", names[i]);
	return -1;
}

static void help_more(struct qf_buf *out)
{
	QF_BUF_LIT(out, "Targets:\n");
	for (size_t i = 0; qf_sinks[i]; i++)
		qf_buf_printf(out, "  %-8s %s\n", qf_sinks[i]->name, qf_sinks[i]->help);
	QF_BUF_LIT(
		out,
		"\n'fortress load TARGET --help' shows the options of each.\n"
		"Exit status: 0 everything is acknowledged, 3 done but not whole, 65 bad data or stream,\n"
		"69 server not reachable, 75 run it again, 76 protocol, 77 not allowed.");
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
	QF_AUTO_BUF struct qf_buf more = { 0 };
	QF_AUTO_FREE char *title = NULL;
	struct qf_tool tool = {
		.name = "load",
		.usage = "fortress load TARGET [OPTION..] < STREAM",
		.summary = "Loads a stream, as extract and transform write it, into a target.",
		.has_report = true,
		.has_json = true,
		.has_progress = true,
	};
	struct run r = { .started = qf_now() };
	struct qf_opt_parse p = {
		.groups = { { .title = "Options",
			      .opts = opts,
			      .n = QF_LEN(opts),
			      .base = &r.args,
			      .section = "load" } },
		.n_groups = 1,
	};
	struct qf_err err = { 0 };
	bool asks = qf_opt_find_flag(argc, argv, "help", 'h') ||
		    qf_opt_find_flag(argc, argv, "version", 'V');
	int rc = 0;

	help_more(&more);
	tool.more = qf_buf_cstr(&more);
	if (!(asks && !name))
		rc = choose_sink(&r, name, &err);
	if (r.sink) {
		title = qf_asprintf("Options of target %s", r.sink->name);
		r.state = qf_calloc(1, r.sink->state_size);
		p.groups[p.n_groups++] = (struct qf_opt_group){
			.title = title,
			.opts = r.sink->opts,
			.n = r.sink->n_opts,
			.base = r.state,
			.section = "target",
		};
	}
	if (rc == 0)
		rc = qf_tool_start(&tool, &r.std, &p, argc, argv, &err);
	else
		qf_log_init(tool.name, QF_LOG_INFO, false);
	if (rc == 0)
		rc = load(&r, &p, &err);
	else if (rc == 1)
		rc = 0;
	if (r.sink)
		r.sink->close(r.state);
	free(r.state);
	qf_rejects_free(r.sink_args.rejects);
	qf_tally_release(&r.seen);
	qf_arena_release(&r.arena);
	qf_opt_release(&p);
	return qf_tool_finish(rc, &err);
}
