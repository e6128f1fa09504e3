/* parse_compound: statements that hold blocks. */
#include "tools/align/python/parse.h"

struct qf_py_node *qf_pp_block(struct qf_pp *p)
{
	struct qf_py_node *first = NULL;

	qf_pp_expect(p, QF_T_COLON, "expected ':'");
	if (!qf_pp_accept(p, QF_T_NEWLINE)) {
		qf_pp_simple_line(p, &first);
		return first;
	}
	qf_pp_expect(p, QF_T_INDENT, "expected an indented block");
	qf_pp_enter(p);
	first = qf_pp_statements(p);
	qf_pp_leave(p);
	qf_pp_expect(p, QF_T_DEDENT, "expected the end of the block");
	return first;
}

static struct qf_py_node *else_block(struct qf_pp *p)
{
	return qf_pp_accept(p, QF_T_ELSE) ? qf_pp_block(p) : NULL;
}

/* A loop, as there may be thousands of elif. */
static struct qf_py_node *if_statement(struct qf_pp *p)
{
	struct qf_py_node *outer = NULL, **end = &outer, *node;

	do {
		node = qf_pp_new(p, QF_PY_IF, p->pos++);
		node->flags |= outer ? QF_PY_ELIF : 0;
		node->a = qf_pp_named(p);
		node->b = qf_pp_block(p);
		*end = node;
		end = &node->c;
	} while (qf_pp_id(p) == QF_T_ELIF);
	*end = else_block(p);
	for (node = outer; node; node = node->c && node->c->flags & QF_PY_ELIF ? node->c : NULL)
		qf_pp_finish(p, node);
	return outer;
}

static struct qf_py_node *while_statement(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_WHILE, p->pos++);

	node->a = qf_pp_named(p);
	node->b = qf_pp_block(p);
	node->c = else_block(p);
	return qf_pp_finish(p, node);
}

static struct qf_py_node *for_statement(struct qf_pp *p, struct qf_py_node *node)
{
	p->pos++;
	node->a = qf_pp_target(p, true);
	qf_pp_expect(p, QF_T_IN, "expected 'in'");
	node->b = qf_pp_tuple(p, false);
	node->c = qf_pp_block(p);
	node->d = else_block(p);
	return qf_pp_finish(p, node);
}

static struct qf_py_node *with_item(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_WITH_ITEM, p->pos);

	node->a = qf_pp_expression(p);
	if (qf_pp_accept(p, QF_T_AS))
		node->b = qf_pp_target(p, false);
	return qf_pp_finish(p, node);
}

/*
 * Items in parentheses. What looks so may be the beginning of an expression, with (a).b: or
 * with (yield): for instance; then nothing is read and the answer is NULL.
 */
static struct qf_py_node *with_parentheses(struct qf_pp *p)
{
	uint32_t start = p->pos++;
	struct qf_py_node *first = NULL, **end = &first;

	do
		end = qf_pp_add(end, with_item(p));
	while (qf_pp_accept(p, QF_T_COMMA) && qf_pp_id(p) != QF_T_RPAR);
	if (qf_pp_accept(p, QF_T_RPAR) && qf_pp_id(p) == QF_T_COLON && !p->failed)
		return first;
	p->failed = false;
	p->pos = start;
	return NULL;
}

static struct qf_py_node *with_statement(struct qf_pp *p, struct qf_py_node *node)
{
	struct qf_py_node **end = &node->a;

	p->pos++;
	if (qf_pp_id(p) == QF_T_LPAR)
		node->a = with_parentheses(p);
	if (node->a) {
		node->flags |= QF_PY_PAREN;
	} else {
		do
			end = qf_pp_add(end, with_item(p));
		while (qf_pp_accept(p, QF_T_COMMA));
	}
	node->b = qf_pp_block(p);
	return qf_pp_finish(p, node);
}

