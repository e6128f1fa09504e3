/* Replies of an embeddings endpoint, the client against a server of canned replies, and the cache. */
#include <sqlite3.h>
#include <sys/stat.h>

#include "common/net/embed.h"
#include "common/net/embed_cache.h"
#include "tests/unit/http_peer.h"

/* ---- replies ---- */

static const struct {
	size_t n;
	const char *body, *words; /* words NULL: it is good, with vectors (1, 2) and (3, 4) */
} replies[] = {
	{ 2, "{\"data\":[{\"index\":0,\"embedding\":[1,2]},{\"index\":1,\"embedding\":[3.0,4e0]}]}", NULL },
	{ 2, "{\"data\":[{\"index\":1,\"embedding\":[3,4]},{\"index\":0,\"embedding\":[1,2]}]}", NULL },
	{ 2, "{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[3,4]}]}", NULL },
	{ 2, "{\"data\":[{\"embedding\":\"AACAPwAAAEA=\"},{\"embedding\":\"AABAQAAAgEA=\"}]}", NULL },
	{ 2, "{\"data\":[{\"embedding\":\"AACAPwAAAEA\\u003d\"},{\"embedding\":[3,4]}]}", NULL },
	{ 2, " { \"object\" : \"list\" ,\n \"data\" : [\n { \"embedding\" : [\n 1 ,\n 2 ] , \"x\":{} } ,\n"
	     "{\"embedding\":[3,4],\"index\":1}], \"usage\":{\"total_tokens\":7} }", NULL },
	{ 2, "{\"data\":[{\"index\":0,\"embedding\":[1,2]}]}", "1 embeddings for 2 texts" },
	{ 2, "{\"data\":[]}", "0 embeddings for 2 texts" },
	{ 1, "{\"data\":[{\"embedding\":[1]},{\"embedding\":[2]}]}", "an embedding 1, and 1 texts were sent" },
	{ 2, "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[2]}]}", "embedding 0 comes twice" },
	{ 1, "{\"data\":[{\"index\":-1,\"embedding\":[1]}]}", "an index is no number" },
	{ 1, "{\"data\":[{\"index\":0.5,\"embedding\":[1]}]}", "an index is no number" },
	{ 1, "{\"data\":[{\"index\":99999999999999999999,\"embedding\":[1]}]}", "an index is no number" },
	{ 1, "{\"data\":[{\"index\":0}]}", "item 0 has no 'embedding'" },
	{ 1, "{\"data\":[{\"embedding\":null}]}", "embedding 0" },
	{ 1, "{\"data\":[{\"embedding\":[]}]}", "is no row of numbers" },
	{ 1, "{\"data\":[{\"embedding\":[[1]]}]}", "is no row of numbers" },
	{ 1, "{\"data\":[{\"embedding\":{\"a\":[1]}}]}", "is no row of numbers" },
	{ 1, "{\"data\":[{\"embedding\":[\"x\"]}]}", "embedding 0" },
	{ 1, "{\"data\":[{\"embedding\":[1e39]}]}", "does not fit a float32" },
	{ 1, "{\"data\":[{\"embedding\":\"AADAfw==\"}]}", "NaN or infinity at place 0" },
	{ 1, "{\"data\":[{\"embedding\":\"AACAPwAAgH8=\"}]}", "NaN or infinity at place 1" },
	{ 1, "{\"data\":[{\"embedding\":\"AACAPw\"}]}", "not base64" },
	{ 1, "{\"data\":[{\"embedding\":\"AACA\"}]}", "4-byte floats" },
	{ 2, "{\"data\":[{\"embedding\":[1,2]},{\"embedding\":[3]}]}", "embeddings of 2 and of 1 numbers" },
	{ 1, "{\"error\":{}}", "it has no 'data'" },
	{ 1, "{\"data\":{}}", "none of an embeddings endpoint" },
	{ 1, "<html>", "none of an embeddings endpoint" },
	{ 1, "", "none of an embeddings endpoint" },
	{ 1, "{\"data\":[{\"embedding\":[1", "none of an embeddings endpoint" },
	{ 1, "{\"data\":[{\"embedding\":[1]}]", "none of an embeddings endpoint" },
};

