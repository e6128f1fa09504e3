/* parse_atom: names, literals, brackets, f-strings, arguments, parameters. */
#include "tools/align/python/parse.h"

/* Elements behind the first, up to the closing bracket. */
static void elements(struct qf_pp *p, struct qf_py_node **end, enum qf_pp_token closing)
{
	while (qf_pp_accept(p, QF_T_COMMA) && qf_pp_id(p) != closing)
		end = qf_pp_add(end, qf_pp_star(p, true));
}

/* Element and for clauses, with the brackets around them. */
static struct qf_py_node *comprehension(struct qf_pp *p, enum qf_py_kind kind, uint32_t start,
					struct qf_py_node *element)
{
	struct qf_py_node *node = qf_pp_new(p, kind, start);

	if (element->kind == QF_PY_STARRED)
		qf_pp_fail_at(p, element, "a comprehension has no starred element");
	node->a = element;
	node->c = qf_pp_comprehension(p);
	return node;
}

/* (*a) without a comma passes: Python 3.8 takes it as an argument. */
static struct qf_py_node *parenthesised(struct qf_pp *p)
{
	uint32_t start = p->pos++;
	struct qf_py_node *node = NULL, *first;

	if (qf_pp_id(p) == QF_T_YIELD) {
		node = qf_pp_yield(p);
		qf_pp_expect(p, QF_T_RPAR, "expected ')'");
		return node;
	}
	first = qf_pp_id(p) == QF_T_RPAR ? NULL : qf_pp_star(p, true);
	if (first && qf_pp_at_comprehension(p)) {
		node = comprehension(p, QF_PY_GENEXP, start, first);
	} else if (!first || qf_pp_id(p) == QF_T_COMMA) {
		node = qf_pp_new(p, QF_PY_TUPLE, start);
		node->flags |= QF_PY_PAREN;
		if (first)
			elements(p, qf_pp_add(&node->a, first), QF_T_RPAR);
	}
	qf_pp_expect(p, QF_T_RPAR, "expected ')' or ','");
	return node ? qf_pp_finish(p, node) : first;
}

static struct qf_py_node *list(struct qf_pp *p)
{
	uint32_t start = p->pos++;
	struct qf_py_node *node, *first;

	first = qf_pp_id(p) == QF_T_RSQB ? NULL : qf_pp_star(p, true);
	if (first && qf_pp_at_comprehension(p)) {
		node = comprehension(p, QF_PY_LIST_COMP, start, first);
	} else {
		node = qf_pp_new(p, QF_PY_LIST, start);
		if (first)
			elements(p, qf_pp_add(&node->a, first), QF_T_RSQB);
	}
	qf_pp_expect(p, QF_T_RSQB, "expected ']' or ','");
	return qf_pp_finish(p, node);
}

static struct qf_py_node *dict_item(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_DICT_ITEM, p->pos);

	if (qf_pp_accept(p, QF_T_STAR2)) {
		node->b = qf_pp_binary(p, QF_P_BITOR);
	} else {
		node->a = qf_pp_expression(p);
		qf_pp_expect(p, QF_T_COLON, "expected ':' behind the key");
		node->b = qf_pp_expression(p);
	}
	return qf_pp_finish(p, node);
}

/* Takes the element parentheses, which it has not, to be a key? */
static bool no_key(const struct qf_pp *p, const struct qf_py_node *element, uint32_t start)
{
	return element->kind == QF_PY_STARRED ||
	       (element->kind == QF_PY_NAMED_EXPR && element->first == p->token[start]);
}

/* What the first element is tells a set from a dict. */
static struct qf_py_node *braces(struct qf_pp *p)
{
	uint32_t start = p->pos++, at = p->pos;
	struct qf_py_node *node, *item, **end;

