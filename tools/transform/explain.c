#include "tools/transform/explain.h"

#include "common/base/log.h"

/* The schema of a collection as lines, so that two can be compared line by line. */
struct facts {
	const char **line;
	size_t n, cap;
};

static void add_fact(struct facts *f, struct qf_arena *arena, struct qf_buf *text)
{
	QF_GROW(f->line, f->n, f->cap);
	f->line[f->n++] = qf_arena_dup(arena, text->p, text->n).p;
	qf_buf_reset(text);
}

/* "payload  title  text (tokenizer word)": the type in front, the rest as JSON. */
static void add_declared(struct facts *f, struct qf_arena *arena, const char *kind,
			 const struct qf_json *map)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	for (const struct qf_json *e = map ? map->child : NULL; e; e = e->next) {
		bool index = qf_json_get_bool(e, "index", true);

		qf_buf_printf(&text, "%-8s ", kind);
		if (e->key.n)
			qf_buf_add_str(&text, e->key);
		else
			QF_BUF_LIT(&text, "\"\"");
		for (const struct qf_json *m = e->child; m; m = m->next) {
			if (qf_str_is(m->key, "index"))
				continue;
			qf_buf_addc(&text, ' ');
			if (!qf_str_is(m->key, "type") && !qf_str_is(m->key, "size") && !qf_str_is(m->key, "distance"))
				qf_buf_printf(&text, "%.*s=", QF_STR_ARG(m->key));
			if (m->type == QF_JSON_STRING)
				qf_buf_add_str(&text, m->text);
			else
				qf_json_write(&text, m);
		}
		if (!index)
			QF_BUF_LIT(&text, " (no index)");
		add_fact(f, arena, &text);
	}
}

static void add_members(struct facts *f, struct qf_arena *arena, const char *kind,
			const struct qf_json *list)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	for (const struct qf_json *e = list ? list->child : NULL; e; e = e->next) {
		qf_buf_printf(&text, "%-8s ", kind);
		if (e->key.p)
			qf_buf_printf(&text, "%.*s ", QF_STR_ARG(e->key));
		if (e->type == QF_JSON_STRING)
			qf_buf_add_str(&text, e->text);
		else
			qf_json_write(&text, e);
		add_fact(f, arena, &text);
	}
}

static void add_facts(struct facts *f, struct qf_arena *arena, const struct qf_json *doc)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	qf_buf_printf(&text, "%-8s ", "name");
	qf_buf_add_str(&text, qf_json_get_str(doc, "name", ""));
	add_fact(f, arena, &text);
	add_declared(f, arena, "vector", qf_json_get(doc, "vectors"));
	add_declared(f, arena, "sparse", qf_json_get(doc, "sparse"));
	add_declared(f, arena, "payload", qf_json_get(doc, "payload"));
	add_members(f, arena, "setting", qf_json_get(doc, "settings"));
	add_members(f, arena, "alias", qf_json_get(doc, "aliases"));
	add_members(f, arena, "note", qf_json_get(doc, "notes"));
}

static void facts_of(struct facts *f, const struct qf_batch *b, struct qf_arena *arena)
{
	f->n = 0;
	for (size_t i = 0; i < b->n; i++)
		if (b->rec[i].type == QF_REC_COLLECTION)
			add_facts(f, arena, b->rec[i].doc);
}

static void show_facts(const struct facts *f, struct qf_buf *out)
{
	for (size_t i = 0; i < f->n; i++)
		qf_buf_printf(out, "    %s\n", f->line[i]);
}

/* Lines of a that b has not; a line that stands there twice counts once. */
static size_t show_missing(const struct facts *a, const struct facts *b, char sign, struct qf_buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++) {
		size_t j = 0;

		while (j < b->n && strcmp(a->line[i], b->line[j]) != 0)
			j++;
		if (j < b->n)
			continue;
		qf_buf_printf(out, "  %c %s\n", sign, a->line[i]);
		n++;
	}
	return n;
}

static void show_step(const struct qf_chain *c, size_t i, struct qf_buf *out)
{
	static const char *const effects[] = {
		[QF_STEP_ONE_TO_ONE] = "one record for one",
		[QF_STEP_FILTER] = "may drop records",
		[QF_STEP_ONE_TO_MANY] = "may make several records of one",
	};
	const struct qf_step *s = qf_chain_step(c, i);

	qf_buf_printf(out, "step %zu (%s): %s%s%s\n", i + 1, s->name, effects[s->effect],
		      s->needs ? "; remembers " : "", s->needs ? s->needs : "");
}

static int explain(struct qf_chain *c, const struct qf_record *rec, struct qf_buf *out,
		   struct qf_err *err)
{
	struct facts before = { 0 }, after = { 0 }, swap;
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_batch b = { 0 };
	int rc = 0;

	/* The steps change the tree, and the reader's own is still wanted as it came. */
	*qf_batch_add(&b, QF_REC_COLLECTION) = *rec;
	b.rec[0].doc = qf_json_copy(&b.arena, rec->doc);
	qf_buf_printf(out, "%scollection '%.*s' as it comes\n", out->n ? "\n" : "", QF_STR_ARG(rec->collection));
	facts_of(&before, &b, &arena);
	show_facts(&before, out);
	for (size_t i = 0; i < qf_chain_count(c) && rc == 0 && b.n; i++) {
		rc = qf_chain_apply_one(c, i, &b, err);
		if (rc < 0)
			break;
		facts_of(&after, &b, &arena);
		show_step(c, i, out);
		if (!after.n)
			QF_BUF_LIT(out, "  the collection is left out\n");
		else if (show_missing(&before, &after, '-', out) + show_missing(&after, &before, '+', out) == 0)
			QF_BUF_LIT(out, "  the schema stays as it is\n");
		swap = before;
		before = after;
		after = swap;
	}
	if (rc == 0 && b.n && qf_chain_count(c)) {
		QF_BUF_LIT(out, "as it leaves\n");
		show_facts(&before, out);
	}
	free(before.line);
	free(after.line);
	qf_batch_release(&b);
	return rc;
}

int qf_transform_explain(struct qf_chain *c, struct qf_reader *in, struct qf_buf *out,
			 struct qf_err *err)
{
	/* With steps that ask somebody for money the whole stream goes through them, which then count. */
	bool points = false, costs = qf_chain_has_costs(c);
	struct qf_batch b = { 0 };
	int rc = 0;

	qf_chain_dry(c);
	while (rc == 0 && (costs || !points) && (rc = qf_reader_next(in, &b, err)) == 0) {
		for (size_t i = 0; i < b.n && (costs || !points) && rc == 0; i++) {
			points |= b.rec[i].type == QF_REC_POINT || b.rec[i].type == QF_REC_DELETE;
			if (b.rec[i].type == QF_REC_COLLECTION)
				rc = explain(c, &b.rec[i], out, err);
		}
		if (rc == 0 && costs)
			rc = qf_chain_apply(c, &b, err);
	}
	qf_batch_release(&b);
	if (rc > 0 && costs) {
		QF_BUF_LIT(out, "\nwhat it would cost\n");
		qf_chain_costs(c, out);
	}
	if (points && !costs && rc >= 0)
		qf_info("looked at what stands before the first point; a stream of 'fortress extract --limit 0' has all "
			"collections");
	return rc < 0 ? -1 : 0;
}
