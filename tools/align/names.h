/* The old names of the rules as the scan looks for them. */
#ifndef QF_ALIGN_NAMES_H
#define QF_ALIGN_NAMES_H

#include "tools/align/scan/scan.h"

/* All in the arena; the texts are the rules'. */
void qf_scan_names_make(const struct qf_rules *rules, struct qf_arena *arena, struct qf_scan_names *ret);

#endif
