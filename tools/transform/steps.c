#include "tools/transform/chain.h"

#include "qf_steps.h" /* QF_STEPS: X(name) for each name of the list in meson.build */

#define X(name) extern const struct qf_step qf_step_##name;
QF_STEPS
#undef X

#define X(name) &qf_step_##name,
const struct qf_step *const qf_steps[] = { QF_STEPS NULL };
#undef X

/* ---- opening ---- */

/* '-' and '_' are equal, as in other keys. */
static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return *a == *b;
}

static const struct qf_step *find_step(const char *name)
{
	for (size_t i = 0; qf_steps[i]; i++)
		if (same_name(qf_steps[i]->name, name))
			return qf_steps[i];
	return NULL;
}

static int unknown_step(const struct qf_conf *conf, const struct qf_node *at, const char *name,
			struct qf_err *err)
{
	const char *names[64], *near;
	size_t n = 0;

	for (; qf_steps[n] && n < QF_LEN(names); n++)
		names[n] = qf_steps[n]->name;
	near = qf_str_nearest(name, names, n);
	if (near)
		return qf_node_error(conf, at, err, "there is no step '%s'; did you mean '%s'?", name, near);
	return qf_node_error(conf, at, err, "there is no step '%s'; fortress transform --help lists them",
			     name);
}

/* As JSON, so that quotes make a difference only where they make one: "5" and 5. */
static void canonical(const struct qf_node *node, struct qf_buf *out)
{
	if (node->kind == QF_NODE_SCALAR) {
		qf_node_to_json(node, out);
		return;
	}
	qf_buf_addc(out, node->kind == QF_NODE_MAP ? '{' : '[');
	for (const struct qf_node *c = node->child; c; c = c->next) {
		if (c != node->child)
			qf_buf_addc(out, ',');
		if (node->kind == QF_NODE_MAP) {
			qf_json_write_string(out, qf_str(c->key));
			qf_buf_addc(out, ':');
		}
		canonical(c, out);
	}
	qf_buf_addc(out, node->kind == QF_NODE_MAP ? '}' : ']');
}

char *qf_chain_step_text(const char *name, const struct qf_node *value, const struct qf_node *only)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	qf_buf_puts(&out, name);
	if (value) {
		QF_BUF_LIT(&out, "=");
		canonical(value, &out);
	}
	if (only) {
		QF_BUF_LIT(&out, " collections=");
		canonical(only, &out);
	}
	qf_buf_addc(&out, '\n');
	return qf_strndup(out.p, out.n);
}

/* The forms that the value has, of which the step must take one. */
static unsigned form_of(const struct qf_node *value)
{
	if (!value)
		return QF_STEP_NOTHING;
	return value->kind == QF_NODE_MAP    ? QF_STEP_OPTS | QF_STEP_PAIRS
	       : value->kind == QF_NODE_LIST ? QF_STEP_WORDS
					     : QF_STEP_WORD | QF_STEP_WORDS;
}

static int check_form(const struct qf_step *step, const struct qf_conf *conf,
		      const struct qf_node *at, const struct qf_node *value, struct qf_err *err)
{
	unsigned takes = step->forms | (step->short_opt ? QF_STEP_WORD | QF_STEP_WORDS : 0);

	if (takes & form_of(value))
		return 0;
	if (takes == QF_STEP_NOTHING)
		return qf_node_error(conf, at, err, "%s takes no value: '- %s'", step->name, step->name);
	return qf_node_error(conf, at, err, "%s: %s",
			     takes & QF_STEP_PAIRS   ? "a map is expected"
			     : takes & QF_STEP_OPTS  ? "a map of settings is expected"
			     : takes & QF_STEP_WORDS ? "names are expected"
			     : takes & QF_STEP_TEXT  ? "a text is expected"
						     : "one word is expected",
			     step->usage);
}

static int fill_settings(struct qf_chain_entry *e, const struct qf_conf *conf,
			 const struct qf_node *value, struct qf_err *err)
{
	const struct qf_step *step = e->step;
	struct qf_node alone, map = { .kind = QF_NODE_MAP, .child = &alone };

	if (value && value->kind != QF_NODE_MAP) {
		alone = *value;
		alone.key = step->short_opt;
		alone.next = NULL;
		map.line = value->line;
		map.column = value->column;
		value = &map;
	}
	return qf_opt_from_node(step->opts, step->n_opts, e->state, conf, value, step->name, NULL, 0, &e->arena,
				err);
}

static int open_step(struct qf_chain *c, const struct qf_conf *conf, const struct qf_node *at,
		     const char *name, const struct qf_node *value, const struct qf_node *only,
		     struct qf_err *err)
{
	const struct qf_step *step = find_step(name);
	struct qf_chain_entry *e;

