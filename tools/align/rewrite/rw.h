/* Between the files of the rewriter: what is known of one Python file, and what is decided about it. */
#ifndef QF_ALIGN_RW_H
#define QF_ALIGN_RW_H

#include "common/base/mem.h"
#include "tools/align/python/scope.h"
#include "tools/align/python/source.h"
#include "tools/align/rewrite/rewrite.h"

/* ---- paths (renames.c): dotted names as text, "a.b.c" ---- */

/* Is path the prefix, or below it? */
bool qf_path_under(struct qf_str path, struct qf_str prefix);
struct qf_str qf_path_last(struct qf_str path);
struct qf_str qf_path_root(struct qf_str path);
struct qf_str qf_path_parent(struct qf_str path);
/* What stands behind the prefix and its dot; empty where path is the prefix. */
struct qf_str qf_path_rest(struct qf_str path, struct qf_str prefix);
/* Either may be empty. */
struct qf_str qf_path_join(struct qf_arena *arena, struct qf_str a, struct qf_str b);
size_t qf_path_count(struct qf_str path);
/* Takes the first name off a path; false where none is left. */
bool qf_path_next(struct qf_str *path, struct qf_str *name);
/* Names with dots between and nothing else? */
bool qf_path_valid(struct qf_str path);

/* One entry of the renames, by whole paths. */
struct rw_entry {
	struct qf_str from, to, to_module; /* of a symbol: module.name */
	struct qf_str module, name;	   /* of a symbol: as given */
	const char *rule;
	bool symbol;
	size_t number;			   /* as given */
};

/* What a path becomes. */
struct rw_target {
	struct qf_str path;	/* the new one; the old where nothing changes */
	struct qf_str module;	/* a beginning of it that is a module for sure; empty where nothing changes */
	const struct rw_entry *entry; /* NULL: nothing changes */
};

/* ---- pieces of source ---- */

/* A text that is Python of its own inside the file: the file itself, a string annotation, a type comment. */
struct rw_unit {
	size_t base;		/* byte of the file at which it begins */
	struct qf_py_tokens tokens;
	struct qf_py_ast ast;
	struct qf_py_scope *scope; /* in which its names are looked up; NULL: the file itself */
	struct qf_py_node **nodes; /* all, parents before children, in the order of the source */
	size_t n, cap;
	struct rw_unit *next;
};

/* One name of a dotted chain as it stands in the file. */
struct rw_part {
	size_t at, n;
	size_t dot;		/* byte of the dot before it */
	bool text;		/* content of a string: getattr(module, "X") */
};

/* A place where the value of a group is used, with the attributes taken from it. */
struct rw_ref {
	struct rw_part *parts;	/* parts[0] is the name */
	size_t n;
	struct qf_py_scope *scope;
	enum qf_py_use_kind kind;
	bool whole;		/* decided: the parts become `to` */
	struct qf_str to;
	struct rw_ref *next;
};

enum rw_decision {
	RW_KEEP,   /* the local name stays */
	RW_RENAME, /* it becomes to_name, with all its uses */
	RW_ALIAS,  /* the import gets `as` with the old local name */
	RW_LEAVE,  /* nothing of the group is changed */
};

enum rw_group_kind { RW_IMPORTED, RW_VARIABLE /* m = import_module("a") */, RW_DEFINED, RW_STAR };

/* All that one symbol of a scope stands for. */
struct rw_group {
	enum rw_group_kind kind;
	struct qf_py_symbol *symbol; /* NULL for STAR */
	struct qf_py_scope *scope;
	struct qf_str name;
	struct qf_str *paths;	/* the old paths that it may be bound to, each once */
	struct qf_str *to;	/* and what they are in the end */
	size_t n_paths;
	bool root;		/* bound by `import a.b`: the path is a, what matters is below it */
	bool others, unsure;	/* bound by more than imports; by more than None and the like */
	bool relevant;		/* some entry of the renames concerns it */
	bool deleted;		/* a del, global, nonlocal or assignment names it */
	bool pinned;		/* a class body needs the name as it is */
	struct qf_py_node *value; /* of a VARIABLE: what is assigned to it */
	struct rw_item *items, **end_items;
	struct rw_ref *refs, **end_refs;
	enum rw_decision decision;
	struct qf_str to_name;
	const char *rule;
	struct rw_group *next;
};

