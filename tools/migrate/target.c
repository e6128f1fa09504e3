#include "common/base/log.h"
#include "common/base/retry.h"
#include "tools/migrate/migrate.h"

/* A collection that is not there holds nothing. */
static int count(struct qf_migration *m, const char *name, const struct qf_json *filter,
		 uint64_t *ret, struct qf_err *err)
{
	*ret = 0;
	if (qf_qdrant_count(m->server, name, filter, ret, err) == 0)
		return 0;
	if (err->code != QF_E_NOINPUT)
		return qf_err_wrap(err, "target");
	*ret = 0;
	return 0;
}

static int count_row(struct qf_migration *m, const struct qf_row *row, int64_t *ret,
		     struct qf_err *err)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_json *filter = NULL;
	uint64_t n;

	if (row->tenant.p)
		filter = qf_qdrant_match(&arena, row->place->tenant_key, row->tenant);
	if (count(m, row->place->name, filter, &n, err) < 0)
		return -1;
	*ret = (int64_t)n;
	return 0;
}

int qf_target_before(struct qf_migration *m, struct qf_err *err)
{
	for (size_t i = 0; m->server && i < m->n_places; i++) {
		QF_AUTO_ARENA struct qf_arena arena = { 0 };
		struct qf_place *p = m->places[i];
		struct qf_json *info;

		if (qf_qdrant_collection(m->server, p->name, &arena, &info, err) < 0)
			return qf_err_wrap(err, "target");
		p->existed = info != NULL;
		if (p->existed && count(m, p->name, NULL, &p->before, err) < 0)
			return -1;
	}
	return 0;
}

int qf_target_before_rows(struct qf_migration *m, struct qf_err *err)
{
	for (size_t i = 0; m->server && i < m->n_rows; i++) {
		struct qf_row *row = &m->rows[i];

		if (!row->place)
			continue;
		if (!row->tenant.p || !row->place->before)
			row->before = (int64_t)row->place->before;
		else if (count_row(m, row, &row->before, err) < 0)
			return -1;
	}
	return 0;
}

struct waiting {
	struct qf_migration *m;
	const char *name;
};

static void show(void *ctx, const struct qf_qdrant_state *s)
{
	struct waiting *w = ctx;
	QF_AUTO_FREE char *text =
		qf_asprintf("waiting for the index of %s: %s, %llu of about %llu vectors indexed, %llu updates queued, "
			    "%llu points deferred", w->name, s->status, (unsigned long long)s->indexed,
			    (unsigned long long)s->points, (unsigned long long)s->queue,
			    (unsigned long long)s->deferred);

	qf_status_text(&w->m->status, text, qf_now());
}

int qf_target_wait(struct qf_migration *m, double seconds, struct qf_err *err)
{
	double until = qf_now() + seconds;

	for (size_t i = 0; m->server && i < m->n_places; i++) {
		QF_AUTO_ARENA struct qf_arena arena = { 0 };
		struct waiting w = { m, m->places[i]->name };
		struct qf_qdrant_state state;
		struct qf_json *info;
		double left = seconds > 0 ? until - qf_now() : 0;

		if (seconds > 0 && left < 0.1)
			left = 0.1;
		/* An empty collection whose vectors nobody knows is not created. */
		if (qf_qdrant_collection(m->server, w.name, &arena, &info, err) < 0)
			return qf_err_wrap(err, "target");
		m->places[i]->missing = info == NULL;
		if (info && qf_qdrant_wait_ready(m->server, w.name, left, show, &w, &state, err) < 0) {
			qf_err_wrap(err, "target: everything is loaded, but the index of '%s' is not ready", w.name);
			if (err->code == QF_E_TEMP)
				qf_err_hint(err, "; wait longer with --index-timeout, or check it later");
			return -1;
		}
	}
	return 0;
}

/*
 * Points of a place that no tenant's row counts: those of a row without tenant, or else points that
 * should not be there, which get a row of their own.
 */
static void count_rest(struct qf_migration *m, struct qf_place *place)
{
	struct qf_row *rest = NULL;
	uint64_t sum = 0;
	bool tenants = false;

	for (size_t i = 0; i < m->n_rows; i++) {
		struct qf_row *row = &m->rows[i];

		if (row->place != place)
			continue;
		if (!row->tenant.p)
			rest = row;
		tenants |= row->tenant.p != NULL;
		sum += row->tenant.p && row->in_target > 0 ? (uint64_t)row->in_target : 0;
	}
	/* A tenant that was there before and is not in the source is nobody's fault. */
	if (!rest && tenants && sum < place->after && place->before == 0) {
		rest = qf_row_get(m, place, (struct qf_str){ 0 }, QF_STR("(no known tenant)"));
		rest->before = 0;
	}
	if (rest)
		rest->in_target = (int64_t)(place->after - (sum < place->after ? sum : place->after));
}

int qf_target_after(struct qf_migration *m, struct qf_err *err)
{
	for (size_t i = 0; m->server && i < m->n_rows; i++) {
		struct qf_row *row = &m->rows[i];

		if (row->place && row->tenant.p && count_row(m, row, &row->in_target, err) < 0)
			return -1;
		qf_status_text(&m->status, "counting the points of every tenant in the target", qf_now());
	}
	for (size_t i = 0; m->server && i < m->n_places; i++) {
		struct qf_place *place = m->places[i];

		if (count(m, place->name, NULL, &place->after, err) < 0)
			return -1;
		place->counted = true;
		count_rest(m, place);
	}
	return 0;
}
