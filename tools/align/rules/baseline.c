/* The baseline: read, applied, and what of it is no longer needed. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/data/json.h"
#include "tools/align/rules/baseline_entry.h"

/* ---- lines ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

static void fold(struct qf_str s, struct qf_buf *out)
{
	size_t start = out->n;

	for (size_t i = 0; i < s.n; i++) {
		if (is_blank(s.p[i]))
			continue;
		if (i && is_blank(s.p[i - 1]) && out->n > start)
			qf_buf_addc(out, ' ');
		qf_buf_addc(out, s.p[i]);
	}
}

void qf_baseline_line(const struct qf_finding *f, struct qf_buf *out)
{
	fold(f->text, out);
	if (f->cut)
		qf_buf_printf(out, "...#%016llx", (unsigned long long)f->line_hash);
}

int qf_baseline_cmp(const struct qf_baseline_entry *a, const struct qf_baseline_entry *b)
{
	int d = strcmp(a->path, b->path);

	if (!d)
		d = strcmp(a->rule, b->rule);
	return d ? d : qf_str_cmp(a->text, b->text);
}

/* ---- reading ---- */

struct reader {
	struct qf_baseline *b;
	const char *file;
	size_t line;
	struct qf_err *err;
};

static int damaged(const struct reader *r, const char *why)
{
	return qf_err_set(r->err, QF_E_CONFIG, "%s:%zu: %s", r->file, r->line, why);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *p = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* Percent-encoded bytes in place; NULL where they are none. */
static const char *decode(struct qf_str s)
{
	char *to = (char *)s.p;

	for (const char *p = s.p; *p; p++) {
		int high, low;

		if (*p != '%') {
			*to++ = *p;
			continue;
		}
		high = hex_digit(p[1]);
		low = high < 0 ? -1 : hex_digit(p[2]);
		if (low < 0 || !(high | low))
			return NULL;
		*to++ = (char)(high << 4 | low);
		p += 2;
	}
	*to = '\0';
	return s.p;
}

/* A text with no NUL in it, as a C string of the arena. */
static const char *get_text(const struct reader *r, const struct qf_json *node)
{
	if (!node || node->type != QF_JSON_STRING || memchr(node->text.p, '\0', node->text.n))
		return NULL;
	return qf_arena_dup_str(&r->b->arena, node->text).p;
}

static int check_members(const struct reader *r, const struct qf_json *doc)
{
	static const char *const names[] = { "rule", "path", "path_bytes", "line", "count" };
	unsigned seen = 0;

	for (const struct qf_json *m = doc->child; m; m = m->next) {
		size_t i = 0;

		while (i < QF_LEN(names) && !qf_str_is(m->key, names[i]))
			i++;
		if (i == QF_LEN(names) || seen & 1u << i)
			return qf_err_set(r->err, QF_E_CONFIG, "%s:%zu: '%.*s' %s", r->file, r->line, QF_STR_ARG(m->key),
					  i < QF_LEN(names) ? "stands here twice" : "is no member of a baseline's line");
		seen |= 1u << i;
	}
	return 0;
}

static int read_entry(struct reader *r, const struct qf_json *doc, struct qf_baseline_entry *e)
{
	const struct qf_json *path = qf_json_get(doc, "path"), *bytes = qf_json_get(doc, "path_bytes"),
			     *count = qf_json_get(doc, "count");
	int64_t n;

	if (check_members(r, doc) < 0)
		return -1;
	e->rule = get_text(r, qf_json_get(doc, "rule"));
	e->text = qf_str(get_text(r, qf_json_get(doc, "line")));
	e->path = get_text(r, path ? path : bytes);
	if (!e->rule || !*e->rule)
		return damaged(r, "'rule' must be a text that is not empty");
	if (path && bytes)
		return damaged(r, "it has 'path' and 'path_bytes'; one of them is wanted");
	if (bytes && e->path && !decode(qf_str(e->path)))
		return damaged(r, "'path_bytes' holds a '%' that two hex digits do not follow");
	if (!e->path || !*e->path)
		return damaged(r, "'path' must be a text that is not empty");
	if (!e->text.p)
		return damaged(r, "'line' must be a text");
	if (!count || count->type != QF_JSON_NUMBER || qf_json_int(count, &n) < 0 || n < 1 || n > UINT32_MAX)
		return damaged(r, "'count' must be a whole number from 1 on");
	e->count = (size_t)n;
	e->at = (unsigned)r->line;
	return 0;
}

/* Behind the last one, or the reason why not: a merge that took the lines of both sides shows here. */
static int check_order(const struct reader *r, const struct qf_baseline_entry *e)
{
	const struct qf_baseline_entry *last = r->b->n ? e - 1 : NULL;
	int d = last ? qf_baseline_cmp(last, e) : -1;

	if (!d)
		return qf_err_set(r->err, QF_E_CONFIG,
				  "%s:%u: the same finding as in line %u (counts %zu and %zu); keep one of the two lines",
				  r->file, e->at, last->at, last->count, e->count);
	if (d > 0)
		return qf_err_set(r->err, QF_E_CONFIG,
				  "%s:%u: out of order behind line %u: lines are sorted by path, rule and line; remove the file, run 'fortress align --grow' and look at the difference",
				  r->file, e->at, last->at);
	return 0;
}

static int read_line(struct reader *r, struct qf_str line)
{
	struct qf_baseline *b = r->b;
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_err why;
	struct qf_json *doc;

	if (qf_str_starts(line, "<<<<<<<") || qf_str_starts(line, "=======") || qf_str_starts(line, ">>>>>>>") ||
	    qf_str_starts(line, "|||||||"))
		return damaged(r, "a conflict of a merge stands here; take one side's file and run 'fortress align --prune --grow'");
	if (qf_json_parse(&arena, line.p, line.n, "no JSON", &doc, &why) < 0)
		return damaged(r, why.msg);
	if (doc->type != QF_JSON_OBJECT)
		return damaged(r, "a line must be a JSON object");
	QF_GROW(b->entry, b->n, b->cap);
	b->entry[b->n] = (struct qf_baseline_entry){ 0 };
	if (read_entry(r, doc, &b->entry[b->n]) < 0 || check_order(r, &b->entry[b->n]) < 0)
		return -1;
	b->n++;
	return 0;
}

static int read_file(const char *file, struct qf_buf *out, struct qf_err *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return qf_err_errno(err, errno == ENOENT || errno == ENOTDIR ? QF_E_NOINPUT : QF_E_IO, errno,
				    "cannot read the baseline %s", file);
	while ((got = read(fd, qf_buf_room(out, 64 << 10), 64 << 10)) > 0)
		out->n += (size_t)got;
	if (got < 0)
		qf_err_errno(err, QF_E_IO, errno, "cannot read the baseline %s", file);
	close(fd);
	return got < 0 ? -1 : 0;
}

int qf_baseline_read(const char *file, struct qf_baseline **ret, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct reader r = { .b = qf_baseline_new(), .file = file, .err = err };
	int rc = read_file(file, &text, err);

	for (size_t at = 0; !rc && at < text.n;) {
		const char *p = text.p + at, *end = memchr(p, '\n', text.n - at);
		size_t n = end ? (size_t)(end - p) : text.n - at;

		r.line++;
		rc = read_line(&r, (struct qf_str){ p, n });
		at += n + 1;
	}
	if (rc < 0)
		qf_baseline_free(r.b);
	else
		*ret = r.b;
	return rc;
}

struct qf_baseline *qf_baseline_new(void)
{
	return qf_calloc(1, sizeof(struct qf_baseline));
}

void qf_baseline_free(struct qf_baseline *b)
{
	if (!b)
		return;
	free(b->entry);
	qf_arena_release(&b->arena);
	free(b);
}

/* ---- use ---- */

bool qf_baseline_takes(const struct qf_finding *f)
{
	return f->suppression == QF_COUNTS && (f->kind == QF_FORBIDDEN || f->kind == QF_LEFTOVER);
}

static int cmp_entry(const void *a, const void *b)
{
	return qf_baseline_cmp(a, b);
}

void qf_baseline_apply(struct qf_baseline *b, struct qf_result *result)
{
	QF_AUTO_BUF struct qf_buf line = { 0 };

	for (size_t i = 0; i < b->n; i++)
		b->entry[i].found = 0;
	for (size_t i = 0; b->n && i < result->n; i++) {
		struct qf_finding *f = &result->findings[i];
		struct qf_baseline_entry key = { .path = f->path, .rule = f->rule }, *e;

		if (!qf_baseline_takes(f))
			continue;
		qf_buf_reset(&line);
		qf_baseline_line(f, &line);
		key.text = qf_buf_str(&line);
		e = bsearch(&key, b->entry, b->n, sizeof(key), cmp_entry);
		if (!e || e->found == e->count)
			continue;
		e->found++;
		f->suppression = QF_BY_BASELINE;
	}
}

void qf_baseline_stale(const struct qf_baseline *b, const char *file, bool (*seen)(const char *path, void *ctx),
		       void *ctx, struct qf_result *result)
{
	size_t n_unseen;
	QF_AUTO_FREE const char **unseen = qf_baseline_unseen(result, &n_unseen);

	for (size_t i = 0; i < b->n; i++) {
		const struct qf_baseline_entry *e = &b->entry[i];

		if (e->found == e->count || !seen(e->path, ctx) || qf_baseline_is_unseen(unseen, n_unseen, e->path))
			continue;
		if (e->found)
			qf_result_note(result, QF_NOTE_STALE, file, e->at, "%zu of %zu known findings of '%s' in %s are gone",
				       e->count - e->found, e->count, e->rule, e->path);
		else
			qf_result_note(result, QF_NOTE_STALE, file, e->at, "the known finding of '%s' in %s is gone", e->rule, e->path);
	}
}
