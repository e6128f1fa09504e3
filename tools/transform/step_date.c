/* date: {published: auto}: points in time in one form, RFC 3339 in UTC, as datetime indexes take them. */
#include <ctype.h>

#include "tools/transform/date.h"
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] = "date: [created, updated], or date: {created: epoch-ms, day: {from: ['%d.%m.%Y'], zone: '+01:00'}}";

/* Of `from`: common forms, the units in the order of enum qf_epoch, or a pattern. */
static const char *const forms[] = { "epoch-s", "epoch-ms", "epoch-us", "epoch-ns", "auto" };

struct form {
	int known; /* index in forms, or -1: a pattern */
	const char *pattern;
};

struct setting {
	struct qf_opt_list from;
	const char *zone_text;
	int on_error;
	struct form *forms;
	int32_t zone;
	struct qf_path path;
};

struct state {
	struct setting *list;
	size_t n;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "from", .type = QF_OPT_LIST, .offset = offsetof(struct setting, from), .arg = "FORM", .data = true,
	  .help = "forms to try in order: auto, epoch-s, epoch-ms, epoch-us, epoch-ns, or a pattern such as \"%d.%m.%Y %H:%M\"" },
	{ .name = "zone", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, zone_text), .def = "UTC", .arg = "ZONE",
	  .data = true, .help = "zone of what names none: UTC, +01:00" },
	{ .name = "on-error", .type = QF_OPT_CHOICE, .offset = offsetof(struct setting, on_error),
	  .choices = QF_ON_ERROR_CHOICES, .def = "fail", .arg = "WHAT", .data = true,
	  .help = "what becomes of a value that is no date" },
};
/* clang-format on */

/* ---- settings ---- */

static int take_form(struct form *f, const char *text, const struct qf_conf *conf,
		     const struct qf_node *at, struct qf_err *err)
{
	const char *near;
	char bad;

	f->known = -1;
	f->pattern = text;
	for (size_t i = 0; i < QF_LEN(forms); i++)
		if (!strcmp(text, forms[i]))
			f->known = (int)i;
	if (f->known >= 0)
		return 0;
	if (!strchr(text, '%')) {
		near = qf_str_nearest(text, forms, QF_LEN(forms));
		return qf_node_error(conf, at, err, "'%s' is no form of dates%s%s; use auto, epoch-s, epoch-ms, epoch-us, "
				     "epoch-ns, or a pattern such as '%%d.%%m.%%Y'", text,
				     near ? ", did you mean " : "", near ? near : "");
	}
	if (qf_time_pattern_valid(text, &bad))
		return 0;
	if (bad)
		return qf_node_error(conf, at, err, "'%s': there is no %%%c in patterns", text, bad);
	return qf_node_error(conf, at, err, "'%s' says nothing of the year (%%Y, %%y) and is no epoch (%%s)", text);
}

