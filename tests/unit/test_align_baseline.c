/* The baseline: what it knows survives edits elsewhere, one more of the same is new, and no damaged file is taken. */
#include "tests/unit/unit.h"
#include "tools/align/rules/baseline.h"

static struct qf_err err;

/* A finding on a line of text; the line's number is where it is added. */
static struct qf_finding *add(struct qf_result *r, const char *path, const char *rule, const char *text)
{
	struct qf_finding f = {
		.kind = QF_FORBIDDEN,
		.path = path,
		.rule = rule,
		.line = (unsigned)r->n + 1,
		.column = 1,
		.hits = 1,
		.text = qf_str(text),
	};

	return qf_result_add(r, &f);
}

static int parse(const char *text, size_t n, struct qf_baseline **ret)
{
	char path[] = "/tmp/align-baseline-XXXXXX";
	int fd = mkstemp(path), rc;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
	close(fd);
	rc = qf_baseline_read(path, ret, &err);
	unlink(path);
	if (rc < 0 && !strncmp(err.msg, path, strlen(path)))
		memmove(err.msg, err.msg + strlen(path) + 1, strlen(err.msg + strlen(path)));
	return rc;
}

static struct qf_baseline *read_text(const char *text)
{
	struct qf_baseline *b = NULL;

	ck_assert_msg(parse(text, strlen(text), &b) == 0, "%s: %s", text, err.msg);
	return b;
}

/* Applies b, updates it: the new text must be this. */
static void updated(struct qf_baseline *b, struct qf_result *r, bool prune, bool grow, size_t added, size_t removed,
		    const char *want)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	size_t a, m;

	qf_baseline_update(b, r, prune, grow, &out, &a, &m);
	ck_assert_str_eq(qf_buf_cstr(&out), want);
	ck_assert_uint_eq(a, added);
	ck_assert_uint_eq(m, removed);
	qf_baseline_free(read_text(qf_buf_cstr(&out)));
}

static size_t new_ones(const struct qf_result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->findings[i].suppression == QF_COUNTS;
	return n;
}

static bool seen_all(const char *path, void *ctx)
{
	return !ctx || strcmp(path, ctx) != 0;
}

#define A1 "{\"rule\":\"weaviate\",\"path\":\"a.py\",\"line\":\"import weaviate\",\"count\":1}\n"
#define A2 "{\"rule\":\"weaviate\",\"path\":\"a.py\",\"line\":\"x = weaviate.Client()\",\"count\":2}\n"
#define B1 "{\"rule\":\"snowflake\",\"path\":\"b/c.py\",\"line\":\"import snowflake\",\"count\":1}\n"

START_TEST(made_from_nothing)
{
	struct qf_result r = { 0 };
	struct qf_baseline *b = qf_baseline_new();

	add(&r, "b/c.py", "snowflake", "\timport   snowflake\r");
	add(&r, "a.py", "weaviate", "x = weaviate.Client()");
	add(&r, "a.py", "weaviate", "import weaviate");
	add(&r, "a.py", "weaviate", "  x =\t weaviate.Client() ");
	add(&r, "a.py", "weaviate", "# align: allow")->suppression = QF_BY_INLINE;
	add(&r, "a.py", "weaviate", "pending")->kind = QF_PENDING;
	qf_baseline_apply(b, &r);
	ck_assert_uint_eq(new_ones(&r), 5);
	updated(b, &r, false, false, 0, 0, "");
	updated(b, &r, true, false, 0, 0, "");
	updated(b, &r, false, true, 4, 0, A1 A2 B1);
	updated(b, &r, true, true, 4, 0, A1 A2 B1);
	qf_baseline_free(b);
	qf_result_release(&r);
}
END_TEST

