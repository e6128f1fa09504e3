/* The VECTOR of a point line: what is decoded comes back bit by bit, by base64 and by text. */
#include <math.h>
#include <string.h>

#include "common/data/stream.h"
#include "tests/fuzz/fuzz.h"

/* Bit-equal, but for the bits of a NaN: those too. */
static void same(const struct qf_record *a, const struct qf_record *b)
{
	FUZZ_CHECK(a->n_vecs == b->n_vecs, "%u and %u vectors", a->n_vecs, b->n_vecs);
	for (uint32_t i = 0; i < a->n_vecs; i++) {
		const struct qf_vec *x = &a->vecs[i], *y = &b->vecs[i];
		size_t n = (size_t)x->rows * x->dim;

		FUZZ_CHECK(qf_str_eq(x->name, y->name), "other names");
		FUZZ_CHECK(x->kind == y->kind && x->rows == y->rows && x->dim == y->dim, "another shape");
		FUZZ_CHECK(!n || !memcmp(x->values, y->values, n * sizeof(float)), "other values");
		FUZZ_CHECK(x->kind != QF_VEC_SPARSE || !x->dim || !memcmp(x->indices, y->indices, x->dim * 4ul),
			   "other indices");
	}
}

static bool all_finite(const struct qf_record *rec)
{
	for (uint32_t i = 0; i < rec->n_vecs; i++)
		for (size_t k = 0; k < (size_t)rec->vecs[i].rows * rec->vecs[i].dim; k++)
			if (!isfinite(rec->vecs[i].values[k]))
				return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf line = { 0 };
	struct qf_record first, again;
	struct qf_err err;

	QF_BUF_LIT(&line, "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":");
	qf_buf_add(&line, data, size);
	qf_buf_addc(&line, '}');
	if (memchr(line.p, '\n', line.n) || qf_line_parse(qf_buf_str(&line), 64, &first, &arena, &err) < 0)
		return 0;
	if (qf_record_vectors(&first, &arena, &err) < 0) {
		FUZZ_CHECK(err.code == QF_E_DATA && *err.msg, "no reason");
		return 0;
	}
	for (int form = 0; form < 2; form++) {
		enum qf_vector_text text = form ? QF_VECTORS_JSON : QF_VECTORS_BASE64;
		QF_AUTO_BUF struct qf_buf out = { 0 };
		int rc = qf_line_write(&first, text, &out, &err);

		FUZZ_CHECK((rc == 0) == (text == QF_VECTORS_BASE64 || all_finite(&first)), "written: %d", rc);
		if (rc < 0)
			continue;
		FUZZ_CHECK(qf_line_parse(qf_buf_str(&out), 64, &again, &arena, &err) == 0, "%s", err.msg);
		FUZZ_CHECK(qf_record_vectors(&again, &arena, &err) == 0, "%s", err.msg);
		same(&first, &again);
	}
	return 0;
}
