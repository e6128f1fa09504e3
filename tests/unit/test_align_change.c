/* Plans: what the rules make of a tree, that a second run has nothing to do, and that undo brings the tree back. */
#include "tests/unit/change_tree.h"
#include "tools/align/names.h"

#define B "backend/services/"
#define V2_RULES \
	"files:\n  - deprecate: " B "mem_v2.py\n    to: " B "mem_v2_deprecated.py\n    warn: true\n" \
	"  - promote: " B "mem_v3.py\n    to: " B "mem.py\n"
#define V2_MAP \
	"modules:\n  - {from: backend.services.mem_v2, to: backend.services.mem}\n" \
	"symbols:\n  - {from: backend.services.mem_v2.MemV2, to: backend.services.mem.Mem}\n"

struct item {
	const char *path, *text;
};

static const struct scenario {
	const char *name, *rules;
	struct item before[8], after[8]; /* after: what differs; text NULL: gone */
	bool refused;
	const char *notes[4];	/* parts of notes, each in one */
	const char *findings[8]; /* "kind path:line:column rule message", parts of these */
} scenarios[] = {
	{
		"promoted file lacks the name", V2_RULES V2_MAP,
		{ { B "mem_v2.py", "class MemV2: pass\n" }, { B "mem_v3.py", "class MemV3: pass\n" },
		  { "app.py", "from backend.services.mem_v2 import MemV2\n" } },
		{ { NULL } },
		true,
		{ B "mem_v3.py: cannot become " B "mem.py: Mem would be imported from it in app.py, and it has no such name. Under "
		  "`promote: " B "mem_v3.py` in the rules say either `rename: {MemV3: Mem}` or, to keep both names, "
		  "`alias: {Mem: MemV3}`" },
		{ "pending app.py:1:6 backend.services.mem_v2.MemV2 becomes: from backend.services.mem import Mem" },
	},
	{
		"promoted with a rename", V2_RULES "    rename: {MemV3: Mem}\n" V2_MAP,
		{ { B "mem_v2.py", "\"\"\"Doc.\"\"\"\nfrom __future__ import annotations\nclass MemV2: pass\n" },
		  { B "mem_v3.py", "class MemV3:\n    other: 'MemV3'\n" },
		  { "app.py", "from backend.services.mem_v2 import MemV2\nm = MemV2()\n" },
		  { "new.py", "from backend.services.mem_v3 import MemV3\nm = MemV3()\n" },
		  { "doc.txt", "backend.services.mem_v2\n" } },
		{ { B "mem_v2.py", NULL }, { B "mem_v3.py", NULL },
		  { B "mem_v2_deprecated.py",
		    "\"\"\"Doc.\"\"\"\nfrom __future__ import annotations\n\nimport warnings as _warnings\n\n_warnings.warn(\n"
		    "    \"backend.services.mem_v2 is deprecated; use backend.services.mem\",\n    DeprecationWarning,\n"
		    "    stacklevel=2,\n)\n\nclass MemV2: pass\n" },
		  { B "mem.py", "class Mem:\n    other: 'Mem'\n" },
		  { "app.py", "from backend.services.mem import Mem\nm = Mem()\n" },
		  { "new.py", "from backend.services.mem import Mem\nm = Mem()\n" } },
		false, { NULL },
		{ "pending " B "mem_v2.py:0:1 " B "mem_v2.py becomes " B "mem_v2_deprecated.py",
		  "pending " B "mem_v3.py:0:1 " B "mem_v3.py becomes " B "mem.py", "pending app.py:2:5",
		  "pending " B "mem_v2.py:2:35 " B "mem_v2.py 9 lines are added behind: import warnings as _warnings .." },
	},
	{
		"promoted with an alias, CRLF, no last newline", V2_RULES "    alias: {Mem: MemV3}\n" V2_MAP,
		{ { B "mem_v2.py", "class MemV2: pass\r\n" }, { B "mem_v3.py", "class MemV3: pass\r\nx = 1" },
		  { "app.py", "from backend.services import mem_v2\r\nm = mem_v2.MemV2()\r\n" } },
		{ { B "mem_v2.py", NULL }, { B "mem_v3.py", NULL },
		  { B "mem_v2_deprecated.py",
		    "import warnings as _warnings\r\n\r\n_warnings.warn(\r\n    \"backend.services.mem_v2 is deprecated; use "
		    "backend.services.mem\",\r\n    DeprecationWarning,\r\n    stacklevel=2,\r\n)\r\n\r\nclass MemV2: pass\r\n" },
		  { B "mem.py", "class MemV3: pass\r\nx = 1\r\n\r\nMem = MemV3" },
		  { "app.py", "from backend.services import mem\r\nm = mem.Mem()\r\n" } },
	},
	{
		"importers of a deprecated module follow where no mapping says otherwise",
		"files:\n  - deprecate: pkg/a.py\n    to: pkg/a_deprecated.py\n",
		{ { "pkg/__init__.py", "from .a import X\n" }, { "pkg/a.py", "from .b import Y\nclass X: pass\n" }, { "pkg/b.py", "Y = 1\n" },
		  { "t.py", "import pkg.a\nfrom unittest.mock import patch\npatch('pkg.a.X')\n" } },
		{ { "pkg/a.py", NULL }, { "pkg/a_deprecated.py", "from .b import Y\nclass X: pass\n" },
		  { "pkg/__init__.py", "from .a_deprecated import X\n" },
		  { "t.py", "import pkg.a_deprecated\nfrom unittest.mock import patch\npatch('pkg.a_deprecated.X')\n" } },
	},
	{
		"target in the way", "files:\n  - promote: a_v3.py\n    to: a.py\n",
		{ { "a_v3.py", "X = 1\n" }, { "a.py", "X = 0\n" }, { "t.py", "import a_v3\n" } }, { { NULL } }, true,
		{ "a_v3.py: cannot become a.py: that file is in the way" },
	},
	{
		"a package hides the promoted file", "files:\n  - promote: p/a_v3.py\n    to: p/a.py\n",
		{ { "p/a_v3.py", "X = 1\n" }, { "p/a/__init__.py", "" }, { "t.py", "import p.a_v3\n" } }, { { NULL } }, true,
		{ "p/a_v3.py: cannot become p/a.py: p/a/__init__.py is there, and for 'p.a' Python takes the package" },
	},
	{
		"a folder that is no package hides nothing", "files:\n  - promote: p/a_v3.py\n    to: p/a.py\n",
		{ { "p/a_v3.py", "X = 1\n" }, { "p/a/data.txt", "" }, { "t.py", "import p.a_v3\n" } },
		{ { "p/a_v3.py", NULL }, { "p/a.py", "X = 1\n" }, { "t.py", "import p.a\n" } },
	},
	{
		"moved before, and a package hides it: its names are what importers get",
		"files:\n  - promote: p/a_v3.py\n    to: p/a.py\n",
		{ { "p/a.py", "X = 1\n" }, { "p/a/__init__.py", "Y = 1\n" }, { "t.py", "from p.a_v3 import X, Y\n" } },
		{ { "t.py", "from p.a_v3 import X\nfrom p.a import Y\n" } }, false, { NULL },
		{ "leftover t.py:1:20 p/a_v3.py stays: p.a does not bind X" },
	},
	{
		"moved before: importers that come later follow", "files:\n  - promote: a_v3.py\n    to: a.py\n    rename: {XV3: X}\n",
		{ { "a.py", "class X: pass\n" }, { "t.py", "from a_v3 import XV3\nXV3()\n" } },
		{ { "t.py", "from a import X\nX()\n" } },
	},
	{
		"neither file is there", "files:\n  - promote: a_v3.py\n    to: a.py\n",
		{ { "t.py", "import a_v3\n" } }, { { NULL } }, false, { "a_v3.py: is to become a.py, and neither file is there" },
	},
	{
		"one goes, another takes its place",
		"files:\n  - deprecate: a.py\n    to: a_v1_deprecated.py\n  - promote: a_v3.py\n    to: a.py\n",
		{ { "a.py", "X = 1\n" }, { "a_v3.py", "X = 3\n" }, { "old.py", "from a import X\n" }, { "new.py", "from a_v3 import X\n" },
		  { "both.py", "import a\nimport a_v3\nprint(a.X, a_v3.X)\n" } },
		{ { "a_v1_deprecated.py", "X = 1\n" }, { "a.py", "X = 3\n" }, { "a_v3.py", NULL },
		  { "old.py", "from a_v1_deprecated import X\n" }, { "new.py", "from a import X\n" },
		  { "both.py", "import a_v1_deprecated\nimport a\nprint(a_v1_deprecated.X, a.X)\n" } },
	},
	{
		"a package passes the name on, its importers follow", "symbols:\n  - {from: pkg.a.Old, to: pkg.a.New}\n",
		{ { "pkg/__init__.py", "from .a import Old\n__all__ = ['Old']\n" }, { "pkg/a.py", "class New: pass\nOld = New\n" },
		  { "t.py", "import pkg\npkg.Old()\n" }, { "u.py", "from pkg import Old\nOld()\n" },
		  { "v.py", "from u import Old\n" } },
		{ { "pkg/__init__.py", "from .a import New\n__all__ = ['New']\n" }, { "t.py", "import pkg\npkg.New()\n" },
		  { "u.py", "from pkg import New\nNew()\n" }, { "v.py", "from u import New\n" } },
	},
	{
		"names go on through star imports that do not name them", "symbols:\n  - {from: old.Old, to: new.New}\n",
		{ { "pkg/__init__.py", "from .a import *\n" }, { "pkg/a.py", "from old import Old\n" },
		  { "t.py", "from pkg import Old\nOld()\n" } },
		{ { "pkg/a.py", "from new import New\n" }, { "t.py", "from pkg import New\nNew()\n" } },
	},
	{
		"a mapping to a module that lacks a name leaves that name", "modules:\n  - {from: old, to: new}\n",
		{ { "old.py", "A = 1\nB = 2\n" }, { "new.py", "A = 1\n" }, { "t.py", "from old import A, B\nprint(A, B)\n" },
		  { "u.py", "from old import B\n" } },
		{ { "t.py", "from new import A\nfrom old import B\nprint(A, B)\n" } }, false, { NULL },
		{ "leftover t.py:1:20 old stays: new does not bind B", "leftover u.py:1:17 old stays: new does not bind B" },
	},
	{
		"allowances for what stays",
		"modules:\n  - {from: old, to: new}\nallow:\n  - {paths: [u.py], systems: [old], reason: known}\n",
		{ { "old.py", "A = 1\nB = 2\n" }, { "new.py", "A = 1\n" }, { "u.py", "from old import B\n" },
		  { "w.py", "from old import B # align: allow old -- until it is gone\n" } },
		{ { NULL } }, false, { NULL },
		{ "leftover u.py:1:17 old stays: new does not bind B (by path: known)",
		  "leftover w.py:1:17 old stays: new does not bind B (inline: until it is gone)" },
	},
	{
		"not Python", "modules:\n  - {from: old, to: new}\n",
		{ { "t.py", "import old\ndef (:\n" } }, { { NULL } }, false, { "t.py:2: line 2, column 5" },
	},
	{
		"a promoted file that is not Python", "files:\n  - promote: a_v3.py\n    to: a.py\n",
		{ { "a_v3.py", "def (:\n" } }, { { NULL } }, true, { "a_v3.py: cannot become a.py: it is not Python" },
	},
	{
		"words in documents",
		"documents:\n  - paths: ['docs/**', .cursorrules]\n    replace: {Weaviate: Qdrant}\n",
		{ { "docs/a.md", "# Weaviate\n\nWe use weaviate.\nFrom Weaviate to Qdrant.\n" }, { ".cursorrules", "WEAVIATE\r\n" },
		  { "README.md", "Weaviate\n" }, { "docs/x.py", "Weaviate = 1\n" } },
		{ { "docs/a.md", "# Qdrant\n\nWe use qdrant.\nFrom Weaviate to Qdrant.\n" }, { ".cursorrules", "QDRANT\r\n" } }, false,
		{ "docs/x.py: is code, not a document" },
		{ "pending docs/a.md:1:3 Weaviate becomes: # Qdrant", "pending .cursorrules:1:1 Weaviate becomes: QDRANT",
		  "leftover docs/a.md:4:6 Weaviate is named beside Qdrant" },
	},
	{
		"a warning behind docstring and comments, a byte order mark kept",
		"files:\n  - deprecate: a_v2.py\n    to: a_old.py\n    warn: true\n",
		{ { "a_v2.py", "\xef\xbb\xbf#!/usr/bin/python\n# -*- coding: utf-8 -*-\n\nimport os; x = 1\n" } },
		{ { "a_v2.py", NULL },
		  { "a_old.py", "\xef\xbb\xbf#!/usr/bin/python\n# -*- coding: utf-8 -*-\n\n\nimport warnings as _warnings\n\n_warnings.warn(\n"
				"    \"a_v2 is deprecated\",\n    DeprecationWarning,\n    stacklevel=2,\n)\n\nimport os; x = 1\n" } },
	},
	{
		"the promoted file builds on the deprecated one", V2_RULES "    rename: {MemV3: Mem}\n" V2_MAP,
		{ { B "mem_v2.py", "class MemV2: pass\n" },
		  { B "mem_v3.py", "from .mem_v2 import MemV2\nclass MemV3(MemV2): pass\n" },
		  { "app.py", "from backend.services.mem_v2 import MemV2\n" } },
		{ { B "mem_v2.py", NULL }, { B "mem_v3.py", NULL },
		  { B "mem_v2_deprecated.py",
		    "import warnings as _warnings\n\n_warnings.warn(\n    \"backend.services.mem_v2 is deprecated; use "
		    "backend.services.mem\",\n    DeprecationWarning,\n    stacklevel=2,\n)\n\nclass MemV2: pass\n" },
		  { B "mem.py", "from .mem_v2_deprecated import MemV2\nclass Mem(MemV2): pass\n" },
		  { "app.py", "from backend.services.mem import Mem\n" } },
	},
	{
		"the file that the rules lead to imports the old one", "symbols:\n  - {from: pkg.a.X, to: pkg.X}\n",
		{ { "pkg/__init__.py", "from .a import X\n" }, { "pkg/a.py", "X = 1\n" }, { "t.py", "from pkg.a import X\n" } },
		{ { "t.py", "from pkg import X\n" } }, false, { NULL },
		{ "leftover pkg/__init__.py:1:16 pkg.a.X stays: the rules lead to this very file" },
	},
	{
		"nothing of the rules is in the tree", V2_RULES V2_MAP, { { "t.py", "import os\n" } }, { { NULL } }, false,
		{ "mem_v2.py: is to become " B "mem_v2_deprecated.py, and neither" },
	},
};

