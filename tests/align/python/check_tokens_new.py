#!/usr/bin/env python3
"""Our tokens of syntax that the installed Python may not know (3.12 to 3.14), against pytokens.

check_tokens_new.py DUMP_TOKENS: the files of new_syntax/ by kind and by position of start and end.
Skipped, and says so, where pytokens is not installed (tests/sandbox/requirements.txt); it is looked
for in this Python and in FORTRESS_VENV.
"""

import os
import sys
from pathlib import Path

import token_kit as kit

HERE = Path(__file__).resolve().parent
VENV = Path(os.environ.get("FORTRESS_VENV", HERE.parents[2] / "build/venv")) / "bin/python"

try:
    import pytokens
except ImportError:
    if VENV.exists() and "--again" not in sys.argv:
        os.execv(VENV, [VENV, __file__, *sys.argv[1:], "--again"])
    print(f"SKIPPED: no pytokens, neither in {sys.executable} nor in {VENV};"
          " scripts/test installs it")
    sys.exit(77)

KINDS = {"identifier": kit.NAME, "number": kit.NUMBER, "string": kit.STRING,
         "newline": kit.NEWLINE, "nl": kit.NL, "comment": kit.COMMENT, "indent": kit.INDENT,
         "dedent": kit.DEDENT, "endmarker": kit.END}
for which in "ft":
    KINDS.update({f"{which}string_start": kit.FSTRING_START, f"{which}string_end": kit.FSTRING_END,
                  f"{which}string_middle": kit.FSTRING_MIDDLE})
for which in "op semicolon lparen rparen lbracket rbracket lbrace rbrace colon".split():
    KINDS[which] = kit.OP


def theirs(path):
    for token in pytokens.tokenize(path.read_text(encoding="utf-8")):
        kind = token.type.name
        if kind == "whitespace":
            continue
        place = f"{token.start_line} {token.start_col} {token.end_line} {token.end_col}"
        if KINDS[kind] != kit.FSTRING_MIDDLE or token.start_index < token.end_index:
            yield f"{KINDS[kind]} {place}"


def main():
    files = sorted((HERE / "new_syntax").glob("*.py"))
    tokens = 0
    bad = []
    for path, got in zip(files, kit.ours(sys.argv[1], files)):
        if isinstance(got, kit.Refused):
            bad.append(f"{path.name}: refused: {got}")
            continue
        want = list(theirs(path))
        tokens += len(want)
        if got != want:
            bad.append(kit.difference(path.name, got, want))
    for line in bad:
        print(line)
    print(f"pytokens: {len(files)} files, {tokens} tokens compared, {len(bad)} differences")
    return 1 if bad or tokens < 1400 else 0


if __name__ == "__main__":
    sys.exit(main())
