"""Many simulated stations at once, with drivers that come and go, and what all of them together have to tell.

stop = asyncio.Event()
report = await run_fleet("ws://127.0.0.1:9000/ocpp/default", 100, stop=stop, progress=print)
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count as counting
from random import Random
from typing import Final

from voltherd.kernel.messages import message
from voltherd.ocpp.rpc import Version
from voltherd.simulator.client import SimulatedStation, wall_clock
from voltherd.simulator.drivers import Cards, Plan, visits
from voltherd.simulator.faults import NO_FAULTS, Faults
from voltherd.simulator.statistics import Statistics
from voltherd.simulator.vehicle import AC_11_KW, AC_22_KW, DC_50_KW, DC_150_KW, Outlet

# What fits both versions: the unique ids of cards with seven bytes, as hex digits (ISO 14443).
DEFAULT_ID_TOKENS: Final = tuple(f"04C0FFEE{number:06X}" for number in range(1, 101))
BOTH_VERSIONS: Final = (Version.V16, Version.V201)

_SITES: Final[Sequence[tuple[Outlet, ...]]] = (
    (AC_22_KW, AC_22_KW),
    (AC_22_KW, AC_22_KW),
    (AC_11_KW, AC_11_KW),
    (DC_50_KW, AC_22_KW),
    (DC_150_KW, DC_150_KW),
)
# How long stations that are to stop have for their last messages.
_TIDYING_S: Final = 5.0

Password = str | bytes | Callable[[str], str | bytes | None] | None


@message
class FleetReport:
    """How a fleet is doing. Latencies are those of the stations' calls: from sent to answered."""

    elapsed_s: float
    stations: int
    connected: int
    accepted: int
    charging: int
    delivered_wh: int
    calls_sent: int
    calls_answered: int
    call_errors: int
    call_timeouts: int
    commands_answered: int
    connections: int
    connections_lost: int
    connections_failed: int
    transactions_started: int
    transactions_ended: int
    latency_median_s: float
    latency_p95_s: float
    latency_p99_s: float
    latency_longest_s: float


