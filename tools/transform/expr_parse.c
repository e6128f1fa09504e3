/* Conditions as trees. Recursion follows parentheses only, and those are counted. */
#include <strings.h>

#include "tools/transform/expr_tree.h"

const char *const qf_xfunc_names[QF_XF_COUNT] = { "lower", "upper", "length", "date" };

static const char *const infix[] = { "and", "or", "in", "not", "is", "matches", "starts_with", "ends_with",
				     "contains" };

struct parse {
	struct qf_xlex x;
	struct qf_expr *e;
	unsigned depth;
	size_t ended; /* behind the last whole token */
};

static struct qf_xnode *parse_or(struct parse *p);

/* ---- tokens ---- */

static bool is_word(const struct parse *p, const char *word)
{
	const struct qf_xlex *x = &p->x;

	return x->type == QF_XT_WORD && x->text.n == strlen(word) &&
	       strncasecmp(x->text.p, word, x->text.n) == 0;
}

bool qf_xreserved(struct qf_str name)
{
	static const char *const words[] = { "and", "or", "not", "in", "is", "null", "true", "false", "exists",
					     "matches" };

	for (size_t i = 0; i < QF_LEN(words); i++)
		if (name.n == strlen(words[i]) && strncasecmp(name.p, words[i], name.n) == 0)
			return true;
	return false;
}

static bool is_reserved(const struct parse *p)
{
	return p->x.type == QF_XT_WORD && qf_xreserved(p->x.text);
}

static bool is_comparison(const struct parse *p)
{
	return p->x.type >= QF_XT_EQ && p->x.type <= QF_XT_GE;
}

static int next(struct parse *p)
{
	p->ended = p->x.pos;
	return qf_xlex_next(&p->x);
}

/* Takes the word if it is next. 1: taken; 0: another token; -1: what follows is none. */
static int take_word(struct parse *p, const char *word)
{
	if (!is_word(p, word))
		return 0;
	return next(p) < 0 ? -1 : 1;
}

static const char *nearest(const struct parse *p, const char *const *names, size_t n)
{
	QF_AUTO_FREE char *typed = qf_strndup(p->x.text.p, p->x.text.n);

	return qf_str_nearest(typed, names, n);
}

#define FAIL(p, at, ...) ((void)qf_xlex_error(&(p)->x, (at), __VA_ARGS__), NULL)

/* Words that other languages have. */
static const struct {
	const char *word, *hint;
} elsewhere[] = {
	{ "like", "there is no 'like'; write 'matches /^.../', starts_with or contains" },
	{ "ilike", "there is no 'ilike'; write 'matches /^.../i'" },
	{ "between", "there is no 'between'; write 'a >= 1 and a <= 9'" },
	{ "exists", "'exists' stands before its path: exists a.b" },
	{ "eq", "write '='" }, { "ne", "write '!='" }, { "lt", "write '<'" }, { "gt", "write '>'" },
	{ "equals", "write '='" },
};

/* The error for a token behind a whole condition, or where a comparison could follow. */
static void *unexpected(struct parse *p)
{
	const char *near;

	if (p->x.type == QF_XT_CLOSE)
		return FAIL(p, p->x.from, "this ')' closes nothing");
	if (is_comparison(p))
		return FAIL(p, p->x.from, "comparisons do not chain; write 'a < b and b < c'");
	if (p->x.type == QF_XT_LIST)
		return FAIL(p, p->x.from, "an element cannot be picked by its place; 'a[]' means any of them, and a "
					  "list stands behind 'in'");
	for (size_t i = 0; i < QF_LEN(elsewhere); i++)
		if (is_word(p, elsewhere[i].word))
			return FAIL(p, p->x.from, "%s", elsewhere[i].hint);
	near = p->x.type == QF_XT_WORD ? nearest(p, infix, QF_LEN(infix)) : NULL;
	/* Words of two letters are near to everything. */
	if (near && near[2] && !is_word(p, near))
		return FAIL(p, p->x.from, "expected 'and', 'or' or the end; did you mean '%s'?", near);
	return FAIL(p, p->x.from, "expected a comparison, 'and', 'or' or the end");
}

