/* default: {lang: en}: a value for what is not there. */
#include "tools/transform/values.h"

static const char usage[] = "default: {lang: en, stars: 0, address.country: DE}";

struct constant {
	struct qf_path path;
	struct qf_val *value;
};

struct state {
	struct constant *list;
	size_t n;
	struct qf_arena arena;
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	size_t n = qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "properties and their values are expected: %s", usage);
	s->list = qf_arena_alloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct constant *c = &s->list[s->n++];

		if (qf_path_compile(&c->path, conf, k, k->key, false, &s->arena, err) < 0)
			return -1;
		c->value = qf_val_of_node(k, &s->arena);
	}
	return 0;
}

static void fill_elements(const struct constant *c, struct qf_val *array, struct qf_arena *arena)
{
	for (struct qf_val *e = qf_val_first(array, arena); e; e = e->next) {
		if (e->type == QF_JSON_ARRAY)
			fill_elements(c, e, arena);
		else if (e->type == QF_JSON_NULL)
			qf_val_assign(e, qf_val_copy(c->value, arena));
	}
}

static int fill(const struct constant *c, size_t i, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct qf_path_part *part = &c->path.parts[i];
	bool last = i + 1 == c->path.n;
	struct qf_val *member;

	if (v->type == QF_JSON_ARRAY) {
		for (struct qf_val *e = qf_val_first(v, arena); e; e = e->next)
			if ((e->type == QF_JSON_OBJECT || e->type == QF_JSON_ARRAY) && fill(c, i, e, arena, err) < 0)
				return -1;
		return 0;
	}
	if (v->type != QF_JSON_OBJECT)
		return qf_err_set(err, QF_E_DATA, "'%s' cannot be set, for '%.*s' is a %s", c->path.text.p,
				  QF_STR_ARG(c->path.parts[i - 1].name), qf_val_type_name(v));
	member = qf_val_get(v, part->name, arena);
	if (part->each && last) {
		if (member && member->type == QF_JSON_ARRAY)
			fill_elements(c, member, arena);
		return 0;
	}
	if (!member || member->type == QF_JSON_NULL) {
		qf_val_set(v, part->name, last ? qf_val_copy(c->value, arena) : qf_val_new_object(arena), arena);
		member = last ? NULL : qf_val_get(v, part->name, arena);
	}
	return last ? 0 : fill(c, i + 1, member, arena, err);
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_val *root;

	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (fill(&s->list[i], 0, root, arena, err) < 0)
			return -1;
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "What is null or not there", "default: {lang: en, stars: 0, tags: []}", "{\"lang\":null,\"stars\":5}",
	  "{\"lang\":\"en\",\"stars\":5,\"tags\":[]}" },
	{ "In every object of an array", "default: {parts.unit: mm}", "{\"parts\":[{\"n\":1},{\"n\":2,\"unit\":\"cm\"}]}",
	  "{\"parts\":[{\"n\":1,\"unit\":\"mm\"},{\"n\":2,\"unit\":\"cm\"}]}" },
};

const struct qf_step qf_step_default = {
	.name = "default",
	.help = "a value for properties that are null or not there",
	.usage = usage,
	.group = "values",
	.doc = "What is there stays, an empty text or array too. Objects in the middle of a path are made. `tags[]` fills the elements that are null. "
	       "A scalar in the middle of a path is an error. Values are as in `set`: quoted ones are strings.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "PATH",
	.pair_value = "VALUE",
	.pair_json = true,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = step_point,
	.close = step_close,
};
