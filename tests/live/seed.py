#!/usr/bin/env python3
"""Creates the classes of `classes.py` in Weaviate and fills them.

    seed.py [--only NAME]... [--scale X] [--drop] [--list]

--scale multiplies the numbers of objects (SEED_SCALE does the same).  Classes that an earlier run
made are replaced; a class of the same name that someone else made stops the run.  A class marked
optional that the server refuses is left out, and said so.
"""

import argparse
import os
import random
import sys
import time

import servers  # before the client's own modules: it quiets their import
from weaviate.classes.data import DataObject, DataReference
from weaviate.classes.tenants import Tenant, TenantActivityStatus

from classes import ALIASES, BY_NAME, COLD_TENANT, SPECS, TENANTS

MARK = "Fortress test fixture"
FEWEST = 30  # objects that a class keeps however small the scale
BATCH_OBJECTS = 1000
BATCH_BYTES = 20 << 20


def drop(client, names):
    """Removes the named classes and the aliases that point to them, if this program made them."""
    with servers.weaviate_rest() as rest:
        for entry in rest.get("/v1/schema").raise_for_status().json()["classes"]:
            if entry["class"] in names and entry.get("description") != MARK:
                raise SystemExit(f"class {entry['class']} at {servers.WEAVIATE_URL} is not a test "
                                 "fixture; use a server kept for tests")
    if hasattr(client, "alias"):
        try:
            for alias, entry in client.alias.list_all().items():
                if entry.collection in names:
                    client.alias.delete(alias_name=alias)
        except Exception as error:
            if "alias" not in str(error).lower():
                raise
    for name in names:
        client.collections.delete(name)


def _create(client, spec):
    """Creates the class; returns the reason when the server refuses an optional one."""
    try:
        client.collections.create_from_dict(
            {"class": spec.name, "description": MARK, **spec.schema})
    except Exception as error:
        if not spec.optional:
            raise
        return str(error).splitlines()[0]
    if spec.schema.get("multiTenancyConfig", {}).get("enabled"):
        client.collections.use(spec.name).tenants.create([Tenant(name=t) for t in TENANTS])
    return _add_vectors(client, spec) if spec.later_vectors else None


def _add_vectors(client, spec):
    """Adds named vectors to a class that began with the unnamed one (servers from 1.31)."""
    with servers.weaviate_rest() as rest:
        schema = rest.get(f"/v1/schema/{spec.name}").json()
        schema["vectorConfig"] = {**schema.get("vectorConfig", {}), **spec.later_vectors}
        reply = rest.put(f"/v1/schema/{spec.name}", json=schema)
    if reply.status_code == 200:
        return None
    client.collections.delete(spec.name)
    return reply.text


def _weight(obj):
    """A rough size of an object on the wire, for cutting batches."""
    return 500 + sum(len(v) for v in obj.props.values() if isinstance(v, str))


def _batches(objects):
    batch, size = [], 0
    for obj in objects:
        batch.append(obj)
        size += _weight(obj)
        if len(batch) >= BATCH_OBJECTS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _insert_grpc(client, spec, batch):
    collection = client.collections.use(spec.name)
    by_tenant = {}
    for obj in batch:
        by_tenant.setdefault(obj.tenant, []).append(obj)
    for tenant, objs in by_tenant.items():
        target = collection.with_tenant(tenant) if tenant else collection
        reply = target.data.insert_many(
            [DataObject(properties=o.props, uuid=o.id, vector=o.vector) for o in objs])
        if reply.has_errors:
            raise RuntimeError(f"{spec.name}: {next(iter(reply.errors.values())).message}")


def _insert_rest(spec, batch):
    """For objects with the unnamed vector and named ones at once, which the client cannot send."""
    objects = []
    for obj in batch:
        vectors = dict(obj.vector or {})
        entry = {"class": spec.name, "id": obj.id, "properties": obj.props}
        if "" in vectors:
            entry["vector"] = vectors.pop("")
        objects.append({**entry, "vectors": vectors} if vectors else entry)
    with servers.weaviate_rest() as rest:
        reply = rest.post("/v1/batch/objects", json={"objects": objects})
    reply.raise_for_status()
    for result in reply.json():
        if result.get("result", {}).get("errors"):
            raise RuntimeError(f"{spec.name}: {result['result']['errors']}")


