#include <inttypes.h>
#include <stdarg.h>

#include "tools/migrate/migrate.h"

struct qf_place *qf_place_get(struct qf_migration *m, struct qf_str name)
{
	struct qf_place *p;

	for (size_t i = 0; i < m->n_places; i++)
		if (qf_str_is(name, m->places[i]->name))
			return m->places[i];
	p = qf_arena_zalloc(&m->arena, sizeof(*p));
	p->name = qf_arena_dup(&m->arena, name.p, name.n).p;
	QF_GROW(m->places, m->n_places, m->cap_places);
	m->places[m->n_places++] = p;
	return p;
}

/* ---- building ---- */

/* Is the name one of those in "A + B"? */
static bool names(struct qf_str list, struct qf_str name)
{
	const char *at = list.p;

	while (at && (size_t)(list.p + list.n - at) >= name.n) {
		const char *hit = memmem(at, (size_t)(list.p + list.n - at), name.p, name.n);

		if (!hit)
			return false;
		if ((hit == list.p || hit[-1] == ' ') &&
		    (hit + name.n == list.p + list.n || hit[name.n] == ' '))
			return true;
		at = hit + 1;
	}
	return false;
}

struct qf_row *qf_row_get(struct qf_migration *m, struct qf_place *place, struct qf_str tenant,
			  struct qf_str from)
{
	struct qf_row *row;

	for (size_t i = 0; i < m->n_rows; i++) {
		row = &m->rows[i];
		if (row->place != place || !row->tenant.p != !tenant.p || !qf_str_eq(row->tenant, tenant))
			continue;
		/* What is left out goes nowhere, so only its own name tells it apart. */
		if (!place && !qf_str_eq(row->from, from))
			continue;
		if (from.n && !names(row->from, from))
			row->from = row->from.n ? qf_arena_printf(&m->arena, "%.*s + %.*s", QF_STR_ARG(row->from),
								  QF_STR_ARG(from))
						: qf_arena_dup_str(&m->arena, from);
		return row;
	}
	QF_GROW(m->rows, m->n_rows, m->cap_rows);
	row = &m->rows[m->n_rows++];
	*row = (struct qf_row){ .place = place, .source = -1, .before = -1, .in_target = -1, .whole = true };
	row->tenant = qf_arena_dup_str(&m->arena, tenant);
	row->from = qf_arena_dup_str(&m->arena, from);
	return row;
}

static struct qf_str member(const struct qf_json *scope, const char *key)
{
	const struct qf_json *node = qf_json_get(scope, key);

	return node && node->type == QF_JSON_STRING ? node->text : (struct qf_str){ 0 };
}

static uint64_t number(const struct qf_json *scope, const char *key)
{
	int64_t n = qf_json_get_int(scope, key, 0);

	return n > 0 ? (uint64_t)n : 0;
}

/* Where a source's collection goes; one that came up after the look at the source too. */
static int place_of(struct qf_migration *m, struct qf_str collection, struct qf_place **ret,
		    struct qf_err *err)
{
	struct qf_str to;

	for (size_t i = 0; i < m->n_origins; i++)
		if (qf_str_eq(m->origins[i].name, collection)) {
			*ret = m->origins[i].place;
			return 0;
		}
	if (qf_chain_map_name(m->plan.chain, collection, &m->arena, &to, err) < 0)
		return -1;
	*ret = !to.p ? NULL : qf_place_get(m, m->plan.collection ? qf_str(m->plan.collection) : to);
	return 0;
}

/* Tenants are counted apart only where the target can tell them apart. */
static struct qf_str tenant_of(const struct qf_place *place, struct qf_str tenant)
{
	return place && !place->tenant_key.p ? (struct qf_str){ 0 } : tenant;
}

