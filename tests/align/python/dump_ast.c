/*
 * The trees of sources on standard input, for check_ast.py. A source is its length in decimal, a line
 * end, its bytes; the answer has the same form. It is "! <error>", or the tree in preorder, a node a
 * line: kind, what it says beside its children, span; its slots apart by "|" and closed by ")". With
 * --bare-fields what stands in the fields of f-strings has no span.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/buf.h"
#include "tools/align/python/ast.h"
#include "tools/align/python/source.h"

struct dump {
	const struct qf_py_tokens *tokens;
	struct qf_buf out;
	struct qf_arena arena;
	uint32_t *lines; /* where each begins */
	size_t n, cap;
	bool bare_fields;
	unsigned fields; /* that we are in */
};

/* How many of the members a to e a kind has; 0 for a leaf, which is one line. */
static const uint8_t slots[] = {
	[QF_PY_MODULE] = 1, [QF_PY_EXPR] = 1, [QF_PY_ASSIGN] = 2, [QF_PY_AUG_ASSIGN] = 2, [QF_PY_ANN_ASSIGN] = 3,
	[QF_PY_RETURN] = 1, [QF_PY_RAISE] = 2, [QF_PY_ASSERT] = 2, [QF_PY_DELETE] = 1, [QF_PY_IMPORT] = 1,
	[QF_PY_IMPORT_FROM] = 1, [QF_PY_IF] = 3, [QF_PY_WHILE] = 3, [QF_PY_FOR] = 4, [QF_PY_TRY] = 4,
	[QF_PY_WITH] = 2, [QF_PY_FUNCTION] = 5, [QF_PY_CLASS] = 4, [QF_PY_MATCH] = 2, [QF_PY_TYPE_ALIAS] = 2,
	[QF_PY_HANDLER] = 2, [QF_PY_WITH_ITEM] = 2, [QF_PY_CASE] = 3, [QF_PY_PARAM] = 2, [QF_PY_TYPE_PARAM] = 2,
	[QF_PY_ATTRIBUTE] = 1, [QF_PY_SUBSCRIPT] = 2, [QF_PY_CALL] = 2, [QF_PY_KEYWORD] = 1, [QF_PY_STARRED] = 1,
	[QF_PY_STRINGS] = 1, [QF_PY_FIELD] = 2, [QF_PY_TUPLE] = 1, [QF_PY_LIST] = 1, [QF_PY_SET] = 1,
	[QF_PY_DICT] = 1, [QF_PY_DICT_ITEM] = 2, [QF_PY_LAMBDA] = 2, [QF_PY_IF_EXPR] = 3, [QF_PY_BOOL_OP] = 1,
	[QF_PY_BIN_OP] = 1, [QF_PY_UNARY_OP] = 1, [QF_PY_COMPARE] = 1, [QF_PY_AWAIT] = 1, [QF_PY_YIELD] = 1,
	[QF_PY_YIELD_FROM] = 1, [QF_PY_LIST_COMP] = 2, [QF_PY_SET_COMP] = 2, [QF_PY_GENEXP] = 2,
	[QF_PY_DICT_COMP] = 3, [QF_PY_COMP_FOR] = 3, [QF_PY_NAMED_EXPR] = 2, [QF_PY_SLICE] = 3,
	[QF_PY_PAT_VALUE] = 1, [QF_PY_PAT_SEQUENCE] = 1, [QF_PY_PAT_OR] = 1, [QF_PY_PAT_MAPPING] = 1,
	[QF_PY_PAT_ITEM] = 2, [QF_PY_PAT_CLASS] = 2, [QF_PY_PAT_KEYWORD] = 1, [QF_PY_PAT_AS] = 1,
};

static void line_starts(struct dump *d)
{
	struct qf_str s = d->tokens->source;

	d->n = 0;
	for (size_t i = 0; i <= s.n; i++) {
		bool lone_cr = i && s.p[i - 1] == '\r' && (i == s.n || s.p[i] != '\n');

		if (i && s.p[i - 1] != '\n' && !lone_cr)
			continue;
		QF_GROW(d->lines, d->n, d->cap);
		d->lines[d->n++] = (uint32_t)i;
	}
}

