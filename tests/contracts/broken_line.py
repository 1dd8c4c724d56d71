"""A line to PostgreSQL that breaks at COMMIT: before the server hears it, or before we hear the answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Literal

import sqlalchemy as sa


class BrokenLine:
    """Forwards everything to the server until it is told to break at the next COMMIT, and from then on again."""

    def __init__(self, url: str) -> None:
        self._server = sa.make_url(url)
        self._breaks: Literal["unheard", "unanswered"] | None = None
        self._listener: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        """Begin to forward; the address to use instead of the server's."""
        self._listener = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        port = self._listener.sockets[0].getsockname()[1]
        url = self._server.set(host="127.0.0.1", port=port).update_query_dict({"sslmode": "disable"})
        return url.render_as_string(hide_password=False)

    async def close(self) -> None:
        """Cut everything off."""
        if self._listener is not None:
            self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def break_at_commit(self, how: Literal["unheard", "unanswered"]) -> None:
        """Break once, at the next COMMIT that changes something."""
        self._breaks = how

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        server = await asyncio.open_connection(self._server.host, self._server.port or 5432)
        answers = asyncio.create_task(self._copy(server[0], writer))
        try:
            with suppress(ConnectionError):
                while data := await reader.read(65536):
                    broken = self._breaks if b"COMMIT" in data else None
                    if broken is not None:
                        self._breaks = None
                        answers.cancel()
                        if broken == "unanswered":
                            server[1].write(data)
                            await server[0].read(65536)
                        return
                    server[1].write(data)
                    await server[1].drain()
        finally:
            answers.cancel()
            for end in (writer, server[1]):
                end.close()
            self._tasks.discard(task)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
