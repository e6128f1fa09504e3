/* Prints the hand-made result in one form: forms sarif. "forms sarif N" prints one of N findings more. */
#include <stdio.h>

#include "common/base/log.h"
#include "tests/unit/report_kit.h"

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		enum qf_audit_form form;
	} audits[] = {
		{ "audit-text", QF_AUDIT_TEXT }, { "audit-json", QF_AUDIT_JSON }, { "audit-markdown", QF_AUDIT_MARKDOWN },
	};
	struct qf_report_opts opts = { .rules = &kit_rules, .status = QF_E_DATA };
	const struct qf_format *format = argc > 1 ? qf_format_find(argv[1]) : NULL;
	unsigned long long more = 0;
	struct qf_result result = { 0 };
	struct qf_buf out = { 0 };

	if (argc > 2 && qf_parse_uint(argv[2], &more) < 0)
		return QF_E_USAGE;
	qf_log_init("forms", QF_LOG_WARN, false);
	for (unsigned long long i = 0; i < more; i++) {
		struct qf_finding f = kit_finding("many.txt", (unsigned)i + 1, "weaviate", "weaviate", "weaviate");

		f.suppression = i % 2 ? QF_BY_PATH : QF_COUNTS;
		f.reason = i % 2 ? "vendored" : NULL;
		qf_result_add(&result, &f);
	}
	kit_fill(&result);
	if (format)
		format->write(&result, &opts, &out);
	for (size_t i = 0; argc > 1 && i < QF_LEN(audits); i++)
		if (!strcmp(argv[1], audits[i].name))
			qf_audit_write(&result, &result, "v1 | <b>", &opts, audits[i].form, &out);
	fwrite(out.p, 1, out.n, stdout);
	if (!out.n)
		fprintf(stderr, "usage: forms FORM [N]\n");
	more = out.n;
	qf_buf_release(&out);
	qf_result_release(&result);
	return more ? 0 : QF_E_USAGE;
}
