/* Files that move: how each one stands, and what becomes of names by it. */
#include <sys/stat.h>

#include "tools/align/change/plan.h"

static bool is_there(const struct qf_plan *p, const char *path)
{
	QF_AUTO_FREE char *full = qf_asprintf("%s/%s", p->files->root, path);
	struct stat st;

	return lstat(full, &st) == 0;
}

/* The move among the rules' that begins, or ends, at a path. */
static struct qf_moving *from_path(const struct qf_plan *p, const char *path)
{
	for (size_t i = 0; i < p->rules->n_moves; i++)
		if (strcmp(p->moves[i].rule->from, path) == 0)
			return &p->moves[i];
	return NULL;
}

static struct qf_moving *to_path(const struct qf_plan *p, const char *path)
{
	for (size_t i = 0; i < p->rules->n_moves; i++)
		if (strcmp(p->moves[i].rule->to, path) == 0)
			return &p->moves[i];
	return NULL;
}

/* ---- how they stand ---- */

static enum qf_move_state state_of(const struct qf_plan *p, const struct qf_move *m)
{
	bool from = is_there(p, m->from), to = is_there(p, m->to);

	if (!from)
		return to ? QF_MOVE_DONE : QF_MOVE_GONE;
	if (to)
		return QF_MOVE_BLOCKED; /* so far */
	return qf_plan_find(p->files, m->from) < 0 ? QF_MOVE_LATER : QF_MOVE_NOW;
}

/*
 * A move whose two files are there: is the target about to go, or is the source another file by now? Returns
 * whether it is.
 */
static bool unblock(struct qf_plan *p, struct qf_moving *m)
{
	const struct qf_moving *out = from_path(p, m->rule->to), *in = to_path(p, m->rule->from);

	if (in && (in->state == QF_MOVE_DONE || in->state == QF_MOVE_OVER))
		m->state = QF_MOVE_OVER;
	else if (out && out->state == QF_MOVE_LATER)
		m->state = QF_MOVE_LATER;
	else if (out && out->state == QF_MOVE_NOW)
		m->state = qf_plan_find(p->files, m->rule->from) < 0 ? QF_MOVE_LATER : QF_MOVE_NOW;
	return m->state != QF_MOVE_BLOCKED;
}

/*
 * Python takes the package m/__init__.py for the module m where m.py is there too; a folder without __init__.py gives
 * way to m.py. Returns the package's path, or NULL: there is none. (The rules never move an __init__.py.)
 */
static const char *hiding(struct qf_plan *p, const char *path)
{
	size_t n = strlen(path);
	const char *package;

	if (n < 3 || strcmp(path + n - 3, ".py") != 0)
		return NULL;
	package = qf_arena_printf(p->arena, "%.*s/__init__.py", (int)(n - 3), path).p;
	return is_there(p, package) ? package : NULL;
}

/* All importers must be seen where a file goes, or some would ask for it where it no longer is. */
static void settle(struct qf_plan *p, struct qf_moving *m)
{
	if (m->state != QF_MOVE_NOW && m->state != QF_MOVE_BLOCKED)
		return;
	if (!p->files->whole) {
		m->state = QF_MOVE_LATER;
	} else if (m->state == QF_MOVE_NOW && *m->to) {
		m->package = hiding(p, m->rule->to);
		if (m->package)
			m->state = QF_MOVE_BLOCKED;
	}
}

/* One note for all that waits for a run on the whole tree. */
static void tell_part(struct qf_plan *p)
{
	const struct qf_move *first = NULL;
	size_t n = 0;

	for (size_t i = p->rules->n_moves; i-- > 0;) {
		if (p->moves[i].state != QF_MOVE_LATER)
			continue;
		first = p->moves[i].rule;
		n++;
	}
	if (n)
		qf_result_note(p->result, QF_NOTE_PLAN, first->from, 0,
			       "is to become %s: moves need the whole tree, run without %s; importers wait until then (%zu in all)",
			       first->to, p->files->staged ? "--staged" : "paths", n);
}

