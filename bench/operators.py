"""Operators look at lists and send commands while stations speak: what does each feel of the other?"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence

from bench.client import loading
from bench.fleet import Plan
from bench.load import add_plan
from bench.report import Findings, Sheet, as_ratio
from bench.results import Measured, latency
from bench.rounds import Contestant, Effort, Tell, add_stores, effort_of, median, ratio, stores_of, window_flags
from bench.tables import errors, medians_of, stations_of
from bench.targets import TARGETS, Running, running
from bench.visitors import Seen, visiting, visits

HELP = "operators' lists and commands while stations speak, and what the stations feel of it"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    add_plan(parser)
    parser.set_defaults(seconds=10.0, warm_up=2.0)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often, each on an empty database (3)")
    add_every(parser)
    add_stores(parser)


def add_every(parser: argparse.ArgumentParser) -> None:
    """The flag that says how often operators ask."""
    parser.add_argument("--every", type=float, default=0.5, metavar="S", help="each list and command every S seconds")


def run(chosen: argparse.Namespace, tell: Tell) -> Findings:
    """Count in a window without operators and in one with them, on the same server."""
    effort = effort_of(chosen)
    sheets: list[Sheet] = []
    wrong: list[str] = []
    for store in stores_of(chosen):
        one = Contestant(target=TARGETS["voltherd"], store=store)
        alone: list[Measured] = []
        visited: list[Measured] = []
        seen: dict[str, Seen] = {}
        for number in range(1, effort.rounds + 1):
            tell(f"round {number} of {effort.rounds}: {one.name}")
            with running(one.target, one.store, effort.directory) as server:
                before, during = both(server, effort, store, chosen.every, seen)
            alone.append(before)
            visited.append(during)
        title = f"{one.name}, {stations_of(alone[0])}: {medians_of(effort.rounds)}"
        sheets += [by_visit(f"{title}, as operators see it", seen), by_window(title, alone, visited)]
        wrong += [*errors({one.name: [*alone, *visited]}), *complaints(seen)]
    return Findings(sheets=sheets, wrong=wrong)


def both(
    server: Running, effort: Effort, store: str, every_s: float, seen: dict[str, Seen]
) -> tuple[Measured, Measured]:
    """The stations without and with operators; what these saw is added to `seen`."""
    with loading(server, effort.plan, [*window_flags(effort, store), "--windows", "2"]) as load:
        alone = load.next(Measured, effort.warm_up + effort.seconds)
        some = visits(server.api, station_ids(effort.plan))
        with visiting(server.api, some, every_s) as now:
            visited = load.next(Measured, effort.seconds)
        add(seen, now)
    return alone, visited


def station_ids(plan: Plan) -> Sequence[str]:
    """The ids of the plan's stations."""
    return [f"{plan.prefix}{number:05d}" for number in range(plan.stations)]


def add(seen: dict[str, Seen], now: Mapping[str, Seen]) -> None:
    """Add what operators saw now to what they saw before."""
    for name, one in now.items():
        kept = seen.setdefault(name, Seen())
        kept.took += one.took
        for what, count in one.wrong.items():
            kept.wrong[what] = kept.wrong.get(what, 0) + count


def complaints(seen: Mapping[str, Seen]) -> Sequence[str]:
    """What operators were not answered, in words."""
    return [f"{name}: {count:,} × {what}" for name, one in seen.items() for what, count in one.wrong.items()]


def by_visit(title: str, seen: Mapping[str, Seen]) -> Sheet:
    """Latency of each list, over all rounds."""
    rows = []
    for name, one in seen.items():
        took = latency(one.took)
        figures = [f"{ms:,.1f}" for ms in (took.p50_ms, took.p95_ms, took.p99_ms, took.max_ms)]
        rows.append([name, f"{took.count:,}", *figures, f"{sum(one.wrong.values()):,}"])
    return Sheet(title, ["what was asked", "count", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors"], rows)


_FIGURES: Mapping[str, Callable[[Measured], float]] = {
    "messages/s": lambda one: one.per_second,
    "CPU µs/message": lambda one: one.server_us,
    "p50 ms": lambda one: one.overall.p50_ms,
    "p99 ms": lambda one: one.overall.p99_ms,
    "max ms": lambda one: one.overall.max_ms,
}


def by_window(title: str, alone: Sequence[Measured], visited: Sequence[Measured]) -> Sheet:
    """What the stations felt without and with operators."""
    rows = [
        [name, f"{median(alone, of):,.1f}", f"{median(visited, of):,.1f}", as_ratio(ratio(visited, alone, of))]
        for name, of in _FIGURES.items()
    ]
    return Sheet(f"{title}, as stations see it", ["", "without operators", "with them", "ratio"], rows)
