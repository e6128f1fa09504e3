#include <sqlite3.h>
#include <xxhash.h>

#include "common/base/mem.h"
#include "tools/transform/lookup.h"
#include "tools/transform/payload.h"

enum { MEMORY = 64 << 20, CACHE_KIB = 16 << 10 };

/* bytes: the key, then each value as its length plus one (0: no value) and its text. */
struct qf_table_entry {
	uint64_t hash, line;
	uint32_t key_n, value_n;
	bool missing;
	char bytes[];
};

/* ---- packed values ---- */

static void pack(struct qf_buf *out, const struct qf_str *values, size_t n)
{
	qf_buf_reset(out);
	for (size_t i = 0; i < n; i++) {
		uint32_t size = values[i].p ? (uint32_t)values[i].n + 1 : 0;

		qf_buf_add(out, &size, sizeof(size));
		if (size)
			qf_buf_add_str(out, values[i]);
	}
}

static void unpack(const char *p, struct qf_str *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t size;

		memcpy(&size, p, sizeof(size));
		p += sizeof(size);
		values[i] = size ? (struct qf_str){ p, size - 1 } : (struct qf_str){ 0 };
		p += size ? size - 1 : 0;
	}
}

static int twice(const struct qf_table *t, struct qf_str key, uint64_t line, uint64_t first, struct qf_err *err)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	const char *shown = qf_text_show(key, &arena);

	if (!line)
		return qf_err_set(err, QF_E_DATA, "%s: there is more than one row with the key \"%s\"; make them one, or set "
				  "'duplicates: first'", t->name, shown);
	return qf_err_set(err, QF_E_DATA, "%s:%llu: the key \"%s\" stands in line %llu already; make them one, or set "
			  "'duplicates: first'", t->name, (unsigned long long)line, shown, (unsigned long long)first);
}

/* ---- on disk ---- */

static int fail(const struct qf_table *t, struct qf_err *err)
{
	return qf_err_set(err, QF_E_IO, "%s: its temporary table on disk: %s", t->name, sqlite3_errmsg(t->db));
}

static int run(struct qf_table *t, const char *sql, struct qf_err *err)
{
	return sqlite3_exec(t->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(t, err);
}

static int put(struct qf_table *t, struct qf_str key, uint64_t line, const char *p, size_t n, struct qf_err *err)
{
	int code;

	sqlite3_bind_blob64(t->put, 1, key.n ? key.p : "", key.n, SQLITE_STATIC);
	sqlite3_bind_int64(t->put, 2, (sqlite3_int64)line);
	sqlite3_bind_blob64(t->put, 3, n ? p : "", n, SQLITE_STATIC);
	code = sqlite3_step(t->put);
	sqlite3_reset(t->put);
	return code == SQLITE_DONE ? 0 : fail(t, err);
}

/* Rows first, their order when all are there: that is a sort, not a walk over the disk for each row. */
static int spill(struct qf_table *t, struct qf_err *err)
{
	char cache[64];

	snprintf(cache, sizeof(cache), "PRAGMA cache_size=-%d", CACHE_KIB);
	if (sqlite3_open("", &t->db) != SQLITE_OK || run(t, cache, err) < 0 ||
	    run(t, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE;"
		   "CREATE TABLE row(key BLOB, line INTEGER, value BLOB); BEGIN", err) < 0)
		return fail(t, err);
	if (sqlite3_prepare_v2(t->db, "INSERT INTO row VALUES (?1, ?2, ?3)", -1, &t->put, NULL) != SQLITE_OK)
		return fail(t, err);
	for (size_t i = 0; i < t->n_slots; i++) {
		const struct qf_table_entry *e = t->slots[i];

		if (e && put(t, (struct qf_str){ e->bytes, e->key_n }, e->line, e->bytes + e->key_n, e->value_n,
			     err) < 0)
			return -1;
	}
	qf_table_reset(t);
	return 0;
}

int qf_table_finish(struct qf_table *t, struct qf_err *err)
{
	sqlite3_stmt *s = NULL;
	int code, rc = 0;

	if (!t->db)
		return 0;
	if (run(t, "COMMIT; CREATE INDEX by_key ON row(key, line)", err) < 0)
		return -1;
	if (!t->first) {
		if (sqlite3_prepare_v2(t->db, "SELECT key, min(line), max(line) FROM row GROUP BY key HAVING count(*) > 1 "
					      "ORDER BY 3 LIMIT 1", -1, &s, NULL) != SQLITE_OK)
			return fail(t, err);
		code = sqlite3_step(s);
		if (code == SQLITE_ROW)
			rc = twice(t, (struct qf_str){ sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0) },
				   (uint64_t)sqlite3_column_int64(s, 2), (uint64_t)sqlite3_column_int64(s, 1), err);
		else if (code != SQLITE_DONE)
			rc = fail(t, err);
		sqlite3_finalize(s);
	}
	if (rc == 0 && sqlite3_prepare_v2(t->db, "SELECT value FROM row WHERE key = ?1 ORDER BY line LIMIT 1", -1, &t->get,
					  NULL) != SQLITE_OK)
		rc = fail(t, err);
	return rc;
}

