/* parse_pattern: the patterns of match statements (PEP 634). */
#include "tools/align/python/parse.h"

static struct qf_py_node *pattern(struct qf_pp *p);

static struct qf_py_node *dotted_value(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *value = qf_pp_atom(p), *node;

	while (qf_pp_accept(p, QF_T_DOT)) {
		node = qf_pp_new(p, QF_PY_ATTRIBUTE, start);
		node->a = value;
		node->name = qf_pp_name(p);
		value = qf_pp_finish(p, node);
	}
	return value;
}

static struct qf_py_node *signed_number(struct qf_pp *p)
{
	struct qf_py_node *node;

	if (qf_pp_id(p) != QF_T_MINUS) {
		if (qf_pp_id(p) != QF_T_NUMBER)
			qf_pp_fail(p, "expected a number");
		return qf_pp_atom(p);
	}
	node = qf_pp_new(p, QF_PY_UNARY_OP, p->pos++);
	if (qf_pp_id(p) != QF_T_NUMBER)
		qf_pp_fail(p, "expected a number");
	node->a = qf_pp_atom(p);
	return qf_pp_finish(p, node);
}

/* A literal or a dotted name, as a key or a pattern. */
static struct qf_py_node *literal(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *value, *node;

	switch (qf_pp_id(p)) {
	case QF_T_CONSTANT:
	case QF_T_STRING:
	case QF_T_FSTART:
		return qf_pp_atom(p);
	case QF_T_NAME:
		return dotted_value(p);
	default:
		break;
	}
	value = signed_number(p);
	if (qf_pp_id(p) != QF_T_PLUS && qf_pp_id(p) != QF_T_MINUS)
		return value;
	node = qf_pp_new(p, QF_PY_BIN_OP, start);
	p->pos++;
	if (qf_pp_id(p) != QF_T_NUMBER)
		qf_pp_fail(p, "expected the imaginary part");
	*qf_pp_add(&node->a, value) = qf_pp_atom(p);
	return qf_pp_finish(p, node);
}

/* A NAME that is bound; QF_PY_NONE for _. */
static uint32_t captured(struct qf_pp *p)
{
	bool wildcard = qf_pp_is(p, "_");
	uint32_t token = qf_pp_name(p);

	return wildcard ? QF_PY_NONE : token;
}

/* ... as NAME, ** NAME: here _ is not allowed. */
static uint32_t target(struct qf_pp *p)
{
	if (qf_pp_is(p, "_"))
		qf_pp_fail(p, "expected a name that is not '_'");
	return qf_pp_name(p);
}

static struct qf_py_node *starred(struct qf_pp *p)
{
	struct qf_py_node *node;

	if (qf_pp_id(p) != QF_T_STAR)
		return pattern(p);
	node = qf_pp_new(p, QF_PY_PAT_STAR, p->pos++);
	node->name = captured(p);
	return qf_pp_finish(p, node);
}

/* Patterns behind the first; `closing` ends them. */
static void sequence(struct qf_pp *p, struct qf_py_node **end, enum qf_pp_token closing)
{
	while (qf_pp_accept(p, QF_T_COMMA) && qf_pp_id(p) != closing && qf_pp_id(p) != QF_T_IF)
		end = qf_pp_add(end, starred(p));
}

/* In parentheses one pattern without comma stands for itself. */
static struct qf_py_node *bracketed(struct qf_pp *p, enum qf_pp_token closing)
{
	uint32_t start = p->pos++;
	struct qf_py_node *first = qf_pp_id(p) == closing ? NULL : starred(p), *node;

	if (first && closing == QF_T_RPAR && qf_pp_id(p) != QF_T_COMMA) {
		if (first->kind == QF_PY_PAT_STAR)
			qf_pp_fail(p, "expected ',' behind the starred pattern");
		qf_pp_expect(p, closing, "expected ')' or ','");
		return first;
	}
	node = qf_pp_new(p, QF_PY_PAT_SEQUENCE, start);
	if (first)
		sequence(p, qf_pp_add(&node->a, first), closing);
	qf_pp_expect(p, closing, "expected the end of the pattern or ','");
	return qf_pp_finish(p, node);
}

