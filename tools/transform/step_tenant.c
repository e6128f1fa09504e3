/*
 * tenant: the tenant's name as a payload property, or a payload property as the tenant.
 *
 * A tenant is a scope of its own in the stream. Where points get one here, the source's scope is
 * also told for each tenant that came up, for every tenant of the end line needs its statement.
 * Cursors keep the scope that the source gave them: it is the source that resumes by them.
 */
#include "common/data/tally.h"
#include "tools/transform/steps.h"

static const char usage[] = "tenant: {from: customer}, or tenant: {to: customer}";

struct state {
	const char *to, *from;
	struct qf_path path;
	struct qf_tally met; /* the tenants that points got, by collection */
	struct qf_arena arena;
};

static const struct qf_opt opts[] = {
	{ .name = "to", .type = QF_OPT_TEXT, .offset = offsetof(struct state, to), .arg = "PATH", .data = true,
	  .help = "the property that the tenant's name is written to" },
	{ .name = "from", .type = QF_OPT_TEXT, .offset = offsetof(struct state, from), .arg = "PATH", .data = true,
	  .help = "the property that names the tenant" },
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	const struct qf_node *at = qf_node_get(value, s->to ? "to" : "from");

	if (!s->to == !s->from)
		return qf_node_error(conf, value, err, "either 'to' or 'from' is expected: %s", usage);
	return qf_path_compile(&s->path, conf, at, s->to ? s->to : s->from, false, &s->arena, err);
}

/* ---- to ---- */

static int write_tenant(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *root, *have, *value;

	if (!rec->tenant.p)
		return 0;
	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	value = qf_val_new_string(arena, rec->tenant);
	have = qf_path_first(&s->path, root, arena);
	if (have && have->type != QF_JSON_NULL) {
		if (qf_val_equal(have, value, arena))
			return 0;
		return qf_err_set(err, QF_E_DATA,
				  "'%s' holds %s already, where the tenant \"%s\" would go; rename or drop it before",
				  s->to, qf_val_show(have, arena), qf_text_show(rec->tenant, arena));
	}
	return qf_path_set(&s->path, root, value, arena, err);
}

/* ---- from ---- */

static int read_tenant(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_str tenant = { 0 };
	struct qf_val *v;
	int64_t number;

	if (qf_path_value(&s->path, rec, arena, &v, err) < 0)
		return -1;
	if (!v || v->type == QF_JSON_NULL)
		return 0;
	if (v->type == QF_JSON_STRING)
		tenant = qf_val_text(v, arena);
	else if (v->type == QF_JSON_NUMBER && qf_val_int(v, &number) == 0)
		tenant = qf_arena_printf(arena, "%lld", (long long)number);
	else
		return qf_err_set(err, QF_E_DATA, "'%s' is %s, and a tenant is a text or a 64-bit integer", s->from,
				  qf_val_show(v, arena));
	if (rec->tenant.p && !qf_str_eq(rec->tenant, tenant))
		return qf_err_set(err, QF_E_DATA, "'%s' names the tenant \"%s\", but the point is of tenant \"%s\"", s->from,
				  qf_text_show(tenant, arena), qf_text_show(rec->tenant, arena));
	if (!rec->tenant.p) {
		qf_tally_scope(&s->met, rec->collection, tenant)->points++;
		rec->tenant = tenant;
		rec->line.p = NULL;
	}
	return 0;
}

/* Adds the statement for each tenant of this collection behind that of the collection itself. */
static void put_scopes(struct state *s, struct qf_expand *x, const struct qf_record *rec,
		       struct qf_arena *arena)
{
	for (size_t i = 0; i < s->met.n; i++) {
		struct qf_record *r;

		if (!qf_str_eq(s->met.scopes[i].collection, rec->collection))
			continue;
		r = qf_expand_add(x, rec);
		r->tenant = qf_arena_dup_str(arena, s->met.scopes[i].tenant);
		r->has_count = false;
		r->line.p = NULL;
	}
}

/* ---- both ---- */