static struct qf_err err;

struct look {
	struct qf_rules rules;
	struct qf_files files;
	struct qf_result result;
	struct qf_changes changes;
	bool refused;
};

/* only: the one file to keep to, or NULL. */
static void look(const char *dir, const char *only, struct look *l)
{
	struct qf_files_opts opts = { .root = dir, .paths = &only, .n_paths = only ? 1 : 0 };
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_scan_names names;
	bool candidate[64] = { 0 };

	*l = (struct look){ 0 };
	ck_assert_msg(qf_rules_read(&l->rules, NULL, dir, "2030-01-01", &err) == 0, "%s", err.msg);
	ck_assert_msg(qf_files_list(&opts, &l->files, &l->result, &err) == 0, "%s", err.msg);
	qf_scan_names_make(&l->rules, &arena, &names);
	for (size_t i = 0; i < l->files.n; i++) {
		QF_AUTO_BUF struct qf_buf text = { 0 };

		tree_get(dir, l->files.file[i].path, &text);
		for (size_t k = 0; k < names.python.n && strstr(l->files.file[i].path, ".py"); k++)
			candidate[i] |= strstr(qf_buf_cstr(&text), names.python.items[k]) != NULL;
	}
	ck_assert_msg(qf_changes_plan(&l->files, candidate, &l->rules, &l->changes, &l->refused, &l->result, &err) == 0, "%s",
		      err.msg);
	qf_result_sort(&l->result);
}