static int close_bracket(struct parse *p, size_t open)
{
	if (p->x.type == QF_XT_CLOSE)
		return next(p);
	if (p->x.type == QF_XT_END)
		return qf_xlex_error(&p->x, open, "this '(' is not closed");
	return qf_xlex_error(&p->x, p->x.from, "')' is expected");
}

/* ---- values ---- */

static enum qf_xkind kind_of(const struct qf_val *v)
{
	return v->type == QF_JSON_NUMBER ? QF_XK_NUMBER : v->type == QF_JSON_BOOL ? QF_XK_BOOL : QF_XK_TEXT;
}

static const char *kind_name(enum qf_xkind kind)
{
	static const char *const names[] = {
		[QF_XK_ANY] = "a value", [QF_XK_BOOL] = "true or false", [QF_XK_NUMBER] = "a number",
		[QF_XK_TEXT] = "a text", [QF_XK_DATE] = "a date",
	};

	return names[kind];
}

/* A literal as a value of the expression's own memory, or NULL where the token is none. */
static struct qf_val *literal(struct parse *p)
{
	struct qf_arena *arena = &p->e->arena;

	if (p->x.type == QF_XT_NUMBER)
		return qf_val_new_number(arena, qf_arena_dup_str(arena, p->x.text));
	if (p->x.type == QF_XT_TEXT)
		return qf_val_new_string(arena, p->x.text);
	if (is_word(p, "true") || is_word(p, "false"))
		return qf_val_new_bool(arena, is_word(p, "true"));
	return NULL;
}

static int parse_field(struct parse *p, struct qf_xoperand *o)
{
	static const char *const names[] = { "id", "tenant", "collection" };
	const char *near;

	for (size_t i = 0; i < QF_LEN(names); i++) {
		if (!qf_str_is(p->x.text, names[i]))
			continue;
		o->path.field = (enum qf_path_field)(QF_PATH_ID + i);
		o->kind = i ? QF_XK_TEXT : QF_XK_ANY;
		p->e->reads |= 1u << o->path.field;
		return next(p);
	}
	near = p->x.text.n ? nearest(p, names, QF_LEN(names)) : NULL;
	if (near)
		return qf_xlex_error(&p->x, p->x.from, "there is no such field; did you mean '@%s'?", near);
	return qf_xlex_error(&p->x, p->x.from, "the fields are @id, @tenant and @collection");
}

static int parse_path(struct parse *p, struct qf_xoperand *o)
{
	o->kind = QF_XK_ANY;
	o->path = (struct qf_path){ .parts = p->x.parts, .n = p->x.n_parts };
	for (size_t i = 0; i < o->path.n; i++)
		o->path.parts[i].name = qf_arena_dup_str(&p->e->arena, o->path.parts[i].name);
	p->e->reads |= 1u << QF_PATH_PAYLOAD;
	return next(p);
}

static int parse_base(struct parse *p, struct qf_xoperand *o)
{
	struct qf_val *v = literal(p);
	size_t from = p->x.from;

	if (v) {
		o->is_literal = true;
		o->literal.val = v;
		o->kind = kind_of(v);
		return next(p);
	}
	if (p->x.type == QF_XT_FIELD)
		return parse_field(p, o);
	if (is_word(p, "null"))
		return qf_xlex_error(&p->x, from, "a comparison with null is always unknown; write 'is null' or "
						  "'is not null'");
	if (is_reserved(p))
		return qf_xlex_error(&p->x, from, "a value is expected; a property of the name '%.*s' is written between "
						  "backticks", QF_STR_ARG(p->x.text));
	if (p->x.type == QF_XT_WORD || p->x.type == QF_XT_PATH)
		return parse_path(p, o);
	if (p->x.type == QF_XT_OPEN)
		return qf_xlex_error(&p->x, from, "parentheses go around conditions, not around values");
	if (p->x.type == QF_XT_LIST)
		return qf_xlex_error(&p->x, from, "a list stands behind 'in' only");
	if (p->x.type == QF_XT_END)
		return qf_xlex_error(&p->x, p->ended, "the condition ends where a value is expected");
	return qf_xlex_error(&p->x, from, "a value is expected");
}

