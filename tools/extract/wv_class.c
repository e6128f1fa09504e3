#include "tools/extract/wv_class.h"

#include <stdarg.h>
#include <stdio.h>

void wv_class_note(struct wv_class *c, const char *fmt, ...)
{
	struct qf_json *notes = qf_json_get(c->doc, "notes");
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!notes)
		notes = qf_json_add(&c->arena, c->doc, "notes", QF_JSON_ARRAY);
	qf_json_add_cstr(&c->arena, notes, NULL, text);
}

void wv_class_release(struct wv_class *c)
{
	qf_arena_release(&c->arena);
	*c = (struct wv_class){ 0 };
}

struct wv_vector *wv_class_vector(struct wv_class *c, struct qf_str name)
{
	for (size_t i = 0; i < c->n_vectors; i++)
		if (qf_str_eq(c->vectors[i].name, name))
			return &c->vectors[i];
	return NULL;
}

/* ---- properties ---- */

static const struct {
	const char *name;
	enum wv_type type;
} types[] = {
	{ "text", WV_TEXT },	     { "string", WV_TEXT },	 { "int", WV_INT },
	{ "number", WV_NUMBER },     { "boolean", WV_BOOL },	 { "date", WV_DATE },
	{ "uuid", WV_UUID },	     { "geoCoordinates", WV_GEO }, { "phoneNumber", WV_PHONE },
	{ "blob", WV_BLOB },	     { "blobHash", WV_BLOB },	 { "object", WV_OBJECT },
};

static enum wv_type type_of(struct qf_str data_type, bool *array)
{
	*array = data_type.n > 2 && !memcmp(data_type.p + data_type.n - 2, "[]", 2);
	if (*array)
		data_type.n -= 2;
	for (size_t i = 0; i < QF_LEN(types); i++)
		if (qf_str_is(data_type, types[i].name))
			return types[i].type;
	/* Names of classes begin with a capital, those of types never do. */
	if (data_type.n && data_type.p[0] >= 'A' && data_type.p[0] <= 'Z')
		return WV_REF;
	return WV_UNKNOWN;
}

/* The Qdrant index of a text property: one per field, so the tokenization decides between the
 * exact match of a keyword and the words of a text index. */
static void text_index(struct qf_arena *arena, struct qf_json *entry, struct qf_str tokenization)
{
	static const struct {
		const char *weaviate, *tokenizer;
		bool lowercase;
	} table[] = {
		{ "word", "word", true },	    { "lowercase", "whitespace", true },
		{ "whitespace", "whitespace", false }, { "trigram", "prefix", true },
		{ "gse", "multilingual", true },    { "gse_ch", "multilingual", true },
		{ "kagome_ja", "multilingual", true }, { "kagome_kr", "multilingual", true },
	};

	for (size_t i = 0; i < QF_LEN(table); i++) {
		if (!qf_str_is(tokenization, table[i].weaviate))
			continue;
		qf_json_add_cstr(arena, entry, "type", "text");
		qf_json_add_cstr(arena, entry, "tokenizer", table[i].tokenizer);
		qf_json_add_bool(arena, entry, "lowercase", table[i].lowercase);
		return;
	}
	qf_json_add_cstr(arena, entry, "type", "keyword");
}

static void payload_entry(struct wv_class *c, const struct wv_prop *p, const char *path,
			  const struct qf_json *schema, bool nested)
{
	static const char *const names[] = {
		[WV_TEXT] = "text", [WV_INT] = "integer", [WV_NUMBER] = "float", [WV_BOOL] = "bool",
		[WV_DATE] = "datetime", [WV_UUID] = "uuid", [WV_GEO] = "geo", [WV_PHONE] = "phone",
		[WV_BLOB] = "blob", [WV_OBJECT] = "object", [WV_REF] = "reference", [WV_UNKNOWN] = "unknown",
	};
	struct qf_json *entry = qf_json_add(&c->arena, qf_json_get(c->doc, "payload"), path, QF_JSON_OBJECT);
	bool inverted = qf_json_get_bool(schema, "indexInverted", true);
	bool indexed = qf_json_get_bool(schema, "indexFilterable", inverted) ||
		       qf_json_get_bool(schema, "indexRangeFilters", false) ||
		       (p->type == WV_TEXT && qf_json_get_bool(schema, "indexSearchable", inverted));

	/* Weaviate has no index inside objects. */
	if (p->type > WV_GEO || nested)
		indexed = false;
	if (p->type == WV_TEXT && indexed)
		text_index(&c->arena, entry, qf_json_get_str(schema, "tokenization", "word"));
	else
		qf_json_add_cstr(&c->arena, entry, "type", names[p->type]);
	if (!indexed)
		qf_json_add_bool(&c->arena, entry, "index", false);
}

