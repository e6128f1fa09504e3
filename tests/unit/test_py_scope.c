/*
 * Binding analysis: scopes, symbols and what binds them, as text. The rows agree with the symtable of
 * CPython 3.13, those of older syntax with that of 3.11 too (tests/align/python/check_scopes.py).
 */
#include "tests/unit/unit.h"
#include "tools/align/python/scope.h"
#include "tools/align/python/source.h"

/* A source with all that is made of it. */
struct unit {
	struct qf_py_tokens tokens;
	struct qf_py_ast ast;
	struct qf_py_scopes scopes;
	struct qf_err err;
	bool failed;
};

static void open_unit(struct unit *u, const char *source)
{
	memset(u, 0, sizeof(*u));
	ck_assert_msg(qf_py_tokenize(qf_str(source), &u->tokens, &u->err) == 0, "%s: %s", source, u->err.msg);
	ck_assert_msg(qf_py_parse(&u->tokens, &u->ast, &u->err) == 0, "%s: %s", source, u->err.msg);
	u->failed = qf_py_scopes_build(&u->ast, &u->scopes, &u->err) < 0;
}

static void close_unit(struct unit *u)
{
	qf_py_scopes_release(&u->scopes);
	qf_py_ast_release(&u->ast);
	qf_py_tokens_release(&u->tokens);
}

static struct qf_str title(const struct unit *u, const struct qf_py_scope *s)
{
	static const char *const kinds[] = { "module", "class", "function", "lambda", "comprehension", "params",
					     "alias" };

	if (s->node->name != QF_PY_NONE)
		return qf_py_text(&u->tokens, s->node->name);
	return qf_str(kinds[s->kind]);
}

/*
 * Flags as letters, then @ and where: Local, eXplicit global, Global, Builtin, Free and the scope's name,
 * Class cell.
 */
static void put_symbol(const struct unit *u, const struct qf_py_symbol *y, struct qf_buf *out)
{
	static const char letters[] = "AIPDRGNTV";

	qf_buf_add_str(out, y->name);
	qf_buf_addc(out, '=');
	for (size_t i = 0; letters[i]; i++)
		if (y->flags & 1u << i)
			qf_buf_addc(out, letters[i]);
	ck_assert_uint_lt(y->flags, 1u << 9);
	qf_buf_addc(out, '@');
	switch (y->where) {
	case QF_PY_LOCAL: qf_buf_addc(out, 'L'); break;
	case QF_PY_GLOBAL_EXPLICIT: qf_buf_addc(out, 'X'); break;
	case QF_PY_GLOBAL_IMPLICIT: qf_buf_addc(out, y->binding ? 'G' : 'B'); break;
	case QF_PY_FREE:
		if (y->binding) {
			QF_BUF_LIT(out, "F:");
			qf_buf_add_str(out, title(u, y->binding->scope));
		} else {
			qf_buf_addc(out, 'C');
		}
	}
	ck_assert(!y->binding || (y->binding->where == QF_PY_LOCAL && y->binding->binding == y->binding));
}

static void put_scope(const struct unit *u, const struct qf_py_scope *s, struct qf_buf *out)
{
	static const char *const kinds[] = { "module", "class", "def", "lambda", "comp", "params", "alias" };

	qf_buf_puts(out, kinds[s->kind]);
	if (s->node->name != QF_PY_NONE) {
		qf_buf_addc(out, ' ');
		qf_buf_add_str(out, title(u, s));
	}
	qf_buf_puts(out, s->star_import ? "*(" : "(");
	for (const struct qf_py_symbol *y = s->symbols; y; y = y->next) {
		if (y != s->symbols)
			qf_buf_addc(out, ' ');
		put_symbol(u, y, out);
		ck_assert(y->next || y == s->last_symbol);
	}
	qf_buf_addc(out, ')');
	for (const struct qf_py_scope *c = s->child; c; c = c->next) {
		qf_buf_addc(out, c == s->child ? '[' : ' ');
		put_scope(u, c, out);
		if (!c->next)
			qf_buf_addc(out, ']');
	}
}

static void describe(const struct unit *u, struct qf_buf *out)
{
	if (u->failed)
		qf_buf_puts(out, u->err.msg);
	else
		put_scope(u, u->scopes.module, out);
}

/* What must hold in any module: each name stands where its symbol says, and can be asked for. */
static void check_places(const struct unit *u)
{
	size_t at_tokens = 0, of_symbols = 0;

	for (uint32_t t = 0; t < u->tokens.n; t++) {
		const struct qf_py_symbol *s = u->scopes.by_token[t];
		const struct qf_py_use *use = s ? s->uses : NULL;
		enum qf_py_kind kind;

		if (!s)
			continue;
		at_tokens++;
		if (s->last_use->token == t)
			for (; use; use = use->next)
				of_symbols++;
		for (use = s->uses; use && use->token != t; )
			use = use->next;
		ck_assert(use && use->symbol == s);
		ck_assert_ptr_eq(qf_py_scope_find(s->scope, s->name), s);
		if (s->flags)
			ck_assert_ptr_eq(qf_py_scope_lookup(s->scope, s->name), s->binding);
		kind = use->node->kind;
		if (kind != QF_PY_FUNCTION && kind != QF_PY_CLASS && kind != QF_PY_TYPE_ALIAS)
			ck_assert_ptr_eq(qf_py_scope_of(&u->scopes, use->node), s->scope);
	}
	ck_assert_uint_eq(at_tokens, of_symbols);
}

