/* Collections of the server: made or checked before the first point, finished after the last. */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/sig.h"
#include "common/base/tool.h"
#include "common/data/schema.h"
#include "tools/load/sink_qdrant.h"

/* Our key in a collection's metadata (servers from 1.16). The server replaces its value as a whole. */
#define MARK "fortress"

enum { HTTP_CONFLICT = 409, ABANDON_SECONDS = 5 };

static int here(const struct qf_load_qdrant *s, const struct qf_load_target *t, struct qf_err *err)
{
	return qf_err_wrap(err, "collection '%s' at %s", t->name, s->server.url);
}

/* ---- finding ---- */

struct qf_load_target *qf_load_target_of(struct qf_load_qdrant *s, struct qf_str collection)
{
	if (s->last_source < s->n_sources && qf_str_eq(s->sources[s->last_source].name, collection))
		return s->sources[s->last_source].target;
	for (size_t i = 0; i < s->n_sources; i++) {
		if (qf_str_eq(s->sources[i].name, collection)) {
			s->last_source = i;
			return s->sources[i].target;
		}
	}
	return NULL;
}

static int check_name(const char *name, struct qf_err *err)
{
	size_t n = strlen(name);

	if (n == 0 || n > 255)
		return qf_err_set(err, QF_E_DATA,
				  "'%s': a collection's name has 1 to 255 bytes in Qdrant", name);
	/* They would be parts of a path, in addresses and on the server's disk. */
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return qf_err_set(err, QF_E_DATA,
				  "'%s' is no name for a collection; name another with --collection",
				  name);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] < 32 || strchr("<>:\"/\\|?*", name[i]))
			return qf_err_set(
				err, QF_E_DATA,
				"'%s' is no name for a collection in Qdrant: it may not hold < > : \" / \\ | ? * or "
				"control characters; name another with --collection",
				name);
	return 0;
}

static int add_source(struct qf_load_qdrant *s, struct qf_str name, struct qf_load_target **ret,
		      struct qf_err *err)
{
	QF_AUTO_FREE char *own = qf_strndup(name.p, name.n);
	const char *target = s->args->collection ? s->args->collection : own;
	struct qf_load_target *t = NULL;

	if (!s->args->collection && strlen(own) != name.n)
		return qf_err_set(err, QF_E_DATA, "a collection's name holds a NUL");
	if (check_name(target, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n_targets && !t; i++)
		if (!strcmp(s->targets[i]->name, target))
			t = s->targets[i];
	if (!t) {
		t = qf_calloc(1, sizeof(*t));
		t->name = qf_strdup(target);
		t->index = (unsigned)s->n_targets;
		t->batch_points = t->most_points = s->batch_points;
		t->source = qf_arena_dup(&s->arena, name.p, name.n);
		QF_GROW(s->targets, s->n_targets, s->cap_targets);
		s->targets[s->n_targets++] = t;
	}
	QF_GROW(s->sources, s->n_sources, s->cap_sources);
	s->sources[s->n_sources++] =
		(struct qf_load_source){ qf_arena_dup(&s->arena, name.p, name.n), t };
	*ret = t;
	return 0;
}

void qf_load_target_free(struct qf_load_target *t)
{
	qf_arena_release(&t->arena);
	free(t->name);
	free(t);
}

/* ---- indexing put off ---- */

static void note_deferred(const struct qf_load_target *t, struct qf_json *mark,
			  struct qf_arena *arena)
{
	qf_json_add_int(arena, qf_json_add(arena, mark, "deferred", QF_JSON_OBJECT),
			"indexing_threshold", t->threshold);
}

/*
 * What the collection's metadata says: where it came from, and while indexing is put off, the true
 * value, so that another run can mend what this one leaves behind.
 */
static struct qf_json *provenance(const struct qf_load_qdrant *s, const struct qf_load_target *t,
				  bool deferred, bool finished, struct qf_arena *arena)
{
	struct qf_json *metadata = qf_json_new(arena, QF_JSON_OBJECT);
	struct qf_json *mark = qf_json_add(arena, metadata, MARK, QF_JSON_OBJECT);
	static const char *const keys[] = { "run", "source", "created" };

	qf_json_add_cstr(arena, mark, "version", qf_version);
	for (size_t i = 0; i < QF_LEN(keys); i++) {
		const struct qf_json *m = qf_json_get(s->header, keys[i]);

		if (m)
			qf_json_attach(arena, mark, keys[i], qf_json_copy(arena, m));
	}
	qf_json_add_str(arena, mark, "collection", t->source);
	if (!finished)
		qf_json_add_bool(arena, mark, "unfinished", true);
	if (deferred)
		note_deferred(t, mark, arena);
	return metadata;
}

/* The same for a collection that is not ours to finish: what else stands there stays. */
static struct qf_json *borrowed_mark(const struct qf_load_target *t, bool deferred,
				     struct qf_arena *arena)
{
	struct qf_json *metadata = qf_json_new(arena, QF_JSON_OBJECT);
	struct qf_json *mark = t->mark ? qf_json_copy(arena, t->mark)
				       : qf_json_new(arena, QF_JSON_OBJECT);

