/* Lines for people (or, with --log-format=json, for machines) on standard error. */
#ifndef QF_BASE_LOG_H
#define QF_BASE_LOG_H

#include "common/base/err.h"
#include "common/base/str.h"

enum qf_log_level { QF_LOG_ERROR, QF_LOG_WARN, QF_LOG_INFO, QF_LOG_DEBUG };

/* stage: the program's short name ("extract"). Call before any other; level from -v and -q. */
void qf_log_init(const char *stage, enum qf_log_level level, bool json);
bool qf_log_is_json(void);
enum qf_log_level qf_log_level(void);
const char *qf_log_stage(void);

/* One line; control characters in it are shown as '?'. */
void qf_log(enum qf_log_level level, const char *fmt, ...) QF_PRINTF(2, 3);
#define qf_warn(...) qf_log(QF_LOG_WARN, __VA_ARGS__)
#define qf_info(...) qf_log(QF_LOG_INFO, __VA_ARGS__)
#define qf_debug(...) qf_log(QF_LOG_DEBUG, __VA_ARGS__)

/* What main does with a failure: one error line (none for QF_E_PIPE), and the exit status. */
int qf_log_failure(const struct qf_err *err);

/* Called before a line is written, so that a progress line can be wiped first; NULL for none. */
void qf_log_set_before(void (*before)(void));

/* A URL with the password of its user part and its query masked, in static memory. */
const char *qf_redact_url(const char *url);

/* Adds s as a JSON string with quotes to a FILE-less line: at most size bytes, always terminated. */
size_t qf_json_quote(char *out, size_t size, const char *s);

#endif
