/* The plan: which files, in how many rounds, and what comes out. */
#include <stdio.h>

#include "common/base/sig.h"
#include "tools/align/change/plan.h"
#include "tools/align/python/source.h"

long qf_plan_find(const struct qf_files *files, const char *path)
{
	size_t low = 0, high = files->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = strcmp(files->file[mid].path, path);

		if (d == 0)
			return (long)mid;
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return -1;
}

int qf_plan_read(struct qf_plan *p, const char *path, struct qf_str *text, uint32_t *mode, bool *ok, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf buf = { 0 };
	struct qf_err why;

	*ok = false;
	if (qf_sig_check(err) < 0)
		return -1;
	if (qf_file_read(p->files, path, &buf, mode, &why) < 0) {
		qf_result_note(p->result, QF_NOTE_UNREADABLE, path, 0, "%s", why.msg);
		return 0;
	}
	*text = qf_arena_dup(p->arena, buf.p ? buf.p : "", buf.n);
	*ok = true;
	return 0;
}

/* ---- units ---- */

static bool has_suffix(const char *path, const char *suffix)
{
	size_t n = strlen(path), k = strlen(suffix);

	return n > k && strcmp(path + n - k, suffix) == 0;
}

static int add_unit(struct qf_plan *p, size_t file, struct qf_err *err)
{
	struct qf_unit *u;
	bool ok;

	if (p->taken[file])
		return 0;
	p->taken[file] = true;
	u = qf_arena_zalloc(p->arena, sizeof(*u));
	u->path = p->files->file[file].path;
	u->notebook = has_suffix(u->path, ".ipynb");
	if (qf_plan_read(p, u->path, &u->before, &u->mode, &ok, err) < 0)
		return -1;
	u->failed = !ok;
	u->after = u->before;
	u->steps = qf_arena_zalloc(p->arena, p->n_phases * sizeof(*u->steps));
	u->steps[0].module = qf_module_of(p->arena, p->rules, u->path, &u->package);
	for (size_t i = 0; i < p->rules->n_moves; i++) {
		struct qf_moving *m = &p->moves[i];

		if (m->state == QF_MOVE_NOW && strcmp(m->rule->from, u->path) == 0) {
			u->move = m;
			m->unit = u;
		}
	}
	p->refused |= u->move && !ok; /* the note is there already */
	QF_GROW(p->units, p->n, p->cap);
	p->units[p->n++] = u;
	return 0;
}

struct qf_rewrite_in qf_plan_input(struct qf_plan *p, const struct qf_unit *u, size_t phase)
{
	const struct qf_step *s = &u->steps[phase];

	return (struct qf_rewrite_in){
		.path = u->path,
		.source = s->source,
		.module = s->module,
		.new_module = s->new_module,
		.package = u->package,
		.renames = qf_plan_view(p, u, phase),
		.binds = qf_modules_binds,
		.ctx = &p->modules,
	};
}

size_t qf_plan_back(const struct qf_unit *u, size_t phase, size_t at)
{
	while (phase-- > 0) {
		const struct qf_rewrite_out *out = &u->steps[phase].out;
		size_t added = 0, taken = 0; /* bytes, by the edits before */

		for (size_t i = 0; i < out->n; i++) {
			const struct qf_edit *e = &out->edits[i];
			size_t now = e->at + added - taken;

			if (at < now)
				break;
			if (at < now + e->text.n) {
				at = now; /* inside of what it became: where that begins */
				break;
			}
			added += e->text.n;
			taken += e->n;
		}
		at = at + taken - added;
	}
	return at;
}

/* "line L, column C: reason": the line goes to the note's own place. */
static void note_unparsable(struct qf_plan *p, const char *path, const char *reason)
{
	unsigned line = 0;

	if (sscanf(reason, "line %u", &line) != 1)
		line = 0;
	qf_result_note(p->result, QF_NOTE_UNPARSABLE, path, line, "%s", reason);
}

static void fail(struct qf_plan *p, struct qf_unit *u, const char *reason)
{
	u->failed = true;
	note_unparsable(p, u->path, reason);
	if (!u->move)
		return;
	p->refused = true;
	qf_result_note(p->result, QF_NOTE_PLAN, u->path, 0, "cannot become %s: it is not Python that can be worked on",
		       u->move->rule->to);
}

