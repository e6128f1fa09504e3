/* The parser of Python: trees, spans, targets, errors, and inputs that nest without end. */
#include "tests/unit/py_parse_rows.h"
#include "tests/unit/unit.h"
#include "tools/align/python/ast.h"

/*
 * A node as text: (Kind:name=flags children), where = is Store and - is Del, a child of the members b to
 * e has its letter in front. P parentheses, S simple, A async, E elif, * except*; of a parameter / * V K.
 */
static void show(struct qf_buf *out, const struct qf_py_tokens *tokens, const struct qf_py_node *node, char slot)
{
	static const struct {
		unsigned flag;
		char letter;
	} flags[] = {
		{ QF_PY_PAREN, 'P' }, { QF_PY_SIMPLE, 'S' }, { QF_PY_ASYNC, 'A' }, { QF_PY_ELIF, 'E' },
		{ QF_PY_STARRY, '*' }, { QF_PY_POSONLY, '/' }, { QF_PY_KWONLY, 'O' }, { QF_PY_VARARG, 'V' },
		{ QF_PY_KWARG, 'K' },
	};
	const struct qf_py_node *const lists[] = { node->a, node->b, node->c, node->d, node->e };

	if (slot != 'a')
		qf_buf_addc(out, slot);
	qf_buf_printf(out, "(%s", qf_py_kind_name(node->kind));
	if (node->name != QF_PY_NONE && node->kind != QF_PY_STRING_PART) {
		qf_buf_addc(out, ':');
		qf_buf_add_str(out, qf_py_text(tokens, node->name));
	}
	for (size_t i = 0; i < QF_LEN(flags); i++)
		if (node->flags & flags[i].flag)
			qf_buf_addc(out, flags[i].letter);
	for (unsigned i = 0; i < node->level; i++)
		qf_buf_addc(out, '.');
	if (node->ctx != QF_PY_LOAD)
		qf_buf_addc(out, node->ctx == QF_PY_STORE ? '=' : '-');
	for (unsigned i = 0; i < QF_LEN(lists); i++)
		for (const struct qf_py_node *child = lists[i]; child; child = child->next) {
			qf_buf_addc(out, ' ');
			show(out, tokens, child, (char)('a' + i));
		}
	qf_buf_addc(out, ')');
}

struct source {
	struct qf_py_tokens tokens;
	struct qf_py_ast ast;
	struct qf_err err;
	int rc;
};

static void source_open(struct source *s, struct qf_str text, bool expression)
{
	*s = (struct source){ 0 };
	s->rc = qf_py_tokenize(text, &s->tokens, &s->err);
	if (s->rc == 0)
		s->rc = (expression ? qf_py_parse_expr : qf_py_parse)(&s->tokens, &s->ast, &s->err);
}

static void source_close(struct source *s)
{
	qf_py_ast_release(&s->ast);
	qf_py_tokens_release(&s->tokens);
}

struct seen {
	struct qf_py_node *parent;
	uint32_t at;
	size_t n;
};

/* Links to the parent, spans inside of it and in the order of the source. */
static void check_child(struct qf_py_node *child, void *ctx)
{
	struct seen *seen = ctx, inner = { child, child->first, 0 };

	ck_assert_ptr_eq(child->parent, seen->parent);
	ck_assert_uint_lt(child->first, child->last);
	ck_assert_uint_ge(child->first, seen->at);
	ck_assert_uint_le(child->last, seen->parent->last);
	seen->at = child->last;
	seen->n++;
	qf_py_children(child, check_child, &inner);
}

