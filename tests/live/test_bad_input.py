"""What goes wrong must say so: one line, the place, the reason, the exit code of the table.

Every case also holds that no traceback or crash shows, that the target is as it was, and that
nothing half-done is called done.
"""

import base64
import json
import os
import pty
import struct
import subprocess

import commands
import pytest
import servers
from guard import guard
from qdrant_client import models
from test_migrate import extract, plan

DATA, NO_INPUT, UNAVAILABLE, CANNOT_CREATE, IO, AGAIN, PROTOCOL, DENIED, CONFIG = (
    65, 66, 69, 73, 74, 75, 76, 77, 78)
SECRET = "marker-secret-5f0c"


def failed(result, codes, *words):
    """The command ended with one of the codes and one error line that holds the words."""
    codes = codes if isinstance(codes, tuple) else (codes,)
    assert result.code in codes, (result.code, result.err)
    other = [line for line in result.err.splitlines() if ": warning: " not in line]
    assert len(other) == 1 and len(result.lines("error")) == 1, result.err
    for word in words:
        assert str(word) in result.lines("error")[0], result.err
    assert SECRET not in result.err
    return result.lines("error")[0]


def stream_of(name):
    """The plain lines of a good stream of one class."""
    result = commands.run(*extract(name))
    assert result.code == 0, result.err
    return commands.plain(result.out)


def load(data, *more, env=None):
    return commands.run("load", "qdrant", *more, stdin=data, env=env)


def bent(change):
    """A stream of class Dot whose first point went through `change`, signed again; and the point.

    Signed, for else the digest that no longer fits would be the first thing to be found.
    """
    lines = stream_of("Dot")
    at = next(i for i, line in enumerate(lines) if line.startswith(b'{"type":"point"'))
    point = json.loads(lines[at])
    change(point)
    lines[at] = json.dumps(point, separators=(",", ":")).encode() + b"\n"
    signed = commands.run("transform", "--reseal", stdin=b"".join(lines))
    assert signed.code == 0, signed.err
    return signed.out, point


def port_of(host_port):
    return f"http://{host_port[0]}:{host_port[1]}"


# -- the wrong door ----------------------------------------------------------------------------

def test_weaviate_grpc_port_for_rest(seeded):
    address = port_of(servers.weaviate_grpc())
    failed(commands.run(*extract("Dot"), env={"WEAVIATE_URL": address}),
           (PROTOCOL, UNAVAILABLE), str(servers.weaviate_grpc()[1]))


def test_weaviate_rest_port_for_grpc(seeded):
    failed(commands.run(*extract("Dot"), env={"WEAVIATE_GRPC_URL": servers.WEAVIATE_URL}),
           (PROTOCOL, UNAVAILABLE), servers.WEAVIATE_URL.rsplit(":", 1)[1])


def test_qdrant_grpc_port_for_rest(seeded, target):
    address = port_of(servers.qdrant_grpc())
    failed(load(b"".join(stream_of("Dot")), env={"QDRANT_URL": address}),
           (PROTOCOL, UNAVAILABLE), str(servers.qdrant_grpc()[1]))
    assert not target.collection_exists("Dot")


def test_qdrant_rest_port_for_grpc(seeded, target):
    failed(load(b"".join(stream_of("Dot")), env={"QDRANT_GRPC_URL": servers.QDRANT_URL}),
           (PROTOCOL, UNAVAILABLE), servers.QDRANT_URL.rsplit(":", 1)[1])


def test_nobody_listens(seeded):
    failed(commands.run(*extract("Dot"), env={"WEAVIATE_URL": "http://127.0.0.1:1"}),
           UNAVAILABLE, "127.0.0.1:1")
    failed(load(b"".join(stream_of("Dot")), env={"QDRANT_URL": "http://127.0.0.1:1"}),
           UNAVAILABLE, "127.0.0.1:1")


# -- keys --------------------------------------------------------------------------------------

@pytest.fixture
def guarded():
    """Environment that leads to both servers through a doorkeeper; keys are not in it."""
    with guard(servers.WEAVIATE_URL, *servers.weaviate_grpc(), "authorization",
               f"Bearer {SECRET}") as (wv, wv_grpc), \
            guard(servers.QDRANT_URL, *servers.qdrant_grpc(), "api-key", SECRET) as (qd, qd_grpc):
        yield {"WEAVIATE_URL": wv, "WEAVIATE_GRPC_URL": wv_grpc, "QDRANT_URL": qd,
               "QDRANT_GRPC_URL": qd_grpc, "WEAVIATE_API_KEY": None, "QDRANT_API_KEY": None}


@pytest.mark.parametrize("key", [None, f"wrong-{SECRET}"])
def test_weaviate_key(seeded, guarded, key):
    failed(commands.run(*extract("Dot"), env={**guarded, "WEAVIATE_API_KEY": key}),
           DENIED, "WEAVIATE_API_KEY")


