/*
 * embed: {text: "{title}\n{text}", model: M}: vectors from an embeddings endpoint. All texts of a
 * batch of records that the cache does not know are asked for at once, several requests in flight;
 * the records wait in their order.
 */
#include <xxhash.h>

#include "common/base/log.h"
#include "common/base/tool.h"
#include "common/data/number.h"
#include "common/data/schema.h"
#include "common/net/embed.h"
#include "common/net/embed_cache.h"
#include "tools/transform/embed.h"
#include "tools/transform/embed_text.h"
#include "tools/transform/pieces.h"
#include "tools/transform/steps.h"

static const char usage[] = "embed: {text: \"{title}\\n{text}\", model: text-embedding-3-small, vector: body}";

struct state {
	/* The settings. */
	const char *text, *vector, *url, *model, *cache, *price, *key;
	int distance, missing, encoding;
	unsigned long long dimensions, batch, batch_bytes, in_flight, requests, tokens;
	struct qf_net_opts net;
	/* What is made of them. */
	struct qf_embed_template template;
	bool has_distance, has_price, dry;
	double per_million;
	struct qf_arena arena;
	/* Opened when they are needed for the first time. */
	struct qf_embed *client;
	struct qf_embed_cache *store;
	bool opened;
	uint32_t size;
	/* For the report. */
	uint64_t points, without, from_cache, repeated, refused;
	uint64_t new_texts, new_characters, new_tokens; /* that the cache does not know */
	struct qf_buf scratch;
};

#define AT(field) offsetof(struct state, field)

static const struct qf_opt opts[] = {
	{ .name = "text", .type = QF_OPT_TEXT, .offset = AT(text), .arg = "TEXT", .data = true,
	  .help = "a property, or a pattern: \"{title}\\n{text}\"" },
	{ .name = "vector", .type = QF_OPT_TEXT, .offset = AT(vector), .arg = "NAME", .def = "", .data = true,
	  .help = "the vector to fill; else the one without a name" },
	{ .name = "model", .type = QF_OPT_TEXT, .offset = AT(model), .arg = "NAME", .data = true,
	  .help = "the model, as the endpoint calls it" },
	{ .name = "url", .type = QF_OPT_TEXT, .offset = AT(url), .arg = "URL", .env = "EMBED_URL",
	  .help = "the endpoint: up to /v1, or whole" },
	{ .name = "key", .type = QF_OPT_SECRET, .offset = AT(key), .env = "EMBED_API_KEY",
	  .help = "the endpoint's key; else OPENAI_API_KEY" },
	{ .name = "dimensions", .type = QF_OPT_UINT, .offset = AT(dimensions), .arg = "N", .max = 65536, .data = true,
	  .help = "ask for vectors of this size; else the model's own" },
	{ .name = "distance", .type = QF_OPT_CHOICE, .offset = AT(distance), .choices = "Cosine|Dot|Euclid|Manhattan",
	  .data = true, .help = "of the vector; else as it is declared, or Cosine" },
	{ .name = "missing", .type = QF_OPT_CHOICE, .offset = AT(missing), .choices = "skip|reject", .def = "skip",
	  .data = true, .help = "a point without text: goes on without the vector, or is an error" },
	{ .name = "cache", .type = QF_OPT_TEXT, .offset = AT(cache), .arg = "FILE",
	  .help = "what was computed before; or none; else $XDG_CACHE_HOME/fortress/embed.sqlite" },
	{ .name = "batch", .type = QF_OPT_UINT, .offset = AT(batch), .arg = "N", .def = "64", .min = 1, .max = 2048,
	  .help = "texts of one request" },
	{ .name = "batch-bytes", .type = QF_OPT_SIZE, .offset = AT(batch_bytes), .arg = "SIZE", .def = "256KiB",
	  .min = 1, .max = 64 << 20, .help = "their length at most, but for a single one" },
	{ .name = "in-flight", .type = QF_OPT_UINT, .offset = AT(in_flight), .arg = "N", .def = "4", .min = 1,
	  .max = 64, .help = "requests at the same time" },
	{ .name = "requests-per-minute", .type = QF_OPT_UINT, .offset = AT(requests), .arg = "N",
	  .max = 1000000, .help = "send no more than this; 0: no limit" },
	{ .name = "tokens-per-minute", .type = QF_OPT_UINT, .offset = AT(tokens), .arg = "N", .max = 1000000000,
	  .help = "send no more than this, by a guess that replies correct; 0: no limit" },
	{ .name = "encoding", .type = QF_OPT_CHOICE, .offset = AT(encoding), .choices = "base64|float", .def = "base64",
	  .help = "the form to ask for; both are read" },
	{ .name = "price", .type = QF_OPT_TEXT, .offset = AT(price), .arg = "NUMBER",
	  .help = "of a million tokens, for the estimate of a plan" },
	QF_NET_OPTS(struct state, net),
};

