/* The rewriter: what each form of import, use and string becomes, and what stays with a reason. */
#include "tests/unit/rewrite_cases.h"
#include "tools/align/rewrite/rewrite.h"
#include "tests/unit/unit.h"

/* "a.old=a.new a.old:X=a.new:Y": modules, and symbols with a colon. */
static void read_renames(struct qf_renames *r, const char *text)
{
	char *copy = (char *)qf_arena_dup_str(&r->arena, qf_str(text)).p, *save = NULL;

	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char *rule = (char *)qf_arena_dup_str(&r->arena, qf_str(word)).p, *to = strchr(word, '=');
		char *name, *to_name;

		*to++ = '\0';
		*strchr(rule, '=') = '\0';
		name = strchr(word, ':');
		if (!name) {
			QF_GROW(r->modules, r->n_modules, r->cap_modules);
			r->modules[r->n_modules++] = (struct qf_module_rename){ word, to, rule };
			continue;
		}
		*name++ = '\0';
		to_name = strchr(to, ':');
		*to_name++ = '\0';
		QF_GROW(r->symbols, r->n_symbols, r->cap_symbols);
		r->symbols[r->n_symbols++] = (struct qf_symbol_rename){ word, name, to, to_name, rule };
	}
}

/* The tree that star imports are looked up in. */
static bool binds(void *ctx, const char *module, const char *name, bool *has)
{
	(void)ctx;
	if (strcmp(module, "a.others") == 0) {
		*has = strcmp(name, "V") == 0 || strcmp(name, "thing") == 0;
		return true;
	}
	return false;
}

static void texts_of(const struct qf_rewrite_out *out, struct qf_str source, struct qf_buf *left,
		     struct qf_buf *derived)
{
	for (size_t i = 0; i < out->n_leftovers; i++) {
		qf_buf_puts(left, i ? "|" : "");
		qf_buf_add(left, source.p + out->leftovers[i].at, out->leftovers[i].n);
		ck_assert_ptr_nonnull(out->leftovers[i].reason);
		ck_assert_uint_gt(strlen(out->leftovers[i].reason), 0);
		ck_assert_ptr_nonnull(out->leftovers[i].rule);
	}
	for (size_t i = 0; i < out->n_derived; i++)
		qf_buf_printf(derived, "%s%s>%s", i ? " " : "", out->derived[i].name, out->derived[i].to);
}

/* False, with the reason on standard error, where a case fails. */
static bool run(const struct rewrite_case *c, int (*rewrite)(const struct qf_rewrite_in *, struct qf_rewrite_out *,
							      struct qf_err *))
{
	QF_AUTO_BUF struct qf_buf after = { 0 }, left = { 0 }, derived = { 0 };
	const char *want = c->out ? c->out : c->in, *want_left = c->left ? c->left : "";
	struct qf_renames renames = { 0 };
	struct qf_rewrite_in in = {
		.path = "x.py", .source = { c->in, c->n ? c->n : strlen(c->in) }, .renames = &renames, .binds = binds,
		.module = c->module ? c->module : "a.user", .package = c->package, .define = c->define,
		.new_module = c->new_module,
	};
	struct qf_rewrite_out out = { 0 };
	struct qf_err err = { 0 };
	bool good = true;

	read_renames(&renames, c->renames ? c->renames : "a.old=a.new a.old:V2=a.new:V");
	if (rewrite(&in, &out, &err) < 0) {
		fprintf(stderr, "%s: %s\n", c->name, err.msg);
		good = false;
	}
	for (size_t i = 1; i < out.n; i++)
		ck_assert_msg(out.edits[i - 1].at + out.edits[i - 1].n <= out.edits[i].at, "%s: overlap", c->name);
	qf_edits_apply(in.source, out.edits, out.n, &after);
	texts_of(&out, in.source, &left, &derived);
	if (!qf_str_is(qf_buf_str(&after), want)) {
		fprintf(stderr, "--- %s became\n%s--- but should be\n%s", c->name, qf_buf_cstr(&after), want);
		good = false;
	}
	if (!qf_str_is(qf_buf_str(&left), want_left)) {
		fprintf(stderr, "--- %s: left '%s', not '%s' (%s)\n", c->name, qf_buf_cstr(&left), want_left,
			out.n_leftovers ? out.leftovers[0].reason : "");
		good = false;
	}
	if (c->derived && !qf_str_is(qf_buf_str(&derived), c->derived)) {
		fprintf(stderr, "--- %s: derived '%s', not '%s'\n", c->name, qf_buf_cstr(&derived), c->derived);
		good = false;
	}
	qf_rewrite_release(&out);
	qf_renames_release(&renames);
	return good;
}

START_TEST(python_cases)
{
	unsigned failed = 0;

	for (size_t i = 0; i < QF_LEN(rewrite_cases); i++)
		failed += !run(&rewrite_cases[i], qf_rewrite_python);
	ck_assert_msg(failed == 0, "%u of %zu cases fail", failed, QF_LEN(rewrite_cases));
}
END_TEST

