/* Python's tokens, encodings, names of files, identifiers and literals, by tables. */
#include "tests/unit/unit.h"
#include "tools/align/python/source.h"
#include "tools/align/python/token.h"

/*
 * Tokens in short: N name, 0 number, S string, O operator, C comment, each with its text in <>; f( MIDDLE
 * text m<>, f) for f-strings; \n NEWLINE, - NEWLINE or NL without bytes, . NL; > INDENT, < DEDENT; $ END.
 */
static void show(const struct qf_py_tokens *t, struct qf_buf *out)
{
	static const char *const words[] = { "$", "N", "0", "S", "f(", "m", "f)", "O", "\\n", ".", "C", ">", "<" };

	for (size_t i = 0; i < t->n; i++) {
		const struct qf_py_token *tok = &t->tok[i];
		struct qf_str text = qf_py_text(t, (uint32_t)i);

		if (i)
			qf_buf_addc(out, ' ');
		qf_buf_puts(out, words[tok->kind]);
		if ((tok->kind == QF_PY_NEWLINE || tok->kind == QF_PY_NL) && !text.n)
			qf_buf_addc(out, '-');
		if (tok->kind == QF_PY_NEWLINE || tok->kind == QF_PY_NL || tok->kind == QF_PY_INDENT || !text.n)
			continue;
		qf_buf_addc(out, '<');
		qf_buf_add_str(out, text);
		qf_buf_addc(out, '>');
	}
}

/* The tokens in short, or the error, and what holds of every list of tokens. */
static const char *tokens_of(struct qf_str source, struct qf_buf *out)
{
	struct qf_py_tokens t;
	struct qf_err err;

	qf_buf_reset(out);
	if (qf_py_tokenize(source, &t, &err) < 0) {
		ck_assert_int_eq(err.code, QF_E_DATA);
		qf_buf_printf(out, "! %s", err.msg);
	} else {
		show(&t, out);
		ck_assert_int_eq(t.tok[t.n - 1].start, source.n);
		for (size_t i = 0; i < t.n; i++) {
			unsigned line, column;

			qf_py_position(source, t.tok[i].start, &line, &column);
			ck_assert_uint_eq(t.tok[i].line, line);
			ck_assert(i == 0 || t.tok[i].start >= t.tok[i - 1].end);
		}
	}
	qf_py_tokens_release(&t);
	ck_assert(!t.tok && !t.n);
	return qf_buf_cstr(out);
}

struct row {
	const char *source, *want;
};

static void rows(const struct row *row, size_t n)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	for (size_t i = 0; i < n; i++) {
		const char *got = tokens_of(qf_str(row[i].source), &out);

		ck_assert_msg(strcmp(got, row[i].want) == 0, "%s\n gave: %s\n want: %s", row[i].source, got, row[i].want);
	}
}