static void look_release(struct look *l)
{
	qf_changes_release(&l->changes);
	qf_result_release(&l->result);
	qf_files_release(&l->files);
	qf_rules_release(&l->rules);
}

/* Findings and notes as text, one a line. */
static void tell(const struct look *l, struct qf_buf *out)
{
	for (size_t i = 0; i < l->result.n; i++) {
		const struct qf_finding *f = &l->result.findings[i];

		qf_buf_printf(out, "%s %s:%u:%u %s %s", f->kind == QF_PENDING ? "pending" : "leftover", f->path, f->line, f->column,
			      f->rule, f->message);
		if (f->suppression != QF_COUNTS)
			qf_buf_printf(out, " (%s: %s)", f->suppression == QF_BY_INLINE ? "inline" : "by path", f->reason);
		qf_buf_addc(out, '\n');
	}
	for (size_t i = 0; i < l->result.n_notes; i++) {
		const struct qf_note *n = &l->result.notes[i];

		qf_buf_puts(out, n->path);
		if (n->line)
			qf_buf_printf(out, ":%u", n->line);
		qf_buf_printf(out, ": %s\n", n->text);
	}
}

static void must_have(struct qf_buf *told, const char *const *parts, size_t n)
{
	for (size_t i = 0; i < n && parts[i]; i++)
		ck_assert_msg(strstr(qf_buf_cstr(told), parts[i]) != NULL, "'%s' is not in\n%s", parts[i], qf_buf_cstr(told));
}

