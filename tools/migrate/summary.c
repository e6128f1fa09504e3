/* The table at the end of a migration, and the same as JSON. */
#include <inttypes.h>

#include "tools/migrate/migrate.h"

enum { N_COLUMNS = 7, SHOWN_TENANTS = 20 };

static const char *const verdicts[] = {
	[QF_EQUAL] = "equal", [QF_PARTIAL] = "partial", [QF_DIFFERENT] = "different",
};

struct cells {
	char *text[N_COLUMNS];
};

struct table {
	struct cells *rows;
	size_t n, cap;
	struct qf_arena arena;
};

/* Characters, not bytes: names are UTF-8. */
static size_t width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static char *count_text(struct table *t, int64_t n)
{
	char buf[32];

	return (char *)(n < 0 ? QF_STR("-").p
			      : qf_arena_printf(&t->arena, "%s", qf_fmt_count(buf, (uint64_t)n)).p);
}

static char *name_text(struct table *t, const struct qf_row *row)
{
	struct qf_str from = row->from;

	if (!row->place || qf_str_is(from, row->place->name))
		return (char *)qf_arena_dup(&t->arena, from.p, from.n).p;
	if (!from.n)
		return (char *)row->place->name;
	return (char *)qf_arena_printf(&t->arena, "%.*s -> %s", QF_STR_ARG(from), row->place->name).p;
}

static struct cells *add(struct table *t)
{
	QF_GROW(t->rows, t->n, t->cap);
	return &t->rows[t->n++];
}

static void add_row(const struct qf_migration *m, struct table *t, const struct qf_row *row)
{
	struct cells *c = add(t);

	c->text[0] = name_text(t, row);
	c->text[1] = (char *)(row->tenant.p ? qf_arena_dup(&t->arena, row->tenant.p, row->tenant.n).p : "");
	c->text[2] = count_text(t, row->source);
	c->text[3] = count_text(t, (int64_t)row->read);
	c->text[4] = count_text(t, m->load_failed ? -1 : (int64_t)row->loaded);
	c->text[5] = count_text(t, row->in_target);
	c->text[6] = (char *)qf_arena_dup(&t->arena, row->text.p, row->text.n).p;
}

