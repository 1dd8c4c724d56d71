"""Rounds of load on several servers in turn, so that whatever else the machine does befalls all of them alike."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.fleet import Plan
from bench.load import SETTLE_S
from bench.results import Held, Latency, Measured
from bench.targets import Running, ServerFailedError, Target, running

Load = subprocess.Popen[bytes]

_SLACK_S = 150.0
"""How much longer than its counting a load may take to connect its stations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A server on a store."""

    target: Target
    store: str = "sqlite"

    @property
    def name(self) -> str:
        """How tables call it."""
        if not self.target.any_store:
            return self.target.name
        return f"{self.target.name} on {'SQLite' if self.store == 'sqlite' else 'PostgreSQL'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured."""

    plan: Plan
    seconds: float
    warm_up: float
    rounds: int
    directory: Path


Rounds = Mapping[str, Sequence[Measured]]
"""By contestant: what each round found, in the order of the rounds."""


def compare(contestants: Sequence[Contestant], effort: Effort, tell: Callable[[str], None]) -> Rounds:
    """Measure all contestants in each round, one after the other.

    Raises:
        ServerFailedError: a server or its load failed.
    """
    found: dict[str, list[Measured]] = {one.name: [] for one in contestants}
    for number in range(1, effort.rounds + 1):
        for one in contestants:
            tell(f"round {number} of {effort.rounds}: {one.name}")
            found[one.name].append(_measured(one, effort))
    return found


def hold(
    contestants: Sequence[Contestant], effort: Effort, links: int, tell: Callable[[str], None]
) -> Mapping[str, Held]:
    """Measure the memory of idle links, without deflate and with.

    Raises:
        ServerFailedError: a server or its load failed.
    """
    found = {}
    for one in contestants:
        for deflate in (False, True):
            name = f"{one.name}, {'with deflate' if deflate else 'no deflate'}"
            tell(f"{links:,} idle links: {name}")
            with running(one.target, one.store, effort.directory) as server:
                flags = ["--idle", "--stations", str(links), "--version", effort.plan.version]
                flags += ["--deflate"] if deflate else []
                found[name] = msgspec.json.decode(_said(_start(server, flags), 2 * SETTLE_S), type=Held)
    return found


def _measured(one: Contestant, effort: Effort) -> Measured:
    with running(one.target, one.store, effort.directory) as server:
        return finish(start_load(one, effort, server), effort.warm_up + effort.seconds)


def start_load(one: Contestant, effort: Effort, server: Running) -> Load:
    """Put load on a server that runs."""
    plan = effort.plan
    flags = [
        *("--stations", str(plan.stations), "--version", plan.version, "--updates", str(plan.updates)),
        *("--pace", str(plan.pace_s), "--seconds", str(effort.seconds), "--warm-up", str(effort.warm_up)),
        *(["--deflate"] if plan.deflate else []),
        *(["--storm"] if plan.storm else []),
        *(["--postgres"] if one.store != "sqlite" else []),
    ]
    return _start(server, flags)


def finish(load: Load, seconds: float) -> Measured:
    """Wait for the end of a load that counts for so long.

    Raises:
        ServerFailedError: the load failed.
    """
    return msgspec.json.decode(_said(load, seconds), type=Measured)


def _start(server: Running, flags: Sequence[str]) -> Load:
    command = [sys.executable, "-m", "bench.load", server.url, "--pid", str(server.pid), "--json", *flags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _said(load: Load, seconds: float) -> bytes:
    try:
        said, complaints = load.communicate(timeout=seconds + _SLACK_S)
    except subprocess.TimeoutExpired:
        raise ServerFailedError("the load did not come to its end") from None
    finally:
        load.kill()
        load.wait()
    if load.returncode:
        raise ServerFailedError(f"the load failed: {complaints.decode(errors='replace')[-2000:]}")
    return said


def median(rounds: Sequence[Measured], of: Callable[[Measured], float]) -> float:
    """The median over the rounds."""
    return statistics.median(map(of, rounds))


def ratio(some: Sequence[Measured], others: Sequence[Measured], of: Callable[[Measured], float]) -> float:
    """The median over the rounds of the ratio within each round."""
    return statistics.median(of(one) / of(other) for one, other in zip(some, others, strict=True))


def actions(rounds: Sequence[Measured]) -> Iterator[tuple[str, Latency]]:
    """The medians of each action's percentiles; the count is of all rounds together."""
    for what in rounds[0].actions:
        some = [one.actions[what] for one in rounds if what in one.actions]
        yield (
            what,
            Latency(
                count=sum(one.count for one in some),
                p50_ms=statistics.median(one.p50_ms for one in some),
                p95_ms=statistics.median(one.p95_ms for one in some),
                p99_ms=statistics.median(one.p99_ms for one in some),
            ),
        )