def _references(client, rng):
    """Book -> Author | Publisher, to books, and to targets that are deleted afterwards."""
    ids = {name: [str(o.uuid) for o in client.collections.use(name).iterator()]
           for name in ("Author", "Publisher", "Book")}
    doomed = {name: ids[name][-3:] for name in ("Author", "Publisher")}
    links = []
    for i, book in enumerate(ids["Book"]):
        for _ in range(i % 5):
            target = rng.choice(("Author", "Publisher"))
            links.append(DataReference.MultiTarget(
                from_property="by", from_uuid=book, to_uuid=rng.choice(ids[target]),
                target_collection=target))
        if i % 3 == 0:
            sequels = [book] if i % 2 else [book, rng.choice(ids["Book"])]
            links += [DataReference(from_property="sequel_of", from_uuid=book, to_uuid=other)
                      for other in sequels]
        if i % 4 == 0:
            links.append(DataReference(from_property="printed_by", from_uuid=book,
                                       to_uuid=rng.choice(ids["Publisher"])))
    reply = client.collections.use("Book").data.reference_add_many(links)
    if reply.has_errors:
        raise RuntimeError(f"references: {next(iter(reply.errors.values())).message}")
    for name, victims in doomed.items():
        for victim in victims:
            client.collections.use(name).data.delete_by_id(victim)


def _finish(client, done, rng, say):
    """What needs the classes filled: references, aliases, the cold tenant."""
    if {"Author", "Publisher", "Book"} <= set(done):
        _references(client, rng)
    for alias, name in ALIASES.items():
        if name in done:
            try:
                client.alias.create(alias_name=alias, target_collection=name)
            except Exception as error:
                say(f"alias {alias} left out: {str(error).splitlines()[0]}")
    if "Tenants" in done:
        client.collections.use("Tenants").tenants.update(
            [Tenant(name=COLD_TENANT, activity_status=TenantActivityStatus.INACTIVE)])


def seed(client, names=None, scale=1.0, say=lambda line: None):
    """Drops, creates and fills classes; returns {name: objects written} of those that exist now.

    names: the classes wanted; by default every one that a migration is not meant to refuse.
    """
    if names:
        asked = {n for name in names for n in (name, *BY_NAME[name].needs)}
        wanted = [s for s in SPECS if s.name in asked]
    else:
        wanted = [s for s in SPECS if not s.refused]
    drop(client, [spec.name for spec in wanted])
    done = {}
    for spec in wanted:
        start = time.monotonic()
        refusal = _create(client, spec)
        if refusal:
            say(f"{spec.name:15} left out: {refusal}")
            continue
        count = max(min(FEWEST, spec.count), round(spec.count * scale))
        rng = random.Random(spec.name)
        written = 0
        for batch in _batches(spec.objects(count, rng)):
            if spec.later_vectors:
                _insert_rest(spec, batch)
            else:
                _insert_grpc(client, spec, batch)
            written += len(batch)
        done[spec.name] = written
        say(f"{spec.name:15} {written:6} objects {time.monotonic() - start:6.1f} s")
    _finish(client, done, random.Random("references"), say)
    return done


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=sorted(BY_NAME), metavar="NAME")
    parser.add_argument("--scale", type=float, default=float(os.environ.get("SEED_SCALE", "1")))
    parser.add_argument("--drop", action="store_true", help="only remove the classes")
    parser.add_argument("--list", action="store_true", help="show the table and do nothing")
    args = parser.parse_args()
    if args.list:
        for spec in SPECS:
            print(f"{spec.name:15} {spec.count:6}  {spec.why}")
        return 0
    with servers.weaviate_client() as client:
        if args.drop:
            drop(client, args.only or list(BY_NAME))
        else:
            seed(client, args.only, args.scale, print)
    return 0


if __name__ == "__main__":
    sys.exit(main())