static void check_rows(const struct row *rows, size_t n, bool expression)
{
	for (size_t i = 0; i < n; i++) {
		QF_AUTO_BUF struct qf_buf out = { 0 };
		struct source s;

		source_open(&s, qf_str(rows[i].source), false);
		ck_assert_msg(s.rc == 0, "%s: %s", rows[i].source, s.err.msg);
		ck_assert_ptr_null(s.ast.root->parent);
		for (const struct qf_py_node *node = s.ast.root->a; node; node = node->next) {
			if (out.n)
				qf_buf_addc(&out, ' ');
			show(&out, &s.tokens, expression ? node->a : node, 'a');
		}
		ck_assert_msg(qf_str_is(qf_buf_str(&out), rows[i].tree), "%s\n is  %s\n not %s", rows[i].source,
			      qf_buf_cstr(&out), rows[i].tree);
		qf_py_children(s.ast.root, check_child, &(struct seen){ s.ast.root, 0, 0 });
		source_close(&s);
	}
}

START_TEST(trees)
{
	check_rows(expressions, QF_LEN(expressions), true);
	check_rows(statements, QF_LEN(statements), false);
	check_rows(compounds, QF_LEN(compounds), false);
	check_rows(matches, QF_LEN(matches), false);
}
END_TEST

/* Wherever a source breaks off there is a tree or an error, and nothing else. */
static void check_beginnings(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t cut = 0; cut < strlen(rows[i].source); cut++) {
			struct source s;

			source_open(&s, (struct qf_str){ rows[i].source, cut }, false);
			ck_assert_int_eq(s.ast.root != NULL, s.rc == 0);
			if (s.rc < 0)
				ck_assert_has(s.err.msg, "line ");
			source_close(&s);
		}
}

START_TEST(beginnings)
{
	check_beginnings(expressions, QF_LEN(expressions));
	check_beginnings(statements, QF_LEN(statements));
	check_beginnings(compounds, QF_LEN(compounds));
	check_beginnings(matches, QF_LEN(matches));
}
END_TEST

static const struct qf_py_node *find(const struct qf_py_node *node, enum qf_py_kind kind)
{
	const struct qf_py_node *const lists[] = { node->a, node->b, node->c, node->d, node->e };
	const struct qf_py_node *found = NULL;

	if (node->kind == kind)
		return node;
	for (size_t i = 0; i < QF_LEN(lists); i++)
		for (const struct qf_py_node *child = lists[i]; child && !found; child = child->next)
			found = find(child, kind);
	return found;
}

