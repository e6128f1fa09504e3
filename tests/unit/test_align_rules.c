/* The rules file: where it is looked for, what is taken, and that every mistake is told with its place. */
#include <errno.h>
#include <sys/stat.h>

#include "tests/unit/unit.h"
#include "tools/align/rules/allow.h"

#define S "systems: [weaviate, snowflake]\n"
#define TODAY "2026-01-31"

static struct qf_err err;
static char top[] = "/tmp/align-rules-XXXXXX";

static void enter(void)
{
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
}

static void leave(void)
{
	QF_AUTO_FREE char *command = qf_asprintf("rm -rf %s", top);

	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(system(command), 0);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_msg(f, "%s: %s", path, strerror(errno));
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static int parse(struct qf_rules *r, const char *text)
{
	put("r.yaml", text);
	return qf_rules_read(r, "r.yaml", ".", TODAY, &err);
}

START_TEST(mistakes)
{
	/* clang-format off */
	static const char *const cases[][2] = {
		{ "#\n", " the file is empty; remove it, and `fortress align init` writes one" },
		{ "", " the file is empty; remove it, and `fortress align init` writes one" },
		{ "# only a remark\n", " the file is empty; remove it, and `fortress align init` writes one" },
		{ "hello\n", "1:1: the rules file must be a map of settings" },
		{ "[a]\n", "1:1: the rules file must be a map of settings" },
		{ "systems: []\n",
		  " there is nothing to look for: no systems, files, modules, symbols or documents" },
		{ "allow: []\nexclude: [a]\n",
		  " there is nothing to look for: no systems, files, modules, symbols or documents" },
		{ "systems:\n",
		  " there is nothing to look for: no systems, files, modules, symbols or documents" },
		{ "sytems: [weaviate]\n",
		  "1:1: the rules file has no setting 'sytems'; did you mean 'systems'?" },
		{ S "module: []\n", "2:1: the rules file has no setting 'module'; did you mean 'modules'?" },
		{ S "what: 1\n", "2:1: the rules file has no setting 'what'" },
		{ S "version: 2\n", "2:1: version '2' is not known; this program reads version 1" },
		{ S "version: [1]\n", "2:1: 'version' must be a text" },
		{ S "version:\n", "2:1: 'version' is empty" },
		{ "systems: [weaviate\n", "2:1: did not find expected ',' or ']'" },
		{ S "systems: [a]\n", "2:1: 'systems' stands here twice" },
		{ "systems: [\"${QF_NO_SUCH}\"]\n",
		  "1:11: environment variable QF_NO_SUCH is not set; set it, or write ${QF_NO_SUCH:-default}" },
		{ "systems: weaviate\n", "1:1: 'systems' must be a list" },
		{ "systems: {weaviate: x}\n", "1:1: 'systems' must be a list" },
		{ "systems:\n  - nam: x\n", "2:5: a system has no setting 'nam'; did you mean 'name'?" },
		{ "systems:\n  - hint: x\n", "2:5: a system needs 'name'" },
		{ "systems:\n  - [a]\n", "2:5: a system must be a map of settings" },
		{ "systems: [weaviate, '']\n", "1:21: an entry of this list is empty" },
		{ "systems: [weaviate, ~]\n", "1:21: an entry of this list is empty" },
		{ "systems:\n  - name: [a]\n", "2:5: 'name' must be a text" },
		{ "systems:\n  - name: ''\n", "2:5: 'name' is empty" },
		{ "systems:\n  - name: a b\n    patterns: [abc]\n",
		  "2:5: 'a b' is no name for a system: letters, digits and, behind the first, '.', '_' and '-'" },
		{ "systems: [-abc]\n",
		  "1:11: '-abc' is no name for a system: letters, digits and, behind the first, '.', '_' and '-'" },
		{ "systems: [weaviate, WEAVIATE]\n", "1:21: there is a system 'weaviate' already" },
		{ "systems:\n  - name: one\n    patterns: [vec]\n  - name: two\n    patterns: [abc, VEC]\n",
		  "5:21: the system 'one' has the pattern 'vec' already" },
		{ "systems: [ab]\n",
		  "1:11: the pattern 'ab' is shorter than 3 bytes and would be found everywhere" },
		{ "systems:\n  - name: db\n",
		  "2:5: the pattern 'db' is shorter than 3 bytes and would be found everywhere" },
		{ "systems:\n  - name: db\n    patterns: [data, db]\n",
		  "3:22: the pattern 'db' is shorter than 3 bytes and would be found everywhere" },
		{ "systems:\n  - name: abc\n    patterns: []\n", "3:5: 'patterns' is empty" },
		{ "systems:\n  - name: abc\n    patterns:\n", "3:5: 'patterns' is empty" },
		{ "systems:\n  - name: abc\n    patterns: [\"\"]\n", "3:16: an entry of this list is empty" },
		{ "systems:\n  - name: abc\n    patterns: [abc, [d]]\n",
		  "3:21: an entry of this list must be a text" },
		{ "systems:\n  - name: abc\n    patterns: {a: b}\n", "3:5: 'patterns' must be a list" },
		{ "systems:\n  - name: abc\n    patterns: [abc, abc]\n", "3:21: 'abc' stands here twice" },
		{ "systems:\n  - name: abc\n    patterns: [\"a\\tbc\"]\n",
		  "3:16: an entry of this list holds a control character" },
		{ "systems:\n  - name: abc\n    hint: ' '\n", "3:5: 'hint' is empty" },
		{ "systems:\n  - name: abc\n    hint: [a]\n", "3:5: 'hint' must be a text" },
		{ "systems:\n  - name: abc\n    patern: [abcd]\n",
		  "3:5: a system has no setting 'patern'; did you mean 'patterns'?" },
		{ "modules: a.b\n", "1:1: 'modules' must be a list" },
		{ "modules:\n  - a.b\n", "2:5: a mapping must be a map of settings" },
		{ "modules:\n  - from: a\n", "2:5: a mapping needs 'to'" },
		{ "modules:\n  - to: a\n", "2:5: a mapping needs 'from'" },
		{ "modules:\n  - from: a\n    too: b\n",
		  "3:5: a mapping has no setting 'too'; did you mean 'to'?" },
		{ "modules:\n  - from: a..b\n    to: c\n", "2:5: 'a..b' is no dotted name as Python has them" },
		{ "modules:\n  - from: a\n    to: 1b\n", "3:5: '1b' is no dotted name as Python has them" },
		{ "modules:\n  - from: a-b\n    to: b\n", "2:5: 'a-b' is no dotted name as Python has them" },
		{ "modules: {a.class: b}\n", "1:11: 'a.class' is no dotted name as Python has them" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: {A: None}}\n",
		  "2:40: 'None' is no name as Python has them" },
		{ "modules:\n  - from: .a\n    to: b\n", "2:5: '.a' is no dotted name as Python has them" },
		{ "modules: {a.b: a.b}\n", "1:11: 'a.b' is mapped to itself" },
		{ "modules:\n  - {from: a, to: b}\n  - {from: c, to: d}\n  - {from: a, to: e}\n",
		  "4:6: 'a' is mapped in line 2 already" },
		{ "modules:\n  - {from: a, to: b}\n  - {from: b, to: c}\n",
		  "2:15: 'a' goes to 'b' here and on to 'c' by line 3; write 'c' here too" },
		{ "modules:\n  - {from: b, to: c}\n  - {from: a, to: b.x}\n",
		  "3:15: 'a' goes to 'b.x' here and on to 'c.x' by line 2; write 'c.x' here too" },
		{ "modules:\n  - {from: a, to: b}\n  - {from: b, to: a}\n",
		  "2:15: 'a' goes to 'b' and by line 3 back: a circle" },
		{ "modules:\n  - {from: a, to: b}\n  - {from: b, to: c}\n  - {from: c, to: a}\n",
		  "2:15: 'a' goes to 'b' and by line 3 back: a circle" },
		{ "modules:\n  - {from: x, to: a}\n  - {from: a, to: b}\n  - {from: b, to: a}\n",
		  "2:15: 'x' goes to 'a' and by line 3 back: a circle" },
		{ "modules:\n  - {from: a, to: a.b}\n",
		  "2:15: 'a.b' lies below 'a': every run would move it one level further" },
		{ "modules: {a: [b]}\n", "1:11: 'a' must be a text" },
		{ "modules: {a: }\n", "1:11: '' is no dotted name as Python has them" },
		{ "modules: {a: b, a: c}\n", "1:17: 'a' stands here twice" },
		{ "modules:\n  - {from: a.x, to: b}\n  - {from: a, to: a.x.y}\n",
		  "3:15: 'a.x.y' lies below 'a': every run would move it one level further" },
		{ "symbols:\n  - {from: X, to: m.Y}\n", "2:6: 'X' has no module; write 'package.module.X'" },
		{ "symbols:\n  - {from: m.X, to: Y}\n", "2:17: 'Y' has no module; write 'package.module.Y'" },
		{ "symbols:\n  - {from: m.X, to: m.X}\n", "2:17: 'm.X' is mapped to itself" },
		{ "symbols:\n  - {from: m.X, to: m.Y}\n  - {from: m.X, to: m.Z}\n",
		  "3:6: 'm.X' is mapped in line 2 already" },
		{ "symbols:\n  - {from: m.X, to: m.Y}\n  - {from: m.Y, to: m.Z}\n",
		  "2:17: 'm.X' goes to 'm.Y' here and on to 'm.Z' by line 3; write 'm.Z' here too" },
		{ "symbols:\n  - {from: m.X, to: m.Y}\n  - {from: m.Y, to: m.X}\n",
		  "2:17: 'm.X' goes to 'm.Y' and by line 3 back: a circle" },
		{ "modules:\n  - {from: m, to: n}\nsymbols:\n  - {from: a.X, to: m.X}\n",
		  "4:17: 'a.X' goes to 'm.X' here and on to 'n.X' by line 2; write 'n.X' here too" },
		{ "modules:\n  - {from: m.X, to: n}\nsymbols:\n  - {from: m.X, to: n.X}\n",
		  "4:6: 'm.X' is mapped as a module in line 2 already" },
		{ "modules:\n  - {from: m, to: n}\nsymbols:\n  - {from: n.X, to: k.X}\n",
		  "4:6: 'm.X' becomes 'n.X' by line 2 and 'k.X' by this one; map 'm.X' to 'k.X' too" },
		{ "symbols:\n  - {from: m.X, to: m.X.Y}\n",
		  "2:17: 'm.X.Y' lies below 'm.X': every run would move it one level further" },
		{ "files: a.py\n", "1:1: 'files' must be a list" },
		{ "files:\n  - a.py\n", "2:5: a move must be a map of settings" },
		{ "files:\n  - to: a.py\n", "2:5: a move has either 'deprecate' or 'promote'" },
		{ "files:\n  - {promote: a_v3.py, deprecate: a_v2.py, to: a.py}\n",
		  "2:6: a move has either 'deprecate' or 'promote', not both" },
		{ "files:\n  - promote: a.py\n", "2:5: a move needs 'to'" },
		{ "files:\n  - {promote: /a.py, to: b.py}\n",
		  "2:6: '/a.py' is absolute; files are named from the root" },
		{ "files:\n  - {promote: ../a.py, to: b.py}\n",
		  "2:6: '../a.py' must be a path below the root without '.', '..' or '//'" },
		{ "files:\n  - {promote: a/./b.py, to: a/c.py}\n",
		  "2:6: 'a/./b.py' must be a path below the root without '.', '..' or '//'" },
		{ "files:\n  - {promote: a//b.py, to: a/c.py}\n",
		  "2:6: 'a//b.py' must be a path below the root without '.', '..' or '//'" },
		{ "files:\n  - {promote: a.pyi, to: b.py}\n", "2:6: 'a.pyi' does not end in .py" },
		{ "files:\n  - {promote: a/.py, to: a/b.py}\n", "2:6: 'a/.py' does not end in .py" },
		{ "files:\n  - {promote: a.py, to: a/b.py}\n",
		  "2:21: 'a/b.py' lies in another folder than 'a.py'; a move stays in its folder" },
		{ "files:\n  - {promote: a.py, to: a.py}\n", "2:21: 'a.py' is moved to itself" },
		{ "files:\n  - {promote: a.py, to: a-b.py}\n",
		  "2:21: 'a-b.py' could not be imported: its name is no Python name" },
		{ "files:\n  - {promote: a/__init__.py, to: a/b.py}\n",
		  "2:6: 'a/__init__.py' is a package, which a move would take apart" },
		{ "files:\n  - {promote: a/b.py, to: a/__init__.py}\n",
		  "2:23: 'a/__init__.py' is a package, which a move would take apart" },
		{ "files:\n  - {promote: a.py, to: b.py}\n  - {promote: a.py, to: c.py}\n",
		  "3:6: 'a.py' is moved in line 2 already" },
		{ "files:\n  - {promote: a.py, to: c.py}\n  - {promote: b.py, to: c.py}\n",
		  "3:21: 'c.py' is where line 2 moves 'a.py'" },
		{ "files:\n  - {promote: a.py, to: b.py}\n  - {promote: b.py, to: a.py}\n",
		  "2:21: 'a.py' would come back to where it was: the moves go in a circle" },
		{ "files:\n  - {promote: a.py, to: b.py}\n  - {promote: b.py, to: c.py}\n  - {promote: c.py, to: a.py}\n",
		  "2:21: 'a.py' would come back to where it was: the moves go in a circle" },
		{ "files:\n  - {deprecate: a.py, to: b.py, warn: maybe}\n",
		  "2:33: 'warn' must be true or false" },
		{ "files:\n  - {promote: a.py, to: b.py, warn: true}\n",
		  "2:31: 'warn' goes with 'deprecate', not with 'promote'" },
		{ "files:\n  - {deprecate: a.py, to: b.py, rename: {A: B}}\n",
		  "2:33: 'rename' goes with 'promote', not with 'deprecate'" },
		{ "files:\n  - {deprecate: a.py, to: b.py, alias: {A: B}}\n",
		  "2:33: 'alias' goes with 'promote', not with 'deprecate'" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: [A]}\n",
		  "2:31: 'rename' must be a map of names" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: {}}\n", "2:31: 'rename' is empty" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: {A: A}}\n", "2:40: 'A' stands on both sides" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: {A: B, C: B}}\n",
		  "2:46: 'A' becomes 'B' already" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: {A: B, B: C}}\n",
		  "2:40: 'B' is renamed itself (line 2); a rename is one step" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: {a.A: B}}\n",
		  "2:40: 'a.A' is no name as Python has them" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: {A: 1}}\n",
		  "2:40: '1' is no name as Python has them" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: {A: [B]}}\n", "2:40: 'A' must be a text" },
		{ "files:\n  - {promote: a.py, to: b.py, alias: {A: A}}\n", "2:39: 'A' stands on both sides" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: {A: B}, alias: {B: C}}\n",
		  "2:55: 'B' is what 'A' is renamed to" },
		{ "files:\n  - {promote: a.py, to: b.py, rename: {A: B}, alias: {C: A}}\n",
		  "2:55: 'A' is renamed; write 'C: B'" },
		{ "files:\n  - {promot: a.py, to: b.py}\n",
		  "2:6: a move has no setting 'promot'; did you mean 'promote'?" },
		{ "files:\n  - {promote: p/a_v3.py, to: p/a.py}\nmodules:\n  - {from: b, to: p.a_v3}\n",
		  "4:15: 'b' goes to 'p.a_v3', whose file becomes 'p/a.py' by line 2; name what stays" },
		{ "files:\n  - {promote: p/a_v3.py, to: p/a.py}\nsymbols: {b.X: p.a_v3.Y}\n",
		  "3:11: 'b.X' goes to 'p.a_v3.Y', whose file becomes 'p/a.py' by line 2; name what stays" },
		{ "python: {roots: [lib]}\nfiles:\n  - {promote: lib/a_v3.py, to: lib/a.py}\nmodules: {b: a_v3}\n",
		  "4:11: 'b' goes to 'a_v3', whose file becomes 'lib/a.py' by line 3; name what stays" },
		{ "documents:\n  - replace: {A: B}\n", "2:5: a document rule needs 'paths'" },
		{ "documents:\n  - paths: [a]\n", "2:5: a document rule needs 'replace'" },
		{ "documents:\n  - {paths: [], replace: {A: B}}\n", "2:6: 'paths' is empty" },
		{ "documents:\n  - {paths: [a], replace: {}}\n", "2:18: 'replace' is empty" },
		{ "documents:\n  - {paths: [a], replace: {A: B, a: C}}\n",
		  "2:34: 'a' stands here twice; one word does all its cases" },
		{ "documents:\n  - {paths: [a], replace: {A: a}}\n",
		  "2:28: 'a' holds the word 'A', which would be replaced again" },
		{ "documents:\n  - {paths: [a], replace: {A: B, B: C}}\n",
		  "2:28: 'B' holds the word 'B', which would be replaced again" },
		{ "documents:\n  - {paths: [a], replace: {Old: the old one}}\n",
		  "2:28: 'the old one' holds the word 'Old', which would be replaced again" },
		{ "documents:\n  - {paths: [a], replace: {'-A': B}}\n",
		  "2:28: '-A' is no word: it must begin and end with a letter or digit" },
		{ "documents:\n  - {paths: [a], replace: {A: ''}}\n", "2:28: 'A' is empty" },
		{ "documents:\n  - {paths: ['a[b'], replace: {A: B}}\n",
		  "2:14: path pattern 'a[b': a set '[' has no end" },
		{ "documents:\n  - {path: [a], replace: {A: B}}\n",
		  "2:6: a document rule has no setting 'path'; did you mean 'paths'?" },
		{ S "allow:\n  - paths: [a]\n", "3:5: an allowance needs 'reason'" },
		{ S "allow:\n  - {paths: [a], reason: ''}\n", "3:18: 'reason' is empty" },
		{ S "allow:\n  - {reason: x}\n",
		  "3:5: an allowance needs 'paths', 'systems' or 'tokens': else it allows all" },
		{ S "allow:\n  - {paths: [], reason: x}\n", "3:6: 'paths' is empty" },
		{ S "allow:\n  - {systems: [weavate], reason: x}\n",
		  "3:16: there is no system 'weavate'; did you mean 'weaviate'?" },
		{ S "allow:\n  - {systems: [weaviate, qqqqqqqq], reason: x}\n",
		  "3:26: there is no system 'qqqqqqqq'" },
		{ S "allow:\n  - {systems: [weaviate, Weaviate], reason: x}\n",
		  "3:26: 'weaviate' stands here twice" },
		{ S "allow:\n  - {tokens: [a.b], reason: x}\n",
		  "3:15: 'a.b' is no token: whole identifiers of letters, digits, '_' and '-'" },
		{ S "allow:\n  - {tokens: [a, a], reason: x}\n", "3:18: 'a' stands here twice" },
		{ S "allow:\n  - {paths: ['!a'], reason: x}\n",
		  "3:14: path pattern '!a': there are no exceptions by '!'; write '\\!' for the character" },
		{ S "allow:\n  - paths:\n      - a\n      - b[\n    reason: x\n",
		  "5:9: path pattern 'b[': a set '[' has no end" },
		{ S "allow:\n  - {paths: [a], reason: x, until: 2026-02-29}\n",
		  "3:29: '2026-02-29' is no day of the calendar as YYYY-MM-DD" },
		{ S "allow:\n  - {paths: [a], reason: x, until: 2026-2-3}\n",
		  "3:29: '2026-2-3' is no day of the calendar as YYYY-MM-DD" },
		{ S "allow:\n  - {paths: [a], reason: x, until: soon}\n",
		  "3:29: 'soon' is no day of the calendar as YYYY-MM-DD" },
		{ S "allow:\n  - {paths: [a], reason: x, until: 2026-13-01}\n",
		  "3:29: '2026-13-01' is no day of the calendar as YYYY-MM-DD" },
		{ S "allow:\n  - {path: [a], reason: x}\n",
		  "3:6: an allowance has no setting 'path'; did you mean 'paths'?" },
		{ S "allow: {paths: [a]}\n", "2:1: 'allow' must be a list" },
		{ S "allow:\n  - {paths: [a], reason: [x]}\n", "3:18: 'reason' must be a text" },
		{ S "exclude: ['a//b']\n", "2:11: path pattern 'a//b': a part between slashes is empty" },
		{ S "exclude: ['']\n", "2:11: an entry of this list is empty" },
		{ S "exclude: ['/']\n", "2:11: path pattern '/': a part between slashes is empty" },
		{ S "exclude: [./a]\n",
		  "2:11: path pattern './a': patterns begin at the root and have no '.' or '..'" },
		{ S "exclude: ['a\\']\n", "2:11: path pattern 'a\\': nothing follows the '\\'" },
		{ S "exclude: ['[[:what:]]']\n",
		  "2:11: path pattern '[[:what:]]': there is no such class of characters" },
		{ S "exclude: ['[z-a]']\n",
		  "2:11: path pattern '[z-a]': a range of characters runs backwards" },
		{ S "exclude: {a: b}\n", "2:1: 'exclude' must be a list" },
		{ S "python: [a]\n", "2:1: 'python' must be a map of settings" },
		{ S "python: {root: [a]}\n", "2:10: 'python' has no setting 'root'; did you mean 'roots'?" },
		{ S "python: {roots: [/a]}\n", "2:18: '/a' is absolute; folders are named from the root" },
		{ S "python: {roots: [a, ../b]}\n",
		  "2:21: '../b' must be a folder below the root, or '.'; no '.' or '..' inside, no '//'" },
		{ S "python: {roots: []}\n", "2:10: 'roots' is empty" },
		{ S "python: {roots: [src, src]}\n", "2:23: 'src' stands here twice" },
		{ S "python: {roots: [./src]}\n",
		  "2:18: './src' must be a folder below the root, or '.'; no '.' or '..' inside, no '//'" },
	};
	/* clang-format on */

	enter();
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_rules r;

		ck_assert_msg(parse(&r, cases[i][0]) < 0, "taken: %s", cases[i][0]);
		ck_assert_int_eq(err.code, QF_E_CONFIG);
		ck_assert_msg(!strncmp(err.msg, "r.yaml:", 7) && !strcmp(err.msg + 7, cases[i][1]), "%s: %s", cases[i][0],
			      err.msg);
		qf_rules_release(&r);
	}
	leave();
}
END_TEST

