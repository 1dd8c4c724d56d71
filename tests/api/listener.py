"""A client of an event stream that reads when the test says so: the ASGI protocol without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

from fastapi import FastAPI


class Listener:
    """Opens a path and takes what is sent, message by message. `slow`: it takes nothing that it was not asked for."""

    def __init__(self, app: FastAPI, path: str, headers: dict[str, str] | None = None) -> None:
        path, _, query = path.partition("?")
        self._app = app
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
            "server": ("voltherd.test", 80),
            "client": ("127.0.0.1", 1),
        }
        self._left = asyncio.Event()
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue(maxsize=1)
        self._buffer = ""
        self.headers: dict[str, str] = {}

    async def __aenter__(self) -> Listener:
        self.task = asyncio.get_running_loop().create_task(
            self._app(self._scope, self._receive, self._send), name="stream"
        )
        start = await self._sent.get()
        assert start["status"] == 200, start
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        await self._sent.put(dict(message))

    async def block(self) -> str | None:
        """The next lines up to an empty one, None at the end of the stream."""
        async with asyncio.timeout(10):
            while "\n\n" not in self._buffer:
                message = await self._sent.get()
                self._buffer += message.get("body", b"").decode()
                if not message.get("more_body", False):
                    return None
        block, _, self._buffer = self._buffer.partition("\n\n")
        return block

    async def event(self) -> dict[str, Any]:
        """The next event, comments left out: its `id`, `event` and decoded `data`."""
        while True:
            block = await self.block()
            assert block is not None, "the stream has ended"
            fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
            if "data" in fields:
                return {**fields, "data": json.loads(fields["data"])}

    async def events(self, number: int) -> list[dict[str, Any]]:
        return [await self.event() for _ in range(number)]
