"""The Weaviate stand-in, driven by the official Python client and by its bare stubs."""

import datetime
import struct
import time
import uuid

import grpc
import numpy
import pytest
import requests
import weaviate as client_library
from weaviate.classes.config import (Configure, DataType, Property, ReferenceProperty, Tokenization,
                                     VectorDistances)
from weaviate.classes.config import ReferenceProperty as Reference
from weaviate.classes.init import Auth
from weaviate.classes.query import Filter, QueryReference, Sort
from weaviate.classes.tenants import Tenant, TenantActivityStatus
from weaviate.collections.classes.internal import ReferenceToMulti
from weaviate.collections.classes.types import GeoCoordinate, PhoneNumber
from weaviate.proto.v1 import aggregate_pb2, search_get_pb2, tenants_pb2, weaviate_pb2_grpc

import wire
from conftest import running, wait_until

NIL = str(uuid.UUID(int=0))
MIB = 1 << 20


def key(number):
    return str(uuid.UUID(int=number))


def connect(server, **more):
    secure = server.url.startswith('https')
    return client_library.connect_to_custom(
        http_host=server.host, http_port=server.port, http_secure=secure,
        grpc_host=server.grpc_host, grpc_port=server.grpc_port, grpc_secure=secure,
        skip_init_checks=True, **more)


def stub(server):
    channel = grpc.insecure_channel(server.grpc, options=[('grpc.max_receive_message_length', -1)])
    return weaviate_pb2_grpc.WeaviateStub(channel)


IDS = search_get_pb2.MetadataRequest(uuid=True)
NO_PROPERTIES = search_get_pb2.PropertiesRequest()


@pytest.fixture(scope='module')
def client(weaviate):
    with connect(weaviate) as made:
        yield made


@pytest.fixture
def fresh(client):
    """Makes classes that are gone again after the test."""
    made = []

    def create(name, **settings):
        client.collections.delete(name)
        made.append(name)
        settings.setdefault('vector_config', Configure.Vectors.self_provided())
        return client.collections.create(name, **settings)
    yield create
    for name in reversed(made):
        client.collections.delete(name)


EVERYTHING = [
    Property(name='t', data_type=DataType.TEXT, tokenization=Tokenization.FIELD),
    Property(name='ta', data_type=DataType.TEXT_ARRAY),
    Property(name='i', data_type=DataType.INT), Property(name='ia', data_type=DataType.INT_ARRAY),
    Property(name='n', data_type=DataType.NUMBER),
    Property(name='na', data_type=DataType.NUMBER_ARRAY),
    Property(name='b', data_type=DataType.BOOL), Property(name='ba', data_type=DataType.BOOL_ARRAY),
    Property(name='d', data_type=DataType.DATE), Property(name='da', data_type=DataType.DATE_ARRAY),
    Property(name='u', data_type=DataType.UUID), Property(name='ua', data_type=DataType.UUID_ARRAY),
    Property(name='g', data_type=DataType.GEO_COORDINATES),
    Property(name='p', data_type=DataType.PHONE_NUMBER),
    Property(name='bl', data_type=DataType.BLOB),
    Property(name='o', data_type=DataType.OBJECT, nested_properties=[
        Property(name='x', data_type=DataType.TEXT), Property(name='blob', data_type=DataType.BLOB),
        Property(name='y', data_type=DataType.OBJECT, nested_properties=[
            Property(name='z', data_type=DataType.INT_ARRAY)])]),
    Property(name='oa', data_type=DataType.OBJECT_ARRAY, nested_properties=[
        Property(name='x', data_type=DataType.TEXT),
        Property(name='l', data_type=DataType.NUMBER_ARRAY)])]
