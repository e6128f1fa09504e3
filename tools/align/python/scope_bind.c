/*
 * scope_bind: walks the tree and notes who binds and who uses which name, in the order in which CPython's
 * symtable does it, since its checks ("used prior to global declaration") depend on that order.
 */
#include "tools/align/python/scope_build.h"
#include "tools/align/python/source.h"

static void visit(struct qf_py_builder *b, struct qf_py_node *n);

static void visit_list(struct qf_py_builder *b, struct qf_py_node *list)
{
	for (; list; list = list->next)
		visit(b, list);
}

static struct qf_py_scope *enter(struct qf_py_builder *b, enum qf_py_scope_kind kind, struct qf_py_node *node,
				 const struct qf_py_node *key)
{
	struct qf_py_scope *scope = qf_arena_zalloc(&b->out->arena, sizeof(*scope)), *parent = b->scope;

	scope->kind = kind;
	scope->node = node;
	scope->key = key;
	scope->parent = parent;
	if (parent && parent->last_child)
		parent->last_child->next = scope;
	else if (parent)
		parent->child = scope;
	if (parent)
		parent->last_child = scope;
	b->scope = scope;
	b->scopes++;
	return scope;
}

static void leave(struct qf_py_builder *b)
{
	b->scope = b->scope->parent;
}

/* Is it a type parameter of this class, before mangling? */
static bool is_type_param_of(struct qf_py_builder *b, const struct qf_py_node *node, struct qf_str name)
{
	for (const struct qf_py_node *p = node->e; p; p = p->next)
		if (qf_str_eq(qf_py_identifier(&b->out->arena, qf_py_text(b->tokens, p->name)), name))
			return true;
	return false;
}

/* https://docs.python.org/3/reference/expressions.html#private-name-mangling */
static struct qf_str mangle(struct qf_py_builder *b, struct qf_str name)
{
	struct qf_str outer = b->class_name;

	if (!outer.p || !qf_str_starts(name, "__") || (name.p[name.n - 1] == '_' && name.p[name.n - 2] == '_'))
		return name;
	/* What stands in the head of a generic class is the class's only where it is a type parameter. */
	if (b->generic && !is_type_param_of(b, b->generic, name))
		return name;
	while (outer.n && *outer.p == '_') {
		outer.p++;
		outer.n--;
	}
	if (!outer.n)
		return name;
	return qf_arena_printf(&b->out->arena, "_%.*s%.*s", (int)outer.n, outer.p, (int)name.n, name.p);
}

static struct qf_str name_at(struct qf_py_builder *b, uint32_t token)
{
	return mangle(b, qf_py_identifier(&b->out->arena, qf_py_text(b->tokens, token)));
}

/* The symbol of a name in the current scope, with more flags. */
static struct qf_py_symbol *define(struct qf_py_builder *b, struct qf_str name, uint32_t token, unsigned flags)
{
	struct qf_py_symbol *s = qf_py_scope_symbol(&b->out->arena, b->scope, name);

	if (flags & s->flags & QF_PY_SYM_PARAM)
		qf_py_build_fail(b, token, "duplicate argument '%.*s' in function definition", QF_STR_ARG(name));
	if (flags & s->flags & QF_PY_SYM_TYPE_PARAM)
		qf_py_build_fail(b, token, "duplicate type parameter '%.*s'", QF_STR_ARG(name));
	s->flags |= flags;
	if (b->comp_target) {
		if (s->flags & (QF_PY_SYM_GLOBAL | QF_PY_SYM_NONLOCAL))
			qf_py_build_fail(b, token, "comprehension inner loop cannot rebind assignment expression "
					 "target '%.*s'", QF_STR_ARG(name));
		s->flags |= QF_PY_SYM_COMP_ITER;
	}
	if (flags & QF_PY_SYM_GLOBAL)
		qf_py_scope_symbol(&b->out->arena, b->out->module, name)->flags |= QF_PY_SYM_GLOBAL;
	return s;
}

/* A name's place: what stands at this token, in the current scope. */
static struct qf_py_symbol *use(struct qf_py_builder *b, struct qf_py_node *node, uint32_t token,
				enum qf_py_use_kind kind, unsigned flags)
{
	struct qf_py_symbol *s;
	struct qf_py_use *u;

