/* cells: the code of a notebook out of its JSON. https://nbformat.readthedocs.io/en/latest/format_description.html */
#include "tools/align/rewrite/cells.h"

#include "common/data/json.h"

static unsigned hex4(const char *p)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)p[i];

		v = v << 4 | (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return v;
}

/* Bytes [from, to) of the file give these of the text. */
static void add(struct rw_cells *cells, const char *p, size_t n, size_t from, size_t to)
{
	qf_buf_add(&cells->text, p, n);
	while (cells->cap < cells->text.n) {
		cells->cap = cells->cap ? 2 * cells->cap : 4096;
		cells->from = qf_realloc(cells->from, cells->cap, sizeof(*cells->from));
		cells->to = qf_realloc(cells->to, cells->cap, sizeof(*cells->to));
	}
	for (size_t i = cells->text.n - n; i < cells->text.n; i++) {
		cells->from[i] = (uint32_t)from;
		cells->to[i] = (uint32_t)to;
	}
}

/* The content of a string whose syntax has been checked, [at, end) of the file. */
static void add_string(struct rw_cells *cells, struct qf_str json, size_t at, size_t end, struct rw_piece piece)
{
	static const char escapes[] = "b\bf\fn\nr\rt\t";

	piece.at = cells->text.n;
	piece.json = at;
	piece.json_end = end;
	while (at < end) {
		size_t next = at + 1, n;
		char room[4];

		if (json.p[at] != '\\') {
			add(cells, json.p + at, 1, at, next);
			at = next;
			continue;
		}
		next = at + 2;
		room[0] = json.p[at + 1];
		n = 1;
		if (json.p[at + 1] == 'u') {
			unsigned c = hex4(json.p + at + 2);

			next = at + 6;
			if (c >= 0xd800 && c < 0xdc00) {
				c = 0x10000 + ((c - 0xd800) << 10) + (hex4(json.p + at + 8) - 0xdc00);
				next = at + 12;
			}
			n = qf_utf8_put(room, c);
		} else {
			const char *e = strchr(escapes, room[0]);

			if (e && (e - escapes) % 2 == 0)
				room[0] = e[1];
		}
		add(cells, room, n, at, next);
		at = next;
	}
	piece.n = cells->text.n - piece.at;
	QF_GROW(cells->pieces, cells->n, cells->cap_pieces);
	cells->pieces[cells->n++] = piece;
}

/* A member of an object as its text, or p NULL. */
static struct qf_str member(struct qf_str object, const char *name, struct qf_arena *arena)
{
	struct qf_scan s = { .p = object.p, .end = object.p + object.n };
	struct qf_str key, ret = { 0 };
	bool first = true;

	if (!object.n || *object.p != '{')
		return ret;
	while (qf_scan_member(&s, &first, &key, arena)) {
		struct qf_str value = qf_scan_value(&s);

		if (qf_str_is(key, name))
			ret = value;
	}
	return ret;
}

/* Takes the next value of an array; false at its end. */
static bool element(struct qf_scan *s, bool *first, struct qf_str *ret)
{
	if (*first ? !qf_scan_take(s, '[') : !qf_scan_take(s, ','))
		return false;
	*first = false;
	*ret = qf_scan_value(s);
	return !s->why && ret->n;
}

static bool is_text(struct qf_str value, const char *text)
{
	return value.n == strlen(text) + 2 && memcmp(value.p + 1, text, value.n - 2) == 0;
}

/* The gap between the lines of a source: that of the first two, else as the first stands behind the bracket. */
static struct qf_str gap_of(struct qf_str list, struct qf_arena *arena)
{
	struct qf_scan s = { .p = list.p, .end = list.p + list.n };
	struct qf_str one = { 0 }, two = { 0 };
	bool first = true;

	if (!element(&s, &first, &one))
		return (struct qf_str){ 0 };
	if (element(&s, &first, &two))
		return (struct qf_str){ one.p + one.n, (size_t)(two.p - (one.p + one.n)) };
	return qf_arena_printf(arena, ",%.*s", (int)(one.p - list.p - 1), list.p + 1);
}

