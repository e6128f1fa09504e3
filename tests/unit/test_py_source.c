/* What may be read as Python: encodings, names of files; identifiers, literals, places. */
#include "tests/unit/unit.h"
#include "tools/align/python/source.h"
#include "tools/align/python/token.h"

START_TEST(encodings)
{
	static const struct {
		const char *source;
		const char *why; /* NULL: it can be worked on */
	} row[] = {
		{ "", NULL },
		{ "a = '\xc3\xa9'", NULL },
		{ "a\n\xc3\xa9 = '\xe9'",
		  "line 2, column 6: byte 0xE9 is not UTF-8, and no other encoding is named" },
		{ "# coding: utf-8\n'\xe9'", "line 2, column 2: byte 0xE9 is not UTF-8" },
		{ "\xef\xbb\xbf" "a", NULL },
		{ "\xef\xbb\xbf" "# coding: utf-8\n", NULL },
		{ "\xef\xbb\xbf" "# coding: utf8\n", "a byte order mark of UTF-8, and the encoding 'utf8' is named" },
		{ "\xef\xbb\xbf" "# coding: latin-1\n",
		  "a byte order mark of UTF-8, and the encoding 'latin-1' is named" },
		{ "\xef\xbb\xbf" "\xe9", "line 1, column 1: byte 0xE9 is not UTF-8" },
		{ "# -*- coding: latin-1 -*-\n\xe9", NULL },
		{ "#!/usr/bin/python\r\n# vim: set fileencoding=ISO_8859-15 :\r\n\xe9", NULL },
		{ "\f\n\t# coding= cp1252\r\xe9", NULL },
		{ "# coding: latin-1-unix\n\xe9", NULL },
		{ "# coding: utf-8-dos\n", NULL },
		{ "# coding: Windows-1251\n\xe9", NULL },
		{ "# coding: koi8-r\n\xe9", NULL },
		{ "# coding: euc-jp\n\xa4\xa2", NULL },
		{ "a = 1\n# coding: latin-1\n\xe9",
		  "line 3, column 1: byte 0xE9 is not UTF-8, and no other encoding is named" },
		{ "\n\n# coding: latin-1\n\xe9",
		  "line 4, column 1: byte 0xE9 is not UTF-8, and no other encoding is named" },
		{ "'coding: gbk'\n", NULL },
		{ "# encoding is coding : no, coding\n", NULL },
		{ "# coding: shift_jis\n", "the encoding 'shift_jis' is unknown or does not keep ASCII apart" },
		{ "# coding: gbk\n", "the encoding 'gbk' is unknown or does not keep ASCII apart" },
		{ "# coding: big5\n", "the encoding 'big5' is unknown or does not keep ASCII apart" },
		{ "# coding: utf-7\n", "the encoding 'utf-7' is unknown or does not keep ASCII apart" },
		{ "# coding: utf-16\n", "the encoding 'utf-16' is unknown or does not keep ASCII apart" },
		{ "# coding: cp037\n", "the encoding 'cp037' is unknown or does not keep ASCII apart" },
		{ "# coding: cp864\n", "the encoding 'cp864' is unknown or does not keep ASCII apart" },
		{ "# coding: uft-8\n", "the encoding 'uft-8' is unknown or does not keep ASCII apart" },
		{ "# coding: an-encoding-with-a-name-longer-than-any\n",
		  "the encoding 'an-encoding-with-a-name-longer-than-any' is unknown or does not keep ASCII apart" },
		{ "\xff\xfe" "a", "the text is UTF-16, which Python does not read" },
	};
	struct qf_err err;

	for (size_t i = 0; i < QF_LEN(row); i++) {
		int rc = qf_py_encoding(qf_str(row[i].source), &err);

		ck_assert_msg((rc == 0) == !row[i].why, "%s: %s", row[i].source, rc < 0 ? err.msg : "taken");
		if (rc < 0) {
			ck_assert_str_eq(err.msg, row[i].why);
			ck_assert_int_eq(err.code, QF_E_DATA);
		}
	}
}
END_TEST

