"""How often a station's connection was taken over by a newer one: two stations with one id do so without end."""

from __future__ import annotations

from collections import deque

from voltherd.kernel.identity import StationKey

_WINDOW_S = 60.0


class Takeovers:
    """The takeovers of the last minute; instants are seconds of one monotonic clock."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._recent: dict[StationKey, deque[float]] = {}

    def permits(self, station: StationKey, now: float) -> bool:
        """Whether the station's connection may be taken over once more."""
        recent = self._recent.get(station)
        return recent is None or len(recent) < self._per_minute or now - recent[0] >= _WINDOW_S

    def note(self, station: StationKey, now: float) -> None:
        """Remember that it was."""
        self._recent.setdefault(station, deque(maxlen=max(1, self._per_minute))).append(now)

    def forget(self, now: float) -> None:
        """Drop what is older than the window."""
        for station in [station for station, recent in self._recent.items() if now - recent[-1] >= _WINDOW_S]:
            del self._recent[station]