	qf_json_attach(arena, metadata, MARK, mark);
	if (deferred)
		note_deferred(t, mark, arena);
	return metadata;
}

static bool has_metadata(const struct qf_load_qdrant *s)
{
	return qf_qdrant_at_least(&s->server, 1, 16, 0);
}

/* Sets the threshold above which segments are indexed: 0 puts indexing off. limit: see
 * qf_qdrant_patch_once; 0: as long as it takes. */
static int set_threshold(struct qf_load_qdrant *s, const struct qf_load_target *t,
			 int64_t threshold, bool deferred, double limit, struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	struct qf_json *body = qf_json_new(&arena, QF_JSON_OBJECT);
	int rc;

	qf_json_add_int(&arena, qf_json_add(&arena, body, "optimizers_config", QF_JSON_OBJECT),
			"indexing_threshold", threshold);
	if (has_metadata(s))
		qf_json_attach(&arena, body, "metadata",
			       t->ours ? provenance(s, t, deferred, false, &arena) :
					 borrowed_mark(t, deferred, &arena));
	rc = limit > 0 ? qf_qdrant_patch_once(&s->server, t->name, body, limit, err) :
			 qf_qdrant_patch(&s->server, t->name, body, err);
	qf_arena_release(&arena);
	return rc;
}

/*
 * By indexing_threshold = 0. Measured with 100,000 x 768 on Qdrant 1.18: 3.8 CPU-s of the server,
 * against 6 with indexing left on, and 8.6 with hnsw m = 0, under which segments are still merged and
 * moved. It also leaves the graph's settings, of which each vector may have its own, alone.
 */
static int defer_indexing(struct qf_load_qdrant *s, struct qf_load_target *t,
			  const struct qf_json *config, struct qf_err *err)
{
	int64_t now =
		qf_json_get_int(qf_json_get(config, "optimizer_config"), "indexing_threshold", -1);
	const struct qf_json *mark = qf_json_path(config, "metadata." MARK);

	t->mark = mark && mark->type == QF_JSON_OBJECT ? qf_json_copy(&t->arena, mark) : NULL;
	if (t->mark)
		qf_json_remove(t->mark, "deferred");
	if (now == 0) {
		/* Put off already: by a run that broke off, if it says so, else by the user. */
		t->threshold =
			qf_json_get_int(qf_json_get(mark, "deferred"), "indexing_threshold", -1);
		t->deferred = t->threshold > 0;
		if (!t->deferred && qf_json_get_int(qf_json_path(t->doc, "settings.optimizers_config"),
						    "indexing_threshold", -1) != 0)
			qf_warn("collection '%s' at %s: indexing is off (indexing_threshold 0) and stays so; "
				"if that is not meant, set its indexing_threshold",
				t->name, s->server.url);
		return 0;
	}
	if (!t->ours && !s->bulk)
		return 0;
	/* The server's own default, where nothing says another. */
	t->threshold = now > 0 ? now : qf_qdrant_at_least(&s->server, 1, 15, 0) ? 10000 : 20000;
	if (set_threshold(s, t, 0, true, 0, err) < 0)
		return -1;
	t->deferred = true;
	return 0;
}

static int restore_indexing(struct qf_load_qdrant *s, struct qf_load_target *t, double limit,
			    struct qf_err *err)
{
	if (!t->deferred)
		return 0;
	if (set_threshold(s, t, t->threshold, false, limit, err) < 0)
		return -1;
	t->deferred = false;
	return 0;
}

void qf_load_target_abandon(struct qf_load_qdrant *s, struct qf_load_target *t)
{
	struct qf_err err = { 0 };

	if (!t->deferred)
		return;
	/* After Ctrl-C too the collection is left as it should be, but nobody waits for a dead server. */
	qf_sig_hold(true);
	s->gone = s->gone || restore_indexing(s, t, ABANDON_SECONDS, &err) < 0;
	if (t->deferred)
		qf_warn("collection '%s' at %s: indexing is still put off (indexing_threshold 0, should be %lld); "
			"loading again puts it back",
			t->name, s->server.url, (long long)t->threshold);
	qf_sig_hold(false);
}

/* ---- payload indexes and aliases ---- */

static int make_indexes(struct qf_load_qdrant *s, struct qf_load_target *t, bool first,
			struct qf_err *err)
{
	const struct qf_json *payload = qf_json_get(t->doc, "payload");

