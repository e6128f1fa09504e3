/* The plan: one YAML file that names the source, the steps and the target of a migration. */
#ifndef QF_MIGRATE_PLAN_H
#define QF_MIGRATE_PLAN_H

#include "common/base/conf.h"
#include "common/base/err.h"
#include "tools/transform/steps.h"

/* A growing list of arguments, for the stages. */
struct qf_argv {
	const char **list; /* ended by NULL */
	size_t n, cap;
};

struct qf_plan {
	const char *source, *target;	/* kinds: "weaviate", "qdrant" */
	const char *collection;		/* the one name that everything is loaded under, or NULL */
	const char *dead_letter;	/* where load puts rejected points, or NULL */
	bool verify;			/* counts are compared; `verify: none` turns it off */
	struct qf_chain *chain;		/* the steps; may be empty */
	struct qf_argv extract, load;	/* flags made of the maps of these names */
	struct qf_arena arena;
};

/*
 * Reads a plan's tree; conf must outlive it. Unknown keys and wrong shapes are QF_E_CONFIG with
 * file:line:column and the nearest name. What stands in `source` and `target` is for the stages to
 * check. Release in any case.
 */
int qf_plan_read(struct qf_plan *plan, const struct qf_conf *conf, struct qf_err *err) QF_CHECK;
void qf_plan_release(struct qf_plan *plan);

void qf_argv_add(struct qf_argv *a, const char *arg);
void qf_argv_add_all(struct qf_argv *a, const struct qf_argv *more);

#endif
