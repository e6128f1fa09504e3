#include "tools/transform/embed_text.h"

#include "common/base/buf.h"

static struct qf_embed_part *add_part(struct qf_embed_template *t, size_t *cap, struct qf_arena *arena)
{
	if (t->n == *cap) {
		struct qf_embed_part *more = qf_arena_zalloc(arena, (*cap ? 2 * *cap : 4) * sizeof(*more));

		if (t->n)
			memcpy(more, t->parts, t->n * sizeof(*more));
		t->parts = more;
		*cap = *cap ? 2 * *cap : 4;
	}
	return &t->parts[t->n++];
}

static int add_path(struct qf_embed_template *t, size_t *cap, const struct qf_conf *conf, const struct qf_node *at,
		    const char *text, size_t n, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_embed_part *part = add_part(t, cap, arena);

	return qf_path_compile(&part->path, conf, at, qf_arena_dup(arena, text, n).p, true, arena, err);
}

int qf_embed_template_parse(struct qf_embed_template *t, const struct qf_conf *conf, const struct qf_node *at,
			    const char *text, struct qf_arena *arena, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf literal = { 0 };
	bool any = false;
	size_t cap = 0;

	if (!strpbrk(text, "{}"))
		return add_path(t, &cap, conf, at, text, strlen(text), arena, err);
	for (const char *p = text; *p;) {
		if ((*p == '{' || *p == '}') && p[1] == *p) {
			qf_buf_addc(&literal, *p);
			p += 2;
		} else if (*p == '}') {
			return qf_node_error(conf, at, err, "'%s': a '}' without its '{'; a brace itself is '}}'", text);
		} else if (*p == '{') {
			size_t n = strcspn(p + 1, "}");

			if (p[1 + n] != '}')
				return qf_node_error(conf, at, err, "'%s': a '{' is not closed; a brace itself is '{{'", text);
			if (literal.n)
				add_part(t, &cap, arena)->literal = qf_arena_dup(arena, literal.p, literal.n);
			qf_buf_reset(&literal);
			if (add_path(t, &cap, conf, at, p + 1, n, arena, err) < 0)
				return -1;
			any = true;
			p += n + 2;
		} else {
			qf_buf_addc(&literal, *p++);
		}
	}
	if (literal.n)
		add_part(t, &cap, arena)->literal = qf_arena_dup(arena, literal.p, literal.n);
	return any ? 0 : qf_node_error(conf, at, err, "'%s' names no property: \"{title}\\n{text}\"", text);
}

static int add_value(struct qf_val *v, struct qf_arena *arena, struct qf_buf *out, bool *first,
		     struct qf_err *err)
{
	struct qf_str text = { 0 };

	switch (v->type) {
	case QF_JSON_NULL:
		return 0;
	case QF_JSON_BOOL:
		text = v->boolean ? QF_STR("true") : QF_STR("false");
		break;
	case QF_JSON_NUMBER:
	case QF_JSON_STRING:
		text = qf_val_text(v, arena);
		break;
	case QF_JSON_ARRAY:
		for (struct qf_val *c = qf_val_first(v, arena); c; c = c->next)
			if (add_value(c, arena, out, first, err) < 0)
				return -1;
		return 0;
	case QF_JSON_OBJECT:
		return qf_err_set(err, QF_E_DATA, "it is an object and no text: %s", qf_val_show(v, arena));
	}
	if (!text.n)
		return 0;
	if (!*first)
		QF_BUF_LIT(out, ", ");
	*first = false;
	qf_buf_add_str(out, text);
	return 0;
}

static int add_places(const struct qf_path *path, struct qf_record *rec, struct qf_arena *arena, struct qf_buf *out,
		      struct qf_err *err)
{
	struct qf_val *root, *value, **found = &value;
	bool first = true;
	size_t n = 1;

	if (path->field != QF_PATH_PAYLOAD) {
		if (qf_path_value(path, rec, arena, &value, err) < 0)
			return -1;
		n = value != NULL;
	} else {
		if (qf_payload_get(rec, arena, &root, err) < 0)
			return -1;
		n = qf_path_all(path, root, arena, &found);
	}
	for (size_t i = 0; i < n; i++)
		if (add_value(found[i], arena, out, &first, err) < 0)
			return qf_err_wrap(err, "'%s'", path->text.p);
	return 0;
}

int qf_embed_template_fill(const struct qf_embed_template *t, struct qf_record *rec, struct qf_arena *arena,
			   struct qf_buf *out, bool *any, struct qf_err *err)
{
	*any = false;
	for (size_t i = 0; i < t->n; i++) {
		size_t from = out->n;

		if (t->parts[i].literal.p) {
			qf_buf_add_str(out, t->parts[i].literal);
			continue;
		}
		if (add_places(&t->parts[i].path, rec, arena, out, err) < 0)
			return -1;
		for (size_t k = from; k < out->n && !*any; k++)
			*any = !strchr(" \t\r\n", out->p[k]);
	}
	return 0;
}
