"""The store's ceiling: what Voltherd appends, in the same store, without sockets, OCPP and decisions."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence

from bench.client import program
from bench.load import add_plan
from bench.report import Findings, Sheet, as_ratio
from bench.results import Fed, Measured
from bench.rounds import (
    Effort,
    Rounds,
    Tell,
    add_stores,
    contestants,
    effort_of,
    in_turn,
    ratio,
    store_name,
    stores_of,
    turn,
)
from bench.tables import errors, medians_of, throughput
from bench.targets import placed

HELP = "the store's ceiling: the same appends without WebSocket, OCPP and decisions, beside Voltherd"

MESSAGES = 15_000
"""How many messages of all stations are recorded for the store."""

_LEAST = 18
"""Each station tells two transactions at least."""

_FEEDING_S = 120.0


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    add_plan(parser)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each has its turn (3)")
    parser.add_argument("--messages", type=int, default=MESSAGES, metavar="N", help=f"recorded, of all ({MESSAGES})")
    add_stores(parser)


def run(chosen: argparse.Namespace, tell: Tell) -> Findings:
    """Feed the stores in turn with Voltherd on them."""
    effort = effort_of(chosen)
    fed: dict[str, list[Fed]] = {}
    turns: dict[str, Callable[[], Measured]] = {}
    for one in contestants(["voltherd"], stores_of(chosen)):
        turns[one.name] = turn(one, effort)
        turns[name_of(one.store)] = feeding(one.store, effort, chosen.messages, fed)
    rounds = in_turn(turns, effort.rounds, tell)
    return Findings(sheets=[throughput(rounds), sheet(rounds, fed)], wrong=errors(rounds))


def name_of(store: str) -> str:
    """How tables call the store without Voltherd."""
    return f"store: {store_name(store)}"


def feeding(store: str, effort: Effort, messages: int, fed: dict[str, list[Fed]]) -> Callable[[], Measured]:
    """A store's turn, in a process of its own on an empty database; all that was found is added to `fed`."""
    plan = effort.plan

    def take() -> Measured:
        with placed(store, effort.directory) as place:
            command = [
                *("bench.feeding", "--database", place.database, "--stations", str(plan.stations)),
                *("--version", plan.version, "--updates", str(plan.updates)),
                *("--messages", str(max(_LEAST, messages // plan.stations))),
            ]
            with program(command) as child:
                found = child.next(Fed, _FEEDING_S)
        fed.setdefault(name_of(store), []).append(found)
        return found.measured

    return take


_FIGURES: Mapping[str, Callable[[Fed], float]] = {
    "appends/s": lambda one: one.appends / one.measured.seconds,
    "events/s": lambda one: one.events / one.measured.seconds,
    "CPU µs/append": lambda one: one.measured.server_cpu * one.measured.seconds / max(1, one.appends) * 1e6,
    "appends a commit": lambda one: one.appends / max(1, one.commits),
    "events a commit": lambda one: one.events / max(1, one.commits),
    "p50 ms": lambda one: one.measured.overall.p50_ms,
    "p99 ms": lambda one: one.measured.overall.p99_ms,
}


def sheet(rounds: Rounds, fed: Mapping[str, Sequence[Fed]]) -> Sheet:
    """What the stores did, and Voltherd beside them."""
    columns = ["store", *_FIGURES, "Voltherd's messages/s ÷ store's", "Voltherd's CPU a message ÷ store's"]
    rows = []
    for name, some in fed.items():
        served = rounds[name.replace("store:", "voltherd on")]
        rows.append(
            [
                name,
                *(f"{statistics.median(map(of, some)):,.1f}" for of in _FIGURES.values()),
                as_ratio(ratio(served, rounds[name], lambda one: one.per_second)),
                as_ratio(ratio(served, rounds[name], lambda one: one.server_us)),
            ]
        )
    return Sheet(f"Stores without a server: {medians_of(len(next(iter(fed.values()))))}", columns, rows)