	if (token == QF_PY_NONE)
		return NULL;
	s = define(b, name_at(b, token), token, flags);
	u = qf_arena_zalloc(&b->out->arena, sizeof(*u));
	u->kind = kind;
	u->token = token;
	u->node = node;
	u->symbol = s;
	b->uses[token] = u;
	return s;
}

static void visit_name(struct qf_py_builder *b, struct qf_py_node *n)
{
	static const enum qf_py_use_kind kinds[] = {
		[QF_PY_LOAD] = QF_PY_USE_LOAD, [QF_PY_STORE] = QF_PY_USE_STORE, [QF_PY_DEL] = QF_PY_USE_DEL,
	};
	unsigned flags = n->ctx == QF_PY_LOAD ? QF_PY_SYM_REFERENCED : QF_PY_SYM_ASSIGNED;
	const struct qf_py_symbol *s;

	if (b->quiet)
		flags &= ~(unsigned)QF_PY_SYM_REFERENCED;
	s = use(b, n, n->name, kinds[n->ctx], flags);
	/* super() finds its class by the name __class__. */
	if (n->ctx == QF_PY_LOAD && !b->quiet && qf_str_is(s->name, "super") &&
	    b->scope->kind != QF_PY_SCOPE_MODULE && b->scope->kind != QF_PY_SCOPE_CLASS)
		define(b, QF_STR("__class__"), n->name, QF_PY_SYM_REFERENCED);
}

/* CPython 3.10 and later look into no annotation where they are strings in the end. */
static void visit_annotation(struct qf_py_builder *b, struct qf_py_node *n)
{
	bool before = b->quiet;

	if (!n)
		return;
	b->quiet = b->quiet || b->future_annotations;
	visit(b, n);
	b->quiet = before;
}

static void visit_params(struct qf_py_builder *b, struct qf_py_node *list)
{
	for (; list; list = list->next)
		use(b, list, list->name, QF_PY_USE_PARAM, QF_PY_SYM_PARAM);
}

static void visit_defaults(struct qf_py_builder *b, struct qf_py_node *params)
{
	for (; params; params = params->next)
		if (params->b)
			visit(b, params->b);
}

/* An expression that gets a scope of its own: a bound, a default of a type parameter, the value of a type. */
static void visit_lazy(struct qf_py_builder *b, struct qf_py_node *node, struct qf_py_node *value)
{
	if (!value)
		return;
	enter(b, QF_PY_SCOPE_TYPE_ALIAS, node, value);
	visit(b, value);
	leave(b);
}

static void visit_type_params(struct qf_py_builder *b, struct qf_py_node *list)
{
	for (; list; list = list->next) {
		use(b, list, list->name, QF_PY_USE_TYPE_PARAM, QF_PY_SYM_TYPE_PARAM);
		visit_lazy(b, list, list->a);
		visit_lazy(b, list, list->b);
	}
}

static void visit_function(struct qf_py_builder *b, struct qf_py_node *n)
{
	use(b, n, n->name, QF_PY_USE_DEF, QF_PY_SYM_DEFINED);
	visit_defaults(b, n->b);
	visit_list(b, n->a);
	if (n->e) {
		enter(b, QF_PY_SCOPE_TYPE_PARAMS, n, n);
		visit_type_params(b, n->e);
	}
	for (const struct qf_py_node *p = n->b; p; p = p->next)
		visit_annotation(b, p->a);
	visit_annotation(b, n->c);
	enter(b, QF_PY_SCOPE_FUNCTION, n, n);
	visit_params(b, n->b);
	visit_list(b, n->d);
	leave(b);
	if (n->e)
		leave(b);
}

