/*
 * rename: new names for collections, payload properties and vectors. Cursors and scopes follow by
 * the same rule, for they are records too. References inside payloads keep the source's names.
 */
#include "tools/transform/merged.h"
#include "tools/transform/props.h"
#include "tools/transform/steps.h"

static const char usage[] =
	"rename: {title: name}, or rename: {collections: {A: b}, properties: {title: name}, vectors: {old: new}}";

struct pair {
	const char *from, *to;
};

struct pairs {
	struct pair *list;
	size_t n, cap;
};

struct state {
	struct qf_props props;
	bool has_props;
	struct pairs collections, vectors;
	struct qf_merged *merged;
	size_t n_merged, cap_merged;
	struct qf_buf out;     /* scratch */
};

/* ---- settings ---- */

static int take_pairs(struct pairs *pairs, const struct qf_conf *conf, const struct qf_node *map,
		      bool may_be_empty, struct qf_err *err)
{
	if (map->kind != QF_NODE_MAP)
		return qf_node_error(conf, map, err, "%s must be a map of old and new names", map->key);
	for (const struct qf_node *k = map->child; k; k = k->next) {
		if (k->kind != QF_NODE_SCALAR || (!*k->text && !(may_be_empty && k->quoted)))
			return qf_node_error(conf, k, err, "a new name for '%s' is expected", k->key);
		QF_GROW(pairs->list, pairs->n, pairs->cap);
		pairs->list[pairs->n++] = (struct pair){ k->key, k->text };
	}
	return 0;
}

static int take_props(struct state *s, const struct qf_conf *conf, const struct qf_node *map,
		      struct qf_err *err)
{
	if (map->kind != QF_NODE_MAP)
		return qf_node_error(conf, map, err, "a map of old and new names is expected: %s", usage);
	for (const struct qf_node *k = map->child; k; k = k->next) {
		if (k->kind != QF_NODE_SCALAR || !*k->text)
			return qf_node_error(conf, k, err, "a new name for '%s' is expected", k->key);
		if (qf_props_add(&s->props, conf, k, k->key, k->text, err) < 0)
			return -1;
		s->has_props = true;
	}
	return 0;
}

static struct qf_merged *find_merged(struct state *s, struct qf_str name)
{
	for (size_t i = 0; i < s->n_merged; i++)
		if (qf_str_is(name, s->merged[i].name))
			return &s->merged[i];
	return NULL;
}

static void find_merges(struct state *s)
{
	const struct pairs *p = &s->collections;

	for (size_t i = 0; i < p->n; i++)
		for (size_t j = i + 1; j < p->n; j++) {
			if (strcmp(p->list[i].to, p->list[j].to) != 0 || find_merged(s, qf_str(p->list[i].to)))
				continue;
			QF_GROW(s->merged, s->n_merged, s->cap_merged);
			s->merged[s->n_merged++] = (struct qf_merged){ .name = p->list[i].to };
		}
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	static const char *const kinds[] = { "collections", "properties", "vectors" };
	const struct qf_node *groups = NULL;
	struct state *s = state;

	s->props.mode = QF_PROPS_RENAME;
	if (!value || value->kind != QF_NODE_MAP || !value->child)
		return qf_node_error(conf, value, err, "old and new names are expected: %s", usage);
	/* The long form is told by its values, so that a property may be called "vectors". */
	for (const struct qf_node *k = value->child; k && !groups; k = k->next)
		if (k->kind == QF_NODE_MAP)
			groups = k;
	if (!groups)
		return take_props(s, conf, value, err);
	if (qf_node_check_keys(conf, value, "rename", kinds, QF_LEN(kinds), err) < 0)
		return -1;
	groups = qf_node_get(value, "collections");
	if (groups && take_pairs(&s->collections, conf, groups, false, err) < 0)
		return -1;
	groups = qf_node_get(value, "vectors");
	if (groups && take_pairs(&s->vectors, conf, groups, true, err) < 0)
		return -1;
	groups = qf_node_get(value, "properties");
	if (groups && take_props(s, conf, groups, err) < 0)
		return -1;
	for (size_t i = 0; i < s->vectors.n; i++)
		for (size_t j = i + 1; j < s->vectors.n; j++)
			if (!strcmp(s->vectors.list[i].to, s->vectors.list[j].to))
				return qf_node_error(conf, value, err, "the vectors '%s' and '%s' would both become '%s'",
						     s->vectors.list[i].from, s->vectors.list[j].from,
						     s->vectors.list[i].to);
	find_merges(s);
	return 0;
}

static const char *new_name(const struct pairs *pairs, struct qf_str name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (qf_str_is(name, pairs->list[i].from))
			return pairs->list[i].to;
	return NULL;
}

