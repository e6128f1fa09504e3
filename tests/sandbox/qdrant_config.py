"""Collection settings of the Qdrant stand-in, in the JSON shape of GET /collections/{name}."""

import copy
import re

DISTANCES = ('Cosine', 'Euclid', 'Dot', 'Manhattan')
INDEX_TYPES = ('keyword', 'integer', 'float', 'geo', 'text', 'bool', 'datetime', 'uuid')
BAD_NAME = re.compile(r'[<>:"/\\|?*\0\x1f]')
HNSW = {'m': 16, 'ef_construct': 100, 'full_scan_threshold': 10000, 'max_indexing_threads': 0,
        'on_disk': False}
OPTIMIZERS = {'deleted_threshold': 0.2, 'vacuum_min_vector_number': 1000,
              'default_segment_number': 0, 'max_segment_size': None, 'memmap_threshold': None,
              'indexing_threshold': 10000, 'flush_interval_sec': 5,
              'max_optimization_threads': None, 'prevent_unoptimized': None}
WAL = {'wal_capacity_mb': 32, 'wal_segments_ahead': 0, 'wal_retain_closed': 1}
NO_VARIANT = 'data did not match any variant of untagged enum VectorsConfig'


class Refused(Exception):
    """An error of the storage: kind is a key of KINDS, text as the real server prints it."""

    def __init__(self, kind, text):
        super().__init__(text)
        self.kind, self.text = kind, text


# kind -> (gRPC code, HTTP status, prefix)
KINDS = {
    'input': ('INVALID_ARGUMENT', 400, 'Wrong input: '),
    'request': ('INVALID_ARGUMENT', 400, 'Bad request: '),
    'format': ('INVALID_ARGUMENT', 400, ''),
    'validation': ('INVALID_ARGUMENT', 422, ''),
    'missing': ('NOT_FOUND', 404, 'Not found: '),
    'exists': ('ALREADY_EXISTS', 409, 'Wrong input: '),
    'internal': ('INTERNAL', 500, 'Service internal error: ')}


def without_nulls(value):
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    return value


def merge(old, diff):
    """`diff` over `old`, object by object; null leaves the old value."""
    out = dict(old or {})
    for key, value in (diff or {}).items():
        if value is None:
            continue
        out[key] = merge(out.get(key), value) if isinstance(value, dict) and \
            isinstance(out.get(key), dict) else value
    return out


def check_name(name):
    match = BAD_NAME.search(name)
    if match or not name or len(name) > 255:
        why = f'collection name cannot contain "{match[0]}" char' if match else \
            f'value invalid, must be from 1 to 255 characters'
        raise Refused('validation',
                      f'Validation error in path parameters: [collection_name: {why}]')


def vector_params(given, where='vectors'):
    if not isinstance(given, dict) or given.get('distance') not in DISTANCES or \
            not isinstance(given.get('size'), int) or given['size'] < 1:
        raise Refused('format', f'Format error in JSON body: {NO_VARIANT} at line 1 column 1')
    if given['size'] > 65536:
        raise Refused('validation', f'Validation error in JSON body: [{where}.size: value '
                                    f"{given['size']} invalid, must be from 1 to 65536]")
    return without_nulls(given)


def named(vectors):
    """The vectors part of a configuration as name -> parameters; the unnamed one is ''."""
    return {'': vectors} if 'size' in vectors else vectors


def create(name, given):
    """The config object of a new collection; raises Refused."""
    check_name(name)
    vectors = given.get('vectors') or {}
    if not isinstance(vectors, dict):
        raise Refused('format', f'Format error in JSON body: {NO_VARIANT} at line 1 column 1')
    if 'size' in vectors or 'distance' in vectors:
        vectors = vector_params(vectors)
    else:
        vectors = {k: vector_params(v) for k, v in vectors.items()}
    params = {'vectors': vectors, 'shard_number': given.get('shard_number') or 1}
    if given.get('sharding_method'):
        params['sharding_method'] = given['sharding_method']
    params['replication_factor'] = given.get('replication_factor') or 1
    params['write_consistency_factor'] = given.get('write_consistency_factor') or 1
    on_disk = given.get('on_disk_payload')
    params['on_disk_payload'] = True if on_disk is None else on_disk
    if given.get('sparse_vectors'):
        params['sparse_vectors'] = without_nulls(given['sparse_vectors'])
    out = {'params': params, 'hnsw_config': merge(HNSW, given.get('hnsw_config')),
           'optimizer_config': merge(OPTIMIZERS, given.get('optimizers_config')),
           'wal_config': merge(WAL, given.get('wal_config')),
           'quantization_config': without_nulls(given.get('quantization_config'))}
    for key in ('strict_mode_config', 'metadata'):
        if given.get(key):
            out[key] = without_nulls(given[key]) if key == 'strict_mode_config' else given[key]
    return out


def update(config, given):
    """A changed copy of the config after PATCH /collections/{name}."""
    out = copy.deepcopy(config)
    for key, target in (('hnsw_config', 'hnsw_config'), ('optimizers_config', 'optimizer_config'),
                        ('strict_mode_config', 'strict_mode_config'), ('metadata', 'metadata')):
        if given.get(key):
            out[target] = merge(out.get(target), given[key])
    if given.get('params'):
        out['params'] = merge(out['params'], given['params'])
    if given.get('quantization_config'):
        out['quantization_config'] = _quantization(given['quantization_config'])
    known = out['params']['vectors']
    for name, diff in (given.get('vectors') or {}).items():
        if name not in named(known):
            raise Refused('input', f'Not existing vector name error: {name}')
        target = known if 'size' in known else known[name]
        diff = dict(diff)
        if 'quantization_config' in diff:
            diff['quantization_config'] = _quantization(diff['quantization_config'])
        target.update(merge(target, diff))
    for name, diff in (given.get('sparse_vectors') or {}).items():
        sparse = out['params'].setdefault('sparse_vectors', {})
        sparse[name] = merge(sparse.get(name), diff)
    return out


def _quantization(given):
    return None if given == 'Disabled' or 'disabled' in given else without_nulls(given)


def indexing_on(config):
    """Whether the settings ask for an HNSW index at all, in any vector."""
    if not config['optimizer_config']['indexing_threshold']:
        return False
    every = [config['hnsw_config']]
    every += [merge(config['hnsw_config'], p.get('hnsw_config'))
              for p in named(config['params']['vectors']).values()]
    return any(c['m'] > 0 or c.get('payload_m', 0) > 0 for c in every)