/* Cells in the form that Jupyter writes. */
#define NOTEBOOK(cells) "{\n \"cells\": [" cells "],\n \"metadata\": {}\n}\n"
#define CELL(source) "{\"cell_type\": \"code\", \"outputs\": [{\"text\": \"a.old\"}], \"source\": " source "}"
#define MARKDOWN "{\"cell_type\": \"markdown\", \"source\": [\"a.old\"]}, "

static const struct rewrite_case notebook_cases[] = {
	{ "lines", NOTEBOOK(MARKDOWN CELL("[\n  \"from a.old import V2\\n\",\n  \"V2('\\u00e4\\\"')\"\n]")),
	  NOTEBOOK(MARKDOWN CELL("[\n  \"from a.new import V\\n\",\n  \"V('\\u00e4\\\"')\"\n]")), .derived = "V2>V" },
	{ "one text", NOTEBOOK(CELL("\"import a.old\\r\\na.old.V2\"")), NOTEBOOK(CELL("\"import a.new\\r\\na.new.V\"")) },
	{ "cells know each other", NOTEBOOK(CELL("[\"from a.old import V2\"]") "," CELL("[\"V2()\"]")),
	  NOTEBOOK(CELL("[\"from a.new import V\"]") "," CELL("[\"V()\"]")) },
	{ "cells stand for themselves", NOTEBOOK(CELL("[\"from a.new import V\"]") "," CELL("[\"from a.old import V2\\n\", \"V2\"]")),
	  NOTEBOOK(CELL("[\"from a.new import V\"]") "," CELL("[\"from a.new import V\\n\", \"V\"]")) },
	{ "a line goes", NOTEBOOK(CELL("[\n \"from a.new import V\\n\",\n \"from a.old import V2\\n\",\n \"V2\"\n]")),
	  NOTEBOOK(CELL("[\n \"from a.new import V\\n\",\n \"V\"\n]")) },
	{ "the first line goes", NOTEBOOK(CELL("[\"from a.old import V2\\n\", \"from a.new import V\\n\", \"V2\"]")),
	  NOTEBOOK(CELL("[\"from a.new import V\\n\", \"V\"]")) },
	{ "the last line goes", NOTEBOOK(CELL("[\"V = 1\\n\", \"import a.new, a.old\\n\", \"import a.old\"]")),
	  NOTEBOOK(CELL("[\"V = 1\\n\", \"import a.new\\n\"]")) },
	{ "a line comes", NOTEBOOK(CELL("[\n \"from a.old import X, W\\n\",\n \"X\"\n]") "," CELL("[\"from a.old import W, X\"]")),
	  NOTEBOOK(CELL("[\n \"from b import X\\n\",\n \"from a.new import W\\n\",\n \"X\"\n]") ","
		   CELL("[\"from a.new import W\\n\",\"from b import X\"]")), .renames = "a.old=a.new a.old:X=b:X" },
	{ "a line comes in one text", NOTEBOOK(CELL("\"from a.old import W, X\"")),
	  NOTEBOOK(CELL("\"from a.new import W\\nfrom b import X\"")), .renames = "a.old=a.new a.old:X=b:X" },
	{ "magics", NOTEBOOK(CELL("[\"%load x\\n\", \"!ls \\\\\\n\", \" V2\\n\", \"y = !V2\\n\", \"V2?\\n\", \"x = (1\\n\", "
				  "\"% 2)\\n\", \"import a.old\"]")),
	  NOTEBOOK(CELL("[\"%load x\\n\", \"!ls \\\\\\n\", \" V2\\n\", \"y = !V2\\n\", \"V2?\\n\", \"x = (1\\n\", "
			"\"% 2)\\n\", \"import a.new\"]")), .left = "!V2|V2?" },
	{ "cell magics", NOTEBOOK(CELL("[\"%%bash\\n\", \"import a.old\"]") "," CELL("[\"%%time\\n\", \"import a.old\"]")),
	  NOTEBOOK(CELL("[\"%%bash\\n\", \"import a.old\"]") "," CELL("[\"%%time\\n\", \"import a.new\"]")) },
	{ "a magic alone in its block", NOTEBOOK(CELL("[\"if x:\\n\", \"    !ls\\n\", \"await a\\n\", \"import a.old\"]")),
	  NOTEBOOK(CELL("[\"if x:\\n\", \"    !ls\\n\", \"await a\\n\", \"import a.new\"]")) },
	{ "another language", "{\"cells\": [" CELL("[\"import a.old\"]") "], \"metadata\": {\"language_info\": {\"name\": \"R\"}}}", NULL },
	{ "an old form", "{\"worksheets\": [{\"cells\": [{\"cell_type\": \"code\", \"input\": \"import a.old\"}]}]}",
	  "{\"worksheets\": [{\"cells\": [{\"cell_type\": \"code\", \"input\": \"import a.new\"}]}]}" },
	{ "nothing", "{}", NULL }, { "no cells", "{\"cells\": []}", NULL }, { "empty cells", NOTEBOOK(CELL("[]") "," CELL("\"\"")), NULL },
};

