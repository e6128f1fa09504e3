/*
 * What git ignores: gitignore(5). libgit2 1.5 forgets a "!" of a folder that takes back what a file above says, and with
 * it files that git looks at; the oracle of this one is git itself, see the unit test.
 */
#ifndef QF_ALIGN_IGNORE_H
#define QF_ALIGN_IGNORE_H

#include "common/base/arena.h"

struct qf_ignore_rule {
	struct qf_str pattern;
	bool negated, folder; /* begins with "!"; ends in "/" */
	bool name;	      /* has no other slash: fits a name at any depth */
};

/* The patterns of one file, and those that come after them when none fits. */
struct qf_ignore {
	const struct qf_ignore *up;
	size_t base; /* bytes of a path that lead to the folder of the file */
	struct qf_ignore_rule *rule;
	size_t n;
};

/* The patterns of a file's text; memory is the arena's, and text may go. */
void qf_ignore_parse(struct qf_str text, struct qf_arena *arena, struct qf_ignore *ret);

/*
 * What the patterns say of this path alone, from the top of the work tree; whether it lies in an ignored folder is the
 * caller's to ask. level may be NULL.
 */
bool qf_ignore_fits(const struct qf_ignore *level, struct qf_str path, bool folder);

#endif