static struct qf_py_node *mapping(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_PAT_MAPPING, p->pos++), **end = &node->a, *item;

	while (qf_pp_id(p) != QF_T_RBRACE && !p->failed) {
		if (qf_pp_accept(p, QF_T_STAR2)) {
			node->name = target(p);
			qf_pp_accept(p, QF_T_COMMA);
			break;
		}
		item = qf_pp_new(p, QF_PY_PAT_ITEM, p->pos);
		item->a = literal(p);
		if (item->a->kind == QF_PY_NAME_EXPR)
			qf_pp_fail_at(p, item->a, "expected a literal or a dotted name as key");
		qf_pp_expect(p, QF_T_COLON, "expected ':' behind the key");
		item->b = pattern(p);
		end = qf_pp_add(end, qf_pp_finish(p, item));
		if (!qf_pp_accept(p, QF_T_COMMA))
			break;
	}
	qf_pp_expect(p, QF_T_RBRACE, "expected '}' or ','");
	return qf_pp_finish(p, node);
}

static struct qf_py_node *class_pattern(struct qf_pp *p, struct qf_py_node *class, uint32_t start)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_PAT_CLASS, start), **end = &node->b, *part;
	bool keywords = false;

	node->a = class;
	p->pos++;
	while (qf_pp_id(p) != QF_T_RPAR && !p->failed) {
		if (qf_pp_id(p) == QF_T_NAME && qf_pp_ahead(p) == QF_T_EQUAL) {
			part = qf_pp_new(p, QF_PY_PAT_KEYWORD, p->pos);
			part->name = p->token[p->pos];
			p->pos += 2;
			part->a = pattern(p);
			end = qf_pp_add(end, qf_pp_finish(p, part));
			keywords = true;
		} else {
			if (keywords)
				qf_pp_fail(p, "a positional pattern stands behind a keyword pattern");
			end = qf_pp_add(end, pattern(p));
		}
		if (!qf_pp_accept(p, QF_T_COMMA))
			break;
	}
	qf_pp_expect(p, QF_T_RPAR, "expected ')' or ','");
	return qf_pp_finish(p, node);
}

static struct qf_py_node *closed(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *node, *value;

	switch (qf_pp_id(p)) {
	case QF_T_LPAR:
		return bracketed(p, QF_T_RPAR);
	case QF_T_LSQB:
		return bracketed(p, QF_T_RSQB);
	case QF_T_LBRACE:
		return mapping(p);
	case QF_T_NAME:
		if (qf_pp_ahead(p) != QF_T_DOT && qf_pp_ahead(p) != QF_T_LPAR) {
			node = qf_pp_new(p, QF_PY_PAT_CAPTURE, p->pos);
			node->name = captured(p);
			return qf_pp_finish(p, node);
		}
		value = dotted_value(p);
		if (qf_pp_id(p) == QF_T_LPAR)
			return class_pattern(p, value, start);
		break;
	case QF_T_CONSTANT:
	case QF_T_STRING:
	case QF_T_FSTART:
	case QF_T_NUMBER:
	case QF_T_MINUS:
		value = literal(p);
		break;
	default:
		value = NULL;
		qf_pp_fail(p, "expected a pattern");
		break;
	}
	node = qf_pp_new(p, QF_PY_PAT_VALUE, start);
	node->a = value;
	return qf_pp_finish(p, node);
}

static struct qf_py_node *alternatives(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *first = closed(p), *node, **end;

	if (qf_pp_id(p) != QF_T_BAR)
		return first;
	node = qf_pp_new(p, QF_PY_PAT_OR, start);
	end = qf_pp_add(&node->a, first);
	while (qf_pp_accept(p, QF_T_BAR))
		end = qf_pp_add(end, closed(p));
	return qf_pp_finish(p, node);
}

static struct qf_py_node *pattern(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *inner, *node;

	qf_pp_enter(p);
	inner = alternatives(p);
	qf_pp_leave(p);
	if (!qf_pp_accept(p, QF_T_AS))
		return inner;
	node = qf_pp_new(p, QF_PY_PAT_AS, start);
	node->a = inner;
	node->name = target(p);
	return qf_pp_finish(p, node);
}

struct qf_py_node *qf_pp_patterns(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *first = starred(p), *node;

	if (qf_pp_id(p) != QF_T_COMMA) {
		if (first->kind == QF_PY_PAT_STAR)
			qf_pp_fail(p, "expected ',' behind the starred pattern");
		return first;
	}
	node = qf_pp_new(p, QF_PY_PAT_SEQUENCE, start);
	sequence(p, qf_pp_add(&node->a, first), QF_T_COLON);
	return qf_pp_finish(p, node);
}
