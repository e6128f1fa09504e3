"""A sandbox of our own, always: faults are never injected into a server that somebody else uses."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get('FORTRESS_BIN', ROOT / 'build'))


class Sandbox:
    """Addresses of the stand-ins, and the commands run against them."""

    def __init__(self, env, scratch):
        self.env = env
        self.scratch = scratch

    def faults(self, side, rules, seed=7):
        """Replaces the fault rules of one server; [] for none."""
        body = json.dumps({'seed': seed, 'rules': rules}).encode()
        url = self.env[f'{side.upper()}_URL'] + '/_sandbox/faults'
        urllib.request.urlopen(urllib.request.Request(url, body, method='POST'), timeout=10).read()

    def rest(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.env['QDRANT_URL'] + path, data, method=method,
                                         headers={'content-type': 'application/json'})
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)['result']

    def count(self, collection):
        path = f'/collections/{collection}/points/count'
        return self.rest('POST', path, {'exact': True})['count']

    def run(self, *args, env=None, stdin=None, timeout=180):
        """`fortress ARGS`: the finished process, output as bytes."""
        return subprocess.run([str(BIN / 'fortress'), *args], env={**self.env, **(env or {})},
                              stdin=stdin or subprocess.DEVNULL, capture_output=True,
                              timeout=timeout, check=False)

    def start(self, *args, **more):
        return subprocess.Popen([str(BIN / 'fortress'), *args], env=self.env, **more)

    def points(self, result):
        """The point lines of a plain stream, sorted: what a run read, whatever its order."""
        return sorted(line for line in result.stdout.splitlines()
                      if line.startswith(b'{"type":"point"'))


@pytest.fixture(scope='session')
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp('sandbox')
    script = str(ROOT / 'tests/sandbox/sandbox')
    clean = {k: v for k, v in os.environ.items()
             if not k.startswith(('WEAVIATE_', 'QDRANT_'))}
    subprocess.run([script, 'start', '--dir', str(folder)], env=clean, check=True,
                   capture_output=True, timeout=300)
    for line in (folder / 'env').read_text().splitlines():
        name, _, value = line.removeprefix('export ').partition('=')
        clean[name] = value.strip('\'"')
    try:
        classes = ['Cosine', 'Book', 'Author', 'Publisher', 'Tenants', 'NamedVectors', 'Skewed']
        only = [word for name in classes for word in ('--only', name)]
        subprocess.run([sys.executable, '-W', 'ignore', str(ROOT / 'tests/live/seed.py'), '--scale',
                        '0.2', *only], env=clean, check=True, capture_output=True, timeout=300)
        yield Sandbox(clean, folder)
    finally:
        subprocess.run([script, 'stop', '--dir', str(folder)], env=clean, check=False,
                       capture_output=True, timeout=60)


@pytest.fixture(autouse=True)
def calm(sandbox):
    """Every test starts and ends without faults, on an empty target."""
    sandbox.faults('weaviate', [])
    sandbox.faults('qdrant', [])
    for collection in sandbox.rest('GET', '/collections')['collections']:
        sandbox.rest('DELETE', '/collections/' + collection['name'])
    yield
    sandbox.faults('weaviate', [])
    sandbox.faults('qdrant', [])
