#include "tools/extract/wv_value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/data/number.h"
#include "common/net/pb.h"

enum { MAX_PROPS = 2048 };

static int misfit(const struct wv_prop *p, struct qf_err *err)
{
	return qf_err_set(err, QF_E_PROTOCOL, "property '%.*s' holds a value that does not fit its type",
			  QF_STR_ARG(p->name));
}

static void member(struct qf_buf *out, const struct wv_prop *p, bool *first)
{
	if (!*first)
		qf_buf_addc(out, ',');
	*first = false;
	qf_buf_add_str(out, p->key);
}

/* ---- what both protocols end in ---- */

static int write_number(struct qf_buf *out, const struct wv_prop *p, double v, struct qf_err *err)
{
	if (!isfinite(v))
		return qf_err_set(err, QF_E_DATA, "property '%.*s' is not finite, which JSON cannot carry",
				  QF_STR_ARG(p->name));
	/* Weaviate keeps integers as float64; older replies carry them so. */
	if (p->type == WV_INT && v == trunc(v) && fabs(v) < 0x1p63)
		qf_buf_add_i64(out, (int64_t)v);
	else
		qf_f64_write(out, v);
	return 0;
}

static void write_geo(struct qf_buf *out, float lat, float lon)
{
	QF_BUF_LIT(out, "{\"lat\":");
	qf_f32_write(out, lat);
	QF_BUF_LIT(out, ",\"lon\":");
	qf_f32_write(out, lon);
	qf_buf_addc(out, '}');
}

struct phone {
	struct qf_str input, international, national_formatted, country;
	uint64_t national, code;
	bool valid;
};

static void phone_text(struct qf_buf *out, const char *key, struct qf_str v, bool *first)
{
	if (!v.n)
		return;
	qf_buf_puts(out, *first ? key : ",");
	if (!*first)
		qf_buf_puts(out, key);
	*first = false;
	qf_json_write_string(out, v);
}

static void phone_number(struct qf_buf *out, const char *key, uint64_t v, bool *first)
{
	if (!v)
		return;
	if (!*first)
		qf_buf_addc(out, ',');
	*first = false;
	qf_buf_puts(out, key);
	qf_buf_add_u64(out, v);
}

/* gRPC does not tell an absent part from an empty one, so empty ones are left out; `valid` stays. */
static void write_phone(struct qf_buf *out, const struct phone *p)
{
	bool first = true;

	qf_buf_addc(out, '{');
	phone_text(out, "\"input\":", p->input, &first);
	phone_text(out, "\"internationalFormatted\":", p->international, &first);
	phone_number(out, "\"countryCode\":", p->code, &first);
	phone_text(out, "\"defaultCountry\":", p->country, &first);
	phone_number(out, "\"national\":", p->national, &first);
	phone_text(out, "\"nationalFormatted\":", p->national_formatted, &first);
	qf_buf_puts(out, first ? "\"valid\":" : ",\"valid\":");
	qf_buf_puts(out, p->valid ? "true}" : "false}");
}

/* weaviate://localhost/<Class>/<uuid>, or without the class from before 1.14. */
static int write_beacon(struct qf_buf *out, const struct wv_prop *p, struct qf_str beacon,
			struct qf_err *err)
{
	const char *id = beacon.n ? memrchr(beacon.p, '/', beacon.n) : NULL, *class;
	struct qf_str name = p->target;
	uint8_t uuid[16];
	char text[37];

	if (!id)
		return misfit(p, err);
	class = memrchr(beacon.p, '/', (size_t)(id - beacon.p));
	if (class && class[1] >= 'A' && class[1] <= 'Z')
		name = (struct qf_str){ class + 1, (size_t)(id - class) - 1 };
	id++;
	if (qf_uuid_parse((struct qf_str){ id, (size_t)(beacon.p + beacon.n - id) }, uuid) < 0)
		return misfit(p, err);
	qf_uuid_format(uuid, text);
	QF_BUF_LIT(out, "{\"collection\":");
	qf_json_write_string(out, name);
	qf_buf_printf(out, ",\"id\":\"%s\"}", text);
	return 0;
}