/* ---- opening ---- */

static int check_price(struct state *s, const struct qf_conf *conf, const struct qf_node *value,
		       struct qf_err *err)
{
	if (!s->price)
		return 0;
	s->has_price = true;
	if (qf_f64_parse(qf_str(s->price), &s->per_million) < 0 || s->per_million < 0)
		return qf_node_error(conf, qf_node_get(value, "price"), err, "price: '%s' is no number", s->price);
	return 0;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	const char *ignored;

	if (!s->text || !*s->text)
		return qf_node_error(conf, value, err, "'text' is missing: %s", usage);
	if (!s->model || !*s->model)
		return qf_node_error(conf, value, err, "'model' is missing: %s", usage);
	if (!s->url)
		s->url = getenv("EMBED_URL");
	if (!s->url || !*s->url)
		return qf_node_error(conf, value, err, "the address of the embeddings endpoint is missing; set 'url' or "
				     "EMBED_URL");
	if (qf_embed_url(s->url, &s->arena, &ignored, err) < 0)
		return qf_node_error(conf, value, err, "%s", err->msg);
	s->has_distance = qf_node_get(value, "distance") != NULL;
	return check_price(s, conf, value, err) < 0 ? -1
						    : qf_embed_template_parse(&s->template, conf, qf_node_get(value, "text"),
									      s->text, &s->arena, err);
}

const char *qf_embed_step_vector(const void *state)
{
	return ((const struct state *)state)->vector;
}

/* Not before there is something to do: a chain is opened for many reasons. */
static int ready(struct state *s, struct qf_err *err)
{
	struct qf_embed_opts o = {
		.url = s->url, .model = s->model, .dimensions = (unsigned)s->dimensions, .numbers = s->encoding == 1,
		.batch = (unsigned)s->batch, .batch_bytes = s->batch_bytes, .in_flight = (unsigned)s->in_flight,
		.requests_per_minute = (double)s->requests, .tokens_per_minute = (double)s->tokens, .net = s->net,
	};
	bool cached = !s->cache || strcmp(s->cache, "none") != 0;

	if (s->opened)
		return 0;
	if (cached && qf_embed_cache_open(s->cache, s->model, (unsigned)s->dimensions, &s->store, err) < 0)
		return -1;
	s->size = (uint32_t)s->dimensions;
	if (!s->dry) {
		if (qf_secret_get("EMBED_API_KEY", &s->arena, &o.key, err) < 0 ||
		    (!o.key && qf_secret_get("OPENAI_API_KEY", &s->arena, &o.key, err) < 0))
			return -1;
		if (!o.net.ca_file)
			o.net.ca_file = getenv("SSL_CERT_FILE");
		if (o.net.insecure)
			qf_warn("step embed: certificates are not checked (insecure)");
		if (qf_embed_open(&o, &s->client, err) < 0)
			return -1;
	}
	s->opened = true;
	return 0;
}

/* ---- texts ---- */

/* The texts of a batch, each once. */
struct work {
	struct qf_embed_text *texts;
	size_t n, cap;
	uint32_t *slots;  /* open addressing: index + 1 */
	size_t n_slots;
};