@pytest.mark.parametrize("key", [None, f"wrong-{SECRET}"])
def test_qdrant_key(seeded, target, guarded, key):
    failed(load(b"".join(stream_of("Dot")), env={**guarded, "QDRANT_API_KEY": key}),
           DENIED, "QDRANT_API_KEY")
    assert not target.collection_exists("Dot")


def test_right_keys(seeded, target, guarded, tmp_path):
    """Keys from the environment, from a file and from a command open the doors."""
    file = tmp_path / "key"
    file.write_text(SECRET + "\n")
    for keys in ({"WEAVIATE_API_KEY": SECRET, "QDRANT_API_KEY": SECRET},
                 {"WEAVIATE_API_KEY_FILE": str(file), "QDRANT_API_KEY_FILE": str(file)},
                 {"WEAVIATE_API_KEY_COMMAND": f"cat {file}",
                  "QDRANT_API_KEY_COMMAND": f"cat {file}"}):
        results = commands.pipe(extract("Dot"), ["load", "qdrant"], env={**guarded, **keys})
        assert [r.code for r in results] == [0, 0], [r.err for r in results]
        assert not any(SECRET in r.err for r in results)


# -- what the source holds ---------------------------------------------------------------------

def test_unknown_class(seeded):
    failed(commands.run(*extract("EveryTypo")), NO_INPUT, "EveryTypo", "EveryType")


def test_unknown_tenant(seeded):
    failed(commands.run(*extract("Tenants", more=["--tenant", "acne"])), NO_INPUT, "acne", "acme")


def test_cold_tenant(seeded, target):
    """Asked for by name: not whole, exit 3, nothing woken and nothing written."""
    results = commands.pipe(extract("Tenants", more=["--tenant", "hooli"]), ["load", "qdrant"])
    assert results[0].code == 3, results[0].err
    assert "hooli" in results[0].err and "COLD" in results[0].err
    assert results[1].code in (0, 3), results[1].err
    if target.collection_exists("Tenants"):
        assert target.count("Tenants", exact=True).count == 0


@pytest.mark.parametrize("refused", ["Hamming"], indirect=True)
def test_hamming(seeded, target, refused):
    results = commands.pipe(extract(refused), ["load", "qdrant"])
    first = next(r for r in results if r.code not in (0, AGAIN))
    failed(first, (DATA, CONFIG), refused, "hamming")
    assert not target.collection_exists(refused)


def test_empty_class(seeded, target):
    results = commands.pipe(extract("EmptyClass"), ["load", "qdrant"])
    assert [r.code for r in results] == [0, 0], [r.err for r in results]
    assert not any(r.lines("error") for r in results)


# -- what the target holds ---------------------------------------------------------------------

def test_dimension_mismatch(seeded, target):
    target.create_collection("Dot", vectors_config=models.VectorParams(
        size=3, distance=models.Distance.DOT))
    target.upsert("Dot", [models.PointStruct(id=1, vector=[1, 2, 3], payload={"mine": True})],
                  wait=True)
    failed(load(b"".join(stream_of("Dot"))), (DATA, CANNOT_CREATE, CONFIG), "Dot", "3", "12")
    kept = target.scroll("Dot", limit=10, with_vectors=True, with_payload=True)[0]
    assert [(p.id, p.vector, p.payload) for p in kept] == [(1, [1, 2, 3], {"mine": True})]


def test_distance_mismatch(seeded, target):
    target.create_collection("Dot", vectors_config=models.VectorParams(
        size=12, distance=models.Distance.COSINE))
    failed(load(b"".join(stream_of("Dot"))), (DATA, CANNOT_CREATE, CONFIG), "Dot", "Cosine")
    assert target.count("Dot", exact=True).count == 0


# -- through migrate ---------------------------------------------------------------------------

NOBODY = "http://127.0.0.1:1"


@pytest.mark.parametrize("env, name, codes, words", [
    ({"WEAVIATE_URL": NOBODY}, "Dot", UNAVAILABLE, ["127.0.0.1:1"]),
    ({"QDRANT_URL": NOBODY}, "Dot", UNAVAILABLE, ["127.0.0.1:1"]),
    ({"WEAVIATE_API_KEY": f"wrong-{SECRET}"}, "Dot", DENIED, ["WEAVIATE_API_KEY"]),
    ({"QDRANT_API_KEY": f"wrong-{SECRET}"}, "Dot", DENIED, ["QDRANT_API_KEY"]),
    ({}, "EveryTypo", NO_INPUT, ["EveryTypo", "EveryType"])])
def test_migrate_says_the_cause(seeded, target, guarded, tmp_path, env, name, codes, words):
    """One line tells the first cause and its side, however many stages fell over it."""
    keys = {"WEAVIATE_API_KEY": SECRET, "QDRANT_API_KEY": SECRET}
    result = commands.run("migrate", plan(tmp_path, [name]), env={**guarded, **keys, **env})
    failed(result, codes, *words)
    assert not target.collection_exists(name)


@pytest.mark.parametrize("refused", ["Hamming"], indirect=True)
def test_migrate_hamming(seeded, target, refused, tmp_path):
    failed(commands.run("migrate", plan(tmp_path, ["Dot", refused])), (DATA, CONFIG), "hamming")
    assert not target.collection_exists(refused)


