/*
 * lookup: {key: author_id, from: authors.csv, column: id, take: {name: author_name}}: values joined by
 * key, from a CSV file or from PostgreSQL.
 */
#include "common/base/log.h"
#include "common/base/tool.h"
#include "tools/transform/lookup.h"
#include "tools/transform/payload.h"
#include "tools/transform/steps.h"

static const char usage[] =
	"lookup: {key: author_id, from: authors.csv, column: id, take: {name: author_name, year: born as integer}}";

enum type { STRING, INTEGER, FLOAT, BOOL, JSON };

static const char *const type_names[] = { "string", "integer", "float", "bool", "json" };

struct take {
	const char *column;
	struct qf_path into;
	enum type type;
};

struct state {
	/* The settings. */
	const char *key, *from, *table_name, *query, *postgres, *column, *delimiter, *secret;
	const struct qf_node *take;
	bool required;
	int duplicates;
	unsigned long long memory;
	double timeout;
	/* What is made of them. */
	struct qf_path path;
	struct take *takes;
	struct qf_lookup_columns columns;
	struct qf_table table;
	struct qf_lookup_pg *pg;
	bool loaded;
	struct qf_arena arena;
	struct qf_str *values; /* scratch, one for each take */
	/* For the report. */
	uint64_t points, keyless, missing;
	char *first_missing;
};

#define AT(field) offsetof(struct state, field)

static const struct qf_opt opts[] = {
	{ .name = "key", .type = QF_OPT_TEXT, .offset = AT(key), .arg = "PATH", .data = true,
	  .help = "the property (or @id, @tenant) that holds the key" },
	{ .name = "from", .type = QF_OPT_TEXT, .offset = AT(from), .arg = "FILE", .data = true,
	  .help = "a CSV file whose first row has the names of its columns" },
	{ .name = "table", .type = QF_OPT_TEXT, .offset = AT(table_name), .arg = "NAME", .data = true,
	  .help = "or a table of PostgreSQL" },
	{ .name = "query", .type = QF_OPT_TEXT, .offset = AT(query), .arg = "SQL", .data = true,
	  .help = "or a query there that has the columns" },
	{ .name = "column", .type = QF_OPT_TEXT, .offset = AT(column), .arg = "NAME", .data = true,
	  .help = "the column of the keys" },
	{ .name = "take", .type = QF_OPT_NODE, .offset = AT(take), .arg = "{COLUMN: PATH}", .data = true,
	  .help = "columns and the properties they go to: {name: author_name, year: born as integer}; or a list of "
		  "columns that become properties of their name" },
	{ .name = "required", .type = QF_OPT_FLAG, .offset = AT(required), .data = true,
	  .help = "a point without a key, or with one that is not there, is an error" },
	{ .name = "duplicates", .type = QF_OPT_CHOICE, .offset = AT(duplicates), .choices = "error|first", .data = true,
	  .def = "error", .help = "of rows with one key" },
	{ .name = "delimiter", .type = QF_OPT_TEXT, .offset = AT(delimiter), .arg = "CHARACTER", .def = ",", .data = true,
	  .help = "of the CSV file; tab for a tab" },
	{ .name = "memory", .type = QF_OPT_SIZE, .offset = AT(memory), .arg = "SIZE", .def = "64MiB", .min = 1,
	  .help = "of the table; a larger CSV file goes to a temporary file" },
	{ .name = "postgres", .type = QF_OPT_TEXT, .offset = AT(postgres), .arg = "ADDRESS",
	  .help = "of the server, without password: postgresql://user@host/db; else PGHOST, PGDATABASE and so on" },
	{ .name = "postgres-url", .type = QF_OPT_SECRET, .offset = AT(secret), .env = "POSTGRES_URL",
	  .help = "the same with password" },
	{ .name = "timeout", .type = QF_OPT_SECONDS, .offset = AT(timeout), .arg = "SECONDS", .def = "60",
	  .help = "of a connection and of an answer of PostgreSQL" },
};

/* ---- settings ---- */

static int find_type(const char *name, enum type *ret)
{
	for (size_t i = 0; i < QF_LEN(type_names); i++) {
		if (strcmp(type_names[i], name) != 0)
			continue;
		*ret = (enum type)i;
		return 0;
	}
	return -1;
}

