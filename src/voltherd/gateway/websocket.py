"""A link's socket on the `websockets` library: the only module that knows it, beside the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from voltherd.gateway.socket import SocketClosed


class Connection(ServerConnection):
    """A connection that reads no further while its peer does not read.

    The library answers pings at once and waits for nobody: who pings without end and reads nothing would fill our
    memory with pongs.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.recv_messages.resume = self._read_on

    def pause_writing(self) -> None:
        super().pause_writing()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._read_on()

    def _read_on(self) -> None:
        if not self.paused and not self.recv_messages.paused and not self.transport.is_closing():
            self.transport.resume_reading()


class WebSocket:
    """A `websockets` server connection as a link wants it."""

    __slots__ = ("_close_within", "_closing", "_connection")

    def __init__(self, connection: ServerConnection, close_within: float) -> None:
        self._connection = connection
        self._close_within = close_within
        self._closing: asyncio.Task[None] | None = None

    async def texts(self) -> AsyncIterator[str | bytes]:
        receive = self._connection.recv
        try:
            while True:
                yield await receive()
        except ConnectionClosed:
            return

    async def send(self, text: str) -> None:
        # What `connection.send` does for a whole text on an open connection, without two context managers, which are
        # a third of the cost of an answer. Everything else is left to it.
        connection = self._connection
        try:
            if connection.state is State.OPEN and not connection.paused:
                connection.protocol.send_text(text.encode())
                connection.send_data()
            else:
                await connection.send(text)
        except (ConnectionClosed, OSError):
            raise SocketClosed from None

    async def ping(self) -> Awaitable[object]:
        try:
            return await self._connection.ping()
        except ConnectionClosed:
            raise SocketClosed from None

    def close_soon(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(code, reason), name="close")

    async def closed(self) -> None:
        if self._closing is not None:
            await asyncio.wait([self._closing])

    async def _close(self, code: int, reason: str) -> None:
        try:
            # The library waits for the peer to answer, yet not only so long for one who reads nothing at all.
            async with asyncio.timeout(self._close_within):
                await self._connection.close(code, reason[:100])
        except TimeoutError:
            self._connection.transport.abort()
