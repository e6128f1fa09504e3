/*
 * The syntax tree of a Python module, 3.8 to 3.14: what binding analysis and rewriting need, every node
 * with its tokens. Accepts whatever CPython's compile() accepts; checks that only CPython's later passes
 * make (return outside a function, assignment to a literal) are not made.
 */
#ifndef QF_ALIGN_PYTHON_AST_H
#define QF_ALIGN_PYTHON_AST_H

#include "common/base/arena.h"
#include "tools/align/python/token.h"

/*
 * What the members a to e and `name` mean is said behind each kind. "list": the first of nodes linked by
 * `next`. A member that is not named is NULL. `name` is a token's index, QF_PY_NONE where there is none.
 */
enum qf_py_kind {
	/* statements */
	QF_PY_MODULE,	    /* a: list of statements */
	QF_PY_EXPR,	    /* a: value */
	QF_PY_ASSIGN,	    /* a: list of targets, b: value */
	QF_PY_AUG_ASSIGN,   /* a: target, b: value */
	QF_PY_ANN_ASSIGN,   /* a: target, b: annotation, c: value or NULL; SIMPLE: target is a bare name */
	QF_PY_RETURN,	    /* a: value or NULL */
	QF_PY_RAISE,	    /* a: exception or NULL, b: cause or NULL */
	QF_PY_ASSERT,	    /* a: test, b: message or NULL */
	QF_PY_DELETE,	    /* a: list of targets */
	QF_PY_PASS, QF_PY_BREAK, QF_PY_CONTINUE,
	QF_PY_GLOBAL, QF_PY_NONLOCAL, /* a: list of IDENT */
	QF_PY_IMPORT,	    /* a: list of ALIAS */
	QF_PY_IMPORT_FROM,  /* a: DOTTED or NULL, b: list of ALIAS (its a a DOTTED of one name) or one STAR;
			       level: leading dots; PAREN */
	QF_PY_IF,	    /* a: test, b: body, c: orelse (an elif is one IF there with ELIF) */
	QF_PY_WHILE,	    /* a: test, b: body, c: orelse */
	QF_PY_FOR,	    /* a: target, b: iterable, c: body, d: orelse; ASYNC */
	QF_PY_TRY,	    /* a: body, b: list of HANDLER, c: orelse, d: finally */
	QF_PY_WITH,	    /* a: list of WITH_ITEM, b: body; ASYNC, PAREN */
	QF_PY_FUNCTION,	    /* name; a: list of decorators, b: list of PARAM, c: returns, d: body, e: list of
			       TYPE_PARAM; ASYNC */
	QF_PY_CLASS,	    /* name; a: list of decorators, b: list of arguments, d: body, e: list of TYPE_PARAM */
	QF_PY_MATCH,	    /* a: subject, b: list of CASE */
	QF_PY_TYPE_ALIAS,   /* name; b: value, e: list of TYPE_PARAM */

	/* parts of statements */
	QF_PY_ALIAS,	    /* a: DOTTED, name: behind `as` */
	QF_PY_STAR,	    /* the * of from x import * */
	QF_PY_DOTTED,	    /* NAME (. NAME)*; its tokens may have line ends and comments among them */
	QF_PY_IDENT,	    /* name: of a global or nonlocal statement */
	QF_PY_HANDLER,	    /* a: type or NULL, b: body, name; STARRY: except* */
	QF_PY_WITH_ITEM,    /* a: value, b: target or NULL */
	QF_PY_CASE,	    /* a: pattern, b: guard or NULL, c: body */
	QF_PY_PARAM,	    /* name; a: annotation, b: default; one of POSONLY, KWONLY, VARARG, KWARG or none */
	QF_PY_TYPE_PARAM,   /* name; a: bound, b: default; VARARG: *Ts, KWARG: **P */