static int read_props(struct wv_class *c, const struct qf_json *list, const char *prefix,
		      const struct wv_class_opts *opts, struct wv_prop **ret, size_t *n_ret,
		      struct qf_err *err);

static int read_prop(struct wv_class *c, const struct qf_json *schema, const char *prefix,
		     const struct wv_class_opts *opts, struct wv_prop *p, struct qf_err *err)
{
	const struct qf_json *data_type = qf_json_get(schema, "dataType");
	struct qf_str first = data_type && data_type->child ? data_type->child->text : QF_STR("");
	QF_AUTO_BUF struct qf_buf key = { 0 };
	const char *path;

	p->name = qf_arena_dup_str(&c->arena, qf_json_get_str(schema, "name", ""));
	p->type = type_of(first, &p->array);
	p->searchable = p->type == WV_TEXT &&
			qf_json_get_bool(schema, "indexSearchable", qf_json_get_bool(schema, "indexInverted", true));
	qf_json_write_string(&key, p->name);
	qf_buf_addc(&key, ':');
	p->key = qf_arena_dup(&c->arena, key.p, key.n);
	path = qf_arena_printf(&c->arena, "%s%s", prefix, p->name.p).p;
	payload_entry(c, p, path, schema, *prefix);
	if (p->type == WV_REF) {
		c->has_refs = true;
		p->array = true;
		if (data_type->child == data_type->last)
			p->target = qf_arena_dup_str(&c->arena, first);
	}
	if (p->type == WV_UNKNOWN)
		wv_class_note(c, "property '%s' has the type '%.*s', which is not known here; its value is carried as "
			      "it comes", p->name.p, QF_STR_ARG(first));
	if (qf_str_is(first, "blobHash"))
		wv_class_note(c, "property '%s' is a blobHash: only the hash is stored in Weaviate", p->name.p);
	if (p->type != WV_OBJECT)
		return 0;
	path = qf_arena_printf(&c->arena, "%s%s.", path, p->array ? "[]" : "").p;
	return read_props(c, qf_json_get(schema, "nestedProperties"), path, opts, &p->sub, &p->n_sub, err);
}

static bool wanted(const struct wv_class *c, struct qf_str name, const struct wv_class_opts *opts)
{
	size_t n = strlen(c->name);

	if (!opts->properties.n)
		return true;
	for (size_t i = 0; i < opts->properties.n; i++) {
		const char *item = opts->properties.items[i];

		if (qf_str_is(name, item) ||
		    (!strncmp(item, c->name, n) && item[n] == '.' && qf_str_is(name, item + n + 1))) {
			opts->property_used[i] = true;
			return true;
		}
	}
	return false;
}

static int read_props(struct wv_class *c, const struct qf_json *list, const char *prefix,
		      const struct wv_class_opts *opts, struct wv_prop **ret, size_t *n_ret,
		      struct qf_err *err)
{
	struct wv_prop *props = qf_arena_zalloc(&c->arena, (qf_json_count(list) + 1) * sizeof(*props));
	bool top = !*prefix;
	size_t n = 0;

