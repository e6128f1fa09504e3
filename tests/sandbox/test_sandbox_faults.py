"""Faults of both stand-ins, of the proxy in front of them, and the launcher."""

import contextlib
import os
import pathlib
import subprocess
import sys
import time

import grpc
import pytest
import requests
from qdrant_client import grpc as pb

from conftest import HERE, Server, running

LIST = '/qdrant.Collections/List'


@pytest.fixture(scope='module')
def server():
    with running('qdrant') as made:
        yield made


@pytest.fixture(autouse=True)
def clean(server):
    server.rest('DELETE', '/_sandbox/faults')
    server.rest('DELETE', '/_sandbox/requests')


def collections(server):
    return pb.CollectionsStub(grpc.insecure_channel(server.grpc))


def outcome(server):
    """The status of one List call, and its trailing metadata."""
    try:
        _, call = collections(server).List.with_call(pb.ListCollectionsRequest(), timeout=20)
        return call.code().name, {}
    except grpc.RpcError as error:
        return error.code().name, dict(error.trailing_metadata())


def test_rest_status_and_retry_after(server):
    server.faults({'status': 429, 'retry_after': 2, 'count': 1, 'match': 'GET /collections$'})
    reply = server.rest('GET', '/collections')
    assert reply.status_code == 429 and reply.headers['Retry-After'] == '2'
    assert reply.json()['status'] == {'error': 'sandbox fault'}
    assert server.rest('GET', '/collections').status_code == 200
    server.faults({'status': 503, 'match': '/collections'})
    assert server.rest('GET', '/').status_code == 200, 'other paths are left alone'
    assert server.rest('GET', '/collections').status_code == 503
    assert server.report()['fired'] == 2


def test_rates_repeat(server):
    def draw():
        server.faults({'status': 500, 'rate': 30}, seed=7)
        return [server.rest('GET', '/').status_code for _ in range(100)]
    first = draw()
    assert first == draw() and 15 < first.count(500) < 45


def test_skip_count_every(server):
    server.faults({'status': 500, 'skip': 2, 'every': 3, 'count': 2})
    codes = [server.rest('GET', '/').status_code for _ in range(12)]
    assert [n for n, c in enumerate(codes, 1) if c == 500] == [5, 8]


@pytest.mark.parametrize('cut', [-1, 0, 20, 120])
def test_rest_connection_reset(server, cut):
    server.faults({'cut': cut, 'count': 1})
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(server.url + '/telemetry', timeout=9)
    assert server.rest('GET', '/telemetry').status_code == 200


def test_after_means_done_but_not_said(server):
    server.faults({'status': 504, 'after': True, 'count': 1, 'match': 'PUT'})
    body = {'vectors': {'size': 2, 'distance': 'Dot'}}
    assert server.rest('PUT', '/collections/ghost', body).status_code == 504
    assert server.rest('GET', '/collections/ghost').status_code == 200
    server.rest('DELETE', '/collections/ghost')


def test_grpc_status_and_retry_after(server):
    server.faults({'code': 'RESOURCE_EXHAUSTED', 'retry_after': 3, 'count': 1, 'match': LIST},
                  {'code': 14, 'count': 1})
    code, metadata = outcome(server)
    assert code == 'RESOURCE_EXHAUSTED' and metadata['retry-after'] == '3'
    assert outcome(server)[0] == 'UNAVAILABLE' and outcome(server)[0] == 'OK'


def test_latency(server):
    server.faults({'latency_ms': 200, 'jitter_ms': 50})
    for call in (lambda: server.rest('GET', '/'), lambda: outcome(server)):
        began = time.monotonic()
        call()
        assert 0.14 < time.monotonic() - began < 1


def test_counters(server):
    server.rest('GET', '/collections')
    outcome(server)
    report = server.report()
    assert report['rest'] == {'GET /collections': 1} and report['grpc'] == {LIST: 1}
    assert report['in_flight'] == 0 and report['max_in_flight'] == 1


def test_unknown_keys_are_refused(server):
    reply = server.rest('POST', '/_sandbox/faults', {'rules': [{'stattus': 1}]})
    assert reply.status_code == 400 and 'stattus' in reply.text


def test_faults_from_the_command_line():
    with running('weaviate', '--faults', '[{"status": 502, "count": 1}]') as made:
        assert made.rest('GET', '/v1/meta').status_code == 502
        assert made.rest('GET', '/v1/meta').status_code == 200


