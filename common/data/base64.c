#include "common/data/base64.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Two characters for 12 bits, and for each of a quad's four characters its bits in place: half
 * the look-ups of the plain way. BAD marks foreign characters. */
static char pairs[4096][2];
static uint32_t bits[4][256];
enum { BAD = 0x01000000 };

__attribute__((constructor)) static void fill_tables(void)
{
	for (int i = 0; i < 4096; i++) {
		pairs[i][0] = alphabet[i >> 6];
		pairs[i][1] = alphabet[i & 63];
	}
	for (int k = 0; k < 4; k++) {
		for (int i = 0; i < 256; i++)
			bits[k][i] = BAD;
		for (uint32_t i = 0; i < 64; i++)
			bits[k][(unsigned char)alphabet[i]] = i << (18 - 6 * k);
	}
}

void qf_base64_encode(char *out, const void *in, size_t n)
{
	const unsigned char *p = in;
	unsigned v;

	for (; n >= 3; n -= 3, p += 3, out += 4) {
		v = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
		memcpy(out, pairs[v >> 12], 2);
		memcpy(out + 2, pairs[v & 4095], 2);
	}
	if (n) {
		v = (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0);
		memcpy(out, pairs[v >> 12], 2);
		out[2] = n > 1 ? alphabet[v >> 6 & 63] : '=';
		out[3] = '=';
	}
}

ssize_t qf_base64_decode(void *out, const char *in, size_t n)
{
	const unsigned char *p = (const unsigned char *)in;
	unsigned char *at = out;
	uint32_t v, seen = 0;
	size_t quads;

	if (n % 4)
		return -1;
	if (n == 0)
		return 0;
	/* The last quad apart: only it may hold padding. */
	for (quads = n / 4 - 1; quads; quads--, p += 4, at += 3) {
		v = bits[0][p[0]] | bits[1][p[1]] | bits[2][p[2]] | bits[3][p[3]];
		seen |= v;
		at[0] = (unsigned char)(v >> 16);
		at[1] = (unsigned char)(v >> 8);
		at[2] = (unsigned char)v;
	}
	v = bits[0][p[0]] | bits[1][p[1]];
	if (p[3] != '=') {
		v |= bits[2][p[2]] | bits[3][p[3]];
		at[0] = (unsigned char)(v >> 16);
		at[1] = (unsigned char)(v >> 8);
		at[2] = (unsigned char)v;
		at += 3;
	} else if (p[2] != '=') {
		v |= bits[2][p[2]];
		if (v & 0xff)
			return -1;
		at[0] = (unsigned char)(v >> 16);
		at[1] = (unsigned char)(v >> 8);
		at += 2;
	} else {
		if (v & 0xffff)
			return -1;
		at[0] = (unsigned char)(v >> 16);
		at += 1;
	}
	if ((seen | v) & BAD)
		return -1;
	return at - (unsigned char *)out;
}
