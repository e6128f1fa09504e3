/* dimension: 768: vectors are checked for their size, or cut to it. */
#include "tools/transform/steps.h"
#include "tools/transform/vectors.h"

static const char usage[] = "dimension: 768, or dimension: {size: 256, action: truncate}";

enum action { CHECK, TRUNCATE };

struct state {
	unsigned long long size;
	int action;
	bool renormalize;
	struct qf_opt_list vectors;
};

static const struct qf_opt opts[] = {
	{ .name = "size", .type = QF_OPT_UINT, .offset = offsetof(struct state, size), .arg = "N", .max = 1048576,
	  .help = "components that a vector must have, or keeps; of a multi-vector those of a row", .data = true },
	{ .name = "action", .type = QF_OPT_CHOICE, .offset = offsetof(struct state, action), .def = "check",
	  .choices = "check|truncate", .data = true,
	  .help = "refuse points with another size, or keep the first components (Matryoshka models)" },
	{ .name = "renormalize", .type = QF_OPT_FLAG, .offset = offsetof(struct state, renormalize), .def = "true",
	  .help = "with truncate: give what is left the length 1", .data = true },
	QF_VECTORS_OPT(struct state),
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	const struct state *s = state;

	return s->size ? 0 : qf_node_error(conf, value, err, "a size of at least 1 is expected: %s", usage);
}

static int edit(void *state, struct qf_vec *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct state *s = state;
	uint32_t size = (uint32_t)s->size;
	float *to;

	if (v->kind == QF_VEC_SPARSE)
		return qf_err_set(err, QF_E_DATA, "it is sparse and has no dimension");
	if (v->dim == size)
		return 0;
	if (s->action == CHECK)
		return qf_err_set(err, QF_E_DATA, "it has %u components, not %u", v->dim, size);
	if (v->dim < size)
		return qf_err_set(err, QF_E_DATA, "it has %u components and cannot be cut to %u", v->dim, size);
	to = qf_arena_alloc(arena, (size_t)v->rows * size * sizeof(float));
	for (uint32_t row = 0; row < v->rows; row++) {
		const float *from = v->values + (size_t)row * v->dim;
		float *at = to + (size_t)row * size;
		int rc = s->renormalize ? qf_vector_unit(at, from, size) : 0;

		if (rc < 0)
			return qf_err_set(err, QF_E_DATA, "its first %u components %s, so they cannot be normalised; "
					  "'renormalize: false' would let them pass", size,
					  rc == -1 ? "are all 0" : "are not all finite");
		if (rc == 0)
			memcpy(at, from, size * sizeof(float));
	}
	v->values = to;
	v->dim = size;
	return 1;
}

static int size_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	return qf_vectors_edit(rec, &s->vectors, edit, s, arena, err) < 0 ? -1 : QF_STEP_KEEP;
}

/* A size that is declared tells before the first point what will become of it. */
static int size_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_json *vectors = qf_json_get(rec->doc, "vectors");
	const struct state *s = state;
	int64_t want = (int64_t)s->size;

	for (struct qf_json *v = vectors ? vectors->child : NULL; v; v = v->next) {
		struct qf_json *size = qf_json_get(v, "size");
		int64_t have = qf_json_get_int(v, "size", 0);

		if (!size || have == want || !qf_vectors_chosen(&s->vectors, v->key, false))
			continue;
		if (s->action == CHECK)
			return qf_err_set(err, QF_E_DATA, "%s is declared with %lld components, not %lld",
					  qf_vector_label(v->key, arena), (long long)have, (long long)want);
		if (have < want)
			return qf_err_set(err, QF_E_DATA, "%s is declared with %lld components and cannot be cut to %lld",
					  qf_vector_label(v->key, arena), (long long)have, (long long)want);
		size->text = qf_arena_printf(arena, "%lld", (long long)want);
		rec->line.p = NULL;
	}
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	(void)state;
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "Another size is refused", "dimension: 3",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[3.0,4.0]}",
	  "error: step 1 (dimension): collection 'A', id 1, line 1: the vector: it has 2 components, not 3" },
	{ "The first components, at length 1 again", "dimension: {size: 2, action: truncate}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"\":{\"size\":3,\"distance\":\"Cosine\"}}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[3.0,4.0,9.0]}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Cosine\"}}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":\"mpkZP83MTD8=\"}" },
};
/* clang-format on */

const struct qf_step qf_step_dimension = {
	.name = "dimension",
	.help = "check the size of vectors, or cut them to it",
	.usage = usage,
	.group = "vectors",
	.doc = "`check` refuses every point with a vector of another size, and a collection line that declares "
	       "one. `truncate` keeps the first components and declares the new size: right for models that "
	       "were trained for it (Matryoshka), wrong for others. What is cut gets the length 1 again, "
	       "unless `renormalize` is false; a vector that has the size already keeps its bytes. Of a "
	       "multi-vector each row is meant. A shorter vector is refused: filling up with zeros is not "
	       "offered, for it makes vectors that no model has made. Absent vectors pass; a sparse one has no "
	       "dimension, so naming it refuses the point.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "size",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = size_point,
	.collection = size_schema,
	.close = step_close,
};
