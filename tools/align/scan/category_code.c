/*
 * Source text of languages other than Python, told apart into comments, strings, imports and the rest. One pass from
 * the file's start, by what the language's table says; a string that may not hold line ends ends with its line, so
 * that what looks like a quote and is none does no more harm than that.
 */
#include <ctype.h>

#include "tools/align/scan/category_parts.h"

enum { IMPORT_WORD = 24 }; /* bytes; the words that begin imports are shorter */

/* Bytes at which something may change, by the state. */
enum { STOP_CODE = 1, STOP_IMPORT = 2, STOP_STRING = 4 };

struct lexer {
	const struct qf_language *language;
	struct qf_str text;
	unsigned char stop[256];
	size_t at;
	enum { IN_CODE, IN_LINE, IN_BLOCK, IN_STRING } state;
	char quote;
	size_t end;    /* of a block comment: where its mark stands */
	bool triple;   /* the string has three quotes */
	bool fresh;    /* nothing but blanks in this line so far */
	bool import;   /* in an import statement */
	unsigned open; /* brackets of it that are open */
};

static bool starts(const struct lexer *lx, const char *mark)
{
	size_t n;

	/* Asked often, and mostly answered by the first byte. */
	if (!mark || lx->text.p[lx->at] != *mark)
		return false;
	n = strlen(mark);
	return n && lx->text.n - lx->at >= n && !memcmp(lx->text.p + lx->at, mark, n);
}

static bool starts_comment(const struct lexer *lx)
{
	for (size_t i = 0; i < QF_LEN(lx->language->line); i++) {
		const char *mark = lx->language->line[i];
		char last = lx->at ? lx->text.p[lx->at - 1] : ' ';

		if (!starts(lx, mark))
			continue;
		/* $#, ${x#y}, a#b: no comment in a shell; https:// is none anywhere */
		if (*mark == '#' && lx->language->shell && !isspace((unsigned char)last))
			continue;
		if (*mark == '/' && last == ':')
			continue;
		return true;
	}
	return false;
}

/* Does the statement that begins here import something? */
static bool starts_import(const struct lexer *lx)
{
	size_t left = lx->text.n - lx->at, n = 0;
	struct qf_str word = { lx->text.p + lx->at, 0 }, rest;

	while (n < left && n < IMPORT_WORD && !isspace((unsigned char)word.p[n]) && !strchr("(\"'<{;=.", word.p[n]))
		n++;
	word.n = n;
	if (!lx->language->imports || !n || !qf_is_listed(word, lx->language->imports))
		return false;
	rest = qf_line_near(lx->text, lx->at);
	/* "using (x) {", "from = 1", "export const": no imports */
	if (qf_str_is(word, "export"))
		return qf_holds(rest, " from ");
	rest = qf_trim((struct qf_str){ word.p + n, (size_t)(rest.p + rest.n - word.p) - n });
	return rest.n && *rest.p != '=' && *rest.p != ':' && !(qf_str_is(word, "using") && *rest.p == '(');
}

static void see_code(struct lexer *lx)
{
	char c = lx->text.p[lx->at];

	if (lx->fresh && !isspace((unsigned char)c)) {
		lx->fresh = false;
		if (!lx->import && starts_import(lx)) {
			lx->import = true;
			lx->open = 0;
		}
	}
	if (!lx->import)
		return;
	if (strchr("([{", c))
		lx->open++;
	else if (strchr(")]}", c) && lx->open)
		lx->open--;
	else if ((c == ';' || c == '\n') && !lx->open)
		lx->import = false;
}

static void set_stops(struct lexer *lx)
{
	const struct qf_language *language = lx->language;

	for (const char *p = "([{)]};"; *p; p++)
		lx->stop[(unsigned char)*p] |= STOP_IMPORT;
	for (const char *p = language->quotes; *p; p++)
		lx->stop[(unsigned char)*p] |= STOP_CODE | STOP_STRING;
	for (size_t i = 0; i < QF_LEN(language->line) && language->line[i]; i++)
		lx->stop[(unsigned char)*language->line[i]] |= STOP_CODE;
	if (language->open)
		lx->stop[(unsigned char)*language->open] |= STOP_CODE;
	lx->stop['\\'] |= STOP_STRING;
	lx->stop['\n'] |= STOP_CODE | STOP_STRING;
}

/* Goes over bytes that change nothing, up to `to`. Generated files are megabytes long. */
static void skip(struct lexer *lx, size_t to)
{
	const char *p = lx->text.p + lx->at, *end = lx->text.p + to, *found;
	unsigned char mask = STOP_STRING;

	if (lx->at >= to)
		return;
	switch (lx->state) {
	case IN_CODE:
		if (lx->fresh)
			return;
		mask = STOP_CODE | (lx->import ? STOP_IMPORT : 0);
		break;
	case IN_LINE:
		found = memchr(p, '\n', (size_t)(end - p));
		lx->at = found ? (size_t)(found - lx->text.p) : to;
		return;
	case IN_BLOCK:
		lx->at = lx->end < to ? lx->end : to;
		return;
	case IN_STRING:
		break;
	}
	while (p < end && !(lx->stop[(unsigned char)*p] & mask))
		p++;
	lx->at = (size_t)(p - lx->text.p);
}

