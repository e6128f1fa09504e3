/* JSON: the strict scanner, the tree, and text out. */
#include "common/data/json.h"
#include "common/base/retry.h"
#include "tests/unit/unit.h"

static struct qf_err err;
static struct qf_arena arena;

/* NULL when the scanner takes the whole text as one value, else its reason. */
static const char *skip(const char *text, size_t n, unsigned depth)
{
	QF_AUTO_FREE char *exact = qf_strndup(text, n);
	const char *why = "no reason", *bad = NULL, *after;

	after = qf_json_skip(exact, exact + n, depth, &why, &bad);
	if (!after) {
		ck_assert_msg(bad >= exact && bad <= exact + n, "'%s': the place is outside", text);
		return why;
	}
	return after == exact + n ? NULL : "something stands behind";
}

START_TEST(valid_texts)
{
	static const char *const cases[] = {
		"null", "true", "false", "0", "-0", "1", "-1", "1.5", "1e5", "1E+5", "1e-5", "0.0", "-0.0e0",
		"18446744073709551615", "123456789012345678901234567890", "\"\"", "\"a\"", "[]", "{}", " [ ] ",
		"[1,2,3]", "{\"a\":1}", "{\"a\":{\"b\":[null,true,false]}}", "{\"\":0}", "{\"a\":1,\"a\":2}",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0000\"", "\"\\uD83D\\uDE00\"", "\"\\u00e4\"", "\"\x7f\"",
		"\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"", "[\t1\n,\r2 ]", "{ \"a\" : [ ] , \"b\" : { } }",
		"[[[[[[]]]]]]", "\"eight ch\"", "\"sixteen chars ok\"",
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		size_t n = strlen(cases[i]), real = n;

		while (real && strchr(" \t\r\n", cases[i][real - 1]))
			real--;
		ck_assert_msg(!skip(cases[i], real, 64), "%s: %s", cases[i], skip(cases[i], real, 64));
	}
}
END_TEST

/* What is no JSON, and what is no JSON for us. A NUL in the text is written as \0. */
static const struct {
	const char *text, *why;
	size_t n;
} malformed[] = {
#define BAD(text, why) { text, why, sizeof(text) - 1 }
	BAD("", "missing"), BAD(" ", "missing"), BAD("nul", "not a JSON value"), BAD("nulL", "not a JSON value"),
	BAD("True", "not a JSON value"), BAD("NaN", "not a JSON value"), BAD("Infinity", "not a JSON value"),
	BAD("-Infinity", "not a number"), BAD("+1", "not a JSON value"), BAD("01", "behind"),
	BAD("-", "not a number"), BAD("-a", "not a number"), BAD(".5", "not a JSON value"),
	BAD("1.", "not a number"), BAD("1.e5", "not a number"), BAD("1e", "not a number"),
	BAD("1e+", "not a number"), BAD("0x10", "behind"), BAD("1_000", "behind"), BAD("1 2", "behind"),
	BAD("--1", "not a number"), BAD("1.5.5", "behind"), BAD("1e5.5", "behind"), BAD("-01", "behind"),
	BAD("'a'", "not a JSON value"), BAD("a", "not a JSON value"), BAD("undefined", "not a JSON value"),
	BAD("\"", "not closed"), BAD("\"abc", "not closed"), BAD("\"\\", "not closed"), BAD("\"\\\"", "not closed"),
	BAD("\"a\nb\"", "control character"), BAD("\"a\tb\"", "control character"),
	BAD("\"a\0b\"", "control character"), BAD("\"\x1f\"", "control character"),
	BAD("\"eight by\x01tes\"", "control character"),
	BAD("\"\\a\"", "unknown escape"), BAD("\"\\x41\"", "unknown escape"), BAD("\"\\'\"", "unknown escape"),
	BAD("\"\\0\"", "unknown escape"), BAD("\"\\U0041\"", "unknown escape"), BAD("\"\\\0\"", "unknown escape"),
	BAD("\"\\u\"", "four hex"), BAD("\"\\u12\"", "four hex"), BAD("\"\\u123\"", "four hex"),
	BAD("\"\\u12g4\"", "four hex"), BAD("\"\\u 123\"", "four hex"), BAD("\"\\u-123\"", "four hex"),
	BAD("\"\\ud800\"", "lone surrogate"), BAD("\"\\udbff x\"", "lone surrogate"),
	BAD("\"\\udc00\"", "lone surrogate"), BAD("\"\\udfff\"", "lone surrogate"),
	BAD("\"\\ud800\\ud800\"", "lone surrogate"), BAD("\"\\ud800\\u0041\"", "lone surrogate"),
	BAD("\"\\ud83d\\n\"", "lone surrogate"), BAD("\"\\ude00\\ud83d\"", "lone surrogate"),
	BAD("\"\\ud800\\udc0\"", "lone surrogate"), BAD("\"\\ud800\xed\xb0\x80\"", "lone surrogate"),
	BAD("\"\x80\"", "invalid UTF-8"), BAD("\"\xc3\"", "invalid UTF-8"), BAD("\"\xc0\x80\"", "invalid UTF-8"),
	BAD("\"\xed\xa0\x80\"", "invalid UTF-8"), BAD("\"\xf5\x80\x80\x80\"", "invalid UTF-8"),
	BAD("\"\xff\"", "invalid UTF-8"), BAD("\"abcdefgh\xe2\x82\"", "invalid UTF-8"),
	BAD("\"\xf0\x9f\x98\"", "invalid UTF-8"), BAD("\"\xe0\x80\xaf\"", "invalid UTF-8"),
	BAD("[", "missing"), BAD("[1", "not closed"), BAD("[1,", "missing"), BAD("[,1]", "not a JSON value"),
	BAD("[1,]", "not a JSON value"), BAD("[1 2]", "bracket is missing"), BAD("[1}", "bracket is missing"),
	BAD("[1;2]", "bracket is missing"), BAD("]", "not a JSON value"), BAD("[]]", "behind"),
	BAD("[\"a\",\"b\"", "not closed"), BAD("[1,,2]", "not a JSON value"), BAD("[1:2]", "bracket is missing"),
	BAD("{", "key is missing"), BAD("{\"a\"", "':' is missing"), BAD("{\"a\":", "missing"),
	BAD("{\"a\":1", "not closed"), BAD("{\"a\":1,", "key is missing"), BAD("{\"a\":1,}", "key is missing"),
	BAD("{a:1}", "key is missing"), BAD("{1:1}", "key is missing"), BAD("{\"a\" 1}", "':' is missing"),
	BAD("{\"a\":1 \"b\":2}", "bracket is missing"), BAD("{\"a\":1]", "bracket is missing"),
	BAD("{\"a\",\"b\"}", "':' is missing"), BAD("{,}", "key is missing"), BAD("{}}", "behind"),
	BAD("{\"a\"::1}", "not a JSON value"), BAD("{\"\\x\":1}", "unknown escape"),
	BAD("{null:1}", "key is missing"), BAD("[1]x", "behind"), BAD("\xef\xbb\xbf[]", "not a JSON value"),
	BAD("/* x */ 1", "not a JSON value"), BAD("// x\n1", "not a JSON value"), BAD("[1] []", "behind"),
	BAD("\f1", "not a JSON value"), BAD("\v1", "not a JSON value"), BAD("\xc2\xa0" "1", "not a JSON value"),
	BAD("\0", "not a JSON value"), BAD("tru", "not a JSON value"), BAD("fals", "not a JSON value"),
#undef BAD
};

START_TEST(malformed_texts)
{
	ck_assert_uint_ge(QF_LEN(malformed), 100);
	for (size_t i = 0; i < QF_LEN(malformed); i++) {
		const char *why = skip(malformed[i].text, malformed[i].n, 64);

		ck_assert_msg(why != NULL, "case %zu is taken: %s", i, malformed[i].text);
		ck_assert_msg(strstr(why, malformed[i].why) != NULL, "case %zu (%s): %s", i, malformed[i].text, why);
	}
}
END_TEST

/* The tree's parser takes nothing that the scanner refuses. */
START_TEST(tree_refuses_too)
{
	for (size_t i = 0; i < QF_LEN(malformed); i++) {
		struct qf_json *doc;

		ck_assert_msg(qf_json_parse(&arena, malformed[i].text, malformed[i].n, "reply", &doc, &err) < 0,
			      "case %zu is taken: %s", i, malformed[i].text);
		ck_assert_int_eq(err.code, QF_E_DATA);
		ck_assert_int_eq(strncmp(err.msg, "reply: ", 7), 0);
	}
	qf_arena_reset(&arena);
}
END_TEST

/* A quote, backslash or control character at every place of a run that is looked at by eights. */
START_TEST(every_offset_in_a_run)
{
	for (size_t n = 1; n < 40; n++) {
		for (size_t at = 0; at < n; at++) {
			char text[64];

			for (int c = 0; c < 256; c++) {
				bool good = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

				memset(text, 'x', sizeof(text));
				text[0] = text[n + 1] = '"';
				text[at + 1] = (char)c;
				if (!skip(text, n + 2, 64) != good)
					ck_abort_msg("character %d at %zu of %zu", c, at, n);
			}
		}
	}
}
END_TEST

static char *nest(unsigned depth, const char *open, const char *inner, const char *close)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };

	for (unsigned i = 0; i < depth; i++)
		qf_buf_puts(&b, open);
	qf_buf_puts(&b, inner);
	for (unsigned i = 0; i < depth; i++)
		qf_buf_puts(&b, close);
	return qf_strdup(qf_buf_cstr(&b));
}

