/*
 * A set of payload paths, and the edit of a payload's raw JSON by it. Only the bytes that an edit
 * names change: the rest, number texts and white space included, is copied as it stands.
 *
 * A path is "title", "address.street" or "parts[].name"; the brackets may be left out, for a path
 * goes through arrays of objects by itself. A part with dots in its name is quoted: "\"a.b\".c".
 */
#ifndef QF_TRANSFORM_PROPS_H
#define QF_TRANSFORM_PROPS_H

#include "common/base/conf.h"
#include "common/base/err.h"
#include "common/data/record.h"

enum qf_props_mode { QF_PROPS_RENAME, QF_PROPS_DROP, QF_PROPS_KEEP };

struct qf_prop {
	struct qf_str name;
	struct qf_str rename;	/* of a leaf in mode RENAME */
	bool leaf;		/* a path ends here */
	bool seen, taken;	/* while an object is edited: the key is there; so is its new name */
	struct qf_prop *child, *next;
};

struct qf_props {
	enum qf_props_mode mode;
	struct qf_prop *first;
	struct qf_arena arena;
	struct qf_buf out; /* scratch of the edit */
};

void qf_props_release(struct qf_props *p);

/*
 * Adds a path. to: the new name in mode RENAME, bare or with the same parents as the path. Error:
 * QF_E_CONFIG at the node (not a path, given twice, moved elsewhere, two paths to one name).
 */
int qf_props_add(struct qf_props *p, const struct qf_conf *conf, const struct qf_node *at,
		 const char *path, const char *to, struct qf_err *err) QF_CHECK;

/*
 * The payload after the edit: the same slice where nothing changes, else arena memory. Error:
 * QF_E_DATA (a new name that stands there already, bad JSON).
 */
int qf_props_edit(struct qf_props *p, struct qf_str json, struct qf_arena *arena,
		  struct qf_str *ret, struct qf_err *err) QF_CHECK;

/* The same for the "payload" member of a collection line; *changed is set where it changes. */
int qf_props_edit_schema(struct qf_props *p, struct qf_json *payload, struct qf_arena *arena,
			 bool *changed, struct qf_err *err) QF_CHECK;

/* Both, on a record: a point's payload or a collection line's schema; others are left alone. */
int qf_props_edit_record(struct qf_props *p, struct qf_record *rec, struct qf_arena *arena,
			 struct qf_err *err) QF_CHECK;

/* In mode KEEP: this top-level key stays though no path names it. */
void qf_props_always(struct qf_props *p, struct qf_str name);
/* The tenant's key, which may have another name than _tenant: a collection line's payload tells it. */
void qf_props_learn_tenant(struct qf_props *p, const struct qf_json *doc);

/* Has the object's raw JSON this key at its top level? *value: its raw text. */
bool qf_props_find(struct qf_str json, const char *key, struct qf_arena *arena,
		   struct qf_str *value);

#endif
