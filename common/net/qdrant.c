#include "common/net/qdrant.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/retry.h"
#include "common/base/sig.h"
#include "qdrant.pb-c.h"

enum { GRPC_PORT = 6334, SLOW_SECONDS = 3600 };

static int read_version(struct qf_qdrant *q, struct qf_err *err)
{
	struct qf_str reply, title, version;
	struct qf_json *doc;

	if (qf_http_json(q->http, "GET", qf_arena_printf(&q->arena, "%s/", q->url).p,
			 (struct qf_str){ 0 }, false, q->retries, &q->arena, &reply, err) < 0)
		return -1;
	if (qf_json_parse(&q->arena, reply.p, reply.n, "reply", &doc, err) < 0)
		return qf_err_set(err, QF_E_PROTOCOL, "%s does not answer like a Qdrant server",
				  q->url);
	title = qf_json_get_str(doc, "title", "");
	version = qf_json_get_str(doc, "version", "");
	if (memmem(title.p, title.n, "qdrant", 6) == NULL || !version.n)
		return qf_err_set(err, QF_E_PROTOCOL, "%s does not answer like a Qdrant server",
				  q->url);
	snprintf(q->version, sizeof(q->version), "%.*s", QF_STR_ARG(version));
	if (sscanf(q->version, "%d.%d.%d", &q->major, &q->minor, &q->patch) < 2)
		return qf_err_set(err, QF_E_PROTOCOL, "%s: cannot read the version '%s'", q->url,
				  q->version);
	return 0;
}

static int access_hint(struct qf_err *err)
{
	return err->code == QF_E_ACCESS ? qf_err_hint(err, "; check QDRANT_API_KEY") : -1;
}

int qf_qdrant_open(struct qf_qdrant *q, const char *url, const char *grpc_url, const char *api_key,
		   const struct qf_net_opts *net, struct qf_err *err)
{
	struct qf_http_opts opts = {
		.ca_file = net->ca_file,
		.insecure = net->insecure,
		.timeout = net->timeout,
	};
	QF_AUTO_FREE char *header = NULL;

	q->retries = (unsigned)net->retries;
	if (!url)
		return qf_err_set(err, QF_E_USAGE,
				  "no address of the Qdrant server: give --url or QDRANT_URL");
	if (qf_url_check(url, "the address of the Qdrant server", &q->arena, &q->url, err) < 0)
		return -1;
	q->grpc_given = grpc_url != NULL;
	if (!grpc_url)
		q->grpc_url = qf_url_with_port(q->url, GRPC_PORT, &q->arena);
	else if (qf_url_check(grpc_url, "the gRPC address of the Qdrant server", &q->arena,
			      &q->grpc_url, err) < 0)
		return -1;
	if (api_key)
		opts.header = header = qf_asprintf("api-key: %s", api_key);
	q->http = qf_http_new(&opts);
	opts.timeout = SLOW_SECONDS;
	q->slow = qf_http_new(&opts);
	/* The first word with the server: a wrong address should not take all retries to show. */
	q->retries = q->retries > 2 ? 2 : q->retries;
	if (read_version(q, err) < 0)
		return access_hint(err);
	q->retries = (unsigned)net->retries;
	return 0;
}

void qf_qdrant_close(struct qf_qdrant *q)
{
	qf_http_free(q->http);
	qf_http_free(q->slow);
	qf_arena_release(&q->arena);
	*q = (struct qf_qdrant){ 0 };
}

bool qf_qdrant_at_least(const struct qf_qdrant *q, int major, int minor, int patch)
{
	if (q->major != major)
		return q->major > major;
	return q->minor != minor ? q->minor > minor : q->patch >= patch;
}

