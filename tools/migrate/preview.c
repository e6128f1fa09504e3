/*
 * What --plan prints: where every collection goes and as what, how much it is, what the target needs
 * for it. Sizes follow the server's documentation: vectors take count x size x bytes, in memory 1.5
 * times that while they are indexed; on disk the same once more while segments are rebuilt.
 */
#include <inttypes.h>

#include "common/base/log.h"
#include "tools/migrate/migrate.h"

enum { WIDTH = 96 };

struct size {
	uint64_t vectors, memory, disk;
	bool known;
	bool rows; /* there are multi-vectors, whose number of rows nobody knows before */
};

static uint64_t bytes_of(const char *datatype)
{
	return !strcmp(datatype, "uint8") ? 1 : !strcmp(datatype, "float16") ? 2 : 4;
}

/* Bytes of the compressed copy that a quantization keeps; 0 without one. */
static double quantized(const struct qf_json *v, double floats)
{
	const struct qf_json *q = qf_json_get(v, "quantization");
	const struct qf_json *product = qf_json_get(q, "product"), *turbo = qf_json_get(q, "turboquant");
	double factor = 0;

	if (qf_json_get(q, "scalar"))
		factor = 4;
	else if (qf_json_get(q, "binary"))
		factor = 32;
	else if (turbo)
		factor = 32.0 / (double)qf_json_get_int(turbo, "bits", 4);
	else if (product)
		sscanf(qf_json_get_str(product, "compression", "x16").p, "x%lf", &factor);
	return factor >= 1 ? floats * 4 / factor : 0;
}

static struct size estimate(const struct qf_origin *o)
{
	const struct qf_json *vectors = qf_json_get(o->doc, "vectors");
	struct size s = { .known = o->count >= 0 };

	for (const struct qf_json *v = vectors ? vectors->child : NULL; v && s.known; v = v->next) {
		double floats = (double)o->count * (double)qf_json_get_int(v, "size", 0);
		const struct qf_str type = qf_json_get_str(v, "datatype", "float32");
		double raw = floats * (double)bytes_of(qf_str_is(type, "uint8")	    ? "uint8"
						       : qf_str_is(type, "float16") ? "float16"
										     : "float32");
		double small = quantized(v, floats);
		double links = (double)o->count * 8 * (double)qf_json_get_int(qf_json_get(v, "hnsw"), "m", 16);
		bool on_disk = qf_json_get_bool(v, "on_disk", false);

		s.rows |= qf_json_get(v, "multivector") != NULL;
		s.vectors += (uint64_t)raw;
		s.memory += (uint64_t)(1.5 * (on_disk ? small : raw + small) + links);
		s.disk += (uint64_t)(2 * (raw + small + links));
	}
	return s;
}

static void put_vectors(const struct qf_json *doc, struct qf_buf *out)
{
	const struct qf_json *vectors = qf_json_get(doc, "vectors"), *sparse = qf_json_get(doc, "sparse");

	for (const struct qf_json *v = vectors ? vectors->child : NULL; v; v = v->next) {
		int64_t size = qf_json_get_int(v, "size", 0);
		const struct qf_json *q = qf_json_get(v, "quantization"), *hnsw = qf_json_get(v, "hnsw");

		qf_buf_printf(out, "    vector   %s%.*s: ", v->key.n ? "" : "(unnamed)", QF_STR_ARG(v->key));
		if (size)
			qf_buf_printf(out, "%s%" PRId64 ", ", qf_json_get(v, "multivector") ? "rows of " : "", size);
		else
			QF_BUF_LIT(out, "size seen with the first point, ");
		qf_buf_printf(out, "%.*s", QF_STR_ARG(qf_json_get_str(v, "distance", "?")));
		if (hnsw && qf_json_get(hnsw, "m"))
			qf_buf_printf(out, qf_json_get_int(hnsw, "m", 0) ? ", hnsw m=%" PRId64 " ef_construct=%" PRId64
									: ", no index",
				      qf_json_get_int(hnsw, "m", 0), qf_json_get_int(hnsw, "ef_construct", 100));
		if (q && q->child)
			qf_buf_printf(out, ", %.*s quantization", QF_STR_ARG(q->child->key));
		if (qf_json_get_bool(v, "on_disk", false))
			QF_BUF_LIT(out, ", on disk");
		qf_buf_addc(out, '\n');
	}
	for (const struct qf_json *v = sparse ? sparse->child : NULL; v; v = v->next)
		qf_buf_printf(out, "    vector   %.*s: sparse\n", QF_STR_ARG(v->key));
}

