/* Digests whose values the outside world knows: SHA-256 (FIPS 180-4), MD5 (RFC 1321), HMAC (RFC 2104). */
#ifndef QF_BASE_DIGEST_H
#define QF_BASE_DIGEST_H

#include <stdint.h>

#include "common/base/str.h"

enum qf_digest_type { QF_DIGEST_MD5, QF_DIGEST_SHA256 };

enum { QF_DIGEST_MAX = 32 }; /* bytes of the longest */

/* Bytes of a digest: 16 or 32. */
size_t qf_digest_size(enum qf_digest_type type);

struct qf_digest {
	enum qf_digest_type type;
	uint32_t state[8];
	uint64_t n; /* bytes so far */
	uint8_t block[64];
};

void qf_digest_init(struct qf_digest *d, enum qf_digest_type type);
void qf_digest_add(struct qf_digest *d, const void *p, size_t n);
/* Writes qf_digest_size bytes. */
void qf_digest_end(struct qf_digest *d, uint8_t *out);

void qf_digest(enum qf_digest_type type, struct qf_str data, uint8_t *out);
void qf_hmac(enum qf_digest_type type, struct qf_str key, struct qf_str data, uint8_t *out);

#endif
