#!/usr/bin/env python3
"""Rewrites the whole standard library by rules for names that it uses much.

    check_stdlib_rewrite.py PROGRAM

A copy of the library (with its tests where they are installed, without site-packages) gets rules
for three modules and three symbols, and stubs that have the new names. After --fix every file that
compiled before must compile; an import of an old name may only be left where it is told; no file
without an old name has changed; the second run finds nothing; undo brings back every byte.
"""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import warnings
from collections import Counter
from pathlib import Path

RULES = """\
modules:
  - {from: textwrap, to: stubs.wrapping}
  - {from: fnmatch, to: stubs.patterns}
  - {from: unittest, to: stubs.units}
symbols:
  - {from: collections.OrderedDict, to: stubs.ordered.Ordered}
  - {from: functools.partial, to: stubs.ordered.bound}
  - {from: contextlib.suppress, to: stubs.ordered.silenced}
"""
# What an import statement may not say any more: module, name (None: the module itself).
OLD = {("collections", "OrderedDict"), ("functools", "partial"), ("contextlib", "suppress")}
MODULES = ("textwrap", "fnmatch", "unittest")
WORDS = [w.encode() for w in MODULES] + [n.encode() for _, n in OLD]


def copy_library(root):
    source = Path(sysconfig.get_path("stdlib"))
    left_out = {"site-packages", "dist-packages", "__pycache__", "config"}

    def ignore(folder, names):
        return [
            n
            for n in names
            if n in left_out
            or n.endswith((".so", ".pyc", ".a"))
            or os.path.islink(os.path.join(folder, n))
            and not n.endswith(".py")
        ]

    shutil.copytree(source, root, ignore=ignore)
    (root / ".fortress-align.yaml").write_text(RULES)
    stubs = root / "stubs"
    stubs.mkdir()
    for name, origin in (("wrapping", "textwrap"), ("patterns", "fnmatch")):
        shutil.copyfile(source / f"{origin}.py", stubs / f"{name}.py")
    shutil.copytree(source / "unittest", stubs / "units", ignore=ignore)
    (stubs / "ordered.py").write_text(
        "".join(f"def {n}(*args):\n    return args\n\n\n" for n in ("Ordered", "bound", "silenced"))
    )


def compiled(data, name):
    """The tree of a file, or None where it does not compile."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = compile(data, name, "exec", dont_inherit=True, flags=ast.PyCF_ONLY_AST)
            compile(tree, name, "exec", dont_inherit=True)
        return tree
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def is_old(module):
    return any(module == m or module.startswith(m + ".") for m in MODULES)


def old_imports(tree):
    """Lines of the names in import statements that are old."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.lineno for a in node.names if is_old(a.name))
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (
                a.lineno for a in node.names if is_old(node.module) or (node.module, a.name) in OLD
            )


class Check:
    def __init__(self, program, folder):
        self.program, self.folder, self.root = program, folder, folder / "lib"
        self.faults = []

    def align(self, *args):
        env = dict(os.environ, HOME=str(self.folder), XDG_STATE_HOME=str(self.folder / "state"))
        done = subprocess.run(
            [self.program, *args],
            cwd=self.root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
            timeout=150,
        )
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")

    def report(self, what):
        status, out, errors = self.align(what, "--format", "json")
        if status not in (0, 1, 65):
            sys.exit(f"{what}: status {status}: {errors[-2000:]}")
        return json.loads(out)

    def read(self):
        return {
            str(p.relative_to(self.root)): p.read_bytes()
            for p in self.root.rglob("*")
            if p.is_file() and not p.is_symlink()
        }

    def look(self, path, before, after, told):
        tree = compiled(after, path)
        if not tree:
            if before != after and compiled(before, path):
                self.faults.append(f"{path}: does not compile any more")
            return
        if (path, 1) in told and before == after:  # the file as a whole is left
            return
        left = {line for line in old_imports(tree) if (path, line) not in told}
        self.faults += [
            f"{path}:{line}: an old import is left and not told" for line in sorted(left)
        ]

    def run(self):
        before = self.read()
        pending = self.report("--check")["summary"]["pending"]
        report = self.report("--fix")
        after = self.read()
        told = {(f["path"], f["line"]) for f in report["findings"]}
        if before.keys() != after.keys():
            self.faults.append(f"files came or went: {sorted(before.keys() ^ after.keys())}")
        changed = [p for p in before if before[p] != after[p]]
        for path in sorted(before):
            if path.endswith(".py") and any(w in before[path] for w in WORDS):
                self.look(path, before[path], after.get(path, b""), told)
            elif path in changed:
                self.faults.append(f"{path}: changed, and names nothing old")
        again = self.report("--fix")
        if not report["summary"]["fix"]["proved"] and not any(
            n["kind"] == "unparsable" for n in report["notes"]
        ):
            self.faults.append("the second run was not proved empty")
        if again["summary"]["fix"]["changed_files"] or self.read() != after:
            self.faults.append("the second run changes something")
        status, _, errors = self.align("undo")
        if status or self.digest(self.read()) != self.digest(before):
            self.faults.append(f"undo: status {status}, the tree is another one: {errors}")
        kinds = Counter(n["kind"] for n in report["notes"])
        print(
            f"{len(before)} files, {len(changed)} changed, {pending['lines']} lines, "
            f"{report['summary']['leftovers']} left over, {kinds['unparsable']} do not parse"
        )
        for text, n in Counter(f["message"] for f in report["findings"]).most_common():
            print(f"  left over {n}: {text}")
        return self.faults

    @staticmethod
    def digest(files):
        h = hashlib.sha256()
        for path in sorted(files):
            h.update(path.encode("utf-8", "surrogateescape") + b"\0" + files[path] + b"\0")
        return h.hexdigest()


def main():
    with tempfile.TemporaryDirectory(prefix="align-library-") as folder:
        check = Check(os.path.abspath(sys.argv[1]), Path(folder))
        copy_library(check.root)
        faults = check.run()
    for f in faults:
        print(f)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
