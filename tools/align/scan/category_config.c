/*
 * Files of settings, line by line: keys, values, comments, and lists of dependencies by the section or key above
 * them. Also files of which nothing is known.
 */
#include <ctype.h>

#include "tools/align/scan/category_parts.h"

enum { TAG_BYTES = 4096 }; /* an XML tag that is longer is none to us */

struct reader {
	enum qf_file_kind kind;
	struct qf_str text, line;
	size_t next;	       /* where the line after this one begins */
	struct qf_str section; /* [section] of TOML and INI; the key at the left edge of YAML */
	struct qf_str key;     /* of this line, or of the one that this one goes on */
	struct qf_str word;    /* Dockerfile: the instruction */
	unsigned open;	       /* TOML: brackets of a list that goes on */
	bool block;	       /* YAML: inside a text that | or > began */
	size_t indent;	       /* YAML: of the key of that text */
	bool goes_on;	       /* Dockerfile: the line before ended with a backslash */
	size_t comment;	       /* where a comment begins in the line, or its length */
	size_t open_at, close; /* XML: the next comment that ends behind the last hit */
	size_t separator;      /* = or : between key and value in the line, or its length */
};

static size_t indent_of(struct qf_str line)
{
	size_t n = 0;

	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n;
}

/* ---- parts of a line ---- */

static bool is_comment_at(const struct reader *r, size_t i, bool first)
{
	char c = r->line.p[i];

	switch (r->kind) {
	case QF_FILE_INI:
		return (c == '#' || c == ';') && (first || isspace((unsigned char)r->line.p[i - 1]));
	case QF_FILE_GO_MOD:
		return c == '/' && i + 1 < r->line.n && r->line.p[i + 1] == '/';
	case QF_FILE_DOCKER:
	case QF_FILE_ENV:
		return c == '#' && first;
	case QF_FILE_PLAIN:
		return first && (c == '#' || c == ';' || (c == '/' && i + 1 < r->line.n && strchr("/*", r->line.p[i + 1])));
	case QF_FILE_DATA:
		return false;
	default:
		return c == '#' && (first || isspace((unsigned char)r->line.p[i - 1]));
	}
}

static bool is_separator(const struct reader *r, size_t i)
{
	char c = r->line.p[i];

	switch (r->kind) {
	case QF_FILE_YAML:
		return c == ':' && (i + 1 == r->line.n || isspace((unsigned char)r->line.p[i + 1]));
	case QF_FILE_TOML:
	case QF_FILE_ENV:
		return c == '=';
	case QF_FILE_INI:
		return c == '=' || c == ':';
	default:
		return false;
	}
}

/* Finds comment and separator outside of quotes. */
static void split_line(struct reader *r)
{
	bool first = true;
	char quote = 0;

	r->comment = r->separator = r->line.n;
	for (size_t i = 0; i < r->line.n; i++) {
		char c = r->line.p[i];

		if (quote) {
			if (c == '\\' && quote == '"')
				i++;
			else if (c == quote)
				quote = 0;
			continue;
		}
		if (is_comment_at(r, i, first)) {
			r->comment = i;
			return;
		}
		if (r->separator == r->line.n && is_separator(r, i))
			r->separator = i;
		/* An apostrophe inside a word begins nothing. */
		if ((c == '"' || c == '\'') && (!i || !isalnum((unsigned char)r->line.p[i - 1])))
			quote = c;
		first &= isspace((unsigned char)c) != 0;
	}
}

static struct qf_str key_of(const struct reader *r)
{
	struct qf_str key = { r->line.p, r->separator };

	key = qf_trim(key);
	while (key.n > 1 && r->kind == QF_FILE_YAML && key.p[0] == '-' && isspace((unsigned char)key.p[1]))
		key = qf_trim((struct qf_str){ key.p + 1, key.n - 1 });
	return key;
}

/* ---- what goes on from line to line ---- */

static void see_yaml(struct reader *r)
{
	size_t indent = indent_of(r->line);
	struct qf_str value;

	if (r->block && (indent == r->line.n || indent > r->indent))
		return;
	r->block = false;
	split_line(r);
	if (r->separator == r->line.n)
		return;
	r->key = key_of(r);
	if (!indent && *r->line.p != '-')
		r->section = r->key;
	value = qf_trim((struct qf_str){ r->line.p + r->separator + 1, r->comment - r->separator - 1 });
	if (value.n && strchr("|>", *value.p)) {
		r->block = true;
		r->indent = indent;
		while (r->indent + 1 < r->line.n && r->line.p[r->indent] == '-' && r->line.p[r->indent + 1] == ' ')
			r->indent += 2;
	}
}

