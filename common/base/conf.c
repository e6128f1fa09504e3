#include "common/base/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "common/base/buf.h"

enum { MAX_FILE = 1 << 20, MAX_DEPTH = 32 };

struct anchor {
	char *name;
	struct qf_node *node;
	struct anchor *next;
};

struct parse {
	struct qf_conf *conf;
	yaml_parser_t yaml;
	struct anchor *anchors;
	size_t events, copies; /* nodes made by reading, and by expanding aliases */
	struct qf_err *err;
};

static bool same_key(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
			return false;
	return *a == *b;
}

const struct qf_node *qf_node_get(const struct qf_node *map, const char *key)
{
	if (!map || map->kind != QF_NODE_MAP)
		return NULL;
	for (const struct qf_node *n = map->child; n; n = n->next)
		if (same_key(n->key, key))
			return n;
	return NULL;
}

int qf_node_error(const struct qf_conf *c, const struct qf_node *node, struct qf_err *err,
		  const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!node)
		return qf_err_set(err, QF_E_CONFIG, "%s: %s", c->file, text);
	return qf_err_set(err, QF_E_CONFIG, "%s:%d:%d: %s", c->file, node->line, node->column, text);
}

int qf_node_check_keys(const struct qf_conf *c, const struct qf_node *map, const char *what,
		       const char *const *names, size_t n, struct qf_err *err)
{
	if (!map)
		return 0;
	if (map->kind != QF_NODE_MAP)
		return qf_node_error(c, map, err, "%s must be a map of settings", what);
	for (const struct qf_node *k = map->child; k; k = k->next) {
		const char *near;
		bool known = false;

		for (size_t i = 0; i < n && !known; i++)
			known = same_key(k->key, names[i]);
		if (known)
			continue;
		near = qf_str_nearest(k->key, names, n);
		if (near)
			return qf_node_error(c, k, err, "%s has no setting '%s'; did you mean '%s'?", what,
					     k->key, near);
		return qf_node_error(c, k, err, "%s has no setting '%s'", what, k->key);
	}
	return 0;
}

/* Puts the environment into text. Values are never looked at again, $( and ` stay as they are. */
static int interpolate(struct parse *p, const struct qf_node *at, const char *text, size_t n,
		       const char **ret)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	const char *end = text + n;

	while (text < end) {
		const char *open = memmem(text, (size_t)(end - text), "${", 2);
		const char *close = open ? memchr(open, '}', (size_t)(end - open)) : NULL;
		char name[256];
		size_t name_n;
		const char *value, *rest;

		if (!open) {
			qf_buf_add(&out, text, (size_t)(end - text));
			break;
		}
		if (!close)
			return qf_node_error(p->conf, at, p->err, "'${' without '}'");
		qf_buf_add(&out, text, (size_t)(open - text));
		open += 2;
		name_n = strspn(open, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
		rest = open + name_n;
		if (name_n == 0 || name_n >= sizeof(name) || rest > close)
			return qf_node_error(p->conf, at, p->err, "'${' must be followed by a variable's name");
		memcpy(name, open, name_n);
		name[name_n] = '\0';
		value = getenv(name);
		if (rest == close) {
			if (!value)
				return qf_node_error(p->conf, at, p->err,
						     "environment variable %s is not set; set it, or write ${%s:-default}",
						     name, name);
		} else if (rest[0] == ':' && rest[1] == '-') {
			if (!value || !*value) {
				qf_buf_add(&out, rest + 2, (size_t)(close - rest - 2));
				value = "";
			}
		} else if (rest[0] == ':' && rest[1] == '?') {
			if (!value || !*value)
				return qf_node_error(p->conf, at, p->err, "environment variable %s: %.*s", name,
						     (int)(close - rest - 2), rest + 2);
		} else {
			return qf_node_error(p->conf, at, p->err, "'${%s' must end with '}', ':-default}' or ':?message}'",
					     name);
		}
		qf_buf_puts(&out, value);
		text = close + 1;
	}
	*ret = qf_arena_dup(&p->conf->arena, out.p, out.n).p;
	return 0;
}

static struct qf_node *new_node(struct parse *p, enum qf_node_kind kind, const yaml_mark_t *at)
{
	struct qf_node *n = qf_arena_zalloc(&p->conf->arena, sizeof(*n));

	n->kind = kind;
	n->line = (int)at->line + 1;
	n->column = (int)at->column + 1;
	return n;
}

static int next_event(struct parse *p, yaml_event_t *event)
{
	if (yaml_parser_parse(&p->yaml, event)) {
		p->events++;
		return 0;
	}
	return qf_err_set(p->err, QF_E_CONFIG, "%s:%zu:%zu: %s", p->conf->file,
			  p->yaml.problem_mark.line + 1, p->yaml.problem_mark.column + 1,
			  p->yaml.problem ? p->yaml.problem : "not valid YAML");
}

