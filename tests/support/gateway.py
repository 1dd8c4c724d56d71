"""The stations' door on loopback with everything behind it in memory, and a station that says what it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Self

import websockets
from sqlalchemy import select
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.words import OPERATOR
from voltherd.adapters.memory import InProcessRelay, MemoryStore, SimulatedClock
from voltherd.assembly.catalog import build_catalog
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.dispatch.numbers import Numbers
from voltherd.dispatch.reactions import Reactions
from voltherd.dispatch.states import Touched
from voltherd.domain.charging_station.configure import Configuration
from voltherd.domain.charging_station.register import Register
from voltherd.domain.charging_station.requests import Requested
from voltherd.domain.charging_station.state import ChargingStation
from voltherd.domain.connector import Connector, Evse
from voltherd.gateway.limits import Limits
from voltherd.gateway.server import Gateway
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Command, Event
from voltherd.kernel.readmodel import Told
from voltherd.ocpp.dialects import DIALECTS
from voltherd.ports.history import Append, Appended, Past, StoreUnavailableError
from voltherd.readmodels.charging_stations import stations
from voltherd.readmodels.commands import commands_table
from voltherd.readmodels.frames import frames_table

DEADLINE_S = 10.0

Frame = list[Any]


class MoodyStore(MemoryStore):
    """A store that is away (`away`), or keeps appends waiting until it is told to go on (`hold`, `go_on`)."""

    def __init__(self) -> None:
        super().__init__(build_catalog())
        self.away = False
        self._held: list[tuple[Append, Appended]] | None = None

    async def load(self, stream: str) -> Past:
        if self.away:
            raise StoreUnavailableError("the store is away")
        return await super().load(stream)

    def append(self, append: Append) -> Awaitable[int]:
        if self.away:
            failed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            failed.set_exception(StoreUnavailableError("the store is away"))
            return failed
        if self._held is None:
            return super().append(append)
        done = Appended()
        self._held.append((append, done))
        return done

    def hold(self) -> None:
        self._held = []

    @property
    def held(self) -> int:
        return len(self._held or ())

    def go_on(self) -> None:
        """Write what was kept waiting; where the store is away by now, fail it."""
        held, self._held = self._held or [], None
        for append, done in held:
            try:
                if self.away:
                    raise StoreUnavailableError("the store is away")
                done.set_result(self._append(append))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
                done.set_exception(error)


async def eventually(holds: Callable[[], object]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            if holds():
                return
            await asyncio.sleep(0.002)


class House:
    """A gateway with all behind it. Time stands still until a test moves it; the gateway's sweeps go on."""

    def __init__(self, limits: Limits) -> None:
        self.store = MoodyStore()
        self.clock = SimulatedClock()
        self.dispatcher = Dispatcher(build_catalog(), self.store)
        self.relay = InProcessRelay()
        self.numbers = Numbers(self.store, "transaction")
        self.gateway = Gateway(
            self.dispatcher,
            DIALECTS,
            clock=self.clock,
            relay=self.relay,
            limits=limits,
            new_number=self.numbers.take,
            node="n-1",
        )
        self.dispatcher.listen(self._notify)
        self._reactions: asyncio.Task[None] | None = None
        self._commands = 0
        self._open = False

    def _notify(self, told: Sequence[Told]) -> None:
        for one in told:
            if isinstance(one.fact, Requested):
                self.relay.notify(one.key)

    async def open(self) -> None:
        await self.numbers.fill()
        await self.gateway.open("127.0.0.1", 0)
        self._open = True

    async def close(self) -> None:
        if not self._open:
            return
        self._open = False
        async with asyncio.timeout(DEADLINE_S):
            await self.gateway.close()
        if self._reactions is not None:
            self._reactions.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reactions
        await self.store.close()

    def react(self) -> None:
        """Let the policies run."""
        self._reactions = asyncio.get_running_loop().create_task(Reactions(self.dispatcher, self.store).run())

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.gateway.port}/ocpp"

    async def connect(self, path: str = "CS-1", *protocols: str, **options: Any) -> Station:
        """Connect as a station; 1.6 unless told otherwise."""
        offered = [Subprotocol(protocol) for protocol in protocols or ("ocpp1.6",)]
        options.setdefault("ping_interval", None)
        options.setdefault("close_timeout", 0.2)
        return Station(await websockets.connect(f"{self.url}/{path}", subprotocols=offered, **options))

    async def handle(self, command: Command) -> Touched:
        return await self.dispatcher.handle(command)

    async def register(self, station_id: str = "CS-1", evses: int = 1) -> StationKey:
        """An accepted station with EVSEs."""
        key = station(station_id)
        topology = tuple(Evse(evse_id=number + 1, connectors=(Connector(),)) for number in range(evses))
        await self.handle(
            Register(
                at=self.clock.now(),
                by="tests",
                command_id=f"register {station_id}",
                station=key,
                configuration=Configuration(evses=topology),
            )
        )
        return key

    def order(self, seconds: float = 60.0, station_id: str = "CS-1") -> dict[str, Any]:
        """What every request to a station has; its command id is `c-1`, then `c-2` and so on."""
        self._commands += 1
        return {
            "at": self.clock.now(),
            "by": "tests",
            "command_id": f"c-{self._commands}",
            "station": station(station_id),
            "expires_at": self.clock.now() + timedelta(seconds=seconds),
        }

    async def state(self, station_id: str = "CS-1") -> ChargingStation:
        found: ChargingStation = await self.dispatcher.state(ChargingStation, station(station_id))
        return found

    async def until(self, holds: Callable[[ChargingStation], object], station_id: str = "CS-1") -> ChargingStation:
        """Wait until it is so of the station's state."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                state = await self.state(station_id)
                if holds(state):
                    return state
                await asyncio.sleep(0.002)

    async def history(self, station_id: str = "CS-1") -> Sequence[Event]:
        stream = f"charging_station-{station(station_id).path}"
        return [one.event for one in await self.store.read(0, 100_000) if one.stream == stream]

    async def row(self, station_id: str = "CS-1") -> dict[str, Any]:
        """The station as operators see it."""
        [row] = await self.store.fetch(select(stations).where(stations.c.station_id == station_id))
        return dict(row)

    async def shown_online(self, station_id: str = "CS-1") -> bool:
        return bool((await self.row(station_id))["online"])

    async def frame_seen(self, part: str) -> None:
        """Wait until a frame with this in it has gone over a link."""
        query = select(frames_table.c.id).where(frames_table.c.text.contains(part))
        async with asyncio.timeout(DEADLINE_S):
            while True:
                if await self.store.fetch(query):
                    return
                await asyncio.sleep(0.002)

    async def command(self, command_id: str = "c-1") -> dict[str, Any]:
        """The command as operators see it."""
        [row] = await self.store.fetch(select(commands_table).where(commands_table.c.command_id == command_id))
        return dict(row)

    async def command_is(self, status: str, command_id: str = "c-1") -> dict[str, Any]:
        """Wait until the command has come so far."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                row = await self.command(command_id)
                if row["status"] == status:
                    return row
                await asyncio.sleep(0.002)


