"""Filters and sorting of the Weaviate stand-in, as the Python client sends them over gRPC.

Compared are whole values: text is not tokenised, so Equal on a text property is exact and Like
knows * and ?. Filters through references, by distance or by length are not here.
"""

import datetime
import fnmatch

import grpc

from grpcbase import RpcError
from weaviate.proto.v1 import base_pb2
from weaviate_store import seconds

OPERATORS = base_pb2.Filters


def refuse(what):
    return RpcError(grpc.StatusCode.UNKNOWN, f'sandbox: {what} is not supported here')


def value_of(item, name):
    if name in ('_id', 'id'):
        return item.id
    if name == '_creationTimeUnix':
        return item.created
    if name == '_lastUpdateTimeUnix':
        return item.updated
    return item.properties.get(name)


def comparable(value, like=None):
    """Dates by instant, so that offsets do not disturb; everything else as it is."""
    if isinstance(value, str) and len(value) >= 20 and value[4] == '-' and value[10] == 'T':
        try:
            stamp = seconds(value)
        except ValueError:
            return value
        return stamp * 1000 if isinstance(like, int) else stamp
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return value


def _wanted(condition):
    kind = condition.WhichOneof('test_value')
    value = getattr(condition, kind)
    return list(value.values) if kind.endswith('_array') else value


def _compare(operator, have, want):
    have, want = comparable(have), comparable(want, have)
    tests = {OPERATORS.OPERATOR_EQUAL: lambda: have == want,
             OPERATORS.OPERATOR_NOT_EQUAL: lambda: have != want,
             OPERATORS.OPERATOR_GREATER_THAN: lambda: have > want,
             OPERATORS.OPERATOR_GREATER_THAN_EQUAL: lambda: have >= want,
             OPERATORS.OPERATOR_LESS_THAN: lambda: have < want,
             OPERATORS.OPERATOR_LESS_THAN_EQUAL: lambda: have <= want,
             OPERATORS.OPERATOR_LIKE: lambda: fnmatch.fnmatch(have, want)}
    if operator not in tests:
        raise refuse(OPERATORS.Operator.Name(operator))
    return tests[operator]()


def matches(condition, item):
    """Whether an object passes a Filters message."""
    operator = condition.operator
    if operator == OPERATORS.OPERATOR_AND:
        return all(matches(c, item) for c in condition.filters)
    if operator == OPERATORS.OPERATOR_OR:
        return any(matches(c, item) for c in condition.filters)
    if operator == OPERATORS.OPERATOR_NOT:
        return not any(matches(c, item) for c in condition.filters)
    if condition.HasField('target') and condition.target.WhichOneof('target') != 'property':
        raise refuse('a filter through references')
    name = condition.target.property if condition.HasField('target') else condition.on[-1]
    have, want = value_of(item, name), _wanted(condition)
    if operator == OPERATORS.OPERATOR_IS_NULL:
        return (have is None or have == []) == want
    if have is None:
        return operator == OPERATORS.OPERATOR_NOT_EQUAL
    values = have if isinstance(have, list) else [have]
    if operator in (OPERATORS.OPERATOR_CONTAINS_ANY, OPERATORS.OPERATOR_CONTAINS_ALL,
                    OPERATORS.OPERATOR_CONTAINS_NONE):
        hits = [w in values for w in (want if isinstance(want, list) else [want])]
        return {OPERATORS.OPERATOR_CONTAINS_ANY: any(hits),
                OPERATORS.OPERATOR_CONTAINS_ALL: all(hits),
                OPERATORS.OPERATOR_CONTAINS_NONE: not any(hits)}[operator]
    return any(_compare(operator, v, want) for v in values)


def order(items, sort_by):
    """The objects in the order of the SortBy messages; absent values first when ascending."""
    items = list(items)
    for rule in reversed(sort_by):
        name = rule.path[-1]

        def key(item, name=name):
            value = comparable(value_of(item, name))
            return (value is not None, value if value is not None else 0)
        items.sort(key=key, reverse=not rule.ascending)
    return items
