"""Reads Weaviate twice, by the official gRPC client and by plain REST, into expected points.

REST gives what the client does not: raw beacons (dangling ones too), dates as stored, objects past
their time to live.  gRPC gives vectors as bits and typed numbers.  Where both speak, they must
agree; where they do not, that is reported as a fault of this reading (`oracle`), not of the target.
"""

import json
import struct
import uuid
from dataclasses import dataclass, field

import numpy as np
from weaviate.classes.query import QueryNested
from weaviate.exceptions import WeaviateQueryError

REST_PAGE = 250
GRPC_PAGE = 500


@dataclass
class Geo:
    """A place, as the float32 pair that Weaviate keeps."""

    lat: float
    lon: float


@dataclass
class Phone:
    """A phone number; keys whose value is empty may be left out."""

    fields: dict


@dataclass
class Record:
    """What a point has to hold: vectors by name ("" is the unnamed one) and payload by key."""

    id: str
    tenant: str | None
    vectors: dict
    payload: dict
    oracle: list = field(default_factory=list)


def parse(text):
    """JSON whose `-0` keeps its sign."""
    return json.loads(text, parse_int=lambda s: -0.0 if s == "-0" else int(s))


def schema_of(rest, name):
    reply = rest.get(f"/v1/schema/{name}")
    reply.raise_for_status()
    return reply.json()


def class_names(rest):
    return [c["class"] for c in rest.get("/v1/schema").raise_for_status().json()["classes"]]


def aliases(rest):
    """{alias: class}; empty where the server has none."""
    reply = rest.get("/v1/aliases")
    if reply.status_code != 200:
        return {}
    return {a["alias"]: a["class"] for a in reply.json().get("aliases") or []}


def tenants(rest, schema):
    """{tenant: readable}; {None: True} for a class without tenants."""
    if not schema.get("multiTenancyConfig", {}).get("enabled"):
        return {None: True}
    reply = rest.get(f"/v1/schema/{schema['class']}/tenants").raise_for_status()
    return {t["name"]: t.get("activityStatus", "HOT") in ("HOT", "ACTIVE") for t in reply.json()}


def vector_settings(schema):
    """{name: (index type, settings)}, the unnamed vector under ""."""
    found = {name: (entry.get("vectorIndexType"), entry.get("vectorIndexConfig") or {})
             for name, entry in (schema.get("vectorConfig") or {}).items()}
    if schema.get("vectorIndexType"):
        found[""] = (schema["vectorIndexType"], schema.get("vectorIndexConfig") or {})
    return found


def distance_of(settings):
    """The distance of a vector index.  The one inside a dynamic index's `hnsw` has no effect."""
    return settings.get("distance") or "cosine"


# -- properties --------------------------------------------------------------------------------

def _kind(prop):
    data_type = prop["dataType"][0]
    if data_type[:1].isupper():
        return "ref", False
    return data_type.removesuffix("[]"), data_type.endswith("[]")


def _reference(beacon):
    """weaviate://host/Class/uuid, or without a class as old servers wrote it."""
    parts = beacon.split("/")
    return {"collection": parts[-2] if len(parts) > 4 else None, "id": parts[-1].lower()}


def _value(kind, raw, prop):
    if kind == "int":
        return int(raw)
    if kind == "number":
        return float(raw)
    if kind == "uuid":
        return str(uuid.UUID(raw))
    if kind == "geoCoordinates":
        return Geo(np.float32(raw.get("latitude", 0)), np.float32(raw.get("longitude", 0)))
    if kind == "phoneNumber":
        return Phone(raw)
    if kind == "object":
        return _values(raw, prop.get("nestedProperties") or [])
    return raw


def _values(raw, props):
    by_name = {p["name"]: p for p in props}
    out = {}
    for key, value in (raw or {}).items():
        prop = by_name.get(key, {"dataType": ["text"]})
        kind, many = _kind(prop)
        if value is None:
            continue
        if kind == "ref":
            out[key] = [_reference(r["beacon"]) for r in value]
        elif many:
            out[key] = [_value(kind, v, prop) for v in value]
        else:
            out[key] = _value(kind, value, prop)
    return out


