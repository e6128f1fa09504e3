/* strings: those that Python resolves as a path: patch targets, import_module, sys.modules. */
#include "tools/align/rewrite/rw.h"

static const char first_keywords[] = "target|in_dict|name|modname|mod_name|package|anchor|path|module_or_name|"
				     "dotted_path|import_name";

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

static bool has_word(struct qf_str text, struct qf_str word)
{
	for (size_t i = 0; i + word.n <= text.n; i++)
		if (memcmp(text.p + i, word.p, word.n) == 0 && (i == 0 || !is_word(text.p[i - 1])) &&
		    (i + word.n == text.n || !is_word(text.p[i + word.n])))
			return true;
	return false;
}

const struct rw_entry *qf_rw_mentioned(const struct rw *r, struct qf_str text, bool package)
{
	for (size_t i = 0; i < r->n_entries; i++) {
		const struct rw_entry *e = &r->entries[i];
		struct qf_str parent = qf_path_parent(e->from);

		if (e->symbol ? !qf_str_eq(e->name, qf_path_last(e->to)) && has_word(text, e->name) :
				has_word(text, qf_path_last(e->from)))
			return e;
		if (package && !e->symbol && parent.n && text.n == parent.n + 1 && text.p[parent.n] == '.' &&
		    memcmp(text.p, parent.p, parent.n) == 0)
			return e;
	}
	return NULL;
}

static void left_node(struct rw *r, const struct qf_py_node *node, const char *rule, const char *reason)
{
	size_t at = qf_rw_at(&r->file, node->first);

	qf_rw_left(r, at, qf_rw_end(&r->file, node->last - 1) - at, rule, reason);
}

/* How many names of the new path are its module, when the first `before` of the old one were. */
static size_t module_names(const struct rw_target *to, size_t before)
{
	if (to->entry->symbol)
		return qf_path_count(to->entry->to_module);
	return before + qf_path_count(to->entry->to) - qf_path_count(to->entry->from);
}

/* Bytes of the first `count` names of a path. */
static size_t beginning(struct qf_str path, size_t count)
{
	struct qf_str rest = path, name = { 0 };

	while (count-- > 0 && qf_path_next(&rest, &name))
		continue;
	return name.p ? (size_t)(name.p - path.p) + name.n : 0;
}

/* "a.b", or "a.b:c" where colon. */
static void write_path(struct rw *r, const struct qf_py_node *node, bool colon)
{
	uint32_t token;
	struct qf_str text = qf_rw_literal(&r->file, node, &token), path, after;
	struct rw_target to;
	char *copy, *mark;

	if (!text.n)
		return;
	path = qf_arena_dup_str(&r->arena, text);
	copy = (char *)path.p;
	mark = colon ? memchr(copy, ':', path.n) : NULL;
	if (mark)
		*mark = '.';
	if (!qf_path_valid(path))
		return;
	r->done[token] = true;
	if (!qf_rw_target(r, path, &to))
		return;
	after = to.path;
	if (mark) {
		size_t names = qf_path_count((struct qf_str){ path.p, (size_t)(mark - copy) });
		size_t at = beginning(to.path, module_names(&to, names));

		after = qf_arena_dup_str(&r->arena, to.path);
		if (at < after.n)
			*((char *)after.p + at) = ':';
	}
	qf_rw_edit(r, (size_t)(text.p - r->source.p), text.n, after);
}

/* The package that a relative name is seen from: its name, __package__ or __name__. */
static struct qf_str package_of(struct rw *r, const struct qf_py_node *node, bool moved)
{
	struct qf_str module = qf_str(moved && r->in->new_module ? r->in->new_module : r->in->module);
	uint32_t token;

	if (!node || node->kind != QF_PY_NAME_EXPR)
		return qf_rw_literal(&r->file, node, &token);
	if (qf_str_is(qf_py_text(&r->file.tokens, node->name), "__name__"))
		return module;
	if (qf_str_is(qf_py_text(&r->file.tokens, node->name), "__package__"))
		return r->in->package ? module : qf_path_parent(module);
	return (struct qf_str){ 0 };
}

struct qf_str qf_rw_relative(struct rw *r, const struct qf_py_node *call, struct qf_str text, bool moved,
			     struct qf_str *rest)
{
	struct qf_str base = package_of(r, qf_rw_argument(&r->file, call, 1, "package"), moved);

	for (*rest = text; rest->n && *rest->p == '.'; rest->p++, rest->n--)
		if (rest->p > text.p)
			base = qf_path_parent(base);
	return qf_path_valid(*rest) && qf_path_valid(base) ? base : (struct qf_str){ 0 };
}

/* import_module(".old", package="a") */
static void write_relative(struct rw *r, const struct qf_py_node *call, const struct qf_py_node *node,
			   struct qf_str text)
{
	struct qf_str rest, base = qf_rw_relative(r, call, text, false, &rest);
	struct qf_str seen = qf_rw_relative(r, call, text, true, &rest);
	const struct rw_entry *entry;
	struct rw_target to;

