/* configs/align.yaml inside the program, as string literals that the build makes of its lines. */
#include "tools/align/rules/rules.h"

static const char text[] =
#include "qf_align_rules.h"
	;

struct qf_str qf_rules_builtin(void)
{
	return (struct qf_str){ text, sizeof(text) - 1 };
}
