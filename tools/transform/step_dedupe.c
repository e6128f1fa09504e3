/* dedupe: key: of points that are the same in something the one with the lowest source key stays. */
#include <errno.h>
#include <xxhash.h>

#include "common/base/log.h"
#include "common/base/tool.h"
#include "tools/transform/hold.h"
#include "tools/transform/payload.h"
#include "tools/transform/steps.h"
#include "tools/transform/vectors.h"

static const char usage[] = "dedupe: id, or dedupe: {key: [url, lang]}, or dedupe: vector";

enum by { BY_ID, BY_KEY, BY_VECTOR };

struct state {
	int by;
	struct qf_opt_list key, vectors;
	unsigned long long memory;
	const char *report_file;

	struct qf_paths paths;
	struct qf_hold hold;
	struct qf_buf text; /* what the hash is of */
	FILE *report;
	uint64_t points, dropped;
	struct qf_arena arena;
};

static const struct qf_opt opts[] = {
	{ .name = "by", .type = QF_OPT_CHOICE, .offset = offsetof(struct state, by), .def = "id",
	  .choices = "id|key|vector", .help = "what makes two points the same", .data = true },
	{ .name = "key", .type = QF_OPT_LIST, .offset = offsetof(struct state, key), .arg = "PATH",
	  .help = "payload properties that are the same together; they alone mean 'by: key'", .data = true },
	{ .name = "vectors", .type = QF_OPT_LIST, .offset = offsetof(struct state, vectors), .arg = "NAME",
	  .help = "with 'by: vector': the vectors that count, '' for the unnamed one; without it all", .data = true },
	{ .name = "memory", .type = QF_OPT_SIZE, .offset = offsetof(struct state, memory), .arg = "SIZE",
	  .def = "64MiB", .min = 1 << 16, .help = "what waits beyond it goes to temporary files in TMPDIR" },
	{ .name = "report", .type = QF_OPT_TEXT, .offset = offsetof(struct state, report_file), .arg = "FILE",
	  .help = "file for the ids of dropped points and of those that were kept for them, one JSON object a line" },
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	const struct qf_node *key = value && value->kind == QF_NODE_MAP ? qf_node_get(value, "key") : NULL;
	const struct qf_node *by = value && value->kind == QF_NODE_MAP ? qf_node_get(value, "by") : value;
	struct state *s = state;

	if (key && !by)
		s->by = BY_KEY;
	if ((s->by == BY_KEY) != (key != NULL))
		return qf_node_error(conf, value, err, key ? "'key' belongs to 'by: key'"
							   : "'by: key' needs the properties: %s", usage);
	if (s->vectors.n && s->by != BY_VECTOR)
		return qf_node_error(conf, value, err, "'vectors' belongs to 'by: vector'");
	qf_hold_init(&s->hold, s->memory);
	return key ? qf_step_paths(conf, key, usage, &s->paths, &s->arena, err) : 0;
}

/* ---- what is compared ---- */

static void add_bytes(struct qf_buf *out, char tag, const void *p, size_t n)
{
	qf_buf_addc(out, tag);
	qf_buf_add(out, &n, sizeof(n));
	qf_buf_add(out, p, n);
}

/* A number by its value: digits without zeros around them, and where the last one stands. */
static void add_number(struct qf_buf *out, struct qf_str text)
{
	const char *p = text.p, *end = text.p + text.n;
	bool point = false, any = false, minus;
	int64_t shift = 0, exp = 0;
	size_t from = out->n;

	qf_buf_addc(out, 'n');
	if (*p == '-')
		qf_buf_addc(out, *p++);
	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		shift -= point;
		any |= *p != '0';
		if (any)
			qf_buf_addc(out, *p);
	}
	if (!any) {
		out->n = from;
		QF_BUF_LIT(out, "n0");
		return;
	}
	if (p < end) {
		minus = *++p == '-';
		p += *p == '-' || *p == '+';
		for (; p < end; p++)
			exp = exp < 1 << 30 ? 10 * exp + (*p - '0') : exp;
		shift += minus ? -exp : exp;
	}
	while (out->p[out->n - 1] == '0') {
		out->n--;
		shift++;
	}
	qf_buf_addc(out, 'e');
	qf_buf_add(out, &shift, sizeof(shift));
}

static void add_value(struct qf_buf *out, struct qf_val *v, struct qf_arena *arena);

