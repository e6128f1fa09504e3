/* The collection line as Qdrant's settings, and back; what the server's version cannot do. */
#include "common/base/log.h"
#include "common/data/schema.h"
#include "tools/load/sink_qdrant.h"

static const char *const distances[] = { "Cosine", "Dot", "Euclid", "Manhattan" };

static bool is_known(const struct qf_json *vector)
{
	return qf_json_get_int(vector, "size", 0) > 0;
}

bool qf_load_has_parents(const struct qf_json *doc)
{
	const struct qf_json *payload = qf_json_get(doc, "payload");

	return qf_str_is(qf_json_get_str(qf_json_get(payload, "_parent"), "type", ""), "keyword") &&
	       qf_str_is(qf_json_get_str(qf_json_get(payload, "_chunk"), "type", ""), "integer");
}

bool qf_load_has_vectors(const struct qf_json *doc)
{
	const struct qf_json *vectors = qf_json_get(doc, "vectors"),
			     *sparse = qf_json_get(doc, "sparse");

	for (const struct qf_json *v = vectors ? vectors->child : NULL; v; v = v->next)
		if (is_known(v))
			return true;
	return sparse && sparse->child;
}

static const char *shown(struct qf_str name, struct qf_arena *arena)
{
	return name.n ? qf_arena_printf(arena, "vector '%.*s'", QF_STR_ARG(name)).p
		      : "the unnamed vector";
}

static void copy_member(struct qf_arena *arena, struct qf_json *to, const char *key,
			const struct qf_json *from)
{
	if (from)
		qf_json_attach(arena, to, key, qf_json_copy(arena, from));
}

/* Is this setting known to the server? Says so once for each collection line when it is not. */
static bool since(const struct qf_qdrant *q, int minor, int patch, const char *what)
{
	if (qf_qdrant_at_least(q, 1, minor, patch))
		return true;
	qf_warn("%s: Qdrant %s has no %s (since 1.%d): left out", q->url, q->version, what, minor);
	return false;
}

static int check_distance(const struct qf_json *vector, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_str distance = qf_json_get_str(vector, "distance", "");

	for (size_t i = 0; i < QF_LEN(distances); i++)
		if (qf_str_is(distance, distances[i]))
			return 0;
	return qf_err_set(
		err, QF_E_DATA,
		"%s: Qdrant has no distance '%.*s'; let the mapping pick one of Cosine, Dot, Euclid, "
		"Manhattan",
		shown(vector->key, arena), QF_STR_ARG(distance));
}

/* Size, distance, kind: what can never be changed later. */
static int add_space(const struct qf_qdrant *q, const struct qf_json *vector, struct qf_json *to,
		     struct qf_arena *arena, struct qf_err *err)
{
	struct qf_str datatype = qf_json_get_str(vector, "datatype", "");
	bool keep = datatype.n > 0;

	if (check_distance(vector, arena, err) < 0)
		return -1;
	if (qf_json_get_int(vector, "size", 0) > 65536)
		return qf_err_set(err, QF_E_DATA, "%s: Qdrant takes at most 65,536 components",
				  shown(vector->key, arena));
	copy_member(arena, to, "size", qf_json_get(vector, "size"));
	copy_member(arena, to, "distance", qf_json_get(vector, "distance"));
	if (qf_json_get(vector, "multivector")) {
		if (!qf_qdrant_at_least(q, 1, 10, 0))
			return qf_err_set(
				err, QF_E_DATA,
				"%s is a multivector, and Qdrant %s has none (since 1.10); update the server",
				shown(vector->key, arena), q->version);
		copy_member(arena, to, "multivector_config", qf_json_get(vector, "multivector"));
	}
	/* Full precision in place of a smaller type loses nothing. */
	if (qf_str_is(datatype, "uint8"))
		keep = since(q, 9, 0, "datatype uint8");
	else if (qf_str_is(datatype, "float16"))
		keep = since(q, 10, 0, "datatype float16");
	else if (qf_str_is(datatype, "turbo4"))
		keep = since(q, 18, 3, "datatype turbo4");
	if (keep)
		copy_member(arena, to, "datatype", qf_json_get(vector, "datatype"));
	return 0;
}

/* A quantization that an older server lacks: search works without it, only slower. */
static void add_quantization(const struct qf_qdrant *q, const struct qf_json *quantization,
			     struct qf_json *to, struct qf_arena *arena)
{
	const struct qf_json *binary = qf_json_get(quantization, "binary");
	struct qf_json *copy;

