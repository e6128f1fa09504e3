/* The blocks of a document, line by line. What stands inside a block's lines is the matter of inline.c. */
#include <strings.h>

#include "common/base/mem.h"
#include "tools/align/change/markdown_inline.h"

struct line {
	size_t at, end;		/* without its end */
	size_t p;		/* what is behind quote marks, list marks and indentation */
	unsigned column;	/* of p; tabs are four wide */
	unsigned quotes;	/* > before it */
};

struct reader {
	struct qf_str text;
	struct qf_arena *arena;
	struct qf_markdown *ret;
	bool markdown, rst;
	size_t cap;		/* of blocks */
	char fence;		/* in one: its character */
	unsigned fence_n, fence_quotes;
	const char *html_end;	/* in an HTML block: what ends it */
	unsigned list[16];	/* columns at which the contents of the lists around begin */
	unsigned lists;
	unsigned literal;	/* rst: the block behind :: is what is indented more than this less one; 0: none */
	bool open;		/* the last block may go on */
	bool table;		/* rows until a blank line */
	bool blank;		/* the last line was blank, or there was none */
	unsigned quotes;	/* of the open block */
	struct qf_definitions definitions;
};

static bool ends_with(const char *path, const char *const *suffixes, size_t n)
{
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < n; i++)
		if (strcasecmp(dot, suffixes[i]) == 0)
			return true;
	return false;
}

static void mark(struct reader *r, size_t at, size_t end, enum qf_prose kind)
{
	memset(r->ret->kind + at, kind, end - at);
}

static char peek(const struct reader *r, const struct line *l, size_t ahead)
{
	return l->p + ahead < l->end ? r->text.p[l->p + ahead] : '\0';
}

static void skip_blanks(const struct reader *r, struct line *l)
{
	for (char c; (c = peek(r, l, 0)) == ' ' || c == '\t'; l->p++)
		l->column = c == '\t' ? l->column + 4 - l->column % 4 : l->column + 1;
}

/* ---- what a line begins with ---- */

/* A run of at least three ` or ~, of which info strings with a backtick are none. */
static unsigned fence_run(const struct reader *r, const struct line *l)
{
	char c = peek(r, l, 0);
	unsigned n = 0;

	if (c != '`' && c != '~')
		return 0;
	while (peek(r, l, n) == c)
		n++;
	if (n < 3)
		return 0;
	if (c == '`' && memchr(r->text.p + l->p + n, '`', l->end - l->p - n))
		return 0;
	return n;
}

static bool rest_is_blank(const struct reader *r, const struct line *l, size_t ahead)
{
	for (char c; (c = peek(r, l, ahead)); ahead++)
		if (c != ' ' && c != '\t')
			return false;
	return true;
}

/* The width of a list's mark at p, 0 where there is none. */
static unsigned list_mark(const struct reader *r, const struct line *l)
{
	unsigned n = 0;
	char c = peek(r, l, 0);

	if (c == '-' || c == '+' || c == '*') {
		n = 1;
	} else {
		while (n < 9 && peek(r, l, n) >= '0' && peek(r, l, n) <= '9')
			n++;
		c = peek(r, l, n);
		n = n && (c == '.' || c == ')') ? n + 1 : 0;
	}
	c = n ? peek(r, l, n) : 'x';
	return c == ' ' || c == '\t' || c == '\0' ? n : 0;
}

static bool is_heading(const struct reader *r, const struct line *l)
{
	unsigned n = 0;

	while (n < 7 && peek(r, l, n) == '#')
		n++;
	return n && n < 7 && (peek(r, l, n) == ' ' || peek(r, l, n) == '\t' || peek(r, l, n) == '\0');
}

/*
 * A line of nothing but the given characters, blanks aside: a rule, the line under a heading or a table's head.
 */
static bool is_only(const struct reader *r, const struct line *l, const char *set)
{
	bool some = false;

	for (size_t i = 0; peek(r, l, i); i++) {
		char c = peek(r, l, i);

		if (c == ' ' || c == '\t')
			continue;
		if (!strchr(set, c))
			return false;
		some = true;
	}
	return some;
}

static const char *html_block(const struct reader *r, const struct line *l)
{
	static const char *const ends[][2] = {
		{ "<!--", "-->" }, { "<pre", "</pre>" }, { "<script", "</script>" }, { "<style", "</style>" },
		{ "<textarea", "</textarea>" }, { "<?", "?>" }, { "<![CDATA[", "]]>" },
	};

	for (size_t i = 0; i < QF_LEN(ends); i++)
		if (l->end - l->p >= strlen(ends[i][0]) &&
		    strncasecmp(r->text.p + l->p, ends[i][0], strlen(ends[i][0])) == 0)
			return ends[i][1];
	return NULL;
}