START_TEST(survives_edits_above)
{
	struct qf_baseline *b = read_text(A1 A2 B1);

	for (int lines = 0; lines < 3; lines++) {
		struct qf_result r = { 0 };

		for (int i = 0; i < lines; i++)
			add(&r, "Z", "weaviate", "known")->suppression = QF_BY_PATH;
		add(&r, "a.py", "weaviate", "    import weaviate");
		add(&r, "a.py", "weaviate", "x = weaviate.Client()");
		add(&r, "a.py", "weaviate", "x  =  weaviate.Client()");
		add(&r, "b/c.py", "snowflake", "import snowflake");
		qf_baseline_apply(b, &r);
		ck_assert_uint_eq(new_ones(&r), 0);
		ck_assert_int_eq(r.findings[r.n - 1].suppression, QF_BY_BASELINE);
		qf_baseline_stale(b, "base", seen_all, NULL, &r);
		ck_assert_uint_eq(r.n_notes, 0);
		updated(b, &r, true, true, 0, 0, A1 A2 B1);
		qf_result_release(&r);
	}
	qf_baseline_free(b);
}
END_TEST

START_TEST(one_more_is_new)
{
	struct qf_baseline *b = read_text(A1 A2 B1);
	struct qf_result r = { 0 };

	add(&r, "a.py", "weaviate", "import weaviate");
	add(&r, "a.py", "weaviate", "import weaviate");
	add(&r, "a.py", "weaviate", "x = weaviate.Client()");
	add(&r, "a.py", "weaviate", "x = weaviate.Client()");
	add(&r, "a.py", "weaviate", "x = weaviate.Client()");
	add(&r, "b/c.py", "snowflake", "import  snowflake");
	add(&r, "b/d.py", "snowflake", "import snowflake");
	add(&r, "b/c.py", "snowflake", "import snowflake as s");
	add(&r, "b/c.py", "weaviate", "import snowflake");
	qf_baseline_apply(b, &r);
	ck_assert_int_eq(r.findings[0].suppression, QF_BY_BASELINE);
	ck_assert_int_eq(r.findings[1].suppression, QF_COUNTS);
	ck_assert_int_eq(r.findings[3].suppression, QF_BY_BASELINE);
	ck_assert_int_eq(r.findings[4].suppression, QF_COUNTS);
	ck_assert_int_eq(r.findings[5].suppression, QF_BY_BASELINE);
	ck_assert_uint_eq(new_ones(&r), 5);
	updated(b, &r, true, false, 0, 0, A1 A2 B1);
	updated(b, &r, false, true, 5, 0,
		"{\"rule\":\"weaviate\",\"path\":\"a.py\",\"line\":\"import weaviate\",\"count\":2}\n"
		"{\"rule\":\"weaviate\",\"path\":\"a.py\",\"line\":\"x = weaviate.Client()\",\"count\":3}\n" B1
		"{\"rule\":\"snowflake\",\"path\":\"b/c.py\",\"line\":\"import snowflake as s\",\"count\":1}\n"
		"{\"rule\":\"weaviate\",\"path\":\"b/c.py\",\"line\":\"import snowflake\",\"count\":1}\n"
		"{\"rule\":\"snowflake\",\"path\":\"b/d.py\",\"line\":\"import snowflake\",\"count\":1}\n");
	qf_baseline_free(b);
	qf_result_release(&r);
}
END_TEST

