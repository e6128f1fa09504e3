/* Values taken from one path to another: what copy, move and nest have in common. */
#ifndef QF_TRANSFORM_CARRY_H
#define QF_TRANSFORM_CARRY_H

#include "tools/transform/values.h"

struct qf_carry {
	bool move, over; /* take the value away there; replace what stands here */
	struct qf_path from, to;
	struct qf_path from_base, to_base; /* the same, from base */
	struct qf_base base;
};

/*
 * Sets c up for its paths. Memory is the arena's. Error: QF_E_CONFIG at the node (the two are one).
 */
int qf_carry_open(struct qf_carry *c, const struct qf_conf *conf, const struct qf_node *at,
		  struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/*
 * Does it for one point. Inside the objects of an array each for itself; values that lie in an array
 * beyond what the paths share become an array. Error: QF_E_DATA, where something stands in the way.
 */
int qf_carry_point(const struct qf_carry *c, struct qf_record *rec, struct qf_arena *arena,
		   struct qf_err *err) QF_CHECK;

/* The schema follows: what is declared of `from` is declared of `to`. */
void qf_carry_schema(const struct qf_carry *c, struct qf_record *rec, struct qf_arena *arena);

/* ---- the steps copy and move ---- */

struct qf_carries {
	struct qf_carry *list;
	size_t n;
	struct qf_arena arena;
};

enum { QF_CARRY_OPTS = 2 };
extern const struct qf_opt qf_carry_opts[QF_CARRY_OPTS];

int qf_carries_open(struct qf_carries *s, bool move, const char *usage, const struct qf_conf *conf,
		    const struct qf_node *value, struct qf_err *err) QF_CHECK;
/* These three fit into struct qf_step. */
int qf_carries_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err);
int qf_carries_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err);
void qf_carries_close(void *state);

#endif
