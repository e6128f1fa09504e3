/*
 * For people: each finding as a line that editors and grep know (path:line:column: ..), the line of the file under it,
 * what else there is to tell, and one sentence at the end. A line of the file never stands at the left, for
 * CI runners take lines that begin with "::" for commands.
 */
#include "tools/align/report/show.h"
#include "tools/align/report/summary.h"

enum { NAMES_SHOWN = 3 };

struct pen {
	struct qf_buf *out;
	const struct qf_report_opts *opts;
};

static void colour(struct pen *pen, const char *code)
{
	if (pen->opts->colour)
		qf_buf_printf(pen->out, "\033[%sm", code);
}

static void add_in_colour(struct pen *pen, const char *code, const char *text)
{
	colour(pen, code);
	qf_buf_puts(pen->out, text);
	colour(pen, "0");
}

static void add_place(struct pen *pen, const char *path, unsigned line, unsigned column)
{
	colour(pen, "1");
	qf_show_path(pen->out, path);
	if (line)
		qf_buf_printf(pen->out, ":%u", line);
	if (column)
		qf_buf_printf(pen->out, ":%u", column);
	colour(pen, "0");
	QF_BUF_LIT(pen->out, ": ");
}

/* ---- findings ---- */

/* Where the match stands in the text that is shown of its line; n bytes in where it cannot be told. */
static size_t match_at(const struct qf_finding *f)
{
	struct qf_str text = f->text, match = f->match;
	const char *p = text.p, *end = text.p + text.n;

	if (!match.n || match.n > text.n)
		return text.n;
	for (unsigned column = 1; !f->cut && p < end && column < f->column; column++)
		do
			p++;
		while (p < end && ((unsigned char)*p & 0xc0) == 0x80);
	if ((size_t)(end - p) < match.n || memcmp(p, match.p, match.n))
		p = memmem(text.p, text.n, match.p, match.n);
	return p ? (size_t)(p - text.p) : text.n;
}

static void add_line_text(struct pen *pen, const struct qf_finding *f)
{
	size_t at = match_at(f), n = at < f->text.n ? f->match.n : 0, skip = 0;

	/* Blanks at the left say nothing here and push the line to the right. */
	while (!f->cut && skip < at && (f->text.p[skip] == ' ' || f->text.p[skip] == '\t'))
		skip++;
	QF_BUF_LIT(pen->out, "    | ");
	qf_show_text(pen->out, (struct qf_str){ f->text.p + skip, at - skip });
	if (n) {
		colour(pen, "1;31");
		qf_show_text(pen->out, (struct qf_str){ f->text.p + at, n });
		colour(pen, "0");
		qf_show_text(pen->out, (struct qf_str){ f->text.p + at + n, f->text.n - at - n });
	}
	qf_buf_puts(pen->out, f->cut ? " (a part of the line)\n" : "\n");
}

/* What a finding is, before its message. */
static const char *finding_word(const struct qf_finding *f)
{
	if (f->kind == QF_FORBIDDEN)
		return qf_category_name(f->category);
	if (f->kind == QF_LEFTOVER)
		return "leftover";
	return f->line ? "would change" : "would move";
}

static void add_finding(struct pen *pen, const struct qf_finding *f)
{
	static const char *const codes[] = { "31", "33", "36" };

	add_place(pen, f->path, f->line, f->column);
	add_in_colour(pen, codes[f->kind], finding_word(f));
	QF_BUF_LIT(pen->out, ": ");
	qf_show_text(pen->out, qf_str(f->rule));
	if (f->hits > 1)
		qf_buf_printf(pen->out, " (%u times)", f->hits);
	if (f->message && f->kind != QF_FORBIDDEN) {
		QF_BUF_LIT(pen->out, ": ");
		qf_show_text(pen->out, qf_str(f->message));
	}
	if (f->suppression != QF_COUNTS) {
		qf_buf_printf(pen->out, " (does not count, %s", qf_suppression_name(f->suppression));
		if (f->reason) {
			QF_BUF_LIT(pen->out, ": ");
			qf_show_text(pen->out, qf_str(f->reason));
		}
		QF_BUF_LIT(pen->out, ")");
	}
	QF_BUF_LIT(pen->out, "\n");
	if (f->line)
		add_line_text(pen, f);
}

