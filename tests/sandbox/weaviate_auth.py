"""Keys and tokens of the Weaviate stand-in: an API key, and a small OIDC provider of its own.

The provider lives under /_oidc on the REST port: the discovery page, and a token endpoint that
knows client_credentials, password and refresh_token. Its access tokens are random, live for a
settable number of seconds, and are checked by looking them up, not by a signature.
"""

import base64
import secrets
import threading
import time
import urllib.parse

from restbase import HttpError, Reply


class Auth:
    """Without a key and without OIDC everybody passes."""

    def __init__(self, api_key=None, oidc=None):
        self.api_key, self.oidc = api_key, oidc

    def required(self):
        return self.api_key is not None or self.oidc is not None

    def methods(self):
        names = (['API-keys'] if self.api_key is not None else []) + (['OIDC'] if self.oidc else [])
        return ', '.join(names)

    def check(self, header):
        """Why an Authorization header may not pass, or None."""
        if not self.required():
            return None
        token = header[7:] if header.startswith('Bearer ') else ''
        if self.api_key is not None and token == self.api_key:
            return None
        if self.oidc:
            why = self.oidc.refusal(token)
            if why is None or self.api_key is None or token.startswith('tok.'):
                return why
        return 'unauthorized: invalid api key'

    def check_rest(self, request):
        """The REST side of check: pages that are open to all stay open, as on the real server."""
        header = request.headers.get('Authorization', '')
        if not self.required() or request.path.startswith('/_oidc/'):
            return
        if not header.startswith('Bearer '):
            if request.path == '/' or request.path.startswith('/v1/.well-known/'):
                return
            text = ('{"code":401,"message": "anonymous access not enabled. Please authenticate '
                    f'through one of the available methods: [{self.methods()}]" }}')
            raise HttpError(401, text.encode(), {'Content-Type': 'application/json'})
        why = self.check(header)
        if why:
            raise HttpError(401, {'code': 401, 'message': why})


class Oidc:
    def __init__(self, client='sandbox', secret='sandbox-secret', user='user', password='pass',
                 lifetime=60, refresh_lifetime=3600):
        self.client, self.secret = client, secret
        self.user, self.password = user, password
        self.lifetime, self.refresh_lifetime = lifetime, refresh_lifetime
        self.lock = threading.Lock()
        self.access, self.refresh, self.issued = {}, {}, {}

    def refusal(self, token):
        with self.lock:
            ends = self.access.get(token)
        if ends is None:
            return 'unauthorized: oidc: malformed jwt: unknown token'
        if ends < time.time():
            return 'unauthorized: oidc: token is expired'
        return None

    def attach(self, app, issuer):
        """Adds the provider's pages. issuer() gives its address, known once the port is."""
        app.route('GET', '/v1/.well-known/openid-configuration', lambda r: {
            'clientId': self.client, 'scopes': ['openid', 'offline_access'],
            'href': issuer() + '/.well-known/openid-configuration'})
        app.route('GET', '/_oidc/.well-known/openid-configuration', lambda r: {
            'issuer': issuer(), 'token_endpoint': issuer() + '/token',
            'authorization_endpoint': issuer() + '/auth', 'jwks_uri': issuer() + '/keys',
            'grant_types_supported': ['client_credentials', 'password', 'refresh_token'],
            'scopes_supported': ['openid', 'offline_access']})
        app.route('GET', '/_oidc/keys', lambda r: {'keys': []})
        app.route('POST', '/_oidc/token', self.token)
        app.route('GET', '/_oidc/issued', lambda r: dict(self.issued))

    def token(self, request):
        form = dict(urllib.parse.parse_qsl(request.body.decode()))
        basic = request.headers.get('Authorization', '')
        if basic.startswith('Basic '):
            pair = base64.b64decode(basic[6:]).decode().split(':', 1)
            form['client_id'], form['client_secret'] = map(urllib.parse.unquote, pair)
        grant = form.get('grant_type')
        if grant == 'client_credentials':
            good = (form.get('client_id'), form.get('client_secret')) == (self.client, self.secret)
            error = 'invalid_client'
        elif grant == 'password':
            good = (form.get('username'), form.get('password')) == (self.user, self.password)
            error = 'invalid_grant'
        elif grant == 'refresh_token':
            with self.lock:
                good = self.refresh.pop(form.get('refresh_token'), 0) > time.time()
            error = 'invalid_grant'
        else:
            good, error = False, 'unsupported_grant_type'
        if not good:
            raise HttpError(401 if error == 'invalid_client' else 400, {
                'error': error, 'error_description': f'refused by the sandbox: {grant}'})
        return Reply(200, self._issue(grant), {'Cache-Control': 'no-store'})

    def _issue(self, grant):
        now = time.time()
        access = 'tok.' + secrets.token_urlsafe(24)
        reply = {'access_token': access, 'token_type': 'Bearer', 'expires_in': self.lifetime}
        with self.lock:
            self.access[access] = now + self.lifetime
            self.issued[grant] = self.issued.get(grant, 0) + 1
            if grant != 'client_credentials':
                reply['refresh_token'] = 'ref.' + secrets.token_urlsafe(24)
                self.refresh[reply['refresh_token']] = now + self.refresh_lifetime
                reply['refresh_expires_in'] = self.refresh_lifetime
        return reply

    def grant_refresh(self, token):
        """Makes a refresh token known that was given on the command line."""
        self.refresh[token] = time.time() + self.refresh_lifetime
