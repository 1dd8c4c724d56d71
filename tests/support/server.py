"""A server in a process of its own, so that it can be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Self

import httpx2


def free_port() -> int:
    """A port that was free a moment ago: a server that is started again must find its stations on the same one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`voltherd serve` on loopback, on the same ports and data each time that it is started."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.api_port = free_port()
        self.ocpp_port = free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def ocpp_url(self) -> str:
        return f"ws://127.0.0.1:{self.ocpp_port}/ocpp"

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        with (self.data / "server.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "voltherd", "serve",
                "--api-port", str(self.api_port), "--ocpp-port", str(self.ocpp_port), "--data", str(self.data),
                stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL, env=dict(os.environ),
            )  # fmt: skip
        async with httpx2.AsyncClient(base_url=self.api_url) as http, asyncio.timeout(20):
            while True:
                try:
                    if (await http.get("/readyz")).status_code == 200:
                        return
                except httpx2.TransportError:
                    pass
                if self._process.returncode is not None:
                    raise AssertionError((self.data / "server.log").read_text())
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
                async with asyncio.timeout(10):
                    await self._process.wait()
            except TimeoutError:
                await self.kill()
                raise AssertionError("the server did not stop when it was told to") from None
