/* Path patterns with the meaning that git gives them. Oracle: git check-ignore, see the unit test. */
#include <ctype.h>

#include "common/base/buf.h"
#include "tools/align/rules/sections.h"

struct glob {
	const char **part; /* between slashes; NULL: any number of folders. The last one is never NULL. */
	size_t n;
	bool folder;	   /* fits folders only */
};

struct qf_globs {
	struct glob *glob;
	size_t n;
	struct qf_arena arena;
};

static const struct {
	const char *name;
	int (*is)(int c);
} classes[] = {
	{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl },
	{ "digit", isdigit }, { "graph", isgraph }, { "lower", islower }, { "print", isprint },
	{ "punct", ispunct }, { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
};

/* p stands behind "[:": the number of the class and what follows its "]"; -1 where it is no class after all, -2 where
 * there is none of that name. */
static int find_class(const char *p, const char **after)
{
	const char *end = strchr(p, ']');

	if (!end || end == p || end[-1] != ':')
		return -1;
	*after = end + 1;
	for (size_t i = 0; i < QF_LEN(classes); i++)
		if (qf_str_is((struct qf_str){ p, (size_t)(end - 1 - p) }, classes[i].name))
			return (int)i;
	return -2;
}

/* p stands behind the "[". Whether c is in the set, and what follows it; *why where it is none. */
static bool set_fits(const char **at, unsigned char c, const char **why)
{
	const char *p = *at;
	bool negated = *p == '!' || *p == '^', in = false;

	p += negated;
	for (bool first = true; first || *p != ']'; first = false) {
		unsigned char low, high;
		int class = *p == '[' && p[1] == ':' ? find_class(p + 2, &p) : -1;

		if (class >= 0) {
			in |= c < 0x80 && classes[class].is(c);
			continue;
		}
		if (class == -2) {
			*why = "there is no such class of characters";
			return false;
		}
		p += *p == '\\';
		low = high = (unsigned char)*p;
		if (low && p[1] == '-' && p[2] && p[2] != ']') {
			p += 2;
			p += *p == '\\';
			high = (unsigned char)*p;
		}
		if (!high) {
			*why = "a set '[' has no end";
			return false;
		}
		if (high < low) {
			*why = "a range of characters runs backwards";
			return false;
		}
		in |= c >= low && c <= high;
		p++;
	}
	*at = p + 1;
	return in != negated;
}

/* Does what p begins with fit the one character? *p moves on. */
static bool one_fits(const char **p, char c)
{
	const char *why;

	switch (*(*p)++) {
	case '?':
		return true;
	case '[':
		return set_fits(p, (unsigned char)c, &why);
	case '\\':
		return *(*p)++ == c;
	default:
		return (*p)[-1] == c;
	}
}

/* A part of a pattern against a part of a path. Only the last star is ever tried again, which is enough. */
static bool part_fits(const char *p, const char *at, const char *end)
{
	const char *star = NULL, *from = NULL;

	while (at < end) {
		if (*p == '*') {
			star = ++p;
			from = at;
		} else if (*p && one_fits(&p, *at)) {
			at++;
		} else if (star) {
			p = star;
			at = ++from;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return !*p;
}

/* A pattern that fits a folder fits all that is below it: what is left of the path need not be looked at. */
static bool glob_fits(const struct glob *g, const char *path)
{
	const char *at = path, *again = NULL; /* NULL at: the path is used up */
	size_t i = 0, again_i = 0;

	while (i < g->n) {
		const char *end;

		if (!g->part[i]) {
			again_i = ++i;
			again = at;
			continue;
		}
		if (!at)
			return false;
		end = strchrnul(at, '/');
		if (part_fits(g->part[i], at, end)) {
			at = *end ? end + 1 : NULL;
			i++;
			continue;
		}
		if (!again)
			return false;
		end = strchrnul(again, '/');
		if (!*end)
			return false;
		at = again = end + 1;
		i = again_i;
	}
	return at || !g->folder;
}

bool qf_globs_match(const struct qf_globs *g, const char *path)
{
	for (size_t i = 0; g && i < g->n; i++)
		if (glob_fits(&g->glob[i], path))
			return true;
	return false;
}

/* ---- building ---- */

static const char *part_error(const char *p)
{
	const char *why = NULL;

	if (!*p)
		return "a part between slashes is empty";
	if (!strcmp(p, ".") || !strcmp(p, ".."))
		return "patterns begin at the root and have no '.' or '..'";
	while (*p && !why) {
		char c = *p++;

		if (c == '[')
			set_fits(&p, 0, &why);
		else if (c == '\\' && !*p++)
			return "nothing follows the '\\'";
	}
	return why;
}

/* The pattern with its parts in the arena; what is wrong with it, or NULL. */
static const char *glob_build(struct glob *g, const char *pattern, struct qf_arena *arena)
{
	struct qf_str text = qf_arena_dup_str(arena, qf_str(pattern));
	char *p = (char *)text.p, *end = p + text.n;
	bool floats;

	if (!*p)
		return "it is empty";
	if (*p == '!')
		return "there are no exceptions by '!'; write '\\!' for the character";
	floats = *p != '/';
	p += !floats;
	g->folder = end > p && end[-1] == '/';
	if (g->folder)
		*--end = '\0';
	floats = floats && !strchr(p, '/');
	g->part = qf_arena_alloc(arena, (text.n + 2) * sizeof(*g->part));
	if (floats)
		g->part[g->n++] = NULL;
	for (char *next; p; p = next) {
		const char *why;

		next = strchr(p, '/');
		if (next)
			*next++ = '\0';
		why = part_error(p);
		if (why)
			return why;
		/* At the end, what any one part fits is whole: what is below it is covered. */
		g->part[g->n++] = strcmp(p, "**") != 0 ? p : next ? NULL : "*";
	}
	return NULL;
}

const char *qf_rules_glob_error(const char *pattern)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct glob g = { 0 };

	return glob_build(&g, pattern, &arena);
}

struct qf_globs *qf_globs_new(const char *const *patterns, size_t n, struct qf_err *err)
{
	struct qf_globs *g = qf_calloc(1, sizeof(*g));

	g->glob = qf_arena_zalloc(&g->arena, (n ? n : 1) * sizeof(*g->glob));
	for (; g->n < n; g->n++) {
		const char *why = glob_build(&g->glob[g->n], patterns[g->n], &g->arena);

		if (why) {
			qf_err_set(err, QF_E_CONFIG, "path pattern '%s': %s", patterns[g->n], why);
			qf_globs_free(g);
			return NULL;
		}
	}
	return g;
}

void qf_globs_free(struct qf_globs *g)
{
	if (!g)
		return;
	qf_arena_release(&g->arena);
	free(g);
}
