/* fortress extract SOURCE: a source's records as a stream on standard output. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/base/tool.h"
#include "common/data/stream.h"
#include "tools/extract/sources.h"

struct args {
	struct qf_opt_list collections;
	unsigned long long jobs, limit, max_line;
	const char *limit_text, *partition, *output, *level;
	bool list, shared_ids, plain;
	int vectors;
};

#define AT(field) offsetof(struct args, field)

static const struct qf_opt opts[] = {
	{ .name = "collection", .type = QF_OPT_WORDS, .offset = AT(collections), .arg = "NAME", .data = true,
	  .help = "only this one; repeat it or use commas for more" },
	{ .name = "limit", .type = QF_OPT_TEXT, .offset = AT(limit_text), .arg = "N", .data = true,
	  .help = "at most N points of each collection (0: only what they look like)" },
	{ .name = "partition", .type = QF_OPT_TEXT, .offset = AT(partition), .arg = "I/N", .data = true,
	  .help = "the I-th of N shares of the key space" },
	{ .name = "jobs", .letter = 'j', .type = QF_OPT_UINT, .offset = AT(jobs), .arg = "N", .def = "4",
	  .min = 1, .max = 64, .help = "requests in flight" },
	{ .name = "list", .type = QF_OPT_FLAG, .offset = AT(list), .help = "show what there is, read nothing" },
	{ .name = "shared-ids", .type = QF_OPT_FLAG, .offset = AT(shared_ids),
	  .help = "show ids that stand in several tenants, as JSON" },
	{ .name = "vectors", .type = QF_OPT_CHOICE, .offset = AT(vectors), .choices = "base64|json",
	  .def = "base64", .help = "form of vectors in the stream" },
	{ .name = "output", .letter = 'o', .type = QF_OPT_TEXT, .offset = AT(output), .arg = "FILE",
	  .help = "write to this file, which appears once it is whole" },
	{ .name = "level", .type = QF_OPT_TEXT, .offset = AT(level), .arg = "N",
	  .help = "zstd level, -7 to 19; else a fast one into a pipe and 3 into a file" },
	{ .name = "plain", .type = QF_OPT_FLAG, .offset = AT(plain), .help = "no compression" },
	{ .name = "max-line", .type = QF_OPT_SIZE, .offset = AT(max_line), .arg = "SIZE", .def = "64MiB",
	  .min = 1024, .help = "longest line of the stream" },
};

static const struct qf_tool tool = {
	.name = "extract",
	.usage = "fortress extract SOURCE [OPTION..] | ...\n       fortress extract SOURCE --help",
	.summary = "Reads vector collections and writes them to standard output as a stream of zstd-compressed\n"
		   "NDJSON. The stream is whole only when it ends with its end line.",
	.more = "Exit status: 0 done, 3 done but a scope could not be read (a COLD tenant), 64 usage, 65 bad data,\n"
		"66 no such collection, 69 not reachable, 73 cannot create the file, 74 input/output, 75 try again,\n"
		"76 protocol, 77 key, 78 settings, 130 and 143 stopped, 141 the reader has gone.",
	.has_report = true, .has_json = true, .has_progress = true,
};

static int parse_args(struct args *a, struct qf_source_args *out, struct qf_err *err)
{
	unsigned long long i = 1, n = 1;
	int used = 0;

	out->collections = a->collections;
	out->jobs = (unsigned)a->jobs;
	out->line_limit = a->max_line;
	out->has_limit = a->limit_text != NULL;
	if (a->limit_text && qf_parse_uint(a->limit_text, &a->limit) < 0)
		return qf_err_set(err, QF_E_USAGE, "--limit: '%s' is not a whole number", a->limit_text);
	out->limit = a->limit;
	if (a->partition && (sscanf(a->partition, "%llu/%llu%n", &i, &n, &used) != 2 || a->partition[used] || i < 1 ||
			     i > n || n > 100000))
		return qf_err_set(err, QF_E_USAGE, "--partition: '%s' is not I/N with I from 1 to N", a->partition);
	out->part = (unsigned)i;
	out->parts = (unsigned)n;
	return 0;
}

struct run {
	const struct qf_source *source;
	void *state;
	struct qf_source_args args;
	struct qf_output out;
	struct qf_writer *writer;
	struct qf_batch batch;
	struct qf_progress progress;
	struct qf_arena arena;
	struct qf_str mode;	/* of the header, once it is written */
	struct qf_buf settings; /* what changes data, for the chain */
	enum qf_vector_text vectors;
	struct qf_buf scopes;	/* of the report */
	bool partial;
	uint64_t points;
};

