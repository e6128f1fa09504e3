/* The code of a notebook as one Python text that knows where each of its bytes stands in the JSON file. */
#ifndef QF_ALIGN_CELLS_H
#define QF_ALIGN_CELLS_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/err.h"

/* One string of a cell's source. */
struct rw_piece {
	size_t at, n;	       /* in the text */
	size_t json, json_end; /* its content in the file */
	bool list;	       /* an element of a list of lines */
	struct qf_str gap;     /* of a list: what stands between two elements, comma and all */
	unsigned cell;	       /* of the code cells, from 1 */
};

/* A line that IPython takes for itself. */
struct rw_magic {
	size_t at, n;
};

struct rw_cells {
	bool python;	   /* false: the notebook is of another language, and there is no text */
	struct qf_buf text; /* all code cells, each ending in a line end; magics made harmless */
	uint32_t *from, *to; /* for each byte of the text: where it stands in the file, [from, to) */
	size_t cap;
	struct rw_piece *pieces;
	size_t n, cap_pieces;
	struct rw_magic *magics;
	size_t n_magics, cap_magics;
	struct qf_arena arena;
};

/* Error: QF_E_DATA where the JSON is broken or is no notebook. Release in any case. */
int qf_rw_cells_read(struct rw_cells *cells, struct qf_str json, struct qf_err *err) QF_CHECK;
void qf_rw_cells_release(struct rw_cells *cells);
/* Makes the lines of IPython in text[at..) harmless (magic.c). False: the whole cell is no Python. */
bool qf_rw_magics(struct rw_cells *cells, size_t at);

#endif