int qf_qdrant_probe_grpc(struct qf_qdrant *q, struct qf_err *err)
{
	struct qf_call c = { .grpc = true, .timeout = 10 };
	Qdrant__HealthCheckReply *reply;
	struct qf_str message;
	int rc;

	c.url = qf_arena_printf(&q->arena, "%s/qdrant.Qdrant/HealthCheck", q->grpc_url).p;
	rc = qf_call_wait(q->http, &c, err);
	if (rc == 0) {
		rc = qf_call_check(&c, "gRPC", err);
		/* Connected, but not understood. */
		if (rc < 0 && err->code == QF_E_TEMP && c.status == 0 && c.grpc_status < 0) {
			err->code = QF_E_PROTOCOL;
			qf_err_hint(err, "; is this the gRPC address (port %d), not the HTTP one?",
				    GRPC_PORT);
		}
	}
	if (rc == 0) {
		message = qf_call_message(&c);
		reply = qdrant__health_check_reply__unpack(NULL, message.n,
							   (const uint8_t *)message.p);
		if (!reply || !reply->title)
			rc = qf_err_set(err, QF_E_PROTOCOL,
					"%s does not answer like a Qdrant server", q->grpc_url);
		if (reply)
			qdrant__health_check_reply__free_unpacked(reply, NULL);
	}
	qf_call_release(&c);
	return rc;
}

static int request(struct qf_qdrant *q, struct qf_http *http, const char *method, const char *path,
		   const struct qf_json *body, bool missing_ok, struct qf_arena *arena,
		   struct qf_json **result, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	QF_AUTO_FREE char *url = qf_asprintf("%s%s", q->url, path);
	struct qf_json *doc, *ret;
	struct qf_str reply;

	if (body)
		qf_json_write(&text, body);
	if (qf_http_json(http, method, url, qf_buf_str(&text), missing_ok, q->retries, arena,
			 &reply, err) < 0)
		return access_hint(err);
	if (!reply.p) {
		if (result)
			*result = NULL;
		return 0;
	}
	if (qf_json_parse(arena, reply.p, reply.n, "reply", &doc, err) < 0 ||
	    (ret = qf_json_get(doc, "result")) == NULL)
		return qf_err_set(err, QF_E_PROTOCOL,
				  "%s %s: the reply is not what a Qdrant server sends", method,
				  url);
	if (result)
		*result = ret;
	return 0;
}

int qf_qdrant_request(struct qf_qdrant *q, const char *method, const char *path,
		      const struct qf_json *body, bool missing_ok, struct qf_arena *arena,
		      struct qf_json **result, struct qf_err *err)
{
	return request(q, q->http, method, path, body, missing_ok, arena, result, err);
}

/* A request whose result nobody needs. */
static int order(struct qf_qdrant *q, struct qf_http *http, const char *method, const char *name,
		 const char *rest, const struct qf_json *body, struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	int rc = request(q, http, method, qf_qdrant_path(name, rest, &arena), body, false, &arena,
			 NULL, err);

	qf_arena_release(&arena);
	return rc;
}

const char *qf_qdrant_path(const char *name, const char *rest, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf escaped = { 0 };

	qf_url_escape(&escaped, qf_str(name));
	return qf_arena_printf(arena, "/collections/%s%s", qf_buf_cstr(&escaped), rest).p;
}

int qf_qdrant_collection(struct qf_qdrant *q, const char *name, struct qf_arena *arena,
			 struct qf_json **info, struct qf_err *err)
{
	return qf_qdrant_request(q, "GET", qf_qdrant_path(name, "", arena), NULL, true, arena, info,
				 err);
}

int qf_qdrant_list(struct qf_qdrant *q, struct qf_arena *arena, struct qf_json **list,
		   struct qf_err *err)
{
	struct qf_json *result;

	if (qf_qdrant_request(q, "GET", "/collections", NULL, false, arena, &result, err) < 0)
		return -1;
	*list = qf_json_get(result, "collections");
	return *list ? 0
		     : qf_err_set(err, QF_E_PROTOCOL, "%s: the list of collections is missing",
				  q->url);
}

int qf_qdrant_create(struct qf_qdrant *q, const char *name, const struct qf_json *body,
		     struct qf_err *err)
{
	return order(q, q->slow, "PUT", name, "", body, err);
}

