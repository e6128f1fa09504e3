/* Are the names bound that importers will ask for? */
#include "common/base/sig.h"
#include "tools/align/change/plan.h"

/* One name that a file asks of a module, and what becomes of both. */
struct wish {
	const struct qf_unit *unit;
	size_t at;
	struct qf_str module, name;	/* before */
	const char *to_module, *to_name; /* after */
	const char *rule;		/* of the renames that lead there, NULL: it stays */
};

enum answer { BOUND, MISSING, UNKNOWN };

static bool in_module(struct qf_str module, const char *from)
{
	size_t n = strlen(from);

	return module.n >= n && memcmp(module.p, from, n) == 0 && (module.n == n || module.p[n] == '.');
}

static const struct qf_symbol_rename *find_symbol(const struct qf_renames *r, struct qf_str module, struct qf_str name)
{
	for (size_t i = 0; i < r->n_symbols; i++)
		if (qf_str_is(module, r->symbols[i].module) && qf_str_is(name, r->symbols[i].name))
			return &r->symbols[i];
	return NULL;
}

/*
 * Follows the renames as the rewriter does: a symbol's own entry, else its module's and then one where it arrives.
 */
static void follow(struct qf_plan *p, const struct qf_renames *r, struct wish *w)
{
	const struct qf_symbol_rename *symbol = find_symbol(r, w->module, w->name);
	const struct qf_module_rename *best = NULL;

	w->to_module = qf_arena_dup_str(p->arena, w->module).p;
	w->to_name = qf_arena_dup_str(p->arena, w->name).p;
	if (!symbol) {
		for (size_t i = 0; i < r->n_modules; i++)
			if (in_module(w->module, r->modules[i].from) &&
			    (!best || strlen(best->from) < strlen(r->modules[i].from)))
				best = &r->modules[i];
		if (!best)
			return;
		w->rule = best->rule;
		w->to_module = qf_arena_printf(p->arena, "%s%s", best->to, w->to_module + strlen(best->from)).p;
		symbol = find_symbol(r, qf_str(w->to_module), w->name);
	}
	if (symbol) {
		w->rule = symbol->rule;
		w->to_module = symbol->to_module;
		w->to_name = symbol->to_name;
	}
}

/* Is what is asked for a module itself? Those have entries of their own. */
static bool is_module(struct qf_plan *p, const struct qf_renames *r, struct qf_str module, struct qf_str name)
{
	QF_AUTO_FREE char *path = qf_asprintf("%.*s.%.*s", (int)module.n, module.p, (int)name.n, name.p);

	for (size_t i = 0; i < r->n_modules; i++)
		if (strcmp(r->modules[i].from, path) == 0 || strcmp(r->modules[i].to, path) == 0)
			return true;
	return qf_modules_find(&p->modules, path, strlen(path)) != NULL;
}

static struct qf_moving *promoted_to(const struct qf_plan *p, size_t phase, const char *module)
{
	for (size_t i = 0; i < p->rules->n_moves; i++) {
		struct qf_moving *m = &p->moves[i];

		if (m->state == QF_MOVE_NOW && m->phase == phase && m->rule->promote && strcmp(m->to, module) == 0)
			return m;
	}
	return NULL;
}

/* What Python puts into every module. https://docs.python.org/3/reference/datamodel.html#modules */
static bool has_every_module(const char *name)
{
	static const char *const names[] = { "__annotations__", "__builtins__", "__cached__", "__class__", "__dict__",
					     "__doc__", "__file__", "__loader__", "__name__", "__package__",
					     "__path__", "__spec__" };

	for (size_t i = 0; i < QF_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static enum answer ask(const struct qf_bound_names *bound, const char *name)
{
	if (qf_bound_has(bound, qf_str(name)) || has_every_module(name))
		return BOUND;
	return bound->whole ? MISSING : UNKNOWN;
}

/* What the text of a unit binds after the phase; NULL where that cannot be told. */
static const struct qf_bound_names *bound_after(struct qf_plan *p, const struct qf_unit *u, size_t phase)
{
	struct qf_step *s = &u->steps[phase];
	struct qf_err ignored;

	if (u->failed)
		return NULL;
	if (!s->bound_read)
		s->bound_known = qf_rewrite_bound(s->after, p->arena, &s->bound, &ignored) == 0;
	s->bound_read = true;
	return s->bound_known ? &s->bound : NULL;
}

static enum answer ask_unit(struct qf_plan *p, const struct qf_unit *u, size_t phase, const char *name)
{
	const struct qf_bound_names *bound = bound_after(p, u, phase);

	return bound ? ask(bound, name) : UNKNOWN;
}

static const struct qf_unit *unit_of(const struct qf_plan *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->units[i]->path, path) == 0)
			return p->units[i];
	return NULL;
}