static size_t text_index(struct work *w, struct qf_str text, bool *added)
{
	uint64_t hash = XXH3_64bits(text.p, text.n);
	size_t at;

	for (at = hash & (w->n_slots - 1); w->slots[at]; at = (at + 1) & (w->n_slots - 1))
		if (qf_str_eq(w->texts[w->slots[at] - 1].text, text)) {
			*added = false;
			return w->slots[at] - 1;
		}
	*added = true;
	QF_GROW(w->texts, w->n, w->cap);
	w->texts[w->n] = (struct qf_embed_text){ .text = text };
	w->slots[at] = (uint32_t)++w->n;
	return w->n - 1;
}

static int from_cache(struct state *s, struct qf_embed_text *t, struct qf_arena *arena, struct qf_err *err)
{
	int rc = s->store ? qf_embed_cache_get(s->store, t->text, arena, &t->values, &t->size, err) : 0;

	if (rc <= 0)
		return rc;
	if (s->size && t->size != s->size)
		return qf_err_set(err, QF_E_DATA, "the cache of embeddings %s has a vector of %u numbers of model '%s', where %u "
				  "are expected; did the model change? Remove the file, or set 'cache: none'",
				  qf_embed_cache_path(s->store), t->size, s->model, s->size);
	s->size = t->size;
	return 1;
}

static int ask(struct state *s, struct qf_embed_text **missing, size_t n, struct qf_arena *arena,
	       struct qf_err *err)
{
	struct qf_embed_text *texts = qf_arena_alloc(arena, (n + 1) * sizeof(*texts));

	for (size_t i = 0; i < n; i++)
		texts[i] = *missing[i];
	if (s->size)
		qf_embed_set_size(s->client, s->size);
	if (qf_embed_run(s->client, texts, n, arena, err) < 0)
		return -1;
	s->size = qf_embed_size(s->client);
	for (size_t i = 0; i < n; i++) {
		*missing[i] = texts[i];
		if (texts[i].values && s->store &&
		    qf_embed_cache_put(s->store, texts[i].text, texts[i].values, texts[i].size, err) < 0)
			return -1;
	}
	return s->store ? qf_embed_cache_commit(s->store, err) : 0;
}

/* Fills all texts from the cache and the endpoint. */
static int resolve(struct state *s, struct qf_embed_text *texts, size_t n, struct qf_arena *arena,
		   struct qf_err *err)
{
	struct qf_embed_text **missing = qf_arena_alloc(arena, (n + 1) * sizeof(struct qf_embed_text *));
	size_t n_missing = 0;

	if (ready(s, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int rc = from_cache(s, &texts[i], arena, err);

		if (rc < 0)
			return -1;
		if (rc)
			continue;
		missing[n_missing++] = &texts[i];
		s->new_texts++;
		s->new_characters += qf_text_characters(texts[i].text);
		s->new_tokens += qf_text_tokens(texts[i].text);
	}
	s->from_cache += n - n_missing;
	return n_missing && !s->dry ? ask(s, missing, n_missing, arena, err) : 0;
}

/* ---- the schema ---- */

static void put_member(struct qf_arena *arena, struct qf_json *object, const char *key, enum qf_json_type type,
		       struct qf_str text)
{
	struct qf_json *v = qf_json_get(object, key);

	if (!v)
		v = qf_json_add(arena, object, key, type);
	v->type = type;
	v->text = text;
	v->child = v->last = NULL;
}

static int declare(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	static const char *const distances[] = { "Cosine", "Dot", "Euclid", "Manhattan" };
	/* Through the cache like any text, so that it is asked once in a lifetime. */
	struct qf_embed_text probe = { .text = QF_STR("a") };
	struct qf_json *vectors = qf_json_get(rec->doc, "vectors"), *v;

	if (ready(s, err) < 0)
		return -1;
	if (!s->size) {
		uint64_t before = s->from_cache;

		if (resolve(s, &probe, 1, arena, err) < 0)
			return -1;
		s->from_cache = before;
		if (probe.refused)
			return qf_err_set(err, QF_E_PROTOCOL, "%s", probe.refused);
	}
	if (!vectors)
		vectors = qf_json_add(arena, rec->doc, "vectors", QF_JSON_OBJECT);
	v = qf_json_get(vectors, s->vector);
	if (!v)
		v = qf_json_add(arena, vectors, s->vector, QF_JSON_OBJECT);
	qf_json_remove(v, "multivector");
	if (s->size)
		put_member(arena, v, "size", QF_JSON_NUMBER, qf_arena_printf(arena, "%u", s->size));
	else
		qf_json_remove(v, "size");
	if (s->has_distance || !qf_json_get(v, "distance"))
		put_member(arena, v, "distance", QF_JSON_STRING, qf_str(distances[s->distance]));
	rec->line.p = NULL;
	return 0;
}

/* ---- points ---- */

/* The vector of this name becomes these values; values NULL: it goes. */
static int put_vector(struct state *s, struct qf_record *rec, const struct qf_embed_text *text,
		      struct qf_arena *arena, struct qf_err *err)
{
	struct qf_vec *vecs;
	uint32_t n = 0, have;

