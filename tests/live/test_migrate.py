"""Moves every class of the fixture from Weaviate to Qdrant and has `check` compare the two.

First through the pipe, class by class and all at once, then by `fortress migrate`.  Whatever the
way, there must be no difference.
"""

import json

import check
import commands
import pytest
import source
from classes import COLD_TENANT, SPECS, TENANTS

CLASSES = [spec.name for spec in SPECS if not spec.refused]
WHOLE = [name for name in CLASSES if name != "Tenants"]


def extract(*names, more=()):
    return ["extract", "weaviate", *(a for n in names for a in ("--collection", n)), *more]


def expect(results, *codes):
    """Every stage ended with its code; shows what a stage said when it did not."""
    for result, code in zip(results, codes, strict=True):
        assert result.code == code, result.err
        if code == 0:
            assert not result.lines("error"), result.err
    return results


def assert_same(names, tenants=None):
    """`check` finds objects, and no difference between the classes and their collections."""
    result = check.check(names if isinstance(names, dict) else dict.fromkeys(names), tenants)
    assert not result.diffs, "\n".join(map(str, result.diffs[:30]))
    assert all(count or name == "EmptyClass" for name, count in result.counts.items())


def known(seeded, name):
    if name not in seeded:
        pytest.skip(f"this server does not take class {name}")
    return name


# -- the pipe ----------------------------------------------------------------------------------

@pytest.mark.parametrize("name", WHOLE)
def test_one_class(seeded, target, name):
    known(seeded, name)
    expect(commands.pipe(extract(name), ["load", "qdrant"]), 0, 0)
    assert_same([name])


def still_cold(rest):
    states = source.tenants(rest, source.schema_of(rest, "Tenants"))
    return [tenant for tenant, readable in states.items() if not readable] == [COLD_TENANT]


def test_tenants(seeded, target, rest):
    """Four tenants arrive; the COLD one makes the run not whole and stays COLD."""
    results = commands.pipe(extract("Tenants"), ["load", "qdrant"])
    expect(results, 3, 3)
    assert COLD_TENANT in results[0].err
    assert still_cold(rest)
    assert_same(["Tenants"])


@pytest.mark.parametrize("transport", ["grpc", "rest"])
def test_waking_a_tenant(seeded, target, rest, transport):
    """With leave to, the COLD tenant is read too, and put back to sleep."""
    results = commands.pipe(extract("Tenants", more=["--activate-tenants", "--transport",
                                                     transport]), ["load", "qdrant"])
    expect(results, 0, 0)
    assert still_cold(rest)
    tenants = {payload["_tenant"] for _, payload in check.points(target, "Tenants").values()}
    assert tenants == set(TENANTS)


def test_one_tenant(seeded, target):
    results = commands.pipe(extract("Tenants", more=["--tenant", TENANTS[1]]), ["load", "qdrant"])
    expect(results, 0, 0)
    assert_same(["Tenants"], [TENANTS[1]])


def test_all_classes(seeded, target):
    """Without --collection every class goes under its own name; two loads change nothing."""
    for _ in range(2):
        expect(commands.pipe(extract(), ["load", "qdrant"]), 3, 3)
    assert_same(seeded)


def test_other_name(seeded, target):
    expect(commands.pipe(extract("Dot"), ["load", "qdrant", "--collection", "Dot__other"]), 0, 0)
    assert_same({"Dot": "Dot__other"})


WAYS = {
    "rest": (["--transport", "rest"], []), "text vectors": (["--vectors", "json"], []),
    "one job": (["--jobs", "1"], ["--jobs", "1"]), "many jobs": (["--jobs", "8"], ["--jobs", "8"]),
    "rest into rest": (["--transport", "rest"], ["--transport", "rest"]),
}
TELLING = ["EveryType", "NamedVectors", "MultiVectors", "Book", "Skewed"]


@pytest.mark.parametrize("way", WAYS)
def test_ways(seeded, target, way):
    names = [n for n in TELLING if n in seeded]
    read, write = WAYS[way]
    expect(commands.pipe(extract(*names, more=read), ["load", "qdrant", *write]), 0, 0)
    assert_same(names)


def test_partitions_join(seeded, target):
    """Three machines' shares, joined by cat, are one valid input."""
    parts = []
    for i in (1, 2, 3):
        result = commands.run(*extract("NamedVectors", more=["--partition", f"{i}/3"]))
        assert result.code == 0, result.err
        parts.append(result.out)
    loaded = commands.run("load", "qdrant", stdin=b"".join(parts))
    assert loaded.code == 0, loaded.err
    assert_same(["NamedVectors"])


def test_through_transform(seeded, target):
    expect(commands.pipe(extract("EveryType"), ["transform"], ["load", "qdrant"]), 0, 0, 0)
    assert_same(["EveryType"])