	for (const struct qf_json *s = list ? list->child : NULL; s; s = s->next) {
		struct qf_str name = qf_json_get_str(s, "name", "");

		if (top && !wanted(c, name, opts))
			continue;
		if (top && ((c->tenants && qf_str_is(name, opts->tenant_key)) ||
			    (opts->timestamps &&
			     (qf_str_is(name, "_created_at") || qf_str_is(name, "_updated_at")))))
			return qf_err_set(err, QF_E_DATA,
					  "class '%s' has a property '%.*s', the name of a key that is added here; "
					  "choose another one with --tenant-key, or leave out --timestamps",
					  c->name, QF_STR_ARG(name));
		memset(&props[n], 0, sizeof(*props));
		if (opts->skip_blobs) {
			const struct qf_json *t = qf_json_get(s, "dataType");
			bool array;

			if (t && t->child && type_of(t->child->text, &array) == WV_BLOB) {
				wv_class_note(c, "blob '%s%.*s' is left out (--skip-blobs)", prefix, QF_STR_ARG(name));
				continue;
			}
		}
		if (read_prop(c, s, prefix, opts, &props[n++], err) < 0)
			return -1;
	}
	*ret = props;
	*n_ret = n;
	return 0;
}

/* ---- vectors ---- */

/* A user's spelling as Qdrant writes it, or NULL. */
static const char *qdrant_distance(const char *text)
{
	static const char *const names[] = { "Cosine", "Dot", "Euclid", "Manhattan" };

	for (size_t i = 0; i < QF_LEN(names); i++)
		if (!strcasecmp(text, names[i]))
			return names[i];
	return NULL;
}

bool wv_distance_known(const char *setting)
{
	const char *equals = strchr(setting, '=');

	return equals && qdrant_distance(equals + 1);
}

static const char *pick_distance(const struct wv_class *c, struct qf_str vector, struct qf_str distance,
				 const struct wv_class_opts *opts)
{
	static const struct {
		const char *weaviate, *qdrant;
	} table[] = { { "cosine", "Cosine" }, { "dot", "Dot" }, { "l2-squared", "Euclid" },
		      { "manhattan", "Manhattan" } };
	size_t n = strlen(c->name);

	for (size_t i = 0; i < opts->distances.n; i++) {
		const char *item = opts->distances.items[i], *equals = strchr(item, '=');
		struct qf_str of;

		if (!equals || strncmp(item, c->name, n) != 0)
			continue;
		of = (struct qf_str){ item + n, (size_t)(equals - item) - n };
		if (of.n == 0 || (of.p[0] == '.' && qf_str_eq((struct qf_str){ of.p + 1, of.n - 1 }, vector))) {
			opts->distance_used[i] = true;
			return qdrant_distance(equals + 1);
		}
	}
	for (size_t i = 0; i < QF_LEN(table); i++)
		if (qf_str_is(distance, table[i].weaviate))
			return table[i].qdrant;
	return NULL;
}

static void quantization(struct wv_class *c, struct wv_vector *v, const struct qf_json *config)
{
	struct qf_json *q;

	v->pq_segments = -1;
	if (qf_json_get_bool(qf_json_get(config, "pq"), "enabled", false)) {
		/* The ratio needs the dimension: filled in when it is known. */
		v->pq_segments = qf_json_get_int(qf_json_get(config, "pq"), "segments", 0);
	} else if (qf_json_get_bool(qf_json_get(config, "bq"), "enabled", false)) {
		q = qf_json_add(&c->arena, v->decl, "quantization", QF_JSON_OBJECT);
		qf_json_add(&c->arena, q, "binary", QF_JSON_OBJECT);
	} else if (qf_json_get_bool(qf_json_get(config, "sq"), "enabled", false) ||
		   qf_json_get_bool(qf_json_get(config, "rq"), "enabled", false)) {
		int64_t bits = qf_json_get_int(qf_json_get(config, "rq"), "bits", 8);

		q = qf_json_add(&c->arena, v->decl, "quantization", QF_JSON_OBJECT);
		if (bits == 1) {
			qf_json_add(&c->arena, q, "binary", QF_JSON_OBJECT);
			return;
		}
		q = qf_json_add(&c->arena, q, "scalar", QF_JSON_OBJECT);
		qf_json_add_cstr(&c->arena, q, "type", "int8");
		if (bits == 4)
			wv_class_note(c, "vector '%s': rotational quantization of 4 bits becomes int8", v->name.p);
	}
}

