"""What the event loop hands to the writer, and what it gets back: plain tuples, which cross processes fast."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

Row = tuple[Any, ...]
RowChange = tuple[int, Row]
"""The number of a prepared statement, and the values for it."""
Note = Sequence[RowChange]
EventRow = tuple[str, int, str, str, str, str, str]
"""Stream, version, type, data, operator, instant (ISO 8601, UTC), by whom."""


class Statement(NamedTuple):
    """A prepared statement: `bulk` with `{rows}` for many at a time, or where it has no such form `sql` for each row.

    `casts` are the types of a row's values; `keys` the places of those by which the row is told that it changes.
    """

    sql: str
    bulk: str = ""
    casts: Sequence[str] = ()
    keys: Sequence[int] = ()


class Appending(NamedTuple):
    """An append as rows; `expected` are its streams with the version before and after it."""

    number: int
    expected: Sequence[tuple[str, int, int]]
    rows: Sequence[EventRow]
    changes: Sequence[RowChange]
    order: str


class Task(NamedTuple):
    """Something else to do in the next transaction: a statement, and whether its result or its count is wanted."""

    number: int
    sql: str
    values: Row
    returns: bool


Work = Appending | Task


class Parcel(NamedTuple):
    """What the event loop hands over at one time; `statements` are those it has not mentioned before."""

    statements: Sequence[Statement]
    work: Sequence[Work]
    notes: Sequence[Note]


class Outcome(NamedTuple):
    """What has become of a piece of work; `failed` is an error's kind and words."""

    number: int
    result: int = 0
    failed: tuple[str, str] | None = None


CONFLICT, UNAVAILABLE, WRONG = "conflict", "unavailable", "wrong"
"""Kinds of errors: overtaken, nothing can be written now, this cannot be written ever."""


class Report(NamedTuple):
    """What the writer tells after each transaction, or when there is or was trouble; the counts are since its start."""

    outcomes: Sequence[Outcome]
    newest: int
    batches: int
    events: int
    commit_seconds: float
    dropped_notes: int
    trouble: str | None


class Backlog:
    """Notes that wait for a transaction. When there are too many the oldest go, and are counted."""

    def __init__(self, capacity: int) -> None:
        self.dropped = 0
        self._capacity = capacity
        self._notes: deque[Note] = deque()

    def __len__(self) -> int:
        return len(self._notes)

    def add(self, notes: Sequence[Note]) -> None:
        """Put them at the end."""
        self._notes.extend(notes)
        self._trim()

    def take(self, count: int) -> Sequence[Note]:
        """Take the oldest, at most so many."""
        return [self._notes.popleft() for _ in range(min(count, len(self._notes)))]

    def give_back(self, notes: Sequence[Note]) -> None:
        """Put what was taken in front again: it was not written."""
        self._notes.extendleft(reversed(notes))
        self._trim()

    def _trim(self) -> None:
        while len(self._notes) > self._capacity:
            self._notes.popleft()
            self.dropped += 1
