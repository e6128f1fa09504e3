/* Words in one pass, by each way that this processor has, against a plain search. */
#include <strings.h>

#include "tests/unit/unit.h"
#include "tools/align/scan/needles.h"

static const char *const ways[] = { "plain", "ssse3", "avx2" };

static bool word_at(const struct qf_needle *w, const char *p, size_t at, size_t hi)
{
	if (w->text.n > hi - at)
		return false;
	return w->fold ? strncasecmp(p + at, w->text.p, w->text.n) == 0 : memcmp(p + at, w->text.p, w->text.n) == 0;
}

/* The longest word of a group at this start, or 0. */
static size_t longest_at(const struct qf_needle *w, size_t n, unsigned group, const char *p, size_t at, size_t hi)
{
	size_t best = 0;

	for (size_t i = 0; i < n; i++)
		if (w[i].group == group && word_at(&w[i], p, at, hi) && w[i].text.n > best)
			best = w[i].text.n;
	return best;
}

START_TEST(words_against_a_plain_search)
{
	static const char letters[] = "aAbB_.1\xe9";
	uint64_t seed = 1;

	for (int round = 0; round < 3000; round++) {
		char text[300 + QF_NEEDLES_SLACK] = { 0 }, words[6][9];
		size_t n = unit_random(&seed) % 300, lo = unit_random(&seed) % (n + 1), hi = n;
		struct qf_needle list[6];
		struct qf_needles *s;
		size_t n_words = 1 + unit_random(&seed) % 6;

		for (size_t i = 0; i < n; i++)
			text[i] = letters[unit_random(&seed) % (sizeof(letters) - 1)];
		if (n && unit_random(&seed) % 4 == 0)
			text[unit_random(&seed) % n] = '\0';
		for (size_t i = 0; i < n_words; i++) {
			size_t len = 1 + unit_random(&seed) % 5;

			for (size_t k = 0; k < len; k++)
				words[i][k] = letters[unit_random(&seed) % (sizeof(letters) - 1)];
			list[i] = (struct qf_needle){ .text = { words[i], len }, .fold = unit_random(&seed) % 2,
						      .group = (unsigned)(unit_random(&seed) % 3), .id = (unsigned)i };
		}
		s = qf_needles_new(list, n_words, 3);
		for (size_t w = 0; w < QF_LEN(ways); w++) {
			size_t expected[3] = { lo, lo, lo }, at = lo;
			struct qf_match m[3];
			unsigned found;

			if (!qf_needles_use(s, ways[w]))
				continue;
			while ((at = qf_needles_next(s, text, at, hi, lo, hi, m, &found)) < hi) {
				if (!found) {
					ck_assert_int_eq(text[at], '\0');
					break;
				}
				for (unsigned i = 0; i < found; i++) {
					size_t *next = &expected[m[i].group];

					/* No match of the group was passed over. */
					for (; *next < m[i].start; ++*next)
						ck_assert(!longest_at(list, n_words, m[i].group, text, *next, hi));
					ck_assert_uint_eq(m[i].end - m[i].start,
							  longest_at(list, n_words, m[i].group, text, m[i].start, hi));
					*next = m[i].start + 1;
				}
				at++;
			}
			if (at < hi)
				continue; /* a NUL: what follows is not asked for */
			for (unsigned g = 0; g < 3; g++)
				for (; expected[g] < hi; expected[g]++)
					ck_assert_uint_eq(longest_at(list, n_words, g, text, expected[g], hi), 0);
		}
		qf_needles_free(s);
	}
}
END_TEST

/* What is compared is bounded by lo and hi, also where the bytes around would fit. */
START_TEST(words_stay_inside)
{
	struct qf_needle word = { .text = QF_STR("snowflake"), .fold = true };
	struct qf_needles *s = qf_needles_new(&word, 1, 1);
	char text[32 + QF_NEEDLES_SLACK] = "....snowflake...";
	struct qf_match m;
	unsigned n;

	ck_assert_uint_eq(qf_needles_longest(s), 9);
	for (size_t w = 0; w < QF_LEN(ways); w++) {
		if (!qf_needles_use(s, ways[w]))
			continue;
		ck_assert_uint_lt(qf_needles_next(s, text, 0, 16, 0, 16, &m, &n), 16);
		ck_assert_uint_eq(m.start, 4);
		ck_assert_uint_eq(m.end, 13);
		ck_assert_uint_eq(qf_needles_next(s, text, 0, 16, 5, 16, &m, &n), 16);
		ck_assert_uint_eq(qf_needles_next(s, text, 0, 12, 0, 12, &m, &n), 12);
	}
	qf_needles_free(s);
}
END_TEST

UNIT_MAIN("align_needles", 300, words_against_a_plain_search, words_stay_inside)