/* Members have no order: the sum of their hashes has none either. */
static void add_object(struct qf_buf *out, struct qf_val *v, struct qf_arena *arena)
{
	uint64_t sum[2] = { 0, 0 };

	for (struct qf_val *m = qf_val_first(v, arena); m; m = m->next) {
		size_t from = out->n;
		XXH128_hash_t h;

		add_bytes(out, 'k', m->key.p, m->key.n);
		add_value(out, m, arena);
		h = XXH3_128bits(out->p + from, out->n - from);
		sum[0] += h.low64;
		sum[1] += h.high64;
		out->n = from;
	}
	add_bytes(out, '{', sum, sizeof(sum));
}

static void add_value(struct qf_buf *out, struct qf_val *v, struct qf_arena *arena)
{
	struct qf_str text;
	size_t n;

	switch (v->type) {
	case QF_JSON_NULL:
		qf_buf_addc(out, '0');
		break;
	case QF_JSON_BOOL:
		qf_buf_addc(out, v->boolean ? 't' : 'f');
		break;
	case QF_JSON_NUMBER:
		add_number(out, qf_val_text(v, arena));
		break;
	case QF_JSON_STRING:
		text = qf_val_text(v, arena);
		add_bytes(out, 's', text.p, text.n);
		break;
	case QF_JSON_OBJECT:
		add_object(out, v, arena);
		break;
	case QF_JSON_ARRAY:
		n = qf_val_count(v, arena);
		add_bytes(out, '[', &n, sizeof(n));
		for (struct qf_val *m = qf_val_first(v, arena); m; m = m->next)
			add_value(out, m, arena);
		break;
	}
}

/* 1, or 0 where one of the properties is absent or null: such a point is like no other. */
static int add_key(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *root, **found;

	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < s->paths.n; i++) {
		size_t n = qf_path_all(&s->paths.path[i], root, arena, &found);

		if (n == 0 || (n == 1 && found[0]->type == QF_JSON_NULL))
			return 0;
		add_bytes(&s->text, 'p', &n, sizeof(n));
		for (size_t k = 0; k < n; k++)
			add_value(&s->text, found[k], arena);
	}
	return 1;
}

/* 1, or 0 where the point has none of the vectors. Names have no order, as the members above. */
static int add_vectors(struct state *s, struct qf_record *rec, struct qf_arena *arena,
		       struct qf_err *err)
{
	struct qf_record look = *rec;
	uint64_t sum[2] = { 0, 0 };
	size_t from = s->text.n;
	bool any = false;

	/* A copy is decoded, so that the point keeps its text. */
	if (qf_record_vectors(&look, arena, err) < 0)
		return -1;
	for (uint32_t i = 0; i < look.n_vecs; i++) {
		const struct qf_vec *v = &look.vecs[i];
		size_t n = (size_t)v->rows * v->dim;
		XXH128_hash_t h;

		if (n == 0 || (s->vectors.n && !qf_vectors_chosen(&s->vectors, v->name, true)))
			continue;
		add_bytes(&s->text, (char)('0' + v->kind), v->name.p, v->name.n);
		add_bytes(&s->text, 'v', v->values, n * sizeof(float));
		qf_buf_add(&s->text, &v->dim, sizeof(v->dim));
		if (v->kind == QF_VEC_SPARSE)
			qf_buf_add(&s->text, v->indices, n * sizeof(uint32_t));
		h = XXH3_128bits(s->text.p + from, s->text.n - from);
		sum[0] += h.low64;
		sum[1] += h.high64;
		s->text.n = from;
		any = true;
	}
	qf_buf_add(&s->text, sum, sizeof(sum));
	return any;
}

static void add_id(struct qf_buf *out, const struct qf_id *id)
{
	qf_buf_addc(out, (char)('0' + id->kind));
	if (id->kind == QF_ID_NUM)
		qf_buf_add(out, &id->num, sizeof(id->num));
	else if (id->kind == QF_ID_UUID)
		qf_buf_add(out, id->uuid, sizeof(id->uuid));
	else
		qf_buf_add_str(out, id->text);
}

/* The hash of what must be the same; 0, 0 where nothing can be. */
static int group_of(struct state *s, struct qf_record *rec, uint64_t group[2], struct qf_arena *arena,
		    struct qf_err *err)
{
	XXH128_hash_t h;
	int rc = 1;