static bool opens_behind(const struct qf_xlex *x)
{
	size_t at = x->pos;

	while (at < x->in.n && strchr(" \t\r\n", x->in.p[at]) && x->in.p[at])
		at++;
	return at < x->in.n && x->in.p[at] == '(';
}

static int find_func(struct parse *p, enum qf_xfunc *ret)
{
	const char *near;

	for (int i = 0; i < QF_XF_COUNT; i++) {
		if (is_word(p, qf_xfunc_names[i])) {
			*ret = (enum qf_xfunc)i;
			return 0;
		}
	}
	near = nearest(p, qf_xfunc_names, QF_XF_COUNT);
	if (near)
		return qf_xlex_error(&p->x, p->x.from, "there is no such function; did you mean '%s'?", near);
	return qf_xlex_error(&p->x, p->x.from, "the functions are lower(), upper(), length() and date()");
}

static int wrap(struct parse *p, struct qf_xoperand *o, enum qf_xfunc func)
{
	if (o->kind != QF_XK_ANY && o->kind != QF_XK_TEXT)
		return qf_xlex_error(&p->x, o->from, "%s() takes a text, but this is %s", qf_xfunc_names[func],
				     kind_name(o->kind));
	o->kind = func == QF_XF_LENGTH ? QF_XK_NUMBER : func == QF_XF_DATE ? QF_XK_DATE : QF_XK_TEXT;
	if (!o->is_literal) {
		o->funcs[o->n_funcs++] = func;
		return 0;
	}
	o->literal = qf_xfunc_apply(func, &o->literal, &p->e->arena);
	if (func == QF_XF_DATE && !o->literal.is_moment)
		return qf_xlex_error(&p->x, o->from,
				     "this is no date; one looks like \"2024-05-31\" or \"2024-05-31T08:00:00Z\"");
	return 0;
}

/* Functions in one another are a list, read from the outside in and applied from the inside out. */
static int parse_value(struct parse *p, struct qf_xoperand *o)
{
	enum qf_xfunc funcs[QF_X_MAX_FUNCS];
	size_t names[QF_X_MAX_FUNCS], opens[QF_X_MAX_FUNCS], n = 0;

	while (p->x.type == QF_XT_WORD && opens_behind(&p->x) && !is_reserved(p)) {
		if (n == QF_X_MAX_FUNCS)
			return qf_xlex_error(&p->x, p->x.from, "functions are nested deeper than %d", QF_X_MAX_FUNCS);
		names[n] = p->x.from;
		if (find_func(p, &funcs[n]) < 0 || next(p) < 0)
			return -1;
		opens[n++] = p->x.from;
		if (next(p) < 0)
			return -1;
	}
	o->from = p->x.from;
	if (parse_base(p, o) < 0)
		return -1;
	while (n) {
		n--;
		if (wrap(p, o, funcs[n]) < 0 || close_bracket(p, opens[n]) < 0)
			return -1;
		o->from = names[n];
	}
	return 0;
}

/* ---- tests ---- */

static struct qf_xnode *new_node(struct parse *p, enum qf_xop op)
{
	struct qf_xnode *n = qf_arena_zalloc(&p->e->arena, sizeof(*n));

	n->op = op;
	return n;
}

static struct qf_xnode *negate(struct parse *p, struct qf_xnode *node)
{
	struct qf_xnode *n;

	if (node->op == QF_X_NOT)
		return node->child;
	n = new_node(p, QF_X_NOT);
	n->child = node;
	return n;
}