/* A scope for the report; one that is not whole against the user's wish makes the exit status 3. */
static void note_scope(struct run *r, const struct qf_record *rec)
{
	struct qf_buf *b = &r->scopes;

	qf_buf_puts(b, b->n ? ",{\"collection\":" : "{\"collection\":");
	qf_json_write_string(b, rec->collection);
	if (rec->tenant.p) {
		QF_BUF_LIT(b, ",\"tenant\":");
		qf_json_write_string(b, rec->tenant);
	}
	if (rec->has_count)
		qf_buf_printf(b, ",\"count\":%llu", (unsigned long long)rec->count);
	if (rec->unproven)
		QF_BUF_LIT(b, ",\"proven\":false");
	qf_buf_printf(b, ",\"points\":%llu,\"rejected\":%llu,\"whole\":%s", (unsigned long long)rec->points,
		      (unsigned long long)rec->rejected, rec->whole ? "true" : "false");
	if (!rec->whole) {
		QF_BUF_LIT(b, ",\"why\":");
		qf_json_write_string(b, rec->why);
	}
	qf_buf_addc(b, '}');
	if (rec->whole || qf_str_starts(rec->why, "limit ") || qf_str_starts(rec->why, "partition "))
		return;
	r->partial = true;
	qf_warn("collection '%.*s'%s%.*s%s is not whole: %.*s", QF_STR_ARG(rec->collection),
		rec->tenant.p ? ", tenant '" : "", QF_STR_ARG(rec->tenant), rec->tenant.p ? "'" : "",
		QF_STR_ARG(rec->why));
}

/*
 * The header, before the first record: made here, or that of the stream that the source reads, with
 * our settings added to its chain. Streams of different modes cannot become one.
 */
static int put_header(struct run *r, const struct qf_record *given, struct qf_err *err)
{
	struct qf_record header = { .type = QF_REC_STREAM };
	struct qf_str mode = given ? qf_json_get_str(given->doc, "mode", "full") : QF_STR("full");

	if (r->mode.p) {
		if (given && !qf_str_eq(mode, r->mode))
			return qf_err_set(err, QF_E_DATA,
					  "a stream of mode '%.*s' follows one of mode '%.*s'; extract them one by one",
					  QF_STR_ARG(mode), QF_STR_ARG(r->mode));
		return 0;
	}
	r->mode = qf_arena_dup(&r->arena, mode.p, mode.n);
	if (given) {
		header.doc = qf_json_copy(&r->arena, given->doc);
		qf_header_chain(&r->arena, header.doc, qf_buf_str(&r->settings));
		qf_json_remove(header.doc, "vectors");
		qf_json_add_cstr(&r->arena, header.doc, "vectors",
				 r->vectors == QF_VECTORS_JSON ? "json" : "base64");
	} else {
		header.doc = qf_header_new(&r->arena, NULL, r->source->name, r->args.url, r->args.server,
					   qf_buf_str(&r->settings), r->vectors);
	}
	return qf_writer_put(r->writer, &header, &r->arena, err);
}