static int take_read(struct qf_migration *m, const struct qf_json *scope, struct qf_err *err)
{
	struct qf_str collection = member(scope, "collection"), why = member(scope, "why");
	int64_t count = qf_json_get_int(scope, "count", -1);
	struct qf_place *place;
	struct qf_row *row;

	if (place_of(m, collection, &place, err) < 0)
		return -1;
	row = qf_row_get(m, place, tenant_of(place, member(scope, "tenant")), collection);
	if (count >= 0)
		row->source = (row->source < 0 ? 0 : row->source) + count;
	row->read += number(scope, "points");
	row->unread += number(scope, "rejected");
	if (!qf_json_get_bool(scope, "whole", true)) {
		row->whole = false;
		if (!row->why.p)
			row->why = qf_arena_dup_str(&m->arena, why.p ? why : QF_STR("the source did not say why"));
	}
	return 0;
}

static const struct qf_json *list(const struct qf_json *doc, const char *key)
{
	const struct qf_json *l = qf_json_get(doc, key);

	return l && l->type == QF_JSON_ARRAY ? l->child : NULL;
}

int qf_rows_build(struct qf_migration *m, const struct qf_json *extract,
		  const struct qf_json *transform, const struct qf_json *load, struct qf_err *err)
{
	const struct qf_json *s;

	for (size_t i = 0; i < m->n_rows; i++) {
		struct qf_row *row = &m->rows[i];

		row->source = -1;
		row->read = row->unread = row->written = row->loaded = row->rejected = 0;
		row->whole = true;
		row->why = (struct qf_str){ 0 };
	}
	for (s = list(extract, "scopes"); s; s = s->next)
		if (take_read(m, s, err) < 0)
			return -1;
	/* A collection without any scope (no tenants yet) has its row too. */
	for (size_t i = 0; i < m->n_origins; i++) {
		const struct qf_origin *o = &m->origins[i];
		bool any = false;

		for (size_t k = 0; k < m->n_rows && !any; k++)
			any = names(m->rows[k].from, o->name);
		if (!any)
			qf_row_get(m, o->place, (struct qf_str){ 0 }, o->name);
	}
	for (size_t i = 0; i < m->n_rows && !transform; i++)
		m->rows[i].written = m->rows[i].read;
	for (s = list(transform, "written"); s; s = s->next) {
		struct qf_str to = member(s, "collection");
		struct qf_place *p = qf_place_get(m, m->plan.collection ? qf_str(m->plan.collection) : to);

		qf_row_get(m, p, tenant_of(p, member(s, "tenant")), (struct qf_str){ 0 })->written +=
			number(s, "points");
	}
	for (s = list(load, "loaded"); s; s = s->next) {
		struct qf_str to = member(s, "target");
		struct qf_place *p = qf_place_get(m, to.p ? to : member(s, "collection"));
		struct qf_row *row = qf_row_get(m, p, tenant_of(p, member(s, "tenant")), (struct qf_str){ 0 });

		row->loaded += number(s, "points");
		row->rejected += number(s, "rejected");
	}
	/* What should be there is what came to it. */
	for (size_t i = 0; i < m->n_rows && m->load_failed; i++)
		m->rows[i].loaded = m->rows[i].written;
	return 0;
}

/* ---- judging ---- */

static void say(struct qf_migration *m, struct qf_row *row, enum qf_verdict verdict, const char *fmt,
		...) QF_PRINTF(4, 5);

/* The worst is what counts; everything that is wrong is said. */
static void say(struct qf_migration *m, struct qf_row *row, enum qf_verdict verdict, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (row->text.p)
		row->text = qf_arena_printf(&m->arena, "%.*s; %s", QF_STR_ARG(row->text), text);
	else
		row->text = qf_arena_dup(&m->arena, text, strlen(text));
	if (verdict > row->verdict)
		row->verdict = verdict;
}

