/* Tokens lie in order inside the source, between them stands nothing but blanks, and brackets match. */
#include "common/base/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tools/align/python/source.h"
#include "tools/align/python/token.h"

/* What may stand between two tokens: blanks, and backslashes with an end of line. */
static void check_gap(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(memchr(" \t\f\\\r\n", p[i], 6), "byte 0x%02x is in no token", p[i]);
}

static void check_shape(const struct qf_py_tokens *t, size_t i, const uint8_t *p)
{
	const struct qf_py_token *tok = &t->tok[i];
	bool empty = tok->start == tok->end;

	switch (tok->kind) {
	case QF_PY_END:
		FUZZ_CHECK(empty && i + 1 == t->n, "the end is not at the end");
		break;
	case QF_PY_DEDENT:
		FUZZ_CHECK(empty, "a dedent with text");
		break;
	case QF_PY_NEWLINE:
	case QF_PY_NL:
		FUZZ_CHECK(!empty || tok->start == t->source.n, "an empty line end inside");
		FUZZ_CHECK(empty || memchr("\r\n", p[tok->start], 2), "a line end without one");
		break;
	case QF_PY_INDENT:
		check_gap(p + tok->start, tok->end - tok->start);
		break;
	default:
		FUZZ_CHECK(!empty, "token %zu of kind %d is empty", i, tok->kind);
	}
}

static void check_tokens(const struct qf_py_tokens *t, const uint8_t *p, size_t n)
{
	uint32_t at = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	int strings = 0, levels = 0, brackets = 0;
	unsigned line, column;

	FUZZ_CHECK(t->n > 0 && t->tok[t->n - 1].end == n, "no end");
	for (size_t i = 0; i < t->n; i++) {
		const struct qf_py_token *tok = &t->tok[i];

		FUZZ_CHECK(tok->start >= at && tok->end >= tok->start && tok->end <= n, "token %zu is out of order", i);
		check_gap(p + at, tok->start - at);
		check_shape(t, i, p);
		if (n < 4096) {
			qf_py_position(t->source, tok->start, &line, &column);
			FUZZ_CHECK(line == tok->line, "line %u, not %u", tok->line, line);
		}
		strings += (tok->kind == QF_PY_FSTRING_START) - (tok->kind == QF_PY_FSTRING_END);
		levels += (tok->kind == QF_PY_INDENT) - (tok->kind == QF_PY_DEDENT);
		if (tok->kind == QF_PY_OP)
			brackets += !!memchr("([{", p[tok->start], 3) - !!memchr(")]}", p[tok->start], 3);
		FUZZ_CHECK(strings >= 0 && levels >= 0 && brackets >= 0, "token %zu closes nothing", i);
		at = tok->end;
	}
	FUZZ_CHECK(strings == 0 && levels == 0 && brackets == 0, "something is left open");
}

static void check_rest(const struct qf_py_tokens *t)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_str text;

	for (uint32_t i = 0; i < t->n; i++) {
		text = qf_py_text(t, i);
		if (t->tok[i].kind == QF_PY_STRING) {
			struct qf_py_literal l = qf_py_literal(text);

			FUZZ_CHECK(l.body.p > text.p && l.body.p + l.body.n < text.p + text.n, "a body outside");
		} else if (t->tok[i].kind == QF_PY_NAME) {
			FUZZ_CHECK(qf_py_identifier(&arena, text).n, "an empty name");
			(void)qf_py_is_keyword(text);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of its own, so that a read behind it is seen. */
	QF_AUTO_FREE char *copy = qf_malloc(size);
	struct qf_str source = { copy, size };
	struct qf_py_tokens t;
	struct qf_err err = { 0 };

	if (size)
		memcpy(copy, data, size);
	(void)qf_py_is_python("a", source);
	if (qf_py_encoding(source, &err) < 0)
		FUZZ_CHECK(err.code == QF_E_DATA && err.msg[0], "refused without a reason");
	if (qf_py_tokenize(source, &t, &err) == 0) {
		check_tokens(&t, data, size);
		check_rest(&t);
	} else {
		FUZZ_CHECK(err.code == QF_E_DATA && strncmp(err.msg, "line ", 5) == 0, "refused: %s", err.msg);
	}
	qf_py_tokens_release(&t);
	return 0;
}
