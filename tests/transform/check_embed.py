#!/usr/bin/env python3
"""The step embed against the endpoint of tests/sandbox/embed_server.py, with all that goes wrong.

What must come out is computed here, by the endpoint's own function of model, size and text.
"""

import json
import os
import pathlib
import stat
import subprocess
import tempfile
import time
import unittest

from kit import BIN, COLLECTION, digest, environment, floats, point, stream, transform
import embed_server

MODEL = 'fake-8'


class Case(unittest.TestCase):
    def setUp(self):
        self.app = embed_server.Embeddings(max_characters=5000)
        self.server = embed_server.serve(self.app)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        scratch = tempfile.TemporaryDirectory(prefix='embed-')
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def env(self, **more):
        return environment(XDG_CACHE_HOME=str(self.scratch), EMBED_URL=self.server.url, **more)

    def run_steps(self, settings, lines, *flags, collection=COLLECTION, env=None, first=()):
        step = {'embed': {'text': 'text', 'model': MODEL, **settings}}
        return transform([*first, step], stream(lines, collection), *flags, env=env or self.env())

    def fail_with(self, *rules):
        self.app.faults.load({'rules': list(rules)})

    def texts(self):
        """All texts that were asked for, but for the one that asks for the size."""
        return [text for asked in self.app.asked for text in asked['texts'] if text != 'a']

    def check(self, done, texts, size=8, model=MODEL, vector=''):
        self.assertEqual((done.status, done.err.count('error')), (0, 0), done.err)
        self.assertEqual(len(done.points), len(texts))
        for line, text in zip(done.points, texts):
            got = line.get('vector')
            if vector and got is not None:
                got = got.get(vector)
            if text is None:
                self.assertIsNone(got)
            else:
                self.assertEqual(floats(got), embed_server.vector(model, size, text))


# name, settings, payload, text that is embedded (None: none; an Exception's text: the error)
ROWS = [
    ('a property', {}, {'text': 'one'}, 'one'),
    ('absent', {}, {'x': 1}, None),
    ('null', {}, {'text': None}, None),
    ('empty', {}, {'text': ''}, None),
    ('blank', {}, {'text': ' \n\t'}, None),
    ('a number', {}, {'text': 9007199254740993}, '9007199254740993'),
    ('a boolean', {}, {'text': True}, 'true'),
    ('an array', {}, {'text': ['b', None, 5, ['c']]}, 'b, 5, c'),
    ('an empty array', {}, {'text': []}, None),
    ('an object', {}, {'text': {'de': 'x'}}, ValueError("'text': it is an object and no text")),
    ('unicode', {}, {'text': 'Größe \U0001f600 日本語'}, 'Größe \U0001f600 日本語'),
    ('quotes and controls', {}, {'text': 'a"b\\c\n\u0001'}, 'a"b\\c\n\u0001'),
    ('U+0000', {}, {'text': 'a\0b'}, 'a\0b'),
    ('a pattern', {'text': '{title}\n{text}'}, {'title': 'T', 'text': 'x'}, 'T\nx'),
    ('a pattern, half', {'text': '{title}\n{text}'}, {'text': 'x'}, '\nx'),
    ('a pattern, nothing', {'text': 'About {title}'}, {'title': ' '}, None),
    ('braces', {'text': '{{{title}}}'}, {'title': 'T'}, '{T}'),
    ('nested and id', {'text': '{a.b} {@id} {@collection}'}, {'a': {'b': 'x'}}, 'x 1 A'),
    ('elements', {'text': '{parts.n}'}, {'parts': [{'n': 1}, {'n': 2}]}, '1, 2'),
    ('reject', {'missing': 'reject'}, {'x': 1}, ValueError("it has no text to embed ('text')")),
    ('huge', {}, {'text': 'x ' * 2400}, 'x ' * 2400),
    (
        'too long for the model',
        {},
        {'text': 'x' * 5001},
        ValueError("the endpoint refuses its text: POST http://"),
    ),
]


class Rows(Case):
    def test_rows(self):
        for name, settings, payload, want in ROWS:
            with self.subTest(name):
                done = self.run_steps(settings, [point(1, payload)])
                if isinstance(want, ValueError):
                    self.assertEqual(done.status, 65, done.err)
                    self.assertIn(str(want), done.err)
                    self.assertIn("collection 'A', id 1, line 3", done.err)
                else:
                    self.check(done, [want])
                    self.assertEqual(done.points[0]['payload'], payload)


