#include "tools/extract/wv_scan.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "tools/extract/wv_split.h"

enum slot_state { IDLE, RUNNING, WAITING };

struct wv_slot {
	enum slot_state state;
	struct qf_call call, refs;
	struct qf_buf body, url, refs_url;
	struct wv_interval *interval;
	bool rest, with_refs, probe;
	unsigned limit;
	wv_key middle;		/* of a probe */
	struct qf_retry retry;
	double wait_until;
	bool signed_in_again;
};

/* ---- requests ---- */

static int start(struct wv_scan *s, struct wv_slot *slot, struct qf_err *err)
{
	struct wv_interval *i = slot->interval;
	struct wv_class *class = i->scope->class;
	struct wv_page_query q = {
		.class = class, .tenant = i->scope->tenant, .has_after = !i->at_start, .after = i->pos,
		.limit = slot->limit, .ids_only = s->opts.ids_only || slot->probe,
		.timestamps = s->opts.timestamps, .consistency = s->opts.consistency,
	};

	if (qf_weaviate_refresh(s->server, false, err) < 0)
		return -1;
	if (slot->probe) {
		q.has_after = true;
		q.after = slot->middle;
	}
	qf_buf_reset(&slot->body);
	qf_buf_reset(&slot->url);
	slot->call.grpc = !slot->rest;
	slot->call.max_reply = slot->limit == 1 ? 0 : slot->rest ? WV_REST_CAP : 4 * wv_aim(s);
	slot->with_refs = class->has_refs && !slot->rest && !q.ids_only;
	if (slot->rest) {
		qf_buf_puts(&slot->url, s->server->url);
		wv_query_rest(&q, !q.ids_only, &slot->url);
		slot->call.method = "GET";
		slot->call.url = qf_buf_cstr(&slot->url);
		slot->call.body = (struct qf_str){ 0 };
	} else {
		wv_query_grpc(&q, &slot->body);
		slot->call.url = s->grpc_search;
		slot->call.body = qf_buf_str(&slot->body);
	}
	qf_call_start(s->server->http, &slot->call);
	if (slot->with_refs) {
		qf_buf_reset(&slot->refs_url);
		qf_buf_puts(&slot->refs_url, s->server->url);
		wv_query_rest(&q, false, &slot->refs_url);
		slot->refs.method = "GET";
		slot->refs.url = qf_buf_cstr(&slot->refs_url);
		slot->refs.max_reply = slot->limit > 1 ? WV_REST_CAP : 0;
		qf_call_start(s->server->http, &slot->refs);
	}
	slot->state = RUNNING;
	return 0;
}

static int start_page(struct wv_scan *s, struct wv_slot *slot, struct wv_interval *i, struct qf_err *err)
{
	slot->interval = i;
	slot->probe = false;
	slot->rest = !s->opts.grpc || i->scope->class->why_rest || i->one_by_rest;
	if (slot->rest && !i->pages && wv_check_rest(s->server, i->scope->class, err) < 0)
		return -1;
	slot->limit = i->one_by_rest ? 1 : wv_page_limit(s, i, slot->rest);
	i->busy = true;
	return start(s, slot, err);
}

/*
 * Takes work off the interval that has most left: asks for the first key behind its middle. One
 * probe at a time, and only of an interval that has shown where its keys lie.
 */
static int start_probe(struct wv_scan *s, struct wv_slot *slot, bool *started, struct qf_err *err)
{
	struct wv_interval *best = NULL;

	*started = false;
	if (!s->opts.split || s->opts.has_limit)
		return 0;
	for (struct wv_interval *i = s->intervals; i; i = i->next) {
		if (!i->busy || i->probing || i->whole || i->at_start || !i->pages || i->hi - i->pos < 2)
			continue;
		if (wv_left_in(i) > 1.5 * wv_page_limit(s, i, false) && (!best || wv_left_in(i) > wv_left_in(best)))
			best = i;
	}
	if (!best)
		return 0;
	slot->interval = best;
	slot->probe = true;
	slot->rest = !s->opts.grpc || best->scope->class->why_rest;
	slot->middle = wv_middle_of(best);
	slot->limit = 1;
	best->probing = true;
	*started = true;
	return start(s, slot, err);
}

