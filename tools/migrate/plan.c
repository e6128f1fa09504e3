#include "tools/migrate/plan.h"

#include <stdlib.h>

void qf_argv_add(struct qf_argv *a, const char *arg)
{
	if (a->n + 2 > a->cap) {
		a->cap = 2 * a->cap + 16;
		a->list = qf_realloc(a->list, a->cap, sizeof(*a->list));
	}
	a->list[a->n++] = arg;
	a->list[a->n] = NULL;
}

void qf_argv_add_all(struct qf_argv *a, const struct qf_argv *more)
{
	for (size_t i = 0; i < more->n; i++)
		qf_argv_add(a, more->list[i]);
}

void qf_plan_release(struct qf_plan *plan)
{
	qf_chain_free(plan->chain);
	free(plan->extract.list);
	free(plan->load.list);
	qf_arena_release(&plan->arena);
	*plan = (struct qf_plan){ 0 };
}

/* One side: the word behind `kind`, one of those that migrate can drive. */
static int read_side(const struct qf_conf *conf, const char *side, const char *const *kinds, size_t n,
		     const char **ret, struct qf_err *err)
{
	const char *example = kinds[0], *near;
	bool known = false;

	const struct qf_node *map = qf_node_get(conf->root, side), *kind = qf_node_get(map, "kind");

	if (!map)
		return qf_node_error(conf, NULL, err, "the plan has no '%s:'; it begins with '%s: {kind: %s, url: ...}'",
				     side, side, example);
	if (map->kind != QF_NODE_MAP)
		return qf_node_error(conf, map, err, "%s must be a map: '%s: {kind: %s, url: ...}'", side, side,
				     example);
	if (!kind)
		return qf_node_error(conf, map, err, "%s does not say of what kind it is: 'kind: %s'", side, example);
	if (kind->kind != QF_NODE_SCALAR || !*kind->text || *kind->text == '-')
		return qf_node_error(conf, kind, err, "the kind of the %s is one word, such as '%s'", side, example);
	for (size_t i = 0; i < n; i++)
		known |= !strcmp(kind->text, kinds[i]);
	if (!known) {
		near = qf_str_nearest(kind->text, kinds, n);
		return qf_node_error(conf, kind, err, "migrate knows no %s of kind '%s'; did you mean '%s'?", side,
				     kind->text, near ? near : example);
	}
	*ret = kind->text;
	return 0;
}

/* A map of flags for a stage: {jobs: 4, tenant: [a, b]} is --jobs=4 --tenant=a --tenant=b. */
static int read_flags(struct qf_plan *plan, const struct qf_conf *conf, const char *name,
		      struct qf_argv *flags, struct qf_err *err)
{
	const struct qf_node *map = qf_node_get(conf->root, name);

	if (!map)
		return 0;
	if (map->kind != QF_NODE_MAP)
		return qf_node_error(conf, map, err, "%s must be a map of that command's flags: '%s: {jobs: 4}'", name,
				     name);
	for (const struct qf_node *k = map->child; k; k = k->next) {
		const struct qf_node *v = k->kind == QF_NODE_LIST ? k->child : k;
		char *flag = (char *)qf_arena_dup(&plan->arena, k->key, strlen(k->key)).p;

		for (char *c = flag; *c; c++)
			*c = *c == '_' ? '-' : *c;
		if (!strcmp(flag, "report") || !strcmp(flag, "config") || !strcmp(flag, "progress") ||
		    !strcmp(flag, "log-format"))
			return qf_node_error(conf, k, err, "%s: migrate sets --%s itself", name, flag);
		if (k->kind == QF_NODE_MAP)
			return qf_node_error(conf, k, err, "%s: a value or a list of values is expected", k->key);
		for (; v; v = v->next) {
			if (v->kind != QF_NODE_SCALAR)
				return qf_node_error(conf, v, err, "%s: each item must be a single value", k->key);
			qf_argv_add(flags, qf_arena_printf(&plan->arena, "--%s=%s", flag, v->text).p);
			if (v == k)
				break;
		}
	}
	return 0;
}

static const char *scalar(const struct qf_conf *conf, const char *map, const char *key)
{
	const struct qf_node *node = qf_node_get(qf_node_get(conf->root, map), key);

	return node && node->kind == QF_NODE_SCALAR && *node->text ? node->text : NULL;
}

/* What load takes whatever the target is; under `target` nobody would read it. */
static int check_places(const struct qf_conf *conf, struct qf_err *err)
{
	static const char *const of_load[] = { "collection", "jobs", "on-error", "dead-letter" };

	for (size_t i = 0; i < QF_LEN(of_load); i++) {
		const struct qf_node *node = qf_node_get(qf_node_get(conf->root, "target"), of_load[i]);

		if (node)
			return qf_node_error(conf, node, err, "%s belongs under 'load:', not under 'target:'",
					     of_load[i]);
	}
	return 0;
}

static int read_verify(struct qf_plan *plan, const struct qf_conf *conf, struct qf_err *err)
{
	const struct qf_node *node = qf_node_get(conf->root, "verify");

	plan->verify = true;
	if (!node || (node->kind == QF_NODE_SCALAR && !strcmp(node->text, "counts")))
		return 0;
	if (node->kind != QF_NODE_SCALAR || strcmp(node->text, "none") != 0)
		return qf_node_error(conf, node, err, "verify is 'counts' or 'none'");
	plan->verify = false;
	return 0;
}

int qf_plan_read(struct qf_plan *plan, const struct qf_conf *conf, struct qf_err *err)
{
	static const char *const sources[] = { "weaviate" }, *const targets[] = { "qdrant" };
	static const char *const keys[] = { "source", "extract", "transform", "steps", "target", "load",
					    "verify", "migrate" };
	const struct qf_step *recounts;

	if (!conf->root)
		return qf_node_error(conf, NULL, err,
				     "the plan is empty; configs/migrate.yaml is a commented one to start from");
	if (qf_node_check_keys(conf, conf->root, "a plan", keys, QF_LEN(keys), err) < 0 ||
	    read_side(conf, "source", sources, QF_LEN(sources), &plan->source, err) < 0 ||
	    read_side(conf, "target", targets, QF_LEN(targets), &plan->target, err) < 0 || check_places(conf, err) < 0 ||
	    read_verify(plan, conf, err) < 0 ||
	    read_flags(plan, conf, "extract", &plan->extract, err) < 0 ||
	    read_flags(plan, conf, "load", &plan->load, err) < 0)
		return -1;
	plan->collection = scalar(conf, "load", "collection");
	plan->dead_letter = scalar(conf, "load", "dead-letter");
	plan->chain = qf_chain_new();
	if (qf_chain_add_conf(plan->chain, conf, err) < 0)
		return -1;
	recounts = qf_chain_recounts(plan->chain);
	/* Better no migration than one that calls left out points lost, or lost ones left out. */
	if (recounts && (plan->verify || recounts->spreads))
		return qf_node_error(conf, qf_node_get(qf_node_get(conf->root, "transform"), "steps"), err,
				     "after the step '%s' a collection has another number of points, and migrate compares "
				     "the numbers of both sides; use the pipe: fortress extract .. | fortress transform -c "
				     "MAPPING | fortress load ..", recounts->name);
	return 0;
}
