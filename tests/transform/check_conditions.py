#!/usr/bin/env python3
"""Random conditions over random payloads: does `split` send every point where this file would?

One run of fortress-transform tells all three values of a condition c over a few hundred payloads:
`split: {when: [{if: c, into: T}, {if: 'not (c)', into: F}], else: U}`. The conditions are made here
as trees, written with random spelling, and evaluated by rules written down independently of the
program: Fractions for numbers, datetime for moments, re for regexes.

usage: check_conditions.py [CONDITIONS [SEED]]      FORTRESS_BIN: the folder of the programs
"""

import json
import os
import random
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from fractions import Fraction

POINTS = 250
HEADER = {"type": "stream", "version": 1, "run": "e24712de-9a00-4837-8cac-c2626f42772d"}
KEYS = ["a", "b", "c", "in", "x y", "k.d", "\u00fc"]
NUMBERS = ["0", "-0", "1", "1.0", "2", "10", "1e1", "-3", "0.5", "5e-1", "9007199254740992",
           "9007199254740993", "9007199254740993.0", "18446744073709551615", "1e400", "-1e-400"]
TEXTS = ["", "a", "A", "ab", "b", "\u00fc", "\u00dc", "stra\u00dfe", "STRASSE", "1", "true",
         "\U0001f600", "\ufffd", "a'b", 'a"b', "a\\b", "tab\there", "2024-05-31",
         "2024-05-31T00:00:00Z",
         "2024-05-31T02:00:00+02:00", "2024-05-30T23:59:59.999999999Z", "2024-05-31T00:00:00",
         "2023-02-29", "1969-12-31 23:59:59z"]
DATES = [t for t in TEXTS if t.startswith(("2024", "1969")) and t != "2024-05-31T00:00:00"]
REGEXES = ["a", "^a", "b$", "^$", "[ab]+", "a|\u00fc", "^.$", "A", "\\.", "/"]
FUNCTIONS = {"lower": "text", "upper": "text", "length": "number", "date": "date"}
FALSE, UNKNOWN, TRUE = 0, 1, 2
ABSENT = object()


class Num(str):
    """A number by its text."""

    @property
    def value(self):
        text, _, exponent = self.partition("e")
        return Fraction(text) * Fraction(10) ** int(exponent or 0)


class Moment(Fraction):
    """Seconds since the year 1."""


def write(v):
    if isinstance(v, Num):
        return str(v)
    if isinstance(v, list):
        return "[" + ",".join(map(write, v)) + "]"
    if isinstance(v, dict):
        return "{" + ",".join(json.dumps(k) + ":" + write(x) for k, x in v.items()) + "}"
    return json.dumps(v, ensure_ascii=random.random() < 0.5)


def payload(depth=0):
    kind = random.random()
    if 0 < depth < 3 and kind < 0.2:
        return [payload(depth + 1) for _ in range(random.randrange(4))]
    if depth < 3 and (kind < 0.4 or not depth):
        return {k: payload(depth + 1) for k in random.sample(KEYS, random.randrange(len(KEYS)))}
    return random.choice([Num(random.choice(NUMBERS)), random.choice(TEXTS), True, False, None])


# ---- values ----


def kind(v):
    if isinstance(v, Num):
        return "number"
    if isinstance(v, Moment):
        return "date"
    return {str: "text", bool: "bool", list: "list", dict: "object"}.get(type(v), "none")