static const char *old_name(const struct pairs *pairs, struct qf_str name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (qf_str_is(name, pairs->list[i].to))
			return pairs->list[i].from;
	return NULL;
}

/* ---- vectors ---- */

static int name_taken(const char *from, const char *to, struct qf_err *err)
{
	return qf_err_set(err, QF_E_DATA, "vector '%s' cannot be renamed to '%s', for there is one of that name",
			  from, to);
}

/* Renames keys of "vectors" and "sparse" of the schema; one name space in Qdrant. */
static int rename_declared(struct state *s, struct qf_record *rec, struct qf_arena *arena,
			   struct qf_err *err)
{
	const char *const maps[] = { "vectors", "sparse" };

	for (size_t m = 0; m < QF_LEN(maps); m++) {
		struct qf_json *map = qf_json_get(rec->doc, maps[m]);

		for (struct qf_json *v = map ? map->child : NULL; v; v = v->next) {
			const char *to = new_name(&s->vectors, v->key);
			const char *from = old_name(&s->vectors, v->key);

			/* One that keeps its name where another one gets it. */
			if (!to && from) {
				struct qf_json *dense = qf_json_get(rec->doc, "vectors");
				struct qf_json *sparse = qf_json_get(rec->doc, "sparse");

				if (qf_json_get(dense, from) || qf_json_get(sparse, from))
					return name_taken(from, v->key.p, err);
			}
		}
	}
	for (size_t m = 0; m < QF_LEN(maps); m++) {
		struct qf_json *map = qf_json_get(rec->doc, maps[m]);

		for (struct qf_json *v = map ? map->child : NULL; v; v = v->next) {
			const char *to = new_name(&s->vectors, v->key);

			if (to) {
				v->key = qf_arena_dup(arena, to, strlen(to));
				rec->line.p = NULL;
			}
		}
	}
	return 0;
}

/* The vectors of a point in their raw JSON: a map of names, else the unnamed one. */
static int rename_raw(struct state *s, struct qf_record *rec, struct qf_arena *arena,
		      struct qf_err *err)
{
	struct qf_scan scan = { .p = rec->vector.p, .end = rec->vector.p + rec->vector.n };
	const char *to, *why, *bad;
	bool first = true, changed = false;
	struct qf_str name, value = { 0 };
	size_t n = 0;

	qf_buf_reset(&s->out);
	if (*rec->vector.p != '{') {
		to = new_name(&s->vectors, QF_STR(""));
		if (!to || qf_str_is(rec->vector, "null"))
			return 0;
		/* The reader leaves the text of a vector to its decoder; between brackets it must be JSON. */
		if (!qf_json_skip(rec->vector.p, scan.end, QF_JSON_MAX_DEPTH - 2, &why, &bad))
			return qf_err_set(err, QF_E_DATA, "the vector is not valid JSON: %s", why);
		qf_buf_addc(&s->out, '{');
		qf_json_write_string(&s->out, qf_str(to));
		qf_buf_addc(&s->out, ':');
		qf_buf_add_str(&s->out, rec->vector);
		qf_buf_addc(&s->out, '}');
		changed = true;
	} else {
		bool unnamed = false;

		while (qf_scan_member(&scan, &first, &name, arena)) {
			to = new_name(&s->vectors, name);
			value = qf_scan_value(&scan);
			qf_buf_addc(&s->out, n++ ? ',' : '{');
			unnamed = to ? !*to : name.n == 0;
			qf_json_write_string(&s->out, to ? qf_str(to) : name);
			qf_buf_addc(&s->out, ':');
			qf_buf_add_str(&s->out, value);
			changed |= to != NULL;
		}
		if (scan.why)
			return qf_err_set(err, QF_E_DATA, "the vectors are not valid JSON: %s", scan.why);
		/* The unnamed vector alone stands without a map; a sparse one has to have a name. */
		if (n == 1 && unnamed && *value.p != '{') {
			qf_buf_reset(&s->out);
			qf_buf_add_str(&s->out, value);
		} else if (n) {
			qf_buf_addc(&s->out, '}');
		}
	}
	if (changed) {
		rec->vector = qf_arena_dup(arena, s->out.p, s->out.n);
		rec->line.p = NULL;
	}
	return 0;
}

static int rename_vectors(struct state *s, struct qf_record *rec, struct qf_arena *arena,
			  struct qf_err *err)
{
	if (!rec->vecs)
		return rec->vector.n ? rename_raw(s, rec, arena, err) : 0;
	for (uint32_t i = 0; i < rec->n_vecs; i++) {
		const char *to = new_name(&s->vectors, rec->vecs[i].name);

		if (to) {
			rec->vecs[i].name = qf_arena_dup(arena, to, strlen(to));
			rec->line.p = NULL;
		}
	}
	return 0;
}

