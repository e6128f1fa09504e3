#!/usr/bin/env python3
"""Fills one Weaviate class for the benchmark, as fast as its gRPC batch takes it.

    bench_seed.py [--objects N] [--dim D] [--class NAME] [--index flat|hnsw] [--shards S]

Vectors and payload are seeded: the same arguments give the same data.  An object carries about
0.5 KB of payload: title, body, year, score, tags, created.  The class is replaced when it exists.
"""

import argparse
import sys
import time
import uuid
from collections import deque

import grpc
import numpy as np

import servers  # before the client's own modules: it quiets their import
from weaviate.proto.v1 import base_pb2, batch_pb2, weaviate_pb2_grpc

from classes import WORDS, prop

EPOCH = np.datetime64("2015-01-01T00:00:00")
MAX_MESSAGE = 104858000


def schema(args):
    return {
        "class": args.name, "vectorizer": "none", "vectorIndexType": args.index,
        "vectorIndexConfig": {"distance": args.distance},
        "shardingConfig": {"desiredCount": args.shards},
        "properties": [prop("title", "text"), prop("body", "text"), prop("year", "int"),
                       prop("score", "number"), prop("tags", "text[]", tokenization="field"),
                       prop("created", "date")]}


def requests(args):
    """Batches of objects, as protobuf messages."""
    rng = np.random.default_rng(args.seed)
    for start in range(0, args.objects, args.batch):
        count = min(args.batch, args.objects - start)
        vectors = rng.standard_normal((count, args.dim), dtype=np.float32)
        picks = rng.integers(0, len(WORDS), (count, 64))
        years = rng.integers(1950, 2025, count)
        scores = rng.random(count)
        created = np.datetime_as_string(EPOCH + rng.integers(0, 3 * 10**8, count))
        objects = []
        for i in range(count):
            words = [WORDS[w] for w in picks[i]]
            obj = batch_pb2.BatchObject(collection=args.name, vector_bytes=vectors[i].tobytes(),
                                        uuid=str(uuid.UUID(bytes=rng.bytes(16), version=4)))
            obj.properties.non_ref_properties.update({
                "title": " ".join(words[:6]), "body": " ".join(words[6:60]),
                "year": int(years[i]), "score": float(scores[i]), "created": f"{created[i]}Z"})
            obj.properties.text_array_properties.append(
                base_pb2.TextArrayProperties(prop_name="tags", values=words[60:]))
            objects.append(obj)
        yield batch_pb2.BatchObjectsRequest(objects=objects)


def settle(pending):
    reply = pending.popleft().result()
    if reply.errors:
        raise RuntimeError(reply.errors[0].error)


def fill(args):
    """Writes all batches with a few in flight; returns the seconds it took."""
    host, port = servers.weaviate_grpc()
    options = [("grpc.max_send_message_length", MAX_MESSAGE)]
    started = time.monotonic()
    pending = deque()
    with grpc.insecure_channel(f"{host}:{port}", options) as channel:
        stub = weaviate_pb2_grpc.WeaviateStub(channel)
        for request in requests(args):
            pending.append(stub.BatchObjects.future(request, timeout=300))
            if len(pending) >= args.jobs:
                settle(pending)
        while pending:
            settle(pending)
    return time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=768)
    parser.add_argument("--class", dest="name", default="Bench")
    parser.add_argument("--index", choices=("flat", "hnsw"), default="flat")
    parser.add_argument("--distance", default="cosine")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=3, help="requests in flight")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with servers.weaviate_rest() as rest:
        rest.delete(f"/v1/schema/{args.name}").raise_for_status()
        rest.post("/v1/schema", json=schema(args)).raise_for_status()
        seconds = fill(args)
    print(f"{args.name}: {args.objects} x {args.dim}, {args.index}, {args.shards} shards: "
          f"{seconds:.1f} s, {args.objects / seconds:.0f} objects/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
