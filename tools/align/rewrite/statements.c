/* statements: lines and lists in which something is put in or taken out, in the style that is there. */
#include "tools/align/rewrite/rw.h"

static unsigned kind_of(const struct rw_unit *u, uint32_t token)
{
	return u->tokens.tok[token].kind;
}

static bool is_op(const struct rw_unit *u, uint32_t token, const char *op)
{
	return token != QF_PY_NONE && kind_of(u, token) == QF_PY_OP && qf_str_is(qf_py_text(&u->tokens, token), op);
}

/* The NEWLINE token behind a statement. */
static uint32_t newline_of(const struct rw_unit *u, const struct qf_py_node *node)
{
	uint32_t t = node->last;

	while (kind_of(u, t) != QF_PY_NEWLINE && kind_of(u, t) != QF_PY_END)
		t++;
	return t;
}

/* The line end of a statement's line, else the first of the file. */
static struct qf_str line_end(const struct rw_unit *u, uint32_t newline)
{
	struct qf_str text = qf_py_text(&u->tokens, newline);

	for (uint32_t t = 0; !text.n && t < u->tokens.n; t++)
		if (kind_of(u, t) == QF_PY_NEWLINE || kind_of(u, t) == QF_PY_NL)
			text = qf_py_text(&u->tokens, t);
	return text.n ? text : QF_STR("\n");
}

/* Where the line begins that holds this byte; the mark at the file's start is before the first line. */
static size_t line_start(const struct rw *r, size_t at)
{
	size_t first = qf_str_starts(r->source, "\xef\xbb\xbf") ? 3 : 0;

	while (at > first && r->source.p[at - 1] != '\n' && r->source.p[at - 1] != '\r')
		at--;
	return at;
}

void qf_rw_insert(struct rw *r, const struct rw_stmt *stmt, struct qf_str text, bool before)
{
	const struct rw_unit *u = &r->file;
	const struct qf_py_node *node = stmt->node;
	QF_AUTO_BUF struct qf_buf b = { 0 };
	size_t start = qf_rw_at(u, node->first), line;
	uint32_t newline = newline_of(u, node);
	struct qf_str end = line_end(u, newline), indent;

	if (!stmt->own_line) {
		if (!before)
			QF_BUF_LIT(&b, "; ");
		qf_buf_add_str(&b, text);
		if (before)
			QF_BUF_LIT(&b, "; ");
		qf_rw_edit(r, before ? start : qf_rw_end(u, node->last - 1), 0, qf_buf_str(&b));
		return;
	}
	line = line_start(r, start);
	indent = (struct qf_str){ r->source.p + line, start - line };
	if (before) {
		qf_buf_add_str(&b, text);
		qf_buf_add_str(&b, end);
		qf_buf_add_str(&b, indent);
		qf_rw_edit(r, start, 0, qf_buf_str(&b));
	} else if (u->tokens.tok[newline].end > u->tokens.tok[newline].start) {
		qf_buf_add_str(&b, indent);
		qf_buf_add_str(&b, text);
		qf_buf_add_str(&b, end);
		qf_rw_edit(r, qf_rw_end(u, newline), 0, qf_buf_str(&b));
	} else {
		qf_buf_add_str(&b, end);
		qf_buf_add_str(&b, indent);
		qf_buf_add_str(&b, text);
		qf_rw_edit(r, qf_rw_at(u, newline), 0, qf_buf_str(&b));
	}
}

/* A comment that speaks to a tool about its line, and means something else on a line of its own. */
static bool is_directive(struct qf_str comment)
{
	static const char *const words[] = { "noqa", "type:", "pylint:", "pyright:", "mypy:", "flake8:", "ruff:", "isort:",
					     "pragma:", "nosec", "yapf:", "fmt:", "pyre-", "noinspection", "nopycln" };
	size_t i = 0;

	while (i < comment.n && (comment.p[i] == '#' || comment.p[i] == ' ' || comment.p[i] == '\t'))
		i++;
	comment.p += i;
	comment.n -= i;
	for (i = 0; i < QF_LEN(words); i++)
		if (qf_str_starts(comment, words[i]))
			return true;
	return false;
}

