"""What callers on the event loop hand to the writer's thread, and what they get back."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
        self._lock = threading.Lock()  # the loop adds while the writer takes or gives back

    def __len__(self) -> int:
        return len(self._notes)

    def add(self, note: Note) -> bool:
        """Put it at the end; True if it is the only one."""
        with self._lock:
            self._notes.append(note)
            self._trim()
            return len(self._notes) == 1

    def take(self, count: int) -> Sequence[Note]:
        """Take the oldest, at most so many."""
        with self._lock:
            return [self._notes.popleft() for _ in range(min(count, len(self._notes)))]

    def give_back(self, notes: Sequence[Note]) -> None:
        """Put what was taken in front again: it was not written."""
        with self._lock:
            self._notes.extendleft(reversed(notes))
            self._trim()

    def _trim(self) -> None:
        while len(self._notes) > self._capacity:
            self._notes.popleft()
            self.dropped += 1