START_TEST(depth)
{
	static const struct {
		unsigned depth, limit;
		bool good;
	} cases[] = {
		{ 64, 64, true }, { 65, 64, false }, { 64, 1000, true }, { 65, 1000, false }, { 5, 5, true },
		{ 6, 5, false }, { 1, 0, false }, { 0, 0, true }, { 20000000, 64, false },
	};
	struct qf_json *doc;

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		QF_AUTO_FREE char *lists = nest(cases[i].depth, "[", "1", "]");
		const char *why = skip(lists, strlen(lists), cases[i].limit);

		ck_assert_msg(!why == cases[i].good, "depth %u, limit %u: %s", cases[i].depth, cases[i].limit,
			      why ? why : "taken");
		if (!cases[i].good)
			ck_assert_str_eq(why, "nested too deeply");
		if (cases[i].depth >= 64 && cases[i].limit == 64) {
			int rc = qf_json_parse(&arena, lists, strlen(lists), "x", &doc, &err);

			ck_assert_int_eq(rc, cases[i].good ? 0 : -1);
			if (rc < 0)
				ck_assert_has(err.msg, "nested too deeply at byte 65");
		}
	}
	for (unsigned d = 64; d <= 65; d++) {
		QF_AUTO_FREE char *maps = nest(d, "{\"k\":[true],\"a\":", "{}", "}");

		ck_assert(!skip(maps, strlen(maps), 64) == (d < 64));
	}
}
END_TEST

