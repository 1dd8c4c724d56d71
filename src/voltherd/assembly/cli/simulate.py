"""`voltherd simulate`: many stations that charge, obey and, if asked to, fail."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voltherd.assembly.cli.failures import USAGE, Failed
from voltherd.assembly.cli.output import Format, Output, column
from voltherd.assembly.cli.running import run_until_stopped, stop_after
from voltherd.assembly.cli.session import DEFAULT_URL, ApiKey, Output_

if TYPE_CHECKING:
    import asyncio

    from rich.table import Table

    from voltherd.simulator import Fleet, FleetReport

_PLAIN_EVERY_S = 5.0
"""Between lines of progress, where nobody looks at a live table."""


class Spoken(StrEnum):
    """What the stations speak."""

    V16 = "1.6"
    V201 = "2.0.1"
    BOTH = "both"


def simulate(
    count: Annotated[int, typer.Argument(metavar="N", help="How many stations.", min=1)],
    version: Annotated[Spoken, typer.Option(help="What they speak.")] = Spoken.BOTH,
    url: Annotated[
        str, typer.Option(help="Where they connect; their id is put behind it.", metavar="URL")
    ] = "ws://127.0.0.1:9000/ocpp",
    fault: Annotated[
        list[str] | None, typer.Option(help="What is wrong with all of them; may be repeated. `help` lists them.")
    ] = None,
    speed: Annotated[float, typer.Option(help="How fast vehicles' time runs.", min=0.01)] = 60.0,
    busy: Annotated[float, typer.Option(help="The share of the time that a vehicle is there.", min=0, max=1)] = 0.5,
    prefix: Annotated[str, typer.Option(help="Their ids are this and a number of four digits (SIM-0001).")] = "SIM-",
    password: Annotated[str | None, typer.Option(help="For HTTP Basic.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed, the same chance.")] = 0,
    spread: Annotated[float, typer.Option(help="Seconds in which they are switched on.", min=0)] = 5.0,
    seconds: Annotated[float | None, typer.Option(help="End after so long, not at Ctrl-C.", min=0)] = None,
    register: Annotated[
        bool, typer.Option("--register", help="Have them and their drivers' tokens accepted first, through the API.")
    ] = False,
    api: Annotated[str | None, typer.Option("--api", help="The API for that.", envvar="VOLTHERD_URL")] = None,
    api_key: ApiKey = None,
    output: Output_ = None,
) -> None:
    """Simulate stations, their vehicles and drivers.

    Until Ctrl-C vehicles come and go, drivers present cards, and commands are obeyed.
    """
    fleet = _fleet(
        url,
        count,
        version,
        fault or [],
        prefix=prefix,
        password=password,
        seed=seed,
        spread_s=spread,
        busy=busy,
        speed=speed,
    )

    async def work(stop: asyncio.Event) -> FleetReport:
        made = fleet()
        if register:
            await _register(made, api or DEFAULT_URL, api_key)
        stop_after(seconds, stop)
        with _Progress() as progress:
            return await made.run(stop, progress.show, progress.every_s)

    report = run_until_stopped(work)
    Output(output or (Format.TABLE if sys.stdout.isatty() else None)).item(
        asdict(report), [column(name.replace("_", " "), name) for name in asdict(report)]
    )
    if not report.connections:
        raise Failed(f"no station could connect to {url}")


def _fleet(
    url: str, count: int, version: Spoken, names: list[str], *, busy: float, speed: float, **others: Any
) -> Callable[[], Fleet]:
    """The fleet, to be made inside the event loop."""
    from voltherd.ocpp.rpc import Version
    from voltherd.simulator import BOTH_VERSIONS, FAULTS, Fleet, Plan, faults_named

    versions = {Spoken.V16: (Version.V16,), Spoken.V201: (Version.V201,), Spoken.BOTH: BOTH_VERSIONS}[version]
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        explained = "".join(f"\n  {name}: {known.explanation}" for name, known in FAULTS.items())
        sys.stderr.write(f"faults that stations can have:{explained}\n")
        if unknown == ["help"]:
            raise typer.Exit
        raise Failed(f"there is no fault {unknown[0]}", USAGE)
    plan = Plan(busy_share=busy, speed=speed)
    return lambda: Fleet(url, count, versions, plan=plan, faults=faults_named(names), **others)


async def _register(fleet: Fleet, api: str, api_key: str | None) -> None:
    from voltherd.assembly.demo import accept_stations, administer_tokens
    from voltherd.client import VoltherdClient
    from voltherd.simulator import DEFAULT_ID_TOKENS

    async with VoltherdClient(api, api_key) as client:
        await administer_tokens(client, DEFAULT_ID_TOKENS)
        await accept_stations(client, {station.station_id: len(station.evse_ids) for station in fleet.stations})


class _Progress:
    """Tells how the fleet is doing: a live table for a person, else a line now and then."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(stderr=True), refresh_per_second=4) if sys.stderr.isatty() else None
        self._before: FleetReport | None = None
        self.every_s = 0.5 if self._live else _PLAIN_EVERY_S

    def __enter__(self) -> _Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, report: FleetReport) -> None:
        readings = _readings(report, self._before)
        self._before = report
        if self._live:
            self._live.update(_table(readings))
        else:
            sys.stderr.write(" · ".join(f"{name} {value}" for name, value in readings.items()) + "\n")
            sys.stderr.flush()


def _readings(report: FleetReport, before: FleetReport | None) -> dict[str, str]:
    messages = report.calls_sent + report.commands_answered
    earlier = before.calls_sent + before.commands_answered if before else 0
    since_s = report.elapsed_s - (before.elapsed_s if before else 0.0)
    errors = report.call_errors + report.call_timeouts + report.connections_failed
    return {
        "time": f"{report.elapsed_s:.0f} s",
        "connected": f"{report.connected}/{report.stations}",
        "accepted": f"{report.accepted}" + ("" if report.accepted or not report.connected else " (see --register)"),
        "charging": f"{report.charging}",
        "energy": f"{report.delivered_wh / 1000:.1f} kWh",
        "transactions": f"{report.transactions_started} begun, {report.transactions_ended} ended",
        "messages/s": f"{(messages - earlier) / since_s:.1f}" if since_s > 0 else "",
        "latency": f"{report.latency_median_s * 1000:.1f} ms, p99 {report.latency_p99_s * 1000:.1f} ms",
        "errors": f"{errors}",
        "reconnected": f"{report.connections_lost}",
    }


def _table(readings: Mapping[str, str]) -> Table:
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in readings.items():
        table.add_row(name, value, style="red" if name == "errors" and value != "0" else None)
    return table