static void see_sections(struct reader *r)
{
	struct qf_str line = qf_trim(r->line);

	split_line(r);
	/* A heading at the left edge ends a list whose brackets do not match. */
	if (r->line.n > 1 && *r->line.p == '[' && (isalpha((unsigned char)r->line.p[1]) || r->line.p[1] == '['))
		r->open = 0;
	if (r->open) {
		/* a list that goes on; its items hold no keys */
		r->separator = r->line.n;
	} else if (line.n && *line.p == '[') {
		r->section = line;
		r->key = (struct qf_str){ 0 };
		r->separator = r->line.n;
		return;
	} else if (r->separator < r->line.n && !(r->kind == QF_FILE_INI && isspace((unsigned char)*r->line.p))) {
		r->key = key_of(r);
	} else if (r->kind == QF_FILE_INI) {
		r->separator = r->line.n;
	}
	for (size_t i = 0; i < r->comment && r->kind == QF_FILE_TOML; i++) {
		if (r->line.p[i] == '[')
			r->open++;
		else if (r->line.p[i] == ']' && r->open)
			r->open--;
	}
}

static void see_docker(struct reader *r)
{
	struct qf_str line = qf_trim(r->line);

	split_line(r);
	if (!line.n || *line.p == '#')
		return;
	if (!r->goes_on) {
		r->word = line;
		r->word.n = 0;
		while (r->word.n < line.n && isalpha((unsigned char)line.p[r->word.n]))
			r->word.n++;
	}
	r->goes_on = line.p[line.n - 1] == '\\';
}

static void next_line(struct reader *r)
{
	r->line = qf_line_around(r->text, r->next);
	r->next += r->line.n + 1;
	switch (r->kind) {
	case QF_FILE_YAML:
		see_yaml(r);
		break;
	case QF_FILE_TOML:
	case QF_FILE_INI:
		see_sections(r);
		break;
	case QF_FILE_DOCKER:
		see_docker(r);
		break;
	default:
		split_line(r);
	}
}

/* ---- judging ---- */

/* Do the keys around the line list dependencies? */
static bool lists_dependencies(const struct reader *r)
{
	static const char *const keys = "install_requires tests_require setup_requires requires";

	if (r->kind == QF_FILE_YAML)
		return qf_holds(r->key, "dependencies") || qf_str_is(r->section, "dependencies") || qf_str_is(r->key, "uses");
	if (qf_holds(r->section, "dependencies") || qf_holds(r->section, "dependency-groups") ||
	    qf_holds(r->section, "packages]") || qf_holds(r->section, "extras_require"))
		return true;
	return qf_is_listed(r->key, keys) || (qf_str_is(r->section, "[project]") && qf_str_is(r->key, "dependencies"));
}

/* In a text that a shell gets, or that nothing is known of. */
static enum qf_category judge_words(const struct reader *r, const struct qf_hit *hit, enum qf_category otherwise)
{
	if (qf_word_is_installed(r->text, hit->at))
		return QF_CAT_DEPENDENCY;
	return qf_word_category(r->text, hit->at, hit->n, otherwise);
}

static enum qf_category judge_yaml(const struct reader *r, const struct qf_hit *hit, size_t at)
{
	enum qf_category category;

	if (r->block) {
		struct qf_str line = qf_trim(r->line);

		return line.n && *line.p == '#' ? QF_CAT_COMMENT : judge_words(r, hit, QF_CAT_STRING);
	}
	if (at >= r->comment)
		return QF_CAT_COMMENT;
	if (lists_dependencies(r))
		return QF_CAT_DEPENDENCY;
	if (at < r->separator && r->separator < r->line.n)
		return qf_word_is_env(qf_word_around(r->text, hit->at, hit->n)) ? QF_CAT_ENV : QF_CAT_CONFIG;
	category = judge_words(r, hit, QF_CAT_STRING);
	if (category == QF_CAT_STRING && qf_is_listed(r->key, "image host hostname repository registry url endpoint"))
		return QF_CAT_HOST;
	return category;
}

/* Bytes of the line's first word. */
static size_t first_word(const struct reader *r)
{
	struct qf_str line = qf_trim(r->line);
	size_t n = 0;

	while (n < line.n && !isspace((unsigned char)line.p[n]))
		n++;
	return n;
}

