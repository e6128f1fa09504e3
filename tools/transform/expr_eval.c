/*
 * The value of a condition for a record. Recursion follows parentheses (counted by the parser) and
 * the nesting of the payload (limited by the reader), so it has an end.
 */
#include "tools/transform/expr_tree.h"

struct run {
	struct qf_expr *e;
	struct qf_record *rec;
	struct qf_val *root;	/* of the payload; NULL where the condition does not read it */
	struct qf_arena *arena;
	struct qf_err *err;
	bool failed;		/* err is set; what is returned does not count */
};

/* What a test says of one value; of: what any() was given. */
typedef enum qf_tri test_fn(struct run *r, const void *of, const struct qf_xvalue *v);

static enum qf_tri of_bool(bool b)
{
	return b ? QF_TRI_TRUE : QF_TRI_FALSE;
}

/* ---- values ---- */

struct walk {
	struct run *r;
	const struct qf_xoperand *o;
	test_fn *test;
	const void *of;
	bool whole; /* an array at the end of the path is one value */
};

static enum qf_tri test_value(struct walk *w, struct qf_xvalue v)
{
	for (size_t i = 0; i < w->o->n_funcs; i++)
		v = qf_xfunc_apply(w->o->funcs[i], &v, w->r->arena);
	return w->test(w->r, w->of, &v);
}

/* part: the next part of the path, whose name is looked for in `at`. */
static enum qf_tri walk(struct walk *w, struct qf_val *at, size_t part)
{
	bool end = part == w->o->path.n;
	enum qf_tri best = QF_TRI_FALSE;

	if (!at || (at->type != QF_JSON_ARRAY && !end && at->type != QF_JSON_OBJECT))
		return test_value(w, (struct qf_xvalue){ 0 });
	if (at->type != QF_JSON_ARRAY || (end && w->whole)) {
		if (end)
			return test_value(w, (struct qf_xvalue){ .val = at });
		return walk(w, qf_val_get(at, w->o->path.parts[part].name, w->r->arena), part + 1);
	}
	for (struct qf_val *c = qf_val_first(at, w->r->arena); c; c = c->next) {
		enum qf_tri t = walk(w, c, part);

		if (t > best)
			best = t;
		if (best == QF_TRI_TRUE || w->r->failed)
			break;
	}
	return best;
}

/* The `or` of the test over all values that the operand has. */
static enum qf_tri any(struct run *r, const struct qf_xoperand *o, bool whole, test_fn *test,
		       const void *of)
{
	struct walk w = { .r = r, .o = o, .test = test, .of = of };
	const struct qf_path *path = &o->path;
	struct qf_xvalue v = { 0 };

	if (o->is_literal)
		return test(r, of, &o->literal);
	if (path->field == QF_PATH_PAYLOAD) {
		w.whole = (whole || (o->n_funcs && o->funcs[0] == QF_XF_LENGTH)) && !path->parts[path->n - 1].each;
		return walk(&w, r->root, 0);
	}
	if (qf_path_value(path, r->rec, r->arena, &v.val, r->err) < 0)
		r->failed = true;
	return test_value(&w, v);
}

/* ---- comparisons ---- */

static bool moment_of(const struct qf_xvalue *v, struct qf_arena *arena, struct qf_moment *ret)
{
	if (v->is_moment) {
		*ret = v->moment;
		return true;
	}
	return v->val && v->val->type == QF_JSON_STRING && qf_moment_parse(qf_val_text(v->val, arena), ret) == 0;
}

static int order_moments(struct qf_moment a, struct qf_moment b)
{
	if (a.seconds != b.seconds)
		return a.seconds < b.seconds ? -1 : 1;
	return (a.nanos > b.nanos) - (a.nanos < b.nanos);
}

static enum qf_tri compare(struct run *r, enum qf_xop op, const struct qf_xvalue *a,
			   const struct qf_xvalue *b)
{
	struct qf_moment x, y;
	int order;

	if (a->is_moment || b->is_moment) {
		if (!moment_of(a, r->arena, &x) || !moment_of(b, r->arena, &y))
			return QF_TRI_UNKNOWN;
		order = order_moments(x, y);
	} else {
		if (!a->val || !b->val || qf_val_order(a->val, b->val, r->arena, &order) < 0)
			return QF_TRI_UNKNOWN;
		if (op != QF_X_EQ && a->val->type == QF_JSON_BOOL)
			return QF_TRI_UNKNOWN;
	}
	switch (op) {
	case QF_X_LT:
		return of_bool(order < 0);
	case QF_X_LE:
		return of_bool(order <= 0);
	case QF_X_GT:
		return of_bool(order > 0);
	case QF_X_GE:
		return of_bool(order >= 0);
	default:
		return of_bool(order == 0);
	}
}

static bool ends_with(struct qf_str s, struct qf_str end)
{
	return s.n >= end.n && (end.n == 0 || memcmp(s.p + s.n - end.n, end.p, end.n) == 0);
}