class Streams(Case):
    def test_order_and_batches(self):
        """Several requests in flight; each text goes to its own point."""
        self.fail_with({'latency_ms': 30, 'jitter_ms': 30})
        texts = [f'text {i}' for i in range(700)]
        done = self.run_steps(
            {'batch': 10, 'in_flight': 8}, [point(i, {'text': t}) for i, t in enumerate(texts)]
        )
        self.check(done, texts)
        self.assertEqual([line['id'] for line in done.points], list(range(700)))
        self.assertEqual(sorted(self.texts()), sorted(texts))
        self.assertTrue(all(len(asked['texts']) <= 10 for asked in self.app.asked))
        most = self.app.faults.report()['max_in_flight']
        self.assertTrue(2 <= most <= 8, most)

    def test_few_texts_are_spread(self):
        self.fail_with({'latency_ms': 100})
        done = self.run_steps({'dimensions': 8}, [point(i, {'text': f't{i}'}) for i in range(8)])
        self.check(done, [f't{i}' for i in range(8)])
        self.assertEqual([len(a['texts']) for a in self.app.asked], [2, 2, 2, 2])

    def test_bytes_of_a_request(self):
        texts = [f'{i}' * 100 for i in range(1, 10)] + ['long' * 500]
        done = self.run_steps(
            {'batch_bytes': 250, 'dimensions': 8},
            [point(i, {'text': t}) for i, t in enumerate(texts)],
        )
        self.check(done, texts)
        sizes = [sum(map(len, a['texts'])) for a in self.app.asked]
        self.assertEqual(sorted(sizes)[-1], 2000)
        self.assertTrue(all(size <= 250 for size in sorted(sizes)[:-1]))

    def test_met_twice(self):
        texts = ['same', 'other', 'same'] * 20
        done = self.run_steps({}, [point(i, {'text': t}) for i, t in enumerate(texts)])
        self.check(done, texts)
        self.assertEqual(sorted(self.texts()), ['other', 'same'])

    def test_declaration(self):
        done = self.run_steps({'vector': 'body', 'dimensions': 4}, [point(1, {'text': 'x'})])
        self.check(done, ['x'], size=4, vector='body')
        self.assertEqual(
            done.collections[0]['vectors'], {'body': {'size': 4, 'distance': 'Cosine'}}
        )
        self.assertEqual(self.app.asked[0]['dimensions'], 4)
        self.assertEqual(self.app.asked[0]['format'], 'base64')
        self.assertIsNone(self.app.asked[0]['key'])

    def test_declared_before(self):
        """Size and perhaps distance change; what else is set for the vector stays."""
        had = {
            '': {'size': 3, 'distance': 'Dot', 'hnsw': {'m': 8}},
            'x': {'size': 2, 'distance': 'Dot'},
        }
        line = json.dumps({'type': 'collection', 'name': 'A', 'vectors': had})
        done = self.run_steps(
            {},
            [
                point(1, {'text': 't'}, vector={'': [1, 2, 3], 'x': [1, 2]}),
                point(2, {}, vector={'': [1, 2, 3], 'x': [3, 4]}),
            ],
            collection=line,
        )
        self.assertEqual(done.status, 0, done.err)
        want = {
            '': {'size': 8, 'distance': 'Dot', 'hnsw': {'m': 8}},
            'x': {'size': 2, 'distance': 'Dot'},
        }
        self.assertEqual(done.collections[0]['vectors'], want)
        self.assertEqual(floats(done.points[0]['vector']['']), embed_server.vector(MODEL, 8, 't'))
        self.assertEqual(floats(done.points[0]['vector']['x']), (1, 2))
        # The old vector of a point without text would not fit any more.
        self.assertEqual(list(done.points[1]['vector']), ['x'])
        done = self.run_steps({'distance': 'Euclid'}, [point(1, {'text': 't'})], collection=line)
        self.assertEqual(done.collections[0]['vectors']['']['distance'], 'Euclid')

    def test_chunk_before(self):
        had = {
            '': {'size': 3, 'distance': 'Dot', 'on_disk': True},
            'x': {'size': 2, 'distance': 'Dot'},
        }
        line = json.dumps({'type': 'collection', 'name': 'A', 'vectors': had, 'payload': {}})
        done = self.run_steps(
            {},
            [point(1, {'text': 'one two'}, vector={'': [1, 2, 3], 'x': [1, 2]})],
            collection=line,
            first=['{chunk: {property: text, size: 3, overlap: 0}}'],
        )
        self.check(done, ['one', 'two'])
        self.assertEqual(
            done.collections[0]['vectors'], {'': {'distance': 'Dot', 'on_disk': True, 'size': 8}}
        )

    def test_dead_letters(self):
        letters = self.scratch / 'dead.ndjson'
        lines = [point(1, {'text': 'x' * 6000}), point(2, {'text': 'good'}), point(3, {'text': {}})]
        done = self.run_steps({}, lines, '--on-error=dead-letter', f'--dead-letter={letters}')
        self.assertEqual(done.status, 3, done.err)
        self.assertEqual([line['id'] for line in done.points], [2])
        dead = [json.loads(line) for line in letters.read_text(encoding='utf-8').splitlines()]
        self.assertEqual([line['id'] for line in dead if line['type'] == 'point'], [1, 3])


