/* Base64 of RFC 4648 section 4, padded, one line. */
#ifndef QF_DATA_BASE64_H
#define QF_DATA_BASE64_H

#include <stddef.h>
#include <sys/types.h>

#define QF_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes QF_BASE64_LEN(n) characters, no NUL. */
void qf_base64_encode(char *out, const void *in, size_t n);
/*
 * Decodes exactly; out needs n / 4 * 3 bytes. Returns the number of bytes, or -1 for a foreign
 * character, wrong padding, or set bits that no byte uses.
 */
ssize_t qf_base64_decode(void *out, const char *in, size_t n);

#endif
