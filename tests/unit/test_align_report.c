/* The forms of a report: words, escapes, numbers, fingerprints. Their shape is checked in tests/align/report. */
#include "common/base/log.h"
#include "common/data/json.h"
#include "tests/unit/report_kit.h"
#include "tests/unit/unit.h"
#include "tools/align/report/audit_count.h"
#include "tools/align/report/show.h"
#include "tools/align/report/summary.h"

static const struct qf_report_opts plain = { .rules = &kit_rules, .status = QF_E_DIFF };

/* What a form makes of a result; the caller frees it. */
static char *form_of(const char *name, const struct qf_result *result, const struct qf_report_opts *opts)
{
	struct qf_buf out = { 0 };

	qf_format_find(name)->write(result, opts, &out);
	qf_buf_cstr(&out);
	return out.p;
}

static char *audit_of(const struct qf_result *result, const struct qf_result *before, enum qf_audit_form form)
{
	struct qf_buf out = { 0 };

	qf_audit_write(result, before, before ? "v1" : NULL, &plain, form, &out);
	qf_buf_cstr(&out);
	return out.p;
}

static void check_form(const char *name, const struct qf_result *result, const struct qf_report_opts *opts,
		       const char *want)
{
	QF_AUTO_FREE char *got = form_of(name, result, opts);

	ck_assert_msg(!strcmp(got, want), "%s is\n%s\nnot\n%s", name, got, want);
}

START_TEST(names)
{
	ck_assert_str_eq(qf_format_names(), "text|json|sarif|github|gitlab");
	ck_assert_str_eq(qf_format_find("sarif")->name, "sarif");
	ck_assert_ptr_null(qf_format_find("sari"));
	ck_assert_ptr_null(qf_format_find(""));
}
END_TEST

/* ---- escapes ---- */

static void show_text(struct qf_buf *out, const char *s)
{
	qf_show_text(out, qf_str(s));
}

static void show_utf8(struct qf_buf *out, const char *s)
{
	qf_show_utf8(out, qf_str(s));
}

static void show_json(struct qf_buf *out, const char *s)
{
	qf_show_json(out, qf_str(s));
}

static void show_path_utf8(struct qf_buf *out, const char *s)
{
	if (qf_show_path_utf8(out, s))
		QF_BUF_LIT(out, " (encoded)");
}