def _wanted(props):
    """The list that makes the gRPC client return blobs and nested fields as well."""
    names = []
    for prop in props:
        kind, _ = _kind(prop)
        if kind == "object":
            names.append(QueryNested(name=prop["name"],
                                     properties=_wanted(prop.get("nestedProperties") or [])))
        elif kind != "ref":
            names.append(prop["name"])
    return names


def _bits(number):
    return struct.pack("<d", number)


def _disagree(prop, by_rest, by_grpc):
    """True when the two readings of one property differ.  Dates are REST's alone."""
    kind, many = _kind(prop)
    if kind in ("ref", "date", "phoneNumber"):
        return False
    if (by_rest is None) != (by_grpc is None):
        return True
    if by_rest is None:
        return False
    if many:
        single = {**prop, "dataType": [kind]}
        return len(by_rest) != len(by_grpc) or any(
            _disagree(single, a, b) for a, b in zip(by_rest, by_grpc))
    if kind == "object":
        return any(_disagree(p, by_rest.get(p["name"]), by_grpc.get(p["name"]))
                   for p in prop.get("nestedProperties") or [])
    if kind == "geoCoordinates":
        return (by_rest.lat, by_rest.lon) != (np.float32(by_grpc.latitude),
                                              np.float32(by_grpc.longitude))
    if kind == "number":
        return _bits(by_rest) != _bits(by_grpc)
    if kind == "uuid":
        return by_rest != str(by_grpc)
    return by_rest != by_grpc


# -- reading -----------------------------------------------------------------------------------

def _rest_objects(rest, name, tenant):
    after = ""
    while True:
        params = {"class": name, "limit": REST_PAGE, "after": after, "include": "vector"}
        if tenant:
            params["tenant"] = tenant
        objects = parse(rest.get("/v1/objects", params=params).raise_for_status().text)["objects"]
        if not objects:
            return
        yield from objects
        after = objects[-1]["id"]


def _grpc_objects(collection, props):
    """All objects by the official client; the page shrinks when a reply is too large."""
    after, page = None, GRPC_PAGE
    while True:
        try:
            reply = collection.query.fetch_objects(
                limit=page, after=after, include_vector=True, return_properties=_wanted(props))
        except WeaviateQueryError:
            if page == 1:
                raise
            page = max(1, page // 8)
            continue
        if not reply.objects:
            return
        yield from reply.objects
        after = reply.objects[-1].uuid


def _rest_vectors(raw):
    vectors = {n: np.array(v, dtype=np.float32) for n, v in (raw.get("vectors") or {}).items() if v}
    if raw.get("vector"):
        vectors[""] = np.array(raw["vector"], dtype=np.float32)
    return vectors


def _merge_grpc(record, obj, schema):
    """Takes vectors from gRPC and notes where the two readings differ."""
    legacy = "" in vector_settings(schema)
    for name, values in obj.vector.items():
        vector = np.array(values, dtype=np.float32)
        key = "" if legacy and name == "default" else name
        other = record.vectors.get(key)
        if other is None or other.tobytes() != vector.tobytes():
            record.oracle.append(f"vector {key!r} differs between gRPC and REST")
        record.vectors[key] = vector
    for prop in schema.get("properties") or []:
        if _disagree(prop, record.payload.get(prop["name"]), obj.properties.get(prop["name"])):
            record.oracle.append(f"property {prop['name']} differs between gRPC and REST")


def read(client, rest, schema, tenant=None):
    """({id: Record}, note) of one class or tenant; note says why gRPC was not used, or is None."""
    name, props = schema["class"], schema.get("properties") or []
    records = {}
    for raw in _rest_objects(rest, name, tenant):
        key = str(uuid.UUID(raw["id"]))
        records[key] = Record(key, tenant, _rest_vectors(raw), _values(raw["properties"], props))
    collection = client.collections.use(name)
    if tenant:
        collection = collection.with_tenant(tenant)
    try:
        for obj in _grpc_objects(collection, props):
            record = records.get(str(obj.uuid))
            if record is None:
                records[str(obj.uuid)] = Record(str(obj.uuid), tenant, {}, {},
                                                ["listed by gRPC, not by REST"])
            else:
                _merge_grpc(record, obj, schema)
    except WeaviateQueryError as error:
        return records, f"gRPC cannot read this class: {str(error).splitlines()[0]}"
    return records, None
