/*
 * id: how a point's id is made of the source's key. Ids stay a pure function of that key, so that
 * running twice never duplicates; where the id is not the key itself, the key goes into `_id`.
 */
#include "common/data/json.h"
#include "tools/transform/payload.h"
#include "tools/transform/props.h"
#include "tools/transform/steps.h"

static const char usage[] = "id: keep | uuid5 | tenant-hash";

enum mode { KEEP, UUID5, TENANT_HASH };

struct state {
	enum mode mode;
	struct qf_buf text; /* scratch */
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	static const char *const names[] = { "keep", "uuid5", "tenant-hash" };
	struct state *s = state;
	const char *near;

	if (!value || value->kind != QF_NODE_SCALAR)
		return qf_node_error(conf, value, err, "one word is expected: %s", usage);
	for (size_t i = 0; i < QF_LEN(names); i++) {
		if (!strcmp(value->text, names[i])) {
			s->mode = (enum mode)i;
			return 0;
		}
	}
	near = qf_str_nearest(value->text, names, QF_LEN(names));
	return qf_node_error(conf, value, err, "'%s' is no way to make ids%s%s; use keep, uuid5 or tenant-hash",
			     value->text, near ? ", did you mean " : "", near ? near : "");
}

/* The key as text behind the payload's last member, under `_id`. */
static int keep_key(struct qf_record *rec, struct qf_str key, struct qf_arena *arena,
		    struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_str have, body;
	const char *last;
	bool object;

	if (qf_payload_flush(rec, arena, err) < 0)
		return -1;
	object = rec->payload.p && rec->payload.n && *rec->payload.p == '{';
	if (rec->payload.n && !object && !qf_str_is(rec->payload, "null"))
		return qf_err_set(err, QF_E_DATA, "the payload is not an object, so the key cannot go into it");
	body = object ? rec->payload : QF_STR("{}");
	/* The parse is spared where the bytes show that it finds nothing; escapes may hide the key. */
	if (object && (memmem(body.p, body.n, "\"_id\"", 5) || memchr(body.p, '\\', body.n)) &&
	    qf_props_find(body, "_id", arena, &have))
		return qf_err_set(err, QF_E_DATA,
				  "the payload has '_id' already, where the source's key would go; was an id step "
				  "applied before? Else rename it first: rename: {_id: source_id}");
	last = memrchr(body.p, '}', body.n);
	qf_buf_add(&out, body.p, (size_t)(last - body.p));
	while (out.n > 1 && strchr(" \t\r\n", out.p[out.n - 1]))
		out.n--;
	if (out.p[out.n - 1] != '{')
		qf_buf_addc(&out, ',');
	QF_BUF_LIT(&out, "\"_id\":");
	qf_json_write_string(&out, key);
	qf_buf_addc(&out, '}');
	rec->payload = qf_arena_dup(arena, out.p, out.n);
	return 0;
}

static int change_id(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_str name;
	size_t key_at = 0;

	if (s->mode == KEEP || (s->mode == UUID5 ? rec->id.kind != QF_ID_TEXT : !rec->tenant.p))
		return 0;
	qf_buf_reset(&s->text);
	if (s->mode == TENANT_HASH) {
		qf_buf_add_str(&s->text, rec->tenant);
		qf_buf_addc(&s->text, '|');
		key_at = s->text.n;
	}
	qf_id_text(&s->text, &rec->id);
	name = qf_buf_str(&s->text);
	if (rec->type == QF_REC_POINT &&
	    keep_key(rec, (struct qf_str){ name.p + key_at, name.n - key_at }, arena, err) < 0)
		return -1;
	rec->id = (struct qf_id){ .kind = QF_ID_UUID };
	qf_uuid_url(name, rec->id.uuid);
	rec->line.p = NULL;
	return 0;
}

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
	struct qf_json *payload = qf_json_get(rec->doc, "payload");
	const struct state *s = state;

	(void)err;
	if (s->mode == KEEP || (s->mode == TENANT_HASH && !has_tenants(rec->doc)))
		return QF_STEP_KEEP;
	if (!payload)
		payload = qf_json_add(arena, rec->doc, "payload", QF_JSON_OBJECT);
	if (qf_json_get(payload, "_id"))
		return QF_STEP_KEEP;
	qf_json_add_cstr(arena, qf_json_add(arena, payload, "_id", QF_JSON_OBJECT), "type", "keyword");
	rec->line.p = NULL;
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_buf_release(&((struct state *)state)->text);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "A key that is no id", "id: uuid5",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"page-7\",\"payload\":{\"n\":1}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"7a6b5386-8d48-5c97-a890-737532bed28a\",\"payload\":{\"n\":1,\"_id\":\"page-7\"}}" },
	{ "Tenants", "id: tenant-hash",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":7,\"payload\":{\"n\":1}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":\"3819a023-5d60-5565-a873-cdeafd557846\",\"payload\":{\"n\":1,\"_id\":\"7\"}}" },
};
/* clang-format on */

const struct qf_step qf_step_id = {
	.name = "id",
	.help = "make ids: uuid5 of keys that are no UUID or number; tenant-hash of tenant and key",
	.usage = usage,
	.group = "ids",
	.doc = "`keep` leaves ids as they are. `uuid5` makes a UUID (version 5, URL namespace) of each "
	       "key that is neither a UUID nor an unsigned number. `tenant-hash` makes it of "
	       "\"tenant|key\" for every point that has a tenant, so that tenants with the same keys do "
	       "not overwrite each other. Ids stay a pure function of the source's key; where the id is "
	       "not the key, the key goes into the payload as `_id`.",
	.forms = QF_STEP_WORD,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.passes = "deletes get the same id",
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = change_id,
	.deleted = change_id,
	.collection = declare_key,
	.close = step_close,
};
