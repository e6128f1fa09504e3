/* --try: points before and after the chain. */
#include "tools/transform/explain.h"

enum {
	NAMES = 16,	/* columns of the names at most */
	MIN_COLUMNS = 40,
	FLOATS = 3,	/* of a vector that are shown */
};

/* One line of a shown point. */
struct line {
	const char *name, *value;
};

struct shown {
	struct line *line;
	size_t n, cap;
};

struct sample {
	uint64_t line_no;
	const char *title;
	struct shown before, after;
	unsigned outputs;
	const char *why; /* of an error */
};

struct counted {
	struct qf_str name;
	size_t points;
};

struct trial {
	struct qf_chain *chain;
	size_t want;
	struct sample *samples;
	size_t n, cap;
	struct counted *colls;
	size_t n_colls, cap_colls;
	struct qf_arena arena;
};

/* ---- a point as lines ---- */

static void add_line(struct trial *t, struct shown *s, struct qf_str name, struct qf_str value)
{
	QF_GROW(s->line, s->n, s->cap);
	s->line[s->n++] = (struct line){ qf_arena_dup(&t->arena, name.p, name.n).p,
					 qf_arena_dup(&t->arena, value.p, value.n).p };
}

static void put_floats(struct qf_buf *out, const struct qf_vec *v)
{
	uint32_t n = v->kind == QF_VEC_MULTI ? v->rows * v->dim : v->dim;

	if (v->kind == QF_VEC_MULTI)
		qf_buf_printf(out, "%u rows of %u: ", v->rows, v->dim);
	else
		qf_buf_printf(out, "%u%s: ", v->dim, v->kind == QF_VEC_SPARSE ? " sparse" : "");
	qf_buf_addc(out, '[');
	for (uint32_t i = 0; i < n && i < FLOATS; i++) {
		qf_buf_puts(out, i ? ", " : "");
		if (v->kind == QF_VEC_SPARSE)
			qf_buf_printf(out, "%u=", v->indices[i]);
		qf_buf_printf(out, "%.4g", (double)v->values[i]);
	}
	qf_buf_puts(out, n > FLOATS ? ", ..]" : "]");
}

static void add_vectors(struct trial *t, struct shown *s, struct qf_record *rec)
{
	QF_AUTO_BUF struct qf_buf name = { 0 }, text = { 0 };
	struct qf_err ignored;

	if (!rec->vecs && (!rec->vector.p || qf_record_vectors(rec, &t->arena, &ignored) < 0)) {
		if (rec->vector.p)
			add_line(t, s, QF_STR("vector"), QF_STR("not readable"));
		return;
	}
	for (uint32_t i = 0; i < rec->n_vecs; i++) {
		qf_buf_reset(&name);
		qf_buf_reset(&text);
		QF_BUF_LIT(&name, "vector");
		if (rec->vecs[i].name.n)
			qf_buf_printf(&name, " %.*s", QF_STR_ARG(rec->vecs[i].name));
		put_floats(&text, &rec->vecs[i]);
		add_line(t, s, qf_buf_str(&name), qf_buf_str(&text));
	}
}

static void show_record(struct trial *t, struct shown *s, struct qf_record rec)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct qf_err ignored;
	struct qf_val *root;

	add_line(t, s, QF_STR("collection"), rec.collection);
	if (rec.tenant.p)
		add_line(t, s, QF_STR("tenant"), rec.tenant);
	qf_id_text(&text, &rec.id);
	add_line(t, s, QF_STR("id"), qf_buf_str(&text));
	add_vectors(t, s, &rec);
	if (qf_payload_get(&rec, &t->arena, &root, &ignored) < 0)
		return;
	for (struct qf_val *v = qf_val_first(root, &t->arena); v; v = v->next) {
		qf_buf_reset(&text);
		qf_val_write(v, &text);
		add_line(t, s, v->key, qf_buf_str(&text));
	}
}

/* ---- reading ---- */