START_TEST(parse)
{
	struct qf_embed_text texts[2] = { { { 0 } } };
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_err err = { 0 };
	uint64_t tokens;
	int rc = qf_embed_parse(qf_str(replies[_i].body), texts, replies[_i].n, &arena, &tokens, &err);

	if (replies[_i].words) {
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.code, QF_E_PROTOCOL);
		ck_assert_has(err.msg, replies[_i].words);
		return;
	}
	ck_assert_msg(rc == 0, "%s", err.msg);
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(texts[i].size, 2);
		ck_assert(texts[i].values[0] == (float)(2 * i + 1) && texts[i].values[1] == (float)(2 * i + 2));
	}
	ck_assert_uint_eq(tokens, strstr(replies[_i].body, "tokens") ? 7 : 0);
}
END_TEST

START_TEST(address)
{
	static const char *const rows[][2] = {
		{ "http://h:1", "http://h:1/v1/embeddings" },
		{ "http://h:1/", "http://h:1/v1/embeddings" },
		{ "https://h/v1", "https://h/v1/embeddings" },
		{ "https://h/v1/", "https://h/v1/embeddings" },
		{ "https://h/openai/v1", "https://h/openai/v1/embeddings" },
		{ "https://h/v1/embeddings", "https://h/v1/embeddings" },
		{ "https://h/x/embeddings", "https://h/x/embeddings" },
		{ "https://h/x", "https://h/x/v1/embeddings" },
		{ "ftp://h", NULL },
		{ "h:1", NULL },
	};
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_err err = { 0 };
	const char *got = NULL;

	for (size_t i = 0; i < QF_LEN(rows); i++) {
		int rc = qf_embed_url(rows[i][0], &arena, &got, &err);

		ck_assert_int_eq(rc, rows[i][1] ? 0 : -1);
		if (rc == 0)
			ck_assert_str_eq(got, rows[i][1]);
		else
			ck_assert_int_eq(err.code, QF_E_USAGE);
	}
}
END_TEST

/* ---- the client ---- */

#define REPLY(status, headers, body) \
	"HTTP/1.1 " status "\r\ncontent-type: application/json\r\nconnection: close\r\n" headers "\r\n" body
#define ONE REPLY("200 OK", "", "{\"data\":[{\"embedding\":[1,2]}],\"usage\":{\"total_tokens\":3}}")

/* One text against these replies. */
static int embed_one(const char *const *canned, size_t n, struct qf_embed_opts o, struct qf_embed_text *text,
		     struct qf_embed_stats *stats, struct qf_buf *asked, struct qf_err *err)
{
	static struct qf_arena arena;
	struct qf_str given[8];
	struct peer peer = { 0 };
	struct qf_embed *e;
	int rc;

	for (size_t i = 0; i < n; i++)
		given[i] = qf_str(canned[i]);
	peer_start(&peer, given, n);
	o.url = peer.url;
	o.model = "m";
	ck_assert_msg(qf_embed_open(&o, &e, err) == 0, "%s", err->msg);
	*text = (struct qf_embed_text){ .text = QF_STR("a \"text\"\n") };
	rc = qf_embed_run(e, text, 1, &arena, err);
	qf_embed_get_stats(e, stats);
	qf_embed_close(e);
	peer_stop(&peer, asked);
	return rc;
}

START_TEST(one_request)
{
	struct qf_embed_opts o = { .key = "sesame", .dimensions = 2 };
	QF_AUTO_BUF struct qf_buf asked = { 0 };
	const char *canned[] = { ONE };
	struct qf_embed_stats stats;
	struct qf_embed_text text;
	struct qf_err err;

	ck_assert_int_eq(embed_one(canned, 1, o, &text, &stats, &asked, &err), 0);
	ck_assert(text.size == 2 && text.values[0] == 1 && text.values[1] == 2);
	ck_assert(stats.requests == 1 && stats.texts == 1 && stats.tokens == 3 && stats.retries == 0);
	ck_assert_has(qf_buf_cstr(&asked), "POST /x/v1/embeddings HTTP/1.1\r\n");
	ck_assert_has(qf_buf_cstr(&asked), "authorization: Bearer sesame\r\n");
	ck_assert_has(qf_buf_cstr(&asked), "{\"model\":\"m\",\"input\":[\"a \\\"text\\\"\\n\"],"
					   "\"encoding_format\":\"base64\",\"dimensions\":2}");
}
END_TEST

