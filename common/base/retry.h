/* When to try again. Pure: clock and randomness come from the caller, so tests need no time. */
#ifndef QF_BASE_RETRY_H
#define QF_BASE_RETRY_H

#include <stdint.h>

struct qf_retry {
	double base, cap;  /* seconds: shortest and longest wait */
	unsigned max;	   /* tries after the first one */
	unsigned attempt;  /* tries made so far, 0 at the start */
	double last;	   /* the wait before this one */
	uint64_t seed;	   /* state of the jitter; set it to anything */
};

/*
 * Seconds to wait before the next try, or -1 when the budget is used up. Decorrelated jitter:
 * uniform between base and three times the last wait, at most cap. retry_after (seconds, 0 when
 * the server did not say) is a lower bound that cap does not cut.
 */
double qf_retry_next(struct qf_retry *r, double retry_after);

/* Back to the first try, after a success. */
void qf_retry_reset(struct qf_retry *r);

/* Seconds on a clock that never jumps. */
double qf_now(void);

#endif
