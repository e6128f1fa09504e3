/* open: a file read and taken apart, before anything is decided. */
#include "tools/align/rewrite/rw.h"

#include <stdlib.h>

struct qf_str qf_rw_name(struct rw *r, const struct rw_unit *u, uint32_t token)
{
	return qf_py_identifier(&r->arena, qf_py_text(&u->tokens, token));
}

static bool is_space(const struct rw_unit *u, uint32_t token)
{
	return u->tokens.tok[token].kind == QF_PY_NL || u->tokens.tok[token].kind == QF_PY_COMMENT;
}

uint32_t qf_rw_next(const struct rw_unit *u, uint32_t token)
{
	for (token++; token < u->tokens.n; token++)
		if (!is_space(u, token))
			return token;
	return QF_PY_NONE;
}

uint32_t qf_rw_prev(const struct rw_unit *u, uint32_t token)
{
	while (token-- > 0)
		if (!is_space(u, token))
			return token;
	return QF_PY_NONE;
}

static void push(struct qf_py_node *child, void *ctx)
{
	struct rw_unit *u = ctx;

	QF_GROW(u->nodes, u->n, u->cap);
	u->nodes[u->n++] = child;
}

/* Parents before children, in the order of the source, without recursion. */
static void list_nodes(struct rw_unit *u)
{
	struct rw_unit stack = { 0 };

	push(u->ast.root, &stack);
	while (stack.n) {
		struct qf_py_node *node = stack.nodes[--stack.n];
		size_t from = stack.n;

		push(node, u);
		qf_py_children(node, push, &stack);
		for (size_t i = from, j = stack.n; i + 1 < j; i++, j--) {
			struct qf_py_node *other = stack.nodes[i];

			stack.nodes[i] = stack.nodes[j - 1];
			stack.nodes[j - 1] = other;
		}
	}
	free(stack.nodes);
}

int qf_rw_unit(struct rw *r, struct rw_unit *u, struct qf_str source, bool expression, struct qf_err *err)
{
	(void)r;
	if (qf_py_tokenize(source, &u->tokens, err) < 0 ||
	    (expression ? qf_py_parse_expr(&u->tokens, &u->ast, err) : qf_py_parse(&u->tokens, &u->ast, err)) < 0)
		return -1;
	list_nodes(u);
	return 0;
}

static void unit_release(struct rw_unit *u)
{
	qf_py_ast_release(&u->ast);
	qf_py_tokens_release(&u->tokens);
	free(u->nodes);
}

bool qf_rw_inside(const struct qf_py_scope *inner, const struct qf_py_scope *scope)
{
	while (inner && inner != scope)
		inner = inner->parent;
	return inner;
}

struct qf_py_scope *qf_rw_scope_after(struct qf_py_scope *scope)
{
	if (scope->child)
		return scope->child;
	while (scope && !scope->next)
		scope = scope->parent;
	return scope ? scope->next : NULL;
}

/* Does a coding comment stand in the first two lines that does not say utf-8? */
static bool other_encoding(struct qf_str s)
{
	unsigned lines = 0;

	for (size_t i = 0; i + 6 < s.n && lines < 2; i++) {
		lines += s.p[i] == '\n';
		if (memcmp(s.p + i, "coding", 6) == 0)
			return !memmem(s.p + i, s.n - i < 20 ? s.n - i : 20, "utf", 3);
	}
	return false;
}

int qf_rw_open(struct rw *r, const struct qf_rewrite_in *in, struct qf_rewrite_out *out, struct qf_err *err)
{
	*r = (struct rw){ .in = in, .out = out, .source = in->source };
	r->end_stmts = &r->stmts;
	r->end_groups = &r->groups;
	if (qf_py_encoding(in->source, err) < 0 || qf_rw_unit(r, &r->file, in->source, false, err) < 0 ||
	    qf_py_scopes_build(&r->file.ast, &r->scopes, err) < 0)
		return -1;
	r->ascii_only = other_encoding(in->source) || !qf_utf8_valid(in->source.p, in->source.n);
	r->done = qf_calloc(r->file.tokens.n, sizeof(*r->done));
	qf_rw_entries(r);
	qf_rw_imports(r);
	qf_rw_definitions(r);
	qf_rw_variables(r);
	qf_rw_texts(r);
	qf_rw_refs(r);
	qf_rw_all_names(r);
	return 0;
}

void qf_rw_close(struct rw *r)
{
	unit_release(&r->file);
	for (struct rw_unit *u = r->file.next; u; u = u->next)
		unit_release(u);
	qf_py_scopes_release(&r->scopes);
	free(r->done);
	free(r->text_names);
	qf_arena_release(&r->arena);
}
