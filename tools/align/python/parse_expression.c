/* parse_expression: operators, conditions, lambda, tuples without parentheses, targets. */
#include "tools/align/python/parse.h"

static struct qf_py_node *conditional(struct qf_pp *p, struct qf_py_node *then, uint32_t start);

/*
 * A lambda. In the conditions of a comprehension (`whole` is false) its body takes no `if`, which Python
 * 3.8 has and later versions have not.
 */
static struct qf_py_node *lambda(struct qf_pp *p, bool whole)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_LAMBDA, p->pos++);

	qf_pp_enter(p);
	node->b = qf_pp_params(p, QF_T_COLON);
	qf_pp_expect(p, QF_T_COLON, "expected ':' of the lambda");
	node->a = whole ? qf_pp_expression(p) :
		  qf_pp_id(p) == QF_T_LAMBDA ? lambda(p, false) : qf_pp_binary(p, QF_P_OR);
	qf_pp_leave(p);
	return qf_pp_finish(p, node);
}

struct qf_py_node *qf_pp_expression(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *value;

	if (qf_pp_id(p) == QF_T_LAMBDA)
		return lambda(p, true);
	value = qf_pp_binary(p, QF_P_OR);
	return qf_pp_id(p) == QF_T_IF ? conditional(p, value, start) : value;
}

/* Also a loop: a if b else c if d else ... */
static struct qf_py_node *conditional(struct qf_pp *p, struct qf_py_node *then, uint32_t start)
{
	struct qf_py_node *outer = NULL, **end = &outer;

	while (qf_pp_id(p) == QF_T_IF) {
		struct qf_py_node *node = qf_pp_new(p, QF_PY_IF_EXPR, start);

		p->pos++;
		node->b = then;
		node->a = qf_pp_binary(p, QF_P_OR);
		qf_pp_expect(p, QF_T_ELSE, "expected 'else' of the conditional expression");
		*end = node;
		end = &node->c;
		start = p->pos;
		then = qf_pp_id(p) == QF_T_LAMBDA ? lambda(p, true) : qf_pp_binary(p, QF_P_OR);
	}
	*end = then;
	for (struct qf_py_node *node = outer; node != then; node = node->c)
		qf_pp_finish(p, node);
	return outer;
}

struct qf_py_node *qf_pp_named(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *value = qf_pp_expression(p), *node;

	if (qf_pp_id(p) != QF_T_WALRUS || value->kind != QF_PY_NAME_EXPR)
		return value;
	p->pos++;
	node = qf_pp_new(p, QF_PY_NAMED_EXPR, start);
	qf_pp_store(p, value, QF_PY_STORE);
	node->a = value;
	node->b = qf_pp_expression(p);
	return qf_pp_finish(p, node);
}

static bool is_sign(enum qf_pp_token id)
{
	return id == QF_T_MINUS || id == QF_T_PLUS || id == QF_T_TILDE;
}

static struct qf_py_node *power(struct qf_pp *p);

/* Signs, or a row of `not`, in front of an operand: a loop, as there may be thousands. */
static struct qf_py_node *prefixed(struct qf_pp *p, bool negation)
{
	struct qf_py_node *outer = NULL, **end = &outer, *operand;

	while (negation ? qf_pp_id(p) == QF_T_NOT : is_sign(qf_pp_id(p))) {
		*end = qf_pp_new(p, QF_PY_UNARY_OP, p->pos++);
		end = &(*end)->a;
	}
	operand = negation ? qf_pp_binary(p, QF_P_COMPARE) : power(p);
	*end = operand;
	for (struct qf_py_node *node = outer; node != operand; node = node->a)
		qf_pp_finish(p, node);
	return outer;
}

static struct qf_py_node *primary(struct qf_pp *p);

static struct qf_py_node *awaited(struct qf_pp *p)
{
	struct qf_py_node *node;

	if (qf_pp_id(p) != QF_T_AWAIT)
		return primary(p);
	node = qf_pp_new(p, QF_PY_AWAIT, p->pos++);
	node->a = primary(p);
	return qf_pp_finish(p, node);
}

static struct qf_py_node *power(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *node = awaited(p), **end, *base = node;

	if (qf_pp_id(p) != QF_T_STAR2)
		return node;
	node = qf_pp_new(p, QF_PY_BIN_OP, start);
	end = qf_pp_add(&node->a, base);
	while (qf_pp_accept(p, QF_T_STAR2)) {
		if (is_sign(qf_pp_id(p))) {
			qf_pp_enter(p);
			end = qf_pp_add(end, prefixed(p, false));
			qf_pp_leave(p);
		} else {
			end = qf_pp_add(end, awaited(p));
		}
	}
	return qf_pp_finish(p, node);
}

