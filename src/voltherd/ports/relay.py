"""Between nodes: "this station has work". A lost notice costs time, never a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from voltherd.kernel.identity import StationKey


class Relay(Protocol):
    """Carries notices to whichever node holds a station's link."""

    def notify(self, station: StationKey) -> None:
        """Say that the station has an open request."""
        ...

    def subscribe(self, station: StationKey, wake: Callable[[], None]) -> Callable[[], None]:
        """Have `wake` called at every notice for the station; returns the way to end it."""
        ...
