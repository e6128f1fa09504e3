#!/usr/bin/env python3
"""Our scopes of the standard library and its tests against those of CPython's symtable.

check_scopes.py DUMP_SCOPES [FOLDER..], by any Python from 3.8 to 3.13: it compares with the
symtable of the Python that runs it, over its library or the .py files in the folders: the tree of
scopes by type, name and line, and of each symbol what symtable's Symbol tells: local, global,
declared global, free, nonlocal, parameter, imported, assigned, referenced, annotated.
(is_namespace says no more than that a scope of that name stands below.) What is no difference
stands in normalise_ours() and theirs(), each with its reason.
"""

import ast
import re
import symtable
import sys
import sysconfig
import warnings
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from subprocess import run

VERSION = sys.version_info[:2]

# enum qf_py_scope_kind
MODULE, CLASS, FUNCTION, LAMBDA, COMPREHENSION, TYPE_PARAMS, TYPE_ALIAS = range(7)
KINDS = ("module", "class", "function", "function", "function", "type parameters", "type alias")
# enum qf_py_symbol_flag, and dump_scopes' own flag
(ASSIGNED, IMPORTED, PARAM, DEFINED, REFERENCED, GLOBAL, NONLOCAL, ANNOTATED, TYPE_PARAM) = (
    1 << i for i in range(9))
LOADED_IN_CODE = 4096
# enum qf_py_where, and in what words symbols are compared
WHERE = ("local", "declared global", "global", "free")

FUTURE = re.compile("future feature|from __future__ imports|not a chance")

# Files that only one of the two takes, relative to the library, and why that is right.
ONLY_OURS_REFUSES = {}
ONLY_PYTHON_REFUSES = {}


class Scope:
    """Symbols: name -> (flags that both know, where)."""

    def __init__(self, kind, name, line, marks=""):
        self.kind, self.name, self.line, self.marks = kind, name, line, marks
        self.symbols = {}
        self.children = []

    def canonical(self, lines=True):
        """Equal for equal trees, whatever the order of scopes that stand side by side."""
        return (KINDS[self.kind], self.name, self.line if lines else 0,
                tuple(sorted(self.symbols.items())),
                tuple(sorted(child.canonical(lines) for child in self.children)))


# What CPython tells and we too: bits of its own numbering.
def common_flags(flags, loads):
    """Ours as CPython has them: def, class and type parameters are assigned as well."""
    ret = flags & (IMPORTED | PARAM | NONLOCAL | ANNOTATED)
    if flags & (ASSIGNED | DEFINED | TYPE_PARAM):
        ret |= ASSIGNED
    if flags & loads:
        ret |= REFERENCED
    return ret


DEFS = {symtable.DEF_LOCAL: ASSIGNED, symtable.DEF_IMPORT: IMPORTED, symtable.DEF_PARAM: PARAM,
        symtable.DEF_NONLOCAL if hasattr(symtable, "DEF_NONLOCAL") else 8: NONLOCAL,
        symtable.DEF_ANNOT: ANNOTATED, symtable.USE: REFERENCED}
PLACES = {symtable.FREE: "free", symtable.LOCAL: "local", symtable.CELL: "local",
          symtable.GLOBAL_IMPLICIT: "global", symtable.GLOBAL_EXPLICIT: "declared global"}


class Refused(Exception):
    """One of the two does not take the file; the text says why."""


def ours(program, paths):
    """For each file its scopes or a Refused."""
    names = b"".join(str(path).encode() + b"\0" for path in paths)
    done = run([program], input=names, capture_output=True, timeout=120, check=False)
    if done.returncode or done.stderr:
        raise SystemExit(f"dump_scopes ended with {done.returncode}: {done.stderr.decode()}")
    lines = iter(done.stdout.decode(errors="surrogateescape").split("\n"))
    for _ in paths:
        head = next(lines)
        if head.startswith("! "):
            yield Refused(head[2:])
        else:
            yield read_scopes([next(lines) for _ in range(int(head[2:]))])


def read_scopes(lines):
    stack = []
    for line in lines:
        what, *fields = line.split("\t")
        if what == "S":
            depth, kind, at, name, marks = fields
            scope = Scope(int(kind), name, int(at), marks)
            del stack[int(depth):]
            if stack:
                stack[-1].children.append(scope)
            stack.append(scope)
        else:
            name, flags, where, binding = fields
            stack[-1].symbols[name] = (int(flags), int(where), int(binding))
    return stack[0]


