/* fortress transform: a stream in, the same stream by the steps of a mapping out. */
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/sig.h"
#include "common/base/tool.h"
#include "common/data/rejects.h"
#include "common/data/stream.h"
#include "tools/transform/explain.h"
#include "tools/transform/options.h"
#include "tools/transform/steps.h"

/* What is counted for --report, by collection and tenant as they came in. */
struct run {
	struct qf_transform_args args;
	struct qf_std std;
	struct qf_chain *chain;
	struct qf_rejects *rejects;
	struct qf_tally in;
	struct qf_progress progress;
	struct qf_output out;
};

static size_t field_size(enum qf_opt_type type)
{
	return type == QF_OPT_FLAG	? sizeof(bool)
	       : type == QF_OPT_TEXT	? sizeof(char *)
	       : type == QF_OPT_CHOICE	? sizeof(int)
	       : type == QF_OPT_LIST	? sizeof(struct qf_opt_list)
					: sizeof(unsigned long long);
}

/*
 * A mapping holds nothing but steps and, under `transform`, settings of this stage; a plan holds
 * other maps beside. The steps stand among the settings, so these cannot be a section of the option
 * table, and a flag has to be asked for before its setting is taken.
 */
static int read_mapping(struct run *r, struct qf_opt_parse *p, int argc, char **argv,
			struct qf_err *err)
{
	static const char *const top[] = { "steps", "transform" };
	const struct qf_node *root = p->plan.root, *map = qf_node_get(root, "transform");
	struct qf_transform_args planned = { 0 };

	if (map && qf_opt_from_node(qf_transform_opts, qf_n_transform_opts, &planned, &p->plan, map, "transform", top, 1,
				    &p->arena, err) < 0)
		return -1;
	for (size_t i = 0; i < qf_n_transform_opts; i++) {
		const struct qf_opt *o = &qf_transform_opts[i];

		if (qf_node_get(map, o->name) && !qf_opt_find_value(argc, argv, o->name, o->letter) &&
		    !qf_opt_find_flag(argc, argv, o->name, o->letter))
			memcpy((char *)&r->args + o->offset, (char *)&planned + o->offset, field_size(o->type));
	}
	if (!root || qf_node_get(root, "source") || qf_node_get(root, "target"))
		return 0;
	return qf_node_check_keys(&p->plan, root, "a mapping", top, QF_LEN(top), err);
}

static int open_chain(struct run *r, const struct qf_conf *plan, struct qf_err *err)
{
	r->chain = qf_chain_new();
	if (qf_chain_add_conf(r->chain, plan, err) < 0)
		return -1;
	for (size_t i = 0; i < r->args.steps.n; i++)
		if (qf_chain_add_text(r->chain, r->args.steps.items[i], err) < 0)
			return -1;
	r->args.reseal |= qf_chain_has(r->chain, "reseal", NULL);
	return 0;
}

static int open_output(struct run *r, struct qf_writer **ret, struct qf_err *err)
{
	static const enum qf_vector_text texts[] = { QF_VECTORS_KEEP, QF_VECTORS_BASE64, QF_VECTORS_JSON };
	struct qf_writer_opts wo = {
		.vectors = texts[r->args.vectors], .plain = r->args.plain, .line_limit = r->args.max_line,
	};
	const char *file = r->args.output ? r->args.output : "-";

	if (qf_writer_level(&wo, r->args.level, err) < 0 || qf_output_open(&r->out, file, err) < 0)
		return -1;
	return qf_writer_open(r->out.fd, r->out.open ? file : "standard output", &wo, ret, err);
}

static void edit_header(struct run *r, struct qf_record *rec, struct qf_arena *arena,
			struct qf_str settings)
{
	struct qf_json *vectors = qf_json_get(rec->doc, "vectors");

	if (settings.n) {
		qf_header_chain(arena, rec->doc, settings);
		rec->line.p = NULL;
	}
	if (r->args.vectors && vectors) {
		vectors->text = r->args.vectors == 2 ? QF_STR("json") : QF_STR("base64");
		rec->line.p = NULL;
	}
}

static void look_at(struct run *r, const struct qf_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct qf_record *rec = &b->rec[i];

		if (rec->type == QF_REC_STREAM || rec->type == QF_REC_COLLECTION)
			qf_rejects_note(r->rejects, rec);
		if (rec->type == QF_REC_POINT) {
			qf_tally_scope(&r->in, rec->collection, rec->tenant)->points++;
			r->progress.points++;
		} else if (rec->type == QF_REC_COLLECTION) {
			r->progress.total += (uint64_t)qf_json_get_int(rec->doc, "count", 0);
		} else if (rec->type == QF_REC_SCOPE) {
			qf_tally_scope(&r->in, rec->collection, rec->tenant);
		}
	}
}

/* What steps have held back goes out before the scopes do. */
static int release(struct run *r, struct qf_writer *out, struct qf_err *err)
{
	struct qf_batch b = { 0 };
	int rc;

	while ((rc = qf_chain_release(r->chain, &b, err)) == 1) {
		if ((rc = qf_rejects_sync(r->rejects, err)) < 0 || (rc = qf_writer_put_batch(out, &b, err)) < 0)
			break;
		qf_progress_update(&r->progress);
	}
	qf_batch_release(&b);
	return rc;
}

