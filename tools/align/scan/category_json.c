/* JSON: keys, values, lists of dependencies; and notebooks, whose cells are code or prose in strings of JSON. */
#include <ctype.h>

#include "tools/align/scan/category_parts.h"

enum { DEPTH = 16 }; /* keys of outer objects that are known */

struct walk {
	struct qf_str text;
	size_t at;
	unsigned depth;
	struct qf_str key[DEPTH]; /* the one that each level stands under; [0] is of the outermost object's members */
	size_t begin, end;	  /* of the string that ended last, between its quotes */
};

static void enter(struct walk *w)
{
	w->depth++;
	if (w->depth < DEPTH)
		w->key[w->depth] = (struct qf_str){ 0 };
}

/* Reads the string whose opening quote is at `at`. It ends with the file where it is not closed. */
static void read_string(struct walk *w)
{
	const char *p = w->text.p + w->at + 1, *end = w->text.p + w->text.n, *quote, *back;

	w->begin = w->at + 1;
	do {
		quote = memchr(p, '"', (size_t)(end - p));
		if (!quote) {
			w->at = w->end = w->text.n;
			return;
		}
		for (back = quote; back > w->text.p + w->begin && back[-1] == '\\'; back--)
			;
		p = quote + 1;
	} while ((quote - back) % 2);
	w->end = (size_t)(quote - w->text.p);
	w->at = w->end + 1;
}

static bool is_key(const struct walk *w)
{
	size_t i = w->at;

	while (i < w->text.n && isspace((unsigned char)w->text.p[i]))
		i++;
	return i < w->text.n && w->text.p[i] == ':';
}

/* Goes on until behind the string that holds `at`, or past `at` where none does: false. */
static bool walk_to(struct walk *w, size_t at)
{
	if (w->begin <= at && at < w->end)
		return true;
	while (w->at <= at) {
		char c = w->text.p[w->at];

		if (c == '"') {
			read_string(w);
			if (is_key(w) && w->depth < DEPTH)
				w->key[w->depth] = (struct qf_str){ w->text.p + w->begin, w->end - w->begin };
			if (at < w->end)
				return w->begin <= at;
			continue;
		}
		if (c == '{' || c == '[')
			enter(w);
		else if ((c == '}' || c == ']') && w->depth)
			w->depth--;
		w->at++;
	}
	return false;
}

static bool in_dependencies(const struct walk *w)
{
	for (unsigned i = 0; i <= w->depth && i < DEPTH; i++)
		if (qf_holds(w->key[i], "ependencies") || qf_str_is(w->key[i], "resolutions") ||
		    qf_str_is(w->key[i], "overrides"))
			return true;
	return false;
}

void qf_category_json(struct qf_str content, struct qf_hit *hits, size_t n)
{
	struct walk w = { .text = content };

	for (size_t i = 0; i < n; i++) {
		struct qf_hit *hit = &hits[i];
		bool inside = walk_to(&w, hit->at);
		struct qf_str line = qf_trim(qf_line_near(content, hit->at));

		if (!inside)
			hit->category = qf_str_starts(line, "//") ? QF_CAT_COMMENT : QF_CAT_STRING;
		else if (in_dependencies(&w))
			hit->category = QF_CAT_DEPENDENCY;
		else if (is_key(&w) && !qf_word_is_env(qf_word_around(content, hit->at, hit->n)))
			hit->category = QF_CAT_CONFIG;
		else
			hit->category = qf_word_category(content, hit->at, hit->n, QF_CAT_STRING);
	}
}

/* ---- notebooks ---- */

/* A line of a code cell, as it stands in the JSON file: \" for a quote. */
static enum qf_category judge_code(struct qf_str content, struct qf_str string, const struct qf_hit *hit)
{
	struct qf_str before = { string.p, (size_t)(content.p + hit->at - string.p) }, line;
	size_t from = 0;
	char quote = 0;

	/* A cell may be one string with all its lines. */
	for (size_t i = 0; i + 1 < before.n; i++)
		if (before.p[i] == '\\' && before.p[i + 1] == 'n')
			from = i + 2;
	line = (struct qf_str){ before.p + from, before.n - from };
	while (line.n && isspace((unsigned char)*line.p)) {
		line.p++;
		line.n--;
	}
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		if (c == '\\')
			continue;
		if (!quote && c == '#')
			return QF_CAT_COMMENT;
		if (!quote && (c == '"' || c == '\''))
			quote = c;
		else if (c == quote)
			quote = 0;
	}
	if (qf_str_starts(line, "import ") || qf_str_starts(line, "from "))
		return QF_CAT_IMPORT;
	if (qf_word_is_installed(content, hit->at))
		return QF_CAT_DEPENDENCY;
	return quote ? qf_word_category(content, hit->at, hit->n, QF_CAT_STRING) : QF_CAT_IDENTIFIER;
}

void qf_category_notebook(struct qf_str content, struct qf_hit *hits, size_t n)
{
	struct walk w = { .text = content };
	struct qf_str mark = QF_STR("\"cell_type\""), type = { 0 };
	size_t seen = 0;

	for (size_t i = 0; i < n; i++) {
		struct qf_hit *hit = &hits[i];
		struct qf_str string;
		const char *cell;
		bool inside, source = false;

		while ((cell = memmem(content.p + seen, hit->at - seen, mark.p, mark.n))) {
			seen = (size_t)(cell - content.p) + mark.n;
			type = qf_line_near(content, seen);
			type.n -= (size_t)(content.p + seen - type.p);
			type.p = content.p + seen;
		}
		inside = walk_to(&w, hit->at);
		string = (struct qf_str){ content.p + w.begin, w.end - w.begin };
		for (unsigned d = 0; d <= w.depth && d < DEPTH; d++)
			source |= qf_str_is(w.key[d], "source");
		if (!inside || !source)
			hit->category = QF_CAT_STRING;
		else if (qf_holds(type, "markdown") || qf_holds(type, "raw"))
			hit->category = QF_CAT_DOCUMENT;
		else
			hit->category = judge_code(content, string, hit);
	}
}
