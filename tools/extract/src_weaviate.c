/* Source weaviate: classes and tenants of a Weaviate server, from version 1.23 on. */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/data/plugin.h"
#include "tools/extract/wv_list.h"
#include "tools/extract/wv_scan.h"

struct state {
	/* settings */
	const char *url, *grpc_url, *api_key, *token, *client_id, *client_secret, *refresh_token, *scope;
	int transport, consistency;
	struct qf_opt_list tenants;
	bool activate;
	struct wv_class_opts shape;
	struct qf_net_opts net;
	/* working state */
	struct qf_weaviate server;
	struct qf_source_args *args;
	struct wv_catalog catalog;
	struct wv_scan scan;
};

enum { TRANSPORT_AUTO, TRANSPORT_GRPC, TRANSPORT_REST };

#define AT(field) offsetof(struct state, field)

static const struct qf_opt opts[] = {
	{ .name = "url", .type = QF_OPT_TEXT, .offset = AT(url), .arg = "URL", .env = "WEAVIATE_URL",
	  .def = "http://localhost:8080", .help = "HTTP address of Weaviate" },
	{ .name = "grpc-url", .type = QF_OPT_TEXT, .offset = AT(grpc_url), .arg = "URL",
	  .env = "WEAVIATE_GRPC_URL", .help = "its gRPC address; else the same host with port 50051" },
	{ .name = "transport", .type = QF_OPT_CHOICE, .offset = AT(transport), .choices = "auto|grpc|rest",
	  .def = "auto", .help = "gRPC with REST where it must be, or only one of them" },
	{ .name = "tenant", .type = QF_OPT_WORDS, .offset = AT(tenants), .arg = "NAME", .data = true,
	  .help = "only these tenants" },
	{ .name = "properties", .type = QF_OPT_WORDS, .offset = AT(shape.properties), .arg = "NAMES",
	  .data = true, .help = "only these properties (name, or Class.name)" },
	{ .name = "distance", .type = QF_OPT_LIST, .offset = AT(shape.distances), .arg = "CLASS=DISTANCE",
	  .data = true, .help = "distance for a class (or Class.vector) whose own Qdrant does not have" },
	{ .name = "tenant-key", .type = QF_OPT_TEXT, .offset = AT(shape.tenant_key), .arg = "NAME",
	  .def = "_tenant", .data = true, .help = "payload key that receives the tenant's name" },
	{ .name = "timestamps", .type = QF_OPT_FLAG, .offset = AT(shape.timestamps), .data = true,
	  .help = "add _created_at and _updated_at" },
	{ .name = "skip-blobs", .type = QF_OPT_FLAG, .offset = AT(shape.skip_blobs), .data = true,
	  .help = "leave blob properties out" },
	{ .name = "activate-tenants", .type = QF_OPT_FLAG, .offset = AT(activate),
	  .help = "read inactive tenants too: activate them, put them back afterwards" },
	{ .name = "consistency", .type = QF_OPT_CHOICE, .offset = AT(consistency),
	  .choices = "default|one|quorum|all", .def = "default",
	  .help = "replicas asked for each page; above one may repair (write to) the source" },
	QF_NET_OPTS(struct state, net),
	{ .name = "api-key", .type = QF_OPT_SECRET, .offset = AT(api_key), .env = "WEAVIATE_API_KEY",
	  .help = "API key" },
	{ .name = "token", .type = QF_OPT_SECRET, .offset = AT(token), .env = "WEAVIATE_TOKEN",
	  .help = "OIDC access token made elsewhere" },
	{ .name = "client-secret", .type = QF_OPT_SECRET, .offset = AT(client_secret),
	  .env = "WEAVIATE_CLIENT_SECRET", .help = "OIDC client credentials" },
	{ .name = "refresh-token", .type = QF_OPT_SECRET, .offset = AT(refresh_token),
	  .env = "WEAVIATE_REFRESH_TOKEN", .help = "OIDC refresh token" },
	{ .name = "client-id", .type = QF_OPT_TEXT, .offset = AT(client_id), .arg = "ID",
	  .env = "WEAVIATE_CLIENT_ID", .help = "OIDC client, if not the one that the server names" },
	{ .name = "scope", .type = QF_OPT_TEXT, .offset = AT(scope), .arg = "SCOPES", .env = "WEAVIATE_SCOPE",
	  .help = "OIDC scopes to ask for" },
};

