/*
 * The parser from the inside: a recursive descent over the tokens that carry meaning. An error is sticky:
 * the first one is kept and the parser stands at the end of the input from there on, so that every loop
 * ends and no caller has to ask. What is built after it is never seen.
 */
#ifndef QF_ALIGN_PYTHON_PARSE_H
#define QF_ALIGN_PYTHON_PARSE_H

#include "tools/align/python/ast.h"

/* Brackets, blocks and the like inside each other: what the parser's own recursion is bound by. */
#define QF_PP_NESTING 200
/* Height of the tree, which a.b.c and elif make without brackets: what its readers recurse over. */
#define QF_PP_HEIGHT 3000

/* What a token means to the grammar. The order of the first four counts: they are no part of a span. */
enum qf_pp_token {
	QF_T_END, QF_T_NEWLINE, QF_T_INDENT, QF_T_DEDENT,
	QF_T_NAME, QF_T_NUMBER, QF_T_STRING, QF_T_FSTART, QF_T_FMIDDLE, QF_T_FEND,
	QF_T_LPAR, QF_T_RPAR, QF_T_LSQB, QF_T_RSQB, QF_T_LBRACE, QF_T_RBRACE,
	QF_T_COMMA, QF_T_COLON, QF_T_DOT, QF_T_SEMI, QF_T_EQUAL, QF_T_ARROW, QF_T_ELLIPSIS, QF_T_WALRUS, QF_T_BANG,
	QF_T_ASSIGN_OP /* += and its kind */, QF_T_COMPARE /* == != < <= > >= */, QF_T_SHIFT,
	QF_T_PLUS, QF_T_MINUS, QF_T_TILDE, QF_T_STAR, QF_T_STAR2, QF_T_SLASH, QF_T_DIVIDE /* // % */, QF_T_AT,
	QF_T_BAR, QF_T_CARET, QF_T_AMPER,
	QF_T_OTHER,
	/* keywords */
	QF_T_CONSTANT /* None True False */, QF_T_AND, QF_T_AS, QF_T_ASSERT, QF_T_ASYNC, QF_T_AWAIT, QF_T_BREAK,
	QF_T_CLASS, QF_T_CONTINUE, QF_T_DEF, QF_T_DEL, QF_T_ELIF, QF_T_ELSE, QF_T_EXCEPT, QF_T_FINALLY,
	QF_T_FOR, QF_T_FROM, QF_T_GLOBAL, QF_T_IF, QF_T_IMPORT, QF_T_IN, QF_T_IS, QF_T_LAMBDA, QF_T_NONLOCAL,
	QF_T_NOT, QF_T_OR, QF_T_PASS, QF_T_RAISE, QF_T_RETURN, QF_T_TRY, QF_T_WHILE, QF_T_WITH, QF_T_YIELD,
	QF_T_COUNT,
};

/* How tight an operator binds; 0 is no operator. */
enum qf_pp_level {
	QF_P_OR = 1, QF_P_AND, QF_P_NOT, QF_P_COMPARE, QF_P_BITOR, QF_P_BITXOR, QF_P_BITAND, QF_P_SHIFT, QF_P_SUM,
	QF_P_TERM,
};

struct qf_pp {
	const struct qf_py_tokens *tokens;
	struct qf_py_ast *ast;
	uint8_t *id;		/* of the tokens that carry meaning, what they are: enum qf_pp_token */
	uint32_t *token;	/* and their index in tokens */
	uint32_t n, pos;	/* id[n - 1] is END, and so are the two behind it */
	unsigned depth;
	bool failed;
	uint32_t failed_at;	/* index in tokens */
	const char *reason;
};

static inline enum qf_pp_token qf_pp_id(const struct qf_pp *p)
{
	return p->id[p->pos];
}

static inline enum qf_pp_token qf_pp_ahead(const struct qf_pp *p)
{
	return p->id[p->pos + 1];
}

/* A node that begins at a position of the parser. */
static inline struct qf_py_node *qf_pp_new(struct qf_pp *p, enum qf_py_kind kind, uint32_t start)
{
	struct qf_py_node *node = qf_arena_alloc(&p->ast->arena, sizeof(*node));

	*node = (struct qf_py_node){ .kind = kind, .first = p->token[start], .name = QF_PY_NONE };
	return node;
}

/* The node ends behind what was read last. */
static inline struct qf_py_node *qf_pp_finish(struct qf_pp *p, struct qf_py_node *node)
{
	uint32_t at = p->pos;

	while (at > 0 && p->id[at - 1] <= QF_T_DEDENT)
		at--;
	node->last = at ? p->token[at - 1] + 1 : 0;
	return node;
}

