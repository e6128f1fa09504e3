/*
 * id: how a point's id is made, of the source's key or of what the payload says. Running twice gives
 * the same ids; where the id is not the key itself, the key goes into the payload, as `_id`.
 */
#include "common/data/json.h"
#include "tools/transform/props.h"
#include "tools/transform/values.h"

static const char usage[] = "id: keep | uuid5 | tenant-hash, or id: {uuid5: [isbn, edition], namespace: url, key: _id}, or "
			    "id: {integer: number}";

enum by { KEEP, UUID5, TENANT_HASH, PARTS, INTEGER };

struct settings {
	int by;
	struct qf_opt_list uuid5;
	const char *integer, *space, *key;
};

struct state {
	struct settings set;
	struct qf_paths parts;	/* of PARTS and INTEGER */
	bool from_payload;	/* one of them is a property */
	uint8_t space[16];
	struct qf_buf quoted;	/* the key's name as JSON */
	struct qf_buf text;	/* scratch */
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "by", .type = QF_OPT_CHOICE, .offset = offsetof(struct settings, by), .choices = "keep|uuid5|tenant-hash",
	  .def = "keep", .arg = "HOW", .data = true, .help = "how ids are made of the source's keys" },
	{ .name = "uuid5", .type = QF_OPT_LIST, .offset = offsetof(struct settings, uuid5), .arg = "PATH", .data = true,
	  .help = "make UUIDs of these properties or fields (@id, @tenant, @collection)" },
	{ .name = "integer", .type = QF_OPT_TEXT, .offset = offsetof(struct settings, integer), .arg = "PATH", .data = true,
	  .help = "take this property or field as an unsigned number" },
	{ .name = "namespace", .type = QF_OPT_TEXT, .offset = offsetof(struct settings, space), .def = "url", .arg = "NAMESPACE",
	  .data = true, .help = "of UUIDs: url, dns, oid, x500 or a UUID" },
	{ .name = "key", .type = QF_OPT_TEXT, .offset = offsetof(struct settings, key), .def = "_id", .arg = "NAME", .data = true,
	  .help = "name of the property that gets the source's key" },
};
/* clang-format on */

/* ---- settings ---- */

static int take_parts(struct state *s, const struct qf_conf *conf, const struct qf_node *value, struct qf_err *err)
{
	const char *const *items = s->set.integer ? &s->set.integer : s->set.uuid5.items;
	size_t n = s->set.integer ? 1 : s->set.uuid5.n;
	const struct qf_node *at = qf_node_get(value, s->set.integer ? "integer" : "uuid5");

	s->parts.path = qf_arena_alloc(&s->arena, n * sizeof(*s->parts.path));
	for (; s->parts.n < n; s->parts.n++) {
		struct qf_path *path = &s->parts.path[s->parts.n];

		if (qf_path_compile(path, conf, at, items[s->parts.n], true, &s->arena, err) < 0)
			return -1;
		s->from_payload |= path->field == QF_PATH_PAYLOAD;
	}
	return 0;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	bool by = value->kind == QF_NODE_SCALAR || qf_node_get(value, "by");

	if (by + (s->set.uuid5.n > 0) + (s->set.integer != NULL) != 1)
		return qf_node_error(conf, value, err, "one of by, uuid5 and integer is expected: %s", usage);
	if (!*s->set.key)
		return qf_node_error(conf, qf_node_get(value, "key"), err, "key: a name is expected");
	if (qf_uuid_space(s->set.space, s->space) < 0)
		return qf_node_error(conf, qf_node_get(value, "namespace"), err,
				     "namespace: '%s' is none of url, dns, oid and x500, and no UUID", s->set.space);
	qf_json_write_string(&s->quoted, qf_str(s->set.key));
	if (by)
		return 0;
	s->set.by = s->set.integer ? INTEGER : PARTS;
	return take_parts(s, conf, value, err);
}

/* ---- the key ---- */

static int key_stands_there(const struct state *s, struct qf_err *err)
{
	return qf_err_set(err, QF_E_DATA,
			  "the payload has '%s' already, where the source's key would go; was an id step applied before? Else "
			  "rename it first: rename: {%s: source_id}", s->set.key, s->set.key);
}