def _points(stream):
    """{id: line} of the point lines of a stream, and the digests that its `end` states."""
    lines = commands.plain(stream)
    found = {json.loads(line)["id"]: line for line in lines if line.startswith(b'{"type":"point"')}
    return found, json.loads(lines[-1])["digest"]


@pytest.mark.parametrize("name", ["EveryType", "NamedVectors", "MultiVectors", "Book"])
def test_same_bytes(seeded, name):
    """Twice by gRPC and once by REST: each object gives the same bytes, each class one digest."""
    known(seeded, name)
    first, again, by_rest = (
        commands.run(*extract(name, more=more))
        for more in ([], ["--jobs", "3"], ["--transport", "rest"]))
    assert first.code == again.code == by_rest.code == 0, first.err + again.err + by_rest.err
    assert _points(first.out) == _points(again.out)
    assert _points(first.out) == _points(by_rest.out)


def test_limit(seeded, target):
    result = commands.run(*extract("Cosine", more=["--limit", "7"]))
    points, _ = _points(result.out)
    assert len(points) == 7
    scope = json.loads(commands.plain(result.out)[-1])["scopes"][0]
    assert scope["points"] == 7 and scope["whole"] is False
    assert commands.run("load", "qdrant", stdin=result.out).code in (0, 3)
    assert target.count("Cosine", exact=True).count == 7


def test_list(seeded):
    result = commands.run("extract", "weaviate", "--list")
    assert result.code == 0, result.err
    for name in seeded:
        assert name in result.out.decode()


# -- migrate -----------------------------------------------------------------------------------

def plan(tmp_path, names):
    """A plan for the given classes; addresses come from the environment."""
    path = tmp_path / "migrate.yaml"
    path.write_text(f"source: {{kind: weaviate}}\nextract: {{collection: [{', '.join(names)}]}}\n"
                    "target: {kind: qdrant}\n")
    return path


def test_plan_writes_nothing(seeded, target, tmp_path):
    names = [n for n in WHOLE if n in seeded]
    result = commands.run("migrate", plan(tmp_path, names), "--plan")
    assert result.code == 0, result.err
    text = result.out.decode()
    for name in names:
        assert name in text
    assert not [c for c in target.get_collections().collections if c.name in seeded]


def test_migrate(seeded, target, tmp_path):
    """One command moves every class, builds the indexes and proves the counts."""
    names = [n for n in WHOLE if n in seeded]
    result = commands.run("migrate", plan(tmp_path, names))
    assert result.code == 0, result.err
    assert_same(names)
    for name in names:
        if target.collection_exists(name):
            assert target.get_collection(name).status.value == "green"


def test_migrate_tenants(seeded, target, rest, tmp_path):
    result = commands.run("migrate", plan(tmp_path, ["Tenants"]))
    assert result.code == 3, result.err
    assert COLD_TENANT in result.err + result.out.decode()
    assert still_cold(rest)
    assert_same(["Tenants"])


def test_migrate_again(seeded, target, tmp_path):
    """The same command over a finished migration changes nothing and says it is done."""
    for _ in range(2):
        result = commands.run("migrate", plan(tmp_path, ["Dot", "NamedVectors"]))
        assert result.code == 0, result.err
        assert_same(["Dot", "NamedVectors"])


@pytest.mark.parametrize("refused", ["SharedIds"], indirect=True)
def test_shared_ids(seeded, target, refused, tmp_path):
    """Two tenants that share ids are found before the first write."""
    result = commands.run("migrate", plan(tmp_path, [refused]))
    assert result.code not in (0, 3), result.err
    assert len(result.lines()) == 1 and "tenant-hash" in result.err
    assert not target.collection_exists(refused)


# -- the check itself --------------------------------------------------------------------------

def test_check_finds_what_is_planted(seeded, target):
    """One missing, one extra, one changed field, one changed bit of a vector, two swapped."""
    expect(commands.pipe(extract("Dot"), ["load", "qdrant"]), 0, 0)
    found = check.points(target, "Dot")
    ids = sorted(found)
    vectors = {key: found[key][0][""].tolist() for key in ids}
    target.delete("Dot", [ids[0]], wait=True)
    target.upsert("Dot", [{"id": 1, "vector": vectors[ids[1]], "payload": {}}], wait=True)
    target.set_payload("Dot", {"rank": -1}, [ids[2]], wait=True)
    bent = check.np.array(vectors[ids[3]], dtype=check.np.float32)
    bent[0] = check.np.nextafter(bent[0], check.np.float32(9e9))
    changes = {ids[3]: bent.tolist(), ids[4]: vectors[ids[5]], ids[5]: vectors[ids[4]]}
    for key, vector in changes.items():
        target.update_vectors("Dot", [{"id": key, "vector": vector}], wait=True)
    named = {diff.id for diff in check.check({"Dot": None}).diffs}
    assert named == {ids[0], "1", ids[2], ids[3], ids[4], ids[5]}
