/* edits: changes of bytes. */
#include "tools/align/rewrite/rewrite.h"

void qf_edits_apply(struct qf_str source, const struct qf_edit *edits, size_t n, struct qf_buf *out)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		qf_buf_add(out, source.p + at, edits[i].at - at);
		qf_buf_add_str(out, edits[i].text);
		at = edits[i].at + edits[i].n;
	}
	qf_buf_add(out, source.p + at, source.n - at);
}
