/* The sections of a rules file, each read and checked by a function of its own. For the files of this folder only. */
#ifndef QF_ALIGN_SECTIONS_H
#define QF_ALIGN_SECTIONS_H

#include "tools/align/rules/rules.h"

/* All of them. conf is read, root set, the rest zeroed; what is done so far is released by qf_rules_release. */
int qf_rules_sections(struct qf_rules *r, const char *today, struct qf_err *err) QF_CHECK;

int qf_rules_mappings(struct qf_rules *r, struct qf_err *err) QF_CHECK;	 /* modules: and symbols: */
int qf_rules_check_moved(struct qf_rules *r, struct qf_err *err) QF_CHECK; /* when mappings, moves and roots are read */
int qf_rules_moves(struct qf_rules *r, struct qf_err *err) QF_CHECK;	 /* files: */
int qf_rules_documents(struct qf_rules *r, struct qf_err *err) QF_CHECK; /* documents: */
int qf_rules_allow(struct qf_rules *r, const char *today, struct qf_err *err) QF_CHECK; /* allow:, after the others */

/* The keys of each map, for the checks and for the test that holds configs/align.schema.json to them. */
struct qf_rules_keys {
	const char *what; /* in messages: "a system" */
	const char *names[10];
};
extern const struct qf_rules_keys qf_rules_top_keys, qf_rules_python_keys, qf_rules_system_keys, qf_rules_mapping_keys,
	qf_rules_move_keys, qf_rules_document_keys, qf_rules_allow_keys;
int qf_rules_check_keys(const struct qf_rules *r, const struct qf_node *map, const struct qf_rules_keys *keys,
			struct qf_err *err) QF_CHECK;

/* ---- values ---- */

/* Not there, nothing behind the colon, null, or an empty list or map. */
bool qf_rules_is_nothing(const struct qf_node *node);
/* A list, or nothing at all (then *first is NULL and *n 0). */
int qf_rules_list(const struct qf_rules *r, const struct qf_node *node, const struct qf_node **first, size_t *n,
		  struct qf_err *err) QF_CHECK;
/* The text under a key of map: not empty, no control characters. *ret NULL where it is neither there nor needed. */
int qf_rules_text(const struct qf_rules *r, const struct qf_node *map, const struct qf_rules_keys *keys,
		  const char *key, bool needed, const char **ret, struct qf_err *err) QF_CHECK;
/* The same of prose: line ends become blanks. */
int qf_rules_prose(struct qf_rules *r, const struct qf_node *map, const struct qf_rules_keys *keys, const char *key,
		   bool needed, const char **ret, struct qf_err *err) QF_CHECK;
/* One text or a list of them, none empty, none twice. A NULL node gives none. */
int qf_rules_texts(struct qf_rules *r, const struct qf_node *node, struct qf_names *ret, struct qf_err *err) QF_CHECK;
/* The same as path patterns; *ret NULL where there is no node. */
int qf_rules_globs(struct qf_rules *r, const struct qf_node *node, struct qf_globs **ret, struct qf_err *err) QF_CHECK;
/* A map of texts. */
int qf_rules_pairs(struct qf_rules *r, const struct qf_node *node, struct qf_rename **ret, size_t *n,
		   struct qf_err *err) QF_CHECK;
/* The n-th value of a map or list. */
const struct qf_node *qf_rules_nth(const struct qf_node *node, size_t i);
/* The node of a text of qf_rules_texts: an item, or the node where it is one text. */
const struct qf_node *qf_rules_item(const struct qf_node *node, size_t i);

/* A name as Python writes it; ASCII is checked, other characters are taken. */
bool qf_rules_is_identifier(const char *s, size_t n);
/* NULL, or what is wrong with a path pattern. */
const char *qf_rules_glob_error(const char *pattern);
/* A day of the calendar as YYYY-MM-DD and nothing else? */
bool qf_rules_is_date(struct qf_str s);
/* The name of a system (any case), or what stands under `from` of a mapping or move, as the rules spell it; or NULL. */
const char *qf_rules_find(const struct qf_rules *r, struct qf_str name);

#endif
