/* Lines that hold matches. */
#include "common/base/mem.h"
#include "tools/align/python/source.h"
#include "tools/align/scan/found.h"
#include "tools/align/scan/text.h"

enum {
	TOKEN_SIDE = 1024,  /* how far a token is followed to each side */
	AGAIN = 64 << 10,   /* bytes that are read again at once */
};

void qf_found_init(struct qf_found *f, const struct qf_scan_opts *opts, const struct qf_found_groups *groups,
		   struct qf_arena *arena)
{
	size_t n = opts->rules->n_systems + (opts->names ? opts->names->text.n : 0);

	*f = (struct qf_found){ .opts = opts, .groups = *groups, .arena = arena };
	f->rules = qf_calloc(n + 1, sizeof(*f->rules));
	f->touched = qf_calloc(n + 1, sizeof(*f->touched));
}

void qf_found_release(struct qf_found *f)
{
	free(f->rules);
	free(f->touched);
	free(f->findings);
	free(f->used);
	qf_line_hash_release(&f->hash);
	qf_buf_release(&f->scratch);
	qf_result_release(&f->notes);
}

static void forget_rules(struct qf_found *f)
{
	while (f->n_touched)
		f->rules[f->touched[--f->n_touched]].hits = 0;
}

void qf_found_file(struct qf_found *f, const char *path, const char *p, const struct qf_input *input)
{
	f->input = input;
	f->lost = false;
	f->path = path;
	f->arena_path = NULL;
	f->head = (struct qf_str){ 0 };
	f->language = QF_FOUND_UNASKED;
	f->old_python_name = false;
	f->n = f->n_used = f->notes.n_notes = 0;
	qf_arena_reset(&f->notes.arena);
	f->p = p;
	f->base = 0;
	f->counted = 0;
	f->number = 1;
	f->open = false;
	forget_rules(f);
	f->mark = f->above = (struct qf_found_mark){ 0 };
}

/* ---- lines ---- */

static void open_line(struct qf_found *f, size_t lo, size_t hi)
{
	if (f->number)
		f->number += (unsigned)qf_text_lines(f->p + f->counted, lo - f->counted);
	f->counted = lo;
	f->open = true;
	f->lo = lo;
	f->hi = hi;
	f->gone.any = f->gone.known = false;
	f->gone.valid = true;
	f->gone.bytes = f->gone.chars = 0;
	f->mark = (struct qf_found_mark){ 0 };
}

static void close_line(struct qf_found *f)
{
	size_t end = f->hi;

	f->open = false;
	/* The CR of a CRLF is not of the line; of a last line without a line feed it is. */
	if (end > f->lo && f->p[end - 1] == '\r' && f->p[end] == '\n')
		end--;
	if (f->n_touched || f->mark.is.found)
		qf_found_tell(f, end);
	forget_rules(f);
}

void qf_found_more(struct qf_found *f, size_t at, size_t have)
{
	const char *feed;

	if (!f->open || f->hi != SIZE_MAX)
		return;
	feed = memchr(f->p + at, '\n', have - at);
	if (feed)
		f->hi = (size_t)(feed - f->p);
}

void qf_found_lines_end(struct qf_found *f, size_t to, bool eof)
{
	if (f->open) {
		if (f->hi == SIZE_MAX && eof)
			f->hi = to;
		if (f->hi != SIZE_MAX)
			close_line(f);
	}
	if (eof)
		return;
	f->number += (unsigned)qf_text_lines(f->p + f->counted, to - f->counted);
	f->counted = to;
}

/* Bytes of the line that are not in the buffer, or will not be. */
static void add_gone(struct qf_found *f, const char *p, size_t n)
{
	if (!f->gone.known)
		qf_line_hash_start(&f->hash);
	f->gone.known = true;
	qf_line_hash_add(&f->hash, p, n);
	f->gone.chars += qf_text_chars(p, n);
	f->gone.valid = f->gone.valid && qf_utf8_valid(p, n);
}

/* At most n, and between characters where it is UTF-8. */
static size_t whole_chars(const char *p, size_t n)
{
	size_t cut = n;

	for (int i = 0; i < 3 && cut > 1 && ((unsigned char)p[cut] & 0xc0) == 0x80; i++)
		cut--;
	return cut;
}

/* A line that is larger than the buffer has its first match: what has left the buffer is read once more. */
static void recall_gone(struct qf_found *f)
{
	uint64_t at = f->base + f->lo - f->gone.bytes, end = f->base + f->lo;

	if (!f->gone.any || f->gone.known)
		return;
	while (at < end) {
		size_t n = end - at > AGAIN ? AGAIN : (size_t)(end - at);
		char *p;

		qf_buf_reset(&f->scratch);
		p = qf_buf_room(&f->scratch, AGAIN + 1);
		if (!qf_input_again(f->input, at, p, n)) {
			f->lost = true;
			return;
		}
		if (at + n < end)
			n = whole_chars(p, n - 1);
		add_gone(f, p, n);
		at += n;
	}
}

