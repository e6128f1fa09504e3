/* How the key space is divided: intervals, the share of a machine, sizes of pages, where to split. */
#include "tools/extract/wv_split.h"

#include <stdlib.h>

enum {
	FAIR_LIMIT = 250,	/* smaller pages are not worth their request */
	FIRST_LIMIT = 100,	/* before the size of an object is known */
	REST_AIM = 1 << 20,	/* JSON text needs many times its size as a tree */
};

struct wv_interval *wv_add_interval(struct wv_scan *s, struct wv_scope *scope, wv_key pos, wv_key hi)
{
	struct wv_interval *i = qf_calloc(1, sizeof(*i));

	i->scope = scope;
	i->pos = pos;
	i->hi = hi;
	i->max_limit = WV_MAX_LIMIT;
	i->next = s->intervals;
	s->intervals = i;
	scope->intervals++;
	return i;
}

static struct qf_str key_json(struct qf_batch *out, wv_key key)
{
	char text[37];

	wv_key_text(key, text);
	return qf_arena_printf(&out->arena, "\"%s\"", text);
}

/* The keys of (from, to] are done; the ends of the space are open. */
void wv_add_cursor(struct wv_scan *s, struct wv_scope *scope, bool from_start, wv_key from, wv_key to,
		       struct qf_batch *out)
{
	struct qf_record *rec;

	if (s->opts.ids_only)
		return;
	rec = qf_batch_add(out, QF_REC_CURSOR);
	rec->collection = qf_str(scope->class->name);
	rec->tenant = qf_str(scope->tenant);
	rec->from = from_start ? QF_STR("null") : key_json(out, from);
	rec->to = to == ~(wv_key)0 ? QF_STR("null") : key_json(out, to);
}

/*
 * Fewer objects read than were counted: objects may have been deleted meanwhile, so the count is
 * asked for once more. What is missing by both counts has not been read.
 */
static const char *missing(struct wv_scan *s, const struct wv_scope *scope, struct qf_batch *out)
{
	uint64_t now = scope->count;
	struct qf_err err;

	if (!scope->has_count || scope->points >= scope->count || s->opts.parts > 1 || s->opts.ids_only)
		return NULL;
	if (qf_weaviate_count(s->server, s->opts.grpc, scope->class->name, scope->tenant, &now, &err) == 0 &&
	    scope->points >= now)
		return NULL;
	return qf_arena_printf(&out->arena, "Weaviate counts %llu objects (%llu before), %llu were read",
			       (unsigned long long)now, (unsigned long long)scope->count,
			       (unsigned long long)scope->points).p;
}

static void close_scope(struct wv_scan *s, struct wv_scope *scope, struct qf_batch *out)
{
	const char *short_of = scope->why || scope->limited ? NULL : missing(s, scope, out);
	struct qf_record *rec = qf_batch_add(out, QF_REC_SCOPE);

	if (scope->opened)
		s->open_scopes--;
	scope->closed = true;
	rec->collection = qf_str(scope->class->name);
	rec->tenant = qf_str(scope->tenant);
	rec->points = scope->points;
	rec->count = scope->count;
	rec->has_count = scope->has_count;
	rec->unproven = scope->class->replicas > 1;
	rec->whole = !scope->why && !scope->limited && !short_of && s->opts.parts == 1;
	if (short_of)
		rec->why = qf_str(short_of);
	else if (scope->why)
		rec->why = qf_str(scope->why);
	else if (scope->limited)
		rec->why = qf_arena_printf(&out->arena, "limit %llu", (unsigned long long)s->opts.limit);
	else if (s->opts.parts > 1)
		rec->why = qf_arena_printf(&out->arena, "partition %u/%u", s->opts.part, s->opts.parts);
}

void wv_end_interval(struct wv_scan *s, struct wv_interval *i, struct qf_batch *out)
{
	struct wv_interval **at = &s->intervals;
	struct wv_scope *scope = i->scope;

	while (*at != i)
		at = &(*at)->next;
	*at = i->next;
	/* A probe that is still out frees it, and has nothing to split any more. */
	i->ended = true;
	if (!i->probing)
		free(i);
	if (--scope->intervals == 0)
		close_scope(s, scope, out);
}