def station(station_id: str = "CS-1") -> StationKey:
    return StationKey(operator=OPERATOR, station_id=station_id)


class Station:
    """The far end of a link. `asked` are calls of ours that came while it waited for an answer."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.asked: list[Frame] = []
        self._sent = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def send(self, frame: Frame | str | bytes) -> None:
        await self.socket.send(json.dumps(frame) if isinstance(frame, list) else frame)

    async def receive(self) -> Frame:
        """The next frame."""
        async with asyncio.timeout(DEADLINE_S):
            frame: Frame = json.loads(await self.socket.recv())
            return frame

    async def call(self) -> Frame:
        """The next call of ours."""
        frame = self.asked.pop(0) if self.asked else await self.receive()
        assert frame[0] == 2, frame
        return frame

    async def answer(self, call: Frame, payload: dict[str, Any]) -> None:
        await self.send([3, call[1], payload])

    async def ask(self, action: str, payload: dict[str, Any] | None = None) -> Frame:
        """Send a call and wait for its answer."""
        self._sent += 1
        message_id = f"m-{self._sent}"
        await self.send([2, message_id, action, payload or {}])
        while True:
            frame = await self.receive()
            if frame[0] != 2:
                assert frame[1] == message_id, frame
                return frame
            self.asked.append(frame)

    async def boot(self) -> Frame:
        return await self.ask("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"})

    async def closed(self) -> int:
        """Wait until the connection is closed; the code."""
        async with asyncio.timeout(DEADLINE_S):
            try:
                while True:
                    await self.socket.recv()
            except ConnectionClosed:
                return self.socket.close_code or 0

    def cut(self) -> None:
        """Vanish, as far as TCP lets us."""
        self.socket.transport.abort()


@contextlib.asynccontextmanager
async def open_house(**limits: Any) -> AsyncIterator[House]:
    """A house whose every task has ended in the end, without an exception that nobody heard of."""
    loop = asyncio.get_running_loop()
    troubles: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: troubles.append(context))
    before = asyncio.all_tasks()
    house = House(
        Limits(**{"sweep_every": 0.01, "close_within": 0.5, "first_word_within": 0.0, "frames_within": 0.0, **limits})
    )
    await house.open()
    try:
        yield house
    finally:
        await house.close()
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.gather(*_ours(asyncio.all_tasks() - before))
    del house
    gc.collect()
    assert not troubles


def _ours(tasks: set[asyncio.Task[Any]]) -> list[asyncio.Task[Any]]:
    """Tasks of the house that still run: closing may take a moment, and no more."""
    return [task for task in tasks if task is not asyncio.current_task() and "pytest" not in task.get_name()]
