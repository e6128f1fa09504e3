#include "common/data/csv.h"

#include <errno.h>

enum { ROW_LIMIT = 64 << 20, READ_SIZE = 64 << 10 };

/* A field of the row under way: its bytes are row.p[start..], which may still move. */
struct row {
	uint64_t line;
	size_t start;
	bool quoted;
};

static int fail(const struct qf_csv *c, uint64_t line, const char *why, struct qf_err *err)
{
	return qf_err_set(err, QF_E_DATA, "%s:%llu: field %zu: %s", c->name, (unsigned long long)line,
			  c->n_fields + 1, why);
}

static size_t fill(struct qf_csv *c)
{
	c->at = 0;
	qf_buf_reset(&c->text);
	qf_buf_room(&c->text, READ_SIZE);
	c->text.n = fread(c->text.p, 1, READ_SIZE, c->in);
	return c->text.n;
}

/* The next character, which stays; EOF at the end and on a failure to read. */
static int peek(struct qf_csv *c)
{
	if (c->at == c->text.n && !fill(c))
		return EOF;
	return (unsigned char)c->text.p[c->at];
}

static void begin(struct qf_csv *c)
{
	c->begun = true;
	c->line = 1;
	if (fill(c) >= 3 && !memcmp(c->text.p, "\xef\xbb\xbf", 3))
		c->at = 3;
}

static int end_field(struct qf_csv *c, struct row *r, struct qf_err *err)
{
	struct qf_csv_field *f;
	const char *p = c->row.p ? c->row.p + r->start : "";
	size_t n = c->row.n - r->start;

	if (memchr(p, '\0', n))
		return fail(c, r->line, "it holds a NUL, so this is no text", err);
	if (!qf_utf8_valid(p, n))
		return fail(c, r->line, "it is not UTF-8; convert the file first: iconv -t UTF-8", err);
	QF_GROW(c->fields, c->n_fields, c->cap_fields);
	f = &c->fields[c->n_fields++];
	/* The start for now: the row's bytes move while it grows. */
	*f = (struct qf_csv_field){ .text = { NULL, n }, .quoted = r->quoted };
	r->start = c->row.n;
	r->quoted = false;
	return 0;
}

/* Behind the opening quote, up to and with the closing one. */
static int quoted(struct qf_csv *c, struct row *r, size_t limit, struct qf_err *err)
{
	uint64_t opened = c->line;

	r->quoted = true;
	for (;;) {
		int ch = peek(c);

		if (ch == EOF)
			return fail(c, opened, "its quote is never closed", err);
		c->at++;
		if (ch == '"') {
			if (peek(c) != '"')
				return 0;
			c->at++;
		}
		c->line += ch == '\n';
		if (c->row.n >= limit)
			return fail(c, opened, "the row is too long; is a quote not closed?", err);
		qf_buf_addc(&c->row, (char)ch);
	}
}

/* One row, up to and with its line end. 1: nothing was left. */
static int read_row(struct qf_csv *c, struct row *r, struct qf_err *err)
{
	size_t limit = c->limit ? c->limit : ROW_LIMIT;
	char delimiter = c->delimiter ? c->delimiter : ',';
	bool fresh = true; /* nothing of this field was read */

	if (peek(c) == EOF)
		return 1;
	for (;;) {
		int ch = peek(c);

		if (ch == '"' && fresh) {
			c->at++;
			if (quoted(c, r, limit, err) < 0)
				return -1;
			ch = peek(c);
			if (ch != EOF && ch != '\r' && ch != '\n' && ch != delimiter)
				return fail(c, c->line, "there is text behind its closing quote", err);
		}
		if (ch == EOF || ch == '\r' || ch == '\n' || ch == delimiter) {
			if (end_field(c, r, err) < 0)
				return -1;
			if (ch == EOF)
				return 0;
			c->at++;
			fresh = true;
			if (ch == delimiter)
				continue;
			c->line++;
			if (ch == '\r' && peek(c) == '\n')
				c->at++;
			return 0;
		}
		c->at++;
		fresh = false;
		if (c->row.n >= limit)
			return fail(c, r->line, "the row is too long", err);
		qf_buf_addc(&c->row, (char)ch);
	}
}

static void place_fields(struct qf_csv *c)
{
	const char *p = c->row.p ? c->row.p : "";

	for (size_t i = 0; i < c->n_fields; i++) {
		c->fields[i].text.p = p;
		p += c->fields[i].text.n;
	}
}

int qf_csv_next(struct qf_csv *c, const struct qf_csv_field **fields, size_t *n, uint64_t *line,
		struct qf_err *err)
{
	struct row r;
	int rc;

	if (!c->begun)
		begin(c);
	do {
		r = (struct row){ .line = c->line };
		c->n_fields = 0;
		qf_buf_reset(&c->row);
		rc = read_row(c, &r, err);
		if (ferror(c->in))
			return qf_err_errno(err, QF_E_IO, errno, "%s: cannot read it", c->name);
		if (rc)
			return rc;
		place_fields(c);
	} while (c->n_fields == 1 && !c->fields[0].text.n && !c->fields[0].quoted);
	if (!c->width)
		c->width = c->n_fields;
	if (c->n_fields != c->width)
		return qf_err_set(err, QF_E_DATA, "%s:%llu: the row has %zu field%s, the first one has %zu%s", c->name,
				  (unsigned long long)r.line, c->n_fields, c->n_fields == 1 ? "" : "s", c->width,
				  c->n_fields < c->width ? "" : "; does a text with a comma stand without quotes?");
	*fields = c->fields;
	*n = c->n_fields;
	*line = r.line;
	return 0;
}

void qf_csv_release(struct qf_csv *c)
{
	qf_buf_release(&c->text);
	qf_buf_release(&c->row);
	free(c->fields);
	*c = (struct qf_csv){ 0 };
}
