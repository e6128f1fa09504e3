/* The regexes of conditions: PCRE2, compiled once, with an end to what a match may cost. */
#include "tools/transform/expr_tree.h"

enum {
	MATCH_LIMIT = 2000000,	  /* steps of one match; about a second at the worst */
	HEAP_LIMIT_KIB = 32 << 10,
	JIT_STACK_MIN = 32 << 10,
	JIT_STACK_MAX = 4 << 20,
};

static void make_context(struct qf_expr *e)
{
	if (e->context)
		return;
	e->context = pcre2_match_context_create(NULL);
	e->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
	if (!e->context)
		return;
	pcre2_set_match_limit(e->context, MATCH_LIMIT);
	pcre2_set_heap_limit(e->context, HEAP_LIMIT_KIB);
	if (e->stack)
		pcre2_jit_stack_assign(e->context, NULL, e->stack);
}

int qf_xregex_new(struct qf_expr *e, struct qf_xnode *n, struct qf_xlex *x)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | (n->fold ? PCRE2_CASELESS : 0);
	PCRE2_UCHAR why[160];
	PCRE2_SIZE bad;
	int code;

	make_context(e);
	n->regex = pcre2_compile((PCRE2_SPTR)n->pattern.p, n->pattern.n, options, &code, &bad, NULL);
	if (!n->regex) {
		pcre2_get_error_message(code, why, sizeof(why));
		return qf_xlex_error(x, x->from, "the regex is wrong at its byte %zu: %s", (size_t)bad + 1, (char *)why);
	}
	n->next_regex = e->regexes;
	e->regexes = n;
	n->match = pcre2_match_data_create(1, NULL);
	/* Where there is no JIT, pcre2_match does the same more slowly. */
	(void)pcre2_jit_compile(n->regex, PCRE2_JIT_COMPLETE);
	return 0;
}

int qf_xregex_match(struct qf_expr *e, const struct qf_xnode *n, struct qf_str text, bool *ret,
		    struct qf_err *err)
{
	int rc = pcre2_match(n->regex, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, 0, n->match, e->context);
	PCRE2_UCHAR why[160];

	*ret = rc >= 0;
	if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH)
		return 0;
	pcre2_get_error_message(rc, why, sizeof(why));
	return qf_err_set(err, QF_E_DATA,
			  "the regex /%.*s/ gives up on a text of %zu bytes: %s; write it with less repetition inside "
			  "repetition", QF_STR_ARG(n->pattern), text.n, (char *)why);
}
