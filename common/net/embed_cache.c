#include "common/net/embed_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "common/base/mem.h"

enum {
	APPLICATION = 0x46727445, /* "FrtE": tells this file from other people's data bases */
	VERSION = 1,
	BUSY_MS = 30000,
};

static const char schema[] =
	"CREATE TABLE model(id INTEGER PRIMARY KEY, name TEXT NOT NULL, dimensions INTEGER NOT NULL,"
	" UNIQUE(name, dimensions));"
	"CREATE TABLE vector(model INTEGER NOT NULL, hash BLOB NOT NULL, length INTEGER NOT NULL,"
	" value BLOB NOT NULL, digest INTEGER NOT NULL, UNIQUE(model, hash, length));";

struct qf_embed_cache {
	sqlite3 *db;
	sqlite3_stmt *get, *put;
	char *path;
	sqlite3_int64 model;
	bool writing;
};

static int fail(struct qf_embed_cache *c, int code, struct qf_err *err)
{
	const char *why = c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(code);

	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
		return qf_err_set(err, QF_E_DATA,
				  "the cache of embeddings %s is damaged (%s); remove it, or set 'cache: none'", c->path,
				  why);
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return qf_err_set(err, QF_E_CREATE,
				  "cannot write the cache of embeddings %s: %s; set 'cache:' to another file or to none",
				  c->path, why);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return qf_err_set(err, QF_E_TEMP, "the cache of embeddings %s is in use by another process: %s", c->path,
				  why);
	default:
		return qf_err_set(err, QF_E_IO, "the cache of embeddings %s: %s", c->path, why);
	}
}

static int run(struct qf_embed_cache *c, const char *sql, struct qf_err *err)
{
	int code = sqlite3_exec(c->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : fail(c, code, err);
}

/* A statement's one number. */
static int ask(struct qf_embed_cache *c, const char *sql, sqlite3_int64 *ret, struct qf_err *err)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(c->db, sql, -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		*ret = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return code == SQLITE_ROW ? 0 : fail(c, code, err);
}

/* ---- the file ---- */

static int make_folders(char *path, struct qf_err *err)
{
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST) {
			qf_err_errno(err, QF_E_CREATE, errno, "cannot make the folder %s", path);
			*at = '/';
			return -1;
		}
		*at = '/';
	}
	return 0;
}

static int default_path(char **ret, struct qf_err *err)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && *cache == '/')
		*ret = qf_asprintf("%s/fortress/embed.sqlite", cache);
	else if (home && *home)
		*ret = qf_asprintf("%s/.cache/fortress/embed.sqlite", home);
	else
		return qf_err_set(err, QF_E_CONFIG,
				  "no place for the cache of embeddings: neither XDG_CACHE_HOME nor HOME is set; set 'cache:' "
				  "to a file or to none");
	return make_folders(*ret, err);
}

/* The mode is ours to choose before SQLite makes the file, and those beside it take after it. */
static int make_file(const char *path, struct qf_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return qf_err_errno(err, QF_E_CREATE, errno, "cannot open the cache of embeddings %s", path);
	close(fd);
	return 0;
}