class Fleet:
    """`count` stations named `prefix` and a number; `versions` are dealt out in turn. Same seed, same chance."""

    def __init__(
        self,
        url: str,
        count: int,
        versions: Version | Sequence[Version] = BOTH_VERSIONS,
        *,
        prefix: str = "SIM-",
        id_tokens: Sequence[str] = DEFAULT_ID_TOKENS,
        password: Password = None,
        plan: Plan = Plan(),  # noqa: B008  # frozen
        faults: Faults = NO_FAULTS,
        settings: Mapping[str, str] | None = None,
        seed: int | str = 0,
        spread_s: float = 5.0,
        tls: ssl.SSLContext | None = None,
        compression: bool = False,
    ) -> None:
        chance = Random(f"{seed}/fleet")
        dealt = (versions,) if isinstance(versions, Version) else tuple(versions)
        self.statistics = Statistics()
        self._clock = wall_clock()
        self._since = self._clock()
        self._spread_s = spread_s
        self._stations: list[SimulatedStation] = []
        self._visits: list[Iterator[float]] = []
        cards = Cards(id_tokens, chance)
        for number in range(count):
            station_id = f"{prefix}{number + 1:04}"
            outlets = chance.choice(_SITES)
            station = SimulatedStation(
                url,
                station_id,
                dealt[number % len(dealt)],
                password=password(station_id) if callable(password) else password,
                outlets=outlets,
                seed=seed,
                speed=plan.speed,
                faults=faults,
                settings=settings,
                statistics=self.statistics,
                clock=self._clock,
                tls=tls,
                compression=compression,
            )
            self._stations.append(station)
            for evse_id, outlet in enumerate(outlets, start=1):
                own = Random(f"{seed}/{station_id}/{evse_id}")
                self._visits.append(visits(station, evse_id, outlet, plan, cards, own))

    @property
    def stations(self) -> Sequence[SimulatedStation]:
        return self._stations

    async def run(
        self,
        stop: asyncio.Event,
        progress: Callable[[FleetReport], None] | None = None,
        progress_every_s: float = 1.0,
        *,
        tidy: bool = True,
    ) -> FleetReport:
        """Run until told to stop; then, if tidy, let all vehicles leave before the stations are switched off.

        Raises: ExceptionGroup for faults of ours; those of the central system are counted.
        """
        self._since = self._clock()
        async with asyncio.TaskGroup() as group:
            people = [group.create_task(self._drive(), name="drivers")]
            if progress is not None:
                telling = self._tell(progress, progress_every_s)
                people.append(group.create_task(telling, name="progress of the fleet"))
            stations = [
                group.create_task(self._be(station, place), name=f"simulated station {station.station_id}")
                for place, station in enumerate(self._stations)
            ]
            await stop.wait()
            for task in people:
                task.cancel()
            if tidy:
                await self._tidy_up()
            report = self.report()
            for task in stations:
                task.cancel()
        return report

    def report(self) -> FleetReport:
        states = [station.state for station in self._stations]
        counted = self.statistics
        return FleetReport(
            elapsed_s=self._clock() - self._since,
            stations=len(states),
            connected=sum(state.connected for state in states),
            accepted=sum(state.accepted for state in states),
            charging=sum(state.charging for state in states),
            delivered_wh=sum(state.delivered_wh for state in states),
            calls_sent=counted.calls_sent,
            calls_answered=counted.calls_answered,
            call_errors=counted.call_errors,
            call_timeouts=counted.call_timeouts,
            commands_answered=counted.commands_answered,
            connections=counted.connections,
            connections_lost=counted.connections_lost,
            connections_failed=counted.connections_failed,
            transactions_started=counted.transactions_started,
            transactions_ended=counted.transactions_ended,
            latency_median_s=counted.latencies.quantile_s(0.5),
            latency_p95_s=counted.latencies.quantile_s(0.95),
            latency_p99_s=counted.latencies.quantile_s(0.99),
            latency_longest_s=counted.latencies.longest_s,
        )

    async def _be(self, station: SimulatedStation, place: int) -> None:
        await asyncio.sleep(self._spread_s * place / len(self._stations))
        await station.run()

    async def _drive(self) -> None:
        """Carry out all drivers' steps in the order of time: one task for all, not one for each EVSE."""
        tie = counting()
        due: list[tuple[float, int, Iterator[float]]] = []
        for steps in self._visits:
            heappush(due, (self._clock(), next(tie), steps))
        while due:
            at, _, steps = due[0]
            if (wait_s := at - self._clock()) > 0:
                await asyncio.sleep(wait_s)
                continue
            heappop(due)
            with suppress(StopIteration):
                heappush(due, (self._clock() + next(steps), next(tie), steps))

    async def _tell(self, progress: Callable[[FleetReport], None], every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            progress(self.report())

    async def _tidy_up(self) -> None:
        for station in self._stations:
            for evse_id in station.evse_ids:
                station.unplug(evse_id)
        waiting = [
            station.wait_for(lambda state: state.waiting == 0 or not state.connected, _TIDYING_S)
            for station in self._stations
        ]
        # Those that are not through by then keep what they have to say to themselves.
        await asyncio.gather(*waiting, return_exceptions=True)


async def run_fleet(
    url: str,
    count: int,
    versions: Version | Sequence[Version] = BOTH_VERSIONS,
    *,
    stop: asyncio.Event,
    progress: Callable[[FleetReport], None] | None = None,
    progress_every_s: float = 1.0,
    tidy: bool = True,
    prefix: str = "SIM-",
    id_tokens: Sequence[str] = DEFAULT_ID_TOKENS,
    password: Password = None,
    plan: Plan = Plan(),  # noqa: B008  # frozen
    faults: Faults = NO_FAULTS,
    settings: Mapping[str, str] | None = None,
    seed: int | str = 0,
    spread_s: float = 5.0,
    tls: ssl.SSLContext | None = None,
    compression: bool = False,
) -> FleetReport:
    """Run `count` stations against the central system at `url` (without a station's id) until told to stop."""
    fleet = Fleet(
        url,
        count,
        versions,
        prefix=prefix,
        id_tokens=id_tokens,
        password=password,
        plan=plan,
        faults=faults,
        settings=settings,
        seed=seed,
        spread_s=spread_s,
        tls=tls,
        compression=compression,
    )
    return await fleet.run(stop, progress, progress_every_s, tidy=tidy)
