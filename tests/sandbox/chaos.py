#!/usr/bin/env python3
"""A proxy in front of a plaintext gRPC port that breaks HTTP/2 where a server library cannot.

  chaos.py --upstream 127.0.0.1:6334 [--listen 127.0.0.1:0] [--control 127.0.0.1:0] [--rate BYTES]

It prints "http://CONTROL LISTEN". Rules (faults.py) come to http://CONTROL/_sandbox/faults; of the
answers it knows, bytes counted in the reply's DATA:

  cut        N: reset the TCP connection after N bytes of this reply; -1: before it goes upstream
  reset      N: RST_STREAM after N bytes (-1: half of the first frame), with error code `code`
             (a number, default 2, INTERNAL_ERROR)
  refuse     true: RST_STREAM REFUSED_STREAM at once, the request never goes upstream
  no_status  true: the reply ends without trailers, so without grpc-status
  goaway     "after": GOAWAY that still admits this stream; the connection closes when its streams
             are done. "before": GOAWAY that leaves this stream out, which is dropped

latency_ms works as everywhere, --rate bounds the bytes a second of each connection's replies.
"""

import argparse
import asyncio
import socket
import struct
import sys
import threading

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

import restbase
from faults import Faults, from_flag

WINDOW = 8 << 20
GOAWAY = struct.Struct('>BHBBIII')


def goaway_frame(last_stream):
    """Written by hand: h2 would take the connection for closed after sending one."""
    return GOAWAY.pack(0, 8, 7, 0, 0, last_stream, 0)


class Outbox:
    """What one stream still has to send on one side: data, then perhaps trailers or an end."""

    def __init__(self):
        self.data, self.trailers, self.ended = bytearray(), None, False


class Side:
    """One HTTP/2 connection with flow control; `client` says which role the proxy has in it."""

    def __init__(self, client, writer):
        config = h2.config.H2Configuration(client_side=client, header_encoding=None,
                                           validate_inbound_headers=False)
        self.h2, self.writer, self.boxes = h2.connection.H2Connection(config), writer, {}
        self.h2.local_settings = h2.settings.Settings(client=client, initial_values={
            h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: WINDOW,
            h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 1000,
            h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE: 65536})
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(WINDOW)

    def box(self, stream):
        return self.boxes.setdefault(stream, Outbox())

    def pump(self):
        """Sends what the windows allow; returns the number of bytes of data."""
        sent = 0
        for stream, box in list(self.boxes.items()):
            try:
                sent += self._pump(stream, box)
            except h2.exceptions.ProtocolError:  # the peer has reset it meanwhile
                self.boxes.pop(stream, None)
        return sent

    def _pump(self, stream, box):
        sent = 0
        while box.data:
            size = min(len(box.data), self.h2.local_flow_control_window(stream),
                       self.h2.max_outbound_frame_size)
            if size <= 0:
                return sent
            self.h2.send_data(stream, bytes(box.data[:size]))
            del box.data[:size]
            sent += size
        if box.trailers is not None:
            self.h2.send_headers(stream, box.trailers, end_stream=True)
        elif box.ended:
            self.h2.end_stream(stream)
        else:
            return sent
        del self.boxes[stream]
        return sent

    def flush(self):
        data = self.h2.data_to_send()
        if data:
            self.writer.write(data)

    def reset(self, stream, code):
        self.boxes.pop(stream, None)
        try:
            self.h2.reset_stream(stream, code)
        except h2.exceptions.ProtocolError:
            pass


