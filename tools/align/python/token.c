#include "tools/align/python/token.h"

#include <stdarg.h>
#include <unictype.h>
#include <unistr.h>

#include "common/base/buf.h"
#include "tools/align/python/token_scan.h"

/* What a byte may begin (low bits), and what else it is. */
enum {
	BAD, BLANK, LINE_END, COMMENT, NAME, DIGIT, DOT, QUOTE, BACKSLASH, OPEN, CLOSE, OPERATOR, COLON, BANG,
	BEGINS = 0x0f, /* mask of the above */
	WORD = 0x10,   /* part of a name */
	STOP = 0x20,   /* ends a run of a string's plain text */
};

#define N (NAME | WORD)
#define D (DIGIT | WORD)
#define E (LINE_END | STOP)
#define Q (QUOTE | STOP)
#define S (BACKSLASH | STOP)
#define O OPERATOR
#define X BAD
#define N15 N, N, N, N, N, N, N, N, N, N, N, N, N, N, N
#define N16 N, N15

/* Bytes above 127 are parts of names, in every encoding that gets here. */
static const uint8_t class[256] = {
	X, X, X, X, X, X, X, X, X, BLANK, E, X, BLANK, E, X, X,
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
	BLANK, BANG, Q, COMMENT, X, O, O, Q, OPEN, CLOSE, O, O, O, O, DOT, O,
	D, D, D, D, D, D, D, D, D, D, COLON, O, O, O, O, X,
	O, N15,
	N, N, N, N, N, N, N, N, N, N, N, OPEN, S, CLOSE, O, N,
	X, N15,
	N, N, N, N, N, N, N, N, N, N, N, OPEN | STOP, O, CLOSE | STOP, O, X,
	N16, N16, N16, N16, N16, N16, N16, N16,
};

#undef N
#undef D
#undef E
#undef Q
#undef S
#undef O
#undef X
#undef N15
#undef N16

static inline unsigned char byte_at(const struct qf_py_scan *sc, uint32_t i)
{
	return i < sc->n ? sc->s[i] : 0;
}

static inline bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

int qf_py_scan_fail(struct qf_py_scan *sc, uint32_t at, const char *fmt, ...)
{
	unsigned line, column;
	char reason[256];
	va_list ap;

	qf_py_position(sc->out->source, at, &line, &column);
	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return qf_err_set(sc->err, QF_E_DATA, "line %u, column %u: %s", line, column, reason);
}

/* The end of line that stands at `at`: behind it. */
static inline uint32_t after_line_end(const struct qf_py_scan *sc, uint32_t at)
{
	return at + (sc->s[at] == '\r' && byte_at(sc, at + 1) == '\n' ? 2 : 1);
}

uint32_t qf_py_scan_plain(struct qf_py_scan *sc, uint32_t at)
{
	const unsigned char *s = sc->s;

	while (at < sc->n && !(class[s[at]] & STOP))
		at++;
	return at;
}

uint32_t qf_py_scan_escape(struct qf_py_scan *sc, uint32_t at)
{
	unsigned char c = byte_at(sc, ++at);

	if (c != '\n' && c != '\r')
		return at < sc->n ? at + 1 : at;
	sc->line++;
	return after_line_end(sc, at);
}

bool qf_py_scan_line(struct qf_py_scan *sc, uint32_t *at)
{
	unsigned char c = byte_at(sc, *at);

	if (c != '\n' && c != '\r')
		return false;
	*at = after_line_end(sc, *at);
	sc->line++;
	return true;
}

/* Letters in front of a quote: 0 no prefix, else 's' string, 'f' f- or t-string; raw is told. */
static char prefix_kind(const unsigned char *p, uint32_t n, bool *raw)
{
	unsigned char a = p[0] | 0x20, b = n == 2 ? p[1] | 0x20 : 0, other;

	*raw = a == 'r' || b == 'r';
	if (n == 1)
		return a == 'f' || a == 't' ? 'f' : a == 'r' || a == 'b' || a == 'u' ? 's' : 0;
	if (n != 2 || a == b || !*raw)
		return 0;
	other = a == 'r' ? b : a;
	return other == 'f' || other == 't' ? 'f' : other == 'b' ? 's' : 0;
}