/* "[label]: address", but no footnote. Notes the label. */
static bool is_definition(struct reader *r, const struct line *l)
{
	const char *p = r->text.p + l->p, *end = r->text.p + l->end, *close;

	if (end - p < 4 || *p != '[' || p[1] == '^')
		return false;
	close = memchr(p, ']', (size_t)(end - p));
	if (!close || close == p + 1 || close + 1 >= end || close[1] != ':')
		return false;
	qf_definitions_add(&r->definitions, (struct qf_str){ p + 1, (size_t)(close - p - 1) });
	return true;
}

/* ---- blocks ---- */

static void add_block(struct reader *r, const struct line *l, bool whole)
{
	if (r->open && !whole && r->quotes >= l->quotes) {
		r->ret->block[r->ret->n - 1].end = l->end;
		return;
	}
	QF_GROW(r->ret->block, r->ret->n, r->cap);
	r->ret->block[r->ret->n++] = (struct qf_block){ l->p, l->end, whole };
	r->open = !whole;
	r->quotes = l->quotes;
}

/* Inside something that lasts over lines. Returns whether the line is a part of it. */
static bool goes_on(struct reader *r, struct line *l)
{
	if (r->fence && r->fence_quotes > l->quotes)
		r->fence = 0; /* the quote that held it is over */
	if (r->fence) {
		unsigned n = 0;

		while (peek(r, l, n) == r->fence)
			n++;
		if (n >= r->fence_n && rest_is_blank(r, l, n))
			r->fence = 0;
	} else if (r->html_end) {
		if (memmem(r->text.p + l->p, l->end - l->p, r->html_end, strlen(r->html_end)))
			r->html_end = NULL;
	} else {
		return false;
	}
	mark(r, l->at, l->end, QF_PROSE_CODE);
	return true;
}

static bool opens_code(struct reader *r, struct line *l)
{
	unsigned fence = fence_run(r, l);

	if (fence) {
		r->fence = peek(r, l, 0);
		r->fence_n = fence;
		r->fence_quotes = l->quotes;
	} else if ((r->html_end = html_block(r, l))) {
		if (memmem(r->text.p + l->p, l->end - l->p, r->html_end, strlen(r->html_end)))
			r->html_end = NULL;
	} else {
		return false;
	}
	mark(r, l->p, l->end, QF_PROSE_CODE);
	r->open = false;
	return true;
}

/* Leaves the lists that the line is not a part of, and says where its text may begin. */
static unsigned base_column(struct reader *r, const struct line *l)
{
	if (!r->open || r->blank)
		while (r->lists && l->column < r->list[r->lists - 1])
			r->lists--;
	return r->lists ? r->list[r->lists - 1] : 0;
}

static void enter_list(struct reader *r, struct line *l, unsigned width)
{
	unsigned mark_column = l->column;

	while (r->lists && r->list[r->lists - 1] > mark_column)
		r->lists--;
	l->p += width;
	l->column += width;
	if (!rest_is_blank(r, l, 0)) {
		size_t p = l->p;
		unsigned column = l->column;

		skip_blanks(r, l);
		/* Five blanks and more: one belongs to the mark, the rest makes code. */
		if (l->column > column + 4) {
			l->p = p + 1;
			l->column = column + 1;
		}
	} else {
		l->column++;
	}
	if (r->lists < QF_LEN(r->list))
		r->list[r->lists++] = l->column;
	r->open = false;
	r->blank = true; /* what comes begins a block */
}

/* reStructuredText: "::" at the end of a line, or a directive, makes code of what is indented behind it. */
static bool rst_code(struct reader *r, const struct line *l)
{
	struct qf_str text = { r->text.p + l->p, l->end - l->p };

	if (!r->rst)
		return false;
	if (r->literal && l->column >= r->literal) {
		mark(r, l->at, l->end, QF_PROSE_CODE);
		return true;
	}
	r->literal = 0;
	if (qf_str_starts(text, ".. ")) {
		r->literal = l->column + 1;
		mark(r, l->at, l->end, QF_PROSE_CODE);
		r->open = false;
		return true;
	}
	if (text.n >= 2 && memcmp(text.p + text.n - 2, "::", 2) == 0)
		r->literal = l->column + 1;
	return false;
}

