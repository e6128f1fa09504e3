"""The Qdrant stand-in, driven by the official Python client and by its bare stubs."""

import math
import random
import time
import uuid

import grpc
import numpy
import pytest
from qdrant_client import QdrantClient, grpc as pb, models
from qdrant_client.http.exceptions import UnexpectedResponse

from conftest import running, wait_until

COSINE = models.VectorParams(size=4, distance=models.Distance.COSINE)
PAYLOAD = {'s': 'tæ\0xt', 'i': 2 ** 63 - 1, 'low': -2 ** 63, 'f': 1.0, 'tiny': 5e-324, 'b': False,
           'none': None, 'l': [1, 1.0, 'x', [], {}], 'o': {'a': {'b': [None]}}, 'e': []}


def connect(server, **more):
    return QdrantClient(url=server.url, grpc_port=server.grpc_port, check_compatibility=False,
                        timeout=30, **more)


@pytest.fixture(scope='module', params=['rest', 'grpc'])
def client(request, qdrant):
    with_grpc = request.param == 'grpc'
    made = connect(qdrant, prefer_grpc=with_grpc)
    yield made
    made.close()


@pytest.fixture
def fresh(client):
    """Makes collections that are gone again after the test."""
    made = []

    def create(name, vectors=COSINE, **settings):
        client.delete_collection(name)
        client.create_collection(name, vectors, **settings)
        made.append(name)
        return name
    yield create
    for name in made:
        client.delete_collection(name)


@pytest.fixture
def points(qdrant):
    with grpc.insecure_channel(qdrant.grpc) as channel:
        yield pb.PointsStub(channel)


def dense(*values):
    return pb.Vectors(vector=pb.Vector(dense=pb.DenseVector(data=values)))


def named(**vectors):
    return pb.Vectors(vectors=pb.NamedVectors(vectors=vectors))


def struct_of(number, vectors=None, **payload):
    return pb.PointStruct(id=pb.PointId(num=number), vectors=vectors, payload=payload)


def upsert(points, name, *structs, wait=True, **more):
    return points.Upsert(pb.UpsertPoints(collection_name=name, wait=wait, points=structs, **more))


def refused(call, *arguments, **more):
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, **more)
    return caught.value.code().name, caught.value.details()


def test_points_come_back_as_sent(fresh, client):
    name = fresh('back')
    client.upsert(name, [
        models.PointStruct(id=7, vector=[1, 2, 3, 4], payload=PAYLOAD),
        models.PointStruct(id=str(uuid.UUID(int=9)), vector=[1, 2, 3, 4]),
        models.PointStruct(id=2 ** 64 - 1, vector={})])
    full, bare, vectorless = client.retrieve(
        name, [7, str(uuid.UUID(int=9)), 2 ** 64 - 1], with_vectors=True)
    assert full.payload == PAYLOAD and not bare.payload and not vectorless.vector
    kinds = {k: type(v) for k, v in full.payload.items()}
    assert kinds['f'] is float and kinds['i'] is int and type(full.payload['l'][1]) is float
    assert full.vector == pytest.approx([v / math.sqrt(30) for v in (1, 2, 3, 4)])
    client.upsert(name, [models.PointStruct(id=7, vector=[4, 3, 2, 1], payload={'only': 1})])
    assert client.retrieve(name, [7])[0].payload == {'only': 1}, 'upsert replaces the payload'


