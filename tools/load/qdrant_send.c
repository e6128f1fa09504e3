/*
 * Batches of points on their way. A batch is the wire bytes of its points, one behind the other, and a
 * stack of ranges still to be acknowledged: at first the whole, after a split or a bisection its
 * parts, sent one by one. Its ids block any newer operation on the same ids until it is settled.
 */
#include <stdlib.h>

#include "common/base/log.h"
#include "tools/load/qdrant_batch.h"
#include "common/data/rejects.h"

enum {
	SPARE_BATCHES = 2, /* being filled while `jobs` others are in flight */
};

void qf_load_batches_init(struct qf_load_qdrant *s)
{
	s->n_batches = s->args->jobs + SPARE_BATCHES;
	s->batches = qf_calloc(s->n_batches, sizeof(*s->batches));
	for (size_t i = 0; i < s->n_batches; i++)
		s->batches[i].retry = (struct qf_retry){
			.base = 0.2,
			.cap = 30,
			.max = (unsigned)s->net.retries,
			.seed = (uint64_t)(qf_now() * 1e6) + i,
		};
}

void qf_load_batches_release(struct qf_load_qdrant *s)
{
	for (size_t i = 0; i < s->n_batches; i++) {
		struct qf_load_batch *b = &s->batches[i];

		qf_call_release(&b->call);
		qf_buf_release(&b->wire);
		qf_buf_release(&b->lines);
		qf_buf_release(&b->body);
		free(b->items);
		free(b->seen);
		free(b->url);
	}
	free(s->batches);
	s->batches = NULL;
	s->n_batches = 0;
}

/* ---- ids in flight ---- */

/* 64 bits that tell ids of all targets apart. Two ids with the same would only wait in vain. */
static uint64_t fingerprint(const struct qf_load_target *t, const struct qf_id *id)
{
	uint64_t a = id->num, b = 0x2545f4914f6cdd1dull, h;

	if (id->kind == QF_ID_UUID) {
		memcpy(&a, id->uuid, 8);
		memcpy(&b, id->uuid + 8, 8);
	}
	h = (a ^ (uint64_t)t->index * 0xd6e8feb86659fd93ull) * 0x9e3779b97f4a7c15ull;
	h = ((h ^ (h >> 32)) + b) * 0xbf58476d1ce4e5b9ull;
	h ^= h >> 29;
	return h ? h : 1;
}

static bool seen(const struct qf_load_batch *b, uint64_t print)
{
	size_t at = print & (b->n_seen - 1);

	if (!b->n_seen)
		return false;
	while (b->seen[at] && b->seen[at] != print)
		at = (at + 1) & (b->n_seen - 1);
	return b->seen[at] != 0;
}

static void put_seen(struct qf_load_batch *b, uint64_t print)
{
	size_t at = print & (b->n_seen - 1);

	while (b->seen[at])
		at = (at + 1) & (b->n_seen - 1);
	b->seen[at] = print;
}

static void add_seen(struct qf_load_batch *b, uint64_t print)
{
	if (2 * (b->n + 1) > b->n_seen) {
		free(b->seen);
		b->n_seen = b->n_seen ? 2 * b->n_seen : 1024;
		b->seen = qf_calloc(b->n_seen, sizeof(*b->seen));
		for (size_t i = 0; i < b->n; i++)
			put_seen(b, fingerprint(b->target, &b->items[i].id));
	}
	put_seen(b, print);
}

/* ---- in flight ---- */

static void start(struct qf_load_qdrant *s, struct qf_load_batch *b)
{
	qf_load_request_make(b);
	b->attempts++;
	b->state = QF_LOAD_FLYING;
	qf_call_start(s->server.http, &b->call);
}