/* ---- collections ---- */

static int rename_collection_line(struct state *s, struct qf_record *rec, const char *to,
				  struct qf_arena *arena, struct qf_err *err)
{
	struct qf_str from = rec->collection;
	struct qf_merged *m = find_merged(s, to ? qf_str(to) : from);
	const char *other = old_name(&s->collections, from);

	if (!to && other)
		return qf_err_set(err, QF_E_DATA,
				  "'%s' is renamed to '%.*s', but the stream has a collection of that name; to merge "
				  "the two write '%.*s: %.*s' beside it", other, QF_STR_ARG(from), QF_STR_ARG(from),
				  QF_STR_ARG(from));
	if (to && !qf_str_is(from, to))
		qf_merged_name(rec, to, arena);
	return m ? qf_merged_line(m, rec, from, arena, err) : 0;
}

static int rename_record(struct state *s, struct qf_record *rec, struct qf_arena *arena, bool *keep,
			 struct qf_err *err)
{
	const char *to = new_name(&s->collections, rec->collection);

	if (rec->type == QF_REC_COLLECTION)
		return rename_collection_line(s, rec, to, arena, err);
	/* An interval of one part's keys says nothing about the keys of the others. */
	if (rec->type == QF_REC_CURSOR && s->n_merged && to && find_merged(s, qf_str(to)))
		*keep = false;
	if (to) {
		rec->collection = qf_str(to);
		rec->line.p = NULL;
	}
	return 0;
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	bool *keep = qf_arena_alloc(&io->arena, io->n * sizeof(*keep));
	struct state *s = state;

	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i], was = *rec;
		int rc = 0;

		keep[i] = true;
		if (rec->type == QF_REC_STREAM || rec->type == QF_REC_END)
			continue;
		if (s->vectors.n && rec->type == QF_REC_COLLECTION)
			rc = rename_declared(s, rec, &io->arena, err);
		else if (s->vectors.n && rec->type == QF_REC_POINT)
			rc = rename_vectors(s, rec, &io->arena, err);
		if (rc == 0 && s->has_props)
			rc = qf_props_edit_record(&s->props, rec, &io->arena, err);
		if (rc == 0 && s->collections.n)
			rc = rename_record(s, rec, &io->arena, &keep[i], err);
		if (rc < 0 && (err->code != QF_E_DATA || rec->type == QF_REC_COLLECTION))
			return qf_step_error(&was, &io->arena, err);
		if (rc < 0) {
			*rec = was;
			qf_step_reject(rec, &io->arena, err);
		}
	}
	if (s->n_merged)
		qf_batch_keep(io, keep);
	return 0;
}

static void step_close(void *state)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n_merged; i++)
		qf_merged_release(&s->merged[i]);
	free(s->merged);
	free(s->collections.list);
	free(s->vectors.list);
	qf_props_release(&s->props);
	qf_buf_release(&s->out);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "Properties", "rename: {title: name, address.street: road}",
	  "{\"title\":\"A\",\"address\":{\"street\":\"Elm\",\"no\":5}}",
	  "{\"name\":\"A\",\"address\":{\"road\":\"Elm\",\"no\":5}}" },
	{ "Collections and vectors", "rename: {collections: {A: b}, vectors: {\"\": text}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1,\"vector\":[0.5]}",
	  "{\"type\":\"point\",\"collection\":\"b\",\"id\":1,\"vector\":{\"text\":[0.5]}}" },
	{ "A name that is taken", "rename: {a: b}",
	  "{\"a\":1,\"b\":2}",
	  "error: step 1 (rename): collection 'A', id 1, line 1: 'a' cannot be renamed to 'b', for the payload has that key too; drop or rename the other one in the same step" },
};
/* clang-format on */

const struct qf_step qf_step_rename = {
	.name = "rename",
	.help = "new names for payload properties, collections and vectors",
	.usage = usage,
	.group = "shape",
	.doc = "New names for properties, collections and vectors; schema, cursors and scopes follow. A "
	       "path gets a new name for its last part. Where the new name stands already it is an "
	       "error, unless that one is dropped or renamed in the same step. Collections that get one "
	       "name are merged: their collection lines become one and their cursors are left out, for "
	       "an interval of one says nothing about the other. The unnamed vector is \"\". References "
	       "inside payloads keep the names that the source gave them.",
	.forms = QF_STEP_PAIRS,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.pair_key = "OLD",
	.pair_value = "NEW",
	.pair_json = true,
	.passes = "all follow the new names; cursors of merged collections are left out",
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.apply = step_apply,
	.close = step_close,
};
