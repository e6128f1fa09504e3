#!/usr/bin/env python3
"""Compares Weaviate with Qdrant object by object, by the official clients alone.

    check.py [CLASS[=COLLECTION]]... [--tenant T]... [--json] [--show N]

Without a class, every class of the server.  Exit 0 when nothing differs, 1 otherwise.

What is compared
- ids: every readable object is a point of the same id, and no other point is there;
- vectors: the same names, bit for bit; under Cosine within 1e-6 after normalisation;
- payload: geo as lat/lon, references as [{"collection", "id"}], integers exact and of integer
  type, doubles within 16 units in the last place and of double type, dates as the stored text,
  `_tenant`; what is absent stays absent, and no key is added;
- the collection: sizes, distances, multivector comparator, hnsw m and ef_construct, quantisation,
  vectors on disk for hfresh, payload indexes, aliases.

Which payload index is expected
  text, searchable     word -> text (word, lowercase), lowercase -> text (whitespace, lowercase),
                       whitespace -> text (whitespace, case kept), field -> keyword,
                       trigram -> any text index or none, other -> text (multilingual)
  text, filterable     the same index, or keyword
  int -> integer, number -> float, boolean -> bool, date -> datetime, uuid -> uuid: when filterable
                       or range filters are on; geoCoordinates -> geo when filterable
  `_tenant`            keyword with is_tenant, in a class with tenants
  none                 for anything that Weaviate does not index either
Left open, as the mapping leaves it: indexes inside nested objects, on references and phones; the
graph of a flat index; m = 0 with payload_m in a class with tenants; a vector that no object has.
"""

import argparse
import json
import struct
import sys
from dataclasses import asdict, dataclass

import numpy as np

import servers
import source

ULPS = 16
COSINE_TOLERANCE = 1e-6
PAGE = 256
ADDED_KEYS = {"_created_at", "_updated_at"}
DISTANCES = {"cosine": "Cosine", "dot": "Dot", "l2-squared": "Euclid", "manhattan": "Manhattan"}
TOKENIZERS = {"word": ("word", True), "lowercase": ("whitespace", True),
              "whitespace": ("whitespace", False)}


@dataclass
class Diff:
    """One difference: where it is and what was expected and found."""

    collection: str
    id: str | None
    field: str
    what: str

    def __str__(self):
        return f"{self.collection} {self.id or '-'} {self.field}: {self.what}"


# -- values ------------------------------------------------------------------------------------

def short(value, limit=90):
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)})"


def _ordered(number):
    """The bits of a double as an integer in which neighbours differ by one."""
    bits = struct.unpack("<q", struct.pack("<d", number))[0]
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def ulps(a, b):
    return abs(_ordered(a) - _ordered(b))


def compare(expected, actual, path):
    """Yields (path, text) for each difference between an expected value and the stored one."""
    if isinstance(expected, source.Geo):
        yield from _compare_geo(expected, actual, path)
    elif isinstance(expected, source.Phone):
        found = actual if isinstance(actual, dict) else {"": actual}
        yield from compare(_filled(expected.fields), _filled(found), path)
    elif isinstance(expected, dict):
        yield from _compare_dict(expected, actual, path)
    elif isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            yield path, f"expected {short(expected)}, found {short(actual)}"
            return
        for i, (a, b) in enumerate(zip(expected, actual)):
            yield from compare(a, b, f"{path}[{i}]")
    elif type(expected) is not type(actual):
        yield path, (f"expected {type(expected).__name__} {short(expected)}, "
                     f"found {type(actual).__name__} {short(actual)}")
    elif isinstance(expected, float):
        if ulps(expected, actual) > ULPS:
            yield path, f"expected {expected!r}, found {actual!r}"
    elif expected != actual:
        yield path, f"expected {short(expected)}, found {short(actual)}"


def _filled(fields):
    """The fields of a phone number that say something."""
    return {k: v for k, v in fields.items() if v not in ("", 0, False)}


def _compare_dict(expected, actual, path):
    if not isinstance(actual, dict):
        yield path, f"expected an object, found {short(actual)}"
        return
    for key, value in expected.items():
        where = f"{path}.{key}" if path else key
        if key not in actual:
            yield where, f"missing, expected {short(value)}"
        else:
            yield from compare(value, actual[key], where)
    for key in actual.keys() - expected.keys() - (ADDED_KEYS if not path else set()):
        yield f"{path}.{key}" if path else key, f"not in the source, found {short(actual[key])}"


