/* Collection lines under new names, and several that become one. */
#ifndef QF_TRANSFORM_MERGED_H
#define QF_TRANSFORM_MERGED_H

#include "common/data/record.h"

/* A collection that several are merged into. Zero-initialise but for the name, which is the caller's. */
struct qf_merged {
	const char *name;
	struct qf_json *doc; /* amended by each of them; NULL before the first */
	struct {
		struct qf_str from;
		int64_t count; /* -1: not known */
	} *parts;
	size_t n, cap;
	struct qf_arena arena;
};

void qf_merged_release(struct qf_merged *m);

/* Gives a collection line a new name; an alias of that name, which would stand in its way, goes. */
void qf_merged_name(struct qf_record *rec, const char *to, struct qf_arena *arena);

/*
 * Takes the collection line of one part, which bears the new name already: the second and every
 * later one become the sum of what came so far. from: the part's own name. Error: QF_E_DATA where
 * they contradict.
 */
int qf_merged_line(struct qf_merged *m, struct qf_record *rec, struct qf_str from,
		   struct qf_arena *arena, struct qf_err *err) QF_CHECK;

#endif
