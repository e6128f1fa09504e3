/* geo: {location: {lat: latitude, lon: longitude}}: places in the form of Qdrant, {"lon":..,"lat":..}. */
#include <ctype.h>

#include "common/data/number.h"
#include "tools/transform/text.h"
#include "tools/transform/values.h"

static const char usage[] = "geo: {location: {lat: latitude, lon: longitude, remove: true}, place: text}";

enum order { LAT_LON, LON_LAT };

struct setting {
	const char *lat_text, *lon_text, *from_text;
	int order, on_error;
	bool remove;
	struct qf_path target, lat, lon, from;
	struct qf_path to, of[2]; /* from base: target; lat and lon, or from twice */
	struct qf_base base;
};

struct state {
	struct setting *list;
	size_t n;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "lat", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, lat_text), .arg = "PATH", .data = true,
	  .help = "property with the latitude" },
	{ .name = "lon", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, lon_text), .arg = "PATH", .data = true,
	  .help = "property with the longitude" },
	{ .name = "from", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, from_text), .arg = "PATH", .data = true,
	  .help = "property with both, if it is not the one that is made" },
	{ .name = "order", .type = QF_OPT_CHOICE, .offset = offsetof(struct setting, order), .choices = "lat-lon|lon-lat",
	  .def = "lat-lon", .arg = "ORDER", .data = true, .help = "of the two numbers of a text" },
	{ .name = "remove", .type = QF_OPT_FLAG, .offset = offsetof(struct setting, remove), .data = true,
	  .help = "take out the properties that it was made of" },
	{ .name = "on-error", .type = QF_OPT_CHOICE, .offset = offsetof(struct setting, on_error),
	  .choices = QF_ON_ERROR_CHOICES, .def = "fail", .arg = "WHAT", .data = true,
	  .help = "what becomes of what is no place" },
};
/* clang-format on */