static void tell(struct qf_plan *p, const struct qf_moving *m)
{
	const struct qf_move *rule = m->rule;

	switch (m->state) {
	case QF_MOVE_BLOCKED:
		p->refused = true;
		if (m->package) {
			qf_result_note(p->result, QF_NOTE_PLAN, rule->from, 0,
				       "cannot become %s: %s is there, and for '%s' Python takes the package, not the file. Rename or "
				       "remove the folder, or take the move out of the rules", rule->to, m->package, m->to);
			break;
		}
		qf_result_note(p->result, QF_NOTE_PLAN, rule->from, 0,
			       "cannot become %s: that file is in the way, and nothing is ever overwritten. Rename or remove "
			       "it, or take the move out of the rules", rule->to);
		break;
	case QF_MOVE_LATER:
		if (p->files->whole)
			qf_result_note(p->result, QF_NOTE_PLAN, rule->from, 0,
				       "is to become %s and is not among the files looked at; its importers wait until it is",
				       rule->to);
		break;
	case QF_MOVE_GONE:
		if (!p->rules->builtin && p->files->whole && !from_path(p, rule->to))
			qf_result_note(p->result, QF_NOTE_PLAN, rule->from, 0,
				       "is to become %s, and neither file is there: correct the path, or take the move out of "
				       "the rules", rule->to);
		break;
	default:
		break;
	}
}

/* How many files come in behind one that moves away. */
static unsigned followers(const struct qf_plan *p, const struct qf_moving *m)
{
	const struct qf_moving *in = to_path(p, m->rule->from);

	return in && in->state == QF_MOVE_NOW ? 1 + followers(p, in) : 0;
}

void qf_plan_moves(struct qf_plan *p)
{
	size_t n = p->rules->n_moves;
	unsigned most = 0;
	bool some = true;

	p->moves = qf_arena_zalloc(p->arena, (n + 1) * sizeof(*p->moves));
	for (size_t i = 0; i < n; i++) {
		struct qf_moving *m = &p->moves[i];
		bool package;

		m->rule = &p->rules->moves[i];
		m->from = qf_module_of(p->arena, p->rules, m->rule->from, &package);
		m->to = qf_module_of(p->arena, p->rules, m->rule->to, &package);
		m->state = state_of(p, m->rule);
	}
	while (some) {
		some = false;
		for (size_t i = 0; i < n; i++)
			if (p->moves[i].state == QF_MOVE_BLOCKED)
				some |= unblock(p, &p->moves[i]);
	}
	for (size_t i = 0; i < n; i++)
		settle(p, &p->moves[i]);
	if (!p->files->whole)
		tell_part(p);
	for (size_t i = 0; i < n; i++) {
		tell(p, &p->moves[i]);
		if (p->moves[i].state == QF_MOVE_NOW && followers(p, &p->moves[i]) > most)
			most = followers(p, &p->moves[i]);
	}
	p->n_phases = most + 1;
	for (size_t i = 0; i < n; i++)
		p->moves[i].phase = p->moves[i].state == QF_MOVE_NOW ? most - followers(p, &p->moves[i]) : most;
}

/* ---- what is renamed by it ---- */

static void add_module(struct qf_plan *p, size_t phase, const char *from, const char *to, const char *rule)
{
	struct qf_renames *r = &p->phases[phase].renames;

	if (strcmp(from, to) == 0)
		return;
	for (size_t i = 0; i < r->n_modules; i++)
		if (strcmp(r->modules[i].from, from) == 0)
			return;
	QF_GROW(r->modules, r->n_modules, r->cap_modules);
	r->modules[r->n_modules++] = (struct qf_module_rename){ from, to, rule };
}

static void add_symbol(struct qf_plan *p, size_t phase, struct qf_symbol_rename s)
{
	struct qf_renames *r = &p->phases[phase].renames;

	for (size_t i = 0; i < r->n_symbols; i++)
		if (strcmp(r->symbols[i].module, s.module) == 0 && strcmp(r->symbols[i].name, s.name) == 0)
			return;
	QF_GROW(r->symbols, r->n_symbols, r->cap_symbols);
	r->symbols[r->n_symbols++] = s;
}