/* The text from the first token to the last of the first node of a kind. */
static const struct {
	const char *source;
	enum qf_py_kind kind;
	const char *text;
} spans[] = {
	{ "(a) + (b)", QF_PY_BIN_OP, "(a) + (b)" },
	{ "(a + b) * c", QF_PY_BIN_OP, "(a + b) * c" },
	{ "((a))", QF_PY_EXPR, "((a))" },
	{ "((a))", QF_PY_NAME_EXPR, "a" },
	{ "((a)).b", QF_PY_ATTRIBUTE, "((a)).b" },
	{ "(a\n # c\n .b)", QF_PY_ATTRIBUTE, "a\n # c\n .b" },
	{ "f((a) for a in b)", QF_PY_GENEXP, "((a) for a in b)" },
	{ "x = ((a for a in b))", QF_PY_GENEXP, "(a for a in b)" },
	{ "x[a, b]", QF_PY_TUPLE, "a, b" },
	{ "x[a,]", QF_PY_TUPLE, "a," },
	{ "x[(a), ]", QF_PY_SUBSCRIPT, "x[(a), ]" },
	{ "x[ : b]", QF_PY_SLICE, ": b" },
	{ "x = (a, b) ;", QF_PY_TUPLE, "(a, b)" },
	{ "x = 1 ; y", QF_PY_ASSIGN, "x = 1" },
	{ "x = 1  # c", QF_PY_ASSIGN, "x = 1" },
	{ "f(a, **(b))", QF_PY_KEYWORD, "**(b)" },
	{ "f(a=(b), c=1)", QF_PY_KEYWORD, "a=(b)" },
	{ "f(*(a))", QF_PY_STARRED, "*(a)" },
	{ "{**(a)}", QF_PY_DICT_ITEM, "**(a)" },
	{ "{(a): (b), c: d}", QF_PY_DICT_ITEM, "(a): (b)" },
	{ "[a for a in (b) if (c)]", QF_PY_COMP_FOR, "for a in (b) if (c)" },
	{ "[a async for a in b]", QF_PY_COMP_FOR, "async for a in b" },
	{ "not (not (a))", QF_PY_UNARY_OP, "not (not (a))" },
	{ "f'a' f'{b!r:c}' 'd'", QF_PY_STRINGS, "f'a' f'{b!r:c}' 'd'" },
	{ "'d' f'{(b)!r:c}'", QF_PY_FIELD, "{(b)!r:c}" },
	{ "f'{b}{c}'", QF_PY_FSTRING, "f'{b}{c}'" },
	{ "from a \\\n import (b as c, # d\n )", QF_PY_IMPORT_FROM, "from a \\\n import (b as c, # d\n )" },
	{ "from a import (b as c,)", QF_PY_ALIAS, "b as c" },
	{ "import a . b as c", QF_PY_DOTTED, "a . b" },
	{ "from .. a.b import c", QF_PY_DOTTED, "a.b" },
	{ "def f(a, *b: c, **d): pass", QF_PY_FUNCTION, "def f(a, *b: c, **d): pass" },
	{ "def f(*b: (c)): pass", QF_PY_PARAM, "*b: (c)" },
	{ "def f(b: c = (d), e=1): pass", QF_PY_PARAM, "b: c = (d)" },
	{ "class A[**P = (b)]: pass", QF_PY_TYPE_PARAM, "**P = (b)" },
	{ "@a\n# c\n@b\ndef f():\n  x\n  y # c\n\n\nz", QF_PY_FUNCTION, "@a\n# c\n@b\ndef f():\n  x\n  y" },
	{ "@a\nasync def f(): pass\nz", QF_PY_FUNCTION, "@a\nasync def f(): pass" },
	{ "class A:\n  def f(self):\n    x\n\n  y\n# c\nz", QF_PY_CLASS, "class A:\n  def f(self):\n    x\n\n  y" },
	{ "class A:\n  def f(self):\n    x\n\n  y\n# c\nz", QF_PY_FUNCTION, "def f(self):\n    x" },
	{ "if a: b\nelif c: d\nelse: e\nf", QF_PY_IF, "if a: b\nelif c: d\nelse: e" },
	{ "try:\n  a\nexcept (b) as c:\n  d\nfinally: e", QF_PY_HANDLER, "except (b) as c:\n  d" },
	{ "with (a as b, c): d", QF_PY_WITH_ITEM, "a as b" },
	{ "with (a) as (b), c: d", QF_PY_WITH_ITEM, "(a) as (b)" },
	{ "async with a: b", QF_PY_WITH, "async with a: b" },
	{ "match x:\n  case (a | b) as c if (d):\n    e\nf", QF_PY_CASE, "case (a | b) as c if (d):\n    e" },
	{ "match x:\n  case (a | b) as c:\n    e\nf", QF_PY_PAT_AS, "(a | b) as c" },
	{ "match x:\n  case (a | b), c:\n    e\nf", QF_PY_PAT_SEQUENCE, "(a | b), c" },
	{ "match x:\n  case {'a': (b), **c}:\n    e\nf", QF_PY_PAT_ITEM, "'a': (b)" },
	{ "match x:\n  case a.b(c=(d)):\n    e\nf", QF_PY_PAT_CLASS, "a.b(c=(d))" },
	{ "match x:\n  case a.b(c=(d)):\n    e\n\nf", QF_PY_MATCH, "match x:\n  case a.b(c=(d)):\n    e" },
	{ "\n# c\nx\n\n", QF_PY_MODULE, "\n# c\nx\n\n" },
};