START_TEST(names_of_files)
{
	static const struct {
		const char *path, *head;
		bool want;
	} row[] = {
		{ "a.py", "", true }, { "d.x/a.pyi", "", true }, { "a.pyw", "", true }, { "a.pyx", "", false },
		{ "a.pyc", "", false }, { "a.sh", "#!/usr/bin/python", false }, { "a", "", false },
		{ "d.py/a", "print()", false }, { "a", "#!/usr/bin/python", true }, { "a", "#! /usr/bin/env python3\n", true },
		{ "d.x/a", "#!/usr/bin/env -S python3.11 -u\r\n", true }, { ".a", "#!python\n", true },
		{ "a", "#!/bin/sh\n# python\n", false }, { "a", "#!/usr/bin/env pythonic\n", false },
		{ "a", "#!/opt/python/bin/ruby", false }, { "a", " #!/usr/bin/python", false }, { "a", "#!", false },
	};

	for (size_t i = 0; i < QF_LEN(row); i++)
		ck_assert_msg(qf_py_is_python(row[i].path, qf_str(row[i].head)) == row[i].want, "%s %s", row[i].path,
			row[i].head);
	ck_assert(!qf_py_is_python("a", (struct qf_str){ 0 }));
}
END_TEST

START_TEST(identifiers)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_str plain = QF_STR("abc_1"), broken = QF_STR("caf\xe9"), same = QF_STR("\xc3\xa9");

	ck_assert_ptr_eq(qf_py_identifier(&arena, plain).p, plain.p);
	ck_assert_ptr_eq(qf_py_identifier(&arena, broken).p, broken.p);
	ck_assert(qf_str_eq(qf_py_identifier(&arena, same), same));
	/* fi as a ligature, e with a combining acute, a mathematical letter */
	ck_assert(qf_str_is(qf_py_identifier(&arena, QF_STR("\xef\xac\x81x")), "fix"));
	ck_assert(qf_str_is(qf_py_identifier(&arena, QF_STR("e\xcc\x81")), "\xc3\xa9"));
	ck_assert(qf_str_is(qf_py_identifier(&arena, QF_STR("\xf0\x9d\x90\x80")), "A"));
}
END_TEST

START_TEST(literals)
{
	static const struct {
		const char *token, *body, *flags;
	} row[] = {
		{ "'a'", "a", "p" }, { "\"\"", "", "p" }, { "'''a'b'''", "a'b", "p" }, { "\"\"\"\"\"\"", "", "p" },
		{ "b'a'", "a", "bp" }, { "Br'a\\n'", "a\\n", "brp" }, { "rB''", "", "brp" }, { "R'\\d'", "\\d", "rp" },
		{ "u'a'", "a", "p" }, { "'a\\n'", "a\\n", "" }, { "'''a\nb'''", "a\nb", "p" },
		{ "'''a\r\nb'''", "a\r\nb", "" }, { "r'''a\rb'''", "a\rb", "r" }, { "U'b\"r'", "b\"r", "p" },
	};

	for (size_t i = 0; i < QF_LEN(row); i++) {
		struct qf_py_literal got = qf_py_literal(qf_str(row[i].token));
		char flags[4] = { 0 };
		int n = 0;

		if (got.bytes)
			flags[n++] = 'b';
		if (got.raw)
			flags[n++] = 'r';
		if (got.plain)
			flags[n++] = 'p';
		ck_assert_msg(qf_str_is(got.body, row[i].body) && strcmp(flags, row[i].flags) == 0, "%s", row[i].token);
	}
}
END_TEST

START_TEST(positions)
{
	static const struct {
		const char *source;
		uint32_t at;
		unsigned line, column;
	} row[] = {
		{ "", 0, 1, 1 }, { "ab", 1, 1, 2 }, { "ab", 9, 1, 3 }, { "a\nb", 1, 1, 2 },
		{ "a\nb", 2, 2, 1 }, { "a\r\nb", 2, 1, 3 }, { "a\r\nb", 3, 2, 1 },
		{ "a\rb\r", 2, 2, 1 }, { "a\rb\r", 4, 3, 1 }, { "\xc3\xa9" "b", 2, 1, 2 },
		{ "\xe9" "b", 1, 1, 2 }, { "\x80" "b", 1, 1, 2 }, { "\xef\xbb\xbf" "b", 3, 1, 1 },
	};

	for (size_t i = 0; i < QF_LEN(row); i++) {
		unsigned line, column;

		qf_py_position(qf_str(row[i].source), row[i].at, &line, &column);
		ck_assert_msg(line == row[i].line && column == row[i].column, "row %zu: %u, %u", i, line, column);
	}
}
END_TEST

UNIT_MAIN("py_source", 30, encodings, names_of_files, identifiers, literals, positions)
