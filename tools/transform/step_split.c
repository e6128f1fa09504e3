/*
 * split: one collection into several, by a value or by conditions.
 *
 * What is not a point: the source's collection line is written for every target. A delete goes to
 * every target where the payload decides, for it has none. A cursor says that all keys of an interval
 * stand before it; what is true of all points is true of those of each target, so every target gets
 * it. Likewise with scopes: each target was read as whole as the source.
 */
#include "common/base/log.h"
#include "tools/transform/expr.h"
#include "tools/transform/steps.h"

static const char usage[] = "split: {by: lang, into: {en: Articles_en, de: Articles_de}, else: Articles_other}";
static const char usage_when[] = "when: [{if: 'year >= 2000', into: Recent}]";

struct rule {
	const char *key;	 /* of `by`: the value as text */
	struct qf_val *number;	 /* the same as a number, or NULL */
	struct qf_expr *when;
	size_t target;
};

struct state {
	struct qf_str from;	 /* the collection; p NULL: the only one that comes */
	bool given;		 /* by `from` */
	bool met, ended;	 /* it has come; the stream is through */
	struct qf_path by;
	bool has_by, has_rest;
	struct rule *rules;
	size_t n_rules, cap_rules;
	const char **targets;	 /* each once */
	size_t n_targets, cap_targets;
	size_t rest;		 /* target of `else` */
	unsigned reads;		 /* as of qf_expr_reads */
	bool delta;		 /* the stream is a change feed */
	struct qf_arena arena;
};

/* ---- settings ---- */

static int take_target(struct state *s, const struct qf_conf *conf, const struct qf_node *node,
		       size_t *ret, struct qf_err *err)
{
	if (!node || node->kind != QF_NODE_SCALAR || !*node->text)
		return qf_node_error(conf, node, err, "the name of a collection is expected: %s", usage);
	for (*ret = 0; *ret < s->n_targets; ++*ret)
		if (!strcmp(s->targets[*ret], node->text))
			return 0;
	QF_GROW(s->targets, s->n_targets, s->cap_targets);
	s->targets[s->n_targets++] = node->text;
	return 0;
}

static struct rule *add_rule(struct state *s)
{
	QF_GROW(s->rules, s->n_rules, s->cap_rules);
	s->rules[s->n_rules] = (struct rule){ 0 };
	return &s->rules[s->n_rules++];
}

static int take_table(struct state *s, const struct qf_conf *conf, const struct qf_node *by,
		      const struct qf_node *into, struct qf_err *err)
{
	if (by->kind != QF_NODE_SCALAR)
		return qf_node_error(conf, by, err, "the path of a property is expected: %s", usage);
	if (qf_path_compile(&s->by, conf, by, by->text, true, &s->arena, err) < 0)
		return -1;
	s->has_by = true;
	s->reads = 1u << s->by.field;
	if (!into || into->kind != QF_NODE_MAP || !into->child)
		return qf_node_error(conf, into ? into : by, err, "a map of values and collections is expected under 'into': %s",
				     usage);
	for (const struct qf_node *k = into->child; k; k = k->next) {
		struct rule *r = add_rule(s);
		struct qf_val *v;
		const char *why;

		r->key = k->key;
		v = qf_val_of_json(qf_str(k->key), &s->arena, &why);
		r->number = v && v->type == QF_JSON_NUMBER ? v : NULL;
		if (take_target(s, conf, k, &r->target, err) < 0)
			return -1;
	}
	return 0;
}

static int take_conditions(struct state *s, const struct qf_conf *conf, const struct qf_node *when,
			   struct qf_err *err)
{
	static const char *const keys[] = { "if", "into" };

	if (when->kind != QF_NODE_LIST || !when->child)
		return qf_node_error(conf, when, err, "a list of conditions and collections is expected: %s", usage_when);
	for (const struct qf_node *item = when->child; item; item = item->next) {
		const struct qf_node *condition = qf_node_get(item, "if"), *into = qf_node_get(item, "into");
		struct rule *r = add_rule(s);

		if (item->kind != QF_NODE_MAP || !condition || !into)
			return qf_node_error(conf, item, err, "'if' and 'into' are expected: %s", usage_when);
		if (qf_node_check_keys(conf, item, "an item of 'when'", keys, QF_LEN(keys), err) < 0 ||
		    qf_expr_of_node(conf, condition, usage_when, &r->when, err) < 0 ||
		    take_target(s, conf, into, &r->target, err) < 0)
			return -1;
		s->reads |= qf_expr_reads(r->when);
	}
	return 0;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	static const char *const keys[] = { "from", "by", "into", "when", "else" };
	const struct qf_node *from, *by, *when, *rest;
	struct state *s = state;

