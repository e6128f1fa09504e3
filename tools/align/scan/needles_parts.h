/* Inside of needles*.c. */
#ifndef QF_ALIGN_NEEDLES_PARTS_H
#define QF_ALIGN_NEEDLES_PARTS_H

#include "tools/align/scan/needles.h"

enum { WINDOW = 3, SLOT_BITS = 8 };

struct qf_needles_word {
	struct qf_str text;
	size_t offset; /* of the bytes that are looked for */
	unsigned group, id;
	bool fold;
	struct qf_needles_word *next; /* with the same hash of these bytes */
};

/* Finds the next place in from..to at which qf_needles_at is true. */
typedef size_t qf_needles_way(const struct qf_needles *s, const unsigned char *p, size_t from, size_t to, size_t lo,
			      size_t hi);

struct qf_needles {
	/* For each byte of the window: which of eight sets of words it may belong to, by its halves and as a whole. */
	unsigned char low[WINDOW][16], high[WINDOW][16], any[WINDOW][256];
	struct qf_needles_word *words, *slots[1 << SLOT_BITS], *shorter; /* shorter than the window */
	size_t n, longest;
	qf_needles_way *way;
};

qf_needles_way qf_needles_plain, qf_needles_ssse3, qf_needles_avx2;
bool qf_needles_at(const struct qf_needles *s, const unsigned char *p, size_t at, size_t lo, size_t hi);

#endif
