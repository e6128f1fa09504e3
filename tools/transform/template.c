#include "tools/transform/template.h"

/* The closing brace of what begins at p; quotes group. */
static const char *closing(const char *p)
{
	bool quoted = false;

	for (; *p && (quoted || *p != '}'); p++)
		quoted ^= *p == '"';
	return *p ? p : NULL;
}

static void add_text(struct qf_template *t, struct qf_buf *text, struct qf_arena *arena)
{
	if (text->n)
		t->pieces[t->n++] = (struct qf_template_piece){ .text = qf_arena_dup(arena, text->p, text->n) };
	qf_buf_reset(text);
}

int qf_template_compile(struct qf_template *t, const struct qf_conf *conf, const struct qf_node *at,
			const char *text, struct qf_arena *arena, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf plain = { 0 };
	size_t braces = 0;
	const char *end, *path;

	for (const char *p = text; *p; p++)
		braces += *p == '{';
	*t = (struct qf_template){ .pieces = qf_arena_alloc(arena, (2 * braces + 1) * sizeof(*t->pieces)) };
	for (const char *p = text; *p; p++) {
		struct qf_template_piece *piece;

		if ((*p == '{' || *p == '}') && p[1] == *p) {
			qf_buf_addc(&plain, *p++);
			continue;
		}
		if (*p == '}')
			return qf_node_error(conf, at, err, "'%s': a '}' ends nothing; for the sign itself write '}}'", text);
		if (*p != '{') {
			qf_buf_addc(&plain, *p);
			continue;
		}
		end = closing(++p);
		if (!end)
			return qf_node_error(conf, at, err, "'%s': the '{' has no end; for the sign itself write '{{'", text);
		add_text(t, &plain, arena);
		piece = &t->pieces[t->n++];
		*piece = (struct qf_template_piece){ 0 };
		path = qf_arena_dup(arena, p, (size_t)(end - p)).p;
		if (qf_path_compile(&piece->path, conf, at, path, true, arena, err) < 0)
			return -1;
		t->from_payload |= piece->path.field == QF_PATH_PAYLOAD;
		p = end;
	}
	add_text(t, &plain, arena);
	return 0;
}

void qf_template_rebase(struct qf_template *t, struct qf_path *target, struct qf_arena *arena)
{
	struct qf_path **paths = qf_arena_alloc(arena, (t->n + 1) * sizeof(*paths));
	size_t n = 0;

	paths[n++] = target;
	for (size_t i = 0; i < t->n; i++)
		if (!t->pieces[i].text.p)
			paths[n++] = &t->pieces[i].path;
	qf_paths_rebase(paths, n, &t->base, arena);
}

int qf_template_text(const struct qf_template *t, struct qf_record *rec, struct qf_val *object,
		     enum qf_template_absent absent, struct qf_arena *arena, struct qf_str *ret,
		     struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	size_t path = 0;

	*ret = (struct qf_str){ 0 };
	for (size_t i = 0; i < t->n; i++) {
		const struct qf_template_piece *piece = &t->pieces[i];
		struct qf_val *v;

		if (piece->text.p) {
			qf_buf_add_str(&out, piece->text);
			continue;
		}
		path++;
		if (object && piece->path.field == QF_PATH_PAYLOAD)
			v = qf_path_first(&piece->path, qf_val_up(object, t->base.up[path]), arena);
		else if (qf_path_value(&piece->path, rec, arena, &v, err) < 0)
			return -1;
		if (!v || v->type == QF_JSON_NULL) {
			if (absent == QF_TEMPLATE_SKIP)
				return 0;
			if (absent == QF_TEMPLATE_FAIL)
				return qf_err_set(err, QF_E_DATA, "'%s' is %s, and the template asks for it", piece->path.text.p,
						  v ? "null" : "not there");
			continue;
		}
		if (v->type == QF_JSON_ARRAY || v->type == QF_JSON_OBJECT)
			return qf_err_set(err, QF_E_DATA, "'%s' is an %s, which cannot stand in a text: %s", piece->path.text.p,
					  qf_val_type_name(v), qf_val_show(v, arena));
		qf_buf_add_str(&out, qf_val_as_text(v, arena));
	}
	*ret = qf_arena_dup(arena, out.p ? out.p : "", out.n);
	return 0;
}
