/* Path patterns, allowances in the rules and in lines, and the text of a first rules file. */
#include "tests/unit/unit.h"
#include "tools/align/rules/allow.h"

#define TODAY "2026-01-31"

static struct qf_err err;

/* The answers are git's (git check-ignore --no-index, 2.39). */
START_TEST(globs)
{
	/* clang-format off */
	static const struct {
		const char *pattern, *path;
		bool fits;
	} cases[] = {
		{ "foo", "foo", true },
		{ "foo", "bar/foo", true },
		{ "foo", "foo/bar", true },
		{ "foo", "bar/foo/x", true },
		{ "foo", "afoo/x", false },
		{ "foo", "Foo", false },
		{ "foo/", "foo", false },
		{ "foo/", "foo/bar", true },
		{ "foo/", "bar/foo/x", true },
		{ "/foo", "foo", true },
		{ "/foo", "foo/bar", true },
		{ "/foo", "bar/foo", false },
		{ "/foo/", "foo", false },
		{ "/foo/", "foo/bar", true },
		{ "/foo/", "bar/foo/x", false },
		{ "foo/bar", "foo/bar", true },
		{ "foo/bar", "foo/bar/baz", true },
		{ "foo/bar", "x/foo/bar", false },
		{ "foo/*", "foo", false },
		{ "foo/*", "foo/bar", true },
		{ "foo/*", "foo/a/bar", true },
		{ "foo/*", "bar/foo/x", false },
		{ "foo/**", "foo", false },
		{ "foo/**", "foo/bar", true },
		{ "foo/**", "foo/a/b/bar", true },
		{ "**/foo", "foo", true },
		{ "**/foo", "bar/foo", true },
		{ "**/foo", "foo/bar", true },
		{ "**/foo/", "foo", false },
		{ "**/foo/", "bar/foo/x", true },
		{ "foo/**/bar", "foo/bar", true },
		{ "foo/**/bar", "foo/a/bar", true },
		{ "foo/**/bar", "foo/a/b/bar", true },
		{ "foo/**/bar", "foo/a/b/bar/c", true },
		{ "foo/**/bar", "foobar", false },
		{ "a/**/", "a/b", false },
		{ "a/**/", "a/b/c", true },
		{ "a/**/**/c", "a/c", true },
		{ "a/**/**/c", "a/x/y/c", true },
		{ "**/a/**/b", "a/b", true },
		{ "**/a/**/b", "q/a/z/b", true },
		{ "**/a/**/b", "a/x", false },
		{ "*.py", "x.py", true },
		{ "*.py", "d/x.py", true },
		{ "*.py", "x.pyc", false },
		{ "*.py", ".py", true },
		{ "/*.py", "x.py", true },
		{ "/*.py", "d/x.py", false },
		{ "a*c", "ac", true },
		{ "a*c", "abbc", true },
		{ "a*c", "a/c", false },
		{ "a*c", "abd", false },
		{ "*a*b*c", "xaxbxc", true },
		{ "*a*b*c", "xaxbxcx", false },
		{ "*a*b*c", "acb", false },
		{ "a**b", "ab", true },
		{ "a**b", "axxb", true },
		{ "a**b", "a/b", false },
		{ "a?c", "abc", true },
		{ "a?c", "ac", false },
		{ "a?c", "a/c", false },
		{ "?", "x", true },
		{ "?", "xy", false },
		{ "?", "é", false },
		{ "a[bc]d", "abd", true },
		{ "a[bc]d", "aed", false },
		{ "a[!bc]d", "abd", false },
		{ "a[!bc]d", "aed", true },
		{ "a[!bc]d", "a/d", false },
		{ "a[^bc]d", "abd", false },
		{ "a[^bc]d", "aed", true },
		{ "[a-c]x", "bx", true },
		{ "[a-c]x", "dx", false },
		{ "[]x]y", "]y", true },
		{ "[]x]y", "xy", true },
		{ "[]x]y", "ay", false },
		{ "[!]x]y", "]y", false },
		{ "[!]x]y", "ay", true },
		{ "[a\\]]z", "]z", true },
		{ "[a\\]]z", "az", true },
		{ "[a\\]]z", "\\z", false },
		{ "[a-]x", "-x", true },
		{ "[a-]x", "ax", true },
		{ "[a-]x", "bx", false },
		{ "[[:digit:]]x", "1x", true },
		{ "[[:digit:]]x", "ax", false },
		{ "[[:alpha:][:digit:]_]x", "1x", true },
		{ "[[:alpha:][:digit:]_]x", "_x", true },
		{ "[[:alpha:][:digit:]_]x", "-x", false },
		{ "[[:x]y", "[y", true },
		{ "[[:x]y", "xy", true },
		{ "\\*lit", "*lit", true },
		{ "\\*lit", "xlit", false },
		{ "\\!not", "!not", true },
		{ "\\!not", "not", false },
		{ "a\\?c", "a?c", true },
		{ "a\\?c", "abc", false },
		{ "**", "a", true },
		{ "**", "a/b", true },
		{ "**/", "a", false },
		{ "**/", "a/b", true },
		{ "/**", "a", true },
		{ "/**", "a/b", true },
		{ "*", "a", true },
		{ "*", ".hidden", true },
		{ "*/", "a", false },
		{ "*/", "a/b", true },
		{ "/*/b", "a/b", true },
		{ "/*/b", "a/a/b", false },
		{ "foo*/", "foox", false },
		{ "foo*/", "foox/y", true },
		{ ".*", ".hidden", true },
		{ ".*", "d/.git/x", true },
		{ ".*", "n", false },
		{ "**/node_modules/**", "node_modules/l/i.js", true },
		{ "**/node_modules/**", "p/node_modules/l/i.js", true },
		{ "**/node_modules/**", "p/node_modules", false },
		{ "é/*.md", "é/x.md", true },
		{ "é/*.md", "e/x.md", false },
		{ "x y/", "x y/z", true },
		{ "x y/", "x/y", false },
	};
	/* clang-format on */

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_globs *g = qf_globs_new(&cases[i].pattern, 1, &err);

		ck_assert_msg(g, "%s: %s", cases[i].pattern, err.msg);
		ck_assert_msg(qf_globs_match(g, cases[i].path) == cases[i].fits, "%s against %s", cases[i].pattern, cases[i].path);
		qf_globs_free(g);
	}
}
END_TEST

