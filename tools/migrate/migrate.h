/*
 * A migration in memory: what the source holds (probe.c), where it goes and what is there (target.c),
 * and what came of it (compare.c). preview.c and summary.c show it.
 */
#ifndef QF_MIGRATE_MIGRATE_H
#define QF_MIGRATE_MIGRATE_H

#include "common/base/tool.h"
#include "common/net/qdrant.h"
#include "tools/migrate/plan.h"
#include "tools/migrate/status.h"

/* A collection of the target that points go into. */
struct qf_place {
	const char *name;
	struct qf_str tenant_key;	/* payload key; p == NULL: tenants cannot be told apart there */
	bool existed;			/* before the load */
	uint64_t before, after;		/* exact counts */
	bool counted;			/* after is set */
	bool missing;			/* not there behind the load either */
};

/* A collection of the source. */
struct qf_origin {
	struct qf_str name;
	const struct qf_json *source;	/* its collection line as the source gave it */
	const struct qf_json *doc;	/* the same behind the steps */
	struct qf_place *place;		/* NULL: a step leaves it out */
	int64_t count;			/* by the source itself; -1: not known */
};

enum qf_verdict { QF_EQUAL, QF_PARTIAL, QF_DIFFERENT };

/* A line of the summary: a place and tenant, with all that goes there. */
struct qf_row {
	struct qf_str from;		/* "Article", "Article + Author" */
	struct qf_place *place;		/* NULL: left out by a step */
	struct qf_str tenant;		/* p == NULL: none, or all of them */
	int64_t source;			/* counted by the source itself; -1: not known */
	uint64_t read, unread;		/* by extract; unread: it had to reject them */
	uint64_t written;		/* behind the steps */
	uint64_t loaded, rejected;	/* by load */
	int64_t before, in_target;	/* exact counts; -1: not known */
	bool whole;
	struct qf_str why;
	enum qf_verdict verdict;
	struct qf_str text;		/* the verdict in words */
};

struct qf_shared {
	uint64_t checked, total;
	struct qf_str first;		/* the first clash in words; p == NULL: none */
	uint64_t clashes;
};

struct qf_migration {
	const struct qf_conf *conf;
	const char *file;		/* of the plan */
	bool verbose;
	bool preview;			/* --plan: nothing is written */
	struct qf_plan plan;
	struct qf_qdrant *server;	/* NULL: the target is no Qdrant, so nothing is counted there */
	char *temp;			/* directory of the stages' reports */
	struct qf_status status;
	struct qf_arena arena;

	struct qf_json *probe;		/* the source's report before the load, or NULL */
	struct qf_buf stream;		/* what the source says of itself: header, collections, end */
	struct qf_origin *origins;
	size_t n_origins, cap_origins;
	struct qf_place **places;
	size_t n_places, cap_places;
	struct qf_row *rows;
	size_t n_rows, cap_rows;
	struct qf_shared shared;
	double seconds;			/* of the load, to the last acknowledgement */
	bool stages_partial;		/* a stage ended with QF_E_PARTIAL */
	bool load_failed;		/* load ended with QF_E_DATA: it left no report, but all had come to it */
	bool limited;			/* `limit` is asked for, so the source's counts are no totals */
};

/* ---- probe.c ---- */

/* Asks the source for its collections and counts. Errors name the side. */
int qf_probe_source(struct qf_migration *m, struct qf_err *err) QF_CHECK;
/* The part of it behind the process: reads m->stream. Exposed for tests. */
int qf_probe_read(struct qf_migration *m, struct qf_err *err) QF_CHECK;
/*
 * Ids that two tenants share and that would still be one id behind the steps. Fills m->shared.
 * `json`: what fortress-extract --shared-ids prints.
 */
int qf_probe_shared(struct qf_migration *m, struct qf_err *err) QF_CHECK;
int qf_probe_shared_read(struct qf_migration *m, struct qf_str json, struct qf_err *err) QF_CHECK;
/* Lets transform and load look at the collections without writing. */
int qf_probe_target(struct qf_migration *m, struct qf_err *err) QF_CHECK;

/* Arguments of a stage that all runs of it share; lists are the caller's to free. */
void qf_extract_args(struct qf_migration *m, struct qf_argv *args);
void qf_transform_args(struct qf_migration *m, struct qf_argv *args);
void qf_load_args(struct qf_migration *m, struct qf_argv *args);
bool qf_has_transform(const struct qf_migration *m);
/* "<temp>/<stage>.json" in m->arena, the directory made when it is the first. */
int qf_report_path(struct qf_migration *m, const char *stage, const char **ret,
		   struct qf_err *err) QF_CHECK;
/* Reads such a report; *ret NULL where there is none. */
int qf_report_read(struct qf_migration *m, const char *stage, struct qf_json **ret,
		   struct qf_err *err) QF_CHECK;

/* ---- names.c ---- */

/*
 * Does every collection and every top-level property that a step names exist in the lines that come
 * to that step, or in the source's? A misspelt one would silently do nothing. Needs qf_probe_read.
 * Error: QF_E_CONFIG at the name, with the nearest one.
 */
int qf_names_check(struct qf_migration *m, struct qf_err *err) QF_CHECK;

/* ---- target.c ---- */

/* Counts what is in the target before the load. */
int qf_target_before(struct qf_migration *m, struct qf_err *err) QF_CHECK;
/* Counts what each row's tenant had there; rows that are made later do not know it. */
int qf_target_before_rows(struct qf_migration *m, struct qf_err *err) QF_CHECK;
/* Waits until every place is indexed; seconds 0: without limit. */
int qf_target_wait(struct qf_migration *m, double seconds, struct qf_err *err) QF_CHECK;
/* Counts what is in the target now, by place and by row. */
int qf_target_after(struct qf_migration *m, struct qf_err *err) QF_CHECK;

/* ---- compare.c ---- */

struct qf_place *qf_place_get(struct qf_migration *m, struct qf_str name);
/*
 * Fills the rows from the stages' reports; each may be NULL: without transform what was read was
 * written, without load nothing was. Rows that are there keep what was counted in the target.
 */
int qf_rows_build(struct qf_migration *m, const struct qf_json *extract,
		  const struct qf_json *transform, const struct qf_json *load,
		  struct qf_err *err) QF_CHECK;
/* The row of a place and tenant, made when new. */
struct qf_row *qf_row_get(struct qf_migration *m, struct qf_place *place, struct qf_str tenant,
			  struct qf_str from);
/* Judges every row; the exit status of the migration. */
int qf_rows_judge(struct qf_migration *m);

/* ---- preview.c and summary.c ---- */

/* What --plan prints. */
void qf_preview(const struct qf_migration *m, bool json, struct qf_buf *out);
/* The table at the end, and the same as one JSON document. */
void qf_summary(const struct qf_migration *m, int status, struct qf_buf *out);
void qf_summary_json(const struct qf_migration *m, int status, struct qf_buf *out);

#endif