	for (const struct qf_json *entry = payload ? payload->child : NULL; entry;
	     entry = entry->next) {
		struct qf_json *schema;

		if (qf_load_index_first(t->doc, entry) != first)
			continue;
		schema = qf_load_index_schema(&s->server, entry, &t->arena);
		if (schema && qf_qdrant_index(&s->server, t->name, entry->key, schema, err) < 0)
			return qf_err_wrap(err, "payload index '%.*s'", QF_STR_ARG(entry->key));
	}
	return 0;
}

static int make_alias(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_str alias,
		      struct qf_err *err)
{
	struct qf_arena *arena = &t->arena;
	QF_AUTO_FREE char *name = qf_strndup(alias.p, alias.n);
	struct qf_json *actions, *action, *info;
	struct qf_str taken;

	if (qf_str_is(alias, t->name))
		return 0;
	if (qf_qdrant_alias(&s->server, alias, arena, &taken, err) < 0)
		return -1;
	if (taken.p && !qf_str_is(taken, t->name))
		qf_warn("alias '%s' already leads to collection '%.*s': left so; switch it when the new one is to be used",
			name, QF_STR_ARG(taken));
	if (taken.p)
		return 0;
	if (qf_qdrant_collection(&s->server, name, arena, &info, err) < 0)
		return -1;
	if (info) {
		qf_warn("alias '%s' of '%s' is not made: a collection has that name", name,
			t->name);
		return 0;
	}
	actions = qf_json_new(arena, QF_JSON_ARRAY);
	action = qf_json_add(arena, qf_json_add(arena, actions, NULL, QF_JSON_OBJECT),
			     "create_alias", QF_JSON_OBJECT);
	qf_json_add_cstr(arena, action, "collection_name", t->name);
	qf_json_add_str(arena, action, "alias_name", alias);
	return qf_qdrant_aliases(&s->server, actions, err);
}

/* ---- before the points ---- */

static void take_rules(struct qf_load_target *t, const struct qf_json *params)
{
	qf_load_rules_of(params, &t->arena, &t->rules);
	t->rules.floats = qf_float_paths(t->doc, &t->arena);
	t->ready = true;
}

/* The server's own limit on a batch, where strict mode sets one. */
static void take_limits(struct qf_load_target *t, const struct qf_json *config)
{
	int64_t max = qf_json_get_int(qf_json_get(config, "strict_mode_config"),
				      "upsert_max_batchsize", 0);

	if (max > 0 && (unsigned long long)max < t->batch_points)
		t->batch_points = t->most_points = (unsigned long long)max;
}

static int use_existing(struct qf_load_qdrant *s, struct qf_load_target *t,
			const struct qf_json *info, struct qf_err *err)
{
	const struct qf_json *config = qf_json_get(info, "config"),
			     *params = qf_json_get(config, "params");
	const struct qf_json *mark = qf_json_path(config, "metadata." MARK);
	uint64_t count;

	if (qf_load_compare(t->doc, params, &t->arena, err) < 0) {
		here(s, t, err);
		return qf_err_hint(
			err,
			"; load under another name (--collection NAME), or delete that collection first");
	}
	if (qf_qdrant_count(&s->server, t->name, NULL, &count, err) < 0)
		return -1;
	t->was_empty = count == 0;
	/* A run of ours that broke off has left it without its indexes and aliases. */
	t->ours = qf_json_get_bool(mark, "unfinished", false);
	take_limits(t, config);
	take_rules(t, params);
	if (s->args->dry_run)
		return 0;
	if (defer_indexing(s, t, config, err) < 0)
		return here(s, t, err);
	return 0;
}

static struct qf_str run_of(const struct qf_json *info)
{
	return qf_json_get_str(qf_json_path(info, "config.metadata." MARK), "run", NULL);
}

static int create(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_err *err)
{
	struct qf_json *body, *info, *metadata, *mark;

	if (qf_load_create_body(&s->server, t->doc, &t->arena, &body, err) < 0)
		return here(s, t, err);
	t->ours = t->was_empty = true;
	if (s->args->dry_run) {
		qf_info("would create collection '%s' at %s", t->name, s->server.url);
		take_rules(t, body);
		return 0;
	}
	if (has_metadata(s)) {
		metadata = qf_json_get(body, "metadata");
		if (!metadata || metadata->type != QF_JSON_OBJECT)
			metadata = qf_json_add(&t->arena, body, "metadata", QF_JSON_OBJECT);
		mark = qf_json_remove(provenance(s, t, false, false, &t->arena), MARK);
		qf_json_attach(&t->arena, metadata, MARK, mark);
	}
	if (qf_qdrant_create(&s->server, t->name, body, err) < 0 && err->detail != HTTP_CONFLICT)
		return here(s, t, err);
	if (qf_qdrant_collection(&s->server, t->name, &t->arena, &info, err) < 0)
		return -1;
	/* Made in the meantime, and not by a request of ours whose reply was lost. */
	if (info && has_metadata(s) &&
	    !qf_str_eq(run_of(info), qf_json_get_str(s->header, "run", "")))
		return use_existing(s, t, info, err);
	if (!info)
		return qf_err_set(err, QF_E_PROTOCOL,
				  "collection '%s' at %s is not there after it was created",
				  t->name, s->server.url);
	take_limits(t, qf_json_get(info, "config"));
	take_rules(t, qf_json_path(info, "config.params"));
	if (defer_indexing(s, t, qf_json_get(info, "config"), err) < 0 ||
	    make_indexes(s, t, true, err) < 0)
		return here(s, t, err);
	return 0;
}

static bool has_rule(const struct qf_load_target *t, struct qf_str name)
{
	for (size_t i = 0; i < t->rules.n_vectors; i++)
		if (qf_str_eq(t->rules.vectors[i].name, name))
			return true;
	return false;
}

static int add_vector(struct qf_load_qdrant *s, struct qf_load_target *t,
		      const struct qf_json *vector, bool sparse, struct qf_err *err)
{
	struct qf_json *body, *patch;

	if (s->args->dry_run)
		return 0;
	if (!t->ours)
		return qf_err_set(
			err, QF_E_DATA,
			"vector '%.*s' of the stream is missing there; load under another name (--collection "
			"NAME), or delete that collection first",
			QF_STR_ARG(vector->key));
	if (!qf_qdrant_at_least(&s->server, 1, 18, 0))
		return qf_err_set(
			err, QF_E_DATA,
			"the size of vector '%.*s' came to be known after the collection was made, and Qdrant "
			"%s cannot add vectors (since 1.18); delete the collection and declare the vector's "
			"size in the mapping",
			QF_STR_ARG(vector->key), s->server.version);
	if (qf_load_vector_body(&s->server, vector, sparse, &t->arena, &body, &patch, err) < 0 ||
	    qf_qdrant_add_vector(&s->server, t->name, vector->key, body, err) < 0)
		return -1;
	return patch ? qf_qdrant_patch(&s->server, t->name, patch, err) : 0;
}

/* A later line for a collection that is ready: what is new goes to the server. */
static int extend(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_err *err)
{
	const struct qf_json *vectors = qf_json_get(t->doc, "vectors"),
			     *sparse = qf_json_get(t->doc, "sparse");
	struct qf_json *info, *body;

	for (const struct qf_json *v = vectors ? vectors->child : NULL; v; v = v->next)
		if (qf_json_get_int(v, "size", 0) > 0 && !has_rule(t, v->key) &&
		    add_vector(s, t, v, false, err) < 0)
			return here(s, t, err);
	for (const struct qf_json *v = sparse ? sparse->child : NULL; v; v = v->next)
		if (!has_rule(t, v->key) && add_vector(s, t, v, true, err) < 0)
			return here(s, t, err);
	if (s->args->dry_run) {
		if (qf_load_create_body(&s->server, t->doc, &t->arena, &body, err) < 0)
			return here(s, t, err);
		take_rules(t, body);
		return 0;
	}
	if (qf_qdrant_collection(&s->server, t->name, &t->arena, &info, err) < 0)
		return -1;
	if (!info)
		return qf_err_set(err, QF_E_NOINPUT, "collection '%s' at %s is gone", t->name,
				  s->server.url);
	if (qf_load_compare(t->doc, qf_json_path(info, "config.params"), &t->arena, err) < 0)
		return here(s, t, err);
	take_rules(t, qf_json_path(info, "config.params"));
	return 0;
}

int qf_load_declare(struct qf_load_qdrant *s, const struct qf_record *rec, struct qf_err *err)
{
	struct qf_load_target *t = qf_load_target_of(s, rec->collection);
	struct qf_json *info;
	bool changed = true;

	if (!t && add_source(s, rec->collection, &t, err) < 0)
		return -1;
	if (!t->doc)
		t->doc = qf_json_copy(&t->arena, rec->doc);
	else if (qf_schema_amend(&t->arena, t->doc, rec->doc, &changed, err) < 0)
		return qf_err_wrap(err, "collection '%.*s' into '%s'", QF_STR_ARG(rec->collection),
				   t->name);
	if (!changed)
		return 0;
	if (t->ready)
		return extend(s, t, err);
	if (qf_qdrant_collection(&s->server, t->name, &t->arena, &info, err) < 0)
		return -1;
	if (info)
		return use_existing(s, t, info, err);
	return qf_load_has_vectors(t->doc) ? create(s, t, err) : 0;
}

int qf_load_target_need(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_err *err)
{
	return t->ready ? 0 : create(s, t, err);
}

/* ---- after the points ---- */

/*
 * Fewer points than were acknowledged: some share an id. More than that is not ours to judge, and
 * where the stream changes points it has sent before, neither is less.
 */
static int check_count(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_err *err)
{
	struct qf_qdrant_state state;
	uint64_t count;

	/* What a run has sent that broke off is sent again by the one that finishes it. */
	if ((!t->was_empty && !t->ours) || t->deletes || s->delta)
		return 0;
	if (qf_qdrant_count(&s->server, t->name, NULL, &count, err) < 0)
		return -1;
	if (count < t->points && qf_qdrant_at_least(&s->server, 1, 17, 0)) {
		/* Points that the optimizer has yet to make visible are not counted. */
		if (qf_qdrant_state(&s->server, t->name, &state, err) < 0)
			return -1;
		if (state.queue || state.deferred) {
			if (qf_qdrant_wait_ready(&s->server, t->name, 0, NULL, NULL, &state, err) <
				    0 ||
			    qf_qdrant_count(&s->server, t->name, NULL, &count, err) < 0)
				return -1;
		}
	}
	if (count >= t->points)
		return 0;
	return qf_err_set(
		err, QF_E_DATA,
		"holds %llu fewer points than were acknowledged: ids that stand twice in the source "
		"(tenants may share ids: transform --step 'id tenant-hash'), or points deleted meanwhile",
		(unsigned long long)(t->points - count));
}

/* Until this the collection counts as one that a broken run has left. */
static int mark_finished(struct qf_load_qdrant *s, const struct qf_load_target *t, struct qf_err *err)
{
	struct qf_arena arena = { 0 };
	struct qf_json *body;
	int rc;

	if (!t->ours || !has_metadata(s))
		return 0;
	body = qf_json_new(&arena, QF_JSON_OBJECT);
	qf_json_attach(&arena, body, "metadata", provenance(s, t, false, true, &arena));
	rc = qf_qdrant_patch(&s->server, t->name, body, err);
	qf_arena_release(&arena);
	return rc;
}

int qf_load_target_finish(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_err *err)
{
	const struct qf_json *aliases = qf_json_get(t->doc, "aliases");

	if (!t->ready) {
		qf_warn("collection '%s' is not created: it has no points, and no vector whose size is known",
			t->name);
		return 0;
	}
	if (s->args->dry_run)
		return 0;
	/* Indexes first: the graph that is then built follows them. */
	if (t->ours && make_indexes(s, t, false, err) < 0)
		return here(s, t, err);
	if (restore_indexing(s, t, 0, err) < 0 || check_count(s, t, err) < 0)
		return here(s, t, err);
	for (const struct qf_json *a = aliases && t->ours ? aliases->child : NULL; a; a = a->next)
		if (make_alias(s, t, a->text, err) < 0)
			return here(s, t, err);
	return mark_finished(s, t, err) < 0 ? here(s, t, err) : 0;
}