START_TEST(globs_together)
{
	static const char *const patterns[] = { "*.md", "/docs/", "a/**/b" }, *const bad[] = { "a", "b[" };
	struct qf_globs *g = qf_globs_new(patterns, 3, &err), *none = qf_globs_new(NULL, 0, &err);
	char slow[4096], path[4096];
	const char *one = slow;

	ck_assert(qf_globs_match(g, "x/y.md") && qf_globs_match(g, "docs/x") && qf_globs_match(g, "a/x/b"));
	ck_assert(!qf_globs_match(g, "x/docs/x") && !qf_globs_match(g, "y.mdx"));
	ck_assert(!qf_globs_match(NULL, "a") && !qf_globs_match(none, "a"));
	qf_globs_free(g);
	qf_globs_free(none);
	ck_assert_ptr_null(qf_globs_new(bad, 2, &err));
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_str_eq(err.msg, "path pattern 'b[': a set '[' has no end");
	/* Many stars cost no more than a few. */
	for (size_t i = 0; i + 2 < sizeof(slow); i += 2)
		memcpy(slow + i, "*a", 3);
	memset(path, 'a', sizeof(path));
	path[1000] = 'b';
	path[sizeof(path) - 1] = '\0';
	g = qf_globs_new(&one, 1, &err);
	ck_assert(!qf_globs_match(g, path + 2100));
	qf_globs_free(g);
	for (size_t i = 0; i + 5 < sizeof(slow); i += 5)
		memcpy(slow + i, "**/a/", 6);
	for (size_t i = 1; i + 1 < sizeof(path); i += 2)
		path[i] = '/';
	g = qf_globs_new(&one, 1, &err);
	ck_assert(!qf_globs_match(g, path + 3000));
	qf_globs_free(g);
}
END_TEST

/* ---- rules ---- */

static void rules(struct qf_rules *r, const char *text)
{
	char path[] = "/tmp/align-allow-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ck_assert_msg(qf_rules_read(r, path, ".", TODAY, &err) == 0, "%s", err.msg);
	unlink(path);
}

