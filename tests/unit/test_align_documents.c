/* Words in documents: what is prose is replaced, what names a thing or both systems is not. */
#include "tests/unit/unit.h"
#include "tools/align/change/change.h"

static struct qf_rename words[] = { { "Weaviate", "Qdrant" }, { "Snowflake", "PostgreSQL" } };
static const struct qf_document doc = { .words = words, .n = QF_LEN(words) };

/* What became of the text, and behind it each place that was left, as "@offset reason;". */
static void run(const char *path, struct qf_str text, struct qf_buf *ret)
{
	struct qf_rewrite_out out = { 0 };
	struct qf_rules rules = { 0 };
	size_t at = 0;

	qf_document_edits(&rules, &doc, path, text, &out);
	for (size_t i = 0; i < out.n; i++) {
		ck_assert_uint_ge(out.edits[i].at, at);
		qf_buf_add(ret, text.p + at, out.edits[i].at - at);
		qf_buf_add_str(ret, out.edits[i].text);
		at = out.edits[i].at + out.edits[i].n;
	}
	qf_buf_add(ret, text.p + at, text.n - at);
	for (size_t i = 0; i < out.n_leftovers; i++)
		qf_buf_printf(ret, "@%zu %s: %s;", out.leftovers[i].at, out.leftovers[i].rule, out.leftovers[i].reason);
	free(out.edits);
	free(out.leftovers);
	qf_arena_release(&out.arena);
}

#define BOTH(at) "@" #at " Weaviate: is named beside Qdrant here: a person must word this;"
#define LINK(at) "@" #at " Weaviate: is what a link says: look where it leads;"

