#include "common/net/embed.h"

#include <unistd.h>

#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/data/json.h"

enum { BATCH = 64, BATCH_BYTES = 256 << 10, IN_FLIGHT = 4 };

/* Texts [from, from + n) of the run: to be sent, again perhaps. */
struct job {
	size_t from, n;
	struct qf_retry retry;
	double not_before;
};

struct slot {
	struct qf_call call;
	struct qf_buf body;
	struct job job;
	double estimate; /* tokens */
	bool busy;
};

struct qf_embed {
	struct qf_embed_opts o;
	struct qf_arena arena; /* of the strings above */
	struct qf_http *http;
	struct slot *slots;
	struct job *jobs;
	size_t n_jobs, cap_jobs;
	uint32_t size;
	bool size_asked;
	bool taken; /* some request was: what is refused now is so for its texts */
	double resume, next_request, next_tokens; /* qf_now() at which the next may start */
	uint64_t seed;
	struct qf_embed_stats stats;
};

/* One call of qf_embed_run. */
struct run {
	struct qf_embed *e;
	struct qf_embed_text *texts;
	size_t left;
	struct qf_arena *arena;
};

int qf_embed_url(const char *url, struct qf_arena *arena, const char **ret, struct qf_err *err)
{
	static const char end[] = "/embeddings", version[] = "/v1";
	const char *base;
	size_t n;

	if (qf_url_check(url, "the address of the embeddings endpoint", arena, &base, err) < 0)
		return -1;
	n = strlen(base);
	if (n > sizeof(end) && !strcmp(base + n - (sizeof(end) - 1), end))
		*ret = base;
	else if (n > sizeof(version) && !strcmp(base + n - (sizeof(version) - 1), version))
		*ret = qf_arena_printf(arena, "%s%s", base, end).p;
	else
		*ret = qf_arena_printf(arena, "%s%s%s", base, version, end).p;
	return 0;
}

int qf_embed_open(const struct qf_embed_opts *opts, struct qf_embed **ret, struct qf_err *err)
{
	struct qf_embed *e = qf_calloc(1, sizeof(*e));
	struct qf_http_opts ho = { .ca_file = opts->net.ca_file, .insecure = opts->net.insecure,
				   .timeout = opts->net.timeout };
	QF_AUTO_FREE char *header = NULL;

	e->o = *opts;
	if (!opts->url || !*opts->url || !opts->model || !*opts->model) {
		qf_err_set(err, QF_E_USAGE, "an embeddings endpoint needs an address and the name of a model");
		goto failed;
	}
	if (qf_embed_url(opts->url, &e->arena, &e->o.url, err) < 0)
		goto failed;
	for (const char *p = opts->key ? opts->key : ""; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			qf_err_set(err, QF_E_CONFIG, "the key of the embeddings endpoint holds a control character");
			goto failed;
		}
	}
	e->o.model = qf_arena_dup(&e->arena, opts->model, strlen(opts->model)).p;
	e->o.key = opts->key && *opts->key ? qf_arena_dup(&e->arena, opts->key, strlen(opts->key)).p : NULL;
	e->o.batch = opts->batch ? opts->batch : BATCH;
	e->o.batch_bytes = opts->batch_bytes ? opts->batch_bytes : BATCH_BYTES;
	e->o.in_flight = opts->in_flight ? opts->in_flight : IN_FLIGHT;
	e->size = opts->dimensions;
	e->size_asked = opts->dimensions > 0;
	e->seed = (uint64_t)getpid();
	if (e->o.key)
		ho.header = header = qf_asprintf("authorization: Bearer %s", e->o.key);
	e->http = qf_http_new(&ho);
	e->slots = qf_calloc(e->o.in_flight, sizeof(*e->slots));
	*ret = e;
	return 0;
failed:
	qf_arena_release(&e->arena);
	free(e);
	return -1;
}

void qf_embed_close(struct qf_embed *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->o.in_flight; i++) {
		qf_call_release(&e->slots[i].call);
		qf_buf_release(&e->slots[i].body);
	}
	qf_http_free(e->http);
	qf_arena_release(&e->arena);
	free(e->slots);
	free(e->jobs);
	free(e);
}

uint32_t qf_embed_size(const struct qf_embed *e)
{
	return e->size;
}

void qf_embed_set_size(struct qf_embed *e, uint32_t size)
{
	e->size = size;
}

void qf_embed_get_stats(const struct qf_embed *e, struct qf_embed_stats *ret)
{
	*ret = e->stats;
}

/* ---- requests ---- */

