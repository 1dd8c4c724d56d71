"""Writes a batch of work in one transaction: together if nothing is wrong with it, else one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from voltherd.adapters.sql.changes import carry_out
from voltherd.adapters.sql.database import Database
from voltherd.adapters.sql.trouble import is_trouble, reason
from voltherd.adapters.sql.versions import KnownVersions, version_of
from voltherd.adapters.sql.work import (
    CONFLICT,
    WRONG,
    Appending,
    EventRow,
    Note,
    Outcome,
    RowChange,
    Statement,
    Task,
    Work,
)

T = TypeVar("T")

log = structlog.get_logger(__name__)


class BatchSpoilt(Exception):
    """A piece of the batch cannot be written; which one shows when they are written one by one."""


class _PieceFailed(Exception):
    """One piece cannot be written, for the kind of reason and in the words `told`; the others are not touched by it."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.told = (kind, words)


class Batch:
    """Work for one transaction. After `together` or `one_by_one`, the attributes say what is so if it commits."""

    def __init__(
        self,
        database: Database,
        known: KnownVersions,
        statements: Sequence[Statement],
        work: Sequence[Work],
        notes: Sequence[Note],
    ) -> None:
        self.work = work
        self.notes = notes
        self._statements = statements
        self._database = database
        self._known = known
        self._begin(0)

    @property
    def is_empty(self) -> bool:
        return not self.work and not self.notes

    def _begin(self, newest: int) -> None:
        self.outcomes: list[Outcome] = []
        self.newest = newest
        """The newest position, as far as we know."""
        self.proof: tuple[int, EventRow] | None = None
        """An event of this batch and its position: if history has it, it has the whole batch."""
        self.events = 0
        self.dropped_notes = 0
        self._written: list[Appending] = []

    def together(self, connection: Connection, newest: int) -> None:
        """Write everything with as few statements as can be; `newest` is the last position known before.

        Raises:
            BatchSpoilt: a version is not what an append expects of it.
            sqlalchemy.exc.SQLAlchemyError: something cannot be written.
        """
        self._begin(newest)
        fitting = self._fitting(connection)
        rows = [row for appending in fitting for row in appending.rows]
        with self._database.without_waiting(connection):
            last = self._database.insert(connection, rows) if rows else None
            self._carry_out(connection, self._all_changes(fitting))
            position = newest if last is None else last() - len(rows)
        for appending in fitting:
            position += len(appending.rows)
            self._record(appending, position)
        for task in self.work:
            if isinstance(task, Task):
                self.outcomes.append(Outcome(task.number, _run(connection, task)))

    def one_by_one(self, connection: Connection, newest: int) -> None:
        """Write each piece in a savepoint of its own; one that cannot be written fails alone.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the trouble is not with a piece but with the database.
        """
        self._begin(newest)
        for piece in self.work:
            try:
                result = self._in_savepoint(connection, partial(self._alone, connection, piece))
            except _PieceFailed as failed:
                self.outcomes.append(Outcome(piece.number, failed=failed.told))
                continue
            if isinstance(piece, Appending):
                self._record(piece, result)
            else:
                self.outcomes.append(Outcome(piece.number, result))
        for note in self.notes:
            try:
                self._in_savepoint(connection, partial(self._carry_out, connection, [("", note)]))
            except _PieceFailed as failed:
                self.dropped_notes += 1
                log.warning("note_dropped", changes=len(note), reason=str(failed))

    def committed(self) -> None:
        """Remember what is so from now on."""
        for appending in self._written:
            for stream, _before, after in appending.expected:
                self._known.learn(stream, after)

    def _fitting(self, connection: Connection) -> list[Appending]:
        """The appends that fit what is known; those that are late for sure are done with."""
        fitting: list[Appending] = []
        ahead: dict[str, int] = {}
        for appending in self.work:
            if not isinstance(appending, Appending):
                continue
            late = False
            for stream, before, after in appending.expected:
                now = ahead[stream] if stream in ahead else self._known[stream]
                # The unique key would notice neither a gap nor an append without events that comes late; and a
                # database may have lost what we know, when a standby took over.
                if stream not in ahead and (before != now or before == after):
                    now = version_of(connection, stream)
                    self._known.correct(stream, now)
                if before > now:
                    raise BatchSpoilt(f"{stream} has version {now}, not {before}")
                late = late or before < now
            if late:
                self.outcomes.append(Outcome(appending.number, failed=(CONFLICT, _conflict(appending))))
            else:
                ahead.update((stream, after) for stream, _before, after in appending.expected)
                fitting.append(appending)
        return fitting

    def _carry_out(self, connection: Connection, ordered: Iterable[tuple[str, Sequence[RowChange]]]) -> None:
        carry_out(self._database, connection, self._statements, ordered)

    def _all_changes(self, fitting: Iterable[Appending]) -> Iterator[tuple[str, Note]]:
        for appending in fitting:
            yield appending.order, appending.changes
        for number, note in enumerate(self.notes):
            yield f"note {number}", note

    def _alone(self, connection: Connection, piece: Work) -> int:
        if isinstance(piece, Task):
            return _run(connection, piece)
        if any(version_of(connection, stream) != before for stream, before, _after in piece.expected):
            raise _PieceFailed(CONFLICT, _conflict(piece))
        position = self._database.insert(connection, piece.rows)() if piece.rows else self.newest
        self._carry_out(connection, [(piece.order, piece.changes)])
        return position

    def _record(self, appending: Appending, position: int) -> None:
        self.outcomes.append(Outcome(appending.number, position))
        self.newest = max(self.newest, position)
        self.events += len(appending.rows)
        self._written.append(appending)
        if appending.rows:
            self.proof = (position, appending.rows[-1])

    def _in_savepoint(self, connection: Connection, run: Callable[[], T]) -> T:
        savepoint = connection.begin_nested()
        try:
            result = run()
        except Exception as error:
            if is_trouble(self._database, error):
                raise  # the transaction may be gone, and the savepoint with it
            savepoint.rollback()
            if isinstance(error, _PieceFailed):
                raise
            raise _PieceFailed(WRONG, reason(error)) from error
        savepoint.commit()
        return result


def _run(connection: Connection, task: Task) -> int:
    result = connection.exec_driver_sql(task.sql, task.values)
    number: int = result.scalar_one() if task.returns else result.rowcount
    return number


def _conflict(appending: Appending) -> str:
    streams = ", ".join(f"{stream} at {before}" for stream, before, _after in appending.expected)
    return f"expected {streams}; another append came first"
