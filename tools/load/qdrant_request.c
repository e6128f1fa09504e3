/* Requests made of batches, and what their replies mean. */
#include <stdlib.h>

#include "qdrant.pb-c.h"
#include "tools/load/qdrant_batch.h"
#include "tools/load/qdrant_payload.h"

enum { GATE_SECONDS = 10 }; /* pause when the server says its memory or disk is too full */

void qf_load_request_open(const struct qf_load_qdrant *s, struct qf_load_batch *b)
{
	const struct qf_load_target *t = b->target;
	size_t name = strlen(t->name);
	QF_AUTO_BUF struct qf_buf url = { 0 };
	char *at;

	qf_buf_reset(&b->wire);
	b->parents = b->deletes && qf_load_has_parents(t->doc);
	/* A filter is written in JSON only; such deletes are rare. */
	b->rest = s->rest || b->parents;
	if (b->rest) {
		qf_buf_puts(&url, s->server.url);
		QF_BUF_LIT(&url, "/collections/");
		qf_url_escape(&url, qf_str(t->name));
		qf_buf_puts(&url, b->deletes ? "/points/delete?wait=true" : "/points?wait=true");
	} else {
		qf_buf_puts(&url, s->server.grpc_url);
		qf_buf_puts(&url, b->deletes ? "/qdrant.Points/Delete" : "/qdrant.Points/Upsert");
		/* The head of UpsertPoints: collection_name = 1, wait = 2. */
		at = qf_buf_room(&b->wire, name + 16);
		*at++ = 0x0a;
		at = qf_varint_put(at, name);
		memcpy(at, t->name, name);
		at += name;
		*at++ = 0x10;
		*at++ = 1;
		b->wire.n = (size_t)(at - b->wire.p);
	}
	free(b->url);
	b->url = qf_strdup(qf_buf_cstr(&url));
}

static void delete_body(struct qf_load_batch *b, const struct qf_load_range *r)
{
	size_t n = r->to - r->from;
	Qdrant__PointId *ids = qf_calloc(n, sizeof(*ids)), **list = qf_calloc(n, sizeof(*list));
	char(*texts)[37] = qf_calloc(n, sizeof(*texts));
	Qdrant__PointsIdsList points = QDRANT__POINTS_IDS_LIST__INIT;
	Qdrant__PointsSelector selector = QDRANT__POINTS_SELECTOR__INIT;
	Qdrant__DeletePoints request = QDRANT__DELETE_POINTS__INIT;

	for (size_t i = 0; i < n; i++) {
		const struct qf_id *id = &b->items[r->from + i].id;

		qdrant__point_id__init(&ids[i]);
		list[i] = &ids[i];
		if (id->kind == QF_ID_NUM) {
			ids[i].point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_NUM;
			ids[i].num = id->num;
		} else {
			qf_uuid_format(id->uuid, texts[i]);
			ids[i].point_id_options_case = QDRANT__POINT_ID__POINT_ID_OPTIONS_UUID;
			ids[i].uuid = texts[i];
		}
	}
	points.n_ids = n;
	points.ids = list;
	selector.points_selector_one_of_case =
		QDRANT__POINTS_SELECTOR__POINTS_SELECTOR_ONE_OF_POINTS;
	selector.points = &points;
	request.collection_name = b->target->name;
	request.has_wait = request.wait = 1;
	request.points = &selector;
	qf_buf_room(&b->body, qdrant__delete_points__get_packed_size(&request));
	b->body.n = qdrant__delete_points__pack(&request, (uint8_t *)b->body.p);
	free(ids);
	free(list);
	free(texts);
}

/* The points of these ids, and those that have one of them in `_parent`. */
static void parents_body(struct qf_load_batch *b, const struct qf_load_range *r)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	QF_BUF_LIT(&b->body, "{\"filter\":{\"should\":[{\"has_id\":[");
	for (size_t i = r->from; i < r->to; i++) {
		if (i > r->from)
			qf_buf_addc(&b->body, ',');
		qf_id_write(&b->body, &b->items[i].id);
	}
	QF_BUF_LIT(&b->body, "]},{\"key\":\"_parent\",\"match\":{\"any\":[");
	for (size_t i = r->from; i < r->to; i++) {
		if (i > r->from)
			qf_buf_addc(&b->body, ',');
		qf_buf_reset(&text);
		qf_id_text(&text, &b->items[i].id);
		qf_json_write_string(&b->body, qf_buf_str(&text));
	}
	QF_BUF_LIT(&b->body, "]}}]}}");
}

static void json_body(struct qf_load_batch *b, const struct qf_load_range *r)
{
	QF_BUF_LIT(&b->body, "{\"points\":[");
	for (size_t i = r->from; i < r->to; i++) {
		const struct qf_load_item *it = &b->items[i];

		if (i > r->from)
			qf_buf_addc(&b->body, ',');
		if (b->deletes)
			qf_id_write(&b->body, &it->id);
		else
			qf_buf_add(&b->body, b->wire.p + it->from, it->to - it->from);
	}
	QF_BUF_LIT(&b->body, "]}");
}

