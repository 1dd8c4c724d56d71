"""What the clients share when they follow something: a command until it is final, the event stream for ever."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2
import msgspec

from voltherd.client import calls
from voltherd.client.calls import Call
from voltherd.client.documents import Command, Event, as_document
from voltherd.client.errors import StillOpen

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.5
_LONGEST_ASK_S = 60.0
_FIRST_RETRY_S, _LONGEST_RETRY_S = 0.5, 15.0


@dataclass
class Watch:
    """When to look at a command again. `until` is on the clock whose readings are the arguments `now`.

    `steps`: every step on its way is wanted, so that one looks often; else the server may keep its answer for the end.
    """

    command_id: str
    until: float
    steps: bool
    _last: Command | None = None
    _asked_at: float = 0.0
    _pause: float = _FIRST_PAUSE_S

    def call(self, now: float) -> Call[Command]:
        """What to ask next."""
        self._asked_at = now
        wait = None if self.steps else max(0.0, min(self.until - now, _LONGEST_ASK_S))
        return calls.command_of(self.command_id, wait=wait)

    def is_news(self, command: Command) -> bool:
        """Whether it has come further since the last look."""
        news = self._last is None or command.status != self._last.status
        self._last = command
        return news

    def pause(self, now: float) -> float:
        """How long to wait before the next look.

        Raises:
            StillOpen: the time is over.
        """
        assert self._last is not None  # asked before
        if now >= self.until:
            raise StillOpen(self._last)
        took, pause = now - self._asked_at, self._pause
        self._pause = min(pause * 1.5, _LONGEST_PAUSE_S)
        return min(max(0.0, pause - took), max(0.0, self.until - now))


@dataclass
class Reading:
    """How far an event stream has been read, and how long to pause before connecting again."""

    after: str | None
    _first_retry: float = _FIRST_RETRY_S
    _retry: float = _FIRST_RETRY_S

    def event(self, sent: httpx2.ServerSentEvent) -> Event | None:
        """The event that the server sent; None where it only said how the stream is to go on."""
        if sent.retry is not None:
            self._first_retry = sent.retry / 1000
        self._retry = self._first_retry
        if sent.id:
            self.after = sent.id
        if not sent.data:
            return None
        return as_document(Event, msgspec.json.decode(sent.data))

    def pause(self) -> float:
        """How long to wait after the stream broke; longer each time that it does not come back."""
        pause, self._retry = self._retry, min(self._retry * 2, _LONGEST_RETRY_S)
        return pause
