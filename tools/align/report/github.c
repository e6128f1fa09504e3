/*
 * Annotations of GitHub Actions, one workflow command a line:
 * https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 * GitHub shows ten of each level in a step; all are written, for the log has them.
 */
#include "tools/align/report/show.h"
#include "tools/align/report/summary.h"

/*
 * The runner undoes these escapes: % CR LF everywhere, : and , in properties. It has none for what else could move the
 * cursor of the log's reader or reorder text: that is written out.
 */
static void add_escaped(struct qf_buf *out, struct qf_str s, bool property)
{
	const char *special = property ? "%\r\n:," : "%\r\n";
	size_t plain = 0;

	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && (!s.p[i] || !strchr(special, s.p[i])))
			continue;
		qf_show_text(out, (struct qf_str){ s.p + plain, i - plain });
		if (i < s.n)
			qf_buf_printf(out, "%%%02X", (unsigned char)s.p[i]);
		plain = i + 1;
	}
}

static void begin_command(struct qf_buf *out, const char *level, const char *path, unsigned line)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	qf_buf_printf(out, "::%s ", level);
	if (path) {
		qf_show_path_utf8(&text, path);
		QF_BUF_LIT(out, "file=");
		add_escaped(out, qf_buf_str(&text), true);
		if (line)
			qf_buf_printf(out, ",line=%u", line);
		QF_BUF_LIT(out, ",");
	}
}

static void add_title(struct qf_buf *out, const char *title)
{
	QF_BUF_LIT(out, "title=");
	add_escaped(out, qf_str(title), true);
	QF_BUF_LIT(out, "::");
}

static void add_finding(struct qf_buf *out, const struct qf_finding *f)
{
	QF_AUTO_BUF struct qf_buf message = { 0 };

	begin_command(out, f->kind == QF_FORBIDDEN ? "error" : "warning", f->path, f->line);
	if (f->line && f->column) {
		qf_buf_printf(out, "col=%u,", f->column);
		if (f->end_column > f->column)
			qf_buf_printf(out, "endColumn=%u,", f->end_column);
	}
	add_title(out, f->kind == QF_FORBIDDEN ? "Forbidden system" : f->kind == QF_LEFTOVER ? "Old name" : "Pending change");
	qf_finding_message(&message, f);
	if (f->category)
		qf_buf_printf(&message, " (%s)", qf_category_name(f->category));
	add_escaped(out, qf_buf_str(&message), false);
	QF_BUF_LIT(out, "\n");
}

static void add_note(struct qf_buf *out, const struct qf_note *note)
{
	static const struct {
		const char *level, *title;
	} forms[QF_NOTE_KINDS] = {
		[QF_NOTE_UNREADABLE] = { "error", "Not read" },
		[QF_NOTE_UNPARSABLE] = { "error", "Not parsed" },
		[QF_NOTE_STALE] = { "notice", "Stale" },
		[QF_NOTE_PLAN] = { "warning", "Plan" },
	};
	QF_AUTO_BUF struct qf_buf message = { 0 };

	begin_command(out, forms[note->kind].level, note->path, note->line);
	add_title(out, forms[note->kind].title);
	qf_show_utf8(&message, qf_str(note->text && *note->text ? note->text : forms[note->kind].title));
	add_escaped(out, qf_buf_str(&message), false);
	QF_BUF_LIT(out, "\n");
}

static void write_github(const struct qf_result *result, const struct qf_report_opts *opts, struct qf_buf *out)
{
	struct qf_summary sum = qf_summary_make(result, opts->rules);

	for (size_t i = 0; i < result->n; i++)
		if (result->findings[i].suppression == QF_COUNTS)
			add_finding(out, &result->findings[i]);
	for (size_t i = 0; i < result->n_notes; i++)
		if (!qf_note_is_skip(result->notes[i].kind))
			add_note(out, &result->notes[i]);
	qf_summary_sentence(out, result, opts, &sum);
	qf_summary_release(&sum);
}

const struct qf_format qf_format_github = { "github", write_github };
