/*
 * Inside of the sink `qdrant`, which is these files:
 *   sink_qdrant.c     its options, and what each record of the stream leads to
 *   qdrant_target.c   collections: create or check, put indexing off and back, indexes, aliases
 *   qdrant_schema.c   the collection line as Qdrant's settings, by version (pure)
 *   qdrant_send.c     batches: filled, in flight, tried again, split, bisected
 *   qdrant_request.c  a batch as a request, and what its reply means
 *   qdrant_encode.c   (with qdrant_payload.c) one point into a request: the hot path (pure)
 */
#ifndef QF_LOAD_SINK_QDRANT_H
#define QF_LOAD_SINK_QDRANT_H

#include "common/base/retry.h"
#include "common/data/plugin.h"
#include "common/data/tally.h"
#include "common/net/qdrant.h"
#include "tools/load/qdrant_encode.h"

struct qf_load_batch;

/* A collection of the server that points go into. */
struct qf_load_target {
	char *name;
	unsigned index;			/* in the sink's list; part of what tells ids apart */
	struct qf_arena arena;
	struct qf_json *doc;		/* all collection lines for it, merged */
	struct qf_str source;		/* name of the first of them */
	struct qf_point_rules rules;	/* what the server's collection takes */
	bool ready;			/* it exists, was checked, and rules are set */
	bool ours;			/* made by this run, or by one that broke off: we finish it */
	bool was_empty;			/* so the final count can be checked */
	bool deferred;			/* indexing is put off until the end */
	struct qf_json *mark;		/* our metadata of a finished one, NULL: it has none */
	int64_t threshold;		/* what is put back then: optimizers_config.indexing_threshold */
	uint64_t points, deletes;	/* acknowledged */
	unsigned long long batch_points; /* at most most_points; fewer while the server is busy */
	unsigned long long most_points;	 /* the sink's, or fewer where the server takes no more */
	struct qf_load_batch *open[2];	/* being filled: points, deletes */
	bool deleting;			/* of one with parents: which of both came last */
};

struct qf_load_source {
	struct qf_str name;
	struct qf_load_target *target;
};

enum { QF_TRANSPORT_AUTO, QF_TRANSPORT_GRPC, QF_TRANSPORT_REST };

struct qf_load_qdrant {
	/* Settings. */
	const char *url, *grpc_url, *api_key;
	int transport;
	unsigned long long batch_points, batch_bytes;
	bool bulk;
	struct qf_net_opts net;

	struct qf_sink_args *args;
	struct qf_qdrant server;
	bool rest;			/* points go over REST */
	struct qf_arena arena;
	struct qf_json *header;		/* of the first stream, for the provenance */
	bool delta;			/* one of the streams is a change feed */
	bool gone;			/* the server did not take the last word */
	struct qf_point_encoder encoder;
	struct qf_buf scratch;		/* a dry run's point */
	struct qf_tally scopes;		/* acknowledged points and deletes of each */
	struct qf_load_target **targets;
	size_t n_targets, cap_targets;
	struct qf_load_source *sources;
	size_t n_sources, cap_sources, last_source;
	struct qf_load_batch *batches;
	size_t n_batches;
};

/* ---- qdrant_target.c ---- */

/*
 * A collection line: finds its target (made when new), checks an existing collection against it, or
 * creates a missing one, unless no vector's size is known yet. Nothing is written before the check
 * is through.
 */
int qf_load_declare(struct qf_load_qdrant *s, const struct qf_record *rec, struct qf_err *err) QF_CHECK;
/* Where a source collection goes; NULL when it was not declared. */
struct qf_load_target *qf_load_target_of(struct qf_load_qdrant *s, struct qf_str collection);
/* Before the first point: creates what qf_load_declare has left. */
int qf_load_target_need(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_err *err) QF_CHECK;
/* After the last acknowledgement: payload indexes, indexing as it shall be, aliases, the count. */
int qf_load_target_finish(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_err *err) QF_CHECK;
/* After a failure: puts indexing back if the server still answers within seconds. */
void qf_load_target_abandon(struct qf_load_qdrant *s, struct qf_load_target *t);
void qf_load_target_free(struct qf_load_target *t);

/* ---- qdrant_schema.c: needs no server but its version ---- */

/* The body of the create request, arena memory. Vectors of unknown size are left out. Error:
 * QF_E_DATA where the server has no such thing and leaving it out would change the data. */
int qf_load_create_body(const struct qf_qdrant *server, const struct qf_json *doc,
			struct qf_arena *arena, struct qf_json **ret, struct qf_err *err) QF_CHECK;
/* The settings of a vector that can be added later: its create request, and what a PATCH adds (NULL:
 * nothing). vectors: is it one of "vectors", or of "sparse"? */
int qf_load_vector_body(const struct qf_qdrant *server, const struct qf_json *vector, bool sparse,
			struct qf_arena *arena, struct qf_json **create, struct qf_json **patch,
			struct qf_err *err) QF_CHECK;
/* What a server's collection takes, from the "params" of its configuration (or a create request). */
void qf_load_rules_of(const struct qf_json *params, struct qf_arena *arena, struct qf_point_rules *ret);
/* Does the collection take what the line declares? Error: QF_E_DATA with the first difference. */
int qf_load_compare(const struct qf_json *doc, const struct qf_json *params, struct qf_arena *arena,
		    struct qf_err *err) QF_CHECK;
/* The index that a payload entry asks for, or NULL: none, or none that this server has. */
struct qf_json *qf_load_index_schema(const struct qf_qdrant *server, const struct qf_json *entry,
				     struct qf_arena *arena);
/* Must this index be there before the points: is it the tenant's, or does the graph follow payloads? */
bool qf_load_index_first(const struct qf_json *doc, const struct qf_json *entry);
/* Are its points pieces of others (the step chunk of transform), whose ids stand in `_parent`? */
bool qf_load_has_parents(const struct qf_json *doc);
/* Is the size of at least one vector known, or is there a sparse one? */
bool qf_load_has_vectors(const struct qf_json *doc);

/* ---- qdrant_send.c ---- */

void qf_load_batches_init(struct qf_load_qdrant *s);
void qf_load_batches_release(struct qf_load_qdrant *s);
/* Puts a point or delete into a batch, which may wait for others to be acknowledged. A bad point goes
 * to the rejects. */
int qf_load_point(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_record *rec,
		  struct qf_arena *arena, struct qf_err *err) QF_CHECK;
int qf_load_delete(struct qf_load_qdrant *s, struct qf_load_target *t, struct qf_record *rec,
		   struct qf_err *err) QF_CHECK;
/*
 * Drives what is in flight for at most this long, or until one batch is settled (1), or fd is
 * readable (2). 0: time is up.
 */
int qf_load_drive(struct qf_load_qdrant *s, double seconds, int fd, struct qf_err *err) QF_CHECK;
/* Sends what is open and waits until everything is acknowledged. */
int qf_load_drain(struct qf_load_qdrant *s, struct qf_err *err) QF_CHECK;
/* Is anything in flight or waiting for its next try? */
bool qf_load_busy(const struct qf_load_qdrant *s);

#endif