static int check_version(struct qf_embed_cache *c, struct qf_err *err)
{
	sqlite3_int64 application, version, tables;

	if (ask(c, "PRAGMA application_id", &application, err) < 0 || ask(c, "PRAGMA user_version", &version, err) < 0 ||
	    ask(c, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
		return -1;
	if (!application && !version && !tables) {
		char sql[128];

		snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%d", APPLICATION, VERSION);
		return run(c, schema, err) < 0 ? -1 : run(c, sql, err);
	}
	if (application != APPLICATION)
		return qf_err_set(err, QF_E_DATA, "%s is a data base of something else, no cache of embeddings; set 'cache:' to "
				  "another file", c->path);
	if (version != VERSION)
		return qf_err_set(err, QF_E_CONFIG,
				  "the cache of embeddings %s has version %lld, and this program knows %d; remove it, or set "
				  "'cache:' to another file", c->path, (long long)version, VERSION);
	return 0;
}

static int find_model(struct qf_embed_cache *c, const char *model, unsigned dimensions, struct qf_err *err)
{
	static const char *const sql[] = {
		"INSERT OR IGNORE INTO model(name, dimensions) VALUES (?1, ?2)",
		"SELECT id FROM model WHERE name = ?1 AND dimensions = ?2",
	};
	int code = SQLITE_OK;

	for (size_t i = 0; i < QF_LEN(sql) && (code == SQLITE_OK || code == SQLITE_DONE); i++) {
		sqlite3_stmt *s = NULL;

		code = sqlite3_prepare_v2(c->db, sql[i], -1, &s, NULL);
		if (code == SQLITE_OK) {
			sqlite3_bind_text(s, 1, model, -1, SQLITE_STATIC);
			sqlite3_bind_int64(s, 2, dimensions);
			code = sqlite3_step(s);
		}
		if (code == SQLITE_ROW)
			c->model = sqlite3_column_int64(s, 0);
		sqlite3_finalize(s);
	}
	return code == SQLITE_ROW ? 0 : fail(c, code, err);
}

static int prepare(struct qf_embed_cache *c, struct qf_err *err)
{
	static const char get[] =
		"SELECT value, digest FROM vector WHERE model = ?1 AND hash = ?2 AND length = ?3";
	static const char put[] = "INSERT OR IGNORE INTO vector(model, hash, length, value, digest) "
				  "VALUES (?1, ?2, ?3, ?4, ?5)";
	int code = sqlite3_prepare_v3(c->db, get, -1, SQLITE_PREPARE_PERSISTENT, &c->get, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v3(c->db, put, -1, SQLITE_PREPARE_PERSISTENT, &c->put, NULL);
	return code == SQLITE_OK ? 0 : fail(c, code, err);
}

int qf_embed_cache_open(const char *path, const char *model, unsigned dimensions,
			struct qf_embed_cache **ret, struct qf_err *err)
{
	struct qf_embed_cache *c = qf_calloc(1, sizeof(*c));
	int code;

	if (path)
		c->path = qf_strdup(path);
	else if (default_path(&c->path, err) < 0)
		goto failed;
	if (make_file(c->path, err) < 0)
		goto failed;
	code = sqlite3_open_v2(c->path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK) {
		fail(c, code, err);
		goto failed;
	}
	sqlite3_busy_timeout(c->db, BUSY_MS);
	/* Two processes may find the file new at the same time: one makes the tables, the other waits. */
	if (run(c, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE", err) < 0 ||
	    check_version(c, err) < 0 || find_model(c, model, dimensions, err) < 0 || run(c, "COMMIT", err) < 0 ||
	    prepare(c, err) < 0)
		goto failed;
	*ret = c;
	return 0;
failed:
	qf_embed_cache_close(c);
	return -1;
}

void qf_embed_cache_close(struct qf_embed_cache *c)
{
	if (!c)
		return;
	sqlite3_finalize(c->get);
	sqlite3_finalize(c->put);
	sqlite3_close(c->db);
	free(c->path);
	free(c);
}

const char *qf_embed_cache_path(const struct qf_embed_cache *c)
{
	return c->path;
}

/* ---- values ---- */

static void bind_key(struct qf_embed_cache *c, sqlite3_stmt *s, struct qf_str text, XXH128_canonical_t *hash)
{
	XXH128_canonicalFromHash(hash, XXH3_128bits(text.p, text.n));
	sqlite3_bind_int64(s, 1, c->model);
	sqlite3_bind_blob(s, 2, hash->digest, sizeof(hash->digest), SQLITE_STATIC);
	sqlite3_bind_int64(s, 3, (sqlite3_int64)text.n);
}

int qf_embed_cache_get(struct qf_embed_cache *c, struct qf_str text, struct qf_arena *arena,
		       const float **values, uint32_t *size, struct qf_err *err)
{
	XXH128_canonical_t hash;
	int code, rc = 0;

	bind_key(c, c->get, text, &hash);
	code = sqlite3_step(c->get);
	if (code == SQLITE_ROW) {
		const void *p = sqlite3_column_blob(c->get, 0);
		int n = sqlite3_column_bytes(c->get, 0);

		if (!p || n <= 0 || n % (int)sizeof(float) ||
		    (sqlite3_int64)XXH3_64bits(p, (size_t)n) != sqlite3_column_int64(c->get, 1)) {
			rc = qf_err_set(err, QF_E_DATA,
					"the cache of embeddings %s is damaged (a vector is not what was written); remove it, "
					"or set 'cache: none'", c->path);
		} else {
			*values = (const float *)(const void *)qf_arena_dup(arena, p, (size_t)n).p;
			*size = (uint32_t)n / (uint32_t)sizeof(float);
			rc = 1;
		}
	} else if (code != SQLITE_DONE) {
		rc = fail(c, code, err);
	}
	sqlite3_reset(c->get);
	sqlite3_clear_bindings(c->get);
	return rc;
}

int qf_embed_cache_put(struct qf_embed_cache *c, struct qf_str text, const float *values, uint32_t size,
		       struct qf_err *err)
{
	XXH128_canonical_t hash;
	size_t n = size * sizeof(*values);
	int code, rc;

	if (!c->writing && run(c, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	c->writing = true;
	bind_key(c, c->put, text, &hash);
	sqlite3_bind_blob(c->put, 4, values, (int)n, SQLITE_STATIC);
	sqlite3_bind_int64(c->put, 5, (sqlite3_int64)XXH3_64bits(values, n));
	code = sqlite3_step(c->put);
	rc = code == SQLITE_DONE ? 0 : fail(c, code, err);
	sqlite3_reset(c->put);
	sqlite3_clear_bindings(c->put);
	return rc;
}

int qf_embed_cache_commit(struct qf_embed_cache *c, struct qf_err *err)
{
	if (!c->writing)
		return 0;
	c->writing = false;
	return run(c, "COMMIT", err);
}
