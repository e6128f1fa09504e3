#include "common/data/tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <xxhash.h>

void qf_digest_add(struct qf_digest *d, const char *line, size_t n)
{
	XXH128_hash_t h = XXH3_128bits(line, n);

	d->high += h.high64 + __builtin_add_overflow(d->low, h.low64, &d->low);
}

void qf_digest_format(const struct qf_digest *d, char out[33])
{
	snprintf(out, 33, "%016" PRIx64 "%016" PRIx64, d->high, d->low);
}

void qf_tally_release(struct qf_tally *t)
{
	free(t->scopes);
	free(t->colls);
	free(t->slots);
	qf_arena_release(&t->arena);
	*t = (struct qf_tally){ 0 };
}

void qf_tally_reset(struct qf_tally *t)
{
	t->n = t->n_colls = t->last = 0;
	if (t->slots)
		memset(t->slots, 0, t->n_slots * sizeof(*t->slots));
	qf_arena_reset(&t->arena);
}

/* No tenant and the empty tenant are two things. */
static bool same(const struct qf_scope *s, struct qf_str collection, struct qf_str tenant)
{
	return !s->tenant.p == !tenant.p && qf_str_eq(s->tenant, tenant) &&
	       qf_str_eq(s->collection, collection);
}

static size_t slot_of(const struct qf_tally *t, struct qf_str collection, struct qf_str tenant)
{
	uint64_t h = XXH3_64bits_withSeed(collection.p, collection.n, tenant.p ? 1 : 0);

	if (tenant.n)
		h = XXH3_64bits_withSeed(tenant.p, tenant.n, h);
	return h & (t->n_slots - 1);
}

static void rehash(struct qf_tally *t)
{
	free(t->slots);
	t->n_slots = t->n_slots ? 4 * t->n_slots : 64;
	t->slots = qf_calloc(t->n_slots, sizeof(*t->slots));
	for (size_t i = 0; i < t->n; i++) {
		size_t at = slot_of(t, t->scopes[i].collection, t->scopes[i].tenant);

		while (t->slots[at])
			at = (at + 1) & (t->n_slots - 1);
		t->slots[at] = (uint32_t)i + 1;
	}
}

struct qf_tally_coll *qf_tally_coll(struct qf_tally *t, struct qf_str name)
{
	for (size_t i = 0; i < t->n_colls; i++)
		if (qf_str_eq(t->colls[i].name, name))
			return &t->colls[i];
	return NULL;
}

struct qf_scope *qf_tally_scope(struct qf_tally *t, struct qf_str collection, struct qf_str tenant)
{
	struct qf_tally_coll *coll;
	struct qf_scope *s;
	size_t at;

	if (t->last < t->n && same(&t->scopes[t->last], collection, tenant))
		return &t->scopes[t->last];
	if (2 * (t->n + 1) > t->n_slots)
		rehash(t);
	at = slot_of(t, collection, tenant);
	while (t->slots[at]) {
		t->last = t->slots[at] - 1;
		if (same(&t->scopes[t->last], collection, tenant))
			return &t->scopes[t->last];
		at = (at + 1) & (t->n_slots - 1);
	}
	QF_GROW(t->scopes, t->n, t->cap);
	t->last = t->n++;
	t->slots[at] = (uint32_t)t->n;
	s = &t->scopes[t->last];
	*s = (struct qf_scope){ .whole = true };
	s->collection = qf_arena_dup(&t->arena, collection.p, collection.n);
	s->tenant = qf_arena_dup_str(&t->arena, tenant);
	coll = qf_tally_coll(t, collection);
	if (!coll) {
		QF_GROW(t->colls, t->n_colls, t->cap_colls);
		coll = &t->colls[t->n_colls++];
		*coll = (struct qf_tally_coll){ .name = s->collection };
	}
	s->coll = (size_t)(coll - t->colls);
	return s;
}

void qf_tally_add(struct qf_tally *t, const struct qf_record *rec, struct qf_str line)
{
	struct qf_scope *s;

	switch (rec->type) {
	case QF_REC_POINT:
		s = qf_tally_scope(t, rec->collection, rec->tenant);
		s->points++;
		t->colls[s->coll].points++;
		qf_digest_add(&t->colls[s->coll].digest, line.p, line.n);
		break;
	case QF_REC_DELETE:
		s = qf_tally_scope(t, rec->collection, rec->tenant);
		s->deletes++;
		qf_digest_add(&t->colls[s->coll].digest, line.p, line.n);
		break;
	case QF_REC_SCOPE:
		s = qf_tally_scope(t, rec->collection, rec->tenant);
		s->rejected += rec->rejected;
		/* Two scopes merged into one are whole only when both were. */
		s->whole = (!s->declared || s->whole) && rec->whole;
		if (!rec->whole && rec->why.p && !s->why.p)
			s->why = qf_arena_dup_str(&t->arena, rec->why);
		s->declared = true;
		break;
	default:
		break;
	}
}

static int by_scope(const void *a, const void *b)
{
	const struct qf_scope *x = *(const struct qf_scope *const *)a, *y = *(const struct qf_scope *const *)b;
	int d = qf_str_cmp(x->collection, y->collection);

	if (d)
		return d;
	if (!x->tenant.p || !y->tenant.p)
		return (x->tenant.p != NULL) - (y->tenant.p != NULL);
	return qf_str_cmp(x->tenant, y->tenant);
}

static int by_name(const void *a, const void *b)
{
	const struct qf_tally_coll *x = *(const struct qf_tally_coll *const *)a;
	const struct qf_tally_coll *y = *(const struct qf_tally_coll *const *)b;

	return qf_str_cmp(x->name, y->name);
}

