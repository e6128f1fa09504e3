/* Strings, and the text of f-strings and t-strings between their quotes and fields. */
#include "tools/align/python/token_scan.h"

/* Do three of the quotes that stand at `at` follow each other? */
static bool is_triple(const struct qf_py_scan *sc, uint32_t at)
{
	return sc->n - at > 2 && sc->s[at + 1] == sc->s[at] && sc->s[at + 2] == sc->s[at];
}

int qf_py_scan_string(struct qf_py_scan *sc, uint32_t start, uint32_t at)
{
	unsigned char quote = sc->s[at], c;
	bool triple = is_triple(sc, at);
	uint32_t line = sc->line;

	at += triple ? 3 : 1;
	while ((at = qf_py_scan_plain(sc, at)) < sc->n) {
		c = sc->s[at];
		if (c == '\\') {
			at = qf_py_scan_escape(sc, at);
		} else if (c == quote && (!triple || is_triple(sc, at))) {
			sc->at = at + (triple ? 3 : 1);
			qf_py_scan_add(sc, QF_PY_STRING, start, sc->at, line);
			return 0;
		} else if (c != '\n' && c != '\r') {
			at++;
		} else if (triple) {
			qf_py_scan_line(sc, &at);
		} else {
			break;
		}
	}
	return qf_py_scan_fail(sc, start, "this string is not closed");
}

void qf_py_scan_fstring(struct qf_py_scan *sc, uint32_t start, uint32_t at, bool raw)
{
	bool triple = is_triple(sc, at);
	uint32_t end = at + (triple ? 3 : 1);

	qf_py_scan_push(sc, (struct qf_py_open){ .kind = QF_PY_OPEN_STRING, .at = start, .string = start,
		.quote = sc->s[at], .triple = triple, .raw = raw });
	qf_py_scan_add(sc, QF_PY_FSTRING_START, start, end, sc->line);
	sc->at = end;
}

/* The text in front of `at`, then an operator or quotes of `size` bytes if kind asks for them. */
static void text_ends(struct qf_py_scan *sc, uint32_t line, uint32_t at, uint8_t kind, uint32_t size)
{
	if (at > sc->at)
		qf_py_scan_add(sc, QF_PY_FSTRING_MIDDLE, sc->at, at, line);
	if (size)
		qf_py_scan_add(sc, kind, at, at + size, sc->line);
	sc->at = at + size;
}

/* Do the string's quotes stand at `at`? */
static bool is_end(const struct qf_py_scan *sc, const struct qf_py_open *top, uint32_t at)
{
	return sc->s[at] == top->quote && (!top->triple || is_triple(sc, at));
}

static void field_begins(struct qf_py_scan *sc, struct qf_py_open top, uint32_t line, uint32_t at)
{
	text_ends(sc, line, at, QF_PY_OP, 1);
	top.kind = QF_PY_OPEN_FIELD;
	top.at = at;
	top.spec = false;
	qf_py_scan_push(sc, top);
}

int qf_py_scan_text(struct qf_py_scan *sc)
{
	struct qf_py_open *top = &sc->open[sc->depth - 1];
	uint32_t at = sc->at, line = sc->line;
	bool named = false; /* in the braces of \N{DASH}, which are text */

	while ((at = qf_py_scan_plain(sc, at)) < sc->n) {
		unsigned char c = sc->s[at], next = at + 1 < sc->n ? sc->s[at + 1] : 0;

		if (is_end(sc, top, at)) {
			if (top->spec)
				return qf_py_scan_fail(sc, at, "the f-string ends, but a '{' in it is open");
			text_ends(sc, line, at, QF_PY_FSTRING_END, top->triple ? 3 : 1);
			sc->depth--;
			return 0;
		}
		if (c == '{' && (next != '{' || top->spec)) {
			field_begins(sc, *top, line, at);
			return 0;
		}
		if (c == '}' && top->spec && !named) {
			text_ends(sc, line, at, QF_PY_OP, 1);
			sc->depth--;
			return 0;
		}
		if (c == '}' && next != '}' && !named)
			return qf_py_scan_fail(sc, at, "this '}' closes nothing; as text it is written twice");
		if (c == '{' || (c == '}' && !named)) {
			at += 2;
		} else if (c == '}') {
			named = false;
			at++;
		} else if (c == '\\' && (next == '{' || next == '}')) {
			at++; /* a backslash and a brace that is looked at for itself */
		} else if (c == '\\') {
			named = !top->raw && next == 'N' && sc->n - at > 2 && sc->s[at + 2] == '{';
			at = named ? at + 3 : qf_py_scan_escape(sc, at);
		} else if (c != '\n' && c != '\r') {
			at++; /* a quote that does not end it */
		} else if (top->triple) {
			qf_py_scan_line(sc, &at);
		} else if (top->spec) {
			/* Ends the format; what may follow is the closing brace. */
			text_ends(sc, line, at, QF_PY_OP, 0);
			top->spec = false;
			return 0;
		} else {
			break;
		}
	}
	return qf_py_scan_fail(sc, top->string, "this f-string is not closed");
}
