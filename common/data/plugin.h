/*
 * The three interfaces that a newcomer implements. One C file exports one constant; its name
 * stands in one meson list. The state starts with the settings struct: the offsets in opts are
 * offsets into the state, and the settings are filled before open is called.
 *
 * Contract for all three: open, then any number of the middle calls, then close. close is called
 * after a failed open too and must bear a half-opened, zeroed state. Failures go into err; nothing
 * here prints, but qf_warn and qf_info may be used for what the user should know.
 */
#ifndef QF_DATA_PLUGIN_H
#define QF_DATA_PLUGIN_H

#include "common/base/conf.h"
#include "common/base/opt.h"
#include "common/data/record.h"

/* What all sources take; filled by the tool from its own flags. */
struct qf_source_args {
	struct qf_opt_list collections;	     /* empty: all */
	unsigned jobs;			     /* requests or workers in flight, at least 1 */
	bool has_limit;
	uint64_t limit;			     /* points of each collection; 0: collection lines only */
	unsigned part, parts;		     /* this one's share: part 1..parts; parts 1 is everything */
	size_t line_limit;
	/* Set by open, for the header: address without secrets and version of the server. */
	const char *url, *server;
	/* Set by the source as soon as it is known, for the progress display; 0: unknown. */
	uint64_t expected;
	uint64_t retries;
};

struct qf_source {
	const char *name, *help;
	const struct qf_opt *opts;
	size_t n_opts, state_size;
	int (*open)(void *state, struct qf_source_args *args, struct qf_err *err);
	/*
	 * Adds records to the empty batch: a COLLECTION before its first point, CURSORs as intervals
	 * are done, a SCOPE for each collection and tenant when it is through (whole or why not).
	 * No END, and no STREAM: the tool writes these; but a source that reads streams hands their
	 * headers on, for mode and chain. 0: go on; 1: that was all; -1: error.
	 */
	int (*next)(void *state, struct qf_batch *out, struct qf_err *err);
	/* For --list: what there is to read, as a table for people or as one JSON document. */
	int (*list)(void *state, bool json, struct qf_buf *out, struct qf_err *err);
	/* For --shared-ids, or NULL: ids that stand in more than one tenant, as one JSON document
	 * {"checked":N,"total":K,"shared":[{"collection","id","tenants":[..]},..]} (at most 100 shown). */
	int (*shared_ids)(void *state, struct qf_buf *out, struct qf_err *err);
	void (*close)(void *state);
};

enum qf_step_effect { QF_STEP_ONE_TO_ONE, QF_STEP_FILTER, QF_STEP_ONE_TO_MANY };

struct qf_step {
	const char *name, *help;
	const char *usage;	/* one line of YAML or inline example for --help */
	size_t state_size;
	enum qf_step_effect effect;
	bool pure;		/* the same record always gives the same result */
	/* value: what stands under the step's name, in YAML or made of the inline words; may be NULL. */
	int (*open)(void *state, const struct qf_conf *conf, const struct qf_node *value,
		    struct qf_err *err);
	/* Edits, drops (qf_batch_keep) or replaces records in place; never reorders. */
	int (*apply)(void *state, struct qf_batch *io, struct qf_err *err);
	void (*close)(void *state);
};

/* What a sink says at the end, per collection and tenant under the target's names. */
struct qf_loaded {
	struct qf_str collection, target, tenant;
	uint64_t points, deletes, rejected;
	bool whole;		/* the stream said so */
	struct qf_str why;
};

struct qf_rejects;

struct qf_sink_args {
	const char *collection;		/* --collection: the one name to load under, or NULL */
	unsigned jobs;
	const char *run;		/* run id of the first stream, NULL until its header came */
	bool dry_run;
	struct qf_rejects *rejects;	/* where bad points go: tools/load/rejects.h */
	/* For the progress display; the sink keeps them true. */
	uint64_t points, bytes, retries;
	/* Set by finish; lives until close. */
	struct qf_loaded *loaded;
	size_t n_loaded;
};

struct qf_sink {
	const char *name, *help;
	const struct qf_opt *opts;
	size_t n_opts, state_size;
	int (*open)(void *state, struct qf_sink_args *args, struct qf_err *err);
	/* Takes the batch's records in order. Returning does not mean acknowledged; finish does. */
	int (*write)(void *state, struct qf_batch *b, struct qf_err *err);
	/* Optional: drive transfers in flight until fd is readable. */
	int (*wait)(void *state, int fd, struct qf_err *err);
	/* After the last END. 0 only when every point was acknowledged. */
	int (*finish)(void *state, struct qf_err *err);
	void (*close)(void *state);
};

#endif
