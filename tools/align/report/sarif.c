/*
 * SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): for GitHub code scanning and its like. Suppressed
 * findings stay in, with their suppression: one that vanished would read as mended. No time and no absolute path,
 * so that equal trees give equal bytes.
 */
#include "common/base/log.h"
#include "common/data/json.h"
#include "tools/align/report/show.h"
#include "tools/align/report/summary.h"

/* GitHub shows no more of one run and refuses files of more than 25,000. */
enum { MAX_RESULTS = 5000 };

#define RULE_LEFTOVER "old-name"
#define RULE_PENDING "pending-change"

static void add_text(struct qf_buf *out, const char *key, struct qf_str text)
{
	qf_buf_printf(out, "\"%s\":{\"text\":", key);
	qf_show_json(out, text);
	QF_BUF_LIT(out, "}");
}

/* ---- rules ---- */

static void add_rule_id(struct qf_buf *out, const char *prefix, const char *name)
{
	QF_AUTO_BUF struct qf_buf id = { 0 };

	qf_buf_puts(&id, prefix);
	qf_buf_puts(&id, name);
	qf_show_json(out, qf_buf_str(&id));
}

static void add_rule(struct qf_buf *out, const char *prefix, const char *name, const char *level, const char *title,
		     const char *help)
{
	QF_BUF_LIT(out, "{\"id\":");
	add_rule_id(out, prefix, name);
	QF_BUF_LIT(out, ",");
	add_text(out, "shortDescription", qf_str(title));
	if (help) {
		QF_BUF_LIT(out, ",");
		add_text(out, "help", qf_str(help));
	}
	qf_buf_printf(out, ",\"defaultConfiguration\":{\"level\":\"%s\"}}", level);
}

/* Systems first, in the order of the summary, so that a result's ruleIndex is its system's. */
static void add_rules(struct qf_buf *out, const struct qf_summary *sum, const struct qf_rules *rules)
{
	for (size_t i = 0; i < sum->n; i++) {
		QF_AUTO_BUF struct qf_buf title = { 0 };
		const char *hint = rules && i < rules->n_systems ? rules->systems[i].hint : NULL;

		QF_BUF_LIT(&title, "The system ");
		qf_buf_puts(&title, sum->systems[i].name);
		QF_BUF_LIT(&title, " is on its way out and must not be named");
		add_rule(out, "forbidden/", sum->systems[i].name, "error", qf_buf_cstr(&title), hint);
		QF_BUF_LIT(out, ",\n");
	}
	add_rule(out, RULE_LEFTOVER, "", "warning", "An old module or symbol is named where no rewrite could follow",
		 "Change the place by hand; the message says why it was left.");
	QF_BUF_LIT(out, ",\n");
	add_rule(out, RULE_PENDING, "", "warning", "A module or symbol is used by its old name",
		 "fortress align --fix changes it.");
}

static size_t rule_index(const struct qf_summary *sum, const struct qf_finding *f)
{
	size_t i = 0;

	if (f->kind != QF_FORBIDDEN)
		return sum->n + (f->kind == QF_PENDING);
	while (i < sum->n && strcmp(sum->systems[i].name, f->rule))
		i++;
	return i;
}

/* ---- results ---- */

static void add_location(struct qf_buf *out, const char *path)
{
	QF_BUF_LIT(out, "\"artifactLocation\":{\"uri\":\"");
	qf_show_uri(out, path);
	QF_BUF_LIT(out, "\",\"uriBaseId\":\"%SRCROOT%\"}");
}

static void add_region(struct qf_buf *out, const struct qf_finding *f)
{
	qf_buf_printf(out, ",\"region\":{\"startLine\":%u", f->line);
	if (f->column) {
		qf_buf_printf(out, ",\"startColumn\":%u", f->column);
		if (f->end_column > f->column) {
			qf_buf_printf(out, ",\"endColumn\":%u,", f->end_column);
			add_text(out, "snippet", f->match);
		}
	}
	QF_BUF_LIT(out, "}");
	if (!f->cut) {
		qf_buf_printf(out, ",\"contextRegion\":{\"startLine\":%u,", f->line);
		add_text(out, "snippet", f->text);
		QF_BUF_LIT(out, "}");
	}
}

static void add_suppression(struct qf_buf *out, const struct qf_finding *f)
{
	static const char *const why[QF_SUPPRESSIONS] = {
		[QF_BY_INLINE] = "allowed in the line",
		[QF_BY_PATH] = "allowed by the rules for this path",
		[QF_BY_TOKEN] = "allowed by the rules for this word",
		[QF_BY_BASELINE] = "known in the baseline",
	};

	QF_BUF_LIT(out, ",\"suppressions\":[");
	if (f->suppression != QF_COUNTS) {
		qf_buf_printf(out, "{\"kind\":\"%s\",\"justification\":",
			      f->suppression == QF_BY_INLINE ? "inSource" : "external");
		qf_show_json(out, qf_str(f->reason ? f->reason : why[f->suppression]));
		QF_BUF_LIT(out, "}");
	}
	QF_BUF_LIT(out, "]");
}