/* A source and the text that it gives. */
struct row {
	const char *source, *want;
};

static const struct row scopes_of_all_kinds[] = {
	{ "", "module()" },
	{ "x = y\n", "module(x=A@L y=R@B)" },
	{ "x = x\ndel z\n", "module(x=AR@L z=A@L)" },
	{ "x += 1\n", "module(x=A@L)" },
	{ "x: int\ny: int = 2\n(z): int\n(w): int = 3\nv.a: int\n",
	  "module(x=AT@L int=R@B y=AT@L z=@B w=A@L v=R@B)" },
	{ "def f(a, /, b=p, *c, d: q, e=r, **g) -> s:\n\treturn a, t\n",
	  "module(f=D@L p=R@B q=R@B r=R@B s=R@B)[def f(a=PR@L b=P@L c=P@L d=P@L e=P@L g=P@L t=R@B)]" },
	{ "lambda a, b=p, *c, d=b, **e: (a, q)\n",
	  "module(p=R@B b=R@B)[lambda(a=PR@L b=P@L c=P@L d=P@L e=P@L q=R@B)]" },
	{ "@dec\nasync def f(): await x\n", "module(dec=R@B f=D@L)[def f(x=R@B)]" },
	{ "@dec(a)\nclass C(B, metaclass=M, **kw):\n\tx = y\n",
	  "module(dec=R@B a=R@B C=D@L B=R@B M=R@B kw=R@B)[class C(x=A@L y=R@B)]" },
	{ "class C:\n\tx = 1\n\tdef m(self): return x\n",
	  "module(C=D@L)[class C(x=A@L m=D@L)[def m(self=P@L x=R@B)]]" },
	{ "x = 1\nclass C:\n\tx = x\n\tlambda: x\n", "module(x=A@L C=D@L)[class C(x=AR@L)[lambda(x=R@G)]]" },
	{ "def f():\n\tx = 1\n\tdef g(): return x\n\treturn g\n",
	  "module(f=D@L)[def f(x=A@L g=DR@L)[def g(x=R@F:f)]]" },
	{ "def f(x):\n\tdef g():\n\t\tdef h(): return x\n",
	  "module(f=D@L)[def f(x=P@L g=D@L)[def g(h=D@L)[def h(x=R@F:f)]]]" },
	{ "def f(x):\n\tclass C:\n\t\tx = 2\n\t\tdef m(self): return x\n",
	  "module(f=D@L)[def f(x=P@L C=D@L)[class C(x=A@L m=D@L)[def m(self=P@L x=R@F:f)]]]" },
	{ "def f(x=lambda: x): pass\n", "module(f=D@L)[lambda(x=R@B) def f(x=P@L)]" },
	{ "def f():\n\tprint(f'{x!r:{w}} {(lambda: y)()}')\n",
	  "module(f=D@L)[def f(print=R@B x=R@B w=R@B)[lambda(y=R@B)]]" },
	{ "import a.b.c, d.e as f\nfrom . import g as h, i\nfrom .j import *\n",
	  "module*(a=I@L f=I@L h=I@L i=I@L)" },
	{ "for i, j[k] in l: m\nelse: n\n", "module(i=A@L j=R@B k=R@B l=R@B m=R@B n=R@B)" },
	{ "with a as b, c() as (d, *e): f\n", "module(a=R@B b=A@L c=R@B d=A@L e=A@L f=R@B)" },
	{ "try: pass\nexcept E as e: e\n", "module(E=R@B e=AR@L)" },
	{ "try: pass\nexcept* E as e: e\nfinally: f\n", "module(E=R@B e=AR@L f=R@B)" },
	{ "match a:\n\tcase {'x': y, **z}: pass\n\tcase [q, *r]: pass\n\tcase C(s, t=u): pass\n\tcase v | _ "
	  "as w if w: pass\n\tcase A.B: pass\n",
	  "module(a=R@B y=A@L z=A@L q=A@L r=A@L C=R@B s=A@L u=A@L v=A@L w=AR@L A=R@B)" },
	{ "while a: b\nassert c, d\nraise e from f\n", "module(a=R@B b=R@B c=R@B d=R@B e=R@B f=R@B)" },
	{ "f(a, b=c, *d, **e).g[h:i]\n", "module(f=R@B a=R@B c=R@B d=R@B e=R@B h=R@B i=R@B)" },
};