START_TEST(tried_again)
{
	const char *canned[] = {
		REPLY("429 Too Many Requests", "retry-after: 1\r\n", "{\"error\":{\"message\":\"slow down\"}}"),
		REPLY("529 Overloaded", "", ""),
		"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"data\"", /* cut */
		ONE,
	};
	struct qf_embed_opts o = { .net.retries = 5 };
	QF_AUTO_BUF struct qf_buf asked = { 0 };
	struct qf_embed_stats stats;
	struct qf_embed_text text;
	struct qf_err err;

	ck_assert_msg(embed_one(canned, QF_LEN(canned), o, &text, &stats, &asked, &err) == 0, "%s", err.msg);
	ck_assert(text.values && stats.retries == 3 && stats.requests == 4);
	ck_assert(stats.seconds >= 1);
}
END_TEST

static const struct {
	const char *reply;
	enum qf_code code;
	const char *words;
} failures[] = {
	{ REPLY("401 Unauthorized", "", "{\"error\": {\"message\": \"no key like sesame-street\"}}"), QF_E_ACCESS,
	  "HTTP 401: no key like *************" },
	{ REPLY("404 Not Found", "", "{\"error\":{\"message\":\"no such model\"}}"), QF_E_CONFIG,
	  "no such model; is the model 'm' there" },
	{ REPLY("429 Too Many Requests", "", "{\"error\":{\"message\":\"pay\",\"code\":\"insufficient_quota\"}}"),
	  QF_E_ACCESS, "HTTP 429: pay" },
	{ REPLY("500 Oops", "", "{\"error\":{\"message\":\"x\"}}"), QF_E_TEMP, "HTTP 500: x; tried 2 times" },
	{ REPLY("501 No", "", ""), QF_E_PROTOCOL, "HTTP 501" },
	{ REPLY("302 Found", "location: http://x/\r\n", ""), QF_E_PROTOCOL, "HTTP 302" },
	{ REPLY("200 OK", "", "{\"data\":[{\"embedding\":[1,2,3]}]}"), QF_E_PROTOCOL,
	  "model 'm' gave a vector of 3 numbers, where 2 were asked for" },
	{ REPLY("200 OK", "", "<html>"), QF_E_PROTOCOL, "none of an embeddings endpoint" },
	/* Nothing is ever taken here: the text is not to blame. */
	{ REPLY("400 Bad Request", "", "{\"error\":{\"message\":\"unknown field\"}}"), QF_E_DATA,
	  "HTTP 400: unknown field" },
};

START_TEST(failure)
{
	struct qf_embed_opts o = { .key = "sesame-street", .dimensions = 2, .net.retries = 1 };
	struct qf_embed_stats stats;
	struct qf_embed_text text;
	struct qf_err err;

	ck_assert_int_eq(embed_one(&failures[_i].reply, 1, o, &text, &stats, NULL, &err), -1);
	ck_assert_msg(err.code == failures[_i].code, "%d: %s", err.code, err.msg);
	ck_assert_has(err.msg, failures[_i].words);
	ck_assert_has_not(err.msg, "sesame");
}
END_TEST

START_TEST(text_at_fault)
{
	const char *canned[] = { REPLY("400 Bad Request", "", "{\"error\":{\"message\":\"too long\"}}"), ONE };
	struct qf_embed_opts o = { .dimensions = 2 };
	struct qf_embed_stats stats;
	struct qf_embed_text text;
	struct qf_err err;

	/* The second request is a harmless text, which is taken. */
	ck_assert_msg(embed_one(canned, 2, o, &text, &stats, NULL, &err) == 0, "%s", err.msg);
	ck_assert_ptr_null(text.values);
	ck_assert_has(text.refused, "HTTP 400: too long");
}
END_TEST

