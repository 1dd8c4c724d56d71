"""One station tells all that it kept while offline, as fast as it is answered: what do the others feel?"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from bench.client import loading
from bench.load import MOST_SECONDS, add_plan
from bench.report import Findings, Sheet
from bench.results import Measured
from bench.rounds import Contestant, Rounds, Tell, add_stores, effort_of, median, ratio, stores_of, window_flags
from bench.tables import count_errors, errors, medians_of, stations_of
from bench.targets import TARGETS, running

HELP = "999 paced stations while one replays 5,000 stored messages"

_BEFORE, _DURING, _REPLAYING = "the others, before", "the others, during the replay", "the one that replays"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    add_plan(parser)
    parser.set_defaults(stations=999, pace=10.0, seconds=20.0, warm_up=10.0)
    parser.add_argument("--messages", type=int, default=5_000, metavar="N", help="how many were kept (5000)")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="how often, each on an empty database (1)")
    add_stores(parser)


def run(chosen: argparse.Namespace, tell: Tell) -> Findings:
    """Count the others' latency before and during the replay."""
    effort = effort_of(chosen)
    sheets: list[Sheet] = []
    wrong: list[str] = []
    for store in stores_of(chosen):
        one = Contestant(target=TARGETS["voltherd"], store=store)
        found: dict[str, list[Measured]] = {_BEFORE: [], _DURING: [], _REPLAYING: []}
        flags = [*window_flags(effort), "--replay", str(chosen.messages)]
        for number in range(1, effort.rounds + 1):
            tell(f"round {number} of {effort.rounds}: {one.name}")
            with (
                running(one.target, one.store, effort.directory) as server,
                loading(server, effort.plan, flags) as load,
            ):
                for some in found.values():
                    some.append(load.next(Measured, MOST_SECONDS))
        sheets.append(sheet(one.name, chosen.messages, found))
        wrong += errors(found)
    return Findings(sheets=sheets, wrong=wrong)


def sheet(name: str, messages: int, found: Mapping[str, Sequence[Measured]]) -> Sheet:
    """The others before and during, and the station that replays."""
    columns = ["who", "seconds", "messages/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "server CPU", "errors"]
    rows = [
        [
            who,
            f"{median(some, lambda one: one.seconds):,.1f}",
            f"{median(some, lambda one: one.per_second):,.0f}",
            f"{median(some, lambda one: one.overall.p50_ms):,.1f}",
            f"{median(some, lambda one: one.overall.p95_ms):,.1f}",
            f"{median(some, lambda one: one.overall.p99_ms):,.1f}",
            f"{max(one.overall.max_ms for one in some):,.0f}",
            f"{median(some, lambda one: one.server_cpu):.0%}",
            count_errors(some),
        ]
        for who, some in found.items()
    ]
    rows.append([*_related(found)])
    some = found[_BEFORE]
    title = f"{name}, {stations_of(some[0])}; one more replays {messages:,} messages: {medians_of(len(some))}"
    return Sheet(title, columns, rows)


def _related(found: Rounds) -> Sequence[str]:
    before, during = found[_BEFORE], found[_DURING]
    p50, p95, p99 = (
        ratio(during, before, lambda one: one.overall.p50_ms),
        ratio(during, before, lambda one: one.overall.p95_ms),
        ratio(during, before, lambda one: one.overall.p99_ms),
    )
    return ["during ÷ before", "", "", f"{p50:.2f}", f"{p95:.2f}", f"{p99:.2f}", "", "", ""]