static const struct row comprehensions_and_walrus[] = {
	{ "x = [a for a in b if c]\n", "module(x=A@L b=R@B)[comp(a=AR@L c=R@B)]" },
	{ "{k: v for k, v in z}\n{s for s in s}\n(g for g in g)\n",
	  "module(z=R@B s=R@B g=R@B)[comp(k=AR@L v=AR@L) comp(s=AR@L) comp(g=AR@L)]" },
	{ "class A:\n\tx = 1\n\ty = [x for x in x]\n\tz = [x for _ in q]\n",
	  "module(A=D@L)[class A(x=AR@L y=A@L z=A@L q=R@B)[comp(x=AR@L) comp(x=R@B _=A@L)]]" },
	{ "[a for b in c for a in b]\n", "module(c=R@B)[comp(a=AR@L b=AR@L)]" },
	{ "[[a for a in b] for b in c]\n", "module(c=R@B)[comp(b=AR@L)[comp(a=AR@L)]]" },
	{ "[lambda: y for y in z]\n", "module(z=R@B)[comp(y=A@L)[lambda(y=R@F:comprehension)]]" },
	{ "def f():\n\treturn [x async for x in y if await z]\n",
	  "module(f=D@L)[def f(y=R@B)[comp(x=AR@L z=R@B)]]" },
	{ "(x := 1)\nlambda: (y := x)\n", "module(x=A@L)[lambda(y=A@L x=R@G)]" },
	{ "[x := a for a in b]\n", "module(b=R@B x=G@L)[comp(x=AG@X a=AR@L)]" },
	{ "def f():\n\t[[x := a for a in b] for b in c]\n\treturn x\n",
	  "module(f=D@L)[def f(c=R@B x=AR@L)[comp(b=AR@L)[comp(x=AN@F:f a=AR@L)]]]" },
	{ "def f():\n\tglobal x\n\t[x := 1 for y in z]\n",
	  "module(f=D@L x=G@L)[def f(x=AG@X z=R@B)[comp(x=AG@X y=A@L)]]" },
	{ "def f():\n\tx = 1\n\tdef g():\n\t\tnonlocal x\n\t\t[x := 1 for y in z]\n",
	  "module(f=D@L)[def f(x=A@L g=D@L)[def g(x=AN@F:f z=R@B)[comp(x=AN@F:f y=A@L)]]]" },
	{ "lambda: [x := 1 for y in z]\n", "module()[lambda(z=R@B x=A@L)[comp(x=AN@F:lambda y=A@L)]]" },
	{ "[y := 1 for x[y] in z]\n", "module(z=R@B y=G@L)[comp(y=ARG@X x=R@B)]" },
	{ "class C:\n\t[x := 1 for y in z]\n",
	  "line 2, column 3: assignment expression within a comprehension cannot be used in a class "
	  "body" },
	{ "[x for x in (y := z)]\n",
	  "line 1, column 14: assignment expression cannot be used in a comprehension iterable "
	  "expression" },
	{ "[x for x in (lambda: (y := z))]\n",
	  "line 1, column 23: assignment expression cannot be used in a comprehension iterable "
	  "expression" },
	{ "[a for b in c for a in [d := e]]\n",
	  "line 1, column 25: assignment expression cannot be used in a comprehension iterable "
	  "expression" },
	{ "[y := 1 for y in z]\n",
	  "line 1, column 2: assignment expression cannot rebind comprehension iteration variable 'y'" },
	{ "[[y := 1 for a in z] for y in q]\n",
	  "line 1, column 3: assignment expression cannot rebind comprehension iteration variable 'y'" },
	{ "[a for a in z if (y := 1) for y in q]\n",
	  "line 1, column 31: comprehension inner loop cannot rebind assignment expression target 'y'" },
	{ "[0 for x[[a for a in b]], y in z if (y := 1)]\n",
	  "line 1, column 38: assignment expression cannot rebind comprehension iteration variable "
	  "'y'" },
	{ "[0 for x[lambda: 0], y in z if (y := 1)]\n",
	  "line 1, column 33: assignment expression cannot rebind comprehension iteration variable "
	  "'y'" },
	{ "def f(): [(yield) for x in y]\n", "line 1, column 12: 'yield' inside a comprehension" },
	{ "def f(): [x for x in (yield)]\n", "module(f=D@L)[def f()[comp(x=AR@L)]]" },
	{ "[lambda: (yield) for x in y]\n", "module(y=R@B)[comp(x=A@L)[lambda()]]" },
};

