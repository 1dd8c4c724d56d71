"""The servers to compare: how each is started, as a child on a free port of loopback with an empty database."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import URL, make_url

SQLITE = "sqlite"
"""The store that is a file."""

START_S = 60.0
"""How long a server may take to listen: with much history it has something to read."""

_STOP_S = 15.0

_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A kind of server. `command` and `environment` are told where it shall serve."""

    name: str
    what: str
    command: Callable[[Place], Sequence[str]]
    environment: Callable[[Place], Mapping[str, str]] = field(default=lambda _place: {})
    any_store: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where servers may serve, one after the other: a database, ports of loopback, a file for what they say."""

    database: str
    port: int
    api_port: int
    log: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that listens. `api` is where Voltherd's operators reach it."""

    url: str
    api: str
    pid: int


class ServerFailedError(Exception):
    """A server did not start, or ended by itself; with the end of what it said."""


def _voltherd_settings(place: Place) -> Mapping[str, str]:
    return {
        "VOLTHERD_OCPP_PORT": str(place.port),
        "VOLTHERD_API_PORT": str(place.api_port),
        "VOLTHERD_DATABASE": place.database,
        "VOLTHERD_GATEWAY__UNKNOWN_STATIONS": "accept",
        "VOLTHERD_LOGGING__LEVEL": "WARNING",
    }


TARGETS = {
    target.name: target
    for target in (
        Target(
            name="voltherd",
            what="Voltherd as it is set by default, stations let in without registration",
            command=lambda _place: [sys.executable, "-m", "voltherd", "serve"],
            environment=_voltherd_settings,
            any_store=True,
        ),
        Target(
            name="ceiling",
            what="the same WebSocket server answers with constants: reads nothing, decides nothing, stores nothing",
            command=lambda place: [sys.executable, "-m", "bench.ceiling", "--port", str(place.port)],
        ),
        Target(
            name="reference",
            what="`ocpp` (validation on), websockets, uvloop, SQLAlchemy ORM; a synced commit for each message",
            command=lambda place: [
                *(sys.executable, "-m", "bench.reference"),
                *("--port", str(place.port), "--database", place.database),
            ],
        ),
    )
}


class Server:
    """A server at a place, a child of ours: started, killed or stopped by its process id, and started again."""

    def __init__(self, target: Target, place: Place) -> None:
        self._target = target
        self._place = place
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> Running:
        """Start it, without waiting for it to listen."""
        with self._place.log.open("ab") as log:
            self._child = subprocess.Popen(
                self._target.command(self._place),
                env={**os.environ, **self._target.environment(self._place)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return Running(
            url=f"ws://127.0.0.1:{self._place.port}/ocpp",
            api=f"http://127.0.0.1:{self._place.api_port}",
            pid=self._child.pid,
        )

    def await_listening(self) -> None:
        """Wait until stations can connect.

        Raises:
            ServerFailedError: it does not come so far.
        """
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.lives:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._place.port), timeout=1):
                return
            time.sleep(0.05)
        raise ServerFailedError(f"{self._target.name} did not start:\n{self._said()}")

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._child is not None and self._child.poll() is None

    def require_alive(self) -> None:
        """Raise `ServerFailedError` if it ended by itself."""
        if not self.lives:
            raise ServerFailedError(f"{self._target.name} ended by itself:\n{self._said()}")

    def kill(self) -> None:
        """End it without warning."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def stop(self) -> None:
        """Have it end in order."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _said(self) -> str:
        return self._place.log.read_text(errors="replace")[-4000:]


@contextmanager
def placed(store: str, parent: Path) -> Iterator[Place]:
    """Make a place with an empty database, and clear it away at the end.

    Args:
        store: `sqlite`, for a new file, or the URL of a PostgreSQL server, for a new database there.
        parent: where to make the directory for the file.
    """
    with (
        tempfile.TemporaryDirectory(prefix="voltherd-bench-", dir=parent) as directory,
        _database(store, Path(directory)) as database,
    ):
        port, api_port = _free_ports(2)
        yield Place(database=database, port=port, api_port=api_port, log=Path(directory) / "log")


@contextmanager
def served(target: Target, place: Place) -> Iterator[Running]:
    """Serve at a place, and stop at the end.

    Raises:
        ServerFailedError: the server did not start, or ended by itself.
    """
    server = Server(target, place)
    try:
        found = server.start()
        server.await_listening()
        yield found
        server.require_alive()
    finally:
        server.stop()


@contextmanager
def running(target: Target, store: str, parent: Path) -> Iterator[Running]:
    """Serve at a place of its own: see `placed` and `served`."""
    with placed(store, parent) as place, served(target, place) as found:
        yield found


def _free_ports(count: int) -> Sequence[int]:
    """Ports that are free now, no two of them the same."""
    with ExitStack() as stack:
        return [_free_port(stack) for _ in range(count)]


def _free_port(stack: ExitStack) -> int:
    free = stack.enter_context(socket.socket())
    free.bind(("127.0.0.1", 0))
    return int(free.getsockname()[1])


@contextmanager
def _database(store: str, directory: Path) -> Iterator[str]:
    if store == SQLITE:
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