static void write_body(const struct qf_embed *e, const struct qf_embed_text *texts, size_t n,
		       struct qf_buf *out)
{
	qf_buf_reset(out);
	QF_BUF_LIT(out, "{\"model\":");
	qf_json_write_string(out, qf_str(e->o.model));
	QF_BUF_LIT(out, ",\"input\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			qf_buf_addc(out, ',');
		qf_json_write_string(out, texts[i].text);
	}
	qf_buf_printf(out, "],\"encoding_format\":\"%s\"", e->o.numbers ? "float" : "base64");
	if (e->o.dimensions)
		qf_buf_printf(out, ",\"dimensions\":%u", e->o.dimensions);
	qf_buf_addc(out, '}');
}

static void start(struct run *r, struct slot *s, double now)
{
	struct qf_embed *e = r->e;
	struct qf_embed_text *texts = r->texts + s->job.from;

	s->estimate = 0;
	for (size_t i = 0; i < s->job.n; i++)
		s->estimate += (double)(texts[i].text.n / 4 + 1);
	if (e->o.requests_per_minute > 0)
		e->next_request = (e->next_request > now ? e->next_request : now) + 60 / e->o.requests_per_minute;
	if (e->o.tokens_per_minute > 0)
		e->next_tokens = (e->next_tokens > now ? e->next_tokens : now) +
				 60 * s->estimate / e->o.tokens_per_minute;
	write_body(e, texts, s->job.n, &s->body);
	s->call.method = "POST";
	s->call.url = e->o.url;
	s->call.body = qf_buf_str(&s->body);
	s->busy = true;
	e->stats.requests++;
	qf_call_start(e->http, &s->call);
}

static void add_job(struct qf_embed *e, const struct job *job)
{
	QF_GROW(e->jobs, e->n_jobs, e->cap_jobs);
	e->jobs[e->n_jobs++] = *job;
}

static struct job new_job(struct qf_embed *e, size_t from, size_t n)
{
	return (struct job){ .from = from, .n = n, .retry = { .base = 0.5, .cap = 30,
							      .max = (unsigned)e->o.net.retries,
							      .seed = e->seed++ } };
}

/* Few texts are spread over all slots; many go in batches of full size. */
static void plan(struct run *r, size_t n)
{
	struct qf_embed *e = r->e;
	size_t most = (n + e->o.in_flight - 1) / e->o.in_flight, from = 0, bytes = 0;
	struct job job;

	e->n_jobs = 0;
	if (most > e->o.batch)
		most = e->o.batch;
	for (size_t i = 0; i < n; i++) {
		if (i > from && (i - from == most || bytes + r->texts[i].text.n > e->o.batch_bytes)) {
			job = new_job(e, from, i - from);
			add_job(e, &job);
			from = i;
			bytes = 0;
		}
		bytes += r->texts[i].text.n;
	}
	job = new_job(e, from, n - from);
	add_job(e, &job);
}

/* Starts what may be started; returns the seconds until more may. */
static double start_jobs(struct run *r)
{
	struct qf_embed *e = r->e;
	double wait = 3600, now = qf_now();

	for (size_t i = 0; i < e->o.in_flight && e->n_jobs; i++) {
		double gate = e->resume, soonest = 0;
		size_t at = 0;

		if (e->slots[i].busy)
			continue;
		for (size_t k = 0; k < e->n_jobs; k++) {
			if (k && e->jobs[k].not_before >= soonest)
				continue;
			soonest = e->jobs[k].not_before;
			at = k;
		}
		gate = gate > soonest ? gate : soonest;
		gate = gate > e->next_request ? gate : e->next_request;
		gate = gate > e->next_tokens ? gate : e->next_tokens;
		if (gate > now) {
			wait = gate - now;
			break;
		}
		e->slots[i].job = e->jobs[at];
		memmove(e->jobs + at, e->jobs + at + 1, (--e->n_jobs - at) * sizeof(*e->jobs));
		start(r, &e->slots[i], now);
	}
	return wait;
}

/* ---- replies ---- */

/* A server may repeat the key in what it says. */
static void hide_key(const struct qf_embed *e, struct qf_err *err)
{
	size_t n = e->o.key ? strlen(e->o.key) : 0;

	for (char *at = err->msg; n && (at = strstr(at, e->o.key)) != NULL;) {
		memset(at, '*', n);
		at += n;
	}
}

static int take(struct run *r, struct slot *s, struct qf_err *err)
{
	struct qf_embed *e = r->e;
	struct qf_embed_text *texts = r->texts + s->job.from;
	uint64_t tokens;

	if (qf_embed_parse(qf_buf_str(&s->call.reply), texts, s->job.n, r->arena, &tokens, err) < 0)
		return qf_err_wrap(err, "%s", qf_redact_url(e->o.url));
	if (e->size && texts->size != e->size)
		return qf_err_set(err, QF_E_PROTOCOL, "%s: model '%s' gave a vector of %u numbers, where %u %s%s",
				  qf_redact_url(e->o.url), e->o.model, texts->size, e->size,
				  e->size_asked ? "were asked for" : "came before",
				  e->size_asked ? "; the model may have one size only: leave 'dimensions' out" : "");
	e->size = texts->size;
	e->taken = true;
	e->stats.tokens += tokens;
	e->stats.texts += s->job.n;
	if (tokens && e->o.tokens_per_minute > 0)
		e->next_tokens += 60 * ((double)tokens - s->estimate) / e->o.tokens_per_minute;
	r->left -= s->job.n;
	return 0;
}