static const struct row lines[] = {
	{ "", "$" },
	{ "\n", ". $" },
	{ "a", "N<a> \\n- $" },
	{ "a\n", "N<a> \\n $" },
	{ "a\r\nb\rc\n", "N<a> \\n N<b> \\n N<c> \\n $" },
	{ "\xef\xbb\xbf" "a", "N<a> \\n- $" },
	{ "# c", "C<# c> .- $" },
	{ "# c\r\na # d\r\n", "C<# c> . N<a> C<# d> \\n $" },
	{ "a # d", "N<a> C<# d> \\n- $" },
	{ "a\n   ", "N<a> \\n $" },
	{ "a\n\n  \n# c\nb\n", "N<a> \\n . . C<# c> . N<b> \\n $" },
	{ "if a:\n  b\nc", "N<if> N<a> O<:> \\n > N<b> \\n < N<c> \\n- $" },
	{ "if a:\n  b\n # c\n\n  d\n", "N<if> N<a> O<:> \\n > N<b> \\n C<# c> . . N<d> \\n < $" },
	{ "if a:\n if b:\n  c\nd", "N<if> N<a> O<:> \\n > N<if> N<b> O<:> \\n > N<c> \\n < < N<d> \\n- $" },
	{ "if a:\n\tb\n\tc", "N<if> N<a> O<:> \\n > N<b> \\n N<c> \\n- < $" },
	{ "if a:\n \tb\n \tc", "N<if> N<a> O<:> \\n > N<b> \\n N<c> \\n- < $" },
	{ "  a", "> N<a> \\n- < $" },
	{ "  \fa", "N<a> \\n- $" },
	{ "if a:\n  \f  b\n  c\n", "N<if> N<a> O<:> \\n > N<b> \\n N<c> \\n < $" },
	{ "(a,\n  # c\n\n b)\n", "O<(> N<a> O<,> . C<# c> . . N<b> O<)> \\n $" },
	{ "[\r{\n}]", "O<[> . O<{> . O<}> O<]> \\n- $" },
	{ "a = \\\n  b\n", "N<a> O<=> N<b> \\n $" },
	{ "a \\\r\n\\\rb", "N<a> N<b> \\n- $" },
	{ "\\\n  a\n", "> N<a> \\n < $" },
	{ "if a:\n  \\\n      b\n  c\n", "N<if> N<a> O<:> \\n > N<b> \\n N<c> \\n < $" },
	{ "if a:\n  b\n  \\\n\nc", "N<if> N<a> O<:> \\n > N<b> \\n . < N<c> \\n- $" },
	{ "  \\\na\n", "> N<a> \\n < $" },
	{ "a;b\n", "N<a> O<;> N<b> \\n $" },
};

static const struct row simple[] = {
	{ "match _ case type async", "N<match> N<_> N<case> N<type> N<async> \\n- $" },
	{ "\xc3\xa9t\xc3\xa9 \xe5\x90\x8d x\xf3\xa0\x84\x80",
	  "N<\xc3\xa9t\xc3\xa9> N<\xe5\x90\x8d> N<x\xf3\xa0\x84\x80> \\n- $" },
	{ "caf\xe9 \xa4", "N<caf\xe9> N<\xa4> \\n- $" },
	{ "0 1_000 0x_Ff 0b1_0 0o17 0XF", "0<0> 0<1_000> 0<0x_Ff> 0<0b1_0> 0<0o17> 0<0XF> \\n- $" },
	{ "1. .5 1.5e-3 1e+5 0_0.0_1 1_0e1_0", "0<1.> 0<.5> 0<1.5e-3> 0<1e+5> 0<0_0.0_1> 0<1_0e1_0> \\n- $" },
	{ "1j 1.5J 1e5j 00j 09.5 07e1", "0<1j> 0<1.5J> 0<1e5j> 0<00j> 0<09.5> 0<07e1> \\n- $" },
	{ "1if 0xfor 1else 1.real 1..real",
	  "0<1> N<if> 0<0xf> N<or> 0<1> N<else> 0<1.> N<real> 0<1.> O<.> N<real> \\n- $" },
	{ "0777 1__0 1_ 0x 0b2 1e 1e+",
	  "0<0> 0<777> 0<1> N<__0> 0<1> N<_> 0<0> N<x> 0<0> N<b2> 0<1> N<e> 0<1> N<e> O<+> \\n- $" },
	{ "+-*/%@&|^~<>=.,;:",
	  "O<+> O<-> O<*> O</> O<%> O<@> O<&> O<|> O<^> O<~> O<<>> O<=> O<.> O<,> O<;> O<:> \\n- $" },
	{ "** // << >> <= >= == != -> := ...",
	  "O<**> O<//> O<<<> O<>>> O<<=> O<>=> O<==> O<!=> O<->> O<:=> O<...> \\n- $" },
	{ "+= -= *= /= //= %= @= &= |= ^= >>= <<= **=",
	  "O<+=> O<-=> O<*=> O</=> O<//=> O<%=> O<@=> O<&=> O<|=> O<^=> O<>>=> O<<<=> O<**=> \\n- $" },
	{ "a<>b ..5 ....", "N<a> O<<>> N<b> O<.> 0<.5> O<...> O<.> \\n- $" },
	{ "a<-b a=-1 a**-b x[::-1]",
	  "N<a> O<<> O<-> N<b> N<a> O<=> O<-> 0<1> N<a> O<**> O<-> N<b> N<x> O<[> O<:> O<:> O<-> 0<1> O<]> \\n- $" },
	{ "'a' \"b\" '' \"\"", "S<'a'> S<\"b\"> S<''> S<\"\"> \\n- $" },
	{ "b'' Rb'' bR'' u'' U\"\" BR''", "S<b''> S<Rb''> S<bR''> S<u''> S<U\"\"> S<BR''> \\n- $" },
	{ "ub'' bb'' x'' rbr''", "N<ub> S<''> N<bb> S<''> N<x> S<''> N<rbr> S<''> \\n- $" },
	{ "'a\\'b' r'\\'' 'a\\\nb'", "S<'a\\'b'> S<r'\\''> S<'a\\\nb'> \\n- $" },
	{ "'''a'b''c\n''' \"\"\"\\\"\"\"\"", "S<'''a'b''c\n'''> S<\"\"\"\\\"\"\"\"> \\n- $" },
	{ "'a''b'\"c\"", "S<'a'> S<'b'> S<\"c\"> \\n- $" },
	{ "'a\\\r\nb' c", "S<'a\\\r\nb'> N<c> \\n- $" },
};

