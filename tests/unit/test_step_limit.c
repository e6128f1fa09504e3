/* The step `limit`. */
#include "tests/unit/step_kit.h"

/* clang-format off */
static const struct step_case cases[] = {
	{ "two", "limit: 2",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "{\"n\":1}\n{\"n\":2}" },
	{ "as a map", "limit: {points: 2}",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "{\"n\":1}\n{\"n\":2}" },
	{ "by arrival", "limit: 2",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":9}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":5}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":7}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":9}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":5}" },
	{ "more than there are", "limit: 5",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}" },
	{ "none", "limit: 0",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{}}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"vectors\":{}}" },
	{ "each collection", "limit: 1",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":2}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1}" },
	{ "tenants count together", "limit: 2",
	  "{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"t\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2}\n{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"t\",\"id\":3}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"t\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2}" },
	{ "deletes pass", "limit: 0",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n{\"type\":\"delete\",\"collection\":\"A\",\"id\":2}",
	  "{\"type\":\"delete\",\"collection\":\"A\",\"id\":2}" },
	{ "cursors before the limit", "limit: 1",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":1}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":1}" },
	{ "cursors behind it", "limit: 1",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":2}\n{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":2}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1}\n{\"type\":\"cursor\",\"collection\":\"B\",\"from\":null,\"to\":null}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1}\n{\"type\":\"cursor\",\"collection\":\"B\",\"from\":null,\"to\":null}" },
	{ "one collection", "{limit: 1, collections: [B]}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":2}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":2}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":2}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":1}" },
	{ "the largest", "limit: 18446744073709551615",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}" },
	{ "nothing at all", "limit: 1",
	  "",
	  "" },
	{ "no number", "limit: many",
	  "{}",
	  "error: --step '{limit: many}':1:2: points: 'many' is not a whole number" },
	{ "too large", "limit: 18446744073709551616",
	  "{}",
	  "error: --step '{limit: 18446744073709551616}':1:2: points: '18446744073709551616' is not a whole number" },
	{ "negative", "limit: -1",
	  "{}",
	  "error: --step '{limit: -1}':1:2: points: '-1' is not a whole number" },
};
/* clang-format on */

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

/* A scope of which nothing was left out is as whole as it was. */
START_TEST(scopes)
{
	static const struct {
		const char *steps, *why;
	} runs[] = { { "limit: 1", "limit 1" }, { "limit: 2", NULL } };

	for (size_t r = 0; r < QF_LEN(runs); r++) {
		struct qf_chain *c = qf_chain_new();
		struct qf_batch b = { 0 };
		struct qf_err err;

		ck_assert_int_eq(step_chain_open(c, runs[r].steps, &err), 0);
		step_lines(&b, "{\"n\":1}\n{\"n\":2}");
		ck_assert_int_eq(qf_chain_apply(c, &b, &err), 0);
		qf_batch_reset(&b);
		step_lines(&b, "scope A\nscope B");
		ck_assert_int_eq(qf_chain_apply(c, &b, &err), 0);
		ck_assert_int_eq(b.rec[0].whole, runs[r].why == NULL);
		ck_assert(runs[r].why ? qf_str_is(b.rec[0].why, runs[r].why) : !b.rec[0].why.p);
		ck_assert(b.rec[1].whole);
		qf_batch_release(&b);
		qf_chain_free(c);
	}
}
END_TEST

UNIT_MAIN("step limit", 60, table, scopes)
