/*
 * Names in steps that nothing in the source has. transform alone can only warn at the end of a stream;
 * here the collections are known before anything is written.
 */
#include "tools/migrate/migrate.h"

struct names {
	const char **list;
	size_t n, cap;
};

struct check {
	struct qf_migration *m;
	struct qf_chain *chain;
	struct qf_batch lines;		/* as they come to the step that is looked at */
	const struct qf_node *item;	/* the step in the plan */
	size_t number;			/* of it, from 1 */
	const char *step;
	struct qf_err *err;
};

static void add_name(struct names *names, struct qf_str name, struct qf_arena *arena)
{
	for (size_t i = 0; i < names->n; i++)
		if (qf_str_is(name, names->list[i]))
			return;
	QF_GROW(names->list, names->n, names->cap);
	names->list[names->n++] = qf_arena_dup(arena, name.p, name.n).p;
}

/* The top level of a path: what stands before the first dot or bracket, or within its quotes. */
static struct qf_str top_of(struct qf_str path)
{
	size_t n = 0;

	if (path.n > 1 && path.p[0] == '"') {
		const char *close = memchr(path.p + 1, '"', path.n - 1);

		return close ? (struct qf_str){ path.p + 1, (size_t)(close - path.p - 1) } : path;
	}
	while (n < path.n && path.p[n] != '.' && path.p[n] != '[')
		n++;
	return (struct qf_str){ path.p, n };
}

static int unknown(struct check *c, const struct qf_node *at, const char *what, const char *name,
		   const struct names *names)
{
	const char *near = qf_str_nearest(name, names->list, names->n);

	qf_node_error(c->m->conf, at, c->err, "step %zu (%s): no %s '%s' is in the source", c->number, c->step,
		      what, name);
	return near ? qf_err_hint(c->err, "; did you mean '%s'?", near) : -1;
}

static int check_collection(struct check *c, const struct qf_node *at, const char *name)
{
	struct names names = { 0 };
	bool known = false;
	int rc;

	for (size_t i = 0; i < c->lines.n; i++)
		add_name(&names, c->lines.rec[i].collection, &c->m->arena);
	/* One that an earlier step has left out or renamed is no misspelt one. */
	for (size_t i = 0; i < c->m->n_origins; i++)
		add_name(&names, c->m->origins[i].name, &c->m->arena);
	for (size_t i = 0; i < names.n && !known; i++)
		known = !strcmp(names.list[i], name);
	rc = known ? 0 : unknown(c, at, "collection", name, &names);
	free(names.list);
	return rc;
}

/* Adds what a line declares; false where it declares nothing, so that anything may be in its points. */
static bool add_properties(struct names *names, const struct qf_json *doc, struct qf_arena *arena)
{
	const struct qf_json *payload = qf_json_get(doc, "payload");

	for (const struct qf_json *p = payload ? payload->child : NULL; p; p = p->next)
		add_name(names, top_of(p->key), arena);
	return payload && payload->child;
}

static int check_property(struct check *c, const struct qf_node *at, const char *path)
{
	struct qf_str top = top_of(qf_str(path));
	struct names names = { 0 };
	bool known = false;
	int rc = 0;

	for (size_t i = 0; i < c->lines.n; i++)
		known |= !add_properties(&names, c->lines.rec[i].doc, &c->m->arena);
	for (size_t i = 0; i < c->m->n_origins; i++)
		known |= !add_properties(&names, c->m->origins[i].source, &c->m->arena);
	for (size_t i = 0; i < names.n && !known; i++)
		known = qf_str_is(top, names.list[i]);
	if (!known)
		rc = unknown(c, at, "property", qf_arena_dup(&c->m->arena, top.p, top.n).p, &names);
	free(names.list);
	return rc;
}

typedef int check_fn(struct check *c, const struct qf_node *at, const char *name);

/* The names of a value: a scalar, the items of a list, or the keys of a map. */
static int check_all(struct check *c, const struct qf_node *value, check_fn *fn)
{
	if (!value)
		return 0;
	if (value->kind == QF_NODE_SCALAR)
		return fn(c, value, value->text);
	for (const struct qf_node *k = value->child; k; k = k->next)
		if (fn(c, k, value->kind == QF_NODE_MAP ? k->key : k->text) < 0)
			return -1;
	return 0;
}

static int check_rename(struct check *c, const struct qf_node *value)
{
	bool groups = false;

	/* As the step tells its two forms apart. */
	for (const struct qf_node *k = value->child; k; k = k->next)
		groups |= k->kind == QF_NODE_MAP;
	if (!groups)
		return check_all(c, value, check_property);
	if (check_all(c, qf_node_get(value, "collections"), check_collection) < 0)
		return -1;
	return check_all(c, qf_node_get(value, "properties"), check_property);
}

static int check_step(struct check *c)
{
	for (const struct qf_node *k = c->item->kind == QF_NODE_MAP ? c->item->child : NULL; k; k = k->next)
		if (strcmp(k->key, "collections") != 0)
			c->step = k->key;
	for (const struct qf_node *k = c->item->kind == QF_NODE_MAP ? c->item->child : NULL; k; k = k->next) {
		int rc = 0;

		if (!strcmp(k->key, "collections") || !strcmp(k->key, "select"))
			rc = check_all(c, k, check_collection);
		else if (!strcmp(k->key, "drop") || !strcmp(k->key, "keep"))
			rc = check_all(c, k, check_property);
		else if (!strcmp(k->key, "rename"))
			rc = check_rename(c, k);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int qf_names_check(struct qf_migration *m, struct qf_err *err)
{
	const struct qf_node *list = qf_node_get(m->conf->root, "steps");
	/* Its own chain: steps learn from what passes through them. */
	struct check c = { .m = m, .chain = qf_chain_new(), .err = err };
	int rc = qf_chain_add_conf(c.chain, m->conf, err);

	if (!list)
		list = qf_node_get(qf_node_get(m->conf->root, "transform"), "steps");
	for (size_t i = 0; i < m->n_origins; i++) {
		struct qf_record *rec = qf_batch_add(&c.lines, QF_REC_COLLECTION);

		rec->collection = m->origins[i].name;
		rec->doc = qf_json_copy(&c.lines.arena, m->origins[i].source);
	}
	c.item = rc == 0 && list && list->kind == QF_NODE_LIST && m->n_origins ? list->child : NULL;
	for (; c.item && rc == 0; c.item = c.item->next) {
		c.step = c.item->text;
		c.number++;
		rc = check_step(&c);
		if (rc == 0 && qf_chain_apply_one(c.chain, c.number - 1, &c.lines, err) < 0)
			rc = qf_err_wrap(err, "transform");
	}
	qf_batch_release(&c.lines);
	qf_chain_free(c.chain);
	return rc;
}