static const struct row fstrings[] = {
	{ "f''", "f(<f'> f)<'> \\n- $" },
	{ "f'a{b}c'", "f(<f'> m<a> O<{> N<b> O<}> m<c> f)<'> \\n- $" },
	{ "rF\"\"\"a'\"{b}\n\"\"\"", "f(<rF\"\"\"> m<a'\"> O<{> N<b> O<}> m<\n> f)<\"\"\"> \\n- $" },
	{ "f'{{a}}' f'{{{a}}}'",
	  "f(<f'> m<{{a}}> f)<'> f(<f'> m<{{> O<{> N<a> O<}> m<}}> f)<'> \\n- $" },
	{ "f'{a!r:>{w}}'", "f(<f'> O<{> N<a> O<!> N<r> O<:> m<>> O<{> N<w> O<}> O<}> f)<'> \\n- $" },
	{ "f'{a=}{a = !s}'", "f(<f'> O<{> N<a> O<=> O<}> O<{> N<a> O<=> O<!> N<s> O<}> f)<'> \\n- $" },
	{ "f'{a!=b}{a==b:=^3}'",
	  "f(<f'> O<{> N<a> O<!=> N<b> O<}> O<{> N<a> O<==> N<b> O<:> m<=^3> O<}> f)<'> \\n- $" },
	{ "f'{(a:=1)}{a:=1}'",
	  "f(<f'> O<{> O<(> N<a> O<:=> 0<1> O<)> O<}> O<{> N<a> O<:> m<=1> O<}> f)<'> \\n- $" },
	{ "f'{lambda a: 1}{d[1:2]:3}'",
	  "f(<f'> O<{> N<lambda> N<a> O<:> m< 1> O<}> O<{> N<d> O<[> 0<1> O<:> 0<2> O<]> O<:> m<3> O<}> f)<'> \\n- $" },
	{ "f'{ {1: 2}[1] }'", "f(<f'> O<{> O<{> 0<1> O<:> 0<2> O<}> O<[> 0<1> O<]> O<}> f)<'> \\n- $" },
	{ "f'{a['b']}'", "f(<f'> O<{> N<a> O<[> S<'b'> O<]> O<}> f)<'> \\n- $" },
	{ "f'{f'{f'{1}'}'}'",
	  "f(<f'> O<{> f(<f'> O<{> f(<f'> O<{> 0<1> O<}> f)<'> O<}> f)<'> O<}> f)<'> \\n- $" },
	{ "f'{a:{b:{c}}d{e}}'",
	  "f(<f'> O<{> N<a> O<:> O<{> N<b> O<:> O<{> N<c> O<}> O<}> m<d> O<{> N<e> O<}> O<}> f)<'> \\n- $" },
	{ "f'{a # c}\n + b\n}'", "f(<f'> O<{> N<a> C<# c}> . O<+> N<b> . O<}> f)<'> \\n- $" },
	{ "f'\\N{DASH}\\{a}' fr'\\N{a}'",
	  "f(<f'> m<\\N{DASH}\\> O<{> N<a> O<}> f)<'> f(<fr'> m<\\N> O<{> N<a> O<}> f)<'> \\n- $" },
	{ "f'\\'{a}\\\n\\\\'", "f(<f'> m<\\'> O<{> N<a> O<}> m<\\\n\\\\> f)<'> \\n- $" },
	{ "fr'\\'{a:\\'}'", "f(<fr'> m<\\'> O<{> N<a> O<:> m<\\'> O<}> f)<'> \\n- $" },
	{ "f'{a:x\n}'", "f(<f'> O<{> N<a> O<:> m<x> . O<}> f)<'> \\n- $" },
	{ "f'''{a:\n}'''", "f(<f'''> O<{> N<a> O<:> m<\n> O<}> f)<'''> \\n- $" },
	{ "f'{a:{{b}}}'", "f(<f'> O<{> N<a> O<:> O<{> O<{> N<b> O<}> O<}> O<}> f)<'> \\n- $" },
	{ "t'{a!s}' tR'b' Rt''",
	  "f(<t'> O<{> N<a> O<!> N<s> O<}> f)<'> f(<tR'> m<b> f)<'> f(<Rt'> f)<'> \\n- $" },
	{ "bf'' ft'' uf''", "N<bf> S<''> N<ft> S<''> N<uf> S<''> \\n- $" },
	{ "f'{a\\\n}' f'{*a, }'", "f(<f'> O<{> N<a> O<}> f)<'> f(<f'> O<{> O<*> N<a> O<,> O<}> f)<'> \\n- $" },
	{ "f'{a:%H:%M}:{b}'", "f(<f'> O<{> N<a> O<:> m<%H:%M> O<}> m<:> O<{> N<b> O<}> f)<'> \\n- $" },
};