/* A deep copy: list links differ from place to place, so an alias cannot share its anchor's nodes. */
static int copy_node(struct parse *p, const struct qf_node *from, const struct qf_node *at, int depth,
		     struct qf_node **ret)
{
	struct qf_node *n = qf_arena_zalloc(&p->conf->arena, sizeof(*n)), **tail = &n->child;

	if (depth > MAX_DEPTH)
		return qf_node_error(p->conf, at, p->err, "nested deeper than %d", (int)MAX_DEPTH);
	if (++p->copies > 100 * p->events)
		return qf_node_error(p->conf, at, p->err, "aliases expand to more than 100 times the file");
	*n = *from;
	n->child = n->next = NULL;
	for (const struct qf_node *c = from->child; c; c = c->next) {
		if (copy_node(p, c, at, depth + 1, tail) < 0)
			return -1;
		tail = &(*tail)->next;
	}
	*ret = n;
	return 0;
}

static void remember(struct parse *p, const yaml_char_t *name, struct qf_node *node)
{
	struct anchor *a;

	if (!name)
		return;
	a = qf_arena_zalloc(&p->conf->arena, sizeof(*a));
	a->name = (char *)qf_arena_dup(&p->conf->arena, name, strlen((const char *)name)).p;
	a->node = node;
	a->next = p->anchors;
	p->anchors = a;
}

static int parse_node(struct parse *p, yaml_event_t *event, int depth, struct qf_node **ret);

static int parse_map(struct parse *p, struct qf_node *map, int depth)
{
	struct qf_node **tail = &map->child;

	for (;;) {
		struct qf_node *key, *value;
		yaml_event_t event;
		int rc;

		if (next_event(p, &event) < 0)
			return -1;
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return 0;
		}
		rc = parse_node(p, &event, depth, &key);
		yaml_event_delete(&event);
		if (rc < 0)
			return -1;
		if (key->kind != QF_NODE_SCALAR)
			return qf_node_error(p->conf, key, p->err, "a key must be a plain word");
		if (qf_node_get(map, key->text))
			return qf_node_error(p->conf, key, p->err, "'%s' stands here twice", key->text);
		if (next_event(p, &event) < 0)
			return -1;
		rc = parse_node(p, &event, depth, &value);
		yaml_event_delete(&event);
		if (rc < 0)
			return -1;
		value->key = key->text;
		value->line = key->line;
		value->column = key->column;
		*tail = value;
		tail = &value->next;
	}
}

static int parse_list(struct parse *p, struct qf_node *list, int depth)
{
	struct qf_node **tail = &list->child;

	for (;;) {
		yaml_event_t event;
		int rc;

		if (next_event(p, &event) < 0)
			return -1;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return 0;
		}
		rc = parse_node(p, &event, depth, tail);
		yaml_event_delete(&event);
		if (rc < 0)
			return -1;
		tail = &(*tail)->next;
	}
}

static int parse_node(struct parse *p, yaml_event_t *event, int depth, struct qf_node **ret)
{
	struct qf_node *n;

	if (depth > MAX_DEPTH)
		return qf_err_set(p->err, QF_E_CONFIG, "%s:%zu:%zu: nested deeper than %d", p->conf->file,
				  event->start_mark.line + 1, event->start_mark.column + 1, (int)MAX_DEPTH);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		n = new_node(p, QF_NODE_SCALAR, &event->start_mark);
		n->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
			return qf_node_error(p->conf, n, p->err, "a NUL character stands in this value");
		if (interpolate(p, n, (const char *)event->data.scalar.value, event->data.scalar.length,
				&n->text) < 0)
			return -1;
		remember(p, event->data.scalar.anchor, n);
		break;
	case YAML_MAPPING_START_EVENT:
		n = new_node(p, QF_NODE_MAP, &event->start_mark);
		if (parse_map(p, n, depth + 1) < 0)
			return -1;
		remember(p, event->data.mapping_start.anchor, n);
		break;
	case YAML_SEQUENCE_START_EVENT:
		n = new_node(p, QF_NODE_LIST, &event->start_mark);
		if (parse_list(p, n, depth + 1) < 0)
			return -1;
		remember(p, event->data.sequence_start.anchor, n);
		break;
	case YAML_ALIAS_EVENT: {
		const char *name = (const char *)event->data.alias.anchor;
		struct qf_node *at = new_node(p, QF_NODE_SCALAR, &event->start_mark);
		struct anchor *a = p->anchors;

		while (a && strcmp(a->name, name) != 0)
			a = a->next;
		if (!a)
			return qf_node_error(p->conf, at, p->err, "alias *%s has no anchor before it", name);
		if (copy_node(p, a->node, at, depth, &n) < 0)
			return -1;
		n->key = NULL;
		break;
	}
	default:
		return qf_err_set(p->err, QF_E_CONFIG, "%s:%zu:%zu: one document is expected", p->conf->file,
				  event->start_mark.line + 1, event->start_mark.column + 1);
	}
	*ret = n;
	return 0;
}

