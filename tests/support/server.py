"""A server in a process of its own, so that it can be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx2

_READY_WITHIN_S = 60.0
_STOPPED_WITHIN_S = 60.0


def free_port() -> int:
    """A port that was free a moment ago: a server that is started again must find its stations on the same one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`voltherd serve` on loopback, on the same ports and data each time that it is started.

    `data` holds its log, and its database unless there is another one at the address `database`; `environment` is
    added to ours.
    """

    def __init__(self, data: Path, database: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.api_port = free_port()
        self.ocpp_port = free_port()
        self._database = database
        self._environment = {**os.environ, **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def ocpp_url(self) -> str:
        return f"ws://127.0.0.1:{self.ocpp_port}/ocpp"

    @property
    def pid(self) -> int:
        """The process of the server that was started last."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What all servers on this data have logged."""
        return (self.data / "server.log").read_text()

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        await self.spawn()
        await self.ready()

    async def spawn(self) -> None:
        """Start it."""
        where = ["--data", str(self.data)] if self._database is None else ["--database", self._database]
        with (self.data / "server.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "voltherd", "serve",
                "--api-port", str(self.api_port), "--ocpp-port", str(self.ocpp_port), *where,
                stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL, env=self._environment,
            )  # fmt: skip

    async def ready(self) -> None:
        """Wait until it is ready."""
        assert self._process is not None
        async with httpx2.AsyncClient(base_url=self.api_url) as http, asyncio.timeout(_READY_WITHIN_S):
            while True:
                try:
                    if (await http.get("/readyz")).status_code == 200:
                        return
                except httpx2.TransportError:
                    pass
                assert self._process.returncode is None, self.log
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """`kill -9`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            if self._process is not None and self._process.returncode is None:
                await self.kill()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(_STOPPED_WITHIN_S):
                    await self._process.wait()
            except TimeoutError:
                await self.kill()
                raise AssertionError("the server did not stop when it was told to") from None
