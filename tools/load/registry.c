#include "tools/load/sinks.h"

#include "qf_sinks.h" /* QF_SINKS: X(name) for each name of the list in meson.build */

#define X(name) extern const struct qf_sink qf_sink_##name;
QF_SINKS
#undef X

#define X(name) &qf_sink_##name,
const struct qf_sink *const qf_sinks[] = { QF_SINKS NULL };
#undef X

const struct qf_sink *qf_sink_find(const char *name)
{
	for (size_t i = 0; qf_sinks[i]; i++)
		if (!strcmp(qf_sinks[i]->name, name))
			return qf_sinks[i];
	return NULL;
}

struct qf_loaded *qf_loaded_of(const struct qf_tally *t, struct qf_arena *arena)
{
	struct qf_loaded *list = qf_arena_zalloc(arena, (t->n + 1) * sizeof(*list));

	for (size_t i = 0; i < t->n; i++) {
		const struct qf_scope *s = &t->scopes[i];

		list[i] = (struct qf_loaded){
			.collection = s->collection,
			.target = s->collection,
			.tenant = s->tenant,
			.points = s->points,
			.deletes = s->deletes,
			.rejected = s->rejected,
			.whole = s->whole && s->declared,
			.why = s->declared ? s->why : QF_STR("no statement of the source"),
		};
	}
	return list;
}