/* What the tree must be: the files before with those after in their place. */
static void expected(const struct scenario *s, const char *dir)
{
	tree_put(dir, QF_RULES_FILE, qf_str(s->rules), 0644);
	for (size_t i = 0; i < QF_LEN(s->before) && s->before[i].path; i++)
		tree_put(dir, s->before[i].path, qf_str(s->before[i].text), 0644);
	for (size_t i = 0; i < QF_LEN(s->after) && s->after[i].path; i++) {
		QF_AUTO_FREE char *path = qf_asprintf("%s/%s", dir, s->after[i].path);

		if (s->after[i].text)
			tree_put(dir, s->after[i].path, qf_str(s->after[i].text), 0644);
		else
			ck_assert_int_eq(unlink(path), 0);
	}
}

static void same_trees(const char *a, struct qf_buf *want, const char *name, struct qf_buf *told)
{
	QF_AUTO_BUF struct qf_buf now = { 0 };

	tree_tell(a, "", &now);
	ck_assert_msg(qf_str_eq(qf_buf_str(&now), qf_buf_str(want)), "%s\n%s\n%s\n-- is not --\n%s", name, qf_buf_cstr(told),
		      qf_buf_cstr(&now), qf_buf_cstr(want));
}

START_TEST(plans)
{
	const struct scenario *s = &scenarios[_i];
	QF_AUTO_FREE char *top = qf_strdup(unit_dir()), *dir = qf_asprintf("%s/tree", top), *want = qf_asprintf("%s/want", top);
	QF_AUTO_BUF struct qf_buf told = { 0 }, again = { 0 }, before = { 0 }, after = { 0 };
	struct qf_write_opts opts = { .root = dir };
	bool some;
	struct look l;
	size_t n;

	setenv("XDG_STATE_HOME", top, 1);
	mkdir(dir, 0755);
	mkdir(want, 0755);
	tree_put(dir, QF_RULES_FILE, qf_str(s->rules), 0644);
	for (size_t i = 0; i < QF_LEN(s->before) && s->before[i].path; i++)
		tree_put(dir, s->before[i].path, qf_str(s->before[i].text), 0644);
	expected(s, want);
	tree_tell(want, "", &after);
	tree_tell(dir, "", &before);
	look(dir, NULL, &l);
	tell(&l, &told);
	ck_assert_msg(l.refused == s->refused, "%s: refused: %d\n%s", s->name, l.refused, qf_buf_cstr(&told));
	must_have(&told, s->notes, QF_LEN(s->notes));
	must_have(&told, s->findings, QF_LEN(s->findings));
	ck_assert_uint_eq(l.result.changed_files, l.changes.n);
	some = l.changes.n > 0;
	if (!l.refused) {
		ck_assert_msg(qf_changes_write(&l.changes, &opts, &err) == 0, "%s: %s", s->name, err.msg);
		same_trees(dir, &after, s->name, &told);
	}
	look_release(&l);
	if (s->refused)
		goto done;
	/* The second run. */
	look(dir, NULL, &l);
	tell(&l, &again);
	ck_assert_msg(l.changes.n == 0 && !l.refused && !strstr(qf_buf_cstr(&again), "pending"), "%s: again: %s", s->name,
		      qf_buf_cstr(&again));
	look_release(&l);
	if (some) {
		ck_assert_msg(qf_changes_undo(&opts, &n, &err) == 0, "%s", err.msg);
		same_trees(dir, &before, s->name, &told);
	}
done:
	tree_run("rm -rf '%s'", top);
}
END_TEST

