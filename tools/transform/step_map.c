/* map: {status: {values: {A: active, I: inactive}}}: other values by a table, written out or in a file. */
#include <errno.h>

#include "tools/transform/values.h"

static const char usage[] = "map: {status: {values: {A: active, I: inactive}, else: keep}, country: {file: countries.yaml}}";

enum { FILE_LIMIT = 64 << 20 };

enum other { OTHER_FAIL, OTHER_KEEP, OTHER_NULL, OTHER_DROP, OTHER_DEFAULT };

struct entry {
	struct qf_str key;
	struct qf_val *value;
	size_t no;
};

struct setting {
	const char *file;
	int other;
	struct qf_path path;
	struct qf_val *fallback;
	struct entry *entries; /* by key */
	size_t n, cap;
};

struct state {
	struct setting *list;
	size_t n;
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "file", .type = QF_OPT_TEXT, .offset = offsetof(struct setting, file), .arg = "FILE", .data = true,
	  .help = "YAML or JSON file with the table: one map" },
	{ .name = "else", .type = QF_OPT_CHOICE, .offset = offsetof(struct setting, other), .choices = "fail|keep|null|drop",
	  .def = "fail", .arg = "WHAT", .data = true, .help = "what becomes of a value that the table has not" },
};
/* clang-format on */

/* ---- the table ---- */

static void add(struct setting *m, struct qf_str key, struct qf_val *value)
{
	QF_GROW(m->entries, m->n, m->cap);
	m->entries[m->n] = (struct entry){ key, value, m->n };
	m->n++;
}

