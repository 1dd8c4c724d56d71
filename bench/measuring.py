"""Runs fleets of stations and reads, beside what they found, what their server uses of the machine."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.fleet import Fleet, Plan, Tally
from bench.proc import cpu_seconds, resident_bytes, threads
from bench.results import Held, Measured, latency

SETTLE_S = 1.5
"""How long memory may settle before it is read."""

REPLAYER = "REPLAY-"
"""What the id of the station begins with that tells what it kept."""

_STUCK_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How long to count: so many `seconds`, after a `warm_up`, and again as often as there are `windows`."""

    seconds: float
    warm_up: float = 0.5
    windows: int = 1


async def measure(
    plan: Plan, window: Window, pids: Sequence[int], database_pids: Sequence[int], *, weigh: bool = False
) -> AsyncGenerator[Measured]:
    """Run the plan, and count in one window after the other. To `weigh` the links costs some seconds before."""
    fleet = Fleet(plan)
    try:
        meter = Meter(fleet, pids, database_pids)
        await meter.connect(weigh=weigh)
        fleet.go()
        await asyncio.sleep(window.warm_up)
        meter.start()
        for _ in range(window.windows):
            await asyncio.sleep(window.seconds)
            yield meter.read()
    finally:
        fleet.stop()


async def measure_replay(
    plan: Plan, window: Window, pids: Sequence[int], messages: int, *, within_s: float
) -> AsyncGenerator[Measured]:
    """Count in a window; then, while one more station replays so many messages; then what that station saw itself.

    Raises:
        TimeoutError: the replay took longer than `within_s`.
    """
    quiet, replayer = Fleet(plan), Fleet(_alone(plan, messages))
    try:
        meter, own = Meter(quiet, pids), Meter(replayer, pids)
        await meter.connect()
        await own.connect()
        quiet.go()
        await asyncio.sleep(window.warm_up)
        meter.start()
        await asyncio.sleep(window.seconds)
        yield meter.read()
        own.start()
        replayer.go()
        async with asyncio.timeout(within_s):
            await replayer.ended()
        yield meter.read()
        yield own.read()
    finally:
        quiet.stop()
        replayer.stop()


def _alone(plan: Plan, messages: int) -> Plan:
    return replace(plan, stations=1, pace_s=0.0, replay=True, messages=messages, prefix=REPLAYER)


class Meter:
    """Counts what a fleet says, and what its server uses, from window to window."""

    def __init__(self, fleet: Fleet, pids: Sequence[int], database_pids: Sequence[int] = ()) -> None:
        self._fleet = fleet
        self._pids = pids
        self._database_pids = database_pids
        self._setup_s = 0.0
        self._began_at = 0.0
        self._bytes_per_link: float | None = None
        self._errors: Mapping[str, int] = {}
        self._used = (0.0, 0.0, 0.0)

    async def connect(self, *, weigh: bool = False) -> None:
        """Have all stations connect; to weigh them, a tenth of them before the others."""
        fleet, stations = self._fleet, self._fleet.plan.stations
        others = max(1, stations // 10) if weigh else 0
        if others:
            await fleet.connect(0, others)
            await asyncio.sleep(SETTLE_S)
        before = resident_bytes(self._pids)
        self._setup_s = await fleet.connect(others, stations)
        self._began_at = time.time() - self._setup_s
        if others:
            await asyncio.sleep(SETTLE_S)
            self._bytes_per_link = (resident_bytes(self._pids) - before) / max(1, stations - others)
        gc.collect()
        gc.freeze()

    def start(self) -> None:
        """Begin the first window; what went wrong before belongs to it."""
        self._errors = _errors(self._fleet.count_anew(), 0)
        self._used = self._use()

    def read(self) -> Measured:
        """End a window and begin the next."""
        fleet, plan = self._fleet, self._fleet.plan
        used = self._use()
        cpu, database_cpu, own = (now - before for now, before in zip(used, self._used, strict=True))
        stuck = fleet.unanswered(_STUCK_S)
        tally = fleet.count_anew()
        took = time.perf_counter() - tally.began
        everything = [one for some in tally.took.values() for one in some]
        errors, self._errors, self._used = _added(self._errors, _errors(tally, stuck)), {}, used
        return Measured(
            stations=plan.stations,
            version=plan.version,
            pace_s=plan.pace_s,
            deflate=plan.deflate,
            seconds=took,
            began_at=self._began_at,
            setup_s=self._setup_s,
            opened=latency(fleet.opened),
            ready=latency(fleet.ready),
            messages=len(everything),
            overall=latency(everything),
            actions={what: latency(some) for what, some in sorted(tally.took.items())},
            late=latency(tally.late),
            errors=errors,
            client_cpu=own / took,
            server_cpu=cpu / took,
            server_bytes=resident_bytes(self._pids),
            server_threads=threads(self._pids),
            database_cpu=database_cpu / took,
            bytes_per_link=self._bytes_per_link,
        )

    def _use(self) -> tuple[float, float, float]:
        return cpu_seconds(self._pids), cpu_seconds(self._database_pids), time.process_time()


async def hold(plan: Plan, pids: Sequence[int]) -> Held:
    """Connect a tenth of the stations, then the others, and see how much memory the others took."""
    others = max(1, plan.stations // 10)
    fleet = Fleet(plan)
    try:
        setup_s = await fleet.connect(0, others)
        await asyncio.sleep(SETTLE_S)
        before = resident_bytes(pids)
        setup_s += await fleet.connect(others, plan.stations)
        await asyncio.sleep(SETTLE_S)
        after = resident_bytes(pids)
        tally = fleet.count_anew()
    finally:
        fleet.stop()
    return Held(
        links=plan.stations,
        others=others,
        deflate=plan.deflate,
        setup_s=setup_s,
        server_bytes=after,
        bytes_per_link=(after - before) / (plan.stations - others),
        errors=_errors(tally, 0),
    )


def _errors(tally: Tally, stuck: int) -> Mapping[str, int]:
    found = {**tally.refused, **tally.lost}
    if tally.strays:
        found["answers to nothing"] = tally.strays
    if stuck:
        found[f"no answer for {_STUCK_S:.0f} s"] = stuck
    return found


def _added(some: Mapping[str, int], others: Mapping[str, int]) -> Mapping[str, int]:
    return {what: some.get(what, 0) + others.get(what, 0) for what in {**some, **others}}