	if (qf_record_vectors(rec, arena, err) < 0)
		return -1;
	have = rec->n_vecs;
	vecs = qf_arena_alloc(arena, (have + 1) * sizeof(*vecs));
	for (uint32_t i = 0; i < have; i++)
		if (!qf_str_is(rec->vecs[i].name, s->vector))
			vecs[n++] = rec->vecs[i];
	if (!text && n == have)
		return 0;
	if (text)
		vecs[n++] = (struct qf_vec){ .name = qf_str(s->vector), .kind = QF_VEC_DENSE, .rows = 1,
					     .dim = text->size, .values = text->values };
	rec->vector = (struct qf_str){ 0 };
	rec->vecs = n ? vecs : NULL;
	rec->n_vecs = n;
	rec->line.p = NULL;
	return 0;
}

/* The text of a point into the work; *at its place there, or SIZE_MAX for a point without one. */
static int collect(struct state *s, struct work *w, struct qf_record *rec, size_t *at, struct qf_arena *arena,
		   struct qf_err *err)
{
	bool any, added;

	*at = SIZE_MAX;
	s->points++;
	qf_buf_reset(&s->scratch);
	if (qf_embed_template_fill(&s->template, rec, arena, &s->scratch, &any, err) < 0)
		return -1;
	if (!any) {
		s->without++;
		if (s->missing)
			return qf_err_set(err, QF_E_DATA, "it has no text to embed ('%s')", s->text);
		return put_vector(s, rec, NULL, arena, err);
	}
	*at = text_index(w, qf_arena_dup(arena, s->scratch.p, s->scratch.n), &added);
	s->repeated += !added;
	return 0;
}

static int fill(struct state *s, const struct work *w, struct qf_record *rec, size_t at, struct qf_arena *arena,
		struct qf_err *err)
{
	const struct qf_embed_text *t = &w->texts[at];

	if (t->values)
		return put_vector(s, rec, t, arena, err);
	s->refused++;
	return qf_err_set(err, QF_E_DATA, "the endpoint refuses its text: %s", t->refused);
}

static int apply_work(struct state *s, struct work *w, struct qf_batch *io, struct qf_err *err)
{
	size_t *at = qf_arena_alloc(&io->arena, (io->n + 1) * sizeof(*at));

	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i];

		at[i] = SIZE_MAX;
		if (rec->type == QF_REC_COLLECTION && declare(s, rec, &io->arena, err) < 0)
			return qf_step_error(rec, &io->arena, err);
		if (rec->type == QF_REC_POINT && collect(s, w, rec, &at[i], &io->arena, err) < 0)
			qf_step_reject(rec, &io->arena, err);
	}
	if (w->n && resolve(s, w->texts, w->n, &io->arena, err) < 0)
		return -1;
	for (size_t i = 0; i < io->n && !s->dry; i++)
		if (at[i] != SIZE_MAX && fill(s, w, &io->rec[i], at[i], &io->arena, err) < 0)
			qf_step_reject(&io->rec[i], &io->arena, err);
	return 0;
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	struct work w = { .n_slots = 64 };
	int rc;

	while (w.n_slots < 2 * io->n)
		w.n_slots *= 2;
	w.slots = qf_calloc(w.n_slots, sizeof(*w.slots));
	rc = apply_work(state, &w, io, err);
	free(w.slots);
	free(w.texts);
	return rc;
}

/* ---- what it costs ---- */

