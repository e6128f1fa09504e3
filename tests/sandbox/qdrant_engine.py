"""From JSON shapes to the objects of qdrant_edge, the engine behind the Qdrant stand-in."""

import qdrant_edge as edge

from qdrant_config import Refused, named

# The engine wants at least one vector; a collection without any gets this sparse one.
NO_VECTORS = '_sandbox_none'
DATATYPES = {'float32': 'Float32', 'float16': 'Float16', 'uint8': 'Uint8'}


def vector_params(given):
    multi = None
    if given.get('multivector_config'):
        multi = edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim)
    datatype = DATATYPES.get(given.get('datatype'))
    return edge.EdgeVectorParams(
        given['size'], getattr(edge.Distance, given['distance']), multivector_config=multi,
        datatype=getattr(edge.VectorStorageDatatype, datatype) if datatype else None)


def sparse_params(given):
    idf = (given or {}).get('modifier') == 'idf'
    return edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf if idf else None)


def open_shard(path, config, fresh, wal):
    """A shard at this path, made new or loaded."""
    params = config['params']
    if not fresh:
        return edge.EdgeShard.load(path)
    sparse = {n: sparse_params(p) for n, p in (params.get('sparse_vectors') or {}).items()}
    vectors = {n: vector_params(p) for n, p in named(params['vectors']).items()}
    if not vectors and not sparse:
        sparse = {NO_VECTORS: edge.EdgeSparseVectorParams()}
    return edge.EdgeShard.create(path, edge.EdgeConfig(
        vectors=vectors or None, sparse_vectors=sparse or None, wal_enabled=wal))


def vector(value):
    """A vector, or named vectors, of a point or a query."""
    if isinstance(value, dict):
        if 'indices' in value:
            return edge.SparseVector(value['indices'], value['values'])
        return {n: vector(v) for n, v in value.items()}
    return value


def plain_vector(value):
    """What the engine hands out, as JSON."""
    if isinstance(value, dict):
        return {n: plain_vector(v) for n, v in value.items()}
    if isinstance(value, edge.SparseVector):
        return {'indices': list(value.indices), 'values': list(value.values)}
    return value


def index_schema(kind, params):
    """The engine's index for a field. Of the parameters it gets those that change results."""
    params = params or {}
    if kind == 'keyword' and params.get('is_tenant'):
        return edge.KeywordIndexParams(is_tenant=True)
    if kind == 'integer' and ('lookup' in params or 'range' in params):
        return edge.IntegerIndexParams(lookup=params.get('lookup'), range=params.get('range'))
    if kind == 'text' and params:
        tokenizers = {'word': 'Word', 'whitespace': 'Whitespace', 'prefix': 'Prefix',
                      'multilingual': 'Multilingual'}
        tokenizer = getattr(edge.TokenizerType, tokenizers.get(params.get('tokenizer'), 'Word'))
        return edge.TextIndexParams(tokenizer=tokenizer, lowercase=params.get('lowercase'))
    return getattr(edge.PayloadSchemaType, kind.capitalize())


def selector(value, default):
    """with_payload or with_vector: bool, list of names, or {include|exclude}."""
    if value is None:
        return default
    if isinstance(value, dict):
        if value.get('include') is not None:
            return edge.PayloadSelector.Include(value['include'])
        return edge.PayloadSelector.Exclude(value['exclude'])
    return value


def _match(given):
    for key, make in (('value', edge.MatchValue), ('any', edge.MatchAny),
                      ('except', edge.MatchExcept), ('text', edge.MatchText),
                      ('text_any', edge.MatchTextAny), ('phrase', edge.MatchPhrase)):
        if given.get(key) is not None:
            return make(given[key])
    raise Refused('format', f'Format error in JSON body: unknown match {given}')


def _range(given):
    parts = {k: v for k, v in given.items() if v is not None}
    if any(isinstance(v, str) for v in parts.values()):
        return edge.RangeDateTime(**parts)
    return edge.RangeFloat(**{k: float(v) for k, v in parts.items()})


def _point(given):
    return edge.GeoPoint(given['lon'], given['lat'])


def _condition(given):
    if given.get('has_id') is not None:
        return edge.HasIdCondition(set(given['has_id']))
    if given.get('has_vector') is not None:
        return edge.HasVectorCondition(given['has_vector'])
    if given.get('nested'):
        return edge.NestedCondition(given['nested']['key'], filter_of(given['nested']['filter']))
    if isinstance(given.get('is_empty'), dict):
        return edge.IsEmptyCondition(given['is_empty']['key'])
    if isinstance(given.get('is_null'), dict):
        return edge.IsNullCondition(given['is_null']['key'])
    if 'key' not in given:
        return filter_of(given)
    parts = {}
    if given.get('match'):
        parts['match'] = _match(given['match'])
    if given.get('range'):
        parts['range'] = _range(given['range'])
    if given.get('values_count'):
        parts['values_count'] = edge.ValuesCount(**given['values_count'])
    if given.get('geo_radius'):
        radius = given['geo_radius']
        parts['geo_radius'] = edge.GeoRadius(_point(radius['center']), radius['radius'])
    if given.get('geo_bounding_box'):
        box = given['geo_bounding_box']
        parts['geo_bounding_box'] = edge.GeoBoundingBox(_point(box['top_left']),
                                                        _point(box['bottom_right']))
    for key in ('is_empty', 'is_null'):
        if given.get(key) is not None:
            parts[key] = given[key]
    if not parts:
        raise Refused('format', f'Format error in JSON body: unknown condition {given}')
    return edge.FieldCondition(given['key'], **parts)


def filter_of(given):
    """A Filter from REST JSON; None stays None."""
    if given is None:
        return None
    parts = {}
    for key in ('must', 'should', 'must_not'):
        conditions = given.get(key)
        if conditions is not None:
            conditions = conditions if isinstance(conditions, list) else [conditions]
            parts[key] = [_condition(c) for c in conditions]
    if given.get('min_should'):
        parts['min_should'] = edge.MinShould([_condition(c) for c in
                                              given['min_should']['conditions']],
                                             given['min_should']['min_count'])
    return edge.Filter(**parts)
