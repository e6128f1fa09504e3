/* Findings: their order, the hash of their lines, the list of them. */
#define XXH_INLINE_ALL
#include <stdarg.h>
#include <xxhash.h>

#include "common/base/buf.h"
#include "tools/align/finding.h"

const char *qf_category_name(enum qf_category category)
{
	static const char *const names[QF_CAT_COUNT] = {
		"",	      "import",	       "dependency", "lock-file",  "config-key", "environment-variable",
		"ci-secret",  "image-or-host", "identifier", "string",	   "comment",	 "document",
		"path-name",
	};

	return names[category];
}

static int cmp_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int qf_finding_cmp(const void *a, const void *b)
{
	const struct qf_finding *x = a, *y = b;
	int d = strcmp(x->path, y->path);

	if (!d)
		d = cmp_number(x->line, y->line);
	if (!d)
		d = cmp_number(x->column, y->column);
	if (!d)
		d = strcmp(x->rule, y->rule);
	return d ? d : cmp_number(x->kind, y->kind);
}

static int cmp_note(const void *a, const void *b)
{
	const struct qf_note *x = a, *y = b;
	int d = strcmp(x->path ? x->path : "", y->path ? y->path : "");

	if (!d)
		d = cmp_number(x->line, y->line);
	if (!d)
		d = cmp_number(x->kind, y->kind);
	return d ? d : strcmp(x->text, y->text);
}

/* ---- hash of a line ---- */

void qf_line_hash_start(struct qf_line_hash *h)
{
	if (!h->state)
		h->state = XXH3_createState();
	XXH3_64bits_reset(h->state);
	h->begun = h->blank = false;
}

/* Without a branch for each byte: lines that are hashed can have megabytes. */
void qf_line_hash_add(struct qf_line_hash *h, const char *p, size_t n)
{
	static const bool blank[256] = { [' '] = true, ['\t'] = true, ['\r'] = true, ['\f'] = true };
	char out[1024];

	while (n) {
		size_t step = n < sizeof(out) - 1 ? n : sizeof(out) - 1, made = 0;
		bool before = h->blank || !h->begun;

		if (h->blank)
			out[made++] = ' ';
		for (size_t i = 0; i < step; i++) {
			bool is = blank[(unsigned char)p[i]];

			out[made] = is ? ' ' : p[i];
			made += !(is && before);
			before = is;
		}
		/* A blank at the end is only of the line where something follows. */
		h->blank = made && out[made - 1] == ' ';
		made -= h->blank;
		h->begun = h->begun || made;
		XXH3_64bits_update(h->state, out, made);
		p += step;
		n -= step;
	}
}

uint64_t qf_line_hash_end(struct qf_line_hash *h)
{
	return XXH3_64bits_digest(h->state);
}

void qf_line_hash_release(struct qf_line_hash *h)
{
	XXH3_freeState(h->state);
	h->state = NULL;
}

/* ---- lists ---- */

struct qf_finding *qf_result_add(struct qf_result *r, const struct qf_finding *f)
{
	QF_GROW(r->findings, r->n, r->cap);
	r->findings[r->n] = *f;
	return &r->findings[r->n++];
}

void qf_result_note(struct qf_result *r, enum qf_note_kind kind, const char *path, unsigned line, const char *fmt, ...)
{
	QF_AUTO_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = qf_strdup("");
	va_end(ap);
	QF_GROW(r->notes, r->n_notes, r->cap_notes);
	r->notes[r->n_notes++] = (struct qf_note){
		.kind = kind,
		.path = path ? qf_arena_dup_str(&r->arena, qf_str(path)).p : NULL,
		.line = line,
		.text = qf_arena_dup_str(&r->arena, qf_str(text)).p,
	};
}

void qf_result_sort(struct qf_result *r)
{
	if (r->n)
		qsort(r->findings, r->n, sizeof(*r->findings), qf_finding_cmp);
	if (r->n_notes)
		qsort(r->notes, r->n_notes, sizeof(*r->notes), cmp_note);
}

void qf_result_release(struct qf_result *r)
{
	free(r->findings);
	free(r->notes);
	qf_arena_release(&r->arena);
	*r = (struct qf_result){ 0 };
}
