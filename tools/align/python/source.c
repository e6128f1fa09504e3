#include "tools/align/python/source.h"

#include <stdlib.h>
#include <uninorm.h>
#include <unistr.h>

#include "common/base/buf.h"
#include "tools/align/python/token.h"

/*
 * Codecs of one byte a character with ASCII below 128, and the EUC ones, under the names in use, in
 * lower case without punctuation. A name that is missing here is refused, which harms no file.
 * Source: each of Python's codecs, asked. https://docs.python.org/3/library/codecs.html
 */
static const char *const safe[] = {
	"646", "ascii", "usascii", "cp819", "8859", "iso8859", "latin", "latin1", "latin2", "latin3", "latin4", "latin5",
	"latin6", "latin7", "latin8", "latin9", "latin10", "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9",
	"l10", "isolatin1", "iso88591", "iso88592", "iso88593", "iso88594", "iso88595", "iso88596", "iso88597", "iso88598",
	"iso88599", "iso885910", "iso885911", "iso885913", "iso885914", "iso885915", "iso885916", "cyrillic",
	"arabic", "greek", "hebrew", "thai", "koi8r", "koi8t", "koi8u", "kz1048", "ptcp154", "hproman8",
	"maccentraleurope", "maclatin2", "maccroatian", "maccyrillic", "macgreek", "maciceland", "macintosh",
	"macroman", "macromanian", "macturkish", "macarabic", "macfarsi", "tis620", "cp866u",
	"eucjp", "ujis", "eucjis2004", "eucjisx0213", "euckr", "korean", "ksc5601", "gb2312", "euccn", "chinese",
};

/* The same for numbered code pages: cp1252, windows-1252, ibm852 or the number alone. */
static const char *const pages[] = {
	"437", "720", "737", "775", "850", "852", "855", "856", "857", "858", "860", "861", "862", "863", "865",
	"866", "869", "874", "1006", "1125", "1250", "1251", "1252", "1253", "1254", "1255", "1256", "1257", "1258",
};

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static bool is_safe(const char *name)
{
	static const char *const families[] = { "cp", "windows", "ibm", "" };

	if (is_one_of(name, safe, QF_LEN(safe)))
		return true;
	for (size_t i = 0; i < QF_LEN(families); i++) {
		size_t n = strlen(families[i]);

		if (strncmp(name, families[i], n) == 0 && is_one_of(name + n, pages, QF_LEN(pages)))
			return true;
	}
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.';
}

/* Takes the first line off, without its end. */
static struct qf_str take_line(struct qf_str *rest)
{
	struct qf_str line = { rest->p, 0 };
	size_t n = 0;

	while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	line.n = n;
	if (n < rest->n)
		n += rest->p[n] == '\r' && n + 1 < rest->n && rest->p[n + 1] == '\n' ? 2 : 1;
	rest->p += n;
	rest->n -= n;
	return line;
}

/* The encoding that a line of comment names (PEP 263: coding[=:]\s*([-\w.]+)), or nothing. */
static struct qf_str cookie_of(struct qf_str line)
{
	const char *p = line.p, *end = line.p + line.n, *q, *start;

	while (p < end && is_blank(*p))
		p++;
	if (p == end || *p != '#')
		return (struct qf_str){ 0 };
	while ((p = memmem(p, end - p, "coding", 6))) {
		p += 6;
		if (p == end || (*p != ':' && *p != '='))
			continue;
		for (q = p + 1; q < end && (*q == ' ' || *q == '\t'); q++)
			;
		for (start = q; q < end && is_name_byte(*q); q++)
			;
		if (q > start)
			return (struct qf_str){ start, q - start };
	}
	return (struct qf_str){ 0 };
}

/* May a cookie still follow in the next line? */
static bool has_no_code(struct qf_str line)
{
	size_t i = 0;

	while (i < line.n && is_blank(line.p[i]))
		i++;
	return i == line.n || line.p[i] == '#';
}

/*
 * Lower case, without - _ and the like, as far as names of encodings are long, and without the kind of
 * line end that Emacs writes behind (utf-8-unix).
 */
static void squeeze(struct qf_str cookie, char name[static 32])
{
	static const char *const tails[] = { "unix", "dos", "mac" };
	size_t n = 0;

	for (size_t i = 0; i < cookie.n && n < 31; i++) {
		char c = cookie.p[i];

		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			name[n++] = c;
	}
	name[n] = '\0';
	for (size_t i = 0; i < QF_LEN(tails); i++) {
		size_t tail = strlen(tails[i]);

		if (n > tail && strcmp(name + n - tail, tails[i]) == 0) {
			name[n - tail] = '\0';
			return;
		}
	}
}

static bool is_utf8(const char *name)
{
	static const char *const names[] = { "utf8", "utf8sig", "u8", "utf", "cp65001" };

	return is_one_of(name, names, QF_LEN(names));
}

