/* The end of a program: what its status says where standard output could not be written. */
#include <stdio.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/sig.h"
#include "common/base/tool.h"
#include "tests/unit/unit.h"

/* What main returns for this rc, where the output goes to `out`. */
static int finish(FILE *out, int rc)
{
	struct qf_err err;
	FILE *old = stdout;
	int status;

	qf_err_set(&err, QF_E_CONFIG, "wrong");
	stdout = out;
	fputs("text", stdout);
	status = qf_tool_finish(rc, &err);
	fclose(stdout);
	stdout = old;
	return status;
}

/* The status that was meant, and with a full disk, and without a reader. */
START_TEST(output_that_fails)
{
	static const int rows[][4] = {
		{ QF_OK, QF_OK, QF_E_IO, QF_E_PIPE },
		{ QF_E_DIFF, QF_E_DIFF, QF_E_IO, QF_E_PIPE },
		{ QF_E_PARTIAL, QF_E_PARTIAL, QF_E_IO, QF_E_PIPE },
		{ QF_E_DATA, QF_E_DATA, QF_E_DATA, QF_E_DATA },
		{ -1, QF_E_CONFIG, QF_E_CONFIG, QF_E_CONFIG },
	};

	qf_log_init("test", QF_LOG_ERROR, false);
	qf_sig_init();
	for (size_t i = 0; i < QF_LEN(rows); i++) {
		int pipes[2];

		ck_assert_int_eq(finish(fopen("/dev/null", "w"), rows[i][0]), rows[i][1]);
		ck_assert_int_eq(finish(fopen("/dev/full", "w"), rows[i][0]), rows[i][2]);
		ck_assert_int_eq(pipe(pipes), 0);
		close(pipes[0]);
		ck_assert_int_eq(finish(fdopen(pipes[1], "w"), rows[i][0]), rows[i][3]);
	}
}
END_TEST

UNIT_MAIN("tool", 10, output_that_fails)