/*
 * PEP 3131 as CPython applies it, before normalisation. What is not assigned in the library's
 * edition of Unicode may be a letter in a newer Python's.
 */
static int check_name(struct qf_py_scan *sc, uint32_t start, uint32_t end)
{
	uint32_t at = start;
	ucs4_t c;

	if (!qf_utf8_valid((const char *)sc->s + start, end - start))
		return 0;
	while (at < end) {
		int n = u8_mbtouc_unsafe(&c, sc->s + at, end - at);

		if (c >= 128 && !uc_is_property_xid_continue(c) && !uc_is_property_unassigned_code_value(c))
			return qf_py_scan_fail(sc, at, "no token has the character U+%04X in it", (unsigned)c);
		if (at == start && c >= 128 && !uc_is_property_xid_start(c) &&
		    !uc_is_property_unassigned_code_value(c))
			return qf_py_scan_fail(sc, at, "no name begins with U+%04X", (unsigned)c);
		at += n;
	}
	return 0;
}

static int name(struct qf_py_scan *sc)
{
	const unsigned char *s = sc->s;
	uint32_t start = sc->at, at = start, n = sc->n;
	unsigned char all = 0;
	bool raw;

	while (at < n && (class[s[at]] & WORD))
		all |= s[at++];
	if (at - start <= 2 && at < n && class[s[at]] == (QUOTE | STOP)) {
		char kind = prefix_kind(s + start, at - start, &raw);

		if (kind == 's')
			return qf_py_scan_string(sc, start, at);
		if (kind == 'f') {
			qf_py_scan_fstring(sc, start, at, raw);
			return 0;
		}
	}
	if (all >= 128 && check_name(sc, start, at) < 0)
		return -1;
	qf_py_scan_add(sc, QF_PY_NAME, start, at, sc->line);
	sc->at = at;
	return 0;
}

/* [0-9](_?[0-9])* of the given base, if a digit stands there. */
static uint32_t digits(const struct qf_py_scan *sc, uint32_t at, unsigned base)
{
	for (;;) {
		uint32_t i = at + (byte_at(sc, at) == '_');
		unsigned char c = byte_at(sc, i) | 0x20;
		unsigned value = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;

		/* What the mask above makes of control bytes are no digits. */
		if (value >= base || byte_at(sc, i) < '0')
			return at;
		at = i + 1;
	}
}

/* Where the exponent that may stand at `at` ends. */
static uint32_t exponent(const struct qf_py_scan *sc, uint32_t at)
{
	uint32_t i = at + 1;

	if ((byte_at(sc, at) | 0x20) != 'e')
		return at;
	if (byte_at(sc, i) == '+' || byte_at(sc, i) == '-')
		i++;
	return is_digit(byte_at(sc, i)) ? digits(sc, i, 10) : at;
}

/*
 * The longest number, whatever follows it: 1if is two tokens, as it was until 3.8 without a warning,
 * and so is 0777.
 */
static void number(struct qf_py_scan *sc)
{
	uint32_t start = sc->at, at = start, end;
	unsigned char c = byte_at(sc, at + 1) | 0x20;
	unsigned base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;

	if (sc->s[at] == '0' && base && (end = digits(sc, at + 2, base)) > at + 2) {
		at = end;
	} else {
		bool is_float = false;

		if (sc->s[at] != '.')
			at = digits(sc, at, 10);
		if (byte_at(sc, at) == '.') {
			is_float = true;
			at++;
			if (is_digit(byte_at(sc, at)))
				at = digits(sc, at, 10);
		}
		end = exponent(sc, at);
		is_float |= end > at;
		at = end;
		if ((byte_at(sc, at) | 0x20) == 'j')
			at++;
		else if (!is_float && sc->s[start] == '0')
			at = digits(sc, start, 1);
	}
	qf_py_scan_add(sc, QF_PY_NUMBER, start, at, sc->line);
	sc->at = at;
}