START_TEST(not_opened)
{
	struct qf_embed_opts o = { .url = "http://h", .model = "m", .key = "a\nb: c" };
	struct qf_embed *e;
	struct qf_err err = { 0 };

	ck_assert_int_eq(qf_embed_open(&o, &e, &err), -1);
	ck_assert_has(err.msg, "control character");
	o.key = NULL;
	o.model = "";
	ck_assert_int_eq(qf_embed_open(&o, &e, &err), -1);
	ck_assert_int_eq(err.code, QF_E_USAGE);
}
END_TEST

/* ---- the cache ---- */

static struct qf_embed_cache *open_cache(const char *path, const char *model, unsigned dimensions)
{
	struct qf_embed_cache *c;
	struct qf_err err = { 0 };

	ck_assert_msg(qf_embed_cache_open(path, model, dimensions, &c, &err) == 0, "%s", err.msg);
	return c;
}

static void put(struct qf_embed_cache *c, const char *text, float value)
{
	struct qf_err err = { 0 };
	float values[2] = { value, -value };

	ck_assert_msg(qf_embed_cache_put(c, qf_str(text), values, 2, &err) == 0, "%s", err.msg);
}

static void commit(struct qf_embed_cache *c)
{
	struct qf_err err = { 0 };

	ck_assert_msg(qf_embed_cache_commit(c, &err) == 0, "%s", err.msg);
}

/* 0: not there. */
static float get(struct qf_embed_cache *c, const char *text)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_err err = { 0 };
	const float *values;
	uint32_t size;
	int rc = qf_embed_cache_get(c, qf_str(text), &arena, &values, &size, &err);

	ck_assert_msg(rc >= 0, "%s", err.msg);
	ck_assert(!rc || (size == 2 && values[1] == -values[0]));
	return rc ? values[0] : 0;
}

START_TEST(cache_keys)
{
	QF_AUTO_FREE char *path = qf_asprintf("%s/c.sqlite", unit_dir());
	struct qf_embed_cache *c = open_cache(path, "m", 0);
	struct stat st;

	ck_assert(get(c, "a") == 0);
	put(c, "a", 1);
	ck_assert(get(c, "a") == 1);
	put(c, "a", 2); /* what is there stays */
	put(c, "b", 3);
	commit(c);
	commit(c);
	qf_embed_cache_close(c);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	c = open_cache(path, "m", 0);
	ck_assert(get(c, "a") == 1 && get(c, "b") == 3 && get(c, "ab") == 0);
	qf_embed_cache_close(c);
	c = open_cache(path, "other", 0);
	ck_assert(get(c, "a") == 0);
	qf_embed_cache_close(c);
	c = open_cache(path, "m", 2);
	ck_assert(get(c, "a") == 0);
	qf_embed_cache_close(c);
}
END_TEST

START_TEST(cache_place)
{
	const char *dir = unit_dir();
	QF_AUTO_FREE char *want = qf_asprintf("%s/new/fortress/embed.sqlite", dir);
	QF_AUTO_FREE char *home = qf_asprintf("%s/new", dir);
	struct qf_embed_cache *c;
	struct qf_err err = { 0 };

	setenv("XDG_CACHE_HOME", home, 1);
	c = open_cache(NULL, "m", 0);
	ck_assert_str_eq(qf_embed_cache_path(c), want);
	qf_embed_cache_close(c);
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	ck_assert_int_eq(qf_embed_cache_open(NULL, "m", 0, &c, &err), -1);
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_int_eq(qf_embed_cache_open("/nowhere/at/all", "m", 0, &c, &err), -1);
	ck_assert_int_eq(err.code, QF_E_CREATE);
	ck_assert_has(err.msg, "/nowhere/at/all");
}
END_TEST