static enum answer ask_promoted(struct qf_plan *p, const struct qf_moving *m, size_t phase, const char *name)
{
	for (size_t i = 0; i < m->rule->n_aliases; i++)
		if (strcmp(m->rule->aliases[i].to, name) == 0)
			return BOUND;
	return ask_unit(p, m->unit, phase, name);
}

/* A module that is in the tree and stays there. */
static enum answer ask_there(struct qf_plan *p, size_t phase, const char *name, const char *in)
{
	struct qf_module *module = qf_modules_find(&p->modules, in, strlen(in));
	const struct qf_bound_names *bound;
	const struct qf_unit *u = module ? unit_of(p, module->path) : NULL;

	if (!module || (u && u->move))
		return UNKNOWN;
	if (u)
		return ask_unit(p, u, phase, name);
	bound = qf_modules_bound(&p->modules, module);
	return bound ? ask(bound, name) : UNKNOWN;
}

/* Calls for each name that a file asks of a module that it would find elsewhere, or of one that is promoted. */
static int each_wish(struct qf_plan *p, size_t phase,
		     int (*fn)(struct qf_plan *p, size_t phase, const struct wish *w, void *ctx),
		     void *ctx, struct qf_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct qf_unit *u = p->units[i];
		struct qf_rewrite_in in = qf_plan_input(p, u, phase);
		struct qf_wanted *wanted;
		struct qf_err ignored;
		size_t n;

		if (qf_sig_check(err) < 0)
			return -1;
		if (u->failed || u->notebook || qf_rewrite_wanted(&in, p->arena, &wanted, &n, &ignored) < 0)
			continue;
		for (size_t k = 0; k < n; k++) {
			struct wish w = { .unit = u,
					  .at = wanted[k].at,
					  .module = wanted[k].module,
					  .name = wanted[k].name };

			if (is_module(p, in.renames, w.module, w.name))
				continue;
			follow(p, in.renames, &w);
			fn(p, phase, &w, ctx);
		}
	}
	return 0;
}

/* ---- mappings that would lead nowhere ---- */

static const struct qf_withheld *withheld(const struct qf_phase *phase, const struct wish *w)
{
	for (size_t i = 0; i < phase->n_withheld; i++)
		if (qf_str_eq(phase->withheld[i].module, w->module) && qf_str_eq(phase->withheld[i].name, w->name))
			return &phase->withheld[i];
	return NULL;
}

static int withhold(struct qf_plan *p, size_t number, const struct wish *w, void *changed)
{
	struct qf_phase *phase = &p->phases[number];

	if (!w->rule || withheld(phase, w) || promoted_to(p, number, w->to_module) ||
	    ask_there(p, number, w->to_name, w->to_module) != MISSING)
		return 0;
	QF_GROW(phase->withheld, phase->n_withheld, phase->cap_withheld);
	phase->withheld[phase->n_withheld++] = (struct qf_withheld){
		w->module, w->name, w->rule,
		qf_arena_printf(p->arena, "stays: %s does not bind %s", w->to_module, w->to_name).p,
	};
	*(bool *)changed = true;
	return 0;
}

/* An entry by which the name goes nowhere, in the place of one by which it would. */
static void keep(struct qf_plan *p, struct qf_renames *r, const struct qf_withheld *w)
{
	struct qf_symbol_rename *s = (struct qf_symbol_rename *)find_symbol(r, w->module, w->name);

	if (!s) {
		QF_GROW(r->symbols, r->n_symbols, r->cap_symbols);
		s = &r->symbols[r->n_symbols++];
	}
	s->module = s->to_module = qf_arena_dup_str(p->arena, w->module).p;
	s->name = s->to_name = qf_arena_dup_str(p->arena, w->name).p;
	s->rule = w->rule;
}

int qf_plan_check(struct qf_plan *p, size_t number, bool *changed, struct qf_err *err)
{
	struct qf_phase *phase = &p->phases[number];
	size_t before = phase->n_withheld;

	*changed = false;
	if (each_wish(p, number, withhold, changed, err) < 0)
		return -1;
	for (size_t i = before; i < phase->n_withheld; i++)
		keep(p, &phase->renames, &phase->withheld[i]);
	return 0;
}

/* ---- what a promoted file lacks ---- */

struct lack {
	const struct qf_moving *move;
	const char *name;
	bool unknown;
	const char *files[4];	/* some that ask for it */
	size_t n_files;
};

struct lacks {
	struct lack *items;
	size_t n, cap;
};

