/* parse-json: [meta]: texts that hold JSON as what they say. */
#include "tools/transform/values.h"

static const char usage[] = "parse-json: [meta, raw], or parse-json: {paths: [meta], on-error: keep}";

struct settings {
	struct qf_opt_list paths;
	int on_error;
};

struct state {
	struct settings set;
	struct qf_paths paths;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "paths", .type = QF_OPT_LIST, .offset = offsetof(struct settings, paths), .arg = "PATH", .data = true,
	  .help = "properties that hold JSON" },
	{ .name = "on-error", .type = QF_OPT_CHOICE, .offset = offsetof(struct settings, on_error),
	  .choices = QF_ON_ERROR_CHOICES, .def = "fail", .arg = "WHAT", .data = true,
	  .help = "what becomes of a text that is not JSON" },
};
/* clang-format on */

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;

	return qf_step_opt_paths(conf, value, usage, &s->paths, &s->arena, err);
}

static int parse(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *parsed;
	const char *why;

	(void)context;
	if (v->type != QF_JSON_STRING)
		return 0;
	parsed = qf_val_of_json(qf_val_text(v, arena), arena, &why);
	if (!parsed)
		return qf_err_set(err, QF_E_DATA, "%s is not valid JSON: %s", qf_val_show(v, arena), why);
	qf_val_assign(v, parsed);
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_each each = { .fn = parse, .on_error = s->set.on_error };

	return qf_each_value_of(&each, &s->paths, rec, arena, err) < 0 ? -1 : QF_STEP_KEEP;
}

/* What the texts hold is not known; an index of texts would not fit it. */
static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < s->paths.n; i++)
		qf_path_undeclare(&s->paths.path[i], rec, arena);
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "An object in a text", "parse-json: meta", "{\"meta\":\"{\\\"pages\\\": 96, \\\"isbn\\\": 9007199254740993}\"}",
	  "{\"meta\":{\"pages\": 96, \"isbn\": 9007199254740993}}" },
	{ "No JSON", "parse-json: meta", "{\"meta\":\"{pages: 96}\"}",
	  "error: step 1 (parse-json): collection 'A', id 1, line 1: 'meta': \"{pages: 96}\" is not valid JSON: a key is missing" },
};

const struct qf_step qf_step_parse = {
	.name = "parse-json",
	.help = "texts that hold JSON as objects, arrays, numbers",
	.usage = usage,
	.group = "values",
	.doc = "The text takes its place as it stands, number digits and white space included. Arrays are gone through. What is no text stays. A "
	       "text that is not valid JSON (an empty one is not), or nested too deeply, is an error with the value, or `on-error: null` makes it "
	       "null, or `keep` leaves it. What was declared for the property goes, for what will be in it is not known.",
	.forms = QF_STEP_OPTS,
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
