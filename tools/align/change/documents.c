/* Words in documents. */
#include <ctype.h>
#include <strings.h>
#include <unictype.h>
#include <unistr.h>

#include "tools/align/change/change.h"
#include "tools/align/change/markdown.h"

/* What surrounds a word without a blank is looked at so far. */
#define LONGEST_TOKEN 400

struct reader {
	struct qf_str text;
	const struct qf_document *doc;
	struct qf_markdown parts;
	size_t block;		/* the one that the last place was in, or before */
	size_t sentence, sentence_end; /* the one last looked at */
	bool rst;		/* reStructuredText: rules under headings and tables count columns */
	bool *names_new;	/* of each word: the sentence names its replacement */
	struct qf_rewrite_out *out;
};

/* ---- whole words ---- */

static bool is_letter(ucs4_t c)
{
	return c == '_' || (c < 128 ? isalnum((int)c) : uc_is_alnum(c));
}

/* Does a letter, a digit or _ end before i, or begin at it? */
static bool letter_before(struct qf_str t, size_t i)
{
	size_t k = i;
	ucs4_t c;

	while (k > 0 && i - k < 4 && ((unsigned char)t.p[--k] & 0xc0) == 0x80)
		;
	if (k == i)
		return false;
	u8_mbtouc(&c, (const uint8_t *)t.p + k, i - k);
	return is_letter(c);
}

static bool letter_at(struct qf_str t, size_t i)
{
	ucs4_t c;

	if (i >= t.n)
		return false;
	u8_mbtouc(&c, (const uint8_t *)t.p + i, t.n - i);
	return is_letter(c);
}

/* How many _ stand before i: emphasis, if they stand behind the word too and nothing else does. */
static size_t emphasis(struct qf_str t, size_t i, size_t n)
{
	size_t marks = 0;

	while (i > marks && t.p[i - 1 - marks] == '_')
		marks++;
	for (size_t k = 0; k < marks; k++)
		if (i + n + k >= t.n || t.p[i + n + k] != '_')
			return 0;
	return letter_before(t, i - marks) || letter_at(t, i + n + marks) ? 0 : marks;
}

/* ---- letters ---- */

static bool has_none(struct qf_str s, int (*is)(int))
{
	for (size_t i = 0; i < s.n; i++)
		if (is((unsigned char)s.p[i]))
			return false;
	return true;
}

static struct qf_str to_all(struct qf_arena *arena, const char *s, int (*to)(int))
{
	struct qf_str copy = qf_arena_dup_str(arena, qf_str(s));

	for (size_t i = 0; i < copy.n; i++)
		((char *)copy.p)[i] = (char)to((unsigned char)copy.p[i]);
	return copy;
}

/* What the word becomes in the letters in which it stands there; null: in a mix that has no counterpart. */
static struct qf_str in_same_case(struct qf_arena *arena, struct qf_str was, const struct qf_rename *word)
{
	struct qf_str rest = { was.p + 1, was.n - 1 }, copy;

	if (memcmp(was.p, word->from, was.n) == 0)
		return qf_str(word->to);
	if (has_none(was, isupper))
		return to_all(arena, word->to, tolower);
	if (has_none(was, islower))
		return to_all(arena, word->to, toupper);
	if (isupper((unsigned char)*was.p) && has_none(rest, isupper)) {
		copy = qf_arena_dup_str(arena, qf_str(word->to));
		*(char *)copy.p = (char)toupper((unsigned char)*copy.p);
		return copy;
	}
	return (struct qf_str){ 0 };
}

/* ---- what stands around ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/* The prose between blanks around a word, without quotes, brackets and the marks that end sentences. */
static struct qf_str token_around(const struct reader *r, size_t at, size_t n)
{
	struct qf_str t = r->text;
	size_t a = at, b = at + n;

	while (a > 0 && at - a < LONGEST_TOKEN && !is_blank(t.p[a - 1]) && r->parts.kind[a - 1] == QF_PROSE)
		a--;
	while (b < t.n && b - at < LONGEST_TOKEN && !is_blank(t.p[b]) && r->parts.kind[b] == QF_PROSE)
		b++;
	while (a < at && strchr("([\"'*_~|>", t.p[a]))
		a++;
	while (b > at + n && strchr(")]\"'*_~|.,;:!?", t.p[b - 1]) && memcmp(t.p + b - 2, "()", 2) != 0)
		b--;
	return (struct qf_str){ t.p + a, b - a };
}

