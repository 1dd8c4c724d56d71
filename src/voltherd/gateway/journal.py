"""What goes over a link, put into the journal of frames a few at a time: frames side by side cost half as much."""

from __future__ import annotations

import asyncio
from typing import Literal

from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.gateway.limits import Limits
from voltherd.kernel.identity import StationKey
from voltherd.kernel.readmodel import Told
from voltherd.ocpp.dialect import frame_seen
from voltherd.ports.clock import Clock

_AT_ONCE = 16


class Journal:
    """The frames of one link. They are noted within `frames_within` seconds, and all when the link ends."""

    __slots__ = ("_clock", "_dispatcher", "_later", "_limits", "_station", "_unnoted")

    def __init__(self, station: StationKey, dispatcher: Dispatcher, clock: Clock, limits: Limits) -> None:
        self._station = station
        self._dispatcher = dispatcher
        self._clock = clock
        self._limits = limits
        self._unnoted: list[Told] = []
        self._later: asyncio.TimerHandle | None = None

    def add(self, direction: Literal["received", "sent"], text: str | bytes) -> None:
        """Take a frame down, unless frames are not kept."""
        if not self._limits.frames_kept:
            return
        told = text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")
        self._unnoted.append(frame_seen(self._station, self._clock.now(), direction, told))
        if len(self._unnoted) >= _AT_ONCE or not self._limits.frames_within:
            self.flush()
        elif self._later is None:
            self._later = asyncio.get_running_loop().call_later(self._limits.frames_within, self.flush)

    def flush(self) -> None:
        """Note what is there."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        unnoted, self._unnoted = self._unnoted, []
        self._dispatcher.note(*unnoted)
