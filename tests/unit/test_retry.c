/* When to try again. */
#include "common/base/retry.h"
#include "tests/unit/unit.h"

START_TEST(waits_lie_in_bounds)
{
	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct qf_retry r = { .base = 0.5, .cap = 20, .max = 12, .seed = seed };
		double last = 0;

		for (unsigned i = 0; i < 12; i++) {
			double high = 3 * (last > 0.5 ? last : 0.5), wait = qf_retry_next(&r, 0);

			ck_assert(wait >= 0.5 && wait <= 20 && wait <= high + 1e-9);
			last = wait;
		}
		ck_assert(qf_retry_next(&r, 0) == -1);
		ck_assert(qf_retry_next(&r, 5) == -1);
	}
}
END_TEST

START_TEST(spreads_and_grows)
{
	double sum[8] = { 0 }, low = 1e9, high = 0;

	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct qf_retry r = { .base = 1, .cap = 1000, .max = 8, .seed = seed };

		for (int i = 0; i < 8; i++) {
			double wait = qf_retry_next(&r, 0);

			sum[i] += wait / 2000;
			if (i == 0) {
				low = wait < low ? wait : low;
				high = wait > high ? wait : high;
			}
		}
	}
	/* Clients that failed together must not come back together. */
	ck_assert(low < 1.1 && high > 2.9);
	for (int i = 1; i < 8; i++)
		ck_assert(sum[i] > sum[i - 1]);
}
END_TEST

START_TEST(the_server_s_word_is_a_lower_bound)
{
	struct qf_retry r = { .base = 0.1, .cap = 2, .max = 100, .seed = 7 };

	for (int i = 0; i < 50; i++)
		ck_assert(qf_retry_next(&r, 30) >= 30);
	/* It does not drive up our own waits. */
	for (int i = 0; i < 50; i++)
		ck_assert(qf_retry_next(&r, 0) <= 2);
}
END_TEST

START_TEST(reset_and_repeat)
{
	struct qf_retry a = { .base = 0.1, .cap = 5, .max = 3, .seed = 9 }, b = a;

	for (int i = 0; i < 3; i++)
		ck_assert(qf_retry_next(&a, 0) == qf_retry_next(&b, 0));
	ck_assert(qf_retry_next(&a, 0) == -1);
	qf_retry_reset(&a);
	ck_assert(qf_retry_next(&a, 0) <= 0.3);
	b = (struct qf_retry){ .base = 1, .cap = 1, .max = 0 };
	ck_assert(qf_retry_next(&b, 0) == -1);
}
END_TEST

START_TEST(the_clock_goes_forward)
{
	double before = qf_now(), after;

	usleep(20000);
	after = qf_now();
	ck_assert(after - before >= 0.019 && after - before < 5);
}
END_TEST

UNIT_MAIN("retry", 10, waits_lie_in_bounds, spreads_and_grows, the_server_s_word_is_a_lower_bound,
	  reset_and_repeat, the_clock_goes_forward)
