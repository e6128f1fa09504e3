/*
 * set: {lang: en, stars: 5}: constants.
 *
 * This file is the commented pattern of a step (HACKING.md). Copy it, and change the five marked
 * parts.
 */
#include "tools/transform/payload.h"
#include "tools/transform/steps.h"

static const char usage[] = "set: {lang: en, stars: 5, address.country: DE}";

/* 1. The state: zeroed before open; a settings struct would stand first (see .opts in plugin.h). */
struct constant {
	struct qf_path path;
	struct qf_val *value;
};

struct state {
	struct constant *list;
	size_t n;
	struct qf_arena arena; /* of paths and values */
};

/*
 * 2. open compiles what stands under the step's name. The chain has checked the form: a map here.
 * Errors name file, line and column, by qf_node_error.
 */
static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	size_t n = 0;

	for (const struct qf_node *k = value->child; k; k = k->next)
		n++;
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

/*
 * 3. One point. Ask for the payload with qf_payload_get, change the tree, and that is all: the chain
 * writes it back behind the last step. A failure with QF_E_DATA is the reason alone, with the value
 * by qf_val_show; it refuses this point, and the chain adds step, collection, id and line.
 */
static int set_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_val *root;

	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		/* A node stands in one tree only, so each point gets a copy. It is a cheap one. */
		struct qf_val *value = qf_val_copy(s->list[i].value, arena);

		if (qf_path_set(&s->list[i].path, root, value, arena, err) < 0)
			return -1;
	}
	return QF_STEP_KEEP;
}

/*
 * 4. The schema follows, where the step changes what a property is: qf_path_declare and its
 * siblings. Here an index of another type would not fit the constants any more.
 */
static int set_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < s->n; i++) {
		const struct qf_val *v = s->list[i].value;
		const char *type = v->type == QF_JSON_STRING ? "keyword"
				   : v->type == QF_JSON_BOOL ? "bool"
				   : v->type != QF_JSON_NUMBER ? NULL
				   : qf_val_is_integer(s->list[i].value) ? "integer" : "float";
		const struct qf_json *have = qf_path_declared(&s->list[i].path, rec->doc);
		struct qf_str was = qf_json_get_str(have, "type", "");

		/* A text index takes strings as a keyword index does. */
		if (have && type && !qf_str_is(was, type) && !(v->type == QF_JSON_STRING && qf_str_is(was, "text")))
			qf_path_declare(&s->list[i].path, rec, type, qf_json_get_bool(have, "index", true), arena);
		else if (have && !type)
			qf_path_undeclare(&s->list[i].path, rec, arena);
	}
	return QF_STEP_KEEP;
}

/* 5. close bears a state of zeros, for it is called after a failed open too. */
static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

/* Examples stand in docs/TRANSFORM.md and are run by a test. */
static const struct qf_step_example examples[] = {
	{ "Two constants: one new, one in the place of what was there", "set: {lang: en, stars: 5}",
	  "{\"title\":\"A\",\"stars\":4.5}", "{\"title\":\"A\",\"stars\":5,\"lang\":\"en\"}" },
	{ "Objects in the middle are made; quotes make a string", "set: {address.zip: '01067'}",
	  "{\"title\":\"A\"}", "{\"title\":\"A\",\"address\":{\"zip\":\"01067\"}}" },
	{ "Every object of an array gets it", "set: {parts.unit: mm}",
	  "{\"parts\":[{\"n\":1},{\"n\":2}]}", "{\"parts\":[{\"n\":1,\"unit\":\"mm\"},{\"n\":2,\"unit\":\"mm\"}]}" },
	{ "A scalar in the way is an error", "set: {address.zip: 1}", "{\"address\":\"Elm Street\"}",
	  "error: step 1 (set): collection 'A', id 1, line 1: 'address.zip' cannot be set, for 'address' is a string" },
};

const struct qf_step qf_step_set = {
	.name = "set",
	.help = "put constants into the payload",
	.usage = usage,
	.group = "shape",
	.doc = "Each path gets its value, whatever stood there; a new key goes last. Objects in the middle of a "
	       "path are made where nothing or null stands. Unquoted numbers, true, false and null are JSON's, "
	       "quoted ones are strings; lists and maps are taken as they are. A declared index of another type "
	       "gets the constant's type.",
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
	.point = set_point,
	.collection = set_schema,
	.close = step_close,
};