static const struct row global_and_nonlocal[] = {
	{ "global x\nx = 1\nx: int\n", "module(x=AGT@L int=R@B)" },
	{ "def f():\n\tglobal x\n\tx = 1\ndef g(): return x\n",
	  "module(f=D@L g=D@L x=G@L)[def f(x=AG@X) def g(x=R@G)]" },
	{ "def f():\n\tglobal x\n\treturn x\n", "module(f=D@L x=G@L)[def f(x=RG@X)]" },
	{ "def f(x):\n\tdef g():\n\t\tglobal x\n\t\tdef h(): return x\n",
	  "module(f=D@L x=G@L)[def f(x=P@L g=D@L)[def g(x=G@X h=D@L)[def h(x=R@G)]]]" },
	{ "def f(x):\n\tclass C:\n\t\tglobal x\n\t\tdef m(self): return x\n",
	  "module(f=D@L x=G@L)[def f(x=P@L C=D@L)[class C(x=G@X m=D@L)[def m(self=P@L x=R@F:f)]]]" },
	{ "def f():\n\tx = 0\n\tdef g():\n\t\tnonlocal x\n\t\tdef h():\n\t\t\tnonlocal x\n\t\t\tx = 1\n",
	  "module(f=D@L)[def f(x=A@L g=D@L)[def g(x=N@F:f h=D@L)[def h(x=AN@F:f)]]]" },
	{ "def f():\n\tx = 0\n\tclass C:\n\t\tnonlocal x\n\t\tx = 1\n",
	  "module(f=D@L)[def f(x=A@L C=D@L)[class C(x=AN@F:f)]]" },
	{ "def f():\n\tdef g():\n\t\tnonlocal x\n\tx: int\n",
	  "module(f=D@L)[def f(g=D@L x=AT@L int=R@B)[def g(x=N@F:f)]]" },
	{ "def f():\n\timport x\n\tglobal x\n", "module(f=D@L x=G@L)[def f(x=IG@X)]" },
	{ "def f():\n\tglobal a, b\n\tdef a(): pass\n\tclass b: pass\n",
	  "module(f=D@L a=G@L b=G@L)[def f(a=DG@X b=DG@X)[def a() class b()]]" },
	{ "nonlocal x\n", "line 1, column 10: nonlocal declaration not allowed at module level" },
	{ "def f():\n\tnonlocal x\n", "line 2, column 11: no binding for nonlocal 'x' found" },
	{ "class C:\n\tx = 1\n\tdef f(self):\n\t\tnonlocal x\n",
	  "line 4, column 12: no binding for nonlocal 'x' found" },
	{ "def f(x):\n\tdef g():\n\t\tglobal x\n\t\tdef h():\n\t\t\tnonlocal x\n",
	  "line 5, column 13: no binding for nonlocal 'x' found" },
	{ "def f(x):\n\tglobal x\n", "line 2, column 9: name 'x' is parameter and global" },
	{ "def f(x):\n\tnonlocal x\n", "line 2, column 11: name 'x' is parameter and nonlocal" },
	{ "def f():\n\tx\n\tglobal x\n", "line 3, column 9: name 'x' is used prior to global declaration" },
	{ "x = 1\nglobal x\n", "line 2, column 8: name 'x' is assigned to before global declaration" },
	{ "def f():\n\tdef x(): pass\n\tglobal x\n",
	  "line 3, column 9: name 'x' is assigned to before global declaration" },
	{ "def f():\n\tfor x in y: pass\n\tnonlocal x\n",
	  "line 3, column 11: name 'x' is assigned to before nonlocal declaration" },
	{ "def f():\n\tx: int\n\tglobal x\n", "line 3, column 9: annotated name 'x' can't be global" },
	{ "def f():\n\tglobal x\n\tx: int\n", "line 3, column 2: annotated name 'x' can't be global" },
	{ "def f():\n\tglobal x\n\t(x): int = 1\n", "module(f=D@L x=G@L)[def f(x=AG@X int=R@B)]" },
	{ "def f(y):\n\tdef g():\n\t\tnonlocal y\n\t\ty: int\n",
	  "line 4, column 3: annotated name 'y' can't be nonlocal" },
	{ "def f():\n\tglobal x\n\tnonlocal x\n", "line 2, column 9: name 'x' is nonlocal and global" },
	{ "def f(x, x): pass\n", "line 1, column 10: duplicate argument 'x' in function definition" },
	{ "lambda x, *, x: 0\n", "line 1, column 14: duplicate argument 'x' in function definition" },
	{ "class C:\n\tfrom x import *\n", "line 2, column 16: import * only allowed at module level" },
	{ "def f():\n\t[x := 1 for y in z]\n\tglobal x\n",
	  "line 3, column 9: name 'x' is assigned to before global declaration" },
};