START_TEST(taken)
{
	static const char *const cases[] = {
		S,
		S "version: 1\n",
		S "exclude: []\nallow:\nfiles: ~\nmodules: null\npython:\n",
		"modules: {a.b: a.c, b: a.c}\n",
		"modules: {a.b: a}\n",
		"modules: {gr\xc3\xb6\xc3\x9f_1: b_1}\n",
		"modules: {a.b: c, a: d}\n",
		"symbols: {m.X: n.Y, m.Z: n.Y}\n",
		/* What follows a module and is mapped further goes there in one step. */
		"modules: {m: n}\nsymbols: {n.X: k.X, m.X: k.X}\n",
		"modules: {m: n}\nsymbols: {m.X: n.Y}\n",
		/* A file goes where another one was, which goes away. */
		"files:\n  - {promote: a_v3.py, to: a_v2.py}\n  - {deprecate: a_v2.py, to: a_v2_deprecated.py}\n",
		"files:\n  - {deprecate: a_v2.py, to: a_old.py}\n  - {promote: a_v3.py, to: a_v2.py}\nmodules: {b: a_v2}\n",
		/* The old name of a renamed class can live on as another name of it. */
		"files:\n  - {promote: a.py, to: b.py, rename: {A: B, C: D}, alias: {A: B}}\n",
		"files:\n  - {promote: my-tool.py, to: your-tool.py}\n",
		"documents:\n  - {paths: README.md, replace: {Weaviate: Qdrant, Snow-flake: PostgreSQL}}\n",
		"documents:\n  - {paths: [a], replace: {Old: Older, Old one: the new}}\n",
	};

	enter();
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_rules r;

		ck_assert_msg(parse(&r, cases[i]) == 0, "%s: %s", cases[i], err.msg);
		qf_rules_release(&r);
	}
	leave();
}
END_TEST