static void position(struct dump *d, uint32_t at)
{
	size_t low = 0, high = d->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		*(d->lines[middle] <= at ? &low : &high) = middle;
	}
	qf_buf_addc(&d->out, ' ');
	qf_buf_add_u64(&d->out, low + 1);
	qf_buf_addc(&d->out, ':');
	qf_buf_add_u64(&d->out, at - d->lines[low]);
}

static void name(struct dump *d, uint32_t token)
{
	qf_buf_addc(&d->out, ' ');
	if (token == QF_PY_NONE)
		qf_buf_addc(&d->out, '-');
	else
		qf_buf_add_str(&d->out, qf_py_identifier(&d->arena, qf_py_text(d->tokens, token)));
}

static void dotted(struct dump *d, const struct qf_py_node *node)
{
	qf_buf_addc(&d->out, ' ');
	for (uint32_t i = node ? node->first : 0; node && i < node->last; i++) {
		unsigned kind = d->tokens->tok[i].kind;

		if (kind == QF_PY_NAME || kind == QF_PY_OP)
			qf_buf_add_str(&d->out, qf_py_identifier(&d->arena, qf_py_text(d->tokens, i)));
	}
}

/* CPython's def and class begin behind the decorators. */
static uint32_t begin(const struct qf_py_node *node)
{
	if (node->kind == QF_PY_FUNCTION || node->kind == QF_PY_CLASS)
		return node->name - (node->flags & QF_PY_ASYNC ? 2 : 1);
	return node->first;
}

static void span(struct dump *d, const struct qf_py_node *node)
{
	if (d->fields && d->bare_fields)
		return;
	switch (node->kind) {
	case QF_PY_MODULE:
	case QF_PY_WITH_ITEM:
	case QF_PY_CASE:
	case QF_PY_DICT_ITEM:
	case QF_PY_FIELD:
	case QF_PY_COMP_FOR:
	case QF_PY_PAT_ITEM:
	case QF_PY_PAT_KEYWORD:
		return;
	case QF_PY_PARAM: /* CPython's ends before the default */
		position(d, d->tokens->tok[node->name].start);
		return;
	default:
		position(d, d->tokens->tok[begin(node)].start);
		position(d, d->tokens->tok[node->last - 1].end);
	}
}

static void words(struct dump *d, const struct qf_py_node *node)
{
	switch (node->kind) {
	case QF_PY_ALIAS:
		dotted(d, node->a);
		name(d, node->name);
		break;
	case QF_PY_IMPORT_FROM:
		qf_buf_printf(&d->out, " %u", node->level);
		dotted(d, node->a);
		break;
	case QF_PY_GLOBAL:
	case QF_PY_NONLOCAL:
		for (const struct qf_py_node *n = node->a; n; n = n->next)
			name(d, n->name);
		break;
	case QF_PY_ANN_ASSIGN:
		qf_buf_puts(&d->out, node->flags & QF_PY_SIMPLE ? " simple" : " -");
		break;
	case QF_PY_FOR:
	case QF_PY_WITH:
	case QF_PY_COMP_FOR:
		qf_buf_puts(&d->out, node->flags & QF_PY_ASYNC ? " async" : " -");
		break;
	case QF_PY_FUNCTION:
		qf_buf_puts(&d->out, node->flags & QF_PY_ASYNC ? " async" : " -");
		name(d, node->name);
		break;
	case QF_PY_TRY:
		qf_buf_puts(&d->out, node->b && node->b->flags & QF_PY_STARRY ? " star" : " -");
		break;
	case QF_PY_PARAM:
	case QF_PY_TYPE_PARAM:
		qf_buf_printf(&d->out, " %u", node->flags);
		name(d, node->name);
		break;
	case QF_PY_NAME_EXPR:
	case QF_PY_ATTRIBUTE:
		name(d, node->name);
		qf_buf_printf(&d->out, " %u", node->ctx);
		break;
	case QF_PY_SUBSCRIPT:
	case QF_PY_STARRED:
	case QF_PY_TUPLE:
	case QF_PY_LIST:
		qf_buf_printf(&d->out, " %u", node->ctx);
		break;
	case QF_PY_CLASS:
	case QF_PY_TYPE_ALIAS:
	case QF_PY_HANDLER:
	case QF_PY_KEYWORD:
	case QF_PY_PAT_CAPTURE:
	case QF_PY_PAT_STAR:
	case QF_PY_PAT_MAPPING:
	case QF_PY_PAT_KEYWORD:
	case QF_PY_PAT_AS:
		name(d, node->name);
		break;
	default:
		break;
	}
}