BERLIN = datetime.timezone(datetime.timedelta(hours=2))
VALUES = {
    't': 'tæxt', 'ta': ['a', ''], 'i': -7, 'ia': [1, -2, 1 << 52], 'n': 0.1, 'na': [1.5, 2.0],
    'b': False, 'ba': [True, False], 'd': datetime.datetime(2020, 1, 2, 3, 4, 5, 678000, BERLIN),
    'da': [datetime.datetime(2021, 1, 1, tzinfo=datetime.timezone.utc)],
    'u': uuid.UUID(int=77), 'ua': [uuid.UUID(int=78)], 'g': GeoCoordinate(latitude=52.25,
                                                                          longitude=4.5),
    'p': PhoneNumber(number='020 1234567', default_country='nl'), 'bl': 'aGVsbG8=',
    'o': {'x': 'in', 'blob': 'AAAA', 'y': {'z': [3]}}, 'oa': [{'x': 'a', 'l': [0.5]}, {'x': 'b'}]}


def check_values(found):
    """Compares what the client gives back with VALUES; blobs come only when named."""
    for name, value in VALUES.items():
        if name == 'p':
            assert (found['p'].country_code, found['p'].national) == (31, 201234567)
            assert found['p'].default_country == 'NL' and found['p'].valid
        elif name == 'o':
            assert found['o'] == {'x': 'in', 'y': {'z': [3]}}
        elif name == 'bl':
            assert 'bl' not in found
        else:
            assert found[name] == value, name


@pytest.mark.parametrize('how', ['insert', 'insert_many', 'stream', 'dynamic'])
def test_every_type_by_every_way_in(fresh, client, how):
    if how == 'stream' and not hasattr(client.collections.use('X').batch, 'stream'):
        pytest.skip('the client has no stream')
    made = fresh('AllTypes', properties=EVERYTHING, vector_config=[
        Configure.Vectors.self_provided(name='v1'), Configure.Vectors.self_provided(
            name='v2', vector_index_config=Configure.VectorIndex.flat(
                distance_metric=VectorDistances.DOT)),
        Configure.MultiVectors.self_provided(name='mv')])
    vectors = {'v1': [0.1, 0.2, 0.3], 'v2': [1.0, 2.0], 'mv': [[1.0, 2.0], [3.0, 4.0]]}
    if how == 'insert':
        made.data.insert(VALUES, uuid=key(1), vector=vectors)
        made.data.insert({}, uuid=key(2))
    elif how == 'insert_many':
        objects = client_library.classes.data.DataObject
        done = made.data.insert_many([objects(properties=VALUES, uuid=key(1), vector=vectors),
                                      objects(properties={}, uuid=key(2))])
        assert not done.has_errors
    else:
        with getattr(made.batch, how)() as batch:
            batch.add_object(VALUES, uuid=key(1), vector=vectors)
            batch.add_object({}, uuid=key(2))
        assert not made.batch.failed_objects
    full, empty = made.query.fetch_objects(include_vector=True).objects
    check_values(full.properties)
    assert set(empty.properties.values()) == {None} and empty.vector == {}
    assert full.vector['mv'] == vectors['mv'] and full.vector['v2'] == vectors['v2']
    assert full.vector['v1'] == pytest.approx(vectors['v1'])
    named = made.query.fetch_objects(return_properties=['bl'], limit=1).objects[0]
    assert named.properties == {'bl': 'aGVsbG8='}
    assert made.aggregate.over_all(total_count=True).total_count == 2


def test_rest_shows_what_was_stored(fresh, weaviate):
    made = fresh('RestTypes', properties=EVERYTHING)
    made.data.insert(VALUES, uuid=key(1), vector=[0.1, 2.0])
    page = weaviate.rest('GET', '/v1/objects?class=RestTypes&limit=5&after=&include=vector').json()
    seen = page['objects'][0]['properties']
    assert seen['d'] == '2020-01-02T03:04:05.678+02:00' and seen['da'] == ['2021-01-01T00:00:00Z']
    assert seen['g'] == {'latitude': 52.25, 'longitude': 4.5} and seen['bl'] == 'aGVsbG8='
    assert seen['oa'] == [{'l': [0.5], 'x': 'a'}, {'x': 'b'}] and seen['o']['blob'] == 'AAAA'
    assert page['objects'][0]['vectors'] == {'default': [0.1, 2]} and page['totalResults'] == 1
    text = weaviate.rest('GET', '/v1/objects/RestTypes/' + key(1)).text
    assert '"na":[1.5,2]' in text and '"i":-7' in text


