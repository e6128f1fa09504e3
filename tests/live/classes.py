"""The fixture: a table of Weaviate classes that between them hold everything a migration can meet.

Each `Spec` is a class: its schema as Weaviate's own REST API takes it, the number of objects, and
a function that makes them.  Everything is seeded, so two runs make the same objects.
"""

import base64
import random
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator, Optional

import numpy as np
from weaviate.classes.data import GeoCoordinate, PhoneNumber

TENANTS = ("acme", "globex", "initech", "umbrella", "hooli")
COLD_TENANT = "hooli"
ALIASES = {"Library": "Book", "Shelf": "Book", "Everything": "EveryType"}


@dataclass
class Obj:
    """One object to write.  `vector` is a list, or a dict by name, or None."""

    id: str
    props: dict
    vector: Any = None
    tenant: Optional[str] = None


@dataclass
class Spec:
    """One class of the fixture.

    optional: the server may refuse it (too old, or a feature that is switched off).
    refused:  a migration is meant to refuse it, so it is seeded only by the test of that refusal.
    needs:    classes that must exist before this one.
    """

    name: str
    why: str
    schema: dict
    objects: Callable[[int, random.Random], Iterator[Obj]]
    count: int = 100
    optional: bool = False
    refused: bool = False
    needs: tuple = ()
    later_vectors: dict = field(default_factory=dict)


# -- small makers ------------------------------------------------------------------------------

WORDS = ("river harbour lantern orchard granite violet engine ladder meadow copper winter candle "
         "market bridge saddle island thunder paper compass garden silver morning window forest "
         "anchor ribbon valley mirror summer castle feather rocket").split()

TRICKY_TEXTS = (
    "", " ", "plain", "naïve café, Žluťoučký kůň", "日本語のテキスト 中文 한국어",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇨🇭 👍🏽", "\"double\" 'single' `back` \\ \\\\ \\n \\u0041 \\x00",
    "controls \x01\x02\x08\x0b\x0c\x1f\x7f\x80\x9f", "tab\tnewline\nreturn\r\nend",
    "NUL \x00 inside", "separators \u2028 \u2029", "עברית العربية", "e\u0301 is not é",
    "\ufeffmark first",
    "\U0010ffff \ufffe \uffff", "</script>&amp;<>", '{"looks":["like","json"]}', "null", "NaN",
    "2024-02-29T12:34:56Z", "12345678901234567890", "%s %n %00 ../../etc/passwd", "a" * 4096)

DATES = (
    "2024-02-29T12:34:56Z", "2024-02-29T12:34:56.789+05:30", "1969-12-31T23:59:59.999999999-11:00",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9Z", "2024-06-01T00:00:00.120+00:00",
    "2024-12-31T23:59:59.000001+14:00", "1582-10-15T00:00:00-00:30", "1970-01-01T00:00:00Z")

INTS = (0, 1, -1, 42, 2**31 - 1, -2**31, 2**31, 2**32, 10**15, 2**53, -2**53, 2**53 - 1)

NUMBERS = (0.0, -0.0, 5.0, -5.0, 0.1, 1e-7, 1e21, 1e20, 1e16, 1.5e300, -2.5e-300, 1 / 3,
           123456789.123456789, 9007199254740993.0, 2.2250738585072014e-308, 5e-324, 100.0, 1e5)

GEOS = ((0.0, 0.0), (52.3932, 4.9041), (-89.9999, 179.9999), (90.0, -180.0), (-0.5, 0.0),
        (1e-5, -1e-5))

PHONES = (("020 1234567", "nl"), ("+49 30 901820", None), ("(212) 555-0123", "us"))


def new_id(rng):
    return str(uuid.UUID(int=rng.getrandbits(128)))


def text(rng, low=3, high=12):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(low, high)))


def vec(rng, size, scale=1.0):
    """A float32 vector as Python floats, exactly representable."""
    gen = np.random.default_rng(rng.getrandbits(64))
    return (gen.standard_normal(size) * scale).astype(np.float32).tolist()


def rows(rng, size, low=1, high=24):
    return [vec(rng, size) for _ in range(rng.randint(low, high))]


def blob(rng, size):
    return base64.b64encode(rng.randbytes(size)).decode()


