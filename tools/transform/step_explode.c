/* explode: {tags: ","}: texts as arrays of their pieces. */
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] = "explode: {tags: ',', path: {on: /, trim: false, empty: true}}";

struct setting {
	const char *on;
	bool trim, empty;
	struct qf_path path;
};

struct state {
	struct setting *list;
	size_t n;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "on", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, on), .arg = "TEXT", .data = true,
	  .help = "what stands between the pieces" },
	{ .name = "trim", .type = QF_OPT_FLAG, .offset = offsetof(struct setting, trim), .def = "true", .data = true,
	  .help = "take white space off the pieces" },
	{ .name = "empty", .type = QF_OPT_FLAG, .offset = offsetof(struct setting, empty), .data = true,
	  .help = "keep pieces that are empty" },
};
/* clang-format on */

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	size_t n = qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "properties and their separators are expected: %s", usage);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct setting *e = &s->list[s->n++];

		if (qf_path_compile(&e->path, conf, k, k->key, false, &s->arena, err) < 0 ||
		    qf_pair_settings(opts, QF_LEN(opts), "on", e, conf, k, NULL, 0, &s->arena, err) < 0)
			return -1;
		if (!e->on || !*e->on)
			return qf_node_error(conf, k, err, "the text between the pieces is missing: %s", usage);
	}
	return 0;
}

static void add(const struct setting *e, struct qf_val *array, struct qf_str piece, struct qf_arena *arena)
{
	if (e->trim)
		piece = qf_text_trim(piece);
	if (piece.n || e->empty)
		qf_val_append(array, qf_val_new_string(arena, piece), arena);
}

static int explode(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct setting *e = context;
	struct qf_val *array;
	struct qf_str rest;
	size_t n = strlen(e->on);

	/* Pieces already. */
	if (v->type == QF_JSON_ARRAY)
		return 0;
	if (v->type != QF_JSON_STRING)
		return qf_err_set(err, QF_E_DATA, "%s is no text: cast it to string before", qf_val_show(v, arena));
	rest = qf_val_text(v, arena);
	array = qf_val_new_array(arena);
	while (rest.n) {
		const char *at = memmem(rest.p, rest.n, e->on, n);

		if (!at)
			break;
		add(e, array, (struct qf_str){ rest.p, (size_t)(at - rest.p) }, arena);
		rest.n -= (size_t)(at - rest.p) + n;
		rest.p = at + n;
		if (!rest.n)
			add(e, array, rest, arena);
	}
	if (rest.n)
		add(e, array, rest, arena);
	qf_val_assign(v, array);
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n; i++) {
		struct qf_each each = { .fn = explode, .context = &s->list[i], .whole = true };

		if (qf_each_value(&each, &s->list[i].path, rec, arena, err) < 0)
			return -1;
	}
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "Tags", "explode: {tags: ','}", "{\"tags\":\"red, green,,blue \"}", "{\"tags\":[\"red\",\"green\",\"blue\"]}" },
	{ "Every piece as it is", "explode: {path: {on: /, trim: false, empty: true}}", "{\"path\":\"/a/ b/\"}",
	  "{\"path\":[\"\",\"a\",\" b\",\"\"]}" },
};

const struct qf_step qf_step_explode = {
	.name = "explode",
	.help = "split texts into arrays",
	.usage = usage,
	.group = "values",
	.doc = "The separator is a plain text. White space around the pieces and pieces without anything go, unless `trim: false` and `empty: true` keep them. "
	       "An empty text gives an empty array. An array stays as it is; with brackets, `tags[]`, each text of an array becomes an array. Null and what is not "
	       "there stays; a number, boolean or object is an error. Indexes stay, for Qdrant takes the elements of an "
	       "array one by one. `join` is the way back.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "PATH",
	.pair_value = "SEPARATOR",
	.pair_opts = opts,
	.n_pair_opts = QF_LEN(opts),
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = step_point,
	.close = step_close,
};
