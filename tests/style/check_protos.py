#!/usr/bin/env python3
"""Compares our .proto files with the descriptors inside the official client packages.

    check_protos.py [PROTO..]

Each message of ours that no other one holds is looked up by its full name; from there every field
is followed: its number must exist over there under the same name (or be reserved, for older
servers used it), be as often there, and look the same on the wire. `bytes` of ours may stand for
text and for packed numbers; a map is a repeated message of key and value. gRPC methods that the C
code names must exist. Needs protoc-c and the packages of tests/sandbox/requirements.txt; exit 77
without them.
"""

import importlib
import os
import pkgutil
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
NET = TOP / "common/net"
VENV = Path(os.environ.get("FORTRESS_VENV", TOP / "build/venv")) / "bin/python"
CLIENTS = ("weaviate.proto.v1", "qdrant_client.grpc")
# What only older servers send and the official definition does not even reserve.
OLD = {"weaviate.v1.Value.string_value": "servers up to 1.28"}

try:
    from google.protobuf import descriptor_pb2, descriptor_pool
    from google.protobuf.descriptor import FieldDescriptor as F
    for name in CLIENTS:
        importlib.import_module(name)
except ImportError as error:
    if VENV.exists() and not os.environ.get("CHECK_PROTOS_AGAIN"):
        os.environ["CHECK_PROTOS_AGAIN"] = "1"
        os.execv(VENV, [str(VENV), "-W", "ignore", *sys.argv])
    print(f"check_protos: {error}; scripts/test makes the environment that has it")
    sys.exit(77)

VARINT = "varint"
SHAPES = {
    F.TYPE_DOUBLE: "double", F.TYPE_FLOAT: "float", F.TYPE_INT64: VARINT, F.TYPE_UINT64: VARINT,
    F.TYPE_INT32: VARINT, F.TYPE_UINT32: VARINT, F.TYPE_BOOL: VARINT, F.TYPE_ENUM: VARINT,
    F.TYPE_FIXED64: "fixed64", F.TYPE_SFIXED64: "fixed64", F.TYPE_FIXED32: "fixed32",
    F.TYPE_SFIXED32: "fixed32", F.TYPE_STRING: "bytes", F.TYPE_BYTES: "bytes",
    F.TYPE_SINT32: "zigzag", F.TYPE_SINT64: "zigzag", F.TYPE_MESSAGE: "message",
}


def official():
    """The pool with everything that the clients bring."""
    for package in {name.rpartition(".")[0] for name in list(sys.modules)
                    if name.endswith("_pb2") and name.startswith(CLIENTS)}:
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
            if module.name.endswith("_pb2"):
                importlib.import_module(f"{package}.{module.name}")
    return descriptor_pool.Default()


def ours(path):
    """A pool of our own, with one .proto file compiled into it."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "set"
        subprocess.run(["protoc-c", f"-I{path.parent}", f"--descriptor_set_out={out}", str(path)],
                       check=True)
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.Add(file)
    return pool.FindFileByName(path.name)


def messages(file):
    """All messages of a file, nested ones too."""
    todo = list(file.message_types_by_name.values())
    while todo:
        message = todo.pop()
        yield message
        todo += message.nested_types


def roots(file):
    """The messages that no other one holds."""
    held = {f.message_type.full_name for m in messages(file) for f in m.fields if f.message_type
            and f.message_type is not m}
    return [m for m in file.message_types_by_name.values() if m.full_name not in held]


def repeated(field):
    return field.is_repeated if hasattr(field, "is_repeated") else field.label == F.LABEL_REPEATED


def compare_field(mine, theirs, problem):
    """One field of a message; what is wrong goes to problem()."""
    if mine.name != theirs.name:
        problem(f"is called {theirs.name} over there")
    a, b = SHAPES[mine.type], SHAPES[theirs.type]
    packed = repeated(theirs) and b not in ("bytes", "message")
    if mine.type == F.TYPE_BYTES and not repeated(mine) and packed:
        if not theirs.is_packed:
            problem("stands for packed numbers, which come one by one")
        return
    if repeated(mine) != repeated(theirs):
        problem("is repeated on one side only")
    if a != b:
        problem(f"is {a} on our wire, {b} on theirs")
    if mine.containing_oneof and not theirs.containing_oneof:
        problem("stands in a choice here, alone over there")
    if mine.enum_type and theirs.enum_type:
        values = {v.number: v.name.lower() for v in theirs.enum_type.values}
        for value in mine.enum_type.values:
            if not values.get(value.number, "").endswith(value.name.lower()):
                problem(f"value {value.name} = {value.number} is"
                        f" {values.get(value.number, 'unknown')} over there")


def withdrawn(message, number):
    """Whether the official definition reserves a number: older servers used it."""
    proto = descriptor_pb2.DescriptorProto()
    message.CopyToProto(proto)
    return any(r.start <= number < r.end for r in proto.reserved_range)


def compare(mine, theirs, seen, problems):
    """A message and all below it."""
    if (mine.full_name, theirs.full_name) in seen:
        return
    seen.add((mine.full_name, theirs.full_name))
    for field in mine.fields:
        other = theirs.fields_by_number.get(field.number)
        where = f"{field.full_name} = {field.number}"
        if other is None and (field.full_name in OLD or withdrawn(theirs, field.number)):
            continue
        if other is None:
            problems.append(f"{where}: {theirs.full_name} has no such number")
            continue
        compare_field(field, other, lambda text, where=where: problems.append(f"{where}: {text}"))
        if field.message_type and other.message_type:
            compare(field.message_type, other.message_type, seen, problems)


def compare_file(path, pool):
    """Problems of one .proto file, and how many messages were compared."""
    problems, seen = [], set()
    file = ours(path)
    for message in roots(file):
        try:
            other = pool.FindMessageTypeByName(message.full_name)
        except KeyError:
            problems.append(f"{message.full_name}: unknown over there")
            continue
        compare(message, other, seen, problems)
    for message in messages(file):
        if message.full_name not in {name for name, _ in seen}:
            problems.append(f"{message.full_name}: no message known over there holds it")
    return problems, len(seen)


def methods(pool):
    """Problems of the gRPC paths in the C code."""
    found, problems = set(), []
    for source in [*NET.glob("*.c"), *TOP.glob("tools/*/*.c")]:
        found |= set(re.findall(r'/((?:qdrant|weaviate)[\w.]*)/(\w+)', source.read_text()))
    for service, method in sorted(found):
        try:
            pool.FindServiceByName(service).methods_by_name[method]
        except KeyError:
            problems.append(f"/{service}/{method}: no such method over there")
    return problems, len(found)


def main():
    pool = official()
    paths = [Path(p).resolve() for p in sys.argv[1:]] or sorted((NET / "proto").glob("*.proto"))
    problems, n_methods = methods(pool)
    for path in paths:
        found, n_messages = compare_file(path, pool)
        problems += [f"{path.name}: {p}" for p in found]
        print(f"{path.name}: {n_messages} messages compared")
    print(f"{n_methods} methods compared")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