/* One name of an import statement. */
struct rw_item {
	struct rw_stmt *stmt;
	struct qf_py_node *node; /* ALIAS or STAR */
	struct qf_str path;	/* what it imports, absolute, old; of STAR the module */
	struct qf_str local;	/* the name that it binds */
	bool as, star;
	bool mark;		/* `X as X`: no alias but the mark of a name that is handed on */
	struct rw_group *group;	/* NULL for STAR */
	struct rw_target target;
	struct qf_str module, name; /* after the rewrite: from module import name; module empty: import name */
	struct qf_str alias;	/* added behind `as` */
	struct qf_str final;	/* the local name after the rewrite */
	bool drop;		/* the same name is imported before it */
	bool moved;		/* leaves its statement for one of its own */
	bool changed;
	struct rw_item *next, *next_in_group;
};

/* An import that must be added behind a statement. */
struct rw_extra {
	struct qf_str module, name, alias; /* from module import name as alias; name empty: import module */
	const struct rw_group *group;	   /* that asks for it; what is left asks no more */
	struct rw_extra *next;
};

struct rw_stmt {
	struct qf_py_node *node;
	struct qf_py_node *block; /* the first statement of the list in which it stands */
	struct qf_py_scope *scope;
	struct qf_str module;	/* of from: absolute, old; p NULL where it cannot be told */
	struct rw_item *items;
	size_t n;
	bool own_line;		/* nothing else stands in its lines */
	bool changed;		/* one of its items is */
	bool removed;
	struct rw_extra *extras, *before; /* before: `import a` that must stay */
	struct rw_stmt *next;
};

/* A name that gets a meaning in a scope by what has been decided. */
struct rw_claim {
	struct qf_py_scope *scope;
	struct qf_str name, path;
	const struct rw_group *group;
	struct rw_claim *next;
};

/* Where the cells of a notebook begin in the text. */
struct rw_parts {
	const size_t *start;
	size_t n;
};

/* A name in one of the texts inside the file. */
struct rw_text_name {
	struct qf_str name;
	struct rw_unit *unit;
	const struct qf_py_node *node;
};

struct rw {
	const struct qf_rewrite_in *in;
	struct qf_rewrite_out *out;
	struct qf_arena arena;
	struct qf_str source;
	struct rw_unit file;	/* the file; its `next` are the texts inside */
	struct qf_py_scopes scopes;
	struct rw_entry *entries;
	size_t n_entries;
	const struct rw_entry **renamed; /* symbols whose last name changes, by name */
	size_t n_renamed;
	bool ascii_only;	/* other names cannot be written in this file's encoding */
	struct rw_stmt *stmts, **end_stmts;
	struct rw_group *groups, **end_groups;
	struct rw_group **by_symbol; /* hash table */
	size_t by_symbol_size, n_groups;
	struct rw_claim *claims;
	struct rw_text_name *text_names; /* sorted by name */
	size_t n_text_names, cap_text_names;
	const struct rw_parts *cells; /* NULL: it is one file */
	struct qf_py_node **watches; /* watch.c: ends in NULL; NULL: not looked for yet */
	bool *done;		/* for each token of the file: a name or string that has been dealt with */
};

bool qf_rw_target(const struct rw *r, struct qf_str path, struct rw_target *ret);
/* The symbol entry of this very path, or NULL. */
const struct rw_entry *qf_rw_entry(const struct rw *r, struct qf_str path);
/* The entry of a symbol that is called so and gets another name, or NULL. */
const struct rw_entry *qf_rw_renamed(const struct rw *r, struct qf_str name);
/* Does an entry stand above, at or below the path? Without renames all that there is counts. */
bool qf_rw_relevant(const struct rw *r, struct qf_str path);
void qf_rw_entries(struct rw *r);

/* ---- rewrite.c ---- */

/* The rule that a finding about a whole file names. */
const char *qf_rw_any_rule(const struct qf_rewrite_in *in);
/* qf_rewrite_python for the code of a notebook too. */
int qf_rw_python(const struct qf_rewrite_in *in, const struct rw_parts *cells, struct qf_rewrite_out *out,
		 struct qf_err *err) QF_CHECK;
