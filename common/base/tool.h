/* What every command does alike: the standard flags, --help, --version, and the last error line. */
#ifndef QF_BASE_TOOL_H
#define QF_BASE_TOOL_H

#include <stdint.h>

#include "common/base/opt.h"
#include "common/base/output.h"

enum qf_progress_mode { QF_PROGRESS_AUTO, QF_PROGRESS_BAR, QF_PROGRESS_JSON, QF_PROGRESS_NONE };

/* The standard settings; a tool's own struct may embed it or keep it beside. */
struct qf_std {
	const char *config;	/* -c, --config */
	bool verbose, quiet, help, version;
	int progress;		/* enum qf_progress_mode */
	int log_format;		/* 0 text, 1 json */
	const char *report;	/* --report FILE: result as JSON */
	bool json;		/* --json: result on standard output as JSON */
};

struct qf_tool {
	const char *name;	/* "load": fortress-load is the program */
	const char *usage;	/* "fortress load TARGET [OPTION..] < STREAM" */
	const char *summary;	/* one or more lines on what it does */
	const char *more;	/* text behind the options in --help: list of sources, exit codes; or NULL */
	bool has_report, has_json, has_progress; /* which of the optional standard flags it takes */
};

/*
 * Starts a command: signals, log, then qf_opt_parse with the standard group put before p->groups
 * (which the caller has filled; one slot must be free). 0: go on. 1: --help or --version was
 * printed, return 0 from main. -1: err set.
 */
int qf_tool_start(const struct qf_tool *tool, struct qf_std *std, struct qf_opt_parse *p, int argc,
		  char **argv, struct qf_err *err) QF_CHECK;

/* main's last line: prints err if rc < 0, checks that standard output took everything, and gives
 * the exit status (rc > 0 is a status by itself, e.g. QF_E_PARTIAL). Where the output failed,
 * QF_E_IO or QF_E_PIPE takes the place of QF_OK, QF_E_DIFF and QF_E_PARTIAL. */
int qf_tool_finish(int rc, const struct qf_err *err);

/* The directory of the running executable, in static memory. */
const char *qf_tool_dir(void);

extern const char qf_version[]; /* "0.1.0" */

/* ---- progress ---- */

struct qf_progress {
	enum qf_progress_mode mode;
	const char *stage;
	uint64_t points, total, bytes, retries; /* total 0: unknown */
	double started, shown;			/* qf_now() */
	uint64_t last_points;
	double rate;				/* smoothed points/s */
};

/*
 * AUTO becomes BAR when standard error is a terminal and auto_on is set, else NONE. JSON writes one
 * line a second: {"type":"progress","stage":..,"points":..,"total":..,"bytes":..,"retries":..}.
 */
void qf_progress_start(struct qf_progress *p, const char *stage, int mode, bool auto_on);
/* Cheap; shows something at most six times a second (JSON: once), BAR only after two seconds. */
void qf_progress_update(struct qf_progress *p);
/* Wipes the bar; JSON writes a last line. */
void qf_progress_end(struct qf_progress *p);
/* "1,234,567" and "12.3 MiB", "1 min 5 s" into buf; return buf. */
const char *qf_fmt_count(char buf[32], uint64_t n);
const char *qf_fmt_bytes(char buf[32], uint64_t n);
const char *qf_fmt_seconds(char buf[32], double s);

#endif
