#include "tools/transform/text.h"

#include <unicase.h>
#include <unictype.h>
#include <unigbrk.h>
#include <unistr.h>

#include "common/base/mem.h"

/* Of ASCII texts the answer needs no tables. -1: not ASCII. */
static int ascii_with(struct qf_str text, char from, char to)
{
	int found = 0;

	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] >= 0x80)
			return -1;
		found |= text.p[i] >= from && text.p[i] <= to;
	}
	return found;
}

static struct qf_str map_ascii(struct qf_str text, char from, char to, struct qf_arena *arena)
{
	char *p = qf_arena_alloc(arena, text.n);

	for (size_t i = 0; i < text.n; i++)
		p[i] = text.p[i] >= from && text.p[i] <= to ? text.p[i] ^ 0x20 : text.p[i];
	return (struct qf_str){ p, text.n };
}

static struct qf_str map(struct qf_str text, char from, char to,
			 uint8_t *(*fn)(const uint8_t *, size_t, const char *, uninorm_t, uint8_t *, size_t *),
			 struct qf_arena *arena)
{
	int ascii = ascii_with(text, from, to);
	QF_AUTO_FREE uint8_t *room = NULL;
	size_t n = 3 * text.n;

	if (ascii == 0)
		return text;
	if (ascii > 0)
		return map_ascii(text, from, to, arena);
	/* No mapping gives more than three bytes for one, so the library has nothing to allocate. */
	room = qf_malloc(n);
	if (fn((const uint8_t *)text.p, text.n, NULL, NULL, room, &n) != room ||
	    (n == text.n && memcmp(room, text.p, n) == 0))
		return text;
	return qf_arena_dup(arena, room, n);
}

struct qf_str qf_text_lower(struct qf_str text, struct qf_arena *arena)
{
	return map(text, 'A', 'Z', u8_tolower, arena);
}

struct qf_str qf_text_upper(struct qf_str text, struct qf_arena *arena)
{
	return map(text, 'a', 'z', u8_toupper, arena);
}

static bool is_space(ucs4_t c)
{
	return uc_is_property_white_space(c) || c == 0xfeff;
}

struct qf_str qf_text_trim(struct qf_str text)
{
	const uint8_t *start = (const uint8_t *)text.p, *from = start, *to = start + text.n, *before;
	ucs4_t c;

	while (from < to) {
		int n = u8_mbtouc(&c, from, (size_t)(to - from));

		if (!is_space(c))
			break;
		from += n;
	}
	while (from < to) {
		before = u8_prev(&c, to, from);
		if (!before || !is_space(c))
			break;
		to = before;
	}
	return (struct qf_str){ (const char *)from, (size_t)(to - from) };
}

static bool is_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

size_t qf_text_length(struct qf_str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += is_start(text.p[i]);
	return n;
}

size_t qf_text_last(struct qf_str text, size_t n)
{
	size_t at = text.n;

	while (at && n)
		n -= is_start(text.p[--at]);
	return text.n - at;
}

/* Bytes of the first `limit` code points. */
static size_t first(struct qf_str text, size_t limit)
{
	size_t at = 0;

	for (; at < text.n; at++)
		if (is_start(text.p[at]) && limit-- == 0)
			break;
	return at;
}

/* The beginning of the cluster that the cut would divide; the cut itself where it divides none. */
static size_t between_clusters(struct qf_str text, size_t at)
{
	enum { WINDOW = 512 };
	char breaks[WINDOW + 4];
	size_t behind = at + 1, from = at, i;

	/* Rules of flags and families look back; a character of ASCII begins anew, but for a line feed. */
	while (from && at - from < WINDOW - 4 && (from == at || (text.p[from] & 0x80) || text.p[from] < ' '))
		from--;
	while (from < at && !is_start(text.p[from]))
		from++;
	while (behind < text.n && !is_start(text.p[behind]))
		behind++;
	u8_grapheme_breaks((const uint8_t *)text.p + from, behind - from, breaks);
	for (i = at - from; i && !breaks[i];)
		i--;
	return from + i ? from + i : at;
}

static size_t behind_word(struct qf_str text, size_t at)
{
	const uint8_t *start = (const uint8_t *)text.p, *p = start + at;
	ucs4_t c;

	u8_mbtouc(&c, p, text.n - at);
	while (p > start && !is_space(c))
		p = u8_prev(&c, p, start);
	return qf_text_trim((struct qf_str){ text.p, (size_t)(p - start) }).n ? (size_t)(p - start) : at;
}

size_t qf_text_cut(struct qf_str text, size_t limit, bool bytes, bool word)
{
	size_t at;

	if (bytes) {
		at = limit < text.n ? limit : text.n;
		while (at && at < text.n && !is_start(text.p[at]))
			at--;
	} else {
		at = first(text, limit);
	}
	if (at == text.n || at == 0)
		return at;
	at = between_clusters(text, at);
	if (!word)
		return at;
	at = behind_word(text, at);
	for (const uint8_t *start = (const uint8_t *)text.p, *p = start + at; p > start;) {
		ucs4_t c;
		const uint8_t *before = u8_prev(&c, p, start);

		if (!before || !is_space(c))
			return (size_t)(p - start);
		p = before;
	}
	return at;
}
