/* redact: personal data masked: by path, by name at any depth, or wherever texts hold it. */
#include "tools/transform/redact.h"
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] =
	"redact: [email, phone], or redact: {names: [password], patterns: [email, card], keep-last: 4, mask: '***'}";

/* In this order: the digits of an IBAN must not be taken for a card or a phone number before. */
static const struct {
	const char *name;
	bool (*find)(struct qf_str text, size_t from, struct qf_str *ret);
} finders[] = { { "iban", qf_find_iban }, { "card", qf_find_card }, { "email", qf_find_email }, { "phone", qf_find_phone } };

struct settings {
	struct qf_opt_list paths, names, patterns, in;
	const char *mask;
	unsigned long long keep_last;
};

struct state {
	struct settings set;
	struct qf_paths paths, in;
	bool find[QF_LEN(finders)], finds;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "paths", .type = QF_OPT_LIST, .offset = offsetof(struct settings, paths), .arg = "PATH", .data = true,
	  .help = "properties whose values are masked" },
	{ .name = "names", .type = QF_OPT_LIST, .offset = offsetof(struct settings, names), .arg = "NAME", .data = true,
	  .help = "keys, at any depth and in any case, whose values are masked" },
	{ .name = "patterns", .type = QF_OPT_LIST, .offset = offsetof(struct settings, patterns), .arg = "WHICH", .data = true,
	  .help = "what is masked inside texts: email, phone, card, iban" },
	{ .name = "in", .type = QF_OPT_LIST, .offset = offsetof(struct settings, in), .arg = "PATH", .data = true,
	  .help = "properties where patterns are looked for; without it in all texts" },
	{ .name = "keep-last", .type = QF_OPT_UINT, .offset = offsetof(struct settings, keep_last), .arg = "N", .max = 1000,
	  .data = true, .help = "leave the last N characters of what is at least twice as long" },
	{ .name = "mask", .type = QF_OPT_TEXT, .offset = offsetof(struct settings, mask), .def = "***", .arg = "TEXT",
	  .data = true, .help = "what takes their place" },
};
/* clang-format on */

static int take_patterns(struct state *s, const struct qf_conf *conf, const struct qf_node *at, struct qf_err *err)
{
	for (size_t i = 0; i < s->set.patterns.n; i++) {
		size_t f = 0;

		while (f < QF_LEN(finders) && strcmp(finders[f].name, s->set.patterns.items[i]) != 0)
			f++;
		if (f == QF_LEN(finders))
			return qf_node_error(conf, at, err, "patterns: '%s' is none of email, phone, card, iban",
					     s->set.patterns.items[i]);
		s->find[f] = s->finds = true;
	}
	return 0;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	const struct qf_node *paths = value->kind == QF_NODE_MAP ? qf_node_get(value, "paths") : value;

	if (!paths && !s->set.names.n && !s->set.patterns.n)
		return qf_node_error(conf, value, err, "paths, names or patterns are expected: %s", usage);
	if (paths && qf_step_paths(conf, paths, usage, &s->paths, &s->arena, err) < 0)
		return -1;
	if (s->set.in.n && !s->set.patterns.n)
		return qf_node_error(conf, qf_node_get(value, "in"), err, "'in' says where patterns are looked for, but there are none");
	if (s->set.in.n && qf_step_paths(conf, qf_node_get(value, "in"), usage, &s->in, &s->arena, err) < 0)
		return -1;
	return take_patterns(s, conf, value, err);
}

/* ---- masks ---- */

static void add_mask(const struct state *s, struct qf_str text, struct qf_buf *out)
{
	size_t n;

	qf_buf_puts(out, s->set.mask);
	if (!s->set.keep_last || qf_text_length(text) < 2 * s->set.keep_last)
		return;
	n = qf_text_last(text, s->set.keep_last);
	qf_buf_add(out, text.p + text.n - n, n);
}

static void mask(const struct state *s, struct qf_val *v, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	add_mask(s, qf_val_as_text(v, arena), &out);
	qf_val_assign(v, qf_val_new_string(arena, qf_arena_dup(arena, out.p ? out.p : "", out.n)));
}

static int mask_value(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	(void)err;
	mask(context, v, arena);
	return 0;
}

/* A key's value: what is in an array or object goes with it. */
static void mask_all(const struct state *s, struct qf_val *v, struct qf_arena *arena)
{
	if (v->type == QF_JSON_ARRAY)
		for (struct qf_val *e = qf_val_first(v, arena); e; e = e->next)
			mask_all(s, e, arena);
	else if (v->type != QF_JSON_NULL)
		mask(s, v, arena);
}

/* ---- patterns ---- */

