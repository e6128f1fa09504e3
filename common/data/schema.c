#include "common/data/schema.h"

struct qf_json *qf_schema_new(struct qf_arena *arena, struct qf_str name)
{
	struct qf_json *doc = qf_json_new(arena, QF_JSON_OBJECT);

	qf_json_add_cstr(arena, doc, "type", "collection");
	qf_json_add_str(arena, doc, "name", name);
	qf_json_add(arena, doc, "vectors", QF_JSON_OBJECT);
	qf_json_add(arena, doc, "sparse", QF_JSON_OBJECT);
	qf_json_add(arena, doc, "payload", QF_JSON_OBJECT);
	return doc;
}

static struct qf_json *member(const struct qf_json *object, struct qf_str key)
{
	for (struct qf_json *c = object ? object->child : NULL; c; c = c->next)
		if (qf_str_eq(c->key, key))
			return c;
	return NULL;
}

struct qf_json *qf_schema_vector(const struct qf_json *doc, struct qf_str name)
{
	return member(qf_json_get(doc, "vectors"), name);
}

static void add_copy(struct qf_arena *arena, struct qf_json *container, const struct qf_json *node)
{
	struct qf_json *copy = qf_json_copy(arena, node);
	struct qf_str key = copy->key;

	qf_json_attach(arena, container, NULL, copy);
	copy->key = key;
}

/* Adds to a vector's declaration what the later one knows more; a contradiction is an error. */
static int amend_vector(struct qf_arena *arena, struct qf_json *have, const struct qf_json *later,
			bool *changed, struct qf_err *err)
{
	for (const struct qf_json *m = later->child; m; m = m->next) {
		const struct qf_json *old = member(have, m->key);

		if (!old) {
			add_copy(arena, have, m);
			*changed = true;
		} else if ((qf_str_is(m->key, "size") || qf_str_is(m->key, "distance")) &&
			   !qf_json_equal(old, m)) {
			return qf_err_set(err, QF_E_DATA, "vector '%.*s': %.*s was %.*s and is %.*s now",
					  QF_STR_ARG(have->key), QF_STR_ARG(m->key), QF_STR_ARG(old->text),
					  QF_STR_ARG(m->text));
		}
	}
	return 0;
}

int qf_schema_amend(struct qf_arena *arena, struct qf_json *doc, const struct qf_json *later,
		    bool *changed, struct qf_err *err)
{
	static const char *const maps[] = { "vectors", "sparse", "payload", "settings" };
	static const char *const lists[] = { "aliases", "notes" };

	*changed = false;
	for (size_t i = 0; i < QF_LEN(maps); i++) {
		const struct qf_json *from = qf_json_get(later, maps[i]);
		struct qf_json *to = qf_json_get(doc, maps[i]);

		if (!from)
			continue;
		if (!to)
			to = qf_json_add(arena, doc, maps[i], QF_JSON_OBJECT);
		for (const struct qf_json *c = from->child; c; c = c->next) {
			struct qf_json *have = member(to, c->key);

			if (!have) {
				add_copy(arena, to, c);
				*changed = true;
			} else if (i == 0 && amend_vector(arena, have, c, changed, err) < 0) {
				return -1;
			}
		}
	}
	for (size_t i = 0; i < QF_LEN(lists); i++) {
		const struct qf_json *from = qf_json_get(later, lists[i]);
		struct qf_json *to = qf_json_get(doc, lists[i]);

		for (const struct qf_json *c = from ? from->child : NULL; c; c = c->next) {
			bool there = false;

			if (!to)
				to = qf_json_add(arena, doc, lists[i], QF_JSON_ARRAY);
			for (const struct qf_json *o = to->child; o && !there; o = o->next)
				there = qf_json_equal(o, c);
			if (!there) {
				add_copy(arena, to, c);
				*changed = true;
			}
		}
	}
	return 0;
}

bool qf_schema_is_float(const struct qf_json *doc, struct qf_str path)
{
	const struct qf_json *entry = member(qf_json_get(doc, "payload"), path);

	return entry && qf_str_is(qf_json_get_str(entry, "type", ""), "float");
}

int qf_schema_check(const struct qf_json *doc, struct qf_err *err)
{
	static const char *const maps[] = { "vectors", "sparse", "payload", "settings" };
	static const char *const lists[] = { "aliases", "notes" };
	const struct qf_json *vectors = qf_json_get(doc, "vectors");
	struct qf_str name = qf_json_get_str(doc, "name", NULL);

	if (!name.n)
		return qf_err_set(err, QF_E_DATA, "a collection line needs a \"name\"");
	for (size_t i = 0; i < QF_LEN(maps); i++) {
		const struct qf_json *m = qf_json_get(doc, maps[i]);

		if (m && m->type != QF_JSON_OBJECT)
			return qf_err_set(err, QF_E_DATA, "collection '%.*s': \"%s\" must be an object",
					  QF_STR_ARG(name), maps[i]);
		for (const struct qf_json *c = m ? m->child : NULL; c && i < 3; c = c->next)
			if (c->type != QF_JSON_OBJECT)
				return qf_err_set(err, QF_E_DATA, "collection '%.*s': %s '%.*s' must be an object",
						  QF_STR_ARG(name), maps[i], QF_STR_ARG(c->key));
	}
	for (size_t i = 0; i < QF_LEN(lists); i++) {
		const struct qf_json *m = qf_json_get(doc, lists[i]);

		if (m && m->type != QF_JSON_ARRAY)
			return qf_err_set(err, QF_E_DATA, "collection '%.*s': \"%s\" must be an array",
					  QF_STR_ARG(name), lists[i]);
		for (const struct qf_json *c = m ? m->child : NULL; c; c = c->next)
			if (c->type != QF_JSON_STRING)
				return qf_err_set(err, QF_E_DATA, "collection '%.*s': \"%s\" must hold strings",
						  QF_STR_ARG(name), lists[i]);
	}
	for (const struct qf_json *v = vectors ? vectors->child : NULL; v; v = v->next) {
		int64_t size = qf_json_get_int(v, "size", 0);

		if ((qf_json_get(v, "size") && size < 1) || size > 1 << 20)
			return qf_err_set(err, QF_E_DATA, "collection '%.*s': vector '%.*s' has no valid \"size\"",
					  QF_STR_ARG(name), QF_STR_ARG(v->key));
		if (!qf_json_get_str(v, "distance", NULL).n)
			return qf_err_set(err, QF_E_DATA, "collection '%.*s': vector '%.*s' has no \"distance\"",
					  QF_STR_ARG(name), QF_STR_ARG(v->key));
	}
	return 0;
}