static void split(struct qf_arena *arena, const char *dotted, const char **module, const char **name)
{
	const char *dot = strrchr(dotted, '.');

	*module = qf_arena_dup(arena, dotted, (size_t)(dot - dotted)).p;
	*name = dot + 1;
}

/* The phase in which names of a module are looked at: that of the move that takes it away. */
static size_t phase_of(const struct qf_plan *p, const char *module)
{
	for (size_t i = 0; i < p->rules->n_moves; i++)
		if (p->moves[i].state == QF_MOVE_NOW && strcmp(p->moves[i].from, module) == 0)
			return p->moves[i].phase;
	return p->n_phases - 1;
}

/* A mapping to a module that a move will make, or make anew, but not now, must wait too. */
static bool waits(struct qf_plan *p, const char *module)
{
	for (size_t i = 0; i < p->rules->n_moves; i++) {
		const struct qf_moving *m = &p->moves[i];

		if (strcmp(m->to, module) == 0 &&
		    (m->state == QF_MOVE_LATER ||
		     (m->state == QF_MOVE_BLOCKED && !qf_modules_find(&p->modules, module, strlen(module)))))
			return true;
	}
	return false;
}

/* Where a file that moved earlier is in the end of this run. */
static const char *end_of(const struct qf_plan *p, const char *path)
{
	const struct qf_moving *out;

	while ((out = from_path(p, path)) && out->state == QF_MOVE_NOW) {
		const struct qf_moving *in = to_path(p, path);

		if (in && in->state == QF_MOVE_NOW)
			break;
		path = out->rule->to;
	}
	return path;
}

static void add_move(struct qf_plan *p, const struct qf_moving *m)
{
	const struct qf_move *rule = m->rule;
	bool package;

	for (size_t i = 0; i < p->rules->python_roots.n; i++) {
		const char *root = p->rules->python_roots.items[i];
		const char *from = qf_module_under(p->arena, rule->from, root, &package);
		const char *to = qf_module_under(p->arena, end_of(p, rule->to), root, &package);

		if (!from || !to)
			continue;
		add_module(p, m->phase, from, to, rule->from);
		for (size_t k = 0; k < rule->n_renames; k++)
			add_symbol(p, m->phase,
				   (struct qf_symbol_rename){ from, rule->renames[k].from, to,
							      rule->renames[k].to, rule->from });
	}
}

void qf_plan_renames(struct qf_plan *p)
{
	const struct qf_rules *rules = p->rules;

	p->phases = qf_arena_zalloc(p->arena, p->n_phases * sizeof(*p->phases));
	/* What is said of a module comes before what its move implies. */
	for (size_t i = 0; i < rules->n_modules; i++)
		if (!waits(p, rules->modules[i].to))
			add_module(p, phase_of(p, rules->modules[i].from), rules->modules[i].from, rules->modules[i].to,
				   rules->modules[i].from);
	for (size_t i = 0; i < rules->n_symbols; i++) {
		struct qf_symbol_rename s = { .rule = rules->symbols[i].from };

		split(p->arena, rules->symbols[i].from, &s.module, &s.name);
		split(p->arena, rules->symbols[i].to, &s.to_module, &s.to_name);
		if (!waits(p, s.to_module))
			add_symbol(p, phase_of(p, s.module), s);
	}
	for (size_t i = 0; i < rules->n_moves; i++)
		if (p->moves[i].state == QF_MOVE_NOW || p->moves[i].state == QF_MOVE_DONE)
			add_move(p, &p->moves[i]);
}

/* ---- as one file sees it ---- */

/* Is an entry for this file to follow? Its own names go nowhere else: their definitions stay. */
static bool is_for(const struct qf_unit *u, size_t phase, const char *self, const struct qf_symbol_rename *s)
{
	bool own = strcmp(s->module, u->steps[phase].module) == 0, here = strcmp(s->to_module, self) == 0;

	if (!own || !here)
		return !own && !here;
	return !u->move || !u->move->rule->promote || strcmp(s->rule, u->move->rule->from) == 0;
}