static unsigned level_of(enum qf_pp_token id)
{
	static const uint8_t levels[QF_T_COUNT] = {
		[QF_T_OR] = QF_P_OR, [QF_T_AND] = QF_P_AND, [QF_T_NOT] = QF_P_COMPARE, [QF_T_IN] = QF_P_COMPARE,
		[QF_T_IS] = QF_P_COMPARE, [QF_T_COMPARE] = QF_P_COMPARE, [QF_T_BAR] = QF_P_BITOR,
		[QF_T_CARET] = QF_P_BITXOR, [QF_T_AMPER] = QF_P_BITAND, [QF_T_SHIFT] = QF_P_SHIFT,
		[QF_T_PLUS] = QF_P_SUM, [QF_T_MINUS] = QF_P_SUM, [QF_T_STAR] = QF_P_TERM, [QF_T_SLASH] = QF_P_TERM,
		[QF_T_DIVIDE] = QF_P_TERM, [QF_T_AT] = QF_P_TERM,
	};

	return levels[id];
}

static void operator(struct qf_pp *p)
{
	enum qf_pp_token id = qf_pp_id(p);

	p->pos++;
	if (id == QF_T_NOT)
		qf_pp_expect(p, QF_T_IN, "expected 'in' behind 'not'");
	else if (id == QF_T_IS)
		qf_pp_accept(p, QF_T_NOT);
}

struct qf_py_node *qf_pp_binary(struct qf_pp *p, enum qf_pp_level level)
{
	uint32_t start = p->pos;
	struct qf_py_node *left, *node, **end;
	unsigned now;

	if (qf_pp_id(p) == QF_T_NOT && level <= QF_P_NOT)
		left = prefixed(p, true);
	else
		left = is_sign(qf_pp_id(p)) ? prefixed(p, false) : power(p);
	while ((now = level_of(qf_pp_id(p))) >= level) {
		node = qf_pp_new(p, now <= QF_P_AND ? QF_PY_BOOL_OP : now == QF_P_COMPARE ? QF_PY_COMPARE :
				 QF_PY_BIN_OP, start);
		end = qf_pp_add(&node->a, left);
		while (level_of(qf_pp_id(p)) == now) {
			operator(p);
			end = qf_pp_add(end, qf_pp_binary(p, now + 1));
		}
		left = qf_pp_finish(p, node);
	}
	return left;
}

static struct qf_py_node *slice(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *lower = NULL, *node;

	if (qf_pp_id(p) == QF_T_STAR) {
		node = qf_pp_new(p, QF_PY_STARRED, p->pos++);
		node->a = qf_pp_expression(p);
		return qf_pp_finish(p, node);
	}
	if (qf_pp_id(p) != QF_T_COLON)
		lower = qf_pp_named(p);
	if (qf_pp_id(p) != QF_T_COLON)
		return lower;
	node = qf_pp_new(p, QF_PY_SLICE, start);
	node->a = lower;
	p->pos++;
	if (qf_pp_starts(qf_pp_id(p)))
		node->b = qf_pp_expression(p);
	if (qf_pp_accept(p, QF_T_COLON) && qf_pp_starts(qf_pp_id(p)))
		node->c = qf_pp_expression(p);
	return qf_pp_finish(p, node);
}

/* x[*a] holds a tuple though there is no comma. */
static struct qf_py_node *index_of(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *node = slice(p), **end, *tuple;

	if (qf_pp_id(p) != QF_T_COMMA && node->kind != QF_PY_STARRED)
		return node;
	tuple = qf_pp_new(p, QF_PY_TUPLE, start);
	end = qf_pp_add(&tuple->a, node);
	while (qf_pp_accept(p, QF_T_COMMA) && qf_pp_id(p) != QF_T_RSQB)
		end = qf_pp_add(end, slice(p));
	return qf_pp_finish(p, tuple);
}

static struct qf_py_node *primary(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *value = qf_pp_atom(p), *node;

	for (;; value = qf_pp_finish(p, node)) {
		switch (qf_pp_id(p)) {
		case QF_T_DOT:
			node = qf_pp_new(p, QF_PY_ATTRIBUTE, start);
			p->pos++;
			node->name = qf_pp_name(p);
			break;
		case QF_T_LPAR:
			node = qf_pp_new(p, QF_PY_CALL, start);
			qf_pp_enter(p);
			qf_pp_arguments(p, &node->b, true);
			qf_pp_leave(p);
			break;
		case QF_T_LSQB:
			node = qf_pp_new(p, QF_PY_SUBSCRIPT, start);
			p->pos++;
			qf_pp_enter(p);
			node->b = index_of(p);
			qf_pp_leave(p);
			qf_pp_expect(p, QF_T_RSQB, "expected ']' or ','");
			break;
		default:
			return value;
		}
		node->a = value;
	}
}