static bool is_indexed(const struct qf_json *entry)
{
	return qf_json_get_bool(entry, "index", true);
}

/* "title text, year integer, ...", in lines of a readable length. */
static void put_payload(const struct qf_json *doc, bool indexed, struct qf_buf *out)
{
	const struct qf_json *payload = qf_json_get(doc, "payload");
	const char *label = indexed ? "    index    " : "    payload  ";
	size_t from = 0;

	for (const struct qf_json *p = payload ? payload->child : NULL; p; p = p->next) {
		QF_AUTO_BUF struct qf_buf item = { 0 };

		if (is_indexed(p) != indexed)
			continue;
		qf_buf_printf(&item, "%.*s %.*s%s", QF_STR_ARG(p->key), QF_STR_ARG(qf_json_get_str(p, "type", "?")),
			      qf_json_get_bool(p, "is_tenant", false) ? " by tenant" : "");
		if (!from || out->n - from + item.n > WIDTH) {
			if (from)
				QF_BUF_LIT(out, ",\n");
			from = out->n;
			qf_buf_puts(out, label);
			label = "             ";
		} else {
			QF_BUF_LIT(out, ", ");
		}
		qf_buf_add_str(out, qf_buf_str(&item));
	}
	if (from)
		qf_buf_addc(out, '\n');
}

static void put_list(const struct qf_json *doc, const char *key, const char *label, struct qf_buf *out)
{
	const struct qf_json *list = qf_json_get(doc, key);

	for (const struct qf_json *e = list ? list->child : NULL; e; e = e->next)
		qf_buf_printf(out, "    %-8s %.*s\n", label, QF_STR_ARG(e->text));
}

/* Tenants of a collection in the source's own counting, and those that cannot be read. */
static void put_tenants(const struct qf_migration *m, const struct qf_origin *o, struct qf_buf *out)
{
	const struct qf_json *scopes = qf_json_get(m->probe, "scopes");
	size_t n = 0;

	for (const struct qf_json *s = scopes ? scopes->child : NULL; s; s = s->next) {
		const struct qf_json *tenant = qf_json_get(s, "tenant");
		struct qf_str why = qf_json_get_str(s, "why", "");

		if (!tenant || tenant->type != QF_JSON_STRING ||
		    !qf_str_eq(qf_json_get_str(s, "collection", ""), o->name))
			continue;
		n++;
		/* Every scope of this look is cut short by its limit; other reasons are worth a line. */
		if (why.p && why.n && !qf_str_starts(why, "limit"))
			qf_buf_printf(out, "    left out tenant %.*s: %.*s\n", QF_STR_ARG(tenant->text), QF_STR_ARG(why));
	}
	if (n)
		qf_buf_printf(out, "    tenants  %zu\n", n);
}

static void put_origin(const struct qf_migration *m, const struct qf_origin *o, struct qf_buf *out)
{
	char count[32], a[32], b[32], c[32];
	struct size size = estimate(o);

	if (!o->place) {
		qf_buf_printf(out, "%.*s: left out by a step\n", QF_STR_ARG(o->name));
		return;
	}
	qf_buf_printf(out, "%.*s -> %s", QF_STR_ARG(o->name), o->place->name);
	if (o->count >= 0)
		qf_buf_printf(out, ": %s points", qf_fmt_count(count, (uint64_t)o->count));
	else
		QF_BUF_LIT(out, ": number of points not known");
	if (m->server && o->place->existed)
		qf_buf_printf(out, "; the target exists and holds %s points, of the same ids they are overwritten\n",
			      qf_fmt_count(count, o->place->before));
	else
		qf_buf_puts(out, m->server ? "; to be created\n" : "\n");
	put_vectors(o->doc, out);
	put_payload(o->doc, true, out);
	put_payload(o->doc, false, out);
	put_list(o->doc, "aliases", "alias", out);
	put_tenants(m, o, out);
	if (size.known && size.vectors)
		qf_buf_printf(out, "    size     vectors %s; in the target about %s of memory and %s of disk%s\n",
			      qf_fmt_bytes(a, size.vectors), qf_fmt_bytes(b, size.memory), qf_fmt_bytes(c, size.disk),
			      size.rows ? ", for one row a point" : "");
	put_list(o->doc, "notes", "note", out);
}