static void hnsw(struct wv_class *c, struct wv_vector *v, struct qf_str type, const struct qf_json *config)
{
	struct qf_json *h = qf_json_add(&c->arena, v->decl, "hnsw", QF_JSON_OBJECT);

	if (qf_str_is(type, "dynamic")) {
		/* Flat up to a threshold, then hnsw: what it is meant to become. */
		config = qf_json_get(config, "hnsw");
		type = QF_STR("hnsw");
	}
	if (qf_str_is(type, "hnsw") && !qf_json_get_bool(config, "skip", false)) {
		int64_t m = qf_json_get_int(config, "maxConnections", 32);
		int64_t ef = qf_json_get_int(config, "efConstruction", 128);

		/* Bounds of Qdrant: ef_construct at least 4. */
		qf_json_add_int(&c->arena, h, "m", m < 1 ? 1 : m);
		qf_json_add_int(&c->arena, h, "ef_construct", ef < 4 ? 4 : ef);
	} else if (qf_str_is(type, "hfresh")) {
		qf_json_add_int(&c->arena, h, "m", 16);
		qf_json_add_bool(&c->arena, v->decl, "on_disk", true);
		wv_class_note(c, "vector '%s': the hfresh index becomes hnsw with vectors on disk", v->name.p);
	} else {
		/* flat, none, and what is not known yet: exact search, no graph. */
		qf_json_add_int(&c->arena, h, "m", 0);
	}
	quantization(c, v, config);
}

/* What a vector's configuration holds that Qdrant keeps nowhere. */
static void vector_notes(struct wv_class *c, const char *name, const struct qf_json *holder,
			 const struct qf_json *config)
{
	static const char *const quantizers[] = { "pq", "bq", "sq", "rq" };
	const struct qf_json *vectorizer = qf_json_get(holder, "vectorizer");

	/* Of a named vector an object {"text2vec-openai":{..}}, of the unnamed one a string. */
	if (vectorizer && vectorizer->type == QF_JSON_OBJECT && vectorizer->child &&
	    !qf_str_is(vectorizer->child->key, "none"))
		wv_class_note(c, "vector '%s', vectorizer '%.*s': Qdrant makes no vectors of its own for new points",
			      name, QF_STR_ARG(vectorizer->child->key));
	if (vectorizer && vectorizer->type == QF_JSON_STRING && vectorizer->text.n &&
	    !qf_str_is(vectorizer->text, "none"))
		wv_class_note(c, "vectorizer '%.*s': Qdrant makes no vectors of its own for new points",
			      QF_STR_ARG(vectorizer->text));
	for (size_t i = 0; i < QF_LEN(quantizers); i++) {
		const struct qf_json *q = qf_json_get(config, quantizers[i]);

		if (qf_json_get_bool(q, "enabled", false) && qf_json_get_int(q, "rescoreLimit", -1) > 0)
			wv_class_note(c, "vector '%s': rescoreLimit has no twin; Qdrant takes `rescore` and "
				      "`oversampling` with each query", name);
	}
	if (qf_json_get_bool(qf_json_path(config, "multivector.muvera"), "enabled", false))
		wv_class_note(c, "vector '%s': MUVERA has no twin; the multi-vectors themselves are carried", name);
}

static int read_vector(struct wv_class *c, struct qf_str name, const struct qf_json *holder,
		       const struct wv_class_opts *opts, struct qf_err *err)
{
	const struct qf_json *config = qf_json_get(holder, "vectorIndexConfig");
	const struct qf_json *inner = qf_json_get(config, "hnsw");
	struct qf_str type = qf_json_get_str(holder, "vectorIndexType", "hnsw");
	struct qf_str distance = qf_json_get_str(config, "distance",
						 qf_json_get_str(inner, "distance", "cosine").p);
	struct wv_vector *v = &c->vectors[c->n_vectors++];
	const char *qdrant = pick_distance(c, name, distance, opts);

	memset(v, 0, sizeof(*v));
	v->name = qf_arena_dup(&c->arena, name.p, name.n);
	if (!qdrant)
		return qf_err_set(err, QF_E_DATA,
				  "class '%s', vector '%.*s': Qdrant has no distance '%.*s'; choose one with "
				  "--distance %s%s%.*s=Cosine|Dot|Euclid|Manhattan (the vectors stay as they are), or "
				  "leave the class out", c->name, QF_STR_ARG(name), QF_STR_ARG(distance), c->name,
				  name.n ? "." : "", QF_STR_ARG(name));
	v->multi = qf_json_get_bool(qf_json_get(config, "multivector"), "enabled", false);
	v->decl = qf_json_add(&c->arena, qf_json_get(c->doc, "vectors"), v->name.p, QF_JSON_OBJECT);
	qf_json_add_cstr(&c->arena, v->decl, "distance", qdrant);
	vector_notes(c, v->name.p, holder, config);
	if (v->multi)
		qf_json_add_cstr(&c->arena, qf_json_add(&c->arena, v->decl, "multivector", QF_JSON_OBJECT),
				 "comparator", "max_sim");
	hnsw(c, v, type, config);
	return 0;
}