static void count_range(struct qf_load_qdrant *s, struct qf_load_batch *b,
			const struct qf_load_range *r)
{
	struct qf_load_target *t = b->target;

	for (size_t i = r->from; i < r->to; i++) {
		struct qf_scope *scope = &s->scopes.scopes[b->items[i].scope];

		if (b->deletes)
			scope->deletes++;
		else
			scope->points++;
	}
	if (b->deletes) {
		t->deletes += r->to - r->from;
	} else {
		t->points += r->to - r->from;
		s->args->points += r->to - r->from;
	}
	s->args->bytes += b->call.body.n;
}

/* The batch is free again. What an oversized point has made of its memory is given back. */
static void release(struct qf_load_qdrant *s, struct qf_load_batch *b)
{
	struct qf_buf *const bufs[] = { &b->wire, &b->lines, &b->body };

	b->state = QF_LOAD_FREE;
	for (size_t i = 0; i < QF_LEN(bufs); i++)
		if (bufs[i]->cap > 4 * s->batch_bytes)
			qf_buf_release(bufs[i]);
}

static void next_range(struct qf_load_qdrant *s, struct qf_load_batch *b)
{
	b->n_ranges--;
	qf_retry_reset(&b->retry);
	if (b->n_ranges)
		start(s, b);
	else
		release(s, b);
}

static int reject_item(struct qf_load_qdrant *s, struct qf_load_batch *b,
		       const struct qf_load_item *it, const char *reason, struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	struct qf_scope *scope = &s->scopes.scopes[it->scope];
	struct qf_record rec = { .type = b->deletes ? QF_REC_DELETE : QF_REC_POINT };
	struct qf_str line = { b->lines.p + it->line_from, it->line_to - it->line_from };
	int rc = 0;

	if (line.n)
		rc = qf_line_parse(line, 0, &rec, &arena, err);
	rec.collection = scope->collection;
	rec.tenant = scope->tenant;
	rec.id = it->id;
	rec.line_no = it->line_no;
	if (rc == 0)
		rc = qf_rejects_add(s->args->rejects, &rec, "server", b->attempts, reason, err);
	if (rc == 0)
		scope->rejected++;
	qf_arena_release(&arena);
	return rc;
}

static void halve(struct qf_load_qdrant *s, struct qf_load_batch *b)
{
	struct qf_load_range *r = &b->ranges[b->n_ranges - 1];
	size_t middle = r->from + (r->to - r->from) / 2;

	b->ranges[b->n_ranges++] = (struct qf_load_range){ r->from, middle };
	r->from = middle;
	qf_retry_reset(&b->retry);
	start(s, b);
}

/*
 * The wait grows at least twofold from try to try: jitter alone can use up its budget within seconds,
 * and a server that is started again needs longer.
 */
static int try_again(struct qf_load_qdrant *s, struct qf_load_batch *b, struct qf_err *err)
{
	unsigned doublings = b->retry.attempt < 7 ? b->retry.attempt : 7;
	double least = 0.1 * (double)(1u << doublings);
	double wait = qf_retry_next(&b->retry, err->retry_after > least ? err->retry_after : least);

	if (wait < 0) {
		qf_err_hint(
			err,
			"; given up after %u tries; run the same command again, or raise --retries",
			b->retry.attempt + 1);
		return -1;
	}
	qf_debug("%s; again in %.1f s", err->msg, wait);
	s->args->retries++;
	b->state = QF_LOAD_WAITING;
	b->due = qf_now() + wait;
	return 0;
}

