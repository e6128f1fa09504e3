"""Servers and clients for the tests of the sandbox.

WEAVIATE_URL and QDRANT_URL, when set, replace the stand-ins in the tests that ask for `weaviate`
or `qdrant`: what these prove then holds for the real servers too.
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import time
import urllib.parse

import pytest
import requests

HERE = pathlib.Path(__file__).parent


class Server:
    """An address pair: REST url and gRPC host:port, and how to ask for things."""

    def __init__(self, url, grpc, process=None, ca=None):
        self.url, self.grpc, self.process = url, grpc, process
        self.session = requests.Session()
        self.session.verify, self.session.trust_env = ca or True, False

    def rest(self, method, path, body=None, **more):
        return self.session.request(method, self.url + path, json=body, timeout=60, **more)

    def faults(self, *rules, seed=1):
        reply = self.rest('POST', '/_sandbox/faults', {'seed': seed, 'rules': list(rules)})
        assert reply.status_code == 200, reply.text

    def report(self):
        return self.rest('GET', '/_sandbox/requests').json()

    @property
    def host(self):
        return urllib.parse.urlsplit(self.url).hostname

    @property
    def port(self):
        return urllib.parse.urlsplit(self.url).port

    @property
    def grpc_host(self):
        return self.grpc.rsplit(':', 1)[0]

    @property
    def grpc_port(self):
        return int(self.grpc.rsplit(':', 1)[1])


@contextlib.contextmanager
def running(kind, *flags, ca=None):
    """A stand-in of its own on free ports."""
    command = [sys.executable, '-W', 'ignore', str(HERE / f'{kind}_server.py'), '--port', '0',
               '--grpc-port', '0', *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline().split()
            assert len(line) == 2, 'the server did not start'
            yield Server(line[0], line[1], process, ca)
        finally:
            process.terminate()
            process.wait(20)


def _given(prefix):
    url = os.environ.get(prefix + '_URL')
    if not url:
        return None
    grpc = os.environ.get(prefix + '_GRPC_URL', '')
    default = {'WEAVIATE': 50051, 'QDRANT': 6334}[prefix]
    host = urllib.parse.urlsplit(url).hostname
    return Server(url.rstrip('/'), grpc.split('://')[-1] or f'{host}:{default}')


@pytest.fixture(scope='session')
def weaviate():
    given = _given('WEAVIATE')
    if given:
        yield given
        return
    with running('weaviate') as server:
        yield server


@pytest.fixture(scope='session')
def qdrant():
    given = _given('QDRANT')
    if given:
        yield given
        return
    with running('qdrant') as server:
        yield server


@pytest.fixture(scope='session')
def certificate(tmp_path_factory):
    """(cert file, key file) for 127.0.0.1, signed by itself."""
    folder = tmp_path_factory.mktemp('tls')
    cert, key = folder / 'cert.pem', folder / 'key.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1',
                    '-keyout', key, '-out', cert, '-subj', '/CN=127.0.0.1',
                    '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
                   check=True, capture_output=True)
    return str(cert), str(key)


def wait_until(condition, seconds=10):
    """Polls; fails when the condition does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, 'waited in vain'
        time.sleep(0.05)
