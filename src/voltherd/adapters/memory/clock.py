"""The time: the machine's, and one for tests that goes when it is told to."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the clock that all others are handed

    def monotonic(self) -> float:
        return time.monotonic()


class SimulatedClock:
    """Stands still until it is set or advanced."""

    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def set(self, now: datetime) -> None:
        """Make it another time; going back does not turn `monotonic` back."""
        self._monotonic += max(0.0, (now - self._now).total_seconds())
        self._now = now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.set(self._now + by)
