/* The rewriter: edits in order, a result that is Python again, and a second run that finds nothing. */
#include "tests/fuzz/fuzz.h"
#include "tools/align/python/scope.h"
#include "tools/align/rewrite/rewrite.h"

static struct qf_module_rename modules[] = {
	{ "a.old", "a.new", "m" }, { "old", "new", "m" }, { "p.q", "r", "m" }, { "a.b.c", "a.b", "m" }, { "s", "s.t", "m" },
};
static struct qf_symbol_rename symbols[] = {
	{ "a.old", "X", "a.new", "Y", "s" }, { "a.old", "Z", "b", "W", "s" }, { "m", "X", "m", "Y", "s" },
	{ "k", "L", "n", "L", "s" },
};
static const struct qf_renames renames = {
	.modules = modules, .n_modules = QF_LEN(modules), .symbols = symbols, .n_symbols = QF_LEN(symbols),
};

static bool binds(void *ctx, const char *module, const char *name, bool *has)
{
	(void)ctx;
	*has = name[0] == 'Y';
	return module[0] == 'b';
}

static bool is_python(struct qf_str text)
{
	struct qf_py_tokens tokens = { 0 };
	struct qf_py_ast ast = { 0 };
	struct qf_py_scopes scopes = { 0 };
	struct qf_err err;
	bool ret = qf_py_tokenize(text, &tokens, &err) == 0 && qf_py_parse(&tokens, &ast, &err) == 0 &&
		   qf_py_scopes_build(&ast, &scopes, &err) == 0;

	qf_py_scopes_release(&scopes);
	qf_py_ast_release(&ast);
	qf_py_tokens_release(&tokens);
	return ret;
}

typedef int rewriter(const struct qf_rewrite_in *in, struct qf_rewrite_out *out, struct qf_err *err);

static void check(struct qf_rewrite_in *in, rewriter *rewrite, bool python)
{
	QF_AUTO_BUF struct qf_buf after = { 0 };
	struct qf_rewrite_out out = { 0 }, again = { 0 };
	struct qf_err err;

	if (rewrite(in, &out, &err) == 0) {
		for (size_t i = 0; i < out.n; i++) {
			size_t end = i ? out.edits[i - 1].at + out.edits[i - 1].n : 0;

			FUZZ_CHECK(out.edits[i].at >= end && out.edits[i].at + out.edits[i].n <= in->source.n, "edits overlap");
		}
		for (size_t i = 0; i < out.n_leftovers; i++) {
			const struct qf_leftover *l = &out.leftovers[i];

			FUZZ_CHECK(l->at + l->n <= in->source.n && l->reason && l->rule, "a leftover outside");
			FUZZ_CHECK(i == 0 || out.leftovers[i - 1].at <= l->at, "leftovers are not sorted");
		}
		qf_edits_apply(in->source, out.edits, out.n, &after);
		FUZZ_CHECK(!python || is_python(qf_buf_str(&after)), "the result is no Python");
		in->source = qf_buf_str(&after);
		in->module = in->new_module ? in->new_module : in->module;
		in->new_module = NULL;
		if (out.n) {
			FUZZ_CHECK(rewrite(in, &again, &err) == 0, "%s", err.msg);
			FUZZ_CHECK(again.n == 0, "a second run changes more");
		}
	}
	qf_rewrite_release(&again);
	qf_rewrite_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_rewrite_in in = { .path = "x.py", .module = "m", .renames = &renames, .binds = binds };
	struct qf_bound_names names;
	struct qf_wanted *wanted;
	struct qf_err err;
	size_t n;

	if (size < 1)
		return 0;
	/* The first byte chooses what kind of file it is. */
	in.package = data[0] & 1;
	in.define = data[0] & 2;
	in.module = data[0] & 4 ? "a.b.m" : data[0] & 8 ? "" : "m";
	in.new_module = data[0] & 16 ? "a.n" : NULL;
	in.source = (struct qf_str){ (const char *)data + 1, size - 1 };
	(void)!qf_rewrite_bound(in.source, &arena, &names, &err);
	(void)!qf_rewrite_wanted(&in, &arena, &wanted, &n, &err);
	check(&in, data[0] & 32 ? qf_rewrite_notebook : qf_rewrite_python, !(data[0] & 32));
	return 0;
}
