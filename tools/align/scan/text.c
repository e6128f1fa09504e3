/* Counting and encodings. */
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "tools/align/scan/text.h"

#ifdef __SSE2__
/* Sum of the bytes of 16 counters that count downwards. */
static size_t sum(__m128i counters)
{
	__m128i parts = _mm_sad_epu8(_mm_sub_epi8(_mm_setzero_si128(), counters), _mm_setzero_si128());

	return (size_t)_mm_cvtsi128_si64(parts) + (size_t)_mm_cvtsi128_si64(_mm_srli_si128(parts, 8));
}
#endif

size_t qf_text_lines(const char *p, size_t n)
{
	size_t count = 0, i = 0;

#ifdef __SSE2__
	const __m128i feed = _mm_set1_epi8('\n');

	while (n - i >= 16) {
		__m128i counters = _mm_setzero_si128();

		for (int k = 0; k < 255 && n - i >= 16; k++, i += 16)
			counters = _mm_add_epi8(
				counters, _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(p + i)), feed));
		count += sum(counters);
	}
#endif
	for (; i < n; i++)
		count += p[i] == '\n';
	return count;
}

size_t qf_text_chars(const char *p, size_t n)
{
	size_t count = 0, i = 0;

#ifdef __SSE2__
	/* As signed numbers 0x80..0xbf are those below -64. */
	const __m128i limit = _mm_set1_epi8(-65);

	while (n - i >= 16) {
		__m128i counters = _mm_setzero_si128();

		for (int k = 0; k < 255 && n - i >= 16; k++, i += 16)
			counters = _mm_add_epi8(
				counters, _mm_cmpgt_epi8(_mm_loadu_si128((const __m128i *)(p + i)), limit));
		count += sum(counters);
	}
#endif
	for (; i < n; i++)
		count += ((unsigned char)p[i] & 0xc0) != 0x80;
	return count;
}

void qf_text_add(struct qf_buf *out, const char *p, size_t n, bool valid)
{
	if (valid) {
		qf_buf_add(out, p, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		out->n += qf_utf8_put(qf_buf_room(out, 4), (unsigned char)p[i]);
}

enum { REPLACEMENT = 0xfffd };

static size_t unit(struct qf_utf16 *u, uint32_t c, char *out)
{
	uint32_t lead = u->lead;
	size_t n = 0;

	u->lead = 0;
	if (lead && c >= 0xdc00 && c < 0xe000)
		return qf_utf8_put(out, 0x10000 + ((lead - 0xd800) << 10) + (c - 0xdc00));
	if (lead)
		n = qf_utf8_put(out, REPLACEMENT);
	if (c >= 0xd800 && c < 0xdc00) {
		u->lead = c;
		return n;
	}
	return n + qf_utf8_put(out + n, c >= 0xdc00 && c < 0xe000 ? REPLACEMENT : c);
}

size_t qf_utf16_add(struct qf_utf16 *u, const char *in, size_t n, char *out)
{
	size_t made = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)in[i];

		u->half = !u->half;
		if (u->half)
			u->first = c;
		else
			made += unit(u, u->big ? (uint32_t)u->first << 8 | c : (uint32_t)c << 8 | u->first, out + made);
	}
	return made;
}

size_t qf_utf16_end(struct qf_utf16 *u, char *out)
{
	size_t n = 0;

	if (u->lead)
		n += qf_utf8_put(out, REPLACEMENT);
	if (u->half)
		n += qf_utf8_put(out + n, REPLACEMENT);
	*u = (struct qf_utf16){ .big = u->big };
	return n;
}