static void run_step(struct qf_plan *p, struct qf_unit *u, size_t phase)
{
	struct qf_step *s = &u->steps[phase];
	bool moves = u->move && u->move->phase == phase;
	QF_AUTO_BUF struct qf_buf after = { 0 };
	struct qf_rewrite_in in;
	struct qf_err err;

	qf_rewrite_release(&s->out);
	s->bound_read = false;
	if (u->failed)
		return;
	s->source = phase ? u->steps[phase - 1].after : u->before;
	if (phase)
		s->module = u->steps[phase - 1].new_module ? u->steps[phase - 1].new_module
							   : u->steps[phase - 1].module;
	s->new_module = moves && *u->move->to ? u->move->to : NULL;
	in = qf_plan_input(p, u, phase);
	in.define = moves && u->move->rule->promote;
	if ((u->notebook ? qf_rewrite_notebook : qf_rewrite_python)(&in, &s->out, &err) < 0) {
		fail(p, u, err.msg);
		return;
	}
	qf_edits_apply(s->source, s->out.edits, s->out.n, &after);
	s->after = qf_arena_dup(p->arena, after.p ? after.p : "", after.n);
}

/* ---- rounds ---- */

/* Is the word one by which candidates are found? Then every file that has it is a unit already. */
static bool is_known(const struct qf_plan *p, const char *word)
{
	const struct qf_rules *r = p->rules;
	const char *dot;

	for (size_t i = 0; i < r->n_symbols; i++)
		if ((dot = strrchr(r->symbols[i].from, '.')) && strcmp(dot + 1, word) == 0)
			return true;
	for (size_t i = 0; i < r->n_moves; i++)
		for (size_t k = 0; k < r->moves[i].n_renames; k++)
			if (strcmp(r->moves[i].renames[k].from, word) == 0)
				return true;
	return false;
}

bool qf_plan_may_be_python(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	return has_suffix(path, ".ipynb") || qf_py_is_python(path, (struct qf_str){ 0 }) || !strchr(base + 1, '.');
}

bool qf_plan_has_star(struct qf_str text)
{
	const char *end = text.p + text.n, *p = text.p;

	while ((p = memmem(p, (size_t)(end - p), "import", 6))) {
		p += 6;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (p < end && *p == '*')
			return true;
	}
	return false;
}

/* Python files that hold a word, or a star import where it is NULL, become units. */
static int add_files_with(struct qf_plan *p, const char *word, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	for (size_t i = 0; i < p->files->n; i++) {
		const char *path = p->files->file[i].path;
		struct qf_err ignored;

		if (p->taken[i] || !qf_plan_may_be_python(path))
			continue;
		if (qf_sig_check(err) < 0)
			return -1;
		qf_buf_reset(&text);
		/* The scan has told of those that cannot be read. */
		if (qf_file_read(p->files, path, &text, NULL, &ignored) < 0 || !text.n)
			continue;
		if (word ? !memmem(text.p, text.n, word, strlen(word)) : !qf_plan_has_star(qf_buf_str(&text)))
			continue;
		if ((has_suffix(path, ".ipynb") || qf_py_is_python(path, qf_buf_str(&text))) && add_unit(p, i, err) < 0)
			return -1;
	}
	return 0;
}

/* Does another rule say where this module's importers go? Then names in it do not matter to them. */
static bool goes_elsewhere(const struct qf_plan *p, size_t phase, const struct qf_step *s)
{
	const struct qf_renames *r = &p->phases[phase].renames;

	for (size_t i = 0; i < r->n_modules; i++)
		if (strcmp(r->modules[i].from, s->module) == 0)
			return !s->new_module || strcmp(r->modules[i].to, s->new_module) != 0;
	return false;
}

/* Returns whether the entry is news. */
static bool add_symbol(struct qf_renames *r, struct qf_symbol_rename s)
{
	for (size_t i = 0; i < r->n_symbols; i++)
		if (strcmp(r->symbols[i].module, s.module) == 0 && strcmp(r->symbols[i].name, s.name) == 0)
			return false;
	QF_GROW(r->symbols, r->n_symbols, r->cap_symbols);
	r->symbols[r->n_symbols++] = s;
	return true;
}

static bool is_last_part(const char *dotted, const char *name)
{
	const char *dot = strrchr(dotted, '.');

	return strcmp(dot ? dot + 1 : dotted, name) == 0;
}

/* Where the name that is passed on is that of a module: what is renamed in the module is so behind this name too. */
static void derive_module(struct qf_plan *p, struct qf_renames *r, const struct qf_symbol_rename *passed)
{
	size_t n = r->n_symbols;

	for (size_t i = 0; i < r->n_modules; i++) {
		const struct qf_module_rename *m = &r->modules[i];

		if (strcmp(m->rule, passed->rule) != 0 || !is_last_part(m->from, passed->name) ||
		    !is_last_part(m->to, passed->to_name))
			continue;
		for (size_t k = 0; k < n; k++) {
			struct qf_symbol_rename s = r->symbols[k];

			if (strcmp(s.module, m->from) != 0 || strcmp(s.to_module, m->to) != 0)
				continue;
			s.module = qf_arena_printf(p->arena, "%s.%s", passed->module, passed->name).p;
			s.to_module = qf_arena_printf(p->arena, "%s.%s", passed->to_module, passed->to_name).p;
			add_symbol(r, s);
		}
	}
}