/* A batch whose call is done: on to its next part, back for another try, or free. */
static int settle(struct qf_load_qdrant *s, struct qf_load_batch *b, struct qf_err *err)
{
	const struct qf_load_range r = b->ranges[b->n_ranges - 1];
	struct qf_err why;

	enum qf_load_verdict verdict = qf_load_request_judge(s, b, err);
	struct qf_load_target *t = b->target;

	switch (verdict) {
	case QF_LOAD_DONE:
		count_range(s, b, &r);
		if (r.to - r.from >= t->batch_points && t->batch_points < t->most_points)
			t->batch_points = 2 * t->batch_points < t->most_points ?
						  2 * t->batch_points :
						  t->most_points;
		next_range(s, b);
		return 0;
	case QF_LOAD_AGAIN:
		return try_again(s, b, err);
	case QF_LOAD_SPLIT:
	case QF_LOAD_FEWER:
		if ((r.to - r.from) / 2 < t->batch_points)
			t->batch_points = (r.to - r.from) / 2;
		/* What was too large once is so the next time; a server that was busy gets over it. */
		if (verdict == QF_LOAD_SPLIT)
			t->most_points = t->batch_points;
		s->args->retries++;
		halve(s, b);
		return 0;
	case QF_LOAD_BAD_POINT:
		if (r.to - r.from > 1) {
			halve(s, b);
			return 0;
		}
		why = *err;
		if (reject_item(s, b, &b->items[r.from], why.msg, err) < 0)
			return -1;
		next_range(s, b);
		return 0;
	default:
		return qf_err_wrap(err, "collection '%s'", t->name);
	}
}

static int settle_done(struct qf_load_qdrant *s, bool *any, struct qf_err *err)
{
	*any = false;
	for (size_t i = 0; i < s->n_batches; i++) {
		struct qf_load_batch *b = &s->batches[i];

		if (b->state != QF_LOAD_FLYING || !b->call.done)
			continue;
		*any = true;
		if (settle(s, b, err) < 0)
			return -1;
	}
	return 0;
}

bool qf_load_busy(const struct qf_load_qdrant *s)
{
	for (size_t i = 0; i < s->n_batches; i++)
		if (s->batches[i].state == QF_LOAD_FLYING || s->batches[i].state == QF_LOAD_WAITING)
			return true;
	return false;
}

int qf_load_drive(struct qf_load_qdrant *s, double seconds, int fd, struct qf_err *err)
{
	double now = qf_now(), until = now + seconds;
	bool any;
	int rc;

	/* Calls may have ended while something else was waited for. */
	if (settle_done(s, &any, err) < 0)
		return -1;
	if (any)
		return 1;
	for (size_t i = 0; i < s->n_batches; i++) {
		struct qf_load_batch *b = &s->batches[i];

		if (b->state != QF_LOAD_WAITING)
			continue;
		if (b->due <= now)
			start(s, b);
		else if (b->due < until)
			until = b->due;
	}
	rc = qf_http_run(s->server.http, until > now ? until - now : 0, fd, err);
	if (rc != 1)
		return rc;
	return settle_done(s, &any, err) < 0 ? -1 : any;
}

/* ---- filling ---- */

static void open_batch(struct qf_load_qdrant *s, struct qf_load_batch *b, struct qf_load_target *t,
		       bool deletes)
{
	b->state = QF_LOAD_OPEN;
	b->deletes = deletes;
	b->target = t;
	b->n = 0;
	b->n_ranges = 0;
	b->attempts = 0;
	if (b->n_seen)
		memset(b->seen, 0, b->n_seen * sizeof(*b->seen));
	qf_buf_reset(&b->lines);
	qf_load_request_open(s, b);
	t->open[deletes] = b;
}

static unsigned in_flight(const struct qf_load_qdrant *s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n_batches; i++)
		n += s->batches[i].state == QF_LOAD_FLYING ||
		     s->batches[i].state == QF_LOAD_WAITING;
	return n;
}

/* Sends an open batch as soon as fewer than `jobs` are in flight. */
static int send_batch(struct qf_load_qdrant *s, struct qf_load_batch *b, struct qf_err *err)
{
	while (in_flight(s) >= s->args->jobs)
		if (qf_load_drive(s, 3600, -1, err) < 0)
			return -1;
	b->target->open[b->deletes] = NULL;
	b->ranges[0] = (struct qf_load_range){ 0, b->n };
	b->n_ranges = 1;
	qf_retry_reset(&b->retry);
	start(s, b);
	/* Gets the bytes going while the next batch is filled. */
	return qf_load_drive(s, 0, -1, err) < 0 ? -1 : 0;
}