static void add_cell(struct rw_cells *cells, struct qf_str json, struct qf_str cell, unsigned number)
{
	struct qf_arena *arena = &cells->arena;
	struct qf_str source = member(cell, "source", arena), line;
	struct rw_piece piece = { .cell = number };
	struct qf_scan s;
	size_t start = cells->text.n, pieces = cells->n, end;
	bool first = true;

	if (!source.p)
		source = member(cell, "input", arena);
	if (source.n && *source.p == '"')
		add_string(cells, json, (size_t)(source.p + 1 - json.p),
			   (size_t)(source.p + source.n - 1 - json.p), piece);
	if (source.n && *source.p == '[') {
		piece.list = true;
		piece.gap = gap_of(source, arena);
		s = (struct qf_scan){ .p = source.p, .end = source.p + source.n };
		while (element(&s, &first, &line))
			if (*line.p == '"')
				add_string(cells, json, (size_t)(line.p + 1 - json.p),
					   (size_t)(line.p + line.n - 1 - json.p), piece);
	}
	if (cells->n == pieces)
		return;
	end = cells->pieces[cells->n - 1].json_end;
	if (!qf_rw_magics(cells, start)) {
		cells->text.n = start;
		cells->n = pieces;
	} else if (cells->text.n > start && cells->text.p[cells->text.n - 1] != '\n') {
		add(cells, "\n", 1, end, end);
	}
}

static void add_cells(struct rw_cells *cells, struct qf_str json, struct qf_str list, unsigned *number)
{
	struct qf_scan s = { .p = list.p, .end = list.p + list.n };
	struct qf_str cell;
	bool first = true;

	while (list.n && element(&s, &first, &cell))
		if (is_text(member(cell, "cell_type", &cells->arena), "code"))
			add_cell(cells, json, cell, ++*number);
}

int qf_rw_cells_read(struct rw_cells *cells, struct qf_str json, struct qf_err *err)
{
	const char *why = "a notebook is a JSON object", *bad = json.p, *end;
	struct qf_str whole, metadata, language, sheets, sheet;
	struct qf_scan s;
	unsigned number = 0;
	bool first = true;

	*cells = (struct rw_cells){ 0 };
	end = json.n ? qf_json_skip(json.p, json.p + json.n, QF_JSON_MAX_DEPTH, &why, &bad) : NULL;
	while (end && end < json.p + json.n && strchr(" \t\r\n", *end))
		end++;
	if (end && end < json.p + json.n) {
		why = "something stands behind the notebook";
		bad = end;
		end = NULL;
	}
	whole = json;
	while (whole.n && strchr(" \t\r\n", *whole.p)) {
		whole.p++;
		whole.n--;
	}
	if (!end || !whole.n || *whole.p != '{' || json.n > UINT32_MAX)
		return qf_err_set(err, QF_E_DATA, "byte %zu: %s", json.n ? (size_t)(bad - json.p) : 0, why);
	metadata = member(whole, "metadata", &cells->arena);
	language = member(member(metadata, "language_info", &cells->arena), "name", &cells->arena);
	if (!language.p)
		language = member(member(metadata, "kernelspec", &cells->arena), "language", &cells->arena);
	cells->python = !language.p || is_text(language, "python") || is_text(language, "python3");
	if (!cells->python)
		return 0;
	add_cells(cells, json, member(whole, "cells", &cells->arena), &number);
	/* Before version 4 the cells stand in worksheets. */
	sheets = member(whole, "worksheets", &cells->arena);
	s = (struct qf_scan){ .p = sheets.p, .end = sheets.p + sheets.n };
	while (sheets.n && element(&s, &first, &sheet))
		add_cells(cells, json, member(sheet, "cells", &cells->arena), &number);
	return 0;
}

void qf_rw_cells_release(struct rw_cells *cells)
{
	qf_buf_release(&cells->text);
	free(cells->from);
	free(cells->to);
	free(cells->pieces);
	free(cells->magics);
	qf_arena_release(&cells->arena);
	*cells = (struct rw_cells){ 0 };
}