/* A name that a unit passes on under another name: its importers follow. Returns whether that is news. */
static bool derive(struct qf_plan *p, size_t phase, const struct qf_unit *u, const struct qf_derived *d)
{
	struct qf_renames *r = &p->phases[phase].renames;
	const struct qf_step *s = &u->steps[phase];
	struct qf_symbol_rename passed = {
		.module = s->module, .to_module = s->new_module ? s->new_module : s->module,
		.name = qf_arena_dup_str(p->arena, qf_str(d->name)).p,
		.to_name = qf_arena_dup_str(p->arena, qf_str(d->to)).p,
		.rule = d->rule,
	};

	if (!*s->module || goes_elsewhere(p, phase, s) || !add_symbol(r, passed))
		return false;
	add_symbol(&p->passed, passed);
	derive_module(p, r, &passed);
	return true;
}

/* All units once in a phase; earlier phases of those that are new. *news: renames have come of it. */
static int run_round(struct qf_plan *p, size_t phase, size_t *done, bool *news, struct qf_err *err)
{
	size_t n = p->n, first = p->phases[phase].renames.n_symbols;

	*news = false;
	for (size_t i = 0; i < n; i++) {
		if (qf_sig_check(err) < 0)
			return -1;
		for (size_t k = i < *done ? phase : 0; k <= phase; k++)
			run_step(p, p->units[i], k);
	}
	*done = n;
	for (size_t i = 0; i < n; i++) {
		const struct qf_rewrite_out *out = &p->units[i]->steps[phase].out;

		for (size_t k = 0; k < out->n_derived && !p->units[i]->failed; k++)
			*news |= derive(p, phase, p->units[i], &out->derived[k]);
	}
	/* Names that are passed on may go further without being named. */
	if (*news && !p->stars && add_files_with(p, NULL, err) < 0)
		return -1;
	p->stars |= *news;
	for (size_t i = first; i < p->phases[phase].renames.n_symbols; i++) {
		const char *word = p->phases[phase].renames.symbols[i].name;

		if (!is_known(p, word) && add_files_with(p, word, err) < 0)
			return -1;
	}
	return 0;
}

