/* Conditions from their text to their end. */
#include "tools/transform/expr_tree.h"

int qf_expr_new(struct qf_str text, struct qf_expr **ret, size_t *at, struct qf_err *err)
{
	struct qf_expr *e = qf_calloc(1, sizeof(*e));
	size_t place;
	struct qf_xlex x = { .in = text, .arena = &e->arena, .at = at ? at : &place, .err = err };

	*x.at = 1;
	*ret = NULL;
	if (text.n > QF_EXPR_MAX_LENGTH)
		qf_err_set(err, QF_E_CONFIG, "the condition has %zu bytes, %d are allowed", text.n,
			   QF_EXPR_MAX_LENGTH);
	else if (!qf_utf8_valid(text.p, text.n))
		qf_err_set(err, QF_E_CONFIG, "the condition is not UTF-8");
	else
		e->root = qf_xparse(e, &x);
	if (!e->root) {
		qf_expr_free(e);
		return -1;
	}
	*ret = e;
	return 0;
}

int qf_expr_of_node(const struct qf_conf *conf, const struct qf_node *node, const char *usage,
		    struct qf_expr **ret, struct qf_err *err)
{
	struct qf_err why = { 0 };

	*ret = NULL;
	if (!node || node->kind != QF_NODE_SCALAR || !*node->text)
		return qf_node_error(conf, node, err, "a condition is expected: %s", usage);
	if (qf_expr_new(qf_str(node->text), ret, NULL, &why) < 0)
		return qf_node_error(conf, node, err, "%s", why.msg);
	return 0;
}

unsigned qf_expr_reads(const struct qf_expr *e)
{
	return e->reads;
}

void qf_expr_free(struct qf_expr *e)
{
	if (!e)
		return;
	for (const struct qf_xnode *n = e->regexes; n; n = n->next_regex) {
		pcre2_match_data_free(n->match);
		pcre2_code_free(n->regex);
	}
	pcre2_match_context_free(e->context);
	pcre2_jit_stack_free(e->stack);
	qf_arena_release(&e->arena);
	free(e);
}

const char *qf_tri_name(enum qf_tri t)
{
	return t == QF_TRI_TRUE ? "true" : t == QF_TRI_FALSE ? "false" : "unknown";
}