int qf_qdrant_patch(struct qf_qdrant *q, const char *name, const struct qf_json *body,
		    struct qf_err *err)
{
	return order(q, q->slow, "PATCH", name, "", body, err);
}

int qf_qdrant_patch_once(struct qf_qdrant *q, const char *name, const struct qf_json *body,
			 double seconds, struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf text = { 0 };
	QF_AUTO_FREE char *url =
		qf_asprintf("%s%s", q->url, qf_qdrant_path(name, "", &arena));
	struct qf_call c = { .method = "PATCH", .url = url, .timeout = seconds };
	int rc;

	qf_json_write(&text, body);
	c.body = qf_buf_str(&text);
	rc = qf_call_wait(q->http, &c, err);
	if (rc == 0)
		rc = qf_call_check(&c, "PATCH", err);
	qf_call_release(&c);
	qf_arena_release(&arena);
	return rc;
}

int qf_qdrant_drop(struct qf_qdrant *q, const char *name, struct qf_err *err)
{
	return order(q, q->slow, "DELETE", name, "", NULL, err);
}

/* Position of a name in a list whose order is that of the protocol's enum; 0 when not there. */
static int enum_of(struct qf_str name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (names[i] && qf_str_is(name, names[i]))
			return (int)i;
	return 0;
}

/* The unnamed vector has no path to PUT to; its name can be sent over gRPC. */
static int add_unnamed(struct qf_qdrant *q, const char *name, const struct qf_json *dense,
		       struct qf_err *err)
{
	static const char *const distances[] = { NULL, "Cosine", "Euclid", "Dot", "Manhattan" };
	static const char *const types[] = { NULL, "float32", "uint8", "float16", "turbo4" };
	QF_AUTO_FREE char *own = qf_strdup(name), *empty = qf_strdup("");
	QF_AUTO_FREE char *url = qf_asprintf("%s/qdrant.Points/CreateVectorName", q->grpc_url);
	Qdrant__CreateVectorNameRequest request = QDRANT__CREATE_VECTOR_NAME_REQUEST__INIT;
	Qdrant__DenseVectorCreationConfig config = QDRANT__DENSE_VECTOR_CREATION_CONFIG__INIT;
	Qdrant__MultiVectorConfig multi = QDRANT__MULTI_VECTOR_CONFIG__INIT;
	struct qf_call c = { .grpc = true, .url = url };
	QF_AUTO_BUF struct qf_buf body = { 0 };
	int rc;

	request.collection_name = own;
	request.has_wait = request.wait = 1;
	request.vector_name = empty;
	request.vector_config_case = QDRANT__CREATE_VECTOR_NAME_REQUEST__VECTOR_CONFIG_DENSE_CONFIG;
	request.dense_config = &config;
	config.has_size = config.has_distance = 1;
	config.size = (uint64_t)qf_json_get_int(dense, "size", 0);
	config.distance = (Qdrant__Distance)enum_of(qf_json_get_str(dense, "distance", ""),
						    distances, QF_LEN(distances));
	config.datatype = (Qdrant__Datatype)enum_of(qf_json_get_str(dense, "datatype", ""), types,
						    QF_LEN(types));
	config.has_datatype = config.datatype != 0;
	multi.has_comparator = 1;
	if (qf_json_get(dense, "multivector_config"))
		config.multivector_config = &multi;
	qf_buf_room(&body, qdrant__create_vector_name_request__get_packed_size(&request));
	body.n = qdrant__create_vector_name_request__pack(&request, (uint8_t *)body.p);
	c.body = qf_buf_str(&body);
	rc = qf_call_wait(q->slow, &c, err);
	if (rc == 0)
		rc = qf_call_check(&c, "adding the unnamed vector at", err);
	qf_call_release(&c);
	return rc;
}

int qf_qdrant_add_vector(struct qf_qdrant *q, const char *name, struct qf_str vector,
			 const struct qf_json *body, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf rest = { 0 };

	if (vector.n == 0)
		return add_unnamed(q, name, qf_json_get(body, "dense"), err);
	QF_BUF_LIT(&rest, "/vectors/");
	qf_url_escape(&rest, vector);
	QF_BUF_LIT(&rest, "?wait=true");
	return order(q, q->slow, "PUT", name, qf_buf_cstr(&rest), body, err);
}