class Session:
    """One client connection and its connection upstream."""

    def __init__(self, proxy, down_reader, down_writer, up_reader, up_writer):
        self.proxy = proxy
        self.down, self.up = Side(False, down_writer), Side(True, up_writer)
        self.readers = {self.down: down_reader, self.up: up_reader}
        self.to_up, self.to_down, self.rules, self.seen = {}, {}, {}, {}
        self.closing = False

    async def run(self):
        self.down.flush()
        self.up.flush()
        tasks = [asyncio.create_task(self._read(side)) for side in (self.down, self.up)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for side in (self.down, self.up):
            side.writer.close()

    def kill(self):
        """RST to the client."""
        raw = self.down.writer.get_extra_info('socket')
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.down.writer.transport.abort()

    async def _read(self, side):
        while True:
            data = await self.readers[side].read(1 << 18)
            if not data:
                return
            try:
                events = side.h2.receive_data(data)
            except h2.exceptions.ProtocolError as error:
                print(f'chaos: {error!r}', file=sys.stderr)
                side.flush()
                return
            for event in events:
                if side is self.down:
                    await self._from_client(event)
                else:
                    self._from_server(event)
            self.up.pump()
            sent = self.down.pump()
            self.up.flush()
            self.down.flush()
            await self.up.writer.drain()
            await self.down.writer.drain()
            if self.proxy.rate and sent:
                await asyncio.sleep(sent / self.proxy.rate)
            if self.closing and not self.to_up:
                return

    async def _from_client(self, event):
        if isinstance(event, h2.events.RequestReceived):
            await self._request(event)
        elif isinstance(event, h2.events.DataReceived):
            self.down.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            up = self.to_up.get(event.stream_id)
            if up:
                self.up.box(up).data += event.data
        elif isinstance(event, h2.events.StreamEnded):
            up = self.to_up.get(event.stream_id)
            if up:
                self.up.box(up).ended = True
        elif isinstance(event, h2.events.StreamReset):
            up = self.to_up.get(event.stream_id)
            if up:
                self.up.reset(up, event.error_code)
                self._forget(event.stream_id)

    async def _request(self, event):
        stream, faults = event.stream_id, self.proxy.faults
        path = dict(event.headers).get(b':path', b'').decode()
        faults.enter('proxy', path)
        rule, wait = faults.decide('proxy', path)
        if wait:
            await asyncio.sleep(wait)
        rule = rule or {}
        if rule.get('cut', 0) < 0:
            self.kill()
        elif rule.get('refuse'):
            self.down.reset(stream, h2.errors.ErrorCodes.REFUSED_STREAM)
            faults.leave()
        elif rule.get('goaway') == 'before':
            self._goaway(stream - 2)
            faults.leave()
        else:
            up = self.up.h2.get_next_available_stream_id()
            self.to_up[stream], self.to_down[up] = up, stream
            self.rules[stream], self.seen[stream] = rule, 0
            self.up.h2.send_headers(up, event.headers)
            if rule.get('goaway'):
                self._goaway(stream)

    def _goaway(self, last):
        self.down.flush()
        self.down.writer.write(goaway_frame(max(last, 0)))
        self.closing = True

    def _from_server(self, event):
        stream = self.to_down.get(getattr(event, 'stream_id', None))
        if isinstance(event, h2.events.DataReceived):
            self.up.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        if stream is None:
            return
        rule, box = self.rules[stream], None
        if isinstance(event, h2.events.ResponseReceived):
            ended, headers = event.stream_ended is not None, event.headers
            if ended and rule.get('no_status'):
                headers = [(k, v) for k, v in headers if not k.startswith(b'grpc-')]
            self.down.h2.send_headers(stream, headers, end_stream=ended)
            if ended:
                self._forget(stream)
        elif isinstance(event, h2.events.DataReceived):
            self._data(stream, rule, event.data)
        elif isinstance(event, h2.events.TrailersReceived):
            box = self.down.box(stream)
            box.trailers, box.ended = None if rule.get('no_status') else event.headers, True
        elif isinstance(event, h2.events.StreamEnded):
            self.down.box(stream).ended = True
            self.down.pump()
            self._forget(stream)
        elif isinstance(event, h2.events.StreamReset):
            self.down.reset(stream, event.error_code)
            self._forget(stream)

    def _data(self, stream, rule, data):
        limit = rule.get('cut', rule.get('reset'))
        if limit is None:
            self.down.box(stream).data += data
            return
        if limit < 0:
            limit = len(data) // 2
        room = limit - self.seen[stream]
        self.seen[stream] += len(data)
        self.down.box(stream).data += data[:max(room, 0)]
        if room > len(data):
            return
        self.down.pump()
        self.down.flush()
        if 'cut' in rule:
            self.kill()
            return
        self.down.reset(stream, rule.get('code', h2.errors.ErrorCodes.INTERNAL_ERROR))
        self.up.reset(self.to_up[stream], h2.errors.ErrorCodes.CANCEL)
        self._forget(stream)

    def _forget(self, stream):
        up = self.to_up.pop(stream, None)
        if up is not None:
            self.to_down.pop(up, None)
            self.proxy.faults.leave()


class Proxy:
    def __init__(self, upstream, faults, rate):
        self.host, self.port = upstream
        self.faults, self.rate = faults, rate

    async def connected(self, reader, writer):
        try:
            up_reader, up_writer = await asyncio.open_connection(self.host, self.port)
        except OSError as error:
            print(f'chaos: upstream: {error}', file=sys.stderr)
            writer.close()
            return
        try:
            await Session(self, reader, writer, up_reader, up_writer).run()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass


def address(text):
    host, _, port = text.rpartition(':')
    return host, int(port)


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--upstream', type=address, required=True, metavar='HOST:PORT')
    parser.add_argument('--listen', type=address, default=('127.0.0.1', 0), metavar='HOST:PORT')
    parser.add_argument('--control', type=address, default=('127.0.0.1', 0), metavar='HOST:PORT')
    parser.add_argument('--rate', type=int, metavar='BYTES')
    parser.add_argument('--faults', type=from_flag, metavar='JSON', help='rules, or @file')
    args = parser.parse_args()
    faults = Faults()
    if args.faults:
        faults.load(args.faults)
    proxy = Proxy(args.upstream, faults, args.rate)
    server = await asyncio.start_server(proxy.connected, *args.listen)
    control = restbase.Server(args.control, restbase.App(faults), print)
    threading.Thread(target=control.serve_forever, daemon=True).start()
    host, port = server.sockets[0].getsockname()[:2]
    print(f'http://{args.control[0]}:{control.server_address[1]} {host}:{port}', flush=True)
    await server.serve_forever()


if __name__ == '__main__':
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
