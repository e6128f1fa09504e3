/* The forms of a report by their names. */
#include "tools/align/report/report.h"

#include "qf_formats.h" /* made by meson: #define QF_FORMATS X(text) X(json) .. */

#define X(name) extern const struct qf_format qf_format_##name;
QF_FORMATS
#undef X

const struct qf_format *qf_format_find(const char *name)
{
#define X(known) \
	if (!strcmp(name, #known)) \
		return &qf_format_##known;
	QF_FORMATS
#undef X
	return NULL;
}

const char *qf_format_names(void)
{
#define X(name) "|" #name
	static const char names[] = QF_FORMATS;
#undef X

	return names + 1;
}
