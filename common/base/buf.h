/* Growing bytes with a hard cap. */
#ifndef QF_BASE_BUF_H
#define QF_BASE_BUF_H

#include <stdint.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/str.h"

/* Zero-initialise, then use. The bytes are not NUL-terminated; qf_buf_cstr adds one. */
struct qf_buf {
	char *p;
	size_t n, cap;
};

static inline void qf_buf_release(struct qf_buf *b)
{
	free(b->p);
	*b = (struct qf_buf){ 0 };
}

static inline void qf_buf_reset(struct qf_buf *b)
{
	b->n = 0;
}

/* Slow path of qf_buf_room. */
void qf_buf_grow(struct qf_buf *b, size_t more);

/* Room for `more` bytes behind the end; returns where they go. Advance n yourself. */
static inline char *qf_buf_room(struct qf_buf *b, size_t more)
{
	if (b->cap - b->n < more)
		qf_buf_grow(b, more);
	return b->p + b->n;
}

static inline void qf_buf_add(struct qf_buf *b, const void *p, size_t n)
{
	if (n) {
		memcpy(qf_buf_room(b, n), p, n);
		b->n += n;
	}
}

static inline void qf_buf_add_str(struct qf_buf *b, struct qf_str s)
{
	qf_buf_add(b, s.p, s.n);
}

static inline void qf_buf_addc(struct qf_buf *b, char c)
{
	*qf_buf_room(b, 1) = c;
	b->n++;
}

/* Adds a string literal. */
#define QF_BUF_LIT(b, literal) qf_buf_add((b), (literal), sizeof(literal) - 1)

void qf_buf_puts(struct qf_buf *b, const char *s);
void qf_buf_printf(struct qf_buf *b, const char *fmt, ...) QF_PRINTF(2, 3);
void qf_buf_add_u64(struct qf_buf *b, uint64_t v);
void qf_buf_add_i64(struct qf_buf *b, int64_t v);

/* The bytes as a C string; valid until the next change. */
static inline const char *qf_buf_cstr(struct qf_buf *b)
{
	*qf_buf_room(b, 1) = '\0';
	return b->p;
}

static inline struct qf_str qf_buf_str(const struct qf_buf *b)
{
	return (struct qf_str){ b->p, b->n };
}

#define QF_AUTO_BUF __attribute__((cleanup(qf_buf_release)))

#endif