bool wv_class_saw(struct wv_class *c, struct wv_vector *v, uint32_t size)
{
	struct qf_json *first;

	if (v->size || !size)
		return false;
	v->size = size;
	/* First, where a reader of the line looks for it. */
	first = qf_json_new(&c->arena, QF_JSON_NUMBER);
	first->key = QF_STR("size");
	first->text = qf_arena_printf(&c->arena, "%u", size);
	first->next = v->decl->child;
	v->decl->child = first;
	if (v->pq_segments >= 0) {
		static const struct {
			double ratio;
			const char *name;
		} table[] = { { 4, "x4" }, { 8, "x8" }, { 16, "x16" }, { 32, "x32" }, { 64, "x64" } };
		/* One byte a segment stands for 4 * size / segments bytes of floats. */
		double ratio = v->pq_segments > 0 ? 4.0 * size / (double)v->pq_segments : 16;
		struct qf_json *q = qf_json_add(&c->arena, v->decl, "quantization", QF_JSON_OBJECT);
		size_t best = 0;

		while (best + 1 < QF_LEN(table) && ratio > (table[best].ratio + table[best + 1].ratio) / 2)
			best++;
		q = qf_json_add(&c->arena, q, "product", QF_JSON_OBJECT);
		qf_json_add_cstr(&c->arena, q, "compression", table[best].name);
	}
	return true;
}

/* ---- the class ---- */

static void read_aliases(struct wv_class *c, const struct qf_json *aliases)
{
	const struct qf_json *list = qf_json_get(aliases, "aliases");
	struct qf_json *out = NULL;

	for (const struct qf_json *a = list ? list->child : NULL; a; a = a->next) {
		if (!qf_str_is(qf_json_get_str(a, "class", ""), c->name))
			continue;
		if (!out)
			out = qf_json_add(&c->arena, c->doc, "aliases", QF_JSON_ARRAY);
		qf_json_add_str(&c->arena, out, NULL, qf_json_get_str(a, "alias", ""));
	}
}

static void read_settings(struct wv_class *c, const struct qf_json *schema)
{
	int64_t shards = qf_json_get_int(qf_json_get(schema, "shardingConfig"), "desiredCount", 1);
	struct qf_json *settings = NULL;

	c->replicas = qf_json_get_int(qf_json_get(schema, "replicationConfig"), "factor", 1);
	if ((shards > 1 && !c->tenants) || c->replicas > 1)
		settings = qf_json_add(&c->arena, c->doc, "settings", QF_JSON_OBJECT);
	if (shards > 1 && !c->tenants)
		qf_json_add_int(&c->arena, settings, "shard_number", shards);
	if (c->replicas > 1) {
		qf_json_add_int(&c->arena, settings, "replication_factor", c->replicas);
		wv_class_note(c, "replication factor %lld: one replica's view is read; that no replica holds more is "
			      "not proven", (long long)c->replicas);
	}
}

