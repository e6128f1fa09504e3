/* Python code that follows modules and symbols to their new names; all other bytes stay. */
#ifndef QF_ALIGN_REWRITE_H
#define QF_ALIGN_REWRITE_H

#include "common/base/buf.h"
#include "tools/align/finding.h"

/* Bytes [at, at + n) of a file become text. */
struct qf_edit {
	size_t at, n;
	struct qf_str text;
};

struct qf_symbol_rename {
	const char *module, *name;	 /* backend.a, X */
	const char *to_module, *to_name; /* backend.b, Y: either may stay as it is */
	const char *rule;		 /* what findings call it: `from` of the mapping */
};
struct qf_module_rename {
	const char *from, *to;
	const char *rule;
};

/*
 * All that is renamed. A symbol's own entry wins over the entry of its module; a module's entry covers what is below
 * it (a.old.sub becomes a.new.sub) unless that has its own. A symbol whose entry leads to itself stays.
 */
struct qf_renames {
	struct qf_module_rename *modules;
	size_t n_modules, cap_modules;
	struct qf_symbol_rename *symbols;
	size_t n_symbols, cap_symbols;
	struct qf_arena arena;
};
void qf_renames_release(struct qf_renames *r);

/* A name that stays although it is an old one. */
struct qf_leftover {
	size_t at, n;
	const char *rule, *reason;
};

/* A name at the module level of the file that is called otherwise after the edits; importers must follow. */
struct qf_derived {
	const char *name, *to;
	const char *rule;
};

struct qf_rewrite_in {
	const char *path;	  /* for messages */
	struct qf_str source;
	const char *module;	  /* dotted name by which the file is imported now; "" where it has none */
	bool package;		  /* an __init__.py: relative imports start at the module itself */
	const char *new_module;	  /* after its move; NULL: as now. Relative imports are then resolved by the old name
				     and written for the new one. */
	/* Names at module level that are renamed in this very file: those symbols of `renames` whose module is this
	 * one, that are defined (not imported) here and stay in it (to_module is this module, or new_module). Their
	 * definition is renamed only where define is true. */
	bool define;
	const struct qf_renames *renames;
	/* The names a module of the tree binds at its top level, for star imports and collisions: true and *has set
	 * where the module is known. May be NULL. */
	bool (*binds)(void *ctx, const char *module, const char *name, bool *has);
	void *ctx;
};

struct qf_rewrite_out {
	struct qf_edit *edits; /* sorted, not overlapping */
	size_t n, cap;
	struct qf_leftover *leftovers; /* sorted */
	size_t n_leftovers, cap_leftovers;
	struct qf_derived *derived;
	size_t n_derived, cap_derived;
	struct qf_arena arena;
};

/*
 * Plans the edits of one Python file. Error: QF_E_DATA "line L, column C: <reason>" where it is not Python that can
 * be worked on; then nothing is to be changed. Release in any case.
 */
int qf_rewrite_python(const struct qf_rewrite_in *in, struct qf_rewrite_out *out, struct qf_err *err) QF_CHECK;
/* The code cells of a notebook (.ipynb) as one module, cell by cell; magics and shell lines are left. Edits are in
 * bytes of the JSON file. */
int qf_rewrite_notebook(const struct qf_rewrite_in *in, struct qf_rewrite_out *out, struct qf_err *err) QF_CHECK;
void qf_rewrite_release(struct qf_rewrite_out *out);

/* The names that a module's top level binds (`whole` false: a star import or __getattr__ may add more), in the arena.
 * requested names are looked up by qf_names_has. */
struct qf_bound_names {
	struct qf_str *name;
	size_t n;
	bool whole;
};
int qf_rewrite_bound(struct qf_str source, struct qf_arena *arena, struct qf_bound_names *ret,
		     struct qf_err *err) QF_CHECK;

/* The names that a file asks of a module: `from module import name` and module.name; each once. For the check that a
 * promoted module binds what its importers want. in->renames is not used. */
struct qf_wanted {
	struct qf_str module, name;
	size_t at;
};
int qf_rewrite_wanted(const struct qf_rewrite_in *in, struct qf_arena *arena, struct qf_wanted **ret, size_t *n,
		      struct qf_err *err) QF_CHECK;

/* source with the edits done. */
void qf_edits_apply(struct qf_str source, const struct qf_edit *edits, size_t n, struct qf_buf *out);

#endif
