#include "tools/align/names.h"

#include "common/base/mem.h"
#include "tools/align/change/plan.h"

struct list {
	const char **items;
	size_t n, cap;
};

static void add(struct list *l, const char *item)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->items[i], item))
			return;
	QF_GROW(l->items, l->n, l->cap);
	l->items[l->n++] = item;
}

static const char *last_part(const char *dotted)
{
	const char *dot = strrchr(dotted, '.');

	return dot ? dot + 1 : dotted;
}

/* What stands in text is reported once, under the first rule that names it. */
struct texts {
	struct list names;
	const char **rules, **messages;
	size_t cap;
};

static void add_text(struct texts *t, const char *name, const char *rule, const char *message)
{
	size_t before = t->names.n;

	add(&t->names, name);
	if (t->names.n == before)
		return;
	if (t->names.n > t->cap) {
		t->cap = t->names.cap;
		t->rules = qf_realloc(t->rules, t->cap, sizeof(*t->rules));
		t->messages = qf_realloc(t->messages, t->cap, sizeof(*t->messages));
	}
	t->rules[before] = rule;
	t->messages[before] = message;
}

static const char **keep(struct qf_arena *arena, const char **items, size_t n)
{
	const char **copy = qf_arena_alloc(arena, (n + 1) * sizeof(*copy));

	if (n)
		memcpy(copy, items, n * sizeof(*copy));
	free(items);
	return copy;
}

void qf_scan_names_make(const struct qf_rules *rules, struct qf_arena *arena, struct qf_scan_names *ret)
{
	struct list python = { 0 };
	struct texts text = { 0 };

	for (size_t i = 0; i < rules->n_modules; i++) {
		const struct qf_mapping *m = &rules->modules[i];

		add(&python, last_part(m->from));
		add_text(&text, m->from, m->from,
			 qf_arena_printf(arena, "names a module that is now %s", m->to).p);
	}
	for (size_t i = 0; i < rules->n_symbols; i++)
		add(&python, last_part(rules->symbols[i].from));
	for (size_t i = 0; i < rules->n_moves; i++) {
		const struct qf_move *m = &rules->moves[i];
		bool package;
		const char *module = qf_module_of(arena, rules, m->from, &package);
		const char *message = qf_arena_printf(arena, "names a file that is now %s", m->to).p;

		add_text(&text, m->from, m->from, message);
		/* A file whose path is no module is imported by nobody. */
		if (*module) {
			add(&python, last_part(module));
			add_text(&text, module, m->from, message);
		}
		for (size_t j = 0; j < m->n_renames; j++)
			add(&python, m->renames[j].from);
	}
	*ret = (struct qf_scan_names){
		.text_rules = keep(arena, text.rules, text.names.n),
		.text_messages = keep(arena, text.messages, text.names.n),
		.python = { keep(arena, python.items, python.n), python.n },
		.text = { keep(arena, text.names.items, text.names.n), text.names.n },
	};
}
