/* notebook: the rewrite of a notebook's code, brought back into its JSON. */
#include "tools/align/rewrite/cells.h"
#include "tools/align/rewrite/rw.h"

#include <stdlib.h>

/* The piece that holds the byte before a place of the text, or the first. */
static const struct rw_piece *piece_before(const struct rw_cells *cells, size_t at)
{
	size_t low = 0, high = cells->n;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (cells->pieces[mid].at < at)
			low = mid;
		else
			high = mid;
	}
	return &cells->pieces[low];
}

/* A line end in a list of lines ends the element, and the next line is one of its own. */
static void put_text(struct qf_buf *out, struct qf_str text, const struct rw_piece *piece, bool more)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		switch (c) {
		case '"': QF_BUF_LIT(out, "\\\""); break;
		case '\\': QF_BUF_LIT(out, "\\\\"); break;
		case '\t': QF_BUF_LIT(out, "\\t"); break;
		case '\r': QF_BUF_LIT(out, "\\r"); break;
		case '\f': QF_BUF_LIT(out, "\\f"); break;
		case '\n':
			QF_BUF_LIT(out, "\\n");
			if (piece->list && (i + 1 < text.n || more)) {
				qf_buf_addc(out, '"');
				qf_buf_add_str(out, piece->gap);
				qf_buf_addc(out, '"');
			}
			break;
		default:
			qf_buf_addc(out, c);
		}
	}
}

/* Something is put in between two bytes of the text. */
static void insertion(const struct rw_cells *cells, struct qf_edit *e, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };
	const struct rw_piece *piece = piece_before(cells, e->at);
	struct qf_str text = e->text;
	size_t at = e->at;
	bool ends;

	if (at == piece->at || at == 0) {
		put_text(&b, text, piece, true);
		e->at = cells->from[at];
	} else if (at > piece->at + piece->n) {
		/* Behind the line end that we have put behind a cell: that goes first. */
		put_text(&b, QF_STR("\n"), piece, true);
		text.n -= text.n && text.p[text.n - 1] == '\n';
		put_text(&b, text, piece, false);
		e->at = piece->json_end;
	} else {
		ends = at == piece->at + piece->n;
		if (ends && piece->list && cells->text.p[at - 1] == '\n') {
			qf_buf_addc(&b, '"');
			qf_buf_add_str(&b, piece->gap);
			qf_buf_addc(&b, '"');
		}
		put_text(&b, text, piece, !ends);
		e->at = cells->to[at - 1];
	}
	e->text = qf_arena_dup(arena, b.p, b.n);
}

/* Whole lines of a list that go take their quotes and a comma along. */
static bool whole_elements(const struct rw_cells *cells, struct qf_edit *e)
{
	size_t first = (size_t)(piece_before(cells, e->at + 1) - cells->pieces);
	size_t last = (size_t)(piece_before(cells, e->at + e->n) - cells->pieces);
	const struct rw_piece *a = &cells->pieces[first], *z = &cells->pieces[last];

	if (e->text.n || !a->list || a->cell != z->cell || e->at != a->at || e->at + e->n < z->at + z->n)
		return false;
	if (first > 0 && a[-1].cell == a->cell) {
		e->at = a[-1].json_end + 1;
		e->n = z->json_end + 1 - e->at;
	} else if (last + 1 < cells->n && z[1].cell == z->cell) {
		e->at = a->json - 1;
		e->n = z[1].json - 1 - e->at;
	} else {
		return false;
	}
	return true;
}

static void edit_to_json(const struct rw_cells *cells, struct qf_edit *e, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };
	size_t from, to;

	if (!e->n) {
		insertion(cells, e, arena);
		return;
	}
	if (whole_elements(cells, e))
		return;
	from = cells->from[e->at];
	to = cells->to[e->at + e->n - 1];
	put_text(&b, e->text, piece_before(cells, e->at + 1), true);
	*e = (struct qf_edit){ .at = from, .n = to - from, .text = qf_arena_dup(arena, b.p, b.n) };
}

