"""Shared fixtures: the servers, the seeded classes, a clean target.

The servers must be ones kept for tests: classes of the names in `classes.py`, and collections of
the same names, are replaced.  SEED_SCALE sizes the data, SEED_KEEP=1 leaves it there and uses it
again on the next run.
"""

import os

import pytest
import servers
import source
from classes import BY_NAME, SPECS
from seed import drop, seed

import commands


def pytest_collection_modifyitems(items):
    if commands.program():
        return
    missing = pytest.mark.skip(reason=f"no fortress below {commands.BIN} (set FORTRESS_BIN)")
    for item in items:
        if "seeded" in item.fixturenames or "target" in item.fixturenames:
            item.add_marker(missing)


@pytest.fixture(scope="session")
def weaviate():
    with servers.weaviate_client() as client:
        yield client


@pytest.fixture(scope="session")
def rest():
    with servers.weaviate_rest() as client:
        yield client


@pytest.fixture(scope="session")
def qdrant():
    return servers.qdrant_client(prefer_grpc=False)


@pytest.fixture(scope="session")
def seeded(weaviate, rest):
    """The names of the classes of the table that exist on this server, filled."""
    wanted = [s.name for s in SPECS if not s.refused]
    keep = os.environ.get("SEED_KEEP") == "1"
    present = set(source.class_names(rest))
    if keep and {s.name for s in SPECS if not s.refused and not s.optional} <= present:
        yield [n for n in wanted if n in present]
        return
    yield list(seed(weaviate, scale=float(os.environ.get("SEED_SCALE", "1"))))
    if not keep:
        drop(weaviate, wanted)


def clear(qdrant):
    """Removes every collection that bears the name of a class of the table, with its aliases."""
    for collection in qdrant.get_collections().collections:
        if collection.name.split("__")[0] in BY_NAME:
            qdrant.delete_collection(collection.name)


@pytest.fixture
def target(qdrant):
    """The Qdrant client over a server without any of the fixture's collections."""
    clear(qdrant)
    yield qdrant
    clear(qdrant)


@pytest.fixture
def refused(weaviate, request):
    """Seeds the class named by the parameter, one that a migration refuses, for one test."""
    seed(weaviate, [request.param])
    yield request.param
    drop(weaviate, [request.param])