static void visit_class(struct qf_py_builder *b, struct qf_py_node *n)
{
	const struct qf_str outer = b->class_name;
	struct qf_str own = qf_py_identifier(&b->out->arena, qf_py_text(b->tokens, n->name));

	use(b, n, n->name, QF_PY_USE_DEF, QF_PY_SYM_DEFINED);
	visit_list(b, n->a);
	if (n->e) {
		enter(b, QF_PY_SCOPE_TYPE_PARAMS, n, n);
		b->class_name = own;
		b->generic = n;
		visit_type_params(b, n->e);
	}
	visit_list(b, n->b);
	enter(b, QF_PY_SCOPE_CLASS, n, n);
	b->class_name = own;
	b->generic = NULL;
	visit_list(b, n->d);
	leave(b);
	if (n->e)
		leave(b);
	b->class_name = outer;
}

static void visit_type_alias(struct qf_py_builder *b, struct qf_py_node *n)
{
	use(b, n, n->name, QF_PY_USE_DEF, QF_PY_SYM_DEFINED);
	if (n->e) {
		enter(b, QF_PY_SCOPE_TYPE_PARAMS, n, n);
		visit_type_params(b, n->e);
	}
	visit_lazy(b, n, n->b);
	if (n->e)
		leave(b);
}

static void visit_lambda(struct qf_py_builder *b, struct qf_py_node *n)
{
	visit_defaults(b, n->b);
	enter(b, QF_PY_SCOPE_LAMBDA, n, n);
	visit_params(b, n->b);
	visit(b, n->a);
	leave(b);
}

static void visit_iterable(struct qf_py_builder *b, struct qf_py_node *n)
{
	b->iterables++;
	visit(b, n);
	b->iterables--;
}

static void visit_comprehension(struct qf_py_builder *b, struct qf_py_node *n)
{
	bool before = b->comp_target;

	if (n->c)
		visit_iterable(b, n->c->b);
	enter(b, QF_PY_SCOPE_COMPREHENSION, n, n);
	for (struct qf_py_node *part = n->c; part; part = part->next) {
		b->comp_target = true;
		visit(b, part->a);
		b->comp_target = false;
		if (part != n->c)
			visit_iterable(b, part->b);
		visit_list(b, part->c);
	}
	if (n->b)
		visit(b, n->b);
	visit(b, n->a);
	leave(b);
	b->comp_target = before;
}

/* What CPython calls an annotation scope, or NULL where expressions of every kind may stand. */
static const char *annotation_scope(const struct qf_py_scope *scope)
{
	if (scope->kind == QF_PY_SCOPE_TYPE_PARAMS)
		return "the definition of a generic";
	if (scope->kind != QF_PY_SCOPE_TYPE_ALIAS)
		return NULL;
	return scope->node->kind == QF_PY_TYPE_PARAM ? "a type parameter" : "a type alias";
}

static void refuse_in_annotation(struct qf_py_builder *b, const struct qf_py_node *n, const char *what)
{
	const char *where = annotation_scope(b->scope);

	if (where)
		qf_py_build_fail(b, n->first, "%s cannot be used within %s", what, where);
}

/* A walrus in a comprehension binds its name outside of all comprehensions (PEP 572). */
static void bind_outside(struct qf_py_builder *b, const struct qf_py_node *target)
{
	static const char where[] = "assignment expression within a comprehension cannot be used in";
	struct qf_str name = name_at(b, target->name);
	struct qf_py_scope *at = b->scope;
	struct qf_py_symbol *s;

	for (; at->kind == QF_PY_SCOPE_COMPREHENSION; at = at->parent) {
		s = qf_py_scope_find(at, name);
		if (s && s->flags & QF_PY_SYM_COMP_ITER && s->flags & (QF_PY_SYM_ASSIGNED | QF_PY_SYM_GLOBAL))
			qf_py_build_fail(b, target->name, "assignment expression cannot rebind comprehension "
					 "iteration variable '%.*s'", QF_STR_ARG(name));
	}
	if (at->kind == QF_PY_SCOPE_CLASS) {
		qf_py_build_fail(b, target->name, "%s a class body", where);
	} else if (annotation_scope(at)) {
		qf_py_build_fail(b, target->name, "%s %s", where, annotation_scope(at));
	} else if (at->kind == QF_PY_SCOPE_MODULE) {
		define(b, name, target->name, QF_PY_SYM_GLOBAL);
	} else {
		s = qf_py_scope_symbol(&b->out->arena, at, name);
		define(b, name, target->name, s->flags & QF_PY_SYM_GLOBAL ? QF_PY_SYM_GLOBAL : QF_PY_SYM_NONLOCAL);
		s->flags |= QF_PY_SYM_ASSIGNED;
	}
}