START_TEST(million_keys)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };
	double started;
	struct qf_json *doc;

	qf_buf_addc(&b, '{');
	for (int i = 0; i < 1000000; i++)
		qf_buf_printf(&b, "%s\"key%d\":%d", i ? "," : "", i, i);
	qf_buf_addc(&b, '}');
	started = qf_now();
	ck_assert_ptr_null(skip(b.p, b.n, 64));
	ck_assert_int_eq(qf_json_parse(&arena, b.p, b.n, "x", &doc, &err), 0);
	ck_assert_uint_eq(qf_json_count(doc), 1000000);
	ck_assert_int_eq(qf_json_get_int(doc, "key999999", 0), 999999);
	ck_assert(qf_now() - started < 10);
	qf_arena_release(&arena);
	/* One key of 10 MB. */
	qf_buf_reset(&b);
	QF_BUF_LIT(&b, "{\"");
	memset(qf_buf_room(&b, 10 << 20), 'k', 10 << 20);
	b.n += 10 << 20;
	QF_BUF_LIT(&b, "\":1}");
	ck_assert_ptr_null(skip(b.p, b.n, 64));
	ck_assert_int_eq(qf_json_parse(&arena, b.p, b.n, "x", &doc, &err), 0);
	ck_assert_uint_eq(doc->child->key.n, 10 << 20);
}
END_TEST

