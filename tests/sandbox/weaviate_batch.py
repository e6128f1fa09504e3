"""BatchObject messages of the official clients turned into the REST form of an object."""

import struct

from weaviate_store import StoreError
from weaviate_values import beacon


def _number(value):
    """Struct numbers are doubles; whole ones pass as ints, so that int properties take them."""
    return int(value) if value.is_integer() and abs(value) < 1 << 63 else value


def plain(value):
    """A google.protobuf.Value as JSON."""
    kind = value.WhichOneof('kind')
    if kind == 'number_value':
        return _number(value.number_value)
    if kind == 'struct_value':
        return {k: plain(v) for k, v in value.struct_value.fields.items()}
    if kind == 'list_value':
        return [plain(v) for v in value.list_value.values]
    return getattr(value, kind) if kind in ('bool_value', 'string_value') else None


def properties_of(message):
    """ObjectPropertiesValue, or the same fields of BatchObject.Properties."""
    out = {k: plain(v) for k, v in message.non_ref_properties.fields.items()}
    for entry in message.number_array_properties:
        data = entry.values_bytes
        out[entry.prop_name] = list(struct.unpack(f'<{len(data) // 8}d', data)) if data \
            else list(entry.values)
    for entries in (message.int_array_properties, message.text_array_properties,
                    message.boolean_array_properties):
        out.update({e.prop_name: list(e.values) for e in entries})
    for entry in message.object_properties:
        out[entry.prop_name] = properties_of(entry.value)
    for entry in message.object_array_properties:
        out[entry.prop_name] = [properties_of(v) for v in entry.values]
    out.update({name: [] for name in message.empty_list_props})
    return out


def _vector(given):
    if given.type == 2:
        size = struct.unpack('<H', given.vector_bytes[:2])[0]
        return size, given.vector_bytes[2:]
    return given.vector_bytes


def from_batch_object(given, store):
    """(class name, object in REST form). Vectors stay bytes."""
    properties = properties_of(given.properties)
    for entry in given.properties.single_target_ref_props:
        klass = store.find(given.collection)
        prop = klass and klass.property(entry.prop_name)
        if not prop:
            raise StoreError('invalid', f'property {entry.prop_name} does not exist for class '
                                        f'{given.collection}')
        properties.setdefault(entry.prop_name, []).extend(
            beacon(prop['dataType'][0], key) for key in entry.uuids)
    for entry in given.properties.multi_target_ref_props:
        properties.setdefault(entry.prop_name, []).extend(
            beacon(entry.target_collection, key) for key in entry.uuids)
    vector = given.vector_bytes or struct.pack(f'<{len(given.vector)}f', *given.vector)
    return given.collection, {'id': given.uuid, 'tenant': given.tenant, 'properties': properties,
                              'vector': vector, 'vectors': {v.name: _vector(v)
                                                            for v in given.vectors}}