void qf_load_request_make(struct qf_load_batch *b)
{
	const struct qf_load_range *r = &b->ranges[b->n_ranges - 1];
	struct qf_call *c = &b->call;

	qf_buf_reset(&b->body);
	if (b->parents) {
		parents_body(b, r);
	} else if (b->rest) {
		json_body(b, r);
	} else if (b->deletes) {
		delete_body(b, r);
	} else if (r->from || r->to < b->n) {
		qf_buf_add(&b->body, b->wire.p, b->items[0].from);
		qf_buf_add(&b->body, b->wire.p + b->items[r->from].from,
			   b->items[r->to - 1].to - b->items[r->from].from);
	}
	c->method = b->rest && !b->deletes ? "PUT" : "POST";
	c->url = b->url;
	c->grpc = !b->rest;
	c->body = qf_buf_str(b->body.n ? &b->body : &b->wire);
}

/* Only "completed" is an acknowledgement. */
static int check_reply(const struct qf_load_qdrant *s, const struct qf_load_batch *b, struct qf_err *err)
{
	const struct qf_call *c = &b->call;
	struct qf_str text = b->rest ? qf_buf_str(&c->reply) : qf_call_message(c);
	Qdrant__PointsOperationResponse *reply;
	struct qf_arena arena = { 0 };
	struct qf_json *doc;
	bool completed;
	int status = -1;

	if (b->rest) {
		completed = qf_json_parse(&arena, text.p, text.n, "reply", &doc, err) == 0 &&
			    qf_str_is(qf_json_get_str(qf_json_get(doc, "result"), "status", ""),
				      "completed");
		qf_arena_release(&arena);
	} else {
		reply = qdrant__points_operation_response__unpack(NULL, text.n,
								  (const uint8_t *)text.p);
		if (reply && reply->result)
			status = reply->result->status;
		if (reply)
			qdrant__points_operation_response__free_unpacked(reply, NULL);
		completed = status == QDRANT__UPDATE_STATUS__Completed;
	}
	if (completed)
		return 0;
	qf_err_set(err, QF_E_TEMP, "%s took points but did not say that they are written%s",
		   s->server.url,
		   status == QDRANT__UPDATE_STATUS__WaitTimeout
			   ? ": it was too busy; fewer --jobs may help"
			   : "");
	err->retry = true;
	return -1;
}

/* What a failed request means: by the code, and by the text where one code has several meanings. */
static enum qf_load_verdict judge(const struct qf_call *c, const struct qf_load_batch *b, struct qf_err *err)
{
	const struct qf_load_range *r = &b->ranges[b->n_ranges - 1];
	bool single = r->to - r->from == 1;
	bool answered = b->rest ? c->status >= 400 : c->grpc_status > 0;
	int code = !answered ? 0 : b->rest ? (int)c->status : c->grpc_status;
	bool refused =
		b->rest ? code == 400 || code == 413 || code == 422 : code == 3 || code == 11;
	bool too_many = b->rest ? code == 429 : code == 8;

	if (answered && (refused || too_many) &&
	    (code == 413 || strstr(err->msg, "larger than") || strstr(err->msg, "too large")))
		return single ? QF_LOAD_BAD_POINT : QF_LOAD_SPLIT;
	if (refused) {
		if (strstr(err->msg, "Resident memory usage") ||
		    strstr(err->msg, "Disk usage is at")) {
			err->retry_after = GATE_SECONDS;
			return QF_LOAD_AGAIN;
		}
		if (strstr(err->msg, "hard key not specified")) {
			qf_err_hint(
				err,
				"; the collection has custom sharding, which load does not serve: load "
				"into one without it");
			return QF_LOAD_FATAL;
		}
		/* "Max points count limit of N reached!": a full collection refuses every point. */
		return strstr(err->msg, "reached!") ? QF_LOAD_FATAL : QF_LOAD_BAD_POINT;
	}
	/*
	 * A rate limit says when to come back, unless the request is more than it ever allows. A proxy
	 * says neither: it gets a pause first.
	 */
	if (too_many && err->retry_after <= 0 && !single && (b->retry.attempt || !b->retry.max))
		return QF_LOAD_FEWER;
	/* FAILED_PRECONDITION: locked, or a shard that moves. It passes. */
	if (!b->rest && code == 9)
		return QF_LOAD_AGAIN;
	return err->retry ? QF_LOAD_AGAIN : QF_LOAD_FATAL;
}

enum qf_load_verdict qf_load_request_judge(const struct qf_load_qdrant *s,
					   const struct qf_load_batch *b, struct qf_err *err)
{
	if (qf_call_check(&b->call, b->deletes ? "deleting points at" : "writing points to", err) <
	    0)
		return judge(&b->call, b, err);
	return check_reply(s, b, err) == 0 ? QF_LOAD_DONE : QF_LOAD_AGAIN;
}
