#include "common/base/retry.h"

#include <time.h>

/* splitmix64: good enough to spread clients, and repeatable in tests. */
static double uniform(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

double qf_retry_next(struct qf_retry *r, double retry_after)
{
	double high, wait;

	if (r->attempt >= r->max)
		return -1;
	r->attempt++;
	high = 3 * (r->last > r->base ? r->last : r->base);
	wait = r->base + uniform(&r->seed) * (high - r->base);
	if (wait > r->cap)
		wait = r->cap;
	r->last = wait;
	return wait > retry_after ? wait : retry_after;
}

void qf_retry_reset(struct qf_retry *r)
{
	r->attempt = 0;
	r->last = 0;
}

double qf_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
