/*
 * Heap memory. A process that runs out of it cannot finish its work, so these end it with one
 * line and status 75 (run again, with less in flight): no caller has a failure path to get wrong,
 * and since completion is a statement in the stream, an early end is never taken for success.
 */
#ifndef QF_BASE_MEM_H
#define QF_BASE_MEM_H

#include <stddef.h>

#include "common/base/str.h"

/* n bytes, at least 1; never NULL. Free with free(). */
void *qf_malloc(size_t n) __attribute__((malloc, returns_nonnull));
/* count * size zeroed bytes; never NULL, overflow checked. */
void *qf_calloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/* An array grown to count * size bytes; never NULL, overflow checked. */
void *qf_realloc(void *p, size_t count, size_t size) __attribute__((returns_nonnull));
char *qf_strdup(const char *s) __attribute__((malloc, returns_nonnull));
/* The slice as a NUL-terminated copy. */
char *qf_strndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
/* printf into fresh memory. */
char *qf_asprintf(const char *fmt, ...) QF_PRINTF(1, 2) __attribute__((returns_nonnull));

/* Locals that free themselves: QF_AUTO_FREE char *name = qf_strdup(x); */
void qf_free_ptr(void *pointer_to_pointer);
#define QF_AUTO_FREE __attribute__((cleanup(qf_free_ptr)))

/*
 * Make room for one more element in a growing array: doubles *cap when n == *cap.
 * QF_GROW(array, n, cap) with array a pointer lvalue, cap a size_t lvalue.
 */
#define QF_GROW(array, n, cap) \
	do { \
		if ((n) == (cap)) { \
			(cap) = (cap) ? 2 * (cap) : 8; \
			(array) = qf_realloc((array), (cap), sizeof(*(array))); \
		} \
	} while (0)

#endif
