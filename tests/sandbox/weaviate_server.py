#!/usr/bin/env python3
"""A Weaviate stand-in for tests and for the quick start: gRPC and REST over one store in memory.

It takes what the official Python client v4 sends to create classes of every property type, named
and multi-vectors, tenants, references and aliases, to insert (BatchObjects, BatchStream, REST),
to fetch and to count; and it answers reads as a 1.39 server does, texts of errors included.
--server-version gives back the reply shapes and the missing rpcs of older ones (1.23 on).

Not here: ranked searches, inverted indexes, vectorizers, replication, backups, export. Weaviate's
own limits on memory and time neither. GraphQL knows the count only. There is no real sharding: a
class has one shard, a multi-tenant class one a tenant. Offloaded tenants take half a second to
come back (UNFREEZING). A wrong key is refused over gRPC with UNKNOWN, as 1.39 does.

POST /_sandbox/faults makes it fail on purpose (faults.py).
"""

import argparse
import random
import signal
import sys
import threading

import grpcbase
import restbase
from faults import Faults, from_flag, version_of
from weaviate_auth import Auth, Oidc
from weaviate_grpc import MAX_MESSAGE, Rpcs, authorizer
from weaviate_rest import Rest
from weaviate_store import Store


def log(text):
    print(f'weaviate: {text}', file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--host', default='127.0.0.1')
    add('--port', type=int, default=8080, help='REST; 0 takes a free one')
    add('--grpc-port', type=int, default=50051, help='gRPC; 0 takes a free one')
    add('--server-version', type=version_of, default=(1, 39, 0), metavar='1.39.0')
    add('--data', metavar='FILE', help='keep the data here over restarts')
    add('--api-key')
    add('--oidc', action='store_true', help='ask for tokens of the built-in provider')
    add('--oidc-client', default='sandbox')
    add('--oidc-secret', default='sandbox-secret')
    add('--oidc-refresh-token', help='a refresh token that is valid from the start')
    add('--oidc-lifetime', type=float, default=60, metavar='SECONDS')
    add('--tls-cert', metavar='FILE')
    add('--tls-key', metavar='FILE')
    add('--max-message', type=int, default=MAX_MESSAGE, metavar='BYTES')
    add('--faults', type=from_flag, metavar='JSON', help='rules, or @file')
    add('--seed', type=int, help='makes map order and tenant order repeatable')
    return parser.parse_args()


def main():
    args = arguments()
    if args.seed is not None:
        random.seed(args.seed)
    tls = (args.tls_cert, args.tls_key) if args.tls_cert else None
    faults, store = Faults(), Store(args.data)
    if args.faults:
        faults.load(args.faults)
    oidc = None
    if args.oidc:
        oidc = Oidc(args.oidc_client, args.oidc_secret, lifetime=args.oidc_lifetime)
        if args.oidc_refresh_token:
            oidc.grant_refresh(args.oidc_refresh_token)
    auth = Auth(args.api_key, oidc)
    service = grpcbase.Service(faults, log, authorizer(auth.check), args.max_message,
                               args.max_message)
    Rpcs(service, store, args.server_version)
    app = Rest(faults, store, auth, args.server_version)
    rest = restbase.Server((args.host, args.port), app, log, tls)
    app.address = f"{'https' if tls else 'http'}://{args.host}:{rest.server_address[1]}"
    if oidc:
        oidc.attach(app, lambda: app.address + '/_oidc')
    server, grpc_port = grpcbase.serve(service, f'{args.host}:{args.grpc_port}', tls)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *unused: stop.set())
    threading.Thread(target=rest.serve_forever, daemon=True).start()
    print(f'{app.address} {args.host}:{grpc_port}', flush=True)
    stop.wait()
    server.stop(0)
    rest.shutdown()
    store.save()


if __name__ == '__main__':
    main()
