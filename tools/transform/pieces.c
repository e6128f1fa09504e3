#include "tools/transform/pieces.h"

#include <stdlib.h>

#include "common/base/mem.h"

/* ---- characters ---- */

enum class { WORD, BLANK, LINE, WIDE, CLOSING, MARK };

/* The code point at p, which is not the end; *n: its bytes. */
static uint32_t decode(const char *p, const char *end, size_t *n)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t left = (size_t)(end - p), want = u[0] < 0x80 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	uint32_t c = want == 1 ? u[0] : want == 2 ? u[0] & 0x1fu : want == 3 ? u[0] & 0x0fu : u[0] & 0x07u;

	if (want > left)
		want = left;
	for (size_t i = 1; i < want; i++)
		c = c << 6 | (u[i] & 0x3fu);
	*n = want;
	return c;
}

static bool is_mark(uint32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) || (c >= 0x591 && c <= 0x5bd) ||
	       (c >= 0x64b && c <= 0x65f) || (c >= 0x93a && c <= 0x94f && c != 0x93d) ||
	       (c >= 0xe31 && c <= 0xe3a && c != 0xe32 && c != 0xe33) || (c >= 0x1ab0 && c <= 0x1aff) ||
	       (c >= 0x1dc0 && c <= 0x1dff) || c == 0x200d || (c >= 0x20d0 && c <= 0x20ff) ||
	       (c >= 0x3099 && c <= 0x309a) || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xfe20 && c <= 0xfe2f) ||
	       (c >= 0x1f3fb && c <= 0x1f3ff) || (c >= 0xe0100 && c <= 0xe01ef);
}

/* What closes a quotation or a bracket, or goes with the word before it; of CJK texts. */
static bool is_wide_closing(uint32_t c)
{
	return (c >= 0x3001 && c <= 0x3003) || c == 0x3005 || c == 0x3009 || c == 0x300b || c == 0x300d ||
	       c == 0x300f || c == 0x3011 || c == 0x3015 || c == 0x3017 || c == 0x30fc || c == 0xff01 ||
	       c == 0xff09 || c == 0xff0c || c == 0xff0e || c == 0xff1a || c == 0xff1b || c == 0xff1f ||
	       c == 0xff5d || (c >= 0xff61 && c <= 0xff64);
}

static enum class class_of(uint32_t c)
{
	if (c < 0x80)
		return c == '\n' || c == '\r' ? LINE : c == ' ' || (c >= '\t' && c <= '\f') ? BLANK : WORD;
	if (c == 0x85 || c == 0x2028 || c == 0x2029)
		return LINE;
	/* The no-break spaces hold words together. */
	if (c == 0x1680 || (c >= 0x2000 && c <= 0x200b && c != 0x2007) || c == 0x205f || c == 0x3000)
		return BLANK;
	if (is_mark(c))
		return MARK;
	if (is_wide_closing(c))
		return CLOSING;
	if ((c >= 0x3040 && c <= 0x30ff) || (c >= 0x31f0 && c <= 0x31ff) || (c >= 0x3400 && c <= 0x4dbf) ||
	    (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff))
		return WIDE;
	return WORD;
}

static bool is_lower(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7) || (c >= 0x3ac && c <= 0x3ce) ||
	       (c >= 0x430 && c <= 0x45f);
}

static bool is_upper(uint32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) ||
	       (c >= 0x400 && c <= 0x42f);
}

static bool is_stop(uint32_t c)
{
	return c == '.' || c == '!' || c == '?' || c == 0x2026 || c == 0x203d || c == 0x61f || c == 0x964;
}

static bool is_wide_stop(uint32_t c)
{
	return c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0xff61;
}

static bool is_closer(uint32_t c)
{
	return c == ')' || c == ']' || c == '"' || c == '\'' || c == 0xbb || c == 0x201c || c == 0x201d ||
	       c == 0x2019 || c == 0x203a || c == 0x300d || c == 0x300f || c == 0xff09 || is_mark(c);
}

/* ---- atoms: what is not cut ---- */

/* Bytes [from, to); its place [low, high) on the scale in which sizes are given. */
struct atom {
	size_t from, to;
	uint64_t low, high;
};

struct cutter {
	const char *start, *p, *end;
	enum qf_pieces_by by;
	uint64_t limit;	 /* characters of one atom */
	uint64_t at;	 /* on the scale */
};

static void skip_blanks(struct cutter *c)
{
	size_t n;

	while (c->p < c->end) {
		enum class class = class_of(decode(c->p, c->end, &n));

		if (class != BLANK && class != LINE)
			return;
		c->p += n;
		c->at += c->by == QF_PIECES_CHARACTERS;
	}
}

