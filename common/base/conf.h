/*
 * YAML files as a tree that knows where everything stood, so that an error can say
 * file:line:column. ${VAR}, ${VAR:-default} and ${VAR:?message} are replaced in scalars, once.
 */
#ifndef QF_BASE_CONF_H
#define QF_BASE_CONF_H

#include "common/base/arena.h"
#include "common/base/err.h"

enum qf_node_kind { QF_NODE_SCALAR, QF_NODE_MAP, QF_NODE_LIST };

struct qf_node {
	enum qf_node_kind kind;
	const char *key;	   /* in a map; NULL else */
	const char *text;	   /* of a scalar, environment put in */
	bool quoted;		   /* a quoted scalar is text even where it looks like a number */
	int line, column;	   /* of the key in a map, else of the value; from 1 */
	struct qf_node *child;	   /* first of a map or list */
	struct qf_node *next;
};

struct qf_conf {
	char *file;
	struct qf_arena arena;
	struct qf_node *root;	   /* NULL for an empty file */
};

/*
 * Reads a file, or the given text under the given name. Errors: QF_E_NOINPUT (no such file),
 * QF_E_CONFIG with file:line:column (syntax, duplicate key, undefined variable, alias bomb,
 * depth over 32, more than 1 MiB). Release in any case.
 */
int qf_conf_read(struct qf_conf *c, const char *file, struct qf_err *err) QF_CHECK;
int qf_conf_parse(struct qf_conf *c, const char *name, const char *text, size_t n,
		  struct qf_err *err) QF_CHECK;
void qf_conf_release(struct qf_conf *c);

/* The value under a key of a map, or NULL; a NULL map has none. '-' and '_' in keys are equal. */
const struct qf_node *qf_node_get(const struct qf_node *map, const char *key);

/* "file:line:column: <fmt>" with QF_E_CONFIG; node may be NULL (then "file: "). Returns -1. */
int qf_node_error(const struct qf_conf *c, const struct qf_node *node, struct qf_err *err,
		  const char *fmt, ...) QF_PRINTF(4, 5);

/*
 * Every key of the map must be one of names[0..n); else an error at that key that names the
 * nearest. what: "target" in "target has no setting 'colection'; did you mean 'collection'?"
 */
int qf_node_check_keys(const struct qf_conf *c, const struct qf_node *map, const char *what,
		       const char *const *names, size_t n, struct qf_err *err) QF_CHECK;

/* The node as compact JSON text behind buf: numbers, booleans and null as YAML's core schema
 * reads unquoted scalars. */
struct qf_buf;
void qf_node_to_json(const struct qf_node *node, struct qf_buf *buf);

#endif
