/* Unicode for the steps. All texts are valid UTF-8, as the reader of the stream has checked. */
#ifndef QF_TRANSFORM_TEXT_H
#define QF_TRANSFORM_TEXT_H

#include "common/base/arena.h"

/* Full case mapping of the Unicode standard, in no particular language (ß gives SS, a final sigma is
 * seen). The same slice where nothing changes, else arena memory. */
struct qf_str qf_text_lower(struct qf_str text, struct qf_arena *arena);
struct qf_str qf_text_upper(struct qf_str text, struct qf_arena *arena);

/* Without white space (Unicode's White_Space, and U+FEFF) at both ends; a slice of the text. */
struct qf_str qf_text_trim(struct qf_str text);

/* Code points. */
size_t qf_text_length(struct qf_str text);
/* Bytes of the last n code points; of all where there are fewer. */
size_t qf_text_last(struct qf_str text, size_t n);

/*
 * Bytes of the longest beginning that has at most `limit` code points (bytes: bytes). Letters and
 * their marks, and signs made of several code points, stay whole where that leaves anything.
 * word: the cut lies behind a whole word, white space before it not counted, if there is one.
 */
size_t qf_text_cut(struct qf_str text, size_t limit, bool bytes, bool word);

#endif
