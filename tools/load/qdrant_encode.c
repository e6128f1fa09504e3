#include "tools/load/qdrant_encode.h"

#include <stdlib.h>

#include "common/data/base64.h"
#include "common/data/number.h"
#include "tools/load/qdrant_payload.h"

/* Tags: field number and wire type, as in common/net/proto/qdrant.proto. */
/* clang-format off */
enum {
	TAG_POINTS = 0x1a,		      /* UpsertPoints.points */
	TAG_ID = 0x0a, TAG_VECTORS = 0x22,    /* PointStruct */
	TAG_NUM = 0x08, TAG_UUID = 0x12,      /* PointId */
	TAG_SINGLE = 0x0a, TAG_NAMED = 0x12,  /* Vectors */
	TAG_ENTRY = 0x0a, TAG_KEY = 0x0a, TAG_VALUE = 0x12, /* NamedVectors.vectors */
	TAG_DATA = 0x0a, TAG_INDICES = 0x12, TAG_COUNT = 0x18, /* Vector */
	TAG_INDEX = 0x0a,		      /* SparseIndices.data */
};
/* clang-format on */

/* One vector of the point: still as base64 text, or decoded. */
struct qf_vector_part {
	struct qf_str name;
	struct qf_str text; /* base64 without quotes; p == NULL: see vec */
	const struct qf_vec *vec;
	enum qf_vec_kind kind;
	size_t data; /* bytes of all values */
	size_t indices; /* bytes of the packed indices */
	size_t size; /* bytes of the Vector message */
};

void qf_point_encoder_release(struct qf_point_encoder *e)
{
	qf_buf_release(&e->payload);
	qf_buf_release(&e->key);
	qf_buf_release(&e->floats);
	free(e->parts);
	free(e->sorted);
	*e = (struct qf_point_encoder){ 0 };
}

int qf_point_screen_id(const struct qf_id *id, struct qf_err *err)
{
	if (id->kind == QF_ID_NUM || id->kind == QF_ID_UUID)
		return 0;
	return qf_err_set(
		err, QF_E_DATA,
		"the id is neither a UUID nor a whole number, and Qdrant takes no other; make one of "
		"it with: fortress transform --step 'id uuid5'");
}

/* ---- screening ---- */

static const char *shown(struct qf_str name, struct qf_arena *arena)
{
	return name.n ? qf_arena_printf(arena, "vector '%.*s'", QF_STR_ARG(name)).p
		      : "the unnamed vector";
}

static int unknown_vector(const struct qf_point_rules *rules, struct qf_str name,
			  struct qf_arena *arena, struct qf_err *err)
{
	qf_err_set(err, QF_E_DATA, "the collection has no place for %s; it has",
		   shown(name, arena));
	for (size_t i = 0; i < rules->n_vectors; i++)
		qf_err_hint(err, "%s %s", i ? "," : "", shown(rules->vectors[i].name, arena));
	return rules->n_vectors ? -1 : qf_err_hint(err, " no vectors");
}

static const char *kind_name(enum qf_vec_kind kind)
{
	return kind == QF_VEC_DENSE   ? "a dense vector"
	       : kind == QF_VEC_MULTI ? "a multivector"
				      : "a sparse vector";
}

/* Does a vector of this kind and size fit what the collection has under its name? */
static int screen_shape(const struct qf_point_rules *rules, struct qf_str name,
			enum qf_vec_kind kind, size_t dim, size_t rows, struct qf_arena *arena,
			struct qf_err *err)
{
	const struct qf_vector_rule *rule = NULL;

	for (size_t i = 0; i < rules->n_vectors && !rule; i++)
		if (qf_str_eq(rules->vectors[i].name, name))
			rule = &rules->vectors[i];
	if (!rule)
		return unknown_vector(rules, name, arena, err);
	if (kind != QF_VEC_SPARSE && (dim == 0 || rows == 0))
		return qf_err_set(err, QF_E_DATA, "%s is empty", shown(name, arena));
	if (rule->kind != kind)
		return qf_err_set(err, QF_E_DATA, "%s: the collection takes %s, the point has %s",
				  shown(name, arena), kind_name(rule->kind), kind_name(kind));
	if (kind != QF_VEC_SPARSE && dim != rule->size)
		return qf_err_set(err, QF_E_DATA, "%s has %zu components, the collection takes %u",
				  shown(name, arena), dim, rule->size);
	if (kind == QF_VEC_MULTI && rows * dim >= QF_QDRANT_MULTI_MAX)
		return qf_err_set(
			err, QF_E_DATA,
			"%s has %zu rows of %zu components; Qdrant takes fewer than %d components in all",
			shown(name, arena), rows, dim, QF_QDRANT_MULTI_MAX);
	return 0;
}

