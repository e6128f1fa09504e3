/* A text as pieces that overlap, and what it weighs in characters and tokens. */
#ifndef QF_TRANSFORM_PIECES_H
#define QF_TRANSFORM_PIECES_H

#include <stdint.h>

#include "common/base/arena.h"

enum qf_pieces_by { QF_PIECES_CHARACTERS, QF_PIECES_SENTENCES, QF_PIECES_TOKENS };

/* Bytes [from, to) of the text; begins and ends with something else than a blank. */
struct qf_piece {
	size_t from, to;
};

/*
 * The pieces, in order, in arena memory; 0 for a text of blanks alone. size: of one piece at most, at
 * least 1; overlap: of two neighbours at most, less than size; both in characters (code points,
 * blanks inside counted), sentences or tokens.
 *
 * Cuts lie between words (and between ideographs or kana), or between sentences. Only a word longer
 * than size is cut inside, and not before a combining mark unless the marks alone pass size.
 *
 * A sentence ends behind . ! ? or an ellipsis, and the closing quotes and brackets behind it, where
 * a blank follows and then no lower-case letter (and not behind an initial: "J. Smith"), behind an
 * ideographic full stop, and at every line end.
 *
 * A token is an approximation: a word has one for each four characters begun, an ideograph or kana
 * has one of its own. Tokenizers differ by about a third either way.
 *
 * The text must be valid UTF-8.
 */
size_t qf_pieces(struct qf_str text, enum qf_pieces_by by, uint64_t size, uint64_t overlap,
		struct qf_arena *arena, struct qf_piece **ret);

uint64_t qf_text_tokens(struct qf_str text);
/* Code points. */
uint64_t qf_text_characters(struct qf_str text);

#endif
