/*
 * Writes what is made of the tables of the steps:
 *   transform_doc markdown INTRO   docs/TRANSFORM.md, the text of INTRO first
 *   transform_doc schema           configs/mapping.schema.json
 * `scripts/dev docs` writes both into the tree.
 */
#include <stdio.h>

#include "tools/transform/expr.h"
#include "tools/transform/options.h"
#include "tools/transform/steps.h"

/* ---- Markdown ---- */

static const struct {
	const char *name, *title;
} groups[] = {
	{ "shape", "Shape" },	{ "values", "Values" }, { "filters", "Filters" }, { "ids", "Ids" },
	{ "vectors", "Vectors" }, { "rows", "Rows" },	{ "chunks", "Chunks and embeddings" },
	{ "lookup", "Lookup" },
};

/* In a cell of a table. */
static void put_cell(struct qf_buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			qf_buf_addc(out, '\\');
		qf_buf_addc(out, *text);
	}
}

static void put_default(struct qf_buf *out, const struct qf_opt *o)
{
	if (o->def && *o->def)
		qf_buf_printf(out, "`%s`", o->def);
	else if (o->type == QF_OPT_FLAG)
		QF_BUF_LIT(out, "`false`");
}

static void put_kind(struct qf_buf *out, const struct qf_opt *o)
{
	static const char *const kinds[] = {
		[QF_OPT_FLAG] = "`true` or `false`", [QF_OPT_TEXT] = "text", [QF_OPT_UINT] = "whole number",
		[QF_OPT_SIZE] = "size (`4MiB`)", [QF_OPT_SECONDS] = "seconds", [QF_OPT_LIST] = "list",
		[QF_OPT_WORDS] = "list", [QF_OPT_NODE] = "map or list", [QF_OPT_SECRET] = "environment only",
	};

	if (o->type != QF_OPT_CHOICE) {
		qf_buf_puts(out, kinds[o->type]);
		if (o->type == QF_OPT_UINT && o->max)
			qf_buf_printf(out, ", %llu to %llu", o->min, o->max);
		else if (o->type == QF_OPT_UINT && o->min)
			qf_buf_printf(out, ", at least %llu", o->min);
		return;
	}
	for (const char *c = o->choices; *c;) {
		size_t n = strcspn(c, "|");

		qf_buf_printf(out, "%s`%.*s`", c == o->choices ? "" : ", ", (int)n, c);
		c += n + (c[n] == '|');
	}
}

static void put_table(struct qf_buf *out, const struct qf_opt *opts, size_t n)
{
	QF_BUF_LIT(out, "\n| setting | value | default | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < n; i++) {
		qf_buf_printf(out, "| `%s` | ", opts[i].type == QF_OPT_SECRET ? opts[i].env : opts[i].name);
		put_kind(out, &opts[i]);
		QF_BUF_LIT(out, " | ");
		put_default(out, &opts[i]);
		QF_BUF_LIT(out, " | ");
		put_cell(out, opts[i].help);
		QF_BUF_LIT(out, " |\n");
	}
}

static void put_nature(struct qf_buf *out, const struct qf_step *s)
{
	static const char *const effects[] = {
		[QF_STEP_ONE_TO_ONE] = "one record for one", [QF_STEP_FILTER] = "may leave records out",
		[QF_STEP_ONE_TO_MANY] = "may make several records of one",
	};

	qf_buf_printf(out, "\n*Records*: %s. *Pure*: %s. ", effects[s->effect],
		      s->pure ? "yes" : "no");
	qf_buf_printf(out, "*Remembers*: %s. *Deletes, cursors, scopes*: %s.\n", s->needs ? s->needs : "nothing",
		      s->passes ? s->passes : "unchanged");
}