START_TEST(values)
{
	struct qf_rules r;

	enter();
	ck_assert_int_eq(mkdir("lib", 0700), 0);
	ck_assert_msg(parse(&r,
			    "systems:\n  - weaviate\n  - name: snow\n    patterns: [snowflake, snowpark]\n    hint: >\n"
			    "      use  Qdrant\n      for vectors\n"
			    "files:\n  - promote: lib/a_v3.py\n    to: lib/a.py\n    rename: {AV3: A}\n    alias: {AV3: A}\n"
			    "  - {deprecate: b.py, to: b_old.py, warn: true}\n"
			    "modules: {old.m: new.m}\nsymbols:\n  - from: old.m.X\n    to: new.m.Y\n"
			    "documents:\n  - paths: [docs/]\n    replace: {Weaviate: Qdrant}\n"
			    "allow:\n  - {systems: [SNOW, old.m, old.m.X, b.py], tokens: pulumi_snow, reason: \" it\\n is \"}\n"
			    "  - {paths: a, reason: x, until: 2026-01-30}\n  - {paths: a, reason: x, until: 2026-01-31}\n"
			    "exclude: node_modules/\npython: {roots: [., lib/]}\n") == 0, "%s", err.msg);
	ck_assert_uint_eq(r.n_systems, 2);
	ck_assert_str_eq(r.systems[0].name, "weaviate");
	ck_assert_uint_eq(r.systems[0].patterns.n, 1);
	ck_assert_str_eq(r.systems[0].patterns.items[0], "weaviate");
	ck_assert_ptr_null(r.systems[0].hint);
	ck_assert_uint_eq(r.systems[1].patterns.n, 2);
	ck_assert_str_eq(r.systems[1].patterns.items[1], "snowpark");
	ck_assert_str_eq(r.systems[1].hint, "use Qdrant for vectors");
	ck_assert_uint_eq(r.n_moves, 2);
	ck_assert(r.moves[0].promote && !r.moves[0].warn && !r.moves[1].promote && r.moves[1].warn);
	ck_assert_str_eq(r.moves[0].from, "lib/a_v3.py");
	ck_assert_str_eq(r.moves[0].to, "lib/a.py");
	ck_assert_str_eq(r.moves[0].renames[0].from, "AV3");
	ck_assert_str_eq(r.moves[0].renames[0].to, "A");
	ck_assert_str_eq(r.moves[0].aliases[0].from, "A");
	ck_assert_str_eq(r.moves[0].aliases[0].to, "AV3");
	ck_assert_int_eq(r.moves[0].line, 9);
	ck_assert_str_eq(r.modules[0].from, "old.m");
	ck_assert_str_eq(r.modules[0].to, "new.m");
	ck_assert_int_eq(r.modules[0].line, 14);
	ck_assert_str_eq(r.symbols[0].to, "new.m.Y");
	ck_assert_int_eq(r.symbols[0].line, 16);
	ck_assert(qf_globs_match(r.documents[0].paths, "docs/a.md") && !qf_globs_match(r.documents[0].paths, "docs"));
	ck_assert_str_eq(r.documents[0].words[0].to, "Qdrant");
	ck_assert_uint_eq(r.n_allow, 3);
	ck_assert_str_eq(r.allow[0].systems.items[0], "snow");
	ck_assert_str_eq(r.allow[0].reason, "it is");
	ck_assert_str_eq(r.allow[0].tokens.items[0], "pulumi_snow");
	ck_assert_ptr_null(r.allow[0].paths);
	ck_assert(!r.allow[0].expired && r.allow[1].expired && !r.allow[2].expired);
	ck_assert(qf_globs_match(r.exclude, "p/node_modules/x"));
	ck_assert_uint_eq(r.python_roots.n, 2);
	ck_assert_str_eq(r.python_roots.items[1], "lib");
	ck_assert(!r.builtin);
	qf_rules_release(&r);
	leave();
}
END_TEST

