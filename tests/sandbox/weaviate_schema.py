"""Classes of the Weaviate stand-in: checks and defaults of POST /v1/schema.

Defaults and error texts are what a 1.39 server answered; of the many checks of the real one only
those are here that a client of this project can run into.
"""

import re

CLASS_NAME = re.compile(r'[A-Z][_0-9A-Za-z]{0,254}$')
PROPERTY_NAME = re.compile(r'[_A-Za-z][_0-9A-Za-z]{0,230}$')
SCALARS = ('text', 'string', 'int', 'number', 'boolean', 'date', 'uuid')
PRIMITIVES = set(SCALARS) | {s + '[]' for s in SCALARS} | {
    'geoCoordinates', 'phoneNumber', 'blob', 'blobHash', 'object', 'object[]'}
RESERVED = ('_additional', '_id', 'id')

HNSW = {
    'skip': False, 'cleanupIntervalSeconds': 300, 'maxConnections': 32, 'efConstruction': 128,
    'ef': -1, 'dynamicEfMin': 100, 'dynamicEfMax': 500, 'dynamicEfFactor': 8,
    'vectorCacheMaxObjects': 1000000000000, 'flatSearchCutoff': 40000, 'distance': 'cosine',
    'pq': {'enabled': False, 'bitCompression': False, 'segments': 0, 'centroids': 256,
           'trainingLimit': 100000, 'encoder': {'type': 'kmeans', 'distribution': 'log-normal'}},
    'bq': {'enabled': False},
    'sq': {'enabled': False, 'trainingLimit': 100000, 'rescoreLimit': 20},
    'rq': {'enabled': False, 'bits': 8, 'rescoreLimit': 20},
    'filterStrategy': 'acorn',
    'multivector': {'enabled': False, 'aggregation': 'maxSim',
                    'muvera': {'enabled': False, 'ksim': 4, 'dprojections': 16, 'repetitions': 10}},
    'skipDefaultQuantization': False, 'trackDefaultQuantization': False}
_OFF = {'enabled': False, 'rescoreLimit': -1, 'cache': False}
FLAT = {'distance': 'cosine', 'vectorCacheMaxObjects': 1000000000000, 'pq': _OFF, 'bq': _OFF,
        'sq': _OFF, 'rq': {**_OFF, 'bits': 8}, 'skipDefaultQuantization': False,
        'trackDefaultQuantization': False}
HFRESH = {'maxPostingSizeKB': 48, 'replicas': 4, 'searchProbe': 256, 'distance': 'cosine',
          'rq': {'enabled': True, 'bits': 1, 'rescoreLimit': 350}}
DYNAMIC = {'distance': 'cosine', 'threshold': 10000, 'hnsw': HNSW, 'flat': FLAT}
INDEXES = {'hnsw': HNSW, 'flat': FLAT, 'hfresh': HFRESH, 'dynamic': DYNAMIC}
SHARDING = {'virtualPerPhysical': 128, 'desiredCount': 1, 'actualCount': 1,
            'desiredVirtualCount': 128, 'actualVirtualCount': 128, 'key': '_id',
            'strategy': 'hash', 'function': 'murmur3'}
UNSHARDED = {k: '' if isinstance(v, str) else 0 for k, v in SHARDING.items()}


class SchemaError(Exception):
    """422 with this text."""


def merge(defaults, given):
    """`given` over `defaults`, object by object; keys that only one side knows stay."""
    out = dict(defaults)
    for key, value in (given or {}).items():
        known = out.get(key)
        out[key] = merge(known, value) if isinstance(known, dict) and isinstance(value, dict) \
            else value
    return out


def lower_first(name):
    return name[:1].lower() + name[1:]


def is_reference(data_type):
    return data_type[0][:1].isupper()


