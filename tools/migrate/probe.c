#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/data/stream.h"
#include "tools/migrate/migrate.h"
#include "tools/migrate/spawn.h"

enum { MAX_CAPTURE = 256 << 20 };

/* ---- arguments and reports of the stages ---- */

static void common_args(struct qf_migration *m, struct qf_argv *args)
{
	qf_argv_add(args, "--config");
	qf_argv_add(args, m->file);
	qf_argv_add(args, "--log-format=json");
	if (m->verbose)
		qf_argv_add(args, "--verbose");
}

void qf_extract_args(struct qf_migration *m, struct qf_argv *args)
{
	qf_argv_add(args, m->plan.source);
	common_args(m, args);
	qf_argv_add_all(args, &m->plan.extract);
}

void qf_transform_args(struct qf_migration *m, struct qf_argv *args)
{
	common_args(m, args);
}

void qf_load_args(struct qf_migration *m, struct qf_argv *args)
{
	qf_argv_add(args, m->plan.target);
	common_args(m, args);
	qf_argv_add_all(args, &m->plan.load);
}

bool qf_has_transform(const struct qf_migration *m)
{
	return qf_chain_count(m->plan.chain) > 0 || qf_node_get(m->conf->root, "transform");
}

int qf_report_path(struct qf_migration *m, const char *stage, const char **ret, struct qf_err *err)
{
	const char *dir = getenv("TMPDIR");

	if (!m->temp) {
		m->temp = qf_asprintf("%s/fortress-migrate-XXXXXX", dir && *dir ? dir : "/tmp");
		if (!mkdtemp(m->temp)) {
			qf_err_errno(err, QF_E_CREATE, errno, "cannot create %s", m->temp);
			free(m->temp);
			m->temp = NULL;
			return -1;
		}
	}
	*ret = qf_arena_printf(&m->arena, "%s/%s.json", m->temp, stage).p;
	return 0;
}

int qf_report_read(struct qf_migration *m, const char *stage, struct qf_json **ret, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	const char *path;
	ssize_t n;
	int fd;

	*ret = NULL;
	if (qf_report_path(m, stage, &path, err) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while ((n = read(fd, qf_buf_room(&text, 64 << 10), 64 << 10)) > 0)
		text.n += (size_t)n;
	close(fd);
	if (n < 0)
		return qf_err_errno(err, QF_E_IO, errno, "cannot read %s", path);
	return qf_json_parse(&m->arena, text.p, text.n, "the stage's report", ret, err);
}

/* ---- the source's collections ---- */

/* The payload key that tells tenants apart, of a line behind the steps. */
static struct qf_str tenant_key(const struct qf_json *doc)
{
	const struct qf_json *payload = qf_json_get(doc, "payload");

	for (const struct qf_json *p = payload ? payload->child : NULL; p; p = p->next)
		if (qf_json_get_bool(p, "is_tenant", false))
			return p->key;
	return (struct qf_str){ 0 };
}

static void add_origin(struct qf_migration *m, struct qf_str name, const struct qf_json *source,
		       struct qf_json *doc, bool kept)
{
	struct qf_origin *o = NULL;

	for (size_t i = 0; i < m->n_origins; i++)
		if (qf_str_eq(m->origins[i].name, name))
			o = &m->origins[i];
	if (!o) {
		QF_GROW(m->origins, m->n_origins, m->cap_origins);
		o = &m->origins[m->n_origins++];
		*o = (struct qf_origin){ .name = name, .count = -1 };
	}
	o->source = source;
	o->doc = doc;
	if (!kept)
		return;
	o->place = qf_place_get(m, m->plan.collection ? qf_str(m->plan.collection)
						     : qf_json_get_str(doc, "name", ""));
	if (!o->place->tenant_key.p)
		o->place->tenant_key = tenant_key(doc);
}

/* One collection line at a time, so that what comes out belongs to what went in. */
static int take_collection(struct qf_migration *m, const struct qf_record *rec, struct qf_err *err)
{
	struct qf_str name = qf_arena_dup_str(&m->arena, rec->collection);
	struct qf_json *doc = qf_json_copy(&m->arena, rec->doc);
	int64_t count = qf_json_get_int(doc, "count", -1);
	struct qf_batch one = { 0 };
	struct qf_record *in = qf_batch_add(&one, QF_REC_COLLECTION);
	int rc;

	in->collection = name;
	in->line_no = rec->line_no;
	in->doc = qf_json_copy(&one.arena, doc);
	rc = qf_chain_apply(m->plan.chain, &one, err);
	if (rc == 0) {
		add_origin(m, name, doc, one.n ? qf_json_copy(&m->arena, one.rec[0].doc) : doc, one.n > 0);
		for (size_t i = 0; i < m->n_origins; i++)
			if (qf_str_eq(m->origins[i].name, name) && count >= 0)
				m->origins[i].count = count;
	} else {
		qf_err_wrap(err, "transform");
	}
	qf_batch_release(&one);
	return rc;
}

/* The bytes as a file, which is what a reader reads. */
static int as_file(const struct qf_buf *b, struct qf_err *err)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < b->n) {
		ssize_t n = write(fd, b->p + done, b->n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int saved = errno;

			close(fd);
			errno = saved;
			fd = -1;
			break;
		}
		done += (size_t)n;
	}
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return qf_err_errno(err, QF_E_IO, errno, "cannot hold the collections in memory");
	return fd;
}

