/*
 * cast: {year: integer}: another JSON type for a property. Nothing goes through a double on its way:
 * integers are exact to 64 bits, and the digits of a float stay as they were written.
 */
#include <ctype.h>

#include "common/data/number.h"
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] = "cast: {year: integer, price: {to: float, on-error: null}}";

enum type { STRING, INTEGER, FLOAT, BOOL };

struct setting {
	int type, on_error;
	struct qf_path path;
};

struct state {
	struct setting *list;
	size_t n;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "to", .type = QF_OPT_CHOICE, .offset = offsetof(struct setting, type), .choices = "string|integer|float|bool",
	  .def = "string", .arg = "TYPE", .help = "the type", .data = true },
	{ .name = "on-error", .type = QF_OPT_CHOICE, .offset = offsetof(struct setting, on_error),
	  .choices = QF_ON_ERROR_CHOICES, .def = "fail", .arg = "WHAT", .data = true,
	  .help = "what becomes of a value that cannot be cast" },
};
/* clang-format on */

static const char *const names[] = { "string", "integer", "float", "bool" };

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	size_t n = qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "properties and their types are expected: %s", usage);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct setting *c = &s->list[s->n++];

		if (k->kind == QF_NODE_SCALAR && (!strcmp(k->text, "date") || !strcmp(k->text, "datetime") ||
						  !strcmp(k->text, "geo")))
			return qf_node_error(conf, k, err, "the step '%s' makes these: %s: {%s: ..}",
					     *k->text == 'g' ? "geo" : "date", *k->text == 'g' ? "geo" : "date", k->key);
		if (qf_path_compile(&c->path, conf, k, k->key, false, &s->arena, err) < 0 ||
		    qf_pair_settings(opts, QF_LEN(opts), "to", c, conf, k, NULL, 0, &s->arena, err) < 0)
			return -1;
		if (k->kind == QF_NODE_MAP && !qf_node_get(k, "to"))
			return qf_node_error(conf, k, err, "'to' is missing: the type: %s", usage);
	}
	return 0;
}

/* ---- texts as numbers ---- */

static const char *digits(const char *p, const char *end)
{
	while (p < end && isdigit((unsigned char)*p))
		p++;
	return p;
}

/*
 * A text as a JSON number: a plus, leading zeros and a missing digit beside the point are set right.
 * Null where it is no number.
 */
static struct qf_str number_of(struct qf_str text, struct qf_arena *arena)
{
	struct qf_str t = qf_text_trim(text), none = { 0 };
	QF_AUTO_BUF struct qf_buf out = { 0 };
	const char *p = t.p, *end = t.p + t.n, *whole, *point, *behind, *e;

	if (p < end && (*p == '-' || *p == '+'))
		if (*p++ == '-')
			qf_buf_addc(&out, '-');
	whole = p;
	point = p = digits(p, end);
	if (p < end && *p == '.')
		p = digits(p + 1, end);
	behind = p;
	if (behind - whole - (behind > point) < 1)
		return none;
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < end && (*p == '-' || *p == '+');
		e = p;
		p = digits(p, end);
		if (p == e)
			return none;
	}
	if (p != end)
		return none;
	while (whole + 1 < point && *whole == '0')
		whole++;
	if (whole == point)
		qf_buf_addc(&out, '0');
	qf_buf_add(&out, whole, (size_t)(point - whole));
	if (behind - point == 1)
		QF_BUF_LIT(&out, ".0");
	else
		qf_buf_add(&out, point, (size_t)(behind - point));
	qf_buf_add(&out, behind, (size_t)(end - behind));
	return qf_arena_dup(arena, out.p, out.n);
}

/* The value as a number's node: itself, or what its text or boolean says. NULL: none. */
static struct qf_val *as_number(struct qf_val *v, struct qf_arena *arena)
{
	struct qf_str text;

	switch (v->type) {
	case QF_JSON_NUMBER:
		return v;
	case QF_JSON_BOOL:
		return qf_val_new_int(arena, v->boolean);
	case QF_JSON_STRING:
		text = number_of(qf_val_text(v, arena), arena);
		return text.p ? qf_val_new_number(arena, text) : NULL;
	default:
		return NULL;
	}
}

/* ---- casts ---- */

static int no_cast(const struct setting *c, struct qf_val *v, const char *why, struct qf_arena *arena,
		   struct qf_err *err)
{
	return qf_err_set(err, QF_E_DATA, "%s cannot be cast to %s: %s", qf_val_show(v, arena), names[c->type], why);
}

static int to_string(const struct setting *c, struct qf_val *v, struct qf_arena *arena,
		     struct qf_err *err)
{
	if (v->type == QF_JSON_OBJECT)
		return no_cast(c, v, "it is an object", arena, err);
	if (v->type != QF_JSON_STRING)
		qf_val_assign(v, qf_val_new_string(arena, qf_val_as_text(v, arena)));
	return 0;
}

static int to_integer(const struct setting *c, struct qf_val *v, struct qf_arena *arena,
		      struct qf_err *err)
{
	struct qf_val *number = as_number(v, arena);
	uint64_t large;
	int64_t n;