def prop(name, data_type, **more):
    types = data_type if isinstance(data_type, list) else [data_type]
    return {"name": name, "dataType": types, **more}


def index(kind="hnsw", **config):
    """Fields of a class with the one unnamed vector."""
    return {"vectorizer": "none", "vectorIndexType": kind, "vectorIndexConfig": config}


def named(**kinds):
    """`vectorConfig` of a class with named vectors: name -> (index type, its settings)."""
    return {"vectorConfig": {
        name: {"vectorizer": {"none": {}}, "vectorIndexType": kind, "vectorIndexConfig": config}
        for name, (kind, config) in kinds.items()}}


TITLE = [prop("title", "text"), prop("rank", "int")]


def plain(size, scale=1.0):
    """Makes objects with a title, a rank and an unnamed vector."""
    def make(count, rng):
        for i in range(count):
            yield Obj(new_id(rng), {"title": text(rng), "rank": i}, vec(rng, size, scale))
    return make


# -- every property type -----------------------------------------------------------------------

LEAVES = [prop("t", "text"), prop("i", "int"), prop("n", "number"), prop("b", "boolean"),
          prop("d", "date"), prop("u", "uuid"), prop("raw", "blob"), prop("ts", "text[]"),
          prop("is", "int[]"), prop("ns", "number[]"), prop("bs", "boolean[]"),
          prop("ds", "date[]"), prop("us", "uuid[]")]

EVERY_TYPE = [
    *(prop(f"text_{t}", "text", tokenization=t)
      for t in ("word", "lowercase", "whitespace", "field", "trigram")),
    prop("text_filter_only", "text", tokenization="field", indexSearchable=False),
    prop("text_search_only", "text", tokenization="word", indexFilterable=False),
    prop("text_unindexed", "text", indexFilterable=False, indexSearchable=False),
    prop("texts", "text[]", tokenization="field"), prop("texts_word", "text[]"),
    prop("whole", "int"), prop("wholes", "int[]"),
    prop("whole_ranged", "int", indexRangeFilters=True),
    prop("whole_unindexed", "int", indexFilterable=False),
    prop("real", "number"), prop("reals", "number[]"),
    prop("real_ranged", "number", indexFilterable=False, indexRangeFilters=True),
    prop("yes", "boolean"), prop("yeses", "boolean[]"),
    prop("moment", "date", indexRangeFilters=True), prop("moments", "date[]"),
    prop("key", "uuid"), prop("keys", "uuid[]"),
    prop("place", "geoCoordinates"), prop("phone", "phoneNumber"), prop("raw", "blob"),
    prop("nest", "object", nestedProperties=[
        *LEAVES, prop("inner", "object", nestedProperties=[
            *LEAVES, prop("many", "object[]", nestedProperties=LEAVES[:3] + LEAVES[6:10])])]),
    prop("nests", "object[]", nestedProperties=[
        *LEAVES, prop("inner", "object", nestedProperties=LEAVES)])]


def leaves(rng, i):
    """Values of LEAVES, about a third of them left out; arrays may be empty."""
    values = {
        "t": TRICKY_TEXTS[i % len(TRICKY_TEXTS)], "i": INTS[i % len(INTS)],
        "n": NUMBERS[i % len(NUMBERS)], "b": bool(i % 2), "d": DATES[i % len(DATES)],
        "u": new_id(rng), "raw": blob(rng, 1 + i % 40),
        "ts": [text(rng) for _ in range(i % 3)], "is": list(INTS[:i % 5]),
        "ns": list(NUMBERS[:i % 6]), "bs": [bool(j % 2) for j in range(i % 4)],
        "ds": list(DATES[:i % 4]), "us": [new_id(rng) for _ in range(i % 3)]}
    return {k: v for k, v in values.items() if rng.random() < 0.67} or {"t": "kept"}