START_TEST(python_roots)
{
	struct qf_rules r;

	enter();
	ck_assert_int_eq(parse(&r, S), 0);
	ck_assert_uint_eq(r.python_roots.n, 1);
	ck_assert_str_eq(r.python_roots.items[0], ".");
	qf_rules_release(&r);
	ck_assert_int_eq(mkdir("src", 0700), 0);
	ck_assert_int_eq(parse(&r, S), 0);
	ck_assert_uint_eq(r.python_roots.n, 2);
	ck_assert_str_eq(r.python_roots.items[1], "src");
	qf_rules_release(&r);
	put("src/__init__.py", "");
	ck_assert_int_eq(parse(&r, S), 0);
	ck_assert_uint_eq(r.python_roots.n, 1);
	qf_rules_release(&r);
	leave();
}
END_TEST

/* Reads what is found from start on; the root below `top`, and the file as messages name it. */
static void finds(const char *start, const char *root, const char *file)
{
	QF_AUTO_FREE char *want = qf_asprintf("%s%s", top, root);
	struct qf_rules r;

	ck_assert_msg(qf_rules_read(&r, NULL, start, TODAY, &err) == 0, "%s: %s", start, err.msg);
	ck_assert_str_eq(r.root, want);
	ck_assert_int_eq(r.builtin, !file);
	if (file && *file == '/') {
		QF_AUTO_FREE char *whole = qf_asprintf("%s%s", top, file);

		ck_assert_str_eq(r.file, whole);
	} else if (file) {
		ck_assert_str_eq(r.file, file);
	} else {
		ck_assert_ptr_null(r.file);
	}
	qf_rules_release(&r);
}

