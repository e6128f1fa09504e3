#!/usr/bin/env python3
"""The step lookup against a real PostgreSQL, which is started here on a socket of its own.

Exit status 77 (skipped) where Debian's package postgresql is not installed.
"""

import contextlib
import glob
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from kit import environment, point, stream, transform

TABLES = r"""
CREATE TABLE authors (id bigint PRIMARY KEY, name text, born int, score float8, active bool,
                      more jsonb, at timestamptz);
INSERT INTO authors VALUES
  (1, 'Ada', 1815, 0.1, true, '{"a": [1, 2]}', '1815-12-10 01:00:00+01'),
  (2, E'Gr''ace "x"; DROP TABLE authors; --\n\\', NULL, 1e300, false, NULL, NULL),
  (3, '', -5, 'NaN', NULL, '9007199254740993', NULL),
  (9007199254740993, 'big', 2147483647, 5, NULL, '"s"', NULL);
CREATE TABLE keys (id text, v text);
INSERT INTO keys VALUES ('plain', 'a'), ('it''s "q"\{},', 'b'), ('größe 😀', 'c'), ('NULL', 'd'),
  (E'two\nlines', 'e'), ('5', 'five'), ('twice', 'x'), ('twice', 'y'), (NULL, 'n');
CREATE TABLE uuids (id uuid, v int);
INSERT INTO uuids VALUES ('0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9f0001', 7);
CREATE TABLE "Odd Name" ("The Id" smallint, "a""b" text, select_ text);
INSERT INTO "Odd Name" VALUES (1, 'odd', 'x');
CREATE TABLE dates (id date, v int);
CREATE SCHEMA other; CREATE TABLE other.t (id int, v text); INSERT INTO other.t VALUES (1, 'o');
CREATE TABLE many AS SELECT i AS id, 'v' || i AS v FROM generate_series(1, 5000) AS i;
CREATE ROLE weak LOGIN PASSWORD 'sesame-street';
"""


def programs():
    """The folder of PostgreSQL's programs, or None."""
    found = sorted(glob.glob('/usr/lib/postgresql/*/bin/initdb'))
    given = shutil.which('initdb')
    return os.path.dirname(found[-1] if found else given) if found or given else None


