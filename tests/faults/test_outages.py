"""The store is away for a while: the disk is full, another program holds the lock, the database's server has crashed.

Nobody gets a false answer, no connection is lost, everybody is told, and the server recovers without help. It takes
seconds; with `VOLTHERD_LONG=1` each outage lasts 30 s.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from tests.faults.cluster import Cluster, find_programs
from tests.faults.conftest import LONG
from tests.faults.databases import PostgresqlDatabase, SqliteDatabase
from tests.faults.operators import Operators
from tests.faults.outage import Watch, eventually, scene
from tests.faults.stations import fleet
from tests.support.processes import children
from tests.support.server import Server

SECONDS = 30.0 if LONG else 2.0
GONE_SECONDS = 30.0 if LONG else 5.0
_BLOCK = 4096
# A request that could not be sent for want of a store waits until its link is looked after.
_SWEEPS = {"VOLTHERD_GATEWAY__SWEEP_EVERY": "0.5"}


@asynccontextmanager
async def no_file_larger_than(size: int, pid: int) -> AsyncIterator[None]:
    """Make a full disk of it: the process and its children cannot write behind the size in any file."""
    family = {pid, *children(pid)}
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    for one in family:
        resource.prlimit(one, resource.RLIMIT_FSIZE, (size, before[1]))
    yield
    for one in family:
        resource.prlimit(one, resource.RLIMIT_FSIZE, before)


@asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    """Another program writes, and takes its time."""
    other = sqlite3.connect(file, isolation_level=None, timeout=60, check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@asynccontextmanager
async def filled(folder: Path) -> AsyncIterator[None]:
    """Somebody else's file takes all the space that was left, and the server's log has come to the end of its block."""
    other, log = folder / "filler", folder / "server.log"
    with other.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * _BLOCK)
    if log.exists():
        with log.open("ab") as file:
            file.write(b"\n" * (-log.stat().st_size % _BLOCK))
    yield
    other.unlink()


async def test_bears_a_disk_that_is_full_and_a_lock_that_is_taken(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    # Nothing but the database may need space here, and there must be an end to its patience with a lock.
    server = Server(tmp_path, f"{database.url}?timeout=0.5", {"VOLTHERD_LOGGING__LEVEL": "ERROR", **_SWEEPS})
    async with scene(server, database, 1) as played:
        await played.bears(no_file_larger_than(16_384, server.pid), "disk", SECONDS)
        await played.bears(locked(tmp_path / "voltherd.db"), "database is locked", SECONDS)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(not LONG, reason="takes VOLTHERD_LONG=1: a limit of size is much the same, and quicker made")
async def test_bears_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    database = SqliteDatabase(small_disk)
    async with scene(Server(tmp_path, database.url, _SWEEPS), database, 2) as played:
        await played.bears(filled(small_disk), "full", SECONDS)


async def test_bears_a_disk_that_is_too_full_for_its_log(small_disk: Path) -> None:
    server = Server(small_disk)
    await server.start()
    try:
        async with (
            Operators(server.api_url, 4) as operators,
            httpx2.AsyncClient(base_url=server.api_url, timeout=60) as http,
            asyncio.TaskGroup() as asking,
        ):
            watch = Watch(http)
            await operators.register(fleet(1, server.ocpp_url, 4))
            async with filled(small_disk):
                refused = asking.create_task(watch.refuses_commands())
                await eventually(watch.trouble, "trouble")
                assert "full" in (await watch.trouble() or "")
                await refused
            await eventually(watch.is_ready, "recovery")
    finally:
        await server.kill()


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """A PostgreSQL server of our own."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's initdb is not here")
    made = Cluster(programs)
    await made.create()
    yield made
    await made.drop()


async def test_bears_a_crash_of_postgresql(cluster: Cluster, tmp_path: Path) -> None:
    database = PostgresqlDatabase(cluster.url)
    await database.create()
    async with scene(Server(tmp_path, database.url, _SWEEPS), database, 3) as played:
        await played.bears(cluster.away(), "connection", GONE_SECONDS)