def every_type(count, rng):
    ids = ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
           "00000000-0000-0000-0000-000000000001", "00ffffff-ffff-4fff-8fff-ffffffffffff"]
    yield Obj(new_id(rng), {}, vec(rng, 16))
    yield Obj(new_id(rng), {"text_word": "no vector"})
    for i in range(count):
        number, country = PHONES[i % len(PHONES)]
        words = TRICKY_TEXTS[i % len(TRICKY_TEXTS)]
        inner = {**leaves(rng, i + 1), "many": [
            {k: v for k, v in leaves(rng, i + j).items() if k in ("t", "i", "n", "raw", "is", "ns")}
            or {"t": "kept"} for j in range(i % 4)]}
        props = {
            "text_word": words, "text_lowercase": text(rng), "text_whitespace": words * 2,
            "text_field": f"{rng.choice(WORDS)}-{i}", "text_trigram": text(rng),
            "text_filter_only": rng.choice(WORDS), "text_search_only": text(rng),
            "text_unindexed": words, "texts": list(TRICKY_TEXTS[:i % 7]),
            "texts_word": [text(rng) for _ in range(i % 3)],
            "whole": INTS[i % len(INTS)], "wholes": list(INTS[:i % (len(INTS) + 1)]),
            "whole_ranged": i, "whole_unindexed": -i,
            "real": NUMBERS[i % len(NUMBERS)], "reals": list(NUMBERS[:i % (len(NUMBERS) + 1)]),
            "real_ranged": rng.uniform(-1e6, 1e6),
            "yes": bool(i % 2), "yeses": [bool(j & i) for j in range(i % 5)],
            "moment": DATES[i % len(DATES)], "moments": list(DATES[:i % len(DATES)]),
            "key": new_id(rng), "keys": [new_id(rng) for _ in range(i % 4)],
            "place": GeoCoordinate(latitude=GEOS[i % len(GEOS)][0],
                                   longitude=GEOS[i % len(GEOS)][1]),
            "phone": PhoneNumber(number=number, default_country=country),
            "raw": blob(rng, 3 + i), "nest": {**leaves(rng, i), "inner": inner},
            "nests": [{**leaves(rng, i + j), "inner": leaves(rng, j)} for j in range(i % 3)]}
        kept = {k: v for k, v in props.items() if i < 24 or rng.random() < 0.8}
        yield Obj(ids[i] if i < len(ids) else new_id(rng), kept, vec(rng, 16))


# -- vectors -----------------------------------------------------------------------------------

EDGE_FLOATS = [0.0, -0.0, 1e-40, -1e-45, 1.17549435e-38, 1e30, -1e30, 0.1, 1 / 3, 16777217.0,
               1e-7, 5.0]


def raw_vectors(count, rng):
    """For distances that keep vectors as they are: denormals, signed zeros, large values."""
    edge = np.array(EDGE_FLOATS, dtype=np.float32).tolist()
    yield Obj(new_id(rng), {"title": "edge values"}, edge)
    yield Obj(new_id(rng), {"title": "all zero"}, [0.0] * len(edge))
    yield from plain(len(edge), 100.0)(count, rng)


def named_vectors(count, rng):
    """Some names absent; `rare` only in the object with the highest id, so it is met last."""
    for i in range(count):
        vectors = {"title_vector": vec(rng, 8), "body_vector": vec(rng, 12),
                   "flat_vector": vec(rng, 6)}
        kept = {k: v for k, v in vectors.items() if rng.random() < 0.75}
        yield Obj(new_id(rng), {"title": text(rng), "rank": i}, kept or None)
    yield Obj("ffffffff-0000-4000-8000-000000000000", {"title": "rare"}, {"rare": vec(rng, 4)})


def multi_vectors(count, rng):
    for i in range(count):
        vectors = {"colbert": rows(rng, 16), "muvera": rows(rng, 8, 1, 6), "dense": vec(rng, 8)}
        kept = {k: v for k, v in vectors.items() if rng.random() < 0.8}
        yield Obj(new_id(rng), {"title": text(rng), "rank": i}, kept or None)


def no_vectors(count, rng):
    for i in range(count):
        yield Obj(new_id(rng), {"title": text(rng), "rank": i})


def legacy_and_named(count, rng):
    for i in range(count):
        vectors = {"": vec(rng, 8), "added": vec(rng, 5)}
        kept = {k: v for k, v in vectors.items() if rng.random() < 0.7}
        yield Obj(new_id(rng), {"title": text(rng), "rank": i}, kept or None)


# -- tenants, ids, sizes -----------------------------------------------------------------------

