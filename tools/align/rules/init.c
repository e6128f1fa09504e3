/* The text of a first rules file, made of what a scan found. */
#include "common/base/buf.h"
#include "tools/align/rules/rules.h"

/* Folders whose names say that what lies in them was made elsewhere; first the one that can lie in another. */
static const struct place {
	const char *folder, *reason;
} places[] = {
	{ "lucide-react", "icons, of which one may be called like a system" },
	{ "node_modules", "installed packages" },
	{ "bower_components", "installed packages" },
	{ "site-packages", "installed packages" },
	{ "vendor", "code of others" },
	{ "third_party", "code of others" },
	{ "third-party", "code of others" },
	{ "external", "code of others" },
};

/* Is it one of the folders that the path leads through? */
static bool leads_through(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	for (const char *p = path, *end; (end = strchr(p, '/')); p = end + 1)
		if ((size_t)(end - p) == n && !memcmp(p, folder, n))
			return true;
	return false;
}

static const struct place *place_of(const char *path)
{
	for (size_t i = 0; i < QF_LEN(places); i++)
		if (leads_through(path, places[i].folder))
			return &places[i];
	return NULL;
}

/* How many findings a rule has, in one place or (NULL) anywhere. */
static size_t count(const struct qf_result *found, const char *rule, const struct place *place)
{
	size_t n = 0;

	for (size_t i = 0; i < found->n; i++)
		n += !strcmp(found->findings[i].rule, rule) && (!place || place_of(found->findings[i].path) == place);
	return n;
}

/* In double quotes, as YAML has them; the rules hold no control characters. */
static void add_quoted(struct qf_buf *out, const char *s)
{
	qf_buf_addc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			qf_buf_addc(out, '\\');
		qf_buf_addc(out, *s);
	}
	qf_buf_addc(out, '"');
}

static void add_names(struct qf_buf *out, const char *key, const struct qf_names *names)
{
	qf_buf_printf(out, "    %s: [", key);
	for (size_t i = 0; i < names->n; i++) {
		if (i)
			QF_BUF_LIT(out, ", ");
		add_quoted(out, names->items[i]);
	}
	QF_BUF_LIT(out, "]\n");
}

static void add_systems(const struct qf_rules *rules, const struct qf_result *found, struct qf_buf *out)
{
	bool any = false;

	for (size_t i = 0; i < rules->n_systems; i++)
		any |= count(found, rules->systems[i].name, NULL) > 0;
	QF_BUF_LIT(out, "# Systems that are on their way out. Every line of every text file that names one, in any case, inside\n"
			"# other words too, is a finding. Such names are never edited.\n");
	if (!any)
		QF_BUF_LIT(out, "# None of these was found; the rules keep them out.\n");
	QF_BUF_LIT(out, "systems:\n");
	for (size_t i = 0; i < rules->n_systems; i++) {
		const struct qf_system *s = &rules->systems[i];
		size_t n = count(found, s->name, NULL);

		if (any && !n)
			continue;
		qf_buf_printf(out, "  - name: %s\n", s->name);
		add_names(out, "patterns", &s->patterns);
		if (s->hint) {
			QF_BUF_LIT(out, "    hint: ");
			add_quoted(out, s->hint);
			qf_buf_addc(out, '\n');
		}
	}
}

/* ---- files, modules, symbols ---- */

static void add_pair(struct qf_buf *out, const char *key, const char *from, const char *to)
{
	qf_buf_printf(out, "  - %s: ", key);
	add_quoted(out, from);
	QF_BUF_LIT(out, "\n    to: ");
	add_quoted(out, to);
	qf_buf_addc(out, '\n');
}

static void add_renames(struct qf_buf *out, const char *key, const struct qf_rename *pair, size_t n, bool new_first)
{
	if (n)
		qf_buf_printf(out, "    %s:\n", key);
	for (size_t i = 0; i < n; i++) {
		qf_buf_printf(out, "      %s: ", new_first ? pair[i].to : pair[i].from);
		add_quoted(out, new_first ? pair[i].from : pair[i].to);
		qf_buf_addc(out, '\n');
	}
}

static void add_moves(const struct qf_rules *rules, const struct qf_result *found, struct qf_buf *out)
{
	bool any = false;

	for (size_t i = 0; i < rules->n_moves; i++) {
		const struct qf_move *m = &rules->moves[i];

		if (!count(found, m->from, NULL))
			continue;
		if (!any)
			QF_BUF_LIT(out, "\n# Files that change their names, with all importers. Nothing is ever overwritten.\nfiles:\n");
		any = true;
		add_pair(out, m->promote ? "promote" : "deprecate", m->from, m->to);
		if (m->warn)
			QF_BUF_LIT(out, "    warn: true\n");
		add_renames(out, "rename", m->renames, m->n_renames, false);
		add_renames(out, "alias", m->aliases, m->n_aliases, true);
	}
}

