/* Text out of a foreign tree, made fit for a terminal, for JSON and for URIs. */
#ifndef QF_ALIGN_SHOW_H
#define QF_ALIGN_SHOW_H

#include "common/base/buf.h"

/*
 * For terminals and logs: what could move a cursor, hide or reorder text is written out. That is control characters but
 * for the tab (\x1b), bytes that are not UTF-8 (\xff), and marks of direction and of no width (\u202e).
 */
void qf_show_text(struct qf_buf *out, struct qf_str s);

/*
 * A path as git shows it: plain, or in quotes with C escapes where it holds a quote, a backslash or anything that
 * qf_show_text writes out; also where a CI runner would take the line for a command ("::").
 */
void qf_show_path(struct qf_buf *out, const char *path);

/* 1358 as "1,358". */
void qf_show_number(struct qf_buf *out, uint64_t n);
/* "1 file", "1,358 files": the noun gets an s. */
void qf_show_count(struct qf_buf *out, uint64_t n, const char *noun);

/* Valid UTF-8: each byte that is none becomes U+FFFD. */
void qf_show_utf8(struct qf_buf *out, struct qf_str s);
/* The same as a JSON string with its quotes. */
void qf_show_json(struct qf_buf *out, struct qf_str s);

/*
 * A path for JSON: as it is; where it is not UTF-8 every byte beyond 126 and % are percent-encoded, and true is
 * returned. No quotes are put around it.
 */
bool qf_show_path_utf8(struct qf_buf *out, const char *path);

/* A path as a relative URI reference (RFC 3986): each byte but letters, digits, "-._~" and "/" percent-encoded. */
void qf_show_uri(struct qf_buf *out, const char *path);

#endif
