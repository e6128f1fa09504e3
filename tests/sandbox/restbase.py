"""The HTTP side of both stand-ins: routing, keep-alive, faults, TLS, and the /_sandbox pages.

  GET    /_sandbox/requests   counters by route and by rpc, faults fired, most requests in flight
  DELETE /_sandbox/requests   set the counters back
  GET    /_sandbox/faults     the rules and how often each fired
  POST   /_sandbox/faults     replace the rules (faults.py says what a rule holds)
  DELETE /_sandbox/faults     no more faults
"""

import http.server
import json
import re
import socket
import socketserver
import ssl
import struct
import urllib.parse


class HttpError(Exception):
    """An answer other than success. `body` is JSON-able, bytes or None."""

    def __init__(self, status, body=None, headers=None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


class Reply:
    """A success with a status other than 200, raw bytes, or headers of its own."""

    def __init__(self, status=200, body=None, headers=None):
        self.status, self.body, self.headers = status, body, headers or {}


class Request:
    """One request: method, path, query (last value wins), headers, body, and the route's parts."""

    def __init__(self, method, target, headers, body):
        self.method, self.headers, self.body = method, headers, body
        parts = urllib.parse.urlsplit(target)
        self.path = parts.path
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.route = ''

    def json(self):
        return json.loads(self.body or b'null')


class App:
    """A table of routes. Subclasses add theirs with `route` and may override `authorize`,
    `not_found`, `bad_json`, `fault_body` and `dump`."""

    def __init__(self, faults):
        self.faults = faults
        self.routes = []
        self.route('GET', '/_sandbox/requests', lambda r: faults.report())
        self.route('DELETE', '/_sandbox/requests', lambda r: faults.reset())
        self.route('GET', '/_sandbox/faults', lambda r: faults.describe())
        self.route('DELETE', '/_sandbox/faults', lambda r: faults.load({}))
        self.route('POST', '/_sandbox/faults', self._set_faults)

    def _set_faults(self, request):
        try:
            self.faults.load(request.json())
        except (ValueError, AttributeError) as error:
            raise HttpError(400, {'error': str(error)}) from error
        return self.faults.describe()

    def route(self, method, template, handler):
        """`{name}` in the template stands for one path segment, handed over percent-decoded."""
        regex = re.sub(r'\\{(\w+)\\}', r'(?P<\1>[^/]+)', re.escape(template))
        self.routes.append((method, re.compile(regex + '$'), template, handler))

    def authorize(self, request):
        """Raises HttpError when the request may not pass."""

    def not_found(self, request, other_methods):
        return HttpError(405 if other_methods else 404)

    def bad_json(self, error):
        return HttpError(400, {'error': str(error)})

    def fault_body(self, status, message):
        return {'error': message}

    def dump(self, value):
        return json.dumps(value, separators=(',', ':'), ensure_ascii=False).encode()

    def find(self, request):
        others = False
        for method, regex, template, handler in self.routes:
            match = regex.match(request.path)
            if match and method == request.method:
                request.route = template
                parts = {k: urllib.parse.unquote(v) for k, v in match.groupdict().items()}
                return handler, parts
            others = others or bool(match)
        raise self.not_found(request, others)

    def answer(self, request):
        """Returns (status, body bytes or None, headers)."""
        try:
            handler, parts = self.find(request)
            if not request.path.startswith('/_sandbox/'):
                self.authorize(request)
            result = handler(request, **parts)
        except HttpError as error:
            result = Reply(error.status, error.body, error.headers)
        except json.JSONDecodeError as error:
            wrong = self.bad_json(error)
            result = Reply(wrong.status, wrong.body, wrong.headers)
        if not isinstance(result, Reply):
            result = Reply(200, {} if result is None else result)
        body, headers = result.body, dict(result.headers)
        if body is not None and not isinstance(body, bytes):
            body = self.dump(body)
            headers.setdefault('Content-Type', 'application/json')
        return result.status, body, headers


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    server_version = 'sandbox'
    sys_version = ''
    disable_nagle_algorithm = True
    timeout = 300

    def log_message(self, *args):
        pass

    def _body(self):
        if 'chunked' in self.headers.get('Transfer-Encoding', ''):
            parts = []
            while True:
                size = int(self.rfile.readline().split(b';')[0], 16)
                parts.append(self.rfile.read(size))
                self.rfile.readline()
                if size == 0:
                    return b''.join(parts)
        return self.rfile.read(int(self.headers.get('Content-Length') or 0))

    def _reset(self):
        """Closes with RST instead of FIN, as a dying peer or a middle box does."""
        self.close_connection = True
        linger = struct.pack('ii', 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def _send(self, status, body, headers, cut=None):
        lines = [f'HTTP/1.1 {status} {self.responses.get(status, ("Unknown",))[0]}']
        lines += [f'{k}: {v}' for k, v in headers.items()]
        if status != 204:
            lines.append(f'Content-Length: {len(body or b"")}')
        if self.close_connection:
            lines.append('Connection: close')
        data = ('\r\n'.join(lines) + '\r\n\r\n').encode()
        if body and self.command != 'HEAD':
            data += body
        if cut is not None:
            self.wfile.write(data[:cut])
            self._reset()
            return
        self.wfile.write(data)

    def _serve(self):
        app = self.server.app
        request = Request(self.command, self.path, self.headers, b'')
        inner = request.path.startswith('/_sandbox/')
        name = f'{request.method} {request.path}'
        rule = None
        if not inner:
            app.faults.enter('rest', name)
        try:
            if not inner:
                rule = app.faults.take('rest', name)
            if rule and rule.get('cut', 0) < 0:
                self._reset()
                return
            request.body = self._body()
            if rule and 'status' in rule and not rule.get('after'):
                status, body, headers = self._fault(app, rule)
            else:
                try:
                    status, body, headers = app.answer(request)
                except Exception as error:  # a bug here must not look like a closed connection
                    self.server.log(f'{name}: {error!r}')
                    status, body, headers = 500, app.dump(app.fault_body(500, repr(error))), {}
                if rule and 'status' in rule:
                    status, body, headers = self._fault(app, rule)
            self._send(status, body, headers, rule and rule.get('cut'))
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError, TimeoutError):
            self.close_connection = True
        finally:
            if not inner:
                app.faults.leave()

    def _fault(self, app, rule):
        headers = {'Content-Type': 'application/json'}
        if 'retry_after' in rule:
            headers['Retry-After'] = str(rule['retry_after'])
        body = app.fault_body(rule['status'], rule.get('message', 'sandbox fault'))
        return rule['status'], app.dump(body), headers

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """One thread a connection. With `tls` = (cert file, key file) the handshake is done in that
    thread, so that a peer that speaks no TLS holds up nobody else."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, app, log, tls=None):
        super().__init__(address, _Handler)
        self.app, self.log, self.context = app, log, None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
            self.context.set_alpn_protocols(['http/1.1'])

    def finish_request(self, request, client_address):
        if self.context:
            try:
                request.settimeout(30)
                request = self.context.wrap_socket(request, server_side=True)
            except OSError:
                return
        super().finish_request(request, client_address)
        if self.context:  # wrap_socket took the descriptor away from the caller's object
            request.close()

    def handle_error(self, request, client_address):
        """A peer that went away is daily business here."""