START_TEST(spans_are_exact)
{
	for (size_t i = 0; i < QF_LEN(spans); i++) {
		const struct qf_py_node *node;
		struct source s;
		struct qf_str text;

		source_open(&s, qf_str(spans[i].source), false);
		ck_assert_msg(s.rc == 0, "%s: %s", spans[i].source, s.err.msg);
		node = find(s.ast.root, spans[i].kind);
		ck_assert_msg(node != NULL, "%s has no such node", spans[i].source);
		text.p = spans[i].source + s.tokens.tok[node->first].start;
		text.n = s.tokens.tok[node->last - 1].end - s.tokens.tok[node->first].start;
		ck_assert_msg(qf_str_is(text, spans[i].text), "%s: '%.*s', not '%s'", spans[i].source,
			      QF_STR_ARG(text), spans[i].text);
		source_close(&s);
	}
}
END_TEST

static const struct {
	const char *source, *message;
} errors[] = {
	{ "print 'a'", "line 1, column 7: expected the end of the statement (print and exec are functions), found a string" },
	{ "x = 1\n  y", "line 2, column 1: expected an expression, found an indented line" },
	{ "exec code in d", "line 1, column 6: expected the end of the statement (print and exec" },
	{ "raise A, 'b'", "line 1, column 8: expected the end of the statement, found ','" },
	{ "if x:\npass", "line 2, column 1: expected an indented block, found 'pass'" },
	{ "if x", "line 1, column 5: expected ':', found the end of the line" },
	{ "x = (a b)", "line 1, column 8: expected ')' or ',', found 'b'" },
	{ "a <> b", "column 3" },
	{ "f(a=1, b)", "line 1, column 8: a positional argument stands behind a keyword argument" },
	{ "f(**a, b)", "a positional argument stands behind a keyword argument" },
	{ "f(**a, *b)", "a * argument stands behind a ** argument" },
	{ "f(a for a in b, c)", "line 1, column 15: expected ')' behind the generator expression, found ','" },
	{ "f(a, b for b in c)", "expected ')' or ','" },
	{ "f(a=b for b in c)", "expected ')' or ','" },
	{ "f((a)=1)", "expected ')' or ',', found '='" },
	{ "f(True=1)", "expected ')' or ',', found '='" },
	{ "class A(b for b in c): pass", "expected ')' or ',', found 'for'" },
	{ "def f(a=1, b): pass", "line 1, column 12: a parameter without default" },
	{ "def f(*): pass", "expected a named parameter behind '*'" },
	{ "def f(*, **a): pass", "expected a named parameter behind '*'" },
	{ "def f(/, a): pass", "'/' stands behind the first parameters" },
	{ "def f(a, /, b, /): pass", "'/' stands behind the first parameters" },
	{ "def f(*a, /): pass", "'/' stands behind the first parameters" },
	{ "def f(*a, *b): pass", "expected only one '*'" },
	{ "def f(**a, b): pass", "expected ')' or ',', found 'b'" },
	{ "def f(a, (b, c)): pass", "expected a name, found '('" },
	{ "def f(None): pass", "expected a name, found 'None'" },
	{ "lambda a: int: a", "this cannot be assigned to or deleted" },
	{ "f() = 1", "line 1, column 1: this cannot be assigned to or deleted" },
	{ "a, 1 = b", "line 1, column 4: this cannot be assigned to or deleted" },
	{ "a + b = c", "this cannot be assigned to or deleted" },
	{ "del f()", "line 1, column 5: this cannot be assigned to or deleted" },
	{ "del *a", "expected an expression" },
	{ "for f() in x: pass", "this cannot be assigned to or deleted" },
	{ "[a for 1 in x]", "this cannot be assigned to or deleted" },
	{ "with a as 1: pass", "this cannot be assigned to or deleted" },
	{ "a, b: int", "only one target may stand here" },
	{ "a, b += c", "only one target may stand here" },
	{ "x.y := 1", "expected the end of the statement, found ':='" },
	{ "x := 1", "expected the end of the statement, found ':='" },
	{ "(a.b := 1)", "expected ')' or ',', found ':='" },
	{ "[*a for a in b]", "a comprehension has no starred element" },
	{ "{**a for a in b}", "expected '}' or ','" },
	{ "{a: b, c}", "expected ':' behind the key" },
	{ "{a := 1: 2}", "expected '}' or ','" },
	{ "a not b", "expected 'in' behind 'not', found 'b'" },
	{ "a if b", "expected 'else' of the conditional expression" },
	{ "await await x", "expected an expression, found 'await'" },
	{ "x.None", "expected a name, found 'None'" },
	{ "import a.b as c.d", "expected the end of the statement, found '.'" },
	{ "from a import b,", "expected a name, found the end of the line" },
	{ "from a import ()", "expected a name, found ')'" },
	{ "from import b", "expected a name, found 'import'" },
	{ "try: a\nb", "expected 'except' or 'finally'" },
	{ "try: a\nexcept* : b", "expected an expression" },
	{ "try: a\nexcept b: c\nexcept* d: e", "'except' and 'except*'" },
	{ "try: a\nexcept b, c as d: e", "several exceptions before 'as'" },
	{ "with (a as b), c: d", "expected ')' or ',', found 'as'" },
	{ "with (a as b: c", "line 1, column 6: this '(' is never closed" },
	{ "async x", "expected 'def', 'for' or 'with' behind 'async'" },
	{ "@a\nx = 1", "expected 'def' or 'class' behind the decorators, found 'x'" },
	{ "class A[]: pass", "expected a name, found ']'" },
	{ "type X[T]", "expected '='" },
	{ "type X.y = 1", "expected the end of the statement" },
	{ "match x:\n  pass", "expected 'case', found 'pass'" },
	{ "match x:\n  case *a: pass", "expected ',' behind the starred pattern" },
	{ "match x:\n  case (*a): pass", "expected ',' behind the starred pattern" },
	{ "match x:\n  case a as _: pass", "expected a name that is not '_'" },
	{ "match x:\n  case a as b.c: pass", "expected ':', found '.'" },
	{ "match x:\n  case A(b=1, c): pass", "a positional pattern stands behind a keyword pattern" },
	{ "match x:\n  case {a: 1}: pass", "expected a literal or a dotted name as key" },
	{ "match x:\n  case {**a, 'b': 1}: pass", "expected '}' or ','" },
	{ "match x:\n  case 1 + x: pass", "expected the imaginary part" },
	{ "match x:\n  case +1: pass", "expected a pattern, found '+'" },
	{ "f'{}'", "expected an expression, found '}'" },
	{ "f'{a b}'", "expected '}' of the field, found 'b'" },
	{ "f'{lambda x: 1}'", "expected" },
};