static int compile(struct setting *g, const struct qf_conf *conf, const struct qf_node *k,
		   struct qf_arena *arena, struct qf_err *err)
{
	if (!g->lat_text != !g->lon_text)
		return qf_node_error(conf, k, err, "both lat and lon are expected: %s", usage);
	if (g->lat_text && g->from_text)
		return qf_node_error(conf, k, err, "either lat and lon are expected, or from: %s", usage);
	if (g->remove && !g->lat_text && !g->from_text)
		return qf_node_error(conf, k, err, "remove needs lat and lon, or from");
	if (g->lat_text && (qf_path_compile(&g->lat, conf, k, g->lat_text, false, arena, err) < 0 ||
			    qf_path_compile(&g->lon, conf, k, g->lon_text, false, arena, err) < 0))
		return -1;
	if (g->from_text && qf_path_compile(&g->from, conf, k, g->from_text, false, arena, err) < 0)
		return -1;
	g->to = g->target;
	g->of[0] = g->lat_text ? g->lat : g->from_text ? g->from : g->target;
	g->of[1] = g->lat_text ? g->lon : g->of[0];
	qf_paths_rebase((struct qf_path *[]){ &g->to, &g->of[0], &g->of[1] }, 3, &g->base, arena);
	return 0;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	size_t n = qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "properties are expected: %s", usage);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct qf_node map = { .kind = QF_NODE_MAP, .key = k->key, .line = k->line, .column = k->column };
		struct setting *g = &s->list[s->n++];

		/* `place: text`: the value itself, whatever form it has. */
		if (k->kind == QF_NODE_SCALAR && strcmp(k->text, "text") != 0)
			return qf_node_error(conf, k, err, "'text' or a map of settings is expected: %s", usage);
		if (qf_path_compile(&g->target, conf, k, k->key, false, &s->arena, err) < 0 ||
		    qf_pair_settings(opts, QF_LEN(opts), "lat", g, conf, k->kind == QF_NODE_MAP ? k : &map, NULL, 0,
				     &s->arena, err) < 0 ||
		    compile(g, conf, k, &s->arena, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- coordinates ---- */

/* The number that the text begins with, behind white space; what follows in *text. Null: none. */
static struct qf_str take_number(struct qf_str *text, struct qf_arena *arena)
{
	const char *p = text->p, *end = p + text->n, *from, *digits;
	size_t n;

	while (p < end && isspace((unsigned char)*p))
		p++;
	p += p < end && *p == '+';
	from = p;
	p += p < end && *p == '-';
	digits = p;
	while (p < end && (isdigit((unsigned char)*p) || *p == '.'))
		p++;
	n = (size_t)(p - digits);
	if (n && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < end && (*p == '-' || *p == '+');
		while (p < end && isdigit((unsigned char)*p))
			p++;
	}
	*text = (struct qf_str){ p, (size_t)(end - p) };
	if (!n || !isdigit((unsigned char)*digits) || (n > 1 && *digits == '0' && digits[1] != '.'))
		return (struct qf_str){ 0 };
	return qf_arena_dup(arena, from, (size_t)(p - from));
}

/* A coordinate's text, checked: a JSON number within +-limit. */
static int check(struct qf_str number, double limit, const char *what, struct qf_err *err)
{
	const char *why, *bad, *end = number.p + number.n;
	double d;

	if (qf_json_skip(number.p, end, 1, &why, &bad) != end || qf_f64_parse(number, &d) < 0)
		return qf_err_set(err, QF_E_DATA, "the %s is no number", what);
	if (d < -limit || d > limit)
		return qf_err_set(err, QF_E_DATA, "the %s %.*s is beyond %.0f", what, QF_STR_ARG(number), limit);
	return 0;
}

static struct qf_val *place(struct qf_str lon, struct qf_str lat, struct qf_arena *arena,
			    struct qf_err *err)
{
	struct qf_val *ret;

	if (check(lat, 90, "latitude", err) < 0 || check(lon, 180, "longitude", err) < 0)
		return NULL;
	ret = qf_val_new_object(arena);
	qf_val_set(ret, QF_STR("lon"), qf_val_new_number(arena, lon), arena);
	qf_val_set(ret, QF_STR("lat"), qf_val_new_number(arena, lat), arena);
	return ret;
}

/* A value that holds one coordinate: a number, or a text of one. Null: neither. */
static struct qf_str coordinate(struct qf_val *v, struct qf_arena *arena)
{
	struct qf_str text = qf_val_text(v, arena), number;

	if (v->type != QF_JSON_STRING)
		return text;
	text = qf_text_trim(text);
	number = take_number(&text, arena);
	return text.n ? (struct qf_str){ 0 } : number;
}

/* The next character that is no white space, if it is one of these. */
static bool take_one(struct qf_str *text, const char *of)
{
	while (text->n && isspace((unsigned char)*text->p))
		text->p++, text->n--;
	if (!text->n || !strchr(of, *text->p))
		return false;
	text->p++;
	text->n--;
	return true;
}

static struct qf_val *of_text(const struct setting *g, struct qf_str text, struct qf_arena *arena,
			      struct qf_err *err)
{
	struct qf_str rest = qf_text_trim(text), a, b;
	bool wkt = rest.n > 5 && strncasecmp(rest.p, "POINT", 5) == 0;

	if (wkt) {
		rest.p += 5;
		rest.n -= 5;
		if (!take_one(&rest, "("))
			goto none;
	}
	a = take_number(&rest, arena);
	if (!a.p || (!wkt && !take_one(&rest, ",;") && !(rest.n && isspace((unsigned char)rest.p[-1]))))
		goto none;
	b = take_number(&rest, arena);
	if (!b.p || (wkt && !take_one(&rest, ")")) || rest.n)
		goto none;
	return wkt || g->order == LON_LAT ? place(a, b, arena, err) : place(b, a, arena, err);
none:
	qf_err_set(err, QF_E_DATA, "expected are two numbers with a comma, or \"POINT (lon lat)\"");
	return NULL;
}

/* The two numbers of an array: longitude first, as in GeoJSON. */
static struct qf_val *of_array(struct qf_val *array, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *lon = qf_val_first(array, arena), *lat = lon ? lon->next : NULL;

	if (!lat || lat->next || lon->type != QF_JSON_NUMBER || lat->type != QF_JSON_NUMBER) {
		qf_err_set(err, QF_E_DATA, "expected are [longitude, latitude]");
		return NULL;
	}
	return place(lon->text, lat->text, arena, err);
}

static struct qf_val *member(struct qf_val *object, const char *const *names, size_t n,
			     struct qf_arena *arena)
{
	for (size_t i = 0; i < n; i++) {
		struct qf_val *v = qf_val_get(object, qf_str(names[i]), arena);

		if (v)
			return v;
	}
	return NULL;
}

static struct qf_val *of_object(struct qf_val *object, struct qf_arena *arena, struct qf_err *err)
{
	static const char *const lats[] = { "lat", "latitude" }, *const lons[] = { "lon", "lng", "longitude" };
	struct qf_val *lat = member(object, lats, QF_LEN(lats), arena);
	struct qf_val *lon = member(object, lons, QF_LEN(lons), arena);
	struct qf_val *coordinates = qf_val_get(object, QF_STR("coordinates"), arena);

	if (lat && lon)
		return place(coordinate(lon, arena), coordinate(lat, arena), arena, err);
	if (coordinates && coordinates->type == QF_JSON_ARRAY)
		return of_array(coordinates, arena, err);
	qf_err_set(err, QF_E_DATA, "it has no latitude and longitude");
	return NULL;
}

/* Is it what place() makes, so that its bytes may stay? */
static bool is_place(struct qf_val *v, struct qf_arena *arena)
{
	struct qf_val *lon = qf_val_get(v, QF_STR("lon"), arena), *lat = qf_val_get(v, QF_STR("lat"), arena);

	return lon && lat && lon->type == QF_JSON_NUMBER && lat->type == QF_JSON_NUMBER && qf_val_count(v, arena) == 2;
}

/* The place that one value tells; a list of places for an array of them; NULL with err. */
static struct qf_val *geo_of(const struct setting *g, struct qf_val *v, struct qf_arena *arena,
			     struct qf_err *err)
{
	struct qf_val *first, *list, *made = NULL;

	err->code = QF_OK;
	switch (v->type) {
	case QF_JSON_NULL:
		return qf_val_new_null(arena);
	case QF_JSON_STRING:
		made = of_text(g, qf_val_text(v, arena), arena, err);
		break;
	case QF_JSON_OBJECT:
		made = of_object(v, arena, err);
		if (made && is_place(v, arena))
			return qf_val_copy(v, arena);
		break;
	case QF_JSON_ARRAY:
		first = qf_val_first(v, arena);
		if (first && first->type == QF_JSON_NUMBER) {
			made = of_array(v, arena, err);
			break;
		}
		list = qf_val_new_array(arena);
		for (; first; first = first->next) {
			made = geo_of(g, first, arena, err);
			if (!made)
				return NULL;
			qf_val_append(list, made, arena);
		}
		return list;
	default:
		qf_err_set(err, QF_E_DATA, "it is a %s", qf_val_type_name(v));
	}
	if (!made) {
		if (g->on_error == QF_ON_ERROR_FAIL)
			qf_err_wrap(err, "%s is no place", qf_val_show(v, arena));
		else
			return g->on_error == QF_ON_ERROR_NULL ? qf_val_new_null(arena) : qf_val_copy(v, arena);
	}
	return made;
}

/* ---- points ---- */

static struct qf_val *source(const struct setting *g, int i, struct qf_val *object, struct qf_arena *arena)
{
	return qf_path_first(&g->of[i], qf_val_up(object, g->base.up[i + 1]), arena);
}

/* *ret NULL: nothing is there to make it of. */
static int of_two(const struct setting *g, struct qf_val *object, struct qf_arena *arena,
		  struct qf_val **ret, struct qf_err *err)
{
	struct qf_val *lat = source(g, 0, object, arena), *lon = source(g, 1, object, arena);
	bool has_lat = lat && lat->type != QF_JSON_NULL, has_lon = lon && lon->type != QF_JSON_NULL;

	*ret = NULL;
	if (!has_lat && !has_lon)
		return 0;
	if (!has_lat || !has_lon)
		qf_err_set(err, QF_E_DATA, "there is no '%s' beside '%s'", has_lat ? g->lon_text : g->lat_text,
			   has_lat ? g->lat_text : g->lon_text);
	else
		*ret = place(coordinate(lon, arena), coordinate(lat, arena), arena, err);
	if (*ret || g->on_error == QF_ON_ERROR_KEEP)
		return 0;
	if (g->on_error == QF_ON_ERROR_FAIL && has_lat && has_lon)
		return qf_err_wrap(err, "%s, %s is no place", qf_val_show(lat, arena), qf_val_show(lon, arena));
	*ret = qf_val_new_null(arena);
	return g->on_error == QF_ON_ERROR_FAIL ? -1 : 0;
}

/* A property that is made of others, in one object. */
static int make(const struct setting *g, struct qf_val *object, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *v, *made = NULL;

	if (g->lat_text) {
		if (of_two(g, object, arena, &made, err) < 0)
			return -1;
	} else {
		v = source(g, 0, object, arena);
		made = v ? geo_of(g, v, arena, err) : NULL;
		if (v && !made)
			return -1;
	}
	if (!made)
		return 0;
	for (int i = 0; g->remove && i < 2; i++)
		qf_path_remove_all(&g->of[i], qf_val_up(object, g->base.up[i + 1]), arena);
	return qf_path_set(&g->to, object, made, arena, err);
}

/* A property in its place. */
static int change(const struct setting *g, struct qf_val *root, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *made, **at;
	size_t n = qf_path_all(&g->target, root, arena, &at);

	for (size_t i = 0; i < n; i++) {
		if (at[i]->type == QF_JSON_NULL || (at[i]->type == QF_JSON_OBJECT && is_place(at[i], arena) &&
						    of_object(at[i], arena, err)))
			continue;
		made = geo_of(g, at[i], arena, err);
		if (!made)
			return -1;
		qf_val_assign(at[i], made);
	}
	return 0;
}

static int do_one(const struct setting *g, struct qf_val *root, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val **objects;
	size_t n;

	if (!g->lat_text && !g->from_text)
		return change(g, root, arena, err);
	n = qf_base_objects(&g->base, root, arena, &objects);
	for (size_t i = 0; i < n; i++)
		if (make(g, objects[i], arena, err) < 0)
			return -1;
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	struct qf_val *root;

	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (do_one(&s->list[i], root, arena, err) < 0)
			return qf_err_wrap(err, "'%s'", s->list[i].target.text.p);
	return QF_STEP_KEEP;
}

static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < s->n; i++) {
		const struct setting *g = &s->list[i];

		qf_path_retype(&g->target, rec, "geo", arena);
		if (g->remove && g->lat_text) {
			qf_path_undeclare(&g->lat, rec, arena);
			qf_path_undeclare(&g->lon, rec, arena);
		} else if (g->remove) {
			qf_path_undeclare(&g->from, rec, arena);
		}
	}
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "Of two properties", "geo: {location: {lat: latitude, lon: longitude, remove: true}}",
	  "{\"latitude\":52.520,\"longitude\":\"13.405\"}", "{\"location\":{\"lon\":13.405,\"lat\":52.520}}" },
	{ "Of texts and GeoJSON", "geo: {a: text, b: text, c: text}",
	  "{\"a\":\"52.5, 13.4\",\"b\":\"POINT (13.4 52.5)\",\"c\":{\"type\":\"Point\",\"coordinates\":[13.4,52.5]}}",
	  "{\"a\":{\"lon\":13.4,\"lat\":52.5},\"b\":{\"lon\":13.4,\"lat\":52.5},\"c\":{\"lon\":13.4,\"lat\":52.5}}" },
	{ "No place", "geo: {a: text}", "{\"a\":\"113.4, 52.5\"}",
	  "error: step 1 (geo): collection 'A', id 1, line 1: 'a': \"113.4, 52.5\" is no place: the latitude 113.4 is beyond 90" },
};

const struct qf_step qf_step_geo = {
	.name = "geo",
	.help = "places of two properties, texts, WKT or GeoJSON",
	.usage = usage,
	.group = "values",
	.doc = "The result is Qdrant's {\"lon\":..,\"lat\":..}, the digits as they were written. With `lat` and `lon` it is made of two "
	       "properties; where both are null or not there nothing is made, where one is it is an error. With `from`, or `text` for the "
	       "property itself, it is made of a text (\"lat, lon\", or the other way round with `order: lon-lat`; a comma, semicolon "
	       "or blank between them; \"POINT (lon lat)\"), of an object with lat and lon, lng, latitude or longitude, of GeoJSON's Point, or "
	       "of [lon, lat]. An array of these becomes an array of places. `remove` takes out what it was made of. In the objects of an array each is done for itself: parts.place of parts.lat and parts.lon. A latitude beyond 90 or a longitude beyond 180 is an error with "
	       "the value; `on-error: null` makes it null, `keep` leaves it. A declared index of the property becomes one of geo.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "PATH",
	.pair_value = "text",
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
