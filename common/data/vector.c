/* The VECTOR of a point line as floats. */
#include "common/data/base64.h"
#include "common/data/number.h"
#include "common/data/record.h"

struct decode {
	struct qf_scan scan;
	struct qf_arena *arena;
	struct qf_err *err;
};

static int fail(struct decode *d, const char *why)
{
	return qf_err_set(d->err, QF_E_DATA, "vector: %s", d->scan.why ? d->scan.why : why);
}

static char peek(struct decode *d)
{
	while (d->scan.p < d->scan.end && (*d->scan.p == ' ' || *d->scan.p == '\t'))
		d->scan.p++;
	return d->scan.p < d->scan.end ? *d->scan.p : '\0';
}

static int base64_row(struct decode *d, const float **ret, uint32_t *dim)
{
	struct qf_str text = qf_scan_string(&d->scan, d->arena);
	float *values;
	ssize_t n;

	if (d->scan.why)
		return fail(d, NULL);
	values = qf_arena_alloc(d->arena, text.n / 4 * 3 + 4);
	n = qf_base64_decode(values, text.p, text.n);
	if (n < 0)
		return fail(d, "not base64");
	if (n % 4)
		return fail(d, "base64 text that is not a row of 4-byte floats");
	*ret = values;
	*dim = (uint32_t)(n / 4);
	return 0;
}

/* Numbers up to the closing bracket, which is taken; the opening one was taken before. */
static int number_row(struct decode *d, const float **ret, uint32_t *dim)
{
	struct qf_scan *s = &d->scan;
	float *values = NULL;
	size_t n = 0, cap = 0;

	if (!qf_scan_take(s, ']')) {
		do {
			struct qf_str text = qf_scan_value(s);

			if (n == cap) {
				float *more = qf_arena_alloc(d->arena, (cap ? 2 * cap : 64) * sizeof(float));

				if (n)
					memcpy(more, values, n * sizeof(float));
				values = more;
				cap = cap ? 2 * cap : 64;
			}
			if (s->why || text.n == 0 || !(text.p[0] == '-' || (text.p[0] >= '0' && text.p[0] <= '9')))
				return fail(d, "an array element is not a number");
			if (qf_f32_parse(text, &values[n++]) < 0)
				return qf_err_set(d->err, QF_E_DATA, "vector: %.*s does not fit a float32",
						  QF_STR_ARG(text));
		} while (qf_scan_take(s, ','));
		if (!qf_scan_take(s, ']'))
			return fail(d, "an array is not closed");
	}
	*ret = values;
	*dim = (uint32_t)n;
	return 0;
}

/* Rows up to the closing bracket; all must be of one length, put one behind the other. */
static int multi(struct decode *d, struct qf_vec *v)
{
	struct qf_buf all = { 0 };
	int rc = 0;

	v->kind = QF_VEC_MULTI;
	do {
		const float *row;
		uint32_t dim;

		if (peek(d) == '"')
			rc = base64_row(d, &row, &dim);
		else if (qf_scan_take(&d->scan, '['))
			rc = number_row(d, &row, &dim);
		else
			rc = fail(d, "a row of a multi-vector is neither an array nor base64");
		if (rc == 0 && v->rows && dim != v->dim)
			rc = qf_err_set(d->err, QF_E_DATA,
					"vector: rows of different lengths (%u and %u)", v->dim, dim);
		if (rc == 0) {
			v->dim = dim;
			v->rows++;
			qf_buf_add(&all, row, dim * sizeof(float));
		}
	} while (rc == 0 && qf_scan_take(&d->scan, ','));
	if (rc == 0 && !qf_scan_take(&d->scan, ']'))
		rc = fail(d, "an array is not closed");
	if (rc == 0)
		v->values = (const float *)qf_arena_dup(d->arena, all.p, all.n).p;
	qf_buf_release(&all);
	return rc;
}

