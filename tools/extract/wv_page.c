#include "tools/extract/wv_page.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "common/data/number.h"
#include "common/net/pb.h"
#include "tools/extract/wv_value.h"

wv_key wv_key_of(const uint8_t uuid[16])
{
	wv_key key = 0;

	for (int i = 0; i < 16; i++)
		key = key << 8 | uuid[i];
	return key;
}

void wv_key_uuid(wv_key key, uint8_t uuid[16])
{
	for (int i = 15; i >= 0; i--, key >>= 8)
		uuid[i] = (uint8_t)key;
}

void wv_key_text(wv_key key, char out[37])
{
	uint8_t uuid[16];

	wv_key_uuid(key, uuid);
	qf_uuid_format(uuid, out);
}

/* ---- asking ---- */

static void object_request(struct qf_arena *arena, const struct wv_prop *p,
			   Weaviate__V1__ObjectPropertiesRequest *req);

/* Properties are named one by one: without that, blobs stay away. */
static void split_props(struct qf_arena *arena, const struct wv_prop *props, size_t n, char ***plain,
			size_t *n_plain, Weaviate__V1__ObjectPropertiesRequest ***objects, size_t *n_objects)
{
	*plain = qf_arena_alloc(arena, (n + 1) * sizeof(**plain));
	*objects = qf_arena_alloc(arena, (n + 1) * sizeof(**objects));
	for (size_t i = 0; i < n; i++) {
		if (props[i].type == WV_REF)
			continue;
		if (props[i].type == WV_OBJECT) {
			Weaviate__V1__ObjectPropertiesRequest *o = qf_arena_alloc(arena, sizeof(*o));

			object_request(arena, &props[i], o);
			(*objects)[(*n_objects)++] = o;
		} else {
			(*plain)[(*n_plain)++] = (char *)props[i].name.p;
		}
	}
}

static void object_request(struct qf_arena *arena, const struct wv_prop *p,
			   Weaviate__V1__ObjectPropertiesRequest *req)
{
	weaviate__v1__object_properties_request__init(req);
	req->prop_name = (char *)p->name.p;
	split_props(arena, p->sub, p->n_sub, &req->primitive_properties, &req->n_primitive_properties,
		    &req->object_properties, &req->n_object_properties);
}

void wv_query_grpc(const struct wv_page_query *q, struct qf_buf *out)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	Weaviate__V1__SearchRequest req = WEAVIATE__V1__SEARCH_REQUEST__INIT;
	Weaviate__V1__MetadataRequest meta = WEAVIATE__V1__METADATA_REQUEST__INIT;
	Weaviate__V1__PropertiesRequest props = WEAVIATE__V1__PROPERTIES_REQUEST__INIT;
	const struct wv_class *c = q->class;
	char after[37];

	req.collection = (char *)c->name;
	req.tenant = (char *)q->tenant;
	req.has_consistency_level = q->consistency != 0;
	req.consistency_level = q->consistency;
	req.has_limit = true;
	req.limit = q->limit;
	if (q->has_after) {
		wv_key_text(q->after, after);
		req.after = after;
	}
	req.has_uses_123_api = req.uses_123_api = true;
	req.has_uses_125_api = req.uses_125_api = true;
	req.has_uses_127_api = req.uses_127_api = true;
	req.metadata = &meta;
	req.properties = &props;
	meta.has_uuid = meta.uuid = true;
	if (!q->ids_only) {
		meta.has_vector = meta.vector = true;
		meta.vectors = qf_arena_alloc(&arena, (c->n_vectors + 1) * sizeof(*meta.vectors));
		for (size_t i = 0; i < c->n_vectors; i++)
			if (c->vectors[i].name.n)
				meta.vectors[meta.n_vectors++] = (char *)c->vectors[i].name.p;
		if (q->timestamps) {
			meta.has_creation_time_unix = meta.creation_time_unix = true;
			meta.has_last_update_time_unix = meta.last_update_time_unix = true;
		}
		split_props(&arena, c->props, c->n_props, &props.non_ref_properties, &props.n_non_ref_properties,
			    &props.object_properties, &props.n_object_properties);
	}
	qf_pb_pack(out, &req.base);
}

