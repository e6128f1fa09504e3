/* Inside a block. First code and tags, which hide all else; then links, whose brackets pair up by a stack. */
#include <ctype.h>
#include <strings.h>

#include "common/base/mem.h"
#include "tools/align/change/markdown_inline.h"

/* An address that is longer is none, so that no input makes us look far again and again. */
#define LONGEST_ADDRESS 4096

void qf_definitions_add(struct qf_definitions *d, struct qf_str label)
{
	QF_GROW(d->items, d->n, d->cap);
	d->items[d->n++] = label;
}

static bool is_defined(const struct qf_definitions *d, struct qf_str label)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->items[i].n == label.n && strncasecmp(d->items[i].p, label.p, label.n) == 0)
			return true;
	return false;
}

/* What is sought behind some place and was not there is not behind a later one either. */
enum sought { CLOSE_ANGLE, CLOSE_COMMENT, CLOSE_TAG, SOUGHT = CLOSE_TAG + 8 };

struct inside {
	const char *p;		/* the text; offsets are into it */
	size_t at, end;
	uint8_t *kind;
	bool absent[SOUGHT];
	bool no_run[64];	/* no run of so many backticks further on */
};

static void mark(struct inside *in, size_t at, size_t end, enum qf_prose kind)
{
	for (size_t i = at; i < end; i++)
		if (in->kind[i] == QF_PROSE)
			in->kind[i] = (uint8_t)kind;
}

/* Behind the next `what` at or after `from`, or 0. */
static size_t find(struct inside *in, enum sought which, size_t from, const char *what)
{
	size_t n = strlen(what);

	if (in->absent[which])
		return 0;
	for (size_t i = from; i + n <= in->end; i++)
		if (strncasecmp(in->p + i, what, n) == 0)
			return i + n;
	in->absent[which] = true;
	return 0;
}

static size_t run_at(const struct inside *in, size_t i)
{
	size_t n = 0;

	while (i + n < in->end && in->p[i + n] == '`')
		n++;
	return n;
}

/* Returns where to go on. */
static size_t backticks(struct inside *in, size_t i)
{
	size_t n = run_at(in, i);

	if (n >= QF_LEN(in->no_run) || in->no_run[n])
		return i + n;
	for (size_t k = i + n; k < in->end;) {
		size_t m = run_at(in, k);

		if (m == n) {
			mark(in, i, k + m, QF_PROSE_CODE);
			return k + m;
		}
		k += m ? m : 1;
	}
	in->no_run[n] = true;
	return i + n;
}

static size_t tag(struct inside *in, size_t i)
{
	static const char *const code[] = { "code", "pre", "kbd", "samp", "tt", "script", "style", "a" };
	static const char *const closes[] = { "</code>", "</pre>", "</kbd>", "</samp>", "</tt>", "</script>", "</style>", "</a>" };
	size_t end, n = 0, close;

	_Static_assert(QF_LEN(code) <= SOUGHT - CLOSE_TAG, "a place for each");
	if (in->end - i >= 4 && memcmp(in->p + i, "<!--", 4) == 0) {
		end = find(in, CLOSE_COMMENT, i + 4, "-->");
		if (!end)
			return i + 4;
		mark(in, i, end, QF_PROSE_CODE);
		return end;
	}
	if (i + 1 >= in->end || !(isalpha((unsigned char)in->p[i + 1]) || strchr("/!?", in->p[i + 1])))
		return i + 1;
	end = find(in, CLOSE_ANGLE, i + 1, ">");
	if (!end)
		return i + 1;
	mark(in, i, end, QF_PROSE_CODE);
	while (isalpha((unsigned char)in->p[i + 1 + n]))
		n++;
	for (unsigned k = 0; k < QF_LEN(code); k++) {
		if (n != strlen(code[k]) || strncasecmp(in->p + i + 1, code[k], n) != 0)
			continue;
		close = find(in, CLOSE_TAG + k, end, closes[k]);
		if (!close)
			return end;
		mark(in, end, close, strcmp(code[k], "a") == 0 ? QF_PROSE_LINK : QF_PROSE_CODE);
		return close;
	}
	return end;
}

/* Behind the ) of an address that begins at the ( at i, or 0. */
static size_t address(const struct inside *in, size_t i)
{
	size_t last = in->end - i > LONGEST_ADDRESS ? i + LONGEST_ADDRESS : in->end;
	unsigned depth = 0;

	for (size_t k = i; k < last; k++) {
		if (in->p[k] == '\\')
			k++;
		else if (in->p[k] == '(')
			depth++;
		else if (in->p[k] == ')' && --depth == 0)
			return k + 1;
	}
	return 0;
}

/* The text between brackets at open and close. Returns behind the link that they make, or 0. */
static size_t link_end(struct inside *in, size_t open, size_t close, const struct qf_definitions *definitions)
{
	struct qf_str label = { in->p + open + 1, close - open - 1 };
	size_t end = 0;

	if (label.n && label.p[0] == '^') {
		mark(in, open, close + 1, QF_PROSE_CODE);
		return close + 1;
	}
	if (close + 1 < in->end && in->p[close + 1] == '(')
		end = address(in, close + 1);
	if (close + 1 < in->end && in->p[close + 1] == '[') {
		size_t far = in->end - close > LONGEST_ADDRESS ? LONGEST_ADDRESS : in->end - close - 1;
		const char *bracket = memchr(in->p + close + 1, ']', far);

		end = bracket ? (size_t)(bracket - in->p) + 1 : 0;
	}
	/* [[page]], as wikis have it. */
	if (!end && open > in->at && in->p[open - 1] == '[' && close + 1 < in->end && in->p[close + 1] == ']')
		end = close + 2;
	if (!end && is_defined(definitions, label))
		end = close + 1;
	if (!end)
		return 0;
	mark(in, open, close + 1, QF_PROSE_LINK);
	mark(in, close + 1, end, QF_PROSE_CODE);
	return end;
}

static void links(struct inside *in, const struct qf_definitions *definitions)
{
	size_t *open = NULL, n = 0, cap = 0;

	for (size_t i = in->at; i < in->end; i++) {
		size_t end, last;

		if (in->kind[i] == QF_PROSE_CODE)
			continue;
		if (in->p[i] == '\\') {
			i++;
		} else if (in->p[i] == '[') {
			QF_GROW(open, n, cap);
			open[n++] = i;
		} else if (in->p[i] == ']' && n) {
			last = open[--n];
			end = link_end(in, last, i, definitions);
			if (!end)
				continue;
			/*
			 * No link is in a link, but a picture is: of what is open only the nearest may still
			 * become one.
			 */
			if (n && last > in->at && in->p[last - 1] == '!') {
				open[0] = open[n - 1];
				n = 1;
			} else {
				n = 0;
			}
			i = end - 1;
		}
	}
	free(open);
}

void qf_markdown_inline(struct qf_str text, const struct qf_block *block, const struct qf_definitions *definitions,
			uint8_t *kind)
{
	struct inside in = { .p = text.p, .at = block->at, .end = block->end, .kind = kind };

	for (size_t i = in.at; i < in.end;) {
		if (text.p[i] == '\\')
			i += 2;
		else if (text.p[i] == '`')
			i = backticks(&in, i);
		else if (text.p[i] == '<')
			i = tag(&in, i);
		else
			i++;
	}
	links(&in, definitions);
}