def test_all_kinds_of_vectors(fresh, client):
    name = fresh('kinds', {
        '': COSINE, 'd': models.VectorParams(size=2, distance=models.Distance.DOT),
        'm': models.VectorParams(size=2, distance=models.Distance.EUCLID,
                                 multivector_config=models.MultiVectorConfig(
                                     comparator=models.MultiVectorComparator.MAX_SIM))},
                 sparse_vectors_config={'s': models.SparseVectorParams()})
    sparse = models.SparseVector(indices=[7, 3], values=[0.5, 1.5])
    client.upsert(name, [models.PointStruct(id=1, vector={
        'd': [0.1, -0.0], 'm': [[1.5, 2], [3.5, 4], [5.5, 6]], 's': sparse}),
        models.PointStruct(id=2, vector=[0, 0, 0, 0])])
    one, two = client.retrieve(name, [1, 2], with_vectors=True)
    assert one.vector['m'] == [[1.5, 2], [3.5, 4], [5.5, 6]] and set(one.vector) == {'d', 'm', 's'}
    pairs = dict(zip(one.vector['s'].indices, one.vector['s'].values))
    assert pairs == {7: 0.5, 3: 1.5}
    assert numpy.array(one.vector['d'], 'f4').tobytes() == numpy.array([0.1, -0.0], 'f4').tobytes()
    zero = two.vector if isinstance(two.vector, list) else two.vector['']
    assert zero == [0, 0, 0, 0], 'zero vectors stay zero under Cosine'
    assert set(client.retrieve(name, [1], with_vectors=['d'])[0].vector) == {'d'}


def test_scroll_count_delete_and_filters(fresh, client):
    name = fresh('pages')
    ids = [3, 1, 2 ** 63, *(str(uuid.UUID(int=n)) for n in (5, 1 << 100, 2))]
    client.upsert(name, [models.PointStruct(id=i, vector=[1, 0, 0, n], payload={'n': n})
                         for n, i in enumerate(ids)])
    seen, offset = [], None
    while True:
        page, offset = client.scroll(name, limit=4, offset=offset)
        seen += [p.id for p in page]
        if offset is None:
            break
    assert seen == [1, 3, 2 ** 63, *(str(uuid.UUID(int=n)) for n in (2, 5, 1 << 100))]
    some = models.Filter(must=[models.FieldCondition(key='n', range=models.Range(gte=2))])
    assert client.count(name, count_filter=some, exact=True).count == 4
    client.delete(name, models.FilterSelector(filter=models.Filter(
        must_not=[models.HasIdCondition(has_id=[1, 3])])))
    assert client.count(name).count == 2
    client.delete(name, [1])
    assert [p.id for p in client.scroll(name)[0]] == [3]


def test_search_and_payload_edits(fresh, client):
    name = fresh('search', models.VectorParams(size=2, distance=models.Distance.DOT))
    client.upsert(name, [models.PointStruct(id=n, vector=[n, 1], payload={'n': n, 'k': 'x'})
                         for n in range(1, 9)])
    hits = client.query_points(name, [1.0, 0.0], limit=3, with_payload=True).points
    assert [h.id for h in hits] == [8, 7, 6] and hits[0].score == 8 and hits[0].payload['n'] == 8
    assert [h.id for h in client.query_points(name, 1, limit=2).points] == [8, 7]
    client.set_payload(name, {'new': [1]}, [1])
    client.overwrite_payload(name, {'whole': True}, [2])
    client.delete_payload(name, ['k'], [3])
    client.clear_payload(name, [4])
    found = [p.payload for p in client.retrieve(name, [1, 2, 3, 4])]
    assert found == [{'n': 1, 'k': 'x', 'new': [1]}, {'whole': True}, {'n': 3}, {}]


def test_settings_come_back(fresh, client):
    name = fresh('settings', {'a': models.VectorParams(
        size=3, distance=models.Distance.MANHATTAN, on_disk=True, datatype=models.Datatype.FLOAT16,
        hnsw_config=models.HnswConfigDiff(m=0))}, shard_number=2, on_disk_payload=False,
        hnsw_config=models.HnswConfigDiff(m=24, payload_m=16),
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=0),
        quantization_config=models.ScalarQuantization(scalar=models.ScalarQuantizationConfig(
            type=models.ScalarType.INT8, always_ram=True)),
        sparse_vectors_config={'s': models.SparseVectorParams(modifier=models.Modifier.IDF)},
        metadata={'run': 'r1', 'n': 5})
    client.update_collection(name, hnsw_config=models.HnswConfigDiff(m=16),
                             optimizers_config=models.OptimizersConfigDiff(
                                 indexing_threshold=20000), metadata={'more': [1]},
                             vectors_config={'a': models.VectorParamsDiff(
                                 hnsw_config=models.HnswConfigDiff(m=8))})
    info = client.get_collection(name)
    config = info.config
    assert info.status == models.CollectionStatus.GREEN or info.points_count == 0
    assert (config.hnsw_config.m, config.hnsw_config.payload_m) == (16, 16)
    assert config.hnsw_config.ef_construct == 100
    assert config.optimizer_config.indexing_threshold == 20000
    assert config.metadata == {'run': 'r1', 'n': 5, 'more': [1]}
    vector = config.params.vectors['a']
    assert (vector.size, vector.distance, vector.on_disk) == (3, models.Distance.MANHATTAN, True)
    assert vector.hnsw_config.m == 8 and vector.datatype == models.Datatype.FLOAT16
    assert config.params.sparse_vectors['s'].modifier == models.Modifier.IDF
    assert config.params.shard_number == 2 and config.params.on_disk_payload is False
    assert config.quantization_config.scalar.always_ram is True
    assert info.update_queue.length == 0 and client.collection_exists(name)
    assert not client.collection_exists('no such')