static enum qf_category judge_sections(const struct reader *r, const struct qf_hit *hit, size_t at)
{
	if (at >= r->comment)
		return QF_CAT_COMMENT;
	if (lists_dependencies(r))
		return QF_CAT_DEPENDENCY;
	/* nginx and its like: a line is a word and what it is set to */
	if (!r->key.p && !qf_str_starts(qf_trim(r->line), "["))
		return at > indent_of(r->line) + first_word(r) ? judge_words(r, hit, QF_CAT_STRING) : QF_CAT_CONFIG;
	if (!r->key.p || (at < r->separator && r->separator < r->line.n))
		return qf_word_is_env(qf_word_around(r->text, hit->at, hit->n)) ? QF_CAT_ENV : QF_CAT_CONFIG;
	return judge_words(r, hit, QF_CAT_STRING);
}

static enum qf_category judge_docker(const struct reader *r, const struct qf_hit *hit, size_t at)
{
	struct qf_str word = qf_word_around(r->text, hit->at, hit->n), before = { r->line.p, at };

	if (at >= r->comment)
		return QF_CAT_COMMENT;
	if (qf_is_listed(r->word, "from"))
		return QF_CAT_HOST;
	/* ENV NAME=value .., ENV NAME value */
	if (qf_is_listed(r->word, "env arg")) {
		const char *end = word.p + word.n;

		before = qf_trim(before);
		if ((end < r->text.p + r->text.n && *end == '=') || before.p + before.n <= r->word.p + r->word.n)
			return QF_CAT_ENV;
	}
	return judge_words(r, hit, QF_CAT_STRING);
}

/* Hits come in order, so the comments are gone through once. */
static bool in_xml_comment(struct reader *r, size_t at)
{
	const char *p = r->text.p, *end = p + r->text.n, *open, *close;

	while (r->close <= at) {
		open = memmem(p + r->close, r->text.n - r->close, "<!--", 4);
		close = open ? memmem(open, (size_t)(end - open), "-->", 3) : NULL;
		r->open_at = open ? (size_t)(open - p) : SIZE_MAX;
		r->close = close ? (size_t)(close - p) : SIZE_MAX;
	}
	return at > r->open_at;
}

/* Tags and attributes are keys, all else is text. */
static enum qf_category judge_xml(struct reader *r, const struct qf_hit *hit)
{
	size_t from = hit->at > TAG_BYTES ? hit->at - TAG_BYTES : 0;
	struct qf_str before = { r->text.p + from, hit->at - from };
	const char *tag = memrchr(before.p, '<', before.n), *end = before.p + before.n;
	unsigned quotes = 0;

	if (in_xml_comment(r, hit->at))
		return QF_CAT_COMMENT;
	if (!tag || memchr(tag, '>', (size_t)(end - tag)))
		return qf_word_category(r->text, hit->at, hit->n, QF_CAT_STRING);
	for (const char *p = tag; p < end; p++)
		quotes += *p == '"';
	return quotes % 2 ? qf_word_category(r->text, hit->at, hit->n, QF_CAT_STRING) : QF_CAT_CONFIG;
}

static enum qf_category judge(struct reader *r, const struct qf_hit *hit)
{
	size_t at = hit->at - (size_t)(r->line.p - r->text.p);

	switch (r->kind) {
	case QF_FILE_YAML:
		return judge_yaml(r, hit, at);
	case QF_FILE_TOML:
	case QF_FILE_INI:
		return judge_sections(r, hit, at);
	case QF_FILE_DOCKER:
		return judge_docker(r, hit, at);
	case QF_FILE_XML:
		return judge_xml(r, hit);
	case QF_FILE_REQUIREMENTS:
	case QF_FILE_GO_MOD:
		return at >= r->comment ? QF_CAT_COMMENT : QF_CAT_DEPENDENCY;
	case QF_FILE_ENV:
		if (at >= r->comment)
			return QF_CAT_COMMENT;
		if (at < r->separator && r->separator < r->line.n)
			return QF_CAT_ENV;
		return judge_words(r, hit, QF_CAT_STRING);
	default:
		return at >= r->comment ? QF_CAT_COMMENT : judge_words(r, hit, QF_CAT_STRING);
	}
}

void qf_category_config(enum qf_file_kind kind, struct qf_str content, struct qf_hit *hits, size_t n)
{
	struct reader r = { .kind = kind, .text = content };

	for (size_t i = 0; i < n; i++) {
		while (r.next <= hits[i].at)
			next_line(&r);
		hits[i].category = judge(&r, &hits[i]);
	}
}
