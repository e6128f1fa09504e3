/* What an endpoint for embeddings answers, read and checked. */
#include <math.h>

#include "common/data/record.h"
#include "common/net/embed.h"

#define NOT_SUCH "the reply is none of an embeddings endpoint: "

struct reply {
	struct qf_scan scan;
	struct qf_embed_text *texts;
	size_t n, met;
	struct qf_arena *arena;
	struct qf_err *err;
};

static int bad_json(struct reply *r)
{
	return qf_err_set(r->err, QF_E_PROTOCOL, NOT_SUCH "%s", r->scan.why ? r->scan.why : "not JSON");
}

/* The text of "embedding", numbers or base64, as floats that are finite. */
static int decode(struct reply *r, struct qf_str text, size_t index, struct qf_embed_text *out)
{
	struct qf_record rec = { .vector = text };

	if (qf_record_vectors(&rec, r->arena, r->err) < 0) {
		r->err->code = QF_E_PROTOCOL;
		return qf_err_wrap(r->err, "the reply's embedding %zu", index);
	}
	if (rec.n_vecs != 1 || rec.vecs[0].kind != QF_VEC_DENSE || !rec.vecs[0].dim || rec.vecs[0].name.n)
		return qf_err_set(r->err, QF_E_PROTOCOL, NOT_SUCH "embedding %zu is no row of numbers", index);
	for (uint32_t i = 0; i < rec.vecs[0].dim; i++)
		if (!isfinite(rec.vecs[0].values[i]))
			return qf_err_set(r->err, QF_E_PROTOCOL, NOT_SUCH "embedding %zu has NaN or infinity at place %u",
					  index, i);
	out->values = rec.vecs[0].values;
	out->size = rec.vecs[0].dim;
	return 0;
}

/* {"object":..,"index":3,"embedding":..}; without an index its place in the list counts. */
static int item(struct reply *r)
{
	struct qf_str key, vector = { 0 };
	size_t index = r->met;
	bool first = true;

	while (qf_scan_member(&r->scan, &first, &key, r->arena)) {
		struct qf_str value = qf_scan_value(&r->scan);

		if (r->scan.why)
			break;
		if (qf_str_is(key, "index")) {
			unsigned long long given;
			QF_AUTO_FREE char *text = qf_strndup(value.p, value.n);

			if (qf_parse_uint(text, &given) < 0)
				return qf_err_set(r->err, QF_E_PROTOCOL, NOT_SUCH "an index is no number");
			index = given;
		} else if (qf_str_is(key, "embedding")) {
			vector = value;
		}
	}
	if (r->scan.why)
		return bad_json(r);
	if (index >= r->n)
		return qf_err_set(r->err, QF_E_PROTOCOL, NOT_SUCH "it has an embedding %zu, and %zu texts were sent "
				  "(counted from 0)", index, r->n);
	if (r->texts[index].values)
		return qf_err_set(r->err, QF_E_PROTOCOL, NOT_SUCH "embedding %zu comes twice", index);
	if (!vector.p)
		return qf_err_set(r->err, QF_E_PROTOCOL, NOT_SUCH "item %zu has no 'embedding'", index);
	r->met++;
	return decode(r, vector, index, &r->texts[index]);
}

static int items(struct reply *r)
{
	if (!qf_scan_take(&r->scan, '['))
		return bad_json(r);
	if (qf_scan_take(&r->scan, ']'))
		return 0;
	do {
		if (item(r) < 0)
			return -1;
	} while (qf_scan_take(&r->scan, ','));
	return qf_scan_take(&r->scan, ']') ? 0 : bad_json(r);
}

static uint64_t usage(struct qf_str text, struct qf_arena *arena)
{
	static const char *const names[] = { "total_tokens", "prompt_tokens" };
	struct qf_json *doc;
	struct qf_err ignored;
	int64_t n = 0;

	if (qf_json_parse(arena, text.p, text.n, "usage", &doc, &ignored) < 0)
		return 0;
	for (size_t i = 0; i < QF_LEN(names) && n <= 0; i++)
		n = qf_json_get_int(doc, names[i], 0);
	return n > 0 ? (uint64_t)n : 0;
}

int qf_embed_parse(struct qf_str body, struct qf_embed_text *texts, size_t n, struct qf_arena *arena,
		   uint64_t *tokens, struct qf_err *err)
{
	struct reply r = { .scan = { .p = body.p, .end = body.p + body.n }, .texts = texts, .n = n,
			   .arena = arena, .err = err };
	struct qf_str key, value;
	bool first = true, data = false;

	*tokens = 0;
	for (size_t i = 0; i < n; i++)
		texts[i].values = NULL;
	while (qf_scan_member(&r.scan, &first, &key, arena)) {
		if (qf_str_is(key, "data") && !data) {
			data = true;
			if (items(&r) < 0)
				return -1;
			continue;
		}
		value = qf_scan_value(&r.scan);
		if (!r.scan.why && qf_str_is(key, "usage"))
			*tokens = usage(value, arena);
	}
	if (r.scan.why)
		return bad_json(&r);
	if (!data)
		return qf_err_set(err, QF_E_PROTOCOL, NOT_SUCH "it has no 'data'");
	if (r.met != n)
		return qf_err_set(err, QF_E_PROTOCOL, NOT_SUCH "it has %zu embeddings for %zu texts", r.met, n);
	for (size_t i = 1; i < n; i++)
		if (texts[i].size != texts[0].size)
			return qf_err_set(err, QF_E_PROTOCOL, NOT_SUCH "embeddings of %u and of %u numbers stand in it",
					  texts[0].size, texts[i].size);
	return 0;
}
