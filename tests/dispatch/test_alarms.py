"""Alarms."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from tests.dispatch.content import Jar, catalog, key, put
from voltherd.adapters.memory import MemoryStore, SimulatedClock
from voltherd.dispatch.alarms import keep_ringing, ring
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.kernel.messages import Command
from voltherd.kernel.readmodel import Alarm
from voltherd.ports.history import StoreUnavailableError


class Rows:
    """Pictures in which a query is the list of rows that it finds; or an exception."""

    async def fetch(self, query: Any) -> Sequence[Mapping[str, Any]]:
        if isinstance(query, Exception):
            raise query
        rows: Sequence[Mapping[str, Any]] = query
        return rows


def alarm(*coins: int) -> Alarm:
    return Alarm(
        due=lambda _now: [{"coins": each} for each in coins],
        command=lambda row, now: put(100 // row["coins"], at=now),
    )


async def coins_after(*alarms: Alarm) -> int:
    dispatcher = Dispatcher(catalog(), MemoryStore(catalog()))
    await ring(list(alarms), dispatcher, Rows(), SimulatedClock())
    found: Jar = await dispatcher.state(Jar, key())
    return found.coins


async def test_command_what_each_row_asks_for() -> None:
    assert await coins_after(alarm(1, 2), alarm(), alarm(10)) == 160


async def test_go_on_after_a_refusal() -> None:
    overfull = Alarm(due=lambda _now: [{}], command=lambda _row, now: put(5000, at=now))
    assert await coins_after(overfull, alarm(1)) == 100


async def test_go_on_after_a_row_that_cannot_be_dealt_with() -> None:
    assert await coins_after(alarm(0, 1, 0), alarm(2)) == 150


class Together:
    """A dispatcher with which no command ends before a number of them has begun."""

    def __init__(self, number: int) -> None:
        self._barrier = asyncio.Barrier(number)

    async def handle(self, _command: Command) -> None:
        await self._barrier.wait()


async def test_command_for_many_rows_at_once_so_that_they_share_a_commit() -> None:
    async with asyncio.timeout(30):
        await ring([alarm(*range(1, 51))], cast(Dispatcher, Together(50)), Rows(), SimulatedClock())


async def test_ask_with_the_time_of_the_clock() -> None:
    clock = SimulatedClock()
    asked: list[datetime] = []

    def due(now: datetime) -> list[dict[str, int]]:
        asked.append(now)
        return [{"coins": 1}]

    def command(row: Mapping[str, Any], now: datetime) -> Command:
        assert now == clock.now()
        return put(row["coins"], at=now)

    dispatcher = Dispatcher(catalog(), MemoryStore(catalog()))
    for _ in range(2):
        await ring([Alarm(due=due, command=command)], dispatcher, Rows(), clock)
        clock.advance(timedelta(seconds=1))
    assert asked[1] - asked[0] == timedelta(seconds=1)


async def test_say_so_when_the_store_is_away() -> None:
    with pytest.raises(StoreUnavailableError):
        await coins_after(Alarm(due=lambda _now: StoreUnavailableError("away"), command=lambda _row, at: put(1, at=at)))


@pytest.mark.parametrize("trouble", [StoreUnavailableError("away"), LookupError("a fault of ours")])
async def test_keep_ringing_after_trouble(trouble: Exception) -> None:
    rung = asyncio.Event()
    rounds = 0

    def due(_now: datetime) -> Any:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            rung.set()
        return trouble if rounds < 3 else []

    dispatcher = Dispatcher(catalog(), MemoryStore(catalog()))
    always = Alarm(due=due, command=lambda _row, now: put(1, at=now))
    ringing = asyncio.create_task(keep_ringing([always], dispatcher, Rows(), SimulatedClock(), period=0.001))
    async with asyncio.timeout(5):
        await rung.wait()
    ringing.cancel()
    await asyncio.wait([ringing])
    assert ringing.cancelled()