def property_of(given, nested=False):
    """One property with its defaults; raises SchemaError."""
    name = lower_first(given.get('name') or '')
    if name in RESERVED and not nested:
        raise SchemaError(f"'{name}' is a reserved property name")
    if not PROPERTY_NAME.match(name):
        raise SchemaError(f"'{name}' is not a valid property name. Property names in Weaviate are "
                          'restricted to valid GraphQL names, which must be '
                          '"/[_A-Za-z][_0-9A-Za-z]*/".')
    kinds = given.get('dataType') or []
    if not kinds:
        raise SchemaError(f"property '{name}': invalid dataType: dataType cannot be empty")
    if is_reference(kinds):
        return {**given, 'name': name, 'indexFilterable': given.get('indexFilterable', True),
                'indexRangeFilters': False, 'indexSearchable': False}
    kind = kinds[0]
    if kind not in PRIMITIVES:
        raise SchemaError(f"property '{name}': invalid dataType: [{' '.join(kinds)}]: "
                          f"unknown primitive data type '{kind}'")
    words = kind.rstrip('[]') in ('text', 'string')
    out = {**given, 'name': name,
           'indexFilterable': given.get('indexFilterable'), 'indexRangeFilters': False,
           'indexSearchable': given.get('indexSearchable')}
    if out['indexFilterable'] is None:
        out['indexFilterable'] = not (nested and kind == 'blob')
    if out['indexSearchable'] is None:
        out['indexSearchable'] = words
    out['indexRangeFilters'] = bool(given.get('indexRangeFilters'))
    if words:
        out['tokenization'] = given.get('tokenization') or 'word'
    if kind.startswith('object'):
        inner = given.get('nestedProperties') or []
        if not inner:
            raise SchemaError(f"property '{name}': At least one nested property is required for "
                              'data type object/object[]')
        out['nestedProperties'] = [property_of(p, nested=True) for p in inner]
    return out


def class_of(given, exists):
    """The stored form of a new class. exists(name) says whether a class or alias is known."""
    name = given.get('class') or ''
    name = name[:1].upper() + name[1:]
    if not CLASS_NAME.match(name):
        raise SchemaError(f"'{name}' is not a valid class name")
    if exists(name):
        raise SchemaError(f'class name {name} already exists')
    tenancy = merge({'autoTenantActivation': False, 'autoTenantCreation': False, 'enabled': False},
                    given.get('multiTenancyConfig'))
    out = {k: v for k, v in given.items() if v is not None}
    out.update({
        'class': name,
        'invertedIndexConfig': merge(
            {'bm25': {'b': 0.75, 'k1': 1.2}, 'cleanupIntervalSeconds': 60,
             'stopwords': {'additions': None, 'preset': 'en', 'removals': None},
             'usingBlockMaxWAND': True}, given.get('invertedIndexConfig')),
        'multiTenancyConfig': tenancy,
        'shardingConfig': dict(UNSHARDED) if tenancy['enabled'] else _sharding(given),
        'replicationConfig': merge({'deletionStrategy': 'TimeBasedResolution', 'factor': 1,
                                    'asyncEnabled': False}, given.get('replicationConfig'))})
    named = given.get('vectorConfig') or {}
    if named:
        if any(given.get(k) for k in ('vectorIndexType', 'vectorIndexConfig', 'vectorizer')):
            raise SchemaError('creating a class with both a class level vector index and named '
                              'vectors is forbidden')
        out['vectorConfig'] = {k: _vector(v, {'vectorizer': v.get('vectorizer') or {'none': {}}})
                               for k, v in named.items()}
    else:
        out.pop('vectorConfig', None)
        out.update(_vector(given, {'vectorizer': given.get('vectorizer') or 'none'}))
    out['properties'] = None if given.get('properties') is None else []
    for prop in given.get('properties') or []:
        add_property(out, prop, lambda target: target == name or exists(target))
    if 'objectTtlConfig' in out:
        out['objectTtlConfig'] = merge({'defaultTtl': 0, 'enabled': False,
                                        'filterExpiredObjects': False}, out['objectTtlConfig'])
    return out


def _sharding(given):
    out = merge(SHARDING, given.get('shardingConfig'))
    out['actualCount'] = out['desiredCount']
    out['desiredVirtualCount'] = out['actualVirtualCount'] = \
        out['desiredCount'] * out['virtualPerPhysical']
    return out


def _vector(given, rest):
    kind = given.get('vectorIndexType') or 'hnsw'
    config = merge(INDEXES.get(kind, {'distance': 'cosine'}), given.get('vectorIndexConfig'))
    return {**rest, 'vectorIndexType': kind, 'vectorIndexConfig': config}


def add_property(schema, given, exists):
    prop = property_of(given)
    if any(p['name'].lower() == prop['name'].lower() for p in schema['properties'] or []):
        raise SchemaError(f"class \"{schema['class']}\": conflict for property "
                          f"\"{prop['name']}\": already in use or provided multiple times")
    if is_reference(prop['dataType']):
        for target in prop['dataType']:
            if not exists(target):
                raise SchemaError(f"property '{prop['name']}': invalid dataType: "
                                  f"{prop['dataType']}: unknown class {target!r}")
    schema['properties'] = (schema['properties'] or []) + [prop]
    return prop