	if (!value || value->kind != QF_NODE_MAP)
		return qf_node_error(conf, value, err, "a map is expected: %s", usage);
	if (qf_node_check_keys(conf, value, "split", keys, QF_LEN(keys), err) < 0)
		return -1;
	from = qf_node_get(value, "from");
	by = qf_node_get(value, "by");
	when = qf_node_get(value, "when");
	rest = qf_node_get(value, "else");
	if (from && (from->kind != QF_NODE_SCALAR || !*from->text))
		return qf_node_error(conf, from, err, "the name of one collection is expected");
	s->from = qf_str(from ? from->text : NULL);
	s->given = from != NULL;
	if (!by == !when)
		return qf_node_error(conf, by ? by : value, err, "either 'by' and 'into' or 'when' is expected: %s; or %s",
				     usage, usage_when);
	if (when && qf_node_get(value, "into"))
		return qf_node_error(conf, qf_node_get(value, "into"), err, "with 'when', 'into' stands in each item: %s",
				     usage_when);
	if ((by ? take_table(s, conf, by, qf_node_get(value, "into"), err) : take_conditions(s, conf, when, err)) < 0)
		return -1;
	s->has_rest = rest != NULL;
	return rest ? take_target(s, conf, rest, &s->rest, err) : 0;
}

/* ---- which target ---- */

/* Is the value, or an element of it, what the key says? */
static bool is_value(const struct rule *r, struct qf_val *v, struct qf_arena *arena)
{
	int order;

	switch (v->type) {
	case QF_JSON_STRING:
		return qf_str_is(qf_val_text(v, arena), r->key);
	case QF_JSON_NUMBER:
		return r->number && qf_val_order(v, r->number, arena, &order) == 0 && order == 0;
	case QF_JSON_BOOL:
		return !strcmp(r->key, v->boolean ? "true" : "false");
	case QF_JSON_ARRAY:
		for (struct qf_val *e = qf_val_first(v, arena); e; e = e->next)
			if (is_value(r, e, arena))
				return true;
		return false;
	default:
		return false;
	}
}

static int values_of(const struct state *s, struct qf_record *rec, struct qf_arena *arena,
		     struct qf_val ***values, size_t *n, struct qf_err *err)
{
	struct qf_val *root, *one;

	if (s->by.field == QF_PATH_PAYLOAD) {
		if (qf_payload_get(rec, arena, &root, err) < 0)
			return -1;
		*n = qf_path_all(&s->by, root, arena, values);
		return 0;
	}
	if (qf_path_value(&s->by, rec, arena, &one, err) < 0)
		return -1;
	*n = one ? 1 : 0;
	*values = qf_arena_alloc(arena, sizeof(**values));
	**values = one;
	return 0;
}

/* The first rule that takes the record; *ret n_targets where none does. */
static int choose(struct state *s, struct qf_record *rec, struct qf_arena *arena, size_t *ret,
		  struct qf_err *err)
{
	struct qf_val **values = NULL;
	size_t n = 0;

	if (s->has_by && values_of(s, rec, arena, &values, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n_rules; i++) {
		const struct rule *r = &s->rules[i];
		enum qf_tri t = QF_TRI_FALSE;

		if (r->when && qf_expr_eval(r->when, rec, arena, &t, err) < 0)
			return -1;
		for (size_t v = 0; v < n && t != QF_TRI_TRUE; v++)
			t = is_value(r, values[v], arena) ? QF_TRI_TRUE : QF_TRI_FALSE;
		if (t == QF_TRI_TRUE) {
			*ret = r->target;
			return 0;
		}
	}
	*ret = s->has_rest ? s->rest : s->n_targets;
	return 0;
}

static int no_target(const struct state *s, struct qf_record *rec, struct qf_arena *arena,
		     struct qf_err *err)
{
	struct qf_val **values = NULL;
	size_t n = 0;

	if (!s->has_by)
		return qf_err_set(err, QF_E_DATA, "no condition of 'when' is true, and there is no 'else'");
	if (values_of(s, rec, arena, &values, &n, err) < 0)
		return -1;
	return qf_err_set(err, QF_E_DATA, "'%s' is %s, for which 'into' has no collection, and there is no 'else'",
			  s->by.text.p, n == 0 ? "absent" : n > 1 ? "a list" : qf_val_show(*values, arena));
}

/* ---- records ---- */

static struct qf_record *put(struct qf_expand *x, const struct state *s, const struct qf_record *rec,
			     size_t target)
{
	struct qf_record *r = qf_expand_add(x, rec);

	r->collection = qf_str(s->targets[target]);
	r->line.p = NULL;
	return r;
}

/* In a change feed a point may come from another target, where it has to go. */
static void put_point(struct qf_expand *x, const struct state *s, const struct qf_record *rec,
		      size_t target)
{
	put(x, s, rec, target);
	for (size_t i = 0; s->delta && i < s->n_targets; i++) {
		struct qf_record gone = { .type = QF_REC_DELETE, .line_no = rec->line_no, .tenant = rec->tenant,
					  .id = rec->id };

		if (i != target)
			put(x, s, &gone, i);
	}
}

/* An alias has one collection, and how many points a target gets nobody knows yet. */
static void put_schema(struct qf_expand *x, const struct state *s, const struct qf_record *rec,
		       struct qf_arena *arena)
{
	const struct qf_json *aliases = qf_json_get(rec->doc, "aliases");