/* The key behind the payload's last member. Where no step has read the payload its bytes are enough. */
static int keep_key(struct state *s, struct qf_record *rec, struct qf_str key, struct qf_arena *arena,
		    struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_str have, body, name = qf_str(s->set.key);
	const char *last;
	bool object;

	if (rec->tree) {
		if (qf_val_get(rec->tree, name, arena))
			return key_stands_there(s, err);
		qf_val_set(rec->tree, name, qf_val_new_string(arena, qf_arena_dup_str(arena, key)), arena);
		return 0;
	}
	object = rec->payload.p && rec->payload.n && *rec->payload.p == '{';
	if (rec->payload.n && !object && !qf_str_is(rec->payload, "null"))
		return qf_err_set(err, QF_E_DATA, "the payload is not an object, so the key cannot go into it");
	body = object ? rec->payload : QF_STR("{}");
	/* The parse is spared where the bytes show that it finds nothing; escapes may hide the key. */
	if (object && (memmem(body.p, body.n, s->quoted.p, s->quoted.n) || memchr(body.p, '\\', body.n)) &&
	    qf_props_find(body, s->set.key, arena, &have))
		return key_stands_there(s, err);
	last = memrchr(body.p, '}', body.n);
	qf_buf_add(&out, body.p, (size_t)(last - body.p));
	while (out.n > 1 && strchr(" \t\r\n", out.p[out.n - 1]))
		out.n--;
	if (out.p[out.n - 1] != '{')
		qf_buf_addc(&out, ',');
	qf_buf_add(&out, s->quoted.p, s->quoted.n);
	qf_buf_addc(&out, ':');
	qf_json_write_string(&out, key);
	qf_buf_addc(&out, '}');
	rec->payload = qf_arena_dup(arena, out.p, out.n);
	return 0;
}

/* ---- ids ---- */

/* The text of one part; numbers that are whole in one form, whatever they are written like. */
static int add_part(struct state *s, const struct qf_path *path, struct qf_record *rec, struct qf_arena *arena,
		    struct qf_err *err)
{
	struct qf_str text;
	struct qf_val *v;
	int64_t n;

	if (qf_path_value(path, rec, arena, &v, err) < 0)
		return -1;
	if (!v || v->type == QF_JSON_NULL)
		return qf_err_set(err, QF_E_DATA, "'%s' is %s, and the id is to be made of it", path->text.p,
				  v ? "null" : "not there");
	text = qf_val_as_text(v, arena);
	if (!text.p)
		return qf_err_set(err, QF_E_DATA, "'%s': no id can be made of an %s: %s", path->text.p, qf_val_type_name(v),
				  qf_val_show(v, arena));
	if (v->type == QF_JSON_NUMBER && qf_val_int(v, &n) == 0) {
		qf_buf_add_i64(&s->text, n);
		return 0;
	}
	/* Several parts are told apart by bars, so bars inside of them must look different. */
	for (size_t i = 0; i < text.n; i++) {
		if (s->parts.n > 1 && (text.p[i] == '|' || text.p[i] == '\\'))
			qf_buf_addc(&s->text, '\\');
		qf_buf_addc(&s->text, text.p[i]);
	}
	return 0;
}

static int by_parts(struct state *s, struct qf_record *rec, struct qf_id *ret, struct qf_arena *arena,
		    struct qf_err *err)
{
	qf_buf_reset(&s->text);
	for (size_t i = 0; i < s->parts.n; i++) {
		if (i)
			qf_buf_addc(&s->text, '|');
		if (add_part(s, &s->parts.path[i], rec, arena, err) < 0)
			return -1;
	}
	ret->kind = QF_ID_UUID;
	qf_uuid_name(s->space, qf_buf_str(&s->text), ret->uuid);
	return 0;
}

static int by_integer(struct state *s, struct qf_record *rec, struct qf_id *ret, struct qf_arena *arena,
		      struct qf_err *err)
{
	const struct qf_path *path = &s->parts.path[0];
	struct qf_val *v;

	if (qf_path_value(path, rec, arena, &v, err) < 0)
		return -1;
	if (!v)
		return qf_err_set(err, QF_E_DATA, "'%s' is not there, and the id is to be made of it", path->text.p);
	if (v->type == QF_JSON_STRING)
		*ret = qf_id_of_text(qf_val_text(v, arena));
	else if (qf_val_uint(v, &ret->num) == 0)
		ret->kind = QF_ID_NUM;
	if (ret->kind != QF_ID_NUM)
		return qf_err_set(err, QF_E_DATA, "'%s': %s is no whole number from 0 to 2^64-1 without leading zeros", path->text.p,
				  qf_val_show(v, arena));
	return 0;
}

/* The new id; kind NONE where the key stays the id. */
static int make_id(struct state *s, struct qf_record *rec, struct qf_id *ret, struct qf_arena *arena,
		   struct qf_err *err)
{
	*ret = (struct qf_id){ 0 };
	switch ((enum by)s->set.by) {
	case KEEP:
		return 0;
	case UUID5:
	case TENANT_HASH:
		if (s->set.by == UUID5 ? rec->id.kind != QF_ID_TEXT : !rec->tenant.p)
			return 0;
		qf_buf_reset(&s->text);
		if (s->set.by == TENANT_HASH) {
			qf_buf_add_str(&s->text, rec->tenant);
			qf_buf_addc(&s->text, '|');
		}
		qf_id_text(&s->text, &rec->id);
		ret->kind = QF_ID_UUID;
		qf_uuid_name(s->space, qf_buf_str(&s->text), ret->uuid);
		return 0;
	case PARTS:
		return by_parts(s, rec, ret, arena, err);
	case INTEGER:
		if (by_integer(s, rec, ret, arena, err) < 0)
			return -1;
		if (rec->id.kind == QF_ID_NUM && rec->id.num == ret->num)
			ret->kind = QF_ID_NONE;
		return 0;
	}
	return 0;
}

