#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/sig.h"
#include "tools/extract/wv_list.h"

enum { SAMPLE = 16, SAMPLE_TENANTS = 8 };

static struct wv_scope *add_scope(struct wv_catalog *c, struct wv_class *class, const char *tenant)
{
	struct wv_scope *s;

	QF_GROW(c->scopes, c->n_scopes, c->cap_scopes);
	s = &c->scopes[c->n_scopes++];
	*s = (struct wv_scope){ .class = class, .tenant = tenant };
	return s;
}

static bool listed(const struct qf_opt_list *list, struct qf_str name)
{
	for (size_t i = 0; i < list->n; i++)
		if (qf_str_is(name, list->items[i]))
			return true;
	return list->n == 0;
}

/* ---- tenants ---- */

/* HOT and ACTIVE, COLD and INACTIVE, FROZEN and OFFLOADED are old and new names of the same. */
static const char *tenant_obstacle(struct qf_str status)
{
	if (qf_str_is(status, "HOT") || qf_str_is(status, "ACTIVE"))
		return NULL;
	if (qf_str_is(status, "COLD") || qf_str_is(status, "INACTIVE"))
		return "the tenant is COLD (inactive); read it with --activate-tenants";
	if (qf_str_is(status, "FROZEN") || qf_str_is(status, "OFFLOADED"))
		return "the tenant is FROZEN (offloaded); onload it in Weaviate first";
	return "the tenant is being moved; try again when it is active";
}

static int activate_tenant(struct wv_catalog *c, struct wv_scope *s, struct qf_err *err)
{
	if (qf_weaviate_set_tenant(c->server, s->class->name, s->tenant, "HOT", err) < 0)
		return -1;
	qf_info("tenant '%s' of '%s' activated for the time of reading", s->tenant, s->class->name);
	s->why = NULL;
	return 0;
}

static int read_tenants(struct wv_catalog *c, struct wv_class *class, const struct qf_opt_list *wanted,
			bool *seen, bool activate, struct qf_err *err)
{
	QF_AUTO_FREE char *path = qf_asprintf("/v1/schema/%s/tenants", class->name);
	struct qf_json *list;

	if (qf_weaviate_get(c->server, path, false, &c->arena, &list, err) < 0)
		return -1;
	for (const struct qf_json *t = list->child; t; t = t->next) {
		struct qf_str name = qf_json_get_str(t, "name", "");
		struct wv_scope *s;

		QF_GROW(c->tenants, c->n_tenants, c->cap_tenants);
		c->tenants[c->n_tenants++] = name.p;
		if (!listed(wanted, name))
			continue;
		for (size_t i = 0; i < wanted->n; i++)
			seen[i] |= qf_str_is(name, wanted->items[i]);
		s = add_scope(c, class, name.p);
		s->why = tenant_obstacle(qf_json_get_str(t, "activityStatus", "HOT"));
		if (!s->why || !activate || strncmp(s->why, "the tenant is COLD", 18) != 0)
			continue;
		/* Remembered before it happens, so that an interruption between puts it back too. */
		QF_GROW(c->activated, c->n_activated, c->cap_activated);
		c->activated[c->n_activated++] = qf_arena_alloc(&c->arena, sizeof(*s));
		*c->activated[c->n_activated - 1] = *s;
		if (activate_tenant(c, s, err) < 0)
			return -1;
	}
	return 0;
}

int wv_catalog_put_back(struct wv_catalog *c, struct qf_err *err)
{
	size_t left = 0;

	/* Each is tried, whatever became of the one before; one that has gone needs nothing. */
	qf_sig_hold(true);
	for (; c->n_activated; c->n_activated--) {
		struct wv_scope *s = c->activated[c->n_activated - 1];
		struct qf_err one = { 0 };

		if (qf_weaviate_set_tenant(c->server, s->class->name, s->tenant, "COLD", &one) == 0) {
			qf_info("tenant '%s' of '%s' inactive again", s->tenant, s->class->name);
		} else if (one.code != QF_E_NOINPUT && !strstr(one.msg, "not found")) {
			*err = one;
			left++;
		}
	}
	qf_sig_hold(false);
	return left ? qf_err_hint(err, "; %zu tenant(s) stay active: set them INACTIVE in Weaviate", left) : 0;
}