def moment(v):
    if kind(v) == "date":
        return v
    if kind(v) != "text":
        return None
    m = re.fullmatch(r"(\d{4}-\d\d-\d\d)"
                     r"(?:[Tt ](\d\d:\d\d:\d\d)(\.\d+)?(?:[Zz]|([+-]\d\d):(\d\d)))?", v)
    if not m:
        return None
    try:
        t = datetime.fromisoformat(m[1] + "T" + (m[2] or "00:00:00")).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    zone = timedelta(hours=int(m[4] or 0), minutes=int((m[4] or "+")[0] + (m[5] or "0")))
    passed = t - zone - datetime(1, 1, 1, tzinfo=timezone.utc)
    return Moment(passed // timedelta(seconds=1) + Fraction("0" + (m[3] or ".0")))


def call(name, v):
    if name == "length":
        if kind(v) in ("list", "object", "text"):
            return Num(len(v))
        return ABSENT
    if kind(v) != "text":
        return ABSENT
    if name == "date":
        m = moment(v)
        return ABSENT if m is None else m
    return v.lower() if name == "lower" else v.upper()


def found(node, parts, whole):
    """A tree: a list is the `or` of what is in it, anything else a tuple of one value."""
    if isinstance(node, list) and (parts or not whole):
        return [found(e, parts, whole) for e in node]
    if not parts:
        return (node,)
    if isinstance(node, dict) and parts[0] in node:
        return found(node[parts[0]], parts[1:], whole)
    return (ABSENT,)


def tree(operand, record, whole=False):
    if operand[0] == "literal":
        return (operand[1],)
    if operand[0] == "call":
        whole = whole or operand[1] == "length" and operand[2][0] == "path"
        return mapped(tree(operand[2], record, whole), lambda v: call(operand[1], v))
    if operand[0] == "field":
        return (record[operand[1]],)
    return found(record["payload"], operand[1], whole and not operand[2])


def mapped(t, f):
    return [mapped(e, f) for e in t] if isinstance(t, list) else (f(t[0]),)


def any_of(t, test):
    if isinstance(t, list):
        return max([any_of(e, test) for e in t], default=FALSE)
    return test(t[0])


def truth(b):
    return TRUE if b else FALSE


def order(op, x, y):
    if "date" in (kind(x), kind(y)):
        x, y = moment(x), moment(y)
        if x is None or y is None:
            return UNKNOWN
    elif kind(x) != kind(y) or kind(x) not in ("number", "text", "bool"):
        return UNKNOWN
    elif kind(x) == "bool" and op != "=":
        return UNKNOWN
    elif kind(x) == "number":
        x, y = x.value, y.value
    return truth({"=": x == y, "<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y}[op])


def part_of(op, x, y):
    if kind(x) != "text" or kind(y) != "text":
        return UNKNOWN
    if op == "contains":
        return truth(y in x)
    return truth(x.startswith(y) if op == "starts_with" else x.endswith(y))


def one_of(values, x):
    if kind(x) != kind(values[0]):
        return UNKNOWN
    return truth(any(order("=", x, v) == TRUE for v in values))


def value(c, record):
    op = c[0]
    if op in ("and", "or"):
        return (min if op == "and" else max)(value(x, record) for x in c[1:])
    if op == "not":
        return 2 - value(c[1], record)
    if op == "truth":
        return any_of(tree(c[1], record), lambda v: truth(v) if kind(v) == "bool" else UNKNOWN)
    if op == "exists":
        return any_of(tree(c[1], record, True), lambda v: truth(v is not ABSENT))
    if op == "null":
        return 2 - any_of(tree(c[1], record, True), lambda v: truth(v not in (ABSENT, None)))
    left = tree(c[1], record)
    if op == "in":
        return any_of(left, lambda v: one_of(c[2], v))
    if op == "matches":
        flags = re.IGNORECASE if c[3] else 0
        return any_of(left, lambda v: truth(re.search(c[2], v, flags)) if kind(v) == "text"
                      else UNKNOWN)
    test = part_of if "_" in op or op == "contains" else order
    return any_of(left, lambda x: any_of(tree(c[2], record), lambda y: test(op, x, y)))


# ---- conditions ----


def path():
    parts = [random.choice(KEYS) for _ in range(random.choice([1, 1, 1, 2, 2, 3]))]
    return ("path", parts, random.random() < 0.25)


def operand(*kinds):
    """A value that may be of one of the kinds before there is a record."""
    choice = random.random()
    if choice < 0.55:
        return path()
    if choice < 0.65 and "text" in kinds:
        return ("field", random.choice(["id", "tenant", "collection"]))
    if choice < 0.85:
        names = [n for n, k in FUNCTIONS.items() if k in kinds]
        if names:
            inner = path()
            if random.random() < 0.2:
                inner = ("call", random.choice(["lower", "upper"]), inner)
            return ("call", random.choice(names), inner)
    return literal(random.choice([k for k in kinds if k != "date"] or ["text"]))


def literal(what):
    if what == "number":
        return ("literal", Num(random.choice(NUMBERS)))
    return ("literal", random.choice(TEXTS) if what == "text" else random.random() < 0.5)


def static(o):
    """What is known of it without a record."""
    if o[0] == "literal":
        return kind(o[1])
    if o[0] == "call":
        return FUNCTIONS[o[1]]
    return "text" if o[0] == "field" and o[1] != "id" else "any"


def comparison():
    op = random.choice(["=", "<", "<=", ">", ">="])
    while True:
        x, y = operand("number", "text", "date", "bool"), operand("number", "text", "date", "bool")
        if random.random() < 0.2:
            y = x  # equal values are rare otherwise
        kinds = {static(x), static(y)}
        if op != "=" and "bool" in kinds:
            continue
        if "date" in kinds and any(o[0] == "literal" and moment(o[1]) is None for o in (x, y)):
            continue
        if "any" in kinds or len(kinds) == 1 or kinds == {"date", "text"}:
            return (op, x, y)


def condition(depth=0):
    if depth < 4 and random.random() < 0.5:
        op = random.choice(["and", "or", "not"])
        n = 1 if op == "not" else random.randrange(2, 4)
        return (op, *[condition(depth + 1) for _ in range(n)])
    choice = random.randrange(10)
    if choice < 4:
        return comparison()
    if choice == 4:
        op = random.choice(["starts_with", "ends_with", "contains"])
        return (op, operand("text"), operand("text"))
    if choice == 5:
        what = random.choice(["number", "text", "bool"])
        x = operand(what)
        while static(x) not in ("any", what):
            x = operand(what)
        return ("in", x, [literal(what)[1] for _ in range(random.randrange(1, 6))])
    if choice == 6:
        return ("matches", operand("text"), random.choice(REGEXES), random.random() < 0.5)
    if choice == 7:
        return ("exists", path())
    if choice == 8:
        return ("null", random.choice([path(), ("field", "tenant")]))
    return ("truth", random.choice([path(), ("literal", True), ("literal", False)]))


def word(w):
    return w.upper() if random.random() < 0.1 else w


def space():
    return random.choice(["", " ", " ", "  ", "\n"])


def quoted(text):
    if random.random() < 0.5:
        return json.dumps(text, ensure_ascii=random.random() < 0.5)
    body = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"')
    return "'" + body.replace("'", "\\'") + "'"


def spelled(o):
    if o[0] == "literal":
        v = o[1]
        if kind(v) == "bool":
            return word(str(v).lower())
        return str(v) if kind(v) == "number" else quoted(v)
    if o[0] == "field":
        return "@" + o[1]
    if o[0] == "call":
        return o[1] + space() + "(" + space() + spelled(o[2]) + space() + ")"
    names = []
    for i, name in enumerate(o[1]):
        if re.fullmatch(r"[^\W\d]\w*", name) and name != "in":
            names.append(name)
        else:
            names.append('"%s"' % name if i and random.random() < 0.5 else "`%s`" % name)
        if random.random() < 0.1 and i + 1 < len(o[1]):
            names[-1] += "[]"
    return ".".join(names) + ("[]" if o[2] else "")


RANK = {"or": 0, "and": 1, "not": 2}


def text(c, above=0):
    """The condition, in parentheses where what stands around it binds closer, or at random."""
    op = c[0]
    rank = RANK.get(op, 3)
    if op in ("and", "or"):
        ret = (" " + word(op) + " ").join(text(x, rank + 1) for x in c[1:])
    elif op == "not":
        ret = word("not") + " " + text(c[1], rank)
    elif op == "truth":
        ret = spelled(c[1])
    elif op == "exists":
        ret = word("exists") + " " + spelled(c[1])
    elif op == "null":
        ret = spelled(c[1]) + " " + word("is null")
    elif op == "in":
        items = ("," + space()).join(spelled(("literal", v)) for v in c[2])
        ret = spelled(c[1]) + " " + word("in") + space() + "[" + space() + items + space() + "]"
    elif op == "matches":
        slashes = c[3] or random.random() < 0.5
        regex = "/" + c[2].replace("/", "\\/") + "/i"[:1 + c[3]] if slashes else quoted(c[2])
        ret = spelled(c[1]) + " " + word("matches") + " " + regex
    elif op in ("=", "<", "<=", ">", ">="):
        sign = random.choice(["=", "=="]) if op == "=" else op
        ret = spelled(c[1]) + space() + sign + space() + spelled(c[2])
    else:
        ret = spelled(c[1]) + " " + word(op) + " " + spelled(c[2])
    if rank < above or random.random() < 0.1:
        return "(" + space() + ret + space() + ")"
    return ret


# ---- the program ----


def stream(records):
    lines = [json.dumps(HEADER), '{"type":"collection","name":"A"}']
    for r in records:
        tenant = "" if r["tenant"] is ABSENT else ',"tenant":%s' % json.dumps(r["tenant"])
        lines.append('{"type":"point","collection":"A"%s,"id":%s,"payload":%s}'
                     % (tenant, r["id"], write(r["payload"])))
    scopes = [{"collection": "A", "points": 0, "deletes": 0, "whole": True}]
    lines.append(json.dumps({"type": "end", "scopes": scopes, "digest": {}}))
    return "\n".join(lines) + "\n"


def run(c, data):
    when = [{"if": c, "into": "T"}, {"if": "not (" + c + ")", "into": "F"}]
    step = json.dumps({"split": {"when": when, "else": "U"}}, ensure_ascii=False)
    program = os.path.join(os.environ.get("FORTRESS_BIN", "build"), "fortress-transform")
    done = subprocess.run([program, "--reseal", "--plain", "--step", step],
                          input=data.encode(), capture_output=True, timeout=60, check=False)
    if done.returncode:
        sys.exit("%s\n%s" % (c, done.stderr.decode()))
    values = {}
    for line in done.stdout.decode().splitlines():
        m = re.match(r'\{"type":"point","collection":"([TFU])"'
                     r'(?:,"tenant":"[^"]*")?,"id":(\d+)', line)
        if m:
            values[m[2]] = {"T": TRUE, "F": FALSE, "U": UNKNOWN}[m[1]]
    return values


def main():
    conditions = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20240531
    random.seed(seed)
    records = [{"id": Num(i), "tenant": random.choice([ABSENT, "", "a", "ab"]), "collection": "A",
                "payload": payload()} for i in range(1, POINTS + 1)]
    data = stream(records)
    seen = [0, 0, 0]
    wrong = 0
    for _ in range(conditions):
        c = condition()
        spelling = text(c)
        values = run(spelling, data)
        for r in records:
            want, got = value(c, r), values.get(r["id"])
            seen[want] += 1
            if want != got and (wrong := wrong + 1) <= 10:
                print("%s\n  of %s (tenant %s, id %s)\n  is %s, not %s"
                      % (spelling, write(r["payload"]), r["tenant"], r["id"], got, want))
    print("%d conditions, %d payloads: %d false, %d unknown, %d true; %d differ"
          % (conditions, POINTS, *seen, wrong))
    # A generator that makes one value only tests nothing.
    return 1 if wrong or min(seen) < conditions * POINTS // 20 else 0


if __name__ == "__main__":
    sys.exit(main())
