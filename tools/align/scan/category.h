/* What kind of place a finding is: an import, a dependency, a secret.. */
#ifndef QF_ALIGN_CATEGORY_H
#define QF_ALIGN_CATEGORY_H

#include "tools/align/finding.h"

/*
 * Sets ->category of the findings (all of one file, in order of lines). content: the whole file as UTF-8 (or as
 * bytes), on which ->offset counts, or a null slice where the file is too large to hold; then line texts decide.
 * Of several places in a line the weightiest decides: secret, environment variable, import, dependency, host, key,
 * identifier, string, comment. Thread-safe.
 */
void qf_category_set(const char *path, struct qf_str content, struct qf_finding *findings, size_t n);

#endif