/* ---- counts and samples ---- */

static int count_scopes(struct wv_catalog *c, struct qf_err *err)
{
	for (size_t i = 0; i < c->n_scopes; i++) {
		struct wv_scope *s = &c->scopes[i];

		if (s->why)
			continue;
		if (qf_weaviate_count(c->server, c->grpc, s->class->name, s->tenant, &s->count, err) == 0) {
			s->has_count = true;
			continue;
		}
		if (qf_sig_stopped() || err->code == QF_E_ACCESS || err->code == QF_E_UNAVAILABLE)
			return qf_err_wrap(err, "counting '%s'", s->class->name);
		if (strcasestr(err->msg, "tenant not active") || strcasestr(err->msg, "tenant not found"))
			s->why = "the tenant is not active any more";
		else
			qf_warn("'%s' cannot be counted: %s", s->class->name, err->msg);
	}
	return 0;
}

/*
 * Looks at a few objects to learn the sizes of vectors, which stand nowhere in the schema. A failing
 * gRPC page is no error here: the scan meets it again and goes over to REST.
 */
static int sample(struct wv_catalog *c, struct wv_scope *scope, wv_key after, bool from_start,
		  struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf body = { 0 };
	QF_AUTO_FREE char *url = qf_asprintf("%s/weaviate.v1.Weaviate/Search", c->server->grpc_url);
	struct wv_class bare = *scope->class;
	struct wv_page_query q = { .class = &bare, .tenant = scope->tenant, .has_after = !from_start,
				   .after = after, .limit = SAMPLE };
	struct qf_batch out = { 0 };
	struct wv_page_target target = { .class = scope->class, .tenant = scope->tenant, .tenant_key = "_",
					 .hi = ~(wv_key)0, .max = SIZE_MAX, .out = &out };
	struct qf_call call = { .url = url, .grpc = true };
	struct qf_json *doc = NULL;
	struct wv_page page;
	int rc;

	if (c->grpc && !scope->class->why_rest) {
		/* Vectors only: without properties, and without their order. */
		bare.n_props = 0;
		wv_query_grpc(&q, &body);
		call.body = qf_buf_str(&body);
		rc = qf_weaviate_call(c->server, &call, err);
		if (rc == 0)
			rc = wv_page_grpc(qf_call_message(&call), &target, &page, err);
		else if (err->code == QF_E_PROTOCOL && call.grpc_status > 0)
			rc = 0;
	} else {
		q.limit = 1;
		wv_query_rest(&q, true, &body);
		rc = qf_weaviate_get(c->server, qf_buf_cstr(&body), false, &out.arena, &doc, err);
		if (rc == 0)
			rc = wv_page_rest(doc, &target, &page, err);
		else if (err->code == QF_E_PROTOCOL)
			rc = 0;
	}
	qf_call_release(&call);
	qf_batch_release(&out);
	return rc;
}

static bool sizes_known(const struct wv_class *class)
{
	for (size_t i = 0; i < class->n_vectors; i++)
		if (!class->vectors[i].size)
			return false;
	return true;
}

static int sample_class(struct wv_catalog *c, struct wv_class *class, struct qf_err *err)
{
	unsigned tenants = 0;

	for (size_t i = 0; i < c->n_scopes && tenants < SAMPLE_TENANTS; i++) {
		struct wv_scope *s = &c->scopes[i];

		if (s->class != class || s->why || (s->has_count && s->count == 0))
			continue;
		tenants++;
		/* At the beginning and in the middle of quarters: a rare vector may not be among the first. */
		for (unsigned k = 0; k < 5 && !sizes_known(class); k++)
			if (sample(c, s, ((wv_key)k << 126) - ((wv_key)1 << 125), k == 0, err) < 0)
				return -1;
	}
	return 0;
}

static void set_counts(struct wv_catalog *c)
{
	for (size_t k = 0; k < c->n_classes; k++) {
		struct wv_class *class = &c->classes[k];
		uint64_t n = 0;
		bool cold = false;

		for (size_t i = 0; i < c->n_scopes; i++) {
			if (c->scopes[i].class != class)
				continue;
			n += c->scopes[i].count;
			cold |= c->scopes[i].why != NULL;
		}
		qf_json_add_int(&class->arena, class->doc, "count", (int64_t)n);
		if (n == 0 && !cold)
			qf_warn("class '%s' has no objects, so the sizes of its vectors are unknown: a target "
				"collection can only be made by hand", class->name);
	}
}