@contextlib.contextmanager
def proxied(server, *flags):
    command = [sys.executable, str(HERE / 'chaos.py'), '--upstream', server.grpc, *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            control, listen = process.stdout.readline().split()
            yield Server(control, listen, process)
        finally:
            process.terminate()


@pytest.fixture(scope='module')
def chaos(server):
    with proxied(server) as made:
        yield made


def test_proxy_passes_large_messages(server, chaos):
    chaos.faults()
    channel = grpc.insecure_channel(chaos.grpc, options=[('grpc.max_receive_message_length', -1)])
    points, admin = pb.PointsStub(channel), pb.CollectionsStub(channel)
    size = pb.VectorParams(size=4096, distance=pb.Distance.Dot)
    admin.Create(pb.CreateCollection(collection_name='p', vectors_config=pb.VectorsConfig(
        params=size)))
    vectors = pb.Vectors(vector=pb.Vector(data=[0.5] * 4096))
    points.Upsert(pb.UpsertPoints(collection_name='p', wait=True, points=[
        pb.PointStruct(id=pb.PointId(num=n), vectors=vectors) for n in range(500)]))
    every = pb.WithVectorsSelector(enable=True)
    found = points.Scroll(pb.ScrollPoints(collection_name='p', limit=500, with_vectors=every))
    assert len(found.result) == 500 and len(found.result[7].vectors.vector.dense.data) == 4096
    server.rest('DELETE', '/collections/p')


@pytest.mark.parametrize('rule,codes', [
    ({'no_status': True}, {'UNKNOWN', 'INTERNAL'}),
    ({'reset': -1}, {'INTERNAL'}),
    ({'reset': 0, 'code': 8}, {'CANCELLED'}),
    ({'cut': 3}, {'UNAVAILABLE'}),
    ({'cut': -1}, {'UNAVAILABLE'})])
def test_proxy_breaks_replies(chaos, rule, codes):
    chaos.faults({**rule, 'match': LIST, 'count': 1})
    assert outcome(chaos)[0] in codes
    assert outcome(chaos)[0] == 'OK'
    assert chaos.rest('GET', '/_sandbox/faults').json()['rules'][0]['hits'] == 1


@pytest.mark.parametrize('rule', [{'refuse': True}, {'goaway': 'before'}])
def test_proxy_turns_streams_away(chaos, rule):
    """The client library may try these again unseen, for they never reached the server."""
    chaos.faults({**rule, 'match': LIST, 'count': 1})
    assert outcome(chaos)[0] in ('OK', 'UNAVAILABLE')
    assert outcome(chaos)[0] == 'OK'


def test_proxy_goaway_every_few_streams(chaos):
    chaos.faults({'goaway': 'after', 'every': 5})
    stub = collections(chaos)
    for _ in range(40):
        stub.List(pb.ListCollectionsRequest(), timeout=20)
    assert chaos.rest('GET', '/_sandbox/faults').json()['rules'][0]['hits'] == 8


def test_proxy_latency_and_rate(server):
    with proxied(server, '--rate', '2000') as slow:
        slow.faults({'latency_ms': 100})
        began = time.monotonic()
        assert outcome(slow)[0] == 'OK'
        assert time.monotonic() - began > 0.1


def sandbox(*arguments, **environment):
    known = {k: v for k, v in os.environ.items() if not k.endswith(('_URL', '_API_KEY'))}
    venv = str(pathlib.Path(sys.executable).parent.parent)
    return subprocess.run([HERE / 'sandbox', *arguments], text=True, capture_output=True,
                          timeout=120, env={**known, 'FORTRESS_VENV': venv, **environment})


def test_launcher(tmp_path):
    where = ('--dir', str(tmp_path / 'sb'))
    try:
        started = sandbox('start', *where)
        assert started.returncode == 0, started.stderr
        env = dict(line.removeprefix('export ').split('=', 1)
                   for line in (tmp_path / 'sb/env').read_text().splitlines())
        assert set(env) == {'WEAVIATE_URL', 'WEAVIATE_GRPC_URL', 'QDRANT_URL', 'QDRANT_GRPC_URL'}
        assert requests.get(env['QDRANT_URL'] + '/readyz', timeout=9).ok
        assert requests.get(env['WEAVIATE_URL'] + '/v1/.well-known/ready', timeout=9).ok
        assert outcome(Server('', env['QDRANT_GRPC_URL'].split('://')[1]))[0] == 'OK'
        assert sandbox('start', *where).returncode == 0, 'a second start keeps the first'
        assert f"QDRANT_URL={env['QDRANT_URL']}" in (tmp_path / 'sb/env').read_text()
        assert sandbox('status', *where).returncode == 0
    finally:
        assert sandbox('stop', *where).returncode == 0
    assert not (tmp_path / 'sb/env').exists() and sandbox('status', *where).returncode == 1


def test_launcher_starts_only_what_is_missing(tmp_path):
    where = ('--dir', str(tmp_path))
    try:
        started = sandbox('start', *where, QDRANT_URL='http://127.0.0.1:1')
        assert started.returncode == 0, started.stderr
        text = (tmp_path / 'env').read_text()
        assert 'QDRANT_URL=http://127.0.0.1:1\n' in text and 'WEAVIATE_GRPC_URL' in text
        assert not (tmp_path / 'qdrant.pid').exists()
    finally:
        sandbox('stop', *where)


def test_launcher_says_what_is_wrong(tmp_path):
    failed = sandbox('start', '--dir', str(tmp_path), '--qdrant', '--no-such-flag',
                     WEAVIATE_URL='http://127.0.0.1:1')
    assert failed.returncode == 1 and '--no-such-flag' in failed.stderr
    assert not (tmp_path / 'env').exists()
    assert sandbox('nonsense').returncode == 64
    assert sandbox('python', '--dir', str(tmp_path)).stdout.strip() == str(
        pathlib.Path(sys.executable).parent / 'python')
