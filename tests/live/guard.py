"""A doorkeeper in front of a server: passes on only requests that carry the right key.

Both protocols: REST by a small reverse proxy, gRPC by forwarding messages as bytes.  With it the
tests of missing and wrong keys run on any server that asks for none itself.  The key is not passed
on: a Weaviate without authentication refuses a request that carries one.
"""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import grpc

# What both servers answer to anyone.
OPEN_PATHS = ("/", "/healthz", "/readyz", "/livez", "/v1/.well-known/ready",
              "/v1/.well-known/live", "/v1/.well-known/openid-configuration")
OPEN_METHODS = ("/grpc.health.v1.Health/Check", "/qdrant.Qdrant/HealthCheck")
UNLIMITED = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


def _rest(target, header, expected):
    where = urlsplit(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            """Keeps quiet."""

        def _reply(self, status, headers, body):
            self.send_response(status)
            for key, value in headers:
                if key.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _handle(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path not in OPEN_PATHS and self.headers.get(header) != expected:
                text = {"code": 401, "message": "a valid key is needed"}
                self._reply(401, [("Content-Type", "application/json")], json.dumps(text).encode())
                return
            link = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", header)}
            link.request(self.command, self.path, body, headers)
            reply = link.getresponse()
            self._reply(reply.status, reply.getheaders(), reply.read())
            link.close()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Forward(grpc.GenericRpcHandler):
    def __init__(self, channel, header, expected):
        self.channel, self.header, self.expected = channel, header, expected

    def service(self, details):
        call = self.channel.unary_unary(details.method)
        key = dict(details.invocation_metadata).get(self.header)
        allowed = details.method in OPEN_METHODS or key == self.expected

        def handle(request, context):
            if not allowed:
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "a valid key is needed")
            try:
                return call(request, timeout=60)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())

        return grpc.unary_unary_rpc_method_handler(handle)


@contextmanager
def guard(rest_url, grpc_host, grpc_port, header, expected):
    """Yields (REST address, gRPC address) of a guarded server until the block ends."""
    rest = _rest(rest_url, header, expected)
    channel = grpc.insecure_channel(f"{grpc_host}:{grpc_port}", UNLIMITED)
    server = grpc.server(ThreadPoolExecutor(8), options=UNLIMITED)
    server.add_generic_rpc_handlers((_Forward(channel, header, expected),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{rest.server_port}", f"http://127.0.0.1:{port}"
    finally:
        rest.shutdown()
        rest.server_close()
        server.stop(None).wait()
        channel.close()
