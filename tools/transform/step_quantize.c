/* quantize: float16: the target keeps vectors in a smaller type; what that costs is measured. */
#include <math.h>

#include "common/base/log.h"
#include "tools/transform/steps.h"
#include "tools/transform/vectors.h"

static const char usage[] = "quantize: float16, or quantize: {datatype: uint8, from: \"-1\", to: \"1\"}";

enum datatype { FLOAT16, UINT8 };

/* Of the largest finite float16, and the middle between it and the next one. */
static const float HALF_OVERFLOW = 65520.0f;

struct measure {
	struct qf_str collection, vector;
	uint64_t components, changed;
	double sum, max;
};

struct state {
	int datatype;
	const char *from_text, *to_text;
	struct qf_opt_list vectors;
	double from, to;
	bool scale;
	struct measure *list, *at;
	size_t n, cap;
	const struct qf_record *rec; /* whose vector is at work */
	struct qf_arena arena;
};

static const struct qf_opt opts[] = {
	{ .name = "datatype", .type = QF_OPT_CHOICE, .offset = offsetof(struct state, datatype), .def = "float16",
	  .choices = "float16|uint8", .data = true, .help = "what the target keeps" },
	{ .name = "from", .type = QF_OPT_TEXT, .offset = offsetof(struct state, from_text), .arg = "X", .data = true,
	  .help = "with uint8: the value that becomes 0; without it the values must be whole numbers from 0 to 255" },
	{ .name = "to", .type = QF_OPT_TEXT, .offset = offsetof(struct state, to_text), .arg = "X", .data = true,
	  .help = "with uint8: the value that becomes 255" },
	QF_VECTORS_OPT(struct state),
};

static int number(const char *text, double *ret)
{
	char *end;

	*ret = strtod(text, &end);
	return end != text && !*end && isfinite(*ret) ? 0 : -1;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;

	if (!s->from_text && !s->to_text)
		return 0;
	s->scale = true;
	if (s->datatype != UINT8)
		return qf_node_error(conf, value, err, "'from' and 'to' belong to uint8");
	if (!s->from_text || !s->to_text || number(s->from_text, &s->from) < 0 || number(s->to_text, &s->to) < 0 ||
	    !(s->from < s->to))
		return qf_node_error(conf, value, err, "two numbers are expected, 'from' below 'to': %s", usage);
	return 0;
}

/* The nearest float16, ties to the even one. x must be finite and below HALF_OVERFLOW. */
static inline float half(float x)
{
	uint32_t bits;
	float a = fabsf(x);

	/* Below 2^-14 float16 counts in steps of 2^-24, as float32 does from a half to one. */
	if (a < 0x1p-14f)
		return copysignf((a + 0.5f) - 0.5f, x);
	memcpy(&bits, &x, sizeof(bits));
	bits += 0xfff + ((bits >> 13) & 1);
	bits &= ~(uint32_t)0x1fff;
	memcpy(&a, &bits, sizeof(a));
	return a;
}

static struct measure *measure_of(struct state *s, struct qf_str collection, struct qf_str vector)
{
	if (s->at && qf_str_eq(s->at->vector, vector) && qf_str_eq(s->at->collection, collection))
		return s->at;
	for (size_t i = 0; i < s->n; i++)
		if (qf_str_eq(s->list[i].vector, vector) && qf_str_eq(s->list[i].collection, collection))
			return s->at = &s->list[i];
	QF_GROW(s->list, s->n, s->cap);
	s->at = &s->list[s->n++];
	*s->at = (struct measure){ .collection = qf_arena_dup_str(&s->arena, collection),
				   .vector = qf_arena_dup_str(&s->arena, vector) };
	return s->at;
}

static int refused(float x, size_t i, const char *why, struct qf_err *err)
{
	return qf_err_set(err, QF_E_DATA, "component %zu is %.9g, %s", i, (double)x, why);
}

static int as_half(const float *p, size_t n, struct measure *add, struct qf_err *err)
{
	for (size_t i = 0; i < n; i++) {
		double off;

		if (!(fabsf(p[i]) < HALF_OVERFLOW))
			return refused(p[i], i, isfinite(p[i]) ? "beyond what float16 holds (65504)"
							       : "which is not finite", err);
		off = fabs((double)half(p[i]) - p[i]);
		add->changed += off > 0;
		add->sum += off;
		add->max = off > add->max ? off : add->max;
	}
	return 0;
}

static int as_bytes(const struct state *s, const float *p, size_t n, float *to, struct measure *add,
		    struct qf_err *err)
{
	double step = (s->to - s->from) / 255;