START_TEST(found)
{
	/* Which entry covers: its place from 0, or -1. */
	static const struct {
		const char *path, *rule, *token;
		int entry;
	} cases[] = {
		{ "icons/a.js", "snowflake", "Snowflake", 0 },
		{ "x/icons/a.js", "snowflake", "what", 0 },
		{ "icons/a.js", "weaviate", "weaviate", -1 },
		{ "src/a.py", "snowflake", "pulumi_snowflake", 1 },
		{ "src/a.py", "snowflake", "pulumi-snowflake", 1 },
		{ "src/a.py", "snowflake", "Pulumi_snowflake", -1 },
		{ "src/a.py", "snowflake", "pulumi_snowflake_x", -1 },
		{ "src/a.py", "snowflake", "", -1 },
		{ "move/a.py", "weaviate", "weaviate", 2 },
		{ "move/a.py", "snowflake", "snowflake", 2 },
		{ "move/a.py", "old.m", "old.m", 2 },
		{ "late/a.py", "weaviate", "weaviate", -1 },
		{ "src/a.py", "old.m", "m", 4 },
		{ "last/a.py", "weaviate", "weaviate", 5 },
		{ "last/a.py", "weaviate", "x", -1 },
	};
	struct qf_rules r;

	rules(&r, "systems: [weaviate, snowflake]\nmodules: {old.m: new.m}\nallow:\n"
		  "  - {paths: [icons/], systems: [snowflake], reason: icons}\n"
		  "  - {tokens: [pulumi_snowflake, pulumi-snowflake], systems: [Snowflake], reason: the tool}\n"
		  "  - {paths: [move/**], reason: the migration}\n"
		  "  - {paths: [late/**], reason: until then, until: 2026-01-30}\n"
		  "  - {systems: [old.m], reason: it stays}\n"
		  "  - {paths: last, tokens: [weaviate], reason: last, until: 2026-01-31}\n");
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_allowance *a = qf_allow_find(&r, cases[i].path, cases[i].rule, qf_str(cases[i].token));

		ck_assert_msg(a == (cases[i].entry < 0 ? NULL : &r.allow[cases[i].entry]), "row %zu: %s", i,
			      a ? a->reason : "none");
	}
	qf_rules_release(&r);
}
END_TEST

START_TEST(stale)
{
	struct qf_result result = { 0 };
	struct qf_rules r;

	rules(&r, "systems: [weaviate]\nallow:\n  - {paths: a, reason: used}\n  - {paths: b, reason: not used}\n"
		  "  - {paths: c, reason: late, until: 2026-01-01}\n  - {paths: d, reason: in time, until: 2026-02-01}\n");
	r.allow[0].used = true;
	qf_allow_stale(&r, false, &result);
	ck_assert_uint_eq(result.n_notes, 1);
	ck_assert_int_eq(result.notes[0].kind, QF_NOTE_STALE);
	ck_assert_str_eq(result.notes[0].path, strrchr(r.file, '/') + 1);
	ck_assert_uint_eq(result.notes[0].line, 5);
	ck_assert_str_eq(result.notes[0].text, "this allowance has expired (until 2026-01-01): late");
	qf_result_release(&result);
	qf_allow_stale(&r, true, &result);
	ck_assert_uint_eq(result.n_notes, 3);
	ck_assert_uint_eq(result.notes[0].line, 4);
	ck_assert_str_eq(result.notes[0].text, "nothing needs this allowance any more, take it out: not used");
	ck_assert_uint_eq(result.notes[2].line, 6);
	qf_result_release(&result);
	r.builtin = true;
	qf_allow_stale(&r, true, &result);
	ck_assert_uint_eq(result.n_notes, 1);
	qf_result_release(&result);
	qf_rules_release(&r);
}
END_TEST

/* ---- lines ---- */

