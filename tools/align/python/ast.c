/* ast: what does not depend on the grammar: what a token means, spans, links, errors. */
#include <stdlib.h>

#include "common/base/mem.h"
#include "tools/align/python/parse.h"

static const char *const kind_names[] = {
	"Module", "Expr", "Assign", "AugAssign", "AnnAssign", "Return", "Raise", "Assert", "Delete", "Pass", "Break",
	"Continue", "Global", "Nonlocal", "Import", "ImportFrom", "If", "While", "For", "Try", "With", "Function",
	"Class", "Match", "TypeAlias",
	"Alias", "Star", "Dotted", "Ident", "Handler", "WithItem", "Case", "Param", "TypeParam",
	"Name", "Attribute", "Subscript", "Call", "Keyword", "Starred", "Constant", "Strings", "StringPart",
	"FString", "Field", "Tuple", "List", "Set", "Dict", "DictItem", "Lambda", "IfExpr", "BoolOp", "BinOp",
	"UnaryOp", "Compare", "Await", "Yield", "YieldFrom", "ListComp", "SetComp", "GenExp", "DictComp", "CompFor",
	"NamedExpr", "Slice",
	"PatValue", "PatCapture", "PatStar", "PatSequence", "PatOr", "PatMapping", "PatItem", "PatClass",
	"PatKeyword", "PatAs",
};
_Static_assert(QF_LEN(kind_names) == QF_PY_PAT_AS + 1, "a name for each kind");

const char *qf_py_kind_name(enum qf_py_kind kind)
{
	return (size_t)kind < QF_LEN(kind_names) ? kind_names[kind] : "?";
}

void qf_py_ast_release(struct qf_py_ast *ast)
{
	qf_arena_release(&ast->arena);
	ast->root = NULL;
}

void qf_py_children(struct qf_py_node *node, void (*fn)(struct qf_py_node *child, void *ctx), void *ctx)
{
	struct qf_py_node *lists[] = { node->a, node->b, node->c, node->d, node->e };

	switch (node->kind) {
	case QF_PY_IF_EXPR:
	case QF_PY_LAMBDA:
		lists[0] = node->b;
		lists[1] = node->a;
		break;
	case QF_PY_FUNCTION:
	case QF_PY_CLASS:
	case QF_PY_TYPE_ALIAS:
		lists[1] = node->e;
		lists[2] = node->b;
		lists[3] = node->c;
		lists[4] = node->d;
		break;
	default:
		break;
	}
	for (size_t i = 0; i < QF_LEN(lists); i++)
		for (struct qf_py_node *child = lists[i], *next; child; child = next) {
			next = child->next;
			fn(child, ctx);
		}
}

/* Sorted by length, so that few are compared. */
static const struct keyword {
	char text[9];
	uint8_t id;
} keywords[] = {
	{ "if", QF_T_IF }, { "in", QF_T_IN }, { "is", QF_T_IS }, { "or", QF_T_OR }, { "as", QF_T_AS },
	{ "def", QF_T_DEF }, { "for", QF_T_FOR }, { "not", QF_T_NOT }, { "and", QF_T_AND }, { "try", QF_T_TRY },
	{ "del", QF_T_DEL },
	{ "None", QF_T_CONSTANT }, { "True", QF_T_CONSTANT }, { "from", QF_T_FROM }, { "else", QF_T_ELSE },
	{ "with", QF_T_WITH }, { "pass", QF_T_PASS }, { "elif", QF_T_ELIF },
	{ "False", QF_T_CONSTANT }, { "raise", QF_T_RAISE }, { "class", QF_T_CLASS }, { "yield", QF_T_YIELD },
	{ "await", QF_T_AWAIT }, { "async", QF_T_ASYNC }, { "while", QF_T_WHILE }, { "break", QF_T_BREAK },
	{ "return", QF_T_RETURN }, { "import", QF_T_IMPORT }, { "except", QF_T_EXCEPT }, { "assert", QF_T_ASSERT },
	{ "lambda", QF_T_LAMBDA }, { "global", QF_T_GLOBAL },
	{ "finally", QF_T_FINALLY },
	{ "continue", QF_T_CONTINUE }, { "nonlocal", QF_T_NONLOCAL },
};
/* keywords[by_length[n]] is the first of n bytes. */
static const uint8_t by_length[] = { 0, 0, 0, 5, 11, 18, 26, 32, 33, 35 };