static void put_example(struct qf_buf *out, const struct qf_step_example *x)
{
	qf_buf_printf(out, "\n%s:\n\n```yaml\n", x->title);
	for (const char *p = x->step; *p;) {
		size_t n = strcspn(p, "\n");

		/* One step a line. */
		qf_buf_printf(out, "- %.*s\n", (int)n, p);
		p += n + (p[n] == '\n');
	}
	qf_buf_printf(out, "```\n```\n%s\n", x->in);
	if (!strncmp(x->out, "error: ", 7))
		qf_buf_printf(out, "%s\n```\n", x->out);
	else
		qf_buf_printf(out, "becomes\n%s\n```\n", *x->out ? x->out : "(nothing)");
}

/* In lines of at most 120 columns, as far as words go. */
static void put_wrapped(struct qf_buf *out, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column && column + 1 + n > 120) {
			qf_buf_addc(out, '\n');
			column = 0;
		} else if (column) {
			qf_buf_addc(out, ' ');
			column++;
		}
		qf_buf_add(out, text, n);
		column += n;
		text += n;
		text += strspn(text, " ");
	}
	qf_buf_addc(out, '\n');
}

static void put_step(struct qf_buf *out, const struct qf_step *s)
{
	qf_buf_printf(out, "\n### `%s`: %s\n\n`%s`\n\n", s->name, s->help, s->usage);
	put_wrapped(out, s->doc ? s->doc : "");
	if (s->n_opts)
		put_table(out, s->opts, s->n_opts);
	if (s->short_opt)
		qf_buf_printf(out, "\nWithout a map the value is `%s`.\n", s->short_opt);
	if (s->n_pair_opts) {
		qf_buf_printf(out, "\nFor each %s:\n", s->pair_key);
		put_table(out, s->pair_opts, s->n_pair_opts);
	}
	put_nature(out, s);
	for (size_t i = 0; i < s->n_examples; i++)
		put_example(out, &s->examples[i]);
}

/* The language of conditions, behind the steps that it is for; paragraphs are wrapped, tables are not. */
static void put_conditions(struct qf_buf *out)
{
	const char *p = qf_expr_doc;

	QF_BUF_LIT(out, "\n## Conditions\n\n");
	while (*p) {
		size_t n = strcspn(p, "\n");
		QF_AUTO_FREE char *line = qf_strndup(p, n);

		if (n && *line != '|')
			put_wrapped(out, line);
		else
			qf_buf_printf(out, "%s\n", line);
		p += n + (p[n] == '\n');
	}
	QF_BUF_LIT(out, "\n| condition | payload | value |\n|---|---|---|\n");
	for (const struct qf_expr_example *x = qf_expr_examples; x->text; x++) {
		bool ticks = strchr(x->text, '`') != NULL;

		qf_buf_printf(out, "| %s%s%s | `", ticks ? "`` " : "`", x->text, ticks ? " ``" : "`");
		put_cell(out, x->payload);
		qf_buf_printf(out, "` | %s |\n", qf_tri_name(x->value));
	}
}

static int markdown(const char *intro, struct qf_buf *out)
{
	FILE *in = fopen(intro, "r");
	size_t n;

	if (!in) {
		perror(intro);
		return 1;
	}
	while ((n = fread(qf_buf_room(out, 65536), 1, 65536, in)) > 0)
		out->n += n;
	fclose(in);
	for (size_t g = 0; g < QF_LEN(groups); g++) {
		bool any = false;

		for (size_t i = 0; qf_steps[i]; i++) {
			if (strcmp(qf_steps[i]->group, groups[g].name) != 0)
				continue;
			if (!any)
				qf_buf_printf(out, "\n## %s\n", groups[g].title);
			any = true;
			put_step(out, qf_steps[i]);
		}
		if (any && !strcmp(groups[g].name, "filters"))
			put_conditions(out);
	}
	return 0;
}

/* ---- the schema ---- */

static struct qf_json *object(struct qf_arena *a, struct qf_json *in, const char *key)
{
	return qf_json_add(a, in, key, QF_JSON_OBJECT);
}

