/* vectors: {drop: [a]}: named vectors leave, or only the named ones stay. */
#include "common/base/log.h"
#include "tools/transform/steps.h"
#include "tools/transform/vectors.h"

static const char usage[] = "vectors: {drop: [old]}, or vectors: {keep: ['', title]}";

struct state {
	struct qf_opt_list keep, drop;
	bool *met; /* the names at their place in the list: something had it */
	bool points; /* there were some */
	struct qf_buf out;
};

static const struct qf_opt opts[] = {
	{ .name = "keep", .type = QF_OPT_LIST, .offset = offsetof(struct state, keep), .arg = "NAME", .data = true,
	  .help = "only these vectors stay, '' is the unnamed one" },
	{ .name = "drop", .type = QF_OPT_LIST, .offset = offsetof(struct state, drop), .arg = "NAME", .data = true,
	  .help = "these vectors go" },
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;

	if (!s->keep.n == !s->drop.n)
		return qf_node_error(conf, value, err, "either 'keep' or 'drop' is expected, with names: %s", usage);
	s->met = qf_calloc(s->keep.n + s->drop.n, sizeof(*s->met));
	return 0;
}

static bool stays(struct state *s, struct qf_str name)
{
	const struct qf_opt_list *list = s->keep.n ? &s->keep : &s->drop;

	for (size_t i = 0; i < list->n; i++)
		if (qf_str_is(name, list->items[i])) {
			s->met[i] = true;
			return list == &s->keep;
		}
	return list == &s->drop;
}

static int vectors_of_schema(void *state, struct qf_record *rec, struct qf_arena *arena,
			     struct qf_err *err)
{
	static const char *const maps[] = { "vectors", "sparse" };
	struct state *s = state;

	(void)arena;
	(void)err;
	for (size_t m = 0; m < QF_LEN(maps); m++) {
		struct qf_json *map = qf_json_get(rec->doc, maps[m]), *last = NULL, *next;

		for (struct qf_json *v = map ? map->child : NULL; v; v = next) {
			next = v->next;
			if (stays(s, v->key)) {
				last = v;
				continue;
			}
			if (last)
				last->next = next;
			else
				map->child = next;
			rec->line.p = NULL;
		}
		if (map)
			map->last = last;
	}
	return QF_STEP_KEEP;
}

static void decoded(struct state *s, struct qf_record *rec, struct qf_arena *arena)
{
	struct qf_vec *vecs = qf_arena_alloc(arena, (rec->n_vecs + 1) * sizeof(*vecs));
	uint32_t n = 0;

	for (uint32_t i = 0; i < rec->n_vecs; i++)
		if (stays(s, rec->vecs[i].name))
			vecs[n++] = rec->vecs[i];
	if (n == rec->n_vecs)
		return;
	rec->line.p = NULL;
	rec->vector = (struct qf_str){ 0 };
	rec->vecs = n ? vecs : NULL;
	rec->n_vecs = n;
}

/* Cuts the text, so that the vectors that stay need not be decoded. */
static int named(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_scan scan = { .p = rec->vector.p, .end = rec->vector.p + rec->vector.n };
	bool first = true, unnamed = false, changed = false;
	struct qf_str name, value, last = { 0 };
	size_t n = 0;

	qf_buf_reset(&s->out);
	while (qf_scan_member(&scan, &first, &name, arena)) {
		value = qf_scan_value(&scan);
		if (!stays(s, name)) {
			changed = true;
			continue;
		}
		qf_buf_addc(&s->out, n++ ? ',' : '{');
		qf_json_write_string(&s->out, name);
		qf_buf_addc(&s->out, ':');
		qf_buf_add_str(&s->out, value);
		unnamed = name.n == 0;
		last = value;
	}
	if (scan.why)
		return qf_err_set(err, QF_E_DATA, "the vectors are not valid JSON: %s", scan.why);
	if (!changed)
		return QF_STEP_KEEP;
	rec->line.p = NULL;
	qf_buf_addc(&s->out, '}');
	/* The unnamed vector alone stands without a map; a sparse one has to have a name. */
	rec->vector = !n ? (struct qf_str){ 0 }
		      : n == 1 && unnamed && *last.p != '{' ? last
							   : qf_arena_dup(arena, s->out.p, s->out.n);
	return QF_STEP_KEEP;
}

static int vectors_of_point(void *state, struct qf_record *rec, struct qf_arena *arena,
			    struct qf_err *err)
{
	struct state *s = state;

	s->points = true;
	if (rec->vecs) {
		decoded(s, rec, arena);
	} else if (rec->vector.n && *rec->vector.p == '{') {
		return named(s, rec, arena, err);
	} else if (rec->vector.n && !stays(s, QF_STR(""))) {
		rec->vector = (struct qf_str){ 0 };
		rec->line.p = NULL;
	}
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	struct state *s = state;
	const struct qf_opt_list *list = s->keep.n ? &s->keep : &s->drop;

	for (size_t i = 0; s->points && s->met && i < list->n; i++)
		if (!s->met[i])
			qf_warn("step vectors: nothing in the stream has a vector '%s'", list->items[i]);
	free(s->met);
	qf_buf_release(&s->out);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "One goes", "vectors: {drop: [b]}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"a\":[0.5],\"b\":[1.5]}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"a\":[0.5]}}" },
	{ "Only the unnamed one stays", "vectors: {keep: ['']}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":{\"\":[0.5],\"b\":[1.5]}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[0.5]}" },
};
/* clang-format on */

const struct qf_step qf_step_vectors = {
	.name = "vectors",
	.help = "drop vectors, or keep only some; rename gives them new names",
	.usage = usage,
	.group = "vectors",
	.doc = "Vectors go from the points and from the schema, sparse ones too; the text of those that stay is not "
	       "touched. A point that has none left is a point without vector. Names that nothing in the "
	       "stream has are warned of at the end. The unnamed vector is ''.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "keep",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.needs = "which names it has met, for the warning",
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = vectors_of_point,
	.collection = vectors_of_schema,
	.close = step_close,
};