static const struct row class_and_private_names[] = {
	{ "class C:\n\tdef m(self): return super().m()\n",
	  "module(C=D@L)[class C(m=D@L)[def m(self=P@L super=R@B __class__=R@C)]]" },
	{ "class C:\n\tdef m(self): return lambda: __class__\n",
	  "module(C=D@L)[class C(m=D@L)[def m(self=P@L)[lambda(__class__=R@C)]]]" },
	{ "class C:\n\tx = __class__\n\tsuper\n\ty = [__class__ for _ in z]\n",
	  "module(C=D@L)[class C(x=A@L __class__=R@B super=R@B y=A@L z=R@B)[comp(__class__=R@C "
	  "_=A@L)]]" },
	{ "def f(): return super\nsuper\n", "module(f=D@L super=R@B)[def f(super=R@B __class__=R@B)]" },
	{ "class C:\n\tdef m(self): nonlocal __class__\n",
	  "module(C=D@L)[class C(m=D@L)[def m(self=P@L __class__=N@C)]]" },
	{ "def f():\n\tdef g(): nonlocal __class__\n",
	  "line 2, column 20: no binding for nonlocal '__class__' found" },
	{ "__class__ = 1\nclass C:\n\tdef __class__(self): return __class__\n",
	  "module(__class__=A@L C=D@L)[class C(__class__=D@L)[def __class__(self=P@L __class__=R@C)]]" },
	{ "class C:\n\tdef __m(self, __a, *__b): return self.__c, __d, f(__e=__f__)\n",
	  "module(C=D@L)[class C(_C__m=D@L)[def __m(self=PR@L _C__a=P@L _C__b=P@L _C__d=R@B f=R@B "
	  "__f__=R@B)]]" },
	{ "class _C:\n\tclass __D:\n\t\t__x = 1\n\t\tdef f(self): return __x, __, ___, __y_\n",
	  "module(_C=D@L)[class _C(_C__D=D@L)[class __D(_D__x=A@L f=D@L)[def f(self=P@L _D__x=R@B "
	  "__=R@B ___=R@B _D__y_=R@B)]]]" },
	{ "class A:\n\tclass B: pass\n\t__x = 1\n__y = 2\n",
	  "module(A=D@L __y=A@L)[class A(B=D@L _A__x=A@L)[class B()]]" },
	{ "class __:\n\t__x = 1\n", "module(__=D@L)[class __(__x=A@L)]" },
	{ "__x = 1\nclass C:\n\tdef f(self):\n\t\tglobal __x\n\t\t__x = 1\n",
	  "module(__x=A@L C=D@L _C__x=G@L)[class C(f=D@L)[def f(self=P@L _C__x=AG@X)]]" },
	{ "class C:\n\timport __a.b, __c as __d\n\tfrom x import __y\n\ttry: pass\n\texcept E as __e: pass\n",
	  "module(C=D@L)[class C(_C__a=I@L _C__d=I@L _C__y=I@L E=R@B _C__e=A@L)]" },
	{ "class C(__B):\n\t[__x := 1 for y in z]\n",
	  "line 2, column 3: assignment expression within a comprehension cannot be used in a class "
	  "body" },
	{ "class C:\n\tdef f(self):\n\t\t[__x := 1 for y in z]\n\t\tlambda __y: __x\n",
	  "module(C=D@L)[class C(f=D@L)[def f(self=P@L z=R@B _C__x=A@L)[comp(_C__x=AN@F:f y=A@L) "
	  "lambda(_C__y=P@L _C__x=R@F:f)]]]" },
	{ "\xe2\x84\x8c = 1\nclass \xef\xac\x81:\n\t__\xe2\x84\x8c = H\n",
	  "module(H=A@L fi=D@L)[class \xef\xac\x81(_fi__H=A@L H=R@G)]" },
};