static int wait_free(struct qf_load_qdrant *s, struct qf_load_batch *b, struct qf_err *err)
{
	if (b->state == QF_LOAD_OPEN && send_batch(s, b, err) < 0)
		return -1;
	while (b->state != QF_LOAD_FREE)
		if (qf_load_drive(s, 3600, -1, err) < 0)
			return -1;
	return 0;
}

/* No two operations on one id are under way at once: waits for the older one. */
static int settle_older(struct qf_load_qdrant *s, uint64_t print, struct qf_err *err)
{
	for (size_t i = 0; i < s->n_batches; i++) {
		struct qf_load_batch *b = &s->batches[i];

		if (b->state != QF_LOAD_FREE && seen(b, print) && wait_free(s, b, err) < 0)
			return -1;
	}
	return 0;
}

/* A batch to fill: when all are taken, the fullest open one goes out and the first free one is it. */
static int get_batch(struct qf_load_qdrant *s, struct qf_load_batch **ret, struct qf_err *err)
{
	for (;;) {
		struct qf_load_batch *fullest = NULL;

		for (size_t i = 0; i < s->n_batches; i++) {
			struct qf_load_batch *b = &s->batches[i];

			/* An open one stays empty where all its points were refused. */
			if (b->state == QF_LOAD_OPEN && !b->n) {
				b->target->open[b->deletes] = NULL;
				b->state = QF_LOAD_FREE;
			}
			if (b->state == QF_LOAD_FREE) {
				*ret = b;
				return 0;
			}
			if (b->state == QF_LOAD_OPEN && (!fullest || b->n > fullest->n))
				fullest = b;
		}
		if (fullest && in_flight(s) < s->args->jobs) {
			if (send_batch(s, fullest, err) < 0)
				return -1;
		} else if (qf_load_drive(s, 3600, -1, err) < 0) {
			return -1;
		}
	}
}

/*
 * Waits until what is in flight and `bytes` more are no more than the jobs may hold; a point that is
 * larger than that goes alone.
 */
static int wait_room(struct qf_load_qdrant *s, size_t bytes, struct qf_err *err)
{
	for (;;) {
		size_t held = 0;

		for (size_t i = 0; i < s->n_batches; i++)
			if (s->batches[i].state == QF_LOAD_FLYING ||
			    s->batches[i].state == QF_LOAD_WAITING)
				held += s->batches[i].wire.n;
		if (!held || held + bytes <= s->args->jobs * s->batch_bytes)
			return 0;
		if (qf_load_drive(s, 3600, -1, err) < 0)
			return -1;
	}
}

/* The open batch that the record goes into, with room for it. */
static int batch_for(struct qf_load_qdrant *s, struct qf_load_target *t, bool deletes, size_t bytes,
		     struct qf_load_batch **ret, struct qf_err *err)
{
	struct qf_load_batch *b = t->open[deletes];

	if (b && b->n && (b->n >= t->batch_points || b->wire.n + bytes > s->batch_bytes)) {
		if (send_batch(s, b, err) < 0)
			return -1;
		b = NULL;
	}
	if (wait_room(s, bytes, err) < 0)
		return -1;
	if (!b) {
		if (get_batch(s, &b, err) < 0)
			return -1;
		open_batch(s, b, t, deletes);
	}
	*ret = b;
	return 0;
}

static void add_item(struct qf_load_qdrant *s, struct qf_load_batch *b, const struct qf_record *rec,
		     size_t from, uint64_t print)
{
	struct qf_load_item *it;

	add_seen(b, print);
	QF_GROW(b->items, b->n, b->cap);
	it = &b->items[b->n++];
	*it = (struct qf_load_item){
		.id = rec->id, .from = from, .to = b->wire.n, .line_no = rec->line_no
	};
	it->scope = (uint32_t)(qf_tally_scope(&s->scopes, rec->collection, rec->tenant) -
			       s->scopes.scopes);
	it->line_from = it->line_to = b->lines.n;
	if (qf_rejects_keeps(s->args->rejects)) {
		qf_buf_add_str(&b->lines, rec->line);
		it->line_to = b->lines.n;
	}
}