def tenants(count, rng):
    for tenant in TENANTS:
        for i in range(count // len(TENANTS)):
            yield Obj(new_id(rng), {"title": text(rng), "rank": i}, vec(rng, 8), tenant)


def shared_ids(count, rng):
    ids = [new_id(rng) for _ in range(count)]
    for tenant in TENANTS[:2]:
        for i, key in enumerate(ids):
            yield Obj(key, {"title": f"{tenant} {i}", "rank": i}, vec(rng, 8), tenant)


def skewed(count, rng):
    """Ids that share their first 8 bytes: one interval of an even split holds them all."""
    for i in range(count):
        key = uuid.UUID(int=(0x0123456789ABCDEF << 64) | rng.getrandbits(64))
        yield Obj(str(key), {"rank": i}, vec(rng, 4))


def heavy(count, rng):
    """Records of 1 MB, half of it text, half blob."""
    for i in range(count):
        yield Obj(new_id(rng), {"rank": i, "body": text(rng, 70000, 70000),
                                "raw": blob(rng, 390000)}, vec(rng, 8))


def long_texts(count, rng):
    for i in range(count):
        body = text(rng, 15000, 15000) + rng.choice(TRICKY_TEXTS) * 3000
        body = body.encode()[:200_000].decode("utf-8", "ignore")
        yield Obj(new_id(rng), {"rank": i, "body": body}, vec(rng, 8))


def expiring(count, rng):
    for i in range(count):
        year = 2001 if i % 3 == 0 else 2101
        yield Obj(new_id(rng), {"title": text(rng), "expires": f"{year}-01-01T00:00:00Z"},
                  vec(rng, 8))


def lat_lon(count, rng):
    for i in range(count):
        spot = {"latitude": 1.5 + i, "longitude": -i / 8}
        yield Obj(new_id(rng), {"title": text(rng), "spot": spot}, vec(rng, 8))


def names(count, rng):
    for _ in range(count):
        yield Obj(new_id(rng), {"name": text(rng, 2, 2)}, vec(rng, 8))


def books(count, rng):
    for i in range(count):
        yield Obj(new_id(rng), {"title": text(rng), "rank": i}, vec(rng, 8))


# -- the table ---------------------------------------------------------------------------------

# A mere read of a cold tenant would wake it here, so a tool that reads one is found out.
MT = {"multiTenancyConfig": {"enabled": True, "autoTenantActivation": True}}
COSINE, DOT, L2, MANHATTAN = ({"distance": d} for d in ("cosine", "dot", "l2-squared", "manhattan"))

SPECS = [
    Spec("EveryType", "every property type, edge values, absent properties, extreme ids",
         {"properties": EVERY_TYPE, **index(**COSINE, maxConnections=24, efConstruction=200)},
         every_type, 240),
    Spec("Cosine", "unnamed vector over three shards",
         {"properties": TITLE, **index(**COSINE), "shardingConfig": {"desiredCount": 3}},
         plain(32), 3000),
    Spec("Dot", "vectors kept bit by bit", {"properties": TITLE, **index(**DOT)}, raw_vectors),
    Spec("L2", "squared distance, not the default graph",
         {"properties": TITLE, **index(**L2, maxConnections=8, efConstruction=64)}, raw_vectors),
    Spec("Manhattan", "", {"properties": TITLE, **index(**MANHATTAN)}, raw_vectors),
    Spec("Hamming", "a distance without a twin",
         {"properties": TITLE, **index(distance="hamming")}, plain(8), 10, refused=True),
    Spec("NamedVectors", "four names, some absent, one met only in the last object",
         {"properties": TITLE, **named(
             title_vector=("hnsw", COSINE), body_vector=("hnsw", {**DOT, "maxConnections": 48}),
             flat_vector=("flat", L2), rare=("hnsw", {**MANHATTAN, "efConstruction": 99}))},
         named_vectors, 1500),
    Spec("MultiVectors", "matrices in the manner of ColBERT, with and without MUVERA",
         {"properties": TITLE, **named(
             colbert=("hnsw", {"multivector": {"enabled": True}}),
             muvera=("hnsw", {"multivector": {"enabled": True, "muvera": {"enabled": True}}}),
             dense=("hnsw", DOT))}, multi_vectors, 200, optional=True),
    Spec("Vectorless", "no object has a vector", {"properties": TITLE, **index(skip=True)},
         no_vectors, 100),
    Spec("LegacyAndNamed", "an unnamed vector and a named one added later",
         {"properties": TITLE, **index(**DOT)}, legacy_and_named, 100, optional=True,
         later_vectors=named(added=("hnsw", L2))["vectorConfig"]),
    Spec("Tenants", "five tenants, one of them COLD", {"properties": TITLE, **index(**DOT), **MT},
         tenants, 1000),
    Spec("SharedIds", "two tenants with the same ids",
         {"properties": TITLE, **index(**DOT), **MT}, shared_ids, 20, refused=True),
    Spec("Author", "target of references",
         {"properties": [prop("name", "text")], **index(**DOT)}, names, 20),
    Spec("Publisher", "target of references",
         {"properties": [prop("name", "text")], **index(**DOT)}, names, 10),
    Spec("Book", "two target classes of one property, self references, dangling ones",
         {"properties": [*TITLE, prop("by", ["Author", "Publisher"]), prop("sequel_of", ["Book"]),
                         prop("printed_by", ["Publisher"])], **index(**DOT)}, books, 120,
         needs=("Author", "Publisher")),
    Spec("Flat", "flat index, binary quantisation",
         {"properties": TITLE, **index("flat", **COSINE, bq={"enabled": True})}, plain(32)),
    Spec("FlatPlain", "flat index", {"properties": TITLE, **index("flat", **L2)}, plain(32)),
    Spec("Dynamic", "flat that turns into a graph", {"properties": TITLE, **index(
        "dynamic", **DOT, threshold=5000, hnsw={"maxConnections": 20, "efConstruction": 90})},
         plain(16), optional=True),
    Spec("Pq", "product quantisation", {"properties": TITLE, **index(
        **L2, pq={"enabled": True, "segments": 8, "trainingLimit": 100000})}, plain(32)),
    Spec("Sq", "scalar quantisation", {"properties": TITLE, **index(
        **DOT, maxConnections=12, sq={"enabled": True})}, plain(32), optional=True),
    Spec("Bq", "binary quantisation", {"properties": TITLE, **index(
        **COSINE, bq={"enabled": True})}, plain(32)),
    Spec("Rq", "rotational quantisation, 8 bits", {"properties": TITLE, **index(
        **COSINE, rq={"enabled": True, "bits": 8})}, plain(32), optional=True),
    Spec("RqOneBit", "rotational quantisation, 1 bit", {"properties": TITLE, **index(
        **COSINE, rq={"enabled": True, "bits": 1})}, plain(32), optional=True),
    Spec("Hfresh", "index on disk", {"properties": TITLE, **index("hfresh", **COSINE)},
         plain(32), 50, optional=True),
    Spec("EmptyClass", "no object at all", {"properties": TITLE, **index(**COSINE)},
         no_vectors, 0),
    Spec("LatLonObject", "an object with the keys latitude and longitude: its gRPC page fails",
         {"properties": [prop("title", "text"), prop("spot", "object", nestedProperties=[
             prop("latitude", "number"), prop("longitude", "number")])], **index(**DOT)},
         lat_lon, 300),
    Spec("Skewed", "all ids share their first eight bytes",
         {"properties": [prop("rank", "int")], **index("flat", **DOT)}, skewed, 20000),
    Spec("Heavy", "records of 1 MB", {"properties": [prop("rank", "int"), prop(
        "body", "text", indexSearchable=False, indexFilterable=False), prop("raw", "blob")],
        **index("flat", **DOT)}, heavy, 36),
    Spec("LongTexts", "texts of 200 KB", {"properties": [prop("rank", "int"), prop(
        "body", "text")], **index("flat", **DOT)}, long_texts, 20),
    Spec("Expiring", "objects past their time, hidden from gRPC, listed by REST",
         {"properties": [prop("title", "text"), prop("expires", "date")], **index(**DOT),
          "objectTtlConfig": {"enabled": True, "deleteOn": "expires", "defaultTtl": 0,
                              "filterExpiredObjects": True}}, expiring, 90, optional=True),
]

BY_NAME = {spec.name: spec for spec in SPECS}
