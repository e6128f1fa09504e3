/* Words in one pass. */
#include "common/base/mem.h"
#include "tools/align/scan/needles_parts.h"

static unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool is_letter(unsigned char c)
{
	return fold(c) >= 'a' && fold(c) <= 'z';
}

/* How common a byte is in source code and prose, roughly in tenths of a percent. */
static unsigned weight(unsigned char c)
{
	static const char order[] = "etaoinsrlcdumpfghbyvwkxqjz";
	const char *at = memchr(order, fold(c), sizeof(order) - 1);

	if (at && c)
		return (unsigned)(sizeof(order) - (size_t)(at - order)) * 3;
	if (c == ' ')
		return 150;
	if (c >= '0' && c <= '9')
		return 15;
	if (c >= 0x80)
		return 8;
	return strchr("_.,\"'()-/:=\t", c) ? 20 : 8;
}

/* How often the bytes that are looked for would stand together. */
static double cost(struct qf_str text, size_t at)
{
	double all = 1;

	for (size_t i = 0; i < WINDOW && at + i < text.n; i++)
		all *= weight((unsigned char)text.p[at + i]) / 1000.0;
	return all;
}

/* Words of one group look at the same distance from their starts, so that they are met in the order of the starts. */
static void choose_offsets(struct qf_needles *s, unsigned groups)
{
	for (unsigned g = 0; g < groups; g++) {
		size_t shortest = SIZE_MAX, best = 0;
		double least = 0;

		for (size_t i = 0; i < s->n; i++)
			if (s->words[i].group == g && s->words[i].text.n < shortest)
				shortest = s->words[i].text.n;
		if (shortest == SIZE_MAX)
			continue;
		for (size_t at = 0; at == 0 || at + WINDOW <= shortest; at++) {
			double sum = 0;

			for (size_t i = 0; i < s->n; i++)
				if (s->words[i].group == g)
					sum += cost(s->words[i].text, at);
			if (at == 0 || sum < least) {
				least = sum;
				best = at;
			}
		}
		for (size_t i = 0; i < s->n; i++)
			if (s->words[i].group == g)
				s->words[i].offset = best;
	}
}

static uint32_t window(const unsigned char *p)
{
	return (uint32_t)fold(p[0]) | (uint32_t)fold(p[1]) << 8 | (uint32_t)fold(p[2]) << 16;
}

static unsigned slot(uint32_t w)
{
	return w * 2654435761u >> (32 - SLOT_BITS);
}

static int cmp_window(const void *a, const void *b)
{
	const struct qf_needles_word *x = a, *y = b;

	return qf_str_cmp((struct qf_str){ x->text.p + x->offset, x->text.n - x->offset },
			  (struct qf_str){ y->text.p + y->offset, y->text.n - y->offset });
}

/* The bits of one word in the tables: one of eight, which words with like windows share. */
static void add_bits(struct qf_needles *s, const struct qf_needles_word *w, unsigned char bit)
{
	for (size_t k = 0; k < WINDOW; k++) {
		unsigned char c, both[2];

		if (w->offset + k >= w->text.n) { /* shorter than the window: anything may stand there */
			for (unsigned i = 0; i < 256; i++)
				s->any[k][i] |= bit;
			for (unsigned i = 0; i < 16; i++) {
				s->low[k][i] |= bit;
				s->high[k][i] |= bit;
			}
			continue;
		}
		c = (unsigned char)w->text.p[w->offset + k];
		both[0] = c;
		both[1] = w->fold && is_letter(c) ? c ^ 0x20 : c;
		for (unsigned i = 0; i < 2; i++) {
			s->any[k][both[i]] |= bit;
			s->low[k][both[i] & 15] |= bit;
			s->high[k][both[i] >> 4] |= bit;
		}
	}
}

struct qf_needles *qf_needles_new(const struct qf_needle *list, size_t n, unsigned groups)
{
	struct qf_needles *s = qf_calloc(1, sizeof(*s));