def _compare_geo(expected, actual, path):
    if not isinstance(actual, dict) or set(actual) != {"lat", "lon"}:
        yield path, f"expected lat and lon, found {short(actual)}"
    elif not all(isinstance(v, float) for v in actual.values()):
        yield path, f"expected doubles, found {short(actual)}"
    elif (np.float32(actual["lat"]), np.float32(actual["lon"])) != (expected.lat, expected.lon):
        yield path, f"expected {expected.lat}/{expected.lon}, found {short(actual)}"


def _unit(vector):
    """Rows scaled to length one in double precision; zero rows as they are."""
    matrix = np.atleast_2d(vector).astype(np.float64)
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / np.where(length == 0, 1, length)


def compare_vectors(expected, actual, distances):
    for name in sorted(expected.keys() | actual.keys()):
        field = f"vector {name!r}"
        if name not in actual:
            yield field, "missing"
        elif name not in expected:
            yield field, "not in the source"
        elif expected[name].shape != actual[name].shape:
            yield field, f"shape {expected[name].shape}, found {actual[name].shape}"
        elif expected[name].tobytes() == actual[name].tobytes():
            continue
        elif distances.get(name) != "cosine":
            at = np.flatnonzero(expected[name].view(np.uint32) != actual[name].view(np.uint32))
            i = int(at[0])
            yield field, (f"{len(at)} components differ, first [{i}] "
                          f"{expected[name].flat[i]!r} {actual[name].flat[i]!r}")
        else:
            gap = float(np.abs(_unit(expected[name]) - np.atleast_2d(actual[name])).max())
            if not gap <= COSINE_TOLERANCE:
                yield field, f"differs by {gap:g} after normalisation"


# -- the target --------------------------------------------------------------------------------

def _vectors_of(point):
    """Vectors of a point of the official client, by name, as float32 arrays."""
    vectors = point.vector
    if vectors is None:
        return {}
    if isinstance(vectors, list):
        vectors = {"": vectors} if vectors else {}
    return {name: np.array(value, dtype=np.float32) for name, value in vectors.items()}


def points(qdrant, collection):
    """{id: (vectors, payload)} of a collection."""
    found, offset = {}, None
    while True:
        batch, offset = qdrant.scroll(collection, limit=PAGE, offset=offset, with_payload=True,
                                      with_vectors=True)
        for point in batch:
            found[str(point.id)] = (_vectors_of(point), point.payload or {})
        if offset is None:
            return found


def _named_params(info):
    vectors = info.config.params.vectors
    if vectors is None:
        return {}
    return dict(vectors) if isinstance(vectors, dict) else {"": vectors}


def _quantization(settings):
    """The twins allowed for a quantised index: a set of (kind, detail), empty for none."""
    def on(key):
        return settings.get(key, {}).get("enabled")
    if on("pq"):
        return {("product", None)}
    if on("bq"):
        return {("binary", None)}
    if on("sq"):
        return {("scalar", "int8")}
    if on("rq"):
        return {8: {("scalar", "int8"), ("turbo", "bits8")}, 4: {("turbo", "bits4")},
                1: {("binary", None), ("turbo", "bits1")}}.get(settings["rq"].get("bits"),
                                                              {("any", None)})
    return set()


def _found_quantization(config):
    if config is None:
        return None
    data = config.model_dump(exclude_none=True)
    kind, values = next(iter(data.items()))
    detail = {"scalar": values.get("type"), "turbo": values.get("bits")}.get(kind)
    return kind, getattr(detail, "value", detail)


def _product_ratio(settings, size):
    """The nearest of x4..x64 to what Weaviate's segments make of four bytes a dimension."""
    segments = settings.get("pq", {}).get("segments") or 0
    if not segments:
        return None
    ratio = 4 * size / segments
    return f"x{min((4, 8, 16, 32, 64), key=lambda r: abs(np.log2(ratio / r)))}"


