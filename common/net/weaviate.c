#include "common/net/weaviate.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/net/pb.h"
#include "weaviate.pb-c.h"

bool qf_weaviate_since(const struct qf_weaviate *w, unsigned major, unsigned minor)
{
	return w->major > major || (w->major == major && w->minor >= minor);
}

int qf_weaviate_get(struct qf_weaviate *w, const char *path, bool missing_ok, struct qf_arena *arena,
		    struct qf_json **ret, struct qf_err *err)
{
	QF_AUTO_FREE char *url = qf_asprintf("%s%s", w->url, path);
	struct qf_str reply;

	*ret = NULL;
	if (qf_weaviate_refresh(w, false, err) < 0)
		return -1;
	if (qf_http_json(w->http, "GET", url, (struct qf_str){ 0 }, missing_ok, w->retries, arena, &reply, err) < 0) {
		if (err->code == QF_E_ACCESS)
			qf_err_hint(err, "; check WEAVIATE_API_KEY");
		return qf_err_wrap(err, "Weaviate");
	}
	if (!reply.p)
		return 0;
	if (qf_json_parse(arena, reply.p, reply.n, "reply", ret, err) < 0) {
		err->code = QF_E_PROTOCOL;
		return qf_err_wrap(err, "Weaviate: %s does not answer with JSON; is this its HTTP address?",
				   qf_redact_url(url));
	}
	return 0;
}

/* Weaviate's cloud keeps gRPC on a host of its own: https://x -> https://grpc-x:443. */
static const char *derive_grpc_url(const char *url, struct qf_arena *arena)
{
	const char *host = strstr(url, "://") + 3;
	size_t n = strcspn(host, ":/");

	if (memmem(host, n, ".weaviate.cloud", 15) || memmem(host, n, ".weaviate.network", 17))
		return qf_arena_printf(arena, "https://grpc-%.*s:443", (int)n, host).p;
	return qf_url_with_port(url, 50051, arena);
}

int qf_weaviate_open(struct qf_weaviate *w, const struct qf_weaviate_opts *opts, struct qf_err *err)
{
	struct qf_http_opts http = { .ca_file = opts->net.ca_file, .insecure = opts->net.insecure,
				     .timeout = opts->net.timeout };
	QF_AUTO_FREE char *header = NULL;
	struct qf_json *meta;
	struct qf_str version;

	memset(w, 0, sizeof(*w));
	w->retries = (unsigned)opts->net.retries;
	if (qf_url_check(opts->url, "the address of Weaviate", &w->arena, &w->url, err) < 0)
		return -1;
	w->grpc_url = derive_grpc_url(w->url, &w->arena);
	if (opts->grpc_url &&
	    qf_url_check(opts->grpc_url, "the gRPC address of Weaviate", &w->arena, &w->grpc_url, err) < 0)
		return -1;
	if (opts->net.insecure)
		qf_warn("--insecure: the certificate of Weaviate is not checked");
	if (opts->api_key || opts->token)
		header = qf_asprintf("authorization: Bearer %s", opts->api_key ? opts->api_key : opts->token);
	http.header = header;
	w->http = qf_http_new(&http);
	if (opts->client_secret || opts->refresh_token)
		if (qf_weaviate_sign_in(w, opts, err) < 0)
			return -1;
	/* The first word with the server: a wrong address should not take eight retries to show. */
	w->retries = w->retries > 2 ? 2 : w->retries;
	if (qf_weaviate_get(w, "/v1/meta", true, &w->arena, &meta, err) < 0)
		return -1;
	w->retries = (unsigned)opts->net.retries;
	version = qf_json_get_str(meta, "version", NULL);
	if (!version.p)
		return qf_err_set(err, QF_E_PROTOCOL,
				  "%s/v1/meta names no version: this is no Weaviate; set --url or WEAVIATE_URL",
				  qf_redact_url(w->url));
	w->version = version.p;
	if (sscanf(w->version, "%u.%u.%u", &w->major, &w->minor, &w->patch) < 2)
		qf_warn("Weaviate calls its version '%s'; taken for an old one", w->version);
	w->grpc_max = (uint64_t)qf_json_get_int(meta, "grpcMaxMessageSize", 104858000);
	return 0;
}

