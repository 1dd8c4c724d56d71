"""A simulated station on a real WebSocket: connects, comes back when the link is lost, and can be led step by step.

async with SimulatedStation("ws://127.0.0.1:9000/ocpp/default", "CS-1", Version.V201) as station:
    await station.connect()
    station.plug_in(1)
    station.present("04C0FFEE000001")
    await station.wait_for(lambda state: state.evses[1].charging)
"""

from __future__ import annotations

import asyncio
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import Random
from types import TracebackType
from typing import Final
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from voltherd.ocpp.rpc import Version
from voltherd.simulator.codec import Codec
from voltherd.simulator.codec_v16 import CodecV16
from voltherd.simulator.codec_v201 import CodecV201
from voltherd.simulator.faults import NO_FAULTS, Faults
from voltherd.simulator.state import EvseState, StationState
from voltherd.simulator.station import DEFAULT_OUTLETS, Station
from voltherd.simulator.statistics import Statistics
from voltherd.simulator.vehicle import Outlet, Vehicle
from voltherd.simulator.words import IdToken

CODECS: Final[dict[Version, Codec]] = {Version.V16: CodecV16(), Version.V201: CodecV201()}
Predicate = Callable[[StationState], bool]


def wall_clock() -> Callable[[], float]:
    """Make a clock of seconds since the epoch that never goes back, even if the machine's does."""
    ahead = time.time() - time.monotonic()
    return lambda: time.monotonic() + ahead