static int fill_slots(struct wv_scan *s, struct qf_batch *out, struct qf_err *err)
{
	for (unsigned k = 0; k < s->opts.jobs; k++) {
		struct wv_slot *slot = &s->slots[k];
		struct wv_interval *i;
		bool started;

		if (slot->state != IDLE)
			continue;
		qf_retry_reset(&slot->retry);
		slot->signed_in_again = false;
		i = wv_idle_interval(s);
		/* With a limit one scope is read after the other, so that the first ones fill it. */
		while (!i && s->next_scope < s->n_scopes && (!s->opts.has_limit || s->open_scopes == 0)) {
			struct wv_scope *scope = &s->scopes[s->next_scope++];

			if (s->opts.has_limit && wv_class_points(s, scope->class) >= s->opts.limit)
				scope->limited = true;
			wv_open_scope(s, scope, out);
			i = wv_idle_interval(s);
		}
		if (i) {
			if (start_page(s, slot, i, err) < 0)
				return -1;
		} else if (start_probe(s, slot, &started, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* ---- replies ---- */

static int again(struct wv_scan *s, struct wv_slot *slot, struct qf_err *err)
{
	double wait = qf_retry_next(&slot->retry, err->retry_after);

	if (wait < 0)
		return qf_err_hint(err, "; gave up after %u tries", slot->retry.attempt + 1);
	s->retries++;
	if (wait > 10)
		qf_warn("%s; it asks to wait %.0f s", err->msg, wait);
	qf_debug("%s; again in %.1f s", err->msg, wait);
	slot->wait_until = qf_now() + wait;
	slot->state = WAITING;
	return 0;
}

/* Pages of this interval become smaller; one object alone that is too large goes by REST. */
static int smaller(struct wv_scan *s, struct wv_slot *slot, uint64_t announced, struct qf_err *err)
{
	struct wv_interval *i = slot->interval;
	double factor = announced ? (double)wv_aim(s) / (double)announced : 0.5;

	if (slot->limit == 1) {
		if (slot->rest)
			return qf_err_wrap(err, "class '%s': one object alone", i->scope->class->name);
		i->one_by_rest = true;
	}
	i->max_limit = (unsigned)(slot->limit * (factor < 0.5 ? factor : 0.5));
	if (i->max_limit < 1)
		i->max_limit = 1;
	qf_debug("page of '%s' too large; now %u objects", i->scope->class->name, i->max_limit);
	return start_page(s, slot, i, err);
}

static bool says(const struct qf_call *call, const struct qf_err *err, const char *words)
{
	return strcasestr(call->grpc ? call->error : err->msg, words) != NULL;
}

static void abandon_scope(struct wv_scan *s, struct wv_slot *slot, const char *why, struct qf_batch *out)
{
	struct wv_scope *scope = slot->interval->scope;

	scope->why = why;
	slot->interval->busy = false;
	/* Its other intervals meet the same refusal; drop those that are not in flight. */
	for (struct wv_interval *i = s->intervals, *next; i; i = next) {
		next = i->next;
		if (i->scope == scope && !i->busy)
			wv_end_interval(s, i, out);
	}
}

/* A reply that is an error: retry, ask for less, go over to REST, or fail. */
static int failed(struct wv_scan *s, struct wv_slot *slot, const struct qf_call *call,
		  struct qf_batch *out, struct qf_err *err)
{
	struct wv_interval *i = slot->interval;
	struct wv_class *class = i->scope->class;
	bool may_pass;

	/* A probe only saves time; without it the interval stays in one piece. */
	if (slot->probe) {
		i->whole = !err->retry;
		return 0;
	}
	if (call->too_large || says(call, err, "larger than max") || says(call, err, "maximum results"))
		return smaller(s, slot, call->too_large_size, err);
	if (err->code == QF_E_ACCESS && s->server->token_endpoint && !slot->signed_in_again) {
		slot->signed_in_again = true;
		if (qf_weaviate_refresh(s->server, true, err) < 0)
			return -1;
		return start(s, slot, err);
	}
	if (says(call, err, "tenant not active") || says(call, err, "tenant not found")) {
		abandon_scope(s, slot, says(call, err, "not found") ? "the tenant has gone" : "the tenant is not active",
			      out);
		return 0;
	}
	/* UNKNOWN says nothing; it may pass, and REST is for what does not. */
	may_pass = call->grpc && err->code != QF_E_ACCESS && call->grpc_status == 2 && slot->retry.attempt < 2;
	if ((err->retry && slot->retry.attempt < slot->retry.max) || may_pass)
		return again(s, slot, err);
	if (call->grpc && err->code != QF_E_ACCESS && !class->why_rest &&
	    (call->grpc_status == 2 || call->grpc_status == 13)) {
		class->why_rest = "its gRPC pages fail";
		qf_retry_reset(&slot->retry);
		if (wv_check_rest(s->server, class, err) < 0)
			return -1;
		qf_warn("class '%s': %s; reading it by REST, which is slower", class->name, err->msg);
		return start_page(s, slot, i, err);
	}
	return qf_err_wrap(err, "class '%s'%s%s%s", class->name, i->scope->tenant ? ", tenant '" : "",
			   i->scope->tenant ? i->scope->tenant : "", i->scope->tenant ? "'" : "");
}

static void probe_done(struct wv_scan *s, struct wv_slot *slot, const struct wv_page *page,
		       struct qf_batch *out)
{
	struct wv_interval *i = slot->interval, *upper;

	/* While the probe was out the interval may have come past the middle. */
	if (i->pos >= slot->middle || i->hi <= slot->middle)
		return;
	if (page->used == 0) {
		wv_add_cursor(s, i->scope, false, slot->middle, i->hi, out);
		i->hi = slot->middle;
		return;
	}
	upper = wv_add_interval(s, i->scope, slot->middle, i->hi);
	upper->bytes = i->bytes;
	upper->max_limit = i->max_limit;
	i->hi = slot->middle;
}

static void page_done(struct wv_scan *s, struct wv_slot *slot, const struct wv_page *page,
		      struct qf_batch *out)
{
	struct wv_interval *i = slot->interval;
	struct wv_scope *scope = i->scope;
	bool ends = page->n == 0 || page->beyond;
	bool limited = s->opts.has_limit && page->beyond && wv_class_points(s, scope->class) >= s->opts.limit;

	i->busy = false;
	i->pages++;
	i->one_by_rest = false;
	if (page->n) {
		size_t bytes = slot->call.reply.n / page->n + 1;

		/* A run of larger objects shows at once, smaller ones are believed slowly. */
		i->bytes = bytes > i->bytes ? bytes : (3 * i->bytes + bytes) / 4;
		if (i->max_limit < WV_MAX_LIMIT)
			i->max_limit += i->max_limit / 4 + 1;
	}
	if (page->used > 1)
		i->density = (double)page->used / ((double)(page->last - page->first) + 1);
	if (limited) {
		scope->limited = true;
		if (page->used)
			wv_add_cursor(s, scope, i->at_start, i->pos, page->last, out);
		wv_end_interval(s, i, out);
		return;
	}
	wv_add_cursor(s, scope, i->at_start, i->pos, ends ? i->hi : page->last, out);
	i->at_start = false;
	if (page->used)
		i->pos = page->last;
	if (ends || i->pos >= i->hi)
		wv_end_interval(s, i, out);
}

/* Where the references of an object stand: on the REST page, else (it was written in between) in
 * the object itself. Both pages go in the order of ids, so the search goes on where it stopped. */
struct refs {
	struct wv_scan *scan;
	struct wv_scope *scope;
	const struct qf_json *at;	/* next object of the page */
	const struct qf_json *first;
	struct qf_arena *arena;
};

static int find_refs(void *ctx, const char *id, const struct qf_json **ret, struct qf_err *err)
{
	struct refs *r = ctx;
	QF_AUTO_BUF struct qf_buf path = { 0 };
	struct qf_json *object;

	for (int round = 0; round < 2; round++) {
		for (; r->at; r->at = r->at->next)
			if (qf_str_is(qf_json_get_str(r->at, "id", ""), id)) {
				*ret = r->at;
				return 0;
			}
		r->at = r->first;
	}
	qf_buf_printf(&path, "/v1/objects/%s/%s", r->scope->class->name, id);
	if (r->scope->tenant) {
		QF_BUF_LIT(&path, "?tenant=");
		qf_url_escape(&path, qf_str(r->scope->tenant));
	}
	if (qf_weaviate_get(r->scan->server, qf_buf_cstr(&path), true, r->arena, &object, err) < 0)
		return -1;
	*ret = object;
	return 0;
}

static int reply(struct wv_scan *s, struct wv_slot *slot, struct qf_batch *out, struct qf_err *err)
{
	struct wv_interval *i = slot->interval;
	struct wv_scope *scope = i->scope;
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct wv_page_target target = {
		.class = scope->class, .tenant = scope->tenant, .tenant_key = s->opts.tenant_key,
		.has_after = slot->probe || !i->at_start, .after = slot->probe ? slot->middle : i->pos, .hi = i->hi,
		.max = SIZE_MAX, .timestamps = s->opts.timestamps, .ids_only = s->opts.ids_only, .out = out,
	};
	struct refs ctx = { .scan = s, .scope = scope, .arena = &arena };
	struct qf_batch probe = { 0 };
	struct qf_json *doc = NULL, *refs = NULL;
	struct wv_page page;
	int rc;

	if (qf_weaviate_check(&slot->call, err) < 0)
		return failed(s, slot, &slot->call, out, err);
	if (slot->with_refs) {
		if (qf_call_check(&slot->refs, "Weaviate", err) < 0)
			return failed(s, slot, &slot->refs, out, err);
		if (qf_json_parse(&arena, slot->refs.reply.p, slot->refs.reply.n, "Weaviate's reply", &refs, err) < 0)
			return -1;
		refs = qf_json_get(refs, "objects");
		ctx.first = ctx.at = refs ? refs->child : NULL;
		target.find_refs = find_refs;
		target.refs_ctx = &ctx;
	}
	if (s->opts.has_limit)
		target.max = s->opts.limit - wv_class_points(s, scope->class);
	if (slot->probe) {
		target.ids_only = true;
		target.out = &probe;
	}
	if (slot->rest) {
		if (qf_json_parse(&arena, slot->call.reply.p, slot->call.reply.n, "Weaviate's reply", &doc, err) < 0)
			return -1;
		rc = wv_page_rest(doc, &target, &page, err);
	} else {
		rc = wv_page_grpc(qf_call_message(&slot->call), &target, &page, err);
	}
	qf_batch_release(&probe);
	if (rc < 0)
		return -1;
	if (slot->probe) {
		probe_done(s, slot, &page, out);
		return 0;
	}
	scope->points += page.used;
	page_done(s, slot, &page, out);
	/* What one large page needed is not kept for the small ones. */
	if (slot->call.reply.cap > 2 * wv_aim(s))
		qf_buf_release(&slot->call.reply);
	if (slot->refs.reply.cap > 2 * wv_aim(s))
		qf_buf_release(&slot->refs.reply);
	return 0;
}

/* ---- the loop ---- */

/* The first slot whose reply is there, or NULL. */
static struct wv_slot *done_slot(struct wv_scan *s)
{
	for (unsigned k = 0; k < s->opts.jobs; k++) {
		struct wv_slot *slot = &s->slots[k];

		if (slot->state == RUNNING && slot->call.done && (!slot->with_refs || slot->refs.done))
			return slot;
	}
	return NULL;
}

/* Starts again what has waited long enough; *wait becomes the time to the next, *busy whether
 * anything is under way. */
static int wake_slots(struct wv_scan *s, double *wait, bool *busy, struct qf_err *err)
{
	for (unsigned k = 0; k < s->opts.jobs; k++) {
		struct wv_slot *slot = &s->slots[k];
		double left = slot->wait_until - qf_now();

		*busy |= slot->state != IDLE;
		if (slot->state != WAITING)
			continue;
		if (left > 0)
			*wait = left < *wait ? left : *wait;
		else if (start(s, slot, err) < 0)
			return -1;
	}
	return 0;
}

int wv_scan_next(struct wv_scan *s, struct qf_batch *out, struct qf_err *err)
{
	struct wv_slot *slot;
	double wait = 3600;
	bool busy = false;

	/* Requests go out before replies are looked into, so that the server is never idle. */
	if (fill_slots(s, out, err) < 0)
		return -1;
	slot = done_slot(s);
	if (!slot) {
		if (out->n)
			return 0;
		if (wake_slots(s, &wait, &busy, err) < 0)
			return -1;
		if (!busy)
			return 1;
		if (qf_http_run(s->server->http, wait, -1, err) < 0)
			return -1;
		slot = done_slot(s);
	}
	if (!slot)
		return 0;
	slot->state = IDLE;
	if (slot->probe) {
		slot->interval->probing = false;
		if (slot->interval->ended) {
			free(slot->interval);
			return 0;
		}
	}
	return reply(s, slot, out, err);
}

void wv_scan_open(struct wv_scan *s, struct qf_weaviate *server, struct wv_scope *scopes,
		  size_t n_scopes, const struct wv_scan_opts *opts)
{
	*s = (struct wv_scan){ .server = server, .opts = *opts, .scopes = scopes, .n_scopes = n_scopes };
	s->slots = qf_calloc(opts->jobs, sizeof(*s->slots));
	s->grpc_search = qf_asprintf("%s/weaviate.v1.Weaviate/Search", server->grpc_url);
	for (unsigned k = 0; k < opts->jobs; k++)
		s->slots[k].retry = (struct qf_retry){ .base = 0.2, .cap = 20, .max = server->retries,
						       .seed = (uint64_t)getpid() + k };
}

void wv_scan_close(struct wv_scan *s)
{
	for (unsigned k = 0; s->slots && k < s->opts.jobs; k++) {
		if (s->slots[k].state != IDLE && s->slots[k].probe && s->slots[k].interval->ended)
			free(s->slots[k].interval);
		qf_call_release(&s->slots[k].call);
		qf_call_release(&s->slots[k].refs);
		qf_buf_release(&s->slots[k].body);
		qf_buf_release(&s->slots[k].url);
		qf_buf_release(&s->slots[k].refs_url);
	}
	while (s->intervals) {
		struct wv_interval *next = s->intervals->next;

		free(s->intervals);
		s->intervals = next;
	}
	free(s->slots);
	free(s->grpc_search);
	*s = (struct wv_scan){ 0 };
}
