/* ast: what does not depend on the grammar. */
#include "tools/align/python/ast.h"
