#include "common/base/sum.h"

size_t qf_sum_size(enum qf_sum_type type)
{
	return type == QF_SUM_MD5 ? 16 : 32;
}

void qf_sum_init(struct qf_sum *d, enum qf_sum_type type)
{
	static const uint32_t md5[] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	static const uint32_t sha256[] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	*d = (struct qf_sum){ .type = type };
	if (type == QF_SUM_MD5)
		memcpy(d->state, md5, sizeof(md5));
	else
		memcpy(d->state, sha256, sizeof(sha256));
}

static uint32_t left(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static uint32_t right(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

/* The integers of 2^32 times |sin(1)|, |sin(2)|, .. |sin(64)|. */
static const uint32_t md5_sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
	0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
	0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static void md5_block(uint32_t state[8], const uint8_t *p)
{
	static const int turns[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], word[16];

	for (int i = 0; i < 16; i++, p += 4)
		word[i] = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	for (int i = 0; i < 64; i++) {
		uint32_t f, next;
		int w;

		switch (i / 16) {
		case 0:
			f = (b & c) | (~b & d);
			w = i;
			break;
		case 1:
			f = (d & b) | (~d & c);
			w = (5 * i + 1) % 16;
			break;
		case 2:
			f = b ^ c ^ d;
			w = (3 * i + 5) % 16;
			break;
		default:
			f = c ^ (b | ~d);
			w = 7 * i % 16;
		}
		next = b + left(a + f + md5_sines[i] + word[w], turns[i / 16][i % 4]);
		a = d;
		d = c;
		c = b;
		b = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t sha256_roots[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static void sha256_block(uint32_t state[8], const uint8_t *p)
{
	uint32_t w[64], v[8];

	for (int i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
	for (int i = 16; i < 64; i++) {
		uint32_t x = w[i - 15], y = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] + (right(x, 7) ^ right(x, 18) ^ x >> 3) +
		       (right(y, 17) ^ right(y, 19) ^ y >> 10);
	}
	memcpy(v, state, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t a = v[0], e = v[4];
		uint32_t one = v[7] + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & v[5]) ^ (~e & v[6])) +
			       sha256_roots[i] + w[i];
		uint32_t two = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(*v));
		v[4] += one;
		v[0] = one + two;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

static void add_block(struct qf_sum *d, const uint8_t *p)
{
	if (d->type == QF_SUM_MD5)
		md5_block(d->state, p);
	else
		sha256_block(d->state, p);
}

void qf_sum_add(struct qf_sum *d, const void *data, size_t n)
{
	size_t have = d->n % sizeof(d->block), room = sizeof(d->block) - have;
	const uint8_t *p = data;

	d->n += n;
	if (have && n >= room) {
		memcpy(d->block + have, p, room);
		add_block(d, d->block);
		p += room;
		n -= room;
		have = 0;
	}
	for (; !have && n >= sizeof(d->block); p += sizeof(d->block), n -= sizeof(d->block))
		add_block(d, p);
	if (n)
		memcpy(d->block + have, p, n);
}

void qf_sum_end(struct qf_sum *d, uint8_t *out)
{
	static const uint8_t pad[64] = { 0x80 };
	bool little = d->type == QF_SUM_MD5;
	uint64_t bits = 8 * d->n;
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[little ? i : 7 - i] = (uint8_t)(bits >> 8 * i);
	qf_sum_add(d, pad, 1 + (119 - d->n % 64) % 64);
	qf_sum_add(d, length, 8);
	for (size_t i = 0; i < qf_sum_size(d->type); i++)
		out[i] = (uint8_t)(d->state[i / 4] >> 8 * (little ? i % 4 : 3 - i % 4));
}

void qf_sum(enum qf_sum_type type, struct qf_str data, uint8_t *out)
{
	struct qf_sum d;

	qf_sum_init(&d, type);
	qf_sum_add(&d, data.p, data.n);
	qf_sum_end(&d, out);
}

void qf_hmac(enum qf_sum_type type, struct qf_str key, struct qf_str data, uint8_t *out)
{
	uint8_t pad[64] = { 0 }, inner[QF_SUM_MAX];
	struct qf_sum d;

	if (key.n > sizeof(pad))
		qf_sum(type, key, pad);
	else if (key.n)
		memcpy(pad, key.p, key.n);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	qf_sum_init(&d, type);
	qf_sum_add(&d, pad, sizeof(pad));
	qf_sum_add(&d, data.p, data.n);
	qf_sum_end(&d, inner);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	qf_sum_init(&d, type);
	qf_sum_add(&d, pad, sizeof(pad));
	qf_sum_add(&d, inner, qf_sum_size(type));
	qf_sum_end(&d, out);
}
