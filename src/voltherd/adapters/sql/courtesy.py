"""Lets the threads have the interpreter's lock while the event loop is busy.

A thread that wants the lock asks for it after the switch interval, but every short release in between (each system
call of the loop) makes it wait anew: a loop that never sleeps and calls the system every 50 µs keeps all threads out
for seconds. Measured beside such a loop (uvloop, two cores, SQLite), appends of one event with two changes, from
1 / 10 / 100 links: 0–3 / 7 / 870 events a second at worst, 99 of 100 answered within 1.2 to 2 s; with courtesy
320–570 / 2,600 / 13,800 within 5 / 6 / 12 ms, and the loop kept 80 / 70 / 45 % of its time (appending takes its share
of that). An idle loop gets 2,100 / 10,800 / 20,000. A shorter switch interval alone does not help.
"""

from __future__ import annotations

import asyncio
import time

_NAP = 1e-6  # the shortest there is: with the system's timers some 55 µs, long enough for a waiting thread to wake up
_LOOK_EVERY = 0.001  # seconds: uvloop knows no less
_BUSY = 0.25  # share of the processor, naps included: a loop that uses less has slept, and the lock was free meanwhile


class Courtesy:
    """Naps at every turn of a busy event loop as long as threads that have something to do for it do not get on.

    `patience`, in seconds, is how long nothing may have come from them before.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, patience: float) -> None:
        self._loop = loop
        self._patience = patience
        self._working = 0
        self._progress_at = 0.0
        self._next: asyncio.Handle | None = None
        self._looked_at = 0.0
        self._used = 0.0

    def begin(self) -> None:
        """A thread has something to do."""
        if self._working == 0:
            self._progress_at = time.monotonic()
        self._working += 1
        if self._next is None:
            self._looked_at, self._used = time.monotonic(), time.thread_time()
            self._next = self._loop.call_later(max(self._patience, _LOOK_EVERY), self._look)

    def end(self, count: int = 1) -> None:
        """It is done."""
        self._working -= count
        self._progress_at = time.monotonic()

    def _look(self) -> None:
        if self._working == 0:
            self._next = None
            return
        now, used = time.monotonic(), time.thread_time()
        busy = used - self._used > _BUSY * (now - self._looked_at)
        self._looked_at, self._used = now, used
        left = self._patience - (now - self._progress_at)
        if busy and left <= 0:
            time.sleep(_NAP)
            self._next = self._loop.call_soon(self._look)
        else:
            self._next = self._loop.call_later(max(left, _LOOK_EVERY), self._look)
