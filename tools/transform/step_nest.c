/* nest: {address: [street, city]}: properties into an object of their own. */
#include "tools/transform/carry.h"

static const char usage[] = "nest: {address: [street, city], size: {prefix: size_}}";

struct setting {
	struct qf_opt_list keys;
	const char *prefix, *separator;
	struct qf_path target;
	struct qf_carry *moves; /* of keys */
	struct qf_path parent;	/* of a prefix: the objects where it is looked for; n == 0: the payload */
};

struct state {
	struct setting *list;
	size_t n;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "keys", .type = QF_OPT_LIST, .offset = offsetof(struct setting, keys), .arg = "PATH", .data = true,
	  .help = "the properties" },
	{ .name = "prefix", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, prefix), .arg = "TEXT", .data = true,
	  .help = "or how their names begin; it is left out inside" },
	{ .name = "separator", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, separator), .arg = "TEXT", .data = true,
	  .help = "with prefix: what divides the rest of a name into objects inside" },
};
/* clang-format on */

/* ---- settings ---- */

/* The key goes to the last part of its own path, below the target. */
static int open_move(struct qf_carry *c, const struct setting *nest, const char *key, const struct qf_conf *conf,
		     const struct qf_node *at, struct qf_arena *arena, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct qf_path_part last;

	if (qf_path_compile(&c->from, conf, at, key, false, arena, err) < 0)
		return -1;
	last = c->from.parts[c->from.n - 1];
	if (last.each)
		return qf_node_error(conf, at, err, "'%s': the elements of an array have no name", key);
	qf_buf_add_str(&text, nest->target.text);
	qf_path_add_part(&text, &last);
	c->move = true;
	if (qf_path_compile(&c->to, conf, at, qf_buf_cstr(&text), false, arena, err) < 0)
		return -1;
	return qf_carry_open(c, conf, at, arena, err);
}

static int compile(struct setting *nest, const struct qf_conf *conf, const struct qf_node *at,
		   struct qf_arena *arena, struct qf_err *err)
{
	bool prefix = nest->prefix && *nest->prefix;

