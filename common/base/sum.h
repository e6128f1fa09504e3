/* Digests whose values the outside world knows: SHA-256 (FIPS 180-4), MD5 (RFC 1321), HMAC (RFC 2104). */
#ifndef QF_BASE_SUM_H
#define QF_BASE_SUM_H

#include <stdint.h>

#include "common/base/str.h"

enum qf_sum_type { QF_SUM_MD5, QF_SUM_SHA256 };

enum { QF_SUM_MAX = 32 }; /* bytes of the longest */

/* Bytes of a digest: 16 or 32. */
size_t qf_sum_size(enum qf_sum_type type);

struct qf_sum {
	enum qf_sum_type type;
	uint32_t state[8];
	uint64_t n; /* bytes so far */
	uint8_t block[64];
};

void qf_sum_init(struct qf_sum *d, enum qf_sum_type type);
void qf_sum_add(struct qf_sum *d, const void *p, size_t n);
/* Writes qf_sum_size bytes. */
void qf_sum_end(struct qf_sum *d, uint8_t *out);

void qf_sum(enum qf_sum_type type, struct qf_str data, uint8_t *out);
void qf_hmac(enum qf_sum_type type, struct qf_str key, struct qf_str data, uint8_t *out);

#endif
