#!/usr/bin/env python3
"""Does every man page name the options that --help names, and no others?

Looks at each docs/man/*.1 and asks the program of that name in FORTRESS_BIN (default: build/);
extract and load are asked for each of their sources and targets. Environment variables too. The
common options of all commands may stand in fortress.1 in place of the command's own page.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("FORTRESS_BIN", ROOT / "build"))
PAGES = ROOT / "docs/man"
COMMANDS = ("align", "extract", "load", "migrate", "transform")


def ask(program, *args):
    done = subprocess.run([BIN / program, *args], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False)
    return done.stdout, done.stderr


def plugins(program):
    """The words that may follow the command: sources of extract, targets of load, else none."""
    if program == "fortress-extract":
        listed = re.search(r"one of (.+)$", ask(program)[1].strip())
        words = listed[1].split(", ") if listed else []
    elif program == "fortress-load":
        listed = re.search(r"^Targets:\n((?:  .+\n)+)", ask(program, "--help")[0], re.M)
        words = [line.split()[0] for line in listed[1].splitlines()] if listed else []
    else:
        return []
    if not words:
        sys.exit(f"check_help: {program} does not say what its sources or targets are")
    return words


def flags_of_help(text):
    """The lines that describe an option; those in running text are not meant."""
    found = re.findall(r"^ +(?:-(\w), )?--([a-z][a-z-]*)", text, re.M)
    return {f"--{name}" for _, name in found} | {f"-{letter}" for letter, _ in found if letter}


def variables_of_help(text):
    parts = text.split("Environment:\n")[1:]
    return {v for part in parts
            for v in re.findall(r"^  ([A-Z][A-Z0-9_]+)", part.split("\n\n")[0], re.M)}


def plain(page):
    """The page's source without fonts and escapes."""
    text = page.read_text(encoding="utf-8")
    text = text.replace("\\-", "-").replace("\\(hy", "-").replace('"', "")
    text = re.sub(r"\bFl (-?\w)", r"-\1", text)  # mdoc: Fl -name, Fl n
    return re.sub(r"\\f(\[\w*\]|\(..|.)", "", text)


def flags_in(text):
    flags = re.findall(r"(?<![\w-])(--[a-z][a-z-]+|-[A-Za-z])(?![\w-])", text)
    return {flag.rstrip("-") for flag in flags}


def tags(text):
    """The lines that head a paragraph: those behind .TP (man), or .It (mdoc)."""
    found = re.findall(r"^\.T[PQ].*\n(.*)$|^\.It (.*)$", text, re.M)
    return "\n".join(man or mdoc for man, mdoc in found)


def check(page, shared):
    program = page.stem
    if not (BIN / program).is_file():
        return [f"{page.name}: there is no program {program} in {BIN}"]
    text = plain(page)
    if program == "fortress":
        return []
    words = plugins(program)
    helps = [ask(program, "--help")[0]] + [ask(program, word, "--help")[0] for word in words]
    want = set().union(*(flags_of_help(h) for h in helps))
    common = set().union(*(flags_of_help(h.split("Common options:")[-1]) for h in helps))
    have = flags_in(tags(text)) | (common & shared if re.search(r"fortress \(?1", text) else set())
    variables = set().union(*(variables_of_help(h) for h in helps))
    return ([f"{page.name}: {flag} of --help is missing" for flag in sorted(want - have)] +
            [f"{page.name}: {flag} is not in --help" for flag in sorted(have - want)] +
            [f"{page.name}: {word} is missing" for word in words
             if not re.search(rf"\b{word}\b", text)] +
            [f"{page.name}: variable {v} is missing" for v in sorted(variables) if v not in text])


def main():
    pages = sorted(PAGES.glob("*.1"))
    absent = [c for c in ("fortress", *(f"fortress-{c}" for c in COMMANDS))
              if not (PAGES / f"{c}.1").is_file()]
    complaints = [f"{name}.1 is missing" for name in absent]
    shared = flags_in(tags(plain(PAGES / "fortress.1"))) if "fortress" not in absent else set()
    complaints += [line for page in pages for line in check(page, shared)]
    for line in complaints:
        print(line)
    if complaints:
        sys.exit(1)
    print(f"{len(pages)} man pages agree with --help")


if __name__ == "__main__":
    main()
