/* The sources of this build, by name. */
#ifndef QF_EXTRACT_SOURCES_H
#define QF_EXTRACT_SOURCES_H

#include "common/data/plugin.h"

/* All of them, in the order of the meson list; NULL ends it. */
extern const struct qf_source *const qf_sources[];
/* By name, or NULL. */
const struct qf_source *qf_source_find(const char *name);

#endif
