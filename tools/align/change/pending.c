/* Findings of the plan: lines that would change, names that stay. */
#include <ctype.h>
#include <git2.h>
#include <strings.h>

#include "tools/align/change/plan.h"
#include "tools/align/rules/allow.h"

#define LONGEST_TEXT 240
/* Of the text that is shown, before the match. */
#define BEFORE_MATCH 100

/* A slice as UTF-8 in the result's memory: what is not, is read as Latin-1. */
static struct qf_str as_utf8(struct qf_plan *p, struct qf_str s)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	if (qf_utf8_valid(s.p, s.n))
		return qf_arena_dup(&p->result->arena, s.n ? s.p : "", s.n);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x80)
			qf_buf_addc(&out, (char)(0xc0 | c >> 6));
		qf_buf_addc(&out, (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
	}
	return qf_arena_dup_str(&p->result->arena, qf_buf_str(&out));
}

/* ---- a place in a text ---- */

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static unsigned columns(struct qf_str s)
{
	unsigned n = 0;
	bool utf8 = qf_utf8_valid(s.p, s.n);

	for (size_t i = 0; i < s.n; i++)
		n += !utf8 || !continues(s.p[i]);
	return n;
}

/* The line in which a byte is, without its end. */
static struct qf_str line_around(struct qf_str text, size_t at, unsigned *number)
{
	size_t start = 0;
	const char *nl;
	struct qf_str line;

	*number = 1;
	while ((nl = start < at ? memchr(text.p + start, '\n', at - start) : NULL)) {
		start = (size_t)(nl - text.p) + 1;
		++*number;
	}
	nl = text.n > at ? memchr(text.p + at, '\n', text.n - at) : NULL;
	line = (struct qf_str){ text.p + start, (nl ? (size_t)(nl - text.p) : text.n) - start };
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static uint64_t hash_of(struct qf_str line)
{
	struct qf_line_hash h = { 0 };
	uint64_t hash;

	qf_line_hash_start(&h);
	qf_line_hash_add(&h, line.p, line.n);
	hash = qf_line_hash_end(&h);
	qf_line_hash_release(&h);
	return hash;
}

/* The part of a line around [at, at + n) that is shown. */
static struct qf_str window(struct qf_str line, size_t at)
{
	size_t start, end;

	if (line.n <= LONGEST_TEXT)
		return line;
	start = at > BEFORE_MATCH ? at - BEFORE_MATCH : 0;
	if (start + LONGEST_TEXT > line.n)
		start = line.n - LONGEST_TEXT;
	end = start + LONGEST_TEXT;
	while (start < end && continues(line.p[start]))
		start++;
	while (end > start && end < line.n && continues(line.p[end]))
		end--;
	return (struct qf_str){ line.p + start, end - start };
}

/* All of a finding that its place decides. */
static struct qf_finding find(struct qf_plan *p, const char *path, struct qf_str text, size_t at, size_t n)
{
	struct qf_finding f = { .path = path, .hits = 1, .offset = at };
	struct qf_str line = line_around(text, at, &f.line), shown;
	size_t in_line = (size_t)(text.p + at - line.p);

