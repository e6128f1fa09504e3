/* The rules file as a whole: systems, exclude, python, and what the other sections need of one another. */
#include <strings.h>
#include <sys/stat.h>

#include "common/base/mem.h"
#include "tools/align/rules/sections.h"

const struct qf_rules_keys qf_rules_top_keys = { "the rules file", { "version", "systems", "files", "modules", "symbols",
								   "documents", "allow", "exclude", "python" } };
const struct qf_rules_keys qf_rules_python_keys = { "'python'", { "roots" } };
const struct qf_rules_keys qf_rules_system_keys = { "a system", { "name", "patterns", "hint" } };

/* ---- systems ---- */

static int check_name(const struct qf_rules *r, const struct qf_node *node, const char *name, struct qf_err *err)
{
	for (const char *p = name; *p; p++) {
		bool letter = (*p | 0x20) >= 'a' && (*p | 0x20) <= 'z', digit = *p >= '0' && *p <= '9';

		if (!letter && !digit && (p == name || !strchr("._-", *p)))
			return qf_node_error(&r->conf, node, err,
					     "'%s' is no name for a system: letters, digits and, behind the first, '.', '_' and '-'",
					     name);
	}
	for (size_t i = 0; i + 1 < r->n_systems; i++)
		if (!strcasecmp(r->systems[i].name, name))
			return qf_node_error(&r->conf, node, err, "there is a system '%s' already", r->systems[i].name);
	return 0;
}

/* patterns: the node, or that of the name which stands for it. */
static int check_patterns(const struct qf_rules *r, const struct qf_node *node, const struct qf_system *s,
			  struct qf_err *err)
{
	for (size_t i = 0; i < s->patterns.n; i++) {
		const char *pattern = s->patterns.items[i];

		if (strlen(pattern) < 3)
			return qf_node_error(&r->conf, qf_rules_item(node, i), err,
					     "the pattern '%s' is shorter than 3 bytes and would be found everywhere", pattern);
		for (const struct qf_system *o = r->systems; o <= s; o++)
			for (size_t j = 0; j < (o == s ? i : o->patterns.n); j++)
				if (!strcasecmp(o->patterns.items[j], pattern))
					return qf_node_error(&r->conf, qf_rules_item(node, i), err,
							     "the system '%s' has the pattern '%s' already", o->name,
							     o->patterns.items[j]);
	}
	return 0;
}

static int add_system(struct qf_rules *r, const struct qf_node *node, struct qf_err *err)
{
	const struct qf_rules_keys *keys = &qf_rules_system_keys;
	struct qf_system *s = &r->systems[r->n_systems++];
	const struct qf_node *named = node, *patterns;

	if (node->kind == QF_NODE_SCALAR) {
		struct qf_names one;

		if (qf_rules_texts(r, node, &one, err) < 0)
			return -1;
		s->name = one.items[0];
	} else {
		if (qf_rules_check_keys(r, node, keys, err) < 0 ||
		    qf_rules_text(r, node, keys, "name", true, &s->name, err) < 0 ||
		    qf_rules_prose(r, node, keys, "hint", false, &s->hint, err) < 0)
			return -1;
		named = qf_node_get(node, "name");
	}
	patterns = qf_node_get(node, "patterns");
	if (!patterns)
		patterns = named;
	if (check_name(r, named, s->name, err) < 0 || qf_rules_texts(r, patterns, &s->patterns, err) < 0)
		return -1;
	return check_patterns(r, patterns, s, err);
}

static int read_systems(struct qf_rules *r, struct qf_err *err)
{
	const struct qf_node *c;
	size_t n;

	if (qf_rules_list(r, qf_node_get(r->conf.root, "systems"), &c, &n, err) < 0)
		return -1;
	r->systems = qf_arena_zalloc(&r->arena, (n + 1) * sizeof(*r->systems));
	for (; c; c = c->next)
		if (add_system(r, c, err) < 0)
			return -1;
	return 0;
}

/* ---- python ---- */

