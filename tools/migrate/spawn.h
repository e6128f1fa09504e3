/*
 * The stages of a migration: processes joined by pipes, watched in one loop. What they say on
 * standard error comes as JSON lines (--log-format=json --progress=json) and is kept or handed on.
 */
#ifndef QF_MIGRATE_SPAWN_H
#define QF_MIGRATE_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/err.h"

enum { QF_MAX_STAGES = 3 };

struct qf_stage {
	/* Set by the caller; borrowed. */
	const char *name;	/* "extract": fortress-extract is the program */
	const char *side;	/* "source": whose fault its failure is */
	const char *const *args; /* behind the program's name, ended by NULL */
	bool mute;		/* its warnings come again from a later run, so not from this one */
	const char *known;	/* start of warnings that another stage gives too, left out; or NULL */

	/* The last progress line. */
	uint64_t points, total, bytes, retries;

	/* Once it has ended. */
	bool ended;
	int status;		/* exit status; 128 + n for signal n */
	int signal;		/* that ended it, or 0 */
	unsigned order;		/* 1 ended first */

	/* Inside. */
	pid_t pid;
	int err_fd;
	struct qf_buf text;	/* what came of a line so far */
	char error[1536];	/* its last error line */
	char noise[512];	/* its last line that was no JSON: a crash's last words */
	double failed_at;	/* when a stage behind it was seen to fail */
	bool told;		/* it was told to stop */
	bool held;		/* the terminal stopped it (SIGTTIN, SIGTTOU), so it was ended */
};

struct qf_pipeline {
	/* Set by the caller. */
	struct qf_stage stages[QF_MAX_STAGES];
	size_t n;
	int in_fd;		/* standard input of the first stage; -1: /dev/null */
	struct qf_buf *capture;	/* takes the last stage's standard output; NULL: /dev/null */
	size_t capture_max;	/* bytes; more is a failure */
	void (*tick)(void *ctx, struct qf_pipeline *p); /* several times a second; NULL for none */
	void *ctx;

	/* Inside. */
	int out_fd;
	unsigned n_ended;
	bool too_much;
};

/*
 * Starts the stages and waits until all have ended. 0 when each ended with 0 or QF_E_PARTIAL (see
 * their status). Else -1 with the first real cause, its side named, the code that stage's status.
 * After a stop signal the stages are told and waited for; then -1 with QF_E_SIGINT or QF_E_SIGTERM.
 */
int qf_pipeline_run(struct qf_pipeline *p, struct qf_err *err) QF_CHECK;

/* Frees what the run kept. */
void qf_pipeline_release(struct qf_pipeline *p);

/* Which of the ended stages is to blame, or NULL when none failed. Exposed for tests. */
const struct qf_stage *qf_pipeline_cause(const struct qf_pipeline *p);

/* Takes one line of a stage's standard error. Exposed for tests. */
void qf_stage_line(struct qf_stage *s, struct qf_str line);

#endif