struct qf_py_node *qf_pp_star(struct qf_pp *p, bool named)
{
	struct qf_py_node *node;

	if (qf_pp_id(p) != QF_T_STAR)
		return named ? qf_pp_named(p) : qf_pp_expression(p);
	node = qf_pp_new(p, QF_PY_STARRED, p->pos++);
	node->a = qf_pp_binary(p, QF_P_BITOR);
	return qf_pp_finish(p, node);
}

struct qf_py_node *qf_pp_tuple(struct qf_pp *p, bool named)
{
	uint32_t start = p->pos;
	struct qf_py_node *node = qf_pp_star(p, named), **end, *tuple;

	if (qf_pp_id(p) != QF_T_COMMA)
		return node;
	tuple = qf_pp_new(p, QF_PY_TUPLE, start);
	end = qf_pp_add(&tuple->a, node);
	while (qf_pp_accept(p, QF_T_COMMA) && qf_pp_starts(qf_pp_id(p)))
		end = qf_pp_add(end, qf_pp_star(p, named));
	return qf_pp_finish(p, tuple);
}

struct qf_py_node *qf_pp_yield(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_YIELD, p->pos++);

	if (qf_pp_accept(p, QF_T_FROM)) {
		node->kind = QF_PY_YIELD_FROM;
		node->a = qf_pp_expression(p);
	} else if (qf_pp_starts(qf_pp_id(p))) {
		node->a = qf_pp_tuple(p, false);
	}
	return qf_pp_finish(p, node);
}

struct qf_py_node *qf_pp_value(struct qf_pp *p)
{
	return qf_pp_id(p) == QF_T_YIELD ? qf_pp_yield(p) : qf_pp_tuple(p, false);
}

static struct qf_py_node *one_target(struct qf_pp *p)
{
	return qf_pp_id(p) == QF_T_STAR ? qf_pp_star(p, false) : qf_pp_binary(p, QF_P_BITOR);
}

struct qf_py_node *qf_pp_target(struct qf_pp *p, bool several)
{
	uint32_t start = p->pos;
	struct qf_py_node *node = one_target(p), **end, *tuple;

	if (several && qf_pp_id(p) == QF_T_COMMA) {
		tuple = qf_pp_new(p, QF_PY_TUPLE, start);
		end = qf_pp_add(&tuple->a, node);
		while (qf_pp_accept(p, QF_T_COMMA) && qf_pp_starts(qf_pp_id(p)))
			end = qf_pp_add(end, one_target(p));
		node = qf_pp_finish(p, tuple);
	}
	qf_pp_store(p, node, QF_PY_STORE);
	return node;
}

void qf_pp_store(struct qf_pp *p, struct qf_py_node *node, enum qf_py_ctx ctx)
{
	node->ctx = ctx;
	switch (node->kind) {
	case QF_PY_NAME_EXPR:
	case QF_PY_ATTRIBUTE:
	case QF_PY_SUBSCRIPT:
		return;
	case QF_PY_STARRED:
		if (ctx == QF_PY_DEL)
			break;
		qf_pp_store(p, node->a, ctx);
		return;
	case QF_PY_TUPLE:
	case QF_PY_LIST:
		for (struct qf_py_node *part = node->a; part; part = part->next)
			qf_pp_store(p, part, ctx);
		return;
	default:
		break;
	}
	qf_pp_fail_at(p, node, "this cannot be assigned to or deleted");
}

bool qf_pp_at_comprehension(const struct qf_pp *p)
{
	return qf_pp_id(p) == QF_T_FOR || (qf_pp_id(p) == QF_T_ASYNC && qf_pp_ahead(p) == QF_T_FOR);
}

struct qf_py_node *qf_pp_comprehension(struct qf_pp *p)
{
	struct qf_py_node *list = NULL, **end = &list, **conditions;

	while (qf_pp_at_comprehension(p)) {
		struct qf_py_node *node = qf_pp_new(p, QF_PY_COMP_FOR, p->pos);

		if (qf_pp_accept(p, QF_T_ASYNC))
			node->flags |= QF_PY_ASYNC;
		p->pos++;
		node->a = qf_pp_target(p, true);
		qf_pp_expect(p, QF_T_IN, "expected 'in' of the comprehension");
		node->b = qf_pp_binary(p, QF_P_OR);
		conditions = &node->c;
		while (qf_pp_accept(p, QF_T_IF))
			conditions = qf_pp_add(conditions, qf_pp_id(p) == QF_T_LAMBDA ? lambda(p, false) :
					       qf_pp_binary(p, QF_P_OR));
		end = qf_pp_add(end, qf_pp_finish(p, node));
	}
	return list;
}
