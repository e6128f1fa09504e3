"""What breaks on the way must not break the data: a run under faults either gives exactly what a
calm run gives, or says that it did not finish."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHAOS = Path(__file__).resolve().parents[1] / 'sandbox/chaos.py'
PLAIN = ('extract', 'weaviate', '--plain', '--progress', 'none')


@pytest.fixture(scope='module')
def calm_points(sandbox):
    result = sandbox.run(*PLAIN)
    assert result.returncode == 3, result.stderr     # one tenant is COLD
    points = sandbox.points(result)
    assert len(points) > 4000
    return points


@pytest.mark.parametrize('rule', [
    {'side': 'grpc', 'code': 14, 'rate': 10},
    {'side': 'grpc', 'code': 4, 'rate': 10},
    {'side': 'grpc', 'code': 8, 'rate': 4, 'retry_after': 1},
    {'side': 'grpc', 'code': 2, 'message': '429 Too many requests', 'rate': 10},
    {'side': 'grpc', 'code': 2, 'message': 'invalid type', 'match': 'Search', 'skip': 60,
     'count': 5},
    {'side': 'rest', 'status': 503, 'rate': 20},
    {'side': 'rest', 'status': 429, 'retry_after': 1, 'rate': 20},
    {'side': 'rest', 'cut': 200, 'rate': 20},
], ids=lambda r: '-'.join(str(v) for v in r.values())[:40])
def test_extract_gives_the_same_under_faults(sandbox, calm_points, rule):
    sandbox.faults('weaviate', [rule])
    result = sandbox.run(*PLAIN)
    assert result.returncode == 3, result.stderr
    assert sandbox.points(result) == calm_points


@pytest.mark.parametrize('code', [5, 7, 12, 16])
def test_extract_ends_at_once_on_what_no_retry_mends(sandbox, code):
    sandbox.faults('weaviate', [{'side': 'grpc', 'code': code, 'match': 'Search', 'skip': 40}])
    started = time.monotonic()
    result = sandbox.run(*PLAIN)
    assert result.returncode not in (0, 3)
    assert b'"type":"end"' not in result.stdout
    assert time.monotonic() - started < 10


@pytest.mark.parametrize('rule', [
    {'no_status': True, 'rate': 10}, {'cut': 3000, 'rate': 10}, {'reset': 2000, 'rate': 10},
    {'refuse': True, 'rate': 10}, {'goaway': True, 'every': 20},
], ids=lambda r: next(iter(r)))
def test_extract_behind_a_proxy_that_breaks_http2(sandbox, calm_points, rule):
    upstream = sandbox.env['WEAVIATE_GRPC_URL'].removeprefix('http://')
    proxy = subprocess.Popen([sys.executable, str(CHAOS), '--upstream', upstream, '--listen',
                              '127.0.0.1:0', '--faults', str([{**rule, 'match': 'Search'}])
                              .replace("'", '"').replace('True', 'true')],
                             stdout=subprocess.PIPE, text=True)
    try:
        address = proxy.stdout.readline().split()[-1]
        url = address if address.startswith('http') else 'http://' + address
        result = sandbox.run(*PLAIN, env={'WEAVIATE_GRPC_URL': url})
        assert result.returncode == 3, result.stderr
        assert sandbox.points(result) == calm_points
    finally:
        proxy.kill()
        proxy.wait()


def dump(sandbox, name, *args):
    """A stream file of one class."""
    path = sandbox.scratch / f'{name}.zst'
    if not path.exists():
        result = sandbox.run('extract', 'weaviate', '--collection', name, '-o', str(path), *args)
        assert result.returncode == 0, result.stderr
    return path


@pytest.mark.parametrize('transport', ['grpc', 'rest'])
@pytest.mark.parametrize('rule', [
    {'code': 14, 'status': 503, 'rate': 20}, {'code': 4, 'status': 504, 'rate': 20, 'after': True},
    {'code': 8, 'status': 429, 'retry_after': 1, 'rate': 10},
    {'code': 13, 'status': 500, 'rate': 20},
], ids=['unavailable', 'deadline-after-the-write', 'rate-limit', 'internal'])
def test_load_loses_nothing_under_faults(sandbox, transport, rule):
    side = 'grpc' if transport == 'grpc' else 'rest'
    keep = {k: v for k, v in rule.items() if k != ('status' if side == 'grpc' else 'code')}
    match = 'Upsert' if side == 'grpc' else 'PUT .*points'
    sandbox.faults('qdrant', [{'side': side, 'match': match, **keep}])
    with open(dump(sandbox, 'Skewed'), 'rb') as stream:
        result = sandbox.run('load', 'qdrant', '--transport', transport, '--batch-points', '64',
                             stdin=stream)
    assert result.returncode == 0, result.stderr
    assert sandbox.count('Skewed') == 4000


def test_load_gives_up_and_says_so_when_the_server_stays_away(sandbox):
    sandbox.faults('qdrant', [{'side': 'grpc', 'code': 14, 'match': 'Upsert'}])
    with open(dump(sandbox, 'Cosine'), 'rb') as stream:
        result = sandbox.run('load', 'qdrant', '--retries', '2', stdin=stream)
    assert result.returncode in (69, 75), result.stderr
    assert b'--retries' in result.stderr


def test_a_killed_load_is_mended_by_the_same_command(sandbox):
    path = dump(sandbox, 'Skewed')
    sandbox.faults('qdrant', [{'side': 'grpc', 'match': 'Upsert', 'latency_ms': 60}])
    for _ in range(5):
        with open(path, 'rb') as stream:
            process = sandbox.start('load', 'qdrant', '--batch-points', '32', stdin=stream,
                                    stderr=subprocess.DEVNULL)
            time.sleep(0.5)
            # The dispatcher has become load itself, so this hits the one that writes.
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
    sandbox.faults('qdrant', [])
    with open(path, 'rb') as stream:
        result = sandbox.run('load', 'qdrant', stdin=stream)
    assert result.returncode == 0, result.stderr
    assert sandbox.count('Skewed') == 4000
    info = sandbox.rest('GET', '/collections/Skewed')
    assert info['config']['optimizer_config']['indexing_threshold'] != 0
    assert info['payload_schema'], 'the indexes of the broken run are made by the last one'


def test_a_killed_extract_never_looks_finished(sandbox):
    for delay in (0.05, 0.1, 0.2, 0.4):
        source = sandbox.start(*PLAIN, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        sink = sandbox.start('load', 'null', stdin=source.stdout, stderr=subprocess.PIPE)
        source.stdout.close()
        time.sleep(delay)
        source.kill()
        killed = source.wait() == -signal.SIGKILL
        message = sink.communicate(timeout=60)[1]
        if killed:
            assert sink.returncode == 75, message
            return
    pytest.fail('extract was always faster than the kill')


def test_sigterm_stops_within_seconds_and_leaves_no_end(sandbox):
    sandbox.faults('weaviate', [{'side': 'grpc', 'latency_ms': 300, 'match': 'Search'}])
    process = sandbox.start(*PLAIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    process.terminate()
    out, message = process.communicate(timeout=10)
    assert process.returncode == 143, message
    assert b'"type":"end"' not in out
