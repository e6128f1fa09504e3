/* A result in one sentence: what was found, what does not count, what was looked at. */
#include "tools/align/report/show.h"
#include "tools/align/report/summary.h"

/* Sets a comma between the parts of a sentence. */
static void begin_part(struct qf_buf *out, bool *first, const char *between)
{
	if (!*first)
		qf_buf_puts(out, between);
	*first = false;
}

static void add_systems(struct qf_buf *out, const struct qf_summary *sum)
{
	bool first = true;

	QF_BUF_LIT(out, " (");
	for (size_t i = 0; i < sum->n; i++) {
		if (!sum->systems[i].findings)
			continue;
		begin_part(out, &first, ", ");
		qf_show_text(out, qf_str(sum->systems[i].name));
		QF_BUF_LIT(out, " ");
		qf_show_number(out, sum->systems[i].findings);
		QF_BUF_LIT(out, " in ");
		qf_show_number(out, sum->systems[i].files);
	}
	QF_BUF_LIT(out, ")");
}

static void add_fixed(struct qf_buf *out, const struct qf_report_opts *opts)
{
	QF_BUF_LIT(out, "changed ");
	qf_show_count(out, opts->fixed_files, "file");
	qf_buf_puts(out, opts->proved ? "; a second run would change nothing (proved)" :
					"; a second run has more to do");
}

static void add_findings(struct qf_buf *out, const struct qf_summary *sum, bool *first)
{
	if (sum->findings) {
		begin_part(out, first, ", ");
		qf_show_count(out, sum->findings, "finding");
		QF_BUF_LIT(out, " in ");
		qf_show_count(out, sum->files, "file");
		add_systems(out, sum);
	}
	if (sum->paths) {
		begin_part(out, first, ", ");
		qf_show_count(out, sum->paths, "path name");
	}
	if (sum->pending_files) {
		begin_part(out, first, ", ");
		qf_show_count(out, sum->pending, "line");
		if (sum->moves) {
			QF_BUF_LIT(out, " to change and ");
			qf_show_count(out, sum->moves, "file");
			QF_BUF_LIT(out, " to move");
		} else {
			QF_BUF_LIT(out, " to change in ");
			qf_show_count(out, sum->pending_files, "file");
		}
	}
	if (sum->leftovers) {
		begin_part(out, first, ", ");
		qf_show_count(out, sum->leftovers, "old name");
		qf_buf_puts(out, sum->leftovers == 1 ? " that stays" : " that stay");
	}
}

static void add_suppressed(struct qf_buf *out, const struct qf_summary *sum)
{
	bool first = true;

	if (!sum->suppressed[QF_COUNTS])
		return;
	QF_BUF_LIT(out, "; ");
	qf_show_number(out, sum->suppressed[QF_COUNTS]);
	qf_buf_puts(out, sum->suppressed[QF_COUNTS] == 1 ? " does not count (" : " do not count (");
	for (int by = QF_BY_INLINE; by < QF_SUPPRESSIONS; by++) {
		if (!sum->suppressed[by])
			continue;
		begin_part(out, &first, ", ");
		qf_show_number(out, sum->suppressed[by]);
		qf_buf_printf(out, " %s%s", by == QF_BY_INLINE ? "" : "by ", qf_suppression_name(by));
	}
	QF_BUF_LIT(out, ")");
}

static void add_trouble(struct qf_buf *out, const struct qf_summary *sum)
{
	static const struct {
		enum qf_note_kind kind;
		const char *noun, *text;
	} troubles[] = {
		{ QF_NOTE_UNREADABLE, "path", " could not be read" },
		{ QF_NOTE_UNPARSABLE, "file", " could not be parsed" },
	};

	for (size_t i = 0; i < QF_LEN(troubles); i++) {
		if (!sum->notes[troubles[i].kind])
			continue;
		QF_BUF_LIT(out, "; ");
		qf_show_count(out, sum->notes[troubles[i].kind], troubles[i].noun);
		qf_buf_puts(out, troubles[i].text);
	}
	if (sum->notes[QF_NOTE_STALE]) {
		QF_BUF_LIT(out, "; ");
		qf_show_number(out, sum->notes[QF_NOTE_STALE]);
		QF_BUF_LIT(out, " stale");
	}
}

void qf_summary_sentence(struct qf_buf *out, const struct qf_result *result, const struct qf_report_opts *opts,
			 const struct qf_summary *sum)
{
	bool trouble = sum->notes[QF_NOTE_UNREADABLE] + sum->notes[QF_NOTE_UNPARSABLE] != 0;
	bool fixed = opts->fixed_files || (opts->fix && opts->proved), first = true;
	QF_AUTO_BUF struct qf_buf findings = { 0 };

	add_findings(&findings, sum, &first);
	if (opts->fixed_files)
		add_fixed(out, opts);
	else if (fixed)
		QF_BUF_LIT(out, "nothing to change");
	if (fixed && findings.n)
		QF_BUF_LIT(out, "; ");
	if (!fixed && !findings.n)
		qf_buf_puts(out, trouble ? "no findings" : "clean");
	qf_buf_add_str(out, qf_buf_str(&findings));
	add_suppressed(out, sum);
	add_trouble(out, sum);
	QF_BUF_LIT(out, "; ");
	qf_show_count(out, result->files, "file");
	qf_buf_puts(out, opts->staged ? " read from the index" : " read");
	if (sum->notes[QF_NOTE_BINARY]) {
		QF_BUF_LIT(out, ", ");
		qf_show_number(out, sum->notes[QF_NOTE_BINARY]);
		QF_BUF_LIT(out, " binary skipped");
	}
	QF_BUF_LIT(out, "\n");
}
