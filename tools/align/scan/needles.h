/*
 * Any number of words sought in one pass. Of each word three bytes that are rare in texts are looked
 * for in 32 places at once, by the nibbles of the bytes (a shuffle of a table of 16 is the look-up);
 * only where all three may stand are words compared. NUL bytes are found in the same pass.
 */
#ifndef QF_ALIGN_NEEDLES_H
#define QF_ALIGN_NEEDLES_H

#include <stdint.h>

#include "common/base/str.h"

struct qf_needle {
	struct qf_str text; /* at least 1 byte; one with a line end never matches */
	bool fold;	    /* ASCII letters in any case */
	unsigned group;	    /* from 0 */
	unsigned id;	    /* what the match shall say */
};

struct qf_match {
	size_t start, end;
	unsigned group, id;
};

struct qf_needles;

/* The texts must stay. groups: how many there are. Never NULL. */
struct qf_needles *qf_needles_new(const struct qf_needle *list, size_t n, unsigned groups);
void qf_needles_free(struct qf_needles *s);
/* Bytes of the longest word. */
size_t qf_needles_longest(const struct qf_needles *s);

enum { QF_NEEDLES_SLACK = 64 };

/*
 * The next place from `from` to below `to` at which a NUL stands or words match; `to` where there is
 * none. Within a group the places come in the order in which its matches start, and of matches with
 * one start only the longest is told. A match may start before its place and end behind it, but lies
 * in p[lo..hi). p must be readable up to to + QF_NEEDLES_SLACK. m has room for one match of each
 * group; *n is 0 for a NUL. Go on at the place + 1.
 */
size_t qf_needles_next(const struct qf_needles *s, const char *p, size_t from, size_t to, size_t lo, size_t hi,
		       struct qf_match *m, unsigned *n);

/* For tests: makes later searches use this way ("avx2", "ssse3", "plain"), false where the processor does not have it. */
bool qf_needles_use(struct qf_needles *s, const char *way);

#endif
