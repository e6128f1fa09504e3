/* resolve: what an expression stands for, and what known functions do with their strings. */
#include "tools/align/rewrite/rw.h"

struct qf_py_symbol *qf_rw_binding(struct rw *r, const struct rw_unit *u, const struct qf_py_node *name)
{
	struct qf_py_symbol *s;

	if (u->scope)
		return qf_py_scope_lookup(u->scope, qf_rw_name(r, u, name->name));
	s = r->scopes.by_token[name->name];
	return s ? s->binding : NULL;
}

struct rw_group *qf_rw_name_group(struct rw *r, const struct rw_unit *u, const struct qf_py_node *name)
{
	struct qf_py_symbol *s = qf_rw_binding(r, u, name);

	return s ? qf_rw_group(r, s) : qf_rw_star_group(r, qf_rw_name(r, u, name->name));
}

struct qf_str qf_rw_literal(const struct rw_unit *u, const struct qf_py_node *expr, uint32_t *token)
{
	struct qf_py_literal lit;

	if (!expr || expr->kind != QF_PY_STRINGS || !expr->a || expr->a->next || expr->a->kind != QF_PY_STRING_PART)
		return (struct qf_str){ 0 };
	lit = qf_py_literal(qf_py_text(&u->tokens, expr->a->name));
	if (lit.bytes || !lit.plain)
		return (struct qf_str){ 0 };
	*token = expr->a->name;
	return lit.body;
}

static bool in_words(struct qf_str word, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, "|");

		if (word.n == n && memcmp(word.p, words, n) == 0)
			return true;
		words += n + (words[n] == '|');
	}
	return false;
}

struct qf_py_node *qf_rw_argument(const struct rw_unit *u, const struct qf_py_node *call, unsigned place,
				  const char *keywords)
{
	unsigned i = 0;

	for (struct qf_py_node *arg = call->b; arg; arg = arg->next) {
		if (arg->kind == QF_PY_STARRED)
			return NULL;
		if (arg->kind == QF_PY_KEYWORD) {
			if (arg->name != QF_PY_NONE && in_words(qf_py_text(&u->tokens, arg->name), keywords))
				return arg->a;
		} else if (i++ == place) {
			return arg;
		}
	}
	return NULL;
}