START_TEST(what_is_gone)
{
	struct qf_baseline *b = read_text(A1 A2 B1);
	struct qf_result r = { 0 };
	char unseen[] = "a.py";

	add(&r, "a.py", "weaviate", "x = weaviate.Client()");
	add(&r, "a.py", "weaviate", "y = weaviate.Client()");
	qf_baseline_apply(b, &r);
	ck_assert_uint_eq(new_ones(&r), 1);
	qf_baseline_stale(b, "base.jsonl", seen_all, NULL, &r);
	ck_assert_uint_eq(r.n_notes, 3);
	ck_assert_str_eq(r.notes[0].path, "base.jsonl");
	ck_assert_uint_eq(r.notes[0].line, 1);
	ck_assert_str_eq(r.notes[0].text, "the known finding of 'weaviate' in a.py is gone");
	ck_assert_uint_eq(r.notes[1].line, 2);
	ck_assert_str_eq(r.notes[1].text, "1 of 2 known findings of 'weaviate' in a.py are gone");
	ck_assert_uint_eq(r.notes[2].line, 3);
	/* Of a file that was not looked at nothing is known. */
	r.n_notes = 0;
	qf_baseline_stale(b, "base.jsonl", seen_all, unseen, &r);
	ck_assert_uint_eq(r.n_notes, 1);
	ck_assert_str_eq(r.notes[0].text, "the known finding of 'snowflake' in b/c.py is gone");
	updated(b, &r, false, false, 0, 0, A1 A2 B1);
	updated(b, &r, true, false, 0, 3,
		"{\"rule\":\"weaviate\",\"path\":\"a.py\",\"line\":\"x = weaviate.Client()\",\"count\":1}\n");
	updated(b, &r, false, true, 1, 0,
		A1 A2 "{\"rule\":\"weaviate\",\"path\":\"a.py\",\"line\":\"y = weaviate.Client()\",\"count\":1}\n" B1);
	updated(b, &r, true, true, 1, 3,
		"{\"rule\":\"weaviate\",\"path\":\"a.py\",\"line\":\"x = weaviate.Client()\",\"count\":1}\n"
		"{\"rule\":\"weaviate\",\"path\":\"a.py\",\"line\":\"y = weaviate.Client()\",\"count\":1}\n");
	/* A second run over another result starts anew. */
	for (size_t i = 0; i < r.n; i++)
		r.findings[i].suppression = QF_COUNTS;
	qf_baseline_apply(b, &r);
	ck_assert_uint_eq(new_ones(&r), 1);
	qf_baseline_free(b);
	qf_result_release(&r);
}
END_TEST

/* What a look could not get at may be there still: it is neither stale nor pruned. */
START_TEST(what_was_not_seen)
{
	static const struct {
		enum qf_note_kind kind;
		const char *path;
		bool a, b;	/* a.py and b/c.py are judged */
	} rows[] = {
		{ QF_NOTE_UNREADABLE, "a.py", false, true }, { QF_NOTE_UNPARSABLE, "a.py", false, true },
		{ QF_NOTE_MISSING, "b/c.py", true, false },  { QF_NOTE_UNREADABLE, "b", true, false },
		{ QF_NOTE_SUBMODULE, "b", true, false },     { QF_NOTE_NESTED, "b", true, false },
		{ QF_NOTE_UNREADABLE, ".", false, false },   { QF_NOTE_UNREADABLE, "b/c", true, true },
		{ QF_NOTE_EXCLUDED, "a.py", true, true },    { QF_NOTE_BINARY, "a.py", true, true },
	};

	for (size_t i = 0; i < QF_LEN(rows); i++) {
		struct qf_baseline *b = read_text(A1 A2 B1);
		struct qf_result r = { 0 };
		QF_AUTO_FREE char *want = qf_asprintf("%s%s", rows[i].a ? "" : A1 A2, rows[i].b ? "" : B1);

		qf_result_note(&r, QF_NOTE_EXCLUDED, "z", 0, "other");
		qf_result_note(&r, rows[i].kind, rows[i].path, 0, "why");
		qf_result_note(&r, QF_NOTE_UNREADABLE, "0", 0, "other");
		qf_baseline_apply(b, &r);
		updated(b, &r, true, false, 0, (rows[i].a ? 3 : 0) + (rows[i].b ? 1 : 0), want);
		qf_baseline_stale(b, "base", seen_all, NULL, &r);
		ck_assert_uint_eq(r.n_notes, 3u + (rows[i].a ? 2 : 0) + (rows[i].b ? 1 : 0));
		qf_baseline_free(b);
		qf_result_release(&r);
	}
}
END_TEST

