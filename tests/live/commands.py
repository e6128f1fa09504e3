"""Runs the commands under test and keeps what they said.

FORTRESS_BIN is the directory that holds `fortress`, by default build/ of this source tree.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("FORTRESS_BIN", ROOT / "build"))
TIMEOUT = 300


def program(name="fortress"):
    """Path of a built command, wherever in the build directory it stands; None without one."""
    direct = BIN / name
    if direct.is_file():
        return str(direct)
    return next((str(p) for p in sorted(BIN.glob(f"**/{name}")) if p.is_file()), None)


@dataclass
class Result:
    """How a command ended: exit code (128 + n for a signal), standard output, standard error."""

    code: int
    out: bytes
    err: str

    def lines(self, level="error"):
        return [line for line in self.err.splitlines() if f": {level}: " in line]


def environment(extra=None):
    """The environment of a command; a value of None removes the variable."""
    env = {**os.environ, **(extra or {})}
    return {k: v for k, v in env.items() if v is not None}


def _code(status):
    return 128 - status if status < 0 else status


def run(*args, stdin=b"", env=None, stdout=subprocess.PIPE, timeout=TIMEOUT):
    """`fortress ARGS` with bytes, or an open file, as standard input."""
    given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    done = subprocess.run([program(), *map(str, args)], stdout=stdout, stderr=subprocess.PIPE,
                          env=environment(env), timeout=timeout, check=False, **given)
    return Result(_code(done.returncode), done.stdout or b"", done.stderr.decode())


def pipe(*stages, env=None, timeout=TIMEOUT):
    """`fortress A | fortress B | ...`; the results of all stages, in order."""
    running, feed = [], None
    for stage in stages:
        process = subprocess.Popen([program(), *map(str, stage)], stdin=feed or subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment(env))
        if feed:
            feed.close()
        feed = process.stdout
        running.append(process)
    out, err = running[-1].communicate(timeout=timeout)
    results = []
    for process in running[:-1]:
        results.append(Result(_code(process.wait(timeout=timeout)), b"",
                              process.stderr.read().decode()))
    return [*results, Result(_code(running[-1].returncode), out, err.decode())]


def plain(stream):
    """The lines of a stream, decompressed when it is compressed."""
    if stream[:4] == b"\x28\xb5\x2f\xfd":
        stream = subprocess.run(["zstd", "-dc", "--long=27"], input=stream, check=True,
                                stdout=subprocess.PIPE).stdout
    return stream.splitlines(keepends=True)
