#include "tools/transform/carry.h"

/* ---- settings ---- */

int qf_carry_open(struct qf_carry *c, const struct qf_conf *conf, const struct qf_node *at,
		  struct qf_arena *arena, struct qf_err *err)
{
	if (c->from.n == c->to.n && qf_path_covers(&c->from, &c->to))
		return qf_node_error(conf, at, err, "'%s' and '%s' are one", c->from.text.p, c->to.text.p);
	c->from_base = c->from;
	c->to_base = c->to;
	qf_paths_rebase((struct qf_path *[]){ &c->to_base, &c->from_base }, 2, &c->base, arena);
	return 0;
}

struct setting {
	const char *to;
	bool over;
};

/* clang-format off */
const struct qf_opt qf_carry_opts[QF_CARRY_OPTS] = {
	{ .name = "to", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, to), .arg = "PATH", .data = true,
	  .help = "where the value goes" },
	{ .name = "over", .type = QF_OPT_FLAG, .offset = offsetof(struct setting, over), .data = true,
	  .help = "replace what stands there" },
};
/* clang-format on */

int qf_carries_open(struct qf_carries *s, bool move, const char *usage, const struct qf_conf *conf,
		    const struct qf_node *value, struct qf_err *err)
{
	size_t n = qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "old and new paths are expected: %s", usage);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct qf_carry *c = &s->list[s->n++];
		struct setting set = { 0 };

		if (qf_pair_settings(qf_carry_opts, QF_CARRY_OPTS, "to", &set, conf, k, NULL, 0, &s->arena, err) < 0)
			return -1;
		if (!set.to || !*set.to)
			return qf_node_error(conf, k, err, "the new path is missing: %s", usage);
		c->move = move;
		c->over = set.over;
		if (qf_path_compile(&c->from, conf, k, k->key, !move, &s->arena, err) < 0 ||
		    qf_path_compile(&c->to, conf, k, set.to, false, &s->arena, err) < 0 ||
		    qf_carry_open(c, conf, k, &s->arena, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- values ---- */

/* Does the path lead through an array? */
static bool through_array(const struct qf_path *path, struct qf_val *v, struct qf_arena *arena)
{
	for (size_t i = 0; i < path->n; i++) {
		v = qf_val_get(v, path->parts[i].name, arena);
		if (!v)
			return false;
		if (v->type == QF_JSON_ARRAY && (i + 1 < path->n || path->parts[i].each))
			return true;
	}
	return false;
}

/* What there is at `from` in this object; NULL: nothing. It stands nowhere any more. */
static struct qf_val *take(const struct qf_carry *c, struct qf_val *object, struct qf_arena *arena)
{
	struct qf_val **at, *ret;
	size_t n = qf_path_all(&c->from_base, object, arena, &at);

	if (!n)
		return NULL;
	if (through_array(&c->from_base, object, arena)) {
		ret = qf_val_new_array(arena);
		for (size_t i = 0; i < n; i++)
			qf_val_append(ret, qf_val_copy(at[i], arena), arena);
	} else {
		ret = qf_val_copy(at[0], arena);
	}
	if (c->move)
		for (size_t i = 0; i < n; i++)
			qf_val_remove_all(at[i]);
	return ret;
}

/* Nothing but empty objects and arrays: what is left where the value has been moved out of it. */
static bool is_hollow(struct qf_val *v, struct qf_arena *arena)
{
	if (v->type != QF_JSON_OBJECT && v->type != QF_JSON_ARRAY)
		return false;
	for (struct qf_val *c = qf_val_first(v, arena); c; c = c->next)
		if (!is_hollow(c, arena))
			return false;
	return true;
}

static int put(const struct qf_carry *c, struct qf_val *object, struct qf_val *value, struct qf_arena *arena,
	       struct qf_err *err)
{
	struct qf_val **at;
	size_t n = c->over ? 0 : qf_path_all(&c->to_base, object, arena, &at);

	for (size_t i = 0; i < n; i++) {
		if (at[i]->type == QF_JSON_NULL)
			continue;
		if (c->move && qf_path_covers(&c->to, &c->from) && is_hollow(at[i], arena))
			continue;
		return qf_err_set(err, QF_E_DATA, "'%s' cannot %s '%s', for there is %s; 'over: true' would replace it",
				  c->from.text.p, c->move ? "move to" : "be copied to", c->to.text.p, qf_val_show(at[i], arena));
	}
	return qf_path_set(&c->to_base, object, value, arena, err);
}

int qf_carry_point(const struct qf_carry *c, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *root, *value, **objects;
	size_t n;

	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	if (c->from.field != QF_PATH_PAYLOAD) {
		if (qf_path_value(&c->from, rec, arena, &value, err) < 0)
			return -1;
		return value ? put(c, root, value, arena, err) : 0;
	}
	n = qf_base_objects(&c->base, root, arena, &objects);
	for (size_t i = 0; i < n; i++) {
		value = take(c, objects[i], arena);
		if (value && put(c, objects[i], value, arena, err) < 0)
			return -1;
	}
	return 0;
}

void qf_carry_schema(const struct qf_carry *c, struct qf_record *rec, struct qf_arena *arena)
{
	struct qf_path_part part = { .name = QF_STR("\n") };
	struct qf_path aside = { .parts = &part, .n = 1, .text = QF_STR("\n") };

	if (c->from.field != QF_PATH_PAYLOAD || !qf_path_known(&c->from, rec->doc, arena))
		return;
	if (!c->move) {
		qf_path_declare_copy(&c->from, &c->to, rec, arena);
		return;
	}
	/* Where one path lies in the other, they must not be in the schema at the same time. */
	qf_path_declare_copy(&c->from, &aside, rec, arena);
	qf_path_undeclare(&c->from, rec, arena);
	qf_path_declare_copy(&aside, &c->to, rec, arena);
	qf_path_undeclare(&aside, rec, arena);
}

int qf_carries_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_carries *s = state;

	for (size_t i = 0; i < s->n; i++)
		if (qf_carry_point(&s->list[i], rec, arena, err) < 0)
			return -1;
	return QF_STEP_KEEP;
}

int qf_carries_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_carries *s = state;

	(void)err;
	for (size_t i = 0; i < s->n; i++)
		qf_carry_schema(&s->list[i], rec, arena);
	return QF_STEP_KEEP;
}

void qf_carries_close(void *state)
{
	qf_arena_release(&((struct qf_carries *)state)->arena);
}