def check_vector_config(kind, settings, sizes, params, info, many_tenants):
    """Yields (field, text) for one vector name whose objects have the given sizes."""
    distance = source.distance_of(settings)
    if kind == "dynamic":
        settings = {**settings, **settings.get("hnsw", {})}
    if params.distance.value != DISTANCES.get(distance):
        yield "distance", f"{distance} became {params.distance.value}"
    if sizes and sizes != {params.size}:
        yield "size", f"{sorted(sizes)} became {params.size}"
    multi = settings.get("multivector", {}).get("enabled", False)
    comparator = params.multivector_config and params.multivector_config.comparator.value
    if comparator != ("max_sim" if multi else None):
        yield "multivector", f"{multi} became {comparator}"
    if kind in ("hnsw", "dynamic"):
        yield from _check_graph(settings, params, info, many_tenants)
    allowed = _quantization(settings)
    found = _found_quantization(params.quantization_config or info.config.quantization_config)
    if kind == "hfresh":
        if not params.on_disk:
            yield "on_disk", "hfresh keeps vectors on disk"
    elif ("any", None) not in allowed and (found not in allowed if allowed else found):
        yield "quantization", f"expected {allowed or None}, found {found}"
    elif found and found[0] == "product" and _product_ratio(settings, params.size):
        ratio = (params.quantization_config or info.config.quantization_config).product.compression
        if ratio.value != _product_ratio(settings, params.size):
            yield "quantization", f"expected {_product_ratio(settings, params.size)}, found {ratio}"


def _check_graph(settings, params, info, many_tenants):
    own, common = params.hnsw_config, info.config.hnsw_config
    for key, theirs, default in (("m", "maxConnections", 32),
                                 ("ef_construct", "efConstruction", 128)):
        value = getattr(own, key, None) if own else None
        value = getattr(common, key) if value is None else value
        wanted = settings.get(theirs, default)
        if key == "m" and many_tenants and value == 0:
            payload_m = getattr(own, "payload_m", None) if own else None
            value = common.payload_m if payload_m is None else payload_m
        if value != wanted:
            yield f"hnsw {key}", f"expected {wanted}, found {value}"


def _text_indexes(prop):
    """The payload indexes allowed for a text property, as (type, tokenizer, lowercase)."""
    tokenization = prop.get("tokenization", "word")
    if tokenization == "field":
        allowed = {("keyword",)}
    elif tokenization == "trigram":
        allowed = {("text", "any"), None}
    else:
        allowed = {("text", *TOKENIZERS.get(tokenization, ("multilingual", True)))}
    return allowed if prop.get("indexSearchable", True) else allowed | {("keyword",)}


def wanted_indexes(schema):
    """{key: set of allowed indexes}, None among them when there may be none."""
    wanted = {}
    simple = {"int": "integer", "number": "float", "boolean": "bool", "date": "datetime",
              "uuid": "uuid", "geoCoordinates": "geo"}
    for prop in schema.get("properties") or []:
        data_type = prop["dataType"][0].removesuffix("[]")
        indexed = prop.get("indexFilterable", True) or prop.get("indexRangeFilters", False)
        if data_type in ("text", "string"):
            searchable = prop.get("indexSearchable", True)
            wanted[prop["name"]] = _text_indexes(prop) if indexed or searchable else {None}
        elif data_type in simple:
            wanted[prop["name"]] = {(simple[data_type],)} if indexed else {None}
        elif data_type == "blob":
            wanted[prop["name"]] = {None}
    return wanted


def _found_index(entry):
    kind = entry.data_type.value
    if kind != "text":
        return (kind,)
    tokenizer = getattr(entry.params, "tokenizer", None)
    lowercase = getattr(entry.params, "lowercase", None)
    return kind, getattr(tokenizer, "value", tokenizer) or "word", lowercase is not False


def check_indexes(schema, info):
    found = dict(info.payload_schema)
    if schema.get("multiTenancyConfig", {}).get("enabled"):
        entry = found.pop("_tenant", None)
        if entry is None or entry.data_type.value != "keyword":
            yield "index _tenant", f"expected keyword, found {entry and entry.data_type.value}"
        elif not getattr(entry.params, "is_tenant", False):
            yield "index _tenant", "is_tenant is not set"
    for key, allowed in wanted_indexes(schema).items():
        actual = _found_index(found[key]) if key in found else None
        if actual and actual[0] == "text" and ("text", "any") in allowed:
            continue
        if actual not in allowed:
            yield f"index {key}", f"expected {sorted(allowed, key=str)}, found {actual}"


# -- a class -----------------------------------------------------------------------------------

