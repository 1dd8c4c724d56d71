"""The tables, once made, shown on a terminal or written into a Markdown page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.compare import Rounds, actions, median, ratio
from bench.results import Held, Measured

_BEGIN, _END = "<!-- figures of {}: written with --markdown -->", "<!-- end of figures -->"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a title, its first column text, the others figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


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
                str(sum(sum(one.errors.values()) for one in some)),
            ]
        )
    first, rounds_run = next(iter(rounds.values()))[0], len(next(iter(rounds.values())))
    pace = f"one message of each every {first.pace_s:g} s" if first.pace_s else "closed loop"
    deflate = ", deflate" if first.deflate else ""
    medians = f"medians of {rounds_run} rounds" if rounds_run > 1 else "one round"
    title = f"{first.stations:,} stations, OCPP {first.version}, {pace}{deflate}: {medians}"
    return Sheet(title, columns, rows)


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
                _ratio(ratio(some, others, lambda one: one.per_second)),
                _ratio(1 / ratio(some, others, _cpu)),
                _ratio(ratio(some, others, lambda one: one.overall.p99_ms)),
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


def by_stage(measured: Measured, shares: Mapping[str, float]) -> Sheet:
    """Processor time of a message by stage."""
    rows = [[stage, f"{share:.1%}", f"{share * measured.server_us:.1f}"] for stage, share in shares.items()]
    rows.append(["all", "100%", f"{measured.server_us:.1f}"])
    title = f"Where the time goes: {measured.stations:,} stations, OCPP {measured.version}, {measured.per_second:,.0f} "
    return Sheet(f"{title}messages/s while sampled", ["stage", "share", "CPU µs/message"], rows)


def errors(rounds: Rounds) -> Sequence[str]:
    """What went wrong, in words."""
    return [
        f"{name}: {count:,} × {what}"
        for name, some in rounds.items()
        for one in some
        for what, count in one.errors.items()
    ]


def show(console: Console, facts: Mapping[str, str], sheets: Sequence[Sheet]) -> None:
    """Print it all."""
    for name, fact in facts.items():
        console.print(f"[bold]{name}[/bold]: {fact}", highlight=False)
    for sheet in sheets:
        table = Table(title=f"\n{sheet.title}", title_justify="left", title_style="bold")
        for index, column in enumerate(sheet.columns):
            table.add_column(column, justify="right" if index else "left", no_wrap=not index)
        for row in sheet.rows:
            table.add_row(*row)
        console.print(table)


def write(file: Path, command: str, facts: Mapping[str, str], sheets: Sequence[Sheet]) -> None:
    """Write it all between the command's marks in the page, or as a page of its own if there is none with marks."""
    figures = "\n\n".join([_listed(facts), *map(_markdown, sheets)])
    page = file.read_text() if file.exists() else ""
    before, begin, rest = page.partition(_BEGIN.format(command))
    _, end, after = rest.partition(_END)
    if begin and end:
        file.write_text(f"{before}{begin}\n\n{figures}\n\n{end}{after}")
    else:
        file.write_text(f"# Figures\n\n{figures}\n")


def _listed(facts: Mapping[str, str]) -> str:
    return "\n".join(f"* {name}: {fact}" for name, fact in facts.items())


def _markdown(sheet: Sheet) -> str:
    lines = [f"**{sheet.title}**", "", _line(sheet.columns), _line(["---", *["--:"] * (len(sheet.columns) - 1)])]
    return "\n".join([*lines, *map(_line, sheet.rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ratio(number: float) -> str:
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}" if number >= 0.1 else f"{number:.3f}"


def _cpu(one: Measured) -> float:
    return one.server_us