/* All finds of one kind; the same slice where there are none. */
static struct qf_str mask_finds(const struct state *s, size_t finder, struct qf_str text, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_str found;
	size_t from = 0;

	while (from < text.n && finders[finder].find(text, from, &found)) {
		qf_buf_add(&out, text.p + from, (size_t)(found.p - text.p) - from);
		add_mask(s, found, &out);
		from = (size_t)(found.p - text.p) + found.n;
	}
	if (!from)
		return text;
	qf_buf_add(&out, text.p + from, text.n - from);
	return qf_arena_dup(arena, out.p ? out.p : "", out.n);
}

static int mask_patterns(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct state *s = context;
	struct qf_str text, masked;

	(void)err;
	/* A card's number may stand there as a number. */
	if (v->type != QF_JSON_STRING && !qf_val_is_integer(v))
		return 0;
	masked = text = qf_val_text(v, arena);
	for (size_t i = 0; i < QF_LEN(finders); i++)
		if (s->find[i] && (v->type == QF_JSON_STRING || finders[i].find == qf_find_card))
			masked = mask_finds(s, i, masked, arena);
	if (masked.p != text.p)
		qf_val_assign(v, qf_val_new_string(arena, masked));
	return 0;
}

/* ---- the whole payload ---- */

static bool is_named(const struct state *s, struct qf_str key)
{
	for (size_t i = 0; i < s->set.names.n; i++)
		if (strlen(s->set.names.items[i]) == key.n && strncasecmp(s->set.names.items[i], key.p, key.n) == 0)
			return true;
	return false;
}

static void walk(const struct state *s, struct qf_val *v, bool patterns, struct qf_arena *arena, struct qf_err *err)
{
	if (v->type != QF_JSON_OBJECT && v->type != QF_JSON_ARRAY) {
		if (patterns)
			(void)mask_patterns((void *)s, v, arena, err);
		return;
	}
	for (struct qf_val *c = qf_val_first(v, arena); c; c = c->next) {
		if (c->key.p && is_named(s, c->key))
			mask_all(s, c, arena);
		else
			walk(s, c, patterns, arena, err);
	}
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	/* What a reader would not see of duplicate keys is in the stream all the same. */
	struct qf_each by_path = { .fn = mask_value, .context = s, .duplicates = true };
	struct qf_each by_pattern = { .fn = mask_patterns, .context = s, .duplicates = true };
	struct qf_val *root;

	if (qf_payload_get(rec, arena, &root, err) < 0 || qf_each_value_of(&by_path, &s->paths, rec, arena, err) < 0 ||
	    qf_each_value_of(&by_pattern, &s->in, rec, arena, err) < 0)
		return -1;
	if (s->set.names.n || (s->finds && !s->in.n))
		walk(s, root, s->finds && !s->in.n, arena, err);
	return QF_STEP_KEEP;
}

static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_json *payload = qf_json_get(rec->doc, "payload");
	struct state *s = state;
	struct qf_path path;
	const char *why;

	(void)err;
	for (size_t i = 0; i < s->paths.n; i++)
		qf_path_retype(&s->paths.path[i], rec, "keyword", arena);
	for (const struct qf_json *e = payload ? payload->child : NULL; e; e = e->next)
		if (qf_path_parse(&path, e->key, false, arena, &why) == 0 && is_named(s, path.parts[path.n - 1].name))
			qf_path_retype(&path, rec, "keyword", arena);
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "Two properties", "redact: {paths: [email, card], keep-last: 4}", "{\"email\":\"ada@example.org\",\"card\":4111111111111111}",
	  "{\"email\":\"***.org\",\"card\":\"***1111\"}" },
	{ "Keys at any depth", "redact: {names: [password]}", "{\"user\":{\"name\":\"ada\",\"Password\":\"x\"}}",
	  "{\"user\":{\"name\":\"ada\",\"Password\":\"***\"}}" },
	{ "Inside texts", "redact: {patterns: [email, phone, card, iban], mask: '[...]'}",
	  "{\"note\":\"Ask ada@example.org or +49 30 1234567 by 31.12.2024, IBAN DE89 3704 0044 0532 0130 00.\"}",
	  "{\"note\":\"Ask [...] or [...] by 31.12.2024, IBAN [...].\"}" },
};

const struct qf_step qf_step_redact = {
	.name = "redact",
	.help = "mask properties, and personal data in texts",
	.usage = usage,
	.group = "values",
	.doc = "`paths` and `names` mask whole values, numbers and booleans too, which become texts; an object is masked as one, an array element by element; null stays. "
	       "`patterns` mask what they find inside texts: `email`; `phone` (international with + or 00, national with a zero or bracket in front, 555-123-4567); "
	       "`card` (13 to 19 digits with a right check digit, also as a number); `iban` (right check digits). They go by form: what has none, such as a "
	       "name, they do not find. Duplicate keys are masked all. Ids, keys and vectors stay, and a vector tells much of its "
	       "text. A point that a later step refuses stands in the dead letters as it came in, unmasked. A declared index of a masked "
	       "property becomes one of keyword.",
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