/*
 * A hook names some files: all moves wait, for an importer may be anywhere, and so do mappings to what they will make,
 * even where another file has that name until then. Neither is a file in the way of a move a matter of the hook.
 */
START_TEST(named_files)
{
	static const struct item tree[] = {
		{ "a.py", "X = 0\n" },	   { "a_v3.py", "X = 1\n" },  { "e_v3.py", "" },	  { "f_v3.py", "" }, { "f.py", "" },
		{ "t.py", "import a_v3\nimport b\nimport c\nimport e\n" },
	};
	static const char rules[] = "files:\n  - deprecate: a.py\n    to: a_old.py\n  - promote: a_v3.py\n    to: a.py\n"
				    "  - promote: e_v3.py\n    to: e.py\n  - promote: f_v3.py\n    to: f.py\n"
				    "modules:\n  - {from: b, to: a}\n  - {from: c, to: d}\n  - {from: g, to: e}\n";
	static const struct {
		const char *name;
		size_t changes;
	} runs[] = { { "t.py", 1 }, { "a_v3.py", 0 }, { "a.py", 0 }, { "f_v3.py", 0 } };
	QF_AUTO_FREE char *dir = qf_strdup(unit_dir());

	tree_put(dir, QF_RULES_FILE, qf_str(rules), 0644);
	for (size_t i = 0; i < QF_LEN(tree); i++)
		tree_put(dir, tree[i].path, qf_str(tree[i].text), 0644);
	for (size_t i = 0; i < QF_LEN(runs); i++) {
		QF_AUTO_FREE char *only = qf_asprintf("%s/%s", dir, runs[i].name);
		QF_AUTO_BUF struct qf_buf told = { 0 };
		struct look l;

		look(dir, only, &l);
		tell(&l, &told);
		ck_assert(!l.refused);
		ck_assert_uint_eq(l.changes.n, runs[i].changes);
		if (l.changes.n)
			ck_assert(qf_str_is(l.changes.change[0].after, "import a_v3\nimport b\nimport d\nimport e\n"));
		ck_assert_uint_eq(l.result.n, runs[i].changes);
		ck_assert_uint_eq(l.result.n_notes, 1);
		ck_assert_has(qf_buf_cstr(&told), "a.py: is to become a_old.py: moves need the whole tree, run without paths; "
						  "importers wait until then (4 in all)");
		look_release(&l);
	}
	tree_run("rm -rf '%s'", dir);
}
END_TEST

