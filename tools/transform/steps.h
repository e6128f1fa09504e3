/*
 * The chain of steps: a list from YAML or the command line, opened once, applied to every batch.
 * This is the static library `steps`; transform runs it between two streams, verify and migrate
 * run it over what they read themselves.
 */
#ifndef QF_TRANSFORM_STEPS_H
#define QF_TRANSFORM_STEPS_H

#include "common/base/buf.h"
#include "common/data/plugin.h"
#include "tools/transform/path.h"

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

/*
 * Before a batch with scopes or the end is applied: what steps hold back, in portions that have gone
 * through the steps behind. 1: a portion, which may be empty; 0: nothing is left. Who does not ask
 * gets all of it at once, in front of the first scope.
 */
int qf_chain_release(struct qf_chain *c, struct qf_batch *out, struct qf_err *err) QF_CHECK;

/* Applies the step of this index alone, for those who look at what is between two steps. */
int qf_chain_apply_one(struct qf_chain *c, size_t step, struct qf_batch *io,
		       struct qf_err *err) QF_CHECK;

/*
 * The names under which a collection leaves the chain, in the arena: none where its records are
 * dropped, several where it is split.
 */
int qf_chain_map_names(struct qf_chain *c, struct qf_str collection, struct qf_arena *arena,
		       struct qf_str **ret, size_t *n, struct qf_err *err) QF_CHECK;
/* The first of them; p == NULL where there is none. */
int qf_chain_map_name(struct qf_chain *c, struct qf_str collection, struct qf_arena *arena,
		      struct qf_str *ret, struct qf_err *err) QF_CHECK;

/*
 * Where points go that a step refuses; NULL or one that does not keep (the default): the first ends
 * the run. The caller notes headers and collection lines (qf_rejects_note) before the chain sees
 * them, and syncs before what follows goes out. SCOPE records are told how many of theirs it were.
 */
struct qf_rejects;
void qf_chain_rejects(struct qf_chain *c, struct qf_rejects *rejects);
/* How many were set aside, and why: one line for each kind of reason. */
uint64_t qf_chain_refused(const struct qf_chain *c);
void qf_chain_reasons(const struct qf_chain *c, struct qf_buf *out);

/*
 * For plans: has the chain steps that ask somebody for money (embed)? They only count from now on;
 * what it would cost for the records that went through, one line for each such step.
 */
bool qf_chain_has_costs(const struct qf_chain *c);
void qf_chain_dry(struct qf_chain *c);
void qf_chain_costs(struct qf_chain *c, struct qf_buf *out);

size_t qf_chain_count(const struct qf_chain *c);
const struct qf_step *qf_chain_step(const struct qf_chain *c, size_t step);
/* Is a step of this name in the chain? value: also with this single value; NULL for any. */
bool qf_chain_has(const struct qf_chain *c, const char *name, const char *value);
/* Does every step give the same result for the same record, whatever came before? */
bool qf_chain_pure(const struct qf_chain *c);
/* The first step after which a collection may have another number of points, or NULL. */
const struct qf_step *qf_chain_recounts(const struct qf_chain *c);
/* Canonical text of the steps, for qf_header_chain; the same for YAML and inline. Empty if none. */
void qf_chain_settings(const struct qf_chain *c, struct qf_buf *out);
/* The list of steps for --help. */
void qf_chain_help(struct qf_buf *out);

/* ---- for the steps themselves ---- */

/*
 * A point or delete that a step with `apply` cannot take: err is the reason alone. It is out of the
 * step's hands then; the chain stops the run with it, or sets it aside (--on-error=dead-letter), when
 * apply returns.
 */
void qf_step_reject(struct qf_record *rec, struct qf_arena *arena, const struct qf_err *err);

/* Puts "collection 'A', id 42, line 7: " before the message. Returns -1. For collection lines and
 * failures that end the run; for points see above. */
int qf_step_error(const struct qf_record *rec, struct qf_arena *arena, struct qf_err *err);

/*
 * The texts of a scalar or of a list of scalars. Error: QF_E_CONFIG where the value is missing,
 * empty or of another shape; usage is shown. The array is malloced, the texts are the node's.
 */
int qf_step_words(const struct qf_conf *conf, const struct qf_node *value, const char *usage,
		  const char ***ret, size_t *n, struct qf_err *err) QF_CHECK;

/* A list of compiled paths, in the state of a step. Zero-initialise. */
struct qf_paths {
	struct qf_path *path;
	size_t n;
};

/* The same for paths: "a.b", [a, "b.c"]. Memory is the arena's. */
int qf_step_paths(const struct qf_conf *conf, const struct qf_node *value, const char *usage,
		  struct qf_paths *ret, struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/*
 * For steps that make several records of one: the batch's records one by one into a new list, which
 * takes their place at the end.
 *	struct qf_expand x = { 0 };
 *	for (size_t i = 0; i < io->n; i++) ... *qf_expand_add(&x, &io->rec[i]) ...
 *	qf_expand_finish(&x, io);
 */
struct qf_expand {
	struct qf_batch out;
};

/*
 * Adds a copy of the record, to be changed; good until the next add. If the same record is added
 * more than once, flush its payload before (qf_payload_flush).
 */
struct qf_record *qf_expand_add(struct qf_expand *x, const struct qf_record *rec);
/* Gives the batch the new list. */
void qf_expand_finish(struct qf_expand *x, struct qf_batch *io);

#endif
