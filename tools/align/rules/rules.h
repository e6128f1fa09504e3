/* The rules: .fortress-align.yaml, or what the program carries (configs/align.yaml). */
#ifndef QF_ALIGN_RULES_H
#define QF_ALIGN_RULES_H

#include "common/base/conf.h"
#include "tools/align/finding.h"

#define QF_RULES_FILE ".fortress-align.yaml"
#define QF_BASELINE_FILE ".fortress-align-baseline.jsonl"

/*
 * A list of path patterns, as in .gitignore: `*` and `?` stay inside a folder, `**` does not, [..] is a
 * set, a pattern without a slash (but at its end) fits at any depth, one that ends in a slash fits folders only.
 * What fits a folder fits everything below it. No exceptions by `!`. Errors: QF_E_CONFIG.
 */
struct qf_globs;
struct qf_globs *qf_globs_new(const char *const *patterns, size_t n, struct qf_err *err);
bool qf_globs_match(const struct qf_globs *g, const char *path); /* NULL or empty: false */
void qf_globs_free(struct qf_globs *g);

struct qf_names { /* a list of C strings */
	const char **items;
	size_t n;
};

struct qf_system {
	const char *name;
	struct qf_names patterns; /* case-insensitive substrings (ASCII case; other bytes as they are) */
	const char *hint;	  /* what to use in its place, for the message; or NULL */
};

struct qf_mapping { /* of modules or symbols; dotted names */
	const char *from, *to;
	int line;	    /* in the rules' file */
};

struct qf_rename { const char *from, *to; };

struct qf_move {
	bool promote;	    /* else deprecate */
	const char *from, *to; /* paths of .py files from the root */
	bool warn;	    /* a DeprecationWarning at import is put into a deprecated file */
	struct qf_rename *renames; /* promote: classes or functions that get a new name in it */
	size_t n_renames;
	struct qf_rename *aliases; /* promote: `to = from` lines at its end */
	size_t n_aliases;
	int line;
};

struct qf_document {
	struct qf_globs *paths;
	struct qf_rename *words; /* whole words, case kept: Weaviate: Qdrant does weaviate and WEAVIATE too */
	size_t n;
	int line;
};

struct qf_allowance {
	struct qf_globs *paths;	 /* NULL: everywhere */
	struct qf_names systems; /* empty: all; names of systems, or `from` of mappings for leftovers */
	struct qf_names tokens;	 /* empty: the whole path; else only matches inside these whole identifiers
				    (letters, digits, _ and -, compared with case) */
	const char *reason;	 /* never NULL */
	const char *until;	 /* last day YYYY-MM-DD, or NULL */
	bool expired;
	int line;
	bool used;		 /* set by those who apply it; with threads: __atomic_store */
};

struct qf_rules {
	const char *file;	/* as messages name it; NULL: the built-in rules */
	const char *root;	/* absolute folder that all paths are from */
	bool builtin;
	const char *today;	/* as qf_rules_read was told */
	struct qf_system *systems;
	size_t n_systems;
	struct qf_mapping *modules, *symbols;
	size_t n_modules, n_symbols;
	struct qf_move *moves;
	size_t n_moves;
	struct qf_document *documents;
	size_t n_documents;
	struct qf_allowance *allow;
	size_t n_allow;
	struct qf_globs *exclude; /* not looked at, and counted as such */
	struct qf_names python_roots; /* folders that sys.path would hold; default "." and src where it is no package */
	struct qf_conf conf;
	struct qf_arena arena;
};

/*
 * Finds and reads the rules. file: what --config names, or NULL: looked for in `start` (a folder) and upward,
 * up to the top of its git work tree or the file system's root; where there is none, the built-in rules. root is the
 * folder of the file; of built-in rules the top of the git work tree, else `start`. today: "YYYY-MM-DD", for `until`.
 * Errors: QF_E_CONFIG with file:line:column (unknown keys with the nearest name, a mapping twice or in a circle,
 * a reason that is missing, a date that is none, a system without a pattern), QF_E_NOINPUT. Release in any case.
 */
int qf_rules_read(struct qf_rules *rules, const char *file, const char *start, const char *today,
		  struct qf_err *err) QF_CHECK;
void qf_rules_release(struct qf_rules *rules);

/* The text of the rules that the program carries. */
struct qf_str qf_rules_builtin(void);

/* Text of a new rules file from what a scan by the built-in rules found: the systems that are there, allowances
 * for places that look like vendored code, each with a reason to fill in; always valid as it stands. */
void qf_rules_init(const struct qf_rules *builtin, const struct qf_result *found, struct qf_buf *out);

#endif