/* What the other files bind is known also where one alone is looked at. */
START_TEST(named_files_ask_others)
{
	QF_AUTO_FREE char *dir = qf_strdup(unit_dir()), *only = qf_asprintf("%s/t.py", dir);
	QF_AUTO_BUF struct qf_buf told = { 0 };
	struct look l;

	tree_put(dir, QF_RULES_FILE, QF_STR("modules:\n  - {from: old, to: pkg.new}\n  - {from: gone, to: far}\n"
					    "python:\n  roots: [., src]\n"), 0644);
	tree_put(dir, "src/pkg/new.py", QF_STR(""), 0644);
	tree_put(dir, "src/pkg/new/__init__.py", QF_STR("A = 1\nC = 1\n"), 0644);
	tree_put(dir, "t.py", QF_STR("from old import A, B, C\nfrom gone import E, F\n"), 0644);
	look(dir, only, &l);
	tell(&l, &told);
	ck_assert_uint_eq(l.changes.n, 1);
	ck_assert_msg(qf_str_is(l.changes.change[0].after,
				"from pkg.new import A, C\nfrom old import B\nfrom far import E, F\n"),
		      "%s", l.changes.change[0].after.p);
	ck_assert_has(qf_buf_cstr(&told), "leftover t.py:1:20 old stays: pkg.new does not bind B");
	look_release(&l);
	tree_run("rm -rf '%s'", dir);
}
END_TEST