/* What else has no twin, and what gRPC cannot read. */
static void read_rest(struct wv_class *c, const struct qf_json *schema)
{
	const struct qf_json *ttl = qf_json_get(schema, "objectTtlConfig");
	const struct qf_json *stopwords = qf_json_get(qf_json_get(schema, "invertedIndexConfig"), "stopwords");
	bool searchable = false;

	if (qf_json_get_bool(ttl, "enabled", false)) {
		wv_class_note(c, "objects expire (object TTL); Qdrant has no expiry: delete by a filter on the date");
		/* gRPC leaves expired rows out after the limit, so pages may be empty while data remains;
		 * the REST list shows every row. */
		if (qf_json_get_bool(ttl, "filterExpiredObjects", false))
			c->why_rest = "expired objects are hidden from gRPC";
	}
	for (size_t i = 0; i < c->n_props; i++)
		searchable |= c->props[i].searchable;
	if (searchable)
		wv_class_note(c, "BM25 search over text becomes filters on text indexes; ranked keyword search needs a "
			      "sparse vector (model qdrant/bm25)");
	if (qf_json_count(qf_json_get(stopwords, "additions")) || qf_json_count(qf_json_get(stopwords, "removals")))
		wv_class_note(c, "the class's own stopwords are not carried");
	/* On read such an object is taken for geoCoordinates and the whole gRPC page fails. */
	for (size_t i = 0; i < c->n_props; i++) {
		const struct wv_prop *p = &c->props[i];

		if (p->type == WV_OBJECT && !p->array && p->n_sub >= 2 && !c->why_rest) {
			int hits = 0;

			for (size_t k = 0; k < p->n_sub; k++)
				hits += qf_str_is(p->sub[k].name, "latitude") || qf_str_is(p->sub[k].name, "longitude");
			if (hits == 2)
				c->why_rest = "an object of latitude and longitude makes gRPC pages fail";
		}
	}
}

static void add_own_keys(struct wv_class *c, const struct wv_class_opts *opts)
{
	struct qf_json *payload = qf_json_get(c->doc, "payload"), *entry;

	if (c->tenants) {
		entry = qf_json_add(&c->arena, payload, opts->tenant_key, QF_JSON_OBJECT);
		qf_json_add_cstr(&c->arena, entry, "type", "keyword");
		qf_json_add_bool(&c->arena, entry, "is_tenant", true);
	}
	if (opts->timestamps) {
		static const char *const keys[] = { "_created_at", "_updated_at" };

		for (size_t i = 0; i < QF_LEN(keys); i++)
			qf_json_add_cstr(&c->arena, qf_json_add(&c->arena, payload, keys[i], QF_JSON_OBJECT), "type",
					 "datetime");
	}
}

int wv_class_init(struct wv_class *c, const struct qf_json *schema, const struct qf_json *aliases,
		  const struct wv_class_opts *opts, struct qf_err *err)
{
	const struct qf_json *named = qf_json_get(schema, "vectorConfig");
	struct qf_str type = qf_json_get_str(schema, "vectorIndexType", NULL);

	memset(c, 0, sizeof(*c));
	if (!*opts->tenant_key || (opts->timestamps && (!strcmp(opts->tenant_key, "_created_at") ||
							!strcmp(opts->tenant_key, "_updated_at"))))
		return qf_err_set(err, QF_E_USAGE, "--tenant-key '%s' is no name for the tenant's key",
				  opts->tenant_key);
	c->name = qf_arena_dup_str(&c->arena, qf_json_get_str(schema, "class", "")).p;
	c->doc = qf_json_new(&c->arena, QF_JSON_OBJECT);
	qf_json_add_cstr(&c->arena, c->doc, "type", "collection");
	qf_json_add_cstr(&c->arena, c->doc, "name", c->name);
	qf_json_add(&c->arena, c->doc, "vectors", QF_JSON_OBJECT);
	qf_json_add(&c->arena, c->doc, "sparse", QF_JSON_OBJECT);
	qf_json_add(&c->arena, c->doc, "payload", QF_JSON_OBJECT);
	c->tenants = qf_json_get_bool(qf_json_get(schema, "multiTenancyConfig"), "enabled", false);
	c->vectors = qf_arena_zalloc(&c->arena, (qf_json_count(named) + 1) * sizeof(*c->vectors));
	/* A class may hold the unnamed vector, named ones, or both. */
	if (type.n && read_vector(c, QF_STR(""), schema, opts, err) < 0)
		return -1;
	for (const struct qf_json *v = named ? named->child : NULL; v; v = v->next)
		if (read_vector(c, v->key, v, opts, err) < 0)
			return -1;
	if (read_props(c, qf_json_get(schema, "properties"), "", opts, &c->props, &c->n_props, err) < 0)
		return -1;
	add_own_keys(c, opts);
	read_aliases(c, aliases);
	read_settings(c, schema);
	read_rest(c, schema);
	return 0;
}
