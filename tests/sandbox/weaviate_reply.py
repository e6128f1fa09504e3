"""Search replies of the Weaviate stand-in, written on the wire by hand.

`Shapes` says how values look for a server version and the uses_12x flags of the request:

  before 1.24  no named vectors, no nulls, blobs and phone numbers (absent instead)
  before 1.25  lists are repeated Values (tag 1 of ListValue)
  before 1.27, or without uses_127_api up to 1.28   text is string_value, tag 2 of Value
  before 1.29  Vectors has no type
  before 1.38.8   id_as_bytes has lost its leading zero bytes
"""

import random
import struct

import grpc

import wire
from grpcbase import RpcError
from weaviate_schema import is_reference

NULL = wire.integer(12, 0)
BLOBS = ('blob', 'blobHash')


class Shapes:
    def __init__(self, version, uses_125=True, uses_127=True):
        self.text = 13 if version >= (1, 29) or version >= (1, 27) and uses_127 else 2
        self.packed = version >= (1, 29) or version >= (1, 25) and (uses_125 or uses_127)
        self.extended = version >= (1, 24)
        self.typed_vectors = version >= (1, 29)
        self.whole_id = version >= (1, 38, 8)
        self.key = (self.text, self.packed, self.extended)


def unknown(text):
    return RpcError(grpc.StatusCode.UNKNOWN, text)


def _scalar(kind, value, shapes):
    if kind in ('text', 'string'):
        return wire.text(shapes.text, value)
    if kind == 'number':
        return wire.double(1, value)
    if kind == 'int':
        return wire.integer(8, int(value))
    if kind == 'boolean':
        return wire.flag(3, value)
    if kind == 'date':
        return wire.text(6, value)
    if kind == 'uuid':
        return wire.text(7, value)
    if kind == 'geoCoordinates':
        return wire.block(9, b''.join(wire.single(n, value[k]) for n, k in
                                      ((1, 'longitude'), (2, 'latitude')) if value[k]))
    if kind in BLOBS:
        return wire.text(10, value)
    return wire.block(11, _phone(value))


def _phone(value):
    out = []
    for field, key in ((1, 'countryCode'), (2, 'defaultCountry'), (3, 'input'),
                       (4, 'internationalFormatted'), (5, 'national'), (6, 'nationalFormatted'),
                       (7, 'valid')):
        item = value.get(key)
        if isinstance(item, str) and item:
            out.append(wire.text(field, item))
        elif not isinstance(item, str) and item:
            out.append(wire.integer(field, int(item)))
    return b''.join(out)


def _list(kind, values, shapes):
    inner = kind[:-2]
    if not shapes.packed:
        return wire.block(5, b''.join(wire.block(1, _scalar(inner, v, shapes)) for v in values))
    if inner in ('number', 'int'):
        form = 'd' if inner == 'number' else 'q'
        data = struct.pack(f'<{len(values)}{form}',
                           *(values if form == 'd' else [int(v) for v in values]))
        body = wire.block(1, data) if values else b''
        field = 2 if inner == 'number' else 7
    elif inner == 'boolean':
        body = wire.block(1, bytes(values)) if values else b''
        field = 3
    else:
        body = b''.join(wire.text(1, v) for v in values)
        field = {'date': 5, 'uuid': 6}.get(inner, 8)
    return wire.block(5, wire.block(field, body))


def _fields(entries):
    """A map<string, Value>: entries in random order, as Go's maps come out."""
    random.shuffle(entries)
    return b''.join(wire.block(1, wire.text(1, n) + wire.block(2, v)) for n, v in entries)


def _object(selected, value, shapes):
    entries = []
    for prop, inner in selected:
        item = value.get(prop['name'])
        if item is not None:
            entries.append((prop['name'], encode(prop, inner, item, shapes)))
    return _fields(entries)


def encode(prop, selected, value, shapes):
    """The Value message of a property; `selected` lists (property, selected) of an object."""
    kind = prop['dataType'][0]
    if kind == 'object':
        return wire.block(4, _object(selected, value, shapes))
    if kind == 'object[]':
        parts = [_object(selected, v, shapes) for v in value]
        if shapes.packed:
            return wire.block(5, wire.block(4, b''.join(wire.block(1, p) for p in parts)))
        return wire.block(5, b''.join(wire.block(1, wire.block(4, p)) for p in parts))
    if kind.endswith('[]'):
        return _list(kind, value, shapes)
    return _scalar(kind, value, shapes)


def everything(properties):
    """The selection without a list of names: no blobs and no references, nested ones neither."""
    return [(p, everything(p['nestedProperties']) if 'nestedProperties' in p else None)
            for p in properties if not is_reference(p['dataType'])
            and p['dataType'][0] not in BLOBS]