	if (prefix == (nest->keys.n > 0))
		return qf_node_error(conf, at, err, "either keys or a prefix is expected: %s", usage);
	if (nest->separator && (!prefix || !*nest->separator))
		return qf_node_error(conf, at, err, "separator: it belongs to a prefix, and must not be empty");
	if (nest->target.parts[nest->target.n - 1].each)
		return qf_node_error(conf, at, err, "'%s': the name of an object is expected", nest->target.text.p);
	nest->moves = qf_arena_zalloc(arena, (nest->keys.n + 1) * sizeof(*nest->moves));
	for (size_t i = 0; i < nest->keys.n; i++)
		if (open_move(&nest->moves[i], nest, nest->keys.items[i], conf, at, arena, err) < 0)
			return -1;
	nest->parent = nest->target;
	if (--nest->parent.n) {
		nest->parent.parts = qf_arena_alloc(arena, nest->parent.n * sizeof(*nest->parent.parts));
		memcpy(nest->parent.parts, nest->target.parts, nest->parent.n * sizeof(*nest->parent.parts));
		nest->parent.parts[nest->parent.n - 1].each = true;
	}
	return 0;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	size_t n = qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "objects and their properties are expected: %s", usage);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct setting *nest = &s->list[s->n++];

		if (qf_path_compile(&nest->target, conf, k, k->key, false, &s->arena, err) < 0 ||
		    qf_pair_settings(opts, QF_LEN(opts), "keys", nest, conf, k, NULL, 0, &s->arena, err) < 0 ||
		    compile(nest, conf, k, &s->arena, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- a prefix ---- */

/* The next piece of what a name has behind the prefix; a name with an empty piece is one piece. */
static struct qf_str next_piece(const struct setting *nest, struct qf_str *rest)
{
	struct qf_str piece = *rest;
	size_t n = nest->separator ? strlen(nest->separator) : 0;
	const char *at = n ? memmem(rest->p, rest->n, nest->separator, n) : NULL;

	if (at)
		piece.n = (size_t)(at - rest->p);
	*rest = at ? (struct qf_str){ at + n, rest->n - piece.n - n } : (struct qf_str){ 0 };
	return piece;
}

static bool has_empty_piece(const struct setting *nest, struct qf_str rest)
{
	while (rest.p)
		if (!next_piece(nest, &rest).n)
			return true;
	return false;
}

/* The member that is to be an object; made where there is nothing or null. NULL: it is something else. */
static struct qf_val *inner(struct qf_val *object, struct qf_str name, struct qf_arena *arena)
{
	struct qf_val *v = qf_val_get(object, name, arena);

	if (v && v->type != QF_JSON_NULL)
		return v->type == QF_JSON_OBJECT ? v : NULL;
	qf_val_set(object, name, qf_val_new_object(arena), arena);
	return qf_val_get(object, name, arena);
}

static int put(const struct setting *nest, struct qf_val *parent, struct qf_val *member, struct qf_arena *arena,
	       struct qf_err *err)
{
	struct qf_str rest = { member->key.p + strlen(nest->prefix), member->key.n - strlen(nest->prefix) }, piece;
	struct qf_val *at = inner(parent, nest->target.parts[nest->target.n - 1].name, arena), *have;
	bool whole = has_empty_piece(nest, rest);

	piece = whole ? rest : next_piece(nest, &rest);
	for (; at && !whole && rest.p; piece = next_piece(nest, &rest))
		at = inner(at, piece, arena);
	have = at ? qf_val_get(at, piece, arena) : NULL;
	if (!at || (have && have->type != QF_JSON_NULL))
		return qf_err_set(err, QF_E_DATA, "'%.*s' cannot go into '%s', for something else stands there",
				  QF_STR_ARG(member->key), nest->target.text.p);
	qf_val_remove_all(member);
	qf_val_set(at, piece, member, arena);
	return 0;
}

static bool is_meant(const struct setting *nest, struct qf_str key)
{
	return qf_str_starts(key, nest->prefix) && key.n > strlen(nest->prefix) &&
	       !qf_str_eq(key, nest->target.parts[nest->target.n - 1].name);
}

static int nest_object(const struct setting *nest, struct qf_val *object, struct qf_arena *arena, struct qf_err *err)
{
	size_t n = 0, all = qf_val_count(object, arena);
	struct qf_val **members = qf_arena_alloc(arena, (all + 1) * sizeof(*members));

	for (struct qf_val *c = object->child; c; c = c->next)
		if (is_meant(nest, c->key) && qf_val_get(object, c->key, arena) == c)
			members[n++] = c;
	for (size_t i = 0; i < n; i++)
		if (put(nest, object, members[i], arena, err) < 0)
			return -1;
	return 0;
}

static int nest_prefix(const struct setting *nest, struct qf_val *root, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val **at = &root;
	size_t n = nest->parent.n ? qf_path_all(&nest->parent, root, arena, &at) : 1;

	for (size_t i = 0; i < n; i++)
		if (at[i]->type == QF_JSON_OBJECT && nest_object(nest, at[i], arena, err) < 0)
			return -1;
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_val *root;

	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *nest = &s->list[i];

		for (size_t k = 0; k < nest->keys.n; k++)
			if (qf_carry_point(&nest->moves[k], rec, arena, err) < 0)
				return -1;
		if (!nest->keys.n && nest_prefix(nest, root, arena, err) < 0)
			return -1;
	}
	return QF_STEP_KEEP;
}

/* ---- the schema ---- */

static void rename_entries(const struct setting *nest, struct qf_record *rec, struct qf_arena *arena)
{
	struct qf_json *payload = qf_json_get(rec->doc, "payload");
	size_t depth = nest->parent.n;
	struct qf_path have;
	const char *why;

	for (struct qf_json *e = payload ? payload->child : NULL; e; e = e->next) {
		QF_AUTO_BUF struct qf_buf key = { 0 };
		struct qf_path_part part;
		struct qf_str rest;
		bool whole;

		if (qf_path_parse(&have, e->key, false, arena, &why) < 0 || have.n <= depth ||
		    !qf_path_covers(&nest->parent, &have) || !is_meant(nest, have.parts[depth].name))
			continue;
		rest = have.parts[depth].name;
		rest.p += strlen(nest->prefix);
		rest.n -= strlen(nest->prefix);
		whole = has_empty_piece(nest, rest);
		qf_buf_add_str(&key, nest->target.text);
		do {
			part.name = whole ? rest : next_piece(nest, &rest);
			part.each = (whole || !rest.p) && have.parts[depth].each;
			qf_path_add_part(&key, &part);
		} while (!whole && rest.p);
		for (size_t i = depth + 1; i < have.n; i++)
			qf_path_add_part(&key, &have.parts[i]);
		e->key = qf_arena_dup(arena, key.p, key.n);
		rec->line.p = NULL;
	}
}

static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < s->list[i].keys.n; k++)
			qf_carry_schema(&s->list[i].moves[k], rec, arena);
		if (!s->list[i].keys.n)
			rename_entries(&s->list[i], rec, arena);
	}
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "Some properties", "nest: {address: [street, city]}", "{\"street\":\"Elm\",\"n\":1,\"city\":\"A\"}",
	  "{\"n\":1,\"address\":{\"street\":\"Elm\",\"city\":\"A\"}}" },
	{ "By the beginning of their names", "nest: {size: {prefix: size_}, a: {prefix: a., separator: .}}",
	  "{\"size_w\":1,\"size_h\":2,\"a.b.c\":3}", "{\"size\":{\"w\":1,\"h\":2},\"a\":{\"b\":{\"c\":3}}}" },
};

const struct qf_step qf_step_nest = {
	.name = "nest",
	.help = "properties into an object of their own",
	.usage = usage,
	.group = "shape",
	.doc = "The properties move into the object, which is made as the last of its object, or stands there already; what is not there is passed over, and where none is "
	       "no object is made. With `prefix` all properties beside the object whose names begin so move, without the prefix; a `separator` divides "
	       "the rest of the name into objects inside. Something that stands in the way is an error. Inside the objects of an array write both with "
	       "their whole paths: {parts.size: [parts.w, parts.h]}. The schema follows, with the indexes. `flatten` is the way back.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "PATH",
	.pair_value = "PATHS",
	.pair_opts = opts,
	.n_pair_opts = QF_LEN(opts),
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
