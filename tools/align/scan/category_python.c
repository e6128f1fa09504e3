/* Python's places by its tokens. */
#include "tools/align/python/token.h"
#include "tools/align/scan/category_parts.h"

/* What has been seen of the statement in which the current token stands. */
struct place {
	const struct qf_py_tokens *tokens;
	uint32_t i;
	unsigned open;	 /* brackets */
	bool fresh;	 /* a statement begins here */
	bool line_fresh; /* and it is the first of its line */
	bool import;
	bool setup;	 /* setup.py: lists of requirements in strings */
};

static bool is(const struct place *at, uint32_t i, const char *text)
{
	return i < at->tokens->n && qf_str_is(qf_py_text(at->tokens, i), text);
}

/* The token before i that is no comment and no line end; UINT32_MAX: none. */
static uint32_t before(const struct place *at, uint32_t i)
{
	while (i-- > 0)
		if (at->tokens->tok[i].kind != QF_PY_NL && at->tokens->tok[i].kind != QF_PY_COMMENT)
			return i;
	return UINT32_MAX;
}

/* Is the string the first argument of a call of one of these, or their index? */
static bool is_argument_of(const struct place *at, uint32_t i, const char *names)
{
	uint32_t open = before(at, i), name = open == UINT32_MAX ? open : before(at, open);

	return name != UINT32_MAX && (is(at, open, "(") || is(at, open, "[")) &&
	       qf_is_listed(qf_py_text(at->tokens, name), names);
}

static bool is_environ_get(const struct place *at, uint32_t i)
{
	uint32_t open = before(at, i);

	return open != UINT32_MAX && open >= 3 && is(at, open, "(") && is(at, open - 2, ".") &&
	       is(at, open - 3, "environ");
}

/* A string that is a statement of its own: nothing but more of it follows. */
static bool is_docstring(const struct place *at, uint32_t i)
{
	const struct qf_py_token *next;

	if (!at->line_fresh)
		return false;
	for (next = &at->tokens->tok[i + 1]; next->kind == QF_PY_COMMENT; next++)
		;
	return next->kind == QF_PY_NEWLINE || next->kind == QF_PY_END;
}

/* "weaviate-client[grpc]>=4" in a list */
static bool is_requirement(const struct place *at, uint32_t i)
{
	uint32_t last = before(at, i);

	return last != UINT32_MAX && (is(at, last, "[") || is(at, last, ","));
}

static enum qf_category judge_string(const struct place *at, uint32_t i, const struct qf_hit *hit)
{
	const struct qf_py_token *t = &at->tokens->tok[i];
	struct qf_str text = { at->tokens->source.p + t->start, t->end - t->start };
	size_t in = hit->at - t->start, n = hit->n < text.n - in ? hit->n : text.n - in;
	enum qf_category category;

	if (t->kind == QF_PY_STRING) {
		if (is_docstring(at, i))
			return QF_CAT_COMMENT;
		if (is_argument_of(at, i, "import_module __import__"))
			return QF_CAT_IMPORT;
		if (is_argument_of(at, i, "getenv environ") || is_environ_get(at, i))
			return QF_CAT_ENV;
	}
	category = qf_word_category(text, in, n, QF_CAT_STRING);
	if (category == QF_CAT_STRING && at->setup && is_requirement(at, i))
		return QF_CAT_DEPENDENCY;
	return category;
}

static enum qf_category judge(const struct place *at, const struct qf_hit *hit)
{
	switch (at->tokens->tok[at->i].kind) {
	case QF_PY_COMMENT:
		return QF_CAT_COMMENT;
	case QF_PY_STRING:
	case QF_PY_FSTRING_MIDDLE:
		return judge_string(at, at->i, hit);
	default:
		return at->import ? QF_CAT_IMPORT : QF_CAT_IDENTIFIER;
	}
}

/* Before a token is judged: does it begin an import? */
static void see(struct place *at)
{
	const struct qf_py_token *t = &at->tokens->tok[at->i];

	if (t->kind == QF_PY_NAME && (is(at, at->i, "import") || (at->fresh && is(at, at->i, "from"))))
		at->import = true;
}

/* Behind a token: what it leaves. */
static void leave(struct place *at)
{
	const struct qf_py_token *t = &at->tokens->tok[at->i];
	bool ends = false;

	switch (t->kind) {
	case QF_PY_COMMENT:
	case QF_PY_NL:
	case QF_PY_INDENT:
	case QF_PY_DEDENT:
		return;
	case QF_PY_NEWLINE:
		ends = at->line_fresh = true;
		at->open = 0;
		break;
	case QF_PY_OP:
		if (is(at, at->i, "(") || is(at, at->i, "[") || is(at, at->i, "{"))
			at->open++;
		else if ((is(at, at->i, ")") || is(at, at->i, "]") || is(at, at->i, "}")) && at->open)
			at->open--;
		else
			ends = !at->open && (is(at, at->i, ";") || is(at, at->i, ":"));
		at->line_fresh = false;
		break;
	default:
		at->line_fresh = false;
	}
	at->fresh = ends;
	at->import &= !ends;
}

int qf_category_python(const char *path, struct qf_str content, struct qf_hit *hits, size_t n)
{
	const char *slash = strrchr(path, '/');
	struct qf_py_tokens tokens = { 0 };
	struct qf_err err = { 0 };
	struct place at = { .tokens = &tokens, .fresh = true, .line_fresh = true };
	size_t hit = 0;

	if (qf_py_tokenize(content, &tokens, &err) < 0) {
		qf_py_tokens_release(&tokens);
		return -1;
	}
	at.setup = !strcmp(slash ? slash + 1 : path, "setup.py");
	for (; at.i < tokens.n && hit < n; at.i++) {
		see(&at);
		/* What stands between tokens is a blank or a backslash, where nothing is named. */
		for (; hit < n && hits[hit].at < tokens.tok[at.i].end; hit++)
			hits[hit].category = hits[hit].at < tokens.tok[at.i].start ? QF_CAT_IDENTIFIER :
										     judge(&at, &hits[hit]);
		leave(&at);
	}
	for (; hit < n; hit++)
		hits[hit].category = QF_CAT_IDENTIFIER;
	qf_py_tokens_release(&tokens);
	return 0;
}
