/* replace: {title: {match: '\s+', with: ' '}}: regexes, by PCRE2, with an end to what they may cost. */
#include <ctype.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "tools/transform/values.h"

static const char usage[] = "replace: {title: {match: '\\s+', with: ' '}, phone: {match: '(\\d+)-(\\d+)', with: '$2/$1'}}";

enum {
	MATCH_LIMIT = 2000000,	/* steps of one match; about a second at the worst */
	HEAP_LIMIT_KIB = 32 << 10,
	JIT_STACK_MIN = 32 << 10,
	JIT_STACK_MAX = 4 << 20,
	RESULT_LIMIT = 64 << 20,
};

struct setting {
	const char *match, *with;
	bool literal, ignore_case, first;
	struct qf_path path;
	pcre2_code *code;
	pcre2_match_context *limits;
	pcre2_match_data *match_data;
	uint32_t options;
	char *room; /* of results */
	size_t n_room;
};

struct state {
	struct setting *list;
	size_t n;
	pcre2_match_context *limits;
	pcre2_jit_stack *stack;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "match", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, match), .arg = "REGEX", .data = true,
	  .help = "what is replaced" },
	{ .name = "with", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, with), .def = "", .arg = "TEXT", .data = true,
	  .help = "what takes its place; $0 is all that matched, $1 and $<name> are groups, $$ is the sign" },
	{ .name = "literal", .type = QF_OPT_FLAG, .offset = offsetof(struct setting, literal), .data = true,
	  .help = "both are plain texts" },
	{ .name = "ignore-case", .type = QF_OPT_FLAG, .offset = offsetof(struct setting, ignore_case), .data = true,
	  .help = "upper and lower case are one" },
	{ .name = "first", .type = QF_OPT_FLAG, .offset = offsetof(struct setting, first), .data = true,
	  .help = "replace the first match only" },
};
/* clang-format on */

/* ---- settings ---- */

static bool has_group(const struct setting *r, struct qf_str name)
{
	QF_AUTO_FREE char *text = qf_strndup(name.p, name.n);
	unsigned long long number;
	uint32_t groups = 0;

	if (isdigit((unsigned char)*text)) {
		pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &groups);
		return qf_parse_uint(text, &number) == 0 && number <= groups;
	}
	return pcre2_substring_number_from_name(r->code, (PCRE2_SPTR)text) > 0;
}

/*
 * `with` in PCRE2's spelling: $<name> for ${name}, which a mapping takes for a variable of the
 * environment. Groups that are not there would be found out by the first match only.
 */
static int compile_with(struct setting *r, const struct qf_conf *conf, const struct qf_node *at,
			struct qf_arena *arena, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	for (const char *p = r->with; *p;) {
		bool angle = p[1] == '<', digits;
		struct qf_str name;

		if (*p != '$' || p[1] == '$') {
			if (*p == '$')
				qf_buf_addc(&out, *p++);
			qf_buf_addc(&out, *p++);
			continue;
		}
		name.p = p += 1 + angle;
		digits = isdigit((unsigned char)*p);
		while (digits ? isdigit((unsigned char)*p) : isalnum((unsigned char)*p) || *p == '_')
			p++;
		name.n = (size_t)(p - name.p);
		if (!name.n || (angle && *p++ != '>'))
			return qf_node_error(conf, at, err, "'%s': behind '$' a group is expected, such as $1 or $<name>; for the "
					     "sign itself write '$$'", r->with);
		if (!has_group(r, name))
			return qf_node_error(conf, at, err, "'%s': the regex has no group '%.*s'", r->with, QF_STR_ARG(name));
		qf_buf_printf(&out, "${%.*s}", QF_STR_ARG(name));
	}
	r->with = qf_arena_dup(arena, out.p ? out.p : "", out.n).p;
	return 0;
}