static int write_refs(struct qf_buf *out, const struct wv_prop *p, const struct qf_json *list, bool *first,
		      struct qf_err *err)
{
	if (!list || list->type == QF_JSON_NULL)
		return 0;
	if (list->type != QF_JSON_ARRAY)
		return misfit(p, err);
	member(out, p, first);
	qf_buf_addc(out, '[');
	for (const struct qf_json *r = list->child; r; r = r->next) {
		if (r != list->child)
			qf_buf_addc(out, ',');
		if (write_beacon(out, p, qf_json_get_str(r, "beacon", ""), err) < 0)
			return -1;
	}
	qf_buf_addc(out, ']');
	return 0;
}

/* ---- gRPC ---- */

static int grpc_object(struct qf_buf *out, const struct wv_prop *p, const Weaviate__V1__Properties *v,
		       struct qf_err *err)
{
	bool first = true;

	qf_buf_addc(out, '{');
	if (wv_write_grpc(out, p->sub, p->n_sub, v, NULL, &first, err) < 0)
		return qf_err_wrap(err, "in '%.*s'", QF_STR_ARG(p->name));
	qf_buf_addc(out, '}');
	return 0;
}

static int grpc_packed(struct qf_buf *out, const struct wv_prop *p, ProtobufCBinaryData b, bool integers,
		       struct qf_err *err)
{
	if (b.len % 8)
		return misfit(p, err);
	for (size_t i = 0; i < b.len; i += 8) {
		if (i)
			qf_buf_addc(out, ',');
		if (integers) {
			int64_t v;

			memcpy(&v, b.data + i, 8);
			qf_buf_add_i64(out, v);
		} else {
			double v;

			memcpy(&v, b.data + i, 8);
			if (write_number(out, p, v, err) < 0)
				return -1;
		}
	}
	return 0;
}

static void grpc_texts(struct qf_buf *out, const Weaviate__V1__TextValues *v)
{
	for (size_t i = 0; i < v->n_values; i++) {
		if (i)
			qf_buf_addc(out, ',');
		qf_json_write_string(out, qf_pb_str(v->values[i]));
	}
}

static int grpc_value(struct qf_buf *out, const struct wv_prop *p, const Weaviate__V1__Value *v,
		      struct qf_err *err);

static int grpc_list(struct qf_buf *out, const struct wv_prop *p, const Weaviate__V1__ListValue *v,
		     struct qf_err *err)
{
	int rc = 0;

	qf_buf_addc(out, '[');
	switch (v->kind_case) {
	case WEAVIATE__V1__LIST_VALUE__KIND_NUMBER_VALUES:
		rc = grpc_packed(out, p, v->number_values->values, false, err);
		break;
	case WEAVIATE__V1__LIST_VALUE__KIND_INT_VALUES:
		rc = grpc_packed(out, p, v->int_values->values, true, err);
		break;
	case WEAVIATE__V1__LIST_VALUE__KIND_BOOL_VALUES:
		for (size_t i = 0; i < v->bool_values->n_values; i++) {
			if (i)
				qf_buf_addc(out, ',');
			qf_buf_puts(out, v->bool_values->values[i] ? "true" : "false");
		}
		break;
	case WEAVIATE__V1__LIST_VALUE__KIND_OBJECT_VALUES:
		for (size_t i = 0; rc == 0 && i < v->object_values->n_values; i++) {
			if (i)
				qf_buf_addc(out, ',');
			rc = grpc_object(out, p, v->object_values->values[i], err);
		}
		break;
	case WEAVIATE__V1__LIST_VALUE__KIND_DATE_VALUES:
		grpc_texts(out, v->date_values);
		break;
	case WEAVIATE__V1__LIST_VALUE__KIND_UUID_VALUES:
		grpc_texts(out, v->uuid_values);
		break;
	case WEAVIATE__V1__LIST_VALUE__KIND_TEXT_VALUES:
		grpc_texts(out, v->text_values);
		break;
	default:
		if (v->base.n_unknown_fields)
			return misfit(p, err);
		/* An empty list, or the repeated values of old servers. */
		for (size_t i = 0; rc == 0 && i < v->n_values; i++) {
			if (i)
				qf_buf_addc(out, ',');
			rc = grpc_value(out, p, v->values[i], err);
		}
	}
	qf_buf_addc(out, ']');
	return rc;
}