/* except A, B: is Python 3.14; before `as` it takes parentheses. */
static struct qf_py_node *handler(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_HANDLER, p->pos++);

	if (qf_pp_accept(p, QF_T_STAR))
		node->flags |= QF_PY_STARRY;
	if (node->flags & QF_PY_STARRY || qf_pp_id(p) != QF_T_COLON)
		node->a = qf_pp_tuple(p, false);
	if (qf_pp_id(p) == QF_T_AS) {
		if (node->a->kind == QF_PY_TUPLE && !(node->a->flags & QF_PY_PAREN))
			qf_pp_fail_at(p, node->a, "several exceptions before 'as' stand in parentheses");
		if (qf_pp_accept(p, QF_T_AS))
			node->name = qf_pp_name(p);
	}
	node->b = qf_pp_block(p);
	return qf_pp_finish(p, node);
}

static struct qf_py_node *try_statement(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_TRY, p->pos++), **end = &node->b;

	node->a = qf_pp_block(p);
	while (qf_pp_id(p) == QF_T_EXCEPT) {
		struct qf_py_node *one = handler(p);

		if (one->flags != (node->b ? node->b : one)->flags)
			qf_pp_fail_at(p, one, "'except' and 'except*' stand in one try statement");
		end = qf_pp_add(end, one);
	}
	if (node->b)
		node->c = else_block(p);
	if (qf_pp_accept(p, QF_T_FINALLY))
		node->d = qf_pp_block(p);
	else if (!node->b)
		qf_pp_fail(p, "expected 'except' or 'finally'");
	return qf_pp_finish(p, node);
}

struct qf_py_node *qf_pp_type_params(struct qf_pp *p)
{
	struct qf_py_node *first = NULL, **end = &first, *node;

	if (!qf_pp_accept(p, QF_T_LSQB))
		return NULL;
	do {
		node = qf_pp_new(p, QF_PY_TYPE_PARAM, p->pos);
		if (qf_pp_accept(p, QF_T_STAR))
			node->flags |= QF_PY_VARARG;
		else if (qf_pp_accept(p, QF_T_STAR2))
			node->flags |= QF_PY_KWARG;
		node->name = qf_pp_name(p);
		if (node->flags == 0 && qf_pp_accept(p, QF_T_COLON))
			node->a = qf_pp_expression(p);
		if (qf_pp_accept(p, QF_T_EQUAL))
			node->b = node->flags & QF_PY_VARARG ? qf_pp_star(p, false) : qf_pp_expression(p);
		end = qf_pp_add(end, qf_pp_finish(p, node));
	} while (qf_pp_accept(p, QF_T_COMMA) && qf_pp_id(p) != QF_T_RSQB);
	qf_pp_expect(p, QF_T_RSQB, "expected ']' or ','");
	return first;
}

static struct qf_py_node *function(struct qf_pp *p, struct qf_py_node *node)
{
	p->pos++;
	node->name = qf_pp_name(p);
	node->e = qf_pp_type_params(p);
	qf_pp_expect(p, QF_T_LPAR, "expected '('");
	node->b = qf_pp_params(p, QF_T_RPAR);
	qf_pp_expect(p, QF_T_RPAR, "expected ')' or ','");
	if (qf_pp_accept(p, QF_T_ARROW))
		node->c = qf_pp_expression(p);
	node->d = qf_pp_block(p);
	return qf_pp_finish(p, node);
}

static struct qf_py_node *class(struct qf_pp *p, struct qf_py_node *node)
{
	p->pos++;
	node->name = qf_pp_name(p);
	node->e = qf_pp_type_params(p);
	if (qf_pp_id(p) == QF_T_LPAR)
		qf_pp_arguments(p, &node->b, false);
	node->d = qf_pp_block(p);
	return qf_pp_finish(p, node);
}