START_TEST(refused)
{
	for (size_t i = 0; i < QF_LEN(errors); i++) {
		struct source s;

		source_open(&s, qf_str(errors[i].source), false);
		ck_assert_msg(s.rc < 0, "%s is taken", errors[i].source);
		ck_assert_int_eq(s.err.code, QF_E_DATA);
		ck_assert_msg(strstr(s.err.msg, errors[i].message), "%s: %s", errors[i].source, s.err.msg);
		ck_assert_ptr_null(s.ast.root);
		source_close(&s);
	}
}
END_TEST

struct nest {
	const char *head, *unit, *middle, *closing, *tail; /* unit and closing many times: */
	size_t taken, refused;
};

/* NULL where it is taken that many times, else the error. */
static const char *nested(const struct nest *nest, size_t n)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	static char message[sizeof(((struct qf_err *)0)->msg)];
	struct source s;

	qf_buf_puts(&text, nest->head);
	for (size_t i = 0; i < n; i++)
		qf_buf_puts(&text, nest->unit);
	qf_buf_puts(&text, nest->middle);
	for (size_t i = 0; i < n; i++)
		qf_buf_puts(&text, nest->closing);
	qf_buf_puts(&text, nest->tail);
	source_open(&s, qf_buf_str(&text), false);
	snprintf(message, sizeof(message), "%s", s.err.msg);
	source_close(&s);
	return s.rc < 0 ? message : NULL;
}

