/* normalize: vectors get the length 1. */
#include "tools/transform/steps.h"
#include "tools/transform/vectors.h"

static const char usage[] = "normalize: {vectors: [title], zero: keep}";

enum zero { ZERO_ERROR, ZERO_KEEP };

struct state {
	struct qf_opt_list vectors;
	int zero;
};

static const struct qf_opt opts[] = {
	QF_VECTORS_OPT(struct state),
	{ .name = "zero", .type = QF_OPT_CHOICE, .offset = offsetof(struct state, zero), .def = "error",
	  .choices = "error|keep", .data = true,
	  .help = "a vector of zeros has no direction: refuse its point, or let it pass as it is" },
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	(void)state;
	(void)conf;
	(void)value;
	(void)err;
	return 0;
}

/* A multi-vector row by row; of a sparse one the values. */
static int edit(void *state, struct qf_vec *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct state *s = state;
	size_t n = (size_t)v->rows * v->dim;
	float *to = qf_arena_alloc(arena, n * sizeof(float));
	bool changed = false;

	for (uint32_t row = 0; row < v->rows; row++) {
		const float *from = v->values + (size_t)row * v->dim;
		float *at = to + (size_t)row * v->dim;
		int rc = v->dim ? qf_vector_unit(at, from, v->dim) : 0;

		if (rc == -2)
			return qf_err_set(err, QF_E_DATA, "component %lld is not finite, so it cannot be normalised",
					  (long long)qf_vector_not_finite(from, v->dim));
		if (rc == -1 && s->zero == ZERO_ERROR)
			return qf_err_set(err, QF_E_DATA, "all components are 0, so it cannot be normalised; "
							  "'zero: keep' would let it pass");
		if (rc == 1)
			changed = true;
		else if (v->dim)
			memcpy(at, from, v->dim * sizeof(float));
	}
	if (changed)
		v->values = to;
	return changed;
}

static int normalize_point(void *state, struct qf_record *rec, struct qf_arena *arena,
			   struct qf_err *err)
{
	struct state *s = state;

	return qf_vectors_edit(rec, &s->vectors, edit, s, arena, err) < 0 ? -1 : QF_STEP_KEEP;
}

static void step_close(void *state)
{
	(void)state;
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "A vector of length 5", "normalize",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[3.0,4.0]}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":\"mpkZP83MTD8=\"}" },
	{ "Zeros have no direction", "normalize",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[0.0,0.0]}",
	  "error: step 1 (normalize): collection 'A', id 1, line 1: the vector: all components are 0, so it cannot be normalised; 'zero: keep' would let it pass" },
};
/* clang-format on */

const struct qf_step qf_step_normalize = {
	.name = "normalize",
	.help = "give vectors the length 1",
	.usage = usage,
	.group = "vectors",
	.doc = "Each vector is divided by its L2 length, in double arithmetic; of a multi-vector each row, "
	       "of a sparse vector (only where it is named) the values. One that has length 1 already, as "
	       "near as float32 comes, keeps its bytes, so that the step can be applied twice. An absent "
	       "or empty vector passes; NaN and infinities refuse the point. The distance that is declared "
	       "stays: Qdrant normalises for `Cosine` itself, so there the step changes no ranking; for "
	       "`Dot` it makes scores cosines.",
	.forms = QF_STEP_NOTHING | QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "vectors",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = normalize_point,
	.close = step_close,
};
