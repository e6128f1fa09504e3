"""A protobuf wire writer.

The Weaviate stand-in writes its search replies by hand: the map order must be random, shapes of
old servers (fields that today's message files no longer have) must come out too, and a page of
ten thousand vectors must not pass through a Python list of floats.
"""

import struct

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def varint(number):
    """The bytes of an unsigned varint; negative numbers become their 64-bit two's complement."""
    if 0 <= number < 128:
        return bytes((number,))
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def tag(field, kind):
    return varint(field << 3 | kind)


def block(field, payload):
    """A length-delimited field: a message, a string's bytes, or packed numbers."""
    return tag(field, BYTES) + varint(len(payload)) + payload


def text(field, value):
    return block(field, value.encode())


def integer(field, value):
    return tag(field, VARINT) + varint(value)


def flag(field, value=True):
    return tag(field, VARINT) + (b'\1' if value else b'\0')


def double(field, value):
    return tag(field, FIXED64) + struct.pack('<d', value)


def single(field, value):
    return tag(field, FIXED32) + struct.pack('<f', value)


def read(data):
    """Yields (field, kind, value) of a message; used by the tests to look at old shapes."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    while at < len(data):
        key = number()
        field, kind = key >> 3, key & 7
        if kind == VARINT:
            yield field, kind, number()
            continue
        size = {FIXED64: 8, FIXED32: 4}.get(kind)
        if size is None:
            size = number()
        yield field, kind, data[at:at + size]
        at += size