static const struct {
	const char *text, *want;
} cases[] = {
	/* letters */
	{ "Weaviate weaviate WEAVIATE\n", "Qdrant qdrant QDRANT\n" },
	{ "snowflake SNOWFLAKE Snowflake", "postgresql POSTGRESQL PostgreSQL" },
	{ "WeaViate", "WeaViate@0 Weaviate: is written in a mix of capitals and small letters;" },
	/* whole words */
	{ "Weaviates myWeaviate weaviate_client WEAVIATE_URL weaviate2", "Weaviates myWeaviate weaviate_client WEAVIATE_URL "
	  "weaviate2" },
	{ "\xc3\xa4Weaviate Weaviate\xc3\xa9", "\xc3\xa4Weaviate Weaviate\xc3\xa9" },
	{ "\xe2\x80\x9cWeaviate\xe2\x80\x9d, (Weaviate), 'Weaviate'! Weaviate's", "\xe2\x80\x9cQdrant\xe2\x80\x9d, (Qdrant), "
	  "'Qdrant'! Qdrant's" },
	{ "**Weaviate** *Weaviate* _Weaviate_ __Weaviate__ ~~Weaviate~~", "**Qdrant** *Qdrant* _Qdrant_ __Qdrant__ "
	  "~~Qdrant~~" },
	{ "a Weaviate-based search", "a Qdrant-based search" },
	{ "install weaviate-client", "install weaviate-client@8 Weaviate: is a part of a name with hyphens;" },
	/* names of things */
	{ "see https://weaviate.io/docs and docs.weaviate.io, weaviate.io", "see https://weaviate.io/docs and "
	  "docs.weaviate.io, weaviate.io" },
	{ "in src/weaviate/client.py or ./weaviate or C:\\weaviate", "in src/weaviate/client.py or ./weaviate or C:\\weaviate" },
	{ "ask team@weaviate.io or @weaviate", "ask team@weaviate.io or @weaviate" },
	{ "semitechnologies/weaviate:1.2 weaviate:latest weaviate.Client() weaviate()", "semitechnologies/weaviate:1.2 "
	  "weaviate:latest weaviate.Client() weaviate()" },
	{ "--weaviate -weaviate #weaviate $weaviate ${weaviate} weaviate=1 {weaviate}", "--weaviate -weaviate #weaviate $weaviate "
	  "${weaviate} weaviate=1 {weaviate}" },
	{ "Weaviate, Weaviate. Weaviate: Weaviate; (Weaviate) Weaviate?", "Qdrant, Qdrant. Qdrant: Qdrant; (Qdrant) Qdrant?" },
	/* code */
	{ "`Weaviate` ``a ` Weaviate`` Weaviate", "`Weaviate` ``a ` Weaviate`` Qdrant" },
	{ "`Weaviate Weaviate", "`Weaviate Qdrant" },
	{ "```\nWeaviate\n```\nWeaviate\n", "```\nWeaviate\n```\nQdrant\n" },
	{ "~~~ python\nWeaviate\n```\nWeaviate\n~~~~\nWeaviate", "~~~ python\nWeaviate\n```\nWeaviate\n~~~~\nQdrant" },
	{ "```\r\nWeaviate\r\n```\r\nWeaviate\r\n", "```\r\nWeaviate\r\n```\r\nQdrant\r\n" },
	{ "````\n```\nWeaviate\n````\nWeaviate", "````\n```\nWeaviate\n````\nQdrant" },
	{ "> ```\n> Weaviate\n\nWeaviate", "> ```\n> Weaviate\n\nQdrant" },
	{ "> Weaviate\n>> Weaviate", "> Qdrant\n>> Qdrant" },
	{ "```\nWeaviate never closed\n\nWeaviate", "```\nWeaviate never closed\n\nWeaviate" },
	{ "text\n\n    Weaviate\n\n    Weaviate\n\nWeaviate", "text\n\n    Weaviate\n\n    Weaviate\n\nQdrant" },
	{ "text\n    Weaviate", "text\n    Qdrant" },
	{ "\tWeaviate\n", "\tWeaviate\n" },
	{ "# Head\n    Weaviate", "# Head\n    Weaviate" },
	{ "- Weaviate\n    - Weaviate\n\n  Weaviate\n\n      Weaviate", "- Qdrant\n    - Qdrant\n\n  Qdrant\n\n      Weaviate" },
	{ "1. Weaviate\n\n   Weaviate\n\n       Weaviate\n\nWeaviate", "1. Qdrant\n\n   Qdrant\n\n       Weaviate\n\nQdrant" },
	{ "- ```\n  Weaviate\n  ```\n- Weaviate", "- ```\n  Weaviate\n  ```\n- Qdrant" },
	{ "-     Weaviate", "-     Weaviate" },
	{ "<pre>\nWeaviate\n\nWeaviate</pre>\nWeaviate", "<pre>\nWeaviate\n\nWeaviate</pre>\nQdrant" },
	{ "<!-- Weaviate\n\nWeaviate -->\nWeaviate <!-- Weaviate --> Weaviate", "<!-- Weaviate\n\nWeaviate -->\nQdrant <!-- "
	  "Weaviate --> Qdrant" },
	{ "a <code>Weaviate</code> <b title=\"Weaviate\">Weaviate</b> < Weaviate", "a <code>Weaviate</code> <b "
	  "title=\"Weaviate\">Qdrant</b> < Qdrant" },
	{ "\\`Weaviate\\`", "\\`Weaviate\\`" }, /* a backtick beside it: left */
	/* links */
	{ "[Weaviate](http://x) Weaviate", "[Weaviate](http://x) Qdrant" LINK(1) },
	{ "[text](weaviate (Weaviate)) Weaviate", "[text](weaviate (Weaviate)) Qdrant" },
	{ "[the Weaviate docs][w]\n\n[w]: http://weaviate \"Weaviate\"\n", "[the Weaviate docs][w]\n\n[w]: http://weaviate "
	  "\"Weaviate\"\n" LINK(5) },
	{ "[weaviate] [Weaviate x]\n\n[Weaviate]: /url\n", "[weaviate] [Qdrant x]\n\n[Weaviate]: /url\n" LINK(1) },
	{ "![Weaviate](a.png) [[Weaviate]] <https://weaviate.io> <Weaviate>", "![Weaviate](a.png) [[Weaviate]] "
	  "<https://weaviate.io> <Weaviate>" LINK(2) LINK(21) },
	{ "[![Weaviate](b.svg) Weaviate](http://x) Weaviate", "[![Weaviate](b.svg) Weaviate](http://x) Qdrant" LINK(3) LINK(20) },
	{ "<a href=\"x\">Weaviate</a> Weaviate", "<a href=\"x\">Weaviate</a> Qdrant" LINK(12) },
	{ "- [ ] Weaviate\n- [x] Weaviate", "- [ ] Qdrant\n- [x] Qdrant" },
	{ "Weaviate[^1]\n\n[^1]: Weaviate", "Qdrant[^1]\n\n[^1]: Qdrant" },
	/* sentences that name both */
	{ "Migrate from Weaviate to Qdrant. Weaviate stays.", "Migrate from Weaviate to Qdrant. Qdrant stays." BOTH(13) },
	{ "From Weaviate\nto qdrant.\nWeaviate", "From Weaviate\nto qdrant.\nQdrant" BOTH(5) },
	{ "Weaviate vs. Qdrant, e.g. Weaviate", "Weaviate vs. Qdrant, e.g. Weaviate" BOTH(0) BOTH(26) },
	{ "Not Weaviate 1.24, but `qdrant`. Weaviate", "Not Weaviate 1.24, but `qdrant`. Qdrant" BOTH(4) },
	{ "# Weaviate. Then Qdrant\nWeaviate", "# Weaviate. Then Qdrant\nQdrant" BOTH(2) },
	{ "| Weaviate | Qdrant |\n|---|---|\n| Weaviate | x |", "| Weaviate | Qdrant |\n|---|---|\n| Qdrant | x |" BOTH(2) },
	{ "a | b\n--|--\nWeaviate | x\nWeaviate | Qdrant", "a | b\n--|--\nQdrant | x\nWeaviate | Qdrant" BOTH(25) },
	{ "- Weaviate\n- Qdrant\n\nWeaviate\n\nQdrant", "- Qdrant\n- Qdrant\n\nQdrant\n\nQdrant" },
	{ "Weaviate and Snowflake. Snowflake beside PostgreSQL, unlike Weaviate.", "Qdrant and PostgreSQL. Snowflake beside "
	  "PostgreSQL, unlike Qdrant.@24 Snowflake: is named beside PostgreSQL here: a person must word this;" },
	{ "Qdrants Weaviate", "Qdrants Qdrant" },
	/* front matter */
	{ "---\ntitle: Weaviate\n---\nWeaviate", "---\ntitle: Weaviate\n---\nQdrant@11 Weaviate: stands in the front matter;" },
	{ "---\nWeaviate", "---\nQdrant" },
	{ "", "" },
};