static int change_id(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_id id;

	if (make_id(s, rec, &id, arena, err) < 0)
		return -1;
	if (id.kind == QF_ID_NONE)
		return QF_STEP_KEEP;
	if (rec->type == QF_REC_POINT) {
		qf_buf_reset(&s->text);
		qf_id_text(&s->text, &rec->id);
		if (keep_key(s, rec, qf_buf_str(&s->text), arena, err) < 0)
			return -1;
	}
	rec->id = id;
	rec->line.p = NULL;
	return QF_STEP_KEEP;
}

/* A delete has the source's key and no payload. */
static int delete_id(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	for (size_t i = 0; s->from_payload && i < s->parts.n; i++)
		if (s->parts.path[i].field == QF_PATH_PAYLOAD)
			return qf_err_set(err, QF_E_CONFIG,
					  "a delete tells the source's key alone, but ids are made of '%s', so which point goes cannot be "
					  "told; make ids of @id (id: uuid5), or load a full stream into a fresh collection",
					  s->parts.path[i].text.p);
	return change_id(state, rec, arena, err);
}

/* ---- the schema ---- */

static bool has_tenants(const struct qf_json *doc)
{
	const struct qf_json *payload = qf_json_get(doc, "payload");

	for (const struct qf_json *p = payload ? payload->child : NULL; p; p = p->next)
		if (qf_json_get_bool(p, "is_tenant", false))
			return true;
	return false;
}

static int declare_key(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct state *s = state;
	struct qf_path_part part = { .name = qf_str(s->set.key) };
	struct qf_path path = { .parts = &part, .n = 1 };

	(void)err;
	if (s->set.by == KEEP || (s->set.by == TENANT_HASH && !has_tenants(rec->doc)) ||
	    qf_path_declared(&path, rec->doc))
		return QF_STEP_KEEP;
	qf_path_add_part(&text, &part);
	path.text = qf_arena_dup(arena, text.p, text.n);
	qf_path_declare(&path, rec, "keyword", true, arena);
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	struct state *s = state;

	qf_buf_release(&s->quoted);
	qf_buf_release(&s->text);
	qf_arena_release(&s->arena);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "A key that is no id", "id: uuid5",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"page-7\",\"payload\":{\"n\":1}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"7a6b5386-8d48-5c97-a890-737532bed28a\",\"payload\":{\"n\":1,\"_id\":\"page-7\"}}" },
	{ "Tenants", "id: tenant-hash",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":7,\"payload\":{\"n\":1}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":\"3819a023-5d60-5565-a873-cdeafd557846\",\"payload\":{\"n\":1,\"_id\":\"7\"}}" },
	{ "Of two properties", "id: {uuid5: [isbn, edition], key: source_id}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":7,\"payload\":{\"isbn\":\"978\",\"edition\":2}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"da9a0e16-0257-5982-8b91-cf13c0d3cedf\",\"payload\":{\"isbn\":\"978\",\"edition\":2,\"source_id\":\"7\"}}" },
	{ "A number of the payload", "id: {integer: number}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":\"k\",\"payload\":{\"number\":\"18446744073709551615\"}}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":18446744073709551615,\"payload\":{\"number\":\"18446744073709551615\",\"_id\":\"k\"}}" },
};
/* clang-format on */

const struct qf_step qf_step_id = {
	.name = "id",
	.help = "make ids: uuid5 of keys or properties, integers, tenant-hash",
	.usage = usage,
	.group = "ids",
	.doc = "`keep` leaves ids as they are. `uuid5` makes a UUID (version 5) of each key that is neither a UUID nor an unsigned number. "
	       "`tenant-hash` makes it of \"tenant|key\" for every point that has a tenant, so that tenants with the same keys do "
	       "not overwrite each other. With a list of paths `uuid5` makes it of properties and fields: one alone as its text, several with a bar "
	       "between them (a bar or backslash inside gets a backslash before it); a whole number is its digits, whatever it is written like. "
	       "`integer` takes a number, or a text of digits without leading zeros. A part that is null or not there, an array or an object is an "
	       "error. Ids that are made of properties are as unique as these: points with equal ones overwrite each other. Where the id is not the source's key, "
	       "the key goes into the payload, under `key`, as text and with an index. The namespace of UUIDs is that of URLs unless another one is given.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "by",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.passes = "deletes get the same id; if ids are made of properties a delete ends the run, for it tells the key alone",
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = change_id,
	.deleted = delete_id,
	.collection = declare_key,
	.close = step_close,
};
