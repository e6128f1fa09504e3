"""JSON as Go writes it, and objects of the Weaviate stand-in in their REST form."""

import json

import numpy


def go_number(value):
    """Go prints whole doubles without a point."""
    if (isinstance(value, float) and value.is_integer() and abs(value) < 1e21 and
            str(value) != '-0.0'):
        return int(value)
    return value


def go(value):
    if isinstance(value, float):
        return go_number(value)
    if isinstance(value, dict):
        return {k: go(v) for k, v in value.items()}
    if isinstance(value, list):
        return [go(v) for v in value]
    return value


def floats(data):
    """Float32 bytes as numbers whose text is the shortest one of the float32."""
    return [go_number(float(str(x))) for x in numpy.frombuffer(data, '<f4')]


def vector(value):
    if isinstance(value, tuple):
        size, data = value
        return [floats(data[at:at + 4 * size]) for at in range(0, len(data), 4 * size)]
    return floats(value)


def document(klass, item, with_vector=False, tenant='', weights=True):
    """One object as GET shows it; keys of properties in alphabetical order, as Go's maps print."""
    out = {'class': klass.name, 'creationTimeUnix': item.created, 'id': item.id,
           'lastUpdateTimeUnix': item.updated,
           'properties': {k: _sorted(go(item.properties[k])) for k in sorted(item.properties)}}
    if tenant:
        out['tenant'] = tenant
    if with_vector and item.vector:
        out['vector'] = floats(item.vector)
    if weights:
        out['vectorWeights'] = None
    if with_vector and item.vectors:
        out['vectors'] = {k: vector(item.vectors[k]) for k in sorted(item.vectors)}
    return out


def _sorted(value):
    if isinstance(value, dict):
        return {k: _sorted(value[k]) for k in sorted(value)}
    if isinstance(value, list):
        return [_sorted(v) for v in value]
    return value


def dump(value):
    return (json.dumps(value, separators=(',', ':'), ensure_ascii=False) + '\n').encode()