static int by_key(const void *a, const void *b)
{
	return qf_str_cmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static int by_key_and_order(const void *a, const void *b)
{
	size_t x = ((const struct entry *)a)->no, y = ((const struct entry *)b)->no;
	int rc = by_key(a, b);

	return rc ? rc : x < y ? -1 : x > y;
}

static void add_map(struct setting *m, const struct qf_node *map, struct qf_arena *arena)
{
	for (const struct qf_node *k = map->child; k; k = k->next)
		add(m, qf_arena_dup(arena, k->key, strlen(k->key)), qf_val_of_node(k, arena));
}

static int read_json(struct setting *m, struct qf_arena *arena, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	FILE *in = fopen(m->file, "re");
	struct qf_val *root;
	const char *why;
	size_t n = 0;

	if (!in)
		return qf_err_errno(err, QF_E_NOINPUT, errno, "map: cannot read %s", m->file);
	do {
		text.n += n;
		n = fread(qf_buf_room(&text, 1 << 16), 1, 1 << 16, in);
	} while (n && text.n <= FILE_LIMIT);
	fclose(in);
	if (text.n > FILE_LIMIT)
		return qf_err_set(err, QF_E_CONFIG, "%s: more than %d MiB; the step lookup is for large tables", m->file,
				  FILE_LIMIT >> 20);
	root = qf_val_of_json(qf_arena_dup(arena, text.p, text.n), arena, &why);
	if (!root)
		return qf_err_set(err, QF_E_CONFIG, "%s: not valid JSON: %s", m->file, why);
	if (root->type != QF_JSON_OBJECT)
		return qf_err_set(err, QF_E_CONFIG, "%s: an object is expected, not %s", m->file, qf_val_type_name(root));
	for (struct qf_val *v = qf_val_first(root, arena); v; v = v->next)
		add(m, v->key, qf_val_copy(v, arena));
	return 0;
}

static int read_file(struct setting *m, struct qf_arena *arena, struct qf_err *err)
{
	const char *end = strrchr(m->file, '.');
	struct qf_conf conf = { 0 };
	int rc;

	if (end && !strcasecmp(end, ".json"))
		return read_json(m, arena, err);
	rc = qf_conf_read(&conf, m->file, err);
	if (rc == 0 && (!conf.root || conf.root->kind != QF_NODE_MAP))
		rc = qf_node_error(&conf, conf.root, err, "a map of old and new values is expected");
	if (rc == 0)
		add_map(m, conf.root, arena);
	qf_conf_release(&conf);
	return rc;
}

/* Of equal keys the last counts, as in JSON elsewhere. */
static void sort(struct setting *m)
{
	size_t n = 0;

	qsort(m->entries, m->n, sizeof(*m->entries), by_key_and_order);
	for (size_t i = 0; i < m->n; i++) {
		if (n && qf_str_eq(m->entries[n - 1].key, m->entries[i].key))
			m->entries[n - 1] = m->entries[i];
		else
			m->entries[n++] = m->entries[i];
	}
	m->n = n;
}

static int compile(struct setting *m, const struct qf_conf *conf, const struct qf_node *k,
		   struct qf_arena *arena, struct qf_err *err)
{
	const struct qf_node *values = qf_node_get(k, "values"), *fallback = qf_node_get(k, "default");

	if (!values == !m->file)
		return qf_node_error(conf, k, err, "either 'values' or 'file' is expected: %s", usage);
	if (values && values->kind != QF_NODE_MAP)
		return qf_node_error(conf, values, err, "values: a map of old and new values is expected: %s", usage);
	if (fallback && qf_node_get(k, "else"))
		return qf_node_error(conf, fallback, err, "either 'else' or 'default' is expected, not both");
	if (fallback) {
		m->other = OTHER_DEFAULT;
		m->fallback = qf_val_of_node(fallback, arena);
	}
	if (values)
		add_map(m, values, arena);
	else if (read_file(m, arena, err) < 0)
		return -1;
	if (!m->n)
		return qf_node_error(conf, k, err, "the table is empty");
	sort(m);
	return 0;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	static const char *const also[] = { "values", "default" };
	struct state *s = state;
	size_t n = qf_node_count(value);

	if (!n)
		return qf_node_error(conf, value, err, "properties and their tables are expected: %s", usage);
	s->list = qf_arena_zalloc(&s->arena, n * sizeof(*s->list));
	for (const struct qf_node *k = value->child; k; k = k->next) {
		struct setting *m = &s->list[s->n++];

		if (k->kind != QF_NODE_MAP)
			return qf_node_error(conf, k, err, "a map with values or file is expected: %s", usage);
		if (qf_path_compile(&m->path, conf, k, k->key, false, &s->arena, err) < 0 ||
		    qf_pair_settings(opts, QF_LEN(opts), "file", m, conf, k, also, QF_LEN(also), &s->arena, err) < 0 ||
		    compile(m, conf, k, &s->arena, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- values ---- */

static int map(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	const struct setting *m = context;
	struct entry key = { .key = qf_val_as_text(v, arena) };
	const struct entry *found = NULL;
	int64_t whole;

	/* 5.0 is the 5 of the table. */
	if (v->type == QF_JSON_NUMBER && qf_val_int(v, &whole) == 0)
		key.key = qf_arena_printf(arena, "%lld", (long long)whole);
	if (key.key.p)
		found = bsearch(&key, m->entries, m->n, sizeof(*m->entries), by_key);
	if (found) {
		qf_val_assign(v, qf_val_copy(found->value, arena));
		return 0;
	}
	switch ((enum other)m->other) {
	case OTHER_FAIL:
		return qf_err_set(err, QF_E_DATA, "%s is not in the table; 'else: keep' would let it stay", qf_val_show(v, arena));
	case OTHER_KEEP:
		return 0;
	case OTHER_NULL:
		qf_val_assign(v, qf_val_new_null(arena));
		return 0;
	case OTHER_DROP:
		qf_val_remove_all(v);
		return 0;
	case OTHER_DEFAULT:
		qf_val_assign(v, qf_val_copy(m->fallback, arena));
		return 0;
	}
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n; i++) {
		struct qf_each each = { .fn = map, .context = &s->list[i] };

		if (qf_each_value(&each, &s->list[i].path, rec, arena, err) < 0)
			return -1;
	}
	return QF_STEP_KEEP;
}

/* Where all new values are of one type, the index is of that type. */
static const char *type_of(const struct setting *m)
{
	const char *type = NULL;

	for (size_t i = 0; i <= m->n; i++) {
		struct qf_val *v = i < m->n ? m->entries[i].value : m->fallback;
		const char *this;

		if (!v || v->type == QF_JSON_NULL)
			continue;
		this = v->type == QF_JSON_STRING ? "keyword" : v->type == QF_JSON_BOOL ? "bool" :
		       v->type != QF_JSON_NUMBER ? NULL : qf_val_is_integer(v) ? "integer" : "float";
		if (!this || (type && strcmp(this, type) != 0))
			return NULL;
		type = this;
	}
	return m->other == OTHER_KEEP ? NULL : type;
}

static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < s->n; i++) {
		const char *type = type_of(&s->list[i]);

		if (type)
			qf_path_retype(&s->list[i].path, rec, type, arena);
	}
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	struct state *s = state;

	for (size_t i = 0; i < s->n; i++)
		free(s->list[i].entries);
	qf_arena_release(&s->arena);
}

static const struct qf_step_example examples[] = {
	{ "A table", "map: {status: {values: {A: active, I: inactive}}}", "{\"status\":\"A\"}", "{\"status\":\"active\"}" },
	{ "Numbers to texts, in an array; what is not in the table", "map: {sizes: {values: {1: small, 2: large}, default: other}}",
	  "{\"sizes\":[1,2.0,7]}", "{\"sizes\":[\"small\",\"large\",\"other\"]}" },
	{ "A value that the table has not", "map: {status: {values: {A: active}}}", "{\"status\":\"X\"}",
	  "error: step 1 (map): collection 'A', id 1, line 1: 'status': \"X\" is not in the table; 'else: keep' would let it stay" },
};

const struct qf_step qf_step_map = {
	.name = "map",
	.help = "other values by a table",
	.usage = usage,
	.group = "values",
	.doc = "The table stands under `values`, or in a YAML or JSON `file` that is one map. Its keys are texts: strings, the digits of numbers "
	       "(5.0 is 5), true and false. New values may be of any type. What the table has not is an error, or stays (`else: keep`), becomes "
	       "null (`else: null`), goes (`else: drop`), or becomes the value under `default`. Arrays are gone through; null and what is "
	       "not there stays. Where all new values are of one type, a declared index becomes one of it. For tables with several columns, or in CSV or a "
	       "database, there is `lookup`.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "PATH",
	.pair_opts = opts,
	.n_pair_opts = QF_LEN(opts),
	.pair_json = true,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = step_point,
	.collection = step_schema,
	.close = step_close,
};
