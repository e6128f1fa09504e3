/*
 * Cases of the rewriter. Unless a row says otherwise the file is module a.user, a.old becomes a.new, and V2 of a.old
 * becomes V. `out` NULL: nothing changes. `left`: what leftovers name, with | between; `derived`: "V2>V".
 */
#ifndef QF_TESTS_REWRITE_CASES_H
#define QF_TESTS_REWRITE_CASES_H

#include <stdbool.h>
#include <stddef.h>

struct rewrite_case {
	const char *name, *in, *out;
	const char *module, *renames, *left, *derived, *new_module;
	bool package, define;
	size_t n; /* of in, where it holds NUL; 0: strlen */
};

static const struct rewrite_case rewrite_cases[] = {
	/* imports */
	{ "import a.old", "import a.old\na.old.V2()\na.old.f.V2\n", "import a.new\na.new.V()\na.new.f.V2\n" },
	{ "import as", "import a.old as m, sys\nm.V2\n", "import a.new as m, sys\nm.V\n" },
	{ "several", "import os, a.old, sys\n", "import os, a.new, sys\n" },
	{ "other prefix", "import a.old_x\nimport a.older.old\nimport b.a.old\nfrom a.olds import V2\nV2()\n", NULL },
	{ "from package", "from a import old\nold.V2, old\n", "from a import new\nnew.V, new\n", .derived = "old>new" },
	{ "from package as", "from a import old as o, other\no.V2\n", "from a import new as o, other\no.V\n" },
	{ "from module", "from a.old import V2, W as Z  # V2\nV2(Z)\n", "from a.new import V, W as Z  # V2\nV(Z)\n",
	  .derived = "V2>V" },
	{ "as chosen", "from a.old import V2 as V3\nV3()\n", "from a.new import V as V3\nV3()\n", .derived = "" },
	{ "submodule", "from a.old.sub import X\nimport a.old.sub.deep\na.old.sub.deep.V2\n",
	  "from a.new.sub import X\nimport a.new.sub.deep\na.new.sub.deep.V2\n" },
	{ "relative", "from .old import V2\nfrom . import old\nV2(old.V2)\n", "from .new import V\nfrom . import new\nV(new.V)\n" },
	{ "relative up", "from ..old import V2\nfrom .. import old as o\nfrom ...a import old\n",
	  "from ..new import V\nfrom .. import new as o\nfrom ...a import old\n", .module = "a.sub.user",
	  .left = "from ...a import old" },
	{ "relative in a package", "from .old import V2\nfrom . import old\n", "from .new import V\nfrom . import new\n",
	  .module = "a", .package = true, .derived = "V2>V old>new" },
	{ "relative elsewhere", "from .old import V2\n", "from b.new import V\n", .renames = "a.old=b.new a.old:V2=b.new:V" },
	{ "relative deeper", "from .old import V2\n", "from ..svc.new import V2\n", .module = "a.sub.user",
	  .renames = "a.sub.old=a.svc.new" },
	{ "relative stays short", "from ..sub.old import V2\n", "from ..sub.new import V2\n", .module = "a.sub.user",
	  .renames = "a.sub.old=a.sub.new" },
	{ "relative without a package", "from .old import V2\nfrom . import old\nfrom .thing import x\n", NULL, .module = "",
	  .left = "from .old import V2|from . import old" },
	{ "beyond the top", "from ...old import V2\n", NULL, .left = "from ...old import V2" },
	{ "no blanks", "from.old import V2\nfrom.import old\n", "from.new import V\nfrom.import new\n" },
	{ "no blanks, absolute", "from.old import(V2)\nfrom.import old\n", "from b.new import(V)\nfrom b import new\n",
	  .renames = "a.old=b.new a.old:V2=b.new:V" },
	{ "parentheses", "from a.old import (\n    V2,  # it\n    W,\n)\n", "from a.new import (\n    V,  # it\n    W,\n)\n" },
	{ "continuation", "from a.old \\\n    import V2, \\\n    W\n", "from a.new \\\n    import V, \\\n    W\n" },
	{ "semicolons", "import a.old; from a.old import V2; V2()\n", "import a.new; from a.new import V; V()\n" },
	{ "one line suite", "if 1: from a.old import V2\nV2\n", "if 1: from a.new import V\nV\n" },
	{ "in a function", "def f():\n    from a.old import V2\n    return V2()\nV2 = 1\n",
	  "def f():\n    from a.new import V\n    return V()\nV2 = 1\n", .derived = "" },
	{ "in a class", "class C:\n    from a.old import V2\n    x = V2\n", "class C:\n    from a.new import V as V2\n    x = V2\n" },
	{ "try", "try:\n    from a.old import V2\nexcept ImportError:\n    V2 = None\nprint(V2)\n",
	  "try:\n    from a.new import V\nexcept ImportError:\n    V = None\nprint(V)\n" },
	{ "try two", "try:\n    from a.old import V2\nexcept ImportError:\n    from a.older import V2\nprint(V2)\n",
	  "try:\n    from a.new import V as V2\nexcept ImportError:\n    from a.older import V2\nprint(V2)\n" },
	{ "try both", "try:\n    from a.new import V\nexcept ImportError:\n    from a.old import V2 as V\n",
	  "try:\n    from a.new import V\nexcept ImportError:\n    from a.new import V as V\n" },
	{ "type checking", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a.old import V2\ndef f(x: 'V2'): ...\n",
	  "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a.new import V\ndef f(x: 'V'): ...\n" },
	{ "global import", "def f():\n    global V2\n    from a.old import V2\ndef g():\n    return V2\n",
	  "def f():\n    global V\n    from a.new import V\ndef g():\n    return V\n", .derived = "V2>V" },
	{ "top-level module", "import old\nimport old.sub\nold.x(old.sub.y)\ndel old\n",
	  "import new\nimport new.sub\nnew.x(new.sub.y)\ndel new\n", .renames = "old=new", .derived = "old>new" },
	{ "top-level to package", "import old\nold.x(old)\n", "import a.new\na.new.x(a.new)\n", .renames = "old=a.new" },
	{ "package to top-level", "from a import old\nfrom a.old import X\nold.x(X)\n",
	  "import new\nfrom new import X\nnew.x(X)\n", .renames = "a.old=new" },
	{ "other package", "import a.old\na.old.X\n", "import b.new\nb.new.X\n", .renames = "a.old=b.new" },
	{ "other package, root kept", "import a.old\na.old.X\na.other\n", "import a, b.new\nb.new.X\na.other\n",
	  .renames = "a.old=b.new" },
	{ "other package, root bound elsewhere", "import a.old\nimport a.other\na.old.X, a.other\n",
	  "import b.new\nimport a.other\nb.new.X, a.other\n", .renames = "a.old=b.new" },
	{ "other package, root taken", "import a.old\nb = 1\na.old.X\n", NULL, .renames = "a.old=b.new", .left = "a.old" },
	{ "more names", "import a.old\n(a\n .old  # c\n .X)\n", "import a.b.c.new\n(a\n .b.c.new  # c\n .X)\n",
	  .renames = "a.old=a.b.c.new" },
	{ "fewer names", "import a.b.c.old\na.b.c.old.X\n", "import a.new\na.new.X\n", .renames = "a.b.c.old=a.new" },
	{ "into itself", "import a.old\nfrom a.old.core import X\nfrom a.old import Y\na.old.Y\n",
	  "import a.old.core\nfrom a.old.core import X\nfrom a.old.core import Y\na.old.core.Y\n", .renames = "a.old=a.old.core" },

	/* splitting, merging */
	{ "split", "from a.old import X, Y as Z, W  # c\n", "from b import X\nfrom a.new import Y as Z, W  # c\n",
	  .renames = "a.old=a.new a.old:X=b:X" },
	{ "split behind", "from a.old import W, X, Y as Z\nX(Z)\n", "from a.new import W\nfrom b import Q, R as Z\nQ(Z)\n",
	  .renames = "a.old=a.new a.old:X=b:Q a.old:Y=b:R" },
	{ "split without end", "if 1:\n    from a.old import W, X", "if 1:\n    from a.new import W\n    from b import X",
	  .renames = "a.old=a.new a.old:X=b:X" },
	{ "split with CR LF", "from a.old import W, X\r\ny\r\n", "from a.new import W\r\nfrom b import X\r\ny\r\n",
	  .renames = "a.old=a.new a.old:X=b:X" },
	{ "split in one line", "if 1: from a.old import W, X; x\n", "if 1: from a.new import W; from b import X; x\n",
	  .renames = "a.old=a.new a.old:X=b:X" },
	{ "split in parentheses", "from a.old import (\n    W,  # w\n    X,  # x\n    Y\n)\n",
	  "from a.new import (\n    W,  # w\n    Y\n)\nfrom b import X  # x\n", .renames = "a.old=a.new a.old:X=b:X" },
	{ "split the last in parentheses", "from a.old import (\n    W,\n    X\n)\n", "from a.new import (\n    W,\n)\nfrom b import X\n",
	  .renames = "a.old=a.new a.old:X=b:X" },
	{ "a name that stays", "from a.old import X, W\nimport a.old as m\nm.X, m.W\n",
	  "from a.old import X\nfrom a.new import W\nimport a.old as m\nm.X, m.W\n",
	  .renames = "a.old=a.new a.old:X=a.old:X", .left = "a.old" },
	{ "symbols alone", "from a.old import V2\nimport a.old\na.old.V2\n", "from a.new import V\nimport a.new\na.new.V\n",
	  .renames = "a.old:V2=a.new:V" },
	{ "symbols alone, module used", "import a.old\na.old.V2, a.old.other\n", "import a.old, a.new\na.new.V, a.old.other\n",
	  .renames = "a.old:V2=a.new:V" },
	{ "symbols alone, alias", "import a.old as m\nfrom a import old\nm.V2, old.V2\n",
	  "import a.new as m\nfrom a import new\nm.V, new.V\n", .renames = "a.old:V2=a.new:V" },
	{ "symbols alone, alias used", "import a.old as m\nm.V2, m.other\n", "import a.old as m, a.new\na.new.V, m.other\n",
	  .renames = "a.old:V2=a.new:V" },
	{ "merge", "from a.new import V\nfrom a.old import V2\nV2(V)\n", "from a.new import V\nV(V)\n" },
	{ "merge, old first", "from a.old import V2\nfrom a.new import V\nV2(V)\n", "from a.new import V\nV(V)\n" },
	{ "merge, old used first", "from a.old import V2\nx = V2\nfrom a.new import V\n", "from a.new import V\nx = V\n" },
	{ "merge in one statement", "from a.old import V, V2, W\nV2(V)\n", "from a.new import V, W\nV(V)\n" },
	{ "merge the last", "from a.old import V, V2\nV2(V)\n", "from a.new import V\nV(V)\n" },
	{ "merge in parentheses", "from a.old import (\n    V,\n    V2,  # two\n)\nV2(V)\n",
	  "from a.new import (\n    V,\n    # two\n)\nV(V)\n" },
	{ "merge of modules", "import a.new\nimport a.old\na.old.x(a.new)\n", "import a.new\na.new.x(a.new)\n" },
	{ "merge in one import", "import a.old, a.new, b\n", "import a.new, b\n" },
	{ "two old ones", "from a.v2 import A2\nfrom a.v3 import A3\nA2(A3)\n", "from a.v import A\nA(A)\n",
	  .renames = "a.v2=a.v a.v3=a.v a.v2:A2=a.v:A a.v3:A3=a.v:A" },
	{ "merge keeps the comment", "from a.new import V\nfrom a.old import V2  # why\nx = 1\n",
	  "from a.new import V\n# why\nx = 1\n" },
	{ "merge drops what tools read", "from a.new import V\nfrom a.old import V2  # noqa: F401\nx = 1\n",
	  "from a.new import V\nx = 1\n" },
	{ "not an empty block", "def f():\n    from a.new import V\n    from a.old import V2\n    V2()\n",
	  "def f():\n    from a.new import V\n    V()\n" },
	{ "other block", "from a.new import V\nif V:\n    from a.old import V2\nV2()\n",
	  "from a.new import V\nif V:\n    from a.new import V\nV()\n" },
	{ "twice in one line", "x; from a.new import V; from a.old import V2\n", "x; from a.new import V\n" },

	/* collisions */
	{ "new name bound", "from a.old import V2\nV = 1\nV2()\n", "from a.new import V as V2\nV = 1\nV2()\n", .derived = "" },
	{ "new name from elsewhere", "from b import V\nfrom a.old import V2\nV2(V)\n",
	  "from b import V\nfrom a.new import V as V2\nV2(V)\n" },
	{ "new name is a builtin in use", "from a.old import V2\nV2(list)\n", "from a.new import list as V2\nV2(list)\n",
	  .renames = "a.old:V2=a.new:list" },
	{ "new name is a local", "from a.old import V2\ndef f(V):\n    return V2(V)\n",
	  "from a.new import V as V2\ndef f(V):\n    return V2(V)\n" },
	{ "new name is a local elsewhere", "from a.old import V2\nV2()\ndef f(V):\n    return V\n",
	  "from a.new import V\nV()\ndef f(V):\n    return V\n" },
	{ "would capture", "V = 1\ndef f():\n    from a.old import V2\n    return V2(V)\n",
	  "V = 1\ndef f():\n    from a.new import V as V2\n    return V2(V)\n" },
	{ "new name in a text", "from a.old import V2\nx: 'V'\nV2()\n", "from a.new import V as V2\nx: 'V'\nV2()\n" },
	{ "two want one name", "from a.old import V2\nfrom b import W2\nV2(W2)\n", "from a.new import V\nfrom b import V as W2\nV(W2)\n",
	  .renames = "a.old=a.new a.old:V2=a.new:V b:W2=b:V" },
	{ "star brings the new name", "from a.old import V2\nfrom a.others import *\nV2()\n",
	  "from a.new import V as V2\nfrom a.others import *\nV2()\n" },
	{ "module name taken", "from a import old\nnew = 1\nold.V2\n", "from a import new as old\nnew = 1\nold.V\n" },
	{ "top-level name taken", "import old\nnew = 1\nold.x\n", "import new as old\nnew = 1\nold.x\n", .renames = "old=new" },

	/* scopes */
	{ "parameter", "from a.old import V2\ndef f(V2=V2): return V2\nlambda V2: V2\n",
	  "from a.new import V\ndef f(V2=V): return V2\nlambda V2: V2\n" },
	{ "comprehension", "from a.old import V2\n[V2 for V2 in V2]\n[V2 for x in V2]\n",
	  "from a.new import V\n[V2 for V2 in V]\n[V for x in V]\n" },
	{ "class body", "from a.old import V2\nclass C:\n    V2 = V2\n    x = V2\n    def f(self): return V2\n",
	  "from a.new import V\nclass C:\n    V2 = V\n    x = V2\n    def f(self): return V\n" },
	{ "class body, unclear", "from a.old import V2\nclass C:\n    if V2:\n        V2 = V2\n    x = V2\n",
	  "from a.new import V as V2\nclass C:\n    if V2:\n        V2 = V2\n    x = V2\n" },
	{ "dataclass field", "from a.old import V2\nclass C:\n    V2: V2\n", "from a.new import V\nclass C:\n    V2: V\n" },
	{ "nonlocal", "def f():\n    from a.old import V2\n    def g():\n        nonlocal V2\n        V2 = V2()\n    return V2\n",
	  "def f():\n    from a.new import V\n    def g():\n        nonlocal V\n        V = V()\n    return V\n" },
	{ "two functions", "def f():\n    from a.old import V2\n    return V2\ndef g():\n    from b import V2\n    return V2\n",
	  "def f():\n    from a.new import V\n    return V\ndef g():\n    from b import V2\n    return V2\n" },
	{ "no names", "from a.old import V2\nf(V2=1)\n{'V2': 1}\n'V2'\nb.V2 = 1\n# V2\n",
	  "from a.new import V\nf(V2=1)\n{'V2': 1}\n'V2'\nb.V2 = 1\n# V2\n", .left = "V2" },
	{ "match", "from a.old import V2\nmatch x:\n    case V2(V2=1) | a.V2: pass\n",
	  "from a.new import V\nmatch x:\n    case V(V2=1) | a.V2: pass\n", .left = "V2" },
	{ "decorator, base, default", "from a.old import V2\n@V2\nclass C(V2, m=V2):\n    def f(x=V2) -> V2: ...\n",
	  "from a.new import V\n@V\nclass C(V, m=V):\n    def f(x=V) -> V: ...\n" },
	{ "del and assignment", "from a.old import V2\nV2 += 1\ndel V2\n", "from a.new import V\nV += 1\ndel V\n" },
	{ "module shadowed", "from a import old\ndef f(old): return old.V2\nold.V2\n",
	  "from a import new\ndef f(old): return old.V2\nnew.V\n", .left = "V2" },
	{ "module may be another thing", "from a import old\nif x:\n    old = thing()\nold.V2\n",
	  "from a import new\nif x:\n    new = thing()\nnew.V2\n", .left = "V2" },
	{ "module or None", "try:\n    import a.old as m\nexcept ImportError:\n    m = None\nm.V2\n",
	  "try:\n    import a.new as m\nexcept ImportError:\n    m = None\nm.V\n" },
	{ "attribute is stored", "import a.old as m\nm.V2 = 1\ndel m.V2\n", "import a.new as m\nm.V = 1\ndel m.V\n" },
	{ "f-string", "from a.old import V2\nf'V2 {V2!r:{V2}} {{V2}}'\n", "from a.new import V\nf'V2 {V!r:{V}} {{V2}}'\n" },
	{ "unicode forms", "from a.old import \xef\xbc\xb6" "2\nV2\n", "from a.new import V\nV\n" },

	/* __all__, definitions, star imports */
	{ "all", "from a.old import V2\n__all__ = ['V2', \"x\"]\n__all__ += ('V2',)\n__all__.append('V2')\n__all__.extend(['y'] + ['V2'])\n",
	  "from a.new import V\n__all__ = ['V', \"x\"]\n__all__ += ('V',)\n__all__.append('V')\n__all__.extend(['y'] + ['V'])\n" },
	{ "all after a merge", "from a.new import V\nfrom a.old import V2\n__all__ = ['V', 'V2', 'x']\n",
	  "from a.new import V\n__all__ = ['V', 'x']\n" },
	{ "all with an alias", "from a.old import V2\nV = 1\n__all__ = ['V2']\n", "from a.new import V as V2\nV = 1\n__all__ = ['V2']\n" },
	{ "all of a package", "__all__ = ['old', 'x']\n", "__all__ = ['new', 'x']\n", .module = "a", .package = true },
	{ "definition", "class V2:\n    x: 'V2'\ndef f() -> V2: return V2()\n__all__ = ['V2']\n",
	  "class V:\n    x: 'V'\ndef f() -> V: return V()\n__all__ = ['V']\n", .module = "a.old", .new_module = "a.new",
	  .define = true, .derived = "V2>V" },
	{ "definition elsewhere", "class V2: pass\nV2()\n", NULL, .module = "a.old", .derived = "" },
	{ "definition taken", "class V2: pass\nV = 1\n", NULL, .module = "a.old", .new_module = "a.new", .define = true,
	  .left = "V2" },
	{ "derived", "from pkg import V2\nimport pkg\npkg.V2(V2)\n", "from pkg import V\nimport pkg\npkg.V(V)\n",
	  .renames = "pkg:V2=pkg:V" },
	{ "star", "from a.old import *\nV2(other)\ndef f(): return V2\n__all__ = ['V2']\n",
	  "from a.new import *\nV(other)\ndef f(): return V\n__all__ = ['V']\n", .derived = "V2>V" },
	{ "star again", "from pkg import *\nfrom .old import *\n", "from pkg import *\nfrom .new import *\n", .derived = "V2>V" },
	{ "star of another", "from a.others import *\nV2(thing)\n", NULL },
	{ "star of who knows", "from b import *\nV2\n", NULL, .left = "V2" },
	{ "star, new name taken", "from a.old import *\nV = 1\nV2()\n",
	  "from a.new import *\nfrom a.new import V as V2\nV = 1\nV2()\n" },

	/* strings that are paths */
	{ "patch", "from unittest import mock\nfrom unittest.mock import patch as p\n@p('a.old.V2.run')\n@mock.patch(target=\"a.old.f\")\n"
	  "def f(): mock.patch.dict('a.old.D', {'a.old': 1})\n",
	  "from unittest import mock\nfrom unittest.mock import patch as p\n@p('a.new.V.run')\n@mock.patch(target=\"a.new.f\")\n"
	  "def f(): mock.patch.dict('a.new.D', {'a.old': 1})\n", .left = "'a.old'" },
	{ "patch.object", "from unittest import mock\nfrom a import old\nmock.patch.object(old, 'V2')\n"
	  "mock.patch.object(target=old, attribute='V2')\nmock.patch.object(x, 'V2')\n",
	  "from unittest import mock\nfrom a import new\nmock.patch.object(new, 'V')\n"
	  "mock.patch.object(target=new, attribute='V')\nmock.patch.object(x, 'V2')\n" },
	{ "fixtures", "def test(mocker, monkeypatch):\n    mocker.patch('a.old.V2')\n    monkeypatch.setattr('a.old.V2', 1)\n"
	  "    monkeypatch.setitem(sys.modules, 'a.old', 1)\n    with monkeypatch.context() as m:\n        m.delattr('a.old.V2')\nimport sys\n",
	  "def test(mocker, monkeypatch):\n    mocker.patch('a.new.V')\n    monkeypatch.setattr('a.new.V', 1)\n"
	  "    monkeypatch.setitem(sys.modules, 'a.new', 1)\n    with monkeypatch.context() as m:\n        m.delattr('a.new.V')\nimport sys\n" },
	{ "patch.multiple", "from unittest.mock import patch, DEFAULT\npatch.multiple('a.old', V2=1, f=2)\npatch.multiple('a.old', V2=DEFAULT)\n",
	  "from unittest.mock import patch, DEFAULT\npatch.multiple('a.new', V=1, f=2)\npatch.multiple('a.new', V2=DEFAULT)\n",
	  .left = "V2" },
	{ "patch of a consumer", "from mock import patch\npatch('a.user.V2')\n", "from mock import patch\npatch('a.user.V')\n",
	  .module = "tests.t", .renames = "a.user:V2=a.user:V" },
	{ "import_module", "import importlib\nm = importlib.import_module('a.old')\nm.V2\nimportlib.import_module('.old', 'a').V2\n"
	  "importlib.import_module('.old', package=__package__)\n__import__('a.old').old.V2\n",
	  "import importlib\nm = importlib.import_module('a.new')\nm.V\nimportlib.import_module('.new', 'a').V\n"
	  "importlib.import_module('.new', package=__package__)\n__import__('a.new').new.V\n" },
	{ "sys.modules", "import sys\nsys.modules['a.old'].V2\nsys.modules.pop('a.old', None)\n'a.old' in sys.modules\n",
	  "import sys\nsys.modules['a.new'].V\nsys.modules.pop('a.new', None)\n'a.new' in sys.modules\n" },
	{ "with a colon", "import pkgutil\npkgutil.resolve_name('a.old:V2.x')\npkgutil.resolve_name('a.old:f')\n",
	  "import pkgutil\npkgutil.resolve_name('a.new:V.x')\npkgutil.resolve_name('a.new:f')\n" },
	{ "getattr", "from a import old\ngetattr(old, 'V2', None)\nsetattr(old, 'V2', 1)\nold.__dict__['V2']\nvars(old)['V2']\ngetattr(old, x)\n",
	  "from a import new\ngetattr(new, 'V', None)\nsetattr(new, 'V', 1)\nnew.__dict__['V']\nvars(new)['V']\ngetattr(new, x)\n",
	  .left = "x" },
	{ "attributes of values", "import sys, importlib\nfrom unittest.mock import patch\npatch.object(sys.modules['a.old'], 'V2')\n"
	  "getattr(importlib.import_module('a.old'), 'V2')\n",
	  "import sys, importlib\nfrom unittest.mock import patch\npatch.object(sys.modules['a.new'], 'V')\n"
	  "getattr(importlib.import_module('a.new'), 'V')\n" },
	{ "globals", "from a.old import V2\nglobals()['V2']\n", "from a.new import V\nglobals()['V']\n" },
	{ "not resolved", "x = ['a.old.V2', 'a.old:V2', 'see a.old', b'a.old', 'a.' 'old']\n'a.old'\nlogging.getLogger('a.old')\n", NULL,
	  .left = "'a.old.V2'|'a.old:V2'|'a.' 'old'|'a.old'" },
	{ "put together", "from unittest.mock import patch\npatch(f'{M}.V2')\npatch('a.' + 'old.X')\n__import__(f'a.{x}')\npatch(M + '.other')\n",
	  NULL, .left = "f'{M}.V2'|'a.' + 'old.X'|f'a.{x}'" },
	{ "code in strings", "exec('from a.old import V2')\neval('1')\n'V2'\nx = 'V2'\n", NULL, .left = "'from a.old import V2'" },
	{ "code in other strings", "'V2'\nx = 'V2 + 1'\neval(x)\n", NULL, .left = "'V2 + 1'" },

	/* annotations in strings and comments */
	{ "string annotations", "import typing\nfrom typing import Optional, Literal, Annotated, cast\nfrom a.old import V2\nimport a.old\n"
	  "def f(x: 'V2', y: 'Optional[V2]' = 'V2', *z: Optional['a.old.V2']) -> 'list[\"V2\"]':\n    v: Literal['V2'] = cast('V2', y)\n"
	  "    w: Annotated['V2', 'V2']\nT = typing.TypeVar('V2', bound='V2')\nA = Optional['V2']\nd['V2']\n",
	  "import typing\nfrom typing import Optional, Literal, Annotated, cast\nfrom a.new import V\nimport a.new\n"
	  "def f(x: 'V', y: 'Optional[V]' = 'V2', *z: Optional['a.new.V']) -> 'list[\"V\"]':\n    v: Literal['V2'] = cast('V', y)\n"
	  "    w: Annotated['V', 'V2']\nT = typing.TypeVar('V2', bound='V')\nA = Optional['V']\nd['V2']\n" },
	{ "type comments", "from a.old import V2\nx = 1  # type: V2\ny = 2  # type: ignore[V2]\ndef f(a, b):\n    # type: (V2, *V2) -> V2\n    pass\n"
	  "# type: V2\nfor z in y:  # type: V2  # V2\n    pass\n",
	  "from a.new import V\nx = 1  # type: V\ny = 2  # type: ignore[V2]\ndef f(a, b):\n    # type: (V, *V) -> V\n    pass\n"
	  "# type: V2\nfor z in y:  # type: V  # V2\n    pass\n" },
	{ "annotation in its scope", "from a.old import V2\ndef f():\n    class V2: pass\n    x: 'V2'\n",
	  "from a.new import V\ndef f():\n    class V2: pass\n    x: 'V2'\n" },

	/* bytes */
	{ "mixed line ends", "import a.old\r\nfrom a.old import V2\rV2\n", "import a.new\r\nfrom a.new import V\rV\n" },
	{ "CR LF", "import a.old\r\n\r\na.old.V2\r\n", "import a.new\r\n\r\na.new.V\r\n" },
	{ "mark", "\xef\xbb\xbfimport a.old", "\xef\xbb\xbfimport a.new" },
	{ "tabs", "if 1:\n\tfrom a.old import X, W\n", "if 1:\n\tfrom b import X\n\tfrom a.new import W\n",
	  .renames = "a.old=a.new a.old:X=b:X" },
	{ "latin-1", "# coding: latin-1\nimport a.old  # \xe4\n", "# coding: latin-1\nimport a.new  # \xe4\n" },
	{ "latin-1 cannot say it", "# coding: latin-1\nimport a.old\n", NULL, .renames = "a.old=a.n\xc3\xa4" },
	{ "empty", "", NULL },

	/* leftovers */
	{ "unknown objects", "from a.old import V2\nself.V2\nx().V2\nos.V2\nimport os\n",
	  "from a.new import V\nself.V2\nx().V2\nos.V2\nimport os\n", .left = "V2|V2" },
	{ "known objects", "class K:\n    V2 = 1\nK.V2\nclass C:\n    def f(self): self.V2 = 1; self.V2\n", NULL },
	{ "handed on", "from a.others import thing\nthing.V2\n", NULL, .left = "V2" },
	{ "would import itself", "from .old import V2 as Base\nimport a.old\nclass V(Base): ...\n", NULL, .module = "a.v3",
	  .new_module = "a.new", .left = "V2|a.old" },
	{ "not imported", "a.old.V2\n", NULL, .left = "a.old.V2" },

	/* a file that moves */
	{ "moved in its package", "from .b import c\nfrom .old import V2\n", "from .b import c\nfrom .new import V\n", .new_module = "a.renamed" },
	{ "moved away", "from .b import c\nfrom . import d\nfrom ..e import f\nfrom .old import V2\n",
	  "from ...a.b import c\nfrom ...a import d\nfrom ...e import f\nfrom ...a.new import V\n", .module = "r.a.user",
	  .new_module = "r.x.y.user", .renames = "r.a.old=r.a.new r.a.old:V2=r.a.new:V" },
};

#endif