static const struct row errors[] = {
	{ "a\n 'b\nc'", "! line 2, column 2: this string is not closed" },
	{ "a = '''b\nc", "! line 1, column 5: this string is not closed" },
	{ "b'\\'", "! line 1, column 1: this string is not closed" },
	{ "'\\", "! line 1, column 1: this string is not closed" },
	{ "a; f'b\nc'", "! line 1, column 4: this f-string is not closed" },
	{ "f'''a{b}", "! line 1, column 1: this f-string is not closed" },
	{ "f'", "! line 1, column 1: this f-string is not closed" },
	{ "f'{a:", "! line 1, column 1: this f-string is not closed" },
	{ "f'\\", "! line 1, column 1: this f-string is not closed" },
	{ "f'{a", "! line 1, column 3: this '{' is never closed" },
	{ "f'{a:b'", "! line 1, column 7: the f-string ends, but a '{' in it is open" },
	{ "f'a}'", "! line 1, column 4: this '}' closes nothing; as text it is written twice" },
	{ "f'{a:}}'", "! line 1, column 7: this '}' closes nothing; as text it is written twice" },
	{ "f'{(a}'", "! line 1, column 6: this '}' does not close the '(' of line 1, column 4" },
	{ "f'{a)}'", "! line 1, column 5: this ')' does not close the '{' of line 1, column 3" },
	{ "f'{(a!r)}'", "! line 1, column 6: no token begins with '!'" },
	{ "f('a'\n[b", "! line 2, column 1: this '[' is never closed" },
	{ "a)", "! line 1, column 2: this ')' closes nothing" },
	{ "(\n\xc3\xa9, ]", "! line 2, column 4: this ']' does not close the '(' of line 1, column 1" },
	{ "if a:\n   b\n  c\n", "! line 3, column 3: this indentation fits no outer level" },
	{ "if a:\n  if b:\n\tc", "! line 3, column 2: tabs and blanks are mixed: the level depends on a tab's width" },
	{ "if a:\n\tb\n        c\n",
	  "! line 3, column 9: tabs and blanks are mixed: the level depends on a tab's width" },
	{ "if a:\n \tb\n\tc\n", "! line 3, column 2: tabs and blanks are mixed: the level depends on a tab's width" },
	{ "a = $b", "! line 1, column 5: no token begins with '$'" },
	{ "\xc3\xa9?", "! line 1, column 2: no token begins with '?'" },
	{ "`a`", "! line 1, column 1: no token begins with '`'" },
	{ "!a", "! line 1, column 1: no token begins with '!'" },
	{ "a\x01", "! line 1, column 2: no token begins with U+0001" },
	{ "a\v", "! line 1, column 2: no token begins with U+000B" },
	{ "\xef\xbb\xbf" "a \xe2\x82\xac", "! line 1, column 3: no token has the character U+20AC in it" },
	{ "a\xc2\xa0= b", "! line 1, column 2: no token has the character U+00A0 in it" },
	{ "\xcc\x80", "! line 1, column 1: no name begins with U+0300" },
	{ "a \\ \nb", "! line 1, column 3: something follows the backslash that joins two lines" },
	{ "a = \\", "! line 1, column 5: something follows the backslash that joins two lines" },
	{ "a = \\\n", "! line 1, column 5: a backslash joins the last line with nothing" },
	{ "\\\n", "! line 1, column 1: a backslash joins the last line with nothing" },
};