static void visit_named_expr(struct qf_py_builder *b, struct qf_py_node *n)
{
	refuse_in_annotation(b, n, "named expression");
	if (b->iterables)
		qf_py_build_fail(b, n->first, "assignment expression cannot be used in a comprehension iterable "
				 "expression");
	if (b->scope->kind == QF_PY_SCOPE_COMPREHENSION)
		bind_outside(b, n->a);
	visit(b, n->b);
	visit(b, n->a);
}

static void visit_yield(struct qf_py_builder *b, struct qf_py_node *n)
{
	refuse_in_annotation(b, n, n->kind == QF_PY_AWAIT ? "await expression" : "yield expression");
	if (n->kind != QF_PY_AWAIT && b->scope->kind == QF_PY_SCOPE_COMPREHENSION)
		qf_py_build_fail(b, n->first, "'yield' inside a comprehension");
	if (n->a)
		visit(b, n->a);
}

static void visit_ann_assign(struct qf_py_builder *b, struct qf_py_node *n)
{
	struct qf_py_node *target = n->a;

	if (target->kind != QF_PY_NAME_EXPR) {
		visit(b, target);
	} else if (n->flags & QF_PY_SIMPLE) {
		struct qf_py_symbol *s = qf_py_scope_find(b->scope, name_at(b, target->name));

		if (s && b->scope->parent && s->flags & (QF_PY_SYM_GLOBAL | QF_PY_SYM_NONLOCAL))
			qf_py_build_fail(b, target->name, "annotated name '%.*s' can't be %s", QF_STR_ARG(s->name),
					 s->flags & QF_PY_SYM_GLOBAL ? "global" : "nonlocal");
		use(b, target, target->name, QF_PY_USE_STORE, QF_PY_SYM_ANNOTATED | QF_PY_SYM_ASSIGNED);
	} else {
		/* (x): int binds nothing. */
		use(b, target, target->name, QF_PY_USE_STORE, n->c ? QF_PY_SYM_ASSIGNED : 0);
	}
	visit_annotation(b, n->b);
	if (n->c)
		visit(b, n->c);
}

static void visit_import(struct qf_py_builder *b, struct qf_py_node *aliases)
{
	for (struct qf_py_node *n = aliases; n; n = n->next) {
		if (n->kind == QF_PY_STAR) {
			if (b->scope->parent)
				qf_py_build_fail(b, n->first, "import * only allowed at module level");
			b->scope->star_import = true;
			continue;
		}
		use(b, n, n->name != QF_PY_NONE ? n->name : n->a->first, QF_PY_USE_IMPORT, QF_PY_SYM_IMPORTED);
	}
}

static void visit_declaration(struct qf_py_builder *b, struct qf_py_node *n)
{
	const char *kind = n->kind == QF_PY_GLOBAL ? "global" : "nonlocal";

	for (struct qf_py_node *id = n->a; id; id = id->next) {
		const struct qf_py_symbol *s = qf_py_scope_find(b->scope, name_at(b, id->name));
		unsigned flags = s ? s->flags : 0;

		if (flags & QF_PY_SYM_PARAM)
			qf_py_build_fail(b, id->name, "name '%.*s' is parameter and %s", QF_STR_ARG(s->name), kind);
		else if (flags & QF_PY_SYM_REFERENCED)
			qf_py_build_fail(b, id->name, "name '%.*s' is used prior to %s declaration",
					 QF_STR_ARG(s->name), kind);
		else if (flags & QF_PY_SYM_ANNOTATED)
			qf_py_build_fail(b, id->name, "annotated name '%.*s' can't be %s", QF_STR_ARG(s->name), kind);
		else if (flags & (QF_PY_SYM_ASSIGNED | QF_PY_SYM_DEFINED))
			qf_py_build_fail(b, id->name, "name '%.*s' is assigned to before %s declaration",
					 QF_STR_ARG(s->name), kind);
		use(b, id, id->name, QF_PY_USE_DECLARE,
		    n->kind == QF_PY_GLOBAL ? QF_PY_SYM_GLOBAL : QF_PY_SYM_NONLOCAL);
	}
}

