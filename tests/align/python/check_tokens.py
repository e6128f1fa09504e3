#!/usr/bin/env python3
"""Our tokens of the standard library and its tests against those of Python's own tokenize.

check_tokens.py DUMP_TOKENS, by any Python from 3.8 on: it compares with the tokenize and the
library of the Python that runs it, by kind and by position of start and end. Three things are no
difference: before 3.12 an f-string is one token, so our pieces of it are joined; from 3.12 on
tokenize cuts the text of an f-string behind {{ and }} and \\N{..}, so its pieces are joined; and at
the end of a file without a last line end it puts what it makes up into a line that is not there.
"""

import functools
import io
import sys
import sysconfig
import tokenize
from pathlib import Path

import token_kit as kit

KINDS = {getattr(tokenize, name): getattr(kit, name)
         for name in "NAME NUMBER STRING OP NEWLINE NL COMMENT INDENT DEDENT".split()}
KINDS[tokenize.ENDMARKER] = kit.END
for python, mine in (("FSTRING", "FSTRING"), ("TSTRING", "FSTRING")):
    for part in ("START", "MIDDLE", "END"):
        if hasattr(tokenize, f"{python}_{part}"):
            KINDS[getattr(tokenize, f"{python}_{part}")] = getattr(kit, f"{mine}_{part}")
WHOLE_FSTRINGS = sys.version_info < (3, 12)

# Files that one of the two refuses and the other takes, and why that is right.
if WHOLE_FSTRINGS:
    ONLY_OURS_REFUSES = {}
    ONLY_PYTHON_REFUSES = {
        "test/test_unicode_identifiers.py": "a letter that its pattern for names does not know",
    }
else:
    ONLY_OURS_REFUSES = {
        "test/test_lib2to3/data/py2_test_grammar.py": "backquotes of Python 2 pass as operators",
        "test/tokenizedata/badsyntax_3131.py": "a name with a euro sign passes",
    }
    ONLY_PYTHON_REFUSES = {}
# Counts the columns of strings of several lines wrongly where they are not ASCII.
WRONG_ENDS = (3, 12) <= sys.version_info < (3, 12, 2)


def read(path):
    data = path.read_bytes()
    encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    return io.TextIOWrapper(io.BytesIO(data), encoding).read()


def joined(tokens, lines):
    """The pieces of text between two fields as one. Of a doubled brace the second is outside."""
    ret = []
    for kind, start, end in tokens:
        if kind == kit.FSTRING_MIDDLE:
            if ret and ret[-1][0] == kind:
                start = ret.pop()[1]
        elif ret and ret[-1][0] == kit.FSTRING_MIDDLE:
            middle = ret.pop()
            if middle[2] != start:
                line, column = middle[2]
                assert lines[line - 1][column] in "{}", "a gap that is no brace"
                middle = (middle[0], middle[1], (line, column + 1))
            if middle[1] != middle[2]:
                ret.append(middle)
        ret.append((kind, start, end))
    return ret


def theirs(path):
    try:
        text = read(path)
        tokens = []
        for kind, string, start, end, _ in tokenize.generate_tokens(io.StringIO(text).readline):
            if kind not in KINDS:
                raise kit.Refused(f"{tokenize.tok_name[kind]} {string!r} in line {start[0]}")
            if kind in (tokenize.NEWLINE, tokenize.NL):
                end = start[0], start[1] + len(string)
            elif WRONG_ENDS and "\n" in string:
                end = end[0], len(string) - string.rindex("\n") - 1
            tokens.append((KINDS[kind], start, end))
    except (SyntaxError, UnicodeDecodeError, tokenize.TokenError) as error:
        raise kit.Refused(f"{type(error).__name__}: {error}") from error
    if not WHOLE_FSTRINGS:
        tokens = joined(tokens, text.split("\n"))
    return [f"{kind} {a} {b} {c} {d}" for kind, (a, b), (c, d) in tokens], text


def end_apart(tokens):
    """Without the places of what is made up at the end, and without empty ends of blank lines."""
    last = len(tokens)
    while last and tokens[last - 1].split()[0] in ("0", "12"):
        last -= 1
    tail = [line.split()[0] for line in tokens[last:]]
    while last and tokens[last - 1].split()[0] in ("8", "9"):
        kind, line, column, line2, column2 = tokens[last - 1].split()
        if column != column2:
            break
        last -= 1
    return tokens[:last] + tail


def compare(program, paths):
    """For each file: its path, the number of tokens, what is wrong or None, who refuses it."""
    ret = []
    for path, got in zip(paths, kit.ours(program, paths)):
        refused = isinstance(got, kit.Refused)
        try:
            want, text = theirs(path)
        except kit.Refused as error:
            ret.append((path, 0, None, "both" if refused else "python", f"{error}"))
            continue
        if refused:
            ret.append((path, 0, None, "ours", f"{got}"))
            continue
        if WHOLE_FSTRINGS:
            got = kit.fstrings_as_one(got)
        if not text.endswith("\n"):
            got, want = end_apart(got), end_apart(want)
        wrong = None if got == want else kit.difference(path, got, want)
        ret.append((path, len(want), wrong, None, None))
    return ret


def main():
    library = Path(sysconfig.get_path("stdlib"))
    files = sorted(path for path in library.rglob("*.py")
                   if not {"site-packages", "dist-packages"} & set(path.parts))
    # Debian has the tests in a package of their own.
    with_tests = (library / "test/test_grammar.py").exists()
    least = 1500 if with_tests else 500
    tokens = compared = 0
    bad = []
    refused = {"both": {}, "ours": {}, "python": {}}
    for path, n, wrong, who, why in kit.in_chunks(
            functools.partial(compare, sys.argv[1]), files):
        if who:
            refused[who][path.relative_to(library).as_posix()] = why
            continue
        tokens += n
        compared += 1
        if wrong:
            bad.append(wrong)
    for who, listed in (("ours", ONLY_OURS_REFUSES), ("python", ONLY_PYTHON_REFUSES)):
        for name, why in refused[who].items():
            if name not in listed:
                bad.append(f"{name}: refused by {who} alone: {why}")
        for name in listed:
            if name not in refused[who] and (library / name).exists():
                bad.append(f"{name}: listed as refused by {who} alone, which is not so")
    for line in sorted(bad)[:40]:
        print(line)
    print(f"Python {sys.version.split()[0]}, {library}"
          f"{'' if with_tests else ', WITHOUT its tests (libpython3.11-testsuite is missing)'}:"
          f" {compared} files, {tokens} tokens compared, {len(bad)} differences;"
          f" refused by both {len(refused['both'])}, by one {len(refused['ours'])}"
          f" + {len(refused['python'])}")
    if "-v" in sys.argv:
        for name, why in sorted(refused["both"].items()):
            print(f"refused by both: {name}: {why}")
    if compared < least:
        print(f"only {compared} files, {least} are expected")
    return 1 if bad or compared < least else 0


if __name__ == "__main__":
    sys.exit(main())
