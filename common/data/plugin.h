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

/* ---- steps ---- */

enum qf_step_effect { QF_STEP_ONE_TO_ONE, QF_STEP_FILTER, QF_STEP_ONE_TO_MANY };

/* What may stand under a step's name in a mapping. */
enum qf_step_forms {
	QF_STEP_NOTHING = 1,	/* - reseal */
	QF_STEP_WORD = 2,	/* - id: uuid5 */
	QF_STEP_WORDS = 4,	/* - drop: [a, b]; one alone needs no brackets */
	QF_STEP_OPTS = 8,	/* - sample: {rate: 0.1, seed: 7}: a map with the keys of opts */
	QF_STEP_PAIRS = 16,	/* - cast: {year: integer}: a map of paths or names and values */
	QF_STEP_TEXT = 32,	/* with WORD: a whole text; inline, all that stands behind the name */
};

/* What `point`, `deleted` and `collection` return, but for -1. */
enum qf_step_answer { QF_STEP_KEEP, QF_STEP_DROP };

/*
 * An example stands in docs/TRANSFORM.md and is run by a test. Lines are separated by '\n'. A line
 * of `in` that is no line of a stream is a payload: of a point of collection A, its id the line's
 * number. A line of `out` is the same, or "error: <message>" as the last one.
 */
struct qf_step_example {
	const char *title, *step, *in, *out; /* step: YAML of one item of the list, without "- " */
};

struct qf_buf;

struct qf_step {
	const char *name, *help; /* help: one line, for --help */
	const char *usage;	 /* one line of YAML, for --help and messages */
	const char *group;	 /* shape, values, filters, ids, vectors, rows, chunks, lookup */
	const char *doc;	 /* some sentences for docs/TRANSFORM.md: what it does to what is absent,
				  * null, an array, of another type; what becomes an error */
	unsigned forms;		 /* enum qf_step_forms */
	/*
	 * The settings of the form OPTS. The state begins with the settings struct, as with sources;
	 * they are filled before open is called. short_opt: the setting that a word or list without a
	 * map means (`- limit: 10` for `- limit: {points: 10}`), or NULL; its form need not be listed.
	 */
	const struct qf_opt *opts;
	size_t n_opts;
	const char *short_opt;
	/* Of the form PAIRS, for documents: the placeholder of keys and values ("PATH", "TYPE"); and a
	 * table where a value may be a map itself (read it with qf_opt_from_node). pair_json: values
	 * may be any YAML. */
	const char *pair_key, *pair_value;
	const struct qf_opt *pair_opts;
	size_t n_pair_opts;
	bool pair_json;
	const struct qf_step_example *examples;
	size_t n_examples;

	size_t state_size;
	enum qf_step_effect effect;
	bool by_collection;	 /* FILTER: drops whole collections, never single points */
	bool spreads;		 /* makes several collections of one */
	bool pure;		 /* the same record always gives the same result */
	const char *needs;	 /* what it remembers between records, in words, or NULL for nothing */
	const char *passes;	 /* how deletes, cursors and scopes pass, if not "unchanged"; or NULL */

	/* value: what stands under the step's name, in YAML or made of the inline words; may be NULL.
	 * For what opts does not cover: paths to compile, limits between settings. */
	int (*open)(void *state, const struct qf_conf *conf, const struct qf_node *value,
		    struct qf_err *err);
	/* Optional: a step behind this one in the chain was opened. */
	void (*followed)(void *state, const struct qf_step *later, const void *later_state);
	/*
	 * Optional, for steps that ask somebody for money: from now on nothing is sent and nothing filled
	 * in, only counted; and what it would cost, as lines of text behind out.
	 */
	void (*dry)(void *state);
	void (*costs)(void *state, struct qf_buf *out);
	/*
	 * Either the whole batch: edits, drops (qf_batch_keep), adds (struct qf_expand of
	 * tools/transform/steps.h); never reorders. A point that cannot be done: qf_step_reject, and go
	 * on. -1 ends the run.
	 */
	int (*apply)(void *state, struct qf_batch *io, struct qf_err *err);
	/*
	 * Or, with apply NULL, one record each (NULL: untouched): a point, a delete, a collection
	 * line. QF_STEP_KEEP, QF_STEP_DROP, or -1: with QF_E_DATA this point or delete is rejected
	 * (err is the reason alone, without its place), with any other code the run ends. A failure
	 * in a collection line ends it always.
	 */
	int (*point)(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err);
	int (*deleted)(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err);
	int (*collection)(void *state, struct qf_record *rec, struct qf_arena *arena,
			  struct qf_err *err);
	/*
	 * Of steps with `apply` that hold points back until the scopes come, or NULL: adds the next of
	 * them to the empty batch, as many as a batch has. 1: there were some, 0: no more. What nobody
	 * has asked for in this way must come from apply, before the first SCOPE or END.
	 */
	int (*release)(void *state, struct qf_batch *out, struct qf_err *err);
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
	struct qf_rejects *rejects;	/* where bad points go: common/data/rejects.h */
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
