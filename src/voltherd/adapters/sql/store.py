"""The event store and its pictures in SQLite or PostgreSQL: one writes, a few threads read, the event loop waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any, TypeVar

import structlog
from sqlalchemy import URL, Connection, bindparam, delete, func, select
from sqlalchemy.exc import DBAPIError

from voltherd.adapters.sql import snapshots, upkeep
from voltherd.adapters.sql.codec import Codec
from voltherd.adapters.sql.counters import SAVE, TAKE
from voltherd.adapters.sql.courtesy import Courtesy
from voltherd.adapters.sql.database import database_at
from voltherd.adapters.sql.outbox import Outbox
from voltherd.adapters.sql.pictures import Progress
from voltherd.adapters.sql.prepared import Statements, prepare
from voltherd.adapters.sql.scribe import ProcessScribe, Scribe, ThreadScribe
from voltherd.adapters.sql.tables import checkpoints, events
from voltherd.adapters.sql.trouble import trouble_named
from voltherd.adapters.sql.work import CONFLICT, UNAVAILABLE, Appending, Note, Outcome, Parcel, Report, Task, Work
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.readmodel import Change, ReadModel
from voltherd.ports.history import Append, Appended, Past, Recorded, StoreUnavailableError, VersionConflictError

T = TypeVar("T")

_LOAD = (
    select(events.c.type, events.c.data)
    .where(events.c.stream == bindparam("of_stream"), events.c.version > bindparam("after"))
    .order_by(events.c.version)
)
_READ = (
    select(events).where(events.c.position > bindparam("after")).order_by(events.c.position).limit(bindparam("at_most"))
)
_LAST = select(func.coalesce(func.max(events.c.position), 0))
_CHECKPOINT = select(checkpoints.c.position).where(checkpoints.c.name == bindparam("of_name"))

_RETIRED_AT_ONCE = 1_000

log = structlog.get_logger(__name__)


class CannotBeWrittenError(Exception):
    """The database refuses what was to be written, now and ever."""


class SqlStore:
    """An `EventStore` with its `Pictures`; open one with `open`, on the event loop that will use it."""

    def __init__(
        self,
        url: str,
        catalog: Catalog,
        *,
        own_process: bool,
        readers: int,
        read_within: float,
        poll: float,
        patience: float,
        linger: float,
        note_linger: float,
        note_capacity: int,
    ) -> None:
        database = database_at(url)
        self._database = database
        self._catalog = catalog
        self._codec = Codec(catalog)
        self._snapshots = snapshots.Snapshots(catalog)
        self._loop = asyncio.get_running_loop()
        self._poll = poll
        self._newest = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self._closed = False
        self._courtesy = Courtesy(self._loop, patience)
        self._threads = ThreadPoolExecutor(readers, thread_name_prefix="history-reader")
        self._reader = database.reader(readers, read_within)
        self._statements = Statements(database.dialect, in_bulk=database.in_bulk)
        self._open: dict[int, asyncio.Future[int]] = {}
        self._numbers = count(1)
        self._report = Report((), 0, 0, 0, 0.0, 0, None)
        self._scribe: Scribe
        if own_process:
            self._scribe = ProcessScribe(url, self._hear, self._lose, linger=linger, note_capacity=note_capacity)
        else:
            self._scribe = ThreadScribe(url, self._hear, self._courtesy, linger=linger, note_capacity=note_capacity)
        self._outbox = Outbox(self._loop, self._send, note_linger)

    @classmethod
    async def open(
        cls,
        url: str | URL,
        catalog: Catalog,
        *,
        own_process: bool = False,
        readers: int = 4,
        read_within: float = 20.0,
        poll: float = 0.2,
        patience: float = 0.002,
        linger: float = 0.0,
        note_linger: float = 0.1,
        note_capacity: int = 100_000,
        progress: Progress | None = None,
    ) -> SqlStore:
        """Upgrade the database and begin to serve.

        Args:
            url: `sqlite:///path` or `postgresql://…`.
            catalog: names the events and the read models.
            own_process: whether history is written by a process of its own, which a busy event loop cannot hold up.
            readers: how many threads read, each with a connection of its own.
            read_within: seconds after which a question is given up, so that it does not keep a thread for ever.
            poll: seconds between looks for what other processes wrote, while somebody waits.
            patience: seconds without an answer from a thread after which a busy loop makes way for the threads.
            linger: seconds that an append waits for company: less work for the machine, more latency.
            note_linger: seconds that notes wait for an append to go with.
            note_capacity: how many notes wait at most while the database is away; the oldest are dropped.
            progress: told the positions up to which history was replayed into changed read models.

        Raises:
            StoreUnavailableError: the database cannot be reached.
            JournalChangedError: a journal's tables have another shape than declared.
            HistoryUnreadableError: an event to be replayed is unknown to the catalog.
        """
        address = url if isinstance(url, str) else url.render_as_string(hide_password=False)
        store = cls(
            address,
            catalog,
            own_process=own_process,
            readers=readers,
            read_within=read_within,
            poll=poll,
            patience=patience,
            linger=linger,
            note_linger=note_linger,
            note_capacity=note_capacity,
        )
        try:
            await store._scribe.start()  # first: a process takes a second to be ready
            await asyncio.to_thread(upkeep.upgrade, url, catalog, progress)
            store._newest = await store.last_position()
        except BaseException:
            await store.close()
            raise
        return store

    @property
    def batches(self) -> int:
        """How many transactions were committed."""
        return self._report.batches

    @property
    def events(self) -> int:
        """How many events were written."""
        return self._report.events

    @property
    def commit_seconds(self) -> float:
        """How long all transactions took together."""
        return self._report.commit_seconds

    @property
    def dropped_notes(self) -> int:
        """How many notes were given up."""
        return self._report.dropped_notes

    def healthy(self) -> str | None:
        """Say why the store cannot serve, None if it can."""
        return "closed" if self._closed else self._report.trouble

    async def close(self) -> None:
        """Write what is queued and end the threads."""
        if self._closed:
            return
        self._closed = True
        self._outbox.flush()
        await self._scribe.stop()
        await asyncio.to_thread(self._threads.shutdown)
        self._reader.dispose()

    async def load(self, stream: str) -> Past:
        return await self._ask(partial(self._load, stream))

    def keep(self, stream: str, version: int, state: Any) -> None:
        try:
            text = self._snapshots.text(state)
        except Exception:
            log.exception("state_not_kept", stream=stream)
        else:
            row = {"stream": stream, "version": version, "source": self._catalog.source, "state": text}
            self.note([(snapshots.KEEP, row)])

    def append(self, append: Append) -> Awaitable[int]:
        done = Appended(loop=self._loop)
        try:
            rows = self._codec.rows(append)
            changes = self._statements.rows(append.changes)
            work = Appending(next(self._numbers), _expected(append), rows, changes, append.order)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            done.set_exception(error)
        else:
            self._submit(work, done)
        return done

    def note(self, changes: Sequence[Change]) -> None:
        try:
            self._outbox.note(self._statements.rows(changes))
        except Exception:
            log.exception("note_dropped", changes=len(changes))

    async def read(self, after: int, limit: int, types: Collection[str] | None = None) -> Sequence[Recorded]:
        query, values = _READ, {"after": after, "at_most": limit}
        if types is not None:
            query = _READ.where(events.c.type.in_(sorted(types)))
        return await self._ask(lambda reader: self._codec.recorded(reader.execute(query, values).all()))

    async def last_position(self) -> int:
        return await self._ask(lambda reader: reader.execute(_LAST).scalar_one())

    async def wait(self, after: int, timeout: float) -> None:
        until = self._loop.time() + timeout
        while self._newest <= after and (left := until - self._loop.time()) > 0:
            committed = self._loop.create_future()
            self._waiting.add(committed)
            try:
                await asyncio.wait((committed,), timeout=min(left, self._poll))
            finally:
                self._waiting.discard(committed)
            if self._newest <= after:
                self._newest = max(self._newest, await self.last_position())

    async def checkpoint(self, name: str) -> int | None:
        return await self._ask(lambda reader: reader.execute(_CHECKPOINT, {"of_name": name}).scalar())

    async def save_checkpoint(self, name: str, position: int) -> None:
        await self._write(SAVE, {"name": name, "position": position}, returns=False)

    async def reserve(self, name: str, count: int) -> int:
        return await self._write(TAKE, {"name": name, "count": count}, returns=True) - count + 1

    async def retire(self, now: datetime) -> int:
        retired = 0
        for model in self._catalog.readmodels.values():
            if model.journal and model.retention is not None:
                retired += await self._retire(model, now - model.retention)
        return retired

    async def fetch(self, query: Any) -> Sequence[Mapping[str, Any]]:
        return await self._ask(lambda reader: [dict(row) for row in reader.execute(query).mappings()])

    async def _retire(self, journal: ReadModel, before: datetime) -> int:
        table = journal.aged_by.table
        oldest = select(table.c.id, journal.aged_by).order_by(table.c.id).limit(_RETIRED_AT_ONCE).subquery()
        old = oldest.c[journal.aged_by.name] < bindparam("before", type_=journal.aged_by.type)
        some = delete(table).where(table.c.id.in_(select(oldest.c.id).where(old)))
        retired = 0
        while deleted := await self._write(some, {"before": before}, returns=False):
            retired += deleted
        return retired

    def _load(self, stream: str, reader: Connection) -> Past:
        version, state = self._kept(stream, reader)
        rows = reader.execute(_LOAD, {"of_stream": stream, "after": version}).all()
        return Past([self._codec.event(name, data) for name, data in rows], version, state)

    def _kept(self, stream: str, reader: Connection) -> tuple[int, Any]:
        kept = reader.execute(snapshots.FIND, {"of_stream": stream, "of_source": self._catalog.source}).first()
        if kept is not None:
            try:
                return kept.version, self._snapshots.state(kept.state)
            except Exception:
                log.exception("state_not_read", stream=stream)
        return 0, None

    async def _write(self, statement: Any, values: Mapping[str, Any], *, returns: bool) -> int:
        prepared = prepare(statement, tuple(values), self._database.dialect)
        done: asyncio.Future[int] = self._loop.create_future()
        self._submit(Task(next(self._numbers), prepared.statement.sql, prepared.row(values), returns), done)
        return await done

    def _submit(self, work: Work, done: asyncio.Future[int]) -> None:
        if self._closed:
            done.set_exception(StoreUnavailableError("the store is closed"))
            return
        self._open[work.number] = done
        self._outbox.put(work)

    def _send(self, work: Sequence[Work], notes: Sequence[Note]) -> None:
        self._scribe.send(Parcel(self._statements.take_unmentioned(), work, notes))

    def _hear(self, report: Report) -> None:
        """What became of a transaction, on the event loop."""
        before, self._report = self._report, report
        if report.trouble != before.trouble:
            if report.trouble is None:
                log.info("store_recovered")
            elif before.trouble is None:
                log.warning("store_unavailable", reason=report.trouble)
        for outcome in report.outcomes:
            self._settle(outcome)
        self._newest = max(self._newest, report.newest)
        for committed in self._waiting:
            if not committed.done():
                committed.set_result(None)

    def _settle(self, outcome: Outcome) -> None:
        done = self._open.pop(outcome.number, None)
        if done is None or done.done():  # given up
            return
        if outcome.failed is None:
            done.set_result(outcome.result)
        else:
            done.set_exception(_error(*outcome.failed))

    def _lose(self, reason: str) -> None:
        """The writing process has ended: nobody knows what became of what it had."""
        failed = [Outcome(number, failed=(UNAVAILABLE, reason)) for number in self._open]
        self._hear(self._report._replace(outcomes=failed, trouble=reason))

    async def _ask(self, question: Callable[[Connection], T]) -> T:
        if self._closed:
            raise StoreUnavailableError("the store is closed")
        self._courtesy.begin()
        try:
            return await self._loop.run_in_executor(self._threads, self._answer, question)
        except StoreUnavailableError:
            self._scribe.look()
            raise
        finally:
            self._courtesy.end()

    def _answer(self, question: Callable[[Connection], T]) -> T:
        with trouble_named(self._database):
            try:
                with self._reader.connect() as connection:
                    return question(connection)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            # The server went away since the last question; the pool connects anew.
            with self._reader.connect() as connection:
                return question(connection)


def _expected(append: Append) -> Sequence[tuple[str, int, int]]:
    """The streams with the versions before and after; a stream may be written twice if the second follows the first."""
    expected: dict[str, tuple[str, int, int]] = {}
    for write in append.writes:
        stream, before, now = expected.get(write.stream, (write.stream, write.version, write.version))
        if now != write.version:
            raise VersionConflictError(f"{stream} will have version {now} by then, not {write.version}")
        expected[stream] = (stream, before, now + len(write.events))
    return tuple(expected.values())


def _error(kind: str, words: str) -> Exception:
    if kind == CONFLICT:
        return VersionConflictError(words)
    return StoreUnavailableError(words) if kind == UNAVAILABLE else CannotBeWrittenError(words)