static int parse_document(struct parse *p)
{
	yaml_event_t event;
	yaml_event_type_t type;
	int rc = 0;

	do {
		if (next_event(p, &event) < 0)
			return -1;
		type = event.type;
		if (type == YAML_DOCUMENT_START_EVENT && p->conf->root)
			rc = qf_err_set(p->err, QF_E_CONFIG, "%s:%zu:1: a second document begins here",
					p->conf->file, event.start_mark.line + 1);
		else if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT &&
			 type != YAML_DOCUMENT_START_EVENT && type != YAML_DOCUMENT_END_EVENT)
			rc = parse_node(p, &event, 0, &p->conf->root);
		yaml_event_delete(&event);
	} while (rc == 0 && type != YAML_STREAM_END_EVENT);
	return rc;
}

int qf_conf_parse(struct qf_conf *c, const char *name, const char *text, size_t n,
		  struct qf_err *err)
{
	struct parse p = { .conf = c, .err = err };
	int rc;

	*c = (struct qf_conf){ .file = qf_strdup(name) };
	if (!yaml_parser_initialize(&p.yaml))
		return qf_err_set(err, QF_E_BUG, "%s: the YAML parser did not start", name);
	yaml_parser_set_encoding(&p.yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p.yaml, (const unsigned char *)text, n);
	rc = parse_document(&p);
	yaml_parser_delete(&p.yaml);
	return rc;
}

int qf_conf_read(struct qf_conf *c, const char *file, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	ssize_t got;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	*c = (struct qf_conf){ 0 };
	if (fd < 0)
		return qf_err_errno(err, QF_E_NOINPUT, errno, "cannot read %s", file);
	while ((got = read(fd, qf_buf_room(&text, 64 << 10), 64 << 10)) > 0) {
		text.n += (size_t)got;
		if (text.n > MAX_FILE) {
			close(fd);
			return qf_err_set(err, QF_E_CONFIG, "%s: larger than 1 MiB, which no settings file needs", file);
		}
	}
	if (got < 0) {
		qf_err_errno(err, QF_E_IO, errno, "cannot read %s", file);
		close(fd);
		return -1;
	}
	close(fd);
	return qf_conf_parse(c, file, text.p ? text.p : "", text.n, err);
}

void qf_conf_release(struct qf_conf *c)
{
	free(c->file);
	qf_arena_release(&c->arena);
	*c = (struct qf_conf){ 0 };
}

static void quote(struct qf_buf *b, const char *s)
{
	qf_buf_addc(b, '"');
	for (; *s; s++) {
		static const char known[] = "\b\f\n\r\t", letters[] = "bfnrt";
		unsigned char ch = (unsigned char)*s;
		const char *at = strchr(known, *s);

		if (ch == '"' || ch == '\\') {
			qf_buf_addc(b, '\\');
			qf_buf_addc(b, *s);
		} else if (at) {
			qf_buf_addc(b, '\\');
			qf_buf_addc(b, letters[at - known]);
		} else if (ch < 0x20) {
			qf_buf_printf(b, "\\u%04x", ch);
		} else {
			qf_buf_addc(b, *s);
		}
	}
	qf_buf_addc(b, '"');
}

/* JSON's number grammar, so that the text can stand as it is. */
static bool is_number(const char *s)
{
	s += *s == '-';
	if (*s == '0')
		s++;
	else if (*s >= '1' && *s <= '9')
		s += strspn(s, "0123456789");
	else
		return false;
	if (*s == '.') {
		size_t n = strspn(++s, "0123456789");

		if (!n)
			return false;
		s += n;
	}
	if (*s == 'e' || *s == 'E') {
		size_t n;

		s++;
		s += *s == '+' || *s == '-';
		n = strspn(s, "0123456789");
		if (!n)
			return false;
		s += n;
	}
	return *s == '\0';
}

void qf_node_to_json(const struct qf_node *node, struct qf_buf *buf)
{
	if (node->kind == QF_NODE_SCALAR) {
		const char *t = node->text;

		if (!node->quoted && (!*t || !strcmp(t, "~") || !strcmp(t, "null")))
			QF_BUF_LIT(buf, "null");
		else if (!node->quoted && (!strcmp(t, "true") || !strcmp(t, "false") || is_number(t)))
			qf_buf_puts(buf, t);
		else
			quote(buf, t);
		return;
	}
	qf_buf_addc(buf, node->kind == QF_NODE_MAP ? '{' : '[');
	for (const struct qf_node *c = node->child; c; c = c->next) {
		if (c != node->child)
			qf_buf_addc(buf, ',');
		if (node->kind == QF_NODE_MAP) {
			quote(buf, c->key);
			qf_buf_addc(buf, ':');
		}
		qf_node_to_json(c, buf);
	}
	qf_buf_addc(buf, node->kind == QF_NODE_MAP ? '}' : ']');
}
