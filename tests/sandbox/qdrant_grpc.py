"""The rpcs of the Qdrant stand-in. Control messages are turned into REST JSON by the converters
of the official client, so both sides meet in qdrant_store; points have a path of their own."""

import time

import grpc
from qdrant_client import grpc as pb
from qdrant_client.conversions.conversion import GrpcToRest, RestToGrpc
from qdrant_client.http import models

import qdrant_engine
import qdrant_points
from grpcbase import RpcError, code_of
from qdrant_config import KINDS, Refused
from qdrant_points import fill_record, id_message, id_of, points_of, update_result

MODES = {0: 'upsert', 1: 'insert_only', 2: 'update_only'}


def plain(model):
    """A pydantic model of the client as JSON without nulls."""
    return model.model_dump(mode='json', exclude_none=True, by_alias=True)


def to_status(error):
    code, _, prefix = KINDS[error.kind]
    return RpcError(code_of(code), prefix + error.text)


def filter_json(message, field='filter'):
    return plain(GrpcToRest.convert_filter(getattr(message, field))) \
        if message.HasField(field) else None


def target_of(selector):
    """PointsSelector as {"points"} or {"filter"}."""
    if selector.WhichOneof('points_selector_one_of') == 'points':
        return {'points': [id_of(i) for i in selector.points.ids]}
    return {'filter': plain(GrpcToRest.convert_filter(selector.filter))}


def settings_of(message):
    """CreateCollection or UpdateCollection as the body of its REST twin."""
    update = message.DESCRIPTOR.name == 'UpdateCollection'
    c, out = GrpcToRest, {}
    vectors = c.convert_vectors_config_diff if update else c.convert_vectors_config
    quantization = c.convert_quantization_config_diff if update else c.convert_quantization_config
    for field, name, convert in (
            ('vectors_config', 'vectors', vectors),
            ('hnsw_config', 'hnsw_config', c.convert_hnsw_config_diff),
            ('optimizers_config', 'optimizers_config', c.convert_optimizers_config_diff),
            ('wal_config', 'wal_config', c.convert_wal_config_diff),
            ('params', 'params', c.convert_collection_params_diff),
            ('quantization_config', 'quantization_config', quantization),
            ('strict_mode_config', 'strict_mode_config', c.convert_strict_mode_config),
            ('sparse_vectors_config', 'sparse_vectors', c.convert_sparse_vector_config)):
        if field in message.DESCRIPTOR.fields_by_name and message.HasField(field):
            made = convert(getattr(message, field))
            if isinstance(made, dict):
                out[name] = {k: plain(v) for k, v in made.items()}
            elif isinstance(made, models.Disabled):
                out[name] = 'Disabled'
            else:
                out[name] = plain(made)
    for name in ('shard_number', 'on_disk_payload', 'replication_factor',
                 'write_consistency_factor'):
        if name in message.DESCRIPTOR.fields_by_name and message.HasField(name):
            out[name] = getattr(message, name)
    if message.metadata:
        out['metadata'] = {k: qdrant_points.json_of(v) for k, v in message.metadata.items()}
    return out