START_TEST(lines)
{
	/* clang-format off */
	static const struct {
		const char *line, *systems, *reason, *error; /* systems NULL: not found */
		bool alone, expired;
	} cases[] = {
		{ "x = 1", NULL, NULL, NULL, false, false },
		{ "", NULL, NULL, NULL, false, false },
		{ "realign: allow weaviate -- r", NULL, NULL, NULL, false, false },
		{ "2align: allow weaviate -- r", NULL, NULL, NULL, false, false },
		{ "align: allowed weaviate -- r", NULL, NULL, NULL, false, false },
		{ "Align: allow weaviate -- r", NULL, NULL, NULL, false, false },
		{ "align:allow weaviate -- r", NULL, NULL, NULL, false, false },
		{ "x = w()  # align: allow weaviate -- the old reader", "weaviate", "the old reader", NULL, false, false },
		{ "x = w() #align: allow weaviate -- r", "weaviate", "r", NULL, false, false },
		{ "realign: allow x; # align: allow weaviate -- r", "weaviate", "r", NULL, false, false },
		{ "\t# align: allow Weaviate, SNOWFLAKE -- both", "Weaviate, SNOWFLAKE", "both", NULL, true, false },
		{ "## align: allow weaviate -- r", "weaviate", "r", NULL, true, false },
		{ "// align: allow weaviate -- r", "weaviate", "r", NULL, true, false },
		{ "/// align: allow weaviate -- r", "weaviate", "r", NULL, true, false },
		{ "/* align: allow weaviate -- r */", "weaviate", "r", NULL, true, false },
		{ "/** align: allow weaviate -- r **/", "weaviate", "r *", NULL, true, false },
		{ "/* align: allow weaviate -- r */ code();", "weaviate", "r", NULL, false, false },
		{ "code(); /* align: allow weaviate -- r */", "weaviate", "r", NULL, false, false },
		{ " * align: allow weaviate -- r", "weaviate", "r", NULL, true, false },
		{ " * align: allow weaviate -- r */", "weaviate", "r", NULL, true, false },
		{ "<!-- align: allow weaviate -- r -->", "weaviate", "r", NULL, true, false },
		{ "<!-- align: allow weaviate -- r --> text", "weaviate", "r", NULL, false, false },
		{ "{# align: allow weaviate -- r #}", "weaviate", "r", NULL, true, false },
		{ "<%-- align: allow weaviate -- r --%>", "weaviate", "r", NULL, true, false },
		{ "(* align: allow weaviate -- r *)", "weaviate", "r", NULL, true, false },
		{ "{- align: allow weaviate -- r -}", "weaviate", "r", NULL, true, false },
		{ "-- align: allow weaviate -- r", "weaviate", "r", NULL, true, false },
		{ "; align: allow weaviate -- r", "weaviate", "r", NULL, true, false },
		{ "% align: allow weaviate -- r", "weaviate", "r", NULL, true, false },
		{ "REM align: allow weaviate -- r", "weaviate", "r", NULL, true, false },
		{ ".. align: allow weaviate -- r", "weaviate", "r", NULL, true, false },
		{ "  align: allow weaviate -- r", "weaviate", "r", NULL, true, false },
		{ "\"\"\"align: allow weaviate -- r\"\"\"", "weaviate", "r", NULL, true, false },
		{ "    \"# align: allow weaviate -- r\\n\",", "weaviate", "r", NULL, true, false },
		{ "    \"x = 1  # align: allow weaviate -- r\\n\",", "weaviate", "r", NULL, false, false },
		{ "- align: allow weaviate -- r", "weaviate", "r", NULL, false, false },
		{ "key: align: allow weaviate -- r", "weaviate", "r", NULL, false, false },
		{ "# align: allow weaviate -- a -- b", "weaviate", "a -- b", NULL, true, false },
		{ "# align: allow weaviate --r", "weaviate", "r", NULL, true, false },
		{ "# align: allow weaviate -- r \r", "weaviate", "r", NULL, true, false },
		{ "# align: allow old.m,old/b.py -- r", "old.m,old/b.py", "r", NULL, true, false },
		{ "# align: allow weaviate until 2026-01-31 -- r", "weaviate", "r", NULL, true, false },
		{ "# align: allow weaviate until 2026-01-30 -- r", "weaviate", "r", NULL, true, true },
		{ "# align: allow weaviate, snowflake  until  2030-12-31 -- r", "weaviate, snowflake", "r", NULL, true, false },
		{ "# align: allow weaviate until 2026-02-30 -- r", "weaviate", "r", "not a date", true, false },
		{ "# align: allow weaviate until then -- r", "weaviate", "r", "not a date", true, false },
		{ "# align: allow weaviate until -- r", "weaviate", "r", "not a date", true, false },
		{ "# align: allow weaviate", "weaviate", "", "no reason", true, false },
		{ "# align: allow weaviate --", "weaviate", "", "no reason", true, false },
		{ "/* align: allow weaviate -- */", "weaviate", "", "no reason", true, false },
		{ "# align: allow weaviate: r", "weaviate: r", "", "no reason", true, false },
		{ "# align: allow", "", "", "no reason", true, false },
		{ "# align: allow -- r", "", "r", "no such system", true, false },
		{ "# align: allow weavate -- r", "weavate", "r", "no such system", true, false },
		{ "# align: allow weaviate snowflake -- r", "weaviate snowflake", "r", "no such system", true, false },
		{ "# align: allow weaviate, -- r", "weaviate,", "r", NULL, true, false },
		{ "# align: allow ,weaviate -- r", ",weaviate", "r", "no such system", true, false },
		{ "# align: allow OLD.m -- r", "OLD.m", "r", "no such system", true, false },
	};
	/* clang-format on */
	struct qf_rules r;

	rules(&r, "systems: [weaviate, snowflake]\nmodules: {old.m: new.m}\n"
		  "files:\n  - {deprecate: old/b.py, to: old/c.py}\n");
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		QF_AUTO_FREE char *line = qf_strndup(cases[i].line, strlen(cases[i].line));
		struct qf_inline a = qf_inline_parse(&r, qf_str(line), TODAY);

		ck_assert_msg(a.found == !!cases[i].systems, "%s", line);
		if (!a.found)
			continue;
		ck_assert_msg(qf_str_is(a.systems, cases[i].systems), "%s: %.*s", line, QF_STR_ARG(a.systems));
		ck_assert_msg(qf_str_is(a.reason, cases[i].reason), "%s: %.*s", line, QF_STR_ARG(a.reason));
		ck_assert_msg(!strcmp(a.error ? a.error : "", cases[i].error ? cases[i].error : ""), "%s: %s", line, a.error);
		ck_assert_msg(a.alone == cases[i].alone && a.expired == cases[i].expired, "%s: %d %d", line, a.alone, a.expired);
		ck_assert_msg(qf_inline_allows(&a, "weaviate") ==
			      (!a.error && !a.expired && strcasestr(cases[i].systems, "weaviate")), "%s", line);
	}
	qf_rules_release(&r);
}
END_TEST

