/* The text that stands for a point: a property, or several put together. */
#ifndef QF_TRANSFORM_EMBED_TEXT_H
#define QF_TRANSFORM_EMBED_TEXT_H

#include "tools/transform/path.h"

struct qf_embed_part {
	struct qf_str literal;	/* p == NULL: the path */
	struct qf_path path;
};

/* Zero-initialise. Parts lie in the arena of the parse. */
struct qf_embed_template {
	struct qf_embed_part *parts;
	size_t n;
};

/*
 * "text" is a property; with braces it is a pattern: "{title}\n{text}", where "{{" and "}}" are
 * braces. Error: QF_E_CONFIG at the node.
 */
int qf_embed_template_parse(struct qf_embed_template *t, const struct qf_conf *conf, const struct qf_node *at,
			    const char *text, struct qf_arena *arena, struct qf_err *err) QF_CHECK;

/*
 * The text behind out. Strings as they are, numbers as written, true and false; of arrays (and of a
 * path with several places) what they hold, joined by ", "; null and absent are nothing. *any: is
 * there anything but blanks in what the paths gave? Error: QF_E_DATA (an object).
 */
int qf_embed_template_fill(const struct qf_embed_template *t, struct qf_record *rec, struct qf_arena *arena,
			   struct qf_buf *out, bool *any, struct qf_err *err) QF_CHECK;

#endif
