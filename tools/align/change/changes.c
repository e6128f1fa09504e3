/* The list of changes. */
#include "tools/align/change/change.h"

void qf_changes_release(struct qf_changes *c)
{
	free(c->change);
	qf_arena_release(&c->arena);
	*c = (struct qf_changes){ 0 };
}
