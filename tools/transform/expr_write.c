/* A condition as text again, in one form for all ways to write it. */
#include "tools/transform/expr_tree.h"

static bool is_bare(struct qf_str name, bool first)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';

		if (!letter && !((i || !first) && ((c >= '0' && c <= '9') || (c == '-' && i))))
			return false;
	}
	return !qf_xreserved(name);
}

/* A name with a backtick can stand in quotes only, and came so. */
static void put_path(struct qf_buf *out, const struct qf_xoperand *o)
{
	for (size_t i = 0; i < o->path.n; i++) {
		struct qf_str name = o->path.parts[i].name;
		char quote = memchr(name.p, '`', name.n) ? '"' : '`';

		if (i)
			qf_buf_addc(out, '.');
		if (is_bare(name, i == 0)) {
			qf_buf_add_str(out, name);
		} else {
			qf_buf_addc(out, quote);
			qf_buf_add_str(out, name);
			qf_buf_addc(out, quote);
		}
		if (o->path.parts[i].each)
			QF_BUF_LIT(out, "[]");
	}
}

static void put_operand(struct qf_buf *out, const struct qf_xoperand *o)
{
	static const char *const fields[] = {
		[QF_PATH_ID] = "@id", [QF_PATH_TENANT] = "@tenant", [QF_PATH_COLLECTION] = "@collection",
	};
	bool date = o->is_literal && o->literal.is_moment;

	for (size_t i = o->n_funcs; i-- > 0;)
		qf_buf_printf(out, "%s(", qf_xfunc_names[o->funcs[i]]);
	if (date)
		QF_BUF_LIT(out, "date(");
	if (o->is_literal)
		qf_val_write(o->literal.val, out);
	else if (o->path.field == QF_PATH_PAYLOAD)
		put_path(out, o);
	else
		qf_buf_puts(out, fields[o->path.field]);
	for (size_t i = 0; i < o->n_funcs + date; i++)
		qf_buf_addc(out, ')');
}

static void put_regex(struct qf_buf *out, const struct qf_xnode *n)
{
	if (!n->fold) {
		qf_json_write_string(out, n->pattern);
		return;
	}
	qf_buf_addc(out, '/');
	for (size_t i = 0; i < n->pattern.n; i++) {
		char c = n->pattern.p[i];

		if (c == '/')
			qf_buf_addc(out, '\\');
		qf_buf_addc(out, c);
		if (c == '\\' && ++i < n->pattern.n)
			qf_buf_addc(out, n->pattern.p[i]);
	}
	QF_BUF_LIT(out, "/i");
}

static void put_list(struct qf_buf *out, const struct qf_xnode *n)
{
	qf_buf_addc(out, '[');
	for (size_t i = 0; i < n->n_list; i++) {
		if (i)
			QF_BUF_LIT(out, ", ");
		qf_val_write(n->list[i], out);
	}
	qf_buf_addc(out, ']');
}

static void put_node(struct qf_buf *out, const struct qf_xnode *n)
{
	static const char *const words[] = {
		[QF_X_OR] = " or ", [QF_X_AND] = " and ", [QF_X_EQ] = " = ", [QF_X_LT] = " < ", [QF_X_LE] = " <= ",
		[QF_X_GT] = " > ", [QF_X_GE] = " >= ", [QF_X_IN] = " in ", [QF_X_MATCHES] = " matches ",
		[QF_X_STARTS] = " starts_with ", [QF_X_ENDS] = " ends_with ", [QF_X_CONTAINS] = " contains ",
	};

	switch (n->op) {
	case QF_X_OR:
	case QF_X_AND:
		qf_buf_addc(out, '(');
		for (const struct qf_xnode *c = n->child; c; c = c->next) {
			if (c != n->child)
				qf_buf_puts(out, words[n->op]);
			put_node(out, c);
		}
		qf_buf_addc(out, ')');
		return;
	case QF_X_NOT:
		QF_BUF_LIT(out, "not ");
		put_node(out, n->child);
		return;
	case QF_X_TRUTH:
		put_operand(out, &n->left);
		return;
	case QF_X_EXISTS:
		QF_BUF_LIT(out, "exists ");
		put_operand(out, &n->left);
		return;
	case QF_X_IS_NULL:
		put_operand(out, &n->left);
		QF_BUF_LIT(out, " is null");
		return;
	default:
		break;
	}
	put_operand(out, &n->left);
	qf_buf_puts(out, words[n->op]);
	if (n->op == QF_X_IN)
		put_list(out, n);
	else if (n->op == QF_X_MATCHES)
		put_regex(out, n);
	else
		put_operand(out, &n->right);
}

void qf_expr_write(const struct qf_expr *e, struct qf_buf *out)
{
	put_node(out, e->root);
}