static void text(const struct qf_migration *m, struct qf_buf *out)
{
	char count[32], a[32], b[32];
	uint64_t points = 0, memory = 0, disk = 0;
	size_t n = 0;

	for (size_t i = 0; i < m->n_origins; i++) {
		const struct qf_origin *o = &m->origins[i];
		struct size size = estimate(o);

		put_origin(m, o, out);
		qf_buf_addc(out, '\n');
		if (!o->place)
			continue;
		n++;
		points += o->count > 0 ? (uint64_t)o->count : 0;
		memory += size.memory;
		disk += size.disk;
	}
	qf_buf_printf(out, "In all: %zu collection%s, %s points; the target needs about %s of memory and %s of disk, plus payload.\n",
		      n, n == 1 ? "" : "s", qf_fmt_count(count, points), qf_fmt_bytes(a, memory),
		      qf_fmt_bytes(b, disk));
	if (m->shared.checked)
		qf_buf_printf(out, "Ids shared by tenants: %s of %s checked.\n", qf_fmt_count(a, m->shared.clashes),
			      qf_fmt_count(b, m->shared.checked));
	if (m->server)
		qf_buf_printf(out, "Target: Qdrant %s at %s.\n", m->server->version, qf_redact_url(m->server->url));
	qf_buf_printf(out, "Nothing was written. To do it: fortress migrate %s\n", m->file);
}

static void json(const struct qf_migration *m, struct qf_buf *out)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_json *doc = qf_json_new(&arena, QF_JSON_OBJECT), *list, *shared;

	qf_json_add_cstr(&arena, doc, "stage", "plan");
	qf_json_add_cstr(&arena, doc, "plan", m->file);
	list = qf_json_add(&arena, doc, "collections", QF_JSON_ARRAY);
	for (size_t i = 0; i < m->n_origins; i++) {
		const struct qf_origin *o = &m->origins[i];
		struct qf_json *c = qf_json_add(&arena, list, NULL, QF_JSON_OBJECT);
		struct size size = estimate(o);

		qf_json_add_str(&arena, c, "collection", o->name);
		if (!o->place) {
			qf_json_add(&arena, c, "target", QF_JSON_NULL);
			continue;
		}
		qf_json_add_cstr(&arena, c, "target", o->place->name);
		if (o->count >= 0)
			qf_json_add_int(&arena, c, "count", o->count);
		if (m->server) {
			qf_json_add_bool(&arena, c, "exists", o->place->existed);
			qf_json_add_int(&arena, c, "before", (int64_t)o->place->before);
		}
		if (size.known) {
			qf_json_add_int(&arena, c, "vector_bytes", (int64_t)size.vectors);
			qf_json_add_int(&arena, c, "memory_bytes", (int64_t)size.memory);
			qf_json_add_int(&arena, c, "disk_bytes", (int64_t)size.disk);
		}
		qf_json_attach(&arena, c, "schema", qf_json_copy(&arena, o->doc));
	}
	shared = qf_json_add(&arena, doc, "shared_ids", QF_JSON_OBJECT);
	qf_json_add_int(&arena, shared, "checked", (int64_t)m->shared.checked);
	qf_json_add_int(&arena, shared, "clashes", (int64_t)m->shared.clashes);
	qf_json_write(out, doc);
	qf_buf_addc(out, '\n');
}

void qf_preview(const struct qf_migration *m, bool as_json, struct qf_buf *out)
{
	if (as_json)
		json(m, out);
	else
		text(m, out);
}