/* The share of this machine: equal pieces of the key space. */
static void share(const struct wv_scan *s, wv_key *from, wv_key *to)
{
	wv_key piece = ~(wv_key)0 / s->opts.parts;

	*from = s->opts.from;
	*to = s->opts.to;
	if (s->opts.parts == 1)
		return;
	*from = piece * (s->opts.part - 1);
	*to = s->opts.part == s->opts.parts ? ~(wv_key)0 : piece * s->opts.part - 1;
}

void wv_open_scope(struct wv_scan *s, struct wv_scope *scope, struct qf_batch *out)
{
	struct wv_interval *i;
	wv_key from, to;

	if (scope->class != s->announced && !s->opts.ids_only)
		wv_add_collection(scope->class, out);
	s->announced = scope->class;
	if (s->opts.has_limit && s->opts.limit == 0 && !scope->why)
		scope->limited = true;
	if (scope->why || scope->limited) {
		close_scope(s, scope, out);
		return;
	}
	scope->opened = true;
	s->open_scopes++;
	share(s, &from, &to);
	i = wv_add_interval(s, scope, from - 1, to);
	i->at_start = from == 0;
}

struct wv_interval *wv_idle_interval(struct wv_scan *s)
{
	struct wv_interval *last = NULL;

	/* The oldest first: the list grows at its head. */
	for (struct wv_interval *i = s->intervals; i; i = i->next)
		if (!i->busy)
			last = i;
	return last;
}

uint64_t wv_class_points(const struct wv_scan *s, const struct wv_class *class)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n_scopes; i++)
		if (s->scopes[i].class == class)
			n += s->scopes[i].points;
	return n;
}

/* Pages in flight share the memory meant for them. */
size_t wv_aim(const struct wv_scan *s)
{
	return s->opts.jobs > 6 ? (24u << 20) / s->opts.jobs : WV_AIM;
}

unsigned wv_page_limit(struct wv_scan *s, const struct wv_interval *i, bool rest)
{
	double aim = rest || i->scope->class->has_refs ? REST_AIM : wv_aim(s), limit = FIRST_LIMIT, fair;

	if (s->opts.ids_only)
		limit = WV_MAX_LIMIT;
	else if (i->bytes)
		limit = aim / (double)i->bytes;
	/* Of a small collection every request should get something. */
	fair = (double)i->scope->count / (4 * s->opts.jobs);
	fair = fair < FAIR_LIMIT ? FAIR_LIMIT : fair;
	if (i->scope->has_count && limit > fair)
		limit = fair;
	/* Near the end of an interval a full page would mostly hold the neighbour's objects. */
	if (i->density > 0) {
		double left = (double)(i->hi - i->pos) * i->density * 1.1 + 16;

		limit = limit > left ? left : limit;
	}
	if (limit > i->max_limit)
		limit = i->max_limit;
	if (s->opts.has_limit) {
		uint64_t left = s->opts.limit - wv_class_points(s, i->scope->class);

		/* One more shows whether anything is left out. */
		if (limit > (double)left + 1)
			limit = (double)left + 1;
	}
	return limit < 1 ? 1 : (unsigned)limit;
}

/* Keys of the whole scope that have not been read; a huge number where nobody counted. */
static double left_in_scope(const struct wv_scope *scope)
{
	if (!scope->has_count)
		return 0x1p63;
	return scope->count > scope->points ? (double)(scope->count - scope->points) : 0;
}

/* Keys that an interval may have left: by the density of its last page, and never more than the
 * scope has. */
double wv_left_in(const struct wv_interval *i)
{
	double by_density = (double)(i->hi - i->pos) * i->density, in_scope = left_in_scope(i->scope);

	return by_density < in_scope ? by_density : in_scope;
}

/* Where half of what is left ought to lie. Ids that share their beginnings are dense at first and
 * then end: half the space would hold nothing, half the keys at this density is a far better guess. */
wv_key wv_middle_of(const struct wv_interval *i)
{
	wv_key space = i->hi - i->pos;
	double by_keys = wv_left_in(i) / i->density;

	if (by_keys < (double)space && by_keys >= 4)
		space = (wv_key)by_keys;
	return i->pos + space / 2;
}
