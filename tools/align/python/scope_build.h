/* What the files of the binding analysis share; scope.h is what others see. */
#ifndef QF_ALIGN_PYTHON_SCOPE_BUILD_H
#define QF_ALIGN_PYTHON_SCOPE_BUILD_H

#include "tools/align/python/scope.h"

/* Beside the flags of scope.h while scopes are built: target of a comprehension's for. */
enum { QF_PY_SYM_COMP_ITER = 1 << 16 };

struct qf_py_builder {
	struct qf_py_scopes *out;
	const struct qf_py_tokens *tokens;
	struct qf_py_use **uses;     /* for each token the use that stands there, or NULL */
	struct qf_py_scope *scope;   /* of the code that is walked */
	struct qf_str class_name;    /* what private names are mangled with; p is NULL outside classes */
	const struct qf_py_node *generic; /* the class among whose bases and type parameters we are, or NULL */
	unsigned iterables;	     /* how many iterables of comprehensions are around */
	bool comp_target;	     /* in the target of a comprehension's for; matters in its own scope */
	bool future_annotations;
	bool quiet;		     /* in an annotation that CPython does not look into */
	bool failed;		     /* err is set; the first failure counts */
	size_t scopes;		     /* their number */
	struct qf_err *err;
};

/* The first failure of a build, with the place of a token. */
void qf_py_build_fail(struct qf_py_builder *b, uint32_t token, const char *fmt, ...) QF_PRINTF(3, 4);

/* The symbol of a name in a scope, made where there is none. */
struct qf_py_symbol *qf_py_scope_symbol(struct qf_arena *arena, struct qf_py_scope *scope, struct qf_str name);

/* The next scope, parents before children; NULL behind the last. */
struct qf_py_scope *qf_py_scope_following(struct qf_py_scope *scope);

/* Walks the tree: scopes, symbols with their flags, uses. */
void qf_py_scope_bind(struct qf_py_builder *b);

/* Sets where and binding of all symbols, after qf_py_scope_bind. */
void qf_py_scope_resolve(struct qf_py_builder *b);

/*
 * The nearest scope outside of one that decides what a name means in it. *ret is the symbol that binds the
 * name or declares it global, or NULL where that is the implicit __class__ of a class or the module's scope
 * without such a symbol.
 */
enum qf_py_where qf_py_scope_outer(const struct qf_py_scope *scope, struct qf_str name, struct qf_py_symbol **ret);

#endif
