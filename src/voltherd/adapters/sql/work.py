"""What callers on the event loop hand to the writer's thread, and what they get back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from voltherd.adapters.sql.codec import EventRow
from voltherd.kernel.readmodel import Change

Note = Sequence[Change]


@dataclass(slots=True, eq=False)
class Appending:
    """An append as rows; `expected` are its streams with the version before and after it."""

    future: asyncio.Future[int]
    expected: Sequence[tuple[str, int, int]]
    rows: Sequence[EventRow]
    changes: Sequence[Change]
    order: str


@dataclass(slots=True, eq=False)
class Task:
    """Something else to do in the next transaction; the number that comes of it goes into the future."""

    future: asyncio.Future[int]
    run: Callable[[Connection], int]


Work = Appending | Task


class Parcel(NamedTuple):
    """What the event loop hands over at one time."""

    work: Sequence[Work]
    notes: Sequence[Note]


@dataclass(slots=True)
class Outcome:
    """What has become of a piece of work."""

    future: asyncio.Future[int]
    result: int = 0
    error: Exception | None = None

    def settle(self) -> None:
        """Tell whoever still waits; on the event loop only."""
        if self.future.done():  # given up
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


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
