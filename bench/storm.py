"""The server dies, and all its stations come back at once as soon as it listens again."""

from __future__ import annotations

import argparse
import http.client
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from bench.client import loading
from bench.load import add_plan
from bench.report import Findings, Sheet
from bench.results import Latency, Measured, latency
from bench.rounds import Contestant, Effort, Tell, add_stores, contestants, effort_of, stores_of, window_flags
from bench.tables import errors, medians_of
from bench.targets import Place, Running, Server, placed

HELP = "1,000 stations come back at once after the server was killed"

_HEAD_START_S = 1.5
"""How long before the server the stations' process is started, so that they stand at its door."""

_ASK_EVERY_S = 0.02


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    add_plan(parser)
    parser.set_defaults(stations=1_000, seconds=10.0)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often, each on an empty database (3)")
    parser.add_argument("--no-ceiling", action="store_true", help="leave the ceiling out")
    add_stores(parser)


@dataclass(slots=True)
class Readiness:
    """What `/readyz` said: when it was first 200 (`time.time()`), and how long each answer took from then on."""

    first_at: float = 0.0
    took: list[float] = field(default_factory=list)
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """One storm: `started_at` is when the server's process was started again, `before` what it had heard."""

    before: Measured
    started_at: float
    after: Measured
    readiness: Readiness


def run(chosen: argparse.Namespace, tell: Tell) -> Findings:
    """Give the stations a history, kill the server, let them come back."""
    effort = effort_of(chosen)
    names = ["voltherd"] if chosen.no_ceiling else ["voltherd", "ceiling"]
    some = contestants(names, stores_of(chosen))
    found: dict[str, list[Return]] = {one.name: [] for one in some}
    for number in range(1, effort.rounds + 1):
        for one in some:
            tell(f"round {number} of {effort.rounds}: {one.name}")
            with placed(one.store, effort.directory) as place:
                found[one.name].append(_storm(one, effort, place))
    wrong = errors({name: [one.after for one in some] for name, some in found.items()})
    return Findings(sheets=[sheet(effort.plan.stations, found)], wrong=wrong)


def _storm(one: Contestant, effort: Effort, place: Place) -> Return:
    server = Server(one.target, place)
    try:
        running = server.start()
        server.await_listening()
        # In the second window the server is killed, with all links open.
        with loading(running, effort.plan, [*window_flags(effort), "--windows", "2"]) as load:
            before = load.next(Measured, effort.warm_up + effort.seconds)
            server.kill()
        return _come_back(server, running, replace(effort, plan=replace(effort.plan, storm=True, patient=True)), before)
    finally:
        server.stop()


def _come_back(server: Server, running: Running, effort: Effort, before: Measured) -> Return:
    # The process that will be the server has no number yet: what it uses is not asked for here.
    with loading(replace(running, pid=0), effort.plan, ["--seconds", "1"]) as load:
        time.sleep(_HEAD_START_S)
        started_at = time.time()
        server.start()
        with asking(running.api) as readiness:
            after = load.next(Measured, 1.0)
        server.require_alive()
    return Return(before=before, started_at=started_at, after=after, readiness=readiness)


@contextmanager
def asking(api: str) -> Iterator[Readiness]:
    """Ask `/readyz` again and again until the end."""
    readiness, over = Readiness(), threading.Event()
    thread = threading.Thread(target=_ask, args=(api, readiness, over), name="readyz")
    thread.start()
    try:
        yield readiness
    finally:
        over.set()
        thread.join()


def _ask(api: str, readiness: Readiness, over: threading.Event) -> None:
    url = urlsplit(api)
    while not over.wait(_ASK_EVERY_S):
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
        began = time.time()
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                readiness.first_at = readiness.first_at or time.time()
                readiness.took.append(time.time() - began)
            else:
                readiness.refused += 1
        connection.close()


_FIGURES: Mapping[str, Callable[[Return], float | None]] = {
    "listens after s": lambda one: one.after.began_at - one.started_at,
    "/readyz 200 after s": lambda one: one.readiness.first_at - one.started_at if one.readiness.first_at else None,
    "all ready s later": lambda one: one.after.setup_s,
}
"""Seconds from the process's start, and from when it listens until all have connected, booted, told their status."""


def sheet(stations: int, found: Mapping[str, Sequence[Return]]) -> Sheet:
    """How long it took them all and each."""
    columns = ["server", "heard before", *_FIGURES]
    columns += [f"{what} {which} ms" for what in ("link", "ready") for which in ("p50", "p99", "max")]
    columns += ["/readyz max ms", "503", "errors"]
    rows = []
    for name, some in found.items():
        asked = latency([took for one in some for took in one.readiness.took])
        rows.append(
            [
                name,
                f"{statistics.median(one.before.messages for one in some):,.0f}",
                *(_median(of, some) for of in _FIGURES.values()),
                *_percentiles([one.after.opened for one in some]),
                *_percentiles([one.after.ready for one in some]),
                f"{asked.max_ms:,.0f}" if asked.count else "–",
                f"{sum(one.readiness.refused for one in some):,}",
                f"{sum(sum(one.after.errors.values()) for one in some):,}",
            ]
        )
    rounds = medians_of(len(next(iter(found.values()))))
    return Sheet(f"{stations:,} stations come back at once after kill -9: {rounds}", columns, rows)


def _median(of: Callable[[Return], float | None], some: Sequence[Return]) -> str:
    found = [number for one in some if (number := of(one)) is not None]
    return f"{statistics.median(found):,.2f}" if found else "–"


def _percentiles(some: Sequence[Latency]) -> Sequence[str]:
    return [
        f"{statistics.median(one.p50_ms for one in some):,.0f}",
        f"{statistics.median(one.p99_ms for one in some):,.0f}",
        f"{max(one.max_ms for one in some):,.0f}",
    ]
