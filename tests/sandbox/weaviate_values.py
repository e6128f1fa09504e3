"""Property values of the Weaviate stand-in: what a client sent, in the form the server keeps.

The kept form is the one REST shows: numbers as doubles (ints too, so that 2^53+1 is rounded as in
the real server), dates in Go's RFC 3339 form, uuids in lower case, references as beacons.

Phone numbers: the real server asks libphonenumber. Here the calling codes of a dozen countries
are known and the formats are plain, which is enough to see every field of the type travel.
"""

import base64
import binascii
import re
import struct
import uuid

import numpy

import weaviate_schema

DATE = re.compile(r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$')
BEACON = re.compile(r'weaviate://[^/]+/(?:([^/]+)/)?([0-9a-fA-F-]{36})$')
CALLING = {'NL': 31, 'DE': 49, 'FR': 33, 'GB': 44, 'US': 1, 'BE': 32, 'ES': 34, 'IT': 39,
           'CH': 41, 'AT': 43, 'SE': 46, 'PL': 48, 'JP': 81, 'IN': 91}


class ValueError422(Exception):
    """422 with this text."""


def single(number):
    """The double whose shortest text is that of `number` as a float32, as Go prints it."""
    return float(str(numpy.float32(number)))


def date(value):
    """Go's RFC 3339 form: no trailing zeros in the fraction, zero offset as Z. None if wrong."""
    match = DATE.match(value) if isinstance(value, str) else None
    if not match:
        return None
    fraction = (match[2] or '')[:10].rstrip('0').rstrip('.')
    return match[1] + fraction + ('Z' if match[3] in ('+00:00', '-00:00') else match[3])


def phone(value):
    given, country = value['input'], (value.get('defaultCountry') or '').upper()
    digits = re.sub(r'\D', '', given)
    if given.strip().startswith('+'):
        code = next((c for c in sorted(CALLING.values(), reverse=True)
                     if digits.startswith(str(c))), int(digits[:2] or 0))
        national = digits[len(str(code)):]
    else:
        code, national = CALLING.get(country, 0), digits.lstrip('0')
    return {'countryCode': code, 'defaultCountry': country, 'input': given,
            'internationalFormatted': f'+{code} {national}', 'national': int(national or 0),
            'nationalFormatted': '0' + national, 'valid': bool(code) and 6 <= len(national) <= 12}


class Checker:
    """Checks and converts the properties of one object. `number_word` is how Go names the type of
    a number in this path: json.Number over REST, float64 over gRPC."""

    def __init__(self, klass, number_word):
        self.klass, self.word = klass, number_word

    def fail(self, kind, name, why):
        raise ValueError422(f"invalid {kind} property '{name}' on class '{self.klass}': {why}")

    def go_type(self, value):
        if isinstance(value, bool):
            return 'bool'
        if isinstance(value, (int, float)):
            return self.word
        if isinstance(value, str):
            return 'string'
        return 'map[string]interface {}' if isinstance(value, dict) else '[]interface {}'

    def text(self, name, value):
        if not isinstance(value, str):
            self.fail('text', name, f'not a string, but {self.go_type(value)}')
        return value

    string = text

    def int(self, name, value):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fail('integer', name, f"requires an integer, the given value is '{value}'")
        if isinstance(value, float) and not value.is_integer():
            self.fail('integer', name,
                      f"the JSON number '{value}' could not be converted to an int")
        return float(value)

    def number(self, name, value):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fail('number', name, f"requires a float, the given value is '{value}'")
        return float(value)

    def boolean(self, name, value):
        if not isinstance(value, bool):
            self.fail('boolean', name, f"requires a bool, the given value is '{value}'")
        return value

    def date(self, name, value):
        kept = date(value)
        if kept is None:
            self.fail('date', name, 'requires a string with a RFC3339 formatted date, but the '
                                    f"given value is '{value}'")
        return kept

    def uuid(self, name, value):
        try:
            return str(uuid.UUID(value))
        except (ValueError, AttributeError, TypeError):
            return self.fail('uuid', name, 'requires a string of UUID format, but the given value '
                                           f"is '{value}'")

    def geoCoordinates(self, name, value):
        if not isinstance(value, dict):
            self.fail('geoCoordinates', name, 'must be an object')
        for key in ('longitude', 'latitude'):
            if not isinstance(value.get(key), (int, float)):
                self.fail('geoCoordinates', name,
                          f"geoCoordinates is missing required field '{key}'")
        return {k: single(value[k]) for k in ('latitude', 'longitude')}

    def phoneNumber(self, name, value):
        if not isinstance(value, dict) or not isinstance(value.get('input'), str):
            self.fail('phoneNumber', name, "phoneNumber is missing required field 'input'")
        return phone(value)

    def blob(self, name, value):
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError, TypeError):
            self.fail('blob', name, 'not a valid blob base64 string')
        return value

    def blobHash(self, name, value):
        return self.blob(name, value)

    def object(self, name, value, prop):
        if not isinstance(value, dict):
            self.fail('object', name, f'object must be a map, but got: {self.go_type(value)}')
        known = {p['name']: p for p in prop['nestedProperties']}
        out = {}
        for key, inner in value.items():
            if inner is None:
                continue
            if key not in known:
                known[key] = guess(key, inner)
                prop['nestedProperties'].append(known[key])
            out[key] = self.value(known[key], inner)
        return out

    def value(self, prop, value):
        kind, name = prop['dataType'][0], prop['name']
        if kind in ('object', 'object[]'):
            if kind == 'object':
                return self.object(name, value, prop)
            if not isinstance(value, list):
                self.fail('object[]', name, 'not an object array')
            return [self.object(name, v, prop) for v in value]
        if kind.endswith('[]'):
            if not isinstance(value, list):
                self.fail(kind, name, f'not a {kind[:-2]} array, but {self.go_type(value)}')
            return [getattr(self, kind[:-2])(name, v) for v in value]
        return getattr(self, kind)(name, value)


def guess(name, value):
    """The property that auto schema makes for a value: 1.39 takes every number for a number."""
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, bool):
        kind = 'boolean'
    elif isinstance(first, (int, float)):
        kind = 'number'
    elif isinstance(first, str) and date(first):
        kind = 'date'
    elif isinstance(first, dict):
        kind = 'object'
        if {'latitude', 'longitude'} == set(first):
            kind = 'geoCoordinates'
    else:
        kind = 'uuid' if isinstance(first, str) and re.fullmatch(
            r'[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}', first) else 'text'
    out = {'name': name, 'dataType': [kind + ('[]' if isinstance(value, list) else '')]}
    if kind == 'object':
        merged = {}
        for item in value if isinstance(value, list) else [value]:
            merged.update(item)
        out['nestedProperties'] = [guess(k, v) for k, v in merged.items() if v is not None]
    return weaviate_schema.property_of(out, nested=True)


def beacon(target, key):
    return {'beacon': f'weaviate://localhost/{target}/{key}', 'href': f'/v1/objects/{target}/{key}'}


def parse_beacon(text, targets):
    """(class, uuid) of a beacon; a beacon without class means the property's first target."""
    match = BEACON.match(text or '')
    if not match:
        raise ValueError422(f"invalid object: invalid cref: 'cref' could not parse beacon '{text}'")
    return match[1] or targets[0], str(uuid.UUID(match[2]))


def vector_bytes(values):
    return struct.pack(f'<{len(values)}f', *values)
