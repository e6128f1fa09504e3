/*
 * Prints the tokens of the files that standard input names, each name closed by NUL: a line "= tokens"
 * or "! reason", then the tokens as kind, start line, start column, end line, end column; lines from 1,
 * columns from 0. In front of a name stands how columns are counted: u in code points of UTF-8, b in
 * bytes. An end of line counts as one column, as in Python's tokenize. For the scripts beside it.
 */
#include <errno.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "tools/align/python/source.h"
#include "tools/align/python/token.h"

/* A place that moves forward only. */
struct place {
	struct qf_str source;
	size_t at;
	unsigned line, column;
	bool utf8;
};

static void move(struct place *p, size_t to)
{
	for (; p->at < to; p->at++) {
		unsigned char c = p->source.p[p->at];

		if (c == '\n' || (c == '\r' && (p->at + 1 == p->source.n || p->source.p[p->at + 1] != '\n'))) {
			p->line++;
			p->column = 0;
		} else if (!p->utf8 || (c & 0xc0) != 0x80) {
			p->column++;
		}
	}
}

static void number(struct qf_buf *out, unsigned n, char behind)
{
	qf_buf_add_u64(out, n);
	qf_buf_addc(out, behind);
}

static int fail(const char *name)
{
	fprintf(stderr, "dump_tokens: %s: %s\n", name, strerror(errno));
	return 1;
}

static int load(const char *name, struct qf_buf *ret)
{
	FILE *f = fopen(name, "rb");
	size_t n;

	if (!f)
		return -1;
	do {
		n = fread(qf_buf_room(ret, 1 << 16), 1, 1 << 16, f);
		ret->n += n;
	} while (n);
	n = ferror(f);
	fclose(f);
	return n ? -1 : 0;
}

static void dump(struct qf_str source, bool utf8, struct qf_buf *out)
{
	struct place start = { .source = source, .line = 1, .utf8 = utf8 }, end;
	struct qf_py_tokens t = { 0 };
	struct qf_err err;

	if (qf_py_encoding(source, &err) < 0 || qf_py_tokenize(source, &t, &err) < 0) {
		qf_buf_printf(out, "! %s\n", err.msg);
		qf_py_tokens_release(&t);
		return;
	}
	qf_buf_printf(out, "= %zu\n", t.n);
	if (qf_str_starts(source, "\xef\xbb\xbf"))
		start.at = 3;
	for (size_t i = 0; i < t.n; i++) {
		move(&start, t.tok[i].start);
		end = start;
		if (t.tok[i].kind == QF_PY_NEWLINE || t.tok[i].kind == QF_PY_NL)
			end.column += t.tok[i].end > t.tok[i].start;
		else
			move(&end, t.tok[i].end);
		if (t.tok[i].line != start.line)
			fprintf(stderr, "dump_tokens: token %zu says line %u, not %u\n", i, t.tok[i].line, start.line);
		number(out, t.tok[i].kind, ' ');
		number(out, start.line, ' ');
		number(out, start.column, ' ');
		number(out, end.line, ' ');
		number(out, end.column, '\n');
	}
	qf_py_tokens_release(&t);
}

int main(void)
{
	QF_AUTO_BUF struct qf_buf source = { 0 }, out = { 0 };
	QF_AUTO_FREE char *name = NULL;
	size_t cap = 0;

	while (getdelim(&name, &cap, '\0', stdin) > 0) {
		qf_buf_reset(&source);
		qf_buf_reset(&out);
		if (load(name + 1, &source) < 0)
			return fail(name + 1);
		dump(qf_buf_str(&source), *name == 'u', &out);
		if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0)
			return fail("standard output");
	}
	return 0;
}
