/* Between the files that make a plan. */
#ifndef QF_ALIGN_CHANGE_PLAN_H
#define QF_ALIGN_CHANGE_PLAN_H

#include "tools/align/change/change.h"

/* ---- modules.c: files by the names under which they are imported ---- */

struct qf_module {
	const char *name;
	const char *path;
	bool stub;			/* a .pyi */
	bool package;			/* an __init__.py */
	bool read, readable;		/* bound is what the file binds */
	struct qf_bound_names bound;
};

struct qf_modules {
	const struct qf_files *files;
	const struct qf_rules *rules;
	struct qf_module *module; /* sorted by name */
	size_t n, cap;
	struct qf_module **asked; /* not among the files, which are not all; sorted by name; path NULL: not there */
	size_t n_asked, cap_asked;
	struct qf_arena arena;
};

/*
 * The dotted name of a path seen from one folder of sys.path, or NULL; *package: it is an __init__.py. In the
 * arena.
 */
const char *qf_module_under(struct qf_arena *arena, const char *path, const char *root, bool *package);
/* The same from the nearest of the rules' python_roots; "" where it has none. */
const char *qf_module_of(struct qf_arena *arena, const struct qf_rules *rules, const char *path, bool *package);
void qf_modules_read(struct qf_modules *m, const struct qf_files *files, const struct qf_rules *rules);
void qf_modules_release(struct qf_modules *m);
/* Looks in the tree too where the files are not all of it: what a module lacks, it lacks however the run was called. */
struct qf_module *qf_modules_find(struct qf_modules *m, const char *name, size_t n);
/* What it binds, NULL where that cannot be told. */
const struct qf_bound_names *qf_modules_bound(struct qf_modules *m, struct qf_module *module);
bool qf_bound_has(const struct qf_bound_names *names, struct qf_str name);
/* binds of struct qf_rewrite_in; ctx is the struct qf_modules. */
bool qf_modules_binds(void *ctx, const char *module, const char *name, bool *has);

/* ---- the plan ---- */

enum qf_move_state {
	QF_MOVE_GONE,	/* neither file is there: nothing to do, and nothing to follow */
	QF_MOVE_DONE,	/* importers still follow */
	QF_MOVE_OVER,	/* done, and another file has the old name now: nothing follows */
	QF_MOVE_LATER,	/* its file, or one of its importers perhaps, is not among those that were asked for */
	QF_MOVE_NOW,
	QF_MOVE_BLOCKED, /* something stands in the way */
};

struct qf_moving {
	const struct qf_move *rule;
	enum qf_move_state state;
	unsigned phase;		/* of NOW and DONE */
	const char *from, *to;	/* modules, "" for none */
	const char *package;	/* of BLOCKED: the __init__.py by which importers would never see the file; or NULL */
	struct qf_unit *unit;	/* of NOW */
};

/* One file in one phase. */
struct qf_step {
	struct qf_str source, after;
	const char *module, *new_module; /* new_module NULL: as before */
	struct qf_rewrite_out out;
	bool bound_read, bound_known;
	struct qf_bound_names bound; /* by `after` */
};

/* One Python file or notebook that is worked on. */
struct qf_unit {
	const char *path;
	uint32_t mode;
	struct qf_str before, after;
	bool package, notebook;
	bool failed;		/* told already; stays as it is */
	struct qf_moving *move;	/* that takes it elsewhere, or NULL */
	struct qf_step *steps;	/* one a phase */
};

/*
 * Where a file takes the place of another one that is moved away in the same run, importers of the latter go first
 * and those of the former after: names would mean two things else. So there is a phase for each such step; mostly
 * one in all.
 */
struct qf_phase {
	struct qf_renames renames;
	struct qf_withheld *withheld;
	size_t n_withheld, cap_withheld;
};

/* A name that stays in its module, since where the rules would have it no such name is bound. */
struct qf_withheld {
	struct qf_str module, name;
	const char *rule, *reason;
};