static enum qf_pp_token name_id(struct qf_str name)
{
	if (name.n < 2 || name.n > 8)
		return QF_T_NAME;
	for (unsigned i = by_length[name.n]; i < by_length[name.n + 1]; i++)
		if (keywords[i].text[0] == name.p[0] && memcmp(keywords[i].text, name.p, name.n) == 0)
			return keywords[i].id;
	return QF_T_NAME;
}

static const uint8_t single[128] = {
	['('] = QF_T_LPAR, [')'] = QF_T_RPAR, ['['] = QF_T_LSQB, [']'] = QF_T_RSQB, ['{'] = QF_T_LBRACE,
	['}'] = QF_T_RBRACE, [','] = QF_T_COMMA, [':'] = QF_T_COLON, ['.'] = QF_T_DOT, [';'] = QF_T_SEMI,
	['='] = QF_T_EQUAL, ['!'] = QF_T_BANG, ['<'] = QF_T_COMPARE, ['>'] = QF_T_COMPARE, ['+'] = QF_T_PLUS,
	['-'] = QF_T_MINUS, ['~'] = QF_T_TILDE, ['*'] = QF_T_STAR, ['/'] = QF_T_SLASH, ['%'] = QF_T_DIVIDE,
	['@'] = QF_T_AT, ['|'] = QF_T_BAR, ['^'] = QF_T_CARET, ['&'] = QF_T_AMPER,
};

static enum qf_pp_token op_id(struct qf_str op)
{
	unsigned char c = op.n ? (unsigned char)op.p[0] : 0;

	if (op.n == 1)
		return c < QF_LEN(single) && single[c] ? single[c] : QF_T_OTHER;
	if (op.n == 3)
		return c == '.' ? QF_T_ELLIPSIS : QF_T_ASSIGN_OP;
	if (op.n != 2)
		return QF_T_OTHER;
	if (op.p[1] == '=')
		return c == '=' || c == '!' || c == '<' || c == '>' ? QF_T_COMPARE :
		       c == ':' ? QF_T_WALRUS : QF_T_ASSIGN_OP;
	if (op.p[1] == '>')
		return c == '-' ? QF_T_ARROW : c == '>' ? QF_T_SHIFT : QF_T_OTHER;
	return c == '*' ? QF_T_STAR2 : c == '/' ? QF_T_DIVIDE : c == '<' ? QF_T_SHIFT : QF_T_OTHER;
}

void qf_pp_open(struct qf_pp *p, const struct qf_py_tokens *tokens, struct qf_py_ast *ast)
{
	static const uint8_t ids[] = {
		[QF_PY_END] = QF_T_END, [QF_PY_NUMBER] = QF_T_NUMBER, [QF_PY_STRING] = QF_T_STRING,
		[QF_PY_FSTRING_START] = QF_T_FSTART, [QF_PY_FSTRING_MIDDLE] = QF_T_FMIDDLE,
		[QF_PY_FSTRING_END] = QF_T_FEND, [QF_PY_NEWLINE] = QF_T_NEWLINE, [QF_PY_INDENT] = QF_T_INDENT,
		[QF_PY_DEDENT] = QF_T_DEDENT,
	};
	uint32_t n = 0;

	*p = (struct qf_pp){ .tokens = tokens, .ast = ast };
	*ast = (struct qf_py_ast){ .tokens = tokens };
	p->id = qf_malloc(tokens->n + 2);
	p->token = qf_malloc((tokens->n + 2) * sizeof(*p->token));
	for (uint32_t i = 0; i < tokens->n; i++) {
		unsigned kind = tokens->tok[i].kind;

		if (kind == QF_PY_NL || kind == QF_PY_COMMENT)
			continue;
		p->id[n] = kind == QF_PY_NAME ? name_id(qf_py_text(tokens, i)) :
			   kind == QF_PY_OP ? op_id(qf_py_text(tokens, i)) : ids[kind];
		p->token[n++] = i;
	}
	p->n = n;
	memset(p->id + n, QF_T_END, 2);
}

void qf_pp_close(struct qf_pp *p)
{
	free(p->id);
	free(p->token);
}

static void fail(struct qf_pp *p, uint32_t token, const char *reason)
{
	if (!p->failed) {
		p->failed = true;
		p->failed_at = token;
		p->reason = reason;
	}
	p->pos = p->n - 1;
}