/* Puts a node at the end of a list, of which this is the end. Returns the new end. */
static inline struct qf_py_node **qf_pp_add(struct qf_py_node **end, struct qf_py_node *node)
{
	*end = node;
	return &node->next;
}

static inline bool qf_pp_accept(struct qf_pp *p, enum qf_pp_token id)
{
	if (qf_pp_id(p) != id)
		return false;
	p->pos++;
	return true;
}

/* Sets the meaning of the tokens up, from the first to the END. */
void qf_pp_open(struct qf_pp *p, const struct qf_py_tokens *tokens, struct qf_py_ast *ast);
void qf_pp_close(struct qf_pp *p);
/* The error as the caller is to see it. */
int qf_pp_error(const struct qf_pp *p, struct qf_err *err);
/* Gives every node its parent; fails where the tree is too high. */
void qf_pp_link(struct qf_pp *p, struct qf_py_node *root);

/* The reason is a literal. "expected ..." at the token at hand says what was found as well. */
void qf_pp_fail(struct qf_pp *p, const char *reason);
void qf_pp_fail_at(struct qf_pp *p, const struct qf_py_node *node, const char *reason);
void qf_pp_expect(struct qf_pp *p, enum qf_pp_token id, const char *reason);
/* Reads a NAME that is no keyword; its token. */
uint32_t qf_pp_name(struct qf_pp *p);
/* Is the token at hand this soft keyword? */
bool qf_pp_is(const struct qf_pp *p, const char *word);
/* Around whatever recurses. */
void qf_pp_enter(struct qf_pp *p);
static inline void qf_pp_leave(struct qf_pp *p)
{
	p->depth--;
}
/* Can an expression, or a starred one, begin with this token? */
bool qf_pp_starts(enum qf_pp_token id);

/* A list of statements up to a DEDENT or the end. */
struct qf_py_node *qf_pp_statements(struct qf_pp *p);
struct qf_py_node **qf_pp_simple_line(struct qf_pp *p, struct qf_py_node **end);
/* A compound statement, or NULL where the token begins none. */
struct qf_py_node *qf_pp_compound(struct qf_pp *p);
/* Type parameters in brackets, if there are any. */
struct qf_py_node *qf_pp_type_params(struct qf_pp *p);
/* The colon and what is indented behind it, or stands in the same line. */
struct qf_py_node *qf_pp_block(struct qf_pp *p);
/* A match statement whose `match` is at hand; NULL, nothing read, where that is an ordinary name. */
struct qf_py_node *qf_pp_match(struct qf_pp *p);

struct qf_py_node *qf_pp_expression(struct qf_pp *p);
/* An expression or NAME := expression. */
struct qf_py_node *qf_pp_named(struct qf_pp *p);
/* Operators of this level and of those that bind tighter. */
struct qf_py_node *qf_pp_binary(struct qf_pp *p, enum qf_pp_level level);
/* *operand, or an expression; `named` allows := in it. */
struct qf_py_node *qf_pp_star(struct qf_pp *p, bool named);
/* One such, or several with commas as a TUPLE without parentheses. */
struct qf_py_node *qf_pp_tuple(struct qf_pp *p, bool named);
struct qf_py_node *qf_pp_yield(struct qf_pp *p);
/* What may stand at the right of =: a yield or a tuple. */
struct qf_py_node *qf_pp_value(struct qf_pp *p);
/* One target that is stored to, or with commas a tuple of them: of for, of a comprehension, of with. */
struct qf_py_node *qf_pp_target(struct qf_pp *p, bool several);
/* Makes an expression a target; fails where it cannot be one. */
void qf_pp_store(struct qf_pp *p, struct qf_py_node *node, enum qf_py_ctx ctx);
/* Arguments of a call or bases of a class, parentheses and all. */
void qf_pp_arguments(struct qf_pp *p, struct qf_py_node **end, bool generator);
/* Parameters up to `closing` (not read); those of a lambda have no annotations. */
struct qf_py_node *qf_pp_params(struct qf_pp *p, enum qf_pp_token closing);
bool qf_pp_at_comprehension(const struct qf_pp *p);
/* The for clauses. */
struct qf_py_node *qf_pp_comprehension(struct qf_pp *p);
struct qf_py_node *qf_pp_atom(struct qf_pp *p);
struct qf_py_node *qf_pp_strings(struct qf_pp *p);
/* The patterns of a case, up to its guard or colon. */
struct qf_py_node *qf_pp_patterns(struct qf_pp *p);

#endif