/*
 * An address, a path, a dotted name, a setting, an option, a call: names of things, which a new word does not
 * rename.
 */
static bool is_name_of_thing(struct qf_str token)
{
	if (token.n && (*token.p == '-' || *token.p == '#'))
		return true;
	for (size_t i = 0; i < token.n; i++) {
		char c = token.p[i], next = i + 1 < token.n ? token.p[i + 1] : '\0';

		if (strchr("/\\@=$%{}`", c))
			return true;
		if ((c == '.' || c == ':') && next && next != c && !strchr("*_\"')", next))
			return true;
		if (c == '(' && next == ')')
			return true;
	}
	return false;
}

/* ---- sentences ---- */

static bool ends_in_abbreviation(struct qf_str t, size_t start, size_t dot)
{
	static const char *const known[] = { "vs", "e.g", "i.e", "etc", "cf", "approx", "resp", "incl", "mr", "mrs", "dr",
					     "st", "no", "fig", "sec", "al", "ca" };
	size_t a = dot;

	while (a > start && (isalnum((unsigned char)t.p[a - 1]) || t.p[a - 1] == '.'))
		a--;
	if (dot - a == 1 && isalpha((unsigned char)t.p[a]))
		return true; /* an initial */
	for (size_t i = 0; i < QF_LEN(known); i++)
		if (dot - a == strlen(known[i]) && strncasecmp(t.p + a, known[i], dot - a) == 0)
			return true;
	return false;
}

/* Behind the sentence that begins at start. */
static size_t sentence_end(struct qf_str t, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++) {
		size_t k = i + 1;

		if (!strchr(".!?", t.p[i]) || (t.p[i] == '.' && ends_in_abbreviation(t, start, i)))
			continue;
		while (k < end && strchr(".!?\"')]*_`", t.p[k]))
			k++;
		if (k < end && !is_blank(t.p[k]))
			continue;
		while (k < end && is_blank(t.p[k]))
			k++;
		if (k < end && islower((unsigned char)t.p[k]))
			continue;
		return k;
	}
	return end;
}

static bool names(struct qf_str t, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; n && i + n <= t.n; i++)
		if (strncasecmp(t.p + i, word, n) == 0 && !letter_before(t, i) && !letter_at(t, i + n))
			return true;
	return false;
}

/* Goes on to the sentence in which `at` is. Places come in the order of the text. False: it is in none. */
static bool find_sentence(struct reader *r, size_t at)
{
	const struct qf_block *b = r->parts.block;
	size_t start, end;

	while (r->block < r->parts.n && b[r->block].end <= at)
		r->block++;
	if (r->block == r->parts.n || b[r->block].at > at)
		return false;
	if (at >= r->sentence && at < r->sentence_end)
		return true;
	b += r->block;
	start = r->sentence_end > b->at ? r->sentence_end : b->at;
	end = b->whole ? b->end : sentence_end(r->text, start, b->end);
	while (end <= at) {
		start = end;
		end = sentence_end(r->text, start, b->end);
	}
	r->sentence = start;
	r->sentence_end = end;
	for (size_t i = 0; i < r->doc->n; i++)
		r->names_new[i] = names((struct qf_str){ r->text.p + start, end - start }, r->doc->words[i].to);
	return true;
}

/* ---- one place ---- */

static void leave(struct reader *r, size_t at, size_t n, const struct qf_rename *word, const char *reason)
{
	struct qf_rewrite_out *out = r->out;

	QF_GROW(out->leftovers, out->n_leftovers, out->cap_leftovers);
	out->leftovers[out->n_leftovers++] = (struct qf_leftover){ at, n, word->from, reason };
}

/* A line of nothing but marks, as stands under a heading or around a table. */
static bool is_ruler(const char *p, size_t n)
{
	size_t marks = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == ' ' || p[i] == '\r')
			continue;
		if (!ispunct((unsigned char)p[i]))
			return false;
		marks++;
	}
	return marks >= 3;
}

