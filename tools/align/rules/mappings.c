/* modules: and symbols: of the rules. What is taken here leads in one step to where it stays. */
#include "tools/align/python/token.h"
#include "tools/align/rules/sections.h"

const struct qf_rules_keys qf_rules_mapping_keys = { "a mapping", { "from", "to" } };

/* The mappings of one section while they are checked. */
struct section {
	const char *name; /* "modules" */
	struct qf_mapping *mapping;
	const struct qf_node **from, **to; /* where they stand */
	size_t n;
};

/* What is left of name behind the module it lies in ("" or ".sub"), or NULL. */
static const char *below(const char *name, const char *module)
{
	size_t n = strlen(module);

	return !strncmp(name, module, n) && (!name[n] || name[n] == '.') ? name + n : NULL;
}

static int check_dotted(const struct qf_rules *r, const struct qf_node *node, const char *name, bool symbol,
			struct qf_err *err)
{
	size_t parts = 0;

	for (const char *p = name, *end; p; p = *end ? end + 1 : NULL, parts++) {
		end = strchrnul(p, '.');
		if (!qf_rules_is_identifier(p, (size_t)(end - p)) ||
		    qf_py_is_keyword((struct qf_str){ p, (size_t)(end - p) }))
			return qf_node_error(&r->conf, node, err, "'%s' is no dotted name as Python has them", name);
	}
	if (symbol && parts < 2)
		return qf_node_error(&r->conf, node, err, "'%s' has no module; write 'package.module.%s'", name, name);
	return 0;
}

static int add_mapping(struct qf_rules *r, struct section *s, const struct qf_node *node, bool is_map,
		       struct qf_err *err)
{
	struct qf_mapping *m = &s->mapping[s->n];
	bool symbol = s->name[0] == 's';

	m->line = node->line;
	s->from[s->n] = s->to[s->n] = node;
	if (is_map) {
		m->from = node->key;
		if (node->kind != QF_NODE_SCALAR)
			return qf_node_error(&r->conf, node, err, "'%s' must be a text", node->key);
		m->to = node->text;
	} else {
		if (qf_rules_check_keys(r, node, &qf_rules_mapping_keys, err) < 0 ||
		    qf_rules_text(r, node, &qf_rules_mapping_keys, "from", true, &m->from, err) < 0 ||
		    qf_rules_text(r, node, &qf_rules_mapping_keys, "to", true, &m->to, err) < 0)
			return -1;
		s->from[s->n] = qf_node_get(node, "from");
		s->to[s->n] = qf_node_get(node, "to");
	}
	if (check_dotted(r, s->from[s->n], m->from, symbol, err) < 0 ||
	    check_dotted(r, s->to[s->n], m->to, symbol, err) < 0)
		return -1;
	if (!strcmp(m->from, m->to))
		return qf_node_error(&r->conf, s->to[s->n], err, "'%s' is mapped to itself", m->from);
	if (below(m->to, m->from))
		return qf_node_error(&r->conf, s->to[s->n], err,
				     "'%s' lies below '%s': every run would move it one level further", m->to, m->from);
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->mapping[i].from, m->from))
			return qf_node_error(&r->conf, s->from[s->n], err, "'%s' is mapped in line %d already", m->from,
					     s->mapping[i].line);
	s->n++;
	return 0;
}

static int read_section(struct qf_rules *r, struct section *s, struct qf_err *err)
{
	const struct qf_node *node = qf_node_get(r->conf.root, s->name), *c;
	bool is_map = node && node->kind == QF_NODE_MAP;
	size_t n = 0;

	if (!is_map && qf_rules_list(r, node, &c, &n, err) < 0)
		return -1;
	if (is_map)
		for (c = node->child; c; c = c->next)
			n++;
	s->mapping = qf_arena_zalloc(&r->arena, (n + 1) * sizeof(*s->mapping));
	s->from = qf_arena_alloc(&r->arena, (n + 1) * sizeof(*s->from));
	s->to = qf_arena_alloc(&r->arena, (n + 1) * sizeof(*s->to));
	for (c = n ? node->child : NULL; c; c = c->next)
		if (add_mapping(r, s, c, is_map, err) < 0)
			return -1;
	return 0;
}

/* ---- one step leads to the end ---- */

/* The mapping of the module or of the nearest package above it, or NULL. */
static const struct qf_mapping *find_module(const struct section *modules, const char *name)
{
	const struct qf_mapping *best = NULL;

	for (size_t i = 0; i < modules->n; i++) {
		const struct qf_mapping *m = &modules->mapping[i];

		if (below(name, m->from) && (!best || strlen(m->from) > strlen(best->from)))
			best = m;
	}
	return best;
}

static const struct qf_mapping *find_symbol(const struct section *symbols, const char *name)
{
	for (size_t i = 0; i < symbols->n; i++)
		if (!strcmp(symbols->mapping[i].from, name))
			return &symbols->mapping[i];
	return NULL;
}

/* Where a name goes by one step: a symbol by its own mapping, else by that of its module. NULL: it stays. */
static const struct qf_mapping *next_step(struct qf_rules *r, const struct section *modules,
					  const struct section *symbols, const char *name, const char **to)
{
	const struct qf_mapping *m = symbols ? find_symbol(symbols, name) : NULL;

	*to = m ? m->to : NULL;
	if (m)
		return m;
	m = find_module(modules, name);
	if (m)
		*to = qf_arena_printf(&r->arena, "%s%s", m->to, below(name, m->from)).p;
	return m;
}