class Failures(Case):
    def one(self, settings=None, **more):
        return self.run_steps(
            {'dimensions': 8, 'cache': 'none', **(settings or {})},
            [point(1, {'text': 'one'})],
            **more,
        )

    def refused(self, done, status, *words):
        self.assertEqual(done.status, status, done.err)
        for word in words:
            self.assertIn(word, done.err)
        self.assertEqual(done.err.count('error: '), 1, done.err)

    def test_tried_again(self):
        for rule in (
            {'status': 500},
            {'status': 503, 'retry_after': 1},
            {'status': 429, 'retry_after': 1},
            {'cut': 40},
            {'cut': -1},
        ):
            with self.subTest(rule):
                self.fail_with({**rule, 'count': 2})
                began = time.monotonic()
                self.check(self.one(), ['one'])
                if 'retry_after' in rule:
                    self.assertGreater(time.monotonic() - began, 2)

    def test_all_wait_after_429(self):
        self.fail_with({'status': 429, 'retry_after': 2, 'count': 1})
        texts = [f't{i}' for i in range(40)]
        done = self.run_steps(
            {'dimensions': 8, 'batch': 2, 'in_flight': 2},
            [point(i, {'text': t}) for i, t in enumerate(texts)],
        )
        self.check(done, texts)
        times = sorted(asked['at'] for asked in self.app.asked)
        # One may have been under way; the others came two seconds later.
        self.assertGreater(times[2] - times[0], 1.5)

    def test_tries_used_up(self):
        self.fail_with({'status': 502, 'message': 'no luck'})
        self.refused(
            self.one({'retries': 1}), 75, 'HTTP 502: no luck; tried 2 times', 'step 1 (embed)'
        )

    def test_slow(self):
        self.fail_with({'latency_ms': 3000})
        self.refused(self.one({'timeout': 0.5, 'retries': 0}), 69, 'a longer --timeout may help')

    def test_not_there(self):
        env = environment(EMBED_URL='http://127.0.0.1:9')
        self.refused(self.one({'retries': 0}, env=env), 69, 'is the server up')

    def test_wrong_answers(self):
        for quirk, words in (
            ('count', '0 embeddings for 1 texts'),
            ('twice', 'embedding 0 comes twice'),
            ('dimension', 'a vector of 7 numbers, where 8 were asked for'),
            ('nan', 'NaN or infinity at place 0'),
            ('html', 'none of an embeddings endpoint'),
        ):
            with self.subTest(quirk):
                self.app.set_quirk(quirk)
                self.refused(self.one(), 76, words)

    def test_ragged(self):
        self.app.set_quirk('ragged')
        done = self.run_steps(
            {'dimensions': 8, 'in_flight': 1}, [point(i, {'text': f't{i}'}) for i in range(3)]
        )
        self.refused(done, 76, 'embeddings of 8 and of 7 numbers')

    def test_size_that_changes(self):
        done = self.run_steps({'cache': 'none'}, [point(1, {'text': 'x'})])
        self.check(done, ['x'])
        self.app.set_quirk('dimension', 1)  # for the question after the size alone
        done = self.run_steps({'cache': 'none'}, [point(1, {'text': 'x'})])
        self.refused(done, 76, 'a vector of 8 numbers, where 7 came before')

    def test_other_forms(self):
        for quirk in ('order', 'numbers', 'bare'):
            with self.subTest(quirk):
                self.app.set_quirk(quirk)
                texts = [f't{i}' for i in range(20)]
                done = self.run_steps(
                    {'cache': 'none', 'in_flight': 2},
                    [point(i, {'text': t}) for i, t in enumerate(texts)],
                )
                self.check(done, texts)
        self.app.set_quirk(None)
        self.check(self.one({'encoding': 'float'}), ['one'])
        self.assertEqual(self.app.asked[-1]['format'], 'float')

    def test_text_at_fault_among_good_ones(self):
        lines = [point(i, {'text': 'x' * 6000 if i == 13 else f't{i}'}) for i in range(40)]
        self.refused(
            self.run_steps({'in_flight': 1, 'cache': 'none'}, lines),
            65,
            'id 13',
            "maximum context length is 5000",
        )
        # Halves, down to the one: all others were taken.
        self.assertEqual(len({t for t in self.texts() if len(t) < 10}), 39)

    def test_model_and_dimensions(self):
        self.refused(
            self.run_steps({'model': 'none'}, [point(1, {'text': 'x'})]),
            78,
            'The model `none` does not exist',
            "is the model 'none' there",
        )
        self.refused(
            self.run_steps({'model': 'fake-fixed-8', 'dimensions': 4}, [point(1, {'text': 'x'})]),
            65,
            'does not support specifying dimensions',
        )

    def test_batch_too_large_for_the_server(self):
        self.app.max_batch = 3
        texts = [f't{i}' for i in range(10)]
        done = self.run_steps(
            {'in_flight': 1}, [point(i, {'text': t}) for i, t in enumerate(texts)]
        )
        self.check(done, texts)

    def test_quota(self):
        self.app.set_quirk('quota')
        self.refused(self.one(), 77, 'You exceeded your current quota')


