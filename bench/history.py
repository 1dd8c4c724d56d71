"""Does cost grow with history? The same load and the same lists on an empty database and on one with a long past."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from bench.filling import Extent, Filled, fill
from bench.load import MOST_STATIONS, OutOfBoundsError, add_plan
from bench.operators import add_every, both, complaints
from bench.report import Findings, Sheet, as_ratio
from bench.results import Latency, Measured, latency
from bench.rounds import Effort, Tell, add_stores, effort_of, median, ratio, stores_of
from bench.tables import errors, medians_of, stations_of
from bench.targets import SQLITE, TARGETS, Place, placed, served
from bench.visitors import Seen

HELP = "an empty database beside one of 10 million events: does cost grow with history? (SQLite)"

MOST_EVENTS = 20_000_000
_EMPTY, _LONG = "empty", "long"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    add_plan(parser)
    parser.set_defaults(seconds=10.0, warm_up=2.0)
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="how often each has its turn (2)")
    parser.add_argument("--events", type=int, default=10_000_000, metavar="N", help="in the long history (10000000)")
    parser.add_argument("--past", type=int, default=10_000, metavar="N", help="stations in the long history (10000)")
    add_every(parser)
    add_stores(parser)


@dataclass(slots=True)
class Side:
    """What was found on one database: without and with operators, what these saw, seconds until it listened."""

    alone: list[Measured] = field(default_factory=list)
    visited: list[Measured] = field(default_factory=list)
    seen: dict[str, Seen] = field(default_factory=dict)
    started_s: list[float] = field(default_factory=list)


def run(chosen: argparse.Namespace, tell: Tell) -> Findings:
    """Make the history, then measure on both databases in turn."""
    effort = effort_of(chosen)
    if list(stores_of(chosen)) != [SQLITE] or effort.plan.version != "2.0.1":
        raise OutOfBoundsError("the history is made for SQLite, with stations of 2.0.1")
    if not 1 <= chosen.past <= MOST_STATIONS or not chosen.past <= chosen.events <= MOST_EVENTS:
        raise OutOfBoundsError(f"up to {MOST_STATIONS:,} stations, and events of each, up to {MOST_EVENTS:,}")
    sides = {_EMPTY: Side(), _LONG: Side()}
    with placed(SQLITE, effort.directory) as past:
        began = time.monotonic()
        filled = fill(_file(past), Extent(events=chosen.events, stations=chosen.past), tell)
        made_s = time.monotonic() - began
        for number in range(1, effort.rounds + 1):
            tell(f"round {number} of {effort.rounds}: empty")
            with placed(SQLITE, effort.directory) as place:
                _measure(place, effort, chosen.every, sides[_EMPTY])
            tell(f"round {number} of {effort.rounds}: {filled.events:,} events")
            _measure(past, effort, chosen.every, sides[_LONG])
    every = [one for side in sides.values() for one in (*side.alone, *side.visited)]
    wrong = [*errors({"voltherd": every}), *(said for side in sides.values() for said in complaints(side.seen))]
    return Findings(sheets=[sheet(sides)], facts={"history": _told(filled, chosen.past, made_s)}, wrong=wrong)


def _file(place: Place) -> Path:
    return Path(make_url(place.database).database or "")


def _measure(place: Place, effort: Effort, every_s: float, side: Side) -> None:
    began = time.monotonic()
    with ExitStack() as stack:
        server = stack.enter_context(served(TARGETS["voltherd"], place))
        side.started_s.append(time.monotonic() - began)
        alone, visited = both(server, effort, SQLITE, every_s, side.seen)
    side.alone.append(alone)
    side.visited.append(visited)


def _told(filled: Filled, stations: int, made_s: float) -> str:
    return (
        f"{filled.events:,} events, {filled.transactions:,} transactions of {stations:,} stations, "
        f"{filled.file_bytes / 1e9:.1f} GB, made in {made_s:.0f} s"
    )


_FIGURES: Mapping[str, Callable[[Measured], float]] = {
    "messages/s": lambda one: one.per_second,
    "CPU µs/message": lambda one: one.server_us,
    "p50 ms": lambda one: one.overall.p50_ms,
    "p99 ms": lambda one: one.overall.p99_ms,
    "MB": lambda one: one.server_bytes / 1e6,
}


def sheet(sides: Mapping[str, Side]) -> Sheet:
    """Every figure on both, and how they relate."""
    empty, long = sides[_EMPTY], sides[_LONG]
    rows = [_row("the server starts, s", min(empty.started_s), min(long.started_s))]
    for name, of in _FIGURES.items():
        alone = median(empty.alone, of), median(long.alone, of)
        rows.append([name, *(f"{one:,.1f}" for one in alone), as_ratio(ratio(long.alone, empty.alone, of))])
    rows.append(_row("ready s, states folded anew", empty.alone[0].setup_s, long.alone[0].setup_s))
    if len(long.alone) > 1:
        rows.append(_row("ready s, states kept", empty.alone[-1].setup_s, long.alone[-1].setup_s))
    for name, of in _FIGURES.items():
        if name.startswith("p"):
            visited = median(empty.visited, of), median(long.visited, of)
            figures = [f"{one:,.1f}" for one in visited]
            rows.append([f"{name}, with operators", *figures, as_ratio(ratio(long.visited, empty.visited, of))])
    for name, seen in long.seen.items():
        before, now = latency(empty.seen[name].took), latency(seen.took)
        rows += [_row(f"{name}: {what} ms", of(before), of(now)) for what, of in _PERCENTILES.items()]
    title = f"{stations_of(long.alone[0])}: {medians_of(len(long.alone))}"
    return Sheet(title, ["", "empty database", "long history", "ratio"], rows)


_PERCENTILES: Mapping[str, Callable[[Latency], float]] = {
    "p50": lambda took: took.p50_ms,
    "p99": lambda took: took.p99_ms,
}


def _row(name: str, empty: float, long: float) -> Sequence[str]:
    return [name, f"{empty:,.1f}", f"{long:,.1f}", as_ratio(long / empty if empty else float("nan"))]