class Checker:
    """Holds the clients and gathers differences; `diffs`, `counts` and `notes` are the result."""

    def __init__(self, weaviate, rest, qdrant, qdrant_rest):
        self.weaviate, self.rest = weaviate, rest
        self.qdrant, self.qdrant_rest = qdrant, qdrant_rest
        self.diffs, self.counts, self.notes = [], {}, []

    def _add(self, collection, key, pairs):
        self.diffs += [Diff(collection, key, field, what) for field, what in pairs]

    def check(self, name, collection=None, tenants=None):
        """Compares one class with one collection; returns the number of objects read."""
        collection = collection or name
        schema = source.schema_of(self.rest, name)
        records = self._source(schema, tenants)
        self.counts[name] = len(records)
        if not self.qdrant_rest.collection_exists(collection):
            if records:
                self._add(collection, None, [("collection", "missing")])
            return len(records)
        info = self.qdrant_rest.get_collection(collection)
        self._settings(schema, collection, info, records)
        self._points(schema, collection, records)
        self._aliases(name, collection)
        return len(records)

    def _source(self, schema, only):
        records = {}
        many = schema.get("multiTenancyConfig", {}).get("enabled")
        for tenant, readable in source.tenants(self.rest, schema).items():
            if only and tenant not in only:
                continue
            if not readable:
                self.notes.append(f"{schema['class']}: tenant {tenant} cannot be read, left out")
                continue
            found, note = source.read(self.weaviate, self.rest, schema, tenant)
            if note:
                self.notes.append(f"{schema['class']}: {note}")
            for key, record in found.items():
                if key in records:
                    self._add(schema["class"], key, [("id", "in two tenants")])
                if many:
                    record.payload["_tenant"] = tenant
                records[key] = record
        return records

    def _settings(self, schema, collection, info, records):
        params = _named_params(info)
        settings = source.vector_settings(schema)
        many = schema.get("multiTenancyConfig", {}).get("enabled", False)
        for name in params.keys() - settings.keys():
            self._add(collection, None, [(f"vector {name!r}", "not in the source's schema")])
        for name, (kind, config) in settings.items():
            sizes = {r.vectors[name].shape[-1] for r in records.values() if name in r.vectors}
            if name in params:
                self._add(collection, None,
                          ((f"vector {name!r} {field}", what) for field, what in
                           check_vector_config(kind, config, sizes, params[name], info, many)))
            elif sizes:
                self._add(collection, None, [(f"vector {name!r}", "missing from the collection")])
        self._add(collection, None, check_indexes(schema, info))

    def _points(self, schema, collection, records):
        distances = {name: source.distance_of(config)
                     for name, (_, config) in source.vector_settings(schema).items()}
        found = points(self.qdrant, collection)
        for key, record in records.items():
            self._add(collection, key, (("oracle", text) for text in record.oracle))
            if key not in found:
                self._add(collection, key, [("point", "missing")])
                continue
            vectors, payload = found.pop(key)
            self._add(collection, key, compare_vectors(record.vectors, vectors, distances))
            self._add(collection, key, compare(record.payload, payload, ""))
        for key in found:
            self._add(collection, key, [("point", "not in the source")])

    def _aliases(self, name, collection):
        wanted = {a for a, target in source.aliases(self.rest).items() if target == name}
        entries = {a.alias_name: a.collection_name for a in self.qdrant_rest.get_aliases().aliases}
        physical = entries.get(collection, collection)
        for alias in wanted:
            if entries.get(alias) != physical:
                self._add(collection, None, [(f"alias {alias}", f"points to {entries.get(alias)}")])


def check(names, tenants=None):
    """Compares {class: collection or None}; returns the Checker with what it found."""
    with servers.weaviate_client() as weaviate, servers.weaviate_rest() as rest:
        checker = Checker(weaviate, rest, servers.qdrant_client(),
                          servers.qdrant_client(prefer_grpc=False))
        for name, collection in names.items():
            checker.check(name, collection, tenants)
        return checker


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("classes", nargs="*", metavar="CLASS[=COLLECTION]")
    parser.add_argument("--tenant", action="append")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", type=int, default=50, help="differences printed (default 50)")
    args = parser.parse_args()
    if args.classes:
        names = dict(c.split("=", 1) if "=" in c else (c, None) for c in args.classes)
    else:
        with servers.weaviate_rest() as rest:
            names = dict.fromkeys(source.class_names(rest))
    result = check(names, args.tenant)
    if args.json:
        json.dump({"objects": result.counts, "notes": result.notes,
                   "differences": [asdict(d) for d in result.diffs]}, sys.stdout, indent=1)
        print()
    else:
        for diff in result.diffs[:args.show]:
            print(diff)
        for note in result.notes:
            print(f"note: {note}")
        print(f"{sum(result.counts.values())} objects of {len(result.counts)} classes, "
              f"{len(result.diffs)} differences")
    return 1 if result.diffs else 0


if __name__ == "__main__":
    sys.exit(main())