def test_cursor(fresh, weaviate):
    made = fresh('Cursor')
    numbers = [0, 1, 5, 1 << 64, (1 << 128) - 1] + [7 << 120 | n for n in range(30)]
    for n in numbers:
        made.data.insert({}, uuid=key(n))
    order = [key(n) for n in sorted(numbers)]

    def page(**more):
        asked = search_get_pb2.SearchRequest(collection='Cursor', uses_127_api=True,
                                             metadata=IDS, properties=NO_PROPERTIES, **more)
        return [r.metadata.id for r in stub(weaviate).Search(asked).results]
    assert page(limit=1000) == order, 'the listing is in cursor order'
    assert page(limit=1000, after=NIL) == order[1:], 'after is exclusive'
    assert page(limit=2, after=key(3)) == order[2:4], 'after need not exist'
    assert len(page()) in (10, 25), 'limit 0 is QUERY_DEFAULTS_LIMIT'
    assert page(limit=2, after=order[-1]) == []
    assert page(after=key(1).upper(), limit=1) == order[2:3]
    assert [str(o.uuid) for o in made.iterator()] == order


def error(call, *arguments, **more):
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, **more)
    return caught.value.code(), caught.value.details()


def test_refusals(fresh, weaviate):
    fresh('Refusals', properties=[Property(name='t', data_type=DataType.TEXT)])
    fresh('RefusalsMt', multi_tenancy_config=Configure.multi_tenancy(enabled=True)) \
        .tenants.create([Tenant(name='hot'),
                         Tenant(name='cold', activity_status=TenantActivityStatus.INACTIVE)])

    def refused(**request):
        asked = search_get_pb2.SearchRequest(uses_127_api=True, **request)
        code, text = error(stub(weaviate).Search, asked)
        assert code == grpc.StatusCode.UNKNOWN
        return text
    assert refused(collection='Nope') == 'could not find class Nope in schema'
    assert 'QUERY_MAXIMUM_RESULTS' in refused(collection='Refusals', limit=10001)
    assert "after parameter 'zz' is not a valid uuid" in refused(collection='Refusals', after='zz')
    assert 'offset cannot be set with after' in refused(collection='Refusals', after=NIL, offset=1)
    assert refused(collection='Refusals', tenant='x').endswith(
        'class Refusals has multi-tenancy disabled, but request was with tenant')
    assert refused(collection='RefusalsMt').endswith(
        'class RefusalsMt has multi-tenancy enabled, but request was without tenant')
    assert refused(collection='RefusalsMt', tenant='cold').endswith("tenant not active: 'cold'")
    assert refused(collection='RefusalsMt', tenant='none').endswith('tenant not found: "none"')
    wrong = search_get_pb2.PropertiesRequest(non_ref_properties=['nope'])
    assert "no such prop with name 'nope'" in refused(collection='Refusals', properties=wrong)
    for path, status in (('/v1/schema/Nope', 404), ('/v1/objects?class=Nope', 404),
                         ('/v1/objects?class=RefusalsMt&limit=1&tenant=cold', 422),
                         ('/v1/schema/Refusals/tenants', 422), ('/v1/nothing', 404),
                         ('/v1/objects/Refusals/zz', 422)):
        assert weaviate.rest('GET', path).status_code == status, path


