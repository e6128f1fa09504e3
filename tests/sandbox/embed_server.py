#!/usr/bin/env python3
"""An embeddings endpoint for tests: POST /v1/embeddings as OpenAI has it. Standard library only.

The vector of a text is a pure function of model, size and text (`vector`). Models are called
fake-<size>; fake-fixed-<size> refuses other dimensions. A text of more than --max-characters is
refused with 400, and so is an empty one.

POST /_sandbox/faults makes requests fail (faults.py). POST /_sandbox/quirks with
{"kind": KIND, "times": N} makes the next N answers wrong:
  count      one embedding less           twice    index 0 comes twice
  dimension  one number less in each      ragged   in the last one only
  nan        a NaN (base64)               order    in reverse order, with their indexes
  numbers    numbers whatever was asked   bare     without indexes
  html       200 and a web page           quota    429 that no waiting cures
  echo       401 with the key in it
GET /_sandbox/asked: what the requests held: {"texts", "model", "dimensions", "format", "key"}
"""

import argparse
import base64
import hashlib
import signal
import struct
import sys
import threading
import time

import restbase
from faults import Faults


def vector(model, size, text):
    """The numbers, as float32 has them."""
    seed = f'{model}|{size}|{text}'.encode()
    raw = b''
    for i in range((size * 4 + 31) // 32):
        raw += hashlib.sha256(seed + i.to_bytes(4, 'little')).digest()
    whole = struct.unpack(f'<{size}i', raw[: size * 4])
    return struct.unpack(f'<{size}f', struct.pack(f'<{size}f', *(n / 2**31 for n in whole)))


def packed(numbers):
    return base64.b64encode(struct.pack(f'<{len(numbers)}f', *numbers)).decode()


class Embeddings(restbase.App):
    def __init__(self, key=None, max_characters=32768, max_batch=2048):
        super().__init__(Faults())
        self.key, self.max_characters, self.max_batch = key, max_characters, max_batch
        self.quirk, self.times = None, 0
        self.asked, self.lock = [], threading.Lock()
        self.route('POST', '/v1/embeddings', self.embed)
        self.route('POST', '/_sandbox/quirks', self._set_quirk)
        self.route('GET', '/_sandbox/asked', lambda r: self.asked)

    def set_quirk(self, kind, times=1 << 30):
        with self.lock:
            self.quirk, self.times = kind, times

    def _set_quirk(self, request):
        body = request.json()
        self.set_quirk(body.get('kind'), body.get('times', 1 << 30))

    def fault_body(self, status, message):
        return {'error': {'message': message, 'type': 'server_error', 'code': None}}

    def _take_quirk(self):
        with self.lock:
            if self.quirk and self.times > 0:
                self.times -= 1
                return self.quirk
        return None

    def _refuse(self, message, status=400, code=None):
        raise restbase.HttpError(status, {'error': {'message': message, 'code': code}})

    def authorize(self, request):
        if self.key and request.headers.get('Authorization') != f'Bearer {self.key}':
            self._refuse('Incorrect API key provided.', 401, 'invalid_api_key')

    def _size(self, body):
        kind, _, own = body.get('model', '').rpartition('-')
        if kind not in ('fake', 'fake-fixed') or not own.isdigit():
            self._refuse(f'The model `{body.get("model")}` does not exist', 404, 'model_not_found')
        wanted = body.get('dimensions')
        if wanted and kind == 'fake-fixed' and wanted != int(own):
            self._refuse('This model does not support specifying dimensions.')
        return wanted or int(own)

    def embed(self, request):
        body = request.json()
        size = self._size(body)
        texts = body['input'] if isinstance(body['input'], list) else [body['input']]
        with self.lock:
            self.asked.append(
                {
                    'texts': texts,
                    'model': body['model'],
                    'at': time.monotonic(),
                    'dimensions': body.get('dimensions'),
                    'format': body.get('encoding_format'),
                    'key': request.headers.get('Authorization'),
                }
            )
        if len(texts) > self.max_batch:
            self._refuse(f'batch size {len(texts)} > maximum {self.max_batch}', 413)
        for text in texts:
            if not text:
                self._refuse("'$.input' is invalid: an empty text")
            if len(text) > self.max_characters:
                self._refuse(f"This model's maximum context length is {self.max_characters}")
        return self._answer(request, body, texts, size, self._take_quirk())

    def _answer(self, request, body, texts, size, quirk):
        if quirk == 'html':
            return restbase.Reply(200, b'<html>Welcome</html>', {'Content-Type': 'text/html'})
        if quirk == 'quota':
            self._refuse('You exceeded your current quota', 429, 'insufficient_quota')
        if quirk == 'echo':
            self._refuse('No such key: ' + request.headers.get('Authorization', ''), 401)
        rows = [vector(body['model'], size, text) for text in texts]
        if quirk in ('dimension', 'ragged'):
            first = 0 if quirk == 'dimension' else len(rows) - 1
            rows = [row[:-1] if i >= first else row for i, row in enumerate(rows)]
        if quirk == 'nan':
            rows[-1] = (float('nan'),) + rows[-1][1:]
        base = body.get('encoding_format') == 'base64' and quirk != 'numbers'
        data = [
            {'object': 'embedding', 'index': i, 'embedding': packed(row) if base else row}
            for i, row in enumerate(rows)
        ]
        if quirk == 'count':
            data.pop()
        if quirk == 'twice':
            data.append(data[0])
        if quirk == 'order':
            data.reverse()
        if quirk == 'bare':
            for item in data:
                del item['index']
        tokens = sum(len(text) // 4 + 1 for text in texts)
        return {
            'object': 'list',
            'data': data,
            'model': body['model'],
            'usage': {'prompt_tokens': tokens, 'total_tokens': tokens},
        }


def serve(app, host='127.0.0.1', port=0):
    """A server that runs in a thread of its own; its address is `url`."""
    server = restbase.Server((host, port), app, lambda text: print(text, file=sys.stderr))
    server.url = f'http://{host}:{server.server_address[1]}'
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--port', type=int, default=8089, help='0 takes a free one')
    parser.add_argument('--api-key')
    parser.add_argument('--max-characters', type=int, default=32768)
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = serve(Embeddings(args.api_key, args.max_characters), args.host, args.port)
    print(server.url, flush=True)
    signal.pause()


if __name__ == '__main__':
    main()
