/* notebook: code cells. */
#include "tools/align/rewrite/rw.h"

int qf_rewrite_notebook(const struct qf_rewrite_in *in, struct qf_rewrite_out *out, struct qf_err *err)
{
	return qf_rewrite_python(in, out, err);
}
