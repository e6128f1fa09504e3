/* Some collections of a stream, by name: what select and omit have in common. */
#ifndef QF_TRANSFORM_PICK_H
#define QF_TRANSFORM_PICK_H

#include "tools/transform/steps.h"

struct qf_pick {
	const char *step;
	bool omit;	/* the named ones go; else the others */
	const char **names;
	size_t n;
	bool *met;	/* names[i] was in the stream */
	bool ended;
};

int qf_pick_open(struct qf_pick *s, const char *step, bool omit, const char *usage, const struct qf_conf *conf,
		 const struct qf_node *value, struct qf_err *err) QF_CHECK;
/* These two fit into struct qf_step. */
int qf_pick_apply(void *state, struct qf_batch *io, struct qf_err *err);
void qf_pick_close(void *state);

#endif