void wv_query_rest(const struct wv_page_query *q, bool vectors, struct qf_buf *out)
{
	char after[37];

	qf_buf_printf(out, "/v1/objects?class=%s&limit=%u", q->class->name, q->limit);
	if (q->has_after) {
		wv_key_text(q->after, after);
		qf_buf_printf(out, "&after=%s", after);
	} else {
		QF_BUF_LIT(out, "&after=");
	}
	if (vectors)
		QF_BUF_LIT(out, "&include=vector");
	if (q->tenant) {
		QF_BUF_LIT(out, "&tenant=");
		qf_url_escape(out, qf_str(q->tenant));
	}
}

int wv_check_rest(struct qf_weaviate *server, const struct wv_class *c, struct qf_err *err)
{
	static const unsigned first_good[] = { [36] = 22, [37] = 13, [38] = 4 };
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_json *nodes;
	bool named = false;

	for (size_t i = 0; i < c->n_vectors; i++)
		named |= c->vectors[i].name.n > 0;
	if (!named || server->major != 1 || server->minor < 35 || server->minor > 38)
		return 0;
	if (server->minor == 35 ? server->patch < 10 : server->patch >= first_good[server->minor])
		return 0;
	if (qf_weaviate_get(server, "/v1/nodes", true, &arena, &nodes, err) < 0)
		return -1;
	if (qf_json_count(qf_json_get(nodes, "nodes")) < 2)
		return 0;
	return qf_err_set(err, QF_E_PROTOCOL,
			  "class '%s' would have to be read by REST, and Weaviate %s on several nodes leaves named "
			  "vectors out there; upgrade it (1.36.22, 1.37.13, 1.38.4 or newer)", c->name, server->version);
}

/* ---- answers ---- */

void wv_add_collection(struct wv_class *c, struct qf_batch *out)
{
	struct qf_record *rec = qf_batch_add(out, QF_REC_COLLECTION);

	rec->doc = qf_json_copy(&out->arena, c->doc);
	rec->collection = qf_arena_dup(&out->arena, c->name, strlen(c->name));
}

