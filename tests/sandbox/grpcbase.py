"""The gRPC side of both stand-ins: one wrapper around every rpc that counts, injects faults,
checks the key, bounds message sizes and turns exceptions into statuses."""

import concurrent.futures

import grpc

HEALTH = '/grpc.health.v1.Health/Check'
SERVING = b'\x08\x01'


class RpcError(Exception):
    """A status other than OK, with trailing metadata as pairs."""

    def __init__(self, code, details, metadata=()):
        super().__init__(details)
        self.code, self.details, self.metadata = code, details, tuple(metadata)


def code_of(name):
    """The status code for its name ("UNAVAILABLE") or its number (14)."""
    for code in grpc.StatusCode:
        if name in (code.name, code.value[0]):
            return code
    raise ValueError(f'no such gRPC status: {name}')


class Service:
    """Collects the rpcs of one server.

    authorize(path, metadata) raises RpcError when the caller may not pass. max_request and
    max_reply bound messages in bytes with the texts of grpc-go; None is no bound.
    """

    def __init__(self, faults, log, authorize=None, max_request=None, max_reply=None):
        self.faults, self.log = faults, log
        self.authorize = authorize or (lambda path, metadata: None)
        self.max_request, self.max_reply = max_request, max_reply
        self.handlers = {HEALTH: self._health}

    def unary(self, path, request_class, function):
        """function(message, metadata) returns a message, or the bytes of one."""
        def call(data, metadata):
            reply = function(request_class.FromString(data), metadata)
            return reply if isinstance(reply, bytes) else reply.SerializeToString()
        self.handlers[path] = call

    def stream(self, path, request_class, function):
        """function(iterator of messages, metadata) yields messages."""
        def call(messages, metadata):
            for reply in function((request_class.FromString(m) for m in messages), metadata):
                yield reply.SerializeToString()
        call.streams = True
        self.handlers[path] = call

    @staticmethod
    def _health(data, metadata):
        return SERVING

    def _fault(self, rule):
        metadata = ()
        if 'retry_after' in rule:
            metadata = (('retry-after', str(rule['retry_after'])),)
        code = code_of(rule['code'])
        return RpcError(code, rule.get('message', f'sandbox fault {code.name}'), metadata)

    def _check_size(self, size, limit, verb):
        if limit is not None and size > limit:
            raise RpcError(grpc.StatusCode.RESOURCE_EXHAUSTED,
                           f'grpc: {verb} message larger than max ({size} vs. {limit})')

    def _unary(self, path, function, data, context):
        metadata = context.invocation_metadata()
        rule = self.faults.take('grpc', path)
        if rule and not rule.get('after'):
            raise self._fault(rule)
        self._check_size(len(data), self.max_request, 'received')
        if path != HEALTH:
            self.authorize(path, metadata)
        reply = function(data, metadata)
        if rule:
            raise self._fault(rule)
        self._check_size(len(reply), self.max_reply, 'trying to send')
        return reply

    def _abort(self, path, error, context):
        if not isinstance(error, RpcError):
            self.log(f'{path}: {error!r}')
            error = RpcError(grpc.StatusCode.INTERNAL, f'sandbox: {error!r}')
        if error.metadata:
            context.set_trailing_metadata(error.metadata)
        context.abort(error.code, error.details)

    def service(self, details):
        """grpc.GenericRpcHandler"""
        path = details.method
        function = self.handlers.get(path)
        if function is None:
            return None

        def unary(data, context):
            self.faults.enter('grpc', path)
            try:
                return self._unary(path, function, data, context)
            except Exception as error:
                self._abort(path, error, context)
            finally:
                self.faults.leave()

        def stream(messages, context):
            self.faults.enter('grpc', path)
            try:
                rule = self.faults.take('grpc', path)
                if rule and not rule.get('after'):
                    raise self._fault(rule)
                self.authorize(path, context.invocation_metadata())
                yield from function(messages, context.invocation_metadata())
                if rule:
                    raise self._fault(rule)
            except Exception as error:
                self._abort(path, error, context)
            finally:
                self.faults.leave()

        if getattr(function, 'streams', False):
            return grpc.stream_stream_rpc_method_handler(stream)
        return grpc.unary_unary_rpc_method_handler(unary)


def serve(service, address, tls=None, threads=16):
    """Starts the server; returns (server, port). tls = (cert file, key file)."""
    unlimited = [('grpc.max_receive_message_length', -1), ('grpc.max_send_message_length', -1),
                 ('grpc.so_reuseport', 0)]
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(threads), options=unlimited)
    server.add_generic_rpc_handlers((_Handler(service),))
    if tls:
        with open(tls[1], 'rb') as key, open(tls[0], 'rb') as cert:
            credentials = grpc.ssl_server_credentials([(key.read(), cert.read())])
        port = server.add_secure_port(address, credentials)
    else:
        port = server.add_insecure_port(address)
    server.start()
    return server, port


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, service):
        self._service = service

    def service(self, handler_call_details):
        return self._service.service(handler_call_details)