	for (size_t i = 0; i < s->n_targets; i++) {
		struct qf_record *r = put(x, s, rec, i);
		struct qf_json *notes;

		r->doc = qf_json_copy(arena, rec->doc);
		qf_json_get(r->doc, "name")->text = r->collection;
		qf_json_remove(r->doc, "count");
		qf_json_remove(r->doc, "aliases");
		if (!aliases || !aliases->child)
			continue;
		notes = qf_json_get(r->doc, "notes");
		if (!notes)
			notes = qf_json_add(arena, r->doc, "notes", QF_JSON_ARRAY);
		for (const struct qf_json *a = aliases->child; a; a = a->next)
			qf_json_add_str(arena, notes, NULL,
					qf_arena_printf(arena, "the alias '%.*s' of '%.*s' is left out, for it was split",
							QF_STR_ARG(a->text), QF_STR_ARG(rec->collection)));
	}
}

static bool is_target(const struct state *s, struct qf_str name)
{
	for (size_t i = 0; i < s->n_targets; i++)
		if (qf_str_is(name, s->targets[i]))
			return true;
	return false;
}

/* Is the record one of the collection that is split? 1 or 0, or -1 where it cannot stand beside it. */
static int is_ours(struct state *s, const struct qf_record *rec, struct qf_err *err)
{
	if (!s->given && !s->met) {
		s->from = qf_arena_dup_str(&s->arena, rec->collection);
		s->met = true;
	}
	if (qf_str_eq(rec->collection, s->from)) {
		s->met = true;
		return 1;
	}
	if (!s->given)
		return qf_err_set(err, QF_E_DATA,
				  "'%.*s' and '%.*s' both come here, and one collection can be split; name it: split: "
				  "{from: %.*s, ...}", QF_STR_ARG(s->from), QF_STR_ARG(rec->collection),
				  QF_STR_ARG(s->from));
	if (is_target(s, rec->collection))
		return qf_err_set(err, QF_E_DATA,
				  "'%.*s' is split into '%.*s', but the stream has a collection of that name; rename it "
				  "before", QF_STR_ARG(s->from), QF_STR_ARG(rec->collection));
	return 0;
}

static int split_record(struct state *s, struct qf_expand *x, struct qf_record *rec,
			struct qf_arena *arena, struct qf_err *err)
{
	static const unsigned needs[] = {
		[QF_REC_POINT] = 0,
		[QF_REC_DELETE] = 1u << QF_PATH_PAYLOAD,
		[QF_REC_CURSOR] = 1u << QF_PATH_PAYLOAD | 1u << QF_PATH_ID,
		[QF_REC_SCOPE] = 1u << QF_PATH_PAYLOAD | 1u << QF_PATH_ID,
	};
	size_t target = s->n_targets;

	if (rec->type == QF_REC_COLLECTION) {
		put_schema(x, s, rec, arena);
		return 0;
	}
	if (!(s->reads & needs[rec->type]) && choose(s, rec, arena, &target, err) < 0)
		return -1;
	if (rec->type == QF_REC_POINT) {
		if (target == s->n_targets)
			return no_target(s, rec, arena, err);
		put_point(x, s, rec, target);
	} else if (target < s->n_targets) {
		put(x, s, rec, target);
	} else {
		for (size_t i = 0; i < s->n_targets; i++)
			put(x, s, rec, i);
	}
	return 0;
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	struct qf_expand x = { 0 };
	struct state *s = state;

	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i];
		int ours = 0;

