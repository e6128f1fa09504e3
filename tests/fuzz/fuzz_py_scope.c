/*
 * Python: any bytes give a tree and scopes or an error that names a place. Of a tree: the tokens of
 * children lie within those of their parents. Of scopes: every name has a symbol, and what binds it binds.
 */
#include "tests/fuzz/fuzz.h"
#include "tools/align/python/scope.h"
#include "tools/align/python/source.h"

struct walk {
	const struct qf_py_tokens *tokens;
	const struct qf_py_scopes *scopes; /* NULL where there are none */
	struct qf_py_node *parent;
	size_t depth;
};

static void check_node(struct qf_py_node *n, void *ctx)
{
	const struct walk *up = ctx;
	struct walk w = { up->tokens, up->scopes, n, up->depth + 1 };

	FUZZ_CHECK(w.depth <= 4000, "a tree that is too high");
	FUZZ_CHECK(n->parent == up->parent, "%s: the parent is another", qf_py_kind_name(n->kind));
	FUZZ_CHECK(n->first <= n->last && n->last <= w.tokens->n, "%s: tokens %u to %u", qf_py_kind_name(n->kind),
		   n->first, n->last);
	FUZZ_CHECK(!n->parent || (n->first >= n->parent->first && n->last <= n->parent->last),
		   "%s: not within its %s", qf_py_kind_name(n->kind), qf_py_kind_name(n->parent->kind));
	FUZZ_CHECK(n->name == QF_PY_NONE || (n->name >= n->first && n->name < n->last &&
					      w.tokens->tok[n->name].kind == QF_PY_NAME) ||
		   n->kind == QF_PY_STRING_PART, "%s: a name that is none", qf_py_kind_name(n->kind));
	if (w.scopes) {
		const struct qf_py_scope *scope = qf_py_scope_of(w.scopes, n);

		FUZZ_CHECK(scope, "%s: in no scope", qf_py_kind_name(n->kind));
		FUZZ_CHECK(n->kind != QF_PY_NAME_EXPR || (w.scopes->by_token[n->name] &&
							   w.scopes->by_token[n->name]->scope == scope),
			   "token %u: a name without a symbol of its scope", n->name);
	}
	qf_py_children(n, check_node, &w);
}

/* Returns the number of its uses. */
static size_t check_symbol(const struct qf_py_scopes *s, const struct qf_py_scope *scope,
			   const struct qf_py_symbol *y)
{
	size_t n = 0;

	FUZZ_CHECK(y->scope == scope && qf_py_scope_find(scope, y->name) == y, "a symbol of another scope");
	FUZZ_CHECK(!y->binding || (y->binding->where == QF_PY_LOCAL && y->binding->binding == y->binding &&
				   qf_str_eq(y->binding->name, y->name)), "a binding that does not bind");
	FUZZ_CHECK(y->where == QF_PY_GLOBAL_IMPLICIT || y->binding || qf_str_is(y->name, "__class__"), "no binding");
	FUZZ_CHECK(y->where != QF_PY_LOCAL || y->binding == y, "a local name that another binds");
	FUZZ_CHECK(y->where != QF_PY_FREE || !y->binding || y->binding->scope != s->module, "a free name of the module");
	FUZZ_CHECK((y->where != QF_PY_GLOBAL_IMPLICIT && y->where != QF_PY_GLOBAL_EXPLICIT) || !y->binding ||
		   y->binding->scope == s->module, "a global name that a function binds");
	FUZZ_CHECK(!y->flags || qf_py_scope_lookup(scope, y->name) == y->binding, "lookup finds another binding");
	for (const struct qf_py_use *u = y->uses; u; u = u->next, n++) {
		FUZZ_CHECK(u->symbol == y && s->by_token[u->token] == y, "a use of another symbol");
		FUZZ_CHECK(u->next ? u->next->token > u->token : u == y->last_use, "uses out of order");
	}
	FUZZ_CHECK(!y->next || !y->next->uses || (y->uses && y->next->uses->token > y->uses->token), "symbols out of order");
	return n;
}

static size_t check_scope(const struct qf_py_scopes *s, const struct qf_py_scope *scope)
{
	size_t n = 0;

	for (const struct qf_py_symbol *y = scope->symbols; y; y = y->next) {
		n += check_symbol(s, scope, y);
		FUZZ_CHECK(y->next || y == scope->last_symbol, "not the last symbol");
	}
	for (const struct qf_py_scope *c = scope->child; c; c = c->next) {
		FUZZ_CHECK(c->parent == scope && (c->next || c == scope->last_child), "a scope in the wrong place");
		n += check_scope(s, c);
	}
	return n;
}

static void check_scopes(const struct qf_py_ast *ast)
{
	struct qf_py_scopes s;
	struct qf_err err = { 0 };
	struct walk w = { ast->tokens, NULL, NULL, 0 };
	size_t names = 0;

	check_node(ast->root, &w);
	if (qf_py_scopes_build(ast, &s, &err) == 0) {
		w.scopes = &s;
		check_node(ast->root, &w);
		for (size_t i = 0; i < ast->tokens->n; i++)
			names += s.by_token[i] != NULL;
		FUZZ_CHECK(check_scope(&s, s.module) == names, "uses that stand at no token");
	} else {
		FUZZ_CHECK(err.code == QF_E_DATA && qf_str_starts(qf_str(err.msg), "line "), "%d %s", err.code, err.msg);
	}
	qf_py_scopes_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qf_str source = { (const char *)data, size };
	struct qf_py_tokens t;
	struct qf_py_ast ast = { 0 };
	struct qf_err err = { 0 };

	if (qf_py_tokenize(source, &t, &err) == 0) {
		if (qf_py_parse(&t, &ast, &err) == 0)
			check_scopes(&ast);
		else
			FUZZ_CHECK(err.code == QF_E_DATA && qf_str_starts(qf_str(err.msg), "line "), "%d %s", err.code,
				   err.msg);
		qf_py_ast_release(&ast);
		if (qf_py_parse_expr(&t, &ast, &err) == 0)
			check_scopes(&ast);
		qf_py_ast_release(&ast);
	}
	qf_py_tokens_release(&t);
	return 0;
}
