"""Faults on request, and counters: what both stand-ins share.

A rule is a JSON object. All keys are optional:

  side         "rest", "grpc" or "proxy"; without it the rule holds wherever it makes sense
  match        regular expression searched in "GET /v1/objects" or "/qdrant.Points/Upsert"
  rate         percent of the matching requests, default 100
  skip, count  let the first `skip` matching requests pass, then fire at most `count` times
  every        fire at every N-th matching request only
  latency_ms, jitter_ms   wait before the request is handled, +- jitter
  status       REST: answer with this status code
  code         gRPC: answer with this status, name or number
  message      text of that answer
  retry_after  seconds: Retry-After header, or retry-after metadata
  after        true: the request is carried out first, then the fault answers (unknown outcome)
  cut          REST: send this many bytes of the reply and reset the connection; -1 resets it
               before the request is read to its end and carried out

A rule without any of these answers only delays. The first rule that fires with one wins. Rates
are drawn from one generator, seeded by "seed", so a run can be repeated.

gRPC replies cut at a byte, replies without grpc-status, RST_STREAM and GOAWAY are out of reach of
grpcio; chaos.py, a proxy that speaks HTTP/2, does those in front of any gRPC port (side "proxy").
"""

import collections
import json
import random
import re
import threading
import time

ANSWERS = {'rest': ('status', 'cut'), 'grpc': ('code',),
           'proxy': ('cut', 'reset', 'refuse', 'no_status', 'goaway')}
KEYS = {'side', 'match', 'rate', 'skip', 'count', 'every', 'latency_ms', 'jitter_ms', 'message',
        'retry_after', 'after'}.union(*ANSWERS.values())


class Faults:
    """The fault rules of one server and its request counters. Safe for many threads."""

    def __init__(self, seed=1):
        self.lock = threading.Lock()
        self.counts = {side: collections.Counter() for side in ANSWERS}
        self.recent = collections.deque(maxlen=2000)
        self.in_flight = self.max_in_flight = self.fired = 0
        self.load({'seed': seed, 'rules': []})

    def load(self, plan):
        """Replaces the rules. Raises ValueError when a rule has an unknown key."""
        if isinstance(plan, list):
            plan = {'rules': plan}
        rules = []
        for given in plan.get('rules', []):
            unknown = set(given) - KEYS
            if unknown:
                raise ValueError('unknown key in fault rule: ' + ', '.join(sorted(unknown)))
            regex = re.compile(given.get('match', ''))
            rules.append({**given, 'seen': 0, 'hits': 0, 'regex': regex})
        with self.lock:
            self.random = random.Random(plan.get('seed', 1))
            self.rules = rules

    def describe(self):
        with self.lock:
            return {'fired': self.fired,
                    'rules': [{k: v for k, v in r.items() if k != 'regex'} for r in self.rules]}

    def _fires(self, rule, side, name):
        if rule.get('side', side) != side or not rule['regex'].search(name):
            return False
        rule['seen'] += 1
        if rule['seen'] <= rule.get('skip', 0) or rule['hits'] >= rule.get('count', 1 << 62):
            return False
        if (rule['seen'] - rule.get('skip', 0)) % rule.get('every', 1):
            return False
        if self.random.random() * 100 >= rule.get('rate', 100):
            return False
        rule['hits'] += 1
        self.fired += 1
        return True

    def decide(self, side, name):
        """The rule that must answer a request, or None, and the seconds to wait before it."""
        answer, wait = None, 0.0
        with self.lock:
            for rule in self.rules:
                acts = any(k in rule for k in ANSWERS[side])
                if acts and answer is not None:
                    continue
                if not acts and any(k in rule for kinds in ANSWERS.values() for k in kinds):
                    continue
                if not self._fires(rule, side, name):
                    continue
                if 'latency_ms' in rule:
                    jitter = rule.get('jitter_ms', 0)
                    wait += max(0, rule['latency_ms'] + self.random.uniform(-jitter, jitter)) / 1e3
                if acts:
                    answer = rule
        return answer, wait

    def take(self, side, name):
        """decide, and the waiting done."""
        answer, wait = self.decide(side, name)
        if wait:
            time.sleep(wait)
        return answer

    def enter(self, side, name):
        with self.lock:
            self.counts[side][name] += 1
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)

    def leave(self):
        with self.lock:
            self.in_flight -= 1

    def note(self, entry):
        """Remembers what one request asked for, for tests that look at page sizes and cursors."""
        with self.lock:
            self.recent.append(entry)

    def report(self):
        with self.lock:
            counts = {side: dict(counter) for side, counter in self.counts.items()}
            return {**counts, 'fired': self.fired, 'in_flight': self.in_flight,
                    'max_in_flight': self.max_in_flight, 'recent': list(self.recent)}

    def reset(self):
        with self.lock:
            for counter in self.counts.values():
                counter.clear()
            self.recent.clear()
            self.fired = 0
            self.max_in_flight = self.in_flight


def from_flag(given):
    """Reads the value of --faults: JSON, or @file."""
    if given.startswith('@'):
        with open(given[1:], encoding='utf-8') as file:
            given = file.read()
    return json.loads(given)


def version_of(text):
    match = re.fullmatch(r'(\d+)\.(\d+)(?:\.(\d+))?', text)
    if not match:
        raise ValueError(f'not a version: {text}')
    return int(match[1]), int(match[2]), int(match[3] or 0)