START_TEST(looked_for_upward)
{
	struct qf_rules r;

	enter();
	ck_assert_int_eq(system("mkdir -p a/b/c w/d"), 0);
	finds("a/b", "/a/b", NULL);
	ck_assert_int_eq(mkdir("a/.git", 0700), 0);
	finds("a/b/c", "/a", NULL);
	put("a/.fortress-align.yaml", S);
	finds("a/b/c", "/a", "/a/.fortress-align.yaml");
	finds("a", "/a", "/a/.fortress-align.yaml");
	put("a/b/.fortress-align.yaml", S);
	finds("a/b/c", "/a/b", "/a/b/.fortress-align.yaml");
	/* A work tree made by git worktree or a submodule has a file of that name. What lies above is not its. */
	put("w/.git", "gitdir: /somewhere\n");
	put(".fortress-align.yaml", S);
	finds("w/d", "/w", NULL);
	finds(".", "", ".fortress-align.yaml");
	finds(top, "", ".fortress-align.yaml");
	finds("a/b/../b", "/a/b", "/a/b/.fortress-align.yaml");
	/* By a link the folder is where the link stands. */
	ck_assert_int_eq(symlink("../a/b/.fortress-align.yaml", "w/.fortress-align.yaml"), 0);
	finds("w/d", "/w", "/w/.fortress-align.yaml");
	ck_assert_int_eq(symlink("nowhere", "w/d/.fortress-align.yaml"), 0);
	ck_assert_int_lt(qf_rules_read(&r, NULL, "w/d", TODAY, &err), 0);
	ck_assert_int_eq(err.code, QF_E_NOINPUT);
	qf_rules_release(&r);
	ck_assert_int_lt(qf_rules_read(&r, NULL, "nowhere", TODAY, &err), 0);
	ck_assert_int_eq(err.code, QF_E_NOINPUT);
	qf_rules_release(&r);
	leave();
}
END_TEST

