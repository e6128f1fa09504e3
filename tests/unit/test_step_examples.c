/* Every example of the steps' tables, which docs/TRANSFORM.md shows, is true. */
#include "tests/unit/step_kit.h"

START_TEST(examples)
{
	QF_AUTO_FREE char *data = qf_asprintf("%s/tests/golden/data", getenv("QF_SOURCE_ROOT"));
	size_t failed = 0;

	/* Files that examples name are there. */
	ck_assert_int_eq(chdir(data), 0);

	for (size_t i = 0; qf_steps[i]; i++) {
		const struct qf_step *s = qf_steps[i];

		ck_assert_msg(s->n_examples > 0, "step %s has no example", s->name);
		for (size_t e = 0; e < s->n_examples; e++) {
			const struct qf_step_example *x = &s->examples[e];
			struct step_case k = { x->title, x->step, x->in, x->out };
			char *got = step_differs(&k);

			if (got)
				fprintf(stderr, "%s: %s (%s)\n in   %s\n got  %s\n want %s\n", s->name, x->title, x->step,
					x->in, got, x->out);
			failed += got != NULL;
			free(got);
		}
	}
	ck_assert_uint_eq(failed, 0);
}
END_TEST

UNIT_MAIN("step examples", 60, examples)