static int grpc_value(struct qf_buf *out, const struct wv_prop *p, const Weaviate__V1__Value *v,
		      struct qf_err *err)
{
	const Weaviate__V1__PhoneNumber *n;

	switch (v->kind_case) {
	case WEAVIATE__V1__VALUE__KIND_TEXT_VALUE:
		qf_json_write_string(out, qf_pb_str(v->text_value));
		return 0;
	case WEAVIATE__V1__VALUE__KIND_STRING_VALUE:
		qf_json_write_string(out, qf_pb_str(v->string_value));
		return 0;
	case WEAVIATE__V1__VALUE__KIND_DATE_VALUE:
		qf_json_write_string(out, qf_pb_str(v->date_value));
		return 0;
	case WEAVIATE__V1__VALUE__KIND_UUID_VALUE:
		qf_json_write_string(out, qf_pb_str(v->uuid_value));
		return 0;
	case WEAVIATE__V1__VALUE__KIND_BLOB_VALUE:
		qf_json_write_string(out, qf_pb_str(v->blob_value));
		return 0;
	case WEAVIATE__V1__VALUE__KIND_INT_VALUE:
		if (p->type == WV_NUMBER)
			return write_number(out, p, (double)v->int_value, err);
		qf_buf_add_i64(out, v->int_value);
		return 0;
	case WEAVIATE__V1__VALUE__KIND_NUMBER_VALUE:
		return write_number(out, p, v->number_value, err);
	case WEAVIATE__V1__VALUE__KIND_BOOL_VALUE:
		qf_buf_puts(out, v->bool_value ? "true" : "false");
		return 0;
	case WEAVIATE__V1__VALUE__KIND_GEO_VALUE:
		write_geo(out, v->geo_value->latitude, v->geo_value->longitude);
		return 0;
	case WEAVIATE__V1__VALUE__KIND_PHONE_VALUE:
		n = v->phone_value;
		write_phone(out, &(struct phone){
			.input = qf_pb_str(n->input), .international = qf_pb_str(n->international_formatted),
			.national_formatted = qf_pb_str(n->national_formatted),
			.country = qf_pb_str(n->default_country), .national = n->national,
			.code = n->country_code, .valid = n->valid });
		return 0;
	case WEAVIATE__V1__VALUE__KIND_OBJECT_VALUE:
		return grpc_object(out, p, v->object_value, err);
	case WEAVIATE__V1__VALUE__KIND_LIST_VALUE:
		return grpc_list(out, p, v->list_value, err);
	default:
		return misfit(p, err);
	}
}

int wv_write_grpc(struct qf_buf *out, const struct wv_prop *props, size_t n,
		  const Weaviate__V1__Properties *values, const struct qf_json *refs, bool *first,
		  struct qf_err *err)
{
	const Weaviate__V1__Value *found[MAX_PROPS];
	size_t n_fields = values ? values->n_fields : 0, guess = 0;