class Postgres:
    """A cluster in a temporary folder. PostgreSQL does not run as root, so another user does it."""

    def __init__(self, folder):
        self.folder, self.bin = folder, programs()
        self.user = None
        if os.getuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            self.user = 'postgres' if 'postgres' in names else 'nobody'
            shutil.chown(folder, self.user)
        self.env = {'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'HOME': folder}
        self.run(
            'initdb', '-D', folder + '/data', '-U', 'me', '-A', 'trust', '-E', 'UTF8', '--no-sync'
        )
        hba = pathlib.Path(folder, 'data/pg_hba.conf')
        hba.write_text('local all weak scram-sha-256\nlocal all all trust\n', encoding='ascii')
        self.process = None
        self.start()
        self.sql(TABLES)

    def run(self, name, *args):
        subprocess.run(
            [f'{self.bin}/{name}', *args],
            env=self.env,
            user=self.user,
            cwd=self.folder,
            check=True,
            capture_output=True,
        )

    def start(self):
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [
                f'{self.bin}/postgres',
                '-D',
                self.folder + '/data',
                '-k',
                self.folder,
                '-c',
                'listen_addresses=',
                '-c',
                'fsync=off',
            ],
            env=self.env,
            user=self.user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            with contextlib.suppress(subprocess.CalledProcessError):
                self.run('psql', '-h', self.folder, '-U', 'me', '-d', 'postgres', '-c', 'SELECT 1')
                return
            time.sleep(0.1)
        raise RuntimeError('PostgreSQL did not start')

    def sql(self, text):
        self.run(
            'psql',
            '-h',
            self.folder,
            '-U',
            'me',
            '-d',
            'postgres',
            '-v',
            'ON_ERROR_STOP=1',
            '-c',
            text,
        )

    def stop(self):
        self.process.terminate()  # smart shutdown; clients are gone by now
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


SERVER = None


class Case(unittest.TestCase):
    def env(self, **more):
        return environment(PGHOST=SERVER.folder, PGUSER='me', PGDATABASE='postgres', **more)

    def look(self, settings, lines, *flags, env=None):
        step = {'lookup': {'key': 'k', 'column': 'id', **settings}}
        return transform([step], stream(lines), *flags, env=env or self.env())

    def payloads(self, settings, *payloads, **more):
        done = self.look(settings, [point(i, p) for i, p in enumerate(payloads)], **more)
        self.assertEqual(done.status, 0, done.err)
        return [line['payload'] for line in done.points]

    def refused(self, done, status, *words):
        self.assertEqual(done.status, status, done.err)
        for word in words:
            self.assertIn(word, done.err)


AUTHORS = {'table': 'authors', 'take': ['name']}

# name, settings, payload, what is added to it (or the error)
ROWS = [
    ('a number', AUTHORS, {'k': 1}, {'name': 'Ada'}),
    ('a text', AUTHORS, {'k': '1'}, {'name': 'Ada'}),
    ('a number written otherwise', AUTHORS, {'k': 1.0}, {'name': 'Ada'}),
    ('2^53+1', AUTHORS, {'k': 9007199254740993}, {'name': 'big'}),
    ('2^53', AUTHORS, {'k': 9007199254740992}, {}),
    ('beyond bigint', AUTHORS, {'k': 2**64 - 1}, {}),
    ('no number at all', AUTHORS, {'k': 'x'}, {}),
    ('a hostile text', AUTHORS, {'k': "1') OR true --"}, {}),
    ('absent', AUTHORS, {'x': 1}, {}),
    ('null', AUTHORS, {'k': None}, {}),
    ('empty', AUTHORS, {'k': ''}, {}),
    ('an array', AUTHORS, {'k': [1]}, ValueError("'k' is of type array and no key: [1]")),
    (
        'what SQL could mistake',
        AUTHORS,
        {'k': 2},
        {'name': 'Gr\'ace "x"; DROP TABLE authors; --\n\\'},
    ),
    ('an empty text is no NULL', AUTHORS, {'k': 3}, {'name': ''}),
    (
        'types',
        {
            'table': 'authors',
            'take': {
                'born': 'b as integer',
                'score': 's as float',
                'active': 'a as bool',
                'more': 'm as json',
                'at': 'at',
            },
        },
        {'k': 1},
        {'b': 1815, 's': 0.1, 'a': True, 'm': {'a': [1, 2]}, 'at': '1815-12-10 00:00:00+00'},
    ),
    (
        'NULL is absent',
        {'table': 'authors', 'take': {'born': 'b as integer', 'more': 'm', 'at': 'x'}},
        {'k': 2, 'm': 'stays'},
        {'m': 'stays'},
    ),
    (
        'NaN is no float',
        {'table': 'authors', 'take': {'score': 's as float'}},
        {'k': 3},
        ValueError('column \'score\' of the key "3" is no float: "NaN"'),
    ),
    (
        'json keeps integers',
        {'table': 'authors', 'take': {'more': 'm as json'}},
        {'k': 3},
        {'m': 9007199254740993},
    ),
    ('text keys', {'table': 'keys', 'take': ['v']}, {'k': 'it\'s "q"\\{},'}, {'v': 'b'}),
    ('unicode', {'table': 'keys', 'take': ['v']}, {'k': 'größe \U0001f600'}, {'v': 'c'}),
    ('the word NULL', {'table': 'keys', 'take': ['v']}, {'k': 'NULL'}, {'v': 'd'}),
    ('two lines', {'table': 'keys', 'take': ['v']}, {'k': 'two\nlines'}, {'v': 'e'}),
    ('a number in a text column', {'table': 'keys', 'take': ['v']}, {'k': 5}, {'v': 'five'}),
    ('U+0000', {'table': 'keys', 'take': ['v']}, {'k': 'a\0b'}, {}),
    (
        'uuid',
        {'table': 'uuids', 'take': {'v': 'v as integer'}},
        {'k': '0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9f0001'},
        {'v': 7},
    ),
    (
        'uuid, spelled otherwise',
        {'table': 'uuids', 'take': {'v': 'v as integer'}},
        {'k': '0B1C9F0E4D0A4B6E9A532F6F1F9F0001'},
        {'v': 7},
    ),
    ('no uuid', {'table': 'uuids', 'take': {'v': 'v as integer'}}, {'k': 'x'}, {}),
    (
        'odd names',
        {'table': 'Odd Name', 'column': 'The Id', 'take': {'a"b': 'o'}},
        {'k': 1},
        {'o': 'odd'},
    ),
    ('a schema', {'table': 'other.t', 'take': ['v']}, {'k': 1}, {'v': 'o'}),
    (
        'a query',
        {'query': 'SELECT id, upper(name) AS n FROM authors -- all of them\n;', 'take': ['n']},
        {'k': 1},
        {'n': 'ADA'},
    ),
    (
        'a cast key',
        {'query': 'SELECT id::text AS id, v FROM dates', 'take': ['v']},
        {'k': '2020-01-01'},
        {},
    ),
    ('huge', {'table': 'keys', 'take': ['v']}, {'k': 'x' * 1000000}, {}),
    (
        'required',
        {**AUTHORS, 'required': True},
        {'k': 77},
        ValueError('the key "77" of \'k\' is not in PostgreSQL'),
    ),
    (
        'duplicates',
        {'table': 'keys', 'take': ['v']},
        {'k': 'twice'},
        KeyError('there is more than one row'),
    ),
]


class Rows(Case):
    def test_rows(self):
        for name, settings, payload, want in ROWS:
            with self.subTest(name):
                done = self.look(settings, [point(1, payload)])
                if isinstance(want, ValueError):
                    self.refused(done, 65, str(want), "collection 'A', id 1")
                elif isinstance(want, KeyError):
                    self.refused(done, 78, want.args[0])
                else:
                    self.assertEqual(done.status, 0, done.err)
                    self.assertEqual(done.points[0]['payload'], {**payload, **want})

    def test_first_of_duplicates(self):
        got = self.payloads({'table': 'keys', 'take': ['v'], 'duplicates': 'first'}, {'k': 'twice'})
        self.assertIn(got[0]['v'], ('x', 'y'))


class Server(Case):
    MANY = {'table': 'many', 'take': ['v']}

    def many(self):
        return [{'k': i * 37 % 6000} for i in range(6000)], [
            {
                'k': i * 37 % 6000,
                **({'v': f'v{i * 37 % 6000}'} if 0 < i * 37 % 6000 <= 5000 else {}),
            }
            for i in range(6000)
        ]

    def test_many(self):
        payloads, want = self.many()
        self.assertEqual(self.payloads(self.MANY, *payloads), want)
        self.assertEqual(self.payloads({**self.MANY, 'memory': 1000}, *payloads), want)

    def test_report(self):
        done = self.look(AUTHORS, [point(i, {'k': k}) for i, k in enumerate((1, 77, 78, None))])
        self.assertEqual(done.status, 0, done.err)
        self.assertIn('2 of 4 points have a key that is not in PostgreSQL', done.err)
        self.assertIn('the first: "77"', done.err)
        self.assertIn("1 of 4 points have no key in 'k'", done.err)

    def test_schema(self):
        done = self.look({'table': 'authors', 'take': {'born': 'b as integer'}}, [])
        self.assertEqual(done.collections[0]['payload'], {'b': {'type': 'integer', 'index': False}})

    def test_bad_settings(self):
        for settings, words in (
            ({'table': 'nothing', 'take': ['v']}, 'relation "nothing" does not exist'),
            ({'table': 'keys', 'take': ['w']}, 'column "w" does not exist'),
            ({'query': 'SELEC 1', 'take': ['v']}, 'syntax error'),
            ({'query': 'DELETE FROM keys RETURNING id, v', 'take': ['v']}, 'syntax error'),
            ({'table': 'dates', 'take': ['v']}, "column 'id' must be text, an integer or a uuid"),
        ):
            with self.subTest(words):
                self.refused(self.look(settings, [point(1, {'k': 1})]), 78, words)

    def test_read_only(self):
        SERVER.sql(
            'CREATE OR REPLACE FUNCTION wipe() RETURNS TABLE (id text, v text) AS '
            '$$ DELETE FROM keys RETURNING id, v $$ LANGUAGE sql'
        )
        done = self.look(
            {'query': 'SELECT * FROM wipe()', 'take': ['v']}, [point(1, {'k': 'plain'})]
        )
        self.refused(done, 78, 'read-only transaction')
        self.assertEqual(
            self.payloads({'table': 'keys', 'take': ['v']}, {'k': 'plain'})[0]['v'], 'a'
        )

    def test_addresses(self):
        bare = environment()
        for settings, env in (
            ({'postgres': f'host={SERVER.folder} user=me dbname=postgres'}, bare),
            ({'postgres': f'postgresql:///postgres?host={SERVER.folder}&user=me'}, bare),
            ({}, environment(POSTGRES_URL=f'host={SERVER.folder} user=me dbname=postgres')),
        ):
            with self.subTest(settings):
                self.assertEqual(
                    self.payloads({**AUTHORS, **settings}, {'k': 1}, env=env)[0]['name'], 'Ada'
                )

    def test_not_there(self):
        env = environment(PGHOST='/nowhere', PGUSER='me', PGDATABASE='x')
        self.refused(
            self.look(AUTHORS, [point(1, {'k': 1})], env=env), 69, "database 'x' on /nowhere"
        )

    def test_password(self):
        base = f'host={SERVER.folder} user=weak dbname=postgres'
        lines = [point(1, {'k': 1})]
        for url in (base, base + ' password=wrong-sesame'):
            done = self.look(AUTHORS, lines, env=environment(POSTGRES_URL=url))
            self.refused(done, 77, 'PostgreSQL')
            self.assertNotIn('sesame', done.err)
        done = self.look(
            AUTHORS, lines, env=environment(POSTGRES_URL=base + ' password=sesame-street')
        )
        self.refused(done, 77, 'permission denied for table authors')
        done = self.look(
            AUTHORS, lines, env=environment(POSTGRES_URL='postgresql://me:sesame@[half')
        )
        self.refused(done, 64, 'is neither a URI')
        self.assertNotIn('sesame', done.err)

    def test_slow(self):
        done = self.look(
            {'query': 'SELECT id, v FROM keys, pg_sleep(30)', 'take': ['v'], 'timeout': 1},
            [point(1, {'k': 'plain'})],
        )
        self.refused(done, 69, 'no answer within 1 s')

    def test_stop_signal(self):
        step = {
            'lookup': {
                'key': 'k',
                'column': 'id',
                'take': ['v'],
                'query': 'SELECT id, v FROM keys, pg_sleep(30)',
            }
        }
        with subprocess.Popen(
            [
                os.environ['FORTRESS_BIN'] + '/fortress-transform',
                '--step',
                json.dumps(step),
                '--reseal',
                '--plain',
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self.env(),
        ) as process:
            process.stdin.write(stream([point(1, {'k': 'plain'})]).encode())
            process.stdin.close()
            time.sleep(1)
            process.terminate()
            self.assertEqual(process.wait(10), 143)

    def test_broken_connection(self):
        """The server goes down between two batches, and comes back."""
        big = 'x' * 2000000
        step = {'lookup': {'key': 'k', 'column': 'id', **AUTHORS}}
        text = stream(
            [point(1, {'k': 1, 'big': big}), point(2, {'k': 9007199254740993, 'big': big})]
        )
        half = text.index('"id": 2')
        with subprocess.Popen(
            [
                os.environ['FORTRESS_BIN'] + '/fortress-transform',
                '--step',
                json.dumps(step),
                '--reseal',
                '--plain',
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.env(),
        ) as process:
            process.stdin.write(text[:half].encode())
            process.stdin.flush()
            time.sleep(1)
            SERVER.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'fortress'"
            )
            out, err = process.communicate(text[half:].encode(), timeout=60)
        self.assertEqual(process.returncode, 0, err)
        names = [
            json.loads(line)['payload']['name']
            for line in out.splitlines()
            if b'"point"' in line[:20]
        ]
        self.assertEqual(names, ['Ada', 'big'])


def main():
    global SERVER  # pylint: disable=global-statement
    if not programs():
        print('skipped: PostgreSQL is not installed; apt-get install postgresql', file=sys.stderr)
        return 77
    # A short path: the name of a socket has at most 107 bytes.
    with tempfile.TemporaryDirectory(
        prefix='pg-', dir='/tmp', ignore_cleanup_errors=True
    ) as folder:
        SERVER = Postgres(folder)
        try:
            result = unittest.main(exit=False).result
        finally:
            SERVER.stop()
    return 0 if result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main())