/* Takes the headers out of the batch; all but the first only for their mode. */
static int take_headers(struct run *r, struct qf_err *err)
{
	size_t n = 0;

	if (!r->mode.p && (!r->batch.n || r->batch.rec[0].type != QF_REC_STREAM) &&
	    put_header(r, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < r->batch.n; i++) {
		if (r->batch.rec[i].type != QF_REC_STREAM)
			r->batch.rec[n++] = r->batch.rec[i];
		else if (put_header(r, &r->batch.rec[i], err) < 0)
			return -1;
	}
	r->batch.n = n;
	return 0;
}

static int copy_all(struct run *r, struct qf_err *err)
{
	struct qf_record end = { .type = QF_REC_END };
	int rc;

	for (;;) {
		qf_batch_reset(&r->batch);
		rc = r->source->next(r->state, &r->batch, err);
		if (rc < 0 || take_headers(r, err) < 0)
			return -1;
		for (size_t i = 0; i < r->batch.n; i++) {
			r->points += r->batch.rec[i].type == QF_REC_POINT;
			if (r->batch.rec[i].type == QF_REC_SCOPE)
				note_scope(r, &r->batch.rec[i]);
		}
		if (qf_writer_put_batch(r->writer, &r->batch, err) < 0)
			return -1;
		r->progress.points = r->points;
		r->progress.total = r->args.expected;
		r->progress.retries = r->args.retries;
		qf_writer_stats(r->writer, &r->progress.bytes, &(uint64_t){ 0 });
		qf_progress_update(&r->progress);
		if (rc == 1)
			break;
	}
	return qf_writer_put(r->writer, &end, &r->batch.arena, err);
}

static int report(struct run *r, const struct qf_std *std, double seconds, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	uint64_t raw, written;

	qf_writer_stats(r->writer, &raw, &written);
	if (std->report) {
		QF_BUF_LIT(&out, "{\"stage\":\"extract\",\"source\":");
		qf_json_write_string(&out, qf_str(r->source->name));
		QF_BUF_LIT(&out, ",\"scopes\":[");
		qf_buf_add_str(&out, qf_buf_str(&r->scopes));
		qf_buf_printf(&out, "],\"points\":%llu,\"bytes\":%llu,\"written\":%llu,\"retries\":%llu,"
			      "\"seconds\":%.3f}\n", (unsigned long long)r->points, (unsigned long long)raw,
			      (unsigned long long)written, (unsigned long long)r->args.retries, seconds);
		return qf_write_file(std->report, out.p, out.n, err);
	}
	return 0;
}

static int run_stream(struct run *r, const struct args *a, const struct qf_std *std,
		      const struct qf_opt_parse *p, struct qf_err *err)
{
	struct qf_writer_opts o = { .vectors = a->vectors ? QF_VECTORS_JSON : QF_VECTORS_BASE64,
				    .plain = a->plain, .line_limit = a->max_line };
	const char *name = a->output ? a->output : "standard output";
	double started = qf_now();
	int rc;

	if (qf_writer_level(&o, a->level, err) < 0)
		return -1;
	/* The output first: a terminal or a full disk should not cost a look at the server. */
	if (qf_output_open(&r->out, a->output ? a->output : "-", err) < 0 ||
	    qf_writer_open(r->out.fd, name, &o, &r->writer, err) < 0)
		return -1;
	/* A larger pipe lets both sides work at once; where it is refused the default does. */
	if (!a->output)
		fcntl(STDOUT_FILENO, F_SETPIPE_SZ, 1 << 20);
	if (r->source->open(r->state, &r->args, err) < 0)
		return -1;
	qf_buf_printf(&r->settings, "extract %s\n", r->source->name);
	qf_opt_data_settings(p->groups + 1, p->n_groups - 1, &r->settings);
	r->vectors = o.vectors;
	/* Beside a load that shows progress on the same terminal this one keeps quiet. */
	qf_progress_start(&r->progress, "extract", std->progress, a->output || !isatty(STDERR_FILENO));
	rc = copy_all(r, err);
	qf_progress_end(&r->progress);
	if (rc == 0)
		rc = qf_output_finish(&r->out, err);
	if (rc == 0)
		rc = report(r, std, qf_now() - started, err);
	return rc;
}

static int run(struct run *r, struct args *a, const struct qf_std *std, const struct qf_opt_parse *p,
	       struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	bool query = a->list || a->shared_ids;
	int rc;

	if (parse_args(a, &r->args, err) < 0)
		return -1;
	if (!query)
		return run_stream(r, a, std, p, err);
	if ((a->list && !r->source->list) || (a->shared_ids && !r->source->shared_ids))
		return qf_err_set(err, QF_E_USAGE, "source %s has no --%s", r->source->name,
				  a->list ? "list" : "shared-ids");
	if (r->source->open(r->state, &r->args, err) < 0)
		return -1;
	rc = a->list ? r->source->list(r->state, std->json, &out, err)
		     : r->source->shared_ids(r->state, &out, err);
	if (rc == 0)
		fwrite(out.p, 1, out.n, stdout);
	return rc;
}

/* What --help says, with the sources of this build. */
static void describe(struct qf_tool *t, struct qf_buf *summary)
{
	qf_buf_puts(summary, tool.summary);
	QF_BUF_LIT(summary, "\n\nSources:");
	for (size_t i = 0; qf_sources[i]; i++)
		qf_buf_printf(summary, "\n  %-12s %s", qf_sources[i]->name, qf_sources[i]->help);
	*t = tool;
	t->summary = qf_buf_cstr(summary);
}

static int no_source(const char *name, struct qf_err *err)
{
	const char *names[64];
	QF_AUTO_BUF struct qf_buf all = { 0 };
	const char *near;
	size_t n = 0;

	for (; qf_sources[n]; n++) {
		names[n] = qf_sources[n]->name;
		qf_buf_printf(&all, "%s%s", n ? ", " : "", names[n]);
	}
	near = name ? qf_str_nearest(name, names, n) : NULL;
	if (!name)
		return qf_err_set(err, QF_E_USAGE, "a source is needed: fortress extract SOURCE, one of %s",
				  qf_buf_cstr(&all));
	return qf_err_set(err, QF_E_USAGE, "no source '%s'; %s%s%s%s", name, near ? "did you mean '" : "there are: ",
			  near ? near : qf_buf_cstr(&all), near ? "'?" : "", "");
}

int main(int argc, char **argv)
{
	bool named = argc > 1 && argv[1][0] != '-';
	struct run r = { .source = named ? qf_source_find(argv[1]) : NULL };
	struct qf_opt_parse parse = { 0 };
	struct args args = { 0 };
	QF_AUTO_BUF struct qf_buf summary = { 0 };
	struct qf_err err = { 0 };
	struct qf_tool described;
	struct qf_std std;
	bool told;
	int rc;

	describe(&described, &summary);
	parse.groups[parse.n_groups++] = (struct qf_opt_group){
		.title = "Options", .opts = opts, .n = QF_LEN(opts), .base = &args, .section = "source" };
	if (r.source) {
		r.state = qf_calloc(1, r.source->state_size);
		parse.groups[parse.n_groups++] = (struct qf_opt_group){
			.title = "Options of this source", .opts = r.source->opts, .n = r.source->n_opts,
			.base = r.state, .section = "source" };
	}
	/* Of a source that does not exist no option can be judged: its name is what is wrong. */
	if (named && !r.source)
		argc = 2;
	rc = qf_tool_start(&described, &std, &parse, argc - (named ? 1 : 0), argv + (named ? 1 : 0), &err);
	told = rc == 1; /* --help or --version */
	if (rc == 0 && !r.source)
		rc = no_source(named ? argv[1] : NULL, &err);
	if (rc == 0 && parse.n_args)
		rc = qf_err_set(&err, QF_E_USAGE, "unexpected argument '%s'; see fortress extract %s --help",
				parse.args[0], r.source->name);
	if (rc == 0)
		rc = run(&r, &args, &std, &parse, &err);
	if (r.source)
		r.source->close(r.state);
	qf_writer_free(r.writer);
	qf_output_release(&r.out);
	qf_batch_release(&r.batch);
	qf_buf_release(&r.scopes);
	qf_buf_release(&r.settings);
	qf_arena_release(&r.arena);
	free(r.state);
	qf_opt_release(&parse);
	return qf_tool_finish(told ? 0 : rc == 0 && r.partial ? QF_E_PARTIAL : rc, &err);
}
