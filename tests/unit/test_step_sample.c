/* The step `sample`. */
#include "tests/unit/step_kit.h"

/* clang-format off */
static const struct step_case cases[] = {
	{ "half", "sample: 0.5",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}" },
	{ "half, the other way round", "sample: 0.5",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":4}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":2}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":3}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":2}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":1}" },
	{ "another seed", "sample: {fraction: 0.3, seed: 1}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":2}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":4}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":5}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":6}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":2}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":3}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":5}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":6}" },
	{ "less is part of more", "sample: 0.9\nsample: 0.5",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}" },
	{ "nothing", "sample: 0",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "" },
	{ "everything", "sample: 1",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}" },
	{ "everything, in another form", "sample: 1e0",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}" },
	{ "the smallest", "sample: 1e-300",
	  "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}",
	  "" },
	{ "UUIDs and keys", "sample: 0.5",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"00000000-0000-4000-8000-000000000000\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"00000000-0000-4000-8000-000000000001\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"00000000-0000-4000-8000-000000000002\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"00000000-0000-4000-8000-000000000003\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"k0\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"k1\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"k2\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"k3\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"\xc3\xa4\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":18446744073709551615}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":9007199254740993}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"00000000-0000-4000-8000-000000000000\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"00000000-0000-4000-8000-000000000002\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"k0\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"k1\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"\xc3\xa4\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":18446744073709551615}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":9007199254740993}" },
	{ "a UUID in another form is the same", "sample: 0.5",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"00000000000040008000000000000000\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"00000000-0000-4000-8000-000000000000\"}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"00000000000040008000000000000000\"}\n{\"type\":\"point\",\"collection\":\"A\",\"id\":\"00000000-0000-4000-8000-000000000000\"}" },
	{ "tenants and collections make no difference", "sample: 0.5",
	  "{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"t\",\"id\":1}\n{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"t\",\"id\":4}",
	  "{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"t\",\"id\":1}" },
	{ "deletes and cursors pass", "sample: 0",
	  "{\"type\":\"delete\",\"collection\":\"A\",\"id\":4}\n{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":4}",
	  "{\"type\":\"delete\",\"collection\":\"A\",\"id\":4}\n{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":4}" },
	{ "nothing at all", "sample: 0.5",
	  "",
	  "" },
	{ "too much", "sample: 1.5",
	  "{}",
	  "error: --step '{sample: 1.5}':1:2: a fraction from 0 to 1 is expected: sample: 0.01, or sample: {fraction: 0.01, seed: 7}" },
	{ "negative", "sample: -0.1",
	  "{}",
	  "error: --step '{sample: -0.1}':1:2: a fraction from 0 to 1 is expected: sample: 0.01, or sample: {fraction: 0.01, seed: 7}" },
	{ "NaN", "sample: nan",
	  "{}",
	  "error: --step '{sample: nan}':1:2: a fraction from 0 to 1 is expected: sample: 0.01, or sample: {fraction: 0.01, seed: 7}" },
	{ "a percent sign", "sample: 10%",
	  "{}",
	  "error: --step '{sample: 10%}':1:2: a fraction from 0 to 1 is expected: sample: 0.01, or sample: {fraction: 0.01, seed: 7}" },
	{ "no fraction", "sample: {seed: 5}",
	  "{}",
	  "error: --step '{sample: {seed: 5}}':1:2: a fraction from 0 to 1 is expected: sample: 0.01, or sample: {fraction: 0.01, seed: 7}" },
};
/* clang-format on */

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

/* Many ids: the share is right, and the scope says that it is a share. */
START_TEST(share)
{
	static const struct {
		const char *steps, *why;
		size_t least, most;
	} runs[] = {
		{ "sample: 0.1", "sample 0.1", 880, 1120 },
		{ "sample: {fraction: 0.25, seed: 9}", "sample 0.25", 2330, 2670 },
		{ "sample: 1", NULL, 10000, 10000 },
	};

	for (size_t r = 0; r < QF_LEN(runs); r++) {
		struct qf_chain *c = qf_chain_new();
		struct qf_batch b = { 0 };
		struct qf_record *rec;
		struct qf_err err;

		ck_assert_int_eq(step_chain_open(c, runs[r].steps, &err), 0);
		for (uint64_t i = 0; i < 10000; i++) {
			rec = qf_batch_add(&b, QF_REC_POINT);
			rec->collection = QF_STR("A");
			rec->id = (struct qf_id){ .kind = QF_ID_NUM, .num = i };
		}
		ck_assert_int_eq(qf_chain_apply(c, &b, &err), 0);
		ck_assert_msg(b.n >= runs[r].least && b.n <= runs[r].most, "%s: %zu", runs[r].steps, b.n);
		qf_batch_reset(&b);
		rec = qf_batch_add(&b, QF_REC_SCOPE);
		rec->collection = QF_STR("A");
		rec->whole = true;
		*qf_batch_add(&b, QF_REC_SCOPE) = (struct qf_record){ .type = QF_REC_SCOPE, .collection = QF_STR("B"),
								      .why = QF_STR("COLD") };
		ck_assert_int_eq(qf_chain_apply(c, &b, &err), 0);
		ck_assert_int_eq(b.rec[0].whole, runs[r].why == NULL);
		ck_assert(runs[r].why ? qf_str_is(b.rec[0].why, runs[r].why) : !b.rec[0].why.p);
		ck_assert(!b.rec[1].whole && qf_str_is(b.rec[1].why, "COLD"));
		qf_batch_release(&b);
		qf_chain_free(c);
	}
}
END_TEST

UNIT_MAIN("step sample", 60, table, share)