class Selection:
    """What one request wants of each object: properties, references, metadata."""

    def __init__(self, store, klass, properties, metadata):
        self.store, self.klass, self.metadata = store, klass, metadata
        self.plain, self.references = [], []
        if properties is None or properties.return_all_nonref_properties:
            self.plain = everything(klass.properties())
        if properties is None:
            return
        for name in properties.non_ref_properties:
            prop = self._property(klass, name)
            if not any(p is prop for p, _ in self.plain):
                self.plain.append((prop, everything(prop.get('nestedProperties', ()))))
        for asked in properties.object_properties:
            prop = self._property(klass, asked.prop_name)
            self.plain = [(p, s) for p, s in self.plain if p is not prop]
            self.plain.append((prop, self._nested(prop, asked)))
        first = {}
        for asked in properties.ref_properties:
            self._reference(asked, first)

    @staticmethod
    def _property(klass, name):
        prop = klass.property(name[:1].lower() + name[1:])
        if prop is None:
            raise unknown(f"extract properties request: get property by name {name} for class "
                          f"{klass.name}: no such prop with name '{name}' found in class "
                          f"'{klass.name}' in the schema. Check your schema files for which "
                          'properties in this class are available')
        return prop

    def _nested(self, prop, asked):
        known = {p['name']: p for p in prop['nestedProperties']}
        out = [(known[n], everything(known[n].get('nestedProperties', ())))
               for n in asked.primitive_properties if n in known]
        return out + [(known[a.prop_name], self._nested(known[a.prop_name], a))
                      for a in asked.object_properties if a.prop_name in known]

    def _reference(self, asked, first):
        prop = self._property(self.klass, asked.reference_property)
        targets = prop['dataType']
        target = asked.target_collection or targets[0]
        if len(targets) > 1 and not asked.target_collection:
            raise unknown('extract properties request: multi target references from collection '
                          f"{self.klass.name} and property {prop['name']} with need an explicit"
                          'linked collection. Available linked collections are '
                          f"[{' '.join(targets)}]")
        if self.store.find(target) is None:
            raise unknown(f'extract properties request: could not find class {target} in schema')
        # Two targets of one property in one request: the real server answers both with the first.
        target = first.setdefault(prop['name'], target)
        klass = self.store.find(target)
        inner = Selection(self.store, klass,
                          asked.properties if asked.HasField('properties') else None,
                          asked.metadata if asked.HasField('metadata') else None)
        self.references.append((prop['name'], klass, inner))

    def result(self, item, shapes):
        """One SearchResult."""
        return wire.block(1, self.properties(item, shapes)) + \
            wire.block(2, self.meta(item, shapes))

    def properties(self, item, shapes):
        out = [self._links(item, shapes), wire.text(3, self.klass.name)]
        entries = []
        for prop, selected in self.plain:
            name, kind = prop['name'], prop['dataType'][0]
            value = item.properties.get(name)
            if not shapes.extended and (value is None or kind in BLOBS or kind == 'phoneNumber'):
                continue
            if value is None:
                data = NULL
            elif selected:
                if isinstance(value, dict) and set(value) == {'latitude', 'longitude'}:
                    raise unknown('invalid type: *models.GeoCoordinates expected '
                                  'map[string]interface{}')
                data = encode(prop, selected, value, shapes)
            else:
                data = item.wire.get((name, shapes.key))
                if data is None:
                    data = item.wire[name, shapes.key] = encode(prop, None, value, shapes)
            entries.append((name, data))
        if entries:
            out.append(wire.block(11, _fields(entries)))
        if self.references:
            out.append(wire.flag(12))
        return b''.join(out)

    def _links(self, item, shapes):
        out = []
        for name, klass, inner in self.references:
            found = []
            for link in item.properties.get(name, ()):
                target, key = link['beacon'].rsplit('/', 2)[1:]
                if self.store.find(target) is klass:
                    other = self._lookup(klass, key)
                    if other is not None:
                        found.append(wire.block(1, inner.properties(other, shapes) +
                                                wire.block(4, inner.meta(other, shapes))))
            if found:
                out.append(wire.block(2, b''.join(found) + wire.text(2, name)))
        return b''.join(out)

    @staticmethod
    def _lookup(klass, key):
        raw = bytes.fromhex(key.replace('-', ''))
        for shard in klass.shards.values():
            if raw in shard.objects:
                return shard.objects[raw]
        return None

    def meta(self, item, shapes):
        asked = self.metadata
        if asked is None:
            return b''
        out = []
        if asked.uuid:
            raw = item.key if shapes.whole_id else item.key.lstrip(b'\0')
            out.append(wire.text(1, item.id))
            if raw:
                out.append(wire.block(20, raw))
        if asked.vector and item.vector:
            out.append(wire.block(2, item.vector) + wire.block(19, item.vector))
        if asked.creation_time_unix:
            out.append(wire.integer(3, item.created) + wire.flag(4))
        if asked.last_update_time_unix:
            out.append(wire.integer(5, item.updated) + wire.flag(6))
        if asked.is_consistent:
            out.append(wire.flag(15) + wire.flag(18))
        if shapes.extended:
            for name, value in item.vectors.items():
                if asked.vector or name in asked.vectors:
                    out.append(wire.block(23, self._vector(name, value, shapes)))
        return b''.join(out)

    @staticmethod
    def _vector(name, value, shapes):
        multi = isinstance(value, tuple)
        data = struct.pack('<H', value[0]) + value[1] if multi else value
        out = wire.text(1, name) + wire.block(3, data)
        return out + wire.integer(4, 2 if multi else 1) if shapes.typed_vectors else out
