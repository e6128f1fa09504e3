#!/usr/bin/env python3
"""Judges `fortress align --fix` from outside by the cases of tests/align/cases.

    run_cases.py PROGRAM [-j N] [-v] [WORD..]        cases whose group/name has a word in it

The form of the cases: case_kit.py. Of each one: --check tells what is pending and writes nothing;
--diff gives what `git apply` makes the expected tree of; --fix makes that tree byte for byte, names
what is left over, and says that a second run was proved empty; the second run is empty; undo brings
back every byte, mode and link. The case's own script must print the same before, beside stubs of
the old modules, and after, beside stubs that have the new ones alone.

Then each case whose files have plain line ends once more in other ones, for --fix and its bytes.
"""

import argparse
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import case_kit as kit


class Judge:
    def __init__(self, program, case, folder):
        self.program, self.case, self.folder = program, case, folder
        self.root = folder / "tree"
        self.faults = []

    def fault(self, text):
        self.faults.append(text)

    def align(self, *args):
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "NO_COLOR": "1",
            "XDG_STATE_HOME": str(self.folder / "state"),
        }
        env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        done = subprocess.run(
            [self.program, *args],
            cwd=self.root,
            env=env,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if done.returncode < 0 or b"Sanitizer" in done.stderr:
            self.fault(f"{' '.join(args)}: died: {done.stderr.decode('utf-8', 'replace')[-3000:]}")
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip()

    def report(self, *args):
        status, out, errors = self.align(*args, "--format", "json")
        try:
            return status, json.loads(out), errors
        except ValueError:
            self.fault(f"{' '.join(args)}: status {status}, no JSON; {errors[-400:]}")
            return status, {"findings": [], "notes": [], "summary": {"fix": None}}, errors

    def same(self, what, tree):
        """Do the files of two trees agree?"""
        now = kit.look(self.root)
        for path in sorted(now.keys() | tree.keys()):
            if now.get(path) != tree.get(path):
                self.fault(f"{what}: {path} {'has gone' if path not in now else 'differs'}")

    # ---- the parts ----

    def left(self, report, when):
        """Are the findings and notes those of the case?"""
        case = self.case
        found = {}
        for f in report["findings"]:
            if not f["suppressed"] and not (case.refused and f["kind"] == "pending"):
                found.setdefault((f["path"], f["line"]), f"{f['kind']}: {f['message']}")
        files = {f.after: f for f in case.files}
        must = {(p, n) for p, f in files.items() for n in f.left("?")}
        may = {(p, n) for p, f in files.items() for n in f.left("~")}
        for path, line in sorted(must - found.keys()):
            self.fault(f"{when}: {path}:{line} is not told as left over")
        for path, line in sorted(found.keys() - must - may):
            self.fault(f"{when}: {path}:{line} is told: {found[path, line]}")
        for kind, words in case.notes:
            if not any(
                n["kind"] == kind and words in f"{n['path']} {n['text']}" for n in report["notes"]
            ):
                self.fault(
                    f"{when}: no note '{kind}' with '{words}' among "
                    f"{[(n['kind'], n['path'], n['text']) for n in report['notes']]}"
                )
        return case.status if case.status is not None else 1 if found else 0

    def check(self, before):
        status, report, _ = self.report("--check")
        want = self.case.status or (1 if self.case.changes or self.case.refused else status)
        if status != want:
            self.fault(f"--check before: status {status}, not {want}")
        pending = any(f["kind"] == "pending" for f in report["findings"])
        if pending != self.case.changes and not self.case.refused:
            self.fault(f"--check: {'something' if pending else 'nothing'} is pending")
        self.same("--check has written", before)

    def diff(self):
        _, out, errors = self.align("--diff")
        other = self.folder / "patched"
        shutil.copytree(self.root, other, symlinks=True)
        if not out:
            if self.case.changes:
                self.fault(f"--diff: nothing; {errors}")
            return
        (self.folder / "patch").write_bytes(out)
        done = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "../patch"],
            cwd=other,
            check=False,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "GIT_CEILING_DIRECTORIES": str(self.folder),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode:
            self.fault(f"--diff: git apply: {done.stdout.decode('utf-8', 'replace').strip()}")

    def compare(self, before):
        """The tree against the case's own idea of it."""
        case, now = self.case, kit.look(self.root)
        want = {f.after: f for f in case.files}
        if case.refused:
            return self.same("refused, but written", before)
        for path in sorted(now.keys() | want.keys()):
            if path in want and path not in now:
                self.fault(f"{path} is not there")
            elif path in want:
                f = want[path]
                if not f.matches(now[path][2]):
                    self.fault(f"{path} is not as wanted:\n{show_difference(f.new, now[path][2])}")
                if now[path][:2] != ("file", f.mode):
                    self.fault(f"{path}: {now[path][0]} of mode {now[path][1]}")
            elif now[path] != before.get(path):
                self.fault(f"{path} is {'new' if path not in before else 'changed'}")
        return None

    def execute(self):
        case = self.case
        if not case.runs_here():
            return
        status, out, errors = kit.run(
            case, self.folder / "origin", self.folder / "run-before", after=False
        )
        if status:
            return self.fault(f"THE CASE IS WRONG: before: status {status}: {errors}")
        tree = self.folder / "origin" if case.refused else self.root
        status, after, errors = kit.run(
            case, tree, self.folder / "run-after", after=not case.refused
        )
        if status:
            self.fault(f"after: status {status}: {errors}")
        elif after != out and not case.works:
            self.fault(f"after: prints {after!r}, not {out!r}")

    def judge(self):
        kit.make_tree(self.case, self.root)
        kit.make_tree(self.case, self.folder / "origin")
        before = kit.look(self.root)
        self.check(before)
        self.diff()
        status, report, errors = self.report("--fix")
        want = 1 if self.case.refused else self.left(report, "--fix")
        if status != want:
            self.fault(f"--fix: status {status}, not {want}; {errors[-400:]}")
        if self.case.refused:
            self.left(report, "--fix")
        self.compare(before)
        fixed = kit.look(self.root)
        patched = kit.look(self.folder / "patched") if (self.folder / "patch").exists() else None
        if patched is not None and patched != fixed and not self.case.refused:
            self.fault("--diff: git apply gives another tree than --fix")
        self.execute()
        self.again(report, fixed, want)
        status, _, errors = self.align("undo")
        if status != (0 if fixed != before else 66):
            self.fault(f"undo: status {status}: {errors}")
        self.same("undo", before)
        return self.faults

    def judge_bytes(self):
        """--fix and the tree that it makes, no more."""
        kit.make_tree(self.case, self.root)
        before = kit.look(self.root)
        self.report("--fix")
        self.compare(before)
        return self.faults

    def again(self, report, fixed, want):
        fix = report["summary"]["fix"]
        if not self.case.refused and self.case.status is None and not (fix and fix["proved"]):
            self.fault("--fix: a second run was not proved empty")
        status, report, _ = self.report("--fix")
        fix = report["summary"]["fix"]
        if fix and fix["changed_files"]:
            self.fault("the second run changes something")
        self.same("second run", fixed)
        if status != want:
            self.fault(f"second run: status {status}, not {want}")
        status, _, _ = self.report("--check")
        if status != want:
            self.fault(f"--check afterwards: status {status}, not {want}")