/* The bytes of the longest operator at `at`; brackets, : and ! have been looked at before. */
static uint32_t operator_size(const struct qf_py_scan *sc, uint32_t at)
{
	unsigned char a = sc->s[at], b = byte_at(sc, at + 1);

	switch (a) {
	case ',':
	case ';':
	case '~':
		return 1;
	case '*':
	case '/':
	case '<':
	case '>':
		if (a == b)
			return byte_at(sc, at + 2) == '=' ? 3 : 2;
		return b == '=' || (a == '<' && b == '>') ? 2 : 1;
	case '-':
		return b == '>' || b == '=' ? 2 : 1;
	case '.':
		return b == '.' && byte_at(sc, at + 2) == '.' ? 3 : 1;
	default:
		return b == '=' ? 2 : 1;
	}
}

static void operator(struct qf_py_scan *sc, uint32_t size)
{
	qf_py_scan_add(sc, QF_PY_OP, sc->at, sc->at + size, sc->line);
	sc->at += size;
}

static int closing(struct qf_py_scan *sc)
{
	const struct qf_py_open *top = sc->depth ? &sc->open[sc->depth - 1] : NULL;
	unsigned char c = sc->s[sc->at];
	unsigned char opened = c == ')' ? '(' : c == ']' ? '[' : '{';
	unsigned line, column;

	if (!top)
		return qf_py_scan_fail(sc, sc->at, "this '%c' closes nothing", c);
	if (top->kind != opened && !(top->kind == QF_PY_OPEN_FIELD && c == '}')) {
		qf_py_position(sc->out->source, top->at, &line, &column);
		return qf_py_scan_fail(sc, sc->at, "this '%c' does not close the '%c' of line %u, column %u", c,
			top->kind == QF_PY_OPEN_FIELD ? '{' : top->kind, line, column);
	}
	sc->depth--;
	operator(sc, 1);
	return 0;
}

static int bad(struct qf_py_scan *sc)
{
	unsigned char c = sc->s[sc->at];

	if (c > ' ' && c < 127)
		return qf_py_scan_fail(sc, sc->at, "no token begins with '%c'", c);
	return qf_py_scan_fail(sc, sc->at, "no token begins with U+%04X", c);
}

/* Behind a backslash: the end of its line, and a line that goes on. */
static int continuation(struct qf_py_scan *sc, uint32_t *at)
{
	uint32_t next = *at + 1;

	if (!qf_py_scan_line(sc, &next))
		return qf_py_scan_fail(sc, *at, "something follows the backslash that joins two lines");
	if (next == sc->n)
		return qf_py_scan_fail(sc, *at, "a backslash joins the last line with nothing");
	*at = next;
	return 0;
}

static void comment(struct qf_py_scan *sc, uint32_t at)
{
	uint32_t start = at;

	while (at < sc->n && (class[sc->s[at]] & BEGINS) != LINE_END)
		at++;
	qf_py_scan_add(sc, QF_PY_COMMENT, start, at, sc->line);
	sc->at = at;
}

