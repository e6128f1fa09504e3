"""The checker must find each kind of difference, or a green run of it proves nothing.

No server is needed: expected records are held against points by the checker's own functions.
"""

import check
import numpy as np
import pytest
import source
from qdrant_client import models


def told(expected, actual):
    return [path for path, _ in check.compare(expected, actual, "")]


SAME = [
    ({"i": 2**53, "n": 0.1, "t": "a\x00b", "b": True, "l": []},
     {"l": [], "b": True, "t": "a\x00b", "n": 0.1, "i": 2**53}),
    ({"n": 0.1}, {"n": np.nextafter(0.1, 1).item()}),
    ({"g": source.Geo(np.float32(52.3932), np.float32(0))}, {"g": {"lat": 52.3932, "lon": 0.0}}),
    ({"g": source.Geo(np.float32(52.3932), np.float32(0))},
     {"g": {"lat": float(np.float32(52.3932)), "lon": 0.0}}),
    ({"p": source.Phone({"input": "1", "valid": False})},
     {"p": {"input": "1", "defaultCountry": ""}}),
    ({}, {"_created_at": "2024-01-01T00:00:00.000Z"}),
]
DIFFERENT = [
    ({"i": 5}, {"i": 5.0}, ["i"]), ({"n": 5.0}, {"n": 5}, ["n"]), ({"b": True}, {"b": 1}, ["b"]),
    ({"i": 2**53}, {"i": 2**53 - 1}, ["i"]), ({"n": 0.1}, {"n": 0.1000000000001}, ["n"]),
    ({}, {"k": None}, ["k"]), ({"k": "x"}, {}, ["k"]),
    ({"l": [1, 2]}, {"l": [2, 1]}, ["[0]", "[1]"]),
    ({"l": []}, {"l": None}, ["l"]), ({"o": {"a": {"b": 1}}}, {"o": {"a": {}}}, ["o.a.b"]),
    ({"o": {}}, {"o": {"_created_at": "x"}}, ["o._created_at"]),
    ({"g": source.Geo(np.float32(1), np.float32(2))}, {"g": {"lat": 2.0, "lon": 1.0}}, ["g"]),
    ({"g": source.Geo(np.float32(1), np.float32(2))},
     {"g": {"latitude": 1.0, "longitude": 2.0}}, ["g"]),
    ({"d": "2024-01-01T00:00:00+02:00"}, {"d": "2023-12-31T22:00:00Z"}, ["d"]),
]


@pytest.mark.parametrize("expected, actual", SAME)
def test_same(expected, actual):
    assert told(expected, actual) == []


@pytest.mark.parametrize("expected, actual, paths", DIFFERENT)
def test_different(expected, actual, paths):
    assert [p if p in paths else p[p.find("["):] for p in told(expected, actual)] == paths


def test_ulps():
    up = np.nextafter(1.0, 2).item()
    assert check.ulps(1.0, up) == 1 and check.ulps(-1.0, -up) == 1
    assert check.ulps(0.0, -0.0) == 0 and check.ulps(5e-324, -5e-324) == 2


def vectors(*values):
    return {"": np.array(values, dtype=np.float32)}


def vector_diffs(expected, actual, distance="dot"):
    return list(check.compare_vectors(expected, actual, {"": distance}))


def test_vectors_bit_by_bit():
    assert not vector_diffs(vectors(1, 1e-40), vectors(1, 1e-40))
    assert vector_diffs(vectors(0.0), vectors(-0.0))
    assert vector_diffs(vectors(1, 2), vectors(1, np.nextafter(np.float32(2), np.float32(3))))
    assert vector_diffs(vectors(1, 2), {}) and vector_diffs({}, vectors(1, 2))
    assert vector_diffs(vectors(1, 2), vectors(1, 2, 3))
    assert vector_diffs(vectors([1, 2], [3, 4]), vectors(1, 2, 3, 4))


def test_vectors_under_cosine():
    assert not vector_diffs(vectors(3, 4), vectors(0.6, 0.8), "cosine")
    assert not vector_diffs(vectors(0, 0), vectors(0, 0), "cosine")
    assert not vector_diffs(vectors([3, 4], [0, 2]), vectors([0.6, 0.8], [0, 1]), "cosine")
    assert vector_diffs(vectors(3, 4), vectors(0.60001, 0.8), "cosine")
    assert vector_diffs(vectors(3, 4), vectors(0.8, 0.6), "cosine")
    assert vector_diffs(vectors(3, 4), vectors(np.nan, 0.8), "cosine")


def params(**more):
    return models.VectorParams(size=4, distance=models.Distance.DOT, **more)


class Info:
    """The part of a collection's description that the checker reads."""

    class config:
        hnsw_config = models.HnswConfig(m=32, ef_construct=128, full_scan_threshold=1)
        quantization_config = None


def config_diffs(kind, settings, found, tenants=False):
    settings = {"distance": "dot", **settings}
    return [f for f, _ in check.check_vector_config(kind, settings, {4}, found, Info, tenants)]


def test_vector_config():
    int8 = models.ScalarQuantization(scalar=models.ScalarQuantizationConfig(type="int8"))
    assert config_diffs("hnsw", {}, params()) == []
    assert config_diffs("hnsw", {"distance": "l2-squared"}, params()) == ["distance"]
    assert config_diffs("hnsw", {"maxConnections": 8}, params()) == ["hnsw m"]
    assert config_diffs("hnsw", {"maxConnections": 8},
                        params(hnsw_config=models.HnswConfigDiff(m=8))) == []
    assert config_diffs("hnsw", {}, params(hnsw_config=models.HnswConfigDiff(m=0, payload_m=32)),
                        tenants=True) == []
    assert config_diffs("dynamic", {"hnsw": {"efConstruction": 9}}, params()) == [
        "hnsw ef_construct"]
    assert config_diffs("hnsw", {"sq": {"enabled": True}}, params()) == ["quantization"]
    assert config_diffs("hnsw", {"sq": {"enabled": True}}, params(quantization_config=int8)) == []
    assert config_diffs("hnsw", {}, params(quantization_config=int8)) == ["quantization"]
    assert config_diffs("hnsw", {"multivector": {"enabled": True}}, params()) == ["multivector"]
    assert config_diffs("hfresh", {}, params()) == ["on_disk"]


def test_indexes():
    def prop(name, kind, **more):
        return {"name": name, "dataType": [kind], **more}
    wanted = check.wanted_indexes({"properties": [
        prop("a", "text"), prop("b", "text", tokenization="field"), prop("c", "int"),
        prop("d", "date", indexFilterable=False), prop("e", "number[]", indexRangeFilters=True),
        prop("f", "text", tokenization="whitespace", indexSearchable=False), prop("g", "blob"),
        prop("h", "Author"), prop("i", "geoCoordinates")]})
    assert wanted == {
        "a": {("text", "word", True)}, "b": {("keyword",)}, "c": {("integer",)}, "d": {None},
        "e": {("float",)}, "f": {("text", "whitespace", False), ("keyword",)}, "g": {None},
        "i": {("geo",)}}
