/* Allowances and old names in lines. */
#include "tests/unit/scan_kit.h"

/* ---- allowances ---- */

START_TEST(allowances_of_the_rules)
{
	struct scan s;
	const struct qf_finding *f;

	scan_open(&s, ALLOW_RULES);
	tree_text(s.dir, "vendor/a.js", "weaviate\n");
	tree_text(s.dir, "b.py", "import pulumi_snowflake\nimport pulumi_snowflake, snowflake\nsnowflake-id (pulumi_snowflake)\n"
		  "xpulumi_snowflake\n");
	scan_run(&s, 1);
	f = at_line(&s, "vendor/a.js", 1, "weaviate");
	ck_assert_int_eq(f->suppression, QF_BY_PATH);
	ck_assert_str_eq(f->reason, "not ours");
	f = at_line(&s, "b.py", 1, "snowflake");
	ck_assert_int_eq(f->suppression, QF_BY_TOKEN);
	ck_assert_int_eq(at_line(&s, "b.py", 2, "snowflake")->suppression, QF_COUNTS);
	ck_assert_int_eq(at_line(&s, "b.py", 3, "snowflake")->suppression, QF_BY_TOKEN);
	ck_assert_int_eq(at_line(&s, "b.py", 4, "snowflake")->suppression, QF_COUNTS);
	ck_assert(s.rules.allow[0].used && s.rules.allow[1].used && !s.rules.allow[2].used);
	scan_close(&s);
}
END_TEST

START_TEST(allowances_in_lines)
{
	struct scan s;
	const struct qf_finding *f;
	static const struct {
		unsigned line;
		const char *rule;
		enum qf_suppression suppression;
	} cases[] = {
		{ 1, "weaviate", QF_BY_INLINE }, { 2, "snowflake", QF_COUNTS }, { 2, "weaviate", QF_BY_INLINE },
		{ 3, "weaviate", QF_BY_INLINE }, { 4, "weaviate", QF_BY_INLINE }, { 5, "weaviate", QF_COUNTS },
		{ 6, "weaviate", QF_COUNTS },	 { 7, "weaviate", QF_COUNTS },	  { 8, "weaviate", QF_BY_INLINE },
	};

	scan_open(&s, ALLOW_RULES);
	tree_text(s.dir, "a.py",
		  "import weaviate  # align: allow weaviate -- we leave it here\n"
		  "snowflake(weaviate)  # align: allow weaviate -- only that one\n"
		  "# align: allow weaviate until 2030-01-01 -- the next line too\n"
		  "weaviate.Client()\n"
		  "weaviate.Client()\n"
		  "weaviate.x()  # align: allow weaviate\n"
		  "weaviate.x()  # align: allow weaviate until 2020-01-01 -- too late\n"
		  "x = 1  # align: allow weaviate -- nobody needs this one\n"
		  "# align: allow snowflake -- nor this\n"
		  "x = 2\n");
	scan_run(&s, 1);
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		f = at_line(&s, "a.py", cases[i].line, cases[i].rule);
		ck_assert_ptr_nonnull(f);
		ck_assert_msg(f->suppression == cases[i].suppression, "line %u: %d", cases[i].line, f->suppression);
	}
	ck_assert_str_eq(at_line(&s, "a.py", 1, "weaviate")->reason, "we leave it here");
	{
		static const unsigned stale[] = { 6, 7, 8, 9 };
		size_t n = 0;

		for (size_t i = 0; i < s.result.n_notes; i++)
			if (s.result.notes[i].kind == QF_NOTE_STALE)
				ck_assert_uint_eq(s.result.notes[i].line, stale[n++]);
		ck_assert_uint_eq(n, QF_LEN(stale));
	}
	scan_close(&s);
}
END_TEST

/* In a line larger than the buffer the mark may stand behind what it allows, and far from it. */
START_TEST(allowance_in_a_giant_line)
{
	size_t size = 700 << 10;
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct scan s;

	scan_open(&s, ALLOW_RULES);
	qf_buf_puts(&text, "\nweaviate ");
	for (size_t i = 0; i < size; i++)
		qf_buf_addc(&text, 'x');
	qf_buf_puts(&text, " // align: allow weaviate -- far away\nweaviate\n");
	tree_put(s.dir, "a.js", text.p, text.n);
	scan_run(&s, 1);
	ck_assert_int_eq(at_line(&s, "a.js", 2, "weaviate")->suppression, QF_BY_INLINE);
	ck_assert_uint_eq(at_line(&s, "a.js", 2, "weaviate")->hits, 2);
	ck_assert_int_eq(at_line(&s, "a.js", 3, "weaviate")->suppression, QF_COUNTS);
	ck_assert_ptr_null(note(&s, QF_NOTE_STALE, "a.js"));
	scan_close(&s);
}
END_TEST

/* ---- old names ---- */

