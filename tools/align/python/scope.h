/*
 * Who binds a name: scopes and symbols as CPython's symtable finds them (global, nonlocal, classes,
 * comprehensions, lambdas, match, walrus, type parameters, private names), and every place where a name
 * stands. https://docs.python.org/3/reference/executionmodel.html#naming-and-binding
 */
#ifndef QF_ALIGN_PYTHON_SCOPE_H
#define QF_ALIGN_PYTHON_SCOPE_H

#include "tools/align/python/ast.h"

enum qf_py_scope_kind {
	QF_PY_SCOPE_MODULE, QF_PY_SCOPE_CLASS, QF_PY_SCOPE_FUNCTION, QF_PY_SCOPE_LAMBDA,
	QF_PY_SCOPE_COMPREHENSION, /* all four kinds; the first iterable belongs to the outside */
	QF_PY_SCOPE_TYPE_PARAMS,   /* around a generic function, class or type alias */
	QF_PY_SCOPE_TYPE_ALIAS,	   /* value of a type statement, bound of a type parameter */
};

enum qf_py_symbol_flag {
	QF_PY_SYM_ASSIGNED = 1,	  /* any store but an import, a parameter, def or class: also for, with, except, del */
	QF_PY_SYM_IMPORTED = 2, QF_PY_SYM_PARAM = 4, QF_PY_SYM_DEFINED = 8 /* def, class, type */,
	QF_PY_SYM_REFERENCED = 16, /* loaded; `super` in a function loads __class__ as well */
	/* By statement, or by a walrus in a comprehension. A name that any scope declares global is GLOBAL in
	 * the module's scope too, and LOCAL there. */
	QF_PY_SYM_GLOBAL = 32, QF_PY_SYM_NONLOCAL = 64,
	QF_PY_SYM_ANNOTATED = 128, QF_PY_SYM_TYPE_PARAM = 256,
	/* Any of these binds: */
	QF_PY_SYM_BOUND = QF_PY_SYM_ASSIGNED | QF_PY_SYM_IMPORTED | QF_PY_SYM_PARAM | QF_PY_SYM_DEFINED |
			  QF_PY_SYM_TYPE_PARAM,
};

/* Where the value of a name in a scope comes from. */
enum qf_py_where {
	QF_PY_LOCAL,	       /* bound in this scope */
	QF_PY_GLOBAL_EXPLICIT, /* by a global statement */
	QF_PY_GLOBAL_IMPLICIT, /* bound nowhere between here and the module: the module's, else a builtin */
	QF_PY_FREE,	       /* bound in an enclosing function; for a TYPE_ scope also in the class around it */
};

enum qf_py_use_kind {
	QF_PY_USE_LOAD, QF_PY_USE_STORE, QF_PY_USE_DEL, QF_PY_USE_IMPORT, /* node: the ALIAS */
	QF_PY_USE_PARAM, QF_PY_USE_DEF, QF_PY_USE_TYPE_PARAM,
	QF_PY_USE_DECLARE, /* in a global or nonlocal statement */
};

/* One place where a name stands as a name: not an attribute, not a keyword argument. */
struct qf_py_use {
	enum qf_py_use_kind kind;
	uint32_t token;		    /* its NAME; for import a.b.c the token of a */
	struct qf_py_node *node;    /* NAME_EXPR, ALIAS, PARAM, FUNCTION, CLASS, IDENT, HANDLER, PAT_*, .. */
	struct qf_py_symbol *symbol;/* of the scope in which it stands */
	struct qf_py_use *next;	    /* of the same symbol, in the order of the source */
};

struct qf_py_symbol {
	struct qf_str name;	    /* as Python compares it: NFKC, private names mangled */
	unsigned flags;		    /* enum qf_py_symbol_flag */
	enum qf_py_where where;
	struct qf_py_symbol *binding; /* the symbol that holds the value: itself when LOCAL; NULL for a
					 GLOBAL_IMPLICIT that the module does not bind (builtin, star import)
					 and for the __class__ of a method, which no statement binds */
	struct qf_py_scope *scope;
	struct qf_py_use *uses, *last_use;
	struct qf_py_symbol *next;  /* of the scope, in order of first use; those without uses come last */
};

struct qf_py_scope {
	enum qf_py_scope_kind kind;
	struct qf_py_node *node;    /* MODULE, CLASS, FUNCTION, LAMBDA, .. */
	struct qf_py_scope *parent, *child, *last_child, *next;
	struct qf_py_symbol *symbols, *last_symbol;
	bool star_import;	    /* from x import * stands in it */
	/* Private: symbols by name; what qf_py_scope_of finds the scope by. */
	struct qf_py_symbol **table;
	size_t table_size, table_used;
	const struct qf_py_node *key;
};

struct qf_py_scopes {
	const struct qf_py_ast *ast;
	struct qf_arena arena;
	struct qf_py_scope *module;
	struct qf_py_symbol **by_token; /* for each token: the symbol of the use that stands there, or NULL */
	struct qf_py_scope **by_node;	/* private, with its size: for qf_py_scope_of */
	size_t by_node_size;
};

/* Error: QF_E_DATA "line L, column C: <reason>" where CPython's symtable refuses too (a name that is both
 * parameter and global, nonlocal without a binding). Release in any case. */
int qf_py_scopes_build(const struct qf_py_ast *ast, struct qf_py_scopes *ret, struct qf_err *err) QF_CHECK;
void qf_py_scopes_release(struct qf_py_scopes *s);

/* The symbol of a name in this very scope, or NULL. */
struct qf_py_symbol *qf_py_scope_find(const struct qf_py_scope *scope, struct qf_str name);
/* What a name would mean to code in this scope (as a LOAD there): the symbol that binds it, or NULL. Class
 * scopes around are passed over, as Python does. */
struct qf_py_symbol *qf_py_scope_lookup(const struct qf_py_scope *scope, struct qf_str name);
/* The innermost scope in which code at this node runs (for a FUNCTION its decorators, defaults and
 * annotations run outside of it: ask with the inner node). A node that makes a scope gives that one. */
struct qf_py_scope *qf_py_scope_of(const struct qf_py_scopes *s, const struct qf_py_node *node);

#endif
