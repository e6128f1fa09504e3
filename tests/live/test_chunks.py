"""Pieces of texts in the target: a delete of the parent reaches them, and nothing else."""

import json

import pytest

import commands

NAME = "FortressChunks"
HEADER = {"type": "stream", "version": 1, "run": "e24712de-9a00-4837-8cac-c2626f42772d"}
COLLECTION = {
    "type": "collection",
    "name": NAME,
    "payload": {"text": {"type": "text"}},
    "vectors": {"": {"size": 2, "distance": "Cosine"}},
}
UUID = "0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9f0001"


@pytest.fixture
def clean(qdrant):
    qdrant.delete_collection(NAME)
    yield qdrant
    qdrant.delete_collection(NAME)


def point(number, text):
    return {
        "type": "point",
        "collection": NAME,
        "id": number,
        "vector": [1, 2],
        "payload": {"text": text},
    }


def delete(number):
    return {"type": "delete", "collection": NAME, "id": number}


def stream(*lines):
    end = {
        "type": "end",
        "digest": {NAME: "0" * 32},
        "scopes": [{"collection": NAME, "points": len(lines), "deletes": 0, "whole": True}],
    }
    return "".join(json.dumps(line) + "\n" for line in (HEADER, COLLECTION, *lines, end)).encode()


def load(*lines):
    """The step drops the vectors of the whole texts; Qdrant takes a collection without any."""
    done = commands.run(
        "transform",
        "--reseal",
        "--step",
        "{chunk: {property: text, size: 5, overlap: 0}}",
        stdin=stream(*lines),
    )
    assert done.code == 0, done.err
    result = commands.run("load", "qdrant", stdin=done.out)
    assert result.code == 0, result.err
    return result


def texts(qdrant):
    points, _ = qdrant.scroll(NAME, limit=100)
    return sorted((p.payload["_parent"], p.payload["_chunk"], p.payload["text"]) for p in points)


def test_delete_of_a_parent(clean):
    load(point(1, "one two three"), point(UUID, "four five"), point(11, "six"))
    assert texts(clean) == sorted(
        [
            (UUID, 0, "four"),
            (UUID, 1, "five"),
            ("1", 0, "one"),
            ("1", 1, "two"),
            ("1", 2, "three"),
            ("11", 0, "six"),
        ]
    )
    load(delete(1))
    assert texts(clean) == sorted([(UUID, 0, "four"), (UUID, 1, "five"), ("11", 0, "six")])
    load(delete(UUID), point(11, "seven"))
    assert texts(clean) == [("11", 0, "seven")]


def test_order(clean):
    """What comes behind a delete stays, what came before it goes, in one stream."""
    load(point(1, "one two three"), delete(1), point(1, "again"), point(2, "x"), delete(2))
    assert texts(clean) == [("1", 0, "again")]