	if (!step)
		return unknown_step(conf, at, name, err);
	/* `- reseal:` has an empty value, which is none. */
	if (value && value->kind == QF_NODE_SCALAR && !value->quoted && !*value->text)
		value = NULL;
	QF_GROW(c->steps, c->n, c->cap);
	e = &c->steps[c->n++];
	*e = (struct qf_chain_entry){ .step = step, .state = qf_calloc(1, step->state_size + 1),
			     .settings = qf_chain_step_text(name, value, only) };
	if (check_form(step, conf, at, value, err) < 0)
		return -1;
	if (step->n_opts && !(step->forms & QF_STEP_PAIRS) && fill_settings(e, conf, value, err) < 0)
		return -1;
	if (only && qf_step_words(conf, only, "collections: [A, B]", &e->only, &e->n_only, err) < 0)
		return -1;
	if (step->open(e->state, conf, value, err) < 0)
		return -1;
	for (size_t i = 0; i + 1 < c->n; i++)
		if (c->steps[i].step->followed)
			c->steps[i].step->followed(c->steps[i].state, step, e->state);
	return 0;
}

/* An item of the list: "reseal", or a map of one step and perhaps `collections`. */
static int add_item(struct qf_chain *c, const struct qf_conf *conf, const struct qf_node *item,
		    struct qf_err *err)
{
	const struct qf_node *step = NULL, *only = NULL;

	if (item->kind == QF_NODE_SCALAR)
		return open_step(c, conf, item, item->text, NULL, NULL, err);
	for (const struct qf_node *k = item->kind == QF_NODE_MAP ? item->child : NULL; k; k = k->next) {
		if (!strcmp(k->key, "collections"))
			only = k;
		else if (step)
			return qf_node_error(conf, k, err,
					     "'%s' and '%s' stand in one step; write '- ' before each step",
					     step->key, k->key);
		else
			step = k;
	}
	if (!step)
		return qf_node_error(conf, item, err, "a step is expected here: '- rename: {title: name}'");
	return open_step(c, conf, step, step->key, step, only, err);
}

static int add_list(struct qf_chain *c, const struct qf_conf *conf, const struct qf_node *list,
		    struct qf_err *err)
{
	if (list->kind == QF_NODE_SCALAR && !*list->text)
		return 0;
	if (list->kind != QF_NODE_LIST)
		return qf_node_error(conf, list, err, "steps must be a list: '- rename: {title: name}'");
	for (const struct qf_node *item = list->child; item; item = item->next)
		if (add_item(c, conf, item, err) < 0)
			return -1;
	return 0;
}

int qf_chain_add_conf(struct qf_chain *c, const struct qf_conf *conf, struct qf_err *err)
{
	const struct qf_node *top = qf_node_get(conf->root, "steps");
	const struct qf_node *inner = qf_node_get(qf_node_get(conf->root, "transform"), "steps");

	if (conf->root && conf->root->kind != QF_NODE_MAP)
		return qf_node_error(conf, conf->root, err, "a map is expected, with the list of steps under 'steps:'");
	if (top && inner)
		return qf_node_error(conf, inner, err, "steps stand here and at line %d; one place is enough",
				     top->line);
	if (!top)
		top = inner;
	return top ? add_list(c, conf, top, err) : 0;
}

/* ---- the inline form ---- */

/* The next word behind *p; quotes of both kinds group. *eq: an unquoted '=' in it, or NULL. */
static char *next_word(const char **p, struct qf_arena *arena, char **eq, bool *quoted)
{
	QF_AUTO_BUF struct qf_buf word = { 0 };
	ssize_t at = -1;
	char quote = 0;
	char *ret;

	*quoted = false;
	*p += strspn(*p, " \t\n");
	if (!**p)
		return NULL;
	for (; **p && (quote || !strchr(" \t\n", **p)); ++*p) {
		if (quote ? **p == quote : **p == '"' || **p == '\'') {
			quote = quote ? 0 : **p;
			*quoted = true;
			continue;
		}
		if (**p == '=' && !quote && at < 0)
			at = (ssize_t)word.n;
		qf_buf_addc(&word, **p);
	}
	ret = (char *)qf_arena_dup(arena, word.p, word.n).p;
	*eq = at < 0 ? NULL : ret + at;
	return ret;
}

/* All that stands behind the name, without the quotes around the whole. */
static const char *rest_of(const char *p, struct qf_arena *arena)
{
	size_t n;

	p += strspn(p, " \t\n");
	for (n = strlen(p); n && strchr(" \t\n", p[n - 1]); n--)
		;
	if (n >= 2 && (*p == '\'' || *p == '"') && memchr(p + 1, *p, n - 1) == p + n - 1) {
		p++;
		n -= 2;
	}
	return qf_arena_dup(arena, p, n).p;
}

