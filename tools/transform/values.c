#include "tools/transform/values.h"

struct walk {
	const struct qf_each *each;
	const struct qf_path *path;
	struct qf_arena *arena;
	struct qf_err *err;
};

static int visit(struct walk *w, struct qf_val *v)
{
	if (v->type == QF_JSON_NULL || w->each->fn(w->each->context, v, w->arena, w->err) == 0)
		return 0;
	if (w->err->code != QF_E_DATA)
		return -1;
	switch (w->each->on_error) {
	case QF_ON_ERROR_NULL:
		qf_val_assign(v, qf_val_new_null(w->arena));
		return 0;
	case QF_ON_ERROR_KEEP:
		return 0;
	default:
		return qf_err_wrap(w->err, "'%s'", w->path->text.p);
	}
}

static int enter(struct walk *w, size_t i, struct qf_val *v);

/* v is the value of part i. */
static int go_on(struct walk *w, size_t i, struct qf_val *v)
{
	const struct qf_path_part *part = &w->path->parts[i];
	bool last = i + 1 == w->path->n;
	struct qf_val *next;

	if (v->type != QF_JSON_ARRAY || (last && w->each->whole && !part->each))
		return last ? visit(w, v) : enter(w, i + 1, v);
	for (struct qf_val *e = qf_val_first(v, w->arena); e; e = next) {
		next = e->next;
		if (go_on(w, i, e) < 0)
			return -1;
	}
	return 0;
}

static int enter(struct walk *w, size_t i, struct qf_val *v)
{
	struct qf_str name = w->path->parts[i].name;
	struct qf_val *member, *next;

	if (!w->each->duplicates) {
		member = qf_val_get(v, name, w->arena);
		return member ? go_on(w, i, member) : 0;
	}
	if (v->type != QF_JSON_OBJECT)
		return 0;
	for (member = qf_val_first(v, w->arena); member; member = next) {
		next = member->next;
		if (qf_str_eq(member->key, name) && go_on(w, i, member) < 0)
			return -1;
	}
	return 0;
}

int qf_each_value(const struct qf_each *each, const struct qf_path *path, struct qf_record *rec,
		  struct qf_arena *arena, struct qf_err *err)
{
	struct walk w = { each, path, arena, err };
	struct qf_val *root;

	return qf_payload_get(rec, arena, &root, err) < 0 ? -1 : enter(&w, 0, root);
}

int qf_each_value_of(const struct qf_each *each, const struct qf_paths *paths, struct qf_record *rec,
		     struct qf_arena *arena, struct qf_err *err)
{
	for (size_t i = 0; i < paths->n; i++)
		if (qf_each_value(each, &paths->path[i], rec, arena, err) < 0)
			return -1;
	return 0;
}

/* How many parts from the root the two have in common; the last of each is none of them. */
static size_t shared(const struct qf_path *a, const struct qf_path *b)
{
	size_t n = 0;

	if (b->field != QF_PATH_PAYLOAD)
		return 0;
	while (n + 1 < a->n && n + 1 < b->n && qf_str_eq(a->parts[n].name, b->parts[n].name))
		n++;
	return n;
}

void qf_paths_rebase(struct qf_path *const *paths, size_t n, struct qf_base *base, struct qf_arena *arena)
{
	struct qf_path *target = paths[0];
	size_t depth = 0;

	*base = (struct qf_base){ .up = qf_arena_zalloc(arena, n * sizeof(*base->up)) };
	for (size_t i = 1; i < n; i++)
		if (shared(target, paths[i]) > depth)
			depth = shared(target, paths[i]);
	for (size_t i = 1; i < n; i++) {
		size_t same = shared(target, paths[i]);

		base->up[i] = depth - same;
		if (paths[i]->field == QF_PATH_PAYLOAD) {
			paths[i]->parts += same;
			paths[i]->n -= same;
		}
	}
	if (!depth)
		return;
	base->path.n = depth;
	base->path.text = target->text;
	base->path.parts = qf_arena_alloc(arena, depth * sizeof(*base->path.parts));
	memcpy(base->path.parts, target->parts, depth * sizeof(*base->path.parts));
	base->path.parts[depth - 1].each = true;
	target->parts += depth;
	target->n -= depth;
}

size_t qf_base_objects(const struct qf_base *base, struct qf_val *root, struct qf_arena *arena,
		       struct qf_val ***ret)
{
	size_t all, n = 0;

	if (!base->path.n) {
		*ret = qf_arena_alloc(arena, sizeof(**ret));
		**ret = root;
		return 1;
	}
	all = qf_path_all(&base->path, root, arena, ret);
	for (size_t i = 0; i < all; i++)
		if ((*ret)[i]->type == QF_JSON_OBJECT)
			(*ret)[n++] = (*ret)[i];
	return n;
}