/* What the code of the HTTP layer does not tell: this endpoint's own ways to say things. */
static void refine(const struct qf_embed *e, const struct qf_call *c, struct qf_err *err)
{
	struct qf_str body = qf_buf_str(&c->reply);

	if (c->status == 429 && body.n && memmem(body.p, body.n, "insufficient_quota", 18)) {
		err->retry = false;
		err->code = QF_E_ACCESS;
	} else if (c->status == 409 || (c->status >= 520 && c->status <= 530)) {
		err->retry = true;
		err->code = QF_E_TEMP;
	} else if (err->code == QF_E_ACCESS && !e->o.key) {
		qf_err_hint(err, "; no key was sent: set EMBED_API_KEY");
	} else if (c->status == 404 || c->status == 405) {
		err->code = QF_E_CONFIG;
		qf_err_hint(err, "; is the model '%s' there, and is this the address up to /v1?", e->o.model);
	}
	hide_key(e, err);
}

/* Does the endpoint take anything at all? */
static int try_harmless(struct qf_embed *e, struct qf_err *err)
{
	struct qf_embed_text text = { .text = QF_STR("a") };
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf body = { 0 };
	struct qf_str reply;

	write_body(e, &text, 1, &body);
	e->stats.requests++;
	if (qf_http_json(e->http, "POST", e->o.url, qf_buf_str(&body), false, (unsigned)e->o.net.retries, &arena,
			 &reply, err) < 0) {
		hide_key(e, err);
		return -1;
	}
	e->taken = true;
	return 0;
}

/* Refused for what is in it: halves, down to the one text. */
static int refused(struct run *r, struct slot *s, struct qf_err *err)
{
	struct qf_embed *e = r->e;
	size_t half = s->job.n / 2;
	struct job job;

	if (half) {
		job = new_job(e, s->job.from, half);
		add_job(e, &job);
		job = new_job(e, s->job.from + half, s->job.n - half);
		add_job(e, &job);
		return 0;
	}
	r->texts[s->job.from].refused = qf_arena_dup(r->arena, err->msg, strlen(err->msg)).p;
	if (!e->taken && try_harmless(e, err) < 0)
		return -1;
	r->left--;
	return 0;
}

static int finish(struct run *r, struct slot *s, struct qf_err *err)
{
	struct qf_embed *e = r->e;
	double wait, now = qf_now();
	long status;

	s->busy = false;
	if (qf_call_check(&s->call, "POST", err) == 0)
		return take(r, s, err);
	status = s->call.status;
	refine(e, &s->call, err);
	if (!err->retry)
		return status == 400 || status == 413 || status == 422 ? refused(r, s, err) : -1;
	wait = qf_retry_next(&s->job.retry, err->retry_after);
	if (wait < 0)
		return qf_err_hint(err, "; tried %u time%s", s->job.retry.max + 1,
				   s->job.retry.max ? "s" : "");
	e->stats.retries++;
	qf_debug("%s; again in %.1f s", err->msg, wait);
	s->job.not_before = now + wait;
	/* The limit is the key's, not the request's; and who says when means all. */
	if ((status == 429 || err->retry_after > 0) && now + wait > e->resume)
		e->resume = now + wait;
	add_job(e, &s->job);
	return 0;
}

static int drive(struct run *r, struct qf_err *err)
{
	struct qf_embed *e = r->e;

	while (r->left) {
		bool any = false;

		/* Looked at before waiting, for a request may have been made meanwhile that ran the others too. */
		for (size_t i = 0; i < e->o.in_flight; i++) {
			if (!e->slots[i].busy || !e->slots[i].call.done)
				continue;
			any = true;
			if (finish(r, &e->slots[i], err) < 0)
				return -1;
		}
		if (!any && qf_http_run(e->http, start_jobs(r), -1, err) < 0)
			return -1;
	}
	return 0;
}

int qf_embed_run(struct qf_embed *e, struct qf_embed_text *texts, size_t n, struct qf_arena *arena,
		 struct qf_err *err)
{
	struct run r = { .e = e, .texts = texts, .left = n, .arena = arena };
	double began = qf_now();
	int rc;

	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++) {
		texts[i].values = NULL;
		texts[i].refused = NULL;
	}
	plan(&r, n);
	rc = drive(&r, err);
	for (size_t i = 0; i < e->o.in_flight && rc < 0; i++) {
		qf_call_release(&e->slots[i].call);
		e->slots[i].call = (struct qf_call){ 0 };
		e->slots[i].busy = false;
	}
	e->stats.seconds += qf_now() - began;
	return rc;
}
