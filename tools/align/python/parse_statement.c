/* parse_statement: simple statements, the lines they stand in, and the entries to the parser. */
#include "tools/align/python/parse.h"

static struct qf_py_node *one_of_names(struct qf_pp *p, enum qf_py_kind kind)
{
	struct qf_py_node *node = qf_pp_new(p, kind, p->pos++), **end = &node->a, *name;

	do {
		name = qf_pp_new(p, QF_PY_IDENT, p->pos);
		name->name = qf_pp_name(p);
		end = qf_pp_add(end, qf_pp_finish(p, name));
	} while (qf_pp_accept(p, QF_T_COMMA));
	return qf_pp_finish(p, node);
}

static struct qf_py_node *dotted(struct qf_pp *p, bool several)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_DOTTED, p->pos);

	do
		qf_pp_name(p);
	while (several && qf_pp_accept(p, QF_T_DOT));
	return qf_pp_finish(p, node);
}

static struct qf_py_node *alias(struct qf_pp *p, bool several)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_ALIAS, p->pos);

	node->a = dotted(p, several);
	if (qf_pp_accept(p, QF_T_AS))
		node->name = qf_pp_name(p);
	return qf_pp_finish(p, node);
}

static struct qf_py_node *import(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_IMPORT, p->pos++), **end = &node->a;

	do
		end = qf_pp_add(end, alias(p, true));
	while (qf_pp_accept(p, QF_T_COMMA));
	return qf_pp_finish(p, node);
}

static struct qf_py_node *import_from(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_IMPORT_FROM, p->pos++), **end = &node->b;

	for (; qf_pp_id(p) == QF_T_DOT || qf_pp_id(p) == QF_T_ELLIPSIS; p->pos++)
		node->level += qf_pp_id(p) == QF_T_DOT ? 1 : 3;
	if (node->level == 0 || qf_pp_id(p) != QF_T_IMPORT)
		node->a = dotted(p, true);
	qf_pp_expect(p, QF_T_IMPORT, "expected 'import'");
	if (qf_pp_id(p) == QF_T_STAR) {
		*end = qf_pp_new(p, QF_PY_STAR, p->pos++);
		qf_pp_finish(p, *end);
		return qf_pp_finish(p, node);
	}
	if (qf_pp_accept(p, QF_T_LPAR))
		node->flags |= QF_PY_PAREN;
	do
		end = qf_pp_add(end, alias(p, false));
	while (qf_pp_accept(p, QF_T_COMMA) && !(node->flags & QF_PY_PAREN && qf_pp_id(p) == QF_T_RPAR));
	if (node->flags & QF_PY_PAREN)
		qf_pp_expect(p, QF_T_RPAR, "expected ')' or ','");
	return qf_pp_finish(p, node);
}

/* raise a from b, assert a, b */
static struct qf_py_node *one_or_two(struct qf_pp *p, enum qf_py_kind kind, enum qf_pp_token between)
{
	struct qf_py_node *node = qf_pp_new(p, kind, p->pos++);

	if (kind == QF_PY_RAISE && !qf_pp_starts(qf_pp_id(p)))
		return qf_pp_finish(p, node);
	node->a = qf_pp_expression(p);
	if (qf_pp_accept(p, between))
		node->b = qf_pp_expression(p);
	return qf_pp_finish(p, node);
}

static struct qf_py_node *delete(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_DELETE, p->pos++), **end = &node->a;

	do {
		struct qf_py_node *target = qf_pp_binary(p, QF_P_BITOR);

		qf_pp_store(p, target, QF_PY_DEL);
		end = qf_pp_add(end, target);
	} while (qf_pp_accept(p, QF_T_COMMA) && qf_pp_starts(qf_pp_id(p)));
	return qf_pp_finish(p, node);
}

static struct qf_py_node *type_alias(struct qf_pp *p)
{
	struct qf_py_node *node = qf_pp_new(p, QF_PY_TYPE_ALIAS, p->pos++);

	node->name = qf_pp_name(p);
	node->e = qf_pp_type_params(p);
	qf_pp_expect(p, QF_T_EQUAL, "expected '='");
	node->b = qf_pp_expression(p);
	return qf_pp_finish(p, node);
}

static void single_target(struct qf_pp *p, struct qf_py_node *target)
{
	if (target->kind == QF_PY_TUPLE || target->kind == QF_PY_LIST || target->kind == QF_PY_STARRED)
		qf_pp_fail_at(p, target, "only one target may stand here");
	qf_pp_store(p, target, QF_PY_STORE);
}

/* An expression, or one of the three assignments, which show behind the first expression only. */
static struct qf_py_node *expression(struct qf_pp *p)
{
	uint32_t start = p->pos;
	struct qf_py_node *value = qf_pp_value(p), *node, **end;