/* gRPC or REST. A port that answers wrongly is an error where gRPC was meant, not a reason to be
 * slow without a word. */
static int pick_transport(struct state *s, struct qf_err *err)
{
	struct qf_err probe = { 0 };

	if (s->transport == TRANSPORT_REST)
		return 0;
	if (qf_weaviate_probe_grpc(&s->server, &probe) == 0) {
		s->catalog.grpc = true;
		return 0;
	}
	if (s->transport == TRANSPORT_GRPC || s->grpc_url || probe.code != QF_E_UNAVAILABLE) {
		*err = probe;
		return qf_err_hint(err, "; give the right one with --grpc-url, or --transport rest to do without");
	}
	qf_warn("no gRPC at %s: reading by REST, which is slower; give its address with --grpc-url",
		qf_redact_url(s->server.grpc_url));
	return 0;
}

static int connect_server(struct state *s, struct qf_err *err)
{
	struct qf_weaviate_opts o = {
		.url = s->url, .grpc_url = s->grpc_url, .api_key = s->api_key, .token = s->token,
		.client_id = s->client_id, .client_secret = s->client_secret,
		.refresh_token = s->refresh_token, .scope = s->scope, .net = s->net,
	};

	if (qf_weaviate_open(&s->server, &o, err) < 0)
		return -1;
	s->args->url = qf_arena_dup(&s->server.arena, qf_redact_url(s->server.url),
				    strlen(qf_redact_url(s->server.url))).p;
	s->args->server = s->server.version;
	return pick_transport(s, err);
}

static int weaviate_open(void *state, struct qf_source_args *args, struct qf_err *err)
{
	struct state *s = state;
	struct wv_scan_opts scan;

	s->args = args;
	if (connect_server(s, err) < 0)
		return -1;
	s->catalog.server = &s->server;
	if (wv_catalog_read(&s->catalog, &args->collections, &s->tenants, &s->shape, s->activate,
			    err) < 0)
		return -1;
	for (size_t i = 0; i < s->catalog.n_scopes; i++)
		args->expected += s->catalog.scopes[i].why ? 0 : s->catalog.scopes[i].count;
	scan = (struct wv_scan_opts){
		.jobs = args->jobs, .part = args->part, .parts = args->parts, .has_limit = args->has_limit,
		.limit = args->limit, .grpc = s->catalog.grpc, .timestamps = s->shape.timestamps, .split = true,
		.tenant_key = s->shape.tenant_key, .consistency = s->consistency, .to = ~(wv_key)0,
	};
	wv_scan_open(&s->scan, &s->server, s->catalog.scopes, s->catalog.n_scopes, &scan);
	return 0;
}

static int weaviate_next(void *state, struct qf_batch *out, struct qf_err *err)
{
	struct state *s = state;
	int rc = wv_scan_next(&s->scan, out, err);

	s->args->retries = s->scan.retries;
	if (rc == 1 && (wv_catalog_put_back(&s->catalog, err) < 0 || wv_catalog_check_schema(&s->catalog, err) < 0))
		return -1;
	return rc;
}

static int weaviate_list(void *state, bool json, struct qf_buf *out, struct qf_err *err)
{
	struct state *s = state;

	(void)err;
	wv_catalog_list(&s->catalog, json, out);
	return 0;
}

static int weaviate_shared_ids(void *state, struct qf_buf *out, struct qf_err *err)
{
	struct state *s = state;

	return wv_catalog_shared_ids(&s->catalog, s->args->jobs, out, err);
}

static void weaviate_close(void *state)
{
	struct state *s = state;
	struct qf_err err = { 0 };

	/* After a failure or Ctrl-C too: what was activated is not left so. */
	if (s->catalog.server && wv_catalog_put_back(&s->catalog, &err) < 0)
		qf_warn("%s", err.msg);
	wv_scan_close(&s->scan);
	wv_catalog_release(&s->catalog);
	qf_weaviate_close(&s->server);
}

const struct qf_source qf_source_weaviate = {
	.name = "weaviate", .help = "classes and tenants of a Weaviate server (1.23 or newer)",
	.opts = opts, .n_opts = QF_LEN(opts), .state_size = sizeof(struct state),
	.open = weaviate_open, .next = weaviate_next, .list = weaviate_list,
	.shared_ids = weaviate_shared_ids, .close = weaviate_close,
};