START_TEST(named)
{
	struct qf_rules r;

	enter();
	ck_assert_int_eq(mkdir("c", 0700), 0);
	put("c/rules.yaml", S);
	ck_assert_int_eq(qf_rules_read(&r, "c/rules.yaml", "/nowhere", TODAY, &err), 0);
	ck_assert_str_eq(r.file, "c/rules.yaml");
	ck_assert(!strncmp(r.root, top, strlen(top)) && !strcmp(r.root + strlen(top), "/c"));
	qf_rules_release(&r);
	ck_assert_int_lt(qf_rules_read(&r, "c/none.yaml", ".", TODAY, &err), 0);
	ck_assert_int_eq(err.code, QF_E_NOINPUT);
	qf_rules_release(&r);
	ck_assert_int_lt(qf_rules_read(&r, "d/none.yaml", ".", TODAY, &err), 0);
	ck_assert_int_eq(err.code, QF_E_NOINPUT);
	qf_rules_release(&r);
	put("c/rules.yaml", "what: 1\n");
	ck_assert_int_lt(qf_rules_read(&r, "c/rules.yaml", ".", TODAY, &err), 0);
	ck_assert_str_eq(err.msg, "c/rules.yaml:1:1: the rules file has no setting 'what'");
	qf_rules_release(&r);
	leave();
}
END_TEST