	if (!quantization || quantization->type != QF_JSON_OBJECT)
		return;
	if (binary && !since(q, 5, 0, "binary quantization"))
		return;
	if ((qf_json_get(quantization, "turbo") || qf_json_get(quantization, "turboquant")) &&
	    !since(q, 18, 0, "turbo quantization"))
		return;
	copy = qf_json_copy(arena, quantization);
	if (qf_json_get(binary, "encoding") && !since(q, 15, 0, "encodings of binary quantization"))
		qf_json_remove(qf_json_get(copy, "binary"), "encoding");
	if (qf_json_get(binary, "query_encoding") &&
	    !since(q, 15, 0, "query encodings of binary quantization"))
		qf_json_remove(qf_json_get(copy, "binary"), "query_encoding");
	qf_json_attach(arena, to, "quantization_config", copy);
}

/* How it is stored and searched: can be changed at any time. */
static void add_storage(const struct qf_qdrant *q, const struct qf_json *vector, struct qf_json *to,
			struct qf_arena *arena)
{
	const struct qf_json *hnsw = qf_json_get(vector, "hnsw");

	if (hnsw && hnsw->type == QF_JSON_OBJECT) {
		struct qf_json *copy = qf_json_copy(arena, hnsw);

		if (qf_json_get(copy, "inline_storage") && !since(q, 16, 0, "inline storage"))
			qf_json_remove(copy, "inline_storage");
		qf_json_attach(arena, to, "hnsw_config", copy);
	}
	add_quantization(q, qf_json_get(vector, "quantization"), to, arena);
	copy_member(arena, to, "on_disk", qf_json_get(vector, "on_disk"));
}

static void add_sparse(const struct qf_qdrant *q, const struct qf_json *sparse, struct qf_json *to,
		       struct qf_arena *arena)
{
	struct qf_json *copy = qf_json_copy(arena, sparse);

	if (qf_json_get(copy, "modifier") && !since(q, 10, 0, "modifier of sparse vectors"))
		qf_json_remove(copy, "modifier");
	qf_json_attach(arena, to, NULL, copy);
	copy->key = sparse->key;
}

static void add_settings(const struct qf_qdrant *q, const struct qf_json *settings,
			 struct qf_json *body, struct qf_arena *arena)
{
	for (const struct qf_json *m = settings ? settings->child : NULL; m; m = m->next) {
		struct qf_json *copy;

		if (qf_str_is(m->key, "vectors") || qf_str_is(m->key, "sparse_vectors"))
			continue;
		if (qf_str_is(m->key, "strict_mode_config") && !since(q, 13, 0, "strict mode"))
			continue;
		if (qf_str_is(m->key, "metadata") && !since(q, 16, 0, "metadata of collections"))
			continue;
		if (qf_str_is(m->key, "quantization_config")) {
			add_quantization(q, m, body, arena);
			continue;
		}
		copy = qf_json_copy(arena, m);
		qf_json_attach(arena, body, NULL, copy);
		copy->key = m->key;
	}
}

int qf_load_create_body(const struct qf_qdrant *q, const struct qf_json *doc,
			struct qf_arena *arena, struct qf_json **ret, struct qf_err *err)
{
	struct qf_json *body = qf_json_new(arena, QF_JSON_OBJECT);
	struct qf_json *vectors = qf_json_add(arena, body, "vectors", QF_JSON_OBJECT), *sparse, *to;
	const struct qf_json *list = qf_json_get(doc, "vectors");
	bool single = list && list->child && !list->child->next && list->child->key.n == 0;

	for (const struct qf_json *v = list ? list->child : NULL; v; v = v->next) {
		if (!is_known(v))
			continue;
		to = vectors;
		if (!single) {
			to = qf_json_add(arena, vectors, NULL, QF_JSON_OBJECT);
			to->key = v->key;
		}
		if (add_space(q, v, to, arena, err) < 0)
			return -1;
		add_storage(q, v, to, arena);
	}
	list = qf_json_get(doc, "sparse");
	if (list && list->child) {
		if (!qf_qdrant_at_least(q, 1, 7, 0))
			return qf_err_set(err, QF_E_DATA,
					  "Qdrant %s has no sparse vectors (since 1.7)",
					  q->version);
		sparse = qf_json_add(arena, body, "sparse_vectors", QF_JSON_OBJECT);
		for (const struct qf_json *v = list->child; v; v = v->next)
			add_sparse(q, v, sparse, arena);
	}
	add_settings(q, qf_json_get(doc, "settings"), body, arena);
	*ret = body;
	return 0;
}