/* NaN and infinity have all bits of the exponent set. p need not be aligned. */
static int screen_finite(const char *p, size_t n, struct qf_str name, struct qf_arena *arena,
			 struct qf_err *err)
{
	enum { LANES = 8 };
	const uint32_t inf = 0x7f800000;
	size_t i = 0;
	uint32_t bits[LANES], bad = 0;

	for (; i + LANES <= n && !bad; i += LANES) {
		memcpy(bits, p + 4 * i, sizeof(bits));
		for (int k = 0; k < LANES; k++)
			bad |= (bits[k] & inf) == inf;
	}
	if (!bad && i == n)
		return 0;
	for (i = bad ? i - LANES : i; i < n; i++) {
		memcpy(bits, p + 4 * i, 4);
		if ((bits[0] & inf) == inf)
			return qf_err_set(err, QF_E_DATA, "%s: component %zu is %s",
					  shown(name, arena), i,
					  bits[0] & 0x7fffff ? "not a number (NaN)" : "infinite");
	}
	return 0;
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The indices of a sparse vector must differ. They mostly come sorted. */
static int screen_indices(struct qf_point_encoder *e, const struct qf_vec *v,
			  struct qf_arena *arena, struct qf_err *err)
{
	const uint32_t *index = v->indices;
	bool ascending = true;