static int set_type(struct take *t, const struct qf_conf *conf, const struct qf_node *at, const char *name,
		    struct qf_err *err)
{
	const char *near;

	if (find_type(name, &t->type) == 0)
		return 0;
	near = qf_str_nearest(name, type_names, QF_LEN(type_names));
	return qf_node_error(conf, at, err, "'%s' is no type%s%s%s; use string, integer, float, bool or json", name,
			     near ? ", did you mean '" : "", near ? near : "", near ? "'" : "");
}

/* "name", "born as integer", or {into: born, type: integer}. */
static int read_take(struct state *s, struct take *t, const struct qf_conf *conf, const struct qf_node *node,
		     const char *column, struct qf_err *err)
{
	static const char *const keys[] = { "into", "type" };
	const char *path = node->text, *as;

	t->column = column;
	if (node->kind == QF_NODE_MAP) {
		const struct qf_node *into = qf_node_get(node, "into"), *type = qf_node_get(node, "type");

		if (qf_node_check_keys(conf, node, "a column", keys, QF_LEN(keys), err) < 0)
			return -1;
		path = into && into->kind == QF_NODE_SCALAR ? into->text : column;
		if (type && (type->kind != QF_NODE_SCALAR || set_type(t, conf, type, type->text, err) < 0))
			return type->kind == QF_NODE_SCALAR ? -1 : qf_node_error(conf, type, err, "one word is expected");
	} else if (node->kind != QF_NODE_SCALAR || !*node->text) {
		return qf_node_error(conf, node, err, "a property is expected: {%s: PATH}", column);
	} else if ((as = strstr(path, " as ")) != NULL) {
		path = qf_arena_dup(&s->arena, path, (size_t)(as - path)).p;
		if (set_type(t, conf, node, as + 4 + strspn(as + 4, " "), err) < 0)
			return -1;
	}
	return qf_path_compile(&t->into, conf, node, path, false, &s->arena, err);
}

static int read_takes(struct state *s, const struct qf_conf *conf, const struct qf_node *value, struct qf_err *err)
{
	size_t n = 0;

	if (!s->take || s->take->kind == QF_NODE_SCALAR || !s->take->child)
		return qf_node_error(conf, s->take ? s->take : value, err, "'take' must name columns: %s", usage);
	for (const struct qf_node *k = s->take->child; k; k = k->next)
		n++;
	s->takes = qf_arena_zalloc(&s->arena, n * sizeof(*s->takes));
	s->values = qf_arena_zalloc(&s->arena, n * sizeof(*s->values));
	s->columns.taken = qf_arena_zalloc(&s->arena, n * sizeof(*s->columns.taken));
	s->columns.key = s->column;
	for (const struct qf_node *k = s->take->child; k; k = k->next) {
		const char *column = s->take->kind == QF_NODE_MAP ? k->key : k->kind == QF_NODE_SCALAR ? k->text : "";

		if (!*column)
			return qf_node_error(conf, k, err, "the name of a column is expected");
		s->columns.taken[s->table.width] = column;
		if (read_take(s, &s->takes[s->table.width++], conf, k, column, err) < 0)
			return -1;
	}
	return 0;
}

static int check_source(struct state *s, const struct qf_conf *conf, const struct qf_node *value, struct qf_err *err)
{
	int given = (s->from != NULL) + (s->table_name != NULL) + (s->query != NULL);

	if (given != 1)
		return qf_node_error(conf, value, err, "one of 'from' (a CSV file), 'table' and 'query' (of PostgreSQL) must be "
				     "given: %s", usage);
	if (s->from && s->postgres)
		return qf_node_error(conf, qf_node_get(value, "postgres"), err, "'postgres' goes with 'table' or 'query', not "
				     "with 'from'");
	if (s->postgres && qf_lookup_pg_secret(s->postgres))
		return qf_node_error(conf, qf_node_get(value, "postgres"), err, "a secret does not belong into a file of "
				     "settings; set PGPASSWORD, ~/.pgpass, or the whole address in POSTGRES_URL, "
				     "POSTGRES_URL_FILE or POSTGRES_URL_COMMAND");
	if (!strcmp(s->delimiter, "tab"))
		s->delimiter = "\t";
	if (strlen(s->delimiter) != 1 || strchr("\"\r\n", *s->delimiter))
		return qf_node_error(conf, qf_node_get(value, "delimiter"), err, "the delimiter must be one character, or tab");
	return 0;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;

	if (!s->key || !*s->key)
		return qf_node_error(conf, value, err, "'key' is missing: %s", usage);
	if (!s->column || !*s->column)
		return qf_node_error(conf, value, err, "'column' is missing: %s", usage);
	if (check_source(s, conf, value, err) < 0 ||
	    qf_path_compile(&s->path, conf, qf_node_get(value, "key"), s->key, true, &s->arena, err) < 0 ||
	    read_takes(s, conf, value, err) < 0)
		return -1;
	s->table.memory = s->memory;
	s->table.first = s->duplicates == 1;
	s->table.name = s->from;
	s->table.spills = s->from != NULL;
	if (s->from && qf_lookup_csv(s->from, *s->delimiter, &s->columns, s->table.width, NULL, err) < 0)
		return qf_node_error(conf, qf_node_get(value, "from"), err, "%s", err->msg);
	return 0;
}