static void add_result(struct qf_buf *out, const struct qf_summary *sum, const struct qf_finding *f, uint64_t print)
{
	QF_AUTO_BUF struct qf_buf message = { 0 };

	QF_BUF_LIT(out, "{\"ruleId\":");
	if (f->kind == QF_FORBIDDEN)
		add_rule_id(out, "forbidden/", f->rule);
	else
		add_rule_id(out, f->kind == QF_LEFTOVER ? RULE_LEFTOVER : RULE_PENDING, "");
	qf_buf_printf(out, ",\"ruleIndex\":%zu,\"level\":\"%s\",", rule_index(sum, f),
		      f->kind == QF_FORBIDDEN ? "error" : "warning");
	qf_finding_message(&message, f);
	add_text(out, "message", qf_buf_str(&message));
	QF_BUF_LIT(out, ",\"locations\":[{\"physicalLocation\":{");
	add_location(out, f->path);
	if (f->line)
		add_region(out, f);
	qf_buf_printf(out, "}}],\"partialFingerprints\":{\"fortressAlign/v1\":\"%016llx\"}", (unsigned long long)print);
	add_suppression(out, f);
	QF_BUF_LIT(out, ",\"properties\":{\"category\":");
	qf_show_json(out, qf_str(f->category ? qf_category_name(f->category) : qf_finding_kind_name(f->kind)));
	qf_buf_printf(out, ",\"occurrences\":%u}}", f->hits);
}

/* What counts before what does not, errors before warnings; of equals the order of the tree. */
static int rank(const struct qf_finding *f)
{
	return 2 * (f->suppression != QF_COUNTS) + (f->kind != QF_FORBIDDEN);
}

/* Returns how many were added. */
static size_t add_results(struct qf_buf *out, const struct qf_result *result, const struct qf_summary *sum)
{
	QF_AUTO_FREE uint64_t *prints = qf_finding_prints(result);
	size_t n = 0;

	for (int at = 0; at < 4; at++) {
		for (size_t i = 0; i < result->n && n < MAX_RESULTS; i++) {
			const struct qf_finding *f = &result->findings[i];

			if (rank(f) != at)
				continue;
			qf_buf_puts(out, n++ ? ",\n" : "\n");
			add_result(out, sum, f, prints[i]);
		}
	}
	return n;
}

/* ---- what else there is to tell ---- */

static void begin_notification(struct qf_buf *out, bool *first, const char *id, const char *level, const char *message)
{
	qf_buf_puts(out, *first ? "\n{" : ",\n{");
	*first = false;
	qf_buf_printf(out, "\"descriptor\":{\"id\":\"%s\"},\"level\":\"%s\",", id, level);
	add_text(out, "message", qf_str(message));
}

static void add_note(struct qf_buf *out, bool *first, const struct qf_note *note)
{
	QF_AUTO_BUF struct qf_buf message = { 0 };
	const char *level = note->kind == QF_NOTE_UNREADABLE || note->kind == QF_NOTE_UNPARSABLE ? "error" : "warning";

	qf_buf_printf(&message, "%s", qf_note_kind_name(note->kind));
	if (note->text && *note->text)
		qf_buf_printf(&message, ": %s", note->text);
	begin_notification(out, first, qf_note_kind_name(note->kind), level, qf_buf_cstr(&message));
	if (note->path) {
		QF_BUF_LIT(out, ",\"locations\":[{\"physicalLocation\":{");
		add_location(out, note->path);
		if (note->line)
			qf_buf_printf(out, ",\"region\":{\"startLine\":%u}", note->line);
		QF_BUF_LIT(out, "}}]");
	}
	QF_BUF_LIT(out, "}");
}

static void add_notifications(struct qf_buf *out, const struct qf_result *result, const struct qf_summary *sum,
			      size_t left)
{
	QF_AUTO_BUF struct qf_buf message = { 0 };
	bool first = true;

	if (left) {
		qf_buf_printf(&message, "Only %d of %zu results are in this file, the worst first; %zu are left out. "
			      "The forms text and json hold all.", MAX_RESULTS, result->n, left);
		begin_notification(out, &first, "too-many-results", "error", qf_buf_cstr(&message));
		QF_BUF_LIT(out, "}");
	}
	for (size_t i = 0; i < result->n_notes; i++)
		if (!qf_note_is_skip(result->notes[i].kind))
			add_note(out, &first, &result->notes[i]);
	for (int kind = 0; kind < QF_NOTE_UNREADABLE; kind++) {
		if (!sum->notes[kind])
			continue;
		qf_buf_reset(&message);
		qf_buf_printf(&message, "Left out, %s: %zu", qf_note_kind_name(kind), sum->notes[kind]);
		begin_notification(out, &first, qf_note_kind_name(kind), "note", qf_buf_cstr(&message));
		QF_BUF_LIT(out, "}");
	}
}

static void write_sarif(const struct qf_result *result, const struct qf_report_opts *opts, struct qf_buf *out)
{
	struct qf_summary sum = qf_summary_make(result, opts->rules);
	size_t left;

	QF_BUF_LIT(out, "{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
			"sarif-schema-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\n"
			"\"tool\":{\"driver\":{\"name\":\"fortress-align\",\"semanticVersion\":\"" QF_VERSION "\",\"rules\":[\n");
	add_rules(out, &sum, opts->rules);
	QF_BUF_LIT(out, "]}},\n\"columnKind\":\"unicodeCodePoints\",\n\"originalUriBaseIds\":{\"%SRCROOT%\":"
			"{\"description\":{\"text\":\"The top folder of the tree.\"}}},\n\"results\":[");
	left = result->n - add_results(out, result, &sum);
	qf_buf_printf(out, "],\n\"invocations\":[{\"executionSuccessful\":%s,\"exitCode\":%d,\"toolExecutionNotifications\":[",
		      opts->status == QF_OK || opts->status == QF_E_DIFF ? "true" : "false", opts->status);
	add_notifications(out, result, &sum, left);
	QF_BUF_LIT(out, "]}]}]}\n");
	if (left)
		qf_warn("the SARIF report holds %d of %zu results, the worst first: text and json hold all", MAX_RESULTS,
			result->n);
	qf_summary_release(&sum);
}

const struct qf_format qf_format_sarif = { "sarif", write_sarif };
