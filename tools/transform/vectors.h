/* What the steps that change vectors share. */
#ifndef QF_TRANSFORM_VECTORS_H
#define QF_TRANSFORM_VECTORS_H

#include "common/base/opt.h"
#include "common/data/record.h"

/*
 * The setting `vectors` of a step: a list, since the unnamed vector's name is empty. In a settings
 * struct with a member `struct qf_opt_list vectors`.
 */
#define QF_VECTORS_OPT(settings) \
	{ .name = "vectors", .type = QF_OPT_LIST, .offset = offsetof(settings, vectors), .arg = "NAME", \
	  .help = "names of the vectors, '' for the unnamed one; without it all dense and multi-vectors", \
	  .data = true }

/* Is the vector named? An empty list names all but the sparse ones. */
bool qf_vectors_chosen(const struct qf_opt_list *names, struct qf_str name, bool sparse);

/* "the vector" or "vector 'title'", for messages. */
const char *qf_vector_label(struct qf_str name, struct qf_arena *arena);

/* Changes one vector: 1 it has, 0 it has not, -1 with the reason (QF_E_DATA). v is a copy of the
 * point's; its values are not, and must not be written to. */
typedef int qf_vector_edit(void *state, struct qf_vec *v, struct qf_arena *arena,
			   struct qf_err *err);

/*
 * Calls edit for each chosen vector of a point. A point of which nothing changed keeps its text. 0,
 * or -1 with the reason, the vector named.
 */
int qf_vectors_edit(struct qf_record *rec, const struct qf_opt_list *names, qf_vector_edit *edit,
		    void *state, struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/* Index of the first component that is NaN or infinite, or -1. */
int64_t qf_vector_not_finite(const float *p, size_t n);

/*
 * The row at length 1 (L2, in double arithmetic). 1: made; 0: it is so already, as near as float32
 * comes, and to is not written; -1: a row of zeros; -2: not finite.
 */
int qf_vector_unit(float *to, const float *from, size_t n);

#endif