START_TEST(lines_allow)
{
	struct qf_inline a;
	struct qf_rules r;

	rules(&r, "systems: [weaviate, snowflake, snow]\nmodules: {old.m: new.m}\n");
	a = qf_inline_parse(&r, QF_STR("# align: allow SnowFlake,old.m -- r"), TODAY);
	ck_assert(qf_inline_allows(&a, "snowflake") && qf_inline_allows(&a, "old.m"));
	ck_assert(!qf_inline_allows(&a, "weaviate") && !qf_inline_allows(&a, "snow") && !qf_inline_allows(&a, ""));
	/* A slice that no NUL ends, as lines of a buffer are. */
	a = qf_inline_parse(&r, (struct qf_str){ "# align: allow snow -- reason", 25 }, TODAY);
	ck_assert_str_eq(a.error ? a.error : "", "");
	ck_assert_uint_eq(a.reason.n, 2);
	a = qf_inline_parse(&r, (struct qf_str){ NULL, 0 }, TODAY);
	ck_assert(!a.found && !qf_inline_allows(&a, "snow"));
	qf_rules_release(&r);
}
END_TEST

/* ---- init ---- */

static void add(struct qf_result *result, const char *path, const char *rule)
{
	struct qf_finding f = { .path = path, .rule = rule, .line = 1, .column = 1, .hits = 1 };

	qf_result_add(result, &f);
}

/* What init writes must be taken as rules; its text. */
static const char *init(struct qf_result *result, struct qf_buf *out, struct qf_rules *made)
{
	struct qf_rules builtin;

	ck_assert_int_eq(qf_rules_read(&builtin, NULL, "/", TODAY, &err), 0);
	ck_assert(builtin.builtin);
	qf_result_sort(result);
	qf_rules_init(&builtin, result, out);
	qf_rules_release(&builtin);
	rules(made, qf_buf_cstr(out));
	qf_result_release(result);
	return qf_buf_cstr(out);
}