def test_tenants(fresh, client, weaviate):
    made = fresh('Tenants', properties=[Property(name='t', data_type=DataType.TEXT)],
                 multi_tenancy_config=Configure.multi_tenancy(enabled=True))
    made.tenants.create([Tenant(name=f't{n}') for n in range(5)])
    for n in range(4):
        made.with_tenant(f't{n}').data.insert({'t': f'of {n}'}, uuid=key(1), vector=[float(n)])
    made.tenants.deactivate('t3')
    states = {n: t.activity_status for n, t in made.tenants.get().items()}
    assert states['t3'] == TenantActivityStatus.INACTIVE and len(states) == 5
    wired = stub(weaviate).TenantsGet(tenants_pb2.TenantsGetRequest(collection='Tenants')).tenants
    words = {t.name: tenants_pb2.TenantActivityStatus.Name(t.activity_status) for t in wired}
    assert words['t3'] == 'TENANT_ACTIVITY_STATUS_COLD'
    assert words['t0'] == 'TENANT_ACTIVITY_STATUS_HOT'
    one = made.with_tenant('t2').query.fetch_objects(include_vector=True).objects
    assert [(o.properties['t'], o.vector['default']) for o in one] == [('of 2', [2.0])]
    count = made.with_tenant('t1').aggregate.over_all(total_count=True).total_count
    assert count == 1
    query = {'query': '{Aggregate{Tenants(tenant:"t0"){meta{count}}}}'}
    answer = weaviate.rest('POST', '/v1/graphql', query).json()
    assert answer['data']['Aggregate']['Tenants'] == [{'meta': {'count': 1}}]
    made.tenants.activate('t3')
    assert len(made.with_tenant('t3').query.fetch_objects().objects) == 1


def test_activation_by_reading(fresh, weaviate):
    made = fresh('AutoTenants', multi_tenancy_config=Configure.multi_tenancy(
        enabled=True, auto_tenant_creation=True, auto_tenant_activation=True))
    made.with_tenant('x').data.insert({}, uuid=key(1))
    made.tenants.deactivate('x')
    asked = search_get_pb2.SearchRequest(collection='AutoTenants', tenant='x', uses_127_api=True)
    assert len(stub(weaviate).Search(asked).results) == 1
    assert made.tenants.get()['x'].activity_status == TenantActivityStatus.ACTIVE


def test_references(fresh, weaviate):
    author, book = fresh('Author'), fresh('Book')
    made = fresh('Cites', references=[
        ReferenceProperty(name='one', target_collection='Author'),
        Reference.MultiTarget(name='many', target_collections=['Author', 'Book'])])
    for target, numbers in ((author, (1, 2)), (book, (21, 22))):
        for n in numbers:
            target.data.insert({}, uuid=key(n))
    made.data.insert({}, uuid=key(100), references={'one': key(1)})
    for target, n in (('Author', 2), ('Book', 21), ('Author', 1), ('Book', 22)):
        made.data.reference_add(key(100), 'many', ReferenceToMulti(uuids=key(n),
                                                                      target_collection=target))
    book.data.delete_by_id(key(22))
    seen = weaviate.rest('GET', '/v1/objects/Cites/' + key(100)).json()['properties']['many']
    assert [s['beacon'].split('/')[3:] for s in seen] == [
        ['Author', key(2)], ['Book', key(21)], ['Author', key(1)], ['Book', key(22)]]

    def linked(*targets):
        asked = search_get_pb2.PropertiesRequest(ref_properties=[
            search_get_pb2.RefPropertiesRequest(reference_property='many', target_collection=t,
                                                properties=NO_PROPERTIES, metadata=IDS)
            for t in targets])
        request = search_get_pb2.SearchRequest(collection='Cites', uses_127_api=True,
                                               properties=asked)
        result = stub(weaviate).Search(request).results[0].properties
        return [[p.metadata.id for p in r.properties] for r in result.ref_props]
    assert linked('Author') == [[key(2), key(1)]]
    assert linked('Book') == [[key(21)]], 'the dangling one is dropped'
    assert linked('Author', 'Book') == [[key(2), key(1)]] * 2, 'the second target is lost'
    code, text = error(linked, '')
    assert code == grpc.StatusCode.UNKNOWN and 'multi target references' in text
    one = made.query.fetch_objects(return_references=QueryReference(link_on='one')).objects[0]
    assert [str(o.uuid) for o in one.references['one'].objects] == [key(1)]


