#include "common/base/mem.h"
#include "common/data/record.h"
#include "common/net/pg.h"
#include "tools/transform/lookup.h"

enum { KEYS = 1000 }; /* of one question */

struct qf_lookup_pg {
	struct qf_pg *pg;
	enum qf_pg_kind kind;
	size_t width;
};

/* Names are quoted, the values travel beside the text: nothing of the data comes into the SQL. */
static void write_sql(struct qf_lookup_pg *l, const char *source, bool is_query,
		      const struct qf_lookup_columns *columns, struct qf_arena *arena, struct qf_buf *out)
{
	const char *key = qf_pg_quote(l->pg, columns->key, arena);
	size_t n = strlen(source);

	qf_buf_printf(out, "SELECT %s::text", key);
	for (size_t i = 0; i < l->width; i++)
		qf_buf_printf(out, ", %s::text", qf_pg_quote(l->pg, columns->taken[i], arena));
	QF_BUF_LIT(out, " FROM ");
	if (is_query) {
		while (n && strchr("; \t\r\n", source[n - 1]))
			n--;
		/* A comment at its end must not swallow the bracket. */
		qf_buf_printf(out, "(%.*s\n) AS asked", (int)n, source);
	} else {
		for (const char *p = source; *p;) {
			size_t part = strcspn(p, ".");

			qf_buf_puts(out, qf_pg_quote(l->pg, qf_arena_dup(arena, p, part).p, arena));
			p += part;
			if (*p)
				qf_buf_addc(out, *p++);
		}
	}
	qf_buf_printf(out, " WHERE %s = ANY($1)", key);
}

bool qf_lookup_pg_secret(const char *conninfo)
{
	return qf_pg_has_password(conninfo);
}

int qf_lookup_pg_open(const char *conninfo, double timeout, const char *source, bool is_query,
		      const struct qf_lookup_columns *columns, size_t width, struct qf_lookup_pg **ret,
		      struct qf_err *err)
{
	struct qf_lookup_pg *l = qf_calloc(1, sizeof(*l));
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf sql = { 0 };
	size_t n;

	l->width = width;
	if (qf_pg_open(conninfo, timeout, &l->pg, err) < 0)
		goto failed;
	write_sql(l, source, is_query, columns, &arena, &sql);
	if (qf_pg_prepare(l->pg, qf_buf_cstr(&sql), &l->kind, &n, err) < 0)
		goto failed;
	if (l->kind == QF_PG_OTHER || n != width + 1) {
		qf_err_set(err, QF_E_CONFIG, "%s: column '%s' must be text, an integer or a uuid to look keys up in it; cast it "
			   "in a query: SELECT %s::text AS %s, ..", qf_pg_name(l->pg), columns->key, columns->key,
			   columns->key);
		goto failed;
	}
	*ret = l;
	return 0;
failed:
	qf_lookup_pg_close(l);
	return -1;
}

void qf_lookup_pg_close(struct qf_lookup_pg *l)
{
	if (!l)
		return;
	qf_pg_close(l->pg);
	free(l);
}

const char *qf_lookup_pg_name(const struct qf_lookup_pg *l)
{
	return qf_pg_name(l->pg);
}

/* A uuid has several spellings, of which the server answers with one. */
static struct qf_str spelling(const struct qf_lookup_pg *l, struct qf_str key, char text[37])
{
	uint8_t uuid[16];

	if (l->kind != QF_PG_UUID || qf_uuid_parse(key, uuid) < 0)
		return key;
	qf_uuid_format(uuid, text);
	return (struct qf_str){ text, 36 };
}

/* The rows of one answer into a table by the server's spelling of the key. */
static int take_rows(struct qf_lookup_pg *l, const struct qf_str *keys, size_t n, struct qf_table *rows,
		     struct qf_err *err)
{
	QF_AUTO_FREE struct qf_str *values = qf_calloc(l->width + 1, sizeof(*values));
	size_t n_rows;

	if (qf_pg_ask(l->pg, keys, n, &n_rows, err) < 0)
		return -1;
	for (size_t i = 0; i < n_rows; i++) {
		for (size_t k = 0; k < l->width; k++)
			values[k] = qf_pg_value(l->pg, i, k + 1);
		if (qf_table_add(rows, qf_pg_value(l->pg, i, 0), values, 0, err) < 0)
			return -1;
	}
	return 0;
}

static int fetch(struct qf_lookup_pg *l, const struct qf_str *keys, size_t n, struct qf_table *table,
		 struct qf_err *err)
{
	struct qf_table rows = { .name = qf_pg_name(l->pg), .width = l->width, .first = table->first };
	QF_AUTO_FREE struct qf_str *asked = qf_calloc(n + 1, sizeof(*asked));
	QF_AUTO_FREE struct qf_str *values = qf_calloc(l->width + 1, sizeof(*values));
	size_t n_asked = 0;
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		if (qf_pg_fits(l->kind, keys[i]))
			asked[n_asked++] = keys[i];
	if (n_asked)
		rc = take_rows(l, asked, n_asked, &rows, err);
	for (size_t i = 0; i < n && rc == 0; i++) {
		char text[37];
		int found = qf_table_get(&rows, spelling(l, keys[i], text), NULL, values, err);

		rc = qf_table_add(table, keys[i], found == QF_TABLE_FOUND ? values : NULL, 0, err);
	}
	qf_table_release(&rows);
	return rc;
}

int qf_lookup_pg_fetch(struct qf_lookup_pg *l, const struct qf_str *keys, size_t n, struct qf_table *table,
		       struct qf_err *err)
{
	for (size_t from = 0; from < n; from += KEYS)
		if (fetch(l, keys + from, n - from < KEYS ? n - from : KEYS, table, err) < 0)
			return -1;
	return 0;
}