/* ---- notes ---- */

static void add_note(struct pen *pen, const struct qf_note *note)
{
	static const char *const words[QF_NOTE_KINDS] = {
		[QF_NOTE_UNREADABLE] = "could not be read",
		[QF_NOTE_UNPARSABLE] = "does not parse",
		[QF_NOTE_STALE] = "stale",
		[QF_NOTE_PLAN] = "plan",
	};
	const char *word = words[note->kind];

	if (note->path)
		add_place(pen, note->path, note->line, 0);
	if (word)
		add_in_colour(pen, "33", word);
	else
		qf_buf_printf(pen->out, "left out (%s)", qf_note_kind_name(note->kind));
	if (note->text && *note->text) {
		QF_BUF_LIT(pen->out, ": ");
		qf_show_text(pen->out, qf_str(note->text));
	}
	QF_BUF_LIT(pen->out, "\n");
}

static void add_skipped(struct pen *pen, const struct qf_result *result, const struct qf_summary *sum,
			enum qf_note_kind kind)
{
	static const char *const words[] = { "binary file",	    "special file",	   "symbolic link",
					     "file missing on disk", "excluded file",	   "submodule not checked out",
					     "nested repository" };
	static const char *const many[] = { "binary files",	     "special files",	   "symbolic links",
					    "files missing on disk", "excluded files",	   "submodules not checked out",
					    "nested repositories" };
	size_t n = sum->notes[kind], shown = 0;

	if (!n)
		return;
	QF_BUF_LIT(pen->out, "left out: ");
	qf_show_number(pen->out, n);
	qf_buf_printf(pen->out, " %s: ", n == 1 ? words[kind] : many[kind]);
	for (size_t i = 0; i < result->n_notes && shown < NAMES_SHOWN; i++) {
		const struct qf_note *note = &result->notes[i];

		if (note->kind != kind)
			continue;
		if (shown++)
			QF_BUF_LIT(pen->out, ", ");
		qf_show_path(pen->out, note->path ? note->path : "");
	}
	if (n > shown) {
		QF_BUF_LIT(pen->out, " and ");
		qf_show_number(pen->out, n - shown);
		QF_BUF_LIT(pen->out, " more");
	}
	QF_BUF_LIT(pen->out, "\n");
}

static void add_hints(struct pen *pen, const struct qf_summary *sum)
{
	const struct qf_rules *rules = pen->opts->rules;

	for (size_t i = 0; rules && i < rules->n_systems; i++) {
		const struct qf_summary_system *system = &sum->systems[i];

		if (!rules->systems[i].hint || !(system->findings + system->paths))
			continue;
		add_in_colour(pen, "32", "hint");
		QF_BUF_LIT(pen->out, ": ");
		qf_show_text(pen->out, qf_str(system->name));
		QF_BUF_LIT(pen->out, ": ");
		qf_show_text(pen->out, qf_str(rules->systems[i].hint));
		QF_BUF_LIT(pen->out, "\n");
	}
}

static void write_text(const struct qf_result *result, const struct qf_report_opts *opts, struct qf_buf *out)
{
	struct pen pen = { out, opts };
	struct qf_summary sum = qf_summary_make(result, opts->rules);

	for (size_t i = 0; i < result->n; i++)
		if (opts->verbose || result->findings[i].suppression == QF_COUNTS)
			add_finding(&pen, &result->findings[i]);
	for (size_t i = 0; i < result->n_notes; i++)
		if (opts->verbose || !qf_note_is_skip(result->notes[i].kind))
			add_note(&pen, &result->notes[i]);
	for (int kind = 0; !opts->verbose && kind < QF_NOTE_UNREADABLE; kind++)
		add_skipped(&pen, result, &sum, kind);
	add_hints(&pen, &sum);
	qf_summary_sentence(out, result, opts, &sum);
	qf_summary_release(&sum);
}

const struct qf_format qf_format_text = { "text", write_text };
