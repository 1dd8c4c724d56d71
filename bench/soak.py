"""The same load for long: memory, threads, latency over time, and whether any of it grows with what was said."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import accumulate

from bench.client import loading
from bench.load import add_plan
from bench.report import Findings, Sheet
from bench.results import Measured
from bench.rounds import Contestant, Tell, add_stores, effort_of, stores_of, window_flags
from bench.tables import errors, stations_of
from bench.targets import TARGETS, running

HELP = "1,000 stations for minutes: does memory or latency grow with the number of messages?"

_WARM = 1 / 3
"""The share of the windows that count as warm-up."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    add_plan(parser)
    parser.set_defaults(stations=1_000, seconds=10.0, warm_up=5.0)
    parser.add_argument("--windows", type=int, default=30, metavar="N", help="how often --seconds are counted (30)")
    add_stores(parser)


def run(chosen: argparse.Namespace, tell: Tell) -> Findings:
    """Count in one window after the other, with the server's memory at the end of each."""
    effort, contestant = effort_of(chosen), Contestant(target=TARGETS["voltherd"], store=stores_of(chosen)[0])
    flags = [*window_flags(effort, contestant.store), "--windows", str(chosen.windows)]
    found: list[Measured] = []
    with (
        running(contestant.target, contestant.store, effort.directory) as server,
        loading(server, effort.plan, flags) as load,
    ):
        for number in range(1, chosen.windows + 1):
            tell(f"{contestant.name}: window {number} of {chosen.windows}")
            found.append(load.next(Measured, effort.warm_up + effort.seconds))
    return Findings(sheets=[over_time(contestant.name, found), growth(found)], wrong=errors({contestant.name: found}))


def over_time(name: str, found: Sequence[Measured]) -> Sheet:
    """One row for each window."""
    columns = ["messages so far", "messages/s", "CPU µs/message", "p50 ms", "p99 ms", "max ms", "MB", "threads"]
    rows = [
        [
            f"{so_far:,}",
            f"{one.per_second:,.0f}",
            f"{one.server_us:,.0f}",
            f"{one.overall.p50_ms:,.1f}",
            f"{one.overall.p99_ms:,.1f}",
            f"{one.overall.max_ms:,.0f}",
            f"{one.server_bytes / 1e6:,.1f}",
            str(one.server_threads),
        ]
        for one, so_far in zip(found, accumulate(one.messages for one in found), strict=True)
    ]
    return Sheet(f"{name}, {stations_of(found[0])}: windows of {found[0].seconds:.0f} s", columns, rows)


def growth(found: Sequence[Measured]) -> Sheet:
    """The slopes over all windows behind the warm-up."""
    so_far = [total / 1000 for total in accumulate(one.messages for one in found)]
    first = int(len(found) * _WARM)
    warm, thousands = found[first:], so_far[first:]
    rows = [
        ["memory", f"{slope(thousands, [one.server_bytes / 1000 for one in warm]):+.2f} kB"],
        ["p99", f"{slope(thousands, [one.overall.p99_ms for one in warm]):+.4f} ms"],
        ["CPU of a message", f"{slope(thousands, [one.server_us for one in warm]):+.4f} µs"],
    ]
    last = f"{thousands[0]:,.0f},000 to {thousands[-1]:,.0f},000" if thousands else "none"
    return Sheet(f"Growth with messages {last}", ["what", "for 1,000 messages more"], rows)


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """By how much y grows with x, by least squares; 0 where x does not vary."""
    count = len(xs)
    if not count:
        return 0.0
    x, y = sum(xs) / count, sum(ys) / count
    spread = sum((one - x) ** 2 for one in xs)
    return sum((one - x) * (other - y) for one, other in zip(xs, ys, strict=True)) / spread if spread else 0.0
