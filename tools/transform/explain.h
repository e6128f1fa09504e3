/* What a chain would do, as text for people: --explain and --try. */
#ifndef QF_TRANSFORM_EXPLAIN_H
#define QF_TRANSFORM_EXPLAIN_H

#include "common/data/stream.h"
#include "tools/transform/steps.h"

/*
 * Reads the stream up to its first point or, without points, to its end, and tells the schema of
 * each collection as it comes, what each step changes in it, and how it leaves.
 */
int qf_transform_explain(struct qf_chain *c, struct qf_reader *in, struct qf_buf *out,
			 struct qf_err *err) QF_CHECK;

/*
 * The first n points of each collection before and after the chain. Reads until every collection
 * that has come so far has n. columns: the width of the terminal for two columns side by side; 0
 * for one below the other. A point that a step refuses is shown with the reason.
 */
int qf_transform_try(struct qf_chain *c, struct qf_reader *in, size_t n, unsigned columns,
		     struct qf_buf *out, struct qf_err *err) QF_CHECK;

#endif