/* What can only be unknown is a mistake. */
static int check_kinds(struct parse *p, const struct qf_xoperand *a, const struct qf_xoperand *b, bool order)
{
	enum qf_xkind x = a->kind, y = b->kind;

	if (order && (x == QF_XK_BOOL || y == QF_XK_BOOL))
		return qf_xlex_error(&p->x, x == QF_XK_BOOL ? a->from : b->from, "true and false have no order");
	if (x == QF_XK_ANY || y == QF_XK_ANY || x == y)
		return 0;
	if ((x == QF_XK_DATE && y == QF_XK_TEXT) || (x == QF_XK_TEXT && y == QF_XK_DATE)) {
		const struct qf_xoperand *text = x == QF_XK_TEXT ? a : b;
		struct qf_moment m;

		if (!text->is_literal || qf_moment_parse(text->literal.val->text, &m) == 0)
			return 0;
		return qf_xlex_error(&p->x, text->from, "this text is no date");
	}
	return qf_xlex_error(&p->x, b->from, "%s is compared with %s, which is always unknown", kind_name(x),
			     kind_name(y));
}

static struct qf_xnode *compare(struct parse *p, struct qf_xnode *n)
{
	static const enum qf_xop ops[] = {
		[QF_XT_EQ] = QF_X_EQ, [QF_XT_NE] = QF_X_EQ, [QF_XT_LT] = QF_X_LT, [QF_XT_LE] = QF_X_LE,
		[QF_XT_GT] = QF_X_GT, [QF_XT_GE] = QF_X_GE,
	};
	enum qf_xtoken token = p->x.type;

	n->op = ops[token];
	if (next(p) < 0 || parse_value(p, &n->right) < 0 ||
	    check_kinds(p, &n->left, &n->right, n->op != QF_X_EQ) < 0)
		return NULL;
	return token == QF_XT_NE ? negate(p, n) : n;
}

static int by_value(const void *a, const void *b, void *arena)
{
	int order = 0;

	return qf_val_order(*(struct qf_val *const *)a, *(struct qf_val *const *)b, arena, &order) < 0 ? 0 : order;
}

static int list_item(struct parse *p, struct qf_xnode *n, struct qf_val **ret)
{
	struct qf_xoperand item = { .from = p->x.from };

	if (is_word(p, "null"))
		return qf_xlex_error(&p->x, p->x.from, "null is equal to nothing; write 'or a is null' beside the list");
	*ret = item.literal.val = literal(p);
	if (!*ret)
		return qf_xlex_error(&p->x, p->x.from, "a list holds numbers, texts, true or false");
	item.kind = kind_of(*ret);
	if (n->n_list && kind_of(n->list[0]) != item.kind)
		return qf_xlex_error(&p->x, p->x.from, "a list holds values of one kind; the first is %s",
				     kind_name(kind_of(n->list[0])));
	if (check_kinds(p, &n->left, &item, false) < 0)
		return -1;
	return next(p);
}

static struct qf_xnode *parse_list(struct parse *p, struct qf_xnode *n)
{
	struct qf_val **list = NULL, *item = NULL;
	size_t open = p->x.from, cap = 0;
	int rc = next(p);

	if (n->left.kind == QF_XK_DATE)
		return FAIL(p, open, "a list holds no dates; compare with each: a = date(\"...\") or ...");
	if (rc == 0 && p->x.type == QF_XT_LIST_END)
		return FAIL(p, p->x.from, "the list is empty, so nothing is in it");
	while (rc == 0) {
		n->list = list;
		if ((rc = list_item(p, n, &item)) < 0)
			break;
		QF_GROW(list, n->n_list, cap);
		list[n->n_list++] = item;
		if (p->x.type != QF_XT_COMMA)
			break;
		rc = next(p);
	}
	if (rc == 0 && p->x.type != QF_XT_LIST_END)
		rc = p->x.type == QF_XT_END ? qf_xlex_error(&p->x, open, "this '[' is not closed")
					    : qf_xlex_error(&p->x, p->x.from, "',' or ']' is expected");
	if (rc == 0)
		rc = next(p);
	n->list = NULL;
	if (rc == 0) {
		n->op = QF_X_IN;
		n->list = qf_arena_alloc(&p->e->arena, n->n_list * sizeof(*list));
		memcpy(n->list, list, n->n_list * sizeof(*list));
		qsort_r(n->list, n->n_list, sizeof(*list), by_value, &p->e->arena);
	}
	free(list);
	return rc == 0 ? n : NULL;
}