/* In the order of names: the order in which scopes happened to be read says nothing, and a stage
 * that changes nothing should write the same bytes. */
void qf_tally_write_end(const struct qf_tally *t, struct qf_buf *out)
{
	const struct qf_scope **scopes = qf_calloc(t->n, sizeof(*scopes));
	const struct qf_tally_coll **colls = qf_calloc(t->n_colls, sizeof(*colls));
	char hex[33];

	for (size_t i = 0; i < t->n; i++)
		scopes[i] = &t->scopes[i];
	for (size_t i = 0; i < t->n_colls; i++)
		colls[i] = &t->colls[i];
	qsort(scopes, t->n, sizeof(*scopes), by_scope);
	qsort(colls, t->n_colls, sizeof(*colls), by_name);

	QF_BUF_LIT(out, "{\"type\":\"end\",\"scopes\":[");
	for (size_t i = 0; i < t->n; i++) {
		const struct qf_scope *s = scopes[i];

		qf_buf_puts(out, i ? ",{\"collection\":" : "{\"collection\":");
		qf_json_write_string(out, s->collection);
		if (s->tenant.p) {
			QF_BUF_LIT(out, ",\"tenant\":");
			qf_json_write_string(out, s->tenant);
		}
		QF_BUF_LIT(out, ",\"points\":");
		qf_buf_add_u64(out, s->points);
		QF_BUF_LIT(out, ",\"deletes\":");
		qf_buf_add_u64(out, s->deletes);
		QF_BUF_LIT(out, ",\"rejected\":");
		qf_buf_add_u64(out, s->rejected);
		/* A scope that nobody vouched for is not whole. */
		qf_buf_puts(out, s->whole && s->declared ? ",\"whole\":true" : ",\"whole\":false");
		if (s->why.p || !s->declared) {
			QF_BUF_LIT(out, ",\"why\":");
			qf_json_write_string(out, s->why.p ? s->why : QF_STR("no statement of the source"));
		}
		qf_buf_addc(out, '}');
	}
	QF_BUF_LIT(out, "],\"digest\":{");
	for (size_t i = 0; i < t->n_colls; i++) {
		if (i)
			qf_buf_addc(out, ',');
		qf_json_write_string(out, colls[i]->name);
		qf_digest_format(&colls[i]->digest, hex);
		qf_buf_printf(out, ":\"%s\"", hex);
	}
	QF_BUF_LIT(out, "}}");
	free(scopes);
	free(colls);
}

static int check_count(const struct qf_json *scope, const char *key, uint64_t have,
		       struct qf_str collection, struct qf_str tenant, struct qf_err *err)
{
	int64_t said = qf_json_get_int(scope, key, -1);

	if (said >= 0 && (uint64_t)said == have)
		return 0;
	return qf_err_set(err, QF_E_DATA,
			  "the end line says %lld %s of '%.*s'%s%.*s%s, the stream holds %llu; if a tool in "
			  "the pipe left some out on purpose, put 'fortress transform --reseal' behind it",
			  (long long)said, key, QF_STR_ARG(collection), tenant.p ? " (tenant '" : "",
			  QF_STR_ARG(tenant), tenant.p ? "')" : "", (unsigned long long)have);
}

int qf_tally_check_end(struct qf_tally *t, const struct qf_json *end, struct qf_err *err)
{
	const struct qf_json *scopes = qf_json_get(end, "scopes"), *digest = qf_json_get(end, "digest");
	size_t known = t->n, seen = 0;
	char hex[33];

	if (!scopes || scopes->type != QF_JSON_ARRAY || !digest || digest->type != QF_JSON_OBJECT)
		return qf_err_set(err, QF_E_DATA, "an end line needs \"scopes\" and \"digest\"");
	for (const struct qf_json *s = scopes->child; s; s = s->next) {
		const struct qf_json *tenant = qf_json_get(s, "tenant");
		struct qf_str name = qf_json_get_str(s, "collection", NULL);
		struct qf_str tenant_name = tenant && tenant->type == QF_JSON_STRING ? tenant->text
										 : (struct qf_str){ 0 };
		struct qf_scope *have;

		if (!name.p)
			return qf_err_set(err, QF_E_DATA, "a scope of the end line has no \"collection\"");
		have = qf_tally_scope(t, name, tenant_name);
		if (have->declared)
			return qf_err_set(err, QF_E_DATA, "a scope of '%.*s' stands twice in the end line",
					  QF_STR_ARG(name));
		have->declared = true;
		if ((size_t)(have - t->scopes) < known)
			seen++;
		if (check_count(s, "points", have->points, name, tenant_name, err) < 0 ||
		    check_count(s, "deletes", have->deletes, name, tenant_name, err) < 0)
			return -1;
	}
	if (seen < known)
		return qf_err_set(err, QF_E_DATA, "the stream holds points that no scope of the end line counts");
	for (size_t i = 0; i < t->n_colls; i++) {
		const struct qf_json *d = digest->child;

		while (d && !qf_str_eq(d->key, t->colls[i].name))
			d = d->next;
		qf_digest_format(&t->colls[i].digest, hex);
		if (!d && !t->colls[i].digest.high && !t->colls[i].digest.low)
			continue;
		if (!d || d->type != QF_JSON_STRING || !qf_str_is(d->text, hex))
			return qf_err_set(err, QF_E_DATA,
					  "the digest of '%.*s' does not agree with its points: they are not what "
					  "was written; if a tool in the pipe changed them on purpose, put "
					  "'fortress transform --reseal' behind it", QF_STR_ARG(t->colls[i].name));
	}
	return 0;
}