START_TEST(leftovers)
{
	struct qf_baseline *b = read_text("{\"rule\":\"old.m\",\"path\":\"a.py\",\"line\":\"old.m\",\"count\":1}\n");
	struct qf_result r = { 0 };

	add(&r, "a.py", "old.m", "old.m")->kind = QF_PENDING;
	add(&r, "a.py", "old.m", "old.m")->kind = QF_LEFTOVER;
	add(&r, "a.py", "old.m", "old.m")->kind = QF_LEFTOVER;
	qf_baseline_apply(b, &r);
	ck_assert_int_eq(r.findings[0].suppression, QF_COUNTS);
	ck_assert_int_eq(r.findings[1].suppression, QF_BY_BASELINE);
	ck_assert_int_eq(r.findings[2].suppression, QF_COUNTS);
	qf_baseline_free(b);
	qf_result_release(&r);
}
END_TEST

START_TEST(lines)
{
	static const char *const cases[][2] = {
		{ "", "" }, { "a", "a" }, { " a ", "a" }, { "\t\ta \t b\f\r", "a b" }, { " \t ", "" }, { "a  b\tc", "a b c" },
		{ "a\vb", "a\vb" },
	};
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_finding f = { 0 };

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		f.text = qf_str(cases[i][0]);
		qf_buf_reset(&out);
		qf_baseline_line(&f, &out);
		ck_assert_str_eq(qf_buf_cstr(&out), cases[i][1]);
	}
	f = (struct qf_finding){ .text = QF_STR(" a  weaviate "), .cut = true, .line_hash = 0xabc };
	qf_buf_reset(&out);
	qf_baseline_line(&f, &out);
	ck_assert_str_eq(qf_buf_cstr(&out), "a weaviate...#0000000000000abc");
}
END_TEST

START_TEST(names)
{
	struct qf_result r = { 0 };
	struct qf_baseline *b = qf_baseline_new();
	const char *text = "{\"rule\":\"weaviate\",\"path\":\"a\\n\\\"b/%41.py\",\"line\":\"\xc3\xa4 \\\\ \\\"weaviate\\\"\",\"count\":1}\n"
			   "{\"rule\":\"weaviate\",\"path_bytes\":\"b%20%25/%FF%0A.py\",\"line\":\"\",\"count\":1}\n"
			   "{\"rule\":\"weaviate\",\"path\":\"\xc3\xa4\",\"line\":\"w\",\"count\":1}\n";

	add(&r, "a\n\"b/%41.py", "weaviate", "\xc3\xa4 \\ \"weaviate\"");
	add(&r, "b %/\xff\n.py", "weaviate", "");
	add(&r, "\xc3\xa4", "weaviate", "w");
	updated(b, &r, false, true, 3, 0, text);
	qf_baseline_free(b);
	b = read_text(text);
	qf_baseline_apply(b, &r);
	ck_assert_uint_eq(new_ones(&r), 0);
	qf_baseline_free(b);
	/* Lower-case digits, and bytes that need not be encoded, mean the same. */
	b = read_text("{\"path_bytes\":\"%62%20%25/%ff%0a.py\",\"rule\":\"weaviate\",\"count\":1,\"line\":\"\"}");
	for (size_t i = 0; i < r.n; i++)
		r.findings[i].suppression = QF_COUNTS;
	qf_baseline_apply(b, &r);
	ck_assert_uint_eq(new_ones(&r), 2);
	qf_baseline_free(b);
	qf_result_release(&r);
}
END_TEST

START_TEST(taken)
{
	qf_baseline_free(read_text(""));
	qf_baseline_free(read_text(" { \"rule\" : \"a\", \"path\":\"b\",\"line\":\"c\",\"count\":1 } \r\n"));
	qf_baseline_free(NULL);
}
END_TEST