/* Not before there is something to look up. */
static int load(struct state *s, struct qf_err *err)
{
	const char *address = s->postgres;

	if (s->loaded)
		return 0;
	if (s->from) {
		if (qf_lookup_csv(s->from, *s->delimiter, &s->columns, s->table.width, &s->table, err) < 0) {
			/* Of the table, not of the point that came by. */
			err->code = err->code == QF_E_DATA ? QF_E_CONFIG : err->code;
			return -1;
		}
	} else {
		if (!address && qf_secret_get("POSTGRES_URL", &s->arena, &address, err) < 0)
			return -1;
		if (qf_lookup_pg_open(address ? address : "", s->timeout, s->query ? s->query : s->table_name,
				      s->query != NULL, &s->columns, s->table.width, &s->pg, err) < 0)
			return -1;
		s->table.name = qf_lookup_pg_name(s->pg);
	}
	s->loaded = true;
	return 0;
}

/* ---- values ---- */

static int bool_of(struct qf_str text, bool *ret)
{
	static const char *const words[] = { "false", "true", "f", "t", "no", "yes",
					     "n", "y", "0", "1", "off", "on" };

	for (size_t i = 0; i < QF_LEN(words); i++) {
		if (strlen(words[i]) != text.n || strncasecmp(words[i], text.p, text.n) != 0)
			continue;
		*ret = i & 1;
		return 0;
	}
	return -1;
}

static struct qf_val *convert(enum type type, struct qf_str text, struct qf_arena *arena)
{
	const char *why;
	struct qf_val *v;
	int64_t i;
	uint64_t u;
	double d;
	bool b;

	if (type == STRING)
		return qf_val_new_string(arena, text);
	while (text.n && strchr(" \t", *text.p))
		text.p++, text.n--;
	while (text.n && strchr(" \t", text.p[text.n - 1]))
		text.n--;
	if (type == BOOL)
		return bool_of(text, &b) == 0 ? qf_val_new_bool(arena, b) : NULL;
	v = text.n ? qf_val_of_json(text, arena, &why) : NULL;
	if (!v || type == JSON)
		return v;
	if (v->type != QF_JSON_NUMBER)
		return NULL;
	if (type == INTEGER)
		return qf_val_int(v, &i) == 0	 ? qf_val_new_int(arena, i)
		       : qf_val_uint(v, &u) == 0 ? qf_val_new_uint(arena, u)
						 : NULL;
	if (qf_val_double(v, &d) < 0)
		return NULL;
	return qf_val_is_integer(v) ? qf_val_new_double(arena, d) : v;
}

static int put_values(struct state *s, struct qf_record *rec, struct qf_str key, struct qf_arena *arena,
		      struct qf_err *err)
{
	struct qf_val *root;

