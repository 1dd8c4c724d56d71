"""A tiny central system on a real socket: it says yes to everything, and remembers what it was told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.simulator.desk import Json, Members

NOW = "2026-05-04T08:00:00Z"


class Central:
    def __init__(self) -> None:
        self.told: list[tuple[str, str, Members]] = []
        self.paths: list[str] = []
        self.credentials: list[str | None] = []
        self.subprotocols: list[str | None] = []
        self.links: dict[str, ServerConnection] = {}
        self.answers: dict[str, asyncio.Future[Json]] = {}
        self.url = ""
        self._ids = count(1)
        self._heard = asyncio.Condition()

    async def command(self, station_id: str, action: str, payload: Members) -> Json:
        message_id = f"command-{next(self._ids)}"
        self.answers[message_id] = asyncio.get_running_loop().create_future()
        await self.links[station_id].send(json.dumps([2, message_id, action, payload]))
        async with asyncio.timeout(5):
            return await self.answers[message_id]

    async def hear(self, predicate: Callable[["Central"], bool]) -> None:
        """Wait until it has been told enough."""
        async with asyncio.timeout(5), self._heard:
            await self._heard.wait_for(lambda: predicate(self))

    def actions(self) -> list[str]:
        return [action for _, action, _ in self.told]

    async def serve(self, link: ServerConnection) -> None:
        assert link.request is not None
        station_id = link.request.path.rsplit("/", 1)[-1]
        self.paths.append(link.request.path)
        self.credentials.append(link.request.headers.get("Authorization"))
        self.subprotocols.append(link.subprotocol)
        self.links[station_id] = link
        try:
            async for text in link:
                await self._heard_text(link, station_id, json.loads(text))
        except ConnectionClosed:
            pass

    async def _heard_text(self, link: ServerConnection, station_id: str, frame: Json) -> None:
        if frame[0] != 2:
            self.answers[frame[1]].set_result(frame[2])
            return
        _, message_id, action, payload = frame
        self.told.append((station_id, action, payload))
        await link.send(json.dumps([3, message_id, self._answer(link, action)]))
        async with self._heard:
            self._heard.notify_all()

    def _answer(self, link: ServerConnection, action: str) -> Members:
        info = {"idTagInfo" if link.subprotocol == "ocpp1.6" else "idTokenInfo": {"status": "Accepted"}}
        match action:
            case "BootNotification":
                return {"status": "Accepted", "currentTime": NOW, "interval": 300}
            case "Heartbeat":
                return {"currentTime": NOW}
            case "Authorize":
                return info
            case "StartTransaction":
                return {**info, "transactionId": next(self._ids)}
            case _:
                return {}


@asynccontextmanager
async def central_system(port: int = 0) -> AsyncIterator[tuple[Central, Server]]:
    """Run one on a port of 127.0.0.1, an unused one if none is given."""
    central = Central()
    subprotocols = [Subprotocol("ocpp2.0.1"), Subprotocol("ocpp1.6")]
    async with serve(central.serve, "127.0.0.1", port, subprotocols=subprotocols, ping_interval=None) as server:
        host, found = next(iter(server.sockets)).getsockname()[:2]
        central.url = f"ws://{host}:{found}/ocpp/default"
        yield central, server
