/* For programs: one object, described in docs/ALIGN.md. One finding or note a line, keys always in the same order. */
#include "common/data/json.h"
#include "tools/align/report/show.h"
#include "tools/align/report/summary.h"

static void add_key_text(struct qf_buf *out, const char *key, struct qf_str value)
{
	qf_buf_printf(out, "\"%s\":", key);
	if (value.p)
		qf_show_json(out, value);
	else
		QF_BUF_LIT(out, "null");
}

static void add_path(struct qf_buf *out, const char *path)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	bool encoded = path && qf_show_path_utf8(&text, path);

	QF_BUF_LIT(out, "\"path\":");
	if (path)
		qf_json_write_string(out, qf_buf_str(&text));
	else
		QF_BUF_LIT(out, "null");
	if (encoded)
		QF_BUF_LIT(out, ",\"path_encoded\":true");
}

static void add_finding(struct qf_buf *out, const struct qf_finding *f, uint64_t print)
{
	qf_buf_printf(out, "{\"kind\":\"%s\",", qf_finding_kind_name(f->kind));
	add_key_text(out, "rule", qf_str(f->rule));
	QF_BUF_LIT(out, ",");
	add_key_text(out, "category", f->category ? qf_str(qf_category_name(f->category)) : (struct qf_str){ 0 });
	QF_BUF_LIT(out, ",");
	add_path(out, f->path);
	qf_buf_printf(out, ",\"line\":%u,\"column\":%u,\"end_column\":%u,\"offset\":%llu,\"hits\":%u,", f->line, f->column,
		      f->end_column, (unsigned long long)f->offset, f->hits);
	add_key_text(out, "match", f->match);
	QF_BUF_LIT(out, ",");
	add_key_text(out, "text", f->text);
	qf_buf_printf(out, ",\"cut\":%s,", f->cut ? "true" : "false");
	add_key_text(out, "message", qf_str(f->message));
	QF_BUF_LIT(out, ",\"suppressed\":");
	if (f->suppression == QF_COUNTS) {
		QF_BUF_LIT(out, "null");
	} else {
		qf_buf_printf(out, "{\"by\":\"%s\",", qf_suppression_name(f->suppression));
		add_key_text(out, "reason", qf_str(f->reason));
		QF_BUF_LIT(out, "}");
	}
	qf_buf_printf(out, ",\"fingerprint\":\"%016llx\"}", (unsigned long long)print);
}

static void add_note(struct qf_buf *out, const struct qf_note *note)
{
	qf_buf_printf(out, "{\"kind\":\"%s\",", qf_note_kind_name(note->kind));
	add_path(out, note->path);
	qf_buf_printf(out, ",\"line\":%u,", note->line);
	add_key_text(out, "text", qf_str(note->text));
	QF_BUF_LIT(out, "}");
}

static void add_summary(struct qf_buf *out, const struct qf_result *result, const struct qf_report_opts *opts)
{
	struct qf_summary s = qf_summary_make(result, opts->rules);

	qf_buf_printf(out, "{\"status\":%d,\"files_read\":%llu,\"bytes_read\":%llu", opts->status,
		      (unsigned long long)result->files, (unsigned long long)result->bytes);
	qf_buf_printf(out, ",\"findings\":%zu,\"files\":%zu,\"lines\":%zu,\"occurrences\":%llu,\"path_names\":%zu",
		      s.findings, s.files, s.lines, (unsigned long long)s.hits, s.paths);
	QF_BUF_LIT(out, ",\"systems\":[");
	for (size_t i = 0; i < s.n; i++) {
		qf_buf_puts(out, i ? ",{" : "{");
		add_key_text(out, "name", qf_str(s.systems[i].name));
		qf_buf_printf(out, ",\"findings\":%zu,\"files\":%zu,\"path_names\":%zu}", s.systems[i].findings,
			      s.systems[i].files, s.systems[i].paths);
	}
	qf_buf_printf(out, "],\"leftovers\":%zu,\"pending\":{\"lines\":%zu,\"moves\":%zu,\"files\":%zu}", s.leftovers,
		      s.pending, s.moves, s.pending_files);
	QF_BUF_LIT(out, ",\"suppressed\":{");
	for (int by = QF_BY_INLINE; by < QF_SUPPRESSIONS; by++)
		qf_buf_printf(out, "%s\"%s\":%zu", by > QF_BY_INLINE ? "," : "", qf_suppression_name(by), s.suppressed[by]);
	QF_BUF_LIT(out, "},\"notes\":{");
	for (int kind = 0; kind < QF_NOTE_KINDS; kind++)
		qf_buf_printf(out, "%s\"%s\":%zu", kind ? "," : "", qf_note_kind_name(kind), s.notes[kind]);
	QF_BUF_LIT(out, "},\"fix\":");
	if (opts->fix)
		qf_buf_printf(out, "{\"changed_files\":%zu,\"proved\":%s}", opts->fixed_files,
			      opts->proved ? "true" : "false");
	else
		QF_BUF_LIT(out, "null");
	QF_BUF_LIT(out, "}");
	qf_summary_release(&s);
}

static void write_json(const struct qf_result *result, const struct qf_report_opts *opts, struct qf_buf *out)
{
	QF_AUTO_FREE uint64_t *prints = qf_finding_prints(result);

	QF_BUF_LIT(out, "{\"version\":1,\"tool\":{\"name\":\"fortress-align\",\"version\":\"" QF_VERSION "\"},\n\"findings\":[");
	for (size_t i = 0; i < result->n; i++) {
		qf_buf_puts(out, i ? ",\n" : "\n");
		add_finding(out, &result->findings[i], prints[i]);
	}
	QF_BUF_LIT(out, "],\n\"notes\":[");
	for (size_t i = 0; i < result->n_notes; i++) {
		qf_buf_puts(out, i ? ",\n" : "\n");
		add_note(out, &result->notes[i]);
	}
	QF_BUF_LIT(out, "],\n\"summary\":");
	add_summary(out, result, opts);
	QF_BUF_LIT(out, "}\n");
}

const struct qf_format qf_format_json = { "json", write_json };