size_t qf_found_leave(struct qf_found *f, size_t from, size_t keep)
{
	if (!f->open)
		open_line(f, from, SIZE_MAX);
	keep = f->lo + whole_chars(f->p + f->lo, keep - f->lo);
	f->gone.any = true;
	f->gone.bytes += keep - f->lo;
	/* Most such lines have no match, so that their hash is not needed; UTF-16 cannot be had again. */
	if (f->n_touched || f->input->wide)
		add_gone(f, f->p + f->lo, keep - f->lo);
	f->lo = keep;
	return keep;
}

void qf_found_moved(struct qf_found *f, size_t n)
{
	f->base += n;
	f->counted = f->counted > n ? f->counted - n : 0;
	if (f->open) {
		f->lo -= n;
		if (f->hi != SIZE_MAX)
			f->hi -= n;
	}
}

/* ---- matches ---- */

/* Where what is known of the line ends, without its line end. */
static size_t content_end(const struct qf_found *f, size_t have)
{
	size_t end = f->hi < have ? f->hi : have;

	return end > f->lo && f->hi < have && f->p[end] == '\n' && f->p[end - 1] == '\r' ? end - 1 : end;
}

static bool is_token_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static struct qf_str token_at(const struct qf_found *f, const struct qf_match *m, size_t end)
{
	size_t from = m->start, to = m->end;

	while (from > f->lo && m->start - from < TOKEN_SIDE && is_token_byte(f->p[from - 1]))
		from--;
	while (to < end && to - m->end < TOKEN_SIDE && is_token_byte(f->p[to]))
		to++;
	return (struct qf_str){ f->p + from, to - from };
}

static void use(struct qf_found *f, struct qf_allowance *a)
{
	for (size_t i = 0; i < f->n_used; i++)
		if (f->used[i] == a)
			return;
	if (!a)
		return;
	QF_GROW(f->used, f->n_used, f->cap_used);
	f->used[f->n_used++] = a;
}

static void ask_allowances(struct qf_found *f, struct qf_found_rule *r, const char *rule, struct qf_str token)
{
	struct qf_allowance *a;

	if (r->hits > 1 && r->token_n == token.n && memcmp(r->token, token.p, token.n) == 0)
		return; /* it was the same answer */
	a = qf_allow_find(f->opts->rules, f->path, rule, token);
	r->token_n = SIZE_MAX;
	if (token.n <= sizeof(r->token)) {
		memcpy(r->token, token.p, token.n);
		r->token_n = token.n;
	}
	if (r->hits == 1) {
		r->allowance = a;
		r->covered = true;
	}
	r->covered = r->covered && a;
	use(f, a);
}

static void first_hit(struct qf_found *f, struct qf_found_rule *r, const struct qf_match *m, size_t end)
{
	size_t shown = m->end - m->start < QF_FOUND_TEXT ? m->end : m->start + QF_FOUND_TEXT;
	size_t from = m->start - f->lo > QF_FOUND_TEXT ? m->start - QF_FOUND_TEXT : f->lo;
	size_t to = end - shown > QF_FOUND_TEXT ? shown + QF_FOUND_TEXT : end;

	r->needed = false;
	r->start = f->base + m->start;
	r->bytes = f->gone.bytes + (m->start - f->lo);
	r->chars = f->gone.chars + qf_text_chars(f->p + f->lo, m->start - f->lo);
	r->match_chars = qf_text_chars(f->p + m->start, m->end - m->start);
	r->match = qf_arena_dup(f->arena, f->p + m->start, m->end - m->start);
	memcpy(r->near, f->p + from, to - from);
	r->near_n = to - from;
	r->near_at = m->start - from;
	r->near_cut = f->gone.any || from > f->lo || to < end;
}

static void hit(struct qf_found *f, unsigned index, const char *rule, const struct qf_match *m, size_t end)
{
	struct qf_found_rule *r = &f->rules[index];
	uint64_t start = f->base + m->start;

	if (r->hits && start < r->last_end)
		return;
	if (!r->hits++) {
		recall_gone(f);
		f->touched[f->n_touched++] = index;
		first_hit(f, r, m, end);
	}
	r->last_end = f->base + m->end;
	if (!f->mark.is.found || start < f->mark.start || start >= f->mark.end)
		r->needed = true;
	if (f->opts->rules->n_allow)
		ask_allowances(f, r, rule, token_at(f, m, end));
	else
		r->covered = false;
}

