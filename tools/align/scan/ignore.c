/* .gitignore files. */
#include <ctype.h>

#include "tools/align/scan/ignore.h"

enum { LONGEST = 4096 }; /* bytes of a pattern; paths are not longer */

/* ---- patterns against paths; the rules are those of git's wildmatch with its flag for path names ---- */

struct text {
	const char *p, *end;
};

static const struct {
	const char *name;
	int (*is)(int c);
} classes[] = {
	{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl },
	{ "digit", isdigit }, { "graph", isgraph }, { "lower", islower }, { "print", isprint },
	{ "punct", ispunct }, { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
};

/* "[:name:]" at p: 1 it holds c, 0 not, -1 there is no such class. *after: what follows it, p where it is no class. */
static int class_fits(struct text p, unsigned char c, const char **after)
{
	const char *end = p.p + 2 < p.end ? memchr(p.p + 2, ']', (size_t)(p.end - p.p - 2)) : NULL;

	*after = p.p;
	if (!end || end - p.p < 3 || end[-1] != ':')
		return 0;
	*after = end + 1;
	for (size_t i = 0; i < QF_LEN(classes); i++)
		if (qf_str_is((struct qf_str){ p.p + 2, (size_t)(end - 1 - p.p - 2) }, classes[i].name))
			return c < 0x80 && classes[i].is(c) ? 1 : 0;
	return -1;
}

/* p stands behind "["; 1 fits, 0 not, -1 it is no set, and so nothing fits the pattern. */
static int set_fits(struct text *p, unsigned char c)
{
	bool negated = p->p < p->end && (*p->p == '!' || *p->p == '^'), in = false;

	p->p += negated;
	for (bool first = true;; first = false) {
		unsigned char low, high;

		if (p->p == p->end)
			return -1;
		if (*p->p == ']' && !first)
			break;
		if (*p->p == '[' && p->end - p->p > 1 && p->p[1] == ':') {
			const char *after;
			int is = class_fits(*p, c, &after);

			if (is < 0)
				return -1;
			if (after != p->p) {
				in |= is;
				p->p = after;
				continue;
			}
		}
		if (*p->p == '\\' && ++p->p == p->end)
			return -1;
		low = high = (unsigned char)*p->p++;
		if (p->end - p->p > 1 && *p->p == '-' && p->p[1] != ']') {
			p->p++;
			if (*p->p == '\\' && ++p->p == p->end)
				return -1;
			high = (unsigned char)*p->p++;
		}
		in |= c >= low && c <= high;
	}
	p->p++;
	return in != negated && c != '/';
}

/*
 * limit bounds the work, as stars in stars would take for ever: who writes such a pattern gets "does not fit", so that
 * more is looked at than wanted.
 */
static bool fits(struct text p, struct text t, const char *start, unsigned *limit)
{
	for (; p.p < p.end; t.p++) {
		char c = *p.p++;

		if (!--*limit)
			return false;
		if (c == '*') {
			bool deep = false;

			if (p.p < p.end && *p.p == '*') {
				const char *before = p.p - 1;

				while (p.p < p.end && *p.p == '*')
					p.p++;
				deep = (before == start || before[-1] == '/') && (p.p == p.end || *p.p == '/');
			}
			if (deep && p.p < p.end && fits((struct text){ p.p + 1, p.end }, t, start, limit))
				return true; /* no folder at all */
			if (p.p == p.end)
				return deep || !memchr(t.p, '/', (size_t)(t.end - t.p));
			for (; *limit; t.p++) {
				if (fits(p, t, start, limit))
					return true;
				if (t.p == t.end || (!deep && *t.p == '/'))
					return false;
			}
			return false;
		}
		if (t.p == t.end)
			return false;
		if (c == '?') {
			if (*t.p == '/')
				return false;
		} else if (c == '[') {
			if (set_fits(&p, (unsigned char)*t.p) != 1)
				return false;
		} else {
			if (c == '\\') {
				if (p.p == p.end)
					return false;
				c = *p.p++;
			}
			if (c != *t.p)
				return false;
		}
	}
	return t.p == t.end;
}

/* ---- files ---- */

/* Blanks at the end go, but for one behind a backslash. */
static struct qf_str trim(struct qf_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			n = ++i + 1;
		else if (s.p[i] != ' ')
			n = i + 1;
	}
	return (struct qf_str){ s.p, n };
}

static bool parse_line(struct qf_str line, struct qf_ignore_rule *rule)
{
	*rule = (struct qf_ignore_rule){ 0 };
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n && *line.p == '#')
		return false;
	line = trim(line);
	rule->negated = line.n && *line.p == '!';
	line.p += rule->negated;
	line.n -= rule->negated;
	rule->folder = line.n && line.p[line.n - 1] == '/';
	line.n -= rule->folder;
	rule->name = !memchr(line.p, '/', line.n);
	if (line.n && *line.p == '/') {
		line.p++;
		line.n--;
	}
	rule->pattern = line;
	return line.n && line.n <= LONGEST;
}

void qf_ignore_parse(struct qf_str text, struct qf_arena *arena, struct qf_ignore *ret)
{
	size_t most = 1;

	text = qf_arena_dup(arena, text.p, text.n);
	if (qf_str_starts(text, "\xef\xbb\xbf")) {
		text.p += 3;
		text.n -= 3;
	}
	for (size_t i = 0; i < text.n; i++)
		most += text.p[i] == '\n';
	ret->rule = qf_arena_alloc(arena, most * sizeof(*ret->rule));
	ret->n = 0;
	while (text.n) {
		const char *feed = memchr(text.p, '\n', text.n);
		struct qf_str line = { text.p, feed ? (size_t)(feed - text.p) : text.n };

		ret->n += parse_line(line, &ret->rule[ret->n]);
		text.p += line.n + (feed != NULL);
		text.n -= line.n + (feed != NULL);
	}
}

static bool rule_fits(const struct qf_ignore_rule *rule, struct qf_str path, bool folder)
{
	struct text p = { rule->pattern.p, rule->pattern.p + rule->pattern.n }, t = { path.p, path.p + path.n };
	const char *slash = rule->name ? memrchr(path.p, '/', path.n) : NULL;
	unsigned limit = 1 << 20;

	if (rule->folder && !folder)
		return false;
	if (slash)
		t.p = slash + 1;
	return fits(p, t, p.p, &limit);
}

bool qf_ignore_fits(const struct qf_ignore *level, struct qf_str path, bool folder)
{
	for (; level; level = level->up) {
		struct qf_str rest = { path.p + level->base, path.n - level->base };

		for (size_t i = level->n; i-- > 0;)
			if (rule_fits(&level->rule[i], rest, folder))
				return !level->rule[i].negated;
	}
	return false;
}
