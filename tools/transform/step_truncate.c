/* truncate: {title: 100}: limits on the length of texts. */
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] = "truncate: {title: 100, body: {to: 8000, unit: bytes, word: true, marker: '...'}}";

enum unit { CHARACTERS, BYTES };

struct setting {
	unsigned long long to;
	int unit;
	bool word;
	const char *marker;
	size_t room; /* for the text before the marker */
	struct qf_path path;
};

struct state {
	struct setting *list;
	size_t n;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "to", .type = QF_OPT_UINT, .offset = offsetof(struct setting, to), .min = 1, .max = 1ull << 40, .arg = "N",
	  .def = "1", .data = true, .help = "the longest that is left as it is" },
	{ .name = "unit", .type = QF_OPT_CHOICE, .offset = offsetof(struct setting, unit), .choices = "characters|bytes",
	  .def = "characters", .arg = "UNIT", .data = true, .help = "code points, or bytes of UTF-8" },
	{ .name = "word", .type = QF_OPT_FLAG, .offset = offsetof(struct setting, word), .data = true,
	  .help = "cut behind a whole word, if there is white space" },
	{ .name = "marker", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, marker), .def = "", .arg = "TEXT",
	  .data = true, .help = "what stands behind a text that was cut; it counts" },
};
/* clang-format on */

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	size_t n = qf_node_count(value), marker;

	if (!n)
		return qf_node_error(conf, value, err, "properties and their lengths are expected: %s", usage);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct setting *t = &s->list[s->n++];

		if (qf_path_compile(&t->path, conf, k, k->key, false, &s->arena, err) < 0 ||
		    qf_pair_settings(opts, QF_LEN(opts), "to", t, conf, k, NULL, 0, &s->arena, err) < 0)
			return -1;
		if (k->kind == QF_NODE_MAP && !qf_node_get(k, "to"))
			return qf_node_error(conf, k, err, "'to' is missing: the length: %s", usage);
		marker = t->unit == BYTES ? strlen(t->marker) : qf_text_length(qf_str(t->marker));
		if (marker >= t->to)
			return qf_node_error(conf, k, err, "marker: '%s' leaves no room for a text of %llu", t->marker, t->to);
		t->room = (size_t)t->to - marker;
	}
	return 0;
}

static int truncate_text(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct setting *t = context;
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_str text;

	if (v->type == QF_JSON_OBJECT)
		return qf_err_set(err, QF_E_DATA, "an object cannot be cut: %s", qf_val_show(v, arena));
	if (v->type != QF_JSON_STRING)
		return 0;
	text = qf_val_text(v, arena);
	/* No text has more characters than bytes. */
	if (text.n <= t->to || (t->unit == CHARACTERS && qf_text_length(text) <= t->to))
		return 0;
	qf_buf_add(&out, text.p, qf_text_cut(text, t->room, t->unit == BYTES, t->word));
	qf_buf_puts(&out, t->marker);
	qf_val_assign(v, qf_val_new_string(arena, qf_arena_dup(arena, out.p ? out.p : "", out.n)));
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n; i++) {
		struct qf_each each = { .fn = truncate_text, .context = &s->list[i] };

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
	{ "Characters", "truncate: {title: 5}", "{\"title\":\"Überall\"}", "{\"title\":\"Übera\"}" },
	{ "Whole words, and a marker", "truncate: {body: {to: 16, word: true, marker: '...'}}", "{\"body\":\"The quick brown fox\"}",
	  "{\"body\":\"The quick...\"}" },
};

const struct qf_step qf_step_truncate = {
	.name = "truncate",
	.help = "cut texts to a length",
	.usage = usage,
	.group = "values",
	.doc = "A text that is longer is cut so that it has the length at most, the marker counted. A letter with its marks, or a sign made of "
	       "several code points, is not cut through, unless it is longer than all the room. `word` goes back to the last white space, if there is any. "
	       "Arrays are gone through, each text for itself. Numbers, booleans, null and what is not there stay; an object is an "
	       "error. Keyword indexes of Qdrant take any length, but a filter must name the cut text.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "PATH",
	.pair_value = "LENGTH",
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
