/* Lines that a moved file gets: a warning at import, names under which its classes were known. */
#include "tools/align/change/plan.h"
#include "tools/align/python/ast.h"
#include "tools/align/python/source.h"

/* How the text ends its lines, by the last one. */
static const char *line_end(struct qf_str text)
{
	const char *nl = text.p ? memrchr(text.p, '\n', text.n) : NULL;

	if (nl)
		return nl > text.p && nl[-1] == '\r' ? "\r\n" : "\n";
	return text.p && memchr(text.p, '\r', text.n) ? "\r" : "\n";
}

static bool ends_line(struct qf_str text)
{
	return !text.n || text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r';
}

struct qf_str qf_plan_alias(struct qf_arena *arena, struct qf_str text, const char *alias, const char *name)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	const char *end = line_end(text);

	qf_buf_add_str(&out, text);
	if (!ends_line(text))
		qf_buf_puts(&out, end);
	qf_buf_printf(&out, "%s%s = %s", text.n ? end : "", alias, name);
	if (ends_line(text))
		qf_buf_puts(&out, end);
	return qf_arena_dup_str(arena, qf_buf_str(&out));
}

static bool is_docstring(const struct qf_py_node *node)
{
	return node->kind == QF_PY_EXPR && node->a && node->a->kind == QF_PY_STRINGS;
}

static bool is_future(const struct qf_py_ast *ast, const struct qf_py_node *node)
{
	return node->kind == QF_PY_IMPORT_FROM && !node->level && node->a &&
	       qf_str_is(qf_py_text(ast->tokens, node->a->first), "__future__");
}

/* The byte behind the line in which token i lies: there a statement may begin. */
static size_t behind_line(const struct qf_py_tokens *tokens, uint32_t i)
{
	while (tokens->tok[i].kind != QF_PY_NEWLINE && tokens->tok[i].kind != QF_PY_END)
		i++;
	return tokens->tok[i].end;
}

/*
 * Behind docstring and __future__, which must come first; else before the first statement, behind all comments.
 */
static size_t place_of(const struct qf_py_ast *ast)
{
	const struct qf_py_node *node = ast->root->a, *last = NULL;
	size_t at;

	for (; node && ((!last && is_docstring(node)) || is_future(ast, node)); node = node->next)
		last = node;
	if (last)
		return behind_line(ast->tokens, last->last - 1);
	if (!node)
		return ast->tokens->source.n;
	/* Its line may begin with blanks that are no indentation (a form feed). */
	at = ast->tokens->tok[node->first].start;
	while (at && ast->tokens->source.p[at - 1] != '\n' && ast->tokens->source.p[at - 1] != '\r')
		at--;
	return at == 0 && qf_str_starts(ast->tokens->source, "\xef\xbb\xbf") ? 3 : at;
}

static bool parses(struct qf_str text, struct qf_py_tokens *tokens, struct qf_py_ast *ast)
{
	struct qf_err ignored;

	return qf_py_encoding(text, &ignored) == 0 && qf_py_tokenize(text, tokens, &ignored) == 0 &&
	       qf_py_parse(tokens, ast, &ignored) == 0;
}

static void insert(struct qf_buf *out, struct qf_str text, size_t at, const char *message, const char *name)
{
	const char *end = line_end(text);
	struct qf_str head = { text.p, at }, tail = { text.p + at, text.n - at };
	bool first = at == 0 || (at == 3 && qf_str_starts(text, "\xef\xbb\xbf"));

	qf_buf_add_str(out, head);
	if (!first && !ends_line(head))
		qf_buf_puts(out, end);
	if (!first)
		qf_buf_puts(out, end);
	qf_buf_printf(out, "import warnings as %s%s%s%s.warn(%s    \"%s\",%s    DeprecationWarning,%s    stacklevel=2,%s)%s", name,
		      end, end, name, end, message, end, end, end, end);
	if (tail.n && tail.p[0] != '\n' && tail.p[0] != '\r')
		qf_buf_puts(out, end);
	qf_buf_add_str(out, tail);
}

/* A name for the module `warnings` that nothing else in the file has. */
static const char *free_name(struct qf_str text)
{
	static const char *const names[] = { "_warnings", "_align_warnings", "_align_deprecation_warnings" };

	for (size_t i = 0; i < QF_LEN(names); i++)
		if (!text.n || !memmem(text.p, text.n, names[i], strlen(names[i])))
			return names[i];
	return NULL;
}

struct qf_str qf_plan_warning(struct qf_arena *arena, struct qf_str text, const char *message)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_py_tokens tokens = { 0 };
	struct qf_py_ast ast = { 0 };
	struct qf_str ret = { 0 };
	const char *name = free_name(text);

	if (text.n && memmem(text.p, text.n, message, strlen(message)))
		return text;
	if (name && parses(text, &tokens, &ast)) {
		insert(&out, text, place_of(&ast), message, name);
		qf_py_ast_release(&ast);
		qf_py_tokens_release(&tokens);
		if (parses(qf_buf_str(&out), &tokens, &ast))
			ret = qf_arena_dup_str(arena, qf_buf_str(&out));
	}
	qf_py_ast_release(&ast);
	qf_py_tokens_release(&tokens);
	return ret;
}