/* The statement begins at its first decorator. */
static struct qf_py_node *decorated(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *first = NULL, **end = &first, *node;
	bool async;

	while (qf_pp_accept(p, QF_T_AT)) {
		end = qf_pp_add(end, qf_pp_named(p));
		qf_pp_expect(p, QF_T_NEWLINE, "expected the end of the decorator");
	}
	async = qf_pp_id(p) == QF_T_ASYNC && qf_pp_ahead(p) == QF_T_DEF;
	p->pos += async;
	node = qf_pp_new(p, qf_pp_id(p) == QF_T_CLASS ? QF_PY_CLASS : QF_PY_FUNCTION, start);
	node->flags |= async ? QF_PY_ASYNC : 0;
	node->a = first;
	if (qf_pp_id(p) == QF_T_CLASS)
		return class(p, node);
	if (qf_pp_id(p) == QF_T_DEF)
		return function(p, node);
	qf_pp_fail(p, "expected 'def' or 'class' behind the decorators");
	return node;
}

static struct qf_py_node *async_statement(struct qf_pp *p)
{
	uint32_t start = p->pos;
	enum qf_pp_token id = qf_pp_ahead(p);
	struct qf_py_node *node = qf_pp_new(p, id == QF_T_FOR ? QF_PY_FOR : QF_PY_WITH, start);

	if (id == QF_T_DEF)
		return decorated(p);
	p->pos++;
	node->flags |= QF_PY_ASYNC;
	if (id == QF_T_FOR)
		return for_statement(p, node);
	if (id == QF_T_WITH)
		return with_statement(p, node);
	qf_pp_fail(p, "expected 'def', 'for' or 'with' behind 'async'");
	return node;
}

static struct qf_py_node *case_clause(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_CASE, p->pos);

	if (!qf_pp_is(p, "case"))
		qf_pp_fail(p, "expected 'case'");
	qf_pp_accept(p, QF_T_NAME);
	node->a = qf_pp_patterns(p);
	if (qf_pp_accept(p, QF_T_IF))
		node->b = qf_pp_named(p);
	node->c = qf_pp_block(p);
	return qf_pp_finish(p, node);
}

/* `match` is a name unless a subject, a colon and the end of the line follow. */
struct qf_py_node *qf_pp_match(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *node, **end;

	if (!qf_pp_starts(qf_pp_ahead(p)) || !qf_pp_is(p, "match"))
		return NULL;
	node = qf_pp_new(p, QF_PY_MATCH, p->pos++);
	node->a = qf_pp_tuple(p, true);
	if (p->failed || qf_pp_id(p) != QF_T_COLON || qf_pp_ahead(p) != QF_T_NEWLINE) {
		p->failed = false;
		p->pos = start;
		return NULL;
	}
	p->pos += 2;
	qf_pp_expect(p, QF_T_INDENT, "expected an indented block");
	qf_pp_enter(p);
	end = &node->b;
	do
		end = qf_pp_add(end, case_clause(p));
	while (qf_pp_id(p) != QF_T_DEDENT && !p->failed);
	qf_pp_leave(p);
	qf_pp_expect(p, QF_T_DEDENT, "expected the end of the block");
	return qf_pp_finish(p, node);
}

struct qf_py_node *qf_pp_compound(struct qf_pp *p)
{
	switch (qf_pp_id(p)) {
	case QF_T_IF:
		return if_statement(p);
	case QF_T_WHILE:
		return while_statement(p);
	case QF_T_FOR:
		return for_statement(p, qf_pp_new(p, QF_PY_FOR, p->pos));
	case QF_T_TRY:
		return try_statement(p);
	case QF_T_WITH:
		return with_statement(p, qf_pp_new(p, QF_PY_WITH, p->pos));
	case QF_T_DEF:
	case QF_T_CLASS:
	case QF_T_AT:
		return decorated(p);
	case QF_T_ASYNC:
		return async_statement(p);
	case QF_T_NAME:
		return qf_pp_match(p);
	default:
		return NULL;
	}
}
