/*
 * The chain of steps: a list from YAML or the command line, opened once, applied to every batch.
 * This is the static library `steps`; transform runs it between two streams, verify and migrate
 * run it over what they read themselves.
 */
#ifndef QF_TRANSFORM_STEPS_H
#define QF_TRANSFORM_STEPS_H

#include "common/base/buf.h"
#include "common/data/plugin.h"

/* All steps of this build, ended by NULL; from the list of names in meson.build. */
extern const struct qf_step *const qf_steps[];

struct qf_chain;

struct qf_chain *qf_chain_new(void);
void qf_chain_free(struct qf_chain *c);

/*
 * Adds the steps of a mapping file or of a plan: the list under `steps:`, or under `transform:`
 * `steps:`. Neither there: adds nothing. The conf must outlive the chain. Error: QF_E_CONFIG.
 */
int qf_chain_add_conf(struct qf_chain *c, const struct qf_conf *conf, struct qf_err *err) QF_CHECK;

/*
 * Adds one step in its inline form: "rename title=name", "drop a b", "id uuid5", or a step in
 * YAML's flow form "{drop: [a], collections: [A]}". Error: QF_E_CONFIG naming the text.
 */
int qf_chain_add_text(struct qf_chain *c, const char *text, struct qf_err *err) QF_CHECK;

/* Applies all steps in order; the batch may hold fewer or more records afterwards. Errors carry
 * the step's number and name. */
int qf_chain_apply(struct qf_chain *c, struct qf_batch *io, struct qf_err *err) QF_CHECK;

/* Applies the step of this index alone, for those who look at what is between two steps. */
int qf_chain_apply_one(struct qf_chain *c, size_t step, struct qf_batch *io,
		       struct qf_err *err) QF_CHECK;

/*
 * The name under which a collection leaves the chain, in the arena; p == NULL where its records
 * are dropped.
 */
int qf_chain_map_name(struct qf_chain *c, struct qf_str collection, struct qf_arena *arena,
		      struct qf_str *ret, struct qf_err *err) QF_CHECK;

size_t qf_chain_count(const struct qf_chain *c);
/* Is a step of this name in the chain? value: also with this single value; NULL for any. */
bool qf_chain_has(const struct qf_chain *c, const char *name, const char *value);
/* Does every step give the same result for the same record, whatever came before? */
bool qf_chain_pure(const struct qf_chain *c);
/* Canonical text of the steps, for qf_header_chain; the same for YAML and inline. Empty if none. */
void qf_chain_settings(const struct qf_chain *c, struct qf_buf *out);
/* The list of steps for --help. */
void qf_chain_help(struct qf_buf *out);

/* ---- for the steps themselves ---- */

/* Puts "line 7, collection 'A', id 42: " before the message. Returns -1. */
int qf_step_error(const struct qf_record *rec, struct qf_arena *arena, struct qf_err *err);

/*
 * The texts of a scalar or of a list of scalars. Error: QF_E_CONFIG where the value is missing,
 * empty or of another shape; usage is shown. The array is malloced, the texts are the node's.
 */
int qf_step_words(const struct qf_conf *conf, const struct qf_node *value, const char *usage,
		  const char ***ret, size_t *n, struct qf_err *err) QF_CHECK;

#endif