START_TEST(markdown)
{
	QF_AUTO_BUF struct qf_buf got = { 0 };

	run("docs/a.md", qf_str(cases[_i].text), &got);
	ck_assert_str_eq(qf_buf_cstr(&got), cases[_i].want);
}
END_TEST

START_TEST(other_files)
{
	static const struct {
		const char *path, *text, *want;
	} others[] = {
		{ ".cursorrules", "    Weaviate `Weaviate`\n```\nWeaviate\n```\n---\nWeaviate", "    Qdrant `Weaviate`\n```\nWeaviate\n"
		  "```\n---\nQdrant" },
		{ "a.mdc", "---\nglobs: weaviate\n---\n# Weaviate\n", "---\nglobs: weaviate\n---\n# Qdrant\n@11 Weaviate: stands in the "
		  "front matter;" },
		{ "a.rst", "Weaviate::\n\n  Weaviate\n\nWeaviate ``Weaviate`` `Weaviate <http://x>`_\n\n.. code:: x\n\n   Weaviate\n\n"
		  "Weaviate", "Qdrant::\n\n  Weaviate\n\nQdrant ``Weaviate`` `Weaviate <http://x>`_\n\n.. code:: x\n\n   Weaviate\n\n"
		  "Qdrant" },
#define LAID_OUT(at) "@" #at " Weaviate: stands in a heading, a table or a substitution, whose columns count;"
		{ "b.rst", "Weaviate\n========\n\nOur Weaviate.\n", "Weaviate\n========\n\nOur Qdrant.\n" LAID_OUT(0) },
		{ "c.rst", "+----------+\n| Weaviate |\n+----------+\n\n|Weaviate| is\n",
		  "+----------+\n| Weaviate |\n+----------+\n\n|Weaviate| is\n" LAID_OUT(15) LAID_OUT(41) },
		{ "d.rst", "======== ===\nWeaviate 1\n======== ===\n", "======== ===\nWeaviate 1\n======== ===\n" LAID_OUT(13) },
	};

	for (size_t i = 0; i < QF_LEN(others); i++) {
		QF_AUTO_BUF struct qf_buf got = { 0 };

		run(others[i].path, qf_str(others[i].text), &got);
		ck_assert_str_eq(qf_buf_cstr(&got), others[i].want);
	}
}
END_TEST