static int compile(struct setting *d, const struct qf_conf *conf, const struct qf_node *at,
		   struct qf_arena *arena, struct qf_err *err)
{
	if (!d->from.n) {
		d->from.items = qf_arena_alloc(arena, sizeof(*d->from.items));
		d->from.items[0] = "auto";
		d->from.n = 1;
	}
	d->forms = qf_arena_alloc(arena, d->from.n * sizeof(*d->forms));
	for (size_t i = 0; i < d->from.n; i++)
		if (take_form(&d->forms[i], d->from.items[i], conf, at, err) < 0)
			return -1;
	if (qf_zone_parse(qf_str(d->zone_text), &d->zone) < 0)
		return qf_node_error(conf, at, err, "zone: '%s' is no zone; use UTC, or an offset such as '+01:00'",
				     d->zone_text);
	return 0;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct qf_node map = { .kind = QF_NODE_MAP };
	bool pairs = value->kind == QF_NODE_MAP;
	struct state *s = state;
	const struct qf_node *k = value->kind == QF_NODE_SCALAR ? value : value->child;
	size_t n = value->kind == QF_NODE_SCALAR ? 1 : qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "properties are expected: %s", usage);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (; s->n < n; k = k->next) {
		struct setting *d = &s->list[s->n++];

		if (!pairs && k->kind != QF_NODE_SCALAR)
			return qf_node_error(conf, k, err, "the path of a property is expected: %s", usage);
		if (qf_path_compile(&d->path, conf, k, pairs ? k->key : k->text, false, &s->arena, err) < 0)
			return -1;
		map.key = pairs ? k->key : k->text;
		if (qf_pair_settings(opts, QF_LEN(opts), "from", d, conf, pairs ? k : &map, NULL, 0, &s->arena, err) < 0 ||
		    compile(d, conf, k, &s->arena, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- values ---- */

/* A text of digits as a JSON number; null where it is none. */
static struct qf_str plain_number(struct qf_str text)
{
	size_t i = text.n && text.p[0] == '-', from = i, points = 0;

	for (; i < text.n; i++) {
		points += text.p[i] == '.';
		if (!isdigit((unsigned char)text.p[i]) && (text.p[i] != '.' || points > 1))
			return (struct qf_str){ 0 };
	}
	return i > from + points ? text : (struct qf_str){ 0 };
}

static int read_form(const struct setting *d, const struct form *f, const struct qf_val *v,
		     struct qf_str text, struct qf_time *t, const char **why)
{
	struct qf_str number = text;

	if (f->known < 0)
		return qf_time_scan(text, f->pattern, d->zone, t, why);
	if (v->type == QF_JSON_STRING) {
		if (f->known == QF_EPOCH_AUTO)
			return qf_time_parse(text, d->zone, t, why);
		number = plain_number(text);
	}
	if (!number.p) {
		*why = "it is no number";
		return -1;
	}
	return qf_time_of_number(number, (enum qf_epoch)f->known, t, why);
}

static int date(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct setting *d = context;
	const char *why = NULL;
	struct qf_str text = qf_val_text(v, arena), trimmed;
	struct qf_time t;
	char out[QF_TIME_TEXT];

	if (!text.p)
		return qf_err_set(err, QF_E_DATA, "%s %s is no date: %s", v->type == QF_JSON_OBJECT ? "an" : "a",
				  qf_val_type_name(v), qf_val_show(v, arena));
	trimmed = qf_text_trim(text);
	for (size_t i = 0; i < d->from.n; i++) {
		if (read_form(d, &d->forms[i], v, trimmed, &t, &why) < 0)
			continue;
		qf_time_format(&t, out);
		if (v->type != QF_JSON_STRING || !qf_str_is(text, out))
			qf_val_assign(v, qf_val_new_string(arena, qf_arena_dup(arena, out, strlen(out))));
		return 0;
	}
	return qf_err_set(err, QF_E_DATA, "%s is no date: %s", qf_val_show(v, arena),
			  d->from.n > 1 ? "it fits none of the forms" : why);
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n; i++) {
		struct qf_each each = { .fn = date, .context = &s->list[i], .on_error = s->list[i].on_error };

		if (qf_each_value(&each, &s->list[i].path, rec, arena, err) < 0)
			return -1;
	}
	return QF_STEP_KEEP;
}

static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < s->n; i++)
		qf_path_retype(&s->list[i].path, rec, "datetime", arena);
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "Common forms and epochs", "date: [a, b, c, d]",
	  "{\"a\":\"2024-01-31 12:00:00.50 +0100\",\"b\":\"Wed, 31 Jan 2024 11:00:00 GMT\",\"c\":1706698800123,\"d\":\"2024-01-31\"}",
	  "{\"a\":\"2024-01-31T11:00:00.5Z\",\"b\":\"2024-01-31T11:00:00Z\",\"c\":\"2024-01-31T11:00:00.123Z\",\"d\":\"2024-01-31T00:00:00Z\"}" },
	{ "A pattern, with the zone that it leaves out", "date: {day: {from: ['%d.%m.%Y %H:%M', '%d.%m.%Y'], zone: '+01:00'}}",
	  "{\"day\":[\"31.1.2024 00:30\",\"1.2.2024\"]}", "{\"day\":[\"2024-01-30T23:30:00Z\",\"2024-01-31T23:00:00Z\"]}" },
	{ "No date", "date: {born: auto}", "{\"born\":\"2023-02-29\"}",
	  "error: step 1 (date): collection 'A', id 1, line 1: 'born': \"2023-02-29\" is no date: there is no such day" },
};

const struct qf_step qf_step_date = {
	.name = "date",
	.help = "dates of many forms and epochs as RFC 3339",
	.usage = usage,
	.group = "values",
	.doc = "The result is RFC 3339 in UTC, without zeros at the end of a fraction: equal moments have equal texts, and the offset that a text had "
	       "is gone. `auto` reads RFC 3339 and ISO 8601 (a day alone is its midnight; a blank for the T; a comma; without "
	       "hyphens and colons), the dates of mail and HTTP, and epochs by size: below 1e11 seconds, 1e14 milliseconds, 1e17 "
	       "microseconds, else nanoseconds. For older moments name the unit: `epoch-ms`. Patterns take %Y %m %d %e %H %I %p %M %S "
	       "%f (fraction) %y %j %b %a %z %s %T %F %D %R %%; month and day are 1 where they are left out. Of several forms the first that fits counts. "
	       "Fractions keep nine digits. Arrays are gone through; null and what is not there stays. What is no date is an error with the value, or "
	       "`on-error: null` makes it null, or `keep` leaves it. A declared index becomes one of datetime.",
	.forms = QF_STEP_PAIRS | QF_STEP_WORDS,
	.pair_key = "PATH",
	.pair_value = "FORM",
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
