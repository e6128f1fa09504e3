/*
 * Python's tokens, 3.8 to 3.14: f-strings and t-strings in pieces (PEP 701, PEP 750), soft keywords
 * as names, continuation lines, form feeds, tabs. Works on the file's bytes; see source.h for what
 * encodings can be worked on that way. https://docs.python.org/3/reference/lexical_analysis.html
 */
#ifndef QF_ALIGN_PYTHON_TOKEN_H
#define QF_ALIGN_PYTHON_TOKEN_H

#include <stdint.h>

#include "common/base/err.h"

enum qf_py_tok {
	QF_PY_END,	/* one, at the end; start == end == size */
	QF_PY_NAME,	/* identifiers, keywords and soft keywords */
	QF_PY_NUMBER,
	QF_PY_STRING,	/* prefix, quotes and all; not the f- and t-strings */
	QF_PY_FSTRING_START,  /* f" rf''' t" ..: prefix and opening quotes */
	QF_PY_FSTRING_MIDDLE, /* literal text, never empty; {{ and }} belong to it as two bytes each */
	QF_PY_FSTRING_END,    /* closing quotes */
	QF_PY_OP,	/* operators and brackets; inside a field also { } ! : as CPython 3.12 has them */
	QF_PY_NEWLINE,	/* end of a logical line; empty where the file ends without one */
	QF_PY_NL,	/* line end that ends nothing: blank line, comment line, inside brackets */
	QF_PY_COMMENT,	/* from # up to the line end, without it */
	QF_PY_INDENT,	/* the blanks; none where a backslash joins them with a line that has none */
	QF_PY_DEDENT,	/* empty */
};

struct qf_py_token {
	uint8_t kind;	     /* enum qf_py_tok */
	uint32_t start, end; /* bytes of the source */
	uint32_t line;	     /* of the start, from 1; lines end at LF, CR LF or CR */
};

struct qf_py_tokens {
	struct qf_str source;	    /* borrowed */
	struct qf_py_token *tok;
	size_t n, cap;
};

/*
 * All tokens of a source (at most 2 GiB). A UTF-8 byte order mark at its start is skipped. Error:
 * QF_E_DATA "line L, column C: <reason>" (column in code points from 1): string or bracket that is
 * not closed, indentation that fits no outer level, tabs that are inconsistent, a character that no token
 * begins with, NUL. *ret is to be released in any case.
 */
int qf_py_tokenize(struct qf_str source, struct qf_py_tokens *ret, struct qf_err *err) QF_CHECK;
void qf_py_tokens_release(struct qf_py_tokens *t);

static inline struct qf_str qf_py_text(const struct qf_py_tokens *t, uint32_t i)
{
	return (struct qf_str){ t->source.p + t->tok[i].start, t->tok[i].end - t->tok[i].start };
}

/* Is it one of the reserved words (not the soft keywords match, case, type, _)? */
bool qf_py_is_keyword(struct qf_str name);

/* Line and column (code points, both from 1) of a byte. Counts from the start. */
void qf_py_position(struct qf_str source, uint32_t at, unsigned *line, unsigned *column);

#endif
