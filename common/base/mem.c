#include "common/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *checked(void *p)
{
	static const char message[] =
		"fortress: error: out of memory; run again with fewer --jobs or smaller batches\n";

	if (!p) {
		if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
			_exit(75);
		_exit(75);
	}
	return p;
}

void *qf_malloc(size_t n)
{
	return checked(malloc(n ? n : 1));
}

void *qf_calloc(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *qf_realloc(void *p, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		n = (size_t)-1;
	return checked(realloc(p, n ? n : 1));
}

char *qf_strdup(const char *s)
{
	return checked(strdup(s));
}

char *qf_strndup(const char *s, size_t n)
{
	char *copy = qf_malloc(n + 1);

	if (n)
		memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *qf_asprintf(const char *fmt, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	return checked(n < 0 ? NULL : text);
}

void qf_free_ptr(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}
