/* The words of a condition, and the messages that point into it. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "tools/transform/expr_tree.h"

enum { SHOWN = 30 }; /* characters before and behind the place of an error */

/* ---- errors ---- */

static bool begins_char(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static size_t count_chars(const char *p, size_t n)
{
	size_t chars = 0;

	for (size_t i = 0; i < n; i++)
		chars += begins_char(p[i]);
	return chars;
}

static void put_shown(struct qf_buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		qf_buf_addc(out, (unsigned char)p[i] < 0x20 ? ' ' : p[i]);
}

/* The text around the place: "... year >= <here>) and lang ..." */
static void put_place(struct qf_buf *out, struct qf_str in, size_t pos)
{
	size_t from = pos, to = pos, chars;

	for (chars = 0; from > 0 && chars < SHOWN; chars += begins_char(in.p[from]))
		from--;
	for (chars = 0; to < in.n && chars <= SHOWN; to++)
		chars += begins_char(in.p[to]);
	if (chars > SHOWN)
		to--;
	if (from > 0)
		QF_BUF_LIT(out, "...");
	put_shown(out, in.p + from, pos - from);
	QF_BUF_LIT(out, "<here>");
	put_shown(out, in.p + pos, to - pos);
	if (to < in.n)
		QF_BUF_LIT(out, "...");
}

int qf_xlex_error(struct qf_xlex *x, size_t pos, const char *fmt, ...)
{
	QF_AUTO_BUF struct qf_buf place = { 0 };
	char what[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	*x->at = count_chars(x->in.p, pos) + 1;
	put_place(&place, x->in, pos);
	return qf_err_set(x->err, QF_E_CONFIG, "at character %zu: %s: %s", *x->at, what, qf_buf_cstr(&place));
}

/* ---- characters ---- */

static char peek(const struct qf_xlex *x, size_t ahead)
{
	return x->pos + ahead < x->in.n ? x->in.p[x->pos + ahead] : '\0';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool begins_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (c & 0x80);
}

static bool in_name(char c)
{
	return begins_name(c) || is_digit(c) || c == '-';
}

/* Characters that a text processor puts for others: taken into a name they would never be found. */
static const struct {
	const char *utf8, *hint;
} foreign[] = {
	{ "\xc2\xa0", "a no-break space, write a blank" },
	{ "\xe2\x80\x9c", "a typographic quote, write \"" },
	{ "\xe2\x80\x9d", "a typographic quote, write \"" },
	{ "\xe2\x80\x9e", "a typographic quote, write \"" },
	{ "\xe2\x80\x98", "a typographic quote, write '" },
	{ "\xe2\x80\x99", "a typographic quote, write '" },
	{ "\xe2\x89\xa0", "no operator here, write !=" },
	{ "\xe2\x89\xa4", "no operator here, write <=" },
	{ "\xe2\x89\xa5", "no operator here, write >=" },
	{ "\xe3\x80\x80", "an ideographic space, write a blank" },
	{ "\xef\xbb\xbf", "a byte order mark, leave it out" },
};

static int check_foreign(struct qf_xlex *x)
{
	for (size_t i = 0; i < QF_LEN(foreign); i++)
		if (qf_str_starts((struct qf_str){ x->in.p + x->pos, x->in.n - x->pos }, foreign[i].utf8))
			return qf_xlex_error(x, x->pos, "this is %s", foreign[i].hint);
	return 0;
}

/* ---- paths ---- */

static bool ends_quoted(struct qf_xlex *x)
{
	return peek(x, 0) == '.' || (peek(x, 0) == '[' && peek(x, 1) == ']');
}

/* The name at pos, which stands behind it after. */
static int lex_name(struct qf_xlex *x, struct qf_str *name)
{
	char first = peek(x, 0);
	const char *close;
	size_t from = x->pos;

	if (first == '`' || first == '"') {
		close = memchr(x->in.p + from + 1, first, x->in.n - from - 1);
		if (!close)
			return qf_xlex_error(x, from, "the name has no closing %c", first);
		x->pos = (size_t)(close - x->in.p) + 1;
		*name = (struct qf_str){ x->in.p + from + 1, x->pos - from - 2 };
		return name->n ? 0 : qf_xlex_error(x, from, "the name is empty");
	}
	for (; x->pos < x->in.n && in_name(x->in.p[x->pos]); x->pos++)
		if ((x->in.p[x->pos] & 0x80) && check_foreign(x) < 0)
			return -1;
	*name = (struct qf_str){ x->in.p + from, x->pos - from };
	return name->n ? 0 : qf_xlex_error(x, from, "a name is expected behind the dot");
}

static int lex_path(struct qf_xlex *x)
{
	struct qf_path_part part, *parts = NULL;
	bool bare = in_name(peek(x, 0));
	size_t n = 0, cap = 0;

	for (;;) {
		part = (struct qf_path_part){ 0 };
		if (lex_name(x, &part.name) < 0)
			break;
		for (; peek(x, 0) == '[' && peek(x, 1) == ']'; x->pos += 2)
			part.each = true;
		QF_GROW(parts, n, cap);
		parts[n++] = part;
		if (peek(x, 0) != '.') {
			x->type = bare && n == 1 && !part.each ? QF_XT_WORD : QF_XT_PATH;
			x->parts = qf_arena_alloc(x->arena, n * sizeof(*parts));
			memcpy(x->parts, parts, n * sizeof(*parts));
			x->n_parts = n;
			free(parts);
			return 0;
		}
		x->pos++;
	}
	free(parts);
	return -1;
}

/* ---- literals ---- */

static size_t skip_digits(struct qf_xlex *x)
{
	size_t from = x->pos;

	while (is_digit(peek(x, 0)))
		x->pos++;
	return x->pos - from;
}

/* A number of JSON, and nothing that only looks like one. */
static int lex_number(struct qf_xlex *x)
{
	bool good;

	x->type = QF_XT_NUMBER;
	x->pos += peek(x, 0) == '-';
	if (peek(x, 0) == '0' && is_digit(peek(x, 1)))
		return qf_xlex_error(x, x->from, "a number does not begin with 0");
	good = skip_digits(x) > 0;
	if (good && peek(x, 0) == '.') {
		x->pos++;
		good = skip_digits(x) > 0;
	}
	if (good && (peek(x, 0) | 32) == 'e') {
		x->pos++;
		x->pos += peek(x, 0) == '+' || peek(x, 0) == '-';
		good = skip_digits(x) > 0;
	}
	if (!good)
		return qf_xlex_error(x, x->from, "this is no number; one looks like 12, -0.5 or 1e6");
	if (in_name(peek(x, 0)))
		return qf_xlex_error(x, x->from,
				     "a number is followed by a blank or a sign; a name that begins with a digit is written "
				     "between backticks");
	x->text = (struct qf_str){ x->in.p + x->from, x->pos - x->from };
	return 0;
}

static int hex4(struct qf_xlex *x, uint32_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 4; i++, x->pos++) {
		char c = peek(x, 0);

		if (!isxdigit((unsigned char)c))
			return qf_xlex_error(x, x->pos, "four hexadecimal digits are expected behind \\u");
		*ret = *ret * 16 + (uint32_t)(is_digit(c) ? c - '0' : (c | 32) - 'a' + 10);
	}
	return 0;
}

/* What stands behind \u; a pair of surrogates is one character. */
static int lex_unicode(struct qf_xlex *x, size_t from, struct qf_buf *out)
{
	uint32_t c, low;

	if (hex4(x, &c) < 0)
		return -1;
	if (c >= 0xd800 && c < 0xdc00 && peek(x, 0) == '\\' && peek(x, 1) == 'u') {
		x->pos += 2;
		if (hex4(x, &low) < 0)
			return -1;
		if (low >= 0xdc00 && low < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	if (c >= 0xd800 && c < 0xe000)
		return qf_xlex_error(x, from, "half of a surrogate pair is no character");
	out->n += qf_utf8_put(qf_buf_room(out, 4), c);
	return 0;
}

static int lex_escape(struct qf_xlex *x, struct qf_buf *out)
{
	static const char from[] = "\"'\\/bfnrt", to[] = "\"'\\/\b\f\n\r\t";
	size_t at = x->pos;
	char c = peek(x, 1);
	const char *known = c ? strchr(from, c) : NULL;

	if (c == 'u') {
		x->pos += 2;
		return lex_unicode(x, at, out);
	}
	if (!known)
		return qf_xlex_error(x, at,
				     "a text has no such escape; a backslash is written \\\\, a regex between slashes: "
				     "matches /\\d+/");
	qf_buf_addc(out, to[known - from]);
	x->pos += 2;
	return 0;
}

static int lex_text(struct qf_xlex *x, char quote)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	x->type = QF_XT_TEXT;
	for (x->pos++; x->pos < x->in.n && peek(x, 0) != quote;) {
		if (peek(x, 0) == '\\') {
			if (lex_escape(x, &out) < 0)
				return -1;
			continue;
		}
		if ((unsigned char)peek(x, 0) < 0x20)
			return qf_xlex_error(x, x->pos, "a control character in a text is written \\n, \\t or \\u001b");
		qf_buf_addc(&out, peek(x, 0));
		x->pos++;
	}
	if (x->pos >= x->in.n)
		return qf_xlex_error(x, x->from, "the text has no closing %c", quote);
	x->pos++;
	x->text = qf_arena_dup(x->arena, out.p, out.n);
	return 0;
}

/* A text, or a path that begins with a quoted name: then a dot or "[]" follows. */
static int lex_quoted(struct qf_xlex *x)
{
	const char *from = x->in.p + x->pos + 1, *end = x->in.p + x->in.n;
	const char *close = memchr(from, '"', (size_t)(end - from));

	if (close && !memchr(from, '\\', (size_t)(close - from))) {
		struct qf_xlex behind = *x;

		behind.pos = (size_t)(close - x->in.p) + 1;
		if (ends_quoted(&behind))
			return lex_path(x);
	}
	return lex_text(x, '"');
}

static int lex_regex(struct qf_xlex *x)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	x->type = QF_XT_REGEX;
	x->from = x->pos++;
	for (; x->pos < x->in.n && peek(x, 0) != '/' && peek(x, 0) != '\n'; x->pos++) {
		if (peek(x, 0) == '\\' && x->pos + 1 < x->in.n) {
			if (peek(x, 1) != '/')
				qf_buf_addc(&out, '\\');
			x->pos++;
		}
		qf_buf_addc(&out, peek(x, 0));
	}
	if (peek(x, 0) != '/' || x->pos >= x->in.n)
		return qf_xlex_error(x, x->from, "the regex has no closing slash");
	x->pos++;
	x->fold = peek(x, 0) == 'i';
	x->pos += x->fold;
	if (in_name(peek(x, 0)))
		return qf_xlex_error(x, x->pos, "a regex has no flag but i; others stand in it: /(?s).../");
	x->text = qf_arena_dup(x->arena, out.p, out.n);
	return 0;
}

/* ---- tokens ---- */

static const struct {
	char text[3];
	enum qf_xtoken type;
} marks[] = {
	{ "==", QF_XT_EQ }, { "!=", QF_XT_NE }, { "<>", QF_XT_NE }, { "<=", QF_XT_LE }, { ">=", QF_XT_GE },
	{ "=", QF_XT_EQ }, { "<", QF_XT_LT }, { ">", QF_XT_GT }, { "(", QF_XT_OPEN }, { ")", QF_XT_CLOSE },
	{ "[", QF_XT_LIST }, { "]", QF_XT_LIST_END }, { ",", QF_XT_COMMA },
};

static const struct {
	const char *text, *hint;
} strangers[] = {
	{ "&&", "'and' is written as a word" }, { "&", "'and' is written as a word" },
	{ "||", "'or' is written as a word" }, { "|", "'or' is written as a word" },
	{ "~", "write 'matches /.../'" },
	{ "!", "'not' is written as a word" },
	{ "+", "there is no arithmetic" }, { "*", "there is no arithmetic" }, { "%", "there is no arithmetic" },
	{ "-", "there is no arithmetic; a name with '-' at its front is written between backticks" },
	{ "/", "a regex stands behind 'matches' only" },
	{ ".", "a number has a digit before its point, and a path does not begin with a dot" },
	{ ";", "a condition is one; join two by 'and'" },
};

static int lex_mark(struct qf_xlex *x)
{
	struct qf_str rest = { x->in.p + x->pos, x->in.n - x->pos };

	for (size_t i = 0; i < QF_LEN(marks); i++) {
		if (qf_str_starts(rest, marks[i].text)) {
			x->type = marks[i].type;
			x->pos += strlen(marks[i].text);
			return 0;
		}
	}
	for (size_t i = 0; i < QF_LEN(strangers); i++)
		if (qf_str_starts(rest, strangers[i].text))
			return qf_xlex_error(x, x->pos, "%s", strangers[i].hint);
	return qf_xlex_error(x, x->pos, "this character has no meaning here");
}

static int lex_field(struct qf_xlex *x)
{
	x->type = QF_XT_FIELD;
	x->pos++;
	x->text.p = x->in.p + x->pos;
	while (in_name(peek(x, 0)))
		x->pos++;
	x->text.n = (size_t)(x->in.p + x->pos - x->text.p);
	return 0;
}

static void skip_space(struct qf_xlex *x)
{
	while (x->pos < x->in.n && is_space(x->in.p[x->pos]))
		x->pos++;
	x->from = x->pos;
}

int qf_xlex_next(struct qf_xlex *x)
{
	char c;

	skip_space(x);
	x->text = (struct qf_str){ 0 };
	if (x->pos >= x->in.n) {
		x->type = QF_XT_END;
		return 0;
	}
	c = peek(x, 0);
	if (c == '"')
		return lex_quoted(x);
	if (c == '\'')
		return lex_text(x, c);
	if (c == '@')
		return lex_field(x);
	if (is_digit(c) || (c == '-' && is_digit(peek(x, 1))))
		return lex_number(x);
	if (begins_name(c) || c == '`') {
		if (lex_path(x) < 0)
			return -1;
		x->text = (struct qf_str){ x->in.p + x->from, x->pos - x->from };
		return 0;
	}
	return lex_mark(x);
}

int qf_xlex_regex(struct qf_xlex *x)
{
	skip_space(x);
	return peek(x, 0) == '/' ? lex_regex(x) : qf_xlex_next(x);
}