static void add_types(struct qf_arena *a, struct qf_json *in, const char *types)
{
	struct qf_json *list = strchr(types, ' ') ? qf_json_add(a, in, "type", QF_JSON_ARRAY) : NULL;

	if (!list)
		qf_json_add_cstr(a, in, "type", types);
	while (list && *types) {
		size_t n = strcspn(types, " ");

		qf_json_add_str(a, list, NULL, (struct qf_str){ types, n });
		types += n + (types[n] == ' ');
	}
}

/* A list of words; one alone needs no brackets. */
static void add_words(struct qf_arena *a, struct qf_json *in)
{
	add_types(a, in, "string number boolean array");
	add_types(a, object(a, in, "items"), "string number boolean");
}

static void add_opt(struct qf_arena *a, struct qf_json *map, const struct qf_opt *o)
{
	struct qf_json *s, *list;

	if (o->type == QF_OPT_SECRET)
		return;
	s = object(a, map, o->name);
	qf_json_add_cstr(a, s, "description", o->help);
	switch (o->type) {
	case QF_OPT_FLAG:
		add_types(a, s, "boolean");
		break;
	case QF_OPT_UINT:
		add_types(a, s, "integer");
		qf_json_add_int(a, s, "minimum", (int64_t)o->min);
		if (o->max)
			qf_json_add_int(a, s, "maximum", (int64_t)o->max);
		break;
	case QF_OPT_SECONDS:
		add_types(a, s, "number");
		qf_json_add_int(a, s, "minimum", 0);
		break;
	case QF_OPT_SIZE:
		add_types(a, s, "integer string");
		break;
	case QF_OPT_LIST:
	case QF_OPT_WORDS:
		add_words(a, s);
		break;
	case QF_OPT_NODE:
		add_types(a, s, "object array");
		break;
	case QF_OPT_CHOICE:
		list = qf_json_add(a, s, "enum", QF_JSON_ARRAY);
		for (const char *c = o->choices; *c;) {
			size_t n = strcspn(c, "|");

			qf_json_add_str(a, list, NULL, (struct qf_str){ c, n });
			c += n + (c[n] == '|');
		}
		break;
	default:
		add_types(a, s, "string number boolean");
	}
}

static void add_map(struct qf_arena *a, struct qf_json *in, const struct qf_opt *opts, size_t n)
{
	struct qf_json *map;

	add_types(a, in, "object");
	map = object(a, in, "properties");
	for (size_t i = 0; i < n; i++)
		add_opt(a, map, &opts[i]);
	qf_json_add_bool(a, in, "additionalProperties", false);
}

static void add_pairs(struct qf_arena *a, struct qf_json *in, const struct qf_step *s)
{
	struct qf_json *value, *any;

	add_types(a, in, "object");
	qf_json_add_int(a, in, "minProperties", 1);
	value = object(a, in, "additionalProperties");
	if (s->pair_json)
		return;
	if (!s->n_pair_opts) {
		add_words(a, value);
		return;
	}
	any = qf_json_add(a, value, "anyOf", QF_JSON_ARRAY);
	add_words(a, object(a, any, NULL));
	add_map(a, object(a, any, NULL), s->pair_opts, s->n_pair_opts);
}

static void add_step(struct qf_arena *a, struct qf_json *defs, const struct qf_step *s)
{
	struct qf_json *def = object(a, defs, s->name), *any;
	unsigned forms = s->forms | (s->short_opt ? QF_STEP_WORDS : 0);

	qf_json_add_cstr(a, def, "description", s->help);
	any = qf_json_add(a, def, "anyOf", QF_JSON_ARRAY);
	if (forms & QF_STEP_NOTHING)
		add_types(a, object(a, any, NULL), "null");
	if (forms & QF_STEP_WORDS)
		add_words(a, object(a, any, NULL));
	else if (forms & QF_STEP_WORD)
		add_types(a, object(a, any, NULL), "string number boolean");
	if (forms & QF_STEP_PAIRS)
		add_pairs(a, object(a, any, NULL), s);
	if (forms & QF_STEP_OPTS)
		add_map(a, object(a, any, NULL), s->opts, s->n_opts);
}

