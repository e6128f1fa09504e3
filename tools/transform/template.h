/*
 * Texts with places to fill in: "{title} - {year}", "{@id}". "{{" and "}}" are braces. What stands in
 * braces is a path as elsewhere.
 */
#ifndef QF_TRANSFORM_TEMPLATE_H
#define QF_TRANSFORM_TEMPLATE_H

#include "tools/transform/values.h"

/* What becomes of the text where a value is null or not there. */
enum qf_template_absent { QF_TEMPLATE_FAIL, QF_TEMPLATE_EMPTY, QF_TEMPLATE_SKIP };
#define QF_TEMPLATE_ABSENT_CHOICES "fail|empty|skip"

struct qf_template_piece {
	struct qf_str text;
	struct qf_path path; /* where text.p == NULL */
};

struct qf_template {
	struct qf_template_piece *pieces;
	size_t n;
	bool from_payload; /* does it read properties, or fields of the record alone? */
	struct qf_base base; /* of qf_template_rebase */
};

/* Memory is the arena's. Error: QF_E_CONFIG at the node. */
int qf_template_compile(struct qf_template *t, const struct qf_conf *conf, const struct qf_node *at,
			const char *text, struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/* Makes the template's paths and the target's go on from t->base (see qf_paths_rebase). */
void qf_template_rebase(struct qf_template *t, struct qf_path *target, struct qf_arena *arena);

/*
 * The text for a record; p == NULL where it is left out (SKIP). Numbers stand as written, booleans
 * as true and false. object: one of t->base, or NULL for a template that was not rebased. Error:
 * QF_E_DATA (absent, or an object or array).
 */
int qf_template_text(const struct qf_template *t, struct qf_record *rec, struct qf_val *object,
		     enum qf_template_absent absent, struct qf_arena *arena, struct qf_str *ret,
		     struct qf_err *err) QF_CHECK;

#endif
