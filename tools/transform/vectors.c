#include "tools/transform/vectors.h"

#include <math.h>

bool qf_vectors_chosen(const struct qf_opt_list *names, struct qf_str name, bool sparse)
{
	for (size_t i = 0; i < names->n; i++)
		if (qf_str_is(name, names->items[i]))
			return true;
	return names->n == 0 && !sparse;
}

const char *qf_vector_label(struct qf_str name, struct qf_arena *arena)
{
	return name.n ? qf_arena_printf(arena, "vector '%.*s'", QF_STR_ARG(name)).p : "the vector";
}

int qf_vectors_edit(struct qf_record *rec, const struct qf_opt_list *names, qf_vector_edit *edit,
		    void *state, struct qf_arena *arena, struct qf_err *err)
{
	bool raw = !rec->vecs, changed = false;
	const struct qf_vec *was;
	struct qf_vec *vecs;

	if (qf_record_vectors(rec, arena, err) < 0)
		return -1;
	if (!rec->n_vecs)
		return 0;
	/* A new list, for copies of this record may share the old one. */
	was = rec->vecs;
	vecs = qf_arena_alloc(arena, rec->n_vecs * sizeof(*vecs));
	memcpy(vecs, was, rec->n_vecs * sizeof(*vecs));
	for (uint32_t i = 0; i < rec->n_vecs; i++) {
		int rc;

		if (!qf_vectors_chosen(names, vecs[i].name, vecs[i].kind == QF_VEC_SPARSE))
			continue;
		rc = edit(state, &vecs[i], arena, err);
		if (rc < 0)
			return qf_err_wrap(err, "%s", qf_vector_label(vecs[i].name, arena));
		changed |= rc > 0;
	}
	if (changed) {
		rec->vecs = vecs;
		rec->line.p = NULL;
	} else if (raw) {
		rec->vecs = NULL;
		rec->n_vecs = 0;
	}
	return 0;
}

int64_t qf_vector_not_finite(const float *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(p[i]))
			return (int64_t)i;
	return -1;
}

/* Four sums, so that no addition waits for the one before. No float32's square leaves a double. */
static double sum_of_squares(const float *p, size_t n)
{
	double a = 0, b = 0, c = 0, d = 0;
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		a += (double)p[i] * p[i];
		b += (double)p[i + 1] * p[i + 1];
		c += (double)p[i + 2] * p[i + 2];
		d += (double)p[i + 3] * p[i + 3];
	}
	for (; i < n; i++)
		a += (double)p[i] * p[i];
	return (a + b) + (c + d);
}

int qf_vector_unit(float *to, const float *from, size_t n)
{
	double sum = sum_of_squares(from, n), length;

	if (!isfinite(sum))
		return -2;
	if (sum == 0)
		return -1;
	/* Each component is rounded to 2^-24 of itself, and so is the length at most. */
	if (fabs(sum - 1) <= 0x1p-22)
		return 0;
	length = sqrt(sum);
	for (size_t i = 0; i < n; i++)
		to[i] = (float)(from[i] / length);
	return 1;
}
