/* multivector: dense vectors become rows of a multi-vector, and back. */
#include "tools/transform/steps.h"
#include "tools/transform/vectors.h"

static const char usage[] = "multivector: wrap, or multivector: {make: join, vectors: [title, body], into: colbert}";

enum make { WRAP, SPLIT, JOIN, FIRST, MEAN };

struct state {
	int make;
	unsigned long long size;
	const char *into;
	struct qf_opt_list vectors;
};

static const struct qf_opt opts[] = {
	{ .name = "make", .type = QF_OPT_CHOICE, .offset = offsetof(struct state, make), .def = "wrap",
	  .choices = "wrap|split|join|first|mean", .data = true,
	  .help = "a dense vector as one row; cut into rows of `size`; several vectors as the rows of `into`; of a "
		  "multi-vector the first row, or the mean of all" },
	{ .name = "size", .type = QF_OPT_UINT, .offset = offsetof(struct state, size), .arg = "N", .max = 1048576,
	  .help = "with split: components of a row", .data = true },
	{ .name = "into", .type = QF_OPT_TEXT, .offset = offsetof(struct state, into), .arg = "NAME",
	  .help = "with join: name of the multi-vector, '' for the unnamed one", .data = true },
	QF_VECTORS_OPT(struct state),
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	const struct state *s = state;

	if (!s->size == (s->make == SPLIT))
		return qf_node_error(conf, value, err, s->size ? "'size' belongs to 'make: split'"
							       : "split needs the size of a row: {make: split, size: 128}");
	if (!s->into == (s->make == JOIN))
		return qf_node_error(conf, value, err, s->into ? "'into' belongs to 'make: join'"
							       : "join needs the name of what it makes: %s", usage);
	if (s->make == JOIN && !s->vectors.n)
		return qf_node_error(conf, value, err, "join needs the vectors that become rows: %s", usage);
	for (size_t i = 0; s->make == JOIN && i < s->vectors.n; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(s->vectors.items[i], s->vectors.items[j]))
				return qf_node_error(conf, value, err, "vector '%s' stands twice", s->vectors.items[i]);
	return 0;
}

/* ---- points ---- */

static int to_dense(const struct state *s, struct qf_vec *v, struct qf_arena *arena)
{
	float *mean;

	if (v->kind == QF_VEC_DENSE)
		return 0;
	v->kind = QF_VEC_DENSE;
	if (s->make == MEAN && v->rows > 1) {
		mean = qf_arena_alloc(arena, v->dim * sizeof(float));
		for (uint32_t i = 0; i < v->dim; i++) {
			double sum = 0;

			for (uint32_t row = 0; row < v->rows; row++)
				sum += v->values[(size_t)row * v->dim + i];
			mean[i] = (float)(sum / v->rows);
		}
		v->values = mean;
	}
	v->rows = 1;
	return 1;
}

static int edit(void *state, struct qf_vec *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct state *s = state;

	if (v->kind == QF_VEC_SPARSE)
		return qf_err_set(err, QF_E_DATA, "it is sparse and has no rows");
	if (s->make == FIRST || s->make == MEAN)
		return to_dense(s, v, arena);
	if (v->kind == QF_VEC_MULTI) {
		if (s->make == SPLIT && v->dim != s->size)
			return qf_err_set(err, QF_E_DATA, "it has rows of %u components, not %llu", v->dim, s->size);
		return 0;
	}
	if (v->dim == 0)
		return qf_err_set(err, QF_E_DATA, "it is empty, so it makes no row");
	if (s->make == SPLIT) {
		if (v->dim % s->size)
			return qf_err_set(err, QF_E_DATA, "its %u components are no whole rows of %llu", v->dim, s->size);
		v->rows = (uint32_t)(v->dim / s->size);
		v->dim = (uint32_t)s->size;
	}
	v->kind = QF_VEC_MULTI;
	return 1;
}

