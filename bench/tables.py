"""The tables of rounds of load: throughput, ratios, latency by action, memory of idle links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.report import Sheet, as_ratio
from bench.results import Held, Measured
from bench.rounds import Rounds, actions, median, ratio


def throughput(rounds: Rounds) -> Sheet:
    """Messages, processor time and latency of all contestants, and how they relate."""
    columns = ["server", "messages/s", "(least–most)", "CPU µs/message", "CPU", "DB CPU", "client CPU"]
    columns += ["p50 ms", "p95 ms", "p99 ms", "ready s", "MB", "errors"]
    rows = []
    for name, some in rounds.items():
        rates = [one.per_second for one in some]
        rows.append(
            [
                name,
                f"{median(some, lambda one: one.per_second):,.0f}",
                f"({min(rates):,.0f}–{max(rates):,.0f})",
                f"{median(some, lambda one: one.server_us):,.1f}",
                f"{median(some, lambda one: one.server_cpu):.0%}",
                f"{median(some, lambda one: one.database_cpu):.0%}" if any(one.database_cpu for one in some) else "–",
                f"{median(some, lambda one: one.client_cpu):.0%}",
                f"{median(some, lambda one: one.overall.p50_ms):,.1f}",
                f"{median(some, lambda one: one.overall.p95_ms):,.1f}",
                f"{median(some, lambda one: one.overall.p99_ms):,.1f}",
                f"{median(some, lambda one: one.setup_s):,.2f}",
                f"{median(some, lambda one: one.server_bytes) / 1e6:,.0f}",
                count_errors(some),
            ]
        )
    some = next(iter(rounds.values()))
    return Sheet(f"{stations_of(some[0])}: {medians_of(len(some))}", columns, rows)


def stations_of(one: Measured) -> str:
    """What the stations did, for a title."""
    pace = f"one message of each every {one.pace_s:g} s" if one.pace_s else "closed loop"
    return f"{one.stations:,} stations, OCPP {one.version}, {pace}{', deflate' if one.deflate else ''}"


def medians_of(rounds: int) -> str:
    """How a table says what its figures are of."""
    return f"medians of {rounds} rounds" if rounds > 1 else "one round"


def count_errors(some: Sequence[Measured]) -> str:
    """How much went wrong, for a table's cell."""
    return f"{sum(sum(one.errors.values()) for one in some):,}"


def ratios(rounds: Rounds) -> Sheet:
    """Each contestant beside the reference and the ceiling."""
    columns, rows = ["server"], []
    beside = [name for name in ("reference", "ceiling") if name in rounds]
    for other in beside:
        columns += [f"messages/s ÷ {other}'s", f"messages per CPU second ÷ {other}'s", f"p99 ÷ {other}'s"]
    for name, some in rounds.items():
        row = [name]
        for other in beside:
            others = rounds[other]
            row += [
                as_ratio(ratio(some, others, lambda one: one.per_second)),
                as_ratio(ratio(others, some, _cpu)),
                as_ratio(ratio(some, others, lambda one: one.overall.p99_ms)),
            ]
        rows.append(row)
    return Sheet("Ratios: medians over the rounds of the ratio within each", columns, rows)


def by_action(rounds: Rounds) -> Sheet:
    """Latency of each action, for all contestants."""
    rows = [
        [name, what, f"{took.count:,}", f"{took.p50_ms:,.1f}", f"{took.p95_ms:,.1f}", f"{took.p99_ms:,.1f}"]
        for name, some in rounds.items()
        for what, took in actions(some)
    ]
    return Sheet("Latency by action", ["server", "what was said", "count", "p50 ms", "p95 ms", "p99 ms"], rows)


def idle(held: Mapping[str, Held]) -> Sheet:
    """Memory of idle links."""
    rows = [
        [
            name,
            f"{one.links:,}",
            f"{one.bytes_per_link / 1000:.1f}",
            f"{one.server_bytes / 1e6:,.0f}",
            f"{one.setup_s:.1f}",
            str(sum(one.errors.values())),
        ]
        for name, one in held.items()
    ]
    columns = ["server", "links", "kB a link", "server MB", "all ready after s", "errors"]
    return Sheet("Idle links: booted, status told, then quiet", columns, rows)


def errors(rounds: Rounds) -> Sequence[str]:
    """What went wrong, in words."""
    counts: dict[tuple[str, str], int] = {}
    for name, some in rounds.items():
        for one in some:
            for what, count in one.errors.items():
                counts[name, what] = counts.get((name, what), 0) + count
    return [f"{name}: {count:,} × {what}" for (name, what), count in counts.items()]


def _cpu(one: Measured) -> float:
    return one.server_us