void qf_pp_fail(struct qf_pp *p, const char *reason)
{
	fail(p, p->token[p->pos], reason);
}

void qf_pp_fail_at(struct qf_pp *p, const struct qf_py_node *node, const char *reason)
{
	fail(p, node->first, reason);
}

void qf_pp_expect(struct qf_pp *p, enum qf_pp_token id, const char *reason)
{
	if (!qf_pp_accept(p, id))
		qf_pp_fail(p, reason);
}

uint32_t qf_pp_name(struct qf_pp *p)
{
	uint32_t token = p->token[p->pos];

	qf_pp_expect(p, QF_T_NAME, "expected a name");
	return token;
}

bool qf_pp_is(const struct qf_pp *p, const char *word)
{
	return qf_pp_id(p) == QF_T_NAME && qf_str_is(qf_py_text(p->tokens, p->token[p->pos]), word);
}

void qf_pp_enter(struct qf_pp *p)
{
	if (++p->depth > QF_PP_NESTING)
		qf_pp_fail(p, "more than 200 levels of brackets and blocks inside each other");
}

bool qf_pp_starts(enum qf_pp_token id)
{
	static const bool starts[QF_T_COUNT] = {
		[QF_T_NAME] = true, [QF_T_NUMBER] = true, [QF_T_STRING] = true, [QF_T_FSTART] = true,
		[QF_T_LPAR] = true, [QF_T_LSQB] = true, [QF_T_LBRACE] = true, [QF_T_PLUS] = true,
		[QF_T_MINUS] = true, [QF_T_TILDE] = true, [QF_T_STAR] = true, [QF_T_ELLIPSIS] = true,
		[QF_T_CONSTANT] = true, [QF_T_NOT] = true, [QF_T_LAMBDA] = true, [QF_T_AWAIT] = true,
	};

	return starts[id];
}

/* What stands there, for a message: the text where it is short and plain, else its sort. */
static struct qf_str found(const struct qf_py_tokens *tokens, uint32_t at, char room[64])
{
	struct qf_str text = qf_py_text(tokens, at);

	switch (tokens->tok[at].kind) {
	case QF_PY_END: return QF_STR("the end of the file");
	case QF_PY_NEWLINE: return QF_STR("the end of the line");
	case QF_PY_INDENT: return QF_STR("an indented line");
	case QF_PY_DEDENT: return QF_STR("the end of the block");
	case QF_PY_STRING: return QF_STR("a string");
	case QF_PY_FSTRING_START:
	case QF_PY_FSTRING_MIDDLE:
	case QF_PY_FSTRING_END: return QF_STR("an f-string");
	default: break;
	}
	if (text.n > 40)
		return QF_STR("a long word");
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] > '~')
			return QF_STR("a word that is not ASCII");
	snprintf(room, 64, "'%.*s'", (int)text.n, text.p);
	return qf_str(room);
}

int qf_pp_error(const struct qf_pp *p, struct qf_err *err)
{
	char room[64];
	struct qf_str what = found(p->tokens, p->failed_at, room);
	bool expected = qf_str_starts(qf_str(p->reason), "expected");
	unsigned line, column;

	qf_py_position(p->tokens->source, p->tokens->tok[p->failed_at].start, &line, &column);
	return qf_err_set(err, QF_E_DATA, "line %u, column %u: %s%s%.*s", line, column, p->reason,
			  expected ? ", found " : "", expected ? (int)what.n : 0, what.p);
}

void qf_pp_link(struct qf_pp *p, struct qf_py_node *root)
{
	struct pending {
		struct qf_py_node *node;
		unsigned height;
	} *stack = NULL;
	size_t n = 0, cap = 0;
	struct pending now = { root, 1 };

	for (;;) {
		struct qf_py_node *const lists[] = { now.node->a, now.node->b, now.node->c, now.node->d, now.node->e };

		if (now.height > QF_PP_HEIGHT) {
			qf_pp_fail_at(p, now.node, "more than 3,000 operations hang on each other");
			break;
		}
		for (size_t i = 0; i < QF_LEN(lists); i++)
			for (struct qf_py_node *child = lists[i]; child; child = child->next) {
				child->parent = now.node;
				if (!child->a && !child->b && !child->c && !child->d && !child->e)
					continue;
				QF_GROW(stack, n, cap);
				stack[n++] = (struct pending){ child, now.height + 1 };
			}
		if (n == 0)
			break;
		now = stack[--n];
	}
	free(stack);
}