static const struct qf_vec *find(const struct qf_record *rec, const char *name)
{
	for (uint32_t i = 0; i < rec->n_vecs; i++)
		if (qf_str_is(rec->vecs[i].name, name))
			return &rec->vecs[i];
	return NULL;
}

/* The parts that the point has, in the setting's order, into *to. 1, or 0 where it has none. */
static int join_rows(const struct state *s, const struct qf_record *rec, struct qf_vec *to,
		     struct qf_arena *arena, struct qf_err *err)
{
	const struct qf_vec *first = NULL;
	size_t rows = 0;
	float *at;

	for (size_t i = 0; i < s->vectors.n; i++) {
		const struct qf_vec *v = find(rec, s->vectors.items[i]);

		if (!v)
			continue;
		if (v->kind == QF_VEC_SPARSE || v->dim == 0)
			return qf_err_set(err, QF_E_DATA, "%s is %s, so it makes no row", qf_vector_label(v->name, arena),
					  v->dim ? "sparse" : "empty");
		if (first && first->dim != v->dim)
			return qf_err_set(err, QF_E_DATA,
					  "%s has %u components and %s %u, so they make no rows of one vector",
					  qf_vector_label(first->name, arena), first->dim,
					  qf_vector_label(v->name, arena), v->dim);
		first = first ? first : v;
		rows += v->rows;
	}
	if (!first)
		return 0;
	*to = (struct qf_vec){ .name = qf_str(s->into), .kind = QF_VEC_MULTI, .rows = (uint32_t)rows,
			       .dim = first->dim };
	to->values = at = qf_arena_alloc(arena, rows * first->dim * sizeof(float));
	for (size_t i = 0; i < s->vectors.n; i++) {
		const struct qf_vec *v = find(rec, s->vectors.items[i]);

		if (v) {
			memcpy(at, v->values, (size_t)v->rows * v->dim * sizeof(float));
			at += (size_t)v->rows * v->dim;
		}
	}
	return 1;
}

static int join_point(const struct state *s, struct qf_record *rec, struct qf_arena *arena,
		      struct qf_err *err)
{
	struct qf_vec made, *vecs;
	uint32_t n = 0;
	bool placed = false;
	int rc;

	if (qf_record_vectors(rec, arena, err) < 0 || (rc = join_rows(s, rec, &made, arena, err)) < 0)
		return -1;
	if (rc == 0)
		return QF_STEP_KEEP;
	if (!qf_vectors_chosen(&s->vectors, made.name, true) && find(rec, s->into))
		return qf_err_set(err, QF_E_DATA, "the vectors cannot be joined into '%s', for there is one of that name",
				  s->into);
	/* In the place of the first part. */
	vecs = qf_arena_alloc(arena, rec->n_vecs * sizeof(*vecs));
	for (uint32_t i = 0; i < rec->n_vecs; i++) {
		if (!qf_vectors_chosen(&s->vectors, rec->vecs[i].name, true))
			vecs[n++] = rec->vecs[i];
		else if (!placed)
			vecs[n++] = made;
		placed |= n && vecs[n - 1].values == made.values;
	}
	rec->vecs = vecs;
	rec->n_vecs = n;
	rec->line.p = NULL;
	return QF_STEP_KEEP;
}

static int make_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	if (s->make == JOIN)
		return join_point(s, rec, arena, err);
	return qf_vectors_edit(rec, &s->vectors, edit, s, arena, err) < 0 ? -1 : QF_STEP_KEEP;
}

/* ---- the schema ---- */

static void declare_rows(struct qf_json *v, struct qf_arena *arena)
{
	struct qf_json *multi;

	if (qf_json_get(v, "multivector"))
		return;
	multi = qf_json_add(arena, v, "multivector", QF_JSON_OBJECT);
	qf_json_add_cstr(arena, multi, "comparator", "max_sim");
}

static bool same(const struct qf_json *a, const struct qf_json *b, const char *member)
{
	const struct qf_json *x = qf_json_get(a, member), *y = qf_json_get(b, member);

	return !x || !y || qf_json_equal(x, y);
}