/* One token, or what stands between two. */
static int code(struct qf_py_scan *sc)
{
	const unsigned char *s = sc->s;
	uint32_t at = sc->at, next;
	const struct qf_py_open *top = sc->depth ? &sc->open[sc->depth - 1] : NULL;
	bool in_field = top && top->kind == QF_PY_OPEN_FIELD;

	while (at < sc->n && class[s[at]] == BLANK)
		at++;
	sc->at = at;
	if (at == sc->n)
		return 0;
	switch (class[s[at]] & BEGINS) {
	case NAME:
		return name(sc);
	case DIGIT:
		number(sc);
		return 0;
	case DOT:
		if (is_digit(byte_at(sc, at + 1)))
			number(sc);
		else
			operator(sc, operator_size(sc, at));
		return 0;
	case OPERATOR:
		operator(sc, operator_size(sc, at));
		return 0;
	case COLON:
		/* Directly in a field it ends the expression, even in front of = or behind lambda. */
		operator(sc, in_field || byte_at(sc, at + 1) != '=' ? 1 : 2);
		if (in_field)
			sc->open[sc->depth - 1].spec = true;
		return 0;
	case BANG:
		if (byte_at(sc, at + 1) != '=' && !in_field)
			return bad(sc);
		operator(sc, byte_at(sc, at + 1) == '=' ? 2 : 1);
		return 0;
	case QUOTE:
		return qf_py_scan_string(sc, at, at);
	case OPEN:
		qf_py_scan_push(sc, (struct qf_py_open){ .kind = s[at], .at = at });
		operator(sc, 1);
		return 0;
	case CLOSE:
		return closing(sc);
	case COMMENT:
		comment(sc, at);
		return 0;
	case LINE_END:
		next = after_line_end(sc, at);
		sc->fresh = sc->depth == 0;
		qf_py_scan_add(sc, sc->fresh ? QF_PY_NEWLINE : QF_PY_NL, at, next, sc->line++);
		sc->at = next;
		return 0;
	case BACKSLASH:
		return continuation(sc, &sc->at);
	default:
		return bad(sc);
	}
}

/* Columns with a tab as up to eight and as one: a level must be the same by both. */
static int indentation(struct qf_py_scan *sc, uint32_t start, struct qf_py_indent now)
{
	struct qf_py_indent *top = &sc->indents[sc->n_indents - 1];

	if (now.wide > top->wide) {
		if (now.narrow <= top->narrow)
			goto unclear;
		QF_GROW(sc->indents, sc->n_indents, sc->cap_indents);
		sc->indents[sc->n_indents++] = now;
		qf_py_scan_add(sc, QF_PY_INDENT, start, sc->at, sc->line);
		return 0;
	}
	for (; now.wide < top->wide; top--) {
		sc->n_indents--;
		qf_py_scan_add(sc, QF_PY_DEDENT, sc->at, sc->at, sc->line);
	}
	if (now.wide != top->wide)
		return qf_py_scan_fail(sc, sc->at, "this indentation fits no outer level");
	if (now.narrow == top->narrow)
		return 0;
unclear:
	return qf_py_scan_fail(sc, sc->at, "tabs and blanks are mixed: the level depends on a tab's width");
}

/* The start of a line, up to its first token. Blank lines and lines of comment have no level. */
static int line_start(struct qf_py_scan *sc)
{
	struct qf_py_indent now = { 0 }, joined = { 0 };
	uint32_t start = sc->at, at = start;

	for (; at < sc->n; at++) {
		unsigned char c = sc->s[at];

		if (c == ' ') {
			now.wide++;
			now.narrow++;
		} else if (c == '\t') {
			now.wide = (now.wide / 8 + 1) * 8;
			now.narrow++;
		} else if (c == '\f') {
			now = (struct qf_py_indent){ 0 };
		} else if (c == '\\') {
			/* The first of the joined lines that has a level gives it, since 3.9. */
			if (!joined.wide)
				joined = now;
			if (continuation(sc, &at) < 0)
				return -1;
			start = at--;
		} else {
			break;
		}
	}
	sc->at = at;
	if (at == sc->n)
		return 0;
	if (sc->s[at] == '#')
		comment(sc, at);
	at = sc->at;
	if (at == sc->n || (class[sc->s[at]] & BEGINS) == LINE_END) {
		uint32_t next = at == sc->n ? at : after_line_end(sc, at);

		qf_py_scan_add(sc, QF_PY_NL, at, next, sc->line);
		sc->line += next > at;
		sc->at = next;
		return 0;
	}
	sc->fresh = false;
	return indentation(sc, start, joined.wide ? joined : now);
}