static void text_line(struct reader *r, struct line *l)
{
	unsigned base, width;

	if (rst_code(r, l))
		return;
	base = base_column(r, l);
	for (;;) {
		skip_blanks(r, l);
		if (r->markdown && l->column >= base + 4 && !(r->open && !r->blank)) {
			mark(r, l->at, l->end, QF_PROSE_CODE);
			r->open = false;
			return;
		}
		if (is_only(r, l, "-") || is_only(r, l, "*") || is_only(r, l, "=") || is_only(r, l, "_")) {
			/* A rule, or the line under a heading. */
			r->open = false;
			return;
		}
		width = list_mark(r, l);
		if (!width)
			break;
		enter_list(r, l, width);
		base = l->column;
		if (l->p >= l->end)
			return;
	}
	if (opens_code(r, l))
		return;
	if (!(r->open && !r->blank) && is_definition(r, l)) {
		mark(r, l->at, l->end, QF_PROSE_CODE);
		return;
	}
	if (is_only(r, l, "-|:") && memchr(r->text.p + l->p, '|', l->end - l->p)) {
		r->table = true;
		r->open = false;
		return;
	}
	if (is_heading(r, l) || peek(r, l, 0) == '|' || r->table)
		add_block(r, l, true);
	else
		add_block(r, l, false);
}

static void read_line(struct reader *r, struct line *l)
{
	bool blank;

	/* Quote marks, each behind at most three blanks. */
	for (;;) {
		struct line ahead = *l;

		skip_blanks(r, &ahead);
		if (ahead.column > l->column + 3 || peek(r, &ahead, 0) != '>')
			break;
		ahead.p++;
		ahead.column++;
		ahead.quotes++;
		if (peek(r, &ahead, 0) == ' ') {
			ahead.p++;
			ahead.column++;
		}
		*l = ahead;
	}
	/* Columns count from behind the quote. */
	if (l->quotes)
		l->column = 0;
	skip_blanks(r, l);
	if (goes_on(r, l))
		return;
	blank = l->p >= l->end;
	if (blank) {
		r->open = false;
		r->table = false;
	} else {
		text_line(r, l);
	}
	r->blank = blank;
}

/* Where the front matter ends, 0: there is none. */
static size_t front_matter(const struct reader *r)
{
	struct qf_str text = r->text;
	size_t at = qf_str_starts(text, "\xef\xbb\xbf") ? 3 : 0, line = 0;

	for (;; line++) {
		const char *nl = memchr(text.p + at, '\n', text.n - at);
		size_t end = nl ? (size_t)(nl - text.p) : text.n, n = end - at;
		const char *p = text.p + at;

		while (n && (p[n - 1] == '\r' || p[n - 1] == ' '))
			n--;
		if (line == 0 && (n != 3 || memcmp(p, "---", 3) != 0))
			return 0;
		if (line && n == 3 && (memcmp(p, "---", 3) == 0 || memcmp(p, "...", 3) == 0))
			return end;
		if (!nl)
			return 0;
		at = end + 1;
	}
}

void qf_markdown_read(const char *path, struct qf_str text, struct qf_arena *arena, struct qf_markdown *ret)
{
	static const char *const markdown[] = { ".md", ".markdown", ".mdc", ".mdx", ".mkd", ".mdown", ".qmd", ".rmd" };
	static const char *const rst[] = { ".rst" };
	struct reader r = {
		.text = text,
		.arena = arena,
		.ret = ret,
		.blank = true,
		.markdown = ends_with(path, markdown, QF_LEN(markdown)),
		.rst = ends_with(path, rst, QF_LEN(rst)),
		.definitions = { .arena = arena },
	};
	size_t at = 0;
	struct qf_block *blocks;

	*ret = (struct qf_markdown){ .kind = qf_arena_zalloc(arena, text.n + 1) };
	if (r.markdown)
		at = front_matter(&r);
	mark(&r, 0, at, QF_PROSE_FRONT);
	while (at < text.n) {
		const char *nl = memchr(text.p + at, '\n', text.n - at);
		struct line l = { .at = at, .end = nl ? (size_t)(nl - text.p) : text.n, .p = at };

		at = l.end + 1;
		if (l.end > l.at && text.p[l.end - 1] == '\r')
			l.end--;
		read_line(&r, &l);
	}
	for (size_t i = 0; i < ret->n; i++)
		qf_markdown_inline(text, &ret->block[i], &r.definitions, ret->kind);
	blocks = qf_arena_alloc(arena, (ret->n + 1) * sizeof(*blocks));
	if (ret->n)
		memcpy(blocks, ret->block, ret->n * sizeof(*blocks));
	free(ret->block);
	free(r.definitions.items);
	ret->block = blocks;
}
