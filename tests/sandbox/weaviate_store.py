"""The data of the Weaviate stand-in: classes, tenants, objects in memory, one lock over all.

An object keeps its properties in REST form and its vectors as little-endian float32 bytes. A
shard (one a tenant, one for a class without tenants) lists its objects by ascending UUID bytes,
which is the order of the real server's cursor.
"""

import bisect
import datetime
import pickle
import random
import string
import threading
import time
import uuid

import weaviate_schema
from weaviate_schema import SchemaError
from weaviate_values import Checker, ValueError422, beacon, guess, parse_beacon, vector_bytes

HOT, COLD, FROZEN, UNFREEZING = 'HOT', 'COLD', 'FROZEN', 'UNFREEZING'
WORDS = {'ACTIVE': HOT, 'INACTIVE': COLD, 'OFFLOADED': FROZEN, '': HOT}
UNFREEZE_SECONDS = 0.5


class StoreError(Exception):
    """A refusal. `kind` says which: class, tenant, missing (tenant), exists, dimension, invalid."""

    def __init__(self, kind, text):
        super().__init__(text)
        self.kind, self.text = kind, text


class Object:
    __slots__ = ('key', 'properties', 'vector', 'vectors', 'created', 'updated', 'wire')

    def __init__(self, key, properties, vector, vectors, created, updated):
        self.key = key                  # 16 bytes
        self.properties = properties
        self.vector = vector            # bytes or None
        self.vectors = vectors          # name -> bytes, or (dimension, bytes) of a multi-vector
        self.created, self.updated = created, updated
        self.wire = {}                  # encoded property values, filled by weaviate_reply

    @property
    def id(self):
        return str(uuid.UUID(bytes=self.key))

    def __reduce__(self):
        return Object, (self.key, self.properties, self.vector, self.vectors, self.created,
                        self.updated)


class Shard:
    def __init__(self, status=HOT):
        self.name = ''.join(random.choices(string.ascii_letters, k=12))
        self.status, self.hot_at = status, 0.0
        self.objects, self.keys, self.sorted = {}, [], True
        self.dimensions = {}            # vector name ('' unnamed) -> size of the first one seen

    def state(self):
        if self.status == UNFREEZING and time.time() >= self.hot_at:
            self.status = HOT
        return self.status

    def set_state(self, word):
        wanted = WORDS.get(word, word)
        if self.state() == FROZEN and wanted == HOT:
            self.status, self.hot_at = UNFREEZING, time.time() + UNFREEZE_SECONDS
        else:
            self.status = wanted

    def order(self):
        if not self.sorted:
            self.keys.sort()
            self.sorted = True
        return self.keys

    def put(self, item):
        if item.key not in self.objects:
            self.sorted = self.sorted and (not self.keys or self.keys[-1] < item.key)
            self.keys.append(item.key)
        self.objects[item.key] = item

    def remove(self, key):
        if self.objects.pop(key, None) is None:
            return False
        del self.keys[bisect.bisect_left(self.order(), key)]
        return True

    def page(self, after, limit, offset=0):
        """Up to `limit` objects whose key is greater than `after` (16 bytes, or None)."""
        keys = self.order()
        start = (0 if after is None else bisect.bisect_right(keys, after)) + offset
        return [self.objects[k] for k in keys[start:start + limit]]


class Klass:
    def __init__(self, schema):
        self.schema = schema
        self.name = schema['class']
        self.tenancy = schema['multiTenancyConfig']
        self.shards = {} if self.tenancy['enabled'] else {'': Shard()}
        self.ttl = schema.get('objectTtlConfig') or {}

    def properties(self):
        return self.schema['properties'] or []

    def property(self, name):
        return next((p for p in self.properties() if p['name'] == name), None)

    def vector_names(self):
        return self.schema.get('vectorConfig') or {}

    def expired(self, item, now):
        """Whether TTL hides the object from gRPC."""
        if not self.ttl.get('enabled') or not self.ttl.get('filterExpiredObjects'):
            return False
        by = self.ttl.get('deleteOn')
        if by in ('_creationTimeUnix', '_lastUpdateTimeUnix'):
            since = (item.created if by == '_creationTimeUnix' else item.updated) / 1000
        else:
            value = item.properties.get(by)
            if value is None:
                return False
            since = seconds(value)
        return since + self.ttl.get('defaultTtl', 0) < now