static int reject(struct qf_load_qdrant *s, const struct qf_record *rec, struct qf_err *err)
{
	const struct qf_err why = *err;

	if (qf_rejects_add(s->args->rejects, rec, "screen", 0, why.msg, err) < 0)
		return -1;
	qf_tally_scope(&s->scopes, rec->collection, rec->tenant)->rejected++;
	return 0;
}

static int encode(struct qf_load_qdrant *s, const struct qf_load_target *t, struct qf_record *rec,
		  struct qf_arena *arena, struct qf_buf *out, struct qf_err *err)
{
	int rc = s->rest ? qf_point_encode_json(&s->encoder, &t->rules, rec, arena, out, err) :
			   qf_point_encode(&s->encoder, &t->rules, rec, arena, out, err);

	if (s->encoder.payload.cap > 4 * s->batch_bytes)
		qf_buf_release(&s->encoder.payload);
	return rc;
}

/* A dry run has no batches: nothing of it can ever be sent. */
static int try_point(struct qf_load_qdrant *s, const struct qf_load_target *t,
		     struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	qf_buf_reset(&s->scratch);
	if (encode(s, t, rec, arena, &s->scratch, err) < 0)
		return reject(s, rec, err);
	qf_tally_scope(&s->scopes, rec->collection, rec->tenant)->points++;
	s->args->points++;
	return 0;
}

/*
 * A delete reaches the pieces of what it names, whose ids it does not know: no points may be under way
 * then, and it not when points come again.
 */
static int change_kind(struct qf_load_qdrant *s, struct qf_load_target *t, bool deleting, struct qf_err *err)
{
	if (t->deleting == deleting || !qf_load_has_parents(t->doc))
		return 0;
	t->deleting = deleting;
	return qf_load_drain(s, err);
}

int qf_load_point(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_record *rec,
		  struct qf_arena *arena, struct qf_err *err)
{
	uint64_t print = fingerprint(t, &rec->id);
	struct qf_load_batch *b;
	size_t from;

	if (s->args->dry_run)
		return try_point(s, t, rec, arena, err);
	if (change_kind(s, t, false, err) < 0 || settle_older(s, print, err) < 0 ||
	    batch_for(s, t, false, rec->line.n, &b, err) < 0)
		return -1;
	from = b->wire.n;
	if (encode(s, t, rec, arena, &b->wire, err) < 0)
		return reject(s, rec, err);
	add_item(s, b, rec, from, print);
	/* Nothing more goes in, and many of its kind must not pile up. */
	return b->wire.n > s->batch_bytes ? send_batch(s, b, err) : 0;
}

int qf_load_delete(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_record *rec,
		   struct qf_err *err)
{
	uint64_t print = fingerprint(t, &rec->id);
	struct qf_load_batch *b;

	if (qf_point_screen_id(&rec->id, err) < 0)
		return reject(s, rec, err);
	if (s->args->dry_run) {
		qf_tally_scope(&s->scopes, rec->collection, rec->tenant)->deletes++;
		return 0;
	}
	if (change_kind(s, t, true, err) < 0 || settle_older(s, print, err) < 0 ||
	    batch_for(s, t, true, 0, &b, err) < 0)
		return -1;
	add_item(s, b, rec, b->wire.n, print);
	return 0;
}

int qf_load_drain(struct qf_load_qdrant *s, struct qf_err *err)
{
	for (size_t i = 0; i < s->n_batches; i++) {
		struct qf_load_batch *b = &s->batches[i];

		if (b->state != QF_LOAD_OPEN)
			continue;
		if (b->n) {
			if (send_batch(s, b, err) < 0)
				return -1;
		} else {
			b->target->open[b->deletes] = NULL;
			b->state = QF_LOAD_FREE;
		}
	}
	while (qf_load_busy(s))
		if (qf_load_drive(s, 3600, -1, err) < 0)
			return -1;
	return 0;
}