/* Milliseconds since 1970 as RFC 3339, UTC, with milliseconds. */
static void write_time(struct qf_buf *out, const char *key, int64_t ms, bool *first)
{
	time_t s = (time_t)(ms / 1000);
	char text[40];
	struct tm tm;

	if (!*first)
		qf_buf_addc(out, ',');
	*first = false;
	gmtime_r(&s, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	qf_buf_printf(out, "\"%s\":\"%s.%03dZ\"", key, text, (int)(ms % 1000));
}

static void own_keys(struct wv_page_target *t, int64_t created, int64_t updated, struct qf_buf *out,
		     bool *first)
{
	if (t->tenant) {
		if (!*first)
			qf_buf_addc(out, ',');
		*first = false;
		qf_json_write_string(out, qf_str(t->tenant_key));
		qf_buf_addc(out, ':');
		qf_json_write_string(out, qf_str(t->tenant));
	}
	if (t->timestamps && created >= 0)
		write_time(out, "_created_at", created, first);
	if (t->timestamps && updated >= 0)
		write_time(out, "_updated_at", updated, first);
}

/* Puts the payload that stands in text between braces into the record, checked to be UTF-8. */
static int take_payload(struct wv_page_target *t, struct qf_record *rec, struct qf_buf *text,
			struct qf_err *err)
{
	qf_buf_addc(text, '}');
	if (!qf_utf8_valid(text->p, text->n))
		return qf_err_set(err, QF_E_DATA, "%s: text that is not UTF-8",
				  qf_record_where(rec, &t->out->arena));
	rec->payload = qf_arena_dup(&t->out->arena, text->p, text->n);
	return 0;
}

/* Starts a point if its key is still wanted. 0: taken; 1: beyond the end; -1: error. */
static int start_point(struct wv_page_target *t, struct qf_str id, struct wv_page *page,
		       struct qf_record **ret, struct qf_err *err)
{
	uint8_t uuid[16];
	struct qf_record *rec;
	wv_key key;

	page->n++;
	if (qf_uuid_parse(id, uuid) < 0)
		return qf_err_set(err, QF_E_PROTOCOL, "class '%s': an object's id '%.*s' is no UUID", t->class->name,
				  QF_STR_ARG(id));
	key = wv_key_of(uuid);
	/* The scan is a scan only while keys rise: else it would run in circles or pass objects over. */
	if (page->has_before ? key <= page->before : t->has_after && key <= t->after)
		return qf_err_set(err, QF_E_PROTOCOL, "class '%s': the page is not in the order of ids at %.*s",
				  t->class->name, QF_STR_ARG(id));
	page->has_before = true;
	page->before = key;
	if (key > t->hi || page->used >= t->max) {
		page->beyond = true;
		return 1;
	}
	if (!page->used)
		page->first = key;
	page->last = key;
	page->used++;
	rec = qf_batch_add(t->out, QF_REC_POINT);
	rec->collection = qf_str(t->class->name);
	rec->tenant = qf_str(t->tenant);
	rec->id.kind = QF_ID_UUID;
	memcpy(rec->id.uuid, uuid, 16);
	*ret = rec;
	return 0;
}

/* Puts an amended collection line before the last record. */
static struct qf_record *amend(struct wv_page_target *t, struct wv_page *page)
{
	struct qf_record point = t->out->rec[t->out->n - 1];

	page->amended = true;
	t->out->n--;
	wv_add_collection(t->class, t->out);
	*qf_batch_add(t->out, QF_REC_POINT) = point;
	return &t->out->rec[t->out->n - 1];
}

/* Keeps the vectors in the order of the class, whatever order they came in. */
static struct qf_vec *slot(struct wv_page_target *t, struct qf_record *rec, struct wv_vector *v)
{
	if (!rec->vecs)
		rec->vecs = qf_arena_zalloc(&t->out->arena, (t->class->n_vectors + 1) * sizeof(*rec->vecs));
	return &rec->vecs[v - t->class->vectors];
}

/* Closes the gaps that absent vectors leave. */
static void pack_vectors(struct wv_page_target *t, struct qf_record *rec)
{
	uint32_t n = 0;

	for (size_t i = 0; rec->vecs && i < t->class->n_vectors; i++)
		if (rec->vecs[i].values)
			rec->vecs[n++] = rec->vecs[i];
	rec->n_vecs = n;
	if (!n)
		rec->vecs = NULL;
}

static int put_vector(struct wv_page_target *t, struct wv_page *page, struct qf_record **rec,
		      struct qf_str name, const float *values, uint32_t rows, uint32_t dim, bool multi,
		      struct qf_err *err)
{
	struct wv_vector *v = wv_class_vector(t->class, name);
	struct qf_vec *to;

	if (!v)
		return qf_err_set(err, QF_E_PROTOCOL, "%s: vector '%.*s' is not in the schema",
				  qf_record_where(*rec, &t->out->arena), QF_STR_ARG(name));
	if (wv_class_saw(t->class, v, dim))
		*rec = amend(t, page);
	to = slot(t, *rec, v);
	*to = (struct qf_vec){ .name = v->name, .kind = multi ? QF_VEC_MULTI : QF_VEC_DENSE, .rows = rows,
			       .dim = dim, .values = values };
	return 0;
}

/* ---- gRPC ---- */

static int grpc_vectors(struct wv_page_target *t, struct wv_page *page, struct qf_record **rec,
			const Weaviate__V1__MetadataResult *m, struct qf_err *err)
{
	/* Sent twice; the first servers knew only the repeated field. */
	ProtobufCBinaryData unnamed = m->vector_bytes.len ? m->vector_bytes : m->vector;

	if (unnamed.len % 4)
		return qf_err_set(err, QF_E_PROTOCOL, "%s: a vector of %zu bytes",
				  qf_record_where(*rec, &t->out->arena), unnamed.len);
	if (unnamed.len && put_vector(t, page, rec, QF_STR(""), (const float *)unnamed.data, 1,
				      (uint32_t)(unnamed.len / 4), false, err) < 0)
		return -1;
	for (size_t i = 0; i < m->n_vectors; i++) {
		const Weaviate__V1__Vectors *v = m->vectors[i];
		const uint8_t *p = v->vector_bytes.data;
		size_t n = v->vector_bytes.len;
		uint32_t rows = 1, dim = (uint32_t)(n / 4);
		bool multi = v->type == 2;

		if (!n)
			continue;
		if (v->type > 2 || v->type < 0 || (multi && n < 2))
			return qf_err_set(err, QF_E_PROTOCOL, "%s: vector '%.*s' is of a kind that is not known here",
					  qf_record_where(*rec, &t->out->arena), QF_STR_ARG(qf_pb_str(v->name)));
		/* Rows stand behind their dimension, 2 bytes (W: usecases/byteops). */
		if (multi) {
			dim = (uint32_t)(p[0] | p[1] << 8);
			p += 2;
			n -= 2;
			rows = dim ? (uint32_t)(n / 4 / dim) : 0;
			if (n == 0)
				continue;
		}
		if ((size_t)rows * dim * 4 != n)
			return qf_err_set(err, QF_E_PROTOCOL, "%s: vector '%.*s' has %zu bytes",
					  qf_record_where(*rec, &t->out->arena), QF_STR_ARG(qf_pb_str(v->name)),
					  v->vector_bytes.len);
		if (multi) /* the 2 bytes before leave the floats unaligned */
			p = (const uint8_t *)qf_arena_dup(&t->out->arena, p, n).p;
		if (put_vector(t, page, rec, qf_pb_str(v->name), (const float *)p, rows, dim, multi, err) < 0)
			return -1;
	}
	return 0;
}

int wv_page_grpc(struct qf_str message, struct wv_page_target *t, struct wv_page *ret,
		 struct qf_err *err)
{
	ProtobufCAllocator alloc = qf_pb_arena(&t->out->arena);
	Weaviate__V1__SearchReply *reply = weaviate__v1__search_reply__unpack(
		&alloc, message.n, (const uint8_t *)(message.p ? message.p : ""));
	QF_AUTO_BUF struct qf_buf text = { 0 };

	*ret = (struct wv_page){ 0 };
	if (!reply)
		return qf_err_set(err, QF_E_PROTOCOL, "class '%s': the reply is no SearchReply", t->class->name);
	for (size_t i = 0; i < reply->n_results; i++) {
		const Weaviate__V1__SearchResult *r = reply->results[i];
		const Weaviate__V1__MetadataResult *m = r->metadata;
		const struct qf_json *refs = NULL;
		struct qf_record *rec;
		bool first = true;
		int rc;

		if (!m)
			return qf_err_set(err, QF_E_PROTOCOL, "class '%s': an object without metadata", t->class->name);
		rc = start_point(t, qf_str(m->id ? m->id : ""), ret, &rec, err);
		if (rc < 0)
			return -1;
		if (rc || t->ids_only)
			continue;
		if (t->find_refs) {
			if (t->find_refs(t->refs_ctx, m->id, &refs, err) < 0)
				return -1;
			refs = qf_json_get(refs, "properties");
		}
		qf_buf_reset(&text);
		qf_buf_addc(&text, '{');
		if (wv_write_grpc(&text, t->class->props, t->class->n_props,
				  r->properties ? r->properties->non_ref_props : NULL, refs, &first, err) < 0)
			return qf_err_wrap(err, "%s", qf_record_where(rec, &t->out->arena));
		own_keys(t, m->creation_time_unix_present ? m->creation_time_unix : -1,
			 m->last_update_time_unix_present ? m->last_update_time_unix : -1, &text, &first);
		if (take_payload(t, rec, &text, err) < 0 || grpc_vectors(t, ret, &rec, m, err) < 0)
			return -1;
		pack_vectors(t, rec);
	}
	return 0;
}

/* ---- REST ---- */

static int rest_row(const struct qf_json *list, float **at, struct qf_err *err)
{
	for (const struct qf_json *n = list->child; n; n = n->next)
		if (n->type != QF_JSON_NUMBER || qf_f32_parse(n->text, (*at)++) < 0)
			return qf_err_set(err, QF_E_PROTOCOL, "a vector holds something that is no float32");
	return 0;
}

static int rest_vector(struct wv_page_target *t, struct wv_page *page, struct qf_record **rec,
		       struct qf_str name, const struct qf_json *list, struct qf_err *err)
{
	bool multi = list->child && list->child->type == QF_JSON_ARRAY;
	uint32_t rows = multi ? (uint32_t)qf_json_count(list) : 1;
	uint32_t dim = (uint32_t)qf_json_count(multi ? list->child : list);
	float *values = qf_arena_alloc(&t->out->arena, ((size_t)rows * dim + 1) * sizeof(float)), *at = values;

	if (!dim)
		return 0;
	if (!multi && rest_row(list, &at, err) < 0)
		return -1;
	for (const struct qf_json *r = multi ? list->child : NULL; r; r = r->next) {
		if (qf_json_count(r) != dim)
			return qf_err_set(err, QF_E_PROTOCOL, "rows of a multi-vector have different lengths");
		if (rest_row(r, &at, err) < 0)
			return -1;
	}
	return put_vector(t, page, rec, name, values, rows, dim, multi, err);
}

static int rest_object(struct wv_page_target *t, const struct qf_json *o, struct wv_page *page,
		       struct qf_buf *text, struct qf_err *err)
{
	const struct qf_json *vector = qf_json_get(o, "vector"), *vectors = qf_json_get(o, "vectors");
	struct qf_record *rec;
	bool first = true;
	int rc = start_point(t, qf_json_get_str(o, "id", ""), page, &rec, err);

	if (rc || t->ids_only)
		return rc < 0 ? -1 : 0;
	qf_buf_reset(text);
	qf_buf_addc(text, '{');
	if (wv_write_rest(text, t->class->props, t->class->n_props, qf_json_get(o, "properties"), &first,
			  err) < 0)
		return qf_err_wrap(err, "%s", qf_record_where(rec, &t->out->arena));
	own_keys(t, qf_json_get_int(o, "creationTimeUnix", -1), qf_json_get_int(o, "lastUpdateTimeUnix", -1),
		 text, &first);
	if (take_payload(t, rec, text, err) < 0)
		return -1;
	if (vector && vector->type == QF_JSON_ARRAY &&
	    rest_vector(t, page, &rec, QF_STR(""), vector, err) < 0)
		return qf_err_wrap(err, "%s", qf_record_where(rec, &t->out->arena));
	for (const struct qf_json *v = vectors ? vectors->child : NULL; v; v = v->next)
		if (v->type == QF_JSON_ARRAY && rest_vector(t, page, &rec, v->key, v, err) < 0)
			return qf_err_wrap(err, "%s", qf_record_where(rec, &t->out->arena));
	pack_vectors(t, rec);
	return 0;
}

int wv_page_rest(const struct qf_json *reply, struct wv_page_target *t, struct wv_page *ret,
		 struct qf_err *err)
{
	const struct qf_json *list = qf_json_get(reply, "objects");
	QF_AUTO_BUF struct qf_buf text = { 0 };

	*ret = (struct wv_page){ 0 };
	if (!list || (list->type != QF_JSON_ARRAY && list->type != QF_JSON_NULL))
		return qf_err_set(err, QF_E_PROTOCOL, "class '%s': the reply has no list of objects", t->class->name);
	for (const struct qf_json *o = list->child; o; o = o->next)
		if (rest_object(t, o, ret, &text, err) < 0)
			return -1;
	return 0;
}
