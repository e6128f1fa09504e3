/* files: of the rules: Python files that get another name in their folder. */
#include "tools/align/python/token.h"
#include "tools/align/rules/sections.h"

const struct qf_rules_keys qf_rules_move_keys = { "a move", { "deprecate", "promote", "to", "warn", "rename", "alias" } };

static int check_path(const struct qf_rules *r, const struct qf_node *node, const char *path, struct qf_err *err)
{
	size_t n = strlen(path);

	if (*path == '/')
		return qf_node_error(&r->conf, node, err, "'%s' is absolute; files are named from the root", path);
	for (const char *p = path, *end; p; p = *end ? end + 1 : NULL) {
		struct qf_str part = { p, (size_t)((end = strchrnul(p, '/')) - p) };

		if (!part.n || qf_str_is(part, ".") || qf_str_is(part, ".."))
			return qf_node_error(&r->conf, node, err, "'%s' must be a path below the root without '.', '..' or '//'",
					     path);
		if (!*end && (part.n <= 3 || strcmp(path + n - 3, ".py") != 0))
			return qf_node_error(&r->conf, node, err, "'%s' does not end in .py", path);
		if (!*end && qf_str_is(part, "__init__.py"))
			return qf_node_error(&r->conf, node, err, "'%s' is a package, which a move would take apart", path);
	}
	return 0;
}

static struct qf_str folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (struct qf_str){ path, slash ? (size_t)(slash - path) : 0 };
}

static bool is_module(const char *path)
{
	size_t folder = folder_of(path).n, n = strlen(path);

	folder += folder > 0;
	return qf_rules_is_identifier(path + folder, n - 3 - folder);
}

/* from_node, to_node: where they stand. */
static int check_move(const struct qf_rules *r, const struct qf_move *m, const struct qf_node *from_node,
		      const struct qf_node *to_node, struct qf_err *err)
{
	struct qf_str from_folder = folder_of(m->from), to_folder = folder_of(m->to);

	if (check_path(r, from_node, m->from, err) < 0 || check_path(r, to_node, m->to, err) < 0)
		return -1;
	if (!strcmp(m->from, m->to))
		return qf_node_error(&r->conf, to_node, err, "'%s' is moved to itself", m->from);
	if (!qf_str_eq(from_folder, to_folder))
		return qf_node_error(&r->conf, to_node, err, "'%s' lies in another folder than '%s'; a move stays in its folder",
				     m->to, m->from);
	if (is_module(m->from) && !is_module(m->to))
		return qf_node_error(&r->conf, to_node, err, "'%s' could not be imported: its name is no Python name", m->to);
	for (const struct qf_move *o = r->moves; o < m; o++) {
		if (!strcmp(o->from, m->from))
			return qf_node_error(&r->conf, from_node, err, "'%s' is moved in line %d already", m->from, o->line);
		if (!strcmp(o->to, m->to))
			return qf_node_error(&r->conf, to_node, err, "'%s' is where line %d moves '%s'", m->to, o->line, o->from);
	}
	return 0;
}

static bool is_name(const char *s)
{
	return qf_rules_is_identifier(s, strlen(s)) && !qf_py_is_keyword(qf_str(s));
}

/* Names of pairs: each one as Python has them, none on both sides of its pair. */
static int check_names(const struct qf_rules *r, const struct qf_node *node, const struct qf_rename *pair, size_t n,
		       struct qf_err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct qf_node *at = qf_rules_nth(node, i);
		const char *bad = !is_name(pair[i].from) ? pair[i].from : !is_name(pair[i].to) ? pair[i].to : NULL;

		if (bad)
			return qf_node_error(&r->conf, at, err, "'%s' is no name as Python has them", bad);
		if (!strcmp(pair[i].from, pair[i].to))
			return qf_node_error(&r->conf, at, err, "'%s' stands on both sides", pair[i].from);
	}
	return 0;
}

static int check_renames(const struct qf_rules *r, const struct qf_node *node, const struct qf_move *m,
			 struct qf_err *err)
{
	if (check_names(r, node, m->renames, m->n_renames, err) < 0)
		return -1;
	for (size_t i = 0; i < m->n_renames; i++) {
		const struct qf_node *at = qf_rules_nth(node, i);

		for (size_t k = 0; k < m->n_renames; k++) {
			if (k < i && !strcmp(m->renames[k].to, m->renames[i].to))
				return qf_node_error(&r->conf, at, err, "'%s' becomes '%s' already", m->renames[k].from,
						     m->renames[k].to);
			if (!strcmp(m->renames[k].from, m->renames[i].to))
				return qf_node_error(&r->conf, at, err, "'%s' is renamed itself (line %d); a rename is one step",
						     m->renames[i].to, qf_rules_nth(node, k)->line);
		}
	}
	return 0;
}