static void visit_children(struct qf_py_builder *b, struct qf_py_node *n)
{
	visit_list(b, n->a);
	visit_list(b, n->b);
	visit_list(b, n->c);
	visit_list(b, n->d);
	visit_list(b, n->e);
}

/* Chains of the grammar that are long without being nested (a.b.c, elif) are walked in a loop. */
static void visit(struct qf_py_builder *b, struct qf_py_node *n)
{
	while (n) {
		struct qf_py_node *rest = NULL;

		switch (n->kind) {
		case QF_PY_NAME_EXPR: visit_name(b, n); break;
		case QF_PY_ATTRIBUTE: rest = n->a; break;
		case QF_PY_SUBSCRIPT:
		case QF_PY_CALL:
			visit_list(b, n->b);
			rest = n->a;
			break;
		case QF_PY_IF:
		case QF_PY_IF_EXPR:
			visit(b, n->a);
			visit_list(b, n->b);
			if (n->c && !n->c->next)
				rest = n->c;
			else
				visit_list(b, n->c);
			break;
		case QF_PY_FUNCTION: visit_function(b, n); break;
		case QF_PY_CLASS: visit_class(b, n); break;
		case QF_PY_TYPE_ALIAS: visit_type_alias(b, n); break;
		case QF_PY_LAMBDA: visit_lambda(b, n); break;
		case QF_PY_LIST_COMP:
		case QF_PY_SET_COMP:
		case QF_PY_DICT_COMP:
		case QF_PY_GENEXP: visit_comprehension(b, n); break;
		case QF_PY_NAMED_EXPR: visit_named_expr(b, n); break;
		case QF_PY_AWAIT:
		case QF_PY_YIELD:
		case QF_PY_YIELD_FROM: visit_yield(b, n); break;
		case QF_PY_ANN_ASSIGN: visit_ann_assign(b, n); break;
		case QF_PY_IMPORT: visit_import(b, n->a); break;
		case QF_PY_IMPORT_FROM: visit_import(b, n->b); break;
		case QF_PY_GLOBAL:
		case QF_PY_NONLOCAL: visit_declaration(b, n); break;
		case QF_PY_HANDLER:
			visit_list(b, n->a);
			use(b, n, n->name, QF_PY_USE_STORE, QF_PY_SYM_ASSIGNED);
			visit_list(b, n->b);
			break;
		case QF_PY_PAT_CAPTURE:
		case QF_PY_PAT_STAR:
		case QF_PY_PAT_MAPPING:
		case QF_PY_PAT_AS:
			visit_children(b, n);
			use(b, n, n->name, QF_PY_USE_STORE, QF_PY_SYM_ASSIGNED);
			break;
		default: visit_children(b, n); break;
		}
		n = rest;
	}
}

/* Does the module have `from __future__ import annotations`? */
static bool has_future_annotations(const struct qf_py_builder *b, const struct qf_py_node *root)
{
	for (const struct qf_py_node *n = root->kind == QF_PY_MODULE ? root->a : NULL; n; n = n->next) {
		if (n->kind != QF_PY_IMPORT_FROM || n->level || !n->a || n->a->last != n->a->first + 1 ||
		    !qf_str_is(qf_py_text(b->tokens, n->a->first), "__future__"))
			continue;
		for (const struct qf_py_node *alias = n->b; alias; alias = alias->next)
			if (alias->kind == QF_PY_ALIAS &&
			    qf_str_is(qf_py_text(b->tokens, alias->a->first), "annotations"))
				return true;
	}
	return false;
}

void qf_py_scope_bind(struct qf_py_builder *b)
{
	struct qf_py_node *root = b->out->ast->root;

	b->future_annotations = has_future_annotations(b, root);
	b->out->module = enter(b, QF_PY_SCOPE_MODULE, root, root);
	visit(b, root);
}
