"""Few, some and many stations, on every server and store there is, in turn: one table."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.load import OutOfBoundsError, add_plan
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
    median,
    ratio,
    store_name,
    stores_of,
    turn,
)
from bench.store import MESSAGES, feeding, name_of
from bench.tables import count_errors, errors, medians_of
from bench.targets import TARGETS

HELP = "50, 200 and 1,000 stations on all servers and stores, in one table"

_SERVERS = ("voltherd", "reference", "ceiling")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    add_plan(parser)
    parser.set_defaults(seconds=2.0)
    parser.add_argument("--sizes", default="50,200,1000", help="how many stations (50,200,1000)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each has its turn, at most (3)")
    parser.add_argument("--minutes", type=float, default=6.0, metavar="M", help="no round that would end later (6)")
    add_stores(parser)


def run(chosen: argparse.Namespace, tell: Tell) -> Findings:
    """Measure everything in every round."""
    effort, stores = effort_of(chosen), stores_of(chosen)
    sizes = _sizes(chosen.sizes)
    turns: dict[str, Callable[[], Measured]] = {}
    fed: dict[str, list[Fed]] = {}
    for size in sizes:
        sized = replace(effort, plan=replace(effort.plan, stations=size))
        turns |= {f"{size} {name}": take for name, take in _turns(sized, stores, fed).items()}
    rounds = in_turn(turns, effort.rounds, tell, within_s=60 * chosen.minutes)
    facts = {f"`{name}`": TARGETS[name].what for name in _SERVERS}
    facts["`store`"] = "what Voltherd appends, recorded and fed to its store without sockets, OCPP and decisions"
    return Findings(sheets=[sheet(rounds, sizes, stores)], facts=facts, wrong=errors(rounds))


def _sizes(text: str) -> Sequence[int]:
    try:
        return [int(size) for size in text.split(",")]
    except ValueError:
        raise OutOfBoundsError(f"--sizes {text} are no numbers with commas between them") from None


def _turns(effort: Effort, stores: Sequence[str], fed: dict[str, list[Fed]]) -> dict[str, Callable[[], Measured]]:
    servers = {one.name: turn(one, effort) for one in contestants(_SERVERS, stores)}
    return servers | {name_of(store): feeding(store, effort, MESSAGES, fed) for store in stores}


def sheet(rounds: Rounds, sizes: Sequence[int], stores: Sequence[str]) -> Sheet:
    """One row for each size and server; the ratios are those of messages/s and of processor time for a message."""
    beside = {f"voltherd on {store_name(store)}": name_of(store) for store in stores}
    columns = ["stations, server", "messages/s", "÷ reference's", "÷ ceiling's", "÷ its store's"]
    columns += ["CPU µs/message", "÷ reference's", "DB CPU", "p50 ms", "p99 ms", "errors"]
    rows = []
    for size in sizes:
        of_size = {name.partition(" ")[2]: some for name, some in rounds.items() if name.partition(" ")[0] == str(size)}
        for name, some in of_size.items():
            store = of_size[beside[name]] if name in beside else None
            rows.append(
                [
                    f"{size:,} {name}",
                    f"{median(some, _rate):,.0f}",
                    as_ratio(ratio(some, of_size["reference"], _rate)),
                    as_ratio(ratio(some, of_size["ceiling"], _rate)),
                    "–" if store is None else as_ratio(ratio(some, store, _rate)),
                    f"{median(some, _cpu):,.0f}",
                    as_ratio(ratio(some, of_size["reference"], _cpu)),
                    f"{median(some, _database):.0%}" if any(map(_database, some)) else "–",
                    f"{median(some, lambda one: one.overall.p50_ms):,.1f}",
                    f"{median(some, lambda one: one.overall.p99_ms):,.1f}",
                    count_errors(some),
                ]
            )
    some = next(iter(rounds.values()))
    return Sheet(f"Closed loop, OCPP {some[0].version}: {medians_of(len(some))}", columns, rows)


def _rate(one: Measured) -> float:
    return one.per_second


def _cpu(one: Measured) -> float:
    return one.server_us


def _database(one: Measured) -> float:
    return one.database_cpu
