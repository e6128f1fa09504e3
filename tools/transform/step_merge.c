/*
 * merge: several collections into one, with a property that says where each point came from.
 *
 * An interval of one part's keys says nothing about the keys of the others, so cursors go. Scopes and
 * deletes get the new name.
 */
#include "common/base/log.h"
#include "tools/transform/merged.h"
#include "tools/transform/steps.h"

static const char usage[] = "merge: {into: All, from: [Article, Review], key: _source}";

struct state {
	const char *into, *key;
	struct qf_opt_list from;
	struct qf_path path;	/* of the key */
	struct qf_merged all;
	bool *met;		/* from.items[i] was in the stream */
	bool ended;
	struct qf_arena arena;
};

static const struct qf_opt opts[] = {
	{ .name = "into", .type = QF_OPT_TEXT, .offset = offsetof(struct state, into), .arg = "NAME", .data = true,
	  .help = "the collection that they become" },
	{ .name = "from", .type = QF_OPT_LIST, .offset = offsetof(struct state, from), .arg = "NAMES", .data = true,
	  .help = "the collections that are merged, two or more" },
	{ .name = "key", .type = QF_OPT_TEXT, .offset = offsetof(struct state, key), .arg = "PATH", .data = true,
	  .help = "the property that gets the name of the collection that a point came from; none without it" },
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;

	if (!s->into || !*s->into)
		return qf_node_error(conf, value, err, "'into' is missing: %s", usage);
	if (s->from.n < 2)
		return qf_node_error(conf, value, err, "two collections or more are expected under 'from': %s", usage);
	s->met = qf_calloc(s->from.n, sizeof(*s->met));
	s->all.name = s->into;
	return s->key ? qf_path_compile(&s->path, conf, qf_node_get(value, "key"), s->key, false, &s->arena, err) : 0;
}

/* The key is written once: where an earlier merge has named the same source, it may stand there. */
static int write_key(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *root, *have, *name;

	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	have = qf_path_first(&s->path, root, arena);
	name = qf_val_new_string(arena, rec->collection);
	if (have && have->type != QF_JSON_NULL)
		return qf_val_equal(have, name, arena) ? 0 :
			qf_err_set(err, QF_E_DATA, "'%s' holds %s already, where the name of the collection would go; choose "
						   "another key", s->key, qf_val_show(have, arena));
	return qf_path_set(&s->path, root, name, arena, err);
}

static int merge_line(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_str from = rec->collection;

	if (!qf_str_is(from, s->into))
		qf_merged_name(rec, s->into, arena);
	if (s->key && !qf_path_declared(&s->path, rec->doc))
		qf_path_declare(&s->path, rec, "keyword", true, arena);
	return qf_merged_line(&s->all, rec, from, arena, err);
}

/* QF_STEP_KEEP or QF_STEP_DROP, or -1. */
static int merge_record(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	size_t i = 0;

	while (i < s->from.n && !qf_str_is(rec->collection, s->from.items[i]))
		i++;
	if (i == s->from.n)
		return qf_str_is(rec->collection, s->into) ?
			qf_err_set(err, QF_E_DATA, "others are merged into '%s', but the stream has a collection of that name; "
						   "name it under 'from' too", s->into) : QF_STEP_KEEP;
	s->met[i] = true;
	if (rec->type == QF_REC_CURSOR)
		return QF_STEP_DROP;
	if (rec->type == QF_REC_COLLECTION)
		return merge_line(s, rec, arena, err);
	if (rec->type == QF_REC_POINT && s->key && write_key(s, rec, arena, err) < 0) {
		qf_step_reject(rec, arena, err);
		return QF_STEP_KEEP;
	}
	rec->collection = qf_str(s->into);
	rec->line.p = NULL;
	return QF_STEP_KEEP;
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	bool *keep = qf_arena_alloc(&io->arena, io->n * sizeof(*keep));
	struct state *s = state;

	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i], was = *rec;
		int rc = QF_STEP_KEEP;

		if (rec->type == QF_REC_STREAM || rec->type == QF_REC_END)
			s->ended = rec->type == QF_REC_END;
		if (rec->type != QF_REC_STREAM && rec->type != QF_REC_END)
			rc = merge_record(s, rec, &io->arena, err);
		if (rc < 0)
			return qf_step_error(&was, &io->arena, err);
		keep[i] = rc == QF_STEP_KEEP;
	}
	qf_batch_keep(io, keep);
	return 0;
}

static void step_close(void *state)
{
	struct state *s = state;

	/* Said at the very end, for streams may be joined and the name come with a later one. */
	for (size_t i = 0; s->ended && i < s->from.n; i++)
		if (!s->met[i])
			qf_warn("step merge: no collection '%s' was in the stream", s->from.items[i]);
	free(s->met);
	qf_merged_release(&s->all);
	qf_arena_release(&s->arena);
}

#define LINE(name, payload) "{\"type\":\"collection\",\"name\":\"" name "\",\"payload\":{" payload "}}"

static const struct qf_step_example examples[] = {
	{ "Two schemas become one, and each point says where it came from", "merge: {into: All, from: [A, B], key: _source}",
	  LINE("A", "\"title\":{\"type\":\"text\"}") "\n{\"title\":\"x\"}\n"
	  LINE("B", "\"stars\":{\"type\":\"integer\"}") "\n"
	  "{\"type\":\"point\",\"collection\":\"B\",\"id\":9,\"payload\":{\"stars\":5}}",
	  LINE("All", "\"title\":{\"type\":\"text\"},\"_source\":{\"type\":\"keyword\"}") "\n"
	  "{\"type\":\"point\",\"collection\":\"All\",\"id\":2,\"payload\":{\"title\":\"x\",\"_source\":\"A\"}}\n"
	  LINE("All", "\"title\":{\"type\":\"text\"},\"_source\":{\"type\":\"keyword\"},\"stars\":{\"type\":\"integer\"}") "\n"
	  "{\"type\":\"point\",\"collection\":\"All\",\"id\":9,\"payload\":{\"stars\":5,\"_source\":\"B\"}}" },
	{ "Cursors go, deletes stay", "merge: {into: All, from: [A, B]}",
	  "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":7}\n"
	  "{\"type\":\"delete\",\"collection\":\"B\",\"id\":7}",
	  "{\"type\":\"delete\",\"collection\":\"All\",\"id\":7}" },
};

const struct qf_step qf_step_merge = {
	.name = "merge",
	.help = "several collections into one, with a property that names the source",
	.usage = usage,
	.group = "shape",
	.doc = "The collection lines become one, which later ones amend; a vector that two of them declare with another "
	       "size or distance is an error. `key` gets the name that the collection has at this step, as a keyword; a "
	       "point that holds another value there is an error, null is replaced. Ids stay: where two sources share "
	       "one, load stops and names both, and an `id` step before this one tells them apart. Without `key`, `rename: "
	       "{collections: {A: All, B: All}}` does the same.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.passes = "deletes and scopes follow the new name; cursors are left out, for an interval of one says nothing about "
		  "the others",
	.open = step_open,
	.apply = step_apply,
	.close = step_close,
};