static int join_schema(const struct state *s, struct qf_record *rec, struct qf_arena *arena,
		       struct qf_err *err)
{
	struct qf_json *map = qf_json_get(rec->doc, "vectors"), *first = NULL, *next;

	for (struct qf_json *v = map ? map->child : NULL; v; v = next) {
		next = v->next;
		if (!qf_vectors_chosen(&s->vectors, v->key, true)) {
			if (qf_str_is(v->key, s->into))
				return qf_err_set(err, QF_E_DATA,
						  "vectors cannot be joined into '%s', for there is one of that name", s->into);
			continue;
		}
		if (first && (!same(first, v, "size") || !same(first, v, "distance")))
			return qf_err_set(err, QF_E_DATA, "%s and %s differ in size or distance and cannot be joined",
					  qf_vector_label(first->key, arena), qf_vector_label(v->key, arena));
		if (!first)
			first = v;
		else
			qf_json_remove(map, qf_arena_dup_str(arena, v->key).p);
	}
	if (first) {
		first->key = qf_str(s->into);
		declare_rows(first, arena);
		rec->line.p = NULL;
	}
	return QF_STEP_KEEP;
}

static int make_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_json *map = qf_json_get(rec->doc, "vectors");
	const struct state *s = state;

	if (s->make == JOIN)
		return join_schema(s, rec, arena, err);
	for (struct qf_json *v = map ? map->child : NULL; v; v = v->next) {
		bool multi = qf_json_get(v, "multivector") != NULL;
		struct qf_json *size = qf_json_get(v, "size");
		int64_t have = qf_json_get_int(v, "size", 0);

		if (!qf_vectors_chosen(&s->vectors, v->key, false) || multi == (s->make == WRAP || s->make == SPLIT))
			continue;
		rec->line.p = NULL;
		if (s->make == FIRST || s->make == MEAN) {
			qf_json_remove(v, "multivector");
			continue;
		}
		if (s->make == SPLIT && size) {
			if (have % (int64_t)s->size)
				return qf_err_set(err, QF_E_DATA, "%s: its %lld components are no whole rows of %llu",
						  qf_vector_label(v->key, arena), (long long)have, s->size);
			size->text = qf_arena_printf(arena, "%llu", s->size);
		}
		declare_rows(v, arena);
	}
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	(void)state;
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "A dense vector as a row of its own", "multivector: {vectors: [a]}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"a\":{\"size\":2,\"distance\":\"Dot\"}}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"a\":\"AACAPwAAAEA=\"}}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"a\":{\"size\":2,\"distance\":\"Dot\",\"multivector\":{\"comparator\":\"max_sim\"}}}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"a\":[\"AACAPwAAAEA=\"]}}" },
	{ "Two vectors as rows", "multivector: {make: join, vectors: [title, body], into: text}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"body\":[1.0],\"title\":[2.0]}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"text\":[\"AAAAQA==\",\"AACAPw==\"]}}" },
	{ "The mean of the rows", "multivector: mean",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[[1.0,5.0],[2.0,-5.0]]}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":\"AADAPwAAAAA=\"}" },
};
/* clang-format on */

const struct qf_step qf_step_multivector = {
	.name = "multivector",
	.help = "make multi-vectors of dense ones, and back",
	.usage = usage,
	.group = "vectors",
	.doc = "`wrap` makes a dense vector the only row, `split` cuts one of r times `size` components into r "
	       "rows, `join` makes several vectors the rows of one, in the order of the list and in the place "
	       "of the first; those that a point has not are left out, and a point with none gets none. The schema "
	       "declares the comparator `max_sim`. `first` and `mean` (in double arithmetic) go back to dense. What "
	       "has the wanted form already stays. Sizes that do not fit, empty vectors and sparse ones that are named refuse "
	       "the point; absent ones pass, and so do NaN and infinities. Nothing is normalised: `normalize` "
	       "does it, by rows.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "make",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = make_point,
	.collection = make_schema,
	.close = step_close,
};
