"""A lean WebSocket client: one asyncio protocol per link, no task, future or queue (RFC 6455, RFC 7692)."""

from __future__ import annotations

import asyncio
import base64
import os
import zlib
from typing import Protocol, cast

_TEXT, _CLOSE, _PING, _PONG, _CONTINUATION = 0x1, 0x8, 0x9, 0xA, 0x0
_FIN, _COMPRESSED, _MASKED = 0x80, 0x40, 0x80

# A mask of zeros is a mask, and leaves the payload as it is: the server does its whole work of unmasking, and we
# none. (A real client must draw masks at random, §5.3; that protects proxies, of which there are none here.)
_NO_MASK = bytes(4)

_OFFER = "permessage-deflate; client_max_window_bits"


class Peer(Protocol):
    """Whoever lives on a link."""

    def opened(self, link: Link) -> None:
        """The handshake succeeded."""
        ...

    def received(self, text: bytes) -> None:
        """A text message came."""
        ...

    def closed(self, reason: str) -> None:
        """The link is no more, or never was."""
        ...


class Link(asyncio.Protocol):
    """One connection to `ws://host{path}`."""

    def __init__(
        self, peer: Peer, host: str, path: str, subprotocol: str, *, deflate: bool, user: str, password: str | None
    ) -> None:
        self._peer = peer
        self._request = _request(host, path, subprotocol, deflate, user, password)
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._open = False
        self._deflate: _Deflate | None = None
        self._parts: list[bytes] = []
        self._compressed = False
        self._reason = "the connection was lost"

    def send(self, text: bytes) -> None:
        """Send a text message."""
        if self._deflate is None:
            self._write(_FIN | _TEXT, text)
        else:
            self._write(_FIN | _COMPRESSED | _TEXT, self._deflate.compress(text))

    def close(self) -> None:
        """Say good-bye and hang up."""
        if self._transport is not None and not self._transport.is_closing():
            self._write(_FIN | _CLOSE, (1001).to_bytes(2, "big"))
            self._transport.close()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer = data = self._buffer + data if self._buffer else data
        if not self._open and not self._handshaken():
            return
        self._read_frames()

    def connection_lost(self, exc: Exception | None) -> None:
        self._peer.closed(self._reason if exc is None else str(exc))

    # Handshake

    def _handshaken(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        status, *lines = head.decode("latin-1").split("\r\n")
        if status.split(" ")[1:2] != ["101"]:
            self._hang_up(f"the server said {status}")
            return False
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if (extension := headers.get("sec-websocket-extensions")) is not None:
            self._deflate = _Deflate(extension)
        self._open = True
        self._buffer = rest
        self._peer.opened(self)
        return True

    # Frames

    def _read_frames(self) -> None:
        data, start, size = self._buffer, 0, len(self._buffer)
        while size - start >= 2:
            first, length, body = data[start], data[start + 1], start + 2
            if length >= 126:
                width = 2 if length == 126 else 8
                if size < body + width:
                    break
                length = int.from_bytes(data[body : body + width], "big")
                body += width
            if size < body + length:
                break
            start = body + length
            self._frame(first, data[body:start])
        self._buffer = data[start:]

    def _frame(self, first: int, payload: bytes) -> None:
        opcode = first & 0x0F
        if opcode == _PING:
            self._write(_FIN | _PONG, payload)
        elif opcode == _CLOSE:
            self._hang_up(f"the server closed: {int.from_bytes(payload[:2], 'big')} {payload[2:].decode()}")
        elif opcode in (_TEXT, _CONTINUATION):
            if opcode == _TEXT:
                self._compressed = bool(first & _COMPRESSED)
            if not first & _FIN or self._parts:
                self._parts.append(payload)
                if not first & _FIN:
                    return
                payload, self._parts = b"".join(self._parts), []
            if self._compressed and self._deflate is not None:
                payload = self._deflate.decompress(payload)
            self._peer.received(payload)

    def _write(self, first: int, payload: bytes) -> None:
        if self._transport is None:
            return
        size = len(payload)
        if size < 126:
            head = bytes((first, _MASKED | size))
        elif size < 65_536:
            head = bytes((first, _MASKED | 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((first, _MASKED | 127)) + size.to_bytes(8, "big")
        self._transport.write(head + _NO_MASK + payload)

    def _hang_up(self, reason: str) -> None:
        self._reason = reason
        if self._transport is not None:
            self._transport.close()


class _Deflate:
    """permessage-deflate with the windows that the server granted, kept from message to message."""

    def __init__(self, extension: str) -> None:
        granted = {
            name.strip(): value.strip() for name, _, value in (one.partition("=") for one in extension.split(";"))
        }
        bits = int(granted.get("client_max_window_bits") or 15)
        self._compress = zlib.compressobj(wbits=-bits, memLevel=5)
        self._decompress = zlib.decompressobj(wbits=-15)

    def compress(self, payload: bytes) -> bytes:
        return (self._compress.compress(payload) + self._compress.flush(zlib.Z_SYNC_FLUSH))[:-4]

    def decompress(self, payload: bytes) -> bytes:
        return self._decompress.decompress(payload + b"\x00\x00\xff\xff")


def _request(host: str, path: str, subprotocol: str, deflate: bool, user: str, password: str | None) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {subprotocol}",
    ]
    if deflate:
        lines.append(f"Sec-WebSocket-Extensions: {_OFFER}")
    if password is not None:
        lines.append(f"Authorization: Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}")
    return "\r\n".join([*lines, "", ""]).encode()