static const struct row type_parameters[] = {
	{ "def f[T, *Ts, **P](x: T = T, *args: *Ts) -> P:\n\ty: T\n\tdef g(): return T\n",
	  "module(f=D@L T=R@B)[params f(T=RV@L Ts=RV@L P=RV@L)[def f(x=P@L args=P@L y=AT@L T=R@F:f "
	  "g=D@L)[def g(T=R@F:f)]]]" },
	{ "class A[T](B[T], k=T):\n\tx: T\n\tdef m[U: T](self, t: T = T): return T, U, A\n",
	  "module(A=D@L)[params A(T=RV@L B=R@B)[class A(x=AT@L T=R@F:A m=D@L)[params m(U=V@L "
	  "T=R@F:A)[alias U(T=R@F:A) def m(self=P@L t=P@L T=R@F:A U=R@F:m A=R@G)]]]]" },
	{ "type A = B\ntype L[T] = list[T] | L[T]\n",
	  "module(A=D@L L=D@L)[alias A(B=R@B) params L(T=V@L)[alias L(list=R@B T=R@F:L L=R@G)]]" },
	{ "type A[T: (A, B) = C] = T\n",
	  "module(A=D@L)[params A(T=V@L)[alias T(A=R@G B=R@B) alias T(C=R@B) alias A(T=R@F:A)]]" },
	{ "class C:\n\tclass D: pass\n\ttype E = D\n\tdef m[T: D](self, x: D = D) -> D: pass\n",
	  "module(C=D@L)[class C(D=DR@L E=D@L m=D@L)[class D() alias E(D=R@F:C) params m(T=V@L "
	  "D=R@F:C)[alias T(D=R@F:C) def m(self=P@L x=P@L)]]]" },
	{ "def f():\n\tx = 1\n\tclass D:\n\t\tx = 1\n\t\tdef f[T: (lambda: x)](a: x): super()\n",
	  "module(f=D@L)[def f(x=A@L D=D@L)[class D(x=A@L f=D@L)[params f(T=V@L x=R@F:D)[alias "
	  "T()[lambda(x=R@F:f)] def f(a=P@L super=R@B __class__=R@C)]]]]" },
	{ "class C:\n\tT = int\n\ttype A[T] = T\n\tdef f[T](a: T): T\n",
	  "module(C=D@L)[class C(T=A@L int=R@B A=D@L f=D@L)[params A(T=V@L)[alias A(T=R@F:C)] params "
	  "f(T=RV@L)[def f(a=P@L T=R@F:f)]]]" },
	{ "class C:\n\tglobal x\n\tx = 2\n\ttype A = x\n",
	  "module(C=D@L x=G@L)[class C(x=AG@X A=D@L)[alias A(x=R@X)]]" },
	{ "def g():\n\tx = 1\n\tclass C:\n\t\tnonlocal x\n\t\tx = 2\n\t\ttype A = x\n",
	  "module(g=D@L)[def g(x=A@L C=D@L)[class C(x=AN@F:g A=D@L)[alias A(x=R@F:g)]]]" },
	{ "class C:\n\ttype A = __class__\n\tdef m[T: super](self): super\n",
	  "module(C=D@L)[class C(A=D@L m=D@L)[alias A(__class__=R@C) params m(T=V@L)[alias "
	  "T(super=R@B __class__=R@C) def m(self=P@L super=R@B __class__=R@C)]]]" },
	{ "class D:\n\tx = 1\n\ttype A = (x for _ in x)\n",
	  "module(D=D@L)[class D(x=A@L A=D@L)[alias A(x=R@F:D)[comp(x=R@B _=A@L)]]]" },
	{ "class D:\n\tclass C[__T: lambda: (__T, __b)](__z): __x = __T\n",
	  "module(D=D@L)[class D(C=D@L)[params C(_C__T=V@L __z=R@B)[alias __T()[lambda(_C__T=R@F:C "
	  "__b=R@B)] class C(_C__x=A@L _C__T=R@F:C)]]]" },
	{ "class D:\n\tdef f[__T: __a](x: __T): __T\n",
	  "module(D=D@L)[class D(f=D@L)[params f(_D__T=RV@L)[alias __T(_D__a=R@B) def f(x=P@L "
	  "_D__T=R@F:f)]]]" },
	{ "@T\ndef f[T](): pass\n", "module(T=R@B f=D@L)[params f(T=V@L)[def f()]]" },
	{ "def f[T, T](): pass\n", "line 1, column 10: duplicate type parameter 'T'" },
	{ "class C[T]:\n\tdef f(self):\n\t\tnonlocal T\n",
	  "line 3, column 12: nonlocal binding not allowed for type parameter 'T'" },
	{ "type X = (yield)\n", "line 1, column 11: yield expression cannot be used within a type alias" },
	{ "type X[T: (y := 1)] = T\n",
	  "line 1, column 12: named expression cannot be used within a type parameter" },
	{ "def f[T](x: (y := 1)): pass\n",
	  "line 1, column 14: named expression cannot be used within the definition of a generic" },
	{ "class C[T]([y := 1 for x in z]): pass\n",
	  "line 1, column 13: assignment expression within a comprehension cannot be used in the "
	  "definition of a generic" },
	{ "async def f():\n\tclass C[T](await x): pass\n",
	  "line 2, column 13: await expression cannot be used within the definition of a generic" },
	{ "def f[T](): [T := 1 for x in y]\n",
	  "module(f=D@L)[params f(T=V@L)[def f(y=R@B T=A@L)[comp(T=AN@F:f x=A@L)]]]" },
};

static const struct row annotations_as_strings[] = {
	{ "from __future__ import annotations\ndef f(a: b = c) -> d:\n\te: f = 1\n",
	  "module(annotations=I@L f=D@L b=R@B c=R@B d=R@B)[def f(a=P@L e=AT@L f=R@G)]" },
	{ "from __future__ import annotations\ndef f():\n\tx: q\n\tglobal q\n",
	  "module(annotations=I@L f=D@L q=G@L)[def f(x=AT@L q=RG@X)]" },
	{ "from __future__ import annotations\nx: super\ny: [i for i in j]\ndef f(): x: super\n",
	  "module(annotations=I@L x=AT@L super=R@B y=AT@L j=R@B f=D@L)[comp(i=AR@L) def f(x=AT@L "
	  "super=R@B)]" },
	{ "from .__future__ import annotations\ndef f(): x: super\n",
	  "module(annotations=I@L f=D@L)[def f(x=AT@L super=R@B __class__=R@B)]" },
	{ "from __future__.a import annotations\ndef f(): x: super\n",
	  "module(annotations=I@L f=D@L)[def f(x=AT@L super=R@B __class__=R@B)]" },
	{ "from __future__ import *\ndef f(): x: super\n",
	  "module*(f=D@L)[def f(x=AT@L super=R@B __class__=R@B)]" },
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		QF_AUTO_BUF struct qf_buf got = { 0 };
		struct unit u;

		open_unit(&u, rows[i].source);
		describe(&u, &got);
		ck_assert_msg(strcmp(qf_buf_cstr(&got), rows[i].want) == 0, "%s\n   is %s\nnot %s", rows[i].source,
			      got.p, rows[i].want);
		if (!u.failed)
			check_places(&u);
		else
			ck_assert_int_eq(u.err.code, QF_E_DATA);
		close_unit(&u);
	}
}