static struct qf_xnode *parse_in(struct parse *p, struct qf_xnode *n)
{
	if (next(p) < 0)
		return NULL;
	if (p->x.type == QF_XT_LIST)
		return parse_list(p, n);
	if ((p->x.type != QF_XT_WORD && p->x.type != QF_XT_PATH) || is_reserved(p))
		return FAIL(p, p->x.from, "a list or the path of an array is expected behind 'in': in [\"a\", \"b\"]");
	n->op = QF_X_EQ;
	n->right.from = p->x.from;
	return parse_path(p, &n->right) < 0 ? NULL : n;
}

static struct qf_xnode *parse_matches(struct parse *p, struct qf_xnode *n)
{
	p->ended = p->x.pos;
	if (qf_xlex_regex(&p->x) < 0)
		return NULL;
	if (p->x.type != QF_XT_REGEX && p->x.type != QF_XT_TEXT)
		return FAIL(p, p->x.from, "a regex is expected behind 'matches': /^The /i or \"^The \"");
	n->op = QF_X_MATCHES;
	n->pattern = p->x.text;
	n->fold = p->x.type == QF_XT_REGEX && p->x.fold;
	if (qf_xregex_new(p->e, n, &p->x) < 0)
		return NULL;
	return next(p) < 0 ? NULL : n;
}

static struct qf_xnode *parse_is(struct parse *p, struct qf_xnode *n)
{
	int negated;

	if (next(p) < 0 || (negated = take_word(p, "not")) < 0)
		return NULL;
	if (!is_word(p, "null"))
		return FAIL(p, p->x.from, "'null' or 'not null' is expected behind 'is'");
	if (n->left.is_literal || n->left.n_funcs)
		return FAIL(p, n->left.from, "'is null' asks about a path or a field");
	n->op = QF_X_IS_NULL;
	if (next(p) < 0)
		return NULL;
	return negated ? negate(p, n) : n;
}

static struct qf_xnode *parse_text_test(struct parse *p, struct qf_xnode *n, enum qf_xop op)
{
	n->op = op;
	if (next(p) < 0 || parse_value(p, &n->right) < 0)
		return NULL;
	if (n->right.kind != QF_XK_ANY && n->right.kind != QF_XK_TEXT)
		return FAIL(p, n->right.from, "a text is expected here, not %s", kind_name(n->right.kind));
	return n;
}

/* The tests that "not" may stand in. n->left is read. */
static struct qf_xnode *parse_word_test(struct parse *p, struct qf_xnode *n)
{
	bool negated = is_word(p, "not");

	if (negated && next(p) < 0)
		return NULL;
	if (is_word(p, "in")) {
		n = parse_in(p, n);
	} else {
		bool starts = is_word(p, "starts_with"), ends = is_word(p, "ends_with");

		if (!starts && !ends && !is_word(p, "contains") && !is_word(p, "matches"))
			return FAIL(p, p->x.from, "'in', 'matches', 'starts_with', 'ends_with' or 'contains' is expected "
						  "behind 'not'");
		if (n->left.kind != QF_XK_ANY && n->left.kind != QF_XK_TEXT)
			return FAIL(p, n->left.from, "a text is expected here, not %s", kind_name(n->left.kind));
		n = is_word(p, "matches") ? parse_matches(p, n)
					  : parse_text_test(p, n, starts ? QF_X_STARTS : ends ? QF_X_ENDS
											      : QF_X_CONTAINS);
	}
	return n && negated ? negate(p, n) : n;
}

static struct qf_xnode *parse_exists(struct parse *p)
{
	struct qf_xnode *n = new_node(p, QF_X_EXISTS);