/* ---- the whole ---- */

static int unknown_class(const char *name, const struct qf_json *classes, struct qf_err *err)
{
	const char *names[256] = { 0 }, *near;
	QF_AUTO_BUF struct qf_buf all = { 0 };
	size_t n = 0;

	for (const struct qf_json *k = classes->child; k && n < QF_LEN(names); k = k->next) {
		names[n] = qf_json_get_str(k, "class", "").p;
		if (n < 12)
			qf_buf_printf(&all, "%s%s", n ? ", " : "", names[n]);
		n++;
	}
	near = qf_str_nearest(name, names, n);
	if (near)
		return qf_err_set(err, QF_E_NOINPUT, "Weaviate has no class '%s'; did you mean '%s'?", name, near);
	return qf_err_set(err, QF_E_NOINPUT,
			  "Weaviate has no class '%s' (there %s: %s); a key that may not read a class does not see it",
			  name, n == 1 ? "is" : "are", n ? qf_buf_cstr(&all) : "none");
}

static int check_wanted(const struct qf_opt_list *wanted, const struct qf_json *classes,
			const struct qf_json *aliases, struct qf_err *err)
{
	const struct qf_json *list = qf_json_get(aliases, "aliases");

	for (size_t i = 0; i < wanted->n; i++) {
		bool found = false;

		for (const struct qf_json *k = classes->child; k && !found; k = k->next)
			found = qf_str_is(qf_json_get_str(k, "class", ""), wanted->items[i]);
		/* An alias stands for its class wherever a name is taken. */
		for (const struct qf_json *a = list ? list->child : NULL; a && !found; a = a->next)
			if (qf_str_is(qf_json_get_str(a, "alias", ""), wanted->items[i])) {
				wanted->items[i] = qf_json_get_str(a, "class", "").p;
				found = true;
			}
		if (!found)
			return unknown_class(wanted->items[i], classes, err);
	}
	return 0;
}

static int unknown_tenant(const struct wv_catalog *c, const char *name, struct qf_err *err)
{
	const char **names = qf_calloc(c->n_tenants, sizeof(*names)), *near;

	for (size_t i = 0; i < c->n_tenants; i++)
		names[i] = c->tenants[i];
	near = qf_str_nearest(name, names, c->n_tenants);
	qf_err_set(err, QF_E_NOINPUT, "none of the chosen classes has a tenant '%s'", name);
	if (near)
		qf_err_hint(err, "; did you mean '%s'?", near);
	free(names);
	return -1;
}

static int check_tenants(const struct wv_catalog *c, const struct qf_opt_list *tenants, const bool *seen, bool any_mt,
			 struct qf_err *err)
{
	for (size_t i = 0; i < tenants->n; i++) {
		if (!any_mt)
			return qf_err_set(err, QF_E_USAGE, "--tenant: none of the chosen classes has tenants");
		if (!seen[i])
			return unknown_tenant(c, tenants->items[i], err);
	}
	return 0;
}

/* A setting that met nothing is a misspelt one: what it meant would silently not happen. */
static int check_used(const struct wv_class_opts *shape, struct qf_err *err)
{
	for (size_t i = 0; i < shape->properties.n; i++)
		if (!shape->property_used[i])
			return qf_err_set(err, QF_E_NOINPUT, "--properties: none of the chosen classes has '%s'",
					  shape->properties.items[i]);
	for (size_t i = 0; i < shape->distances.n; i++)
		if (!shape->distance_used[i])
			return qf_err_set(err, QF_E_NOINPUT, "--distance: none of the chosen classes is meant by '%s'",
					  shape->distances.items[i]);
	return 0;
}

int wv_catalog_read(struct wv_catalog *c, const struct qf_opt_list *wanted,
		    const struct qf_opt_list *tenants, struct wv_class_opts *shape, bool activate,
		    struct qf_err *err)
{
	struct qf_json *schema, *classes, *aliases = NULL;
	bool *seen = qf_arena_zalloc(&c->arena, tenants->n + 1), any_mt = false;

