/* What the steps that change values share: the way to the values of a path, settings of a pair, types. */
#ifndef QF_TRANSFORM_VALUES_H
#define QF_TRANSFORM_VALUES_H

#include "common/base/opt.h"
#include "tools/transform/path.h"
#include "tools/transform/steps.h"

/* What becomes of a value that a step cannot do. */
enum qf_on_error { QF_ON_ERROR_FAIL, QF_ON_ERROR_NULL, QF_ON_ERROR_KEEP };
#define QF_ON_ERROR_CHOICES "fail|null|keep"

/*
 * What is done to the values of a path. Arrays are gone through, those inside arrays too; null and
 * what is not there is passed over.
 */
struct qf_each {
	/* Changes v by qf_val_assign or takes it out. -1 with QF_E_DATA and the reason alone, v unchanged. */
	int (*fn)(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err);
	void *context;
	int on_error;	 /* enum qf_on_error */
	bool whole;	 /* an array at the end of the path is one value */
	bool duplicates; /* of duplicate keys all, not only the last, which is the one that counts */
};

/* Does it. The path is put before the reason. Error: QF_E_DATA, or what fn says. */
int qf_each_value(const struct qf_each *each, const struct qf_path *path, struct qf_record *rec,
		  struct qf_arena *arena, struct qf_err *err) QF_CHECK;
/* The same for a list of paths. */
int qf_each_value_of(const struct qf_each *each, const struct qf_paths *paths, struct qf_record *rec,
		     struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/*
 * For steps that make one property, paths[0], of others. Inside the objects of an array each is done
 * for itself: parts.label of parts.name and title takes the name of the same part, and the title of
 * them all. base: the deepest object that the target shares with another path; all paths but those
 * of fields go on from an object then: the target from the one at base, path i from qf_val_up(it, up[i]).
 * Texts of paths stay whole, for messages. Memory is the arena's; what paths point to is not changed.
 */
struct qf_base {
	struct qf_path path; /* n == 0: the root */
	size_t *up;
};
void qf_paths_rebase(struct qf_path *const *paths, size_t n, struct qf_base *base, struct qf_arena *arena);
/* The objects at base. */
size_t qf_base_objects(const struct qf_base *base, struct qf_val *root, struct qf_arena *arena,
		       struct qf_val ***ret);
/* The object that many levels above, arrays not counted. */
struct qf_val *qf_val_up(struct qf_val *object, size_t levels);

/* Takes a member out with all that have the same key: else an older value would count again. */
void qf_val_remove_all(struct qf_val *v);
/* The same for all places of a path; how many places there were. */
size_t qf_path_remove_all(const struct qf_path *path, struct qf_val *root, struct qf_arena *arena);

/* Does the schema tell of this path, or of one below it? */
bool qf_path_known(const struct qf_path *path, const struct qf_json *doc, struct qf_arena *arena);

/*
 * The text of a string, a number (as written) or a boolean ("true"); p == NULL for others.
 */
struct qf_str qf_val_as_text(struct qf_val *v, struct qf_arena *arena);

/* How many children a map or list has. */
size_t qf_node_count(const struct qf_node *node);

/*
 * The settings of one pair: a map of opts, or a scalar or list, which is the setting short_opt.
 * also: further keys of the map, for the caller to read. Error: QF_E_CONFIG at the node.
 */
int qf_pair_settings(const struct qf_opt *opts, size_t n, const char *short_opt, void *base,
		     const struct qf_conf *conf, const struct qf_node *pair, const char *const *also,
		     size_t n_also, struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/*
 * The paths of a step of the form OPTS with a setting `paths`, which is the short one too: value is
 * the map, or the words themselves.
 */
int qf_step_opt_paths(const struct qf_conf *conf, const struct qf_node *value, const char *usage,
		      struct qf_paths *ret, struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/*
 * A declared path gets this type; whether it has an index stays. An index of texts ("text") stays where
 * keyword is asked for, with its settings. What is not declared stays so.
 */
void qf_path_retype(const struct qf_path *path, struct qf_record *rec, const char *type,
		    struct qf_arena *arena);

/*
 * What the steps are that put another text in the place of one (lower, upper, trim): their state, and all they
 * do. fn gives the new text, or the same slice. Numbers, booleans and null stay; an object is refused with
 * "an object <refusal>: <value>".
 */
struct qf_text_step {
	struct qf_paths paths;
	struct qf_arena arena;
	struct qf_str (*fn)(struct qf_str text, struct qf_arena *arena);
	const char *refusal;
};
/* value: a list of paths. Error: QF_E_CONFIG at the node. */
int qf_text_step_open(struct qf_text_step *s, const struct qf_conf *conf, const struct qf_node *value,
		      const char *usage, struct qf_err *err) QF_CHECK;
/* The functions `point` and `close` of such a step. */
int qf_text_step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err) QF_CHECK;
void qf_text_step_close(void *state);

#endif
