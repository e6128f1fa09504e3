/* Bytes of text: counting, encodings. */
#ifndef QF_ALIGN_TEXT_H
#define QF_ALIGN_TEXT_H

#include <stdint.h>

#include "common/base/buf.h"

/* Line feeds in n bytes. */
size_t qf_text_lines(const char *p, size_t n);
/* Characters of UTF-8: bytes that do not go on with one. */
size_t qf_text_chars(const char *p, size_t n);
/* The bytes as UTF-8 if valid says that they are, else each as the latin-1 character of that number. */
void qf_text_add(struct qf_buf *out, const char *p, size_t n, bool valid);

/* A stream of UTF-16 that becomes UTF-8. Zero-initialise, set big. */
struct qf_utf16 {
	bool big;
	bool half;	   /* one byte of a unit has come */
	unsigned char first;
	uint32_t lead;	   /* a high surrogate whose partner is to come, or 0 */
};
/*
 * At most 3 bytes for each 2 of input and 6 more. What is no pair of surrogates becomes U+FFFD.
 * Returns the bytes written.
 */
size_t qf_utf16_add(struct qf_utf16 *u, const char *in, size_t n, char *out);
/* What is left at the end: at most 6 bytes. */
size_t qf_utf16_end(struct qf_utf16 *u, char *out);

#endif
