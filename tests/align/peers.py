#!/usr/bin/env python3
"""The same cases through other tools; prints the table of docs/ALIGN.md, "Against other tools".

    python3 -m venv /somewhere && /somewhere/bin/pip install rope libcst
    /somewhere/bin/python peers.py PROGRAM [-v] [WORD..]

No part of the suites. Each tool is told all that the rules of a case say, as far as it can be told,
and files that the rules move are moved for it. Left out are the cases that hold a warning's text,
which only we can know, and those in which the rules are to be refused.
"""

import argparse
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path

import libcst
import libcst.codemod.commands.rename as libcst_rename
import rope.base.project
import rope.refactor.move
import rope.refactor.rename
import yaml
from libcst.codemod import CodemodContext
from libcst.helpers import calculate_module_and_package

import case_kit as kit

BUILT_IN = Path(__file__).resolve().parents[2] / "configs/align.yaml"


class Rules:
    """What the rules of a case ask for: moves of files, modules and symbols as (from, to)."""

    def __init__(self, case):
        rules = yaml.safe_load(case.rules if case.rules is not None else BUILT_IN.read_text()) or {}
        moves = rules.get("files", ())
        self.moves = [(m.get("promote") or m["deprecate"], m["to"]) for m in moves]
        self.modules = [(m["from"], m["to"]) for m in rules.get("modules", ())]
        self.symbols = [(m["from"], m["to"]) for m in rules.get("symbols", ())]
        for old, new in self.moves:
            names = [p[:-3].replace("/", ".") for p in (old, new)]
            if names[0] not in dict(self.modules):
                self.modules.append(tuple(names))
        for m in moves:
            module = m["to"][:-3].replace("/", ".")
            self.symbols += [
                (f"{module}.{a}", f"{module}.{b}") for a, b in m.get("rename", {}).items()
            ]


def split(name):
    return name.rpartition(".")[::2]


def move_files(rules, root):
    for old, new in rules.moves:
        if (root / old).exists():
            os.replace(root / old, root / new)


def find_sed(root, script):
    """The way of the plan: every *.py that find knows of, links too."""
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    command = ["find", ".", "-name", "*.py", "-exec", "sed", "-i", script, "{}", ";"]
    subprocess.run(command, cwd=root, env=env, check=True, stderr=subprocess.DEVNULL)


def words(case, rules, root):
    """Whole-word replacement of dotted paths, modules' last names and symbols."""
    move_files(rules, root)
    pairs = []
    for old, new in rules.symbols:
        pairs += [(old, new), (split(old)[1], split(new)[1])]
    for old, new in rules.modules:
        pairs += [(old, new), (split(old)[1], split(new)[1])]
    for old, new in pairs:
        if old != new:
            find_sed(root, f"s/\\b{re.escape(old)}\\b/{new}/g")


def plan(case, rules, root):
    """The lines of the deployment plan, for each mapping what they say of the memory service."""
    move_files(rules, root)
    for old, new in rules.modules:
        find_sed(root, f"s/from.*{split(old)[1]}/from {new}/g")
    for old, new in rules.symbols:
        find_sed(root, f"s/{split(old)[1]}/{split(new)[1]}/g")


def libcst_tool(case, rules, root):
    """RenameCommand for each symbol and module, with the module's name known to it."""
    move_files(rules, root)
    renames = [(old, ":".join(split(new))) for old, new in rules.symbols] + rules.modules
    for path in sorted(root.rglob("*")):
        if path.suffix not in (".py", ".pyi") or path.is_symlink() or not path.is_file():
            continue
        try:
            module = libcst.parse_module(path.read_bytes())
            name = calculate_module_and_package(root, path)
            for old, new in renames:
                context = CodemodContext(
                    filename=str(path), full_module_name=name.name, full_package_name=name.package
                )
                command = libcst_rename.RenameCommand(context, old_name=old, new_name=new)
                module = command.transform_module(module)
            if module.bytes != path.read_bytes():
                path.write_bytes(module.bytes)
        except Exception:  # what a tool cannot do is left as it was
            continue


def make_package(project, folder):
    folder.mkdir(parents=True, exist_ok=True)
    while folder != Path(project.address):
        (folder / "__init__.py").touch()
        folder = folder.parent


def rope_module(project, old, new):
    path = project.find_module(old)
    if not path:
        return
    (old_package, old_name), (new_package, new_name) = split(old), split(new)
    if path.name == "__init__.py":
        path = path.parent
    if old_name != new_name:
        renamed = rope.refactor.rename.Rename(project, path)
        project.do(renamed.get_changes(new_name))
        path = project.find_module(".".join(filter(None, (old_package, new_name))))
        path = path.parent if path.name == "__init__.py" else path
    if old_package != new_package:
        folder = Path(project.address, *new_package.split(".")) if new_package else None
        target = project.root
        if folder:
            make_package(project, folder)
            project.validate()
            target = project.get_resource(new_package.replace(".", "/"))
        project.do(rope.refactor.move.create_move(project, path).get_changes(target))


