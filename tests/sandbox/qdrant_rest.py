"""The REST pages of the Qdrant stand-in, with the answers and texts of a 1.18 server."""

import json
import time

import numpy

import qdrant_engine
from qdrant_config import INDEX_TYPES, KINDS, Refused
from qdrant_store import point_id
from restbase import App, HttpError, Reply

MAX_BODY = 32 << 20
OPEN = ('/', '/healthz', '/readyz', '/livez')
FORMAT = 'Format error in JSON body: '
BAD_VECTOR = 'Validation error in JSON body: [points[{}].vector.{}]'


def malformed(text):
    return Refused('format', FORMAT + text)


def body_of(request):
    """The JSON body; NaN and Infinity are no JSON."""
    def refuse(name):
        raise malformed('expected value at line 1 column 1')
    if len(request.body) > MAX_BODY:
        raise Refused('format', f'JSON payload ({len(request.body)} bytes) is larger than allowed '
                                f'(limit: {MAX_BODY} bytes).')
    if not request.body:
        raise malformed('EOF while parsing a value at line 1 column 0')
    return json.loads(request.body, parse_constant=refuse)


def field(given, name):
    if not isinstance(given, dict) or name not in given:
        raise malformed(f'missing field `{name}`')
    return given[name]


def id_of(value):
    try:
        return point_id(value)
    except ValueError:
        raise malformed(f'value {value} is not a valid point ID, valid values are either an '
                        'unsigned integer or a UUID') from None


def _bad(index, text):
    return Refused('validation', BAD_VECTOR.format(index, text))


def vector_of(value, index, part):
    """One vector. A named one of two rows whose first holds whole numbers only is read as sparse,
    as the real server does: rows of a multi-vector must be written with a point (1.0, not 1)."""
    rows = part and isinstance(value, list) and len(value) == 2 and \
        all(isinstance(row, list) for row in value)
    if rows and value[0] and all(type(n) is int and n >= 0 for n in value[0]):
        value = {'indices': value[0], 'values': value[1]}
    if isinstance(value, dict):
        indices, values = field(value, 'indices'), field(value, 'values')
        if len(indices) != len(values):
            raise _bad(index, part + 'values: Validation error: must be the same length as indices '
                                     '[{}]')
        if len(set(indices)) != len(indices):
            raise _bad(index, part + 'indices: Validation error: must be unique [{}]')
        return {'indices': indices, 'values': [float(v) for v in values]}
    if not isinstance(value, list):
        raise malformed('data did not match any variant of untagged enum Vector')
    if not value:
        raise _bad(index, part + 'vector: dense vector must not be empty')
    if not isinstance(value[0], list):
        return value
    if not all(value):
        raise _bad(index, part + 'data: all vectors must be non-empty')
    for row in value:
        if len(row) != len(value[0]):
            raise _bad(index, part + 'data: all vectors must have the same dimension, found vector '
                                     f'with dimension {len(row)}')
    return value


def vectors_of(value, index=0):
    if isinstance(value, dict) and 'indices' not in value:
        return {n: vector_of(v, index, '?.') for n, v in value.items()}
    return vector_of(value, index, '')


def points_of(given):
    """{"points"} or {"batch"} of an upsert."""
    if 'points' in given:
        return [(id_of(field(p, 'id')), vectors_of(field(p, 'vector'), i), p.get('payload') or {})
                for i, p in enumerate(given['points'])]
    if 'batch' not in given:
        raise malformed('Invalid PointInsertOperations format')
    batch = given['batch']
    ids, vectors = [id_of(i) for i in batch['ids']], batch['vectors']
    payloads = batch.get('payloads') or [None] * len(ids)
    if isinstance(vectors, dict):
        vectors = [dict(zip(vectors, row)) for row in zip(*vectors.values())] or [{}] * len(ids)
    return [(i, vectors_of(v, n), p or {})
            for n, (i, v, p) in enumerate(zip(ids, vectors, payloads))]