static void judge_target(struct qf_migration *m, struct qf_row *row)
{
	uint64_t have = (uint64_t)row->in_target, want = row->loaded;

	if (have < want)
		say(m, row, QF_DIFFERENT, "%" PRIu64 " fewer in the target than were loaded: points of one id?",
		    want - have);
	else if (have > want && row->before > 0)
		say(m, row, QF_DIFFERENT, "%" PRIu64 " more in the target than were loaded; %" PRId64
		    " were there before", have - want, row->before);
	else if (have > want)
		say(m, row, QF_DIFFERENT, "%" PRIu64 " more in the target than were loaded%s", have - want,
		    row->before < 0 ? "; it was not empty before" : "");
}

/* A part that was asked for is as whole as it was meant to be. */
static bool is_wish(struct qf_str why)
{
	return qf_str_starts(why, "limit") || qf_str_starts(why, "partition") || qf_str_starts(why, "sample");
}

static void judge(struct qf_migration *m, struct qf_row *row)
{
	row->verdict = QF_EQUAL;
	row->text = (struct qf_str){ 0 };
	if (!row->place) {
		say(m, row, QF_EQUAL, "left out by a step");
		return;
	}
	if (row->loaded + row->rejected != row->written)
		say(m, row, QF_DIFFERENT, "%" PRIu64 " points came to load, %" PRIu64 " were loaded",
		    row->written, row->loaded);
	if (row->in_target >= 0)
		judge_target(m, row);
	if (row->whole && row->source >= 0 && (uint64_t)row->source > row->read + row->unread)
		say(m, row, QF_DIFFERENT, "%" PRIu64 " fewer were read than the source counted: did it change?",
		    (uint64_t)row->source - row->read - row->unread);
	if (row->whole && row->source >= 0 && (uint64_t)row->source < row->read)
		say(m, row, QF_DIFFERENT, "%" PRIu64 " more were read than the source counted: did it change?",
		    row->read - (uint64_t)row->source);
	if (row->unread)
		say(m, row, QF_PARTIAL, "%" PRIu64 " could not be read", row->unread);
	if (row->rejected)
		say(m, row, QF_PARTIAL, "%" PRIu64 " rejected%s%s", row->rejected,
		    m->plan.dead_letter ? ", see " : "", m->plan.dead_letter ? m->plan.dead_letter : "");
	if (!row->whole && !is_wish(row->why))
		say(m, row, QF_PARTIAL, "not whole: %.*s", QF_STR_ARG(row->why));
	if (row->verdict == QF_EQUAL) {
		if (row->in_target < 0)
			say(m, row, QF_EQUAL, "loaded; not counted in the target");
		else if (row->place->missing && !row->loaded)
			say(m, row, QF_EQUAL, "empty, not created");
		else if (row->before > 0)
			say(m, row, QF_EQUAL, "equal (%" PRId64 " were there before)", row->before);
		else
			say(m, row, QF_EQUAL, "equal");
		if (!row->whole)
			say(m, row, QF_EQUAL, "a part, as asked for: %.*s", QF_STR_ARG(row->why));
	}
}

static size_t place_at(const struct qf_migration *m, const struct qf_row *row)
{
	size_t i = 0;

	while (i < m->n_places && m->places[i] != row->place)
		i++;
	return i;
}

static int by_place(const void *a, const void *b, void *ctx)
{
	const struct qf_row *x = a, *y = b;
	size_t i = place_at(ctx, x), j = place_at(ctx, y);

	if (i != j)
		return i < j ? -1 : 1;
	return qf_str_cmp(x->place ? x->tenant : x->from, y->place ? y->tenant : y->from);
}

int qf_rows_judge(struct qf_migration *m)
{
	enum qf_verdict worst = m->stages_partial ? QF_PARTIAL : QF_EQUAL;

	if (m->n_rows)
		qsort_r(m->rows, m->n_rows, sizeof(*m->rows), by_place, m);
	for (size_t i = 0; i < m->n_rows; i++) {
		judge(m, &m->rows[i]);
		if (m->rows[i].verdict > worst)
			worst = m->rows[i].verdict;
	}
	return worst == QF_DIFFERENT ? QF_E_DIFF : worst == QF_PARTIAL ? QF_E_PARTIAL : QF_OK;
}