START_TEST(damaged)
{
	static const char head[] = "{\"rule\":\"weaviate\",\"path\":\"a\",\"line\":\"a\",\"count\":1}\n";
	static const char *const cases[][2] = {
		{ "\n", "2: no JSON: " },
		{ "x\n", "2: no JSON: " },
		{ "{\"rule\":\"weaviate\",\"path\":\"b\",\"li", "2: no JSON: " },
		{ "{\"rule\":\"weaviate\",\"path\":\"b\",\"line\":\"\xff\",\"count\":1}\n", "2: no JSON: " },
		{ "[]\n", "2: a line must be a JSON object" },
		{ "{}\n", "2: 'rule' must be a text that is not empty" },
		{ "<<<<<<< HEAD\n", "2: a conflict of a merge stands here; take one side's file and run 'fortress align --prune --grow'" },
		{ "=======\n", "2: a conflict of a merge" },
		{ "{\"rule\":1,\"path\":\"b\",\"line\":\"\",\"count\":1}\n", "2: 'rule' must be a text that is not empty" },
		{ "{\"rule\":\"\",\"path\":\"b\",\"line\":\"\",\"count\":1}\n", "2: 'rule' must be a text that is not empty" },
		{ "{\"rule\":\"a\\u0000\",\"path\":\"b\",\"line\":\"\",\"count\":1}\n", "2: 'rule' must be a text" },
		{ "{\"rule\":\"a\",\"line\":\"\",\"count\":1}\n", "2: 'path' must be a text that is not empty" },
		{ "{\"rule\":\"a\",\"path\":\"\",\"line\":\"\",\"count\":1}\n", "2: 'path' must be a text that is not empty" },
		{ "{\"rule\":\"a\",\"path\":[],\"line\":\"\",\"count\":1}\n", "2: 'path' must be a text that is not empty" },
		{ "{\"rule\":\"a\",\"path\":\"b\",\"path_bytes\":\"b\",\"line\":\"\",\"count\":1}\n",
		  "2: it has 'path' and 'path_bytes'; one of them is wanted" },
		{ "{\"rule\":\"a\",\"path_bytes\":\"b%f\",\"line\":\"\",\"count\":1}\n", "2: 'path_bytes' holds a '%'" },
		{ "{\"rule\":\"a\",\"path_bytes\":\"b%fg\",\"line\":\"\",\"count\":1}\n", "2: 'path_bytes' holds a '%'" },
		{ "{\"rule\":\"a\",\"path_bytes\":\"b%\",\"line\":\"\",\"count\":1}\n", "2: 'path_bytes' holds a '%'" },
		{ "{\"rule\":\"a\",\"path_bytes\":\"b%00\",\"line\":\"\",\"count\":1}\n", "2: 'path_bytes' holds a '%'" },
		{ "{\"rule\":\"a\",\"path\":\"b\",\"count\":1}\n", "2: 'line' must be a text" },
		{ "{\"rule\":\"a\",\"path\":\"b\",\"line\":\"\"}\n", "2: 'count' must be a whole number from 1 on" },
		{ "{\"rule\":\"a\",\"path\":\"b\",\"line\":\"\",\"count\":0}\n", "2: 'count' must be" },
		{ "{\"rule\":\"a\",\"path\":\"b\",\"line\":\"\",\"count\":-1}\n", "2: 'count' must be" },
		{ "{\"rule\":\"a\",\"path\":\"b\",\"line\":\"\",\"count\":1.5}\n", "2: 'count' must be" },
		{ "{\"rule\":\"a\",\"path\":\"b\",\"line\":\"\",\"count\":\"1\"}\n", "2: 'count' must be" },
		{ "{\"rule\":\"a\",\"path\":\"b\",\"line\":\"\",\"count\":4294967296}\n", "2: 'count' must be" },
		{ "{\"rule\":\"a\",\"path\":\"b\",\"line\":\"\",\"count\":1,\"x\":1}\n", "2: 'x' is no member of a baseline's line" },
		{ "{\"rule\":\"a\",\"path\":\"b\",\"line\":\"\",\"line\":\"\",\"count\":1}\n", "2: 'line' stands here twice" },
		/* What a merge leaves that took the lines of both sides. */
		{ "{\"rule\":\"weaviate\",\"path\":\"a\",\"line\":\"a\",\"count\":3}\n",
		  "2: the same finding as in line 1 (counts 1 and 3); keep one of the two lines" },
		{ "{\"rule\":\"weaviate\",\"path_bytes\":\"%61\",\"line\":\"a\",\"count\":1}\n", "2: the same finding as in line 1" },
		{ "{\"rule\":\"weaviate\",\"path\":\"A\",\"line\":\"a\",\"count\":1}\n", "2: out of order behind line 1: lines are sorted" },
		{ "{\"rule\":\"snowflake\",\"path\":\"a\",\"line\":\"a\",\"count\":1}\n", "2: out of order behind line 1" },
		{ "{\"rule\":\"weaviate\",\"path\":\"a\",\"line\":\"\",\"count\":1}\n", "2: out of order behind line 1" },
		{ "{\"rule\":\"weaviate\",\"path\":\"b\",\"line\":\"a\",\"count\":1}\n{\"rule\":\"weaviate\",\"path\":\"a\",\"line\":\"b\",\"count\":1}\n",
		  "3: out of order behind line 2" },
	};
	struct qf_baseline *b = NULL;

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		QF_AUTO_FREE char *text = qf_asprintf("%s%s", head, cases[i][0]);

		ck_assert_msg(parse(text, strlen(text), &b) < 0, "taken: %s", text);
		ck_assert_int_eq(err.code, QF_E_CONFIG);
		ck_assert_msg(!strncmp(err.msg, cases[i][1], strlen(cases[i][1])), "%s: %s", text, err.msg);
	}
	ck_assert_int_lt(parse("{\"rule\":\"a\",\"path\":\"b\0\"}\n", 26, &b), 0);
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_int_lt(qf_baseline_read("/nowhere/base", &b, &err), 0);
	ck_assert_int_eq(err.code, QF_E_NOINPUT);
	ck_assert_int_lt(qf_baseline_read("/", &b, &err), 0);
	ck_assert_int_eq(err.code, QF_E_IO);
	ck_assert_ptr_null(b);
}
END_TEST