void qf_weaviate_close(struct qf_weaviate *w)
{
	qf_http_free(w->http);
	free(w->refresh_token);
	qf_arena_release(&w->arena);
	memset(w, 0, sizeof(*w));
}

int qf_weaviate_check(const struct qf_call *call, struct qf_err *err)
{
	if (qf_call_check(call, "Weaviate", err) == 0)
		return 0;
	if (err->code == QF_E_ACCESS)
		return qf_err_hint(err, "; check WEAVIATE_API_KEY");
	if (call->grpc_status != 2)
		return -1;
	if (strcasestr(call->error, "unauthorized") || strcasestr(call->error, "unauthenticated") ||
	    strcasestr(call->error, "forbidden")) {
		err->code = QF_E_ACCESS;
		return qf_err_hint(err, "; check WEAVIATE_API_KEY");
	}
	if (strstr(call->error, "429 Too many")) {
		err->code = QF_E_TEMP;
		err->retry = true;
	}
	return -1;
}

int qf_weaviate_call(struct qf_weaviate *w, struct qf_call *call, struct qf_err *err)
{
	struct qf_retry retry = { .base = 0.2, .cap = 20, .max = w->retries, .seed = (uint64_t)getpid() };
	bool renewed = false;

	for (;;) {
		double wait;

		if (qf_weaviate_refresh(w, false, err) < 0 || qf_call_wait(w->http, call, err) < 0)
			return -1;
		if (qf_weaviate_check(call, err) == 0)
			return 0;
		if (err->code == QF_E_ACCESS && w->token_endpoint && !renewed) {
			renewed = true;
			if (qf_weaviate_refresh(w, true, err) < 0)
				return -1;
			continue;
		}
		if (!err->retry || (wait = qf_retry_next(&retry, err->retry_after)) < 0)
			return -1;
		qf_debug("%s; again in %.1f s", err->msg, wait);
		if (qf_http_pause(w->http, wait, err) < 0)
			return -1;
	}
}

/* A Search of a class that cannot exist: any gRPC status that is not about transport or
 * access proves a Weaviate behind the port. */
int qf_weaviate_probe_grpc(struct qf_weaviate *w, struct qf_err *err)
{
	Weaviate__V1__SearchRequest req = WEAVIATE__V1__SEARCH_REQUEST__INIT;
	QF_AUTO_FREE char *url = qf_asprintf("%s/weaviate.v1.Weaviate/Search", w->grpc_url);
	QF_AUTO_BUF struct qf_buf body = { 0 };
	struct qf_call call = { .url = url, .grpc = true, .timeout = 10 };
	unsigned retries = w->retries;
	int rc;

	req.collection = (char *)"FortressProbe";
	req.has_limit = true;
	req.limit = 1;
	qf_pb_pack(&body, &req.base);
	call.body = qf_buf_str(&body);
	w->retries = retries > 2 ? 2 : retries;
	rc = qf_weaviate_call(w, &call, err);
	w->retries = retries;
	/* Connected, but not understood, three times over: an HTTP server that hangs up. */
	if (rc < 0 && err->code == QF_E_TEMP && call.status == 0 && call.grpc_status < 0) {
		err->code = QF_E_PROTOCOL;
		qf_err_hint(err, "; this looks like an HTTP port: the gRPC address is needed here");
	}
	if (rc < 0 && call.grpc_status >= 0 && err->code != QF_E_ACCESS && call.grpc_status != 12 &&
	    call.grpc_status != 14)
		rc = 0;
	qf_call_release(&call);
	return rc;
}

static int count_grpc(struct qf_weaviate *w, const char *collection, const char *tenant, uint64_t *ret,
		      struct qf_err *err)
{
	Weaviate__V1__AggregateRequest req = WEAVIATE__V1__AGGREGATE_REQUEST__INIT;
	QF_AUTO_FREE char *url = qf_asprintf("%s/weaviate.v1.Weaviate/Aggregate", w->grpc_url);
	QF_AUTO_BUF struct qf_buf body = { 0 };
	struct qf_call call = { .url = url, .grpc = true };
	Weaviate__V1__AggregateReply *reply;
	int rc;

