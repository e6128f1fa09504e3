/* flatten: address: the members of objects into the object around them, under joined names. */
#include "tools/transform/values.h"

static const char usage[] = "flatten, or flatten: [address, meta.size], or flatten: {paths: [address], separator: ., prefix: false}";

struct settings {
	struct qf_opt_list paths;
	const char *separator;
	bool prefix;
};

struct state {
	struct settings set;
	struct qf_paths paths; /* none: all objects of the payload */
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "paths", .type = QF_OPT_LIST, .offset = offsetof(struct settings, paths), .arg = "PATH", .data = true,
	  .help = "the objects; without it all of the payload" },
	{ .name = "separator", .type = QF_OPT_TEXT, .offset = offsetof(struct settings, separator), .def = "_", .arg = "TEXT",
	  .data = true, .help = "what stands between the names" },
	{ .name = "prefix", .type = QF_OPT_FLAG, .offset = offsetof(struct settings, prefix), .def = "true", .data = true,
	  .help = "put the object's own name first" },
};
/* clang-format on */

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	const struct qf_node *paths = value && value->kind == QF_NODE_MAP ? qf_node_get(value, "paths") : value;

	if (paths && qf_step_paths(conf, paths, usage, &s->paths, &s->arena, err) < 0)
		return -1;
	for (size_t i = 0; i < s->paths.n; i++)
		if (s->paths.path[i].parts[s->paths.path[i].n - 1].each)
			return qf_node_error(conf, paths, err, "'%s': the elements of an array have no names to flatten them into",
					     s->paths.path[i].text.p);
	return 0;
}

/* ---- values ---- */

static struct qf_str join(const struct state *s, struct qf_str before, struct qf_str name, struct qf_arena *arena)
{
	if (!before.p)
		return name;
	return qf_arena_printf(arena, "%s%s%s", qf_arena_dup_str(arena, before).p, s->set.separator,
			       qf_arena_dup_str(arena, name).p);
}

/* The members of an object below `member` go before it, under names that begin with `before`. */
static int lift(const struct state *s, struct qf_val *member, struct qf_val *object, struct qf_str before,
		struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *next, *have;

	for (struct qf_val *c = qf_val_first(object, arena); c; c = next) {
		struct qf_str key = join(s, before, c->key, arena);

		next = c->next;
		/* Of duplicate keys the last counts. */
		if (qf_val_get(object, c->key, arena) != c)
			continue;
		if (c->type == QF_JSON_OBJECT && qf_val_first(c, arena)) {
			if (lift(s, member, c, key, arena, err) < 0)
				return -1;
			continue;
		}
		have = qf_val_get(member->parent, key, arena);
		if (have && have != member)
			return qf_err_set(err, QF_E_DATA, "'%.*s' cannot be flattened, for there is '%.*s' already: %s",
					  QF_STR_ARG(member->key), QF_STR_ARG(key), qf_val_show(have, arena));
		qf_val_remove(c);
		qf_val_insert_before(member, key, c);
	}
	return 0;
}

static int flatten(const struct state *s, struct qf_val *member, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *next;

	if (member->type != QF_JSON_OBJECT || !qf_val_first(member, arena))
		return 0;
	for (struct qf_val *c = member->parent->child; c; c = next) {
		next = c->next;
		if (c != member && qf_str_eq(c->key, member->key))
			qf_val_remove(c);
	}
	if (lift(s, member, member, s->set.prefix ? member->key : (struct qf_str){ 0 }, arena, err) < 0)
		return -1;
	qf_val_remove(member);
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_val *root, **at, *next;
	size_t n;

	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < s->paths.n; i++) {
		n = qf_path_all(&s->paths.path[i], root, arena, &at);
		for (size_t k = 0; k < n; k++)
			if (flatten(s, at[k], arena, err) < 0)
				return -1;
	}
	if (s->paths.n)
		return QF_STEP_KEEP;
	for (struct qf_val *c = qf_val_first(root, arena); c; c = next) {
		next = c->next;
		if (qf_val_get(root, c->key, arena) == c && flatten(s, c, arena, err) < 0)
			return -1;
	}
	return QF_STEP_KEEP;
}

/* ---- the schema ---- */

/* What is declared below the object gets its joined name, as far as no array is in between. */
static void rename_entry(const struct state *s, const struct qf_path *have, size_t outer, struct qf_json *entry,
			 struct qf_record *rec, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf key = { 0 };
	struct qf_path_part joined = { 0 };
	size_t i = outer;

	if (have->n <= outer + 1 || have->parts[outer].each)
		return;
	for (size_t p = 0; p < outer; p++)
		qf_path_add_part(&key, &have->parts[p]);
	for (; i < have->n && !joined.each; i++) {
		if (i > outer || s->set.prefix)
			joined.name = join(s, joined.name, have->parts[i].name, arena);
		joined.each = have->parts[i].each;
	}
	qf_path_add_part(&key, &joined);
	for (; i < have->n; i++)
		qf_path_add_part(&key, &have->parts[i]);
	entry->key = qf_arena_dup(arena, key.p, key.n);
	rec->line.p = NULL;
}

static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_json *payload = qf_json_get(rec->doc, "payload");
	struct state *s = state;
	struct qf_path have;
	const char *why;

	(void)err;
	for (struct qf_json *e = payload ? payload->child : NULL; e; e = e->next) {
		for (size_t i = 0; i < s->paths.n; i++) {
			const struct qf_path *path = &s->paths.path[i];

			if (qf_path_parse(&have, e->key, false, arena, &why) == 0 && qf_path_covers(path, &have))
				rename_entry(s, &have, path->n - 1, e, rec, arena);
		}
		if (!s->paths.n && qf_path_parse(&have, e->key, false, arena, &why) == 0)
			rename_entry(s, &have, 0, e, rec, arena);
	}
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "One object", "flatten: address", "{\"address\":{\"city\":\"A\",\"geo\":{\"lat\":1}},\"n\":{\"x\":2}}",
	  "{\"address_city\":\"A\",\"address_geo_lat\":1,\"n\":{\"x\":2}}" },
	{ "The whole payload, with dots", "flatten: {separator: .}", "{\"a\":{\"b\":{\"c\":1},\"d\":[{\"e\":2}]}}",
	  "{\"a.b.c\":1,\"a.d\":[{\"e\":2}]}" },
	{ "Without the object's name", "flatten: {paths: address, prefix: false}", "{\"address\":{\"city\":\"A\"}}", "{\"city\":\"A\"}" },
};

const struct qf_step qf_step_flatten = {
	.name = "flatten",
	.help = "members of objects into the object around them",
	.usage = usage,
	.group = "shape",
	.doc = "Members, and those of objects inside, take the object's place under names joined with the separator. Arrays, scalars and empty objects stay as they are; "
	       "what is not there too. A joined name that stands there already is an error. In a filter, Qdrant takes a name with a dot for a path unless it stands in "
	       "quotes, so `_` is the separator if none is given. The schema follows. `nest` is the way back.",
	.forms = QF_STEP_NOTHING | QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "paths",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = step_point,
	.collection = step_schema,
	.close = step_close,
};