def test_migrate_into_other_sizes(seeded, target, tmp_path):
    target.create_collection("Dot", vectors_config=models.VectorParams(
        size=3, distance=models.Distance.DOT))
    failed(commands.run("migrate", plan(tmp_path, ["Dot"])), (DATA, CANNOT_CREATE, CONFIG), "Dot",
           "3", "12")
    assert target.count("Dot", exact=True).count == 0


@pytest.mark.parametrize("text, words", [
    ("source: {kind: weaviate}\ntarget: {kind: qdrnt}\n", ["2:", "qdrnt", "qdrant"]),
    ("sauce: {kind: weaviate}\ntarget: {kind: qdrant}\n", ["1:", "sauce", "source"]),
    ("source: {kind: weaviate\n", ["plan.yaml"]), ("", ["plan.yaml"])])
def test_bad_plan(target, tmp_path, text, words):
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    failed(commands.run("migrate", path), (64, CONFIG), *words)


def test_no_plan(target, tmp_path):
    failed(commands.run("migrate", tmp_path / "none.yaml"), (64, NO_INPUT, CONFIG), "none.yaml")


# -- damaged streams ---------------------------------------------------------------------------

@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_not_a_number(seeded, target, value):
    """A vector with NaN or infinity is named by its id and never sent."""
    def poison(point):
        floats = list(struct.unpack("<12f", base64.b64decode(point["vector"])))
        floats[5] = value
        point["vector"] = base64.b64encode(struct.pack("<12f", *floats)).decode()
    stream, point = bent(poison)
    failed(load(stream), DATA, point["id"], "Dot")
    if target.collection_exists("Dot"):
        assert not target.retrieve("Dot", [point["id"]])


def test_wrong_size_in_stream(seeded, target):
    stream, point = bent(lambda point: point.update(vector=[1.0, 2.0]))
    failed(load(stream), DATA, point["id"], "12", "2")


def test_unknown_vector_in_stream(seeded, target):
    stream, point = bent(lambda point: point.update(vector={"other": [1.0, 2.0]}))
    failed(load(stream), DATA, point["id"], "other")


def test_changed_without_reseal(seeded, target):
    """A point changed on the way is found by the digest."""
    lines = stream_of("Dot")
    lines = [line.replace(b'"rank":1', b'"rank":2') for line in lines]
    failed(load(b"".join(lines)), DATA, "digest", "reseal")


def test_lost_on_the_way(seeded, target):
    """A point that went missing is found by the count."""
    lines = stream_of("Dot")
    del lines[next(i for i, line in enumerate(lines) if line.startswith(b'{"type":"point"'))]
    failed(load(b"".join(lines)), DATA, "Dot")


def test_no_end_on_a_pipe(seeded, target):
    failed(load(b"".join(stream_of("Dot")[:-1])), AGAIN, "end")


def test_no_end_in_a_file(seeded, target, tmp_path):
    cut = tmp_path / "cut.ndjson"
    cut.write_bytes(b"".join(stream_of("Dot")[:-1]))
    with open(cut, "rb") as file:
        failed(load(file), (DATA, AGAIN), "end")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_cut_zstd(seeded, target, share):
    stream = commands.run(*extract("Cosine")).out
    failed(load(stream[:int(len(stream) * share)]), (DATA, AGAIN))


def test_flipped_bit(seeded, target):
    stream = bytearray(commands.run(*extract("Cosine")).out)
    stream[len(stream) // 2] ^= 0x10
    failed(load(bytes(stream)), DATA)


@pytest.mark.parametrize("text", [
    b'{"a":1}\n{"a":2}\n', b'[1,2,3]\n', b"id,vector\n1,2\n", b"\x00\x01\x02\x03" * 100,
    b'{"type":"stream","version":2}\n', b'{"type":"point","id":1,"vector":[1],"payload":{}}\n'])
def test_foreign_input(seeded, target, text):
    before = {c.name for c in target.get_collections().collections}
    failed(load(text), DATA, "1")
    assert {c.name for c in target.get_collections().collections} == before


def test_nothing_on_input(target):
    failed(load(b""), (DATA, NO_INPUT, AGAIN))


# -- where the output goes ---------------------------------------------------------------------

def test_no_space(seeded):
    with open("/dev/full", "wb") as full:
        failed(commands.run(*extract("Cosine"), stdout=full), IO, "No space left")


def test_closed_pipe(seeded):
    """`extract | head` ends without a word."""
    with subprocess.Popen([commands.program(), *extract("Cosine", "Skewed")],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(10)
        process.stdout.close()
        err = process.stderr.read().decode()
        code = process.wait(timeout=60)
    assert code in (141, -13, 0), err
    assert err == ""


def test_terminal(seeded):
    """Compressed bytes do not go to a terminal."""
    ours, theirs = pty.openpty()
    try:
        failed(commands.run(*extract("Dot"), stdout=theirs), 64, "terminal")
    finally:
        os.close(theirs)
        os.close(ours)