	shape->property_used = qf_arena_zalloc(&c->arena, shape->properties.n + 1);
	shape->distance_used = qf_arena_zalloc(&c->arena, shape->distances.n + 1);
	for (size_t i = 0; i < shape->distances.n; i++)
		if (!wv_distance_known(shape->distances.items[i]))
			return qf_err_set(err, QF_E_USAGE,
					  "--distance: '%s' is not CLASS=Cosine|Dot|Euclid|Manhattan",
					  shape->distances.items[i]);
	if (qf_weaviate_get(c->server, "/v1/schema", false, &c->arena, &schema, err) < 0)
		return -1;
	c->schema = schema;
	classes = qf_json_get(schema, "classes");
	if (!classes || classes->type != QF_JSON_ARRAY)
		return qf_err_set(err, QF_E_PROTOCOL, "%s/v1/schema lists no classes: this is no Weaviate",
				  qf_redact_url(c->server->url));
	if (qf_weaviate_since(c->server, 1, 32) &&
	    qf_weaviate_get(c->server, "/v1/aliases", true, &c->arena, &aliases, err) < 0)
		return -1;
	if (check_wanted(wanted, classes, aliases, err) < 0)
		return -1;
	c->classes = qf_calloc(qf_json_count(classes) + 1, sizeof(*c->classes));
	for (const struct qf_json *k = classes->child; k; k = k->next) {
		struct wv_class *class = &c->classes[c->n_classes];

		if (!listed(wanted, qf_json_get_str(k, "class", "")))
			continue;
		c->n_classes++;
		if (wv_class_init(class, k, aliases, shape, err) < 0)
			return -1;
		if (!qf_weaviate_since(c->server, 1, 24) && !class->why_rest)
			class->why_rest = "gRPC before 1.24 leaves blobs and phone numbers out";
		any_mt |= class->tenants;
		if (!class->tenants)
			add_scope(c, class, NULL);
		else if (read_tenants(c, class, tenants, seen, activate, err) < 0)
			return -1;
	}
	if (c->n_classes == 0)
		qf_warn("Weaviate at %s has no classes that this key may see", qf_redact_url(c->server->url));
	if (check_used(shape, err) < 0 || check_tenants(c, tenants, seen, any_mt, err) < 0 || count_scopes(c, err) < 0)
		return -1;
	for (size_t k = 0; k < c->n_classes; k++)
		if (sample_class(c, &c->classes[k], err) < 0)
			return -1;
	set_counts(c);
	return 0;
}

void wv_catalog_release(struct wv_catalog *c)
{
	for (size_t i = 0; i < c->n_classes; i++)
		wv_class_release(&c->classes[i]);
	free(c->classes);
	free(c->scopes);
	free(c->activated);
	free(c->tenants);
	qf_arena_release(&c->arena);
	*c = (struct wv_catalog){ 0 };
}

/* The description of a class in a reply of /v1/schema, or NULL. */
static const struct qf_json *described(const struct qf_json *schema, const char *name)
{
	const struct qf_json *list = qf_json_get(schema, "classes");

	for (const struct qf_json *k = list ? list->child : NULL; k; k = k->next)
		if (qf_str_is(qf_json_get_str(k, "class", ""), name))
			return k;
	return NULL;
}

int wv_catalog_check_schema(struct wv_catalog *c, struct qf_err *err)
{
	static const char *const parts[] = { "properties", "vectorConfig" };
	struct qf_json *now;

	if (qf_weaviate_get(c->server, "/v1/schema", false, &c->arena, &now, err) < 0)
		return -1;
	for (size_t k = 0; k < c->n_classes; k++) {
		const struct qf_json *before = described(c->schema, c->classes[k].name);
		const struct qf_json *after = described(now, c->classes[k].name);

		for (size_t i = 0; i < QF_LEN(parts); i++)
			if (!after || !qf_json_equal(qf_json_get(before, parts[i]), qf_json_get(after, parts[i])))
				return qf_err_set(err, QF_E_TEMP,
						  "class '%s' %s while it was read, so objects may have more than was asked "
						  "for; run the same command again", c->classes[k].name,
						  after ? "got another schema" : "was dropped");
	}
	return 0;
}