static void add_ref(struct qf_arena *a, struct qf_json *in, const char *to)
{
	qf_json_add_str(a, in, "$ref", qf_arena_printf(a, "#/$defs/%s", to));
}

/* A list of steps: a bare name, or a map of one step and perhaps `collections`. */
static void add_list(struct qf_arena *a, struct qf_json *defs)
{
	struct qf_json *list = object(a, defs, "steps"), *any, *item, *names, *map;

	add_types(a, list, "array null");
	any = qf_json_add(a, object(a, list, "items"), "anyOf", QF_JSON_ARRAY);
	names = qf_json_add(a, object(a, any, NULL), "enum", QF_JSON_ARRAY);
	item = object(a, any, NULL);
	add_types(a, item, "object");
	qf_json_add_int(a, item, "minProperties", 1);
	qf_json_add_int(a, item, "maxProperties", 2);
	map = object(a, item, "properties");
	add_words(a, object(a, map, "collections"));
	for (size_t i = 0; qf_steps[i]; i++) {
		if (qf_steps[i]->forms & QF_STEP_NOTHING)
			qf_json_add_cstr(a, names, NULL, qf_steps[i]->name);
		add_ref(a, object(a, map, qf_steps[i]->name), qf_steps[i]->name);
	}
	qf_json_add_bool(a, item, "additionalProperties", false);
}

static void put_json(struct qf_buf *out, const struct qf_json *v, int depth)
{
	bool is_object = v->type == QF_JSON_OBJECT, flat = !is_object;

	for (const struct qf_json *c = v->child; c; c = c->next)
		flat &= c->type != QF_JSON_OBJECT && c->type != QF_JSON_ARRAY;
	if (flat || !v->child) {
		qf_json_write(out, v);
		return;
	}
	qf_buf_addc(out, is_object ? '{' : '[');
	for (const struct qf_json *c = v->child; c; c = c->next) {
		qf_buf_printf(out, "%s\n%*s", c == v->child ? "" : ",", 2 * depth + 2, "");
		if (is_object) {
			qf_json_write_string(out, c->key);
			QF_BUF_LIT(out, ": ");
		}
		put_json(out, c, depth + 1);
	}
	qf_buf_printf(out, "\n%*s%c", 2 * depth, "", is_object ? '}' : ']');
}

static int schema(struct qf_buf *out)
{
	QF_AUTO_ARENA struct qf_arena a = { 0 };
	struct qf_json *top = qf_json_new(&a, QF_JSON_OBJECT), *defs, *map, *stage;

	qf_json_add_cstr(&a, top, "$schema", "https://json-schema.org/draft/2020-12/schema");
	qf_json_add_cstr(&a, top, "title", "A mapping of fortress transform");
	qf_json_add_cstr(&a, top, "description", "Made of the tables in tools/transform by scripts/dev docs; see docs/TRANSFORM.md.");
	add_types(&a, top, "object");
	map = object(&a, top, "properties");
	add_ref(&a, object(&a, map, "steps"), "steps");
	stage = object(&a, map, "transform");
	add_map(&a, stage, qf_transform_opts, qf_n_transform_opts);
	add_ref(&a, object(&a, qf_json_get(stage, "properties"), "steps"), "steps");
	qf_json_add_bool(&a, top, "additionalProperties", false);
	defs = object(&a, top, "$defs");
	add_list(&a, defs);
	for (size_t i = 0; qf_steps[i]; i++)
		add_step(&a, defs, qf_steps[i]);
	put_json(out, top, 0);
	qf_buf_addc(out, '\n');
	return 0;
}

int main(int argc, char **argv)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	int rc;

	if (argc == 3 && !strcmp(argv[1], "markdown"))
		rc = markdown(argv[2], &out);
	else if (argc == 2 && !strcmp(argv[1], "schema"))
		rc = schema(&out);
	else
		rc = 64;
	fwrite(out.p ? out.p : "", 1, out.n, stdout);
	return rc;
}