class Keys(Case):
    def setUp(self):
        super().setUp()
        self.app.key = 'sesame-street'

    def one(self, **env):
        return self.run_steps(
            {'cache': 'none'}, [point(1, {'text': 'one'})], '-v', env=self.env(**env)
        )

    def test_keys(self):
        file = self.scratch / 'key'
        file.write_text('sesame-street\n', encoding='ascii')
        for env in (
            {'EMBED_API_KEY': 'sesame-street'},
            {'OPENAI_API_KEY': 'sesame-street'},
            {'EMBED_API_KEY_FILE': str(file)},
            {'OPENAI_API_KEY_COMMAND': f'cat {file}'},
            {'EMBED_API_KEY': 'sesame-street', 'OPENAI_API_KEY': 'other'},
        ):
            with self.subTest(env):
                done = self.one(**env)
                self.check(done, ['one'])
                self.assertNotIn('sesame', done.err)

    def test_no_key(self):
        done = self.one()
        self.assertEqual(done.status, 77)
        self.assertIn('no key was sent: set EMBED_API_KEY', done.err)

    def test_wrong_key_is_not_shown(self):
        self.app.set_quirk('echo')
        done = self.one(EMBED_API_KEY='sesame-street')
        self.assertEqual(done.status, 77)
        self.assertIn('No such key', done.err)
        self.assertNotIn('sesame', done.err)

    def test_key_in_the_mapping(self):
        done = self.run_steps({'key': 'sesame-street'}, [point(1, {'text': 'one'})])
        self.assertEqual(done.status, 78)
        self.assertIn(
            'a secret does not belong into a file of settings; set EMBED_API_KEY', done.err
        )