struct qf_val *qf_val_up(struct qf_val *object, size_t levels)
{
	while (levels && object->parent) {
		object = object->parent;
		levels -= object->type == QF_JSON_OBJECT;
	}
	return object;
}

void qf_val_remove_all(struct qf_val *v)
{
	struct qf_val *object = v->parent, *c, *next;

	if (object->type == QF_JSON_OBJECT) {
		for (c = object->child; c; c = next) {
			next = c->next;
			if (c != v && qf_str_eq(c->key, v->key))
				qf_val_remove(c);
		}
	}
	qf_val_remove(v);
}

size_t qf_path_remove_all(const struct qf_path *path, struct qf_val *root, struct qf_arena *arena)
{
	struct qf_val **at;
	size_t n = qf_path_all(path, root, arena, &at);

	for (size_t i = 0; i < n; i++)
		qf_val_remove_all(at[i]);
	return n;
}

bool qf_path_known(const struct qf_path *path, const struct qf_json *doc, struct qf_arena *arena)
{
	const struct qf_json *payload = qf_json_get(doc, "payload");
	struct qf_path have;
	const char *why;

	for (const struct qf_json *e = payload ? payload->child : NULL; e; e = e->next)
		if (qf_path_parse(&have, e->key, false, arena, &why) == 0 && qf_path_covers(path, &have))
			return true;
	return false;
}

struct qf_str qf_val_as_text(struct qf_val *v, struct qf_arena *arena)
{
	if (v->type == QF_JSON_BOOL)
		return v->boolean ? QF_STR("true") : QF_STR("false");
	return qf_val_text(v, arena);
}

size_t qf_node_count(const struct qf_node *node)
{
	size_t n = 0;

	for (const struct qf_node *c = node->child; c; c = c->next)
		n++;
	return n;
}

int qf_pair_settings(const struct qf_opt *opts, size_t n, const char *short_opt, void *base,
		     const struct qf_conf *conf, const struct qf_node *pair, const char *const *also,
		     size_t n_also, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_node alone = *pair;
	struct qf_node map = { .kind = QF_NODE_MAP, .child = &alone, .line = pair->line, .column = pair->column };

	alone.key = short_opt;
	alone.next = NULL;
	return qf_opt_from_node(opts, n, base, conf, pair->kind == QF_NODE_MAP ? pair : &map, pair->key, also,
				n_also, arena, err);
}

int qf_step_opt_paths(const struct qf_conf *conf, const struct qf_node *value, const char *usage,
		      struct qf_paths *ret, struct qf_arena *arena, struct qf_err *err)
{
	const struct qf_node *paths = value->kind == QF_NODE_MAP ? qf_node_get(value, "paths") : value;

	if (!paths)
		return qf_node_error(conf, value, err, "'paths' is missing: %s", usage);
	return qf_step_paths(conf, paths, usage, ret, arena, err);
}

static bool is_one_of(struct qf_str text, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (qf_str_is(text, names[i]))
			return true;
	return false;
}

void qf_path_retype(const struct qf_path *path, struct qf_record *rec, const char *type,
		    struct qf_arena *arena)
{
	static const char *const indexed[] = { "keyword", "integer", "float", "bool", "datetime", "uuid", "geo", "text" };
	static const char *const texts[] = { "keyword", "text" };
	const struct qf_json *have = qf_path_declared(path, rec->doc);
	struct qf_str was = qf_json_get_str(have, "type", "");

	if (!have || qf_str_is(was, type))
		return;
	if (!strcmp(type, "keyword") && is_one_of(was, texts, QF_LEN(texts)))
		return;
	qf_path_declare(path, rec, type,
			is_one_of(was, indexed, QF_LEN(indexed)) && qf_json_get_bool(have, "index", true), arena);
}

/* ---- another text in the place of one ---- */

int qf_text_step_open(struct qf_text_step *s, const struct qf_conf *conf, const struct qf_node *value,
		      const char *usage, struct qf_err *err)
{
	return qf_step_paths(conf, value, usage, &s->paths, &s->arena, err);
}

static int other_text(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct qf_text_step *s = context;
	struct qf_str was, is;

	if (v->type == QF_JSON_OBJECT)
		return qf_err_set(err, QF_E_DATA, "an object %s: %s", s->refusal, qf_val_show(v, arena));
	if (v->type != QF_JSON_STRING)
		return 0;
	was = qf_val_text(v, arena);
	is = s->fn(was, arena);
	if (is.p != was.p || is.n != was.n)
		qf_val_assign(v, qf_val_new_string(arena, is));
	return 0;
}

int qf_text_step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_text_step *s = state;
	struct qf_each each = { .fn = other_text, .context = s };

	return qf_each_value_of(&each, &s->paths, rec, arena, err) < 0 ? -1 : QF_STEP_KEEP;
}

void qf_text_step_close(void *state)
{
	qf_arena_release(&((struct qf_text_step *)state)->arena);
}
