#!/usr/bin/env python3
"""Does every man page name the options that --help names, and no others?

Looks at each docs/man/*.1 and asks the program of that name in FORTRESS_BIN (default: build/);
extract and load are asked for each of their sources and targets. Environment variables too.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("FORTRESS_BIN", ROOT / "build"))
PAGES = ROOT / "docs/man"


def ask(program, *args):
    done = subprocess.run([BIN / program, *args], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False)
    return done.stdout, done.stderr


def plugins(program):
    """The words that may follow the command: sources of extract, targets of load, else none."""
    if program == "fortress-extract":
        listed = re.search(r"one of (.+)$", ask(program)[1].strip())
        return listed[1].split(", ") if listed else []
    if program == "fortress-load":
        listed = re.search(r"^Targets:\n((?:  .+\n)+)", ask(program, "--help")[0], re.M)
        return [line.split()[0] for line in listed[1].splitlines()] if listed else []
    return []


def help_of(program):
    words = plugins(program)
    if program in ("fortress-extract", "fortress-load") and not words:
        sys.exit(f"check_help: {program} does not say what its sources or targets are")
    texts = [ask(program, "--help")[0]] + [ask(program, word, "--help")[0] for word in words]
    return "\n".join(texts), words


def flags_of_help(text):
    """The lines that describe an option; those in running text are not meant."""
    found = re.findall(r"^ +(?:-(\w), )?--([a-z][a-z-]*)", text, re.M)
    return {f"--{name}" for _, name in found} | {f"-{letter}" for letter, _ in found if letter}


def flags_of_page(text):
    """Items of option lists: .It Fl c , Fl -config Ar FILE."""
    items = "\n".join(re.findall(r"^\.It (?:Fl|Xo) .*$", text, re.M)).replace("\\-", "-")
    items = items.replace("Fl Fl ", "Fl -")
    return {f"-{name}" for name in re.findall(r"\bFl (-?[A-Za-z][a-z-]*)", items)}


def variables_of_help(text):
    parts = text.split("Environment:\n")[1:]
    return {v for part in parts for v in re.findall(r"^  ([A-Z][A-Z0-9_]+)", part.split("\n\n")[0], re.M)}


def check(page):
    program = page.stem
    text = page.read_text(encoding="utf-8")
    if not (BIN / program).is_file():
        return [f"{page.name}: there is no program {program} in {BIN}"]
    shown, words = help_of(program)
    want, have = flags_of_help(shown), flags_of_page(text)
    # The dispatcher's own --help describes commands, not options.
    stale = have - want if program != "fortress" else set()
    return ([f"{page.name}: {flag} of --help is missing" for flag in sorted(want - have)] +
            [f"{page.name}: {flag} is not in --help" for flag in sorted(stale)] +
            [f"{page.name}: {word} is missing" for word in words
             if not re.search(rf"\bCm {word}\b", text)] +
            [f"{page.name}: variable {v} is missing"
             for v in sorted(variables_of_help(shown)) if v not in text])


def main():
    pages = sorted(PAGES.glob("*.1"))
    if not pages:
        sys.exit("check_help: no man pages in docs/man")
    complaints = [line for page in pages for line in check(page)]
    for line in complaints:
        print(line)
    if complaints:
        sys.exit(1)
    print(f"{len(pages)} man pages agree with --help")


if __name__ == "__main__":
    main()
