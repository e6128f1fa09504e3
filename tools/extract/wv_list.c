#include "tools/extract/wv_list.h"

#include <stdlib.h>

#include "common/base/tool.h"

enum { SHOWN_IDS = 100, KEYS_AT_ONCE = 2 << 20 };

/* ---- --list ---- */

static void vectors_text(const struct wv_class *c, struct qf_buf *out)
{
	for (size_t i = 0; i < c->n_vectors; i++) {
		const struct wv_vector *v = &c->vectors[i];

		qf_buf_printf(out, "%s%s%s", i ? ", " : "", v->name.p, v->name.n ? " " : "");
		if (v->size)
			qf_buf_printf(out, "%u", v->size);
		else
			qf_buf_puts(out, "?");
		qf_buf_printf(out, " %s%s", qf_json_get_str(v->decl, "distance", "").p, v->multi ? " multi" : "");
	}
	if (!c->n_vectors)
		qf_buf_puts(out, "none");
}

static void list_table(const struct wv_catalog *c, struct qf_buf *out)
{
	char count[32];

	qf_buf_printf(out, "%-30s %-20s %14s  %s\n", "COLLECTION", "TENANT", "OBJECTS", "VECTORS");
	for (size_t i = 0; i < c->n_scopes; i++) {
		const struct wv_scope *s = &c->scopes[i];

		qf_buf_printf(out, "%-30s %-20s %14s  ", s->class->name, s->tenant ? s->tenant : "-",
			      s->has_count ? qf_fmt_count(count, s->count) : "?");
		if (s->why)
			qf_buf_puts(out, s->why);
		else
			vectors_text(s->class, out);
		qf_buf_addc(out, '\n');
	}
}

static void list_json(const struct wv_catalog *c, struct qf_buf *out)
{
	QF_BUF_LIT(out, "{\"collections\":[");
	for (size_t k = 0; k < c->n_classes; k++) {
		const struct wv_class *class = &c->classes[k];
		bool first = true;

		qf_buf_puts(out, k ? ",{\"name\":" : "{\"name\":");
		qf_json_write_string(out, qf_str(class->name));
		QF_BUF_LIT(out, ",\"collection\":");
		qf_json_write(out, class->doc);
		QF_BUF_LIT(out, ",\"scopes\":[");
		for (size_t i = 0; i < c->n_scopes; i++) {
			const struct wv_scope *s = &c->scopes[i];

			if (s->class != class)
				continue;
			qf_buf_puts(out, first ? "{" : ",{");
			first = false;
			if (s->tenant) {
				QF_BUF_LIT(out, "\"tenant\":");
				qf_json_write_string(out, qf_str(s->tenant));
				qf_buf_addc(out, ',');
			}
			if (s->has_count)
				qf_buf_printf(out, "\"count\":%llu,", (unsigned long long)s->count);
			qf_buf_printf(out, "\"readable\":%s", s->why ? "false" : "true");
			if (s->why) {
				QF_BUF_LIT(out, ",\"why\":");
				qf_json_write_string(out, qf_str(s->why));
			}
			qf_buf_addc(out, '}');
		}
		QF_BUF_LIT(out, "]}");
	}
	QF_BUF_LIT(out, "]}\n");
}

void wv_catalog_list(const struct wv_catalog *c, bool json, struct qf_buf *out)
{
	if (json)
		list_json(c, out);
	else
		list_table(c, out);
}

/* ---- --shared-ids ---- */

struct seen {
	wv_key key;
	uint32_t scope;
};

static int by_key(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->scope < y->scope ? -1 : x->scope > y->scope;
}

struct shared {
	struct wv_catalog *catalog;
	struct seen *seen;
	size_t n, cap;
	uint64_t checked, total;
	struct qf_buf *out;
};