/*
 * Are there collections that the plan names? Extract refuses those that it does not find, so without
 * a line of any they are there and have no tenants. Else nothing at all was seen, as with a wrong key.
 */
static bool names_collections(const struct qf_migration *m)
{
	for (size_t i = 0; i < m->plan.extract.n; i++)
		if (!strncmp(m->plan.extract.list[i], "--collection=", 13))
			return true;
	return m->conf && qf_node_get(qf_node_get(m->conf->root, "source"), "collection");
}

int qf_probe_read(struct qf_migration *m, struct qf_err *err)
{
	struct qf_batch b = { 0 };
	struct qf_reader *r;
	int fd = as_file(&m->stream, err), rc;

	if (fd < 0)
		return -1;
	r = qf_reader_new(fd, "source: what fortress-extract wrote", NULL);
	while ((rc = qf_reader_next(r, &b, err)) == 0)
		for (size_t i = 0; i < b.n && rc == 0; i++)
			if (b.rec[i].type == QF_REC_COLLECTION && take_collection(m, &b.rec[i], err) < 0)
				goto out;
	if (rc == 1 && m->n_origins == 0 && names_collections(m)) {
		qf_warn("source: nothing to move: what the plan names has no tenants yet");
	} else if (rc == 1 && m->n_origins == 0) {
		qf_err_set(err, QF_E_NOINPUT, "source: there is no collection to move");
		rc = -1;
	}
out:
	qf_batch_release(&b);
	qf_reader_free(r);
	close(fd);
	return rc == 1 ? 0 : -1;
}

static int run_extract(struct qf_migration *m, const char *const *more, struct qf_buf *capture,
		       struct qf_err *err)
{
	struct qf_argv args = { 0 };
	struct qf_pipeline p = { .n = 1, .in_fd = -1, .capture = capture, .capture_max = MAX_CAPTURE };
	int rc;

	qf_extract_args(m, &args);
	for (; *more; more++)
		qf_argv_add(&args, *more);
	/* The real run finds again what this look warns of. */
	p.stages[0] = (struct qf_stage){ .name = "extract", .side = "source", .args = args.list,
					.mute = !m->preview };
	rc = qf_pipeline_run(&p, err);
	qf_pipeline_release(&p);
	free(args.list);
	return rc;
}

/* Where the collection lines have no count, the scopes have. */
static void sum_counts(struct qf_migration *m)
{
	for (size_t i = 0; i < m->n_origins; i++) {
		struct qf_origin *o = &m->origins[i];
		const struct qf_json *s = qf_json_get(m->probe, "scopes");
		int64_t sum = 0;
		bool any = false;

		for (s = s ? s->child : NULL; s && o->count < 0; s = s->next) {
			if (!qf_str_eq(qf_json_get_str(s, "collection", ""), o->name))
				continue;
			any = true;
			sum += qf_json_get_int(s, "count", 0);
		}
		if (any)
			o->count = sum;
	}
}

int qf_probe_source(struct qf_migration *m, struct qf_err *err)
{
	const char *more[] = { "--limit=0", "--progress=none", "--report", NULL, NULL };

	if (qf_report_path(m, "probe", &more[3], err) < 0 || run_extract(m, more, &m->stream, err) < 0 ||
	    qf_report_read(m, "probe", &m->probe, err) < 0 || qf_probe_read(m, err) < 0 ||
	    qf_names_check(m, err) < 0)
		return -1;
	sum_counts(m);
	return qf_rows_build(m, m->probe, NULL, NULL, err);
}

/* ---- ids that tenants share ---- */

