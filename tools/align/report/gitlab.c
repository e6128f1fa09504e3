/*
 * GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 * A JSON array of what counts; each place needs a line, so a finding on a file's name is put on its first.
 */
#include "common/data/json.h"
#include "tools/align/report/show.h"
#include "tools/align/report/summary.h"

static void add_finding(struct qf_buf *out, const struct qf_finding *f, uint64_t print)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	qf_finding_message(&text, f);
	if (f->category)
		qf_buf_printf(&text, " (%s)", qf_category_name(f->category));
	QF_BUF_LIT(out, "{\"description\":");
	qf_json_write_string(out, qf_buf_str(&text));
	qf_buf_reset(&text);
	qf_buf_puts(&text, f->kind == QF_FORBIDDEN ? "forbidden/" : f->kind == QF_LEFTOVER ? "old-name" : "pending-change");
	if (f->kind == QF_FORBIDDEN)
		qf_show_utf8(&text, qf_str(f->rule));
	QF_BUF_LIT(out, ",\"check_name\":");
	qf_json_write_string(out, qf_buf_str(&text));
	qf_buf_printf(out, ",\"fingerprint\":\"%016llx\",\"severity\":\"%s\",\"location\":{\"path\":", (unsigned long long)print,
		      f->kind == QF_FORBIDDEN ? "major" : "minor");
	qf_buf_reset(&text);
	qf_show_path_utf8(&text, f->path);
	qf_json_write_string(out, qf_buf_str(&text));
	qf_buf_printf(out, ",\"lines\":{\"begin\":%u}}}", f->line ? f->line : 1);
}

static void write_gitlab(const struct qf_result *result, const struct qf_report_opts *opts, struct qf_buf *out)
{
	QF_AUTO_FREE uint64_t *prints = qf_finding_prints(result);
	bool first = true;

	(void)opts;
	QF_BUF_LIT(out, "[");
	for (size_t i = 0; i < result->n; i++) {
		if (result->findings[i].suppression != QF_COUNTS)
			continue;
		qf_buf_puts(out, first ? "\n" : ",\n");
		first = false;
		add_finding(out, &result->findings[i], prints[i]);
	}
	QF_BUF_LIT(out, "\n]\n");
}

const struct qf_format qf_format_gitlab = { "gitlab", write_gitlab };
