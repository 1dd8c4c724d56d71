"""Where links are tried: a gateway of this process with everything in memory, and a server of its own."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol

import structlog
import websockets
from websockets.typing import Subprotocol

from tests.journeys.operator import Operator
from tests.support.gateway import House, Station, open_house
from tests.support.server import Server
from voltherd.domain.charging_station.trigger_message import TriggerMessage

SERIOUS = frozenset(
    ("call_failed", "link_failed", "request_failed", "sweep_failed", "listener_failed", "note_dropped", "batch_failed")
)
"""What the log says when something happened that nobody had thought of."""


class Place(Protocol):
    """A gateway with an operator at it."""

    async def connect(self, station_id: str, protocol: str) -> Station:
        """Connect as an accepted station with two EVSEs."""
        ...

    async def order(self, station_id: str) -> None:
        """Have one call made to the station."""
        ...

    def troubles(self) -> list[str]:
        """What has gone wrong since this was last asked."""
        ...


class _InMemory:
    def __init__(self, house: House, troubles: list[str]) -> None:
        self._house = house
        self._troubles = troubles

    async def connect(self, station_id: str, protocol: str) -> Station:
        await self._house.register(station_id, evses=2)
        return await self._house.connect(station_id, protocol, compression=None, max_size=None)

    async def order(self, station_id: str) -> None:
        await self._house.handle(
            TriggerMessage(**self._house.order(station_id=station_id), requested_message="Heartbeat")
        )

    def troubles(self) -> list[str]:
        found = self._troubles[:]
        self._troubles.clear()
        return found


@asynccontextmanager
async def in_memory() -> AsyncIterator[Place]:
    """A gateway on loopback whose log is read."""
    with _overheard() as troubles:
        async with open_house(answer_within=3600.0) as house:
            yield _InMemory(house, troubles)


@contextmanager
def _overheard() -> Iterator[list[str]]:
    troubles: list[str] = []

    def overhear(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if event["event"] in SERIOUS:
            told = "".join(traceback.format_exception(*sys.exc_info())[-4:]) if event.get("exc_info") else ""
            troubles.append(f"{event['event']} {event.get('action', event.get('reason', ''))}\n{told}")
        raise structlog.DropEvent

    class Overheard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            troubles.append(self.format(record))

    before, handler = structlog.get_config()["processors"], Overheard(logging.ERROR)
    structlog.configure(processors=[overhear])
    logging.getLogger().addHandler(handler)
    try:
        yield troubles
    finally:
        logging.getLogger().removeHandler(handler)
        structlog.configure(processors=before)


class _Served:
    def __init__(self, server: Server, operator: Operator) -> None:
        self._server = server
        self._operator = operator
        self._read = 0

    async def connect(self, station_id: str, protocol: str) -> Station:
        connectors = [{"connectorId": number, "connectorType": "Type2", "maxAmp": 16} for number in (1, 2)]
        await self._operator.send(station_id, "Register", {"configuration": {"connectors": connectors}})
        url = f"{self._server.ocpp_url}/{station_id}"
        return Station(
            await websockets.connect(
                url, subprotocols=[Subprotocol(protocol)], compression=None, max_size=None, ping_interval=None
            )
        )

    async def order(self, station_id: str) -> None:
        await self._operator.send(station_id, "TriggerMessage", {"requestedMessage": "Heartbeat"})

    def troubles(self) -> list[str]:
        with (self._server.data / "server.log").open() as log:
            log.seek(self._read)
            lines = log.readlines()
            self._read = log.tell()
        return [line[line.index(word) :] for line in lines for word in SERIOUS if word in line]


@asynccontextmanager
async def served(data: Path) -> AsyncIterator[Place]:
    """`voltherd serve` with its embedded database, or with the one that VOLTHERD_DATABASE names."""
    async with Server(data) as server, Operator(server.api_url) as operator:
        yield _Served(server, operator)
