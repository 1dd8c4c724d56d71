"""`kill -9` at random moments under load, again and again on one history.

Dozens of stations of both versions in a closed loop, operators' commands in flight; what the killed server left is
examined each time. `VOLTHERD_LONG=1` takes 24 kills on each database instead of two, and more while the server starts.
A test's number is the seed of all that is chosen in it: `-k sqlite-3` makes the same choices again, though the
machine's timing will be another.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.conftest import LONG
from tests.faults.databases import FaultDatabase
from tests.faults.operators import Operators
from tests.faults.outage import all_go_on, examine
from tests.faults.stations import Station, fleet
from tests.support.server import Server

STATIONS = 48 if LONG else 24
OPERATORS = 4
SEEDS = range(4 if LONG else 1)
KILLS = 6 if LONG else 2
KILLED_AT_START = 0.3 if LONG else 0.0
# A start that got lost on its way to the station is `unknown` for good after three minutes; stations rest meanwhile.
REST_S = 2.0 if LONG else 0.02
PATIENCE_S = 300.0 if LONG else 120.0


@pytest.mark.parametrize("seed", SEEDS)
async def test_loses_nothing_that_was_answered_and_doubles_nothing(
    tmp_path: Path, database: FaultDatabase, seed: int
) -> None:
    chance = random.Random(seed)
    async with Server(tmp_path, database.url) as server, Operators(server.api_url, seed) as operators:
        stations = fleet(STATIONS, server.ocpp_url, seed)
        await operators.register(stations)
        async with asyncio.TaskGroup() as living:
            for station in stations:
                living.create_task(station.run())
            commanding = [living.create_task(operators.run(stations, number)) for number in range(OPERATORS)]
            for kill in range(1, KILLS + 1):
                await all_go_on(stations)
                await asyncio.sleep(chance.uniform(0, 1))
                await server.kill()
                await _examine(database, operators, stations, f"seed {seed}, kill {kill}")
                if chance.random() < KILLED_AT_START:
                    await server.spawn()
                    await asyncio.sleep(chance.uniform(0.3, 2.5))
                    await server.kill()
                await server.start()
            await all_go_on(stations)
            for task in commanding:
                task.cancel()
            for station in stations:
                station.pause = REST_S
            await operators.all_true(PATIENCE_S, to_the_end=LONG)
            for station in stations:
                station.ending.set()
        assert all(station.wires > KILLS and not station.books.errors for station in stations)
        assert not operators.refusals
        for station in stations:
            await operators.see_transactions_of(station)
    await _examine(database, operators, stations, f"seed {seed}, in the end")


async def _examine(database: FaultDatabase, operators: Operators, stations: Sequence[Station], when: str) -> None:
    try:
        await examine(database, operators, stations)
    except BaseException as error:
        error.add_note(when)
        raise
