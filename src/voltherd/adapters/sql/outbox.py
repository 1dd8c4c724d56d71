"""Gathers what the event loop appends in one turn: the writer is woken once for all of it, not for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from voltherd.adapters.sql.work import Note, Work

_ENOUGH = 32
"""With so much work the writer can begin, while the loop's turn, which may be a long one, goes on."""

Send = Callable[[Sequence[Work], Sequence[Note]], None]


class Outbox:
    """Work goes out at the end of the loop's turn, and notes with it; alone they wait for `linger` seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop, send: Send, linger: float) -> None:
        self._loop = loop
        self._send = send
        self._linger = linger
        self._work: list[Work] = []
        self._notes: list[Note] = []
        self._later: asyncio.TimerHandle | None = None

    def put(self, work: Work) -> None:
        """Have it sent soon."""
        if not self._work:
            self._loop.call_soon(self.flush)
        self._work.append(work)
        if len(self._work) >= _ENOUGH:
            self.flush()

    def note(self, note: Note) -> None:
        """Have it sent with the next work, or by and by."""
        if self._later is None:
            self._later = self._loop.call_later(self._linger, self.flush)
        self._notes.append(note)

    def flush(self) -> None:
        """Send what is there."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._work or self._notes:
            work, self._work = self._work, []
            notes, self._notes = self._notes, []
            self._send(work, notes)