static struct counted *count_of(struct trial *t, struct qf_str name)
{
	for (size_t i = 0; i < t->n_colls; i++)
		if (qf_str_eq(t->colls[i].name, name))
			return &t->colls[i];
	QF_GROW(t->colls, t->n_colls, t->cap_colls);
	t->colls[t->n_colls] = (struct counted){ .name = qf_arena_dup_str(&t->arena, name) };
	return &t->colls[t->n_colls++];
}

static bool enough(const struct trial *t)
{
	for (size_t i = 0; i < t->n_colls; i++)
		if (t->colls[i].points < t->want)
			return false;
	return t->n_colls > 0;
}

/* What came out of the chain, to the point that it was. Steps may have held it back. */
static void take_outputs(struct trial *t, struct qf_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		for (size_t k = 0; k < t->n && b->rec[i].type == QF_REC_POINT; k++) {
			struct sample *s = &t->samples[k];

			if (s->line_no != b->rec[i].line_no)
				continue;
			if (s->outputs++)
				add_line(t, &s->after, QF_STR(""), QF_STR(""));
			show_record(t, &s->after, b->rec[i]);
		}
	}
}

static int one_record(struct trial *t, const struct qf_record *rec, struct qf_batch *b,
		      struct qf_err *err)
{
	struct sample *s = NULL;

	if (rec->type == QF_REC_COLLECTION)
		count_of(t, rec->collection);
	if (rec->type == QF_REC_POINT) {
		if (count_of(t, rec->collection)->points++ >= t->want)
			return 0;
		QF_GROW(t->samples, t->n, t->cap);
		s = &t->samples[t->n++];
		*s = (struct sample){ .line_no = rec->line_no, .title = qf_record_where(rec, &t->arena) };
		show_record(t, &s->before, *rec);
	}
	b->n = 0;
	*qf_batch_add(b, rec->type) = *rec;
	if (qf_chain_apply(t->chain, b, err) == 0) {
		take_outputs(t, b);
		return 0;
	}
	if (!s || err->code != QF_E_DATA)
		return -1;
	s->why = qf_arena_dup(&t->arena, err->msg, strlen(err->msg)).p;
	return 0;
}

static int read_points(struct trial *t, struct qf_reader *in, struct qf_err *err)
{
	struct qf_record end = { .type = QF_REC_END };
	struct qf_batch in_batch = { 0 }, b = { 0 };
	bool ended = false;
	int rc = 0;

	while (!enough(t) && (rc = qf_reader_next(in, &in_batch, err)) == 0) {
		for (size_t i = 0; i < in_batch.n && rc == 0; i++) {
			ended = in_batch.rec[i].type == QF_REC_END;
			rc = one_record(t, &in_batch.rec[i], &b, err);
		}
		/* What steps hold back points into the batch that is gone with the next one. */
		if (rc < 0)
			break;
	}
	if (rc >= 0 && !ended)
		rc = one_record(t, &end, &b, err);
	qf_batch_release(&in_batch);
	qf_batch_release(&b);
	return rc < 0 ? -1 : 0;
}

/* ---- showing ---- */

/* Columns that a character takes on a terminal: Unicode's wide ranges, and marks that take none. */
static unsigned width_of(unsigned c)
{
	static const struct {
		unsigned from, to, width;
	} ranges[] = {
		{ 0x300, 0x36f, 0 },	   { 0x200b, 0x200f, 0 },   { 0x1100, 0x115f, 2 },
		{ 0x2e80, 0xa4cf, 2 },	   { 0xac00, 0xd7a3, 2 },   { 0xf900, 0xfaff, 2 },
		{ 0xfe30, 0xfe6f, 2 },	   { 0xff00, 0xff60, 2 },   { 0xffe0, 0xffe6, 2 },
		{ 0x1f300, 0x1faff, 2 },   { 0x20000, 0x3fffd, 2 },
	};

	for (size_t i = 0; i < QF_LEN(ranges); i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return ranges[i].width;
	return 1;
}

/* One character of valid UTF-8. */
static unsigned next_char(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;
	unsigned n = *s < 0x80 ? 1 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4, c = *s;

	if (n > 1)
		c &= 0x7fu >> n;
	for (unsigned i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	*p += n;
	return c;
}

/* The text in at most `columns` columns, cut with ".."; filled up with blanks where pad is set. */
static void put_cell(struct qf_buf *out, const char *text, unsigned columns, bool pad)
{
	unsigned used = 0, all = 0;

	for (const char *p = text; *p;)
		all += width_of(next_char(&p));
	for (const char *p = text; *p;) {
		const char *from = p;
		unsigned c = next_char(&p), w = width_of(c);

		if (used + w > columns - (all > columns ? 2 : 0))
			break;
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e))
			qf_buf_addc(out, '?'); /* would steer the terminal */
		else
			qf_buf_add(out, from, (size_t)(p - from));
		used += w;
	}
	if (all > columns) {
		QF_BUF_LIT(out, "..");
		used += 2;
	}
	for (; pad && used < columns; used++)
		qf_buf_addc(out, ' ');
}

