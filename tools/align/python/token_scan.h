/* What the two files of the tokenizer share: token.c scans code, token_fstring.c strings. */
#ifndef QF_ALIGN_PYTHON_TOKEN_SCAN_H
#define QF_ALIGN_PYTHON_TOKEN_SCAN_H

#include "common/base/mem.h"
#include "tools/align/python/token.h"

/* What is open, besides the brackets ( [ { themselves. */
enum {
	QF_PY_OPEN_STRING = 's', /* an f-string: its text is scanned */
	QF_PY_OPEN_FIELD = 'f',	 /* a field of it: code, and behind the colon text again */
};

struct qf_py_open {
	uint32_t at;	 /* where it was opened */
	uint32_t string; /* string and field: where the string begins */
	uint8_t kind;
	uint8_t quote; /* string and field: as the string begins */
	bool triple, raw;
	bool spec; /* field: in the format */
};

struct qf_py_indent {
	uint32_t wide, narrow;
};

struct qf_py_scan {
	struct qf_py_tokens *out;
	const unsigned char *s;
	uint32_t n, at, line;
	bool fresh; /* at the start of a logical line */
	struct qf_py_open *open;
	size_t depth, cap_open;
	struct qf_py_indent *indents; /* the first is column 0 */
	size_t n_indents, cap_indents;
	struct qf_err *err;
};

static inline void qf_py_scan_add(struct qf_py_scan *sc, uint8_t kind, uint32_t start, uint32_t end, uint32_t line)
{
	struct qf_py_tokens *t = sc->out;

	QF_GROW(t->tok, t->n, t->cap);
	t->tok[t->n++] = (struct qf_py_token){ .kind = kind, .start = start, .end = end, .line = line };
}

static inline void qf_py_scan_push(struct qf_py_scan *sc, struct qf_py_open open)
{
	QF_GROW(sc->open, sc->depth, sc->cap_open);
	sc->open[sc->depth++] = open;
}

/* A string with its prefix from start and its first quote at `at`. */
int qf_py_scan_string(struct qf_py_scan *sc, uint32_t start, uint32_t at);

/* The start of an f-string, likewise; its text is next. */
void qf_py_scan_fstring(struct qf_py_scan *sc, uint32_t start, uint32_t at, bool raw);

/* Text of the f-string that is open, and the brace or the quotes that end it. */
int qf_py_scan_text(struct qf_py_scan *sc);

/* Sets the error "line L, column C: <reason>" for a byte; -1. */
int qf_py_scan_fail(struct qf_py_scan *sc, uint32_t at, const char *fmt, ...) QF_PRINTF(3, 4);

/* Behind the run of bytes that are no quote, backslash, brace or line end. */
uint32_t qf_py_scan_plain(struct qf_py_scan *sc, uint32_t at);

/* Behind the backslash at `at` and what it escapes; counts the line if that is a line's end. */
uint32_t qf_py_scan_escape(struct qf_py_scan *sc, uint32_t at);

/* Steps over the end of line at *at and counts it, if there is one. */
bool qf_py_scan_line(struct qf_py_scan *sc, uint32_t *at);

#endif