/* A module's mapping is used where one of its symbols was, too: other names of the module follow by it. */
static bool is_used(const char *from, const struct qf_result *found)
{
	size_t n = strlen(from);

	for (size_t i = 0; i < found->n; i++) {
		const char *rule = found->findings[i].rule;

		if (!strncmp(rule, from, n) && (!rule[n] || rule[n] == '.'))
			return true;
	}
	return false;
}

static void add_mappings(const struct qf_mapping *mapping, size_t n, const char *section, const struct qf_result *found,
			 struct qf_buf *out)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!is_used(mapping[i].from, found))
			continue;
		if (!any)
			qf_buf_printf(out, "\n# Old %s, and what importers shall use instead.\n%s:\n", section, section);
		any = true;
		add_pair(out, "from", mapping[i].from, mapping[i].to);
	}
}

/* The length of "_v2" or "_v12" before ".py" at the end of a path that can stand in a comment as it is; 0: there is none. */
static size_t version_end(const char *path)
{
	size_t n = strlen(path), at = n - 3;

	if (n < 8 || strcmp(path + n - 3, ".py") != 0 ||
	    path[strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-")])
		return 0;
	while (at && path[at - 1] >= '0' && path[at - 1] <= '9')
		at--;
	if (at == n - 3 || at < 4 || path[at - 1] != 'v' || path[at - 2] != '_' || path[at - 3] == '/')
		return 0;
	return n - 3 - (at - 2);
}

static bool is_moved(const struct qf_rules *rules, const char *path)
{
	for (size_t i = 0; i < rules->n_moves; i++)
		if (!strcmp(rules->moves[i].from, path))
			return true;
	return false;
}

/* Files that look like versions of one another: what to do with them only their owner knows. */
static void propose_moves(const struct qf_rules *rules, const struct qf_result *found, struct qf_buf *out)
{
	const char *last = NULL;
	bool any = false;

	for (size_t i = 0; i < found->n; i++) {
		const char *path = found->findings[i].path;
		size_t version = version_end(path);

		if (!version || (last && !strcmp(last, path)) || is_moved(rules, path) || place_of(path))
			continue;
		if (!any)
			QF_BUF_LIT(out, "\n# These look like versions of one module. Take the marks off what is meant: deprecate, or promote to\n"
					"# the plain name. Importers of the modules follow.\n#files:\n");
		any = true;
		last = path;
		qf_buf_printf(out, "#  - deprecate: %s\n#    to: %.*s_deprecated.py\n#  - promote: %s\n#    to: %.*s.py\n", path,
			      (int)(strlen(path) - 3), path, path, (int)(strlen(path) - 3 - version), path);
	}
}

/* ---- allow ---- */

static void add_place(const struct qf_rules *rules, const struct qf_result *found, const struct place *place,
		      struct qf_buf *out)
{
	size_t all = 0, n = 0;

	for (size_t i = 0; i < rules->n_systems; i++)
		all += count(found, rules->systems[i].name, place);
	if (!all)
		return;
	qf_buf_printf(out, "  - paths: [\"**/%s/**\"]\n    systems: [", place->folder);
	for (size_t i = 0; i < rules->n_systems; i++)
		if (count(found, rules->systems[i].name, place))
			qf_buf_printf(out, "%s%s", n++ ? ", " : "", rules->systems[i].name);
	qf_buf_printf(out, "]\n    reason: %s (%zu %s when this file was written; see that it is so)\n", place->reason, all,
		      all == 1 ? "finding" : "findings");
}

void qf_rules_init(const struct qf_rules *builtin, const struct qf_result *found, struct qf_buf *out)
{
	QF_BUF_LIT(out, "# Rules of `fortress align`, made of what it found here. Every key is checked; docs/ALIGN.md of Fortress\n"
			"# tells them all.\nversion: 1\n\n");
	add_systems(builtin, found, out);
	add_moves(builtin, found, out);
	add_mappings(builtin->modules, builtin->n_modules, "modules", found, out);
	add_mappings(builtin->symbols, builtin->n_symbols, "symbols", found, out);
	propose_moves(builtin, found, out);
	QF_BUF_LIT(out, "\n# Places that may name a system: `paths`, `tokens` (whole identifiers) or both. A reason is needed; `until:\n"
			"# YYYY-MM-DD` is the last day on which it holds. In a line: align: allow SYSTEM -- reason\nallow:\n");
	for (size_t i = 0; i < QF_LEN(places); i++)
		add_place(builtin, found, &places[i], out);
	QF_BUF_LIT(out, "\n# Files that are not looked at at all.\nexclude: []\n");
}