void qf_rw_remove_statement(struct rw *r, const struct rw_stmt *stmt, bool pass)
{
	const struct rw_unit *u = &r->file;
	const struct qf_py_node *node = stmt->node;
	size_t start = qf_rw_at(u, node->first), end = qf_rw_end(u, node->last - 1);
	uint32_t before = node->first ? node->first - 1 : QF_PY_NONE, after = node->last;

	if (!pass && stmt->own_line) {
		if (kind_of(u, after) == QF_PY_COMMENT && !is_directive(qf_py_text(&u->tokens, after))) {
			qf_rw_edit(r, start, qf_rw_at(u, after) - start, QF_STR(""));
			return;
		}
		start = line_start(r, start);
		qf_rw_edit(r, start, qf_rw_end(u, newline_of(u, node)) - start, QF_STR(""));
	} else if (!pass && is_op(u, after, ";") && kind_of(u, after + 1) != QF_PY_NEWLINE &&
		   kind_of(u, after + 1) != QF_PY_COMMENT) {
		qf_rw_edit(r, start, qf_rw_at(u, after + 1) - start, QF_STR(""));
	} else if (!pass && is_op(u, before, ";")) {
		qf_rw_edit(r, qf_rw_at(u, before), end - qf_rw_at(u, before), QF_STR(""));
	} else {
		qf_rw_edit(r, start, end - start, QF_STR("pass"));
	}
}

/* Does the line begin with this token? */
static bool begins_line(const struct rw_unit *u, uint32_t token)
{
	return token > 0 && kind_of(u, token - 1) == QF_PY_NL;
}

uint32_t qf_rw_own_comment(const struct rw_unit *u, const struct qf_py_node *node)
{
	uint32_t after = node->last;

	if (!begins_line(u, node->first))
		return QF_PY_NONE;
	if (is_op(u, after, ","))
		after++;
	return kind_of(u, after) == QF_PY_COMMENT ? after : QF_PY_NONE;
}

/* One node with the comma behind it; between brackets it takes its line along. */
static void remove_one(struct rw *r, const struct qf_py_node *node, bool with_comment)
{
	const struct rw_unit *u = &r->file;
	uint32_t comma = qf_rw_next(u, node->last - 1), after = node->last;
	size_t start = qf_rw_at(u, node->first), end = qf_rw_end(u, node->last - 1);

	if (is_op(u, comma, ",")) {
		end = qf_rw_end(u, comma);
		after = comma + 1;
	}
	if (kind_of(u, after) == QF_PY_COMMENT &&
	    (with_comment || (begins_line(u, node->first) && is_directive(qf_py_text(&u->tokens, after))))) {
		end = qf_rw_end(u, after);
		after++;
	} else if (kind_of(u, after) == QF_PY_COMMENT && begins_line(u, node->first)) {
		end = qf_rw_at(u, after);
	}
	if (kind_of(u, after) == QF_PY_NL && begins_line(u, node->first)) {
		start = line_start(r, start);
		end = qf_rw_end(u, after);
	} else if (kind_of(u, after) == QF_PY_NL || is_op(u, after, ")") || is_op(u, after, "]")) {
		/* The last of its line: the blanks before it go too. */
		if (!begins_line(u, node->first) && is_op(u, node->first - 1, ","))
			start = qf_rw_end(u, node->first - 1);
	} else if (kind_of(u, after) != QF_PY_COMMENT && is_op(u, comma, ",")) {
		end = qf_rw_at(u, after);
	}
	qf_rw_edit(r, start, end - start, QF_STR(""));
}

void qf_rw_remove(struct rw *r, struct qf_py_node *const *nodes, const uint8_t *gone, size_t n, bool loose)
{
	const struct rw_unit *u = &r->file;
	size_t tail = n;

	while (tail > 0 && gone[tail - 1])
		tail--;
	/* What ends the list without a comma takes the comma before it along, where no comment stands between. */
	if (tail > 0 && tail < n && !is_op(u, qf_rw_next(u, nodes[n - 1]->last - 1), ",")) {
		size_t from = qf_rw_end(u, nodes[tail - 1]->last - 1), to = qf_rw_end(u, nodes[n - 1]->last - 1);
		bool lines = false;

		for (uint32_t t = nodes[tail - 1]->last; t < nodes[n - 1]->last; t++)
			lines |= kind_of(u, t) == QF_PY_NL || kind_of(u, t) == QF_PY_COMMENT;
		if (!lines || !loose) {
			qf_rw_edit(r, from, to - from, QF_STR(""));
			n = tail;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (gone[i])
			remove_one(r, nodes[i], gone[i] == RW_GONE_WITH_COMMENT);
}