START_TEST(scopes_and_symbols)
{
	check_rows(scopes_of_all_kinds, QF_LEN(scopes_of_all_kinds));
	check_rows(comprehensions_and_walrus, QF_LEN(comprehensions_and_walrus));
	check_rows(global_and_nonlocal, QF_LEN(global_and_nonlocal));
	check_rows(class_and_private_names, QF_LEN(class_and_private_names));
	check_rows(type_parameters, QF_LEN(type_parameters));
	check_rows(annotations_as_strings, QF_LEN(annotations_as_strings));
}
END_TEST

/* Each use in the order of the tokens: its kind as a letter, the name, the node. */
static const struct row uses[] = {
	{ "import a.b as c, d.e\nfrom f import g, h as i\n", "I:c@Alias I:d@Alias I:g@Alias I:i@Alias" },
	{ "def f(a, *b): global c; del c; d.e(f=a)\n",
	  "D:f@Function P:a@Param P:b@Param G:c@Ident X:c@Name L:d@Name L:a@Name" },
	{ "@x\nclass C[T: B](D): pass\ntype E = F\n",
	  "L:x@Name D:C@Class T:T@TypeParam L:B@Name L:D@Name D:E@TypeAlias L:F@Name" },
	{ "[a := b for c in d]\n", "S:a@Name L:b@Name S:c@Name L:d@Name" },
	{ "f'{a!r:{b}}' f'{c}'\n", "L:a@Name L:b@Name L:c@Name" },
	{ "def f(a: x = y) -> z: pass\n", "D:f@Function P:a@Param L:x@Name L:y@Name L:z@Name" },
	{ "a(b)(c)[d].e\n", "L:a@Name L:b@Name L:c@Name L:d@Name" },
	{ "try: pass\nexcept a as b: pass\n", "L:a@Name S:b@Handler" },
	{ "match a:\n\tcase b, *c, {'d': e, **f}, G(h=i) as j: pass\n",
	  "L:a@Name S:b@PatCapture S:c@PatStar S:e@PatCapture S:f@PatMapping L:G@Name S:i@PatCapture S:j@PatAs" },
};

START_TEST(uses_stand_at_their_tokens)
{
	for (size_t i = 0; i < QF_LEN(uses); i++) {
		QF_AUTO_BUF struct qf_buf got = { 0 };
		struct unit u;

		open_unit(&u, uses[i].source);
		for (uint32_t t = 0; t < u.tokens.n; t++) {
			const struct qf_py_symbol *s = u.scopes.by_token[t];
			const struct qf_py_use *use = s ? s->uses : NULL;

			while (use && use->token != t)
				use = use->next;
			if (!use)
				continue;
			qf_buf_printf(&got, "%s%c:%.*s@%s", got.n ? " " : "", "LSXIPDTG"[use->kind],
				      QF_STR_ARG(qf_py_text(&u.tokens, t)), qf_py_kind_name(use->node->kind));
		}
		ck_assert_str_eq(qf_buf_cstr(&got), uses[i].want);
		close_unit(&u);
	}
}
END_TEST

START_TEST(uses_of_a_symbol_are_in_order)
{
	struct unit u;
	const struct qf_py_use *use;
	uint32_t last = 0;
	int n = 0;

	open_unit(&u, "def f():\n\t[x for x in x if x]\n\tf(x)(x)\n\tx = lambda a=x: x\n\tdel x\n");
	use = qf_py_scope_find(u.scopes.module->child, QF_STR("x"))->uses;
	for (; use; use = use->next, n++) {
		ck_assert_uint_gt(use->token, last);
		last = use->token;
	}
	ck_assert_int_eq(n, 6);
	close_unit(&u);
}
END_TEST

/* The binding that `name` has to code in the scope of the first name_expr `at`. */
static const struct qf_py_symbol *looked_up(const struct unit *u, const char *at, const char *name)
{
	for (uint32_t t = 0; t < u->tokens.n; t++)
		if (u->scopes.by_token[t] && qf_str_is(qf_py_text(&u->tokens, t), at))
			return qf_py_scope_lookup(u->scopes.by_token[t]->scope, qf_str(name));
	ck_abort_msg("no %s", at);
}

START_TEST(lookup_of_names_that_are_not_used)
{
	struct unit u;

	open_unit(&u, "m = 1\ndef f(p):\n\ta\n\tclass C:\n\t\tk = b\n\t\tdef g(self):\n\t\t\tglobal w\n\t\t\tc\n"
		  "\t\ttype T[V] = d\ndef h():\n\tglobal w\n\tdef i(): e\n");
	ck_assert_ptr_eq(looked_up(&u, "a", "m")->scope, u.scopes.module);
	ck_assert_ptr_eq(looked_up(&u, "a", "w")->scope, u.scopes.module);
	ck_assert_ptr_null(looked_up(&u, "a", "k"));
	ck_assert_ptr_null(looked_up(&u, "a", "print"));
	ck_assert_int_eq(looked_up(&u, "b", "k")->scope->kind, QF_PY_SCOPE_CLASS);
	ck_assert_int_eq(looked_up(&u, "b", "p")->scope->kind, QF_PY_SCOPE_FUNCTION);
	ck_assert_ptr_null(looked_up(&u, "c", "k"));
	ck_assert_ptr_eq(looked_up(&u, "c", "w")->scope, u.scopes.module);
	ck_assert_ptr_null(looked_up(&u, "c", "__class__"));
	ck_assert_int_eq(looked_up(&u, "c", "p")->scope->kind, QF_PY_SCOPE_FUNCTION);
	ck_assert_ptr_eq(looked_up(&u, "e", "w")->scope, u.scopes.module);
	ck_assert_int_eq(looked_up(&u, "d", "k")->scope->kind, QF_PY_SCOPE_CLASS);
	ck_assert_int_eq(looked_up(&u, "d", "V")->scope->kind, QF_PY_SCOPE_TYPE_PARAMS);
	close_unit(&u);
}
END_TEST

