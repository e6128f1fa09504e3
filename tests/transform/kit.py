"""What the tests of steps that ask a server share: streams in, streams out."""

import base64
import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get('FORTRESS_BIN', ROOT / 'build'))
sys.path.insert(0, str(ROOT / 'tests/sandbox'))

HEADER = '{"type":"stream","version":1,"run":"e24712de-9a00-4837-8cac-c2626f42772d"}'
COLLECTION = '{"type":"collection","name":"A","vectors":{},"sparse":{},"payload":{}}'


def point(number, payload, **more):
    return {'type': 'point', 'collection': 'A', 'id': number, **more, 'payload': payload}


def stream(lines, collection=COLLECTION):
    """A whole stream of these records; a list of several is read as several batches where long."""
    texts = [
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines
    ]
    end = {
        'type': 'end',
        'scopes': [
            {'collection': 'A', 'points': len(texts), 'deletes': 0, 'rejected': 0, 'whole': True}
        ],
        'digest': {'A': '0' * 32},
    }
    return '\n'.join([HEADER, collection, *texts, json.dumps(end)]) + '\n'


class Done:
    """What a run of transform left: points, collection lines, messages, exit status."""

    def __init__(self, process):
        self.status = process.returncode
        self.err = process.stderr.decode()
        self.lines = [json.loads(line) for line in process.stdout.splitlines()]
        self.points = [line for line in self.lines if line['type'] == 'point']
        self.collections = [line for line in self.lines if line['type'] == 'collection']


def environment(**more):
    """Nothing of the one who runs this counts."""
    env = {'PATH': os.environ['PATH'], 'HOME': tempfile.gettempdir(), 'LC_ALL': 'C.UTF-8'}
    for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS'):
        if name in os.environ:
            env[name] = os.environ[name]
    return {**env, **more}


def transform(steps, text, *flags, env=None, timeout=60):
    """Steps as Python data or texts; --reseal stands in for the digest."""
    given = []
    for step in steps:
        given += ['--step', step if isinstance(step, str) else json.dumps(step)]
    return Done(
        subprocess.run(
            [str(BIN / 'fortress-transform'), '--plain', '--reseal', *given, *flags],
            input=text.encode(),
            env=env or environment(),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    )


def floats(text):
    raw = base64.b64decode(text)
    return struct.unpack(f'<{len(raw) // 4}f', raw)


def digest(lines):
    return hashlib.sha256(json.dumps(lines, sort_keys=True).encode()).hexdigest()