def target_of(given):
    if given.get('points') is not None:
        return {'points': [id_of(i) for i in given['points']]}
    return {'filter': field(given, 'filter')}


def shortest(value):
    """Vectors with the shortest text of each float32."""
    if isinstance(value, dict):
        return {n: v if n == 'indices' else shortest(v) for n, v in value.items()}
    if value and isinstance(value[0], list):
        return [shortest(v) for v in value]
    return [float(str(x)) for x in numpy.array(value, 'f4')]


def document(record, scored=False):
    out = {'id': record.id}
    if scored:
        out.update(version=record.version or 0, score=shortest([record.score or 0.0])[0])
    if record.payload is not None:
        out['payload'] = record.payload
    if record.vector is not None:
        out['vector'] = shortest(record.vector)
    return out


class Rest(App):
    def __init__(self, faults, store, key, version):
        super().__init__(faults)
        self.store, self.key, self.version = store, key, '.'.join(map(str, version))
        self.started = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        self._service_routes()
        self._collection_routes()
        self._point_routes()

    # what App leaves to its subclasses

    def authorize(self, request):
        if self.key is None or request.path in OPEN:
            return
        bearer = request.headers.get('Authorization', '')
        given = request.headers.get('api-key') or \
            (bearer[7:] if bearer.startswith('Bearer ') else None)
        if given != self.key:
            text = 'Must provide an API key or an Authorization bearer token' if given is None \
                else 'Invalid API key or JWT'
            raise HttpError(401, text.encode(), {'Content-Type': 'text/plain; charset=utf-8'})

    def fault_body(self, status, message):
        return {'status': {'error': message}, 'time': 0.0}

    def bad_json(self, error):
        text = f'{FORMAT}{error.msg} at line {error.lineno} column {error.colno}'
        return HttpError(400, self.fault_body(400, text))

    def _page(self, method, template, handler):
        """A route whose handler returns the `result`."""
        def call(request, **parts):
            began = time.perf_counter()
            try:
                result = handler(request, **parts)
            except Refused as error:
                _, status, prefix = KINDS[error.kind]
                raise HttpError(status, self.fault_body(status, prefix + error.text)) from None
            return {'result': result, 'status': 'ok', 'time': time.perf_counter() - began}
        self.route(method, template, call)

    # the server

    def _service_routes(self):
        text = {'Content-Type': 'text/plain; charset=utf-8'}
        self.route('GET', '/', lambda r: {'title': 'qdrant - vector search engine',
                                          'version': self.version})
        for page, answer in (('healthz', b'healthz check passed'),
                             ('livez', b'healthz check passed'),
                             ('readyz', b'all shards are ready')):
            self.route('GET', '/' + page, lambda r, answer=answer: Reply(200, answer, text))
        self.route('GET', '/metrics', self.metrics)
        self._page('GET', '/cluster', lambda r: {'status': 'disabled'})
        self._page('GET', '/telemetry', lambda r: {
            'id': 'sandbox', 'app': {'name': 'qdrant', 'version': self.version,
                                     'startup': self.started},
            'collections': {'number_of_collections': len(self.store.collections)},
            'cluster': {'enabled': False}})

    def metrics(self, request):
        lines = [f'app_info{{name="qdrant",version="{self.version}"}} 1',
                 f'collections_total {len(self.store.collections)}']
        for name, collection in self.store.collections.items():
            info = collection.info()
            lines += [f'collection_points{{id="{name}"}} {info["points_count"]}',
                      f'collection_update_queue_length{{id="{name}"}} '
                      f'{info["update_queue"]["length"]}']
        return Reply(200, ('\n'.join(lines) + '\n').encode(),
                     {'Content-Type': 'text/plain; charset=utf-8'})

    # collections

    def _collection_routes(self):
        page, store, one = self._page, self.store, '/collections/{name}'
        page('GET', '/collections', lambda r: {
            'collections': [{'name': n} for n in sorted(store.collections)]})
        page('GET', '/aliases', self.aliases)
        page('POST', '/collections/aliases', self.change_aliases)
        page('GET', one, lambda r, name: store.find(name).info())
        page('GET', one + '/exists', lambda r, name: {'exists': store.exists(name)})
        page('PUT', one, lambda r, name: store.create(name, body_of(r)) or True)
        page('PATCH', one, lambda r, name: store.update(name, body_of(r)) or True)
        page('DELETE', one, lambda r, name: store.drop(name))
        page('GET', one + '/aliases', lambda r, name: self.aliases(r, store.find(name).name))
        page('GET', one + '/optimizations', lambda r, name: self.optimizations(store.find(name)))
        page('GET', one + '/cluster', lambda r, name: self.shards(store.find(name)))
        page('PUT', one + '/index', self.add_index)
        page('DELETE', one + '/index/{field}', lambda r, name, field: self.written(
            r, store.find(name).drop_index(field)))
        page('PUT', one + '/vectors/{vector}', self.add_vector)
        page('DELETE', one + '/vectors/{vector}', lambda r, name, vector: self.written(
            r, store.find(name).drop_vector(vector)))

    def aliases(self, request, only=None):
        return {'aliases': [{'alias_name': a, 'collection_name': c}
                            for a, c in sorted(self.store.aliases.items()) if only in (None, c)]}

    def change_aliases(self, request):
        self.store.change_aliases([{verb + '_alias' if not verb.endswith('_alias') else verb: given
                                    for verb, given in action.items()}
                                   for action in field(body_of(request), 'actions')])
        return True

    @staticmethod
    def optimizations(collection):
        busy = int(collection.info()['status'] == 'yellow')
        points = collection.count() if busy else 0
        return {'summary': {'queued_optimizations': busy, 'queued_segments': busy,
                            'queued_points': points, 'idle_segments': 1}, 'running': []}

    @staticmethod
    def shards(collection):
        return {'peer_id': 1, 'shard_count': 1, 'remote_shards': [], 'shard_transfers': [],
                'local_shards': [{'shard_id': 0, 'points_count': collection.count(),
                                  'state': 'Active'}]}

    def add_index(self, request, name):
        given, params = body_of(request), None
        kind = given.get('field_schema') or given.get('field_type')
        if isinstance(kind, dict):
            params = {k: v for k, v in kind.items() if k != 'type'}
            kind = kind.get('type')
        if kind not in INDEX_TYPES:
            raise malformed('data did not match any variant of untagged enum PayloadFieldSchema at '
                            'line 1 column 1')
        return self.written(request, self.store.find(name).add_index(
            field(given, 'field_name'), kind, params))

    def add_vector(self, request, name, vector):
        given = body_of(request)
        return self.written(request, self.store.find(name).add_vector(
            vector, given.get('dense'), given.get('sparse')))

    # points

    def _point_routes(self):
        page, points = self._page, '/collections/{name}/points'
        page('PUT', points, self.upsert)
        page('POST', points, self.retrieve)
        page('GET', points + '/{key}', self.get)
        page('POST', points + '/scroll', self.scroll)
        page('POST', points + '/count', self.count)
        page('POST', points + '/query', self.query)
        page('POST', points + '/search', self.search)
        page('POST', points + '/delete', self.delete)
        page('POST', points + '/batch', self.batch)
        page('PUT', points + '/vectors', self.update_vectors)
        page('POST', points + '/vectors/delete', self.delete_vectors)
        for method, tail, verb in (('POST', '', 'set'), ('PUT', '', 'overwrite'),
                                   ('POST', '/delete', 'delete'), ('POST', '/clear', 'clear')):
            page(method, points + '/payload' + tail, self._payload_page(verb))

    @staticmethod
    def written(request, number):
        wait = request.query.get('wait') == 'true'
        return {'operation_id': number, 'status': 'completed' if wait else 'acknowledged'}

    def upsert(self, request, name):
        given = body_of(request)
        return self.written(request, self._upsert(self.store.find(name), given,
                                                  request.query.get('wait') == 'true'))

    def _upsert(self, collection, given, wait=True):
        points = points_of(given)
        self.faults.note({'rest': 'upsert', 'collection': collection.name, 'points': len(points)})
        condition = given.get('update_filter')
        if condition is not None:
            condition = qdrant_engine.filter_of(condition)
        return collection.upsert(points, wait, condition, given.get('update_mode') or 'upsert')

    def retrieve(self, request, name):
        given, collection = body_of(request), self.store.find(name)
        found = collection.retrieve([id_of(i) for i in field(given, 'ids')],
                                    given.get('with_payload', False),
                                    given.get('with_vector', False))
        return [document(r) for r in found]

    def get(self, request, name, key):
        collection = self.store.find(name)
        found = collection.retrieve([id_of(int(key) if key.isdigit() else key)], True, True)
        if not found:
            raise Refused('missing', f'Point with id {key} does not exists!')
        return document(found[0])

    def scroll(self, request, name):
        given, offset = body_of(request), None
        if given.get('offset') is not None:
            offset = id_of(given['offset'])
        limit = given.get('limit')
        found, following = self.store.find(name).scroll(
            offset, 10 if limit is None else limit, given.get('filter'),
            given.get('with_payload', True), given.get('with_vector', False))
        return {'points': [document(r) for r in found], 'next_page_offset': following}

    def count(self, request, name):
        given = body_of(request)
        return {'count': self.store.find(name).count(given.get('filter'), given.get('exact', True))}

    def _find(self, name, given, query, using):
        limit, offset = given.get('limit'), given.get('offset')
        found = self.store.find(name).query(
            query, using or '', given.get('filter'), 10 if limit is None else limit, offset or 0,
            given.get('with_payload') or False, given.get('with_vector') or False,
            given.get('score_threshold'))
        return [document(r, scored=True) for r in found]

    def query(self, request, name):
        given = body_of(request)
        query = given.get('query')
        if isinstance(query, dict) and 'nearest' in query:
            query = query['nearest']
        if isinstance(query, dict) and 'indices' not in query or given.get('prefetch'):
            raise Refused('request', f'sandbox: only nearest is here, not {query}')
        if isinstance(query, (int, str)):
            query = id_of(query)
        return {'points': self._find(name, given, query, given.get('using'))}

    def search(self, request, name):
        given, using = body_of(request), ''
        vector = field(given, 'vector')
        if isinstance(vector, dict):
            using, vector = vector['name'], vector['vector']
        return self._find(name, given, vector, using)

    def delete(self, request, name):
        given = body_of(request)
        return self.written(request, self.store.find(name).delete(target_of(given)))

    def _payload_page(self, verb):
        def call(request, name):
            collection = self.store.find(name)
            return self.written(request, self._payload(collection, verb, body_of(request)))
        return call

    @staticmethod
    def _payload(collection, verb, given):
        arguments = []
        if verb in ('set', 'overwrite'):
            arguments = [field(given, 'payload')] + ([given['key']] if given.get('key') else [])
        elif verb == 'delete':
            arguments = [field(given, 'keys')]
        return collection.change_payload(verb, target_of(given), *arguments)

    def update_vectors(self, request, name):
        points = [(id_of(p['id']), vectors_of(p['vector'], i))
                  for i, p in enumerate(field(body_of(request), 'points'))]
        return self.written(request, self.store.find(name).update_vectors(points))

    def delete_vectors(self, request, name):
        given = body_of(request)
        return self.written(request, self.store.find(name).delete_vectors(
            target_of(given), field(given, 'vector')))

    def batch(self, request, name):
        collection, out = self.store.find(name), []
        for operation in field(body_of(request), 'operations'):
            for verb, given in operation.items():
                if verb == 'upsert':
                    number = self._upsert(collection, given)
                elif verb == 'delete':
                    number = collection.delete(target_of(given))
                elif verb.endswith('_payload'):
                    number = self._payload(collection, verb.split('_')[0], given)
                else:
                    raise Refused('request', f'sandbox: {verb} in a batch is not here')
                out.append(self.written(request, number))
        return out