static int compile(struct setting *r, struct state *s, const struct qf_conf *conf,
		   const struct qf_node *at, struct qf_err *err)
{
	PCRE2_UCHAR why[160];
	PCRE2_SIZE bad;
	int code;

	if (!r->match || !*r->match)
		return qf_node_error(conf, at, err, "'match' is missing: what is to be replaced: %s", usage);
	/* Of a plain text PCRE2 takes no options for what regexes are made of. */
	r->code = pcre2_compile((PCRE2_SPTR)r->match, PCRE2_ZERO_TERMINATED,
				PCRE2_UTF | (r->literal ? PCRE2_LITERAL : PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C) |
					(r->ignore_case ? PCRE2_CASELESS : 0),
				&code, &bad, NULL);
	if (!r->code) {
		pcre2_get_error_message(code, why, sizeof(why));
		return qf_node_error(conf, at, err, "'%s': the regex is wrong at its byte %zu: %s", r->match, (size_t)bad + 1,
				     (char *)why);
	}
	/* Where there is no JIT, matching is slower and all else is the same. */
	(void)pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE);
	r->match_data = pcre2_match_data_create_from_pattern(r->code, NULL);
	r->limits = s->limits;
	r->options = PCRE2_NO_UTF_CHECK | PCRE2_SUBSTITUTE_OVERFLOW_LENGTH | PCRE2_SUBSTITUTE_UNSET_EMPTY |
		     (r->literal ? PCRE2_SUBSTITUTE_LITERAL : 0) | (r->first ? 0 : PCRE2_SUBSTITUTE_GLOBAL);
	return r->literal ? 0 : compile_with(r, conf, at, &s->arena, err);
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	size_t n = qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "properties are expected: %s", usage);
	s->limits = pcre2_match_context_create(NULL);
	s->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
	if (!s->limits || !s->stack)
		return qf_err_set(err, QF_E_TEMP, "out of memory");
	pcre2_set_match_limit(s->limits, MATCH_LIMIT);
	pcre2_set_heap_limit(s->limits, HEAP_LIMIT_KIB);
	pcre2_jit_stack_assign(s->limits, NULL, s->stack);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct setting *r = &s->list[s->n++];

		if (k->kind != QF_NODE_MAP)
			return qf_node_error(conf, k, err, "a map with match and with is expected: %s", usage);
		if (qf_path_compile(&r->path, conf, k, k->key, false, &s->arena, err) < 0 ||
		    qf_pair_settings(opts, QF_LEN(opts), "match", r, conf, k, NULL, 0, &s->arena, err) < 0 ||
		    compile(r, s, conf, k, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- values ---- */

static int gives_up(struct setting *r, struct qf_val *v, int code, struct qf_arena *arena, struct qf_err *err)
{
	PCRE2_UCHAR why[160];

	pcre2_get_error_message(code, why, sizeof(why));
	return qf_err_set(err, QF_E_DATA,
			  "the regex /%s/ gives up: %s; write it with less repetition inside repetition: %s", r->match,
			  (char *)why, qf_val_show(v, arena));
}

static int replace(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	struct setting *r = context;
	struct qf_str text;
	PCRE2_SIZE n;
	int rc;

	if (v->type != QF_JSON_STRING)
		return qf_err_set(err, QF_E_DATA, "%s is no text: cast it to string before", qf_val_show(v, arena));
	text = qf_val_text(v, arena);
	for (;;) {
		n = r->n_room;
		rc = pcre2_substitute(r->code, (PCRE2_SPTR)text.p, text.n, 0, r->options, r->match_data, r->limits,
				      (PCRE2_SPTR)r->with, PCRE2_ZERO_TERMINATED, (PCRE2_UCHAR *)r->room, &n);
		if (rc != PCRE2_ERROR_NOMEMORY)
			break;
		/* Of a room that is too small n is the length that is needed. */
		if (n > RESULT_LIMIT || n <= r->n_room)
			return qf_err_set(err, QF_E_DATA, "the result would pass %d MiB: %s", RESULT_LIMIT >> 20,
					  qf_val_show(v, arena));
		r->room = qf_realloc(r->room, n, 1);
		r->n_room = n;
	}
	if (rc < 0)
		return gives_up(r, v, rc, arena, err);
	if (rc > 0 && !qf_str_eq(text, (struct qf_str){ r->room, n }))
		qf_val_assign(v, qf_val_new_string(arena, qf_arena_dup(arena, r->room, n)));
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n; i++) {
		struct qf_each each = { .fn = replace, .context = &s->list[i] };

		if (qf_each_value(&each, &s->list[i].path, rec, arena, err) < 0)
			return -1;
	}
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n; i++) {
		pcre2_code_free(s->list[i].code);
		pcre2_match_data_free(s->list[i].match_data);
		free(s->list[i].room);
	}
	pcre2_match_context_free(s->limits);
	pcre2_jit_stack_free(s->stack);
	qf_arena_release(&s->arena);
}

static const struct qf_step_example examples[] = {
	{ "Groups", "replace: {name: {match: '(\\w+), (\\w+)', with: '$2 $1'}}", "{\"name\":\"Austen, Jane\"}",
	  "{\"name\":\"Jane Austen\"}" },
	{ "Every match, in every element", "replace: {tags: {match: '\\s+', with: '-'}}", "{\"tags\":[\"a b\\t c\",\"d\"]}",
	  "{\"tags\":[\"a-b-c\",\"d\"]}" },
	{ "Plain texts", "replace: {price: {match: '$', with: 'USD ', literal: true}}", "{\"price\":\"$5\"}",
	  "{\"price\":\"USD 5\"}" },
};

const struct qf_step qf_step_replace = {
	.name = "replace",
	.help = "replace in texts what a regex matches",
	.usage = usage,
	.group = "values",
	.doc = "Regexes are those of PCRE2, on characters of Unicode (\\w and \\d too). All matches are replaced, or the `first` alone. In `with`, "
	       "$0 is what matched, $1 and $<name> are groups (empty where they took no part), $$ is the sign itself; without `with` the match goes. `literal` "
	       "takes both as plain texts. Arrays are gone through; null and what is not there stays. A number or an "
	       "object is an error, and so is a text on which the regex takes too long, or a result beyond 64 MiB.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "PATH",
	.pair_opts = opts,
	.n_pair_opts = QF_LEN(opts),
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = step_point,
	.close = step_close,
};