int qf_qdrant_count(struct qf_qdrant *q, const char *name, const struct qf_json *filter,
		    uint64_t *ret, struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	struct qf_json *body = qf_json_new(&arena, QF_JSON_OBJECT), *result;
	int64_t count;
	int rc;

	if (filter)
		qf_json_attach(&arena, body, "filter", qf_json_copy(&arena, filter));
	qf_json_add_bool(&arena, body, "exact", true);
	rc = request(q, q->slow, "POST", qf_qdrant_path(name, "/points/count", &arena), body, false,
		     &arena, &result, err);
	if (rc == 0) {
		count = qf_json_get_int(result, "count", -1);
		if (count < 0)
			rc = qf_err_set(err, QF_E_PROTOCOL, "%s: the count of '%s' is missing",
					q->url, name);
		else
			*ret = (uint64_t)count;
	}
	qf_arena_release(&arena);
	return rc;
}

struct qf_json *qf_qdrant_match(struct qf_arena *arena, struct qf_str key, struct qf_str value)
{
	struct qf_json *filter = qf_json_new(arena, QF_JSON_OBJECT);
	struct qf_json *must = qf_json_add(arena, filter, "must", QF_JSON_ARRAY);
	struct qf_json *condition = qf_json_add(arena, must, NULL, QF_JSON_OBJECT);

	qf_json_add_str(arena, condition, "key", key);
	qf_json_add_str(arena, qf_json_add(arena, condition, "match", QF_JSON_OBJECT), "value",
			value);
	return filter;
}

int qf_qdrant_index(struct qf_qdrant *q, const char *name, struct qf_str field,
		    const struct qf_json *schema, struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	struct qf_json *body = qf_json_new(&arena, QF_JSON_OBJECT);
	int rc;

	qf_json_add_str(&arena, body, "field_name", field);
	qf_json_attach(&arena, body, "field_schema", qf_json_copy(&arena, schema));
	rc = order(q, q->slow, "PUT", name, "/index?wait=true", body, err);
	qf_arena_release(&arena);
	return rc;
}

int qf_qdrant_alias(struct qf_qdrant *q, struct qf_str alias, struct qf_arena *arena,
		    struct qf_str *collection, struct qf_err *err)
{
	struct qf_json *result, *list;

	if (qf_qdrant_request(q, "GET", "/aliases", NULL, false, arena, &result, err) < 0)
		return -1;
	*collection = (struct qf_str){ 0 };
	list = qf_json_get(result, "aliases");
	for (struct qf_json *a = list ? list->child : NULL; a; a = a->next)
		if (qf_str_eq(qf_json_get_str(a, "alias_name", ""), alias))
			*collection = qf_json_get_str(a, "collection_name", "");
	return 0;
}

int qf_qdrant_aliases(struct qf_qdrant *q, const struct qf_json *actions, struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	struct qf_json *body = qf_json_new(&arena, QF_JSON_OBJECT);
	int rc;

	qf_json_attach(&arena, body, "actions", qf_json_copy(&arena, actions));
	rc = qf_qdrant_request(q, "POST", "/collections/aliases", body, false, &arena, NULL, err);
	qf_arena_release(&arena);
	return rc;
}

static uint64_t number(const struct qf_json *object, const char *key)
{
	int64_t v = qf_json_get_int(object, key, 0);

	return v > 0 ? (uint64_t)v : 0;
}

/* Running and queued optimizations, on servers that tell. */
static int read_optimizations(struct qf_qdrant *q, const char *name, struct qf_arena *arena,
			      uint64_t *ret, struct qf_err *err)
{
	struct qf_json *result, *summary, *running;

	*ret = 0;
	if (!qf_qdrant_at_least(q, 1, 17, 0))
		return 0;
	if (qf_qdrant_request(q, "GET", qf_qdrant_path(name, "/optimizations", arena), NULL, true,
			      arena, &result, err) < 0)
		return -1;
	summary = qf_json_get(result, "summary");
	running = qf_json_get(result, "running");
	*ret = number(summary, "queued_optimizations") + (running ? qf_json_count(running) : 0);
	return 0;
}

