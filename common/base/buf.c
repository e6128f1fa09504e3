#include "common/base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void qf_buf_grow(struct qf_buf *b, size_t more)
{
	size_t want = b->n + more, cap = b->cap ? b->cap : 256;

	while (cap < want)
		cap += cap < (64u << 20) ? cap : cap / 4;
	b->p = qf_realloc(b->p, cap, 1);
	b->cap = cap;
}

void qf_buf_puts(struct qf_buf *b, const char *s)
{
	qf_buf_add(b, s, strlen(s));
}

void qf_buf_printf(struct qf_buf *b, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n <= 0)
		return;
	qf_buf_room(b, (size_t)n + 1);
	va_start(args, fmt);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, args);
	va_end(args);
	b->n += (size_t)n;
}

void qf_buf_add_u64(struct qf_buf *b, uint64_t v)
{
	char text[20], *p = text + sizeof(text);

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	qf_buf_add(b, p, (size_t)(text + sizeof(text) - p));
}

void qf_buf_add_i64(struct qf_buf *b, int64_t v)
{
	if (v < 0)
		qf_buf_addc(b, '-');
	qf_buf_add_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}