		if (rec->type == QF_REC_STREAM) {
			s->delta = qf_str_is(qf_json_get_str(rec->doc, "mode", "full"), "delta");
		} else if (rec->type != QF_REC_END) {
			ours = is_ours(s, rec, err);
		}
		if (rec->type == QF_REC_STREAM || rec->type == QF_REC_END)
			s->ended = rec->type == QF_REC_END;
		if (ours == 0) {
			qf_expand_add(&x, rec);
		} else if (ours < 0 || split_record(s, &x, rec, &io->arena, err) < 0) {
			if (ours > 0 && err->code == QF_E_DATA && rec->type == QF_REC_POINT) {
				qf_step_reject(rec, &io->arena, err);
				qf_expand_add(&x, rec);
				continue;
			}
			qf_batch_release(&x.out);
			return qf_step_error(rec, &io->arena, err);
		}
	}
	qf_expand_finish(&x, io);
	return 0;
}

static void step_close(void *state)
{
	struct state *s = state;

	/* Said at the very end, for streams may be joined and the collection come with a later one. */
	if (s->ended && s->given && !s->met)
		qf_warn("step split: no collection '%s' was in the stream", s->from.p);
	for (size_t i = 0; i < s->n_rules; i++)
		qf_expr_free(s->rules[i].when);
	free(s->rules);
	free(s->targets);
	qf_arena_release(&s->arena);
}

/* ---- what it is ---- */

#define LINE(name) "{\"type\":\"collection\",\"name\":\"" name "\",\"payload\":{\"lang\":{\"type\":\"keyword\"}}}"
#define POINT(name, id, payload) \
	"{\"type\":\"point\",\"collection\":\"" name "\",\"id\":" id ",\"payload\":" payload "}"

static const struct qf_step_example examples[] = {
	{ "By a value", "split: {by: lang, into: {en: English, de: German}, else: Other}",
	  LINE("A") "\n" POINT("A", "1", "{\"lang\":\"de\"}") "\n" POINT("A", "2", "{\"lang\":\"fr\"}") "\n"
	  POINT("A", "3", "{}"),
	  LINE("English") "\n" LINE("German") "\n" LINE("Other") "\n" POINT("German", "1", "{\"lang\":\"de\"}") "\n"
	  POINT("Other", "2", "{\"lang\":\"fr\"}") "\n" POINT("Other", "3", "{}") },
	{ "By conditions, of which the first that is true decides",
	  "split: {when: [{if: 'year >= 2000', into: Recent}, {if: 'year >= 1900', into: Modern}], else: Old}",
	  "{\"year\":2024}\n{\"year\":1994}\n{\"year\":\"1994\"}",
	  POINT("Recent", "1", "{\"year\":2024}") "\n" POINT("Modern", "2", "{\"year\":1994}") "\n"
	  POINT("Old", "3", "{\"year\":\"1994\"}") },
	{ "A delete goes everywhere, and so does a cursor", "split: {from: A, by: lang, into: {en: English, de: German}}",
	  "{\"type\":\"delete\",\"collection\":\"A\",\"id\":7}\n"
	  "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":7}",
	  "{\"type\":\"delete\",\"collection\":\"English\",\"id\":7}\n"
	  "{\"type\":\"delete\",\"collection\":\"German\",\"id\":7}\n"
	  "{\"type\":\"cursor\",\"collection\":\"English\",\"from\":null,\"to\":7}\n"
	  "{\"type\":\"cursor\",\"collection\":\"German\",\"from\":null,\"to\":7}" },
	{ "A value without a place is an error of its point", "split: {by: lang, into: {en: English, de: German}}",
	  "{\"lang\":\"fr\"}",
	  "error: step 1 (split): collection 'A', id 1, line 1: 'lang' is \"fr\", for which 'into' has no collection, "
	  "and there is no 'else'" },
};

const struct qf_step qf_step_split = {
	.name = "split",
	.help = "one collection into several, by a value or by conditions",
	.usage = usage,
	.group = "shape",
	.doc = "`from` names the collection; it may be left out where only one comes here. With `by` (a path, @tenant, "
	       "@id or @collection) the value is looked up in `into`: a text as it is, a number by value, true and "
	       "false. With `when`, a list of `{if: CONDITION, into: NAME}`, the first condition that is true decides. "
	       "An array goes where the first line of the table says that one of its elements goes. Absent, null, an "
	       "object, and what no line takes goes to `else`; without `else` it is an error of this point. The "
	       "collections are those that the step names, no others: a delete has to reach all of them, and one that "
	       "comes up late would miss those before it. Aliases are left out and noted in the collection line.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "from, by, into, when or else",
	.pair_value = "NAME, PATH, MAP or LIST",
	.pair_json = true,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_MANY,
	.spreads = true,
	.pure = true,
	.passes = "collection lines, cursors and scopes go to every target: what is true of all keys of the source is "
		  "true of those in each target. Deletes too, unless the target follows from @tenant, @collection or "
		  "@id alone; then they, and by tenant also cursors and scopes, go where the points go",
	.open = step_open,
	.apply = step_apply,
	.close = step_close,
};