def raw_search(server, request):
    """The reply's bytes, for what the stubs do not show."""
    channel = grpc.insecure_channel(server.grpc)
    return channel.unary_unary('/weaviate.v1.Weaviate/Search')(request.SerializeToString())


def all_metadata(**more):
    return search_get_pb2.MetadataRequest(uuid=True, vector=True, creation_time_unix=True,
                                          last_update_time_unix=True, **more)


def test_vectors_on_the_wire(fresh, client, weaviate):
    before = int(time.time() * 1000)
    plain = numpy.array([0.1, -0.0, 1e-42, 3.4e38], '<f4')
    fresh('Unnamed').data.insert({}, uuid=key(1), vector=plain.tolist())
    asked = search_get_pb2.SearchRequest(collection='Unnamed', uses_127_api=True,
                                         metadata=all_metadata(), properties=NO_PROPERTIES)
    reply = stub(weaviate).Search(asked)
    meta = reply.results[0].metadata
    assert [v.name for v in meta.vectors] == ['default'], 'the client names its only vector'
    assert meta.vectors[0].vector_bytes == plain.tobytes() and not meta.vector
    assert before - 1000 <= meta.creation_time_unix <= before + 60000
    assert meta.creation_time_unix_present and meta.last_update_time_unix_present
    assert meta.id_as_bytes == uuid.UUID(int=1).bytes
    name = 'Legacy'
    client.collections.delete(name)
    weaviate.rest('POST', '/v1/schema', {'class': name, 'vectorIndexType': 'flat'})
    weaviate.rest('POST', '/v1/objects', {'class': name, 'id': key(1), 'vector': plain.tolist()})
    asked.collection = name
    meta = stub(weaviate).Search(asked).results[0].metadata
    client.collections.delete(name)
    assert meta.vector_bytes == plain.tobytes(), 'unnamed vectors come twice'
    assert numpy.array(meta.vector, '<f4').tobytes() == plain.tobytes() and not meta.vectors


def test_named_vectors_on_the_wire(fresh, weaviate):
    made = fresh('Named', vector_config=[Configure.Vectors.self_provided(name='a'),
                                         Configure.MultiVectors.self_provided(name='m')])
    made.data.insert({}, uuid=key(1), vector={'a': [1.0, 2.0], 'm': [[1.0, 2.0, 3.0]] * 2})
    made.data.insert({}, uuid=key(2), vector={'a': [1.0, 2.0]})
    asked = search_get_pb2.SearchRequest(collection='Named', uses_127_api=True,
                                         metadata=all_metadata(), properties=NO_PROPERTIES)
    first, second = stub(weaviate).Search(asked).results
    found = {v.name: (v.type, v.vector_bytes) for v in first.metadata.vectors}
    assert found['a'] == (1, struct.pack('<2f', 1, 2))
    assert found['m'] == (2, struct.pack('<H6f', 3, 1, 2, 3, 1, 2, 3))
    assert [v.name for v in second.metadata.vectors] == ['a'], 'absent ones are left out'
    asked.metadata.CopyFrom(search_get_pb2.MetadataRequest(vectors=['m', 'nope']))
    first, second = stub(weaviate).Search(asked).results
    assert [v.name for v in first.metadata.vectors] == ['m'] and not second.metadata.vectors


def test_nulls_empty_lists_and_random_order(fresh, weaviate):
    fresh('Nulls', properties=EVERYTHING).data.insert({'ia': [], 'ta': [], 'oa': []}, uuid=key(1))
    asked = search_get_pb2.SearchRequest(
        collection='Nulls', uses_127_api=True, properties=search_get_pb2.PropertiesRequest(
            non_ref_properties=['t', 'ia', 'ta', 'oa', 'n', 'bl', 'g', 'b', 'd', 'u']))
    fields = stub(weaviate).Search(asked).results[0].properties.non_ref_props.fields
    assert fields['t'].WhichOneof('kind') == 'null_value'
    assert fields['ia'].list_value.WhichOneof('kind') == 'int_values'
    assert fields['ta'].list_value.WhichOneof('kind') == 'text_values'
    assert fields['oa'].list_value.WhichOneof('kind') == 'object_values'
    assert len({raw_search(weaviate, asked)[5:] for _ in range(10)}) > 3, 'map order is random'