static int end(struct qf_py_scan *sc)
{
	if (sc->depth) {
		const struct qf_py_open *top = &sc->open[sc->depth - 1];
		bool text = top->kind == QF_PY_OPEN_STRING || top->spec;

		if (text)
			return qf_py_scan_fail(sc, top->string, "this f-string is not closed");
		return qf_py_scan_fail(sc, top->at, "this '%c' is never closed", sc->s[top->at]);
	}
	if (!sc->fresh)
		qf_py_scan_add(sc, QF_PY_NEWLINE, sc->n, sc->n, sc->line);
	while (sc->n_indents-- > 1)
		qf_py_scan_add(sc, QF_PY_DEDENT, sc->n, sc->n, sc->line);
	qf_py_scan_add(sc, QF_PY_END, sc->n, sc->n, sc->line);
	return 0;
}

static int scan(struct qf_py_scan *sc)
{
	const char *nul = sc->n ? memchr(sc->s, 0, sc->n) : NULL;
	int rc = 0;

	if (nul)
		return qf_py_scan_fail(sc, (const unsigned char *)nul - sc->s, "a NUL byte");
	if (sc->n >= 3 && memcmp(sc->s, "\xef\xbb\xbf", 3) == 0)
		sc->at = 3;
	while (rc == 0 && sc->at < sc->n) {
		const struct qf_py_open *top = sc->depth ? &sc->open[sc->depth - 1] : NULL;

		if (sc->fresh)
			rc = line_start(sc);
		else if (top && (top->kind == QF_PY_OPEN_STRING || top->spec))
			rc = qf_py_scan_text(sc);
		else
			rc = code(sc);
	}
	return rc < 0 ? -1 : end(sc);
}

int qf_py_tokenize(struct qf_str source, struct qf_py_tokens *ret, struct qf_err *err)
{
	struct qf_py_scan sc = { .out = ret, .line = 1, .fresh = true, .err = err };
	int rc;

	if (!source.p)
		source = QF_STR("");
	*ret = (struct qf_py_tokens){ .source = source };
	if (source.n > INT32_MAX)
		return qf_err_set(err, QF_E_DATA, "line 1, column 1: a source of more than 2 GiB");
	sc.s = (const unsigned char *)source.p;
	sc.n = (uint32_t)source.n;
	QF_GROW(sc.indents, sc.n_indents, sc.cap_indents);
	sc.indents[sc.n_indents++] = (struct qf_py_indent){ 0 };
	rc = scan(&sc);
	free(sc.open);
	free(sc.indents);
	return rc;
}

void qf_py_tokens_release(struct qf_py_tokens *t)
{
	free(t->tok);
	*t = (struct qf_py_tokens){ 0 };
}

void qf_py_position(struct qf_str source, uint32_t at, unsigned *line, unsigned *column)
{
	const char *p = source.p ? source.p : "", *start = p, *stop = p + (at < source.n ? at : source.n);
	size_t n = 0;

	*line = 1;
	for (; p < stop; p++) {
		/* A CR with its LF behind it is not yet a line's end. */
		if (*p == '\n' || (*p == '\r' && (p + 1 == source.p + source.n || p[1] != '\n'))) {
			++*line;
			start = p + 1;
		}
	}
	if (start == source.p && stop - start >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0)
		start += 3;
	for (p = start; p < stop; p++)
		n += ((unsigned char)*p & 0xc0) == 0x80;
	/* In other encodings each byte counts. */
	if (n && !qf_utf8_valid(start, stop - start))
		n = 0;
	*column = (unsigned)(stop - start - n) + 1;
}

bool qf_py_is_keyword(struct qf_str name)
{
	static const char *const words[][12] = {
		[2] = { "as", "if", "in", "is", "or" },
		[3] = { "and", "def", "del", "for", "not", "try" },
		[4] = { "None", "True", "elif", "else", "from", "pass", "with" },
		[5] = { "False", "async", "await", "break", "class", "raise", "while", "yield" },
		[6] = { "assert", "except", "global", "import", "lambda", "return" },
		[7] = { "finally" },
		[8] = { "continue", "nonlocal" },
	};

	if (name.n >= QF_LEN(words))
		return false;
	for (const char *const *word = words[name.n]; *word; word++) {
		if (**word == *name.p && memcmp(*word, name.p, name.n) == 0)
			return true;
	}
	return false;
}