START_TEST(nesting_ends_in_an_error)
{
	static const struct nest cases[] = {
		{ "", "(", "a", ")", "", 200, 201 }, { "", "[", "", "]", "", 200, 201 },
		{ "", "{a:", "a", "}", "", 200, 201 }, { "", "f(", "", ")", "", 200, 201 },
		{ "", "a[", "0", "]", "", 200, 201 }, { "", "f(a, *", "b", ")", "", 200, 201 },
		{ "", "lambda:", "a", "", "", 200, 201 }, { "", "a**-", "a", "", "", 200, 201 },
		{ "", "a if (", "b", ") else c", "", 200, 201 }, { "match x:\n case ", "(", "a", ")", ": pass", 198, 201 },
		{ "match x:\n case ", "A(b=", "a", ")", ": pass", 198, 201 },
		{ "a", ".b", "", "", "", 2900, 10000 }, { "a", "()", "", "", "", 2900, 10000 },
		{ "a", "[b]", "", "", "", 2900, 10000 }, { "", "-", "a", "", "", 2900, 200000 },
		{ "", "not ", "a", "", "", 2900, 200000 }, { "", "a if b else ", "c", "", "", 2900, 10000 },
		{ "if a: b\n", "elif a: b\n", "", "", "", 2900, 10000 },
		/* a list in the tree is no depth */
		{ "a", "+1", "", "", "", 200000, 0 }, { "a", " or a", "", "", "", 200000, 0 },
		{ "a", "<a", "", "", "", 200000, 0 }, { "a", "**a", "", "", "", 200000, 0 },
		{ "", "'a' ", "", "", "", 200000, 0 }, { "", "a,", "", "", "", 200000, 0 },
		{ "", "a=", "b", "", "", 200000, 0 }, { "f'", "{a}", "'", "", "", 200000, 0 },
		{ "", "a;", "", "", "", 200000, 0 }, { "import a", ".b", "", "", "", 200000, 0 },
		{ "", "@a\n", "def f(): pass", "", "", 50000, 0 }, { "[a ", "for a in b ", "]", "", "", 50000, 0 },
		{ "f(", "a,", ")", "", "", 200000, 0 },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		const char *error = nested(&cases[i], cases[i].taken);

		ck_assert_msg(!error, "%zu times %s: %s", cases[i].taken, cases[i].unit, error);
		if (!cases[i].refused)
			continue;
		error = nested(&cases[i], cases[i].refused);
		ck_assert_msg(error && strstr(error, "more than "), "%zu times %s: %s", cases[i].refused,
			      cases[i].unit, error);
	}
}
END_TEST

START_TEST(an_expression_alone)
{
	static const char *const good[] = { "int", " int ", "a, b", "*Ts", "list[int] | None", "(\nint\n)", "int\n", "x  # c" };
	static const char *const bad[] = { "", "x = 1", "int int", "x: int", "\n", "def", "pass", "a; b" };

	for (size_t i = 0; i < QF_LEN(good); i++) {
		struct source s;

		source_open(&s, qf_str(good[i]), true);
		ck_assert_msg(s.rc == 0, "'%s': %s", good[i], s.err.msg);
		ck_assert_ptr_null(s.ast.root->parent);
		ck_assert_int_ge(s.ast.root->kind, QF_PY_NAME_EXPR);
		source_close(&s);
	}
	for (size_t i = 0; i < QF_LEN(bad); i++) {
		struct source s;

		source_open(&s, qf_str(bad[i]), true);
		ck_assert_msg(s.rc < 0, "'%s' is taken", bad[i]);
		source_close(&s);
	}
}
END_TEST

UNIT_MAIN("py_parse", 60, trees, beginnings, spans_are_exact, refused, nesting_ends_in_an_error, an_expression_alone)