static void spoil(const char *path, const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void refuse(const char *path, enum qf_code code, const char *words)
{
	struct qf_embed_cache *c;
	struct qf_err err = { 0 };

	ck_assert_int_eq(qf_embed_cache_open(path, "m", 0, &c, &err), -1);
	ck_assert_msg(err.code == code, "%d: %s", err.code, err.msg);
	ck_assert_has(err.msg, path);
	ck_assert_has(err.msg, words);
}

START_TEST(cache_damage)
{
	const char *dir = unit_dir();
	QF_AUTO_FREE char *text = unit_file(dir, "text", "this is a text and no data base, of more than a hundred bytes "
							 "for SQLite looks at a header of that size before it says so");
	QF_AUTO_FREE char *other = qf_asprintf("%s/other", dir), *newer = qf_asprintf("%s/newer", dir);
	QF_AUTO_FREE char *bad = qf_asprintf("%s/bad", dir), *torn = qf_asprintf("%s/torn", dir);
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_embed_cache *c;
	struct qf_err err = { 0 };
	const float *values;
	uint32_t size;

	refuse(text, QF_E_DATA, "is damaged (file is not a database); remove it, or set 'cache: none'");
	spoil(other, "CREATE TABLE x(a)");
	refuse(other, QF_E_DATA, "is a data base of something else");
	qf_embed_cache_close(open_cache(newer, "m", 0));
	spoil(newer, "PRAGMA user_version=2");
	refuse(newer, QF_E_CONFIG, "has version 2, and this program knows 1");

	c = open_cache(bad, "m", 0);
	put(c, "a", 1);
	commit(c);
	qf_embed_cache_close(c);
	spoil(bad, "UPDATE vector SET value = x'0000803f00000000'");
	c = open_cache(bad, "m", 0);
	ck_assert_int_eq(qf_embed_cache_get(c, QF_STR("a"), &arena, &values, &size, &err), -1);
	ck_assert_int_eq(err.code, QF_E_DATA);
	ck_assert_has(err.msg, "a vector is not what was written");
	qf_embed_cache_close(c);

	c = open_cache(torn, "m", 0);
	for (int i = 0; i < 2000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d", i);
		put(c, name, 1);
	}
	commit(c);
	qf_embed_cache_close(c);
	ck_assert_int_eq(truncate(torn, 8192), 0);
	refuse(torn, QF_E_DATA, "is damaged");
}
END_TEST

/* Four processes make the same file and fill it at once. */
START_TEST(cache_shared)
{
	QF_AUTO_FREE char *path = qf_asprintf("%s/c.sqlite", unit_dir());
	struct qf_embed_cache *c;
	pid_t pids[4];

	for (int k = 0; k < 4; k++) {
		pids[k] = fork();
		if (pids[k])
			continue;
		c = open_cache(path, "m", 0);
		for (int i = 0; i < 400; i++) {
			char name[16];

			snprintf(name, sizeof(name), "%d", (i * 7 + k * 100) % 500);
			if (get(c, name) == 0)
				put(c, name, 5);
			if (i % 20 == 0)
				commit(c);
		}
		commit(c);
		qf_embed_cache_close(c);
		_exit(0);
	}
	for (int k = 0; k < 4; k++) {
		int status;

		waitpid(pids[k], &status, 0);
		ck_assert_int_eq(status, 0);
	}
	c = open_cache(path, "m", 0);
	for (int i = 0; i < 500; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d", i);
		ck_assert(get(c, name) == 5);
	}
	qf_embed_cache_close(c);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("embed");
	TCase *tcase = tcase_create("embed");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, parse, 0, QF_LEN(replies));
	tcase_add_test(tcase, address);
	tcase_add_test(tcase, one_request);
	tcase_add_test(tcase, tried_again);
	tcase_add_loop_test(tcase, failure, 0, QF_LEN(failures));
	tcase_add_test(tcase, text_at_fault);
	tcase_add_test(tcase, not_opened);
	tcase_add_test(tcase, cache_keys);
	tcase_add_test(tcase, cache_place);
	tcase_add_test(tcase, cache_damage);
	tcase_add_test(tcase, cache_shared);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