	if (qf_payload_get(rec, arena, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < s->table.width; i++) {
		const struct take *t = &s->takes[i];
		struct qf_val *v;

		if (!s->values[i].p)
			continue;
		v = convert(t->type, qf_arena_dup_str(arena, s->values[i]), arena);
		if (!v)
			return qf_err_set(err, QF_E_DATA, "column '%s' of the key \"%s\" is no %s: \"%s\"", t->column,
					  qf_text_show(key, arena), type_names[t->type],
					  qf_text_show(s->values[i], arena));
		if (qf_path_set(&t->into, root, v, arena, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- keys ---- */

/* As text; p == NULL: none. An integer is the same however it is written. */
static int key_of(struct state *s, struct qf_record *rec, struct qf_arena *arena, struct qf_str *key,
		  struct qf_err *err)
{
	struct qf_val *v;
	int64_t i;

	*key = (struct qf_str){ 0 };
	if (qf_path_value(&s->path, rec, arena, &v, err) < 0)
		return -1;
	if (!v || v->type == QF_JSON_NULL)
		return 0;
	if (v->type == QF_JSON_ARRAY || v->type == QF_JSON_OBJECT)
		return qf_err_set(err, QF_E_DATA, "'%s' is of type %s and no key: %s", s->key, qf_val_type_name(v),
				  qf_val_show(v, arena));
	if (v->type == QF_JSON_BOOL)
		*key = v->boolean ? QF_STR("true") : QF_STR("false");
	else if (v->type == QF_JSON_NUMBER && qf_val_int(v, &i) == 0)
		*key = qf_arena_printf(arena, "%lld", (long long)i);
	else
		*key = qf_val_text(v, arena);
	if (!key->n || memchr(key->p, '\0', key->n))
		*key = (struct qf_str){ 0 };
	return 0;
}

static int without(struct state *s, struct qf_err *err)
{
	s->keyless++;
	return s->required ? qf_err_set(err, QF_E_DATA, "it has no key ('%s' is absent, null or empty)", s->key) : 0;
}

static int not_there(struct state *s, struct qf_str key, struct qf_arena *arena, struct qf_err *err)
{
	const char *shown = qf_text_show(key, arena);

	s->missing++;
	if (!s->first_missing)
		s->first_missing = qf_strdup(shown);
	if (!s->required)
		return 0;
	return qf_err_set(err, QF_E_DATA, "the key \"%s\" of '%s' is not in %s", shown, s->key, s->table.name);
}

/* The keys of a batch that PostgreSQL has not been asked for yet, each once, asked at once. */
static int fetch(struct state *s, const struct qf_str *keys, size_t n, struct qf_err *err)
{
	struct qf_table met = { .name = s->table.name, .first = true };
	QF_AUTO_FREE struct qf_str *asked = qf_calloc(n + 1, sizeof(*asked));
	size_t n_asked = 0;
	int rc = 0;

	if (qf_table_full(&s->table))
		qf_table_reset(&s->table);
	for (size_t i = 0; i < n && rc == 0; i++) {
		if (!keys[i].p || qf_table_get(&s->table, keys[i], NULL, s->values, err) != QF_TABLE_UNKNOWN ||
		    qf_table_get(&met, keys[i], NULL, NULL, err) != QF_TABLE_UNKNOWN)
			continue;
		asked[n_asked++] = keys[i];
		rc = qf_table_add(&met, keys[i], NULL, 0, err);
	}
	qf_table_release(&met);
	return rc < 0 ? -1 : qf_lookup_pg_fetch(s->pg, asked, n_asked, &s->table, err);
}

static int look_up(struct state *s, struct qf_record *rec, struct qf_str key, struct qf_arena *arena,
		   struct qf_err *err)
{
	int found;

	s->points++;
	if (!key.p)
		return without(s, err);
	found = qf_table_get(&s->table, key, arena, s->values, err);
	if (found < 0)
		return -1;
	return found == QF_TABLE_FOUND ? put_values(s, rec, key, arena, err) : not_there(s, key, arena, err);
}

static void change_schema(struct state *s, struct qf_record *rec, struct qf_arena *arena)
{
	static const char *const types[] = { "keyword", "integer", "float", "bool", NULL };

	for (size_t i = 0; i < s->table.width; i++) {
		const struct take *t = &s->takes[i];
		const struct qf_json *have = qf_path_declared(&t->into, rec->doc);
		struct qf_str was = qf_json_get_str(have, "type", "");

		if (!types[t->type])
			qf_path_undeclare(&t->into, rec, arena);
		else if (!qf_str_is(was, types[t->type]) && !(t->type == STRING && qf_str_is(was, "text")))
			qf_path_declare(&t->into, rec, types[t->type], have && qf_json_get_bool(have, "index", true), arena);
	}
}

/* Refuses the point where it is at fault; the run ends by what is wrong with the table. */
static int settle(struct qf_record *rec, int rc, struct qf_arena *arena, struct qf_err *err)
{
	if (rc == 0)
		return 0;
	if (err->code != QF_E_DATA)
		return -1;
	qf_step_reject(rec, arena, err);
	return 0;
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	struct qf_str *keys = qf_arena_zalloc(&io->arena, (io->n + 1) * sizeof(*keys));
	struct state *s = state;

	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i];

		if (rec->type == QF_REC_COLLECTION)
			change_schema(s, rec, &io->arena);
		if (rec->type != QF_REC_POINT)
			continue;
		if (load(s, err) < 0)
			return -1;
		if (settle(rec, key_of(s, rec, &io->arena, &keys[i], err), &io->arena, err) < 0)
			return -1;
	}
	if (s->pg && fetch(s, keys, io->n, err) < 0) {
		/* Of the data base, not of a point. */
		err->code = err->code == QF_E_DATA ? QF_E_CONFIG : err->code;
		return -1;
	}
	for (size_t i = 0; i < io->n; i++) {
		struct qf_record *rec = &io->rec[i];

		if (rec->type == QF_REC_POINT && !rec->refused.p &&
		    settle(rec, look_up(s, rec, keys[i], &io->arena, err), &io->arena, err) < 0)
			return -1;
	}
	return 0;
}

static void step_close(void *state)
{
	char count[3][32];
	struct state *s = state;

	if (s->missing)
		qf_warn("step lookup: %s of %s points have a key that is not in %s (the first: \"%s\")",
			qf_fmt_count(count[0], s->missing), qf_fmt_count(count[1], s->points), s->table.name,
			s->first_missing);
	if (s->keyless)
		qf_info("step lookup: %s of %s points have no key in '%s'", qf_fmt_count(count[0], s->keyless),
			qf_fmt_count(count[1], s->points), s->key);
	qf_table_release(&s->table);
	qf_lookup_pg_close(s->pg);
	qf_arena_release(&s->arena);
	free(s->first_missing);
}

static const struct qf_step_example examples[] = {
	{ "Two columns, one of them a number; the file: id,name,year / 7,Ada,1815",
	  "lookup: {key: author_id, from: authors.csv, column: id, take: {name: author.name, year: author.born as integer}}",
	  "{\"author_id\":7}", "{\"author_id\":7,\"author\":{\"name\":\"Ada\",\"born\":1815}}" },
	{ "A key that is not there changes nothing", "lookup: {key: author_id, from: authors.csv, column: id, take: [name]}",
	  "{\"author_id\":\"nobody\"}", "{\"author_id\":\"nobody\"}" },
	{ "or is an error, if you say so",
	  "lookup: {key: author_id, from: authors.csv, column: id, take: [name], required: true}",
	  "{\"author_id\":\"nobody\"}", "error: step 1 (lookup): collection 'A', id 1, line 1: the key \"nobody\" of "
					"'author_id' is not in authors.csv" },
};

const struct qf_step qf_step_lookup = {
	.name = "lookup",
	.help = "join values by key from a CSV file or PostgreSQL",
	.usage = usage,
	.group = "lookup",
	.doc = "The point's key (a string, a number or a boolean; the number 7, 7.0 and the text 7 are one key) is looked "
	       "up in a column, and the columns under `take` go into properties, in the place of what stands there. "
	       "Values are strings, or what `as` says: integer (exact to 64 bits), float, bool, json; what is none of "
	       "that type is an error of the point. NULL (in CSV: an empty field without quotes) leaves the property "
	       "as it is. A key that is not in the table, and a point without a key, are counted and reported, or an "
	       "error with `required`. Rows with the same key are an error that names both lines, unless `duplicates: "
	       "first`. CSV is RFC 4180 in UTF-8, a byte order mark and any line ends are taken; paths of files are "
	       "seen from the current folder. PostgreSQL is asked for the keys of a batch at once (`column = ANY($1)`), "
	       "with nothing of the data in the SQL, read-only, and what it said is remembered up to `memory`; its texts "
	       "of dates are ISO and UTC. The result is the same as long as the table is.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.apply = step_apply,
	.close = step_close,
};
