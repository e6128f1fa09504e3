"""The collections of the Qdrant stand-in: settings in JSON, points in qdrant_edge shards.

Points are (id, vector, payload): id an int or a canonical uuid string; vector a list, a list of
rows, {"indices", "values"}, or a dict of these by name; payload a dict or None.
"""

import json
import os
import shutil
import tempfile
import threading
import time
import uuid

import qdrant_edge as edge

import qdrant_config
import qdrant_engine
from qdrant_config import Refused, named

MODES = {'upsert': None, 'insert_only': edge.UpdateMode.InsertOnly,
         'update_only': edge.UpdateMode.UpdateOnly}
MIXED = 'Conversion between {} and regular vectors failed'


def point_id(value):
    """The id as the engine takes it; ValueError when it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64:
        return value
    if isinstance(value, str):
        return str(uuid.UUID(value))
    raise ValueError(value)


def plain_id(value):
    return value if isinstance(value, int) else str(value)


class Record:
    """A point that is handed out."""
    __slots__ = ('id', 'vector', 'payload', 'score', 'version')

    def __init__(self, found, with_payload, with_vector):
        self.id = plain_id(found.id)
        self.vector = qdrant_engine.plain_vector(found.vector) if with_vector else None
        self.payload = (found.payload or {}) if with_payload else None
        self.score = getattr(found, 'score', None)
        self.version = getattr(found, 'version', None)


class Collection:
    def __init__(self, name, config, path, wal, index_seconds, fresh=True):
        self.name, self.config, self.path = name, config, path
        self.lock = threading.Lock()
        self.operation, self.schema, self.busy_until = 0, {}, 0.0
        self.index_seconds = index_seconds
        self.shard = qdrant_engine.open_shard(path, config, fresh, wal)
        self._learn()

    def _learn(self):
        """What upserts are checked against: name -> (size, is multi), or None for sparse."""
        params = self.config['params']
        self.kinds = {n: (p['size'], bool(p.get('multivector_config')))
                      for n, p in named(params['vectors']).items()}
        self.kinds.update(dict.fromkeys(params.get('sparse_vectors') or {}))

    # writing

    def apply(self, operation):
        """Runs one engine operation; returns its number. Engine errors become Refused."""
        with self.lock:
            try:
                self.shard.update(operation)
            except Exception as error:
                raise Refused('input', str(error)) from None
            self.operation += 1
            return self.operation - 1

    def check(self, vector):
        """The shape of one vector or dict of vectors, before the engine sees it."""
        for name, value in (vector if self._is_named(vector) else {'': vector}).items():
            if name not in self.kinds:
                raise Refused('name', f'Not existing vector name error: {name}')
            kind, sparse = self.kinds[name], isinstance(value, dict)
            if sparse != (kind is None):
                raise Refused('input', MIXED.format('sparse'))
            if sparse:
                continue
            size, multi = kind
            if bool(value) and isinstance(value[0], list) != multi or not value and multi:
                raise Refused('input', MIXED.format('multi'))
            for row in value if multi else [value]:
                if len(row) != size:
                    raise Refused('input', 'Vector dimension error: expected dim: '
                                           f'{size}, got {len(row)}')

    @staticmethod
    def _is_named(vector):
        return isinstance(vector, dict) and 'indices' not in vector

    def upsert(self, points, wait=True, condition=None, mode='upsert'):
        """Returns the operation's number. Like in the real server, a vector name that does not
        exist is noticed only while the operation is applied: some of the others are written (here
        those before it), the rest is lost, and without wait nobody is told."""
        if not points:
            raise Refused('request', 'Empty update request')
        self._limit(len(points))
        unknown = None
        for at, (_, vector, _) in enumerate(points):
            try:
                self.check(vector)
            except Refused as error:
                if error.kind != 'name':
                    raise
                unknown = unknown or (at, error.text)
        if unknown:
            if unknown[0]:
                self.upsert(points[:unknown[0]], wait, condition, mode)
            if wait:
                raise Refused('input', unknown[1])
            return self.operation
        made = [edge.Point(i, qdrant_engine.vector(v) if isinstance(v, dict) else v, p)
                for i, v, p in points]
        if mode != 'upsert' and condition is None:
            condition = edge.Filter()
        return self.apply(edge.UpdateOperation.upsert_points(made, condition, MODES[mode]))

    def _limit(self, count):
        strict = self.config.get('strict_mode_config') or {}
        limit = strict.get('upsert_max_batchsize')
        if strict.get('enabled') and limit is not None and count > limit:
            raise Refused('request', f'Limit exceeded {count} > {limit} for "upsert limit". Help: '
                                     f'Reduce the "upsert limit" parameter to or below {limit}.')

    def change_payload(self, verb, target, *arguments):
        """verb: set, overwrite, delete, clear; target: {"points": ids} or {"filter": filter}."""
        name = f'{verb}_payload'
        if target.get('points') is not None:
            return self.apply(getattr(edge.UpdateOperation, name)(target['points'], *arguments))
        by = qdrant_engine.filter_of(target['filter'])
        return self.apply(getattr(edge.UpdateOperation, name + '_by_filter')(by, *arguments))

    def delete(self, target):
        if target.get('points') is not None:
            return self.apply(edge.UpdateOperation.delete_points(target['points']))
        by = qdrant_engine.filter_of(target['filter'])
        return self.apply(edge.UpdateOperation.delete_points_by_filter(by))

    def update_vectors(self, points):
        for _, vector in points:
            self.check(vector)
        return self.apply(edge.UpdateOperation.update_vectors(
            [edge.PointVectors(i, qdrant_engine.vector(v)) for i, v in points]))

    def delete_vectors(self, target, names):
        if target.get('points') is not None:
            return self.apply(edge.UpdateOperation.delete_vectors(target['points'], names))
        by = qdrant_engine.filter_of(target['filter'])
        return self.apply(edge.UpdateOperation.delete_vectors_by_filter(by, names))

    # reading

    def retrieve(self, ids, with_payload=True, with_vector=False):
        found = self.shard.retrieve(ids, qdrant_engine.selector(with_payload, True),
                                    qdrant_engine.selector(with_vector, False))
        return [Record(r, with_payload is not False, with_vector) for r in found]

    def scroll(self, offset=None, limit=10, condition=None, with_payload=True, with_vector=False):
        """(records, id of the next page or None)"""
        found, following = self.shard.scroll(edge.ScrollRequest(
            offset=offset, limit=limit, filter=qdrant_engine.filter_of(condition),
            with_payload=qdrant_engine.selector(with_payload, True),
            with_vector=qdrant_engine.selector(with_vector, False)))
        return ([Record(r, with_payload is not False, with_vector) for r in found],
                None if following is None else plain_id(following))

    def count(self, condition=None, exact=True):
        return self.shard.count(edge.CountRequest(exact, qdrant_engine.filter_of(condition)))

    def query(self, query, using='', condition=None, limit=10, offset=0, with_payload=False,
              with_vector=False, threshold=None):
        """Nearest neighbours of a vector or of a point id; without a query, points by id."""
        if query is None:
            return self.scroll(None, limit, condition, with_payload, with_vector)[0]
        if isinstance(query, (int, str)):
            found = self.retrieve([query], False, True)
            vector = found[0].vector if found else None
            if isinstance(vector, dict) and 'indices' not in vector:
                vector = vector.get(using)
            if vector is None:
                raise Refused('missing', f'No point with id {query} found')
            must_not = [{'has_id': [query]}]
            condition = {'must': [condition] if condition else [], 'must_not': must_not}
            query = vector
        self.check({using: query})
        nearest = edge.Query.Nearest(qdrant_engine.vector(query), using or None)
        found = self.shard.query(edge.QueryRequest(
            limit=limit, offset=offset, query=nearest,
            filter=qdrant_engine.filter_of(condition), score_threshold=threshold,
            with_payload=qdrant_engine.selector(with_payload, False),
            with_vector=qdrant_engine.selector(with_vector, False)))
        return [Record(r, with_payload is not False, with_vector) for r in found]

    # settings

    def update(self, given):
        with self.lock:
            before = qdrant_config.indexing_on(self.config)
            self.config = qdrant_config.update(self.config, given)
            if qdrant_config.indexing_on(self.config) and not before and self.index_seconds:
                self.busy_until = time.time() + self.index_seconds

    def add_index(self, field, kind, params):
        number = self.apply(edge.UpdateOperation.create_field_index(
            field, qdrant_engine.index_schema(kind, params)))
        self.schema[field] = {'data_type': kind}
        if params:
            self.schema[field]['params'] = {**params, 'type': kind}
        return number

    def drop_index(self, field):
        self.schema.pop(field, None)
        return self.apply(edge.UpdateOperation.delete_field_index(field))

    def add_vector(self, name, dense=None, sparse=None):
        params = self.config['params']
        if dense:
            given = qdrant_config.vector_params(dense)
            kind = edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim) \
                if given.get('multivector_config') else None
            number = self.apply(edge.UpdateOperation.create_dense_vector(
                name, given['size'], getattr(edge.Distance, given['distance']), kind))
            params['vectors'] = {**named(params['vectors']), name: given}
        else:
            number = self.apply(edge.UpdateOperation.create_sparse_vector(name))
            params.setdefault('sparse_vectors', {})[name] = \
                qdrant_config.without_nulls(sparse or {})
        self._learn()
        return number

    def drop_vector(self, name):
        if name not in self.kinds:
            raise Refused('input', f'Not existing vector name error: {name}')
        number = self.apply(edge.UpdateOperation.delete_vector_name(name))
        params = self.config['params']
        params['vectors'] = {n: p for n, p in named(params['vectors']).items() if n != name}
        params.get('sparse_vectors', {}).pop(name, None)
        self._learn()
        return number

    def info(self):
        """The result of GET /collections/{name}."""
        facts = self.shard.info()
        busy = time.time() < self.busy_until
        sizes = [kind[0] for kind in self.kinds.values() if kind]
        big = facts.points_count * 4 * max(sizes, default=0) / 1024 > \
            (self.config['optimizer_config']['indexing_threshold'] or 0)
        indexed = big and not busy and qdrant_config.indexing_on(self.config)
        schema = {f: {**s, 'points': facts.payload_schema[f].points
                      if f in facts.payload_schema else 0} for f, s in self.schema.items()}
        return {'status': 'yellow' if busy else 'green', 'optimizer_status': 'ok',
                'indexed_vectors_count': facts.points_count * len(sizes) if indexed else 0,
                'points_count': facts.points_count, 'segments_count': facts.segments_count,
                'config': self.config, 'payload_schema': schema,
                'update_queue': {'length': 1 if busy else 0}}


class Store:
    """All collections and aliases. With a directory they are kept over restarts."""

    def __init__(self, directory=None, index_seconds=0.0):
        self.kept = directory is not None
        self.directory = directory or tempfile.mkdtemp(prefix='sandbox-qdrant-')
        self.index_seconds = index_seconds
        self.lock = threading.RLock()
        self.collections, self.aliases = {}, {}
        os.makedirs(self.directory, exist_ok=True)
        if self.kept:
            self._load()

    def _load(self):
        try:
            with open(os.path.join(self.directory, 'collections.json'), encoding='utf-8') as file:
                kept = json.load(file)
        except FileNotFoundError:
            return
        self.aliases = kept['aliases']
        for name, (path, config, schema) in kept['collections'].items():
            made = Collection(name, config, path, True, self.index_seconds, fresh=False)
            made.schema = schema
            self.collections[name] = made

    def save(self):
        if self.kept:
            with open(os.path.join(self.directory, 'collections.json'), 'w',
                      encoding='utf-8') as file:
                json.dump({'aliases': self.aliases, 'collections': {
                    n: (c.path, c.config, c.schema) for n, c in self.collections.items()}}, file)

    def close(self):
        self.save()
        for collection in self.collections.values():
            collection.shard.close()
        if not self.kept:
            shutil.rmtree(self.directory, ignore_errors=True)

    def find(self, name):
        found = self.collections.get(self.aliases.get(name, name))
        if found is None:
            raise Refused('missing', f"Collection `{name}` doesn't exist!")
        return found

    def exists(self, name):
        return self.aliases.get(name, name) in self.collections

    def create(self, name, given):
        config = qdrant_config.create(name, given)
        with self.lock:
            if name in self.collections:
                raise Refused('exists', f'Collection `{name}` already exists!')
            if name in self.aliases:
                raise Refused('input', f"Can't create collection with name {name}. Alias with the "
                                       'same name already exists')
            path = tempfile.mkdtemp(prefix='c-', dir=self.directory)
            self.collections[name] = Collection(name, config, path, self.kept, self.index_seconds)
            self.save()

    def update(self, name, given):
        self.find(name).update(given)
        self.save()

    def drop(self, name):
        """Whether there was such a collection; aliases are not followed."""
        with self.lock:
            found = self.collections.pop(name, None)
            self.aliases = {a: c for a, c in self.aliases.items() if c != name}
            if found is None:
                return False
            with found.lock:
                found.shard.close()
            shutil.rmtree(found.path, ignore_errors=True)
            self.save()
            return True

    def change_aliases(self, actions):
        """Applies the actions one by one, as the real server: an error keeps the earlier ones."""
        with self.lock:
            for action in actions:
                for verb, given in action.items():
                    getattr(self, '_' + verb)(**(given or {}))
            self.save()

    def _create_alias(self, collection_name, alias_name):
        if collection_name not in self.collections:
            raise Refused('missing', f"Collection `{collection_name}` doesn't exist!")
        if alias_name in self.collections:
            raise Refused('exists', f'Collection `{alias_name}` already exists!')
        self.aliases[alias_name] = collection_name

    def _delete_alias(self, alias_name):
        self.aliases.pop(alias_name, None)

    def _rename_alias(self, old_alias_name, new_alias_name):
        if old_alias_name not in self.aliases:
            raise Refused('missing', f"Alias {old_alias_name} does not exists!")
        self.aliases[new_alias_name] = self.aliases.pop(old_alias_name)