def rope_symbol(project, old, new):
    (module, name), (new_module, new_name) = split(old), split(new)
    resource = project.find_module(module)
    found = resource and re.search(rf"^(?:class|def) ({name})\b|^({name}) =", resource.read(), re.M)
    if not found:
        return
    if name != new_name:
        renamed = rope.refactor.rename.Rename(project, resource, found.start(1 if found[1] else 2))
        project.do(renamed.get_changes(new_name))
    moved = [n for o, n in project.align_modules if o == module]
    if new_module != module and new_module not in moved:
        path = Path(project.address, *new_module.split(".")).with_suffix(".py")
        make_package(project, path.parent)
        path.touch()
        project.validate()
        resource = project.find_module(module)
        at = re.search(rf"^(?:class|def) ({new_name})\b|^({new_name}) =", resource.read(), re.M)
        move = rope.refactor.move.create_move(project, resource, at.start(1 if at[1] else 2))
        project.do(move.get_changes(project.find_module(new_module)))


def rope_tool(case, rules, root):
    """Rename of symbols and modules, Move where they change their place, beside the stubs."""
    before = {f.before for f in case.files}
    other = {".fortress-align.yaml", ".ropeproject"}
    for f in case.stubs + kit.STUBS:
        if f.old and not (root / f.before).exists():
            (root / f.before).parent.mkdir(parents=True, exist_ok=True)
            (root / f.before).write_bytes(f.old)
            other |= {f.before, f.after}
    project = rope.base.project.Project(str(root), ropefolder=None)
    project.align_modules = rules.modules
    try:
        for task, pairs in ((rope_symbol, rules.symbols), (rope_module, rules.modules)):
            for old, new in pairs:
                with contextlib.suppress(Exception):
                    task(project, old, new)
    finally:
        project.close()
    for f in case.stubs + kit.STUBS:  # only the tree of the case is looked at
        for path in {f.before, f.after} - before - {f.after for f in case.files}:
            (root / path).unlink(missing_ok=True)
    for folder in sorted((p for p in root.rglob("*") if p.is_dir()), reverse=True):
        for name in ("__init__.py",):
            path = folder / name
            if str(path.relative_to(root)) not in before and path.exists():
                path.unlink()
        with contextlib.suppress(OSError):
            folder.rmdir()


class Ours:
    def __init__(self, program):
        self.program = program

    def __call__(self, case, rules, root):
        env = {"PATH": os.environ["PATH"], "XDG_STATE_HOME": str(root.parent / "state")}
        command = [self.program, "--fix"]
        subprocess.run(command, cwd=root, env=env, check=False, capture_output=True)


def judge(tool, case):
    """(exact, runs, damaged, must stay): whether bytes and output are right, files by number."""
    folder = Path(tempfile.mkdtemp(prefix="align-peer-"))
    try:
        root = folder / "tree"
        kit.make_tree(case, root)
        before = kit.look(root)
        kit.make_tree(case, folder / "origin")
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            tool(case, Rules(case), root)
        now = kit.look(root)
        files = {f.after: f for f in case.files}
        exact = all(p in now and files[p].matches(now[p][2]) for p in files)
        stays = [f.before for f in case.files if f.before == f.after and f.old == f.new]
        stays += [name for name, _ in case.links]
        damaged = sum(now.get(p) != before[p] for p in stays)
        runs = None
        if case.runs_here():
            status, want, _ = kit.run(case, folder / "origin", folder / "a", after=False)
            code, out, _ = kit.run(case, root, folder / "b", after=True)
            runs = (code, out == want or case.works) == (status, True)
        return exact and not damaged, runs, damaged, len(stays)
    except Exception:
        return traceback.format_exc()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("words", nargs="*")
    parser.add_argument("-v", action="store_true", help="name the cases that are not exact")
    args = parser.parse_args()
    cases = [
        c
        for c in kit.read_all(args.words)
        if not c.refused and not any(w == "*" for f in c.files for _, w, _ in f.lines)
    ]
    sed = subprocess.run(["sed", "--version"], capture_output=True, text=True, check=True)
    tools = [
        (f"the plan's sed lines (GNU sed {sed.stdout.split()[3]})", plan),
        ("whole-word replace (sed `\\b`)", words),
        (f"LibCST {version('libcst')} RenameCommand", libcst_tool),
        (f"rope {version('rope')} Rename and Move", rope_tool),
        ("fortress align", Ours(args.program)),
    ]
    runnable = sum(c.runs_here() for c in cases)
    table = [f"| tool | byte-exact (of {len(cases)}) | runs the same (of {runnable}) | "]
    for title, tool in tools:
        with ProcessPoolExecutor(2) as pool:
            results = list(pool.map(judge, [tool] * len(cases), cases))
        for case, r in zip(cases, results):
            if isinstance(r, str):
                print(f"{title}: {case.full}: {r}", file=sys.stderr)
            elif args.v and not r[0]:
                print(f"{title}: {case.full}: not exact, runs: {r[1]}", file=sys.stderr)
        right = [r for r in results if not isinstance(r, str)]
        table.append(
            f"| {title} | {sum(r[0] for r in right)} | {sum(bool(r[1]) for r in right)} | "
            f"{sum(r[2] for r in right)} |"
        )
    table[0] += f"files damaged (of {sum(r[3] for r in right)} that must stay) |"
    table.insert(1, "|---|---|---|---|")
    print("\n".join(table))


if __name__ == "__main__":
    main()