static struct qf_json *parse(const char *text)
{
	struct qf_json *doc;

	ck_assert_msg(qf_json_parse(&arena, text, strlen(text), "x", &doc, &err) == 0, "%s: %s", text, err.msg);
	return doc;
}

static const char *written(const struct qf_json *doc)
{
	static struct qf_buf b;

	qf_buf_reset(&b);
	qf_json_write(&b, doc);
	return qf_buf_cstr(&b);
}

/* Every escape, by the tree and by the scanner, and out again. */
START_TEST(strings)
{
	static const struct {
		const char *json, *bytes;
		size_t n;
		const char *again;
	} cases[] = {
#define CASE(json, bytes, again) { json, bytes, sizeof(bytes) - 1, again }
		CASE("\"\"", "", "\"\""),
		CASE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""),
		CASE("\"\\u0000\\u0001\\u001f\\u007f\"", "\0\1\x1f\x7f", "\"\\u0000\\u0001\\u001f\x7f\""),
		CASE("\"\\u0041\\u00e4\\u20ac\\uFFFF\\ud7ff\\ue000\"", "A\xc3\xa4\xe2\x82\xac\xef\xbf\xbf\xed\x9f\xbf\xee\x80\x80",
		     "\"A\xc3\xa4\xe2\x82\xac\xef\xbf\xbf\xed\x9f\xbf\xee\x80\x80\""),
		CASE("\"\\uD83D\\uDE00\\udbff\\udfff\\ud800\\udc00\"", "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\xf0\x90\x80\x80",
		     "\"\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\xf0\x90\x80\x80\""),
		CASE("\"\\u0080\\u07ff\\u0800\"", "\xc2\x80\xdf\xbf\xe0\xa0\x80", "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\""),
		CASE("\"a\\nb\\\\\"", "a\nb\\", "\"a\\nb\\\\\""),
#undef CASE
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_json *doc = parse(cases[i].json);
		struct qf_scan s = { .p = cases[i].json, .end = cases[i].json + strlen(cases[i].json) };
		struct qf_str by_scan = qf_scan_string(&s, &arena), want = { cases[i].bytes, cases[i].n };

		ck_assert_msg(qf_str_eq(doc->text, want), "tree: %s", cases[i].json);
		ck_assert_msg(!s.why && qf_str_eq(by_scan, want), "scan: %s", cases[i].json);
		ck_assert_ptr_eq(s.p, s.end);
		ck_assert_str_eq(written(doc), cases[i].again);
	}
}
END_TEST