/* Does a word of another length break something here: a heading or a table of reStructuredText, a substitution? */
static bool is_laid_out(const struct reader *r, size_t at)
{
	const char *text = r->text.p, *end = text + r->text.n, *from = text + at, *line;

	while (from > text && !(from[-1] == '\n' && (from == text + 1 || from[-2] == '\n')))
		from--;
	for (line = from; line < end && *line != '\n';) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((stop ? stop : end) - line);

		if (is_ruler(line, n) || memchr(line, '|', n))
			return true;
		line = stop ? stop + 1 : end;
	}
	return false;
}

static void place(struct reader *r, size_t at, size_t n, size_t k)
{
	const struct qf_rename *word = &r->doc->words[k];
	struct qf_rewrite_out *out = r->out;
	struct qf_str was = { r->text.p + at, n }, text;
	bool hyphen = (at && r->text.p[at - 1] == '-') || (at + n < r->text.n && r->text.p[at + n] == '-');

	if (r->parts.kind[at] == QF_PROSE_FRONT) {
		leave(r, at, n, word, "stands in the front matter");
		return;
	}
	if (r->parts.kind[at] == QF_PROSE_CODE || !find_sentence(r, at))
		return;
	if (r->names_new[k]) {
		leave(r, at, n, word, qf_arena_printf(&out->arena, "is named beside %s here: a person must word this", word->to).p);
		return;
	}
	if (r->parts.kind[at] == QF_PROSE_LINK) {
		leave(r, at, n, word, "is what a link says: look where it leads");
		return;
	}
	if (is_name_of_thing(token_around(r, at, n)))
		return;
	if (r->rst && is_laid_out(r, at)) {
		leave(r, at, n, word, "stands in a heading, a table or a substitution, whose columns count");
		return;
	}
	text = in_same_case(&out->arena, was, word);
	if (!text.p) {
		leave(r, at, n, word, "is written in a mix of capitals and small letters");
		return;
	}
	if (hyphen && has_none(was, isupper)) {
		leave(r, at, n, word, "is a part of a name with hyphens");
		return;
	}
	QF_GROW(out->edits, out->n, out->cap);
	out->edits[out->n++] = (struct qf_edit){ at, n, text };
}

/* The longest word of the rule that stands at i as a whole word, or none: then its length is 0. */
static size_t word_at(const struct reader *r, size_t i, size_t *k)
{
	size_t best = 0;

	for (size_t w = 0; w < r->doc->n; w++) {
		size_t n = strlen(r->doc->words[w].from);

		if (n <= best || i + n > r->text.n || strncasecmp(r->text.p + i, r->doc->words[w].from, n) != 0)
			continue;
		if ((letter_before(r->text, i) || letter_at(r->text, i + n)) && !emphasis(r->text, i, n))
			continue;
		best = n;
		*k = w;
	}
	return best;
}

void qf_document_edits(const struct qf_rules *rules, const struct qf_document *doc,
		       const char *path, struct qf_str text, struct qf_rewrite_out *out)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	size_t length = strlen(path);
	struct reader r = {
		.text = text, .doc = doc, .out = out, .rst = length > 4 && !strcmp(path + length - 4, ".rst"),
	};
	bool is_first[256] = { 0 };

	(void)rules;
	/* UTF-16 and what is no text at all: bytes that look like the word are not it. */
	if (memchr(text.p ? text.p : "", '\0', text.n))
		return;
	qf_markdown_read(path, text, &arena, &r.parts);
	r.names_new = qf_arena_zalloc(&arena, doc->n + 1);
	for (size_t w = 0; w < doc->n; w++) {
		is_first[tolower((unsigned char)*doc->words[w].from)] = true;
		is_first[toupper((unsigned char)*doc->words[w].from)] = true;
	}
	for (size_t i = 0; i < text.n; i++) {
		size_t k = 0, n = is_first[(unsigned char)text.p[i]] ? word_at(&r, i, &k) : 0;

		if (n) {
			place(&r, i, n, k);
			i += n - 1;
		}
	}
}
