/*
 * magic: lines of a cell that IPython takes for itself (%time x, !ls, x?, %%bash). They are overwritten by
 * expressions that mean nothing, byte for byte, so that all other places stay where they are.
 * https://ipython.readthedocs.io/en/stable/interactive/reference.html
 */
#include "tools/align/rewrite/cells.h"

/* Where a line begins: in code, or inside a bracket or a string? */
struct state {
	unsigned depth;
	char quote;   /* 0: in no string */
	bool triple;
	bool joined;  /* the line before ended in a backslash */
};

static bool three(const char *p, const char *end, char c)
{
	return end - p >= 3 && p[0] == c && p[1] == c && p[2] == c;
}

/* Reads on to the end of a line; p stands at its beginning. Returns where the line ends. */
static const char *read_line(struct state *s, const char *p, const char *end)
{
	s->joined = false;
	for (; p < end && *p != '\n'; p++) {
		if (*p == '\\') {
			s->joined = p + 1 == end || p[1] == '\n';
			p += p + 1 < end && p[1] != '\n';
		} else if (s->quote) {
			if (*p == s->quote && (!s->triple || three(p, end, *p))) {
				p += s->triple ? 2 : 0;
				s->quote = 0;
			}
		} else if (*p == '#') {
			while (p < end && *p != '\n')
				p++;
			break;
		} else if (*p == '"' || *p == '\'') {
			s->quote = *p;
			s->triple = three(p, end, *p);
			p += s->triple ? 2 : 0;
		} else if (strchr("([{", *p)) {
			s->depth++;
		} else if (strchr(")]}", *p)) {
			s->depth -= s->depth > 0;
		}
	}
	if (s->quote && !s->triple && !s->joined)
		s->quote = 0;
	return p;
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
	       (c & 0x80);
}

/* x = !ls or x, y = %time f(): where the ! or % stands, or NULL. */
static const char *assigned(const char *p, const char *end)
{
	while (p < end && (is_name(*p) || *p == ' ' || *p == ',' || *p == '*'))
		p++;
	if (p == end || *p != '=')
		return NULL;
	p = skip_blanks(p + 1, end);
	return p < end && (*p == '!' || *p == '%') ? p : NULL;
}

/* Where IPython's part of a line begins, or NULL: name?, ?name, %magic, !shell. */
static const char *magic_in(const char *p, const char *end)
{
	const char *last = end;

	p = skip_blanks(p, end);
	if (p == end)
		return NULL;
	if (*p == '%' || *p == '!' || *p == '?')
		return p;
	while (last > p && (last[-1] == ' ' || last[-1] == '\t' || last[-1] == '\r'))
		last--;
	if (last[-1] == '?') {
		const char *q = p;

		while (q < last && (is_name(*q) || strchr("?*[]()'\"", *q)))
			q++;
		if (q == last)
			return p;
	}
	return assigned(p, end);
}

/* An expression of one digit, and a comment of the rest. */
static void hide(char *p, const char *end)
{
	*p = '0';
	if (p + 1 < end)
		p[1] = '#';
}

static void note(struct rw_cells *cells, const char *from, const char *to)
{
	QF_GROW(cells->magics, cells->n_magics, cells->cap_magics);
	cells->magics[cells->n_magics++] = (struct rw_magic){ (size_t)(from - cells->text.p), (size_t)(to - from) };
}

/* Is it a cell magic whose cell is Python all the same? */
static bool is_python(struct qf_str line)
{
	static const char *const names[] = { "%%time", "%%timeit", "%%capture", "%%prun", "%%memit" };

	for (size_t i = 0; i < QF_LEN(names); i++) {
		size_t n = strlen(names[i]);

		if (qf_str_starts(line, names[i]) && (line.n == n || line.p[n] == ' ' || line.p[n] == '\r'))
			return true;
	}
	return false;
}

bool qf_rw_magics(struct rw_cells *cells, size_t at)
{
	char *p = cells->text.p + at, *end = cells->text.p + cells->text.n;
	struct state s = { 0 };
	bool begun = false;

	while (p < end) {
		bool outside = !s.depth && !s.quote && !s.joined;
		char *stop = memchr(p, '\n', (size_t)(end - p)), *from;

		stop = stop ? stop : end;
		from = outside ? (char *)magic_in(p, stop) : NULL;
		if (!begun && from && stop - from > 2 && from[0] == '%' && from[1] == '%') {
			note(cells, from, stop);
			if (!is_python((struct qf_str){ from, (size_t)(stop - from) }))
				return false;
		} else if (from) {
			note(cells, from, stop);
		}
		begun |= skip_blanks(p, stop) < stop;
		/* A command goes on where its line ends in a backslash. */
		while (from) {
			bool more = stop > from && stop[-1] == '\\' && stop < end;

			hide(from, stop);
			if (!more)
				break;
			p = stop + 1;
			stop = memchr(p, '\n', (size_t)(end - p));
			stop = stop ? stop : end;
			from = (char *)skip_blanks(p, stop);
			if (from == stop)
				break;
			*from = '#';
			if (stop[-1] != '\\')
				break;
			from++;
		}
		if (!from)
			stop = (char *)read_line(&s, p, end);
		p = stop + (stop < end);
	}
	return true;
}