const struct qf_renames *qf_plan_view(struct qf_plan *p, const struct qf_unit *u, size_t phase)
{
	const struct qf_renames *all = &p->phases[phase].renames;
	const struct qf_step *s = &u->steps[phase];
	const char *self = s->new_module ? s->new_module : s->module;
	struct qf_renames *r = qf_arena_zalloc(p->arena, sizeof(*r));

	r->symbols = qf_arena_alloc(p->arena, (all->n_symbols + 1) * sizeof(*r->symbols));
	r->modules = qf_arena_alloc(p->arena, (all->n_modules + 1) * sizeof(*r->modules));
	for (size_t i = 0; i < all->n_symbols; i++)
		if (is_for(u, phase, self, &all->symbols[i]))
			r->symbols[r->n_symbols++] = all->symbols[i];
	for (size_t i = 0; i < all->n_modules; i++) {
		struct qf_module_rename m = all->modules[i];

		if (strcmp(m.from, s->module) == 0 && !u->package) {
			if (!s->new_module)
				continue;
			m.to = s->new_module;
		}
		if (strcmp(m.to, self) == 0 && strcmp(m.from, s->module) != 0) {
			const struct qf_moving *move = NULL;

			for (size_t k = 0; k < p->rules->n_moves && !move; k++)
				if (strcmp(p->moves[k].from, m.from) == 0 && p->moves[k].phase == phase &&
				    (p->moves[k].state == QF_MOVE_NOW || p->moves[k].state == QF_MOVE_DONE))
					move = &p->moves[k];
			if (!move || strcmp(move->to, self) == 0)
				continue;
			m = (struct qf_module_rename){ m.from, move->to, move->rule->from };
		}
		r->modules[r->n_modules++] = m;
	}
	return r;
}

/* ---- what it gets ---- */

/* What to use in the place of a deprecated module, as far as the rules say. */
static const char *replacement(const struct qf_plan *p, const struct qf_moving *m)
{
	const char *module, *name;

	for (size_t i = 0; i < p->rules->n_modules; i++)
		if (strcmp(p->rules->modules[i].from, m->from) == 0)
			return p->rules->modules[i].to;
	for (size_t i = 0; i < p->rules->n_symbols; i++) {
		split(p->arena, p->rules->symbols[i].from, &module, &name);
		if (strcmp(module, m->from) != 0)
			continue;
		split(p->arena, p->rules->symbols[i].to, &module, &name);
		return module;
	}
	return NULL;
}

static struct qf_str add_warning(struct qf_plan *p, const struct qf_moving *m, struct qf_str text)
{
	const char *use = replacement(p, m), *name = *m->from ? m->from : m->rule->from, *message;
	struct qf_str with;

	message = use ? qf_arena_printf(p->arena, "%s is deprecated; use %s", name, use).p :
			qf_arena_printf(p->arena, "%s is deprecated", name).p;
	with = qf_plan_warning(p->arena, text, message);
	if (with.p)
		return with;
	p->refused = true;
	qf_result_note(p->result, QF_NOTE_PLAN, m->rule->from, 0,
		       "there is no place for a DeprecationWarning in this file; leave `warn` out of its rule");
	return text;
}

struct qf_str qf_plan_texts(struct qf_plan *p, struct qf_moving *m, struct qf_str text)
{
	struct qf_bound_names bound;
	struct qf_err err;

	if (m->rule->warn)
		text = add_warning(p, m, text);
	for (size_t i = 0; i < m->rule->n_aliases; i++) {
		const struct qf_rename *alias = &m->rule->aliases[i];

		if (qf_rewrite_bound(text, p->arena, &bound, &err) < 0 || qf_bound_has(&bound, qf_str(alias->to)))
			continue;
		if (bound.whole && !qf_bound_has(&bound, qf_str(alias->from))) {
			p->refused = true;
			qf_result_note(p->result, QF_NOTE_PLAN, m->rule->from, 0,
				       "has no %s for which `alias: {%s: %s}` could be another name", alias->from, alias->to,
				       alias->from);
			continue;
		}
		text = qf_plan_alias(p->arena, text, alias->to, alias->from);
	}
	return text;
}