/* UTF-16, and bytes that are no UTF-8. */
START_TEST(no_text)
{
	static const char utf16[] = "\xff\xfeW\0e\0a\0v\0i\0a\0t\0e\0 Weaviate", latin[] = "caf\xe9 Weaviate \xff";
	QF_AUTO_BUF struct qf_buf got = { 0 };

	run("a.md", (struct qf_str){ utf16, sizeof(utf16) - 1 }, &got);
	ck_assert_uint_eq(got.n, sizeof(utf16) - 1);
	ck_assert(memcmp(got.p, utf16, got.n) == 0);
	qf_buf_reset(&got);
	run("a.md", qf_str(latin), &got);
	ck_assert_str_eq(qf_buf_cstr(&got), "caf\xe9 Qdrant \xff");
}
END_TEST

/* What a hostile file may hold takes no longer than another of its size; and a second run has nothing to do. */
START_TEST(hostile)
{
	static const char *const pieces[] = { "[", "![", "]", "](", "`", "``a", "<a ", "<code>", "<!--", "> ", "- ", "\n\n", "Weaviate ",
					      "**", "|", "    ", "```\n", "[a]: b\n", ".", "Qdrant", "\\", "[[", "(", "_", "---\n" };
	QF_AUTO_BUF struct qf_buf text = { 0 }, once = { 0 };
	uint64_t seed = 7;

	for (size_t i = 0; i < QF_LEN(pieces); i++) {
		qf_buf_reset(&text);
		qf_buf_reset(&once);
		while (text.n < 1 << 20)
			qf_buf_puts(&text, pieces[i]);
		run("a.md", qf_buf_str(&text), &once);
	}
	for (int round = 0; round < (UNIT_SLOW ? 20000 : 2000); round++) {
		QF_AUTO_BUF struct qf_buf twice = { 0 };
		size_t n = unit_random(&seed) % 40;
		char *left;

		qf_buf_reset(&text);
		qf_buf_reset(&once);
		for (size_t i = 0; i < n; i++)
			qf_buf_puts(&text, pieces[unit_random(&seed) % QF_LEN(pieces)]);
		run("a.md", qf_buf_str(&text), &once);
		left = memchr(once.p ? once.p : "", '@', once.n);
		if (left)
			once.n = (size_t)(left - once.p);
		run("a.md", qf_buf_str(&once), &twice);
		ck_assert_msg(twice.n >= once.n && memcmp(once.p ? once.p : "", twice.p ? twice.p : "", once.n) == 0, "%s",
			      qf_buf_cstr(&text));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("align_documents");
	TCase *tcase = tcase_create("align_documents");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, markdown, 0, QF_LEN(cases));
	tcase_add_test(tcase, other_files);
	tcase_add_test(tcase, no_text);
	tcase_add_test(tcase, hostile);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
