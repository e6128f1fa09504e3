#include <errno.h>

#include "common/data/csv.h"
#include "common/base/mem.h"
#include "tools/transform/lookup.h"

/* One reading of a file: the places of the columns in its rows. */
struct reading {
	struct qf_csv csv;
	const struct qf_lookup_columns *columns;
	size_t width, key_at, *taken_at;
};

static int no_column(const struct reading *r, const char *name, const struct qf_csv_field *fields, size_t n,
		     struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf list = { 0 };

	for (size_t i = 0; i < n && list.n < 300; i++) {
		if (i)
			QF_BUF_LIT(&list, ", ");
		qf_buf_add_str(&list, fields[i].text);
	}
	return qf_err_set(err, QF_E_DATA, "%s: there is no column '%s'; the first row has: %s%s", r->csv.name, name,
			  qf_buf_cstr(&list), n == 1 ? "; is the delimiter another one?" : "");
}

static int find_column(const struct reading *r, const char *name, const struct qf_csv_field *fields, size_t n,
		       size_t *ret, struct qf_err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		if (!qf_str_is(fields[i].text, name))
			continue;
		*ret = i;
		found++;
	}
	if (found > 1)
		return qf_err_set(err, QF_E_DATA, "%s: the first row has column '%s' twice", r->csv.name, name);
	return found ? 0 : no_column(r, name, fields, n, err);
}

static int read_header(struct reading *r, struct qf_err *err)
{
	const struct qf_csv_field *fields;
	uint64_t line;
	size_t n;
	int rc = qf_csv_next(&r->csv, &fields, &n, &line, err);

	if (rc < 0)
		return -1;
	if (rc)
		return qf_err_set(err, QF_E_DATA, "%s is empty; a first row with the names of its columns is expected",
				  r->csv.name);
	if (find_column(r, r->columns->key, fields, n, &r->key_at, err) < 0)
		return -1;
	for (size_t i = 0; i < r->width; i++)
		if (find_column(r, r->columns->taken[i], fields, n, &r->taken_at[i], err) < 0)
			return -1;
	return 0;
}

static int read_rows(struct reading *r, struct qf_table *table, struct qf_err *err)
{
	QF_AUTO_FREE struct qf_str *values = qf_calloc(r->width + 1, sizeof(*values));
	const struct qf_csv_field *fields;
	uint64_t line;
	size_t n;
	int rc;

	while ((rc = qf_csv_next(&r->csv, &fields, &n, &line, err)) == 0) {
		if (!fields[r->key_at].text.n)
			continue;
		for (size_t i = 0; i < r->width; i++) {
			const struct qf_csv_field *f = &fields[r->taken_at[i]];

			values[i] = f->text.n || f->quoted ? f->text : (struct qf_str){ 0 };
		}
		if (qf_table_add(table, fields[r->key_at].text, values, line, err) < 0)
			return -1;
	}
	return rc < 0 ? -1 : qf_table_finish(table, err);
}

int qf_lookup_csv(const char *file, char delimiter, const struct qf_lookup_columns *columns, size_t width,
		  struct qf_table *table, struct qf_err *err)
{
	struct reading r = { .csv = { .name = file, .delimiter = delimiter }, .columns = columns, .width = width };
	int rc;

	r.csv.in = fopen(file, "re");
	if (!r.csv.in)
		return qf_err_errno(err, QF_E_NOINPUT, errno, "cannot read the table %s", file);
	r.taken_at = qf_calloc(width + 1, sizeof(*r.taken_at));
	rc = read_header(&r, err);
	if (rc == 0 && table)
		rc = read_rows(&r, table, err);
	fclose(r.csv.in);
	qf_csv_release(&r.csv);
	free(r.taken_at);
	return rc;
}