void qf_rw_edit(struct rw *r, size_t at, size_t n, struct qf_str text);
void qf_rw_left(struct rw *r, size_t at, size_t n, const char *rule, const char *reason);
/* The byte of the file at which a token of a unit begins, and the text of it. */
static inline size_t qf_rw_at(const struct rw_unit *u, uint32_t token)
{
	return u->base + u->tokens.tok[token].start;
}
static inline size_t qf_rw_end(const struct rw_unit *u, uint32_t token)
{
	return u->base + u->tokens.tok[token].end;
}
/* A name as Python compares it. */
struct qf_str qf_rw_name(struct rw *r, const struct rw_unit *u, uint32_t token);
/* The next or previous token that is no comment or blank line; QF_PY_NONE where there is none. */
uint32_t qf_rw_next(const struct rw_unit *u, uint32_t token);
uint32_t qf_rw_prev(const struct rw_unit *u, uint32_t token);
/* Tokenises, parses and lists the nodes of a unit whose base is set. */
int qf_rw_unit(struct rw *r, struct rw_unit *u, struct qf_str source, bool expression, struct qf_err *err) QF_CHECK;
/* Reads the file and finds all groups and uses in it; edits nothing. */
int qf_rw_open(struct rw *r, const struct qf_rewrite_in *in, struct qf_rewrite_out *out,
	       struct qf_err *err) QF_CHECK;
void qf_rw_close(struct rw *r);
/* Is `inner` the scope, or inside it? */
bool qf_rw_inside(const struct qf_py_scope *inner, const struct qf_py_scope *scope);
/* Steps through all scopes: the one after this, NULL after the last. */
struct qf_py_scope *qf_rw_scope_after(struct qf_py_scope *scope);

/* ---- bindings.c: imports and what they bind ---- */

void qf_rw_imports(struct rw *r);
struct rw_group *qf_rw_group(const struct rw *r, const struct qf_py_symbol *symbol);
struct rw_group *qf_rw_group_add(struct rw *r, enum rw_group_kind kind, struct qf_py_symbol *symbol,
				 struct qf_py_scope *scope, struct qf_str name);
void qf_rw_group_path(struct rw *r, struct rw_group *g, struct qf_str path);
/* The group of a module-level name that only a star import can bind, or NULL. */
struct rw_group *qf_rw_star_group(struct rw *r, struct qf_str name);
/* The absolute module of level dots and rest, seen from a module; p NULL where it is beyond the top. */
struct qf_str qf_rw_absolute(struct rw *r, unsigned level, struct qf_str rest);
/* Groups of variables that hold a module, and of names defined here. */
void qf_rw_variables(struct rw *r);
void qf_rw_definitions(struct rw *r);

/* ---- resolve.c: what an expression means ---- */

/* The symbol that holds the value of a name expression, or NULL. */
struct qf_py_symbol *qf_rw_binding(struct rw *r, const struct rw_unit *u, const struct qf_py_node *name);
struct rw_group *qf_rw_name_group(struct rw *r, const struct rw_unit *u, const struct qf_py_node *name);
/* The old path that an expression stands for, or an empty text. k: which of several. */
struct qf_str qf_rw_resolve(struct rw *r, const struct rw_unit *u, const struct qf_py_node *expr, size_t k);
/* The content of an expression that is one plain literal; p NULL else. *token is it. */
struct qf_str qf_rw_literal(const struct rw_unit *u, const struct qf_py_node *expr, uint32_t *token);

/* What a function does with the strings that it is given. */
enum rw_call {
	RW_CALL_NONE,
	RW_CALL_TARGET,	  /* a dotted path first: patch, import_module, .. */
	RW_CALL_IMPORT,	  /* the same, and the value is the module */
	RW_CALL_SAME,	  /* gives back the module that it is given: reload */
	RW_CALL_PATH,	  /* "a.b:c" too */
	RW_CALL_MULTIPLE, /* patch.multiple */
	RW_CALL_ATTR,	  /* an object and the name of its attribute */
	RW_CALL_SETATTR,  /* either of both: monkeypatch.setattr */
	RW_CALL_ITEM,	  /* a mapping and a key: monkeypatch.setitem */
	RW_CALL_DICT,	  /* patch.dict: a target and a dict */
	RW_CALL_MODULES,  /* a method of sys.modules */
	RW_CALL_TYPE0, RW_CALL_TYPE1, RW_CALL_TYPES, /* annotations: the first argument, the second, all but it */
	RW_CALL_CODE,	  /* exec, eval */
};
enum rw_call qf_rw_call(struct rw *r, const struct rw_unit *u, const struct qf_py_node *call);
/* An argument by its place, or by one of its keywords (a text "target|name"). */
struct qf_py_node *qf_rw_argument(const struct rw_unit *u, const struct qf_py_node *call, unsigned place,
				  const char *keywords);

/* ---- refs.c, texts.c ---- */