def test_filters_sorting_and_aliases(fresh, client):
    made = fresh('Filters', properties=[Property(name='n', data_type=DataType.INT),
                                        Property(name='t', data_type=DataType.TEXT)])
    for n in range(6):
        made.data.insert({'n': n, 't': f'word{n}'}, uuid=key(n + 1))
    query = made.query.fetch_objects
    found = query(filters=Filter.by_property('n').greater_than(2), sort=Sort.by_property(
        'n', ascending=False)).objects
    assert [o.properties['n'] for o in found] == [5, 4, 3]
    assert made.query.fetch_object_by_id(key(2)).properties['n'] == 1
    assert made.data.delete_many(where=Filter.by_property('n').less_or_equal(1)).successful == 2
    assert made.aggregate.over_all(total_count=True).total_count == 4
    client.alias.delete(alias_name='FiltersToo')
    client.alias.create(alias_name='FiltersToo', target_collection='Filters')
    assert client.alias.list_all()['FiltersToo'].collection == 'Filters'
    assert len(client.collections.use('FiltersToo').query.fetch_objects().objects) == 4
    client.alias.delete(alias_name='FiltersToo')


def test_settings_come_back(fresh, client):
    fresh('Settings', properties=EVERYTHING, vector_config=[Configure.Vectors.self_provided(
        name='q', vector_index_config=Configure.VectorIndex.hnsw(
            ef_construction=64, max_connections=8, distance_metric=VectorDistances.L2_SQUARED,
            quantizer=Configure.VectorIndex.Quantizer.bq()))])
    config = client.collections.use('Settings').config.get()
    index = config.vector_config['q'].vector_index_config
    assert (index.ef_construction, index.max_connections) == (64, 8)
    assert index.distance_metric == VectorDistances.L2_SQUARED and index.quantizer is not None
    assert {p.name for p in config.properties} == {p.name for p in EVERYTHING}
    assert [p.tokenization for p in config.properties if p.name == 't'] == [Tokenization.FIELD]
    client.collections.use('Settings').config.add_property(
        Property(name='late', data_type=DataType.TEXT))
    assert 'late' in {p.name for p in client.collections.use('Settings').config.get().properties}


# from here on: what only the stand-in can be made to do


def test_hidden_by_ttl():
    with running('weaviate') as server:
        server.rest('POST', '/v1/schema', {
            'class': 'Ttl', 'properties': [{'name': 'exp', 'dataType': ['date']}],
            'objectTtlConfig': {'enabled': True, 'deleteOn': 'exp', 'filterExpiredObjects': True}})
        for n in range(1, 6):
            when = '2020-01-01T00:00:00Z' if n < 4 else '2050-01-01T00:00:00Z'
            server.rest('POST', '/v1/objects', {'class': 'Ttl', 'id': key(n),
                                                'properties': {'exp': when}})

        def page(limit, after=''):
            asked = search_get_pb2.SearchRequest(collection='Ttl', limit=limit, after=after,
                                                 uses_127_api=True, metadata=IDS)
            return [r.metadata.id for r in stub(server).Search(asked).results]
        assert page(2) == [], 'an empty page though data remains'
        assert page(4) == [key(4)] and page(3, key(1)) == [key(4)]
        listed = server.rest('GET', '/v1/objects?class=Ttl&limit=9').json()['objects']
        assert len(listed) == 5, 'REST shows them all'
        count = stub(server).Aggregate(aggregate_pb2.AggregateRequest(collection='Ttl',
                                                                      objects_count=True))
        assert count.single_result.objects_count == 5