/* Indexes of keywords and UUIDs can be a tenant's; what is not declared becomes a keyword. */
static void declare(struct state *s, struct qf_record *rec, struct qf_arena *arena)
{
	struct qf_json *have = qf_path_declared(&s->path, rec->doc);
	struct qf_str type = qf_json_get_str(have, "type", "keyword");

	if (s->from && !qf_str_is(type, "keyword") && !qf_str_is(type, "uuid"))
		return;
	if (!have || !qf_str_is(type, "uuid"))
		qf_path_declare(&s->path, rec, "keyword", true, arena);
	have = qf_path_declared(&s->path, rec->doc);
	if (!qf_json_get_bool(have, "is_tenant", false)) {
		qf_json_remove(have, "is_tenant");
		qf_json_add_bool(arena, have, "is_tenant", true);
		rec->line.p = NULL;
	}
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	struct qf_expand x = { 0 };
	struct state *s = state;

	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i];
		int rc = 0;

		if (rec->type == QF_REC_POINT)
			rc = s->to ? write_tenant(s, rec, &io->arena, err) : read_tenant(s, rec, &io->arena, err);
		else if (rec->type == QF_REC_COLLECTION)
			declare(s, rec, &io->arena);
		if (rc < 0 && err->code != QF_E_DATA) {
			qf_batch_release(&x.out);
			return qf_step_error(rec, &io->arena, err);
		}
		if (rc < 0)
			qf_step_reject(rec, &io->arena, err);
		qf_expand_add(&x, rec);
		if (rec->type == QF_REC_SCOPE && !rec->tenant.p)
			put_scopes(s, &x, rec, &io->arena);
		else if (rec->type == QF_REC_END)
			qf_tally_reset(&s->met);
	}
	qf_expand_finish(&x, io);
	return 0;
}

static void step_close(void *state)
{
	struct state *s = state;

	qf_tally_release(&s->met);
	qf_arena_release(&s->arena);
}

/* ---- what it is ---- */

static const struct qf_step_example examples[] = {
	{ "The tenant's name as a property; the index is that of tenants", "tenant: {to: customer}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"acme\",\"id\":1,\"payload\":{\"n\":1}}\n"
	  "{\"n\":2}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{\"customer\":{\"type\":\"keyword\",\"is_tenant\":true}}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"acme\",\"id\":1,\"payload\":{\"n\":1,\"customer\":\"acme\"}}\n"
	  "{\"n\":2}" },
	{ "A property as the tenant", "tenant: {from: customer}", "{\"customer\":\"acme\"}\n{\"customer\":7}\n{}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"acme\",\"id\":1,\"payload\":{\"customer\":\"acme\"}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"7\",\"id\":2,\"payload\":{\"customer\":7}}\n{}" },
	{ "What is no name is an error", "tenant: {from: customer}", "{\"customer\":[\"acme\"]}",
	  "error: step 1 (tenant): collection 'A', id 1, line 1: 'customer' is [\"acme\"], and a tenant is a text or a "
	  "64-bit integer" },
};

const struct qf_step qf_step_tenant = {
	.name = "tenant",
	.help = "the tenant as a payload property, or a property as the tenant",
	.usage = usage,
	.group = "shape",
	.doc = "`to` writes the tenant's name under a path and declares a keyword index of tenants there. Points without a "
	       "tenant stay as they are; another value under that path is an error. `extract weaviate` writes `_tenant` "
	       "by itself: for another name, `rename: {_tenant: customer}` is enough. `from` gives points the tenant "
	       "that a property names, a text or an integer; absent and null give none, and a point that has another "
	       "tenant already is an error. Points of a tenant can then get ids of their own (`id: tenant-hash`), and "
	       "reports count by tenant. Deletes have no payload and so get no tenant: with `id: tenant-hash` behind "
	       "`from` they would not find their points. Shard keys do not stand in the stream.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.needs = "with `from`, the names of the tenants that came up",
	.passes = "deletes and cursors unchanged; with `from`, the statement on a collection is repeated for each tenant",
	.open = step_open,
	.apply = step_apply,
	.close = step_close,
};