	if (!number)
		return no_cast(c, v, v->type == QF_JSON_OBJECT ? "it is an object" : "it is no number", arena, err);
	if (qf_val_int(number, &n) < 0)
		return no_cast(c, v, qf_val_uint(number, &large) == 0 ? "it is beyond 2^63-1" :
				     "it has a fraction, or is beyond 64 bits", arena, err);
	if (v->type != QF_JSON_NUMBER || !qf_val_is_integer(v) || (n == 0 && *v->text.p == '-'))
		qf_val_assign(v, qf_val_new_int(arena, n));
	return 0;
}

static int to_float(const struct setting *c, struct qf_val *v, struct qf_arena *arena,
		    struct qf_err *err)
{
	struct qf_val *number = as_number(v, arena);
	struct qf_str text;
	double d;

	if (!number)
		return no_cast(c, v, v->type == QF_JSON_OBJECT ? "it is an object" : "it is no number", arena, err);
	if (qf_val_double(number, &d) < 0)
		return no_cast(c, v, "it is beyond the largest double", arena, err);
	text = qf_val_text(number, arena);
	if (qf_val_is_integer(number))
		text = qf_arena_printf(arena, "%s.0", qf_arena_dup_str(arena, text).p);
	else if (v->type == QF_JSON_NUMBER)
		return 0;
	qf_val_assign(v, qf_val_new_number(arena, text));
	return 0;
}

static int to_bool(const struct setting *c, struct qf_val *v, struct qf_arena *arena,
		   struct qf_err *err)
{
	static const char *const words[][2] = { { "false", "true" }, { "f", "t" }, { "no", "yes" }, { "n", "y" },
						{ "off", "on" }, { "0", "1" } };
	struct qf_str text;
	int64_t n;

	if (v->type == QF_JSON_BOOL)
		return 0;
	if (v->type == QF_JSON_NUMBER && qf_val_int(v, &n) == 0 && (n == 0 || n == 1)) {
		qf_val_assign(v, qf_val_new_bool(arena, n == 1));
		return 0;
	}
	if (v->type == QF_JSON_STRING) {
		text = qf_text_lower(qf_text_trim(qf_val_text(v, arena)), arena);
		for (size_t i = 0; i < 2 * QF_LEN(words); i++) {
			if (qf_str_is(text, words[i / 2][i % 2])) {
				qf_val_assign(v, qf_val_new_bool(arena, i % 2));
				return 0;
			}
		}
	}
	return no_cast(c, v, v->type == QF_JSON_OBJECT ? "it is an object" :
			     "it is none of true, false, yes, no, on, off, 1, 0", arena, err);
}

static int cast(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct setting *c = context;

	switch ((enum type)c->type) {
	case STRING:
		return to_string(c, v, arena, err);
	case INTEGER:
		return to_integer(c, v, arena, err);
	case FLOAT:
		return to_float(c, v, arena, err);
	case BOOL:
		return to_bool(c, v, arena, err);
	}
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n; i++) {
		struct qf_each each = { .fn = cast, .context = &s->list[i], .on_error = s->list[i].on_error };

		if (qf_each_value(&each, &s->list[i].path, rec, arena, err) < 0)
			return -1;
	}
	return QF_STEP_KEEP;
}

static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	static const char *const types[] = { "keyword", "integer", "float", "bool" };
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < s->n; i++)
		qf_path_retype(&s->list[i].path, rec, types[s->list[i].type], arena);
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "Types", "cast: {year: integer, price: float, isbn: string, sold: bool}",
	  "{\"year\":\"1999\",\"price\":5,\"isbn\":9783161484100,\"sold\":\"yes\"}",
	  "{\"year\":1999,\"price\":5.0,\"isbn\":\"9783161484100\",\"sold\":true}" },
	{ "Elements of an array; null where it cannot be", "cast: {sizes: {to: integer, on-error: null}}",
	  "{\"sizes\":[\"38\",40.0,\"n/a\",null]}", "{\"sizes\":[38,40,null,null]}" },
	{ "A value that cannot be", "cast: {year: integer}", "{\"year\":\"around 1900\"}",
	  "error: step 1 (cast): collection 'A', id 1, line 1: 'year': \"around 1900\" cannot be cast to integer: it is no number" },
	{ "The index gets the type", "cast: {year: integer}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{\"year\":{\"type\":\"keyword\"}}}",
	  "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{\"year\":{\"type\":\"integer\"}}}" },
};

const struct qf_step qf_step_cast = {
	.name = "cast",
	.help = "another type: string, integer, float or bool",
	.usage = usage,
	.group = "values",
	.doc = "Types are `string`, `integer`, `float` and `bool`. Arrays are gone through; null and what is not there stays. "
	       "An integer is exact and within the 64 bits with a sign that Qdrant has: 5.0 and \"5\" are 5, while a fraction is an error. "
	       "A float keeps its digits and gets `.0` where it had no point: 5 is 5.0. White space around a text, a plus and "
	       "leading zeros do no harm; no other mark does (no thousands, no decimal comma, no hexadecimal). A boolean is one "
	       "of true, false, t, f, yes, no, y, n, on, off, 1 and 0 in any case. A string is the number's text as it was written. "
	       "What cannot be cast is an error with the value, or `on-error: null` makes it null, or `keep` leaves it. A declared "
	       "index gets the new type. The steps `date` and `geo` make the other types.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "PATH",
	.pair_value = "TYPE",
	.pair_opts = opts,
	.n_pair_opts = QF_LEN(opts),
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = step_point,
	.collection = step_schema,
	.close = step_close,
};