	for (size_t i = 0; i < n; i++) {
		double q, off;

		if (!isfinite(p[i]))
			return refused(p[i], i, "which is not finite", err);
		if (!s->scale) {
			if (!(p[i] >= 0 && p[i] <= 255) || p[i] != floorf(p[i]))
				return refused(p[i], i, "no whole number from 0 to 255; 'from' and 'to' would scale", err);
			continue;
		}
		if (p[i] < s->from || p[i] > s->to)
			return refused(p[i], i, "which is not between 'from' and 'to'", err);
		q = nearbyint((p[i] - s->from) / step);
		to[i] = (float)q;
		off = fabs(s->from + q * step - p[i]);
		add->changed += off > 0;
		add->sum += off;
		add->max = off > add->max ? off : add->max;
	}
	return 0;
}

static int edit(void *state, struct qf_vec *v, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	size_t n = (size_t)v->rows * v->dim;
	struct measure *m, add = { 0 };
	float *to;
	int rc;

	if (v->kind == QF_VEC_SPARSE)
		return qf_err_set(err, QF_E_DATA, "it is sparse; its type is not changed here");
	to = s->scale ? qf_arena_alloc(arena, n * sizeof(float)) : NULL;
	rc = s->datatype == FLOAT16 ? as_half(v->values, n, &add, err) : as_bytes(s, v->values, n, to, &add, err);
	if (rc < 0)
		return -1;
	m = measure_of(s, s->rec->collection, v->name);
	m->components += n;
	m->changed += add.changed;
	m->sum += add.sum;
	m->max = add.max > m->max ? add.max : m->max;
	if (to)
		v->values = to;
	return to != NULL && n;
}

static int quantize_point(void *state, struct qf_record *rec, struct qf_arena *arena,
			  struct qf_err *err)
{
	struct state *s = state;

	s->rec = rec;
	return qf_vectors_edit(rec, &s->vectors, edit, s, arena, err) < 0 ? -1 : QF_STEP_KEEP;
}

static int quantize_schema(void *state, struct qf_record *rec, struct qf_arena *arena,
			   struct qf_err *err)
{
	static const char *const names[] = { [FLOAT16] = "float16", [UINT8] = "uint8" };
	struct qf_json *vectors = qf_json_get(rec->doc, "vectors");
	const struct state *s = state;

	(void)err;
	for (struct qf_json *v = vectors ? vectors->child : NULL; v; v = v->next) {
		if (!qf_vectors_chosen(&s->vectors, v->key, false) ||
		    qf_str_is(qf_json_get_str(v, "datatype", ""), names[s->datatype]))
			continue;
		qf_json_remove(v, "datatype");
		qf_json_add_cstr(arena, v, "datatype", names[s->datatype]);
		rec->line.p = NULL;
	}
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n; i++) {
		const struct measure *m = &s->list[i];

		if (m->components)
			qf_info("step quantize: collection '%.*s', vector '%.*s': %s changes %.1f %% of the components, by at most "
				"%.3g, by %.3g in the mean", QF_STR_ARG(m->collection), QF_STR_ARG(m->vector),
				s->datatype == FLOAT16 ? "float16" : "uint8",
				100.0 * (double)m->changed / (double)m->components, m->max,
				m->sum / (double)m->components);
	}
	free(s->list);
	qf_arena_release(&s->arena);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "The schema asks for it, the values stay as they are", "quantize: float16",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[0.1,2.0]}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\",\"datatype\":\"float16\"}}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[0.1,2.0]}" },
	{ "Scaled to bytes: 0, 191 and 255", "quantize: {datatype: uint8, from: -1, to: 1}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[-1.0,0.5,1.0]}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":\"AAAAAAAAP0MAAH9D\"}" },
	{ "What bytes cannot hold", "quantize: uint8",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[7.0,0.5]}",
	  "error: step 1 (quantize): collection 'A', id 1, line 1: the vector: component 1 is 0.5, no whole number from 0 to 255; 'from' and 'to' would scale" },
};
/* clang-format on */

const struct qf_step qf_step_quantize = {
	.name = "quantize",
	.help = "let the target keep vectors as float16 or uint8, and measure the error",
	.usage = usage,
	.group = "vectors",
	.doc = "The schema's `datatype` asks the target for it. With float16 the stream keeps its floats and the target "
	       "rounds them; with uint8 they must be whole numbers from 0 to 255, or are made so: `from` becomes 0, `to` becomes "
	       "255, what lies between is rounded, and what lies outside refuses the point. Scaling moves the origin, so it suits "
	       "`Euclid` and `Manhattan`; under `Cosine` and `Dot` it changes the ranking. What the cast changes is measured on "
	       "all points, and the share, the largest and the mean error are said at the end, for scaled values in the "
	       "units before scaling. Beyond 65504 float16 has no number, so such points are refused, and NaN and infinities too. Absent and "
	       "sparse vectors pass; a sparse one that is named refuses the point.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "datatype",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.needs = "the sum and the largest of the errors, for the message at the end",
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = quantize_point,
	.collection = quantize_schema,
	.close = step_close,
};
