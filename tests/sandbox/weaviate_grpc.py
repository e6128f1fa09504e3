"""The rpcs of the Weaviate stand-in. Errors carry the code and the text of a 1.39 server, where
most of them are UNKNOWN, also for a wrong key."""

import random
import time
import uuid

import grpc

import weaviate_filters
import wire
from grpcbase import RpcError
from weaviate.proto.v1 import (aggregate_pb2, batch_delete_pb2, batch_pb2, search_get_pb2,
                               tenants_pb2)
from weaviate_batch import from_batch_object
from weaviate_reply import Selection, Shapes, unknown
from weaviate_store import StoreError

PREFIX = '/weaviate.v1.Weaviate/'
DEFAULT_LIMIT, MAXIMUM_RESULTS = 10, 10000
MAX_MESSAGE = 104858000
EXCESS = ("query maximum results exceeded: the total limit calculated from the provided offset "
          "'{}' and limit '{}' exceeds the configured value for QUERY_MAXIMUM_RESULTS '{}'. If "
          "you've supplied a negative offset or limit, this may be an underflow error")
RANKED = ('hybrid_search', 'bm25_search', 'near_vector', 'near_object', 'near_text', 'near_image',
          'near_audio', 'near_video', 'near_depth', 'near_thermal', 'near_imu', 'group_by',
          'generative', 'rerank')


def after_key(text):
    """The 16 bytes of an `after`; ValueError with the server's text."""
    if not text:
        return None
    try:
        return uuid.UUID(text).bytes
    except ValueError:
        raise ValueError(f"after parameter '{text}' is not a valid uuid: "
                         f'invalid UUID length: {len(text)}') from None


