"""Points between protobuf messages and the shapes of qdrant_store."""

import grpc
from qdrant_client.grpc import json_with_int_pb2, points_pb2, qdrant_common_pb2

from grpcbase import RpcError
from qdrant_store import point_id

Value = json_with_int_pb2.Value
BAD_BODY = 'Validation error in body: [points[{}].vectors.vectors_options.vectors.[].{}]'


def invalid(text):
    return RpcError(grpc.StatusCode.INVALID_ARGUMENT, text)


def id_of(message):
    kind = message.WhichOneof('point_id_options')
    if kind == 'num':
        return message.num
    if kind is None:
        raise invalid('Empty ID is not allowed')
    try:
        return point_id(message.uuid)
    except ValueError:
        raise invalid(f'Unable to parse UUID: {message.uuid}') from None


def id_message(value):
    if isinstance(value, int):
        return qdrant_common_pb2.PointId(num=value)
    return qdrant_common_pb2.PointId(uuid=value)


def json_of(value):
    """A payload Value as JSON; a kind that is unset is null."""
    kind = value.WhichOneof('kind')
    if kind == 'string_value':
        return value.string_value
    if kind == 'integer_value':
        return value.integer_value
    if kind == 'double_value':
        number = value.double_value
        if number - number != 0:
            raise invalid('cannot convert to json number')
        return number
    if kind == 'bool_value':
        return value.bool_value
    if kind == 'list_value':
        return [json_of(v) for v in value.list_value.values]
    if kind == 'struct_value':
        return {k: json_of(v) for k, v in value.struct_value.fields.items()}
    return None


def fill(value, item):
    """Writes JSON into a Value. Integers beyond 64 bits with sign go out as doubles."""
    if item is None:
        value.null_value = 0
    elif isinstance(item, bool):
        value.bool_value = item
    elif isinstance(item, int):
        if -(1 << 63) <= item < 1 << 63:
            value.integer_value = item
        else:
            value.double_value = item
    elif isinstance(item, float):
        value.double_value = item
    elif isinstance(item, str):
        value.string_value = item
    elif isinstance(item, list):
        value.list_value.SetInParent()
        for entry in item:
            fill(value.list_value.values.add(), entry)
    else:
        value.struct_value.SetInParent()
        for key, entry in item.items():
            fill(value.struct_value.fields[key], entry)


def _multi(rows, index):
    if not rows:
        raise invalid(BAD_BODY.format(index, 'data: multi vector must not be empty'))
    for row in rows:
        if not row:
            raise invalid(BAD_BODY.format(index, 'data: all vectors must be non-empty'))
        if len(row) != len(rows[0]):
            raise invalid(BAD_BODY.format(index, 'data: all vectors must have the same dimension, '
                                                 f'found vector with dimension {len(row)}'))
    return rows


def _sparse(indices, values, index):
    if len(indices) != len(values):
        raise invalid(BAD_BODY.format(index, 'values: Validation error: must be the same length '
                                             'as indices [{}]'))
    if len(set(indices)) != len(indices):
        raise invalid(BAD_BODY.format(index, 'indices: Validation error: must be unique [{}]'))
    return {'indices': indices, 'values': values}


def vector_of(message, index=0):
    """One Vector message, in today's form or in the one from before 1.13."""
    kind = message.WhichOneof('vector')
    if kind == 'dense':
        data = list(message.dense.data)
    elif kind == 'sparse':
        return _sparse(list(message.sparse.indices), list(message.sparse.values), index)
    elif kind == 'multi_dense':
        return _multi([list(v.data) for v in message.multi_dense.vectors], index)
    elif kind is not None:
        raise invalid('InferenceService is not initialized. Please check if it was properly '
                      'configured and initialized during startup.')
    elif message.HasField('indices'):
        return _sparse(list(message.indices.data), list(message.data), index)
    elif message.HasField('vectors_count'):
        count, data = message.vectors_count, list(message.data)
        if count == 0 or len(data) % count:
            raise invalid(BAD_BODY.format(index, 'data: Validation error: invalid dense vector '
                                                 'length for vectors count [{"vectors_count": '
                                                 f'Number({count}), "vector_len": '
                                                 f'Number({len(data)})}}]'))
        size = len(data) // count
        return _multi([data[at:at + size] for at in range(0, len(data), size or 1)], index)
    else:
        data = list(message.data)
    if not data:
        raise invalid(f'Wrong input: points[{index}].vector.vector: dense vector must not be empty')
    return data


def vectors_of(point, index=0):
    """The vectors of a PointStruct or PointVectors."""
    if not point.HasField('vectors'):
        raise invalid('Expected some vectors')
    kind = point.vectors.WhichOneof('vectors_options')
    if kind == 'vector':
        return vector_of(point.vectors.vector, index)
    if kind is None:
        raise invalid('No Vector Provided')
    return {n: vector_of(v, index) for n, v in point.vectors.vectors.vectors.items()}


def points_of(messages):
    return [(id_of(p.id), vectors_of(p, i), {k: json_of(v) for k, v in p.payload.items()})
            for i, p in enumerate(messages)]


def _fill_vector(out, value, legacy):
    if isinstance(value, dict):
        if legacy:
            out.data.extend(value['values'])
            out.indices.data.extend(value['indices'])
        else:
            out.sparse.values.extend(value['values'])
            out.sparse.indices.extend(value['indices'])
    elif value and isinstance(value[0], list):
        if legacy:
            out.vectors_count = len(value)
        for row in value:
            if legacy:
                out.data.extend(row)
            else:
                out.multi_dense.vectors.add().data.extend(row)
    elif legacy:
        out.data.extend(value)
    else:
        out.dense.data.extend(value)


def fill_record(out, record, legacy):
    """Writes a Record into a RetrievedPoint or ScoredPoint. `legacy` is the form before 1.17."""
    out.id.CopyFrom(id_message(record.id))
    for key, item in (record.payload or {}).items():
        fill(out.payload[key], item)
    vector = record.vector
    if vector is None:
        return out
    if isinstance(vector, dict):
        out.vectors.vectors.SetInParent()
        for name, value in vector.items():
            _fill_vector(out.vectors.vectors.vectors[name], value, legacy)
    else:
        _fill_vector(out.vectors.vector, vector, legacy)
    return out


def with_payload(message, default=True):
    kind = message.WhichOneof('selector_options')
    if kind == 'enable':
        return message.enable
    if kind == 'include':
        return {'include': list(message.include.fields)}
    return {'exclude': list(message.exclude.fields)} if kind else default


def with_vectors(message):
    kind = message.WhichOneof('selector_options')
    if kind == 'include':
        return list(message.include.names)
    return message.enable if kind else False


def update_result(number, wait):
    status = points_pb2.Completed if wait else points_pb2.Acknowledged
    return points_pb2.UpdateResult(operation_id=number, status=status)