def normalise_ours(scope, future, seen_by_class=False):
    """Symbols as CPython tells them; returns the names that come from outside of the scope."""
    # 3.10 and later look into no annotation where `from __future__ import annotations` stands.
    loads = LOADED_IN_CODE if future and VERSION >= (3, 10) else REFERENCED
    if loads != REFERENCED:
        scope.children = [child for child in scope.children if "a" not in child.marks]
    symbols, free = {}, set()
    for name, (flags, where, binding) in scope.symbols.items():
        place = WHERE[where]
        # A name that any scope declares global is declared global in the module for CPython.
        if scope.kind == MODULE and flags & GLOBAL:
            place = "declared global"
        # An annotation scope finds the names of the class at run time: global for the compiler.
        if place == "free" and scope.kind in (TYPE_PARAMS, TYPE_ALIAS) and binding == CLASS:
            place = "global"
        known = common_flags(flags, loads)
        # Without any flag: (x): int, or a load in an annotation that CPython has not seen.
        if known or place == "declared global":
            symbols[name] = known, place
            if place == "free":
                free.add(name)
    sees_class = scope.kind == CLASS or (seen_by_class and scope.kind in (TYPE_PARAMS, TYPE_ALIAS))
    children = []
    for child in scope.children:
        from_child = normalise_ours(child, future, sees_class)
        if VERSION >= (3, 12) and child.name in ("listcomp", "setcomp", "dictcomp") \
                and child.kind == COMPREHENSION \
                and not (sees_class and scope.kind in (TYPE_PARAMS, TYPE_ALIAS)):
            from_child = inline(scope, symbols, child, from_child)
            children += child.children
        else:
            children.append(child)
        free |= from_child
    scope.children = children
    scope.symbols = symbols
    if scope.kind == CLASS:
        free.discard("__class__")
    elif scope.kind != MODULE:
        free -= {name for name, (_, place) in symbols.items() if place == "local"}
    # CPython also notes a name on its way from the scope that binds it to the one that uses it.
    for name in free:
        symbols.setdefault(name, (0, "free"))
    return free


def inline(scope, symbols, child, free):
    """From 3.12 on comprehensions but generators are no scopes: their names become the outer's."""
    for name, symbol in child.symbols.items():
        if name == "__class__" and scope.kind == CLASS and symbol[1] == "free":
            symbol = symbol[0], "global"
            free = free - {name}
        symbols.setdefault(name, symbol)
    return free


def kind_of(table):
    """Our kind of a table, as far as KINDS tells them apart."""
    kind = getattr(table.type, "value", table.type)
    if kind in RAW_KINDS:
        return RAW_KINDS[kind]
    raise SystemExit(f"a table of an unknown type: {kind} {table.name}")


def raw_kinds():
    """The numbers of the types of tables differ from version to version."""
    raw = symtable._symtable  # pylint: disable=protected-access
    ret = {raw.TYPE_MODULE: MODULE, raw.TYPE_CLASS: CLASS, raw.TYPE_FUNCTION: FUNCTION}
    for name, kind in (("TYPE_PARAMETERS", TYPE_PARAMS), ("TYPE_PARAM", TYPE_PARAMS),
                       ("TYPE_VARIABLE", TYPE_ALIAS), ("TYPE_VAR_BOUND", TYPE_ALIAS),
                       ("TYPE_ALIAS", TYPE_ALIAS)):
        if hasattr(raw, "TYPE_" + name):
            ret[getattr(raw, "TYPE_" + name)] = kind
    return ret


RAW_KINDS = raw_kinds()


def theirs(table, generic=False):
    """The scopes of a table, from the bits that symtable.Symbol's methods read, since the methods
    take ten times as long."""
    kind = kind_of(table)
    scope = Scope(kind, table.name, 0 if kind == MODULE else table.lineno)
    for name, bits in table.symbols.items():
        # Names that the compiler makes up: .0 (the first iterable), .type_params, .defaults, ..
        if name.startswith(".") or name == "__classdict__":
            continue
        if name == "__type_params__" and kind == CLASS and generic:
            continue
        flags = 0
        for theirs_, mine in DEFS.items():
            if bits & theirs_:
                flags |= mine
        scope.symbols[name] = flags, PLACES[(bits >> symtable.SCOPE_OFF) & symtable.SCOPE_MASK]
    scope.children = [theirs(child, kind == TYPE_PARAMS) for child in table.children]
    return scope


def has_future(path, source):
    if b"__future__" not in source or b"annotations" not in source:
        return False
    return any(isinstance(node, ast.ImportFrom) and node.module == "__future__"
               and any(alias.name == "annotations" for alias in node.names)
               for node in ast.parse(source, path).body)


