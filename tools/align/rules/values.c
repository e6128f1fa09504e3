/* Values of a rules file: texts, lists of them, names, dates; every error names its line and column. */
#include "tools/align/rules/sections.h"

bool qf_rules_is_nothing(const struct qf_node *n)
{
	if (!n || n->kind != QF_NODE_SCALAR)
		return !n || !n->child;
	return !n->quoted && (!*n->text || !strcmp(n->text, "~") || !strcmp(n->text, "null"));
}

int qf_rules_check_keys(const struct qf_rules *r, const struct qf_node *map, const struct qf_rules_keys *keys,
			struct qf_err *err)
{
	size_t n = 0;

	while (n < QF_LEN(keys->names) && keys->names[n])
		n++;
	return qf_node_check_keys(&r->conf, map, keys->what, keys->names, n, err);
}

int qf_rules_list(const struct qf_rules *r, const struct qf_node *node, const struct qf_node **first, size_t *n,
		  struct qf_err *err)
{
	*first = NULL;
	*n = 0;
	if (qf_rules_is_nothing(node))
		return 0;
	if (node->kind != QF_NODE_LIST)
		return qf_node_error(&r->conf, node, err, "'%s' must be a list", node->key);
	*first = node->child;
	for (const struct qf_node *c = node->child; c; c = c->next)
		++*n;
	return 0;
}

/* "'key' <what>", or "an entry <what>" of a list. */
static int value_error(const struct qf_rules *r, const struct qf_node *node, const char *what, struct qf_err *err)
{
	if (node->key)
		return qf_node_error(&r->conf, node, err, "'%s' %s", node->key, what);
	return qf_node_error(&r->conf, node, err, "an entry of this list %s", what);
}

static int check_text(const struct qf_rules *r, const struct qf_node *node, bool prose, struct qf_err *err)
{
	if (node->kind != QF_NODE_SCALAR)
		return value_error(r, node, "must be a text", err);
	if (qf_rules_is_nothing(node) || !node->text[strspn(node->text, " \t\n")])
		return value_error(r, node, "is empty", err);
	for (const char *p = node->text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			if (!prose || (*p != '\n' && *p != '\t'))
				return value_error(r, node, "holds a control character", err);
	return 0;
}

static int get_text(const struct qf_rules *r, const struct qf_node *map, const struct qf_rules_keys *keys,
		    const char *key, bool needed, bool prose, const char **ret, struct qf_err *err)
{
	const struct qf_node *node = qf_node_get(map, key);

	*ret = NULL;
	if (!node && needed)
		return qf_node_error(&r->conf, map, err, "%s needs '%s'", keys->what, key);
	if (!node)
		return 0;
	if (check_text(r, node, prose, err) < 0)
		return -1;
	*ret = node->text;
	return 0;
}

int qf_rules_text(const struct qf_rules *r, const struct qf_node *map, const struct qf_rules_keys *keys,
		  const char *key, bool needed, const char **ret, struct qf_err *err)
{
	return get_text(r, map, keys, key, needed, false, ret, err);
}

int qf_rules_prose(struct qf_rules *r, const struct qf_node *map, const struct qf_rules_keys *keys, const char *key,
		   bool needed, const char **ret, struct qf_err *err)
{
	struct qf_str text;
	char *to;

	if (get_text(r, map, keys, key, needed, true, ret, err) < 0)
		return -1;
	if (!*ret)
		return 0;
	text = qf_arena_dup_str(&r->arena, qf_str(*ret));
	*ret = to = (char *)text.p;
	for (const char *p = text.p; *p; p++)
		if (!strchr(" \t\n", *p))
			*to++ = *p;
		else if (to > *ret && to[-1] != ' ')
			*to++ = ' ';
	to -= to[-1] == ' ';
	*to = '\0';
	return 0;
}

const struct qf_node *qf_rules_nth(const struct qf_node *node, size_t i)
{
	const struct qf_node *c = node->child;

	while (i--)
		c = c->next;
	return c;
}

const struct qf_node *qf_rules_item(const struct qf_node *node, size_t i)
{
	return node->kind == QF_NODE_LIST ? qf_rules_nth(node, i) : node;
}

int qf_rules_texts(struct qf_rules *r, const struct qf_node *node, struct qf_names *ret, struct qf_err *err)
{
	const struct qf_node *c;
	size_t n;

	*ret = (struct qf_names){ 0 };
	if (!node)
		return 0;
	if (node->kind == QF_NODE_SCALAR) {
		if (check_text(r, node, false, err) < 0)
			return -1;
		ret->items = qf_arena_alloc(&r->arena, sizeof(*ret->items));
		ret->items[ret->n++] = node->text;
		return 0;
	}
	if (qf_rules_list(r, node, &c, &n, err) < 0)
		return -1;
	if (!n)
		return value_error(r, node, "is empty", err);
	ret->items = qf_arena_alloc(&r->arena, n * sizeof(*ret->items));
	for (; c; c = c->next) {
		if (check_text(r, c, false, err) < 0)
			return -1;
		for (size_t i = 0; i < ret->n; i++)
			if (!strcmp(ret->items[i], c->text))
				return qf_node_error(&r->conf, c, err, "'%s' stands here twice", c->text);
		ret->items[ret->n++] = c->text;
	}
	return 0;
}

int qf_rules_globs(struct qf_rules *r, const struct qf_node *node, struct qf_globs **ret, struct qf_err *err)
{
	struct qf_names names;

	*ret = NULL;
	if (qf_rules_texts(r, node, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const char *why = qf_rules_glob_error(names.items[i]);

		if (why)
			return qf_node_error(&r->conf, qf_rules_item(node, i), err, "path pattern '%s': %s",
					     names.items[i], why);
	}
	if (names.n)
		*ret = qf_globs_new(names.items, names.n, err);
	return names.n && !*ret ? -1 : 0;
}

int qf_rules_pairs(struct qf_rules *r, const struct qf_node *node, struct qf_rename **ret, size_t *n,
		   struct qf_err *err)
{
	size_t count = 0;

	*ret = NULL;
	*n = 0;
	if (!node)
		return 0;
	if (node->kind != QF_NODE_MAP)
		return value_error(r, node, "must be a map of names", err);
	for (const struct qf_node *c = node->child; c; c = c->next)
		count++;
	if (!count)
		return value_error(r, node, "is empty", err);
	*ret = qf_arena_alloc(&r->arena, count * sizeof(**ret));
	for (const struct qf_node *c = node->child; c; c = c->next) {
		if (check_text(r, c, false, err) < 0)
			return -1;
		(*ret)[(*n)++] = (struct qf_rename){ c->key, c->text };
	}
	return 0;
}

bool qf_rules_is_identifier(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!letter && c != '_' && c < 0x80 && (!i || c < '0' || c > '9'))
			return false;
	}
	return n > 0;
}

bool qf_rules_is_date(struct qf_str s)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int v[8], k = 0, year, month, day;

	if (s.n != 10)
		return false;
	for (size_t i = 0; i < 10; i++) {
		if (i == 4 || i == 7) {
			if (s.p[i] != '-')
				return false;
		} else if (s.p[i] < '0' || s.p[i] > '9') {
			return false;
		} else {
			v[k++] = s.p[i] - '0';
		}
	}
	year = v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3];
	month = v[4] * 10 + v[5];
	day = v[6] * 10 + v[7];
	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}
