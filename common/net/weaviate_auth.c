/* OIDC: client credentials and refresh tokens (RFC 6749 sections 4.4 and 6). */
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/data/number.h"
#include "common/net/weaviate.h"

static int get_json(struct qf_weaviate *w, const char *url, struct qf_json **ret, struct qf_err *err)
{
	struct qf_str reply;

	if (qf_http_json(w->http, "GET", url, (struct qf_str){ 0 }, true, 2, &w->arena, &reply, err) < 0)
		return -1;
	*ret = NULL;
	return reply.p ? qf_json_parse(&w->arena, reply.p, reply.n, url, ret, err) : 0;
}

int qf_weaviate_sign_in(struct qf_weaviate *w, const struct qf_weaviate_opts *opts, struct qf_err *err)
{
	QF_AUTO_FREE char *url = qf_asprintf("%s/v1/.well-known/openid-configuration", w->url);
	struct qf_json *discovery = NULL, *issuer = NULL;
	struct qf_str href, endpoint;

	if (get_json(w, url, &discovery, err) < 0)
		return qf_err_wrap(err, "signing in to Weaviate");
	href = qf_json_get_str(discovery, "href", NULL);
	if (!href.p)
		return qf_err_set(err, QF_E_ACCESS,
				  "Weaviate at %s has no OIDC set up; use WEAVIATE_API_KEY instead",
				  qf_redact_url(w->url));
	if (get_json(w, href.p, &issuer, err) < 0)
		return qf_err_wrap(err, "signing in to Weaviate");
	endpoint = qf_json_get_str(issuer, "token_endpoint", NULL);
	if (!endpoint.p)
		return qf_err_set(err, QF_E_PROTOCOL, "%s names no token_endpoint", qf_redact_url(href.p));
	w->token_endpoint = endpoint.p;
	w->client_id = opts->client_id ? opts->client_id
				       : qf_json_get_str(discovery, "clientId", "").p;
	w->client_secret = opts->client_secret;
	w->scope = opts->scope;
	if (opts->refresh_token)
		w->refresh_token = qf_strdup(opts->refresh_token);
	return qf_weaviate_refresh(w, true, err);
}

static void add_field(struct qf_buf *body, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	qf_buf_printf(body, "%s%s=", body->n ? "&" : "", name);
	qf_url_escape(body, qf_str(value));
}

int qf_weaviate_refresh(struct qf_weaviate *w, bool force, struct qf_err *err)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf body = { 0 };
	struct qf_call call = { .method = "POST", .content_type = "application/x-www-form-urlencoded",
				.no_auth = true };
	QF_AUTO_FREE char *header = NULL;
	struct qf_retry retry = { .base = 0.2, .cap = 20, .max = w->retries, .seed = (uint64_t)getpid() };
	struct qf_json *doc;
	struct qf_str token, refresh;
	const struct qf_json *expires;
	double lifetime = 300;
	int rc;

	if (!w->token_endpoint || (!force && qf_now() < w->token_until - 30))
		return 0;
	add_field(&body, "grant_type", w->client_secret ? "client_credentials" : "refresh_token");
	add_field(&body, "client_id", w->client_id);
	add_field(&body, "client_secret", w->client_secret);
	add_field(&body, "scope", w->scope);
	if (!w->client_secret)
		add_field(&body, "refresh_token", w->refresh_token);
	call.url = w->token_endpoint;
	call.body = qf_buf_str(&body);
	for (;;) {
		double wait;

		rc = qf_call_wait(w->http, &call, err);
		if (rc < 0)
			break;
		rc = qf_call_check(&call, "token endpoint", err);
		if (rc == 0 || !err->retry || (wait = qf_retry_next(&retry, err->retry_after)) < 0)
			break;
		rc = qf_http_pause(w->http, wait, err);
		if (rc < 0)
			break;
	}
	if (rc < 0 && call.status >= 400 && call.status < 500) {
		err->code = QF_E_ACCESS;
		qf_err_hint(err, "; check WEAVIATE_CLIENT_SECRET or WEAVIATE_REFRESH_TOKEN");
	}
	if (rc == 0)
		rc = qf_json_parse(&arena, call.reply.p, call.reply.n, "token reply", &doc, err);
	qf_call_release(&call);
	if (rc < 0)
		return qf_err_wrap(err, "signing in to Weaviate");
	token = qf_json_get_str(doc, "access_token", NULL);
	if (!token.p)
		return qf_err_set(err, QF_E_ACCESS, "%s gave no access_token", qf_redact_url(w->token_endpoint));
	refresh = qf_json_get_str(doc, "refresh_token", NULL);
	if (refresh.p && !w->client_secret) {
		free(w->refresh_token);
		w->refresh_token = qf_strdup(refresh.p);
	}
	expires = qf_json_get(doc, "expires_in");
	if (expires && qf_f64_parse(expires->text, &lifetime) < 0)
		lifetime = 300;
	/* A lifetime shorter than the margin is renewed at its half. */
	w->token_until = qf_now() + (lifetime < 60 ? lifetime / 2 + 30 : lifetime);
	header = qf_asprintf("authorization: Bearer %s", token.p);
	qf_http_set_header(w->http, header);
	qf_debug("new OIDC token, good for %.0f s", lifetime);
	return 0;
}