static int copy(struct run *r, struct qf_reader *in, struct qf_writer *out, struct qf_err *err)
{
	bool changes = qf_chain_count(r->chain) || r->args.reseal || r->args.vectors;
	QF_AUTO_BUF struct qf_buf settings = { 0 };
	struct qf_batch b = { 0 };
	int rc;

	qf_chain_settings(r->chain, &settings);
	while ((rc = qf_reader_next(in, &b, err)) == 0) {
		look_at(r, &b);
		if (b.n && (b.rec[0].type == QF_REC_SCOPE || b.rec[0].type == QF_REC_END) &&
		    (rc = release(r, out, err)) < 0)
			break;
		/* What was set aside is on disk before the cursors behind it go out. */
		if ((rc = qf_chain_apply(r->chain, &b, err)) < 0 || (rc = qf_rejects_sync(r->rejects, err)) < 0)
			break;
		for (size_t i = 0; i < b.n; i++) {
			if (b.rec[i].type == QF_REC_STREAM)
				edit_header(r, &b.rec[i], &b.arena, qf_buf_str(&settings));
			else if (b.rec[i].type == QF_REC_END && changes)
				b.rec[i].line.p = NULL; /* counted and signed anew */
		}
		if ((rc = qf_writer_put_batch(out, &b, err)) < 0)
			break;
		r->progress.bytes = qf_reader_bytes(in);
		qf_progress_update(&r->progress);
	}
	qf_batch_release(&b);
	return rc < 0 ? -1 : 0;
}

static void put_scope(struct qf_buf *out, struct qf_str collection, struct qf_str tenant)
{
	QF_BUF_LIT(out, "{\"collection\":");
	qf_json_write_string(out, collection);
	QF_BUF_LIT(out, ",\"tenant\":");
	if (tenant.p)
		qf_json_write_string(out, tenant);
	else
		QF_BUF_LIT(out, "null");
}

/* One name, null for none, a list for several. */
static int put_names(struct run *r, struct qf_buf *out, struct qf_str collection, struct qf_err *err)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_str *names;
	size_t n;

	if (qf_chain_map_names(r->chain, collection, &arena, &names, &n, err) < 0)
		return -1;
	if (n == 0)
		QF_BUF_LIT(out, "null");
	else if (n > 1)
		qf_buf_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			qf_buf_addc(out, ',');
		qf_json_write_string(out, names[i]);
	}
	if (n > 1)
		qf_buf_addc(out, ']');
	return 0;
}

/* {"stage":"transform","read":[{collection,tenant,to,points}],"written":[{collection,tenant,points}]} */
static int report(struct run *r, const struct qf_tally *written, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	QF_BUF_LIT(&out, "{\"stage\":\"transform\",\"read\":[");
	for (size_t i = 0; i < r->in.n; i++) {
		const struct qf_scope *s = &r->in.scopes[i];

		if (i)
			qf_buf_addc(&out, ',');
		put_scope(&out, s->collection, s->tenant);
		QF_BUF_LIT(&out, ",\"to\":");
		if (put_names(r, &out, s->collection, err) < 0)
			return -1;
		qf_buf_printf(&out, ",\"points\":%llu}", (unsigned long long)s->points);
	}
	QF_BUF_LIT(&out, "],\"written\":[");
	for (size_t i = 0; i < written->n; i++) {
		if (i)
			qf_buf_addc(&out, ',');
		put_scope(&out, written->scopes[i].collection, written->scopes[i].tenant);
		qf_buf_printf(&out, ",\"points\":%llu}", (unsigned long long)written->scopes[i].points);
	}
	QF_BUF_LIT(&out, "]}\n");
	return qf_write_file(r->std.report, out.p, out.n, err);
}

/* Says what is not in the stream that was written. */
static void sum_up(const struct run *r)
{
	QF_AUTO_BUF struct qf_buf reasons = { 0 };
	char count[32];

	qf_warn("%s points are set aside in %s", qf_fmt_count(count, qf_chain_refused(r->chain)),
		r->args.dead_letter);
	qf_chain_reasons(r->chain, &reasons);
	for (char *p = reasons.p, *end; p && p < reasons.p + reasons.n; p = end + 1) {
		end = memchr(p, '\n', (size_t)(reasons.p + reasons.n - p));
		*end = '\0';
		qf_warn("%s", p);
	}
}