	if (next(p) < 0)
		return NULL;
	if ((p->x.type != QF_XT_WORD && p->x.type != QF_XT_PATH) || is_reserved(p))
		return FAIL(p, p->x.type == QF_XT_END ? p->ended : p->x.from,
			    "a path is expected behind 'exists': exists a.b");
	n->left.from = p->x.from;
	return parse_path(p, &n->left) < 0 ? NULL : n;
}

static struct qf_xnode *parse_comparison(struct parse *p)
{
	struct qf_xnode *n = new_node(p, QF_X_TRUTH);

	if (parse_value(p, &n->left) < 0)
		return NULL;
	if (is_comparison(p))
		return compare(p, n);
	if (is_word(p, "is"))
		return parse_is(p, n);
	for (size_t i = 2; i < QF_LEN(infix); i++)
		if (is_word(p, infix[i]))
			return parse_word_test(p, n);
	if ((n->left.path.n && !n->left.n_funcs) || n->left.kind == QF_XK_BOOL)
		return n;
	if (p->x.type == QF_XT_END || p->x.type == QF_XT_CLOSE || is_word(p, "and") || is_word(p, "or"))
		return FAIL(p, p->x.type == QF_XT_END ? p->ended : p->x.from,
			    "a comparison is expected: %s alone is no condition", kind_name(n->left.kind));
	return unexpected(p);
}

static struct qf_xnode *parse_test(struct parse *p)
{
	struct qf_xnode *n;
	size_t open;

	if (is_word(p, "exists") && !opens_behind(&p->x))
		return parse_exists(p);
	if (is_word(p, "exists"))
		return FAIL(p, p->x.pos, "'exists' is no function; write 'exists a.b'");
	if (p->x.type != QF_XT_OPEN)
		return parse_comparison(p);
	open = p->x.from;
	if (++p->depth > QF_EXPR_MAX_DEPTH)
		return FAIL(p, open, "parentheses are nested deeper than %d", QF_EXPR_MAX_DEPTH);
	if (next(p) < 0 || !(n = parse_or(p)) || close_bracket(p, open) < 0)
		return NULL;
	p->depth--;
	if (is_comparison(p))
		return FAIL(p, p->x.from, "parentheses go around conditions, and a condition cannot be compared");
	return n;
}

static struct qf_xnode *parse_not(struct parse *p)
{
	bool negated = false;
	struct qf_xnode *n;
	int taken;

	while ((taken = take_word(p, "not")) > 0)
		negated = !negated;
	if (taken < 0 || !(n = parse_test(p)))
		return NULL;
	return negated ? negate(p, n) : n;
}

/* Conditions joined by one word are the children of one node. */
static struct qf_xnode *parse_chain(struct parse *p, const char *word, enum qf_xop op,
				    struct qf_xnode *(*part)(struct parse *p))
{
	struct qf_xnode *n = part(p), *all, **tail;
	int taken;

	if (!n || !is_word(p, word))
		return n;
	all = new_node(p, op);
	all->child = n;
	tail = &n->next;
	while ((taken = take_word(p, word)) > 0) {
		if (!(n = part(p)))
			return NULL;
		*tail = n;
		tail = &n->next;
	}
	return taken < 0 ? NULL : all;
}

static struct qf_xnode *parse_and(struct parse *p)
{
	return parse_chain(p, "and", QF_X_AND, parse_not);
}

static struct qf_xnode *parse_or(struct parse *p)
{
	return parse_chain(p, "or", QF_X_OR, parse_and);
}

struct qf_xnode *qf_xparse(struct qf_expr *e, struct qf_xlex *x)
{
	struct parse p = { .e = e, .x = *x };
	struct qf_xnode *root;

	if (qf_xlex_next(&p.x) < 0)
		return NULL;
	if (p.x.type == QF_XT_END)
		return FAIL(&p, 0, "a condition is expected");
	root = parse_or(&p);
	return root && p.x.type != QF_XT_END ? unexpected(&p) : root;
}
