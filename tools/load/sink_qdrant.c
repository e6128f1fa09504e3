/* Sink `qdrant`: a stream into collections of a Qdrant server. sink_qdrant.h says what is where. */
#include "tools/load/sink_qdrant.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/data/rejects.h"
#include "tools/load/sinks.h"

#define AT(field) offsetof(struct qf_load_qdrant, field)

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "url", .type = QF_OPT_TEXT, .offset = AT(url), .arg = "URL", .env = "QDRANT_URL",
	  .help = "HTTP address of the server", .def = "http://localhost:6333" },
	{ .name = "grpc-url", .type = QF_OPT_TEXT, .offset = AT(grpc_url), .arg = "URL", .env = "QDRANT_GRPC_URL",
	  .help = "gRPC address of the server; else the same host with port 6334" },
	{ .name = "api-key", .type = QF_OPT_SECRET, .offset = AT(api_key), .env = "QDRANT_API_KEY",
	  .help = "key of the server" },
	{ .name = "transport", .type = QF_OPT_CHOICE, .offset = AT(transport), .choices = "auto|grpc|rest",
	  .help = "how points travel; auto takes REST where gRPC cannot be reached", .def = "auto" },
	{ .name = "batch-points", .type = QF_OPT_UINT, .offset = AT(batch_points), .arg = "N",
	  .help = "most points in one request", .def = "256", .min = 1, .max = 65536 },
	{ .name = "batch-bytes", .type = QF_OPT_SIZE, .offset = AT(batch_bytes), .arg = "SIZE",
	  .help = "size that a request aims at", .def = "4MiB", .min = 1024, .max = 1ull << 30 },
	{ .name = "bulk", .type = QF_OPT_FLAG, .offset = AT(bulk),
	  .help = "put indexing off in collections too that are there already, until all is loaded" },
	QF_NET_OPTS(struct qf_load_qdrant, net),
};
/* clang-format on */

static int choose_transport(struct qf_load_qdrant *s, struct qf_err *err)
{
	if (s->transport == QF_TRANSPORT_REST) {
		s->rest = true;
		return 0;
	}
	if (qf_qdrant_probe_grpc(&s->server, err) == 0)
		return 0;
	/* An address that was given is meant. */
	if (s->transport == QF_TRANSPORT_GRPC || s->server.grpc_given || err->code == QF_E_SIGINT ||
	    err->code == QF_E_SIGTERM)
		return -1;
	qf_warn("%s; points go over REST, which is slower: --grpc-url names the gRPC address",
		err->msg);
	s->rest = true;
	return 0;
}

static int open_qdrant(void *state, struct qf_sink_args *args, struct qf_err *err)
{
	struct qf_load_qdrant *s = state;

	s->args = args;
	if (s->net.insecure)
		qf_warn("--insecure: the server's certificate is not checked");
	if (qf_qdrant_open(&s->server, s->url, s->grpc_url, s->api_key, &s->net, err) < 0 ||
	    choose_transport(s, err) < 0)
		return -1;
	if (!qf_qdrant_at_least(&s->server, 1, 7, 0))
		qf_warn("%s runs Qdrant %s; older than 1.7 is not tested", s->server.url,
			s->server.version);
	qf_load_batches_init(s);
	qf_debug("%s: Qdrant %s, points over %s", s->server.url, s->server.version,
		 s->rest ? "REST" : "gRPC");
	return 0;
}

static int undeclared(const struct qf_record *rec, struct qf_err *err)
{
	return qf_err_set(err, QF_E_DATA,
			  "line %llu: collection '%.*s' has no collection line before it",
			  (unsigned long long)rec->line_no, QF_STR_ARG(rec->collection));
}

static int take(struct qf_load_qdrant *s, struct qf_record *rec, struct qf_arena *arena,
		struct qf_err *err)
{
	struct qf_load_target *t;

	switch (rec->type) {
	case QF_REC_STREAM:
		if (!s->header)
			s->header = qf_json_copy(&s->arena, rec->doc);
		s->delta |= qf_str_is(qf_json_get_str(rec->doc, "mode", "full"), "delta");
		return 0;
	case QF_REC_COLLECTION:
		return qf_load_declare(s, rec, err);
	case QF_REC_POINT:
	case QF_REC_DELETE:
		t = qf_load_target_of(s, rec->collection);
		if (!t)
			return undeclared(rec, err);
		if (!t->ready && qf_load_target_need(s, t, err) < 0)
			return -1;
		return rec->type == QF_REC_POINT ? qf_load_point(s, t, rec, arena, err)
						 : qf_load_delete(s, t, rec, err);
	case QF_REC_CURSOR:
		/* What the interval has lost is on disk before anything counts it as done. */
		return qf_rejects_sync(s->args->rejects, err);
	case QF_REC_SCOPE:
		qf_tally_add(&s->scopes, rec, rec->line);
		return 0;
	case QF_REC_END:
		return 0;
	}
	return 0;
}

static int write_qdrant(void *state, struct qf_batch *b, struct qf_err *err)
{
	struct qf_load_qdrant *s = state;

	for (size_t i = 0; i < b->n; i++)
		if (take(s, &b->rec[i], &b->arena, err) < 0)
			return -1;
	return 0;
}

static int wait_qdrant(void *state, int fd, struct qf_err *err)
{
	struct qf_load_qdrant *s = state;
	int rc;

	do
		rc = qf_load_drive(s, 1, fd, err);
	while (rc == 0 || rc == 1);
	return rc < 0 ? -1 : 0;
}

static void list_loaded(struct qf_load_qdrant *s)
{
	struct qf_sink_args *args = s->args;

	args->loaded = qf_loaded_of(&s->scopes, &s->arena);
	args->n_loaded = s->scopes.n;
	for (size_t i = 0; i < args->n_loaded; i++) {
		const struct qf_load_target *t = qf_load_target_of(s, args->loaded[i].collection);

		if (t)
			args->loaded[i].target = qf_str(t->name);
	}
}

static int finish_qdrant(void *state, struct qf_err *err)
{
	struct qf_load_qdrant *s = state;
	struct qf_err later;
	int rc = 0;

	if (qf_load_drain(s, err) < 0)
		return -1;
	list_loaded(s);
	/* Every collection is finished, whatever became of the one before it; the first failure counts. */
	for (size_t i = 0; i < s->n_targets; i++)
		if (qf_load_target_finish(s, s->targets[i], rc == 0 ? err : &later) < 0)
			rc = -1;
	return rc;
}

static void close_qdrant(void *state)
{
	struct qf_load_qdrant *s = state;

	qf_load_batches_release(s);
	for (size_t i = 0; i < s->n_targets; i++) {
		qf_load_target_abandon(s, s->targets[i]);
		qf_load_target_free(s->targets[i]);
	}
	free(s->targets);
	free(s->sources);
	qf_tally_release(&s->scopes);
	qf_point_encoder_release(&s->encoder);
	qf_buf_release(&s->scratch);
	qf_qdrant_close(&s->server);
	qf_arena_release(&s->arena);
}

const struct qf_sink qf_sink_qdrant = {
	.name = "qdrant",
	.help = "collections of a Qdrant server",
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.state_size = sizeof(struct qf_load_qdrant),
	.open = open_qdrant,
	.write = write_qdrant,
	.wait = wait_qdrant,
	.finish = finish_qdrant,
	.close = close_qdrant,
};
