#!/usr/bin/env python3
"""Gives modules and classes of the package email new names; its own tests must pass as before.

    check_package_rewrite.py PROGRAM

email is pure Python, imports in every way (relative, absolute, in functions, by __all__), and has
hundreds of tests. One of them compares __all__ with a list of strings, which are no paths; that one
may fail. Exit status 77: the tests of the standard library are not installed.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

RULES = """\
files:
  - promote: email/message.py
    to: email/mail.py
    rename: {Message: Letter, EmailMessage: FullLetter}
  - promote: email/generator.py
    to: email/writer.py
    rename: {Generator: Writer}
  - promote: email/_policybase.py
    to: email/_rulebase.py
    rename: {Policy: Rule, compat32: as_of_old}
"""
GONE = re.compile(r"\b(EmailMessage|_policybase|compat32)\b")
TESTS = ("email", "message", "generator", "policy", "parser", "defect_handling", "utils")
MAY_FAIL = {"test__all__"}


def copy_package(root):
    source = Path(sysconfig.get_path("stdlib"))
    if not (source / "test/test_email/test_email.py").exists():
        print(f"{source} has no tests: not checked")
        sys.exit(77)
    ignore = shutil.ignore_patterns("__pycache__")
    (root / "test").mkdir(parents=True)
    shutil.copyfile(source / "test/__init__.py", root / "test/__init__.py")
    for path in ("email", "test/support", "test/test_email"):
        shutil.copytree(source / path, root / path, ignore=ignore)
    (root / ".fortress-align.yaml").write_text(RULES)


def run_tests(root):
    """The tests that fail, and how many there were."""
    names = [f"test.test_email.test_{t}" for t in TESTS]
    command = [sys.executable, "-B", "-m", "unittest", *names]
    done = subprocess.run(
        command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    ran = re.search(r"^Ran (\d+) tests", done.stderr, re.M)
    if not ran:
        print(done.stderr[-3000:])
        sys.exit("the tests did not run")
    return set(re.findall(r"^(?:FAIL|ERROR): (\S+)", done.stderr, re.M)), int(ran[1])


def main():
    with tempfile.TemporaryDirectory(prefix="align-package-") as folder:
        root = Path(folder) / "tree"
        copy_package(root)
        before, count = run_tests(root)
        env = dict(os.environ, HOME=folder, XDG_STATE_HOME=folder)
        command = [os.path.abspath(sys.argv[1]), "--fix", "--format", "text"]
        done = subprocess.run(command, cwd=root, env=env, check=False, capture_output=True)
        print(done.stdout.decode().strip().split("\n")[-1])
        after, again = run_tests(root)
        left = [
            f"{path.relative_to(root)}: {m[0]}"
            for path in sorted((root / "email").rglob("*.py"))
            for m in [re.search(rf"^\s*(?:from|import) .*{GONE.pattern}", path.read_text(), re.M)]
            if m
        ]
    print(f"{count} tests before, {again} after; fail now: {sorted(after - before)}")
    print("\n".join(left))
    return 1 if left or after - before - MAY_FAIL or count != again or done.returncode > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
