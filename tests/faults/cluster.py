"""A PostgreSQL server of our own, which may be stopped and started again; everything is gone in the end."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.server import free_port

_USER = "postgres"


def find_programs() -> Path | None:
    """Where `initdb` and its kin are: the newest of Debian's versions, or on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    return None if program is None else Path(program).parent


class Cluster:
    """Listens on loopback; `postgresql` is who may do everything."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="voltherd-cluster-"))
        self._data = self._folder / "data"
        # PostgreSQL refuses to run as root, and its user must be able to enter the folder.
        self._user = _USER if os.geteuid() == 0 else None
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self.url = f"postgresql://{_USER}@127.0.0.1:{self._port}/postgres"

    async def create(self) -> None:
        """Make it and start it."""
        await self._run("initdb", "-D", self._data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(f"port = {self._port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n")
        await self.start()

    async def start(self) -> None:
        """Start it and wait until it takes connections."""
        await self._run("pg_ctl", "start", "-D", self._data, "-w", "-t", "60", "-l", self._folder / "log")

    async def crash(self) -> None:
        """Stop it as if the machine had lost its power, but for what the disk keeps."""
        await self._run("pg_ctl", "stop", "-D", self._data, "-m", "immediate", "-w")

    async def drop(self) -> None:
        """Stop it if it runs, and delete it."""
        if (self._data / "postmaster.pid").exists():
            await self.crash()
        shutil.rmtree(self._folder)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """It has crashed inside, and is there again afterwards."""
        await self.crash()
        yield
        await self.start()

    async def _run(self, program: str, *arguments: str | Path) -> None:
        # The server outlives pg_ctl and would keep a pipe open, so its words go into a file.
        with tempfile.TemporaryFile() as told:
            process = await asyncio.create_subprocess_exec(
                self._programs / program, *arguments,
                cwd=self._folder, user=self._user, stdin=asyncio.subprocess.DEVNULL, stdout=told, stderr=told,
            )  # fmt: skip
            status = await process.wait()
            told.seek(0)
            assert status == 0, told.read().decode()
