"""How a server must bear it that its store is away, and what its operators and stations see meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2

from tests.faults.databases import FaultDatabase
from tests.faults.history import History
from tests.faults.operators import Operators
from tests.faults.stations import Station, fleet
from tests.support.server import Server

STATIONS = 16
_WITHIN_S = 120.0

Trouble = AbstractAsyncContextManager[None]
"""The store is away inside it."""


async def eventually(holds: Callable[[], Awaitable[object]], what: str) -> None:
    """Wait until it is so; `what` is told when it never is."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            while not await holds():  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{what} never came to be") from None


async def all_go_on(stations: Sequence[Station]) -> None:
    """Wait until every station was answered several times more."""
    before = [station.answers for station in stations]

    async def answered() -> bool:
        return all(now.answers >= then + 5 for now, then in zip(stations, before, strict=True))

    await eventually(answered, "an answer for everybody")


async def examine(database: FaultDatabase, operators: Operators, stations: Sequence[Station]) -> None:
    """See that what the server left in its database is true."""
    history = await asyncio.to_thread(History, await database.copy())
    taken = [one.command_id for one in operators.taken]
    await asyncio.to_thread(history.tells_the_truth, stations, taken, operators.asked)


class Watch:
    """What a server tells of itself to those who look after it."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def is_ready(self) -> bool:
        return (await self._http.get("/readyz")).status_code == 200

    async def trouble(self) -> str | None:
        """The reason why it is not ready, as far as it is known."""
        response = await self._http.get("/readyz")
        told: dict[str, Any] = response.json()
        assert (response.status_code, told["status"]) in ((200, "ok"), (503, "failed"))
        reason: str | None = told["checks"]["history"]["detail"]
        return reason if response.status_code == 503 else None

    async def metric(self, name: str) -> float:
        for line in (await self._http.get("/metrics")).text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        raise AssertionError(f"there is no metric {name}")

    async def refuses_commands(self) -> None:
        """A command is answered with 503 as problem details, and when to try again."""
        response = await self._http.post("/charging-stations/K-000/commands", json=["ClearCache", {}])
        assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
        assert response.json()["code"] == "store_unavailable"
        assert int(response.headers["retry-after"]) > 0


class Scene:
    """A server under load, and those who load it."""

    def __init__(self, server: Server, operators: Operators, stations: Sequence[Station], watch: Watch) -> None:
        self.server = server
        self.operators = operators
        self.stations = stations
        self.watch = watch

    async def bears(self, trouble: Trouble, reason: str, seconds: float) -> None:
        """Be in trouble for so long, say so for the `reason`, and recover without help."""
        await all_go_on(self.stations)
        assert await self.watch.metric("voltherd_history_trouble") == 0
        errors = sum(station.books.errors.total() for station in self.stations)
        async with trouble:

            async def told() -> bool:
                return reason in (await self.watch.trouble() or "")

            await eventually(told, f"the reason {reason}")
            end = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < end:
                await self.watch.refuses_commands()
                assert not await self.watch.is_ready()
                assert await self.watch.metric("voltherd_history_trouble") == 1
                assert await self.watch.metric("voltherd_links") == len(self.stations)
                await asyncio.sleep(0.2)
        await eventually(self.watch.is_ready, "recovery")
        assert await self.watch.metric("voltherd_history_trouble") == 0
        assert sum(station.books.errors.total() for station in self.stations) > errors
        await all_go_on(self.stations)


@asynccontextmanager
async def scene(server: Server, database: FaultDatabase, seed: int) -> AsyncIterator[Scene]:
    """A server that works; in the end, nothing of what was answered may be lost, and no connection."""
    async with (
        server,
        Operators(server.api_url, seed) as operators,
        httpx2.AsyncClient(base_url=server.api_url, timeout=60, trust_env=False) as http,
    ):
        pid = server.pid
        stations = fleet(STATIONS, server.ocpp_url, seed)
        await operators.register(stations)
        async with asyncio.TaskGroup() as living:
            for station in stations:
                living.create_task(station.run())
            commanding = [living.create_task(operators.run(stations, number)) for number in range(2)]
            yield Scene(server, operators, stations, Watch(http))
            for task in commanding:
                task.cancel()
            await operators.all_true(_WITHIN_S, to_the_end=False)
            for station in stations:
                station.ending.set()
        for station in stations:
            await operators.see_transactions_of(station)
        assert server.pid == pid
    assert {station.wires for station in stations} == {1}, "a connection was lost"
    assert {code for station in stations for code in station.books.errors} == {"InternalError"}
    assert {status for status, _ in operators.refusals} <= {503}
    await examine(database, operators, stations)
