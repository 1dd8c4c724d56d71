"""The load client: stations against any CSMS on this machine, and what came of it.

    python -m bench.load ws://127.0.0.1:9000/ocpp --stations 200 --seconds 10 --pid $(pgrep -f 'voltherd serve')

It runs in a process of its own, so that its work is not the server's, and prints JSON with `--json`.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import ipaddress
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec
import uvloop

from bench.fleet import Fleet, Plan, Tally
from bench.proc import allow_many_files, cpu_seconds, postgres_pids, resident_bytes
from bench.results import Held, Measured, latency
from bench.stories import STORIES

MOST_STATIONS = 20_000
MOST_SECONDS = 600.0
SETTLE_S = 1.5
"""How long memory may settle before it is read."""

_STUCK_S = 5.0


async def measure(
    plan: Plan, seconds: float, warm_up: float, pids: Sequence[int], database_pids: Sequence[int]
) -> Measured:
    """Run the plan, and count after the warm-up."""
    fleet = Fleet(plan)
    try:
        setup_s = await fleet.connect(0, plan.stations)
        gc.collect()
        gc.freeze()
        fleet.go()
        await asyncio.sleep(warm_up)
        errors = _errors(fleet.count_anew(), 0)
        cpu, database_cpu, own = cpu_seconds(pids), cpu_seconds(database_pids), time.process_time()
        await asyncio.sleep(seconds)
        own = time.process_time() - own
        cpu, database_cpu = cpu_seconds(pids) - cpu, cpu_seconds(database_pids) - database_cpu
        server_bytes = resident_bytes(pids)
        stuck = fleet.unanswered(_STUCK_S)
        tally = fleet.count_anew()
        took = time.perf_counter() - tally.began
    finally:
        fleet.stop()
    everything = [one for some in tally.took.values() for one in some]
    return Measured(
        stations=plan.stations,
        version=plan.version,
        pace_s=plan.pace_s,
        deflate=plan.deflate,
        seconds=took,
        setup_s=setup_s,
        messages=len(everything),
        overall=latency(everything),
        actions={what: latency(some) for what, some in sorted(tally.took.items())},
        errors=_added(errors, _errors(tally, stuck)),
        client_cpu=own / took,
        server_cpu=cpu / took,
        server_bytes=server_bytes,
        database_cpu=database_cpu / took,
    )


async def hold(plan: Plan, pids: Sequence[int]) -> Held:
    """Connect a tenth of the stations, then the others, and see how much memory the others took."""
    others = max(1, plan.stations // 10)
    fleet = Fleet(plan)
    try:
        setup_s = await fleet.connect(0, others)
        await asyncio.sleep(SETTLE_S)
        before = resident_bytes(pids)
        setup_s += await fleet.connect(others, plan.stations)
        await asyncio.sleep(SETTLE_S)
        after = resident_bytes(pids)
        tally = fleet.count_anew()
    finally:
        fleet.stop()
    return Held(
        links=plan.stations,
        others=others,
        deflate=plan.deflate,
        setup_s=setup_s,
        server_bytes=after,
        bytes_per_link=(after - before) / (plan.stations - others),
        errors=_errors(tally, 0),
    )


def _errors(tally: Tally, stuck: int) -> Mapping[str, int]:
    found = {**tally.refused, **tally.lost}
    if tally.strays:
        found["answers to nothing"] = tally.strays
    if stuck:
        found[f"no answer for {_STUCK_S:.0f} s"] = stuck
    return found


def _added(some: Mapping[str, int], others: Mapping[str, int]) -> Mapping[str, int]:
    return {what: some.get(what, 0) + others.get(what, 0) for what in {**some, **others}}


def add_plan(parser: argparse.ArgumentParser) -> None:
    """The flags that say what the stations do."""
    parser.add_argument("--stations", "-n", type=int, default=200, metavar="N", help="how many (200)")
    parser.add_argument("--version", choices=sorted(STORIES), default="2.0.1", help="of OCPP (2.0.1)")
    parser.add_argument("--updates", type=int, default=5, metavar="N", help="meter values in a transaction (5)")
    parser.add_argument(
        "--pace", type=float, default=0.0, metavar="S", help="a message of each station every S seconds"
    )
    parser.add_argument("--deflate", action="store_true", help="offer permessage-deflate, and use it")
    parser.add_argument("--storm", action="store_true", help="connect all at once")
    parser.add_argument("--seconds", type=float, default=3.0, metavar="S", help="how long to count (3)")
    parser.add_argument("--warm-up", type=float, default=0.5, metavar="S", help="how long not to count before (0.5)")


def plan_of(chosen: argparse.Namespace, url: str) -> Plan:
    """Read these flags.

    Raises:
        ValueError: they go beyond what this tool is for: this machine, and not for ever.
    """
    host = urlsplit(url).hostname or ""
    if urlsplit(url).scheme != "ws" or not (host == "localhost" or _is_loopback(host)):
        raise ValueError(f"{url} is not ws://… on this machine; load is for servers of your own")
    if not 1 <= chosen.stations <= MOST_STATIONS or not 0 < chosen.seconds + chosen.warm_up <= MOST_SECONDS:
        raise ValueError(f"1 to {MOST_STATIONS} stations, for up to {MOST_SECONDS:.0f} seconds")
    return Plan(
        url=url,
        stations=chosen.stations,
        version=chosen.version,
        updates=chosen.updates,
        pace_s=chosen.pace,
        deflate=chosen.deflate,
        storm=chosen.storm,
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
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


async def _run(chosen: argparse.Namespace, plan: Plan) -> Measured | Held:
    if chosen.idle:
        return await hold(plan, chosen.pid)
    database_pids = postgres_pids() if chosen.postgres else []
    return await measure(plan, chosen.seconds, chosen.warm_up, chosen.pid, database_pids)


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
        plan = replace(plan_of(chosen, chosen.url), prefix=chosen.prefix, password=chosen.password)
    except ValueError as error:
        parser.error(str(error))
    allow_many_files()
    try:
        found = uvloop.run(_run(chosen, plan))
    except ConnectionError as error:
        print(error, file=sys.stderr)
        return 1
    print(msgspec.json.encode(found).decode() if chosen.json else _told(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
