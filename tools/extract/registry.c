#include "tools/extract/sources.h"

#include "sources_list.h" /* made by meson: #define QF_SOURCES X(file) X(weaviate) */

#define X(name) extern const struct qf_source qf_source_##name;
QF_SOURCES
#undef X

#define X(name) &qf_source_##name,
const struct qf_source *const qf_sources[] = { QF_SOURCES NULL };
#undef X

const struct qf_source *qf_source_find(const char *name)
{
	for (size_t i = 0; qf_sources[i]; i++)
		if (!strcmp(qf_sources[i]->name, name))
			return qf_sources[i];
	return NULL;
}