def test_payload_indexes(fresh, client):
    name = fresh('indexes')
    client.upsert(name, [models.PointStruct(id=1, vector=[1, 1, 1, 1], payload={
        't': 'a', 'n': 1, 'when': '2020-01-02T03:04:05+02:00', 'at': {'lat': 1.0, 'lon': 2.0},
        'u': str(uuid.UUID(int=3)), 'text': 'some words', 'f': 0.5, 'b': True})])
    for field, kind in (('n', 'integer'), ('when', 'datetime'), ('at', 'geo'), ('u', 'uuid'),
                        ('f', 'float'), ('b', 'bool')):
        client.create_payload_index(name, field, models.PayloadSchemaType(kind))
    client.create_payload_index(name, 't', models.KeywordIndexParams(
        type=models.KeywordIndexType.KEYWORD, is_tenant=True))
    client.create_payload_index(name, 'text', models.TextIndexParams(
        type=models.TextIndexType.TEXT, tokenizer=models.TokenizerType.WORD, lowercase=True))
    schema = client.get_collection(name).payload_schema
    assert schema['t'].params.is_tenant is True and schema['text'].params.lowercase is True
    assert {f: (s.data_type.value, s.points) for f, s in schema.items()} == {
        't': ('keyword', 1), 'n': ('integer', 1), 'when': ('datetime', 1), 'at': ('geo', 1),
        'u': ('uuid', 1), 'text': ('text', 1), 'f': ('float', 1), 'b': ('bool', 1)}
    client.delete_payload_index(name, 'n')
    assert 'n' not in client.get_collection(name).payload_schema


def test_aliases(fresh, client):
    one, two = fresh('one'), fresh('two')
    create = models.CreateAliasOperation(create_alias=models.CreateAlias(
        collection_name=one, alias_name='current'))
    client.update_collection_aliases([create])
    client.upsert('current', [models.PointStruct(id=1, vector=[1, 2, 3, 4])])
    assert client.count(one).count == 1
    client.update_collection_aliases([
        models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name='current')),
        models.CreateAliasOperation(create_alias=models.CreateAlias(
            collection_name=two, alias_name='current'))])
    assert client.count('current').count == 0
    assert [(a.alias_name, a.collection_name) for a in client.get_aliases().aliases] == [
        ('current', 'two')]
    assert [a.alias_name for a in client.get_collection_aliases(two).aliases] == ['current']
    client.delete_collection(two)
    assert not client.get_aliases().aliases, 'aliases go with their collection'


def test_missing_and_existing(fresh, client, points):
    name = fresh('there')
    with pytest.raises((UnexpectedResponse, grpc.RpcError)) as caught:
        client.create_collection(name, COSINE)
    assert 'Wrong input: Collection `there` already exists!' in str(caught.value)
    assert '409' in str(caught.value) or caught.value.code() == grpc.StatusCode.ALREADY_EXISTS
    with pytest.raises((UnexpectedResponse, grpc.RpcError)) as caught:
        client.get_collection('not there')
    assert 'Not found: Collection `not there` doesn' in str(caught.value)
    assert '404' in str(caught.value) or caught.value.code() == grpc.StatusCode.NOT_FOUND
    code, text = refused(upsert, points, 'not there', struct_of(1, dense(1)))
    assert code == 'NOT_FOUND'