static bool ends_in(struct qf_str s, const char *end)
{
	size_t n = strlen(end);

	return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

/* The names of a chain as they stand, "self.mocker.patch"; empty where it does not begin with a name. */
static struct qf_str spelled(struct rw *r, const struct rw_unit *u, const struct qf_py_node *expr)
{
	struct qf_str text = { 0 };

	for (; expr->kind == QF_PY_ATTRIBUTE; expr = expr->a)
		text = qf_path_join(&r->arena, qf_rw_name(r, u, expr->name), text);
	if (expr->kind != QF_PY_NAME_EXPR)
		return (struct qf_str){ 0 };
	return qf_path_join(&r->arena, qf_rw_name(r, u, expr->name), text);
}

/* pytest's fixtures are parameters: known by their names, their annotations, or the block that gives them. */
static const char *fixture_of(struct rw *r, const struct rw_unit *u, const struct qf_py_node *name)
{
	const struct qf_py_symbol *s = qf_rw_binding(r, u, name);

	for (const struct qf_py_use *use = s ? s->uses : NULL; use; use = use->next) {
		const struct qf_py_node *value = NULL, *parent = use->node->parent;
		struct qf_str text;

		if (use->kind == QF_PY_USE_PARAM)
			value = use->node->a;
		else if (use->kind == QF_PY_USE_STORE && parent && parent->kind == QF_PY_WITH_ITEM &&
			 parent->a->kind == QF_PY_CALL)
			value = parent->a->a;
		else if (use->kind == QF_PY_USE_STORE && parent && parent->kind == QF_PY_ASSIGN &&
			 parent->b->kind == QF_PY_CALL)
			value = parent->b->a;
		if (!value)
			continue;
		text = qf_py_text(&r->file.tokens, value->last - 1);
		if (value->kind == QF_PY_STRINGS && text.n > 2)
			text = (struct qf_str){ text.p + 1, text.n - 2 };
		if (ends_in(text, "MonkeyPatch"))
			return "monkeypatch";
		if (ends_in(text, "MockerFixture") || ends_in(text, "MockFixture"))
			return "mocker";
		if (qf_str_is(text, "context") && parent->kind == QF_PY_WITH_ITEM &&
		    (ends_in(qf_path_parent(spelled(r, &r->file, value)), "monkeypatch") ||
		     ends_in(qf_path_parent(spelled(r, &r->file, value)), "MonkeyPatch")))
			return "monkeypatch";
	}
	return NULL;
}

/* "mocker.patch.object" for any way to say that, or an empty text. */
static struct qf_str by_fixture(struct rw *r, const struct rw_unit *u, const struct qf_py_node *expr)
{
	struct qf_str rest = spelled(r, u, expr), name;
	const struct qf_py_node *base = expr;
	const char *fixture;

	while (base->kind == QF_PY_ATTRIBUTE)
		base = base->a;
	if (base->kind != QF_PY_NAME_EXPR)
		return (struct qf_str){ 0 };
	fixture = fixture_of(r, u, base);
	if (fixture) {
		qf_path_next(&rest, &name);
		return qf_path_join(&r->arena, qf_str(fixture), rest);
	}
	while (qf_path_next(&rest, &name))
		if (ends_in(name, "mocker"))
			return qf_path_join(&r->arena, QF_STR("mocker"), rest);
		else if (ends_in(name, "monkeypatch"))
			return qf_path_join(&r->arena, QF_STR("monkeypatch"), rest);
	return (struct qf_str){ 0 };
}

static const struct known {
	const char *path;
	enum rw_call call;
} known[] = {
	{ "mock.patch", RW_CALL_TARGET }, { "mock.patch.object", RW_CALL_ATTR }, { "mock.patch.dict", RW_CALL_DICT },
	{ "mock.patch.multiple", RW_CALL_MULTIPLE }, { "mocker.patch", RW_CALL_TARGET },
	{ "mocker.patch.object", RW_CALL_ATTR }, { "mocker.patch.dict", RW_CALL_DICT },
	{ "mocker.patch.multiple", RW_CALL_MULTIPLE }, { "mocker.spy", RW_CALL_ATTR },
	{ "monkeypatch.setattr", RW_CALL_SETATTR }, { "monkeypatch.delattr", RW_CALL_SETATTR },
	{ "monkeypatch.setitem", RW_CALL_ITEM }, { "monkeypatch.delitem", RW_CALL_ITEM },
	{ "importlib.import_module", RW_CALL_IMPORT }, { "pytest.importorskip", RW_CALL_IMPORT },
	{ "builtins.__import__", RW_CALL_IMPORT }, { "importlib.__import__", RW_CALL_IMPORT },
	{ "importlib.util.find_spec", RW_CALL_TARGET }, { "importlib.find_loader", RW_CALL_TARGET },
	{ "pkgutil.find_loader", RW_CALL_TARGET }, { "pkgutil.get_loader", RW_CALL_TARGET },
	{ "pkgutil.get_data", RW_CALL_TARGET }, { "pkgutil.resolve_name", RW_CALL_PATH },
	{ "runpy.run_module", RW_CALL_TARGET }, { "pydoc.locate", RW_CALL_TARGET },
	{ "importlib.resources.files", RW_CALL_TARGET }, { "importlib.resources.path", RW_CALL_TARGET },
	{ "importlib.resources.open_text", RW_CALL_TARGET }, { "importlib.resources.read_text", RW_CALL_TARGET },
	{ "importlib.resources.open_binary", RW_CALL_TARGET }, { "importlib.resources.read_binary", RW_CALL_TARGET },
	{ "importlib.resources.contents", RW_CALL_TARGET }, { "importlib.resources.is_resource", RW_CALL_TARGET },
	{ "pkg_resources.resource_filename", RW_CALL_TARGET }, { "pkg_resources.resource_string", RW_CALL_TARGET },
	{ "pkg_resources.resource_stream", RW_CALL_TARGET }, { "pkg_resources.resource_exists", RW_CALL_TARGET },
	{ "django.utils.module_loading.import_string", RW_CALL_TARGET },
	{ "werkzeug.utils.import_string", RW_CALL_PATH },
	{ "importlib.reload", RW_CALL_SAME }, { "imp.reload", RW_CALL_SAME },
	{ "builtins.getattr", RW_CALL_ATTR }, { "builtins.hasattr", RW_CALL_ATTR },
	{ "builtins.setattr", RW_CALL_ATTR }, { "builtins.delattr", RW_CALL_ATTR },
	{ "inspect.getattr_static", RW_CALL_ATTR },
	{ "builtins.exec", RW_CALL_CODE }, { "builtins.eval", RW_CALL_CODE }, { "builtins.compile", RW_CALL_CODE },
	{ "sys.modules.get", RW_CALL_MODULES }, { "sys.modules.pop", RW_CALL_MODULES },
	{ "sys.modules.setdefault", RW_CALL_MODULES }, { "sys.modules.__contains__", RW_CALL_MODULES },
	{ "typing.cast", RW_CALL_TYPE0 }, { "typing.ForwardRef", RW_CALL_TYPE0 }, { "typing.NewType", RW_CALL_TYPE1 },
	{ "typing.assert_type", RW_CALL_TYPE1 }, { "typing.TypeVar", RW_CALL_TYPES },
	{ "typing.NamedTuple", RW_CALL_TYPES }, { "typing.TypedDict", RW_CALL_TYPES },
};

static enum rw_call lookup(struct qf_str path)
{
	static const char *const same[][2] = {
		{ "unittest.mock.", "mock." }, { "asynctest.mock.", "mock." }, { "asynctest.", "mock." },
		{ "mock.mock.", "mock." }, { "typing_extensions.", "typing." },
	};
	const char *prefix = "";

	for (size_t i = 0; i < QF_LEN(same); i++)
		if (qf_str_starts(path, same[i][0])) {
			path.p += strlen(same[i][0]);
			path.n -= strlen(same[i][0]);
			prefix = same[i][1];
			break;
		}
	for (size_t i = 0; i < QF_LEN(known); i++) {
		size_t skip = strlen(prefix);

		if (strncmp(known[i].path, prefix, skip) == 0 && qf_str_is(path, known[i].path + skip))
			return known[i].call;
	}
	return RW_CALL_NONE;
}

enum rw_call qf_rw_call(struct rw *r, const struct rw_unit *u, const struct qf_py_node *call)
{
	enum rw_call kind = RW_CALL_NONE;
	const struct qf_py_node *base = call->a;
	struct qf_str path;

	while (base->kind == QF_PY_ATTRIBUTE)
		base = base->a;
	if (base->kind != QF_PY_NAME_EXPR)
		return RW_CALL_NONE;
	for (size_t k = 0; kind == RW_CALL_NONE; k++) {
		path = qf_rw_resolve(r, u, call->a, k);
		if (!path.n)
			break;
		kind = lookup(path);
	}
	if (kind == RW_CALL_NONE && call->a->kind == QF_PY_ATTRIBUTE &&
	    in_words(qf_py_text(&u->tokens, call->a->name), "patch|object|dict|multiple|spy|setattr|delattr|setitem|delitem"))
		kind = lookup(by_fixture(r, u, call->a));
	if (kind != RW_CALL_NONE || qf_rw_binding(r, u, base))
		return kind;
	for (const struct rw_stmt *stmt = r->stmts; stmt && kind == RW_CALL_NONE; stmt = stmt->next)
		if (stmt->items && stmt->items->star && stmt->module.n)
			kind = lookup(qf_path_join(&r->arena, stmt->module, spelled(r, u, call->a)));
	return kind;
}

/* The module that a call or sys.modules["a.b"] gives. */
static struct qf_str resolve_value(struct rw *r, const struct rw_unit *u, const struct qf_py_node *base)
{
	struct qf_str text = { 0 };
	uint32_t token;

	if (base->kind == QF_PY_CALL) {
		enum rw_call kind = qf_rw_call(r, u, base);
		struct qf_py_node *arg = qf_rw_argument(u, base, 0, "name|modname|module");

		if (kind == RW_CALL_SAME && arg && arg->kind != QF_PY_CALL)
			return qf_rw_resolve(r, u, arg, 0);
		if (kind != RW_CALL_IMPORT && kind != RW_CALL_MODULES)
			return text;
		text = qf_rw_literal(u, arg, &token);
		/* Without a fromlist it gives the package at the top. */
		if (text.n && arg->next == NULL && ends_in(qf_rw_resolve(r, u, base->a, 0), "__import__"))
			text = qf_path_root(text);
		else if (text.n && *text.p == '.' && u == &r->file) {
			struct qf_str rest, package = qf_rw_relative(r, base, text, false, &rest);

			text = package.n ? qf_path_join(&r->arena, package, rest) : package;
		}
	} else if (base->kind == QF_PY_SUBSCRIPT && qf_str_is(qf_rw_resolve(r, u, base->a, 0), "sys.modules")) {
		text = qf_rw_literal(u, base->b, &token);
		if (base->b->kind == QF_PY_NAME_EXPR && qf_str_is(qf_py_text(&u->tokens, base->b->name), "__name__"))
			text = qf_str(r->in->module);
	}
	return qf_path_valid(text) ? text : (struct qf_str){ 0 };
}

struct qf_str qf_rw_resolve(struct rw *r, const struct rw_unit *u, const struct qf_py_node *expr, size_t k)
{
	struct qf_str attrs = { 0 }, base = { 0 };

	for (; expr->kind == QF_PY_ATTRIBUTE; expr = expr->a)
		attrs = qf_path_join(&r->arena, qf_rw_name(r, u, expr->name), attrs);
	if (expr->kind == QF_PY_NAME_EXPR) {
		const struct qf_py_symbol *s = qf_rw_binding(r, u, expr);
		struct rw_group *g = qf_rw_name_group(r, u, expr);

		if (g && k < g->n_paths)
			base = g->paths[k];
		else if (!g && !s && k == 0)
			base = qf_path_join(&r->arena, QF_STR("builtins"), qf_rw_name(r, u, expr->name));
	} else if (k == 0) {
		base = resolve_value(r, u, expr);
	}
	return base.n ? qf_path_join(&r->arena, base, attrs) : base;
}
