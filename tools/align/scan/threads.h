/* A handful of threads that do the same work until none is left. */
#ifndef QF_ALIGN_THREADS_H
#define QF_ALIGN_THREADS_H

#include <stddef.h>

/* One for each processor that this process may use, at most 8. */
unsigned qf_threads_count(void);

/*
 * Calls work(item i of `size` bytes in items) on n threads, the caller's among them, and waits for
 * all. Where the system gives fewer threads, the caller does the remaining items one after the other:
 * work must end by itself for each.
 */
void qf_threads_run(unsigned n, void (*work)(void *item), void *items, size_t size);

#endif
