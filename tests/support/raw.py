"""A station that is a socket and no library: it may break every rule of WebSocket."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.frames import Frame, Opcode

DEADLINE_S = 30.0


class Raw:
    """The station's end; bytes go out as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def send(self, *wire: bytes) -> None:
        """Send, as far as the other end still takes it."""
        for one in wire:
            if self.writer.transport.is_closing():
                return
            self.writer.write(one)
            with contextlib.suppress(ConnectionError):
                await self.writer.drain()

    async def frame(self) -> tuple[Opcode, bytes]:
        """The next frame. Raises: asyncio.IncompleteReadError or ConnectionError when there is none."""
        async with asyncio.timeout(DEADLINE_S):
            head = await self._reader.readexactly(2)
            size = head[1] & 0x7F
            if size > 125:
                size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
            return Opcode(head[0] & 0x0F), await self._reader.readexactly(size)

    async def answer(self) -> list[Any]:
        """The next message."""
        while True:
            opcode, data = await self.frame()
            if opcode is Opcode.TEXT:
                found: list[Any] = json.loads(data)
                return found

    async def closed(self) -> int | None:
        """Wait for the end; the code that was given for it, None if the connection ended without."""
        try:
            while True:
                opcode, data = await self.frame()
                if opcode is Opcode.CLOSE:
                    return int.from_bytes(data[:2], "big")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    def cut(self) -> None:
        """Vanish, as far as TCP lets us."""
        self.writer.transport.abort()


def wire(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    """A masked frame, as stations must send them."""
    return Frame(opcode, data, fin).serialize(mask=True)


def text(data: str, *, fin: bool = True) -> bytes:
    return wire(Opcode.TEXT, data.encode(), fin=fin)


@asynccontextmanager
async def raw(port: int, station_id: str = "CS-1", protocol: str = "ocpp1.6") -> AsyncIterator[Raw]:
    """Connect without compression."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /ocpp/{station_id} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n".encode()
    )
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()
        await asyncio.wait([asyncio.ensure_future(writer.wait_closed())])