static int run_phases(struct qf_plan *p, struct qf_err *err)
{
	size_t done = 0;

	for (size_t phase = 0; phase < p->n_phases; phase++) {
		bool news = true;

		while (news) {
			if (run_round(p, phase, &done, &news, err) < 0)
				return -1;
			if (!news && qf_plan_check(p, phase, &news, err) < 0)
				return -1;
		}
		if (qf_plan_tell(p, phase, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- what comes out ---- */

static void add_change(struct qf_plan *p, struct qf_change change)
{
	struct qf_changes *c = p->changes;

	QF_GROW(c->change, c->n, c->cap);
	c->change[c->n++] = change;
}

static void end_unit(struct qf_plan *p, struct qf_unit *u)
{
	const char *rule = u->move ? u->move->rule->from : NULL;

	if (u->failed)
		return;
	u->after = u->steps[p->n_phases - 1].after;
	if (u->move)
		u->after = qf_plan_texts(p, u->move, u->after);
	for (size_t phase = 0; phase < p->n_phases; phase++) {
		const struct qf_rewrite_out *out = &u->steps[phase].out;

		for (size_t i = 0; i < out->n_leftovers; i++) {
			struct qf_leftover left = out->leftovers[i];

			left.at = qf_plan_back(u, phase, left.at);
			qf_plan_leftover(p, u->path, u->before, &left);
		}
	}
	if (u->move)
		qf_plan_move_finding(p, u->move);
	if (!u->move && qf_str_eq(u->before, u->after))
		return;
	qf_plan_pending(p, u->path, u->before, u->after, u->move, NULL, 0);
	add_change(p, (struct qf_change){ u->path, u->move ? u->move->rule->to : NULL, u->mode,
					  u->before, u->after, rule });
}

static int plan_python(struct qf_plan *p, const bool *candidate, struct qf_err *err)
{
	qf_modules_read(&p->modules, p->files, p->rules);
	qf_plan_moves(p);
	qf_plan_renames(p);
	for (size_t i = 0; i < p->files->n; i++)
		if (candidate && candidate[i] && add_unit(p, i, err) < 0)
			return -1;
	for (size_t i = 0; i < p->rules->n_moves; i++) {
		long file = p->moves[i].state == QF_MOVE_NOW ? qf_plan_find(p->files, p->moves[i].rule->from) : -1;

		if (file >= 0 && add_unit(p, (size_t)file, err) < 0)
			return -1;
	}
	if (run_phases(p, err) < 0 || qf_plan_outside(p, err) < 0)
		return -1;
	for (size_t i = 0; i < p->n; i++)
		end_unit(p, p->units[i]);
	return 0;
}

/* ---- documents ---- */

static int cmp_edit(const void *a, const void *b)
{
	const struct qf_edit *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/*
 * The edits of several rules for one file: of two at one place the first stays, and the next run finds the rest.
 */
static void sort_edits(struct qf_rewrite_out *out)
{
	size_t kept = 0;

	if (out->n)
		qsort(out->edits, out->n, sizeof(*out->edits), cmp_edit);
	for (size_t i = 0; i < out->n; i++)
		if (!kept || out->edits[kept - 1].at + out->edits[kept - 1].n <= out->edits[i].at)
			out->edits[kept++] = out->edits[i];
	out->n = kept;
}

static int plan_document(struct qf_plan *p, const struct qf_file *file, const struct qf_document *const *docs, size_t n,
			 struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf after = { 0 };
	struct qf_rewrite_out out = { 0 };
	struct qf_str text, then;
	uint32_t mode;
	bool ok;

	if (qf_plan_read(p, file->path, &text, &mode, &ok, err) < 0)
		return -1;
	if (!ok)
		return 0;
	for (size_t i = 0; i < n; i++)
		qf_document_edits(p->rules, docs[i], file->path, text, &out);
	sort_edits(&out);
	for (size_t i = 0; i < out.n_leftovers; i++)
		qf_plan_leftover(p, file->path, text, &out.leftovers[i]);
	if (out.n) {
		qf_edits_apply(text, out.edits, out.n, &after);
		then = qf_arena_dup_str(p->arena, qf_buf_str(&after));
		qf_plan_pending(p, file->path, text, then, NULL, docs, n);
		add_change(p, (struct qf_change){ file->path, NULL, mode, text, then,
						  docs[0]->n ? docs[0]->words[0].from : NULL });
	}
	qf_rewrite_release(&out);
	return 0;
}

static int plan_documents(struct qf_plan *p, struct qf_err *err)
{
	size_t n = p->rules->n_documents;
	QF_AUTO_FREE const struct qf_document **docs = qf_calloc(n + 1, sizeof(*docs));

	for (size_t i = 0; i < p->files->n && n; i++) {
		const struct qf_file *file = &p->files->file[i];
		size_t matching = 0;

		for (size_t k = 0; k < n; k++)
			if (qf_globs_match(p->rules->documents[k].paths, file->path))
				docs[matching++] = &p->rules->documents[k];
		if (!matching || strcmp(file->path, QF_RULES_FILE) == 0 || strcmp(file->path, QF_BASELINE_FILE) == 0)
			continue;
		if (has_suffix(file->path, ".ipynb") || qf_py_is_python(file->path, (struct qf_str){ 0 })) {
			qf_result_note(p->result, QF_NOTE_PLAN, file->path, 0,
				       "is code, not a document: no words are replaced in it");
			continue;
		}
		if (plan_document(p, file, docs, matching, err) < 0)
			return -1;
	}
	return 0;
}

static int cmp_change(const void *a, const void *b)
{
	return strcmp(((const struct qf_change *)a)->path, ((const struct qf_change *)b)->path);
}

static void release(struct qf_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->n_phases; k++)
			qf_rewrite_release(&p->units[i]->steps[k].out);
	for (size_t k = 0; k < p->n_phases && p->phases; k++) {
		qf_renames_release(&p->phases[k].renames);
		free(p->phases[k].withheld);
	}
	qf_renames_release(&p->passed);
	qf_plan_pending_end(p);
	qf_modules_release(&p->modules);
	free(p->units);
	free(p->taken);
}

int qf_changes_plan(const struct qf_files *files, const bool *candidate, struct qf_rules *rules, struct qf_changes *ret,
		    bool *refused, struct qf_result *result, struct qf_err *err)
{
	struct qf_plan p = { .files = files, .rules = rules, .result = result, .changes = ret, .arena = &ret->arena };
	int rc;

	p.taken = qf_calloc(files->n + 1, sizeof(*p.taken));
	rc = plan_python(&p, candidate, err);
	if (rc == 0)
		rc = plan_documents(&p, err);
	if (ret->n)
		qsort(ret->change, ret->n, sizeof(*ret->change), cmp_change);
	result->changed_files = ret->n;
	*refused = p.refused;
	release(&p);
	return rc;
}
