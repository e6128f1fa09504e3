/* texts: Python inside strings and comments: annotations in quotes, type comments. */
#include "tools/align/rewrite/rw.h"

static void add_text(struct rw *r, size_t base, struct qf_str text, struct qf_py_scope *scope, struct rw_unit **last)
{
	struct rw_unit *u = qf_arena_zalloc(&r->arena, sizeof(*u));
	struct qf_err err;

	u->base = base;
	u->scope = scope;
	while (text.n && (*text.p == ' ' || *text.p == '\t')) {
		text.p++;
		text.n--;
		u->base++;
	}
	/* What is no expression is no annotation either; it stays as it is. */
	if (!text.n || qf_rw_unit(r, u, text, true, &err) < 0) {
		qf_py_ast_release(&u->ast);
		qf_py_tokens_release(&u->tokens);
		return;
	}
	(*last)->next = u;
	*last = u;
}

/* Does a subscript of this make types: List["X"], Optional["X"], list["X"]? */
static bool is_generic(struct qf_str path)
{
	static const char *const builtins[] = { "list", "dict", "tuple", "set", "frozenset", "type" };

	for (size_t i = 0; i < QF_LEN(builtins); i++)
		if (qf_str_starts(path, "builtins.") && qf_str_is(qf_path_last(path), builtins[i]))
			return true;
	return qf_str_starts(path, "typing.") || qf_str_starts(path, "typing_extensions.") ||
	       qf_str_starts(path, "collections.abc.");
}

static bool is_first(const struct qf_py_node *parent, const struct qf_py_node *child)
{
	return parent->a == child;
}

/* Is what stands at child, an argument of the call, a type? */
static bool is_type_argument(struct rw *r, const struct rw_unit *u, const struct qf_py_node *call,
			     const struct qf_py_node *child)
{
	const struct qf_py_node *value = child->kind == QF_PY_KEYWORD ? child->a : child;

	switch (qf_rw_call(r, u, call)) {
	case RW_CALL_TYPE0: return qf_rw_argument(u, call, 0, "typ|arg") == value;
	case RW_CALL_TYPE1: return qf_rw_argument(u, call, 1, "tp|typ") == value;
	case RW_CALL_TYPES: return child != call->b;
	default: return false;
	}
}

/* Does Python, or its type checkers, read this string as an annotation? */
static bool is_annotation(struct rw *r, const struct rw_unit *u, const struct qf_py_node *node)
{
	bool generic = false;

	for (const struct qf_py_node *p = node->parent; p; node = p, p = p->parent) {
		switch (p->kind) {
		case QF_PY_PARAM:
			return p->a == node;
		case QF_PY_FUNCTION:
			return p->c == node || generic;
		case QF_PY_ANN_ASSIGN:
			if (p->b == node)
				return true;
			return generic || (p->c == node &&
					   qf_str_is(qf_path_last(qf_rw_resolve(r, u, p->b, 0)), "TypeAlias"));
		case QF_PY_TYPE_PARAM:
		case QF_PY_TYPE_ALIAS:
			return true;
		case QF_PY_SUBSCRIPT: {
			struct qf_str path = qf_rw_resolve(r, u, p->a, 0), last = qf_path_last(path);

			if (p->a == node)
				return generic;
			if (qf_str_is(last, "Literal"))
				return false;
			if (qf_str_is(last, "Annotated") && node->kind == QF_PY_TUPLE)
				return false;
			generic |= is_generic(path);
			break;
		}
		case QF_PY_TUPLE:
			/* Annotated["X", "what is no type"] */
			if (p->parent && p->parent->kind == QF_PY_SUBSCRIPT && is_first(p, node) &&
			    qf_str_is(qf_path_last(qf_rw_resolve(r, u, p->parent->a, 0)), "Annotated")) {
				p = p->parent;
				break;
			}
			if (p->parent && p->parent->kind == QF_PY_LIST && is_first(p, node))
				return false;
			break;
		case QF_PY_LIST:
		case QF_PY_STARRED:
		case QF_PY_BIN_OP:
		case QF_PY_DICT:
		case QF_PY_KEYWORD:
			break;
		case QF_PY_DICT_ITEM:
			if (p->a == node)
				return false;
			break;
		case QF_PY_CALL:
			return generic || is_type_argument(r, u, p, node);
		default:
			return generic;
		}
	}
	/* The text is one of those already. */
	return u->scope || generic;
}