static void add_lack(struct lacks *all, const struct qf_moving *m, const char *name, const char *path, bool unknown)
{
	struct lack *lack = NULL;

	for (size_t i = 0; i < all->n && !lack; i++)
		if (all->items[i].move == m && strcmp(all->items[i].name, name) == 0)
			lack = &all->items[i];
	if (!lack) {
		QF_GROW(all->items, all->n, all->cap);
		lack = &all->items[all->n++];
		*lack = (struct lack){ .move = m, .name = name, .unknown = unknown };
	}
	if (lack->n_files < QF_LEN(lack->files))
		lack->files[lack->n_files] = path;
	lack->n_files++;
}

/* What the file would ask of itself, had it followed the rules, and what no move gives another name. */
static void tell_self(struct qf_plan *p, size_t phase, const struct wish *w)
{
	const struct qf_step *s = &w->unit->steps[phase];
	struct wish full = *w;
	struct qf_leftover left = { .at = qf_plan_back(w->unit, phase, w->at), .n = w->name.n };

	if (w->rule || qf_str_is(w->module, s->module))
		return;
	follow(p, &p->phases[phase].renames, &full);
	if (!full.rule || strcmp(full.to_module, s->new_module ? s->new_module : s->module) != 0)
		return;
	left.rule = full.rule;
	left.reason = "stays: the rules lead to this very file, which cannot import from itself";
	qf_plan_leftover(p, w->unit->path, w->unit->before, &left);
}

static int look_for_lack(struct qf_plan *p, size_t phase, const struct wish *w, void *ctx)
{
	const struct qf_moving *m = promoted_to(p, phase, w->to_module);
	const struct qf_withheld *stays = withheld(&p->phases[phase], w);
	enum answer answer = m ? ask_promoted(p, m, phase, w->to_name) : BOUND;

	if (stays) {
		struct qf_leftover left = { qf_plan_back(w->unit, phase, w->at), w->name.n,
					    stays->rule, stays->reason };

		qf_plan_leftover(p, w->unit->path, w->unit->before, &left);
	} else {
		tell_self(p, phase, w);
	}
	if (answer != BOUND && w->unit != m->unit)
		add_lack(ctx, m, w->to_name, w->unit->path, answer == UNKNOWN);
	return 0;
}

/* The bound name most likely meant: one that begins with it (FooV3; definitions come last), else the nearest. */
static const char *guess(struct qf_plan *p, const struct qf_moving *m, size_t phase, const char *name)
{
	const struct qf_bound_names *bound = bound_after(p, m->unit, phase);
	const char *best = NULL, **names;

	if (!bound || !bound->n)
		return NULL;
	names = qf_arena_alloc(p->arena, bound->n * sizeof(*names));
	for (size_t i = 0; i < bound->n; i++) {
		names[i] = qf_arena_dup_str(p->arena, bound->name[i]).p;
		if (qf_str_starts(bound->name[i], name) && (!best || strlen(names[i]) <= strlen(best)))
			best = names[i];
	}
	return best ? best : qf_str_nearest(name, names, bound->n);
}

static void tell_lack(struct qf_plan *p, const struct lack *lack, size_t phase)
{
	const struct qf_move *rule = lack->move->rule;
	const char *similar = guess(p, lack->move, phase, lack->name), *is = similar ? similar : "ITS_NAME_NOW";
	QF_AUTO_BUF struct qf_buf files = { 0 };

	for (size_t i = 0; i < lack->n_files && i < QF_LEN(lack->files); i++)
		qf_buf_printf(&files, "%s%s", i ? ", " : "", lack->files[i]);
	if (lack->n_files > QF_LEN(lack->files))
		qf_buf_printf(&files, " and %zu more", lack->n_files - QF_LEN(lack->files));
	if (lack->unknown) {
		qf_result_note(p->result, QF_NOTE_PLAN, rule->from, 0,
			       "becomes %s; whether it will have %s, which is imported in %s, cannot be told (a star import, "
			       "__getattr__ or the like)", rule->to, lack->name, qf_buf_cstr(&files));
		return;
	}
	p->refused = true;
	qf_result_note(p->result, QF_NOTE_PLAN, rule->from, 0,
		       "cannot become %s: %s would be imported from it in %s, and it has no such name. Under `promote: %s` in the "
		       "rules say either `rename: {%s: %s}` or, to keep both names, `alias: {%s: %s}`",
		       rule->to, lack->name, qf_buf_cstr(&files), rule->from, is, lack->name, lack->name, is);
}

int qf_plan_tell(struct qf_plan *p, size_t phase, struct qf_err *err)
{
	struct lacks all = { 0 };
	int rc = each_wish(p, phase, look_for_lack, &all, err);

	for (size_t i = 0; i < all.n && rc == 0; i++)
		tell_lack(p, &all.items[i], phase);
	free(all.items);
	return rc;
}