class Rpcs:
    """Binds the store to a grpcbase.Service."""

    def __init__(self, service, store, version):
        self.service, self.store, self.version = service, store, version
        service.unary(PREFIX + 'Search', search_get_pb2.SearchRequest, self.search)
        service.unary(PREFIX + 'BatchObjects', batch_pb2.BatchObjectsRequest, self.batch_objects)
        service.unary(PREFIX + 'BatchDelete', batch_delete_pb2.BatchDeleteRequest, self.delete)
        if version >= (1, 25):
            service.unary(PREFIX + 'TenantsGet', tenants_pb2.TenantsGetRequest, self.tenants)
        if version >= (1, 29):
            service.unary(PREFIX + 'Aggregate', aggregate_pb2.AggregateRequest, self.aggregate)
        if version >= (1, 33):
            service.unary(PREFIX + 'BatchReferences', batch_pb2.BatchReferencesRequest,
                          self.batch_references)
            service.stream(PREFIX + 'BatchStream', batch_pb2.BatchStreamRequest, self.batch_stream)

    def _class(self, name, where=''):
        klass = self.store.find(name)
        if klass is None:
            raise unknown(f'{where}could not find class {name} in schema')
        return klass

    def search(self, request, metadata):
        began = time.perf_counter()
        store, limit = self.store, request.limit or DEFAULT_LIMIT
        self.service.faults.note({
            'rpc': 'Search', 'collection': request.collection, 'tenant': request.tenant,
            'after': request.after, 'limit': request.limit})
        if self.version < (1, 29) and not (request.uses_123_api or request.uses_125_api or
                                           request.uses_127_api):
            raise unknown('sandbox: the reply shape from before 1.23 is not supported here')
        with store.lock:
            klass = self._class(request.collection)
            selection = Selection(
                store, klass, request.properties if request.HasField('properties') else None,
                request.metadata if request.HasField('metadata') else None)
            for name in RANKED:
                if request.HasField(name):
                    raise weaviate_filters.refuse(name)
            items = self._rows(klass, request, limit)
            now = time.time()
            items = [i for i in items if not klass.expired(i, now)]
            shapes = Shapes(self.version, request.uses_125_api, request.uses_127_api)
            parts = [wire.block(2, selection.result(i, shapes)) for i in items]
        return b''.join([wire.single(1, time.perf_counter() - began), *parts, wire.text(3, '')])

    def _rows(self, klass, request, limit):
        try:
            after = after_key(request.after)
        except ValueError as error:
            raise unknown(f"cursor api: invalid 'after' parameter: {error}") from None
        if request.after:
            given = (('offset', request.offset), ('sort', len(request.sort_by)),
                     ('where', request.HasField('filters')))
            wrong = next((name for name, used in given if used), None)
            if wrong:
                raise unknown(f"cursor api: invalid 'after' parameter: {wrong} cannot be set with "
                              'after and limit parameters')
        if request.offset + limit > MAXIMUM_RESULTS:
            raise unknown('explorer: list class: search: invalid pagination params: ' +
                          EXCESS.format(request.offset, limit, MAXIMUM_RESULTS))
        try:
            shard = self.store.tenant(klass, request.tenant)
        except StoreError as error:
            raise unknown('explorer: list class: search: object search at index '
                          f'{klass.name.lower()}: {error.text}') from None
        if not request.HasField('filters') and not request.sort_by:
            return shard.page(after, limit, request.offset)
        items = shard.page(None, len(shard.keys))
        if request.HasField('filters'):
            items = [i for i in items if weaviate_filters.matches(request.filters, i)]
        if request.sort_by:
            items = weaviate_filters.order(items, request.sort_by)
        return items[request.offset:request.offset + limit]

    def _put(self, given):
        """Stores one BatchObject; returns the text of the error, or None."""
        try:
            name, form = from_batch_object(given, self.store)
            self.store.put(name, form, word='float64')
        except StoreError as error:
            return error.text
        return None

    def batch_objects(self, request, metadata):
        began = time.perf_counter()
        reply = batch_pb2.BatchObjectsReply()
        for index, given in enumerate(request.objects):
            error = self._put(given)
            if error is not None:
                reply.errors.add(index=index, error=error)
        reply.took = time.perf_counter() - began
        return reply

    def _refer(self, given):
        try:
            self.store.refer(given.from_collection, given.from_uuid, given.name,
                             given.to_collection, given.to_uuid, given.tenant)
        except StoreError as error:
            return error.text
        return None

    def batch_references(self, request, metadata):
        reply = batch_pb2.BatchReferencesReply()
        for index, given in enumerate(request.references):
            error = self._refer(given)
            if error is not None:
                reply.errors.add(index=index, error=error)
        return reply

    def batch_stream(self, messages, metadata):
        message = batch_pb2.BatchStreamReply
        for request in messages:
            kind = request.WhichOneof('message')
            if kind == 'start':
                yield message(started=message.Started())
            elif kind == 'stop':
                return
            else:
                yield from self._stream_data(request.data, message)

    def _stream_data(self, data, message):
        objects, links = data.objects.values, data.references.values
        beacons = [f'weaviate://localhost/{r.from_collection}/{r.from_uuid}/{r.name}'
                   for r in links]
        yield message(acks=message.Acks(uuids=[o.uuid for o in objects], beacons=beacons))
        results = message.Results()
        outcomes = [('uuid', o.uuid, self._put(o)) for o in objects]
        outcomes += [('beacon', b, self._refer(r)) for b, r in zip(beacons, links)]
        for key, name, error in outcomes:
            if error is None:
                results.successes.add(**{key: name})
            else:
                results.errors.add(error=error, **{key: name})
        yield message(results=results)

    def delete(self, request, metadata):
        reply = batch_delete_pb2.BatchDeleteReply()
        with self.store.lock:
            klass = self._class(request.collection)
            try:
                shard = self.store.tenant(klass, request.tenant)
            except StoreError as error:
                raise unknown(f'batch delete: {error.text}') from None
            for item in shard.page(None, MAXIMUM_RESULTS):
                if not weaviate_filters.matches(request.filters, item):
                    continue
                reply.matches += 1
                reply.successful += 1
                if request.verbose:
                    reply.objects.add(uuid=item.key, successful=True)
                if not request.dry_run:
                    shard.remove(item.key)
        return reply

    def tenants(self, request, metadata):
        reply = tenants_pb2.TenantsGetReply()
        with self.store.lock:
            klass = self.store.find(request.collection)
            wrong = 'class not found' if klass is None else \
                f'multi-tenancy is not enabled for class "{klass.name}"'
            if klass is None or not klass.tenancy['enabled']:
                raise unknown('get tenants: failed to execute query: could not get tenants: could '
                              f'not get tenants: {wrong}')
            names = list(klass.shards)
            if request.HasField('names'):
                names = [n for n in request.names.values if n in klass.shards]
            random.shuffle(names)
            for name in names:
                word = 'TENANT_ACTIVITY_STATUS_' + klass.shards[name].state()
                reply.tenants.add(name=name, activity_status=word)
        return reply

    def aggregate(self, request, metadata):
        with self.store.lock:
            klass = self._class(request.collection, 'parse params: ')
            if request.aggregations or request.HasField('group_by'):
                raise weaviate_filters.refuse('an aggregation other than the count')
            try:
                shard = self.store.tenant(klass, request.tenant)
            except StoreError as error:
                raise unknown(f'aggregate: {error.text}') from None
            count = len(shard.keys)
            if request.HasField('filters'):
                count = sum(weaviate_filters.matches(request.filters, i)
                            for i in shard.page(None, count))
        reply = aggregate_pb2.AggregateReply()
        reply.single_result.SetInParent()
        if request.objects_count:
            reply.single_result.objects_count = count
        return reply


def authorizer(check):
    """The gRPC side of auth.Auth.check: its refusals come as the real server words them."""
    def authorize(path, metadata):
        header = dict(metadata).get('authorization', '')
        refusal = check(header)
        if refusal:
            raise RpcError(grpc.StatusCode.UNKNOWN, f'extract auth: {refusal}')
    return authorize
