/* Files that were not asked for, and would miss a name that changes in one that was. */
#include "common/base/sig.h"
#include "tools/align/change/plan.h"
#include "tools/align/python/source.h"

/* Enough to show whom it concerns. */
#define MOST_TOLD 4

/* The first of the names that are passed on that the text has; any where a star import may bring it unnamed. */
static const struct qf_symbol_rename *named_in(const struct qf_renames *passed, struct qf_str text)
{
	for (size_t i = 0; i < passed->n_symbols; i++)
		if (memmem(text.p, text.n, passed->symbols[i].name, strlen(passed->symbols[i].name)))
			return &passed->symbols[i];
	return qf_plan_has_star(text) ? passed->symbols : NULL;
}

/* Would the file be rewritten for the sake of these names? Then it takes them, under whatever import. */
static bool takes(struct qf_plan *p, const char *path, struct qf_str text)
{
	struct qf_rewrite_in in = {
		.path = path, .source = text, .renames = &p->passed, .binds = qf_modules_binds, .ctx = &p->modules,
	};
	const char *dot = strrchr(path, '.');
	struct qf_rewrite_out out = { 0 };
	struct qf_err ignored;
	bool notebook = dot && strcmp(dot, ".ipynb") == 0, some;

	if (!notebook && !qf_py_is_python(path, text))
		return false;
	in.module = qf_module_of(p->arena, p->rules, path, &in.package);
	some = (notebook ? qf_rewrite_notebook : qf_rewrite_python)(&in, &out, &ignored) == 0 && out.n;
	qf_rewrite_release(&out);
	return some;
}

static int look_at(struct qf_plan *p, const struct qf_files *all, size_t *told, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	for (size_t i = 0; i < all->n && *told < MOST_TOLD; i++) {
		const char *path = all->file[i].path;
		const struct qf_symbol_rename *symbol;
		struct qf_err ignored;

		if (!qf_plan_may_be_python(path) || qf_plan_find(p->files, path) >= 0)
			continue;
		if (qf_sig_check(err) < 0)
			return -1;
		qf_buf_reset(&text);
		if (qf_file_read(all, path, &text, NULL, &ignored) < 0 || !text.n)
			continue;
		symbol = named_in(&p->passed, qf_buf_str(&text));
		if (!symbol || !takes(p, path, qf_buf_str(&text)))
			continue;
		++*told;
		p->refused = true;
		qf_result_note(p->result, QF_NOTE_PLAN, path, 0,
			       "is not among the files looked at, and takes names such as %s.%s, which would change: run without "
			       "paths", symbol->module, symbol->name);
	}
	return 0;
}

int qf_plan_outside(struct qf_plan *p, struct qf_err *err)
{
	struct qf_files_opts opts = { .root = p->files->root, .exclude = p->rules->exclude };
	struct qf_result notes = { 0 }; /* of what is left out, which is no matter here */
	struct qf_files all = { 0 };
	size_t told = 0;
	int rc;

	/* Nothing is written of what is staged. */
	if (p->files->whole || p->files->staged || !p->passed.n_symbols)
		return 0;
	rc = qf_files_list(&opts, &all, &notes, err);
	if (rc == 0)
		rc = look_at(p, &all, &told, err);
	qf_files_release(&all);
	qf_result_release(&notes);
	return rc;
}