START_TEST(escapes)
{
	static const struct {
		void (*show)(struct qf_buf *out, const char *s);
		const char *in, *want;
	} cases[] = {
		{ show_text, "a\tb \\ \xc3\xa9 \xf0\x9f\x98\x80", "a\tb \\ \xc3\xa9 \xf0\x9f\x98\x80" },
		{ show_text, "\x1b[31m\r\n\x7f", "\\x1b[31m\\x0d\\x0a\\x7f" },
		{ show_text, "\xc2\x9b" "31m", "\\x9b31m" },
		{ show_text, "\xff\xc3", "\\xff\\xc3" },
		{ show_text, "\xe2\x80\xae\xef\xbb\xbf\xf3\xa0\x80\x81", "\\u202e\\ufeff\\U000e0001" },
		{ show_text, "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ qf_show_path, "a/b c\xc3\xa9.py", "a/b c\xc3\xa9.py" },
		{ qf_show_path, "a\nb\t\"\\\x01", "\"a\\nb\\t\\\"\\\\\\001\"" },
		{ qf_show_path, "\xff\xc3\xa9", "\"\\377\xc3\xa9\"" },
		{ qf_show_path, "\xe2\x80\xae", "\"\\342\\200\\256\"" },
		{ qf_show_path, "::error::x", "\"::error::x\"" },
		{ show_utf8, "a\xff\xc3\xa9\xe2\x80", "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd" },
		{ show_json, "a\"\n\xff", "\"a\\\"\\n\xef\xbf\xbd\"" },
		{ show_path_utf8, "a%\xc3\xa9", "a%\xc3\xa9" },
		{ show_path_utf8, "a%\xc3\xa9\xff", "a%25%C3%A9%FF (encoded)" },
		{ qf_show_uri, "a b/\xff%:?#\xc3\xa9~", "a%20b/%FF%25%3A%3F%23%C3%A9~" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		QF_AUTO_BUF struct qf_buf out = { 0 };

		cases[i].show(&out, cases[i].in);
		ck_assert_msg(!strcmp(qf_buf_cstr(&out), cases[i].want), "case %zu: %s", i, qf_buf_cstr(&out));
	}
}
END_TEST

START_TEST(numbers)
{
	static const struct {
		uint64_t n;
		const char *want;
	} cases[] = {
		{ 0, "0 files" }, { 1, "1 file" }, { 999, "999 files" }, { 1000, "1,000 files" },
		{ 24562, "24,562 files" }, { 1000000, "1,000,000 files" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		QF_AUTO_BUF struct qf_buf out = { 0 };

		qf_show_count(&out, cases[i].n, "file");
		ck_assert_str_eq(qf_buf_cstr(&out), cases[i].want);
	}
}
END_TEST

/* ---- text ---- */

#define KIT_SENTENCE \
	"6 findings in 3 files (weaviate 4 in 2, snowflake 2 in 2), 1 path name, 1 line to change and 1 file to move, " \
	"1 old name that stays; 3 do not count (1 inline, 1 by token, 1 by baseline); 1 path could not be read; " \
	"1 file could not be parsed; 1 stale; 1,358 files read, 4 binary skipped\n"

START_TEST(text)
{
	struct qf_result r = { 0 };

	kit_fill(&r);
	check_form("text", &r, &plain,
		   "a.py:3:8: import: weaviate\n    | import weaviate\n"
		   "a.py:7:8: import: weaviate\n    | import weaviate\n"
		   "a.py:9:6: identifier: weaviate (2 times)\n    | x = Weaviate(snowflake)  # Weaviate\n"
		   "a.py:9:15: identifier: snowflake\n    | x = Weaviate(snowflake)  # Weaviate\n"
		   "\"b/\\\"new\\n\xc3\xa9\\\".py\": path-name: snowflake\n"
		   "\"b/\\\"new\\n\xc3\xa9\\\".py\":1:8: string: snowflake\n"
		   "    | \\x1b[2J\\xff snowflake \\u202e|<%:,>\n"
		   "\"c/x\\377%:, y.py\":5:6: string: weaviate\n    | some weaviate text (a part of the line)\n"
		   "e.py: would move: e.py: moves to f.py\n"
		   "e.py:2:21: would change: backend.old: from backend import new\n    | from backend import old\n"
		   "e.py:4:6: leftover: backend.old: a text, no path\n    | x = 'backend.old'\n"
		   "plan: the promoted module lacks X\n"
		   ".fortress-align.yaml:12: stale: nothing needs this allowance: \\x1b]0;x\\x07\n"
		   "old.py:4: does not parse: line 4, column 1: 'print' is no statement\n"
		   "private: could not be read: Permission denied\n"
		   "left out: 4 binary files: \"c/x\\377%:, y.pyc\", x.bin, y.bin and 1 more\n"
		   "left out: 1 symbolic link: link\n"
		   "hint: weaviate: use Qdrant\n" KIT_SENTENCE);
	qf_result_release(&r);
}
END_TEST

START_TEST(text_verbose)
{
	static const char *const lines[] = {
		"\"c/x\\377%:, y.py\":2:3: string: weaviate (does not count, inline: <old> data)\n",
		"    | weaviate = 1  # align: allow weaviate -- <old> data\n",
		"d/icons.js:1:1: string: snowflake (does not count, token: an icon)\n    | Snowflake\n",
		"d/known.md:1:1: string: snowflake (does not count, baseline)\n    | snowflake\n",
		"\nx.bin: left out (binary): holds a NUL byte\n",
		"\nz.bin: left out (binary): holds a NUL byte\n",
		"\nlink: left out (symlink): a symbolic link, not followed\n",
	};
	struct qf_report_opts opts = { .rules = &kit_rules, .verbose = true };
	struct qf_result r = { 0 };
	QF_AUTO_FREE char *got = NULL;

	kit_fill(&r);
	got = form_of("text", &r, &opts);
	for (size_t i = 0; i < QF_LEN(lines); i++)
		ck_assert_msg(strstr(got, lines[i]), "'%s' is not in\n%s", lines[i], got);
	ck_assert_ptr_null(strstr(got, "left out: "));
	ck_assert_str_eq(got + strlen(got) - strlen(KIT_SENTENCE), KIT_SENTENCE);
	qf_result_release(&r);
}
END_TEST

START_TEST(text_colour)
{
	struct qf_report_opts opts = { .rules = &kit_rules, .colour = true };
	struct qf_result r = { .files = 1 };
	struct qf_finding f = kit_finding("a.py", 3, "weaviate", "weaviate", "x weaviate y weaviate");

	/* The column is that of the second; the first is not to be marked. */
	f.column = 14;
	qf_result_add(&r, &f);
	check_form("text", &r, &opts,
		   "\x1b[1ma.py:3:14\x1b[0m: \x1b[31mstring\x1b[0m: weaviate\n"
		   "    | x weaviate y \x1b[1;31mweaviate\x1b[0m\n"
		   "\x1b[32mhint\x1b[0m: weaviate: use Qdrant\n"
		   "1 finding in 1 file (weaviate 1 in 1); 1 file read\n");
	qf_result_release(&r);
}
END_TEST

START_TEST(text_sentences)
{
	static const struct {
		struct qf_report_opts opts;
		bool finding, pending, unreadable;
		const char *want;
	} cases[] = {
		{ { 0 }, false, false, false, "clean; 2 files read\n" },
		{ { .staged = true }, false, false, false, "clean; 2 files read from the index\n" },
		{ { .fix = true, .proved = true }, false, false, false, "nothing to change; 2 files read\n" },
		{ { .fix = true, .proved = true, .fixed_files = 1200 }, false, false, false,
		  "changed 1,200 files; a second run would change nothing (proved); 2 files read\n" },
		{ { .fix = true, .proved = true, .fixed_files = 1 }, true, false, false,
		  "changed 1 file; a second run would change nothing (proved); "
		  "1 finding in 1 file (weaviate 1 in 1); 2 files read\n" },
		{ { .fix = true, .fixed_files = 1 }, false, true, false,
		  "changed 1 file; a second run has more to do; 1 line to change in 1 file; 2 files read\n" },
		{ { .fix = true, .proved = true }, true, false, false,
		  "nothing to change; 1 finding in 1 file (weaviate 1 in 1); 2 files read\n" },
		{ { .fix = true }, false, true, false, "1 line to change in 1 file; 2 files read\n" },
		{ { 0 }, false, false, true, "no findings; 1 path could not be read; 2 files read\n" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_result r = { .files = 2 };
		struct qf_finding f = kit_finding("a.py", 1, "weaviate", "weaviate", "weaviate");
		QF_AUTO_FREE char *got = NULL;
		const char *last;

		if (cases[i].finding)
			qf_result_add(&r, &f);
		f.kind = QF_PENDING;
		f.category = QF_CAT_NONE;
		if (cases[i].pending)
			qf_result_add(&r, &f);
		if (cases[i].unreadable)
			qf_result_note(&r, QF_NOTE_UNREADABLE, "x", 0, "y");
		got = form_of("text", &r, &cases[i].opts);
		got[strlen(got) - 1] = '\0';
		last = strrchr(got, '\n');
		ck_assert_msg(!strncmp(last ? last + 1 : got, cases[i].want, strlen(cases[i].want) - 1) &&
			      strlen(last ? last + 1 : got) == strlen(cases[i].want) - 1, "case %zu: %s", i, got);
		qf_result_release(&r);
	}
}
END_TEST

/* Nothing at all, and no rules: every form is still whole. */
START_TEST(nothing)
{
	struct qf_report_opts opts = { 0 };
	struct qf_result r = { 0 };

	check_form("text", &r, &opts, "clean; 0 files read\n");
	check_form("github", &r, &opts, "clean; 0 files read\n");
	check_form("gitlab", &r, &opts, "[\n]\n");
	for (size_t i = 0; i < 2; i++) {
		QF_AUTO_ARENA struct qf_arena arena = { 0 };
		QF_AUTO_FREE char *got = form_of(i ? "sarif" : "json", &r, &opts);
		struct qf_json *json;
		struct qf_err err;

		ck_assert_msg(!qf_json_parse(&arena, got, strlen(got), "report", &json, &err), "%s", err.msg);
	}
}
END_TEST

START_TEST(github)
{
	struct qf_result r = { 0 };
	struct qf_finding f = kit_finding("a,b:c%.py", 3, "weaviate", "weaviate", "weaviate");

	f.message = "use 100% Qdrant:\r\nnow, please";
	qf_result_add(&r, &f);
	check_form("github", &r, &plain,
		   "::error file=a%2Cb%3Ac%25.py,line=3,col=1,endColumn=9,title=Forbidden system::"
		   "weaviate is named: use 100%25 Qdrant:%0D%0Anow, please (string)\n"
		   "1 finding in 1 file (weaviate 1 in 1); 0 files read\n");
	/* Nothing of a name reaches the terminal of who reads the log. */
	r.findings[0].path = "a\x1b[31m\n:\xe2\x80\xae\xc3\xa9.py";
	r.findings[0].message = "\xe2\x80\xae\x1b";
	check_form("github", &r, &plain,
		   "::error file=a\\x1b[31m%0A%3A\\u202e\xc3\xa9.py,line=3,col=1,endColumn=9,title=Forbidden system::"
		   "weaviate is named: \\u202e\\x1b (string)\n1 finding in 1 file (weaviate 1 in 1); 0 files read\n");
	qf_result_release(&r);
}
END_TEST

START_TEST(gitlab)
{
	struct qf_result r = { 0 };
	struct qf_finding f = kit_finding(KIT_BYTES, 3, "weaviate", "weaviate", "weaviate");
	QF_AUTO_FREE uint64_t *prints = NULL;
	QF_AUTO_FREE char *want = NULL;

	qf_result_add(&r, &f);
	f.suppression = QF_BY_BASELINE;
	qf_result_add(&r, &f);
	prints = qf_finding_prints(&r);
	want = qf_asprintf("[\n{\"description\":\"weaviate is named (string)\",\"check_name\":\"forbidden/weaviate\","
			   "\"fingerprint\":\"%016llx\",\"severity\":\"major\",\"location\":"
			   "{\"path\":\"c/x%%FF%%25:, y.py\",\"lines\":{\"begin\":3}}}\n]\n", (unsigned long long)prints[0]);
	check_form("gitlab", &r, &plain, want);
	qf_result_release(&r);
}
END_TEST

/* ---- fingerprints ---- */

START_TEST(fingerprints)
{
	struct qf_result a = { 0 }, b = { 0 };
	QF_AUTO_FREE uint64_t *x = NULL, *y = NULL;
	size_t at = 0;

	kit_fill(&a);
	for (size_t i = 0; i < a.n; i++) {
		struct qf_finding f = a.findings[i];

		/* Lines above, blanks, an allowance, a message and the place in the line do not matter. */
		f.line += f.line ? 100 : 0;
		f.column += f.column ? 3 : 0;
		f.message = "other";
		f.suppression = QF_BY_PATH;
		qf_result_add(&b, &f);
	}
	qf_result_sort(&b);
	x = qf_finding_prints(&a);
	y = qf_finding_prints(&b);
	ck_assert_uint_eq(a.n, b.n);
	for (size_t i = 0; i < a.n; i++)
		ck_assert_msg(x[i] == y[i], "finding %zu", i);
	for (size_t i = 0; i < a.n; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_msg(x[i] != x[j], "findings %zu and %zu", i, j);
	/* One of two equal lines goes: the first keeps its number, whichever it was. */
	ck_assert_str_eq(b.findings[0].path, b.findings[1].path);
	free(y);
	memmove(b.findings, b.findings + 1, --b.n * sizeof(*b.findings));
	y = qf_finding_prints(&b);
	for (size_t i = 0; i < b.n; i++)
		at += y[i] == x[0];
	ck_assert_uint_eq(at, 1);
	ck_assert(y[0] == x[0]);
	qf_result_release(&a);
	qf_result_release(&b);
}
END_TEST

/* ---- limits ---- */

START_TEST(sarif_limit)
{
	struct qf_report_opts opts = { .rules = &kit_rules };
	struct qf_result r = { 0 };
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_FREE char *got = NULL;
	struct qf_json *log, *run;
	struct qf_err err;
	size_t n = 0;

	for (unsigned i = 0; i < 6000; i++) {
		struct qf_finding f = kit_finding(i < 5990 ? "a.txt" : "b.txt", i + 1, "weaviate", "weaviate", "weaviate");

		f.suppression = i < 1500 ? QF_BY_PATH : QF_COUNTS;
		f.kind = i < 1600 ? QF_LEFTOVER : QF_FORBIDDEN;
		qf_result_add(&r, &f);
	}
	qf_result_sort(&r);
	qf_log_init("test", QF_LOG_ERROR, false);
	got = form_of("sarif", &r, &opts);
	ck_assert_msg(!qf_json_parse(&arena, got, strlen(got), "report", &log, &err), "%s", err.msg);
	run = qf_json_get(log, "runs")->child;
	for (struct qf_json *c = qf_json_get(run, "results")->child; c; c = c->next, n++) {
		bool suppressed = qf_json_count(qf_json_get(c, "suppressions")) != 0;

		ck_assert_msg(qf_str_is(qf_json_get_str(c, "level", ""), n < 4400 ? "error" : "warning"), "result %zu", n);
		ck_assert_msg(suppressed == (n >= 4500), "result %zu", n);
	}
	ck_assert_uint_eq(n, 5000);
	ck_assert_ptr_nonnull(strstr(got, "Only 5000 of 6000 results are in this file, the worst first; 1000 are left out."));
	qf_result_release(&r);
}
END_TEST

/* ---- audit ---- */

START_TEST(audit_text)
{
	struct qf_result r = { 0 };
	QF_AUTO_FREE char *got = NULL;

	kit_fill(&r);
	got = audit_of(&r, NULL, QF_AUDIT_TEXT);
	ck_assert_msg(!strcmp(got,
		"     files  lines  findings  occurrences  suppressed  path names\n"
		"all      5      8         9           10           3           1\n"
		"\n"
		"system     files  lines  findings  occurrences  suppressed  path names\n"
		"weaviate       2      5         5            6           1           0\n"
		"snowflake      4      4         4            4           2           1\n"
		"\n"
		"category    files  lines  findings  occurrences  suppressed  path names\n"
		"string          4      5         5            5           3           0\n"
		"identifier      1      1         2            3           0           0\n"
		"import          1      2         2            2           0           0\n"
		"\n"
		"top folder  files  lines  findings  occurrences  suppressed  path names\n"
		".               1      3         4            5           0           0\n"
		"c/              1      2         2            2           1           0\n"
		"d/              2      2         2            2           2           0\n"
		"b/              1      1         1            1           0           1\n"
		"\n"
		"folder, two levels  files  lines  findings  occurrences  suppressed  path names\n"
		".                       1      3         4            5           0           0\n"
		"c/                      1      2         2            2           1           0\n"
		"d/                      2      2         2            2           2           0\n"
		"b/                      1      1         1            1           0           1\n"
		"\n"
		"Files and lines are distinct: what several rows hold counts once in `all`, so that rows may add up to more.\n"
		"Suppressed findings are in all counts: inline 1, token 1, baseline 1.\n"
		"1,358 files read, 4 binary skipped; 1 path could not be read, and the counts lack what stands in there.\n"),
		"%s", got);
	qf_result_release(&r);
}
END_TEST

START_TEST(audit_compared)
{
	struct qf_result now = { .files = 1 }, before = { .files = 1 };
	struct qf_finding f = kit_finding("a/b/c.py", 1, "weaviate", "weaviate", "weaviate");
	QF_AUTO_FREE char *table = NULL, *json = NULL, *markdown = NULL;

	qf_result_add(&now, &f);
	qf_result_add(&before, &f);
	for (unsigned i = 0; i < 1001; i++) {
		f = kit_finding("a/z.py", 1 + i, "snowflake", "snowflake", "snowflake");
		qf_result_add(&before, &f);
	}
	f = kit_finding("n|<b>.py", 1, "weaviate", "weaviate", "weaviate");
	qf_result_add(&now, &f);
	table = audit_of(&now, &before, QF_AUDIT_TEXT);
	ck_assert_msg(strstr(table, "Compared with v1: the change since then is in brackets.\n\n"), "%s", table);
	ck_assert_msg(strstr(table, "\nall  2 (=)  2 (-1,000)  2 (-1,000)   2 (-1,000)       0 (=)       0 (=)\n"), "%s", table);
	ck_assert_msg(strstr(table, "\nsnowflake  0 (-1)  0 (-1,001)  0 (-1,001)   0 (-1,001)       0 (=)       0 (=)\n"), "%s", table);
	ck_assert_msg(strstr(table, "\nweaviate   2 (+1)      2 (+1)      2 (+1)"), "%s", table);
	ck_assert_msg(strstr(table, "\na/b/                 1 (=)"), "%s", table);
	json = audit_of(&now, &before, QF_AUDIT_JSON);
	ck_assert_msg(strstr(json, "{\"name\":\"snowflake\",\"files\":0,\"lines\":0,\"findings\":0,\"occurrences\":0,"
				   "\"suppressed\":0,\"path_names\":0,\"before\":{\"files\":1,\"lines\":1001,\"findings\":1001,"), "%s", json);
	markdown = audit_of(&now, &before, QF_AUDIT_MARKDOWN);
	ck_assert_msg(strstr(markdown, "| a/b/ | 1 (=) |"), "%s", markdown);
	qf_result_release(&now);
	qf_result_release(&before);
}
END_TEST

/* Folders come in any order between the files beside them, and a file counts once though it stands in two systems. */
START_TEST(audit_distinct)
{
	static const char *const paths[] = { "a/b/1", "a/c", "a/d/1", "a/d/2/3", "a/e", "a-b/x", "f", "g/h" };
	struct qf_result r = { 0 };
	struct qf_audit audit;

	for (size_t i = 0; i < QF_LEN(paths); i++) {
		struct qf_finding f = kit_finding(paths[i], 1, "weaviate", "weaviate", "weaviate snowflake");

		qf_result_add(&r, &f);
		f = kit_finding(paths[i], 1, "snowflake", "snowflake", "weaviate snowflake");
		qf_result_add(&r, &f);
	}
	qf_result_sort(&r);
	audit = qf_audit_make(&r, NULL);
	ck_assert_uint_eq(audit.total.now[QF_COUNT_FILES], 8);
	ck_assert_uint_eq(audit.total.now[QF_COUNT_LINES], 8);
	ck_assert_uint_eq(audit.total.now[QF_COUNT_FINDINGS], 16);
	for (size_t i = 0; i < 2; i++)
		ck_assert_uint_eq(audit.table[QF_AUDIT_BY_SYSTEM].row[i].now[QF_COUNT_FILES], 8);
	ck_assert_uint_eq(audit.table[QF_AUDIT_BY_FOLDER].n, 4);
	ck_assert(qf_str_is(audit.table[QF_AUDIT_BY_FOLDER].row[0].name, "a/"));
	ck_assert_uint_eq(audit.table[QF_AUDIT_BY_FOLDER].row[0].now[QF_COUNT_FILES], 5);
	ck_assert_uint_eq(audit.table[QF_AUDIT_BY_FOLDER_2].n, 6);
	ck_assert(qf_str_is(audit.table[QF_AUDIT_BY_FOLDER_2].row[0].name, "a/"));
	ck_assert_uint_eq(audit.table[QF_AUDIT_BY_FOLDER_2].row[0].now[QF_COUNT_FILES], 2);
	ck_assert(qf_str_is(audit.table[QF_AUDIT_BY_FOLDER_2].row[1].name, "a/d/"));
	ck_assert_uint_eq(audit.table[QF_AUDIT_BY_FOLDER_2].row[1].now[QF_COUNT_FILES], 2);
	qf_audit_release(&audit);
	qf_result_release(&r);
}
END_TEST

UNIT_MAIN("align_report", 60, names, escapes, numbers, text, text_verbose, text_colour, text_sentences, nothing, github,
	  gitlab, fingerprints, sarif_limit, audit_text, audit_compared, audit_distinct)