/* Follows `to` of one mapping: it must stay where it is. */
static int check_chain(struct qf_rules *r, const struct section *modules, const struct section *symbols,
		       const struct section *s, size_t i, struct qf_err *err)
{
	const struct qf_mapping *m = &s->mapping[i], *step, *first;
	const char *at, *next;
	size_t steps = 0;

	first = step = next_step(r, modules, symbols, m->to, &at);
	if (!first)
		return 0;
	while (step && steps++ <= modules->n + (symbols ? symbols->n : 0)) {
		if (!strcmp(at, m->from) || below(at, m->to))
			return qf_node_error(&r->conf, s->to[i], err, "'%s' goes to '%s' and by line %d back: a circle", m->from,
					     m->to, first->line);
		step = next_step(r, modules, symbols, at, &next);
		at = step ? next : at;
	}
	if (step)
		return qf_node_error(&r->conf, s->to[i], err, "'%s' goes to '%s' and by line %d into a circle", m->from, m->to,
				     first->line);
	return qf_node_error(&r->conf, s->to[i], err, "'%s' goes to '%s' here and on to '%s' by line %d; write '%s' here too",
			     m->from, m->to, at, first->line, at);
}

/* A module's mapping takes its symbols along: where they arrive, none may be mapped further. */
static int check_symbol_chains(struct qf_rules *r, const struct section *modules, const struct section *symbols,
			       struct qf_err *err)
{
	for (size_t i = 0; i < modules->n; i++) {
		const struct qf_mapping *m = &modules->mapping[i];

		for (size_t k = 0; k < symbols->n; k++) {
			const struct qf_mapping *s = &symbols->mapping[k];
			const char *rest = below(s->from, m->to), *old;

			if (!rest || !*rest)
				continue;
			old = qf_arena_printf(&r->arena, "%s%s", m->from, rest).p;
			if (find_symbol(symbols, old) || find_module(modules, old) != m)
				continue;
			return qf_node_error(&r->conf, symbols->from[k], err,
					     "'%s' becomes '%s' by line %d and '%s' by this one; map '%s' to '%s' too", old, s->from,
					     m->line, s->to, old, s->to);
		}
	}
	return 0;
}

/* The dotted name of a file as it is seen from a folder of sys.path, or NULL. */
static const char *module_of(struct qf_rules *r, const char *path, const char *folder)
{
	size_t n = strcmp(folder, ".") ? strlen(folder) + 1 : 0;
	struct qf_str name;

	if (n && (strncmp(path, folder, n - 1) != 0 || path[n - 1] != '/'))
		return NULL;
	name = qf_arena_dup(&r->arena, path + n, strlen(path + n) - 3);
	for (char *p = (char *)name.p; *p; p++)
		if (*p == '/')
			*p = '.';
	return name.p;
}

static bool is_target(const struct qf_rules *r, const char *path)
{
	for (size_t i = 0; i < r->n_moves; i++)
		if (!strcmp(r->moves[i].to, path))
			return true;
	return false;
}

/* `to` of one section must not name a module whose file is moved away and not replaced by another one. */
static int check_targets(struct qf_rules *r, const char *section, const struct qf_mapping *mapping, size_t n,
			 const struct qf_move *move, const char *module, struct qf_err *err)
{
	const struct qf_node *node = qf_node_get(r->conf.root, section), *at = node ? node->child : NULL;

	for (size_t i = 0; i < n; i++, at = at->next)
		if (below(mapping[i].to, module))
			return qf_node_error(&r->conf, node->kind == QF_NODE_MAP ? at : qf_node_get(at, "to"), err,
					     "'%s' goes to '%s', whose file becomes '%s' by line %d; name what stays", mapping[i].from,
					     mapping[i].to, move->to, move->line);
	return 0;
}

int qf_rules_check_moved(struct qf_rules *r, struct qf_err *err)
{
	for (size_t i = 0; i < r->n_moves; i++) {
		const struct qf_move *m = &r->moves[i];

		for (size_t k = 0; k < r->python_roots.n && !is_target(r, m->from); k++) {
			const char *module = module_of(r, m->from, r->python_roots.items[k]);

			if (module && (check_targets(r, "modules", r->modules, r->n_modules, m, module, err) < 0 ||
				       check_targets(r, "symbols", r->symbols, r->n_symbols, m, module, err) < 0))
				return -1;
		}
	}
	return 0;
}

int qf_rules_mappings(struct qf_rules *r, struct qf_err *err)
{
	struct section modules = { .name = "modules" }, symbols = { .name = "symbols" };

	if (read_section(r, &modules, err) < 0 || read_section(r, &symbols, err) < 0)
		return -1;
	for (size_t i = 0; i < symbols.n; i++)
		for (size_t k = 0; k < modules.n; k++)
			if (!strcmp(symbols.mapping[i].from, modules.mapping[k].from))
				return qf_node_error(&r->conf, symbols.from[i], err, "'%s' is mapped as a module in line %d already",
						     symbols.mapping[i].from, modules.mapping[k].line);
	for (size_t i = 0; i < modules.n; i++)
		if (check_chain(r, &modules, NULL, &modules, i, err) < 0)
			return -1;
	for (size_t i = 0; i < symbols.n; i++)
		if (check_chain(r, &modules, &symbols, &symbols, i, err) < 0)
			return -1;
	if (check_symbol_chains(r, &modules, &symbols, err) < 0)
		return -1;
	r->modules = modules.mapping;
	r->n_modules = modules.n;
	r->symbols = symbols.mapping;
	r->n_symbols = symbols.n;
	return 0;
}
