"""Operators that command stations all the time, and keep the books on which commands were taken.

Each sends one command after the other under an idempotency key of its own, and the same again until it is taken: so
a command is in flight at almost any moment, and one that was taken unheard must not be doubled by its repetition.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import httpx2

from tests.faults.stations import CONNECTORS, Station, unlocks

_KINDS = ("UnlockConnector", "StartTransaction", "ClearCache", "Configure")


@dataclass(frozen=True)
class Taken:
    """A command that got its 202; `subject` is the connector or the id token that it alone is about."""

    command_id: str
    station: Station
    kind: str
    subject: Any


class Operators:
    """Some operators at one API."""

    def __init__(self, url: str, seed: int) -> None:
        self.taken: list[Taken] = []
        self.asked = 0
        """How many different commands were sent, answered or not."""
        self.refusals: Counter[tuple[int, str]] = Counter()
        """How often a command was answered with another status than 202, by status and code."""
        self._chance = random.Random(seed)
        self._seed = seed
        self._unlocked: Counter[str] = Counter()
        self._http = httpx2.AsyncClient(base_url=url, timeout=60, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def register(self, stations: Sequence[Station]) -> None:
        """Have all accepted, with connectors enough for every unlock that will be asked for."""
        connectors = [{"connectorId": n + 1, "connectorType": "Type2", "maxAmp": 16} for n in range(CONNECTORS)]
        for station in stations:
            await self._command(station, "Register", {"configuration": {"connectors": connectors}})

    async def run(self, stations: Sequence[Station], number: int) -> None:
        """Command one station after the other until cancelled, as the operator of this number."""
        chance = random.Random(self._seed * 1000 + number)
        while True:
            station = chance.choice(stations)
            await self._wish(station, chance.choice(_KINDS))
            await asyncio.sleep(chance.uniform(0, 0.05))

    async def _wish(self, station: Station, kind: str) -> None:
        number = self.asked + 1
        match kind:
            case "UnlockConnector" if self._unlocked[station.station_id] < CONNECTORS:
                self._unlocked[station.station_id] += 1
                connector_id = self._unlocked[station.station_id]
                await self._command(station, kind, {"connectorId": connector_id}, connector_id)
            case "StartTransaction" if not station.is_booked_up:
                await self._command(station, kind, {"idToken": f"WISH-{number}"}, f"WISH-{number}")
            case "Configure":
                await self._command(station, kind, {"settings": {"Wish": str(number)}}, number)
            case _:
                await self._command(station, "ClearCache", {})

    async def _command(self, station: Station, kind: str, payload: dict[str, Any], subject: Any = None) -> None:
        self.asked += 1
        headers = {"Idempotency-Key": f"{self._seed}-{self.asked}"}
        path = f"/charging-stations/{station.station_id}/commands"
        while True:
            try:
                response = await self._http.post(path, json=[kind, payload], headers=headers)
            except httpx2.TransportError:
                await asyncio.sleep(0.3)
                continue
            if response.status_code == 202:
                self.taken.append(Taken(response.json()["commandId"], station, kind, subject))
                return
            assert response.status_code == 503, response.text
            self.refusals[response.status_code, response.json()["code"]] += 1
            await asyncio.sleep(0.1)

    async def all_true(self, patience: float, *, to_the_end: bool) -> None:
        """Wait until every command that was taken is final and true; `patience` seconds for all of them.

        A start that got lost on its way to the station is final only when its effect's time is over, which is
        minutes: unless it is waited for `to_the_end`, it may still be `unknown`.
        """
        until = asyncio.get_running_loop().time() + patience
        for taken in self.taken:
            while True:
                found = await self._found(taken)
                true = _is_true(taken, found)
                lost = taken.kind == "StartTransaction" and not taken.station.books.starts[taken.subject]
                if true and (found["final"] or (lost and found["status"] == "unknown" and not to_the_end)):
                    break
                assert not found["final"], f"{found} is not true: {taken.station.books}"
                assert asyncio.get_running_loop().time() < until, f"{found} is not final: {taken.station.books}"
                await asyncio.sleep(0.2)

    async def see_transactions_of(self, station: Station) -> None:
        """See every transaction of the station that has ended, with its energy, complete."""
        response = await self._http.get("/transactions", params={"stationId": station.station_id, "limit": 500})
        found = {one["transactionId"]: one for one in response.json()["elements"]}
        for transaction_id, energy_wh in station.books.energies_wh.items():
            shown = found[transaction_id]
            assert (shown["status"], shown["energyWh"], shown["incomplete"]) == ("ended", energy_wh, False), shown

    async def _found(self, taken: Taken) -> dict[str, Any]:
        response = await self._http.get(f"/commands/{taken.command_id}")
        assert response.status_code == 200, f"{taken} was taken: {response.text}"
        found: dict[str, Any] = response.json()
        return found


def _is_true(taken: Taken, found: dict[str, Any]) -> bool:
    books, status = taken.station.books, found["status"]
    assert found["command"] == taken.kind
    match taken.kind:
        case "UnlockConnector":
            heard = books.unlocks.get(taken.subject, 0)
            assert heard <= 1, f"{taken} went out {heard} times"
            if heard and status in ("completed", "rejected"):
                return bool(status == ("completed" if unlocks(taken.subject) else "rejected"))
            return status == "unknown" or (status == "expired" and not heard)
        case "StartTransaction":
            heard = books.starts[taken.subject]
            assert heard <= 1, f"{taken} went out {heard} times"
            started = [number for number, token in books.transactions.items() if token == taken.subject]
            if status == "completed":
                return [found["outcome"]["result"]["transactionId"]] == started
            return not started and status in ("unknown", "expired") and not (heard and status == "expired")
        case "ClearCache":
            return bool(status == "completed" and books.clearances > 0) or (status == "expired")
        case _:
            return bool(status == "completed")