/* Random results: what a grown baseline is read back as knows all of them, and pruning by nothing empties it. */
START_TEST(round_trips)
{
	static const char *const paths[] = { "a", "a/b", "a.b", "\xff", "a b" }, *const rules[] = { "w", "s", "s.t" },
				 *const texts[] = { "x", " x", "x y", "", "\"x\\" };
	uint64_t seed = 11;

	for (int round = 0; round < 200; round++) {
		QF_AUTO_BUF struct qf_buf out = { 0 }, rest = { 0 };
		struct qf_baseline *b = qf_baseline_new(), *again;
		struct qf_result r = { 0 }, none = { 0 };
		size_t n = unit_random(&seed) % 40, added, removed;

		for (size_t i = 0; i < n; i++)
			add(&r, paths[unit_random(&seed) % QF_LEN(paths)], rules[unit_random(&seed) % QF_LEN(rules)],
			    texts[unit_random(&seed) % QF_LEN(texts)]);
		qf_result_sort(&r);
		qf_baseline_update(b, &r, false, true, &out, &added, &removed);
		ck_assert_uint_eq(added, n);
		again = read_text(qf_buf_cstr(&out));
		qf_baseline_apply(again, &r);
		ck_assert_uint_eq(new_ones(&r), 0);
		qf_baseline_apply(again, &none);
		qf_baseline_update(again, &none, true, false, &rest, &added, &removed);
		ck_assert_uint_eq(removed, n);
		ck_assert_uint_eq(rest.n, 0);
		qf_baseline_free(b);
		qf_baseline_free(again);
		qf_result_release(&r);
	}
}
END_TEST

UNIT_MAIN("align baseline", 60, made_from_nothing, survives_edits_above, one_more_is_new, what_is_gone, what_was_not_seen,
	  leftovers, lines, names, taken, damaged, round_trips)
