"""A clock tells the instant in UTC and counts seconds that never go back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from voltherd.adapters.memory import SimulatedClock, SystemClock
from voltherd.ports.clock import Clock


@pytest.mark.parametrize("clock", [SystemClock(), SimulatedClock()], ids=["system", "simulated"])
def test_tells_the_time(clock: Clock) -> None:
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now() <= clock.now()
    assert clock.monotonic() <= clock.monotonic()


def test_goes_when_it_is_told_to() -> None:
    clock = SimulatedClock(datetime(2026, 3, 1, tzinfo=UTC))
    clock.advance(timedelta(minutes=2))
    assert clock.now() == datetime(2026, 3, 1, 0, 2, tzinfo=UTC)
    assert clock.monotonic() == 120.0


def test_counts_on_when_it_is_set_back() -> None:
    clock = SimulatedClock(datetime(2026, 3, 1, tzinfo=UTC))
    clock.set(datetime(2026, 2, 1, tzinfo=UTC))
    assert clock.now() == datetime(2026, 2, 1, tzinfo=UTC)
    assert clock.monotonic() == 0.0