static void step_dry(void *state)
{
	((struct state *)state)->dry = true;
}

static void step_costs(void *state, struct qf_buf *out)
{
	char count[4][32];
	struct state *s = state;

	qf_buf_printf(out, "%s texts to embed by %s, %s characters, about %s tokens (%s more from the cache)",
		      qf_fmt_count(count[0], s->new_texts), s->model, qf_fmt_count(count[1], s->new_characters),
		      qf_fmt_count(count[2], s->new_tokens), qf_fmt_count(count[3], s->from_cache));
	if (s->has_price)
		qf_buf_printf(out, ", cost about %.2f", (double)s->new_tokens * s->per_million / 1e6);
	qf_buf_addc(out, '\n');
}

static void report(const struct state *s)
{
	struct qf_embed_stats stats = { 0 };
	char count[5][32], seconds[32];

	if (s->client)
		qf_embed_get_stats(s->client, &stats);
	if (stats.texts || s->from_cache)
		qf_info("step embed: %s texts from %s in %s requests, %s tokens, %s; %s from the cache, %s met twice",
			qf_fmt_count(count[0], stats.texts), s->model, qf_fmt_count(count[1], stats.requests),
			qf_fmt_count(count[2], stats.tokens), qf_fmt_seconds(seconds, stats.seconds),
			qf_fmt_count(count[3], s->from_cache), qf_fmt_count(count[4], s->repeated));
	if (s->without && !s->missing)
		qf_warn("step embed: %s of %s points have no text and go on without the vector",
			qf_fmt_count(count[0], s->without), qf_fmt_count(count[1], s->points));
}

static void step_close(void *state)
{
	struct state *s = state;

	if (!s->dry)
		report(s);
	qf_embed_close(s->client);
	qf_embed_cache_close(s->store);
	qf_buf_release(&s->scratch);
	qf_arena_release(&s->arena);
}

static const struct qf_step_example examples[] = {
	{ "A point without text goes on without the vector", "embed: {text: body, model: m, url: \"http://localhost:1\"}",
	  "{\"title\":\"A\"}", "{\"title\":\"A\"}" },
	{ "or is an error, if you say so", "embed: {text: \"{title}{body}\", model: m, url: \"http://localhost:1\", "
	  "missing: reject}", "{\"title\":\" \"}",
	  "error: step 1 (embed): collection 'A', id 1, line 1: it has no text to embed ('{title}{body}')" },
	{ "An object is no text", "embed: {text: body, model: m, url: \"http://localhost:1\"}", "{\"body\":{\"de\":\"A\"}}",
	  "error: step 1 (embed): collection 'A', id 1, line 1: 'body': it is an object and no text: {\"de\":\"A\"}" },
};

const struct qf_step qf_step_embed = {
	.name = "embed",
	.help = "compute vectors of texts through an embeddings endpoint",
	.usage = usage,
	.group = "chunks",
	.doc = "The endpoint is any that has OpenAI's POST /v1/embeddings. `text` is a property, or a pattern whose "
	       "braces hold properties (or @id, @tenant, @collection); numbers and booleans become text, arrays are "
	       "joined by \", \", null and absent are nothing, an object is an error. The vector of that name is "
	       "replaced, others stay. The collection line gets its size (asked with a text of one letter where "
	       "`dimensions` is not given) and distance; other settings of a declared vector stay. Texts that the cache "
	       "knows, and those met twice, are not asked for again; the cache holds vectors by model, dimensions and "
	       "the text's hash, no texts: use another file for another endpoint with a model of the same name. Replies "
	       "are held against the number of texts, one size and finite numbers. Failures of the moment are tried again "
	       "(`retries`, Retry-After is kept); a text that the endpoint refuses is an error of its point. The key comes "
	       "from EMBED_API_KEY or OPENAI_API_KEY (or their _FILE or _COMMAND). A second run gives the same vectors "
	       "for the same texts as long as the cache is there, so verify compares them through it; without, models "
	       "may answer with other last bits.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = false,
	.needs = "the cache of embeddings",
	.open = step_open,
	.dry = step_dry,
	.costs = step_costs,
	.apply = step_apply,
	.close = step_close,
};