	if (n > MAX_PROPS)
		return qf_err_set(err, QF_E_DATA, "more than %d properties", (int)MAX_PROPS);
	memset(found, 0, n * sizeof(found[0]));
	/* The map comes in a different order every time. */
	for (size_t i = 0; i < n_fields; i++) {
		const Weaviate__V1__Properties__Field *f = values->fields[i];
		struct qf_str key = qf_pb_str(f->key);

		for (size_t tries = 0; tries < n; tries++) {
			size_t at = (guess + tries) % n;

			if (qf_str_eq(props[at].name, key)) {
				found[at] = f->value;
				guess = at + 1;
				break;
			}
		}
	}
	for (size_t i = 0; i < n; i++) {
		const struct wv_prop *p = &props[i];

		if (p->type == WV_REF) {
			for (const struct qf_json *r = refs ? refs->child : NULL; r; r = r->next)
				if (qf_str_eq(r->key, p->name) && write_refs(out, p, r, first, err) < 0)
					return -1;
			continue;
		}
		if (!found[i] || found[i]->kind_case == WEAVIATE__V1__VALUE__KIND_NULL_VALUE)
			continue;
		/* A kind that a newer server has is no absent value. */
		if (found[i]->kind_case == WEAVIATE__V1__VALUE__KIND__NOT_SET) {
			if (found[i]->base.n_unknown_fields)
				return misfit(p, err);
			continue;
		}
		member(out, p, first);
		if (grpc_value(out, p, found[i], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- REST ---- */

static int rest_geo(struct qf_buf *out, const struct wv_prop *p, const struct qf_json *v,
		    struct qf_err *err)
{
	const struct qf_json *lat = qf_json_get(v, "latitude"), *lon = qf_json_get(v, "longitude");
	float a = 0, o = 0;

	if ((lat && qf_f32_parse(lat->text, &a) < 0) || (lon && qf_f32_parse(lon->text, &o) < 0))
		return misfit(p, err);
	write_geo(out, a, o);
	return 0;
}

static int rest_value(struct qf_buf *out, const struct wv_prop *p, const struct qf_json *v,
		      struct qf_err *err)
{
	bool first = true;
	double number;

	if (v->type == QF_JSON_ARRAY) {
		qf_buf_addc(out, '[');
		for (const struct qf_json *c = v->child; c; c = c->next) {
			if (c != v->child)
				qf_buf_addc(out, ',');
			if (rest_value(out, p, c, err) < 0)
				return -1;
		}
		qf_buf_addc(out, ']');
		return 0;
	}
	switch (p->type) {
	case WV_INT:
	case WV_NUMBER: {
		int64_t integer;

		/* gRPC casts to int64; a text that is an integer already needs no way over double. */
		if (p->type == WV_INT && qf_json_int(v, &integer) == 0) {
			qf_buf_add_i64(out, integer);
			return 0;
		}
		if (v->type != QF_JSON_NUMBER || qf_f64_parse(v->text, &number) < 0)
			return misfit(p, err);
		return write_number(out, p, number, err);
	}
	case WV_GEO:
		return v->type == QF_JSON_OBJECT ? rest_geo(out, p, v, err) : misfit(p, err);
	case WV_PHONE:
		if (v->type != QF_JSON_OBJECT)
			return misfit(p, err);
		write_phone(out, &(struct phone){
			.input = qf_json_get_str(v, "input", ""),
			.international = qf_json_get_str(v, "internationalFormatted", ""),
			.national_formatted = qf_json_get_str(v, "nationalFormatted", ""),
			.country = qf_json_get_str(v, "defaultCountry", ""),
			.national = (uint64_t)qf_json_get_int(v, "national", 0),
			.code = (uint64_t)qf_json_get_int(v, "countryCode", 0),
			.valid = qf_json_get_bool(v, "valid", false) });
		return 0;
	case WV_OBJECT:
		if (v->type != QF_JSON_OBJECT)
			return misfit(p, err);
		qf_buf_addc(out, '{');
		if (wv_write_rest(out, p->sub, p->n_sub, v, &first, err) < 0)
			return qf_err_wrap(err, "in '%.*s'", QF_STR_ARG(p->name));
		qf_buf_addc(out, '}');
		return 0;
	default:
		qf_json_write(out, v);
		return 0;
	}
}

int wv_write_rest(struct qf_buf *out, const struct wv_prop *props, size_t n,
		  const struct qf_json *values, bool *first, struct qf_err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct wv_prop *p = &props[i];
		const struct qf_json *v = values ? values->child : NULL;

		while (v && !qf_str_eq(v->key, p->name))
			v = v->next;
		if (!v || v->type == QF_JSON_NULL)
			continue;
		if (p->type == WV_REF) {
			if (write_refs(out, p, v, first, err) < 0)
				return -1;
			continue;
		}
		member(out, p, first);
		if (rest_value(out, p, v, err) < 0)
			return -1;
	}
	return 0;
}