def show_difference(want, got):
    lines = []
    a, b = want.split(b"\n"), got.split(b"\n")
    for i in range(max(len(a), len(b))):
        x, y = (s[i] if i < len(s) else None for s in (a, b))
        if x != y:
            lines += [
                f"    line {i + 1}: want {(x or b'')[:300]!r}",
                f"           got {(y or b'')[:300]!r}",
            ]
    return "\n".join(lines[:16])


OTHER_BYTES = ({"crlf"}, {"cr"}, {"bom", "cut"}, {"crlf", "cut"})


def variants(case):
    """The case with its Python files in other line ends."""
    plain = [
        f for f in case.files if not f.marks and f.before.endswith((".py", ".pyi")) and f.lines
    ]
    if case.refused or case.status or len(plain) < len(case.files) or not case.changes:
        return
    if any(flag == "*" for f in plain for _, flag, _ in f.lines):
        return
    for marks in OTHER_BYTES:
        other = copy.deepcopy(case)
        other.name += "+" + "-".join(sorted(marks))
        for f in other.files:
            f.marks = marks
        # What --fix ends with a line end of its own, it ends as the file does.
        if "cut" not in marks or all(f.lines[-1][0] == " " for f in other.files):
            yield other


def judge_case(program, case, keep, whole=True):
    folder = Path(tempfile.mkdtemp(prefix="align-case-"))
    try:
        judge = Judge(program, case, folder)
        return judge.judge() if whole else judge.judge_bytes()
    except (OSError, subprocess.SubprocessError, kit.CaseError) as e:
        return [f"{type(e).__name__}: {e}"]
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("words", nargs="*")
    parser.add_argument("-j", type=int, default=2, help="cases at a time")
    parser.add_argument("-v", action="store_true", help="name the cases that pass, too")
    parser.add_argument("-k", action="store_true", help="keep the trees")
    args = parser.parse_args()
    cases = kit.read_all(args.words)
    others = [o for c in cases for o in variants(c)]
    with ThreadPoolExecutor(args.j) as pool:
        results = list(pool.map(lambda c: judge_case(args.program, c, args.k), cases))
        more = list(pool.map(lambda c: judge_case(args.program, c, args.k, False), others))
    bad = worse = 0
    for case, faults in zip(cases, results):
        bad += bool(faults)
        if faults or args.v:
            print(f"{'FAIL' if faults else 'ok'} {case.full}: {case.title}")
        for f in faults:
            print(f"  {f}")
    runs = [c for c in cases if c.run]
    here = sum(c.runs_here() for c in runs)
    print(
        f"{len(cases)} cases, {len(cases) - bad} pass, {bad} fail; {here} were run before and after"
        + (
            f", {len(runs) - here} need a newer Python than {sys.version.split()[0]}"
            if here < len(runs)
            else ""
        )
    )
    failed = {c.full for c, faults in zip(cases, results) if faults}
    for case, faults in zip(others, more):
        worse += bool(faults)
        if faults and case.full.split("+")[0] not in failed:
            print(f"FAIL {case.full}")
            for f in faults:
                print(f"  {f}")
    print(f"{len(others)} cases in other line ends, {len(others) - worse} pass")
    if not cases:
        print("no case has such a name")
    return 1 if bad or worse or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
