/* What the two halves of the chain share: steps.c opens it, chain.c runs it. */
#ifndef QF_TRANSFORM_CHAIN_H
#define QF_TRANSFORM_CHAIN_H

#include "common/data/tally.h"
#include "tools/transform/steps.h"

struct qf_chain_entry {
	const struct qf_step *step;
	void *state;
	const char **only;	/* `collections:`, the names it is limited to; NULL: all */
	size_t n_only;
	char *settings;		/* canonical text */
	struct qf_arena arena;	/* of the settings' values */
	struct qf_batch in, out; /* record arrays where a batch goes through in parts; memory is the batch's */
	struct qf_tally refused; /* by the names that the scopes have at this step */
	uint64_t n_refused;
};

struct qf_chain_reason {
	size_t step;
	char *pattern, *first; /* without values; with them */
	uint64_t count;
};

struct qf_chain {
	struct qf_chain_entry *steps;
	size_t n, cap;
	struct qf_conf *texts;	/* inline steps as trees */
	size_t n_texts, cap_texts;
	struct qf_batch probe;	/* of qf_chain_map_name */
	struct qf_rejects *rejects;
	struct qf_chain_reason *reasons;
	size_t n_reasons, cap_reasons;
};

/* The canonical text of one step's settings; malloced. */
char *qf_chain_step_text(const char *name, const struct qf_node *value, const struct qf_node *only);

#endif