	for (uint32_t i = 1; i < v->dim && ascending; i++)
		ascending = index[i - 1] < index[i];
	if (ascending)
		return 0;
	if (e->cap_sorted < v->dim) {
		e->cap_sorted = v->dim;
		e->sorted = qf_realloc(e->sorted, v->dim, sizeof(*e->sorted));
	}
	memcpy(e->sorted, index, v->dim * sizeof(*index));
	qsort(e->sorted, v->dim, sizeof(*e->sorted), compare_u32);
	for (uint32_t i = 1; i < v->dim; i++)
		if (e->sorted[i - 1] == e->sorted[i])
			return qf_err_set(err, QF_E_DATA, "%s: index %u stands twice",
					  shown(v->name, arena), e->sorted[i]);
	return 0;
}

/* ---- the vectors of a point ---- */

static struct qf_vector_part *add_part(struct qf_point_encoder *e, struct qf_str name)
{
	QF_GROW(e->parts, e->n_parts, e->cap_parts);
	e->parts[e->n_parts] = (struct qf_vector_part){ .name = name };
	return &e->parts[e->n_parts++];
}

static void add_text(struct qf_point_encoder *e, struct qf_str name, const char *p, size_t n)
{
	struct qf_vector_part *part = add_part(e, name);
	size_t padding = n == 0 ? 0 : p[n - 1] != '=' ? 0 : n > 1 && p[n - 2] == '=' ? 2 : 1;

	part->text = (struct qf_str){ p, n };
	part->data = n / 4 * 3 - padding;
}

/*
 * The usual forms: one base64 string, or an object of them. false for any other, and for text that
 * cannot be whole floats: the slow way then finds the right words.
 */
static bool collect_text(struct qf_point_encoder *e, struct qf_str v, struct qf_arena *arena)
{
	struct qf_scan scan = { .p = v.p, .end = v.p + v.n };
	struct qf_str key, value;
	bool first = true;

	e->n_parts = 0;
	if (v.p[0] == '"') {
		add_text(e, QF_STR(""), v.p + 1, v.n - 2);
	} else if (v.p[0] == '{') {
		while (qf_scan_member(&scan, &first, &key, arena)) {
			value = qf_scan_value(&scan);
			if (scan.why || value.p[0] != '"')
				return false;
			for (size_t i = 0; i < e->n_parts; i++)
				if (qf_str_eq(e->parts[i].name, key))
					return false;
			add_text(e, key, value.p + 1, value.n - 2);
		}
		if (scan.why)
			return false;
	} else {
		return false;
	}
	for (size_t i = 0; i < e->n_parts; i++)
		if (e->parts[i].text.n % 4 || e->parts[i].data % 4)
			return false;
	return true;
}

static int collect(struct qf_point_encoder *e, const struct qf_point_rules *rules, bool decoded,
		   struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	e->n_parts = 0;
	if (!rec->vecs && !rec->vector.p)
		return 0;
	if (decoded || rec->vecs || !collect_text(e, rec->vector, arena)) {
		e->n_parts = 0;
		if (qf_record_vectors(rec, arena, err) < 0)
			return -1;
		for (uint32_t i = 0; i < rec->n_vecs; i++) {
			const struct qf_vec *v = &rec->vecs[i];
			struct qf_vector_part *part = add_part(e, v->name);

			part->vec = v;
			part->kind = v->kind;
			part->data = 4 * (size_t)v->dim * v->rows;
			for (uint32_t k = 0; v->kind == QF_VEC_SPARSE && k < v->dim; k++)
				part->indices += qf_varint_len(v->indices[k]);
		}
	}
	for (size_t i = 0; i < e->n_parts; i++) {
		struct qf_vector_part *part = &e->parts[i];
		const struct qf_vec *v = part->vec;
		size_t rows = v ? v->rows : 1, dim = v ? v->dim : part->data / 4;

		if (screen_shape(rules, part->name, part->kind, dim, rows, arena, err) < 0)
			return -1;
		if (part->kind == QF_VEC_SPARSE && screen_indices(e, v, arena, err) < 0)
			return -1;
		if (v &&
		    screen_finite((const char *)v->values, rows * dim, part->name, arena, err) < 0)
			return -1;
		part->size = 1 + qf_varint_len(part->data) + part->data;
		if (part->kind == QF_VEC_MULTI)
			part->size += 1 + qf_varint_len(rows);
		if (part->kind == QF_VEC_SPARSE) {
			size_t inner = 1 + qf_varint_len(part->indices) + part->indices;

			part->size += 1 + qf_varint_len(inner) + inner;
		}
	}
	return 0;
}

/* Writes one Vector message; returns its end, or NULL with err set. */
static char *put_vector(char *at, const struct qf_vector_part *part, struct qf_arena *arena,
			struct qf_err *err)
{
	*at++ = TAG_DATA;
	at = qf_varint_put(at, part->data);
	if (part->text.p) {
		if (qf_base64_decode(at, part->text.p, part->text.n) != (ssize_t)part->data) {
			qf_err_set(err, QF_E_DATA, "%s: not base64", shown(part->name, arena));
			return NULL;
		}
		if (screen_finite(at, part->data / 4, part->name, arena, err) < 0)
			return NULL;
	} else if (part->data) {
		memcpy(at, part->vec->values, part->data);
	}
	at += part->data;
	if (part->kind == QF_VEC_SPARSE) {
		*at++ = TAG_INDICES;
		at = qf_varint_put(at, 1 + qf_varint_len(part->indices) + part->indices);
		*at++ = TAG_INDEX;
		at = qf_varint_put(at, part->indices);
		for (uint32_t i = 0; i < part->vec->dim; i++)
			at = qf_varint_put(at, part->vec->indices[i]);
	}
	if (part->kind == QF_VEC_MULTI) {
		*at++ = TAG_COUNT;
		at = qf_varint_put(at, part->vec->rows);
	}
	return at;
}

static size_t entry_size(const struct qf_vector_part *part)
{
	return 1 + qf_varint_len(part->name.n) + part->name.n + 1 + qf_varint_len(part->size) +
	       part->size;
}

/* Is it the one unnamed vector, which has a short form? */
static bool is_single(const struct qf_point_encoder *e)
{
	return e->n_parts == 1 && e->parts[0].name.n == 0 && e->parts[0].kind != QF_VEC_SPARSE;
}

static char *put_vectors(char *at, const struct qf_point_encoder *e, size_t size,
			 struct qf_arena *arena, struct qf_err *err)
{
	if (is_single(e)) {
		*at++ = TAG_SINGLE;
		at = qf_varint_put(at, size);
		return put_vector(at, &e->parts[0], arena, err);
	}
	/* No vector at all is an empty map: a point without the member is refused. */
	*at++ = TAG_NAMED;
	at = qf_varint_put(at, size);
	for (size_t i = 0; at && i < e->n_parts; i++) {
		const struct qf_vector_part *part = &e->parts[i];

		*at++ = TAG_ENTRY;
		at = qf_varint_put(at, entry_size(part));
		*at++ = TAG_KEY;
		at = qf_varint_put(at, part->name.n);
		if (part->name.n)
			memcpy(at, part->name.p, part->name.n);
		at += part->name.n;
		*at++ = TAG_VALUE;
		at = qf_varint_put(at, part->size);
		at = put_vector(at, part, arena, err);
	}
	return at;
}

static char *put_id(char *at, const struct qf_id *id)
{
	char text[37];

	if (id->kind == QF_ID_NUM) {
		*at++ = TAG_NUM;
		return qf_varint_put(at, id->num);
	}
	qf_uuid_format(id->uuid, text);
	*at++ = TAG_UUID;
	*at++ = 36;
	memcpy(at, text, 36);
	return at + 36;
}

static int screen(struct qf_point_encoder *e, const struct qf_point_rules *rules, bool decoded,
		  struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	if (qf_point_screen_id(&rec->id, err) < 0 ||
	    collect(e, rules, decoded, rec, arena, err) < 0)
		return -1;
	qf_buf_reset(&e->payload);
	qf_buf_reset(&e->floats);
	return rec->payload.p ? qf_payload_encode(e, rules->floats, rec->payload, err) : 0;
}

int qf_point_encode(struct qf_point_encoder *e, const struct qf_point_rules *rules,
		    struct qf_record *rec, struct qf_arena *arena, struct qf_buf *out,
		    struct qf_err *err)
{
	size_t id, inner = 0, vectors, point;
	char *at;

