"""History in lists and pictures in an SQLite database in memory; everything happens at once, on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import structlog
from sqlalchemy import Connection, CursorResult, StaticPool, create_engine, delete, event

from voltherd.kernel.catalog import Catalog
from voltherd.kernel.readmodel import Change
from voltherd.ports.history import Append, Past, Recorded, StoreUnavailableError, VersionConflictError

log = structlog.get_logger(__name__)


class MemoryStore:
    """An `EventStore` with its `Pictures`, gone when it is closed."""

    def __init__(self, catalog: Catalog) -> None:
        self.dropped_notes = 0
        self._catalog = catalog
        self._events: list[Recorded] = []
        self._streams: dict[str, list[Recorded]] = {}
        self._kept: dict[str, tuple[int, Any]] = {}
        self._checkpoints: dict[str, int] = {}
        self._sequences: dict[str, int] = {}
        self._waiting: set[asyncio.Future[None]] = set()
        self._closed = False
        self._engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        event.listen(self._engine, "connect", _obey_us)
        event.listen(self._engine, "begin", _begin)
        with self._engine.begin() as connection:
            for model in catalog.readmodels.values():
                for table in model.tables:
                    table.create(connection)

    async def load(self, stream: str) -> Past:
        self._require_open()
        version, state = self._kept.get(stream, (0, None))
        return Past([recorded.event for recorded in self._streams.get(stream, [])[version:]], version, state)

    def keep(self, stream: str, version: int, state: Any) -> None:
        if version > self._kept.get(stream, (0, None))[0]:
            self._kept[stream] = version, state

    def append(self, append: Append) -> Awaitable[int]:
        done = asyncio.get_running_loop().create_future()
        try:
            done.set_result(self._append(append))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            done.set_exception(error)
        return done

    def note(self, changes: Sequence[Change]) -> None:
        try:
            self._require_open()
            with self._engine.begin() as connection:
                _carry_out(connection, changes)
        except Exception as error:  # noqa: BLE001 - nobody waits for an answer
            self.dropped_notes += 1
            log.warning("note_dropped", changes=len(changes), reason=str(error).splitlines()[0])

    async def read(self, after: int, limit: int, types: Collection[str] | None = None) -> Sequence[Recorded]:
        self._require_open()
        if types is None:
            return self._events[after : after + limit]
        return list(islice((one for one in self._events[after:] if one.type in types), limit))

    async def last_position(self) -> int:
        self._require_open()
        return len(self._events)

    async def wait(self, after: int, timeout: float) -> None:
        self._require_open()
        if len(self._events) > after:
            return
        woken = asyncio.get_running_loop().create_future()
        self._waiting.add(woken)
        try:
            await asyncio.wait((woken,), timeout=timeout)
        finally:
            self._waiting.discard(woken)

    async def checkpoint(self, name: str) -> int | None:
        self._require_open()
        return self._checkpoints.get(name)

    async def save_checkpoint(self, name: str, position: int) -> None:
        self._require_open()
        self._checkpoints[name] = position

    async def reserve(self, name: str, count: int) -> int:
        self._require_open()
        taken = self._sequences.get(name, 0)
        self._sequences[name] = taken + count
        return taken + 1

    async def retire(self, now: datetime) -> int:
        self._require_open()
        retired = 0
        with self._engine.begin() as connection:
            for model in self._catalog.readmodels.values():
                if model.journal and model.retention is not None:
                    aged = model.aged_by < now - model.retention
                    result: CursorResult[Any] = connection.execute(delete(model.aged_by.table).where(aged))
                    retired += result.rowcount
        return retired

    async def fetch(self, query: Any) -> Sequence[Mapping[str, Any]]:
        self._require_open()
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    async def rebuild(self, name: str) -> None:
        """Empty a read model and fold history into it anew."""
        self._require_open()
        model = self._catalog.readmodels[name]
        with self._engine.begin() as connection:
            for table in reversed(model.tables):
                connection.execute(delete(table))
            for recorded in self._events:
                _carry_out(connection, recorded.changes(model, self._catalog))

    def healthy(self) -> str | None:
        """Say why the store cannot serve, None if it can."""
        return "closed" if self._closed else None

    async def close(self) -> None:
        """Forget everything."""
        self._closed = True
        self._engine.dispose()

    def _append(self, append: Append) -> int:
        self._require_open()
        recorded: list[Recorded] = []
        at = append.at.astimezone(UTC)
        for write in append.writes:
            self._catalog.key_of(write.stream)  # or it raises: nobody could read it
            last = len(self._streams.get(write.stream, ()))
            last += sum(earlier.stream == write.stream for earlier in recorded)
            if last != write.version:
                raise VersionConflictError(f"{write.stream} has version {last}, not {write.version}")
            for version, happened in enumerate(write.events, last + 1):
                position = len(self._events) + len(recorded) + 1
                name = happened.stored_as()
                recorded.append(Recorded(position, write.stream, version, name, happened, at, append.by))
        with self._engine.begin() as connection:
            _carry_out(connection, append.changes)
        for one in recorded:
            self._events.append(one)
            self._streams.setdefault(one.stream, []).append(one)
        for woken in self._waiting:
            if not woken.done():
                woken.set_result(None)
        return len(self._events)

    def _require_open(self) -> None:
        if self._closed:
            raise StoreUnavailableError("the store is closed")


def _carry_out(connection: Connection, changes: Sequence[Change]) -> None:
    for statement, values in changes:
        connection.execute(statement, dict(values))


def _obey_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: sqlite3 would not before DDL
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