void qf_rw_texts(struct rw *r);	 /* finds string annotations and type comments */
void qf_rw_refs(struct rw *r);	 /* finds all uses of groups */
/* The chain of attributes that begins at a node. *top is the whole of it. */
void qf_rw_chain(struct rw *r, const struct rw_unit *u, struct qf_py_node *base, struct rw_ref *ref,
		 struct qf_py_node **top);

/* ---- decide.c, clash.c ---- */

void qf_rw_decide(struct rw *r);
void qf_rw_text_names(struct rw *r);
enum rw_clash { RW_FREE, RW_MERGE, RW_CLASH };
/* May the uses of a group be written as `want`? path: what it stands for then. */
enum rw_clash qf_rw_clash(struct rw *r, const struct rw_group *g, struct qf_str want, struct qf_str path);
void qf_rw_claim(struct rw *r, const struct rw_group *g, struct qf_str want, struct qf_str path);
void qf_rw_decide_root(struct rw *r, struct rw_group *g);
/* Is `after` the file itself, and `before` another module? */
bool qf_rw_own_module(const struct rw *r, struct qf_str before, struct qf_str after);
/* Nothing of the group is changed: each import says why. */
void qf_rw_leave(struct rw *r, struct rw_group *g, const char *reason);
/* An import of a module (name empty) or name that is to stand behind the statement of an item. */
void qf_rw_extra(struct rw *r, const struct rw_group *g, struct rw_item *item, struct qf_str module,
		 struct qf_str name);
/* The old path of a use, seen as one of the group's paths. */
struct qf_str qf_rw_used_path(struct rw *r, const struct rw_ref *ref, struct qf_str path);

/* ---- watch.c ---- */

/* The literal by which a call of globals() is asked for one name, or NULL where it may show any. */
const struct qf_py_node *qf_rw_globals_key(const struct rw *r, const struct qf_py_node *call);
/* A place that may read the names of the group's scope by their text (locals(), globals(), ..), or NULL. */
const struct qf_py_node *qf_rw_watched(struct rw *r, const struct rw_group *g);

/* ---- imports.c, statements.c ---- */

void qf_rw_write_imports(struct rw *r);
/* Some nodes of a list are removed, commas and all; not all of them. `loose`: it stands between brackets. */
enum rw_gone { RW_STAYS, RW_GONE, RW_GONE_WITH_COMMENT /* that stands behind it in its line */ };
void qf_rw_remove(struct rw *r, struct qf_py_node *const *nodes, const uint8_t *gone, size_t n, bool loose);
/* The comment that belongs to a node alone: both have the line for themselves. QF_PY_NONE: there is none. */
uint32_t qf_rw_own_comment(const struct rw_unit *u, const struct qf_py_node *node);
void qf_rw_remove_statement(struct rw *r, const struct rw_stmt *stmt, bool pass);
/* Puts statements before or behind an import statement, in its style. */
void qf_rw_insert(struct rw *r, const struct rw_stmt *stmt, struct qf_str text, bool before);

/* ---- uses.c, strings.c, all.c, leftovers.c ---- */

void qf_rw_write_uses(struct rw *r);
/* Rewrites the names of a chain; false where that cannot be done. */
bool qf_rw_write_parts(struct rw *r, const struct rw_part *parts, size_t n, struct qf_str to);
void qf_rw_write_strings(struct rw *r);
/* The package from which the relative name of import_module(text, package) is seen, empty where it is not known;
 * *rest: the name without its dots. moved: where the file is in the end. */
struct qf_str qf_rw_relative(struct rw *r, const struct qf_py_node *call, struct qf_str text, bool moved,
			     struct qf_str *rest);
/* An entry whose old name, or the package of it, stands in a text as a whole word; NULL: none. */
const struct rw_entry *qf_rw_mentioned(const struct rw *r, struct qf_str text, bool package);
void qf_rw_write_all(struct rw *r);
/* Groups of the names that __all__ lists and a star import brings. */
void qf_rw_all_names(struct rw *r);
/* What a name of the module level is called in the end; p NULL where it stays. */
struct qf_str qf_rw_new_name(struct rw *r, struct qf_str name);
/* A place where __all__ gets names that cannot be told from the text, or NULL. */
const struct qf_py_node *qf_rw_all_unknown(struct rw *r);
/* Does __all__ name it? */
bool qf_rw_exported(struct rw *r, struct qf_str name);
void qf_rw_leftovers(struct rw *r);
void qf_rw_derive(struct rw *r);

#endif
