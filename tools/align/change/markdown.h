/* Which bytes of a document are prose. */
#ifndef QF_ALIGN_CHANGE_MARKDOWN_H
#define QF_ALIGN_CHANGE_MARKDOWN_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/str.h"

enum qf_prose {
	QF_PROSE,	/* words may be replaced */
	QF_PROSE_CODE,	/* code, addresses, tags, definitions: left without a word */
	QF_PROSE_LINK,	/* what a link says: left, and told */
	QF_PROSE_FRONT,	/* front matter: left, and told */
};

/* A stretch of text that is read as one: of paragraphs, headings, list items, table rows. */
struct qf_block {
	size_t at, end;
	bool whole;	/* one thing, not sentences: a heading, a table row */
};

struct qf_markdown {
	uint8_t *kind;	/* enum qf_prose of each byte */
	struct qf_block *block;
	size_t n;
};

/*
 * By https://spec.commonmark.org/0.31.2/ as far as it decides what is code or link; a file that is not Markdown by
 * its name has the fences, the code in backticks, and (reStructuredText) the blocks behind `::`. All in the arena.
 */
void qf_markdown_read(const char *path, struct qf_str text, struct qf_arena *arena, struct qf_markdown *ret);

#endif
