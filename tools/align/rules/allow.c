/* Allowances: allow: of the rules, and the form that stands inside a line. */
#include <strings.h>

#include "common/base/mem.h"
#include "tools/align/rules/allow.h"
#include "tools/align/rules/sections.h"

const struct qf_rules_keys qf_rules_allow_keys = { "an allowance", { "paths", "systems", "tokens", "reason", "until" } };

static bool is_name(struct qf_str name, const char *other)
{
	return name.n == strlen(other) && !strncasecmp(name.p, other, name.n);
}

const char *qf_rules_find(const struct qf_rules *r, struct qf_str name)
{
	for (size_t i = 0; i < r->n_systems; i++)
		if (is_name(name, r->systems[i].name))
			return r->systems[i].name;
	for (size_t i = 0; i < r->n_modules; i++)
		if (qf_str_is(name, r->modules[i].from))
			return r->modules[i].from;
	for (size_t i = 0; i < r->n_symbols; i++)
		if (qf_str_is(name, r->symbols[i].from))
			return r->symbols[i].from;
	for (size_t i = 0; i < r->n_moves; i++)
		if (qf_str_is(name, r->moves[i].from))
			return r->moves[i].from;
	return NULL;
}

/* ---- allow: ---- */

static const char *nearest_rule(const struct qf_rules *r, const char *typed)
{
	QF_AUTO_FREE const char **names = NULL;
	size_t n = 0, all = r->n_systems + r->n_modules + r->n_symbols + r->n_moves;

	names = qf_calloc(all + 1, sizeof(*names));
	for (size_t i = 0; i < r->n_systems; i++)
		names[n++] = r->systems[i].name;
	for (size_t i = 0; i < r->n_modules; i++)
		names[n++] = r->modules[i].from;
	for (size_t i = 0; i < r->n_symbols; i++)
		names[n++] = r->symbols[i].from;
	for (size_t i = 0; i < r->n_moves; i++)
		names[n++] = r->moves[i].from;
	return qf_str_nearest(typed, names, n);
}

static int check_systems(const struct qf_rules *r, const struct qf_node *node, struct qf_names *systems,
			 struct qf_err *err)
{
	for (size_t i = 0; i < systems->n; i++) {
		const struct qf_node *at = qf_rules_item(node, i);
		const char *name = qf_rules_find(r, qf_str(systems->items[i]));

		if (!name) {
			const char *near = nearest_rule(r, systems->items[i]);

			if (near)
				return qf_node_error(&r->conf, at, err, "there is no system '%s'; did you mean '%s'?",
						     systems->items[i], near);
			return qf_node_error(&r->conf, at, err, "there is no system '%s'", systems->items[i]);
		}
		for (size_t k = 0; k < i; k++)
			if (systems->items[k] == name)
				return qf_node_error(&r->conf, at, err, "'%s' stands here twice", name);
		systems->items[i] = name;
	}
	return 0;
}

static int check_tokens(const struct qf_rules *r, const struct qf_node *node, const struct qf_names *tokens,
			struct qf_err *err)
{
	for (size_t i = 0; i < tokens->n; i++)
		for (const char *p = tokens->items[i]; *p; p++)
			if (!qf_rules_is_identifier(p, 1) && *p != '-' && (*p < '0' || *p > '9'))
				return qf_node_error(&r->conf, qf_rules_item(node, i), err,
						     "'%s' is no token: whole identifiers of letters, digits, '_' and '-'",
						     tokens->items[i]);
	return 0;
}

static int add_allowance(struct qf_rules *r, const struct qf_node *node, const char *today, struct qf_err *err)
{
	const struct qf_rules_keys *keys = &qf_rules_allow_keys;
	struct qf_allowance *a = &r->allow[r->n_allow++];
	const struct qf_node *systems, *tokens;

	a->line = node->line;
	if (qf_rules_check_keys(r, node, keys, err) < 0 ||
	    qf_rules_prose(r, node, keys, "reason", true, &a->reason, err) < 0)
		return -1;
	systems = qf_node_get(node, "systems");
	tokens = qf_node_get(node, "tokens");
	if (!systems && !tokens && !qf_node_get(node, "paths"))
		return qf_node_error(&r->conf, node, err, "an allowance needs 'paths', 'systems' or 'tokens': else it allows all");
	if (qf_rules_globs(r, qf_node_get(node, "paths"), &a->paths, err) < 0 ||
	    qf_rules_texts(r, systems, &a->systems, err) < 0 || check_systems(r, systems, &a->systems, err) < 0 ||
	    qf_rules_texts(r, tokens, &a->tokens, err) < 0 || check_tokens(r, tokens, &a->tokens, err) < 0 ||
	    qf_rules_text(r, node, keys, "until", false, &a->until, err) < 0)
		return -1;
	if (a->until && !qf_rules_is_date(qf_str(a->until)))
		return qf_node_error(&r->conf, qf_node_get(node, "until"), err,
				     "'%s' is no day of the calendar as YYYY-MM-DD", a->until);
	a->expired = a->until && strcmp(today, a->until) > 0;
	return 0;
}