START_TEST(scope_of_statements)
{
	struct unit u;
	struct qf_py_node *function, *class;

	open_unit(&u, "def f[T](a, b=1):\n\tpass\nclass C(x):\n\ty: z\n");
	function = u.ast.root->a;
	class = function->next;
	ck_assert_ptr_eq(qf_py_scope_of(&u.scopes, u.ast.root), u.scopes.module);
	ck_assert_int_eq(qf_py_scope_of(&u.scopes, function)->kind, QF_PY_SCOPE_FUNCTION);
	ck_assert_int_eq(qf_py_scope_of(&u.scopes, function->d)->kind, QF_PY_SCOPE_FUNCTION);
	ck_assert_int_eq(qf_py_scope_of(&u.scopes, function->b)->kind, QF_PY_SCOPE_FUNCTION);
	ck_assert_ptr_eq(qf_py_scope_of(&u.scopes, function->b->next->b), u.scopes.module);
	ck_assert_int_eq(qf_py_scope_of(&u.scopes, function->e)->kind, QF_PY_SCOPE_TYPE_PARAMS);
	ck_assert_int_eq(qf_py_scope_of(&u.scopes, class)->kind, QF_PY_SCOPE_CLASS);
	ck_assert_ptr_eq(qf_py_scope_of(&u.scopes, class->b), u.scopes.module);
	ck_assert_int_eq(qf_py_scope_of(&u.scopes, class->d)->kind, QF_PY_SCOPE_CLASS);
	close_unit(&u);
}
END_TEST

START_TEST(an_expression_alone)
{
	struct unit u = { 0 };
	QF_AUTO_BUF struct qf_buf got = { 0 };

	ck_assert_int_eq(qf_py_tokenize(QF_STR("List[a.b | [c for c in d]]"), &u.tokens, &u.err), 0);
	ck_assert_int_eq(qf_py_parse_expr(&u.tokens, &u.ast, &u.err), 0);
	ck_assert_int_eq(qf_py_scopes_build(&u.ast, &u.scopes, &u.err), 0);
	describe(&u, &got);
	ck_assert_str_eq(qf_buf_cstr(&got), "module(List=R@B a=R@B d=R@B)[comp(c=AR@L)]");
	close_unit(&u);
}
END_TEST

/* head, then what stands in the middle n times, then tail. */
static void check_chain(const char *head, const char *middle, int n, const char *tail)
{
	QF_AUTO_BUF struct qf_buf source = { 0 };
	struct unit u;

	qf_buf_puts(&source, head);
	for (int i = 0; i < n; i++)
		qf_buf_puts(&source, middle);
	qf_buf_puts(&source, tail);
	open_unit(&u, qf_buf_cstr(&source));
	ck_assert_msg(!u.failed, "%s", u.err.msg);
	check_places(&u);
	close_unit(&u);
}

START_TEST(long_chains_and_many_names)
{
	QF_AUTO_BUF struct qf_buf source = { 0 };
	struct unit u;

	check_chain("a", ".b", 2900, "\n");
	check_chain("a", "(b)", 2900, "\n");
	check_chain("a", "[b]", 2900, "\n");
	check_chain("if a: b\n", "elif c: d\n", 2900, "else: e\n");
	check_chain("a", " if b else c", 100, "\n");
	check_chain("", "lambda a: ", 100, "a\n");
	check_chain("a", " + b", 20000, "\n");
	for (int i = 0; i < 20000; i++)
		qf_buf_printf(&source, "def f%d(a=x%d): return f%d\n", i, i / 2, i + 1);
	open_unit(&u, qf_buf_cstr(&source));
	ck_assert_ptr_nonnull(qf_py_scope_find(u.scopes.module, QF_STR("f19999")));
	ck_assert_ptr_null(qf_py_scope_find(u.scopes.module, QF_STR("f20000")));
	check_places(&u);
	close_unit(&u);
}
END_TEST

UNIT_MAIN("py_scope", 60, scopes_and_symbols, uses_stand_at_their_tokens, uses_of_a_symbol_are_in_order,
	  lookup_of_names_that_are_not_used, scope_of_statements, an_expression_alone, long_chains_and_many_names)
