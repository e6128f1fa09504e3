#!/usr/bin/env python3
"""Runs the golden cases: what goes into the programs, and what comes out.

A case is a folder of cases/ with
  cmd        a shell script; the programs are on PATH, data/ is $DATA, scratch is the current folder
  in*        copied into the scratch folder (not needed when $DATA has what the case reads)
  out        standard output to the byte; or out.glob, line by line; without both it must be empty
  err.glob   standard error, line by line; without it, it must be empty
  exit       the exit status; without it, 0
In a .glob a '*' stands for any characters of a line, and a line '...' for any lines.

usage: run.py [--update] [--list] [CASE..]      FORTRESS_BIN: the folder of the programs
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE / "cases"
LIMIT = 60  # seconds for one case


def run(case, scratch):
    """The case's (standard output, standard error, exit status)."""
    for path in case.glob("in*"):
        shutil.copy(path, scratch)
    # No setting of the one who runs this counts.
    env = {
        "PATH": os.environ["FORTRESS_BIN"] + ":" + os.environ["PATH"],
        "FORTRESS_BIN": os.environ["FORTRESS_BIN"],
        "DATA": str(HERE / "data"),
        "HOME": scratch,
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "xterm",
    }
    for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    done = subprocess.run(
        ["sh", str(case / "cmd")],
        cwd=scratch,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    return done.stdout, done.stderr, done.returncode


def matches(pattern, text):
    """Whether the lines of text are those of the pattern."""
    parts = []
    for line in pattern.splitlines():
        if line == "...":
            parts.append(r"(?:[^\n]*\n)*")
        else:
            parts.append("[^\n]*".join(re.escape(part) for part in line.split("*")) + "\n")
    if text and not text.endswith("\n"):
        text += "\n"
    return re.fullmatch("".join(parts), text) is not None


def compare(case, name, got):
    """None, or what was expected of this output in words."""
    text = got.decode("utf-8", "replace")
    exact, glob = case / name, case / (name + ".glob")
    if glob.exists():
        pattern = glob.read_text(encoding="utf-8")
        return None if matches(pattern, text) else f"{name} should match:\n{pattern}but is:\n{text}"
    want = exact.read_bytes() if exact.exists() else b""
    if got == want:
        return None
    return f"{name} should be:\n{want.decode('utf-8', 'replace')}but is:\n{text}"


def wanted_exit(case):
    path = case / "exit"
    return int(path.read_text(encoding="ascii")) if path.exists() else 0


def check(case):
    """What is wrong with the case, as a list of texts."""
    with tempfile.TemporaryDirectory(prefix="golden-") as scratch:
        try:
            out, err, status = run(case, scratch)
        except subprocess.TimeoutExpired:
            return [f"takes more than {LIMIT} seconds"]
    wrong = [compare(case, "out", out), compare(case, "err", err)]
    if status != wanted_exit(case):
        wrong.append(f"exit status should be {wanted_exit(case)} but is {status}")
    return [text for text in wrong if text]


def write(path, data):
    if data:
        path.write_bytes(data)
    else:
        path.unlink(missing_ok=True)


def update(case):
    """Rewrites what differs. A .glob that still matches is left alone."""
    with tempfile.TemporaryDirectory(prefix="golden-") as scratch:
        out, err, status = run(case, scratch)
    if compare(case, "out", out):
        glob = (case / "out.glob").exists()
        write(case / ("out.glob" if glob else "out"), out)
    if compare(case, "err", err):
        write(case / "err.glob", err)
    write(case / "exit", f"{status}\n".encode() if status else b"")


def main():
    parser = argparse.ArgumentParser(description="runs the golden cases")
    parser.add_argument("--update", action="store_true", help="make what comes out the expectation")
    parser.add_argument("--list", action="store_true", help="show the names of the cases")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    args = parser.parse_args()
    names = args.cases or sorted(path.name for path in CASES.iterdir() if (path / "cmd").exists())
    if args.list:
        print("\n".join(names))
        return 0
    if not os.environ.get("FORTRESS_BIN"):
        sys.exit("run.py: set FORTRESS_BIN to the folder of the programs")
    failed = 0
    for name in names:
        case = CASES / name
        if not (case / "cmd").exists():
            sys.exit(f"run.py: there is no case {name}")
        if args.update:
            update(case)
        wrong = check(case)
        print(f"{'FAILED' if wrong else 'ok':7} {name}")
        for text in wrong:
            print("    " + text.replace("\n", "\n    "))
        failed += bool(wrong)
    print(f"{len(names) - failed} of {len(names)} cases passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