static void read_source(const char *name, struct qf_buf *text)
{
	QF_AUTO_FREE char *path = qf_asprintf("%s/%s", getenv("QF_SOURCE_ROOT"), name);
	FILE *f = fopen(path, "r");

	ck_assert_msg(f, "%s", path);
	text->n = fread(qf_buf_room(text, 1 << 20), 1, 1 << 20, f);
	fclose(f);
}

START_TEST(example_of_the_manual)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct qf_rules r;
	char *yaml, *end;

	read_source("docs/ALIGN.md", &text);
	yaml = strstr((char *)qf_buf_cstr(&text), "```yaml\nversion: 1\n");
	ck_assert_ptr_nonnull(yaml);
	yaml += 8;
	end = strstr(yaml, "```");
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	enter();
	ck_assert_msg(parse(&r, yaml) == 0, "%s", err.msg);
	ck_assert_uint_eq(r.n_systems, 2);
	ck_assert_uint_eq(r.n_moves, 2);
	qf_rules_release(&r);
	leave();
}
END_TEST

START_TEST(built_in)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct qf_str builtin = qf_rules_builtin();
	struct qf_rules r;

	read_source("configs/align.yaml", &text);
	ck_assert_uint_eq(builtin.n, text.n);
	ck_assert_int_eq(memcmp(builtin.p, text.p, text.n), 0);
	ck_assert_uint_eq(strlen(builtin.p), builtin.n);
	enter();
	ck_assert_int_eq(qf_rules_read(&r, NULL, ".", TODAY, &err), 0);
	ck_assert_uint_eq(r.n_systems, 2);
	ck_assert_str_eq(r.systems[0].name, "weaviate");
	ck_assert_str_eq(r.systems[1].name, "snowflake");
	ck_assert_uint_eq(r.n_moves, 2);
	qf_rules_release(&r);
	leave();
}
END_TEST

UNIT_MAIN("align rules", 60, mistakes, taken, values, python_roots, looked_for_upward, named, example_of_the_manual,
	  built_in)