	if (qf_pp_id(p) != QF_T_RBRACE && qf_pp_id(p) != QF_T_STAR2) {
		item = qf_pp_star(p, true);
		if (qf_pp_id(p) != QF_T_COLON || no_key(p, item, at)) {
			if (qf_pp_at_comprehension(p)) {
				node = comprehension(p, QF_PY_SET_COMP, start, item);
			} else {
				node = qf_pp_new(p, QF_PY_SET, start);
				elements(p, qf_pp_add(&node->a, item), QF_T_RBRACE);
			}
			qf_pp_expect(p, QF_T_RBRACE, "expected '}' or ','");
			return qf_pp_finish(p, node);
		}
		node = qf_pp_new(p, QF_PY_DICT_ITEM, at);
		node->a = item;
		p->pos++;
		node->b = qf_pp_expression(p);
		item = qf_pp_finish(p, node);
		if (qf_pp_at_comprehension(p)) {
			node = comprehension(p, QF_PY_DICT_COMP, start, item->a);
			node->b = item->b;
			qf_pp_expect(p, QF_T_RBRACE, "expected '}'");
			return qf_pp_finish(p, node);
		}
	} else {
		item = qf_pp_id(p) == QF_T_STAR2 ? dict_item(p) : NULL;
	}
	node = qf_pp_new(p, QF_PY_DICT, start);
	if (item) {
		end = qf_pp_add(&node->a, item);
		while (qf_pp_accept(p, QF_T_COMMA) && qf_pp_id(p) != QF_T_RBRACE)
			end = qf_pp_add(end, dict_item(p));
	}
	qf_pp_expect(p, QF_T_RBRACE, "expected '}' or ','");
	return qf_pp_finish(p, node);
}

/* Literal text and fields, in a string or in a field's format. */
static void fields(struct qf_pp *p, struct qf_py_node **end);

/* Before Python 3.12 a field was read as if in parentheses, so that a bare generator is one. */
static struct qf_py_node *field(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *node = qf_pp_new(p, QF_PY_FIELD, p->pos++);

	qf_pp_enter(p);
	node->a = qf_pp_value(p);
	if (qf_pp_at_comprehension(p))
		node->a = qf_pp_finish(p, comprehension(p, QF_PY_GENEXP, start + 1, node->a));
	qf_pp_accept(p, QF_T_EQUAL);
	if (qf_pp_accept(p, QF_T_BANG))
		qf_pp_name(p);
	if (qf_pp_accept(p, QF_T_COLON))
		fields(p, &node->b);
	qf_pp_leave(p);
	qf_pp_expect(p, QF_T_RBRACE, "expected '}' of the field");
	return qf_pp_finish(p, node);
}

static void fields(struct qf_pp *p, struct qf_py_node **end)
{
	for (;;) {
		if (qf_pp_id(p) == QF_T_LBRACE)
			end = qf_pp_add(end, field(p));
		else if (!qf_pp_accept(p, QF_T_FMIDDLE))
			return;
	}
}

struct qf_py_node *qf_pp_strings(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_STRINGS, p->pos), **end = &node->a, *part;

	for (;;) {
		if (qf_pp_id(p) == QF_T_STRING) {
			part = qf_pp_new(p, QF_PY_STRING_PART, p->pos);
			part->name = p->token[p->pos++];
		} else if (qf_pp_id(p) == QF_T_FSTART) {
			part = qf_pp_new(p, QF_PY_FSTRING, p->pos++);
			fields(p, &part->a);
			qf_pp_expect(p, QF_T_FEND, "expected the end of the f-string");
		} else {
			return qf_pp_finish(p, node);
		}
		end = qf_pp_add(end, qf_pp_finish(p, part));
	}
}

struct qf_py_node *qf_pp_atom(struct qf_pp *p)
{
	struct qf_py_node *node;

	switch (qf_pp_id(p)) {
	case QF_T_NAME:
		node = qf_pp_new(p, QF_PY_NAME_EXPR, p->pos);
		node->name = p->token[p->pos++];
		return qf_pp_finish(p, node);
	case QF_T_NUMBER:
	case QF_T_CONSTANT:
	case QF_T_ELLIPSIS:
		node = qf_pp_new(p, QF_PY_CONSTANT, p->pos++);
		return qf_pp_finish(p, node);
	case QF_T_STRING:
	case QF_T_FSTART:
		return qf_pp_strings(p);
	case QF_T_LPAR:
	case QF_T_LSQB:
	case QF_T_LBRACE:
		qf_pp_enter(p);
		node = qf_pp_id(p) == QF_T_LPAR ? parenthesised(p) : qf_pp_id(p) == QF_T_LSQB ? list(p) : braces(p);
		qf_pp_leave(p);
		return node;
	default:
		node = qf_pp_new(p, QF_PY_CONSTANT, p->pos);
		qf_pp_fail(p, "expected an expression");
		return node;
	}
}

/* One argument. *order is raised to what it is: behind a keyword no positional one may follow. */
static struct qf_py_node *argument(struct qf_pp *p, unsigned *order)
{
	enum { POSITIONAL, KEYWORDS, DOUBLE_STARS };
	struct qf_py_node *node;

