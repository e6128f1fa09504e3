/* The category of each finding: its places in the file are told apart, the weightiest of them is the finding's. */
#include <stdlib.h>

#include "common/base/mem.h"
#include "tools/align/scan/category.h"
#include "tools/align/scan/category_parts.h"

enum {
	MAX_HITS = 64,	 /* places of one finding that are looked at; lines of generated files hold thousands */
	HEAD = 256,	 /* bytes that show a #! line */
};

/* What is to be done first comes first: what stands outside of the code, then code, then words. */
static unsigned weight(enum qf_category category)
{
	static const unsigned char weights[QF_CAT_COUNT] = {
		[QF_CAT_SECRET] = 12,	 [QF_CAT_ENV] = 11,    [QF_CAT_IMPORT] = 10, [QF_CAT_DEPENDENCY] = 9,
		[QF_CAT_LOCK] = 8,	 [QF_CAT_HOST] = 7,    [QF_CAT_CONFIG] = 6,  [QF_CAT_IDENTIFIER] = 5,
		[QF_CAT_STRING] = 4,	 [QF_CAT_COMMENT] = 3, [QF_CAT_DOCUMENT] = 2, [QF_CAT_PATH] = 1,
	};

	return weights[category];
}

struct hits {
	struct qf_hit *hit;
	size_t n, cap;
};

static void add_hit(struct hits *hits, struct qf_finding *f, size_t at)
{
	QF_GROW(hits->hit, hits->n, hits->cap);
	hits->hit[hits->n++] = (struct qf_hit){ .at = at, .n = f->match.n, .finding = f };
}

/* The match and what is spelled like it in the rest of its line. */
static void add_hits(struct hits *hits, struct qf_finding *f, struct qf_str text, size_t at)
{
	size_t n = f->match.n;

	add_hit(hits, f, at);
	at += n;
	for (unsigned found = 1; n && found < f->hits && found < MAX_HITS && at + n <= text.n; at++) {
		if (text.p[at] == '\n')
			break;
		/* The first byte, but for its case: most places end here. */
		if (((text.p[at] ^ *f->match.p) & ~0x20) || strncasecmp(text.p + at, f->match.p, n))
			continue;
		add_hit(hits, f, at);
		at += n - 1;
		found++;
	}
}

static int cmp_hit(const void *a, const void *b)
{
	const struct qf_hit *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void judge(const char *path, struct qf_str content, struct qf_hit *hits, size_t n)
{
	const struct qf_language *language = NULL;
	struct qf_str head = { content.p, content.n < HEAD ? content.n : HEAD };
	enum qf_file_kind kind = qf_file_kind_find(path, head, &language);

	switch (kind) {
	case QF_FILE_DOCUMENT:
	case QF_FILE_LOCK:
		for (size_t i = 0; i < n; i++)
			hits[i].category = kind == QF_FILE_LOCK ? QF_CAT_LOCK : QF_CAT_DOCUMENT;
		break;
	case QF_FILE_PYTHON:
		if (qf_category_python(path, content, hits, n) < 0)
			qf_category_code(language, content, hits, n);
		break;
	case QF_FILE_CODE:
		qf_category_code(language, content, hits, n);
		break;
	case QF_FILE_NOTEBOOK:
		qf_category_notebook(content, hits, n);
		break;
	case QF_FILE_JSON:
		qf_category_json(content, hits, n);
		break;
	default:
		qf_category_config(kind, content, hits, n);
	}
	for (size_t i = 0; i < n; i++)
		if (weight(hits[i].category) > weight(hits[i].finding->category))
			hits[i].finding->category = hits[i].category;
}

/* Where the match stands in the text that is kept of its line. */
static size_t match_in_text(const struct qf_finding *f)
{
	const char *p = f->match.n ? memmem(f->text.p, f->text.n, f->match.p, f->match.n) : NULL;

	return p ? (size_t)(p - f->text.p) : 0;
}

static bool is_there(struct qf_str content, const struct qf_finding *f)
{
	return f->offset <= content.n && f->match.n <= content.n - f->offset &&
	       !memcmp(content.p + f->offset, f->match.p, f->match.n);
}

void qf_category_set(const char *path, struct qf_str content, struct qf_finding *findings, size_t n)
{
	struct hits hits = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct qf_finding *f = &findings[i];

		if (f->kind != QF_FORBIDDEN)
			continue;
		f->category = f->line ? QF_CAT_NONE : QF_CAT_PATH;
		if (!f->line)
			continue;
		if (content.p && is_there(content, f)) {
			add_hits(&hits, f, content, f->offset);
			continue;
		}
		/* Only the line is known; what begins before it (a comment, a string) is not. */
		if (f->text.n) {
			struct hits line = { 0 };

			add_hits(&line, f, f->text, match_in_text(f));
			judge(path, f->text, line.hit, line.n);
			free(line.hit);
		}
		if (!f->category)
			f->category = QF_CAT_STRING;
	}
	if (hits.n) {
		qsort(hits.hit, hits.n, sizeof(*hits.hit), cmp_hit);
		judge(path, content, hits.hit, hits.n);
	}
	free(hits.hit);
}