int qf_rules_allow(struct qf_rules *r, const char *today, struct qf_err *err)
{
	const struct qf_node *c;
	size_t n;

	if (qf_rules_list(r, qf_node_get(r->conf.root, "allow"), &c, &n, err) < 0)
		return -1;
	r->allow = qf_arena_zalloc(&r->arena, (n + 1) * sizeof(*r->allow));
	for (; c; c = c->next)
		if (add_allowance(r, c, today, err) < 0)
			return -1;
	return 0;
}

static bool holds(const struct qf_names *names, struct qf_str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (qf_str_is(name, names->items[i]))
			return true;
	return !names->n;
}

struct qf_allowance *qf_allow_find(const struct qf_rules *r, const char *path, const char *rule, struct qf_str token)
{
	for (size_t i = 0; i < r->n_allow; i++) {
		struct qf_allowance *a = &r->allow[i];

		if (!a->expired && holds(&a->systems, qf_str(rule)) && holds(&a->tokens, token) &&
		    (!a->paths || qf_globs_match(a->paths, path)))
			return a;
	}
	return NULL;
}

void qf_allow_stale(const struct qf_rules *r, bool whole, struct qf_result *result)
{
	const char *slash = r->file ? strrchr(r->file, '/') : NULL, *file = slash ? slash + 1 : r->file;

	for (size_t i = 0; i < r->n_allow; i++) {
		const struct qf_allowance *a = &r->allow[i];

		if (a->expired)
			qf_result_note(result, QF_NOTE_STALE, file, (unsigned)a->line,
				       "this allowance has expired (until %s): %s", a->until, a->reason);
		else if (!a->used && whole && !r->builtin)
			qf_result_note(result, QF_NOTE_STALE, file, (unsigned)a->line,
				       "nothing needs this allowance any more, take it out: %s", a->reason);
	}
}

/* ---- inline ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static struct qf_str trim(struct qf_str s)
{
	while (s.n && is_blank(s.p[0]))
		s.p++, s.n--;
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Cuts `end` off; true where it was there. */
static bool cut_end(struct qf_str *s, const char *end)
{
	size_t n = strlen(end);

	if (s->n < n || memcmp(s->p + s->n - n, end, n) != 0)
		return false;
	s->n -= n;
	*s = trim(*s);
	return true;
}

/* Where a comment that an opener before the mark began ends behind it; s is cut there. */
static struct qf_str cut_comment(struct qf_str before, struct qf_str *s)
{
	static const char *const pairs[][2] = { { "/*", "*/" }, { "<!--", "-->" }, { "{#", "#}" }, { "<%--", "--%>" },
						{ "(*", "*)" }, { "{-", "-}" } };
	struct qf_str rest = { s->p + s->n, 0 };

	for (size_t i = 0; i < QF_LEN(pairs); i++) {
		const char *end;

		if (!memmem(before.p, before.n, pairs[i][0], strlen(pairs[i][0])))
			continue;
		end = memmem(s->p, s->n, pairs[i][1], strlen(pairs[i][1]));
		if (!end)
			continue;
		rest.p = end + strlen(pairs[i][1]);
		rest.n = (size_t)(s->p + s->n - rest.p);
		s->n = (size_t)(end - s->p);
		break;
	}
	*s = trim(*s);
	return trim(rest);
}

/* A reason ends where its comment or the string around it ends: in a notebook each line of code is a string. */
static struct qf_str cut_reason(struct qf_str s)
{
	static const char *const ends[] = { "*/", "-->", "--%>", "*)", "%>", "#}", "-}", "\"\"\"", "'''", "\\n\",", "\\n\"" };
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < QF_LEN(ends); i++)
			more |= cut_end(&s, ends[i]);
	}
	return s;
}