/* A name that a file passes on changes there only where all that take it are looked at; others do not matter. */
START_TEST(named_files_pass_on)
{
	static const struct {
		const char *other, *text;
		bool refused;
	} rows[] = {
		{ "v.py", "from u import Old\n", true },
		{ "v.py", "import u\nprint(u.Old)\n", true },
		{ "pkg/v.py", "from u import *\nprint(Old)\n", true },
		{ "v.py", "from lib import Old\nimport u\nprint(u.other)\n", false },
		{ "v.py", "from lib import Old\n'u.Old'\n", false },
		{ "v.txt", "from u import Old\n", false },
		{ "v.py", "from u import Old as (\n", false },
	};

	for (size_t i = 0; i < QF_LEN(rows); i++) {
		QF_AUTO_FREE char *dir = qf_strdup(unit_dir()), *only = qf_asprintf("%s/u.py", dir);
		QF_AUTO_BUF struct qf_buf told = { 0 };
		struct look l;

		tree_put(dir, QF_RULES_FILE, QF_STR("symbols:\n  - {from: lib.Old, to: lib.New}\n"), 0644);
		tree_put(dir, "u.py", QF_STR("from lib import Old\nother = 1\n"), 0644);
		tree_put(dir, rows[i].other, qf_str(rows[i].text), 0644);
		look(dir, only, &l);
		tell(&l, &told);
		ck_assert_msg(l.refused == rows[i].refused, "%s: %s", rows[i].text, qf_buf_cstr(&told));
		ck_assert_uint_eq(l.result.n_notes, rows[i].refused);
		if (rows[i].refused)
			ck_assert_has(qf_buf_cstr(&told), "v.py: is not among the files looked at, and takes names such as u.Old, "
							  "which would change: run without paths");
		look_release(&l);
		tree_run("rm -rf '%s'", dir);
	}
}
END_TEST

/* Two folders of sys.path, and a link that stands where a file is to be moved from. */
START_TEST(roots)
{
	QF_AUTO_FREE char *dir = qf_strdup(unit_dir());
	QF_AUTO_BUF struct qf_buf told = { 0 };
	struct look l;

	tree_put(dir, QF_RULES_FILE, QF_STR("files:\n  - deprecate: src/p/a.py\n    to: src/p/a_old.py\n"
					    "  - deprecate: src/p/l.py\n    to: src/p/l_old.py\n"
					    "python:\n  roots: [., src]\n"), 0644);
	tree_put(dir, "src/p/a.py", QF_STR("X = 1\n"), 0644);
	tree_put(dir, "t.py", QF_STR("import p.a\nimport src.p.a\nfrom src.p import a\nimport p.l\n"), 0644);
	tree_run("ln -s a.py '%s/src/p/l.py'", dir);
	look(dir, NULL, &l);
	tell(&l, &told);
	ck_assert_msg(l.changes.n == 2, "%s", qf_buf_cstr(&told));
	ck_assert_str_eq(l.changes.change[1].path, "t.py");
	ck_assert(qf_str_is(l.changes.change[1].after, "import p.a_old\nimport src.p.a_old\nfrom src.p import a_old as a\nimport p.l\n") ||
		  qf_str_is(l.changes.change[1].after, "import p.a_old\nimport src.p.a_old\nfrom src.p import a_old\nimport p.l\n"));
	ck_assert_has(qf_buf_cstr(&told), "src/p/l.py: is to become src/p/l_old.py and is not among the files looked at");
	look_release(&l);
	tree_run("rm -rf '%s'", dir);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("align_change");
	TCase *tcase = tcase_create("align_change");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, plans, 0, QF_LEN(scenarios));
	tcase_add_test(tcase, named_files);
	tcase_add_test(tcase, named_files_ask_others);
	tcase_add_test(tcase, named_files_pass_on);
	tcase_add_test(tcase, roots);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
