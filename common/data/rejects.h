/*
 * Points that a target or a step cannot take. With --on-error=stop the first one ends the run, naming it; with
 * dead-letter they go to a file that is a stream itself: header, collection lines, the points with
 * an "error" member, and an end for every run that wrote to it. It can be mended and loaded.
 */
#ifndef QF_DATA_REJECTS_H
#define QF_DATA_REJECTS_H

#include "common/data/stream.h"

struct qf_rejects;

/* Why a scope of a dead-letter stream is not whole. `load` does not hold it against that stream. */
#define QF_REJECTS_WHY "dead letters of another run"

/*
 * file NULL: stop at the first. Else the file is opened when the first point comes; one that is there
 * must be a whole stream, and is appended to. A name that ends with .zst gets zstd, any other
 * plain NDJSON.
 */
struct qf_rejects *qf_rejects_new(const char *file);
void qf_rejects_free(struct qf_rejects *r);
bool qf_rejects_keeps(const struct qf_rejects *r);
uint64_t qf_rejects_count(const struct qf_rejects *r);

/* Fails early where the file cannot be appended to. Errors: QF_E_CREATE, QF_E_DATA. */
int qf_rejects_check(const struct qf_rejects *r, struct qf_err *err) QF_CHECK;
/* Headers and collection lines go by here, so that they can be written when they are needed. */
void qf_rejects_note(struct qf_rejects *r, const struct qf_record *rec);

/*
 * One bad point or delete. rec needs collection, id and line_no; its line too where
 * qf_rejects_keeps(). stage: "screen" or "server"; attempt: how often it was sent. Error: that of the
 * point (QF_E_DATA) when the run shall stop, else one of the file.
 */
int qf_rejects_add(struct qf_rejects *r, const struct qf_record *rec, const char *stage,
		   unsigned attempt, const char *reason, struct qf_err *err) QF_CHECK;
/*
 * The same for transform, where rec is the point as it came in and step names the step: "step 3
 * (cast)". Only where qf_rejects_keeps(); error: one of the file.
 */
int qf_rejects_add_step(struct qf_rejects *r, const struct qf_record *rec, const char *step,
			unsigned attempt, const char *reason, struct qf_err *err) QF_CHECK;
/* What was added is on disk after this. */
int qf_rejects_sync(struct qf_rejects *r, struct qf_err *err) QF_CHECK;
/* Seals this run's part; after a failure of the run too. */
int qf_rejects_finish(struct qf_rejects *r, struct qf_err *err) QF_CHECK;

#endif