int qf_load_vector_body(const struct qf_qdrant *q, const struct qf_json *vector, bool sparse,
			struct qf_arena *arena, struct qf_json **create, struct qf_json **patch,
			struct qf_err *err)
{
	struct qf_json *inner, *vectors, *one;

	*create = qf_json_new(arena, QF_JSON_OBJECT);
	*patch = NULL;
	inner = qf_json_add(arena, *create, sparse ? "sparse" : "dense", QF_JSON_OBJECT);
	if (sparse) {
		copy_member(arena, inner, "modifier", qf_json_get(vector, "modifier"));
		copy_member(arena, inner, "datatype", qf_json_path(vector, "index.datatype"));
		return 0;
	}
	if (add_space(q, vector, inner, arena, err) < 0)
		return -1;
	vectors = qf_json_new(arena, QF_JSON_OBJECT);
	one = qf_json_add(arena, qf_json_add(arena, vectors, "vectors", QF_JSON_OBJECT), NULL,
			  QF_JSON_OBJECT);
	one->key = vector->key;
	add_storage(q, vector, one, arena);
	if (one->child)
		*patch = vectors;
	return 0;
}

/* ---- what a collection takes ---- */

/* One unnamed vector stands in "vectors" itself, others in a map. */
static bool is_single(const struct qf_json *vectors)
{
	const struct qf_json *size = qf_json_get(vectors, "size");

	return size && size->type == QF_JSON_NUMBER;
}

static void add_rule(struct qf_vector_rule **at, struct qf_str name, const struct qf_json *vector)
{
	const struct qf_json *multi = qf_json_get(vector, "multivector_config");

	*(*at)++ = (struct qf_vector_rule){
		.name = name,
		.size = (uint32_t)qf_json_get_int(vector, "size", 0),
		.kind = multi && multi->type == QF_JSON_OBJECT ? QF_VEC_MULTI : QF_VEC_DENSE,
	};
}

void qf_load_rules_of(const struct qf_json *params, struct qf_arena *arena,
		      struct qf_point_rules *ret)
{
	const struct qf_json *vectors = qf_json_get(params, "vectors");
	const struct qf_json *sparse = qf_json_get(params, "sparse_vectors");
	size_t max = (vectors ? qf_json_count(vectors) : 0) + (sparse ? qf_json_count(sparse) : 0);
	struct qf_vector_rule *rules = qf_arena_alloc(arena, (max + 1) * sizeof(*rules)),
			      *at = rules;

	if (is_single(vectors))
		add_rule(&at, QF_STR(""), vectors);
	else
		for (const struct qf_json *v = vectors ? vectors->child : NULL; v; v = v->next)
			add_rule(&at, qf_arena_dup(arena, v->key.p, v->key.n), v);
	for (const struct qf_json *v = sparse ? sparse->child : NULL; v; v = v->next)
		*at++ = (struct qf_vector_rule){ .name = qf_arena_dup(arena, v->key.p, v->key.n),
						 .kind = QF_VEC_SPARSE };
	ret->vectors = rules;
	ret->n_vectors = (size_t)(at - rules);
}

static const struct qf_json *find(const struct qf_json *map, struct qf_str name)
{
	for (const struct qf_json *m = map ? map->child : NULL; m; m = m->next)
		if (qf_str_eq(m->key, name))
			return m;
	return NULL;
}

static int compare_vector(const struct qf_json *want, const struct qf_json *have,
			  struct qf_arena *arena, struct qf_err *err)
{
	struct qf_str distance = qf_json_get_str(have, "distance", "");
	const struct qf_json *multi = qf_json_get(have, "multivector_config");
	bool have_multi = multi && multi->type == QF_JSON_OBJECT;
	int64_t size = qf_json_get_int(have, "size", 0);