def value_tags(data):
    """property -> tags in its Value, of the first result, read without message files."""
    result = next(v for f, _, v in wire.read(data) if f == 2)
    properties = next(v for f, _, v in wire.read(result) if f == 1)
    fields = next(v for f, _, v in wire.read(properties) if f == 11)
    out = {}
    for _, _, entry in wire.read(fields):
        pair = {f: v for f, _, v in wire.read(entry)}
        out[pair[1].decode()] = [(f, v) for f, _, v in wire.read(pair[2])]
    return out


@pytest.mark.parametrize('version,text,packed', [
    ('1.23.7', 2, False), ('1.24.0', 2, False), ('1.26.1', 2, True), ('1.28.0', 13, True),
    ('1.39.0', 13, True)])
def test_old_reply_shapes(version, text, packed):
    with running('weaviate', '--server-version', version) as server:
        server.rest('POST', '/v1/schema', {
            'class': 'Old', 'vectorConfig': {'v': {'vectorizer': {'none': {}}}}, 'properties': [
                {'name': 't', 'dataType': ['text']}, {'name': 'ia', 'dataType': ['int[]']},
                {'name': 'x', 'dataType': ['int']}]})
        server.rest('POST', '/v1/objects', {
            'class': 'Old', 'id': key(1), 'properties': {'t': 'word', 'ia': [7]},
            'vectors': {'v': [1, 2]}})
        asked = search_get_pb2.SearchRequest(collection='Old', uses_123_api=True, uses_125_api=True,
                                             uses_127_api=True, metadata=all_metadata())
        data = raw_search(server, asked)
        tags = value_tags(data)
        assert tags['t'] == [(text, b'word')]
        inner = list(wire.read(tags['ia'][0][1]))
        assert inner[0][0] == (7 if packed else 1)
        if not packed:
            assert list(wire.read(inner[0][2])) == [(8, wire.VARINT, 7)]
        assert ('x' in tags) == (version >= '1.24')
        reply = search_get_pb2.SearchReply.FromString(data)
        meta = reply.results[0].metadata
        assert bool(meta.vectors) == (version >= '1.24')
        assert not meta.vectors or meta.vectors[0].type == (version >= '1.29')
        whole = uuid.UUID(int=1).bytes
        assert meta.id_as_bytes == (whole if version > '1.38' else whole.lstrip(b'\0'))
        assert server.rest('GET', '/v1/meta').json()['version'] == version
        if version < '1.29':
            asked = aggregate_pb2.AggregateRequest(collection='Old')
            code, _ = error(stub(server).Aggregate, asked)
            assert code == grpc.StatusCode.UNIMPLEMENTED
            assert server.rest('GET', '/v1/aliases').status_code == 404


def test_message_limit():
    with running('weaviate', '--max-message', str(MIB)) as server:
        server.rest('POST', '/v1/schema', {'class': 'Big', 'properties': [
            {'name': 't', 'dataType': ['text']}]})
        for n in range(12):
            server.rest('POST', '/v1/objects', {'class': 'Big', 'id': key(n),
                                                'properties': {'t': 'x' * 100000}})
        request = search_get_pb2.SearchRequest(collection='Big', uses_127_api=True, limit=100)
        code, text = error(stub(server).Search, request)
        assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert text.startswith('grpc: trying to send message larger than max (12')
        request.limit = 5
        assert len(stub(server).Search(request).results) == 5


def test_object_that_looks_like_geo():
    with running('weaviate') as server:
        server.rest('POST', '/v1/schema', {'class': 'Trap', 'properties': [
            {'name': 'o', 'dataType': ['object'], 'nestedProperties': [
                {'name': 'latitude', 'dataType': ['number']},
                {'name': 'longitude', 'dataType': ['number']}]}]})
        server.rest('POST', '/v1/objects', {'class': 'Trap', 'properties': {
            'o': {'latitude': 1.5, 'longitude': 2.5}}})
        request = search_get_pb2.SearchRequest(collection='Trap', uses_127_api=True)
        assert 'invalid type' in error(stub(server).Search, request)[1]
        page = server.rest('GET', '/v1/objects?class=Trap').json()['objects']
        assert page[0]['properties']['o'] == {'latitude': 1.5, 'longitude': 2.5}


