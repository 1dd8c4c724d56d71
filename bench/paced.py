"""Many stations that each say something now and then: what drivers would feel, and what a quiet link weighs."""

from __future__ import annotations

import argparse

from bench.load import add_plan
from bench.report import Findings, Sheet
from bench.rounds import Rounds, Tell, add_stores, contestants, effort_of, in_turn, median, stores_of, turn
from bench.tables import count_errors, errors, medians_of, stations_of

HELP = "10,000 stations, one message of each every 10 s, beside the ceiling"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    add_plan(parser)
    parser.set_defaults(stations=10_000, pace=10.0, ramp=200.0, seconds=30.0, warm_up=10.0)
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="how often each server has its turn (1)")
    parser.add_argument("--no-ceiling", action="store_true", help="leave the ceiling out")
    add_stores(parser)


def run(chosen: argparse.Namespace, tell: Tell) -> Findings:
    """Connect them, weigh their links, let them speak."""
    effort = effort_of(chosen)
    names = ["voltherd"] if chosen.no_ceiling else ["voltherd", "ceiling"]
    some = contestants(names, stores_of(chosen))
    rounds = in_turn({one.name: turn(one, effort, "--weigh", "--patient") for one in some}, effort.rounds, tell)
    return Findings(sheets=[sheet(rounds, effort.plan.ramp)], wrong=errors(rounds))


def sheet(rounds: Rounds, ramp: float) -> Sheet:
    """Latency, processor time and memory; "late" is the client's own delay, which is within the latency."""
    columns = ["server", "kB a quiet link", "ready s", "messages/s", "p50 ms", "p95 ms", "p99 ms", "max ms"]
    columns += ["late p99 ms", "CPU", "CPU µs/message", "DB CPU", "client CPU", "MB", "errors"]
    rows = []
    for name, some in rounds.items():
        rows.append(
            [
                name,
                f"{median(some, lambda one: one.bytes_per_link or 0.0) / 1000:.1f}",
                f"{median(some, lambda one: one.setup_s):,.1f}",
                f"{median(some, lambda one: one.per_second):,.0f}",
                f"{median(some, lambda one: one.overall.p50_ms):,.1f}",
                f"{median(some, lambda one: one.overall.p95_ms):,.1f}",
                f"{median(some, lambda one: one.overall.p99_ms):,.1f}",
                f"{max(one.overall.max_ms for one in some):,.0f}",
                f"{median(some, lambda one: one.late.p99_ms):,.1f}",
                f"{median(some, lambda one: one.server_cpu):.0%}",
                f"{median(some, lambda one: one.server_us):,.0f}",
                f"{median(some, lambda one: one.database_cpu):.0%}" if any(one.database_cpu for one in some) else "–",
                f"{median(some, lambda one: one.client_cpu):.0%}",
                f"{median(some, lambda one: one.server_bytes) / 1e6:,.0f}",
                count_errors(some),
            ]
        )
    some = next(iter(rounds.values()))
    ramped = f"connecting {ramp:,.0f} a second" if ramp else "connecting 64 at a time"
    return Sheet(f"{stations_of(some[0])}, {ramped}: {medians_of(len(some))}", columns, rows)