class Rpcs:
    """Binds the store to a grpcbase.Service."""

    def __init__(self, service, store, version):
        self.store, self.version = store, '.'.join(map(str, version))
        self.legacy = version < (1, 17)
        self.service = service
        for path, request, handler in (
                ('Qdrant/HealthCheck', pb.HealthCheckRequest, self.health),
                ('Collections/Get', pb.GetCollectionInfoRequest, self.get_collection),
                ('Collections/List', pb.ListCollectionsRequest, self.list_collections),
                ('Collections/Create', pb.CreateCollection, self.create),
                ('Collections/Update', pb.UpdateCollection, self.update),
                ('Collections/Delete', pb.DeleteCollection, self.drop),
                ('Collections/CollectionExists', pb.CollectionExistsRequest, self.exists),
                ('Collections/UpdateAliases', pb.ChangeAliases, self.change_aliases),
                ('Collections/ListAliases', pb.ListAliasesRequest, self.list_aliases),
                ('Collections/ListCollectionAliases', pb.ListCollectionAliasesRequest,
                 self.collection_aliases),
                ('Points/Upsert', pb.UpsertPoints, self.upsert),
                ('Points/Delete', pb.DeletePoints, self.delete),
                ('Points/Get', pb.GetPoints, self.get),
                ('Points/Scroll', pb.ScrollPoints, self.scroll),
                ('Points/Count', pb.CountPoints, self.count),
                ('Points/Query', pb.QueryPoints, self.query),
                ('Points/SetPayload', pb.SetPayloadPoints, self.set_payload),
                ('Points/OverwritePayload', pb.SetPayloadPoints, self.overwrite_payload),
                ('Points/DeletePayload', pb.DeletePayloadPoints, self.delete_payload),
                ('Points/ClearPayload', pb.ClearPayloadPoints, self.clear_payload),
                ('Points/UpdateVectors', pb.UpdatePointVectors, self.update_vectors),
                ('Points/DeleteVectors', pb.DeletePointVectors, self.delete_vectors),
                ('Points/UpdateBatch', pb.UpdateBatchPoints, self.update_batch),
                ('Points/CreateFieldIndex', pb.CreateFieldIndexCollection, self.add_index),
                ('Points/DeleteFieldIndex', pb.DeleteFieldIndexCollection, self.drop_index)):
            service.unary('/qdrant.' + path, request, self._guard(handler))

    @staticmethod
    def _guard(handler):
        def call(request, metadata):
            began = time.perf_counter()
            try:
                reply = handler(request)
            except Refused as error:
                raise to_status(error) from None
            if 'time' in reply.DESCRIPTOR.fields_by_name:
                reply.time = time.perf_counter() - began
            return reply
        return call

    def health(self, request):
        return pb.HealthCheckReply(title='qdrant - vector search engine', version=self.version)

    # collections

    def get_collection(self, request):
        info = self.store.find(request.collection_name).info()
        made = RestToGrpc.convert_collection_info(models.CollectionInfo(**info))
        optimizers = made.config.optimizer_config
        if not optimizers.HasField('max_optimization_threads'):
            optimizers.max_optimization_threads.setting = pb.MaxOptimizationThreads.Auto
        return pb.GetCollectionInfoResponse(result=made)

    def list_collections(self, request):
        return pb.ListCollectionsResponse(collections=[
            pb.CollectionDescription(name=n) for n in sorted(self.store.collections)])

    def create(self, request):
        if request.HasField('vectors_config') and \
                request.vectors_config.WhichOneof('config') == 'params' and \
                not 1 <= request.vectors_config.params.size <= 65536:
            size = request.vectors_config.params.size
            raise qdrant_points.invalid('Validation error in body: [vectors_config.config.size: '
                                        f'value {size} invalid, must be from 1 to 65536]')
        self.store.create(request.collection_name, settings_of(request))
        return pb.CollectionOperationResponse(result=True)

    def update(self, request):
        self.store.update(request.collection_name, settings_of(request))
        return pb.CollectionOperationResponse(result=True)

    def drop(self, request):
        return pb.CollectionOperationResponse(result=self.store.drop(request.collection_name))

    def exists(self, request):
        found = self.store.exists(request.collection_name)
        return pb.CollectionExistsResponse(result=pb.CollectionExists(exists=found))

    def change_aliases(self, request):
        actions = [plain(GrpcToRest.convert_alias_operations(a)) for a in request.actions]
        self.store.change_aliases(actions)
        return pb.CollectionOperationResponse(result=True)

    def list_aliases(self, request, only=None):
        return pb.ListAliasesResponse(aliases=[
            pb.AliasDescription(alias_name=a, collection_name=c)
            for a, c in sorted(self.store.aliases.items()) if only in (None, c)])

    def collection_aliases(self, request):
        return self.list_aliases(request, self.store.find(request.collection_name).name)

    # points

    def upsert(self, request):
        points = points_of(request.points)
        collection = self.store.find(request.collection_name)
        self.service.faults.note({'rpc': 'Upsert', 'collection': request.collection_name,
                                  'points': len(points), 'bytes': request.ByteSize(),
                                  'wait': request.wait})
        condition = filter_json(request, 'update_filter')
        if condition is not None:
            condition = qdrant_engine.filter_of(condition)
        number = collection.upsert(points, request.wait, condition,
                                   MODES[request.update_mode])
        return pb.PointsOperationResponse(result=update_result(number, request.wait))

    def _written(self, request, number):
        return pb.PointsOperationResponse(result=update_result(number, request.wait))

    def delete(self, request):
        collection = self.store.find(request.collection_name)
        return self._written(request, collection.delete(target_of(request.points)))

    def _payload(self, verb, request):
        collection = self.store.find(request.collection_name)
        target, arguments = target_of(request.points_selector), []
        if verb in ('set', 'overwrite'):
            arguments = [{k: qdrant_points.json_of(v) for k, v in request.payload.items()}]
            if request.HasField('key'):
                arguments.append(request.key)
        elif verb == 'delete':
            arguments = [list(request.keys)]
        return self._written(request, collection.change_payload(verb, target, *arguments))

    def set_payload(self, request):
        return self._payload('set', request)

    def overwrite_payload(self, request):
        return self._payload('overwrite', request)

    def delete_payload(self, request):
        return self._payload('delete', request)

    def clear_payload(self, request):
        collection = self.store.find(request.collection_name)
        return self._written(request, collection.change_payload('clear', target_of(request.points)))

    def update_vectors(self, request):
        points = [(id_of(p.id), qdrant_points.vectors_of(p, i))
                  for i, p in enumerate(request.points)]
        collection = self.store.find(request.collection_name)
        return self._written(request, collection.update_vectors(points))

    def delete_vectors(self, request):
        collection = self.store.find(request.collection_name)
        return self._written(request, collection.delete_vectors(
            target_of(request.points_selector), list(request.vectors.names)))

    def update_batch(self, request):
        collection = self.store.find(request.collection_name)
        out = pb.UpdateBatchResponse()
        for operation in request.operations:
            number = self._operation(collection, operation)
            out.result.append(update_result(number, request.wait))
        return out

    @staticmethod
    def _operation(collection, operation):
        kind = operation.WhichOneof('operation')
        given = getattr(operation, kind)
        if kind == 'upsert':
            mode = MODES[given.update_mode] if 'update_mode' in given.DESCRIPTOR.fields_by_name \
                else 'upsert'
            return collection.upsert(points_of(given.points), mode=mode)
        if kind == 'delete_points':
            return collection.delete(target_of(given.points))
        if kind == 'delete_deprecated':
            return collection.delete(target_of(given))
        if kind in ('set_payload', 'overwrite_payload'):
            payload = {k: qdrant_points.json_of(v) for k, v in given.payload.items()}
            return collection.change_payload(kind.split('_')[0], target_of(given.points_selector),
                                             payload)
        if kind == 'delete_payload':
            return collection.change_payload('delete', target_of(given.points_selector),
                                             list(given.keys))
        if kind == 'clear_payload':
            return collection.change_payload('clear', target_of(given.points))
        raise RpcError(grpc.StatusCode.UNIMPLEMENTED, f'sandbox: {kind} in a batch is not here')

    def get(self, request):
        collection = self.store.find(request.collection_name)
        records = collection.retrieve([id_of(i) for i in request.ids],
                                      qdrant_points.with_payload(request.with_payload),
                                      qdrant_points.with_vectors(request.with_vectors))
        out = pb.GetResponse()
        for record in records:
            fill_record(out.result.add(), record, self.legacy)
        return out

    def scroll(self, request):
        collection = self.store.find(request.collection_name)
        if request.HasField('order_by'):
            raise RpcError(grpc.StatusCode.UNIMPLEMENTED, 'sandbox: order_by is not here')
        records, following = collection.scroll(
            id_of(request.offset) if request.HasField('offset') else None,
            request.limit if request.HasField('limit') else 10, filter_json(request),
            qdrant_points.with_payload(request.with_payload),
            qdrant_points.with_vectors(request.with_vectors))
        out = pb.ScrollResponse()
        for record in records:
            fill_record(out.result.add(), record, self.legacy)
        if following is not None:
            out.next_page_offset.CopyFrom(id_message(following))
        return out

    def count(self, request):
        collection = self.store.find(request.collection_name)
        exact = request.exact if request.HasField('exact') else True
        return pb.CountResponse(result=pb.CountResult(
            count=collection.count(filter_json(request), exact)))

    def query(self, request):
        collection, query = self.store.find(request.collection_name), None
        if request.HasField('query'):
            kind = request.query.WhichOneof('variant')
            if kind != 'nearest' or request.prefetch:
                raise RpcError(grpc.StatusCode.UNIMPLEMENTED, f'sandbox: query {kind} is not here')
            query = self._nearest(request.query.nearest)
        records = collection.query(
            query, request.using, filter_json(request),
            request.limit if request.HasField('limit') else 10, request.offset,
            qdrant_points.with_payload(request.with_payload, False),
            qdrant_points.with_vectors(request.with_vectors),
            request.score_threshold if request.HasField('score_threshold') else None)
        out = pb.QueryResponse()
        for record in records:
            made = fill_record(out.result.add(), record, self.legacy)
            made.score, made.version = record.score or 0.0, record.version or 0
        return out

    @staticmethod
    def _nearest(given):
        kind = given.WhichOneof('variant')
        if kind == 'id':
            return id_of(given.id)
        if kind == 'dense':
            return list(given.dense.data)
        if kind == 'sparse':
            return {'indices': list(given.sparse.indices), 'values': list(given.sparse.values)}
        if kind == 'multi_dense':
            return [list(v.data) for v in given.multi_dense.vectors]
        raise RpcError(grpc.StatusCode.UNIMPLEMENTED, f'sandbox: nearest {kind} is not here')

    def add_index(self, request):
        collection, params = self.store.find(request.collection_name), None
        kind = pb.FieldType.Name(request.field_type)[len('FieldType'):].lower()
        if request.HasField('field_index_params'):
            params = plain(GrpcToRest.convert_payload_schema_params(request.field_index_params))
            kind = params.pop('type')
        return self._written(request, collection.add_index(request.field_name, kind, params))

    def drop_index(self, request):
        collection = self.store.find(request.collection_name)
        return self._written(request, collection.drop_index(request.field_name))


def authorizer(key):
    def authorize(path, metadata):
        if key is None or path == '/qdrant.Qdrant/HealthCheck':
            return
        headers = dict(metadata)
        given, bearer = headers.get('api-key'), headers.get('authorization', '')
        if given is None and bearer.startswith('Bearer '):
            given = bearer[7:]
        if given is None:
            raise RpcError(grpc.StatusCode.UNAUTHENTICATED,
                           'Must provide an API key or an Authorization bearer token')
        if given != key:
            raise RpcError(grpc.StatusCode.UNAUTHENTICATED, 'Invalid API key or JWT')
    return authorize