/* Every code point as \u escapes: both readers agree with the bytes, and these go out unescaped. */
START_TEST(all_code_points)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	for (unsigned c = 0; c <= 0x10ffff; c += c < 0x3000 || c > 0x10fff0 ? 1 : 7) {
		char json[32], bytes[4];
		size_t n;
		struct qf_scan s;
		struct qf_str got;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		if (c < 0x10000)
			snprintf(json, sizeof(json), "\"\\u%04x\"", c);
		else
			snprintf(json, sizeof(json), "\"\\u%04X\\u%04x\"", 0xd800 + ((c - 0x10000) >> 10),
				 0xdc00 + ((c - 0x10000) & 0x3ff));
		n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		for (size_t i = n, v = c; i-- > 0; v >>= 6)
			bytes[i] = (char)(i ? 0x80 | (v & 0x3f) : n == 1 ? v : (0xf00 >> n & 0xff) | v);
		s = (struct qf_scan){ .p = json, .end = json + strlen(json) };
		got = qf_scan_string(&s, &arena);
		if (s.why || got.n != n || memcmp(got.p, bytes, n) != 0)
			ck_abort_msg("scan of %s", json);
		got = parse(json)->text;
		if (got.n != n || memcmp(got.p, bytes, n) != 0)
			ck_abort_msg("tree of %s", json);
		qf_buf_reset(&out);
		qf_json_write_string(&out, got);
		if (skip(out.p, out.n, 64) || (c >= 0x20 && c != '"' && c != '\\' && out.n != n + 2))
			ck_abort_msg("text of U+%04X", c);
		qf_arena_reset(&arena);
	}
}
END_TEST

START_TEST(numbers_keep_their_text)
{
	static const char *const cases[] = {
		"0", "-0", "5.0", "1e3", "1E400", "9007199254740993", "9223372036854775807", "9223372036854775808",
		"18446744073709551615", "123456789012345678901234567890.00", "-0.0", "1e-400", "0.1000",
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		char text[80];

		snprintf(text, sizeof(text), "{\"n\":[%s]}", cases[i]);
		ck_assert_str_eq(written(parse(text)), text);
		ck_assert_ptr_null(skip(text, strlen(text), 64));
	}
}
END_TEST

START_TEST(integers)
{
	static const struct {
		const char *text;
		int rc;
		int64_t value;
	} cases[] = {
		{ "0", 0, 0 }, { "-0", 0, 0 }, { "9223372036854775807", 0, INT64_MAX },
		{ "-9223372036854775808", 0, INT64_MIN }, { "9223372036854775808", -1, 0 },
		{ "-9223372036854775809", -1, 0 }, { "1.0", -1, 0 }, { "1e3", -1, 0 }, { "\"1\"", -1, 0 },
		{ "true", -1, 0 }, { "9007199254740993", 0, 9007199254740993 },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		int64_t v = 0;

		ck_assert_msg(qf_json_int(parse(cases[i].text), &v) == cases[i].rc, "%s", cases[i].text);
		ck_assert_int_eq(v, cases[i].value);
	}
}
END_TEST