START_TEST(init_of_nothing)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_result result = { 0 };
	struct qf_rules r;
	const char *text = init(&result, &out, &r);

	ck_assert_uint_eq(r.n_systems, 2);
	ck_assert_uint_eq(r.n_moves + r.n_modules + r.n_symbols + r.n_allow, 0);
	ck_assert_ptr_null(strstr(text, "files:"));
	ck_assert_ptr_nonnull(strstr(text, "None of these was found"));
	qf_rules_release(&r);
}
END_TEST

START_TEST(init_of_a_tree)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_result result = { 0 };
	struct qf_rules r;
	const char *text;

	add(&result, "web/node_modules/lucide-react/dist/i.js", "snowflake");
	add(&result, "web/node_modules/lucide-react/dist/j.js", "snowflake");
	add(&result, "web/node_modules/driver/index.js", "snowflake");
	add(&result, "third_party", "snowflake");
	add(&result, "third_party/a\nb/x", "snowflake");
	add(&result, "src/store_v2.py", "snowflake");
	add(&result, "src/store_v2.py", "snowflake");
	add(&result, "src/my store_v3.py", "snowflake");
	add(&result, "src/_v3.py", "snowflake");
	add(&result, "src/store_v12.py", "snowflake");
	add(&result, "src/store_v.py", "snowflake");
	add(&result, "vendor/store_v4.py", "snowflake");
	add(&result, "v2.py", "snowflake");
	text = init(&result, &out, &r);
	ck_assert_uint_eq(r.n_systems, 1);
	ck_assert_str_eq(r.systems[0].name, "snowflake");
	ck_assert_str_eq(r.systems[0].hint, "use Qdrant for vectors, PostgreSQL for tables");
	ck_assert_uint_eq(r.n_moves, 0);
	ck_assert_uint_eq(r.n_allow, 4);
	ck_assert(qf_globs_match(r.allow[0].paths, "web/node_modules/lucide-react/dist/i.js"));
	ck_assert(!qf_globs_match(r.allow[0].paths, "web/node_modules/driver/index.js"));
	ck_assert(qf_globs_match(r.allow[1].paths, "web/node_modules/driver/index.js"));
	ck_assert(qf_globs_match(r.allow[2].paths, "vendor/store_v4.py"));
	ck_assert(qf_globs_match(r.allow[3].paths, "third_party/a\nb/x"));
	ck_assert_str_eq(r.allow[1].systems.items[0], "snowflake");
	ck_assert_str_eq(r.allow[1].reason, "installed packages (1 finding when this file was written; see that it is so)");
	ck_assert_ptr_nonnull(strstr(text, "\n#files:\n"
					   "#  - deprecate: src/store_v12.py\n#    to: src/store_v12_deprecated.py\n"
					   "#  - promote: src/store_v12.py\n#    to: src/store.py\n"
					   "#  - deprecate: src/store_v2.py\n#    to: src/store_v2_deprecated.py\n"
					   "#  - promote: src/store_v2.py\n#    to: src/store.py\n\n"));
	qf_rules_release(&r);
}
END_TEST

START_TEST(init_takes_what_fits)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_result result = { 0 };
	struct qf_rules r;

	add(&result, "a.py", "weaviate");
	add(&result, "backend/services/unified_memory_service_v2.py", "backend/services/unified_memory_service_v2.py");
	add(&result, "b.py", "backend.services.unified_memory_service_v2");
	add(&result, "c.py", "backend.services.unified_memory_service_v2.UnifiedMemoryServiceV2");
	init(&result, &out, &r);
	ck_assert_uint_eq(r.n_systems, 1);
	ck_assert_uint_eq(r.n_moves, 1);
	ck_assert(!r.moves[0].promote && r.moves[0].warn);
	ck_assert_uint_eq(r.n_modules, 1);
	ck_assert_str_eq(r.modules[0].to, "backend.services.unified_memory_service");
	ck_assert_uint_eq(r.n_symbols, 1);
	qf_rules_release(&r);
}
END_TEST

UNIT_MAIN("align allow", 60, globs, globs_together, found, stale, lines, lines_allow, init_of_nothing, init_of_a_tree,
	  init_takes_what_fits)