START_TEST(old_names)
{
	static const char *const words[] = { "old.mod", "old/mod.py", "old.mod.Thing" }, *const python[] = { "mod" };
	static const struct {
		const char *text;
		const char *rule; /* NULL: no finding */
	} cases[] = {
		{ "see old.mod.", "old.mod" },	     { "old.mod", "old.mod" },		{ "old.mod.Other", "old.mod" },
		{ "old.mod.Thing", "old.mod.Thing" }, { "old.mode", NULL },		{ "very.old.mod", NULL },
		{ "bold.mod", NULL },		     { "old/mod.py", "old/mod.py" },	{ "./old/mod.py:", "old/mod.py" },
		{ "src/old/mod.py", NULL },	     { "old/mod.pyi", NULL },		{ "(old/mod.py).", "old/mod.py" },
		{ "old/mod.py.bak", NULL },	     { "OLD.MOD", NULL },		{ "'old.mod:main'", "old.mod" },
	};
	struct scan s;
	char name[16];

	scan_open(&s, ALLOW_RULES);
	s.names = (struct qf_scan_names){ .python = { (const char **)(uintptr_t)python, 1 },
					  .text = { (const char **)(uintptr_t)words, 3 },
					  .text_rules = (const char **)(uintptr_t)words,
					  .text_messages = (const char **)(uintptr_t)words };
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		snprintf(name, sizeof(name), "%02zu.txt", i);
		tree_text(s.dir, name, cases[i].text);
	}
	tree_text(s.dir, "y.py", "import old.mod\n");
	tree_text(s.dir, "y.ipynb", "old.mod\n");
	tree_text(s.dir, "tool", "#!/usr/bin/env python3\nimport old.mod\n");
	tree_text(s.dir, "none.py", "import MOD\n");
	tree_text(s.dir, "allowed.cfg", "old.mod # align: allow old.mod -- stays\n");
	scan_run(&s, 1);
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		const struct qf_finding *f = NULL;
		unsigned n = 0;

		snprintf(name, sizeof(name), "%02zu.txt", i);
		for (size_t k = 0; k < s.result.n; k++)
			if (strcmp(s.result.findings[k].path, name) == 0) {
				f = &s.result.findings[k];
				n++;
			}
		ck_assert_msg(n == (cases[i].rule ? 1 : 0), "'%s': %u findings", cases[i].text, n);
		if (f) {
			ck_assert_str_eq(f->rule, cases[i].rule);
			ck_assert_int_eq(f->kind, QF_LEFTOVER);
			ck_assert_int_eq(f->category, QF_CAT_NONE);
		}
	}
	for (size_t i = 0; i < s.files.n; i++) {
		const char *path = s.files.file[i].path;

		ck_assert_int_eq(s.candidate[i], strcmp(path, "y.py") == 0 || strcmp(path, "y.ipynb") == 0 ||
							 strcmp(path, "tool") == 0);
	}
	ck_assert_ptr_null(at_line(&s, "y.py", 1, "old.mod"));
	ck_assert_int_eq(at_line(&s, "allowed.cfg", 1, "old.mod")->suppression, QF_BY_INLINE);
	scan_close(&s);
}
END_TEST

/* ---- the hash of a line ---- */

static uint64_t hash_of(const char *p, size_t n, size_t piece)
{
	struct qf_line_hash h = { 0 };
	uint64_t ret;

	qf_line_hash_start(&h);
	for (size_t at = 0; at < n; at += piece)
		qf_line_hash_add(&h, p + at, n - at < piece ? n - at : piece);
	ret = qf_line_hash_end(&h);
	qf_line_hash_release(&h);
	return ret;
}

/* White space at both ends does not count, runs of it are one blank, and pieces make no difference. */
START_TEST(hash_of_a_line)
{
	uint64_t seed = 9;

	for (int round = 0; round < 2000; round++) {
		size_t n = unit_random(&seed) % (round % 10 ? 40 : 3000), made = 0;
		QF_AUTO_FREE char *line = qf_malloc(n + 1), *folded = qf_malloc(n + 1);

		for (size_t i = 0; i < n; i++)
			line[i] = "ab \t\r\fc"[unit_random(&seed) % 7];
		for (size_t i = 0; i < n; i++) {
			bool blank = line[i] != 'a' && line[i] != 'b' && line[i] != 'c';

			if (!blank && made && i && strchr(" \t\r\f", line[i - 1]))
				folded[made++] = ' ';
			if (!blank)
				folded[made++] = line[i];
		}
		ck_assert_uint_eq(hash_of(line, n, SIZE_MAX / 2), hash_of(folded, made, SIZE_MAX / 2));
		ck_assert_uint_eq(hash_of(line, n, 1 + unit_random(&seed) % 1500), hash_of(folded, made, 1));
		folded[made] = 'x';
		ck_assert_uint_ne(hash_of(folded, made + 1, 7), hash_of(line, n, 7));
	}
	/* What baselines already hold: XXH3-64 of the folded bytes. */
	ck_assert_uint_eq(hash_of("", 0, 1), 0x2d06800538d394c2ull);
}
END_TEST

UNIT_MAIN("align_found", 300, hash_of_a_line, allowances_of_the_rules, allowances_in_lines, allowance_in_a_giant_line, old_names)
