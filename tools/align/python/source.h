/*
 * A Python file's bytes as something the tokenizer can work on. PEP 263 decides the encoding: a byte
 * order mark, else the cookie in the first two lines, else UTF-8.
 */
#ifndef QF_ALIGN_PYTHON_SOURCE_H
#define QF_ALIGN_PYTHON_SOURCE_H

#include "common/base/arena.h"
#include "common/base/err.h"

/*
 * 0 where every byte below 128 of the file stands for its ASCII character and nothing else (UTF-8,
 * checked; latin-1 and the other single byte sets; euc-*), so that byte edits are safe. Error:
 * QF_E_DATA with the reason: UTF-8 that is broken, an encoding that is unknown or mixes ASCII bytes
 * into characters (shift_jis, gbk, big5, utf-7, utf-16).
 */
int qf_py_encoding(struct qf_str source, struct qf_err *err) QF_CHECK;

/* Is the file Python by its name (.py, .pyi, .pyw) or, without a suffix, by a #! line with python? */
bool qf_py_is_python(const char *path, struct qf_str head);

/*
 * An identifier as Python compares it: NFKC (PEP 3131, by libunistring). The slice itself where it
 * is ASCII or not UTF-8, else memory of the arena.
 */
struct qf_str qf_py_identifier(struct qf_arena *arena, struct qf_str name);

/* What a string literal token (not an f-string) is made of. */
struct qf_py_literal {
	struct qf_str body;	/* between the quotes, as written */
	bool bytes, raw;	/* by the prefix */
	bool plain;		/* no backslash in it (or raw): body is the value, byte for byte */
};
struct qf_py_literal qf_py_literal(struct qf_str token);

#endif
