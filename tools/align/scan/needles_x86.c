/* The search of 16 or 32 places at once. Where the processor can do neither, needles.c has the plain way. */
#include "tools/align/scan/needles_parts.h"

#ifdef __x86_64__
#include <immintrin.h>

/*
 * In a byte of the answer each set of words that may stand there has its bit; a NUL gives a byte that
 * is not zero too.
 */
__attribute__((target("avx2"))) static inline __m256i look_avx2(const unsigned char *p, const __m256i *low,
								const __m256i *high)
{
	const __m256i half = _mm256_set1_epi8(0x0f);
	__m256i x = _mm256_loadu_si256((const __m256i *)p), all, nul = _mm256_cmpeq_epi8(x, _mm256_setzero_si256());

	all = _mm256_and_si256(_mm256_shuffle_epi8(low[0], _mm256_and_si256(x, half)),
			       _mm256_shuffle_epi8(high[0], _mm256_and_si256(_mm256_srli_epi16(x, 4), half)));
	for (int k = 1; k < WINDOW; k++) {
		x = _mm256_loadu_si256((const __m256i *)(p + k));
		all = _mm256_and_si256(all, _mm256_shuffle_epi8(low[k], _mm256_and_si256(x, half)));
		all = _mm256_and_si256(all, _mm256_shuffle_epi8(high[k],
								_mm256_and_si256(_mm256_srli_epi16(x, 4), half)));
	}
	return _mm256_or_si256(all, nul);
}

__attribute__((target("avx2"))) size_t qf_needles_avx2(const struct qf_needles *s, const unsigned char *p, size_t from,
						       size_t to, size_t lo, size_t hi)
{
	__m256i low[WINDOW], high[WINDOW];

	for (int k = 0; k < WINDOW; k++) {
		low[k] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)s->low[k]));
		high[k] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)s->high[k]));
	}
	for (size_t at = from; at < to; at += 32) {
		__m256i all = look_avx2(p + at, low, high);
		unsigned mask;

		if (_mm256_testz_si256(all, all))
			continue;
		mask = ~(unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(all, _mm256_setzero_si256()));
		for (; mask; mask &= mask - 1) {
			size_t place = at + (unsigned)__builtin_ctz(mask);

			if (place >= to)
				return to;
			if (qf_needles_at(s, p, place, lo, hi))
				return place;
		}
	}
	return to;
}

__attribute__((target("ssse3"))) size_t qf_needles_ssse3(const struct qf_needles *s, const unsigned char *p, size_t from,
							 size_t to, size_t lo, size_t hi)
{
	const __m128i half = _mm_set1_epi8(0x0f), zero = _mm_setzero_si128();
	__m128i low[WINDOW], high[WINDOW];

	for (int k = 0; k < WINDOW; k++) {
		low[k] = _mm_loadu_si128((const __m128i *)s->low[k]);
		high[k] = _mm_loadu_si128((const __m128i *)s->high[k]);
	}
	for (size_t at = from; at < to; at += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(p + at)), nul = _mm_cmpeq_epi8(x, zero),
			all = _mm_set1_epi8(-1);
		unsigned mask;

		for (int k = 0; k < WINDOW; k++) {
			x = _mm_loadu_si128((const __m128i *)(p + at + k));
			all = _mm_and_si128(all, _mm_shuffle_epi8(low[k], _mm_and_si128(x, half)));
			all = _mm_and_si128(all, _mm_shuffle_epi8(high[k], _mm_and_si128(_mm_srli_epi16(x, 4), half)));
		}
		mask = 0xffff & ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_or_si128(all, nul), zero));
		for (; mask; mask &= mask - 1) {
			size_t place = at + (unsigned)__builtin_ctz(mask);

			if (place >= to)
				return to;
			if (qf_needles_at(s, p, place, lo, hi))
				return place;
		}
	}
	return to;
}
#endif
