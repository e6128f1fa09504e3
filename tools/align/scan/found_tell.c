/* A line that is done becomes findings; inline allowances. */
#include "tools/align/scan/found.h"
#include "tools/align/scan/text.h"

/* ---- text of a finding ---- */

static bool goes_on(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Bytes of the character that begins at p[at], at most n - at; 1 in latin-1. */
static size_t char_at(const char *p, size_t n, size_t at, bool valid)
{
	size_t end = at + 1;

	while (valid && end < n && goes_on(p[end]))
		end++;
	return end - at;
}

/* Bytes that the character takes as UTF-8. */
static size_t written(const char *p, size_t at, size_t bytes, bool valid)
{
	return valid ? bytes : 1 + ((unsigned char)p[at] >= 0x80);
}

struct part {
	size_t from, to, size; /* size: as UTF-8 */
};

/* One character more at the left or right, if it fits; false at an end. */
static bool more_left(const struct qf_found_rule *r, struct part *part, size_t most, bool valid)
{
	size_t at = part->from, size;

	if (!at)
		return false;
	at--;
	while (valid && at && goes_on(r->near[at]))
		at--;
	if (valid && goes_on(r->near[at]))
		return false; /* near begins within a character */
	size = written(r->near, at, part->from - at, valid);
	if (part->size + size > most)
		return false;
	part->from = at;
	part->size += size;
	return true;
}

static bool more_right(const struct qf_found_rule *r, struct part *part, size_t most, bool valid)
{
	size_t bytes, size;

	if (part->to >= r->near_n)
		return false;
	bytes = char_at(r->near, r->near_n, part->to, valid);
	size = written(r->near, part->to, bytes, valid);
	if (part->size + size > most || (valid && r->near_cut && part->to + bytes == r->near_n &&
					 !qf_utf8_valid(r->near + part->to, bytes)))
		return false;
	part->to += bytes;
	part->size += size;
	return true;
}

/* The line around its first hit, and whether that is not all of it. */
static struct qf_str text_of(struct qf_found *f, const struct qf_found_rule *r, bool valid, bool *cut)
{
	struct part part = { .from = r->near_at, .to = r->near_at };
	size_t match_end = r->near_at + r->match.n, half;

	/* A pattern may begin with bytes that go on with a character. */
	while (valid && part.from && goes_on(r->near[part.from]))
		part.to = --part.from;
	while (part.to < match_end && more_right(r, &part, QF_FOUND_TEXT, valid))
		;
	half = part.size + (QF_FOUND_TEXT - part.size) / 2;
	while (more_left(r, &part, half, valid))
		;
	while (more_right(r, &part, QF_FOUND_TEXT, valid))
		;
	while (more_left(r, &part, QF_FOUND_TEXT, valid))
		;
	*cut = r->near_cut || part.from || part.to < r->near_n;
	qf_buf_reset(&f->scratch);
	qf_text_add(&f->scratch, r->near + part.from, part.to - part.from, valid);
	return qf_arena_dup_str(f->arena, qf_buf_str(&f->scratch));
}

static struct qf_str match_of(struct qf_found *f, const struct qf_found_rule *r)
{
	if (qf_utf8_valid(r->match.p, r->match.n))
		return r->match;
	qf_buf_reset(&f->scratch);
	qf_text_add(&f->scratch, r->match.p, r->match.n, false);
	return qf_arena_dup_str(f->arena, qf_buf_str(&f->scratch));
}

/* ---- allowances ---- */

static void mark_end(struct qf_found *f, struct qf_found_mark *m)
{
	if (!m->is.found)
		return;
	if (m->is.error)
		qf_result_note(&f->notes, QF_NOTE_STALE, f->path, m->number, "this allowance does not count: %s",
			       m->is.error);
	else if (m->is.expired)
		qf_result_note(&f->notes, QF_NOTE_STALE, f->path, m->number, "this allowance has expired");
	else if (!m->needed)
		qf_result_note(&f->notes, QF_NOTE_STALE, f->path, m->number, "nothing needs this allowance of %.*s, take it out",
			       QF_STR_ARG(m->is.systems));
	m->is.found = false;
}

/* Does one of the marks allow it? */
static bool by_mark(struct qf_found_mark *m, const struct qf_found_rule *r, struct qf_finding *finding)
{
	if (!qf_inline_allows(&m->is, finding->rule))
		return false;
	finding->suppression = QF_BY_INLINE;
	finding->reason = m->is.reason.p;
	m->needed = m->needed || r->needed;
	return true;
}

static void suppress(struct qf_found *f, const struct qf_found_rule *r, struct qf_finding *finding)
{
	if (by_mark(&f->mark, r, finding))
		return;
	if (f->above.number + 1 == f->number && by_mark(&f->above, r, finding))
		return;
	if (r->covered) {
		finding->suppression = r->allowance->tokens.n ? QF_BY_TOKEN : QF_BY_PATH;
		finding->reason = r->allowance->reason;
	}
}

/* ---- findings ---- */

static void tell_rule(struct qf_found *f, unsigned index, bool valid, uint64_t hash)
{
	const struct qf_rules *rules = f->opts->rules;
	const struct qf_found_rule *r = &f->rules[index];
	bool system = index < rules->n_systems;
	struct qf_finding finding = {
		.kind = system ? QF_FORBIDDEN : QF_LEFTOVER,
		.category = f->number ? QF_CAT_NONE : QF_CAT_PATH,
		.path = f->arena_path,
		.rule = system ? rules->systems[index].name
			       : f->opts->names->text_rules[index - rules->n_systems],
		.line = f->number,
		.column = (unsigned)((valid ? r->chars : r->bytes) + 1),
		.hits = r->hits,
		.offset = f->number ? r->start : 0,
		.line_hash = hash,
		.match = match_of(f, r),
		.message = system ? rules->systems[index].hint
				  : f->opts->names->text_messages[index - rules->n_systems],
	};

	finding.end_column = finding.column + (unsigned)(valid ? r->match_chars : r->match.n);
	finding.text = text_of(f, r, valid, &finding.cut);
	suppress(f, r, &finding);
	QF_GROW(f->findings, f->n, f->cap);
	f->findings[f->n++] = finding;
}

void qf_found_tell(struct qf_found *f, size_t end)
{
	bool valid = f->gone.valid && qf_utf8_valid(f->p + f->lo, end - f->lo);

	if (!f->gone.known)
		qf_line_hash_start(&f->hash);
	qf_line_hash_add(&f->hash, f->p + f->lo, end - f->lo);
	if (f->above.is.found && f->above.number + 1 != f->number)
		mark_end(f, &f->above);
	if (f->n_touched && !f->arena_path)
		f->arena_path = qf_arena_dup_str(f->arena, qf_str(f->path)).p;
	if (f->n_touched) {
		uint64_t hash = qf_line_hash_end(&f->hash);

		for (unsigned i = 0; i < f->n_touched; i++)
			tell_rule(f, f->touched[i], valid, hash);
	}
	if (f->mark.is.alone && !f->mark.is.error && !f->mark.is.expired) {
		mark_end(f, &f->above);
		f->above = f->mark;
	} else {
		mark_end(f, &f->mark);
	}
}

void qf_found_file_end(struct qf_found *f)
{
	mark_end(f, &f->above);
}
