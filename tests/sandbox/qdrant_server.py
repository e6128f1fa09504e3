#!/usr/bin/env python3
"""A Qdrant stand-in for tests and for the quick start: the real engine, in process, behind the
gRPC and REST interfaces of a 1.18 server.

Points, payload indexes, filters, counts and searches are the engine's own (qdrant-edge-py).
Around it, in Python: collection settings (kept as given and shown in the real server's shape, but
shards, replication, HNSW, quantization, optimizers and the WAL are not acted on), aliases,
operation numbers, checks of vectors before the engine sees them, texts of errors. Searches are
exact scans. --index-seconds pretends that turning indexing on takes that long (yellow, a queue).

Not here: recommend, discover, fusion, order_by, facets, groups, inference, snapshots, clusters,
shard keys, JWT, rate limits (a fault rule plays one). Of strict mode: upsert_max_batchsize.

POST /_sandbox/faults makes it fail on purpose (faults.py).
"""

import argparse
import signal
import sys
import threading

import grpcbase
import restbase
from faults import Faults, from_flag, version_of
from qdrant_grpc import Rpcs, authorizer
from qdrant_rest import Rest
from qdrant_store import Store


def log(text):
    print(f'qdrant: {text}', file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--host', default='127.0.0.1')
    add('--port', type=int, default=6333, help='REST; 0 takes a free one')
    add('--grpc-port', type=int, default=6334, help='gRPC; 0 takes a free one')
    add('--server-version', type=version_of, default=(1, 18, 3), metavar='1.18.3')
    add('--data', metavar='DIR', help='keep the data here over restarts')
    add('--api-key')
    add('--tls-cert', metavar='FILE')
    add('--tls-key', metavar='FILE')
    add('--index-seconds', type=float, default=0, metavar='SECONDS')
    add('--faults', type=from_flag, metavar='JSON', help='rules, or @file')
    return parser.parse_args()


def main():
    args = arguments()
    tls = (args.tls_cert, args.tls_key) if args.tls_cert else None
    faults, store = Faults(), Store(args.data, args.index_seconds)
    if args.faults:
        faults.load(args.faults)
    service = grpcbase.Service(faults, log, authorizer(args.api_key))
    Rpcs(service, store, args.server_version)
    app = Rest(faults, store, args.api_key, args.server_version)
    rest = restbase.Server((args.host, args.port), app, log, tls)
    server, grpc_port = grpcbase.serve(service, f'{args.host}:{args.grpc_port}', tls)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *unused: stop.set())
    threading.Thread(target=rest.serve_forever, daemon=True).start()
    scheme = 'https' if tls else 'http'
    print(f'{scheme}://{args.host}:{rest.server_address[1]} {args.host}:{grpc_port}', flush=True)
    stop.wait()
    server.stop(0).wait()
    rest.shutdown()
    store.close()


if __name__ == '__main__':
    main()
