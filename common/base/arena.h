/* Memory that is freed at once. What a record points to lives in its batch's arena. */
#ifndef QF_BASE_ARENA_H
#define QF_BASE_ARENA_H

#include <stddef.h>

#include "common/base/str.h"

struct qf_arena_block;

/* Zero-initialise, then use. */
struct qf_arena {
	struct qf_arena_block *blocks; /* newest first */
	char *at, *end;
};

/* Slow path of qf_arena_alloc. */
void *qf_arena_more(struct qf_arena *a, size_t n);

/* n bytes, aligned for anything, not zeroed; valid until reset or release. */
static inline void *qf_arena_alloc(struct qf_arena *a, size_t n)
{
	char *p = a->at;

	n = (n + 15) & ~(size_t)15;
	if ((size_t)(a->end - p) < n)
		return qf_arena_more(a, n);
	a->at = p + n;
	return p;
}

/* Zeroed. */
void *qf_arena_zalloc(struct qf_arena *a, size_t n);
/* A copy of the bytes, with a NUL behind them that the slice does not count. */
struct qf_str qf_arena_dup(struct qf_arena *a, const void *p, size_t n);
static inline struct qf_str qf_arena_dup_str(struct qf_arena *a, struct qf_str s)
{
	return s.p ? qf_arena_dup(a, s.p, s.n) : s;
}
struct qf_str qf_arena_printf(struct qf_arena *a, const char *fmt, ...) QF_PRINTF(2, 3);

/* Forgets everything; keeps one block (at most 1 MiB) for what comes next. */
void qf_arena_reset(struct qf_arena *a);
void qf_arena_release(struct qf_arena *a);
/* Takes all memory of `from`, which is empty after: what pointed into it stays valid as long as a. */
void qf_arena_merge(struct qf_arena *a, struct qf_arena *from);
#define QF_AUTO_ARENA __attribute__((cleanup(qf_arena_release)))

#endif
