/* What the files of the expression language share: tokens, the tree, values. */
#ifndef QF_TRANSFORM_EXPR_TREE_H
#define QF_TRANSFORM_EXPR_TREE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "tools/transform/expr.h"

/* ---- tokens ---- */

enum qf_xtoken {
	QF_XT_END,
	QF_XT_WORD,	/* a name alone: a keyword, a function or a path of one part */
	QF_XT_PATH,	/* any other path */
	QF_XT_FIELD,	/* @id, without the @ in text */
	QF_XT_NUMBER,
	QF_XT_TEXT,	/* text is resolved */
	QF_XT_REGEX,	/* text is the pattern; only where qf_xlex_regex was asked for one */
	QF_XT_EQ, QF_XT_NE, QF_XT_LT, QF_XT_LE, QF_XT_GT, QF_XT_GE,
	QF_XT_OPEN, QF_XT_CLOSE, QF_XT_LIST, QF_XT_LIST_END, QF_XT_COMMA,
};

struct qf_xlex {
	struct qf_str in;
	size_t pos;		/* behind the token */
	struct qf_arena *arena;
	/* The token. */
	enum qf_xtoken type;
	size_t from;		/* where it begins */
	struct qf_str text;
	struct qf_path_part *parts; /* of PATH and WORD */
	size_t n_parts;
	bool fold;		/* of REGEX: the flag i */
	size_t *at;
	struct qf_err *err;
};

/* Reads the next token. -1: err is set. */
int qf_xlex_next(struct qf_xlex *x) QF_CHECK;
/* The same where a regex between slashes may stand. */
int qf_xlex_regex(struct qf_xlex *x) QF_CHECK;
/* Sets err with the place of the byte `pos`. Returns -1. */
int qf_xlex_error(struct qf_xlex *x, size_t pos, const char *fmt, ...) QF_PRINTF(3, 4);

/* ---- the tree ---- */

enum qf_xfunc { QF_XF_LOWER, QF_XF_UPPER, QF_XF_LENGTH, QF_XF_DATE, QF_XF_COUNT };
/* What is known of a value before there is a record. */
enum qf_xkind { QF_XK_ANY, QF_XK_BOOL, QF_XK_NUMBER, QF_XK_TEXT, QF_XK_DATE };

struct qf_xvalue {
	struct qf_val *val;	/* NULL: absent, or a moment */
	bool is_moment;
	struct qf_moment moment;
};

enum { QF_X_MAX_FUNCS = 8 };

/* A value in a condition: a literal or a path, and the functions around it, the inner one first. */
struct qf_xoperand {
	bool is_literal;	/* then the functions have been applied already */
	struct qf_xvalue literal;
	struct qf_path path;	/* its text is not set */
	enum qf_xfunc funcs[QF_X_MAX_FUNCS];
	size_t n_funcs;
	enum qf_xkind kind;
	size_t from;		/* where it stands in the text */
};

enum qf_xop {
	QF_X_OR, QF_X_AND, QF_X_NOT,
	QF_X_TRUTH,		/* a value that is a condition by itself */
	QF_X_EXISTS, QF_X_IS_NULL,
	QF_X_EQ, QF_X_LT, QF_X_LE, QF_X_GT, QF_X_GE,
	QF_X_IN,		/* in a list, sorted */
	QF_X_MATCHES, QF_X_STARTS, QF_X_ENDS, QF_X_CONTAINS,
};

struct qf_xnode {
	enum qf_xop op;
	struct qf_xnode *child, *next;	/* of OR, AND and NOT */
	struct qf_xoperand left, right;
	struct qf_val **list;
	size_t n_list;
	pcre2_code *regex;
	pcre2_match_data *match;
	struct qf_str pattern;
	bool fold;
	struct qf_xnode *next_regex;	/* of the expression, to free them */
};

struct qf_expr {
	struct qf_arena arena;
	struct qf_xnode *root, *regexes;
	unsigned reads;		/* bits 1 << QF_PATH_PAYLOAD .. */
	pcre2_match_context *context;	/* NULL without a regex */
	pcre2_jit_stack *stack;
};

extern const char *const qf_xfunc_names[QF_XF_COUNT];

/* The tree of the whole text, in the expression's arena; NULL: x->err is set. */
struct qf_xnode *qf_xparse(struct qf_expr *e, struct qf_xlex *x);
/* Is it a word that as a name stands between backticks? */
bool qf_xreserved(struct qf_str name);

/* What the function makes of the value; absent (val NULL, no moment) where it takes no such value. */
struct qf_xvalue qf_xfunc_apply(enum qf_xfunc func, const struct qf_xvalue *v, struct qf_arena *arena);

/* Compiles the pattern of the node. Error: at its place in the text. */
int qf_xregex_new(struct qf_expr *e, struct qf_xnode *n, struct qf_xlex *x) QF_CHECK;
/* Does it match somewhere in the text? Error: QF_E_DATA where PCRE2 gives up. */
int qf_xregex_match(struct qf_expr *e, const struct qf_xnode *n, struct qf_str text, bool *ret,
		    struct qf_err *err) QF_CHECK;

#endif
