"""`kill -9` in the middle of twenty running transactions."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import websockets
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.journeys.operator import Operator
from tests.support.server import Server

STATIONS = 20
ROUNDS = 3
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

Message = tuple[str, dict[str, Any]]


class Station:
    """A 1.6 station that repeats a message until it is answered, and keeps the books on what was."""

    def __init__(self, station_id: str, url: str) -> None:
        self.station_id = station_id
        self._url = f"{url}/{station_id}"
        self.transaction_id = 0
        self.energy_wh = 0
        self.acknowledged: list[str] = []
        self.unlocked = 0
        self.ending = asyncio.Event()
        self.charging = asyncio.Event()
        self.wires = 0
        self._sent = 0

    async def run(self) -> None:
        """Live the story over as many connections as it takes."""
        story = self._story()
        message = await anext(story)
        while True:
            try:
                async with websockets.connect(self._url, subprotocols=["ocpp1.6"]) as wire:  # type: ignore[list-item]
                    self.wires += 1
                    while True:
                        message = await story.asend(await self._ask(wire, message))
            except StopAsyncIteration:
                return
            except (OSError, ConnectionClosed, InvalidHandshake, EOFError):
                await asyncio.sleep(random.uniform(0.01, 0.1))

    async def _story(self) -> AsyncGenerator[Message, dict[str, Any]]:
        instant = START
        yield "BootNotification", {"chargePointVendor": "Books", "chargePointModel": "B-16"}
        start = {"connectorId": 1, "idTag": "CARD", "meterStart": 5000, "timestamp": instant.isoformat()}
        self.transaction_id = (yield "StartTransaction", start)["transactionId"]
        while not self.ending.is_set():
            instant += timedelta(seconds=60)
            self.energy_wh += 100
            value = {"timestamp": instant.isoformat(), "sampledValue": [{"value": str(5000 + self.energy_wh)}]}
            yield (
                "MeterValues",
                {"connectorId": 1, "transactionId": self.transaction_id, "meterValue": [value]},
            )
            self.acknowledged.append(instant.isoformat())
            self.charging.set()
        stop = {"transactionId": self.transaction_id, "meterStop": 5000 + self.energy_wh}
        yield "StopTransaction", {**stop, "timestamp": instant.isoformat()}

    async def _ask(self, wire: Any, message: Message) -> dict[str, Any]:
        self._sent += 1
        message_id = f"{self.station_id}-{self._sent}"
        await wire.send(json.dumps([2, message_id, *message]))
        while True:
            frame = json.loads(await wire.recv())
            if frame[0] == 2:
                self.unlocked += frame[2] == "UnlockConnector"
                await asyncio.sleep(random.uniform(0, 0.02))
                await wire.send(json.dumps([3, frame[1], {"status": "Unlocked"}]))
            elif frame[1] == message_id:
                assert frame[0] == 3, frame
                answer: dict[str, Any] = frame[2]
                return answer


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_loses_no_message_and_no_command_and_doubles_none(tmp_path: Path, round_: int) -> None:
    random.seed(round_)
    async with Server(tmp_path) as server, Operator(server.api_url) as operator:
        stations = [Station(f"K-{number:02}", server.ocpp_url) for number in range(STATIONS)]
        for station in stations:
            configuration = {"connectors": [{"connectorId": 1, "connectorType": "Type2", "maxAmp": 16}]}
            await operator.send(station.station_id, "Register", {"configuration": configuration})
        async with asyncio.TaskGroup() as living:
            for station in stations:
                living.create_task(station.run())
            for station in stations:
                await station.charging.wait()
            commands = await _unlock_all_and_kill(server, operator, stations)
            await server.start()
            for station in stations:
                station.charging.clear()
            for station in stations:
                await station.charging.wait()
                station.ending.set()
        assert all(station.wires >= 2 for station in stations)

        for station in stations:
            await _books_agree(operator, station)
        for station in stations:
            if station.station_id in commands:
                await _command_is_true(operator, station, commands[station.station_id])


async def _unlock_all_and_kill(server: Server, operator: Operator, stations: list[Station]) -> dict[str, str]:
    """Command every station, and kill the server somewhere between the first 202 and the last answer."""
    taken: dict[str, str] = {}

    async def unlock(station: Station) -> None:
        payload = {"connectorId": 1}
        taken[station.station_id] = (await operator.send(station.station_id, "UnlockConnector", payload))["commandId"]

    commanding = [asyncio.create_task(unlock(station)) for station in stations]
    await asyncio.sleep(random.uniform(0.005, 0.08))
    await server.kill()
    await asyncio.gather(*commanding, return_exceptions=True)
    return taken


async def _books_agree(operator: Operator, station: Station) -> None:
    (found,) = (await operator.get(f"/transactions?stationId={station.station_id}"))["elements"]
    assert found["transactionId"] == str(station.transaction_id)
    assert (found["status"], found["energyWh"], found["incomplete"]) == ("ended", station.energy_wh, False)
    page = await operator.get(f"/transactions/{found['id']}/meter-values?limit=500")
    kept = [report["meterValues"][0]["takenAt"] for report in page["elements"]]
    assert page["total"] == len(kept) <= 500
    assert kept == [instant.replace("+00:00", "Z") for instant in station.acknowledged]


async def _command_is_true(operator: Operator, station: Station, command_id: str) -> None:
    command = await operator.until(f"/commands/{command_id}", lambda found: bool(found["final"]))
    assert station.unlocked <= 1
    assert command["status"] in ("completed", "unknown"), command
    if command["status"] == "completed":
        assert station.unlocked == 1
