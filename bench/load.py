"""The load client: stations against any CSMS on this machine, and what came of it.

    python -m bench.load ws://127.0.0.1:9000/ocpp --stations 200 --seconds 10 --pid $(pgrep -f 'voltherd serve')

It runs in a process of its own, so that its work is not the server's, and prints JSON with `--json`.
"""

from __future__ import annotations

import argparse
import ipaddress
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.fleet import Plan
from bench.measuring import Window, hold, measure, measure_replay
from bench.proc import allow_many_files, postgres_pids
from bench.results import Held, Measured
from bench.stories import STORIES

MOST_STATIONS = 20_000
MOST_SECONDS = 1_200.0
_OWN_FILES = 64
"""How many files the client itself may have open beside its links."""


class OutOfBoundsError(ValueError):
    """More was asked for than this tool, or this machine, is for."""


def add_plan(parser: argparse.ArgumentParser) -> None:
    """The flags that say what the stations do."""
    parser.add_argument("--stations", "-n", type=int, default=200, metavar="N", help="how many (%(default)s)")
    parser.add_argument("--version", choices=sorted(STORIES), default="2.0.1", help="of OCPP (%(default)s)")
    parser.add_argument(
        "--updates", type=int, default=5, metavar="N", help="meter values in a transaction (%(default)s)"
    )
    parser.add_argument(
        "--pace", type=float, default=0.0, metavar="S", help="a message of each station every S seconds"
    )
    parser.add_argument("--deflate", action="store_true", help="offer permessage-deflate, and use it")
    parser.add_argument("--storm", action="store_true", help="connect all at once")
    parser.add_argument("--ramp", type=float, default=0.0, metavar="N", help="connect N a second (64 at a time)")
    parser.add_argument("--seconds", type=float, default=3.0, metavar="S", help="how long to count (%(default)s)")
    parser.add_argument(
        "--warm-up", type=float, default=0.5, metavar="S", help="how long not to count before (%(default)s)"
    )


def plan_of(chosen: argparse.Namespace, url: str) -> Plan:
    """Read these flags.

    Raises:
        OutOfBoundsError: they go beyond what this tool is for: this machine, and not for ever.
    """
    host = urlsplit(url).hostname or ""
    if urlsplit(url).scheme != "ws" or not (host == "localhost" or _is_loopback(host)):
        raise OutOfBoundsError(f"{url} is not ws://… on this machine; load is for servers of your own")
    seconds = chosen.warm_up + chosen.seconds * getattr(chosen, "windows", 1)
    if not 1 <= chosen.stations <= MOST_STATIONS or not 0 < seconds <= MOST_SECONDS:
        raise OutOfBoundsError(f"1 to {MOST_STATIONS} stations, for up to {MOST_SECONDS:.0f} seconds")
    return Plan(
        url=url,
        stations=chosen.stations,
        version=chosen.version,
        updates=chosen.updates,
        pace_s=chosen.pace,
        deflate=chosen.deflate,
        storm=chosen.storm,
        ramp=chosen.ramp,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__.partition("\n")[0])
    parser.add_argument("url", help="ws://127.0.0.1:9000/ocpp; each station appends its id")
    add_plan(parser)
    parser.add_argument("--idle", action="store_true", help="only boot and stay: memory of idle links")
    parser.add_argument("--prefix", default="BENCH-", help="what the stations' ids begin with (BENCH-)")
    parser.add_argument("--password", help="the stations' HTTP Basic password")
    parser.add_argument("--pid", type=int, action="append", default=[], help="the server's process, to measure it too")
    parser.add_argument("--postgres", action="store_true", help="measure the CPU of this machine's PostgreSQL too")
    parser.add_argument("--windows", type=int, default=1, metavar="N", help="count N times, one after the other (1)")
    parser.add_argument(
        "--replay", type=int, default=0, metavar="N", help="then one more tells N messages that it kept while offline"
    )
    parser.add_argument("--weigh", action="store_true", help="measure the memory of the quiet links before")
    parser.add_argument("--patient", action="store_true", help="wait for the server, and try again when sent away")
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each window")
    return parser


async def _run(chosen: argparse.Namespace, plan: Plan) -> None:
    def tell(found: Measured | Held) -> None:
        print(msgspec.json.encode(found).decode() if chosen.json else _told(found), flush=True)

    if chosen.idle:
        tell(await hold(plan, chosen.pid))
        return
    async with aclosing(_windows(chosen, plan)) as found:
        async for one in found:
            tell(one)


def _windows(chosen: argparse.Namespace, plan: Plan) -> AsyncGenerator[Measured]:
    window = Window(seconds=chosen.seconds, warm_up=chosen.warm_up, windows=chosen.windows)
    if chosen.replay:
        return measure_replay(plan, window, chosen.pid, chosen.replay, within_s=MOST_SECONDS)
    database_pids = postgres_pids() if chosen.postgres else []
    return measure(plan, window, chosen.pid, database_pids, weigh=chosen.weigh)


def require_files(stations: int) -> None:
    """Raise the bound of open files as far as it goes.

    Raises:
        OutOfBoundsError: it does not go far enough for so many links.
    """
    if (files := allow_many_files()) < stations + _OWN_FILES:
        raise OutOfBoundsError(f"{stations:,} links need more open files than {files:,}: see ulimit -Hn")


def _told(found: Measured | Held) -> str:
    errors = f"errors: {dict(found.errors) or 'none'}"
    if isinstance(found, Held):
        return (
            f"{found.links} idle links, ready after {found.setup_s:.2f} s; server {found.server_bytes / 1e6:.0f} MB, "
            f"{found.bytes_per_link / 1000:.1f} kB a link\n{errors}"
        )
    server = (
        f"server: {found.server_us:.1f} µs CPU a message, {found.server_cpu:.0%} of a core, "
        f"{found.server_bytes / 1e6:.0f} MB"
        if found.server_bytes
        else "server: not measured, for want of --pid"
    )
    lines = [
        f"{found.per_second:,.0f} messages/s from {found.stations} stations ({found.version}), all ready after "
        f"{found.setup_s:.2f} s",
        f"{server}; client: {found.client_cpu:.0%} of a core",
        f"{'':28}{'count':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}",
    ]
    for what, took in {**found.actions, "all": found.overall}.items():
        lines.append(f"{what:28}{took.count:>9}{took.p50_ms:>9.2f}{took.p95_ms:>9.2f}{took.p99_ms:>9.2f}")
    return "\n".join([*lines, errors])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        plan = replace(
            plan_of(chosen, chosen.url), prefix=chosen.prefix, password=chosen.password, patient=chosen.patient
        )
        require_files(plan.stations)
    except OutOfBoundsError as error:
        parser.error(str(error))
    try:
        uvloop.run(_run(chosen, plan))
    except ConnectionError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