/* The tree that the same step in YAML would give: k=v words a map, one word a scalar, else a list. */
static int parse_inline(struct qf_conf *conf, const char *text, struct qf_err *err)
{
	struct qf_node *value = qf_arena_zalloc(&conf->arena, sizeof(*value)), **tail = &value->child;
	struct qf_node *root = qf_arena_zalloc(&conf->arena, sizeof(*root));
	const char *p = text;
	size_t n = 0, pairs = 0;
	const struct qf_step *step;
	bool quoted;
	char *eq, *word = next_word(&p, &conf->arena, &eq, &quoted);

	if (!word)
		return qf_err_set(err, QF_E_CONFIG, "--step: a step is expected, such as 'rename title=name'");
	value->key = word;
	value->line = root->line = value->column = root->column = 1;
	root->kind = QF_NODE_MAP;
	root->child = value;
	conf->root = root;
	step = find_step(word);
	if (step && step->forms & QF_STEP_TEXT) {
		value->text = rest_of(p, &conf->arena);
		return 0;
	}
	for (;;) {
		int column = (int)(p + strspn(p, " \t\n") - text) + 1;
		struct qf_node *node;

		word = next_word(&p, &conf->arena, &eq, &quoted);
		if (!word)
			break;
		node = qf_arena_zalloc(&conf->arena, sizeof(*node));
		*node = (struct qf_node){ .kind = QF_NODE_SCALAR, .text = word, .quoted = quoted, .line = 1,
					  .column = column };
		if (eq) {
			*eq = '\0';
			node->key = word;
			node->text = eq + 1;
			pairs++;
		}
		n++;
		*tail = node;
		tail = &node->next;
	}
	if (pairs && pairs != n)
		return qf_node_error(conf, value, err, "words with and without '=' cannot be mixed");
	if (pairs) {
		value->kind = QF_NODE_MAP;
	} else if (n == 1) {
		value->text = value->child->text;
		value->quoted = value->child->quoted;
		value->child = NULL;
		value->kind = QF_NODE_SCALAR;
	} else if (n) {
		value->kind = QF_NODE_LIST;
	} else {
		value->kind = QF_NODE_SCALAR;
		value->text = "";
	}
	return 0;
}

int qf_chain_add_text(struct qf_chain *c, const char *text, struct qf_err *err)
{
	QF_AUTO_FREE char *name = qf_asprintf("--step '%s'", text);
	struct qf_conf *conf;

	QF_GROW(c->texts, c->n_texts, c->cap_texts);
	conf = &c->texts[c->n_texts++];
	*conf = (struct qf_conf){ 0 };
	if (text[strspn(text, " \t\n")] == '{') {
		if (qf_conf_parse(conf, name, text, strlen(text), err) < 0)
			return -1;
	} else {
		conf->file = qf_strdup(name);
		if (parse_inline(conf, text, err) < 0)
			return -1;
	}
	/* The trees lie in arenas, whose blocks stay where they are when the array grows. */
	return conf->root ? add_item(c, conf, conf->root, err) : 0;
}

int qf_step_words(const struct qf_conf *conf, const struct qf_node *value, const char *usage,
		  const char ***ret, size_t *n, struct qf_err *err)
{
	size_t cap = 0;

	*ret = NULL;
	*n = 0;
	if (!value || value->kind == QF_NODE_MAP)
		return qf_node_error(conf, value, err, "names are expected: %s", usage);
	for (const struct qf_node *c = value->kind == QF_NODE_LIST ? value->child : value; c; c = c->next) {
		if (c->kind != QF_NODE_SCALAR || !*c->text)
			return qf_node_error(conf, c, err, "a name is expected: %s", usage);
		QF_GROW(*ret, *n, cap);
		(*ret)[(*n)++] = c->text;
		if (value->kind == QF_NODE_SCALAR)
			break;
	}
	return *n ? 0 : qf_node_error(conf, value, err, "the list is empty: %s", usage);
}

int qf_step_paths(const struct qf_conf *conf, const struct qf_node *value, const char *usage,
		  struct qf_paths *ret, struct qf_arena *arena, struct qf_err *err)
{
	QF_AUTO_FREE const char **words = NULL;
	const struct qf_node *at;
	size_t n;

	if (qf_step_words(conf, value, usage, &words, &n, err) < 0)
		return -1;
	at = value->kind == QF_NODE_LIST ? value->child : value;
	ret->path = qf_arena_alloc(arena, n * sizeof(*ret->path));
	for (ret->n = 0; ret->n < n; ret->n++, at = at->next)
		if (qf_path_compile(&ret->path[ret->n], conf, at, at->text, false, arena, err) < 0)
			return -1;
	return 0;
}

struct qf_chain *qf_chain_new(void)
{
	return qf_calloc(1, sizeof(struct qf_chain));
}

void qf_chain_free(struct qf_chain *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++) {
		struct qf_chain_entry *e = &c->steps[i];

		e->step->close(e->state);
		free(e->state);
		free(e->only);
		free(e->settings);
		qf_arena_release(&e->arena);
		qf_batch_release(&e->in);
		qf_batch_release(&e->out);
		qf_tally_release(&e->refused);
	}
	for (size_t i = 0; i < c->n_texts; i++)
		qf_conf_release(&c->texts[i]);
	for (size_t i = 0; i < c->n_reasons; i++) {
		free(c->reasons[i].pattern);
		free(c->reasons[i].first);
	}
	qf_batch_release(&c->probe);
	free(c->reasons);
	free(c->steps);
	free(c->texts);
	free(c);
}