static void put_line(struct qf_buf *out, const struct line *l, unsigned names, unsigned columns,
		     bool pad)
{
	if (!l) {
		put_cell(out, "", columns, pad);
		return;
	}
	put_cell(out, l->name, names, true);
	QF_BUF_LIT(out, "  ");
	put_cell(out, l->value, columns - names - 2, pad);
}

static const struct line *line_at(const struct shown *s, size_t i)
{
	return i < s->n ? &s->line[i] : NULL;
}

/* The same name on one height, as far as both go in the same order. */
static void put_beside(const struct sample *s, unsigned columns, struct qf_buf *out)
{
	unsigned half = (columns - 3) / 2, names = half / 3 < NAMES ? half / 3 : NAMES;
	size_t a = 0, b = 0;

	while (a < s->before.n || b < s->after.n) {
		const struct line *left = line_at(&s->before, a), *right = line_at(&s->after, b);

		if (left && right && strcmp(left->name, right->name) != 0) {
			size_t k = b;

			while (k < s->after.n && strcmp(s->after.line[k].name, left->name) != 0)
				k++;
			/* Gone, or not yet come. */
			if (k == s->after.n)
				right = NULL;
			else
				left = NULL;
		}
		put_line(out, left, names, half, true);
		qf_buf_puts(out, !left ? " + " : !right ? " - " : strcmp(left->value, right->value) != 0 ? " * " : "   ");
		put_line(out, right, names, half, false);
		while (out->n && out->p[out->n - 1] == ' ')
			out->n--;
		qf_buf_addc(out, '\n');
		a += left != NULL;
		b += right != NULL;
	}
}

static void put_below(const char *title, const struct shown *s, struct qf_buf *out)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!*s->line[i].name) {
			QF_BUF_LIT(out, "\n");
			continue;
		}
		qf_buf_printf(out, "%-7s ", i ? "" : title);
		put_line(out, &s->line[i], NAMES, 4096, false);
		qf_buf_addc(out, '\n');
	}
}

static void put_sample(const struct sample *s, unsigned columns, struct qf_buf *out)
{
	const char *instead = s->why	      ? s->why
			      : !s->outputs ? "left out"
					    : NULL;

	qf_buf_printf(out, "%s%s\n", out->n ? "\n" : "", s->title);
	if (columns >= MIN_COLUMNS && !instead) {
		put_beside(s, columns, out);
		return;
	}
	put_below("before", &s->before, out);
	if (instead)
		qf_buf_printf(out, "%-7s %s\n", "after", instead);
	else
		put_below("after", &s->after, out);
}

int qf_transform_try(struct qf_chain *c, struct qf_reader *in, size_t n, unsigned columns,
		     struct qf_buf *out, struct qf_err *err)
{
	struct trial t = { .chain = c, .want = n };
	int rc = read_points(&t, in, err);

	for (size_t i = 0; i < t.n; i++) {
		if (rc == 0)
			put_sample(&t.samples[i], columns, out);
		free(t.samples[i].before.line);
		free(t.samples[i].after.line);
	}
	free(t.samples);
	free(t.colls);
	qf_arena_release(&t.arena);
	return rc;
}
