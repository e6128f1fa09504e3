/* The audit: how much of the systems is in the tree, and where; as text, Markdown and JSON. */
#include "tools/align/report/audit_count.h"
#include "tools/align/report/show.h"
#include "tools/align/report/summary.h"

struct form {
	const struct qf_result *result;
	const char *before; /* name of the state that is compared with, or NULL */
	struct qf_audit audit;
	struct qf_summary summary;
	struct qf_buf *out;
};

static const char *const column_names[QF_COUNT_N] = { "files",	      "lines",	    "findings",
						       "occurrences", "suppressed", "path names" };
static const char *const table_names[QF_AUDIT_BY_N] = { "system", "category", "top folder", "folder, two levels" };

/* "1,358", with a state to compare with "1,358 (+3)"; "(=)" where nothing changed. */
static void add_cell(struct form *form, const struct qf_audit_row *row, unsigned column, struct qf_buf *out)
{
	uint64_t now = row->now[column], before = row->before[column];

	qf_show_number(out, now);
	if (!form->before)
		return;
	if (now == before) {
		QF_BUF_LIT(out, " (=)");
		return;
	}
	qf_buf_puts(out, now > before ? " (+" : " (-");
	qf_show_number(out, now > before ? now - before : before - now);
	QF_BUF_LIT(out, ")");
}

/* What stands above and below the tables in both forms for people. */
static void add_words(struct form *form, const char *end)
{
	const struct qf_summary *s = &form->summary;

	qf_buf_puts(form->out, "Files and lines are distinct: what several rows hold counts once in `all`, so that rows may "
			       "add up to more.");
	qf_buf_puts(form->out, end);
	if (s->suppressed[QF_COUNTS]) {
		QF_BUF_LIT(form->out, "Suppressed findings are in all counts:");
		for (int by = QF_BY_INLINE; by < QF_SUPPRESSIONS; by++) {
			if (!s->suppressed[by])
				continue;
			qf_buf_printf(form->out, " %s ", qf_suppression_name(by));
			qf_show_number(form->out, s->suppressed[by]);
			QF_BUF_LIT(form->out, ",");
		}
		form->out->n--;
		QF_BUF_LIT(form->out, ".");
		qf_buf_puts(form->out, end);
	}
	qf_show_count(form->out, form->result->files, "file");
	QF_BUF_LIT(form->out, " read, ");
	qf_show_number(form->out, s->notes[QF_NOTE_BINARY]);
	QF_BUF_LIT(form->out, " binary skipped");
	if (s->notes[QF_NOTE_UNREADABLE]) {
		QF_BUF_LIT(form->out, "; ");
		qf_show_count(form->out, s->notes[QF_NOTE_UNREADABLE], "path");
		QF_BUF_LIT(form->out, " could not be read, and the counts lack what stands in there");
	}
	QF_BUF_LIT(form->out, ".\n");
}

/* ---- text ---- */

static size_t width_of(struct qf_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void add_padded(struct qf_buf *out, struct qf_str text, size_t width, bool right)
{
	size_t n = width_of(text), pad = n < width ? width - n : 0;

	if (!right)
		qf_buf_add_str(out, text);
	qf_buf_printf(out, "%*s", (int)pad, "");
	if (right)
		qf_buf_add_str(out, text);
}

/* The name of a row as people see it; folders may be named anything. */
static void add_name(struct qf_str name, struct qf_buf *out)
{
	QF_AUTO_FREE char *path = qf_strndup(name.p, name.n);

	qf_show_path(out, path);
}

/* row: NULL for the heading */
static void set_cell(struct form *form, const char *title, const struct qf_audit_row *row, unsigned column,
		     struct qf_buf *cell)
{
	qf_buf_reset(cell);
	if (!row)
		qf_buf_puts(cell, column ? column_names[column - 1] : title);
	else if (column)
		add_cell(form, row, column - 1, cell);
	else
		add_name(row->name, cell);
}

static void add_text_rows(struct form *form, const char *title, const struct qf_audit_row *rows, size_t n)
{
	QF_AUTO_BUF struct qf_buf cell = { 0 };
	size_t width[QF_COUNT_N + 1] = { 0 };

	/* Row -1 is the heading. Widths first, then the text. */
	for (ssize_t row = -1; row < (ssize_t)n; row++) {
		for (unsigned column = 0; column <= QF_COUNT_N; column++) {
			set_cell(form, title, row < 0 ? NULL : &rows[row], column, &cell);
			if (width_of(qf_buf_str(&cell)) > width[column])
				width[column] = width_of(qf_buf_str(&cell));
		}
	}
	for (ssize_t row = -1; row < (ssize_t)n; row++) {
		for (unsigned column = 0; column <= QF_COUNT_N; column++) {
			set_cell(form, title, row < 0 ? NULL : &rows[row], column, &cell);
			if (column)
				QF_BUF_LIT(form->out, "  ");
			add_padded(form->out, qf_buf_str(&cell), width[column], column > 0);
		}
		QF_BUF_LIT(form->out, "\n");
	}
	QF_BUF_LIT(form->out, "\n");
}

static void write_text(struct form *form)
{
	if (form->before) {
		QF_BUF_LIT(form->out, "Compared with ");
		qf_show_text(form->out, qf_str(form->before));
		QF_BUF_LIT(form->out, ": the change since then is in brackets.\n\n");
	}
	add_text_rows(form, "", &form->audit.total, 1);
	for (int by = 0; by < QF_AUDIT_BY_N; by++)
		if (form->audit.table[by].n)
			add_text_rows(form, table_names[by], form->audit.table[by].row, form->audit.table[by].n);
	add_words(form, "\n");
}

/* ---- Markdown ---- */

static void add_markdown_text(struct qf_buf *out, struct qf_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (memchr("\\`*_[]<>|#&~", text.p[i], 12))
			qf_buf_addc(out, '\\');
		qf_buf_addc(out, text.p[i]);
	}
}