/* Reads the ids of one class's tenants in [from, to]. */
static int read_ids(struct shared *s, struct wv_scope *scopes, size_t n, unsigned jobs, wv_key from,
		    wv_key to, struct qf_err *err)
{
	struct wv_scan_opts opts = { .jobs = jobs, .part = 1, .parts = 1, .grpc = s->catalog->grpc,
				     .ids_only = true, .from = from, .to = to };
	struct qf_batch batch = { 0 };
	struct wv_scan scan;
	int rc;

	for (size_t i = 0; i < n; i++)
		scopes[i].opened = scopes[i].closed = scopes[i].limited = false;
	wv_scan_open(&scan, s->catalog->server, scopes, n, &opts);
	for (;;) {
		qf_batch_reset(&batch);
		rc = wv_scan_next(&scan, &batch, err);
		if (rc)
			break;
		for (size_t i = 0; i < batch.n; i++) {
			const struct qf_record *rec = &batch.rec[i];
			uint32_t scope = 0;

			if (rec->type != QF_REC_POINT)
				continue;
			while (scopes[scope].tenant != rec->tenant.p)
				scope++;
			QF_GROW(s->seen, s->n, s->cap);
			s->seen[s->n++] = (struct seen){ wv_key_of(rec->id.uuid), scope };
		}
	}
	wv_scan_close(&scan);
	qf_batch_release(&batch);
	return rc < 0 ? -1 : 0;
}

static void report_shared(struct shared *s, const struct wv_scope *scopes, size_t from, size_t to)
{
	char id[37];

	if (s->total++ >= SHOWN_IDS)
		return;
	wv_key_text(s->seen[from].key, id);
	qf_buf_puts(s->out, s->total > 1 ? ",{\"collection\":" : "{\"collection\":");
	qf_json_write_string(s->out, qf_str(scopes[0].class->name));
	qf_buf_printf(s->out, ",\"id\":\"%s\",\"tenants\":[", id);
	for (size_t i = from; i < to; i++) {
		if (i > from)
			qf_buf_addc(s->out, ',');
		qf_json_write_string(s->out, qf_str(scopes[s->seen[i].scope].tenant));
	}
	QF_BUF_LIT(s->out, "]}");
}

/* A class whose ids do not fit the memory meant for them is read in several passes, each over its
 * share of the key space. */
static int check_class(struct shared *s, struct wv_scope *scopes, size_t n, unsigned jobs,
		       struct qf_err *err)
{
	uint64_t count = 0, passes;

	for (size_t i = 0; i < n; i++)
		count += scopes[i].count;
	passes = count / KEYS_AT_ONCE + 1;
	for (uint64_t p = 0; p < passes; p++) {
		wv_key piece = ~(wv_key)0 / passes;
		wv_key to = p + 1 == passes ? ~(wv_key)0 : piece * (p + 1) - 1;

		s->n = 0;
		if (read_ids(s, scopes, n, jobs, piece * p, to, err) < 0)
			return -1;
		s->checked += s->n;
		qsort(s->seen, s->n, sizeof(*s->seen), by_key);
		for (size_t i = 0, k; i < s->n; i = k) {
			for (k = i + 1; k < s->n && s->seen[k].key == s->seen[i].key; k++)
				;
			if (k > i + 1)
				report_shared(s, scopes, i, k);
		}
	}
	return 0;
}

int wv_catalog_shared_ids(struct wv_catalog *c, unsigned jobs, struct qf_buf *out, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf list = { 0 };
	struct shared s = { .catalog = c, .out = &list };
	int rc = 0;

	for (size_t i = 0, k; rc == 0 && i < c->n_scopes; i = k) {
		for (k = i + 1; k < c->n_scopes && c->scopes[k].class == c->scopes[i].class; k++)
			;
		if (k > i + 1)
			rc = check_class(&s, &c->scopes[i], k - i, jobs, err);
	}
	free(s.seen);
	if (rc < 0)
		return -1;
	qf_buf_printf(out, "{\"checked\":%llu,\"total\":%llu,\"shared\":[", (unsigned long long)s.checked,
		      (unsigned long long)s.total);
	qf_buf_add_str(out, qf_buf_str(&list));
	QF_BUF_LIT(out, "]}\n");
	return 0;
}