/* A word, or as much of it as the limit allows; or an ideograph with what belongs to it. */
static uint64_t take_word(struct cutter *c, bool *wide)
{
	const char *safe = c->p;
	uint64_t n_chars = 0, n_safe = 0;
	bool joined = false; /* behind a zero-width joiner */

	*wide = false;
	while (c->p < c->end) {
		size_t n;
		uint32_t ch = decode(c->p, c->end, &n);
		enum class class = class_of(ch);
		bool glued = joined || class == MARK || (class == CLOSING && n_chars);

		if (class == BLANK || class == LINE || (n_chars && !glued && (class == WIDE || *wide)))
			break;
		if (!glued) {
			safe = c->p;
			n_safe = n_chars;
		}
		if (n_chars == c->limit) {
			if (n_safe && n_safe < n_chars) {
				c->p = safe;
				n_chars = n_safe;
			}
			break;
		}
		*wide |= class == WIDE;
		joined = ch == 0x200d;
		n_chars++;
		c->p += n;
	}
	return n_chars;
}

/* Does a sentence end behind the stop that was just taken? before: what stood before the stop. */
static bool ends_here(const struct cutter *c, uint32_t stop, uint32_t before, bool before_alone)
{
	const char *p = c->p;
	size_t n;
	uint32_t ch;

	if (p == c->end)
		return true;
	if (class_of(ch = decode(p, c->end, &n)) == LINE)
		return true;
	if (class_of(ch) != BLANK || (stop == '.' && before_alone && is_upper(before)))
		return false;
	for (; p < c->end; p += n) {
		ch = decode(p, c->end, &n);
		if (class_of(ch) != BLANK)
			return !is_lower(ch);
	}
	return true;
}

static void take_sentence(struct cutter *c, const char **ret)
{
	uint32_t last = 0, before = 0; /* the character before the stop; the one before that */
	const char *to = c->p;

	while (c->p < c->end) {
		size_t n;
		uint32_t ch = decode(c->p, c->end, &n), stop = ch;
		enum class class = class_of(ch);

		if (class == LINE)
			break;
		c->p += n;
		if (class != BLANK)
			to = c->p;
		if (is_stop(ch) || is_wide_stop(ch)) {
			bool alone = before == 0 || class_of(before) == BLANK;

			while (c->p < c->end) {
				ch = decode(c->p, c->end, &n);
				if (!is_stop(ch) && !is_wide_stop(ch) && !is_closer(ch))
					break;
				c->p += n;
			}
			to = c->p;
			if (is_wide_stop(stop) || ends_here(c, stop, last, alone))
				break;
		}
		before = last;
		last = stop;
	}
	*ret = to;
}

static bool next_atom(struct cutter *c, struct atom *a)
{
	const char *to;
	uint64_t n;
	bool wide;

	skip_blanks(c);
	if (c->p == c->end)
		return false;
	a->from = (size_t)(c->p - c->start);
	a->low = c->at;
	if (c->by == QF_PIECES_SENTENCES) {
		take_sentence(c, &to);
		c->at++;
	} else {
		n = take_word(c, &wide);
		to = c->p;
		c->at += c->by == QF_PIECES_CHARACTERS ? n : wide ? 1 : (n + 3) / 4;
	}
	a->to = (size_t)(to - c->start);
	a->high = c->at;
	return true;
}

static struct cutter cutter(struct qf_str text, enum qf_pieces_by by, uint64_t size)
{
	uint64_t limit = size;

	if (by == QF_PIECES_TOKENS)
		limit = size > UINT64_MAX / 4 ? UINT64_MAX : size * 4;
	return (struct cutter){ .start = text.p, .p = text.p, .end = text.p + text.n, .by = by, .limit = limit };
}

/* ---- pieces ---- */

struct pieces {
	struct qf_piece *piece;
	size_t n, cap;
};

static void add(struct pieces *out, size_t from, size_t to)
{
	QF_GROW(out->piece, out->n, out->cap);
	out->piece[out->n++] = (struct qf_piece){ from, to };
}

size_t qf_pieces(struct qf_str text, enum qf_pieces_by by, uint64_t size, uint64_t overlap,
		struct qf_arena *arena, struct qf_piece **ret)
{
	struct cutter c = cutter(text, by, size);
	struct pieces out = { 0 };
	struct atom *held = NULL, a; /* what the piece under way consists of */
	size_t n = 0, cap = 0, keep;

	while (text.n && next_atom(&c, &a)) {
		if (n && a.high - held[0].low > size) {
			add(&out, held[0].from, held[n - 1].to);
			keep = n;
			while (keep && held[n - 1].high - held[keep - 1].low <= overlap &&
			       a.high - held[keep - 1].low <= size)
				keep--;
			n -= keep;
			memmove(held, held + keep, n * sizeof(*held));
		}
		QF_GROW(held, n, cap);
		held[n++] = a;
	}
	if (n)
		add(&out, held[0].from, held[n - 1].to);
	free(held);
	*ret = qf_arena_alloc(arena, out.n * sizeof(**ret) + 1);
	if (out.n)
		memcpy(*ret, out.piece, out.n * sizeof(**ret));
	free(out.piece);
	return out.n;
}

uint64_t qf_text_tokens(struct qf_str text)
{
	struct cutter c = cutter(text, QF_PIECES_TOKENS, UINT64_MAX);
	struct atom a;

	while (text.n && next_atom(&c, &a))
		;
	return c.at;
}

uint64_t qf_text_characters(struct qf_str text)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return n;
}
