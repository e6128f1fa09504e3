"""Rewrite cases: how a file of tests/align/cases is read, and how its trees are made and run.

A file holds cases:

    === name: what it shows
    run: main.py          a script or `-m module`; `works`: what it prints may change; `no, why`
    needs: 3.12           the interpreter that can run it; the bytes are checked by any
    status: 65            of --fix; else 1 where something is left over, 0 where not
    refused:              --fix writes nothing and ends with 1
    note: plan some words a note of that kind with these words must come
    rules:                the rules, where not those of rules.yaml; `rules: built-in`: none at all
      modules: ..
    file app/main.py      a file of the tree; `old.py -> new.py` where it is moved; words behind
    - import old          it in brackets are marks, see MARKS
    + import new
      stays               two columns: '-' before, '+' after, ' ' both; then '?': must be left
    stub path             over, '~': may be, '*': any lines that --fix adds
    link name -> target

`stub`: a file that is there when the case runs, but not when the tree is rewritten. All cases
get those of stubs.case.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CASES = HERE / "cases"
MARKS = {"crlf", "cr", "bom", "cut", "hex", "latin-1", "utf-16", "exec"}
SEED = re.compile(r"=== ([\w-]+): (.+)")
HEAD = re.compile(r"(file|stub|link) (\S+?)(?: -> (\S+))?(?: \[([\w, -]+)\])?")
KEYS = {"run", "needs", "status", "refused", "note", "rules"}


class CaseError(Exception):
    pass


class File:
    """One file before and after, as bytes."""

    def __init__(self, before, after, marks):
        self.before, self.after, self.marks = before, after, marks
        self.lines = []  # (kind, flag, text)

    def _encode(self, text):
        data = text.encode("latin-1" if "latin-1" in self.marks else "utf-8")
        if "hex" in self.marks:
            data = re.sub(rb"<([0-9A-F]{2})>", lambda m: bytes([int(m[1], 16)]), data)
        if "cut" in self.marks:
            data = data[:-1]
        if "crlf" in self.marks:
            data = data.replace(b"\n", b"\r\n")
        if "cr" in self.marks:
            data = data.replace(b"\n", b"\r")
        if "utf-16" in self.marks:
            data = data.decode("utf-8").encode("utf-16")
        return b"\xef\xbb\xbf" + data if "bom" in self.marks else data

    def content(self, kinds):
        return self._encode(
            "".join(t + "\n" for k, flag, t in self.lines if k in kinds and flag != "*")
        )

    @property
    def old(self):
        return self.content(" -")

    @property
    def new(self):
        return self.content(" +")

    @property
    def mode(self):
        return 0o755 if "exec" in self.marks else 0o644

    def matches(self, data):
        """Is this what the file should be? Lines with '*' stand for any that were added."""
        if not any(flag == "*" for _, flag, _ in self.lines):
            return data == self.new
        want = b""
        for kind, flag, text in self.lines:
            if flag == "*":
                want += rb"(?:.*\n)+"
            elif kind in " +":
                want += re.escape(self._encode(text + "\n"))
        return re.fullmatch(want, data) is not None

    def left(self, flag):
        """Numbers of the lines, as they are in the end, that carry a flag."""
        after = [f for k, f, _ in self.lines if k in " +"]
        return {i for i, f in enumerate(after, 1) if f == flag}


class Case:
    def __init__(self, group, name, title):
        self.group, self.name, self.title = group, name, title
        self.run, self.works, self.needs, self.status = None, False, None, None
        self.refused, self.notes, self.rules = False, [], None
        self.files, self.stubs, self.links = [], [], []

    @property
    def full(self):
        return f"{self.group}/{self.name}"

    @property
    def changes(self):
        return any(
            f.after != f.before or f.new != f.old or any(w == "*" for _, w, _ in f.lines)
            for f in self.files
        )

    def runs_here(self):
        return bool(self.run) and (not self.needs or sys.version_info[:2] >= self.needs)


def _key(case, key, value, at):
    if key not in KEYS:
        raise CaseError(f"{at}: no such key: {key}")
    if key == "run":
        case.works = value.split()[0] == "works"
        case.run = value[6:].strip() or "main.py" if case.works else value
        if value.startswith("no, "):
            case.run = ""
    elif key == "needs":
        case.needs = tuple(int(n) for n in value.split("."))
    elif key == "status":
        case.status = int(value)
    elif key == "refused":
        case.refused = True
    elif key == "note":
        case.notes.append(value.split(" ", 1))
    else:
        case.rules = None if value == "built-in" else ""
        case.no_rules = value == "built-in"


def _head(case, line, at):
    m = HEAD.fullmatch(line)
    if not m:
        raise CaseError(f"{at}: neither key nor file: {line}")
    kind, before, after, marks = m.groups()
    if kind == "link":
        case.links.append((before, after))
        return None
    marks = set(re.split(r", *", marks)) if marks else set()
    if marks - MARKS:
        raise CaseError(f"{at}: no such mark: {marks - MARKS}")
    f = File(before, after or before, marks)
    (case.files if kind == "file" else case.stubs).append(f)
    return f


def read(path):
    cases, case, part, rules = [], None, None, False
    for n, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        at = f"{path.name}:{n}"
        m = SEED.fullmatch(line)
        if m:
            case, part, rules = Case(path.stem, m[1], m[2]), None, False
            case.no_rules = False
            cases.append(case)
        elif line.startswith("#") or not case or (not line and not part):
            continue
        elif rules and line.startswith("  "):
            case.rules += line[2:] + "\n"
        elif part and (not line or (line[0] in " +-" and line[1:2] in ("", " ", "?", "~", "*"))):
            part.lines.append((line[:1] or " ", line[1:2] or " ", line[2:]))
        elif ":" in line.split(" ")[0]:
            key, _, value = line.partition(":")
            _key(case, key, value.strip(), at)
            rules = key == "rules" and value.strip() != "built-in"
        else:
            rules, part = False, _head(case, line, at)
    for c in cases:
        for f in c.files + c.stubs:  # blank lines between two parts belong to none
            while f.lines and f.lines[-1] == (" ", " ", ""):
                f.lines.pop()
        if c.run is None:
            if not any(f.after == "main.py" for f in c.files):
                raise CaseError(f"{c.full}: no main.py and no word on running")
            c.run = "main.py"
        if c.rules is None and not c.no_rules:
            c.rules = (CASES / "rules.yaml").read_text()
    return cases


def read_all(words=()):
    """All cases of all files; with words those whose group/name contains one of them."""
    cases = [c for path in sorted(CASES.glob("*.case")) if path.stem != "stubs" for c in read(path)]
    names = [c.full for c in cases]
    double = {n for n in names if names.count(n) > 1}
    if double:
        raise CaseError(f"twice: {double}")
    return [c for c in cases if not words or any(w in c.full for w in words)]


STUBS = read(CASES / "stubs.case")[0].stubs


def _write(path, data, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


def make_tree(case, root, after=False):
    """The tree of a case, before or as it should be after."""
    root.mkdir(parents=True)
    if case.rules is not None:
        _write(root / ".fortress-align.yaml", case.rules.encode())
    for f in case.files:
        _write(root / (f.after if after else f.before), f.new if after else f.old, f.mode)
    for name, target in case.links:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(target)


def look(root):
    """All of a tree: {path: (kind, mode or target, content)}."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in files + [d for d in folders if os.path.islink(os.path.join(folder, d))]:
            path = os.path.join(folder, name)
            key = os.path.relpath(path, root)
            if os.path.islink(path):
                found[key] = ("link", os.readlink(path), b"")
            else:
                with open(path, "rb") as f:
                    found[key] = ("file", os.stat(path).st_mode & 0o7777, f.read())
    return found


def run(case, tree, scratch, after, python=sys.executable):
    """Runs the case in a copy of a tree beside the stubs; (status, output)."""
    shutil.copytree(tree, scratch, symlinks=True)
    for f in case.stubs + STUBS:
        path = scratch / (f.after if after else f.before)
        data = f.new if after else f.old
        if data and not path.exists():
            _write(path, data)
    entry = case.run.split()
    done = subprocess.run(
        [python, "-S", "-E", "-B", "-W", "ignore", *entry],
        cwd=scratch,
        timeout=60,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    errors = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
    return done.returncode, done.stdout, errors