static void annotation(struct rw *r, struct rw_unit *u, struct qf_py_node *node, struct rw_unit **last)
{
	struct qf_py_scope *scope = u->scope;
	struct qf_str text;
	uint32_t token;

	if (node->kind != QF_PY_STRINGS)
		return;
	text = qf_rw_literal(u, node, &token);
	if (!text.n || !is_annotation(r, u, node))
		return;
	if (!scope)
		scope = qf_py_scope_of(&r->scopes, node);
	if (u == &r->file)
		r->done[token] = true;
	add_text(r, u->base + (size_t)(text.p - u->tokens.source.p), text, scope, last);
}

/* The scope of the code around a token. */
static struct qf_py_scope *scope_at(struct rw *r, uint32_t token)
{
	struct qf_py_scope *found = r->scopes.module;

	for (struct qf_py_scope *s = found; s; s = qf_rw_scope_after(s))
		if ((s->kind == QF_PY_SCOPE_FUNCTION || s->kind == QF_PY_SCOPE_CLASS) && s->node->first <= token &&
		    token < s->node->last)
			found = s;
	return found;
}

/* A comment's text behind "type:", or p NULL. */
static struct qf_str type_comment(struct qf_str text)
{
	struct qf_str none = { 0 };
	size_t i = 1;

	while (i < text.n && (text.p[i] == ' ' || text.p[i] == '\t'))
		i++;
	if (text.n - i < 5 || memcmp(text.p + i, "type:", 5) != 0)
		return none;
	text.p += i + 5;
	text.n -= i + 5;
	while (text.n && (*text.p == ' ' || *text.p == '\t')) {
		text.p++;
		text.n--;
	}
	if (!text.n || qf_str_starts(text, "ignore"))
		return none;
	for (i = 0; i < text.n; i++)
		if (text.p[i] == '#') {
			text.n = i;
			break;
		}
	return text;
}

/* (A, *B, **C) -> D: each side is an expression of its own once the stars are gone. */
static void signature(struct rw *r, size_t base, struct qf_str text, size_t arrow, struct qf_py_scope *scope,
		      struct rw_unit **last)
{
	char *args = qf_arena_alloc(&r->arena, arrow + 1);

	memcpy(args, text.p, arrow);
	for (size_t i = 0; i < arrow; i++)
		if (args[i] == '*')
			args[i] = ' ';
	add_text(r, base, (struct qf_str){ args, arrow }, scope, last);
	add_text(r, base + arrow + 2, (struct qf_str){ text.p + arrow + 2, text.n - arrow - 2 }, scope, last);
}

static void comment(struct rw *r, uint32_t token, struct rw_unit **last)
{
	const struct rw_unit *u = &r->file;
	struct qf_str text = type_comment(qf_py_text(&u->tokens, token));
	const char *arrow = text.n ? memmem(text.p, text.n, "->", 2) : NULL;
	uint32_t before = token - 1;
	bool own_line = token == 0 || u->tokens.tok[before].kind == QF_PY_NL ||
			u->tokens.tok[before].kind == QF_PY_NEWLINE || u->tokens.tok[before].kind == QF_PY_INDENT ||
			u->tokens.tok[before].kind == QF_PY_DEDENT;
	size_t base;

	if (!text.p || (own_line && !arrow))
		return;
	/* On a line of its own it is the signature of the function whose head ends above. */
	if (own_line) {
		uint32_t prev = token;

		do
			prev = prev ? prev - 1 : 0;
		while (prev && u->tokens.tok[prev].kind != QF_PY_OP && u->tokens.tok[prev].kind != QF_PY_NAME &&
		       u->tokens.tok[prev].kind != QF_PY_STRING && u->tokens.tok[prev].kind != QF_PY_NUMBER);
		if (!qf_str_is(qf_py_text(&u->tokens, prev), ":"))
			return;
	}
	base = (size_t)(text.p - u->tokens.source.p);
	if (arrow)
		signature(r, base, text, (size_t)(arrow - text.p), scope_at(r, token), last);
	else
		add_text(r, base, text, scope_at(r, token), last);
}

void qf_rw_texts(struct rw *r)
{
	struct rw_unit *last = &r->file;

	for (uint32_t t = 0; t < r->file.tokens.n; t++)
		if (r->file.tokens.tok[t].kind == QF_PY_COMMENT)
			comment(r, t, &last);
	/* Texts that are found join the list and are looked through in their turn. */
	for (struct rw_unit *u = &r->file; u; u = u->next)
		for (size_t i = 0; i < u->n; i++)
			annotation(r, u, u->nodes[i], &last);
}