	/* expressions */
	QF_PY_NAME_EXPR,    /* name; ctx */
	QF_PY_ATTRIBUTE,    /* a: value, name: behind the dot; ctx */
	QF_PY_SUBSCRIPT,    /* a: value, b: index (a TUPLE without parentheses for several); ctx */
	QF_PY_CALL,	    /* a: function, b: list of arguments: expressions, STARRED, KEYWORD; a bare generator
			       is a GENEXP */
	QF_PY_KEYWORD,	    /* name: NONE for **; a: value */
	QF_PY_STARRED,	    /* a: value; ctx */
	QF_PY_CONSTANT,	    /* number, None, True, False, ... */
	QF_PY_STRINGS,	    /* a: list of STRING_PART and FSTRING that stand side by side */
	QF_PY_STRING_PART,  /* name: the STRING token */
	QF_PY_FSTRING,	    /* a: list of FIELD (the literal text between is not in the tree); first: its START */
	QF_PY_FIELD,	    /* a: value, b: list of FIELD of the format; a field in an f-string or t-string */
	QF_PY_TUPLE, QF_PY_LIST, QF_PY_SET, /* a: list; ctx; PAREN: the tuple has its own parentheses */
	QF_PY_DICT,	    /* a: list of DICT_ITEM */
	QF_PY_DICT_ITEM,    /* a: key, NULL for **; b: value */
	QF_PY_LAMBDA,	    /* a: body, b: list of PARAM */
	QF_PY_IF_EXPR,	    /* a: test, b: then, c: else */
	QF_PY_BOOL_OP, QF_PY_BIN_OP, QF_PY_UNARY_OP, QF_PY_COMPARE, /* a: list of operands */
	QF_PY_AWAIT, QF_PY_YIELD, QF_PY_YIELD_FROM, /* a: value; NULL only in a bare yield */
	QF_PY_LIST_COMP, QF_PY_SET_COMP, QF_PY_GENEXP, /* a: element, c: list of COMP_FOR */
	QF_PY_DICT_COMP,    /* a: key, b: value, c: list of COMP_FOR */
	QF_PY_COMP_FOR,	    /* a: target, b: iterable, c: list of conditions; ASYNC */
	QF_PY_NAMED_EXPR,   /* a: target (NAME_EXPR), b: value */
	QF_PY_SLICE,	    /* a, b, c: lower, upper, step, each may be NULL */

	/* patterns of match */
	QF_PY_PAT_VALUE,    /* a: expression (constant, dotted name, signed number) */
	QF_PY_PAT_CAPTURE,  /* name; NONE for _ */
	QF_PY_PAT_STAR,	    /* name; NONE for *_ */
	QF_PY_PAT_SEQUENCE, QF_PY_PAT_OR, /* a: list */
	QF_PY_PAT_MAPPING,  /* a: list of PAT_ITEM, name: behind ** */
	QF_PY_PAT_ITEM,	    /* a: key expression, b: pattern */
	QF_PY_PAT_CLASS,    /* a: expression, b: list of patterns and PAT_KEYWORD */
	QF_PY_PAT_KEYWORD,  /* name, a: pattern */
	QF_PY_PAT_AS,	    /* a: pattern, name */
};

#define QF_PY_NONE UINT32_MAX

enum qf_py_ctx { QF_PY_LOAD, QF_PY_STORE, QF_PY_DEL };

enum qf_py_flag {
	QF_PY_SIMPLE = 1, QF_PY_ASYNC = 2, QF_PY_PAREN = 4, QF_PY_ELIF = 8, QF_PY_STARRY = 16,
	QF_PY_POSONLY = 32, QF_PY_KWONLY = 64, QF_PY_VARARG = 128, QF_PY_KWARG = 256,
};

struct qf_py_node {
	uint8_t kind, ctx;
	uint16_t flags;
	uint32_t first, last;	/* tokens [first, last) */
	uint32_t name;
	uint32_t level;
	struct qf_py_node *parent, *next;
	struct qf_py_node *a, *b, *c, *d, *e;
};

struct qf_py_ast {
	const struct qf_py_tokens *tokens;  /* borrowed */
	struct qf_arena arena;		    /* all nodes */
	struct qf_py_node *root;	    /* MODULE; for qf_py_parse_expr the expression */
};

/*
 * Parses a module. Error: QF_E_DATA "line L, column C: <reason>", also where nesting passes 200 levels (no
 * input overflows the stack) or the tree would be higher than 3,000 nodes, as a.b.c... and elif make it.
 * Spans are CPython's, without the parentheses around an expression, but that a decorated statement begins
 * at its first decorator and a PARAM at its stars and ends behind its default. Release in any case.
 */
int qf_py_parse(const struct qf_py_tokens *tokens, struct qf_py_ast *ret, struct qf_err *err) QF_CHECK;
/* Parses one expression, as a string annotation holds it; parent of the root is NULL. */
int qf_py_parse_expr(const struct qf_py_tokens *tokens, struct qf_py_ast *ret, struct qf_err *err) QF_CHECK;
void qf_py_ast_release(struct qf_py_ast *ast);

/* Calls fn for each child of a node, in the order of the source as far as the members keep it. */
void qf_py_children(struct qf_py_node *node, void (*fn)(struct qf_py_node *child, void *ctx), void *ctx);

/* "Name", "Attribute", for tests and messages. */
const char *qf_py_kind_name(enum qf_py_kind kind);

#endif