static void add_markdown_rows(struct form *form, const char *title, const struct qf_audit_row *rows, size_t n)
{
	qf_buf_printf(form->out, "| %s |", title);
	for (unsigned column = 0; column < QF_COUNT_N; column++)
		qf_buf_printf(form->out, " %s |", column_names[column]);
	QF_BUF_LIT(form->out, "\n|---|---:|---:|---:|---:|---:|---:|\n");
	for (size_t row = 0; row < n; row++) {
		QF_AUTO_BUF struct qf_buf name = { 0 };

		add_name(rows[row].name, &name);
		QF_BUF_LIT(form->out, "| ");
		add_markdown_text(form->out, qf_buf_str(&name));
		QF_BUF_LIT(form->out, " |");
		for (unsigned column = 0; column < QF_COUNT_N; column++) {
			QF_BUF_LIT(form->out, " ");
			add_cell(form, &rows[row], column, form->out);
			QF_BUF_LIT(form->out, " |");
		}
		QF_BUF_LIT(form->out, "\n");
	}
	QF_BUF_LIT(form->out, "\n");
}

static void write_markdown(struct form *form)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	QF_BUF_LIT(form->out, "# Systems on their way out\n\n");
	if (form->before) {
		QF_BUF_LIT(form->out, "Compared with ");
		qf_show_text(&text, qf_str(form->before));
		add_markdown_text(form->out, qf_buf_str(&text));
		QF_BUF_LIT(form->out, ": the change since then is in brackets.\n\n");
	}
	add_markdown_rows(form, "", &form->audit.total, 1);
	for (int by = 0; by < QF_AUDIT_BY_N; by++) {
		if (!form->audit.table[by].n)
			continue;
		qf_buf_printf(form->out, "## By %s\n\n", table_names[by]);
		add_markdown_rows(form, table_names[by], form->audit.table[by].row, form->audit.table[by].n);
	}
	add_words(form, "\n\n");
}

/* ---- JSON ---- */

static void add_counts(struct qf_buf *out, const uint64_t *counts)
{
	static const char *const keys[QF_COUNT_N] = { "files",	      "lines",	    "findings",
						       "occurrences", "suppressed", "path_names" };

	for (unsigned i = 0; i < QF_COUNT_N; i++)
		qf_buf_printf(out, "%s\"%s\":%llu", i ? "," : "", keys[i], (unsigned long long)counts[i]);
}

static void add_json_row(struct form *form, const struct qf_audit_row *row)
{
	QF_AUTO_FREE char *name = qf_strndup(row->name.p, row->name.n);
	QF_AUTO_BUF struct qf_buf text = { 0 };
	bool encoded = qf_show_path_utf8(&text, name);

	QF_BUF_LIT(form->out, "{\"name\":");
	qf_show_json(form->out, qf_buf_str(&text));
	qf_buf_puts(form->out, encoded ? ",\"name_encoded\":true," : ",");
	add_counts(form->out, row->now);
	if (form->before) {
		QF_BUF_LIT(form->out, ",\"before\":{");
		add_counts(form->out, row->before);
		QF_BUF_LIT(form->out, "}");
	}
	QF_BUF_LIT(form->out, "}");
}

static void write_json(struct form *form)
{
	static const char *const keys[QF_AUDIT_BY_N] = { "systems", "categories", "folders", "folders_two_levels" };
	struct qf_buf *out = form->out;

	QF_BUF_LIT(out, "{\"version\":1,\"tool\":{\"name\":\"fortress-align\",\"version\":\"" QF_VERSION "\"},\n");
	QF_BUF_LIT(out, "\"compared_with\":");
	if (form->before)
		qf_show_json(out, qf_str(form->before));
	else
		QF_BUF_LIT(out, "null");
	qf_buf_printf(out, ",\n\"files_read\":%llu,\"bytes_read\":%llu,\"not_read\":%zu,\"binary\":%zu,\n",
		      (unsigned long long)form->result->files, (unsigned long long)form->result->bytes,
		      form->summary.notes[QF_NOTE_UNREADABLE], form->summary.notes[QF_NOTE_BINARY]);
	QF_BUF_LIT(out, "\"total\":");
	add_json_row(form, &form->audit.total);
	for (int by = 0; by < QF_AUDIT_BY_N; by++) {
		qf_buf_printf(out, ",\n\"%s\":[", keys[by]);
		for (size_t i = 0; i < form->audit.table[by].n; i++) {
			qf_buf_puts(out, i ? ",\n" : "\n");
			add_json_row(form, &form->audit.table[by].row[i]);
		}
		QF_BUF_LIT(out, "]");
	}
	QF_BUF_LIT(out, "}\n");
}

void qf_audit_write(const struct qf_result *result, const struct qf_result *before, const char *before_name,
		    const struct qf_report_opts *opts, enum qf_audit_form form, struct qf_buf *out)
{
	struct form f = {
		.result = result,
		.before = before ? before_name ? before_name : "another state" : NULL,
		.audit = qf_audit_make(result, before),
		.summary = qf_summary_make(result, opts->rules),
		.out = out,
	};

	if (form == QF_AUDIT_JSON)
		write_json(&f);
	else if (form == QF_AUDIT_MARKDOWN)
		write_markdown(&f);
	else
		write_text(&f);
	qf_audit_release(&f.audit);
	qf_summary_release(&f.summary);
}