def test_bad_points_over_grpc(fresh, client, points):
    name = fresh('bad', {'': COSINE, 'm': models.VectorParams(
        size=2, distance=models.Distance.DOT, multivector_config=models.MultiVectorConfig(
            comparator=models.MultiVectorComparator.MAX_SIM))},
                 sparse_vectors_config={'s': models.SparseVectorParams()})
    good = struct_of(1, dense(1, 2, 3, 4))
    ragged = pb.Vector(multi_dense=pb.MultiDenseVector(
        vectors=[pb.DenseVector(data=[1, 2]), pb.DenseVector(data=[3])]))
    twice = pb.Vector(sparse=pb.SparseVector(indices=[3, 3], values=[1, 2]))
    nan = pb.Value(double_value=math.nan)
    for bad, text in (
            (struct_of(2), 'Expected some vectors'),
            (struct_of(2, pb.Vectors()), 'No Vector Provided'),
            (pb.PointStruct(vectors=dense(1, 2, 3, 4)), 'Empty ID is not allowed'),
            (pb.PointStruct(id=pb.PointId(uuid='zz'), vectors=dense(1, 2, 3, 4)),
             'Unable to parse UUID: zz'),
            (struct_of(2, dense(1, 2, 3)), 'Vector dimension error: expected dim: 4, got 3'),
            (struct_of(2, dense()), 'dense vector must not be empty'),
            (struct_of(2, dense(1, 2, 3, 4), x=nan), 'cannot convert to json number'),
            (struct_of(2, named(m=ragged)), 'all vectors must have the same dimension'),
            (struct_of(2, named(s=twice)), 'indices: Validation error: must be unique')):
        code, details = refused(upsert, points, name, good, bad)
        assert code == 'INVALID_ARGUMENT' and text in details
        assert client.count(name).count == 0, 'one bad point fails its whole request'
    unknown = struct_of(2, named(x=pb.Vector(data=[1])))
    lost = struct_of(3, dense(1, 2, 3, 4))
    code, details = refused(upsert, points, name, good, unknown, lost)
    assert code == 'INVALID_ARGUMENT' and 'Not existing vector name error: x' in details
    # An unknown name is noticed half-way; which of the others are written then is chance in the
    # real server, those that stand before it in the stand-in.
    assert client.count(name).count in (0, 1, 2)
    assert upsert(points, name, unknown, wait=False).result.status == pb.UpdateStatus.Acknowledged
    assert upsert(points, name, good).result.status == pb.UpdateStatus.Completed
    assert upsert(points, name, good, wait=False).result.status == pb.UpdateStatus.Acknowledged


def test_old_and_new_forms_of_vectors(fresh, points):
    name = fresh('forms', {'d': COSINE.model_copy(update={'distance': models.Distance.DOT}),
                           'm': models.VectorParams(
                               size=2, distance=models.Distance.DOT,
                               multivector_config=models.MultiVectorConfig(
                                   comparator=models.MultiVectorComparator.MAX_SIM))},
                 sparse_vectors_config={'s': models.SparseVectorParams()})
    old = named(d=pb.Vector(data=[1, 2, 3, 4]), m=pb.Vector(data=[1, 2, 3, 4], vectors_count=2),
                s=pb.Vector(data=[0.5], indices=pb.SparseIndices(data=[7])))
    upsert(points, name, struct_of(1, old))
    everything = pb.WithVectorsSelector(enable=True)
    found = points.Get(pb.GetPoints(collection_name=name, ids=[pb.PointId(num=1)],
                                    with_vectors=everything)).result[0].vectors.vectors.vectors
    assert list(found['d'].dense.data) == [1, 2, 3, 4] and not found['d'].data
    assert [list(v.data) for v in found['m'].multi_dense.vectors] == [[1, 2], [3, 4]]
    assert list(found['s'].sparse.indices) == [7]


def test_insert_only(fresh, points, client):
    name = fresh('modes')
    upsert(points, name, struct_of(1, dense(1, 2, 3, 4), v=pb.Value(integer_value=1)))
    both = [struct_of(n, dense(1, 2, 3, 4), v=pb.Value(integer_value=2)) for n in (1, 2)]
    upsert(points, name, *both, update_mode=1)
    assert [p.payload['v'] for p in client.retrieve(name, [1, 2])] == [1, 2]


