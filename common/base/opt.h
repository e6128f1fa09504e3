/*
 * One table describes every setting of a thing (a tool, a source, a step, a sink). From it come
 * the flag, the environment variable, the YAML key, the default and the line of --help.
 *
 * Order of precedence: flag, environment, plan file (-c), user file
 * ($XDG_CONFIG_HOME/fortress/config.yaml), default.
 */
#ifndef QF_BASE_OPT_H
#define QF_BASE_OPT_H

#include "common/base/conf.h"
#include "common/base/err.h"

enum qf_opt_type {
	QF_OPT_FLAG,   /* bool */
	QF_OPT_TEXT,   /* const char *, NULL when not given and without default */
	QF_OPT_UINT,   /* unsigned long long, within min..max (max 0: no limit) */
	QF_OPT_SIZE,   /* unsigned long long, bytes; "4MiB" */
	QF_OPT_SECONDS,/* double, seconds; "30", "0.5" */
	QF_OPT_CHOICE, /* int: index into choices, "auto|grpc|rest" */
	QF_OPT_LIST,   /* struct qf_opt_list; the flag may be repeated, each value is one item */
	QF_OPT_WORDS,  /* struct qf_opt_list; like LIST, and commas separate items too */
	QF_OPT_NODE,   /* const struct qf_node *, NULL when not given: any YAML, for who reads it himself; no flag */
	QF_OPT_SECRET, /* const char *; no flag and no YAML: env, <env>_FILE or <env>_COMMAND */
};

struct qf_opt_list {
	const char **items;
	size_t n;
};

struct qf_opt {
	const char *name;	/* long flag without dashes, and YAML key */
	char letter;		/* short flag, or 0 */
	enum qf_opt_type type;
	size_t offset;		/* of the field in the settings struct */
	const char *arg;	/* placeholder in --help: "URL" */
	const char *help;	/* one sentence without a final stop; never NULL */
	const char *env;	/* environment variable, or NULL */
	const char *def;	/* default as text, or NULL for zero */
	const char *choices;	/* of QF_OPT_CHOICE */
	unsigned long long min, max;
	bool data;		/* changes what the stream holds: part of the chain's hash */
};

/* A table with the struct that its values go to. Settings are valid until qf_opt_release. */
struct qf_opt_group {
	const char *title;	/* heading in --help: "Options of source weaviate" */
	const struct qf_opt *opts;
	size_t n;
	void *base;
	const char *section;	/* map of the plan and user file that holds these keys, or NULL */
};

struct qf_opt_parse {
	struct qf_opt_group groups[8];
	size_t n_groups;
	/* Out: what is left of the command line, in order. */
	const char **args;
	size_t n_args;
	/* Inside: memory of the values; the files read. */
	struct qf_arena arena;
	struct qf_conf plan, user;
};

/*
 * Fills all groups. argv[0] is skipped. plan_file is -c's value or NULL (the caller finds it with
 * qf_opt_find_flag before). Errors: QF_E_USAGE naming the flag, QF_E_CONFIG naming file:line:column
 * or the variable.
 */
int qf_opt_parse(struct qf_opt_parse *p, int argc, char **argv, const char *plan_file,
		 struct qf_err *err) QF_CHECK;
void qf_opt_release(struct qf_opt_parse *p);

/*
 * Fills one struct from a YAML map alone (a step in a mapping, a stage in a plan), with the same
 * types, defaults and errors. Values live in the arena. Unknown keys are errors, but for those in
 * also[0..n_also).
 */
int qf_opt_from_node(const struct qf_opt *opts, size_t n, void *base, const struct qf_conf *conf,
		     const struct qf_node *map, const char *what, const char *const *also,
		     size_t n_also, struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/* The value of a text flag ("config", 'c') on a raw command line, or NULL; the last one wins. */
const char *qf_opt_find_value(int argc, char **argv, const char *name, char letter);
/* Is the flag there ("help", 'h')? */
bool qf_opt_find_flag(int argc, char **argv, const char *name, char letter);

/* The options of the groups as --help shows them. */
struct qf_buf;
void qf_opt_help(const struct qf_opt_group *groups, size_t n, struct qf_buf *out);

/*
 * The settings that change data, as "name=value" lines in table order: what a stage's entry in the
 * stream's chain is the hash of. Addresses, keys and speed do not belong to it.
 */
void qf_opt_data_settings(const struct qf_opt_group *groups, size_t n, struct qf_buf *out);

/* The value of a secret: env, else the first line of the file in <env>_FILE, else of the output
 * of <env>_COMMAND (run by /bin/sh). *ret NULL when none is set. Memory from the arena. */
int qf_secret_get(const char *env, struct qf_arena *arena, const char **ret,
		  struct qf_err *err) QF_CHECK;

#endif