/* Moves one step on: a mark, or a byte. */
static void step(struct lexer *lx)
{
	const struct qf_language *language = lx->language;
	char c = lx->text.p[lx->at];
	const char *close;

	switch (lx->state) {
	case IN_CODE:
		if (starts(lx, language->open)) {
			lx->state = IN_BLOCK;
			lx->at += strlen(language->open);
			close = memmem(lx->text.p + lx->at, lx->text.n - lx->at, language->close,
				       strlen(language->close));
			lx->end = close ? (size_t)(close - lx->text.p) : lx->text.n;
			return;
		}
		if (starts_comment(lx)) {
			lx->state = IN_LINE;
			break;
		}
		see_code(lx);
		if (!c || !strchr(language->quotes, c))
			break;
		lx->state = IN_STRING;
		lx->quote = c;
		lx->triple = language->triple && lx->text.n - lx->at >= 3 && lx->text.p[lx->at + 1] == c &&
			     lx->text.p[lx->at + 2] == c;
		lx->at += lx->triple ? 3 : 1;
		return;
	case IN_LINE:
		if (c == '\n')
			lx->state = IN_CODE;
		break;
	case IN_BLOCK:
		if (starts(lx, language->close)) {
			lx->state = IN_CODE;
			lx->fresh = true;
			lx->at += strlen(language->close);
			return;
		}
		break;
	case IN_STRING:
		if (c == '\\' && lx->at + 1 < lx->text.n && lx->text.p[lx->at + 1] != '\n') {
			lx->at += 2;
			return;
		}
		if (c == lx->quote && lx->triple) {
			if (lx->text.n - lx->at >= 3 && lx->text.p[lx->at + 1] == c && lx->text.p[lx->at + 2] == c) {
				lx->state = IN_CODE;
				lx->at += 3;
				return;
			}
		} else if (c == lx->quote) {
			lx->state = IN_CODE;
		} else if (c == '\n' && !lx->triple && !(language->multi && strchr(language->multi, lx->quote))) {
			lx->state = IN_CODE;
		}
		break;
	}
	if (c == '\n') {
		if (lx->state == IN_CODE && lx->import && !lx->open)
			lx->import = false;
		lx->fresh = true;
	}
	lx->at++;
}

/* ---- judging ---- */

/* const x = require("..") and import("..") */
static bool requires(const struct lexer *lx, size_t at)
{
	struct qf_str line = qf_line_near(lx->text, at);

	return lx->language->require &&
	       (qf_holds(line, "require(") || qf_holds(line, "import(") || qf_holds(line, "require \"") ||
		qf_holds(line, "require '"));
}

/* process.env.X, import.meta.env.X, ENV["X"], getenv("X"), $X of a shell, X=.. of one */
static bool is_environment(const struct lexer *lx, struct qf_str word)
{
	static const char *const before[] = { "env.", "env[\"", "env['", "ENV[\"", "ENV['", "getenv(\"", "getenv('",
					      "Getenv(\"", "env::var(\"" };
	size_t at = (size_t)(word.p - lx->text.p), end = at + word.n;

	for (size_t i = 0; i < QF_LEN(before); i++) {
		size_t n = strlen(before[i]);

		if (at >= n && !memcmp(word.p - n, before[i], n))
			return true;
	}
	if (!lx->language->shell)
		return false;
	if (at >= 7 && !memcmp(word.p - 7, "export ", 7))
		return true;
	return qf_word_is_env(word) || (end < lx->text.n && lx->text.p[end] == '=' && isupper((unsigned char)*word.p));
}

/* Commands of a shell: words are much the same in quotes and out of them. */
static enum qf_category judge_shell(const struct lexer *lx, const struct qf_hit *hit, enum qf_category otherwise)
{
	enum qf_category category = qf_word_category(lx->text, hit->at, hit->n, QF_CAT_NONE);

	if (category != QF_CAT_SECRET && is_environment(lx, qf_word_around(lx->text, hit->at, hit->n)))
		return QF_CAT_ENV;
	if (!category && qf_word_is_installed(lx->text, hit->at))
		return QF_CAT_DEPENDENCY;
	return category ? category : otherwise;
}

static enum qf_category judge(const struct lexer *lx, const struct qf_hit *hit)
{
	bool string = lx->state == IN_STRING;

	if (lx->state == IN_LINE || lx->state == IN_BLOCK)
		return QF_CAT_COMMENT;
	if (lx->language->shell)
		return judge_shell(lx, hit, string ? QF_CAT_STRING : lx->language->code);
	if (lx->import || requires(lx, hit->at))
		return QF_CAT_IMPORT;
	if (is_environment(lx, qf_word_around(lx->text, hit->at, hit->n)))
		return QF_CAT_ENV;
	return string ? qf_word_category(lx->text, hit->at, hit->n, QF_CAT_STRING) : lx->language->code;
}

void qf_category_code(const struct qf_language *language, struct qf_str content, struct qf_hit *hits, size_t n)
{
	struct lexer lx = { .language = language, .text = content, .fresh = true };

	set_stops(&lx);
	for (size_t i = 0; i < n; i++) {
		for (skip(&lx, hits[i].at); lx.at < hits[i].at; skip(&lx, hits[i].at))
			step(&lx);
		if (lx.state == IN_CODE && lx.at == hits[i].at && lx.at < content.n)
			see_code(&lx);
		hits[i].category = judge(&lx, &hits[i]);
	}
}
