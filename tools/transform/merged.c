#include "tools/transform/merged.h"

#include "common/base/mem.h"
#include "common/data/schema.h"

void qf_merged_release(struct qf_merged *m)
{
	free(m->parts);
	qf_arena_release(&m->arena);
}

static void drop_alias(struct qf_json *doc, struct qf_str name)
{
	struct qf_json *aliases = qf_json_get(doc, "aliases"), *last = NULL;

	for (struct qf_json *a = aliases ? aliases->child : NULL; a; a = a->next) {
		if (!qf_str_eq(a->text, name)) {
			last = a;
			continue;
		}
		if (last)
			last->next = a->next;
		else
			aliases->child = a->next;
	}
	if (aliases)
		aliases->last = last;
}

void qf_merged_name(struct qf_record *rec, const char *to, struct qf_arena *arena)
{
	struct qf_json *name = qf_json_get(rec->doc, "name");

	rec->collection = qf_arena_dup(arena, to, strlen(to));
	if (name)
		name->text = rec->collection;
	drop_alias(rec->doc, rec->collection);
	rec->line.p = NULL;
}

/* The sum of the parts' counts, where all are known; for an estimate only. */
static void set_count(struct qf_merged *m, struct qf_arena *arena, struct qf_json *doc)
{
	int64_t sum = 0;

	for (size_t i = 0; i < m->n; i++) {
		if (m->parts[i].count < 0)
			sum = -1;
		if (sum >= 0)
			sum += m->parts[i].count;
	}
	qf_json_remove(doc, "count");
	if (sum >= 0)
		qf_json_add_int(arena, doc, "count", sum);
}

int qf_merged_line(struct qf_merged *m, struct qf_record *rec, struct qf_str from,
		   struct qf_arena *arena, struct qf_err *err)
{
	bool changed;
	size_t i = 0;

	while (i < m->n && !qf_str_eq(m->parts[i].from, from))
		i++;
	if (i == m->n) {
		QF_GROW(m->parts, m->n, m->cap);
		m->parts[m->n].from = qf_arena_dup_str(&m->arena, from);
		m->parts[m->n++].count = -1;
	}
	m->parts[i].count = qf_json_get_int(rec->doc, "count", m->parts[i].count);
	if (!m->doc) {
		m->doc = qf_json_copy(&m->arena, rec->doc);
		return 0;
	}
	if (qf_schema_amend(&m->arena, m->doc, rec->doc, &changed, err) < 0)
		return qf_err_wrap(err, "'%s' and '%.*s' cannot be merged into '%s'", m->parts[0].from.p,
				   QF_STR_ARG(from), m->name);
	rec->doc = qf_json_copy(arena, m->doc);
	set_count(m, arena, rec->doc);
	rec->line.p = NULL;
	return 0;
}
