"""The one thread that writes: it gathers what all links of a node append and commits it in one transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

import structlog
from sqlalchemy import Connection, Engine, and_, literal, select, text
from sqlalchemy.exc import SQLAlchemyError

from voltherd.adapters.sql.batch import Batch
from voltherd.adapters.sql.database import Database
from voltherd.adapters.sql.tables import REVISION_TABLE, events
from voltherd.adapters.sql.trouble import is_trouble, reason
from voltherd.adapters.sql.versions import KnownVersions
from voltherd.adapters.sql.work import UNAVAILABLE, WRONG, Backlog, Note, Outcome, Parcel, Report, Statement, Work

log = structlog.get_logger(__name__)

_BATCH = 512
_NOTES = 2_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0  # seconds between attempts to reach a database that is away
_QUESTIONS = (0.0, 0.5, 1.0, 2.0)  # seconds before each question what became of a COMMIT

# Only a write shows whether there is space.
_LOOK_WHETHER_WRITABLE = text(f"UPDATE {REVISION_TABLE} SET version_num = version_num")

_LOOK, _STOP = object(), object()


class Writer:
    """Give it parcels; what became of them is told, from the thread, when their transaction has ended.

    A failed transaction leaves nothing behind, and its work has failed. Where the connection broke during COMMIT,
    history itself is asked whether it has the batch; if it cannot be asked within seconds, the work fails although it
    may have been written.
    """

    def __init__(
        self, database: Database, tell: Callable[[Report], None], *, linger: float, note_capacity: int
    ) -> None:
        self._database = database
        self._report = tell
        self._known = KnownVersions()
        self._statements: list[Statement] = []
        self._linger = linger
        self._notes = Backlog(note_capacity)
        self._spoilt_notes = 0
        self._batches = 0
        self._events = 0
        self._commit_seconds = 0.0
        self._trouble: str | None = None
        self._newest = 0
        self._queue: SimpleQueue[Parcel | object] = SimpleQueue()
        self._stopping = threading.Event()
        self._ended = False
        self._looking = False
        self._pause = 0.0
        self._engine: Engine = database.writer()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="history-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def submit(self, parcel: Parcel) -> None:
        """Have its work written in the next transaction, and its notes soon."""
        self._queue.put(parcel)

    def look(self) -> None:
        """See whether the database can be written, since it cannot be read."""
        self._queue.put(_LOOK)

    def stop(self) -> None:
        """Have the thread write what is there and then end; nothing may be submitted behind that."""
        self._stopping.set()
        self._queue.put(_STOP)

    def join(self) -> None:
        """Block until the thread has ended."""
        self._thread.join()
        self._engine.dispose()

    # What follows runs in the thread.

    def _run(self) -> None:
        work: Sequence[Work] = ()
        while not self._ended or work:
            work = [*work, *self._take(wait=not work)]
            batch, work = work[:_BATCH], work[_BATCH:]
            notes = self._notes.take(_NOTES)
            if batch or notes or self._trouble or self._looking:
                self._write(batch, notes)
        while self._notes and not self._trouble:
            self._write((), self._notes.take(_NOTES))
        if left := len(self._notes):
            self._spoilt_notes += left
            log.warning("notes_dropped", notes=left)
        self._disconnect()

    def _take(self, *, wait: bool) -> list[Work]:
        """Take all that is there, if need be after a wait; in trouble, pause instead of waiting."""
        if self._trouble:
            self._stopping.wait(self._pause)
        elif wait and not self._notes:
            first = self._queue.get()
            if self._linger:
                time.sleep(self._linger)
            return self._drain(first)
        return self._drain()

    def _drain(self, *taken: Parcel | object) -> list[Work]:
        work: list[Work] = []
        waiting = list(taken)
        with suppress(Empty):
            while True:
                waiting.append(self._queue.get_nowait())
        for one in waiting:
            if isinstance(one, Parcel):
                self._statements += one.statements
                work += one.work
                self._notes.add(one.notes)
        self._ended = self._ended or _STOP in waiting
        self._looking = self._looking or (_LOOK in waiting and not self._trouble)
        return work

    def _write(self, work: Sequence[Work], notes: Sequence[Note]) -> None:
        batch = Batch(self._database, self._known, self._statements, work, notes)
        started = time.perf_counter()
        try:
            self._commit(batch)
        except Exception as error:  # noqa: BLE001 - the thread must go on, and the waiting must be told
            self._failed(batch, error)
        else:
            self._succeeded(batch, time.perf_counter() - started)

    def _commit(self, batch: Batch) -> None:
        self._looking = False
        if batch.is_empty:
            self._transact(batch, lambda connection, _newest: connection.execute(_LOOK_WHETHER_WRITABLE))
            return
        try:
            self._transact(batch, batch.together)
        except Exception as error:
            if is_trouble(self._database, error):
                raise
            self._transact(batch, batch.one_by_one)

    def _transact(self, batch: Batch, write: Callable[[Connection, int], object]) -> None:
        connection = self._connected()
        transaction = connection.begin()
        try:
            self._database.lock(connection)
            write(connection, self._newest)
        except Exception as error:
            if not is_trouble(self._database, error):  # else the connection is given up, and that with it
                transaction.rollback()
            raise
        try:
            transaction.commit()
        except Exception as error:
            if not is_trouble(self._database, error):
                raise
            self._disconnect()
            if not self._was_written(batch):
                raise

    def _was_written(self, batch: Batch) -> bool:
        """Ask history whether it has the batch whose COMMIT was not answered.

        The lock is free only when the broken connection's transaction has ended, one way or the other.
        """
        if batch.proof is None:
            return False
        position, (stream, version, _type, data, *_) = batch.proof
        same = and_(
            events.c.position == position,
            events.c.stream == stream,
            events.c.version == version,
            events.c.data == data,
        )
        for pause in _QUESTIONS:
            time.sleep(pause)
            try:
                connection = self._connected()
                with connection.begin():
                    self._database.lock(connection)
                    return connection.execute(select(literal(1)).where(same)).first() is not None
            except Exception as error:
                self._disconnect()
                if not is_trouble(self._database, error):
                    raise
        log.warning("commit_outcome_unknown", position=position, appends=len(batch.work))
        return False

    def _succeeded(self, batch: Batch, took: float) -> None:
        batch.committed()
        self._newest = max(self._newest, batch.newest)
        self._batches += not batch.is_empty
        self._events += batch.events
        self._commit_seconds += took
        self._spoilt_notes += batch.dropped_notes
        self._trouble, self._pause = None, 0.0
        self._tell(batch.outcomes)

    def _failed(self, batch: Batch, error: Exception) -> None:
        if not is_trouble(self._database, error):
            self._disconnect()
            self._spoilt_notes += len(batch.notes)
            log.error("batch_failed", appends=len(batch.work), notes=len(batch.notes), exc_info=error)
            self._tell([Outcome(work.number, failed=(WRONG, reason(error))) for work in batch.work])
            return
        self._disconnect()
        said = reason(error)
        self._trouble = said
        self._pause = min(max(_FIRST_PAUSE, self._pause * 2), _LONGEST_PAUSE)
        self._notes.give_back(batch.notes)
        failing = [*batch.work, *self._drain()]  # nobody shall wait for an answer that we have
        self._tell([Outcome(work.number, failed=(UNAVAILABLE, said)) for work in failing])

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        dropped = self._notes.dropped + self._spoilt_notes
        self._report(
            Report(outcomes, self._newest, self._batches, self._events, self._commit_seconds, dropped, self._trouble)
        )

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.invalidate()
            connection.close()
        except SQLAlchemyError as error:
            log.warning("connection_not_closed", reason=reason(error))