static int check_root(const struct qf_rules *r, const struct qf_node *node, struct qf_str root, struct qf_err *err)
{
	const char *p = root.p, *end;

	if (*p == '/')
		return qf_node_error(&r->conf, node, err, "'%s' is absolute; folders are named from the root", p);
	if (!strcmp(p, "."))
		return 0;
	for (; p; p = *end ? end + 1 : NULL) {
		struct qf_str part = { p, (size_t)((end = strchrnul(p, '/')) - p) };

		if (!part.n || qf_str_is(part, ".") || qf_str_is(part, ".."))
			return qf_node_error(&r->conf, node, err,
					     "'%s' must be a folder below the root, or '.'; no '.' or '..' inside, no '//'", root.p);
	}
	return 0;
}

static bool is_root(const struct qf_rules *r, const char *name)
{
	QF_AUTO_FREE char *folder = qf_asprintf("%s/%s", r->root, name);
	QF_AUTO_FREE char *init = qf_asprintf("%s/__init__.py", folder);
	struct stat st;

	return stat(folder, &st) == 0 && S_ISDIR(st.st_mode) && stat(init, &st) < 0;
}

static int read_python(struct qf_rules *r, struct qf_err *err)
{
	const struct qf_node *python = qf_node_get(r->conf.root, "python"), *roots = qf_node_get(python, "roots");
	struct qf_names *names = &r->python_roots;

	if (!qf_rules_is_nothing(python) && qf_rules_check_keys(r, python, &qf_rules_python_keys, err) < 0)
		return -1;
	if (!roots) {
		names->items = qf_arena_alloc(&r->arena, 2 * sizeof(*names->items));
		names->items[names->n++] = ".";
		if (is_root(r, "src"))
			names->items[names->n++] = "src";
		return 0;
	}
	if (qf_rules_texts(r, roots, names, err) < 0)
		return -1;
	for (size_t i = 0; i < names->n; i++) {
		struct qf_str name = qf_arena_dup_str(&r->arena, qf_str(names->items[i]));

		if (name.n > 1 && name.p[name.n - 1] == '/')
			((char *)name.p)[--name.n] = '\0';
		if (check_root(r, qf_rules_item(roots, i), name, err) < 0)
			return -1;
		names->items[i] = name.p;
	}
	return 0;
}

/* ---- all ---- */

static int check_version(const struct qf_rules *r, struct qf_err *err)
{
	const char *version;

	if (qf_rules_text(r, r->conf.root, &qf_rules_top_keys, "version", false, &version, err) < 0)
		return -1;
	if (version && strcmp(version, "1") != 0)
		return qf_node_error(&r->conf, qf_node_get(r->conf.root, "version"), err,
				     "version '%s' is not known; this program reads version 1", version);
	return 0;
}

int qf_rules_sections(struct qf_rules *r, const char *today, struct qf_err *err)
{
	const struct qf_node *root = r->conf.root, *exclude = qf_node_get(root, "exclude");

	if (!root)
		return qf_node_error(&r->conf, NULL, err, "the file is empty; remove it, and `fortress align init` writes one");
	if (qf_rules_check_keys(r, root, &qf_rules_top_keys, err) < 0 || check_version(r, err) < 0 ||
	    read_systems(r, err) < 0 || qf_rules_mappings(r, err) < 0 || qf_rules_moves(r, err) < 0 ||
	    qf_rules_documents(r, err) < 0 ||
	    (!qf_rules_is_nothing(exclude) && qf_rules_globs(r, exclude, &r->exclude, err) < 0) ||
	    read_python(r, err) < 0 || qf_rules_check_moved(r, err) < 0 || qf_rules_allow(r, today, err) < 0)
		return -1;
	if (!r->n_systems && !r->n_modules && !r->n_symbols && !r->n_moves && !r->n_documents)
		return qf_node_error(&r->conf, NULL, err,
				     "there is nothing to look for: no systems, files, modules, symbols or documents");
	return 0;
}