	group[0] = group[1] = 0;
	qf_buf_reset(&s->text);
	add_bytes(&s->text, 'c', rec->collection.p, rec->collection.n);
	add_bytes(&s->text, rec->tenant.p ? 't' : '-', rec->tenant.p, rec->tenant.n);
	if (s->by == BY_ID)
		add_id(&s->text, &rec->id);
	else
		rc = s->by == BY_KEY ? add_key(s, rec, arena, err) : add_vectors(s, rec, arena, err);
	if (rc <= 0)
		return rc;
	h = XXH3_128bits(s->text.p, s->text.n);
	group[0] = h.low64;
	group[1] = h.high64;
	return 0;
}

/* What the point had as an id in the source: `_id`, where an id step has put it. */
static int source_key(struct qf_record *rec, struct qf_id *key, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_val *root, *v;
	struct qf_str text;

	*key = rec->id;
	/* The parse is spared where the bytes show that it finds nothing; escapes may hide the key. */
	if (!rec->tree && (!rec->payload.n || (!memmem(rec->payload.p, rec->payload.n, "\"_id\"", 5) &&
					       !memchr(rec->payload.p, '\\', rec->payload.n))))
		return 0;
	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	v = qf_val_get(root, QF_STR("_id"), arena);
	text = v ? qf_val_text(v, arena) : (struct qf_str){ 0 };
	if (text.p)
		*key = qf_id_of_text(text);
	return 0;
}

/* ---- points ---- */

static int report(struct state *s, const struct qf_record *rec, const struct qf_id *dropped,
		  const struct qf_id *kept, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	s->dropped++;
	if (!s->report_file)
		return 0;
	if (!s->report && !(s->report = fopen(s->report_file, "we")))
		return qf_err_errno(err, QF_E_CREATE, errno, "cannot create %s", s->report_file);
	QF_BUF_LIT(&out, "{\"collection\":");
	qf_json_write_string(&out, rec->collection);
	if (rec->tenant.p) {
		QF_BUF_LIT(&out, ",\"tenant\":");
		qf_json_write_string(&out, rec->tenant);
	}
	QF_BUF_LIT(&out, ",\"dropped\":");
	qf_id_write(&out, dropped);
	QF_BUF_LIT(&out, ",\"for\":");
	qf_id_write(&out, kept);
	QF_BUF_LIT(&out, "}\n");
	if (fwrite(out.p, 1, out.n, s->report) != out.n)
		return qf_err_errno(err, QF_E_IO, errno, "cannot write to %s", s->report_file);
	return 0;
}

static int take_point(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_held *other = NULL;
	struct qf_id key, id;
	uint64_t group[2];
	int order;

	if (source_key(rec, &key, arena, err) < 0 || group_of(s, rec, group, arena, err) < 0)
		return -1;
	s->points++;
	if (group[0] | group[1])
		other = qf_hold_find(&s->hold, group);
	if (other) {
		struct qf_id other_key = qf_hold_id(&s->hold, &other->key);

		id = qf_hold_id(&s->hold, &other->id);
		order = qf_hold_order(&key, &other_key);
		order = order ? order : qf_hold_order(&rec->id, &id);
		/* Of one point read twice the later line is the newer one (docs/STREAM.md). */
		if (order > 0)
			return report(s, rec, &rec->id, &id, err);
		if (report(s, rec, &id, &rec->id, err) < 0)
			return -1;
	}
	return qf_hold_add(&s->hold, rec, group, &key, other, arena, err);
}

static int take_delete(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_held *held;
	uint64_t group[2];

	if (s->by != BY_ID)
		return qf_err_set(err, QF_E_DATA, "a delete: which point takes the place of a deleted one cannot be told; "
						  "'dedupe: id' can");
	if (group_of(s, rec, group, arena, err) < 0)
		return -1;
	held = qf_hold_find(&s->hold, group);
	if (held)
		qf_hold_drop(held);
	return 0;
}