static int index_row(struct decode *d, struct qf_vec *v, uint32_t *n)
{
	struct qf_buf all = { 0 };
	struct qf_scan *s = &d->scan;
	int rc = 0;

	if (!qf_scan_take(s, '['))
		return fail(d, "'indices' is not an array");
	if (!qf_scan_take(s, ']')) {
		do {
			struct qf_str text = qf_scan_value(s);
			struct qf_id id = { 0 };
			uint32_t index;

			if (!s->why)
				id = qf_id_of_text(text);
			if (id.kind != QF_ID_NUM || id.num > UINT32_MAX) {
				rc = fail(d, "an index is not a whole number below 2^32");
				break;
			}
			index = (uint32_t)id.num;
			qf_buf_add(&all, &index, sizeof(index));
		} while (qf_scan_take(s, ','));
		if (rc == 0 && !qf_scan_take(s, ']'))
			rc = fail(d, "an array is not closed");
	}
	*n = (uint32_t)(all.n / sizeof(uint32_t));
	v->indices = (const uint32_t *)qf_arena_dup(d->arena, all.p, all.n).p;
	qf_buf_release(&all);
	return rc;
}

static int one(struct decode *d, struct qf_vec *v);

/* {"indices":[..],"values":[..]}; the key has been looked at by the caller. */
static int sparse(struct decode *d, struct qf_vec *v)
{
	struct qf_str key;
	bool first = true, values = false;
	uint32_t n_indices = 0;
	struct qf_vec row = { 0 };

	v->kind = QF_VEC_SPARSE;
	while (qf_scan_member(&d->scan, &first, &key, d->arena)) {
		if (qf_str_is(key, "indices") && !v->indices) {
			if (index_row(d, v, &n_indices) < 0)
				return -1;
		} else if (qf_str_is(key, "values") && !values) {
			values = true;
			if (one(d, &row) < 0)
				return -1;
		} else {
			return fail(d, "a sparse vector holds more than indices and values");
		}
	}
	if (d->scan.why)
		return fail(d, NULL);
	if (!values || !v->indices || row.kind != QF_VEC_DENSE || row.dim != n_indices)
		return fail(d, "a sparse vector needs as many values as indices");
	v->values = row.values;
	v->dim = row.dim;
	v->rows = 1;
	return 0;
}

/* A vector without its name. */
static int one(struct decode *d, struct qf_vec *v)
{
	char c = peek(d);

	v->rows = 0;
	if (c == '{')
		return sparse(d, v);
	v->kind = QF_VEC_DENSE;
	if (c == '"') {
		v->rows = 1;
		return base64_row(d, &v->values, &v->dim);
	}
	if (!qf_scan_take(&d->scan, '['))
		return fail(d, "neither an array, base64 text nor an object");
	c = peek(d);
	if (c == '[' || c == '"')
		return multi(d, v);
	v->rows = 1;
	return number_row(d, &v->values, &v->dim);
}

static int named(struct decode *d, struct qf_record *rec)
{
	struct qf_vec *vecs = NULL;
	size_t n = 0, cap = 0;
	struct qf_str key;
	bool first = true;

	while (qf_scan_member(&d->scan, &first, &key, d->arena)) {
		if (n == cap) {
			struct qf_vec *more = qf_arena_alloc(d->arena, (cap ? 2 * cap : 4) * sizeof(*more));

			if (n)
				memcpy(more, vecs, n * sizeof(*more));
			vecs = more;
			cap = cap ? 2 * cap : 4;
		}
		for (size_t i = 0; i < n; i++)
			if (qf_str_eq(vecs[i].name, key))
				return fail(d, "a name stands twice");
		memset(&vecs[n], 0, sizeof(*vecs));
		vecs[n].name = key;
		if (one(d, &vecs[n++]) < 0)
			return qf_err_wrap(d->err, "'%.*s'", QF_STR_ARG(key));
	}
	if (d->scan.why)
		return fail(d, NULL);
	rec->vecs = vecs ? vecs : qf_arena_alloc(d->arena, sizeof(*vecs));
	rec->n_vecs = (uint32_t)n;
	return 0;
}

int qf_record_vectors(struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct decode d = { .arena = arena, .err = err };

	if (rec->vecs || !rec->vector.p)
		return 0;
	d.scan = (struct qf_scan){ .p = rec->vector.p, .end = rec->vector.p + rec->vector.n };
	if (peek(&d) == '{')
		return named(&d, rec);
	rec->vecs = qf_arena_zalloc(arena, sizeof(*rec->vecs));
	rec->vecs->name = QF_STR("");
	rec->n_vecs = 1;
	if (one(&d, rec->vecs) < 0) {
		rec->vecs = NULL;
		rec->n_vecs = 0;
		return -1;
	}
	return 0;
}