START_TEST(notebooks)
{
	static const char *const bad[] = { "", "[]", "{", "{}x", "{\"cells\": [" CELL("\"def f(:\"") "]}" };
	unsigned failed = 0;

	for (size_t i = 0; i < QF_LEN(notebook_cases); i++)
		failed += !run(&notebook_cases[i], qf_rewrite_notebook);
	ck_assert_msg(failed == 0, "%u of %zu cases fail", failed, QF_LEN(notebook_cases));
	for (size_t i = 0; i < QF_LEN(bad); i++) {
		struct qf_renames renames = { 0 };
		struct qf_rewrite_in in = { .path = "x.ipynb", .source = qf_str(bad[i]), .module = "", .renames = &renames };
		struct qf_rewrite_out out;
		struct qf_err err = { 0 };

		ck_assert_int_eq(qf_rewrite_notebook(&in, &out, &err), -1);
		ck_assert_int_eq(err.code, QF_E_DATA);
		qf_rewrite_release(&out);
	}
}
END_TEST

START_TEST(what_is_no_python)
{
	static const char *const bad[] = { "def f(:\n", "x = '\n", "# coding: utf-7\n", "\xff\xfe", "if x:\npass\n" };

	for (size_t i = 0; i < QF_LEN(bad); i++) {
		struct qf_renames renames = { 0 };
		struct qf_rewrite_in in = { .path = "x.py", .source = qf_str(bad[i]), .module = "a", .renames = &renames };
		struct qf_rewrite_out out;
		struct qf_err err = { 0 };

		ck_assert_int_eq(qf_rewrite_python(&in, &out, &err), -1);
		ck_assert_int_eq(err.code, QF_E_DATA);
		ck_assert_uint_eq(out.n, 0);
		qf_rewrite_release(&out);
	}
}
END_TEST

START_TEST(names_that_are_bound)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct qf_bound_names names;
	struct qf_err err;

	ck_assert_int_eq(qf_rewrite_bound(QF_STR("import a.b, c as d\nfrom e import f\ndef g():\n    global z\n    z = x = 1\n"
						 "class H: i = 1\nfor j in k: pass\nl: int\n"), &arena, &names, &err), 0);
	for (size_t i = 0; i < names.n; i++)
		qf_buf_printf(&text, "%.*s ", QF_STR_ARG(names.name[i]));
	ck_assert_str_eq(qf_buf_cstr(&text), "a d f g H j l z ");
	ck_assert(names.whole);
	ck_assert_int_eq(qf_rewrite_bound(QF_STR("from a import *\n"), &arena, &names, &err), 0);
	ck_assert(!names.whole);
	ck_assert_int_eq(qf_rewrite_bound(QF_STR("def __getattr__(name): pass\n"), &arena, &names, &err), 0);
	ck_assert(!names.whole);
	ck_assert_int_eq(qf_rewrite_bound(QF_STR("x ="), &arena, &names, &err), -1);
}
END_TEST

START_TEST(names_that_are_wanted)
{
	static const char source[] = "from .svc import A, B as C\nimport p.q as m, x.y\nfrom p import q\n"
				     "m.One\nq.Two.three\nx.y.Z\nA.method\nm.One\n";
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct qf_rewrite_in in = { .path = "x.py", .source = qf_str(source), .module = "pkg.user" };
	struct qf_wanted *wanted;
	struct qf_err err;
	size_t n;

	ck_assert_int_eq(qf_rewrite_wanted(&in, &arena, &wanted, &n, &err), 0);
	for (size_t i = 0; i < n; i++)
		qf_buf_printf(&text, "%.*s:%.*s ", QF_STR_ARG(wanted[i].module), QF_STR_ARG(wanted[i].name));
	ck_assert_str_eq(qf_buf_cstr(&text), "pkg.svc:A pkg.svc:B p:q pkg.svc.A:method p.q:One x:y x.y:Z p.q:Two "
			 "p.q.Two:three ");
}
END_TEST

START_TEST(edits_are_applied)
{
	const struct qf_edit edits[] = { { 0, 1, QF_STR("XY") }, { 3, 0, QF_STR("-") }, { 3, 2, QF_STR("") },
					 { 6, 0, QF_STR("!") } };
	QF_AUTO_BUF struct qf_buf out = { 0 };

	qf_edits_apply(QF_STR("abcdef"), edits, QF_LEN(edits), &out);
	ck_assert_str_eq(qf_buf_cstr(&out), "XYbc-f!");
}
END_TEST

UNIT_MAIN("align_rewrite", 60, python_cases, notebooks, what_is_no_python, names_that_are_bound,
	  names_that_are_wanted, edits_are_applied)