/* An inline allowance; in a very long line what stands near it decides. */
static void mark(struct qf_found *f, const struct qf_match *m, size_t end)
{
	size_t from = m->start - f->lo > QF_FOUND_NEAR / 4 ? m->start - QF_FOUND_NEAR / 4 : f->lo;
	size_t to = end - m->start > QF_FOUND_NEAR / 2 ? m->start + QF_FOUND_NEAR / 2 : end;
	bool valid = qf_utf8_valid(f->p + from, to - from);
	struct qf_str line;

	if (f->mark.is.found)
		return;
	qf_buf_reset(&f->scratch);
	qf_text_add(&f->scratch, f->p + from, to - from, valid);
	line = qf_arena_dup_str(f->arena, qf_buf_str(&f->scratch));
	f->mark.is = qf_inline_parse(f->opts->rules, line, f->opts->today);
	f->mark.number = f->number;
	if (f->gone.any || from > f->lo || to < end)
		f->mark.is.alone = false;
	f->mark.start = f->base + m->start;
	f->mark.end = UINT64_MAX;
	if (valid && f->mark.is.reason.n)
		f->mark.end = f->base + from + (size_t)(f->mark.is.reason.p + f->mark.is.reason.n - line.p);
	f->mark.is.reason = qf_arena_dup_str(f->arena, f->mark.is.reason); /* with a NUL behind */
}

static bool is_python(struct qf_found *f)
{
	size_t n = strlen(f->path);

	if (f->language == QF_FOUND_UNASKED)
		f->language = (n > 6 && strcmp(f->path + n - 6, ".ipynb") == 0) || qf_py_is_python(f->path, f->head) ?
				      QF_FOUND_PYTHON :
				      QF_FOUND_OTHER;
	return f->language == QF_FOUND_PYTHON;
}

static bool is_name_byte(char c)
{
	return is_token_byte(c) && c != '-';
}

/*
 * Is it the whole name? A dot or slash goes on with a name only where a name follows, so that a sentence may end behind
 * one; "./" before a path is the path itself.
 */
static bool is_whole(const struct qf_found *f, const struct qf_match *m, size_t end)
{
	bool path = memchr(f->p + m->start, '/', m->end - m->start);
	const char *before = f->p + m->start, *first = f->p + f->lo, *behind = f->p + m->end, *last = f->p + end;

	if (path && before - first >= 2 && before[-1] == '/' && before[-2] == '.')
		before -= 2;
	if (before > first && (is_name_byte(before[-1]) || before[-1] == '.' || before[-1] == '/'))
		return false;
	if (behind == last)
		return true;
	if (is_name_byte(*behind))
		return false;
	if (*behind == '/' || (path && *behind == '.'))
		return behind + 1 == last || !is_name_byte(behind[1]);
	return true;
}

void qf_found_match(struct qf_found *f, const struct qf_match *m, size_t from, size_t have)
{
	size_t end;

	if (m->group == f->groups.python) {
		f->old_python_name = f->old_python_name || is_python(f);
		return;
	}
	if (m->group == f->groups.text && is_python(f))
		return;
	if (f->open && m->start >= f->hi)
		close_line(f);
	if (!f->open) {
		const char *before = memrchr(f->p + from, '\n', m->start - from);
		const char *behind = memchr(f->p + m->end, '\n', have - m->end);

		open_line(f, before ? (size_t)(before - f->p) + 1 : from, behind ? (size_t)(behind - f->p) : SIZE_MAX);
	}
	end = content_end(f, have);
	if (m->group == f->groups.mark)
		mark(f, m, end);
	else if (m->group < f->groups.text)
		hit(f, m->id, f->opts->rules->systems[m->id].name, m, end);
	else if (is_whole(f, m, end))
		hit(f, (unsigned)f->opts->rules->n_systems + m->id, f->opts->names->text_rules[m->id], m, end);
}

void qf_found_path(struct qf_found *f, const struct qf_needles *needles, const char *p, size_t n, struct qf_match *m)
{
	const char *buffer = f->p;
	unsigned k;

	f->p = p;
	f->number = 0;
	open_line(f, 0, n);
	for (size_t at = 0; (at = qf_needles_next(needles, p, at, n, 0, n, m, &k)) < n; at++)
		for (unsigned i = 0; i < k; i++)
			if (m[i].group < f->groups.text)
				hit(f, m[i].id, f->opts->rules->systems[m[i].id].name, &m[i], n);
	close_line(f);
	f->p = buffer;
	f->number = 1;
	f->counted = 0;
}
