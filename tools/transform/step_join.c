/* join: {tags: ", "}: arrays as one text. */
#include "tools/transform/values.h"

static const char usage[] = "join: {tags: ', '}";

struct setting {
	struct qf_str between;
	struct qf_path path;
};

struct state {
	struct setting *list;
	size_t n;
	struct qf_arena arena;
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	size_t n = qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "properties and what stands between the texts are expected: %s", usage);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct setting *j = &s->list[s->n++];

		if (k->kind != QF_NODE_SCALAR)
			return qf_node_error(conf, k, err, "what stands between the texts is expected: %s", usage);
		if (qf_path_compile(&j->path, conf, k, k->key, false, &s->arena, err) < 0)
			return -1;
		j->between = qf_str(k->text);
	}
	return 0;
}

static int join(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct setting *j = context;
	QF_AUTO_BUF struct qf_buf out = { 0 };
	bool any = false;

	/* One text already. */
	if (v->type == QF_JSON_STRING)
		return 0;
	if (v->type != QF_JSON_ARRAY)
		return qf_err_set(err, QF_E_DATA, "%s is no array", qf_val_show(v, arena));
	for (struct qf_val *e = qf_val_first(v, arena); e; e = e->next) {
		if (e->type == QF_JSON_NULL)
			continue;
		if (e->type == QF_JSON_ARRAY || e->type == QF_JSON_OBJECT)
			return qf_err_set(err, QF_E_DATA, "an %s in it cannot be joined: %s", qf_val_type_name(e), qf_val_show(e, arena));
		if (any)
			qf_buf_add_str(&out, j->between);
		qf_buf_add_str(&out, qf_val_as_text(e, arena));
		any = true;
	}
	qf_val_assign(v, qf_val_new_string(arena, qf_arena_dup(arena, out.p ? out.p : "", out.n)));
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n; i++) {
		struct qf_each each = { .fn = join, .context = &s->list[i], .whole = true };

		if (qf_each_value(&each, &s->list[i].path, rec, arena, err) < 0)
			return -1;
	}
	return QF_STEP_KEEP;
}

static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < s->n; i++)
		qf_path_retype(&s->list[i].path, rec, "keyword", arena);
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "Tags", "join: {tags: ', '}", "{\"tags\":[\"red\",5,null,true]}", "{\"tags\":\"red, 5, true\"}" },
};

const struct qf_step qf_step_join = {
	.name = "join",
	.help = "join arrays into texts",
	.usage = usage,
	.group = "values",
	.doc = "Numbers keep their digits, booleans are true and false, null is left out; an empty array gives an empty text. A text stays as it is; null "
	       "and what is not there too. Arrays and objects inside are errors, and so is a number, boolean or object in the array's "
	       "place. With brackets, `rows[]`, each array of an array is joined. An index of another type than keyword or "
	       "text becomes one of keyword.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "PATH",
	.pair_value = "SEPARATOR",
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
