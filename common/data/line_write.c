/* One record as one canonical line. */
#include <math.h>

#include "common/data/base64.h"
#include "common/data/number.h"
#include "common/data/schema.h"
#include "common/data/stream.h"

static int write_row(struct qf_buf *out, const float *row, uint32_t n, bool json, struct qf_err *err)
{
	if (!json) {
		char *at = qf_buf_room(out, QF_BASE64_LEN((size_t)n * 4) + 2);

		*at++ = '"';
		qf_base64_encode(at, row, (size_t)n * 4);
		at[QF_BASE64_LEN((size_t)n * 4)] = '"';
		out->n += QF_BASE64_LEN((size_t)n * 4) + 2;
		return 0;
	}
	qf_buf_addc(out, '[');
	for (uint32_t i = 0; i < n; i++) {
		if (!isfinite(row[i]))
			return qf_err_set(err, QF_E_DATA,
					  "vector: component %u is not finite, which JSON text cannot carry; use "
					  "--vectors=base64", i);
		if (i)
			qf_buf_addc(out, ',');
		qf_f32_write(out, row[i]);
	}
	qf_buf_addc(out, ']');
	return 0;
}

static int write_vector(struct qf_buf *out, const struct qf_vec *v, bool json, struct qf_err *err)
{
	switch (v->kind) {
	case QF_VEC_DENSE:
		return write_row(out, v->values, v->dim, json, err);
	case QF_VEC_MULTI:
		qf_buf_addc(out, '[');
		for (uint32_t i = 0; i < v->rows; i++) {
			if (i)
				qf_buf_addc(out, ',');
			if (write_row(out, v->values + (size_t)i * v->dim, v->dim, json, err) < 0)
				return -1;
		}
		qf_buf_addc(out, ']');
		return 0;
	case QF_VEC_SPARSE:
		QF_BUF_LIT(out, "{\"indices\":[");
		for (uint32_t i = 0; i < v->dim; i++) {
			if (i)
				qf_buf_addc(out, ',');
			qf_buf_add_u64(out, v->indices[i]);
		}
		QF_BUF_LIT(out, "],\"values\":");
		if (write_row(out, v->values, v->dim, json, err) < 0)
			return -1;
		qf_buf_addc(out, '}');
		return 0;
	}
	return qf_err_set(err, QF_E_BUG, "a vector of unknown kind");
}

static int write_vectors(const struct qf_record *rec, bool json, struct qf_buf *out,
			 struct qf_err *err)
{
	/* A sparse vector always has a name: unnamed it would be taken for a map of names. */
	if (rec->n_vecs == 1 && rec->vecs[0].name.n == 0 && rec->vecs[0].kind != QF_VEC_SPARSE)
		return write_vector(out, &rec->vecs[0], json, err);
	qf_buf_addc(out, '{');
	for (uint32_t i = 0; i < rec->n_vecs; i++) {
		if (i)
			qf_buf_addc(out, ',');
		qf_json_write_string(out, rec->vecs[i].name);
		qf_buf_addc(out, ':');
		if (write_vector(out, &rec->vecs[i], json, err) < 0)
			return -1;
	}
	qf_buf_addc(out, '}');
	return 0;
}

static void write_scope_keys(const struct qf_record *rec, struct qf_buf *out)
{
	QF_BUF_LIT(out, ",\"collection\":");
	qf_json_write_string(out, rec->collection);
	if (rec->tenant.p) {
		QF_BUF_LIT(out, ",\"tenant\":");
		qf_json_write_string(out, rec->tenant);
	}
}

int qf_line_write(const struct qf_record *rec, enum qf_vector_text vectors, struct qf_buf *out,
		  struct qf_err *err)
{
	switch (rec->type) {
	case QF_REC_POINT:
		QF_BUF_LIT(out, "{\"type\":\"point\"");
		write_scope_keys(rec, out);
		QF_BUF_LIT(out, ",\"id\":");
		qf_id_write(out, &rec->id);
		if (rec->vecs) {
			QF_BUF_LIT(out, ",\"vector\":");
			if (write_vectors(rec, vectors == QF_VECTORS_JSON, out, err) < 0)
				return -1;
		} else if (rec->vector.p) {
			QF_BUF_LIT(out, ",\"vector\":");
			qf_buf_add_str(out, rec->vector);
		}
		if (rec->payload.p) {
			QF_BUF_LIT(out, ",\"payload\":");
			qf_buf_add_str(out, rec->payload);
		}
		if (rec->error.p) {
			QF_BUF_LIT(out, ",\"error\":");
			qf_buf_add_str(out, rec->error);
		}
		break;
	case QF_REC_DELETE:
		QF_BUF_LIT(out, "{\"type\":\"delete\"");
		write_scope_keys(rec, out);
		QF_BUF_LIT(out, ",\"id\":");
		qf_id_write(out, &rec->id);
		break;
	case QF_REC_CURSOR:
		QF_BUF_LIT(out, "{\"type\":\"cursor\"");
		write_scope_keys(rec, out);
		QF_BUF_LIT(out, ",\"from\":");
		qf_buf_add_str(out, rec->from.p ? rec->from : QF_STR("null"));
		QF_BUF_LIT(out, ",\"to\":");
		qf_buf_add_str(out, rec->to.p ? rec->to : QF_STR("null"));
		break;
	case QF_REC_STREAM:
	case QF_REC_COLLECTION:
		qf_json_write(out, rec->doc);
		return 0;
	case QF_REC_SCOPE:
	case QF_REC_END:
		return qf_err_set(err, QF_E_BUG, "this record has no line of its own");
	}
	qf_buf_addc(out, '}');
	return 0;
}