struct qf_plan {
	const struct qf_files *files;
	struct qf_rules *rules;
	struct qf_result *result;
	struct qf_changes *changes;
	struct qf_arena *arena;	/* of changes */
	bool refused;
	struct qf_modules modules;
	struct qf_moving *moves; /* as many as the rules have */
	struct qf_phase *phases;
	size_t n_phases;
	struct qf_renames passed; /* names that a file passes on under another name */
	struct qf_unit **units;
	size_t n, cap;
	bool *taken;		/* for each file: it is a unit */
	bool git;		/* libgit2 is in use */
	bool stars;		/* all files with a star import are units */
};

/* Looks how each move stands. Blocked ones are told and refuse the plan. */
void qf_plan_moves(struct qf_plan *p);
/* The renames of all phases from the rules and the moves. */
void qf_plan_renames(struct qf_plan *p);
/*
 * The renames as one file must see them. Where they lead to the file itself it must not follow, for it would import
 * from itself: it goes on with the old module, under the name that a move gives it. Its own names stay where they lead
 * elsewhere, since their definitions do; and a promoted file changes those only that its rule renames.
 */
const struct qf_renames *qf_plan_view(struct qf_plan *p, const struct qf_unit *u, size_t phase);
/*
 * Text for a file that is moved: aliases, a warning. Takes the text after the rewrite, returns the one after that.
 */
struct qf_str qf_plan_texts(struct qf_plan *p, struct qf_moving *m, struct qf_str text);

/*
 * warning.c: text with a DeprecationWarning at import, `message` in it; the text itself where it has one already;
 * a null slice where there is no place for it.
 */
struct qf_str qf_plan_warning(struct qf_arena *arena, struct qf_str text, const char *message);
/* Names at the end: alias = name. */
struct qf_str qf_plan_alias(struct qf_arena *arena, struct qf_str text, const char *alias, const char *name);

/*
 * promote.c: are all names that importers would ask for bound? Those that a mapping would lead to a module that
 * lacks them get an entry of their own in the renames of the phase, by which they stay; *changed: there is a new
 * one.
 */
int qf_plan_check(struct qf_plan *p, size_t phase, bool *changed, struct qf_err *err) QF_CHECK;
/* Tells of them, and refuses the plan where a promoted file lacks a name. */
int qf_plan_tell(struct qf_plan *p, size_t phase, struct qf_err *err) QF_CHECK;

/*
 * outside.c: refuses the plan where the files are not all, and another one takes a name that would change in them.
 * Reads the tree for that, but only where a name changes that can be taken.
 */
int qf_plan_outside(struct qf_plan *p, struct qf_err *err) QF_CHECK;

/* pending.c: findings. words: those of a document's rules, or NULL. */
void qf_plan_pending(struct qf_plan *p, const char *path, struct qf_str before, struct qf_str after,
		     const struct qf_moving *move, const struct qf_document *const *documents, size_t n);
void qf_plan_pending_end(struct qf_plan *p);
void qf_plan_leftover(struct qf_plan *p, const char *path, struct qf_str text, const struct qf_leftover *leftover);
void qf_plan_move_finding(struct qf_plan *p, const struct qf_moving *m);

/* A place in the text that a phase began with, as one in the file. */
size_t qf_plan_back(const struct qf_unit *u, size_t phase, size_t at);
/* What qf_rewrite_wanted and qf_rewrite_python are to know of a unit in a phase. */
struct qf_rewrite_in qf_plan_input(struct qf_plan *p, const struct qf_unit *u, size_t phase);
/* Reads a file of the list into the arena; what cannot be read is noted: false. */
int qf_plan_read(struct qf_plan *p, const char *path, struct qf_str *text, uint32_t *mode, bool *ok,
		 struct qf_err *err) QF_CHECK;
/* By its name: Python, a notebook, or without a suffix. */
bool qf_plan_may_be_python(const char *path);
bool qf_plan_has_star(struct qf_str text);
/* The index of a path in the list of files, or -1. */
long qf_plan_find(const struct qf_files *files, const char *path);

#endif
