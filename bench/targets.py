"""The servers to compare: how each is started, as a child on a free port of loopback with an empty database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import URL, make_url

_START_S = 30.0
_STOP_S = 15.0

_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A kind of server. `command` and `environment` are told the port and the database's URL."""

    name: str
    what: str
    command: Callable[[int, str], Sequence[str]]
    environment: Callable[[int, str], Mapping[str, str]] = field(default=lambda _port, _database: {})
    any_store: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that listens."""

    url: str
    pid: int


class ServerFailedError(Exception):
    """A server did not start, or ended by itself; with the end of what it said."""


def _voltherd_settings(port: int, database: str) -> Mapping[str, str]:
    return {
        "VOLTHERD_OCPP_PORT": str(port),
        "VOLTHERD_API_PORT": "0",
        "VOLTHERD_DATABASE": database,
        "VOLTHERD_GATEWAY__UNKNOWN_STATIONS": "accept",
        "VOLTHERD_LOGGING__LEVEL": "WARNING",
    }


TARGETS = {
    target.name: target
    for target in (
        Target(
            name="voltherd",
            what="Voltherd as it is set by default, stations let in without registration",
            command=lambda _port, _database: [sys.executable, "-m", "voltherd", "serve"],
            environment=_voltherd_settings,
            any_store=True,
        ),
        Target(
            name="ceiling",
            what="the same WebSocket server answers with constants: reads nothing, decides nothing, stores nothing",
            command=lambda port, _database: [sys.executable, "-m", "bench.ceiling", "--port", str(port)],
        ),
        Target(
            name="reference",
            what="`ocpp` (validation on), websockets, uvloop, SQLAlchemy ORM; a synced commit for each message",
            command=lambda port, database: [
                *(sys.executable, "-m", "bench.reference"),
                *("--port", str(port), "--database", database),
            ],
        ),
    )
}


@contextmanager
def running(target: Target, store: str, parent: Path) -> Iterator[Running]:
    """Start a server, and stop it by its process id at the end.

    Args:
        target: which server.
        store: `sqlite`, for a new file, or the URL of a PostgreSQL server, for a new database there.
        parent: where to make the directory for the file.

    Raises:
        ServerFailedError: it did not start.
    """
    with (
        tempfile.TemporaryDirectory(prefix="voltherd-bench-", dir=parent) as directory,
        _database(store, Path(directory)) as database,
        (Path(directory) / "log").open("w+") as log,
    ):
        port = _free_port()
        child = subprocess.Popen(
            target.command(port, database),
            env={**os.environ, **target.environment(port, database)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _await_listening(child, port, target, Path(log.name))
            yield Running(url=f"ws://127.0.0.1:{port}/ocpp", pid=child.pid)
            if child.poll() is not None:
                raise ServerFailedError(f"{target.name} ended by itself:\n{_said(Path(log.name))}")
        finally:
            _stop(child)


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _await_listening(child: subprocess.Popen[bytes], port: int, target: Target, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and child.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise ServerFailedError(f"{target.name} did not start:\n{_said(log)}")


def _said(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _database(store: str, directory: Path) -> Iterator[str]:
    if store == "sqlite":
        yield f"sqlite:///{directory / 'bench.db'}"
        return
    server = make_url(store)
    name = f"voltherd_bench_{os.getpid()}_{next(_numbers)}"
    _administer(server, f'CREATE DATABASE "{name}"')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(server: URL, statement: str) -> None:
    from psycopg import connect

    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())