	if (qf_pp_id(p) == QF_T_STAR) {
		if (*order == DOUBLE_STARS)
			qf_pp_fail(p, "a * argument stands behind a ** argument");
		node = qf_pp_new(p, QF_PY_STARRED, p->pos);
	} else if (qf_pp_id(p) == QF_T_STAR2) {
		*order = DOUBLE_STARS;
		node = qf_pp_new(p, QF_PY_KEYWORD, p->pos);
	} else if (qf_pp_id(p) == QF_T_NAME && qf_pp_ahead(p) == QF_T_EQUAL) {
		*order = *order == POSITIONAL ? KEYWORDS : *order;
		node = qf_pp_new(p, QF_PY_KEYWORD, p->pos);
		node->name = p->token[p->pos++];
	} else {
		if (*order != POSITIONAL)
			qf_pp_fail(p, "a positional argument stands behind a keyword argument");
		return qf_pp_named(p);
	}
	if (!p->failed)
		p->pos++;
	node->a = qf_pp_expression(p);
	return qf_pp_finish(p, node);
}

void qf_pp_arguments(struct qf_pp *p, struct qf_py_node **end, bool generator)
{
	uint32_t open = p->pos++;
	unsigned order = 0;

	while (qf_pp_id(p) != QF_T_RPAR) {
		bool alone = p->pos == open + 1 && generator && qf_pp_id(p) != QF_T_STAR;
		struct qf_py_node *node = argument(p, &order);

		if (alone && node->kind != QF_PY_KEYWORD && qf_pp_at_comprehension(p)) {
			node = comprehension(p, QF_PY_GENEXP, open, node);
			qf_pp_expect(p, QF_T_RPAR, "expected ')' behind the generator expression");
			*end = qf_pp_finish(p, node);
			return;
		}
		end = qf_pp_add(end, node);
		if (!qf_pp_accept(p, QF_T_COMMA))
			break;
	}
	qf_pp_expect(p, QF_T_RPAR, "expected ')' or ','");
}

/* NAME [: annotation] [= default], behind the stars if there are any. */
static struct qf_py_node *param(struct qf_pp *p, struct qf_py_node *node, bool annotated)
{
	node->name = qf_pp_name(p);
	if (annotated && qf_pp_accept(p, QF_T_COLON))
		node->a = node->flags & QF_PY_VARARG ? qf_pp_star(p, false) : qf_pp_expression(p);
	if (!(node->flags & (QF_PY_VARARG | QF_PY_KWARG)) && qf_pp_accept(p, QF_T_EQUAL))
		node->b = qf_pp_expression(p);
	return qf_pp_finish(p, node);
}

struct qf_py_node *qf_pp_params(struct qf_pp *p, enum qf_pp_token closing)
{
	struct qf_py_node *first = NULL, **end = &first, *node;
	bool slash = false, star = false, defaults = false, bare = false;

	while (qf_pp_id(p) != closing && !p->failed) {
		node = NULL;
		if (qf_pp_id(p) == QF_T_SLASH) {
			if (!first || slash || star)
				qf_pp_fail(p, "'/' stands behind the first parameters, once and before '*'");
			for (node = first; node; node = node->next)
				node->flags |= QF_PY_POSONLY;
			slash = qf_pp_accept(p, QF_T_SLASH);
		} else if (qf_pp_id(p) == QF_T_STAR2) {
			if (bare)
				qf_pp_fail(p, "expected a named parameter behind '*'");
			node = qf_pp_new(p, QF_PY_PARAM, p->pos);
			node->flags |= QF_PY_KWARG;
			qf_pp_accept(p, QF_T_STAR2);
		} else if (qf_pp_id(p) == QF_T_STAR) {
			if (star)
				qf_pp_fail(p, "expected only one '*' among the parameters");
			star = true;
			bare = qf_pp_ahead(p) == QF_T_COMMA || qf_pp_ahead(p) == closing;
			if (!bare) {
				node = qf_pp_new(p, QF_PY_PARAM, p->pos);
				node->flags |= QF_PY_VARARG;
			}
			qf_pp_accept(p, QF_T_STAR);
		} else {
			node = qf_pp_new(p, QF_PY_PARAM, p->pos);
			node->flags |= star ? QF_PY_KWONLY : 0;
			bare = false;
		}
		if (node) {
			end = qf_pp_add(end, param(p, node, closing == QF_T_RPAR));
			if (!star && defaults && !node->b && !(node->flags & QF_PY_KWARG))
				qf_pp_fail_at(p, node, "a parameter without default stands behind one with a default");
			defaults |= node->b != NULL;
		}
		if (!qf_pp_accept(p, QF_T_COMMA))
			break;
		if (node && node->flags & QF_PY_KWARG)
			break;
	}
	if (bare)
		qf_pp_fail(p, "expected a named parameter behind '*'");
	return first;
}