def test_api_key():
    with running('weaviate', '--api-key', 'sesame') as server:
        assert server.rest('GET', '/v1/.well-known/ready').status_code == 200
        assert server.rest('GET', '/v1/schema').status_code == 401
        wrong = {'Authorization': 'Bearer nope'}
        assert 'invalid api key' in server.rest('GET', '/v1/schema', headers=wrong).text
        request = search_get_pb2.SearchRequest(collection='X')
        assert error(stub(server).Search, request) == (
            grpc.StatusCode.UNKNOWN, 'extract auth: unauthorized: invalid api key')
        with connect(server, auth_credentials=Auth.api_key('sesame')) as client:
            made = client.collections.create('Keyed')
            made.data.insert({}, uuid=key(1))
            assert len(made.query.fetch_objects().objects) == 1


def test_oidc_tokens_expire_and_are_refreshed():
    flags = ('--oidc', '--oidc-lifetime', '1', '--oidc-refresh-token', 'first')
    with running('weaviate', *flags) as server:
        where = server.rest('GET', '/v1/.well-known/openid-configuration').json()
        token = requests.get(where['href'], timeout=9).json()['token_endpoint']
        form = {'grant_type': 'client_credentials', 'client_id': where['clientId'],
                'client_secret': 'sandbox-secret'}
        granted = requests.post(token, form, timeout=9).json()
        headers = {'Authorization': 'Bearer ' + granted['access_token']}
        assert granted['expires_in'] == 1
        assert server.rest('GET', '/v1/schema', headers=headers).status_code == 200
        metadata = [('authorization', headers['Authorization'])]
        request = search_get_pb2.SearchRequest(collection='X')
        assert 'could not find class' in error(stub(server).Search, request, metadata=metadata)[1]
        wait_until(lambda: server.rest('GET', '/v1/schema', headers=headers).status_code == 401)
        assert 'token is expired' in error(stub(server).Search, request, metadata=metadata)[1]
        form['client_secret'] = 'wrong'
        assert requests.post(token, form, timeout=9).json()['error'] == 'invalid_client'
        again = {'grant_type': 'refresh_token', 'refresh_token': 'first'}
        renewed = requests.post(token, again, timeout=9).json()
        assert renewed['access_token'] and renewed['refresh_token'] != 'first'
        assert requests.post(token, again, timeout=9).status_code == 400, 'used once'
        secret = Auth.client_credentials('sandbox-secret')
        with connect(server, auth_credentials=secret) as client:
            assert client.collections.list_all() == {}


def test_tls(certificate):
    cert, private = certificate
    with running('weaviate', '--tls-cert', cert, '--tls-key', private, ca=cert) as server:
        assert server.rest('GET', '/v1/meta').json()['version'] == '1.39.0'
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(server.url + '/v1/meta', timeout=9)
        with open(cert, 'rb') as file:
            credentials = grpc.ssl_channel_credentials(file.read())
        secure = weaviate_pb2_grpc.WeaviateStub(grpc.secure_channel(server.grpc, credentials))
        request = search_get_pb2.SearchRequest(collection='X')
        assert error(secure.Search, request)[1] == 'could not find class X in schema'


def test_data_survives_a_restart(tmp_path):
    flags = ('--data', str(tmp_path / 'kept'))
    with running('weaviate', *flags) as server:
        server.rest('POST', '/v1/schema', {'class': 'Kept',
                                           'multiTenancyConfig': {'enabled': True}})
        server.rest('POST', '/v1/schema/Kept/tenants', [{'name': 'a'}])
        server.rest('POST', '/v1/objects', {'class': 'Kept', 'id': key(3), 'tenant': 'a',
                                            'vector': [1, 2], 'properties': {'t': 'x'}})
    with running('weaviate', *flags) as server:
        page = server.rest('GET', '/v1/objects?class=Kept&tenant=a&include=vector').json()
        assert [(o['id'], o['vector']) for o in page['objects']] == [(key(3), [1, 2])]