static void tree(struct dump *d, const struct qf_py_node *node);

static void children(struct dump *d, const struct qf_py_node *list)
{
	for (; list; list = list->next)
		tree(d, list);
}

/* CPython keeps the keyword arguments apart from the others. */
static void arguments(struct dump *d, const struct qf_py_node *list)
{
	for (unsigned keywords = 0; keywords < 2; keywords++)
		for (const struct qf_py_node *n = list; n; n = n->next)
			if ((n->kind == QF_PY_KEYWORD) == keywords)
				tree(d, n);
}

static void tree(struct dump *d, const struct qf_py_node *node)
{
	const struct qf_py_node *const lists[] = { node->a, node->b, node->c, node->d, node->e };
	unsigned n = node->kind < QF_LEN(slots) ? slots[node->kind] : 0;

	qf_buf_puts(&d->out, qf_py_kind_name(node->kind));
	words(d, node);
	span(d, node);
	qf_buf_addc(&d->out, '\n');
	d->fields += node->kind == QF_PY_FIELD;
	for (unsigned i = 0; i < n; i++) {
		if (i)
			QF_BUF_LIT(&d->out, "|\n");
		if ((node->kind == QF_PY_CALL || node->kind == QF_PY_CLASS) && i == 1) {
			arguments(d, node->b);
		} else if (node->kind == QF_PY_IMPORT_FROM) {
			children(d, node->b);
		} else if (node->kind == QF_PY_TYPE_ALIAS) {
			children(d, i ? node->e : node->b);
		} else if (node->kind == QF_PY_CLASS && i == 2) {
			children(d, node->e);
		} else if (i == 1 && (node->kind == QF_PY_LIST_COMP || node->kind == QF_PY_SET_COMP ||
				      node->kind == QF_PY_GENEXP)) {
			children(d, node->c);
		} else if (node->kind == QF_PY_STRINGS) {
			for (const struct qf_py_node *part = node->a; part; part = part->next)
				children(d, part->a);
		} else {
			children(d, lists[i]);
		}
	}
	d->fields -= node->kind == QF_PY_FIELD;
	if (n)
		QF_BUF_LIT(&d->out, ")\n");
}

static void answer(struct dump *d, struct qf_str source)
{
	struct qf_py_tokens tokens = { 0 };
	struct qf_py_ast ast = { 0 };
	struct qf_err err = { 0 };

	qf_buf_reset(&d->out);
	qf_arena_reset(&d->arena);
	d->tokens = &tokens;
	if (qf_py_tokenize(source, &tokens, &err) < 0 || qf_py_parse(&tokens, &ast, &err) < 0) {
		qf_buf_printf(&d->out, "! %s\n", err.msg);
	} else {
		line_starts(d);
		tree(d, ast.root);
	}
	qf_py_ast_release(&ast);
	qf_py_tokens_release(&tokens);
	printf("%zu\n", d->out.n);
	fwrite(d->out.p, 1, d->out.n, stdout);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	QF_AUTO_BUF struct qf_buf source = { 0 };
	struct dump d = { .bare_fields = argc > 1 && strcmp(argv[1], "--bare-fields") == 0 };
	unsigned long n;
	char line[32];

	while (fgets(line, sizeof(line), stdin)) {
		n = strtoul(line, NULL, 10);
		qf_buf_reset(&source);
		if (fread(qf_buf_room(&source, n + 1), 1, n, stdin) != n)
			return EXIT_FAILURE;
		source.n = n;
		answer(&d, qf_buf_str(&source));
	}
	free(d.lines);
	qf_buf_release(&d.out);
	qf_arena_release(&d.arena);
	return EXIT_SUCCESS;
}