static int get_on_disk(struct qf_table *t, struct qf_str key, struct qf_arena *arena, struct qf_str *values,
		       struct qf_err *err)
{
	int code, rc = QF_TABLE_UNKNOWN;

	sqlite3_bind_blob64(t->get, 1, key.n ? key.p : "", key.n, SQLITE_STATIC);
	code = sqlite3_step(t->get);
	if (code == SQLITE_ROW) {
		struct qf_str packed = qf_arena_dup(arena, sqlite3_column_blob(t->get, 0),
						    (size_t)sqlite3_column_bytes(t->get, 0));

		unpack(packed.p, values, t->width);
		rc = QF_TABLE_FOUND;
	} else if (code != SQLITE_DONE) {
		rc = fail(t, err);
	}
	sqlite3_reset(t->get);
	return rc;
}

/* ---- in memory ---- */

static size_t find(const struct qf_table *t, struct qf_str key, uint64_t hash)
{
	size_t at = hash & (t->n_slots - 1);

	for (; t->slots[at]; at = (at + 1) & (t->n_slots - 1)) {
		const struct qf_table_entry *e = t->slots[at];

		if (e->hash == hash && qf_str_eq((struct qf_str){ e->bytes, e->key_n }, key))
			break;
	}
	return at;
}

static void grow(struct qf_table *t)
{
	struct qf_table_entry **old = t->slots;
	size_t n = t->n_slots;

	t->n_slots = n ? 2 * n : 1024;
	t->slots = qf_calloc(t->n_slots, sizeof(struct qf_table_entry *));
	for (size_t i = 0; i < n; i++) {
		size_t at;

		if (!old[i])
			continue;
		for (at = old[i]->hash & (t->n_slots - 1); t->slots[at]; at = (at + 1) & (t->n_slots - 1))
			;
		t->slots[at] = old[i];
	}
	free(old);
}

int qf_table_add(struct qf_table *t, struct qf_str key, const struct qf_str *values, uint64_t line,
		 struct qf_err *err)
{
	uint64_t hash = XXH3_64bits(key.p, key.n);
	struct qf_table_entry *e;
	size_t at, size;

	pack(&t->packed, values, values ? t->width : 0);
	if (t->db)
		return put(t, key, line, t->packed.p, t->packed.n, err);
	if (t->n * 2 >= t->n_slots)
		grow(t);
	at = find(t, key, hash);
	if (t->slots[at])
		return t->first ? 0 : twice(t, key, line, t->slots[at]->line, err);
	size = sizeof(*e) + key.n + t->packed.n;
	e = qf_arena_alloc(&t->arena, size);
	*e = (struct qf_table_entry){ .hash = hash, .line = line, .key_n = (uint32_t)key.n,
				      .value_n = (uint32_t)t->packed.n, .missing = !values };
	if (key.n)
		memcpy(e->bytes, key.p, key.n);
	if (t->packed.n)
		memcpy(e->bytes + key.n, t->packed.p, t->packed.n);
	t->slots[at] = e;
	t->n++;
	t->used += size + 2 * sizeof(struct qf_table_entry *);
	return t->spills && qf_table_full(t) ? spill(t, err) : 0;
}

bool qf_table_full(const struct qf_table *t)
{
	return t->used > (t->memory ? t->memory : MEMORY);
}

int qf_table_get(struct qf_table *t, struct qf_str key, struct qf_arena *arena, struct qf_str *values,
		 struct qf_err *err)
{
	const struct qf_table_entry *e;

	if (t->db)
		return get_on_disk(t, key, arena, values, err);
	if (!t->n_slots)
		return QF_TABLE_UNKNOWN;
	e = t->slots[find(t, key, XXH3_64bits(key.p, key.n))];
	if (!e)
		return QF_TABLE_UNKNOWN;
	if (e->missing)
		return QF_TABLE_MISSING;
	unpack(e->bytes + e->key_n, values, t->width);
	return QF_TABLE_FOUND;
}

void qf_table_reset(struct qf_table *t)
{
	qf_arena_release(&t->arena);
	free(t->slots);
	t->slots = NULL;
	t->n = t->n_slots = t->used = 0;
}

void qf_table_release(struct qf_table *t)
{
	qf_table_reset(t);
	sqlite3_finalize(t->put);
	sqlite3_finalize(t->get);
	sqlite3_close(t->db);
	qf_buf_release(&t->packed);
	t->db = NULL;
	t->put = t->get = NULL;
}
