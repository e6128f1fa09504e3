/*
 * Prints the scopes of the files that standard input names, each name closed by NUL: a line "= lines" or
 * "! stage: reason", then a line for each scope and symbol, its fields apart by tabs. For check_scopes.py.
 *
 *   S depth kind line name marks	marks: a in an annotation, f in an f-string, - none
 *   Y name flags where binding		flags as a number, those of loads in annotations apart (4096);
 *					where and the kind of the scope that binds as numbers, -1 for none
 */
#include <errno.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "tools/align/python/scope.h"
#include "tools/align/python/source.h"

/* Beside enum qf_py_symbol_flag: loaded outside of annotations too. */
enum { LOADED_IN_CODE = 4096 };

static bool is_annotation_of(const struct qf_py_node *n, const struct qf_py_node *parent)
{
	switch (parent->kind) {
	case QF_PY_PARAM: return n == parent->a;
	case QF_PY_FUNCTION: return n == parent->c;
	case QF_PY_ANN_ASSIGN: return n == parent->b;
	default: return false;
	}
}

static bool in_annotation(const struct qf_py_node *n)
{
	for (; n->parent; n = n->parent) {
		if (is_annotation_of(n, n->parent))
			return true;
		if (n->parent->kind == QF_PY_MODULE)
			break;
	}
	return false;
}

static bool in_fstring(const struct qf_py_node *n)
{
	while (n && n->kind != QF_PY_FSTRING)
		n = n->parent;
	return n;
}

/* CPython's line of a scope: of def and class, not of decorators; of the bracket of a bare generator. */
static unsigned scope_line(const struct qf_py_tokens *t, const struct qf_py_node *n)
{
	uint32_t i = n->first;

	if ((n->kind == QF_PY_FUNCTION || n->kind == QF_PY_CLASS) && n->a) {
		for (const struct qf_py_node *d = n->a; d; d = d->next)
			i = d->last;
		while (t->tok[i].kind == QF_PY_NEWLINE || t->tok[i].kind == QF_PY_NL || t->tok[i].kind == QF_PY_COMMENT)
			i++;
	}
	if (n->kind == QF_PY_GENEXP && n->parent && n->parent->kind == QF_PY_CALL && !qf_str_is(qf_py_text(t, i), "("))
		while (i > 0 && !qf_str_is(qf_py_text(t, i), "("))
			i--;
	return t->tok[i].line;
}

static struct qf_str scope_name(struct qf_arena *arena, const struct qf_py_tokens *t, const struct qf_py_node *n)
{
	switch (n->kind) {
	case QF_PY_MODULE: return QF_STR("top");
	case QF_PY_LAMBDA: return QF_STR("lambda");
	case QF_PY_LIST_COMP: return QF_STR("listcomp");
	case QF_PY_SET_COMP: return QF_STR("setcomp");
	case QF_PY_DICT_COMP: return QF_STR("dictcomp");
	case QF_PY_GENEXP: return QF_STR("genexpr");
	default: return qf_py_identifier(arena, qf_py_text(t, n->name));
	}
}

static size_t print(const struct qf_py_scope *scope, struct qf_py_scopes *s, int depth, struct qf_buf *out)
{
	const struct qf_py_tokens *t = s->ast->tokens;
	struct qf_str name = scope_name(&s->arena, t, scope->node);
	size_t lines = 1;

	qf_buf_printf(out, "S\t%d\t%d\t%u\t%.*s\t%s%s-\n", depth, scope->kind, scope_line(t, scope->node),
		      QF_STR_ARG(name), in_annotation(scope->node) ? "a" : "", in_fstring(scope->node) ? "f" : "");
	for (const struct qf_py_symbol *y = scope->symbols; y; y = y->next, lines++) {
		unsigned flags = y->flags;
		/* A load without a use is CPython's own, of __class__. */
		bool in_code = flags & QF_PY_SYM_REFERENCED && !y->uses;

		for (const struct qf_py_use *u = y->uses; u; u = u->next) {
			in_code = in_code || (u->kind == QF_PY_USE_LOAD && !in_annotation(u->node));
			if (u->kind != QF_PY_USE_DEF && qf_py_scope_of(s, u->node) != scope)
				fprintf(stderr, "dump_scopes: another scope_of at token %u\n", u->token);
		}
		if (in_code || (flags & QF_PY_SYM_REFERENCED && qf_str_is(y->name, "__class__")))
			flags |= LOADED_IN_CODE;
		qf_buf_printf(out, "Y\t%.*s\t%u\t%d\t%d\n", QF_STR_ARG(y->name), flags, y->where,
			      y->binding ? (int)y->binding->scope->kind : -1);
	}
	for (const struct qf_py_scope *c = scope->child; c; c = c->next)
		lines += print(c, s, depth + 1, out);
	return lines;
}

static int fail(const char *name)
{
	fprintf(stderr, "dump_scopes: %s: %s\n", name, strerror(errno));
	return 1;
}

static int load(const char *name, struct qf_buf *ret)
{
	FILE *f = fopen(name, "rb");
	size_t n;

	if (!f)
		return -1;
	do {
		n = fread(qf_buf_room(ret, 1 << 16), 1, 1 << 16, f);
		ret->n += n;
	} while (n);
	n = ferror(f);
	fclose(f);
	return n ? -1 : 0;
}

static void dump(struct qf_str source, struct qf_buf *out)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct qf_py_tokens t = { 0 };
	struct qf_py_ast ast = { 0 };
	struct qf_py_scopes scopes = { 0 };
	struct qf_err err;

	if (qf_py_encoding(source, &err) < 0) {
		qf_buf_printf(out, "! encoding: %s\n", err.msg);
	} else if (qf_py_tokenize(source, &t, &err) < 0) {
		qf_buf_printf(out, "! tokens: %s\n", err.msg);
	} else if (qf_py_parse(&t, &ast, &err) < 0) {
		qf_buf_printf(out, "! parser: %s\n", err.msg);
	} else if (qf_py_scopes_build(&ast, &scopes, &err) < 0) {
		qf_buf_printf(out, "! scopes: %s\n", err.msg);
	} else {
		qf_buf_printf(out, "= %zu\n", print(scopes.module, &scopes, 0, &text));
		qf_buf_add(out, text.p, text.n);
	}
	qf_py_scopes_release(&scopes);
	qf_py_ast_release(&ast);
	qf_py_tokens_release(&t);
}

int main(void)
{
	QF_AUTO_BUF struct qf_buf source = { 0 }, out = { 0 };
	QF_AUTO_FREE char *name = NULL;
	size_t cap = 0;

	while (getdelim(&name, &cap, '\0', stdin) > 0) {
		qf_buf_reset(&source);
		qf_buf_reset(&out);
		if (load(name, &source) < 0)
			return fail(name);
		dump(qf_buf_str(&source), &out);
		if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0)
			return fail("standard output");
	}
	return 0;
}
