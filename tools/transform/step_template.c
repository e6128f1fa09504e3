/* template: {label: "{title} - {year}"}: texts made of other properties. */
#include "tools/transform/template.h"

static const char usage[] = "template: {label: '{title} - {year}', text: {text: '{title} {body}', absent: empty}}";

struct setting {
	const char *text;
	int absent;
	struct qf_path target, to;
	struct qf_template template;
};

struct state {
	struct setting *list;
	size_t n;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "text", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, text), .arg = "TEMPLATE", .data = true,
	  .help = "the text, with paths in braces" },
	{ .name = "absent", .type = QF_OPT_CHOICE, .offset = offsetof(struct setting, absent),
	  .choices = QF_TEMPLATE_ABSENT_CHOICES, .def = "fail", .arg = "WHAT", .data = true,
	  .help = "where a value is null or not there: fail, put nothing in its place, or make no text" },
};
/* clang-format on */

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	size_t n = qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "properties and their texts are expected: %s", usage);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct setting *t = &s->list[s->n++];

		if (qf_path_compile(&t->target, conf, k, k->key, false, &s->arena, err) < 0 ||
		    qf_pair_settings(opts, QF_LEN(opts), "text", t, conf, k, NULL, 0, &s->arena, err) < 0)
			return -1;
		if (!t->text)
			return qf_node_error(conf, k, err, "'text' is missing: %s", usage);
		if (qf_template_compile(&t->template, conf, k, t->text, &s->arena, err) < 0)
			return -1;
		t->to = t->target;
		qf_template_rebase(&t->template, &t->to, &s->arena);
	}
	return 0;
}

static int make(const struct setting *t, struct qf_record *rec, struct qf_val *root,
		struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val **objects;
	size_t n = qf_base_objects(&t->template.base, root, arena, &objects);

	for (size_t i = 0; i < n; i++) {
		struct qf_str text;

		if (qf_template_text(&t->template, rec, objects[i], (enum qf_template_absent)t->absent, arena, &text,
				     err) < 0)
			return qf_err_wrap(err, "'%s'", t->target.text.p);
		if (text.p && qf_path_set(&t->to, objects[i], qf_val_new_string(arena, text), arena, err) < 0)
			return -1;
	}
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_val *root;

	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (make(&s->list[i], rec, root, arena, err) < 0)
			return -1;
	return QF_STEP_KEEP;
}

static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < s->n; i++)
		qf_path_retype(&s->list[i].target, rec, "keyword", arena);
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "Of two properties and the id", "template: {label: '{title} - {year} ({@id})'}", "{\"title\":\"Emma\",\"year\":1815}",
	  "{\"title\":\"Emma\",\"year\":1815,\"label\":\"Emma - 1815 (1)\"}" },
	{ "Each object of an array for itself", "template: {parts.label: '{title}: {parts.n}'}",
	  "{\"title\":\"A\",\"parts\":[{\"n\":1},{\"n\":2}]}",
	  "{\"title\":\"A\",\"parts\":[{\"n\":1,\"label\":\"A: 1\"},{\"n\":2,\"label\":\"A: 2\"}]}" },
	{ "A value that is not there", "template: {label: '{title} - {year}'}", "{\"title\":\"Emma\"}",
	  "error: step 1 (template): collection 'A', id 1, line 1: 'label': 'year' is not there, and the template asks for it" },
};

const struct qf_step qf_step_template = {
	.name = "template",
	.help = "texts made of other properties",
	.usage = usage,
	.group = "values",
	.doc = "Paths stand in braces, and so do @id, @tenant and @collection; {{ and }} are braces. Numbers keep their digits, booleans are true and "
	       "false. Of a path that has several values the first is taken; but in the objects of an array each is done for itself, with "
	       "the values of the same object. A value that is null or not there is an error, or `absent: empty` puts nothing in its place, or "
	       "`skip` makes no text. Arrays and objects are errors: `join` them before. The text replaces what stood there. A "
	       "declared index of another type than keyword or text becomes one of keyword.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "PATH",
	.pair_value = "TEMPLATE",
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
