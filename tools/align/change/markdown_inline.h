/* Inside a block of a document: code in backticks, tags, links. */
#ifndef QF_ALIGN_CHANGE_MARKDOWN_INLINE_H
#define QF_ALIGN_CHANGE_MARKDOWN_INLINE_H

#include "tools/align/change/markdown.h"

/* Labels for which the document has an address. */
struct qf_definitions {
	struct qf_str *items;
	size_t n, cap;
	struct qf_arena *arena;
};
void qf_definitions_add(struct qf_definitions *d, struct qf_str label);

/* Sets kind for what is not prose in [block->at, block->end). Takes time linear in the block. */
void qf_markdown_inline(struct qf_str text, const struct qf_block *block, const struct qf_definitions *definitions,
			uint8_t *kind);

#endif
