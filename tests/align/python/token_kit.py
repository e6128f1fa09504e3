"""What the two oracles of the tokenizer share: files through dump_tokens, and the comparison."""

import os
import subprocess
import tokenize
from multiprocessing import Pool

(END, NAME, NUMBER, STRING, FSTRING_START, FSTRING_MIDDLE, FSTRING_END, OP, NEWLINE, NL, COMMENT,
 INDENT, DEDENT) = range(13)
WORDS = ("END NAME NUMBER STRING FSTRING_START FSTRING_MIDDLE FSTRING_END OP NEWLINE NL COMMENT"
         " INDENT DEDENT").split()


class Refused(Exception):
    """One of the two does not take the file; the text says why."""


def is_utf8(path):
    try:
        with open(path, "rb") as file:
            return tokenize.detect_encoding(file.readline)[0].startswith("utf-8")
    except SyntaxError:
        return True


def ours(program, paths):
    """For each file its tokens, as lines "kind line column line column", or a Refused."""
    names = b"".join((b"u" if is_utf8(path) else b"b") + os.fsencode(path) + b"\0"
                     for path in paths)
    done = subprocess.run([program], input=names, capture_output=True, timeout=120, check=False)
    if done.returncode or done.stderr:
        raise SystemExit(f"dump_tokens ended with {done.returncode}: {done.stderr.decode()}")
    lines = done.stdout.decode(errors="replace").split("\n")
    at = 0
    for _ in paths:
        head = lines[at]
        at += 1
        if head.startswith("! "):
            yield Refused(head[2:])
        else:
            n = int(head[2:])
            yield lines[at:at + n]
            at += n


def fstrings_as_one(tokens):
    """Until 3.11 an f-string is one token."""
    if not any(line.startswith("4 ") for line in tokens):
        return tokens
    ret = []
    depth = 0
    for line in tokens:
        if line.startswith("4 "):
            if depth == 0:
                start = line.split()[1:3]
            depth += 1
        elif line.startswith("6 "):
            depth -= 1
            if depth == 0:
                ret.append(" ".join(["3", *start, *line.split()[3:]]))
        elif depth == 0:
            ret.append(line)
    return ret


def describe(line):
    kind, *rest = line.split()
    return f"{WORDS[int(kind)]} {rest[0]}:{rest[1]}-{rest[2]}:{rest[3]}" if rest else line


def difference(path, got, want):
    """The first place where two lists of tokens part."""
    for i, (a, b) in enumerate(zip(got, want)):
        if a != b:
            return f"{path}: token {i}: {describe(a)}, the oracle has {describe(b)}"
    return f"{path}: {len(got)} tokens, the oracle has {len(want)}"


def in_chunks(work, files, size=24):
    """All results of work(files), by two processes."""
    chunks = [files[i:i + size] for i in range(0, len(files), size)]
    with Pool(2) as pool:
        for results in pool.imap_unordered(work, chunks):
            yield from results