def oracle(path, source):
    """What CPython says: its scopes, or a Refused: whether the parser or symtable does it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return theirs(symtable.symtable(source, path, "exec")._table)
        except (SyntaxError, ValueError, UnicodeDecodeError) as error:
            try:
                ast.parse(source, path)
            except (SyntaxError, ValueError, UnicodeDecodeError):
                return Refused("parser")
            # Which features __future__ has, and where its import may stand, is no matter of scopes.
            if FUTURE.search(str(error)):
                return Refused("parser")
            return Refused(f"symtable: {error}")


def differences(path, got, want, lines, found):
    """Where two trees part, the outermost first; ten a file."""
    if len(found) >= 10:
        return
    place = f"{path}:{want.line}: {KINDS[want.kind]} {want.name}"
    for name in sorted(got.symbols.keys() | want.symbols.keys()):
        a, b = got.symbols.get(name), want.symbols.get(name)
        if a != b:
            found.append(f"{place}: {name!r} is {a}, symtable has {b}")
    a = sorted(got.children, key=lambda child: child.canonical(lines))
    b = sorted(want.children, key=lambda child: child.canonical(lines))
    heads = [[(KINDS[c.kind], c.name, lines and c.line) for c in side] for side in (a, b)]
    if sorted(heads[0]) != sorted(heads[1]):
        found.append(f"{place}: holds {sorted(set(heads[0]) - set(heads[1])) or len(a)}, symtable "
                     f"has {sorted(set(heads[1]) - set(heads[0])) or len(b)}")
        return
    a.sort(key=lambda c: (KINDS[c.kind], c.name, lines and c.line))
    b.sort(key=lambda c: (KINDS[c.kind], c.name, lines and c.line))
    for one, other in zip(a, b):
        if one.canonical(lines) != other.canonical(lines):
            differences(path, one, other, lines, found)


def count(scope):
    below = [count(child) for child in scope.children]
    return (1 + sum(scopes for scopes, _ in below),
            len(scope.symbols) + sum(symbols for _, symbols in below))


def any_in_fstring(scope):
    return "f" in scope.marks or any(any_in_fstring(child) for child in scope.children)


def compare(program, paths):
    """For each file: path, scopes, symbols, what differs, who alone refuses it, why."""
    ret = []
    for path, got in zip(paths, ours(program, paths)):
        source = path.read_bytes()
        want = oracle(str(path), source)
        if isinstance(got, Refused) or isinstance(want, Refused):
            who = None
            if not isinstance(want, Refused):
                who = "ours"
            elif not isinstance(got, Refused) and str(want) != "parser":
                who = "python"
            ret.append((path, 0, 0, [], who, f"{got if who == 'ours' else want}"))
            continue
        # Before 3.12 the lines inside of an f-string are approximate.
        lines = VERSION >= (3, 12) or not any_in_fstring(got)
        normalise_ours(got, has_future(str(path), source))
        got.line = 0
        found = []
        if got.canonical(lines) != want.canonical(lines):
            differences(path, got, want, lines, found)
            found = found or [f"{path}: the trees differ"]
        ret.append((path, *count(want), found, None, None))
    return ret


def main():
    if VERSION > (3, 13):
        print(f"Python {VERSION} makes scopes of annotations, which this script does not know")
        return 77
    library = Path(sysconfig.get_path("stdlib"))
    folders = [Path(name) for name in sys.argv[2:]] or [library]
    files = sorted(path for folder in folders for path in folder.rglob("*.py")
                   if not {"site-packages", "dist-packages"} & set(path.parts))
    # Debian has the tests in a package of their own.
    with_tests = (library / "test/test_grammar.py").exists()
    least = 1 if len(sys.argv) > 2 else 1500 if with_tests else 500
    compared = scopes = symbols = both = 0
    bad, refused = [], {"ours": {}, "python": {}}
    chunks = [files[i:i + 16] for i in range(0, len(files), 16)]
    with Pool(2) as pool:
        for results in pool.imap_unordered(partial(compare, sys.argv[1]), chunks):
            for path, n, m, found, who, why in results:
                if who:
                    name = path.relative_to(library) if library in path.parents else path
                    refused[who][name.as_posix()] = why
                both += who is None and n == 0
                compared += n > 0
                scopes += n
                symbols += m
                bad += found
    for who, listed in (("ours", ONLY_OURS_REFUSES), ("python", ONLY_PYTHON_REFUSES)):
        bad += [f"{name}: refused by {who} alone: {why}"
                for name, why in refused[who].items() if name not in listed]
        bad += [f"{name}: listed as refused by {who} alone, which is not so" for name in listed
                if name not in refused[who] and (library / name).exists() and folders == [library]]
    print("\n".join(sorted(bad)[:60]))
    print(f"Python {sys.version.split()[0]}, {folders[0]}"
          f"{'' if with_tests else ', WITHOUT its tests'}: {compared} files, {scopes} scopes,"
          f" {symbols} symbols compared, {len(bad)} differences; refused by both or by what is"
          f" not symtable {both}, by one {len(refused['ours'])} + {len(refused['python'])}")
    if compared < least:
        print(f"only {compared} files, {least} are expected")
    return 1 if bad or compared < least else 0


if __name__ == "__main__":
    sys.exit(main())