	if (screen(e, rules, false, rec, arena, err) < 0)
		return -1;
	id = rec->id.kind == QF_ID_NUM ? 1 + qf_varint_len(rec->id.num) : 38;
	if (is_single(e))
		inner = e->parts[0].size;
	else
		for (size_t i = 0; i < e->n_parts; i++)
			inner += 1 + qf_varint_len(entry_size(&e->parts[i])) +
				 entry_size(&e->parts[i]);
	vectors = 1 + qf_varint_len(inner) + inner;
	point = 2 + id + 1 + qf_varint_len(vectors) + vectors + e->payload.n;

	/* The slack is for the tag and length, and for what base64 may write behind a vector. */
	at = qf_buf_room(out, point + 16);
	*at++ = TAG_POINTS;
	at = qf_varint_put(at, point);
	*at++ = TAG_ID;
	*at++ = (char)id;
	at = put_id(at, &rec->id);
	*at++ = TAG_VECTORS;
	at = qf_varint_put(at, vectors);
	at = put_vectors(at, e, inner, arena, err);
	if (!at)
		return -1;
	if (e->payload.n)
		memcpy(at, e->payload.p, e->payload.n);
	out->n = (size_t)(at - out->p) + e->payload.n;
	return 0;
}

/* ---- JSON ---- */

static void put_row(struct qf_buf *out, const float *v, uint32_t n)
{
	qf_buf_addc(out, '[');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			qf_buf_addc(out, ',');
		qf_f32_write(out, v[i]);
	}
	qf_buf_addc(out, ']');
}

static void put_json_vector(struct qf_buf *out, const struct qf_vec *v)
{
	if (v->kind == QF_VEC_DENSE) {
		put_row(out, v->values, v->dim);
	} else if (v->kind == QF_VEC_MULTI) {
		for (uint32_t i = 0; i < v->rows; i++) {
			qf_buf_addc(out, i ? ',' : '[');
			put_row(out, v->values + (size_t)i * v->dim, v->dim);
		}
		qf_buf_addc(out, ']');
	} else {
		QF_BUF_LIT(out, "{\"indices\":[");
		for (uint32_t i = 0; i < v->dim; i++) {
			if (i)
				qf_buf_addc(out, ',');
			qf_buf_add_u64(out, v->indices[i]);
		}
		QF_BUF_LIT(out, "],\"values\":");
		put_row(out, v->values, v->dim);
		qf_buf_addc(out, '}');
	}
}

int qf_point_encode_json(struct qf_point_encoder *e, const struct qf_point_rules *rules,
			 struct qf_record *rec, struct qf_arena *arena, struct qf_buf *out,
			 struct qf_err *err)
{
	const char *from = rec->payload.p;

	if (screen(e, rules, true, rec, arena, err) < 0)
		return -1;
	QF_BUF_LIT(out, "{\"id\":");
	qf_id_write(out, &rec->id);
	QF_BUF_LIT(out, ",\"vector\":");
	if (is_single(e)) {
		put_json_vector(out, e->parts[0].vec);
	} else {
		qf_buf_addc(out, '{');
		for (size_t i = 0; i < e->n_parts; i++) {
			if (i)
				qf_buf_addc(out, ',');
			qf_json_write_string(out, e->parts[i].name);
			qf_buf_addc(out, ':');
			put_json_vector(out, e->parts[i].vec);
		}
		qf_buf_addc(out, '}');
	}
	if (from) {
		QF_BUF_LIT(out, ",\"payload\":");
		/* The text as it came, but for whole numbers that the schema calls floats. */
		for (size_t i = 0; i < e->floats.n / sizeof(size_t); i++) {
			size_t behind;

			memcpy(&behind, e->floats.p + i * sizeof(size_t), sizeof(behind));
			qf_buf_add(out, from, (size_t)(rec->payload.p + behind - from));
			QF_BUF_LIT(out, ".0");
			from = rec->payload.p + behind;
		}
		qf_buf_add(out, from, (size_t)(rec->payload.p + rec->payload.n - from));
	}
	qf_buf_addc(out, '}');
	return 0;
}