	if (!base.n) {
		entry = qf_rw_mentioned(r, text, false);
		if (entry)
			left_node(r, node, entry->rule, "a relative name whose package is not known");
		return;
	}
	(void)qf_rw_target(r, qf_path_join(&r->arena, base, rest), &to);
	if (qf_path_under(to.path, seen) && to.path.n > seen.n)
		qf_rw_edit(r, (size_t)(rest.p - r->source.p), rest.n, qf_path_rest(to.path, seen));
	else if (to.entry)
		left_node(r, node, to.entry->rule, "a relative name cannot say where the module is now");
}

/* The text of a string that is put together is not known here. */
static void note_dynamic(struct rw *r, const struct qf_py_node *node)
{
	for (uint32_t t = node->first; t < node->last; t++) {
		const struct rw_entry *entry = NULL;
		struct qf_str text = qf_py_text(&r->file.tokens, t);
		unsigned kind = r->file.tokens.tok[t].kind;

		if (kind == QF_PY_STRING)
			text = qf_py_literal(text).body;
		if (kind == QF_PY_STRING || kind == QF_PY_FSTRING_MIDDLE)
			entry = qf_rw_mentioned(r, text, true);
		if (entry) {
			left_node(r, node, entry->rule, "a path that is put together when the program runs");
			return;
		}
	}
}

static void first_path(struct rw *r, const struct qf_py_node *call, bool colon)
{
	struct qf_py_node *node = qf_rw_argument(&r->file, call, 0, first_keywords);
	struct qf_str text;
	uint32_t token;

	if (!node || node->kind == QF_PY_NAME_EXPR || node->kind == QF_PY_ATTRIBUTE)
		return;
	text = qf_rw_literal(&r->file, node, &token);
	if (!text.n) {
		note_dynamic(r, node);
	} else if (*text.p == '.') {
		r->done[token] = true;
		write_relative(r, call, node, text);
	} else {
		write_path(r, node, colon);
	}
}

/* __import__("a.old", fromlist=["X"]) */
static void from_list(struct rw *r, const struct qf_py_node *call)
{
	const struct qf_py_node *list = qf_rw_argument(&r->file, call, 3, "fromlist");
	uint32_t token;
	struct qf_str path = qf_rw_literal(&r->file, qf_rw_argument(&r->file, call, 0, "name"), &token);

	if (!list || !qf_path_valid(path) || (list->kind != QF_PY_LIST && list->kind != QF_PY_TUPLE))
		return;
	for (const struct qf_py_node *e = list->a; e; e = e->next) {
		struct qf_str name = qf_rw_literal(&r->file, e, &token);
		struct rw_target to;

		if (name.n && qf_rw_target(r, qf_path_join(&r->arena, path, name), &to))
			qf_rw_edit(r, (size_t)(name.p - r->source.p), name.n, qf_path_last(to.path));
	}
}

/* patch.multiple("a.old", X=fake): the keywords are names in the target. */
static void multiple(struct rw *r, const struct qf_py_node *call)
{
	const struct qf_py_node *target = qf_rw_argument(&r->file, call, 0, "target");
	uint32_t token;
	struct qf_str path = qf_rw_literal(&r->file, target, &token);
	struct rw_target base, to;

	first_path(r, call, false);
	if (!path.n && target)
		path = qf_rw_resolve(r, &r->file, target, 0);
	if (!qf_path_valid(path))
		return;
	(void)qf_rw_target(r, path, &base);
	for (const struct qf_py_node *arg = call->b; arg; arg = arg->next) {
		struct qf_str name;

		if (arg->kind != QF_PY_KEYWORD || arg->name == QF_PY_NONE || arg->a == target)
			continue;
		name = qf_rw_name(r, &r->file, arg->name);
		if (!qf_rw_target(r, qf_path_join(&r->arena, path, name), &to) ||
		    qf_str_eq(qf_path_last(to.path), name))
			continue;
		/* The mock of a DEFAULT is handed over under this name. */
		if (!qf_str_eq(qf_path_parent(to.path), base.path) ||
		    qf_str_is(qf_py_text(&r->file.tokens, arg->last - 1), "DEFAULT"))
			qf_rw_left(r, qf_rw_at(&r->file, arg->name), name.n, to.entry->rule,
				   "a keyword that names what is replaced, and a parameter too");
		else
			qf_rw_edit(r, qf_rw_at(&r->file, arg->name), name.n, qf_path_last(to.path));
	}
}

static bool is_modules(struct rw *r, const struct qf_py_node *node)
{
	uint32_t token;

	return node && (qf_str_is(qf_rw_resolve(r, &r->file, node, 0), "sys.modules") ||
			qf_str_is(qf_rw_literal(&r->file, node, &token), "sys.modules"));
}