def seconds(text):
    """Unix seconds of a kept date."""
    head, _, rest = text.partition('.')
    if rest:
        zone = 'Z' if rest.endswith('Z') else rest[-6:]
        text = f'{head}.{rest[:-len(zone)][:6].ljust(6, "0")}{zone}'
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


class Store:
    def __init__(self, path=None):
        self.lock = threading.RLock()
        self.path = path
        self.classes, self.aliases = {}, {}
        if path:
            try:
                with open(path, 'rb') as file:
                    self.classes, self.aliases = pickle.load(file)
            except FileNotFoundError:
                pass

    def save(self):
        if self.path:
            with self.lock, open(self.path, 'wb') as file:
                pickle.dump((self.classes, self.aliases), file)

    # classes

    def find(self, name):
        """The class of this name or alias, first letter in either case; None when unknown."""
        name = name[:1].upper() + name[1:]
        return self.classes.get(self.aliases.get(name, name))

    def create(self, given):
        with self.lock:
            schema = weaviate_schema.class_of(
                given, lambda n: n in self.classes or n in self.aliases)
            self.classes[schema['class']] = Klass(schema)
            return schema

    def drop(self, name):
        with self.lock:
            klass = self.find(name)
            if klass:
                del self.classes[klass.name]
                self.aliases = {a: c for a, c in self.aliases.items() if c != klass.name}

    # tenants

    def tenant(self, klass, name, read=True):
        """The shard of a tenant; StoreError with the server's text when it cannot be used."""
        if not klass.tenancy['enabled']:
            if name:
                raise StoreError('tenant', f'class {klass.name} has multi-tenancy disabled, but '
                                           'request was with tenant')
            return klass.shards['']
        if not name:
            raise StoreError('tenant', f'class {klass.name} has multi-tenancy enabled, but request '
                                       'was without tenant')
        shard = klass.shards.get(name)
        if shard is None:
            if read or not klass.tenancy['autoTenantCreation']:
                raise StoreError('missing', f'tenant not found: "{name}"')
            shard = klass.shards[name] = Shard()
        if shard.state() != HOT and klass.tenancy['autoTenantActivation']:
            shard.set_state(HOT)
        if shard.state() != HOT:
            raise StoreError('tenant', f"tenant not active: '{name}'")
        return shard

    # objects

    def put(self, name, given, word='json.Number', must_be_new=False, check_references=False):
        """Stores an object given in REST form (class is in `name`). Returns it.

        Unknown classes and properties are created, as auto schema does. Raises StoreError.
        """
        with self.lock:
            klass = self.find(name)
            if klass is None:
                klass = self._auto_class(name, given)
            properties = given.get('properties') or {}
            if not isinstance(properties, dict):
                raise StoreError('invalid', "could not recognize object's properties: "
                                            f'{properties}')
            shard = self.tenant(klass, given.get('tenant') or '', read=False)
            key = self._key(given.get('id'))
            old = shard.objects.get(key)
            if old and must_be_new:
                raise StoreError('exists', f"id '{uuid.UUID(bytes=key)}' already exists")
            kept = self.check(klass, properties, word, check_references)
            vector, vectors = self._vectors(klass, shard, key, given)
            now = int(time.time() * 1000)
            item = Object(key, kept, vector, vectors, old.created if old else now, now)
            shard.put(item)
            return item

    @staticmethod
    def _key(given):
        if not given:
            return uuid.uuid4().bytes
        try:
            return uuid.UUID(given).bytes
        except ValueError:
            raise StoreError('invalid', f'invalid UUID length: {len(given)}') from None

    def _auto_class(self, name, given):
        properties = given.get('properties') or {}
        made = {'class': name, 'properties': [
            {k: v for k, v in guess(weaviate_schema.lower_first(n), value).items()}
            for n, value in properties.items() if value is not None]}
        if given.get('tenant'):
            made['multiTenancyConfig'] = {'enabled': True, 'autoTenantCreation': True}
        try:
            return self.classes[self.create(made)['class']]
        except SchemaError as error:
            raise StoreError('invalid', str(error)) from None

    def check(self, klass, properties, word, check_references=False):
        """The properties in the kept form; new ones enter the schema."""
        checker, kept = Checker(klass.name, word), {}
        try:
            for name, value in properties.items():
                if value is None:
                    continue
                name = weaviate_schema.lower_first(name)
                prop = klass.property(name)
                if prop is None:
                    prop = weaviate_schema.add_property(klass.schema, guess(name, value), self.find)
                if weaviate_schema.is_reference(prop['dataType']):
                    kept[name] = self.references(klass, prop, value, check_references)
                else:
                    kept[name] = checker.value(prop, value)
        except (ValueError422, SchemaError) as error:
            raise StoreError('invalid', str(error)) from None
        return kept

    def references(self, klass, prop, value, check=False):
        if not isinstance(value, list):
            raise ValueError422(f"'cref' {klass.name}:{prop['name']}: must be an array")
        out = []
        for entry in value:
            target, key = parse_beacon(entry.get('beacon'), prop['dataType'])
            if check and not self.exists(target, key):
                raise ValueError422(f"invalid cref: 'cref' {klass.name}:{prop['name']}: no object "
                                    f'with id {key} found')
            out.append(beacon(target, key))
        return out

    def exists(self, target, key):
        klass = self.find(target)
        raw = uuid.UUID(key).bytes
        return bool(klass) and any(raw in s.objects for s in klass.shards.values())

    def _vectors(self, klass, shard, key, given):
        vector, vectors = given.get('vector'), {}
        named = dict(given.get('vectors') or {})
        if vector and klass.vector_names() and not klass.schema.get('vectorIndexType'):
            # An unnamed vector goes to the only named one.
            if len(klass.vector_names()) > 1:
                raise StoreError('invalid', f'collection {klass.name} configuration does not have '
                                            'single vector index')
            named.setdefault(next(iter(klass.vector_names())), vector)
            vector = None
        if vector:
            vector = vector if isinstance(vector, bytes) else vector_bytes(vector)
            self._dimension(shard, key, '', len(vector) // 4)
        for name, value in named.items():
            config = klass.vector_names().get(name)
            multi = isinstance(value, tuple) or bool(value) and isinstance(value[0], list)
            wanted = config and (config.get('vectorIndexConfig') or {}).get('multivector', {})
            if config is None or multi != bool(wanted and wanted.get('enabled')):
                raise StoreError('invalid', f'collection {klass.name} does not have configuration '
                                            f'for vector {name}')
            if not value:
                continue
            if multi:
                if not isinstance(value, tuple):
                    value = (len(value[0]), b''.join(vector_bytes(row) for row in value))
                size = value[0]
            else:
                value = value if isinstance(value, bytes) else vector_bytes(value)
                size = len(value) // 4
            self._dimension(shard, key, name, size)
            vectors[name] = value
        return vector or None, vectors

    @staticmethod
    def _dimension(shard, key, name, size):
        known = shard.dimensions.setdefault(name, size)
        if known != size:
            raise StoreError(
                'dimension', f'Validate vector index for {uuid.UUID(bytes=key)}: new node has a '
                f'vector with length {size}. Existing nodes have vectors with length {known}: '
                'vector dimensions do not match the index dimensions')

    def refer(self, name, key, prop_name, target, target_key, tenant=''):
        """Appends one reference; StoreError when class, property or object is unknown."""
        with self.lock:
            klass = self.find(name)
            if klass is None:
                raise StoreError('class', f'class {name} does not exist')
            prop = klass.property(prop_name)
            if prop is None or not weaviate_schema.is_reference(prop['dataType']):
                raise StoreError('invalid', f'property {prop_name} does not exist for class '
                                            f'{klass.name}')
            item = self.tenant(klass, tenant).objects.get(uuid.UUID(key).bytes)
            if item is None:
                raise StoreError('invalid', f'no object with id {key} found')
            links = item.properties.get(prop_name, []) + [
                beacon(target or prop['dataType'][0], target_key)]
            self.change(item, {prop_name: links})

    @staticmethod
    def change(item, properties):
        item.properties = {**item.properties, **properties}
        item.updated = max(int(time.time() * 1000), item.updated)
        item.wire = {}