def test_rest_refusals(fresh, qdrant):
    name = fresh('refusals')
    for points, status, text in (
            ([{'id': 1, 'vector': [1, 2]}], 400, 'expected dim: 4, got 2'),
            ([{'id': -1, 'vector': [1, 2, 3, 4]}], 400, 'value -1 is not a valid point ID'),
            ([{'id': 1}], 400, 'missing field `vector`'),
            ([{'id': 1, 'vector': []}], 422, 'dense vector must not be empty'),
            ([], 400, 'Empty update request')):
        reply = qdrant.rest('PUT', f'/collections/{name}/points?wait=true', {'points': points})
        assert reply.status_code == status and text in reply.json()['status']['error']
    nan = '{"points":[{"id":1,"vector":[NaN,1,1,1]}]}'
    reply = qdrant.rest('PUT', f'/collections/{name}/points', data=nan,
                        headers={'Content-Type': 'application/json'})
    assert reply.status_code == 400
    assert qdrant.rest('PUT', '/collections/a*b', {}).status_code == 422


def test_two_rows_of_whole_numbers_are_sparse_over_rest(fresh, qdrant):
    name = fresh('tworows', {'m': models.VectorParams(
        size=2, distance=models.Distance.DOT, multivector_config=models.MultiVectorConfig(
            comparator=models.MultiVectorComparator.MAX_SIM))})
    for text, status in (('[[1,2],[3,4]]', 400), ('[[1.0,2.0],[3.0,4.0]]', 200)):
        reply = qdrant.rest('PUT', f'/collections/{name}/points?wait=true',
                            data='{"points":[{"id":1,"vector":{"m":%s}}]}' % text,
                            headers={'Content-Type': 'application/json'})
        assert reply.status_code == status, reply.text


def test_no_vectors_at_all(fresh, client):
    name = fresh('none', {})
    client.upsert(name, [models.PointStruct(id=1, vector={}, payload={'a': 1})])
    assert client.count(name).count == 1 and client.retrieve(name, [1])[0].payload == {'a': 1}
    assert client.get_collection(name).config.params.vectors in (None, {})


def test_added_and_dropped_vector_names(fresh, qdrant, client):
    name = fresh('late')
    reply = qdrant.rest('PUT', f'/collections/{name}/vectors/rare?wait=true',
                        {'dense': {'size': 2, 'distance': 'Dot'}})
    assert reply.json()['result']['status'] == 'completed'
    client.upsert(name, [models.PointStruct(id=1, vector={'rare': [1, 2]})])
    assert client.get_collection(name).config.params.vectors['rare'].size == 2
    qdrant.rest('DELETE', f'/collections/{name}/vectors/rare?wait=true')
    assert 'rare' not in client.get_collection(name).config.params.vectors


def test_strict_mode_batch_size(fresh, points):
    name = fresh('strict', strict_mode_config=models.StrictModeConfig(
        enabled=True, upsert_max_batchsize=2))
    structs = [struct_of(n, dense(1, 2, 3, 4)) for n in range(3)]
    code, text = refused(upsert, points, name, *structs)
    assert code == 'INVALID_ARGUMENT' and 'Limit exceeded 3 > 2 for "upsert limit"' in text
    upsert(points, name, *structs[:2])


def test_open_pages(qdrant):
    assert qdrant.rest('GET', '/').json()['title'] == 'qdrant - vector search engine'
    assert qdrant.rest('GET', '/readyz').text == 'all shards are ready'
    assert qdrant.rest('GET', '/healthz').status_code == 200
    assert 'collections' in qdrant.rest('GET', '/telemetry').json()['result']
    with grpc.insecure_channel(qdrant.grpc) as channel:
        reply = pb.QdrantStub(channel).HealthCheck(pb.HealthCheckRequest())
        assert reply.version.startswith('1.')
        health = channel.unary_unary('/grpc.health.v1.Health/Check')
        assert health(b'') == b'\x08\x01'


# from here on: what only the stand-in can be made to do