static unsigned terminal_columns(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/* --explain and --try: text instead of a stream. */
static int tell(struct run *r, struct qf_reader *in, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	int rc = r->args.explain ? qf_transform_explain(r->chain, in, &out, err)
				 : qf_transform_try(r->chain, in, (size_t)r->args.try, terminal_columns(), &out, err);

	/* What was found out before a failure helps to understand it. */
	if (fwrite(out.p, 1, out.n, stdout) != out.n && rc == 0)
		rc = qf_err_set(err, QF_E_IO, "cannot write to standard output");
	return rc;
}

static int write_stream(struct run *r, struct qf_reader *in, struct qf_err *err)
{
	struct qf_writer *out = NULL;
	struct qf_err later = { 0 };
	int rc;

	r->rejects = qf_rejects_new(r->args.dead_letter);
	if (qf_rejects_check(r->rejects, err) < 0)
		return -1;
	qf_chain_rejects(r->chain, r->rejects);
	qf_progress_start(&r->progress, "transform", r->std.progress, false);
	rc = open_output(r, &out, err);
	if (rc == 0)
		rc = copy(r, in, out, err);
	qf_progress_end(&r->progress);
	/* The dead letters are sealed whatever happens. */
	if (qf_rejects_finish(r->rejects, rc < 0 ? &later : err) < 0)
		rc = -1;
	if (rc == 0)
		rc = qf_output_finish(&r->out, err);
	if (rc == 0 && r->std.report)
		rc = report(r, qf_writer_tally(out), err);
	qf_writer_free(out);
	if (rc == 0 && qf_chain_refused(r->chain)) {
		sum_up(r);
		rc = QF_E_PARTIAL;
	}
	return rc;
}

static int check_args(struct run *r, const struct qf_opt_parse *p, struct qf_err *err)
{
	const struct qf_transform_args *a = &r->args;
	struct stat in, out;

	if (p->n_args)
		return qf_err_set(err, QF_E_USAGE,
				  "'%s': transform takes no arguments; the mapping goes behind -c, the stream comes on "
				  "standard input", p->args[0]);
	if (a->dead_letter)
		r->args.on_error = QF_ON_ERROR_DEAD_LETTER;
	if (a->on_error == QF_ON_ERROR_DEAD_LETTER && !a->dead_letter)
		return qf_err_set(err, QF_E_USAGE,
				  "--on-error=dead-letter needs a place for them: --dead-letter FILE");
	/* Points that were read from a file and appended to it would never end. */
	if (a->dead_letter && fstat(STDIN_FILENO, &in) == 0 && stat(a->dead_letter, &out) == 0 &&
	    in.st_dev == out.st_dev && in.st_ino == out.st_ino)
		return qf_err_set(err, QF_E_USAGE, "%s is standard input too: name another file with --dead-letter",
				  a->dead_letter);
	if ((a->explain || a->try) && (a->output || a->dead_letter || (a->explain && a->try)))
		return qf_err_set(err, QF_E_USAGE, "%s prints text and writes no stream: leave %s out",
				  a->explain ? "--explain" : "--try",
				  a->output ? "--output" : a->dead_letter ? "--dead-letter" : "--try");
	return 0;
}

static int work(struct run *r, struct qf_opt_parse *p, struct qf_err *err)
{
	struct qf_reader_opts ro = { 0 };
	struct qf_reader *in;
	int rc;

	if (check_args(r, p, err) < 0 || open_chain(r, &p->plan, err) < 0)
		return -1;
	if (isatty(STDIN_FILENO))
		return qf_err_set(err, QF_E_USAGE,
				  "standard input is a terminal; put a stream into it: fortress extract ... | fortress transform ...");
	ro.reseal = r->args.reseal;
	ro.limits.line = r->args.max_line;
	ro.limits.depth = (unsigned)r->args.max_depth;
	ro.limits.window_log = (unsigned)r->args.max_window;
	in = qf_reader_new(STDIN_FILENO, "standard input", &ro);
	rc = r->args.explain || r->args.try ? tell(r, in, err) : write_stream(r, in, err);
	qf_reader_free(in);
	return rc;
}

int main(int argc, char **argv)
{
	QF_AUTO_BUF struct qf_buf help = { 0 };
	struct qf_tool tool = {
		.name = "transform",
		.usage = "fortress transform [-c MAPPING] [--step STEP].. [OPTION..] < STREAM > STREAM",
		.summary = "Applies the steps of a mapping to a stream. Without steps it is a checked copy.",
		.has_report = true,
		.has_progress = true,
	};
	struct run r = { 0 };
	struct qf_opt_parse p = {
		.groups = { { .title = "Options",
			      .opts = qf_transform_opts,
			      .n = qf_n_transform_opts,
			      .base = &r.args } },
		.n_groups = 1,
	};
	struct qf_err err = { 0 };
	int rc;

	qf_chain_help(&help);
	QF_BUF_LIT(&help, "\nA mapping: {steps: [{rename: {title: name}}, {drop: [note]}]}; see configs/mapping.yaml.\n"
			  "Exit status: 0 done, 3 done but points are set aside, 65 bad stream or point, 75 the stream broke off, 78 bad mapping.");
	tool.more = qf_buf_cstr(&help);
	rc = qf_tool_start(&tool, &r.std, &p, argc, argv, &err);
	if (rc == 0 && (rc = read_mapping(&r, &p, argc, argv, &err)) == 0)
		rc = work(&r, &p, &err);
	else if (rc == 1)
		rc = 0;
	qf_output_release(&r.out);
	qf_chain_free(r.chain);
	qf_rejects_free(r.rejects);
	qf_tally_release(&r.in);
	qf_opt_release(&p);
	return qf_tool_finish(rc, &err);
}