START_TEST(token_lists)
{
	rows(lines, QF_LEN(lines));
	rows(simple, QF_LEN(simple));
	rows(fstrings, QF_LEN(fstrings));
	rows(errors, QF_LEN(errors));
}
END_TEST

START_TEST(nul_is_an_error)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	ck_assert_str_eq(tokens_of(QF_STR("a\n'\0'"), &out), "! line 2, column 2: a NUL byte");
	ck_assert_str_eq(tokens_of((struct qf_str){ 0 }, &out), "$");
}
END_TEST

/* Nothing recurses, so depth costs memory alone. */
START_TEST(any_depth)
{
	QF_AUTO_BUF struct qf_buf source = { 0 };
	enum { DEPTH = 20000, LEVELS = 500 };
	struct qf_py_tokens t;
	struct qf_err err;

	for (int i = 0; i < DEPTH; i++)
		QF_BUF_LIT(&source, "f'{([");
	for (int i = 0; i < DEPTH; i++)
		QF_BUF_LIT(&source, "])}'");
	ck_assert_msg(qf_py_tokenize(qf_buf_str(&source), &t, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(t.n, 8 * DEPTH + 2);
	qf_py_tokens_release(&t);
	qf_buf_reset(&source);
	for (int i = 0; i < LEVELS; i++) {
		for (int j = 0; j < i; j++)
			qf_buf_addc(&source, ' ');
		QF_BUF_LIT(&source, "if a:\n");
	}
	ck_assert_msg(qf_py_tokenize(qf_buf_str(&source), &t, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(t.n, 4 * LEVELS + 2 * (LEVELS - 1) + 1);
	qf_py_tokens_release(&t);
}
END_TEST

START_TEST(keywords)
{
	static const char *const words[] = { "False", "None", "True", "and", "as", "assert", "async", "await", "break",
		"class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if",
		"import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
		"with", "yield" };
	static const char *const others[] = { "", "a", "match", "case", "type", "_", "print", "exec", "none", "If",
		"iff", "i", "continues", "nonlocals", "finallyx" };

	for (size_t i = 0; i < QF_LEN(words); i++)
		ck_assert_msg(qf_py_is_keyword(qf_str(words[i])), "%s", words[i]);
	for (size_t i = 0; i < QF_LEN(others); i++)
		ck_assert_msg(!qf_py_is_keyword(qf_str(others[i])), "%s", others[i]);
}
END_TEST

UNIT_MAIN("py_token", 30, token_lists, nul_is_an_error, any_depth, keywords)
