/* Memory that is freed at once. */
#include "common/base/arena.h"
#include "tests/unit/unit.h"

START_TEST(pieces_are_apart_and_aligned)
{
	QF_AUTO_ARENA struct qf_arena a = { 0 };
	enum { N = 4000 };
	static unsigned char *pieces[N];
	static size_t sizes[N];
	uint64_t seed = 1;
	size_t wrong = 0;

	for (int i = 0; i < N; i++) {
		sizes[i] = i % 100 == 0 ? unit_random(&seed) % (300 << 10) + 1 : unit_random(&seed) % 200 + 1;
		pieces[i] = qf_arena_alloc(&a, sizes[i]);
		ck_assert_uint_eq((uintptr_t)pieces[i] % 16, 0);
		memset(pieces[i], i & 255, sizes[i]);
	}
	for (int i = 0; i < N; i++)
		for (size_t k = 0; k < sizes[i]; k++)
			wrong += pieces[i][k] != (i & 255);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(large_first_piece)
{
	QF_AUTO_ARENA struct qf_arena a = { 0 };
	char *big = qf_arena_alloc(&a, 50 << 20), *small;

	memset(big, 1, 50 << 20);
	small = qf_arena_alloc(&a, 8);
	memset(small, 2, 8);
	ck_assert_int_eq(big[(50 << 20) - 1], 1);
	qf_arena_reset(&a);
	small = qf_arena_alloc(&a, 8);
	memset(small, 3, 8);
}
END_TEST

START_TEST(zeroed_and_copied)
{
	QF_AUTO_ARENA struct qf_arena a = { 0 };
	struct qf_str s;
	char *p;

	for (int i = 0; i < 3; i++) {
		memset(qf_arena_alloc(&a, 5000), 0xff, 5000);
		qf_arena_reset(&a);
		p = qf_arena_zalloc(&a, 5000);
		for (int k = 0; k < 5000; k++)
			ck_assert_int_eq(p[k], 0);
	}
	s = qf_arena_dup(&a, "a\0b", 3);
	ck_assert_uint_eq(s.n, 3);
	ck_assert_int_eq(memcmp(s.p, "a\0b", 4), 0);
	ck_assert_ptr_null(qf_arena_dup_str(&a, (struct qf_str){ 0 }).p);
	ck_assert_ptr_nonnull(qf_arena_dup_str(&a, QF_STR("")).p);
	s = qf_arena_printf(&a, "%s-%05d", "x", 42);
	ck_assert_str_eq(s.p, "x-00042");
	ck_assert_uint_eq(s.n, 7);
}
END_TEST

/* What is kept over a reset stays small, so that one huge record does not stay in memory. */
START_TEST(reset_keeps_one_small_block)
{
	QF_AUTO_ARENA struct qf_arena a = { 0 };
	char *first, *again;

	first = qf_arena_alloc(&a, 100);
	qf_arena_reset(&a);
	again = qf_arena_alloc(&a, 100);
	ck_assert_ptr_eq(first, again);
	for (int i = 0; i < 100; i++)
		memset(qf_arena_alloc(&a, 1 << 20), i, 1 << 20);
	memset(qf_arena_alloc(&a, 20 << 20), 1, 20 << 20);
	qf_arena_reset(&a);
	ck_assert_int_le(a.end - a.at, 1 << 20);
	qf_arena_release(&a);
	ck_assert_ptr_null(a.blocks);
	qf_arena_release(&a);
}
END_TEST

/* Pieces of either arena stay where they are, and the one that took goes on. */
START_TEST(merged)
{
	for (int had = 0; had < 2; had++) {
		QF_AUTO_ARENA struct qf_arena a = { 0 }, b = { 0 };
		char *small[2000], *large;

		if (had)
			memset(qf_arena_alloc(&a, 100), 0xee, 100);
		for (int i = 0; i < 2000; i++)
			memset(small[i] = qf_arena_alloc(&b, 100), i & 0x7f, 100);
		large = qf_arena_alloc(&b, 10 << 20);
		memset(large, 0x55, 10 << 20);
		qf_arena_merge(&a, &b);
		ck_assert_ptr_null(b.blocks);
		qf_arena_merge(&a, &b);
		qf_arena_release(&b);
		memset(qf_arena_alloc(&b, 50), 1, 50);
		for (int i = 0; i < 1000; i++)
			memset(qf_arena_alloc(&a, 100), 0xff, 100);
		for (int i = 0; i < 2000; i++)
			for (int k = 0; k < 100; k++)
				ck_assert_int_eq(small[i][k], i & 0x7f);
		ck_assert_int_eq(large[(10 << 20) - 1], 0x55);
	}
}
END_TEST

UNIT_MAIN("arena", 30, pieces_are_apart_and_aligned, large_first_piece, zeroed_and_copied,
	  reset_keeps_one_small_block, merged)
