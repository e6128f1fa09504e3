/* The diff against git itself: what `git apply` makes of the tree is what align would have written. */
#include "tests/unit/change_tree.h"

static void apply(const char *dir, struct qf_buf *diff, const char *how)
{
	tree_put(dir, "../diff", qf_buf_str(diff), 0644);
	tree_run("cd '%s' && git apply --whitespace=nowarn %s ../diff", dir, how);
}

static void must_be(const char *dir, const char *path, struct qf_str want, struct qf_buf *diff)
{
	QF_AUTO_BUF struct qf_buf now = { 0 };

	tree_get(dir, path, &now);
	ck_assert_msg(qf_str_eq(qf_buf_str(&now), want), "%s is\n%s\nafter\n%s", path, qf_buf_cstr(&now), qf_buf_cstr(diff));
}

static void gone(const char *dir, const char *path)
{
	QF_AUTO_FREE char *full = qf_asprintf("%s/%s", dir, path);

	ck_assert_int_ne(access(full, F_OK), 0);
}

/* Puts the tree as it is before, applies, compares, goes back, compares. */
static void round_trip(const struct qf_changes *c)
{
	QF_AUTO_FREE char *top = qf_strdup(unit_dir()), *dir = qf_asprintf("%s/tree", top);
	QF_AUTO_BUF struct qf_buf diff = { 0 };

	mkdir(dir, 0755);
	for (size_t i = 0; i < c->n; i++)
		tree_put(dir, c->change[i].path, c->change[i].before, c->change[i].mode & 07777);
	qf_changes_diff(c, false, &diff);
	apply(dir, &diff, "");
	for (size_t i = 0; i < c->n; i++) {
		const struct qf_change *change = &c->change[i];
		bool taken = false;

		must_be(dir, change->to ? change->to : change->path, change->after, &diff);
		for (size_t k = 0; k < c->n; k++)
			taken |= c->change[k].to && strcmp(c->change[k].to, change->path) == 0;
		if (change->to && !taken)
			gone(dir, change->path);
	}
	apply(dir, &diff, "-R");
	for (size_t i = 0; i < c->n; i++)
		must_be(dir, c->change[i].path, c->change[i].before, &diff);
	tree_run("rm -rf '%s'", top);
}

START_TEST(names)
{
	static const char *const paths[] = {
		"a.py", "with blank/b c.py", "tab\there.py", "new\nline.py", "quote\".py", "back\\slash.py", "\xc3\xa4.py",
		"bytes\xff.py", "\001.py", "'.py",
	};
	struct qf_changes c = { 0 };

	for (size_t i = 0; i < QF_LEN(paths); i++)
		tree_add(&c, paths[i], NULL, QF_STR("one\ntwo\n"), QF_STR("one\n2\n"));
	tree_add(&c, "from here.py", "to there/\xc3\xb6.py", QF_STR("one\ntwo\n"), QF_STR("one\n2\n"));
	tree_add(&c, "mere \"move\".py", "deep/er/move.py", QF_STR("one\n"), QF_STR("one\n"));
	tree_add(&c, "empty", "no more", QF_STR(""), QF_STR(""));
	tree_add(&c, "v2.py", "v1.py", QF_STR("a\nb\nc\nd\n"), QF_STR("a\nb\nc\nD\n"));
	tree_add(&c, "v3.py", "v2.py", QF_STR("e\nf\ng\nh\n"), QF_STR("E\nf\ng\nh\n"));
	c.change[0].mode = S_IFREG | 0755;
	round_trip(&c);
	qf_changes_release(&c);
}
END_TEST

START_TEST(text_of_it)
{
	QF_AUTO_BUF struct qf_buf diff = { 0 };
	struct qf_changes c = { 0 };

	tree_add(&c, "a.py", "b.py", QF_STR("one\r\ntwo\r\nthree"), QF_STR("one\r\n2\r\nthree"));
	qf_changes_diff(&c, false, &diff);
	ck_assert_str_eq(qf_buf_cstr(&diff),
			 "diff --git a/a.py b/b.py\nsimilarity index 66%\nrename from a.py\nrename to b.py\n"
			 "index bc1616312b7996d0cb99b44cbbd4c92565e5397e..88fdbd57e7f45e936f129b4b5638d7db69ee23cb 100644\n"
			 "--- a/a.py\n+++ b/b.py\n@@ -1,3 +1,3 @@\n one\r\n-two\r\n+2\r\n three\n\\ No newline at end of file\n");
	qf_buf_reset(&diff);
	qf_changes_diff(&c, true, &diff);
	ck_assert_has(qf_buf_cstr(&diff), "\033[1m--- a/a.py\033[m\n");
	ck_assert_has(qf_buf_cstr(&diff), "\033[36m@@ -1,3 +1,3 @@\033[m\n");
	ck_assert_has(qf_buf_cstr(&diff), "\033[31m-two\r\033[m\n\033[32m+2\r\033[m\n");
	qf_changes_release(&c);
}
END_TEST

/* Lines of all sorts, some of them changed, dropped, doubled. */
static void random_text(uint64_t *seed, struct qf_buf *before, struct qf_buf *after)
{
	static const char *const lines[] = { "import a\n", "x = 1\r\n", "\n", "    def f():\n", "\\ No newline at end of file\n", "+a\n",
					     "-b\n", "--- a/x\n", "@@ -1 +1 @@\n", "\tt \n", "\xff\xfe\n", "lone\rreturn\n", "diff --git\n" };
	size_t n = unit_random(seed) % 30;

	for (size_t i = 0; i < n; i++) {
		const char *line = lines[unit_random(seed) % QF_LEN(lines)];

		switch (unit_random(seed) % 12) {
		case 0:
			qf_buf_puts(before, line);
			break;
		case 1:
			qf_buf_puts(after, line);
			break;
		case 2:
			qf_buf_puts(before, line);
			qf_buf_puts(after, lines[unit_random(seed) % QF_LEN(lines)]);
			break;
		default:
			qf_buf_puts(before, line);
			qf_buf_puts(after, line);
		}
	}
	if (unit_random(seed) % 3 == 0)
		qf_buf_puts(before, "last");
	if (unit_random(seed) % 3 == 0)
		qf_buf_puts(after, "last");
}

START_TEST(random_edits)
{
	uint64_t seed = 11;

	for (int round = 0; round < (UNIT_SLOW ? 200 : 20); round++) {
		struct qf_changes c = { 0 };
		struct qf_buf texts[16] = { 0 };
		char paths[16][16];

		for (size_t i = 0; i < 8; i++) {
			snprintf(paths[2 * i], 16, "f%zu.py", i);
			snprintf(paths[2 * i + 1], 16, "to%zu.py", i);
			random_text(&seed, &texts[2 * i], &texts[2 * i + 1]);
			if (i % 2 == 0 && qf_str_eq(qf_buf_str(&texts[2 * i]), qf_buf_str(&texts[2 * i + 1])))
				continue;
			tree_add(&c, paths[2 * i], i % 2 ? paths[2 * i + 1] : NULL, qf_buf_str(&texts[2 * i]),
				 qf_buf_str(&texts[2 * i + 1]));
		}
		round_trip(&c);
		qf_changes_release(&c);
		for (size_t i = 0; i < 16; i++)
			qf_buf_release(&texts[i]);
	}
}
END_TEST

UNIT_MAIN("align_diff", 300, names, text_of_it, random_edits)