/* Are the two still one id in one place, once the steps were at them? */
static int still_one(struct qf_migration *m, struct qf_str collection, struct qf_str id,
		     const struct qf_json *tenants, bool *ret, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf a = { 0 };
	struct qf_batch b = { 0 };
	int rc;

	for (const struct qf_json *t = tenants->child; t; t = t->next) {
		struct qf_record *rec = qf_batch_add(&b, QF_REC_POINT);

		rec->collection = collection;
		rec->tenant = t->text;
		rec->id = qf_id_of_text(id);
		rec->payload = QF_STR("{}");
	}
	*ret = false;
	rc = qf_chain_apply(m->plan.chain, &b, err);
	for (size_t i = 1; rc == 0 && i < b.n; i++) {
		for (size_t j = 0; j < i; j++) {
			size_t at;

			qf_buf_reset(&a);
			qf_id_text(&a, &b.rec[i].id);
			at = a.n;
			qf_id_text(&a, &b.rec[j].id);
			*ret |= qf_str_eq((struct qf_str){ a.p, at }, (struct qf_str){ a.p + at, a.n - at });
		}
	}
	qf_batch_release(&b);
	return rc;
}

int qf_probe_shared_read(struct qf_migration *m, struct qf_str json, struct qf_err *err)
{
	const struct qf_json *shared;
	struct qf_json *doc;
	uint64_t listed = 0;

	if (qf_json_parse(&m->arena, json.p, json.n, "source: the list of shared ids", &doc, err) < 0)
		return -1;
	m->shared.checked = (uint64_t)qf_json_get_int(doc, "checked", 0);
	m->shared.total = (uint64_t)qf_json_get_int(doc, "total", 0);
	shared = qf_json_get(doc, "shared");
	for (const struct qf_json *s = shared ? shared->child : NULL; s; s = s->next) {
		struct qf_str collection = qf_json_get_str(s, "collection", "");
		const struct qf_json *id = qf_json_get(s, "id"), *tenants = qf_json_get(s, "tenants");
		bool one;

		if (!id || !tenants || qf_json_count(tenants) < 2)
			continue;
		listed++;
		if (still_one(m, collection, id->text, tenants, &one, err) < 0)
			return -1;
		if (one && m->shared.clashes++ == 0)
			m->shared.first = qf_arena_printf(&m->arena,
							  "id %.*s of collection '%.*s' is in tenants '%.*s' and '%.*s'",
							  QF_STR_ARG(id->text), QF_STR_ARG(collection),
							  QF_STR_ARG(tenants->child->text),
							  QF_STR_ARG(tenants->child->next->text));
	}
	/* The list is cut short; what is not on it fares as what is. */
	if (m->shared.clashes && m->shared.total > listed)
		m->shared.clashes += m->shared.total - listed;
	return 0;
}

int qf_probe_shared(struct qf_migration *m, struct qf_err *err)
{
	static const char *const more[] = { "--shared-ids", "--progress=none", NULL };
	QF_AUTO_BUF struct qf_buf json = { 0 };
	const struct qf_json *s = qf_json_get(m->probe, "scopes");
	bool tenants = false;

	/* By the source's own lines: a step that drops the tenant's key leaves the ids shared. */
	for (size_t i = 0; i < m->n_origins; i++)
		tenants |= m->origins[i].place && tenant_key(m->origins[i].source).p;
	for (s = s ? s->child : NULL; s; s = s->next)
		tenants |= qf_json_get_str(s, "tenant", NULL).p != NULL;
	if (!tenants || qf_chain_has(m->plan.chain, "id", "tenant-hash"))
		return 0;
	if (run_extract(m, more, &json, err) < 0) {
		/* Not every kind of source can tell. */
		if (err->code != QF_E_USAGE)
			return -1;
		qf_warn("ids that tenants share are not looked for: %s", err->msg);
		return 0;
	}
	return qf_probe_shared_read(m, qf_buf_str(&json), err);
}

/* ---- what the other stages say to it ---- */

int qf_probe_target(struct qf_migration *m, struct qf_err *err)
{
	struct qf_argv transform = { 0 }, load = { 0 };
	struct qf_pipeline p = { .in_fd = as_file(&m->stream, err) };
	int rc;

	if (p.in_fd < 0)
		return -1;
	if (qf_has_transform(m)) {
		qf_transform_args(m, &transform);
		p.stages[p.n++] = (struct qf_stage){ .name = "transform", .side = "transform",
						     .args = transform.list };
	}
	qf_load_args(m, &load);
	qf_argv_add(&load, "--dry-run");
	p.stages[p.n++] = (struct qf_stage){ .name = "load", .side = "target", .args = load.list };
	rc = qf_pipeline_run(&p, err);
	qf_pipeline_release(&p);
	close(p.in_fd);
	free(transform.list);
	free(load.list);
	return rc;
}