/* Names are the user's, so a newline in one must not break the table. */
static void tame(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

static void print(const struct table *t, struct qf_buf *out)
{
	size_t wide[N_COLUMNS] = { 0 };

	for (size_t i = 0; i < t->n; i++)
		for (size_t c = 0; c < N_COLUMNS; c++) {
			size_t w = width(t->rows[i].text[c]);

			wide[c] = w > wide[c] ? w : wide[c];
		}
	for (size_t i = 0; i < t->n; i++) {
		for (size_t c = 0; c < N_COLUMNS; c++) {
			const char *text = t->rows[i].text[c];
			int pad = (int)(wide[c] - width(text));

			/* A column that is empty throughout (no tenants) is left out. */
			if (!wide[c])
				continue;
			if (c >= 2 && c < 6)
				qf_buf_printf(out, "  %*s%s", pad, "", text);
			else if (c == 6)
				qf_buf_printf(out, "  %s", text);
			else
				qf_buf_printf(out, "%s%s%*s", c ? "  " : "", text, pad, "");
		}
		qf_buf_addc(out, '\n');
	}
}

/* Thousands of tenants that agree are one line; each that does not has its own. */
static size_t skip_equal(const struct qf_migration *m, size_t from, struct table *t)
{
	struct qf_row sum = { .place = m->rows[from].place, .from = m->rows[from].from };
	size_t n = 0, i = from;

	for (; i < m->n_rows && m->rows[i].place == sum.place && m->rows[i].tenant.p &&
	       m->rows[i].verdict == QF_EQUAL && !m->rows[i].place->missing; i++, n++) {
		const struct qf_row *row = &m->rows[i];

		sum.source = row->source < 0 || sum.source < 0 ? -1 : sum.source + row->source;
		sum.in_target = row->in_target < 0 || sum.in_target < 0 ? -1 : sum.in_target + row->in_target;
		sum.read += row->read;
		sum.loaded += row->loaded;
	}
	if (n <= SHOWN_TENANTS)
		return from;
	sum.tenant = qf_arena_printf(&t->arena, "(%zu tenants)", n);
	sum.text = QF_STR("equal, each of them");
	add_row(m, t, &sum);
	return i;
}

void qf_summary(const struct qf_migration *m, int status, struct qf_buf *out)
{
	static const char *const heads[N_COLUMNS] = { "COLLECTION", "TENANT", "SOURCE", "READ", "LOADED",
						      "TARGET", "VERDICT" };
	struct table t = { 0 };
	uint64_t loaded = 0;
	size_t n[3] = { 0 };
	bool tenants = false;
	struct cells *head;
	char count[32], time[32];

	for (size_t i = 0; i < m->n_rows; i++) {
		n[m->rows[i].verdict]++;
		loaded += m->rows[i].loaded;
		tenants |= m->rows[i].tenant.p != NULL;
	}
	head = add(&t);
	for (size_t c = 0; c < N_COLUMNS; c++)
		head->text[c] = (char *)(c == 1 && !tenants ? "" : heads[c]);
	for (size_t i = 0; i < m->n_rows;) {
		size_t next = m->rows[i].tenant.p ? skip_equal(m, i, &t) : i;

		if (next == i)
			add_row(m, &t, &m->rows[next++]);
		i = next;
	}
	for (size_t i = 1; i < t.n; i++)
		for (size_t c = 0; c < N_COLUMNS; c++)
			if (*t.rows[i].text[c])
				tame(t.rows[i].text[c]);
	print(&t, out);
	if (m->load_failed)
		qf_buf_printf(out, "the load failed after %s", qf_fmt_seconds(time, m->seconds));
	else
		qf_buf_printf(out, "%s points loaded in %s", qf_fmt_count(count, loaded), qf_fmt_seconds(time, m->seconds));
	if (n[QF_DIFFERENT])
		qf_buf_printf(out, "; %zu of %zu counts differ", n[QF_DIFFERENT], m->n_rows);
	else if (status == QF_E_PARTIAL)
		qf_buf_printf(out, "; done, but not whole: see the lines above");
	else if (m->server && !m->load_failed && m->n_rows)
		qf_buf_printf(out, "; every count is equal");
	QF_BUF_LIT(out, "\n");
	free(t.rows);
	qf_arena_release(&t.arena);
}

static void put_number(struct qf_buf *out, const char *key, int64_t n)
{
	if (n < 0)
		qf_buf_printf(out, ",\"%s\":null", key);
	else
		qf_buf_printf(out, ",\"%s\":%" PRId64, key, n);
}

static void put_text(struct qf_buf *out, const char *key, struct qf_str s)
{
	qf_buf_printf(out, "%s\"%s\":", out->p[out->n - 1] == '{' ? "" : ",", key);
	if (s.p)
		qf_json_write_string(out, s);
	else
		QF_BUF_LIT(out, "null");
}

void qf_summary_json(const struct qf_migration *m, int status, struct qf_buf *out)
{
	QF_BUF_LIT(out, "{\"stage\":\"migrate\"");
	put_text(out, "plan", qf_str(m->file));
	qf_buf_printf(out, ",\"status\":%d,\"verdict\":\"%s\",\"seconds\":%.3f,\"scopes\":[", status,
		      status == QF_E_DIFF || m->load_failed ? "different" : status == QF_E_PARTIAL ? "partial" : "equal", m->seconds);
	for (size_t i = 0; i < m->n_rows; i++) {
		const struct qf_row *row = &m->rows[i];

		qf_buf_puts(out, i ? ",{" : "{");
		put_text(out, "collection", row->from);
		put_text(out, "tenant", row->tenant);
		put_text(out, "target", qf_str(row->place ? row->place->name : NULL));
		put_number(out, "source", row->source);
		put_number(out, "read", (int64_t)row->read);
		put_number(out, "unread", (int64_t)row->unread);
		put_number(out, "written", (int64_t)row->written);
		put_number(out, "loaded", m->load_failed ? -1 : (int64_t)row->loaded);
		put_number(out, "rejected", (int64_t)row->rejected);
		put_number(out, "before", row->before);
		put_number(out, "in_target", row->in_target);
		qf_buf_printf(out, ",\"whole\":%s", row->whole ? "true" : "false");
		put_text(out, "verdict", qf_str(verdicts[row->verdict]));
		put_text(out, "text", row->text);
		qf_buf_addc(out, '}');
	}
	QF_BUF_LIT(out, "]}\n");
}
