/*
 * A string slice: a pointer and a length, not NUL-terminated, owned by somebody else.
 * JSON strings may hold NUL, so nothing of the user's data travels as a C string.
 */
#ifndef QF_BASE_STR_H
#define QF_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define QF_CHECK __attribute__((warn_unused_result))
#define QF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define QF_LEN(array) (sizeof(array) / sizeof((array)[0]))

struct qf_str {
	const char *p;
	size_t n;
};

/* A slice of a string literal. */
#define QF_STR(literal) ((struct qf_str){ (literal), sizeof(literal) - 1 })

/* For printf's "%.*s". The length is cut so that a hostile one cannot flood a message. */
#define QF_STR_ARG(s) ((int)((s).n > 512 ? 512 : (s).n)), ((s).p ? (s).p : "")

/* A slice of a C string; NULL gives the null slice (p == NULL). */
static inline struct qf_str qf_str(const char *c)
{
	return (struct qf_str){ c, c ? strlen(c) : 0 };
}

/* Equal bytes. A null slice equals an empty one; ask for p where "absent" matters. */
static inline bool qf_str_eq(struct qf_str a, struct qf_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool qf_str_is(struct qf_str a, const char *c)
{
	return qf_str_eq(a, qf_str(c));
}

static inline bool qf_str_starts(struct qf_str a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.n >= n && (n == 0 || memcmp(a.p, prefix, n) == 0);
}

/* Byte order, shorter first when one is the other's beginning. */
int qf_str_cmp(struct qf_str a, struct qf_str b);

/*
 * The name in names[0..n) nearest to what was typed, by edit distance, or NULL when none is near
 * (distance above a third of the length). For "did you mean" hints.
 */
const char *qf_str_nearest(const char *typed, const char *const *names, size_t n);

/* Is it valid UTF-8 (no surrogates, nothing above U+10FFFF, no overlong form)? */
bool qf_utf8_valid(const char *p, size_t n);
/* Writes a code point up to U+10FFFF, a surrogate like any other; returns its bytes, 1 to 4. */
size_t qf_utf8_put(char out[4], uint32_t c);

/*
 * "12", "64k", "4MiB", "2GB": a number of bytes. Suffixes k, M, G, T are powers of 1024 with or
 * without iB or B. Returns 0 and sets *ret, or -1 where the text is no size or does not fit.
 */
int qf_parse_size(const char *text, unsigned long long *ret) QF_CHECK;

/* A whole unsigned decimal number with nothing around it, or -1. */
int qf_parse_uint(const char *text, unsigned long long *ret) QF_CHECK;

#endif