static int check_aliases(const struct qf_rules *r, const struct qf_node *node, const struct qf_move *m,
			 struct qf_err *err)
{
	if (check_names(r, node, m->aliases, m->n_aliases, err) < 0)
		return -1;
	for (size_t i = 0; i < m->n_aliases; i++)
		for (size_t k = 0; k < m->n_renames; k++) {
			if (!strcmp(m->renames[k].to, m->aliases[i].to))
				return qf_node_error(&r->conf, qf_rules_nth(node, i), err, "'%s' is what '%s' is renamed to",
						     m->aliases[i].to, m->renames[k].from);
			if (!strcmp(m->renames[k].from, m->aliases[i].from))
				return qf_node_error(&r->conf, qf_rules_nth(node, i), err, "'%s' is renamed; write '%s: %s'",
						     m->aliases[i].from, m->aliases[i].to, m->renames[k].to);
		}
	return 0;
}

static int read_warn(const struct qf_rules *r, const struct qf_node *node, struct qf_move *m, struct qf_err *err)
{
	if (!node)
		return 0;
	if (node->kind != QF_NODE_SCALAR || (strcmp(node->text, "true") != 0 && strcmp(node->text, "false") != 0))
		return qf_node_error(&r->conf, node, err, "'warn' must be true or false");
	m->warn = !strcmp(node->text, "true");
	return 0;
}

static int add_move(struct qf_rules *r, const struct qf_node *node, struct qf_err *err)
{
	const struct qf_rules_keys *keys = &qf_rules_move_keys;
	struct qf_move *m = &r->moves[r->n_moves];
	const struct qf_node *promote, *deprecate, *from, *foreign;

	m->line = node->line;
	if (qf_rules_check_keys(r, node, keys, err) < 0)
		return -1;
	promote = qf_node_get(node, "promote");
	deprecate = qf_node_get(node, "deprecate");
	if (!promote == !deprecate)
		return qf_node_error(&r->conf, promote ? promote : node, err, "a move has either 'deprecate' or 'promote'%s",
				     promote ? ", not both" : "");
	m->promote = promote;
	from = promote ? promote : deprecate;
	if (qf_rules_text(r, node, keys, from->key, true, &m->from, err) < 0 ||
	    qf_rules_text(r, node, keys, "to", true, &m->to, err) < 0 ||
	    check_move(r, m, from, qf_node_get(node, "to"), err) < 0)
		return -1;
	foreign = promote ? qf_node_get(node, "warn") : qf_node_get(node, "rename");
	if (!promote && !foreign)
		foreign = qf_node_get(node, "alias");
	if (foreign)
		return qf_node_error(&r->conf, foreign, err, "'%s' goes with '%s', not with '%s'", foreign->key,
				     promote ? "deprecate" : "promote", from->key);
	r->n_moves++;
	if (read_warn(r, qf_node_get(node, "warn"), m, err) < 0 ||
	    qf_rules_pairs(r, qf_node_get(node, "rename"), &m->renames, &m->n_renames, err) < 0 ||
	    qf_rules_pairs(r, qf_node_get(node, "alias"), &m->aliases, &m->n_aliases, err) < 0)
		return -1;
	for (size_t i = 0; i < m->n_aliases; i++) /* the file says New: Old */
		m->aliases[i] = (struct qf_rename){ m->aliases[i].to, m->aliases[i].from };
	if (check_renames(r, qf_node_get(node, "rename"), m, err) < 0)
		return -1;
	return check_aliases(r, qf_node_get(node, "alias"), m, err);
}

/* The move of the file that stands where move i leads; n_moves: none. */
static size_t next_move(const struct qf_rules *r, size_t i)
{
	size_t k = 0;

	while (k < r->n_moves && strcmp(r->moves[k].from, r->moves[i].to) != 0)
		k++;
	return k;
}

/* A file may go where another one was, if that one goes away to a place of its own in the end. */
static int check_circles(struct qf_rules *r, const struct qf_node *first, struct qf_err *err)
{
	bool *followed = qf_arena_zalloc(&r->arena, r->n_moves + 1);

	for (size_t i = 0; i < r->n_moves; i++, first = first->next) {
		/* No two moves have an end in common, so a way that was followed need not be followed again. */
		for (size_t at = i; at < r->n_moves && !followed[at]; at = next_move(r, at)) {
			followed[at] = true;
			if (next_move(r, at) == i)
				return qf_node_error(&r->conf, qf_node_get(first, "to"), err,
						     "'%s' would come back to where it was: the moves go in a circle",
						     r->moves[i].from);
		}
	}
	return 0;
}

int qf_rules_moves(struct qf_rules *r, struct qf_err *err)
{
	const struct qf_node *first, *c;
	size_t n;

	if (qf_rules_list(r, qf_node_get(r->conf.root, "files"), &first, &n, err) < 0)
		return -1;
	r->moves = qf_arena_zalloc(&r->arena, (n + 1) * sizeof(*r->moves));
	for (c = first; c; c = c->next)
		if (add_move(r, c, err) < 0)
			return -1;
	return check_circles(r, first, err);
}