static int check_utf8(struct qf_str source, bool named, struct qf_err *err)
{
	const uint8_t *broken = u8_check((const uint8_t *)source.p, source.n);
	unsigned line, column;

	if (!broken)
		return 0;
	qf_py_position(source, (uint32_t)(broken - (const uint8_t *)source.p), &line, &column);
	return qf_err_set(err, QF_E_DATA, "line %u, column %u: byte 0x%02X is not UTF-8%s", line, column, *broken,
		named ? "" : ", and no other encoding is named");
}

int qf_py_encoding(struct qf_str source, struct qf_err *err)
{
	struct qf_str rest = source, cookie, line;
	bool bom = qf_str_starts(source, "\xef\xbb\xbf");
	char name[32];

	if (source.n > INT32_MAX)
		return qf_err_set(err, QF_E_DATA, "line 1, column 1: a source of more than 2 GiB");
	if (qf_str_starts(source, "\xff\xfe") || qf_str_starts(source, "\xfe\xff"))
		return qf_err_set(err, QF_E_DATA, "the text is UTF-16, which Python does not read");
	if (bom) {
		rest.p += 3;
		rest.n -= 3;
	}
	line = take_line(&rest);
	cookie = cookie_of(line);
	if (!cookie.n && has_no_code(line))
		cookie = cookie_of(take_line(&rest));
	if (!cookie.n)
		return check_utf8(source, bom, err);
	squeeze(cookie, name);
	/* Behind a mark Python knows no other spelling, utf8 neither. */
	if (bom && !(is_utf8(name) && cookie.n > 4 && (cookie.p[3] == '-' || cookie.p[3] == '_')))
		return qf_err_set(err, QF_E_DATA, "a byte order mark of UTF-8, and the encoding '%.*s' is named",
			QF_STR_ARG(cookie));
	if (is_utf8(name))
		return check_utf8(source, true, err);
	if (!is_safe(name))
		return qf_err_set(err, QF_E_DATA, "the encoding '%.*s' is unknown or does not keep ASCII apart",
			QF_STR_ARG(cookie));
	return 0;
}

/* python, python3, python3.11 */
static bool is_python_program(struct qf_str word)
{
	const char *slash = word.n ? memrchr(word.p, '/', word.n) : NULL;
	size_t i = slash ? slash + 1 - word.p : 0;

	if (word.n - i < 6 || memcmp(word.p + i, "python", 6) != 0)
		return false;
	for (i += 6; i < word.n; i++) {
		if (word.p[i] != '.' && (word.p[i] < '0' || word.p[i] > '9'))
			return false;
	}
	return true;
}

bool qf_py_is_python(const char *path, struct qf_str head)
{
	static const char *const suffixes[] = { ".py", ".pyi", ".pyw" };
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	struct qf_str line, word;

	/* A dot in front hides a file and begins no suffix. */
	if (dot && dot != base)
		return is_one_of(dot, suffixes, QF_LEN(suffixes));
	if (!qf_str_starts(head, "#!"))
		return false;
	line = take_line(&head);
	for (size_t i = 2; i < line.n; i += word.n + 1) {
		word = (struct qf_str){ line.p + i, 0 };
		while (i + word.n < line.n && !is_blank(word.p[word.n]))
			word.n++;
		if (is_python_program(word))
			return true;
	}
	return false;
}

struct qf_str qf_py_identifier(struct qf_arena *arena, struct qf_str name)
{
	size_t n = 0;
	uint8_t *normal;
	struct qf_str ret = name;

	for (; n < name.n && (unsigned char)name.p[n] < 128; n++)
		;
	if (n == name.n || !qf_utf8_valid(name.p, name.n))
		return name;
	normal = u8_normalize(UNINORM_NFKC, (const uint8_t *)name.p, name.n, NULL, &n);
	/* It fails for want of memory alone; this ends the process as everywhere. */
	if (!normal)
		normal = qf_realloc(NULL, SIZE_MAX, 1);
	ret = qf_arena_dup(arena, normal, n);
	free(normal);
	return ret;
}

struct qf_py_literal qf_py_literal(struct qf_str token)
{
	struct qf_py_literal ret = { 0 };
	size_t i = 0, quotes;

	for (; i < token.n && token.p[i] != '\'' && token.p[i] != '"'; i++) {
		ret.raw |= (token.p[i] | 0x20) == 'r';
		ret.bytes |= (token.p[i] | 0x20) == 'b';
	}
	quotes = token.n - i >= 6 && token.p[i + 1] == token.p[i] && token.p[i + 2] == token.p[i] ? 3 : 1;
	if (token.n - i < 2 * quotes)
		return ret;
	ret.body = (struct qf_str){ token.p + i + quotes, token.n - i - 2 * quotes };
	/* Python reads each end of line as LF, raw or not. */
	ret.plain = (ret.raw || !memchr(ret.body.p, '\\', ret.body.n)) && !memchr(ret.body.p, '\r', ret.body.n);
	return ret;
}
