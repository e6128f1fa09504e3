"""The REST pages of the Weaviate stand-in, with the answers and texts of a 1.39 server."""

import random
import re
import uuid

import weaviate_schema
from restbase import App, HttpError, Reply
from weaviate_grpc import DEFAULT_LIMIT, EXCESS, MAXIMUM_RESULTS, MAX_MESSAGE, after_key
from weaviate_json import document, dump
from weaviate_store import WORDS, Shard, StoreError
from weaviate_values import ValueError422, parse_beacon

TENANT = re.compile(r'[A-Za-z0-9_-]{1,64}$')
FAULT_TEXT = 'sandbox fault'


def refused(text, status=422, **more):
    return HttpError(status, {**more, 'error': [{'message': text}]})


class Rest(App):
    def __init__(self, faults, store, auth, version):
        super().__init__(faults)
        self.store, self.auth, self.version = store, auth, version
        self.word = '.'.join(map(str, version))
        self.address = ''
        self._routes()

    def _routes(self):
        add = self.route
        add('GET', '/', lambda r: {'links': [{'href': '/v1/meta', 'name': 'Meta information'}]})
        for page in ('ready', 'live'):
            add('GET', f'/v1/.well-known/{page}', lambda r: Reply(200, None))
        add('GET', '/v1/meta', self.meta)
        add('GET', '/v1/nodes', lambda r: self.nodes(r))
        add('GET', '/v1/nodes/{name}', self.nodes)
        add('GET', '/v1/schema', self.schema)
        add('POST', '/v1/schema', self.create)
        add('GET', '/v1/schema/{name}', lambda r, name: self._class(name).schema)
        add('PUT', '/v1/schema/{name}', self.update)
        add('DELETE', '/v1/schema/{name}', lambda r, name: self.store.drop(name) or Reply(200))
        add('POST', '/v1/schema/{name}/properties', self.add_property)
        add('GET', '/v1/schema/{name}/shards', self.shards)
        add('GET', '/v1/schema/{name}/tenants', self.tenants)
        add('POST', '/v1/schema/{name}/tenants', self.add_tenants)
        add('PUT', '/v1/schema/{name}/tenants', self.set_tenants)
        add('DELETE', '/v1/schema/{name}/tenants', self.drop_tenants)
        for method in ('GET', 'HEAD'):
            add(method, '/v1/schema/{name}/tenants/{tenant}', self.tenant)
        if self.version >= (1, 32):
            add('GET', '/v1/aliases', self.aliases)
            add('POST', '/v1/aliases', self.add_alias)
            add('GET', '/v1/aliases/{alias}', self.alias)
            add('PUT', '/v1/aliases/{alias}', self.set_alias)
            add('DELETE', '/v1/aliases/{alias}', self.drop_alias)
        add('GET', '/v1/objects', self.list)
        add('POST', '/v1/objects', self.insert)
        add('POST', '/v1/batch/objects', self.batch)
        add('POST', '/v1/batch/references', self.batch_references)
        for method in ('GET', 'HEAD'):
            add(method, '/v1/objects/{name}/{key}', self.get)
        add('PUT', '/v1/objects/{name}/{key}', self.replace)
        add('PATCH', '/v1/objects/{name}/{key}', self.merge)
        add('DELETE', '/v1/objects/{name}/{key}', self.remove)
        for method in ('POST', 'PUT', 'DELETE'):
            add(method, '/v1/objects/{name}/{key}/references/{prop}', self.reference)
        add('POST', '/v1/graphql', self.graphql)

    # what App leaves to its subclasses

    def authorize(self, request):
        self.auth.check_rest(request)

    def not_found(self, request, other_methods):
        if other_methods:
            return HttpError(405, {'code': 405, 'message': f'method {request.method} is not '
                                                           'allowed'})
        if request.path.startswith('/v1/.well-known/'):
            return HttpError(404)
        return HttpError(404, {'code': 404, 'message': f'path {request.path} was not found'})

    def bad_json(self, error):
        return HttpError(400, {'code': 400, 'message': 'parsing body body from "" failed, because '
                                                       f'{error.msg}'})

    def fault_body(self, status, message):
        return {'error': [{'message': message or FAULT_TEXT}]}

    def dump(self, value):
        return dump(value)

    def answer(self, request):
        with self.store.lock:
            return super().answer(request)

    # the server

    def meta(self, request):
        out = {'hostname': self.address, 'modules': {}, 'version': self.word}
        if self.version >= (1, 29):
            out['grpcMaxMessageSize'] = MAX_MESSAGE
        return out

    def nodes(self, request, name=None):
        shards = None
        if name is not None or request.query.get('output') == 'verbose':
            classes = [self._class(name)] if name else self.store.classes.values()
            shards = [{'class': k.name, 'name': t or s.name, 'objectCount': len(s.keys),
                       'vectorIndexingStatus': 'READY', 'vectorQueueLength': 0, 'loaded': True,
                       'compressed': False, 'numberOfReplicas': 1, 'replicationFactor': 1}
                      for k in classes for t, s in k.shards.items()]
        node = {'name': 'sandbox', 'status': 'HEALTHY', 'version': self.word, 'shards': shards,
                'batchStats': {'queueLength': 0, 'ratePerSecond': 0}}
        if shards is not None:
            node['stats'] = {'shardCount': len(shards),
                             'objectCount': sum(s['objectCount'] for s in shards)}
        return {'nodes': [node]}

    # classes

    def _class(self, name):
        klass = self.store.find(name)
        if klass is None:
            raise HttpError(404)
        return klass

    def schema(self, request):
        return {'classes': [k.schema for _, k in sorted(self.store.classes.items())]}

    def create(self, request):
        try:
            return self.store.create(request.json() or {})
        except weaviate_schema.SchemaError as error:
            raise refused(str(error), allowed=None) from None

    def update(self, request, name):
        klass, given = self._class(name), request.json()
        for key in ('description', 'invertedIndexConfig', 'vectorIndexConfig', 'vectorConfig',
                    'multiTenancyConfig', 'replicationConfig', 'objectTtlConfig'):
            if key in given:
                old = klass.schema.get(key)
                klass.schema[key] = weaviate_schema.merge(old, given[key]) \
                    if isinstance(old, dict) else given[key]
        klass.tenancy = klass.schema['multiTenancyConfig']
        klass.ttl = klass.schema.get('objectTtlConfig') or {}
        return klass.schema

    def add_property(self, request, name):
        try:
            return weaviate_schema.add_property(self._class(name).schema, request.json(),
                                                self.store.find)
        except weaviate_schema.SchemaError as error:
            raise refused(str(error)) from None

    def shards(self, request, name):
        return [{'name': t or s.name, 'status': 'READY', 'vectorQueueSize': 0}
                for t, s in self._class(name).shards.items()]

    # tenants

    def _tenancy(self, name):
        klass = self.store.find(name)
        why = 'class not found' if klass is None else \
            f'multi-tenancy is not enabled for class "{klass.name}"'
        if klass is None or not klass.tenancy['enabled']:
            raise refused(f'failed to execute query: could not get tenants: could not get tenants: '
                          f'{why}')
        return klass

    def tenants(self, request, name):
        klass = self._tenancy(name)
        out = [{'activityStatus': s.state(), 'name': t} for t, s in klass.shards.items()]
        random.shuffle(out)
        return out

    def tenant(self, request, name, tenant):
        shard = self._tenancy(name).shards.get(tenant)
        if shard is None:
            raise HttpError(404)
        return {'activityStatus': shard.state(), 'name': tenant}

    @staticmethod
    def _echo(given):
        word = given.get('activityStatus', '')
        out = {'name': given['name']}
        if word:
            out['activityStatus'] = WORDS.get(word, word)
        return out

    def add_tenants(self, request, name):
        klass, given = self._tenancy(name), request.json()
        for index, tenant in enumerate(given):
            if not TENANT.match(tenant['name']):
                raise refused(f"tenant name at index {index}:  '{tenant['name']}' is not a valid "
                              'tenant name. should only contain alphanumeric characters (a-z, A-Z, '
                              '0-9), underscore (_), and hyphen (-), with a length between 1 and '
                              '64 characters')
        for tenant in given:
            word = tenant.get('activityStatus', '')
            klass.shards.setdefault(tenant['name'], Shard(WORDS.get(word, word)))
        return [self._echo(t) for t in given]

    def set_tenants(self, request, name):
        klass, given = self._tenancy(name), request.json()
        for tenant in given:
            if tenant['name'] not in klass.shards:
                raise refused('updating schema: TYPE_UPDATE_TENANT: shard not found: '
                              f"{tenant['name']}")
        for tenant in given:
            klass.shards[tenant['name']].set_state(tenant.get('activityStatus', ''))
        return [self._echo(t) for t in given]

    def drop_tenants(self, request, name):
        klass = self._tenancy(name)
        for tenant in request.json():
            klass.shards.pop(tenant, None)
        return Reply(200)

    # aliases

    def aliases(self, request):
        only = request.query.get('class')
        return {'aliases': [{'alias': a, 'class': c} for a, c in sorted(self.store.aliases.items())
                            if only in (None, c)]}

    def alias(self, request, alias):
        if alias not in self.store.aliases:
            raise HttpError(404)
        return {'alias': alias, 'class': self.store.aliases[alias]}

    def add_alias(self, request):
        given = request.json()
        alias, target = given['alias'], given['class']
        if self.store.find(alias):
            raise refused(f'alias name {alias} already exists')
        if target not in self.store.classes:
            raise refused(f'create alias: class {target} does not exist')
        self.store.aliases[alias] = target
        return given

    def set_alias(self, request, alias):
        self.alias(request, alias)
        self.store.aliases[alias] = request.json()['class']
        return self.alias(request, alias)

    def drop_alias(self, request, alias):
        self.alias(request, alias)
        del self.store.aliases[alias]
        return Reply(204)

    # objects

    def list(self, request):
        query, store = request.query, self.store
        limit, offset = int(query.get('limit', DEFAULT_LIMIT)), int(query.get('offset', 0))
        self.faults.note({'rest': 'objects', **query})
        vectors = 'vector' in query.get('include', '').split(',')
        if 'class' not in query:
            pairs = [(k, i) for _, k in sorted(store.classes.items()) if not k.tenancy['enabled']
                     for i in k.shards[''].page(None, offset + limit)]
            pairs, noted = pairs[offset:offset + limit], None
        else:
            pairs, noted = self._page(self._class(query['class']), query, limit, offset), []
        out = {'deprecations': noted, 'objects': [document(k, i, vectors) for k, i in pairs]}
        return {**out, 'totalResults': len(pairs)} if pairs else out

    def _page(self, klass, query, limit, offset):
        if offset + limit > MAXIMUM_RESULTS:
            raise refused('msg:offset or limit code:400 err:' +
                          EXCESS.format(offset, limit, MAXIMUM_RESULTS))
        try:
            after = after_key(query.get('after', ''))
        except ValueError as error:
            raise refused("msg:cursor api: invalid 'after' parameter code:400 "
                          f'err:{error}') from None
        try:
            shard = self.store.tenant(klass, query.get('tenant', ''))
        except StoreError as error:
            raise refused(f'msg:search index {klass.name.lower()} code:422 err:'
                          f'{error.text}') from None
        return [(klass, i) for i in shard.page(after, limit, offset)]

    @staticmethod
    def _key(key):
        try:
            return uuid.UUID(key).bytes
        except ValueError:
            raise HttpError(422, {'code': 601,
                                  'message': f'id in path must be of type uuid: "{key}"'}) from None

    def _object(self, request, name, key):
        raw, klass = self._key(key), self._class(name)
        try:
            shard = self.store.tenant(klass, request.query.get('tenant', ''))
        except StoreError as error:
            raise refused(f'repo: object by id: search index {klass.name.lower()}: determine '
                          f'shard: {error.text}') from None
        return klass, shard, shard.objects.get(raw)

    def get(self, request, name, key):
        klass, _, item = self._object(request, name, key)
        if item is None:
            raise HttpError(404)
        if request.method == 'HEAD':
            return Reply(204)
        return document(klass, item, 'vector' in request.query.get('include', '').split(','),
                        request.query.get('tenant', ''))

    def remove(self, request, name, key):
        klass, shard, _ = self._object(request, name, key)
        shard.remove(uuid.UUID(key).bytes)
        return Reply(204)

    def _refusal(self, error, klass):
        index = klass[:1].lower() + klass[1:].lower()
        text, status = error.text, 422
        if error.kind == 'invalid':
            text = f'invalid object: {text}'
        elif error.kind == 'tenant':
            text = f'determine shard: {text}'
        elif error.kind == 'missing':
            text = f'put object: import into index {index}: determine shard: {text}'
        elif error.kind == 'dimension':
            status = 500
            text = (f'put object: import into index {index}: put local object: shard="sandbox": '
                    f'store object in LSM store: {text}')
        return refused(text, status)

    def _store(self, given, **how):
        try:
            item = self.store.put(given.get('class') or '', given, check_references=True, **how)
        except StoreError as error:
            raise self._refusal(error, given.get('class') or '') from None
        return document(self.store.find(given['class']), item, True, given.get('tenant') or '',
                        weights=False)

    def insert(self, request):
        return self._store(request.json() or {}, must_be_new=True)

    def replace(self, request, name, key):
        given = {**request.json(), 'class': name, 'id': key}
        given.setdefault('tenant', request.query.get('tenant', ''))
        _, _, item = self._object(request if 'tenant' in request.query else _with(given), name, key)
        if item is None:
            raise refused(f"no object with id '{key}'", 500)
        return self._store(given)

    def merge(self, request, name, key):
        given = request.json() or {}
        klass, shard, item = self._object(_with(given), name, key)
        if item is None:
            raise HttpError(404)
        try:
            kept = self.store.check(klass, given.get('properties') or {}, 'json.Number')
        except StoreError as error:
            raise self._refusal(error, name) from None
        self.store.change(item, kept)
        return Reply(204)

    def batch(self, request):
        out = []
        for given in request.json().get('objects', []):
            try:
                entry = self._store(given)
                entry['result'] = {'status': 'SUCCESS'}
            except HttpError as error:
                text = error.body['error'][0]['message'].removeprefix('invalid object: ')
                entry = {**given, 'result': {'errors': {'error': [{'message': text}]},
                                             'status': 'FAILED'}}
            out.append({**entry, 'deprecations': None})
        return out

    # references

    def reference(self, request, name, key, prop):
        klass, _, item = self._object(request, name, key)
        known = klass.property(prop)
        if known is None:
            raise refused(f"msg:validate inputs code:400 err:no such prop with name '{prop}' found "
                          f"in class '{klass.name}' in the schema. Check your schema files for "
                          'which properties in this class are available')
        if item is None:
            raise HttpError(404)
        given = request.json()
        try:
            links = self.store.references(klass, known, given if isinstance(given, list)
                                          else [given], check=request.method != 'DELETE')
        except ValueError422 as error:
            raise refused(f'msg:validate inputs code:400 err:{error}') from None
        old = item.properties.get(prop, [])
        if request.method == 'POST':
            links = old + links
        elif request.method == 'DELETE':
            links = [link for link in old if link not in links]
        self.store.change(item, {prop: links})
        return Reply(204 if request.method == 'DELETE' else 200)

    def batch_references(self, request):
        out = []
        for given in request.json():
            source = re.match(r'weaviate://[^/]+/([^/]+)/([^/]+)/([^/]+)$', given['from'])
            entry = {'from': given['from'], 'to': given['to'], 'result': {'status': 'SUCCESS'}}
            try:
                if source is None:
                    raise StoreError('invalid', f"invalid source reference: {given['from']}")
                prop = self.store.find(source[1]) and self.store.find(source[1]).property(source[3])
                target, key = parse_beacon(given['to'], prop['dataType'] if prop else [''])
                self.store.refer(source[1], source[2], source[3], target, key,
                                 given.get('tenant', ''))
            except (StoreError, ValueError422) as error:
                entry['result'] = {'errors': {'error': [{'message': str(error)}]},
                                   'status': 'FAILED'}
            out.append(entry)
        return out

    # GraphQL: Aggregate{Class(tenant:"t"){meta{count}}}, nothing else

    def graphql(self, request):
        query = request.json()['query']
        body = re.fullmatch(r'\s*(?:query\s*)?\{\s*Aggregate\s*\{(.*)\}\s*\}\s*', query, re.S)
        part = r'\s*(\w+)\s*(?:\(([^)]*)\))?\s*\{\s*meta\s*\{\s*count\s*\}\s*\}\s*,?'
        if not body or not re.fullmatch(f'(?:{part})+', body[1]):
            return {'errors': [{'message': 'sandbox: only Aggregate{Class{meta{count}}} is here'}]}
        found, errors = {}, []
        for name, arguments in re.findall(part, body[1]):
            klass = self.store.find(name)
            if klass is None:
                return {'errors': [{'locations': [{'column': 12, 'line': 1}], 'path': None,
                                    'message': f'Cannot query field "{name}" on type '
                                               '"AggregateObjectsObj".'}]}
            tenant = re.search(r'tenant\s*:\s*"([^"]*)"', arguments)
            try:
                shard = self.store.tenant(klass, tenant[1] if tenant else '')
                found[name] = [{'meta': {'count': len(shard.keys)}}]
            except StoreError as error:
                found[name] = None
                errors.append({'locations': [{'column': 12, 'line': 1}], 'message': error.text,
                               'path': ['Aggregate', name]})
        out = {'data': {'Aggregate': found}}
        return {**out, 'errors': errors} if errors else out


class _with:
    """A stand-in for a request whose tenant is in the body, not in the query."""

    def __init__(self, given):
        self.query = {'tenant': given.get('tenant') or ''}