class SimulatedStation:
    """One station and its link. All of it runs in the event loop of the caller.

    `url` is the central system's address without the station's id. `back_off_s` are the first and the longest pause
    between attempts to connect, before chance shortens them; `settings` are what the station leaves the factory with.
    """

    def __init__(
        self,
        url: str,
        station_id: str,
        version: Version = Version.V201,
        *,
        password: str | bytes | None = None,
        outlets: Sequence[Outlet] = DEFAULT_OUTLETS,
        seed: int | str | None = None,
        speed: float = 1.0,
        faults: Faults = NO_FAULTS,
        settings: Mapping[str, str] | None = None,
        statistics: Statistics | None = None,
        clock: Callable[[], float] | None = None,
        tls: ssl.SSLContext | None = None,
        compression: bool = False,
        back_off_s: tuple[float, float] = (1.0, 60.0),
        reboot_s: float = 2.0,
        call_timeout_s: float = 30.0,
    ) -> None:
        """Raises: ValueError if simulated stations do not speak the version."""
        codec = CODECS.get(version)
        if codec is None:
            raise ValueError(f"simulated stations do not speak {version}")
        self.station_id = station_id
        self._clock = clock if clock is not None else wall_clock()
        self._station = Station(
            station_id,
            codec,
            self._clock(),
            outlets=outlets,
            seed=seed,
            speed=speed,
            faults=faults,
            settings=settings,
            statistics=statistics,
            reboot_s=reboot_s,
            call_timeout_s=call_timeout_s,
        )
        self._url = f"{url.rstrip('/')}/{quote(station_id, safe='')}"
        self._password = password.encode() if isinstance(password, str) else password
        self._tls = tls
        self._compression = compression
        self._back_off_s = back_off_s
        self._chance = Random(f"{seed}/{station_id}/link")
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._waiters: list[tuple[Predicate, asyncio.Future[StationState]]] = []
        self._running: asyncio.Task[None] | None = None
        self._cut_off = False

    # For tests and demonstrations: one step after the other.

    def switch_on(self) -> None:
        """Let the station connect and boot, and wait for nothing: it may be answered Pending."""
        if self._running is None:
            self._running = asyncio.create_task(self.run(), name=f"simulated station {self.station_id}")
            self._running.add_done_callback(self._fail_waiters)

    async def connect(self, timeout: float = 10.0) -> StationState:
        """Switch the station on, and wait until its boot is accepted and it has said all it has to say.

        Raises: TimeoutError.
        """
        self.switch_on()
        return await self.wait_for(lambda state: state.ready, timeout)

    async def close(self) -> None:
        """Switch the station off."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            self._running = None

    async def __aenter__(self) -> SimulatedStation:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def state(self) -> StationState:
        return self._station.state(self._clock())

    @property
    def in_service(self) -> bool:
        """Whether transactions may start."""
        return self._station.in_service

    @property
    def evse_ids(self) -> Sequence[int]:
        return tuple(self._station.charging.evses)

    def evse_state(self, evse_id: int) -> EvseState:
        return self._station.evse_state(evse_id, self._clock())

    def plug_in(self, evse_id: int = 1, vehicle: Vehicle | None = None) -> None:
        """A vehicle comes; one by chance if none is given."""
        self._station.plug_in(evse_id, self._clock(), vehicle)
        self._changed()

    def unplug(self, evse_id: int = 1) -> None:
        self._station.unplug(evse_id, self._clock())
        self._changed()

    def present(self, id_token: IdToken | str, evse_id: int = 1) -> None:
        """A driver holds a card to the reader: to start, or to stop what was started with the same card."""
        token = IdToken(value=id_token) if isinstance(id_token, str) else id_token
        self._station.present(token, evse_id, self._clock())
        self._changed()

    def go_offline(self) -> None:
        """Lose the link, and do not find it again before `go_online`."""
        self._cut_off = True
        self._changed()

    def go_online(self) -> None:
        self._cut_off = False
        self._changed()

    async def wait_for(self, predicate: Predicate, timeout: float = 10.0) -> StationState:
        """Wait until the state is as wished; it is looked at whenever something has happened.

        Raises: TimeoutError with the state as it is then.
        """
        state = self.state
        if predicate(state):
            return state
        future: asyncio.Future[StationState] = asyncio.get_running_loop().create_future()
        self._waiters.append((predicate, future))
        try:
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise TimeoutError(f"{self.station_id} after {timeout} s: {self.state}") from None
        finally:
            self._waiters = [waiter for waiter in self._waiters if waiter[1] is not future]

    def _fail_waiters(self, running: asyncio.Task[None]) -> None:
        """A fault of ours ends all waiting for what will not come."""
        error = None if running.cancelled() else running.exception()
        for _, future in self._waiters:
            if error is not None and not future.done():
                future.set_exception(error)

    # The link.

    async def run(self) -> None:
        """Be a station until cancelled."""
        attempts = 0
        try:
            while True:
                await self._until(self._link_wanted)
                if await self._keep_link():
                    attempts = 0
                else:
                    attempts += 1
                if self._link_wanted():
                    await self._back_off(attempts)
        finally:
            self._rearm(None)

    def _link_wanted(self) -> bool:
        return self._station.link_wanted and not self._cut_off

    async def _keep_link(self) -> bool:
        """Connect and converse until the link is gone; say whether there was one."""
        try:
            link = await connect(
                self._url,
                subprotocols=[Subprotocol(self._station.codec.version)],
                additional_headers=self._credentials(),
                compression="deflate" if self._compression else None,
                ssl=self._tls,
                proxy=None,
                ping_interval=None,
                close_timeout=2,
            )
        except (OSError, TimeoutError, WebSocketException):
            self._station.statistics.connections_failed += 1
            return False
        sender: asyncio.Task[None] | None = None
        try:
            self._station.connected(self._clock())
            self._changed()
            sender = asyncio.create_task(self._send(link), name=f"sender of {self.station_id}")
            with suppress(ConnectionClosed):
                async for text in link:
                    self._station.receive(text, self._clock())
                    self._changed()
        finally:
            if sender is not None:
                sender.cancel()
                await asyncio.gather(sender, return_exceptions=True)
            self._station.disconnected(self._clock())
            self._changed()
            # Bounded by close_timeout; the other side may be gone.
            await link.close()
        return True

    async def _send(self, link: ClientConnection) -> None:
        """Send what the station says, and close the link when it wants none."""
        with suppress(ConnectionClosed):
            while True:
                self._wake.clear()
                for text in self._station.take_texts():
                    await link.send(text)
                if not self._link_wanted():
                    await link.close()
                    return
                await self._wake.wait()

    def _credentials(self) -> dict[str, str]:
        """Basic authentication with the newest password: the one that was set over the wire, or the first."""
        raw = self._station.password() or self._password
        if raw is None:
            return {}
        return {"Authorization": "Basic " + b64encode(f"{self.station_id}:".encode() + raw).decode()}

    async def _back_off(self, attempts: int) -> None:
        """Pause longer after each failure, each time by another share, so that thousands do not return at once."""
        first, longest = self._back_off_s
        pause = min(longest, first * 2 ** min(attempts, 16)) * self._chance.uniform(0.5, 1.0)
        until = self._clock() + pause
        asyncio.get_running_loop().call_later(pause, self._wake.set)
        await self._until(lambda: self._clock() >= until or not self._link_wanted())

    async def _until(self, predicate: Callable[[], bool]) -> None:
        while not predicate():
            self._wake.clear()
            await self._wake.wait()

    # Time.

    def _changed(self) -> None:
        """After anything that happened: let the sender look, set the clock, tell those who wait."""
        self._wake.set()
        self._rearm(self._station.deadline())
        if self._waiters:
            state = self.state
            for predicate, future in self._waiters:
                if not future.done() and predicate(state):
                    future.set_result(state)

    def _rearm(self, deadline: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if deadline is not None:
            delay = max(0.0, deadline - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._station.tick(self._clock())
        self._changed()
