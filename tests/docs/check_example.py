#!/usr/bin/env python3
"""Is what docs/STREAM.md shows true?

The worked example is docs/stream-example.ndjson byte for byte, its hashes are recomputed, and the
programs in FORTRESS_BIN (default: build/) accept and reproduce it. The lines that show the forms of
vectors are read by them too.
"""

import ctypes
import ctypes.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("FORTRESS_BIN", ROOT / "build"))
NOT_WHOLE = 3  # exit status of load: one tenant of the example is COLD


class Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def xxh3_128(data):
    """By the library that the programs link, but by code of our own around it."""
    library = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
    library.XXH3_128bits.restype = Hash128
    library.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    found = library.XXH3_128bits(data, len(data))
    return found.high << 64 | found.low


def block(text, kind):
    found = re.findall(rf"^```ndjson {kind}\n(.*?)^```$", text, re.M | re.S)
    assert len(found) == 1, f"docs/STREAM.md has {len(found)} blocks '{kind}'"
    return found[0].encode()


def run(name, *args, stdin):
    return subprocess.run([BIN / f"fortress-{name}", *args], input=stdin, capture_output=True,
                          timeout=60, check=False)


def check_digest(text, example):
    lines = example.decode().splitlines()
    sums = {}
    for number, line in enumerate(lines, 1):
        record = json.loads(line)
        if record["type"] not in ("point", "delete"):
            continue
        value = xxh3_128(line.encode())
        name = record["collection"]
        sums[name] = (sums.get(name, 0) + value) % (1 << 128)
        assert f"| {number} | `{value:032x}` |" in text, f"line {number} hashes to {value:032x}"
    end = json.loads(lines[-1])
    assert end["digest"] == {name: f"{value:032x}" for name, value in sums.items()}, end["digest"]
    for value in sums.values():
        assert f"| sum modulo 2^128 | `{value:032x}` |" in text, f"the sum is {value:032x}"


def check_programs(example):
    loaded = run("load", "null", stdin=example)
    said = f"load null: {loaded.returncode} {loaded.stderr.decode()}"
    assert loaded.returncode == NOT_WHOLE, said
    copied = run("transform", "--plain", stdin=example)
    assert copied.returncode == 0, copied.stderr.decode()
    assert copied.stdout == example, "transform without steps gives other bytes"
    packed = run("transform", stdin=example)
    again = run("transform", "--plain", stdin=packed.stdout)
    assert again.stdout == example, "through zstd and back gives other bytes"
    cut = run("load", "null", stdin=example[:-len(example.splitlines(True)[-1])])
    assert cut.returncode == 75, f"without its end: {cut.returncode} {cut.stderr.decode()}"


def check_vectors(points):
    around = (b'{"type":"stream","version":1,"run":"docs"}\n'
              b'{"type":"collection","name":"Passage"}\n',
              b'{"type":"end","scopes":[],"digest":{}}\n')
    done = run("transform", "--reseal", "--plain", "--vectors", "json",
               stdin=around[0] + points + around[1])
    assert done.returncode == 0, done.stderr.decode()
    shown = [json.loads(line) for line in done.stdout.splitlines()[2:-1]]
    assert len(shown) == len(points.splitlines())
    by_id = {p["id"]: p.get("vector") for p in shown}
    assert by_id[1] == by_id[2], "points 1 and 2 differ"
    assert by_id[4] == by_id[5], "points 4 and 5 differ"


def main():
    text = (ROOT / "docs/STREAM.md").read_text(encoding="utf-8")
    example = (ROOT / "docs/stream-example.ndjson").read_bytes()
    assert block(text, "example") == example, "docs/STREAM.md and docs/stream-example.ndjson differ"
    check_digest(text, example)
    check_programs(example)
    check_vectors(block(text, "vectors"))
    print("docs/STREAM.md: the example holds")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as failure:
        sys.exit(f"check_example: {failure}")