	if (in_line + n > line.n)
		n = in_line < line.n ? line.n - in_line : 0;
	f.column = 1 + columns((struct qf_str){ line.p, in_line < line.n ? in_line : line.n });
	f.end_column = f.column + columns((struct qf_str){ line.p + in_line, n });
	f.match = as_utf8(p, (struct qf_str){ line.p + in_line, n });
	shown = window(line, in_line);
	f.cut = shown.n < line.n;
	f.text = as_utf8(p, shown);
	f.line_hash = hash_of(line);
	return f;
}

/* ---- names that stay ---- */

static bool in_token(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

static void allow_inline(struct qf_plan *p, struct qf_finding *f, struct qf_str text, size_t at)
{
	unsigned ignored;
	struct qf_str line = line_around(text, at, &ignored), above;
	struct qf_inline here = qf_inline_parse(p->rules, line, p->rules->today), before = { 0 };
	size_t start = (size_t)(line.p - text.p);

	if (start) {
		above = line_around(text, start - 1, &ignored);
		before = qf_inline_parse(p->rules, above, p->rules->today);
	}
	if (!qf_inline_allows(&here, f->rule) && before.alone)
		here = before;
	if (!qf_inline_allows(&here, f->rule))
		return;
	f->suppression = QF_BY_INLINE;
	f->reason = as_utf8(p, here.reason).p;
}

static void allow_by_rules(struct qf_plan *p, struct qf_finding *f, struct qf_str text, size_t at, size_t n)
{
	size_t end = at + n;
	struct qf_allowance *a;

	while (at > 0 && in_token(text.p[at - 1]))
		at--;
	while (end < text.n && in_token(text.p[end]))
		end++;
	a = qf_allow_find(p->rules, f->path, f->rule, (struct qf_str){ text.p + at, end - at });
	if (!a)
		return;
	__atomic_store_n(&a->used, true, __ATOMIC_RELAXED);
	f->suppression = a->tokens.n ? QF_BY_TOKEN : QF_BY_PATH;
	f->reason = a->reason;
}

void qf_plan_leftover(struct qf_plan *p, const char *path, struct qf_str text, const struct qf_leftover *leftover)
{
	struct qf_finding f = find(p, path, text, leftover->at, leftover->n);

	f.kind = QF_LEFTOVER;
	f.rule = leftover->rule;
	f.message = qf_arena_dup_str(&p->result->arena, qf_str(leftover->reason)).p;
	allow_inline(p, &f, text, leftover->at);
	if (f.suppression == QF_COUNTS)
		allow_by_rules(p, &f, text, leftover->at, leftover->n);
	qf_result_add(p->result, &f);
}

/* ---- lines that change ---- */

struct lines {
	struct qf_plan *p;
	const char *path;
	struct qf_str before;
	const struct qf_moving *move;
	const struct qf_document *const *documents;
	size_t n_documents;
	size_t *start;		/* of each line of before, from 1; and one behind the last */
	size_t n;
};

/* Does the word stand in the text as a whole one? */
static bool has_word(struct qf_str text, const char *word, bool any_case)
{
	size_t n = strlen(word);

	for (size_t i = 0; n && i + n <= text.n; i++) {
		if (any_case ? strncasecmp(text.p + i, word, n) != 0 : memcmp(text.p + i, word, n) != 0)
			continue;
		if ((i == 0 || !in_token(text.p[i - 1]) || text.p[i - 1] == '-') &&
		    (i + n == text.n || !in_token(text.p[i + n]) || text.p[i + n] == '-'))
			return true;
	}
	return false;
}

static const char *last_part(const char *dotted)
{
	const char *dot = strrchr(dotted, '.');

	return dot ? dot + 1 : dotted;
}

/* The rule whose old name stands in the text. */
static const char *rule_in(const struct lines *l, struct qf_str text)
{
	for (size_t i = 0; i < l->n_documents; i++)
		for (size_t k = 0; k < l->documents[i]->n; k++)
			if (has_word(text, l->documents[i]->words[k].from, true))
				return l->documents[i]->words[k].from;
	for (size_t phase = 0; phase < l->p->n_phases && !l->n_documents; phase++) {
		const struct qf_renames *r = &l->p->phases[phase].renames;

		for (size_t i = 0; i < r->n_symbols; i++)
			if (strcmp(r->symbols[i].name, r->symbols[i].to_name) != 0 &&
			    has_word(text, r->symbols[i].name, false))
				return r->symbols[i].rule;
		for (size_t i = 0; i < r->n_modules; i++)
			if (has_word(text, last_part(r->modules[i].from), false))
				return r->modules[i].rule;
	}
	return NULL;
}

static const char *any_rule(const struct lines *l)
{
	const struct qf_renames *r = &l->p->phases[l->p->n_phases - 1].renames;

	if (l->move)
		return l->move->rule->from;
	if (l->n_documents)
		return l->documents[0]->n ? l->documents[0]->words[0].from : "";
	return r->n_modules ? r->modules[0].rule : r->n_symbols ? r->symbols[0].rule : "";
}

static struct qf_str without_end(struct qf_str line)
{
	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static struct qf_str trimmed(struct qf_str line)
{
	line = without_end(line);
	while (line.n && isspace((unsigned char)*line.p))
		line.p++, line.n--;
	return window(line, 0);
}

static struct qf_str line_of(const git_diff_line *line)
{
	return line ? (struct qf_str){ line->content, line->content_len } : (struct qf_str){ 0 };
}

/* What differs between two lines, as a part of the old one that begins and ends with whole names. */
static struct qf_str difference(struct qf_str old, struct qf_str new)
{
	size_t a = 0, z = 0;

	while (a < old.n && a < new.n && old.p[a] == new.p[a])
		a++;
	while (z < old.n - a && z < new.n - a && old.p[old.n - 1 - z] == new.p[new.n - 1 - z])
		z++;
	while (a > 0 && a <= old.n && (in_token(old.p[a - 1]) || old.p[a - 1] == '.'))
		a--;
	while (z > 0 && in_token(old.p[old.n - z]))
		z--;
	return (struct qf_str){ old.p + a, old.n - z - a };
}

/* at: byte of the old line in the file. */
static void add_pending(const struct lines *l, size_t at, struct qf_str old, const struct qf_str *new)
{
	struct qf_plan *p = l->p;
	struct qf_str what = new ? difference(without_end(old), without_end(*new)) : trimmed(old), shown;
	struct qf_finding f = find(p, l->path, l->before, at + (size_t)(what.p - old.p), what.n);

	f.kind = QF_PENDING;
	f.rule = rule_in(l, what);
	if (!f.rule)
		f.rule = rule_in(l, old);
	if (!f.rule)
		f.rule = any_rule(l);
	shown = new ? as_utf8(p, trimmed(*new)) : (struct qf_str){ 0 };
	f.message = new ? qf_arena_printf(&p->result->arena, "becomes: %.*s", (int)shown.n, shown.p).p : "is removed";
	qf_result_add(p->result, &f);
}

/* n lines are added behind the line that ends before `at`, the first of them not blank being `first`. */
static void add_insertion(const struct lines *l, size_t at, size_t n, struct qf_str first)
{
	struct qf_plan *p = l->p;
	struct qf_finding f = find(p, l->path, l->before, at ? at - 1 : 0, 0);
	struct qf_str shown = as_utf8(p, trimmed(first));

	f.kind = QF_PENDING;
	f.rule = any_rule(l);
	f.message = n == 1 ? qf_arena_printf(&p->result->arena, "a line is added %s: %.*s", at ? "behind" : "before", (int)shown.n,
					     shown.p).p :
			     qf_arena_printf(&p->result->arena, "%zu lines are added %s: %.*s ..", n, at ? "behind" : "before",
					     (int)shown.n, shown.p).p;
	qf_result_add(p->result, &f);
}

/* One place of the diff: lines that go, and lines that come for them. */
static void add_hunk(const struct lines *l, git_patch *patch, size_t number, size_t lines)
{
	QF_AUTO_FREE const git_diff_line **gone = qf_calloc(lines + 1, sizeof(*gone)),
					 **come = qf_calloc(lines + 1, sizeof(*come));
	size_t n_gone = 0, n_come = 0;
	const git_diff_line *line, *first = NULL;
	const git_diff_hunk *hunk;
	size_t at = 0;

	if (git_patch_get_hunk(&hunk, NULL, patch, number))
		return;
	for (size_t i = 0; i < lines; i++) {
		if (git_patch_get_line_in_hunk(&line, patch, number, i))
			continue;
		if (line->origin == GIT_DIFF_LINE_DELETION)
			gone[n_gone++] = line;
		else if (line->origin == GIT_DIFF_LINE_ADDITION)
			come[n_come++] = line;
	}
	for (size_t i = 0; i < n_gone; i++) {
		struct qf_str new = line_of(i < n_come ? come[i] : NULL);

		add_pending(l, l->start[gone[i]->old_lineno], line_of(gone[i]), i < n_come ? &new : NULL);
	}
	if (n_come <= n_gone)
		return;
	/* Without lines that go, old_start is the line behind which the others come. */
	at = l->start[n_gone ? gone[n_gone - 1]->old_lineno + 1 : hunk->old_start + 1];
	for (size_t i = n_gone; i < n_come && !first; i++)
		if (trimmed(line_of(come[i])).n)
			first = come[i];
	add_insertion(l, at, n_come - n_gone, line_of(first ? first : come[n_gone]));
}

void qf_plan_pending(struct qf_plan *p, const char *path, struct qf_str before, struct qf_str after,
		     const struct qf_moving *move, const struct qf_document *const *documents, size_t n)
{
	struct lines l = { p, path, before, move, documents, n, NULL, 1 };
	git_diff_options opts = GIT_DIFF_OPTIONS_INIT;
	git_patch *patch = NULL;
	size_t lines;

	if (qf_str_eq(before, after))
		return;
	for (size_t i = 0; i < before.n; i++)
		l.n += before.p[i] == '\n';
	l.start = qf_calloc(l.n + 2, sizeof(*l.start));
	l.n = 1;
	for (size_t i = 0; i < before.n; i++)
		if (before.p[i] == '\n')
			l.start[++l.n] = i + 1;
	l.start[l.n + 1] = before.n;
	/* Once a plan: it reads certificates, which takes longer than all the rest. */
	if (!p->git)
		git_libgit2_init();
	p->git = true;
	opts.context_lines = 0;
	opts.flags |= GIT_DIFF_FORCE_TEXT;
	if (git_patch_from_buffers(&patch, before.p, before.n, path, after.p, after.n, path, &opts) == 0)
		for (size_t i = 0; i < git_patch_num_hunks(patch); i++)
			if (git_patch_get_hunk(NULL, &lines, patch, i) == 0)
				add_hunk(&l, patch, i, lines);
	git_patch_free(patch);
	free(l.start);
}

void qf_plan_pending_end(struct qf_plan *p)
{
	if (p->git)
		git_libgit2_shutdown();
}

void qf_plan_move_finding(struct qf_plan *p, const struct qf_moving *m)
{
	const struct qf_move *rule = m->rule;
	struct qf_finding f = {
		.kind = QF_PENDING, .path = rule->from, .rule = rule->from, .hits = 1, .column = 1,
		.match = qf_str(rule->from), .text = qf_str(rule->from),
		.message = qf_arena_printf(&p->result->arena, "becomes %s", rule->to).p,
	};

	f.end_column = 1 + columns(f.match);
	f.line_hash = hash_of(f.text);
	qf_result_add(p->result, &f);
}