	req.collection = (char *)collection;
	req.tenant = (char *)tenant;
	req.has_objects_count = true;
	req.objects_count = true;
	qf_pb_pack(&body, &req.base);
	call.body = qf_buf_str(&body);
	rc = qf_weaviate_call(w, &call, err);
	if (rc == 0) {
		struct qf_str m = qf_call_message(&call);

		reply = weaviate__v1__aggregate_reply__unpack(NULL, m.n, (const uint8_t *)m.p);
		if (reply && reply->single_result)
			*ret = (uint64_t)reply->single_result->objects_count;
		else
			rc = qf_err_set(err, QF_E_PROTOCOL, "Weaviate: an Aggregate reply without a count");
		if (reply)
			weaviate__v1__aggregate_reply__free_unpacked(reply, NULL);
	}
	qf_call_release(&call);
	return rc;
}

static int count_graphql(struct qf_weaviate *w, const char *collection, const char *tenant,
			 uint64_t *ret, struct qf_err *err)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf query = { 0 }, body = { 0 };
	QF_AUTO_FREE char *url = qf_asprintf("%s/v1/graphql", w->url);
	struct qf_json *doc, *meta;
	struct qf_str reply;

	qf_buf_printf(&query, "{Aggregate{%s", collection);
	if (tenant) {
		QF_BUF_LIT(&query, "(tenant:");
		qf_json_write_string(&query, qf_str(tenant));
		QF_BUF_LIT(&query, ")");
	}
	QF_BUF_LIT(&query, "{meta{count}}}}");
	QF_BUF_LIT(&body, "{\"query\":");
	qf_json_write_string(&body, qf_buf_str(&query));
	QF_BUF_LIT(&body, "}");
	if (qf_http_json(w->http, "POST", url, qf_buf_str(&body), false, w->retries, &arena, &reply, err) < 0 ||
	    qf_json_parse(&arena, reply.p, reply.n, "reply", &doc, err) < 0)
		return qf_err_wrap(err, "Weaviate");
	doc = qf_json_path(doc, "data.Aggregate");
	doc = doc && doc->child ? doc->child : NULL;
	meta = doc && doc->child ? qf_json_get(doc->child, "meta") : NULL;
	if (!meta || qf_json_get_int(meta, "count", -1) < 0)
		return qf_err_set(err, QF_E_PROTOCOL, "Weaviate: the count of '%s' was not answered: %.*s", collection,
				  QF_STR_ARG(reply));
	*ret = (uint64_t)qf_json_get_int(meta, "count", 0);
	return 0;
}

int qf_weaviate_count(struct qf_weaviate *w, bool grpc, const char *collection, const char *tenant,
		      uint64_t *ret, struct qf_err *err)
{
	if (qf_weaviate_refresh(w, false, err) < 0)
		return -1;
	if (grpc && qf_weaviate_since(w, 1, 29))
		return count_grpc(w, collection, tenant, ret, err);
	return count_graphql(w, collection, tenant, ret, err);
}

int qf_weaviate_set_tenant(struct qf_weaviate *w, const char *collection, const char *tenant,
			   const char *status, struct qf_err *err)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_FREE char *url = qf_asprintf("%s/v1/schema/%s/tenants", w->url, collection);
	QF_AUTO_BUF struct qf_buf body = { 0 };
	struct qf_str reply;

	QF_BUF_LIT(&body, "[{\"name\":");
	qf_json_write_string(&body, qf_str(tenant));
	qf_buf_printf(&body, ",\"activityStatus\":\"%s\"}]", status);
	if (qf_http_json(w->http, "PUT", url, qf_buf_str(&body), false, w->retries, &arena, &reply, err) < 0)
		return qf_err_wrap(err, "tenant '%s' of '%s' to %s", tenant, collection, status);
	return 0;
}