	switch (qf_pp_id(p)) {
	case QF_T_EQUAL:
		node = qf_pp_new(p, QF_PY_ASSIGN, start);
		end = &node->a;
		while (qf_pp_accept(p, QF_T_EQUAL)) {
			qf_pp_store(p, value, QF_PY_STORE);
			end = qf_pp_add(end, value);
			value = qf_pp_value(p);
		}
		node->b = value;
		break;
	case QF_T_ASSIGN_OP:
		node = qf_pp_new(p, QF_PY_AUG_ASSIGN, start);
		p->pos++;
		single_target(p, value);
		node->a = value;
		node->b = qf_pp_value(p);
		break;
	case QF_T_COLON:
		node = qf_pp_new(p, QF_PY_ANN_ASSIGN, start);
		p->pos++;
		single_target(p, value);
		node->a = value;
		if (value->kind == QF_PY_NAME_EXPR && value->first == node->first)
			node->flags |= QF_PY_SIMPLE;
		node->b = qf_pp_expression(p);
		if (qf_pp_accept(p, QF_T_EQUAL))
			node->c = qf_pp_value(p);
		break;
	default:
		node = qf_pp_new(p, QF_PY_EXPR, start);
		node->a = value;
		break;
	}
	return qf_pp_finish(p, node);
}

static struct qf_py_node *simple(struct qf_pp *p)
{
	struct qf_py_node *node;

	switch (qf_pp_id(p)) {
	case QF_T_PASS:
		return qf_pp_finish(p, qf_pp_new(p, QF_PY_PASS, p->pos++));
	case QF_T_BREAK:
		return qf_pp_finish(p, qf_pp_new(p, QF_PY_BREAK, p->pos++));
	case QF_T_CONTINUE:
		return qf_pp_finish(p, qf_pp_new(p, QF_PY_CONTINUE, p->pos++));
	case QF_T_RETURN:
		node = qf_pp_new(p, QF_PY_RETURN, p->pos++);
		if (qf_pp_starts(qf_pp_id(p)))
			node->a = qf_pp_tuple(p, false);
		return qf_pp_finish(p, node);
	case QF_T_RAISE:
		return one_or_two(p, QF_PY_RAISE, QF_T_FROM);
	case QF_T_ASSERT:
		return one_or_two(p, QF_PY_ASSERT, QF_T_COMMA);
	case QF_T_DEL:
		return delete(p);
	case QF_T_GLOBAL:
		return one_of_names(p, QF_PY_GLOBAL);
	case QF_T_NONLOCAL:
		return one_of_names(p, QF_PY_NONLOCAL);
	case QF_T_IMPORT:
		return import(p);
	case QF_T_FROM:
		return import_from(p);
	case QF_T_NAME:
		if (qf_pp_ahead(p) == QF_T_NAME && qf_pp_is(p, "type") &&
		    (p->id[p->pos + 2] == QF_T_EQUAL || p->id[p->pos + 2] == QF_T_LSQB))
			return type_alias(p);
		return expression(p);
	default:
		return expression(p);
	}
}

struct qf_py_node **qf_pp_simple_line(struct qf_pp *p, struct qf_py_node **end)
{
	bool python2 = qf_pp_is(p, "print") || qf_pp_is(p, "exec");

	do
		end = qf_pp_add(end, simple(p));
	while (qf_pp_accept(p, QF_T_SEMI) && qf_pp_id(p) != QF_T_NEWLINE);
	qf_pp_expect(p, QF_T_NEWLINE, python2 ? "expected the end of the statement (print and exec are functions)" :
		     "expected the end of the statement");
	return end;
}

struct qf_py_node *qf_pp_statements(struct qf_pp *p)
{
	struct qf_py_node *first = NULL, **end = &first;

	while (qf_pp_id(p) != QF_T_DEDENT && qf_pp_id(p) != QF_T_END) {
		struct qf_py_node *node = qf_pp_compound(p);

		end = node ? qf_pp_add(end, node) : qf_pp_simple_line(p, end);
	}
	return first;
}

/* Hands the tree over, or the error. */
static int end(struct qf_pp *p, struct qf_py_node *root, struct qf_err *err)
{
	int rc = 0;

	if (!p->failed)
		qf_pp_link(p, root);
	if (p->failed)
		rc = qf_pp_error(p, err);
	else
		p->ast->root = root;
	qf_pp_close(p);
	return rc;
}

int qf_py_parse(const struct qf_py_tokens *tokens, struct qf_py_ast *ret, struct qf_err *err)
{
	struct qf_py_node *root;
	struct qf_pp p;

	qf_pp_open(&p, tokens, ret);
	root = qf_pp_new(&p, QF_PY_MODULE, 0);
	root->first = 0;
	root->last = (uint32_t)tokens->n;
	root->a = qf_pp_statements(&p);
	qf_pp_expect(&p, QF_T_END, "expected a statement");
	return end(&p, root, err);
}

int qf_py_parse_expr(const struct qf_py_tokens *tokens, struct qf_py_ast *ret, struct qf_err *err)
{
	struct qf_py_node *root;
	struct qf_pp p;

	qf_pp_open(&p, tokens, ret);
	qf_pp_accept(&p, QF_T_INDENT);
	root = qf_pp_tuple(&p, false);
	qf_pp_accept(&p, QF_T_NEWLINE);
	qf_pp_accept(&p, QF_T_DEDENT);
	qf_pp_expect(&p, QF_T_END, "expected the end of the expression");
	return end(&p, root, err);
}