/* Nothing, or what begins a comment or goes on in it, maybe as a line of a notebook. */
static bool is_leader(struct qf_str s)
{
	static const char *const words[] = { "rem", "@rem", "dnl", "..", "::", "<!--", "<%--", "<%#", "{#", "{-", "(*", "\"\"\"",
					     "'''", "'" };
	static const char repeated[] = "#/*-;%!";

	s = trim(s);
	if (s.n > 1 && s.p[0] == '"' && s.p[1] != '"')
		s = trim((struct qf_str){ s.p + 1, s.n - 1 });
	for (size_t i = 0; i < QF_LEN(words); i++)
		if (is_name(s, words[i]))
			return true;
	for (size_t i = 0; i < s.n; i++)
		if (!memchr(repeated, s.p[i], sizeof(repeated) - 1))
			return false;
	return s.n != 1 || (*s.p != '-' && *s.p != '/');
}

/* The mark with no letter or digit before it and a blank behind. */
static const char *find_mark(struct qf_str line)
{
	const char *end = line.p + line.n, *p = line.p;
	size_t n = strlen(QF_ALLOW_MARK);

	while (p < end && (p = memmem(p, (size_t)(end - p), QF_ALLOW_MARK, n))) {
		if ((p == line.p || (!qf_rules_is_identifier(p - 1, 1) && (p[-1] < '0' || p[-1] > '9'))) &&
		    (p + n == end || is_blank(p[n])))
			return p;
		p += n;
	}
	return NULL;
}

/* Takes the next name off the list, which is cut at commas. */
static struct qf_str next_name(struct qf_str *list)
{
	const char *comma = memchr(list->p, ',', list->n);
	struct qf_str name = { list->p, comma ? (size_t)(comma - list->p) : list->n };
	size_t used = name.n + (comma != NULL);

	list->p += used;
	list->n -= used;
	return trim(name);
}

/* Cuts "until DATE" off the systems: the date, null where there is none. */
static struct qf_str cut_until(struct qf_str *systems)
{
	struct qf_str date = { 0 };

	for (size_t i = 1; i + 6 <= systems->n; i++) {
		const char *p = systems->p + i;

		if (is_blank(p[-1]) && !memcmp(p, "until", 5) && is_blank(p[5])) {
			date = trim((struct qf_str){ p + 5, systems->n - i - 5 });
			systems->n = i;
			break;
		}
	}
	*systems = trim(*systems);
	return date;
}

static bool knows_all(const struct qf_rules *r, struct qf_str systems)
{
	do {
		struct qf_str name = next_name(&systems);

		if (!name.n || !qf_rules_find(r, name))
			return false;
	} while (systems.n);
	return true;
}

struct qf_inline qf_inline_parse(const struct qf_rules *r, struct qf_str line, const char *today)
{
	const char *mark = line.n ? find_mark(line) : NULL, *dashes = NULL;
	struct qf_inline a = { .found = mark };
	struct qf_str before, text, rest, date;

	if (!mark)
		return a;
	before = (struct qf_str){ line.p, (size_t)(mark - line.p) };
	text.p = mark + strlen(QF_ALLOW_MARK);
	text.n = (size_t)(line.p + line.n - text.p);
	rest = cut_comment(before, &text);
	a.alone = !rest.n && is_leader(before);
	for (size_t i = 0; i + 2 <= text.n && !dashes; i++)
		if ((!i || is_blank(text.p[i - 1])) && text.p[i] == '-' && text.p[i + 1] == '-')
			dashes = text.p + i;
	a.systems = text;
	if (dashes) {
		a.systems.n = (size_t)(dashes - text.p);
		a.reason = cut_reason(trim((struct qf_str){ dashes + 2, (size_t)(text.p + text.n - dashes - 2) }));
	}
	date = cut_until(&a.systems);
	if (!a.reason.n)
		a.error = "no reason";
	else if (!knows_all(r, a.systems))
		a.error = "no such system";
	else if (date.p && !qf_rules_is_date(date))
		a.error = "not a date";
	else
		a.expired = date.p && qf_str_cmp(qf_str(today), date) > 0;
	return a;
}

bool qf_inline_allows(const struct qf_inline *a, const char *system)
{
	struct qf_str systems = a->systems;

	if (!a->found || a->error || a->expired)
		return false;
	do {
		if (is_name(next_name(&systems), system))
			return true;
	} while (systems.n);
	return false;
}