static void dict_keys(struct rw *r, const struct qf_py_node *dict)
{
	if (dict && dict->kind == QF_PY_DICT)
		for (const struct qf_py_node *item = dict->a; item; item = item->next)
			if (item->a)
				write_path(r, item->a, false);
}

static void code(struct rw *r, const struct qf_py_node *call)
{
	const struct qf_py_node *node = call->b;

	if (!node || (node->kind != QF_PY_STRINGS && node->kind != QF_PY_BIN_OP))
		return;
	for (uint32_t t = node->first; t < node->last; t++) {
		unsigned kind = r->file.tokens.tok[t].kind;
		const struct rw_entry *entry = kind != QF_PY_STRING && kind != QF_PY_FSTRING_MIDDLE ? NULL :
					       qf_rw_mentioned(r, qf_py_text(&r->file.tokens, t), false);

		if (entry) {
			left_node(r, node, entry->rule, "code in a string");
			return;
		}
	}
}

static void write_call(struct rw *r, const struct qf_py_node *call)
{
	switch (qf_rw_call(r, &r->file, call)) {
	case RW_CALL_TARGET:
	case RW_CALL_IMPORT:
		first_path(r, call, false);
		from_list(r, call);
		break;
	case RW_CALL_PATH:
		first_path(r, call, true);
		break;
	case RW_CALL_MULTIPLE:
		multiple(r, call);
		break;
	case RW_CALL_SETATTR:
		first_path(r, call, false);
		break;
	case RW_CALL_DICT:
		first_path(r, call, false);
		if (is_modules(r, qf_rw_argument(&r->file, call, 0, "in_dict")))
			dict_keys(r, qf_rw_argument(&r->file, call, 1, "values"));
		break;
	case RW_CALL_ITEM:
		if (is_modules(r, qf_rw_argument(&r->file, call, 0, "dic")))
			write_path(r, qf_rw_argument(&r->file, call, 1, "name"), false);
		break;
	case RW_CALL_MODULES:
		write_path(r, qf_rw_argument(&r->file, call, 0, "key"), false);
		break;
	case RW_CALL_CODE:
		code(r, call);
		break;
	default:
		break;
	}
}

/* The function called without arguments, or with one: globals(), vars(m). */
static bool is_call_of(struct rw *r, const struct qf_py_node *node, const char *path)
{
	return node->kind == QF_PY_CALL && qf_str_is(qf_rw_resolve(r, &r->file, node->a, 0), path);
}

/* globals()["X"], globals().get("X"), "X" in globals() */
static void write_globals(struct rw *r, const struct qf_py_node *call)
{
	const struct qf_py_node *key = qf_rw_globals_key(r, call);
	struct qf_str text, name;
	uint32_t token;

	if (!key || !is_call_of(r, call, "builtins.globals"))
		return;
	text = qf_rw_literal(&r->file, key, &token);
	name = qf_rw_new_name(r, text);
	if (name.n)
		qf_rw_edit(r, (size_t)(text.p - r->source.p), text.n, name);
}

/* sys.modules["a.old"], vars(m)["X"], m.__dict__["X"] */
static void write_subscript(struct rw *r, const struct qf_py_node *node)
{
	const struct qf_py_node *base = node->a, *object = NULL;
	struct rw_target to;
	struct qf_str text, name;
	uint32_t token;

	text = qf_rw_literal(&r->file, node->b, &token);
	if (!text.n)
		return;
	if (is_modules(r, base)) {
		write_path(r, node->b, false);
		return;
	}
	if (base->kind == QF_PY_ATTRIBUTE && qf_str_is(qf_py_text(&r->file.tokens, base->name), "__dict__"))
		object = base->a;
	else if (is_call_of(r, base, "builtins.vars"))
		object = base->b;
	if (!object)
		return;
	name = qf_rw_resolve(r, &r->file, object, 0);
	if (!name.n || !qf_rw_target(r, qf_path_join(&r->arena, name, text), &to))
		return;
	if (qf_path_count(to.path) > 1)
		qf_rw_edit(r, (size_t)(text.p - r->source.p), text.n, qf_path_last(to.path));
}

void qf_rw_write_strings(struct rw *r)
{
	for (size_t i = 0; i < r->file.n; i++) {
		struct qf_py_node *node = r->file.nodes[i];
		bool modules = false;

		if (node->kind == QF_PY_CALL) {
			write_call(r, node);
			write_globals(r, node);
		} else if (node->kind == QF_PY_SUBSCRIPT) {
			write_subscript(r, node);
		}
		if (node->kind != QF_PY_COMPARE)
			continue;
		/* "a.old" in sys.modules */
		for (const struct qf_py_node *n = node->a; n; n = n->next)
			modules |= is_modules(r, n) && n->kind != QF_PY_STRINGS;
		for (const struct qf_py_node *n = node->a; n && modules; n = n->next)
			write_path(r, n, false);
	}
}