	if (is_known(want) && qf_json_get_int(want, "size", 0) != size)
		return qf_err_set(err, QF_E_DATA, "%s has size %lld there and %lld in the stream",
				  shown(want->key, arena), (long long)size,
				  (long long)qf_json_get_int(want, "size", 0));
	if (!qf_str_eq(qf_json_get_str(want, "distance", ""), distance))
		return qf_err_set(err, QF_E_DATA,
				  "%s has distance %.*s there and %.*s in the stream",
				  shown(want->key, arena), QF_STR_ARG(distance),
				  QF_STR_ARG(qf_json_get_str(want, "distance", "")));
	if (have_multi != (qf_json_get(want, "multivector") != NULL))
		return qf_err_set(err, QF_E_DATA, "%s is a %s there and a %s in the stream",
				  shown(want->key, arena),
				  have_multi ? "multivector" : "dense vector",
				  have_multi ? "dense vector" : "multivector");
	return 0;
}

int qf_load_compare(const struct qf_json *doc, const struct qf_json *params, struct qf_arena *arena,
		    struct qf_err *err)
{
	const struct qf_json *vectors = qf_json_get(params, "vectors");
	const struct qf_json *sparse = qf_json_get(params, "sparse_vectors");
	const struct qf_json *want = qf_json_get(doc, "vectors");

	for (const struct qf_json *v = want ? want->child : NULL; v; v = v->next) {
		const struct qf_json *have = !is_single(vectors) ? find(vectors, v->key)
					     : v->key.n == 0     ? vectors
								 : NULL;

		if (have && compare_vector(v, have, arena, err) < 0)
			return -1;
		/* Of unknown size: no point may ever bring it. */
		if (!have && is_known(v))
			return qf_err_set(err, QF_E_DATA, "%s of the stream is missing there",
					  shown(v->key, arena));
	}
	want = qf_json_get(doc, "sparse");
	for (const struct qf_json *v = want ? want->child : NULL; v; v = v->next)
		if (!find(sparse, v->key))
			return qf_err_set(err, QF_E_DATA,
					  "sparse %s of the stream is missing there",
					  shown(v->key, arena));
	return 0;
}

/* ---- payload indexes ---- */

struct qf_json *qf_load_index_schema(const struct qf_qdrant *q, const struct qf_json *entry,
				     struct qf_arena *arena)
{
	static const struct {
		const char *name;
		int minor;
		const char *instead; /* on older servers; NULL: none */
	} types[] = {
		{ "keyword", 0, NULL },  { "integer", 0, NULL },    { "float", 0, NULL },
		{ "geo", 0, NULL },      { "text", 0, NULL },       { "bool", 4, NULL },
		{ "datetime", 8, NULL }, { "uuid", 11, "keyword" },
	};
	struct qf_str type = qf_json_get_str(entry, "type", "");
	struct qf_json *schema;
	size_t i = 0;

	if (!qf_json_get_bool(entry, "index", true))
		return NULL;
	while (i < QF_LEN(types) && !qf_str_is(type, types[i].name))
		i++;
	if (i == QF_LEN(types))
		return NULL;
	if (!qf_qdrant_at_least(q, 1, types[i].minor, 0) && !types[i].instead) {
		since(q, types[i].minor, 0,
		      qf_arena_printf(arena, "index of type %s", types[i].name).p);
		return NULL;
	}
	/* Before 1.11 only text indexes have settings; a bare type is understood by all servers. */
	if (!qf_qdrant_at_least(q, 1, 11, 0) && !qf_str_is(type, "text")) {
		const char *name = qf_qdrant_at_least(q, 1, types[i].minor, 0) ? types[i].name
									       : types[i].instead;

		schema = qf_json_new(arena, QF_JSON_STRING);
		schema->text = qf_str(name);
		return schema;
	}
	schema = qf_json_copy(arena, entry);
	schema->key = (struct qf_str){ 0 };
	qf_json_remove(schema, "index");
	if (qf_json_count(schema) == 1) {
		struct qf_str name = qf_json_get_str(schema, "type", "");

		schema = qf_json_new(arena, QF_JSON_STRING);
		schema->text = name;
	}
	return schema;
}

static bool has_payload_m(const struct qf_json *hnsw)
{
	return qf_json_get_int(hnsw, "payload_m", 0) > 0;
}

bool qf_load_index_first(const struct qf_json *doc, const struct qf_json *entry)
{
	const struct qf_json *vectors = qf_json_get(doc, "vectors");

	if (qf_json_get_bool(entry, "is_tenant", false) ||
	    has_payload_m(qf_json_path(doc, "settings.hnsw_config")))
		return true;
	for (const struct qf_json *v = vectors ? vectors->child : NULL; v; v = v->next)
		if (has_payload_m(qf_json_get(v, "hnsw")))
			return true;
	return false;
}