	s->words = qf_calloc(n + 1, sizeof(*s->words));
	for (size_t i = 0; i < n; i++) {
		struct qf_str t = list[i].text;

		if (!t.n || memchr(t.p, '\n', t.n) || memchr(t.p, '\0', t.n))
			continue;
		s->words[s->n++] = (struct qf_needles_word){
			.text = t, .fold = list[i].fold, .group = list[i].group, .id = list[i].id,
		};
		if (t.n > s->longest)
			s->longest = t.n;
	}
	choose_offsets(s, groups);
	qsort(s->words, s->n, sizeof(*s->words), cmp_window);
	for (size_t i = s->n; i-- > 0;) { /* backwards, so that chains are in order */
		struct qf_needles_word *w = &s->words[i], **chain = &s->shorter;

		add_bits(s, w, (unsigned char)(1 << i * 8 / s->n));
		if (w->text.n >= WINDOW)
			chain = &s->slots[slot(window((const unsigned char *)w->text.p + w->offset))];
		w->next = *chain;
		*chain = w;
	}
	s->way = qf_needles_plain;
	if (!qf_needles_use(s, "avx2"))
		qf_needles_use(s, "ssse3");
	return s;
}

void qf_needles_free(struct qf_needles *s)
{
	if (!s)
		return;
	free(s->words);
	free(s);
}

size_t qf_needles_longest(const struct qf_needles *s)
{
	return s->longest;
}

/* ---- comparing ---- */

static bool equal(const struct qf_needles_word *w, const unsigned char *p)
{
	const unsigned char *text = (const unsigned char *)w->text.p;

	if (!w->fold)
		return memcmp(p, text, w->text.n) == 0;
	for (size_t i = 0; i < w->text.n; i++)
		if (fold(p[i]) != fold(text[i]))
			return false;
	return true;
}

static bool matches(const struct qf_needles_word *w, const unsigned char *p, size_t at, size_t lo, size_t hi)
{
	return at >= lo + w->offset && at - w->offset + w->text.n <= hi && equal(w, p + at - w->offset);
}

bool qf_needles_at(const struct qf_needles *s, const unsigned char *p, size_t at, size_t lo, size_t hi)
{
	if (!p[at])
		return true;
	for (const struct qf_needles_word *w = s->slots[slot(window(p + at))]; w; w = w->next)
		if (matches(w, p, at, lo, hi))
			return true;
	for (const struct qf_needles_word *w = s->shorter; w; w = w->next)
		if (matches(w, p, at, lo, hi))
			return true;
	return false;
}

static void tell(const struct qf_needles_word *w, size_t at, struct qf_match *m, unsigned *n)
{
	size_t start = at - w->offset, end = start + w->text.n;
	unsigned i = 0;

	while (i < *n && m[i].group != w->group)
		i++;
	if (i == *n)
		++*n;
	else if (m[i].end >= end)
		return;
	m[i] = (struct qf_match){ .start = start, .end = end, .group = w->group, .id = w->id };
}

size_t qf_needles_next(const struct qf_needles *s, const char *text, size_t from, size_t to, size_t lo, size_t hi,
		       struct qf_match *m, unsigned *n)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t at = from < to ? s->way(s, p, from, to, lo, hi) : to;

	*n = 0;
	if (at >= to || !p[at])
		return at;
	for (const struct qf_needles_word *w = s->slots[slot(window(p + at))]; w; w = w->next)
		if (matches(w, p, at, lo, hi))
			tell(w, at, m, n);
	for (const struct qf_needles_word *w = s->shorter; w; w = w->next)
		if (matches(w, p, at, lo, hi))
			tell(w, at, m, n);
	return at;
}

size_t qf_needles_plain(const struct qf_needles *s, const unsigned char *p, size_t from, size_t to, size_t lo,
			size_t hi)
{
	for (size_t at = from; at < to; at++)
		if (!p[at] || (s->any[0][p[at]] & s->any[1][p[at + 1]] & s->any[2][p[at + 2]]))
			if (qf_needles_at(s, p, at, lo, hi))
				return at;
	return to;
}

bool qf_needles_use(struct qf_needles *s, const char *way)
{
#ifdef __x86_64__
	if (strcmp(way, "avx2") == 0 && __builtin_cpu_supports("avx2")) {
		s->way = qf_needles_avx2;
		return true;
	}
	if (strcmp(way, "ssse3") == 0 && __builtin_cpu_supports("ssse3")) {
		s->way = qf_needles_ssse3;
		return true;
	}
#endif
	if (strcmp(way, "plain") != 0)
		return false;
	s->way = qf_needles_plain;
	return true;
}