static enum qf_tri compare_texts(struct run *r, enum qf_xop op, const struct qf_xvalue *a,
				 const struct qf_xvalue *b)
{
	struct qf_str s, part;

	if (!a->val || !b->val || a->val->type != QF_JSON_STRING || b->val->type != QF_JSON_STRING)
		return QF_TRI_UNKNOWN;
	s = qf_val_text(a->val, r->arena);
	part = qf_val_text(b->val, r->arena);
	if (op == QF_X_ENDS)
		return of_bool(ends_with(s, part));
	if (op == QF_X_STARTS)
		return of_bool(s.n >= part.n && (part.n == 0 || memcmp(s.p, part.p, part.n) == 0));
	return of_bool(part.n == 0 || memmem(s.p, s.n, part.p, part.n) != NULL);
}

/* One value of the left, for each of the right. */
struct pair {
	enum qf_xop op;
	const struct qf_xvalue *left;
};

static enum qf_tri test_right(struct run *r, const void *of, const struct qf_xvalue *v)
{
	const struct pair *p = of;

	return p->op >= QF_X_STARTS ? compare_texts(r, p->op, p->left, v) : compare(r, p->op, p->left, v);
}

static enum qf_tri test_left(struct run *r, const void *of, const struct qf_xvalue *v)
{
	const struct qf_xnode *n = of;
	struct pair p = { n->op, v };

	return any(r, &n->right, false, test_right, &p);
}

/* ---- other tests ---- */

static enum qf_tri test_truth(struct run *r, const void *of, const struct qf_xvalue *v)
{
	(void)r, (void)of;
	return v->val && v->val->type == QF_JSON_BOOL ? of_bool(v->val->boolean) : QF_TRI_UNKNOWN;
}

static enum qf_tri test_exists(struct run *r, const void *of, const struct qf_xvalue *v)
{
	(void)r, (void)of;
	return of_bool(v->val != NULL);
}

static enum qf_tri test_not_null(struct run *r, const void *of, const struct qf_xvalue *v)
{
	(void)r, (void)of;
	return of_bool(v->val && v->val->type != QF_JSON_NULL);
}

static enum qf_tri test_in(struct run *r, const void *of, const struct qf_xvalue *v)
{
	const struct qf_xnode *n = of;
	size_t from = 0, to = n->n_list;
	int order = 0;

	if (!v->val || v->val->type != n->list[0]->type)
		return QF_TRI_UNKNOWN;
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (qf_val_order(v->val, n->list[middle], r->arena, &order) < 0)
			return QF_TRI_UNKNOWN;
		if (order == 0)
			return QF_TRI_TRUE;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return QF_TRI_FALSE;
}

static enum qf_tri test_matches(struct run *r, const void *of, const struct qf_xvalue *v)
{
	const struct qf_xnode *n = of;
	bool matched = false;

	if (!v->val || v->val->type != QF_JSON_STRING)
		return QF_TRI_UNKNOWN;
	if (qf_xregex_match(r->e, n, qf_val_text(v->val, r->arena), &matched, r->err) < 0)
		r->failed = true;
	return of_bool(matched);
}

/* ---- the tree ---- */

static enum qf_tri eval(struct run *r, const struct qf_xnode *n);

/* `and` is the least of its parts, `or` the greatest; it ends where nothing can change it. */
static enum qf_tri eval_chain(struct run *r, const struct qf_xnode *n, enum qf_tri stop)
{
	enum qf_tri ret = (enum qf_tri)(QF_TRI_TRUE - stop);

	for (const struct qf_xnode *c = n->child; c && ret != stop && !r->failed; c = c->next) {
		enum qf_tri t = eval(r, c);

		if (stop == QF_TRI_TRUE ? t > ret : t < ret)
			ret = t;
	}
	return ret;
}

static enum qf_tri eval(struct run *r, const struct qf_xnode *n)
{
	switch (n->op) {
	case QF_X_OR:
		return eval_chain(r, n, QF_TRI_TRUE);
	case QF_X_AND:
		return eval_chain(r, n, QF_TRI_FALSE);
	case QF_X_NOT:
		return (enum qf_tri)(QF_TRI_TRUE - eval(r, n->child));
	case QF_X_TRUTH:
		return any(r, &n->left, false, test_truth, n);
	case QF_X_EXISTS:
		return any(r, &n->left, true, test_exists, n);
	case QF_X_IS_NULL:
		return (enum qf_tri)(QF_TRI_TRUE - any(r, &n->left, true, test_not_null, n));
	case QF_X_IN:
		return any(r, &n->left, false, test_in, n);
	case QF_X_MATCHES:
		return any(r, &n->left, false, test_matches, n);
	default:
		return any(r, &n->left, false, test_left, n);
	}
}

int qf_expr_eval(struct qf_expr *e, struct qf_record *rec, struct qf_arena *arena,
		 enum qf_tri *ret, struct qf_err *err)
{
	struct run r = { .e = e, .rec = rec, .arena = arena, .err = err };
	enum qf_tri t;

	if (e->reads & 1u << QF_PATH_PAYLOAD && qf_payload_get(rec, arena, &r.root, err) < 0)
		return -1;
	t = eval(&r, e->root);
	if (r.failed)
		return -1;
	*ret = t;
	return 0;
}