int qf_qdrant_state(struct qf_qdrant *q, const char *name, struct qf_qdrant_state *ret,
		    struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	struct qf_json *info;
	int rc = qf_qdrant_collection(q, name, &arena, &info, err);

	*ret = (struct qf_qdrant_state){ 0 };
	if (rc == 0 && !info)
		rc = qf_err_set(err, QF_E_NOINPUT, "%s has no collection '%s'", q->url, name);
	if (rc == 0) {
		const struct qf_json *queue = qf_json_get(info, "update_queue");
		const struct qf_json *optimizer = qf_json_get(info, "optimizer_status");

		snprintf(ret->status, sizeof(ret->status), "%.*s",
			 QF_STR_ARG(qf_json_get_str(info, "status", "unknown")));
		snprintf(ret->trouble, sizeof(ret->trouble), "%.*s",
			 QF_STR_ARG(qf_json_get_str(optimizer, "error", "")));
		ret->queue = number(queue, "length");
		ret->deferred = number(queue, "deferred_points");
		ret->points = number(info, "points_count");
		ret->indexed = number(info, "indexed_vectors_count");
		rc = read_optimizations(q, name, &arena, &ret->optimizations, err);
	}
	qf_arena_release(&arena);
	return rc;
}

bool qf_qdrant_is_ready(const struct qf_qdrant_state *s)
{
	return !strcmp(s->status, "green") && !s->queue && !s->deferred && !s->optimizations;
}

/* Grey: there is work that nothing has started since the server did. An empty change wakes it. */
static int wake(struct qf_qdrant *q, const char *name, struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	struct qf_json *body = qf_json_new(&arena, QF_JSON_OBJECT);
	int rc;

	qf_json_add(&arena, body, "optimizers_config", QF_JSON_OBJECT);
	rc = qf_qdrant_patch(q, name, body, err);
	qf_arena_release(&arena);
	return rc;
}

static int pause_for(struct qf_qdrant *q, double seconds, struct qf_err *err)
{
	double until = qf_now() + seconds;

	for (double left = seconds; left > 0; left = until - qf_now())
		if (qf_http_run(q->http, left, -1, err) < 0)
			return -1;
	return qf_sig_check(err);
}

int qf_qdrant_wait_ready(struct qf_qdrant *q, const char *name, double limit,
			 void (*shown)(void *ctx, const struct qf_qdrant_state *s), void *ctx,
			 struct qf_qdrant_state *ret, struct qf_err *err)
{
	double started = qf_now(), pause = 0.1;
	unsigned ready = 0;
	bool woken = false;

	for (;;) {
		if (qf_qdrant_state(q, name, ret, err) < 0)
			return -1;
		if (shown)
			shown(ctx, ret);
		if (ret->trouble[0])
			return qf_err_set(err, QF_E_IO, "%s: the optimizer of '%s' failed: %s",
					  q->url, name, ret->trouble);
		ready = qf_qdrant_is_ready(ret) ? ready + 1 : 0;
		if (ready == 2)
			return 0;
		if (!strcmp(ret->status, "grey") && !woken) {
			woken = true;
			if (wake(q, name, err) < 0)
				return -1;
		}
		if (limit > 0 && qf_now() - started > limit)
			return qf_err_set(
				err, QF_E_TEMP,
				"%s: '%s' is still %s after %.0f s (%llu updates queued, %llu points "
				"deferred, %llu optimizations)",
				q->url, name, ret->status, qf_now() - started,
				(unsigned long long)ret->queue, (unsigned long long)ret->deferred,
				(unsigned long long)ret->optimizations);
		if (pause_for(q, pause, err) < 0)
			return -1;
		pause = pause < 1 ? pause * 1.5 : 1;
	}
}
