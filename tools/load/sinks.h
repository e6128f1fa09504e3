/* The list of sinks, and what they share. */
#ifndef QF_LOAD_SINKS_H
#define QF_LOAD_SINKS_H

#include "common/data/plugin.h"
#include "common/data/tally.h"

/* In the order of the list in meson.build; NULL behind the last. */
extern const struct qf_sink *const qf_sinks[];

/* NULL when there is none of that name. */
const struct qf_sink *qf_sink_find(const char *name);

/* The scopes as qf_sink_args.loaded, each under its own name; as many as t->n. Arena memory, and the
 * texts are the tally's. */
struct qf_loaded *qf_loaded_of(const struct qf_tally *t, struct qf_arena *arena);

#endif
