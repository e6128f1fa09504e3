/*
 * What the step lookup asks: a table of keys and the columns that are taken, filled from a CSV file
 * as a whole or from PostgreSQL as keys come by.
 */
#ifndef QF_TRANSFORM_LOOKUP_H
#define QF_TRANSFORM_LOOKUP_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/arena.h"

enum qf_table_answer { QF_TABLE_UNKNOWN, QF_TABLE_FOUND, QF_TABLE_MISSING };

struct qf_table_entry;
struct sqlite3;
struct sqlite3_stmt;

/*
 * Keys and rows of `width` values. In memory up to `memory` bytes; then, where `spills`, in a file that
 * SQLite makes among the temporary ones and that is gone with the process.
 */
struct qf_table {
	const char *name;	/* of the source, for messages; borrowed */
	size_t width, memory;	/* memory 0: 64 MiB */
	bool spills, first;	/* first: of rows with one key the first counts; else they are an error */
	/* Inside. */
	struct qf_arena arena;
	struct qf_table_entry **slots;
	size_t n, n_slots, used;
	struct sqlite3 *db;
	struct sqlite3_stmt *put, *get;
	struct qf_buf packed;
};

void qf_table_release(struct qf_table *t);
/* Forgets all rows, of a table in memory. */
void qf_table_reset(struct qf_table *t);
/* Is it over its memory? */
bool qf_table_full(const struct qf_table *t);

/*
 * A row; a value with p == NULL is none. line: where it stood, for messages; 0: nowhere. values NULL:
 * the key is known to have no row. Error: QF_E_DATA (the key stands there already, naming both lines; of a
 * table on disk it is qf_table_finish that tells), QF_E_IO.
 */
int qf_table_add(struct qf_table *t, struct qf_str key, const struct qf_str *values, uint64_t line,
		 struct qf_err *err) QF_CHECK;
/* After the last row. */
int qf_table_finish(struct qf_table *t, struct qf_err *err) QF_CHECK;
/* enum qf_table_answer, or -1. values: width of them, in the arena or the table; set where found. */
int qf_table_get(struct qf_table *t, struct qf_str key, struct qf_arena *arena, struct qf_str *values,
		 struct qf_err *err) QF_CHECK;

/* ---- where rows come from ---- */

struct qf_lookup_columns {
	const char *key;
	const char **taken;	/* the table's width of them */
};

/*
 * The header of a CSV file alone, or with the table the whole file. An unquoted empty field is no value;
 * rows without a key are passed over. Errors: QF_E_NOINPUT, QF_E_DATA naming file and line (also a
 * column that is not there, or twice).
 */
int qf_lookup_csv(const char *file, char delimiter, const struct qf_lookup_columns *columns, size_t width,
		  struct qf_table *table, struct qf_err *err) QF_CHECK;

struct qf_lookup_pg;

/* Has the connection string a password in it? */
bool qf_lookup_pg_secret(const char *conninfo);
/*
 * source: a table's name (schema.table), or a query with the columns. Errors as in common/net/pg.h; QF_E_CONFIG
 * for a key column whose type is none of text, integers, uuid.
 */
int qf_lookup_pg_open(const char *conninfo, double timeout, const char *source, bool is_query,
		      const struct qf_lookup_columns *columns, size_t width, struct qf_lookup_pg **ret,
		      struct qf_err *err) QF_CHECK;
void qf_lookup_pg_close(struct qf_lookup_pg *pg); /* NULL is taken */
const char *qf_lookup_pg_name(const struct qf_lookup_pg *pg);
/* The rows of these keys, which the table must not know, into it; those without one as missing. */
int qf_lookup_pg_fetch(struct qf_lookup_pg *pg, const struct qf_str *keys, size_t n, struct qf_table *table,
		       struct qf_err *err) QF_CHECK;

#endif