START_TEST(tree_access_and_edit)
{
	struct qf_json *doc = parse("{\"s\":\"x\",\"n\":7,\"f\":1.5,\"t\":true,\"o\":{\"p\":{\"q\":2}},\"a\":[1,2,3],\"z\":null}");
	struct qf_json *o, *copy;

	ck_assert(qf_str_is(qf_json_get_str(doc, "s", "d"), "x"));
	ck_assert(qf_str_is(qf_json_get_str(doc, "n", "d"), "d"));
	ck_assert_ptr_null(qf_json_get_str(doc, "nope", NULL).p);
	ck_assert_int_eq(qf_json_get_int(doc, "n", -1), 7);
	ck_assert_int_eq(qf_json_get_int(doc, "f", -1), -1);
	ck_assert(qf_json_get_bool(doc, "t", false));
	ck_assert(qf_json_get_bool(doc, "z", true));
	ck_assert_str_eq(written(qf_json_path(doc, "o.p.q")), "2");
	ck_assert_ptr_null(qf_json_path(doc, "o.x.q"));
	ck_assert_ptr_null(qf_json_path(doc, "s.x"));
	ck_assert_ptr_null(qf_json_get(NULL, "s"));
	ck_assert_ptr_null(qf_json_get(qf_json_get(doc, "a"), "s"));
	ck_assert_uint_eq(qf_json_count(qf_json_get(doc, "a")), 3);
	copy = qf_json_copy(&arena, doc);
	ck_assert(qf_json_equal(doc, copy));
	ck_assert_ptr_nonnull(qf_json_remove(doc, "s"));
	ck_assert_ptr_nonnull(qf_json_remove(doc, "z"));
	ck_assert_ptr_nonnull(qf_json_remove(doc, "t"));
	ck_assert_ptr_null(qf_json_remove(doc, "t"));
	ck_assert_ptr_null(qf_json_remove(qf_json_get(doc, "a"), "t"));
	ck_assert(!qf_json_equal(doc, copy));
	qf_json_add_int(&arena, doc, "big", INT64_MIN);
	qf_json_add_bool(&arena, doc, "b", false);
	qf_json_add_cstr(&arena, doc, "c", "q\"q");
	o = qf_json_add(&arena, doc, "list", QF_JSON_ARRAY);
	qf_json_add(&arena, o, NULL, QF_JSON_NULL);
	qf_json_attach(&arena, o, NULL, qf_json_new(&arena, QF_JSON_OBJECT));
	ck_assert_str_eq(written(doc), "{\"n\":7,\"f\":1.5,\"o\":{\"p\":{\"q\":2}},\"a\":[1,2,3],\"big\":-9223372036854775808,"
				       "\"b\":false,\"c\":\"q\\\"q\",\"list\":[null,{}]}");
}
END_TEST

START_TEST(equal)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true }, { "[1,2]", "[2,1]", false }, { "1", "1.0", true },
		{ "1", "1e0", true }, { "[]", "{}", false }, { "null", "false", false }, { "[1]", "[1,1]", false },
		{ "{\"a\":1}", "{\"a\":1,\"b\":1}", false }, { "9007199254740993", "9007199254740992", false },
		{ "\"1\"", "1", false }, { "{\"a\":null}", "{\"b\":null}", false }, { "true", "true", true },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++)
		ck_assert_msg(qf_json_equal(parse(cases[i].a), parse(cases[i].b)) == cases[i].same, "%s and %s",
			      cases[i].a, cases[i].b);
	ck_assert(qf_json_equal(NULL, NULL));
	ck_assert(!qf_json_equal(parse("1"), NULL));
}
END_TEST

START_TEST(members)
{
	static const char *const cases[][2] = {
		{ "{\"a\":1,\"b\":{\"c\":[2]},\"\\u0064\":null}", "a=1 b={\"c\":[2]} d=null " },
		{ "{}", "" }, { "{ }", "" }, { "{\"a\":1,}", "a=1 !" }, { "{\"a\":}", "!" }, { "{\"a\":1", "a=1 !" },
		{ "[1]", "!" }, { "", "!" }, { "{\"a\" 1}", "!" }, { "{a:1}", "!" }, { "{\"a\":1 \"b\":1}", "a=1 !" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_scan s = { .p = cases[i][0], .end = cases[i][0] + strlen(cases[i][0]) };
		QF_AUTO_BUF struct qf_buf out = { 0 };
		struct qf_str key, value;
		bool first = true;

		while (qf_scan_member(&s, &first, &key, &arena)) {
			value = qf_scan_value(&s);
			if (!s.why)
				qf_buf_printf(&out, "%.*s=%.*s ", QF_STR_ARG(key), QF_STR_ARG(value));
		}
		if (s.why)
			qf_buf_puts(&out, "!");
		ck_assert_str_eq(qf_buf_cstr(&out), cases[i][1]);
	}
}
END_TEST

UNIT_MAIN("json", 120, valid_texts, malformed_texts, tree_refuses_too, every_offset_in_a_run, depth,
	  million_keys, strings, all_code_points, numbers_keep_their_text, integers, tree_access_and_edit, equal,
	  members)