/* Do the edits of the JSON give what those of the text gave? */
static bool is_same(const struct rw_cells *cells, const struct qf_rewrite_out *text, struct qf_str json,
		    const struct qf_rewrite_out *out)
{
	QF_AUTO_BUF struct qf_buf want = { 0 }, after = { 0 };
	struct rw_cells again;
	struct qf_err err;
	bool ret;

	for (size_t i = 1; i < out->n; i++)
		if (out->edits[i - 1].at + out->edits[i - 1].n > out->edits[i].at)
			return false;
	qf_edits_apply(qf_buf_str(&cells->text), text->edits, text->n, &want);
	qf_edits_apply(json, out->edits, out->n, &after);
	ret = qf_rw_cells_read(&again, qf_buf_str(&after), &err) == 0 &&
	      qf_str_eq(qf_buf_str(&again.text), qf_buf_str(&want));
	qf_rw_cells_release(&again);
	return ret;
}

/* What IPython does with its own lines is not known here. */
static void note_magics(const struct rw_cells *cells, const struct qf_rewrite_in *in, struct qf_rewrite_out *out)
{
	struct rw r = { .in = in };

	qf_rw_entries(&r);
	for (size_t i = 0; i < cells->n_magics; i++) {
		size_t from = cells->from[cells->magics[i].at];
		size_t to = cells->to[cells->magics[i].at + cells->magics[i].n - 1];
		const struct qf_str line = { in->source.p + from, to - from };
		const struct rw_entry *e = qf_rw_mentioned(&r, line, false);

		if (!e)
			continue;
		QF_GROW(out->leftovers, out->n_leftovers, out->cap_leftovers);
		out->leftovers[out->n_leftovers++] =
			(struct qf_leftover){ from, to - from, e->rule, "a line for IPython, not for Python" };
	}
	qf_arena_release(&r.arena);
}

static int by_place(const void *a, const void *b)
{
	const struct qf_leftover *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static int rewrite_cells(const struct rw_cells *cells, const struct qf_rewrite_in *in, struct qf_rewrite_out *out,
			 struct qf_err *err)
{
	QF_AUTO_FREE size_t *start = qf_calloc(cells->n + 1, sizeof(*start));
	struct rw_parts parts = { .start = start };

	for (size_t i = 0; i < cells->n; i++)
		if (i == 0 || cells->pieces[i].cell != cells->pieces[i - 1].cell)
			start[parts.n++] = cells->pieces[i].at;
	return qf_rw_python(in, &parts, out, err);
}

int qf_rewrite_notebook(const struct qf_rewrite_in *in, struct qf_rewrite_out *out, struct qf_err *err)
{
	struct rw_cells cells;
	struct qf_rewrite_in code = *in;
	struct qf_rewrite_out text = { 0 };
	int rc = qf_rw_cells_read(&cells, in->source, err);

	*out = (struct qf_rewrite_out){ 0 };
	if (rc == 0 && cells.text.n) {
		code.source = qf_buf_str(&cells.text);
		rc = rewrite_cells(&cells, &code, out, err);
		if (rc < 0)
			(void)qf_err_wrap(err, "code of the cells");
	}
	if (rc == 0 && cells.text.n) {
		text.n = out->n;
		text.edits = qf_calloc(out->n + 1, sizeof(*text.edits));
		if (out->n)
			memcpy(text.edits, out->edits, out->n * sizeof(*text.edits));
		for (size_t i = 0; i < out->n; i++)
			edit_to_json(&cells, &out->edits[i], &out->arena);
		for (size_t i = 0; i < out->n_leftovers; i++) {
			struct qf_leftover *l = &out->leftovers[i];
			size_t from = cells.from[l->at];

			l->n = l->n ? cells.to[l->at + l->n - 1] - from : 0;
			l->at = from;
		}
		if (out->n && !is_same(&cells, &text, in->source, out)) {
			out->n = out->n_derived = 0;
			QF_GROW(out->leftovers, out->n_leftovers, out->cap_leftovers);
			out->leftovers[out->n_leftovers++] =
				(struct qf_leftover){ .rule = qf_rw_any_rule(in),
						      .reason = "cannot be changed safely: its form is not kept" };
		}
		note_magics(&cells, in, out);
		if (out->n_leftovers)
			qsort(out->leftovers, out->n_leftovers, sizeof(*out->leftovers), by_place);
	}
	free(text.edits);
	qf_rw_cells_release(&cells);
	return rc;
}
