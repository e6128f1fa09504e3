/*
 * PostgreSQL, for questions: "which rows have one of these keys". One connection, which only reads
 * (default_transaction_read_only) and is opened again when it broke. Addresses, users and passwords
 * are libpq's: a URI, words like host=.., PGHOST and its kin, ~/.pgpass.
 */
#ifndef QF_NET_PG_H
#define QF_NET_PG_H

#include "common/base/arena.h"
#include "common/base/err.h"

struct qf_pg;

/* What the keys of a question may be; other types have no text that is the same everywhere. */
enum qf_pg_kind { QF_PG_TEXT, QF_PG_INT2, QF_PG_INT4, QF_PG_INT8, QF_PG_UUID, QF_PG_OTHER };

/*
 * conninfo may be "" (all from the environment). timeout: seconds for a connection and for an
 * answer. Errors: QF_E_USAGE (not a connection string; it is not shown), QF_E_UNAVAILABLE,
 * QF_E_ACCESS, a stop signal. No message has the password.
 */
int qf_pg_open(const char *conninfo, double timeout, struct qf_pg **ret, struct qf_err *err) QF_CHECK;
void qf_pg_close(struct qf_pg *pg); /* NULL is taken */
/* Has the connection string a password in it? */
bool qf_pg_has_password(const char *conninfo);
/* "database 'x' on host:port", for messages. */
const char *qf_pg_name(const struct qf_pg *pg);

/* An identifier with quotes, in the arena. */
const char *qf_pg_quote(struct qf_pg *pg, const char *name, struct qf_arena *arena);

/*
 * Sets the question: SQL with one parameter $1, an array. *kind: of its elements; *columns: of the
 * answer. Errors: QF_E_CONFIG with the server's words (syntax, no such table), QF_E_ACCESS, and those
 * of open.
 */
int qf_pg_prepare(struct qf_pg *pg, const char *sql, enum qf_pg_kind *kind, size_t *columns,
		  struct qf_err *err) QF_CHECK;
/* Is the text a value of this kind (so that one odd key does not spoil a whole question)? */
bool qf_pg_fits(enum qf_pg_kind kind, struct qf_str text);

/* Asks; the answer is good until the next call. keys: none holds a NUL. */
int qf_pg_ask(struct qf_pg *pg, const struct qf_str *keys, size_t n, size_t *rows,
	      struct qf_err *err) QF_CHECK;
/* A value of the answer as text; p == NULL for NULL. */
struct qf_str qf_pg_value(const struct qf_pg *pg, size_t row, size_t column);

#endif