def test_api_key(certificate):
    cert, private = certificate
    flags = ('--api-key', 'sesame', '--tls-cert', cert, '--tls-key', private)
    with running('qdrant', *flags, ca=cert) as server:
        assert server.rest('GET', '/').status_code == 200
        assert server.rest('GET', '/collections').status_code == 401
        for header in ({'api-key': 'sesame'}, {'Authorization': 'Bearer sesame'}):
            assert server.rest('GET', '/collections', headers=header).status_code == 200
        assert server.rest('GET', '/collections', headers={'api-key': 'x'}).status_code == 401
        with open(cert, 'rb') as file:
            credentials = grpc.ssl_channel_credentials(file.read())
        stub = pb.CollectionsStub(grpc.secure_channel(server.grpc, credentials))
        assert refused(stub.List, pb.ListCollectionsRequest())[0] == 'UNAUTHENTICATED'
        stub.List(pb.ListCollectionsRequest(), metadata=[('api-key', 'sesame')])


def test_indexing_takes_a_while():
    with running('qdrant', '--index-seconds', '0.5') as server:
        client = connect(server)
        client.create_collection('slow', models.VectorParams(
            size=256, distance=models.Distance.DOT), hnsw_config=models.HnswConfigDiff(m=0),
            optimizers_config=models.OptimizersConfigDiff(indexing_threshold=10))
        client.upsert('slow', [models.PointStruct(id=n, vector=[1.0] * 256) for n in range(50)])
        assert client.get_collection('slow').status == models.CollectionStatus.GREEN
        assert client.get_collection('slow').indexed_vectors_count == 0
        client.update_collection('slow', hnsw_config=models.HnswConfigDiff(m=16))
        info = client.get_collection('slow')
        assert info.status == models.CollectionStatus.YELLOW and info.update_queue.length == 1
        wait_until(lambda: client.get_collection('slow').status == models.CollectionStatus.GREEN)
        assert client.get_collection('slow').indexed_vectors_count == 50


def test_data_survives_a_restart(tmp_path):
    flags = ('--data', str(tmp_path / 'kept'))
    with running('qdrant', *flags) as server:
        client = connect(server)
        client.create_collection('kept', COSINE, metadata={'a': 1})
        client.create_payload_index('kept', 'n', models.PayloadSchemaType.INTEGER)
        client.upsert('kept', [models.PointStruct(id=1, vector=[1, 2, 3, 4], payload={'n': 2})])
        client.update_collection_aliases([models.CreateAliasOperation(
            create_alias=models.CreateAlias(collection_name='kept', alias_name='also'))])
    with running('qdrant', *flags) as server:
        client = connect(server)
        assert client.retrieve('also', [1])[0].payload == {'n': 2}
        info = client.get_collection('kept')
        assert info.config.metadata == {'a': 1} and info.payload_schema['n'].points == 1


def test_speed(qdrant):
    """Thousands of points a second, so that tests of 10^5 points stay short."""
    rng = random.Random(1)
    vectors = [[rng.random() for _ in range(768)] for _ in range(256)]
    structs = [pb.PointStruct(id=pb.PointId(uuid=str(uuid.UUID(int=n))), vectors=pb.Vectors(
        vector=pb.Vector(data=vectors[n % 256])), payload={
            'text': pb.Value(string_value='x' * 400), 'n': pb.Value(integer_value=n)})
               for n in range(4096)]
    client = connect(qdrant)
    client.delete_collection('speed')
    client.create_collection('speed', models.VectorParams(size=768, distance='Cosine'))
    with grpc.insecure_channel(qdrant.grpc) as channel:
        stub = pb.PointsStub(channel)
        began = time.perf_counter()
        pending = [stub.Upsert.future(pb.UpsertPoints(
            collection_name='speed', wait=True, points=structs[at:at + 256]))
                   for at in range(0, len(structs), 256)]
        for reply in pending:
            assert reply.result().result.status == pb.UpdateStatus.Completed
        rate = len(structs) / (time.perf_counter() - began)
    assert client.count('speed').count == len(structs)
    client.delete_collection('speed')
    assert rate > 1000, f'{rate:.0f} points/s'