/* All that is left, in front of a scope, for those who have not asked before. */
static int rest(struct state *s, struct qf_expand *x, struct qf_batch *io, struct qf_err *err)
{
	struct qf_batch b = { 0 };
	int rc;

	while ((rc = qf_hold_release(&s->hold, &b, err)) == 1)
		;
	for (size_t i = 0; i < b.n; i++)
		qf_expand_add(x, &b.rec[i]);
	qf_arena_merge(&io->arena, &b.arena);
	qf_batch_release(&b);
	return rc;
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	struct state *s = state;
	struct qf_expand x = { 0 };
	int rc = 0;

	for (size_t i = 0; i < io->n && rc == 0; i++) {
		struct qf_record *rec = &io->rec[i];

		if (rec->type == QF_REC_CURSOR)
			continue;
		if (rec->type == QF_REC_POINT || rec->type == QF_REC_DELETE) {
			rc = rec->type == QF_REC_POINT ? take_point(s, rec, &io->arena, err)
						       : take_delete(s, rec, &io->arena, err);
			if (rc == 0 && rec->type == QF_REC_POINT)
				continue;
			if (rc < 0 && err->code == QF_E_DATA) {
				qf_step_reject(rec, &io->arena, err);
				rc = 0;
			}
		}
		if (rec->type == QF_REC_SCOPE || rec->type == QF_REC_END)
			rc = rest(s, &x, io, err);
		qf_expand_add(&x, rec);
		if (rec->type == QF_REC_END)
			qf_hold_reset(&s->hold);
	}
	qf_expand_finish(&x, io);
	return rc;
}

static int step_release(void *state, struct qf_batch *out, struct qf_err *err)
{
	return qf_hold_release(&((struct state *)state)->hold, out, err);
}

static void step_close(void *state)
{
	struct state *s = state;
	char points[32], dropped[32];

	if (s->points)
		qf_info("step dedupe: %s of %s points are dropped", qf_fmt_count(dropped, s->dropped),
			qf_fmt_count(points, s->points));
	if (s->report && fclose(s->report) != 0)
		qf_warn("step dedupe: cannot write to %s: %s", s->report_file, strerror(errno));
	qf_hold_free(&s->hold);
	qf_buf_release(&s->text);
	qf_arena_release(&s->arena);
}

/* clang-format off */
static const struct qf_step_example examples[] = {
	{ "The lowest id of each title, whatever came first", "dedupe: {key: title}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":7,\"payload\":{\"title\":\"x\",\"n\":1}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":3,\"payload\":{\"title\":\"x\",\"n\":2}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":9,\"payload\":{\"title\":\"y\",\"n\":3}}\n"
	  "{\"type\":\"end\",\"scopes\":[],\"digest\":{}}",
	  "{\"title\":\"x\",\"n\":2}\n{\"title\":\"y\",\"n\":3}\n{\"type\":\"end\",\"scopes\":[],\"digest\":{}}" },
};
/* clang-format on */

const struct qf_step qf_step_dedupe = {
	.name = "dedupe",
	.help = "of points with the same id, key or vector keep the one with the lowest source key",
	.usage = usage,
	.group = "rows",
	.doc = "Points of one collection and tenant are the same if they have the same id, the same values at all paths of "
	       "`key`, or the same vectors bit for bit. Numbers are compared by value (5 and 5.0), objects whatever the order of "
	       "their members; what is compared is a 128-bit hash. A point where a path is absent or null, or that has no vector, is like "
	       "no other and stays. Of the same ones the one with the lowest source key stays, not the first to arrive: "
	       "numbers come before UUIDs, these before other texts (by bytes), and the source key is `_id`, where an `id` step "
	       "has put it, else the id. So the order of the stream, and with it the number of jobs, make no difference; "
	       "but of one point that stands in the stream twice (same id, same source key) the later line stays, for it is the newer "
	       "one. All points wait for the end of the stream, as lines, in memory and past `memory` in temporary files, for "
	       "which the disk needs room; they go on in the order of arrival. After a run that broke off, the whole "
	       "scope is read again: part of it does not tell what is there twice, and without cursors no run takes a part for done. "
	       "A source that was read in partitions is deduplicated by partition. Each of joined streams stands for itself.",
	.forms = QF_STEP_NOTHING | QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "by",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.needs = "all points of the stream, on disk past a limit",
	.passes = "with `id` a delete takes the points before it away and goes on, else it is refused; cursors are left out; "
		  "scopes stay as they are",
	.state_size = sizeof(struct state),
	.effect = QF_STEP_FILTER,
	.open = step_open,
	.apply = step_apply,
	.release = step_release,
	.close = step_close,
};