class Cache(Case):
    def go(self, settings=None, texts=('one', 'two')):
        done = self.run_steps(settings or {}, [point(i, {'text': t}) for i, t in enumerate(texts)])
        self.check(
            done,
            texts,
            **{k: v for k, v in (settings or {}).items() if k == 'model'},
            size=(settings or {}).get('dimensions', 8),
        )
        return done

    def test_second_run(self):
        first = self.go()
        asked = len(self.app.asked)
        second = self.go()
        self.assertEqual(len(self.app.asked), asked)
        self.assertEqual(digest(first.points), digest(second.points))
        self.assertIn('2 from the cache', second.err)
        self.go(texts=('two', 'three'))
        self.assertEqual(self.texts()[-1:], ['three'])
        file = self.scratch / 'fortress/embed.sqlite'
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        self.assertNotIn(b'three', file.read_bytes())

    def test_keys(self):
        self.go()
        self.go({'dimensions': 4})
        self.go({'model': 'fake-fixed-8'})
        self.assertEqual(len(self.texts()), 6)

    def test_none(self):
        self.go({'cache': 'none'})
        self.go({'cache': 'none'})
        self.assertEqual(len(self.texts()), 4)
        self.assertFalse((self.scratch / 'fortress').exists())

    def test_what_was_paid_for_is_kept(self):
        """A run that fails later keeps the vectors of the batches before."""
        self.fail_with({'status': 400, 'skip': 6})
        lines = [point(i, {'text': f't{i} ' + 'x' * 4000}) for i in range(600)]
        done = self.run_steps({'batch': 50, 'batch_bytes': '1MiB', 'dimensions': 8}, lines)
        self.assertNotEqual(done.status, 0)
        before = len(self.texts())
        self.fail_with()
        done = self.run_steps({'batch': 50, 'batch_bytes': '1MiB', 'dimensions': 8}, lines)
        self.assertEqual(done.status, 0, done.err)
        again = len(self.texts()) - before
        self.assertLess(again, 600)

    def test_damaged(self):
        file = self.scratch / 'c.sqlite'
        file.write_bytes(b'no data base at all, but long enough for a header of one ' * 4)
        done = self.run_steps({'cache': str(file)}, [point(1, {'text': 'x'})])
        self.assertEqual(done.status, 65)
        self.assertIn(str(file), done.err)
        self.assertIn('is damaged', done.err)

    def test_two_at_once(self):
        import concurrent.futures  # pylint: disable=import-outside-toplevel

        self.fail_with({'latency_ms': 20})
        texts = [f't{i}' for i in range(300)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            jobs = [
                pool.submit(self.go, {'batch': 7}, texts[k * 50 : k * 50 + 150]) for k in range(4)
            ]
            for job in jobs:
                job.result()


class Limits(Case):
    def test_requests_per_minute(self):
        texts = [f't{i}' for i in range(6)]
        done = self.run_steps(
            {'requests_per_minute': 120, 'batch': 1, 'dimensions': 8},
            [point(i, {'text': t}) for i, t in enumerate(texts)],
        )
        self.check(done, texts)
        times = [asked['at'] for asked in self.app.asked]
        self.assertGreater(times[-1] - times[0], 2.2)

    def test_tokens_per_minute(self):
        texts = [f'{i}' * 400 for i in range(5)]  # 101 tokens each: half a second
        done = self.run_steps(
            {'tokens_per_minute': 12120, 'batch': 1, 'dimensions': 8},
            [point(i, {'text': t}) for i, t in enumerate(texts)],
        )
        self.check(done, texts)
        times = [asked['at'] for asked in self.app.asked]
        self.assertGreater(times[-1] - times[0], 1.7)


class Plans(Case):
    def explain(self, settings, lines):
        step = {'embed': {'text': 'text', 'model': MODEL, **settings}}
        return subprocess.run(
            [str(BIN / 'fortress-transform'), '--explain', '--reseal', '--step', json.dumps(step)],
            input=stream(lines).encode(),
            env=self.env(),
            capture_output=True,
            timeout=60,
            check=False,
        )

    def test_cost(self):
        """Counted, nothing sent; what the cache knows costs nothing."""
        self.run_steps({}, [point(1, {'text': 'known'})])
        asked = len(self.app.asked)
        lines = [
            point(1, {'text': 'known'}),
            point(2, {'text': 'four word long text'}),
            point(3, {}),
            point(4, {'text': 'four word long text'}),
            point(5, {'text': 'ü' * 4000}),
        ]
        done = self.explain({'price': 20}, lines)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, b'')
        self.assertIn(b'+ vector   "" 8 Cosine', done.stdout)
        self.assertIn(
            b'step 1 (embed): 2 texts to embed by fake-8, 4,019 characters, about 1,004 tokens '
            b'(1 more from the cache), cost about 0.02\n',
            done.stdout,
        )
        self.assertEqual(len(self.app.asked), asked)


if __name__ == '__main__':
    unittest.main()
